/* The predicates of a table's verdict as expressions. */
#include "pipeline/row_filter_priv.h"

#include "base/clock.h"
#include "policy/attribute.h"
#include "sql/function.h"
#include "sql/rewrite.h"
#include "sql/walk.h"

/* ---- nodes ---- */

struct node *make_barrier(struct arena *a)
{
    return make_literal(a, LIT_INTEGER, STR("9223372036854775807"));
}

struct node *make_refusal(struct arena *a)
{
    struct node *n = rewrite_error_call(a, REWRITE_ROW_POLICY);
    n->type = type_simple(TYPE_NULL);
    return n;
}

/* ---- values ---- */

static struct node *make_param(struct rewrite *w, struct value v)
{
    struct node *n = node_new(w->arena, NODE_PARAM, 0);
    VEC_PUSH(w->arena, w->values->list, v);
    node_param(n)->number = (int32_t)(w->values->client_count + w->values->list.n);
    n->type = v.type;
    return n;
}

static const char *value_text(struct arena *a, const struct value *v)
{
    switch (v->type->kind) {
    case TYPE_BOOL:
        return v->as.boolean ? "true" : "false";
    case TYPE_INT1:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_UINT1:
    case TYPE_UINT2:
    case TYPE_UINT4:
        return arena_printf(a, "%lld", (long long)v->as.integer);
    case TYPE_DATE:
        return arena_printf(a, "%d", v->as.days);
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return arena_printf(a, "%.17g", v->as.real);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: {
        char *text = arena_alloc(a, CLOCK_TEXT_SIZE);
        clock_format(v->as.micros, text);
        return text;
    }
    default: /* what attribute_value() leaves as text */
        return arena_strdup(a, v->as.text);
    }
}

/* The value as a literal of the tree, which the printer quotes. */
static struct node *make_value_literal(struct rewrite *w, const struct value *v)
{
    struct arena *a = w->arena;
    const char *text = value_text(a, v);
    if (v->type->kind == TYPE_TEXT) {
        return make_literal(a, LIT_STRING, str_of(text));
    }
    if (v->type->kind != TYPE_DATE) {
        return make_cast(a, make_literal(a, LIT_STRING, str_of(text)), v->type);
    }
    struct node *sum = node_new(a, NODE_BINARY, 0);
    node_binary(sum)->op = OP_ADD;
    node_binary(sum)->left = make_cast(a, make_literal(a, LIT_STRING, STR("1970-01-01")), v->type);
    node_binary(sum)->right =
        make_cast(a, make_literal(a, LIT_STRING, str_of(text)), type_simple(TYPE_INT4));
    sum->type = v->type;
    return sum;
}

static struct node *make_value(struct rewrite *w, struct value v)
{
    return w->as_literals ? make_value_literal(w, &v) : make_param(w, v);
}

struct node *predicate_tenant_value(struct rewrite *w, const struct table *t)
{
    const struct type *type = t->columns[t->tenant_column].type;
    struct value v;
    if (!attribute_value(w->principal->org_id, type, &v)) {
        error_set(w->error, ERR_DENIED, "the organization's id doesn't fit the tenant column");
        return NULL;
    }
    return make_value(w, v);
}

/* ---- predicates ---- */

bool verdict_filters(const struct table_verdict *v)
{
    return v->tenant_scoped || verdict_is_filtered(v);
}

unsigned uses_with_sight(const struct table_verdict *v, enum row_use use)
{
    return 1u << use | (v->looks_at_rows ? 1u << ROWS_SELECTED : 0);
}

struct instance { /* one filter being made for one place */
    struct rewrite *w;
    const struct table *table;
    const struct row_filter *filter;
    column_source *source;
    void *ctx;
    bool failed;
};

struct capture {
    const struct bound_filter *by;
    struct str name; /* of a FROM item that a column within would be taken for; or empty */
};

static enum walk find_capture(struct node **n, void *ctx)
{
    struct capture *c = ctx;
    if ((*n)->kind != NODE_COLUMN_REF || node_column_ref(*n)->parts.n < 2) {
        return WALK_ON;
    }
    struct str name = node_ident(node_column_ref(*n)->parts.at[0])->text;
    for (size_t i = 0; i < c->by->taken_count; i++) {
        c->name = str_ieq(c->by->taken[i], name) ? name : c->name;
    }
    return c->name.n ? WALK_STOP : WALK_SKIP;
}

/* The engine could read [alias, column] as a field of a column that the filter's sub-query has. */
static bool is_captured(struct instance *i, struct node *n)
{
    struct capture c = {.by = &i->filter->bound};
    node_walk(&n, find_capture, &c);
    if (c.name.n) {
        error_set(i->w->error, ERR_DUPLICATE_ALIAS,
                  "\"%.*s\" can't be used beside a row filter of \"%.*s\": choose another alias",
                  STR_ARG(c.name), STR_ARG(i->table->name));
    }
    return c.name.n > 0;
}

/* References to the row; those to what a sub-query reads stay. */
static enum walk fill_in_column(struct instance *i, struct node **n)
{
    const struct bound_column *bound = node_column_ref(*n)->bound;
    if (bound && bound->table != i->filter->bound.row) {
        return WALK_SKIP;
    }
    bool known = bound && bound->column >= 0 && (size_t)bound->column < i->table->column_count;
    struct node *in_place = known ? i->source(i->w, i->table, bound->column, i->ctx) : NULL;
    i->failed |= !in_place || is_captured(i, in_place);
    *n = in_place ? in_place : *n;
    return i->failed ? WALK_STOP : WALK_SKIP;
}

static enum walk fill_in(struct node **n, void *ctx)
{
    struct instance *i = ctx;
    if ((*n)->kind == NODE_PARAM) {
        int32_t number = node_param(*n)->number;
        i->failed |= number < 1 || (size_t)number > i->filter->value_count;
        *n = i->failed ? *n : make_value(i->w, i->filter->values[number - 1]);
        return i->failed ? WALK_STOP : WALK_SKIP;
    }
    return (*n)->kind == NODE_COLUMN_REF ? fill_in_column(i, n) : WALK_ON;
}

static struct node *one_filter(struct rewrite *w, const struct table *t, const struct row_filter *f,
                               column_source *source, void *ctx)
{
    struct node *n = node_copy(w->arena, f->filter);
    struct instance i = {.w = w, .table = t, .filter = f, .source = source, .ctx = ctx};
    node_walk(&n, fill_in, &i);
    if (!i.failed && f->reads) {
        i.failed = rewrite_reads(w, f->reads, &n) != OK;
    }
    if (i.failed && w->error->code == ERR_NONE) {
        error_set(w->error, ERR_DENIED, "a row filter can't be applied here");
    }
    return i.failed ? NULL : n;
}

static bool has_condition(const struct row_conditions *c, const struct row_filter *f)
{
    bool found = false;
    for (size_t i = 0; i < c->n; i++) {
        found |= c->at[i] == f;
    }
    return found;
}

/* Does a use before this one ask for it too? */
static bool is_asked_before(const struct table_verdict *v, unsigned uses, int use,
                            const struct row_filter *f)
{
    bool asked = false;
    for (int k = 0; k < use; k++) {
        asked |= uses >> k & 1 && has_condition(&v->rows[k], f);
    }
    return asked;
}

/* Or for all that this one does? */
static bool is_implied_before(const struct table_verdict *v, unsigned uses, int use)
{
    bool implied = false;
    for (int k = 0; k < use; k++) {
        implied |= uses >> k & 1 && row_conditions_imply(&v->rows[k], &v->rows[use]);
    }
    return implied;
}

struct gathering {
    struct rewrite *w;
    const struct table_verdict *verdict;
    column_source *source;
    void *ctx;
    struct node *all;
};

static struct node *instance_of(struct gathering *g, const struct row_filter *f)
{
    return one_filter(g->w, g->verdict->table->table, f, g->source, g->ctx);
}

/* One of those that are `is_any`; FALSE where there is none. */
static enum status gather_any(struct gathering *g, const struct row_conditions *c)
{
    struct node *either = node_new(g->w->arena, NODE_BOOL, 0);
    struct node_list *args = &node_bool_chain(either)->args;
    node_bool_chain(either)->is_or = true;
    either->type = type_simple(TYPE_BOOL);
    for (size_t i = 0; i < c->n; i++) {
        struct node *n = c->at[i]->is_any ? instance_of(g, c->at[i]) : NULL;
        if (c->at[i]->is_any && !n) {
            return FAIL;
        }
        if (n) {
            node_push(g->w->arena, args, n);
        }
    }
    if (args->n < 2) {
        either = args->n ? args->at[0] : make_literal(g->w->arena, LIT_FALSE, STR_NULL);
    }
    g->all = make_and(g->w->arena, g->all, either);
    return OK;
}

static enum status gather_use(struct gathering *g, unsigned uses, int use)
{
    const struct row_conditions *c = &g->verdict->rows[use];
    if (is_implied_before(g->verdict, uses, use)) {
        return OK;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (c->at[i]->is_any || is_asked_before(g->verdict, uses, use, c->at[i])) {
            continue;
        }
        struct node *n = instance_of(g, c->at[i]);
        if (!n) {
            return FAIL;
        }
        g->all = make_and(g->w->arena, g->all, n);
    }
    return c->is_closed ? gather_any(g, c) : OK;
}

enum status predicate_filters(struct rewrite *w, const struct table_verdict *v, unsigned uses,
                              column_source *source, void *ctx, struct node **out)
{
    struct gathering g = {.w = w, .verdict = v, .source = source, .ctx = ctx};
    for (int use = 0; use < ROW_USES; use++) {
        if (uses >> use & 1 && gather_use(&g, uses, use) != OK) {
            return FAIL;
        }
    }
    *out = g.all;
    return OK;
}

static struct node *make_equal(struct arena *a, struct node *left, struct node *right)
{
    struct node *n = node_new(a, NODE_BINARY, 0);
    node_binary(n)->op = OP_EQ;
    node_binary(n)->left = left;
    node_binary(n)->right = right;
    n->type = type_simple(TYPE_BOOL);
    return n;
}

/* Of the audit log: the entries of the environment, and those that are of none, such as the changes
 * of administrators. */
static struct node *of_environment(struct rewrite *w, const struct table *t, column_source *source,
                                   void *ctx)
{
    int column = table_column(t, STR("environment"));
    struct node *is_null = node_new(w->arena, NODE_UNARY, 0);
    struct node *left = source(w, t, column, ctx), *again = source(w, t, column, ctx);
    struct value v = {.type = type_simple(TYPE_TEXT), .as.text = w->principal->environment};
    if (!left || !again) {
        return NULL;
    }
    node_unary(is_null)->op = OP_IS_NULL;
    node_unary(is_null)->operand = again;
    is_null->type = type_simple(TYPE_BOOL);
    struct node *either = make_and(w->arena, make_equal(w->arena, left, make_value(w, v)), is_null);
    node_bool_chain(either)->is_or = true;
    return either;
}

/* Rows of the organization. NULL after an error. */
static struct node *of_tenant(struct rewrite *w, const struct table *t, column_source *source,
                              void *ctx)
{
    struct node *left = source(w, t, t->tenant_column, ctx);
    struct node *right = left ? predicate_tenant_value(w, t) : NULL;
    struct node *tenant = right ? make_equal(w->arena, left, right) : NULL;
    if (!tenant || t->scope != SCOPE_AUDIT) {
        return tenant;
    }
    struct node *environment = of_environment(w, t, source, ctx);
    return environment ? make_and(w->arena, tenant, environment) : NULL;
}

static struct node *aliased(struct rewrite *w, const struct table *t, int column, void *ctx)
{
    const struct str *alias = ctx;
    return make_column(w->arena, *alias, t->columns[column].name, t->columns[column].type);
}

enum status predicate_over(struct rewrite *w, const struct table_verdict *v, unsigned uses,
                           struct str alias, struct node **out)
{
    const struct table *t = v->table->table;
    struct node *tenant = NULL, *filters = NULL;
    if (predicate_filters(w, v, uses, aliased, &alias, &filters) != OK) {
        return FAIL;
    }
    if (v->tenant_scoped && !(tenant = of_tenant(w, t, aliased, &alias))) {
        return FAIL;
    }
    *out = make_and(w->arena, tenant, filters);
    return OK;
}

bool predicate_has_query(const struct table_verdict *v, unsigned uses)
{
    bool any = false;
    for (int use = 0; use < ROW_USES; use++) {
        for (size_t i = 0; uses >> use & 1 && i < v->rows[use].n; i++) {
            any |= v->rows[use].at[i]->reads != NULL;
        }
    }
    return any;
}

/* What a generated column is made of is flagged with it: it decides as well. */
bool *predicate_columns(struct rewrite *w, const struct table_verdict *v, unsigned uses)
{
    size_t n = v->table->table->column_count;
    bool *flags = ARENA_ARRAY(w->arena, bool, n);
    for (int use = 0; use < ROW_USES; use++) {
        for (size_t i = 0; uses >> use & 1 && i < v->rows[use].n; i++) {
            const bool *used = v->rows[use].at[i]->bound.row->columns_used;
            for (size_t c = 0; c < n; c++) {
                flags[c] |= used[c];
            }
        }
    }
    return flags;
}
