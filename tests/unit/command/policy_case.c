/* The text form of policy tests: what a file says, and each line that isn't of the form. */
#include "command/policy_case.h"

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
    struct policy_case *cases;
    struct error e = ERROR_INIT;
    size_t n;
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
    assert_int_equal(policy_cases_read(str_of(text), a, &cases, &n, &e), OK);
    assert_int_equal(n, 3);
    assert_true(str_is(cases[0].who, "role=analyst") && str_is(cases[0].statement, "SELECT 1"));
    assert_int_equal(cases[0].line, 3);
    assert_int_equal(cases[0].dialect, DIALECT_SNOWFLAKE);
    assert_true(str_is(cases[0].outcome, "allowed") &&
                str_is(cases[0].lists[CASE_FILTERS], "none"));
    assert_true(str_is(cases[0].lists[CASE_MASKS], "people.phone=partial:2, ssn=null"));
    assert_null(cases[0].lists[CASE_READS].p);
    assert_true(str_is(cases[1].statement, "SELECT '\n# no comment'"));
    assert_int_equal(cases[1].dialect, DIALECT_POSTGRES);
    assert_true(str_is(cases[1].outcome, "denied") && str_is(cases[1].says, "a policy denies"));
    assert_int_equal(cases[2].who_line, 15);
    assert_true(str_is(cases[2].outcome, "HATI_ERR_404_TABLE") && cases[2].says.n == 0);
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
        {"who\n", 0, "a principal must follow"},
        {"dialect oracle\n", 0, "may be snowflake"},
    };
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        struct arena *a = arena_new(0);
        struct policy_case *cases;
        struct error e = ERROR_INIT;
        size_t n;
        if (policy_cases_read(str_of(x[i].text), a, &cases, &n, &e) == OK ||
            e.code != ERR_VALIDATION || e.position != x[i].position ||
            !strstr(e.message, x[i].message)) {
            fail_msg("%s: at %lld: %s", x[i].text, (long long)e.position, e.message);
        }
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read),
                                       cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
