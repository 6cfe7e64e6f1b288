/* Small Arrow arrays for the tests of formats and COPY. They point at the test's own memory and
 * have no release. */
#ifndef TEST_FORMAT_ARRAYS_H
#define TEST_FORMAT_ARRAYS_H

#include "base/array.h"

struct test_array {
    struct ArrowArray array;
    const void *buffers[3];
    struct ArrowArray *children[4];
    int64_t offsets[8];
    uint8_t valid[2];
    char bytes[256];
};

static inline void array_reset(struct test_array *t, int64_t n, int64_t buffers)
{
    *t = (struct test_array){0};
    t->array.length = n;
    t->array.n_buffers = buffers;
    t->array.buffers = t->buffers;
    t->array.children = t->children;
}

static inline void array_of_fixed(struct test_array *t, int64_t n, const void *values)
{
    array_reset(t, n, 2);
    t->buffers[1] = values;
}

/* NULL pointers among the texts are NULL values. */
static inline void array_of_texts(struct test_array *t, int64_t n, const char *const *texts)
{
    array_reset(t, n, 3);
    for (int64_t i = 0; i < n; i++) {
        size_t length = texts[i] ? strlen(texts[i]) : 0;
        memcpy(t->bytes + t->offsets[i], texts[i] ? texts[i] : "", length);
        t->offsets[i + 1] = t->offsets[i] + (int64_t)length;
        t->valid[0] |= (uint8_t)((texts[i] != NULL) << i);
    }
    t->buffers[0] = t->valid;
    t->buffers[1] = t->offsets;
    t->buffers[2] = t->bytes;
}

/* One list of all elements of `child`. */
static inline void array_of_list(struct test_array *t, struct test_array *child)
{
    array_reset(t, 1, 2);
    t->children[0] = &child->array;
    t->array.n_children = 1;
    t->offsets[1] = child->array.length;
    t->buffers[1] = t->offsets;
}

static inline void array_of_struct(struct test_array *t, struct test_array *a, struct test_array *b)
{
    array_reset(t, a->array.length, 1);
    t->children[0] = &a->array;
    t->children[1] = b ? &b->array : NULL;
    t->array.n_children = b ? 2 : 1;
}

#endif
