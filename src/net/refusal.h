/* What libevent's HTTP server refuses by itself (no HTTP, too long, an unknown method) it answers
 * in HTML; version 2.1 has no hook for it. So its answer is exchanged on its way out.
 *
 * Everything here is on the connection's own thread. */
#ifndef NET_REFUSAL_H
#define NET_REFUSAL_H

#include <stdbool.h>

#include "base/buf.h"

struct bufferevent;

struct refusal {
    void (*write)(void *ctx, int *status,
                  struct buf *body); /* may change the status, of an error */
    void *ctx;
    bool ours;    /* set by whoever answers, while he does */
    bool refused; /* what libevent still writes is thrown away; it closes the connection */
    bool busy;
};

/* From now on, whatever is written to `bev` while not `ours` and begins an answer of 400 or more is
 * exchanged for JSON. `r` lives as long as `bev`. */
void refusal_watch(struct refusal *r, struct bufferevent *bev);

#endif
