/* The local provider: the master key is a file of 64 hexadecimal digits that only its owner may
 * read. The key's id is derived from it, so that a blob says which master key it wants without
 * giving anything of it away. A blob is nonce, ciphertext, tag; provider, key id, version and
 * context are authenticated with it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "crypto/kms.h"

enum {
    DIGITS = KMS_KEY_SIZE * 2,
    FILE_MAX = DIGITS + 2, /* a line end, of either kind */
    ID_BYTES = 8,
    BLOB_SIZE = AEAD_NONCE_SIZE + KMS_KEY_SIZE + AEAD_TAG_SIZE,
    VERSION = 1,
    CONTEXT_MAX = 256
};

static const char name[] = "local";

struct local {
    uint8_t key[KMS_KEY_SIZE];
    char id[ID_BYTES * 2 + 1];
};

/* What is authenticated beside the key. */
static enum status describe(const struct local *l, struct str context, char *out, size_t max,
                            struct str *aad, struct error *e)
{
    if (context.n > CONTEXT_MAX) {
        return error_set(e, ERR_TOO_LARGE, "a key's context is longer than %d bytes", CONTEXT_MAX);
    }
    *aad = (struct str){
        out, (size_t)snprintf(out, max, "%s/%s/%d/%.*s", name, l->id, VERSION, STR_ARG(context))};
    return OK;
}

static enum status wrap(void *self, struct str context, const uint8_t key[KMS_KEY_SIZE],
                        struct kms_blob *out, struct error *e)
{
    const struct local *l = self;
    char text[CONTEXT_MAX + 64];
    struct str aad;

    if (describe(l, context, text, sizeof text, &aad, e) != OK) {
        return FAIL;
    }
    snprintf(out->provider, sizeof out->provider, "%s", name);
    snprintf(out->key_id, sizeof out->key_id, "%s", l->id);
    out->version = VERSION;
    out->n = BLOB_SIZE;
    id_random(out->bytes, AEAD_NONCE_SIZE);
    return aead_seal(l->key, out->bytes, aad, key, KMS_KEY_SIZE, out->bytes + AEAD_NONCE_SIZE, e);
}

static enum status unwrap(void *self, struct str context, const struct kms_blob *blob,
                          uint8_t key[KMS_KEY_SIZE], struct error *e)
{
    const struct local *l = self;
    char text[CONTEXT_MAX + 64];
    struct str aad;

    if (strcmp(blob->key_id, l->id) != 0 || blob->version != VERSION) {
        return error_set(e, ERR_KEY, "the key was wrapped under master key %s, this one is %s",
                         blob->key_id, l->id);
    }
    if (describe(l, context, text, sizeof text, &aad, e) != OK) {
        return FAIL;
    }
    if (blob->n != BLOB_SIZE || aead_open(l->key, blob->bytes, aad, blob->bytes + AEAD_NONCE_SIZE,
                                          blob->n - AEAD_NONCE_SIZE, key, NULL) != OK) {
        return error_set(e, ERR_KEY, "the wrapped key of \"%.*s\" was altered", STR_ARG(context));
    }
    return OK;
}

static void close_local(void *self)
{
    mem_wipe(self, sizeof(struct local));
    free(self);
}

static const struct kms_provider provider_local = {name, wrap, unwrap, close_local};

enum status kms_local_open(const char *path, const struct kms_provider **provider, void **self,
                           struct error *e)
{
    char text[FILE_MAX];
    uint8_t id[DIGEST_SIZE];
    struct local *l;
    size_t n;

    if (keyfile_read(path, text, sizeof text, &n, e) != OK) {
        if (e && e->code == ERR_NOT_FOUND) {
            error_set(e, ERR_KEY, "%s: there is no master key", path);
            error_hint(e, "Restore it; a new one can't open what the old one wrapped.");
        }
        return FAIL;
    }
    l = mem_alloc(sizeof *l);
    if (!text_unhex(str_trim((struct str){text, n}), l->key, sizeof l->key)) {
        mem_wipe(text, sizeof text);
        close_local(l);
        return error_set(e, ERR_KEY, "%s does not hold a master key (%d hexadecimal digits)", path,
                         DIGITS);
    }
    mem_wipe(text, sizeof text);
    digest_derive(l->key, "hatidata master key id", STR_NULL, id);
    text_hex(id, ID_BYTES, l->id);
    *provider = &provider_local;
    *self = l;
    return OK;
}

enum status kms_local_create(const char *path, struct error *e)
{
    uint8_t key[KMS_KEY_SIZE];
    char text[DIGITS + 2];
    enum status status;

    id_random(key, sizeof key);
    text_hex(key, sizeof key, text);
    text[DIGITS] = '\n';
    status = keyfile_create(path, 0600, (struct str){text, DIGITS + 1}, e);
    mem_wipe(key, sizeof key);
    mem_wipe(text, sizeof text);
    return status;
}
