#include "audit/dispatch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"
#include "net/courier.h"

struct dispatch {
    struct anchor *anchor;
    struct courier *courier;
    pthread_mutex_t lock; /* over: */
    struct anchor_state state;
};

/* --- under the lock --- */

static void took(struct anchor_state *s, uint64_t size)
{
    if (s->failures) {
        metrics_add(METRIC_ANCHORS_FAILING, -1);
        log_info("audit", "anchor %s takes checkpoints again", s->uri);
    }
    s->failures = 0;
    s->kept = size;
    if (!s->contradicted) {
        s->reason[0] = '\0';
    }
}

static void contradicted(struct anchor_state *s, const struct error *why)
{
    metrics_add(METRIC_ANCHOR_CONTRADICTIONS, 1);
    log_error("audit", "anchor %s contradicts the log: %s", s->uri, why->message);
    s->contradicted = true;
    snprintf(s->reason, sizeof s->reason, "%s", why->message);
}

static void failed(struct anchor_state *s, const struct error *why)
{
    metrics_add(METRIC_ANCHOR_FAILURES, 1);
    if (!s->failures++) {
        metrics_add(METRIC_ANCHORS_FAILING, 1);
        log_error("audit", "anchor %s: %s; checkpoints go on in the log", s->uri, why->message);
    }
    snprintf(s->reason, sizeof s->reason, "%s", why->message);
}

/* --- the courier's --- */

static bool give(void *ctx, uint64_t size, struct str note)
{
    struct dispatch *d = ctx;
    struct error why = ERROR_INIT;
    enum status status = anchor_put(d->anchor, size, note, &why);
    bool over = status == OK || why.code == ERR_CONFLICT;
    pthread_mutex_lock(&d->lock);
    if (status == OK) {
        took(&d->state, size);
    } else {
        (over ? contradicted : failed)(&d->state, &why);
    }
    pthread_mutex_unlock(&d->lock);
    return over;
}

static void dropped(void *ctx, uint64_t size)
{
    (void)ctx, (void)size;
    metrics_add(METRIC_ANCHOR_DROPPED, 1);
}

/* --- for the notary --- */

void dispatch_send(struct dispatch *d, uint64_t size, struct str note)
{
    courier_send(d->courier, size, note);
}

void dispatch_state(struct dispatch *d, struct anchor_state *out)
{
    size_t waiting = courier_waiting(d->courier);
    pthread_mutex_lock(&d->lock);
    *out = d->state;
    out->waiting = waiting;
    pthread_mutex_unlock(&d->lock);
}

static void dispatch_free(struct dispatch *d)
{
    pthread_mutex_destroy(&d->lock);
    free(d);
}

enum status dispatch_start(struct anchor *a, struct dispatch **out, struct error *e)
{
    struct dispatch *d = mem_calloc(1, sizeof *d);
    const struct courier_config c = {.deliver = give, .dropped = dropped, .ctx = d};
    d->anchor = a;
    d->state.uri = anchor_uri(a);
    pthread_mutex_init(&d->lock, NULL);
    if (courier_start(&c, &d->courier, e) != OK) {
        dispatch_free(d);
        return FAIL;
    }
    *out = d;
    return OK;
}

void dispatch_stop(struct dispatch *d)
{
    if (!d) {
        return;
    }
    size_t left = courier_stop(d->courier);
    if (left) {
        log_warn("audit", "anchor %s: %zu checkpoints were not taken before the end", d->state.uri,
                 left);
    }
    if (d->state.failures) {
        metrics_add(METRIC_ANCHORS_FAILING, -1);
    }
    dispatch_free(d);
}
