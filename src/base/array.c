#include "base/array.h"

#include <stdlib.h>

#include "base/mem.h"

struct array_span array_elements(const struct type *t, const struct ArrowArray *a, int64_t i)
{
    struct array_span s = {.child = a->children[0]};
    if (t->kind == TYPE_ARRAY) {
        s.n = t->size;
        s.start = (i + a->offset) * s.n;
        return s;
    }
    const int64_t *at = (const int64_t *)a->buffers[1] + i + a->offset;
    s.start = at[0];
    s.n = at[1] - at[0];
    return s;
}

enum { MOST_BUFFERS = 3 };

/* Everything that an array made here owns. */
struct owned {
    const void *buffers[MOST_BUFFERS];
    struct ArrowArray **children;
};

static void release_owned(struct ArrowArray *a)
{
    struct owned *own = a->private_data;
    for (int i = 0; i < MOST_BUFFERS; i++) {
        free((void *)(uintptr_t)own->buffers[i]);
    }
    for (int64_t i = 0; i < a->n_children; i++) {
        arrow_array_release(own->children[i]);
        free(own->children[i]);
    }
    free(own->children);
    free(own);
    a->release = NULL;
}

static struct owned *own_new(struct ArrowArray *out, int64_t n, int64_t buffers, int64_t children)
{
    struct owned *own = mem_alloc(sizeof *own);
    own->children = children ? mem_calloc((size_t)children, sizeof *own->children) : NULL;
    for (int64_t i = 0; i < children; i++) {
        own->children[i] = mem_alloc(sizeof **own->children);
    }
    *out = (struct ArrowArray){.length = n,
                               .n_buffers = buffers,
                               .n_children = children,
                               .buffers = own->buffers,
                               .children = own->children,
                               .release = release_owned,
                               .private_data = own};
    return own;
}

/* Bytes of one value in buffer 1; 0 where the type has none there, -1 for 64-bit offsets. */
static int value_width(enum type_kind kind)
{
    switch (kind) {
    case TYPE_BOOL:
    case TYPE_INT1:
    case TYPE_UINT1:
        return 1;
    case TYPE_INT2:
    case TYPE_UINT2:
        return 2;
    case TYPE_INT4:
    case TYPE_UINT4:
    case TYPE_FLOAT4:
    case TYPE_DATE:
        return 4;
    case TYPE_INT8:
    case TYPE_UINT8:
    case TYPE_FLOAT8:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMP_S:
    case TYPE_TIMESTAMP_MS:
    case TYPE_TIMESTAMP_NS:
    case TYPE_TIMESTAMPTZ:
        return 8;
    case TYPE_INT16:
    case TYPE_UINT16:
    case TYPE_DECIMAL:
    case TYPE_INTERVAL:
        return 16;
    case TYPE_ARRAY:
    case TYPE_STRUCT:
    case TYPE_UNION:
        return 0;
    default:
        return -1;
    }
}

static void null_children(struct ArrowArray *out, const struct type *t, int64_t n)
{
    switch (t->kind) {
    case TYPE_LIST:
        array_make_nulls(out->children[0], t->child, 0);
        break;
    case TYPE_ARRAY:
        array_make_nulls(out->children[0], t->child, n * t->size);
        break;
    case TYPE_MAP: {
        const struct type pair = {
            .kind = TYPE_STRUCT, .fields = t->fields, .field_count = t->field_count};
        array_make_nulls(out->children[0], &pair, 0);
        break;
    }
    case TYPE_UNION:
        array_make_nulls(out->children[0], type_simple(TYPE_UINT1), n);
        for (uint32_t i = 0; i < t->field_count; i++) {
            array_make_nulls(out->children[1 + i], t->fields[i].type, n);
        }
        break;
    default:
        for (int64_t i = 0; i < out->n_children; i++) {
            array_make_nulls(out->children[i], t->fields[i].type, n);
        }
    }
}

void array_make_nulls(struct ArrowArray *out, const struct type *t, int64_t n)
{
    int width = value_width(t->kind);
    bool is_nested = t->kind == TYPE_LIST || t->kind == TYPE_ARRAY || t->kind == TYPE_MAP;
    int64_t children = is_nested               ? 1
                       : t->kind == TYPE_UNION ? 1 + (int64_t)t->field_count
                                               : t->field_count;
    struct owned *own = own_new(out, n, width == 0 ? 1 : width > 0 || is_nested ? 2 : 3, children);
    size_t count = (size_t)n;
    out->null_count = n;
    own->buffers[0] = mem_alloc(count / 8 + 1);
    if (width) {
        own->buffers[1] = width > 0 ? mem_calloc(count + 1, (size_t)width)
                                    : mem_calloc(count + 1, sizeof(int64_t));
    }
    null_children(out, t, n);
}

void array_builder_init(struct array_builder *b, int64_t rows)
{
    *b = (struct array_builder){.rows = rows};
    b->valid = mem_alloc((size_t)rows / 8 + 1);
    b->offsets = mem_calloc((size_t)rows + 1, sizeof *b->offsets);
}

void array_builder_put(struct array_builder *b, struct str value)
{
    buf_put_str(&b->bytes, value);
    array_builder_end_value(b);
}

void array_builder_null(struct array_builder *b)
{
    b->nulls++;
    b->offsets[++b->n] = (int64_t)b->bytes.n;
}

void array_builder_finish(struct array_builder *b, struct ArrowArray *out)
{
    struct owned *own = own_new(out, b->n, 3, 0);
    out->null_count = b->nulls;
    own->buffers[0] = b->valid;
    own->buffers[1] = b->offsets;
    own->buffers[2] = b->bytes.p;
    *b = (struct array_builder){0};
}

void array_builder_fini(struct array_builder *b)
{
    free(b->valid);
    free(b->offsets);
    buf_free(&b->bytes);
    *b = (struct array_builder){0};
}
