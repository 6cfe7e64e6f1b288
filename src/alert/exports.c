#include "alert/exports.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"

enum { KEY_MAX = 600 };
static const int64_t day_us = (int64_t)86400 * 1000000;

struct exported {
    int64_t first; /* day, since 1970, on which the role was first seen */
    int64_t day;   /* of today's */
    int64_t today;
    int64_t before[EXPORTS_DAYS]; /* [0]: yesterday */
    bool told;                    /* today */
};

struct exports {
    struct exports_rule rule;
    struct map *of; /* "org/role" */
};

struct exports *exports_new(const struct exports_rule *rule)
{
    struct exports *x = mem_alloc(sizeof *x);
    *x = (struct exports){.rule = *rule, .of = map_new()};
    return x;
}

void exports_free(struct exports *x)
{
    if (x) {
        map_free(x->of, free);
        free(x);
    }
}

/* Days without rows count as none. A clock that was set back goes on with the day there is. */
static void turn_to(struct exported *r, int64_t day)
{
    for (int turned = 0; r->day < day && turned <= EXPORTS_DAYS; turned++) {
        memmove(r->before + 1, r->before, (EXPORTS_DAYS - 1) * sizeof *r->before);
        r->before[0] = r->today;
        r->today = 0;
        r->told = false;
        r->day++;
    }
    r->day = r->day < day ? day : r->day;
}

/* The mean of the days before, of those on which it was known; -1: there was none yet. */
static int64_t usual_of(const struct exported *r)
{
    int64_t sum = 0, days = r->day - r->first;
    days = days < EXPORTS_DAYS ? days : EXPORTS_DAYS;
    for (int64_t i = 0; i < days; i++) {
        sum += r->before[i];
    }
    return days > 0 ? sum / days : -1;
}

static struct exported *find(struct exports *x, struct str key, int64_t day)
{
    struct exported *r = map_get(x->of, key);
    if (!r && map_count(x->of) < EXPORTS_ROLES_MAX) {
        r = mem_alloc(sizeof *r);
        r->first = r->day = day;
        map_put(x->of, key, r);
    }
    return r;
}

bool exports_add(struct exports *x, struct str org_id, struct str role, int64_t rows,
                 int64_t wall_us, struct exports_found *out)
{
    struct buf key = BUF_INIT(KEY_MAX);
    buf_printf(&key, "%.*s/%.*s", STR_ARG(org_id), STR_ARG(role));
    struct exported *r = key.failed ? NULL : find(x, buf_str(&key), wall_us / day_us);
    buf_free(&key);
    if (!r) {
        return false;
    }
    turn_to(r, wall_us / day_us);
    r->today += rows;
    *out = (struct exports_found){.today = r->today, .usual = usual_of(r)};
    bool many = out->usual >= 0 && r->today > x->rule.least &&
                (double)r->today > (double)out->usual * (double)x->rule.factor && !r->told;
    r->told = r->told || many;
    return many;
}

void exports_write(const struct exports *x, struct buf *out)
{
    struct json j = JSON_INIT(out);
    struct str key;
    size_t at = 0;
    void *value;
    json_open(&j, '{');
    while (map_next(x->of, &at, &key, &value)) {
        const struct exported *r = value;
        char *name = mem_strndup(key.p, key.n);
        json_key(&j, name);
        free(name);
        json_open(&j, '[');
        json_i64(&j, r->first);
        json_i64(&j, r->day);
        json_i64(&j, r->told);
        json_i64(&j, r->today);
        for (int i = 0; i < EXPORTS_DAYS; i++) {
            json_i64(&j, r->before[i]);
        }
        json_close(&j, ']');
    }
    json_close(&j, '}');
}

static struct exported *read_one(const json_t *list)
{
    enum { NUMBERS = 4 + EXPORTS_DAYS };
    int64_t n[NUMBERS];
    for (size_t i = 0; i < NUMBERS; i++) {
        const json_t *v = json_array_get(list, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0) {
            return NULL;
        }
        n[i] = json_integer_value(v);
    }
    struct exported *r = mem_alloc(sizeof *r);
    *r = (struct exported){.first = n[0], .day = n[1], .told = n[2] != 0, .today = n[3]};
    memcpy(r->before, n + 4, sizeof r->before);
    return r;
}

enum status exports_read(struct exports *x, struct str text, struct error *e)
{
    json_t *root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL), *list;
    const char *key;
    struct map *of = map_new();
    bool good = json_is_object(root) && json_object_size(root) <= EXPORTS_ROLES_MAX;
    json_object_foreach(root, key, list)
    {
        struct exported *r = good ? read_one(list) : NULL;
        good = good && r;
        if (r) {
            free(map_put(of, str_of(key), r));
        }
    }
    json_decref(root);
    struct map *old = good ? x->of : of;
    x->of = good ? of : x->of;
    map_free(old, free);
    return good ? OK : error_set(e, ERR_CORRUPT, "the rows by role can't be read");
}
