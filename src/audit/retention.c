/* A segment is old when the next one opened longer ago than entries are kept, by two measures: the
 * time of the log's last entry, and the age of the log (docs/audit-format.md, Age), which no
 * clock that jumps makes greater by more than a week. The system's clock alone decides nothing.
 *
 * The order makes any end of the process harmless: an entry tells what will be deleted, with the
 * signed checkpoint; then the same checkpoint is kept in the folder; then the segments go, one at a
 * time from the oldest, and before each it is asked anew whether a hold stands. The next run goes
 * on where this one ended. */
#include "audit/retention.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/kept.h"
#include "audit/reader.h"
#include "base/log.h"
#include "base/retention.h"

enum { ROOM = 2048 }; /* bytes of the entry's line, at most */

#define DAY_US (86400 * INT64_C(1000000))

struct expiry {
    struct audit *log;
    struct notary *notary;
    const struct audit_retention *rule;
    struct reader files;
    int64_t days;      /* that all who may demand it want */
    struct chain next; /* before the opening that was looked at last, and its time: */
    int64_t next_us;
};

/* How long entries are kept. False where a hold stands, or nobody can tell. */
static bool ask(struct expiry *x)
{
    struct audit_demand demand = {0};
    struct error e = ERROR_INIT;
    x->days = x->rule->days > RETENTION_LAW_DAYS ? x->rule->days : RETENTION_LAW_DAYS;
    if (x->rule->ask(x->rule->ctx, &demand, &e) != OK) {
        log_warn("audit", "nothing is deleted: %s", e.message);
        return false;
    }
    x->days = demand.days > x->days ? demand.days : x->days;
    return !demand.held;
}

/* What the first line of the segment at `i` tells of before. */
static bool look_at_opening(struct expiry *x, size_t i)
{
    struct str text;
    struct line line;
    struct error e = ERROR_INIT;
    struct chain chain = {.hasher = x->next.hasher};
    reader_begin(&x->files, i, i + 1, &chain);
    if (reader_next(&x->files, &text, &line, &e) != READER_LINE ||
        line.version < LINE_VERSION_AGE) {
        return false;
    }
    x->next = chain;
    chain_trust(&x->next, &line);
    x->next_us = line.at_us;
    return x->next.whole;
}

/* Whether all entries of the segment at `i`, which isn't the last, are older than `days`. */
static bool is_old(struct expiry *x, size_t i, int64_t days)
{
    struct audit *a = x->log;
    if (!look_at_opening(x, i + 1)) {
        return false;
    }
    pthread_mutex_lock(&a->lock);
    int64_t age = a->chain.age_us, at = a->chain.at_us;
    pthread_mutex_unlock(&a->lock);
    return age - x->next.age_us >= days * DAY_US && at - x->next_us >= days * DAY_US;
}

static size_t count_old(struct expiry *x, int64_t days)
{
    size_t n = 0;
    while (n + 1 < x->files.count && is_old(x, n, days)) {
        n++;
    }
    return n;
}

/* Makes the entry durable. */
static bool tell(struct expiry *x, struct str note)
{
    struct audit *a = x->log;
    pthread_mutex_lock(&a->lock);
    bool done = audit_make_room(a, ROOM);
    if (done) {
        audit_put_system(a, audit_entry_time(a),
                         &(struct entry_system){.action = KEPT_ACTION, .checkpoint = note});
        done = audit_wait_durable(a, a->chain.seq);
    }
    pthread_mutex_unlock(&a->lock);
    return done;
}

/* The checkpoint over the segments before the one at `i`: told, kept, given to the anchors. */
static bool keep_checkpoint(struct expiry *x, size_t i)
{
    struct kept k = {.through = x->files.numbers[i - 1], .days = (unsigned)x->days};
    struct buf text = BUF_INIT(0), note = BUF_INIT(0);
    struct error e = ERROR_INIT;
    bool done = look_at_opening(x, i);
    if (done) {
        checkpoint_of(&x->next, &k.checkpoint);
        clock_format(clock_wall_us(), k.when);
        kept_write(&k, &text);
        done = notary_sign(x->notary, buf_str(&text), &note) && tell(x, buf_str(&note));
    }
    if (done && kept_put(x->log->dir_fd, k.checkpoint.size, buf_str(&note), &e) != OK) {
        log_error("audit", "expired entries stay: %s", e.message);
        done = false;
    }
    if (done) {
        notary_publish(x->notary, k.checkpoint.size, buf_str(&note));
        log_info("audit", "entries up to %llu expired after %u days",
                 (unsigned long long)k.checkpoint.size, k.days);
    }
    buf_free(&text);
    buf_free(&note);
    return done;
}

/* Durable before the next goes, so that those that are left have no gap. */
static bool delete_segment(struct audit *a, unsigned number)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(number, name);
    pthread_mutex_lock(&a->lock);
    a->expired =
        number > a->expired ? number : a->expired; /* before it is gone: see audit_check() */
    pthread_mutex_unlock(&a->lock);
    if ((unlinkat(a->dir_fd, name, 0) != 0 && errno != ENOENT) || fsync(a->dir_fd) != 0) {
        log_error("audit", "%s, which expired, can't be deleted: %s", name, strerror(errno));
        return false;
    }
    return true;
}

static void expire(struct expiry *x)
{
    struct error e = ERROR_INIT;
    unsigned through = 0;
    if (count_old(x, RETENTION_LAW_DAYS) == 0 || !ask(x)) {
        return;
    }
    size_t n = count_old(x, x->days);
    if (kept_through(x->log->dir_fd, &through, &e) != OK) {
        log_error("audit", "expired entries stay: %s", e.message);
        return;
    }
    if (n == 0 || (x->files.numbers[n - 1] > through && !keep_checkpoint(x, n))) {
        return;
    }
    for (size_t i = 0; i < n && ask(x) && is_old(x, i, x->days); i++) {
        if (!delete_segment(x->log, x->files.numbers[i])) {
            return;
        }
    }
}

void retention_run(struct audit *a, struct notary *n, const struct audit_retention *r)
{
    struct expiry x = {.log = a, .notary = n, .rule = r, .next = {.hasher = hasher_new()}};
    struct hasher *hasher = x.next.hasher;
    struct error e = ERROR_INIT;
    if (reader_open_folder(&x.files, a->dir, &e) != OK) {
        log_error("audit", "expired entries stay: %s", e.message);
    } else if (audit_is_healthy(a)) {
        expire(&x);
    }
    reader_close(&x.files);
    hasher_free(hasher);
}
