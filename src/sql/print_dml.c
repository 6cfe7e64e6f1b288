/* INSERT, UPDATE, DELETE. */
#include "sql/print_priv.h"

static void print_assign(struct printer *pr, const struct node *n)
{
    const struct node *column = node_assign_const(n)->column;
    if (column->kind == NODE_ROW) {
        print_puts(pr, "(");
        print_list(pr, &node_row_const(column)->items, print_path);
        print_puts(pr, ")");
    } else {
        print_path(pr, column);
    }
    print_puts(pr, " = ");
    print_expr(pr, node_assign_const(n)->value);
}

static void print_current_of(struct printer *pr, const struct node *n)
{
    if (must_be_bound(pr)) {
        print_fail(pr, n, "WHERE CURRENT OF is");
    }
    print_puts(pr, "CURRENT OF ");
    print_ident(pr, node_current_of_const(n)->cursor);
}

static void print_where(struct printer *pr, const struct node *where)
{
    if (where) {
        print_puts(pr, " WHERE ");
        if (where->kind == NODE_CURRENT_OF) {
            print_current_of(pr, where);
        } else {
            print_expr(pr, where);
        }
    }
}

static void print_returning(struct printer *pr, const struct node_list *returning)
{
    if (returning->n) {
        print_puts(pr, " RETURNING ");
        print_list(pr, returning, print_target);
    }
}

static void print_conflict_target(struct printer *pr, const struct node_on_conflict *conflict)
{
    if (conflict->constraint) {
        print_puts(pr, "ON CONSTRAINT ");
        print_ident(pr, conflict->constraint);
        print_puts(pr, " ");
    }
    if (conflict->columns.n) {
        print_idents(pr, &conflict->columns);
        print_puts(pr, " ");
    }
    if (conflict->keys.n) {
        print_puts(pr, "(");
        print_list(pr, &conflict->keys, print_order_item);
        print_puts(pr, ") ");
    }
    if (conflict->index_where) {
        print_puts(pr, "WHERE ");
        print_expr(pr, conflict->index_where);
        print_puts(pr, " ");
    }
}

static void print_on_conflict(struct printer *pr, const struct node_on_conflict *conflict)
{
    if (must_be_bound(pr) && (conflict->keys.n || conflict->constraint || conflict->index_where)) {
        print_fail(pr, &conflict->base, "this target of ON CONFLICT is");
    }
    print_puts(pr, " ON CONFLICT ");
    print_conflict_target(pr, conflict);
    if (!conflict->do_update) {
        print_puts(pr, "DO NOTHING");
        return;
    }
    print_puts(pr, "DO UPDATE SET ");
    print_list(pr, &conflict->assignments, print_assign);
    print_where(pr, conflict->where);
}

static const char *const insert_words[] = {"INSERT ", "INSERT OR REPLACE ", "INSERT OR IGNORE "};

void print_overriding(struct printer *pr, int32_t overriding)
{
    static const char *const words[] = {"", "OVERRIDING SYSTEM VALUE ", "OVERRIDING USER VALUE "};
    print_puts(pr, words[overriding]);
}

static void print_insert_target(struct printer *pr, const struct node_insert *insert)
{
    print_written_table(pr, insert->table);
    print_puts(pr, " ");
    if (insert->columns.n) {
        print_idents(pr, &insert->columns);
        print_puts(pr, " ");
    }
    print_puts(pr, insert->by_name ? "BY NAME " : "");
    print_overriding(pr, insert->overriding);
}

void print_insert(struct printer *pr, const struct node *n)
{
    const struct node_insert *insert = node_insert_const(n);
    struct print_scope scope;
    print_with(pr, &scope, &insert->ctes, insert->recursive);
    if (must_be_bound(pr) && (insert->overwrite || insert->or_action || insert->overriding)) {
        print_fail(pr, n, "this form of INSERT is");
    }
    print_puts(pr, insert_words[insert->or_action]);
    print_puts(pr, insert->overwrite ? "OVERWRITE INTO " : "INTO ");
    print_insert_target(pr, insert);
    if (insert->source) {
        print_query(pr, insert->source);
    } else {
        print_puts(pr, "DEFAULT VALUES");
    }
    if (insert->on_conflict) {
        print_on_conflict(pr, node_on_conflict_const(insert->on_conflict));
    }
    print_returning(pr, &insert->returning);
    print_end_with(pr);
}

static void print_into(struct printer *pr, const struct node *n)
{
    const struct node_insert *insert = node_insert_const(n);
    print_puts(pr, "INTO ");
    print_insert_target(pr, insert);
    if (insert->source) {
        print_query(pr, insert->source);
        print_puts(pr, " ");
    }
}

static void print_branch(struct printer *pr, const struct node *n)
{
    const struct node_insert_branch *branch = node_insert_branch_const(n);
    if (branch->condition) {
        print_puts(pr, "WHEN ");
        print_expr(pr, branch->condition);
        print_puts(pr, " THEN ");
    }
    print_puts(pr, branch->otherwise ? "ELSE " : "");
    for (uint32_t i = 0; i < branch->inserts.n; i++) {
        print_into(pr, branch->inserts.at[i]);
    }
}

void print_multi_insert(struct printer *pr, const struct node *n)
{
    const struct node_multi_insert *insert = node_multi_insert_const(n);
    if (must_be_bound(pr)) {
        print_fail(pr, n, "INSERT into several tables is");
        return;
    }
    print_puts(pr, insert->overwrite ? "INSERT OVERWRITE " : "INSERT ");
    print_puts(pr, insert->first ? "FIRST " : "ALL ");
    for (uint32_t i = 0; i < insert->branches.n; i++) {
        print_branch(pr, insert->branches.at[i]);
    }
    print_query(pr, insert->query);
}

void print_update(struct printer *pr, const struct node *n)
{
    const struct node_update *update = node_update_const(n);
    struct print_scope scope;
    print_with(pr, &scope, &update->ctes, update->recursive);
    print_puts(pr, "UPDATE ");
    print_written_table(pr, update->table);
    print_puts(pr, " SET ");
    print_list(pr, &update->assignments, print_assign);
    if (update->from) {
        print_puts(pr, " FROM ");
        print_from(pr, update->from);
    }
    print_where(pr, update->where);
    print_returning(pr, &update->returning);
    print_end_with(pr);
}

void print_delete(struct printer *pr, const struct node *n)
{
    const struct node_delete_stmt *del = node_delete_stmt_const(n);
    struct print_scope scope;
    print_with(pr, &scope, &del->ctes, del->recursive);
    print_puts(pr, "DELETE FROM ");
    print_written_table(pr, del->table);
    if (del->using_tables) {
        print_puts(pr, " USING ");
        print_from(pr, del->using_tables);
    }
    print_where(pr, del->where);
    print_returning(pr, &del->returning);
    print_end_with(pr);
}

/* ---- MERGE ---- */

static void print_merge_insert(struct printer *pr, const struct node_merge_action *action)
{
    if (action->columns.n) {
        print_puts(pr, " ");
        print_idents(pr, &action->columns);
    }
    print_puts(pr, " ");
    print_overriding(pr, action->overriding);
    if (!action->values.n) {
        print_puts(pr, "DEFAULT VALUES");
        return;
    }
    print_puts(pr, "VALUES (");
    print_list(pr, &action->values, print_expr);
    print_puts(pr, ")");
}

static void print_merge_verb(struct printer *pr, const struct node_merge_action *action)
{
    static const char *const verbs[] = {"UPDATE", "DELETE", "INSERT", "DO NOTHING", "ERROR"};
    print_puts(pr, verbs[action->verb]);
    if (action->whole) {
        print_puts(pr, action->whole == MERGE_BY_NAME ? " BY NAME" : " BY POSITION");
    } else if (action->verb == MERGE_UPDATE) {
        print_puts(pr, " SET ");
        print_list(pr, &action->assignments, print_assign);
    } else if (action->verb == MERGE_INSERT) {
        print_merge_insert(pr, action);
    }
    if (action->message) {
        print_puts(pr, " ");
        print_expr(pr, action->message);
    }
}

static void print_merge_action(struct printer *pr, const struct node *n)
{
    static const char *const matches[] = {" WHEN MATCHED", " WHEN NOT MATCHED",
                                          " WHEN NOT MATCHED BY SOURCE"};
    const struct node_merge_action *action = node_merge_action_const(n);
    if (must_be_bound(pr) && action->overriding) {
        print_fail(pr, n, "OVERRIDING is");
    }
    print_puts(pr, matches[action->match]);
    if (action->condition) {
        print_puts(pr, " AND ");
        print_expr(pr, action->condition);
    }
    print_puts(pr, " THEN ");
    print_merge_verb(pr, action);
}

void print_merge(struct printer *pr, const struct node *n)
{
    const struct node_merge *merge = node_merge_const(n);
    struct print_scope scope;
    print_with(pr, &scope, &merge->ctes, merge->recursive);
    print_puts(pr, "MERGE INTO ");
    print_written_table(pr, merge->table);
    print_puts(pr, " USING ");
    print_from(pr, merge->source);
    if (merge->on) {
        print_puts(pr, " ON ");
        print_expr(pr, merge->on);
    } else {
        print_puts(pr, " USING ");
        print_idents(pr, &merge->using_columns);
    }
    for (uint32_t i = 0; i < merge->actions.n; i++) {
        print_merge_action(pr, merge->actions.at[i]);
    }
    print_returning(pr, &merge->returning);
    print_end_with(pr);
}
