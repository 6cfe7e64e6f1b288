/* A small world that the policy tests share: a catalog of two organizations, and principals and
 * policies written as text. */
#ifndef TESTS_POLICY_WORLD_H
#define TESTS_POLICY_WORLD_H

#include "policy/policy.h"

struct world {
    struct arena *arena;
    struct catalog *catalog;
    VEC_OF(struct policy_document) documents;
    struct policy_snapshot *snapshot; /* made when first asked */
};

/* acme has public.staff, public.notes; rival has public.secrets; shared.customer and shared.orders
 * are tenant-scoped, shared.nation is common. */
void world_init(struct world *w);
void world_fini(struct world *w);

/* "role=analyst org=acme scopes=query:read,admin attr.department=sales agent=bot ip=10.0.0.1" */
struct principal *world_principal(struct world *w, struct str text);

/* "org=rival off" before the JSON's name are options. */
void world_policy(struct world *w, struct str options, struct str json);
void world_forget(struct world *w);
const struct policy_snapshot *world_snapshot(struct world *w);

/* "shared.customer" */
const struct table *world_table(const struct world *w, const char *org, struct str name);

#endif
