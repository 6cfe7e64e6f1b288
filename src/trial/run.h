/* Runs policy tests: who asks what, and what must come out. Nothing of it is stored, and nothing
 * goes on record. */
#ifndef TRIAL_RUN_H
#define TRIAL_RUN_H

#include <stdatomic.h>

#include "trial/place.h"

struct trial_run {
    const struct trial_site *site;
    const struct store_org *org;
    struct str environment; /* whose tables are there for who says no other; empty: the default */
    const struct policy_cases *cases;
    struct policy_choice policies; /* for cases with tables; `asked` decides by its own */
    struct pipeline *asked;        /* for cases without; may be NULL where there are tables */
    const atomic_bool *stops;      /* true: no more tables and cases begin; NULL: it never is */
};

struct trial_finding {
    int line; /* of the file, from 1 */
    struct str text;
};

struct trial_report {
    struct arena *a;                /* of the findings; the caller's */
    size_t cases, failed, mistakes; /* the last: of the file itself */
    VEC_OF(struct trial_finding) findings;
};

/* Adds to the report, which the caller has begun. ERR_TIMEOUT; else FAIL where nothing could be
 * asked. */
MUST_USE enum status trial_run(const struct trial_run *r, struct trial_report *out,
                               struct error *e);

#endif
