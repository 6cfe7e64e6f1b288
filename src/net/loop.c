/* Tasks wait in a list under a mutex; an eventfd wakes the loop. libevent itself needs no locks
 * then, as its base is touched by one thread only. */
#include "net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct task {
    void (*run)(void *ctx);
    void *ctx;
    struct task *next;
};

struct loop {
    struct event_base *base;
    struct event *wake;
    int wake_fd;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    struct task *first, **last; /* under lock */
    bool stopping;              /* under lock */
};

static void run_tasks(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    struct task *t = l->first;
    l->first = NULL;
    l->last = &l->first;
    bool stopping = l->stopping;
    pthread_mutex_unlock(&l->lock);
    while (t) {
        struct task *next = t->next;
        t->run(t->ctx);
        free(t);
        t = next;
    }
    if (stopping) {
        event_base_loopbreak(l->base);
    }
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    uint64_t count;
    if (read(fd, &count, sizeof count) == sizeof count) {
        run_tasks(ctx);
    }
}

static void wake(struct loop *l)
{
    uint64_t one = 1;
    while (write(l->wake_fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

enum status loop_new(struct loop **out, struct error *e)
{
    struct loop *l = mem_alloc(sizeof *l);
    l->last = &l->first;
    pthread_mutex_init(&l->lock, NULL);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->base = l->wake_fd < 0 ? NULL : event_base_new();
    if (l->base) {
        l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
    }
    if (!l->wake || event_add(l->wake, NULL) != 0) {
        error_set(e, ERR_IO, "can't make an event loop: %s", strerror(errno));
        loop_free(l);
        return FAIL;
    }
    *out = l;
    return OK;
}

static void *thread_main(void *ctx)
{
    struct loop *l = ctx;
    event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

enum status loop_start(struct loop *l, const char *thread_name, struct error *e)
{
    int failed = pthread_create(&l->thread, NULL, thread_main, l);
    if (failed) {
        return error_set(e, ERR_IO, "can't start a thread: %s", strerror(failed));
    }
    pthread_setname_np(l->thread, thread_name);
    l->started = true;
    return OK;
}

void loop_stop(struct loop *l)
{
    if (!l->started) {
        return;
    }
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_mutex_unlock(&l->lock);
    wake(l);
    pthread_join(l->thread, NULL);
    l->started = false;
}

void loop_free(struct loop *l)
{
    if (!l) {
        return;
    }
    if (l->base) {
        run_tasks(l);
    }
    if (l->wake) {
        event_free(l->wake);
    }
    if (l->base) {
        event_base_free(l->base);
    }
    if (l->wake_fd >= 0) {
        close(l->wake_fd);
    }
    pthread_mutex_destroy(&l->lock);
    free(l);
}

struct event_base *loop_base(struct loop *l)
{
    return l->base;
}

void loop_post(struct loop *l, void (*run)(void *ctx), void *ctx)
{
    struct task *t = mem_alloc(sizeof *t);
    t->run = run;
    t->ctx = ctx;
    pthread_mutex_lock(&l->lock);
    *l->last = t;
    l->last = &t->next;
    pthread_mutex_unlock(&l->lock);
    wake(l);
}
