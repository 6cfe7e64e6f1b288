/* ALTER of tables, views, schemas. */
#include "sql/print_priv.h"

static void print_typed(struct printer *pr, const struct node_alter_action *action)
{
    print_puts(pr, " SET DATA TYPE");
    if (action->type) {
        print_puts(pr, " ");
        print_type(pr, action->type);
    }
    if (action->value) {
        print_puts(pr, " USING ");
        print_expr(pr, action->value);
    }
}

static void print_alter_column(struct printer *pr, const struct node_alter_action *action)
{
    print_puts(pr, "ALTER COLUMN ");
    print_path(pr, action->column);
    switch ((enum alter_verb)action->verb) {
    case ALTER_SET_TYPE:
        print_typed(pr, action);
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
    case ALTER_DROP_NOT_NULL:
        print_puts(pr, " DROP NOT NULL");
        return;
    case ALTER_COMMENT_COLUMN:
        print_comment_option(pr, action->value);
        return;
    default:
        print_clauses(pr, &action->options);
        return;
    }
}

static void print_drop_constraint(struct printer *pr, const struct node_alter_action *action)
{
    bool is_named = action->constraint->kind == NODE_IDENT;
    print_puts(pr, is_named ? "DROP CONSTRAINT " : "DROP ");
    print_puts(pr, action->if_exists ? "IF EXISTS " : "");
    if (is_named) {
        print_ident(pr, action->constraint);
    } else {
        print_constraint(pr, action->constraint);
    }
    print_puts(pr, action->cascade ? " CASCADE" : "");
}

/* The verbs that concern the table and not a column of it. */
static void print_table_action(struct printer *pr, const struct node_alter_action *action)
{
    switch ((enum alter_verb)action->verb) {
    case ALTER_ADD_CONSTRAINT:
        print_puts(pr, "ADD ");
        print_constraint(pr, action->constraint);
        return;
    case ALTER_DROP_CONSTRAINT:
        print_drop_constraint(pr, action);
        return;
    case ALTER_RENAME_CONSTRAINT:
        print_puts(pr, "RENAME CONSTRAINT ");
        print_ident(pr, action->constraint);
        print_puts(pr, " TO ");
        print_ident(pr, action->new_name);
        return;
    case ALTER_SWAP_WITH:
        print_puts(pr, "SWAP WITH ");
        print_token(pr, action->new_name);
        return;
    case ALTER_SET_SCHEMA:
        print_puts(pr, "SET SCHEMA ");
        print_ident(pr, action->new_name);
        return;
    case ALTER_CLUSTER:
        print_puts(pr, action->cluster.n ? "" : "DROP CLUSTERING KEY");
        print_cluster(pr, &action->cluster);
        return;
    case ALTER_SET_OPTIONS:
        print_puts(pr, "SET ");
        print_items(pr, &action->options);
        return;
    case ALTER_UNSET_OPTIONS:
        print_puts(pr, "UNSET ");
        print_list(pr, &action->options, print_ident);
        return;
    default:
        print_items(pr, &action->options);
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
        print_path(pr, action->column);
        print_puts(pr, action->cascade ? " CASCADE" : "");
        return;
    case ALTER_RENAME_COLUMN:
        print_puts(pr, "RENAME COLUMN ");
        print_path(pr, action->column);
        print_puts(pr, " TO ");
        print_ident(pr, action->new_name);
        return;
    case ALTER_RENAME_TABLE:
        print_puts(pr, "RENAME TO ");
        print_path(pr, action->new_name);
        return;
    default:
        break;
    }
    if (action->column) {
        print_alter_column(pr, action);
    } else {
        print_table_action(pr, action);
    }
}

/* What the engine is given: one change, of those that it has. */
static bool is_given(const struct node_alter_table *alter)
{
    bool is_table = alter->object == OBJECT_TABLE || alter->object == OBJECT_VIEW;
    const struct node_alter_action *first =
        alter->actions.n == 1 ? node_alter_action_const(alter->actions.at[0]) : NULL;
    bool adds_key = first && first->verb == ALTER_ADD_CONSTRAINT &&
                    node_constraint_const(first->constraint)->form == CONSTRAINT_PRIMARY_KEY;
    return is_table && first && (first->verb <= ALTER_DROP_NOT_NULL || adds_key) &&
           !(first->verb == ALTER_SET_TYPE && !first->type) &&
           !(first->verb == ALTER_RENAME_TABLE && first->new_name->kind != NODE_IDENT);
}

void print_alter(struct printer *pr, const struct node *n)
{
    const struct node_alter_table *alter = node_alter_table_const(n);
    if (must_be_bound(pr) && !is_given(alter)) {
        print_fail(pr, n, "this change, or more than one in a statement, is");
    }
    print_puts(pr, "ALTER ");
    print_puts(pr, object_words((enum object_kind)alter->object));
    print_puts(pr, alter->if_exists ? " IF EXISTS " : " ");
    print_object(pr, alter->name);
    print_puts(pr, " ");
    print_list(pr, &alter->actions, print_action);
}
