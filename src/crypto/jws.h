/* Signed tokens in compact form (JWS, RFC 7515): reading them, and verifying them against public
 * keys.
 *
 * The key decides by which algorithm it may be used, never the header: what the header names must
 * be one of the key's. Of the header only `alg`, `kid` and `typ` are looked at; keys, certificates
 * and addresses in it (jwk, jku, x5c, x5u) are never followed, and `crit` is refused, since nothing
 * that it could name is understood here (section 4.1.11). "none" and the symmetric algorithms don't
 * exist here. Thread-safe: no state. */
#ifndef CRYPTO_JWS_H
#define CRYPTO_JWS_H

#include "base/arena.h"
#include "crypto/jwk.h"

enum { JWS_TEXT_MAX = 16 * 1024 };

/* Nothing in it is to be believed before jws_verify() says so. */
struct jws {
    struct str signed_text; /* header and payload as they were signed; of the token's own memory */
    struct str alg, kid, typ;      /* STR_NULL: the header has none */
    struct str payload, signature; /* bytes */
};

/* Takes a token apart, in the arena. ERR_AUTH where it is longer than above, isn't three parts of
 * strict base64url, or where the header isn't a JSON object of unique members with the right types.
 */
MUST_USE enum status jws_read(struct str token, struct arena *a, struct jws *out, struct error *e);

/* Does one of the keys say that the token is whole? With a `kid`, only the keys of that name are
 * asked; without one, the set must have exactly one key that the algorithm allows. ERR_NOT_FOUND:
 * no key has the name and the set may be too old; ERR_AUTH: anything else that is wrong. */
MUST_USE enum status jws_verify(const struct jws *t, const struct jwk_set *keys, struct error *e);

#endif
