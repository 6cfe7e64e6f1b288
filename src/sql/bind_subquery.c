/* Queries within expressions. */
#include "sql/bind_expr.h"
#include "sql/bind_type.h"
#include "sql/make.h"

/* What a sub-query within an expression gives is looked at: all of it is used. */
static enum status bind_inner(struct binder *b, struct scope *s, struct node *query,
                              struct bound_expr *all, struct columns *columns)
{
    if (bind_query(b, s, s->ctes, query, columns) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < columns->n; i++) {
        struct bound_expr v = {columns->at[i].type, columns->at[i].origins, false, false};
        bind_use(b, v.origins);
        bind_use_at(b, v.origins, USE_SUBQUERY);
        bind_add_operand(b, all, &v);
    }
    all->is_const = false;
    return OK;
}

static enum status one_column(struct binder *b, const struct node *at, const struct columns *c)
{
    return c->n == 1 ? OK : bind_fail(b, at, ERR_BAD_SQL, "subquery must return only one column");
}

/* `operand` against the columns of a query: one, or as many as a row has items. */
static enum status against_query(struct binder *b, struct scope *s, struct node **left,
                                 struct node *query, struct bound_expr *out)
{
    struct columns columns;
    struct bound_expr v;
    if (bind_operand(b, s, left, out, &v) != OK || bind_inner(b, s, query, out, &columns) != OK) {
        return FAIL;
    }
    bool is_row = (*left)->kind == NODE_ROW;
    size_t width = is_row ? node_row(*left)->items.n : 1;
    if (width != columns.n) {
        return bind_fail(b, query, ERR_BAD_SQL, "subquery must return %zu column%s", width,
                         width == 1 ? "" : "s");
    }
    for (size_t i = 0; i < width; i++) {
        struct node **at = is_row ? &node_row(*left)->items.at[i] : left;
        bind_scalar_beside(b, at, columns.at[i].type);
        struct node *item = *at;
        bind_settle(b, item, columns.at[i].type);
        b->out->may_fail |= !type_is_widening(item->type, columns.at[i].type) &&
                            !type_may_meet(b->a, item->type, columns.at[i].type);
    }
    return OK;
}

enum status bind_quantified(struct binder *b, struct scope *s, struct node *n,
                            struct bound_expr *out)
{
    struct node_quantified *x = node_quantified(n);
    *out = bind_start();
    out->type = type_simple(TYPE_BOOL);
    if (x->source->kind == NODE_QUERY) {
        return against_query(b, s, &x->operand, x->source, out);
    }
    if (bind_operand(b, s, &x->operand, out, NULL) != OK) {
        return FAIL;
    }
    const struct type *item = bind_known_type(x->operand);
    bool is_plain = item->kind != TYPE_NULL && item->kind != TYPE_UNKNOWN;
    const struct type *items = type_list(b->a, is_plain ? item : type_simple(TYPE_TEXT));
    if (bind_array_literal(b, &x->source, items) != OK ||
        bind_operand(b, s, &x->source, out, NULL) != OK) {
        return FAIL;
    }
    const struct type *list = x->source->type;
    if (list->kind == TYPE_LIST || list->kind == TYPE_ARRAY) {
        bind_settle(b, x->operand, list->child);
    } else if (!type_is_open(x->operand->type)) {
        bind_settle(b, x->source, type_list(b->a, x->operand->type));
    }
    b->out->may_fail = true;
    return OK;
}

static void contain(struct binder *b, struct node **at)
{
    struct node *n = *at;
    const struct node_quantified *x = n->kind == NODE_QUANTIFIED ? node_quantified_const(n) : NULL;
    if (!x || x->op != OP_EQ || x->quantifier != QUANT_ANY || x->source->kind == NODE_QUERY ||
        x->source->type->kind != TYPE_LIST) {
        return;
    }
    struct node *call = node_new(b->a, NODE_FUNC, n->offset);
    struct node_func *f = node_func(call);
    f->name = make_name(b->a, STR("list_contains"));
    f->bound = function_find(STR("list_contains"));
    node_push(b->a, &f->args, x->source);
    node_push(b->a, &f->args, x->operand);
    call->length = n->length;
    call->type = n->type;
    *at = call;
}

void bind_outer_join_lists(struct binder *b, struct node *join)
{
    struct node_join *j = node_join(join);
    if (j->type == JOIN_INNER || !j->on) {
        return;
    }
    contain(b, &j->on);
    if (j->on->kind == NODE_BOOL && !node_bool_chain(j->on)->is_or) {
        struct node_list *items = &node_bool_chain(j->on)->args;
        for (uint32_t i = 0; i < items->n; i++) {
            contain(b, &items->at[i]);
        }
    }
}

enum status bind_scalar_query(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out)
{
    struct columns columns;
    *out = bind_start();
    if (bind_inner(b, s, node_subquery(n)->query, out, &columns) != OK ||
        one_column(b, n, &columns) != OK) {
        return FAIL;
    }
    out->type = columns.at[0].type;
    b->out->may_fail = true; /* more than one row is an error */
    return OK;
}

enum status bind_in_query(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_in_query *x = node_in_query(n);
    *out = bind_start();
    out->type = type_simple(TYPE_BOOL);
    return against_query(b, s, &x->operand, x->query, out);
}

enum status bind_exists(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct columns columns;
    *out = bind_start();
    out->type = type_simple(TYPE_BOOL);
    return bind_inner(b, s, node_exists(n)->query, out, &columns);
}
