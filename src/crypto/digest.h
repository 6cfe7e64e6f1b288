/* Keyed digests by OpenSSL. Thread-safe. They end the process where the library has no
 * SHA-256: nothing here could go on without it. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "base/str.h"

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 2 * DIGEST_SIZE };

/* HMAC-SHA-256 (RFC 2104). */
void digest_hmac(const uint8_t key[DIGEST_SIZE], struct str data, uint8_t out[DIGEST_SIZE]);

/* The same of many texts under one key, in lower-case hexadecimal without a NUL: what a hash mask
 * shows of a value, wherever it is made. Used by one thread at a time. The key is copied;
 * mac_free() (NULL is allowed) wipes it. */
struct mac;
struct mac *mac_new(const uint8_t key[DIGEST_SIZE]);
void mac_hex(struct mac *m, struct str data, char out[DIGEST_HEX_SIZE]);
void mac_free(struct mac *m);

/* HKDF-SHA-256 (RFC 5869) of one output block: `root` is the input keying material, no salt;
 * `label` and `context` make the info, as label, a NUL, context. */
void digest_derive(const uint8_t root[DIGEST_SIZE], const char *label, struct str context,
                   uint8_t out[DIGEST_SIZE]);

#endif
