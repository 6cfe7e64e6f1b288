/* Inside planes: what each proxy waits for. One thread looks at the store's position, at most 50 ms
 * behind it, and wakes the requests that wait for another one; and it keeps the snapshot that all
 * of them are answered from. */
#ifndef PLANES_FEED_H
#define PLANES_FEED_H

#include "store/snapshot.h"

struct pool;
struct rpc;
struct feed;

MUST_USE enum status feed_new(struct store *s, struct pool *workers, struct feed **out,
                              struct error *e);

/* What waits is run again; when this returns, nothing waits and nothing will. NULL is allowed. */
void feed_stop(struct feed *f);
void feed_free(struct feed *f); /* NULL is allowed */

/* The snapshot as it is now, held until feed_release(). */
struct held_snapshot {
    struct snapshot snapshot;
    struct arena *arena;
    int holders;
};
MUST_USE enum status feed_snapshot(struct feed *f, struct held_snapshot **out, struct error *e);
void feed_release(struct feed *f, struct held_snapshot *h);

/* Runs `r` again on a worker when the position isn't `position` any more, or at r->until_ns of the
 * monotonic clock. False: it is stopping, and nothing waits any more. */
bool feed_wait(struct feed *f, struct rpc *r, uint64_t position);

#endif
