/* The predicates of a table's verdict as expressions, and the few kinds of node that they are made of. */
#include "pipeline/row_filter_priv.h"

#include "policy/attribute.h"
#include "sql/rewrite.h"
#include "sql/function.h"
#include "sql/walk.h"

/* ---- nodes ---- */

struct node *make_ident(struct arena *a, struct str text)
{
    struct node *n = node_new(a, NODE_IDENT, 0);
    node_ident(n)->text = text;
    node_ident(n)->quoted = 1;
    return n;
}

struct node *make_column(struct arena *a, struct str alias, struct str column,
                         const struct type *type)
{
    struct node *n = node_new(a, NODE_COLUMN_REF, 0);
    node_push(a, &node_column_ref(n)->parts, make_ident(a, alias));
    node_push(a, &node_column_ref(n)->parts, make_ident(a, column));
    n->type = type;
    return n;
}

struct node *make_and(struct arena *a, struct node *x, struct node *y)
{
    if (!x || !y) {
        return x ? x : y;
    }
    struct node *n = node_new(a, NODE_BOOL, 0);
    node_push(a, &node_bool_chain(n)->args, x);
    node_push(a, &node_bool_chain(n)->args, y);
    n->type = type_simple(TYPE_BOOL);
    return n;
}

struct node *make_case(struct arena *a, struct node *condition, struct node *then,
                       struct node *otherwise)
{
    struct node *n = node_new(a, NODE_CASE, 0), *when = node_new(a, NODE_WHEN, 0);
    node_when(when)->condition = condition;
    node_when(when)->result = then;
    node_push(a, &node_case_expr(n)->whens, when);
    node_case_expr(n)->otherwise = otherwise;
    n->type = then->type;
    return n;
}

struct node *make_literal(struct arena *a, int kind, const char *text)
{
    struct node *n = node_new(a, NODE_LITERAL, 0);
    node_literal(n)->lit = kind;
    node_literal(n)->text = str_of(text);
    n->type = type_simple(kind == LIT_INTEGER  ? TYPE_INT8
                          : kind == LIT_STRING ? TYPE_TEXT
                                               : TYPE_BOOL);
    return n;
}

struct node *make_barrier(struct arena *a)
{
    return make_literal(a, LIT_INTEGER, "9223372036854775807");
}

struct node *make_cast(struct arena *a, struct node *n, const struct type *type)
{
    struct node *cast = node_new(a, NODE_CAST, 0), *name = node_new(a, NODE_TYPE_NAME, 0);
    node_type_name(name)->text = type_name(a, type);
    node_type_name(name)->resolved = type;
    node_cast(cast)->operand = n;
    node_cast(cast)->target = name;
    cast->type = type;
    return cast;
}

struct node *make_refusal(struct arena *a)
{
    struct node *n = rewrite_error_call(a, REWRITE_ROW_POLICY);
    n->type = type_simple(TYPE_NULL);
    return n;
}

struct node *make_target(struct arena *a, struct node *expr)
{
    struct node *n = node_new(a, NODE_TARGET, 0);
    node_target(n)->expr = expr;
    return n;
}

/* ---- parameters ---- */

static int32_t add_value(struct rewrite *w, struct value v)
{
    VEC_PUSH(w->arena, w->values, v);
    return (int32_t)(w->binding->param_count + w->values.n);
}

static struct node *make_param(struct arena *a, int32_t number, const struct type *type)
{
    struct node *n = node_new(a, NODE_PARAM, 0);
    node_param(n)->number = number;
    n->type = type;
    return n;
}

struct node *predicate_tenant_value(struct rewrite *w, const struct table *t)
{
    const struct type *type = t->columns[t->tenant_column].type;
    struct value v;
    if (!attribute_value(w->principal->org_id, type, &v)) {
        error_set(w->error, ERR_DENIED, "the organization's id doesn't fit the tenant column");
        return NULL;
    }
    return make_param(w->arena, add_value(w, v), v.type);
}

/* ---- predicates ---- */

bool verdict_filters(const struct table_verdict *v)
{
    return v->tenant_scoped || v->filter_count > 0;
}

struct instance { /* one filter being made for one place */
    struct rewrite *w;
    const struct table *table;
    int32_t first; /* number of the filter's first parameter, less one */
    size_t count;
    column_source *source;
    void *ctx;
    bool failed;
};

static enum walk fill_in(struct node **n, void *ctx)
{
    struct instance *i = ctx;
    if ((*n)->kind == NODE_PARAM) {
        struct node_param *p = node_param(*n);
        i->failed |= p->number < 1 || (size_t)p->number > i->count;
        p->number += i->first;
        return i->failed ? WALK_STOP : WALK_SKIP;
    }
    if ((*n)->kind == NODE_COLUMN_REF) {
        const struct bound_column *bound = node_column_ref(*n)->bound;
        bool known = bound && bound->column >= 0 &&
                     (size_t)bound->column < i->table->column_count;
        struct node *in_place = known ? i->source(i->w, i->table, bound->column, i->ctx) : NULL;
        i->failed |= !in_place;
        *n = in_place ? in_place : *n;
        return i->failed ? WALK_STOP : WALK_SKIP;
    }
    return WALK_ON;
}

static struct node *one_filter(struct rewrite *w, const struct table *t,
                               const struct row_filter *f, column_source *source, void *ctx)
{
    struct node *n = node_copy(w->arena, f->filter);
    struct instance i = {.w = w,
                         .table = t,
                         .first = (int32_t)(w->binding->param_count + w->values.n),
                         .count = f->value_count,
                         .source = source,
                         .ctx = ctx};
    for (size_t k = 0; k < f->value_count; k++) {
        add_value(w, f->values[k]);
    }
    node_walk(&n, fill_in, &i);
    if (i.failed && w->error->code == ERR_NONE) {
        error_set(w->error, ERR_DENIED, "a row filter can't be applied here");
    }
    return i.failed ? NULL : n;
}

struct node *predicate_filters(struct rewrite *w, const struct table_verdict *v,
                               column_source *source, void *ctx)
{
    struct node *all = NULL;
    for (size_t i = 0; i < v->filter_count; i++) {
        struct node *n = one_filter(w, v->table->table, &v->filters[i], source, ctx);
        if (!n) {
            return NULL;
        }
        all = make_and(w->arena, all, n);
    }
    return all;
}

struct node *predicate_make(struct rewrite *w, const struct table_verdict *v,
                            column_source *source, void *ctx)
{
    const struct table *t = v->table->table;
    struct node *tenant = NULL, *filters = predicate_filters(w, v, source, ctx);
    if (v->filter_count && !filters) {
        return NULL;
    }
    if (v->tenant_scoped) {
        struct node *left = source(w, t, t->tenant_column, ctx);
        struct node *right = left ? predicate_tenant_value(w, t) : NULL;
        if (!right) {
            return NULL;
        }
        tenant = node_new(w->arena, NODE_BINARY, 0);
        node_binary(tenant)->op = OP_EQ;
        node_binary(tenant)->left = left;
        node_binary(tenant)->right = right;
        tenant->type = type_simple(TYPE_BOOL);
    }
    return make_and(w->arena, tenant, filters);
}

static struct node *aliased(struct rewrite *w, const struct table *t, int column, void *ctx)
{
    const struct str *alias = ctx;
    return make_column(w->arena, *alias, t->columns[column].name, t->columns[column].type);
}

struct node *predicate_over(struct rewrite *w, const struct table_verdict *v, struct str alias)
{
    return predicate_make(w, v, aliased, &alias);
}

struct columns_read {
    bool *flags;
    size_t n;
};

static enum walk flag_column(struct node **n, void *ctx)
{
    struct columns_read *c = ctx;
    if ((*n)->kind == NODE_COLUMN_REF) {
        const struct bound_column *bound = node_column_ref(*n)->bound;
        if (bound && bound->column >= 0 && (size_t)bound->column < c->n) {
            c->flags[bound->column] = true;
        }
    }
    return WALK_ON;
}

bool *predicate_columns(struct rewrite *w, const struct table_verdict *v)
{
    size_t n = v->table->table->column_count;
    struct columns_read c = {ARENA_ARRAY(w->arena, bool, n), n};
    for (size_t i = 0; i < v->filter_count; i++) {
        struct node *tree = node_copy(w->arena, v->filters[i].filter);
        node_walk(&tree, flag_column, &c);
    }
    return c.flags;
}
