/* Any statement that parses must be said in our own SQL and bind, or be refused, and what is bound
 * must print for the engine or be refused: in each dialect, without a crash, and without `*` or an
 * unbound reference left over. */
#include <stdlib.h>

#include "dialect/dialect.h"
#include "sql/bind.h"
#include "sql/print.h"
#include "sql/rewrite.h"
#include "sql/walk.h"

static struct catalog *catalog;

static struct column column(const char *name, enum type_kind kind)
{
    return (struct column){.name = str_of(name), .type = type_simple(kind)};
}

static void build(void)
{
    struct column people[] = {column("id", TYPE_INT4),   column("name", TYPE_TEXT),
                              column("ssn", TYPE_TEXT),  column("age", TYPE_INT4),
                              column("dept", TYPE_INT4), column("extra", TYPE_OTHER)};
    struct column depts[] = {column("id", TYPE_INT4), column("name", TYPE_TEXT)};
    struct table_source tables[] = {
        {STR("org_acme"), STR("people"), false, STR_NULL, 10, people, 6},
        {STR("org_acme"), STR("depts"), false, STR_NULL, 10, depts, 2},
        {STR("org_acme"), STR("adults"), true, STR("SELECT id, name FROM people WHERE age > 17"),
         10, depts, 2},
        {STR("org_acme"), STR("self"), true, STR("SELECT * FROM self"), 10, depts, 2},
        {STR("shared"), STR("orders"), false, STR_NULL, 10, depts, 2},
    };
    struct table_registration shared = {STR("orders"), SCOPE_COMMON, STR_NULL};
    catalog = catalog_build(tables, 5, &shared, 1, NULL, 0, 1);
}

static enum walk check(struct node **n, void *ctx)
{
    if ((*n)->kind == NODE_COPY_OPTION) {
        return WALK_SKIP; /* FORCE_QUOTE (*) names columns to the writer of the rows */
    }
    if ((*n)->kind == NODE_STAR) {
        abort();
    }
    if ((*n)->kind == NODE_COLUMN_REF && node_column_ref(*n)->bound) {
        const struct lineage *l = node_column_ref(*n)->bound->origins;
        if (!l || (!l->n && !l->is_unknown && node_column_ref(*n)->bound->table)) {
            abort();
        }
    }
    return WALK_ON;
}

static void bind_in(enum dialect dialect, struct str text)
{
    struct arena *a = arena_new(64 << 20);
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct error e = ERROR_INIT;
    struct bind_context ctx = {
        .arena = a, .catalog = catalog, .space.org_id = STR("acme"), .dialect = dialect};
    if (sql_parse(a, text, dialect, &limits, &list, &e) == OK) {
        for (uint32_t i = 0; i < list.n; i++) {
            struct binding *k = NULL;
            struct buf out = BUF_INIT(1 << 20);
            if (dialect_name_outputs(a, dialect, &list.at[i], &e) == OK &&
                dialect_normalize(a, dialect, &list.at[i], NULL, &e) == OK &&
                sql_bind(&ctx, &list.at[i], &k, &e) == OK &&
                sql_rewrite(a, &list.at[i], &e) == OK) {
                (void)node_walk(&list.at[i], check, NULL);
                enum status ignored = sql_print(list.at[i], PRINT_DUCKDB, &out, &e);
                (void)ignored;
            }
            buf_free(&out);
        }
    }
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!catalog) {
        build();
    }
    if (size > 1) {
        struct str text = {(const char *)data + 1, size - 1};
        bind_in((enum dialect)(data[0] % 3), text);
    }
    return 0;
}
