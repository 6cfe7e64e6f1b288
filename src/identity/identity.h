/* Identity: from a user name and a proof (an API key, an access token of ours or of another
 * identity provider, a password) to a principal. */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "base/error.h"
#include "base/id.h"
#include "policy/principal.h"

struct federation;
struct store;
struct identity;

/* The control plane of a data plane, whose store is a replica (store/store.h). */
struct identity_remote {
    void *ctx;

    /* ERR_NOT_READY while the replica is too old to be trusted, or was never filled. */
    enum status (*current)(void *ctx, struct error *e);

    /* Judges what is neither a key nor a token of ours, and gives the fields of the principal by
     * which the credential is found again, in the arena; the replica has that by then. */
    enum status (*prove)(void *ctx, struct str user, struct str secret, struct str environment,
                         struct str source_ip, struct arena *a, struct principal *out,
                         struct error *e);
};

struct identity_config {
    int argon2_memory_kib, argon2_passes; /* 19456 and 2 (OWASP); lanes 1 */
    int max_verifying;                    /* Argon2 runs at once; more wait, bounded in number */
    int cache_seconds, cache_entries;     /* verified keys remembered as a keyed digest */
    const uint8_t
        *secret_key;    /* keyring_store_key(), copied; NULL: API keys alone, nobody signs in */
    const char *issuer; /* of access tokens, copied; NULL: "hatidata" */
    struct federation *federation;        /* tokens of other providers; NULL: none. Outlives it */
    const struct identity_remote *remote; /* of a data plane alone, which has neither secret_key
                                             nor federation; NULL: the store is the real one */
};
#define IDENTITY_CONFIG_DEFAULT                                                                    \
    {                                                                                              \
        .argon2_memory_kib = 19456, .argon2_passes = 2, .max_verifying = 2, .cache_seconds = 60,   \
        .cache_entries = 4096                                                                      \
    }

MUST_USE enum status identity_open(struct store *s, const struct identity_config *c,
                                   struct identity **out, struct error *e);
void identity_close(struct identity *i); /* NULL is allowed */

/* With which role a principal acts now: his own, or that of a just-in-time grant, which is a user's
 * alone: the key of an agent never has one. The scopes of the key stay what they are. */
struct standing {
    enum role role;
    char grant_id[ID_UUID_SIZE]; /* "": his own */
};

/* The principal behind `secret`, in the arena, with the role that he acts with now. `user` may be a
 * user id, e-mail or key prefix and must agree with the key or token; an empty `environment` is the
 * default one. A secret that is neither a key nor a token is a password, which ends with the six
 * digits of a code where the user has a second factor (ERR_ENROL, ERR_THROTTLED: see signin.h).
 * Every other refusal is ERR_AUTH with the same text, and an unknown key or user costs the same
 * Argon2 as a wrong one; the operator's log says which it was, without the secret.
 * ERR_TOO_MANY_CONNECTIONS where too many wait already for their Argon2, ERR_NOT_READY where the
 * store can't be read. Blocks: call it off the event loop. */
MUST_USE enum status identity_verify(struct identity *i, struct str user, struct str secret,
                                     struct str environment, struct str source_ip, struct arena *a,
                                     struct principal **out, struct error *e);

/* The same for a credential that came alone, as in an HTTP header: of whichever user and
 * environment it is. A token of another provider names none: it is for `environment`, where the
 * provider opens that; STR_NULL is the default one. */
MUST_USE enum status identity_verify_bearer(struct identity *i, struct str secret,
                                            struct str environment, struct str source_ip,
                                            struct arena *a, struct principal **out,
                                            struct error *e);

/* Still good, and with which role? Asked at each statement: revoked or expired key or token,
 * removed provider, suspended user, another role of his own, a sign-in or a password that is no
 * more give ERR_REVOKED; a grant that began or ended shows in `now`. Cheap: memory unless the
 * store's version moved. */
MUST_USE enum status identity_still_valid(struct identity *i, const struct principal *p,
                                          struct standing *now, struct error *e);

/* Does `p` act as `now` says? */
bool standing_holds(const struct standing *now, const struct principal *p);

/* Each second or so: has the store keep what is left of running grants, writes down what is over
 * and which sign-ins were refused, and makes the next key of tokens in time. A grant that nobody
 * wrote down as ended is over all the same. Of a replica nothing is written. */
MUST_USE enum status identity_tick(struct identity *i, struct error *e);

/* Counters since the start, for metrics. */
struct identity_stats {
    uint64_t argon2_runs, cache_hits, refused, turned_away; /* the last: the queue was full */
};
void identity_stats(struct identity *i, struct identity_stats *out);

/* A new key: "hd_live_" or "hd_test_" and 32 letters and digits, shown once, and its Argon2id hash
 * in PHC string form. */
enum { API_KEY_SIZE = 41, API_KEY_HASH_SIZE = 128 };
MUST_USE enum status identity_make_key(const struct identity_config *c, bool live,
                                       char key[API_KEY_SIZE], char hash[API_KEY_HASH_SIZE],
                                       struct error *e);

/* The same by the configuration of `i`, under its gate. */
MUST_USE enum status identity_issue_key(struct identity *i, bool live, char key[API_KEY_SIZE],
                                        char hash[API_KEY_HASH_SIZE], struct error *e);

/* Does a key, or its prefix, begin as one of live data does? */
bool identity_is_live(struct str key);

/* An Argon2id hash of any secret, made under the same gate. */
MUST_USE enum status identity_hash(struct identity *i, struct str secret,
                                   char hash[API_KEY_HASH_SIZE], struct error *e);

/* The public keys of access tokens as a JSON web key set, in the arena. */
struct str identity_key_set(struct identity *i, struct arena *a);

/* Has a new key of tokens take over, without a gap. `actor` as in store/org.h. */
MUST_USE enum status identity_rotate_keys(struct identity *i, struct str actor, struct error *e);

/* For tests: both clocks, in the units of base/clock.h. */
void identity_set_clock(struct identity *i, int64_t (*wall_us)(void), int64_t (*mono_ns)(void));

#endif
