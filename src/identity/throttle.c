#include "identity/throttle.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

enum { WAYS = 8, FORGET_S = 3600, NAME_MAX_BYTES = 320, KEY_MAX = NAME_MAX_BYTES + 64 };
static const int64_t second_ns = 1000000000;

/* One pair, by its hash under the process's random key: who could find two pairs of one hash would
 * gain a delay. */
struct pair {
    uint64_t hash; /* 0: empty */
    int failures, running;
    int64_t last_ns, until_ns;
};

struct throttle {
    pthread_mutex_t lock;
    struct throttle_config config;
    struct pair *pairs;
    size_t sets; /* of WAYS pairs each; a power of two */
    int64_t (*mono_ns)(void);
};

struct throttle *throttle_new(const struct throttle_config *c)
{
    struct throttle *t = mem_alloc(sizeof *t);

    pthread_mutex_init(&t->lock, NULL);
    t->config = *c;
    for (t->sets = 1; t->sets * WAYS < c->pairs; t->sets *= 2) {
    }
    t->pairs = mem_calloc(t->sets * WAYS, sizeof *t->pairs);
    t->mono_ns = clock_mono_ns;
    return t;
}

void throttle_free(struct throttle *t)
{
    if (t) {
        pthread_mutex_destroy(&t->lock);
        free(t->pairs);
        free(t);
    }
}

void throttle_set_clock(struct throttle *t, int64_t (*mono_ns)(void))
{
    t->mono_ns = mono_ns;
}

/* What counts as one address: of IPv6 the first 64 bits. */
static size_t put_address(struct str address, char *out, size_t size)
{
    char text[64];
    struct in6_addr six;

    snprintf(text, sizeof text, "%.*s", STR_ARG(address));
    if (inet_pton(AF_INET6, text, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six)) {
        memset(six.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, &six, text, sizeof text);
    }
    return (size_t)snprintf(out, size, "%s", text) + 1;
}

/* Never 0. Long names count by their beginning: no account has one. */
static uint64_t hash_of(struct str address, struct str name)
{
    char key[KEY_MAX];
    size_t n = put_address(address, key, KEY_MAX - NAME_MAX_BYTES);

    for (size_t i = 0; i < name.n && i < NAME_MAX_BYTES; i++) {
        key[n++] = (char)tolower((unsigned char)name.p[i]);
    }
    uint64_t hash = map_hash((struct str){key, n});
    return hash ? hash : 1;
}

/* Is `a` to be forgotten rather than `b`? */
static bool matters_less(const struct pair *a, const struct pair *b)
{
    if (a->running || b->running) {
        return !a->running;
    }
    return a->failures != b->failures ? a->failures < b->failures : a->last_ns < b->last_ns;
}

/* The pair's place; `make` takes one where it has none. */
static struct pair *find(struct throttle *t, uint64_t hash, int64_t now, bool make)
{
    struct pair *set = t->pairs + (hash & (t->sets - 1)) * WAYS, *victim = set;

    for (int i = 0; i < WAYS; i++) {
        struct pair *p = &set[i];

        if (!p->running && now - p->last_ns > FORGET_S * second_ns) {
            p->failures = 0;
        }
        if (p->hash == hash) {
            return p;
        }
        if (matters_less(p, victim)) {
            victim = p;
        }
    }
    if (!make) {
        return NULL;
    }
    *victim = (struct pair){.hash = hash, .last_ns = now};
    return victim;
}

int throttle_begin(struct throttle *t, struct str address, struct str name)
{
    int64_t now = t->mono_ns();
    int wait = 0;

    pthread_mutex_lock(&t->lock);
    struct pair *p = find(t, hash_of(address, name), now, true);
    bool strict = p->failures >= t->config.free_tries;
    if (p->failures && now < p->until_ns) {
        wait = (int)((p->until_ns - now + second_ns - 1) / second_ns);
    } else if (p->running >= (strict ? 1 : t->config.max_at_once)) {
        wait = 1;
    } else {
        p->running++;
    }
    pthread_mutex_unlock(&t->lock);
    return wait;
}

static int64_t delay_ns(const struct throttle *t, int failures)
{
    int doublings = failures - t->config.free_tries;
    int64_t delay = 0;

    if (doublings >= 0) {
        delay = doublings < 20 ? second_ns << doublings : INT64_MAX;
    }
    return delay < t->config.max_delay_s * second_ns ? delay : t->config.max_delay_s * second_ns;
}

void throttle_end(struct throttle *t, struct str address, struct str name, enum try_outcome o)
{
    int64_t now = t->mono_ns();

    pthread_mutex_lock(&t->lock);
    struct pair *p = find(t, hash_of(address, name), now, o == TRY_WRONG);
    if (p) {
        p->running -= p->running > 0;
        p->last_ns = now;
        if (o == TRY_RIGHT) {
            p->failures = 0;
        } else if (o == TRY_WRONG && p->failures < INT32_MAX) {
            p->failures++;
            p->until_ns = now + delay_ns(t, p->failures);
        }
    }
    pthread_mutex_unlock(&t->lock);
}
