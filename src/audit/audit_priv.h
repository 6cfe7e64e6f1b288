/* The log's writer, between its files: audit.c appends, open.c opens and closes, notary.c signs. */
#ifndef AUDIT_AUDIT_PRIV_H
#define AUDIT_AUDIT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "audit/anchor.h"
#include "audit/audit.h"
#include "audit/chain.h"
#include "audit/checkpoint.h"
#include "audit/entry.h"
#include "audit/pattern.h"

struct audit {
    uint8_t fingerprint_key[32];
    char *dir;
    uint64_t segment_bytes;
    int dir_fd, lock_fd;
    bool opened;
    atomic_bool failed;
    void (*see)(void *ctx, const struct audit_entry *entry); /* NULL: nobody looks */
    void *see_ctx;

    pthread_mutex_t patterns_lock; /* over the next two */
    struct patterns *patterns;     /* NULL: nobody has any */
    uint64_t patterns_version;     /* moves with each change */

    pthread_mutex_t lock; /* over all that follows */
    int fd;               /* stays the same while somebody syncs */
    uint64_t size;        /* bytes of the segment that the operating system has */
    int64_t last_us;
    int64_t wall_ahead_us; /* of the clock that only goes on, as it was, or since the last jump */
    unsigned expired; /* segments up to this may be missing: they were when the log was opened, or
                       * retention has deleted them since */
    struct chain chain;
    struct buf batch; /* lines that the operating system doesn't have yet */

    uint64_t durable;         /* entries up to this seq are on the disk */
    bool syncing;             /* a thread is in fdatasync, without the lock */
    uint64_t round, covering; /* of the last sync that began: its number, and the last seq in it */
    pthread_cond_t
        synced[2];       /* [r % 2]: the entries of round r are on the disk, or round r may begin */
    pthread_cond_t idle; /* nobody syncs */

    struct notary *notary; /* NULL: no checkpoints */
};

/* All under the lock. False after a failure, which was logged. */

/* Now; when the clock was set since the entry before, an entry says so first. */
int64_t audit_entry_time(struct audit *a);

/* Puts the entry, of that time, into the batch. */
void audit_put_system(struct audit *a, int64_t now, const struct entry_system *entry);

bool audit_flush(struct audit *a);
bool audit_sync(struct audit *a);

/* Waits until the entries up to this seq are on the disk; the lock is free meanwhile. */
bool audit_wait_durable(struct audit *a, uint64_t seq);

/* Makes the file of a segment the one that is written; its first entry is in the batch. */
bool audit_begin_segment(struct audit *a, unsigned number, int flags);

/* A segment with room for so many bytes. */
bool audit_make_room(struct audit *a, size_t bytes);

/* Ends the segment and begins the next. */
bool audit_rotate(struct audit *a);

/* --- checkpoints (notary.c) --- */

/* The thread that signs the log's state every so often and gives it to the anchors. */
MUST_USE enum status notary_start(struct audit *a, const struct audit_notary *config,
                                  struct error *e);

/* Under the lock, after entries were appended; NULL is allowed. */
void notary_tell(struct notary *n);

/* A note of this text, appended. False: it was logged why not. Of the notary's thread, as the next.
 */
bool notary_sign(const struct notary *n, struct str text, struct buf *note);

/* Gives the checkpoint of so many entries to the anchors. Without the lock. */
void notary_publish(struct notary *n, uint64_t size, struct str note);

/* Signs a last checkpoint, and ends; NULL is allowed. Without the lock. */
void notary_stop(struct notary *n);

#endif
