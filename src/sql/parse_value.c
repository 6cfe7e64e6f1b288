/* Values that are written out: literals, parameters, lists, structures, CASE, parentheses. */
#include "sql/parse_priv.h"

struct node *parse_literal(struct parser *p, enum literal_kind kind, struct str text, size_t offset)
{
    struct node *n = parse_node(p, NODE_LITERAL, offset);
    node_literal(n)->lit = kind;
    node_literal(n)->text = text;
    return parse_done(p, n);
}

struct node *parse_take_literal(struct parser *p, enum literal_kind kind)
{
    struct token t = tok_next(p);
    return parse_literal(p, kind, kind <= LIT_FALSE ? STR_NULL : t.text, t.offset);
}

/* $1, and ? which is the next of its kind; what mixes them could mean anything. */
struct node *parse_parameter(struct parser *p)
{
    struct token t = tok_next(p);
    int64_t number = ++p->placeholders;
    if (t.kind == TOK_PARAM || t.kind == TOK_INTEGER) {
        p->numbered = true;
        p->placeholders--;
    }
    if (p->numbered && p->placeholders > 0) {
        parse_fail(p, ERR_BAD_SQL, t.offset, "a statement has parameters of one kind: ? or $1");
    }
    if (p->numbered && !str_to_i64(t.text, &number)) {
        number = 0;
    }
    if (number < 1 || number > 65535) {
        parse_fail(p, ERR_BAD_SQL, t.offset, "parameters are $1 to $65535");
    }
    struct node *n = parse_node(p, NODE_PARAM, t.offset);
    node_param(n)->number = (int32_t)number;
    return parse_done(p, n);
}

/* $name, :name */
struct node *parse_variable(struct parser *p)
{
    bool is_bind = tok_is(p, TOK_COLON);
    size_t offset = tok(p)->offset;
    if (is_bind) {
        tok_next(p);
    }
    if (is_bind && tok_is(p, TOK_INTEGER)) {
        return parse_parameter(p);
    }
    if (!tok_is(p, TOK_VARIABLE) && !tok_is(p, TOK_WORD)) {
        parse_syntax_error(p);
    }
    struct node *n = parse_node(p, NODE_VARIABLE, offset);
    node_variable(n)->name = tok_next(p).text;
    node_variable(n)->is_bind = is_bind;
    return parse_done(p, n);
}

/* #1 */
struct node *parse_column_number(struct parser *p)
{
    struct node *n = parse_node(p, NODE_POSITION, tok_next(p).offset);
    struct token t = tok_need(p, TOK_INTEGER);
    int64_t number;
    if (!str_to_i64(t.text, &number) || number < 1 || number > 65535) {
        parse_fail(p, ERR_BAD_SQL, t.offset, "columns are #1 to #65535");
    }
    node_position(n)->number = (int32_t)number;
    return parse_done(p, n);
}

/* l, or (*): all columns as a list */
static struct node *parse_comp_source(struct parser *p)
{
    bool is_star = tok_is(p, TOK_LPAREN) && tok_peek(p, 1)->kind == TOK_OP &&
                   tok_peek(p, 1)->op == OP_MUL && tok_closes(p, 2, TOK_RPAREN);
    if (!is_star) {
        return parse_expr(p);
    }
    tok_next(p);
    struct node *n = parse_star(p, (struct node_list){0}, tok(p)->offset);
    tok_need(p, TOK_RPAREN);
    return n;
}

/* ... FOR x, i IN l IF condition ] */
static struct node *parse_list_comp(struct parser *p, struct node *result, size_t offset)
{
    struct node *n = parse_node(p, NODE_LIST_COMP, offset);
    struct node_list_comp *comp = node_list_comp(n);
    tok_next(p);
    comp->result = result;
    do {
        parse_push(p, &comp->params, parse_ident(p));
    } while (tok_take(p, TOK_COMMA));
    tok_need_word(p, KW_IN);
    comp->source = parse_comp_source(p);
    comp->filter = tok_take_word(p, KW_IF) ? parse_expr(p) : NULL;
    tok_need(p, TOK_RBRACKET);
    return parse_done(p, n);
}

struct node *parse_list_lit(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LIST, tok_need(p, TOK_LBRACKET).offset);
    struct node_list *items = &node_list_lit(n)->items;
    bool colon_ends = p->colon_ends;
    p->colon_ends = false;
    if (!tok_is(p, TOK_RBRACKET)) {
        do {
            parse_push(p, items, parse_expr(p));
        } while (tok_more(p));
    }
    p->colon_ends = colon_ends;
    if (items->n == 1 && tok_is_word(p, KW_FOR)) {
        return parse_list_comp(p, items->at[0], n->offset);
    }
    tok_need(p, TOK_RBRACKET);
    return parse_done(p, n);
}

/* * or t.* */
static bool tok_starts_star(struct parser *p)
{
    const struct token *third = tok_peek(p, 2);
    return tok_is_op(p, OP_MUL) ||
           (tok_peek(p, 1)->kind == TOK_DOT && third->kind == TOK_OP && third->op == OP_MUL);
}

static struct node *parse_field(struct parser *p)
{
    if (tok_starts_star(p)) {
        struct node_list qualifier = {0};
        size_t offset = tok(p)->offset;
        if (!tok_is_op(p, OP_MUL)) {
            parse_push(p, &qualifier, parse_ident(p));
            tok_next(p);
        }
        return parse_star(p, qualifier, offset);
    }
    const struct token *t = tok(p);
    bool is_name = t->kind == TOK_STRING || t->kind == TOK_WORD || t->kind == TOK_QUOTED;
    if (!is_name || t->text.n == 0) {
        parse_syntax_error(p);
    }
    struct node *field = parse_node(p, NODE_NAMED_ARG, t->offset);
    node_named_arg(field)->name = tok_next(p).text;
    tok_need(p, TOK_COLON);
    node_named_arg(field)->value = parse_expr(p);
    return parse_done(p, field);
}

/* {fn f(x)}: ODBC's way of writing f(x) */
static struct node *parse_escape(struct parser *p)
{
    tok_next(p);
    bool is_convert = tok_says(p, 0, "convert") && tok_peek(p, 1)->kind == TOK_LPAREN;
    parse_enter(p);
    struct node *n = is_convert ? parse_odbc_convert(p) : parse_primary(p);
    parse_leave(p);
    tok_need(p, TOK_RBRACE);
    return n;
}

/* {'a': 1, b: 2}, {*} */
struct node *parse_struct(struct parser *p)
{
    size_t offset = tok_need(p, TOK_LBRACE).offset;
    if (tok_says(p, 0, "fn") && tok_peek(p, 1)->kind == TOK_WORD) {
        return parse_escape(p);
    }
    struct node_list items = {0};
    bool has_star = false;
    while (!tok_is(p, TOK_RBRACE)) {
        parse_push(p, &items, parse_field(p));
        has_star |= items.at[items.n - 1]->kind == NODE_STAR;
        if (!tok_more(p)) {
            break;
        }
    }
    tok_need(p, TOK_RBRACE);
    struct node *n = parse_node(p, has_star ? NODE_STAR_OBJECT : NODE_STRUCT, offset);
    if (has_star) {
        node_star_object(n)->items = items;
    } else {
        node_struct_lit(n)->fields = items;
    }
    return parse_done(p, n);
}

/* MAP {k: v, ...} is map([k, ...], [v, ...]). */
struct node *parse_map(struct parser *p)
{
    struct node *n = parse_func_of(p, "map", tok_next(p).offset);
    struct node *keys = parse_node(p, NODE_LIST, tok_next(p).offset);
    struct node *values = parse_node(p, NODE_LIST, keys->offset);
    bool colon_ends = p->colon_ends;
    while (!tok_is(p, TOK_RBRACE)) {
        p->colon_ends = true;
        parse_push(p, &node_list_lit(keys)->items, parse_expr(p));
        tok_need(p, TOK_COLON);
        p->colon_ends = false;
        parse_push(p, &node_list_lit(values)->items, parse_expr(p));
        if (!tok_more(p)) {
            break;
        }
    }
    p->colon_ends = colon_ends;
    tok_need(p, TOK_RBRACE);
    parse_push(p, &node_func(n)->args, parse_done(p, keys));
    parse_push(p, &node_func(n)->args, parse_done(p, values));
    return parse_done(p, n);
}

struct node *parse_case(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CASE, tok_next(p).offset);
    struct node_case_expr *c = node_case_expr(n);
    c->operand = tok_is_word(p, KW_WHEN) ? NULL : parse_expr(p);
    do {
        struct node *when = parse_node(p, NODE_WHEN, tok(p)->offset);
        tok_need_word(p, KW_WHEN);
        node_when(when)->condition = parse_expr(p);
        tok_need_word(p, KW_THEN);
        node_when(when)->result = parse_expr(p);
        parse_push(p, &c->whens, parse_done(p, when));
    } while (tok_is_word(p, KW_WHEN));
    c->otherwise = tok_take_word(p, KW_ELSE) ? parse_expr(p) : NULL;
    tok_need_word(p, KW_END);
    return parse_done(p, n);
}

struct node *parse_exists(struct parser *p)
{
    struct node *n = parse_node(p, NODE_EXISTS, tok_next(p).offset);
    node_exists(n)->query = parse_query_in_parens(p);
    return parse_done(p, n);
}

struct node *parse_row(struct parser *p)
{
    struct node *n = parse_node(p, NODE_ROW, tok_next(p).offset);
    tok_need(p, TOK_LPAREN);
    if (!tok_is(p, TOK_RPAREN)) {
        parse_expr_list(p, &node_row(n)->items);
    }
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

static struct node *subquery(struct parser *p, struct node *query, size_t offset)
{
    struct node *n = parse_node(p, NODE_SUBQUERY, offset);
    node_subquery(n)->query = query;
    return n;
}

/* ( expression ), ( query ), (a, b). Where it starts with another parenthesis, only what follows
 * the inner one tells whether ((SELECT 1) UNION ...) or ((SELECT 1) + 1) is meant. */
struct node *parse_paren(struct parser *p)
{
    size_t offset = tok_need(p, TOK_LPAREN).offset;
    bool colon_ends = p->colon_ends;
    p->colon_ends = false;
    struct node *n = tok_starts_query(p) ? subquery(p, parse_query(p), offset) : parse_expr(p);
    if (n->kind == NODE_SUBQUERY && tok_continues_query(p)) {
        n = subquery(p, parse_query_rest(p, node_subquery(n)->query), offset);
    }
    if (tok_is(p, TOK_COMMA)) {
        struct node *row = parse_node(p, NODE_ROW, offset);
        parse_push(p, &node_row(row)->items, n);
        while (tok_more(p)) {
            parse_push(p, &node_row(row)->items, parse_expr(p));
        }
        n = row;
    }
    tok_need(p, TOK_RPAREN);
    p->colon_ends = colon_ends;
    return n->offset == offset ? parse_done(p, n) : n;
}

/* ARRAY[..], ARRAY(query) */
struct node *parse_array(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    if (!tok_is(p, TOK_LPAREN)) {
        struct node *list = parse_list_lit(p);
        if (list->kind == NODE_LIST) {
            node_list_lit(list)->typed = true;
        }
        return list;
    }
    struct node *n = parse_func_of(p, "array", offset);
    parse_push(p, &node_func(n)->args, subquery(p, parse_query_in_parens(p), offset));
    return parse_done(p, n);
}

struct node *parse_typed_literal(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CAST, tok(p)->offset);
    node_cast(n)->target = parse_type(p);
    if (!tok_is(p, TOK_STRING)) {
        parse_syntax_error(p);
    }
    node_cast(n)->operand = parse_take_literal(p, LIT_STRING);
    return parse_done(p, n);
}

/* DATE '...', TIMESTAMP WITH TIME ZONE '...', DOUBLE PRECISION '...' */
bool tok_starts_typed_literal(struct parser *p)
{
    const struct token *t = tok(p);
    if (t->kind != TOK_WORD || lex_keyword_class(t->word) >= KEYWORD_FUNCTION) {
        return false;
    }
    const struct token *next = tok_peek(p, 1);
    bool takes_zone = t->word == KW_TIME || t->word == KW_TIMESTAMP;
    return next->kind == TOK_STRING ||
           (takes_zone && (next->word == KW_WITH || next->word == KW_WITHOUT) &&
            tok_peek(p, 2)->word == KW_TIME) ||
           (t->word == KW_DOUBLE && next->word == KW_PRECISION);
}

/* B'01' */
struct node *parse_bits(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CAST, tok(p)->offset);
    struct node *type = parse_node(p, NODE_TYPE_NAME, n->offset);
    node_type_name(type)->text = STR("bit");
    node_cast(n)->operand = parse_take_literal(p, LIT_STRING);
    node_cast(n)->target = type;
    return parse_done(p, n);
}
