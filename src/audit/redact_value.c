#include "audit/redact_value.h"

static unsigned hex(char c)
{
    return c >= '0' && c <= '9'                     ? (unsigned)(c - '0')
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10)
                                                    : 16;
}

/* Reads up to `most` digits at *at in the base. False: none. */
static bool code(struct str s, size_t *at, unsigned base, size_t most, uint32_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < most && *at < s.n && hex(s.p[*at]) < base) {
        *out = *out * base + hex(s.p[*at]);
        (*at)++;
        n++;
    }
    return n > 0;
}

void redact_put_rune(struct buf *out, uint32_t c)
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        c = 0xFFFD;
    }
    if (c < 0x80) {
        buf_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buf_u8(out, (uint8_t)(0xC0 | c >> 6));
        buf_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buf_u8(out, (uint8_t)(0xE0 | c >> 12));
        buf_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
        buf_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    } else {
        buf_u8(out, (uint8_t)(0xF0 | c >> 18));
        buf_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
        buf_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
        buf_u8(out, (uint8_t)(0x80 | (c & 0x3F)));
    }
}

/* What follows a backslash in E'...' (PostgreSQL 4.1.2.2), and in a string of Snowflake. */
static void put_escaped(struct buf *out, struct str s, size_t *at)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char c = s.p[(*at)++];
    const char *known = strchr(from, c);
    uint32_t v;
    if (c == 'x' && code(s, at, 16, 2, &v)) {
        buf_u8(out, (uint8_t)v);
    } else if (c == 'u' && code(s, at, 16, 4, &v)) {
        redact_put_rune(out, v);
    } else if (c == 'U' && code(s, at, 16, 8, &v)) {
        redact_put_rune(out, v);
    } else if (c >= '0' && c <= '7') {
        (*at)--;
        (void)code(s, at, 8, 3, &v);
        buf_u8(out, (uint8_t)v);
    } else {
        buf_u8(out, (uint8_t)(c && known ? to[known - from] : c));
    }
}

/* U&'...': the mark and four digits, or a + and six. */
static void put_unicode(struct buf *out, struct str s, char mark, size_t *at)
{
    uint32_t v;
    bool six = s.p[*at] == '+';
    if (s.p[*at] == mark) {
        ++*at;
        buf_u8(out, (uint8_t)mark);
        return;
    }
    *at += six;
    if (code(s, at, 16, six ? 6 : 4, &v)) {
        redact_put_rune(out, v);
    } else {
        buf_u8(out, (uint8_t)mark);
    }
}

bool redact_unhex(struct str digits, struct buf *out)
{
    for (size_t i = 0; i + 1 < digits.n; i += 2) {
        unsigned high = hex(digits.p[i]), low = hex(digits.p[i + 1]);
        if (high > 15 || low > 15) {
            return false;
        }
        buf_u8(out, (uint8_t)(high << 4 | low));
    }
    return digits.n % 2 == 0;
}

/* The bytes of X'6162' and, as PostgreSQL writes bytes, '\x6162'. */
static bool put_bytes(const struct token *t, struct buf *out)
{
    struct str s = t->inner;
    size_t before = out->n;
    bool marked = !t->escapes && s.n > 2 && s.p[0] == '\\' && s.p[1] == 'x';
    s = marked ? (struct str){s.p + 2, s.n - 2} : s;
    if (t->kind == TOKEN_STRING && (t->hex || marked) && redact_unhex(s, out)) {
        return true;
    }
    out->n = before;
    return false;
}

void redact_value(const struct token *t, struct buf *out)
{
    struct str s = t->inner;
    bool doubles = t->kind == TOKEN_STRING || t->kind == TOKEN_QUOTED;
    char quote = t->kind == TOKEN_QUOTED ? '"' : '\'';
    if (put_bytes(t, out)) {
        return;
    }
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i++];
        if (c == quote && doubles && i < s.n && s.p[i] == quote) {
            buf_u8(out, (uint8_t)c);
            i++;
        } else if (c == '\\' && i < s.n && t->escapes) {
            put_escaped(out, s, &i);
        } else if (t->unicode && c == t->mark && i < s.n) {
            put_unicode(out, s, t->mark, &i);
        } else {
            buf_u8(out, (uint8_t)c);
        }
    }
}

bool redact_value_differs(const struct token *t)
{
    if (t->inner.n == 0 || (t->kind != TOKEN_STRING && t->kind != TOKEN_QUOTED)) {
        return false;
    }
    char mark = t->unicode ? t->mark : '\\';
    bool escaped = (t->escapes || t->unicode) && memchr(t->inner.p, mark, t->inner.n);
    bool bytes = t->hex || (t->inner.n > 2 && t->inner.p[0] == '\\' && t->inner.p[1] == 'x');
    return escaped || bytes || t->doubled;
}
