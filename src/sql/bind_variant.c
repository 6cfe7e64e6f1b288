/* A variant in the place of a scalar is the scalar in it, in Snowflake's dialect: text without its
 * quotes, a number, a truth. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"
#include "sql/make.h"

/* A view's meaning is its own, whoever reads it. */
static bool is_variant(const struct binder *b, const struct node *n)
{
    return b->ctx->dialect == DIALECT_SNOWFLAKE && b->view_depth == 0 && n && n->type &&
           n->type->kind == TYPE_JSON;
}

static struct node *call_of(struct binder *b, const char *name, struct node *arg,
                            const struct type *t)
{
    struct node *n = node_new(b->a, NODE_FUNC, arg->offset);
    n->length = arg->length;
    n->type = t;
    node_func(n)->name = make_name(b->a, str_of(name));
    node_func(n)->bound = function_find(str_of(name));
    node_push(b->a, &node_func(n)->args, arg);
    return n;
}

/* Whole numbers of any size and their decimals; what has more of either fails. */
static const struct type *number_type(struct binder *b, const struct type *t)
{
    bool is_float = t->kind == TYPE_FLOAT4 || t->kind == TYPE_FLOAT8;
    return is_float ? type_simple(TYPE_FLOAT8) : type_decimal(b->a, 38, 9);
}

void bind_scalar_beside(struct binder *b, struct node **n, const struct type *t)
{
    bool is_text = t->kind == TYPE_TEXT || t->kind == TYPE_ENUM;
    bool is_moment = t->kind >= TYPE_DATE && t->kind <= TYPE_TIMESTAMPTZ;
    if (!is_variant(b, *n) ||
        !(is_text || is_moment || type_is_number(t) || t->kind == TYPE_BOOL)) {
        return;
    }
    struct node *scalar = call_of(b, "variant_scalar", *n, type_simple(TYPE_TEXT));
    *n = is_text ? scalar : make_cast(b->a, scalar, type_is_number(t) ? number_type(b, t) : t);
    b->out->may_fail |= !is_text;
}

void bind_scalar_pair(struct binder *b, struct node **x, struct node **y)
{
    if (*x && *y && (*x)->type && (*y)->type) {
        bind_scalar_beside(b, x, (*y)->type);
        bind_scalar_beside(b, y, (*x)->type);
    }
}

void bind_scalar_kind(struct binder *b, struct node **n, enum type_kind kind)
{
    bind_scalar_beside(b, n, type_simple(kind));
}

/* ---- {*} ---- */

/* A name as Snowflake keeps it: upper case, unless it was quoted. */
static struct node *key_of(struct binder *b, struct str label, const struct node *at)
{
    char *key = arena_strdup(b->a, label);
    bool is_mixed = false;
    for (size_t i = 0; i < label.n; i++) {
        is_mixed |= key[i] >= 'A' && key[i] <= 'Z';
    }
    for (size_t i = 0; i < label.n && !is_mixed; i++) {
        key[i] = key[i] >= 'a' && key[i] <= 'z' ? (char)(key[i] - 'a' + 'A') : key[i];
    }
    struct node *literal = make_literal(b->a, LIT_STRING, (struct str){key, label.n});
    literal->offset = at->offset;
    return literal;
}

enum status bind_star_object(struct binder *b, struct scope *s, struct node **n,
                             struct bound_expr *out)
{
    const struct node_list *items = &node_star_object(*n)->items;
    struct node *call = call_of(b, "object_of", *n, NULL);
    node_func(call)->args = (struct node_list){0};
    for (uint32_t i = 0; i < items->n; i++) {
        struct node *item = items->at[i];
        struct node_list targets = {0};
        if (item->kind == NODE_NAMED_ARG) {
            node_push(b->a, &node_func(call)->args,
                      make_literal(b->a, LIT_STRING, node_named_arg(item)->name));
            node_push(b->a, &node_func(call)->args, node_named_arg(item)->value);
            continue;
        }
        if (bind_star(b, s, node_star(item), &targets) != OK ||
            bind_limit_list(b, item, node_func(call)->args.n + targets.n) != OK) {
            return FAIL;
        }
        for (uint32_t k = 0; k < targets.n; k++) {
            struct node_target *t = node_target(targets.at[k]);
            node_push(b->a, &node_func(call)->args, key_of(b, ident_text(t->alias), item));
            node_push(b->a, &node_func(call)->args, t->expr);
        }
        b->out->selects_star = true;
    }
    *n = call;
    return bind_func(b, s, n, out);
}

/* ---- results ---- */

/* What PostgreSQL's words ask for: ARRAY[...], a cast to int[], a parameter. Drivers read those as
 * lists, whatever the dialect. */
static bool asks_for_list(const struct node *stmt, size_t i)
{
    const struct node *body = node_query_const(stmt)->body;
    if (body->kind != NODE_SELECT || i >= node_select_const(body)->targets.n) {
        return false;
    }
    const struct node *n = node_target_const(node_select_const(body)->targets.at[i])->expr;
    return n->kind == NODE_PARAM || (n->kind == NODE_LIST && node_list_lit_const(n)->typed) ||
           (n->kind == NODE_CAST && node_type_name_const(node_cast_const(n)->target)->dims > 0);
}

/* A column of a table stays as it is: a mask is put on it by its type. */
static bool is_shown_as_document(const struct binder *b, const struct node *stmt, size_t i)
{
    const struct output_column *c = &b->out->outputs[i];
    enum type_kind kind = c->type->kind;
    bool is_document =
        kind == TYPE_LIST || kind == TYPE_ARRAY || kind == TYPE_STRUCT || kind == TYPE_MAP;
    return is_document && !c->is_bare && !asks_for_list(stmt, i);
}

/* SELECT r.c0, to_json(r.c1) FROM (query) AS r(c0, c1) */
void bind_show_documents(struct binder *b, struct node **stmt)
{
    bool any = false, may = b->ctx->dialect == DIALECT_SNOWFLAKE && (*stmt)->kind == NODE_QUERY;
    for (size_t i = 0; may && i < b->out->output_count; i++) {
        any |= is_shown_as_document(b, *stmt, i);
    }
    if (!any) {
        return;
    }
    struct str alias = bind_unique(b, STR("result"));
    struct node *derived = make_derived(b->a, *stmt, alias),
                *select = node_new(b->a, NODE_SELECT, 0);
    for (size_t i = 0; i < b->out->output_count; i++) {
        struct output_column *c = &b->out->outputs[i];
        struct str name = str_of(arena_printf(b->a, "c%zu", i));
        struct bound_column *bound = ARENA_NEW(b->a, struct bound_column);
        struct node *value = make_column(b->a, alias, name, c->type);
        bound->origins = c->origins;
        node_column_ref(value)->bound = bound;
        node_push(b->a, &node_derived(derived)->columns, make_ident(b->a, name));
        if (is_shown_as_document(b, *stmt, i)) {
            c->type = type_simple(TYPE_JSON);
            value = call_of(b, "to_json", value, c->type);
        }
        node_push(b->a, &node_select(select)->targets, make_target(b->a, value, STR_NULL));
    }
    node_select(select)->from = derived;
    *stmt = make_query(b->a, select);
}
