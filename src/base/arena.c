#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGN = 16 };

struct block {
    struct block *next; /* older */
    size_t size, used;
    _Alignas(ALIGN) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    size_t limit, used;
};

static struct block *block_new(size_t size, struct block *next)
{
    struct block *b = mem_realloc(NULL, sizeof *b + size);
    *b = (struct block){.next = next, .size = size};
    return b;
}

static struct arena *make(size_t limit, size_t first)
{
    struct arena *a = mem_alloc(sizeof *a);
    a->limit = limit;
    a->newest = block_new(first, NULL);
    return a;
}

struct arena *arena_new(size_t limit)
{
    return make(limit, FIRST_BLOCK);
}

struct arena *arena_new_small(size_t expected)
{
    return make(0, expected);
}

static void free_blocks(struct block *b, struct block *keep)
{
    while (b != keep) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

void arena_free(struct arena *a)
{
    if (a) {
        free_blocks(a->newest, NULL);
        free(a);
    }
}

void arena_free_wiped(struct arena *a)
{
    for (struct block *b = a ? a->newest : NULL; b; b = b->next) {
        mem_wipe(b->bytes, b->used);
    }
    arena_free(a);
}

void arena_reset(struct arena *a)
{
    struct block *first = a->newest;
    while (first->next) {
        first = first->next;
    }
    free_blocks(a->newest, first);
    first->used = 0;
    a->newest = first;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 2) {
        mem_alloc(n); /* ends the process: an overflow in a caller */
    }
    n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = a->newest;
    if (b->size - b->used < n) {
        size_t size = b->size < LARGEST_BLOCK ? b->size * 2 : LARGEST_BLOCK;
        b = block_new(size < n ? n : size, b);
        a->newest = b;
    }
    void *p = b->bytes + b->used;
    b->used += n;
    a->used += n;
    return memset(p, 0, n);
}

void *arena_grow(struct arena *a, void *p, size_t old, size_t n)
{
    void *grown = arena_alloc(a, n);
    if (old) {
        memcpy(grown, p, old);
    }
    return grown;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

bool arena_exceeded(const struct arena *a)
{
    return a->limit && a->used > a->limit;
}

char *arena_strdup(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.n + 1);
    if (s.n) {
        memcpy(copy, s.p, s.n);
    }
    return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
    return (struct str){arena_strdup(a, s), s.n};
}

struct str arena_lower(struct arena *a, struct str s)
{
    char *copy = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        copy[i] = (char)(copy[i] >= 'A' && copy[i] <= 'Z' ? copy[i] - 'A' + 'a' : copy[i]);
    }
    return (struct str){copy, s.n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256]; /* most texts are names */
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    char *out = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof small) {
        memcpy(out, small, (size_t)n + 1);
        return out;
    }
    va_start(args, fmt);
    vsnprintf(out, (size_t)n + 1, fmt, args);
    va_end(args);
    return out;
}
