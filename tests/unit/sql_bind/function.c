/* The allow-list against the engine's own list, and against what must never be on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <duckdb.h>

#include "sql/function.h"

static duckdb_database db;
static duckdb_connection con;

static int setup(void **state)
{
    assert_int_equal(duckdb_open(NULL, &db), DuckDBSuccess);
    assert_int_equal(duckdb_connect(db, &con), DuckDBSuccess);
    duckdb_result r;
    assert_int_equal(duckdb_query(con,
                                  "CREATE TABLE listed AS SELECT function_name, function_type, "
                                  "return_type, stability FROM duckdb_functions()",
                                  &r),
                     DuckDBSuccess);
    duckdb_destroy_result(&r);
    return 0;
}

static int teardown(void **state)
{
    duckdb_disconnect(&con);
    duckdb_close(&db);
    return 0;
}

/* The one text that a query gives; empty for none. */
static void ask(const char *sql, char *out, size_t room)
{
    duckdb_result r;
    out[0] = 0;
    if (duckdb_query(con, sql, &r) != DuckDBSuccess) {
        fail_msg("%s: %s", sql, duckdb_result_error(&r));
    }
    duckdb_data_chunk chunk = duckdb_fetch_chunk(r);
    if (chunk && duckdb_data_chunk_get_size(chunk)) {
        duckdb_vector v = duckdb_data_chunk_get_vector(chunk, 0);
        uint64_t *valid = duckdb_vector_get_validity(v);
        bool is_text = duckdb_column_type(&r, 0) == DUCKDB_TYPE_VARCHAR;
        if (!is_text) {
            out[0] = 0;
        } else if (!valid || duckdb_validity_row_is_valid(valid, 0)) {
            duckdb_string_t *s = duckdb_vector_get_data(v);
            snprintf(out, room, "%.*s", (int)duckdb_string_t_length(*s), duckdb_string_t_data(s));
        }
    }
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&r);
}

/* Words of the grammar that are no functions of the engine's list. */
static bool is_grammar(const char *name)
{
    static const char *const words[] = {
        "coalesce",        "ifnull",          "if",        "grouping", "unnest",
        "percentile_cont", "percentile_disc", "date_part", "try",      "\"/\""};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *engine_type(enum type_kind kind)
{
    static char name[64];
    struct arena *a = arena_new(0);
    snprintf(name, sizeof name, "%s", type_name(a, type_simple(kind)).p);
    arena_free(a);
    return kind == TYPE_TIMESTAMPTZ ? "TIMESTAMP WITH TIME ZONE"
           : kind == TYPE_TIMETZ    ? "TIME WITH TIME ZONE"
                                    : name;
}

static void every_entry_is_the_engines(void **state)
{
    size_t wrong = 0;
    for (size_t i = 0; i < function_count(); i++) {
        const struct function *f = function_at(i);
        const char *name = f->engine_name ? f->engine_name : f->name;
        char sql[512], answer[256];
        if (f->flags & FUNCTION_SESSION || is_grammar(name) || f->flags & FUNCTION_SPELLED) {
            continue;
        }
        snprintf(sql, sizeof sql,
                 "SELECT CASE WHEN count(*) = 0 THEN 'missing' END FROM listed "
                 "WHERE function_name = '%s'",
                 name);
        ask(sql, answer, sizeof answer);
        if (answer[0]) {
            print_error("%s: %s on the engine\n", f->name, answer);
            wrong++;
            continue;
        }
        if (f->rule != RESULT_FIXED) {
            continue;
        }
        snprintf(sql, sizeof sql,
                 "SELECT string_agg(DISTINCT return_type, ',') FROM listed WHERE "
                 "function_name = '%s' AND function_type IN ('scalar', 'aggregate') "
                 "AND return_type <> '%s'",
                 name, engine_type(f->result));
        ask(sql, answer, sizeof answer);
        if (answer[0]) {
            print_error("%s gives %s, not %s\n", f->name, answer, engine_type(f->result));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(function_count() >= 250);
}

static void volatile_is_marked(void **state)
{
    for (size_t i = 0; i < function_count(); i++) {
        const struct function *f = function_at(i);
        char sql[512], answer[256];
        snprintf(sql, sizeof sql,
                 "SELECT any_value(stability) FROM listed WHERE function_name = '%s' "
                 "AND stability <> 'CONSISTENT'",
                 f->engine_name ? f->engine_name : f->name);
        ask(sql, answer, sizeof answer);
        if (answer[0] && !(f->flags & (FUNCTION_VOLATILE | FUNCTION_SESSION))) {
            fail_msg("%s is %s on the engine", f->name, answer);
        }
    }
}

static void nothing_dangerous(void **state)
{
    static const char *const names[] = {
        "read_csv",
        "read_csv_auto",
        "read_parquet",
        "parquet_scan",
        "read_json",
        "read_text",
        "read_blob",
        "glob",
        "sniff_csv",
        "getenv",
        "getvariable",
        "query",
        "query_table",
        "json_execute_serialized_sql",
        "json_serialize_sql",
        "json_deserialize_sql",
        "json_serialize_plan",
        "pragma_table_info",
        "pragma_storage_info",
        "duckdb_settings",
        "duckdb_secrets",
        "duckdb_tables",
        "duckdb_logs",
        "nextval",
        "currval",
        "stats",
        "write_log",
        "sleep_ms",
        "pg_sleep",
        "setseed",
        "list_aggregate",
        "list_aggr",
        "array_aggregate",
        "array_aggr",
        "aggregate",
        "error",
        "current_query",
        "in_search_path",
        "get_block_size",
        "pg_get_viewdef",
        "pg_get_constraintdef",
        "format_type",
        "which_secret",
        "enable_logging",
        "test_all_types",
        "seq_scan",
        "arrow_scan",
        "checkpoint",
        "force_checkpoint",
        "vector_type",
        "columns",
        "parse_duckdb_log_message",
        "cast_to_type",
        "combine",
        "finalize",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_null(function_find(str_of(names[i])));
        assert_null(function_find_table(str_of(names[i])));
    }
}

/* What the engine has under these names asks the engine; ours is answered by the binder alone. */
static void never_the_engines(void **state)
{
    static const char *const names[] = {"current_setting", "current_schemas", "current_user",
                                        "pg_backend_pid", "txid_current"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(function_find(str_of(names[i]))->flags & FUNCTION_SESSION);
    }
}

static void finding(void **state)
{
    assert_string_equal(function_find(STR("UPPER"))->name, "upper");
    assert_null(function_find(STR("upper\0x")));
    assert_null(function_find(STR("")));
    assert_int_equal(function_find(STR("generate_series"))->kind, FUNCTION_SCALAR);
    assert_int_equal(function_find_table(STR("generate_series"))->kind, FUNCTION_TABLE);
    assert_null(function_find_table(STR("upper")));
    assert_int_equal(function_arg(function_find(STR("lpad")), 1), TYPE_INT4);
    assert_int_equal(function_arg(function_find(STR("lpad")), 9), TYPE_UNKNOWN);
    for (size_t i = 1; i < function_count(); i++) { /* one entry a name and kind */
        for (size_t k = 0; k < i; k++) {
            bool tables = function_at(i)->kind == FUNCTION_TABLE;
            assert_false(strcmp(function_at(i)->name, function_at(k)->name) == 0 &&
                         tables == (function_at(k)->kind == FUNCTION_TABLE));
        }
    }
}

/* What is called total must take the odd values without an error. */
static void total_is_total(void **state)
{
    static const char *const odd[] = {"''",
                                      "'%\\\\_('",
                                      "'\xf0\x9f\x92\xa9'",
                                      "NULL",
                                      "'nan'::DOUBLE",
                                      "'-inf'::DOUBLE",
                                      "'infinity'::DATE",
                                      "'-infinity'::TIMESTAMP",
                                      "(-9223372036854775808)::BIGINT",
                                      "(-128)::TINYINT",
                                      "[1, NULL]",
                                      "[]::INTEGER[]",
                                      "99999999.99::DECIMAL(10,2)"};
    size_t ran = 0;
    for (size_t k = 0; k < sizeof odd / sizeof odd[0]; k++) { /* from tables: nothing is folded */
        char sql[256], answer[8];
        snprintf(sql, sizeof sql, "CREATE TABLE odd_%zu AS SELECT %s AS x FROM range(3)", k,
                 odd[k]);
        ask(sql, answer, sizeof answer);
    }
    for (size_t i = 0; i < function_count(); i++) {
        const struct function *f = function_at(i);
        bool is_call = f->kind == FUNCTION_SCALAR || f->kind == FUNCTION_AGGREGATE;
        if (!is_call || !(f->flags & FUNCTION_TOTAL) || f->flags & FUNCTION_SESSION ||
            f->max_args == 0) {
            continue;
        }
        for (size_t k = 0; k < sizeof odd / sizeof odd[0]; k++) {
            char sql[1024];
            int args = f->min_args ? f->min_args : 1;
            int n =
                snprintf(sql, sizeof sql, "SELECT %s(", f->engine_name ? f->engine_name : f->name);
            for (int v = 0; v < args; v++) {
                /* A condition is BOOLEAN: the binder sees to that. */
                const char *arg = f->rule == RESULT_IF && v == 0 ? "x IS NULL" : "x";
                n += snprintf(sql + n, sizeof sql - (size_t)n, "%s%s", v ? ", " : "", arg);
            }
            snprintf(sql + n, sizeof sql - (size_t)n, ") FROM odd_%zu", k);
            duckdb_prepared_statement p;
            duckdb_result r;
            if (duckdb_prepare(con, sql, &p) == DuckDBSuccess) { /* else not of these types */
                if (duckdb_execute_prepared(p, &r) != DuckDBSuccess) {
                    fail_msg("%s: %s", sql, duckdb_result_error(&r));
                }
                duckdb_destroy_result(&r);
                ran++;
            }
            duckdb_destroy_prepare(&p);
        }
    }
    print_message("%zu calls of total functions\n", ran);
    assert_true(ran > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_the_engines),
        cmocka_unit_test(volatile_is_marked),
        cmocka_unit_test(nothing_dangerous),
        cmocka_unit_test(never_the_engines),
        cmocka_unit_test(finding),
        cmocka_unit_test(total_is_total),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
