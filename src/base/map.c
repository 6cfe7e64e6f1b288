#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/mem.h"

struct entry {
    char *key; /* NULL: free; TOMB: removed */
    size_t n;
    uint64_t hash;
    void *value;
};

struct map {
    struct entry *at;
    size_t cap, live, used; /* used counts tombs too */
};

static char tomb[1];
static uint64_t seed[2];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void make_seed(void)
{
    id_random(seed, sizeof seed);
}

static uint64_t rotl(uint64_t v, int by)
{
    return (v << by) | (v >> (64 - by));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

uint64_t map_hash(struct str key)
{
    pthread_once(&seeded, make_seed);
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
                     seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u};
    size_t i = 0;
    for (; i + 8 <= key.n; i += 8) {
        uint64_t word;
        memcpy(&word, key.p + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)key.n << 56;
    for (int shift = 0; i < key.n; i++, shift += 8) {
        last |= (uint64_t)(unsigned char)key.p[i] << shift;
    }
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int r = 0; r < 3; r++) {
        sip_round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct map *map_new(void)
{
    return mem_alloc(sizeof(struct map));
}

void map_free(struct map *m, void (*free_value)(void *))
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->cap; i++) {
        struct entry *e = &m->at[i];
        if (e->key && e->key != tomb) {
            free(e->key);
            if (free_value) {
                free_value(e->value);
            }
        }
    }
    free(m->at);
    free(m);
}

size_t map_count(const struct map *m)
{
    return m->live;
}

static struct entry *find(const struct map *m, struct str key, uint64_t hash)
{
    if (!m->cap) {
        return NULL;
    }
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct entry *e = &m->at[i];
        if (!e->key) {
            return NULL;
        }
        if (e->key != tomb && e->hash == hash && e->n == key.n &&
            (key.n == 0 || memcmp(e->key, key.p, key.n) == 0)) {
            return e;
        }
    }
}

void *map_get(const struct map *m, struct str key)
{
    struct entry *e = find(m, key, map_hash(key));
    return e ? e->value : NULL;
}

static struct entry *free_slot(struct map *m, uint64_t hash)
{
    size_t i = hash & (m->cap - 1);
    while (m->at[i].key && m->at[i].key != tomb) {
        i = (i + 1) & (m->cap - 1);
    }
    return &m->at[i];
}

static void rehash(struct map *m)
{
    struct entry *old = m->at;
    size_t old_cap = m->cap;
    m->cap = 16;
    while (m->cap < m->live * 3) {
        m->cap *= 2;
    }
    m->at = mem_calloc(m->cap, sizeof *m->at);
    m->used = m->live;
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].key && old[i].key != tomb) {
            *free_slot(m, old[i].hash) = old[i];
        }
    }
    free(old);
}

void *map_put(struct map *m, struct str key, void *value)
{
    uint64_t hash = map_hash(key);
    struct entry *e = find(m, key, hash);
    if (e) {
        void *before = e->value;
        e->value = value;
        return before;
    }
    if ((m->used + 1) * 3 > m->cap * 2) {
        rehash(m);
    }
    e = free_slot(m, hash);
    m->used += e->key != tomb;
    m->live++;
    *e = (struct entry){mem_strndup(key.p, key.n), key.n, hash, value};
    return NULL;
}

void *map_remove(struct map *m, struct str key)
{
    struct entry *e = find(m, key, map_hash(key));
    if (!e) {
        return NULL;
    }
    void *value = e->value;
    free(e->key);
    *e = (struct entry){.key = tomb};
    m->live--;
    return value;
}

bool map_next(const struct map *m, size_t *at, struct str *key, void **value)
{
    for (; *at < m->cap; (*at)++) {
        struct entry *e = &m->at[*at];
        if (e->key && e->key != tomb) {
            *key = (struct str){e->key, e->n};
            *value = e->value;
            (*at)++;
            return true;
        }
    }
    return false;
}
