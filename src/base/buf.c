#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void buf_free(struct buf *b)
{
    free(b->p);
    b->p = NULL;
    b->n = b->cap = 0;
    b->failed = false;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

void *buf_reserve(struct buf *b, size_t n)
{
    if (b->failed || n > SIZE_MAX / 4 || (b->max && b->n + n > b->max)) {
        b->failed = true;
        return NULL;
    }
    if (b->n + n > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->n + n) {
            cap *= 2;
        }
        b->p = mem_realloc(b->p, cap);
        b->cap = cap;
    }
    return b->p + b->n;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
    void *room = n ? buf_reserve(b, n) : NULL;
    if (room) {
        memcpy(room, p, n);
        b->n += n;
    }
}

void buf_put_str(struct buf *b, struct str s)
{
    buf_put(b, s.p, s.n);
}

void buf_puts(struct buf *b, const char *z)
{
    buf_put(b, z, strlen(z));
}

void buf_putz(struct buf *b, const char *z)
{
    buf_put(b, z, strlen(z) + 1);
}

void buf_u8(struct buf *b, uint8_t v)
{
    buf_put(b, &v, 1);
}

void buf_u16(struct buf *b, uint16_t v)
{
    uint8_t raw[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    buf_put(b, raw, sizeof raw);
}

static void be32(uint8_t raw[4], uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        raw[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

void buf_u32(struct buf *b, uint32_t v)
{
    uint8_t raw[4];
    be32(raw, v);
    buf_put(b, raw, sizeof raw);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *room = n < 0 ? NULL : buf_reserve(b, (size_t)n + 1);
    if (room) {
        va_start(args, fmt);
        vsnprintf(room, (size_t)n + 1, fmt, args);
        va_end(args);
        b->n += (size_t)n;
    }
}

void buf_patch_u32(struct buf *b, size_t at, uint32_t v)
{
    if (!b->failed && at + 4 <= b->n) {
        be32(b->p + at, v);
    }
}

void buf_consume(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? (const char *)b->p : "", b->n};
}

const char *buf_cstr(struct buf *b)
{
    char *end = buf_reserve(b, 1);
    if (!end) {
        return NULL;
    }
    *end = '\0';
    return (const char *)b->p;
}
