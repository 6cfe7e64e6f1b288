/* The thread that raises alerts: whoever finds something only leaves it here. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alert/alert_priv.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/keyfile.h"
#include "metrics/metrics.h"

enum {
    SUBJECT_MAX = 255,
    SUMMARY_MAX = 1024,
    DETAILS_MAX = 8192,
    TOLD_MAX = 4096,
    STATE_MAX = 4 << 20,
    SAVE_SECONDS = 60
};
static const int64_t second_ns = 1000000000;

static const struct {
    const char *type, *severity;
    enum metric metric;
} kinds[ALERT_KIND_COUNT] = {
#define X(id, type, severity, metric) {type, severity, metric},
    ALERT_KINDS(X)
#undef X
};

/* --- leaving one --- */

void alerts_raise(struct alerts *a, enum alert_kind kind, struct str subject, struct str summary,
                  struct str details)
{
    if (!a) {
        return;
    }
    details = details.n > DETAILS_MAX ? STR("{}") : details;
    subject.n = subject.n < SUBJECT_MAX ? subject.n : SUBJECT_MAX;
    summary.n = summary.n < SUMMARY_MAX ? summary.n : SUMMARY_MAX;
    pthread_mutex_lock(&a->lock);
    if (a->n == RAISED_WAITING_MAX) {
        metrics_add(METRIC_ALERTS_DROPPED, 1);
    } else {
        a->waiting[a->n++] = (struct raised){.kind = kind,
                                             .wall_us = clock_wall_us(),
                                             .subject = mem_strndup(subject.p, subject.n),
                                             .summary = mem_strndup(summary.p, summary.n),
                                             .details = mem_strndup(details.p, details.n)};
        pthread_cond_signal(&a->news);
    }
    pthread_mutex_unlock(&a->lock);
}

/* --- raising it: on the thread --- */

static void forget_old(struct alerts *a)
{
    if (map_count(a->told) >= TOLD_MAX) { /* many subjects: some may come again sooner */
        map_free(a->told, free);
        a->told = map_new();
    }
}

/* Was one about this subject raised a short while ago? */
static bool is_repeated(struct alerts *a, const struct raised *r)
{
    struct buf key = BUF_INIT(0);
    buf_printf(&key, "%d %s", (int)r->kind, r->subject);
    int64_t *last = map_get(a->told, buf_str(&key)), now_ns = clock_mono_ns();
    bool repeated = last && now_ns - *last < a->config.repeat_ms * 1000000;
    if (!repeated) {
        forget_old(a);
        int64_t *when = mem_alloc(sizeof *when);
        *when = now_ns;
        free(map_put(a->told, buf_str(&key), when));
    }
    buf_free(&key);
    return repeated;
}

static void write_body(const struct raised *r, const char *id, struct buf *out)
{
    struct json j = JSON_INIT(out);
    char when[CLOCK_TEXT_SIZE], host[256] = "";
    clock_format(r->wall_us, when);
    if (gethostname(host, sizeof host - 1) != 0) {
        host[0] = '\0';
    }
    json_open(&j, '{');
    json_kv_i64(&j, "version", 1);
    json_kv_str(&j, "id", str_of(id));
    json_kv_str(&j, "type", str_of(kinds[r->kind].type));
    json_kv_str(&j, "severity", str_of(kinds[r->kind].severity));
    json_kv_str(&j, "time", str_of(when));
    json_kv_str(&j, "host", str_of(host));
    json_kv_str(&j, "subject", str_of(r->subject));
    json_kv_str(&j, "summary", str_of(r->summary));
    json_key(&j, "details");
    json_raw(&j, str_of(r->details));
    json_close(&j, '}');
}

static void put_on_record(struct alerts *a, const struct raised *r, struct str body)
{
    const struct audit_entry entry = {.kind = AUDIT_SYSTEM,
                                      .actor = STR("hatidata"),
                                      .action = STR("alert"),
                                      .resource = str_of(kinds[r->kind].type),
                                      .after = body};
    struct error e = ERROR_INIT;
    if (a->config.audit && audit_append(a->config.audit, &entry, AUDIT_DURABLE, &e) != OK) {
        log_error("alert", "an alert isn't in the audit log: %s", e.message);
    }
}

static void raise_one(struct alerts *a, const struct raised *r)
{
    struct buf body = BUF_INIT(0);
    char id[ID_UUID_SIZE];
    if (is_repeated(a, r)) {
        return;
    }
    id_uuid(id);
    write_body(r, id, &body);
    metrics_add(kinds[r->kind].metric, 1);
    log_warn("alert", "%s: %s", kinds[r->kind].type, r->summary);
    put_on_record(a, r, buf_str(&body));
    webhooks_send(a->webhooks, buf_str(&body));
    buf_free(&body);
}

static void raise_all(struct alerts *a)
{
    struct raised all[RAISED_WAITING_MAX];
    pthread_mutex_lock(&a->lock);
    size_t n = a->n;
    memcpy(all, a->waiting, n * sizeof *all);
    a->n = 0;
    pthread_mutex_unlock(&a->lock);
    for (size_t i = 0; i < n; i++) {
        raise_one(a, &all[i]);
        free(all[i].subject);
        free(all[i].summary);
        free(all[i].details);
    }
}

/* --- what is kept over a restart --- */

static void save(struct alerts *a)
{
    struct buf text = BUF_INIT(STATE_MAX);
    struct error e = ERROR_INIT;
    pthread_mutex_lock(&a->lock);
    bool changed = a->changed;
    a->changed = false;
    if (changed) {
        exports_write(a->exports, &text);
    }
    pthread_mutex_unlock(&a->lock);
    if (changed && (text.failed || keyfile_replace(a->state_file, buf_str(&text), &e) != OK)) {
        log_warn("alert", "%s can't be written: %s", a->state_file, e.message);
    }
    buf_free(&text);
}

/* One that can't be read is begun anew: then nothing is usual for a day. */
static void load(struct alerts *a)
{
    struct error e = ERROR_INIT;
    char *text = mem_alloc(STATE_MAX);
    size_t n = 0;
    enum status status = keyfile_read(a->state_file, text, STATE_MAX, &n, &e);
    if (status == OK) {
        status = exports_read(a->exports, (struct str){text, n}, &e);
    }
    if (status != OK && e.code != ERR_NOT_FOUND) {
        log_warn("alert", "%s: %s", a->state_file, e.message);
    }
    free(text);
}

/* --- the thread --- */

static void wait_a_second(struct alerts *a)
{
    int64_t until_ns = clock_mono_ns() + second_ns;
    pthread_mutex_lock(&a->lock);
    if (!a->n && !atomic_load(&a->stopping)) {
        (void)cond_wait_until(&a->news, &a->lock, until_ns);
    }
    pthread_mutex_unlock(&a->lock);
}

static void *work(void *alerts)
{
    struct alerts *a = alerts;
    int64_t saved_ns = clock_mono_ns();
    while (!atomic_load(&a->stopping)) {
        wait_a_second(a);
        watch_anchors(a);
        raise_all(a);
        if (clock_mono_ns() - saved_ns > SAVE_SECONDS * second_ns) {
            save(a);
            saved_ns = clock_mono_ns();
        }
    }
    raise_all(a);
    save(a);
    return NULL;
}

static struct alerts *make(const struct alerts_config *c)
{
    const struct exports_rule rule = {
        .factor = c->export_factor,
        .least = {.rows = c->export_least, .bytes = c->export_least_bytes},
    };
    struct alerts *a = mem_alloc(sizeof *a);
    a->config = *c;
    a->state_file = mem_strdup(c->state_file);
    a->told = map_new();
    a->denials = denials_new((size_t)c->denials, c->denials_within_ms * 1000);
    a->exports = exports_new(&rule);
    pthread_mutex_init(&a->lock, NULL);
    cond_init(&a->news);
    return a;
}

enum status alerts_start(const struct alerts_config *c, struct alerts **out, struct error *e)
{
    struct alerts *a = make(c);
    if (webhooks_start(c->webhooks, c->webhook_secret, c->webhook_ca, &a->webhooks, e) != OK) {
        alerts_stop(a);
        return FAIL;
    }
    load(a);
    a->has_thread = pthread_create(&a->thread, NULL, work, a) == 0;
    if (!a->has_thread) {
        alerts_stop(a);
        return error_set(e, ERR_INTERNAL, "there is no thread for alerts");
    }
    if (c->audit) {
        audit_observe(c->audit, watch_entry, a);
    }
    if (c->audit && c->check_interval_ms && watch_start(a, e) != OK) {
        alerts_stop(a);
        return FAIL;
    }
    *out = a;
    return OK;
}

void alerts_stop(struct alerts *a)
{
    if (!a) {
        return;
    }
    pthread_mutex_lock(&a->lock);
    atomic_store(&a->stopping, true);
    pthread_cond_broadcast(&a->news);
    pthread_mutex_unlock(&a->lock);
    if (a->has_checker) {
        pthread_join(a->checker, NULL);
    }
    if (a->has_thread) {
        pthread_join(a->thread, NULL);
    }
    if (a->config.audit) {
        audit_observe(a->config.audit, NULL, NULL);
    }
    webhooks_stop(a->webhooks);
    map_free(a->told, free);
    denials_free(a->denials);
    exports_free(a->exports);
    pthread_cond_destroy(&a->news);
    pthread_mutex_destroy(&a->lock);
    free(a->state_file);
    free(a);
}
