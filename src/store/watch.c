#include "store/watch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/log.h"
#include "base/mem.h"

enum {
    PERIOD_MS = 100,
    FRESH_MS = 1000,
    ANSWER_MS = 1000,
    BACKOFF_MS = 100,
    BACKOFF_MAX_MS = 2000
};

struct watch {
    struct link_target *target;
    pthread_t thread;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t wake, asked_for_drain;
    bool runs, stopping;

    struct db_versions versions;
    int64_t as_of_ns;     /* when that was so; 0: never heard */
    uint64_t asked, told; /* numbers of questions; what an older one says is no news */

    int64_t closed_until_ns; /* no new links before; 0: open */
    int backoff_ms;

    bool wants_drain, knows_drain, drains;
};

struct watch *watch_new(struct link_target *target)
{
    struct watch *w = mem_alloc(sizeof *w);

    *w = (struct watch){.target = target, .backoff_ms = BACKOFF_MS};
    pthread_mutex_init(&w->lock, NULL);
    cond_init(&w->wake);
    cond_init(&w->asked_for_drain);
    return w;
}

void watch_free(struct watch *w)
{
    if (!w) {
        return;
    }
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->runs) {
        pthread_join(w->thread, NULL);
    }
    pthread_cond_destroy(&w->asked_for_drain);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    link_target_free(w->target);
    free(w);
}

/* ---- links ---- */

static bool is_closed(struct watch *w)
{
    bool closed;

    pthread_mutex_lock(&w->lock);
    closed = clock_mono_ns() < w->closed_until_ns;
    pthread_mutex_unlock(&w->lock);
    return closed;
}

static void note_link(struct watch *w, bool made)
{
    pthread_mutex_lock(&w->lock);
    if (made) {
        w->closed_until_ns = 0;
        w->backoff_ms = BACKOFF_MS;
    } else {
        w->closed_until_ns = clock_mono_ns() + (int64_t)w->backoff_ms * 1000000;
        w->backoff_ms = w->backoff_ms * 2 < BACKOFF_MAX_MS ? w->backoff_ms * 2 : BACKOFF_MAX_MS;
    }
    pthread_mutex_unlock(&w->lock);
}

enum status watch_link(struct watch *w, struct link *out, struct error *e)
{
    enum status status;

    *out = (struct link){.is_dead = true};
    if (is_closed(w)) {
        return link_failed(out, NULL, e);
    }
    status = link_open(w->target, out, e);
    note_link(w, status == OK);
    return status;
}

/* ---- versions ---- */

enum status watch_ask(struct watch *w, struct link *l, struct db_versions *out, struct error *e)
{
    int64_t now = clock_mono_ns();
    uint64_t question;
    PGresult *r;

    pthread_mutex_lock(&w->lock);
    question = ++w->asked;
    pthread_mutex_unlock(&w->lock);
    r = link_exec(l,
                  "SELECT sum(value) FILTER (WHERE name = 'version'),"
                  " sum(value) FILTER (WHERE name <> 'snapshot'), sum(value) FROM meta"
                  " WHERE name IN ('version', 'grants', 'snapshot')",
                  ANSWER_MS, e);
    if (!r) {
        return FAIL;
    }
    *out = (struct db_versions){strtoull(PQgetvalue(r, 0, 0), NULL, 10),
                                strtoull(PQgetvalue(r, 0, 1), NULL, 10),
                                strtoull(PQgetvalue(r, 0, 2), NULL, 10)};
    PQclear(r);
    pthread_mutex_lock(&w->lock);
    if (question > w->told) {
        w->told = question;
        w->versions = *out;
        w->as_of_ns = now;
    }
    pthread_mutex_unlock(&w->lock);
    return OK;
}

void watch_read(struct watch *w, struct link *l)
{
    struct db_versions now;
    struct error ignored = ERROR_INIT;

    if (watch_ask(w, l, &now, &ignored) != OK) {
        pthread_mutex_lock(&w->lock);
        w->as_of_ns = 0; /* something else is true by now */
        pthread_mutex_unlock(&w->lock);
    }
}

/* ---- the thread ---- */

static int64_t ns_after(int ms)
{
    return clock_mono_ns() + ms * INT64_C(1000000);
}

static bool waits(struct watch *w)
{
    int64_t until_ns = ns_after(PERIOD_MS);
    bool goes_on;

    pthread_mutex_lock(&w->lock);
    if (!w->stopping) {
        (void)cond_wait_until(&w->wake, &w->lock, until_ns);
    }
    goes_on = !w->stopping;
    pthread_mutex_unlock(&w->lock);
    return goes_on;
}

/* The lock is the session's: it goes with the link. */
static void see_to_drain(struct watch *w, struct link *l)
{
    struct error ignored = ERROR_INIT;
    PGresult *r;
    bool wanted, has;

    pthread_mutex_lock(&w->lock);
    w->drains &= !l->is_dead;
    wanted = w->wants_drain && !w->drains && !l->is_dead;
    pthread_mutex_unlock(&w->lock);
    if (!wanted) {
        return;
    }
    r = link_exec(l, "SELECT pg_try_advisory_lock(" WATCH_LOCK_OF_DRAIN ")", ANSWER_MS, &ignored);
    has = r && *PQgetvalue(r, 0, 0) == 't';
    PQclear(r);
    pthread_mutex_lock(&w->lock);
    w->drains = has;
    w->knows_drain = true;
    pthread_cond_broadcast(&w->asked_for_drain);
    pthread_mutex_unlock(&w->lock);
}

static void *watch(void *arg)
{
    struct watch *w = arg;
    struct link l = {.is_dead = true};
    bool complained = false;

    do {
        struct db_versions now;
        struct error e = ERROR_INIT;
        enum status status = OK;

        if (l.is_dead) {
            link_close(&l);
            status = watch_link(w, &l, &e);
        }
        if (status == OK) {
            status = watch_ask(w, &l, &now, &e);
        }
        see_to_drain(w, &l);
        if (status != OK && !complained) {
            log_error("store", "%s", e.message);
        } else if (status == OK && complained) {
            log_info("store", "the control store can be reached again");
        }
        complained = status != OK;
    } while (waits(w));
    link_close(&l);
    return NULL;
}

/* Under the lock. */
static void begin(struct watch *w)
{
    if (!w->runs) {
        w->runs = pthread_create(&w->thread, NULL, watch, w) == 0;
    }
}

bool watch_versions(struct watch *w, struct db_versions *out)
{
    bool fresh;

    pthread_mutex_lock(&w->lock);
    begin(w);
    fresh = w->as_of_ns && clock_mono_ns() - w->as_of_ns < (int64_t)FRESH_MS * 1000000;
    *out = w->versions;
    pthread_mutex_unlock(&w->lock);
    return fresh;
}

bool watch_drains(struct watch *w)
{
    int64_t until_ns = ns_after(ANSWER_MS);
    bool drains;

    pthread_mutex_lock(&w->lock);
    begin(w);
    if (!w->wants_drain) { /* the first to ask hears whether it's his */
        w->wants_drain = true;
        pthread_cond_signal(&w->wake);
        while (!w->knows_drain && cond_wait_until(&w->asked_for_drain, &w->lock, until_ns)) {
        }
    }
    drains = w->drains;
    pthread_mutex_unlock(&w->lock);
    return drains;
}
