/* A thread with an event loop. Everything registered on its base is touched by that thread alone;
 * others reach it through loop_post(). A handler must not block: blocking work belongs to a pool.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/error.h"

struct event_base;
struct loop;

/* Makes the loop without running it; handlers may be registered on its base meanwhile. */
MUST_USE enum status loop_new(struct loop **out, struct error *e);

/* Starts the thread. */
MUST_USE enum status loop_start(struct loop *l, const char *thread_name, struct error *e);

/* Ends the thread after the posted tasks were run, and waits for it. */
void loop_stop(struct loop *l);

/* After loop_stop() (or where it was never started). Tasks posted since are run here. NULL is
 * allowed. */
void loop_free(struct loop *l);

struct event_base *loop_base(struct loop *l);

/* Has the loop's thread call `run(ctx)`, in the order of posting. From any thread; never fails. */
void loop_post(struct loop *l, void (*run)(void *ctx), void *ctx);

#endif
