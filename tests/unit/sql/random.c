/* Random statements over the whole grammar (random_grammar.h): each must be read in its dialect,
 * and what is printed of it must be read as an equal tree. RANDOM_SEED and RANDOM_COUNT widen it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "random_text.h"
#include "sql/parse.h"
#include "sql/print.h"

enum { COUNT = 2000 };

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

static void assert_round_trip(struct arena *a, const struct node *n, const char *source)
{
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0), x = BUF_INIT(0), y = BUF_INIT(0);
    struct node_list again;
    if (sql_print(n, PRINT_CANONICAL, &text, &e)) {
        fail_msg("can't print: %s\n%s", e.message, source);
    }
    if (sql_parse(a, buf_str(&text), DIALECT_POSTGRES, &limits, &again, &e)) {
        size_t from = e.position > 50 ? (size_t)e.position - 50 : 0;
        fail_msg("can't read again: %s: ... %.100s\n%s", e.message, buf_cstr(&text) + from, source);
    }
    if (again.n != 1 || !node_equal(n, again.at[0])) {
        node_dump(n, &x);
        node_dump(again.at[0], &y);
        size_t at = 0;
        while (at < x.n && at < y.n && x.p[at] == y.p[at]) {
            at++;
        }
        at = at > 80 ? at - 80 : 0;
        fail_msg("differs: ... %.160s\n ... %.160s\n%s\n%s", buf_cstr(&x) + at, buf_cstr(&y) + at,
                 source, buf_cstr(&text));
    }
    buf_free(&text);
}

static void check_one(enum dialect dialect, uint64_t seed)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct node_list list;
    struct buf out = BUF_INIT(0);
    random_statement((struct random_text){.dialect = dialect, .seed = seed}, &out);
    const char *text = buf_cstr(&out);
    if (sql_parse(a, buf_str(&out), dialect, &limits, &list, &e)) {
        if (e.code != ERR_STATEMENT_TOO_COMPLEX) {
            size_t from = e.position > 50 ? (size_t)e.position - 50 : 0;
            fail_msg("%s: ... %.100s\n%s", e.message, text + from, text);
        }
    } else {
        assert_int_equal(list.n, 1);
        assert_round_trip(a, list.at[0], text);
    }
    buf_free(&out);
    arena_free(a);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void check_dialect(enum dialect dialect)
{
    uint64_t first = setting("RANDOM_SEED", 1), count = setting("RANDOM_COUNT", COUNT);
    for (uint64_t i = 0; i < count; i++) {
        check_one(dialect, (first + i) * 2654435761u + dialect);
    }
}

static void test_snowflake(void **state)
{
    check_dialect(DIALECT_SNOWFLAKE);
}

static void test_postgres(void **state)
{
    check_dialect(DIALECT_POSTGRES);
}

static void test_duckdb(void **state)
{
    check_dialect(DIALECT_DUCKDB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_snowflake),
        cmocka_unit_test(test_postgres),
        cmocka_unit_test(test_duckdb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
