/* AES-256-GCM against Project Wycheproof's vectors, where they are at hand, and by itself. */
#include "crypto/aead.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"

enum { BYTES_MAX = 4096 };

static size_t unhex(json_t *test, const char *name, uint8_t *out)
{
    const char *digits = json_string_value(json_object_get(test, name));
    size_t n = strlen(digits) / 2;

    assert_true(n <= BYTES_MAX);
    assert_true(text_unhex(str_of(digits), out, n));
    return n;
}

static void check_vector(json_t *test)
{
    uint8_t key[BYTES_MAX], iv[BYTES_MAX], aad[BYTES_MAX], msg[BYTES_MAX], sealed[BYTES_MAX * 2],
        out[BYTES_MAX * 2];
    bool valid = strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0;
    size_t aad_n = unhex(test, "aad", aad), n = unhex(test, "msg", msg);
    size_t ct_n = unhex(test, "ct", sealed), tag_n = unhex(test, "tag", sealed + ct_n);
    struct error e = ERROR_INIT;
    struct str data = {(char *)aad, aad_n};

    unhex(test, "key", key);
    unhex(test, "iv", iv);
    if (aead_open(key, iv, data, sealed, ct_n + tag_n, out, &e) == OK) {
        assert_true(valid);
        assert_int_equal(n, ct_n);
        assert_memory_equal(out, msg, n);
        assert_int_equal(aead_seal(key, iv, data, msg, n, out, &e), OK);
        assert_memory_equal(out, sealed, ct_n + tag_n);
    } else {
        assert_false(valid);
        assert_int_equal(e.code, ERR_CORRUPT);
    }
}

static void test_wycheproof(void **state)
{
    const char *dir = getenv("HATIDATA_CORPORA"), *root = getenv("HATIDATA_SOURCE_ROOT");
    json_t *file, *group, *test;
    size_t g, t, checked = 0;
    char path[4096];

    if (dir) {
        snprintf(path, sizeof path, "%s/wycheproof_aes_gcm_test.json", dir);
    } else {
        snprintf(path, sizeof path, "%s/../shared/corpora/wycheproof_aes_gcm_test.json",
                 root ? root : ".");
    }
    file = json_load_file(path, 0, NULL);
    if (!file) {
        print_message("skipped: no vectors at %s (set HATIDATA_CORPORA)\n", path);
        skip();
    }
    json_array_foreach(json_object_get(file, "testGroups"), g, group)
    {
        if (json_integer_value(json_object_get(group, "keySize")) != 256 ||
            json_integer_value(json_object_get(group, "ivSize")) != 96 ||
            json_integer_value(json_object_get(group, "tagSize")) != 128) {
            continue;
        }
        json_array_foreach(json_object_get(group, "tests"), t, test)
        {
            check_vector(test);
            checked++;
        }
    }
    json_decref(file);
    assert_true(checked >= 30);
}

static void test_every_flipped_bit_is_seen(void **state)
{
    uint8_t key[AEAD_KEY_SIZE] = {1}, nonce[AEAD_NONCE_SIZE] = {2}, sealed[5 + AEAD_TAG_SIZE],
            out[5];
    struct error e = ERROR_INIT;

    assert_int_equal(aead_seal(key, nonce, STR("aad"), "hello", 5, sealed, &e), OK);
    for (size_t i = 0; i < sizeof sealed * 8; i++) {
        sealed[i / 8] ^= (uint8_t)(1 << i % 8);
        memset(out, 0xaa, sizeof out);
        assert_int_equal(aead_open(key, nonce, STR("aad"), sealed, sizeof sealed, out, &e), FAIL);
        assert_int_equal(out[0] | out[1] | out[2] | out[3] | out[4], 0);
        sealed[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    assert_int_equal(aead_open(key, nonce, STR("aae"), sealed, sizeof sealed, out, &e), FAIL);
    assert_int_equal(aead_open(key, nonce, STR(""), sealed, sizeof sealed, out, &e), FAIL);
    assert_int_equal(aead_open(key, nonce, STR("aad"), sealed, sizeof sealed, out, &e), OK);
    assert_memory_equal(out, "hello", 5);
}

static void test_short_and_empty(void **state)
{
    uint8_t key[AEAD_KEY_SIZE] = {1}, nonce[AEAD_NONCE_SIZE] = {2}, sealed[AEAD_TAG_SIZE], out[1];
    struct error e = ERROR_INIT;

    assert_int_equal(aead_seal(key, nonce, STR(""), NULL, 0, sealed, &e), OK);
    assert_int_equal(aead_open(key, nonce, STR(""), sealed, sizeof sealed, out, &e), OK);
    assert_int_equal(aead_open(key, nonce, STR(""), sealed, sizeof sealed - 1, out, &e), FAIL);
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_int_equal(aead_seal(key, nonce, STR(""), NULL, (size_t)1 << 31, sealed, &e), FAIL);
    assert_int_equal(e.code, ERR_TOO_LARGE);
}

static void test_in_place(void **state)
{
    uint8_t key[AEAD_KEY_SIZE] = {3}, nonce[AEAD_NONCE_SIZE] = {4},
            room[6 + AEAD_TAG_SIZE] = "secret";
    struct error e = ERROR_INIT;

    assert_int_equal(aead_seal(key, nonce, STR(""), room, 6, room, &e), OK);
    assert_memory_not_equal(room, "secret", 6);
    assert_int_equal(aead_open(key, nonce, STR(""), room, sizeof room, room, &e), OK);
    assert_memory_equal(room, "secret", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wycheproof),
        cmocka_unit_test(test_every_flipped_bit_is_seen),
        cmocka_unit_test(test_short_and_empty),
        cmocka_unit_test(test_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
