/* What the binder says of a statement, as text tables (tests/sql/bind*.test):
 *
 *     ? statement, one line or more
 *     = outputs     name TYPE <origins> [bare]; an origin with ' is computed, without it passes
 *     u uses        every column that something looks at
 *     p parameters
 *     t tables      occurrences of base tables and the columns read of each
 *     f flags
 *     h how         where the table asks: each output's origins, how they make the value
 *     w where       where the table asks: each use's places
 *     ! CODE message
 *
 * Then the bound tree is printed for the engine, which must take it and agree with the types. With
 * BIND_BLESS=1 the files are written anew: read the difference before committing it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <duckdb.h>

#include "base/buf.h"
#include "dialect/dialect.h"
#include "schema.h"
#include "sql/bind.h"
#include "sql/print.h"
#include "sql/spell.h"

#include <jansson.h>

static struct catalog *catalog;
static duckdb_database db;
static duckdb_connection con;

static struct bind_context context(struct arena *a, enum dialect dialect)
{
    return (struct bind_context){.arena = a,
                                 .catalog = catalog,
                                 .space.org_id = STR(ORG),
                                 .dialect = dialect,
                                 .session_user = STR("ann"),
                                 .session_role = STR("analyst"),
                                 .database = STR("hatidata")};
}

static enum status bind_text(struct arena *a, enum dialect dialect, struct str sql,
                             struct node **tree, struct binding **out, struct error *e)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct bind_context ctx = context(a, dialect);
    if (sql_parse(a, sql, dialect, &limits, &list, e) != OK) {
        return FAIL;
    }
    if (list.n != 1) {
        return error_set(e, ERR_BAD_SQL, "%u statements", list.n);
    }
    *tree = list.at[0];
    if (dialect_name_outputs(a, dialect, tree, e) != OK ||
        dialect_normalize(a, dialect, tree, NULL, e) != OK) {
        return FAIL;
    }
    return sql_bind(&ctx, tree, out, e);
}

/* ---- a binding as text ---- */

static void put_lineage(struct buf *b, const struct lineage *l, bool marks)
{
    if (l->is_unknown) {
        buf_puts(b, "?");
    }
    for (size_t i = 0; i < l->n; i++) {
        const struct origin *o = &l->at[i];
        struct str table = o->table->name, column = o->table->columns[o->column].name;
        buf_printf(b, "%s%.*s.%.*s%s", i ? " " : "", STR_ARG(table), STR_ARG(column),
                   marks && !origin_is_bare(o) ? "'" : "");
    }
}

static void put_ways(struct buf *b, const struct lineage *l)
{
    static const char *const ways[] = {"copied",     "derived",    "aggregated", "counted",
                                       "expression", "predicate",  "join",       "grouping",
                                       "ordering",   "window",     "subquery",   "set",
                                       "write",      "constraint", "rows",       "summed"};
    buf_puts(b, l->is_unknown ? " unknown" : "");
    for (size_t i = 0; i < l->n; i++) {
        const struct origin *o = &l->at[i];
        struct str table = o->table->name, column = o->table->columns[o->column].name;
        buf_printf(b, " %.*s.%.*s", STR_ARG(table), STR_ARG(column));
        for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
            buf_printf(b, "%s%s", o->how >> k & 1 ? ":" : "", o->how >> k & 1 ? ways[k] : "");
        }
    }
}

/* The lines that a table may ask for. */
static void put_hows(struct buf *b, const struct binding *k, bool how, bool where)
{
    for (size_t i = 0; how && i < k->output_count; i++) {
        const struct output_column *c = &k->outputs[i];
        buf_printf(b, "%s%.*s", i ? "; " : "h ", STR_ARG(c->name));
        put_ways(b, c->origins);
    }
    buf_puts(b, how ? "\n" : "");
    if (where) {
        buf_puts(b, "w");
        put_ways(b, k->uses);
        buf_puts(b, "\n");
    }
}

static bool has_line(struct str text, char first)
{
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        if (line.n > 1 && line.p[0] == first && line.p[1] == ' ') {
            return true;
        }
    }
    return false;
}

static void put_tables(struct buf *b, const struct binding *k)
{
    for (size_t i = 0; i < k->table_count; i++) {
        const struct bound_table *t = k->tables[i];
        buf_printf(b, "%s%.*s%s(", i ? " " : "", STR_ARG(t->table->name), t->written ? "!" : "");
        const char *comma = "";
        for (size_t c = 0; c < t->table->column_count; c++) {
            if (t->columns_used[c]) {
                buf_printf(b, "%s%.*s", comma, STR_ARG(t->table->columns[c].name));
                comma = ",";
            }
        }
        buf_puts(b, ")");
    }
}

static void put_binding(struct buf *b, struct arena *a, const struct binding *k)
{
    buf_puts(b, "= ");
    for (size_t i = 0; i < k->output_count; i++) {
        const struct output_column *c = &k->outputs[i];
        struct str type = type_name(a, c->type);
        buf_printf(b, "%s%.*s %.*s <", i ? "; " : "", STR_ARG(c->name), STR_ARG(type));
        put_lineage(b, c->origins, true);
        buf_puts(b, c->is_bare ? "> bare" : ">");
    }
    buf_puts(b, "\nu ");
    put_lineage(b, k->uses, false);
    if (k->param_count) {
        buf_puts(b, "\np ");
        for (size_t i = 0; i < k->param_count; i++) {
            struct str type = type_name(a, k->params[i]);
            buf_printf(b, "%s%.*s", i ? ", " : "", STR_ARG(type));
        }
    }
    buf_puts(b, "\nt ");
    put_tables(b, k);
    buf_printf(b, "\nf%s%s%s%s\n", k->may_fail ? " may-fail" : "", k->selects_star ? " star" : "",
               k->has_predicate ? " predicate" : "", k->is_volatile ? " volatile" : "");
}

/* ---- the engine's opinion ---- */

static const struct {
    duckdb_type engine;
    enum type_kind ours;
} kinds[] = {
    {DUCKDB_TYPE_BOOLEAN, TYPE_BOOL},        {DUCKDB_TYPE_TINYINT, TYPE_INT1},
    {DUCKDB_TYPE_SMALLINT, TYPE_INT2},       {DUCKDB_TYPE_INTEGER, TYPE_INT4},
    {DUCKDB_TYPE_BIGINT, TYPE_INT8},         {DUCKDB_TYPE_HUGEINT, TYPE_INT16},
    {DUCKDB_TYPE_UTINYINT, TYPE_UINT1},      {DUCKDB_TYPE_USMALLINT, TYPE_UINT2},
    {DUCKDB_TYPE_UINTEGER, TYPE_UINT4},      {DUCKDB_TYPE_UBIGINT, TYPE_UINT8},
    {DUCKDB_TYPE_FLOAT, TYPE_FLOAT4},        {DUCKDB_TYPE_DOUBLE, TYPE_FLOAT8},
    {DUCKDB_TYPE_DECIMAL, TYPE_DECIMAL},     {DUCKDB_TYPE_VARCHAR, TYPE_TEXT},
    {DUCKDB_TYPE_VARCHAR, TYPE_JSON},        {DUCKDB_TYPE_BLOB, TYPE_BYTES},
    {DUCKDB_TYPE_DATE, TYPE_DATE},           {DUCKDB_TYPE_TIME, TYPE_TIME},
    {DUCKDB_TYPE_TIMESTAMP, TYPE_TIMESTAMP}, {DUCKDB_TYPE_TIMESTAMP_TZ, TYPE_TIMESTAMPTZ},
    {DUCKDB_TYPE_INTERVAL, TYPE_INTERVAL},   {DUCKDB_TYPE_UUID, TYPE_UUID},
    {DUCKDB_TYPE_ENUM, TYPE_ENUM},           {DUCKDB_TYPE_LIST, TYPE_LIST},
    {DUCKDB_TYPE_STRUCT, TYPE_STRUCT},       {DUCKDB_TYPE_TIME_TZ, TYPE_TIMETZ},
    {DUCKDB_TYPE_UHUGEINT, TYPE_UINT16},     {DUCKDB_TYPE_MAP, TYPE_MAP},
    {DUCKDB_TYPE_UNION, TYPE_UNION},         {DUCKDB_TYPE_BIT, TYPE_BIT},
};

static bool agrees(const struct type *ours, duckdb_logical_type engine)
{
    if (ours->kind == TYPE_UNKNOWN) {
        return true;
    }
    duckdb_type id = duckdb_get_type_id(engine);
    if (ours->kind == TYPE_OTHER) {
        return (str_is(ours->other_name, "BIGNUM") && id == DUCKDB_TYPE_BIGNUM) ||
               (str_is(ours->other_name, "TIME_NS") && id == DUCKDB_TYPE_TIME_NS) ||
               (str_is(ours->other_name, "VARIANT") && (int)id == 41);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].engine == id && kinds[i].ours == ours->kind) {
            return ours->kind != TYPE_DECIMAL || (ours->width == duckdb_decimal_width(engine) &&
                                                  ours->scale == duckdb_decimal_scale(engine));
        }
    }
    return false;
}

/* The printed tree must prepare, with as many columns, of our types. Gives what is wrong, or "". */
static void ask_engine(struct arena *a, struct node *tree, const struct binding *k,
                       struct buf *wrong)
{
    struct error e = ERROR_INIT;
    struct buf sql = BUF_INIT(0);
    duckdb_prepared_statement p = NULL;
    if (sql_spell(a, &tree, &e) != OK || sql_print(tree, PRINT_DUCKDB, &sql, &e) != OK) {
        buf_printf(wrong, "print: %s", e.message);
        buf_free(&sql);
        return;
    }
    const char *text = buf_cstr(&sql);
    if (duckdb_prepare(con, text, &p) != DuckDBSuccess) {
        buf_printf(wrong, "%s\n    %s", duckdb_prepare_error(p), text);
    } else if (k->kind == STATEMENT_QUERY && k->param_count == 0) {
        if (duckdb_prepared_statement_column_count(p) != k->output_count) {
            buf_printf(wrong, "%zu columns, not %zu",
                       (size_t)duckdb_prepared_statement_column_count(p), k->output_count);
        }
        for (size_t i = 0; i < k->output_count && !wrong->n; i++) {
            duckdb_logical_type t = duckdb_prepared_statement_column_logical_type(p, i);
            if (!agrees(k->outputs[i].type, t)) {
                struct str ours = type_name(a, k->outputs[i].type);
                buf_printf(wrong, "column %zu is not %.*s but engine type %d", i, STR_ARG(ours),
                           (int)duckdb_get_type_id(t));
            }
            duckdb_destroy_logical_type(&t);
        }
    }
    duckdb_destroy_prepare(&p);
    buf_free(&sql);
}

/* ---- an oracle for lineage ----
 *
 * Two databases differ in one column alone. What a query answers on both may differ only in outputs
 * that are that column, bare; otherwise the column must stand among the uses. */

struct world {
    duckdb_database db;
    duckdb_connection con;
};

static struct world plain, changed;

static const char *const world_rows[] = {
    "INSERT INTO org_acme.people SELECT i, 'n' || i, '9' || i, 15 + i, i * 10, DATE '2000-01-01' + "
    "i::INTEGER,"
    " TIMESTAMP '2020-01-01' + INTERVAL (i) HOUR, i % 3, ['t' || i, 'u'], {'a': i, 'b': 'b' || i},"
    " '{\"a\": 1, \"b\": 2}', i % 2 = 0, i / 2 FROM range(1, 8) AS r (i)",
    "INSERT INTO org_acme.depts SELECT i, 'n' || i, i * 500, i + 1 FROM range(0, 5) AS r (i)",
    "INSERT INTO shared.orders SELECT 'acme', i, i, i * 3, now() FROM range(1, 5) AS r (i)",
    "INSERT INTO shared.rates VALUES ('EUR', 1.5)", NULL};

static void run_in(struct world *w, const char *sql)
{
    duckdb_result r;
    if (duckdb_query(w->con, sql, &r) != DuckDBSuccess) {
        fail_msg("%s: %s", sql, duckdb_result_error(&r));
    }
    duckdb_destroy_result(&r);
}

static void make_world(struct world *w)
{
    assert_int_equal(duckdb_open(NULL, &w->db), DuckDBSuccess);
    assert_int_equal(duckdb_connect(w->db, &w->con), DuckDBSuccess);
    for (size_t i = 0; schema_ddl[i]; i++) {
        run_in(w, schema_ddl[i]);
    }
    for (size_t i = 0; world_rows[i]; i++) {
        run_in(w, world_rows[i]);
    }
    run_in(w, "SET threads = 1");
}

static void end_world(struct world *w)
{
    duckdb_disconnect(&w->con);
    duckdb_close(&w->db);
}

static bool is_used(const struct lineage *l, const char *column)
{
    for (size_t i = 0; i < l->n; i++) {
        if (str_is(l->at[i].table->name, "people") &&
            str_is(l->at[i].table->columns[l->at[i].column].name, column)) {
            return true;
        }
    }
    return l->is_unknown;
}

/* What the client would learn: every output but those that a mask covers, or that it failed. */
static void put_answer(struct buf *b, struct world *w, const char *sql, const struct binding *k,
                       const char *hidden, bool is_ordered)
{
    struct buf wrapped = BUF_INIT(0);
    duckdb_result r;
    /* Rows without an order of their own come in any: those are compared as a set. */
    buf_puts(&wrapped, is_ordered ? "SELECT CAST(ROW(0" : "SELECT line FROM (SELECT CAST(ROW(0");
    for (size_t i = 0; i < k->output_count; i++) {
        const struct output_column *c = &k->outputs[i];
        if (!(c->is_bare && is_used(c->origins, hidden))) {
            buf_printf(&wrapped, ", q.c%zu", i);
        }
    }
    buf_printf(&wrapped, ") AS VARCHAR) FROM (%s) AS q (", sql);
    for (size_t i = 0; i < k->output_count; i++) {
        buf_printf(&wrapped, "%sc%zu", i ? ", " : "", i);
    }
    buf_puts(&wrapped, is_ordered ? ")" : ")) AS a (line) ORDER BY line");
    if (duckdb_query(w->con, buf_cstr(&wrapped), &r) != DuckDBSuccess) {
        buf_printf(b, "%s", duckdb_result_error(&r));
    }
    for (duckdb_data_chunk c; duckdb_result_error(&r) == NULL && (c = duckdb_fetch_chunk(r));) {
        duckdb_string_t *s = duckdb_vector_get_data(duckdb_data_chunk_get_vector(c, 0));
        for (idx_t i = 0; i < duckdb_data_chunk_get_size(c); i++) {
            buf_printf(b, "%.*s\n", (int)duckdb_string_t_length(s[i]), duckdb_string_t_data(&s[i]));
        }
        duckdb_destroy_data_chunk(&c);
    }
    duckdb_destroy_result(&r);
    buf_free(&wrapped);
}

static void look_for_leaks(const struct node *tree, const struct binding *k, struct buf *wrong)
{
    static const struct {
        const char *column, *other;
    } columns[] = {
        {"ssn", "'1' || (9 - id)"},           {"name", "'m' || (9 - id)"},      {"age", "40 - age"},
        {"dept", "(dept + 1) % 3"},           {"salary", "100 - salary"},       {"tags", "['z']"},
        {"extra", "{'a': 9 - id, 'b': 'c'}"}, {"doc", "'{\"a\": 5, \"b\": 6}'"}};
    struct error e = ERROR_INIT;
    struct buf sql = BUF_INIT(0);
    bool numbers = false; /* rowid: any change of a row may change it, whatever is written */
    for (size_t i = 0; i < k->table_count; i++) {
        numbers |= k->tables[i]->rowid_used;
    }
    if (k->kind != STATEMENT_QUERY || k->param_count || k->is_volatile || numbers ||
        sql_print(tree, PRINT_DUCKDB, &sql, &e) != OK) {
        buf_free(&sql);
        return;
    }
    const char *text = buf_cstr(&sql);
    bool ordered = node_query_const(tree)->order.n || node_query_const(tree)->order_all;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        struct buf x = BUF_INIT(0), y = BUF_INIT(0);
        char update[256];
        snprintf(update, sizeof update, "UPDATE org_acme.people SET %s = %s", columns[i].column,
                 columns[i].other);
        run_in(&changed, "BEGIN");
        run_in(&changed, update);
        put_answer(&x, &plain, text, k, columns[i].column, ordered);
        put_answer(&y, &changed, text, k, columns[i].column, ordered);
        run_in(&changed, "ROLLBACK");
        if (!str_eq(buf_str(&x), buf_str(&y)) && !is_used(k->uses, columns[i].column)) {
            buf_printf(wrong, "LEAK of %s: %s\n", columns[i].column, text);
        }
        buf_free(&x);
        buf_free(&y);
    }
    buf_free(&sql);
}

static int setup(void **state)
{
    catalog = schema_build();
    assert_int_equal(duckdb_open(NULL, &db), DuckDBSuccess);
    assert_int_equal(duckdb_connect(db, &con), DuckDBSuccess);
    for (size_t i = 0; schema_ddl[i]; i++) {
        duckdb_result r;
        if (duckdb_query(con, schema_ddl[i], &r) != DuckDBSuccess) {
            fail_msg("%s: %s", schema_ddl[i], duckdb_result_error(&r));
        }
        duckdb_destroy_result(&r);
    }
    make_world(&plain);
    make_world(&changed);
    return 0;
}

static int teardown(void **state)
{
    end_world(&plain);
    end_world(&changed);
    duckdb_disconnect(&con);
    duckdb_close(&db);
    catalog_unref(catalog);
    return 0;
}

/* ---- the text tables ---- */

struct table_file {
    char *text;
    struct str rest;
    struct buf blessed;
    size_t cases, failed;
};

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        return NULL;
    }
    struct buf b = BUF_INIT(0);
    for (size_t n = 1; n;) {
        n = fread(buf_reserve(&b, 65536), 1, 65536, f);
        b.n += n;
    }
    fclose(f);
    char *text = strdup(buf_cstr(&b));
    buf_free(&b);
    return text;
}

static void expect(struct table_file *t, struct str sql, struct str expected, enum dialect dialect)
{
    struct arena *a = arena_new(0);
    struct node *tree = NULL;
    struct binding *k = NULL;
    struct error e = ERROR_INIT;
    struct buf actual = BUF_INIT(0), wrong = BUF_INIT(0);
    if (bind_text(a, dialect, sql, &tree, &k, &e) == OK) {
        put_binding(&actual, a, k);
        put_hows(&actual, k, has_line(expected, 'h'), has_line(expected, 'w'));
        if (k->kind != STATEMENT_COPY_IN && k->kind != STATEMENT_COPY_OUT &&
            k->kind != STATEMENT_DDL) {
            ask_engine(a, tree, k, &wrong);
            look_for_leaks(tree, k, &wrong);
        }
    } else {
        buf_printf(&actual, "! %s %s\n", error_info(e.code)->name, e.message);
    }
    t->cases++;
    buf_printf(&t->blessed, "%s%.*s%s\n", "? ", STR_ARG(sql), "");
    buf_put_str(&t->blessed, buf_str(&actual));
    if (!str_eq(str_trim(buf_str(&actual)), str_trim(expected)) || wrong.n) {
        t->failed++;
        print_error("%.*s\nexpected:\n%.*s\nactual:\n%.*s%s%s\n\n", STR_ARG(sql),
                    STR_ARG(str_trim(expected)), STR_ARG(buf_str(&actual)),
                    wrong.n ? "engine: " : "", wrong.n ? buf_cstr(&wrong) : "");
    }
    buf_free(&actual);
    buf_free(&wrong);
    arena_free(a);
}

static struct str next_line(struct str *rest)
{
    return str_cut(rest, '\n');
}

static void run_table(const char *name, enum dialect dialect)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/sql/%s", getenv("HATIDATA_SOURCE_ROOT"), name);
    struct table_file t = {.text = read_file(path), .blessed = BUF_INIT(0)};
    assert_non_null(t.text);
    t.rest = str_of(t.text);
    while (t.rest.n) {
        struct str line = next_line(&t.rest);
        if (!str_starts(line, "? ")) {
            buf_printf(&t.blessed, "%.*s\n", STR_ARG(line));
            continue;
        }
        struct str sql = {line.p + 2, line.n - 2}, expected = t.rest;
        while (t.rest.n && strchr("=uptfhw!", t.rest.p[0]) && t.rest.n > 1 && t.rest.p[0] != '\n') {
            line = next_line(&t.rest);
        }
        expected.n = t.rest.p ? (size_t)(t.rest.p - expected.p) : expected.n;
        expect(&t, sql, expected, dialect);
    }
    if (getenv("BIND_BLESS")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fwrite(t.blessed.p, 1, t.blessed.n, f);
        fclose(f);
    }
    print_message("%s: %zu cases, %zu failed\n", name, t.cases, t.failed);
    buf_free(&t.blessed);
    free(t.text);
    assert_int_equal(t.failed, 0);
}

static void statements(void **state)
{
    run_table("bind.test", DIALECT_POSTGRES);
}

static void smuggling(void **state)
{
    run_table("bind_smuggle.test", DIALECT_POSTGRES);
}

static void refused(void **state)
{
    run_table("bind_refuse.test", DIALECT_POSTGRES);
}

static void duckdb_ways(void **state)
{
    run_table("bind_duckdb.test", DIALECT_DUCKDB);
}

static void objects(void **state)
{
    run_table("bind_ddl.test", DIALECT_DUCKDB);
}

static void pivots(void **state)
{
    run_table("bind_pivot.test", DIALECT_DUCKDB);
}

static void documents(void **state)
{
    run_table("bind_snowflake.test", DIALECT_SNOWFLAKE);
}

/* ---- TPC-H ---- */

static const char *corpora(void)
{
    const char *dir = getenv("HATIDATA_CORPORA");
    return dir ? dir : "../shared/corpora";
}

static json_t *next_record(FILE *f)
{
    char *line = NULL;
    size_t cap = 0;
    json_t *j = getline(&line, &cap, f) > 0 ? json_loads(line, 0, NULL) : NULL;
    free(line);
    return j;
}

/* In TPC-H's own text the table is called orders; that name is a shared table here. */
static char *own_orders(const char *sql)
{
    struct buf b = BUF_INIT(0);
    for (const char *p = sql; *p;) {
        bool starts = p == sql || strchr(" ,(\n\t\"", p[-1]);
        if (starts && strncasecmp(p, "orders", 6) == 0 && (!p[6] || strchr(" ,)\n\t\"", p[6]))) {
            buf_puts(&b, "tpch_orders");
            p += 6;
            if (*p == '"') {
                buf_u8(&b, (uint8_t)*p++);
            }
        } else {
            buf_u8(&b, (uint8_t)*p++);
        }
    }
    char *out = strdup(buf_cstr(&b));
    buf_free(&b);
    return out;
}

static void tpch(void **state)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tpc.jsonl", corpora());
    FILE *f = fopen(path, "rb");
    if (!f) {
        print_message("no corpora at %s: skipped\n", corpora());
        skip();
    }
    size_t seen = 0, failed = 0;
    for (json_t *j; (j = next_record(f)); json_decref(j)) {
        const char *id = json_string_value(json_object_get(j, "id"));
        const char *sql = json_string_value(json_object_get(j, "sql"));
        if (!id || !sql || !(strstr(id, "tpc-h") || strstr(id, "tpch") || strstr(id, "tpc_h"))) {
            continue;
        }
        struct arena *a = arena_new(0);
        struct node *tree = NULL;
        struct binding *k = NULL;
        struct error e = ERROR_INIT;
        struct buf wrong = BUF_INIT(0);
        char *text = own_orders(sql);
        seen++;
        if (bind_text(a, DIALECT_POSTGRES, str_of(text), &tree, &k, &e) != OK) {
            buf_printf(&wrong, "%s", e.message);
        } else {
            ask_engine(a, tree, k, &wrong);
            for (size_t i = 0; i < k->output_count; i++) {
                if (k->outputs[i].type->kind == TYPE_UNKNOWN) {
                    buf_printf(&wrong, "column %zu has no type", i);
                }
            }
        }
        if (wrong.n) {
            failed++;
            print_error("%s: %s\n", id, buf_cstr(&wrong));
        }
        free(text);
        buf_free(&wrong);
        arena_free(a);
    }
    fclose(f);
    print_message("TPC-H: %zu queries, %zu failed\n", seen, failed);
    assert_int_equal(seen, 22);
    assert_int_equal(failed, 0);
}

/* ---- what has no place in a table ---- */

static void hidden_names_are_not_suggested(void **state)
{
    struct arena *a = arena_new(0);
    struct node *tree = NULL;
    struct binding *k = NULL;
    struct error e = ERROR_INIT;
    assert_int_equal(bind_text(a, DIALECT_POSTGRES, STR("SELECT 1 FROM secret"), &tree, &k, &e),
                     FAIL);
    assert_int_equal(e.code, ERR_UNKNOWN_TABLE);
    assert_int_equal(e.position, 14);
    assert_null(strstr(error_advice(&e), "secrets"));
    e = (struct error)ERROR_INIT;
    assert_int_equal(bind_text(a, DIALECT_POSTGRES, STR("SELECT 1 FROM peple"), &tree, &k, &e),
                     FAIL);
    assert_non_null(strstr(error_advice(&e), "people"));
    e = (struct error)ERROR_INIT;
    assert_int_equal(bind_text(a, DIALECT_POSTGRES, STR("SELECT sn FROM people"), &tree, &k, &e),
                     FAIL);
    assert_non_null(strstr(error_advice(&e), "ssn"));
    assert_int_equal(e.position, 7);
    arena_free(a);
}

static void declared_parameters(void **state)
{
    struct arena *a = arena_new(0);
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct error e = ERROR_INIT;
    struct binding *k = NULL;
    const struct type *hints[] = {type_simple(TYPE_UNKNOWN), type_simple(TYPE_INT8)};
    struct bind_context ctx = context(a, DIALECT_POSTGRES);
    ctx.param_hints = hints;
    ctx.param_hint_count = 2;
    assert_int_equal(sql_parse(a, STR("SELECT $3 FROM people WHERE id = $1 AND age = $2"),
                               DIALECT_POSTGRES, &limits, &list, &e),
                     OK);
    assert_int_equal(sql_bind(&ctx, &list.at[0], &k, &e), OK);
    assert_int_equal(k->param_count, 3);
    assert_int_equal(k->params[0]->kind, TYPE_INT4);
    assert_int_equal(k->params[1]->kind, TYPE_INT8);
    assert_int_equal(k->params[2]->kind, TYPE_UNKNOWN);
    arena_free(a);
}

static enum status bind_filter(struct arena *a, const char *text, struct node **expr,
                               struct bound_filter *out, struct error *e)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct bind_context ctx = context(a, DIALECT_POSTGRES);
    const struct table *t =
        catalog_find(catalog, (struct space){.org_id = STR(ORG)}, STR(""), STR("people"));
    *e = (struct error)ERROR_INIT;
    if (sql_parse_expr(a, str_of(text), DIALECT_POSTGRES, &limits, expr, e) != OK) {
        return FAIL;
    }
    return sql_bind_filter(&ctx, t, 3, expr, out, e);
}

static void row_filters(void **state)
{
    struct arena *a = arena_new(0);
    struct node *expr = NULL;
    struct bound_filter f;
    struct error e = ERROR_INIT;
    assert_int_equal(bind_filter(a, "dept = $1 AND people.active", &expr, &f, &e), OK);
    struct node *first = node_bool_chain(expr)->args.at[0];
    assert_int_equal(node_binary(first)->right->type->kind, TYPE_INT4);
    assert_null(f.reads);
    assert_true(f.row->columns_used[table_column(f.row->table, STR("dept"))]);
    assert_false(f.row->columns_used[table_column(f.row->table, STR("name"))]);
    assert_int_equal(bind_filter(a, "public.people.name = 'x'", &expr, &f, &e), OK);
    assert_int_equal(bind_filter(a, "budget > 1", &expr, &f, &e), FAIL);
    assert_int_equal(e.code, ERR_UNKNOWN_COLUMN);
    assert_int_equal(bind_filter(a, "query('x') = 1", &expr, &f, &e), FAIL);
    assert_int_equal(e.code, ERR_UNKNOWN_FUNCTION);
    arena_free(a);
}

/* What the sub-queries of a filter read is apart from its row, and has names of its own. */
static void row_filters_that_read(void **state)
{
    struct arena *a = arena_new(0);
    struct node *expr = NULL;
    struct bound_filter f;
    struct error e = ERROR_INIT;
    const char *text = "EXISTS (SELECT 1 FROM depts AS d WHERE d.id = dept AND d.name = $1)";
    assert_int_equal(bind_filter(a, text, &expr, &f, &e), OK);
    assert_non_null(f.reads);
    assert_int_equal(f.reads->table_count, 1);
    assert_true(str_is(f.reads->tables[0]->table->name, "depts"));
    assert_true(f.reads->tables[0]->in_view);
    assert_ptr_not_equal(f.row, f.reads->tables[0]);
    for (size_t i = 0; i < f.reads->uses->n; i++) {
        assert_ptr_equal(f.reads->uses->at[i].table, f.reads->tables[0]->table);
    }
    const struct node *ref = f.reads->tables[0]->ref;
    assert_true(str_is(node_ident_const(node_table_ref_const(ref)->alias)->text, "filter.3.d"));
    assert_int_equal(bind_filter(a, "dept IN (SELECT id FROM nothing)", &expr, &f, &e), FAIL);
    assert_int_equal(e.code, ERR_UNKNOWN_TABLE);
    arena_free(a);
}

/* No FROM item of a statement is called as one of a filter is. */
static void names_of_filters_are_reserved(void **state)
{
    struct arena *a = arena_new(0);
    struct node *tree = NULL;
    struct binding *k = NULL;
    struct error e = ERROR_INIT;
    assert_int_equal(bind_text(a, DIALECT_POSTGRES,
                               STR("SELECT id FROM people AS \"Filter.0.depts\""), &tree, &k, &e),
                     OK);
    const struct node_table_ref *ref = node_table_ref_const(k->tables[0]->ref);
    assert_true(str_is(node_ident_const(ref->alias)->text, "_Filter.0.depts"));
    arena_free(a);
}

/* References that the engine could read as a field of a structure: what is written keeps its name.
 */
static void alias_of_a_structure(void **state)
{
    struct arena *a = arena_new(0);
    struct node *tree = NULL;
    struct binding *k = NULL;
    struct error e = ERROR_INIT;
    assert_int_equal(bind_text(a, DIALECT_POSTGRES,
                               STR("DELETE FROM depts AS extra WHERE EXISTS "
                                   "(SELECT extra.id FROM people)"),
                               &tree, &k, &e),
                     FAIL);
    assert_int_equal(e.code, ERR_DUPLICATE_ALIAS);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements),
        cmocka_unit_test(smuggling),
        cmocka_unit_test(refused),
        cmocka_unit_test(duckdb_ways),
        cmocka_unit_test(objects),
        cmocka_unit_test(pivots),
        cmocka_unit_test(documents),
        cmocka_unit_test(tpch),
        cmocka_unit_test(hidden_names_are_not_suggested),
        cmocka_unit_test(declared_parameters),
        cmocka_unit_test(row_filters),
        cmocka_unit_test(row_filters_that_read),
        cmocka_unit_test(names_of_filters_are_reserved),
        cmocka_unit_test(alias_of_a_structure),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
