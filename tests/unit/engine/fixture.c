#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/id.h"

void fixture_make(struct fixture *f)
{
    *f = (struct fixture){0};
    const char *root = getenv("HATIDATA_SOURCE_ROOT");
    snprintf(f->dir, sizeof f->dir, "/tmp/engine-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof f->path, "%s/data.db", f->dir);
    snprintf(f->spill, sizeof f->spill, "%s/spill", f->dir);
    snprintf(f->import, sizeof f->import, "%s/import", f->dir);
    snprintf(f->extensions, sizeof f->extensions, "%s/third_party/duckdb/extensions",
             root ? root : ".");
    assert_int_equal(mkdir(f->spill, 0700), 0);
    assert_int_equal(mkdir(f->import, 0700), 0);
    char *real = realpath(f->extensions, NULL);
    assert_non_null(real);
    snprintf(f->extensions, sizeof f->extensions, "%s", real);
    free(real);
    id_random(f->key, sizeof f->key);
    f->config = (struct engine_config){.path = f->path,
                                       .data_key = f->key,
                                       .spill_dir = f->spill,
                                       .extension_dir = f->extensions,
                                       .memory_limit = (size_t)256 << 20,
                                       .threads = 2};
    f->arena = arena_new(0);
}

void fixture_open(struct fixture *f)
{
    struct error e = ERROR_INIT;
    if (engine_open(&f->config, &f->engine, &e) != OK) {
        fail_msg("open: %s", e.message);
    }
    f->session = engine_session_open(f->engine);
}

void fixture_close(struct fixture *f)
{
    engine_close(f->engine);
    f->engine = NULL;
}

void fixture_remove(struct fixture *f)
{
    char command[96];
    fixture_close(f);
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0);
    arena_free(f->arena);
}

void fixture_write(struct fixture *f, const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static enum status run_all(struct fixture *f, uint64_t session, const char *sql, int64_t *changed,
                           struct error *e)
{
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    if (engine_prepare(f->engine, session, str_of(sql), f->arena, &p, e) != OK) {
        return FAIL;
    }
    enum status st = engine_execute(f->engine, session, p.statement, NULL, 0, 0, f->arena, &r, e);
    if (st == OK) {
        *changed = r.rows_changed;
        while ((st = engine_next(f->engine, session, r.cursor, &batch, e)) == OK && batch.release) {
            arrow_array_release(&batch);
        }
        engine_cursor_close(f->engine, session, r.cursor);
    }
    engine_statement_close(f->engine, session, p.statement);
    return st;
}

int64_t must(struct fixture *f, uint64_t session, const char *sql)
{
    struct error e = ERROR_INIT;
    int64_t changed = 0;
    if (run_all(f, session, sql, &changed, &e) != OK) {
        fail_msg("%s: %s", sql, e.message);
    }
    return changed;
}

enum error_code fails(struct fixture *f, uint64_t session, const char *sql, struct error *e)
{
    struct error own = ERROR_INIT;
    int64_t changed;
    e = e ? e : &own;
    return run_all(f, session, sql, &changed, e) == OK ? ERR_NONE : e->code;
}

struct str text_at(const struct ArrowArray *a, int64_t row)
{
    const int64_t *offsets = a->buffers[1];
    return (struct str){(const char *)a->buffers[2] + offsets[row],
                        (size_t)(offsets[row + 1] - offsets[row])};
}

const char *one(struct fixture *f, uint64_t session, const char *sql)
{
    struct error e = ERROR_INIT;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    const char *text = "";
    if (engine_prepare(f->engine, session, str_of(sql), f->arena, &p, &e) != OK ||
        engine_execute(f->engine, session, p.statement, NULL, 0, 0, f->arena, &r, &e) != OK ||
        engine_next(f->engine, session, r.cursor, &batch, &e) != OK) {
        fail_msg("%s: %s", sql, e.message);
    }
    if (batch.release) {
        const struct ArrowArray *first = batch.children[0];
        text = arrow_is_null(first, 0) ? "NULL" : arena_strdup(f->arena, text_at(first, 0));
        arrow_array_release(&batch);
    }
    engine_cursor_close(f->engine, session, r.cursor);
    engine_statement_close(f->engine, session, p.statement);
    return text;
}
