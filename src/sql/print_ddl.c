/* CREATE, DROP and ALTER. */
#include "catalog/catalog.h"
#include "sql/print_priv.h"

static void print_check(struct printer *pr, const struct node *check)
{
    print_puts(pr, "CHECK (");
    print_expr(pr, check);
    print_puts(pr, ")");
}

static void print_column_def(struct printer *pr, const struct node *n)
{
    const struct node_column_def *column = node_column_def_const(n);
    print_ident(pr, column->name);
    if (column->type) {
        print_puts(pr, " ");
        print_type(pr, column->type);
    }
    if (column->default_value) {
        print_puts(pr, " DEFAULT ");
        print_operand(pr, column->default_value, PREC_PRIMARY);
    }
    print_puts(pr, column->not_null ? " NOT NULL" : "");
    print_puts(pr, column->primary_key ? " PRIMARY KEY" : "");
    print_puts(pr, column->unique ? " UNIQUE" : "");
    if (column->check) {
        print_puts(pr, " ");
        print_check(pr, column->check);
    }
}

static void print_constraint(struct printer *pr, const struct node *n)
{
    static const char *const words[] = {"PRIMARY KEY ", "UNIQUE ", "", "FOREIGN KEY "};
    const struct node_constraint *c = node_constraint_const(n);
    if (c->name) {
        print_puts(pr, "CONSTRAINT ");
        print_ident(pr, c->name);
        print_puts(pr, " ");
    }
    print_puts(pr, words[c->form]);
    if (c->form == CONSTRAINT_CHECK) {
        print_check(pr, c->check);
        return;
    }
    print_idents(pr, &c->columns);
    if (c->form == CONSTRAINT_FOREIGN_KEY) {
        print_puts(pr, " REFERENCES ");
        print_object(pr, c->table);
        if (c->foreign_columns.n) {
            print_puts(pr, " ");
            print_idents(pr, &c->foreign_columns);
        }
    }
}

struct create_words {
    int32_t or_replace, temporary, if_not_exists;
};

static void print_create(struct printer *pr, const struct node *n, struct create_words words,
                         const char *object, const struct node *name)
{
    if (for_engine(pr) &&
        words.temporary != str_is(node_name_const(name)->engine_schema, CATALOG_ENGINE_TEMP)) {
        print_fail(pr, n, "a temporary object in a schema that lasts is");
    }
    print_puts(pr, "CREATE ");
    print_puts(pr, words.or_replace ? "OR REPLACE " : "");
    print_puts(pr, words.temporary ? "TEMPORARY " : "");
    print_puts(pr, object);
    print_puts(pr, words.if_not_exists ? "IF NOT EXISTS " : "");
    print_object(pr, name);
}

void print_create_table(struct printer *pr, const struct node *n)
{
    const struct node_create_table *create = node_create_table_const(n);
    print_create(
        pr, n, (struct create_words){create->or_replace, create->temporary, create->if_not_exists},
        "TABLE ", create->name);
    if (create->columns.n || create->constraints.n) {
        print_puts(pr, " (");
        print_list(pr, &create->columns, print_column_def);
        print_puts(pr, create->columns.n && create->constraints.n ? ", " : "");
        print_list(pr, &create->constraints, print_constraint);
        print_puts(pr, ")");
    }
    if (create->query) {
        print_puts(pr, " AS ");
        print_query(pr, create->query);
    }
}

void print_create_view(struct printer *pr, const struct node *n)
{
    const struct node_create_view *view = node_create_view_const(n);
    print_create(pr, n,
                 (struct create_words){view->or_replace, view->temporary, view->if_not_exists},
                 "VIEW ", view->name);
    if (view->columns.n) {
        print_puts(pr, " ");
        print_idents(pr, &view->columns);
    }
    print_puts(pr, " AS ");
    print_query(pr, view->query);
}

static const char *object_words(int32_t object)
{
    return object == OBJECT_TABLE ? "TABLE " : object == OBJECT_VIEW ? "VIEW " : "SCHEMA ";
}

void print_drop(struct printer *pr, const struct node *n)
{
    const struct node_drop *drop = node_drop_const(n);
    if (for_engine(pr) && (drop->object == OBJECT_SCHEMA || drop->names.n != 1)) {
        print_fail(pr, n, "dropping a schema or several objects at once is");
    }
    print_puts(pr, "DROP ");
    print_puts(pr, object_words(drop->object));
    print_puts(pr, drop->if_exists ? "IF EXISTS " : "");
    print_list(pr, &drop->names, print_object);
    print_puts(pr, drop->cascade ? " CASCADE" : "");
}

static void print_alter_column(struct printer *pr, const struct node_alter_action *action)
{
    print_puts(pr, "ALTER COLUMN ");
    print_ident(pr, action->column);
    switch ((enum alter_verb)action->verb) {
    case ALTER_SET_TYPE:
        print_puts(pr, " SET DATA TYPE ");
        print_type(pr, action->type);
        if (action->value) {
            print_puts(pr, " USING ");
            print_expr(pr, action->value);
        }
        return;
    case ALTER_SET_DEFAULT:
        print_puts(pr, " SET DEFAULT ");
        print_expr(pr, action->value);
        return;
    case ALTER_DROP_DEFAULT:
        print_puts(pr, " DROP DEFAULT");
        return;
    case ALTER_SET_NOT_NULL:
        print_puts(pr, " SET NOT NULL");
        return;
    default:
        print_puts(pr, " DROP NOT NULL");
        return;
    }
}

static void print_action(struct printer *pr, const struct node *n)
{
    const struct node_alter_action *action = node_alter_action_const(n);
    switch ((enum alter_verb)action->verb) {
    case ALTER_ADD_COLUMN:
        print_puts(pr, action->if_exists ? "ADD COLUMN IF NOT EXISTS " : "ADD COLUMN ");
        print_column_def(pr, action->definition);
        return;
    case ALTER_DROP_COLUMN:
        print_puts(pr, action->if_exists ? "DROP COLUMN IF EXISTS " : "DROP COLUMN ");
        print_ident(pr, action->column);
        print_puts(pr, action->cascade ? " CASCADE" : "");
        return;
    case ALTER_RENAME_COLUMN:
        print_puts(pr, "RENAME COLUMN ");
        print_ident(pr, action->column);
        print_puts(pr, " TO ");
        print_ident(pr, action->new_name);
        return;
    case ALTER_RENAME_TABLE:
        print_puts(pr, "RENAME TO ");
        print_ident(pr, action->new_name);
        return;
    default:
        print_alter_column(pr, action);
        return;
    }
}

void print_alter(struct printer *pr, const struct node *n)
{
    const struct node_alter_table *alter = node_alter_table_const(n);
    if (for_engine(pr) && (alter->actions.n != 1 || alter->object == OBJECT_SCHEMA)) {
        print_fail(pr, n, "more than one action in ALTER is");
    }
    print_puts(pr, "ALTER ");
    print_puts(pr, object_words(alter->object));
    print_puts(pr, alter->if_exists ? "IF EXISTS " : "");
    print_object(pr, alter->name);
    print_puts(pr, " ");
    print_list(pr, &alter->actions, print_action);
}
