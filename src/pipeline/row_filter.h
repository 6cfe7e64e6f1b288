/* Row filter: what policy decided about rows, put into the tree, and about columns where their
 * masks act at the reference.
 *
 * A reference to a table that is tenant-scoped or filtered becomes a sub-query over the same table
 * with the predicates inside, under the same alias and with the same column names, so that every
 * expression of the client stands outside of it. A target of UPDATE and DELETE can't be a
 * sub-query: there the predicates join WHERE, guarded. Rows given to INSERT are checked against the
 * same predicates. Values (the organization, attributes of the credential) are parameters after the
 * client's; where the engine takes none (CREATE TABLE AS, COPY FROM) they are literals of the tree,
 * which the printer quotes. */
#ifndef PIPELINE_ROW_FILTER_H
#define PIPELINE_ROW_FILTER_H

#include "policy/policy.h"

/* Parameters $n+1 ... after the n of binding->param_count. Of the arena. */
struct row_filter_params {
    const struct value *values;
    size_t count;
};

/* `out` NULL: the statement will be run without parameters, as a change of schema always is.
 *
 * Rewrites `*stmt`, which `b` and `d` are of. FAIL with ERR_DENIED (assigning what tells tenants
 * apart or what a filter reads), ERR_MASKED_USE (a masked table that is read through a key) or
 * ERR_UNSUPPORTED (ON CONFLICT DO UPDATE on such a table); the tree is then half rewritten and must
 * be dropped. Every occurrence is counted: one that was not found denies. The definition of CREATE
 * VIEW stays as it is: it is opened, and filtered, whenever it is read. */
MUST_USE enum status row_filter_apply(struct arena *a, const struct binding *b,
                                      const struct decision *d, const struct principal *p,
                                      struct node **stmt, struct row_filter_params *out,
                                      struct error *e);

#endif
