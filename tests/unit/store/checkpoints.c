/* Checkpoints of proxies' logs: what the control plane keeps, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "site.h"
#include "store/checkpoints.h"

#define LOG   "01a21b27-eda5-7773-bfff-2009337a3eed"
#define OTHER "01a21b27-eda5-7773-bfff-2009337a3eee"

static enum status add(struct site *t, const char *log, int64_t entries, const char *root)
{
    const struct store_checkpoint row = {.proxy_id = STR("east"),
                                         .log_id = str_of(log),
                                         .root = str_of(root),
                                         .note = STR("a note"),
                                         .entries = entries,
                                         .received_us = 1};
    return store_checkpoint_add(t->s, &row, &t->e);
}

static size_t list(struct site *t, struct str log, struct str after, int64_t limit,
                   struct store_checkpoint **rows)
{
    size_t n = 0;
    assert_int_equal(store_checkpoints(t->s, log, after, limit, t->a, rows, &n, &t->e), OK);
    return n;
}

static void test_a_log_that_grows_is_kept_in_order(void **state)
{
    struct site *t = *state;
    struct store_checkpoint *rows;
    assert_int_equal(add(t, LOG, 9, "nine"), OK);
    assert_int_equal(add(t, LOG, 100, "hundred"), OK);
    assert_int_equal(add(t, LOG, 9, "nine"), OK); /* sent again: its answer was lost */
    assert_int_equal(add(t, LOG, 1000, "thousand"), OK);
    assert_int_equal(add(t, OTHER, 5, "five"), OK);
    assert_int_equal(list(t, STR_NULL, STR_NULL, 100, &rows), 4);
    assert_int_equal(list(t, STR(LOG), STR_NULL, 2, &rows), 2);
    assert_int_equal(rows[0].entries, 9);
    assert_int_equal(rows[1].entries, 100);
    assert_true(str_is(rows[1].note, "a note"));
    assert_int_equal(list(t, STR(LOG), rows[1].id, 2, &rows), 1);
    assert_int_equal(rows[0].entries, 1000);
    assert_false(rows[0].refused);
}

static void test_a_log_that_contradicts_itself_is_refused_and_on_record_once(void **state)
{
    struct site *t = *state;
    struct store_checkpoint *rows;
    assert_int_equal(add(t, LOG, 50, "fifty"), OK);
    assert_int_equal(add(t, LOG, 100, "hundred"), OK);
    assert_int_equal(add(t, LOG, 100, "another"), FAIL);
    assert_int_equal(t->e.code, ERR_CONFLICT);
    assert_int_equal(add(t, LOG, 60, "sixty"), FAIL); /* an older copy that went on */
    assert_int_equal(t->e.code, ERR_CONFLICT);
    assert_int_equal(add(t, LOG, 50, "fifty"), OK); /* of the past, as it was */
    assert_int_equal(list(t, STR(LOG), STR_NULL, 100, &rows), 3);
    assert_true(rows[2].refused);
    assert_true(str_is(rows[2].root, "another"));
    assert_int_equal(add(t, OTHER, 1, "one"), OK); /* other logs go on */
}

static void test_one_of_what_expired_comes_late(void **state)
{
    struct site *t = *state;
    struct store_checkpoint *rows, late = {.proxy_id = STR("east"),
                                           .log_id = STR(LOG),
                                           .root = STR("sixty"),
                                           .note = STR("a note"),
                                           .entries = 60,
                                           .received_us = 1,
                                           .late = true};
    assert_int_equal(add(t, LOG, 50, "fifty"), OK);
    assert_int_equal(add(t, LOG, 100, "hundred"), OK);
    assert_int_equal(store_checkpoint_add(t->s, &late, &t->e), OK);
    late.entries = 50;
    assert_int_equal(store_checkpoint_add(t->s, &late, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_CONFLICT);
    assert_int_equal(list(t, STR(LOG), STR_NULL, 9, &rows), 4);
}

static void test_the_newest_stay_and_logs_are_bounded(void **state)
{
    struct site *t = *state;
    struct store_checkpoint *rows;
    char sql[512];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO proxy_checkpoints SELECT '" LOG "/' || i, 'east', '" LOG
             "', i, 'r', 'n', 1, 0 FROM n",
             STORE_CHECKPOINTS_MAX);
    run_sql(t, sql);
    assert_int_equal(add(t, LOG, STORE_CHECKPOINTS_MAX + 1, "new"), OK);
    assert_int_equal(list(t, STR(LOG), STR_NULL, 20000, &rows), STORE_CHECKPOINTS_MAX);
    for (size_t i = 0; i < STORE_CHECKPOINTS_MAX; i++) {
        assert_int_not_equal(rows[i].entries, 1);
    }
    snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        " INSERT INTO proxy_checkpoints SELECT 'x/' || i, 'east', 'log' || i, 1, 'r', 'n', 1, 0"
        " FROM n",
        STORE_LOGS_MAX - 1);
    run_sql(t, sql);
    assert_int_equal(add(t, LOG, STORE_CHECKPOINTS_MAX + 2, "newer"), OK);
    assert_int_equal(add(t, OTHER, 1, "one"), FAIL);
    assert_int_equal(t->e.code, ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_log_that_grows_is_kept_in_order),
        CASE(test_a_log_that_contradicts_itself_is_refused_and_on_record_once),
        CASE(test_one_of_what_expired_comes_late),
        CASE(test_the_newest_stay_and_logs_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
