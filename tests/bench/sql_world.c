#include "sql_world.h"

#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 32, COLUMNS_MAX = 40 };

static duckdb_result ask(duckdb_connection con, const char *sql)
{
    duckdb_result r;
    if (duckdb_query(con, sql, &r) != DuckDBSuccess) {
        fprintf(stderr, "bench_sql: %s: %s\n", sql, duckdb_result_error(&r));
        exit(1);
    }
    return r;
}

static void tell(duckdb_connection con, const char *sql)
{
    duckdb_result r = ask(con, sql);
    duckdb_destroy_result(&r);
}

static struct str text_at(struct arena *a, duckdb_data_chunk chunk, idx_t column, idx_t row)
{
    duckdb_string_t *s = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column));
    struct str text = {duckdb_string_t_data(&s[row]), duckdb_string_t_length(s[row])};
    return arena_str(a, text);
}

static const struct type *type_of(struct arena *a, struct str name)
{
    return str_is(name, "INTEGER")       ? type_simple(TYPE_INT4)
           : str_is(name, "BIGINT")      ? type_simple(TYPE_INT8)
           : str_is(name, "DATE")        ? type_simple(TYPE_DATE)
           : str_starts(name, "DECIMAL") ? type_decimal(a, 15, 2)
           : str_is(name, "DOUBLE")      ? type_simple(TYPE_FLOAT8)
                                         : type_simple(TYPE_TEXT);
}

/* The table's entry: a new one has the tenant column first. */
static struct table_source *source_of(struct arena *a, struct table_source *sources, size_t *n,
                                      struct str name)
{
    if (*n && str_eq(sources[*n - 1].name, name)) {
        return &sources[*n - 1];
    }
    struct table_source *t = &sources[(*n)++];
    t->engine_schema = STR("shared");
    t->name = name;
    t->row_estimate = 1000;
    t->columns = ARENA_ARRAY(a, struct column, COLUMNS_MAX);
    t->columns[t->column_count++] =
        (struct column){.name = STR("tenant"), .type = type_simple(TYPE_TEXT)};
    return t;
}

static struct catalog *catalog_of(duckdb_connection con)
{
    struct arena *a = arena_new(0);
    struct table_source sources[TABLES_MAX] = {0};
    struct table_registration registrations[TABLES_MAX];
    size_t n = 0;
    duckdb_result r = ask(con, "SELECT table_name, column_name, data_type FROM duckdb_columns() "
                               "WHERE NOT internal ORDER BY table_name, column_index");
    for (duckdb_data_chunk c; (c = duckdb_fetch_chunk(r)); duckdb_destroy_data_chunk(&c)) {
        for (idx_t i = 0; i < duckdb_data_chunk_get_size(c); i++) {
            struct table_source *t = source_of(a, sources, &n, text_at(a, c, 0, i));
            t->columns[t->column_count++] = (struct column){
                .name = text_at(a, c, 1, i), .type = type_of(a, text_at(a, c, 2, i))};
        }
    }
    duckdb_destroy_result(&r);
    for (size_t i = 0; i < n; i++) {
        registrations[i] =
            (struct table_registration){sources[i].name, SCOPE_TENANT, STR("tenant")};
    }
    struct catalog *catalog = catalog_build(sources, n, registrations, n, NULL, 0, 1);
    arena_free(a);
    return catalog;
}

/* The generator's queries, numbered from 1. */
static size_t queries_of(duckdb_connection con, const char *sql, struct subject *out)
{
    struct arena *a = arena_new(0);
    size_t n = 0;
    duckdb_result r = ask(con, sql);
    for (duckdb_data_chunk c; (c = duckdb_fetch_chunk(r)); duckdb_destroy_data_chunk(&c)) {
        for (idx_t i = 0; i < duckdb_data_chunk_get_size(c); i++) {
            struct str text = text_at(a, c, 0, i);
            out[n++].sql = strndup(text.p, text.n);
        }
    }
    duckdb_destroy_result(&r);
    arena_free(a);
    return n;
}

static struct policy_snapshot *make_policy(void)
{
    struct policy_document mask = {
        .id = STR("p"),
        .org_id = STR("acme"),
        .name = STR("phones"),
        .json = STR("{\"type\":\"column_masking\",\"rules\":[{\"table\":\"shared.supplier\","
                    "\"column\":\"s_phone\",\"function\":\"full\"}]}"),
        .enabled = true};
    return policy_compile(&mask, 1, 1);
}

static void make_classes(struct world *w, const struct subject *tpch)
{
    static const char simple[] = "SELECT c_name, c_acctbal FROM customer WHERE c_custkey = 7 "
                                 "LIMIT 10",
                      aggregation[] =
                          "SELECT o_orderstatus, count(*), sum(o_totalprice) FROM orders WHERE "
                          "o_orderdate >= DATE '1995-01-01' GROUP BY o_orderstatus ORDER BY "
                          "o_orderstatus";
    w->classes[0] = (struct subject){"simple SELECT", strdup(simple), 15};
    w->classes[1] = (struct subject){"aggregation", strdup(aggregation), 30};
    w->classes[2] = (struct subject){"3-join (TPC-H 3)", strdup(tpch[2].sql), 50};
    w->classes[3] = (struct subject){"TPC-DS 98", strdup(w->tpcds[97].sql), 100};
    w->class_catalog[3] = 1;
}

void world_make(struct world *w, const char *extensions)
{
    static const char *const make[] = {"CALL dbgen(sf = 0)", "CALL dsdgen(sf = 0)"};
    static const char *const names[] = {"tpch", "tpcds"};
    struct subject tpch[WORLD_ALL] = {0};
    *w = (struct world){.policy = make_policy(),
                        .who = {.org_id = STR("acme"),
                                .user_id = STR("u"),
                                .role = ROLE_ANALYST,
                                .scopes = SCOPE_QUERY_READ,
                                .source_ip = STR("10.1.2.3"),
                                .environment = STR("hatidata")}};
    for (int i = 0; i < 2; i++) {
        duckdb_database db;
        duckdb_connection con;
        char sql[4096];
        if (duckdb_open(NULL, &db) != DuckDBSuccess || duckdb_connect(db, &con) != DuckDBSuccess) {
            exit(1);
        }
        snprintf(sql, sizeof sql, "LOAD '%s/%s.duckdb_extension'", extensions, names[i]);
        tell(con, sql);
        tell(con, make[i]);
        w->catalog[i] = catalog_of(con);
        snprintf(sql, sizeof sql, "SELECT query FROM %s_queries() ORDER BY query_nr", names[i]);
        size_t n = queries_of(con, sql, i ? w->tpcds : tpch);
        w->tpcds_count = i ? n : 0;
        duckdb_disconnect(&con);
        duckdb_close(&db);
    }
    make_classes(w, tpch);
    for (size_t i = 0; i < WORLD_ALL; i++) {
        free(tpch[i].sql);
    }
}

void world_free(struct world *w)
{
    for (size_t i = 0; i < WORLD_CLASSES; i++) {
        free(w->classes[i].sql);
    }
    for (size_t i = 0; i < w->tpcds_count; i++) {
        free(w->tpcds[i].sql);
    }
    policy_unref(w->policy);
    catalog_unref(w->catalog[0]);
    catalog_unref(w->catalog[1]);
}
