/* The target of an INSERT, which no plan of the engine names: read from the very text that the
 * engine gets, by a scan that shares nothing with our parser, binder and printer. It knows as
 * little of SQL as will do: literals, quoted names, parentheses, and the first INSERT INTO outside
 * of all of them. What it isn't sure of (a comment, a dollar quote, a string with escapes, a name
 * of one part) it refuses. */
#include "engine/duckdb_internal.h"

#include <ctype.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* After the literal or name that starts with this quote; STR_NULL where it has no end. */
static struct str skip_quoted(struct str s)
{
    const char quote = s.p[0];
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] != quote) {
            continue;
        }
        if (i + 1 == s.n || s.p[i + 1] != quote) {
            return (struct str){s.p + i + 1, s.n - i - 1};
        }
        i++;
    }
    return STR_NULL;
}

static struct str take_word(struct str *s)
{
    size_t n = 0;
    while (n < s->n && is_word(s->p[n])) {
        n++;
    }
    struct str word = {s->p, n};
    *s = (struct str){s->p + n, s->n - n};
    return word;
}

static void skip_space(struct str *s)
{
    while (s->n > 0 && isspace((unsigned char)s->p[0])) {
        *s = (struct str){s->p + 1, s->n - 1};
    }
}

static bool take_keyword(struct str *s, const char *keyword)
{
    skip_space(s);
    struct str rest = *s, word = take_word(&rest);
    if (!str_iis(word, keyword)) {
        return false;
    }
    *s = rest;
    return true;
}

/* One part of a name; `s` is left behind it. */
static bool take_name(struct arena *a, struct str *s, struct str *name)
{
    skip_space(s);
    if (s->n == 0 || s->p[0] != '"') {
        *name = take_word(s);
        return name->n > 0;
    }
    struct str rest = skip_quoted(*s);
    if (!rest.p) {
        return false;
    }
    char *out = arena_alloc(a, s->n);
    size_t n = 0, end = s->n - rest.n - 1;
    for (size_t i = 1; i < end; i++) {
        out[n++] = s->p[i];
        i += s->p[i] == '"';
    }
    *name = (struct str){out, n};
    *s = rest;
    return n > 0;
}

/* schema.table, or database.schema.table of our database. */
static bool take_table(struct arena *a, struct str s, struct engine_touched *out)
{
    struct str parts[3];
    size_t n = 0;
    do {
        if (n == 3 || !take_name(a, &s, &parts[n++])) {
            return false;
        }
        skip_space(&s);
    } while (s.n > 0 && s.p[0] == '.' && (s = (struct str){s.p + 1, s.n - 1}, true));
    if (n < 2 || (n == 3 && !str_iis(parts[0], ENGINE_DATABASE))) {
        return false;
    }
    out->schema = arena_str(a, parts[n - 2]);
    out->name = arena_str(a, parts[n - 1]);
    return true;
}

/* Moves over what starts at `s` (not a word); false where it may mean something that we don't read.
 */
static bool skip_other(struct str *s, int *depth)
{
    struct str next = {s->p + 1, s->n - 1};
    switch (s->p[0]) {
    case '\'':
    case '"':
        *s = skip_quoted(*s);
        return s->p != NULL;
    case '$':
        if (next.n == 0 || !isdigit((unsigned char)next.p[0])) {
            return false;
        }
        break;
    case '-':
    case '/':
        if (next.n > 0 && next.p[0] == (s->p[0] == '-' ? '-' : '*')) {
            return false;
        }
        break;
    case '(':
        ++*depth;
        break;
    case ')':
        --*depth;
        break;
    default:
        break;
    }
    *s = next;
    return true;
}

bool insert_target(struct arena *a, struct str s, struct engine_touched *out)
{
    int depth = 0;
    while (s.n > 0) {
        if (!is_word(s.p[0])) {
            if (!skip_other(&s, &depth)) {
                return false;
            }
            continue;
        }
        struct str word = take_word(&s);
        if (s.n > 0 && s.p[0] == '\'') {
            return false; /* E'...' and its like have rules of their own */
        }
        if (depth == 0 && str_iis(word, "INSERT")) {
            return take_keyword(&s, "INTO") && take_table(a, s, out);
        }
    }
    return false;
}
