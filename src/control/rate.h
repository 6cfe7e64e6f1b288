/* Rate limits: a bucket of tokens for each credential or address, which refills steadily, as fast
 * as the organization's tier says.
 *
 * Memory is fixed: each name has a few places that it may lie in; where all are taken, the fullest
 * bucket, which is the one that limits for the shortest time, gives way. */
#ifndef CONTROL_RATE_H
#define CONTROL_RATE_H

#include "base/str.h"
#include "control/control.h"

struct rates;

struct rates *rates_new(void);
void rates_free(struct rates *r); /* NULL is allowed */

struct rate_state {
    bool allowed;
    int remaining;     /* requests that may come at once now */
    int retry_seconds; /* until the next is allowed; 0 where it is */
    int reset_seconds; /* until the bucket is full */
};

/* Takes a token of the name's bucket, which holds `limit` from now on: what was spent of a smaller
 * burst before is what is spent of a larger one now, and the other way round. `now_ns` is of
 * clock_mono_ns(). Thread-safe. */
struct rate_state rates_take(struct rates *r, struct str name, struct control_rate limit,
                             int64_t now_ns);

#endif
