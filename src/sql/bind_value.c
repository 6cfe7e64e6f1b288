/* Values made of values: CASE, casts, lists, structures, their parts, lambdas. */
#include "sql/bind_expr.h"
#include "sql/bind_type.h"

static bool is_constant_node(const struct node *n)
{
    return n->kind == NODE_LITERAL || n->kind == NODE_PARAM;
}

enum status bind_case(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_case_expr *x = node_case_expr(n);
    const struct type *t = type_simple(TYPE_NULL);
    struct bound_expr v = bind_start();
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, &v) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < x->whens.n; i++) {
        struct node_when *w = node_when(x->whens.at[i]);
        struct bound_expr condition;
        if (bind_operand(b, s, &w->condition, out, &condition) != OK ||
            bind_operand(b, s, &w->result, out, NULL) != OK) {
            return FAIL;
        }
        if (x->operand) {
            bind_scalar_pair(b, &x->operand, &w->condition);
            bind_settle_pair(b, x->operand, w->condition);
            bind_note_implicit_cast(b, x->operand, &v, w->condition, &condition);
        } else {
            bind_scalar_kind(b, &w->condition, TYPE_BOOL);
            bind_settle_kind(b, w->condition, TYPE_BOOL);
            b->out->may_fail |= w->condition->type->kind != TYPE_BOOL;
        }
        t = i ? type_common(b->a, bind_type_beside(w->result, t), t) : bind_known_type(w->result);
    }
    if (bind_operand(b, s, &x->otherwise, out, NULL) != OK) {
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

enum status bind_cast(struct binder *b, struct scope *s, struct node **at, struct bound_expr *out)
{
    struct node *n = *at;
    struct node_cast *x = node_cast(n);
    const struct type *to = NULL;
    *out = bind_start();
    if (bind_type_name(b, x->target, &to) != OK || bind_array_literal(b, &x->operand, to) != OK) {
        return FAIL;
    }
    if (bind_is_reg_literal(x, to)) {
        return bind_reg_literal(b, at, to, out);
    }
    if (bind_operand(b, s, &x->operand, out, NULL) != OK || bind_reg_cast(b, at, to, out) != OK) {
        return FAIL;
    }
    if (*at != n) {
        return OK;
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

enum status bind_list(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_list *items = &node_list_lit(n)->items;
    const struct type *t = type_simple(TYPE_NULL);
    *out = bind_start();
    for (uint32_t i = 0; i < items->n; i++) {
        if (bind_operand(b, s, &items->at[i], out, NULL) != OK) {
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
enum status bind_row(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_list *items = &node_row(n)->items;
    struct type *t = ARENA_NEW(b->a, struct type);
    struct type_field *fields = ARENA_ARRAY(b->a, struct type_field, items->n);
    bool is_known = true;
    *out = bind_start();
    for (uint32_t i = 0; i < items->n; i++) {
        if (bind_operand(b, s, &items->at[i], out, NULL) != OK) {
            return FAIL;
        }
        fields[i] = (struct type_field){STR(""), items->at[i]->type};
        is_known &= items->at[i]->type->kind != TYPE_UNKNOWN;
    }
    *t = (struct type){.kind = TYPE_STRUCT, .fields = fields, .field_count = items->n};
    out->type = is_known ? t : type_simple(TYPE_UNKNOWN);
    return OK;
}

enum status bind_struct(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_list *list = &node_struct_lit(n)->fields;
    struct type *t = ARENA_NEW(b->a, struct type);
    struct type_field *fields = ARENA_ARRAY(b->a, struct type_field, list->n);
    bool is_known = true;
    *out = bind_start();
    for (uint32_t i = 0; i < list->n; i++) {
        struct node_named_arg *arg = node_named_arg(list->at[i]);
        if (bind_operand(b, s, &arg->value, out, NULL) != OK) {
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

enum status bind_element(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_index *x = node_index(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, NULL) != OK ||
        bind_operand(b, s, &x->index, out, NULL) != OK) {
        return FAIL;
    }
    if (x->operand->type->kind == TYPE_LIST || x->operand->type->kind == TYPE_TEXT) {
        bind_settle_kind(b, x->index, TYPE_INT8);
    }
    bind_from_zero(b, x->operand->type, &x->index);
    out->type = element_of(x->operand->type);
    b->out->may_fail |= x->operand->type->kind != TYPE_LIST;
    return OK;
}

enum status bind_slice(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_slice *x = node_slice(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, NULL) != OK ||
        bind_operand(b, s, &x->low, out, NULL) != OK ||
        bind_operand(b, s, &x->high, out, NULL) != OK ||
        bind_operand(b, s, &x->step, out, NULL) != OK) {
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

enum status bind_field(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_field *x = node_field(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, NULL) != OK) {
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

enum status bind_collate(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_collate *x = node_collate(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->operand, out, NULL) != OK) {
        return FAIL;
    }
    out->type = x->operand->type;
    return OK;
}

enum status bind_interval(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_interval *x = node_interval(n);
    *out = bind_start();
    if (bind_operand(b, s, &x->amount, out, NULL) != OK) {
        return FAIL;
    }
    if (x->unit.n) {
        bind_settle_kind(b, x->amount, TYPE_INT8);
    }
    b->out->may_fail |= !out->is_const;
    out->type = type_simple(TYPE_INTERVAL);
    return OK;
}

enum status bind_lambda(struct binder *b, struct scope *s, struct node *n, struct bound_expr *out)
{
    struct node_lambda *x = node_lambda(n);
    const struct lambda_param *outer = s->lambdas;
    const struct type *element = s->element ? s->element : type_simple(TYPE_UNKNOWN);
    s->element = NULL;
    *out = bind_start();
    for (uint32_t i = 0; i < x->params.n; i++) {
        struct lambda_param *p = ARENA_NEW(b->a, struct lambda_param);
        p->name = ident_text(x->params.at[i]);
        p->unique = bind_unique(b, p->name);
        p->type = i == 0 && x->params.n == 1 ? element : type_simple(TYPE_UNKNOWN);
        p->next = s->lambdas;
        s->lambdas = p;
        x->params.at[i] = bind_ident(b, p->unique, x->params.at[i]);
    }
    enum status status = bind_operand(b, s, &x->body, out, NULL);
    out->type = status == OK ? x->body->type : out->type;
    s->lambdas = outer;
    return status;
}
