/* Queries: SELECT, VALUES, and how the parts of a query follow each other. */
#include "sql/bind_query.h"
#include "sql/bind_type.h"

void bind_use_all(struct binder *b, const struct columns *c, enum origin_use place)
{
    for (size_t i = 0; i < c->n; i++) {
        bind_use_at(b, c->at[i].origins, place);
    }
}

/* ---- SELECT ---- */

enum status bind_where(struct binder *b, struct scope *s, struct node **n)
{
    return bind_condition(b, s, n, USE_PREDICATE);
}

enum status bind_condition(struct binder *b, struct scope *s, struct node **n,
                           enum origin_use place)
{
    struct bound_expr v;
    if (!*n) {
        return OK;
    }
    if (bind_used_at(b, s, n, &v, place) != OK) {
        return FAIL;
    }
    bind_scalar_kind(b, n, TYPE_BOOL);
    bind_settle_kind(b, *n, TYPE_BOOL);
    b->out->has_predicate |= v.origins->n > 0 || v.origins->is_unknown;
    b->out->may_fail |= (*n)->type->kind != TYPE_BOOL && !v.is_const;
    return OK;
}

static enum status bind_windows(struct binder *b, struct scope *s, struct node_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (bind_window(b, s, node_window(node_window_def(l->at[i])->window)) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status bind_select(struct binder *b, struct scope *s, struct node_select *n,
                               struct columns *out)
{
    bool defers = &n->base == b->deferred_select && !n->distinct && !n->group_all;
    s->selected = &n->targets;
    s->from = n->from;
    s->where = n->where;
    if (bind_name_windows(b, s, &n->windows) != OK || bind_from(b, s, &n->from) != OK ||
        (defers ? bind_deferred_targets(b, s, n, out) : bind_targets(b, s, &n->targets, out)) !=
            OK ||
        bind_expand_condition(b, s, &n->where) != OK || bind_where(b, s, &n->where) != OK ||
        bind_expand_items(b, s, &n->group) != OK ||
        bind_expand_items(b, s, &n->distinct_on) != OK ||
        bind_expand_condition(b, s, &n->having) != OK ||
        bind_expand_condition(b, s, &n->qualify) != OK ||
        bind_group_items(b, s, &n->group, out) != OK || bind_windows(b, s, &n->windows) != OK ||
        bind_group_items(b, s, &n->distinct_on, out) != OK) {
        return FAIL;
    }
    if (n->having && bind_used_at(b, s, &n->having, NULL, USE_PREDICATE) != OK) {
        return FAIL;
    }
    if (n->qualify && bind_used_at(b, s, &n->qualify, NULL, USE_PREDICATE) != OK) {
        return FAIL;
    }
    b->out->may_fail |= (n->having && n->having->type->kind != TYPE_BOOL) ||
                        (n->qualify && n->qualify->type->kind != TYPE_BOOL);
    if (n->distinct || n->group_all) {
        bind_use_all(b, out, USE_GROUPING);
    }
    return OK;
}

/* ---- VALUES ---- */

static enum status bind_values_row(struct binder *b, struct scope *s, struct node_row *row,
                                   struct columns *out)
{
    if (row->items.n != out->n) {
        return bind_fail(b, &row->base, ERR_BAD_SQL, "VALUES lists must all be the same length");
    }
    for (uint32_t i = 0; i < row->items.n; i++) {
        struct bound_expr v;
        if (bind_used(b, s, &row->items.at[i], &v) != OK) {
            return FAIL;
        }
        struct output_column *c = &out->at[i];
        c->type = type_common(b->a, c->type, bind_known_type(row->items.at[i]));
        c->origins = lineage_union(b->a, c->origins, lineage_derived(b->a, v.origins));
    }
    return OK;
}

static enum status bind_values(struct binder *b, struct scope *s, struct node_values *n,
                               struct columns *out)
{
    out->n = n->rows.n ? node_row(n->rows.at[0])->items.n : 0;
    if (bind_limit_list(b, &n->base, out->n) != OK) {
        return FAIL;
    }
    out->at = ARENA_ARRAY(b->a, struct output_column, out->n);
    for (size_t i = 0; i < out->n; i++) {
        out->at[i] = (struct output_column){str_of(arena_printf(b->a, "column%zu", i + 1)),
                                            type_simple(TYPE_NULL), lineage_none(), false};
    }
    for (uint32_t r = 0; r < n->rows.n; r++) {
        if (bind_values_row(b, s, node_row(n->rows.at[r]), out) != OK) {
            return FAIL;
        }
    }
    for (uint32_t r = 0; r < n->rows.n; r++) {
        for (size_t i = 0; i < out->n; i++) {
            bind_settle(b, node_row(n->rows.at[r])->items.at[i], out->at[i].type);
        }
    }
    return OK;
}

/* ---- set operations ---- */

static enum status bind_setop(struct binder *b, struct scope *parent, const struct cte *ctes,
                              struct node_setop *n, struct columns *out)
{
    struct columns l = {0}, r = {0};
    struct scope *ignored = NULL;
    if (bind_body(b, parent, ctes, n->left, &ignored, &l) != OK ||
        bind_body(b, parent, ctes, n->right, &ignored, &r) != OK) {
        return FAIL;
    }
    return bind_combine(b, n, &l, &r, out);
}

static enum status body(struct binder *b, struct scope *parent, const struct cte *ctes,
                        struct node *n, struct scope **select, struct columns *out)
{
    struct scope *s = ARENA_NEW(b->a, struct scope);
    s->parent = parent;
    s->ctes = ctes;
    s->lambdas = parent ? parent->lambdas : NULL;
    *select = NULL;
    switch (n->kind) {
    case NODE_SELECT:
        *select = s;
        return bind_select(b, s, node_select(n), out);
    case NODE_VALUES:
        return bind_values(b, s, node_values(n), out);
    case NODE_SETOP:
        return bind_setop(b, parent, ctes, node_setop(n), out);
    case NODE_QUERY:
        return bind_query(b, parent, ctes, n, out);
    default:
        return bind_fail(b, n, ERR_UNSUPPORTED, "%s can't stand as a query",
                         node_kind_name(n->kind));
    }
}

enum status bind_body(struct binder *b, struct scope *parent, const struct cte *ctes,
                      struct node *n, struct scope **select, struct columns *out)
{
    *out = (struct columns){0};
    if (bind_enter(b, n) != OK) {
        return FAIL;
    }
    enum status status = body(b, parent, ctes, n, select, out);
    bind_leave(b);
    return status;
}

/* ---- a whole query ---- */

static enum status bind_limit(struct binder *b, struct scope *parent, const struct cte *ctes,
                              struct node **n)
{
    struct scope s = {.parent = parent, .ctes = ctes};
    struct bound_expr v;
    if (!*n) {
        return OK;
    }
    if (bind_used_at(b, &s, n, &v, USE_ROWS) != OK) {
        return FAIL;
    }
    bind_settle_kind(b, *n, TYPE_INT8);
    b->out->may_fail |= !v.is_const;
    return OK;
}

static enum status query(struct binder *b, struct scope *parent, const struct cte *ctes,
                         struct node_query *q, struct columns *out)
{
    struct scope *select = NULL;
    if (bind_ctes(b, parent, &ctes, &q->ctes, q->recursive) != OK ||
        bind_body(b, parent, ctes, q->body, &select, out) != OK ||
        (select && bind_expand_items(b, select, &q->order) != OK) ||
        bind_limit_list(b, &q->base, q->order.n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < q->order.n; i++) {
        if (bind_order_item(b, select, &node_order_item(q->order.at[i])->expr, out) != OK) {
            return FAIL;
        }
    }
    if (q->order_all) {
        bind_use_all(b, out, USE_ORDERING);
    }
    return bind_limit(b, parent, ctes, &q->limit) == OK ? bind_limit(b, parent, ctes, &q->offset)
                                                        : FAIL;
}

enum status bind_query(struct binder *b, struct scope *parent, const struct cte *ctes,
                       struct node *n, struct columns *out)
{
    *out = (struct columns){0};
    if (bind_enter(b, n) != OK) {
        return FAIL;
    }
    enum origin_use before = bind_place(b, USE_EXPRESSION);
    enum status status = query(b, parent, ctes, node_query(n), out);
    b->place = before;
    bind_leave(b);
    return status;
}
