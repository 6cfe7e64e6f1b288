/* The keyring: our own keys, one a purpose, wrapped by the key-management provider and kept in one
 * JSON file of the data folder. Losing the file loses the data; the file without the master key
 * opens nothing. Unwrapped keys live in memory that is locked and left out of core dumps, and are
 * wiped on close. Immutable once open: safe to read from any thread. */
#ifndef CRYPTO_DATAKEY_H
#define CRYPTO_DATAKEY_H

#include "crypto/kms.h"

enum key_purpose {
    KEY_DATA,  /* the engine's database */
    KEY_AUDIT, /* fingerprints of statements */
    KEY_MASK,  /* root of the hash masks' keys */
    KEY_CACHE, /* root of the keys of spilled results */
    KEY_PURPOSE_COUNT
};

struct keyring;

/* Makes the file (0600) with new random keys; ERR_EXISTS where there is one. */
MUST_USE enum status keyring_create(const char *path, struct kms *k, struct error *e);

/* Puts another root of the hash masks' keys in the place of the file's own, so that two keyrings
 * mask alike. What was hashed before keeps the digests of the old one. Errors as keyring_open(). */
MUST_USE enum status keyring_take_mask(const char *path, struct kms *k,
                                       const uint8_t mask_key[KMS_KEY_SIZE], struct error *e);

/* ERR_NOT_FOUND: no file; ERR_CORRUPT: not a keyring; ERR_KEY: the master key is not the one. */
MUST_USE enum status keyring_open(const char *path, struct kms *k, struct keyring **out,
                                  struct error *e);
void keyring_close(struct keyring *r); /* NULL is allowed */

/* 32 bytes, valid until the keyring is closed. */
const uint8_t *keyring_key(const struct keyring *r, enum key_purpose purpose);

/* The hash mask's key of one organization: HKDF-SHA-256 of KEY_MASK with the organization's id. */
void keyring_mask_key(const struct keyring *r, struct str org_id, uint8_t out[KMS_KEY_SIZE]);

/* The key of the seals of the policies' history: HKDF-SHA-256 of KEY_AUDIT. */
void keyring_seal_key(const struct keyring *r, uint8_t out[KMS_KEY_SIZE]);

/* The seed of the key that signs the audit log's checkpoints: HKDF-SHA-256 of KEY_AUDIT. */
void keyring_checkpoint_seed(const struct keyring *r, uint8_t out[KMS_KEY_SIZE]);

/* The key under which the control store keeps its secrets: HKDF-SHA-256 of KEY_DATA. */
void keyring_store_key(const struct keyring *r, uint8_t out[KMS_KEY_SIZE]);

#endif
