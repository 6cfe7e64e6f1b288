#include "control/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { SETS = 4096, WAYS = 4 };

struct bucket {
    uint64_t name; /* its hash; 0: free */
    struct control_rate limit;
    double tokens;
    int64_t at_ns; /* of `tokens` */
};

struct rates {
    pthread_mutex_t lock;
    struct bucket sets[SETS][WAYS];
};

struct control_rate control_rate_of(struct str tier)
{
    return str_is(tier, "free")     ? (struct control_rate){60, 10}
           : str_is(tier, "cloud")  ? (struct control_rate){300, 50}
           : str_is(tier, "growth") ? (struct control_rate){1000, 100}
                                    : (struct control_rate){10000, 500};
}

struct rates *rates_new(void)
{
    struct rates *r = mem_alloc(sizeof *r);
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

static void refill(struct bucket *b, int64_t now_ns)
{
    b->tokens += (double)(now_ns - b->at_ns) * b->limit.per_minute / 60e9;
    b->tokens = b->tokens < b->limit.burst ? b->tokens : b->limit.burst;
    b->at_ns = now_ns;
}

static double seconds_to_full(const struct bucket *b)
{
    return (b->limit.burst - b->tokens) * 60.0 / b->limit.per_minute;
}

static struct bucket *find(struct rates *r, uint64_t name, struct control_rate limit,
                           int64_t now_ns)
{
    struct bucket *set = r->sets[name % SETS], *fullest = NULL;
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
        refill(&set[i], now_ns);
        if (!fullest || seconds_to_full(&set[i]) < seconds_to_full(fullest)) {
            fullest = &set[i];
        }
    }
    *fullest = (struct bucket){name, limit, limit.burst, now_ns};
    return fullest;
}

struct rate_state rates_take(struct rates *r, struct str name, struct control_rate limit,
                             int64_t now_ns)
{
    double per_second = limit.per_minute / 60.0;
    struct rate_state s = {0};
    pthread_mutex_lock(&r->lock);
    struct bucket *b = find(r, map_hash(name) | 1, limit, now_ns);
    refill(b, now_ns); /* as the limit was until now */
    b->tokens += limit.burst - b->limit.burst;
    b->tokens = b->tokens > 0 ? b->tokens : 0;
    b->limit = limit;
    s.allowed = b->tokens >= 1;
    b->tokens -= s.allowed ? 1 : 0;
    s.remaining = (int)b->tokens;
    s.retry_seconds = s.allowed ? 0 : (int)((1 - b->tokens) / per_second) + 1;
    s.reset_seconds = (int)(seconds_to_full(b) + 0.999);
    pthread_mutex_unlock(&r->lock);
    return s;
}
