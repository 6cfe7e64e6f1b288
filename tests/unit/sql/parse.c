/* The statements of tests/sql: each with the tree and the text that it must give, or the error and
 * its position; and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sql/lex.h"
#include "sql/parse.h"
#include "sql/print.h"

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

static enum status parse_as(struct arena *a, struct str sql, enum dialect dialect,
                            struct node_list *out, struct error *e)
{
    *e = (struct error)ERROR_INIT;
    return sql_parse(a, sql, dialect, &limits, out, e);
}

/* One case of a file: a line `> statement`, then any of `tree ...`, `text ...`, `error position
 * message`. `dialect name` before the statement holds for it alone. */
struct test_case {
    char *sql, *tree, *text, *error;
    enum dialect dialect;
    int line;
};

static void put_result(const struct test_case *c, const char *what, const char *wanted,
                       const char *got, const char *file)
{
    if (wanted && strcmp(wanted, got) != 0) {
        fail_msg("%s:%d: %s\n %s wanted: %s\n %s gotten: %s", file, c->line, c->sql, what, wanted,
                 what, got);
    }
}

static void check_accepted(struct arena *a, const struct test_case *c, const struct node_list *list,
                           const char *file)
{
    struct buf tree = BUF_INIT(0), text = BUF_INIT(0);
    struct error e = ERROR_INIT;
    struct node_list again;
    for (uint32_t i = 0; i < list->n; i++) {
        buf_puts(&tree, i ? " ; " : "");
        buf_puts(&text, i ? "; " : "");
        node_dump(list->at[i], &tree);
        assert_int_equal(sql_print(list->at[i], PRINT_CANONICAL, &text, &e), OK);
    }
    put_result(c, "tree", c->tree, buf_cstr(&tree), file);
    put_result(c, "text", c->text, buf_cstr(&text), file);
    if (parse_as(a, buf_str(&text), DIALECT_POSTGRES, &again, &e)) {
        fail_msg("%s:%d: printed text isn't read: %s\n%s", file, c->line, e.message,
                 buf_cstr(&text));
    }
    assert_int_equal(list->n, again.n);
    for (uint32_t i = 0; i < list->n; i++) {
        assert_true(node_equal(list->at[i], again.at[i]));
    }
    buf_free(&tree);
    buf_free(&text);
}

static void check_case(const struct test_case *c, const char *file)
{
    struct arena *a = arena_new(0);
    struct error e;
    struct node_list list;
    char got[700] = "none";
    if (parse_as(a, str_of(c->sql), c->dialect, &list, &e)) {
        snprintf(got, sizeof got, "%d %s", (int)e.position, e.message);
        put_result(c, "error", c->error ? c->error : "none", got, file);
    } else {
        put_result(c, "error", c->error, got, file);
        check_accepted(a, c, &list, file);
    }
    arena_free(a);
}

static bool takes(char *line, const char *word, char **out)
{
    size_t n = strlen(word);
    if (strncmp(line, word, n) != 0) {
        return false;
    }
    free(*out);
    *out = strdup(line + n);
    return true;
}

static void finish_case(struct test_case *c, const char *file, int *count)
{
    if (c->sql) {
        check_case(c, file);
        ++*count;
    }
    free(c->sql);
    free(c->tree);
    free(c->text);
    free(c->error);
    *c = (struct test_case){.dialect = DIALECT_POSTGRES};
}

static void run_file(const char *name)
{
    const char *root = getenv("HATIDATA_SOURCE_ROOT");
    char path[4096], *line = NULL, *dialect = NULL;
    size_t cap = 0;
    ssize_t n;
    int count = 0, number = 0;
    struct test_case c = {.dialect = DIALECT_POSTGRES};
    snprintf(path, sizeof path, "%s/tests/sql/%s", root ? root : ".", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while ((n = getline(&line, &cap, f)) > 0) {
        number++;
        line[n - 1] = 0;
        if (takes(line, "dialect ", &dialect)) {
            finish_case(&c, name, &count);
            c.dialect = strcmp(dialect, "duckdb") == 0 ? DIALECT_DUCKDB : DIALECT_SNOWFLAKE;
        } else if (line[0] == '>') {
            enum dialect kept = c.sql ? DIALECT_POSTGRES : c.dialect;
            finish_case(&c, name, &count);
            c.dialect = kept;
            c.line = number;
            takes(line, "> ", &c.sql);
        } else if (!takes(line, "tree ", &c.tree) && !takes(line, "text ", &c.text) &&
                   !takes(line, "error ", &c.error) && line[0] && line[0] != '#') {
            fail_msg("%s:%d: not understood", name, number);
        }
    }
    finish_case(&c, name, &count);
    free(line);
    free(dialect);
    fclose(f);
    assert_true(count > 0);
}

static void test_expressions(void **state)
{
    run_file("expr.test");
}

static void test_queries(void **state)
{
    run_file("query.test");
}

static void test_grammar(void **state)
{
    run_file("grammar.test");
}

static void test_statements(void **state)
{
    run_file("statement.test");
}

static void test_errors(void **state)
{
    run_file("error.test");
}

/* Statements that nest by other means than expressions do. */
static void test_depth_of_statements(void **state)
{
    static const char *const shapes[][4] = {
        {"CREATE FUNCTION f(a int) RETURNS int AS 'a", "+1", "", "'"},
        {"CREATE FUNCTION f(a int) RETURNS int AS '", "(", "a", "'"},
        {"GRANT a ", "(", "b", ""},
        {"CREATE TABLE t (a int) x = ", "(", "a", ""},
        {"", "PREPARE p AS EXPLAIN ", "SELECT 1", ""},
        {"", "PREPARE p AS EXPLAIN POLICY ", "SELECT 1", ""},
        {"CREATE VIEW v AS ", "(", "SELECT 1", ""},
        {"MERGE INTO t USING ", "(", "u", ""},
    };
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct arena *a = arena_new(0);
        struct node_list list;
        struct error e;
        bool closes = shapes[i][1][0] == '(';
        buf_clear(&b);
        buf_puts(&b, shapes[i][0]);
        for (int k = 0; k < 100000; k++) {
            buf_puts(&b, shapes[i][1]);
        }
        buf_puts(&b, shapes[i][2]);
        for (int k = 0; closes && k < 100000; k++) {
            buf_puts(&b, ")");
        }
        buf_puts(&b, shapes[i][3]);
        assert_int_equal(parse_as(a, buf_str(&b), DIALECT_POSTGRES, &list, &e), FAIL);
        assert_int_equal(e.code, ERR_STATEMENT_TOO_COMPLEX);
        arena_free(a);
    }
    buf_free(&b);
}

static void test_encoding(void **state)
{
    struct arena *a = arena_new(0);
    struct node_list list;
    struct error e;
    assert_int_equal(parse_as(a, STR("SELECT 'a\0b'"), DIALECT_POSTGRES, &list, &e), FAIL);
    assert_int_equal(e.code, ERR_BAD_ENCODING);
    assert_int_equal(e.position, 9);
    assert_int_equal(parse_as(a, STR("SELECT '\xC3\xA9\xC0\xAF'"), DIALECT_POSTGRES, &list, &e),
                     FAIL);
    assert_int_equal(e.code, ERR_BAD_ENCODING);
    assert_int_equal(e.position, 10);
    assert_int_equal(parse_as(a, STR("SELECT E'\\xC0'"), DIALECT_POSTGRES, &list, &e), FAIL);
    assert_int_equal(e.code, ERR_BAD_ENCODING);
    arena_free(a);
}

/* 'a' newline 'b' is one string, empty pieces too. */
static void test_continued_strings(void **state)
{
    struct arena *a = arena_new(0);
    struct node_list list;
    struct error e;
    struct str sql = STR("SELECT ''\n''  \n 'a''' \n'' \n'b'");
    assert_int_equal(parse_as(a, sql, DIALECT_POSTGRES, &list, &e), OK);
    struct node *target = node_select(node_query(list.at[0])->body)->targets.at[0];
    assert_true(str_is(node_literal(node_target(target)->expr)->text, "a'b"));
    arena_free(a);
}

static void test_statement_text(void **state)
{
    struct arena *a = arena_new(0);
    struct node_list list;
    struct error e;
    struct str sql = STR("  SELECT 1 ; /* x */ COMMIT;;SET a = 'b;c' -- end\n");
    assert_int_equal(parse_as(a, sql, DIALECT_POSTGRES, &list, &e), OK);
    assert_int_equal(list.n, 4);
    static const char *const texts[] = {"SELECT 1", "COMMIT", "", "SET a = 'b;c'"};
    for (uint32_t i = 0; i < 4; i++) {
        struct str text = {sql.p + list.at[i]->offset, list.at[i]->length};
        assert_true(str_is(text, texts[i]));
    }
    assert_int_equal(parse_as(a, STR(" -- nothing"), DIALECT_POSTGRES, &list, &e), OK);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.at[0]->kind, NODE_EMPTY);
    arena_free(a);
}

/* Without a binder nothing of a statement's own names reaches the engine. */
static void test_engine_needs_binding(void **state)
{
    static const char *const refused[] = {
        "SELECT f(1)",
        "SELECT * FROM a.b",
        "SELECT * FROM \"x.csv\"",
        "SELECT * FROM (WITH x AS (SELECT 1) SELECT 2), x",
        "WITH x AS (SELECT 1) SELECT * FROM a.x",
        "SELECT CAST(1 AS int)",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "CREATE TABLE t AS SELECT 1",
        "DROP TABLE t",
        "ALTER TABLE t RENAME TO u",
        "COPY t TO STDOUT",
        "SET a = 1",
        "SHOW a",
        "RESET a",
        "SAVEPOINT a",
        "DISCARD ALL",
        "CREATE VIEW v AS SELECT 1",
        "SELECT 1 SIMILAR TO 2",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct arena *a = arena_new(0);
        struct buf out = BUF_INIT(0);
        struct node_list list;
        struct error e;
        assert_int_equal(parse_as(a, str_of(refused[i]), DIALECT_POSTGRES, &list, &e), OK);
        if (sql_print(list.at[0], PRINT_DUCKDB, &out, &e) != FAIL) {
            fail_msg("printed for the engine: %s", buf_cstr(&out));
        }
        assert_int_equal(e.code, ERR_UNSUPPORTED);
        buf_free(&out);
        arena_free(a);
    }
}

static void test_engine_text(void **state)
{
    static const char *const pairs[][2] = {
        {"SELECT a + b * -c, 'it''s', E'\\\\', X'0aFF'",
         "SELECT \"a\" + (\"b\" * (-\"c\")), 'it''s', '\\', '\\x0a\\xFF'::BLOB"},
        {"WITH \"x\"\"y\" AS (SELECT 1) SELECT 1 FROM \"x\"\"y\" t WHERE a ~ 'x' AND NOT b # 1 = 2 "
         "ORDER BY a DESC, b",
         "WITH \"x\"\"y\" AS (SELECT 1) SELECT 1 FROM \"x\"\"y\" AS \"t\" WHERE "
         "(regexp_matches(\"a\", 'x')) AND (NOT ((xor(\"b\", 1)) = 2)) "
         "ORDER BY \"a\" DESC NULLS FIRST, \"b\" NULLS LAST"},
        {"SELECT - -1, a->'b'->>'c'", "SELECT -(-1), (\"a\" -> 'b') ->> 'c'"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct arena *a = arena_new(0);
        struct buf out = BUF_INIT(0);
        struct node_list list;
        struct error e;
        assert_int_equal(parse_as(a, str_of(pairs[i][0]), DIALECT_POSTGRES, &list, &e), OK);
        assert_int_equal(sql_print(list.at[0], PRINT_DUCKDB, &out, &e), OK);
        assert_string_equal(buf_cstr(&out), pairs[i][1]);
        buf_free(&out);
        arena_free(a);
    }
}

/* A node that some pass built wrongly doesn't become text that means something else. */
static void test_printer_checks_literals(void **state)
{
    struct arena *a = arena_new(0);
    static const struct {
        enum literal_kind kind;
        const char *text;
    } wrong[] = {{LIT_INTEGER, "1; DROP TABLE t"},
                 {LIT_INTEGER, ""},
                 {LIT_INTEGER, "-1"},
                 {LIT_DECIMAL, "1.2.3"},
                 {LIT_DECIMAL, "."},
                 {LIT_FLOAT, "1e"},
                 {LIT_FLOAT, "1e5x"},
                 {LIT_BYTES, "0g"},
                 {LIT_BYTES, "012"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        for (int target = PRINT_CANONICAL; target <= PRINT_DUCKDB; target++) {
            struct node *n = node_new(a, NODE_LITERAL, 0);
            struct buf out = BUF_INIT(0);
            struct error e = ERROR_INIT;
            node_literal(n)->lit = (int32_t)wrong[i].kind;
            node_literal(n)->text = str_of(wrong[i].text);
            assert_int_equal(sql_print(n, (enum print_target)target, &out, &e), FAIL);
            buf_free(&out);
        }
    }
    arena_free(a);
}

static void test_keywords(void **state)
{
#define X(word, where)                                                                             \
    assert_int_equal(lex_keyword(STR(#word)), KW_##word);                                          \
    assert_int_equal(lex_keyword_class(KW_##word), KEYWORD_##where);
    KEYWORDS(X)
#undef X
    assert_int_equal(lex_keyword(STR("sElEcT")), KW_SELECT);
    assert_int_equal(lex_keyword(STR("selec")), KW_NONE);
    assert_int_equal(lex_keyword(STR("s")), KW_NONE);
}

static void test_copy_is_equal_and_apart(void **state)
{
    struct arena *a = arena_new(0);
    struct node_list list;
    struct error e;
    assert_int_equal(
        parse_as(a, STR("SELECT a, f(b) FROM t WHERE c IN (1, 2)"), DIALECT_POSTGRES, &list, &e),
        OK);
    struct node *copy = node_copy(a, list.at[0]);
    assert_true(node_equal(copy, list.at[0]));
    struct node_select *select = node_select(node_query(copy)->body);
    node_in_list(select->where)->negated = true;
    assert_false(node_equal(copy, list.at[0]));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_depth_of_statements),
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_continued_strings),
        cmocka_unit_test(test_statement_text),
        cmocka_unit_test(test_engine_needs_binding),
        cmocka_unit_test(test_engine_text),
        cmocka_unit_test(test_printer_checks_literals),
        cmocka_unit_test(test_copy_is_equal_and_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
