/* Any bytes as a policy: as a whole document, and as the text of a row filter. What is accepted
 * must compile, and a filter that was accepted must have one parameter for each of its attributes;
 * where it fits a table, every name in it is one that no statement can have. */
#include <stdlib.h>

#include "policy/rules.h"
#include "sql/print.h"
#include "sql/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum walk check_param(struct node **n, void *ctx)
{
    const struct str_list *attributes = ctx;
    if ((*n)->kind == NODE_PARAM) {
        int32_t number = node_param(*n)->number;
        if (number < 1 || (size_t)number > attributes->n) {
            abort();
        }
    }
    return WALK_ON;
}

static struct catalog *catalog;

static struct column column(const char *name, enum type_kind kind)
{
    return (struct column){.name = str_of(name), .type = type_simple(kind)};
}

static const struct table *table(void)
{
    struct column staff[] = {column("owner_id", TYPE_INT4), column("department", TYPE_TEXT),
                             column("a", TYPE_INT8), column("extra", TYPE_OTHER)};
    struct column team[] = {column("user_id", TYPE_INT4), column("lead", TYPE_TEXT)};
    struct table_source tables[] = {
        {STR("org_acme"), STR("staff"), false, STR_NULL, 10, staff, 4},
        {STR("org_acme"), STR("team"), false, STR_NULL, 10, team, 2},
    };
    if (!catalog) {
        catalog = catalog_build(tables, 2, NULL, 0, NULL, 0, 1);
    }
    return catalog_find(catalog, (struct space){.org_id = STR("acme")}, STR(""), STR("staff"));
}

static enum walk check_name(struct node **n, void *ctx)
{
    const struct node *name = NULL;
    if ((*n)->kind == NODE_COLUMN_REF && node_column_ref(*n)->bound) {
        name = node_column_ref(*n)->parts.at[0];
    } else if ((*n)->kind == NODE_TABLE_REF) {
        name = node_table_ref(*n)->alias;
    }
    if (name && !str_starts(node_ident_const(name)->text, BIND_OF_FILTER)) {
        abort();
    }
    return WALK_ON;
}

static void bind(struct arena *a, struct node *tree)
{
    const struct table *staff = table();
    struct bind_context ctx = {
        .arena = a, .catalog = catalog, .space.org_id = STR("acme"), .dialect = DIALECT_POSTGRES};
    struct bound_filter bound;
    struct error e = ERROR_INIT;
    struct buf out = BUF_INIT(1 << 20);
    if (sql_bind_filter(&ctx, staff, 0, &tree, &bound, &e) == OK) {
        node_walk(&tree, check_name, NULL);
        enum status ignored = sql_print(tree, PRINT_DUCKDB, &out, &e);
        (void)ignored;
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct str text = arena_str(a, (struct str){(const char *)data, n});
    struct policy_document d = {
        .id = STR("p"), .org_id = STR("o"), .name = STR("p"), .json = text, .enabled = true};
    struct error e = ERROR_INIT;
    struct filter_condition filter;
    struct error *mistakes;
    size_t count = policy_mistakes(&d, a, &mistakes);
    for (size_t i = 0; i < count; i++) {
        if (mistakes[i].position < 0 || (size_t)mistakes[i].position > text.n) {
            abort();
        }
    }
    if (policy_validate(&d, &e) == OK) {
        policy_unref(policy_compile(&d, 1, 1));
    } else if (e.code != ERR_VALIDATION) {
        abort();
    }
    if ((count == 0) != (e.code == ERR_NONE)) {
        abort();
    }
    if (filter_read(text, a, &filter, &e) == OK) {
        struct node *tree = node_copy(a, filter.tree);
        node_walk(&tree, check_param, &filter.attributes);
        bind(a, tree);
    }
    arena_free(a);
    return 0;
}
