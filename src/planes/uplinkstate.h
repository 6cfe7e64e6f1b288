/* Inside planes: the link's state, and its calls. */
#ifndef PLANES_UPLINKSTATE_H
#define PLANES_UPLINKSTATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/http_client.h"
#include "planes/uplink.h"

struct uplink {
    struct uplink_config config;
    struct http_client *http;
    struct store *replica;
    struct store_upstream upstream;
    struct identity_remote remote;
    pthread_t thread;
    bool started;

    int64_t renew_us; /* the thread's own: when the certificate is to be renewed; 0: not known */
    struct buf held; /* the thread's own: digests of the replica's tables, JSON; empty: not known */

    atomic_bool stopping, up, revoked;
    atomic_size_t node;               /* that is asked first */
    atomic_int_fast64_t confirmed_ns; /* when what the replica has was asked for; 0: never */
    atomic_int_fast64_t down_until_ns;
    atomic_uint_fast64_t failures, refused, position;

    pthread_mutex_t lock;
    pthread_cond_t moved; /* the replica was filled, the snapshot asked for again, or the end */
};

/* One call of whichever control node answers, the one that answered last first; `again` says that
 * it may be made twice. After one that nobody answered, calls fail at once for a second. */
MUST_USE enum status uplink_call(struct uplink *l, const char *name, const struct buf *body,
                                 bool again, struct buf *out, struct error *e);

/* Waits for the replica to have come to `position`, as long as a call may take. */
MUST_USE enum status uplink_wait(struct uplink *l, uint64_t position, struct error *e);

void upstream_init(struct uplink *l); /* fills `upstream` and `remote` */

#endif
