/* COPY ... FROM STDIN as an INSERT, so that policy, row filter and printer see one way of writing
 * rows. Internal to src/pipeline/. */
#ifndef PIPELINE_COPY_IN_H
#define PIPELINE_COPY_IN_H

#include "pipeline/statement.h"

bool copy_in_is(const struct node *stmt);

/* Replaces the COPY by INSERT INTO t (columns) SELECT columns FROM incoming, with a common table
 * expression that gives `incoming` its column types for the binder. */
MUST_USE enum status copy_in_as_insert(const struct bind_context *ctx, struct arena *a,
                                       struct node **stmt, struct error *e);

/* After binding: takes the common table expression away, so that the engine reads the appended
 * rows. */
void copy_in_open_source(struct node *insert);

/* Fills p->copy_columns from the bound INSERT. */
MUST_USE enum status copy_in_columns(struct plan *p, struct error *e);

#endif
