/* Expressions: the type of each node, where its value comes from, and whether it can fail. Every
 * node but a bare reference looks at its operands, so their origins become uses
 * of the statement. */
#include "sql/bind_expr.h"
#include "sql/bind_type.h"

static const struct bound_expr nothing = {.is_const = true};

/* An accumulator over operands: derived, constant while all are. */
struct bound_expr bind_start(void)
{
    struct bound_expr v = nothing;
    v.type = type_simple(TYPE_UNKNOWN);
    v.origins = lineage_none();
    return v;
}

void bind_add_operand(struct binder *b, struct bound_expr *all, const struct bound_expr *operand)
{
    all->origins = lineage_union(b->a, all->origins, lineage_derived(b->a, operand->origins));
    all->is_const = all->is_const && operand->is_const;
    all->is_bare = false;
}

enum status bind_used(struct binder *b, struct scope *s, struct node **n, struct bound_expr *out)
{
    struct bound_expr ignored;
    out = out ? out : &ignored;
    if (bind_expr(b, s, n, out) != OK) {
        return FAIL;
    }
    bind_use(b, out->origins);
    return OK;
}

enum status bind_used_at(struct binder *b, struct scope *s, struct node **n, struct bound_expr *out,
                         enum origin_use place)
{
    enum origin_use before = bind_place(b, place);
    enum status status = bind_used(b, s, n, out);
    b->place = before;
    return status;
}

enum status bind_used_list(struct binder *b, struct scope *s, struct node_list *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        if (bind_used(b, s, &l->at[i], NULL) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* Binds an operand, uses it and adds it to `all`. NULL is allowed. */
enum status bind_operand(struct binder *b, struct scope *s, struct node **n, struct bound_expr *all,
                         struct bound_expr *out)
{
    struct bound_expr v = bind_start();
    if (*n && bind_used(b, s, n, &v) != OK) {
        return FAIL;
    }
    bind_add_operand(b, all, &v);
    if (out) {
        *out = v;
    }
    return OK;
}

/* ---- parameters ---- */

/* Does a client that says json, or an array, give a value of a nested type so? PostgreSQL would
 * have a composite type or the array of more dimensions under the same number there. */
static bool is_read_as(const struct type *said, const struct type *t)
{
    const struct type *leaf = t;
    while (type_is_list(leaf)) {
        leaf = leaf->child;
    }
    bool is_array = said->kind == TYPE_LIST && type_is_list(t) &&
                    (!leaf->fields || said->child->kind == TYPE_JSON);
    return type_is_nested(t) && (said->kind == TYPE_JSON || is_array);
}

void bind_settle(struct binder *b, struct node *n, const struct type *t)
{
    if (!n || type_is_open(t)) {
        return;
    }
    if (n->kind == NODE_UNARY && node_unary(n)->op == OP_NEG) {
        bind_settle(b, node_unary(n)->operand, t);
    }
    if (n->kind == NODE_PARAM) {
        const struct type **known = &b->params.at[node_param(n)->number - 1];
        if ((*known)->kind == TYPE_UNKNOWN || is_read_as(*known, t)) {
            *known = t;
        }
        n->type = *known;
    } else if (n->kind == NODE_UNARY && n->type && n->type->kind == TYPE_UNKNOWN) {
        n->type = node_unary(n)->operand->type;
    }
}

void bind_settle_kind(struct binder *b, struct node *n, enum type_kind kind)
{
    bind_settle(b, n, type_simple(kind));
}

const struct type *bind_known_type(const struct node *n)
{
    bool is_open = n->kind == NODE_PARAM && n->type->kind == TYPE_UNKNOWN;
    return is_open ? type_simple(TYPE_NULL) : n->type;
}

static enum status bind_param(struct binder *b, struct node *n, struct bound_expr *out)
{
    int number = node_param(n)->number;
    if (number < 1 || number > BIND_MAX_PARAMS) {
        return bind_fail(b, n, ERR_BAD_SQL, "there is no parameter $%d", number);
    }
    if (b->view_depth || b->is_query_body) {
        return bind_fail(b, n, ERR_UNSUPPORTED, "a view can't have parameters");
    }
    while (b->params.n < (size_t)number) {
        const struct bind_context *c = b->ctx;
        const struct type *hint =
            b->params.n < c->param_hint_count ? c->param_hints[b->params.n] : NULL;
        hint = hint ? hint : type_simple(TYPE_UNKNOWN);
        VEC_PUSH(b->a, b->params, hint);
    }
    VEC_PUSH(b->a, b->param_nodes, node_param(n));
    *out = bind_start();
    out->type = b->params.at[number - 1];
    return OK;
}

static enum status bind_literal(struct binder *b, struct node *n, struct bound_expr *out)
{
    *out = bind_start();
    out->type = type_of_literal(b->a, node_literal(n));
    return OK;
}

static enum status bind_default(struct binder *b, struct node *n, struct bound_expr *out)
{
    if (!b->allow_default) {
        return bind_fail(b, n, ERR_BAD_SQL, "DEFAULT is not allowed in this context");
    }
    *out = bind_start();
    return OK;
}

static enum status grouping_items(struct binder *b, struct scope *s, struct node *n,
                                  struct bound_expr *out)
{
    *out = bind_start();
    return bind_used_list(b, s, &node_grouping(n)->items);
}

static enum status dispatch(struct binder *b, struct scope *s, struct node **n,
                            struct bound_expr *out)
{
    switch ((*n)->kind) {
    case NODE_LITERAL:
        return bind_literal(b, *n, out);
    case NODE_PARAM:
        return bind_param(b, *n, out);
    case NODE_VARIABLE:
        return bind_variable(b, n, out);
    case NODE_COLUMN_REF:
        return bind_reference(b, s, n, out);
    case NODE_UNARY:
        return bind_unary(b, s, *n, out);
    case NODE_BINARY:
        return bind_binary(b, s, *n, out);
    case NODE_BOOL:
        return bind_chain(b, s, *n, out);
    case NODE_BETWEEN:
        return bind_between(b, s, *n, out);
    case NODE_IN_LIST:
        return bind_in_list(b, s, *n, out);
    case NODE_IN_QUERY:
        return bind_in_query(b, s, *n, out);
    case NODE_LIKE:
        return bind_like(b, s, *n, out);
    case NODE_EXISTS:
        return bind_exists(b, s, *n, out);
    case NODE_SUBQUERY:
        return bind_scalar_query(b, s, *n, out);
    case NODE_QUANTIFIED:
        return bind_quantified(b, s, *n, out);
    case NODE_FUNC:
        return bind_func(b, s, n, out);
    case NODE_CASE:
        return bind_case(b, s, *n, out);
    case NODE_CAST:
        return bind_cast(b, s, n, out);
    case NODE_INTERVAL:
        return bind_interval(b, s, *n, out);
    case NODE_LIST:
        return bind_list(b, s, *n, out);
    case NODE_ROW:
        return bind_row(b, s, *n, out);
    case NODE_STRUCT:
        return bind_struct(b, s, *n, out);
    case NODE_STAR_OBJECT:
        return bind_star_object(b, s, n, out);
    case NODE_INDEX:
        return bind_element(b, s, *n, out);
    case NODE_SLICE:
        return bind_slice(b, s, *n, out);
    case NODE_FIELD:
        return bind_field(b, s, *n, out);
    case NODE_COLLATE:
        if (bind_is_plain_collation(*n)) {
            *n = node_collate(*n)->operand;
            return bind_expr(b, s, n, out);
        }
        return bind_collate(b, s, *n, out);
    case NODE_LAMBDA:
        return bind_lambda(b, s, *n, out);
    case NODE_DEFAULT:
        return bind_default(b, *n, out);
    case NODE_GROUPING:
        return grouping_items(b, s, *n, out);
    case NODE_POSITION:
        return bind_position(b, s, n, out);
    case NODE_COLUMNS:
        return bind_fail(b, *n, ERR_UNSUPPORTED, "COLUMNS() is not supported here");
    case NODE_STAR:
        return bind_fail(b, *n, ERR_BAD_SQL, "* is not allowed here");
    default:
        return bind_fail(b, *n, ERR_UNSUPPORTED, "%s can't stand in an expression",
                         node_kind_name((*n)->kind));
    }
}

enum status bind_expr(struct binder *b, struct scope *s, struct node **n, struct bound_expr *out)
{
    if (bind_enter(b, *n) != OK) {
        return FAIL;
    }
    enum status status = dispatch(b, s, n, out);
    bind_leave(b);
    if (status == OK && b->refused) {
        return bind_fail(b, b->refused, ERR_UNSUPPORTED,
                         "a BIGNUM isn't compared with text: cast it");
    }
    if (status == OK) {
        (*n)->type = out->type;
        bind_note_type(b, out->type);
    }
    return status;
}
