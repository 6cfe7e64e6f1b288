/* Snowflake: arrays. An array whose elements have one type may be the engine's list, all else is a
 * document; sql/spell_array knows which. */
#include "dialect/rules.h"
#include "sql/walk.h"

/* [1, 2]: a list where the elements are plainly of one type. */
static struct node *array_literal(struct rewriting *r, struct node *n)
{
    const struct node_list *items = &node_list_lit(n)->items;
    if (node_list_lit(n)->typed) {
        return n;
    }
    enum type_kind first = items->n ? rule_type(items->at[0]) : TYPE_LIST;
    bool same = first != TYPE_UNKNOWN && first != TYPE_NULL;
    for (uint32_t i = 1; same && i < items->n; i++) {
        enum type_kind kind = rule_type(items->at[i]);
        same = kind == first || kind == TYPE_NULL;
    }
    return same && first != TYPE_DECIMAL ? n : rule_call(r, n, "array_of", items->n, items->at);
}

static struct node *array_construct(struct rewriting *r, struct node_func *f)
{
    struct node *list = node_new(r->a, NODE_LIST, f->base.offset);
    list->length = f->base.length;
    node_list_lit(list)->items = f->args;
    return f->args.n ? array_literal(r, list) : rule_call(r, &f->base, "array_of", 0, NULL);
}

static struct node *array_construct_compact(struct rewriting *r, struct node_func *f)
{
    return CALL(r, &f->base, "array_dense", array_construct(r, f));
}

static struct node *array_generate_range(struct rewriting *r, struct node_func *f)
{
    return rule_call(r, &f->base, "range", f->args.n, f->args.at);
}

static bool literal_bool(const struct node *n, bool otherwise, bool *ok)
{
    bool is_bool =
        n && n->kind == NODE_LITERAL &&
        (node_literal_const(n)->lit == LIT_TRUE || node_literal_const(n)->lit == LIT_FALSE);
    *ok = *ok && (!n || is_bool);
    return is_bool ? node_literal_const(n)->lit == LIT_TRUE : otherwise;
}

/* ARRAY_SORT(a, ascending, nulls first): NULL stands behind what ascends, before what descends. */
static struct node *array_sort(struct rewriting *r, struct node_func *f)
{
    bool ok = true;
    bool ascends = literal_bool(rule_arg(f, 1), true, &ok);
    bool nulls_first = literal_bool(rule_arg(f, 2), !ascends, &ok);
    if (!ok) {
        rule_fail(r, &f->base, ERR_UNSUPPORTED, "ARRAY_SORT's order must be TRUE or FALSE");
        return &f->base;
    }
    return CALL(r, &f->base, "array_in_order", f->args.at[0],
                rule_text(r, &f->base, ascends ? "ASC" : "DESC"),
                rule_text(r, &f->base, nulls_first ? "NULLS FIRST" : "NULLS LAST"));
}

/* ---- lambdas ---- */

struct typing {
    struct rewriting *r;
    struct str name;
    const struct node *type;
};

static enum walk type_parameter(struct node **n, void *ctx)
{
    struct typing *t = ctx;
    bool is_it = (*n)->kind == NODE_COLUMN_REF && node_column_ref(*n)->parts.n == 1 &&
                 str_ieq(node_ident(node_column_ref(*n)->parts.at[0])->text, t->name);
    if (!is_it) {
        return WALK_ON;
    }
    struct node *cast = rule_cast(t->r, CALL(t->r, *n, "variant_scalar", *n), "varchar");
    node_cast(cast)->target = rule_copy(t->r, t->type);
    *n = cast;
    return WALK_SKIP;
}

/* x INT -> x + 1 is x -> CAST(x AS INT) + 1. */
static struct node *typed_lambda(struct rewriting *r, struct node *n)
{
    struct node_lambda *x = node_lambda(n);
    for (uint32_t i = 0; i < x->types.n && i < x->params.n; i++) {
        struct typing t = {r, node_ident(x->params.at[i])->text, x->types.at[i]};
        if (node_type_name_const(t.type)->text.n) {
            (void)node_walk(&x->body, type_parameter, &t);
        }
    }
    x->types = (struct node_list){0};
    return n;
}

/* clang-format off */
const struct function_rule snowflake_array_functions[] = {
    {"array_construct", 0, -1, "[...], array_of(...) where the types differ", array_construct},
    {"array_construct_compact", 0, -1, "array_dense([...])", array_construct_compact},
    {"array_append", 2, 2, "array_with($1, $2)", NULL},
    {"array_prepend", 2, 2, "array_with_first($1, $2)", NULL},
    {"array_cat", 2, 2, "array_joined($1, $2)", NULL},
    {"array_concat", 2, 2, "array_joined($1, $2)", NULL},
    {"array_insert", 3, 3, "array_inserted($1, $2, $3)", NULL},
    {"array_remove", 2, 2, "array_without($1, $2)", NULL},
    {"array_remove_at", 2, 2, "array_without_at($1, $2)", NULL},
    {"array_slice", 3, 3, "array_part($1, $2, $3)", NULL},
    {"array_contains", 2, 2, "array_holds($2, $1)", NULL},
    {"array_position", 2, 2, "array_index_of($2, $1)", NULL},
    {"array_size", 1, 1, "variant_size($1)", NULL},
    {"array_distinct", 1, 1, "array_deduplicated($1)", NULL},
    {"array_compact", 1, 1, "array_dense($1)", NULL},
    {"array_sort", 1, 3, "array_in_order($1, direction, place of NULL)", array_sort},
    {"array_reverse", 1, 1, "array_turned($1)", NULL},
    {"array_intersection", 2, 2, "array_common($1, $2)", NULL},
    {"array_except", 2, 2, "array_difference($1, $2)", NULL},
    {"arrays_overlap", 2, 2, "arrays_meet($1, $2)", NULL},
    {"array_min", 1, 1, "array_least($1)", NULL},
    {"array_max", 1, 1, "array_greatest($1)", NULL},
    {"array_sum", 1, 1, "array_total($1)", NULL},
    {"array_flatten", 1, 1, "array_unnested($1)", NULL},
    {"array_to_string", 2, 2, "array_text($1, $2)", NULL},
    {"array_generate_range", 2, 3, "range(...)", array_generate_range},
    {"filter", 2, 2, "array_kept($1, $2)", NULL},
    {"transform", 2, 2, "array_mapped($1, $2)", NULL},
    {"reduce", 3, 3, "array_folded($1, $3, $2)", NULL},
    {"to_array", 1, 1, "variant_array($1)", NULL},
    {NULL, 0, 0, NULL, NULL},
};

const struct node_rule snowflake_array_nodes[] = {
    {NODE_LAMBDA, "typed lambda", "x -> CAST(x AS type)", typed_lambda},
    {NODE_LIST, "array literal", "array_of(...) where the types may differ", array_literal},
    {0, NULL, NULL, NULL},
};
/* clang-format on */
