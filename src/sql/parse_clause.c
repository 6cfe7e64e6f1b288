/* Clauses that aren't taken apart further: of statements that never run here, and options beside
 * what runs. Their tokens are kept, parentheses as groups, so that nothing is skipped unread and
 * all of it prints back. */
#include "sql/parse_priv.h"

/* A mark, an operator, or a parameter: as written. */
static struct node *symbol_of(struct parser *p, const struct token *t)
{
    struct node *n = parse_node(p, NODE_SYMBOL, t->offset);
    node_symbol(n)->text = (struct str){p->lex.text.p + t->offset, t->length};
    return parse_done(p, n);
}

static enum literal_kind literal_of(enum token_kind kind)
{
    switch (kind) {
    case TOK_INTEGER:
        return LIT_INTEGER;
    case TOK_DECIMAL:
        return LIT_DECIMAL;
    case TOK_FLOAT:
        return LIT_FLOAT;
    case TOK_BYTES:
        return LIT_BYTES;
    default:
        return LIT_STRING;
    }
}

static struct node *parse_group(struct parser *p)
{
    static const enum token_kind closing[] = {TOK_RPAREN, TOK_RBRACKET, TOK_RBRACE};
    enum token_kind close = closing[(tok(p)->kind - TOK_LPAREN) / 2];
    parse_enter(p);
    struct node *n = parse_node(p, NODE_GROUP, tok(p)->offset);
    node_group(n)->bracket = p->lex.text.p[tok_next(p).offset];
    while (!tok_is(p, close)) {
        parse_push(p, &node_group(n)->items, parse_token(p));
    }
    tok_next(p);
    parse_leave(p);
    return parse_done(p, n);
}

struct node *parse_token(struct parser *p)
{
    struct token t = *tok(p);
    switch (t.kind) {
    case TOK_WORD:
    case TOK_QUOTED:
        tok_next(p);
        return parse_ident_of(p, &t);
    case TOK_STRING:
    case TOK_BYTES:
    case TOK_INTEGER:
    case TOK_DECIMAL:
    case TOK_FLOAT:
        tok_next(p);
        return parse_literal(p, literal_of(t.kind), t.text, t.offset);
    case TOK_STAGE:
        return parse_stage(p);
    case TOK_LPAREN:
    case TOK_LBRACKET:
    case TOK_LBRACE:
        return parse_group(p);
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE:
    case TOK_SEMICOLON:
    case TOK_END:
        parse_syntax_error(p);
    default:
        tok_next(p);
        return symbol_of(p, &t);
    }
}

/* DuckDB takes a comma behind the last item of a list. */
bool tok_is_last(struct parser *p, enum token_kind end)
{
    return p->dialect == DIALECT_DUCKDB && tok_is(p, end);
}

bool tok_ends_statement(struct parser *p)
{
    return tok_is(p, TOK_SEMICOLON) || tok_is(p, TOK_END);
}

void parse_clauses(struct parser *p, struct node_list *out)
{
    while (!tok_ends_statement(p)) {
        parse_push(p, out, parse_token(p));
    }
}

struct node *parse_stage(struct parser *p)
{
    struct node *n = parse_node(p, NODE_STAGE, tok(p)->offset);
    node_stage(n)->text = tok_need(p, TOK_STAGE).text;
    return parse_done(p, n);
}

struct node *parse_string(struct parser *p)
{
    struct token t = tok_need(p, TOK_STRING);
    return parse_literal(p, LIT_STRING, t.text, t.offset);
}

struct node *parse_signed(struct parser *p)
{
    bool negative = tok_is_op(p, OP_SUB);
    size_t offset = tok(p)->offset;
    if (negative || tok_is_op(p, OP_ADD)) {
        tok_next(p);
    }
    struct token t = *tok(p);
    if (t.kind != TOK_INTEGER && t.kind != TOK_DECIMAL && t.kind != TOK_FLOAT) {
        parse_syntax_error(p);
    }
    tok_next(p);
    struct node *n = parse_literal(p, literal_of(t.kind), t.text, t.offset);
    if (negative) {
        struct node *minus = parse_node(p, NODE_UNARY, offset);
        node_unary(minus)->op = OP_NEG;
        node_unary(minus)->operand = n;
        n = parse_done(p, minus);
    }
    return n;
}

struct node *parse_plain_value(struct parser *p)
{
    size_t offset = tok(p)->offset;
    if (tok_is(p, TOK_STRING)) {
        return parse_string(p);
    }
    if (tok_is_word(p, KW_TRUE) || tok_is_word(p, KW_FALSE)) {
        bool yes = tok_next(p).word == KW_TRUE;
        return parse_done(p, parse_literal(p, yes ? LIT_TRUE : LIT_FALSE, STR_NULL, offset));
    }
    return parse_signed(p);
}

/* Names with dots between, or one other token, or a sign and a number. */
static void parse_option_value(struct parser *p, struct node_list *out)
{
    bool is_name = tok_is(p, TOK_WORD) || tok_is(p, TOK_QUOTED);
    bool is_sign = tok_is_op(p, OP_SUB) || tok_is_op(p, OP_ADD);
    parse_push(p, out, parse_token(p));
    if (is_sign && !tok_ends_statement(p)) {
        parse_push(p, out, parse_token(p));
    }
    while (is_name && (tok_is(p, TOK_DOT) || tok_is(p, TOK_LPAREN))) {
        bool is_call = tok_is(p, TOK_LPAREN);
        parse_push(p, out, parse_token(p));
        if (is_call) {
            return;
        }
        parse_push(p, out, parse_token(p));
    }
}

struct node *parse_option(struct parser *p, unsigned words)
{
    struct node *n = parse_node(p, NODE_OPTION, tok(p)->offset);
    struct node_option *option = node_option(n);
    for (unsigned i = 0; i < words; i++) {
        struct str word = parse_lower(p, tok_need(p, TOK_WORD).text);
        option->name =
            i == 0
                ? word
                : str_of(arena_printf(p->arena, "%.*s %.*s", STR_ARG(option->name), STR_ARG(word)));
    }
    if (tok_is_op(p, OP_EQ)) {
        tok_next(p);
        option->assigned = true;
        parse_option_value(p, &option->values);
    } else if (tok_is(p, TOK_LPAREN)) {
        parse_push(p, &option->values, parse_token(p));
    }
    return parse_done(p, n);
}

/* Marks don't stand free here, and no group behind the value of an option: what is told apart when
 * it is written must be so when it is read back, whatever stood between. */
void parse_other_clause(struct parser *p, struct node_list *out)
{
    if (tok_is_option(p)) {
        parse_push(p, out, parse_option(p, 1));
        return;
    }
    const struct node *last = out->n ? out->at[out->n - 1] : NULL;
    bool is_behind_option = last && last->kind == NODE_OPTION;
    static const char *const halves[] = {"as", "cluster", "copy", "clone"};
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        if (tok_says(p, 0, halves[i])) { /* a clause that has a node of its own, cut short */
            parse_syntax_error(p);
        }
    }
    if (tok_says(p, 0, "using")) {
        struct node *n = parse_option(p, 1);
        parse_push(p, &node_option(n)->values, parse_label(p));
        parse_push(p, out, parse_done(p, n));
        return;
    }
    bool is_word = tok_is(p, TOK_WORD) || tok_is(p, TOK_QUOTED);
    bool is_part = (tok(p)->kind >= TOK_STRING && tok(p)->kind <= TOK_FLOAT) ||
                   tok_is(p, TOK_LPAREN) || tok_is(p, TOK_DOT);
    if (!is_word && (!is_part || is_behind_option)) {
        parse_syntax_error(p);
    }
    parse_push(p, out, parse_token(p));
}

bool tok_is_option(struct parser *p)
{
    return tok_is(p, TOK_WORD) && tok_peek(p, 1)->kind == TOK_OP && tok_peek(p, 1)->op == OP_EQ;
}

struct node *parse_comment_option(struct parser *p)
{
    tok_need_word(p, KW_COMMENT);
    if (tok_is_op(p, OP_EQ)) {
        tok_next(p);
    }
    return parse_string(p);
}

/* A word of the grammar that isn't among the keywords. */
bool tok_take_said(struct parser *p, const char *word)
{
    if (!tok_says(p, 0, word)) {
        return false;
    }
    tok_next(p);
    return true;
}

void tok_need_said(struct parser *p, const char *word)
{
    if (!tok_take_said(p, word)) {
        parse_syntax_error(p);
    }
}

bool tok_says_all(struct parser *p, const char *words)
{
    struct str rest = str_of(words);
    for (unsigned i = 0; rest.p; i++) {
        struct str word = str_cut(&rest, ' ');
        const struct token *t = i < LOOKAHEAD ? tok_peek(p, i) : NULL;
        if (!t || t->kind != TOK_WORD || !str_ieq(t->text, word)) {
            return false;
        }
    }
    return true;
}

bool tok_take_all(struct parser *p, const char *words)
{
    if (!tok_says_all(p, words)) {
        return false;
    }
    for (const char *at = words; at; at = strchr(at + 1, ' ')) {
        tok_next(p);
    }
    return true;
}
