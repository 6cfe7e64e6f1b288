/* The row filter against the engine itself: a statement is parsed, bound, decided, rewritten,
 * printed and run, and what counts is which rows it saw or changed. tests/policy/rows.test:
 *
 *     policy, forget, who        as in the policy tables
 *     dialect postgres|snowflake|duckdb
 *     run SQL                    through everything; starts from fresh data unless it follows
 * `then` text SQL                   as run, where the engine takes no parameters then SQL the same
 * on the data as they are now rows a|b;c|d               what it gave (NULL as empty); `rows`
 * alone: none refuse CODE text           where we stop it: denied, masked, unsupported, table, any
 *     engine TEXT                where the engine does, with that text in its error
 *     raw SQL = a|b;c|d          the data as they really are now */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <duckdb.h>

#include "../policy/world.h"
#include "base/buf.h"
#include "pipeline/row_filter.h"
#include "sql/parse.h"
#include "sql/print.h"

static const char *const tables[] = {
    "CREATE SCHEMA IF NOT EXISTS shared",
    "CREATE SCHEMA IF NOT EXISTS org_acme",
    "CREATE OR REPLACE TABLE shared.customer(c_custkey BIGINT, c_name VARCHAR, c_phone VARCHAR, "
    "c_acctbal BIGINT, tenant VARCHAR, c_region INTEGER DEFAULT 9)",
    "INSERT INTO shared.customer VALUES (1,'ann','11',10,'acme',1),(2,'bob','22',20,'acme',2),"
    "(3,'rex','x33',0,'rival',1),(4,'roy','44',40,'rival',2)",
    "CREATE OR REPLACE TABLE shared.orders(o_orderkey BIGINT, o_custkey BIGINT, o_comment VARCHAR, "
    "tenant VARCHAR)",
    "INSERT INTO shared.orders VALUES (10,1,'a','acme'),(11,3,'b','acme'),(12,3,'c','rival')",
    "CREATE OR REPLACE TABLE shared.nation(n_nationkey INTEGER, n_name VARCHAR)",
    "INSERT INTO shared.nation VALUES (1,'north'),(2,'south')",
    "CREATE OR REPLACE TABLE org_acme.staff(id BIGINT, name VARCHAR, department VARCHAR, "
    "ssn VARCHAR, salary INTEGER, hired DATE)",
    "INSERT INTO org_acme.staff VALUES (1,'al','sales','1',10,'2020-01-01'),"
    "(2,'bo','sales','2',20,'2021-01-01'),(3,'cy','law','z',0,'2022-01-01'),"
    "(4,'di',NULL,'4',40,'2023-01-01')",
    "CREATE OR REPLACE TABLE org_acme.notes(id BIGINT, note VARCHAR, ssn VARCHAR)",
    "INSERT INTO org_acme.notes VALUES (1,'n1','s1'),(2,'n2','s2')",
};

struct run {
    struct world world;
    const char *file;
    int line, cases, wrong;
    const struct principal *who;
    enum dialect dialect;
    duckdb_database database;
    duckdb_connection connection;
    struct arena *arena;
    struct buf result; /* rows, or the engine's error */
    bool engine_failed, expected_failure, as_text;
    enum status status;
    struct error error;
    struct buf sql; /* as the engine got it */
};

static void complain(struct run *r, const char *what, const char *got)
{
    r->wrong++;
    fprintf(stderr, "%s:%d: %s; got: %s\n  %s\n", r->file, r->line, what, got,
            r->sql.n ? buf_cstr(&r->sql) : "");
}

static void fresh_data(struct run *r)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (duckdb_query(r->connection, tables[i], NULL) != DuckDBSuccess) {
            fail_msg("%s", tables[i]);
        }
    }
}

static void take_rows(struct run *r, duckdb_result *result)
{
    bool first = true;
    for (duckdb_data_chunk c; (c = duckdb_fetch_chunk(*result));) {
        for (idx_t row = 0; row < duckdb_data_chunk_get_size(c); row++) {
            buf_puts(&r->result, first ? "" : ";");
            first = false;
            for (idx_t k = 0; k < duckdb_data_chunk_get_column_count(c); k++) {
                duckdb_vector v = duckdb_data_chunk_get_vector(c, k);
                uint64_t *valid = duckdb_vector_get_validity(v);
                buf_puts(&r->result, k ? "|" : "");
                if (valid && !duckdb_validity_row_is_valid(valid, row)) {
                    continue;
                }
                duckdb_string_t *s = &((duckdb_string_t *)duckdb_vector_get_data(v))[row];
                buf_put(&r->result, duckdb_string_t_data(s), duckdb_string_t_length(*s));
            }
        }
        duckdb_destroy_data_chunk(&c);
    }
}

static duckdb_state bind_value(duckdb_prepared_statement p, idx_t i, const struct value *v)
{
    switch (v->type->kind) {
    case TYPE_INT4:
        return duckdb_bind_int32(p, i, (int32_t)v->as.integer);
    case TYPE_INT8:
        return duckdb_bind_int64(p, i, v->as.integer);
    case TYPE_DATE:
        return duckdb_bind_date(p, i, (duckdb_date){v->as.days});
    case TYPE_TIMESTAMP:
        return duckdb_bind_timestamp(p, i, (duckdb_timestamp){v->as.micros});
    case TYPE_TEXT:
        return duckdb_bind_varchar_length(p, i, v->as.text.p, v->as.text.n);
    default:
        return DuckDBError;
    }
}

static void engine_failed(struct run *r, const char *why)
{
    r->engine_failed = true;
    buf_clear(&r->result);
    buf_puts(&r->result, why ? why : "?");
}

/* As a query of text columns alone, so that one way of reading them is enough; what changes rows
 * runs as it is. */
static void run_on_engine(struct run *r, const char *sql, bool gives_rows,
                          const struct row_filter_params *extra)
{
    duckdb_prepared_statement p = NULL;
    duckdb_result result = {0};
    char *text = gives_rows ? arena_printf(r->arena, "SELECT COLUMNS(*)::VARCHAR FROM (%s)", sql)
                            : arena_printf(r->arena, "%s", sql);
    bool good = duckdb_prepare(r->connection, text, &p) == DuckDBSuccess;
    if (!good) {
        engine_failed(r, duckdb_prepare_error(p));
    }
    for (size_t i = 0; good && extra && i < extra->count; i++) {
        good = bind_value(p, i + 1, &extra->values[i]) == DuckDBSuccess;
        if (!good) {
            engine_failed(r, "bind");
        }
    }
    if (good) {
        if (duckdb_execute_prepared(p, &result) != DuckDBSuccess) {
            engine_failed(r, duckdb_result_error(&result));
        } else if (gives_rows) {
            take_rows(r, &result);
        }
        duckdb_destroy_result(&result);
    }
    duckdb_destroy_prepare(&p);
}

static enum status through(struct run *r, struct str sql, struct node **stmt, struct binding **b,
                           struct row_filter_params *extra)
{
    static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct error *e = &r->error;
    struct bind_context ctx = {.arena = r->arena,
                               .catalog = r->world.catalog,
                               .space = principal_space(r->who),
                               .dialect = r->dialect};
    struct decision *d = NULL;
    const struct mask **masks;
    if (sql_parse(r->arena, sql, r->dialect, &limits, &list, e) != OK) {
        return FAIL;
    }
    *stmt = list.at[0];
    if (sql_bind(&ctx, stmt, b, e) != OK) {
        return FAIL;
    }
    struct policy_request request = {r->who, *b, r->world.catalog, 0};
    if (policy_decide(world_snapshot(&r->world), &request, r->arena, &d, e) != OK ||
        policy_output_masks(d, *b, r->arena, &masks, e) != OK) {
        return FAIL;
    }
    return row_filter_apply(r->arena, *b, d, r->who, stmt, r->as_text ? NULL : extra, e);
}

static void run_sql(struct run *r, struct str sql)
{
    struct node *stmt = NULL;
    struct binding *b = NULL;
    struct row_filter_params extra = {0};
    arena_free(r->arena);
    r->arena = arena_new(0);
    r->error = (struct error)ERROR_INIT;
    r->engine_failed = r->expected_failure = false;
    buf_clear(&r->result);
    buf_clear(&r->sql);
    r->status = through(r, sql, &stmt, &b, &extra);
    if (r->status == OK) {
        r->status = sql_print(stmt, PRINT_DUCKDB, &r->sql, &r->error);
    }
    if (r->status == OK) {
        run_on_engine(r, buf_cstr(&r->sql), b->kind == STATEMENT_QUERY, &extra);
    }
}

static void expect_rows(struct run *r, struct str wanted)
{
    r->cases++;
    if (r->status != OK) {
        complain(r, "expected rows", r->error.message);
    } else if (r->engine_failed || !str_eq(buf_str(&r->result), wanted)) {
        complain(r, "expected other rows", r->result.n ? buf_cstr(&r->result) : "none");
    }
}

static void expect_refusal(struct run *r, struct str rest)
{
    static const struct {
        const char *name;
        enum error_code code;
    } codes[] = {
        {"denied", ERR_DENIED},       {"masked", ERR_MASKED_USE}, {"unsupported", ERR_UNSUPPORTED},
        {"table", ERR_UNKNOWN_TABLE}, {"sql", ERR_BAD_SQL},       {"column", ERR_UNKNOWN_COLUMN}};
    struct str code = str_cut(&rest, ' ');
    bool same = false;
    r->cases++;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        same |= str_is(code, codes[i].name) && r->error.code == codes[i].code;
    }
    if (r->status == OK) {
        complain(r, "expected a refusal", r->result.n ? buf_cstr(&r->result) : "none");
    } else if (!same || !strstr(r->error.message, arena_strdup(r->arena, rest))) {
        complain(r, "expected another refusal", r->error.message);
    }
}

static void expect_engine_error(struct run *r, struct str text)
{
    r->cases++;
    r->expected_failure = true;
    if (r->status != OK) {
        complain(r, "expected the engine's refusal", r->error.message);
    } else if (!r->engine_failed || !strstr(buf_cstr(&r->result), arena_strdup(r->arena, text))) {
        complain(r, "expected the engine's refusal", r->result.n ? buf_cstr(&r->result) : "none");
    }
}

/* SQL = rows */
static void expect_data(struct run *r, struct str line)
{
    size_t at = line.n;
    while (at > 1 && !(line.p[at - 1] == '=' && line.p[at - 2] == ' ')) {
        at--;
    }
    struct str sql = {line.p, at - 1}, wanted = str_trim((struct str){line.p + at, line.n - at});
    if (r->status != OK || (r->engine_failed && !r->expected_failure)) {
        complain(r, "the statement before failed",
                 r->status != OK ? r->error.message : buf_cstr(&r->result));
    }
    buf_clear(&r->result);
    r->status = OK;
    r->engine_failed = false;
    run_on_engine(r, arena_strdup(r->arena, sql), true, NULL);
    expect_rows(r, wanted);
}

static struct str next_line(struct run *r, struct str *text)
{
    r->line++;
    return str_trim(str_cut(text, '\n'));
}

static void read_policy(struct run *r, struct str options, struct str *text)
{
    struct buf json = BUF_INIT(0);
    for (struct str line; text->n && (line = next_line(r, text)).n;) {
        buf_put_str(&json, line);
    }
    world_policy(&r->world, options, buf_str(&json));
    buf_free(&json);
}

static void run_line(struct run *r, struct str line, struct str *text)
{
    struct str rest = line, verb = str_cut(&rest, ' ');
    if (str_is(verb, "policy")) {
        read_policy(r, rest, text);
    } else if (str_is(verb, "forget")) {
        world_forget(&r->world);
    } else if (str_is(verb, "who")) {
        r->who = world_principal(&r->world, rest);
    } else if (str_is(verb, "dialect")) {
        r->dialect = str_is(rest, "postgres") ? DIALECT_POSTGRES
                     : str_is(rest, "duckdb") ? DIALECT_DUCKDB
                                              : DIALECT_SNOWFLAKE;
    } else if (str_is(verb, "run")) {
        fresh_data(r);
        run_sql(r, rest);
    } else if (str_is(verb, "text")) {
        fresh_data(r);
        r->as_text = true;
        run_sql(r, rest);
        r->as_text = false;
    } else if (str_is(verb, "then")) {
        run_sql(r, rest);
    } else if (str_is(verb, "rows")) {
        expect_rows(r, rest.p ? rest : STR(""));
    } else if (str_is(verb, "refuse")) {
        expect_refusal(r, rest);
    } else if (str_is(verb, "engine")) {
        expect_engine_error(r, rest);
    } else if (str_is(verb, "raw")) {
        expect_data(r, rest);
    } else {
        complain(r, "unknown line", arena_strdup(r->world.arena, line));
    }
}

static struct str read_all(struct arena *a, const char *name)
{
    const char *root = getenv("HATIDATA_SOURCE_ROOT");
    FILE *f = fopen(arena_printf(a, "%s/tests/policy/%s", root ? root : ".", name), "r");
    assert_non_null(f);
    char *p = arena_alloc(a, 1 << 20);
    size_t n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return (struct str){p, n};
}

static void test_rows(void **state)
{
    (void)state;
    struct run r = {.file = "rows.test", .dialect = DIALECT_POSTGRES};
    world_init(&r.world);
    assert_int_equal(duckdb_open(NULL, &r.database), DuckDBSuccess);
    assert_int_equal(duckdb_connect(r.database, &r.connection), DuckDBSuccess);
    struct str text = read_all(r.world.arena, r.file);
    while (text.n) {
        struct str line = next_line(&r, &text);
        if (line.n && line.p[0] != '#') {
            run_line(&r, line, &text);
        }
    }
    duckdb_disconnect(&r.connection);
    duckdb_close(&r.database);
    buf_free(&r.result);
    buf_free(&r.sql);
    arena_free(r.arena);
    world_fini(&r.world);
    assert_int_equal(r.wrong, 0);
    assert_true(r.cases >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
