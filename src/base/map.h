/* A hash map from text to a pointer. Keys are copied; values are the caller's. Hashing is
 * SipHash-1-3 (Aumasson and Bernstein, 2012) under a random key of the process, so that names
 * chosen by a client can't make it slow. Not safe for use by several threads while one writes. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct map;

struct map *map_new(void);
void map_free(struct map *m, void (*free_value)(void *)); /* NULL for either is allowed */
size_t map_count(const struct map *m);

void *map_get(const struct map *m, struct str key); /* NULL when absent */

/* Sets and gives the value that was there before, or NULL. `value` must not be NULL. */
void *map_put(struct map *m, struct str key, void *value);

/* Takes out and gives the value, or NULL. */
void *map_remove(struct map *m, struct str key);

/* Walks all entries in no particular order. Start with *at = 0; false at the end. The map must not
 * change meanwhile. */
bool map_next(const struct map *m, size_t *at, struct str *key, void **value);

/* The hash, for other keyed structures. */
uint64_t map_hash(struct str key);

#endif
