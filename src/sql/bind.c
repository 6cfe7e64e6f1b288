/* The binder's entrance: one statement, its kind, its tables, its outputs, its parameters. */
#include "sql/bind.h"

#include "sql/bind_ddl.h"
#include "sql/foreign.h"

static enum status bind_outer_query(struct binder *b, struct node *query)
{
    struct columns columns = {0};
    struct node *body = node_query(query)->body;
    b->shown = body->kind == NODE_SELECT ? &node_select(body)->targets : NULL;
    if (bind_query(b, NULL, NULL, query, &columns) != OK) {
        return FAIL;
    }
    b->out->outputs = columns.at;
    b->out->output_count = columns.n;
    return OK;
}

static enum status bind_explain(struct binder *b, struct node_explain *n)
{
    if (n->format == EXPLAIN_JSON || n->format == EXPLAIN_TABULAR) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "this format of EXPLAIN is not supported");
    }
    if (n->statement->kind != NODE_QUERY) {
        return bind_fail(b, n->statement, ERR_UNSUPPORTED, "EXPLAIN takes a query");
    }
    if (bind_outer_query(b, n->statement) != OK) {
        return FAIL;
    }
    b->out->kind = STATEMENT_EXPLAIN;
    struct output_column *plan = ARENA_NEW(b->a, struct output_column);
    *plan =
        (struct output_column){STR("QUERY PLAN"), type_simple(TYPE_TEXT), lineage_none(), false};
    for (size_t i = 0; i < b->out->output_count; i++) {
        bind_use(b, b->out->outputs[i].origins); /* a plan shows what it computes, unmasked */
    }
    b->out->outputs = plan;
    b->out->output_count = 1;
    return OK;
}

/* How a statement that isn't run is called; NULL: it never comes here. */
static const char *statement_words(const struct node *n)
{
    switch (n->kind) {
    case NODE_MULTI_INSERT:
        return "INSERT into several tables";
    case NODE_ALTER_SEQUENCE:
        return "ALTER SEQUENCE";
    case NODE_DESCRIBE:
        return node_describe_const(n)->summarize ? "SUMMARIZE" : "DESCRIBE";
    case NODE_SHOW_OBJECTS:
        return "SHOW of objects";
    case NODE_ALTER_SESSION:
        return "ALTER SESSION";
    case NODE_SET_VARIABLE:
    case NODE_UNSET_VARIABLE:
        return "a variable of the session";
    case NODE_USE:
        return "USE";
    case NODE_LOCK:
        return "LOCK";
    case NODE_PREPARE:
        return "PREPARE";
    case NODE_EXECUTE:
        return "EXECUTE";
    case NODE_DECLARE_CURSOR:
    case NODE_FETCH:
    case NODE_CLOSE:
        return "a cursor";
    case NODE_CALL:
        return "CALL";
    default:
        return NULL;
    }
}

static enum status bind_statement(struct binder *b, struct node **stmt)
{
    struct node *n = *stmt;
    switch (n->kind) {
    case NODE_QUERY:
        b->out->kind = STATEMENT_QUERY;
        return bind_outer_query(b, n);
    case NODE_EXPLAIN:
        return bind_explain(b, node_explain(n));
    case NODE_INSERT:
        return bind_insert(b, node_insert(n));
    case NODE_UPDATE:
        return bind_update(b, node_update(n));
    case NODE_DELETE:
        return bind_delete(b, node_delete_stmt(n));
    case NODE_MERGE:
        return bind_merge(b, node_merge(n));
    case NODE_COPY:
        return bind_copy(b, node_copy_stmt(n));
    case NODE_CREATE_TABLE:
        return bind_create_table(b, node_create_table(n));
    case NODE_CREATE_VIEW:
        return bind_create_view(b, node_create_view(n));
    case NODE_CREATE_TYPE:
        return bind_create_type(b, node_create_type(n));
    case NODE_CREATE_INDEX:
        return bind_create_index(b, stmt);
    case NODE_DROP:
        return bind_drop(b, node_drop(n));
    case NODE_ALTER_TABLE:
        return bind_alter(b, stmt);
    case NODE_TRUNCATE:
        return bind_truncate(b, stmt);
    case NODE_CREATE_SCHEMA:
        return bind_create_schema(b, node_create_schema(n));
    case NODE_CREATE_SEQUENCE:
        return bind_create_sequence(b, node_create_sequence(n));
    case NODE_COMMENT:
        return bind_comment(b, node_comment(n));
    case NODE_CREATE_FUNCTION:
        return bind_create_function(b, stmt);
    case NODE_FOREIGN:
        return foreign_refuse(node_foreign_const(n), b->e);
    default:
        break;
    }
    const char *words = statement_words(n);
    if (words) {
        return bind_fail(b, n, ERR_UNSUPPORTED, "%s is not supported", words);
    }
    return bind_fail(b, n, ERR_UNSUPPORTED, "a %s statement has nothing to bind",
                     node_kind_name(n->kind));
}

/* Parameters that were typed after they were first met. */
static void finish_params(struct binder *b)
{
    for (size_t i = 0; i < b->param_nodes.n; i++) {
        struct node_param *p = b->param_nodes.at[i];
        p->base.type = b->params.at[p->number - 1];
    }
    b->out->params = b->params.at;
    b->out->param_count = b->params.n;
}

/* NULL without a type is an INTEGER on the engine, once it leaves it. */
static void finish_outputs(struct binder *b)
{
    for (size_t i = 0; i < b->out->output_count; i++) {
        struct output_column *c = &b->out->outputs[i];
        if (c->type->kind == TYPE_NULL) {
            c->type = type_simple(TYPE_INT4);
        }
        /* A value that isn't one base column, unchanged, can't be masked afterwards. */
        if (!c->is_bare) {
            bind_use(b, c->origins);
        }
    }
}

static void finish(struct binder *b)
{
    finish_params(b);
    b->out->tables = b->tables.at;
    b->out->table_count = b->tables.n;
    b->out->references = b->references.at;
    b->out->reference_count = b->references.n;
    b->out->views = b->views.at;
    b->out->view_count = b->views.n;
    b->out->described = b->described.at;
    b->out->described_count = b->described.n;
}

enum status sql_bind(const struct bind_context *ctx, struct node **stmt, struct binding **out,
                     struct error *e)
{
    struct error own = ERROR_INIT;
    struct binder b = {.ctx = ctx,
                       .a = ctx->arena,
                       .e = e ? e : &own,
                       .place = USE_EXPRESSION,
                       .names = map_new()};
    b.out = ARENA_NEW(ctx->arena, struct binding);
    b.out->uses = lineage_none();
    enum status status = bind_refuse(&b, stmt);
    if (status == OK) {
        status = bind_statement(&b, stmt);
    }
    if (status == OK) {
        bind_drop_unread(&b);
        status = bind_settle_aliases(&b, stmt);
    }
    if (status == OK) {
        status = bind_check_row_numbers(&b);
    }
    if (status == OK) {
        status = bind_check_variant(&b);
    }
    if (status == OK) {
        finish(&b);
        finish_outputs(&b);
        bind_show_documents(&b, stmt);
        *out = b.out;
    }
    map_free(b.names, NULL);
    return status;
}

static enum walk find_query(struct node **n, void *ctx)
{
    *(bool *)ctx |= (*n)->kind == NODE_QUERY;
    return WALK_ON;
}

static enum status bind_filter(struct binder *b, const struct table *table, struct node **expr,
                               struct bound_filter *out)
{
    struct scope s = {0};
    struct bound_table *row = bind_new_table(b, table, NULL, false);
    struct range *r = range_of_table(b, table->name, row);
    out->row = row;
    r->schema = table->schema;
    for (size_t i = 0; i < r->n; i++) { /* who may see the row isn't asked where it is looked at */
        r->columns[i].value.origins = r->columns[i].bound->origins = lineage_none();
        r->columns[i].value.is_bare = false;
    }
    if (bind_refuse(b, expr) != OK || scope_add(b, &s, r, *expr) != OK ||
        bind_where(b, &s, expr) != OK) {
        return FAIL;
    }
    bind_drop_unread(b);
    return b->out->takes_numbers
               ? bind_fail(b, *expr, ERR_UNSUPPORTED, "a row filter can't use a sequence")
               : bind_settle_aliases(b, expr);
}

enum status sql_bind_filter(const struct bind_context *ctx, const struct table *table,
                            unsigned depth, struct node **expr, struct bound_filter *out,
                            struct error *e)
{
    struct error own = ERROR_INIT;
    struct binder b = {.ctx = ctx,
                       .a = ctx->arena,
                       .e = e ? e : &own,
                       .place = USE_EXPRESSION,
                       .prefix = arena_printf(ctx->arena, BIND_OF_FILTER "%u.", depth),
                       .names = map_new()};
    bool has_query = false;
    *out = (struct bound_filter){0};
    b.out = ARENA_NEW(ctx->arena, struct binding);
    b.out->kind = STATEMENT_QUERY;
    b.out->uses = lineage_none();
    (void)node_walk(expr, find_query, &has_query);
    enum status status = bind_filter(&b, table, expr, out);
    if (status == OK && has_query) {
        status = bind_check_row_numbers(&b);
    }
    if (status == OK) {
        finish(&b);
        out->reads = has_query ? b.out : NULL;
        out->taken_count = bind_clashing(&b, &out->taken);
    }
    map_free(b.names, NULL);
    return status;
}
