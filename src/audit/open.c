/* Opening a log and closing it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit_priv.h"
#include "audit/recover.h"
#include "audit/segment.h"
#include "base/log.h"
#include "base/mem.h"

enum {
    SEGMENT_BYTES_DEFAULT = 64 * 1024 * 1024,
    SEGMENT_BYTES_LEAST = 4096,
    OPEN_INTENTS_LISTED = 500,
};

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
    audit_put_system(a, audit_entry_time(a),
                     &(struct entry_system){
                         .action = "recovered", .resource = str_of(name), .before = str_of(bytes)});
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
    audit_put_system(a, audit_entry_time(a),
                     &(struct entry_system){.action = "open_intents",
                                            .resource = str_of(count),
                                            .names = ids,
                                            .count = n,
                                            .total = total});
    log_warn("audit", "%zu statements have an intent and no outcome", total);
}

static bool cut_torn(const struct audit *a, const struct recovery *r)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(r->segment, name);
    int fd = openat(a->dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    bool done = fd >= 0 && ftruncate(fd, (off_t)r->size) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

/* Goes on where the log ends: cuts what is torn, and says what was found. A log of the first
 * version goes on in a segment of its own. */
static enum status continue_log(struct audit *a, const struct recovery *r, struct error *e)
{
    bool fresh = r->segment == 0;
    a->chain = r->chain;
    a->expired = r->expired;
    a->size = r->size;
    a->last_us = r->last_us;
    a->wall_ahead_us = clock_wall_us() - clock_boot_us();
    if (fresh) {
        id_uuid(a->chain.log_id);
    }
    if (r->torn && !cut_torn(a, r)) {
        return error_set(e, ERR_AUDIT, "the audit log's torn last line can't be cut: %s",
                         strerror(errno));
    }
    bool done = audit_begin_segment(a, fresh ? 1 : r->segment, fresh ? O_CREAT | O_EXCL : 0);
    if (done && a->chain.version < LINE_VERSION) {
        done = audit_rotate(a);
    }
    (void)audit_entry_time(a);
    if (r->torn) {
        put_recovered(a, r);
    }
    if (map_count(r->open)) {
        put_open_intents(a, r);
    }
    if (!done || !audit_flush(a) || !audit_sync(a)) {
        return error_set(e, ERR_AUDIT, "the audit log can't be written: %s", strerror(errno));
    }
    return OK;
}

static enum status start(struct audit *a, const char *dir, struct error *e)
{
    struct recovery r;
    enum status status = recover(dir, a->chain.hasher, &r, e);
    if (status == OK) {
        status = continue_log(a, &r, e);
    }
    recovery_fini(&r);
    a->durable = a->chain.seq;
    a->opened = status == OK;
    return status;
}

enum status audit_open(const struct audit_config *c, struct audit **out, struct error *e)
{
    struct audit *a = mem_alloc(sizeof *a);
    a->dir = mem_strndup(c->dir, strlen(c->dir));
    memcpy(a->fingerprint_key, c->fingerprint_key, sizeof a->fingerprint_key);
    a->segment_bytes = c->segment_bytes ? c->segment_bytes : SEGMENT_BYTES_DEFAULT;
    if (a->segment_bytes < SEGMENT_BYTES_LEAST) {
        a->segment_bytes = SEGMENT_BYTES_LEAST;
    }
    a->dir_fd = a->lock_fd = a->fd = -1;
    a->chain.hasher = hasher_new();
    pthread_mutex_init(&a->lock, NULL);
    pthread_mutex_init(&a->patterns_lock, NULL);
    pthread_cond_init(&a->synced[0], NULL);
    pthread_cond_init(&a->synced[1], NULL);
    pthread_cond_init(&a->idle, NULL);
    if (open_folder(a, c->dir, e) != OK || start(a, c->dir, e) != OK ||
        (c->notary && notary_start(a, c->notary, e) != OK)) {
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
    notary_stop(a->notary);
    if (a->opened && audit_is_healthy(a)) {
        (void)(audit_flush(a) && audit_sync(a));
    }
    close_if_open(a->fd);
    close_if_open(a->lock_fd);
    close_if_open(a->dir_fd);
    pthread_cond_destroy(&a->idle);
    pthread_cond_destroy(&a->synced[1]);
    pthread_cond_destroy(&a->synced[0]);
    pthread_mutex_destroy(&a->lock);
    pthread_mutex_destroy(&a->patterns_lock);
    patterns_unref(a->patterns);
    hasher_free(a->chain.hasher);
    buf_free(&a->batch);
    free(a->dir);
    mem_wipe(a->fingerprint_key, sizeof a->fingerprint_key);
    free(a);
}
