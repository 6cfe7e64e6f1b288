/* The wire benchmark: the same statements by DuckDB's C API in this process and through the server
 * over TLS, interleaved in one run, so that both see the same machine. Stated apart, measured
 * between them: the round trip (an empty statement over the same connection) and the disk's sync of
 * one entry of the log. Prints a table, writes JSON.
 *
 *     bench_wire CONNINFO SCRATCH-FOLDER JSON-FILE
 *
 * The server must run its engine with one thread, as DuckDB does here, and keep its data on the
 * disk of the folder (dev/bench sees to both). */
#include <duckdb.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define MAKE_TABLE                                                                                 \
    "CREATE TABLE bench AS SELECT i AS id, i * 0.5::DOUBLE AS half, DATE '2000-01-01' + "          \
    "(i % 1000)::INT AS day, 'row ' || i AS name FROM range(1000000) AS r(i)"

struct subject {
    const char *name, *sql;
    int runs;
    bool has_param;
    bool is_simple; /* the text itself each time, nothing prepared */
};

static const struct subject subjects[] = {
    {"SELECT 1, simple", "SELECT 1", 1000, false, true},
    {"SELECT 1, prepared", "SELECT 1", 1000, false, false},
    {"point query, prepared", "SELECT id, half, day, name FROM bench WHERE id = $1", 1000, true,
     false},
    {"aggregate of 1M rows", "SELECT count(*), sum(id), avg(half) FROM bench", 200, false, false},
    {"1M rows of 4 columns", "SELECT id, half, day, name FROM bench", 7, false, false},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_wire: %s: %s\n", what, why ? why : "?");
    exit(1);
}

static void duck_run(duckdb_connection c, const char *sql)
{
    duckdb_result r;
    if (duckdb_query(c, sql, &r) != DuckDBSuccess) {
        fail(sql, duckdb_result_error(&r));
    }
    duckdb_destroy_result(&r);
}

static int64_t duck_time(duckdb_connection duck, duckdb_prepared_statement s,
                         const struct subject *b, int i)
{
    duckdb_result r;
    int64_t begun = clock_mono_ns(), rows = 0;
    if (b->has_param) {
        duckdb_bind_int64(s, 1, (i * 7919LL) % 1000000);
    }
    duckdb_state done =
        b->is_simple ? duckdb_query(duck, b->sql, &r) : duckdb_execute_prepared(s, &r);
    if (done != DuckDBSuccess) {
        fail(b->sql, duckdb_result_error(&r));
    }
    for (duckdb_data_chunk chunk; (chunk = duckdb_fetch_chunk(r));) {
        rows += (int64_t)duckdb_data_chunk_get_size(chunk);
        duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&r);
    return rows ? clock_mono_ns() - begun : 0;
}

static int64_t wire_time(PGconn *c, const char *statement, const struct subject *b, int i)
{
    char number[24];
    const char *values[1] = {number};
    snprintf(number, sizeof number, "%lld", (i * 7919LL) % 1000000);
    int64_t begun = clock_mono_ns(), rows = 0;
    /* Row by row, in binary, as a client that reads a large result does. */
    int sent = b->is_simple
                   ? PQsendQuery(c, b->sql)
                   : PQsendQueryPrepared(c, statement, b->has_param, values, NULL, NULL, 1);
    if (!sent) {
        fail(b->sql, PQerrorMessage(c));
    }
    PQsetSingleRowMode(c);
    for (PGresult *r; (r = PQgetResult(c));) {
        ExecStatusType status = PQresultStatus(r);
        if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            fail(b->sql, PQresultErrorMessage(r));
        }
        rows += PQntuples(r);
        PQclear(r);
    }
    return rows ? clock_mono_ns() - begun : 0;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double quantile_us(int64_t *ns, int n, double q)
{
    qsort(ns, (size_t)n, sizeof *ns, compare);
    return (double)ns[(int)((n - 1) * q)] / 1000;
}

/* An empty query through the server: TLS, framing and the way to a worker, neither pipeline nor
 * log. */
static int64_t trip_time(PGconn *c)
{
    int64_t begun = clock_mono_ns();
    PQclear(PQexec(c, ";"));
    return clock_mono_ns() - begun;
}

/* What the log does once a statement, on the same disk: appends an entry and syncs. */
static int64_t sync_time(int fd)
{
    static char entry[1400];
    int64_t begun = clock_mono_ns();
    if (write(fd, entry, sizeof entry) != sizeof entry || fdatasync(fd) != 0) {
        fail("sync", "the scratch file can't be written");
    }
    return clock_mono_ns() - begun;
}

/* Processor time of this thread: libpq and TLS of the client. */
static int64_t client_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct peers {
    duckdb_connection duck;
    PGconn *client;
    int log;
    FILE *json;
};

enum { IN_PROCESS, THROUGH, TRIP, SYNC, CLIENT, KINDS };

static void take_turn(const struct peers *p, duckdb_prepared_statement s, const char *name,
                      const struct subject *b, int i, int64_t *ns[KINDS])
{
    ns[IN_PROCESS][i] = duck_time(p->duck, s, b, i);
    int64_t cpu = client_cpu();
    ns[THROUGH][i] = wire_time(p->client, name, b, i);
    ns[CLIENT][i] = client_cpu() - cpu;
    ns[TRIP][i] = trip_time(p->client);
    ns[SYNC][i] = sync_time(p->log);
}

/* One line of the table: a quantile of each kind. */
static void show_line(const char *name, int64_t *ns[KINDS], int n, double q, const char *key,
                      FILE *json)
{
    double us[KINDS];
    for (int k = 0; k < KINDS; k++) {
        us[k] = quantile_us(ns[k], n, q);
    }
    double ratio = us[THROUGH] / us[IN_PROCESS];
    double rest = (us[THROUGH] - us[TRIP] - us[SYNC]) / us[IN_PROCESS];
    printf("%-22s %10.1f %10.1f %8.1f %8.1f %10.1f %7.2f %7.2f\n", name, us[IN_PROCESS],
           us[THROUGH], us[TRIP], us[SYNC], us[CLIENT], ratio, rest);
    fprintf(json,
            ",\"%s\":{\"duckdb_us\":%.1f,\"hatidata_us\":%.1f,\"round_trip_us\":%.1f,\"sync_us\":"
            "%.1f,\"client_cpu_us\":%.1f,\"ratio\":%.3f,\"ratio_rest\":%.3f}",
            key, us[IN_PROCESS], us[THROUGH], us[TRIP], us[SYNC], us[CLIENT], ratio, rest);
}

static void show(const struct subject *b, int64_t *ns[KINDS], FILE *json, bool last)
{
    fprintf(json, "  {\"name\":\"%s\"", b->name);
    show_line(b->name, ns, b->runs, 0.5, "p50", json);
    show_line("        best", ns, b->runs, 0, "best", json);
    show_line("        p99", ns, b->runs, 0.99, "p99", json);
    fprintf(json, "}%s\n", last ? "" : ",");
}

static void run_subject(const struct subject *b, const struct peers *p, bool last)
{
    duckdb_prepared_statement s;
    char name[16];
    int64_t *ns[KINDS];
    for (int k = 0; k < KINDS; k++) {
        ns[k] = calloc((size_t)b->runs, sizeof *ns[k]);
    }
    snprintf(name, sizeof name, "s%d", (int)(b - subjects));
    if (duckdb_prepare(p->duck, b->sql, &s) != DuckDBSuccess) {
        fail(b->sql, duckdb_prepare_error(s));
    }
    PGresult *r = PQprepare(p->client, name, b->sql, 0, NULL);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        fail(b->sql, PQresultErrorMessage(r));
    }
    PQclear(r);
    for (int i = 0; i < b->runs / 10 + 1; i++) { /* warm */
        take_turn(p, s, name, b, 0, ns);
    }
    for (int i = 0; i < b->runs; i++) {
        take_turn(p, s, name, b, i, ns);
    }
    show(b, ns, p->json, last);
    duckdb_destroy_prepare(&s);
    for (int k = 0; k < KINDS; k++) {
        free(ns[k]);
    }
}

static duckdb_database open_duckdb(const char *path)
{
    duckdb_database db;
    duckdb_config config;
    char *why = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess ||
        duckdb_set_config(config, "threads", "1") != DuckDBSuccess ||
        duckdb_open_ext(path, &db, config, &why) != DuckDBSuccess) {
        fail(path, why);
    }
    duckdb_destroy_config(&config);
    return db;
}

int main(int argc, char **argv)
{
    struct peers p;
    char path[1024];
    if (argc != 4) {
        fail("usage", "bench_wire CONNINFO SCRATCH-FOLDER JSON-FILE");
    }
    snprintf(path, sizeof path, "%s/plain.duckdb", argv[2]);
    duckdb_database db = open_duckdb(path);
    if (duckdb_connect(db, &p.duck) != DuckDBSuccess) {
        fail(path, "can't connect");
    }
    duck_run(p.duck, MAKE_TABLE);
    p.client = PQconnectdb(argv[1]);
    if (PQstatus(p.client) != CONNECTION_OK) {
        fail("connect", PQerrorMessage(p.client));
    }
    PGresult *r = PQexec(p.client, MAKE_TABLE);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        fail("CREATE TABLE bench", PQresultErrorMessage(r));
    }
    PQclear(r);
    snprintf(path, sizeof path, "%s/log", argv[2]);
    p.log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    p.json = fopen(argv[3], "w");
    if (p.log < 0 || !p.json) {
        fail(argv[2], "can't write");
    }
    printf(
        "microseconds; ratio: hatidata to DuckDB; rest: the same without one round trip and one\n"
        "sync; client: processor time of libpq, part of hatidata's\n%-22s %10s %10s %8s %8s %10s "
        "%7s %7s\n",
        "medians", "duckdb", "hatidata", "trip", "sync", "client", "ratio", "rest");
    fprintf(p.json, "{\"rows\":[\n");
    for (int i = 0; i < SUBJECTS; i++) {
        run_subject(&subjects[i], &p, i == SUBJECTS - 1);
    }
    fprintf(p.json, "]}\n");
    fclose(p.json);
    close(p.log);
    PQfinish(p.client);
    duckdb_disconnect(&p.duck);
    duckdb_close(&db);
    return 0;
}
