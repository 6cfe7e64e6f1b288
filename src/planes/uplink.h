/* The data plane's side of the link to the control plane.
 *
 * A thread keeps a replica of the control store current: it asks for the snapshot with what it has,
 * and the control plane answers when something differs, or after a few seconds. While an answer is
 * fresh, the replica may be used; without a first one, past the stale limit, and from the moment on
 * that the proxy is revoked, uplink_current() refuses, and so does every login and statement. Its
 * age counts from when the answer was asked for, so that no delay on the way makes it look younger.
 *
 * What a data plane can't decide or write by itself it asks for in calls of a bounded time; without
 * an answer, the strict one is given. */
#ifndef PLANES_UPLINK_H
#define PLANES_UPLINK_H

#include "identity/identity.h"
#include "planes/enrol.h"
#include "store/upstream.h"

struct uplink;

struct uplink_config {
    const struct enrolment *enrolment; /* outlives it */
    int64_t stale_ms;                  /* how old what the replica has may be */
    int timeout_ms;                    /* of one call */
    void (*changed)(void *ctx);        /* after each change of the replica, on the link's thread */
    void *ctx;
};

/* Never NULL; asks nobody before uplink_start(). */
struct uplink *uplink_new(const struct uplink_config *c);

/* For store_open_replica() and identity_open(); valid until uplink_free(). */
const struct store_upstream *uplink_upstream(struct uplink *l);
const struct identity_remote *uplink_remote(struct uplink *l);

/* Begins to fill `replica`, which outlives uplink_stop(). */
MUST_USE enum status uplink_start(struct uplink *l, struct store *replica, struct error *e);
void uplink_stop(struct uplink *l); /* calls are possible until uplink_free() */
void uplink_free(struct uplink *l); /* NULL is allowed */

/* May the replica be used? ERR_NOT_READY says why not and what to do. */
enum status uplink_current(struct uplink *l, struct error *e);

/* Usage data, as meter/usage.h writes it. */
enum status uplink_tell_usage(struct uplink *l, struct str document, struct error *e);

struct uplink_stats {
    bool up;           /* the last request for the snapshot was answered */
    uint64_t position; /* of the replica */
    int64_t age_ms;    /* of what it has; -1: it never had anything */
    uint64_t failures; /* requests and calls without an answer */
    uint64_t refused;  /* snapshots that couldn't be used */
};
void uplink_stats(struct uplink *l, struct uplink_stats *out);

#endif
