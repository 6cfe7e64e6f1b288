/* Inside the store: the history of policies within a change. */
#ifndef STORE_HISTORY_WRITE_H
#define STORE_HISTORY_WRITE_H

#include "store/change.h"
#include "store/history.h"
#include "store/policies.h"

/* A policy as the trail shows it, with the number and the seal of its newest row here. */
#define POLICY_IMAGE                                                                               \
    "ssbiisj", "SELECT p.id, p.name, p.enabled, p.version, h.version AS history, h.seal,"          \
               " p.json AS document FROM policies p LEFT JOIN policy_versions h ON h.id ="         \
               " (SELECT max(id) FROM policy_versions WHERE org_id = p.org_id AND name = p.name)"  \
               " WHERE p.id = ?1"

/* Writes down what isn't as the history says, and gives the version that the change will have.
 * Fails the change with ERR_KEY where the store has no key. */
int64_t history_begin(struct change *c, struct str org_id);

/* One row of the change: the policy as it is from now on. */
void history_add(struct change *c, struct str org_id, const struct store_policy_version *row);

/* The organization's policies as of a version, as wishes in the change's arena. Fails the change
 * with ERR_NOT_FOUND, or ERR_CORRUPT where a seal of the history doesn't hold. */
void history_at(struct change *c, struct str org_id, int64_t version,
                struct store_policy_wish **wishes, size_t *n);

#endif
