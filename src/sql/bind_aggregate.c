/* What aggregates tell of the columns that they look at. */
#include "sql/bind_state.h"

/* The FROM item of that name: joins are looked into, sub-queries not. */
static bool has_item(const struct node *from, struct str name)
{
    if (!from) {
        return false;
    }
    switch (from->kind) {
    case NODE_JOIN:
        return has_item(node_join_const(from)->left, name) ||
               has_item(node_join_const(from)->right, name);
    case NODE_TABLE_REF:
        return str_eq(ident_text(node_table_ref_const(from)->alias), name);
    case NODE_DERIVED:
        return str_eq(ident_text(node_derived_const(from)->alias), name);
    default:
        return false;
    }
}

static struct node_select *select_of(struct node *item)
{
    struct node *query =
        item->kind == NODE_DERIVED ? node_derived(item)->query : node_cte(item)->query;
    struct node *body = query->kind == NODE_QUERY ? node_query(query)->body : NULL;
    return body && body->kind == NODE_SELECT ? node_select(body) : NULL;
}

struct node *bind_passed_column(const struct bound_column *c)
{
    struct node_select *s = c->item ? select_of(c->item) : NULL;
    if (!s || s->distinct || s->distinct_on.n || s->group.n || s->group_all || s->having ||
        c->output >= s->targets.n) {
        return NULL;
    }
    struct node *inner = node_target(s->targets.at[c->output])->expr;
    bool is_passed = inner->kind == NODE_COLUMN_REF && node_column_ref(inner)->bound &&
                     node_column_ref(inner)->parts.n == 2 &&
                     has_item(s->from, ident_text(node_column_ref(inner)->parts.at[0]));
    return is_passed ? inner : NULL;
}

static const struct bound_column *base_of(const struct bound_column *c)
{
    while (c && !c->table) {
        const struct node *inner = bind_passed_column(c);
        c = inner ? node_column_ref_const(inner)->bound : NULL;
    }
    return c && c->column >= 0 ? c : NULL;
}

const struct bound_column *bind_summed_column(const struct node *n)
{
    if (n->kind != NODE_FUNC) {
        return NULL;
    }
    const struct node_func *f = node_func_const(n);
    if (!f->bound || !(f->bound->flags & FUNCTION_SUMS) || f->args.n != 1 || f->distinct ||
        f->over || f->order.n || f->within_group.n || f->limit ||
        f->args.at[0]->kind != NODE_COLUMN_REF) {
        return NULL;
    }
    return base_of(node_column_ref_const(f->args.at[0])->bound);
}

bool bind_sums(const struct scope *s, const struct node_func *f, const struct bound_expr *v)
{
    bool is_here = false;
    if (!bind_summed_column(&f->base)) {
        return false;
    }
    const struct node_list *parts = &node_column_ref_const(f->args.at[0])->parts;
    for (size_t i = 0; i < s->ranges.n; i++) {
        is_here |= str_eq(s->ranges.at[i]->name, ident_text(parts->at[0]));
    }
    return is_here && v->is_bare;
}

const struct lineage *bind_aggregated(struct binder *b, const struct node_func *f,
                                      const struct lineage *l)
{
    const struct bound_column *c = bind_summed_column(&f->base);
    if (f->bound->kind != FUNCTION_AGGREGATE) {
        return l;
    }
    if (f->bound->flags & FUNCTION_COUNTS) {
        return lineage_counted(b->a, l);
    }
    bool is_stored = c && !c->table->table->columns[c->column].generated.p;
    return is_stored ? lineage_summed(b->a, l) : lineage_aggregated(b->a, l);
}
