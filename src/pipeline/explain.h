/* EXPLAIN and EXPLAIN POLICY: what policy makes of a statement, in words of ours. The engine's own
 * plan is not shown: its row counts and predicates would tell of hidden rows. Internal to
 * src/pipeline/. */
#ifndef PIPELINE_EXPLAIN_H
#define PIPELINE_EXPLAIN_H

#include "pipeline/statement.h"

/* Makes a plan of the statement that is explained, as execution would, and of the explanation a
 * query that gives its rows. FAIL where execution would be refused, with the same error; ANALYZE
 * and other formats are refused. `p` owns the inner plan (now.explained), which is never run. */
MUST_USE enum status explain_prepare(struct plan *p, struct error *e);

#endif
