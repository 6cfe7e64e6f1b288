/* Operators: what two sides that meet become, and whether that can fail. */
#include "sql/bind_expr.h"
#include "sql/bind_type.h"
#include "sql/rewrite_like.h"

/* The types of two sides that meet: an untyped parameter takes the other's. */
void bind_settle_pair(struct binder *b, struct node *x, struct node *y)
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
void bind_note_implicit_cast(struct binder *b, const struct node *x, const struct bound_expr *p,
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
    if (bind_operand(b, s, x, all, &p) != OK || bind_operand(b, s, y, all, &q) != OK) {
        return FAIL;
    }
    bind_scalar_pair(b, x, y);
    bind_settle_pair(b, *x, *y);
    bind_note_implicit_cast(b, *x, &p, *y, &q);
    return OK;
}

static bool is_comparison(enum op op)
{
    return op <= OP_NOT_DISTINCT;
}

/* A parameter in arithmetic takes the type of a number beside it, not of a date: dates also take
 * integers and intervals. */
static void settle_arithmetic(struct binder *b, struct node *x, struct node *y)
{
    if (type_is_number(x->type) || type_is_number(y->type)) {
        bind_settle_pair(b, x, y);
    }
}

/* Of arithmetic: a variant is a number, unless a moment is beside it. */
static void bind_scalar_operands(struct binder *b, struct node_binary *x)
{
    bind_scalar_kind(b, &x->left, TYPE_FLOAT8);
    bind_scalar_kind(b, &x->right, TYPE_FLOAT8);
}

enum status bind_binary(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_binary *x = node_binary(n);
    enum op op = (enum op)x->op;
    *out = bind_start();
    if (is_comparison(op)) {
        out->type = type_simple(TYPE_BOOL);
        return compare_pair(b, s, &x->left, &x->right, out);
    }
    if (bind_operand(b, s, &x->left, out, NULL) != OK ||
        bind_operand(b, s, &x->right, out, NULL) != OK) {
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
        bind_settle_pair(b, x->left, x->right);
    }
    const struct type *l = x->left->type, *r = x->right->type;
    out->type =
        type_of_binary(b->a, op, bind_type_beside(x->left, r), bind_type_beside(x->right, l));
    /* Joining text can't fail; everything else may overflow, or divide by zero. */
    b->out->may_fail |= !out->is_const && !(op == OP_CONCAT && out->type->kind == TYPE_TEXT);
    return OK;
}

enum status bind_unary(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_unary *x = node_unary(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, NULL) != OK) {
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
        out->type = type_simple(TYPE_BOOL);
        if (x->op != OP_IS_NULL && x->op != OP_IS_NOT_NULL) {
            bind_scalar_kind(b, &x->operand, TYPE_BOOL);
            b->out->may_fail |= x->operand->type->kind != TYPE_BOOL && !out->is_const;
            bind_settle_kind(b, x->operand, TYPE_BOOL);
        }
    }
    return OK;
}

enum status bind_chain(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_bool_chain *x = node_bool_chain(n);
    *out = bind_start();
    for (uint32_t i = 0; i < x->args.n; i++) {
        if (bind_operand(b, s, &x->args.at[i], out, NULL) != OK) {
            return FAIL;
        }
        bind_scalar_kind(b, &x->args.at[i], TYPE_BOOL);
        bind_settle_kind(b, x->args.at[i], TYPE_BOOL);
        b->out->may_fail |= x->args.at[i]->type->kind != TYPE_BOOL;
    }
    out->type = type_simple(TYPE_BOOL);
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

enum status bind_between(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_between *x = node_between(n);
    struct bound_expr v, low, high;
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, &v) != OK ||
        bind_operand(b, s, &x->low, out, &low) != OK ||
        bind_operand(b, s, &x->high, out, &high) != OK) {
        return FAIL;
    }
    bind_scalar_pair(b, &x->operand, &x->low);
    bind_scalar_pair(b, &x->operand, &x->high);
    bind_settle_pair(b, x->operand, x->low);
    bind_settle_pair(b, x->operand, x->high);
    bind_settle_pair(b, x->operand, x->low);
    bind_note_implicit_cast(b, x->operand, &v, x->low, &low);
    bind_note_implicit_cast(b, x->operand, &v, x->high, &high);
    note_common(b, x->operand,
                &(struct node_list){.at = (struct node *[]){x->low, x->high}, .n = 2});
    out->type = type_simple(TYPE_BOOL);
    return OK;
}

enum status bind_in_list(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_in_list *x = node_in_list(n);
    struct bound_expr v;
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, &v) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < x->items.n; i++) {
        struct bound_expr item;
        if (bind_operand(b, s, &x->items.at[i], out, &item) != OK) {
            return FAIL;
        }
        bind_scalar_pair(b, &x->operand, &x->items.at[i]);
        bind_settle_pair(b, x->operand, x->items.at[i]);
        bind_note_implicit_cast(b, x->operand, &v, x->items.at[i], &item);
    }
    for (uint32_t i = 0; i < x->items.n; i++) {
        bind_settle_pair(b, x->operand, x->items.at[i]);
    }
    note_common(b, x->operand, &x->items);
    out->type = type_simple(TYPE_BOOL);
    return OK;
}

enum status bind_like(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_like *x = node_like(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, NULL) != OK ||
        bind_operand(b, s, &x->pattern, out, NULL) != OK ||
        bind_operand(b, s, &x->escape, out, NULL) != OK) {
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
    out->type = type_simple(TYPE_BOOL);
    return OK;
}
