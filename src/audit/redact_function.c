#include "audit/redact_function.h"

#include <stdlib.h>

#include "audit/redact_value.h"
#include "base/mem.h"
#include "base/text.h"

static const struct {
    const char *name;
    enum redact_function function;
} functions[] = {
    {"cast", FUNCTION_CAST},
    {"try_cast", FUNCTION_CAST},
    {"concat", FUNCTION_CONCAT},
    {"concat_ws", FUNCTION_CONCAT_WS},
    {"chr", FUNCTION_CHR},
    {"char", FUNCTION_CHR},
    {"reverse", FUNCTION_REVERSE},
    {"replace", FUNCTION_REPLACE},
    {"unhex", FUNCTION_HEX},
    {"from_hex", FUNCTION_HEX},
    {"hex_decode_string", FUNCTION_HEX},
    {"hex_decode_binary", FUNCTION_HEX},
    {"try_hex_decode_string", FUNCTION_HEX},
    {"try_hex_decode_binary", FUNCTION_HEX},
    {"from_base64", FUNCTION_BASE64},
    {"base64_decode_string", FUNCTION_BASE64},
    {"base64_decode_binary", FUNCTION_BASE64},
    {"try_base64_decode_string", FUNCTION_BASE64},
    {"try_base64_decode_binary", FUNCTION_BASE64},
    {"decode", FUNCTION_DECODE},
    {"to_binary", FUNCTION_DECODE},
    {"try_to_binary", FUNCTION_DECODE},
    {"format", FUNCTION_FORMAT},
    {"printf", FUNCTION_FORMAT},
    {"left", FUNCTION_LEFT},
    {"right", FUNCTION_RIGHT},
    {"substr", FUNCTION_SUBSTR},
    {"substring", FUNCTION_SUBSTR},
    {"url_decode", FUNCTION_URL_DECODE},
    {"upper", FUNCTION_SAME},
    {"ucase", FUNCTION_SAME},
    {"lower", FUNCTION_SAME},
    {"lcase", FUNCTION_SAME},
    {"initcap", FUNCTION_SAME},
    {"trim", FUNCTION_SAME},
    {"btrim", FUNCTION_SAME},
    {"ltrim", FUNCTION_SAME},
    {"rtrim", FUNCTION_SAME},
    {"to_char", FUNCTION_SAME},
    {"to_varchar", FUNCTION_SAME},
    {"convert_from", FUNCTION_SAME},
    {"convert_to", FUNCTION_SAME},
    {"encode", FUNCTION_SAME},
    {"coalesce", FUNCTION_SAME},
    {"ifnull", FUNCTION_SAME},
    {"nvl", FUNCTION_SAME},
    {"quote_literal", FUNCTION_SAME},
};

/* Most names are told by their first letter and their third. */
static bool may_be_known(struct str name)
{
#define PAIR(a, b) ((unsigned)(a) << 8 | (b))
    switch (name.n < 3 ? 0 : PAIR(name.p[0] | 0x20, name.p[2] | 0x20)) {
    case PAIR('b', 's'):        /* base64_decode_string */
    case PAIR('b', 'r'):        /* btrim */
    case PAIR('c', 's'):        /* cast */
    case PAIR('c', 'n'):        /* concat, convert_from */
    case PAIR('c', 'r'):        /* chr */
    case PAIR('c', 'a'):        /* char, coalesce */
    case PAIR('d', 'c'):        /* decode */
    case PAIR('e', 'c'):        /* encode */
    case PAIR('f', 'o'):        /* from_hex */
    case PAIR('f', 'r'):        /* format */
    case PAIR('h', 'x'):        /* hex_decode_string */
    case PAIR('i', 'n'):        /* ifnull */
    case PAIR('i', 'i'):        /* initcap */
    case PAIR('l', 'f'):        /* left */
    case PAIR('l', 'w'):        /* lower */
    case PAIR('l', 'a'):        /* lcase */
    case PAIR('l', 'r'):        /* ltrim */
    case PAIR('n', 'l'):        /* nvl */
    case PAIR('p', 'i'):        /* printf */
    case PAIR('q', 'o'):        /* quote_literal */
    case PAIR('r', 'p'):        /* replace */
    case PAIR('r', 'v'):        /* reverse */
    case PAIR('r', 'g'):        /* right */
    case PAIR('r', 'r'):        /* rtrim */
    case PAIR('s', 'b'):        /* substr */
    case PAIR('t', 'i'):        /* trim */
    case PAIR('t', 'y'):        /* try_... */
    case PAIR('t', '_' | 0x20): /* to_... */
    case PAIR('u', 'a'):        /* ucase */
    case PAIR('u', 'h'):        /* unhex */
    case PAIR('u', 'l'):        /* url_decode */
    case PAIR('u', 'p'):        /* upper */
        return true;
    default:
        return false;
    }
#undef PAIR
}

enum redact_function redact_function_of(struct str name)
{
    for (size_t i = 0; may_be_known(name) && i < sizeof functions / sizeof *functions; i++) {
        if (str_iis(name, functions[i].name)) {
            return functions[i].function;
        }
    }
    return FUNCTION_NONE;
}

static bool put_characters(const struct str *codes, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        int64_t code;
        if (!str_to_i64(codes[i], &code) || code < 0 || code > 0x10FFFF) {
            return false;
        }
        redact_put_rune(out, (uint32_t)code);
    }
    return true;
}

/* By bytes: what isn't ASCII need not be right for being judged. */
static void put_reversed(struct str s, struct buf *out)
{
    for (size_t i = s.n; i > 0; i--) {
        buf_u8(out, (uint8_t)s.p[i - 1]);
    }
}

static void put_replaced(struct str s, struct str what, struct str by, struct buf *out)
{
    while (what.n > 0 && s.n > 0) {
        const char *found = memmem(s.p, s.n, what.p, what.n);
        if (!found) {
            break;
        }
        buf_put(out, s.p, (size_t)(found - s.p));
        buf_put_str(out, by);
        s.n -= (size_t)(found - s.p) + what.n;
        s.p = found + what.n;
    }
    buf_put_str(out, s);
}

static bool put_base64(struct str s, struct buf *out)
{
    struct buf bare = BUF_INIT(0);
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] > ' ') {
            buf_u8(&bare, (uint8_t)s.p[i]);
        }
    }
    struct str text = buf_str(&bare);
    size_t padding = 0;
    while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=') {
        padding++;
    }
    bool ok = text.n > 0 && text.n % 4 == 0;
    size_t n = ok ? text.n / 4 * 3 - padding : 0;
    void *room = ok ? buf_reserve(out, n) : NULL;
    ok = room && text_unbase64(text, room, n);
    out->n += ok ? n : 0;
    buf_free(&bare);
    return ok;
}

static bool put_unhexed(struct str s, struct buf *out)
{
    bool marked = s.n >= 2 && s.p[0] == '\\' && s.p[1] == 'x';
    return redact_unhex(marked ? (struct str){s.p + 2, s.n - 2} : s, out);
}

static bool put_decoded(const struct str *arguments, size_t n, struct buf *out)
{
    if (n == 1 || (n == 2 && str_iis(arguments[1], "hex"))) {
        return put_unhexed(arguments[0], out);
    }
    if (n == 2 && str_iis(arguments[1], "base64")) {
        return put_base64(arguments[0], out);
    }
    buf_put_str(out, arguments[0]); /* escape, utf-8 */
    return n == 2;
}

/* %s, %2$s, %-10d of PostgreSQL's format() and of printf(); {} of the engine's format(). */
static bool put_formatted(const struct str *arguments, size_t n, struct buf *out)
{
    struct str s = arguments[0];
    size_t next = 1;
    for (size_t i = 0; i < s.n; i++) {
        bool brace = s.p[i] == '{', percent = s.p[i] == '%';
        if (!brace && !percent) {
            buf_u8(out, (uint8_t)s.p[i]);
            continue;
        }
        size_t number = 0;
        size_t end = i + 1;
        while (end < s.n && strchr("0123456789$-+ .:", s.p[end])) {
            number =
                s.p[end] == '$' && end > i + 1 ? (size_t)strtoul(s.p + i + 1, NULL, 10) : number;
            end++;
        }
        if (end >= s.n || (brace && s.p[end] != '}') || (percent && s.p[end] == '%')) {
            buf_u8(out, (uint8_t)s.p[i]);
            i = percent && end < s.n ? end : i;
            continue;
        }
        size_t which = number ? number : next++;
        if (which >= n) {
            return false;
        }
        buf_put_str(out, arguments[which]);
        i = end;
    }
    return true;
}

static bool put_part(enum redact_function f, const struct str *arguments, size_t n, struct buf *out)
{
    struct str s = arguments[0];
    int64_t from = 0, count = (int64_t)s.n;
    bool is_right = f == FUNCTION_RIGHT;
    if (f == FUNCTION_SUBSTR) {
        if (n < 2 || !str_to_i64(arguments[1], &from) || from < 1 ||
            (n > 2 && !str_to_i64(arguments[2], &count))) {
            return false;
        }
        from--;
    } else if (n != 2 || !str_to_i64(arguments[1], &count)) {
        return false;
    }
    if (count < 0) {
        return false;
    }
    size_t begin = (size_t)from < s.n ? (size_t)from : s.n;
    size_t take = (size_t)count < s.n - begin ? (size_t)count : s.n - begin;
    buf_put(out, s.p + (is_right ? s.n - take : begin), take);
    return true;
}

static void put_url_decoded(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && s.n - i > 2 && redact_unhex((struct str){s.p + i + 1, 2}, out)) {
            i += 2;
        } else {
            buf_u8(out, (uint8_t)s.p[i]);
        }
    }
}

bool redact_function_apply(enum redact_function f, const struct str *arguments, size_t n,
                           struct buf *out)
{
    if (n == 0) {
        return false;
    }
    switch (f) {
    case FUNCTION_NONE:
    case FUNCTION_CAST:
    case FUNCTION_CONCAT:
        return false;
    case FUNCTION_CONCAT_WS:
        for (size_t i = 1; i < n; i++) {
            buf_put_str(out, i > 1 ? arguments[0] : STR(""));
            buf_put_str(out, arguments[i]);
        }
        return true;
    case FUNCTION_SAME:
        buf_put_str(out, arguments[0]);
        return true;
    case FUNCTION_CHR:
        return put_characters(arguments, n, out);
    case FUNCTION_REVERSE:
        put_reversed(arguments[0], out);
        return n == 1;
    case FUNCTION_REPLACE:
        if (n == 3) {
            put_replaced(arguments[0], arguments[1], arguments[2], out);
        }
        return n == 3;
    case FUNCTION_HEX:
        return put_unhexed(arguments[0], out);
    case FUNCTION_BASE64:
        return put_base64(arguments[0], out);
    case FUNCTION_DECODE:
        return put_decoded(arguments, n, out);
    case FUNCTION_FORMAT:
        return put_formatted(arguments, n, out);
    case FUNCTION_LEFT:
    case FUNCTION_RIGHT:
    case FUNCTION_SUBSTR:
        return put_part(f, arguments, n, out);
    case FUNCTION_URL_DECODE:
        put_url_decoded(arguments[0], out);
        return true;
    }
    return false;
}
