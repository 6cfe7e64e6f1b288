/* An operator's import: a file of the import folder as a new table, in one transaction.
 *
 * The folder is the only place that the locked engine may read; the path is resolved here first, so
 * that links and ".." end where they really lead. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

enum { PROGRESS_EVERY_TASKS = 16, NAP_NS = 500000 };

struct import {
    struct session *session;
    char *path; /* resolved */
    struct str schema, table, needs;
    void (*progress)(void *ctx, double fraction, int64_t rows);
    void *ctx;
};

/* What the engine reads the file with; NULL for a format that we don't know. */
static const char *reader_of(const char *file, const char *format)
{
    static const char *const readers[][2] = {
        {"csv", "read_csv("},       {"tsv", "read_csv("},     {"jsonl", "read_ndjson("},
        {"ndjson", "read_ndjson("}, {"json", "read_ndjson("}, {"parquet", "read_parquet("},
    };
    const char *dot = strrchr(file, '.');
    struct str name = str_of(format && *format ? format : dot ? dot + 1 : "");
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (str_iis(name, readers[i][0])) {
            return readers[i][1];
        }
    }
    return NULL;
}

static enum status resolve(struct engine *g, const char *file, char **out, struct error *e)
{
    if (!g->import_dir) {
        return error_set(e, ERR_CONFIG, "The engine was opened without an import folder.");
    }
    char *path = realpath(file, NULL);
    size_t n = strlen(g->import_dir);
    if (!path) {
        return error_set(e, ERR_IO, "The file \"%s\" can't be read.", file);
    }
    if (strncmp(path, g->import_dir, n) != 0 || path[n] != '/' || strpbrk(path, "*?[{")) {
        free(path);
        return error_set(e, ERR_DENIED, "The file \"%s\" is not a plain file of the import folder.",
                         file);
    }
    *out = path;
    return OK;
}

/* The number after the last of the words that stand before it, or 0. */
static int64_t number_after(struct str s, const char *words)
{
    int64_t n = 0;
    if (!str_starts(s, words)) {
        return 0;
    }
    for (size_t i = strlen(words); i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && n < INT64_MAX / 16;
         i++) {
        n = n * 10 + (s.p[i] - '0');
    }
    return n;
}

/* "... CSV Error on Line: 7", '... in file "/path", at byte 6 in line 7'. Only the beginning of the
 * message is read: what follows quotes the line. */
static int64_t line_of(const char *message, const char *path)
{
    struct str s = str_of(message);
    str_cut(&s, ':');
    s = str_trim(s);
    int64_t line = number_after(s, "CSV Error on Line: ");
    const char *at = s.p ? memmem(s.p, s.n, path, strlen(path)) : NULL;
    if (line || !at) {
        return line;
    }
    struct str rest = {at + strlen(path), s.n - (size_t)(at - s.p) - strlen(path)};
    for (size_t i = 0; i < rest.n && i < 64 && !line && rest.p[i] != ':'; i++) {
        line = number_after((struct str){rest.p + i, rest.n - i}, " in line ");
    }
    return line;
}

static enum status import_error(struct import *in, const char *message, struct error *e)
{
    int64_t line = message ? line_of(message, in->path) : 0;
    (void)!error_from_engine(e, STAGE_EXECUTE, message);
    if (line && e) {
        return error_set(e, ERR_BAD_VALUE, "Line %lld of the file can't be read as a row.",
                         (long long)line);
    }
    if (e && e->code == ERR_DUPLICATE_TABLE) {
        return error_set(e, ERR_EXISTS, "A table of that name exists already.");
    }
    return FAIL;
}

static void report(struct import *in)
{
    duckdb_query_progress_type p = duckdb_query_progress(in->session->connection);
    if (in->progress && p.percentage >= 0) {
        in->progress(in->ctx, p.percentage / 100, (int64_t)p.rows_processed);
    }
}

/* False where it failed; the pending result has the error. */
static bool work(struct import *in, duckdb_pending_result pending)
{
    for (unsigned tasks = 0;; tasks++) {
        duckdb_pending_state state = duckdb_pending_execute_task(pending);
        if (state == DUCKDB_PENDING_RESULT_READY || state == DUCKDB_PENDING_ERROR) {
            return state == DUCKDB_PENDING_RESULT_READY;
        }
        if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE) { /* other threads have them all */
            nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
        }
        if (tasks % PROGRESS_EVERY_TASKS == 0) {
            report(in);
        }
    }
}

static enum status create_table(struct import *in, const char *sql, int64_t *rows, struct error *e)
{
    duckdb_prepared_statement ps = NULL;
    duckdb_pending_result pending = NULL;
    duckdb_result r;
    enum status st = OK;
    if (duckdb_prepare(in->session->connection, sql, &ps) != DuckDBSuccess) {
        st = import_error(in, duckdb_prepare_error(ps), e);
    } else if (duckdb_pending_prepared(ps, &pending) != DuckDBSuccess || !work(in, pending)) {
        st = import_error(in, duckdb_pending_error(pending), e);
    } else {
        if (duckdb_execute_pending(pending, &r) != DuckDBSuccess) {
            st = import_error(in, duckdb_result_error(&r), e);
        } else {
            *rows = count_changed(&r);
        }
        duckdb_destroy_result(&r);
    }
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&ps);
    return st;
}

static enum status run(struct import *in, const char *sql, struct error *e)
{
    return engine_query(in->session->connection, STAGE_EXECUTE, sql, NULL, e);
}

static void put_table(struct buf *b, const struct import *in)
{
    buf_puts(b, ENGINE_DATABASE ".");
    put_identifier(b, in->schema);
    buf_u8(b, '.');
    put_identifier(b, in->table);
}

static void put_create(struct buf *b, const struct import *in, const char *reader)
{
    buf_puts(b, "CREATE TABLE ");
    put_table(b, in);
    buf_puts(b, " AS SELECT * FROM ");
    buf_puts(b, reader);
    put_literal(b, str_of(in->path));
    buf_u8(b, ')');
}

/* That the new table has the column that it needs. */
static enum status check_column(struct import *in, struct error *e)
{
    struct buf b = BUF_INIT(0);
    duckdb_result r;
    if (in->needs.n == 0) {
        return OK;
    }
    buf_puts(&b, "FROM ");
    put_table(&b, in);
    buf_puts(&b, " LIMIT 0");
    enum status st = engine_query(in->session->connection, STAGE_EXECUTE, buf_cstr(&b), &r, e);
    buf_free(&b);
    if (st != OK) {
        return FAIL;
    }
    bool found = false;
    for (idx_t i = 0; i < duckdb_column_count(&r) && !found; i++) {
        found = str_ieq(str_of(duckdb_column_name(&r, i)), in->needs);
    }
    duckdb_destroy_result(&r);
    return found ? OK
                 : error_set(e, ERR_UNKNOWN_COLUMN, "The file has no column \"%.*s\".",
                             in->needs.n < 64 ? (int)in->needs.n : 64, in->needs.p);
}

static enum status import_rows(struct import *in, const char *reader, int64_t *rows,
                               struct error *e)
{
    struct buf make = BUF_INIT(0), create = BUF_INIT(0);
    buf_puts(&make, "CREATE SCHEMA IF NOT EXISTS " ENGINE_DATABASE ".");
    put_identifier(&make, in->schema);
    put_create(&create, in, reader);
    enum status st = run(in, "BEGIN", e);
    if (st == OK) {
        st = run(in, buf_cstr(&make), e);
        if (st == OK) {
            st = create_table(in, buf_cstr(&create), rows, e);
        }
        if (st == OK) {
            st = check_column(in, e);
        }
        if (st == OK) {
            st = run(in, "COMMIT", e);
        }
        if (st != OK) {
            (void)!run(in, "ROLLBACK", NULL);
        }
    }
    buf_free(&make);
    buf_free(&create);
    return st;
}

enum status engine_import(struct engine *g, uint64_t session, const char *file, const char *format,
                          struct str engine_schema, struct str table, struct str needs,
                          void (*progress)(void *ctx, double fraction, int64_t rows), void *ctx,
                          int64_t *rows, struct error *e)
{
    const char *reader = reader_of(file, format);
    struct import in = {
        .schema = engine_schema, .table = table, .needs = needs, .progress = progress, .ctx = ctx};
    in.session = session_find(g, session, e);
    if (!in.session) {
        return FAIL;
    }
    if (!reader) {
        return error_set(e, ERR_UNSUPPORTED, "The file must be CSV, JSON lines or Parquet.");
    }
    if (table.n == 0 || memchr(table.p, 0, table.n) ||
        memchr(engine_schema.p, 0, engine_schema.n)) {
        return error_set(e, ERR_VALIDATION, "The table needs a name without NUL.");
    }
    if (resolve(g, file, &in.path, e) != OK) {
        return FAIL;
    }
    run_begin(in.session, 0);
    enum status st = import_rows(&in, reader, rows, e);
    st = run_end(in.session, st, e);
    if (st == OK && progress) {
        progress(ctx, 1, *rows);
    }
    free(in.path);
    return st;
}
