/* MATCH_RECOGNIZE. Its pattern is kept as text: nobody here looks into it. */
#include "sql/parse_priv.h"

/* FINAL x, RUNNING x */
static struct node *parse_mode(struct parser *p)
{
    struct node *n = parse_node(p, NODE_UNARY, tok(p)->offset);
    node_unary(n)->op = tok_says(p, 0, "final") ? OP_FINAL : OP_RUNNING;
    tok_next(p);
    node_unary(n)->operand = parse_primary(p);
    return parse_done(p, n);
}

static void parse_match_targets(struct parser *p, struct node_list *out)
{
    do {
        struct node *n = parse_node(p, NODE_TARGET, tok(p)->offset);
        bool has_mode = (tok_says(p, 0, "final") || tok_says(p, 0, "running")) &&
                        (tok_peek(p, 1)->kind == TOK_QUOTED ||
                         (tok_peek(p, 1)->kind == TOK_WORD && tok_peek(p, 1)->word != KW_AS));
        node_target(n)->expr = has_mode ? parse_mode(p) : parse_expr(p);
        if (tok_take_word(p, KW_AS)) {
            node_target(n)->alias = parse_label(p);
        }
        parse_push(p, out, parse_done(p, n));
    } while (tok_take(p, TOK_COMMA));
}

/* name AS condition, ... */
static void parse_define(struct parser *p, struct node_list *out)
{
    do {
        struct node *n = parse_node(p, NODE_TARGET, tok(p)->offset);
        node_target(n)->alias = parse_ident(p);
        tok_need_word(p, KW_AS);
        node_target(n)->expr = parse_expr(p);
        parse_push(p, out, parse_done(p, n));
    } while (tok_take(p, TOK_COMMA));
}

/* The words up to PATTERN or AFTER, in lower case, a space between them. */
static struct str parse_words(struct parser *p)
{
    enum { MOST = 200 };
    char *room = arena_alloc(p->arena, MOST);
    size_t n = 0;
    while (tok_is(p, TOK_WORD) && !tok_says(p, 0, "pattern") &&
           (n == 0 || !tok_says(p, 0, "after"))) {
        struct str word = parse_lower(p, tok(p)->text);
        if (n + word.n + 1 > MOST) {
            parse_syntax_error(p);
        }
        n += n > 0;
        if (n > 0) {
            room[n - 1] = ' ';
        }
        memcpy(room + n, word.p, word.n);
        n += word.n;
        tok_next(p);
    }
    return (struct str){room, n};
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ( pattern ), as it is written: what its marks mean isn't the lexer's. A comment in it would be
 * read again as a part of it, so there is none. */
static struct str parse_pattern(struct parser *p)
{
    if (!tok_is(p, TOK_LPAREN)) {
        parse_syntax_error(p);
    }
    struct str text = p->lex.text;
    size_t start = tok(p)->offset + 1, at = start;
    bool quoted = false;
    for (int depth = 1; depth > 0; at++) {
        bool is_comment =
            at + 1 < text.n && !quoted && (text.p[at] == '-' || text.p[at] == '/') &&
            (text.p[at + 1] == text.p[at] || (text.p[at + 1] == '*' && text.p[at] == '/'));
        if (at >= text.n || is_comment) {
            parse_fail(p, ERR_BAD_SQL, start,
                       is_comment ? "a comment in a pattern" : "unterminated pattern");
        }
        quoted ^= text.p[at] == '"';
        depth += quoted ? 0 : (text.p[at] == '(') - (text.p[at] == ')');
    }
    p->lex.at = p->end = at;
    p->filled = 0;
    size_t end = at - 1;
    while (start < end && is_blank(text.p[start])) {
        start++;
    }
    while (end > start && is_blank(text.p[end - 1])) {
        end--;
    }
    return (struct str){text.p + start, end - start};
}

static void parse_match_head(struct parser *p, struct node_match_recognize *m)
{
    if (tok_take_word(p, KW_PARTITION)) {
        tok_need_word(p, KW_BY);
        parse_expr_list(p, &m->partition);
    }
    if (tok_take_words(p, KW_ORDER, KW_BY)) {
        parse_order_items(p, &m->order);
    }
    if (tok_take_said(p, "measures")) {
        parse_match_targets(p, &m->measures);
    }
    if (!tok_says(p, 0, "after")) {
        m->rows = parse_words(p);
    }
    if (tok_says(p, 0, "after")) {
        m->skip = parse_words(p);
    }
}

struct node *parse_match_recognize(struct parser *p, struct node *source)
{
    struct node *n = parse_node(p, NODE_MATCH_RECOGNIZE, source->offset);
    struct node_match_recognize *m = node_match_recognize(n);
    m->source = source;
    tok_need(p, TOK_LPAREN);
    parse_match_head(p, m);
    if (!tok_take_said(p, "pattern")) {
        parse_syntax_error(p);
    }
    m->pattern = parse_pattern(p);
    if (tok_take_said(p, "define")) {
        parse_define(p, &m->define);
    }
    tok_need(p, TOK_RPAREN);
    parse_alias(p, &m->alias, &m->columns);
    return parse_done(p, n);
}
