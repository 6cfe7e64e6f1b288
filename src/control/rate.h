/* Rate limits: a bucket of tokens for each credential or address, which refills steadily.
 *
 * Memory is fixed: each name has a few places that it may lie in; where all are taken, the fullest
 * bucket, which is the one that limits least, gives way. */
#ifndef CONTROL_RATE_H
#define CONTROL_RATE_H

#include "base/str.h"
#include "control/control.h"

struct rates;

struct rates *rates_new(struct control_rate limit);
void rates_free(struct rates *r); /* NULL is allowed */

struct rate_state {
    bool allowed;
    int remaining;     /* requests that may come at once now */
    int retry_seconds; /* until the next is allowed; 0 where it is */
    int reset_seconds; /* until the bucket is full */
};

/* Takes a token of the name's bucket. `now_ns` is of clock_mono_ns(). Thread-safe. */
struct rate_state rates_take(struct rates *r, struct str name, int64_t now_ns);

#endif
