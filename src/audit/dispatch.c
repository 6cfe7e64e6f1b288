#include "audit/dispatch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"

enum { WAITING_MAX = 64, RETRY_FIRST_MS = 1000, RETRY_MOST_MS = 60000 };

struct sent {
    uint64_t size;
    char *note;
};

struct dispatch {
    struct anchor *anchor;
    pthread_t thread;
    pthread_mutex_t lock; /* over all that follows */
    pthread_cond_t news;
    struct sent waiting[WAITING_MAX]; /* the oldest first */
    size_t n;
    struct anchor_state state;
    bool stopping;
};

/* --- under the lock --- */

static void drop_first(struct dispatch *d)
{
    free(d->waiting[0].note);
    d->n--;
    memmove(d->waiting, d->waiting + 1, d->n * sizeof *d->waiting);
}

static void took(struct dispatch *d, uint64_t size)
{
    if (d->state.failures) {
        metrics_add(METRIC_ANCHORS_FAILING, -1);
        log_info("audit", "anchor %s takes checkpoints again", d->state.uri);
    }
    d->state.failures = 0;
    d->state.kept = size;
    if (!d->state.contradicted) {
        d->state.reason[0] = '\0';
    }
}

static void keep_reason(struct dispatch *d, const struct error *why)
{
    snprintf(d->state.reason, sizeof d->state.reason, "%s", why->message);
}

static void contradicted(struct dispatch *d, const struct error *why)
{
    metrics_add(METRIC_ANCHOR_CONTRADICTIONS, 1);
    log_error("audit", "anchor %s contradicts the log: %s", d->state.uri, why->message);
    d->state.contradicted = true;
    keep_reason(d, why);
}

static void failed(struct dispatch *d, const struct error *why)
{
    metrics_add(METRIC_ANCHOR_FAILURES, 1);
    if (!d->state.failures++) {
        metrics_add(METRIC_ANCHORS_FAILING, 1);
        log_error("audit", "anchor %s: %s; checkpoints go on in the log", d->state.uri,
                  why->message);
    }
    keep_reason(d, why);
}

/* Gives the oldest to the anchor, without the lock meanwhile. False: it wasn't taken, and is to be
 * tried again. */
static bool give_first(struct dispatch *d)
{
    struct sent one = {d->waiting[0].size, mem_strdup(d->waiting[0].note)};
    struct error why = ERROR_INIT;
    pthread_mutex_unlock(&d->lock);
    enum status status = anchor_put(d->anchor, one.size, str_of(one.note), &why);
    pthread_mutex_lock(&d->lock);
    bool over = status == OK || why.code == ERR_CONFLICT;
    if (status == OK) {
        took(d, one.size);
    } else {
        (over ? contradicted : failed)(d, &why);
    }
    if (over && d->n && d->waiting[0].size == one.size) { /* else it was dropped for want of room */
        drop_first(d);
    }
    free(one.note);
    return over;
}

static void pause_for(struct dispatch *d, int64_t ms)
{
    int64_t until_ns = clock_mono_ns() + ms * 1000000;
    struct timespec until = {.tv_sec = until_ns / 1000000000, .tv_nsec = until_ns % 1000000000};
    while (!d->stopping && pthread_cond_timedwait(&d->news, &d->lock, &until) == 0) {
    }
}

static int64_t longer(int64_t ms)
{
    return ms * 2 < RETRY_MOST_MS ? ms * 2 : RETRY_MOST_MS;
}

static void *work(void *dispatch)
{
    struct dispatch *d = dispatch;
    int64_t retry_ms = RETRY_FIRST_MS;
    pthread_mutex_lock(&d->lock);
    for (;;) {
        bool last = d->stopping;
        if (d->n == 0) {
            if (last) {
                break;
            }
            pthread_cond_wait(&d->news, &d->lock);
        } else if (give_first(d)) {
            retry_ms = RETRY_FIRST_MS;
        } else if (last) {
            break;
        } else {
            pause_for(d, retry_ms);
            retry_ms = longer(retry_ms);
        }
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* --- without it --- */

void dispatch_send(struct dispatch *d, uint64_t size, struct str note)
{
    pthread_mutex_lock(&d->lock);
    if (d->n == WAITING_MAX) {
        metrics_add(METRIC_ANCHOR_DROPPED, 1);
        drop_first(d);
    }
    d->waiting[d->n++] = (struct sent){size, mem_strndup(note.p, note.n)};
    pthread_cond_signal(&d->news);
    pthread_mutex_unlock(&d->lock);
}

void dispatch_state(struct dispatch *d, struct anchor_state *out)
{
    pthread_mutex_lock(&d->lock);
    *out = d->state;
    out->waiting = d->n;
    pthread_mutex_unlock(&d->lock);
}

static void make_news(pthread_cond_t *news)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(news, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void dispatch_free(struct dispatch *d)
{
    while (d->n) {
        drop_first(d);
    }
    pthread_cond_destroy(&d->news);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

enum status dispatch_start(struct anchor *a, struct dispatch **out, struct error *e)
{
    struct dispatch *d = mem_calloc(1, sizeof *d);
    d->anchor = a;
    d->state.uri = anchor_uri(a);
    pthread_mutex_init(&d->lock, NULL);
    make_news(&d->news);
    if (pthread_create(&d->thread, NULL, work, d) != 0) {
        dispatch_free(d);
        return error_set(e, ERR_INTERNAL, "the thread of an anchor can't start");
    }
    *out = d;
    return OK;
}

void dispatch_stop(struct dispatch *d)
{
    if (!d) {
        return;
    }
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_cond_signal(&d->news);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->thread, NULL);
    if (d->n) {
        log_warn("audit", "anchor %s: %zu checkpoints were not taken before the end", d->state.uri,
                 d->n);
    }
    if (d->state.failures) {
        metrics_add(METRIC_ANCHORS_FAILING, -1);
    }
    dispatch_free(d);
}
