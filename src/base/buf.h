/* A growing byte buffer with a declared maximum. A writer fails once and is checked once: after the
 * first put that would pass the maximum, `failed` is set and later puts do nothing. Integers are
 * big-endian, as the PostgreSQL protocol wants them. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
    uint8_t *p; /* NULL while empty */
    size_t n, cap;
    size_t max; /* bytes; 0 means no maximum */
    bool failed;
};

#define BUF_INIT(maximum)                                                                          \
    {                                                                                              \
        .max = (maximum)                                                                           \
    }

void buf_free(struct buf *b);  /* also leaves it empty, ready for use */
void buf_clear(struct buf *b); /* keeps the memory */

/* Room for `n` more bytes at the end, not yet counted in b->n; NULL when that
 * passes the maximum. */
void *buf_reserve(struct buf *b, size_t n);

void buf_put(struct buf *b, const void *p, size_t n);
void buf_put_str(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *z); /* without the NUL */
void buf_putz(struct buf *b, const char *z); /* with the NUL */
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v);
void buf_u32(struct buf *b, uint32_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Overwrites four bytes at `at`, which must have been written. */
void buf_patch_u32(struct buf *b, size_t at, uint32_t v);

/* Drops the first `n` bytes. */
void buf_consume(struct buf *b, size_t n);

/* What was written, as text; valid until the next put. */
struct str buf_str(const struct buf *b);

/* NUL-terminated (the NUL not counted); NULL after a failure. Valid until the next put. */
const char *buf_cstr(struct buf *b);

#endif
