#include "base/json_text.h"

#include <jansson.h>
#include <string.h>

struct json_text json_text_of(struct str s, struct arena *a)
{
    return (struct json_text){.p = s.p, .end = s.p + s.n, .arena = a};
}

static void skip_spaces(struct json_text *t)
{
    while (t->p < t->end && *t->p && strchr(" \t\n\r", *t->p)) {
        t->p++;
    }
}

static bool take(struct json_text *t, char c)
{
    if (t->p < t->end && *t->p == c) {
        t->p++;
        return true;
    }
    return false;
}

static bool take_word(struct json_text *t, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0) {
        return false;
    }
    t->p += n;
    return true;
}

static size_t take_digits(struct json_text *t)
{
    const char *start = t->p;
    while (t->p < t->end && *t->p >= '0' && *t->p <= '9') {
        t->p++;
    }
    return (size_t)(t->p - start);
}

static bool take_number(struct json_text *t)
{
    (void)take(t, '-');
    bool starts_with_zero = t->p < t->end && *t->p == '0';
    size_t whole = take_digits(t);
    bool is_good = whole && !(starts_with_zero && whole > 1);
    if (is_good && take(t, '.')) {
        is_good = take_digits(t) > 0;
    }
    if (is_good && (take(t, 'e') || take(t, 'E'))) {
        (void)(take(t, '+') || take(t, '-'));
        is_good = take_digits(t) > 0;
    }
    return is_good;
}

/* Behind the quote that ends the string at t->p. */
static bool pass_string(struct json_text *t)
{
    for (t->p++; t->p < t->end && *t->p != '"'; t->p++) {
        t->p += *t->p == '\\' && t->p + 1 < t->end;
    }
    return take(t, '"');
}

/* `quoted` has escapes: surrogates and all, they are jansson's. */
static bool unescape(struct str quoted, struct arena *a, struct str *out)
{
    json_t *v = json_loadb(quoted.p, quoted.n, JSON_DECODE_ANY, NULL);
    bool is_good = v && json_is_string(v);
    if (is_good) {
        *out = arena_str(a, (struct str){json_string_value(v), json_string_length(v)});
    }
    json_decref(v);
    return is_good;
}

static bool take_string(struct json_text *t, struct str *out)
{
    const char *start = t->p;
    if (!pass_string(t)) {
        return false;
    }
    struct str quoted = {start, (size_t)(t->p - start)};
    *out = (struct str){start + 1, quoted.n - 2};
    if (str_has_control(*out)) {
        return false;
    }
    return !memchr(out->p, '\\', out->n) || unescape(quoted, t->arena, out);
}

enum json_text_value json_text_next(struct json_text *t, struct str *out)
{
    skip_spaces(t);
    const char *start = t->p;
    enum json_text_value kind = JSON_TEXT_BAD;
    if (t->p == t->end) {
        return JSON_TEXT_BAD;
    }
    switch (*t->p) {
    case '"':
        return take_string(t, out) ? JSON_TEXT_STRING : JSON_TEXT_BAD;
    case '[':
    case '{':
        return *t->p++ == '[' ? JSON_TEXT_ARRAY : JSON_TEXT_OBJECT;
    case 'n':
        kind = take_word(t, "null") ? JSON_TEXT_NULL : JSON_TEXT_BAD;
        break;
    case 't':
    case 'f':
        kind = take_word(t, "true") || take_word(t, "false") ? JSON_TEXT_BOOL : JSON_TEXT_BAD;
        break;
    default:
        kind = take_number(t) ? JSON_TEXT_NUMBER : JSON_TEXT_BAD;
    }
    *out = (struct str){start, (size_t)(t->p - start)};
    return kind;
}

enum json_text_more json_text_more(struct json_text *t, char close, size_t n)
{
    skip_spaces(t);
    if (take(t, close)) {
        return JSON_TEXT_DONE;
    }
    return n == 0 || take(t, ',') ? JSON_TEXT_MORE : JSON_TEXT_BROKEN;
}

bool json_text_key(struct json_text *t, struct str *out)
{
    skip_spaces(t);
    if (t->p == t->end || *t->p != '"' || !take_string(t, out)) {
        return false;
    }
    skip_spaces(t);
    return take(t, ':');
}

/* Brackets and strings up to the bracket that closes the one at t->p. */
static bool pass_nested(struct json_text *t)
{
    size_t depth = 0;
    while (t->p < t->end) {
        char c = *t->p;
        if (c == '"') {
            if (!pass_string(t)) {
                return false;
            }
            continue;
        }
        t->p++;
        depth += c == '[' || c == '{';
        if ((c == ']' || c == '}') && --depth == 0) {
            return true;
        }
    }
    return false;
}

bool json_text_skip(struct json_text *t, struct str *out)
{
    skip_spaces(t);
    const char *start = t->p;
    struct str scalar;
    bool is_nested = t->p < t->end && (*t->p == '[' || *t->p == '{');
    if (is_nested ? !pass_nested(t) : json_text_next(t, &scalar) == JSON_TEXT_BAD) {
        return false;
    }
    *out = (struct str){start, (size_t)(t->p - start)};
    return true;
}

bool json_text_at_end(struct json_text *t)
{
    skip_spaces(t);
    return t->p == t->end;
}
