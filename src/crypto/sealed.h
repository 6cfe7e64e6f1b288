/* Secrets that are kept as text where others may read it: AES-256-GCM with a random nonce under a
 * key of the keyring, in hexadecimal digits. Its place is authenticated: what was sealed for one
 * row can't be moved into another. Thread-safe: no state. */
#ifndef CRYPTO_SEALED_H
#define CRYPTO_SEALED_H

#include "base/arena.h"
#include "base/error.h"
#include "crypto/aead.h"

enum { SEALED_MAX = 16 * 1024 };

/* `place` is the kind of secret and `id` its row; `secret` has at most SEALED_MAX bytes. In the
 * arena.
 */
MUST_USE enum status sealed_write(const uint8_t key[AEAD_KEY_SIZE], const char *place,
                                  struct str id, struct str secret, struct arena *a,
                                  struct str *out, struct error *e);

/* ERR_CORRUPT where it isn't what was sealed for that place under that key. The bytes are in the
 * arena; the caller wipes them. */
MUST_USE enum status sealed_read(const uint8_t key[AEAD_KEY_SIZE], const char *place, struct str id,
                                 struct str sealed, struct arena *a, struct str *out,
                                 struct error *e);

#endif
