#include "alert/denials.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

struct denied {
    size_t n, next;  /* times kept, and where the next one goes */
    int64_t times[]; /* a ring of `limit` */
};

struct denials {
    size_t limit;
    int64_t within_us;
    struct map *of;
};

struct denials *denials_new(size_t limit, int64_t within_us)
{
    struct denials *d = mem_alloc(sizeof *d);
    *d = (struct denials){.limit = limit, .within_us = within_us, .of = map_new()};
    return d;
}

void denials_free(struct denials *d)
{
    if (d) {
        map_free(d->of, free);
        free(d);
    }
}

static int64_t last_of(const struct denials *d, const struct denied *x)
{
    return x->n ? x->times[(x->next + d->limit - 1) % d->limit] : INT64_MIN;
}

static void make_room(struct denials *d)
{
    struct str key, oldest = STR_NULL;
    int64_t least = INT64_MAX;
    size_t at = 0;
    void *value;
    while (map_next(d->of, &at, &key, &value)) {
        if (last_of(d, value) < least) {
            least = last_of(d, value);
            oldest = key;
        }
    }
    char *copy = mem_strndup(oldest.p, oldest.n); /* the key goes with its entry */
    free(map_remove(d->of, (struct str){copy, oldest.n}));
    free(copy);
}

bool denials_add(struct denials *d, struct str principal, int64_t now_us)
{
    struct denied *x = map_get(d->of, principal);
    if (!x) {
        if (map_count(d->of) == DENIALS_PRINCIPALS_MAX) {
            make_room(d);
        }
        x = mem_alloc(sizeof *x + d->limit * sizeof *x->times);
        map_put(d->of, principal, x);
    }
    /* The ring's oldest is `limit` denials ago: with this one they are one more than the limit. */
    bool many = x->n == d->limit && now_us - x->times[x->next] <= d->within_us;
    x->times[x->next] = now_us;
    x->next = (x->next + 1) % d->limit;
    x->n = many ? 0 : x->n < d->limit ? x->n + 1 : x->n;
    return many;
}
