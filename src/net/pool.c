/* A ring of waiting jobs and a list that goes before it, under one lock. */
#include "net/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct job {
    void (*run)(void *ctx);
    void *ctx;
    struct job *next; /* in the list that goes first */
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct job *ring;
    int size, head, waiting, running;
    struct job *first, **last;
    bool stopping;
    pthread_t *threads;
    int thread_count;
};

/* Under the lock. */
static bool take(struct pool *p, struct job *out)
{
    if (p->first) {
        struct job *j = p->first;
        *out = *j;
        p->first = j->next;
        if (!p->first) {
            p->last = &p->first;
        }
        free(j);
        return true;
    }
    if (p->waiting == 0) {
        return false;
    }
    *out = p->ring[p->head];
    p->head = (p->head + 1) % p->size;
    p->waiting--;
    return true;
}

static void *worker_main(void *ctx)
{
    struct pool *p = ctx;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        struct job j;
        if (take(p, &j)) {
            p->running++;
            pthread_mutex_unlock(&p->lock);
            j.run(j.ctx);
            pthread_mutex_lock(&p->lock);
            p->running--;
        } else if (p->stopping) {
            break;
        } else {
            pthread_cond_wait(&p->work, &p->lock);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

enum status pool_new(const char *name, int threads, int queue, struct pool **out, struct error *e)
{
    struct pool *p = mem_alloc(sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    p->last = &p->first;
    p->size = queue > 0 ? queue : 1;
    p->ring = mem_calloc((size_t)p->size, sizeof *p->ring);
    threads = threads > 0 ? threads : 1;
    p->threads = mem_calloc((size_t)threads, sizeof *p->threads);
    for (; p->thread_count < threads; p->thread_count++) {
        int failed = pthread_create(&p->threads[p->thread_count], NULL, worker_main, p);
        if (failed) {
            error_set(e, ERR_IO, "can't start a worker thread: %s", strerror(failed));
            pool_free(p);
            return FAIL;
        }
        pthread_setname_np(p->threads[p->thread_count], name);
    }
    *out = p;
    return OK;
}

void pool_free(struct pool *p)
{
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->thread_count; i++) {
        pthread_join(p->threads[i], NULL);
    }
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p->threads);
    free(p->ring);
    free(p);
}

bool pool_submit(struct pool *p, void (*run)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&p->lock);
    bool fits = p->waiting < p->size;
    if (fits) {
        p->ring[(p->head + p->waiting) % p->size] = (struct job){.run = run, .ctx = ctx};
        p->waiting++;
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return fits;
}

void pool_submit_first(struct pool *p, void (*run)(void *ctx), void *ctx)
{
    struct job *j = mem_alloc(sizeof *j);
    j->run = run;
    j->ctx = ctx;
    pthread_mutex_lock(&p->lock);
    *p->last = j;
    p->last = &j->next;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

int pool_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    int n = p->waiting;
    pthread_mutex_unlock(&p->lock);
    return n;
}

int pool_running(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    int n = p->running;
    pthread_mutex_unlock(&p->lock);
    return n;
}
