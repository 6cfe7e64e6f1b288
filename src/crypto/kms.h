/* Key management: who wraps and unwraps our keys.
 *
 * A provider holds a master key that never leaves it (a key-management service) or that only this
 * process reads (a local file). It wraps 32-byte keys into blobs that may be stored anywhere. The
 * context is authenticated, not stored: unwrapping with another context fails, so a blob can't be
 * moved to another purpose. A service is called over a network: calls block and may fail. */
#ifndef CRYPTO_KMS_H
#define CRYPTO_KMS_H

#include "base/error.h"
#include "base/str.h"

enum { KMS_KEY_SIZE = 32, KMS_BLOB_MAX = 1024 };

/* A wrapped key: what a keyring stores. */
struct kms_blob {
    char provider[16]; /* "local" */
    char key_id[128];  /* which master key, as the provider names it */
    uint32_t version;  /* of the master key */
    uint8_t bytes[KMS_BLOB_MAX];
    size_t n;
};

/* What a provider gives; `self` is its own. Called by one thread at a time. */
struct kms_provider {
    const char *name;
    enum status (*wrap)(void *self, struct str context, const uint8_t key[KMS_KEY_SIZE],
                        struct kms_blob *out, struct error *e);
    enum status (*unwrap)(void *self, struct str context, const struct kms_blob *blob,
                          uint8_t key[KMS_KEY_SIZE], struct error *e);
    void (*close)(void *self);
};

struct kms;

/* "local:/path/of/master.key". An unknown provider is ERR_CONFIG; a master key that is missing, not
 * a regular file, of another owner or readable by others is ERR_KEY. */
MUST_USE enum status kms_open(const char *uri, struct kms **out, struct error *e);
void kms_close(struct kms *k); /* NULL is allowed */

/* Makes the master key that `uri` names, where that is ours to make: a local file, mode 0600, which
 * must not exist yet (ERR_EXISTS). */
MUST_USE enum status kms_create(const char *uri, struct error *e);

MUST_USE enum status kms_wrap(struct kms *k, struct str context, const uint8_t key[KMS_KEY_SIZE],
                              struct kms_blob *out, struct error *e);

/* ERR_KEY where the blob belongs to another provider or master key, or was altered. */
MUST_USE enum status kms_unwrap(struct kms *k, struct str context, const struct kms_blob *blob,
                                uint8_t key[KMS_KEY_SIZE], struct error *e);

/* The local provider (kms_local.c). */
MUST_USE enum status kms_local_open(const char *path, const struct kms_provider **provider,
                                    void **self, struct error *e);
MUST_USE enum status kms_local_create(const char *path, struct error *e);

#endif
