/* Names: which words may be one where, as lex_keywords.h says. */
#include "sql/parse_priv.h"

bool tok_is_column_name(struct parser *p, unsigned ahead)
{
    const struct token *t = tok_peek(p, ahead);
    if (t->kind == TOK_QUOTED) {
        return true;
    }
    return t->kind == TOK_WORD && lex_keyword_class(t->word) <= KEYWORD_COLUMN;
}

bool tok_is_label(struct parser *p)
{
    const struct token *t = tok(p);
    if (t->kind == TOK_QUOTED) {
        return true;
    }
    if (t->kind != TOK_WORD) {
        return false;
    }
    enum keyword_class class = lex_keyword_class(t->word);
    return class == KEYWORD_PLAIN || class == KEYWORD_COLUMN;
}

struct node *parse_ident_of(struct parser *p, const struct token *t)
{
    struct node *n = parse_node(p, NODE_IDENT, t->offset);
    n->length = t->length;
    node_ident(n)->text = t->text;
    node_ident(n)->quoted = t->kind == TOK_QUOTED;
    return n;
}

struct node *parse_ident(struct parser *p)
{
    if (!tok_is_column_name(p, 0)) {
        parse_syntax_error(p);
    }
    struct token t = tok_next(p);
    return parse_ident_of(p, &t);
}

struct node *parse_label(struct parser *p)
{
    if (!tok_is(p, TOK_WORD) && !tok_is(p, TOK_QUOTED)) {
        parse_syntax_error(p);
    }
    struct token t = tok_next(p);
    return parse_ident_of(p, &t);
}

struct node *parse_quoted_ident(struct parser *p)
{
    const struct token *t = tok(p);
    bool is_name = t->kind == TOK_WORD || t->kind == TOK_QUOTED || t->kind == TOK_STRING ||
                   t->kind == TOK_INTEGER;
    if (!is_name || t->text.n == 0) {
        parse_syntax_error(p);
    }
    struct token taken = tok_next(p);
    taken.kind = TOK_QUOTED;
    return parse_ident_of(p, &taken);
}

struct node *parse_column_alias(struct parser *p)
{
    bool is_odd = (tok_is(p, TOK_STRING) && p->dialect != DIALECT_POSTGRES) ||
                  (tok_is(p, TOK_INTEGER) && p->dialect == DIALECT_SNOWFLAKE);
    return is_odd ? parse_quoted_ident(p) : parse_label(p);
}

/* IDENTIFIER('a.b') is a.b: the names are read from the string as they would be from the text. */
static void push_names_of(struct parser *p, struct node_list *parts)
{
    struct token t = tok_need(p, TOK_STRING);
    struct lexer lex = {.arena = p->arena, .text = t.text, .dialect = p->dialect};
    struct token part;
    bool ok;
    do {
        ok =
            lex_next(&lex, &part, p->e) == OK && (part.kind == TOK_WORD || part.kind == TOK_QUOTED);
        if (ok) {
            part.offset = t.offset;
            part.length = t.length;
            parse_push(p, parts, parse_ident_of(p, &part));
            ok =
                lex_next(&lex, &part, p->e) == OK && (part.kind == TOK_DOT || part.kind == TOK_END);
        }
    } while (ok && part.kind == TOK_DOT);
    if (!ok) {
        parse_fail(p, ERR_BAD_SQL, t.offset, "the string is not a name");
    }
}

bool parse_identifier_call(struct parser *p, struct node_list *parts)
{
    bool is_call = tok_says(p, 0, "identifier") && tok_peek(p, 1)->kind == TOK_LPAREN &&
                   tok_peek(p, 2)->kind == TOK_STRING && tok_peek(p, 3)->kind == TOK_RPAREN;
    if (is_call) {
        tok_next(p);
        tok_next(p);
        push_names_of(p, parts);
        tok_next(p);
    }
    return is_call;
}

static struct node *public_ident(struct parser *p)
{
    struct node *n = parse_node(p, NODE_IDENT, tok(p)->offset);
    node_ident(n)->text = STR("public");
    return n;
}

struct node *parse_name(struct parser *p)
{
    struct node *n = parse_node(p, NODE_NAME, tok(p)->offset);
    if (!parse_identifier_call(p, &node_name(n)->parts)) {
        parse_push(p, &node_name(n)->parts, parse_ident(p));
    }
    while (tok_take(p, TOK_DOT)) {
        bool is_public = p->dialect == DIALECT_SNOWFLAKE && tok_is(p, TOK_DOT); /* db..t */
        parse_push(p, &node_name(n)->parts, is_public ? public_ident(p) : parse_label(p));
    }
    return parse_done(p, n);
}

void parse_ident_list(struct parser *p, struct node_list *out)
{
    tok_need(p, TOK_LPAREN);
    do {
        parse_push(p, out, parse_ident(p));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

struct str parse_lower(struct parser *p, struct str s)
{
    return arena_lower(p->arena, s);
}
