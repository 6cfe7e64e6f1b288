/* How often somebody may try who doesn't get in: growing delays, for one name from one address.
 *
 * Who is delayed is the pair, never the name alone: nobody can lock another out by trying in his
 * name from elsewhere. Whether the name exists plays no part. A few tries are free; then each that
 * fails doubles the delay up to a maximum, and only one runs at a time; a try that succeeds clears
 * it, and so does an hour of quiet. An IPv6 address counts by its /64, which is what one customer
 * has.
 *
 * Memory is fixed. Where there are more pairs than room, the one with the fewest failures is
 * forgotten. Time is the monotonic clock's. Thread-safe. */
#ifndef IDENTITY_THROTTLE_H
#define IDENTITY_THROTTLE_H

#include "base/str.h"

struct throttle;

struct throttle_config {
    int free_tries;  /* failures without a delay */
    int max_delay_s; /* the first delay is a second */
    int max_at_once; /* tries of one pair that run together while nothing failed */
    size_t pairs;    /* remembered; rounded up to a power of two */
};
#define THROTTLE_CONFIG_DEFAULT                                                                    \
    {                                                                                              \
        .free_tries = 5, .max_delay_s = 900, .max_at_once = 32, .pairs = 16384                     \
    }

struct throttle *throttle_new(const struct throttle_config *c);
void throttle_free(struct throttle *t); /* NULL is allowed */

/* 0: the try may begin, and must end with throttle_end(). Else the seconds to wait; nothing began.
 */
int throttle_begin(struct throttle *t, struct str address, struct str name);

/* TRY_UNDONE: it was neither right nor wrong, such as where the store couldn't be read. */
enum try_outcome { TRY_WRONG, TRY_RIGHT, TRY_UNDONE };
void throttle_end(struct throttle *t, struct str address, struct str name, enum try_outcome o);

void throttle_set_clock(struct throttle *t, int64_t (*mono_ns)(void)); /* for tests */

#endif
