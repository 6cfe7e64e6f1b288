/* Keys of operators: who may do from elsewhere what is the whole installation's. They are made and
 * ended on its own machine alone, and every one of them ends by itself. */
#ifndef STORE_OPERATORS_H
#define STORE_OPERATORS_H

#include "store/row.h"
#include "store/store.h"

struct store_operator_key {
    struct str id, name, prefix, hash;          /* prefix and hash as of store_key */
    struct store_list ip_allowlist;             /* none: every address */
    int64_t created_us, expires_us, revoked_us; /* the last 0: it isn't */
};

/* Stores it; id and created_us are given by the store and set in it. ERR_EXISTS: another that isn't
 * revoked has the name. */
MUST_USE enum status store_operator_key_add(struct store *s, struct str actor,
                                            struct store_operator_key *key, struct arena *a,
                                            struct error *e);

/* By its prefix, revoked or expired ones too. ERR_NOT_FOUND. */
MUST_USE enum status store_operator_key_find(struct store *s, struct str prefix, struct arena *a,
                                             struct store_operator_key *out, struct error *e);

MUST_USE enum status store_operator_keys(struct store *s, struct arena *a,
                                         struct store_operator_key **rows, size_t *n,
                                         struct error *e); /* by their time */

/* By id, prefix, or the name of one that isn't revoked. Revoking twice is fine. ERR_NOT_FOUND. */
MUST_USE enum status store_operator_key_revoke(struct store *s, struct str actor, struct str which,
                                               struct error *e);

#endif
