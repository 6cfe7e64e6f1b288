/* What policy makes of a statement, as rows that a person and a program can read:
 *
 *     section    object           action    policy          detail
 *     statement  SELECT           query                     role analyst
 *     grant      (its id)         gives                     role analyst instead of auditor until
 * ... table      public.staff     read                      id, name, salary table public.staff
 * filter    own department  department = '{department}' column     public.staff.ssn mask numbers
 * full cost       credits          estimate                  1.0
 *
 * The statement goes through the functions that it would be executed by, up to the engine's second
 * opinion, and is never run. */
#ifndef PIPELINE_EXPLANATION_H
#define PIPELINE_EXPLANATION_H

#include "pipeline/pipeline.h"
#include "policy/policy.h"

enum explanation_view {
    EXPLANATION_OWN, /* what concerns the caller and names that he wrote: no policy's name or text,
                        no engine SQL, nothing of what lies beneath a view */
    EXPLANATION_MANAGER, /* who may manage the policies of the organization: all but numbers of rows
                            that he may not see */
    EXPLANATION_OPERATOR /* who holds the data folder */
};

struct explanation_row {
    const char *section;
    struct str object; /* STR_NULL: none, as in policy and detail */
    const char *action;
    struct str policy, detail;
};

enum { EXPLANATION_WIDTH = 5 };
extern const char *const explanation_columns[EXPLANATION_WIDTH]; /* "section", ... */

struct explanation {
    struct explanation_row *at;
    size_t n, cap;
    struct arena *arena; /* of the rows */
};

/* The cells of a row in the order of the columns. */
void explanation_cells(const struct explanation_row *row, struct str out[EXPLANATION_WIDTH]);

/* Explains one parsed statement of `text` to an operator, in the arena; nothing goes on record.
 * FAIL where execution would refuse it, with execution's error: the rows then tell which rule it
 * was. */
MUST_USE enum status explanation_make(struct governor *g, const struct node *stmt, struct str text,
                                      struct arena *a, struct explanation *out, struct error *e);

/* ---- for explain.c ---- */

/* Takes a plan that isn't bound yet as far as execution would before it begins. */
MUST_USE enum status explanation_plan(struct plan *p, struct error *e);

/* The rows of a plan that explanation_plan() took OK. */
void explanation_tell(struct plan *p, enum explanation_view view, struct explanation *out);

const char *explanation_mask_word(enum mask_function f); /* "partial" */

#endif
