/* Rows into the engine, through its appender: rows gather in the relation "incoming", and an INSERT
 * ... SELECT from it runs for each piece of some hundred thousand.
 *
 * All or nothing: outside of a transaction we open one around all the pieces. Inside of one, the
 * engine has no savepoints: an append that is aborted makes the transaction fail, as a failed COPY
 * does in PostgreSQL, so that nothing of it can be committed. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>

#include "base/mem.h"

/* Of 1.5.5, not in the pinned header: drops what was appended since the last flush. */
duckdb_state duckdb_appender_clear(duckdb_appender appender);

struct append {
    uint64_t number;
    duckdb_appender appender;
    size_t column_count;
    int64_t rows;
    bool own_transaction, has_failed;
    struct append *next;
};

static struct append *append_find(struct session *s, uint64_t number, struct error *e)
{
    for (struct append *a = s->appends; a; a = a->next) {
        if (a->number == number) {
            return a;
        }
    }
    (void)!error_set(e, ERR_INTERNAL, "The engine has no such append.");
    return NULL;
}

static enum status append_error(struct append *a, struct error *e)
{
    duckdb_error_data data = duckdb_appender_error_data(a->appender);
    enum status st = error_from_data(e, data);
    duckdb_destroy_error_data(&data);
    a->has_failed = true;
    return st;
}

static enum status make_appender(struct session *s, struct append *a, struct str sql,
                                 const struct engine_column *columns, struct error *e)
{
    size_t n = a->column_count;
    struct arena *scratch = arena_new(0);
    duckdb_logical_type *types = ARENA_ARRAY(scratch, duckdb_logical_type, n);
    const char **names = ARENA_ARRAY(scratch, const char *, n);
    enum status st = OK;
    for (size_t i = 0; i < n; i++) {
        names[i] = arena_strdup(scratch, columns[i].name);
        types[i] = type_to_engine(columns[i].type);
        if (!types[i]) {
            st = error_set(e, ERR_UNSUPPORTED, "Column %zu has a type that can't be appended.",
                           i + 1);
        }
    }
    if (st == OK &&
        duckdb_appender_create_query(s->connection, arena_strdup(scratch, sql), n, types,
                                     "incoming", names, &a->appender) != DuckDBSuccess) {
        st = append_error(a, e);
    }
    for (size_t i = 0; i < n; i++) {
        duckdb_destroy_logical_type(&types[i]);
    }
    arena_free(scratch);
    return st;
}

/* Throws away the rows that wait, and undoes those that the engine has. */
static void append_undo(struct session *s, struct append *a)
{
    if (a->appender) {
        duckdb_appender_clear(a->appender);
        duckdb_appender_destroy(&a->appender);
    }
    (void)!engine_query(s->connection, STAGE_EXECUTE,
                        a->own_transaction ? "ROLLBACK" : "SELECT error('append aborted')", NULL,
                        NULL);
    free(a);
}

static enum status append_start(struct session *s, struct append *a, struct str sql,
                                const struct engine_column *columns, struct error *e)
{
    if (!s->in_transaction) {
        if (engine_query(s->connection, STAGE_EXECUTE, "BEGIN", NULL, e) != OK) {
            free(a);
            return FAIL;
        }
        a->own_transaction = true;
    }
    if (make_appender(s, a, sql, columns, e) != OK) {
        append_undo(s, a);
        return FAIL;
    }
    return OK;
}

enum status engine_append_begin(struct engine *g, uint64_t session, struct str sql,
                                const struct engine_column *columns, size_t column_count,
                                uint64_t *append, struct error *e)
{
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    struct append *a = mem_alloc(sizeof *a);
    *a = (struct append){.number = ++s->last_number, .column_count = column_count};
    run_begin(s, 0);
    if (run_end(s, append_start(s, a, sql, columns, e), e) != OK) {
        return FAIL;
    }
    /* run_end() gives OK only where the start did, and that alone keeps `a`. */
    a->next = s->appends; // NOLINT(clang-analyzer-unix.Malloc)
    s->appends = a;
    *append = a->number;
    return OK;
}

static enum status append_any(struct append *a, const struct value *v, struct error *e)
{
    duckdb_value value = NULL;
    if (value_to_engine(v, &value, e) != OK) {
        a->has_failed = true;
        return FAIL;
    }
    duckdb_state state = duckdb_append_value(a->appender, value);
    duckdb_destroy_value(&value);
    return state == DuckDBSuccess ? OK : append_error(a, e);
}

/* The common types without a value object between. */
static enum status append_value(struct append *a, const struct value *v, struct error *e)
{
    duckdb_state state;
    if (v->is_null) {
        state = duckdb_append_null(a->appender);
    } else {
        switch (v->type->kind) {
        case TYPE_INT8:
            state = duckdb_append_int64(a->appender, v->as.integer);
            break;
        case TYPE_FLOAT8:
            state = duckdb_append_double(a->appender, v->as.real);
            break;
        case TYPE_TEXT:
            state = duckdb_append_varchar_length(a->appender, v->as.text.p ? v->as.text.p : "",
                                                 v->as.text.n);
            break;
        default:
            return append_any(a, v, e);
        }
    }
    return state == DuckDBSuccess ? OK : append_error(a, e);
}

static enum status append_row(struct append *a, const struct value *row, struct error *e)
{
    for (size_t i = 0; i < a->column_count; i++) {
        if (append_value(a, &row[i], e) != OK) {
            return FAIL;
        }
    }
    if (duckdb_appender_end_row(a->appender) != DuckDBSuccess) {
        return append_error(a, e);
    }
    a->rows++;
    return OK;
}

enum status engine_append_rows(struct engine *g, uint64_t session, uint64_t append,
                               const struct value *const *rows, size_t row_count, struct error *e)
{
    struct session *s = session_find(g, session, e);
    struct append *a = s ? append_find(s, append, e) : NULL;
    if (!a) {
        return FAIL;
    }
    if (a->has_failed) {
        return error_set(e, ERR_BAD_COPY, "The append has failed already.");
    }
    enum status st = OK;
    run_begin(s, 0);
    for (size_t i = 0; i < row_count && st == OK; i++) {
        st = append_row(a, rows[i], e);
    }
    st = run_end_rows(s, st, e);
    a->has_failed = st != OK;
    return st;
}

static struct append *append_take(struct session *s, uint64_t number)
{
    for (struct append **at = &s->appends; *at; at = &(*at)->next) {
        if ((*at)->number == number) {
            struct append *a = *at;
            *at = a->next;
            return a;
        }
    }
    return NULL;
}

static enum status append_finish(struct session *s, struct append *a, struct error *e)
{
    if (a->has_failed) {
        return error_set(e, ERR_BAD_COPY, "The append has failed already.");
    }
    if (duckdb_appender_close(a->appender) != DuckDBSuccess) {
        return append_error(a, e);
    }
    duckdb_appender_destroy(&a->appender);
    return a->own_transaction ? engine_query(s->connection, STAGE_EXECUTE, "COMMIT", NULL, e) : OK;
}

enum status engine_append_end(struct engine *g, uint64_t session, uint64_t append, int64_t *rows,
                              struct error *e)
{
    struct session *s = session_find(g, session, e);
    struct append *a = s && append_find(s, append, e) ? append_take(s, append) : NULL;
    if (!a) {
        return FAIL;
    }
    run_begin(s, 0);
    if (run_end(s, append_finish(s, a, e), e) != OK) {
        append_undo(s, a);
        return FAIL;
    }
    *rows = a->rows;
    free(a);
    return OK;
}

void engine_append_abort(struct engine *g, uint64_t session, uint64_t append)
{
    struct session *s = session_find(g, session, NULL);
    struct append *a = s ? append_take(s, append) : NULL;
    if (a) {
        append_undo(s, a);
    }
}

void appends_close_all(struct session *s)
{
    while (s->appends) {
        append_undo(s, append_take(s, s->appends->number));
    }
}
