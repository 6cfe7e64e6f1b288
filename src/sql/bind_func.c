/* Calls: found in the allow-list or refused, checked for the number of arguments, and typed by the
 * list's rule. */
#include "sql/bind_state.h"
#include "sql/bind_suggest.h"
#include "sql/bind_type.h"
#include "sql/make.h"
#include "sql/rewrite_search.h"
#include "sql/session_call.h"
#include "sql/spell.h"

static enum status unknown_function(struct binder *b, const struct node *n, struct str name)
{
    if (session_function_find(name) != SESSION_FUNCTIONS) {
        (void)bind_fail(b, n, ERR_UNSUPPORTED, "%.*s() is not supported in this place",
                        STR_ARG(name));
        return error_hint(b->e,
                          "Write it as an output of a SELECT that is a statement of its own.");
    }
    (void)bind_fail(b, n, ERR_UNKNOWN_FUNCTION,
                    "function \"%.*s\" does not exist or is not allowed", STR_ARG(name));
    struct suggestion best = suggestion_for(name);
    for (size_t i = 0; i < function_count(); i++) {
        struct str known = str_of(function_at(i)->name);
        suggestion_offer(&best, known, known);
    }
    if (best.text.n) {
        (void)error_hint(b->e, "Perhaps you meant %.*s().", STR_ARG(best.text));
    }
    return FAIL;
}

/* One part, or pg_catalog and one: functions have no other schema. */
static enum status function_name(struct binder *b, struct node *name, struct str *out)
{
    struct node_list *parts = &node_name(name)->parts;
    *out = ident_text(parts->at[parts->n - 1]);
    if (parts->n > 2 || (parts->n == 2 && !str_iis(ident_text(parts->at[0]), "pg_catalog"))) {
        return unknown_function(b, name, *out);
    }
    parts->at[0] = parts->at[parts->n - 1];
    parts->n = 1;
    return OK;
}

static enum status check_count(struct binder *b, const struct node *n, const struct function *f,
                               size_t args)
{
    if (args >= (size_t)f->min_args && (f->max_args < 0 || args <= (size_t)f->max_args)) {
        return OK;
    }
    if (f->max_args < 0) {
        return bind_fail(b, n, ERR_UNKNOWN_FUNCTION, "%s() takes at least %d argument%s, not %zu",
                         f->name, f->min_args, f->min_args == 1 ? "" : "s", args);
    }
    if (f->min_args == f->max_args) {
        return bind_fail(b, n, ERR_UNKNOWN_FUNCTION, "%s() takes %d argument%s, not %zu", f->name,
                         f->min_args, f->min_args == 1 ? "" : "s", args);
    }
    return bind_fail(b, n, ERR_UNKNOWN_FUNCTION, "%s() takes %d to %d arguments, not %zu", f->name,
                     f->min_args, f->max_args, args);
}

/* ---- result types ---- */

static struct node *argument(const struct node_func *f, size_t i)
{
    struct node *n = i < f->args.n ? f->args.at[i] : NULL;
    return n && n->kind == NODE_NAMED_ARG ? node_named_arg(n)->value : n;
}

static const struct type *common_of(struct binder *b, const struct node_func *f, size_t from)
{
    const struct type *t = type_simple(TYPE_NULL);
    for (size_t i = from; i < f->args.n; i++) {
        struct node *n = argument(f, i);
        bool adapts = n->kind == NODE_LITERAL && type_is_integer(n->type) && type_is_integer(t);
        t = adapts ? t : type_common(b->a, t, bind_known_type(n));
    }
    return t;
}

static const struct type *sum_type(struct binder *b, const struct type *t)
{
    if (t->kind == TYPE_UINT16) {
        return type_simple(TYPE_FLOAT8);
    }
    if (type_is_integer(t) || t->kind == TYPE_BOOL) {
        return type_simple(TYPE_INT16);
    }
    if (t->kind == TYPE_DECIMAL) {
        return type_decimal(b->a, 38, t->scale);
    }
    if (type_is_other(t, "BIGNUM")) {
        return t;
    }
    bool is_float = t->kind == TYPE_FLOAT4 || t->kind == TYPE_FLOAT8;
    return type_simple(is_float ? TYPE_FLOAT8 : TYPE_UNKNOWN);
}

static const struct type *avg_type(const struct type *t)
{
    if (type_is_number(t)) {
        return type_simple(TYPE_FLOAT8);
    }
    return t->kind == TYPE_DATE ? type_simple(TYPE_TIMESTAMP) : t;
}

static const struct type *median_type(const struct type *t)
{
    return type_is_integer(t) ? type_simple(TYPE_FLOAT8)
                              : (t->kind == TYPE_DATE ? type_simple(TYPE_TIMESTAMP) : t);
}

/* ceil() of an integer is DOUBLE, round() of it an integer; DECIMAL loses its digits. */
static const struct type *rounded(struct binder *b, const struct function *f, const struct type *t,
                                  size_t args)
{
    if (t->kind == TYPE_DECIMAL) {
        return args == 1 ? type_decimal(b->a, t->width, 0) : type_simple(TYPE_UNKNOWN);
    }
    if (t->kind == TYPE_UINT16) {
        return type_simple(TYPE_UNKNOWN);
    }
    if (type_is_integer(t)) {
        return f->rule == RESULT_CEIL ? type_simple(TYPE_FLOAT8) : t;
    }
    return t;
}

static const struct type *part_type(const struct node *part)
{
    if (part->kind != NODE_LITERAL) {
        return type_simple(TYPE_UNKNOWN);
    }
    struct str text = node_literal_const(part)->text;
    bool is_real = str_iis(text, "epoch") || str_iis(text, "julian");
    return type_simple(is_real ? TYPE_FLOAT8 : TYPE_INT8);
}

static const struct type *truncated(const struct type *t)
{
    return t->kind == TYPE_DATE || t->kind == TYPE_TIMESTAMP         ? type_simple(TYPE_TIMESTAMP)
           : t->kind == TYPE_TIMESTAMPTZ || t->kind == TYPE_INTERVAL ? t
                                                                     : type_simple(TYPE_UNKNOWN);
}

/* add(a, b) and its like are the engine's operators by name. */
static const struct type *arithmetic_type(struct binder *b, const struct function *f,
                                          const struct node_func *n)
{
    static const struct {
        const char *name;
        enum op op;
    } operators[] = {{"add", OP_ADD},        {"subtract", OP_SUB},    {"multiply", OP_MUL},
                     {"divide", OP_INT_DIV}, {"ieee_divide", OP_DIV}, {"mod", OP_MOD}};
    const struct node *x = argument(n, 0), *y = argument(n, 1);
    if (!y) {
        return x->type;
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (strcmp(operators[i].name, f->name) == 0) {
            return type_of_binary(b->a, operators[i].op, bind_type_beside(x, y->type),
                                  bind_type_beside(y, x->type));
        }
    }
    return type_simple(TYPE_UNKNOWN);
}

static const struct type *series_type(struct binder *b, const struct type *t)
{
    enum type_kind kind = type_is_integer(t)                                  ? TYPE_INT8
                          : t->kind == TYPE_TIMESTAMPTZ                       ? TYPE_TIMESTAMPTZ
                          : t->kind == TYPE_DATE || t->kind == TYPE_TIMESTAMP ? TYPE_TIMESTAMP
                                                                              : TYPE_UNKNOWN;
    return kind == TYPE_UNKNOWN ? type_simple(kind) : type_list(b->a, type_simple(kind));
}

static const struct type *list_of(struct binder *b, const struct type *t)
{
    return t->kind == TYPE_UNKNOWN ? t : type_list(b->a, t);
}

/* regexp_extract() with names for its groups gives a structure of them. */
static bool gives_groups(const struct function *f, const struct node_func *n)
{
    return n->args.n > 2 && n->args.at[2]->kind == NODE_LIST &&
           strcmp(f->name, "regexp_extract") == 0;
}

static const struct type *result_type(struct binder *b, const struct function *f,
                                      const struct node_func *n)
{
    const struct type *unknown = type_simple(TYPE_UNKNOWN);
    struct node *first = argument(n, 0);
    const struct type *t = first ? first->type : unknown;
    if (t->kind == TYPE_NULL && f->rule != RESULT_COMMON && f->rule != RESULT_IF &&
        f->rule != RESULT_FIXED && f->rule != RESULT_LIST && f->rule != RESULT_TRUNC &&
        f->rule != RESULT_PART && f->rule != RESULT_SPELLED) {
        return unknown; /* the engine picks a variant by rules of its own */
    }
    switch (f->rule) {
    case RESULT_FIXED:
        return gives_groups(f, n) ? unknown : type_simple(f->result);
    case RESULT_LIST:
        return type_list(b->a, type_simple(f->result));
    case RESULT_ARG_0:
        return t;
    case RESULT_SERIES:
        return series_type(b, t);
    case RESULT_ARITHMETIC:
        return arithmetic_type(b, f, n);
    case RESULT_COMMON:
        return common_of(b, n, 0);
    case RESULT_IF:
        return common_of(b, n, 1);
    case RESULT_SUM:
        return sum_type(b, t);
    case RESULT_AVG:
        return avg_type(t);
    case RESULT_MEDIAN:
        return median_type(t);
    case RESULT_ROUND:
    case RESULT_CEIL:
        return rounded(b, f, t, n->args.n);
    case RESULT_EXTREME:
        return n->args.n > 1 ? list_of(b, t) : t;
    case RESULT_EXTREME_BY:
        return n->args.n > 2 ? list_of(b, t) : t;
    case RESULT_PART:
        return part_type(first);
    case RESULT_TRUNC:
        return truncated(argument(n, 1)->type);
    case RESULT_CONCAT:
        return type_simple(type_is_open(t) || t->kind == TYPE_LIST ? TYPE_UNKNOWN : TYPE_TEXT);
    case RESULT_LIST_ARG_0:
        return list_of(b, t);
    case RESULT_ELEMENT_0:
        return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY ? t->child : unknown;
    case RESULT_MOMENT:
        return type_simple(spell_moment_type(n));
    case RESULT_MOVED:
        return type_simple(spell_moved_type(n));
    case RESULT_SPELLED:
        return spell_result(b->a, n);
    case RESULT_ENGINE:
        break;
    }
    return unknown;
}

/* ---- parameters among the arguments ---- */

/* Functions of documents take a variant as it is; those that add up take its number. */
static void scalar_args(struct binder *b, const struct function *f, struct node_func *n)
{
    bool is_of_documents = strncmp(f->name, "json", 4) == 0 || f->flags & FUNCTION_SPELLED;
    bool counts_on_numbers = f->rule == RESULT_SUM || f->rule == RESULT_AVG ||
                             f->rule == RESULT_MEDIAN || f->rule == RESULT_ROUND ||
                             f->rule == RESULT_CEIL;
    for (uint32_t i = 0; i < n->args.n && !is_of_documents; i++) {
        struct node *arg = n->args.at[i];
        struct node **at =
            arg->kind == NODE_NAMED_ARG ? &node_named_arg(arg)->value : &n->args.at[i];
        bind_scalar_kind(b, at, counts_on_numbers && i == 0 ? TYPE_FLOAT8 : function_arg(f, i));
    }
}

static void settle_args(struct binder *b, const struct function *f, struct node_func *n)
{
    scalar_args(b, f, n);
    bool same = f->rule == RESULT_COMMON || f->rule == RESULT_IF ||
                (f->rule == RESULT_ARG_0 && f->kind == FUNCTION_SCALAR);
    const struct type *common =
        same ? common_of(b, n, f->rule == RESULT_IF ? 1 : 0) : type_simple(TYPE_UNKNOWN);
    for (size_t i = 0; i < n->args.n; i++) {
        struct node *arg = argument(n, i);
        bind_settle_kind(b, arg, function_arg(f, i));
        if (f->rule == RESULT_IF && i == 0) {
            bind_settle_kind(b, arg, TYPE_BOOL);
        } else if (same) {
            for (size_t k = 0; type_is_open(common) && k < n->args.n; k++) {
                bind_settle(b, arg, argument(n, k)->type);
            }
            bind_settle(b, arg, common);
        }
    }
}

/* A total function is total over the types that it is made for: text of another type is cast first.
 */
static bool has_odd_argument(struct binder *b, const struct function *f, const struct node_func *n)
{
    for (size_t i = 0; i < n->args.n; i++) {
        enum type_kind wanted = function_arg(f, i);
        const struct node *arg = argument(n, i);
        if (wanted != TYPE_UNKNOWN && wanted != arg->type->kind && arg->kind != NODE_LITERAL &&
            !type_is_widening(arg->type, type_simple(wanted))) {
            return true;
        }
        /* The condition, and nothing to compare the first with. */
        if (f->rule == RESULT_IF && i < 2) {
            if (i == 0 && arg->type->kind != TYPE_BOOL) {
                return true;
            }
            continue;
        }
        if ((f->rule == RESULT_COMMON || f->rule == RESULT_IF) && i > 0 &&
            arg->kind != NODE_LITERAL && !type_same(arg->type, argument(n, i - 1)->type) &&
            !type_may_meet(b->a, arg->type, argument(n, i - 1)->type)) {
            return true;
        }
    }
    return false;
}

/* ---- windows ---- */

/* `all`, which may be NULL, gets where they come from. */
static enum status bind_order_items(struct binder *b, struct scope *s, struct node_list *l,
                                    struct bound_expr *all)
{
    enum origin_use place = b->place == USE_WINDOW ? USE_WINDOW : USE_ORDERING;
    for (uint32_t i = 0; i < l->n; i++) {
        struct bound_expr v;
        if (bind_used_at(b, s, &node_order_item(l->at[i])->expr, &v, place) != OK) {
            return FAIL;
        }
        if (all) {
            all->origins = lineage_union(b->a, all->origins, lineage_derived(b->a, v.origins));
        }
    }
    return OK;
}

static enum status window_parts(struct binder *b, struct scope *s, struct node_window *w)
{
    if (w->named && bind_window_name(b, s, &w->named) != OK) {
        return FAIL;
    }
    if (bind_used_list(b, s, &w->partition) != OK ||
        bind_order_items(b, s, &w->order, NULL) != OK) {
        return FAIL;
    }
    if (w->start_expr && bind_used(b, s, &w->start_expr, NULL) != OK) {
        return FAIL;
    }
    if (w->end_expr && bind_used(b, s, &w->end_expr, NULL) != OK) {
        return FAIL;
    }
    struct node *ends[] = {w->start_expr, w->end_expr};
    for (int i = 0; i < 2; i++) {
        if (ends[i] && w->frame != FRAME_RANGE) {
            bind_settle_kind(b, ends[i], TYPE_INT8);
        }
        b->out->may_fail |= ends[i] && ends[i]->kind != NODE_LITERAL;
    }
    return OK;
}

enum status bind_window(struct binder *b, struct scope *s, struct node_window *w)
{
    enum origin_use before = bind_place(b, USE_WINDOW);
    enum status status = window_parts(b, s, w);
    b->place = before;
    return status;
}

/* ---- the call ---- */

/* Of what a lambda gets, where the first argument is a list. */
static const struct type *element_type(const struct node *list)
{
    const struct type *t = list->type;
    return !t ? NULL : t->kind == TYPE_LIST ? t->child : t->kind == TYPE_JSON ? t : NULL;
}

enum status bind_func_args(struct binder *b, struct scope *s, struct node_func *f,
                           struct bound_expr *first, struct bound_expr *all)
{
    for (uint32_t i = 0; i < f->args.n; i++) {
        struct node *arg = f->args.at[i];
        struct node **at =
            arg->kind == NODE_NAMED_ARG ? &node_named_arg(arg)->value : &f->args.at[i];
        struct bound_expr v;
        bool is_lambda = i > 0 && (*at)->kind == NODE_LAMBDA;
        s->element = is_lambda ? element_type(f->args.at[0]) : NULL;
        if (bind_expr(b, s, at, &v) != OK) {
            return FAIL;
        }
        bool is_summed = bind_sums(s, f, &v);
        bind_use(b, is_summed ? lineage_summed(b->a, v.origins) : v.origins);
        if (is_summed && b->view_depth == 0 && b->references.n) {
            b->references.at[b->references.n - 1].is_summed = true;
        }
        s->element = NULL;
        all->origins = lineage_union(b->a, all->origins, lineage_derived(b->a, v.origins));
        all->is_const = all->is_const && v.is_const;
        if (i == 0 && first) {
            *first = v;
        }
    }
    return OK;
}

static enum status bind_modifiers(struct binder *b, struct scope *s, struct node_func *f,
                                  const struct function *def, struct bound_expr *all)
{
    bool may_aggregate = def->kind == FUNCTION_AGGREGATE || def->kind == FUNCTION_WINDOW;
    bool has_modifier = f->distinct || f->order.n || f->within_group.n || f->filter || f->over;
    if (has_modifier && !may_aggregate) {
        return bind_fail(b, &f->base, ERR_BAD_SQL, "%s() is not an aggregate function", def->name);
    }
    if (def->kind == FUNCTION_WINDOW && !f->over) {
        return bind_fail(b, &f->base, ERR_BAD_SQL, "window function %s requires an OVER clause",
                         def->name);
    }
    /* What an ordered-set aggregate gives is one of the values that it sorts. */
    if (bind_order_items(b, s, &f->order, NULL) != OK ||
        bind_order_items(b, s, &f->within_group, all) != OK) {
        return FAIL;
    }
    if (f->filter && bind_used_at(b, s, &f->filter, NULL, USE_PREDICATE) != OK) {
        return FAIL;
    }
    if (f->over && f->over->kind == NODE_WINDOW && bind_window(b, s, node_window(f->over)) != OK) {
        return FAIL;
    }
    if (f->over && f->over->kind == NODE_IDENT && bind_window_name(b, s, &f->over) != OK) {
        return FAIL;
    }
    return OK;
}

/* percentile_cont(0.5) WITHIN GROUP (ORDER BY x): of the type of x. */
static const struct type *ordered_set_type(const struct function *def, const struct node_func *f)
{
    const struct type *t = node_order_item_const(f->within_group.at[0])->expr->type;
    bool is_one = f->args.n == 1 && f->args.at[0]->kind == NODE_LITERAL;
    if (is_one && strcmp(def->name, "percentile_cont") == 0) {
        return median_type(t);
    }
    return is_one && strcmp(def->name, "percentile_disc") == 0 ? t : type_simple(TYPE_UNKNOWN);
}

static enum status bind_star_call(struct binder *b, struct node_func *f, const struct function *def)
{
    if (strcmp(def->name, "count") != 0 || f->args.n) {
        return bind_fail(b, &f->base, ERR_UNSUPPORTED, "%s(*) is not supported", def->name);
    }
    return OK;
}

static bool is_alias_call(const struct node_func *f, struct str name)
{
    bool has_modifier = f->star || f->distinct || f->over || f->filter || f->order.n ||
                        f->within_group.n || f->limit;
    return str_iis(name, "alias") && f->args.n == 1 && !has_modifier &&
           f->args.at[0]->kind == NODE_COLUMN_REF;
}

/* alias(x): what the column is called. The value isn't looked at. */
static enum status alias_of(struct binder *b, struct scope *s, struct node **n,
                            struct bound_expr *out)
{
    struct node *column = node_func(*n)->args.at[0];
    struct bound_expr ignored = {0};
    if (bind_expr(b, s, &column, &ignored) != OK) {
        return FAIL;
    }
    if (column->kind != NODE_COLUMN_REF) {
        return unknown_function(b, *n, STR("alias"));
    }
    const struct node_list *parts = &node_column_ref(column)->parts;
    struct node *literal = make_literal(b->a, LIT_STRING, ident_text(parts->at[parts->n - 1]));
    literal->offset = (*n)->offset;
    literal->length = (*n)->length;
    *n = literal;
    *out = (struct bound_expr){type_simple(TYPE_TEXT), lineage_none(), false, true};
    return OK;
}

enum status bind_func(struct binder *b, struct scope *s, struct node **n, struct bound_expr *out)
{
    struct node_func *f = node_func(*n);
    struct str name;
    if (bind_is_array_query(*n)) {
        return bind_array_query(b, s, n, out);
    }
    bool is_sequence = false;
    enum status sequence = bind_sequence_call(b, n, out, &is_sequence);
    if (is_sequence) {
        return sequence;
    }
    const struct node_list *parts = &node_name(f->name)->parts;
    bool is_macro = false;
    if (parts->n > 1 || !function_find(ident_text(parts->at[0]))) {
        enum status macro = bind_macro_call(b, s, n, out, &is_macro);
        if (is_macro) {
            return macro;
        }
    }
    if (function_name(b, f->name, &name) != OK) {
        return FAIL;
    }
    const struct function *def = function_find(name);
    if (!def && is_alias_call(f, name)) {
        return alias_of(b, s, n, out);
    }
    if (!def) {
        return unknown_function(b, *n, name);
    }
    if (f->star ? bind_star_call(b, f, def) != OK : check_count(b, *n, def, f->args.n) != OK) {
        return FAIL;
    }
    if (bind_setting_as_query(b, f)) {
        return bind_macro_call(b, s, n, out, &is_macro);
    }
    if (def->flags & FUNCTION_SESSION) {
        return bind_session_value(b, def, n, out);
    }
    *out = (struct bound_expr){type_simple(TYPE_UNKNOWN), lineage_none(), false,
                               !(def->flags & FUNCTION_VOLATILE) && def->kind == FUNCTION_SCALAR};
    f->bound = def;
    b->has_json |= strstr(def->name, "json") != NULL;
    if (bind_func_args(b, s, f, NULL, out) != OK || bind_modifiers(b, s, f, def, out) != OK) {
        return FAIL;
    }
    settle_args(b, def, f);
    if (bind_check_arguments(b, f) != OK) {
        return FAIL;
    }
    out->origins = bind_aggregated(b, f, out->origins);
    out->type = f->within_group.n ? ordered_set_type(def, f) : result_type(b, def, f);
    b->out->is_volatile |= (def->flags & FUNCTION_VOLATILE) != 0;
    b->out->may_fail |=
        !(def->flags & FUNCTION_TOTAL) || has_odd_argument(b, def, f) || rewrite_needle(f);
    (*n)->type = out->type;
    bind_subscripts_from_zero(b, n);
    return OK;
}
