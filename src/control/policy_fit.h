/* Whether a policy that is to be stored fits the tables of this server's data plane. */
#ifndef CONTROL_POLICY_FIT_H
#define CONTROL_POLICY_FIT_H

#include "control/call.h"
#include "policy/policy.h"

/* In the environments that it names, or in all where `n` is 0. OK where there is no data plane
 * here: then statements find it out, and are refused. */
MUST_USE enum status policy_fit_check(struct call *c, const struct policy_document *d,
                                      const struct str *environments, size_t n, struct error *e);

#endif
