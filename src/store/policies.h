/* Policy documents. The store keeps them as text; policy/ checks and compiles them. */
#ifndef STORE_POLICIES_H
#define STORE_POLICIES_H

#include "store/row.h"
#include "store/store.h"

struct store_policy {
    struct str id; /* UUID */
    struct str org_id, name, json;
    bool enabled;
    int64_t version; /* 1, then one more with each change */
    int64_t changed_us;
};

/* Of all organizations where `org_id` is empty; by organization and name. Disabled ones too. */
MUST_USE enum status store_policies(struct store *s, struct str org_id, struct arena *a,
                                    struct store_policy **rows, size_t *n, struct error *e);

/* By id or name within the organization. ERR_NOT_FOUND. */
MUST_USE enum status store_policy_find(struct store *s, struct str org_id, struct str id_or_name,
                                       struct arena *a, struct store_policy *out, struct error *e);

/* Makes it, or replaces the one of the same name. The caller has checked the document. */
MUST_USE enum status store_policy_set(struct store *s, struct str actor, struct str org_id,
                                      struct str name, struct str json, bool enabled,
                                      struct arena *a, struct store_policy *out, struct error *e);

/* Where the document itself says "enabled", it is made to say the same: there is one truth. */
MUST_USE enum status store_policy_enable(struct store *s, struct str actor, struct str org_id,
                                         struct str id_or_name, bool enabled, struct error *e);
MUST_USE enum status store_policy_remove(struct store *s, struct str actor, struct str org_id,
                                         struct str id_or_name, struct error *e);

#endif
