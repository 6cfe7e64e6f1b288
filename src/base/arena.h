/* An arena: many small allocations of one lifetime, freed at once.
 *
 * There is one for each lifetime (process, policy snapshot, session, statement), and it is always a
 * parameter. It has a limit: an allocation past it still succeeds, so that no caller needs a
 * branch, but arena_exceeded() turns true; whoever reads input of a size that a client chooses (the
 * parser) asks it and refuses. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

/* `limit` in bytes; 0 means none. Never NULL. */
struct arena *arena_new(size_t limit);

/* Without a limit, for what lives long and is small: the first block holds `expected` bytes, where
 * arena_new()'s holds 4 KiB. */
struct arena *arena_new_small(size_t expected);

void arena_free(struct arena *a); /* NULL is allowed */

/* As arena_free(), with all of its memory wiped first: it held secrets. */
void arena_free_wiped(struct arena *a);

/* Frees what was allocated but keeps the first block: for arenas that are used again and again. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type, never NULL. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((malloc));

/* A copy of `old` bytes in a room of `n`; the old room stays until the arena goes. New bytes are
 * zero. */
void *arena_grow(struct arena *a, void *p, size_t old, size_t n);

size_t arena_used(const struct arena *a);
bool arena_exceeded(const struct arena *a);

/* NUL-terminated copies. */
char *arena_strdup(struct arena *a, struct str s);
struct str arena_str(struct arena *a, struct str s);
struct str arena_lower(struct arena *a, struct str s); /* ASCII's capitals as small letters */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type)          ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_alloc((a), sizeof(type) * (size_t)(count)))

/* A growing array in an arena:
 *     struct { struct thing *at; size_t n, cap; } things = {0};
 *     VEC_PUSH(arena, things, thing);
 * Elements move when it grows; keep indexes, not pointers. */
#define VEC_OF(type)                                                                               \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t n, cap;                                                                             \
    }
#define VEC_PUSH(a, vec, item)                                                                     \
    do {                                                                                           \
        if ((vec).n == (vec).cap) {                                                                \
            size_t cap_ = (vec).cap ? (vec).cap * 2 : 4;                                           \
            (vec).at =                                                                             \
                arena_grow((a), (vec).at, (vec).cap * sizeof *(vec).at, cap_ * sizeof *(vec).at);  \
            (vec).cap = cap_;                                                                      \
        }                                                                                          \
        (vec).at[(vec).n++] = (item);                                                              \
    } while (0)

#endif
