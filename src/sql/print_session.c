/* Statements about the session and COPY: we answer them ourselves, so of them the engine is only
 * ever given the start and end of a transaction. */
#include "sql/print_priv.h"

static void print_modes(struct printer *pr, const struct node_transaction *t)
{
    static const char *const levels[] = {"", "READ UNCOMMITTED", "READ COMMITTED",
                                         "REPEATABLE READ", "SERIALIZABLE"};
    if (t->isolation) {
        print_puts(pr, " ISOLATION LEVEL ");
        print_puts(pr, levels[t->isolation]);
    }
    print_puts(pr, t->isolation && t->read_only ? "," : "");
    print_puts(pr, t->read_only ? " READ ONLY" : "");
}

static void print_transaction(struct printer *pr, const struct node *n)
{
    static const char *const verbs[] = {"BEGIN",
                                        "COMMIT",
                                        "ROLLBACK",
                                        "SAVEPOINT ",
                                        "RELEASE SAVEPOINT ",
                                        "ROLLBACK TO SAVEPOINT "};
    const struct node_transaction *t = node_transaction_const(n);
    print_puts(pr, verbs[t->verb]);
    if (t->verb >= TXN_SAVEPOINT) {
        print_quoted(pr, t->savepoint);
    } else if (t->verb == TXN_BEGIN && for_engine(pr)) {
        print_puts(pr, " TRANSACTION"); /* its transactions are all snapshots */
    } else if (t->verb == TXN_BEGIN) {
        print_modes(pr, t);
    }
}

/* The name was cut at its dots when it was read. */
static void print_setting(struct printer *pr, struct str name)
{
    struct str rest = name;
    const char *dot = "";
    while (rest.p) {
        print_puts(pr, dot);
        print_quoted(pr, str_cut(&rest, '.'));
        dot = ".";
    }
}

static void print_shown(struct printer *pr, const char *verb, struct str name)
{
    print_puts(pr, verb);
    if (str_is(name, "all")) {
        print_puts(pr, "ALL");
    } else {
        print_setting(pr, name);
    }
}

static void print_set(struct printer *pr, const struct node_set *set)
{
    print_puts(pr, set->local ? "SET LOCAL " : "SET ");
    print_setting(pr, set->name);
    print_puts(pr, " TO ");
    print_puts(pr, set->to_default ? "DEFAULT" : "");
    print_list(pr, &set->values, print_expr);
}

void print_session(struct printer *pr, const struct node *n)
{
    bool is_boundary =
        n->kind == NODE_TRANSACTION && node_transaction_const(n)->verb <= TXN_ROLLBACK;
    if (must_be_bound(pr) && !is_boundary) {
        print_fail(pr, n, "this statement on the engine is");
        return;
    }
    switch (n->kind) {
    case NODE_TRANSACTION:
        print_transaction(pr, n);
        return;
    case NODE_SET:
        print_set(pr, node_set_const(n));
        return;
    case NODE_SHOW:
        print_shown(pr, "SHOW ", node_show_const(n)->name);
        return;
    case NODE_RESET:
        print_shown(pr, "RESET ", node_reset_const(n)->name);
        return;
    default:
        print_puts(pr, "DISCARD ");
        buf_put_str(pr->out, node_discard_const(n)->what);
        return;
    }
}

static void print_copy_option(struct printer *pr, const struct node *n)
{
    const struct node_copy_option *option = node_copy_option_const(n);
    print_quoted(pr, option->name);
    if (option->values.n) {
        print_puts(pr, " (");
        print_list(pr, &option->values, print_expr);
        print_puts(pr, ")");
    }
}

void print_copy(struct printer *pr, const struct node *n)
{
    const struct node_copy_stmt *copy = node_copy_stmt_const(n);
    if (must_be_bound(pr)) {
        print_fail(pr, n, "COPY on the engine is");
        return;
    }
    print_puts(pr, "COPY ");
    if (copy->query) {
        print_query_in_parens(pr, copy->query);
    } else {
        print_from(pr, copy->table);
    }
    if (copy->columns.n) {
        print_puts(pr, " ");
        print_idents(pr, &copy->columns);
    }
    print_puts(pr, copy->to ? " TO STDOUT" : " FROM STDIN");
    if (copy->options.n) {
        print_puts(pr, " (");
        print_list(pr, &copy->options, print_copy_option);
        print_puts(pr, ")");
    }
}
