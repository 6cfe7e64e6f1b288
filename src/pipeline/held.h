/* A held result: encoded bytes that wait until their statement has finished, and then until a
 * client has taken them.
 *
 * Appended, then read once from the start. The first part stays in memory; past a limit full chunks
 * go to an unlinked file, each sealed with AES-256-GCM under a random key that is never written
 * anywhere, with its number as nonce: what lies on the disk is worthless when the process is gone.
 * Used by one thread at a time. */
#ifndef PIPELINE_HELD_H
#define PIPELINE_HELD_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"

/* What all held results of a server share. */
struct held_limits {
    const char *dir; /* where files go, mode 0700; NULL: nothing spills, past memory it fails */
    size_t memory;   /* bytes of one result in memory */
    size_t memory_of_all; /* when all together pass it, each spills from its first full chunk on */
    uint64_t total;       /* bytes of one result; past it ERR_TOO_LARGE */
    atomic_size_t in_memory; /* bytes now, of all */
    atomic_ullong spilled;   /* bytes written to files since the start */
};

struct held;

struct held *held_new(struct held_limits *limits); /* the limits outlive it */
void held_free(struct held *h);                    /* NULL is allowed */

/* ERR_TOO_LARGE, ERR_DISK_FULL, ERR_IO. After a failure only held_free() is allowed. */
MUST_USE enum status held_append(struct held *h, const void *p, size_t n, struct error *e);

uint64_t held_size(const struct held *h); /* bytes not read yet */

/* The next bytes, at least one while held_size() > 0, until the next call. ERR_CORRUPT where the
 * file isn't what was written. Appending after the first read is not allowed. */
MUST_USE enum status held_peek(struct held *h, struct str *out, struct error *e);
void held_consume(struct held *h, size_t n); /* up to what held_peek() gave */

/* Moves up to `max` whole protocol messages (type, length, body) to the end of `to`; *moved says
 * how many there were. For portals with a row limit, where each row is one message. */
MUST_USE enum status held_move_messages(struct held *h, struct held *to, int64_t max,
                                        int64_t *moved, struct error *e);

#endif
