/* Every statement of the corpora that parses must print to text that parses to an equal tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "sql/parse.h"
#include "sql/print.h"

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

struct tally {
    int statements, accepted;
};

/* A text of a corpus is a statement, several, or a bare expression. */
static bool parse(struct arena *a, const char *sql, enum dialect dialect, struct node_list *list,
                  struct error *e)
{
    struct error other = ERROR_INIT;
    struct node *expr = NULL;
    if (sql_parse(a, str_of(sql), dialect, &limits, list, e) == OK) {
        return true;
    }
    if (sql_parse_expr(a, str_of(sql), dialect, &limits, &expr, &other) != OK) {
        return false;
    }
    *list = (struct node_list){0};
    node_push(a, list, expr);
    return true;
}

/* Prints, reads again, compares; what we print is always read in PostgreSQL's dialect. */
static void assert_round_trip(struct arena *a, const struct node *n, const char *source)
{
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0);
    struct node_list again;
    if (sql_print(n, PRINT_CANONICAL, &text, &e)) {
        fail_msg("can't print: %s\n%s", e.message, source);
    }
    if (!parse(a, buf_cstr(&text), DIALECT_POSTGRES, &again, &e)) {
        fail_msg("can't read again: %s\n%s\n%s", e.message, source, buf_cstr(&text));
    }
    if (again.n != 1 || !node_equal(n, again.at[0])) {
        struct buf x = BUF_INIT(0), y = BUF_INIT(0);
        node_dump(n, &x);
        node_dump(again.at[0], &y);
        fail_msg("differs:\n%s\n%s\n%s\n%s", source, buf_cstr(&text), buf_cstr(&x), buf_cstr(&y));
    }
    buf_free(&text);
}

static void check(const char *sql, enum dialect dialect, struct tally *tally)
{
    struct arena *a = arena_new(64 << 20);
    struct error e = ERROR_INIT;
    struct node_list list = {0};
    bool accepted = parse(a, sql, dialect, &list, &e);
    tally->statements++;
    tally->accepted += accepted;
    for (uint32_t i = 0; accepted && i < list.n; i++) {
        assert_round_trip(a, list.at[i], sql);
    }
    if (!accepted && getenv("SHOW_REFUSED")) {
        printf("%s @%d\t%.300s\n", e.message, (int)e.position, sql);
    }
    arena_free(a);
}

static void check_key(const json_t *entry, const char *key, enum dialect dialect,
                      struct tally *tally)
{
    json_t *value = json_object_get(entry, key), *item;
    size_t i;
    if (json_is_string(value)) {
        check(json_string_value(value), dialect, tally);
    }
    json_array_foreach(value, i, item)
    {
        check(json_string_value(item), dialect, tally);
    }
}

/* Of each record the texts under `key`: one, or a list of them. */
static struct tally check_file(const char *name, const char *key, enum dialect dialect)
{
    struct tally tally = {0};
    const char *dir = getenv("HATIDATA_CORPORA");
    char path[4096], *line = NULL;
    size_t cap = 0;
    snprintf(path, sizeof path, "%s/%s", dir ? dir : "../shared/corpora", name);
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("%s is not here: skipped\n", path);
        skip();
        return tally;
    }
    while (getline(&line, &cap, f) > 0) {
        json_t *entry = json_loads(line, 0, NULL);
        check_key(entry, key, dialect, &tally);
        json_decref(entry);
    }
    free(line);
    fclose(f);
    print_message("%s, %s: %d of %d accepted\n", name, key, tally.accepted, tally.statements);
    return tally;
}

/* What is accepted now stays accepted: raise the figures as the grammar grows. */
static const struct corpus {
    const char *file, *key;
    enum dialect dialect;
    int least; /* of a hundred */
} corpora[] = {
    {"tpc.jsonl", "sql", DIALECT_POSTGRES, 100},
    {"duckdb_queries.jsonl", "query", DIALECT_DUCKDB, 98},
    {"duckdb_queries.jsonl", "setup", DIALECT_DUCKDB, 97},
    {"snowflake_accept.jsonl", "snowflake", DIALECT_SNOWFLAKE, 99},
    {"snowflake_duckdb.jsonl", "snowflake", DIALECT_SNOWFLAKE, 99},
    {"snowflake_duckdb.jsonl", "duckdb", DIALECT_DUCKDB, 99},
    {"snowflake_rows.jsonl", "sql", DIALECT_SNOWFLAKE, 97},
    {"snowflake_rows.jsonl", "setup", DIALECT_SNOWFLAKE, 98},
    {"postgres_rowsecurity.jsonl", "sql", DIALECT_POSTGRES, 98},
};

static void test_corpus(void **state)
{
    const struct corpus *c = *state;
    struct tally t = check_file(c->file, c->key, c->dialect);
    assert_true(t.statements > 0);
    assert_true(t.accepted * 100 >= t.statements * c->least);
}

/* The code by which a test program says that it was skipped whole. */
enum { SKIPPED = 77 };

int main(void)
{
    const char *dir = getenv("HATIDATA_CORPORA");
    if (access(dir ? dir : "../shared/corpora", R_OK) != 0) {
        puts("the conformance corpora are not here: skipped");
        return SKIPPED;
    }
    enum { CORPORA = sizeof corpora / sizeof *corpora };
    struct CMUnitTest tests[CORPORA];
    for (size_t i = 0; i < CORPORA; i++) {
        tests[i] = (struct CMUnitTest){.name = corpora[i].file,
                                       .test_func = test_corpus,
                                       .initial_state = (void *)&corpora[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
