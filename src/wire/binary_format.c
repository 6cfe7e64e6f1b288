/* Values in PostgreSQL's binary formats: what the *_send functions of PostgreSQL's
 * src/backend/utils/adt write. Integers are big-endian. */
#include "base/text.h"
#include "wire/datetime.h"
#include "wire/format.h"
#include "wire/numeric.h"
#include "wire/oid.h"

#define WRITER(name)                                                                               \
    static void name(struct buf *out, const struct type *t, const struct ArrowArray *a, int64_t i, \
                     const struct format_style *style)

static inline void put16(struct buf *out, uint16_t v)
{
    v = __builtin_bswap16(v);
    buf_put(out, &v, sizeof v);
}

static inline void put32(struct buf *out, uint32_t v)
{
    v = __builtin_bswap32(v);
    buf_put(out, &v, sizeof v);
}

static inline void put64(struct buf *out, uint64_t v)
{
    v = __builtin_bswap64(v);
    buf_put(out, &v, sizeof v);
}

WRITER(binary_bool)
{
    buf_u8(out, array_bool(a, i));
}

WRITER(binary_int1)
{
    put16(out, (uint16_t)array_i8(a, i));
}

WRITER(binary_int2)
{
    put16(out, array_u16(a, i));
}

WRITER(binary_int4)
{
    put32(out, array_u32(a, i));
}

WRITER(binary_int8)
{
    put64(out, array_u64(a, i));
}

WRITER(binary_uint1)
{
    put16(out, array_u8(a, i));
}

WRITER(binary_uint2)
{
    put32(out, array_u16(a, i));
}

WRITER(binary_uint4)
{
    put64(out, array_u32(a, i));
}

WRITER(binary_uint8)
{
    numeric_put_binary(out, array_u64(a, i), false, 0);
}

WRITER(binary_uint16)
{
    numeric_put_binary(out, array_u128(a, i), false, 0);
}

/* DECIMAL and INT16, whose scale is 0. */
WRITER(binary_numeric)
{
    i128 v = array_i128(a, i);
    numeric_put_binary(out, v < 0 ? 0 - (u128)v : (u128)v, v < 0, t->scale);
}

WRITER(binary_date)
{
    int32_t days = array_i32(a, i), shifted;
    if (date_is_future(days)) {
        shifted = INT32_MAX;
    } else if (date_is_past(days) || __builtin_sub_overflow(days, PG_EPOCH_DAYS, &shifted)) {
        shifted = INT32_MIN;
    }
    put32(out, (uint32_t)shifted);
}

static void put_stamp(struct buf *out, int64_t us)
{
    int64_t shifted;
    if (stamp_is_future(us)) {
        shifted = INT64_MAX;
    } else if (stamp_is_past(us) || __builtin_sub_overflow(us, PG_EPOCH_US, &shifted)) {
        shifted = INT64_MIN;
    }
    put64(out, (uint64_t)shifted);
}

WRITER(binary_stamp)
{
    put_stamp(out, array_i64(a, i));
}

static void put_scaled(struct buf *out, int64_t v, int64_t factor)
{
    int64_t us;
    put_stamp(out, __builtin_mul_overflow(v, factor, &us) ? (v < 0 ? INT64_MIN : INT64_MAX) : us);
}

WRITER(binary_stamp_s)
{
    put_scaled(out, array_i64(a, i), 1000000);
}

WRITER(binary_stamp_ms)
{
    put_scaled(out, array_i64(a, i), 1000);
}

WRITER(binary_stamp_ns)
{
    int64_t v = array_i64(a, i);
    bool is_infinite = stamp_is_past(v) || stamp_is_future(v);
    put_stamp(out, is_infinite ? v : v / 1000 - (v % 1000 < 0));
}

/* Comes as text. */
WRITER(binary_timetz)
{
    int64_t us = 0;
    int32_t zone = 0;
    if (!datetime_read_timetz(array_text(a, i), &us, &zone)) {
        out->failed = true; /* not what the engine writes: no wrong value goes out */
        return;
    }
    put64(out, (uint64_t)us);
    put32(out, (uint32_t)zone);
}

WRITER(binary_interval)
{
    struct array_interval v = array_interval(a, i);
    put64(out, (uint64_t)v.micros);
    put32(out, (uint32_t)v.days);
    put32(out, (uint32_t)v.months);
}

WRITER(binary_bytes)
{
    buf_put_str(out, array_text(a, i));
}

/* As text, or as the 16 bytes themselves. */
WRITER(binary_uuid)
{
    struct str s = array_text(a, i);
    uint8_t bytes[16];
    char hex[33];
    size_t n = 0;
    for (size_t k = 0; s.n != sizeof bytes && k < s.n && n < 32; k++) {
        if (s.p[k] != '-') {
            hex[n++] = s.p[k];
        }
    }
    if (s.n == sizeof bytes) {
        buf_put_str(out, s);
    } else if (text_unhex((struct str){hex, n}, bytes, sizeof bytes)) {
        buf_put(out, bytes, sizeof bytes);
    } else {
        out->failed = true;
    }
}

/* Of an object. */
WRITER(binary_number)
{
    put32(out, (uint32_t)array_i64(a, i));
}

/* PostgreSQL's empty "char" is a zero byte. */
WRITER(binary_char)
{
    struct str s = array_text(a, i);
    buf_u8(out, s.n ? (uint8_t)s.p[0] : 0);
}

static bool has_null(struct array_span s)
{
    for (int64_t k = 0; k < s.n; k++) {
        if (arrow_is_null(s.child, s.start + k)) {
            return true;
        }
    }
    return false;
}

/* A value within another: its length, -1 where it is NULL, and its bytes. */
static void put_sized(struct buf *out, format_put *put, const struct type *t,
                      const struct ArrowArray *a, int64_t i, const struct format_style *style)
{
    size_t at = out->n;
    put32(out, UINT32_MAX);
    if (!arrow_is_null(a, i)) {
        put(out, t, a, i, style);
        buf_patch_u32(out, at, (uint32_t)(out->n - at - 4));
    }
}

/* array_send: dimensions, whether there are NULLs, the element's oid, then for the one dimension
 * its length and lower bound, then each element with its length. */
WRITER(binary_array)
{
    struct array_span s = array_elements(t, a, i);
    format_put *put = binary_writer(t->child);
    put32(out, s.n > 0);
    put32(out, has_null(s));
    put32(out, oid_of(t->child));
    if (s.n == 0) {
        return;
    }
    put32(out, (uint32_t)s.n);
    put32(out, t->alias ? 0 : 1);
    for (int64_t k = 0; k < s.n && !out->failed; k++) {
        put_sized(out, put, t->child, s.child, s.start + k, style);
    }
}

/* record_send: the fields, each with its type. */
WRITER(binary_record)
{
    put32(out, t->field_count);
    for (uint32_t k = 0; k < t->field_count && !out->failed; k++) {
        const struct type *field = t->fields[k].type;
        put32(out, oid_of(field));
        put_sized(out, binary_writer(field), field, array_field(a, k), i + a->offset, style);
    }
}

format_put *binary_writer(const struct type *t)
{
    static format_put *const writers[TYPE_KIND_COUNT] = {
        [TYPE_BOOL] = binary_bool,
        [TYPE_INT1] = binary_int1,
        [TYPE_INT2] = binary_int2,
        [TYPE_INT4] = binary_int4,
        [TYPE_INT8] = binary_int8,
        [TYPE_INT16] = binary_numeric,
        [TYPE_UINT1] = binary_uint1,
        [TYPE_UINT2] = binary_uint2,
        [TYPE_UINT4] = binary_uint4,
        [TYPE_UINT8] = binary_uint8,
        [TYPE_UINT16] = binary_uint16,
        [TYPE_FLOAT4] = binary_int4,
        [TYPE_FLOAT8] = binary_int8,
        [TYPE_DECIMAL] = binary_numeric,
        [TYPE_BYTES] = binary_bytes,
        [TYPE_DATE] = binary_date,
        [TYPE_TIME] = binary_int8,
        [TYPE_TIMETZ] = binary_timetz,
        [TYPE_TIMESTAMP] = binary_stamp,
        [TYPE_TIMESTAMP_S] = binary_stamp_s,
        [TYPE_TIMESTAMP_MS] = binary_stamp_ms,
        [TYPE_TIMESTAMP_NS] = binary_stamp_ns,
        [TYPE_TIMESTAMPTZ] = binary_stamp,
        [TYPE_INTERVAL] = binary_interval,
        [TYPE_UUID] = binary_uuid,
    };
    if (t->alias && !type_is_list(t)) {
        return t->kind == TYPE_INT8     ? binary_number
               : t->alias == ALIAS_CHAR ? binary_char
                                        : text_writer(t);
    }
    if (type_is_list(t) && !type_is_list(t->child)) {
        return binary_array;
    }
    if (type_is_row(t)) {
        return binary_record;
    }
    return writers[t->kind] ? writers[t->kind] : text_writer(t); /* text is its own binary form */
}
