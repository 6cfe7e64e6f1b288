/* Identity providers of an organization: whose tokens let its people in, and by which rules. The
 * configuration is JSON that identity/provider.h reads; a provider is added and removed, never
 * changed, so that what was decided by it ends with it. */
#ifndef STORE_FEDERATION_H
#define STORE_FEDERATION_H

#include "store/key.h"

struct store_provider {
    struct str id; /* UUID */
    struct str org_id, name;
    struct str issuer; /* as tokens name it, or "aws" */
    struct str json;
    int64_t created_us;
};

/* Stores `p` (id and created_us are given by the store and set in it), for tokens of the issuer for
 * any of the audiences. An issuer and an audience together are one provider's alone, in all
 * organizations: a token can't belong to two. ERR_EXISTS: the name, or such a pair, is taken. */
MUST_USE enum status store_provider_add(struct store *s, struct str actor, struct store_provider *p,
                                        struct store_list audiences, struct arena *a,
                                        struct error *e);
MUST_USE enum status store_providers(struct store *s, struct str org_id, struct arena *a,
                                     struct store_provider **rows, size_t *n, struct error *e);

/* By name or id within the organization. ERR_NOT_FOUND. */
MUST_USE enum status store_provider_remove(struct store *s, struct str actor, struct str org_id,
                                           struct str id_or_name, struct error *e);

/* The provider of tokens of this issuer for this audience. ERR_NOT_FOUND. */
MUST_USE enum status store_provider_find(struct store *s, struct str issuer, struct str audience,
                                         struct arena *a, struct store_provider *out,
                                         struct error *e);

/* What a user of the provider's organization has now, in one read: as store_credential_find(), with
 * a key that has only org_id and user_id. ERR_NOT_FOUND where provider or user is gone. */
MUST_USE enum status store_federated_find(struct store *s, struct str provider_id,
                                          struct str user_id, struct arena *a,
                                          struct store_credential *out, struct error *e);

/* The organization's user of this address; where there is none and `provision` says so, a new one
 * with the role. Who was removed comes back by an administrator alone. ERR_NOT_FOUND. */
MUST_USE enum status store_federated_user(struct store *s, struct str actor, struct str org_id,
                                          struct str email, struct str role, bool provision,
                                          struct arena *a, struct store_user *out, struct error *e);

#endif
