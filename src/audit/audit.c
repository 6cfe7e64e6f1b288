/* The log's writer. An appender builds its members outside any lock; under it, it gives its entry
 * seq, time and hashes, and hands it to the operating system itself: no other thread is woken for
 * it.
 *
 * Group commit: one of those who wait for the disk syncs for all that came before it. Whoever comes
 * while it does so leaves the entry in the batch, and the first of them to wake writes and syncs
 * the whole batch.
 *
 * After the first failure nothing more is written: what a failing disk kept can't be known, and an
 * answer given without a record is what this log exists to prevent. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "audit/audit_priv.h"
#include "audit/segment.h"
#include "base/log.h"
#include "metrics/metrics.h"

enum {
    BATCH_BYTES = 1024 * 1024,    /* a batch is written at once when it passes this */
    CLOCK_STEP_US = 60 * 1000000, /* by less the clock may be set without a word */
    LINE_FRAME_MAX = 448,         /* bytes of a line around its body */
};

/* --- lines and files: under the lock --- */

static void put_line(struct audit *a, enum audit_kind kind, struct str body, int64_t now)
{
    chain_write(&a->chain, &a->batch, now, kind, body);
    a->last_us = now > a->last_us ? now : a->last_us;
    metrics_add(METRIC_AUDIT_ENTRIES, 1);
}

void audit_put_system(struct audit *a, int64_t now, const struct entry_system *entry)
{
    struct buf body = BUF_INIT(0);
    entry_write_system(&body, entry);
    put_line(a, AUDIT_SYSTEM, buf_str(&body), now);
    buf_free(&body);
}

static void put_jump(struct audit *a, const char *action, int64_t expected, int64_t now)
{
    char before[CLOCK_TEXT_SIZE], after[CLOCK_TEXT_SIZE];
    clock_format(expected, before);
    clock_format(now, after);
    audit_put_system(
        a, now,
        &(struct entry_system){.action = action, .before = str_of(before), .after = str_of(after)});
    log_warn("audit", "the clock went from %s to %s", before, after);
}

/* The clock that only goes on tells what the wall clock should say: small steps add up until they
 * are one that is told. */
int64_t audit_entry_time(struct audit *a)
{
    int64_t now = clock_wall_us(), expected = clock_boot_us() + a->wall_ahead_us;
    if (now < a->last_us || now < expected - CLOCK_STEP_US) {
        put_jump(a, "clock_set_back", now < a->last_us ? a->last_us : expected, now);
        a->last_us = now;
        a->wall_ahead_us += now - expected;
    } else if (now > expected + CLOCK_STEP_US) {
        put_jump(a, CHAIN_CLOCK_FORWARD, expected, now);
        a->wall_ahead_us += now - expected;
    }
    return now;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* They look at the state anew. */
static void wake_all(struct audit *a)
{
    pthread_cond_broadcast(&a->idle);
    pthread_cond_broadcast(&a->synced[0]);
    pthread_cond_broadcast(&a->synced[1]);
}

/* Whoever waits for a sync or for room must hear of it: there will be none. */
static bool fail(struct audit *a, const char *what)
{
    log_error("audit", "%s failed: %s; statements are refused from now on", what, strerror(errno));
    atomic_store(&a->failed, true);
    wake_all(a);
    return false;
}

/* Writes the batch. When that fails the part that was written is taken back, so that the log ends
 * with a whole entry. */
bool audit_flush(struct audit *a)
{
    if (a->batch.n && !write_all(a->fd, a->batch.p, a->batch.n)) {
        fail(a, "writing");
        if (ftruncate(a->fd, (off_t)a->size) != 0) {
            log_error("audit", "the unfinished line couldn't be taken back: %s", strerror(errno));
        }
        return false;
    }
    a->size += a->batch.n;
    buf_clear(&a->batch);
    return true;
}

bool audit_sync(struct audit *a)
{
    int64_t begun = clock_mono_ns();
    if (fdatasync(a->fd) != 0) {
        return fail(a, "fdatasync");
    }
    metrics_observe(METRIC_AUDIT_FSYNC, clock_mono_ns() - begun);
    return true;
}

bool audit_begin_segment(struct audit *a, unsigned number, int flags)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(number, name);
    int fd = openat(a->dir_fd, name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0 || fsync(a->dir_fd) != 0) {
        fail(a, "opening a segment");
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    if (a->fd >= 0) {
        close(a->fd);
    }
    a->fd = fd;
    if (a->size == 0) {
        struct buf body = BUF_INIT(0);
        chain_open_segment(&a->chain, number);
        int64_t now = clock_wall_us();
        chain_write_opening(&a->chain, now, &body);
        put_line(a, AUDIT_SYSTEM, buf_str(&body), now);
        buf_free(&body);
    }
    return true;
}

/* The first entry of the next file names the file before and that one's last hash, so that a lost
 * file is missed from either side. */
bool audit_rotate(struct audit *a)
{
    (void)audit_entry_time(a); /* the opening's gap is not that of a jump */
    if (!audit_flush(a) || !audit_sync(a)) {
        return false;
    }
    a->durable = a->chain.seq;
    wake_all(a);
    a->size = 0;
    return audit_begin_segment(a, a->chain.segment + 1, O_CREAT | O_EXCL);
}

static bool is_full(const struct audit *a, size_t bytes)
{
    uint64_t used = a->size + a->batch.n;
    return used && used + bytes > a->segment_bytes;
}

bool audit_make_room(struct audit *a, size_t bytes)
{
    while (audit_is_healthy(a) && is_full(a, bytes)) {
        if (!a->syncing) {
            return audit_rotate(a);
        }
        pthread_cond_wait(&a->idle, &a->lock);
    }
    return audit_is_healthy(a);
}

/* --- group commit: under the lock --- */

/* Syncs for all whose entries are there; the lock is free meanwhile. */
static void lead(struct audit *a)
{
    if (!audit_flush(a)) {
        return;
    }
    uint64_t round = ++a->round;
    a->covering = a->chain.seq;
    a->syncing = true;
    pthread_mutex_unlock(&a->lock);
    bool ok = audit_sync(a);
    pthread_mutex_lock(&a->lock);
    a->syncing = false;
    if (!ok) {
        wake_all(a); /* again: that of the failure was without the lock */
        return;
    }
    a->durable = a->covering;
    pthread_cond_broadcast(&a->idle);
    pthread_cond_broadcast(&a->synced[round % 2]);
    pthread_cond_signal(&a->synced[(round + 1) % 2]); /* one of the next leads */
}

bool audit_wait_durable(struct audit *a, uint64_t seq)
{
    while (a->durable < seq && audit_is_healthy(a)) {
        if (!a->syncing) {
            lead(a);
        } else {
            uint64_t round = a->round + (seq > a->covering);
            pthread_cond_wait(&a->synced[round % 2], &a->lock);
        }
    }
    return a->durable >= seq;
}

/* --- appending --- */

/* An entry that waits for the disk stays in the batch while a sync is under way: it couldn't be in
 * it. */
static bool append_locked(struct audit *a, enum audit_kind kind, struct str body,
                          enum audit_wait wait)
{
    if (!audit_make_room(a, body.n + LINE_FRAME_MAX)) {
        return false;
    }
    int64_t now = audit_entry_time(a);
    put_line(a, kind, body, now);
    uint64_t seq = a->chain.seq;
    notary_tell(a->notary);
    if ((wait == AUDIT_WRITTEN || a->batch.n > BATCH_BYTES) && !audit_flush(a)) {
        return false;
    }
    return wait == AUDIT_WRITTEN || audit_wait_durable(a, seq);
}

/* ---- the organizations' own patterns ---- */

static struct patterns *current_patterns(struct audit *a)
{
    pthread_mutex_lock(&a->patterns_lock);
    struct patterns *p = patterns_ref(a->patterns);
    pthread_mutex_unlock(&a->patterns_lock);
    return p;
}

void audit_set_patterns(struct audit *a, struct patterns *p)
{
    pthread_mutex_lock(&a->patterns_lock);
    struct patterns *before = a->patterns;
    a->patterns = p;
    a->patterns_version++;
    pthread_mutex_unlock(&a->patterns_lock);
    patterns_unref(before);
}

uint64_t audit_patterns_version(struct audit *a)
{
    pthread_mutex_lock(&a->patterns_lock);
    uint64_t version = a->patterns_version;
    pthread_mutex_unlock(&a->patterns_lock);
    return version;
}

enum status audit_append(struct audit *a, const struct audit_entry *entry, enum audit_wait wait,
                         struct error *e)
{
    if (!audit_is_healthy(a)) {
        return error_set(e, ERR_AUDIT, "the audit log can't be written");
    }
    struct buf body = BUF_INIT(LINE_BYTES_MAX - LINE_FRAME_MAX);
    struct patterns *patterns = current_patterns(a);
    entry_write(&body, entry, patterns_of(patterns, entry->org_id), a->fingerprint_key);
    patterns_unref(patterns);
    if (body.failed) {
        buf_free(&body);
        return error_set(e, ERR_AUDIT, "the audit entry of this statement would be too large");
    }
    pthread_mutex_lock(&a->lock);
    bool ok = append_locked(a, entry->kind, buf_str(&body), wait);
    pthread_mutex_unlock(&a->lock);
    buf_free(&body);
    if (ok && a->see) {
        a->see(a->see_ctx, entry);
    }
    return ok ? OK : error_set(e, ERR_AUDIT, "the audit log can't be written");
}

void audit_observe(struct audit *a, void (*see)(void *ctx, const struct audit_entry *entry),
                   void *ctx)
{
    a->see_ctx = ctx;
    a->see = see;
}

struct str audit_text(struct audit *a, const struct audit_entry *entry, struct arena *arena)
{
    struct buf text = BUF_INIT(0);
    struct patterns *patterns = current_patterns(a);
    entry_write_text(&text, entry, patterns_of(patterns, entry->org_id), a->fingerprint_key);
    patterns_unref(patterns);
    struct str members = arena_str(arena, buf_str(&text));
    buf_free(&text);
    return members;
}

bool audit_is_healthy(const struct audit *a)
{
    return !atomic_load(&a->failed);
}
