/* Brings texts to somebody else who may be slow or away, on a thread of its own: whoever sends
 * never waits. What isn't taken is tried again after one second, then after twice as long each
 * time, a minute at most. The newest 64 wait meanwhile; an older one that has no room is dropped.
 */
#ifndef NET_COURIER_H
#define NET_COURIER_H

#include "base/error.h"
#include "base/str.h"

enum { COURIER_WAITING_MAX = 64 };

struct courier;

struct courier_config {
    /* On the courier's thread; false: it isn't taken, and is to be tried again. Blocks. */
    bool (*deliver)(void *ctx, uint64_t tag, struct str text);
    void (*dropped)(void *ctx, uint64_t tag); /* for want of room, or after the last try */
    void *ctx;
    unsigned tries; /* of one text; 0: no end */
};

/* ERR_INTERNAL: there is no thread. */
MUST_USE enum status courier_start(const struct courier_config *c, struct courier **out,
                                   struct error *e);

/* Tries what waits once more, until the first that isn't taken, and ends. Gives the number of what
 * wasn't brought. NULL is allowed. */
size_t courier_stop(struct courier *c);

/* Never blocks; copies. `tag` is the caller's. */
void courier_send(struct courier *c, uint64_t tag, struct str text);

size_t courier_waiting(struct courier *c);

#endif
