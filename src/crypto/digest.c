#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

static void must(bool done)
{
    if (!done) {
        fputs("SHA-256 is not available in the OpenSSL library\n", stderr);
        abort();
    }
}

void digest_hmac(const uint8_t key[DIGEST_SIZE], struct str data, uint8_t out[DIGEST_SIZE])
{
    must(HMAC(EVP_sha256(), key, DIGEST_SIZE, (const uint8_t *)(data.p ? data.p : ""), data.n, out,
              NULL) != NULL);
}

/* OpenSSL's own context, keyed: it wipes its copy of the key. */
struct mac {
    EVP_MAC_CTX *context;
};

struct mac *mac_new(const uint8_t key[DIGEST_SIZE])
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                           OSSL_PARAM_construct_end()};
    struct mac *m = mem_alloc(sizeof *m);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    must(mac && (m->context = EVP_MAC_CTX_new(mac)));
    EVP_MAC_free(mac); /* the context holds it */
    must(EVP_MAC_init(m->context, key, DIGEST_SIZE, params) == 1);
    return m;
}

void mac_hex(struct mac *m, struct str data, char out[DIGEST_HEX_SIZE])
{
    uint8_t digest[DIGEST_SIZE];
    char hex[DIGEST_HEX_SIZE + 1];
    size_t n = 0;
    must(EVP_MAC_init(m->context, NULL, 0, NULL) == 1 &&
         EVP_MAC_update(m->context, (const uint8_t *)(data.p ? data.p : ""), data.n) == 1 &&
         EVP_MAC_final(m->context, digest, &n, sizeof digest) == 1 && n == sizeof digest);
    text_hex(digest, sizeof digest, hex);
    memcpy(out, hex, DIGEST_HEX_SIZE);
}

void mac_free(struct mac *m)
{
    if (m) {
        EVP_MAC_CTX_free(m->context);
        free(m);
    }
}

/* Extract with an all-zero salt, then the one round of expand: T(1) = HMAC(PRK, info | 0x01). */
void digest_derive(const uint8_t root[DIGEST_SIZE], const char *label, struct str context,
                   uint8_t out[DIGEST_SIZE])
{
    static const uint8_t no_salt[DIGEST_SIZE];
    uint8_t prk[DIGEST_SIZE];
    size_t label_n = strlen(label) + 1, n = label_n + context.n + 1;
    char *info = mem_alloc(n);

    memcpy(info, label, label_n);
    if (context.n) {
        memcpy(info + label_n, context.p, context.n);
    }
    info[n - 1] = 1;
    digest_hmac(no_salt, (struct str){(const char *)root, DIGEST_SIZE}, prk);
    digest_hmac(prk, (struct str){info, n}, out);
    mem_wipe(prk, sizeof prk);
    free(info);
}
