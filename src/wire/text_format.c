/* Values as PostgreSQL's text. Every writer reserves its room once and writes digits by hand. */
#include "base/text.h"
#include "wire/datetime.h"
#include "wire/digits.h"
#include "wire/format.h"

#define WRITER(name)                                                                               \
    static void name(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i, \
                     const struct format_style *style)

/* One writer for each type whose text has bounded length: `end` is what the digits function gives.
 */
#define BOUNDED(name, room, expression)                                                            \
    WRITER(name)                                                                                   \
    {                                                                                              \
        char *p = buf_reserve(out, room);                                                          \
        if (p) {                                                                                   \
            char *end = expression;                                                                \
            out->n += (size_t)(end - p);                                                           \
        }                                                                                          \
    }

static char *put_interval(char *p, struct array_interval v, const struct datetime_style *style)
{
    return datetime_put_interval(p, (struct interval){v.months, v.days, v.micros}, style);
}

/* Scales to microseconds; the infinities, and what leaves 64 bits, stay infinite. */
static char *put_scaled(char *p, int64_t v, int64_t factor, const struct datetime_style *style)
{
    int64_t us;
    if (__builtin_mul_overflow(v, factor, &us)) {
        us = v < 0 ? INT64_MIN : INT64_MAX;
    }
    return datetime_put_stamp(p, us, style);
}

static char *put_nanos(char *p, int64_t v, const struct datetime_style *style)
{
    bool is_infinite = stamp_is_past(v) || stamp_is_future(v);
    int64_t us = is_infinite ? v : v / 1000 - (v % 1000 < 0);
    return datetime_put_stamp(p, us, style);
}

static char *put_bool(char *p, bool v)
{
    *p = v ? 't' : 'f';
    return p + 1;
}

BOUNDED(text_bool, 1, put_bool(p, array_bool(a, i)))
BOUNDED(text_int1, DIGITS_I64, digits_i64(p, array_i8(a, i)))
BOUNDED(text_int2, DIGITS_I64, digits_i64(p, array_i16(a, i)))
BOUNDED(text_int4, DIGITS_I64, digits_i64(p, array_i32(a, i)))
BOUNDED(text_int8, DIGITS_I64, digits_i64(p, array_i64(a, i)))
BOUNDED(text_int16, DIGITS_I128, digits_i128(p, array_i128(a, i), 0))
BOUNDED(text_uint1, DIGITS_I64, digits_u64(p, array_u8(a, i)))
BOUNDED(text_uint2, DIGITS_I64, digits_u64(p, array_u16(a, i)))
BOUNDED(text_uint4, DIGITS_I64, digits_u64(p, array_u32(a, i)))
BOUNDED(text_uint8, DIGITS_I64, digits_u64(p, array_u64(a, i)))
BOUNDED(text_uint16, DIGITS_I128, digits_u128(p, array_u128(a, i), 0))
BOUNDED(text_float4, DIGITS_FLOAT, digits_f32(p, array_f32(a, i), style->float_digits))
BOUNDED(text_float8, DIGITS_FLOAT, digits_f64(p, array_f64(a, i), style->float_digits))
BOUNDED(text_decimal, DIGITS_I128, digits_i128(p, array_i128(a, i), t->scale))
BOUNDED(text_date, DATETIME_ROOM, datetime_put_date(p, array_i32(a, i), &style->time))
BOUNDED(text_time, DATETIME_ROOM, datetime_put_time(p, array_i64(a, i)))
BOUNDED(text_stamp, DATETIME_ROOM, datetime_put_stamp(p, array_i64(a, i), &style->time))
BOUNDED(text_stamptz, DATETIME_ROOM, datetime_put_zoned(p, array_i64(a, i), &style->time))
BOUNDED(text_stamp_s, DATETIME_ROOM, put_scaled(p, array_i64(a, i), 1000000, &style->time))
BOUNDED(text_stamp_ms, DATETIME_ROOM, put_scaled(p, array_i64(a, i), 1000, &style->time))
BOUNDED(text_stamp_ns, DATETIME_ROOM, put_nanos(p, array_i64(a, i), &style->time))
BOUNDED(text_interval, INTERVAL_ROOM, put_interval(p, array_interval(a, i), &style->time))

WRITER(text_plain)
{
    buf_put_str(out, array_text(a, i));
}

/* bytea_output escape: what is printable stands for itself. */
static void put_escaped(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c == '\\') {
            buf_puts(out, "\\\\");
        } else if (c >= ' ' && c <= '~') {
            buf_u8(out, c);
        } else {
            buf_printf(out, "\\%03o", c);
        }
    }
}

WRITER(text_bytes)
{
    struct str s = array_text(a, i);
    if (style->bytes_escaped) {
        put_escaped(out, s);
        return;
    }
    char *p = buf_reserve(out, 2 * s.n + 3);
    if (p) {
        memcpy(p, "\\x", 2);
        text_hex(s.p, s.n, p + 2);
        out->n += 2 * s.n + 2;
    }
}

/* The engine gives a UUID as text or as its 16 bytes. */
WRITER(text_uuid)
{
    struct str s = array_text(a, i);
    if (s.n != 16) {
        buf_put_str(out, s);
        return;
    }
    static const int starts[] = {0, 4, 6, 8, 10, 16};
    char hex[9 + 8];
    for (int part = 0; part < 5; part++) {
        size_t n = (size_t)(starts[part + 1] - starts[part]);
        text_hex(s.p + starts[part], n, hex);
        buf_put(out, "-", part > 0);
        buf_put(out, hex, 2 * n);
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_special(char c)
{
    return c == '"' || c == '\\';
}

/* Puts what stands from `at` into double quotes where PostgreSQL's array_out does: in place, from
 * the back. */
static void quote_element(struct buf *out, size_t at)
{
    size_t n = out->n - at, escapes = 0;
    struct str s = {(const char *)out->p + at, n};
    bool needs = n == 0 || str_iis(s, "null");
    for (size_t i = 0; i < n; i++) {
        escapes += is_special(s.p[i]);
        needs |= is_special(s.p[i]) || s.p[i] == '{' || s.p[i] == '}' || s.p[i] == ',' ||
                 is_space(s.p[i]);
    }
    if (!needs || !buf_reserve(out, escapes + 2)) {
        return;
    }
    char *from = (char *)out->p + out->n, *to = from + escapes + 2;
    out->n += escapes + 2;
    *--to = '"';
    while (n-- > 0) {
        *--to = *--from;
        if (is_special(*from)) {
            *--to = '\\';
        }
    }
    *--to = '"';
}

WRITER(text_array)
{
    struct array_span s = array_elements(t, a, i);
    format_put *put = text_writer(t->child);
    buf_u8(out, '{');
    for (int64_t k = 0; k < s.n && !out->failed; k++) {
        buf_put(out, ",", k > 0);
        if (arrow_is_null(s.child, s.start + k)) {
            buf_puts(out, "NULL");
            continue;
        }
        size_t at = out->n;
        put(out, t->child, s.child, s.start + k, style);
        if (!out->failed) {
            quote_element(out, at);
        }
    }
    buf_u8(out, '}');
}

/* int2vector and oidvector. */
WRITER(text_vector)
{
    struct array_span s = array_elements(t, a, i);
    format_put *put = text_writer(t->child);
    for (int64_t k = 0; k < s.n && !out->failed; k++) {
        buf_put(out, " ", k > 0);
        put(out, t->child, s.child, s.start + k, style);
    }
}

/* Puts what stands from `at` into double quotes where PostgreSQL's record_out does, which doubles
 * what is special; nothing there is an empty text, for NULL has no quotes. */
static void quote_field(struct buf *out, size_t at)
{
    struct str s = {(const char *)out->p + at, out->n - at};
    size_t doubled = 0;
    bool needs = s.n == 0;
    for (size_t i = 0; i < s.n; i++) {
        doubled += is_special(s.p[i]);
        needs |= is_special(s.p[i]) || s.p[i] == '(' || s.p[i] == ')' || s.p[i] == ',' ||
                 is_space(s.p[i]);
    }
    if (!needs || !buf_reserve(out, doubled + 2)) {
        return;
    }
    char *from = (char *)out->p + out->n, *to = from + doubled + 2;
    out->n += doubled + 2;
    *--to = '"';
    for (size_t n = s.n; n-- > 0;) {
        *--to = *--from;
        if (is_special(*from)) {
            *--to = *from;
        }
    }
    *--to = '"';
}

/* record_out: (1,"a b",) */
WRITER(text_record)
{
    buf_u8(out, '(');
    for (uint32_t k = 0; k < t->field_count && !out->failed; k++) {
        const struct type *field = t->fields[k].type;
        const struct ArrowArray *values = array_field(a, k);
        size_t at = out->n + (k > 0);
        buf_put(out, ",", k > 0);
        if (!arrow_is_null(values, i + a->offset)) {
            text_writer(field)(out, field, values, i + a->offset, style);
            if (!out->failed) {
                quote_field(out, at);
            }
        }
    }
    buf_u8(out, ')');
}

WRITER(text_json)
{
    struct json j = JSON_INIT(out);
    format_json(&j, t, a, i, style);
}

WRITER(text_null)
{
    (void)out;
}

format_put *text_writer(const struct type *t)
{
    static format_put *const writers[TYPE_KIND_COUNT] = {
        [TYPE_NULL] = text_null,
        [TYPE_UNKNOWN] = text_plain,
        [TYPE_BOOL] = text_bool,
        [TYPE_INT1] = text_int1,
        [TYPE_INT2] = text_int2,
        [TYPE_INT4] = text_int4,
        [TYPE_INT8] = text_int8,
        [TYPE_INT16] = text_int16,
        [TYPE_UINT1] = text_uint1,
        [TYPE_UINT2] = text_uint2,
        [TYPE_UINT4] = text_uint4,
        [TYPE_UINT8] = text_uint8,
        [TYPE_UINT16] = text_uint16,
        [TYPE_FLOAT4] = text_float4,
        [TYPE_FLOAT8] = text_float8,
        [TYPE_DECIMAL] = text_decimal,
        [TYPE_TEXT] = text_plain,
        [TYPE_BYTES] = text_bytes,
        [TYPE_DATE] = text_date,
        [TYPE_TIME] = text_time,
        [TYPE_TIMETZ] = text_plain,
        [TYPE_TIMESTAMP] = text_stamp,
        [TYPE_TIMESTAMP_S] = text_stamp_s,
        [TYPE_TIMESTAMP_MS] = text_stamp_ms,
        [TYPE_TIMESTAMP_NS] = text_stamp_ns,
        [TYPE_TIMESTAMPTZ] = text_stamptz,
        [TYPE_INTERVAL] = text_interval,
        [TYPE_UUID] = text_uuid,
        [TYPE_JSON] = text_plain,
        [TYPE_ENUM] = text_plain,
        [TYPE_BIT] = text_plain,
        [TYPE_OTHER] = text_plain,
    };
    if (t->alias && t->kind == TYPE_LIST) {
        return text_vector;
    }
    if (type_is_list(t)) {
        return type_is_list(t->child) ? text_json : text_array;
    }
    return type_is_nested(t) ? text_json : type_is_row(t) ? text_record : writers[t->kind];
}
