/* From a token of another identity provider to a user of ours: which provider, is the token good,
 * who is it by the provider's rules. */
#ifndef IDENTITY_FEDERATION_H
#define IDENTITY_FEDERATION_H

#include "policy/principal.h"
#include "store/federation.h"

struct federation;
struct http_client;

struct federation_config {
    struct store *store;
    struct http_client *http;
    const char *sts_connect; /* host:port in the place of STS's own addresses; NULL or "": none */
    int64_t key_interval_ms, key_fresh_ms, key_stale_ms; /* as in identity/keyset.h */
    int64_t (*wall_us)(void);
};

struct federation *federation_new(const struct federation_config *c);
void federation_free(struct federation *f); /* NULL is allowed */

/* Does `secret` look like a token of another provider? (A JSON web token, or AWS's.) */
bool federation_is_token(struct str secret);

struct federated {
    struct store_provider provider;
    struct store_user user;
    enum role role;
    unsigned scopes;
    int64_t expires_us; /* with the token */
};

/* Who has the token, in the arena; made in the store where the provider may do that. ERR_AUTH: it
 * is refused, and the message, which has no secret, is for the operator's log alone; ERR_NOT_READY:
 * it can't be checked now. Blocks. */
MUST_USE enum status federation_verify(struct federation *f, struct str secret,
                                       struct str environment, struct arena *a,
                                       struct federated *out, struct error *e);

/* The credential that such a login amounts to, as the store has provider and user now: a key of the
 * user's that has no prefix and is named by provider, role and user. A just-in-time grant that
 * rests on another role than the rule's isn't there. ERR_NOT_FOUND: provider or user is gone, or
 * the organization has no such environment. */
MUST_USE enum status federation_credential(struct store *s, struct str provider_id,
                                           struct str user_id, enum role role,
                                           struct str environment, unsigned scopes, struct arena *a,
                                           struct store_credential *out, struct error *e);

#endif
