#include "pipeline/view.h"

#include "base/buf.h"
#include "sql/make.h"
#include "sql/print.h"

enum { LONGEST_DEFINITION = 4 << 20 };

static struct node *typed_null(struct arena *a, const struct output_column *column)
{
    const struct type *t =
        column->type && column->type->kind != TYPE_UNKNOWN && column->type->kind != TYPE_NULL
            ? column->type
            : type_simple(TYPE_TEXT);
    struct node *null = make_literal(a, LIT_NULL, STR_NULL);
    return make_target(a, make_cast(a, null, t), column->name);
}

/* SELECT NULL::type AS column, ... : the shape without the content. */
static struct node *shape_query(struct arena *a, const struct binding *b)
{
    struct node *select = node_new(a, NODE_SELECT, 0);
    for (size_t i = 0; i < b->view_column_count; i++) {
        node_push(a, &node_select(select)->targets, typed_null(a, &b->view_columns[i]));
    }
    return make_query(a, select);
}

static enum status comment_sql(struct statement *s, struct str definition, struct buf *out,
                               struct error *e)
{
    const struct node_create_view *view = node_create_view_const(s->plan->now.stmt);
    const struct node_list *parts = &node_name(view->name)->parts;
    buf_puts(out, "COMMENT ON VIEW ");
    if (sql_print(make_ident(s->arena, node_name(view->name)->engine_schema), PRINT_DUCKDB, out,
                  e) != OK) {
        return FAIL;
    }
    buf_puts(out, ".");
    if (sql_print(parts->at[parts->n - 1], PRINT_DUCKDB, out, e) != OK) {
        return FAIL;
    }
    buf_puts(out, " IS ");
    return sql_print(make_literal(s->arena, LIT_STRING, definition), PRINT_DUCKDB, out, e);
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
    if (node_create_view(p->now.stmt)->if_not_exists && !p->now.binding->creates) {
        return OK; /* what is there stays as it is */
    }
    struct buf shape = BUF_INIT(LONGEST_DEFINITION), comment = BUF_INIT(LONGEST_DEFINITION);
    struct node *create = node_copy(s->arena, p->now.stmt);
    /* IF NOT EXISTS is decided here: the engine would pass over the view that is there, and its
     * definition be replaced. */
    if (node_create_view(create)->if_not_exists && !p->now.binding->creates) {
        return OK;
    }
    node_create_view(create)->if_not_exists = false;
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
