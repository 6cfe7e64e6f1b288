/* Generated columns: which columns one is made of. The engine tells the expression as text, in
 * which every column that it reads stands under its own name; so whatever name stands there as a
 * word is taken for a column that is read. That may be one too many, never one too few. */
#include "catalog/catalog_priv.h"

#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool stands_at(struct str text, size_t i, struct str word)
{
    bool begins = i == 0 || !is_word(text.p[i - 1]) || !is_word(word.p[0]);
    size_t end = i + word.n;
    bool ends = end == text.n || !is_word(text.p[end]) || !is_word(word.p[word.n - 1]);
    return begins && ends && str_ieq((struct str){text.p + i, word.n}, word);
}

bool catalog_text_names(struct str text, struct str column)
{
    bool is_quoted = memchr(column.p, '"', column.n); /* its quotes are doubled there */
    if (text.n == 0 || column.n == 0 || is_quoted) {  /* nothing is proved then */
        return true;
    }
    for (size_t i = 0; i + column.n <= text.n; i++) {
        if (stands_at(text, i, column)) {
            return true;
        }
    }
    return false;
}

/* What the generated columns read themselves: a row of flags each, NULL for others. */
static bool **direct(struct arena *a, const struct table *t)
{
    bool **rows = ARENA_ARRAY(a, bool *, t->column_count);
    for (size_t c = 0; c < t->column_count; c++) {
        if (!t->columns[c].generated.p) {
            continue;
        }
        rows[c] = ARENA_ARRAY(a, bool, t->column_count);
        for (size_t i = 0; i < t->column_count; i++) {
            rows[c][i] = i != c && catalog_text_names(t->columns[c].generated, t->columns[i].name);
        }
    }
    return rows;
}

/* ... and what those read that are generated too: a walk over them, each once. */
static void reach(bool *const *rows, size_t column, size_t count, bool *seen, int *out)
{
    size_t n = 0;
    for (size_t at = 0, next = column;; next = (size_t)out[at++]) {
        for (size_t i = 0; rows[next] && i < count; i++) {
            if (rows[next][i] && !seen[i] && i != column) {
                seen[i] = true;
                out[n++] = (int)i;
            }
        }
        if (at == n) {
            return;
        }
    }
}

void catalog_resolve_generated(struct arena *a, struct table *t)
{
    bool **rows = NULL;
    for (size_t c = 0; c < t->column_count; c++) {
        if (!t->columns[c].generated.p) {
            continue;
        }
        rows = rows ? rows : direct(a, t);
        int *from = ARENA_ARRAY(a, int, t->column_count);
        bool *seen = ARENA_ARRAY(a, bool, t->column_count);
        reach(rows, c, t->column_count, seen, from);
        size_t n = 0;
        for (size_t i = 0; i < t->column_count; i++) { /* in their order */
            if (seen[i]) {
                from[n++] = (int)i;
            }
        }
        t->columns[c].from = from;
        t->columns[c].from_count = n;
    }
}
