/* The outputs of a query: what each is called, and what is known of it. */
#include "sql/bind_query.h"

static struct str last_part(const struct node *name)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    return ident_text(parts->at[parts->n - 1]);
}

static struct str name_of(const struct node *n)
{
    for (;;) {
        switch (n->kind) {
        case NODE_COLUMN_REF: {
            const struct node_list *parts = &node_column_ref_const(n)->parts;
            return ident_text(parts->at[parts->n - 1]);
        }
        case NODE_FUNC: {
            struct str name = last_part(node_func_const(n)->name);
            const struct function *f = function_find(name);
            return f ? str_of(f->name) : name;
        }
        case NODE_FIELD:
            return ident_text(node_field_const(n)->name);
        case NODE_CAST: {
            struct str inner = name_of(node_cast_const(n)->operand);
            return inner.n ? inner : node_type_name_const(node_cast_const(n)->target)->text;
        }
        case NODE_INDEX:
            n = node_index_const(n)->operand;
            break;
        case NODE_SLICE:
            n = node_slice_const(n)->operand;
            break;
        case NODE_COLLATE:
            n = node_collate_const(n)->operand;
            break;
        case NODE_CASE:
            return STR("case");
        case NODE_EXISTS:
            return STR("exists");
        case NODE_LIST:
            return STR("array");
        case NODE_ROW:
            return STR("row");
        default:
            return STR("");
        }
    }
}

/* PostgreSQL's rule (FigureColname): a column's name, a function's, else ?column?. */
struct str bind_target_name(struct binder *b, const struct node *expr)
{
    struct str name = name_of(expr);
    if (expr->kind == NODE_SUBQUERY) { /* of its one output */
        const struct node *body = node_query_const(node_subquery_const(expr)->query)->body;
        if (body->kind == NODE_SELECT && node_select_const(body)->targets.n == 1) {
            const struct node_target *t = node_target_const(node_select_const(body)->targets.at[0]);
            name = t->alias ? ident_text(t->alias) : bind_target_name(b, t->expr);
        }
    }
    return name.n ? name : STR("?column?");
}

/* The outputs that are bound so far, in the tree and as what is known of them. */
struct target_list {
    struct node_list nodes;
    VEC_OF(struct bound_expr) values;
    VEC_OF(struct output_column) columns;
    VEC_OF(struct node *) originals;
    VEC_OF(struct deferred *) deferred;
    bool defers, is_grouped; /* outputs may wait until they are read; beside GROUP BY */
};

static void add_target(struct binder *b, struct scope *s, struct target_list *l,
                       struct node *target, struct node *original, const struct bound_expr *v,
                       struct deferred *deferred)
{
    struct str name = ident_text(node_target(target)->alias);
    struct output_column column = {name, v->type, v->origins, v->is_bare};
    node_push(b->a, &l->nodes, target);
    VEC_PUSH(b->a, l->values, *v);
    VEC_PUSH(b->a, l->columns, column);
    VEC_PUSH(b->a, l->originals, original);
    if (l->defers) {
        VEC_PUSH(b->a, l->deferred, deferred);
        s->target_deferred = l->deferred.at;
    }
    s->targets = &l->nodes;
    s->target_values = l->values.at;
    s->target_originals = l->originals.at;
    s->targets_bound = l->nodes.n;
}

static enum status bind_unnested(struct binder *b, struct scope *s, struct node_target *t,
                                 struct target_list *l)
{
    struct node_list opened = {0};
    struct bound_expr v;
    if (bind_unnest_target(b, s, t, &opened, &v) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < opened.n; i++) {
        v.type = node_target(opened.at[i])->expr->type;
        add_target(b, s, l, opened.at[i], NULL, &v, NULL);
    }
    return OK;
}

static enum walk find_query(struct node **n, void *ctx)
{
    bool *found = ctx;
    *found |= (*n)->kind == NODE_QUERY;
    return *found ? WALK_STOP : WALK_ON;
}

struct count {
    size_t n, limit;
};

static enum walk count_node(struct node **n, void *ctx)
{
    struct count *c = ctx;
    return ++c->n > c->limit ? WALK_STOP : WALK_ON;
}

/* A target that holds a query can be named elsewhere, and is then bound again: what was written is
 * kept for that. NULL where too much would be. */
static struct node *keep_original(struct binder *b, struct node *expr)
{
    struct count c = {.limit = BIND_MAX_COPIED - b->nodes_kept};
    if (node_walk(&expr, count_node, &c) == WALK_STOP) {
        return NULL;
    }
    b->nodes_kept += c.n;
    return node_copy(b->a, expr);
}

static enum status bind_target(struct binder *b, struct scope *s, struct node *target,
                               struct target_list *l)
{
    struct node_target *t = node_target(target);
    if (bind_is_unnest(t->expr)) {
        return bind_unnested(b, s, t, l);
    }
    struct str name = t->alias ? ident_text(t->alias) : bind_target_name(b, t->expr);
    bool was_column = t->expr->kind == NODE_COLUMN_REF || t->expr->kind == NODE_POSITION;
    bool has_query = false;
    struct bound_expr v;
    (void)node_walk(&t->expr, find_query, &has_query);
    struct node *original = has_query && t->alias ? keep_original(b, t->expr) : NULL;
    struct deferred *deferred = l->defers ? bind_defer(b, target) : NULL;
    if (bind_expr(b, s, &t->expr, &v) != OK) {
        return FAIL;
    }
    deferred = deferred ? bind_defer_end(b, deferred, l->is_grouped) : NULL;
    if (s->selected == b->shown && b->shown && bind_show_reg(b, &t->expr, &v) != OK) {
        return FAIL;
    }
    if (!t->alias && was_column && t->expr->kind == NODE_COLUMN_REF) {
        name = name_of(t->expr); /* as the table spells it */
    }
    t->alias = bind_ident(b, name, t->alias ? t->alias : t->expr);
    add_target(b, s, l, target, original, &v, deferred);
    return OK;
}

static enum status bind_list(struct binder *b, struct scope *s, struct node_list *targets,
                             struct target_list *l, struct columns *out)
{
    if (bind_expand_targets(b, s, targets) != OK ||
        bind_limit_list(b, targets->n ? targets->at[0] : NULL, targets->n) != OK) {
        return FAIL;
    }
    s->targets = &l->nodes;
    for (uint32_t i = 0; i < targets->n; i++) {
        if (bind_target(b, s, targets->at[i], l) != OK) {
            return FAIL;
        }
    }
    if (bind_limit_list(b, l->nodes.n ? l->nodes.at[0] : NULL, l->nodes.n) != OK) {
        return FAIL;
    }
    *targets = l->nodes;
    s->targets = targets;
    *out = (struct columns){l->columns.at, l->columns.n, l->deferred.at};
    return OK;
}

enum status bind_targets(struct binder *b, struct scope *s, struct node_list *targets,
                         struct columns *out)
{
    return bind_list(b, s, targets, ARENA_NEW(b->a, struct target_list), out);
}

enum status bind_deferred_targets(struct binder *b, struct scope *s, struct node_select *n,
                                  struct columns *out)
{
    struct target_list *l = ARENA_NEW(b->a, struct target_list);
    l->defers = true;
    l->is_grouped = n->group.n > 0;
    return bind_list(b, s, &n->targets, l, out);
}
