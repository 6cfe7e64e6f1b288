/* EXPLAIN: what policy makes of a statement, in words of ours. The engine's own plan is not shown:
 * its row counts and predicates would tell of hidden rows. Internal to src/pipeline/. */
#ifndef PIPELINE_EXPLAIN_H
#define PIPELINE_EXPLAIN_H

#include "pipeline/statement.h"

/* Replaces EXPLAIN by what it explains, so that binding and decision are that statement's. ANALYZE
 * is refused. */
MUST_USE enum status explain_inner(struct node **stmt, struct error *e);

/* After the decision: turns the preparation into a query that gives the explanation's lines. */
MUST_USE enum status explain_decision(struct plan *p, struct error *e);

#endif
