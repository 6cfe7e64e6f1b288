/* The wire benchmark: the same statements by DuckDB's C API in this process and through the server
 * over TLS, interleaved in one run, so that both see the same machine. Prints a table, writes JSON.
 *
 *     bench_wire CONNINFO DATABASE-FILE JSON-FILE
 *
 * The server must hold a table `bench` made by the same statement that makes it here (dev/bench
 * does). */
#include <duckdb.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define MAKE_TABLE                                                                                 \
    "CREATE TABLE bench AS SELECT i AS id, i * 0.5::DOUBLE AS half, DATE '2000-01-01' + "          \
    "(i % 1000)::INT AS day, 'row ' || i AS name FROM range(1000000) AS r(i)"

struct subject {
    const char *name, *sql;
    int runs;
    bool has_param;
};

static const struct subject subjects[] = {
    {"SELECT 1", "SELECT 1", 2000, false},
    {"point query, prepared", "SELECT id, half, day, name FROM bench WHERE id = $1", 1000, true},
    {"aggregate of 1M rows", "SELECT count(*), sum(id), avg(half) FROM bench", 100, false},
    {"1M rows of 4 columns", "SELECT id, half, day, name FROM bench", 5, false},
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

static int64_t duck_time(duckdb_prepared_statement s, const struct subject *b, int i)
{
    duckdb_result r;
    int64_t begun = clock_mono_ns(), rows = 0;
    if (b->has_param) {
        duckdb_bind_int64(s, 1, (i * 7919LL) % 1000000);
    }
    if (duckdb_execute_prepared(s, &r) != DuckDBSuccess) {
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
    if (!PQsendQueryPrepared(c, statement, b->has_param, values, NULL, NULL, 1)) {
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

/* One byte there and back over a loopback TCP connection would be the floor; an empty query through
 * the server is it with TLS and framing: neither pipeline nor log. */
static double round_trip_us(PGconn *c)
{
    enum { RUNS = 500 };
    static int64_t ns[RUNS];
    for (int i = 0; i < RUNS; i++) {
        int64_t begun = clock_mono_ns();
        PQclear(PQexec(c, ";"));
        ns[i] = clock_mono_ns() - begun;
    }
    return quantile_us(ns, RUNS, 0.5);
}

static void run_subject(const struct subject *b, duckdb_connection duck, PGconn *c, FILE *json,
                        bool last)
{
    duckdb_prepared_statement s;
    char name[16];
    int64_t *in_process = calloc((size_t)b->runs, sizeof *in_process);
    int64_t *through = calloc((size_t)b->runs, sizeof *through);
    snprintf(name, sizeof name, "s%d", (int)(b - subjects));
    if (duckdb_prepare(duck, b->sql, &s) != DuckDBSuccess) {
        fail(b->sql, duckdb_prepare_error(s));
    }
    PGresult *r = PQprepare(c, name, b->sql, 0, NULL);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        fail(b->sql, PQresultErrorMessage(r));
    }
    PQclear(r);
    for (int i = 0; i < b->runs / 10; i++) { /* warm */
        duck_time(s, b, i);
        wire_time(c, name, b, i);
    }
    for (int i = 0; i < b->runs; i++) {
        in_process[i] = duck_time(s, b, i);
        through[i] = wire_time(c, name, b, i);
    }
    double d50 = quantile_us(in_process, b->runs, 0.5),
           d99 = quantile_us(in_process, b->runs, 0.99);
    double w50 = quantile_us(through, b->runs, 0.5), w99 = quantile_us(through, b->runs, 0.99);
    printf("%-24s %12.1f %12.1f %12.1f %12.1f %8.2f\n", b->name, d50, d99, w50, w99, w50 / d50);
    fprintf(
        json,
        "  {\"name\":\"%s\",\"duckdb_p50_us\":%.1f,\"duckdb_p99_us\":%.1f,\"hatidata_p50_us\":%.1f,"
        "\"hatidata_p99_us\":%.1f,\"ratio_p50\":%.3f}%s\n",
        b->name, d50, d99, w50, w99, w50 / d50, last ? "" : ",");
    duckdb_destroy_prepare(&s);
    free(in_process);
    free(through);
}

int main(int argc, char **argv)
{
    duckdb_database db;
    duckdb_connection duck;
    if (argc != 4) {
        fail("usage", "bench_wire CONNINFO DATABASE-FILE JSON-FILE");
    }
    if (duckdb_open(argv[2], &db) != DuckDBSuccess || duckdb_connect(db, &duck) != DuckDBSuccess) {
        fail(argv[2], "can't open");
    }
    duck_run(duck, MAKE_TABLE);
    PGconn *c = PQconnectdb(argv[1]);
    if (PQstatus(c) != CONNECTION_OK) {
        fail("connect", PQerrorMessage(c));
    }
    PGresult *r = PQexec(c, MAKE_TABLE);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        fail("CREATE TABLE bench", PQresultErrorMessage(r));
    }
    PQclear(r);
    FILE *json = fopen(argv[3], "w");
    if (!json) {
        fail(argv[3], "can't write");
    }
    printf("%-24s %12s %12s %12s %12s %8s\n", "microseconds", "duckdb p50", "p99", "hatidata p50",
           "p99", "ratio");
    fprintf(json, "{\"group\":\"wire\",\"rows\":[\n");
    for (int i = 0; i < SUBJECTS; i++) {
        run_subject(&subjects[i], duck, c, json, i == SUBJECTS - 1);
    }
    double trip = round_trip_us(c);
    printf("%-24s %38.1f\n", "empty statement over TLS", trip);
    fprintf(json, "],\"round_trip_us\":%.1f", trip);
    fclose(json);
    PQfinish(c);
    duckdb_disconnect(&duck);
    duckdb_close(&db);
    return 0;
}
