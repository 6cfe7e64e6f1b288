/* Statements about the session: we answer them ourselves, so of them the engine is only
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
    print_puts(pr, t->isolation && t->access ? "," : "");
    print_puts(pr, t->access == SAID_YES  ? " READ ONLY"
                   : t->access == SAID_NO ? " READ WRITE"
                                          : "");
    print_puts(pr, t->deferrable && (t->isolation || t->access) ? "," : "");
    print_puts(pr, t->deferrable ? " DEFERRABLE" : "");
}

static void print_transaction(struct printer *pr, const struct node *n)
{
    static const char *const verbs[] = {"BEGIN",
                                        "COMMIT",
                                        "ROLLBACK",
                                        "SAVEPOINT ",
                                        "RELEASE SAVEPOINT ",
                                        "ROLLBACK TO SAVEPOINT ",
                                        "SET TRANSACTION",
                                        "SET SESSION CHARACTERISTICS AS TRANSACTION"};
    const struct node_transaction *t = node_transaction_const(n);
    print_puts(pr, verbs[t->verb]);
    if (t->savepoint.n) {
        print_quoted(pr, t->savepoint);
    } else if (t->verb == TXN_BEGIN && for_engine(pr)) {
        print_puts(pr, " TRANSACTION"); /* its transactions are all snapshots */
        return;
    }
    if (t->name.n) {
        print_puts(pr, " NAME ");
        print_quoted(pr, t->name);
    }
    print_modes(pr, t);
    print_puts(pr, t->chain ? " AND CHAIN" : "");
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

static void print_set(struct printer *pr, const struct node_set *set, const char *verb)
{
    print_puts(pr, verb);
    print_puts(pr, set->local ? "LOCAL " : "");
    print_setting(pr, set->name);
    print_puts(pr, " TO ");
    print_puts(pr, set->to_default ? "DEFAULT" : "");
    print_list(pr, &set->values, print_expr);
}

/* ---- variables, parameters ---- */

static void print_alter_session(struct printer *pr, const struct node_alter_session *alter)
{
    const struct node_list *settings = &alter->settings;
    bool sets = settings->n && settings->at[0]->kind == NODE_SET;
    print_puts(pr, sets ? "ALTER SESSION SET" : "ALTER SESSION UNSET");
    for (uint32_t i = 0; i < settings->n; i++) {
        print_puts(pr, i ? ", " : " ");
        if (sets) {
            print_set(pr, node_set_const(settings->at[i]), "");
        } else {
            print_setting(pr, node_reset_const(settings->at[i])->name);
        }
    }
}

static void print_set_variable(struct printer *pr, const struct node_set_variable *set)
{
    bool is_list = set->names.n > 1;
    print_puts(pr, is_list ? "SET (" : "SET VARIABLE ");
    print_list(pr, &set->names, print_ident);
    print_puts(pr, is_list ? ") = (" : " = ");
    print_list(pr, &set->values, print_expr);
    print_puts(pr, is_list ? ")" : "");
}

static void print_use(struct printer *pr, const struct node_use *use)
{
    print_puts(pr, "USE ");
    if (use->object.n) {
        buf_put_str(pr->out, use->object);
        print_puts(pr, " ");
    }
    print_parts(pr, &node_name_const(use->name)->parts, 0);
}

static void print_lock(struct printer *pr, const struct node_lock *lock)
{
    print_puts(pr, "LOCK TABLE ");
    for (uint32_t i = 0; i < lock->names.n; i++) {
        print_puts(pr, i ? ", " : "");
        print_parts(pr, &node_name_const(lock->names.at[i])->parts, 0);
    }
    print_puts(pr, " IN ");
    buf_put_str(pr->out, lock->mode);
    print_puts(pr, lock->nowait ? " MODE NOWAIT" : " MODE");
}

static void print_discard(struct printer *pr, const struct node_discard *discard)
{
    if (str_is(discard->what, "listening")) {
        print_puts(pr, "UNLISTEN ");
        if (discard->name.n) {
            print_quoted(pr, discard->name);
        } else {
            print_puts(pr, "*");
        }
    } else if (!str_is(discard->what, "prepared")) {
        print_puts(pr, "DISCARD ");
        buf_put_str(pr->out, discard->what);
    } else if (discard->name.n) {
        print_puts(pr, "DEALLOCATE ");
        print_quoted(pr, discard->name);
    } else {
        print_puts(pr, "DEALLOCATE ALL");
    }
}

/* ---- prepared statements, cursors ---- */

static void print_prepare(struct printer *pr, const struct node_prepare *prepare)
{
    print_puts(pr, "PREPARE ");
    print_ident(pr, prepare->name);
    if (prepare->types.n) {
        print_puts(pr, "(");
        print_list(pr, &prepare->types, print_type);
        print_puts(pr, ")");
    }
    print_puts(pr, " AS ");
    print_statement(pr, prepare->statement);
}

static void print_argument(struct printer *pr, const struct node *n)
{
    if (n->kind == NODE_NAMED_ARG) {
        print_quoted(pr, node_named_arg_const(n)->name);
        print_puts(pr, " => ");
        print_expr(pr, node_named_arg_const(n)->value);
    } else {
        print_expr(pr, n);
    }
}

static void print_execute(struct printer *pr, const struct node_execute *execute)
{
    print_puts(pr, "EXECUTE ");
    print_ident(pr, execute->name);
    if (execute->args.n) {
        print_puts(pr, "(");
        print_list(pr, &execute->args, print_argument);
        print_puts(pr, ")");
    }
}

static void print_cursor(struct printer *pr, const struct node_declare_cursor *cursor)
{
    static const char *const sensitivities[] = {"", " ASENSITIVE", " INSENSITIVE"};
    static const char *const scrolls[] = {"", " SCROLL", " NO SCROLL"};
    print_puts(pr, "DECLARE ");
    print_ident(pr, cursor->name);
    print_puts(pr, cursor->binary ? " BINARY" : "");
    print_puts(pr, sensitivities[cursor->sensitivity]);
    print_puts(pr, scrolls[cursor->scroll]);
    print_puts(pr, cursor->hold ? " CURSOR WITH HOLD FOR " : " CURSOR FOR ");
    print_query(pr, cursor->query);
}

static void print_fetch(struct printer *pr, const struct node_fetch *fetch)
{
    static const char *const directions[] = {"FORWARD ", "BACKWARD ", "ABSOLUTE ", "RELATIVE "};
    print_puts(pr, fetch->move ? "MOVE " : "FETCH ");
    print_puts(pr, directions[fetch->direction]);
    if (fetch->all) {
        print_puts(pr, "ALL");
    } else {
        print_expr(pr, fetch->count);
    }
    print_puts(pr, " FROM ");
    print_ident(pr, fetch->cursor);
}

static void print_close(struct printer *pr, const struct node_close_cursor *close)
{
    print_puts(pr, close->cursor ? "CLOSE " : "CLOSE ALL");
    if (close->cursor) {
        print_ident(pr, close->cursor);
    }
}

static void print_prepared(struct printer *pr, const struct node *n)
{
    switch (n->kind) {
    case NODE_PREPARE:
        print_prepare(pr, node_prepare_const(n));
        return;
    case NODE_EXECUTE:
        print_execute(pr, node_execute_const(n));
        return;
    case NODE_DECLARE_CURSOR:
        print_cursor(pr, node_declare_cursor_const(n));
        return;
    case NODE_FETCH:
        print_fetch(pr, node_fetch_const(n));
        return;
    case NODE_CLOSE:
        print_close(pr, node_close_cursor_const(n));
        return;
    case NODE_CALL:
        print_puts(pr, "CALL ");
        print_expr(pr, node_call_const(n)->func);
        return;
    default:
        print_catalog(pr, n);
        return;
    }
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
        print_set(pr, node_set_const(n), "SET ");
        return;
    case NODE_SHOW:
        print_shown(pr, "SHOW ", node_show_const(n)->name);
        return;
    case NODE_RESET:
        print_shown(pr, "RESET ", node_reset_const(n)->name);
        return;
    case NODE_ALTER_SESSION:
        print_alter_session(pr, node_alter_session_const(n));
        return;
    case NODE_SET_VARIABLE:
        print_set_variable(pr, node_set_variable_const(n));
        return;
    case NODE_UNSET_VARIABLE:
        print_puts(pr, "UNSET ");
        print_idents(pr, &node_unset_variable_const(n)->names);
        return;
    case NODE_USE:
        print_use(pr, node_use_const(n));
        return;
    case NODE_LOCK:
        print_lock(pr, node_lock_const(n));
        return;
    case NODE_DISCARD:
        print_discard(pr, node_discard_const(n));
        return;
    default:
        print_prepared(pr, n);
        return;
    }
}
