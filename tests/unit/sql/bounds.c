/* What no statement may cost: depth, width, length, bytes that aren't text. Each of these is
 * answered or refused, with memory and stack that don't grow with what the client sends; what would
 * take time in the square of its length runs into the time that a test has. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql/walk.h"

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

enum {
    MANY = 100000,
    STACK = 1 << 20,            /* of the thread that reads; the server's have 8 MB */
    SANITIZED_STACK = 16 << 20, /* where each frame has red zones */
    MOST_MEMORY = 160 << 20     /* of a statement at the limits: 500,000 nodes and their text */
};

static enum status parse_as(struct arena *a, struct str sql, enum dialect dialect,
                            struct node_list *out, struct error *e)
{
    *e = (struct error)ERROR_INIT;
    return sql_parse(a, sql, dialect, &limits, out, e);
}

static void repeat(struct buf *b, const char *text, int n)
{
    for (int i = 0; i < n; i++) {
        buf_puts(b, text);
    }
}

struct shape {
    const char *start, *open, *middle, *close;
    enum dialect dialect;
};

/* "SELECT ", its start, `open` n times, `middle`, `close` n times. */
static struct str repeated(struct buf *b, const struct shape *s, int n)
{
    buf_clear(b);
    buf_puts(b, "SELECT ");
    buf_puts(b, s->start);
    repeat(b, s->open, n);
    buf_puts(b, s->middle);
    repeat(b, s->close, n);
    return buf_str(b);
}

#define P DIALECT_POSTGRES
#define S DIALECT_SNOWFLAKE
#define D DIALECT_DUCKDB

static const struct shape deep[] = {
    {"", "(", "1", ")", P},
    {"", "- ", "1", "", P},
    {"", "@ ", "1", "", P},
    {"", "NOT ", "a", "", P},
    {"", "", "1", "+1", P},
    {"", "", "1", " OPERATOR(pg_catalog./) 1", P},
    {"", "", "1", " || 1", P},
    {"", "[", "1", "]", P},
    {"", "f(", "1", ")", P},
    {"", "f(a => ", "1", ")", P},
    {"", "(SELECT ", "1", ")", P},
    {"", "", "a", "::int", P},
    {"", "", "a", "[1]", P},
    {"", "a[", "1", ":2]", P},
    {"", "((", "1", ")+1)", P},
    {"", "CASE WHEN ", "a", " THEN 1 END", P},
    {"", "CASE ", "a", " WHEN 1 THEN 2 END", P},
    {"", "", "1", " UNION SELECT 1", P},
    {"", "{'a': ", "1", "}", P},
    {"", "1 = ANY (", "a", ")", P},
    {"", "a IN (", "1", ")", P},
    {"", "a BETWEEN 1 AND (", "1", ")", P},
    {"", "a LIKE ANY (", "1", ")", P},
    {"", "", "1 FROM a", ", a", P},
    {"", "f(x -> ", "1", ")", P},
    {"", "f(lambda x: ", "1", ")", P},
    {"", "1 + (1 * ", "1", ")", P},
    {"", "EXISTS (SELECT ", "1", ")", P},
    {"", "", "a", " IS NULL = b", P},
    {"", "(SELECT 1 FROM ", "a", ")", P},
    {"1 FROM ", "(", "a", ")", P},
    {"1 FROM ", "a JOIN (", "a", ") ON b", P},
    {"1 FROM ", "a JOIN ", "a", " ON b", P},
    {"1 FROM ", "f(", "1", ")", P},
    {"", "", "1 FROM a", " TABLESAMPLE (1)", P},
    {"", "sum(a) OVER (ORDER BY ", "1", ")", P},
    {"", "f(a ORDER BY ", "1", ")", P},
    {"", "f(a) FILTER (WHERE ", "1", ")", P},
    {"", "CAST(", "1", " AS int)", P},
    {"a::", "struct(a ", "int", ")", P},
    {"", "EXTRACT(year FROM ", "1", ")", P},
    {"", "TRIM(", "1", ")", P},
    {"", "INTERVAL (", "1", ") DAY", P},
    {"", "", "a", " COLLATE \"C\"", P},
    {"", "", "a", " AT TIME ZONE 'x'", P},
    {"", "ARRAY(SELECT ", "1", ")", P},
    {"", "(WITH a AS (SELECT ", "1", ") SELECT 1)", P},
    {"1 GROUP BY ", "ROLLUP (", "1", ")", P},
    {"1 ", "LIMIT (SELECT 1 ", "LIMIT 1", ")", P},
    {"", "(", "v", "):a", S},
    {"", "v:a[", "1", "]", S},
    {"", "", "v", ":a::int", S},
    {"", "{fn f(", "1", ")}", S},
    {"", "f(SELECT ", "1", ")", S},
    {"", "f((a, ", "1", "))", S},
    {"", "f(", "1", ")", S},
    {"", "list_transform(", "1", ")", P},
    {"", "{fn ceil(", "1", ")}", S},
    {"1 FROM ", "a: ", "t", "", D},
    {"", "m!f(", "1", ")", S},
    {"1 FROM ", "a JOIN ", "a", "", S},
    {"1 FROM ", "TABLE(f(", "1", "))", S},
    {"1 ", "FROM t AT (x => (SELECT 1 ", "", "))", S},
    {"", "", "1 FROM t", " PIVOT (max(a) FOR b IN (1))", S},
    {"", "", "1 FROM t", " UNPIVOT (a FOR b IN (c))", S},
    {"1 ", "FROM t PIVOT (max(a) FOR b IN (SELECT 1 ", "", "))", S},
    {"1 ", "FROM t START WITH a CONNECT BY (SELECT 1 ", "", ")", S},
    {"", "(SELECT TOP 1 ", "1", ")", S},
    {"a::", "array(", "int", ")", S},
    {"", "", "a", ".f()", D},
    {"", "", "a", " ! ", D},
    {"", "[x FOR x IN ", "a", "]", D},
    {"", "[", "a", " FOR x IN y]", D},
    {"", "MAP {1: ", "1", "}", D},
    {"", "COLUMNS(", "1", ")", D},
    {"", "1 IN [", "1", "]", D},
    {"", "1 FROM (DESCRIBE SELECT ", "1", ")", D},
    {"1 FROM ", "(DESCRIBE ", "(DESCRIBE t)", ")", D},
    {"1 FROM ", "(PIVOT ", "t", " ON a)", D},
    {"1 FROM ", "(FROM ", "a", ")", D},
    {"a::", "union(a ", "int", ")", D},
    {"a::", "map(int, ", "int", ")", D},
};

/* The same shape a few times over is read where it is a statement at all; a hundred thousand times
 * it is refused for its depth, or for where it stops being one. */
static void check_deep(const struct shape *s)
{
    struct arena *a = arena_new(0);
    struct buf b = BUF_INIT(0);
    struct node_list list;
    struct error e;
    struct str one = repeated(&b, s, 1);
    if (parse_as(a, one, s->dialect, &list, &e) != OK) {
        fail_msg("%s: %s", e.message, buf_cstr(&b));
    }
    struct str many = repeated(&b, s, MANY);
    assert_int_equal(parse_as(a, many, s->dialect, &list, &e), FAIL);
    if (e.code != ERR_STATEMENT_TOO_COMPLEX) {
        fail_msg("%.60s...: %s", buf_cstr(&b), e.message);
    }
    assert_true(arena_used(a) < MOST_MEMORY);
    buf_free(&b);
    arena_free(a);
}

static void *check_all_deep(void *ctx)
{
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        check_deep(&deep[i]);
    }
    return NULL;
}

/* A statement as deep as the limit allows, read and printed. */
static void *check_deepest(void *ctx)
{
    struct buf b = BUF_INIT(0), out = BUF_INIT(0);
    struct error e;
    struct node_list list;
    struct arena *a = arena_new(0);
    static const struct shape lists = {"", "[", "1", "]", P};
    int n = limits.depth / 4;
    while (parse_as(a, repeated(&b, &lists, n), P, &list, &e) == OK) {
        buf_clear(&out);
        assert_int_equal(sql_print(list.at[0], PRINT_CANONICAL, &out, &e), OK);
        n++;
    }
    assert_int_equal(e.code, ERR_STATEMENT_TOO_COMPLEX);
    assert_true(n > limits.depth / 4);
    buf_free(&b);
    buf_free(&out);
    arena_free(a);
    return NULL;
}

static void with_small_stack(void *(*run)(void *))
{
    size_t stack = STACK;
#if defined(__SANITIZE_ADDRESS__)
    stack = SANITIZED_STACK;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    stack = SANITIZED_STACK;
#endif
#endif
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, stack), 0);
    assert_int_equal(pthread_create(&thread, &attributes, run, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static void test_depth(void **state)
{
    check_all_deep(NULL);
}

static void test_stack(void **state)
{
    with_small_stack(check_deepest);
}

static enum walk count_node(struct node **n, void *ctx)
{
    ++*(size_t *)ctx;
    return WALK_ON;
}

static void test_wide(void **state)
{
    struct arena *a = arena_new(0);
    struct buf b = BUF_INIT(0);
    struct node_list list;
    struct error e;
    size_t nodes = 0;
    static const struct shape chain = {"", "", "a", " AND a", P};
    assert_int_equal(parse_as(a, repeated(&b, &chain, 20000), P, &list, &e), OK);
    node_walk(&list.at[0], count_node, &nodes);
    assert_int_equal(nodes, 20001 * 2 + 4);
    buf_free(&b);
    arena_free(a);
}

/* A list of a million items: refused under the limits that the server has, an answer where more is
 * allowed, and either way no more memory than its nodes. */
static void test_million_items(void **state)
{
    struct arena *a = arena_new(0);
    struct buf b = BUF_INIT(0);
    struct node_list list;
    struct error e;
    buf_puts(&b, "SELECT 1 WHERE a IN (1");
    repeat(&b, ",1", 999999);
    buf_puts(&b, ")");
    assert_int_equal(parse_as(a, buf_str(&b), P, &list, &e), FAIL);
    assert_int_equal(e.code, ERR_STATEMENT_TOO_COMPLEX);
    assert_true(arena_used(a) < MOST_MEMORY);
    arena_free(a);

    a = arena_new(0);
    struct parse_limits more = {.text = 64 << 20, .nodes = 2000000, .depth = limits.depth};
    assert_int_equal(sql_parse(a, buf_str(&b), P, &more, &list, &e), OK);
    const struct node *in = node_select(node_query(list.at[0])->body)->where;
    assert_int_equal(node_in_list_const(in)->items.n, 1000000);
    assert_true(arena_used(a) < 2 * MOST_MEMORY);
    arena_free(a);
    buf_free(&b);
}

/* 50 MB: refused by its length alone, before anything of it is read. */
static void test_long_text(void **state)
{
    struct buf b = BUF_INIT(0);
    struct node_list list;
    struct error e;
    buf_puts(&b, "SELECT '");
    while (b.n < 50 << 20) {
        repeat(&b, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 1000);
    }
    buf_puts(&b, "'");
    struct arena *a = arena_new(0);
    assert_int_equal(parse_as(a, buf_str(&b), P, &list, &e), FAIL);
    assert_int_equal(e.code, ERR_STATEMENT_TOO_COMPLEX);
    assert_int_equal(arena_used(a), 0);

    struct parse_limits more = {.text = 64 << 20, .nodes = 1000, .depth = limits.depth};
    for (int dialect = 0; dialect < 3; dialect++) { /* a string isn't copied without need */
        assert_int_equal(sql_parse(a, buf_str(&b), (enum dialect)dialect, &more, &list, &e), OK);
    }
    assert_true(arena_used(a) < 1 << 20);
    arena_free(a);
    buf_free(&b);
}

/* Texts that a careless lexer or parser reads again and again: as long as a statement may be. */
static void test_no_squares(void **state)
{
    static const struct shape traps[] = {
        {"", "", "1 /*", "/*", P},
        {"", "", "1 /*", "*//*", P},
        {"", "", "$a$", "$b$", P},
        {"", "", "$a", " $a$", S},
        {"", "", "$", "$a", S},
        {"", "", "'", "\\'", S},
        {"", "", "'a'", "\n'a'", P},
        {"", "", "f(", "(a,", S},
        {"", "", "f(", "(a b,", S},
        {"", "", "@\"", "\"\"", S},
        {"", "", "1 FROM a", "\nJOIN a", S},
        {"", "", "1 FROM a", ", a", S},
        {"", "", "a", ".a", P},
        {"", "", "a", ":a", S},
        {"", "", "a", "; SELECT 1", P},
        {"", "", "a", ";", P},
        {"", "", "U&'", "\\0041", P},
        {"", "", "1", "1", P},
        {"", "", "0x", "F", P},
        {"", "", "a", ",a", P},
        {"", "", "{fn", " fn", S},
        {"", "", "IDENTIFIER('", "a.", S},
        {"", "", "1 FROM t MATCH_RECOGNIZE (PATTERN (", "(", S},
        {"", "", "1 FROM t MATCH_RECOGNIZE (", " a", S},
        {"", "", "f(x", " int", S},
        {"", "", "*", " EXCLUDE", S},
    };
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++) {
        struct arena *a = arena_new(0);
        struct node_list list;
        struct error e;
        int n = (int)((limits.text - 64) / strlen(traps[i].close));
        struct str text = repeated(&b, &traps[i], n);
        if (parse_as(a, text, traps[i].dialect, &list, &e) != OK) {
            assert_true(e.message[0] != 0 && e.position <= (int64_t)text.n);
        }
        assert_true(arena_used(a) < MOST_MEMORY);
        arena_free(a);
    }
    buf_free(&b);
}

#define TEXT(z) (z), sizeof(z) - 1

static void test_encoding(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        int position;
    } cases[] = {
        {TEXT("SELECT 'a\0b'"), 9},
        {TEXT("SELECT a\0"), 8},
        {TEXT("SELECT \"\xFF\""), 8},
        {TEXT("SELECT $$\xC0\xAF$$"), 9},
        {TEXT("SELECT 1 -- \xED\xA0\x80"), 12},
        {TEXT("SELECT * FROM @\xF8"), 15},
        {TEXT("\xEF\xBF"), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int dialect = 0; dialect < 3; dialect++) {
            struct str text = {cases[i].text, cases[i].length};
            struct arena *a = arena_new(0);
            struct node_list list;
            struct error e;
            assert_int_equal(parse_as(a, text, (enum dialect)dialect, &list, &e), FAIL);
            assert_int_equal(e.code, ERR_BAD_ENCODING);
            assert_int_equal(e.position, cases[i].position);
            arena_free(a);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_stack),
        cmocka_unit_test(test_wide),      cmocka_unit_test(test_million_items),
        cmocka_unit_test(test_long_text), cmocka_unit_test(test_no_squares),
        cmocka_unit_test(test_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
