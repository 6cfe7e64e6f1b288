#include "meter/tally.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

/* id, upper end in milliseconds */
#define LATENCIES(X)                                                                               \
    X("1", 1)                                                                                      \
    X("2", 2)                                                                                      \
    X("5", 5)                                                                                      \
    X("10", 10)                                                                                    \
    X("20", 20)                                                                                    \
    X("50", 50)                                                                                    \
    X("100", 100)                                                                                  \
    X("200", 200)                                                                                  \
    X("500", 500)                                                                                  \
    X("1000", 1000)                                                                                \
    X("2000", 2000)                                                                                \
    X("5000", 5000)                                                                                \
    X("10000", 10000)                                                                              \
    X("60000", 60000)                                                                              \
    X("more", INT64_MAX / 1000)

static const struct {
    const char *name;
    int64_t below_us;
} latencies[] = {
#define X(name, ms) {name, (ms)*1000},
    LATENCIES(X)
#undef X
};
enum { LATENCY_COUNT = sizeof latencies / sizeof *latencies };

static const char *const kinds[METRICS_KIND_COUNT] = {
#define X(id, name) [id] = name,
    METRICS_KINDS(X)
#undef X
};

struct counts {
    char org_id[TALLY_ID_MAX + 1];
    int64_t by_kind[METRICS_KIND_COUNT];
    int64_t failed, rows, millicredits;
    int64_t by_latency[LATENCY_COUNT];
};

struct tally {
    pthread_mutex_t lock; /* guards what follows */
    int64_t since_us;
    struct counts *at; /* [0] of all that aren't told apart */
    size_t n, cap;
};

struct tally *tally_new(void)
{
    struct tally *u = mem_calloc(1, sizeof *u);
    pthread_mutex_init(&u->lock, NULL);
    u->since_us = clock_wall_us();
    u->cap = 8;
    u->n = 1;
    u->at = mem_calloc(u->cap, sizeof *u->at);
    return u;
}

void tally_free(struct tally *u)
{
    if (u) {
        pthread_mutex_destroy(&u->lock);
        free(u->at);
        free(u);
    }
}

/* Letters, digits and hyphens: nothing that somebody chose as a name. */
static bool is_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-')) {
            return false;
        }
    }
    return s.n <= TALLY_ID_MAX;
}

static struct counts *counts_of(struct tally *u, struct str org_id)
{
    for (size_t i = 1; i < u->n; i++) {
        if (str_is(org_id, u->at[i].org_id)) {
            return &u->at[i];
        }
    }
    if (u->n > TALLY_ORGANIZATIONS_MAX || org_id.n == 0 || !is_id(org_id)) {
        return &u->at[0];
    }
    if (u->n == u->cap) {
        u->cap *= 2;
        u->at = mem_realloc(u->at, u->cap * sizeof *u->at);
    }
    struct counts *c = &u->at[u->n++];
    *c = (struct counts){0};
    memcpy(c->org_id, org_id.p, org_id.n);
    return c;
}

void tally_count(struct tally *u, const struct tally_statement *s)
{
    size_t latency = 0;
    while (latency + 1 < LATENCY_COUNT && s->duration_us >= latencies[latency].below_us) {
        latency++;
    }
    pthread_mutex_lock(&u->lock);
    struct counts *c = counts_of(u, s->org_id);
    c->by_kind[s->kind]++;
    c->failed += s->failed;
    c->rows += s->rows;
    c->millicredits += s->millicredits;
    c->by_latency[latency]++;
    pthread_mutex_unlock(&u->lock);
}

static bool is_empty(const struct counts *c)
{
    int64_t n = 0;
    for (int k = 0; k < METRICS_KIND_COUNT; k++) {
        n += c->by_kind[k];
    }
    return n == 0;
}

static void write_counts(struct json *j, const struct counts *c)
{
    json_open(j, '{');
    json_kv_str(j, "organization", str_of(c->org_id));
    json_key(j, "statements");
    json_open(j, '{');
    for (int k = 0; k < METRICS_KIND_COUNT; k++) {
        json_kv_i64(j, kinds[k], c->by_kind[k]);
    }
    json_close(j, '}');
    json_kv_i64(j, "failed", c->failed);
    json_kv_i64(j, "rows", c->rows);
    json_kv_i64(j, "millicredits", c->millicredits);
    json_key(j, "below_ms");
    json_open(j, '{');
    for (int i = 0; i < LATENCY_COUNT; i++) {
        json_kv_i64(j, latencies[i].name, c->by_latency[i]);
    }
    json_close(j, '}');
    json_close(j, '}');
}

void tally_write(struct tally *u, struct buf *out)
{
    char since[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
    struct json j = JSON_INIT(out);
    pthread_mutex_lock(&u->lock);
    clock_format(u->since_us, since);
    clock_format(clock_wall_us(), until);
    json_open(&j, '{');
    json_kv_i64(&j, "version", 1);
    json_kv_str(&j, "since", str_of(since));
    json_kv_str(&j, "until", str_of(until));
    json_key(&j, "organizations");
    json_open(&j, '[');
    for (size_t i = 0; i < u->n; i++) {
        if (!is_empty(&u->at[i])) {
            write_counts(&j, &u->at[i]);
        }
    }
    json_close(&j, ']');
    json_close(&j, '}');
    pthread_mutex_unlock(&u->lock);
}

/* ---- what another process says ---- */

static bool is_count(const json_t *v)
{
    return json_is_integer(v) && json_integer_value(v) >= 0;
}

/* An object of exactly these counts. */
static bool are_counts(const json_t *v, const char *const *names, size_t n)
{
    bool ok = json_is_object(v) && json_object_size(v) == n;
    for (size_t i = 0; ok && i < n; i++) {
        ok = is_count(json_object_get(v, names[i]));
    }
    return ok;
}

static bool is_organization(const json_t *v)
{
    const char *names[LATENCY_COUNT];
    const json_t *id = json_object_get(v, "organization");
    for (int i = 0; i < LATENCY_COUNT; i++) {
        names[i] = latencies[i].name;
    }
    return json_is_object(v) && json_object_size(v) == 6 && json_is_string(id) &&
           is_id((struct str){json_string_value(id), json_string_length(id)}) &&
           is_count(json_object_get(v, "failed")) && is_count(json_object_get(v, "rows")) &&
           json_is_integer(json_object_get(v, "millicredits")) &&
           are_counts(json_object_get(v, "statements"), kinds, METRICS_KIND_COUNT) &&
           are_counts(json_object_get(v, "below_ms"), names, LATENCY_COUNT);
}

static bool is_time(const json_t *v)
{
    static const char form[] = "0000-00-00T00:00:00.000000Z";
    const char *s = json_string_value(v);
    bool ok = s && strlen(s) == sizeof form - 1;
    for (size_t i = 0; ok && form[i]; i++) {
        ok = form[i] == '0' ? s[i] >= '0' && s[i] <= '9' : s[i] == form[i];
    }
    return ok;
}

enum status tally_check(struct str document, struct error *e)
{
    json_t *root = document.n <= TALLY_TEXT_MAX
                       ? json_loadb(document.p, document.n, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    const json_t *list = json_object_get(root, "organizations");
    bool ok = json_is_object(root) && json_object_size(root) == 4 &&
              json_integer_value(json_object_get(root, "version")) == 1 &&
              is_time(json_object_get(root, "since")) && is_time(json_object_get(root, "until")) &&
              json_is_array(list);
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        ok = is_organization(json_array_get(list, i));
    }
    json_decref(root);
    return ok ? OK : error_set(e, ERR_VALIDATION, "this isn't usage data of version 1");
}
