#include "crypto/jwk.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, NUMBER_MAX = RSA_BITS_MAX / 8 + 1 };

struct jwk_set {
    struct jwk *keys;
    size_t n;
};

/* One big-endian number of a key: Base64urlUInt, or a coordinate. */
struct number {
    uint8_t bytes[NUMBER_MAX];
    size_t n;
};

const struct jwk_algorithm_info *jwk_algorithm_info(enum jwk_algorithm a)
{
    static const struct jwk_algorithm_info rows[] = {
#define X(name, ...) {__VA_ARGS__},
        JWK_ALGORITHMS(X)
#undef X
    };
    return &rows[a];
}

bool jwk_algorithm_parse(struct str name, enum jwk_algorithm *out)
{
    for (int a = 0; a < JWK_ALGORITHM_COUNT; a++) {
        if (str_is(name, jwk_algorithm_info((enum jwk_algorithm)a)->name)) {
            *out = (enum jwk_algorithm)a;
            return true;
        }
    }
    return false;
}

/* STR_NULL where the member isn't there or is no text. */
static struct str member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? (struct str){json_string_value(value), json_string_length(value)}
                                 : STR_NULL;
}

static bool read_number(const json_t *object, const char *name, struct number *out)
{
    struct str text = member(object, name);

    out->n = TEXT_UNBASE64URL_SIZE(text.n);
    return text.n > 0 && out->n <= sizeof out->bytes && text_unbase64url(text, out->bytes);
}

static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

/* The sizes of RFC 7518 section 3.3 and NIST SP 800-56B; an even number is no modulus of RSA and no
 * exponent. */
static bool rsa_numbers_good(const BIGNUM *n, const BIGNUM *e)
{
    int bits = BN_num_bits(n);

    return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && BN_is_odd(n) && BN_is_odd(e) &&
           BN_num_bits(e) >= 17 && BN_num_bits(e) <= 64;
}

static EVP_PKEY *read_rsa(const json_t *jwk)
{
    struct number n, e;
    OSSL_PARAM_BLD *build;
    BIGNUM *modulus, *exponent;
    EVP_PKEY *key = NULL;

    if (!read_number(jwk, "n", &n) || !read_number(jwk, "e", &e)) {
        return NULL;
    }
    modulus = BN_bin2bn(n.bytes, (int)n.n, NULL);
    exponent = BN_bin2bn(e.bytes, (int)e.n, NULL);
    build = OSSL_PARAM_BLD_new();
    if (modulus && exponent && build && rsa_numbers_good(modulus, exponent) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
        key = make_key("RSA", build);
    }
    OSSL_PARAM_BLD_free(build);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

/* Is the point on its curve, and not at infinity? */
static bool point_good(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool good = ctx && EVP_PKEY_public_check(ctx) == 1;

    EVP_PKEY_CTX_free(ctx);
    return good;
}

static EVP_PKEY *read_ec(const json_t *jwk, const struct jwk_algorithm_info *info)
{
    uint8_t point[1 + 2 * 66] = {POINT_CONVERSION_UNCOMPRESSED};
    OSSL_PARAM_BLD *build;
    EVP_PKEY *key = NULL;
    struct number x, y;

    if (!read_number(jwk, "x", &x) || !read_number(jwk, "y", &y) || x.n != info->coordinate ||
        y.n != info->coordinate) {
        return NULL;
    }
    memcpy(point + 1, x.bytes, x.n);
    memcpy(point + 1 + x.n, y.bytes, y.n);
    build = OSSL_PARAM_BLD_new();
    if (build &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, info->group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + x.n + y.n) ==
            1) {
        key = make_key("EC", build);
    }
    OSSL_PARAM_BLD_free(build);
    if (key && !point_good(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

/* What the key's type and curve allow. */
static unsigned algorithms_of_type(const json_t *jwk)
{
    struct str kty = member(jwk, "kty"), crv = member(jwk, "crv");
    unsigned set = 0;

    for (int a = 0; a < JWK_ALGORITHM_COUNT; a++) {
        const struct jwk_algorithm_info *info = jwk_algorithm_info((enum jwk_algorithm)a);
        bool fits = info->type == EVP_PKEY_RSA ? str_is(kty, "RSA")
                                               : str_is(kty, "EC") && str_is(crv, info->curve);

        set |= fits ? 1u << a : 0;
    }
    return set;
}

/* And what the key says of itself: its `alg` leaves one. "ES521" is no name of RFC 7518, but
 * key sets have it for ES512; the curve decides there anyhow. */
static unsigned algorithms_of(const json_t *jwk)
{
    unsigned set = algorithms_of_type(jwk);
    struct str alg = member(jwk, "alg");
    enum jwk_algorithm one;

    if (!json_object_get(jwk, "alg")) {
        return set;
    }
    return jwk_algorithm_parse(str_is(alg, "ES521") ? STR("ES512") : alg, &one) ? set & 1u << one
                                                                                : 0;
}

static bool is_for_verifying(const json_t *jwk)
{
    const json_t *use = json_object_get(jwk, "use"), *ops = json_object_get(jwk, "key_ops"), *op;
    size_t i;

    if (use && !str_is(member(jwk, "use"), "sig")) {
        return false;
    }
    json_array_foreach(ops, i, op)
    {
        if (json_is_string(op) && strcmp(json_string_value(op), "verify") == 0) {
            return true;
        }
    }
    return !ops;
}

static enum jwk_algorithm first_of(unsigned set)
{
    int a = 0;

    while (!(set & 1u << a)) {
        a++;
    }
    return (enum jwk_algorithm)a;
}

/* False where the key is to be passed over. */
static bool read_key(const json_t *jwk, struct jwk *out)
{
    const json_t *kid = json_object_get(jwk, "kid");
    const struct jwk_algorithm_info *info;

    *out = (struct jwk){.algorithms = algorithms_of(jwk)};
    if (!json_is_object(jwk) || !out->algorithms || !is_for_verifying(jwk) ||
        (kid && (!json_is_string(kid) || json_string_length(kid) == 0 ||
                 json_string_length(kid) >= sizeof out->kid))) {
        return false;
    }
    snprintf(out->kid, sizeof out->kid, "%s", kid ? json_string_value(kid) : "");
    info = jwk_algorithm_info(first_of(out->algorithms));
    out->key = info->type == EVP_PKEY_RSA ? read_rsa(jwk) : read_ec(jwk, info);
    return out->key != NULL;
}

enum status jwk_set_read(struct str json, struct jwk_set **out, struct error *e)
{
    json_t *root, *keys, *key;
    struct jwk_set *s;
    size_t i;

    if (json.n == 0 || json.n > JWK_SET_TEXT_MAX) {
        return error_set(e, ERR_VALIDATION, "a key set has from 1 to %d bytes, not %zu",
                         JWK_SET_TEXT_MAX, json.n);
    }
    root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    keys = json_object_get(root, "keys");
    if (!json_is_array(keys) || json_array_size(keys) > JWK_SET_KEYS_MAX) {
        json_decref(root);
        return error_set(e, ERR_VALIDATION,
                         "a key set is a JSON object of unique members with an array \"keys\" of "
                         "at most %d",
                         JWK_SET_KEYS_MAX);
    }
    s = mem_alloc(sizeof *s);
    s->keys = mem_calloc(json_array_size(keys), sizeof *s->keys);
    json_array_foreach(keys, i, key)
    {
        s->n += read_key(key, &s->keys[s->n]) ? 1 : 0;
    }
    json_decref(root);
    *out = s;
    return OK;
}

void jwk_set_free(struct jwk_set *s)
{
    if (s) {
        for (size_t i = 0; i < s->n; i++) {
            EVP_PKEY_free(s->keys[i].key);
        }
        free(s->keys);
        free(s);
    }
}

size_t jwk_set_count(const struct jwk_set *s)
{
    return s->n;
}

const struct jwk *jwk_set_at(const struct jwk_set *s, size_t i)
{
    return &s->keys[i];
}
