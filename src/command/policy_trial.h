/* Where policy tests with tables of their own are run: an installation for that file alone, with
 * the data folder's organization, tags, policies, limits and keys, an empty engine, and a log and
 * a ledger that are thrown away. */
#ifndef COMMAND_POLICY_TRIAL_H
#define COMMAND_POLICY_TRIAL_H

#include "command/admin.h"
#include "command/policy_case.h"

struct trial;
struct pipeline_config;

/* Makes it in a folder within the data folder (0700), and its tables: those of `shared` are as
 * they are registered, or as `tenant` says, others are the organization's in `environment`. Of
 * `policies` only which policies to decide by is taken. Credits are no limit. A server may have the
 * data folder open. A FAIL about a table has its line in `*line`. */
MUST_USE enum status trial_open(struct admin *ad, struct str environment,
                                const struct policy_cases *cases,
                                const struct pipeline_config *policies, struct trial **out,
                                int *line, struct error *e);
void trial_close(struct trial *t); /* removes the folder; NULL is allowed */

struct pipeline *trial_pipeline(const struct trial *t);

#endif
