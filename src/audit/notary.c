/* The thread that signs the log's state. The checkpoint is an entry, over all the entries before
 * it; it goes to the anchors once it is on the disk: an anchor must never know of entries that a
 * loss of power took from the log. */
#include <stdlib.h>

#include "audit/audit_priv.h"
#include "audit/dispatch.h"
#include "audit/retention.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"

enum { ROOM = 2048 }; /* bytes of a checkpoint's line, at most */

struct notary {
    struct audit *log;
    struct note_key key;
    uint8_t seed[NOTE_SEED_SIZE];
    uint64_t entries;
    int64_t interval_ms;
    struct audit_retention retention; /* `ask` NULL: nothing is ever deleted */
    struct dispatch **anchors;
    size_t anchor_count;
    pthread_t thread;
    /* Under the log's lock: */
    pthread_cond_t due;
    uint64_t signed_seq; /* of the last checkpoint's entry, or the first seq that isn't ours */
    bool stopping;
};

/* --- under the log's lock --- */

bool notary_sign(const struct notary *n, struct str text, struct buf *note)
{
    struct error e = ERROR_INIT;
    bool done = note_sign(&n->key, n->seed, text, note, &e) == OK;
    if (!done) {
        log_error("audit", "a checkpoint can't be signed: %s", e.message);
    }
    return done;
}

static bool sign(const struct notary *n, uint64_t *size, struct buf *note)
{
    struct checkpoint c;
    struct buf text = BUF_INIT(0);
    checkpoint_of(&n->log->chain, &c);
    checkpoint_write(&c, &text);
    *size = c.size;
    bool done = notary_sign(n, buf_str(&text), note);
    buf_free(&text);
    return done;
}

/* Gives the note once its entry is on the disk. */
static bool put_checkpoint(struct notary *n, uint64_t *size, struct buf *note)
{
    struct audit *a = n->log;
    if (!audit_make_room(a, ROOM)) {
        return false;
    }
    int64_t now = audit_entry_time(a);
    bool done = sign(n, size, note);
    if (done) {
        audit_put_system(
            a, now, &(struct entry_system){.action = "checkpoint", .checkpoint = buf_str(note)});
    }
    n->signed_seq = a->chain.seq;
    return done && audit_wait_durable(a, n->signed_seq);
}

static bool is_news(const struct notary *n)
{
    return n->log->chain.seq > n->signed_seq && audit_is_healthy(n->log);
}

static bool is_due(const struct notary *n)
{
    return n->log->chain.seq - n->signed_seq >= n->entries && audit_is_healthy(n->log);
}

/* --- without it --- */

void notary_publish(struct notary *n, uint64_t size, struct str note)
{
    for (size_t i = 0; i < n->anchor_count; i++) {
        dispatch_send(n->anchors[i], size, note);
    }
}

/* With the log's lock, which it leaves and takes again. */
static void checkpoint_now(struct notary *n)
{
    struct buf note = BUF_INIT(0);
    uint64_t size;
    bool done = put_checkpoint(n, &size, &note);
    pthread_mutex_unlock(&n->log->lock);
    if (done) {
        metrics_add(METRIC_CHECKPOINTS, 1);
        notary_publish(n, size, buf_str(&note));
    }
    buf_free(&note);
    pthread_mutex_lock(&n->log->lock);
}

/* With the log's lock, as checkpoint_now(). The log grows older only by new entries. */
static void expire_now(struct notary *n)
{
    if (n->retention.ask && !n->stopping) {
        pthread_mutex_unlock(&n->log->lock);
        retention_run(n->log, n, &n->retention);
        pthread_mutex_lock(&n->log->lock);
    }
}

static void *work(void *notary)
{
    struct notary *n = notary;
    pthread_mutex_lock(&n->log->lock);
    expire_now(n);
    do {
        int64_t end_ns = clock_mono_ns() + n->interval_ms * 1000000;
        while (!n->stopping && !is_due(n) && cond_wait_until(&n->due, &n->log->lock, end_ns)) {
        }
        if (is_news(n)) {
            checkpoint_now(n);
            expire_now(n);
        }
    } while (!n->stopping || is_news(n));
    pthread_mutex_unlock(&n->log->lock);
    return NULL;
}

void notary_tell(struct notary *n)
{
    if (n && is_due(n)) {
        pthread_cond_signal(&n->due);
    }
}

/* --- starting and stopping --- */

static void notary_free(struct notary *n)
{
    for (size_t i = 0; i < n->anchor_count; i++) {
        dispatch_stop(n->anchors[i]);
    }
    pthread_cond_destroy(&n->due);
    free(n->anchors);
    mem_wipe(n->seed, sizeof n->seed);
    free(n);
}

/* Which key signs from here on: what a verifier needs, and when it was another. */
static void put_key(struct notary *n)
{
    struct buf key = BUF_INIT(0);
    note_key_write(&n->key, &key);
    audit_put_system(n->log, audit_entry_time(n->log),
                     &(struct entry_system){.action = "checkpoint_key", .after = buf_str(&key)});
    buf_free(&key);
}

static enum status start_anchors(struct notary *n, const struct audit_notary *config,
                                 struct error *e)
{
    while (n->anchor_count < config->anchor_count) {
        if (dispatch_start(config->anchors[n->anchor_count], &n->anchors[n->anchor_count], e) !=
            OK) {
            return FAIL;
        }
        n->anchor_count++;
    }
    return OK;
}

enum status notary_start(struct audit *a, const struct audit_notary *config, struct error *e)
{
    char name[CHECKPOINT_ORIGIN_SIZE];
    struct notary *n = mem_calloc(1, sizeof *n);
    n->log = a;
    n->entries = config->entries;
    n->interval_ms = config->interval_ms;
    if (config->retention) {
        n->retention = *config->retention;
    }
    n->anchors = mem_calloc(config->anchor_count + 1, sizeof *n->anchors);
    memcpy(n->seed, config->seed, sizeof n->seed);
    cond_init(&n->due);
    checkpoint_origin(a->chain.log_id, name);
    if (note_key_of(name, n->seed, &n->key, e) != OK || start_anchors(n, config, e) != OK) {
        notary_free(n);
        return FAIL;
    }
    put_key(n);
    if (pthread_create(&n->thread, NULL, work, n) != 0) {
        notary_free(n);
        return error_set(e, ERR_INTERNAL, "the thread of the audit log's checkpoints can't start");
    }
    a->notary = n;
    return OK;
}

void notary_stop(struct notary *n)
{
    if (!n) {
        return;
    }
    pthread_mutex_lock(&n->log->lock);
    n->stopping = true;
    pthread_cond_signal(&n->due);
    pthread_mutex_unlock(&n->log->lock);
    pthread_join(n->thread, NULL);
    n->log->notary = NULL;
    notary_free(n);
}

size_t audit_anchors(const struct audit *a, struct anchor_state *out, size_t max)
{
    size_t n = a->notary ? a->notary->anchor_count : 0;
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++) {
        dispatch_state(a->notary->anchors[i], &out[i]);
    }
    return n;
}
