/* The finished plans of a pipeline session, used by plan_make() and plan_free(). */
#ifndef PIPELINE_PLAN_CACHE_H
#define PIPELINE_PLAN_CACHE_H

#include "pipeline/statement.h"

/* A plan that was made from the same and is still current; the caller's from now on. NULL: none. */
struct plan *plan_cache_take(struct governor *g, const struct node *stmt, struct str text,
                             const struct type *const *hints, size_t hint_count);

/* Takes the plan over: keeps or frees it. */
void plan_cache_give(struct plan *p);

void plan_cache_clear(struct governor *g);

#endif
