/* Text forms of plain types, and the door for both formats. Binary forms are in param_binary.c,
 * text arrays in param_array.c, values within values in param_nested.c. */
#include "wire/param.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "wire/datetime.h"
#include "wire/format.h"
#include "wire/numeric.h"
#include "wire/oid.h"
#include "wire/param_array.h"
#include "wire/param_nested.h"

enum status param_bad(struct error *e, uint32_t oid)
{
    return error_set(e, ERR_BAD_VALUE, "invalid input for type %s", oid_name(oid));
}

enum status param_too_large(struct error *e, uint32_t oid)
{
    return error_set(e, ERR_OUT_OF_RANGE, "value out of range for type %s", oid_name(oid));
}

enum status param_text(struct str s, struct arena *a, struct value *out, struct error *e)
{
    if (!str_is_utf8(s)) {
        return error_set(e, ERR_BAD_ENCODING, "text is not valid UTF-8, or contains a NUL");
    }
    out->as.text = (struct str){arena_strdup(a, s), s.n};
    return OK;
}

/* The unique prefixes of these words, as PostgreSQL's parse_bool takes them. */
static bool read_bool(struct str s, bool *out)
{
    static const struct {
        const char *word;
        size_t least;
        bool value;
    } words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
                 {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};
    s = str_trim(s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct str word = str_of(words[i].word);
        if (s.n >= words[i].least && s.n <= word.n && str_ieq(s, (struct str){word.p, s.n})) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

/* Digits with an optional sign; `*too_large` tells a number that is well formed but doesn't fit. */
static bool read_integer(struct str s, int64_t *out, bool *too_large)
{
    s = str_trim(s);
    *too_large = false;
    *out = 0;
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool is_minus = i && s.p[0] == '-';
    if (i == s.n) {
        return false;
    }
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        int digit = is_minus ? '0' - s.p[i] : s.p[i] - '0';
        *too_large |=
            __builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, digit, out);
    }
    return true;
}

static bool integer_fits(const struct type *t, int64_t v)
{
    switch (t->kind) {
    case TYPE_INT1:
        return v == (int8_t)v;
    case TYPE_INT2:
        return v == (int16_t)v;
    case TYPE_INT4:
        return v == (int32_t)v;
    case TYPE_UINT1:
        return v == (uint8_t)v;
    case TYPE_UINT2:
        return v == (uint16_t)v;
    case TYPE_UINT4:
        return v == (uint32_t)v;
    default:
        return !t->alias || v == (uint32_t)v; /* the aliases of INT8: numbers of objects */
    }
}

static enum status integer_text(const struct type *t, struct str s, struct value *out,
                                struct error *e)
{
    bool too_large;
    if (!read_integer(s, &out->as.integer, &too_large)) {
        return param_bad(e, oid_of(t));
    }
    if (too_large || !integer_fits(t, out->as.integer)) {
        return param_too_large(e, oid_of(t));
    }
    return OK;
}

enum { LONGEST_FLOAT = 1100 }; /* digits of the longest exact double */

static enum status float_text(const struct type *t, struct str s, struct value *out,
                              struct error *e)
{
    char z[LONGEST_FLOAT + 1], *end;
    bool is_float4 = t->kind == TYPE_FLOAT4;
    s = str_trim(s);
    if (s.n == 0 || s.n > LONGEST_FLOAT || memchr(s.p, 'x', s.n) || memchr(s.p, 'X', s.n) ||
        memchr(s.p, '(', s.n)) { /* strtod also takes hexadecimal and nan(...) */
        return param_bad(e, oid_of(t));
    }
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    errno = 0;
    out->as.real = is_float4 ? (double)strtof(z, &end) : strtod(z, &end);
    if (end != z + s.n) {
        return param_bad(e, oid_of(t));
    }
    bool is_lost = errno == ERANGE && (out->as.real == 0 || isinf(out->as.real));
    return is_lost ? param_too_large(e, oid_of(t)) : OK;
}

const struct type *param_type(uint32_t oid)
{
    static const struct type any = {.kind = TYPE_DECIMAL};
    static const struct type list = {.kind = TYPE_LIST, .child = &any};
    bool is_list = oid == oid_array_of(OID_NUMERIC);
    return oid == OID_NUMERIC ? &any : is_list ? &list : oid_type(oid);
}

/* Into a DECIMAL with the column's width and scale, or where it has none, the one that just holds
 * it. */
static enum status decimal_value(const struct type *t, struct numeric *n, struct arena *a,
                                 struct value *out, struct error *e)
{
    char text[NUMERIC_TEXT];
    if (t->width == 0) {
        out->type = type_decimal(a, n->digits, n->scale);
    } else if (numeric_fit(n, t->width, t->scale) != NUMERIC_OK) {
        return param_too_large(e, OID_NUMERIC);
    }
    size_t length = numeric_text(n, text);
    out->as.text = arena_str(a, (struct str){text, length});
    return OK;
}

/* The largest magnitude of UINT8, INT16, UINT16, on either side of zero. */
static bool whole_fits(enum type_kind kind, const struct numeric *n)
{
    if (n->scale || (n->is_negative && n->magnitude && kind != TYPE_INT16)) {
        return false;
    }
    return kind != TYPE_UINT8 || n->magnitude <= UINT64_MAX;
}

enum status param_numeric(const struct type *t, enum numeric_result result, struct numeric *n,
                          struct arena *a, struct value *out, struct error *e)
{
    if (result != NUMERIC_OK) {
        return result == NUMERIC_BAD ? param_bad(e, OID_NUMERIC) : param_too_large(e, OID_NUMERIC);
    }
    if (t->kind == TYPE_DECIMAL) {
        return decimal_value(t, n, a, out, e);
    }
    if (numeric_fit(n, NUMERIC_MAX_DIGITS, 0) != NUMERIC_OK || !whole_fits(t->kind, n)) {
        return param_too_large(e, OID_NUMERIC);
    }
    char text[NUMERIC_TEXT];
    size_t length = numeric_text(n, text);
    out->as.text = arena_str(a, (struct str){text, length});
    return OK;
}

static enum status numeric_value(const struct type *t, struct str s, struct arena *a,
                                 struct value *out, struct error *e)
{
    struct numeric n;
    enum numeric_result result = numeric_read_text(s, &n);
    return param_numeric(t, result, &n, a, out, e);
}

static bool is_octal(struct str s, size_t i)
{
    return s.n - i >= 4 && s.p[i + 1] >= '0' && s.p[i + 1] <= '3' && s.p[i + 2] >= '0' &&
           s.p[i + 2] <= '7' && s.p[i + 3] >= '0' && s.p[i + 3] <= '7';
}

/* \x and hexadecimal digits, or PostgreSQL's older escapes: \\ and \ooo. */
static enum status bytes_text(struct str s, struct arena *a, struct value *out, struct error *e)
{
    uint8_t *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (str_starts(s, "\\x")) {
        n = (s.n - 2) / 2;
        if (!text_unhex((struct str){s.p + 2, s.n - 2}, to, n)) {
            return param_bad(e, OID_BYTEA);
        }
        out->as.bytes = (struct str){(char *)to, n};
        return OK;
    }
    for (size_t i = 0; i < s.n; n++) {
        if (s.p[i] != '\\') {
            to[n] = (uint8_t)s.p[i++];
        } else if (s.n - i >= 2 && s.p[i + 1] == '\\') {
            to[n] = '\\';
            i += 2;
        } else if (is_octal(s, i)) {
            to[n] =
                (uint8_t)((s.p[i + 1] - '0') << 6 | (s.p[i + 2] - '0') << 3 | (s.p[i + 3] - '0'));
            i += 4;
        } else {
            return param_bad(e, OID_BYTEA);
        }
    }
    out->as.bytes = (struct str){(char *)to, n};
    return OK;
}

/* Digits with hyphens after any group of four, braces around: what uuid_in takes. Kept in the
 * canonical form. */
static enum status uuid_text(struct str s, struct arena *a, struct value *out, struct error *e)
{
    char hex[33];
    uint8_t raw[16];
    size_t n = 0;
    if (s.n >= 2 && s.p[0] == '{' && s.p[s.n - 1] == '}') {
        s = (struct str){s.p + 1, s.n - 2};
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '-' && n > 0 && n % 4 == 0 && i + 1 < s.n && s.p[i - 1] != '-') {
            continue;
        }
        if (n == 32) {
            return param_bad(e, OID_UUID);
        }
        hex[n++] = s.p[i];
    }
    if (!text_unhex((struct str){hex, n}, raw, sizeof raw)) {
        return param_bad(e, OID_UUID);
    }
    text_hex(raw, sizeof raw, hex);
    out->as.text = str_of(
        arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20));
    return OK;
}

static enum status stamp_text(struct str s, struct value *out, struct error *e)
{
    out->type = type_simple(TYPE_TIMESTAMP);
    return datetime_read_stamp(s, &out->as.micros) ? OK : param_bad(e, OID_TIMESTAMP);
}

static enum status interval_text(struct str s, struct value *out, struct error *e)
{
    struct interval v;
    if (!datetime_read_interval(s, &v)) {
        return param_bad(e, OID_INTERVAL);
    }
    out->as.interval.months = v.months;
    out->as.interval.days = v.days;
    out->as.interval.micros = v.micros;
    return OK;
}

static enum status timetz_text(struct str s, struct arena *a, struct value *out, struct error *e)
{
    int64_t us;
    int32_t zone;
    out->type = type_simple(TYPE_OTHER);
    return datetime_read_timetz(s, &us, &zone) ? param_text(str_trim(s), a, out, e)
                                               : param_bad(e, OID_TIMETZ);
}

static bool is_of_records(const struct type *t)
{
    return type_is_row(t) || (type_is_list(t) && type_is_row(t->child));
}

/* Nor does PostgreSQL. */
static enum status no_record(struct error *e)
{
    error_set(e, ERR_UNSUPPORTED, "a record whose fields have no names can't be read");
    return error_hint(e, "Give its fields one by one, or cast to a STRUCT with named fields.");
}

enum status param_from_text(const struct type *t, const struct zone *zone, struct str s,
                            struct arena *a, struct value *out, struct error *e)
{
    *out = (struct value){.type = t};
    switch (t->kind) {
    case TYPE_BOOL:
        return read_bool(s, &out->as.boolean) ? OK : param_bad(e, OID_BOOL);
    case TYPE_INT1:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_UINT1:
    case TYPE_UINT2:
    case TYPE_UINT4:
        return integer_text(t, s, out, e);
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return float_text(t, s, out, e);
    case TYPE_DECIMAL:
    case TYPE_INT16:
    case TYPE_UINT8:
    case TYPE_UINT16:
        return numeric_value(t, s, a, out, e);
    case TYPE_BYTES:
        return bytes_text(s, a, out, e);
    case TYPE_DATE:
        return datetime_read_date(s, &out->as.days) ? OK : param_bad(e, OID_DATE);
    case TYPE_TIME:
        return datetime_read_time(s, &out->as.micros) ? OK : param_bad(e, OID_TIME);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
        return stamp_text(s, out, e);
    case TYPE_TIMESTAMPTZ:
        return datetime_read_zoned(s, zone, &out->as.micros) ? OK : param_bad(e, OID_TIMESTAMPTZ);
    case TYPE_INTERVAL:
        return interval_text(s, out, e);
    case TYPE_UUID:
        return uuid_text(s, a, out, e);
    case TYPE_TIMETZ:
        return timetz_text(s, a, out, e);
    case TYPE_TEXT:
    case TYPE_JSON:
    case TYPE_ENUM:
    case TYPE_UNKNOWN:
        return param_text(s, a, out, e);
    case TYPE_LIST:
    case TYPE_ARRAY:
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
        return type_is_nested(t)  ? param_nested_text(t, zone, s, a, out, e)
               : is_of_records(t) ? no_record(e)
                                  : param_array_text(t, zone, s, a, out, e);
    default:
        out->type = type_simple(TYPE_OTHER);
        return param_text(s, a, out, e);
    }
}

enum status param_decode(uint32_t oid, const struct type *wanted, int format,
                         const struct zone *zone, struct str bytes, struct arena *a,
                         struct value *out, struct error *e)
{
    bool is_nested = wanted && type_is_nested(wanted);
    const struct type *t = is_nested ? wanted : oid_type(oid);
    *out = (struct value){.type = t, .is_null = true};
    if (!t) {
        return error_set(e, ERR_UNSUPPORTED, "parameters of the type with oid %u are not supported",
                         oid);
    }
    if (!bytes.p) {
        return OK;
    }
    if (format == FORMAT_TEXT) {
        return param_from_text(is_nested ? t : param_type(oid), zone, bytes, a, out, e);
    }
    if (format != FORMAT_BINARY) {
        return error_set(e, ERR_PROTOCOL, "unknown parameter format %d", format);
    }
    return is_nested ? param_nested_binary(oid, t, zone, bytes, a, out, e)
                     : param_binary(oid, bytes, a, out, e);
}

/* What a column narrower than PostgreSQL's type for it needs: integers checked, numerics brought to
 * the column's scale, list elements one by one. */
static enum status fit_column(const struct type *t, struct arena *a, struct value *v,
                              struct error *e)
{
    if (v->is_null) {
        v->type = t;
        return OK;
    }
    switch (t->kind) {
    case TYPE_INT1:
    case TYPE_UINT1:
    case TYPE_UINT2:
    case TYPE_UINT4:
        v->type = t;
        return integer_fits(t, v->as.integer) ? OK : param_too_large(e, oid_of(t));
    case TYPE_DECIMAL:
    case TYPE_INT16:
    case TYPE_UINT8:
    case TYPE_UINT16:
        return param_from_text(t, NULL, v->as.text, a, v, e); /* a numeric's value is its text */
    case TYPE_ENUM:
        v->type = t;
        return OK;
    case TYPE_LIST:
    case TYPE_ARRAY:
        for (uint32_t i = 0; i < v->as.list.n; i++) {
            if (fit_column(t->child, a, &v->as.list.items[i], e) != OK) {
                return FAIL;
            }
        }
        v->type = t;
        return param_array_length(t, v, e);
    case TYPE_BIT:
    case TYPE_OTHER:
        break;
    default:
        return OK;
    }
    v->type = type_simple(TYPE_OTHER);
    return OK;
}

enum status param_from_binary(const struct type *t, struct str bytes, struct arena *a,
                              struct value *out, struct error *e)
{
    if (type_is_nested(t)) {
        return param_nested_binary(oid_of(t), t, NULL, bytes, a, out, e);
    }
    return param_binary(oid_of(t), bytes, a, out, e) == OK ? fit_column(t, a, out, e) : FAIL;
}
