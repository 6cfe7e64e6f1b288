/* What waits to be sent to a client: a queue of small messages in a buffer and of held results, in
 * the order of sending. Filled by a worker while a job runs, emptied by the event loop between
 * jobs. */
#ifndef SESSION_REPLIES_H
#define SESSION_REPLIES_H

#include "base/buf.h"
#include "pipeline/held.h"

struct replies {
    struct reply *first, *last;
    uint64_t bytes; /* in held results of the queue, at the time they were added */
};

/* The buffer at the end of the queue, for messages to be put into. Valid until the next call. */
struct buf *replies_buf(struct replies *r);

/* Adds a held result and takes it over; a small one is copied into the buffer. */
MUST_USE enum status replies_held(struct replies *r, struct held *h, struct error *e);

bool replies_empty(const struct replies *r);

/* The next bytes to send; empty when there are none. Valid until replies_consume(). */
MUST_USE enum status replies_peek(struct replies *r, struct str *out, struct error *e);
void replies_consume(struct replies *r, size_t n);

void replies_clear(struct replies *r);

#endif
