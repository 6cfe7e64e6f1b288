/* What a change of policies does, on standard output: a line a policy, and for one that changes the
 * lines of its document that differ. */
#ifndef COMMAND_POLICY_STEPS_H
#define COMMAND_POLICY_STEPS_H

#include "store/policies.h"

/* "+ name", "~ name", "- name" and a count at the end; `prunes` false: what no file has stays, and
 * its line says so. */
void policy_steps_print(const struct store_applied *applied, bool prunes);

/* "version 7", or that nothing was changed. */
void policy_version_print(const struct store_applied *applied, bool dry_run);

#endif
