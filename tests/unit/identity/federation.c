/* The pure parts of federation: rules, AWS's tokens and answers; and how often keys are asked for.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "identity/aws.h"
#include "identity/keyset.h"
#include "identity/provider.h"

static struct arena *arena;

/* JSON is written with ' for " here. */
static struct str json(const char *text)
{
    char *copy = arena_strdup(arena, str_of(text));

    for (char *c = copy; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return str_of(copy);
}

/* ---- rules ---- */

#define RULES(list)     "{'type':'oidc','issuer':'https://idp','audiences':['wh'],'rules':[" list "]}"
#define RULES_AND(more) "{'type':'oidc','issuer':'https://idp','audiences':['wh']," more "}"

/* "role e-mail", or why not. */
static const char *match(const char *configuration, const char *claims_text)
{
    struct str text = json(claims_text);
    json_t *claims = json_loadb(text.p, text.n, 0, NULL);
    struct error e = ERROR_INIT;
    struct provider_match m;
    struct provider p;
    const char *result;

    assert_non_null(claims);
    assert_int_equal(provider_read(json(configuration), arena, &p, &e), OK);
    result = provider_match(&p, claims, arena, &m, &e) == OK
                 ? arena_printf(arena, "%s %.*s", role_name(m.role), STR_ARG(m.email))
                 : arena_strdup(arena, str_of(e.message));
    json_decref(claims);
    return result;
}

static void test_rules(void **state)
{
    static const struct {
        const char *configuration, *claims, *result;
    } rows[] = {
        {RULES("{'when':{'g':'a'},'role':'analyst'}"),
         "{'g':'a','email':'x@y','email_verified':true}", "analyst x@y"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"),
         "{'g':['b','a'],'email':'x@y','email_verified':'true'}", "analyst x@y"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{'g':'aa'}",
         "no rule of the provider holds for the token"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{'g':{'a':'a'}}",
         "no rule of the provider holds for the token"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{'g':[['a']]}",
         "no rule of the provider holds for the token"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{}",
         "no rule of the provider holds for the token"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{'g':'a','email':'x@y'}",
         "the token's e-mail address isn't said to be verified"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{'g':'a','email':'x@y','email_verified':1}",
         "the token's e-mail address isn't said to be verified"},
        {RULES("{'when':{'g':'a'},'role':'analyst'}"), "{'g':'a','email_verified':true}",
         "the token has no claim email to name its user by"},
        {RULES("{'when':{'g':'a*'},'role':'analyst','user':'u@y'}"), "{'g':'abc'}", "analyst u@y"},
        {RULES("{'when':{'g':'a*c'},'role':'analyst','user':'u@y'}"), "{'g':'abc'}",
         "no rule of the provider holds for the token"},
        {RULES("{'when':{'n':7,'b':true},'role':'admin','user':'{sub}@idp'}"),
         "{'n':7,'b':true,'sub':'s1'}", "admin s1@idp"},
        {RULES("{'when':{'n':7,'b':true},'role':'admin','user':'{sub}@idp'}"),
         "{'n':7,'b':false,'sub':'s1'}", "no rule of the provider holds for the token"},
        {RULES("{'when':{'a':'1'},'role':'auditor','user':'1@y'},{'when':{'b':'1'},'role':'admin','"
               "user':'2@y'}"),
         "{'a':'1','b':'1'}", "auditor 1@y"},
        {RULES("{'when':{'a':'1'},'role':'auditor','user':'1@y'},{'when':{'b':'1'},'role':'admin','"
               "user':'2@y'}"),
         "{'b':'1'}", "admin 2@y"},
        {RULES_AND("'email_is_verified':true,'rules':[{'when':{'g':'a'},'role':'analyst'}]"),
         "{'g':'a','email':'x@y'}", "analyst x@y"},
        {RULES("{'when':{'g':'a'},'role':'analyst','user':'{g}'}"), "{'g':['a','b']}",
         "the token has no claim g to name its user by"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(match(rows[i].configuration, rows[i].claims), rows[i].result);
    }
}

/* ---- AWS ---- */

enum { SIGNED_AT = 1795723200 }; /* 2026-11-26T20:00:00Z */
#define AUTHORIZATION(region, names)                                                               \
    "AWS4-HMAC-SHA256 Credential=AKID/20261126/" region "/sts/aws4_request, SignedHeaders=" names  \
    ", Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NAMES "content-type;host;x-amz-date;x-hatidata-server-id"
#define TOKEN(url, authorization, date, more)                                                      \
    "{'method':'POST','url':'" url "','headers':{'authorization':'" authorization                  \
    "','content-type':'application/x-www-form-urlencoded','x-amz-date':'" date                     \
    "','x-hatidata-server-id':'wh'" more "},'body':'" AWS_BODY "'}"

static enum status read_aws_token(const char *text, int64_t now, struct aws_request *out,
                                  struct error *e)
{
    struct str bytes = json(text);
    char *token = arena_alloc(arena, 16 + TEXT_BASE64URL_SIZE(bytes.n));

    strcpy(token, AWS_TOKEN_PREFIX);
    text_base64url(bytes.p, bytes.n, token + strlen(token));
    *e = (struct error)ERROR_INIT;
    return aws_read(str_of(token), now, arena, out, e);
}

static void test_aws_tokens(void **state)
{
    static const struct {
        const char *token;
        int64_t after;
        const char *result; /* the address, or why not */
    } rows[] = {
        {TOKEN("https://sts.eu-west-1.amazonaws.com/", AUTHORIZATION("eu-west-1", NAMES),
               "20261126T200000Z", ""),
         0, "https://sts.eu-west-1.amazonaws.com/"},
        {TOKEN("https://STS.eu-west-1.amazonaws.com/", AUTHORIZATION("eu-west-1", NAMES),
               "20261126T200000Z", ""),
         0, "https://sts.eu-west-1.amazonaws.com/"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ""),
         899, "https://sts.amazonaws.com/"},
        {TOKEN("https://sts.cn-north-1.amazonaws.com.cn/", AUTHORIZATION("cn-north-1", NAMES),
               "20261126T200000Z", ""),
         -60, "https://sts.cn-north-1.amazonaws.com.cn/"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ""),
         900, "fresh"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ""),
         -61, "fresh"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261127T000000Z",
               ""),
         4 * 3600, "of the day"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T206000Z",
               ""),
         0, "of the day"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("eu-west-1", NAMES), "20261126T200000Z",
               ""),
         0, "another address"},
        {TOKEN("https://sts.eu-west-1.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES),
               "20261126T200000Z", ""),
         0, "another address"},
        {TOKEN("https://sts.a.evil.com/.amazonaws.com/", AUTHORIZATION("a.evil.com#", NAMES),
               "20261126T200000Z", ""),
         0, "no signature"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", "host;x-amz-date"),
               "20261126T200000Z", ""),
         0, "must be signed"},
        {TOKEN("https://sts.amazonaws.com/",
               AUTHORIZATION("us-east-1", "x-amz-date;x-hatidata-server-id"), "20261126T200000Z",
               ""),
         0, "must be signed"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ",'x-amz-security-token':'t'"),
         0, "must be signed"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ",'X-AMZ-DATE':'20261126T200000Z'"),
         0, "one twice"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ",'x-other':'t'"),
         0, "isn't known"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ",'host':'sts.amazonaws.com','content-length':'43','user-agent':'x'"),
         0, "https://sts.amazonaws.com/"},
        {TOKEN("https://sts.amazonaws.com/", AUTHORIZATION("us-east-1", NAMES), "20261126T200000Z",
               ",'host':'127.0.0.1'"),
         0, "Host header"},
        {"[]", 0, "isn't an object of"},
        {"{'method':'POST','url':'https://sts.amazonaws.com/','headers':{}}", 0,
         "isn't an object of"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error e;
        struct aws_request r;
        enum status status = read_aws_token(rows[i].token, SIGNED_AT + rows[i].after, &r, &e);

        if (!strstr(status == OK ? r.url : e.message, rows[i].result) ||
            (status == OK) != str_starts(str_of(rows[i].result), "https:")) {
            fail_msg("row %zu: %s", i, status == OK ? r.url : e.message);
        }
        if (status == OK) {
            assert_int_equal(r.signed_at_s, SIGNED_AT);
            assert_int_equal(r.header_count, 4); /* host, length and agent aren't passed on */
            assert_true(str_is(r.server_id, "wh"));
        }
    }
}

#define REPLY(inner)                                                                               \
    "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>"                \
    "<GetCallerIdentityResult>" inner "</GetCallerIdentityResult></GetCallerIdentityResponse>"
#define ARN(arn)         "<Arn>" arn "</Arn>"
#define ACCOUNT(account) "<UserId>U</UserId><Account>" account "</Account>"

static void test_sts_answers(void **state)
{
    static const char *const wrong[] = {
        "",
        "{}",
        REPLY(ARN("arn:aws:iam::1:user/a")),
        REPLY(ARN("arn:aws:iam::1:user/a") ACCOUNT("2")), /* another account */
        REPLY(ARN("arn:aws:iam::1:user/a") ARN("arn:aws:iam::1:user/b") ACCOUNT("1")),
        REPLY(ARN("<b>arn:aws:iam::1:user/a</b>") ACCOUNT("1")),
        REPLY(ARN("urn:aws:iam::1:user/a") ACCOUNT("1")),
        REPLY(ARN("arn:aws:iam::1:user/a") ACCOUNT("1")) "<x/>",
        "<!DOCTYPE x>" REPLY(ARN("arn:aws:iam::1:user/a") ACCOUNT("1")),
        "<x>" REPLY(ARN("arn:aws:iam::1:user/a") ACCOUNT("1")) "</x>",
        "<ErrorResponse><Error>" ARN("arn:aws:iam::1:user/a")
            ACCOUNT("1") "</Error></ErrorResponse>",
    };
    struct error e = ERROR_INIT;
    json_t *claims;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(aws_claims(str_of(wrong[i]), &claims, &e), FAIL);
        assert_int_equal(e.code, ERR_IO);
    }
    assert_int_equal(aws_claims(STR(REPLY(ARN("arn:aws:sts::12:assumed-role/R/s@x") ACCOUNT("12"))),
                                &claims, &e),
                     OK);
    assert_string_equal(json_string_value(json_object_get(claims, "kind")), "assumed-role");
    assert_string_equal(json_string_value(json_object_get(claims, "role")), "R");
    assert_string_equal(json_string_value(json_object_get(claims, "session")), "s@x");
    json_decref(claims);
    assert_int_equal(
        aws_claims(STR(REPLY(ARN("arn:aws:iam::12:user/p/a") ACCOUNT("12"))), &claims, &e), OK);
    assert_string_equal(json_string_value(json_object_get(claims, "kind")), "user");
    assert_null(json_object_get(claims, "role"));
    json_decref(claims);
}

/* ---- keys ---- */

enum { MS = 1000000, INTERVAL = 30, FRESH = 1000, STALE = 5000 };

static int64_t now_ns;
static const char *answer; /* the key set; NULL: the provider is away */
static char *discovery;
static EVP_PKEY *key;

static int64_t clock_ns(void)
{
    return now_ns;
}

static enum status fetch(void *ctx, const char *url, struct buf *out, struct error *e)
{
    if (!answer) {
        return error_set(e, ERR_IO, "away");
    }
    buf_puts(out, strstr(url, "/.well-known/") ? discovery : answer);
    return OK;
}

static const char *key_set_of(const char *kid)
{
    uint8_t bytes[256];
    char text[TEXT_BASE64URL_SIZE(sizeof bytes) + 1];
    BIGNUM *n = NULL;

    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
    assert_int_equal(BN_bn2binpad(n, bytes, sizeof bytes), sizeof bytes);
    BN_free(n);
    text_base64url(bytes, sizeof bytes, text);
    return arena_printf(arena,
                        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"AQAB\"}]}",
                        kid, text);
}

static struct jws signed_by(const char *kid)
{
    const char *header = arena_printf(arena, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", kid);
    char *text = arena_alloc(arena, 1024);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct error e = ERROR_INIT;
    uint8_t bytes[256];
    size_t n = sizeof bytes;
    struct jws t;

    text_base64url(header, strlen(header), text);
    strcat(text, ".e30");
    assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_DigestSign(ctx, bytes, &n, (const uint8_t *)text, strlen(text)), 1);
    EVP_MD_CTX_free(ctx);
    strcat(text, ".");
    text_base64url(bytes, n, text + strlen(text));
    assert_int_equal(jws_read(str_of(text), arena, &t, &e), OK);
    return t;
}

static enum error_code verify(struct keysets *k, const char *kid)
{
    struct jws t = signed_by(kid);
    struct error e = ERROR_INIT;

    return keysets_verify(k, STR("https://idp"), STR(""), &t, &e) == OK ? ERR_NONE : e.code;
}

static struct keysets *new_sets(void)
{
    struct keysets_config c = {.interval_ms = INTERVAL,
                               .fresh_ms = FRESH,
                               .stale_ms = STALE,
                               .mono_ns = clock_ns,
                               .fetch = fetch};

    now_ns = 0;
    answer = key_set_of("one");
    discovery = arena_strdup(arena, json("{'issuer':'https://idp','jwks_uri':'https://idp/keys'}"));
    return keysets_new(&c);
}

static void test_keys_are_asked_for_once_an_interval(void **state)
{
    struct keysets *k = new_sets();

    assert_int_equal(verify(k, "one"), ERR_NONE);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(verify(k, "two"), ERR_AUTH);
    }
    assert_int_equal(keysets_fetches(k), 1);
    answer = key_set_of("two");
    now_ns = (INTERVAL - 1) * MS;
    assert_int_equal(verify(k, "two"), ERR_AUTH);
    now_ns = INTERVAL * MS;
    assert_int_equal(verify(k, "two"), ERR_NONE);
    assert_int_equal(verify(k, "one"), ERR_AUTH); /* the key that is gone serves no more */
    assert_int_equal(keysets_fetches(k), 2);
    keysets_free(k);
}

static void test_keys_serve_while_the_provider_is_away(void **state)
{
    struct keysets *k = new_sets();

    assert_int_equal(verify(k, "one"), ERR_NONE);
    answer = NULL;
    now_ns = (int64_t)(STALE - 1) * MS;
    assert_int_equal(verify(k, "one"), ERR_NONE);
    assert_int_equal(keysets_fetches(k), 2);
    assert_int_equal(verify(k, "one"), ERR_NONE);
    assert_int_equal(keysets_fetches(k), 2); /* failing, too, is once an interval */
    now_ns = (int64_t)STALE * MS;
    assert_int_equal(verify(k, "one"), ERR_IO);
    answer = key_set_of("one");
    now_ns += INTERVAL * MS;
    assert_int_equal(verify(k, "one"), ERR_NONE);
    keysets_free(k);
}

static void test_anothers_discovery_is_refused(void **state)
{
    struct keysets *k = new_sets();

    discovery =
        arena_strdup(arena, json("{'issuer':'https://evil','jwks_uri':'https://evil/keys'}"));
    assert_int_equal(verify(k, "one"), ERR_IO);
    keysets_free(k);
}

static int set_up(void **state)
{
    arena = arena_new(0);
    key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    return key ? 0 : -1;
}

static int tear_down(void **state)
{
    EVP_PKEY_free(key);
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_aws_tokens),
        cmocka_unit_test(test_sts_answers),
        cmocka_unit_test(test_keys_are_asked_for_once_an_interval),
        cmocka_unit_test(test_keys_serve_while_the_provider_is_away),
        cmocka_unit_test(test_anothers_discovery_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
