/* A bounded pool of worker threads with a bounded queue: where blocking work is done. */
#ifndef NET_POOL_H
#define NET_POOL_H

#include <stdbool.h>

#include "base/error.h"

struct pool;

/* `threads` workers (at least one) and room for `queue` waiting jobs. `name` shows in the thread
 * list. */
MUST_USE enum status pool_new(const char *name, int threads, int queue, struct pool **out,
                              struct error *e);

/* Waits for all jobs, then ends the threads. NULL is allowed. */
void pool_free(struct pool *p);

/* Queues `run(ctx)`; false where the queue is full. From any thread. */
MUST_USE bool pool_submit(struct pool *p, void (*run)(void *ctx), void *ctx);

/* As pool_submit, but ahead of the queue and whatever its length: for short clean-up whose number
 * the caller bounds by other means (one a connection). */
void pool_submit_first(struct pool *p, void (*run)(void *ctx), void *ctx);

int pool_waiting(struct pool *p); /* jobs in the queue now */
int pool_running(struct pool *p); /* jobs being run now */

#endif
