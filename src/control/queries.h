/* The statements that run over REST, or wait for a worker: ending them.
 *
 * They go through the same gate as those of the wire (session/admission.h), which bounds how many
 * run and wait, and is fair between organizations. All of it is safe from any thread. */
#ifndef CONTROL_QUERIES_H
#define CONTROL_QUERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "policy/principal.h"
#include "session/admission.h"

struct governor;
struct identity;
struct queries;

/* One that runs or waits; the caller's, from queries_submit() to queries_gone(). */
struct running_query {
    struct admission_job job; /* its `run`, `ctx` and `priority` are the caller's */
    struct governor *governor;
    const struct principal *who;
    /* Instead of job.run, where it never got a worker: ends with queries_gone(). */
    void (*give_up)(struct running_query *r, struct error *why);

    struct admission_tenant *tenant; /* of queries, as what follows */
    int64_t since_ns;
    struct running_query *next;
};

/* `admission` may be NULL: then nothing is submitted. */
struct queries *queries_new(struct admission *admission, int64_t queue_ms);
void queries_free(struct queries *q); /* NULL is allowed; nothing runs any more */

/* Lets it in, or has it wait. ERR_TOO_MANY_STATEMENTS where too many wait already, ERR_SHUTDOWN. */
MUST_USE enum status queries_submit(struct queries *q, struct running_query *r, struct error *e);

/* It has run: its place is the next one's. What it points at may go, it must stay itself. */
void queries_done(struct queries *q, struct running_query *r);

/* Nothing of the server is used for it any more. */
void queries_gone(struct queries *q);

/* Cancels those whose credentials don't hold any more; gives up those that waited too long. */
void queries_check(struct queries *q, struct identity *i);

/* Cancels all, lets no more in, and waits until they are gone. */
void queries_stop(struct queries *q);

#endif
