/* What exists on the engine, read from its own catalog.
 *
 * Names and flags come from duckdb_columns(); types from preparing a SELECT of no rows, so that no
 * type's name has to be parsed. A view that can't be bound any more (its table is gone) is listed
 * without columns: nobody can read it, but it can be dropped. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>

struct sources {
    struct table_source *at;
    size_t n, cap;
};

static struct str copy(struct arena *a, struct str s)
{
    return arena_str(a, s.p ? s : STR(""));
}

static const char list_tables[] =
    "SELECT schema_name, table_name, 'f', CAST(estimated_size AS VARCHAR), comment "
    "FROM duckdb_tables() "
    "WHERE database_name = '" ENGINE_DATABASE "' AND NOT internal AND NOT temporary "
    "UNION ALL "
    "SELECT schema_name, view_name, 't', '0', comment FROM duckdb_views() "
    "WHERE database_name = '" ENGINE_DATABASE "' AND NOT internal AND NOT temporary "
    "ORDER BY 1, 2";

static const char list_columns[] =
    "SELECT schema_name, table_name, column_name, CAST(is_nullable AS VARCHAR), "
    "CAST(column_default IS NOT NULL AS VARCHAR) FROM duckdb_columns() "
    "WHERE database_name = '" ENGINE_DATABASE "' AND NOT internal ORDER BY 1, 2, column_index";

typedef void (*row_fn)(void *ctx, duckdb_data_chunk chunk, size_t row);

static enum status each_row(struct session *s, const char *sql, row_fn fn, void *ctx,
                            struct error *e)
{
    duckdb_result r;
    duckdb_data_chunk chunk;
    if (engine_query(s->connection, STAGE_EXECUTE, sql, &r, e) != OK) {
        return FAIL;
    }
    while ((chunk = duckdb_fetch_chunk(r))) {
        for (size_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
            fn(ctx, chunk, i);
        }
        duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&r);
    return OK;
}

struct describing {
    struct arena *arena;
    struct sources tables;
    size_t at; /* the table whose columns come now: both lists are in the same order */
};

static void add_table(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    struct table_source t = {
        .engine_schema = copy(d->arena, chunk_text(chunk, 0, row)),
        .name = copy(d->arena, chunk_text(chunk, 1, row)),
        .is_view = str_is(chunk_text(chunk, 2, row), "t"),
    };
    str_to_i64(chunk_text(chunk, 3, row), &t.row_estimate);
    if (t.is_view) {
        t.definition = copy(d->arena, chunk_text(chunk, 4, row));
    }
    VEC_PUSH(d->arena, d->tables, t);
}

/* The table's columns with their types, from the engine's binder. */
static void bind_table(struct session *s, struct arena *a, struct table_source *t)
{
    duckdb_prepared_statement ps = NULL;
    struct buf b = BUF_INIT(0);
    buf_puts(&b, "SELECT * FROM " ENGINE_DATABASE ".");
    put_identifier(&b, t->engine_schema);
    buf_u8(&b, '.');
    put_identifier(&b, t->name);
    if (duckdb_prepare(s->connection, buf_cstr(&b), &ps) == DuckDBSuccess) {
        t->column_count = duckdb_prepared_statement_column_count(ps);
        t->columns = ARENA_ARRAY(a, struct column, t->column_count);
        for (size_t i = 0; i < t->column_count; i++) {
            const char *name = duckdb_prepared_statement_column_name(ps, i);
            duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(ps, i);
            struct reader r;
            reader_init(&r, a, type);
            t->columns[i].name = copy(a, str_of(name));
            t->columns[i].type = r.type;
            duckdb_destroy_logical_type(&type);
            duckdb_free((void *)(uintptr_t)name);
        }
    }
    duckdb_destroy_prepare(&ps);
    buf_free(&b);
}

static bool is_table(const struct table_source *t, struct str schema, struct str name)
{
    return str_eq(t->engine_schema, schema) && str_eq(t->name, name);
}

static void add_flags(void *ctx, duckdb_data_chunk chunk, size_t row)
{
    struct describing *d = ctx;
    struct str schema = chunk_text(chunk, 0, row), table = chunk_text(chunk, 1, row);
    size_t tried = 0;
    for (; tried < d->tables.n && !is_table(&d->tables.at[d->at], schema, table); tried++) {
        d->at = (d->at + 1) % d->tables.n;
    }
    if (tried == d->tables.n) {
        return; /* made between the two queries */
    }
    struct table_source *t = &d->tables.at[d->at];
    for (size_t i = 0; i < t->column_count; i++) {
        if (str_eq(t->columns[i].name, chunk_text(chunk, 2, row))) {
            t->columns[i].not_null = str_is(chunk_text(chunk, 3, row), "false");
            t->columns[i].has_default = str_is(chunk_text(chunk, 4, row), "true");
        }
    }
}

enum status engine_describe(struct engine *g, uint64_t session, struct arena *a,
                            struct table_source **tables, size_t *count, struct error *e)
{
    struct describing d = {.arena = a};
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    run_begin(s, 0);
    enum status st = each_row(s, list_tables, add_table, &d, e);
    for (size_t i = 0; i < d.tables.n && st == OK; i++) {
        bind_table(s, a, &d.tables.at[i]);
    }
    if (st == OK) {
        st = each_row(s, list_columns, add_flags, &d, e);
    }
    st = run_end(s, st, e);
    *tables = d.tables.at;
    *count = st == OK ? d.tables.n : 0;
    return st;
}
