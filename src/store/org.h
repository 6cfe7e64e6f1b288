/* Organizations (tenants) and their environments.
 *
 * An organization's id is 12 lower-case letters and digits. An environment has tables of its own,
 * under schemas of the engine that are named by the id and, but for the default environment
 * "hatidata", by its name (catalog/engine_name.c). API keys belong to one environment each. */
#ifndef STORE_ORG_H
#define STORE_ORG_H

#include "store/row.h"
#include "store/store.h"

enum { STORE_ORG_ID_LENGTH = 12 };
#define STORE_DEFAULT_ENVIRONMENT "hatidata"

struct store_org {
    struct str id, name;
    int64_t created_us;
    struct str rate_tier; /* "free", "cloud", "growth", "enterprise"; empty: the server's */
};

struct store_environment {
    struct str org_id, name;
    int64_t created_us;
};

/* Makes it with its default environment. `actor` goes into the IAM trail, here and in all changes
 * of the store: who did it, such as "cli:root". ERR_EXISTS where the name is taken. */
MUST_USE enum status store_org_create(struct store *s, struct str actor, struct str name,
                                      struct arena *a, struct store_org *out, struct error *e);

/* By id or by name. ERR_NOT_FOUND. */
MUST_USE enum status store_org_find(struct store *s, struct str id_or_name, struct arena *a,
                                    struct store_org *out, struct error *e);
MUST_USE enum status store_orgs(struct store *s, struct arena *a, struct store_org **rows,
                                size_t *n, struct error *e); /* by name */

/* Which rate tier it has from now on; empty: the server's. ERR_VALIDATION, ERR_NOT_FOUND. */
MUST_USE enum status store_org_set_rate_tier(struct store *s, struct str actor, struct str org_id,
                                             struct str tier, struct error *e);

MUST_USE enum status store_environment_create(struct store *s, struct str actor, struct str org_id,
                                              struct str name, struct error *e);
MUST_USE enum status store_environments(struct store *s, struct str org_id, struct arena *a,
                                        struct store_environment **rows, size_t *n,
                                        struct error *e);

/* OK where the organization has it, or all of them, else ERR_NOT_FOUND with the first that it
 * hasn't. */
MUST_USE enum status store_environment_check(struct store *s, struct str org_id, struct str name,
                                             struct error *e);
MUST_USE enum status store_environments_check(struct store *s, struct str org_id,
                                              const struct str *names, size_t n, struct error *e);

/* May it be removed? ERR_VALIDATION: it is the default one; ERR_NOT_FOUND; ERR_EXISTS: keys of it
 * aren't revoked. */
MUST_USE enum status store_environment_removable(struct store *s, struct str org_id,
                                                 struct str name, struct error *e);

/* With its revoked keys; errors as of store_environment_removable(). Whoever calls this has seen
 * that no table of it is left on the engine: one of the same name that is made later would have it.
 */
MUST_USE enum status store_environment_remove(struct store *s, struct str actor, struct str org_id,
                                              struct str name, struct error *e);

#endif
