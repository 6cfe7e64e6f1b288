#include "control/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { SETS = 4096, WAYS = 4 };

struct bucket {
    uint64_t name; /* its hash; 0: free */
    double tokens;
    int64_t at_ns; /* of `tokens` */
};

struct rates {
    struct control_rate limit;
    pthread_mutex_t lock;
    struct bucket sets[SETS][WAYS];
};

struct rates *rates_new(struct control_rate limit)
{
    struct rates *r = mem_alloc(sizeof *r);
    r->limit = limit;
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void rates_free(struct rates *r)
{
    if (r) {
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

static double refilled(const struct rates *r, const struct bucket *b, int64_t now_ns)
{
    double tokens = b->tokens + (double)(now_ns - b->at_ns) * r->limit.per_minute / 60e9;
    return tokens < r->limit.burst ? tokens : r->limit.burst;
}

static struct bucket *find(struct rates *r, uint64_t name, int64_t now_ns)
{
    struct bucket *set = r->sets[name % SETS], *fullest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].name == name) {
            return &set[i];
        }
    }
    for (int i = 0; i < WAYS; i++) {
        if (set[i].name == 0) {
            fullest = &set[i];
            break;
        }
        if (refilled(r, &set[i], now_ns) > refilled(r, fullest, now_ns)) {
            fullest = &set[i];
        }
    }
    *fullest = (struct bucket){name, r->limit.burst, now_ns};
    return fullest;
}

struct rate_state rates_take(struct rates *r, struct str name, int64_t now_ns)
{
    double per_second = r->limit.per_minute / 60.0;
    struct rate_state s = {0};
    pthread_mutex_lock(&r->lock);
    struct bucket *b = find(r, map_hash(name) | 1, now_ns);
    b->tokens = refilled(r, b, now_ns);
    b->at_ns = now_ns;
    s.allowed = b->tokens >= 1;
    b->tokens -= s.allowed ? 1 : 0;
    s.remaining = (int)b->tokens;
    s.retry_seconds = s.allowed ? 0 : (int)((1 - b->tokens) / per_second) + 1;
    s.reset_seconds = (int)((r->limit.burst - b->tokens) / per_second + 0.999);
    pthread_mutex_unlock(&r->lock);
    return s;
}
