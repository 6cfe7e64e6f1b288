/* What is taken out of a statement's text, and what is left in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>

#include "audit/fingerprint.h"
#include "audit/redact.h"
#include "audit/redact_text.h"

struct pair {
    const char *in, *out; /* out NULL: the same */
};

static const struct redact_rules standard = {0};

static void check(const struct pair *pairs, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf out = BUF_INIT(0);
        redact_sql(str_of(pairs[i].in), &standard, &out);
        const char *want = pairs[i].out ? pairs[i].out : pairs[i].in;
        if (strcmp(buf_cstr(&out), want) != 0) {
            print_message("in:   %s\nwant: %s\ngot:  %s\n", pairs[i].in, want, buf_cstr(&out));
            wrong++;
        }
        buf_free(&out);
    }
    assert_int_equal(wrong, 0);
}
#define CHECK(pairs) check(pairs, sizeof pairs / sizeof *pairs)

static void personal_data_goes(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT 'ann@mail.example.com.2nd, bob@example.org.', 'x@y.1.2'",
         "SELECT '<email>.2nd, <email>.', 'x@y.1.2'"},
        {"WHERE m = 'ann.o+x@mail.example.com'", "WHERE m = '<email>'"},
        {"-- ask bob@example.org, or <a@b.co>", "-- ask <email>, or <<email>>"},
        {"m = 'a@b.co,c@d.co'", "m = '<email>,<email>'"},
        {"s = '123-45-6789' OR s='123 45 6789'", "s = '<ssn>' OR s='<ssn>'"},
        {"c IN ('4111 1111 1111 1111', '4111-1111-1111-1111', 4111111111111111)",
         "c IN ('<card>', '<card>', <card>)"},
        {"c = '3714 496353 98431'", "c = '<card>'"},
        {"c = 4111_1111_1111_1111", "c = <card>"},
        {"p = '(415) 555-0132' or p = '415-555-0132' or p = '415.555.0132'",
         "p = '<phone>' or p = '<phone>' or p = '<phone>'"},
        {"p = '+1 415 555 0132' or p='+44 20 7123 4567' or p = '4155550132'",
         "p = '<phone>' or p='<phone>' or p = '<phone>'"},
        {"p LIKE '%415-555-0132%'", "p LIKE '%<phone>%'"},
        {"'x@y.com", "'<email>"}, /* never closed */
    };
    CHECK(pairs);
}

static void ordinary_statements_stay(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT a@b, x - 1, 3.14159265358979, 1e10 FROM t WHERE d = DATE '2024-01-15'", NULL},
        {"WHERE ts > '2024-01-15 10:20:30.123456' AND id = 1700000000", NULL},
        {"id = '550e8400-e29b-41d4-a716-446655440000'", NULL},
        {"c = '4111 1111 1111 1112' -- wrong check digit", NULL},
        {"s = '000-12-3456' OR s = '666-12-3456' OR s = '123-00-4567'", NULL},
        {"SELECT price*1.05+100, 12345678 FROM t LIMIT 100 OFFSET 200", NULL},
        {"SELECT token, secret FROM keys WHERE name = 'b'", NULL},
        {"SELECT 'it''s', E'a\\nb', $$x$$, \"Q\" FROM a.b /* c */", NULL},
        {"SELECT x::int, a=b, j->>'k'", NULL},
        {"", NULL},
    };
    CHECK(pairs);
}

static void secrets_go(void **state)
{
    static const struct pair pairs[] = {
        {"CREATE USER a PASSWORD 'hunter2'", "CREATE USER a PASSWORD '<secret>'"},
        {"alter user a identified by 'x''y'", "alter user a identified by '<secret>'"},
        {"PASSWORD /* c */ = E'a\\'b'", "PASSWORD /* c */ = E'<secret>'"},
        {"PASSWORD $$abc$$", "PASSWORD $$<secret>$$"},
        {"CREATE SECRET s (TYPE s3, KEY_ID 'AKIA', SECRET 'abc')",
         "CREATE SECRET s (TYPE s3, KEY_ID '<secret>', SECRET '<secret>')"},
        {"SET hatidata.api_key = 'x'", "SET hatidata.api_key = '<secret>'"},
        {"WHERE k = 'hd_live_abcdefghijklmnopqrstuvwxyz012345'", "WHERE k = '<secret>'"},
        {"k = 'AKIAIOSFODNN7EXAMPLE'", "k = '<secret>'"},
        {"h = 'Bearer abc.def-ghi'", "h = 'Bearer <secret>'"},
        {"h = 'Authorization: Bearer abcdefghijk'", "h = 'Authorization: <secret>'"},
        {"h = E'Host: x\\r\\nProxy-Authorization: Basic abc\\r\\nAge: 1'",
         "h = 'Host: x\r\nProxy-Authorization: <secret>\r\nAge: 1'"},
        {"h = '{\"authorization\": \"Digest a, b\", \"n\": 1}'",
         "h = '{\"authorization\": \"<secret>\", \"n\": 1}'"},
        {"DB_PASS = 'x'; SET app.pass = 'y'; bypass = 'z'",
         "DB_PASS = '<secret>'; SET app.pass = '<secret>'; bypass = 'z'"},
        {"h = 'eyJhbGciOi.eyJzdWIi.c2ln'", "h = '<secret>'"},
        {"ATTACH 'postgres://bob:pw@db/x'", "ATTACH 'postgres://<secret>@db/x'"},
        {"ATTACH 'host=db password=pw user=b'", "ATTACH 'host=db password=<secret> user=b'"},
        {"FROM 's3://b/f?X-Amz-Signature=abc&x=1'", "FROM 's3://b/f?X-Amz-Signature=<secret>&x=1'"},
        {"j = '{\"password\": \"a b\", \"n\": 1}'", "j = '{\"password\": \"<secret>\", \"n\": 1}'"},
    };
    CHECK(pairs);
}

/* The grammar takes words and numbers where a secret should have been a string. */
static void secrets_without_quotes_go(void **state)
{
    static const struct pair pairs[] = {
        {"CREATE USER u PASSWORD = hunter2", "CREATE USER u PASSWORD = <secret>"},
        {"CREATE USER u PASSWORD hunter-2!x LOGIN", "CREATE USER u PASSWORD <secret> LOGIN"},
        {"alter user u identified by hunter2;", "alter user u identified by <secret>;"},
        {"ALTER USER u SET PASSWORD TO 'hunter2'", "ALTER USER u SET PASSWORD TO '<secret>'"},
        {"ALTER USER u SET PASSWORD = 12345", "ALTER USER u SET PASSWORD = <secret>"},
        {"CREATE SECRET s (TYPE s3, KEY_ID abc, SECRET def)",
         "CREATE SECRET s (TYPE s3, KEY_ID <secret>, SECRET <secret>)"},
        {"CREATE INTEGRATION i WEBHOOK_SECRET = abc X = 1",
         "CREATE INTEGRATION i WEBHOOK_SECRET = <secret> X = 1"},
        {"SELECT 1; SET password = abc", "SELECT 1; SET password = <secret>"},
        {"CREATE TABLE t (a int, password text, token int)", NULL},
        {"CREATE SECRET s (TYPE http)", NULL},
        {"DROP SECRET s", NULL},
        {"ALTER USER u SET PASSWORD POLICY p", NULL},
        {"SELECT a FROM t WHERE password = b", NULL},
    };
    CHECK(pairs);
}

static void accounts_and_addresses_go(void **state)
{
    static const struct pair pairs[] = {
        {"i = 'DE89 3704 0044 0532 0130 00' OR i='GB82WEST12345698765432'",
         "i = '<iban>' OR i='<iban>'"},
        {"i = 'nl91abna0417164300, fr14-2004-1010-0505-0001-3m02-606'", "i = '<iban>, <iban>'"},
        {"i = 'DE89 3704 0044 0532 0130 03'", NULL}, /* a wrong check digit */
        {"i = 'XDE89370400440532013000' OR i = 'DE893704004405320130001'", NULL},
        {"a = '10.1.2.3' OR a = inet '192.168.0.0/16'", "a = '<ip>' OR a = inet '<ip>/16'"},
        {"a = '2001:db8::1' OR a = 'fe80::1%eth0'", "a = '<ip>' OR a = '<ip>'"},
        {"-- from [::ffff:10.0.0.1]:80", "-- from [<ip>]:80"},
        {"v = '1.2.3' OR v = '10.20.30.400' OR v = 'v1.2.3.4'", NULL},
        {"t = '10:20:30' OR t = TIME '01:02' AND x::int = y[1:2]", NULL},
    };
    CHECK(pairs);
}

static void keys_of_others_go(void **state)
{
    static const struct pair pairs[] = {
        {"k = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'", "k = '<secret>'"},
        {"k = 'sk_live_0123456789abcdefABCDEF'", "k = '<secret>'"},
        {"k = 'xoxb-123456789012-abcdefABCDEF'", "k = '<secret>'"},
        {"k = 'AIzaSyA0123456789abcdefghijABCDEFGHIJ01'", "k = '<secret>'"},
        {"k = '-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n'",
         "k = '<secret>\n'"},
        {"k = '-----BEGIN PRIVATE KEY-----\nMIIB", "k = '<secret>"},
        {"k = '-----BEGIN CERTIFICATE-----\nMIIB'", NULL},
        {"k = 'npm_0123456789abcdefghijABCDEFGHIJ012345'", "k = '<secret>'"},
        {"k = 'dop_v1_0123456789abcdef0123456789abcdef'", "k = '<secret>'"},
        {"k = 'whsec_0123456789abcdef01234567'", "k = '<secret>'"},
        {"k = 'dckr_pat_0123456789abcdefABCDEF'", "k = '<secret>'"},
        {"k = 'pypi-AgEIcHlwaS5vcmcCJDAxMjM0NTY3ODk'", "k = '<secret>'"},
        {"k = 'NRAK-0123456789ABCDEFGHIJ'", "k = '<secret>'"},
        {"SELECT ghp_id, sk_live, npm_name, risk_test_a FROM npm_packages", NULL},
    };
    CHECK(pairs);
}

static void any_bytes_give_utf8(void **state)
{
    static const char raw[] = "\xff\xfe \xc0\x80 a\0b \xed\xa0\x80 \xe2\x82\xac";
    struct buf out = BUF_INIT(0);
    redact_sql((struct str){raw, sizeof raw - 1}, &standard, &out);
    assert_true(str_is_utf8(buf_str(&out)));
    assert_non_null(strstr(buf_cstr(&out), "\xe2\x82\xac"));
    for (int c = 0; c < 256; c++) {
        char one[] = {'a', (char)c, 'b'};
        buf_clear(&out);
        redact_sql((struct str){one, sizeof one}, &standard, &out);
        assert_true(str_is_utf8(buf_str(&out)));
    }
    buf_free(&out);
}

static void same_print(const char *a, const char *b, bool same)
{
    char x[FINGERPRINT_TEXT], y[FINGERPRINT_TEXT];
    static const uint8_t key[32] = {1};
    fingerprint_sql(key, str_of(a), false, x);
    fingerprint_sql(key, str_of(b), false, y);
    if ((strcmp(x, y) == 0) != same) {
        print_message("%s | %s\n", a, b);
        fail();
    }
}

static void fingerprints_ignore_what_they_should(void **state)
{
    same_print("SELECT a FROM t WHERE b = 1", "select  A\nfrom T where b=2.5e3 ; ", true);
    same_print("SELECT 'x' -- c\n", "/* d */ select E'\\'' ", true);
    same_print("SELECT $1", "SELECT $$it's$$", true);
    same_print("SELECT \"A\"", "SELECT \"a\"", false);
    same_print("SELECT a b", "SELECT ab", false);
    same_print("SELECT a", "SELECT b", false);
    char x[FINGERPRINT_TEXT], y[FINGERPRINT_TEXT];
    fingerprint_sql((uint8_t[32]){1}, STR("SELECT 1"), false, x);
    fingerprint_sql((uint8_t[32]){2}, STR("SELECT 1"), false, y);
    assert_string_not_equal(x, y);
}

/* The number of matches of a kind in a text that stands in a literal. */
static size_t found(const char *text, const char *kind)
{
    struct buf sql = BUF_INIT(0), out = BUF_INIT(0);
    size_t n = 0;
    buf_puts(&sql, "SELECT '");
    for (const char *p = text; *p; p++) {
        buf_u8(&sql, (uint8_t)*p);
        if (*p == '\'') {
            buf_u8(&sql, '\'');
        }
    }
    buf_u8(&sql, '\'');
    redact_sql(buf_str(&sql), &standard, &out);
    buf_free(&sql);
    for (const char *p = buf_cstr(&out); (p = strstr(p, kind)); p++) {
        n++;
    }
    buf_free(&out);
    return n;
}

/* Others' opinion on the same kinds: said, and held to what is known to be a matter of choice. */
static void agrees_with_the_corpus(void **state)
{
    static const char *const kinds[][2] = {{"CREDIT_CARD", "<card>"},
                                           {"EMAIL_ADDRESS", "<email>"},
                                           {"US_SSN", "<ssn>"},
                                           {"PHONE_NUMBER", "<phone>"},
                                           {"IP_ADDRESS", "<ip>"}};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    const char *dir = getenv("HATIDATA_CORPORA"), *root = getenv("HATIDATA_SOURCE_ROOT");
    char path[1024], line[16384];
    snprintf(path, sizeof path, "%s%s/pii_cases.jsonl", dir || !root ? "" : root,
             dir ? dir : "/../shared/corpora");
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("skipped: no pii_cases.jsonl (HATIDATA_CORPORA says where)\n");
        skip();
    }
    size_t agree[KINDS] = {0}, all[KINDS] = {0}, right[KINDS] = {0};
    size_t missed[KINDS] = {0}, taken[KINDS] = {0}; /* too few, too many */
    while (fgets(line, sizeof line, f)) {
        json_t *record = json_loads(line, 0, NULL), *one = json_object_get(record, "case");
        const char *entity = json_string_value(json_object_get(record, "entity"));
        const char *text = json_string_value(json_object_get(one, "text"));
        size_t want = (size_t)json_integer_value(json_object_get(one, "expected_len"));
        for (int k = 0; k < KINDS; k++) {
            if (strcmp(entity, kinds[k][0]) == 0) {
                size_t got = found(text, kinds[k][1]);
                all[k]++;
                agree[k] += got == want;
                right[k] += got < want ? got : want;
                missed[k] += want > got ? want - got : 0;
                taken[k] += got > want ? got - want : 0;
                if (got != want) {
                    print_message("%s: %zu, not %zu: %s\n", kinds[k][1], got, want, text);
                }
            }
        }
        json_decref(record);
    }
    fclose(f);
    for (int k = 0; k < KINDS; k++) {
        print_message("%s agrees on %zu of %zu: recall %zu of %zu, precision %zu of %zu\n",
                      kinds[k][1], agree[k], all[k], right[k], right[k] + missed[k], right[k],
                      right[k] + taken[k]);
        assert_true(agree[k] * 10 >= all[k] * 8);
    }
}

/* Requests are mostly called so, and must be found again. */
static void uuids_stay(void **state)
{
    uint64_t x = 1;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        struct buf out = BUF_INIT(0);
        uint32_t digits[5];
        for (int k = 0; k < 5; k++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            digits[k] = (uint32_t)(x >> 33);
        }
        snprintf(text, sizeof text,
                 i % 2 ? "%08u-%04u-7%03u-8%03u-%08u%04u" : "%08x-%04x-4%03x-a%03x-%08x%04x",
                 digits[0] % 100000000, digits[1] % 10000, digits[2] % 1000, digits[3] % 1000,
                 digits[4] % 100000000, digits[0] % 10000);
        (void)redact_text(str_of(text), true, NULL, &out);
        assert_string_equal(buf_cstr(&out), text);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personal_data_goes),
        cmocka_unit_test(ordinary_statements_stay),
        cmocka_unit_test(secrets_go),
        cmocka_unit_test(secrets_without_quotes_go),
        cmocka_unit_test(accounts_and_addresses_go),
        cmocka_unit_test(keys_of_others_go),
        cmocka_unit_test(uuids_stay),
        cmocka_unit_test(any_bytes_give_utf8),
        cmocka_unit_test(fingerprints_ignore_what_they_should),
        cmocka_unit_test(agrees_with_the_corpus),
    };
    return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
