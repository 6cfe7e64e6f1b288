#include "pipeline/view.h"

#include "base/buf.h"
#include "sql/print.h"

enum { LONGEST_DEFINITION = 4 << 20 };

static struct node *typed_null(struct arena *a, const struct output_column *column)
{
    const struct type *t =
        column->type && column->type->kind != TYPE_UNKNOWN && column->type->kind != TYPE_NULL
            ? column->type
            : type_simple(TYPE_TEXT);
    struct node *null = node_new(a, NODE_LITERAL, 0), *type = node_new(a, NODE_TYPE_NAME, 0);
    struct node *cast = node_new(a, NODE_CAST, 0), *target = node_new(a, NODE_TARGET, 0);
    struct node *alias = node_new(a, NODE_IDENT, 0);
    node_literal(null)->lit = LIT_NULL;
    node_type_name(type)->text = type_name(a, t);
    node_type_name(type)->resolved = t;
    node_cast(cast)->operand = null;
    node_cast(cast)->target = type;
    node_ident(alias)->text = column->name;
    node_target(target)->expr = cast;
    node_target(target)->alias = alias;
    return target;
}

/* SELECT NULL::type AS column, ... : the shape without the content. */
static struct node *shape_query(struct arena *a, const struct binding *b)
{
    struct node *select = node_new(a, NODE_SELECT, 0), *query = node_new(a, NODE_QUERY, 0);
    for (size_t i = 0; i < b->view_column_count; i++) {
        node_push(a, &node_select(select)->targets, typed_null(a, &b->view_columns[i]));
    }
    node_query(query)->body = select;
    return query;
}

static enum status put_literal(struct arena *a, struct str text, struct buf *out, struct error *e)
{
    struct node *literal = node_new(a, NODE_LITERAL, 0);
    node_literal(literal)->lit = LIT_STRING;
    node_literal(literal)->text = text;
    return sql_print(literal, PRINT_DUCKDB, out, e);
}

static enum status put_ident(struct arena *a, struct str text, struct buf *out, struct error *e)
{
    struct node *ident = node_new(a, NODE_IDENT, 0);
    node_ident(ident)->text = text;
    node_ident(ident)->quoted = true;
    return sql_print(ident, PRINT_DUCKDB, out, e);
}

static enum status comment_sql(struct statement *s, struct str definition, struct buf *out,
                               struct error *e)
{
    const struct node_create_view *view = node_create_view_const(s->plan->now.stmt);
    const struct node_list *parts = &node_name(view->name)->parts;
    buf_puts(out, "COMMENT ON VIEW ");
    if (put_ident(s->arena, node_name(view->name)->engine_schema, out, e) != OK) {
        return FAIL;
    }
    buf_puts(out, ".");
    if (put_ident(s->arena, node_ident(parts->at[parts->n - 1])->text, out, e) != OK) {
        return FAIL;
    }
    buf_puts(out, " IS ");
    return put_literal(s->arena, definition, out, e);
}

static enum status run_printed(struct statement *s, struct buf *sql, struct error *e)
{
    struct governor *g = s->plan->governor;
    if (sql->failed) {
        return error_set(e, ERR_STATEMENT_TOO_COMPLEX, "the view's definition is too large");
    }
    return engine_run(g->pipeline->config.engine, g->engine_session, buf_str(sql), e);
}

enum status view_create(struct statement *s, struct error *e)
{
    struct plan *p = s->plan;
    struct buf shape = BUF_INIT(LONGEST_DEFINITION), comment = BUF_INIT(LONGEST_DEFINITION);
    struct node *create = node_copy(s->arena, p->now.stmt);
    node_create_view(create)->query = shape_query(s->arena, p->now.binding);
    node_create_view(create)->columns.n = 0;
    enum status status = FAIL;
    if (sql_print(create, PRINT_DUCKDB, &shape, e) == OK &&
        comment_sql(s, p->now.binding->view_definition, &comment, e) == OK &&
        run_printed(s, &shape, e) == OK) {
        status = run_printed(s, &comment, e);
    }
    buf_free(&shape);
    buf_free(&comment);
    return status;
}
