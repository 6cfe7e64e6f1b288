/* The rules behind alerts: who is denied too often, what is far more than usual, how a message is
 * signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "alert/denials.h"
#include "alert/exports.h"
#include "alert/webhook.h"

static const int64_t day_us = (int64_t)86400 * 1000000;

/* --- denials --- */

static void test_more_than_the_limit_within_the_time(void **state)
{
    struct denials *d = denials_new(3, 100);
    assert_false(denials_add(d, STR("a"), 0));
    assert_false(denials_add(d, STR("a"), 50));
    assert_false(denials_add(d, STR("b"), 60));
    assert_false(denials_add(d, STR("a"), 100));
    assert_false(denials_add(d, STR("a"), 101)); /* the first is over: three within the time */
    assert_true(denials_add(d, STR("a"), 150));  /* 50, 100, 101 and this */
    assert_false(denials_add(d, STR("a"), 151)); /* from nothing again */
    assert_false(denials_add(d, STR("a"), 152));
    assert_false(denials_add(d, STR("a"), 153));
    assert_true(denials_add(d, STR("a"), 154));
    assert_false(denials_add(d, STR("b"), 160));
    denials_free(d);
}

static void test_principals_are_bounded_and_who_was_denied_last_stays(void **state)
{
    struct denials *d = denials_new(1, 1000000);
    char who[32];
    for (int i = 0; i < DENIALS_PRINCIPALS_MAX + 10; i++) {
        snprintf(who, sizeof who, "p%d", i);
        assert_false(denials_add(d, str_of(who), i));
    }
    assert_true(denials_add(d, str_of(who), 5000));
    assert_false(denials_add(d, STR("p0"), 5001)); /* made room */
    denials_free(d);
}

/* --- exports --- */

static bool add_both(struct exports *x, int64_t rows, int64_t bytes, int64_t day,
                     struct exports_found *out)
{
    const struct exports_given given = {rows, bytes};
    return exports_add(x, STR("org"), STR("analyst"), &given, day * day_us + 5, out);
}

static bool add(struct exports *x, int64_t rows, int64_t day, struct exports_found *out)
{
    return add_both(x, rows, 0, day, out);
}

static void test_far_more_than_usual(void **state)
{
    const struct exports_rule rule = {.factor = 5, .least = {100, 1000}};
    struct exports *x = exports_new(&rule);
    struct exports_found f;
    assert_false(add(x, 1000000, 20000, &f)); /* the first day */
    assert_int_equal(f.usual.rows, -1);
    x = (exports_free(x), exports_new(&rule));
    assert_false(add(x, 40, 20000, &f));
    assert_false(add(x, 20, 20001, &f));
    assert_int_equal(f.usual.rows, 40);
    assert_false(add(x, 100, 20003, &f)); /* 40, 20, 0: usual are 20 */
    assert_int_equal(f.usual.rows, 20);
    assert_false(exports_add(x, STR("other"), STR("analyst"), &(struct exports_given){9999, 0},
                             20003 * day_us, &f));
    assert_true(add(x, 1, 20003, &f));
    assert_int_equal(f.today.rows, 101);
    assert_false(add(x, 1000, 20003, &f)); /* once a day */
    assert_false(add(x, 100, 20004, &f));  /* not past the least */
    assert_false(add(x, 1000, 20004, &f)); /* 1101 yesterday: usual are 290 */
    assert_int_equal(f.usual.rows, 290);
    exports_free(x);
}

/* A few wide rows. */
static void test_far_more_bytes_than_usual(void **state)
{
    const struct exports_rule rule = {.factor = 5, .least = {100, 1000}};
    struct exports *x = exports_new(&rule);
    struct exports_found f;
    assert_false(add_both(x, 10, 1000000, 20000, &f));
    assert_int_equal(f.usual.bytes, -1);
    x = (exports_free(x), exports_new(&rule));
    assert_false(add_both(x, 10, 300, 20000, &f));
    assert_false(add_both(x, 10, 1500, 20001, &f)); /* just five times */
    assert_int_equal(f.usual.bytes, 300);
    assert_true(add_both(x, 1, 1, 20001, &f));
    assert_false(f.by_rows);
    assert_int_equal(f.today.bytes, 1501);
    assert_false(add_both(x, 500, 1, 20001, &f));   /* once a day, of either */
    assert_false(add_both(x, 10, 1000, 20100, &f)); /* not past the least */
    assert_true(add_both(x, 500, 1, 20100, &f));
    assert_true(f.by_rows);
    assert_false(add_both(x, 1, INT64_MAX, 20100, &f)); /* no sum passes what a number holds */
    assert_false(add_both(x, 1, INT64_MAX, 20100, &f));
    assert_false(add_both(x, 1, 1, 20101, &f));
    assert_true(f.usual.bytes > 0);
    exports_free(x);
}

/* Of a time when bytes weren't counted. */
static void test_a_state_without_bytes(void **state)
{
    const struct exports_rule rule = {.factor = 2, .least = {0, 0}};
    struct exports *x = exports_new(&rule), *y = exports_new(&rule);
    struct exports_found f;
    struct buf text = BUF_INIT(0);
    struct error e = ERROR_INIT;
    struct str old = STR("{\"org/analyst\":[20000,20003,0,5,4,3,2,0,0,0,0]}");
    assert_int_equal(exports_read(x, old, &e), OK);
    exports_write(x, &text);
    assert_true(str_eq(buf_str(&text), old));
    assert_false(add_both(x, 0, 1000, 20004, &f)); /* their first day */
    assert_int_equal(f.usual.rows, (5 + 4 + 3 + 2) / 4);
    assert_int_equal(f.usual.bytes, -1);
    buf_clear(&text);
    exports_write(x, &text);
    assert_int_equal(exports_read(y, buf_str(&text), &e), OK);
    assert_true(add_both(y, 0, 2001, 20005, &f));
    assert_int_equal(f.usual.bytes, 1000);
    exports_free(x);
    exports_free(y);
    buf_free(&text);
}

static void test_days_pass_and_the_clock_goes_back(void **state)
{
    const struct exports_rule rule = {.factor = 2, .least = {0, 0}};
    struct exports *x = exports_new(&rule);
    struct exports_found f;
    assert_false(add(x, 700, 20000, &f));
    assert_false(add(x, 1, 20007, &f));
    assert_int_equal(f.usual.rows, 100);
    assert_false(add(x, 1, 20006, &f)); /* goes on with the day there is */
    assert_int_equal(f.today.rows, 2);
    assert_true(add(x, 1, 20500, &f)); /* long after: nothing is usual */
    assert_int_equal(f.usual.rows, 0);
    exports_free(x);
}

static void test_what_is_usual_survives(void **state)
{
    const struct exports_rule rule = {.factor = 2, .least = {0, 0}};
    struct exports *x = exports_new(&rule), *y = exports_new(&rule);
    struct exports_found f;
    struct buf text = BUF_INIT(0), again = BUF_INIT(0);
    struct error e = ERROR_INIT;
    assert_false(add(x, 70, 20000, &f));
    assert_true(add(x, 141, 20001, &f));
    exports_write(x, &text);
    assert_int_equal(exports_read(y, buf_str(&text), &e), OK);
    exports_write(y, &again);
    assert_true(str_eq(buf_str(&text), buf_str(&again)));
    assert_false(add(y, 1, 20001, &f)); /* told already */
    assert_int_equal(f.today.rows, 142);
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{\"a\":1}",
                                        "{\"a\":[1,2]}",
                                        "{\"a\":[1,1,0,-1,0,0,0,0,0,0,0]}",
                                        "{\"a\":[1,1,0,1,0,0,0,0,0,0,0,1]}",
                                        "{\"a\":[1,1,0,1,0,0,0,0,0,0,0,1,-1,0,0,0,0,0,0,0]}",
                                        "{\"a\":[1,1,0,1,0,0,0,0,0,0,0],\"b\":null}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(exports_read(y, str_of(wrong[i]), &e), FAIL);
    }
    assert_false(add(y, 1, 20001, &f));
    assert_int_equal(f.today.rows, 143); /* it is as it was */
    exports_free(x);
    exports_free(y);
    buf_free(&text);
    buf_free(&again);
}

static void test_roles_are_bounded(void **state)
{
    const struct exports_rule rule = {.factor = 2, .least = {0, 0}};
    struct exports *x = exports_new(&rule);
    struct exports_found f = {.today.rows = -1};
    const struct exports_given one = {1, 1};
    char role[32];
    for (int i = 0; i < EXPORTS_ROLES_MAX; i++) {
        snprintf(role, sizeof role, "r%d", i);
        assert_false(exports_add(x, STR("o"), str_of(role), &one, day_us, &f));
    }
    f.today.rows = -1;
    assert_false(exports_add(x, STR("o"), STR("one more"), &one, day_us, &f));
    assert_int_equal(f.today.rows, -1);
    assert_false(exports_add(x, STR("o"), STR("r7"), &one, day_us, &f));
    assert_int_equal(f.today.rows, 2);
    exports_free(x);
}

/* --- webhooks --- */

/* The value by: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 'key' */
static void test_a_signature(void **state)
{
    char out[128];
    webhook_sign(STR("key"), 1700000000, STR("{\"a\":1}"), out);
    assert_string_equal(out, "t=1700000000,v1="
                             "a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than_the_limit_within_the_time),
        cmocka_unit_test(test_principals_are_bounded_and_who_was_denied_last_stays),
        cmocka_unit_test(test_far_more_than_usual),
        cmocka_unit_test(test_far_more_bytes_than_usual),
        cmocka_unit_test(test_a_state_without_bytes),
        cmocka_unit_test(test_days_pass_and_the_clock_goes_back),
        cmocka_unit_test(test_what_is_usual_survives),
        cmocka_unit_test(test_roles_are_bounded),
        cmocka_unit_test(test_a_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
