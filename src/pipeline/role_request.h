/* Just-in-time grants by statements: asked for, decided on and ended by the session's own
 * principal, in his own name. What is refused is in the audit log, what is done in the IAM trail. A
 * statement's transaction has no part in it: it holds at once. */
#ifndef PIPELINE_ROLE_REQUEST_H
#define PIPELINE_ROLE_REQUEST_H

#include "pipeline/pipeline.h"
#include "store/jit.h"

enum role_verb { ROLE_APPROVE, ROLE_DENY, ROLE_REVOKE };

/* As store_jit_request(), in the name of the principal, who must be a user. The new request's id is
 * in the arena. `text` is the statement's, for the log. */
MUST_USE enum status role_request(struct governor *g, struct str text, struct str role,
                                  int64_t minutes, struct str reason, struct arena *a,
                                  struct str *id, struct error *e);

/* As store_jit_approve() and so on. Approving and denying needs a key that may manage. */
MUST_USE enum status role_decide(struct governor *g, struct str text, enum role_verb verb,
                                 struct str id, struct error *e);

/* His own requests, by time; those of the whole organization where he may manage. */
MUST_USE enum status role_requests(struct governor *g, struct str text, struct arena *a,
                                   struct store_jit **rows, size_t *n, struct error *e);

#endif
