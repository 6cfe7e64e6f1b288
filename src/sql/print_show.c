/* What shows something: SHOW of objects, DESCRIBE, EXPLAIN, COPY. None of them reaches the engine
 * as it stands. */
#include "sql/print_priv.h"

static void print_quoted_clause(struct printer *pr, const char *words, const struct node *n)
{
    if (n) {
        print_puts(pr, words);
        print_expr(pr, n);
    }
}

static void print_place(struct printer *pr, const struct node_show_objects *show)
{
    print_puts(pr, " IN");
    if (show->scope.n) {
        print_puts(pr, " ");
        buf_put_str(pr->out, show->scope);
    }
    if (show->place) {
        print_puts(pr, " ");
        print_parts(pr, &node_name_const(show->place)->parts, 0);
    }
}

static void print_show_objects(struct printer *pr, const struct node_show_objects *show)
{
    print_puts(pr, show->terse ? "SHOW TERSE " : show->full ? "SHOW FULL " : "SHOW ");
    buf_put_str(pr->out, show->objects);
    print_puts(pr, show->history ? " HISTORY" : "");
    print_quoted_clause(pr, " LIKE ", show->like);
    if (show->in) {
        print_place(pr, show);
    }
    print_quoted_clause(pr, " STARTS WITH ", show->starts_with);
    print_quoted_clause(pr, " LIMIT ", show->limit);
    print_quoted_clause(pr, " FROM ", show->from);
    print_quoted_clause(pr, " WHERE ", show->where);
    print_clauses(pr, &show->options);
}

static void print_describe(struct printer *pr, const struct node_describe *describe)
{
    print_puts(pr, describe->summarize ? "SUMMARIZE " : "DESCRIBE ");
    if (describe->query) {
        print_query(pr, describe->query);
        return;
    }
    if (describe->object != OBJECT_NONE) {
        print_puts(pr, object_words((enum object_kind)describe->object));
        print_puts(pr, " ");
    }
    print_token(pr, describe->name);
    print_puts(pr, describe->stage ? " TYPE = STAGE" : "");
}

void print_catalog(struct printer *pr, const struct node *n)
{
    if (n->kind == NODE_SHOW_OBJECTS) {
        print_show_objects(pr, node_show_objects_const(n));
    } else {
        print_describe(pr, node_describe_const(n));
    }
}

/* ---- EXPLAIN ---- */

static void print_explain_options(struct printer *pr, const struct node_explain *explain)
{
    static const char *const formats[] = {"", "FORMAT text", "FORMAT json", "FORMAT tabular"};
    struct str rest = explain->options;
    const char *gap = "(";
    if (explain->analyze) {
        print_puts(pr, "(ANALYZE");
        gap = ", ";
    }
    if (explain->format) {
        print_puts(pr, gap);
        print_puts(pr, formats[explain->format]);
        gap = ", ";
    }
    while (rest.n) {
        struct str word = str_cut(&rest, ' ');
        bool is_off = str_is(word, "no");
        word = is_off ? str_cut(&rest, ' ') : word;
        print_puts(pr, gap);
        buf_put_str(pr->out, word);
        print_puts(pr, is_off ? " OFF" : "");
        gap = ", ";
    }
    print_puts(pr, ") ");
}

void print_explain(struct printer *pr, const struct node *n)
{
    const struct node_explain *explain = node_explain_const(n);
    print_puts(pr, "EXPLAIN ");
    if (must_be_bound(pr) || (!explain->format && !explain->options.n)) {
        print_puts(pr, explain->analyze ? "ANALYZE " : "");
    } else {
        print_explain_options(pr, explain);
    }
    print_statement(pr, explain->statement);
}

void print_explain_policy(struct printer *pr, const struct node *n)
{
    print_puts(pr, "EXPLAIN POLICY ");
    print_statement(pr, node_explain_policy_const(n)->statement);
}

/* ---- COPY ---- */

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
    print_puts(pr, copy->to ? " TO " : " FROM ");
    print_puts(pr, copy->program ? "PROGRAM " : "");
    if (copy->file) {
        print_literal(pr, copy->file);
    } else {
        print_puts(pr, copy->to ? "STDOUT" : "STDIN");
    }
    if (copy->options.n) {
        print_puts(pr, " (");
        print_list(pr, &copy->options, print_copy_option);
        print_puts(pr, ")");
    }
    if (copy->where) {
        print_puts(pr, " WHERE ");
        print_expr(pr, copy->where);
    }
}
