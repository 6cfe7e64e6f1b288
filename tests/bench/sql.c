/* What a statement costs before the engine hears of it, the first time: parse (lexing within it
 * measured alone too), normalize (the client's dialect into our own SQL), bind, policy's decision,
 * row filter, rewrite and print for the engine. And the same text again, by the session that
 * planned it ("again": parse, find the plan, decide). Over four classes of statements and all of
 * TPC-DS. All tables of a first sight are shared ones with a tenant column, so that each gets a row
 * filter; one column is masked.
 *
 * Usage: bench_sql EXTENSION_DIR [FILE]: the statements and figures as JSON into FILE, for the peer
 * (sql_peer.py). */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dialect/dialect.h"
#include "pipeline/row_filter.h"
#include "sql/bind.h"
#include "sql/lex.h"
#include "sql/print.h"
#include "sql/rewrite.h"
#include "sql_again.h"
#include "sql_world.h"

static const enum dialect dialect = DIALECT_SNOWFLAKE;

enum { ROUNDS = 3000, TPCDS_ROUNDS = 100 };

enum part { LEX, PARSE, NORMALIZE, BIND, DECIDE, FILTER, PRINT, ALL, AGAIN, PARTS };

static const char *const part_names[PARTS] = {"lex",    "parse", "normalize", "bind", "decide",
                                              "filter", "print", "all",       "again"};

/* Nanoseconds of each part, run after run. */
struct series {
    int64_t *ns[PARTS];
    size_t n, cap;
};

static void check(enum status status, const struct error *e, const char *sql)
{
    if (status != OK) {
        fprintf(stderr, "bench_sql: %s (at %d) in\n%s\n", e->message, (int)e->position, sql);
        exit(1);
    }
}

static int64_t lex_all(struct arena *a, const char *sql)
{
    struct lexer lx = {.arena = a, .text = str_of(sql), .dialect = dialect};
    struct error e = ERROR_INIT;
    struct token t;
    int64_t begun = clock_mono_ns();
    do {
        check(lex_next(&lx, &t, &e), &e, sql);
    } while (t.kind != TOK_END);
    return clock_mono_ns() - begun;
}

/* Everything of a first sight; `ns` gets the parts' times. */
static void first_sight(const struct world *w, const struct catalog *catalog, const char *sql,
                        struct arena *a, struct buf *out, int64_t ns[PARTS])
{
    struct error e = ERROR_INIT;
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct binding *b;
    struct decision *d;
    struct row_filter_params params;
    struct bind_context ctx = {
        .arena = a, .catalog = catalog, .space.org_id = STR("acme"), .dialect = dialect};
    int64_t at[PARTS + 1];
    at[PARSE] = clock_mono_ns();
    check(sql_parse(a, str_of(sql), dialect, &limits, &list, &e), &e, sql);
    at[NORMALIZE] = clock_mono_ns();
    check(dialect_normalize(a, dialect, &list.at[0], NULL, &e), &e, sql);
    at[BIND] = clock_mono_ns();
    check(sql_bind(&ctx, &list.at[0], &b, &e), &e, sql);
    at[DECIDE] = clock_mono_ns();
    struct policy_request request = {&w->who, b, catalog, clock_wall_us()};
    check(policy_decide(w->policy, &request, a, &d, &e), &e, sql);
    at[FILTER] = clock_mono_ns();
    check(row_filter_apply(a, b, d, &w->who, &list.at[0], &params, &e), &e, sql);
    at[PRINT] = clock_mono_ns();
    check(sql_rewrite(a, &list.at[0], &e), &e, sql);
    check(sql_print(list.at[0], PRINT_DUCKDB, out, &e), &e, sql);
    at[ALL] = clock_mono_ns();
    for (int i = PARSE; i < ALL; i++) {
        ns[i] = at[i + 1] - at[i];
    }
    ns[ALL] = at[ALL] - at[PARSE];
}

static void run(const struct world *w, struct again *again, int catalog, const char *sql,
                int rounds, struct series *s)
{
    struct arena *a = arena_new(0);
    struct buf out = BUF_INIT(0);
    for (int i = -rounds / 10; i < rounds; i++) { /* the first are to warm */
        int64_t ns[PARTS];
        arena_reset(a);
        ns[LEX] = lex_all(a, sql);
        arena_reset(a);
        buf_clear(&out);
        first_sight(w, w->catalog[catalog], sql, a, &out, ns);
        for (int k = 0; i >= 0 && k < AGAIN; k++) {
            s->ns[k][s->n] = ns[k];
        }
        s->n += i >= 0;
    }
    again_measure(again, catalog, sql, rounds, s->ns[AGAIN] + s->n - rounds);
    buf_free(&out);
    arena_free(a);
}

/* ---- figures ---- */

static struct series series_new(size_t cap)
{
    struct series s = {.cap = cap};
    for (int k = 0; k < PARTS; k++) {
        s.ns[k] = calloc(cap, sizeof(int64_t));
    }
    return s;
}

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static double quantile_us(const struct series *s, int part, double q)
{
    return (double)s->ns[part][(size_t)((double)(s->n - 1) * q)] / 1000;
}

/* Prints a line of medians and one of 99th percentiles; frees the series. */
static json_t *report(const char *name, struct series *s, double target)
{
    static const double quantiles[] = {0.5, 0.99};
    json_t *figures = json_pack("{s:s}", "name", name);
    for (int k = 0; k < PARTS; k++) {
        qsort(s->ns[k], s->n, sizeof(int64_t), by_time);
    }
    for (int q = 0; q < 2; q++) {
        json_t *row = json_object();
        printf("%-18s %4s", q ? "" : name, q ? "p99" : "p50");
        for (int k = 0; k < PARTS; k++) {
            double us = quantile_us(s, k, quantiles[q]);
            printf(" %9.1f", us);
            json_object_set_new(row, part_names[k], json_real(us));
        }
        double bound = q ? 3 * quantile_us(s, ALL, 0.5) : target;
        printf(bound > 0 ? " %9.0f\n" : "\n", bound);
        json_object_set_new(figures, q ? "p99" : "p50", row);
    }
    for (int k = 0; k < PARTS; k++) {
        free(s->ns[k]);
    }
    return figures;
}

static json_t *measure_class(const struct world *w, struct again *again, int i)
{
    const struct subject *c = &w->classes[i];
    struct series s = series_new(ROUNDS);
    run(w, again, w->class_catalog[i], c->sql, ROUNDS, &s);
    json_t *figures = report(c->name, &s, c->target_us);
    json_object_set_new(figures, "sql", json_pack("[s]", c->sql));
    return figures;
}

static json_t *measure_tpcds(const struct world *w, struct again *again)
{
    struct series s = series_new(w->tpcds_count * TPCDS_ROUNDS);
    json_t *texts = json_array();
    for (size_t i = 0; i < w->tpcds_count; i++) {
        run(w, again, 1, w->tpcds[i].sql, TPCDS_ROUNDS, &s);
        json_array_append_new(texts, json_string(w->tpcds[i].sql));
    }
    json_t *figures = report("all of TPC-DS", &s, 0);
    json_object_set_new(figures, "sql", texts);
    return figures;
}

int main(int argc, char **argv)
{
    struct world w;
    if (argc < 2) {
        fputs("usage: bench_sql EXTENSION_DIR [FILE]\n", stderr);
        return 2;
    }
    world_make(&w, argv[1]);
    struct again *again = again_open(&w, argv[1], dialect);
    printf("%-18s %4s", "microseconds", "");
    for (int k = 0; k < PARTS; k++) {
        printf(" %9s", part_names[k]);
    }
    printf(" %9s\n", "at most");
    json_t *all = json_array();
    for (int i = 0; i < WORLD_CLASSES; i++) {
        json_array_append_new(all, measure_class(&w, again, i));
    }
    json_array_append_new(all, measure_tpcds(&w, again));
    if (argc > 2 && json_dump_file(all, argv[2], JSON_INDENT(1)) != 0) {
        fprintf(stderr, "bench_sql: can't write %s\n", argv[2]);
        return 1;
    }
    json_decref(all);
    again_close(again);
    world_free(&w);
    return 0;
}
