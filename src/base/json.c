#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void separate(struct json *j)
{
    if (j->comma) {
        buf_u8(j->out, ',');
    }
    j->comma = true;
}

void json_open(struct json *j, char bracket)
{
    separate(j);
    buf_u8(j->out, (uint8_t)bracket);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    buf_u8(j->out, (uint8_t)bracket);
    j->comma = true;
}

static void quote_byte(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_puts(out, "\\\"");
        break;
    case '\\':
        buf_puts(out, "\\\\");
        break;
    case '\n':
        buf_puts(out, "\\n");
        break;
    case '\r':
        buf_puts(out, "\\r");
        break;
    case '\t':
        buf_puts(out, "\\t");
        break;
    default:
        buf_printf(out, "\\u%04x", c);
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c < 0x7f;
}

/* The valid sequence of several bytes at `p`, or 0. */
static size_t sequence(const char *p, size_t n)
{
    unsigned char c = (unsigned char)p[0];
    size_t len = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    return len && len <= n && str_is_utf8((struct str){p, len}) ? len : 0;
}

static void quote(struct buf *out, struct str s)
{
    buf_u8(out, '"');
    for (size_t i = 0; i < s.n;) {
        size_t run = i;
        while (run < s.n && is_plain((unsigned char)s.p[run])) {
            run++;
        }
        buf_put(out, s.p + i, run - i);
        i = run;
        if (i == s.n) {
            break;
        }
        unsigned char c = (unsigned char)s.p[i];
        size_t len = c < 0x80 ? 0 : sequence(s.p + i, s.n - i);
        if (c < 0x80) {
            quote_byte(out, c);
            len = 1;
        } else if (len) {
            buf_put(out, s.p + i, len);
        } else {
            buf_puts(out, "\xEF\xBF\xBD");
            len = 1;
        }
        i += len;
    }
    buf_u8(out, '"');
}

void json_name(struct json *j, struct str key)
{
    separate(j);
    quote(j->out, key);
    buf_u8(j->out, ':');
    j->comma = false;
}

void json_key(struct json *j, const char *key)
{
    json_name(j, str_of(key));
}

static void put_null(struct json *j)
{
    separate(j);
    buf_puts(j->out, "null");
}

void json_str(struct json *j, struct str s)
{
    if (!s.p) {
        put_null(j);
        return;
    }
    separate(j);
    quote(j->out, s);
}

void json_i64(struct json *j, int64_t v)
{
    separate(j);
    buf_printf(j->out, "%lld", (long long)v);
}

void json_f64(struct json *j, double v)
{
    if (!isfinite(v)) {
        put_null(j);
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v) {
            break;
        }
    }
    separate(j);
    buf_puts(j->out, text);
}

void json_bool(struct json *j, bool v)
{
    separate(j);
    buf_puts(j->out, v ? "true" : "false");
}

void json_raw(struct json *j, struct str value)
{
    separate(j);
    buf_put(j->out, value.p, value.n);
}

void json_kv_str(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_str(j, s);
}

void json_kv_i64(struct json *j, const char *key, int64_t v)
{
    json_key(j, key);
    json_i64(j, v);
}

void json_kv_f64(struct json *j, const char *key, double v)
{
    json_key(j, key);
    json_f64(j, v);
}

void json_kv_bool(struct json *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}
