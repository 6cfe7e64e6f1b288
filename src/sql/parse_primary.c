/* What an expression is made of: literals, names, parentheses, and what hangs behind them. */
#include "sql/parse_priv.h"

struct node *parse_literal(struct parser *p, enum literal_kind kind, struct str text, size_t offset)
{
    struct node *n = parse_node(p, NODE_LITERAL, offset);
    node_literal(n)->lit = kind;
    node_literal(n)->text = text;
    return parse_done(p, n);
}

static struct node *take_literal(struct parser *p, enum literal_kind kind)
{
    struct token t = tok_next(p);
    return parse_literal(p, kind, kind <= LIT_FALSE ? STR_NULL : t.text, t.offset);
}

static struct node *parse_param(struct parser *p)
{
    struct token t = tok_next(p);
    int64_t number;
    if (!str_to_i64(t.text, &number) || number < 1 || number > 65535) {
        parse_fail(p, ERR_BAD_SQL, t.offset, "parameters are $1 to $65535");
    }
    struct node *n = parse_node(p, NODE_PARAM, t.offset);
    node_param(n)->number = (int32_t)number;
    return parse_done(p, n);
}

static struct node *parse_list(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LIST, tok(p)->offset);
    tok_need(p, TOK_LBRACKET);
    if (!tok_is(p, TOK_RBRACKET)) {
        parse_expr_list(p, &node_list_lit(n)->items);
    }
    tok_need(p, TOK_RBRACKET);
    return parse_done(p, n);
}

/* {'a': 1, b: 2} */
static struct node *parse_struct(struct parser *p)
{
    struct node *n = parse_node(p, NODE_STRUCT, tok(p)->offset);
    tok_need(p, TOK_LBRACE);
    do {
        const struct token *t = tok(p);
        bool is_name = t->kind == TOK_STRING || t->kind == TOK_WORD || t->kind == TOK_QUOTED;
        if (!is_name || t->text.n == 0) {
            parse_syntax_error(p);
        }
        struct node *field = parse_node(p, NODE_NAMED_ARG, t->offset);
        node_named_arg(field)->name = tok_next(p).text;
        tok_need(p, TOK_COLON);
        node_named_arg(field)->value = parse_expr(p);
        parse_push(p, &node_struct_lit(n)->fields, parse_done(p, field));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RBRACE);
    return parse_done(p, n);
}

/* MAP {k: v, ...} is map([k, ...], [v, ...]). */
static struct node *parse_map(struct parser *p)
{
    struct node *n = parse_func_of(p, "map", tok_next(p).offset);
    struct node *keys = parse_node(p, NODE_LIST, tok_next(p).offset);
    struct node *values = parse_node(p, NODE_LIST, keys->offset);
    if (!tok_is(p, TOK_RBRACE)) {
        do {
            parse_push(p, &node_list_lit(keys)->items, parse_expr(p));
            tok_need(p, TOK_COLON);
            parse_push(p, &node_list_lit(values)->items, parse_expr(p));
        } while (tok_take(p, TOK_COMMA));
    }
    tok_need(p, TOK_RBRACE);
    parse_push(p, &node_func(n)->args, parse_done(p, keys));
    parse_push(p, &node_func(n)->args, parse_done(p, values));
    return parse_done(p, n);
}

static struct node *parse_case(struct parser *p)
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

static struct node *parse_exists(struct parser *p)
{
    struct node *n = parse_node(p, NODE_EXISTS, tok_next(p).offset);
    node_exists(n)->query = parse_query_in_parens(p);
    return parse_done(p, n);
}

static struct node *parse_row(struct parser *p)
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
    struct node *n = tok_starts_query(p) ? subquery(p, parse_query(p), offset) : parse_expr(p);
    if (n->kind == NODE_SUBQUERY && tok_continues_query(p)) {
        n = subquery(p, parse_query_rest(p, node_subquery(n)->query), offset);
    }
    if (tok_is(p, TOK_COMMA)) {
        struct node *row = parse_node(p, NODE_ROW, offset);
        parse_push(p, &node_row(row)->items, n);
        while (tok_take(p, TOK_COMMA)) {
            parse_push(p, &node_row(row)->items, parse_expr(p));
        }
        n = row;
    }
    tok_need(p, TOK_RPAREN);
    return n->offset == offset ? parse_done(p, n) : n;
}

/* A name: a column, a call, a typed literal (DATE '2024-01-01'), or t.* */
static struct node *parse_named(struct parser *p)
{
    if (!tok_is(p, TOK_WORD) && !tok_is(p, TOK_QUOTED)) {
        parse_syntax_error(p);
    }
    enum keyword_class class = lex_keyword_class(tok(p)->word);
    bool is_call = tok_peek(p, 1)->kind == TOK_LPAREN;
    if (class == KEYWORD_RESERVED || (class == KEYWORD_FUNCTION && !is_call)) {
        parse_syntax_error(p);
    }
    struct node *n = parse_node(p, NODE_COLUMN_REF, tok(p)->offset);
    struct node_list *parts = &node_column_ref(n)->parts;
    parse_push(p, parts, parse_label(p));
    while (tok_take(p, TOK_DOT)) {
        if (tok_is_op(p, OP_MUL)) {
            return parse_star(p, *parts, n->offset);
        }
        parse_push(p, parts, parse_label(p));
    }
    if (tok_is(p, TOK_LPAREN)) {
        struct node *name = parse_node(p, NODE_NAME, n->offset);
        node_name(name)->parts = *parts;
        return parse_call(p, parse_done(p, name));
    }
    return parse_done(p, n);
}

static struct node *parse_typed_literal(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CAST, tok(p)->offset);
    node_cast(n)->target = parse_type(p);
    if (!tok_is(p, TOK_STRING)) {
        parse_syntax_error(p);
    }
    node_cast(n)->operand = take_literal(p, LIT_STRING);
    return parse_done(p, n);
}

/* DATE '...', TIMESTAMP WITH TIME ZONE '...', DOUBLE PRECISION '...' */
static bool starts_typed_literal(struct parser *p)
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

/* CURRENT_DATE and the like: functions that the standard writes without parentheses. */
static struct node *parse_niladic(struct parser *p, const char *name)
{
    struct node *n = parse_func_of(p, name, tok_next(p).offset);
    if (tok_is(p, TOK_LPAREN) && tok_peek(p, 1)->kind == TOK_RPAREN) {
        tok_next(p);
        tok_next(p);
    }
    return parse_done(p, n);
}

static const char *niladic_name(enum keyword word)
{
    switch (word) {
    case KW_CURRENT_DATE:
        return "current_date";
    case KW_CURRENT_TIME:
        return "current_time";
    case KW_CURRENT_TIMESTAMP:
        return "current_timestamp";
    case KW_LOCALTIME:
        return "localtime";
    case KW_LOCALTIMESTAMP:
        return "localtimestamp";
    case KW_CURRENT_USER:
    case KW_USER:
        return "current_user";
    case KW_SESSION_USER:
        return "session_user";
    case KW_CURRENT_ROLE:
        return "current_role";
    case KW_CURRENT_CATALOG:
        return "current_database";
    case KW_CURRENT_SCHEMA:
        return "current_schema";
    default:
        return NULL;
    }
}

/* What a keyword starts; NULL when the word is but a name here. */
static struct node *parse_keyword(struct parser *p)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    switch (tok(p)->word) {
    case KW_NULL:
        return take_literal(p, LIT_NULL);
    case KW_TRUE:
        return take_literal(p, LIT_TRUE);
    case KW_FALSE:
        return take_literal(p, LIT_FALSE);
    case KW_CASE:
        return parse_case(p);
    case KW_EXISTS:
        return next == TOK_LPAREN ? parse_exists(p) : NULL;
    case KW_ROW:
        return next == TOK_LPAREN ? parse_row(p) : NULL;
    case KW_MAP:
        return next == TOK_LBRACE ? parse_map(p) : NULL;
    case KW_ARRAY:
        tok_next(p);
        if (tok_is(p, TOK_LPAREN)) {
            parse_unsupported(p, "ARRAY of a sub-query is");
        }
        return parse_list(p);
    case KW_INTERVAL:
        return parse_interval(p);
    default:
        break;
    }
    struct node *n;
    if (next == TOK_LPAREN && parse_special_call(p, &n)) {
        return n;
    }
    const char *name = niladic_name(tok(p)->word);
    return name && !(tok(p)->word == KW_CURRENT_SCHEMA && next == TOK_DOT) ? parse_niladic(p, name)
                                                                           : NULL;
}

static struct node *parse_atom(struct parser *p)
{
    switch (tok(p)->kind) {
    case TOK_STRING:
        return take_literal(p, LIT_STRING);
    case TOK_BYTES:
        return take_literal(p, LIT_BYTES);
    case TOK_INTEGER:
        return take_literal(p, LIT_INTEGER);
    case TOK_DECIMAL:
        return take_literal(p, LIT_DECIMAL);
    case TOK_FLOAT:
        return take_literal(p, LIT_FLOAT);
    case TOK_PARAM:
        return parse_param(p);
    case TOK_LPAREN:
        return parse_paren(p);
    case TOK_LBRACKET:
        return parse_list(p);
    case TOK_LBRACE:
        return parse_struct(p);
    default:
        break;
    }
    struct node *n = tok(p)->word ? parse_keyword(p) : NULL;
    if (n) {
        return n;
    }
    return starts_typed_literal(p) ? parse_typed_literal(p) : parse_named(p);
}

/* [i], [low:high] */
static struct node *parse_subscript(struct parser *p, struct node *operand)
{
    tok_next(p);
    struct node *low = tok_is(p, TOK_COLON) ? NULL : parse_expr(p);
    struct node *n;
    if (tok_take(p, TOK_COLON)) {
        n = parse_node(p, NODE_SLICE, operand->offset);
        node_slice(n)->operand = operand;
        node_slice(n)->low = low;
        node_slice(n)->high = tok_is(p, TOK_RBRACKET) ? NULL : parse_expr(p);
    } else {
        n = parse_node(p, NODE_INDEX, operand->offset);
        node_index(n)->operand = operand;
        node_index(n)->index = low;
    }
    tok_need(p, TOK_RBRACKET);
    return parse_done(p, n);
}

struct node *parse_primary(struct parser *p)
{
    struct node *n = parse_atom(p);
    for (;;) {
        if (tok_is(p, TOK_LBRACKET)) {
            n = parse_subscript(p, n);
        } else if (tok_take(p, TOK_CAST)) {
            struct node *cast = parse_node(p, NODE_CAST, n->offset);
            node_cast(cast)->operand = n;
            node_cast(cast)->target = parse_type(p);
            n = parse_done(p, cast);
        } else if (tok_is(p, TOK_DOT) && n->kind != NODE_STAR) {
            tok_next(p);
            struct node *field = parse_node(p, NODE_FIELD, n->offset);
            node_field(field)->operand = n;
            node_field(field)->name = parse_label(p);
            n = parse_done(p, field);
        } else {
            return n;
        }
    }
}
