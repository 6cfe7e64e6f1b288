/* The engine's vectors as Arrow arrays, in the one layout a type that engine.h promises.
 *
 * Everything is copied: an array owns all its memory and outlives the engine's chunk. Vectors come
 * flat from the engine; list entries may overlap and lie in any order, so children are gathered
 * through a list of positions, where NOWHERE stands for a NULL. */
#include "engine/duckdb_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define NOWHERE UINT64_MAX

/* What a conversion reads: rows at[0..n) of the vector, or rows 0..n where `at` is NULL. */
struct source {
    duckdb_vector vector;
    void *data;
    uint64_t *validity;
    const uint64_t *at;
    size_t n;
};

static void release(struct ArrowArray *a)
{
    for (int64_t i = 0; i < a->n_children; i++) {
        arrow_array_release(a->children[i]);
        free(a->children[i]);
    }
    for (int64_t i = 0; i < a->n_buffers; i++) {
        free((void *)(uintptr_t)a->buffers[i]);
    }
    free(a->children);
    free(a->buffers);
    a->release = NULL;
}

static void array_init(struct ArrowArray *a, size_t length, size_t buffers, size_t children)
{
    *a = (struct ArrowArray){.length = (int64_t)length,
                             .n_buffers = (int64_t)buffers,
                             .n_children = (int64_t)children,
                             .release = release};
    a->buffers = mem_calloc(buffers, sizeof *a->buffers);
    a->children = children ? mem_calloc(children, sizeof *a->children) : NULL;
    for (size_t i = 0; i < children; i++) {
        a->children[i] = mem_alloc(sizeof **a->children);
    }
}

static size_t row_of(const struct source *s, size_t i)
{
    return s->at ? s->at[i] : i;
}

static bool is_null(const struct source *s, size_t i)
{
    uint64_t row = row_of(s, i);
    return row == NOWHERE || (s->validity && !(s->validity[row >> 6] >> (row & 63) & 1));
}

/* The bitmap stays away where nothing is NULL. */
static void set_validity(struct ArrowArray *a, const struct source *s)
{
    uint8_t *bits = NULL;
    if (!s->validity && !s->at) {
        return;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (is_null(s, i)) {
            if (!bits) {
                bits = mem_alloc((s->n + 7) / 8);
                memset(bits, 0xff, (s->n + 7) / 8);
            }
            bits[i >> 3] &= (uint8_t) ~(1u << (i & 7));
            a->null_count++;
        }
    }
    a->buffers[0] = bits;
}

static void convert(struct ArrowArray *out, const struct reader *r, const struct source *s);

static void convert_vector(struct ArrowArray *out, const struct reader *r, duckdb_vector v,
                           const uint64_t *at, size_t n)
{
    struct source s = {.vector = v,
                       .data = duckdb_vector_get_data(v),
                       .validity = duckdb_vector_get_validity(v),
                       .at = at,
                       .n = n};
    convert(out, r, &s);
}

/* --- numbers: one width, copied --- */

static void convert_fixed(struct ArrowArray *out, const struct source *s, size_t width)
{
    uint8_t *to = mem_alloc(s->n * width);
    const uint8_t *from = s->data;
    array_init(out, s->n, 2, 0);
    set_validity(out, s);
    out->buffers[1] = to;
    if (!s->at) {
        memcpy(to, from, s->n * width);
        return;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i] != NOWHERE) {
            memcpy(to + i * width, from + s->at[i] * width, width);
        }
    }
}

static void convert_bool(struct ArrowArray *out, const struct source *s)
{
    uint8_t *to = mem_alloc((s->n + 7) / 8);
    const bool *from = s->data;
    array_init(out, s->n, 2, 0);
    set_validity(out, s);
    out->buffers[1] = to;
    for (size_t i = 0; i < s->n; i++) {
        if (!is_null(s, i) && from[row_of(s, i)]) {
            to[i >> 3] |= (uint8_t)(1u << (i & 7));
        }
    }
}

static i128 decimal_at(const struct reader *r, const void *data, size_t row)
{
    switch ((int)r->physical) {
    case DUCKDB_TYPE_SMALLINT:
        return ((const int16_t *)data)[row];
    case DUCKDB_TYPE_INTEGER:
        return ((const int32_t *)data)[row];
    case DUCKDB_TYPE_BIGINT:
        return ((const int64_t *)data)[row];
    default: {
        duckdb_hugeint h = ((const duckdb_hugeint *)data)[row];
        return (i128)((u128)(uint64_t)h.upper << 64 | h.lower);
    }
    }
}

static void convert_decimal(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    uint8_t *to = mem_alloc(s->n * 16);
    array_init(out, s->n, 2, 0);
    set_validity(out, s);
    out->buffers[1] = to;
    for (size_t i = 0; i < s->n; i++) {
        if (!is_null(s, i)) {
            i128 v = decimal_at(r, s->data, row_of(s, i));
            memcpy(to + i * 16, &v, 16);
        }
    }
}

/* The engine's negative infinity is the negated maximum; ours is the minimum, as PostgreSQL's. */
static void convert_date(struct ArrowArray *out, const struct source *s)
{
    convert_fixed(out, s, sizeof(int32_t));
    int32_t *days = (int32_t *)(uintptr_t)out->buffers[1];
    for (size_t i = 0; i < s->n; i++) {
        days[i] = days[i] == -INT32_MAX ? INT32_MIN : days[i];
    }
}

static void convert_timestamp(struct ArrowArray *out, const struct source *s)
{
    convert_fixed(out, s, sizeof(int64_t));
    int64_t *at = (int64_t *)(uintptr_t)out->buffers[1];
    for (size_t i = 0; i < s->n; i++) {
        at[i] = at[i] == -INT64_MAX ? INT64_MIN : at[i];
    }
}

/* --- text and bytes: 64-bit offsets, then the bytes --- */

/* As duckdb_string_t_data(), but inlined: it is called for every value of every text column. */
static inline struct str string_at(const void *data, size_t row)
{
    const duckdb_string_t *s = (const duckdb_string_t *)data + row;
    uint32_t n = s->value.inlined.length;
    return (struct str){
        n <= sizeof s->value.inlined.inlined ? s->value.inlined.inlined : s->value.pointer.ptr, n};
}

typedef struct str (*text_fn)(const struct reader *r, void *data, size_t row, struct buf *scratch);

static struct str text_enum(const struct reader *r, void *data, size_t row, struct buf *scratch)
{
    uint32_t i = r->physical == DUCKDB_TYPE_UTINYINT    ? ((uint8_t *)data)[row]
                 : r->physical == DUCKDB_TYPE_USMALLINT ? ((uint16_t *)data)[row]
                                                        : ((uint32_t *)data)[row];
    return i < r->label_count ? r->labels[i] : STR("");
}

static struct str text_uuid(const struct reader *r, void *data, size_t row, struct buf *scratch)
{
    duckdb_hugeint h = ((duckdb_hugeint *)data)[row];
    uint64_t up = (uint64_t)h.upper ^ (uint64_t)1 << 63; /* stored so that it sorts as a number */
    buf_clear(scratch);
    buf_printf(scratch, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(up >> 32),
               (unsigned)(up >> 16 & 0xffff), (unsigned)(up & 0xffff), (unsigned)(h.lower >> 48),
               (unsigned long long)(h.lower & 0xffffffffffffull));
    return buf_str(scratch);
}

/* The first byte counts the padding bits at the front of the second. */
static struct str text_bit(const struct reader *r, void *data, size_t row, struct buf *scratch)
{
    struct str s = string_at(data, row);
    buf_clear(scratch);
    for (size_t i = s.n ? (uint8_t)s.p[0] : 0; i < (s.n ? (s.n - 1) * 8 : 0); i++) {
        buf_u8(scratch, (uint8_t)s.p[1 + i / 8] >> (7 - i % 8) & 1 ? '1' : '0');
    }
    return buf_str(scratch);
}

static void put_offset(struct buf *b, int32_t seconds)
{
    unsigned n = (unsigned)abs(seconds);
    buf_printf(b, "%c%02u", seconds < 0 ? '-' : '+', n / 3600);
    if (n % 3600) {
        buf_printf(b, ":%02u", n / 60 % 60);
    }
    if (n % 60) {
        buf_printf(b, ":%02u", n % 60);
    }
}

static struct str text_timetz(const struct reader *r, void *data, size_t row, struct buf *scratch)
{
    duckdb_time_tz_struct t = duckdb_from_time_tz(((duckdb_time_tz *)data)[row]);
    buf_clear(scratch);
    buf_printf(scratch, "%02d:%02d:%02d", t.time.hour, t.time.min, t.time.sec);
    if (t.time.micros) {
        buf_printf(scratch, ".%06d", t.time.micros);
        while (scratch->p[scratch->n - 1] == '0') {
            scratch->n--;
        }
    }
    put_offset(scratch, t.offset);
    return buf_str(scratch);
}

/* NULL: the bytes as they are. */
static text_fn text_reader(const struct reader *r)
{
    switch ((int)r->id) {
    case DUCKDB_TYPE_ENUM:
        return text_enum;
    case DUCKDB_TYPE_UUID:
        return text_uuid;
    case DUCKDB_TYPE_BIT:
        return text_bit;
    case DUCKDB_TYPE_TIME_TZ:
        return text_timetz;
    default:
        return NULL;
    }
}

/* Offsets and bytes of plain text: sized first, then copied once. */
static void copy_text(struct ArrowArray *out, const struct source *s)
{
    int64_t *offsets = mem_calloc(s->n + 1, sizeof *offsets);
    for (size_t i = 0; i < s->n; i++) {
        offsets[i + 1] =
            offsets[i] + (is_null(s, i) ? 0 : (int64_t)string_at(s->data, row_of(s, i)).n);
    }
    char *bytes = mem_alloc((size_t)offsets[s->n] + 1);
    for (size_t i = 0; i < s->n; i++) {
        if (offsets[i + 1] > offsets[i]) {
            memcpy(bytes + offsets[i], string_at(s->data, row_of(s, i)).p,
                   (size_t)(offsets[i + 1] - offsets[i]));
        }
    }
    out->buffers[1] = offsets;
    out->buffers[2] = bytes;
}

static void format_text(struct ArrowArray *out, const struct reader *r, const struct source *s,
                        text_fn read)
{
    struct buf bytes = BUF_INIT(0), scratch = BUF_INIT(0);
    int64_t *offsets = mem_calloc(s->n + 1, sizeof *offsets);
    for (size_t i = 0; i < s->n; i++) {
        if (!is_null(s, i)) {
            buf_put_str(&bytes, read(r, s->data, row_of(s, i), &scratch));
        }
        offsets[i + 1] = (int64_t)bytes.n;
    }
    out->buffers[1] = offsets;
    out->buffers[2] = bytes.p ? bytes.p : mem_alloc(1);
    buf_free(&scratch);
}

static void convert_text(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    text_fn read = text_reader(r);
    array_init(out, s->n, 3, 0);
    set_validity(out, s);
    if (read) {
        format_text(out, r, s, read);
    } else {
        copy_text(out, s);
    }
}

/* --- nested --- */

/* Positions of all list elements in the order of the rows; *offsets gets n + 1 entries. */
static uint64_t *list_positions(const struct source *s, int64_t *offsets)
{
    const duckdb_list_entry *entries = s->data;
    size_t total = 0;
    for (size_t i = 0; i < s->n; i++) {
        total += is_null(s, i) ? 0 : entries[row_of(s, i)].length;
        offsets[i + 1] = (int64_t)total;
    }
    uint64_t *at = mem_calloc(total ? total : 1, sizeof *at);
    for (size_t i = 0, k = 0; i < s->n; i++) {
        for (uint64_t j = 0; k < (size_t)offsets[i + 1]; j++, k++) {
            at[k] = entries[row_of(s, i)].offset + j;
        }
    }
    return at;
}

/* A map is a list of structs of key and value, in the engine as in Arrow. */
static void convert_entries(struct ArrowArray *out, const struct reader *r, duckdb_vector v,
                            const uint64_t *at, size_t n)
{
    array_init(out, n, 1, r->child_count);
    for (uint32_t i = 0; i < r->child_count; i++) {
        convert_vector(out->children[i], &r->children[i], duckdb_struct_vector_get_child(v, i), at,
                       n);
    }
}

static void convert_list(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    int64_t *offsets = mem_calloc(s->n + 1, sizeof *offsets);
    uint64_t *at = list_positions(s, offsets);
    duckdb_vector child = duckdb_list_vector_get_child(s->vector);
    array_init(out, s->n, 2, 1);
    set_validity(out, s);
    out->buffers[1] = offsets;
    if (r->id == DUCKDB_TYPE_MAP) {
        convert_entries(out->children[0], r, child, at, (size_t)offsets[s->n]);
    } else {
        convert_vector(out->children[0], &r->children[0], child, at, (size_t)offsets[s->n]);
    }
    free(at);
}

static void convert_array(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    size_t size = r->type->size;
    uint64_t *at = mem_calloc(s->n * size + 1, sizeof *at);
    for (size_t i = 0; i < s->n * size; i++) {
        at[i] = is_null(s, i / size) ? NOWHERE : row_of(s, i / size) * size + i % size;
    }
    array_init(out, s->n, 1, 1);
    set_validity(out, s);
    convert_vector(out->children[0], &r->children[0], duckdb_array_vector_get_child(s->vector), at,
                   s->n * size);
    free(at);
}

static void convert_struct(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    array_init(out, s->n, 1, r->child_count);
    set_validity(out, s);
    for (uint32_t i = 0; i < r->child_count; i++) {
        convert_vector(out->children[i], &r->children[i],
                       duckdb_struct_vector_get_child(s->vector, i), s->at, s->n);
    }
}

/* As the engine has it: a struct of the member's number and of every member. */
static void convert_union(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    static const struct type number = {.kind = TYPE_UINT1};
    static const struct reader tag = {.id = DUCKDB_TYPE_UTINYINT, .type = &number};
    array_init(out, s->n, 1, 1 + (size_t)r->child_count);
    set_validity(out, s);
    convert_vector(out->children[0], &tag, duckdb_struct_vector_get_child(s->vector, 0), s->at,
                   s->n);
    for (uint32_t i = 0; i < r->child_count; i++) {
        convert_vector(out->children[1 + i], &r->children[i],
                       duckdb_struct_vector_get_child(s->vector, 1 + i), s->at, s->n);
    }
}

static void convert_null(struct ArrowArray *out, const struct source *s)
{
    array_init(out, s->n, 1, 0);
    out->buffers[0] = mem_alloc((s->n + 7) / 8);
    out->null_count = (int64_t)s->n;
}

static size_t width_of(duckdb_type id)
{
    switch ((int)id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_UTINYINT:
        return 1;
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_USMALLINT:
        return 2;
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_FLOAT:
        return 4;
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_INTERVAL:
        return 16;
    default:
        return 8; /* BIGINT, UBIGINT, DOUBLE, TIME */
    }
}

static void convert(struct ArrowArray *out, const struct reader *r, const struct source *s)
{
    switch (r->type->kind) {
    case TYPE_BOOL:
        convert_bool(out, s);
        break;
    case TYPE_DECIMAL:
        convert_decimal(out, r, s);
        break;
    case TYPE_DATE:
        convert_date(out, s);
        break;
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
    case TYPE_TIMESTAMPTZ:
        convert_timestamp(out, s);
        break;
    case TYPE_TEXT:
    case TYPE_JSON:
    case TYPE_ENUM:
    case TYPE_BYTES:
    case TYPE_BIT:
    case TYPE_UUID:
    case TYPE_TIMETZ:
        convert_text(out, r, s);
        break;
    case TYPE_LIST:
    case TYPE_MAP:
        convert_list(out, r, s);
        break;
    case TYPE_ARRAY:
        convert_array(out, r, s);
        break;
    case TYPE_STRUCT:
        convert_struct(out, r, s);
        break;
    case TYPE_UNION:
        convert_union(out, r, s);
        break;
    case TYPE_NULL:
    case TYPE_UNKNOWN:
    case TYPE_OTHER:
        convert_null(out, s);
        break;
    default:
        convert_fixed(out, s, width_of(r->id));
    }
}

void array_from_vector(struct ArrowArray *out, const struct reader *r, duckdb_vector v, size_t n)
{
    convert_vector(out, r, v, NULL, n);
}

void array_from_chunk(struct ArrowArray *out, const struct reader *readers, size_t count,
                      duckdb_data_chunk chunk)
{
    size_t n = duckdb_data_chunk_get_size(chunk);
    array_init(out, n, 1, count);
    for (size_t i = 0; i < count; i++) {
        array_from_vector(out->children[i], &readers[i], duckdb_data_chunk_get_vector(chunk, i), n);
    }
}
