/* Inside identity: its state, and what the ways of proving who one is share. */
#ifndef IDENTITY_IDENTITY_PRIV_H
#define IDENTITY_IDENTITY_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "identity/cache.h"
#include "identity/gate.h"
#include "identity/grant.h"
#include "identity/identity.h"
#include "identity/jit.h"
#include "identity/refusals.h"
#include "identity/throttle.h"
#include "identity/tokens.h"

struct map;

struct identity {
    struct store *store;
    struct identity_config config;
    char dummy[API_KEY_HASH_SIZE];
    struct cache *cache;
    struct gate gate;
    int64_t (*wall_us)(void);
    pthread_mutex_t lock; /* over what follows */
    struct map *known;    /* credential id to struct known */
    struct jit *jit;      /* when running grants end */
    atomic_uint_fast64_t argon2_runs, cache_hits, refused, turned_away;

    /* How people sign in. Without a secret key there is no tokens, and nobody does. */
    uint8_t secret_key[AEAD_KEY_SIZE];
    struct tokens *tokens;
    struct throttle *tries; /* of passwords: by address and name */
    struct throttle *codes; /* of codes after a right password: by user */
    struct refusals *refusals;
};

/* The one answer to whoever is not let in; the operator's log has the reason. `who` is what may be
 * shown there: a key's prefix, a user's name. */
enum status identity_refuse(struct identity *i, struct str who, struct str source_ip,
                            const char *why, struct error *e);

/* The same for a key, of which the log has the prefix. */
enum status identity_refuse_key(struct identity *i, struct str prefix, struct str source_ip,
                                const char *why, struct error *e);

/* Is it a key by its form: eight characters `head`, then 32 letters and digits? */
bool identity_has_shape(struct str secret, const char *head);

/* A new key of that form, as identity_issue_key() makes one. */
enum status identity_issue(struct identity *i, const char *head, char key[API_KEY_SIZE],
                           char hash[API_KEY_HASH_SIZE], struct error *e);

/* Is it the key's secret? By one Argon2 run, or by memory. ERR_TOO_MANY_CONNECTIONS as below. */
enum status identity_check_secret(struct identity *i, struct str secret, struct str hash,
                                  bool *right, struct error *e);

/* One Argon2 run against the hash, after a place at the gate; nothing is remembered.
 * ERR_TOO_MANY_CONNECTIONS where too many wait. */
MUST_USE enum status identity_argon2(struct identity *i, struct str secret, struct str hash,
                                     bool *right, struct error *e);

/* Judges a credential whose secret was right, and makes its principal, with the role that he acts
 * with now. `user` as identity_verify() has it; STR_NULL: he named nobody. */
MUST_USE enum status identity_admit(struct identity *i, const struct store_credential *c,
                                    struct str user, struct str environment, struct str source_ip,
                                    struct arena *a, struct principal **out, struct error *e);

/* With which role who has the credential acts now; `own` is his own. Under the lock. */
void standing_of(struct identity *i, const struct store_credential *c, enum role own,
                 struct standing *out);
void standing_forget(void *known); /* of the map `known` */

/* The credential that a principal came by, as the store has it now. ERR_NOT_FOUND. */
MUST_USE enum status standing_credential(struct identity *i, const struct principal *p,
                                         struct arena *a, struct store_credential *out,
                                         struct error *e);

/* Of a data plane (identity_config.remote): may its replica be used? Else always OK. */
MUST_USE enum status identity_current(struct identity *i, struct error *e);

/* identity_verify() of what the control plane must judge. */
MUST_USE enum status identity_verify_remote(struct identity *i, struct str user, struct str secret,
                                            struct str environment, struct str source_ip,
                                            struct arena *a, struct principal **out,
                                            struct error *e);

#endif
