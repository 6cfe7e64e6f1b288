/* What a statement costs before the engine hears of it: lex and parse, bind, policy's decision, row
 * filter, rewrite and print, the first time; and what is left of it when its plan is used again.
 * The tables are shared ones with a tenant column, so that every statement gets a row filter; one
 * column is masked. The TPC statements come from ${HATIDATA_CORPORA:-../shared/corpora}/tpc.jsonl.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "pipeline/row_filter.h"
#include "policy/policy.h"
#include "sql/bind.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql/rewrite.h"

enum { ROUNDS = 5000, COLUMNS_MAX = 24 };

/* Names of columns; the first letter after the colon is the type. */
static const struct {
    const char *name, *columns;
} tables[] = {
    {"customer", "tenant:t c_custkey:n c_name:t c_address:t c_nationkey:n c_phone:t c_acctbal:m "
                 "c_mktsegment:t c_comment:t"},
    {"orders", "tenant:t o_orderkey:n o_custkey:n o_orderstatus:t o_totalprice:m o_orderdate:d "
               "o_orderpriority:t o_clerk:t o_shippriority:n o_comment:t"},
    {"lineitem",
     "tenant:t l_orderkey:n l_partkey:n l_suppkey:n l_linenumber:n l_quantity:m "
     "l_extendedprice:m l_discount:m l_tax:m l_returnflag:t l_linestatus:t l_shipdate:d "
     "l_commitdate:d l_receiptdate:d l_shipinstruct:t l_shipmode:t l_comment:t"},
    {"store_sales", "tenant:t ss_sold_date_sk:n ss_item_sk:n ss_customer_sk:n ss_store_sk:n "
                    "ss_quantity:n ss_sales_price:m ss_ext_sales_price:m ss_net_profit:m"},
    {"catalog_sales", "tenant:t cs_sold_date_sk:n cs_item_sk:n cs_bill_customer_sk:n "
                      "cs_ext_sales_price:m"},
    {"item", "tenant:t i_item_sk:n i_item_id:t i_item_desc:t i_category:t i_class:t "
             "i_current_price:m"},
    {"date_dim", "tenant:t d_date_sk:n d_date:d d_month_seq:n d_year:n d_moy:n"},
};
enum { TABLES = sizeof tables / sizeof *tables };

static const struct subject {
    const char *name, *sql, *corpus_id; /* of the corpus where `sql` is NULL */
    double target_us;
} subjects[] = {
    {"simple SELECT", "SELECT c_name, c_acctbal FROM customer WHERE c_custkey = 7 LIMIT 10", NULL,
     15},
    {"aggregation",
     "SELECT o_orderstatus, count(*), sum(o_totalprice) FROM orders WHERE o_orderdate >= "
     "DATE '1995-01-01' GROUP BY o_orderstatus ORDER BY o_orderstatus",
     NULL, 30},
    {"3-join (TPC-H 3)", NULL, "tpc-h.sql:2", 50},
    {"TPC-H 1", NULL, "tpc-h.sql:0", 100},
    {"TPC-DS 98", NULL, "tpc-ds.sql:97", 100},
    {"TPC-DS 97", NULL, "tpc-ds.sql:96", 100},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static const struct type *type_of(struct arena *a, char letter)
{
    return letter == 'n'   ? type_simple(TYPE_INT8)
           : letter == 'd' ? type_simple(TYPE_DATE)
           : letter == 'm' ? type_decimal(a, 15, 2)
                           : type_simple(TYPE_TEXT);
}

static struct catalog *make_catalog(void)
{
    struct arena *a = arena_new(0);
    struct table_source sources[TABLES] = {0};
    struct table_registration registrations[TABLES];
    for (size_t i = 0; i < TABLES; i++) {
        struct table_source *t = &sources[i];
        struct str rest = str_of(tables[i].columns);
        t->engine_schema = STR("shared");
        t->name = str_of(tables[i].name);
        t->row_estimate = 1000;
        t->columns = ARENA_ARRAY(a, struct column, COLUMNS_MAX);
        while (rest.n) {
            struct str kind = str_cut(&rest, ' '), name = str_cut(&kind, ':');
            t->columns[t->column_count++] =
                (struct column){.name = name, .type = type_of(a, kind.p[0])};
        }
        registrations[i] = (struct table_registration){t->name, SCOPE_TENANT, STR("tenant")};
    }
    struct catalog *c = catalog_build(sources, TABLES, registrations, TABLES, NULL, 0, 1);
    arena_free(a);
    return c;
}

static struct policy_snapshot *make_policy(void)
{
    struct policy_document mask = {
        .id = STR("p"),
        .org_id = STR("acme"),
        .name = STR("phones"),
        .json = STR("{\"type\":\"column_masking\",\"rules\":[{\"table\":\"shared.customer\","
                    "\"column\":\"c_phone\",\"function\":\"full\"}]}"),
        .enabled = true};
    return policy_compile(&mask, 1, 1);
}

struct world {
    struct catalog *catalog;
    struct policy_snapshot *policy;
    struct principal who;
};

static void check(enum status status, const struct error *e)
{
    if (status != OK) {
        fprintf(stderr, "bench_sql: %s (at %d)\n", e->message, (int)e->position);
        exit(1);
    }
}

/* Everything of a first sight. `times` gets when parsing, binding, deciding and printing had ended.
 */
static struct binding *first_sight(const struct world *w, struct str sql, struct arena *a,
                                   struct buf *out, int64_t times[4])
{
    struct error e = ERROR_INIT;
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct binding *b;
    struct decision *d;
    struct row_filter_params params;
    check(sql_parse(a, sql, DIALECT_POSTGRES, &limits, &list, &e), &e);
    times[0] = clock_mono_ns();
    struct bind_context ctx = {
        .arena = a, .catalog = w->catalog, .org_id = STR("acme"), .dialect = DIALECT_POSTGRES};
    check(sql_bind(&ctx, &list.at[0], &b, &e), &e);
    times[1] = clock_mono_ns();
    struct policy_request request = {&w->who, b, clock_wall_us()};
    check(policy_decide(w->policy, &request, a, &d, &e), &e);
    times[2] = clock_mono_ns();
    check(row_filter_apply(a, b, d, &w->who, &list.at[0], &params, &e), &e);
    check(sql_rewrite(a, &list.at[0], &e), &e);
    check(sql_print(list.at[0], PRINT_DUCKDB, out, &e), &e);
    times[3] = clock_mono_ns();
    return b;
}

static int by_time(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static double quantile_us(int64_t *ns, double q)
{
    qsort(ns, ROUNDS, sizeof *ns, by_time);
    return (double)ns[(int)((ROUNDS - 1) * q)] / 1000;
}

static double decide_again_us(const struct world *w, const struct binding *b)
{
    static int64_t ns[ROUNDS];
    struct arena *each = arena_new(0);
    struct error e = ERROR_INIT;
    for (int i = 0; i < ROUNDS; i++) {
        struct policy_request request = {&w->who, b, clock_wall_us()};
        struct decision *d;
        int64_t begun = clock_mono_ns();
        arena_reset(each);
        check(policy_decide(w->policy, &request, each, &d, &e), &e);
        ns[i] = clock_mono_ns() - begun;
    }
    arena_free(each);
    return quantile_us(ns, 0.5);
}

static void measure(const struct world *w, const struct subject *s, struct str sql)
{
    enum { PARSED, BOUND, DECIDED, PRINTED, ALL, PARTS };
    static int64_t ns[PARTS][ROUNDS];
    struct arena *a = arena_new(0);
    struct buf out = BUF_INIT(0);
    struct binding *b = NULL;
    for (int i = -ROUNDS / 10; i < ROUNDS; i++) { /* the first are to warm */
        int64_t at[4], begun = clock_mono_ns();
        arena_reset(a);
        buf_clear(&out);
        b = first_sight(w, sql, a, &out, at);
        for (int k = 0; i >= 0 && k < 4; k++) {
            ns[k][i] = at[k] - (k ? at[k - 1] : begun);
        }
        if (i >= 0) {
            ns[ALL][i] = at[PRINTED] - begun;
        }
    }
    double p50 = quantile_us(ns[ALL], 0.5), p99 = quantile_us(ns[ALL], 0.99);
    printf("%-18s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %8.0f %8.1f\n", s->name,
           quantile_us(ns[PARSED], 0.5), quantile_us(ns[BOUND], 0.5), quantile_us(ns[DECIDED], 0.5),
           quantile_us(ns[PRINTED], 0.5), p50, p99, s->target_us, decide_again_us(w, b));
    buf_free(&out);
    arena_free(a);
}

/* The text of a statement of the corpus, or NULL; the caller frees it. */
static char *from_corpus(const char *id)
{
    const char *dir = getenv("HATIDATA_CORPORA");
    char path[4096], *line = NULL, *found = NULL;
    size_t cap = 0;
    snprintf(path, sizeof path, "%s/tpc.jsonl", dir ? dir : "../shared/corpora");
    FILE *f = fopen(path, "r");
    while (f && !found && getline(&line, &cap, f) > 0) {
        json_t *entry = json_loads(line, 0, NULL);
        const char *here = json_string_value(json_object_get(entry, "id"));
        const char *sql = json_string_value(json_object_get(entry, "sql"));
        if (here && sql && strcmp(here, id) == 0) {
            found = strdup(sql);
        }
        json_decref(entry);
    }
    free(line);
    if (f) {
        fclose(f);
    }
    return found;
}

int main(void)
{
    struct world w = {.catalog = make_catalog(),
                      .policy = make_policy(),
                      .who = {.org_id = STR("acme"),
                              .user_id = STR("u"),
                              .role = ROLE_ANALYST,
                              .scopes = SCOPE_QUERY_READ,
                              .source_ip = STR("10.1.2.3"),
                              .environment = STR("production")}};
    printf("%-18s %8s %8s %8s %8s %8s %8s %8s %8s\n", "microseconds, p50", "parse", "bind",
           "decide", "print", "all", "p99", "target", "again");
    for (int i = 0; i < SUBJECTS; i++) {
        char *text = subjects[i].sql ? strdup(subjects[i].sql) : from_corpus(subjects[i].corpus_id);
        if (text) {
            measure(&w, &subjects[i], str_of(text));
        } else {
            printf("%-18s skipped: no corpus\n", subjects[i].name);
        }
        free(text);
    }
    policy_unref(w.policy);
    catalog_unref(w.catalog);
    return 0;
}
