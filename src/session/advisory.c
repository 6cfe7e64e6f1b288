#include "session/advisory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

/* A session's share in a lock: how often, [shared][of the transaction]. */
struct hold {
    struct advisory_holder *holder;
    struct lock *lock;
    int count[2][2];
    struct hold *next_of_lock, *next_of_holder;
};

struct lock {
    struct str key;
    struct hold *holds;
    struct advisory_holder *first, **last; /* who waits */
    struct lock *seen_next;                /* of the search for a circle */
    bool is_seen;
};

enum wait { NOT_WAITING, WAITING, GRANTED };

struct advisory_holder {
    struct advisory *table;
    struct str place; /* organization and environment, each with its length before it */
    struct hold *holds;
    size_t hold_count;
    enum wait wait;
    struct lock *wanted; /* WAITING */
    struct advisory_request request;
    struct advisory_holder *next; /* behind it in the same queue */
    bool is_poked;
    void (*wake)(void *ctx); /* NULL: not armed */
    void *ctx;
};

struct advisory {
    pthread_mutex_t mutex;
    struct map *locks; /* those that are held or waited for, by place and number */
};

struct advisory *advisory_new(void)
{
    struct advisory *t = mem_calloc(1, sizeof *t);
    pthread_mutex_init(&t->mutex, NULL);
    t->locks = map_new();
    return t;
}

void advisory_free(struct advisory *t)
{
    if (t) {
        map_free(t->locks, NULL);
        pthread_mutex_destroy(&t->mutex);
        free(t);
    }
}

static void put_part(struct buf *b, struct str part)
{
    buf_u32(b, (uint32_t)part.n);
    buf_put_str(b, part);
}

struct advisory_holder *advisory_join(struct advisory *t, struct str org_id, struct str environment)
{
    struct advisory_holder *h = mem_calloc(1, sizeof *h);
    struct buf b = BUF_INIT(0);
    put_part(&b, org_id);
    put_part(&b, environment);
    h->table = t;
    h->place = (struct str){mem_strndup(buf_str(&b).p, b.n), b.n};
    buf_free(&b);
    return h;
}

/* ---- locks by their numbers ---- */

static struct lock *find_lock(struct advisory_holder *h, struct advisory_key key, bool make)
{
    struct buf b = BUF_INIT(0);
    buf_put_str(&b, h->place);
    buf_u8(&b, key.is_pair);
    buf_u32(&b, (uint32_t)((uint64_t)key.number >> 32));
    buf_u32(&b, (uint32_t)key.number);
    struct lock *l = map_get(h->table->locks, buf_str(&b));
    if (!l && make) {
        l = mem_calloc(1, sizeof *l);
        l->key = (struct str){mem_strndup(buf_str(&b).p, b.n), b.n};
        l->last = &l->first;
        map_put(h->table->locks, l->key, l);
    }
    buf_free(&b);
    return l;
}

static void drop_unused(struct advisory *t, struct lock *l)
{
    if (!l->holds && !l->first) {
        map_remove(t->locks, l->key);
        free((void *)(uintptr_t)l->key.p);
        free(l);
    }
}

static struct hold *hold_of(const struct advisory_holder *h, const struct lock *l)
{
    struct hold *at = h->holds;
    while (at && at->lock != l) {
        at = at->next_of_holder;
    }
    return at;
}

static void take(struct advisory_holder *h, struct lock *l, bool shared, bool of_transaction)
{
    struct hold *at = hold_of(h, l);
    if (!at) {
        at = mem_calloc(1, sizeof *at);
        *at = (struct hold){
            .holder = h, .lock = l, .next_of_lock = l->holds, .next_of_holder = h->holds};
        l->holds = h->holds = at;
        h->hold_count++;
    }
    at->count[shared][of_transaction]++;
}

/* ---- who is in the way ---- */

static bool conflicts(const struct hold *with, bool shared)
{
    return !shared || with->count[0][0] || with->count[0][1];
}

static bool is_held_by_others(const struct lock *l, const struct advisory_holder *h, bool shared)
{
    for (const struct hold *at = l->holds; at; at = at->next_of_lock) {
        if (at->holder != h && conflicts(at, shared)) {
            return true;
        }
    }
    return false;
}

static bool is_waited_for(const struct lock *l, bool shared)
{
    for (const struct advisory_holder *w = l->first; w; w = w->next) {
        if (!shared || !w->request.shared) {
            return true;
        }
    }
    return false;
}

/* ---- circles ---- */

/* What the other holders of `l` wait for. True: `h` is one, where it is sought. */
static bool see_behind(const struct lock *l, const struct advisory_holder *h, bool is_sought,
                       struct lock ***last)
{
    for (const struct hold *at = l->holds; at; at = at->next_of_lock) {
        struct lock *wanted = at->holder->wanted;
        if (at->holder == h && is_sought) {
            return true;
        }
        if (at->holder != h && wanted && !wanted->is_seen) {
            wanted->is_seen = true;
            wanted->seen_next = NULL;
            **last = wanted;
            *last = &wanted->seen_next;
        }
    }
    return false;
}

/* Would `h` wait for itself? Who waits for a lock waits for all that hold it: the first in the
 * queue does, or there would be no queue, and those behind wait for the first. So each lock is
 * looked at once, however many wait for it. */
static bool is_circle(const struct advisory_holder *h, const struct lock *l)
{
    struct lock *first = NULL, **last = &first;
    bool found = see_behind(l, h, false, &last);
    for (const struct lock *at = first; at && !found; at = at->seen_next) {
        found = see_behind(at, h, true, &last);
    }
    for (; first; first = first->seen_next) {
        first->is_seen = false;
    }
    return found;
}

/* ---- waiting ---- */

static void wake(struct advisory_holder *h)
{
    if (h->wake) {
        h->wake(h->ctx);
        h->wake = NULL;
    }
}

static void unqueue(struct lock *l, struct advisory_holder *h)
{
    struct advisory_holder **at = &l->first;
    while (*at != h) {
        at = &(*at)->next;
    }
    *at = h->next;
    l->last = h->next ? l->last : at;
    h->wanted = NULL;
}

static void grant(struct lock *l, struct advisory_holder *h)
{
    unqueue(l, h);
    take(h, l, h->request.shared, h->request.of_transaction);
    h->wait = GRANTED;
    wake(h);
}

/* Something was given up: who can have it now has it. Behind one that can't, only who has the lock
 * already and waits for more of it may: as the last holder. */
static void serve(struct lock *l)
{
    while (l->first && !is_held_by_others(l, l->first, l->first->request.shared)) {
        grant(l, l->first);
    }
    if (l->holds && !l->holds->next_of_lock && l->holds->holder->wanted == l) {
        grant(l, l->holds->holder);
    }
}

static enum advisory_answer begin_wait(struct advisory_holder *h, struct lock *l,
                                       const struct advisory_request *r)
{
    if (!r->may_wait) {
        return ADVISORY_BUSY;
    }
    if (is_circle(h, l)) {
        return ADVISORY_DEADLOCK;
    }
    h->request = *r;
    h->wanted = l;
    h->wait = WAITING;
    h->is_poked = false;
    h->next = NULL;
    *l->last = h;
    l->last = &h->next;
    return ADVISORY_WAITS;
}

enum advisory_answer advisory_lock(struct advisory_holder *h, const struct advisory_request *r)
{
    enum advisory_answer answer = ADVISORY_HELD;
    pthread_mutex_lock(&h->table->mutex);
    struct lock *l = find_lock(h, r->key, true);
    if (!hold_of(h, l) && h->hold_count >= ADVISORY_LOCKS_MAX) {
        answer = ADVISORY_FULL;
    } else if (!is_held_by_others(l, h, r->shared) &&
               (hold_of(h, l) || !is_waited_for(l, r->shared))) {
        take(h, l, r->shared, r->of_transaction);
    } else {
        answer = begin_wait(h, l, r);
    }
    drop_unused(h->table, l);
    pthread_mutex_unlock(&h->table->mutex);
    return answer;
}

void advisory_arm(struct advisory_holder *h, void (*fn)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&h->table->mutex);
    h->wake = fn;
    h->ctx = ctx;
    if (h->wait != WAITING || h->is_poked) {
        wake(h);
    }
    pthread_mutex_unlock(&h->table->mutex);
}

void advisory_poke(struct advisory_holder *h)
{
    if (h) {
        pthread_mutex_lock(&h->table->mutex);
        h->is_poked = true;
        wake(h);
        pthread_mutex_unlock(&h->table->mutex);
    }
}

bool advisory_finish(struct advisory_holder *h)
{
    pthread_mutex_lock(&h->table->mutex);
    bool is_held = h->wait == GRANTED;
    if (h->wait == WAITING) {
        struct lock *l = h->wanted;
        unqueue(l, h);
        serve(l); /* others may have waited for this one's turn alone */
        drop_unused(h->table, l);
    }
    h->wait = NOT_WAITING;
    h->wake = NULL;
    pthread_mutex_unlock(&h->table->mutex);
    return is_held;
}

/* ---- giving up ---- */

static void drop_if_unused(struct advisory_holder *h, struct hold *at)
{
    struct lock *l = at->lock;
    if (at->count[0][0] || at->count[0][1] || at->count[1][0] || at->count[1][1]) {
        serve(l); /* what was exclusive may be shared now */
        return;
    }
    struct hold **of_lock = &l->holds, **of_holder = &h->holds;
    while (*of_lock != at) {
        of_lock = &(*of_lock)->next_of_lock;
    }
    while (*of_holder != at) {
        of_holder = &(*of_holder)->next_of_holder;
    }
    *of_lock = at->next_of_lock;
    *of_holder = at->next_of_holder;
    h->hold_count--;
    free(at);
    serve(l);
    drop_unused(h->table, l);
}

bool advisory_unlock(struct advisory_holder *h, struct advisory_key key, bool shared)
{
    pthread_mutex_lock(&h->table->mutex);
    struct lock *l = find_lock(h, key, false);
    struct hold *at = l ? hold_of(h, l) : NULL;
    bool is_held = at && at->count[shared][false] > 0;
    if (is_held) {
        at->count[shared][false]--;
        drop_if_unused(h, at);
    }
    pthread_mutex_unlock(&h->table->mutex);
    return is_held;
}

/* All of the transaction, or all others. */
static void give_up(struct advisory_holder *h, bool of_transaction)
{
    struct hold *next;
    pthread_mutex_lock(&h->table->mutex);
    for (struct hold *at = h->holds; at; at = next) {
        next = at->next_of_holder;
        if (at->count[0][of_transaction] || at->count[1][of_transaction]) {
            at->count[0][of_transaction] = at->count[1][of_transaction] = 0;
            drop_if_unused(h, at);
        }
    }
    pthread_mutex_unlock(&h->table->mutex);
}

void advisory_unlock_all(struct advisory_holder *h)
{
    give_up(h, false);
}

void advisory_end_transaction(struct advisory_holder *h)
{
    give_up(h, true);
}

void advisory_leave(struct advisory_holder *h)
{
    if (h) {
        (void)advisory_finish(h);
        give_up(h, true);
        give_up(h, false);
        free((void *)(uintptr_t)h->place.p);
        free(h);
    }
}
