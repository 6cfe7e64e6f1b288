#include "sql_again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/datakey.h"
#include "crypto/kms.h"
#include "in_process.h"
#include "metrics/metrics.h"
#include "pipeline/statement.h"
#include "sql/parse_cache.h"
#include "store/store.h"

static const char *const organizations[] = {"tpch", "tpcds"};

struct again {
    struct in_process engine;
    struct store *store;
    struct ledger *ledger;
    struct audit *audit;
    struct keyring *keyring;
    struct pipeline *pipeline;
    struct governor *governors[2];
    enum dialect dialect;
    struct parse_cache parsed;
};

static void make_tables(struct again *g, const struct catalog *c, struct str org)
{
    struct arena *a = arena_new(0);
    struct buf sql = BUF_INIT(0);
    struct error e = ERROR_INIT;
    const struct table **tables;
    struct space space = {.org_id = org};
    size_t n = catalog_list(c, space, a, &tables);
    struct str schema = catalog_engine_schema(a, space);
    buf_printf(&sql, "CREATE SCHEMA \"%.*s\"", STR_ARG(schema));
    must(engine_run(g->engine.engine, g->engine.session, buf_str(&sql), &e), &e);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&sql);
        buf_printf(&sql, "CREATE TABLE \"%.*s\".\"%.*s\" (", STR_ARG(schema),
                   STR_ARG(tables[i]->name));
        for (size_t k = 0; k < tables[i]->column_count; k++) {
            const struct column *column = &tables[i]->columns[k];
            buf_printf(&sql, "%s\"%.*s\" %.*s", k ? ", " : "", STR_ARG(column->name),
                       STR_ARG(type_name(a, column->type)));
        }
        buf_puts(&sql, ")");
        must(engine_run(g->engine.engine, g->engine.session, buf_str(&sql), &e), &e);
    }
    buf_free(&sql);
    arena_free(a);
}

static void open_keyring(struct again *g)
{
    struct kms *kms;
    struct error e = ERROR_INIT;
    char uri[620], path[600];
    snprintf(uri, sizeof uri, "local:%s/master.key", g->engine.folder);
    snprintf(path, sizeof path, "%s/keyring", g->engine.folder);
    must(kms_create(uri, &e), &e);
    must(kms_open(uri, &kms, &e), &e);
    must(keyring_create(path, kms, &e), &e);
    must(keyring_open(path, kms, &g->keyring, &e), &e);
    kms_close(kms);
}

struct again *again_open(const struct world *w, const char *extensions, enum dialect d)
{
    static const uint8_t fingerprint_key[32];
    struct again *g = mem_alloc(sizeof *g);
    struct error e = ERROR_INIT;
    char store[600], log[600];
    in_process_open(&g->engine, extensions, NULL, NULL);
    g->dialect = d;
    snprintf(store, sizeof store, "%s/control.db", g->engine.folder);
    snprintf(log, sizeof log, "%s/audit", g->engine.folder);
    struct audit_config audit = {.dir = log, .fingerprint_key = fingerprint_key};
    must(store_open(store, &g->store, &e), &e);
    must(ledger_open(g->store, &g->ledger, &e), &e);
    must(audit_open(&audit, &g->audit, &e), &e);
    open_keyring(g);
    for (int i = 0; i < 2; i++) {
        make_tables(g, w->catalog[i], str_of(organizations[i]));
    }
    struct pipeline_config c = {.engine = g->engine.engine,
                                .store = g->store,
                                .ledger = g->ledger,
                                .audit = g->audit,
                                .keyring = g->keyring,
                                .dialect = d,
                                .limits = PARSE_LIMITS_DEFAULT};
    must(pipeline_new(&c, &g->pipeline, &e), &e);
    for (int i = 0; i < 2; i++) {
        struct principal who = w->who;
        struct governor_options none = {0};
        who.org_id = who.org_name = str_of(organizations[i]);
        must(governor_open(g->pipeline, &who, &none, &g->governors[i], &e), &e);
    }
    return g;
}

void again_close(struct again *g)
{
    parse_cache_fini(&g->parsed);
    governor_close(g->governors[0]);
    governor_close(g->governors[1]);
    pipeline_free(g->pipeline);
    keyring_close(g->keyring);
    audit_close(g->audit);
    ledger_close(g->ledger);
    store_close(g->store);
    in_process_close(&g->engine);
    free(g);
}

/* As the session does it, up to the stage that runs it. */
static void plan_once(struct again *g, struct governor *governor, struct arena *a, const char *sql)
{
    struct node_list list = {0};
    struct plan *plan;
    struct error e = ERROR_INIT;
    must(parse_cache_parse(&g->parsed, a, str_of(sql), g->dialect,
                           pipeline_parse_limits(g->pipeline), &list, &e),
         &e);
    must(plan_make(governor, list.at[0], str_of(sql), NULL, 0, &plan, &e), &e);
    struct statement s = {.plan = plan, .arena = a};
    must(policy_check(&s, &e), &e);
    must(row_filter(&s, &e), &e);
    must(transpile(&s, &e), &e);
    plan_free(plan);
}

void again_measure(struct again *g, int catalog, const char *sql, int rounds, int64_t *ns)
{
    struct arena *a = arena_new(0);
    plan_once(g, g->governors[catalog], a, sql);
    int64_t hits = metrics_get(METRIC_PLAN_CACHE_HITS);
    for (int i = 0; i < rounds; i++) {
        arena_reset(a);
        int64_t begun = clock_mono_ns();
        plan_once(g, g->governors[catalog], a, sql);
        ns[i] = clock_mono_ns() - begun;
    }
    hits = metrics_get(METRIC_PLAN_CACHE_HITS) - hits;
    arena_free(a);
    if (hits != rounds) {
        fprintf(stderr, "bench_sql: %lld of %d runs found their plan: %zu bytes of\n%s\n",
                (long long)hits, rounds, strlen(sql), sql);
        exit(1);
    }
}
