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

/* Prints, reads again, compares; what we print is always read in PostgreSQL's dialect. */
static void assert_round_trip(struct arena *a, const struct node *n, const char *source)
{
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0);
    struct node_list again;
    if (sql_print(n, PRINT_CANONICAL, &text, &e)) {
        fail_msg("can't print: %s\n%s", e.message, source);
    }
    if (sql_parse(a, buf_str(&text), DIALECT_POSTGRES, &limits, &again, &e)) {
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

static bool check(const char *sql, enum dialect dialect, struct tally *tally)
{
    struct arena *a = arena_new(64 << 20);
    struct error e = ERROR_INIT;
    struct node_list list;
    bool accepted = sql_parse(a, str_of(sql), dialect, &limits, &list, &e) == OK;
    tally->statements++;
    tally->accepted += accepted;
    if (accepted) {
        for (uint32_t i = 0; i < list.n; i++) {
            assert_round_trip(a, list.at[i], sql);
        }
    } else if (getenv("SHOW_REFUSED")) {
        printf("%s @%d\t%.300s\n", e.message, (int)e.position, sql);
    }
    arena_free(a);
    return accepted;
}

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
        const char *sql = json_string_value(json_object_get(entry, key));
        if (sql) {
            check(sql, dialect, &tally);
        }
        size_t i;
        json_t *setup;
        json_array_foreach(json_object_get(entry, "setup"), i, setup)
        {
            check(json_string_value(setup), dialect, &tally);
        }
        json_decref(entry);
    }
    free(line);
    fclose(f);
    print_message("%s: %d of %d accepted\n", name, tally.accepted, tally.statements);
    return tally;
}

static void test_duckdb(void **state)
{
    struct tally t = check_file("duckdb_queries.jsonl", "query", DIALECT_DUCKDB);
    assert_true(t.accepted * 10 > t.statements * 8);
}

static void test_tpc(void **state)
{
    struct tally t = check_file("tpc.jsonl", "sql", DIALECT_POSTGRES);
    assert_int_equal(t.statements, 121);
    assert_int_equal(t.accepted, 121);
}

static void test_snowflake(void **state)
{
    struct tally t = check_file("snowflake_accept.jsonl", "snowflake", DIALECT_SNOWFLAKE);
    assert_true(t.accepted > 0);
}

static void test_postgres(void **state)
{
    struct tally t = check_file("postgres_rowsecurity.jsonl", "sql", DIALECT_POSTGRES);
    assert_true(t.accepted > 0);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tpc),
        cmocka_unit_test(test_duckdb),
        cmocka_unit_test(test_snowflake),
        cmocka_unit_test(test_postgres),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
