#include "net/courier.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/mem.h"

enum { RETRY_FIRST_MS = 1000, RETRY_MOST_MS = 60000 };

struct parcel {
    uint64_t number, tag; /* number: rises with each */
    char *text;
    size_t n;
    unsigned tries;
};

struct courier {
    struct courier_config config;
    pthread_t thread;
    pthread_mutex_t lock; /* over all that follows */
    pthread_cond_t news;
    struct parcel waiting[COURIER_WAITING_MAX]; /* the oldest first */
    size_t n;
    uint64_t sent;
    bool stopping;
};

/* --- under the lock --- */

static void drop_first(struct courier *c)
{
    free(c->waiting[0].text);
    c->n--;
    memmove(c->waiting, c->waiting + 1, c->n * sizeof *c->waiting);
}

/* Brings the oldest, without the lock meanwhile. False: it is to be tried again. */
static bool bring_first(struct courier *c)
{
    const struct parcel *p = &c->waiting[0];
    char *text = mem_strndup(p->text, p->n);
    struct str copy = {text, p->n};
    uint64_t number = p->number, tag = p->tag;
    unsigned tries = ++c->waiting[0].tries;
    pthread_mutex_unlock(&c->lock);
    bool taken = c->config.deliver(c->config.ctx, tag, copy);
    bool last = !taken && c->config.tries && tries >= c->config.tries;
    free(text);
    pthread_mutex_lock(&c->lock);
    bool there = c->n && c->waiting[0].number == number; /* else dropped for want of room */
    if (there && (taken || last)) {
        drop_first(c);
    }
    if (there && last) {
        c->config.dropped(c->config.ctx, tag);
    }
    return taken || last;
}

static void pause_for(struct courier *c, int64_t ms)
{
    int64_t until_ns = clock_mono_ns() + ms * 1000000;
    while (!c->stopping && cond_wait_until(&c->news, &c->lock, until_ns)) {
    }
}

static void *work(void *courier)
{
    struct courier *c = courier;
    int64_t retry_ms = RETRY_FIRST_MS;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        bool last = c->stopping;
        if (c->n == 0) {
            if (last) {
                break;
            }
            pthread_cond_wait(&c->news, &c->lock);
        } else if (bring_first(c)) {
            retry_ms = RETRY_FIRST_MS;
        } else if (last) {
            break;
        } else {
            pause_for(c, retry_ms);
            retry_ms = retry_ms * 2 < RETRY_MOST_MS ? retry_ms * 2 : RETRY_MOST_MS;
        }
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* --- without it --- */

void courier_send(struct courier *c, uint64_t tag, struct str text)
{
    pthread_mutex_lock(&c->lock);
    if (c->n == COURIER_WAITING_MAX) {
        uint64_t lost = c->waiting[0].tag;
        drop_first(c);
        c->config.dropped(c->config.ctx, lost);
    }
    c->waiting[c->n++] = (struct parcel){
        .number = ++c->sent, .tag = tag, .text = mem_strndup(text.p, text.n), .n = text.n};
    pthread_cond_signal(&c->news);
    pthread_mutex_unlock(&c->lock);
}

size_t courier_waiting(struct courier *c)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->n;
    pthread_mutex_unlock(&c->lock);
    return n;
}

static void courier_free(struct courier *c)
{
    while (c->n) {
        drop_first(c);
    }
    pthread_cond_destroy(&c->news);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

enum status courier_start(const struct courier_config *config, struct courier **out,
                          struct error *e)
{
    struct courier *c = mem_calloc(1, sizeof *c);
    c->config = *config;
    pthread_mutex_init(&c->lock, NULL);
    cond_init(&c->news);
    if (pthread_create(&c->thread, NULL, work, c) != 0) {
        courier_free(c);
        return error_set(e, ERR_INTERNAL, "there is no thread for what is sent");
    }
    *out = c;
    return OK;
}

size_t courier_stop(struct courier *c)
{
    if (!c) {
        return 0;
    }
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->news);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    size_t left = c->n;
    courier_free(c);
    return left;
}
