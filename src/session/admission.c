/* A list of the tenants that are connected, each with a queue a priority, under one lock. */
#include "session/admission.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct queue {
    struct admission_job *first, **last;
};

struct admission_tenant {
    struct str org_id;
    int sessions, waiting, running;
    int64_t limit;
    uint64_t turn; /* when it was let in last */
    struct queue queues[ADMISSION_PRIORITIES];
    struct admission_tenant *next;
};

struct admission {
    pthread_mutex_t lock;
    struct pool *pool;
    int workers, queue;
    int waiting, running;
    int tenant_count;
    uint64_t turns;
    struct admission_tenant *tenants;
};

struct admission *admission_new(struct pool *pool, int workers, int queue)
{
    struct admission *g = mem_calloc(1, sizeof *g);
    pthread_mutex_init(&g->lock, NULL);
    g->pool = pool;
    g->workers = workers > 0 ? workers : 1;
    g->queue = queue > 0 ? queue : 1;
    return g;
}

void admission_free(struct admission *g)
{
    if (g) {
        pthread_mutex_destroy(&g->lock);
        free(g);
    }
}

/* ---- tenants ---- */

static struct admission_tenant *add_tenant(struct admission *g, struct str org_id)
{
    struct admission_tenant *t = mem_calloc(1, sizeof *t);
    t->org_id = (struct str){mem_strndup(org_id.p, org_id.n), org_id.n};
    for (int i = 0; i < ADMISSION_PRIORITIES; i++) {
        t->queues[i].last = &t->queues[i].first;
    }
    t->next = g->tenants;
    g->tenants = t;
    g->tenant_count++;
    return t;
}

struct admission_tenant *admission_join(struct admission *g, struct str org_id, int64_t limit)
{
    pthread_mutex_lock(&g->lock);
    struct admission_tenant *t = g->tenants;
    while (t && !str_eq(t->org_id, org_id)) {
        t = t->next;
    }
    t = t ? t : add_tenant(g, org_id);
    t->limit = limit;
    t->sessions++;
    pthread_mutex_unlock(&g->lock);
    return t;
}

/* Whose last session has left goes with its last job. */
static void remove_unused(struct admission *g, struct admission_tenant *t)
{
    if (t->sessions || t->running || t->waiting) {
        return;
    }
    struct admission_tenant **at = &g->tenants;
    while (*at != t) {
        at = &(*at)->next;
    }
    *at = t->next;
    g->tenant_count--;
    free((void *)(uintptr_t)t->org_id.p);
    free(t);
}

/* ---- who is next ---- */

static bool may_run(const struct admission *g, const struct admission_tenant *t)
{
    int workers = g->tenant_count > 1 && g->workers > 1 ? g->workers - 1 : g->workers;
    return t->waiting > 0 && t->running < workers && t->running < (t->limit > 0 ? t->limit : 1);
}

static bool is_before(const struct admission_tenant *a, const struct admission_tenant *b)
{
    return a->running != b->running ? a->running < b->running : a->turn < b->turn;
}

static struct admission_tenant *next_tenant(const struct admission *g)
{
    struct admission_tenant *best = NULL;
    for (struct admission_tenant *t = g->tenants; t; t = t->next) {
        if (may_run(g, t) && (!best || is_before(t, best))) {
            best = t;
        }
    }
    return best;
}

static struct admission_job *take(struct admission_tenant *t)
{
    struct queue *q = t->queues;
    while (!q->first) {
        q++;
    }
    struct admission_job *job = q->first;
    q->first = job->next;
    q->last = q->first ? q->last : &q->first;
    return job;
}

/* Under the lock. The pool never has more jobs than threads, so its own order is none. */
static void let_in(struct admission *g)
{
    struct admission_tenant *t;
    while (g->waiting > 0 && g->running < g->workers && (t = next_tenant(g))) {
        struct admission_job *job = take(t);
        job->waits = false;
        t->waiting--;
        g->waiting--;
        t->running++;
        g->running++;
        t->turn = ++g->turns;
        pool_submit_first(g->pool, job->run, job->ctx);
    }
}

void admission_leave(struct admission *g, struct admission_tenant *t)
{
    if (!t) {
        return;
    }
    pthread_mutex_lock(&g->lock);
    t->sessions--;
    remove_unused(g, t);
    let_in(g); /* one less to leave a worker to */
    pthread_mutex_unlock(&g->lock);
}

/* ---- jobs ---- */

/* A full queue still takes those of whom fewer wait than their share of it. */
static bool is_full(const struct admission *g, const struct admission_tenant *t)
{
    int tenants = t->waiting == 0;
    if (g->waiting < g->queue) {
        return false;
    }
    for (const struct admission_tenant *other = g->tenants; other; other = other->next) {
        tenants += other->waiting > 0;
    }
    return g->waiting >= 2 * g->queue || t->waiting >= g->queue / tenants;
}

bool admission_submit(struct admission *g, struct admission_tenant *t, struct admission_job *job)
{
    pthread_mutex_lock(&g->lock);
    bool fits = !is_full(g, t);
    if (fits) {
        struct queue *q = &t->queues[job->priority];
        job->tenant = t;
        job->waits = true;
        job->next = NULL;
        *q->last = job;
        q->last = &job->next;
        t->waiting++;
        g->waiting++;
        let_in(g);
    }
    pthread_mutex_unlock(&g->lock);
    return fits;
}

static void unlink_job(struct queue *q, const struct admission_job *job)
{
    struct admission_job **at = &q->first;
    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    q->last = job->next ? q->last : at;
}

bool admission_withdraw(struct admission *g, struct admission_job *job)
{
    pthread_mutex_lock(&g->lock);
    bool waits = job->waits;
    if (waits) {
        unlink_job(&job->tenant->queues[job->priority], job);
        job->waits = false;
        job->tenant->waiting--;
        g->waiting--;
    }
    pthread_mutex_unlock(&g->lock);
    return waits;
}

void admission_done(struct admission *g, struct admission_job *job, int64_t limit)
{
    pthread_mutex_lock(&g->lock);
    job->tenant->limit = limit;
    job->tenant->running--;
    g->running--;
    remove_unused(g, job->tenant);
    let_in(g);
    pthread_mutex_unlock(&g->lock);
}

int admission_waiting(struct admission *g)
{
    pthread_mutex_lock(&g->lock);
    int n = g->waiting;
    pthread_mutex_unlock(&g->lock);
    return n;
}

enum admission_priority admission_priority_of(const char *word)
{
    static const char *const words[ADMISSION_PRIORITIES] = {
        [ADMISSION_CRITICAL] = "critical",
        [ADMISSION_HIGH] = "high",
        [ADMISSION_NORMAL] = "normal",
        [ADMISSION_LOW] = "low",
    };
    for (int i = 0; i < ADMISSION_PRIORITIES; i++) {
        if (strcmp(words[i], word) == 0) {
            return (enum admission_priority)i;
        }
    }
    return ADMISSION_NORMAL;
}
