/* The Arrow C data interface: the layout in which values cross from the engine to everybody else.
 * Field names and order are fixed by https://arrow.apache.org/docs/format/CDataInterface.html;
 * `release` is called by whoever owns the structure last, and sets itself to NULL. */
#ifndef BASE_ARROW_H
#define BASE_ARROW_H

#include <stdbool.h>
#include <stdint.h>

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

static inline void arrow_array_release(struct ArrowArray *a)
{
    if (a->release) {
        a->release(a);
    }
}

static inline void arrow_schema_release(struct ArrowSchema *s)
{
    if (s->release) {
        s->release(s);
    }
}

/* True when row `i` (before the array's own offset) is NULL. */
static inline bool arrow_is_null(const struct ArrowArray *a, int64_t i)
{
    const uint8_t *valid = a->n_buffers > 0 ? a->buffers[0] : 0;
    i += a->offset;
    return valid && !(valid[i >> 3] >> (i & 7) & 1);
}

#endif
