/* Statements: prepare, bind, run, and fetch batch after batch.
 *
 * A SELECT streams. Everything else is run to its end before engine_execute() returns, so that a
 * statement that changes something has done all of it (and committed it, outside of a transaction)
 * or nothing, whoever closes the cursor when. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>

#include "base/mem.h"

enum status engine_query(duckdb_connection c, enum error_stage stage, const char *sql,
                         duckdb_result *rows, struct error *e)
{
    duckdb_result unused;
    duckdb_result *r = rows ? rows : &unused;
    if (duckdb_query(c, sql, r) != DuckDBSuccess) {
        enum status st = error_from_engine(e, stage, duckdb_result_error(r));
        duckdb_destroy_result(r);
        return st;
    }
    if (!rows) {
        duckdb_destroy_result(r);
    }
    return OK;
}

struct str chunk_text(duckdb_data_chunk chunk, size_t column, size_t row)
{
    duckdb_vector v = duckdb_data_chunk_get_vector(chunk, column);
    uint64_t *validity = duckdb_vector_get_validity(v);
    if (validity && !duckdb_validity_row_is_valid(validity, row)) {
        return STR_NULL;
    }
    duckdb_string_t *s = (duckdb_string_t *)duckdb_vector_get_data(v) + row;
    return (struct str){duckdb_string_t_data(s), duckdb_string_t_length(*s)};
}

/* --- prepare --- */

static const struct type *engine_type(struct arena *a, duckdb_logical_type t)
{
    struct reader r;
    reader_init(&r, a, t);
    duckdb_destroy_logical_type(&t);
    return r.type;
}

static struct str column_name(struct arena *a, const char *name)
{
    return arena_str(a, str_of(name ? name : ""));
}

/* Statements that change rows and have no RETURNING show one column "Count"; those without any
 * result "Success" or none. */
static bool gives_rows(duckdb_statement_type kind, const struct engine_prepared *p)
{
    switch ((int)kind) {
    case DUCKDB_STATEMENT_TYPE_SELECT:
    case DUCKDB_STATEMENT_TYPE_EXPLAIN:
        return true;
    case DUCKDB_STATEMENT_TYPE_CALL:
    case DUCKDB_STATEMENT_TYPE_PRAGMA:
        return p->column_count > 0;
    default:
        return p->column_count > 1 ||
               (p->column_count == 1 &&
                !(str_is(p->columns[0].name, "Count") && p->columns[0].type->kind == TYPE_INT8) &&
                !str_is(p->columns[0].name, "Success"));
    }
}

static void describe_prepared(duckdb_prepared_statement ps, struct arena *a,
                              struct engine_prepared *out)
{
    out->param_count = duckdb_nparams(ps);
    out->params = ARENA_ARRAY(a, const struct type *, out->param_count);
    for (size_t i = 0; i < out->param_count; i++) {
        out->params[i] = engine_type(a, duckdb_param_logical_type(ps, i + 1));
    }
    out->column_count = duckdb_prepared_statement_column_count(ps);
    out->columns = ARENA_ARRAY(a, struct engine_column, out->column_count);
    for (size_t i = 0; i < out->column_count; i++) {
        const char *name = duckdb_prepared_statement_column_name(ps, i);
        out->columns[i].name = column_name(a, name);
        out->columns[i].type = engine_type(a, duckdb_prepared_statement_column_logical_type(ps, i));
        duckdb_free((void *)(uintptr_t)name);
    }
    out->returns_rows = gives_rows(duckdb_prepared_statement_type(ps), out);
}

static enum status prepare_sql(struct session *s, struct str sql, duckdb_prepared_statement *out,
                               struct error *e)
{
    if (memchr(sql.p, '\0', sql.n)) {
        return error_set(e, ERR_BAD_ENCODING, "The statement contains a NUL byte.");
    }
    char *text = mem_strndup(sql.p, sql.n);
    enum status st = OK;
    if (duckdb_prepare(s->connection, text, out) != DuckDBSuccess) {
        st = error_from_engine(e, STAGE_PREPARE, duckdb_prepare_error(*out));
        duckdb_destroy_prepare(out);
    }
    free(text);
    return st;
}

/* What a statement of our printer does to the session's transaction. */
static enum transaction_step step_of(duckdb_prepared_statement ps, struct str sql)
{
    sql = str_trim(sql);
    struct str word = {sql.p, sql.n < 5 ? sql.n : 5};
    if (duckdb_prepared_statement_type(ps) != DUCKDB_STATEMENT_TYPE_TRANSACTION) {
        return STEP_NONE;
    }
    return str_iis(word, "BEGIN") || str_iis(word, "START") ? STEP_BEGIN : STEP_END;
}

/* A COMMIT that fails has ended its transaction, too. */
static void take_step(struct session *s, enum transaction_step step, enum status st)
{
    if (step == STEP_END || (step == STEP_BEGIN && st == OK)) {
        s->in_transaction = step == STEP_BEGIN;
    }
}

enum status engine_prepare(struct engine *g, uint64_t session, struct str sql, struct arena *a,
                           struct engine_prepared *out, struct error *e)
{
    duckdb_prepared_statement ps = NULL;
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    run_begin_planning(s);
    /* The engine doesn't mind when something constant can't be computed yet: it plans without. */
    if (run_end_rows(s, prepare_sql(s, sql, &ps, e), e) != OK) {
        duckdb_destroy_prepare(&ps);
        return FAIL;
    }
    struct statement *st = mem_alloc(sizeof *st);
    *st = (struct statement){.number = ++s->last_number,
                             .step = step_of(ps, sql),
                             .prepared = ps,
                             .next = s->statements};
    s->statements = st;
    *out = (struct engine_prepared){.statement = st->number};
    describe_prepared(ps, a, out);
    return OK;
}

static void statement_free(struct statement *st)
{
    duckdb_destroy_prepare(&st->prepared);
    free(st);
}

void engine_statement_close(struct engine *g, uint64_t session, uint64_t statement)
{
    struct session *s = session_find(g, session, NULL);
    for (struct statement **at = s ? &s->statements : NULL; at && *at; at = &(*at)->next) {
        if ((*at)->number == statement) {
            struct statement *st = *at;
            *at = st->next;
            statement_free(st);
            return;
        }
    }
}

void statements_close_all(struct session *s)
{
    while (s->statements) {
        struct statement *st = s->statements;
        s->statements = st->next;
        statement_free(st);
    }
}

static struct statement *statement_find(struct session *s, uint64_t number, struct error *e)
{
    for (struct statement *st = s->statements; st; st = st->next) {
        if (st->number == number) {
            return st;
        }
    }
    (void)!error_set(e, ERR_UNKNOWN_STATEMENT, "The engine has no such statement.");
    return NULL;
}

/* --- execute --- */

static enum status bind_all(duckdb_prepared_statement ps, const struct value *params, size_t count,
                            struct error *e)
{
    if (duckdb_nparams(ps) != count) {
        return error_set(e, ERR_PROTOCOL, "The statement has %zu parameters, %zu were given.",
                         (size_t)duckdb_nparams(ps), count);
    }
    duckdb_clear_bindings(ps);
    for (size_t i = 0; i < count; i++) {
        duckdb_value v = NULL;
        if (value_to_engine(&params[i], &v, e) != OK) {
            return FAIL;
        }
        bool bound = duckdb_bind_value(ps, i + 1, v) == DuckDBSuccess;
        duckdb_destroy_value(&v);
        if (!bound) {
            return error_set(e, ERR_BAD_VALUE, "Parameter %zu can't be bound.", i + 1);
        }
    }
    return OK;
}

static enum status run_pending(duckdb_prepared_statement ps, bool streaming, duckdb_result *result,
                               struct error *e)
{
    duckdb_pending_result pending = NULL;
    duckdb_state made = streaming ? duckdb_pending_prepared_streaming(ps, &pending)
                                  : duckdb_pending_prepared(ps, &pending);
    enum status st = OK;
    if (made != DuckDBSuccess) {
        st = error_from_engine(e, STAGE_EXECUTE, duckdb_pending_error(pending));
    } else if (duckdb_execute_pending(pending, result) != DuckDBSuccess) {
        st = error_from_engine(e, STAGE_EXECUTE, duckdb_result_error(result));
        duckdb_destroy_result(result);
        *result = (duckdb_result){0};
    }
    duckdb_destroy_pending(&pending);
    return st;
}

static void cursor_free(struct session *s, struct cursor *c)
{
    bool was_streaming = c->is_streaming && !c->is_done && !c->is_lost;
    duckdb_destroy_result(&c->result);
    arena_free(c->arena);
    free(c);
    if (was_streaming) {
        /* The engine ends an abandoned stream, and the transaction that it reads in, only when the
         * next statement comes. */
        (void)!engine_query(s->connection, STAGE_EXECUTE, "SELECT 1", NULL, NULL);
    }
}

void cursors_close_all(struct session *s)
{
    while (s->cursors) {
        struct cursor *c = s->cursors;
        s->cursors = c->next;
        cursor_free(s, c);
    }
}

static enum status describe_result(struct cursor *c, struct arena *a, struct engine_result *out,
                                   struct error *e)
{
    out->column_count = c->column_count = duckdb_column_count(&c->result);
    out->columns = ARENA_ARRAY(a, struct engine_column, c->column_count);
    c->readers = ARENA_ARRAY(c->arena, struct reader, c->column_count);
    for (size_t i = 0; i < c->column_count; i++) {
        duckdb_logical_type t = duckdb_column_logical_type(&c->result, i);
        reader_init(&c->readers[i], c->arena, t);
        out->columns[i].name = column_name(a, duckdb_column_name(&c->result, i));
        out->columns[i].type = engine_type(a, t);
        if (!c->readers[i].is_readable) {
            return error_set(e, ERR_UNSUPPORTED,
                             "Column %zu has a type that can only be read as text.", i + 1);
        }
    }
    return OK;
}

int64_t count_changed(duckdb_result *r)
{
    int64_t n = 0;
    duckdb_data_chunk chunk = duckdb_fetch_chunk(*r);
    if (chunk && duckdb_data_chunk_get_size(chunk) == 1 &&
        duckdb_column_type(r, 0) == DUCKDB_TYPE_BIGINT) {
        n = *(int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    }
    duckdb_destroy_data_chunk(&chunk);
    return n;
}

static enum status open_cursor(struct session *s, struct cursor *c, struct arena *a,
                               struct engine_result *out, struct error *e)
{
    duckdb_result_type kind = duckdb_result_return_type(c->result);
    c->number = ++s->last_number;
    c->next = s->cursors;
    s->cursors = c;
    *out = (struct engine_result){.cursor = c->number,
                                  .returns_rows = kind == DUCKDB_RESULT_TYPE_QUERY_RESULT};
    if (!out->returns_rows) {
        out->rows_changed = count_changed(&c->result); /* CREATE TABLE AS too counts its rows */
        c->is_done = true;
        return OK;
    }
    return describe_result(c, a, out, e);
}

enum status engine_execute(struct engine *g, uint64_t session, uint64_t statement,
                           const struct value *params, size_t param_count, int64_t deadline_ns,
                           struct arena *a, struct engine_result *out, struct error *e)
{
    struct session *s = session_find(g, session, e);
    struct statement *prepared = s ? statement_find(s, statement, e) : NULL;
    if (!prepared || bind_all(prepared->prepared, params, param_count, e) != OK) {
        return FAIL;
    }
    uint64_t cancels;
    if (!run_begin_statement(s, prepared, deadline_ns, &cancels, e)) {
        return FAIL;
    }
    struct cursor *c = mem_alloc(sizeof *c);
    c->deadline_ns = deadline_ns;
    c->is_streaming =
        duckdb_prepared_statement_type(prepared->prepared) == DUCKDB_STATEMENT_TYPE_SELECT;
    c->cancels = cancels;
    enum status ran = run_pending(prepared->prepared, c->is_streaming, &c->result, e);
    enum status st = c->is_streaming ? run_end_rows(s, ran, e) : run_end(s, ran, e);
    take_step(s, prepared->step, ran);
    c->arena = arena_new(0);
    if (st != OK) {
        c->is_done = ran != OK;
        cursor_free(s, c);
        return FAIL;
    }
    if (open_cursor(s, c, a, out, e) != OK) {
        engine_cursor_close(g, session, c->number);
        return FAIL;
    }
    return OK;
}

/* --- fetch --- */

static struct cursor *cursor_find(struct session *s, uint64_t number, struct error *e)
{
    for (struct cursor *c = s->cursors; c; c = c->next) {
        if (c->number == number) {
            return c;
        }
    }
    (void)!error_set(e, ERR_UNKNOWN_PORTAL, "The engine has no such cursor.");
    return NULL;
}

static enum status fetch(struct cursor *c, struct ArrowArray *batch, struct error *e)
{
    duckdb_data_chunk chunk = duckdb_fetch_chunk(c->result);
    if (!chunk || duckdb_data_chunk_get_size(chunk) == 0) {
        const char *message = duckdb_result_error(&c->result);
        duckdb_destroy_data_chunk(&chunk);
        c->is_done = true;
        return message && *message ? error_from_engine(e, STAGE_EXECUTE, message) : OK;
    }
    array_from_chunk(batch, c->readers, c->column_count, chunk);
    duckdb_destroy_data_chunk(&chunk);
    return OK;
}

enum status engine_next(struct engine *g, uint64_t session, uint64_t cursor,
                        struct ArrowArray *batch, struct error *e)
{
    *batch = (struct ArrowArray){0};
    struct session *s = session_find(g, session, e);
    struct cursor *c = s ? cursor_find(s, cursor, e) : NULL;
    if (!c) {
        return FAIL;
    }
    if (c->is_done) {
        return OK;
    }
    if (c->is_lost) {
        return error_set(e, ERR_UNKNOWN_PORTAL,
                         "Another statement of the session ended the cursor.");
    }
    if (!run_resume(s, c, e)) {
        return FAIL;
    }
    if (run_end_rows(s, fetch(c, batch, e), e) != OK) {
        arrow_array_release(batch);
        return FAIL;
    }
    return OK;
}

void engine_cursor_close(struct engine *g, uint64_t session, uint64_t cursor)
{
    struct session *s = session_find(g, session, NULL);
    for (struct cursor **at = s ? &s->cursors : NULL; at && *at; at = &(*at)->next) {
        if ((*at)->number == cursor) {
            struct cursor *c = *at;
            *at = c->next;
            cursor_free(s, c);
            return;
        }
    }
}

enum status engine_run(struct engine *g, uint64_t session, struct str sql, struct error *e)
{
    duckdb_prepared_statement ps = NULL;
    duckdb_result result;
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    run_begin(s, 0);
    enum status st = prepare_sql(s, sql, &ps, e);
    if (st == OK) {
        st = run_pending(ps, false, &result, e);
        take_step(s, step_of(ps, sql), st);
    }
    if (st == OK) {
        duckdb_destroy_result(&result);
    }
    duckdb_destroy_prepare(&ps);
    return run_end(s, st, e);
}
