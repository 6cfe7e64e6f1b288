/* Statements: parameters, rows, changes, transactions, errors. */
#include <string.h>

#include "fixture.h"
#include "suites.h"

static int make(void **state)
{
    static struct fixture f;
    fixture_make(&f);
    fixture_open(&f);
    *state = &f;
    return 0;
}

static int drop(void **state)
{
    fixture_remove(*state);
    return 0;
}

static void selects(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(one(f, f->session, "SELECT 'hello'"), "hello");
    assert_int_equal(must(f, f->session, "CREATE TABLE shared.t (i INTEGER)"), 0);
    assert_int_equal(must(f, f->session, "INSERT INTO shared.t FROM range(10)"), 10);
    assert_int_equal(must(f, f->session, "UPDATE shared.t SET i = 1 WHERE i > 7"), 2);
    assert_int_equal(must(f, f->session, "DELETE FROM shared.t WHERE i = 0"), 1);
}

int statement_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects),
    };
    return cmocka_run_group_tests_name("statement", tests, make, drop);
}
