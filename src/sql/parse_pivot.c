/* PIVOT and UNPIVOT: as an item of FROM, and as DuckDB's statement, which is read as the query
 * SELECT * FROM source PIVOT (..) that it stands for. */
#include "sql/parse_priv.h"

/* x [AS] alias, where a string is an alias too */
static struct node *parse_pivot_item(struct parser *p, struct node *expr)
{
    struct node *n = parse_node(p, NODE_TARGET, expr->offset);
    node_target(n)->expr = expr;
    if (tok_take_word(p, KW_AS)) {
        node_target(n)->alias = tok_is(p, TOK_STRING) ? parse_quoted_ident(p) : parse_label(p);
    } else if (tok_is_label(p)) {
        node_target(n)->alias = parse_ident(p);
    }
    return parse_done(p, n);
}

/* FOR ends a list of aggregates, so it is no alias; neither is GROUP. */
static void parse_aggregates(struct parser *p, struct node_list *out)
{
    do {
        parse_push(p, out, parse_pivot_item(p, parse_expr(p)));
    } while (tok_more(p));
}

/* (ANY [ORDER BY ..]), (query), ('a' AS b, ...) */
static void parse_pivot_values(struct parser *p, struct node_pivot_column *column)
{
    tok_need(p, TOK_LPAREN);
    if (tok_take_word(p, KW_ANY)) {
        column->any = true;
        if (tok_take_words(p, KW_ORDER, KW_BY)) {
            parse_order_items(p, &column->order);
        }
    } else if (tok_starts_query(p)) {
        column->query = parse_query(p);
    } else {
        struct node *first = parse_expr(p);
        bool is_query = first->kind == NODE_SUBQUERY;
        if (is_query && tok_continues_query(p)) {
            column->query = parse_query_rest(p, node_subquery(first)->query);
        } else if (is_query && tok_is(p, TOK_RPAREN)) {
            column->query = node_subquery(first)->query;
        } else {
            parse_push(p, &column->items, parse_pivot_item(p, first));
            if (tok_more(p)) {
                parse_aggregates(p, &column->items);
            }
        }
    }
    tok_need(p, TOK_RPAREN);
}

/* IN (..), or DuckDB's IN name-of-an-enumeration */
static void parse_pivot_in(struct parser *p, struct node_pivot_column *column)
{
    if (tok_is(p, TOK_LPAREN)) {
        parse_pivot_values(p, column);
    } else {
        column->domain = parse_name(p);
    }
}

/* x, or (x, y): what is pivoted; without IN, which would be an operator. */
static void parse_pivot_exprs(struct parser *p, struct node_list *out)
{
    struct node *n = parse_expr_above(p, PREC_LIKE + 1);
    if (n->kind == NODE_ROW) {
        *out = node_row(n)->items;
    } else {
        parse_push(p, out, n);
    }
}

static struct node *parse_pivot_column(struct parser *p)
{
    struct node *n = parse_node(p, NODE_PIVOT_COLUMN, tok(p)->offset);
    struct node_pivot_column *column = node_pivot_column(n);
    parse_pivot_exprs(p, &column->exprs);
    tok_need_word(p, KW_IN);
    parse_pivot_in(p, column);
    return parse_done(p, n);
}

/* Several: FOR x IN (..) y IN (..), with or without FOR before the next. */
static void parse_pivot_columns(struct parser *p, struct node_list *out)
{
    tok_need_word(p, KW_FOR);
    do {
        parse_push(p, out, parse_pivot_column(p));
        tok_take_word(p, KW_FOR);
    } while (!tok_is(p, TOK_RPAREN) && !tok_is_word(p, KW_GROUP) && !tok_is_word(p, KW_DEFAULT));
}

static void parse_pivot_default(struct parser *p, struct node_pivot *pivot)
{
    if (tok_take_word(p, KW_DEFAULT)) {
        tok_need_word(p, KW_ON);
        tok_need_word(p, KW_NULL);
        tok_need(p, TOK_LPAREN);
        pivot->when_null = parse_expr(p);
        tok_need(p, TOK_RPAREN);
    }
}

struct node *parse_pivot(struct parser *p, struct node *source)
{
    struct node *n = parse_node(p, NODE_PIVOT, source->offset);
    struct node_pivot *pivot = node_pivot(n);
    pivot->source = source;
    tok_need(p, TOK_LPAREN);
    if (!tok_is_word(p, KW_FOR)) {
        parse_aggregates(p, &pivot->aggregates);
    }
    parse_pivot_columns(p, &pivot->pivoted);
    parse_pivot_default(p, pivot);
    if (tok_take_words(p, KW_GROUP, KW_BY)) {
        parse_expr_list(p, &pivot->group);
    }
    tok_need(p, TOK_RPAREN);
    parse_alias(p, &pivot->alias, &pivot->columns);
    return parse_done(p, n);
}

/* INCLUDE NULLS, EXCLUDE NULLS */
static bool take_include_nulls(struct parser *p)
{
    if (tok_peek(p, 1)->word != KW_NULLS) {
        return false;
    }
    bool include = tok_says(p, 0, "include");
    if (!include && !tok_is_word(p, KW_EXCLUDE)) {
        parse_syntax_error(p);
    }
    tok_next(p);
    tok_next(p);
    return include;
}

/* v, or (v, w): columns for the values */
static void parse_value_names(struct parser *p, struct node_list *out)
{
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, out);
    } else {
        parse_push(p, out, parse_ident(p));
    }
}

struct node *parse_unpivot(struct parser *p, struct node *source)
{
    struct node *n = parse_node(p, NODE_UNPIVOT, source->offset);
    struct node_unpivot *unpivot = node_unpivot(n);
    unpivot->source = source;
    unpivot->include_nulls = take_include_nulls(p);
    tok_need(p, TOK_LPAREN);
    parse_value_names(p, &unpivot->values);
    tok_need_word(p, KW_FOR);
    unpivot->name = parse_ident(p);
    tok_need_word(p, KW_IN);
    tok_need(p, TOK_LPAREN);
    do {
        struct node *expr = tok_is_op(p, OP_MUL) && !tok_is_unpacked(p)
                                ? parse_star(p, (struct node_list){0}, tok(p)->offset)
                                : parse_expr(p);
        parse_push(p, &unpivot->items, parse_pivot_item(p, expr));
    } while (tok_more(p));
    tok_need(p, TOK_RPAREN);
    tok_need(p, TOK_RPAREN);
    parse_alias(p, &unpivot->alias, &unpivot->columns);
    return parse_done(p, n);
}

/* ON x [IN ..], y: what has no IN takes all values that there are, in their order. */
static void parse_on_columns(struct parser *p, struct node_list *out)
{
    do {
        struct node *n = parse_node(p, NODE_PIVOT_COLUMN, tok(p)->offset);
        struct node_pivot_column *column = node_pivot_column(n);
        parse_pivot_exprs(p, &column->exprs);
        if (tok_take_word(p, KW_IN)) {
            parse_pivot_in(p, column);
        } else {
            column->any = true;
        }
        parse_push(p, out, parse_done(p, n));
    } while (tok_more(p));
}

static struct node *parse_pivot_rest(struct parser *p, struct node *source)
{
    struct node *n = parse_node(p, NODE_PIVOT, source->offset);
    struct node_pivot *pivot = node_pivot(n);
    pivot->source = source;
    if (tok_take_word(p, KW_ON)) {
        parse_on_columns(p, &pivot->pivoted);
    }
    if (tok_take_word(p, KW_USING)) {
        parse_aggregates(p, &pivot->aggregates);
    }
    if (tok_take_words(p, KW_GROUP, KW_BY)) {
        parse_expr_list(p, &pivot->group);
    }
    if (pivot->pivoted.n == 0) {
        parse_unsupported(p, "PIVOT without ON is");
    }
    return parse_done(p, n);
}

static struct node *word_ident(struct parser *p, const char *text)
{
    struct node *n = parse_node(p, NODE_IDENT, tok(p)->offset);
    node_ident(n)->text = str_of(text);
    return n;
}

static struct node *parse_unpivot_rest(struct parser *p, struct node *source)
{
    struct node *n = parse_node(p, NODE_UNPIVOT, source->offset);
    struct node_unpivot *unpivot = node_unpivot(n);
    unpivot->source = source;
    unpivot->include_nulls = take_include_nulls(p);
    tok_need_word(p, KW_ON);
    do {
        struct node *expr = tok_is_op(p, OP_MUL) && !tok_is_unpacked(p)
                                ? parse_star(p, (struct node_list){0}, tok(p)->offset)
                                : parse_expr(p);
        parse_push(p, &unpivot->items, parse_pivot_item(p, expr));
    } while (tok_more(p));
    if (tok_take_word(p, KW_INTO)) {
        tok_need_word(p, KW_NAME);
        unpivot->name = parse_ident(p);
        if (!tok_take_said(p, "value")) {
            tok_need_word(p, KW_VALUES);
        }
        do {
            parse_push(p, &unpivot->values, parse_ident(p));
        } while (tok_take(p, TOK_COMMA));
    } else {
        unpivot->name = word_ident(p, "name");
        parse_push(p, &unpivot->values, word_ident(p, "value"));
    }
    return parse_done(p, n);
}

struct node *parse_pivot_statement(struct parser *p)
{
    struct token word = tok_next(p);
    struct node *source = parse_suffixed_table(p);
    struct node *from =
        word.word == KW_PIVOT ? parse_pivot_rest(p, source) : parse_unpivot_rest(p, source);
    return node_query(parse_star_query(p, from, word.offset))->body;
}
