/* The statements of tests/sql/dialect*.test: each with what it becomes in our own SQL and the rules
 * that made it so, or with the error and its position; and the rules themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "dialect/dialect.h"
#include "dialect/rule.h"
#include "sql/function.h"
#include "sql/print.h"
#include "sql/walk.h"

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

/* A line `> statement`, then `text ...` and `rules ...`, or `error position message`. `dialect
 * name` holds until the next. */
struct test_case {
    char *sql, *text, *rules, *error;
    int line;
};

static void compare(const struct test_case *c, const char *file, const char *what,
                    const char *wanted, const char *got)
{
    if (strcmp(wanted ? wanted : "", got) != 0) {
        fail_msg("%s:%d: %s\n %s wanted: %s\n %s gotten: %s", file, c->line, c->sql, what,
                 wanted ? wanted : "", what, got);
    }
}

/* What is printed reads back to the same text, which no rule changes any more. */
static void check_reads_back(struct arena *a, const struct test_case *c, const char *file,
                             const struct buf *text)
{
    struct error e = ERROR_INIT;
    struct node_list again;
    struct buf printed = BUF_INIT(0);
    if (sql_parse(a, buf_str(text), DIALECT_POSTGRES, &limits, &again, &e) != OK) {
        fail_msg("%s:%d: the result isn't read: %s", file, c->line, e.message);
    }
    for (uint32_t i = 0; i < again.n; i++) {
        buf_puts(&printed, i ? "; " : "");
        assert_int_equal(sql_print(again.at[i], PRINT_CANONICAL, &printed, &e), OK);
    }
    compare(c, file, "text read again", c->text, buf_cstr(&printed));
    buf_free(&printed);
}

static enum status normalize(struct arena *a, const struct test_case *c, enum dialect dialect,
                             struct buf *text, struct buf *rules, struct error *e)
{
    struct node_list list;
    struct dialect_trace trace = {0};
    if (sql_parse(a, str_of(c->sql), dialect, &limits, &list, e) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < list.n; i++) {
        if (dialect_normalize(a, dialect, &list.at[i], &trace, e) != OK) {
            return FAIL;
        }
        buf_puts(text, i ? "; " : "");
        assert_int_equal(sql_print(list.at[i], PRINT_CANONICAL, text, e), OK);
    }
    for (size_t i = 0; i < trace.n; i++) {
        buf_printf(rules, "%s%s", i ? ", " : "", trace.at[i].name);
    }
    return OK;
}

static void check_case(const struct test_case *c, enum dialect dialect, const char *file)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0), rules = BUF_INIT(0);
    char got[700] = "";
    if (normalize(a, c, dialect, &text, &rules, &e) != OK) {
        snprintf(got, sizeof got, "%d %s", (int)e.position, e.message);
    }
    compare(c, file, "error", c->error, got);
    if (!c->error) {
        compare(c, file, "text", c->text, buf_cstr(&text));
        compare(c, file, "rules", c->rules, buf_cstr(&rules));
        check_reads_back(a, c, file, &text);
    }
    buf_free(&text);
    buf_free(&rules);
    arena_free(a);
}

static bool takes(const char *line, const char *word, char **out)
{
    size_t n = strlen(word);
    if (strncmp(line, word, n) != 0) {
        return false;
    }
    free(*out);
    *out = strdup(line + n);
    return true;
}

static int finish_case(struct test_case *c, enum dialect dialect, const char *file)
{
    int done = c->sql ? 1 : 0;
    if (c->sql) {
        check_case(c, dialect, file);
    }
    free(c->sql);
    free(c->text);
    free(c->rules);
    free(c->error);
    *c = (struct test_case){0};
    return done;
}

static enum dialect dialect_of(const char *name)
{
    return strcmp(name, "postgres") == 0 ? DIALECT_POSTGRES : DIALECT_SNOWFLAKE;
}

static void run_file(const char *name)
{
    const char *root = getenv("HATIDATA_SOURCE_ROOT");
    char path[4096], *line = NULL, *word = NULL;
    size_t cap = 0;
    ssize_t n;
    int count = 0, number = 0;
    enum dialect dialect = DIALECT_SNOWFLAKE;
    struct test_case c = {0};
    snprintf(path, sizeof path, "%s/tests/sql/%s", root ? root : ".", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while ((n = getline(&line, &cap, f)) > 0) {
        number++;
        line[n - 1] = 0;
        if (takes(line, "dialect ", &word)) {
            count += finish_case(&c, dialect, name);
            dialect = dialect_of(word);
        } else if (line[0] == '>') {
            count += finish_case(&c, dialect, name);
            c.line = number;
            takes(line, "> ", &c.sql);
        } else if (!takes(line, "text ", &c.text) && !takes(line, "rules ", &c.rules) &&
                   !takes(line, "error ", &c.error) && line[0] && line[0] != '#') {
            fail_msg("%s:%d: not understood", name, number);
        }
    }
    count += finish_case(&c, dialect, name);
    free(line);
    free(word);
    fclose(f);
    assert_true(count > 0);
}

static void test_scalars(void **state)
{
    run_file("dialect.test");
}

static void test_documents(void **state)
{
    run_file("dialect_json.test");
}

static enum walk find_unknown(struct node **n, void *ctx)
{
    if ((*n)->kind == NODE_FUNC) {
        struct str name = node_ident(node_name(node_func(*n)->name)->parts.at[0])->text;
        if (!function_find(name)) {
            *(struct str *)ctx = name;
        }
    }
    return WALK_ON;
}

/* A template gives functions that there are, and as many arguments as its rule takes. */
static void test_templates(void **state)
{
    for (int dialect = 0; dialect <= DIALECT_DUCKDB; dialect++) {
        const struct function_rule *rule;
        for (size_t i = 0; (rule = rules_at((enum dialect)dialect, i)); i++) {
            struct arena *a = arena_new(0);
            struct str unknown = STR_NULL;
            assert_non_null(rule->says);
            if (!rule->apply) {
                struct template t = template_parse(a, rule->says);
                struct node *tree = node_copy(a, t.tree);
                (void)node_walk(&tree, find_unknown, &unknown);
                for (int k = 0; k < TEMPLATE_MOST_ARGS; k++) {
                    if (t.uses[k] && k >= rule->least) {
                        fail_msg("%s: $%d may be missing", rule->name, k + 1);
                    }
                }
            }
            if (unknown.n) {
                fail_msg("%s: there is no function %.*s", rule->name, STR_ARG(unknown));
            }
            arena_free(a);
        }
    }
}

/* Each rule is found by its name, in any case. */
static void test_lookup(void **state)
{
    const struct function_rule *rule;
    for (size_t i = 0; (rule = rules_at(DIALECT_SNOWFLAKE, i)); i++) {
        char upper[64] = "";
        for (size_t k = 0; rule->name[k] && k < sizeof upper - 1; k++) {
            char c = rule->name[k];
            assert_false(c >= 'A' && c <= 'Z');
            upper[k] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
        const struct rule_entry *entry = rules_of_call(DIALECT_SNOWFLAKE, str_of(upper));
        assert_non_null(entry);
        assert_string_equal(entry->rule->name, rule->name);
    }
    assert_null(rules_of_call(DIALECT_SNOWFLAKE, STR("no_such_function")));
    assert_null(rules_of_call(DIALECT_SNOWFLAKE, STR("")));
    assert_null(rules_of_call(DIALECT_DUCKDB, STR("iff")));
}

/* Calls within calls that each double what is in them end in an error, soon. */
static void test_doubling(void **state)
{
    struct arena *a = arena_new(0);
    struct buf sql = BUF_INIT(0);
    struct node_list list;
    struct error e = ERROR_INIT;
    buf_puts(&sql, "SELECT ");
    for (int i = 0; i < 100; i++) {
        buf_puts(&sql, "zeroifnull(");
    }
    buf_puts(&sql, "a");
    for (int i = 0; i < 100; i++) {
        buf_puts(&sql, ")");
    }
    assert_int_equal(sql_parse(a, buf_str(&sql), DIALECT_SNOWFLAKE, &limits, &list, &e), OK);
    assert_int_equal(dialect_normalize(a, DIALECT_SNOWFLAKE, &list.at[0], NULL, &e), FAIL);
    assert_int_equal(e.code, ERR_STATEMENT_TOO_COMPLEX);
    buf_free(&sql);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),   cmocka_unit_test(test_documents),
        cmocka_unit_test(test_templates), cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_doubling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
