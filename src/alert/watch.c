/* What is watched: the entries of the log as they are written, its anchors, and its files. */
#include <stdio.h>
#include <time.h>

#include "alert/alert_priv.h"
#include "audit/audit.h"
#include "audit/dispatch.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/json.h"
#include "base/log.h"
#include "metrics/metrics.h"

enum { ANCHORS_WATCHED = 32, CHECK_BYTES_A_SECOND = 32 << 20, RETRY_MS = 1000 };
static const int64_t ms_ns = 1000000;

/* --- entries: under the lock, on the thread of whoever appends --- */

static void raise_denials(struct alerts *a, const struct audit_entry *entry, struct str who)
{
    struct buf details = BUF_INIT(0), summary = BUF_INIT(0);
    struct json j = JSON_INIT(&details);
    json_open(&j, '{');
    json_kv_str(&j, "org_id", entry->org_id);
    json_kv_str(&j, "user_id", entry->user_id);
    json_kv_str(&j, "agent_id", entry->agent_id.n ? entry->agent_id : STR_NULL);
    json_kv_str(&j, "role", entry->role);
    json_kv_i64(&j, "denials", a->config.denials + 1);
    json_kv_i64(&j, "within_seconds", a->config.denials_within_ms / 1000);
    json_close(&j, '}');
    buf_printf(&summary, "a principal was denied more than %lld times within %lld s",
               (long long)a->config.denials, (long long)a->config.denials_within_ms / 1000);
    alerts_raise(a, ALERT_DENIALS, who, buf_str(&summary), buf_str(&details));
    buf_free(&summary);
    buf_free(&details);
}

/* null: nothing is yet. */
static void put_usual(struct json *j, const char *name, int64_t usual)
{
    if (usual >= 0) {
        json_kv_i64(j, name, usual);
    } else {
        json_kv_str(j, name, STR_NULL);
    }
}

static void raise_export(struct alerts *a, const struct audit_entry *entry,
                         const struct exports_found *found)
{
    struct buf subject = BUF_INIT(0), details = BUF_INIT(0), summary = BUF_INIT(0);
    struct json j = JSON_INIT(&details);
    buf_printf(&subject, "%.*s/%.*s", STR_ARG(entry->org_id), STR_ARG(entry->role));
    json_open(&j, '{');
    json_kv_str(&j, "org_id", entry->org_id);
    json_kv_str(&j, "role", entry->role);
    json_kv_str(&j, "user_id", entry->user_id);
    json_kv_i64(&j, "rows_today", found->today.rows);
    put_usual(&j, "rows_usual", found->usual.rows);
    json_kv_i64(&j, "bytes_today", found->today.bytes);
    put_usual(&j, "bytes_usual", found->usual.bytes);
    json_close(&j, '}');
    if (found->by_rows) {
        buf_printf(&summary, "a role was given %lld rows today, where %lld are usual",
                   (long long)found->today.rows, (long long)found->usual.rows);
    } else {
        buf_printf(&summary, "a role was given %lld bytes today, where %lld are usual",
                   (long long)found->today.bytes, (long long)found->usual.bytes);
    }
    alerts_raise(a, ALERT_EXPORT, buf_str(&subject), buf_str(&summary), buf_str(&details));
    buf_free(&summary);
    buf_free(&details);
    buf_free(&subject);
}

/* The key of a principal: of an agent its own, too. */
static void watch_denial(struct alerts *a, const struct audit_entry *entry)
{
    struct buf who = BUF_INIT(0);
    buf_printf(&who, "%.*s/%.*s/%.*s", STR_ARG(entry->org_id), STR_ARG(entry->user_id),
               STR_ARG(entry->agent_id));
    pthread_mutex_lock(&a->lock);
    bool many = denials_add(a->denials, buf_str(&who), clock_mono_ns() / 1000);
    pthread_mutex_unlock(&a->lock);
    if (many) {
        raise_denials(a, entry, buf_str(&who));
    }
    buf_free(&who);
}

static void watch_export(struct alerts *a, const struct audit_entry *entry)
{
    struct exports_found found;
    pthread_mutex_lock(&a->lock);
    const struct exports_given given = {entry->rows_delivered, entry->bytes_delivered};
    bool many =
        exports_add(a->exports, entry->org_id, entry->role, &given, clock_wall_us(), &found);
    a->changed = true;
    pthread_mutex_unlock(&a->lock);
    if (many) {
        raise_export(a, entry, &found);
    }
}

void watch_entry(void *alerts, const struct audit_entry *entry)
{
    if (entry->kind != AUDIT_OUTCOME) {
        return;
    }
    if (str_starts(entry->error_code, "HATI_ERR_403")) {
        watch_denial(alerts, entry);
    }
    if (entry->rows_delivered > 0) {
        watch_export(alerts, entry);
    }
}

/* --- anchors --- */

static void raise_anchor(struct alerts *a, enum alert_kind kind, const struct anchor_state *s)
{
    struct buf details = BUF_INIT(0), summary = BUF_INIT(0);
    struct json j = JSON_INIT(&details);
    json_open(&j, '{');
    json_kv_str(&j, "anchor", str_of(s->uri));
    json_kv_i64(&j, "tries", s->failures);
    json_kv_i64(&j, "entries_kept", (int64_t)s->kept);
    json_kv_i64(&j, "checkpoints_waiting", (int64_t)s->waiting);
    json_kv_str(&j, "reason", str_of(s->reason));
    json_close(&j, '}');
    buf_printf(&summary,
               kind == ALERT_FORK ? "anchor %s contradicts the audit log: one of them is a fork, "
                                    "or was put back from a copy"
                                  : "anchor %s takes no checkpoints of the audit log",
               s->uri);
    alerts_raise(a, kind, str_of(s->uri), buf_str(&summary), buf_str(&details));
    buf_free(&summary);
    buf_free(&details);
}

void watch_anchors(struct alerts *a)
{
    struct anchor_state at[ANCHORS_WATCHED];
    size_t n = a->config.audit ? audit_anchors(a->config.audit, at, ANCHORS_WATCHED) : 0;
    for (size_t i = 0; i < n; i++) {
        if (at[i].contradicted) {
            raise_anchor(a, ALERT_FORK, &at[i]);
        }
        if ((int64_t)at[i].failures >= a->config.anchor_tries) {
            raise_anchor(a, ALERT_ANCHOR, &at[i]);
        }
    }
}

/* --- the log's files --- */

/* At a bounded pace, so that statements hardly notice. (A thread of less priority would do worse:
 * it could be kept from running while it has the log's lock.) */
struct pace {
    const struct alerts *alerts;
    int64_t begun_ns;
    uint64_t bytes;
};

/* Waits until then, or for the end; false: it has come. */
static bool wait_until(struct alerts *a, int64_t until_ns)
{
    pthread_mutex_lock(&a->lock);
    while (!atomic_load(&a->stopping) && clock_mono_ns() < until_ns) {
        (void)cond_wait_until(&a->news, &a->lock, until_ns);
    }
    pthread_mutex_unlock(&a->lock);
    return !atomic_load(&a->stopping);
}

static bool go_on(void *ctx, size_t bytes)
{
    struct pace *p = ctx;
    p->bytes += bytes;
    int64_t due_ns = p->begun_ns + (int64_t)(p->bytes * 1000 / CHECK_BYTES_A_SECOND) * ms_ns;
    if (due_ns > clock_mono_ns() + 100 * ms_ns) {
        const struct timespec a_while = {.tv_nsec = 100 * ms_ns};
        nanosleep(&a_while, NULL);
    }
    return !atomic_load(&p->alerts->stopping);
}

static void raise_chain(struct alerts *a, const struct audit_report *r)
{
    struct buf details = BUF_INIT(0), summary = BUF_INIT(0);
    struct json j = JSON_INIT(&details);
    json_open(&j, '{');
    json_kv_i64(&j, "seq", (int64_t)r->bad_seq);
    json_kv_str(&j, "file", str_of(r->bad_file));
    json_kv_i64(&j, "line", (int64_t)r->bad_line);
    json_kv_str(&j, "reason", str_of(r->reason));
    json_close(&j, '}');
    buf_printf(&summary, "the audit log's files are broken at entry %llu: %s",
               (unsigned long long)r->bad_seq, r->reason);
    alerts_raise(a, ALERT_CHAIN, STR("audit log"), buf_str(&summary), buf_str(&details));
    buf_free(&summary);
    buf_free(&details);
}

static enum status check(struct alerts *a, struct audit_report *report, struct error *e)
{
    struct pace pace = {.alerts = a, .begun_ns = clock_mono_ns()};
    return audit_check(a->config.audit, go_on, &pace, report, e);
}

/* Files that can't be read once may have expired meanwhile. */
static void check_files(struct alerts *a)
{
    struct audit_report report;
    struct error e = ERROR_INIT;
    enum status status = check(a, &report, &e);
    if (status != OK && wait_until(a, clock_mono_ns() + RETRY_MS * ms_ns)) {
        status = check(a, &report, &e);
    }
    if (atomic_load(&a->stopping)) {
        return;
    }
    if (status != OK) {
        report = (struct audit_report){.valid = false};
        snprintf(report.reason, sizeof report.reason, "%s", e.message);
    }
    metrics_add(METRIC_CHAIN_CHECKS, 1);
    metrics_set(METRIC_CHAIN_BROKEN, !report.valid);
    if (!report.valid) {
        raise_chain(a, &report);
    }
}

static void *work(void *alerts)
{
    struct alerts *a = alerts;
    do {
        check_files(a);
    } while (wait_until(a, clock_mono_ns() + a->config.check_interval_ms * ms_ns));
    return NULL;
}

enum status watch_start(struct alerts *a, struct error *e)
{
    a->has_checker = pthread_create(&a->checker, NULL, work, a) == 0;
    return a->has_checker ? OK
                          : error_set(e, ERR_INTERNAL, "there is no thread to check the audit log");
}
