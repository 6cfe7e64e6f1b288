/* Admission to the statement workers: who waits, and who is next.
 *
 * It is fair between tenants first: the one with the fewest jobs running is next, and of equals the
 * one that was let in longest ago. So a priority, which a client names itself, puts it before its
 * own organization's other sessions and before nobody else's. Within a tenant and a priority the
 * first to come is the first to go. A tenant runs no more than its limit at once and, where others
 * are connected, leaves them one worker. What waits is bounded in number here and in time by the
 * caller (admission_withdraw).
 *
 * All of it is safe from any thread. */
#ifndef SESSION_ADMISSION_H
#define SESSION_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "net/pool.h"

enum admission_priority {
    ADMISSION_CRITICAL,
    ADMISSION_HIGH,
    ADMISSION_NORMAL,
    ADMISSION_LOW,
    ADMISSION_PRIORITIES
};

struct admission;
struct admission_tenant;

/* A place in the queue; the caller's, from admission_submit() to admission_done() or
 * admission_withdraw(). */
struct admission_job {
    void (*run)(void *ctx); /* on a worker; ends with admission_done() */
    void *ctx;
    enum admission_priority priority;
    struct admission_tenant *tenant; /* admission's, as what follows */
    bool waits;
    struct admission_job *next;
};

/* `workers` jobs run at once, in `pool`; about `queue` may wait. `pool` outlives it. */
struct admission *admission_new(struct pool *pool, int workers, int queue);
void admission_free(struct admission *g); /* no job is left; NULL is allowed */

/* A session of the organization comes and goes. `limit`: how many of its jobs may run at once. */
struct admission_tenant *admission_join(struct admission *g, struct str org_id, int64_t limit);
void admission_leave(struct admission *g, struct admission_tenant *t); /* NULL is allowed */

/* Queues the job, or lets it in at once. False: the queue is full, for this tenant at least. */
MUST_USE bool admission_submit(struct admission *g, struct admission_tenant *t,
                               struct admission_job *job);

/* Takes a job back that still waits; false: it is let in, and will run. */
bool admission_withdraw(struct admission *g, struct admission_job *job);

/* The job is through: its place is the next one's. `limit` as it is now. */
void admission_done(struct admission *g, struct admission_job *job, int64_t limit);

int admission_waiting(struct admission *g);

/* "low", "normal", "high", "critical"; normal where it is none of them. */
enum admission_priority admission_priority_of(const char *word);

#endif
