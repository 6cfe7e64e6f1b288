/* Just-in-time grants: for a time, a user acts with another role.
 *
 * A row begins as a request and goes one way: requested, then approved, denied, revoked (withdrawn)
 * or expired; approved, then revoked or expired. A grant is in force while it is approved, its user
 * and its approver are active users of its organization with the roles that they had the right by
 * (the user his own of then, the approver owner, or admin where the grant isn't admin's), and its
 * time is not over. `now_us` is wall time.
 *
 * The clock: `expires_us` is wall time, `left_us` what was left when a running server last said so;
 * the smaller holds, so a clock that is set back gives nobody more. */
#ifndef STORE_JIT_H
#define STORE_JIT_H

#include "store/row.h"
#include "store/store.h"

enum {
    STORE_JIT_MINUTES_MAX = 7 * 24 * 60, /* whatever an operator configures */
    STORE_JIT_REQUEST_HOURS = 24,        /* an undecided request ends then */
    STORE_JIT_REQUESTS_A_DAY = 20        /* of one user */
};

struct store_jit {
    struct str id, org_id, user_id, role, reason;
    int64_t minutes;
    struct str base_role, status; /* what follows is given by the store */
    struct str user_email;        /* empty: the user was removed */
    struct str decided_by;        /* user id; empty: nobody */
    int64_t requested_us, decided_us, expires_us, left_us, ended_us; /* 0: not yet */
};

/* What identity needs of a grant that is in force. */
struct store_grant {
    struct str id, role;
    int64_t expires_us, left_us;
};

/* Asks for `role` in the user's name: org_id, user_id, role, reason and minutes of `r` are set, the
 * rest is filled in, in the arena. Nobody is made an owner, a service account gets no grant, a
 * reason is needed, `minutes` is 1 to `minutes_max`; one open request a user and role
 * (ERR_EXISTS). */
MUST_USE enum status store_jit_request(struct store *s, struct str actor, struct store_jit *r,
                                       int64_t minutes_max, int64_t now_us, struct arena *a,
                                       struct error *e);

/* Approves or denies for `decider_id`, an active owner or admin of the organization other than the
 * user, by his own role and not one that was granted to him; only an owner approves admin.
 * ERR_DENIED where he may not, ERR_CONSTRAINT where the request isn't open any more or the user has
 * a running grant, ERR_NOT_FOUND. Of several who decide at once one succeeds. */
MUST_USE enum status store_jit_approve(struct store *s, struct str actor, struct str org_id,
                                       struct str id, struct str decider_id, int64_t minutes_max,
                                       int64_t now_us, struct error *e);
MUST_USE enum status store_jit_deny(struct store *s, struct str actor, struct str org_id,
                                    struct str id, struct str decider_id, int64_t now_us,
                                    struct error *e);

enum store_jit_verb { STORE_JIT_APPROVE, STORE_JIT_DENY, STORE_JIT_REVOKE };

/* Ends a grant or withdraws a request: for its user, an active owner or admin, or, where `user_id`
 * is empty, the operator of the installation. */
MUST_USE enum status store_jit_revoke(struct store *s, struct str actor, struct str org_id,
                                      struct str id, struct str user_id, int64_t now_us,
                                      struct error *e);

MUST_USE enum status store_jit_find(struct store *s, struct str org_id, struct str id,
                                    struct arena *a, struct store_jit *out, struct error *e);
MUST_USE enum status store_jits(struct store *s, struct str org_id, struct arena *a,
                                struct store_jit **rows, size_t *n, struct error *e); /* by time */

/* The grants in force of all organizations. */
MUST_USE enum status store_grants(struct store *s, struct arena *a, struct store_grant **rows,
                                  size_t *n, struct error *e);

/* The one in force for a user, in the arena; id empty: none. */
MUST_USE enum status store_grant_of(struct store *s, struct str org_id, struct str user_id,
                                    struct arena *a, struct store_grant *out, struct error *e);

/* Less is left of a running grant; more than before is ignored. 0 ends it at the next sweep. */
MUST_USE enum status store_grant_left(struct store *s, struct str id, int64_t left_us,
                                      struct error *e);

/* Writes down what is over. Cheap while nothing is. */
MUST_USE enum status store_jit_sweep(struct store *s, struct str actor, int64_t now_us,
                                     struct error *e);

#endif
