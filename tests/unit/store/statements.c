/* Statements that stay prepared, where that could be noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "site.h"
#include "store/quota.h"
#include "store/sqlite_statements.h"

static int64_t rows_limit(struct site *t, struct str org)
{
    struct store_quota quota = {0};
    bool is_set;

    assert_int_equal(store_quota_get(t->s, org, &quota, &is_set, &t->e), OK);
    assert_true(is_set);
    return quota.max_rows;
}

/* A newer version of the program migrates while this one runs. */
static void test_a_schema_that_changes_meanwhile(void **state)
{
    struct site *t = *state;
    struct str org = add_org(t, "acme");
    struct store_quota quota = {.monthly_millicredits = 1, .max_concurrent = 2, .max_rows = 3};

    assert_int_equal(store_quota_set(t->s, me, org, &quota, &t->e), OK);
    for (int i = 0; i < 10; i++) { /* PostgreSQL settles on a plan after some */
        assert_int_equal(rows_limit(t, org), 3);
    }
    run_sql(t, place_sql("ALTER TABLE quotas ADD COLUMN more INTEGER",
                         "ALTER TABLE quotas ALTER COLUMN max_rows TYPE numeric"));
    assert_int_equal(rows_limit(t, org), 3);
    quota.max_rows = 4;
    assert_int_equal(store_quota_set(t->s, me, org, &quota, &t->e), OK);
    assert_int_equal(rows_limit(t, org), 4);
}

static int read(struct sqlite_statement *t, int value)
{
    int found = -1;

    sqlite3_bind_int(t->stmt, 1, value);
    if (sqlite3_step(t->stmt) == SQLITE_ROW) {
        found = sqlite3_column_int(t->stmt, 0);
    }
    return found;
}

static void test_a_text_within_its_own_rows(void **state)
{
    static const char sql[] = "SELECT ?1 UNION ALL SELECT ?1 + 1";
    struct sqlite_statements s;
    struct sqlite_statement *outer, *inner;
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite_statements_open(&s, db);
    outer = sqlite_statement_take(&s, sql);
    assert_int_equal(read(outer, 1), 1);
    inner = sqlite_statement_take(&s, sql);
    assert_int_equal(read(inner, 10), 10);
    sqlite_statement_return(inner);
    assert_int_equal(sqlite3_step(outer->stmt), SQLITE_ROW); /* where it was */
    assert_int_equal(sqlite3_column_int(outer->stmt, 0), 2);
    sqlite_statement_return(outer);
    assert_null(sqlite_statement_take(&s, "SELECT nothing"));
    sqlite_statement_return(NULL);

    /* The same one again, with nothing left of its value. */
    assert_ptr_equal(sqlite_statement_take(&s, sql), outer);
    assert_int_equal(sqlite3_step(outer->stmt), SQLITE_ROW);
    assert_int_equal(sqlite3_column_type(outer->stmt, 0), SQLITE_NULL);
    sqlite_statement_return(outer);
    sqlite_statements_close(&s);
    assert_int_equal(sqlite3_close(db), SQLITE_OK); /* SQLITE_BUSY: some are left */
}

static void test_more_texts_than_are_kept(void **state)
{
    struct sqlite_statements s;
    sqlite3 *db;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite_statements_open(&s, db);
    for (int i = 0; i < SQLITE_STATEMENTS_MAX + 10; i++) {
        char sql[32];
        struct sqlite_statement *one;

        snprintf(sql, sizeof sql, "SELECT ?1 + %d", i);
        one = sqlite_statement_take(&s, sql);
        assert_int_equal(read(one, 1), i + 1);
        assert_int_equal(one->is_kept, i < SQLITE_STATEMENTS_MAX);
        sqlite_statement_return(one);
    }
    sqlite_statements_close(&s);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_schema_that_changes_meanwhile),
        cmocka_unit_test(test_a_text_within_its_own_rows),
        cmocka_unit_test(test_more_texts_than_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
