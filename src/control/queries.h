/* The statements that run over REST: how many of an organization's at once, and ending them.
 *
 * An organization runs no more than its own limit, and no more than half of the workers, which
 * serve the other routes and organizations. All of it is safe from any thread. */
#ifndef CONTROL_QUERIES_H
#define CONTROL_QUERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/principal.h"

struct governor;
struct identity;
struct queries;

/* One that runs; the caller's, from queries_enter() to queries_leave(). */
struct running_query {
    struct governor *governor;
    const struct principal *who;
    struct running_query *next; /* of queries */
};

struct queries *queries_new(int workers);
void queries_free(struct queries *q); /* NULL is allowed; nothing runs any more */

/* False: the organization runs as many as it may, or the server stops. */
bool queries_enter(struct queries *q, struct running_query *r, int64_t limit);
void queries_leave(struct queries *q, struct running_query *r);

/* Cancels those whose credentials don't hold any more. */
void queries_check(struct queries *q, struct identity *i);

/* Cancels all, and lets no more in. */
void queries_stop(struct queries *q);

#endif
