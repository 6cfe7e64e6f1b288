/* What a change of policies does, on standard output: a line a policy, and for one that changes the
 * lines of its document that differ. */
#ifndef COMMAND_POLICY_STEPS_H
#define COMMAND_POLICY_STEPS_H

#include "command/api.h"
#include "store/policies.h"

/* What the API answers to a set of policies that was applied, in the arena; texts are the answer's.
 */
void policy_applied_read(const json_t *answer, struct arena *a, struct store_applied *out);

/* Puts the version of --if-version into the body, where it is given. */
MUST_USE enum status policy_expect(struct admin *ad, json_t *body, const char *if_version);

/* "+ name", "~ name", "- name" and a count at the end; `prunes` false: what no file has stays, and
 * its line says so. */
void policy_steps_print(const struct store_applied *applied, bool prunes);

/* "version 7", or that nothing was changed. */
void policy_version_print(const struct store_applied *applied, bool dry_run);

#endif
