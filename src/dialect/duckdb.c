/* DuckDB: where the engine's own dialect means something else than our SQL does. */
#include "dialect/rules.h"
#include "sql/function.h"
#include "sql/walk.h"

static bool is_one_of(struct str name, const char *const *names)
{
    while (*names && !str_iis(name, *names)) {
        names++;
    }
    return *names != NULL;
}

/* Division by zero is NULL or infinity, not an error. The engine's functions of these names do what
 * its operators do, and our own SQL has no operator for that. */
static struct node *operator(struct rewriting *r, struct node *n)
{
    struct node_binary *b = node_binary(n);
    switch ((enum op)b->op) {
    case OP_DIV:
        return CALL(r, n, "ieee_divide", b->left, b->right);
    case OP_INT_DIV:
        return CALL(r, n, "divide", b->left, b->right);
    case OP_MOD:
        return CALL(r, n, "mod", b->left, b->right);
    case OP_STARTS_WITH:
        return CALL(r, n, "starts_with", b->left, b->right);
    case OP_DISTANCE:
        return CALL(r, n, "list_distance", b->left, b->right);
    case OP_COSINE_DISTANCE:
        return CALL(r, n, "list_cosine_distance", b->left, b->right);
    default:
        return n;
    }
}

static struct node *absolute(struct rewriting *r, struct node *n)
{
    return node_unary(n)->op == OP_ABS ? CALL(r, n, "abs", node_unary(n)->operand) : n;
}

static struct node *lambda(struct rewriting *r, const struct node_list *params, struct node *body)
{
    struct node *n = node_new(r->a, NODE_LAMBDA, body->offset);
    for (uint32_t i = 0; i < params->n; i++) {
        node_push(r->a, &node_lambda(n)->params, node_copy(r->a, params->at[i]));
    }
    node_lambda(n)->body = body;
    return n;
}

static struct node *field_of(struct rewriting *r, struct str param, const char *name)
{
    struct node *n = node_new(r->a, NODE_FIELD, 0);
    node_field(n)->operand = make_column(r->a, STR(""), param, NULL);
    node_field(n)->name = make_ident(r->a, str_of(name));
    return n;
}

static void push_field(struct rewriting *r, struct node *of, const char *name, struct node *value)
{
    struct node *field = node_new(r->a, NODE_NAMED_ARG, value->offset);
    node_named_arg(field)->name = str_of(name);
    node_named_arg(field)->value = value;
    node_push(r->a, &node_struct_lit(of)->fields, field);
}

/* A second parameter is the item's place in the list, as it was before the filter. */
static struct node *comprehension(struct rewriting *r, struct node *n)
{
    struct node_list_comp *c = node_list_comp(n);
    if (!c->filter) {
        return CALL(r, n, "list_transform", c->source, lambda(r, &c->params, c->result));
    }
    if (c->params.n == 1) {
        struct node *kept = CALL(r, n, "list_filter", c->source, lambda(r, &c->params, c->filter));
        return CALL(r, n, "list_transform", kept, lambda(r, &c->params, c->result));
    }
    struct node *both = node_new(r->a, NODE_STRUCT, n->offset);
    struct node_list item = {0};
    push_field(r, both, "kept", c->filter);
    push_field(r, both, "result", c->result);
    node_push(r->a, &item, make_ident(r->a, STR("item")));
    struct node *all = CALL(r, n, "list_transform", c->source, lambda(r, &c->params, both));
    struct node *kept =
        CALL(r, n, "list_filter", all, lambda(r, &item, field_of(r, STR("item"), "kept")));
    return CALL(r, n, "list_transform", kept, lambda(r, &item, field_of(r, STR("item"), "result")));
}

/* FLOAT has four bytes, and VARIANT isn't JSON, which it is in our own SQL. */
static struct node *own_type(struct rewriting *r, struct node *n)
{
    (void)r;
    struct node_type_name *t = node_type_name(n);
    if (str_iis(t->text, "float") && !t->args.n) {
        t->text = STR("real");
    } else if (str_iis(t->text, "variant")) {
        t->text = STR("duckdb_variant");
    }
    return n;
}

/* duckdb_tables() and its like are relations of information_schema, which show what the caller may
 * know of. */
static bool is_catalog_function(struct str name)
{
    static const char *const names[] = {"duckdb_tables",
                                        "duckdb_views",
                                        "duckdb_columns",
                                        "duckdb_schemas",
                                        "duckdb_indexes",
                                        "duckdb_constraints",
                                        NULL};
    return is_one_of(name, names);
}

static struct node *catalog_relation(struct rewriting *r, const struct node_table_func *t,
                                     struct str relation)
{
    struct node *n = node_new(r->a, NODE_TABLE_REF, t->base.offset);
    struct node *name = node_new(r->a, NODE_NAME, t->base.offset);
    node_push(r->a, &node_name(name)->parts, make_ident(r->a, STR("information_schema")));
    node_push(r->a, &node_name(name)->parts, make_ident(r->a, relation));
    n->length = name->length = t->base.length;
    node_table_ref(n)->name = name;
    node_table_ref(n)->alias = t->alias;
    node_table_ref(n)->columns = t->columns;
    return n;
}

/* pragma_table_info('t'), pragma_table_info('s.t'). */
static struct node *table_info(struct rewriting *r, struct node_table_func *t)
{
    struct node *named = node_func(t->func)->args.at[0];
    struct node *query =
        EXPAND(r, &t->base,
               "(SELECT cid, name, type, \"notnull\", dflt_value, pk "
               "FROM information_schema.duckdb_table_info WHERE lower($1) = lower(CASE WHEN "
               "position('.' IN $1) > 0 THEN table_schema || '.' || table_name WHEN is_first "
               "THEN table_name END) ORDER BY cid)",
               named);
    struct node *n = node_new(r->a, NODE_DERIVED, t->base.offset);
    n->length = t->base.length;
    node_derived(n)->query = node_subquery(query)->query;
    node_derived(n)->alias = t->alias ? t->alias : make_ident(r->a, STR("pragma_table_info"));
    node_derived(n)->columns = t->columns;
    return n;
}

/* The column of range() AS t is range, not t. */
static struct node *table_function(struct rewriting *r, struct node *n)
{
    struct node_table_func *t = node_table_func(n);
    const struct node_func *f = node_func(t->func);
    const struct node_list *parts = &node_name_const(f->name)->parts;
    struct str name = node_ident_const(parts->at[parts->n - 1])->text;
    if (parts->n == 1 && !t->ordinality && f->args.n == 0 && is_catalog_function(name)) {
        return catalog_relation(r, t, name);
    }
    if (parts->n == 1 && !t->ordinality && f->args.n == 1 && rule_is_string(f->args.at[0]) &&
        str_iis(name, "pragma_table_info")) {
        return table_info(r, t);
    }
    bool is_one_column =
        str_iis(name, "range") || str_iis(name, "generate_series") || str_iis(name, "unnest");
    if (!t->alias || t->columns.n || !is_one_column) {
        return n;
    }
    node_push(r->a, &t->columns, make_ident(r->a, name));
    return n;
}

/* The columns of VALUES are col0, col1 ... */
static bool name_values(struct rewriting *r, const struct node *query, struct node_list *columns)
{
    const struct node *body = query->kind == NODE_QUERY ? node_query_const(query)->body : NULL;
    if (!body || body->kind != NODE_VALUES) {
        return false;
    }
    uint32_t width = node_row_const(node_values_const(body)->rows.at[0])->items.n;
    for (uint32_t i = columns->n; i < width; i++) {
        node_push(r->a, columns, make_ident(r->a, str_of(arena_printf(r->a, "col%u", i))));
    }
    return true;
}

static struct node *values(struct rewriting *r, struct node *n)
{
    struct node_derived *d = node_derived(n);
    if (name_values(r, d->query, &d->columns) && !d->alias) {
        d->alias = make_ident(r->a, str_of(arena_printf(r->a, "values_%u", (unsigned)n->offset)));
    }
    return n;
}

static struct node *values_of_cte(struct rewriting *r, struct node *n)
{
    (void)name_values(r, node_cte(n)->query, &node_cte(n)->columns);
    return n;
}

static struct str part(const struct node_list *parts, uint32_t i)
{
    return node_ident_const(parts->at[i])->text;
}

static bool is_system_schema(struct str name)
{
    return str_iis(name, "main") || str_iis(name, "system") || str_iis(name, "pg_catalog");
}

/* a.upper() is upper(a), with a column, or a field of one, before the point. */
static struct node *method(struct rewriting *r, struct node *n)
{
    struct node_func *f = node_func(n);
    struct node_list *parts = &node_name(f->name)->parts;
    if (parts->n < 2 || !function_find(part(parts, parts->n - 1))) {
        return n;
    }
    if (parts->n == 2 && is_system_schema(part(parts, 0))) {
        parts->at[0] = parts->at[1];
        parts->n = 1;
        return n;
    }
    struct node *of = node_new(r->a, NODE_COLUMN_REF, n->offset);
    struct node_list args = {0};
    for (uint32_t i = 0; i + 1 < parts->n; i++) {
        node_push(r->a, &node_column_ref(of)->parts, parts->at[i]);
    }
    of->length = n->length;
    node_push(r->a, &args, of);
    for (uint32_t i = 0; i < f->args.n; i++) {
        node_push(r->a, &args, f->args.at[i]);
    }
    parts->at[0] = parts->at[parts->n - 1];
    parts->n = 1;
    f->args = args;
    return n;
}

/* A query in FROM sees the items before it, LATERAL or not. */
static struct node *lateral(struct rewriting *r, struct node *n)
{
    (void)r;
    struct node_join *j = node_join(n);
    bool may_see = j->type == JOIN_INNER || j->type == JOIN_LEFT || j->type == JOIN_CROSS;
    if (may_see && j->right && j->right->kind == NODE_DERIVED) {
        node_derived(j->right)->lateral = 1;
    }
    return n;
}

/* ORDER BY over a set operation takes an expression that is an output, and a name with its table.
 */
static struct node *order_of_set(struct rewriting *r, struct node *n)
{
    struct node_query *q = node_query(n);
    for (uint32_t i = 0; q->body->kind == NODE_SETOP && i < q->order.n; i++) {
        struct node **expr = &node_order_item(q->order.at[i])->expr;
        bool is_name = (*expr)->kind == NODE_LITERAL ||
                       ((*expr)->kind == NODE_COLUMN_REF && node_column_ref(*expr)->parts.n == 1);
        if (!is_name) {
            struct node *name = node_new(r->a, NODE_COLUMN_REF, (*expr)->offset);
            node_push(r->a, &node_column_ref(name)->parts,
                      make_ident(r->a, duckdb_output_name(r->a, *expr)));
            name->length = (*expr)->length;
            *expr = name;
        }
    }
    return n;
}

struct aliases {
    struct rewriting *r;
    const struct node_list *targets;
};

static enum walk find_aggregate(struct node **n, void *ctx)
{
    bool *found = ctx;
    if ((*n)->kind == NODE_FUNC) {
        const struct node_list *parts = &node_name(node_func(*n)->name)->parts;
        const struct function *f = function_find(part(parts, parts->n - 1));
        *found |= f && f->kind == FUNCTION_AGGREGATE;
    }
    return *found ? WALK_STOP : (*n)->kind == NODE_QUERY ? WALK_SKIP : WALK_ON;
}

static bool is_aggregated(const struct node_target *t)
{
    struct node *expr = t->expr;
    bool found = false;
    (void)node_walk(&expr, find_aggregate, &found);
    return found;
}

/* HAVING n > 1 means the output n, where that is made by an aggregate and the name doesn't stand
 * within one. */
static enum walk having_alias(struct node **n, void *ctx)
{
    struct aliases *a = ctx;
    if ((*n)->kind == NODE_QUERY) {
        return WALK_SKIP;
    }
    if ((*n)->kind == NODE_FUNC) {
        const struct node_list *parts = &node_name(node_func(*n)->name)->parts;
        const struct function *f = function_find(part(parts, parts->n - 1));
        return f && f->kind == FUNCTION_AGGREGATE ? WALK_SKIP : WALK_ON;
    }
    if ((*n)->kind != NODE_COLUMN_REF || node_column_ref(*n)->parts.n != 1) {
        return WALK_ON;
    }
    struct node_list *parts = &node_column_ref(*n)->parts;
    for (uint32_t i = 0; i < a->targets->n; i++) {
        const struct node_target *t = node_target_const(a->targets->at[i]);
        if (t->alias && str_ieq(node_ident_const(t->alias)->text, part(parts, 0)) &&
            is_aggregated(t)) {
            struct node *name = parts->at[0];
            parts->at[0] = make_ident(a->r->a, STR("alias"));
            node_push(a->r->a, parts, name);
            break;
        }
    }
    return WALK_SKIP;
}

static struct node *having(struct rewriting *r, struct node *n)
{
    struct node_select *s = node_select(n);
    struct aliases a = {r, &s->targets};
    if (s->having) {
        (void)node_walk(&s->having, having_alias, &a);
    }
    return n;
}

/* list_aggregate(list, 'sum') is list_sum(list), and with 'string_agg' array_to_string(): where
 * there is such a function its type is known. Of the others the binder takes those that it knows.
 */
static struct node *list_aggregate(struct rewriting *r, struct node_func *f)
{
    static const char *const joins[] = {"string_agg", "group_concat", "listagg", NULL};
    struct node *of = f->args.at[1];
    struct str aggregate = rule_is_string(of) ? rule_word(of) : STR("");
    const char *name = arena_printf(r->a, "list_%.*s", STR_ARG(aggregate));
    if (f->args.n == 2 && aggregate.n && function_find(aggregate) && function_find(str_of(name))) {
        return CALL(r, &f->base, name, f->args.at[0]);
    }
    if (f->args.n == 3 && is_one_of(aggregate, joins)) {
        return CALL(r, &f->base, "array_to_string", f->args.at[0], f->args.at[2]);
    }
    struct node *n = CALL(r, &f->base, "list_by_aggregate", f->args.at[0], of);
    for (uint32_t i = 2; i < f->args.n; i++) {
        node_push(r->a, &node_func(n)->args, f->args.at[i]);
    }
    return n;
}

#define AGGREGATE_BY_NAME(name)                                                                    \
    {                                                                                              \
        name, 2, -1, "list_sum(list), list_by_aggregate(list, 'favg')", list_aggregate             \
    }
const struct function_rule duckdb_functions[] = {
    {"pg_size_pretty", 1, 1, "format_bytes($1)", NULL},
    AGGREGATE_BY_NAME("list_aggregate"),
    AGGREGATE_BY_NAME("list_aggr"),
    AGGREGATE_BY_NAME("array_aggregate"),
    AGGREGATE_BY_NAME("array_aggr"),
    AGGREGATE_BY_NAME("aggregate"),
    {"date", 1, 1, "CAST($1 AS date)", NULL},
    {"get_type", 1, 1, "typeof($1)", NULL},
    {"unlist", 1, 1, "unnest($1)", NULL},
    {NULL, 0, 0, NULL, NULL},
};

const struct node_rule duckdb_nodes[] = {{
    NODE_BINARY,
    "/ // % ^@ <-> <=>",
    "ieee_divide(a, b), mod(a, b), starts_with(a, b) ...",
    operator},
    {NODE_UNARY, "@ a", "abs(a)", absolute},
    {NODE_LIST_COMP, "[f(x) FOR x IN l IF c]", "list_transform(list_filter(l, ..), ..)",
     comprehension},
    {NODE_TYPE_NAME, "FLOAT, VARIANT", "REAL, the engine's VARIANT", own_type},
    {NODE_FUNC, "a.f(b)", "f(a, b)", method},
    {NODE_JOIN, "query in FROM", "LATERAL", lateral},
    {NODE_DERIVED, "(VALUES ...)", "(VALUES ...) t(col0, ...)", values},
    {NODE_CTE, "WITH t AS (VALUES ...)", "WITH t(col0, ...) AS (VALUES ...)", values_of_cte},
    {NODE_QUERY, "ORDER BY of a set operation", "by the output's name", order_of_set},
    {NODE_SELECT, "HAVING alias", "the output of that name", having},
    {NODE_TABLE_FUNC, "range() AS t", "range() AS t(range)", table_function},
    {0, NULL, NULL, NULL},
};
