/* Expressions: the type of each node, where its value comes from, and whether it can fail. Every
 * node but a bare reference looks at its operands, so their origins become uses
 * of the statement. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"
#include "sql/rewrite_like.h"

static const struct bound_expr nothing = {.is_const = true};

/* An accumulator over operands: derived, constant while all are. */
static struct bound_expr start(void)
{
    struct bound_expr v = nothing;
    v.type = type_simple(TYPE_UNKNOWN);
    v.origins = lineage_none();
    return v;
}

static void add_operand(struct binder *b, struct bound_expr *all, const struct bound_expr *operand)
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
static enum status operand(struct binder *b, struct scope *s, struct node **n,
                           struct bound_expr *all, struct bound_expr *out)
{
    struct bound_expr v = start();
    if (*n && bind_used(b, s, n, &v) != OK) {
        return FAIL;
    }
    add_operand(b, all, &v);
    if (out) {
        *out = v;
    }
    return OK;
}

/* ---- parameters ---- */

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
        if ((*known)->kind == TYPE_UNKNOWN) {
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
    *out = start();
    out->type = b->params.at[number - 1];
    return OK;
}

/* The types of two sides that meet: an untyped parameter takes the other's. */
static void settle_pair(struct binder *b, struct node *x, struct node *y)
{
    if (x && y && x->type && y->type) {
        bind_settle(b, x, y->type);
        bind_settle(b, y, x->type);
    }
}

static bool is_float_type(const struct type *t)
{
    return t->kind == TYPE_FLOAT4 || t->kind == TYPE_FLOAT8;
}

const struct type *bind_type_beside(const struct node *n, const struct type *other)
{
    bool adapts = n->kind == NODE_LITERAL && n->type->kind == TYPE_INT4 && type_is_integer(other) &&
                  (other->kind != TYPE_INT1 && other->kind != TYPE_UINT1);
    return adapts ? other : bind_known_type(n);
}

/* Numbers meet in a type of both, which need not hold all values of either: BIGINT beside a decimal
 * of many digits, HUGEINT beside any. */
static void note_numbers(struct binder *b, const struct node *x, const struct bound_expr *p,
                         const struct node *y, const struct bound_expr *q)
{
    const struct type *common =
        type_common(b->a, bind_type_beside(x, y->type), bind_type_beside(y, x->type));
    b->out->may_fail |= (!p->is_const && !type_is_widening(x->type, common)) ||
                        (!q->is_const && !type_is_widening(y->type, common));
}

/* Text that meets another type is cast, row by row, and a cast can fail. A constant is cast once,
 * and fails, if at all, whatever the rows hold. */
static void note_implicit_cast(struct binder *b, const struct node *x, const struct bound_expr *p,
                               const struct node *y, const struct bound_expr *q)
{
    const struct type *t = x->type, *u = y->type;
    if (bind_makes_bignum(x, t, u) || bind_makes_bignum(y, u, t)) {
        b->refused = x;
    }
    if (p->is_const && q->is_const) {
        return;
    }
    if (t->kind == TYPE_UNKNOWN || u->kind == TYPE_UNKNOWN) {
        b->out->may_fail |= !(p->is_const || q->is_const);
        return;
    }
    if (type_is_number(t) && type_is_number(u)) {
        note_numbers(b, x, p, y, q);
        return;
    }
    bool x_text = t->kind == TYPE_TEXT && !p->is_const && u->kind != TYPE_TEXT;
    bool y_text = u->kind == TYPE_TEXT && !q->is_const && t->kind != TYPE_TEXT;
    bool other = t->kind != u->kind && t->kind != TYPE_NULL && u->kind != TYPE_NULL &&
                 !p->is_const && !q->is_const;
    bool parts = (t->child || t->fields) && !type_same(t, u); /* cast as well, one by one */
    b->out->may_fail |= x_text || y_text || other || parts;
}

static enum status compare_pair(struct binder *b, struct scope *s, struct node **x, struct node **y,
                                struct bound_expr *all)
{
    struct bound_expr p, q;
    if (operand(b, s, x, all, &p) != OK || operand(b, s, y, all, &q) != OK) {
        return FAIL;
    }
    bind_scalar_pair(b, x, y);
    settle_pair(b, *x, *y);
    note_implicit_cast(b, *x, &p, *y, &q);
    return OK;
}

static void result(struct bound_expr *v, enum type_kind kind)
{
    v->type = type_simple(kind);
}

/* ---- operators ---- */

static bool is_comparison(enum op op)
{
    return op <= OP_NOT_DISTINCT;
}

/* A parameter in arithmetic takes the type of a number beside it, not of a date: dates also take
 * integers and intervals. */
static void settle_arithmetic(struct binder *b, struct node *x, struct node *y)
{
    if (type_is_number(x->type) || type_is_number(y->type)) {
        settle_pair(b, x, y);
    }
}

/* Of arithmetic: a variant is a number, unless a moment is beside it. */
static void bind_scalar_operands(struct binder *b, struct node_binary *x)
{
    bind_scalar_kind(b, &x->left, TYPE_FLOAT8);
    bind_scalar_kind(b, &x->right, TYPE_FLOAT8);
}

static enum status bind_binary(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out)
{
    struct node_binary *x = node_binary(n);
    enum op op = (enum op)x->op;
    *out = start();
    if (is_comparison(op)) {
        result(out, TYPE_BOOL);
        return compare_pair(b, s, &x->left, &x->right, out);
    }
    if (operand(b, s, &x->left, out, NULL) != OK || operand(b, s, &x->right, out, NULL) != OK) {
        return FAIL;
    }
    if (op == OP_STARTS_WITH || op == OP_REGEX || op == OP_NOT_REGEX || op == OP_IREGEX ||
        op == OP_NOT_IREGEX) {
        bind_settle_kind(b, x->left, TYPE_TEXT);
        bind_settle_kind(b, x->right, TYPE_TEXT);
    } else if (op == OP_CONCAT) {
        bind_scalar_kind(b, &x->left, TYPE_TEXT);
        bind_scalar_kind(b, &x->right, TYPE_TEXT);
        bool lists = x->left->type->kind == TYPE_LIST || x->right->type->kind == TYPE_LIST;
        bind_settle(b, x->left, lists ? x->right->type : type_simple(TYPE_TEXT));
        bind_settle(b, x->right, lists ? x->left->type : type_simple(TYPE_TEXT));
    } else if (op == OP_AT_TIME_ZONE) {
        bind_settle_kind(b, x->right, TYPE_TEXT);
    } else if (op >= OP_ADD && op <= OP_SHIFT_RIGHT) {
        bind_scalar_operands(b, x);
        settle_arithmetic(b, x->left, x->right);
    } else {
        settle_pair(b, x->left, x->right);
    }
    const struct type *l = x->left->type, *r = x->right->type;
    out->type =
        type_of_binary(b->a, op, bind_type_beside(x->left, r), bind_type_beside(x->right, l));
    /* Joining text can't fail; everything else may overflow, or divide by zero. */
    b->out->may_fail |= !out->is_const && !(op == OP_CONCAT && out->type->kind == TYPE_TEXT);
    return OK;
}

static enum status bind_unary(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out)
{
    struct node_unary *x = node_unary(n);
    *out = start();
    if (operand(b, s, &x->operand, out, NULL) != OK) {
        return FAIL;
    }
    switch ((enum op)x->op) {
    case OP_NEG:
    case OP_BIT_NOT:
        bind_scalar_kind(b, &x->operand, TYPE_FLOAT8);
        b->out->may_fail |= !is_float_type(x->operand->type) && !out->is_const;
        out->type = x->operand->type;
        break;
    case OP_PLUS:
        out->type = x->operand->type;
        break;
    default:
        result(out, TYPE_BOOL);
        if (x->op != OP_IS_NULL && x->op != OP_IS_NOT_NULL) {
            bind_scalar_kind(b, &x->operand, TYPE_BOOL);
            b->out->may_fail |= x->operand->type->kind != TYPE_BOOL && !out->is_const;
            bind_settle_kind(b, x->operand, TYPE_BOOL);
        }
    }
    return OK;
}

static enum status bind_chain(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out)
{
    struct node_bool_chain *x = node_bool_chain(n);
    *out = start();
    for (uint32_t i = 0; i < x->args.n; i++) {
        if (operand(b, s, &x->args.at[i], out, NULL) != OK) {
            return FAIL;
        }
        bind_scalar_kind(b, &x->args.at[i], TYPE_BOOL);
        bind_settle_kind(b, x->args.at[i], TYPE_BOOL);
        b->out->may_fail |= x->args.at[i]->type->kind != TYPE_BOOL;
    }
    result(out, TYPE_BOOL);
    return OK;
}

/* The engine compares with all items in one type: what each may meet alone, all together may not.
 */
static void note_common(struct binder *b, const struct node *operand, const struct node_list *items)
{
    const struct type *common = operand->type;
    for (uint32_t i = 0; i < items->n; i++) {
        if (type_is_number(items->at[i]->type)) {
            common = type_common(b->a, common, bind_type_beside(items->at[i], operand->type));
        }
    }
    b->out->may_fail |= type_is_number(operand->type) && !type_is_widening(operand->type, common);
}

static enum status bind_between(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out)
{
    struct node_between *x = node_between(n);
    struct bound_expr v, low, high;
    *out = start();
    if (operand(b, s, &x->operand, out, &v) != OK || operand(b, s, &x->low, out, &low) != OK ||
        operand(b, s, &x->high, out, &high) != OK) {
        return FAIL;
    }
    bind_scalar_pair(b, &x->operand, &x->low);
    bind_scalar_pair(b, &x->operand, &x->high);
    settle_pair(b, x->operand, x->low);
    settle_pair(b, x->operand, x->high);
    settle_pair(b, x->operand, x->low);
    note_implicit_cast(b, x->operand, &v, x->low, &low);
    note_implicit_cast(b, x->operand, &v, x->high, &high);
    note_common(b, x->operand,
                &(struct node_list){.at = (struct node *[]){x->low, x->high}, .n = 2});
    result(out, TYPE_BOOL);
    return OK;
}

static enum status bind_in_list(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out)
{
    struct node_in_list *x = node_in_list(n);
    struct bound_expr v;
    *out = start();
    if (operand(b, s, &x->operand, out, &v) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < x->items.n; i++) {
        struct bound_expr item;
        if (operand(b, s, &x->items.at[i], out, &item) != OK) {
            return FAIL;
        }
        bind_scalar_pair(b, &x->operand, &x->items.at[i]);
        settle_pair(b, x->operand, x->items.at[i]);
        note_implicit_cast(b, x->operand, &v, x->items.at[i], &item);
    }
    for (uint32_t i = 0; i < x->items.n; i++) {
        settle_pair(b, x->operand, x->items.at[i]);
    }
    note_common(b, x->operand, &x->items);
    result(out, TYPE_BOOL);
    return OK;
}

static enum status bind_like(struct binder *b, struct scope *s, struct node *n,
                             struct bound_expr *out)
{
    struct node_like *x = node_like(n);
    *out = start();
    if (operand(b, s, &x->operand, out, NULL) != OK ||
        operand(b, s, &x->pattern, out, NULL) != OK || operand(b, s, &x->escape, out, NULL) != OK) {
        return FAIL;
    }
    bind_scalar_kind(b, &x->operand, TYPE_TEXT);
    bind_settle_kind(b, x->operand, TYPE_TEXT);
    if (x->quantifier == QUANT_NONE) {
        bind_scalar_kind(b, &x->pattern, TYPE_TEXT);
        bind_settle_kind(b, x->pattern, TYPE_TEXT);
    }
    bind_settle_kind(b, x->escape, TYPE_TEXT);
    bool is_text = x->operand->type->kind == TYPE_TEXT && x->pattern->type->kind == TYPE_TEXT;
    bool is_literal;
    if (rewrite_like_check(x->pattern, x->escape, &is_literal, b->e) != OK) {
        return FAIL;
    }
    b->out->may_fail |= (x->escape && !is_literal) || x->op == LIKE_SIMILAR || !is_text;
    result(out, TYPE_BOOL);
    return OK;
}

/* ---- sub-queries ---- */

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
        add_operand(b, all, &v);
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
    if (operand(b, s, left, out, &v) != OK || bind_inner(b, s, query, out, &columns) != OK) {
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

static enum status bind_quantified(struct binder *b, struct scope *s, struct node *n,
                                   struct bound_expr *out)
{
    struct node_quantified *x = node_quantified(n);
    *out = start();
    result(out, TYPE_BOOL);
    if (x->source->kind == NODE_QUERY) {
        return against_query(b, s, &x->operand, x->source, out);
    }
    if (operand(b, s, &x->operand, out, NULL) != OK || operand(b, s, &x->source, out, NULL) != OK) {
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

static enum status bind_scalar_query(struct binder *b, struct scope *s, struct node *n,
                                     struct bound_expr *out)
{
    struct columns columns;
    *out = start();
    if (bind_inner(b, s, node_subquery(n)->query, out, &columns) != OK ||
        one_column(b, n, &columns) != OK) {
        return FAIL;
    }
    out->type = columns.at[0].type;
    b->out->may_fail = true; /* more than one row is an error */
    return OK;
}

/* ---- values made of values ---- */

static bool is_constant_node(const struct node *n)
{
    return n->kind == NODE_LITERAL || n->kind == NODE_PARAM;
}

static enum status bind_case(struct binder *b, struct scope *s, struct node *n,
                             struct bound_expr *out)
{
    struct node_case_expr *x = node_case_expr(n);
    const struct type *t = type_simple(TYPE_NULL);
    struct bound_expr v = start();
    *out = start();
    if (operand(b, s, &x->operand, out, &v) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < x->whens.n; i++) {
        struct node_when *w = node_when(x->whens.at[i]);
        struct bound_expr condition;
        if (operand(b, s, &w->condition, out, &condition) != OK ||
            operand(b, s, &w->result, out, NULL) != OK) {
            return FAIL;
        }
        if (x->operand) {
            bind_scalar_pair(b, &x->operand, &w->condition);
            settle_pair(b, x->operand, w->condition);
            note_implicit_cast(b, x->operand, &v, w->condition, &condition);
        } else {
            bind_scalar_kind(b, &w->condition, TYPE_BOOL);
            bind_settle_kind(b, w->condition, TYPE_BOOL);
            b->out->may_fail |= w->condition->type->kind != TYPE_BOOL;
        }
        t = i ? type_common(b->a, bind_type_beside(w->result, t), t) : bind_known_type(w->result);
    }
    if (operand(b, s, &x->otherwise, out, NULL) != OK) {
        return FAIL;
    }
    if (x->otherwise) {
        t = type_common(b->a, t, bind_type_beside(x->otherwise, t));
    }
    for (uint32_t i = 0; i < x->whens.n; i++) {
        const struct node *r = node_when(x->whens.at[i])->result;
        bind_settle(b, node_when(x->whens.at[i])->result, t);
        b->out->may_fail |= !is_constant_node(r) && !type_is_widening(r->type, t);
    }
    bind_settle(b, x->otherwise, t);
    out->type = t;
    return OK;
}

static enum status bind_cast(struct binder *b, struct scope *s, struct node *n,
                             struct bound_expr *out)
{
    struct node_cast *x = node_cast(n);
    const struct type *to = NULL;
    *out = start();
    if (bind_type_name(b, x->target, &to) != OK || operand(b, s, &x->operand, out, NULL) != OK) {
        return FAIL;
    }
    bool from_text = bind_makes_bignum(x->operand, x->operand->type, to);
    if (from_text && !type_is_other(to, "BIGNUM")) {
        return bind_check_assigned(b, n, x->operand, x->operand->type, to);
    }
    bind_settle(b, x->operand, from_text ? type_simple(TYPE_TEXT) : to);
    out->type = to;
    b->out->may_fail |=
        !x->is_try && !is_constant_node(x->operand) && !type_is_widening(x->operand->type, to);
    return OK;
}

static enum status bind_list(struct binder *b, struct scope *s, struct node *n,
                             struct bound_expr *out)
{
    struct node_list *items = &node_list_lit(n)->items;
    const struct type *t = type_simple(TYPE_NULL);
    *out = start();
    for (uint32_t i = 0; i < items->n; i++) {
        if (operand(b, s, &items->at[i], out, NULL) != OK) {
            return FAIL;
        }
        t = type_common(b->a, t, bind_known_type(items->at[i]));
    }
    for (uint32_t i = 0; i < items->n; i++) {
        bind_settle(b, items->at[i], t);
        b->out->may_fail |=
            !is_constant_node(items->at[i]) && !type_is_widening(items->at[i]->type, t);
    }
    out->type = type_is_open(t) ? type_simple(TYPE_UNKNOWN) : type_list(b->a, t);
    return OK;
}

/* A structure whose fields have no names. */
static enum status bind_row(struct binder *b, struct scope *s, struct node *n,
                            struct bound_expr *out)
{
    struct node_list *items = &node_row(n)->items;
    struct type *t = ARENA_NEW(b->a, struct type);
    struct type_field *fields = ARENA_ARRAY(b->a, struct type_field, items->n);
    bool is_known = true;
    *out = start();
    for (uint32_t i = 0; i < items->n; i++) {
        if (operand(b, s, &items->at[i], out, NULL) != OK) {
            return FAIL;
        }
        fields[i] = (struct type_field){STR(""), items->at[i]->type};
        is_known &= items->at[i]->type->kind != TYPE_UNKNOWN;
    }
    *t = (struct type){.kind = TYPE_STRUCT, .fields = fields, .field_count = items->n};
    out->type = is_known ? t : type_simple(TYPE_UNKNOWN);
    return OK;
}

static enum status bind_struct(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out)
{
    struct node_list *list = &node_struct_lit(n)->fields;
    struct type *t = ARENA_NEW(b->a, struct type);
    struct type_field *fields = ARENA_ARRAY(b->a, struct type_field, list->n);
    bool is_known = true;
    *out = start();
    for (uint32_t i = 0; i < list->n; i++) {
        struct node_named_arg *arg = node_named_arg(list->at[i]);
        if (operand(b, s, &arg->value, out, NULL) != OK) {
            return FAIL;
        }
        fields[i] = (struct type_field){arg->name, arg->value->type};
        is_known &= arg->value->type->kind != TYPE_UNKNOWN;
    }
    *t = (struct type){.kind = TYPE_STRUCT, .fields = fields, .field_count = list->n};
    out->type = is_known ? t : type_simple(TYPE_UNKNOWN);
    return OK;
}

static const struct type *element_of(const struct type *t)
{
    switch (t->kind) {
    case TYPE_LIST:
    case TYPE_ARRAY:
        return t->child;
    case TYPE_TEXT:
        return t;
    case TYPE_MAP:
        return t->fields[1].type;
    default:
        return type_simple(TYPE_UNKNOWN);
    }
}

static enum status bind_index(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out)
{
    struct node_index *x = node_index(n);
    *out = start();
    if (operand(b, s, &x->operand, out, NULL) != OK || operand(b, s, &x->index, out, NULL) != OK) {
        return FAIL;
    }
    if (x->operand->type->kind == TYPE_LIST || x->operand->type->kind == TYPE_TEXT) {
        bind_settle_kind(b, x->index, TYPE_INT8);
    }
    out->type = element_of(x->operand->type);
    b->out->may_fail |= x->operand->type->kind != TYPE_LIST;
    return OK;
}

static enum status bind_slice(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out)
{
    struct node_slice *x = node_slice(n);
    *out = start();
    if (operand(b, s, &x->operand, out, NULL) != OK || operand(b, s, &x->low, out, NULL) != OK ||
        operand(b, s, &x->high, out, NULL) != OK || operand(b, s, &x->step, out, NULL) != OK) {
        return FAIL;
    }
    bind_settle_kind(b, x->step, TYPE_INT8);
    bind_settle_kind(b, x->low, TYPE_INT8);
    bind_settle_kind(b, x->high, TYPE_INT8);
    const struct type *t = x->operand->type;
    out->type = t->kind == TYPE_LIST || t->kind == TYPE_TEXT ? t : type_simple(TYPE_UNKNOWN);
    b->out->may_fail = true;
    return OK;
}

static enum status bind_field(struct binder *b, struct scope *s, struct node *n,
                              struct bound_expr *out)
{
    struct node_field *x = node_field(n);
    *out = start();
    if (operand(b, s, &x->operand, out, NULL) != OK) {
        return FAIL;
    }
    const struct type *t = x->operand->type;
    for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->field_count; i++) {
        if (str_ieq(t->fields[i].name, ident_text(x->name))) {
            out->type = t->fields[i].type;
        }
    }
    b->out->may_fail = true;
    return OK;
}

static enum status bind_collate(struct binder *b, struct scope *s, struct node *n,
                                struct bound_expr *out)
{
    struct node_collate *x = node_collate(n);
    *out = start();
    if (operand(b, s, &x->operand, out, NULL) != OK) {
        return FAIL;
    }
    out->type = x->operand->type;
    return OK;
}

static enum status bind_interval(struct binder *b, struct scope *s, struct node *n,
                                 struct bound_expr *out)
{
    struct node_interval *x = node_interval(n);
    *out = start();
    if (operand(b, s, &x->amount, out, NULL) != OK) {
        return FAIL;
    }
    if (x->unit.n) {
        bind_settle_kind(b, x->amount, TYPE_INT8);
    }
    b->out->may_fail |= !out->is_const;
    result(out, TYPE_INTERVAL);
    return OK;
}

static enum status bind_lambda(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out)
{
    struct node_lambda *x = node_lambda(n);
    const struct lambda_param *outer = s->lambdas;
    const struct type *element = s->element ? s->element : type_simple(TYPE_UNKNOWN);
    s->element = NULL;
    *out = start();
    for (uint32_t i = 0; i < x->params.n; i++) {
        struct lambda_param *p = ARENA_NEW(b->a, struct lambda_param);
        p->name = ident_text(x->params.at[i]);
        p->unique = bind_unique(b, p->name);
        p->type = i == 0 && x->params.n == 1 ? element : type_simple(TYPE_UNKNOWN);
        p->next = s->lambdas;
        s->lambdas = p;
        x->params.at[i] = bind_ident(b, p->unique, x->params.at[i]);
    }
    enum status status = operand(b, s, &x->body, out, NULL);
    out->type = status == OK ? x->body->type : out->type;
    s->lambdas = outer;
    return status;
}

static enum status bind_literal(struct binder *b, struct node *n, struct bound_expr *out)
{
    *out = start();
    out->type = type_of_literal(b->a, node_literal(n));
    return OK;
}

static enum status bind_default(struct binder *b, struct node *n, struct bound_expr *out)
{
    if (!b->allow_default) {
        return bind_fail(b, n, ERR_BAD_SQL, "DEFAULT is not allowed in this context");
    }
    *out = start();
    return OK;
}

static enum status grouping_items(struct binder *b, struct scope *s, struct node *n,
                                  struct bound_expr *out)
{
    *out = start();
    return bind_used_list(b, s, &node_grouping(n)->items);
}

static enum status bind_in_query(struct binder *b, struct scope *s, struct node *n,
                                 struct bound_expr *out)
{
    struct node_in_query *x = node_in_query(n);
    *out = start();
    result(out, TYPE_BOOL);
    return against_query(b, s, &x->operand, x->query, out);
}

static enum status bind_exists(struct binder *b, struct scope *s, struct node *n,
                               struct bound_expr *out)
{
    struct columns columns;
    *out = start();
    result(out, TYPE_BOOL);
    return bind_inner(b, s, node_exists(n)->query, out, &columns);
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
        return bind_cast(b, s, *n, out);
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
        return bind_index(b, s, *n, out);
    case NODE_SLICE:
        return bind_slice(b, s, *n, out);
    case NODE_FIELD:
        return bind_field(b, s, *n, out);
    case NODE_COLLATE:
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
