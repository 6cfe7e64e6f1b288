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

/* The key under `purpose`, wrapped, into `keys`. */
static enum status put_key(json_t *keys, enum key_purpose purpose, const uint8_t key[KMS_KEY_SIZE],
                           struct kms *k, struct error *e)
{
    char digits[KMS_BLOB_MAX * 2 + 1], context[64];
    struct kms_blob blob;

    if (kms_wrap(k, context_of(purpose, context), key, &blob, e) != OK) {
        return FAIL;
    }
    text_hex(blob.bytes, blob.n, digits);
    json_object_set_new(keys, purposes[purpose],
                        json_pack("{s:s, s:s, s:I, s:s}", "provider", blob.provider, "key_id",
                                  blob.key_id, "version", (json_int_t)blob.version, "wrapped",
                                  digits));
    return OK;
}

static enum status add_key(json_t *keys, enum key_purpose purpose, struct kms *k, struct error *e)
{
    uint8_t key[KMS_KEY_SIZE];
    enum status status;

    id_random(key, sizeof key);
    status = put_key(keys, purpose, key, k, e);
    mem_wipe(key, sizeof key);
    return status;
}

typedef enum status write_file(const char *path, struct str content, struct error *e);

static enum status create_file(const char *path, struct str content, struct error *e)
{
    return keyfile_create(path, 0600, content, e);
}

static enum status write_json(const json_t *root, const char *path, write_file *write,
                              struct error *e)
{
    char *text = json_dumps(root, JSON_INDENT(2));
    enum status status = text ? write(path, str_of(text), e)
                              : error_set(e, ERR_INTERNAL, "the keyring can't be written as JSON");

    free(text);
    return status;
}

enum status keyring_create(const char *path, struct kms *k, struct error *e)
{
    json_t *keys = json_object();
    json_t *root =
        json_pack("{s:s, s:i, s:O}", "format", format, "version", FORMAT_VERSION, "keys", keys);
    enum status status = OK;

    for (int p = 0; p < KEY_PURPOSE_COUNT && status == OK; p++) {
        status = add_key(keys, p, k, e);
    }
    if (status == OK) {
        status = write_json(root, path, create_file, e);
    }
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

/* The file as JSON, and its keys unwrapped: the caller's. NULL: failed. */
static json_t *read_file(const char *path, struct kms *k, struct keyring **out, struct error *e)
{
    char *text = mem_alloc(FILE_MAX);
    json_t *root = NULL;
    size_t n;

    *out = NULL;
    if (keyfile_read(path, text, FILE_MAX, &n, e) == OK) {
        root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
        if (!root) {
            (void)!error_set(e, ERR_CORRUPT, "%s is not a keyring", path);
        }
    }
    free(text);
    if (root) {
        *out = new_keyring();
        if (unwrap_all(root, path, k, *out, e) != OK) {
            keyring_close(*out);
            json_decref(root);
            *out = NULL;
            root = NULL;
        }
    }
    return root;
}

enum status keyring_open(const char *path, struct kms *k, struct keyring **out, struct error *e)
{
    json_t *root = read_file(path, k, out, e);

    json_decref(root);
    return root ? OK : FAIL;
}

enum status keyring_take_mask(const char *path, struct kms *k, const uint8_t mask_key[KMS_KEY_SIZE],
                              struct error *e)
{
    struct keyring *r;
    json_t *root = read_file(path, k, &r, e);
    enum status status = FAIL;

    if (root && put_key(json_object_get(root, "keys"), KEY_MASK, mask_key, k, e) == OK) {
        status = write_json(root, path, keyfile_replace, e);
    }
    keyring_close(r);
    json_decref(root);
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
