/* Macros and functions in SQL: CREATE keeps their text, as that of a view is kept, and a call is
 * opened here for each caller, so that what policies say of the tables beneath applies. The engine
 * never hears of them.
 *
 * Arguments are bound where the call stands. The body is bound in a scope of its own, in which a
 * parameter's name means its argument and no name of the caller's is known. Where rows are called
 * for, a bare name that is no column there means one of the body's. */
#include "sql/bind_macro.h"
#include "sql/system_function.h"

/* ---- parameters ---- */

struct contents {
    bool has_query, is_volatile;
    size_t nodes;
};

static enum walk look(struct node **n, void *ctx)
{
    struct contents *c = ctx;
    c->nodes++;
    c->has_query |= (*n)->kind == NODE_QUERY;
    if ((*n)->kind == NODE_FUNC) {
        const struct function *f = node_func(*n)->bound;
        c->is_volatile |= !f || (f->flags & FUNCTION_VOLATILE);
    }
    return WALK_ON;
}

/* An argument stands in the body as often as its parameter does; one that isn't the same each time,
 * or has tables in it, may stand there once. */
enum status bind_macro_param(struct binder *b, struct scope *s, const struct scope *at,
                             struct node **n, struct bound_expr *out, bool *is_found)
{
    const struct node_list *parts = &node_column_ref(*n)->parts;
    for (struct macro_param *p = at->macro; p && parts->n == 1; p = p->next) {
        if (!str_ieq(p->name, ident_text(parts->at[0])) || p->is_asking) {
            continue;
        }
        if (p->is_name) {
            *n = node_copy(b->a, p->value);
            p->is_asking = true;
            enum status status = bind_reference(b, s, n, out);
            p->is_asking = false;
            *is_found = status == OK;
            return status;
        }
        struct contents c = {0};
        (void)node_walk(&p->value, look, &c);
        b->nodes_copied += c.nodes;
        if (b->nodes_copied > BIND_MAX_COPIED) {
            return error_set(b->e, ERR_STATEMENT_TOO_COMPLEX,
                             "macros make the statement too complex");
        }
        if (p->is_used && (c.has_query || c.is_volatile)) {
            return error_set(b->e, ERR_UNSUPPORTED,
                             "an argument with a sub-query, or that changes, is used twice");
        }
        *n = p->is_used ? node_copy(b->a, p->value) : p->value;
        *out = p->known;
        p->is_used = *is_found = true;
        return OK;
    }
    return OK;
}

struct macro_param *macro_param_new(struct binder *b, struct macro_param **list, struct str name)
{
    struct macro_param *p = ARENA_NEW(b->a, struct macro_param);
    p->name = name;
    p->next = *list;
    *list = p;
    return p;
}

/* The argument of a place or a name; NULL: its default. */
static struct node *argument_of(const struct node_func *f, uint32_t place, struct str name)
{
    for (uint32_t i = 0; i < f->args.n; i++) {
        struct node *arg = f->args.at[i];
        if (arg->kind != NODE_NAMED_ARG) {
            if (i == place) {
                return arg;
            }
        } else if (str_ieq(node_named_arg(arg)->name, name)) {
            return node_named_arg(arg)->value;
        }
    }
    return NULL;
}

/* A bare name that means nothing where the call stands. */
static bool is_foreign_name(const struct scope *s, const struct node *n)
{
    const struct node_list *parts =
        n->kind == NODE_COLUMN_REF ? &node_column_ref_const(n)->parts : NULL;
    if (!parts || parts->n != 1) {
        return false;
    }
    for (; s; s = s->parent) {
        for (const struct macro_param *p = s->macro; p; p = p->next) {
            if (str_ieq(p->name, ident_text(parts->at[0]))) {
                return false;
            }
        }
        if (s->lambdas || scope_has_column(s, ident_text(parts->at[0]))) {
            return false;
        }
    }
    return true;
}

static enum status take_arguments(struct binder *b, struct scope *s, const struct node_func *f,
                                  const struct node_function_body *body, struct macro_param **out)
{
    bool is_rows = body->body->kind == NODE_QUERY && body->returns_table;
    for (uint32_t i = 0; i < body->params.n; i++) {
        const struct node_function_param *param = node_function_param_const(body->params.at[i]);
        struct str name = ident_text(param->name);
        struct node *value = argument_of(f, i, name);
        struct scope none = {0};
        bool given = value != NULL;
        value = given ? value : node_copy(b->a, param->default_value);
        if (param->type) {
            struct node *cast = node_new(b->a, NODE_CAST, f->base.offset);
            node_cast(cast)->operand = value;
            node_cast(cast)->target = node_copy(b->a, param->type);
            value = cast;
        }
        struct macro_param *p = macro_param_new(b, out, name);
        p->value = value;
        p->is_name = is_rows && given && !param->type && is_foreign_name(s, value);
        if (p->is_name) {
            continue;
        }
        if (bind_expr(b, given ? s : &none, &p->value, &p->known) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* ---- opening ---- */

struct opened {
    struct str name;
    bool is_one, is_system;
    const struct node_function_body *body;
    struct scope inside;
};

/* Of the organization's own functions the reason isn't told: it may name what the caller may not
 * know of. */
static enum status failed(struct binder *b, const struct node *at, const struct opened *o)
{
    enum error_code code = b->e->code;
    if (o->is_system) {
        return bind_fail(b, at, code, "%s(): %s", arena_strdup(b->a, o->name),
                         arena_strdup(b->a, str_of(b->e->message)));
    }
    bool is_limit = code == ERR_STATEMENT_TOO_COMPLEX;
    return bind_fail(b, at, is_limit ? code : ERR_UNSUPPORTED,
                     is_limit ? "the function \"%.*s\" makes the statement too complex"
                              : "the function \"%.*s\" doesn't fit what it is called with, or the "
                                "tables that it reads",
                     STR_ARG(o->name));
}

static enum status open_text(struct binder *b, struct str text,
                             const struct node_create_function **out)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list statements = {0};
    if (b->view_depth >= BIND_VIEW_DEPTH) {
        return error_set(b->e, ERR_STATEMENT_TOO_COMPLEX, "too many functions within each other");
    }
    if (sql_parse(b->a, text, DIALECT_POSTGRES, &limits, &statements, b->e) != OK) {
        return FAIL;
    }
    if (statements.n != 1 || statements.at[0]->kind != NODE_CREATE_FUNCTION) {
        return error_set(b->e, ERR_UNSUPPORTED, "the definition isn't a function's");
    }
    *out = node_create_function_const(statements.at[0]);
    return OK;
}

static enum status open_macro(struct binder *b, const struct table *macro,
                              const struct node_create_function **out)
{
    if (b->views_opened++ >= BIND_MAX_VIEWS) {
        return error_set(b->e, ERR_STATEMENT_TOO_COMPLEX, "too many functions and views");
    }
    if (open_text(b, arena_str(b->a, macro->definition), out) != OK) {
        return FAIL;
    }
    bind_add_view(b, macro);
    return OK;
}

/* The body for so many arguments, or NULL. */
static const struct node_function_body *choose(const struct node_create_function *n,
                                               const struct node_func *f)
{
    for (uint32_t i = 0; i < n->bodies.n; i++) {
        const struct node_function_body *body = node_function_body_const(n->bodies.at[i]);
        bool fits = f->args.n <= body->params.n;
        for (uint32_t k = 0; k < body->params.n && fits; k++) {
            const struct node_function_param *p = node_function_param_const(body->params.at[k]);
            fits = p->default_value || argument_of(f, k, ident_text(p->name));
        }
        if (fits) {
            return body;
        }
    }
    return NULL;
}

static bool has_modifiers(const struct node_func *f)
{
    return f->star || f->distinct || f->nulls || f->order.n || f->within_group.n || f->filter ||
           f->over;
}

/* The function that is meant, opened; *is_one: false where none is. */
static enum status find_text(struct binder *b, struct node_func *f, struct opened *o,
                             const struct node_create_function **text)
{
    const struct node_list *parts = &node_name(f->name)->parts;
    struct str schema = parts->n == 2 ? ident_text(parts->at[0]) : STR("");
    struct str system = STR_NULL;
    if (parts->n > 2) {
        return OK;
    }
    o->name = ident_text(parts->at[parts->n - 1]);
    system = system_function_text(b->a, schema, o->name);
    o->is_system = system.p != NULL;
    if (o->is_system) {
        return open_text(b, system, text);
    }
    const struct table *macro = bind_find_macro(b, schema, o->name);
    if (!macro) {
        return OK;
    }
    o->name = macro->name;
    node_name(f->name)->schema = macro->schema;
    return open_macro(b, macro, text);
}

static enum status open_call(struct binder *b, struct scope *s, struct node_func *f,
                             struct opened *out)
{
    const struct node_create_function *text = NULL;
    if (find_text(b, f, out, &text) != OK) {
        return failed(b, &f->base, out);
    }
    if (!text) {
        return OK;
    }
    out->is_one = true;
    out->body = choose(text, f);
    if (!out->body || has_modifiers(f)) {
        return bind_fail(b, &f->base, ERR_UNKNOWN_FUNCTION,
                         "function \"%.*s\" doesn't take these arguments", STR_ARG(out->name));
    }
    return take_arguments(b, s, f, out->body, &out->inside.macro);
}

static void enter_body(struct binder *b)
{
    b->view_depth++;
    b->lasting_views++;
}

static void leave_body(struct binder *b)
{
    b->view_depth--;
    b->lasting_views--;
}

struct node *macro_body_expr(struct binder *b, const struct node_function_body *body)
{
    struct node *expr = body->body;
    if (expr->kind == NODE_QUERY) {
        struct node *sub = node_new(b->a, NODE_SUBQUERY, expr->offset);
        node_subquery(sub)->query = expr;
        expr = sub;
    }
    if (body->returns) {
        struct node *cast = node_new(b->a, NODE_CAST, expr->offset);
        node_cast(cast)->operand = expr;
        node_cast(cast)->target = body->returns;
        expr = cast;
    }
    return expr;
}

enum status bind_macro_call(struct binder *b, struct scope *s, struct node **n,
                            struct bound_expr *out, bool *is_one)
{
    struct opened o = {0};
    enum status status = open_call(b, s, node_func(*n), &o);
    *is_one = o.is_one || status != OK;
    if (status != OK || !o.is_one) {
        return status;
    }
    if (o.body->returns_table || o.body->returns_set) {
        return bind_fail(b, *n, ERR_UNSUPPORTED,
                         "the function \"%.*s\" gives rows: call it in FROM", STR_ARG(o.name));
    }
    struct node *expr = macro_body_expr(b, o.body);
    enter_body(b);
    status = bind_expr(b, &o.inside, &expr, out);
    leave_body(b);
    if (status != OK) {
        return failed(b, *n, &o);
    }
    *n = expr;
    out->is_const = false;
    return OK;
}

enum status macro_call_system(struct binder *b, const char *name, struct node **arg,
                              struct bound_expr *known)
{
    struct opened o = {.name = str_of(name), .is_system = true};
    const struct node_create_function *text = NULL;
    const struct node *at = *arg;
    if (open_text(b, system_function_text(b->a, STR(""), o.name), &text) != OK) {
        return failed(b, at, &o);
    }
    o.body = node_function_body_const(text->bodies.at[0]);
    struct str param = ident_text(node_function_param_const(o.body->params.at[0])->name);
    struct macro_param *p = macro_param_new(b, &o.inside.macro, param);
    p->value = *arg;
    p->known = *known;
    *arg = macro_body_expr(b, o.body);
    enter_body(b);
    enum status status = bind_expr(b, &o.inside, arg, known);
    leave_body(b);
    known->is_const = false;
    return status == OK ? OK : failed(b, at, &o);
}

enum status bind_macro_query(struct binder *b, struct scope *s, struct node *call,
                             struct node **query, struct columns *columns, bool *is_one)
{
    struct opened o = {0};
    enum status status = open_call(b, s, node_func(call), &o);
    *is_one = o.is_one || status != OK;
    if (status != OK || !o.is_one) {
        return status;
    }
    if (o.body->body->kind != NODE_QUERY) {
        return bind_fail(b, call, ERR_UNSUPPORTED, "the function \"%.*s\" gives one value, no rows",
                         STR_ARG(o.name));
    }
    *query = o.body->body;
    enter_body(b);
    status = bind_query(b, &o.inside, NULL, *query, columns);
    leave_body(b);
    if (status != OK) {
        return failed(b, call, &o);
    }
    const struct node_list *names = &o.body->returns_columns;
    if (names->n && names->n != columns->n) {
        return bind_fail(b, call, ERR_UNSUPPORTED, "the function \"%.*s\" gives other columns now",
                         STR_ARG(o.name));
    }
    for (uint32_t i = 0; i < names->n; i++) {
        columns->at[i].name = ident_text(node_column_def(names->at[i])->name);
    }
    return OK;
}
