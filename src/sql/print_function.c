/* Macros, functions and procedures. A SQL function's body stands as RETURN or BEGIN ATOMIC, which
 * needs no string around it. */
#include "sql/print_priv.h"

static void print_param(struct printer *pr, const struct node *n)
{
    static const char *const modes[] = {"", "OUT ", "INOUT ", "VARIADIC "};
    const struct node_function_param *param = node_function_param_const(n);
    print_puts(pr, modes[param->mode]);
    if (param->name) {
        print_ident(pr, param->name);
        print_puts(pr, param->type ? " " : "");
    }
    if (param->type) {
        print_type(pr, param->type);
    }
    if (param->default_value) {
        print_puts(pr, " DEFAULT ");
        print_expr(pr, param->default_value);
    }
}

static void print_params(struct printer *pr, const struct node_list *params)
{
    print_puts(pr, "(");
    print_list(pr, params, print_param);
    print_puts(pr, ")");
}

void print_signature(struct printer *pr, const struct node *n)
{
    print_parts(pr, &node_name_const(node_signature_const(n)->name)->parts, 0);
    print_params(pr, &node_signature_const(n)->args);
}

static void print_macro_body(struct printer *pr, const struct node *n)
{
    const struct node_function_body *body = node_function_body_const(n);
    print_params(pr, &body->params);
    print_puts(pr, body->returns_table ? " AS TABLE " : " AS ");
    if (body->returns_table) {
        print_query_in_parens(pr, body->body); /* the next body stands behind a comma */
    } else {
        print_expr(pr, body->body);
    }
}

static void print_returns(struct printer *pr, const struct node_function_body *body)
{
    if (body->returns_table) {
        print_puts(pr, " RETURNS TABLE (");
        print_list(pr, &body->returns_columns, print_column_def);
        print_puts(pr, ")");
    } else if (body->returns) {
        print_puts(pr, body->returns_set ? " RETURNS SETOF " : " RETURNS ");
        print_type(pr, body->returns);
    }
}

static void print_function_text(struct printer *pr, const struct node_create_function *create,
                                const struct node_function_body *body)
{
    if (create->source) {
        print_puts(pr, " AS ");
        print_token(pr, create->source);
    } else if (body->body && body->body->kind == NODE_QUERY) {
        print_puts(pr, " BEGIN ATOMIC ");
        print_query(pr, body->body);
        print_puts(pr, "; END");
    } else if (body->body) {
        print_puts(pr, " RETURN ");
        print_expr(pr, body->body);
    }
}

static void print_function(struct printer *pr, const struct node_create_function *create)
{
    const struct node_function_body *body = node_function_body_const(create->bodies.at[0]);
    print_params(pr, &body->params);
    print_returns(pr, body);
    if (create->language.n) {
        print_puts(pr, " LANGUAGE ");
        print_quoted(pr, create->language);
    }
    print_comment_option(pr, create->comment);
    print_clauses(pr, &create->options);
    print_function_text(pr, create, body);
}

void print_create_function(struct printer *pr, const struct node *n)
{
    const struct node_create_function *create = node_create_function_const(n);
    const char *words = create->object == OBJECT_MACRO       ? "MACRO "
                        : create->object == OBJECT_PROCEDURE ? "PROCEDURE "
                                                             : "FUNCTION ";
    print_puts(pr, create->or_replace ? "CREATE OR REPLACE " : "CREATE ");
    print_puts(pr, create->temporary ? "TEMPORARY " : "");
    print_puts(pr, create->secure ? "SECURE " : "");
    print_puts(pr, words);
    print_puts(pr, create->if_not_exists ? "IF NOT EXISTS " : "");
    print_parts(pr, &node_name_const(create->name)->parts, 0);
    if (create->object == OBJECT_MACRO) {
        print_list(pr, &create->bodies, print_macro_body);
    } else {
        print_function(pr, create);
    }
}
