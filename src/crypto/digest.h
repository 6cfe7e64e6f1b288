/* Keyed digests by OpenSSL. Thread-safe. They end the process where the library has no
 * SHA-256: nothing here could go on without it. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/str.h"

enum { DIGEST_SIZE = 32 };

/* HMAC-SHA-256 (RFC 2104). */
void digest_hmac(const uint8_t key[DIGEST_SIZE], struct str data, uint8_t out[DIGEST_SIZE]);

/* HKDF-SHA-256 (RFC 5869) of one output block: `root` is the input keying material, no salt;
 * `label` and `context` make the info, as label, a NUL, context. */
void digest_derive(const uint8_t root[DIGEST_SIZE], const char *label, struct str context,
                   uint8_t out[DIGEST_SIZE]);

#endif
