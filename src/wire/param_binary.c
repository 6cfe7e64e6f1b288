/* Binary forms: what the *_recv functions of PostgreSQL's src/backend/utils/adt read. */
#include "base/text.h"
#include "wire/datetime.h"
#include "wire/numeric.h"
#include "wire/oid.h"
#include "wire/param.h"
#include "wire/param_array.h"

static uint64_t big_endian(const char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | (uint8_t)p[i];
    }
    return v;
}

static void read_integer(size_t n, struct str s, struct value *out)
{
    uint64_t v = big_endian(s.p, n);
    out->as.integer = n == 2 ? (int16_t)v : n == 4 ? (int32_t)v : (int64_t)v;
}

static void read_float4(struct str s, struct value *out)
{
    uint32_t bits = (uint32_t)big_endian(s.p, 4);
    float v;
    memcpy(&v, &bits, sizeof v);
    out->as.real = v;
}

static void read_float8(struct str s, struct value *out)
{
    uint64_t bits = big_endian(s.p, 8);
    memcpy(&out->as.real, &bits, sizeof bits);
}

static enum status read_date(struct str s, struct value *out, struct error *e)
{
    int32_t days = (int32_t)big_endian(s.p, 4);
    out->as.days = days;
    if (days == INT32_MAX || days == INT32_MIN) {
        return OK;
    }
    return __builtin_add_overflow(days, PG_EPOCH_DAYS, &out->as.days) ||
                   date_is_past(out->as.days) || date_is_future(out->as.days)
               ? param_too_large(e, OID_DATE)
               : OK;
}

static enum status read_time(struct str s, struct value *out, struct error *e)
{
    out->as.micros = (int64_t)big_endian(s.p, 8);
    return out->as.micros < 0 || out->as.micros > DAY_US ? param_too_large(e, OID_TIME) : OK;
}

static enum status read_stamp(uint32_t oid, struct str s, struct value *out, struct error *e)
{
    int64_t us = (int64_t)big_endian(s.p, 8);
    out->as.micros = us;
    if (us == INT64_MAX || us == INT64_MIN) {
        return OK;
    }
    return __builtin_add_overflow(us, PG_EPOCH_US, &out->as.micros) ||
                   stamp_is_past(out->as.micros) || stamp_is_future(out->as.micros)
               ? param_too_large(e, oid)
               : OK;
}

static void read_interval(struct str s, struct value *out)
{
    out->as.interval.micros = (int64_t)big_endian(s.p, 8);
    out->as.interval.days = (int32_t)big_endian(s.p + 8, 4);
    out->as.interval.months = (int32_t)big_endian(s.p + 12, 4);
}

/* Shown as text, which the engine reads by itself. */
static enum status read_timetz(struct str s, struct arena *a, struct value *out, struct error *e)
{
    int64_t us = (int64_t)big_endian(s.p, 8), west = (int32_t)big_endian(s.p + 8, 4);
    if (us < 0 || us > DAY_US || west <= -16 * 3600 || west >= 16 * 3600) {
        return param_too_large(e, OID_TIMETZ);
    }
    char clock[DATETIME_ROOM];
    *datetime_put_time(clock, us) = '\0';
    int zone = (int)(west < 0 ? -west : west);
    out->type = type_simple(TYPE_OTHER);
    char *text = arena_printf(a, "%s%c%02d:%02d:%02d", clock, west > 0 ? '-' : '+', zone / 3600,
                              zone / 60 % 60, zone % 60);
    size_t n = strlen(text);
    n -= zone % 3600 == 0 ? 6 : zone % 60 == 0 ? 3 : 0; /* as short as PostgreSQL shows it */
    out->as.text = (struct str){text, n};
    return OK;
}

static void read_uuid(struct str s, struct arena *a, struct value *out)
{
    char hex[33];
    text_hex(s.p, 16, hex);
    out->as.text = str_of(
        arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20));
}

static enum status read_numeric(struct str s, struct arena *a, struct value *out, struct error *e)
{
    struct numeric n;
    enum numeric_result result = numeric_read_binary(s, &n);
    return param_numeric(param_type(OID_NUMERIC), result, &n, a, out, e);
}

/* The first byte of jsonb is the version of its text form. */
static enum status read_jsonb(struct str s, struct arena *a, struct value *out, struct error *e)
{
    if (s.n < 1 || s.p[0] != 1) {
        return param_bad(e, OID_JSONB);
    }
    return param_text((struct str){s.p + 1, s.n - 1}, a, out, e);
}

enum { ARRAY_HEAD = 12, ARRAY_DIMENSION = 8 };

/* The length of each dimension, off the front of the rest, before any memory is taken: an element
 * has four bytes at least. */
static enum status read_dimensions(struct param_array *from, struct error *e)
{
    uint64_t elements = 1;
    size_t head = ARRAY_DIMENSION * (size_t)from->dimensions;
    if (from->rest.n < head) {
        return param_bad(e, from->oid);
    }
    for (uint32_t i = 0; i < from->dimensions; i++) {
        uint64_t n = big_endian(from->rest.p + ARRAY_DIMENSION * (size_t)i, 4);
        if (n == 0 || n > INT32_MAX) {
            return param_bad(e, from->oid);
        }
        elements *= n;
        if (elements > PARAM_MAX_ELEMENTS) {
            return error_set(e, ERR_TOO_LARGE, "an array has more than %d elements",
                             PARAM_MAX_ELEMENTS);
        }
        from->lengths[i] = (uint32_t)n;
    }
    from->rest = (struct str){from->rest.p + head, from->rest.n - head};
    return elements <= from->rest.n / 4 ? OK : param_bad(e, from->oid);
}

enum status param_array_open(uint32_t oid, struct str bytes, struct param_array *out,
                             struct error *e)
{
    *out = (struct param_array){.oid = oid, .element = oid_element_of(oid)};
    if (bytes.n < ARRAY_HEAD || big_endian(bytes.p + 8, 4) != out->element ||
        big_endian(bytes.p + 4, 4) > 1 || big_endian(bytes.p, 4) > PARAM_MAX_DIMENSIONS) {
        return param_bad(e, oid);
    }
    out->dimensions = (uint32_t)big_endian(bytes.p, 4);
    out->rest = (struct str){bytes.p + ARRAY_HEAD, bytes.n - ARRAY_HEAD};
    if (out->dimensions == 0) {
        return out->rest.n ? param_bad(e, oid) : OK;
    }
    return read_dimensions(out, e);
}

enum status param_array_next(struct param_array *from, struct str *out, struct error *e)
{
    struct str *s = &from->rest;
    if (s->n < 4) {
        return param_bad(e, from->oid);
    }
    int32_t n = (int32_t)big_endian(s->p, 4);
    *s = (struct str){s->p + 4, s->n - 4};
    *out = STR_NULL;
    if (n == -1) {
        return OK;
    }
    if (n < 0 || (size_t)n > s->n) {
        return param_bad(e, from->oid);
    }
    *out = (struct str){s->p, (size_t)n};
    *s = (struct str){s->p + n, s->n - (size_t)n};
    return OK;
}

static enum status read_element(struct param_array *from, struct arena *a, struct value *out,
                                struct error *e)
{
    struct str bytes;
    if (param_array_next(from, &bytes, e) != OK) {
        return FAIL;
    }
    *out = (struct value){.type = oid_type(from->element), .is_null = true};
    return bytes.p ? param_binary(from->element, bytes, a, out, e) : OK;
}

/* Of one dimension. */
static enum status read_array(uint32_t oid, struct str s, struct arena *a, struct value *out,
                              struct error *e)
{
    struct param_array from;
    if (param_array_open(oid, s, &from, e) != OK) {
        return FAIL;
    }
    if (from.dimensions > 1) {
        error_set(e, ERR_UNSUPPORTED, "an array of one dimension is wanted");
        return error_hint(e, "Cast to a list of lists, as $1::integer[][].");
    }
    uint32_t n = from.dimensions ? from.lengths[0] : 0;
    out->as.list.items = ARENA_ARRAY(a, struct value, n);
    out->as.list.n = n;
    for (uint32_t i = 0; i < n; i++) {
        if (read_element(&from, a, &out->as.list.items[i], e) != OK) {
            return FAIL;
        }
    }
    return from.rest.n ? param_bad(e, oid) : param_array_unify(out, a, e);
}

/* `s` has the type's own length by now. */
static enum status read_fixed(uint32_t oid, struct str s, struct arena *a, struct value *out,
                              struct error *e)
{
    switch (oid) {
    case OID_BOOL:
        out->as.boolean = s.p[0] != 0;
        return OK;
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        read_integer(s.n, s, out);
        return OK;
    case OID_FLOAT4:
        read_float4(s, out);
        return OK;
    case OID_FLOAT8:
        read_float8(s, out);
        return OK;
    case OID_DATE:
        return read_date(s, out, e);
    case OID_TIME:
        return read_time(s, out, e);
    case OID_TIMESTAMP:
    case OID_TIMESTAMPTZ:
        return read_stamp(oid, s, out, e);
    case OID_INTERVAL:
        read_interval(s, out);
        return OK;
    case OID_TIMETZ:
        return read_timetz(s, a, out, e);
    case OID_UUID:
        read_uuid(s, a, out);
        return OK;
    default:
        if (out->type->kind == TYPE_INT8) { /* the number of an object */
            out->as.integer = (int64_t)big_endian(s.p, 4);
            return OK;
        }
        return param_text(s, a, out, e); /* "char" */
    }
}

enum status param_binary(uint32_t oid, struct str s, struct arena *a, struct value *out,
                         struct error *e)
{
    int16_t length = oid_typlen(oid);
    *out = (struct value){.type = param_type(oid)};
    if (length > 0 && oid != OID_NAME) {
        return s.n == (size_t)length ? read_fixed(oid, s, a, out, e) : param_bad(e, oid);
    }
    if (oid_element_of(oid) != OID_NONE) {
        return read_array(oid, s, a, out, e);
    }
    switch (oid) {
    case OID_BYTEA:
        out->as.bytes = arena_str(a, s);
        return OK;
    case OID_NUMERIC:
        return read_numeric(s, a, out, e);
    case OID_JSONB:
        return read_jsonb(s, a, out, e);
    default:
        return param_text(s, a, out, e);
    }
}
