#include "planes/feed.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/pool.h"
#include "planes/rpc.h"

enum { LOOK_NS = 50 * 1000 * 1000 };

struct feed {
    struct store *store;
    struct pool *workers;
    pthread_t thread;
    bool started;

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t stop;
    bool stopping, complained;
    struct rpc *waiting;
    uint64_t position; /* that those who wait know */

    pthread_mutex_t making; /* one makes the snapshot, the others wait for it */
    struct held_snapshot *newest;
};

/* ---- the snapshot ---- */

static void release(struct held_snapshot *h)
{
    if (h && --h->holders == 0) {
        arena_free(h->arena);
        free(h);
    }
}

/* Under `making`. */
static enum status make(struct feed *f, struct error *e)
{
    struct held_snapshot *h = mem_alloc(sizeof *h);
    *h = (struct held_snapshot){.arena = arena_new(0), .holders = 1};
    if (snapshot_read(f->store, h->arena, &h->snapshot, e) != OK) {
        release(h);
        return FAIL;
    }
    release(f->newest);
    f->newest = h;
    return OK;
}

enum status feed_snapshot(struct feed *f, struct held_snapshot **out, struct error *e)
{
    uint64_t now;
    pthread_mutex_lock(&f->making);
    enum status status = store_position(f->store, &now, e);
    if (status == OK && (!f->newest || f->newest->snapshot.position < now)) {
        status = make(f, e);
    }
    if (status == OK) {
        *out = f->newest;
        (*out)->holders++;
    }
    pthread_mutex_unlock(&f->making);
    return status;
}

void feed_release(struct feed *f, struct held_snapshot *h)
{
    pthread_mutex_lock(&f->making);
    release(h);
    pthread_mutex_unlock(&f->making);
}

/* ---- waiting ---- */

bool feed_wait(struct feed *f, struct rpc *r, uint64_t position)
{
    pthread_mutex_lock(&f->lock);
    bool waits = !f->stopping;
    if (waits) {
        r->next = f->waiting;
        f->waiting = r;
        if (position < f->position) {
            f->position = position; /* it moved meanwhile: the next look wakes */
        }
    }
    pthread_mutex_unlock(&f->lock);
    return waits;
}

/* Those whose time has come, or all. Under the lock. */
static struct rpc *take(struct feed *f, bool all)
{
    struct rpc *taken = NULL, **at = &f->waiting;
    int64_t now = clock_mono_ns();
    while (*at) {
        struct rpc *r = *at;
        if (all || r->until_ns <= now) {
            *at = r->next;
            r->next = taken;
            taken = r;
        } else {
            at = &r->next;
        }
    }
    return taken;
}

/* A connection has one request: their number is bounded by that of connections. */
static void run(struct feed *f, struct rpc *taken)
{
    while (taken) {
        struct rpc *r = taken;
        taken = r->next;
        pool_submit_first(f->workers, rpc_run, r);
    }
}

/* A store that can't be read wakes all, and each is told so: nobody takes silence for news. */
static bool has_moved(struct feed *f)
{
    struct error e = ERROR_INIT;
    uint64_t now = 0;
    bool read = store_position(f->store, &now, &e) == OK;
    if (!read && !f->complained) {
        log_error("planes", "the control store can't be read: %s", e.message);
    }
    f->complained = !read;
    bool moved = !read || now != f->position;
    f->position = now;
    return moved;
}

static void *look(void *ctx)
{
    struct feed *f = ctx;
    pthread_mutex_lock(&f->lock);
    while (!f->stopping) {
        struct rpc *taken = take(f, has_moved(f));
        pthread_mutex_unlock(&f->lock);
        run(f, taken);
        int64_t until_ns = clock_mono_ns() + LOOK_NS;
        pthread_mutex_lock(&f->lock);
        if (!f->stopping) {
            (void)cond_wait_until(&f->stop, &f->lock, until_ns);
        }
    }
    struct rpc *last = take(f, true);
    pthread_mutex_unlock(&f->lock);
    run(f, last);
    return NULL;
}

enum status feed_new(struct store *s, struct pool *workers, struct feed **out, struct error *e)
{
    struct feed *f = mem_alloc(sizeof *f);
    *f = (struct feed){.store = s, .workers = workers};
    pthread_mutex_init(&f->lock, NULL);
    pthread_mutex_init(&f->making, NULL);
    cond_init(&f->stop);
    f->started = pthread_create(&f->thread, NULL, look, f) == 0;
    if (!f->started) {
        feed_free(f);
        return error_set(e, ERR_MEMORY, "no thread for the link to proxies");
    }
    *out = f;
    return OK;
}

void feed_stop(struct feed *f)
{
    if (f && f->started) {
        pthread_mutex_lock(&f->lock);
        f->stopping = true;
        pthread_cond_signal(&f->stop);
        pthread_mutex_unlock(&f->lock);
        pthread_join(f->thread, NULL);
        f->started = false;
    }
}

void feed_free(struct feed *f)
{
    if (f) {
        release(f->newest);
        pthread_cond_destroy(&f->stop);
        pthread_mutex_destroy(&f->making);
        pthread_mutex_destroy(&f->lock);
        free(f);
    }
}
