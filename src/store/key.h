/* API keys, of a user or of an agent. The key itself is never here: its prefix finds the row, its
 * Argon2id hash proves it. */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include "store/jit.h"
#include "store/row.h"
#include "store/store.h"
#include "store/user.h"

enum { STORE_KEY_PREFIX_LENGTH = 16 }; /* "hd_live_" and the first 8 of its characters */

struct store_key {
    struct str id; /* UUID */
    struct str org_id, environment;
    struct str user_id;                   /* of a user's key; else empty */
    struct str agent_id, agent_framework; /* of an agent's key; else empty */
    struct str role;                      /* of an agent's key: a user's key has the user's role */
    struct str name, description;         /* the latter may be empty */
    struct str prefix, hash;
    struct store_list scopes, allowed_schemas, allowed_tables, ip_allowlist;
    struct store_pairs attributes;
    struct str replaces; /* the id of the key that a rotation made it in place of; else empty */
    int64_t created_us, expires_us, revoked_us; /* 0: never */
};

/* Stores `key` (id and created_us are given by the store and set in it). Exactly one of user_id and
 * agent_id must be set; the user must be the organization's and the environment must exist. An
 * agent can't be owner or admin: it would have the whole organization in its hands. */
MUST_USE enum status store_key_create(struct store *s, struct str actor, struct store_key *key,
                                      struct arena *a, struct error *e);

/* What identity needs to judge a credential, in one read: the key, its organization's name, its
 * user and the just-in-time grant that is in force for him. ERR_NOT_FOUND. Revoked and expired keys
 * are given too. A person's password and sign-in (store/signin.h) read as a key of his that has all
 * scopes. */
struct store_credential {
    struct store_key key;
    struct store_user user;         /* id empty: an agent's key */
    struct store_grant grant;       /* id empty: none */
    struct str org_name, rate_tier; /* the latter as in store_org */
    bool factor_required;           /* no key: the organization wants a second factor of people */
};
MUST_USE enum status store_credential_find(struct store *s, struct str prefix, struct arena *a,
                                           struct store_credential *out, struct error *e);

/* Which keys of an organization, and how many of them. The database looks at every key of the
 * organization and at no other's, whatever the prefix: the time says nothing of what there is. */
struct store_key_search {
    bool users, agents;     /* keys of which holders */
    struct str environment; /* empty: of every one */
    struct str prefix;      /* what the key's prefix begins with; empty: anything */
    struct str after;       /* only ids behind this one; empty: from the first */
    int64_t limit;          /* rows at most */
};

/* By id, in the arena; `*total` is how many there are in all, whatever `after` and `limit` say. */
MUST_USE enum status store_keys(struct store *s, struct str org_id,
                                const struct store_key_search *which, struct arena *a,
                                struct store_key **rows, size_t *n, int64_t *total,
                                struct error *e);

/* By id or prefix within the organization. ERR_NOT_FOUND. */
MUST_USE enum status store_key_find(struct store *s, struct str org_id, struct str id_or_prefix,
                                    struct arena *a, struct store_key *out, struct error *e);

/* Writes what may change in an agent's key that is there: its agent's name, description, allowed
 * schemas, tables and addresses, as `key` has them. `key->id` says which. */
MUST_USE enum status store_key_update(struct store *s, struct str actor,
                                      const struct store_key *key, struct error *e);

/* A key of the same holder, rights, limits and end with another secret (`prefix` and `hash`, of
 * which `key` has the new ones; the rest is filled in). The old one ends at `*old_ends_us`, or with
 * its own time where that is before: `*old_ends_us` is then that. A key that is revoked or has
 * ended isn't rotated: ERR_CONSTRAINT. */
MUST_USE enum status store_key_rotate(struct store *s, struct str actor, struct str org_id,
                                      struct str id, int64_t *old_ends_us, struct store_key *key,
                                      struct arena *a, struct error *e);

/* By id or prefix within the organization, and with it the keys that it was rotated from, whose
 * time may not be over. Revoking twice is fine. ERR_NOT_FOUND. */
MUST_USE enum status store_key_revoke(struct store *s, struct str actor, struct str org_id,
                                      struct str id_or_prefix, struct error *e);

#endif
