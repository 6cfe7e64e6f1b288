/* The vectors of RFC 4226 (appendix D), RFC 6238 (appendix B) and RFC 4648 (section 10); sealed
 * secrets and our own signing keys. */
#include "crypto/totp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/id.h"
#include "crypto/jws.h"
#include "crypto/sealed.h"
#include "crypto/signkey.h"

static const struct str secret = {"12345678901234567890", 20};

static void test_hotp(void **state)
{
    static const char *const right[] = {"755224", "287082", "359152", "969429", "338314",
                                        "254676", "287922", "162583", "399871", "520489"};
    char code[9];

    for (uint64_t i = 0; i < 10; i++) {
        totp_hotp(secret, i, 6, code);
        assert_string_equal(code, right[i]);
    }
}

static void test_totp(void **state)
{
    static const struct {
        int64_t at;
        const char *code;
    } rows[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    char code[9];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t step = -1;

        totp_hotp(secret, (uint64_t)rows[i].at / 30, 8, code);
        assert_string_equal(code, rows[i].code);
        for (int64_t off = -30; off <= 30; off += 30) {
            assert_true(totp_matches(secret, str_of(rows[i].code + 2), rows[i].at + off, &step));
            assert_int_equal(step, rows[i].at / 30);
        }
        assert_false(totp_matches(secret, str_of(rows[i].code + 2), rows[i].at + 60, &step));
        if (rows[i].at > 60) {
            assert_false(totp_matches(secret, str_of(rows[i].code + 2), rows[i].at - 60, &step));
        }
        assert_false(totp_matches(secret, str_of(rows[i].code), rows[i].at, &step));
    }
}

static void test_base32(void **state)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "MY"},
                                          {"fo", "MZXQ"},
                                          {"foo", "MZXW6"},
                                          {"foob", "MZXW6YQ"},
                                          {"fooba", "MZXW6YTB"},
                                          {"foobar", "MZXW6YTBOI"}};
    struct arena *a = arena_new(0);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(str_is(totp_base32(str_of(rows[i][0]), a), rows[i][1]));
    }
    assert_true(str_is(totp_uri(STR("HatiData"), STR("a+b@x.example"), STR("foobar"), a),
                       "otpauth://totp/HatiData:a%2Bb%40x.example?secret=MZXW6YTBOI&issuer=HatiData"
                       "&algorithm=SHA1&digits=6&period=30"));
    arena_free(a);
}

static void test_sealed(void **state)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    uint8_t key[AEAD_KEY_SIZE], other[AEAD_KEY_SIZE];
    struct str sealed, open;

    id_random(key, sizeof key);
    id_random(other, sizeof other);
    assert_int_equal(sealed_write(key, "kind", STR("id"), secret, a, &sealed, &e), OK);
    assert_int_equal(sealed_read(key, "kind", STR("id"), sealed, a, &open, &e), OK);
    assert_true(str_eq(open, secret));
    assert_int_equal(sealed_read(other, "kind", STR("id"), sealed, a, &open, &e), FAIL);
    assert_int_equal(sealed_read(key, "kind", STR("id2"), sealed, a, &open, &e), FAIL);
    assert_int_equal(sealed_read(key, "kin", STR("did"), sealed, a, &open, &e), FAIL);
    sealed.n -= 2;
    assert_int_equal(sealed_read(key, "kind", STR("id"), sealed, a, &open, &e), FAIL);
    assert_int_equal(e.code, ERR_CORRUPT);
    arena_free(a);
}

static void test_signkey(void **state)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct signkey *made, *k;
    struct jwk_set *set;
    struct str der, public, token;
    struct jws t;

    assert_int_equal(signkey_make(&made, &e), OK);
    assert_int_equal(signkey_export(made, a, &der, &e), OK);
    assert_int_equal(signkey_import(der, &k, &e), OK);
    assert_int_equal(signkey_public(made, STR("one"), a, &public, &e), OK);
    public = str_of(arena_printf(a, "{\"keys\":[%.*s]}", STR_ARG(public)));
    assert_int_equal(jwk_set_read(public, &set, &e), OK);
    assert_int_equal(jwk_set_count(set), 1);
    assert_int_equal(signkey_sign(k, STR("one"), STR("{\"a\":1}"), a, &token, &e), OK);
    assert_int_equal(jws_read(token, a, &t, &e), OK);
    assert_true(str_is(t.payload, "{\"a\":1}"));
    assert_int_equal(jws_verify(&t, set, &e), OK);
    ((char *)token.p)[token.n - 9] ^= 1;
    assert_int_equal(jws_read(token, a, &t, &e) == OK ? jws_verify(&t, set, &e) : FAIL, FAIL);
    der.n -= 5;
    assert_int_equal(signkey_import(der, &(struct signkey *){NULL}, &e), FAIL);
    jwk_set_free(set);
    signkey_free(k);
    signkey_free(made);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hotp),    cmocka_unit_test(test_totp),
        cmocka_unit_test(test_base32),  cmocka_unit_test(test_sealed),
        cmocka_unit_test(test_signkey),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
