#include "alert/exports.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"

enum { KEY_MAX = 600 };
static const int64_t day_us = (int64_t)86400 * 1000000;

enum { UNSEEN = -1 };
#define DAY_MAX (INT64_MAX / EXPORTS_DAYS) /* so that a week's sum is a number */

/* Of rows, or of bytes. */
struct series {
    int64_t first; /* day, since 1970, on which it was first counted; UNSEEN */
    int64_t today;
    int64_t before[EXPORTS_DAYS]; /* [0]: yesterday */
};

struct exported {
    int64_t day; /* of today's */
    bool told;   /* today */
    struct series rows, bytes;
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

static void shift(struct series *s)
{
    memmove(s->before + 1, s->before, (EXPORTS_DAYS - 1) * sizeof *s->before);
    s->before[0] = s->today;
    s->today = 0;
}

/* Days on which nothing was given count as none. A clock that was set back goes on with the day
 * there is. */
static void turn_to(struct exported *r, int64_t day)
{
    for (int turned = 0; r->day < day && turned <= EXPORTS_DAYS; turned++) {
        shift(&r->rows);
        shift(&r->bytes);
        r->told = false;
        r->day++;
    }
    r->day = r->day < day ? day : r->day;
}

/* The mean of the days before, of those on which it was counted; -1: there was none yet. */
static int64_t usual_of(const struct series *s, int64_t day)
{
    int64_t sum = 0, days = day - s->first;
    days = days < EXPORTS_DAYS ? days : EXPORTS_DAYS;
    for (int64_t i = 0; i < days; i++) {
        sum += s->before[i];
    }
    return days > 0 ? sum / days : -1;
}

/* Gives what is usual. */
static int64_t add(struct series *s, int64_t more, int64_t day)
{
    s->first = s->first == UNSEEN ? day : s->first;
    s->today = more < DAY_MAX - s->today ? s->today + more : DAY_MAX;
    return usual_of(s, day);
}

static bool is_many(int64_t today, int64_t usual, int64_t factor, int64_t least)
{
    return usual >= 0 && today > least && (double)today > (double)usual * (double)factor;
}

static struct exported *find(struct exports *x, struct str key, int64_t day)
{
    struct exported *r = map_get(x->of, key);
    if (!r && map_count(x->of) < EXPORTS_ROLES_MAX) {
        r = mem_alloc(sizeof *r);
        *r = (struct exported){.day = day, .rows.first = UNSEEN, .bytes.first = UNSEEN};
        map_put(x->of, key, r);
    }
    return r;
}

bool exports_add(struct exports *x, struct str org_id, struct str role,
                 const struct exports_given *given, int64_t wall_us, struct exports_found *out)
{
    const struct exports_rule *rule = &x->rule;
    struct buf key = BUF_INIT(KEY_MAX);
    buf_printf(&key, "%.*s/%.*s", STR_ARG(org_id), STR_ARG(role));
    struct exported *r = key.failed ? NULL : find(x, buf_str(&key), wall_us / day_us);
    buf_free(&key);
    if (!r) {
        return false;
    }
    turn_to(r, wall_us / day_us);
    out->usual.rows = add(&r->rows, given->rows, r->day);
    out->usual.bytes = add(&r->bytes, given->bytes, r->day);
    out->today = (struct exports_given){r->rows.today, r->bytes.today};
    out->by_rows = is_many(out->today.rows, out->usual.rows, rule->factor, rule->least.rows);
    bool many = !r->told && (out->by_rows || is_many(out->today.bytes, out->usual.bytes,
                                                     rule->factor, rule->least.bytes));
    r->told = r->told || many;
    return many;
}

static void write_days(struct json *j, const struct series *s)
{
    json_i64(j, s->today);
    for (int i = 0; i < EXPORTS_DAYS; i++) {
        json_i64(j, s->before[i]);
    }
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
        json_i64(&j, r->rows.first);
        json_i64(&j, r->day);
        json_i64(&j, r->told);
        write_days(&j, &r->rows);
        if (r->bytes.first != UNSEEN) {
            json_i64(&j, r->bytes.first);
            write_days(&j, &r->bytes);
        }
        json_close(&j, ']');
    }
    json_close(&j, '}');
}

/* What stands there; -1: no such number. */
static int64_t number_at(const json_t *list, size_t i)
{
    const json_t *v = json_array_get(list, i);
    return json_is_integer(v) ? json_integer_value(v) : -1;
}

static bool is_sane(int64_t count)
{
    return count >= 0 && count <= DAY_MAX;
}

static bool read_days(const json_t *list, size_t at, struct series *out)
{
    bool good = true;
    out->today = number_at(list, at);
    for (size_t i = 0; i < EXPORTS_DAYS; i++) {
        out->before[i] = number_at(list, at + 1 + i);
        good &= is_sane(out->before[i]);
    }
    return good && is_sane(out->today);
}

/* Numbers: the first day, the day, whether told, eight of rows; the first day of bytes and eight of
 * them, which weren't always counted. */
static struct exported *read_one(const json_t *list)
{
    enum { FIRST, DAY, TOLD, ROWS, BYTES_FIRST = ROWS + 1 + EXPORTS_DAYS, BYTES };
    bool has_bytes = json_array_size(list) > BYTES_FIRST;
    struct exported r = {.day = number_at(list, DAY),
                         .told = number_at(list, TOLD) > 0,
                         .rows.first = number_at(list, FIRST),
                         .bytes.first = has_bytes ? number_at(list, BYTES_FIRST) : UNSEEN};
    bool good = r.day >= 0 && number_at(list, TOLD) >= 0 && r.rows.first >= 0 &&
                read_days(list, ROWS, &r.rows);
    if (has_bytes) {
        good = good && r.bytes.first >= 0 && read_days(list, BYTES, &r.bytes);
    }
    struct exported *out = good ? mem_alloc(sizeof *out) : NULL;
    if (out) {
        *out = r;
    }
    return out;
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
    return good ? OK : error_set(e, ERR_CORRUPT, "what roles were given can't be read");
}
