/* Public keys as JSON web keys (RFC 7517, RFC 7518 section 6), and the algorithms that each may
 * verify.
 *
 * Read strictly: RSA of 2048 to 8192 bits with an exponent from 65537 on, the curves P-256, P-384
 * and P-521; a symmetric key is never a key here. Immutable once read: safe to use from any thread.
 */
#ifndef CRYPTO_JWK_H
#define CRYPTO_JWK_H

#include <openssl/evp.h>

#include "base/error.h"
#include "base/str.h"

/* The name in JOSE, the type of the key, the digest, PSS padding, and the curve in JOSE and
 * OpenSSL. */
#define JWK_ALGORITHMS(X)                                                                          \
    X(JWK_RS256, "RS256", EVP_PKEY_RSA, "SHA256", false, NULL, NULL, 0)                            \
    X(JWK_RS384, "RS384", EVP_PKEY_RSA, "SHA384", false, NULL, NULL, 0)                            \
    X(JWK_RS512, "RS512", EVP_PKEY_RSA, "SHA512", false, NULL, NULL, 0)                            \
    X(JWK_PS256, "PS256", EVP_PKEY_RSA, "SHA256", true, NULL, NULL, 0)                             \
    X(JWK_PS384, "PS384", EVP_PKEY_RSA, "SHA384", true, NULL, NULL, 0)                             \
    X(JWK_PS512, "PS512", EVP_PKEY_RSA, "SHA512", true, NULL, NULL, 0)                             \
    X(JWK_ES256, "ES256", EVP_PKEY_EC, "SHA256", false, "P-256", "prime256v1", 32)                 \
    X(JWK_ES384, "ES384", EVP_PKEY_EC, "SHA384", false, "P-384", "secp384r1", 48)                  \
    X(JWK_ES512, "ES512", EVP_PKEY_EC, "SHA512", false, "P-521", "secp521r1", 66)

enum jwk_algorithm {
#define X(name, ...) name,
    JWK_ALGORITHMS(X)
#undef X
        JWK_ALGORITHM_COUNT
};

struct jwk_algorithm_info {
    const char *name; /* "RS256" */
    int type;         /* EVP_PKEY_RSA, EVP_PKEY_EC */
    const char *digest;
    bool pss;
    const char *curve, *group; /* NULL for RSA */
    size_t coordinate;         /* bytes of one; 0 for RSA */
};

const struct jwk_algorithm_info *jwk_algorithm_info(enum jwk_algorithm a);

/* False for "none", for the symmetric ones, for whatever isn't in the table; case counts. */
bool jwk_algorithm_parse(struct str name, enum jwk_algorithm *out);

struct jwk {
    char kid[257];       /* "": it has none */
    unsigned algorithms; /* those it may verify, as bits 1 << enum jwk_algorithm: its own words and
                            its type say */
    EVP_PKEY *key;
};

enum { JWK_SET_TEXT_MAX = 256 * 1024, JWK_SET_KEYS_MAX = 64 };

struct jwk_set;

/* Reads {"keys": [...]}. As RFC 7517 section 5 has it, a key is passed over that isn't for
 * verifying signatures (use, key_ops), that is of a type or size other than above, or that isn't
 * well-formed: the set may be left with none. ERR_VALIDATION where the text isn't such a set, is
 * longer or holds more keys than above, or names a member twice. */
MUST_USE enum status jwk_set_read(struct str json, struct jwk_set **out, struct error *e);
void jwk_set_free(struct jwk_set *s); /* NULL is allowed */

size_t jwk_set_count(const struct jwk_set *s);
const struct jwk *jwk_set_at(const struct jwk_set *s, size_t i); /* owned by the set */

#endif
