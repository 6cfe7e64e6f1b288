/* COMMENT ON: kept by the engine beside the object, shown by DESCRIBE and information_schema. Of a
 * view the engine's comment is its definition, so what somebody says of it stands before that. */
#include "sql/bind_ddl.h"
#include "sql/make.h"

/* The engine's name of a column has three parts. */
struct node *bind_make_comment(struct binder *b, struct str engine_schema, struct str table,
                               struct str column, struct node *text)
{
    struct node *n = node_new(b->a, NODE_COMMENT, 0), *name = make_name(b->a, table);
    node_name(name)->engine_schema = engine_schema;
    if (column.n) {
        node_push(b->a, &node_name(name)->parts, make_ident(b->a, column));
    }
    node_comment(n)->object = column.n ? OBJECT_COLUMN : OBJECT_TABLE;
    node_comment(n)->name = name;
    node_comment(n)->text = text;
    return n;
}

/* [[database.]schema.]table.column: the name of the table, and the column. */
static enum status split_column(struct binder *b, const struct node *name, struct node **table,
                                struct node **column)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    if (parts->n < 2) {
        return bind_fail(b, name, ERR_BAD_SQL, "name a column as table.column");
    }
    *column = parts->at[parts->n - 1];
    *table = node_new(b->a, NODE_NAME, name->offset);
    for (uint32_t i = 0; i + 1 < parts->n; i++) {
        node_push(b->a, &node_name(*table)->parts, parts->at[i]);
    }
    return OK;
}

static struct node *view_text(struct binder *b, const struct table *view, const struct node *text)
{
    const struct node_literal *l = node_literal_const(text);
    struct str definition = view->definition;
    if (l->lit != LIT_STRING) {
        return make_literal(b->a, LIT_STRING, definition);
    }
    return make_literal(b->a, LIT_STRING,
                        catalog_view_text(b->a, l->text.p ? l->text : STR(""), definition));
}

enum status bind_comment(struct binder *b, struct node_comment *n)
{
    struct node *table = n->name, *column = NULL;
    const struct table *t = NULL;
    bool is_view = n->object == OBJECT_VIEW;
    b->out->kind = STATEMENT_DDL;
    if ((n->object != OBJECT_TABLE && !is_view && n->object != OBJECT_COLUMN) ||
        n->name->kind != NODE_NAME || n->if_exists) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "COMMENT on this is not supported");
    }
    if (n->object == OBJECT_COLUMN && split_column(b, n->name, &table, &column) != OK) {
        return FAIL;
    }
    const struct table *named = column ? sql_find_table(b->ctx, table) : NULL;
    bool of_view = is_view || (named && named->is_view);
    if (bind_own(b, table, false, of_view ? OWN_VIEW : OWN_TABLE, &t) != OK) {
        return FAIL;
    }
    int at = column ? table_column(t, ident_text(column)) : 0;
    if (at < 0) {
        return bind_fail(b, column, ERR_UNKNOWN_COLUMN,
                         "column \"%.*s\" of relation \"%.*s\" does not exist",
                         STR_ARG(ident_text(column)), STR_ARG(t->name));
    }
    bind_add_ddl_table(b, t);
    n->name = table;
    if (column) {
        node_push(b->a, &node_name(table)->parts, bind_ident(b, t->columns[at].name, column));
    }
    if (is_view) {
        n->text = view_text(b, t, n->text);
    }
    return OK;
}
