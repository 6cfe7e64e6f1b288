#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/map.h"
#include "base/regex_cost.h"
#include "base/text.h"
#include "base/type.h"
#include "base/wildcard.h"

static void utf8_is_judged_as_rfc_3629_says(void **state)
{
    (void)state;
    static const struct {
        const char *p;
        size_t n;
        bool good;
    } cases[] = {
        {"", 0, true},
        {"abc", 3, true},
        {"\xC3\xA9", 2, true},
        {"\xE2\x82\xAC", 3, true},
        {"\xF0\x9D\x84\x9E", 4, true},
        {"\xF4\x8F\xBF\xBF", 4, true},
        {"a\0b", 3, false},
        {"\x80", 1, false},
        {"\xC0\x80", 2, false},
        {"\xC1\xBF", 2, false},
        {"\xE0\x80\x80", 3, false},
        {"\xED\xA0\x80", 3, false},
        {"\xF0\x80\x80\x80", 4, false},
        {"\xF4\x90\x80\x80", 4, false},
        {"\xF5\x80\x80\x80", 4, false},
        {"\xC3", 1, false},
        {"\xE2\x82", 2, false},
        {"\xC3\x41", 2, false},
        {"\xFF", 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(str_is_utf8((struct str){cases[i].p, cases[i].n}), cases[i].good);
    }
}

static void text_is_cut_trimmed_and_read(void **state)
{
    (void)state;
    struct str rest = STR("a,,b");
    assert_true(str_is(str_cut(&rest, ','), "a"));
    assert_true(str_is(str_cut(&rest, ','), ""));
    assert_true(str_is(str_cut(&rest, ','), "b"));
    assert_null(rest.p);
    assert_true(str_is(str_trim(STR(" \t x y\r\n")), "x y"));
    int64_t v;
    assert_true(str_to_i64(STR("-9223372036854775808"), &v));
    assert_int_equal(v, INT64_MIN);
    assert_false(str_to_i64(STR("9223372036854775808"), &v));
    assert_false(str_to_i64(STR("1 "), &v));
    assert_false(str_to_i64(STR(""), &v));
    assert_true(str_ieq(STR("ABCz[\xC3\x89"), STR("abcZ[\xC3\x89")));
    assert_false(str_ieq(STR("["), STR("{")));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("\xff"), STR("a")) > 0);
    assert_false(str_same_secret(STR("abc"), STR("abd")));
    assert_true(str_same_secret(STR("abc"), STR("abc")));
}

static void a_buffer_fails_once_and_stays_failed(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(8);
    buf_u32(&b, 0x01020304);
    buf_u16(&b, 0x0506);
    assert_int_equal(b.n, 6);
    assert_memory_equal(b.p, "\1\2\3\4\5\6", 6);
    buf_u32(&b, 9); /* does not fit: nothing of it is written */
    assert_true(b.failed);
    buf_u8(&b, 1);
    assert_int_equal(b.n, 6);
    buf_clear(&b);
    buf_puts(&b, "abcdef");
    buf_consume(&b, 4);
    assert_true(str_is(buf_str(&b), "ef"));
    buf_free(&b);
}

static void a_map_keeps_what_was_put(void **state)
{
    (void)state;
    enum { N = 5000 };
    static int values[N];
    struct map *m = map_new();
    char key[16];
    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_null(map_put(m, str_of(key), &values[i]));
    }
    for (int i = 0; i < N; i += 2) {
        snprintf(key, sizeof key, "k%d", i);
        assert_ptr_equal(map_remove(m, str_of(key)), &values[i]);
    }
    for (int i = 0; i < N; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_ptr_equal(map_get(m, str_of(key)), i % 2 ? &values[i] : NULL);
    }
    for (int round = 0; round < 3 * N; round++) { /* tombs don't fill it */
        assert_null(map_put(m, STR("x"), &values[0]));
        assert_non_null(map_remove(m, STR("x")));
    }
    size_t at = 0, seen = 0;
    struct str k;
    void *v;
    while (map_next(m, &at, &k, &v)) {
        seen++;
    }
    assert_int_equal(seen, N / 2);
    assert_int_equal(map_count(m), N / 2);
    map_free(m, NULL);
}

static void a_small_arena_grows(void **state)
{
    (void)state;
    struct arena *a = arena_new_small(32);
    char *first = arena_strdup(a, STR("kept where it is"));
    for (int i = 0; i < 100; i++) {
        char *more = arena_alloc(a, 100);
        memset(more, 'x', 100);
    }
    assert_string_equal(first, "kept where it is");
    assert_true(arena_used(a) >= 10000);
    assert_false(arena_exceeded(a));
    arena_free(a);
}

static void an_arena_zeroes_aligns_and_tells_its_limit(void **state)
{
    (void)state;
    struct arena *a = arena_new(10000);
    for (size_t n = 1; n < 600; n += 7) {
        unsigned char *p = arena_alloc(a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i], 0);
            p[i] = 0xff;
        }
    }
    assert_true(arena_exceeded(a));
    arena_reset(a);
    assert_false(arena_exceeded(a));
    assert_int_equal(*(unsigned char *)arena_alloc(a, 1), 0);
    VEC_OF(int) numbers = {0};
    for (int i = 0; i < 1000; i++) {
        VEC_PUSH(a, numbers, i);
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(numbers.at[i], i);
    }
    arena_free(a);
}

static void json_is_one_line_whatever_comes(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(0);
    struct json j = JSON_INIT(&b);
    json_open(&j, '{');
    json_kv_str(&j, "a\"", (struct str){"x\n\x1b\"\\\x7f\xff\xC3\xA9", 9});
    json_key(&j, "l");
    json_open(&j, '[');
    json_i64(&j, -1);
    json_f64(&j, 0.1);
    json_f64(&j, 1.0 / 0.0);
    json_bool(&j, true);
    json_close(&j, ']');
    json_kv_str(&j, "n", STR_NULL);
    json_close(&j, '}');
    assert_string_equal(buf_cstr(&b),
                        "{\"a\\\"\":\"x\\n\\u001b\\\"\\\\\\u007f\xEF\xBF\xBD\xC3\xA9\","
                        "\"l\":[-1,0.1,null,true],\"n\":null}");
    buf_free(&b);
}

static void ids_and_times_have_their_form(void **state)
{
    (void)state;
    char id[ID_UUID_SIZE], other[ID_UUID_SIZE], key[33], when[CLOCK_TEXT_SIZE];
    id_uuid(id);
    id_uuid(other);
    assert_int_equal(strlen(id), 36);
    assert_int_equal(id[14], '7');
    assert_non_null(strchr("89ab", id[19]));
    assert_string_not_equal(id, other);
    id_alnum(key, 32);
    assert_int_equal(strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
                     32);
    clock_format(1706745599123456, when);
    assert_string_equal(when, "2024-01-31T23:59:59.123456Z");
    clock_format(-1, when);
    assert_string_equal(when, "1969-12-31T23:59:59.999999Z");
    uint8_t bytes[2];
    assert_true(text_unhex(STR("aF09"), bytes, 2));
    assert_int_equal(bytes[0], 0xaf);
    assert_false(text_unhex(STR("aF0"), bytes, 2));
    assert_false(text_unhex(STR("zz09"), bytes, 2));
}

/* RFC 4648, section 10, without padding; and the last two digits. */
static void base64url_is_read_strictly(void **state)
{
    static const struct {
        const char *bytes, *text;
    } pairs[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
    static const char *const wrong[] = {"Z",    "Zg==", "Zm9vY", "Zh",    "Zm9",
                                        "Zm+v", "Zm/v", "Zm v",  "Zm9v\n"};
    char out[16];

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t n = strlen(pairs[i].bytes);

        text_base64url(pairs[i].bytes, n, out);
        assert_string_equal(out, pairs[i].text);
        assert_int_equal(strlen(out), TEXT_BASE64URL_SIZE(n));
        assert_int_equal(TEXT_UNBASE64URL_SIZE(strlen(out)), n);
        assert_true(text_unbase64url(str_of(pairs[i].text), out));
        assert_memory_equal(out, pairs[i].bytes, n);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(text_unbase64url(str_of(wrong[i]), out));
    }
}

/* RFC 4648, section 10; and the last two digits. */
static void base64_is_read_strictly(void **state)
{
    static const struct {
        const char *bytes, *text;
    } pairs[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"\xfb\xff", "+/8="}};
    static const char *const wrong[] = {
        "Zg", "Zg=", "Zh==", "Z===", "Zg==\n", "Zm-v", "=Zg=", "Zm9v"};
    char out[16];

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t n = strlen(pairs[i].bytes);

        text_base64(pairs[i].bytes, n, out);
        assert_string_equal(out, pairs[i].text);
        assert_int_equal(strlen(out), TEXT_BASE64_SIZE(n));
        assert_true(text_unbase64(str_of(pairs[i].text), out, n));
        assert_memory_equal(out, pairs[i].bytes, n);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(text_unbase64(str_of(wrong[i]), out, 1));
    }
}

static void types_have_names_and_compare(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct type_field fields[2] = {{STR("a\"b"), type_simple(TYPE_INT4)},
                                   {STR("l"), type_list(a, type_decimal(a, 10, 2))}};
    struct type row = {.kind = TYPE_STRUCT, .fields = fields, .field_count = 2};
    assert_true(str_is(type_name(a, &row), "STRUCT(\"a\"\"b\" INTEGER, \"l\" DECIMAL(10,2)[])"));
    assert_true(type_same(&row, type_copy(a, &row)));
    assert_false(type_same(type_decimal(a, 10, 2), type_decimal(a, 10, 3)));
    assert_false(type_same(type_simple(TYPE_INT4), type_simple(TYPE_INT8)));
    arena_free(a);
}

static void every_error_code_has_a_row(void **state)
{
    (void)state;
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        const struct error_info *info = error_info((enum error_code)code);
        assert_int_equal(strncmp(info->name, "HATI_ERR_", 9), 0);
        assert_int_equal(strlen(info->sqlstate), 5);
        assert_int_equal(atoi(info->name + 9), info->http);
        assert_true(info->advice[0] != '\0');
    }
    struct error e = ERROR_INIT;
    assert_int_equal(error_at(&e, ERR_BAD_SQL, 7, "at \"%s\"", "x"), FAIL);
    assert_int_equal(e.position, 7);
    assert_string_equal(error_advice(&e), error_info(ERR_BAD_SQL)->advice);
    assert_int_equal(error_hint(&e, "h%d", 1), FAIL);
    assert_string_equal(error_advice(&e), "h1");
}

static bool never(void *ctx)
{
    ++*(int *)ctx;
    return false;
}

static bool at_once(void *ctx)
{
    ++*(int *)ctx;
    return true;
}

static void wildcards_match_in_bounded_steps(void **state)
{
    static const struct {
        const char *text, *pattern, *escape;
        enum wildcard want;
    } likes[] = {
        {"", "", "", WILDCARD_YES},
        {"", "%", "", WILDCARD_YES},
        {"", "_", "", WILDCARD_NO},
        {"abc", "a%c", "", WILDCARD_YES},
        {"abc", "_b_", "", WILDCARD_YES},
        {"abc", "%_%_%_%_%", "", WILDCARD_NO},
        {"\xc3\xa9x", "_x", "", WILDCARD_YES},
        {"\xc3\xa9", "__", "", WILDCARD_NO},
        {"a%", "a!%", "!", WILDCARD_YES},
        {"ab", "a!%", "!", WILDCARD_NO},
        {"ab", "%a!", "!", WILDCARD_NO},
        {"aab_b", "%b!_b", "!", WILDCARD_YES},
        {"abab", "%ab", "", WILDCARD_YES},
        {"ababx", "%ab", "", WILDCARD_NO},
        {"xaxaxb", "%a_b%", "", WILDCARD_YES},
        {"a\xc3\xa9", "a\xc3\xa9\xc3\xa9", "\xc3\xa9", WILDCARD_YES},
    };
    static const struct {
        const char *text, *pattern;
        enum wildcard want;
    } globs[] = {
        {"abc", "a*", WILDCARD_YES},       {"abc", "[a-c]b[!d]", WILDCARD_YES},
        {"abc", "*[", WILDCARD_NO},        {"a]", "a[]]", WILDCARD_YES},
        {"a*", "a\\*", WILDCARD_YES},      {"ab", "a\\*", WILDCARD_NO},
        {"a", "a\\", WILDCARD_NO},         {"\xc3\xa9", "??", WILDCARD_YES},
        {"abcd", "*[b-c]d", WILDCARD_YES}, {"abcd", "*[!c]d", WILDCARD_NO},
    };
    (void)state;
    for (size_t i = 0; i < sizeof likes / sizeof *likes; i++) {
        assert_int_equal(wildcard_like(str_of(likes[i].text), str_of(likes[i].pattern),
                                       str_of(likes[i].escape), NULL),
                         likes[i].want);
    }
    for (size_t i = 0; i < sizeof globs / sizeof *globs; i++) {
        assert_int_equal(wildcard_glob(str_of(globs[i].text), str_of(globs[i].pattern), NULL),
                         globs[i].want);
    }
    assert_true(wildcard_escape_fits(STR("a!!"), STR("!")));
    assert_false(wildcard_escape_fits(STR("a!!!"), STR("!")));
    assert_false(wildcard_escape_fits(STR("a"), STR("ab")));

    enum { LONG = 200000, PART = 1000 };
    struct buf text = BUF_INIT(0), pattern = BUF_INIT(0);
    int asked = 0;
    struct wildcard_stop go_on = {never, &asked}, stop = {at_once, &asked};
    for (int i = 0; i < LONG; i++) {
        buf_u8(&text, 'a');
    }
    for (int i = 0; i < PART; i++) {
        buf_puts(&pattern, i ? "%a" : "%");
    }
    buf_puts(&pattern, "%b");
    assert_int_equal(wildcard_like(buf_str(&text), buf_str(&pattern), STR_NULL, &go_on),
                     WILDCARD_NO);
    assert_int_equal(asked, 0); /* linear: nothing was tried twice */
    pattern.n = 0;
    buf_u8(&pattern, '%');
    for (int i = 0; i < PART; i++) {
        buf_u8(&pattern, 'a');
    }
    buf_puts(&pattern, "_b%");
    assert_int_equal(wildcard_like(buf_str(&text), buf_str(&pattern), STR_NULL, &go_on),
                     WILDCARD_NO);
    assert_in_range(asked, LONG / 100, LONG); /* the product of both, in steps of 65,536 */
    asked = 0;
    assert_int_equal(wildcard_like(buf_str(&text), buf_str(&pattern), STR_NULL, &stop),
                     WILDCARD_STOPPED);
    assert_int_equal(asked, 1);
    buf_free(&text);
    buf_free(&pattern);
}

static void test_regex_cost(void **state)
{
    static const struct {
        const char *pattern;
        double least, most;
        bool rescans;
    } cases[] = {{"", 0, 0, false},
                 {"abc", 3, 3, false},
                 {"(a?){1000}b", 2001, 4000, false},
                 {"((a{10}){10}){10}", 1000, 1500, false},
                 {"a{2,}b{,3}c{x}", 3, 20, false},
                 {"[^]a|{9}]*x", 4, 10, false},
                 {"[[:alpha:](*]+", 4, 6, false},
                 {"\\Q(*)|\\E+", 1, 12, false},
                 {"\\p{Greek}*\\(\\|", 10, 30, false},
                 {"(a*b|a)", 4, 10, true},
                 {"a*b|a", 4, 10, true},
                 {"a(a*b)?", 4, 10, true},
                 {"(?:(a+))*", 3, 10, true},
                 {"a(b{2,}c){0,3}", 9, 30, true},
                 {"(a*)(b+?)c??", 4, 12, false},
                 {"(((((", 0, 10, false},
                 {")))|", 0, 10, false},
                 {"a{999999999}{999999999}", 1e9, 1e9, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct regex_cost c = regex_cost_of(str_of(cases[i].pattern));
        if (c.size < cases[i].least || c.size > cases[i].most || c.rescans != cases[i].rescans) {
            fail_msg("%s: %g %d", cases[i].pattern, c.size, c.rescans);
        }
    }
    char deep[4096];
    memset(deep, '(', sizeof deep);
    assert_true(regex_cost_of((struct str){deep, sizeof deep}).size >= 1e9);
    assert_true(regex_steps((struct regex_cost){10, true}, 1000, true) > 1e5);
    assert_true(regex_steps((struct regex_cost){10, true}, 1000, false) < 2e4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regex_cost),
        cmocka_unit_test(base64url_is_read_strictly),
        cmocka_unit_test(base64_is_read_strictly),
        cmocka_unit_test(utf8_is_judged_as_rfc_3629_says),
        cmocka_unit_test(text_is_cut_trimmed_and_read),
        cmocka_unit_test(a_buffer_fails_once_and_stays_failed),
        cmocka_unit_test(a_map_keeps_what_was_put),
        cmocka_unit_test(a_small_arena_grows),
        cmocka_unit_test(an_arena_zeroes_aligns_and_tells_its_limit),
        cmocka_unit_test(json_is_one_line_whatever_comes),
        cmocka_unit_test(ids_and_times_have_their_form),
        cmocka_unit_test(wildcards_match_in_bounded_steps),
        cmocka_unit_test(types_have_names_and_compare),
        cmocka_unit_test(every_error_code_has_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
