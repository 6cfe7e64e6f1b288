/* The text form of policy tests: what a file says, and each line that isn't of the form. */
#include "trial/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_read(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct policy_cases cases;
    struct error e = ERROR_INIT;
    const char *text = "# who may see phones\n"
                       "who role=analyst\n"
                       "ask SELECT 1\n"
                       "expect allowed\n"
                       "masks people.phone=partial:2, ssn=null\n"
                       "filters none\r\n"
                       "\n"
                       "dialect postgres\n"
                       "ask\n"
                       "  SELECT '\n"
                       "\n"
                       "    # no comment'\n"
                       "expect denied a policy denies\n"
                       "rules deny=no agents\n"
                       "who ann@acme.example\n"
                       "ask DELETE FROM t\n"
                       "expect HATI_ERR_404_TABLE";
    assert_int_equal(policy_cases_read(str_of(text), a, &cases, &e), OK);
    assert_int_equal(cases.n, 3);
    assert_true(str_is(cases.at[0].who, "role=analyst") &&
                str_is(cases.at[0].statement, "SELECT 1"));
    assert_int_equal(cases.at[0].line, 3);
    assert_int_equal(cases.at[0].dialect, DIALECT_SNOWFLAKE);
    assert_true(str_is(cases.at[0].outcome, "allowed") &&
                str_is(cases.at[0].lists[CASE_FILTERS], "none"));
    assert_true(str_is(cases.at[0].lists[CASE_MASKS], "people.phone=partial:2, ssn=null"));
    assert_null(cases.at[0].lists[CASE_READS].p);
    assert_true(str_is(cases.at[1].statement, "SELECT '\n# no comment'"));
    assert_int_equal(cases.at[1].dialect, DIALECT_POSTGRES);
    assert_true(str_is(cases.at[1].outcome, "denied") &&
                str_is(cases.at[1].says, "a policy denies"));
    assert_int_equal(cases.at[2].who_line, 15);
    assert_true(str_is(cases.at[2].outcome, "HATI_ERR_404_TABLE") && cases.at[2].says.n == 0);
    arena_free(a);
}

static void test_tables_and_rows(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct policy_cases cases;
    struct error e = ERROR_INIT;
    const char *text = "table people (name text, born date)\n"
                       "  ('ann', '1990-01-01')\n"
                       "  # a remark\n"
                       "  ('o''neil', NULL)\n"
                       "dialect duckdb\n"
                       "table shared.sold (org text, n int) tenant org\n"
                       "who role=analyst\n"
                       "ask SELECT 1\n"
                       "expect allowed\n"
                       "rows\n"
                       "  ('o''neil, the (old) one', -1.50, TRUE, null, '')\n"
                       "masks none\n"
                       "ask SELECT 2\n"
                       "expect allowed\n"
                       "rows none\n";
    assert_int_equal(policy_cases_read(str_of(text), a, &cases, &e), OK);
    assert_int_equal(cases.table_count, 2);
    assert_true(str_is(cases.tables[0].name, "people"));
    assert_true(str_is(cases.tables[0].columns, "(name text, born date)"));
    assert_true(str_is(cases.tables[0].rows, "('ann', '1990-01-01'), ('o''neil', NULL)"));
    assert_int_equal(cases.tables[0].dialect, DIALECT_SNOWFLAKE);
    assert_true(str_is(cases.tables[1].name, "shared.sold") && cases.tables[1].rows.n == 0);
    assert_true(str_is(cases.tables[1].tenant, "org"));
    assert_int_equal(cases.tables[1].dialect, DIALECT_DUCKDB);
    assert_true(cases.at[0].has_rows && cases.at[0].rows.n == 1);
    const struct policy_row *row = &cases.at[0].rows.at[0];
    assert_int_equal(row->n, 5);
    assert_true(str_is(row->at[0], "o'neil, the (old) one") && str_is(row->at[1], "-1.50"));
    assert_true(str_is(row->at[2], "t") && !row->at[3].p && str_is(row->at[4], ""));
    assert_non_null(row->at[4].p);
    assert_true(cases.at[1].has_rows && cases.at[1].has_no_rows);
    arena_free(a);
}

static struct policy_rows rows_of(struct arena *a, const char *const *texts, size_t n)
{
    struct policy_rows rows = {0};
    for (size_t i = 0; i < n; i++) {
        struct policy_row row;
        assert_null(policy_row_read(str_of(texts[i]), a, &row));
        VEC_PUSH(a, rows, row);
    }
    return rows;
}

static void test_rows_are_compared(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct policy_rows x = rows_of(a, (const char *[]){"(1)", "(1)", "(2)"}, 3);
    struct policy_rows moved = rows_of(a, (const char *[]){"(1)", "(2)", "(1)"}, 3);
    struct policy_rows other = rows_of(a, (const char *[]){"(1)", "(2)", "(2)"}, 3);
    struct policy_rows fewer = rows_of(a, (const char *[]){"(1)", "(2)"}, 2);
    struct policy_rows none = {0};
    struct policy_rows nothing = rows_of(a, (const char *[]){"('')"}, 1);
    struct policy_rows null = rows_of(a, (const char *[]){"(NULL)"}, 1);
    assert_true(policy_rows_fit(&x, &x, true) && policy_rows_fit(&none, &none, true));
    assert_true(policy_rows_fit(&x, &moved, false) && !policy_rows_fit(&x, &moved, true));
    assert_false(policy_rows_fit(&x, &other, false) || policy_rows_fit(&other, &x, false));
    assert_false(policy_rows_fit(&x, &fewer, false) || policy_rows_fit(&fewer, &x, false));
    assert_false(policy_rows_fit(&nothing, &null, false) || policy_rows_fit(&null, &none, false));
    arena_free(a);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t position;
        const char *message;
    } x[] = {
        {"", 0, "no case"},
        {"# nothing\nwho role=analyst\n", 27, "no case"},
        {"ask SELECT 1\nexpect allowed", 0, "nobody asks"},
        {"who role=owner\nask SELECT 1\n", 28, "no \"expect\""},
        {"who role=owner\nask SELECT 1\nask SELECT 2", 28, "no \"expect\""},
        {"who role=owner\nask SELECT 1\nwho role=admin", 28, "no \"expect\""},
        {"who role=owner\nask SELECT 1\nexpect\n", 28, "may be allowed"},
        {"who role=owner\nask SELECT 1\nexpect ok\n", 28, "may be allowed"},
        {"who role=owner\nask SELECT 1\nexpect allowed nearly\n", 28, "nothing may follow"},
        {"who role=owner\nask SELECT 1\nexpect allowed\nexpect denied", 43, "once"},
        {"who role=owner\nexpect allowed", 15, "must follow an \"ask\""},
        {"who role=owner\nask\nexpect allowed", 19, "no statement"},
        {"who role=owner\nask SELECT 1\nmasks none", 28, "must follow an \"expect\""},
        {"who role=owner\nask SELECT 1\nexpect allowed\nmasks", 43, "is empty"},
        {"who role=owner\nask SELECT 1\nexpect allowed\nmasks a=b\nmasks c=d", 53, "once"},
        {"who role=owner\nask SELECT 1\nexpect denied\nmasks none", 42, "only rules"},
        {"who role=owner\nask SELECT 1\nexpect allowed\nmask none", 43, "not a line of a test"},
        {"table people\n", 0, "must be as in"},
        {"table ) (\n", 0, "must be as in"},
        {"table a.b (c int)\n", 0, "letters, digits"},
        {"table \"a\" (c int)\n", 0, "letters, digits"},
        {"table a (c int) tenant c\n", 0, "of a shared table"},
        {"table shared.a (c int) owner c\n", 0, "tenant COLUMN"},
        {"table a (c int)\n  1, 2\n", 16, "a row must be as in"},
        {"who role=owner\nask SELECT 1\nexpect allowed\ntable a (c int)", 43, "before the first"},
        {"who role=owner\nask SELECT 1\nexpect allowed\nrows none", 43, "no \"table\""},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nrows none", 44, "follow an \"expect\""},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect denied\nrows none", 58,
         "only rules"},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect allowed\nrows\n", 64, "rows none"},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect allowed\nrows (1)", 59, "indented"},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect allowed\nrows\n (a)", 64,
         "in quotes"},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect allowed\nrows\n ('a)", 64,
         "no end"},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect allowed\nrows\n (1", 64, "as in"},
        {"table a (c int)\nwho role=owner\nask SELECT 1\nexpect allowed\nrows\n (1) 2", 64,
         "as in"},
        {"who\n", 0, "a principal must follow"},
        {"dialect oracle\n", 0, "may be snowflake"},
    };
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        struct arena *a = arena_new(0);
        struct policy_cases cases;
        struct error e = ERROR_INIT;
        if (policy_cases_read(str_of(x[i].text), a, &cases, &e) == OK || e.code != ERR_VALIDATION ||
            e.position != x[i].position || !strstr(e.message, x[i].message)) {
            fail_msg("%s: at %lld: %s", x[i].text, (long long)e.position, e.message);
        }
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read), cmocka_unit_test(test_tables_and_rows),
        cmocka_unit_test(test_rows_are_compared), cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
