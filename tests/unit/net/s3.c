/* S3's answers, and what a place in an object store may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "net/s3_reply.h"

#define VERSION(key, id)                                                                           \
    "<Version><Key>" key "</Key><VersionId>" id "</VersionId><Owner><ID>1</ID></Owner></Version>"
#define LIST(inside) "<?xml version=\"1.0\"?><ListVersionsResult>" inside "</ListVersionsResult>"

static enum status read_list(const char *xml, size_t max, struct arena *a, struct s3_versions *out,
                             struct s3_page *page)
{
    struct error e = ERROR_INIT;
    return s3_read_versions(str_of(xml), max, a, out, page, &e);
}

static void test_pages_follow_each_other(void **state)
{
    struct arena *a = arena_new(0);
    struct s3_versions v = {NULL, 0};
    struct s3_page page;
    assert_int_equal(
        read_list(LIST("<IsTruncated>true</IsTruncated><NextKeyMarker>b</NextKeyMarker>"
                       "<NextVersionIdMarker>2</NextVersionIdMarker>" VERSION("a", "1")
                           VERSION("b&amp;c", "2")),
                  9, a, &v, &page),
        OK);
    assert_true(page.more);
    assert_string_equal(page.key, "b");
    assert_string_equal(page.version, "2");
    assert_int_equal(
        read_list(LIST("<IsTruncated>false</IsTruncated>" VERSION("b", "0")), 9, a, &v, &page), OK);
    assert_false(page.more);
    assert_int_equal(v.n, 3);
    assert_string_equal(v.at[1].key, "b&c");
    assert_string_equal(v.at[2].key, "b");
    assert_string_equal(v.at[2].version, "0");
    arena_free(a);
}

static void test_deletions_are_passed_over_and_hide_nothing(void **state)
{
    struct arena *a = arena_new(0);
    struct s3_versions v = {NULL, 0};
    struct s3_page page;
    assert_int_equal(
        read_list(LIST("<DeleteMarker><Key>a</Key><VersionId>9</VersionId></DeleteMarker>"
                       "<Version><Key>b</Key></Version>" VERSION("a", "1")),
                  9, a, &v, &page),
        OK);
    assert_int_equal(v.n, 1);
    assert_string_equal(v.at[0].version, "1");
    arena_free(a);
}

static void test_lists_that_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "not xml",
        "<ListVersionsResult>",
        "<!DOCTYPE x [<!ENTITY e \"eeee\">]><ListVersionsResult>&e;</ListVersionsResult>",
        LIST("<IsTruncated>true</IsTruncated>"),
        "<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
    };
    struct arena *a = arena_new(0);
    struct s3_page page;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct s3_versions v = {NULL, 0};
        assert_int_equal(read_list(wrong[i], 9, a, &v, &page), FAIL);
    }
    struct s3_versions v = {NULL, 0};
    struct error e = ERROR_INIT;
    assert_int_equal(
        s3_read_versions(STR(LIST(VERSION("a", "1") VERSION("b", "1"))), 1, a, &v, &page, &e),
        FAIL);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    arena_free(a);
}

static void test_long_texts_are_refused(void **state)
{
    struct arena *a = arena_new(0);
    struct buf xml = BUF_INIT(0);
    struct s3_versions v = {NULL, 0};
    struct s3_page page;
    buf_puts(&xml, "<ListVersionsResult><Version><Key>");
    for (int i = 0; i < 2000; i++) {
        buf_u8(&xml, 'k');
    }
    buf_puts(&xml, "</Key><VersionId>1</VersionId></Version></ListVersionsResult>");
    assert_int_equal(read_list(buf_cstr(&xml), 9, a, &v, &page), FAIL);
    buf_free(&xml);
    arena_free(a);
}

static void test_words_of_errors_are_words(void **state)
{
    char word[16];
    s3_read_word(STR("<Error><Code>NoSuchBucket</Code><Code>Second</Code></Error>"), "Code", word,
                 sizeof word);
    assert_string_equal(word, "NoSuchBucket");
    s3_read_word(STR("<Error><Code>a b\n</Code></Error>"), "Code", word, sizeof word);
    assert_string_equal(word, "");
    s3_read_word(STR("<Error><Code>LongerThanTheRoomThereIs</Code></Error>"), "Code", word,
                 sizeof word);
    assert_string_equal(word, "");
    s3_read_word(STR("<html>502"), "Code", word, sizeof word);
    assert_string_equal(word, "");
}

static void test_places(void **state)
{
    static const struct {
        const char *bucket, *endpoint;
        bool good;
    } cases[] = {
        {"bucket", NULL, true},
        {"my.bucket-1", "https://localhost:9000", true},
        {"bucket", "https://[::1]:9000", true},
        {"ab", NULL, false},
        {"a/../b", NULL, false},
        {"bucket?x", NULL, false},
        {"bucket", "http://localhost", false},
        {"bucket", "https://", false},
        {"bucket", "https://user@host", false},
        {"bucket", "https://host/path", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct s3_config c = {
            .bucket = cases[i].bucket, .endpoint = cases[i].endpoint, .timeout_ms = 1};
        struct s3 *s = NULL;
        struct error e = ERROR_INIT;
        assert_int_equal(s3_new(&c, &s, &e), cases[i].good ? OK : FAIL);
        s3_free(s);
    }
    assert_true(s3_is_key("a/b_c-d.e/1"));
    assert_false(s3_is_key("/a"));
    assert_false(s3_is_key("a//b"));
    assert_false(s3_is_key("a/../b"));
    assert_false(s3_is_key("a?b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_follow_each_other),
        cmocka_unit_test(test_deletions_are_passed_over_and_hide_nothing),
        cmocka_unit_test(test_lists_that_are_refused),
        cmocka_unit_test(test_long_texts_are_refused),
        cmocka_unit_test(test_words_of_errors_are_words),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
