/* How fast the engine's interface is: prepared statements, streamed rows, appended rows.
 * Usage: bench_engine EXTENSION_DIR [FOLDER]. Prints one line a case. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "in_process.h"

static struct engine *engine;
static uint64_t session;

static int64_t run(const struct engine_prepared *p, const struct value *params, size_t n)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct engine_result r;
    struct ArrowArray batch;
    int64_t rows = 0;
    must(engine_execute(engine, session, p->statement, params, n, clock_mono_ns() + 60000000000, a,
                        &r, &e),
         &e);
    for (;;) {
        must(engine_next(engine, session, r.cursor, &batch, &e), &e);
        if (!batch.release) {
            break;
        }
        rows += batch.length;
        arrow_array_release(&batch);
    }
    engine_cursor_close(engine, session, r.cursor);
    arena_free(a);
    return rows;
}

static struct engine_prepared prepare(struct arena *a, const char *sql)
{
    struct engine_prepared p;
    struct error e = ERROR_INIT;
    must(engine_prepare(engine, session, str_of(sql), a, &p, &e), &e);
    return p;
}

/* Median and 99th percentile of many runs. */
static void statement(struct arena *a, const char *sql, size_t params, size_t times)
{
    struct engine_prepared p = prepare(a, sql);
    struct value v = {.type = type_simple(TYPE_INT4)};
    int64_t *took = mem_calloc(times, sizeof *took);
    for (size_t i = 0; i < times; i++) {
        v.as.integer = (int64_t)(i * 7919 % 1000000);
        int64_t start = clock_mono_ns();
        run(&p, &v, params);
        took[i] = clock_mono_ns() - start;
    }
    qsort(took, times, sizeof *took, by_value);
    printf("%-60s p50 %7.1f us  p99 %7.1f us\n", sql, (double)took[times / 2] / 1e3,
           (double)took[times * 99 / 100] / 1e3);
    free(took);
    engine_statement_close(engine, session, p.statement);
}

static void stream(struct arena *a, const char *sql)
{
    struct engine_prepared p = prepare(a, sql);
    int64_t start = clock_mono_ns(), rows = run(&p, NULL, 0);
    double seconds = (double)(clock_mono_ns() - start) / 1e9;
    printf("%-60s %.1f million rows/s\n", sql, (double)rows / seconds / 1e6);
    engine_statement_close(engine, session, p.statement);
}

static void append(void)
{
    enum { ROWS = 500000 };
    struct engine_column columns[] = {{STR("i"), type_simple(TYPE_INT4)},
                                      {STR("s"), type_simple(TYPE_TEXT)}};
    struct value row[] = {{.type = columns[0].type}, {.type = columns[1].type}};
    const struct value *rows[] = {row};
    struct error e = ERROR_INIT;
    uint64_t number;
    int64_t done, start = clock_mono_ns();
    must(engine_run(engine, session, STR("CREATE TABLE shared.bench_append (i INTEGER, s VARCHAR)"),
                    &e),
         &e);
    must(engine_append_begin(engine, session,
                             STR("INSERT INTO shared.bench_append SELECT i, s FROM incoming"),
                             columns, 2, &number, &e),
         &e);
    row[1].as.text = STR("some text of a usual length");
    for (int i = 0; i < ROWS; i++) {
        row[0].as.integer = i;
        must(engine_append_rows(engine, session, number, rows, 1, &e), &e);
    }
    must(engine_append_end(engine, session, number, &done, &e), &e);
    printf("%-60s %.1f million rows/s\n", "append",
           (double)done / ((double)(clock_mono_ns() - start) / 1e9) / 1e6);
}

int main(int argc, char **argv)
{
    struct in_process world;
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    if (argc < 2) {
        fprintf(stderr, "usage: bench_engine EXTENSION_DIR [FOLDER]\n");
        return 2;
    }
    in_process_open(&world, argv[1], argc > 2 ? argv[2] : NULL, NULL);
    engine = world.engine;
    session = world.session;
    must(engine_run(
             engine, session,
             STR("CREATE TABLE shared.bench AS SELECT CAST(range AS INTEGER) AS i, 'name ' || "
                 "range AS s, CAST(range AS DECIMAL(12, 2)) AS d, DATE '2020-01-01' + "
                 "CAST(range % 1000 AS INTEGER) AS t FROM range(1000000)"),
             &e),
         &e);
    statement(a, "SELECT 42", 0, 5000);
    statement(a, "SELECT * FROM shared.bench WHERE i = $1::INTEGER", 1, 500);
    statement(a, "SELECT sum(d), count(*) FROM shared.bench", 0, 200);
    stream(a, "SELECT i FROM shared.bench, range(10)");
    stream(a, "SELECT * FROM shared.bench, range(3)");
    append();
    in_process_close(&world);
    arena_free(a);
    return 0;
}
