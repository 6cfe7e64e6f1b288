#include "planes/planeca.h"

#include "base/id.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/sealed.h"
#include "store/proxies.h"

static const char place[] = "planes authority", token_head[] = "hd_proxy_";
enum { TOKEN_LETTERS = 43 }; /* 256 bits of 62 letters */

static enum status make(struct store *s, const uint8_t secret_key[KMS_KEY_SIZE], struct str actor,
                        struct arena *a, struct error *e)
{
    char id[ID_UUID_SIZE];
    struct store_authority row = {.id = {id, sizeof id - 1}};
    struct str key = STR("");
    id_uuid(id);
    enum status status = authority_make(a, &row.certificate, &key, e);
    if (status == OK) {
        status = sealed_write(secret_key, place, row.id, key, a, &row.sealed, e);
    }
    if (status == OK) {
        status = store_authority_add(s, actor, &row, e);
    }
    mem_wipe((char *)key.p, key.n);
    return status;
}

static enum status unseal(const struct store_authority *row, const uint8_t secret_key[KMS_KEY_SIZE],
                          struct arena *a, struct planeca *out, struct error *e)
{
    struct str key = STR("");
    enum status status = sealed_read(secret_key, place, row->id, row->sealed, a, &key, e);
    *out = (struct planeca){.store_id = row->id, .certificate = row->certificate};
    if (status == OK) {
        status = authority_open(row->certificate, key, &out->authority, e);
    }
    mem_wipe((char *)key.p, key.n);
    if (status == OK && certificate_fingerprint(row->certificate, out->fingerprint, e) != OK) {
        authority_free(out->authority);
        status = FAIL;
    }
    return status;
}

enum status planeca_open(struct store *s, const uint8_t secret_key[KMS_KEY_SIZE], struct str actor,
                         struct arena *a, struct planeca *out, struct error *e)
{
    struct error why = ERROR_INIT;
    struct store_authority row;
    if (store_authority_find(s, a, &row, &why) != OK) {
        if (why.code != ERR_NOT_FOUND) {
            *e = why;
            return FAIL;
        }
        if (make(s, secret_key, actor, a, e) != OK || store_authority_find(s, a, &row, e) != OK) {
            return FAIL;
        }
    }
    return unseal(&row, secret_key, a, out, e);
}

struct str planeca_token(struct arena *a)
{
    size_t n = sizeof token_head - 1;
    char *text = arena_alloc(a, n + TOKEN_LETTERS + 1);
    memcpy(text, token_head, n);
    id_alnum(text + n, TOKEN_LETTERS);
    return (struct str){text, n + TOKEN_LETTERS};
}

/* It is random throughout: no salt, no slow hash. */
struct str planeca_token_digest(struct str token, struct arena *a)
{
    static const uint8_t label[DIGEST_SIZE] = "hatidata proxy token";
    uint8_t digest[DIGEST_SIZE];
    char *text = arena_alloc(a, DIGEST_HEX_SIZE + 1);
    digest_hmac(label, token, digest);
    text_hex(digest, sizeof digest, text);
    return (struct str){text, DIGEST_HEX_SIZE};
}
