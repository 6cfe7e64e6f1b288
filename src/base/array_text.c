#include "base/array_text.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_spaces(struct array_text *t)
{
    while (t->p < t->end && is_space(*t->p)) {
        t->p++;
    }
}

static bool take(struct array_text *t, char c)
{
    if (t->p < t->end && *t->p == c) {
        t->p++;
        return true;
    }
    return false;
}

struct array_text array_text_of(struct str s, struct arena *a)
{
    s = str_trim(s);
    return (struct array_text){.p = s.p, .end = s.p + s.n, .arena = a};
}

/* Where the element ends: at one of `stops` that no backslash escapes. Arena memory is taken by
 * this length, so that an array costs its own size and not the square. */
static size_t element_length(const struct array_text *t, const char *stops)
{
    const char *p = t->p;
    while (p < t->end && !(*p && strchr(stops, *p))) {
        p += *p == '\\' && p + 1 < t->end ? 2 : 1;
    }
    return (size_t)(p - t->p);
}

/* "..." with backslash escapes, behind the first quote. */
static enum array_text_item read_quoted(struct array_text *t, struct str *out)
{
    char *to = arena_alloc(t->arena, element_length(t, "\""));
    size_t n = 0;
    while (t->p < t->end && *t->p != '"') {
        t->p += *t->p == '\\';
        if (t->p == t->end) {
            return ARRAY_TEXT_BAD;
        }
        to[n++] = *t->p++;
    }
    *out = (struct str){to, n};
    return take(t, '"') ? ARRAY_TEXT_ELEMENT : ARRAY_TEXT_BAD;
}

/* Up to a comma or brace; spaces at both ends don't count, an escaped character always does. */
static enum array_text_item read_bare(struct array_text *t, struct str *out)
{
    char *to = arena_alloc(t->arena, element_length(t, ",}"));
    size_t n = 0, kept = 0;
    bool escaped = false;
    while (t->p < t->end && *t->p != ',' && *t->p != '}') {
        if (*t->p == '"' || *t->p == '{') {
            return ARRAY_TEXT_BAD;
        }
        bool is_escape = *t->p == '\\';
        t->p += is_escape;
        if (t->p == t->end) {
            return ARRAY_TEXT_BAD;
        }
        escaped |= is_escape;
        to[n++] = *t->p;
        kept = is_escape || !is_space(*t->p) ? n : kept;
        t->p++;
    }
    *out = (struct str){to, kept};
    return !kept                               ? ARRAY_TEXT_BAD
           : !escaped && str_iis(*out, "null") ? ARRAY_TEXT_NULL
                                               : ARRAY_TEXT_ELEMENT;
}

/* Up to the brace that ends it; what is in it, its own reader finds out. */
static enum array_text_item read_nested(struct array_text *t, struct str *out)
{
    const char *start = t->p;
    size_t depth = 0;
    bool quoted = false;
    for (; t->p < t->end; t->p++) {
        if (*t->p == '\\' && t->p + 1 < t->end) {
            t->p++;
        } else if (*t->p == '"') {
            quoted = !quoted;
        } else if (!quoted && *t->p == '{') {
            depth++;
        } else if (!quoted && *t->p == '}' && --depth == 0) {
            t->p++;
            *out = (struct str){start, (size_t)(t->p - start)};
            return ARRAY_TEXT_NESTED;
        }
    }
    return ARRAY_TEXT_BAD;
}

static enum array_text_item at_end(const struct array_text *t)
{
    return t->p == t->end ? ARRAY_TEXT_END : ARRAY_TEXT_BAD;
}

enum array_text_item array_text_next(struct array_text *t, struct str *out)
{
    if (!t->has_begun) {
        if (!take(t, '{')) {
            return ARRAY_TEXT_BAD;
        }
        t->has_begun = true;
        skip_spaces(t);
        if (take(t, '}')) {
            return at_end(t);
        }
    } else if (take(t, '}')) {
        return at_end(t);
    } else if (!take(t, ',')) {
        return ARRAY_TEXT_BAD;
    }
    skip_spaces(t);
    bool is_nested = t->p < t->end && *t->p == '{';
    enum array_text_item item = is_nested      ? read_nested(t, out)
                                : take(t, '"') ? read_quoted(t, out)
                                               : read_bare(t, out);
    skip_spaces(t);
    return item;
}
