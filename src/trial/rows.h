/* Rows of a policy test: those that it expects, and those that really come. */
#ifndef TRIAL_ROWS_H
#define TRIAL_ROWS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "pipeline/pipeline.h"

enum { POLICY_ROWS_MAX = 1000 };

struct policy_row {
    struct str *at; /* its values in PostgreSQL's text form; .p NULL: NULL */
    size_t n, cap;
};

struct policy_rows {
    struct policy_row *at;
    size_t n, cap;
};

/* One row as it is written: ('ann', 12, true, NULL), a quote within a text doubled. In the arena.
 * Gives NULL, or what is wrong with it. */
const char *policy_row_read(struct str text, struct arena *a, struct policy_row *out);

/* Runs the statement through all stages and undoes it. The rows are the arena's; none where it
 * returns none. ERR_TOO_LARGE past POLICY_ROWS_MAX rows. */
MUST_USE enum status policy_rows_run(struct governor *g, const struct node *stmt, struct str text,
                                     struct arena *a, struct policy_rows *out, struct error *e);

/* Are they the same, each as often; in the same order, too, where it is `ordered`? */
bool policy_rows_fit(const struct policy_rows *wanted, const struct policy_rows *real,
                     bool ordered);

/* A line a row, each begun by a line end: "- ..." didn't come, "+ ..." wasn't expected. Where only
 * the order is another: how they came. */
void policy_rows_show(const struct policy_rows *wanted, const struct policy_rows *real,
                      struct buf *out);

#endif
