/* Clauses that were kept as tokens, and the statements that are made of them. No engine ever sees
 * one. */
#include "sql/print_priv.h"

void print_items(struct printer *pr, const struct node_list *items)
{
    for (uint32_t i = 0; i < items->n; i++) {
        print_puts(pr, i ? " " : "");
        print_token(pr, items->at[i]);
    }
}

static void print_group(struct printer *pr, const struct node *n)
{
    static const char opening[] = "([{", closing[] = ")]}";
    const struct node_group *group = node_group_const(n);
    const char *at = strchr(opening, group->bracket);
    if (!at || group->bracket == 0) {
        print_fail(pr, n, "a malformed clause is");
        return;
    }
    buf_u8(pr->out, (uint8_t)*at);
    print_items(pr, &group->items);
    buf_u8(pr->out, (uint8_t)closing[at - opening]);
}

static void print_option(struct printer *pr, const struct node *n)
{
    const struct node_option *option = node_option_const(n);
    buf_put_str(pr->out, option->name);
    print_puts(pr, option->assigned ? " =" : "");
    if (option->values.n) {
        print_puts(pr, " ");
        print_items(pr, &option->values);
    }
}

void print_token(struct printer *pr, const struct node *n)
{
    if (must_be_bound(pr)) {
        print_fail(pr, n, "this clause is");
        return;
    }
    switch (n->kind) {
    case NODE_OPTION:
        print_option(pr, n);
        return;
    case NODE_GROUP:
        print_group(pr, n);
        return;
    case NODE_SYMBOL:
        buf_put_str(pr->out, node_symbol_const(n)->text);
        return;
    case NODE_STAGE:
        buf_put_str(pr->out, node_stage_const(n)->text);
        return;
    case NODE_SIGNATURE:
        print_signature(pr, n);
        return;
    case NODE_FOREIGN:
        print_foreign(pr, n);
        return;
    default:
        print_expr(pr, n);
        return;
    }
}

void print_clauses(struct printer *pr, const struct node_list *clauses)
{
    if (clauses->n) {
        print_puts(pr, " ");
        print_items(pr, clauses);
    }
}

static void print_upper(struct printer *pr, struct str words)
{
    for (size_t i = 0; i < words.n; i++) {
        char c = words.p[i];
        buf_u8(pr->out, (uint8_t)(c >= 'a' && c <= 'z' ? c - 32 : c));
    }
}

void print_foreign(struct printer *pr, const struct node *n)
{
    const struct node_foreign *foreign = node_foreign_const(n);
    if (must_be_bound(pr)) {
        print_fail(pr, n, "this statement on the engine is");
        return;
    }
    if (str_is(foreign->verb, "begin block")) {
        print_items(pr, &foreign->clauses);
        return;
    }
    print_upper(pr, foreign->verb);
    print_puts(pr, foreign->or_replace ? " OR REPLACE" : "");
    print_clauses(pr, &foreign->modifiers);
    if (foreign->object.n) {
        print_puts(pr, " ");
        print_upper(pr, foreign->object);
    }
    if (foreign->if_exists) {
        print_puts(pr, str_is(foreign->verb, "create") ? " IF NOT EXISTS" : " IF EXISTS");
    }
    if (foreign->name) {
        print_puts(pr, " ");
        print_token(pr, foreign->name);
    }
    print_clauses(pr, &foreign->clauses);
}
