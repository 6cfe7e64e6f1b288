#include "crypto/jws.h"

#include <jansson.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/text.h"

enum { SIGNATURE_MAX = 1024 };

static enum status refuse(struct error *e, const char *why)
{
    return error_set(e, ERR_AUTH, "the token %s", why);
}

static enum status decode(struct str text, struct arena *a, struct str *out, struct error *e)
{
    char *bytes = arena_alloc(a, TEXT_UNBASE64URL_SIZE(text.n) + 1);

    if (!text_unbase64url(text, bytes)) {
        return refuse(e, "isn't base64url without padding");
    }
    *out = (struct str){bytes, TEXT_UNBASE64URL_SIZE(text.n)};
    return OK;
}

/* A text member, which may be absent but neither empty nor of another type. */
static bool header_text(const json_t *header, const char *name, struct arena *a, struct str *out)
{
    const json_t *value = json_object_get(header, name);

    *out = json_is_string(value)
               ? arena_str(a, (struct str){json_string_value(value), json_string_length(value)})
               : STR_NULL;
    return !value || out->n > 0;
}

static enum status read_header(struct str text, struct arena *a, struct jws *out, struct error *e)
{
    json_t *header = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    const char *why = NULL;

    if (!json_is_object(header)) {
        why = "has a header that isn't a JSON object of unique members";
    } else if (!header_text(header, "alg", a, &out->alg) || !out->alg.n) {
        why = "has no algorithm in its header";
    } else if (!header_text(header, "kid", a, &out->kid) ||
               !header_text(header, "typ", a, &out->typ)) {
        why = "has a header whose kid or typ isn't a text";
    } else if (json_object_get(header, "crit")) {
        why = "has critical header members that aren't understood";
    }
    json_decref(header);
    return why ? refuse(e, why) : OK;
}

enum status jws_read(struct str token, struct arena *a, struct jws *out, struct error *e)
{
    struct str rest = token, header, payload;

    *out = (struct jws){0};
    if (token.n > JWS_TEXT_MAX) {
        return refuse(e, "is too long");
    }
    header = str_cut(&rest, '.');
    payload = str_cut(&rest, '.');
    if (!header.n || !payload.p || !rest.p || memchr(rest.p, '.', rest.n)) {
        return refuse(e, "isn't three parts with points between them");
    }
    out->signed_text = (struct str){token.p, header.n + 1 + payload.n};
    if (decode(header, a, &header, e) != OK || decode(payload, a, &out->payload, e) != OK ||
        decode(rest, a, &out->signature, e) != OK) {
        return FAIL;
    }
    return read_header(header, a, out, e);
}

/* The two numbers of RFC 7518 section 3.4 as OpenSSL wants them. Gives the size, 0 where the
 * signature hasn't exactly the curve's; `out` holds SIGNATURE_MAX. */
static size_t ecdsa_der(struct str raw, size_t coordinate, uint8_t *out)
{
    const uint8_t *bytes = (const uint8_t *)raw.p;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = NULL, *s = NULL;
    int n = 0;

    if (sig && raw.n == 2 * coordinate) {
        r = BN_bin2bn(bytes, (int)coordinate, NULL);
        s = BN_bin2bn(bytes + coordinate, (int)coordinate, NULL);
    }
    if (r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        n = i2d_ECDSA_SIG(sig, &out);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return n > 0 ? (size_t)n : 0;
}

static bool set_padding(EVP_PKEY_CTX *ctx, const struct jwk_algorithm_info *info)
{
    if (info->type != EVP_PKEY_RSA) {
        return true;
    }
    if (!info->pss) {
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;
    }
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool verify_by(const struct jws *t, const struct jwk *key,
                      const struct jwk_algorithm_info *info)
{
    uint8_t der[SIGNATURE_MAX];
    const uint8_t *signature = (const uint8_t *)t->signature.p;
    size_t n = t->signature.n;
    EVP_PKEY_CTX *padding;
    EVP_MD_CTX *ctx;
    bool good;

    if (info->type == EVP_PKEY_EC) {
        n = ecdsa_der(t->signature, info->coordinate, der);
        signature = der;
    } else if (n != (size_t)EVP_PKEY_get_size(key->key)) {
        return false;
    }
    ctx = EVP_MD_CTX_new();
    good = n > 0 && ctx &&
           EVP_DigestVerifyInit_ex(ctx, &padding, info->digest, NULL, NULL, key->key, NULL) == 1 &&
           set_padding(padding, info) &&
           EVP_DigestVerify(ctx, signature, n, (const uint8_t *)t->signed_text.p,
                            t->signed_text.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error(); /* a refused signature must not be another connection's error */
    return good;
}

/* Keys of the token's name, and among them how many may be used by its algorithm. */
static void count_keys(const struct jws *t, const struct jwk_set *keys, unsigned algorithm,
                       size_t *named, size_t *usable)
{
    *named = *usable = 0;
    for (size_t i = 0; i < jwk_set_count(keys); i++) {
        const struct jwk *key = jwk_set_at(keys, i);

        if (!t->kid.p || str_is(t->kid, key->kid)) {
            *named += 1;
            *usable += key->algorithms & algorithm ? 1 : 0;
        }
    }
}

enum status jws_verify(const struct jws *t, const struct jwk_set *keys, struct error *e)
{
    const struct jwk_algorithm_info *info;
    enum jwk_algorithm algorithm;
    size_t named, usable;

    if (!jwk_algorithm_parse(t->alg, &algorithm)) {
        return refuse(e, "is signed by an algorithm that is never accepted");
    }
    info = jwk_algorithm_info(algorithm);
    count_keys(t, keys, 1u << algorithm, &named, &usable);
    if (t->kid.p && named == 0) {
        return error_set(e, ERR_NOT_FOUND, "no key of the set has the token's name");
    }
    if (usable == 0) {
        return refuse(e, "is signed by an algorithm that isn't its key's");
    }
    if (!t->kid.p && usable > 1) {
        return refuse(e, "doesn't say which key has signed it");
    }
    for (size_t i = 0; i < jwk_set_count(keys); i++) {
        const struct jwk *key = jwk_set_at(keys, i);

        if ((!t->kid.p || str_is(t->kid, key->kid)) && key->algorithms & 1u << algorithm &&
            verify_by(t, key, info)) {
            return OK;
        }
    }
    return refuse(e, "isn't signed by its key");
}
