/* The end of an execution, which two stages share: execute when it fails at once, column mask when
 * the result is whole or fails on the way. Internal to src/pipeline/. */
#ifndef PIPELINE_EXECUTION_H
#define PIPELINE_EXECUTION_H

#include "pipeline/statement.h"

/* Closes the cursor and ends the statement's own transaction: commits when `so_far` is OK, else
 * rolls back. Gives `so_far`, or FAIL when the commit failed. */
enum status execution_end(struct statement *s, enum status so_far, struct error *e);

/* Names what a broken constraint is of, as far as the caller may know (constraint_error.c). */
void constraint_error(const struct statement *s, struct error *e);

#endif
