/* The authority between the planes, out of the control store: its key is sealed under the keyring's
 * key of the store, and so under the key-management provider. All control nodes of one store have
 * the same. */
#ifndef PLANES_PLANECA_H
#define PLANES_PLANECA_H

#include "base/arena.h"
#include "crypto/authority.h"
#include "crypto/kms.h"
#include "store/store.h"

struct planeca {
    struct str store_id;    /* of the store, in the arena */
    struct str certificate; /* PEM, in the arena */
    char fingerprint[FINGERPRINT_SIZE];
    struct authority *authority; /* authority_free() */
};

/* Makes it at the first call of all. */
MUST_USE enum status planeca_open(struct store *s, const uint8_t secret_key[KMS_KEY_SIZE],
                                  struct str actor, struct arena *a, struct planeca *out,
                                  struct error *e);

/* A new token by which a proxy enrols ("hd_proxy_" and 43 letters and digits), and what the store
 * keeps of it; both in the arena. */
struct str planeca_token(struct arena *a);
struct str planeca_token_digest(struct str token, struct arena *a);

#endif
