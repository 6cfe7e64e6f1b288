/* The keyring's file names a purpose a key; the purpose is also the context under which the key was
 * wrapped, so that two keys can't be exchanged in the file. */
#include "crypto/datakey.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/id.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"

enum { FORMAT_VERSION = 1, FILE_MAX = 64 * 1024 };

static const char format[] = "hatidata-keyring";
static const char *const purposes[KEY_PURPOSE_COUNT] = {"data", "audit", "mask", "cache"};

/* A mapping of its own: locked and undumped without touching its neighbours. */
struct keyring {
    uint8_t keys[KEY_PURPOSE_COUNT][KMS_KEY_SIZE];
};

static struct str context_of(enum key_purpose purpose, char out[64])
{
    return (struct str){out, (size_t)snprintf(out, 64, "hatidata/keyring/%s", purposes[purpose])};
}

/* A new key under `purpose`, wrapped, into `keys`. */
static enum status add_key(json_t *keys, enum key_purpose purpose, struct kms *k, struct error *e)
{
    char digits[KMS_BLOB_MAX * 2 + 1], context[64];
    uint8_t key[KMS_KEY_SIZE];
    struct kms_blob blob;
    enum status status;

    id_random(key, sizeof key);
    status = kms_wrap(k, context_of(purpose, context), key, &blob, e);
    mem_wipe(key, sizeof key);
    if (status != OK) {
        return FAIL;
    }
    text_hex(blob.bytes, blob.n, digits);
    json_object_set_new(keys, purposes[purpose],
                        json_pack("{s:s, s:s, s:I, s:s}", "provider", blob.provider, "key_id",
                                  blob.key_id, "version", (json_int_t)blob.version, "wrapped",
                                  digits));
    return OK;
}

enum status keyring_create(const char *path, struct kms *k, struct error *e)
{
    json_t *keys = json_object();
    json_t *root =
        json_pack("{s:s, s:i, s:O}", "format", format, "version", FORMAT_VERSION, "keys", keys);
    enum status status = OK;
    char *text = NULL;

    for (int p = 0; p < KEY_PURPOSE_COUNT && status == OK; p++) {
        status = add_key(keys, p, k, e);
    }
    if (status == OK) {
        text = json_dumps(root, JSON_INDENT(2));
        status = text ? keyfile_create(path, 0600, str_of(text), e)
                      : error_set(e, ERR_INTERNAL, "the keyring can't be written as JSON");
    }
    free(text);
    json_decref(keys);
    json_decref(root);
    return status;
}

static bool read_blob(json_t *entry, struct kms_blob *out)
{
    const char *provider, *key_id, *wrapped;
    json_int_t version;

    *out = (struct kms_blob){0};
    if (json_unpack(entry, "{s:s, s:s, s:I, s:s}", "provider", &provider, "key_id", &key_id,
                    "version", &version, "wrapped", &wrapped) != 0) {
        return false;
    }
    out->n = strlen(wrapped) / 2;
    if (strlen(provider) >= sizeof out->provider || strlen(key_id) >= sizeof out->key_id ||
        version < 0 || version > UINT32_MAX || out->n > sizeof out->bytes) {
        return false;
    }
    snprintf(out->provider, sizeof out->provider, "%s", provider);
    snprintf(out->key_id, sizeof out->key_id, "%s", key_id);
    out->version = (uint32_t)version;
    return text_unhex(str_of(wrapped), out->bytes, out->n);
}

static struct keyring *new_keyring(void)
{
    struct keyring *r =
        mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (r == MAP_FAILED) {
        abort();
    }
    (void)mlock(r, sizeof *r); /* a container may not allow it; the dump is what matters most */
    (void)madvise(r, sizeof *r, MADV_DONTDUMP);
    return r;
}

static enum status unwrap_all(json_t *root, const char *path, struct kms *k, struct keyring *r,
                              struct error *e)
{
    json_t *keys;
    const char *found;
    int version;

    if (json_unpack(root, "{s:s, s:i, s:o}", "format", &found, "version", &version, "keys",
                    &keys) != 0 ||
        strcmp(found, format) != 0) {
        return error_set(e, ERR_CORRUPT, "%s is not a keyring", path);
    }
    if (version != FORMAT_VERSION) {
        return error_set(e, ERR_CORRUPT, "%s has version %d, this program reads %d", path, version,
                         FORMAT_VERSION);
    }
    for (int p = 0; p < KEY_PURPOSE_COUNT; p++) {
        char context[64];
        struct kms_blob blob;

        if (!read_blob(json_object_get(keys, purposes[p]), &blob)) {
            return error_set(e, ERR_CORRUPT, "%s: the key \"%s\" is missing or damaged", path,
                             purposes[p]);
        }
        if (kms_unwrap(k, context_of(p, context), &blob, r->keys[p], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

enum status keyring_open(const char *path, struct kms *k, struct keyring **out, struct error *e)
{
    char *text = mem_alloc(FILE_MAX);
    json_t *root = NULL;
    struct keyring *r = NULL;
    enum status status;
    size_t n;

    status = keyfile_read(path, text, FILE_MAX, &n, e);
    if (status != OK) {
        goto out;
    }
    root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    if (!root) {
        status = error_set(e, ERR_CORRUPT, "%s is not a keyring", path);
        goto out;
    }
    r = new_keyring();
    status = unwrap_all(root, path, k, r, e);
    if (status == OK) {
        *out = r;
        r = NULL;
    }
out:
    keyring_close(r);
    json_decref(root);
    free(text);
    return status;
}

void keyring_close(struct keyring *r)
{
    if (r) {
        mem_wipe(r, sizeof *r);
        munmap(r, sizeof *r);
    }
}

const uint8_t *keyring_key(const struct keyring *r, enum key_purpose purpose)
{
    return r->keys[purpose];
}

void keyring_mask_key(const struct keyring *r, struct str org_id, uint8_t out[KMS_KEY_SIZE])
{
    digest_derive(r->keys[KEY_MASK], "hatidata hash mask", org_id, out);
}

void keyring_seal_key(const struct keyring *r, uint8_t out[KMS_KEY_SIZE])
{
    digest_derive(r->keys[KEY_AUDIT], "hatidata policy history", STR(""), out);
}

void keyring_checkpoint_seed(const struct keyring *r, uint8_t out[KMS_KEY_SIZE])
{
    digest_derive(r->keys[KEY_AUDIT], "hatidata audit checkpoints", STR(""), out);
}

void keyring_store_key(const struct keyring *r, uint8_t out[KMS_KEY_SIZE])
{
    digest_derive(r->keys[KEY_DATA], "hatidata control store", STR(""), out);
}
