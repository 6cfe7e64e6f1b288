#include "audit/token.h"

#include <stdint.h>

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_word(unsigned char c)
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

static unsigned char peek(struct str s, size_t at)
{
    return at < s.n ? (unsigned char)s.p[at] : 0;
}

static struct str slice(struct str s, size_t from, size_t to)
{
    return (struct str){s.p + from, to - from};
}

static struct token plain(enum token_kind kind, struct str sql, size_t at, size_t end)
{
    return (struct token){.kind = kind, .text = slice(sql, at, end), .inner = slice(sql, at, end)};
}

/* Where the text in quotes ends, without its closing quote. */
static size_t quoted_end(struct str sql, size_t open, char quote, bool escapes, bool *doubled)
{
    for (size_t i = open; i < sql.n; i++) {
        if (!escapes) {
            const char *next = memchr(sql.p + i, quote, sql.n - i);
            i = next ? (size_t)(next - sql.p) : sql.n;
        }
        if (i == sql.n || (sql.p[i] == quote && peek(sql, i + 1) != (unsigned char)quote)) {
            return i;
        }
        *doubled |= sql.p[i] == quote;
        i += sql.p[i] == quote || (escapes && sql.p[i] == '\\');
    }
    return sql.n;
}

/* `open` is where the text inside begins. */
static struct token quoted(struct str sql, size_t at, size_t open, bool escapes)
{
    char quote = sql.p[open - 1];
    bool doubled = false;
    size_t inner_end = quoted_end(sql, open, quote, escapes, &doubled);
    size_t end = inner_end < sql.n ? inner_end + 1 : sql.n;
    return (struct token){.kind = quote == '"' ? TOKEN_QUOTED : TOKEN_STRING,
                          .text = {sql.p + at, end - at},
                          .inner = {sql.p + open, inner_end - open},
                          .doubled = doubled,
                          .escapes = escapes};
}

static struct token block_comment(struct str sql, size_t at, bool nests)
{
    size_t depth = 1, i = at + 2;
    while (i < sql.n && depth > 0) {
        bool pair = i + 1 < sql.n;
        if (pair && sql.p[i] == '*' && sql.p[i + 1] == '/') {
            depth--;
            i += 2;
        } else if (pair && nests && sql.p[i] == '/' && sql.p[i + 1] == '*') {
            depth++;
            i += 2;
        } else {
            i++;
        }
    }
    return plain(TOKEN_COMMENT, sql, at, i);
}

static struct token line_comment(struct str sql, size_t at)
{
    const char *end = memchr(sql.p + at, '\n', sql.n - at);
    return plain(TOKEN_COMMENT, sql, at, end ? (size_t)(end - sql.p) : sql.n);
}

/* $tag$ ... $tag$, $1, or a lone dollar, which may be a variable's ($name). */
static struct token dollar(struct str sql, size_t at, bool snowflake)
{
    size_t i = at + 1;
    if (is_digit(peek(sql, i))) {
        while (is_digit(peek(sql, i))) {
            i++;
        }
        return plain(TOKEN_PARAMETER, sql, at, i);
    }
    while (peek(sql, i) != '$' && is_word(peek(sql, i))) {
        i++;
    }
    if (peek(sql, i) != '$') {
        return plain(TOKEN_MARK, sql, at, at + 1);
    }
    size_t tag = i + 1 - at;
    const char *end = memmem(sql.p + i + 1, sql.n - i - 1, sql.p + at, tag);
    if (!end && snowflake && tag > 2) {
        return plain(TOKEN_MARK, sql, at, at + 1);
    }
    size_t inner_end = end ? (size_t)(end - sql.p) : sql.n;
    struct token t = plain(TOKEN_DOLLAR, sql, at, end ? inner_end + tag : sql.n);
    t.inner = slice(sql, i + 1, inner_end);
    return t;
}

/* Digits with what may follow them in a number: a fraction, an exponent, a base, separators. */
static struct token number(struct str sql, size_t at)
{
    size_t i = at;
    while (is_word(peek(sql, i)) || peek(sql, i) == '.') {
        bool exponent = (peek(sql, i) | 0x20) == 'e' && peek(sql, at + 1) != 'x';
        i++;
        if (exponent && (peek(sql, i) == '+' || peek(sql, i) == '-') &&
            is_digit(peek(sql, i + 1))) {
            i++;
        }
    }
    return plain(TOKEN_NUMBER, sql, at, i);
}

/* What UESCAPE behind a U&'...' says; else a backslash. */
static char unicode_mark(struct str sql, size_t at)
{
    static const char word[] = "uescape";
    enum { WORD = sizeof word - 1 };
    while (is_space(peek(sql, at))) {
        at++;
    }
    if (sql.n - at < WORD || strncasecmp(sql.p + at, word, WORD) != 0) {
        return '\\';
    }
    at += WORD;
    while (is_space(peek(sql, at))) {
        at++;
    }
    return peek(sql, at) == '\'' && peek(sql, at + 2) == '\'' ? sql.p[at + 1] : '\\';
}

/* A string with a letter before its quote: E'', B'', X'', N'', U&''; a name: U&"". */
static bool prefixed(struct str sql, size_t at, bool snowflake, struct token *out)
{
    unsigned char c = peek(sql, at) | 0x20, next = peek(sql, at + 1);
    if (c == 'u' && next == '&' && (peek(sql, at + 2) == '\'' || peek(sql, at + 2) == '"')) {
        *out = quoted(sql, at, at + 3, false);
        out->unicode = true;
        out->mark = unicode_mark(sql, at + out->text.n);
        return true;
    }
    if ((c == 'e' || c == 'b' || c == 'x' || c == 'n') && next == '\'') {
        *out = quoted(sql, at, at + 2, c == 'e' || (snowflake && c == 'n'));
        out->hex = c == 'x';
        return true;
    }
    return false;
}

static struct token word(struct str sql, size_t at, bool snowflake)
{
    struct token t;
    if (prefixed(sql, at, snowflake, &t)) {
        return t;
    }
    size_t i = at;
    while (i < sql.n && is_word((unsigned char)sql.p[i])) {
        i++;
    }
    return plain(TOKEN_WORD, sql, at, i);
}

static struct token space(struct str sql, size_t at)
{
    size_t i = at;
    while (i < sql.n && is_space((unsigned char)sql.p[i])) {
        i++;
    }
    return plain(TOKEN_SPACE, sql, at, i);
}

struct token token_at(struct str sql, size_t at, bool snowflake)
{
    if (at >= sql.n) {
        return (struct token){.kind = TOKEN_END};
    }
    unsigned char c = (unsigned char)sql.p[at], next = peek(sql, at + 1);
    if (is_word_start(c)) {
        return word(sql, at, snowflake);
    }
    if (is_space(c)) {
        return space(sql, at);
    }
    if (is_digit(c) || (c == '.' && is_digit(next))) {
        return number(sql, at);
    }
    if (c == '\'' || c == '"') {
        return quoted(sql, at, at + 1, snowflake && c == '\'');
    }
    if ((c == '-' && next == '-') || (c == '/' && next == '/' && snowflake)) {
        return line_comment(sql, at);
    }
    if (c == '/' && next == '*') {
        return block_comment(sql, at, !snowflake);
    }
    return c == '$' ? dollar(sql, at, snowflake)
                    : plain(c == '?' ? TOKEN_PARAMETER : TOKEN_MARK, sql, at, at + 1);
}

bool token_is_any(struct str word, const char *const *words)
{
    for (; *words; words++) {
        if (str_iis(word, *words)) {
            return true;
        }
    }
    return false;
}

bool token_is_mark(const struct token *t, const char *marks)
{
    return t->kind == TOKEN_MARK && t->text.p[0] && strchr(marks, t->text.p[0]);
}
