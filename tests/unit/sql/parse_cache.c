/* A text that comes again gives the tree that it would be parsed to, and nothing of another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sql/parse_cache.h"

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

static struct node_list read_one(struct parse_cache *c, struct arena *a, const char *text,
                                 enum dialect d)
{
    struct node_list list;
    struct error e = ERROR_INIT;
    assert_int_equal(parse_cache_parse(c, a, str_of(text), d, &limits, &list, &e), OK);
    return list;
}

static void is_as_parsed(struct arena *a, const char *text, enum dialect d,
                         const struct node_list *list)
{
    struct node_list expected;
    struct error e = ERROR_INIT;
    assert_int_equal(sql_parse(a, str_of(text), d, &limits, &expected, &e), OK);
    assert_int_equal(list->n, expected.n);
    for (uint32_t i = 0; i < list->n; i++) {
        assert_true(node_equal(list->at[i], expected.at[i]));
        assert_int_equal(list->at[i]->offset, expected.at[i]->offset);
        assert_int_equal(list->at[i]->length, expected.at[i]->length);
    }
}

static void same_tree(void **state)
{
    static const char *const texts[] = {"SELECT a, 'x' FROM t WHERE b = $1 ORDER BY 1",
                                        "  SELECT 1",
                                        "SELECT 1; SELECT 2",
                                        "SELECT 1;",
                                        ";",
                                        "INSERT INTO t VALUES (?, ?)",
                                        "SET x = 1",
                                        "CREATE TABLE t (a int)"};
    struct parse_cache c = {0};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            struct arena *a = arena_new(0);
            struct node_list list = read_one(&c, a, texts[i], DIALECT_DUCKDB);
            is_as_parsed(a, texts[i], DIALECT_DUCKDB, &list);
            arena_free(a);
        }
    }
    assert_int_equal(c.n, 4); /* one statement that reads or writes rows each */
    parse_cache_fini(&c);
    assert_int_equal(c.n, 0);
}

/* What one caller does to his tree, and to the text that he gave, is not the next one's. */
static void of_ones_own(void **state)
{
    struct parse_cache c = {0};
    char text[] = "SELECT secret FROM t";
    struct arena *a = arena_new(0);
    for (int i = 0; i < 2; i++) {
        struct node_list list = read_one(&c, a, text, DIALECT_POSTGRES);
        node_query(list.at[0])->body = NULL;
        list.at[0]->offset = 7;
    }
    snprintf(text, sizeof text, "SELECT public FROM t");
    arena_free(a);
    a = arena_new(0);
    struct node_list list = read_one(&c, a, "SELECT secret FROM t", DIALECT_POSTGRES);
    is_as_parsed(a, "SELECT secret FROM t", DIALECT_POSTGRES, &list);
    assert_int_equal(c.n, 1);
    arena_free(a);
    parse_cache_fini(&c);
}

static void by_dialect(void **state)
{
    static const char text[] = "SELECT a:b FROM t";
    struct parse_cache c = {0};
    struct arena *a = arena_new(0);
    struct node_list list;
    struct error e = ERROR_INIT;
    for (int i = 0; i < 2; i++) {
        list = read_one(&c, a, text, DIALECT_SNOWFLAKE);
        is_as_parsed(a, text, DIALECT_SNOWFLAKE, &list);
        assert_int_equal(parse_cache_parse(&c, a, str_of("SELECT 1 FROM t WHERE a = \"b"),
                                           DIALECT_DUCKDB, &limits, &list, &e),
                         FAIL);
    }
    list = read_one(&c, a, "SELECT 'a\\'' || 1 --'", DIALECT_SNOWFLAKE);
    is_as_parsed(a, "SELECT 'a\\'' || 1 --'", DIALECT_SNOWFLAKE, &list);
    list = read_one(&c, a, "SELECT 'a\\'' || 1 --'", DIALECT_POSTGRES);
    is_as_parsed(a, "SELECT 'a\\'' || 1 --'", DIALECT_POSTGRES, &list);
    assert_int_equal(c.n, 3);
    arena_free(a);
    parse_cache_fini(&c);
}

static void bounded(void **state)
{
    struct parse_cache c = {0};
    struct arena *a = arena_new(0);
    char text[64], longest[9000];
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "SELECT %d", i);
        struct node_list list = read_one(&c, a, text, DIALECT_POSTGRES);
        is_as_parsed(a, text, DIALECT_POSTGRES, &list);
        (void)read_one(&c, a, "SELECT 'often'", DIALECT_POSTGRES);
    }
    assert_true(c.n <= 32);
    size_t n = c.n;
    snprintf(longest, sizeof longest, "SELECT '%08900d'", 0);
    (void)read_one(&c, a, longest, DIALECT_POSTGRES);
    assert_int_equal(c.n, n);
    arena_free(a);
    parse_cache_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_tree), cmocka_unit_test(of_ones_own),
                                       cmocka_unit_test(by_dialect), cmocka_unit_test(bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
