/* Gives checkpoints to one anchor by a courier (net/courier.h): an anchor that is slow, or can't be
 * reached, holds up neither the log nor the other anchors. That an old one may be dropped is no
 * loss: a newer checkpoint is over its entries too. */
#ifndef AUDIT_DISPATCH_H
#define AUDIT_DISPATCH_H

#include "audit/anchor.h"

struct dispatch;

/* The anchor outlives it. ERR_INTERNAL: there is no thread. */
MUST_USE enum status dispatch_start(struct anchor *a, struct dispatch **out, struct error *e);

/* Tries what waits once more, until the first that isn't taken, and ends. NULL is allowed. */
void dispatch_stop(struct dispatch *d);

/* Never blocks; copies. */
void dispatch_send(struct dispatch *d, uint64_t size, struct str note);

struct anchor_state {
    const char *uri;   /* valid as long as the anchor */
    uint64_t kept;     /* entries of the last checkpoint that it took; 0: none yet */
    unsigned failures; /* in a row, up to now; 0: it works */
    size_t waiting;    /* checkpoints */
    bool contradicted; /* it has a checkpoint that isn't of this log's past */
    char reason[512];  /* of the last failure or contradiction; "" */
};
void dispatch_state(struct dispatch *d, struct anchor_state *out);

#endif
