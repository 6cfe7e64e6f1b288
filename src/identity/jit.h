/* When running just-in-time grants end, by a clock that nobody can set back.
 *
 * A grant's end is learned once as wall time and as what was left of it, and counted down on the
 * monotonic clock from then on; wall time can only bring it nearer. The store is told of what is
 * left while it runs, so a new process begins where the last one was. Not thread-safe: its owner
 * locks. */
#ifndef IDENTITY_JIT_H
#define IDENTITY_JIT_H

#include "store/jit.h"

struct jit;

struct jit *jit_new(void);
void jit_free(struct jit *j); /* NULL is allowed */

/* Microseconds that are left of the grant; 0: it is over, and stays so. */
int64_t jit_left(struct jit *j, const struct store_grant *g);

/* Forgets all grants but these. */
void jit_keep(struct jit *j, const struct store_grant *grants, size_t n);

void jit_set_clock(struct jit *j, int64_t (*wall_us)(void), int64_t (*mono_ns)(void));

#endif
