#include "identity/jit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

enum { NS_PER_US = 1000 };

struct jit {
    struct map *ends; /* grant id to struct end */
    int64_t (*wall_us)(void), (*mono_ns)(void);
};

struct end {
    int64_t until_us; /* of the monotonic clock */
};

struct jit *jit_new(void)
{
    struct jit *j = mem_alloc(sizeof *j);

    j->ends = map_new();
    j->wall_us = clock_wall_us;
    j->mono_ns = clock_mono_ns;
    return j;
}

void jit_free(struct jit *j)
{
    if (j) {
        map_free(j->ends, free);
        free(j);
    }
}

void jit_set_clock(struct jit *j, int64_t (*wall_us)(void), int64_t (*mono_ns)(void))
{
    j->wall_us = wall_us;
    j->mono_ns = mono_ns;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t jit_left(struct jit *j, const struct store_grant *g)
{
    int64_t now = j->mono_ns() / NS_PER_US, left = g->expires_us - j->wall_us();
    struct end *end = map_get(j->ends, g->id);

    if (!end) {
        end = mem_alloc(sizeof *end);
        end->until_us = now + least(left, g->left_us);
        map_put(j->ends, g->id, end);
    }
    end->until_us = least(end->until_us, now + left);
    return end->until_us > now ? end->until_us - now : 0;
}

static bool is_among(struct str id, const struct store_grant *grants, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(id, grants[i].id)) {
            return true;
        }
    }
    return false;
}

void jit_keep(struct jit *j, const struct store_grant *grants, size_t n)
{
    struct map *kept = map_new();
    struct str key;
    size_t at = 0;
    void *value;

    while (map_next(j->ends, &at, &key, &value)) {
        if (is_among(key, grants, n)) {
            map_put(kept, key, value);
        } else {
            free(value);
        }
    }
    map_free(j->ends, NULL);
    j->ends = kept;
}
