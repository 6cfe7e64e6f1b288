/* Snowflake: aggregates and windows. */
#include "dialect/rules.h"

static struct node *refuse(struct rewriting *r, struct node_func *f, const char *what)
{
    rule_fail(r, &f->base, ERR_UNSUPPORTED, "%s is not supported", what);
    return &f->base;
}

/* The call under another name; DISTINCT, FILTER, OVER and the rest stay. */
static struct node *renamed(struct rewriting *r, struct node_func *f, const char *name)
{
    struct node *call = node_shallow_copy(r->a, &f->base);
    node_func(call)->name = make_name(r->a, str_of(name));
    node_func(call)->name->offset = f->base.offset;
    node_ident(node_name(node_func(call)->name)->parts.at[0])->quoted = 0;
    return call;
}

/* FILTER (WHERE x) AND whatever filter is there. */
static void filter(struct rewriting *r, struct node_func *f, struct node *condition)
{
    f->filter = make_and(r->a, f->filter, condition);
}

static struct node *not_null(struct rewriting *r, struct node *n)
{
    return rule_unary(r, OP_IS_NOT_NULL, rule_copy(r, n));
}

/* ORDER BY stands inside, where the engine has it. */
static void order_inside(struct node_func *f)
{
    if (f->within_group.n && !f->order.n) {
        f->order = f->within_group;
        f->within_group = (struct node_list){0};
    }
}

static struct node *array_agg(struct rewriting *r, struct node_func *f)
{
    struct node *call = renamed(r, f, "array_agg");
    order_inside(node_func(call));
    filter(r, node_func(call), not_null(r, f->args.at[0]));
    return CALL(r, &f->base, "array_or_empty", call);
}

/* All of one value each. */
static struct node *array_unique_agg(struct rewriting *r, struct node_func *f)
{
    struct node *call = renamed(r, f, "list");
    node_func(call)->distinct = true;
    filter(r, node_func(call),
           rule_unary(r, OP_NOT, rule_unary(r, OP_IS_NULL, rule_copy(r, f->args.at[0]))));
    return CALL(r, &f->base, "array_or_empty", call);
}

static struct node *array_union_agg(struct rewriting *r, struct node_func *f)
{
    struct node *call = renamed(r, f, "array_agg");
    return CALL(r, &f->base, "array_deduplicated", CALL(r, &f->base, "array_unnested", call));
}

/* A list of the values beside which `other` isn't NULL either. */
static struct node *beside(struct rewriting *r, struct node_func *f, struct node *value)
{
    struct node *call = renamed(r, f, "list");
    node_func(call)->args = (struct node_list){0};
    node_push(r->a, &node_func(call)->args, value);
    filter(r, node_func(call), not_null(r, f->args.at[0]));
    filter(r, node_func(call), not_null(r, f->args.at[1]));
    return call;
}

/* By way of a map, whose keys are unique as an object's are. */
static struct node *object_agg(struct rewriting *r, struct node_func *f)
{
    struct node *keys = beside(r, f, rule_copy(r, f->args.at[0]));
    struct node *values =
        beside(r, f, EXPAND(r, &f->base, "variant_of($1)", rule_copy(r, f->args.at[1])));
    return EXPAND(r, &f->base, "coalesce(to_json(map($1, $2)), json('{}'))", keys, values);
}

static struct node *listagg(struct rewriting *r, struct node_func *f)
{
    struct node *call = renamed(r, f, "listagg");
    struct node_func *c = node_func(call);
    order_inside(c);
    if (c->args.n == 1) {
        struct node *args[] = {c->args.at[0], rule_text(r, &f->base, "")};
        c->args = (struct node_list){0};
        node_push(r->a, &c->args, args[0]);
        node_push(r->a, &c->args, args[1]);
    }
    return EXPAND(r, &f->base, "coalesce($1, '')", call);
}

/* Of one value each: a truth that a number may be. */
static struct node *truths(struct rewriting *r, struct node_func *f, const char *name)
{
    struct node *call = renamed(r, f, name);
    node_func(call)->args = (struct node_list){0};
    node_push(r->a, &node_func(call)->args, rule_cast(r, f->args.at[0], "boolean"));
    return call;
}

static struct node *booland_agg(struct rewriting *r, struct node_func *f)
{
    return truths(r, f, "bool_and");
}

static struct node *boolor_agg(struct rewriting *r, struct node_func *f)
{
    return truths(r, f, "bool_or");
}

static struct node *boolxor_agg(struct rewriting *r, struct node_func *f)
{
    return rule_binary(r, OP_EQ, truths(r, f, "count_if"), rule_integer(r, &f->base, 1));
}

#define RENAMED(function, to)                                                                      \
    static struct node *function(struct rewriting *r, struct node_func *f)                         \
    {                                                                                              \
        return renamed(r, f, to);                                                                  \
    }
RENAMED(bitand_agg, "bit_and")
RENAMED(bitor_agg, "bit_or")
RENAMED(bitxor_agg, "bit_xor")
RENAMED(skew, "skewness")
RENAMED(approx_percentile, "approx_quantile")
RENAMED(approx_count, "approx_count_distinct")
RENAMED(var_samp, "variance")
RENAMED(var_pop, "var_pop")

/* HLL(*) and more than one column are of rows. */
static struct node *hll(struct rewriting *r, struct node_func *f)
{
    if (f->star || f->args.n != 1) {
        return refuse(r, f, "an approximate count of rows of several columns");
    }
    return approx_count(r, f);
}

/* The engine gives NaN where a deviation is 0. */
static struct node *corr(struct rewriting *r, struct node_func *f)
{
    struct node *call = renamed(r, f, "corr");
    return EXPAND(r, &f->base, "CASE WHEN isnan($1) THEN NULL ELSE $1 END", call);
}

/* x / sum(x) OVER (...) */
static struct node *ratio_to_report(struct rewriting *r, struct node_func *f)
{
    struct node *sum = renamed(r, f, "sum");
    return EXPAND(r, &f->base, "$1 / nullif($2, 0)", rule_copy(r, f->args.at[0]), sum);
}

/* How often the condition was true up to here. */
static struct node *conditional_true_event(struct rewriting *r, struct node_func *f)
{
    struct node *sum = renamed(r, f, "sum");
    node_func(sum)->args = (struct node_list){0};
    node_push(r->a, &node_func(sum)->args,
              EXPAND(r, &f->base, "CASE WHEN $1 THEN 1 ELSE 0 END", f->args.at[0]));
    return rule_cast(r, sum, "bigint");
}

/* ---- windows ---- */

/* Of the values of a window's first, last or n-th row, the window is the whole partition where no
 * frame is told. */
static struct node *value_of_row(struct rewriting *r, struct node_func *f)
{
    struct node_window *w = f->over && f->over->kind == NODE_WINDOW ? node_window(f->over) : NULL;
    if (w && w->frame == FRAME_NONE && !w->named) {
        w->frame = FRAME_ROWS;
        w->start = BOUND_UNBOUNDED_PRECEDING;
        w->end = BOUND_UNBOUNDED_FOLLOWING;
    }
    return &f->base;
}

/* PERCENTILE_CONT(p) WITHIN GROUP (ORDER BY x): the engine knows no ordered set over a window. */
static struct node *percentile(struct rewriting *r, struct node_func *f, const char *name,
                               const char *from_above)
{
    if (!f->over || f->within_group.n != 1) {
        return &f->base;
    }
    struct node_order_item *item = node_order_item(f->within_group.at[0]);
    struct node *share = f->args.at[0];
    if (item->descending && !from_above) {
        return refuse(r, f, "this percentile of a descending order over a window");
    }
    struct node *call = renamed(r, f, name);
    node_func(call)->args = (struct node_list){0};
    node_func(call)->within_group = (struct node_list){0};
    node_push(r->a, &node_func(call)->args, item->expr);
    node_push(r->a, &node_func(call)->args,
              item->descending ? EXPAND(r, share, from_above, share) : share);
    return call;
}

static struct node *percentile_cont(struct rewriting *r, struct node_func *f)
{
    return percentile(r, f, "quantile_cont", "1 - $1");
}

static struct node *percentile_disc(struct rewriting *r, struct node_func *f)
{
    return percentile(r, f, "quantile_disc", NULL);
}

/* COUNT(DISTINCT a, b) counts rows of values none of which is NULL. */
static struct node *count(struct rewriting *r, struct node_func *f)
{
    if (f->args.n < 2) {
        return &f->base;
    }
    if (!f->distinct) {
        return refuse(r, f, "COUNT() of several values without DISTINCT");
    }
    struct node *choice = node_new(r->a, NODE_CASE, f->base.offset);
    struct node *row = node_new(r->a, NODE_ROW, f->base.offset);
    node_row(row)->items = f->args;
    for (uint32_t i = 0; i < f->args.n; i++) {
        struct node *when = node_new(r->a, NODE_WHEN, f->base.offset);
        node_when(when)->condition = rule_unary(r, OP_IS_NULL, rule_copy(r, f->args.at[i]));
        node_when(when)->result = rule_null(r, &f->base);
        node_push(r->a, &node_case_expr(choice)->whens, when);
    }
    node_case_expr(choice)->otherwise = row;
    struct node *call = renamed(r, f, "count");
    node_func(call)->args = (struct node_list){0};
    node_push(r->a, &node_func(call)->args, choice);
    return call;
}

/* IGNORE NULLS of what looks over NULL anyway. */
static struct node *without_nulls(struct rewriting *r, struct node_func *f)
{
    f->nulls = NULLS_DEFAULT;
    return &f->base;
}

#define BUCKET   "CASE WHEN $1 > 0 THEN (($1 - 1) // 32768) + 1 ELSE $1 // 32768 END"
#define POSITION "(CASE WHEN $1 > 0 THEN $1 - 1 ELSE abs($1) END) % 32768"

/* clang-format off */
const struct function_rule snowflake_aggregate_functions[] = {
    {"array_agg", 1, 1, "array_agg(x) without NULL, [] of nothing", array_agg},
    {"arrayagg", 1, 1, "array_agg(x) without NULL, [] of nothing", array_agg},
    {"array_unique_agg", 1, 1, "list(DISTINCT x) without NULL", array_unique_agg},
    {"array_union_agg", 1, 1, "the elements of all arrays, each once", array_union_agg},
    {"object_agg", 2, 2, "json_group_object(k, v) without NULL", object_agg},
    {"listagg", 1, 2, "listagg(x, separator ORDER BY ...), '' of nothing", listagg},
    {"booland_agg", 1, 1, "bool_and(CAST(x AS boolean))", booland_agg},
    {"boolor_agg", 1, 1, "bool_or(CAST(x AS boolean))", boolor_agg},
    {"boolxor_agg", 1, 1, "count_if(CAST(x AS boolean)) = 1", boolxor_agg},
    {"bitand_agg", 1, 1, "bit_and(x)", bitand_agg},
    {"bitandagg", 1, 1, "bit_and(x)", bitand_agg},
    {"bit_and_agg", 1, 1, "bit_and(x)", bitand_agg},
    {"bit_andagg", 1, 1, "bit_and(x)", bitand_agg},
    {"bitor_agg", 1, 1, "bit_or(x)", bitor_agg},
    {"bitoragg", 1, 1, "bit_or(x)", bitor_agg},
    {"bit_or_agg", 1, 1, "bit_or(x)", bitor_agg},
    {"bit_oragg", 1, 1, "bit_or(x)", bitor_agg},
    {"bitxor_agg", 1, 1, "bit_xor(x)", bitxor_agg},
    {"bitxoragg", 1, 1, "bit_xor(x)", bitxor_agg},
    {"bit_xor_agg", 1, 1, "bit_xor(x)", bitxor_agg},
    {"bit_xoragg", 1, 1, "bit_xor(x)", bitxor_agg},
    {"skew", 1, 1, "skewness(x)", skew},
    {"var_samp", 1, 1, "variance(x)", var_samp},
    {"variance_samp", 1, 1, "variance(x)", var_samp},
    {"variance_pop", 1, 1, "var_pop(x)", var_pop},
    {"approx_percentile", 2, 2, "approx_quantile(x, share)", approx_percentile},
    {"hll", 1, -1, "approx_count_distinct(x)", hll},
    {"corr", 2, 2, "CASE WHEN isnan(corr(x, y)) THEN NULL ELSE corr(x, y) END", corr},
    {"ratio_to_report", 1, 1, "x / sum(x) OVER (...)", ratio_to_report},
    {"conditional_true_event", 1, 1, "sum(CASE WHEN x THEN 1 ELSE 0 END) OVER (...)", conditional_true_event},
    {"first_value", 1, 1, "over the whole partition where no frame is told", value_of_row},
    {"last_value", 1, 1, "over the whole partition where no frame is told", value_of_row},
    {"nth_value", 2, 2, "over the whole partition where no frame is told", value_of_row},
    {"percentile_cont", 1, 1, "quantile_cont(x, share) OVER (...)", percentile_cont},
    {"percentile_disc", 1, 1, "quantile_disc(x, share) OVER (...)", percentile_disc},
    {"count", 0, -1, "count(DISTINCT CASE WHEN a IS NULL THEN NULL ... ELSE (a, b) END)", count},
    {"sum", 1, 1, "without IGNORE NULLS", without_nulls},
    {"avg", 1, 1, "without IGNORE NULLS", without_nulls},
    {"min", 1, 1, "without IGNORE NULLS", without_nulls},
    {"max", 1, 1, "without IGNORE NULLS", without_nulls},
    {"bitmap_bucket_number", 1, 1, BUCKET, NULL},
    {"bitmap_bit_position", 1, 1, POSITION, NULL},
    {NULL, 0, 0, NULL, NULL},
};
/* clang-format on */
