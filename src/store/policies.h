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

/* By name or id within the organization; a name goes before another policy's id. ERR_NOT_FOUND. */
MUST_USE enum status store_policy_find(struct store *s, struct str org_id, struct str name_or_id,
                                       struct arena *a, struct store_policy *out, struct error *e);

/* A policy as it should be. */
struct store_policy_wish {
    struct str name;
    struct str json; /* empty: there should be none of that name */
    bool enabled;
};

/* What a change does, or would do, to one policy. Documents are empty where it did not, or will
 * not, exist. */
struct store_policy_step {
    struct str name, before, after;
    bool was_enabled, is_enabled;
};

struct store_apply {
    bool prune;         /* policies that no wish names go */
    bool dry_run;       /* tells the steps and changes nothing */
    const char *action; /* what the history calls it; NULL: create, change or remove */

    /* The version that the history must be at, else ERR_CONFLICT: what was looked at is still what
     * is there. NULL: whichever. */
    const int64_t *expected;

    /* Asked for each step before the first is taken; FAIL ends the change with that error. NULL:
     * none. */
    enum status (*check)(void *ctx, const struct store_policy_step *step, struct error *e);
    void *ctx;
};

struct store_applied {
    struct store_policy_step *steps; /* by name; a policy that is as it should be has none */
    size_t count;
    int64_t base;    /* the version of the history before it; 0: it has none */
    int64_t version; /* after it; 0: nothing had to change */
};

/* Makes the policies as wished, all in one transaction or none, each change with its row of the
 * history and its IAM entry. A document counts as the same where it is the same JSON, whatever its
 * white space and the order of its fields. The caller has checked the documents. Needs the key of
 * store_seal_with(). */
MUST_USE enum status store_policies_apply(struct store *s, struct str actor, struct str org_id,
                                          const struct store_policy_wish *wishes, size_t n,
                                          const struct store_apply *how, struct arena *a,
                                          struct store_applied *out, struct error *e);

/* Makes them what they were as of a version of the history: a new version, and an IAM entry
 * "policy.rollback" beside those of the policies. ERR_NOT_FOUND: no such version; ERR_CORRUPT: the
 * history isn't as it was written, and nothing is changed. `how->check` sees what comes back. */
MUST_USE enum status store_policies_rollback(struct store *s, struct str actor, struct str org_id,
                                             int64_t version, const struct store_apply *how,
                                             struct arena *a, struct store_applied *out,
                                             struct error *e);

/* Makes it, or replaces the one of the same name. The caller has checked the document. */
MUST_USE enum status store_policy_set(struct store *s, struct str actor, struct str org_id,
                                      struct str name, struct str json, bool enabled,
                                      struct arena *a, struct store_policy *out, struct error *e);

/* Where the document itself says "enabled", it is made to say the same: there is one truth. */
MUST_USE enum status store_policy_enable(struct store *s, struct str actor, struct str org_id,
                                         struct str name_or_id, bool enabled, struct error *e);
MUST_USE enum status store_policy_remove(struct store *s, struct str actor, struct str org_id,
                                         struct str name_or_id, struct error *e);

#endif
