#include "planes/uplink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "planes/message.h"
#include "planes/uplinkstate.h"
#include "store/snapshot.h"

enum {
    WAIT_MOST_MS = 5000,
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 1000,
    CALLS_DOWN_MS = 1000,
    RENEW_AGAIN_S = 10
};
static const int64_t ms_ns = 1000000, second_us = 1000000;

struct uplink *uplink_new(const struct uplink_config *c)
{
    struct uplink *l = mem_alloc(sizeof *l);
    char *authority = mem_strndup(c->enrolment->authority.p, c->enrolment->authority.n);
    const struct http_client_config http = {.authority = authority,
                                            .identity_file = c->enrolment->identity_file,
                                            .timeout_ms = c->timeout_ms};
    l->config = *c;
    l->http = http_client_new(&http);
    free(authority);
    pthread_mutex_init(&l->lock, NULL);
    cond_init(&l->moved);
    upstream_init(l);
    return l;
}

void uplink_free(struct uplink *l)
{
    if (l) {
        http_client_free(l->http);
        buf_free(&l->held);
        pthread_cond_destroy(&l->moved);
        pthread_mutex_destroy(&l->lock);
        free(l);
    }
}

const struct store_upstream *uplink_upstream(struct uplink *l)
{
    return &l->upstream;
}

const struct identity_remote *uplink_remote(struct uplink *l)
{
    return &l->remote;
}

static const char *node_of(const struct uplink *l, size_t i)
{
    const struct enrolment *x = l->config.enrolment;
    return x->nodes[i % x->node_count];
}

/* Waits on `moved` until then; false: the time is over. Under the lock. */
static bool wait_until(struct uplink *l, int64_t until_ns)
{
    return cond_wait_until(&l->moved, &l->lock, until_ns);
}

/* ---- calls ---- */

static enum status unreachable(struct uplink *l, const char *name, struct error *e)
{
    atomic_fetch_add(&l->failures, 1);
    atomic_store(&l->down_until_ns, clock_mono_ns() + CALLS_DOWN_MS * ms_ns);
    log_warn("link", "%s: %s", name, e->message);
    return error_set(e, ERR_NOT_READY, "the control plane doesn't answer");
}

enum status uplink_call(struct uplink *l, const char *name, const struct buf *body, bool again,
                        struct buf *out, struct error *e)
{
    size_t first = atomic_load(&l->node), n = again ? l->config.enrolment->node_count : 1;
    int64_t end_ns = clock_mono_ns() + l->config.timeout_ms * ms_ns;
    struct buf text = BUF_INIT(0);
    if (atomic_load(&l->revoked) || clock_mono_ns() < atomic_load(&l->down_until_ns)) {
        return error_set(e, ERR_NOT_READY, "the control plane doesn't answer");
    }
    buf_put_str(&text, buf_str(body));
    enum status status = FAIL;
    for (size_t i = 0; i < n && status != OK; i++) {
        int64_t left_ms = (end_ns - clock_mono_ns()) / ms_ns;
        if (i > 0 && (e->code != ERR_NOT_READY || left_ms <= 0)) {
            break;
        }
        buf_clear(out);
        status = enrol_call(l->http, node_of(l, first + i), name, buf_cstr(&text), (int)left_ms,
                            NULL, out, e);
        if (status == OK && i > 0) {
            atomic_store(&l->node, first + i);
        }
    }
    mem_wipe(text.p, text.n);
    buf_free(&text);
    return status != OK && e->code == ERR_NOT_READY ? unreachable(l, name, e) : status;
}

enum status uplink_wait(struct uplink *l, uint64_t position, struct error *e)
{
    int64_t end_ns = clock_mono_ns() + l->config.timeout_ms * ms_ns;
    pthread_mutex_lock(&l->lock);
    while (atomic_load(&l->position) < position && wait_until(l, end_ns)) {
    }
    bool there = atomic_load(&l->position) >= position;
    pthread_mutex_unlock(&l->lock);
    return there ? OK : error_set(e, ERR_NOT_READY, "the control plane's snapshot is late");
}

/* ---- the gate ---- */

static enum status refuse(struct error *e, const char *why, const char *hint)
{
    error_set(e, ERR_NOT_READY, "%s", why);
    return error_hint(e, "%s", hint);
}

enum status uplink_current(struct uplink *l, struct error *e)
{
    int64_t confirmed_ns = atomic_load(&l->confirmed_ns);
    if (atomic_load(&l->revoked)) {
        return refuse(e, "this proxy was revoked",
                      "Connect to another proxy; an operator can enrol "
                      "this one anew.");
    }
    if (!confirmed_ns) {
        return refuse(e, "this proxy has no policies yet: the control plane has not answered",
                      "Try again shortly; an operator finds the reason in the proxy's log.");
    }
    if (clock_mono_ns() - confirmed_ns > l->config.stale_ms * ms_ns) {
        return refuse(e, "this proxy's policies are too old: the control plane doesn't answer",
                      "Try again shortly; an operator finds the reason in the proxy's log.");
    }
    return OK;
}

void uplink_stats(struct uplink *l, struct uplink_stats *out)
{
    int64_t confirmed_ns = atomic_load(&l->confirmed_ns);
    *out = (struct uplink_stats){
        .up = atomic_load(&l->up),
        .position = atomic_load(&l->position),
        .age_ms = confirmed_ns ? (clock_mono_ns() - confirmed_ns) / ms_ns : -1,
        .failures = atomic_load(&l->failures),
        .refused = atomic_load(&l->refused),
    };
}

/* ---- the snapshot ---- */

static enum status learn_held(struct uplink *l, struct error *e)
{
    struct arena *a = arena_new(0);
    struct json j = JSON_INIT(&l->held);
    struct snapshot held;
    enum status status = snapshot_read(l->replica, a, &held, e);
    if (status == OK) {
        json_open(&j, '{');
        for (int i = 0; i < SNAPSHOT_TABLES; i++) {
            json_kv_str(&j, held.at[i].name, str_of(held.at[i].digest));
        }
        json_close(&j, '}');
    }
    arena_free(a);
    return status;
}

static enum status write_request(struct uplink *l, int64_t wait_ms, struct buf *out,
                                 struct error *e)
{
    struct json j = JSON_INIT(out);
    if (l->held.n == 0 && learn_held(l, e) != OK) {
        return FAIL;
    }
    json_open(&j, '{');
    json_kv_i64(&j, "wait_ms", wait_ms);
    json_key(&j, "held");
    json_raw(&j, buf_str(&l->held));
    json_close(&j, '}');
    return OK;
}

static enum status take(struct uplink *l, struct str document, int64_t asked_ns, struct error *e)
{
    bool changed = false;
    uint64_t now;
    if (snapshot_apply(l->replica, l->config.enrolment->store, document, &changed, e) != OK ||
        store_position(l->replica, &now, e) != OK) {
        atomic_fetch_add(&l->refused, 1);
        return FAIL;
    }
    pthread_mutex_lock(&l->lock);
    atomic_store(&l->position, now);
    atomic_store(&l->confirmed_ns, asked_ns);
    pthread_cond_broadcast(&l->moved);
    pthread_mutex_unlock(&l->lock);
    if (changed) {
        buf_clear(&l->held);
        log_debug("link", "the replica is at %" PRIu64, now);
        l->config.changed(l->config.ctx);
    }
    return OK;
}

static enum status ask(struct uplink *l, int64_t wait_ms, struct error *e)
{
    struct buf body = BUF_INIT(0), answer = BUF_INIT(SNAPSHOT_MAX);
    int64_t asked_ns = clock_mono_ns();
    enum status status = write_request(l, wait_ms, &body, e);
    if (status == OK) {
        status = enrol_call(l->http, node_of(l, atomic_load(&l->node)), "snapshot", buf_cstr(&body),
                            (int)wait_ms + l->config.timeout_ms, &l->stopping, &answer, e);
    }
    if (status == OK) {
        status = take(l, buf_str(&answer), asked_ns, e);
    }
    buf_free(&body);
    buf_free(&answer);
    return status;
}

/* A third of its time before the certificate ends. */
static void renew_in_time(struct uplink *l)
{
    const struct enrolment *x = l->config.enrolment;
    struct error e = ERROR_INIT;
    int64_t now_us = clock_wall_us(), ends_us;
    enum status status = OK;
    if (l->renew_us == 0) {
        status = enrol_ends(x, &ends_us, &e);
        l->renew_us = status == OK ? ends_us - (ends_us - now_us) / 3 : now_us;
    } else if (now_us >= l->renew_us) {
        status = enrol_renew(x, node_of(l, atomic_load(&l->node)), l->http, &e);
        l->renew_us = status == OK ? 0 : now_us + RENEW_AGAIN_S * second_us;
    }
    if (status != OK) {
        log_warn("link", "the certificate can't be renewed: %s", e.message);
    }
}

/* A reason is told once: a link that is down for a day is one line. */
static void failed(struct uplink *l, const struct error *e, struct error *told)
{
    if (e->code == ERR_REVOKED) {
        atomic_store(&l->revoked, true);
        l->config.changed(l->config.ctx);
    } else {
        atomic_fetch_add(&l->node, 1);
    }
    atomic_store(&l->up, false);
    atomic_fetch_add(&l->failures, 1);
    if (strcmp(e->message, told->message) != 0) {
        log_error("link", "no snapshot from the control plane: %s", e->message);
        *told = *e;
    }
}

static void answered(struct uplink *l, struct error *told)
{
    if (!atomic_exchange(&l->up, true)) {
        log_info("link", "the control plane answers; the replica is at %" PRIu64,
                 atomic_load(&l->position));
    }
    atomic_store(&l->revoked, false);
    atomic_store(&l->down_until_ns, 0);
    *told = (struct error)ERROR_INIT;
}

static void pause_for(struct uplink *l, int64_t ms)
{
    int64_t until_ns = clock_mono_ns() + ms * ms_ns;
    pthread_mutex_lock(&l->lock);
    while (!atomic_load(&l->stopping) && wait_until(l, until_ns)) {
    }
    pthread_mutex_unlock(&l->lock);
}

/* After a silence the first request doesn't wait: its answer says at once that all is as it was. */
static int64_t wait_of(struct uplink *l)
{
    int64_t quarter_ms = l->config.stale_ms / 4;
    return !atomic_load(&l->up) ? 0 : quarter_ms < WAIT_MOST_MS ? quarter_ms : WAIT_MOST_MS;
}

static void *follow(void *ctx)
{
    struct uplink *l = ctx;
    struct error told = ERROR_INIT;
    int64_t retry_ms = RETRY_FIRST_MS;
    while (!atomic_load(&l->stopping)) {
        struct error e = ERROR_INIT;
        renew_in_time(l);
        if (ask(l, wait_of(l), &e) == OK) {
            answered(l, &told);
            retry_ms = RETRY_FIRST_MS;
        } else if (!atomic_load(&l->stopping)) {
            failed(l, &e, &told);
            pause_for(l, retry_ms);
            retry_ms = retry_ms * 2 < RETRY_MOST_MS ? retry_ms * 2 : RETRY_MOST_MS;
        }
    }
    return NULL;
}

enum status uplink_start(struct uplink *l, struct store *replica, struct error *e)
{
    l->replica = replica;
    l->started = pthread_create(&l->thread, NULL, follow, l) == 0;
    return l->started ? OK
                      : error_set(e, ERR_MEMORY, "no thread for the link to the control plane");
}

void uplink_stop(struct uplink *l)
{
    if (l && l->started) {
        pthread_mutex_lock(&l->lock);
        atomic_store(&l->stopping, true);
        pthread_cond_broadcast(&l->moved);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
        l->started = false;
    }
}
