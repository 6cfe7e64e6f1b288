/* DuckDB: where the engine's own dialect means something else than our SQL does. */
#include "dialect/rules.h"
#include "sql/function.h"

/* Division by zero is NULL or infinity, not an error. The engine's functions of these names do what
 * its operators do, and our own SQL has no operator for that. */
static struct node *division(struct rewriting *r, struct node *n)
{
    struct node_binary *b = node_binary(n);
    switch ((enum op)b->op) {
    case OP_DIV:
        return CALL(r, n, "ieee_divide", b->left, b->right);
    case OP_INT_DIV:
        return CALL(r, n, "divide", b->left, b->right);
    case OP_MOD:
        return CALL(r, n, "mod", b->left, b->right);
    default:
        return n;
    }
}

/* FLOAT has four bytes. */
static struct node *float_type(struct rewriting *r, struct node *n)
{
    (void)r;
    struct node_type_name *t = node_type_name(n);
    if (!str_iis(t->text, "float") || t->args.n) {
        return n;
    }
    t->text = STR("real");
    return n;
}

/* The column of range() AS t is range, not t. */
static struct node *table_function(struct rewriting *r, struct node *n)
{
    struct node_table_func *t = node_table_func(n);
    const struct node_list *parts = &node_name_const(node_func(t->func)->name)->parts;
    struct str name = node_ident_const(parts->at[parts->n - 1])->text;
    bool is_one_column =
        str_iis(name, "range") || str_iis(name, "generate_series") || str_iis(name, "unnest");
    if (!t->alias || t->columns.n || !is_one_column) {
        return n;
    }
    node_push(r->a, &t->columns, make_ident(r->a, name));
    return n;
}

/* list_aggregate(list, 'sum') is list_sum(list): the name must be there to be read. */
static struct node *list_aggregate(struct rewriting *r, struct node_func *f)
{
    struct node *of = f->args.at[1];
    bool is_text = of->kind == NODE_LITERAL && node_literal(of)->lit == LIT_STRING;
    struct str aggregate = is_text ? node_literal(of)->text : STR("");
    const struct function *by_name = is_text ? function_find(aggregate) : NULL;
    const char *name = arena_printf(r->a, "list_%.*s", STR_ARG(aggregate));
    if (!by_name || by_name->kind != FUNCTION_AGGREGATE || !function_find(str_of(name))) {
        rule_fail(r, of, ERR_UNSUPPORTED,
                  "the aggregate function must be a literal with the name of one that has a "
                  "list_ function");
        return &f->base;
    }
    return CALL(r, &f->base, name, f->args.at[0]);
}

#define AGGREGATE_BY_NAME(name)                                                                    \
    {                                                                                              \
        name, 2, 2, "list_sum(list)", list_aggregate                                               \
    }
const struct function_rule duckdb_functions[] = {
    AGGREGATE_BY_NAME("list_aggregate"),  AGGREGATE_BY_NAME("list_aggr"),
    AGGREGATE_BY_NAME("array_aggregate"), AGGREGATE_BY_NAME("array_aggr"),
    AGGREGATE_BY_NAME("aggregate"),       {NULL, 0, 0, NULL, NULL},
};

const struct node_rule duckdb_nodes[] = {
    {NODE_BINARY, "division", "ieee_divide(a, b), divide(a, b), mod(a, b)", division},
    {NODE_TYPE_NAME, "FLOAT", "REAL", float_type},
    {NODE_TABLE_FUNC, "range() AS t", "range() AS t(range)", table_function},
    {0, NULL, NULL, NULL},
};
