/* Bound values: ours as the engine's, each of exactly its type, so that the engine need not plan
 * the statement again to fit it. Numbers that don't fit 64 bits come as text and are read here; the
 * messages never show them. */
#include "engine/duckdb_internal.h"

#include "base/text.h"

static enum status bad_value(const struct value *v, struct error *e)
{
    struct arena *a = arena_new(0);
    (void)!error_set(e, ERR_BAD_VALUE, "A parameter is not a valid %.*s.",
                     STR_ARG(type_name(a, v->type)));
    arena_free(a);
    return FAIL;
}

static enum status out_of_range(const struct value *v, struct error *e)
{
    struct arena *a = arena_new(0);
    (void)!error_set(e, ERR_OUT_OF_RANGE, "A parameter is out of range for %.*s.",
                     STR_ARG(type_name(a, v->type)));
    arena_free(a);
    return FAIL;
}

/* --- decimal text: [+-] digits [. digits] [e [+-] digits] --- */

struct digits {
    bool negative;
    char text[512]; /* without point and leading zeros */
    size_t n;
    int64_t exponent; /* value = text * 10^exponent */
};

enum { EXPONENT_MAX = 100000 };

static bool scan_digits(struct str *s, struct digits *d, bool fraction)
{
    size_t seen = 0;
    for (; s->n > 0 && *s->p >= '0' && *s->p <= '9'; s->p++, s->n--, seen++) {
        if (d->n == 0 && *s->p == '0') {
            d->exponent -= fraction;
            continue;
        }
        if (d->n == sizeof d->text) {
            return false;
        }
        d->text[d->n++] = *s->p;
        d->exponent -= fraction;
    }
    return seen > 0;
}

static bool scan_exponent(struct str s, struct digits *d)
{
    int64_t exponent;
    if (s.n > 0 && s.p[0] == '+') {
        s = (struct str){s.p + 1, s.n - 1};
    }
    if (!str_to_i64(s, &exponent) || exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX) {
        return false;
    }
    d->exponent += exponent;
    return true;
}

static bool scan_number(struct str s, struct digits *d)
{
    *d = (struct digits){0};
    s = str_trim(s);
    if (s.n > 0 && (*s.p == '-' || *s.p == '+')) {
        d->negative = *s.p == '-';
        s = (struct str){s.p + 1, s.n - 1};
    }
    bool whole = scan_digits(&s, d, false), part = false;
    if (s.n > 0 && *s.p == '.') {
        s = (struct str){s.p + 1, s.n - 1};
        part = scan_digits(&s, d, true);
    }
    if (!whole && !part) {
        return false;
    }
    if (s.n > 0 && (*s.p == 'e' || *s.p == 'E')) {
        return scan_exponent((struct str){s.p + 1, s.n - 1}, d);
    }
    return s.n == 0;
}

/* The magnitude times 10^scale, rounded half away from zero; false where it passes `limit`. */
static bool scale_number(const struct digits *d, int scale, u128 limit, u128 *out)
{
    int64_t shift = d->exponent + scale; /* digits to add, or (negative) to round off */
    size_t keep = d->n;
    u128 v = 0;
    bool up = false;
    if (shift < 0) {
        keep = (int64_t)d->n + shift > 0 ? (size_t)((int64_t)d->n + shift) : 0;
        up = (int64_t)d->n + shift >= 0 && keep < d->n && d->text[keep] >= '5';
    }
    for (size_t i = 0; i < keep + (size_t)(shift > 0 && d->n > 0 ? shift : 0); i++) {
        unsigned digit = i < keep ? (unsigned)(d->text[i] - '0') : 0;
        if (v > (limit - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    if (up && v == limit) {
        return false;
    }
    *out = v + up;
    return true;
}

static u128 power_of_ten(int n)
{
    u128 v = 1;
    while (n-- > 0) {
        v *= 10;
    }
    return v;
}

static duckdb_hugeint hugeint_of(u128 magnitude, bool negative)
{
    u128 v = negative ? -magnitude : magnitude;
    return (duckdb_hugeint){.lower = (uint64_t)v, .upper = (int64_t)(uint64_t)(v >> 64)};
}

static enum status decimal_value(const struct value *v, duckdb_value *out, struct error *e)
{
    struct digits d;
    u128 m;
    if (!scan_number(v->as.text, &d)) {
        return bad_value(v, e);
    }
    if (!scale_number(&d, v->type->scale, power_of_ten(v->type->width) - 1, &m)) {
        return out_of_range(v, e);
    }
    *out = duckdb_create_decimal(
        (duckdb_decimal){v->type->width, v->type->scale, hugeint_of(m, d.negative)});
    return OK;
}

static enum status wide_integer(const struct value *v, duckdb_value *out, struct error *e)
{
    struct digits d;
    u128 m, all = ~(u128)0;
    enum type_kind kind = v->type->kind;
    if (!scan_number(v->as.text, &d)) {
        return bad_value(v, e);
    }
    u128 limit = kind == TYPE_UINT16  ? all
                 : kind == TYPE_UINT8 ? UINT64_MAX
                                      : (all >> 1) + d.negative;
    if (!scale_number(&d, 0, limit, &m) || (d.negative && m > 0 && kind != TYPE_INT16)) {
        return out_of_range(v, e);
    }
    if (kind == TYPE_UINT8) {
        *out = duckdb_create_uint64((uint64_t)m);
    } else if (kind == TYPE_UINT16) {
        *out = duckdb_create_uhugeint((duckdb_uhugeint){(uint64_t)m, (uint64_t)(m >> 64)});
    } else {
        *out = duckdb_create_hugeint(hugeint_of(m, d.negative));
    }
    return OK;
}

/* 32 hexadecimal digits, with hyphens or braces anywhere between as PostgreSQL allows. */
static enum status uuid_value(const struct value *v, duckdb_value *out, struct error *e)
{
    char hex[32];
    uint8_t bytes[16];
    size_t n = 0;
    duckdb_uhugeint u = {0};
    for (size_t i = 0; i < v->as.text.n; i++) {
        char c = v->as.text.p[i];
        if (c != '-' && c != '{' && c != '}') {
            if (n == sizeof hex) {
                return bad_value(v, e);
            }
            hex[n++] = c;
        }
    }
    if (!text_unhex((struct str){hex, n}, bytes, sizeof bytes)) {
        return bad_value(v, e);
    }
    for (int i = 0; i < 8; i++) {
        u.upper = u.upper << 8 | bytes[i];
        u.lower = u.lower << 8 | bytes[8 + i];
    }
    *out = duckdb_create_uuid(u);
    return OK;
}

static enum status integer_value(const struct value *v, duckdb_value *out, struct error *e)
{
    static const struct {
        int64_t min, max;
    } ranges[TYPE_KIND_COUNT] = {
        [TYPE_INT1] = {INT8_MIN, INT8_MAX},   [TYPE_INT2] = {INT16_MIN, INT16_MAX},
        [TYPE_INT4] = {INT32_MIN, INT32_MAX}, [TYPE_INT8] = {INT64_MIN, INT64_MAX},
        [TYPE_UINT1] = {0, UINT8_MAX},        [TYPE_UINT2] = {0, UINT16_MAX},
        [TYPE_UINT4] = {0, UINT32_MAX},
    };
    int64_t i = v->as.integer;
    if (i < ranges[v->type->kind].min || i > ranges[v->type->kind].max) {
        return out_of_range(v, e);
    }
    switch (v->type->kind) {
    case TYPE_INT1:
        *out = duckdb_create_int8((int8_t)i);
        break;
    case TYPE_INT2:
        *out = duckdb_create_int16((int16_t)i);
        break;
    case TYPE_INT4:
        *out = duckdb_create_int32((int32_t)i);
        break;
    case TYPE_UINT1:
        *out = duckdb_create_uint8((uint8_t)i);
        break;
    case TYPE_UINT2:
        *out = duckdb_create_uint16((uint16_t)i);
        break;
    case TYPE_UINT4:
        *out = duckdb_create_uint32((uint32_t)i);
        break;
    default:
        *out = duckdb_create_int64(i);
    }
    return OK;
}

/* Of the type that these functions want, which for lists is that of the elements. What is in it may
 * be of another type: the engine casts it. NULL where it can't. */
static duckdb_value put_together(const struct value *v, duckdb_logical_type type,
                                 duckdb_value *items, uint32_t n)
{
    switch (v->type->kind) {
    case TYPE_LIST:
        return duckdb_create_list_value(type, items, n);
    case TYPE_ARRAY:
        return duckdb_create_array_value(type, items, n);
    case TYPE_STRUCT:
        return duckdb_create_struct_value(type, items);
    case TYPE_MAP: /* keys first */
        return duckdb_create_map_value(type, items, items + n / 2, n / 2);
    default:
        return duckdb_create_union_value(type, v->as.list.member, items[0]);
    }
}

static enum status nested_value(const struct value *v, duckdb_value *out, struct error *e)
{
    struct arena *a = arena_new(0);
    uint32_t n = 0, count = v->as.list.n;
    duckdb_value *items = ARENA_ARRAY(a, duckdb_value, count);
    duckdb_logical_type type = type_to_engine(type_is_list(v->type) ? v->type->child : v->type);
    enum status st = type ? OK : bad_value(v, e);
    while (st == OK && n < count) {
        uint32_t from = v->type->kind == TYPE_MAP ? n % (count / 2) * 2 + n / (count / 2) : n;
        st = value_to_engine(&v->as.list.items[from], &items[n], e);
        n += st == OK;
    }
    if (st == OK && !(*out = put_together(v, type, items, n))) {
        st = bad_value(v, e);
    }
    for (uint32_t i = 0; i < n; i++) {
        duckdb_destroy_value(&items[i]);
    }
    duckdb_destroy_logical_type(&type);
    arena_free(a);
    return st;
}

static int64_t engine_micros(int64_t micros)
{
    return micros == INT64_MIN ? -INT64_MAX : micros; /* its negative infinity */
}

static duckdb_value plain_value(const struct value *v)
{
    switch (v->type->kind) {
    case TYPE_BOOL:
        return duckdb_create_bool(v->as.boolean);
    case TYPE_FLOAT4:
        return duckdb_create_float((float)v->as.real);
    case TYPE_FLOAT8:
        return duckdb_create_double(v->as.real);
    case TYPE_BYTES:
        return duckdb_create_blob((const uint8_t *)v->as.bytes.p, v->as.bytes.n);
    case TYPE_DATE:
        return duckdb_create_date((duckdb_date){v->as.days == INT32_MIN ? -INT32_MAX : v->as.days});
    case TYPE_TIME:
        return duckdb_create_time((duckdb_time){v->as.micros});
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
        return duckdb_create_timestamp((duckdb_timestamp){engine_micros(v->as.micros)});
    case TYPE_TIMESTAMPTZ:
        return duckdb_create_timestamp_tz((duckdb_timestamp){engine_micros(v->as.micros)});
    case TYPE_INTERVAL:
        return duckdb_create_interval(
            (duckdb_interval){v->as.interval.months, v->as.interval.days, v->as.interval.micros});
    default: /* TEXT, JSON, ENUM, BIT, TIMETZ, OTHER, UNKNOWN: text that the engine reads */
        return duckdb_create_varchar_length(v->as.text.p ? v->as.text.p : "", v->as.text.n);
    }
}

enum status value_to_engine(const struct value *v, duckdb_value *out, struct error *e)
{
    if (v->is_null || v->type->kind == TYPE_NULL) {
        *out = duckdb_create_null_value();
        return OK;
    }
    switch (v->type->kind) {
    case TYPE_INT1:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_UINT1:
    case TYPE_UINT2:
    case TYPE_UINT4:
        return integer_value(v, out, e);
    case TYPE_INT16:
    case TYPE_UINT8:
    case TYPE_UINT16:
        return wide_integer(v, out, e);
    case TYPE_DECIMAL:
        return decimal_value(v, out, e);
    case TYPE_UUID:
        return uuid_value(v, out, e);
    case TYPE_LIST:
    case TYPE_ARRAY:
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
        return nested_value(v, out, e);
    default:
        *out = plain_value(v);
        return *out ? OK : bad_value(v, e);
    }
}
