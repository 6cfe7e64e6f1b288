/* AES-256-GCM by OpenSSL's EVP. Lengths are bounded so that EVP's int never overflows. */
#include "crypto/aead.h"

#include <openssl/evp.h>

#include "base/mem.h"

enum { MAX_BYTES = 1 << 30 };

static enum status begin(EVP_CIPHER_CTX **ctx, int encrypt, const uint8_t *key,
                         const uint8_t *nonce, struct str aad, size_t n, struct error *e)
{
    int done;

    if (n > MAX_BYTES || aad.n > MAX_BYTES) {
        return error_set(e, ERR_TOO_LARGE, "more than 1 GiB to encrypt at once");
    }
    *ctx = EVP_CIPHER_CTX_new();
    if (!*ctx || EVP_CipherInit_ex(*ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) != 1 ||
        (aad.n && EVP_CipherUpdate(*ctx, NULL, &done, (const uint8_t *)aad.p, (int)aad.n) != 1)) {
        return error_set(e, ERR_INTERNAL, "AES-256-GCM is not available");
    }
    return OK;
}

enum status aead_seal(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
                      struct str aad, const void *in, size_t n, uint8_t *out, struct error *e)
{
    EVP_CIPHER_CTX *ctx = NULL;
    int done = 0, last = 0;
    enum status status = begin(&ctx, 1, key, nonce, aad, n, e);

    if (status == OK &&
        ((n && EVP_CipherUpdate(ctx, out, &done, in, (int)n) != 1) ||
         EVP_CipherFinal_ex(ctx, out + done, &last) != 1 ||
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, out + n) != 1)) {
        status = error_set(e, ERR_INTERNAL, "encryption failed");
    }
    EVP_CIPHER_CTX_free(ctx);
    return status;
}

enum status aead_open(const uint8_t key[AEAD_KEY_SIZE], const uint8_t nonce[AEAD_NONCE_SIZE],
                      struct str aad, const void *in, size_t n, uint8_t *out, struct error *e)
{
    EVP_CIPHER_CTX *ctx = NULL;
    uint8_t tag[AEAD_TAG_SIZE];
    int done = 0, last = 0;
    enum status status;

    if (n < AEAD_TAG_SIZE) {
        return error_set(e, ERR_CORRUPT, "encrypted bytes are cut short");
    }
    n -= AEAD_TAG_SIZE;
    memcpy(tag, (const uint8_t *)in + n, AEAD_TAG_SIZE); /* before `out` may overwrite it */
    status = begin(&ctx, 0, key, nonce, aad, n, e);
    if (status == OK && ((n && EVP_CipherUpdate(ctx, out, &done, in, (int)n) != 1) ||
                         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_SIZE, tag) != 1 ||
                         EVP_CipherFinal_ex(ctx, out + done, &last) != 1)) {
        mem_wipe(out, n);
        status = error_set(e, ERR_CORRUPT, "encrypted bytes were altered, or the key is another");
    }
    EVP_CIPHER_CTX_free(ctx);
    return status;
}
