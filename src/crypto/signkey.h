/* Our own keys that sign tokens: RSA of 2048 bits for RS256 (RFC 7518, section 3.3). Immutable once
 * made: safe to use from any thread. */
#ifndef CRYPTO_SIGNKEY_H
#define CRYPTO_SIGNKEY_H

#include "base/arena.h"
#include "base/error.h"

struct signkey;

MUST_USE enum status signkey_make(struct signkey **out, struct error *e);
void signkey_free(struct signkey *k); /* NULL is allowed */

/* The private key's bytes (PKCS #8, DER), in the arena: for sealing, then wiped by the caller. */
MUST_USE enum status signkey_export(const struct signkey *k, struct arena *a, struct str *out,
                                    struct error *e);

/* From such bytes. ERR_KEY where they aren't such a key. */
MUST_USE enum status signkey_import(struct str der, struct signkey **out, struct error *e);

/* The public half as a JSON web key that says kid, alg and use, in the arena. */
MUST_USE enum status signkey_public(const struct signkey *k, struct str kid, struct arena *a,
                                    struct str *out, struct error *e);

/* A JWS in compact form (RFC 7515, section 7.1) over `payload`, with alg, kid and typ in its
 * header, in the arena. */
MUST_USE enum status signkey_sign(const struct signkey *k, struct str kid, struct str payload,
                                  struct arena *a, struct str *out, struct error *e);

#endif
