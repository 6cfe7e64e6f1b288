#include "crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

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
