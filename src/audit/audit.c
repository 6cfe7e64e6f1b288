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
#include "audit/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/entry.h"
#include "audit/recover.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "metrics/metrics.h"

enum {
    SEGMENT_BYTES_DEFAULT = 64 * 1024 * 1024,
    SEGMENT_BYTES_LEAST = 4096,
    BATCH_BYTES = 1024 * 1024, /* a batch is written at once when it passes this */
    LINE_FRAME_MAX = 320,      /* bytes of a line around its body */
    OPEN_INTENTS_LISTED = 500,
};

struct audit {
    uint8_t fingerprint_key[32];
    uint64_t segment_bytes;
    int dir_fd, lock_fd;
    bool opened;
    atomic_bool failed;

    pthread_mutex_t lock; /* over all that follows */
    int fd;               /* stays the same while somebody syncs */
    unsigned segment;
    uint64_t size, seq;
    int64_t last_us;
    char hash[LINE_HASH_TEXT + 1];
    struct hasher *hasher;
    struct buf batch; /* lines that the operating system doesn't have yet */

    uint64_t durable;         /* entries up to this seq are on the disk */
    bool syncing;             /* a thread is in fdatasync, without the lock */
    uint64_t round, covering; /* of the last sync that began: its number, and the last seq in it */
    pthread_cond_t
        synced[2];       /* [r % 2]: the entries of round r are on the disk, or round r may begin */
    pthread_cond_t idle; /* nobody syncs */
};

/* --- lines and files: under the lock --- */

static void put_line(struct audit *a, enum audit_kind kind, struct str body, int64_t now)
{
    line_write(&a->batch, a->hasher, ++a->seq, now, kind, body, a->hash);
    a->last_us = now > a->last_us ? now : a->last_us;
    metrics_add(METRIC_AUDIT_ENTRIES, 1);
}

static void put_system(struct audit *a, const char *action, struct str resource, struct str before,
                       struct str after)
{
    struct buf body = BUF_INIT(0);
    entry_write_system(&body, action, resource, before, after, NULL, 0, 0);
    put_line(a, AUDIT_SYSTEM, buf_str(&body), clock_wall_us());
    buf_free(&body);
}

/* Now; when that is before the entry before, an entry says so first. */
static int64_t entry_time(struct audit *a)
{
    int64_t now = clock_wall_us();
    if (now < a->last_us) {
        char before[CLOCK_TEXT_SIZE], after[CLOCK_TEXT_SIZE];
        clock_format(a->last_us, before);
        clock_format(now, after);
        put_system(a, "clock_set_back", STR_NULL, str_of(before), str_of(after));
        a->last_us = now;
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

static bool fail(struct audit *a, const char *what)
{
    log_error("audit", "%s failed: %s; statements are refused from now on", what, strerror(errno));
    atomic_store(&a->failed, true);
    return false;
}

/* Writes the batch. When that fails the part that was written is taken back, so that the log ends
 * with a whole entry. */
static bool flush_batch(struct audit *a)
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

static bool sync_file(struct audit *a)
{
    int64_t begun = clock_mono_ns();
    if (fdatasync(a->fd) != 0) {
        return fail(a, "fdatasync");
    }
    metrics_observe(METRIC_AUDIT_FSYNC, clock_mono_ns() - begun);
    return true;
}

/* They look at the state anew. */
static void wake_all(struct audit *a)
{
    pthread_cond_broadcast(&a->idle);
    pthread_cond_broadcast(&a->synced[0]);
    pthread_cond_broadcast(&a->synced[1]);
}

static bool open_segment(struct audit *a, unsigned number, int flags)
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
    a->segment = number;
    return true;
}

/* The next file. Its first entry names the file before and that one's last hash, so that a lost
 * file is missed from either side. */
static bool rotate(struct audit *a)
{
    char name[SEGMENT_NAME_SIZE], hash[LINE_HASH_TEXT + 1];
    if (!flush_batch(a) || !sync_file(a)) {
        return false;
    }
    a->durable = a->seq;
    wake_all(a);
    if (!open_segment(a, a->segment + 1, O_CREAT | O_EXCL)) {
        return false;
    }
    a->size = 0;
    segment_name(a->segment - 1, name);
    memcpy(hash, a->hash, sizeof hash);
    put_system(a, "segment", str_of(name), str_of(hash), STR_NULL);
    return true;
}

static bool is_full(const struct audit *a, size_t bytes)
{
    uint64_t used = a->size + a->batch.n;
    return used && used + bytes > a->segment_bytes;
}

/* A segment with room for so many bytes. */
static bool make_room(struct audit *a, size_t bytes)
{
    while (audit_is_healthy(a) && is_full(a, bytes)) {
        if (!a->syncing) {
            return rotate(a);
        }
        pthread_cond_wait(&a->idle, &a->lock);
    }
    return audit_is_healthy(a);
}

/* --- group commit: under the lock --- */

/* Syncs for all whose entries are there; the lock is free meanwhile. */
static void lead(struct audit *a)
{
    if (!flush_batch(a)) {
        wake_all(a);
        return;
    }
    uint64_t round = ++a->round;
    a->covering = a->seq;
    a->syncing = true;
    pthread_mutex_unlock(&a->lock);
    bool ok = sync_file(a);
    pthread_mutex_lock(&a->lock);
    a->syncing = false;
    if (!ok) {
        wake_all(a);
        return;
    }
    a->durable = a->covering;
    pthread_cond_broadcast(&a->idle);
    pthread_cond_broadcast(&a->synced[round % 2]);
    pthread_cond_signal(&a->synced[(round + 1) % 2]); /* one of the next leads */
}

static bool wait_durable(struct audit *a, uint64_t seq)
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
    if (!make_room(a, body.n + LINE_FRAME_MAX)) {
        return false;
    }
    int64_t now = entry_time(a);
    put_line(a, kind, body, now);
    uint64_t seq = a->seq;
    if ((wait == AUDIT_WRITTEN || a->batch.n > BATCH_BYTES) && !flush_batch(a)) {
        wake_all(a);
        return false;
    }
    return wait == AUDIT_WRITTEN || wait_durable(a, seq);
}

enum status audit_append(struct audit *a, const struct audit_entry *entry, enum audit_wait wait,
                         struct error *e)
{
    if (!audit_is_healthy(a)) {
        return error_set(e, ERR_AUDIT, "the audit log can't be written");
    }
    struct buf body = BUF_INIT(LINE_MAX - LINE_FRAME_MAX);
    entry_write(&body, entry, a->fingerprint_key);
    if (body.failed) {
        buf_free(&body);
        return error_set(e, ERR_AUDIT, "the audit entry of this statement would be too large");
    }
    pthread_mutex_lock(&a->lock);
    bool ok = append_locked(a, entry->kind, buf_str(&body), wait);
    pthread_mutex_unlock(&a->lock);
    buf_free(&body);
    return ok ? OK : error_set(e, ERR_AUDIT, "the audit log can't be written");
}

struct str audit_text(const struct audit *a, struct str sql, struct arena *arena)
{
    struct buf text = BUF_INIT(0);
    entry_write_text(&text, sql, a->fingerprint_key);
    struct str members = arena_str(arena, buf_str(&text));
    buf_free(&text);
    return members;
}

bool audit_is_healthy(const struct audit *a)
{
    return !atomic_load(&a->failed);
}

/* --- opening and closing --- */

static enum status open_folder(struct audit *a, const char *dir, struct error *e)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return error_set(e, ERR_AUDIT, "the audit folder %s can't be made: %s", dir,
                         strerror(errno));
    }
    a->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (a->dir_fd < 0 || fchmod(a->dir_fd, 0700) != 0) {
        return error_set(e, ERR_AUDIT, "the audit folder %s can't be used: %s", dir,
                         strerror(errno));
    }
    a->lock_fd = openat(a->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (a->lock_fd < 0) {
        return error_set(e, ERR_AUDIT, "the audit lock in %s can't be opened: %s", dir,
                         strerror(errno));
    }
    if (flock(a->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        error_set(e, ERR_AUDIT, "the audit log in %s is in use by another process", dir);
        return error_hint(e, "Stop the other server, or give this one its own data folder.");
    }
    return OK;
}

static void put_recovered(struct audit *a, const struct recovery *r)
{
    char name[SEGMENT_NAME_SIZE], bytes[64];
    segment_name(r->segment, name);
    snprintf(bytes, sizeof bytes, "%llu bytes of a torn last line cut",
             (unsigned long long)r->torn);
    put_system(a, "recovered", str_of(name), str_of(bytes), STR_NULL);
    log_warn("audit", "%s: %s", name, bytes);
}

/* Names the intents whose outcome nobody knows: the process ended between the two. */
static void put_open_intents(struct audit *a, const struct recovery *r)
{
    struct str ids[OPEN_INTENTS_LISTED], key;
    size_t n = 0, at = 0, total = map_count(r->open);
    void *value;
    while (n < OPEN_INTENTS_LISTED && map_next(r->open, &at, &key, &value)) {
        ids[n++] = str_of(value);
    }
    char count[32];
    snprintf(count, sizeof count, "%zu", total);
    struct buf body = BUF_INIT(0);
    entry_write_system(&body, "open_intents", str_of(count), STR_NULL, STR_NULL, ids, n, total);
    put_line(a, AUDIT_SYSTEM, buf_str(&body), entry_time(a));
    buf_free(&body);
    log_warn("audit", "%zu statements have an intent and no outcome", total);
}

static void put_log_created(struct audit *a)
{
    char id[ID_UUID_SIZE];
    id_uuid(id);
    put_system(a, "log_created", str_of(id), STR_NULL, STR_NULL);
}

static void put_opening(struct audit *a, const struct recovery *r)
{
    char before[SEGMENT_NAME_SIZE], hash[LINE_HASH_TEXT + 1];
    if (a->segment == 1) {
        put_log_created(a);
        return;
    }
    segment_name(a->segment - 1, before);
    memcpy(hash, r->chain.hash, sizeof hash);
    put_system(a, "segment", str_of(before), str_of(hash), STR_NULL);
}

/* Goes on where the log ends: cuts what is torn, and says what was found. */
static enum status continue_log(struct audit *a, const struct recovery *r, struct error *e)
{
    a->seq = r->chain.seq;
    memcpy(a->hash, r->chain.hash, sizeof a->hash);
    a->size = r->size;
    a->last_us = r->last_us;
    bool fresh = r->segment == 0;
    if (!open_segment(a, fresh ? 1 : r->segment, fresh ? O_CREAT | O_EXCL : 0)) {
        return error_set(e, ERR_AUDIT, "the audit log can't be written: %s", strerror(errno));
    }
    if (r->torn && ftruncate(a->fd, (off_t)r->size) != 0) {
        return error_set(e, ERR_AUDIT, "the audit log's torn last line can't be cut: %s",
                         strerror(errno));
    }
    if (a->size == 0) {
        put_opening(a, r);
    }
    (void)entry_time(a);
    if (r->torn) {
        put_recovered(a, r);
    }
    if (map_count(r->open)) {
        put_open_intents(a, r);
    }
    if (!flush_batch(a) || !sync_file(a)) {
        return error_set(e, ERR_AUDIT, "the audit log can't be written: %s", strerror(errno));
    }
    return OK;
}

static enum status start(struct audit *a, struct error *e)
{
    struct recovery r;
    enum status status = recover(a->dir_fd, a->hasher, &r, e);
    if (status == OK) {
        status = continue_log(a, &r, e);
    }
    recovery_fini(&r);
    a->durable = a->seq;
    a->opened = status == OK;
    return status;
}

enum status audit_open(const struct audit_config *c, struct audit **out, struct error *e)
{
    struct audit *a = mem_alloc(sizeof *a);
    memcpy(a->fingerprint_key, c->fingerprint_key, sizeof a->fingerprint_key);
    a->segment_bytes = c->segment_bytes ? c->segment_bytes : SEGMENT_BYTES_DEFAULT;
    if (a->segment_bytes < SEGMENT_BYTES_LEAST) {
        a->segment_bytes = SEGMENT_BYTES_LEAST;
    }
    a->dir_fd = a->lock_fd = a->fd = -1;
    a->hasher = hasher_new();
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->synced[0], NULL);
    pthread_cond_init(&a->synced[1], NULL);
    pthread_cond_init(&a->idle, NULL);
    if (open_folder(a, c->dir, e) != OK || start(a, e) != OK) {
        audit_close(a);
        return FAIL;
    }
    *out = a;
    return OK;
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void audit_close(struct audit *a)
{
    if (!a) {
        return;
    }
    if (a->opened && audit_is_healthy(a)) {
        (void)(flush_batch(a) && sync_file(a));
    }
    close_if_open(a->fd);
    close_if_open(a->lock_fd);
    close_if_open(a->dir_fd);
    pthread_cond_destroy(&a->idle);
    pthread_cond_destroy(&a->synced[1]);
    pthread_cond_destroy(&a->synced[0]);
    pthread_mutex_destroy(&a->lock);
    hasher_free(a->hasher);
    buf_free(&a->batch);
    mem_wipe(a->fingerprint_key, sizeof a->fingerprint_key);
    free(a);
}
