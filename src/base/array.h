/* Reading and making Arrow arrays (base/arrow.h) without a schema: the layout follows from struct
 * type, as engine.h lists it. Offsets of variable-length values and of lists are 64 bits wide.
 *
 * Readers take the index before the array's own offset, ask nothing, and must not be called for a
 * NULL value or past the length; what an engine gives is trusted to be well formed. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <string.h>

#include "base/arrow.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/type.h"

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

/* As Arrow's month_day_nano, but counting microseconds as the engine does: nanoseconds would not
 * hold its longest intervals. */
struct array_interval {
    int32_t months, days;
    int64_t micros;
};

/* array_i64(a, i) and so on: the fixed-width value at `i`. */
#define ARRAY_READER(name, ctype)                                                                  \
    static inline ctype array_##name(const struct ArrowArray *a, int64_t i)                        \
    {                                                                                              \
        ctype v;                                                                                   \
        memcpy(&v, (const char *)a->buffers[1] + (size_t)(i + a->offset) * sizeof v, sizeof v);    \
        return v;                                                                                  \
    }
ARRAY_READER(i8, int8_t)
ARRAY_READER(i16, int16_t)
ARRAY_READER(i32, int32_t)
ARRAY_READER(i64, int64_t)
ARRAY_READER(i128, i128)
ARRAY_READER(u8, uint8_t)
ARRAY_READER(u16, uint16_t)
ARRAY_READER(u32, uint32_t)
ARRAY_READER(u64, uint64_t)
ARRAY_READER(u128, u128)
ARRAY_READER(f32, float)
ARRAY_READER(f64, double)
ARRAY_READER(interval, struct array_interval)
#undef ARRAY_READER

static inline bool array_bool(const struct ArrowArray *a, int64_t i)
{
    const uint8_t *bits = a->buffers[1];
    i += a->offset;
    return bits[i >> 3] >> (i & 7) & 1;
}

/* The bytes of a variable-length value; valid as long as the array. */
static inline struct str array_text(const struct ArrowArray *a, int64_t i)
{
    const int64_t *at = (const int64_t *)a->buffers[1] + i + a->offset;
    const char *bytes = a->buffers[2];
    return (struct str){bytes ? bytes + at[0] : "", (size_t)(at[1] - at[0])};
}

/* Which elements of `child` belong to a list. */
struct array_span {
    const struct ArrowArray *child;
    int64_t start, n;
};

/* The elements of a LIST, ARRAY or MAP (whose child is a struct of key and value) of type `t`. */
struct array_span array_elements(const struct type *t, const struct ArrowArray *a, int64_t i);

/* Field `k` of a struct array; its values are at `i + a->offset`. */
static inline const struct ArrowArray *array_field(const struct ArrowArray *a, uint32_t k)
{
    return a->children[k];
}

/* Which member a UNION's value is, and its values: those of the struct's children behind the first,
 * which has the numbers of the members. */
static inline uint32_t array_member(const struct ArrowArray *a, int64_t i)
{
    return array_u8(a->children[0], i + a->offset);
}

/* An array of `n` NULLs in the layout of `t`; released by its release(). */
void array_make_nulls(struct ArrowArray *out, const struct type *t, int64_t n);

/* Makes an array of variable-length values, one put a row:
 *     struct array_builder b;
 *     array_builder_init(&b, rows);
 *     array_builder_put(&b, text) or array_builder_null(&b), `rows` times; or, what was put into
 *     b.bytes since the last value, array_builder_end_value(&b)
 *     array_builder_finish(&b, &array);
 * A builder that is not finished is freed with array_builder_fini(). */
struct array_builder {
    uint8_t *valid;
    int64_t *offsets;
    struct buf bytes;
    int64_t rows, n, nulls;
};

void array_builder_init(struct array_builder *b, int64_t rows);
void array_builder_put(struct array_builder *b, struct str value);
static inline void array_builder_end_value(struct array_builder *b)
{
    b->valid[b->n >> 3] |= (uint8_t)(1 << (b->n & 7));
    b->offsets[++b->n] = (int64_t)b->bytes.n;
}
void array_builder_null(struct array_builder *b);
void array_builder_finish(struct array_builder *b, struct ArrowArray *out);
void array_builder_fini(struct array_builder *b);

#endif
