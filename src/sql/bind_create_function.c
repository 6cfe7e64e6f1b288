/* CREATE MACRO and CREATE FUNCTION: the text is kept, once it is known to bind. */
#include "sql/bind_ddl.h"
#include "sql/bind_macro.h"
#include "sql/make.h"
#include "sql/print.h"

static const char *unkept(const struct node_create_function *n)
{
    bool is_sql = !n->language.n || str_iis(n->language, "sql");
    return n->object == OBJECT_PROCEDURE ? "CREATE PROCEDURE"
           : !is_sql || n->source        ? "a function in a language other than SQL"
           : n->temporary                ? "a temporary function"
           : n->options.n                ? "this clause of CREATE FUNCTION"
           : n->comment                  ? "COMMENT of a function"
                                         : NULL;
}

/* What a parameter is while the body is looked at: of its type, or of any. */
static enum status stand_in(struct binder *b, const struct node_function_param *param,
                            struct macro_param **list)
{
    struct str name = ident_text(param->name);
    const struct type *type = type_simple(TYPE_UNKNOWN);
    if (!param->name || param->mode != PARAM_IN) {
        return bind_fail(b, &param->base, ERR_UNSUPPORTED, "a parameter has a name and no mode");
    }
    for (const struct macro_param *p = *list; p; p = p->next) {
        if (str_ieq(p->name, name)) {
            return bind_fail(b, &param->base, ERR_DUPLICATE_COLUMN,
                             "parameter \"%.*s\" specified more than once", STR_ARG(name));
        }
    }
    if (param->type && bind_type_name(b, param->type, &type) != OK) {
        return FAIL;
    }
    struct macro_param *p = macro_param_new(b, list, name);
    p->value = make_literal(b->a, LIT_NULL, STR_NULL);
    p->value->type = type;
    p->known = (struct bound_expr){type, lineage_none(), false, false};
    return OK;
}

static enum status check_body(struct binder *b, struct node_function_body *body)
{
    struct scope inside = {0};
    struct columns columns = {0};
    struct bound_expr ignored;
    for (uint32_t i = 0; i < body->params.n; i++) {
        if (stand_in(b, node_function_param(body->params.at[i]), &inside.macro) != OK) {
            return FAIL;
        }
    }
    if (body->returns_table || body->returns_set) {
        return body->body->kind == NODE_QUERY
                   ? bind_query(b, &inside, NULL, body->body, &columns)
                   : bind_fail(b, body->body, ERR_BAD_SQL, "rows come of a query");
    }
    struct node *expr = macro_body_expr(b, body);
    return bind_expr(b, &inside, &expr, &ignored);
}

static enum status check_bodies(struct binder *b, struct node_create_function *n)
{
    const struct lineage *uses = b->out->uses;
    enum status status = OK;
    b->is_query_body = true;
    for (uint32_t i = 0; i < n->bodies.n && status == OK; i++) {
        status = check_body(b, node_function_body(n->bodies.at[i]));
    }
    b->is_query_body = false;
    b->out->uses = uses; /* they count when it is called: then it is bound again */
    return status == OK ? bind_refuse_temporary(b, &n->base) : FAIL;
}

/* A view that reads nothing, whose text is the function's. */
static struct node *as_view(struct binder *b, const struct node_create_function *n,
                            struct str engine_schema, struct str name)
{
    struct node *view = node_new(b->a, NODE_CREATE_VIEW, n->base.offset);
    struct node *schema = node_new(b->a, NODE_CREATE_SCHEMA, n->base.offset);
    struct node *nothing = node_new(b->a, NODE_SELECT, n->base.offset);
    node_push(b->a, &node_select(nothing)->targets,
              make_target(b->a, make_literal(b->a, LIT_NULL, STR_NULL), STR("x")));
    node_create_view(view)->query = make_query(b->a, nothing);
    node_create_view(view)->name = make_name(b->a, name);
    node_name(node_create_view(view)->name)->engine_schema = engine_schema;
    node_create_view(view)->or_replace = n->or_replace;
    node_create_view(view)->if_not_exists = n->if_not_exists;
    node_create_schema(schema)->name = make_name(b->a, engine_schema);
    node_create_schema(schema)->object = OBJECT_SCHEMA;
    node_create_schema(schema)->if_not_exists = 1;
    node_name(node_create_schema(schema)->name)->engine_schema = engine_schema;
    node_push(b->a, &b->out->before, schema);
    b->out->view_columns = ARENA_NEW(b->a, struct output_column);
    *b->out->view_columns =
        (struct output_column){STR("x"), type_simple(TYPE_TEXT), lineage_none(), false};
    b->out->view_column_count = 1;
    return view;
}

enum status bind_create_function(struct binder *b, struct node **stmt)
{
    struct node_create_function *n = node_create_function(*stmt);
    struct str engine_schema, name;
    b->out->kind = STATEMENT_DDL;
    n->secure = 0; /* every function is: its text is shown to nobody */
    if (bind_refuse_unkept(b, &n->base, unkept(n)) != OK ||
        bind_new_macro(b, n->name, n->or_replace || n->if_not_exists, &engine_schema, &name) !=
            OK) {
        return FAIL;
    }
    struct node *copy = node_copy(b->a, *stmt);
    struct named_tables bound = bind_named_tables(b->a, *stmt);
    struct named_tables copies = bind_named_tables(b->a, copy);
    if (check_bodies(b, n) != OK) {
        return FAIL;
    }
    bind_qualify(b, &bound, &copies);
    node_create_function(copy)->or_replace = node_create_function(copy)->if_not_exists = 0;
    if (bind_keep_definition(b, copy) != OK) {
        return FAIL;
    }
    *stmt = as_view(b, n, engine_schema, name);
    return OK;
}
