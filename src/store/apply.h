/* Inside the store: policies made as wished, within a change. */
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include "store/change.h"
#include "store/policies.h"

#define POLICY_COLUMNS "SELECT id, org_id, name, json, enabled, version, changed_us FROM policies "

/* A row of POLICY_COLUMNS, and the one of a name or an id. Under the lock. */
void policy_read(struct query *q, struct arena *a, struct store_policy *out);
MUST_USE enum status policy_find(struct db *db, struct str org_id, struct str name_or_id,
                                 struct arena *a, struct store_policy *out, struct error *e);

/* Plans and, unless it is a dry run, takes the steps. `out`, in the change's arena, may be NULL. */
void policies_change(struct change *c, struct str org_id, const struct store_policy_wish *wishes,
                     size_t n, const struct store_apply *how, struct store_applied *out);

#endif
