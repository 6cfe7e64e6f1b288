/* Authenticated encryption: AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
 *
 * A nonce must never come twice under one key: callers use a counter, or random nonces under a key
 * that seals few things (fewer than 2^32). Thread-safe: no state. */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include "base/error.h"
#include "base/str.h"

enum { AEAD_KEY_SIZE = 32, AEAD_NONCE_SIZE = 12, AEAD_TAG_SIZE = 16 };

/* Writes n + AEAD_TAG_SIZE bytes to `out`: ciphertext, then tag. `out` may be `in`. `aad` is
 * authenticated but not written; it may be empty. `n` at most 1 GiB. */
MUST_USE enum status aead_seal(const uint8_t key[AEAD_KEY_SIZE],
                               const uint8_t nonce[AEAD_NONCE_SIZE], struct str aad, const void *in,
                               size_t n, uint8_t *out, struct error *e);

/* `n` counts the tag at the end of `in`; writes n - AEAD_TAG_SIZE bytes. ERR_CORRUPT where the
 * bytes, the nonce, the aad or the key aren't those that were sealed; `out` is then wiped. */
MUST_USE enum status aead_open(const uint8_t key[AEAD_KEY_SIZE],
                               const uint8_t nonce[AEAD_NONCE_SIZE], struct str aad, const void *in,
                               size_t n, uint8_t *out, struct error *e);

#endif
