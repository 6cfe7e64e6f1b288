/* The decision's time as an organization's policies grow: 10 to 10,000, of which a few bear on the
 * statement. Target: 2 us at 10, and no more than 1.5 times that at 10,000; policies in shadow mode
 * on other tables cost nothing. Then the masks on a result, beside the same result unmasked.
 * Usage: bench_policy EXTENSION_DIR [FOLDER] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "policy/policy.h"
#include "policy_masks.h"

enum { ROUNDS = 2000, BATCH = 100 };

static struct table *make_table(struct arena *a, const char *name)
{
    static const char *const columns[] = {"c_custkey", "c_name",    "c_address",    "c_nationkey",
                                          "c_phone",   "c_acctbal", "c_mktsegment", "c_comment"};
    struct table *t = ARENA_NEW(a, struct table);
    *t = (struct table){.schema = STR("public"),
                        .name = str_of(name),
                        .scope = SCOPE_PRIVATE,
                        .space.org_id = STR("acme"),
                        .tenant_column = -1,
                        .column_count = 8};
    t->qualified = str_of(arena_printf(a, "public.%s", name));
    t->columns = ARENA_ARRAY(a, struct column, 8);
    for (size_t i = 0; i < 8; i++) {
        t->columns[i].name = str_of(columns[i]);
        t->columns[i].type = type_simple(TYPE_TEXT);
    }
    return t;
}

/* Every second one a mask, the others ABAC; each on a table of its own, the first four on ours.
 * `mode` is that of those on other tables. */
static struct policy_snapshot *make_policies(struct arena *a, size_t count, const char *mode)
{
    struct policy_document *d = ARENA_ARRAY(a, struct policy_document, count);
    for (size_t i = 0; i < count; i++) {
        const char *table = i < 4 ? "customer" : arena_printf(a, "t%zu", i);
        const char *its_mode = i < 4 ? "enforce" : mode;
        const char *json =
            i % 2
                ? arena_printf(a,
                               "{\"type\":\"column_masking\",\"mode\":\"%s\",\"rules\":[{\"table\":"
                               "\"public.%s\",\"column\":\"c_phone\",\"function\":\"full\"}]}",
                               its_mode, table)
                : arena_printf(a,
                               "{\"effect\":\"deny\",\"mode\":\"%s\",\"resources\":[\"table:%s\"],"
                               "\"conditions\":{\"source_ip\":{\"not_in\":[\"10.0.0.0/8\"]},"
                               "\"agent.framework\":{\"eq\":\"x\"}}}",
                               its_mode, table);
        d[i] = (struct policy_document){.id = STR("p"),
                                        .org_id = STR("acme"),
                                        .name = STR("p"),
                                        .json = str_of(json),
                                        .enabled = true};
    }
    return policy_compile(d, count, 1);
}

static int by_time(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static void make_binding(struct arena *a, struct binding *b, size_t table_count)
{
    static const char *const names[] = {"customer", "orders", "lineitem"};
    *b = (struct binding){.kind = STATEMENT_QUERY, .uses = lineage_none(), .output_count = 4};
    b->tables = ARENA_ARRAY(a, struct bound_table *, table_count);
    b->table_count = table_count;
    for (size_t i = 0; i < table_count; i++) {
        b->tables[i] = ARENA_NEW(a, struct bound_table);
        b->tables[i]->id = (uint32_t)i;
        b->tables[i]->table = make_table(a, names[i]);
        b->tables[i]->columns_used = ARENA_ARRAY(a, bool, 8);
        b->tables[i]->columns_used[4] = true;
    }
    b->outputs = ARENA_ARRAY(a, struct output_column, 4);
    for (size_t i = 0; i < 4; i++) {
        b->outputs[i].origins = lineage_column(a, b->tables[0]->table, (int)i + 2);
    }
}

static double measure(size_t policies, size_t tables, const char *mode)
{
    static double times[ROUNDS];
    struct arena *a = arena_new(0), *each = arena_new(0);
    struct policy_snapshot *s = make_policies(a, policies, mode);
    struct principal who = {.org_id = STR("acme"),
                            .user_id = STR("u"),
                            .role = ROLE_ANALYST,
                            .scopes = SCOPE_QUERY_READ,
                            .source_ip = STR("10.1.2.3"),
                            .environment = STR("hatidata")};
    struct binding b;
    make_binding(a, &b, tables);
    struct policy_request request = {&who, &b, NULL, clock_wall_us()};
    struct error e = ERROR_INIT;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t start = clock_mono_ns();
        for (int k = 0; k < BATCH; k++) {
            struct decision *d;
            arena_reset(each);
            if (policy_decide(s, &request, each, &d, &e) != OK) {
                fprintf(stderr, "%s\n", e.message);
                exit(1);
            }
        }
        times[i] = (double)(clock_mono_ns() - start) / BATCH / 1000;
    }
    qsort(times, ROUNDS, sizeof *times, by_time);
    printf("%8zu policies, %zu table%s  p50 %6.2f us  p99 %6.2f us%s\n", policies, tables,
           tables == 1 ? " " : "s", times[ROUNDS / 2], times[ROUNDS * 99 / 100],
           strcmp(mode, "shadow") == 0 ? "  those of other tables in shadow mode" : "");
    policy_unref(s);
    arena_free(each);
    arena_free(a);
    return times[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    static const size_t policies[] = {10, 100, 1000, 10000}, tables[] = {1, 3};
    if (argc < 2) {
        fprintf(stderr, "usage: bench_policy EXTENSION_DIR [FOLDER]\n");
        return 2;
    }
    for (size_t i = 0; i < 2; i++) {
        double p50[4];
        for (size_t k = 0; k < 4; k++) {
            p50[k] = measure(policies[k], tables[i], "enforce");
        }
        (void)measure(policies[3], tables[i], "shadow");
        printf("  ratio %.2f (target 1.5), %s 2 us\n", p50[3] / p50[0],
               p50[0] <= 2 ? "within" : "over");
    }
    measure_masks(argv[1], argc > 2 ? argv[2] : NULL);
    return 0;
}
