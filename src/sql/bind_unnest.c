/* unnest(): of a list one column, the rows multiplied; of a structure, or of a list of structures
 * with `recursive` or `max_depth`, as many columns as it has fields. The engine makes those columns
 * itself, which would shift what stands to their right from its lineage; so they are written out
 * here, a field each. The type must be known for that: where it isn't, the engine is held to a
 * list. */
#include "sql/bind_state.h"
#include "sql/bind_type.h"

enum { MOST_LEVELS = 64 };

/* What the named arguments ask for. */
struct unnesting {
    int64_t levels; /* of nesting to open */
    bool keep_names;
};

bool bind_is_unnest(const struct node *n)
{
    if (n->kind != NODE_FUNC) {
        return false;
    }
    const struct node_list *parts = &node_name_const(node_func_const(n)->name)->parts;
    return parts->n == 1 && str_iis(ident_text(parts->at[0]), "unnest");
}

static bool is_list(const struct type *t)
{
    return t->kind == TYPE_LIST || t->kind == TYPE_ARRAY;
}

static struct node *call(struct binder *b, const char *name, struct node *x, struct node *y,
                         const struct type *type)
{
    struct node *n = node_new(b->a, NODE_FUNC, x->offset);
    struct node_func *f = node_func(n);
    f->name = node_new(b->a, NODE_NAME, x->offset);
    node_push(b->a, &node_name(f->name)->parts, bind_ident(b, str_of(name), x));
    node_push(b->a, &f->args, x);
    if (y) {
        node_push(b->a, &f->args, y);
    }
    f->bound = function_find(str_of(name));
    n->length = x->length;
    n->type = type;
    return n;
}

static struct node *number(struct binder *b, int64_t value, const struct node *at)
{
    struct node *n = node_new(b->a, NODE_LITERAL, at->offset);
    node_literal(n)->lit = LIT_INTEGER;
    node_literal(n)->text = str_of(arena_printf(b->a, "%lld", (long long)value));
    n->type = type_simple(TYPE_INT4);
    return n;
}

/* list_concat() takes lists only and changes nothing with NULL. */
static void hold_to_list(struct binder *b, struct node **list)
{
    struct node *null = node_new(b->a, NODE_LITERAL, (*list)->offset);
    node_literal(null)->lit = LIT_NULL;
    null->type = type_simple(TYPE_NULL);
    *list = call(b, "list_concat", *list, null, (*list)->type);
}

enum status bind_check_unnest(struct binder *b, struct node_func *f)
{
    struct node **arg = &f->args.at[0];
    bool is_named = f->args.n != 1 || (*arg)->kind == NODE_NAMED_ARG;
    const struct type *t = (*arg)->type;
    if (!is_named && (is_list(t) || t->kind == TYPE_NULL)) {
        return OK;
    }
    if (!is_named && t->kind == TYPE_UNKNOWN && (*arg)->kind != NODE_PARAM) {
        hold_to_list(b, arg);
        return OK;
    }
    return bind_fail(b, &f->base, ERR_UNSUPPORTED,
                     is_named ? "this unnest() must be an output of its own"
                              : "unnest() takes a list: cast it to one");
}

static bool read_flag(const struct node *n, bool *out)
{
    bool is_flag = n->kind == NODE_LITERAL && (node_literal_const(n)->lit == LIT_TRUE ||
                                               node_literal_const(n)->lit == LIT_FALSE);
    *out = is_flag && node_literal_const(n)->lit == LIT_TRUE;
    return is_flag;
}

static bool read_levels(const struct node *n, int64_t *out)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_INTEGER &&
           str_to_i64(node_literal_const(n)->text, out) && *out >= 1;
}

static enum status read_options(struct binder *b, const struct node_func *f, struct unnesting *u)
{
    *u = (struct unnesting){.levels = 1};
    for (uint32_t i = 1; i < f->args.n; i++) {
        const struct node *n = f->args.at[i];
        const struct node_named_arg *arg =
            n->kind == NODE_NAMED_ARG ? node_named_arg_const(n) : NULL;
        bool flag = false, is_right = false;
        if (arg && str_iis(arg->name, "recursive")) {
            is_right = read_flag(arg->value, &flag);
            u->levels = flag ? MOST_LEVELS : u->levels;
        } else if (arg && str_iis(arg->name, "keep_parent_names")) {
            is_right = read_flag(arg->value, &u->keep_names);
        } else if (arg && str_iis(arg->name, "max_depth")) {
            is_right = read_levels(arg->value, &u->levels);
        }
        if (!is_right) {
            return bind_fail(
                b, n, ERR_UNSUPPORTED,
                "unnest() takes recursive, max_depth and keep_parent_names, as literals");
        }
    }
    return OK;
}

/* A sub-query isn't copied: each occurrence of a table must be known once. */
static enum status copy(struct binder *b, struct node *value, struct node **out)
{
    struct copied c = bind_copied(value);
    if (c.has_query) {
        return bind_fail(b, value, ERR_UNSUPPORTED,
                         "unnest() of a sub-query's structure is not supported: put the sub-query "
                         "into FROM");
    }
    b->nodes_copied += c.nodes;
    if (b->nodes_copied > BIND_MAX_COPIED) {
        return bind_fail(b, value, ERR_STATEMENT_TOO_COMPLEX,
                         "unnest() makes the statement too complex");
    }
    *out = node_copy(b->a, value);
    return OK;
}

struct opening {
    struct binder *b;
    struct node_list *targets;
    bool keep_names;
};

static enum status open_value(struct opening *o, struct node *value, const struct type *t,
                              struct str name, int64_t levels);

static enum status open_fields(struct opening *o, struct node *value, const struct type *t,
                               struct str prefix, int64_t levels)
{
    struct arena *a = o->b->a;
    for (uint32_t i = 0; i < t->field_count; i++) {
        const struct type_field *f = &t->fields[i];
        struct str name = f->name.n ? f->name : str_of(arena_printf(a, "element%u", i + 1));
        if (o->keep_names && prefix.n) {
            name = str_of(arena_printf(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(name)));
        }
        struct node *of = value;
        if (i > 0 && copy(o->b, value, &of) != OK) {
            return FAIL;
        }
        struct node *field =
            call(o->b, "struct_extract_at", of, number(o->b, i + 1, value), f->type);
        if (open_value(o, field, f->type, name, levels) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status open_value(struct opening *o, struct node *value, const struct type *t,
                              struct str name, int64_t levels)
{
    if (t->kind == TYPE_STRUCT && levels > 0) {
        return open_fields(o, value, t, name, levels - 1);
    }
    struct node *target = node_new(o->b->a, NODE_TARGET, value->offset);
    node_target(target)->expr = value;
    node_target(target)->alias = bind_ident(o->b, name, value);
    node_push(o->b->a, o->targets, target);
    return bind_limit_list(o->b, value, o->targets->n);
}

/* The lists are opened by the engine, in one call; what is left is one column. */
static struct node *open_lists(struct binder *b, struct node *call_node, const struct type **t,
                               int64_t *levels)
{
    struct node_func *f = node_func(call_node);
    int64_t lists = 0;
    for (; is_list(*t) && *levels > 0; (*levels)--, lists++) {
        *t = (*t)->child;
    }
    if (lists == 0) {
        return f->args.at[0];
    }
    f->args.n = 1;
    if (lists > 1) {
        struct node *depth = node_new(b->a, NODE_NAMED_ARG, call_node->offset);
        node_named_arg(depth)->name = STR("max_depth");
        node_named_arg(depth)->value = number(b, lists, call_node);
        node_push(b->a, &f->args, depth);
    }
    call_node->type = *t;
    return call_node;
}

enum status bind_unnest_target(struct binder *b, struct scope *s, struct node_target *target,
                               struct node_list *out, struct bound_expr *value)
{
    struct node_func *f = node_func(target->expr);
    struct unnesting u;
    bool is_plain = f->args.n == 0 || f->star || f->distinct || f->order.n || f->within_group.n ||
                    f->filter || f->over || f->args.at[0]->kind == NODE_NAMED_ARG;
    if (is_plain || read_options(b, f, &u) != OK) {
        return is_plain ? bind_fail(b, target->expr, ERR_BAD_SQL, "unnest() takes a list") : FAIL;
    }
    if (bind_used(b, s, &f->args.at[0], value) != OK) {
        return FAIL;
    }
    f->bound = function_find(STR("unnest"));
    bind_use_at(b, value->origins, USE_ROWS);
    value->origins = lineage_derived(b->a, value->origins);
    value->is_bare = value->is_const = false;
    const struct type *t = f->args.at[0]->type;
    if (!is_list(t) && t->kind != TYPE_STRUCT) {
        if (t->kind == TYPE_UNKNOWN && u.levels > 1) {
            return bind_fail(
                b, target->expr, ERR_UNSUPPORTED,
                "unnest() of more than one level takes a value of a known type: cast it");
        }
        f->args.n = 1;
        if (bind_check_unnest(b, f) != OK) {
            return FAIL;
        }
        t = type_simple(TYPE_UNKNOWN);
        target->expr->type = t;
        u.levels = 0;
    }
    struct node *opened = u.levels ? open_lists(b, target->expr, &t, &u.levels) : target->expr;
    struct opening o = {b, out, u.keep_names};
    struct str name = target->alias ? ident_text(target->alias) : STR("unnest");
    bool is_struct = t->kind == TYPE_STRUCT && u.levels > 0;
    return open_value(&o, opened, t, is_struct ? STR("") : name, u.levels);
}
