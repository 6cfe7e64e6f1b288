/* What aggregates tell of the columns that they look at. */
#include "sql/bind_state.h"

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
    const struct bound_column *c = node_column_ref_const(f->args.at[0])->bound;
    return c && c->table && c->column >= 0 ? c : NULL;
}

bool bind_sums(const struct scope *s, const struct node_func *f, const struct bound_expr *v)
{
    const struct bound_column *c = bind_summed_column(&f->base);
    bool is_here = false;
    for (size_t i = 0; c && i < s->ranges.n; i++) {
        is_here |= s->ranges.at[i]->table == c->table;
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
