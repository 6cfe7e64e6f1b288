/* PostgreSQL: generate_series() as an output gives a row for each number, where our own is a list.
 */
#include "dialect/rules.h"
#include "sql/walk.h"

static bool is_series(const struct node *n)
{
    return n->kind == NODE_FUNC && node_func_const(n)->args.n >= 2 &&
           str_iis(rule_name(node_func_const(n)), "generate_series");
}

/* Sub-queries within have had their turn. */
static enum walk give_rows(struct node **n, void *ctx)
{
    struct rewriting *r = ctx;
    if ((*n)->kind == NODE_QUERY) {
        return WALK_SKIP;
    }
    if (!is_series(*n)) {
        return WALK_ON;
    }
    *n = CALL(r, *n, "unnest", *n);
    return WALK_SKIP;
}

static struct node *outputs_of(struct rewriting *r, struct node *n)
{
    struct node_list *targets = &node_select(n)->targets;
    for (uint32_t i = 0; i < targets->n; i++) {
        if (targets->at[i]->kind != NODE_TARGET) {
            continue;
        }
        struct node_target *t = node_target(targets->at[i]);
        if (!t->alias && is_series(t->expr)) {
            t->alias = make_ident(r->a, STR("generate_series"));
        }
        (void)node_walk(&t->expr, give_rows, r);
    }
    return n;
}

const struct node_rule postgres_rows_nodes[] = {
    {NODE_SELECT, "generate_series()", "unnest(generate_series(...)), as an output", outputs_of},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};
