/* CREATE of what isn't a table, DROP, COMMENT, TRUNCATE. */
#include "sql/print_priv.h"

/* ---- views ---- */

static void print_view_columns(struct printer *pr, const struct node_create_view *view)
{
    if (view->details.n) {
        print_puts(pr, " (");
        print_list(pr, &view->details, print_column_def);
        print_puts(pr, ")");
    } else if (view->columns.n) {
        print_puts(pr, " ");
        print_idents(pr, &view->columns);
    }
}

void print_create_view(struct printer *pr, const struct node *n)
{
    static const char *const checks[] = {"", " WITH LOCAL CHECK OPTION", " WITH CHECK OPTION"};
    static const char *const forms[] = {"VIEW ", "SECURE VIEW ", "MATERIALIZED VIEW ",
                                        "SECURE MATERIALIZED VIEW "};
    const struct node_create_view *view = node_create_view_const(n);
    bool says_more = view->secure || view->materialized || view->details.n || view->check_option ||
                     view->comment || view->copy_grants || view->options.n;
    if (must_be_bound(pr) && says_more) {
        print_fail(pr, n, "what is said of a view here is");
    }
    print_create(pr, n,
                 (struct create_words){view->or_replace, view->temporary, view->if_not_exists},
                 forms[(view->secure ? 1 : 0) + (view->materialized ? 2 : 0)], view->name);
    print_view_columns(pr, view);
    print_comment_option(pr, view->comment);
    print_puts(pr, view->copy_grants ? " COPY GRANTS" : "");
    print_clauses(pr, &view->options);
    print_puts(pr, " AS ");
    print_query(pr, view->query);
    print_puts(pr, view->no_data ? " WITH NO DATA" : "");
    print_puts(pr, checks[view->check_option]);
}

/* ---- schemas, sequences ---- */

/* For the engine a schema of its own, whatever its name was. */
static void print_schema_name(struct printer *pr, const struct node *n)
{
    const struct node_name *name = node_name_const(n);
    if (!must_be_bound(pr)) {
        print_parts(pr, &name->parts, 0);
    } else if (name->engine_schema.n == 0) {
        print_fail(pr, n, "a name that isn't bound is");
    } else {
        print_quoted(pr, name->engine_schema);
    }
}

static void print_create_schema(struct printer *pr, const struct node *n)
{
    const struct node_create_schema *create = node_create_schema_const(n);
    if (must_be_bound(pr) && (create->object == OBJECT_DATABASE || create->or_replace ||
                              create->owner || create->clone || create->options.n)) {
        print_fail(pr, n, "this form of CREATE SCHEMA is");
    }
    print_puts(pr, create->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    print_puts(pr, create->transient ? "TRANSIENT " : "");
    print_puts(pr, create->object == OBJECT_DATABASE ? "DATABASE" : "SCHEMA");
    print_puts(pr, create->if_not_exists ? " IF NOT EXISTS" : "");
    if (create->name) {
        print_puts(pr, " ");
        print_schema_name(pr, create->name);
    }
    if (create->owner) {
        print_puts(pr, " AUTHORIZATION ");
        print_ident(pr, create->owner);
    }
    if (create->clone) {
        print_puts(pr, " CLONE ");
        print_parts(pr, &node_name_const(create->clone)->parts, 0);
        print_time_travel(pr, create->at, create->before);
    }
    print_comment_option(pr, create->comment);
    print_clauses(pr, &create->options);
}

/* A word of the list that began at `start`, a space between. */
static void print_item(struct printer *pr, size_t start, const char *word)
{
    print_puts(pr, pr->out->n > start ? " " : "");
    print_puts(pr, word);
}

static void print_amount(struct printer *pr, size_t start, const char *word, const struct node *n)
{
    if (n) {
        print_item(pr, start, word);
        print_puts(pr, " ");
        if (n->kind == NODE_LITERAL || n->kind == NODE_UNARY) {
            print_expr(pr, n);
        } else {
            print_token(pr, n);
        }
    }
}

static void print_said(struct printer *pr, size_t start, int32_t said, const char *yes,
                       const char *no)
{
    if (said) {
        print_item(pr, start, said == SAID_YES ? yes : no);
    }
}

void print_sequence_options(struct printer *pr, const struct node *n)
{
    const struct node_sequence_options *o = node_sequence_options_const(n);
    size_t start = pr->out->n;
    if (o->type) {
        print_item(pr, start, "AS ");
        print_type(pr, o->type);
    }
    print_amount(pr, start, "START WITH", o->start);
    print_amount(pr, start, "INCREMENT BY", o->increment);
    print_amount(pr, start, "MINVALUE", o->min);
    print_amount(pr, start, "MAXVALUE", o->max);
    print_said(pr, start, o->no_min, "NO MINVALUE", "");
    print_said(pr, start, o->no_max, "NO MAXVALUE", "");
    print_amount(pr, start, "CACHE", o->cache);
    print_said(pr, start, o->cycle, "CYCLE", "NO CYCLE");
    print_said(pr, start, o->ordered, "ORDER", "NOORDER");
    print_amount(pr, start, "OWNED BY", o->owned_by);
    print_said(pr, start, o->restart, "RESTART", "");
    print_amount(pr, start, "WITH", o->restart_with);
    print_amount(pr, start, "COMMENT", o->comment);
}

static void print_create_sequence(struct printer *pr, const struct node *n)
{
    const struct node_create_sequence *create = node_create_sequence_const(n);
    print_create(
        pr, n, (struct create_words){create->or_replace, create->temporary, create->if_not_exists},
        "SEQUENCE ", create->name);
    if (create->options) {
        print_puts(pr, " ");
        print_sequence_options(pr, create->options);
    }
}

static void print_alter_sequence(struct printer *pr, const struct node *n)
{
    const struct node_alter_sequence *alter = node_alter_sequence_const(n);
    print_puts(pr, alter->if_exists ? "ALTER SEQUENCE IF EXISTS " : "ALTER SEQUENCE ");
    print_object(pr, alter->name);
    print_puts(pr, alter->unset_comment ? " UNSET COMMENT" : " ");
    if (alter->options) {
        print_sequence_options(pr, alter->options);
    }
    if (alter->new_name) {
        print_puts(pr, "RENAME TO ");
        print_token(pr, alter->new_name);
    }
    if (alter->new_schema) {
        print_puts(pr, "SET SCHEMA ");
        print_ident(pr, alter->new_schema);
    }
}

/* ---- types, indexes ---- */

static void print_create_type(struct printer *pr, const struct node *n)
{
    const struct node_create_type *create = node_create_type_const(n);
    print_create(
        pr, n, (struct create_words){create->or_replace, create->temporary, create->if_not_exists},
        "TYPE ", create->name);
    print_puts(pr, " AS ");
    if (create->type) {
        print_type(pr, create->type);
        return;
    }
    print_puts(pr, "ENUM (");
    print_list(pr, &create->labels, print_literal);
    if (create->query) {
        print_query(pr, create->query);
    }
    print_puts(pr, ")");
}

/* The engine's indexes have no direction. */
static void print_key(struct printer *pr, const struct node *n)
{
    print_operand(pr, node_order_item_const(n)->expr, PREC_PRIMARY);
}

static void print_create_index(struct printer *pr, const struct node *n)
{
    const struct node_create_index *create = node_create_index_const(n);
    if (must_be_bound(pr) && (create->or_replace || create->concurrently || create->method.n ||
                              create->include.n || create->options.n || create->where)) {
        print_fail(pr, n, "this form of CREATE INDEX is");
    }
    print_puts(pr, create->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    print_puts(pr, create->unique ? "UNIQUE INDEX " : "INDEX ");
    print_puts(pr, create->concurrently ? "CONCURRENTLY " : "");
    print_puts(pr, create->if_not_exists ? "IF NOT EXISTS " : "");
    if (create->name) {
        print_parts(pr, &node_name_const(create->name)->parts, 0);
        print_puts(pr, " ");
    }
    print_puts(pr, "ON ");
    print_object(pr, create->table);
    if (create->method.n && !must_be_bound(pr)) { /* the engine has one */
        print_puts(pr, " USING ");
        print_quoted(pr, create->method);
    }
    print_puts(pr, " (");
    print_list(pr, &create->keys, must_be_bound(pr) ? print_key : print_order_item);
    print_puts(pr, ")");
    if (create->include.n) {
        print_puts(pr, " INCLUDE ");
        print_idents(pr, &create->include);
    }
    print_clauses(pr, &create->options);
    if (create->where) {
        print_puts(pr, " WHERE ");
        print_expr(pr, create->where);
    }
}

/* ---- DROP, COMMENT, TRUNCATE ---- */

static void print_named(struct printer *pr, const struct node *n)
{
    if (n->kind == NODE_NAME) {
        print_object(pr, n);
    } else {
        print_token(pr, n);
    }
}

static void print_drop(struct printer *pr, const struct node *n)
{
    const struct node_drop *drop = node_drop_const(n);
    bool is_schema = drop->object == OBJECT_SCHEMA;
    bool is_given = is_schema || drop->object == OBJECT_TABLE || drop->object == OBJECT_VIEW ||
                    drop->object == OBJECT_SEQUENCE || drop->object == OBJECT_TYPE ||
                    drop->object == OBJECT_INDEX;
    if (must_be_bound(pr) && (!is_given || drop->names.n != 1)) {
        print_fail(pr, n, "dropping this or several objects at once is");
    }
    print_puts(pr, "DROP ");
    print_puts(pr, object_words((enum object_kind)drop->object));
    print_puts(pr, drop->if_exists ? " IF EXISTS " : " ");
    print_list(pr, &drop->names, is_schema ? print_schema_name : print_named);
    print_puts(pr, drop->cascade ? " CASCADE" : "");
}

/* schema.table, or schema.table.column */
static void print_commented(struct printer *pr, const struct node *n)
{
    const struct node_name *name = n->kind == NODE_NAME ? node_name_const(n) : NULL;
    if (!name || name->engine_schema.n == 0) {
        print_fail(pr, n, "a name that isn't bound is");
        return;
    }
    print_quoted(pr, name->engine_schema);
    print_puts(pr, ".");
    print_parts(pr, &name->parts, 0);
}

static void print_comment(struct printer *pr, const struct node *n)
{
    const struct node_comment *comment = node_comment_const(n);
    print_puts(pr, comment->if_exists ? "COMMENT IF EXISTS ON " : "COMMENT ON ");
    print_puts(pr, object_words((enum object_kind)comment->object));
    print_puts(pr, " ");
    if (must_be_bound(pr)) {
        print_commented(pr, comment->name);
    } else {
        print_token(pr, comment->name);
    }
    print_puts(pr, " IS ");
    print_literal(pr, comment->text);
}

static void print_truncate(struct printer *pr, const struct node *n)
{
    const struct node_truncate_stmt *truncate = node_truncate_stmt_const(n);
    print_puts(pr, truncate->if_exists ? "TRUNCATE TABLE IF EXISTS " : "TRUNCATE TABLE ");
    print_list(pr, &truncate->tables, print_written_table);
    print_puts(pr, truncate->restart_identity ? " RESTART IDENTITY" : "");
    print_puts(pr, truncate->cascade ? " CASCADE" : "");
}

/* The others are translated into what the engine is given, or refused, by whoever binds them. */
void print_ddl(struct printer *pr, const struct node *n)
{
    bool is_given = n->kind == NODE_CREATE_TABLE || n->kind == NODE_CREATE_VIEW ||
                    n->kind == NODE_DROP || n->kind == NODE_ALTER_TABLE ||
                    n->kind == NODE_CREATE_SCHEMA || n->kind == NODE_CREATE_SEQUENCE ||
                    n->kind == NODE_COMMENT || n->kind == NODE_CREATE_TYPE ||
                    n->kind == NODE_CREATE_INDEX;
    if (must_be_bound(pr) && !is_given) {
        print_fail(pr, n, "this statement on the engine is");
        return;
    }
    switch (n->kind) {
    case NODE_CREATE_TABLE:
        print_create_table(pr, n);
        return;
    case NODE_CREATE_VIEW:
        print_create_view(pr, n);
        return;
    case NODE_CREATE_SCHEMA:
        print_create_schema(pr, n);
        return;
    case NODE_CREATE_SEQUENCE:
        print_create_sequence(pr, n);
        return;
    case NODE_ALTER_SEQUENCE:
        print_alter_sequence(pr, n);
        return;
    case NODE_CREATE_FUNCTION:
        print_create_function(pr, n);
        return;
    case NODE_CREATE_TYPE:
        print_create_type(pr, n);
        return;
    case NODE_CREATE_INDEX:
        print_create_index(pr, n);
        return;
    case NODE_DROP:
        print_drop(pr, n);
        return;
    case NODE_ALTER_TABLE:
        print_alter(pr, n);
        return;
    case NODE_COMMENT:
        print_comment(pr, n);
        return;
    default:
        print_truncate(pr, n);
        return;
    }
}
