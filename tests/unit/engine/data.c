/* What goes in by other ways than INSERT, what exists, and what a statement touches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

static int make(void **state)
{
    static struct fixture f;
    fixture_make(&f);
    f.config.import_dir = f.import;
    f.config.load_tpch = true;
    fixture_open(&f);
    *state = &f;
    return 0;
}

static int drop(void **state)
{
    fixture_remove(*state);
    return 0;
}

/* --- append --- */

static const struct engine_column append_columns[3] = {
    {.name = {"id", 2}}, {.name = {"the name", 8}}, {.name = {"price", 5}}};

enum { BATCH = 1000 };

static void set_columns(struct fixture *f, struct engine_column *columns)
{
    memcpy(columns, append_columns, sizeof append_columns);
    columns[0].type = type_simple(TYPE_INT4);
    columns[1].type = type_simple(TYPE_TEXT);
    columns[2].type = type_decimal(f->arena, 10, 2);
}

static enum status begin(struct fixture *f, const char *sql, uint64_t *append, struct error *e)
{
    struct engine_column columns[3];
    set_columns(f, columns);
    return engine_append_begin(f->engine, f->session, str_of(sql), columns, 3, append, e);
}

/* Rows from `at` on, `n` of them. */
static enum status put_rows(struct fixture *f, uint64_t append, int64_t at, size_t n,
                            struct error *e)
{
    struct engine_column columns[3];
    const struct value *rows[BATCH];
    set_columns(f, columns);
    for (size_t i = 0; i < n; i++) {
        struct value *row = ARENA_ARRAY(f->arena, struct value, 3);
        row[0] = (struct value){.type = columns[0].type, .as.integer = at + (int64_t)i};
        row[1] =
            (struct value){.type = columns[1].type,
                           .as.text = str_of(arena_printf(f->arena, "n%d", (int)(at + (int)i))),
                           .is_null = i == 7};
        row[2] = (struct value){.type = columns[2].type, .as.text = STR("12.34")};
        rows[i] = row;
    }
    return engine_append_rows(f->engine, f->session, append, rows, n, e);
}

static const char insert[] =
    "INSERT INTO shared.app SELECT \"id\", \"the name\", \"price\" FROM \"incoming\"";

static void check_rows(struct fixture *f, uint64_t session, const char *want)
{
    assert_string_equal(one(f, session,
                            "SELECT count(*) || ' ' || count(n) || ' ' || "
                            "coalesce(sum(id), 0) || ' ' || coalesce(sum(p), 0) "
                            "FROM shared.app"),
                        want);
}

static void appends(void **state)
{
    struct fixture *f = *state;
    struct error e = ERROR_INIT;
    uint64_t append, other = engine_session_open(f->engine);
    int64_t rows = 0;
    must(f, f->session, "CREATE TABLE shared.app (id INTEGER UNIQUE, n VARCHAR, p DECIMAL(10,2))");
    assert_int_equal(begin(f, insert, &append, &e), OK);
    for (int64_t i = 0; i < 300; i++) { /* more than the engine keeps before it writes */
        assert_int_equal(put_rows(f, append, i * BATCH, BATCH, &e), OK);
    }
    check_rows(f, other, "0 0 0 0.00");
    if (engine_append_end(f->engine, f->session, append, &rows, &e) != OK) {
        fail_msg("%s", e.message);
    }
    assert_int_equal(rows, 300000);
    check_rows(f, other, "300000 299700 44999850000 3702000.00");
    engine_session_close(f->engine, other);
}

static void append_is_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct error e = ERROR_INIT;
    uint64_t append;
    int64_t rows;
    must(f, f->session,
         "CREATE OR REPLACE TABLE shared.app (id INTEGER UNIQUE, n VARCHAR, p "
         "DECIMAL(10,2))");
    must(f, f->session, "INSERT INTO shared.app VALUES (250500, 'old', 1)");
    assert_int_equal(begin(f, insert, &append, &e), OK);
    enum status st = OK;
    for (int64_t i = 0; i < 300 && st == OK; i++) {
        st = put_rows(f, append, i * BATCH, BATCH, &e);
    }
    assert_int_equal(engine_append_end(f->engine, f->session, append, &rows, &e), FAIL);
    assert_true(e.code == ERR_UNIQUE || e.code == ERR_BAD_COPY);
    check_rows(f, f->session, "1 1 250500 1.00");

    assert_int_equal(begin(f, insert, &append, &e), OK);
    for (int64_t i = 0; i < 230; i++) {
        assert_int_equal(put_rows(f, append, i * BATCH, BATCH, &e), OK);
    }
    engine_append_abort(f->engine, f->session, append);
    check_rows(f, f->session, "1 1 250500 1.00");

    assert_int_equal(engine_run(f->engine, f->session, STR("BEGIN"), &e), OK);
    assert_int_equal(begin(f, insert, &append, &e), OK);
    assert_int_equal(put_rows(f, append, 0, BATCH, &e), OK);
    engine_append_abort(f->engine, f->session, append);
    assert_int_equal(fails(f, f->session, "SELECT 1", &e), ERR_IN_FAILED_TRANSACTION);
    assert_int_equal(engine_run(f->engine, f->session, STR("ROLLBACK"), &e), OK);

    assert_int_equal(engine_run(f->engine, f->session, STR("BEGIN"), &e), OK);
    assert_int_equal(begin(f, insert, &append, &e), OK);
    assert_int_equal(put_rows(f, append, 0, BATCH, &e), OK);
    assert_int_equal(engine_append_end(f->engine, f->session, append, &rows, &e), OK);
    assert_int_equal(engine_run(f->engine, f->session, STR("ROLLBACK"), &e), OK);
    check_rows(f, f->session, "1 1 250500 1.00");
    assert_int_equal(begin(f, "INSERT INTO shared.nothing SELECT * FROM incoming", &append, &e),
                     OK); /* the engine looks at it when it writes */
    assert_int_equal(put_rows(f, append, 0, 5, &e), OK);
    assert_int_equal(engine_append_end(f->engine, f->session, append, &rows, &e), FAIL);
    check_rows(f, f->session, "1 1 250500 1.00");
}

/* --- describe --- */

static const struct table_source *find(const struct table_source *t, size_t n, const char *schema,
                                       const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_is(t[i].engine_schema, schema) && str_is(t[i].name, name)) {
            return &t[i];
        }
    }
    return NULL;
}

static void describes(void **state)
{
    struct fixture *f = *state;
    struct error e = ERROR_INIT;
    struct table_source *tables;
    size_t n;
    must(f, f->session, "CREATE SCHEMA org_a");
    must(f, f->session,
         "CREATE TABLE org_a.\"Odd \"\"Name\" (\"a b\" INTEGER NOT NULL DEFAULT 1, d "
         "DECIMAL(15,2), l VARCHAR[], s STRUCT(x INTEGER, \"y z\" BIGINT[]), m "
         "MAP(VARCHAR, DATE), j JSON, en ENUM('a', 'b'), arr INTEGER[3], u UUID, "
         "un UNION(q INTEGER))");
    must(f, f->session, "CREATE VIEW org_a.v AS SELECT d FROM org_a.\"Odd \"\"Name\"");
    must(f, f->session, "COMMENT ON VIEW org_a.v IS 'SELECT it''s'");
    must(f, f->session, "CREATE TABLE org_a.base (i INTEGER)");
    must(f, f->session, "CREATE VIEW org_a.broken AS SELECT i FROM org_a.base");
    must(f, f->session, "DROP TABLE org_a.base");
    assert_int_equal(engine_run(f->engine, f->session, STR("BEGIN"), &e), OK);
    must(f, f->session, "CREATE TABLE org_a.mine AS SELECT range AS r FROM range(5000)");
    if (engine_describe(f->engine, f->session, f->arena, &tables, &n, &e) != OK) {
        fail_msg("%s", e.message);
    }
    assert_int_equal(engine_run(f->engine, f->session, STR("ROLLBACK"), &e), OK);
    const struct table_source *odd = find(tables, n, "org_a", "Odd \"Name");
    assert_non_null(odd);
    assert_false(odd->is_view);
    static const char *const types[] = {"INTEGER",
                                        "DECIMAL(15,2)",
                                        "VARCHAR[]",
                                        "STRUCT(\"x\" INTEGER, \"y z\" BIGINT[])",
                                        "MAP(VARCHAR, DATE)",
                                        "JSON",
                                        "ENUM('a', 'b')",
                                        "INTEGER[3]",
                                        "UUID",
                                        "UNION(\"q\" INTEGER)"};
    assert_int_equal(odd->column_count, sizeof types / sizeof *types);
    for (size_t i = 0; i < odd->column_count; i++) {
        struct str name = type_name(f->arena, odd->columns[i].type);
        assert_true(str_is(name, types[i]));
        assert_int_equal(odd->columns[i].not_null, i == 0);
        assert_int_equal(odd->columns[i].has_default, i == 0);
    }
    assert_true(str_is(odd->columns[0].name, "a b"));
    const struct table_source *v = find(tables, n, "org_a", "v");
    assert_true(v && v->is_view && str_is(v->definition, "SELECT it's") && v->column_count == 1);
    const struct table_source *broken = find(tables, n, "org_a", "broken");
    assert_true(broken && broken->is_view && broken->column_count == 0);
    const struct table_source *mine = find(tables, n, "org_a", "mine");
    assert_true(mine && mine->column_count == 1);
    assert_int_equal(engine_describe(f->engine, f->session, f->arena, &tables, &n, &e), OK);
    assert_null(find(tables, n, "org_a", "mine"));
    assert_null(find(tables, n, "pg_catalog", "pg_class"));
}

/* A table's types come from their texts, a view's from its binding. */
static void types_of_tables_are_what_the_binder_says(void **state)
{
    struct fixture *f = *state;
    struct error e = ERROR_INIT;
    struct table_source *tables;
    size_t n;
    must(f, f->session, "CREATE SCHEMA kinds");
    must(f, f->session, "CREATE TYPE kinds.\"DATE\" AS VARCHAR");
    must(f, f->session, "CREATE TYPE kinds.\"MONEY\" AS DECIMAL(18,4)");
    must(f, f->session, "CREATE TYPE kinds.\"NULL) UNION SELECT (1\" AS ENUM ('INTEGER', 'b')");
    must(f, f->session,
         "CREATE TABLE kinds.t (a BOOLEAN, b TINYINT, c SMALLINT, d INTEGER, e BIGINT, f HUGEINT, "
         "g UTINYINT, h USMALLINT, i UINTEGER, j UBIGINT, k UHUGEINT, l FLOAT, m DOUBLE, "
         "n DECIMAL(4,1), o DECIMAL(38,10), p VARCHAR, q BLOB, r BIT, s DATE, t TIME, u TIMETZ, "
         "v TIMESTAMP, w TIMESTAMPTZ, x TIMESTAMP_S, y TIMESTAMP_MS, z TIMESTAMP_NS, aa INTERVAL, "
         "ab UUID, ac JSON, ad DATE[], ae DECIMAL(9,2)[][], af TIMESTAMPTZ[2], "
         "ag MAP(VARCHAR, INTEGER[]), ah STRUCT(\"INTEGER\" DATE), ai kinds.\"DATE\", "
         "aj kinds.\"DATE\"[], ak kinds.\"MONEY\", al kinds.\"NULL) UNION SELECT (1\", "
         "am VARCHAR COLLATE NOCASE, an INTEGER GENERATED ALWAYS AS (d + 1))");
    must(f, f->session, "CREATE VIEW kinds.v AS FROM kinds.t");
    must(f, f->session, "ALTER TABLE kinds.t ALTER b TYPE DATE");
    must(f, f->session, "CREATE OR REPLACE VIEW kinds.v AS FROM kinds.t");
    assert_int_equal(engine_describe(f->engine, f->session, f->arena, &tables, &n, &e), OK);
    const struct table_source *t = find(tables, n, "kinds", "t"),
                              *v = find(tables, n, "kinds", "v");
    assert_int_equal(t->column_count, 40);
    assert_int_equal(v->column_count, 40);
    for (size_t i = 0; i < t->column_count; i++) {
        assert_true(str_eq(t->columns[i].name, v->columns[i].name));
        assert_true(str_eq(type_name(f->arena, t->columns[i].type),
                           type_name(f->arena, v->columns[i].type)));
    }
    assert_true(str_is(type_name(f->arena, t->columns[1].type), "DATE"));
    assert_true(t->columns[39].generated.p && !t->columns[39].has_default);
}

/* --- second opinion --- */

/* The names as "schema.name schema.name", sorted as the engine tells them; a '?' at the end where
 * it isn't complete. */
static const char *touched(struct fixture *f, const char *sql)
{
    struct engine_touched *t;
    struct error e = ERROR_INIT;
    size_t n;
    bool complete;
    const char *out = "";
    if (engine_touches(f->engine, f->session, str_of(sql), f->arena, &t, &n, &complete, &e) != OK) {
        fail_msg("%s: %s", sql, e.message);
    }
    for (size_t i = 0; i < n; i++) {
        out = arena_printf(f->arena, "%s%s%.*s.%.*s", out, i ? " " : "", STR_ARG(t[i].schema),
                           STR_ARG(t[i].name));
    }
    return complete ? out : arena_printf(f->arena, "%s?", out);
}

static void touches(void **state)
{
    static const char *const cases[][2] = {
        {"SELECT 1", ""},
        {"SELECT * FROM org_t.a", "org_t.a"},
        {"SELECT * FROM org_t.a WHERE false", "org_t.a"},
        {"SELECT * FROM org_t.a LIMIT 0", "org_t.a"},
        {"SELECT * FROM org_t.a JOIN org_t.b USING (i)", "org_t.a org_t.b"},
        {"SELECT * FROM org_t.a NATURAL JOIN org_t.b", "org_t.a org_t.b"},
        {"SELECT * FROM org_t.a a1, org_t.a a2", "org_t.a"},
        {"SELECT * FROM org_t.a POSITIONAL JOIN org_t.b", "org_t.a org_t.b"},
        {"SELECT * FROM org_t.a ASOF JOIN org_t.b ON a.i >= b.i", "org_t.a org_t.b"},
        {"SELECT * FROM org_t.v", "org_t.a org_t.b"},
        {"SELECT count(*) FROM org_t.\"o.d \"\"d\"", "org_t.o.d \"d"},
        {"WITH q AS (SELECT * FROM org_t.a) SELECT * FROM q", "org_t.a"},
        {"WITH q AS (SELECT * FROM org_t.a) SELECT 1", ""},
        {"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r, org_t.a WHERE n < 3) "
         "SELECT * FROM r",
         "org_t.a"},
        {"SELECT (SELECT max(i) FROM org_t.b WHERE b.i = a.i) FROM org_t.a", "org_t.a org_t.b"},
        {"SELECT * FROM org_t.a WHERE i IN (SELECT i FROM org_t.b)", "org_t.a org_t.b"},
        {"SELECT EXISTS (FROM org_t.b)", "org_t.b"},
        {"SELECT i FROM org_t.a UNION SELECT i FROM org_t.b", "org_t.a org_t.b"},
        {"SELECT i FROM org_t.a EXCEPT SELECT i FROM org_t.b", "org_t.a org_t.b"},
        {"SELECT * FROM org_t.a USING SAMPLE 10%", "org_t.a"},
        {"SELECT * FROM org_t.a WHERE i = $1 AND s = $2", "org_t.a"},
        {"SELECT * FROM org_t.a LIMIT $1", "org_t.a"},
        {"UPDATE org_t.a SET s = 'x' WHERE false", "org_t.a"},
        {"UPDATE org_t.a SET s = b.s FROM org_t.b WHERE a.i = b.i", "org_t.a org_t.b"},
        {"DELETE FROM org_t.a WHERE i = $1", "org_t.a"},
        {"DELETE FROM org_t.a USING org_t.b WHERE a.i = b.i", "org_t.a org_t.b"},
        {"MERGE INTO org_t.a USING org_t.b ON a.i = b.i WHEN MATCHED THEN DELETE",
         "org_t.b org_t.a"},
        {"INSERT INTO org_t.a VALUES (1, 'x')", "org_t.a"},
        {"INSERT INTO \"org_t\".\"a\" (i) VALUES ($1)", "org_t.a"},
        {"INSERT INTO hati.org_t.a SELECT * FROM org_t.b RETURNING i", "org_t.b org_t.a"},
        {"INSERT INTO org_t.\"o.d \"\"d\" VALUES (1)", "org_t.o.d \"d"},
        {"WITH q AS (SELECT 'INSERT INTO org_t.b' AS s, 1 AS \"INSERT INTO\") INSERT INTO org_t.a "
         "SELECT 1, s FROM q",
         "org_t.a"},
        {"insert or ignore into org_t.a VALUES (1, '')", "?"},
        {"INSERT INTO a VALUES (1, '')", "?"},
        {"/* INSERT INTO org_t.b */ INSERT INTO org_t.a VALUES (1, '')", "?"},
        {"-- INSERT INTO org_t.b\nINSERT INTO org_t.a VALUES (1, '')", "?"},
        {"WITH q AS (SELECT $$ ' $$) INSERT INTO org_t.a VALUES (1, '')", "?"},
        {"WITH q AS (SELECT E'\\'') INSERT INTO org_t.a VALUES (1, '')", "?"},
        /* the target isn't named */
        {"CREATE TABLE org_t.c AS SELECT * FROM org_t.b", "org_t.b?"},
        {"CREATE VIEW org_t.w AS SELECT * FROM org_t.b", "?"},
        {"DROP TABLE org_t.b", "?"},
        {"ALTER TABLE org_t.b ADD COLUMN z INTEGER", "?"},
        /* functions that may read anything */
        {"SELECT * FROM duckdb_tables()", "?"},
        {"SELECT * FROM query('FROM org_t.a')", "org_t.a"},
        {"SELECT * FROM query_table('org_t.a')", "org_t.a"},
        {"SELECT * FROM pragma_table_info('org_t.a')", "?"},
        {"SELECT * FROM org_t.nothing", "?"},
        {"SELECT * FROM tt", "temp.tt"},
    };
    struct fixture *f = *state;
    must(f, f->session, "CREATE SCHEMA org_t");
    must(f, f->session, "CREATE TABLE org_t.a (i INTEGER, s VARCHAR)");
    must(f, f->session, "CREATE TABLE org_t.b (i INTEGER, s VARCHAR)");
    must(f, f->session, "CREATE TABLE org_t.\"o.d \"\"d\" (i INTEGER)");
    must(f, f->session, "CREATE VIEW org_t.v AS SELECT a.i FROM org_t.a JOIN org_t.b USING (i)");
    must(f, f->session, "CREATE TEMP TABLE tt (i INTEGER)");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = touched(f, cases[i][0]);
        if (strcmp(got, cases[i][1]) != 0) {
            print_error("%s: got \"%s\", want \"%s\"\n", cases[i][0], got, cases[i][1]);
            fail();
        }
    }
}

/* --- import --- */

static int reports;

static void count_report(void *ctx, double fraction, int64_t rows)
{
    assert_true(fraction >= 0 && fraction <= 1 && rows >= 0);
    reports++;
}

static enum error_code import(struct fixture *f, const char *name, const char *format,
                              const char *table, int64_t *rows, struct error *e)
{
    char path[256];
    snprintf(path, sizeof path, name[0] == '/' ? "%s%s" : "%s/%s", name[0] == '/' ? "" : f->import,
             name);
    *e = (struct error)ERROR_INIT;
    *rows = 0;
    return engine_import(f->engine, f->session, path, format, STR("org_i"), str_of(table), STR("A"),
                         count_report, NULL, rows, e) == OK
               ? ERR_NONE
               : e->code;
}

static void write_lines(struct fixture *f, const char *name, const char *head, const char *format,
                        int n, const char *tail)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", f->import, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(head, out);
    for (int i = 0; i < n; i++) {
        fprintf(out, strcmp(format, "csv") == 0 ? "%d,name %d\n" : "{\"a\":%d,\"b\":\"name %d\"}\n",
                i, i);
    }
    fputs(tail, out);
    assert_int_equal(fclose(out), 0);
}

static void imports(void **state)
{
    struct fixture *f = *state;
    struct error e;
    int64_t rows;
    write_lines(f, "good.csv", "a,b\n", "csv", 30000, "");
    write_lines(f, "good.jsonl", "", "json", 30000, "");
    reports = 0;
    if (import(f, "good.csv", NULL, "from csv; DROP", &rows, &e) != ERR_NONE) {
        fail_msg("%s", e.message);
    }
    assert_int_equal(rows, 30000);
    assert_true(reports >= 1);
    assert_string_equal(one(f, f->session, "SELECT sum(a) || max(b) FROM org_i.\"from csv; DROP\""),
                        "449985000name 9999");
    assert_int_equal(import(f, "good.jsonl", "", "j", &rows, &e), ERR_NONE);
    assert_string_equal(one(f, f->session, "SELECT sum(a) || max(b) FROM org_i.j"),
                        "449985000name 9999");
    char copy[512];
    snprintf(copy, sizeof copy, "COPY org_i.j TO '%s/p.parquet' (FORMAT parquet)", f->import);
    must(f, f->session, copy);
    assert_int_equal(import(f, "p.parquet", NULL, "p", &rows, &e), ERR_NONE);
    assert_int_equal(rows, 30000);
    assert_int_equal(import(f, "p.parquet", NULL, "p", &rows, &e), ERR_EXISTS);
    assert_int_equal(import(f, "good.csv", "xml", "x", &rows, &e), ERR_UNSUPPORTED);
}

static void bad_files_leave_nothing(void **state)
{
    static const struct {
        const char *file, *format;
        enum error_code code;
        const char *word;
    } cases[] = {
        {"value.csv", NULL, ERR_BAD_VALUE, "Line 40002"},
        {"wide.csv", NULL, ERR_BAD_VALUE, "Line 40002"},
        {"value.jsonl", NULL, ERR_BAD_VALUE, "Line 4000"},
        {"syntax.jsonl", NULL, ERR_BAD_VALUE, "Line 4000"},
        {"value.csv", "parquet", ERR_BAD_VALUE, NULL},
        {"missing.csv", NULL, ERR_IO, NULL},
        {"/etc/passwd", "csv", ERR_DENIED, NULL},
        {"link.csv", NULL, ERR_DENIED, NULL},
        {"../data.db", "csv", ERR_DENIED, NULL},
    };
    struct fixture *f = *state;
    char command[256];
    write_lines(f, "value.csv", "a,b\n", "csv", 40000, "SECRET,1\n");
    write_lines(f, "wide.csv", "a,b\n", "csv", 40000, "1,2,SECRET\n");
    write_lines(f, "value.jsonl", "", "json", 40000, "{\"a\":\"SECRET\",\"b\":\"x\"}\n");
    write_lines(f, "syntax.jsonl", "", "json", 40000, "{\"a\":SECRET\n");
    snprintf(command, sizeof command, "ln -sf /etc/passwd %s/link.csv", f->import);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error e;
        int64_t rows;
        enum error_code code = import(f, cases[i].file, cases[i].format, "bad", &rows, &e);
        if (code != cases[i].code || strstr(e.message, "SECRET") ||
            (cases[i].word && !strstr(e.message, cases[i].word))) {
            fail_msg("%s: %d %s", cases[i].file, (int)code, e.message);
        }
        assert_int_equal(fails(f, f->session, "SELECT * FROM org_i.bad", NULL), ERR_UNKNOWN_TABLE);
    }
}

/* --- sample data --- */

static void sample_data(void **state)
{
    struct fixture *f = *state;
    struct error e = ERROR_INIT;
    const struct str tenants[] = {STR("acme"), STR("it's"), STR("zeta")};
    if (engine_load_tpch(f->engine, f->session, 0.01, tenants, 3, &e) != OK) {
        fail_msg("%s", e.message);
    }
    assert_string_equal(one(f, f->session,
                            "SELECT string_agg(c_tenant || n, ' ' ORDER BY c_tenant) "
                            "FROM (SELECT c_tenant, count(*) AS n FROM "
                            "shared.customer GROUP BY 1)"),
                        "acme500 it's500 zeta500");
    assert_string_equal(one(f, f->session,
                            "SELECT count(*)::VARCHAR FROM shared.customer JOIN shared.orders ON "
                            "c_custkey = o_custkey JOIN shared.lineitem ON l_orderkey = o_orderkey "
                            "WHERE c_tenant <> o_tenant OR o_tenant <> l_tenant"),
                        "0");
    assert_string_equal(one(f, f->session,
                            "SELECT count(*)::VARCHAR FROM shared.lineitem WHERE "
                            "l_tenant IS NOT NULL"),
                        "60175");
    assert_int_equal(engine_load_tpch(f->engine, f->session, 0.01, tenants, 3, &e), FAIL);
    assert_int_equal(e.code, ERR_DUPLICATE_TABLE);
    assert_string_equal(one(f, f->session,
                            "SELECT count(*)::VARCHAR FROM duckdb_tables() WHERE "
                            "database_name = 'memory'"),
                        "0");
}

int data_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(append_is_all_or_nothing),
        cmocka_unit_test(describes),
        cmocka_unit_test(types_of_tables_are_what_the_binder_says),
        cmocka_unit_test(touches),
        cmocka_unit_test(imports),
        cmocka_unit_test(bad_files_leave_nothing),
        cmocka_unit_test(sample_data),
    };
    return cmocka_run_group_tests_name("data", tests, make, drop);
}
