/* Policies as files, and their history: verbs of `hatidata policy`. */
#ifndef COMMAND_POLICY_FILES_H
#define COMMAND_POLICY_FILES_H

#include "command/admin.h"
#include "policy/policy.h"

int policy_diff(int argc, char **argv);     /* exit code 1 where something differs, too */
int policy_apply(int argc, char **argv);    /* policy_files.c */
int policy_history(int argc, char **argv);  /* policy_history.c */
int policy_rollback(int argc, char **argv); /* policy_history.c */

/* A policy's document as of a version of the history. ERR_NOT_FOUND where there was none. */
MUST_USE enum status policy_as_of(struct admin *ad, struct str name, const char *version,
                                  struct str *json);

/* ERR_NOT_FOUND where a policy limits itself to an environment that the organization doesn't have:
 * a slip of the name would leave the real one without it. */
MUST_USE enum status policy_check_environments(struct admin *ad, const struct policy_document *d);

#endif
