/* The rows of a source that won't change any more, as Parquet files, and the macro that reads them
 * together with those that the source still makes. The macro is in the engine's own database in
 * memory, which is empty but for such: it goes with the process. */
#include "engine/duckdb_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum {
    ROWS_OF_A_GROUP = 40960
}; /* small enough that a WHERE leaves out most, and memory stays low */

static void put_columns(struct buf *sql, const struct engine_source *s)
{
    buf_puts(sql, "SELECT ");
    for (size_t i = 0; i < s->column_count; i++) {
        buf_puts(sql, i ? ", " : "");
        put_identifier(sql, s->columns[i].name);
    }
    buf_puts(sql, " FROM ");
}

static void put_made(struct buf *sql, const struct engine_source *s, int64_t from, int64_t before)
{
    put_columns(sql, s);
    buf_printf(sql, "%s(%" PRId64 ", %" PRId64 ")", s->function, from, before);
}

static void put_files(struct buf *sql, const struct str *files, size_t count)
{
    buf_puts(sql, "read_parquet([");
    for (size_t i = 0; i < count; i++) {
        buf_puts(sql, i ? ", " : "");
        put_literal(sql, files[i]);
    }
    buf_puts(sql, "])");
}

/* Each file by its name: of a pattern, what is missing would be a shorter answer. */
static enum status define(duckdb_connection c, const struct engine_source *s,
                          const struct str *files, size_t count, int64_t before, struct error *e)
{
    struct buf sql = BUF_INIT(0);
    buf_printf(&sql, "CREATE OR REPLACE MACRO " CATALOG_ENGINE_SOURCES ".%s() AS TABLE ",
               s->relation);
    if (count > 0) {
        put_columns(&sql, s);
        put_files(&sql, files, count);
        buf_puts(&sql, " WHERE ");
        put_identifier(&sql, s->columns[0].name);
        buf_printf(&sql, " < %" PRId64 " UNION ALL ", before);
    }
    put_made(&sql, s, before, INT64_MAX);
    enum status st = engine_query(c, STAGE_EXECUTE, buf_cstr(&sql), NULL, e);
    buf_free(&sql);
    return st;
}

enum status source_define(duckdb_connection c, const struct engine_source *source, struct error *e)
{
    return define(c, source, NULL, 0, 0, e);
}

enum status engine_read_settled(struct engine *g, uint64_t session, const struct engine_source *s,
                                const struct str *files, size_t count, int64_t before,
                                struct error *e)
{
    struct session *at = session_find(g, session, e);
    return at ? define(at->connection, s, files, count, before, e) : FAIL;
}

static enum status sync_file(const char *file, struct error *e)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        error_set(e, ERR_IO, "%s can't be written: %s", file, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return FAIL;
    }
    close(fd);
    return OK;
}

enum status engine_settle(struct engine *g, uint64_t session, const struct engine_source *s,
                          int64_t from, int64_t before, const char *file, struct error *e)
{
    struct buf sql = BUF_INIT(0);
    buf_puts(&sql, "COPY (");
    put_made(&sql, s, from, before);
    buf_puts(&sql, ") TO ");
    put_literal(&sql, str_of(file));
    buf_printf(&sql, " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE %d)", ROWS_OF_A_GROUP);
    enum status st = engine_run(g, session, buf_str(&sql), e);
    buf_free(&sql);
    return st == OK ? sync_file(file, e) : FAIL;
}

static enum status read_range(struct session *at, const char *sql, struct engine_settled *out,
                              struct error *e)
{
    duckdb_result r;
    if (engine_query(at->connection, STAGE_EXECUTE, sql, &r, e) != OK) {
        return FAIL;
    }
    duckdb_data_chunk chunk = duckdb_fetch_chunk(r);
    int64_t *numbers[3] = {&out->first, &out->last, &out->count};
    for (idx_t i = 0; i < 3; i++) {
        *numbers[i] =
            chunk ? ((int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, i)))[0]
                  : 0;
    }
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&r);
    return OK;
}

/* The outer query has no rows, but names every column: a file without one fails. */
enum status engine_settled_rows(struct engine *g, uint64_t session, const struct engine_source *s,
                                const char *file, struct engine_settled *out, struct error *e)
{
    struct session *at = session_find(g, session, e);
    struct buf sql = BUF_INIT(0);
    *out = (struct engine_settled){0};
    if (!at) {
        return FAIL;
    }
    buf_puts(&sql, "WITH f AS (");
    put_columns(&sql, s);
    put_files(&sql, &(struct str){file, strlen(file)}, 1);
    buf_puts(&sql, ") SELECT coalesce(min(n), 0)::BIGINT, coalesce(max(n), 0)::BIGINT, "
                   "count(*)::BIGINT FROM (SELECT ");
    put_identifier(&sql, s->columns[0].name);
    buf_puts(&sql, " AS n FROM f)");
    enum status st = read_range(at, buf_cstr(&sql), out, NULL);
    buf_free(&sql);
    return st == OK ? OK : error_set(e, ERR_CORRUPT, "%s isn't a file of settled rows.", file);
}
