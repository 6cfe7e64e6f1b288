#include "sql/make.h"

struct node *make_ident(struct arena *a, struct str text)
{
    struct node *n = node_new(a, NODE_IDENT, 0);
    node_ident(n)->text = text;
    node_ident(n)->quoted = true;
    return n;
}

struct node *make_name(struct arena *a, struct str text)
{
    struct node *n = node_new(a, NODE_NAME, 0);
    node_push(a, &node_name(n)->parts, make_ident(a, text));
    return n;
}

struct node *make_column(struct arena *a, struct str alias, struct str column,
                         const struct type *type)
{
    struct node *n = node_new(a, NODE_COLUMN_REF, 0);
    if (alias.n) {
        node_push(a, &node_column_ref(n)->parts, make_ident(a, alias));
    }
    node_push(a, &node_column_ref(n)->parts, make_ident(a, column));
    n->type = type;
    return n;
}

static enum type_kind literal_type(int kind)
{
    switch ((enum literal_kind)kind) {
    case LIT_NULL:
        return TYPE_NULL;
    case LIT_TRUE:
    case LIT_FALSE:
        return TYPE_BOOL;
    case LIT_INTEGER:
        return TYPE_INT8;
    case LIT_STRING:
        return TYPE_TEXT;
    case LIT_DECIMAL:
    case LIT_FLOAT:
    case LIT_BYTES:
        break;
    }
    return TYPE_UNKNOWN;
}

struct node *make_literal(struct arena *a, int kind, struct str text)
{
    struct node *n = node_new(a, NODE_LITERAL, 0);
    node_literal(n)->lit = kind;
    node_literal(n)->text = text;
    n->type = type_simple(literal_type(kind));
    return n;
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

struct node *make_target(struct arena *a, struct node *expr, struct str alias)
{
    struct node *n = node_new(a, NODE_TARGET, 0);
    node_target(n)->expr = expr;
    node_target(n)->alias = alias.n ? make_ident(a, alias) : NULL;
    return n;
}

struct node *make_query(struct arena *a, struct node *body)
{
    struct node *n = node_new(a, NODE_QUERY, 0);
    node_query(n)->body = body;
    return n;
}

struct node *make_star_query(struct arena *a, struct node *from)
{
    struct node *select = node_new(a, NODE_SELECT, from->offset);
    node_push(a, &node_select(select)->targets,
              make_target(a, node_new(a, NODE_STAR, from->offset), STR_NULL));
    node_select(select)->from = from;
    return make_query(a, select);
}

struct node *make_derived(struct arena *a, struct node *query, struct str alias)
{
    struct node *n = node_new(a, NODE_DERIVED, 0);
    node_derived(n)->query = query;
    node_derived(n)->alias = make_ident(a, alias);
    return n;
}
