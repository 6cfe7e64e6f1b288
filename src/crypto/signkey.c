#include "crypto/signkey.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum { BITS = 2048, SIGNATURE_SIZE = BITS / 8, NUMBER_MAX = BITS / 8 };

struct signkey {
    EVP_PKEY *key;
};

static enum status failed(struct error *e, const char *doing)
{
    ERR_clear_error();
    return error_set(e, ERR_KEY, "OpenSSL can't %s", doing);
}

static struct signkey *wrap(EVP_PKEY *key)
{
    struct signkey *k = mem_alloc(sizeof *k);

    k->key = key;
    return k;
}

enum status signkey_make(struct signkey **out, struct error *e)
{
    EVP_PKEY *key = EVP_RSA_gen(BITS);

    if (!key) {
        return failed(e, "make an RSA key");
    }
    *out = wrap(key);
    return OK;
}

void signkey_free(struct signkey *k)
{
    if (k) {
        EVP_PKEY_free(k->key);
        free(k);
    }
}

enum status signkey_export(const struct signkey *k, struct arena *a, struct str *out,
                           struct error *e)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->key);
    unsigned char *der = NULL;
    int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

    PKCS8_PRIV_KEY_INFO_free(info);
    if (n <= 0) {
        return failed(e, "write an RSA key");
    }
    *out = arena_str(a, (struct str){(char *)der, (size_t)n});
    OPENSSL_clear_free(der, (size_t)n);
    return OK;
}

enum status signkey_import(struct str der, struct signkey **out, struct error *e)
{
    const unsigned char *at = (const unsigned char *)der.p;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)der.n);

    if (!key || !EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) != BITS) {
        EVP_PKEY_free(key);
        return failed(e, "read the key that signs tokens");
    }
    *out = wrap(key);
    return OK;
}

/* A number of the key as Base64urlUInt (RFC 7518, section 2): without leading zeros. */
static bool number_text(const struct signkey *k, const char *name, struct arena *a, char **out)
{
    unsigned char bytes[NUMBER_MAX];
    BIGNUM *number = NULL;
    int n;

    if (EVP_PKEY_get_bn_param(k->key, name, &number) != 1 ||
        BN_num_bytes(number) > (int)sizeof bytes) {
        BN_free(number);
        return false;
    }
    n = BN_bn2bin(number, bytes);
    BN_free(number);
    *out = arena_alloc(a, TEXT_BASE64URL_SIZE((size_t)n) + 1);
    text_base64url(bytes, (size_t)n, *out);
    return true;
}

enum status signkey_public(const struct signkey *k, struct str kid, struct arena *a,
                           struct str *out, struct error *e)
{
    char *modulus, *exponent;

    if (!number_text(k, OSSL_PKEY_PARAM_RSA_N, a, &modulus) ||
        !number_text(k, OSSL_PKEY_PARAM_RSA_E, a, &exponent)) {
        return failed(e, "tell the public half of an RSA key");
    }
    *out = str_of(arena_printf(a,
                               "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\","
                               "\"kid\":\"%.*s\",\"n\":\"%s\",\"e\":\"%s\"}",
                               STR_ARG(kid), modulus, exponent));
    return OK;
}

static char *base64url(struct str bytes, struct arena *a)
{
    char *text = arena_alloc(a, TEXT_BASE64URL_SIZE(bytes.n) + 1);

    text_base64url(bytes.p, bytes.n, text);
    return text;
}

/* RSASSA-PKCS1-v1_5 with SHA-256. */
static bool sign_bytes(const struct signkey *k, struct str text, unsigned char *out, size_t *n)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding;
    bool done = ctx &&
                EVP_DigestSignInit_ex(ctx, &padding, "SHA256", NULL, NULL, k->key, NULL) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PADDING) == 1 &&
                EVP_DigestSign(ctx, out, n, (const unsigned char *)text.p, text.n) == 1;

    EVP_MD_CTX_free(ctx);
    return done;
}

enum status signkey_sign(const struct signkey *k, struct str kid, struct str payload,
                         struct arena *a, struct str *out, struct error *e)
{
    char *header =
        arena_printf(a, "{\"alg\":\"RS256\",\"kid\":\"%.*s\",\"typ\":\"JWT\"}", STR_ARG(kid));
    char *text = arena_printf(a, "%s.%s", base64url(str_of(header), a), base64url(payload, a));
    unsigned char signature[SIGNATURE_SIZE];
    size_t n = sizeof signature;

    if (!sign_bytes(k, str_of(text), signature, &n)) {
        return failed(e, "sign a token");
    }
    *out = str_of(arena_printf(a, "%s.%s", text, base64url((struct str){(char *)signature, n}, a)));
    return OK;
}
