/* Queries: CTEs, SELECT, set operations, VALUES, and what ORDER BY and GROUP BY name. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"

static void use_all(struct binder *b, const struct columns *c, enum origin_use place)
{
    for (size_t i = 0; i < c->n; i++) {
        bind_use_at(b, c->at[i].origins, place);
    }
}

/* ---- names of outputs ---- */

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

/* ---- targets ---- */

/* The outputs that are bound so far, in the tree and as what is known of them. */
struct target_list {
    struct node_list nodes;
    VEC_OF(struct bound_expr) values;
    VEC_OF(struct output_column) columns;
    VEC_OF(struct node *) originals;
};

static void add_target(struct binder *b, struct scope *s, struct target_list *l,
                       struct node *target, struct node *original, const struct bound_expr *v)
{
    struct str name = ident_text(node_target(target)->alias);
    struct output_column column = {name, v->type, v->origins, v->is_bare};
    node_push(b->a, &l->nodes, target);
    VEC_PUSH(b->a, l->values, *v);
    VEC_PUSH(b->a, l->columns, column);
    VEC_PUSH(b->a, l->originals, original);
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
        add_target(b, s, l, opened.at[i], NULL, &v);
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
    if (bind_expr(b, s, &t->expr, &v) != OK) {
        return FAIL;
    }
    if (!t->alias && was_column && t->expr->kind == NODE_COLUMN_REF) {
        name = name_of(t->expr); /* as the table spells it */
    }
    t->alias = bind_ident(b, name, t->alias ? t->alias : t->expr);
    add_target(b, s, l, target, original, &v);
    return OK;
}

enum status bind_targets(struct binder *b, struct scope *s, struct node_list *targets,
                         struct columns *out)
{
    if (bind_expand_targets(b, s, targets) != OK ||
        bind_limit_list(b, targets->n ? targets->at[0] : NULL, targets->n) != OK) {
        return FAIL;
    }
    struct target_list *l = ARENA_NEW(b->a, struct target_list);
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
    *out = (struct columns){l->columns.at, l->columns.n};
    return OK;
}

/* ---- ORDER BY, GROUP BY ---- */

static bool is_position(const struct node *n, int64_t *out)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
           str_to_i64(node_literal_const(n)->text, out);
}

/* Naming an output by its number looks at it. */
static enum status use_position(struct binder *b, const struct node *n, int64_t position,
                                const struct columns *c, enum origin_use place)
{
    if (position < 1 || (uint64_t)position > c->n) {
        return bind_fail(b, n, ERR_BAD_SQL, "position %lld is not in the select list",
                         (long long)position);
    }
    bind_use_at(b, c->at[position - 1].origins, place);
    return OK;
}

static struct node *position_node(struct binder *b, size_t index, const struct node *at)
{
    struct node *n = node_new(b->a, NODE_LITERAL, at->offset);
    node_literal(n)->lit = LIT_INTEGER;
    node_literal(n)->text = str_of(arena_printf(b->a, "%zu", index + 1));
    n->length = at->length;
    n->type = type_simple(TYPE_INT4);
    return n;
}

/* The output that a name means: 0 and *index; 1 none; 2 more than one. */
static int find_output(const struct scope *s, const struct node *n, const struct columns *c,
                       size_t *index)
{
    const struct node_list *targets = s ? s->targets : NULL;
    struct str name = n->kind == NODE_COLUMN_REF ? bind_output_name(s, n) : STR("");
    if (!name.n) {
        return 1;
    }
    int result = 1;
    for (size_t i = 0; i < c->n; i++) {
        if (!str_ieq(c->at[i].name, name)) {
            continue;
        }
        bool is_same = result == 0 && targets &&
                       node_equal(node_target_const(targets->at[i])->expr,
                                  node_target_const(targets->at[*index])->expr);
        if (result == 0 && !is_same) {
            return 2;
        }
        *index = result == 0 ? *index : i;
        result = 0;
    }
    return result;
}

static enum status bind_order_item(struct binder *b, struct scope *select, struct node **n,
                                   const struct columns *c)
{
    int64_t position = 0;
    size_t index = 0;
    if (is_position(*n, &position)) {
        (*n)->type = type_simple(TYPE_INT4);
        return use_position(b, *n, position, c, USE_ORDERING);
    }
    int found = find_output(select, *n, c, &index);
    if (found == 2) {
        return bind_fail(b, *n, ERR_AMBIGUOUS_COLUMN, "ORDER BY \"%.*s\" is ambiguous",
                         STR_ARG(ident_text(node_column_ref(*n)->parts.at[0])));
    }
    if (found == 0) {
        *n = position_node(b, index, *n);
        return use_position(b, *n, (int64_t)index + 1, c, USE_ORDERING);
    }
    if (!select) {
        return bind_fail(b, *n, ERR_UNSUPPORTED,
                         "ORDER BY here takes an output column's name or position");
    }
    return bind_used_at(b, select, n, NULL, USE_ORDERING);
}

/* GROUP BY and DISTINCT ON: a column of the tables comes before an alias, as on the engine. */
static enum status bind_group_item(struct binder *b, struct scope *s, struct node **n,
                                   const struct columns *c)
{
    int64_t position = 0;
    size_t index = 0;
    if (is_position(*n, &position)) {
        (*n)->type = type_simple(TYPE_INT4);
        return use_position(b, *n, position, c, USE_GROUPING);
    }
    if (find_output(s, *n, c, &index) == 0 &&
        (node_column_ref(*n)->parts.n > 1 ||
         !scope_has_column(s, ident_text(node_column_ref(*n)->parts.at[0])))) {
        *n = position_node(b, index, *n);
        return use_position(b, *n, (int64_t)index + 1, c, USE_GROUPING);
    }
    return bind_used_at(b, s, n, NULL, USE_GROUPING);
}

static enum status bind_group_items(struct binder *b, struct scope *s, struct node_list *l,
                                    const struct columns *c)
{
    if (bind_limit_list(b, l->n ? l->at[0] : NULL, l->n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < l->n; i++) {
        if (bind_group_item(b, s, &l->at[i], c) != OK) {
            return FAIL;
        }
    }
    return OK;
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
    s->selected = &n->targets;
    if (bind_name_windows(b, s, &n->windows) != OK || bind_from(b, s, &n->from) != OK ||
        bind_targets(b, s, &n->targets, out) != OK ||
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
        use_all(b, out, USE_GROUPING);
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

static bool same_column(const struct output_column *x, const struct output_column *y)
{
    return x->is_bare && y->is_bare && x->origins->n == 1 && y->origins->n == 1 &&
           x->origins->at[0].table == y->origins->at[0].table &&
           x->origins->at[0].column == y->origins->at[0].column;
}

/* A column of both arms. It is bare only where both are the same base column: otherwise one arm
 * could put values of its own choice beside masked ones and learn what the mask makes of them. */
static struct output_column both(struct binder *b, const struct output_column *x,
                                 const struct output_column *y)
{
    struct output_column c = {.name = x->name,
                              .type = type_common(b->a, x->type, y->type),
                              .origins = lineage_union(b->a, x->origins, y->origins),
                              .is_bare = same_column(x, y)};
    if (!c.is_bare) {
        bind_use_at(b, c.origins, USE_SET);
        c.origins = lineage_derived(b->a, c.origins);
    }
    b->out->may_fail |= !type_is_widening(x->type, c.type) || !type_is_widening(y->type, c.type);
    return c;
}

static struct output_column *find_column(struct columns *c, struct str name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (str_ieq(c->at[i].name, name)) {
            return &c->at[i];
        }
    }
    return NULL;
}

static void combine_by_name(struct binder *b, struct columns *l, struct columns *r,
                            struct columns *out)
{
    static const struct lineage none;
    struct output_column missing = {.type = type_simple(TYPE_NULL), .origins = &none};
    out->at = ARENA_ARRAY(b->a, struct output_column, l->n + r->n);
    for (size_t i = 0; i < l->n; i++) {
        struct output_column *y = find_column(r, l->at[i].name);
        out->at[out->n++] = both(b, &l->at[i], y ? y : &missing);
    }
    for (size_t i = 0; i < r->n; i++) {
        if (!find_column(l, r->at[i].name)) {
            missing.name = r->at[i].name;
            out->at[out->n++] = both(b, &missing, &r->at[i]);
        }
    }
}

static enum status combine(struct binder *b, const struct node_setop *n, struct columns *l,
                           struct columns *r, struct columns *out)
{
    *out = (struct columns){0};
    if (!(n->op == SETOP_UNION && n->all)) {
        use_all(b, l, USE_SET);
        use_all(b, r, USE_SET);
    }
    if (n->by_name) {
        combine_by_name(b, l, r, out);
        return OK;
    }
    if (l->n != r->n) {
        return bind_fail(b, &n->base, ERR_BAD_SQL,
                         "each part of a set operation must have the same number of columns");
    }
    out->at = ARENA_ARRAY(b->a, struct output_column, l->n);
    for (; out->n < l->n; out->n++) {
        out->at[out->n] = both(b, &l->at[out->n], &r->at[out->n]);
    }
    return OK;
}

static enum status bind_body(struct binder *b, struct scope *parent, const struct cte *ctes,
                             struct node *n, struct scope **select, struct columns *out);

static enum status bind_setop(struct binder *b, struct scope *parent, const struct cte *ctes,
                              struct node_setop *n, struct columns *out)
{
    struct columns l = {0}, r = {0};
    struct scope *ignored = NULL;
    if (bind_body(b, parent, ctes, n->left, &ignored, &l) != OK ||
        bind_body(b, parent, ctes, n->right, &ignored, &r) != OK) {
        return FAIL;
    }
    return combine(b, n, &l, &r, out);
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

static enum status bind_body(struct binder *b, struct scope *parent, const struct cte *ctes,
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

/* ---- CTEs ---- */

struct self_search {
    struct str name;
    bool found;
};

static enum walk find_self(struct node **n, void *ctx)
{
    struct self_search *search = ctx;
    if ((*n)->kind == NODE_TABLE_REF) {
        const struct node_list *parts = &node_name(node_table_ref(*n)->name)->parts;
        search->found |= parts->n == 1 && str_ieq(ident_text(parts->at[0]), search->name);
    }
    return search->found ? WALK_STOP : WALK_ON;
}

/* The CTE's columns under the names that it gives them, each once, written back. */
static enum status name_cte_columns(struct binder *b, struct node_cte *n, struct columns *c)
{
    if (n->columns.n > c->n) {
        return bind_fail(b, &n->base, ERR_BAD_SQL,
                         "WITH query \"%.*s\" has %zu columns but %u names",
                         STR_ARG(ident_text(n->name)), c->n, n->columns.n);
    }
    for (uint32_t i = 0; i < n->columns.n; i++) {
        c->at[i].name = ident_text(n->columns.at[i]);
    }
    struct range names = {.columns = ARENA_ARRAY(b->a, struct range_column, c->n), .n = c->n};
    for (size_t i = 0; i < c->n; i++) {
        names.columns[i].name = names.columns[i].label = c->at[i].name;
    }
    range_tell_apart(b, &names);
    n->columns = (struct node_list){0};
    for (size_t i = 0; i < c->n; i++) {
        c->at[i].name = names.columns[i].name;
        node_push(b->a, &n->columns, bind_ident(b, c->at[i].name, &n->base));
    }
    return OK;
}

static bool has_same_origins(const struct lineage *x, const struct lineage *y, struct arena *a)
{
    const struct lineage *p = lineage_add(a, lineage_none(), x, ORIGIN_DERIVED);
    return lineage_add(a, p, y, ORIGIN_DERIVED) == p;
}

/* The recursive term was bound with the anchor's lineage. Where its own outputs come from elsewhere
 * as well, what the term saw in itself was wrong from the second round on: nothing
 * is proved then. */
static void settle_recursion(struct binder *b, struct columns *anchor, const struct columns *term)
{
    for (size_t i = 0; i < anchor->n; i++) {
        if (!has_same_origins(anchor->at[i].origins, term->at[i].origins, b->a)) {
            bind_use(b, lineage_unknown());
            for (size_t k = 0; k < anchor->n; k++) {
                anchor->at[k].origins = lineage_unknown();
                anchor->at[k].is_bare = false;
            }
            return;
        }
    }
}

static enum status bind_recursive(struct binder *b, struct scope *parent, struct node_cte *n,
                                  struct cte *self, struct columns *out)
{
    struct node_query *q = node_query(n->query);
    const struct cte *ctes = self->next;
    struct scope *ignored = NULL;
    struct columns term = {0};
    if (q->body->kind != NODE_SETOP || node_setop(q->body)->op != SETOP_UNION ||
        node_setop(q->body)->by_name || q->order.n || q->order_all || q->limit || q->offset) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED,
                         "recursive query \"%.*s\" must be: anchor UNION [ALL] recursive term",
                         STR_ARG(self->name));
    }
    struct node_setop *u = node_setop(q->body);
    if (bind_ctes(b, parent, &ctes, &q->ctes, q->recursive) != OK ||
        bind_body(b, parent, ctes, u->left, &ignored, out) != OK ||
        name_cte_columns(b, n, out) != OK) {
        return FAIL;
    }
    struct cte visible = {self->name, self->unique, *out, ctes};
    struct cte *copy = ARENA_NEW(b->a, struct cte);
    *copy = visible;
    if (bind_body(b, parent, copy, u->right, &ignored, &term) != OK) {
        return FAIL;
    }
    struct columns all = {0}, anchor = *out;
    b->out->may_fail = true;
    if (combine(b, u, &anchor, &term, &all) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < all.n; i++) {
        all.at[i].type = anchor.at[i].type;
    }
    *out = all;
    settle_recursion(b, &anchor, &term);
    for (size_t i = 0; i < all.n; i++) {
        if (anchor.at[i].origins->is_unknown) {
            out->at[i].origins = lineage_unknown();
            out->at[i].is_bare = false;
        }
    }
    return OK;
}

static enum status bind_cte(struct binder *b, struct scope *parent, const struct cte **ctes,
                            struct node_cte *n, bool recursive)
{
    struct cte *c = ARENA_NEW(b->a, struct cte);
    c->name = ident_text(n->name);
    c->unique = bind_unique(b, c->name);
    c->next = *ctes;
    if (n->query->kind != NODE_QUERY) {
        return bind_fail(b, n->query, ERR_UNSUPPORTED, "WITH takes queries only");
    }
    struct self_search self = {c->name, false};
    if (recursive) {
        (void)node_walk(&n->query, find_self, &self);
    }
    enum status status = self.found ? bind_recursive(b, parent, n, c, &c->columns)
                                    : bind_query(b, parent, *ctes, n->query, &c->columns);
    if (status != OK || (!self.found && name_cte_columns(b, n, &c->columns) != OK)) {
        return FAIL;
    }
    n->name = bind_ident(b, c->unique, n->name);
    *ctes = c;
    return OK;
}

enum status bind_ctes(struct binder *b, struct scope *parent, const struct cte **ctes,
                      struct node_list *list, bool recursive)
{
    const struct cte *outer = *ctes;
    if (bind_limit_list(b, list->n ? list->at[0] : NULL, list->n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < list->n; i++) {
        struct node_cte *n = node_cte(list->at[i]);
        for (const struct cte *c = *ctes; c != outer; c = c->next) {
            if (str_ieq(c->name, ident_text(n->name))) {
                return bind_fail(b, n->name, ERR_DUPLICATE_ALIAS,
                                 "WITH query name \"%.*s\" specified more than once",
                                 STR_ARG(c->name));
            }
        }
        if (bind_cte(b, parent, ctes, n, recursive) != OK) {
            return FAIL;
        }
    }
    return OK;
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
        use_all(b, out, USE_ORDERING);
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
