#include "identity/cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"

struct slot {
    uint8_t digest[DIGEST_SIZE];
    int64_t until_ns; /* 0: empty */
};

struct cache {
    pthread_mutex_t lock;
    uint8_t key[DIGEST_SIZE];
    struct slot *ring; /* in the order of adding */
    size_t size, next;
    int64_t life_ns;
    struct map *slots; /* digest to slot */
};

static struct str key_of(const uint8_t digest[DIGEST_SIZE])
{
    return (struct str){(const char *)digest, DIGEST_SIZE};
}

struct cache *cache_new(size_t entries, int seconds)
{
    struct cache *c = mem_alloc(sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    id_random(c->key, sizeof c->key);
    c->size = seconds > 0 ? entries : 0;
    c->ring = mem_calloc(c->size, sizeof *c->ring);
    c->life_ns = (int64_t)seconds * 1000000000;
    c->slots = map_new();
    return c;
}

void cache_free(struct cache *c)
{
    if (c) {
        map_free(c->slots, NULL);
        mem_wipe(c->ring, c->size * sizeof *c->ring);
        free(c->ring);
        mem_wipe(c->key, sizeof c->key);
        pthread_mutex_destroy(&c->lock);
        free(c);
    }
}

/* The hash in PHC form holds no NUL, so the two parts can't be shifted against each other. */
void cache_digest(const struct cache *c, struct str secret, struct str hash,
                  uint8_t out[DIGEST_SIZE])
{
    size_t n = hash.n + 1 + secret.n;
    char *text = mem_alloc(n);

    memcpy(text, hash.p, hash.n);
    memcpy(text + hash.n + 1, secret.p, secret.n);
    digest_hmac(c->key, (struct str){text, n}, out);
    mem_wipe(text, n);
    free(text);
}

static void empty(struct cache *c, struct slot *slot)
{
    map_remove(c->slots, key_of(slot->digest));
    *slot = (struct slot){0};
}

bool cache_has(struct cache *c, const uint8_t digest[DIGEST_SIZE])
{
    struct slot *slot;
    bool has;

    pthread_mutex_lock(&c->lock);
    slot = map_get(c->slots, key_of(digest));
    has = slot && slot->until_ns > clock_mono_ns();
    if (slot && !has) {
        empty(c, slot);
    }
    pthread_mutex_unlock(&c->lock);
    return has;
}

void cache_add(struct cache *c, const uint8_t digest[DIGEST_SIZE])
{
    struct slot *slot;

    if (c->size == 0) {
        return;
    }
    pthread_mutex_lock(&c->lock);
    slot = map_get(c->slots, key_of(digest));
    if (!slot) {
        slot = &c->ring[c->next];
        c->next = (c->next + 1) % c->size;
        if (slot->until_ns) {
            empty(c, slot);
        }
        memcpy(slot->digest, digest, DIGEST_SIZE);
        map_put(c->slots, key_of(slot->digest), slot);
    }
    slot->until_ns = clock_mono_ns() + c->life_ns;
    pthread_mutex_unlock(&c->lock);
}

void cache_drop(struct cache *c, const uint8_t digest[DIGEST_SIZE])
{
    struct slot *slot;

    pthread_mutex_lock(&c->lock);
    slot = map_get(c->slots, key_of(digest));
    if (slot) {
        empty(c, slot);
    }
    pthread_mutex_unlock(&c->lock);
}
