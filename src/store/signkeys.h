/* The keys that sign access tokens: the private half sealed by the caller, the public half as a
 * JSON web key. One signs at a time, from `from_us` until `until_us`; it is published before and
 * after. */
#ifndef STORE_SIGNKEYS_H
#define STORE_SIGNKEYS_H

#include "store/row.h"
#include "store/store.h"

struct store_signing_key {
    struct str id, sealed, public_key;
    int64_t from_us, until_us;
};

/* All, by from_us. */
MUST_USE enum status store_signing_keys(struct store *s, struct arena *a,
                                        struct store_signing_key **rows, size_t *n,
                                        struct error *e);

/* Adds it, unless another process was faster and there is one by now that signs from `row->from_us`
 * or later: then does nothing. */
MUST_USE enum status store_signing_key_add(struct store *s, const struct store_signing_key *row,
                                           struct error *e);

/* The keys that sign at `at_us` or after sign until then and no longer; later ones go. So a key
 * that is added from `at_us` on takes over. */
MUST_USE enum status store_signing_keys_end(struct store *s, struct str actor, int64_t at_us,
                                            struct error *e);

/* Removes those that ended before. */
MUST_USE enum status store_signing_keys_sweep(struct store *s, int64_t ended_before_us,
                                              struct error *e);

#endif
