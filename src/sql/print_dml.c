/* INSERT, UPDATE, DELETE. */
#include "sql/print_priv.h"

static void print_assign(struct printer *pr, const struct node *n)
{
    print_ident(pr, node_assign_const(n)->column);
    print_puts(pr, " = ");
    print_expr(pr, node_assign_const(n)->value);
}

static void print_where(struct printer *pr, const struct node *where)
{
    if (where) {
        print_puts(pr, " WHERE ");
        print_expr(pr, where);
    }
}

static void print_returning(struct printer *pr, const struct node_list *returning)
{
    if (returning->n) {
        print_puts(pr, " RETURNING ");
        print_list(pr, returning, print_target);
    }
}

static void print_on_conflict(struct printer *pr, const struct node_on_conflict *conflict)
{
    print_puts(pr, " ON CONFLICT ");
    if (conflict->columns.n) {
        print_idents(pr, &conflict->columns);
        print_puts(pr, " ");
    }
    if (!conflict->do_update) {
        print_puts(pr, "DO NOTHING");
        return;
    }
    print_puts(pr, "DO UPDATE SET ");
    print_list(pr, &conflict->assignments, print_assign);
    print_where(pr, conflict->where);
}

void print_insert(struct printer *pr, const struct node *n)
{
    const struct node_insert *insert = node_insert_const(n);
    struct print_scope scope;
    print_with(pr, &scope, &insert->ctes, insert->recursive);
    print_puts(pr, "INSERT INTO ");
    print_written_table(pr, insert->table);
    print_puts(pr, " ");
    if (insert->columns.n) {
        print_idents(pr, &insert->columns);
        print_puts(pr, " ");
    }
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
