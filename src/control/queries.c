#include "control/queries.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/mem.h"
#include "identity/identity.h"
#include "pipeline/pipeline.h"

struct queries {
    struct admission *admission;
    int64_t queue_ms;
    pthread_mutex_t lock;
    pthread_cond_t none_left;
    struct running_query *first; /* the admission bounds how many there are */
    int left;                    /* submitted and not gone */
    bool stopping;
};

struct queries *queries_new(struct admission *admission, int64_t queue_ms)
{
    struct queries *q = mem_alloc(sizeof *q);
    *q = (struct queries){.admission = admission, .queue_ms = queue_ms};
    pthread_mutex_init(&q->lock, NULL);
    cond_init(&q->none_left);
    return q;
}

void queries_free(struct queries *q)
{
    if (q) {
        pthread_cond_destroy(&q->none_left);
        pthread_mutex_destroy(&q->lock);
        free(q);
    }
}

/* Under the lock. */
static void unlink_query(struct queries *q, struct running_query *r)
{
    struct running_query **at = &q->first;
    while (*at != r) {
        at = &(*at)->next;
    }
    *at = r->next;
}

/* Under the lock, which its worker needs to end it: so it stays until this is through. */
static enum status submit(struct queries *q, struct running_query *r, int64_t limit,
                          struct error *e)
{
    if (q->stopping) {
        return error_set(e, ERR_SHUTDOWN, "the server stops");
    }
    r->tenant = admission_join(q->admission, r->who->org_id, limit);
    r->since_ns = clock_mono_ns();
    if (!admission_submit(q->admission, r->tenant, &r->job)) {
        admission_leave(q->admission, r->tenant);
        return error_set(e, ERR_TOO_MANY_STATEMENTS,
                         "too many statements are waiting for a worker");
    }
    r->next = q->first;
    q->first = r;
    q->left++;
    return OK;
}

enum status queries_submit(struct queries *q, struct running_query *r, struct error *e)
{
    int64_t limit = governor_concurrency(r->governor);
    pthread_mutex_lock(&q->lock);
    enum status status = submit(q, r, limit, e);
    pthread_mutex_unlock(&q->lock);
    return status;
}

void queries_done(struct queries *q, struct running_query *r)
{
    int64_t limit = governor_concurrency(r->governor);
    pthread_mutex_lock(&q->lock);
    unlink_query(q, r);
    pthread_mutex_unlock(&q->lock);
    admission_done(q->admission, &r->job, limit);
    admission_leave(q->admission, r->tenant);
}

void queries_gone(struct queries *q)
{
    pthread_mutex_lock(&q->lock);
    if (--q->left == 0) {
        pthread_cond_broadcast(&q->none_left);
    }
    pthread_mutex_unlock(&q->lock);
}

/* ---- ending them ---- */

static enum status standing(struct identity *i, const struct running_query *r, struct error *e)
{
    struct standing now;
    return identity_still_valid(i, r->who, &now, e) == OK && standing_holds(&now, r->who)
               ? OK
               : error_set(e, ERR_REVOKED, "the credential has ended meanwhile");
}

static enum status look_at(struct queries *q, struct identity *i, const struct running_query *r,
                           struct error *e)
{
    int64_t waited_ms = (clock_mono_ns() - r->since_ns) / 1000000;
    if (q->stopping) {
        return error_set(e, ERR_SHUTDOWN, "the server stops");
    }
    if (standing(i, r, e) != OK) {
        return FAIL;
    }
    return q->queue_ms && waited_ms > q->queue_ms
               ? error_set(e, ERR_TOO_MANY_STATEMENTS, "the statement waited too long for a worker")
               : OK;
}

/* Cancels what runs and must not; the first that waits and must not is taken out, NULL: none. Time
 * in the queue is no matter of what runs. */
static struct running_query *take_one(struct queries *q, struct identity *i, struct error *why)
{
    struct running_query *taken = NULL;
    pthread_mutex_lock(&q->lock);
    for (struct running_query *r = q->first; r && !taken; r = r->next) {
        if (look_at(q, i, r, why) == OK) {
            continue;
        }
        if (admission_withdraw(q->admission, &r->job)) {
            taken = r;
        } else if (why->code != ERR_TOO_MANY_STATEMENTS) {
            governor_cancel(r->governor);
        }
    }
    if (taken) {
        unlink_query(q, taken);
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

void queries_check(struct queries *q, struct identity *i)
{
    struct error why = ERROR_INIT;
    struct running_query *r;
    while ((r = take_one(q, i, &why))) {
        admission_leave(q->admission, r->tenant);
        r->give_up(r, &why);
        why = (struct error)ERROR_INIT;
    }
}

/* A statement that was about to begin has not heard of its cancelling: it is told again. */
void queries_stop(struct queries *q)
{
    enum { AGAIN_MS = 50 };
    bool left = true;
    pthread_mutex_lock(&q->lock);
    q->stopping = true;
    pthread_mutex_unlock(&q->lock);
    while (left) {
        queries_check(q, NULL);
        int64_t until_ns = clock_mono_ns() + AGAIN_MS * INT64_C(1000000);
        pthread_mutex_lock(&q->lock);
        if (q->left) {
            (void)cond_wait_until(&q->none_left, &q->lock, until_ns);
        }
        left = q->left > 0;
        pthread_mutex_unlock(&q->lock);
    }
}
