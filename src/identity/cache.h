/* Which keys were verified lately: a bounded set of keyed digests, each for a short time.
 *
 * A digest is HMAC-SHA-256, under a key that is random in each process, of a secret with the Argon2
 * hash that it was verified against: memory holds nothing from which a key could be tried faster
 * than against the store, and a key that is given a new hash is no longer in the set. Thread-safe.
 */
#ifndef IDENTITY_CACHE_H
#define IDENTITY_CACHE_H

#include "crypto/digest.h"

struct cache;

struct cache *cache_new(size_t entries, int seconds); /* either 0: remembers nothing */
void cache_free(struct cache *c);                     /* NULL is allowed */

void cache_digest(const struct cache *c, struct str secret, struct str hash,
                  uint8_t out[DIGEST_SIZE]);
bool cache_has(struct cache *c, const uint8_t digest[DIGEST_SIZE]);

/* When it is full, the one that was added first goes. */
void cache_add(struct cache *c, const uint8_t digest[DIGEST_SIZE]);
void cache_drop(struct cache *c, const uint8_t digest[DIGEST_SIZE]);

#endif
