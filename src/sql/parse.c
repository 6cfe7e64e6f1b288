/* The entry of the parser: limits, errors, tokens, the list of statements. */
#include "sql/parse.h"

#include <stdio.h>

#include "sql/parse_priv.h"

enum { SHOWN = 60 /* bytes of a token in a message */ };

void parse_fail(struct parser *p, enum error_code code, size_t offset, const char *fmt, ...)
{
    char message[sizeof p->e->message];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (void)error_at(p->e, code, p->inner_offset ? *p->inner_offset : offset, "%s", message);
    longjmp(p->failed, 1);
}

void parse_unsupported(struct parser *p, const char *what)
{
    parse_fail(p, ERR_UNSUPPORTED, tok(p)->offset, "%s not supported", what);
}

/* A string may be a secret, so its text isn't repeated. */
void parse_syntax_error(struct parser *p)
{
    const struct token *t = tok(p);
    if (t->kind == TOK_END) {
        parse_fail(p, ERR_BAD_SQL, t->offset, "syntax error at end of input");
    }
    if (t->kind == TOK_STRING || t->kind == TOK_BYTES) {
        parse_fail(p, ERR_BAD_SQL, t->offset, "syntax error at or near a string");
    }
    size_t n = t->length;
    if (n > SHOWN) {
        for (n = SHOWN; n > 0 && ((unsigned char)p->lex.text.p[t->offset + n] & 0xC0) == 0x80;
             n--) {
        }
    }
    parse_fail(p, ERR_BAD_SQL, t->offset, "syntax error at or near \"%.*s\"", (int)n,
               p->lex.text.p + t->offset);
}

void parse_enter(struct parser *p)
{
    if (++p->depth > p->limits.depth) {
        parse_fail(p, ERR_STATEMENT_TOO_COMPLEX, tok(p)->offset, "nested more than %d deep",
                   p->limits.depth);
    }
}

void parse_leave(struct parser *p)
{
    p->depth--;
}

const struct token *tok_peek(struct parser *p, unsigned ahead)
{
    while (p->filled <= ahead) {
        if (lex_next(&p->lex, &p->ring[(p->head + p->filled) % LOOKAHEAD], p->e)) {
            if (p->inner_offset) {
                p->e->position = *p->inner_offset;
            }
            longjmp(p->failed, 1);
        }
        p->filled++;
    }
    return &p->ring[(p->head + ahead) % LOOKAHEAD];
}

struct token tok_next(struct parser *p)
{
    struct token t = *tok(p);
    p->head = (p->head + 1) % LOOKAHEAD;
    p->filled--;
    p->end = t.offset + t.length;
    return t;
}

bool tok_take(struct parser *p, enum token_kind kind)
{
    if (tok(p)->kind != kind) {
        return false;
    }
    tok_next(p);
    return true;
}

bool tok_take_word(struct parser *p, enum keyword word)
{
    if (tok(p)->word != word) {
        return false;
    }
    tok_next(p);
    return true;
}

bool tok_take_words(struct parser *p, enum keyword first, enum keyword second)
{
    if (tok(p)->word != first || tok_peek(p, 1)->word != second) {
        return false;
    }
    tok_next(p);
    tok_next(p);
    return true;
}

struct token tok_need(struct parser *p, enum token_kind kind)
{
    if (tok(p)->kind != kind) {
        parse_syntax_error(p);
    }
    return tok_next(p);
}

void tok_need_word(struct parser *p, enum keyword word)
{
    if (!tok_take_word(p, word)) {
        parse_syntax_error(p);
    }
}

bool tok_says(struct parser *p, unsigned ahead, const char *word)
{
    const struct token *t = tok_peek(p, ahead);
    return t->kind == TOK_WORD && str_iis(t->text, word);
}

bool tok_starts_expr(struct parser *p, unsigned ahead)
{
    const struct token *t = tok_peek(p, ahead);
    switch (t->kind) {
    case TOK_END:
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE:
    case TOK_COMMA:
    case TOK_SEMICOLON:
        return false;
    default:
        break;
    }
    switch (t->word) {
    case KW_FROM:
    case KW_WHERE:
    case KW_GROUP:
    case KW_HAVING:
    case KW_WINDOW:
    case KW_QUALIFY:
    case KW_ORDER:
    case KW_LIMIT:
    case KW_OFFSET:
    case KW_FETCH:
    case KW_UNION:
    case KW_EXCEPT:
    case KW_INTERSECT:
    case KW_USING:
    case KW_ON:
    case KW_AS:
        return false;
    case KW_MINUS:
        return p->dialect != DIALECT_SNOWFLAKE;
    default:
        return true;
    }
}

bool tok_more(struct parser *p)
{
    return tok_take(p, TOK_COMMA) && (p->dialect == DIALECT_POSTGRES || tok_starts_expr(p, 0));
}

struct node *parse_node(struct parser *p, enum node_kind kind, size_t offset)
{
    if (++p->nodes > p->limits.nodes || arena_exceeded(p->arena)) {
        parse_fail(p, ERR_STATEMENT_TOO_COMPLEX, offset, "statement has too many parts");
    }
    return node_new(p->arena, kind, offset);
}

struct node *parse_done(struct parser *p, struct node *n)
{
    n->length = (uint32_t)(p->end - n->offset);
    return n;
}

void parse_push(struct parser *p, struct node_list *list, struct node *n)
{
    node_push(p->arena, list, n);
}

/* Depth of a finished tree, with a stack of its own: a chain such as a + b + c grows the tree
 * without growing the parser's recursion, and later passes do recurse. */
struct level {
    struct node *n;
    const struct node_member *member;
    uint32_t item;
};

static struct node *next_child(struct level *l)
{
    for (; l->member->kind != FIELD_END; l->member++, l->item = 0) {
        if (l->member->kind == FIELD_NODE && l->item++ == 0 && *node_child(l->n, l->member)) {
            return *node_child(l->n, l->member);
        }
        if (l->member->kind == FIELD_NODES) {
            struct node_list *list = node_children(l->n, l->member);
            if (l->item < list->n) {
                return list->at[l->item++];
            }
        }
    }
    return NULL;
}

void parse_check_depth(struct parser *p, struct node *root)
{
    if (!p->levels) {
        p->levels = ARENA_ARRAY(p->arena, struct level, p->limits.depth);
    }
    struct level *stack = p->levels;
    int depth = 0;
    stack[depth++] = (struct level){root, node_members(root->kind), 0};
    while (depth > 0) {
        struct node *child = next_child(&stack[depth - 1]);
        if (!child) {
            depth--;
            continue;
        }
        if (depth == p->limits.depth) {
            parse_fail(p, ERR_STATEMENT_TOO_COMPLEX, child->offset, "nested more than %d deep",
                       p->limits.depth);
        }
        stack[depth++] = (struct level){child, node_members(child->kind), 0};
    }
}

/* The offset of the first byte that isn't text; only asked when there is one. */
static size_t bad_byte(struct str text)
{
    size_t i = 0;
    while (i < text.n) {
        size_t n = 1;
        while (n < 4 && !str_is_utf8((struct str){text.p + i, n}) && i + n < text.n) {
            n++;
        }
        if (!str_is_utf8((struct str){text.p + i, n})) {
            return i;
        }
        i += n;
    }
    return i;
}

static enum status parser_init(struct parser *p, struct arena *a, struct str text,
                               enum dialect dialect, const struct parse_limits *limits,
                               struct error *e)
{
    if (text.n > limits->text || text.n > UINT32_MAX) {
        return error_set(e, ERR_STATEMENT_TOO_COMPLEX, "statement is longer than %zu bytes",
                         limits->text);
    }
    if (!str_is_utf8(text)) {
        return error_at(e, ERR_BAD_ENCODING, bad_byte(text), "text is not UTF-8 or holds NUL");
    }
    p->lex = (struct lexer){.arena = a, .text = text, .dialect = dialect};
    p->arena = a;
    p->dialect = dialect;
    p->limits = *limits;
    p->e = e;
    p->head = p->filled = 0;
    p->end = p->nodes = 0;
    p->depth = 0;
    p->placeholders = 0;
    p->numbered = p->colon_ends = false;
    p->top = NULL;
    p->levels = NULL;
    p->inner_offset = NULL;
    return OK;
}

static struct node *parse_empty(struct parser *p)
{
    return parse_node(p, NODE_EMPTY, tok(p)->offset);
}

/* statement { ; statement }: a text without any statement gives one EMPTY, and so does each nothing
 * that a semicolon ends; what follows the last semicolon counts only when it is something. */
static void parse_list(struct parser *p, struct node_list *out)
{
    do {
        bool is_empty = tok_is(p, TOK_SEMICOLON) || tok_is(p, TOK_END);
        p->placeholders = 0;
        p->numbered = false;
        struct node *n = is_empty ? parse_empty(p) : parse_done(p, parse_statement(p));
        if (!tok_is(p, TOK_SEMICOLON) && !tok_is(p, TOK_END)) {
            parse_syntax_error(p);
        }
        parse_check_depth(p, n);
        parse_push(p, out, n);
    } while (tok_take(p, TOK_SEMICOLON) && !tok_is(p, TOK_END));
}

enum status sql_parse(struct arena *a, struct str text, enum dialect dialect,
                      const struct parse_limits *limits, struct node_list *out, struct error *e)
{
    struct parser p;
    if (parser_init(&p, a, text, dialect, limits, e)) {
        return FAIL;
    }
    *out = (struct node_list){0};
    if (setjmp(p.failed)) {
        return FAIL;
    }
    parse_list(&p, out);
    return OK;
}

enum status sql_parse_expr(struct arena *a, struct str text, enum dialect dialect,
                           const struct parse_limits *limits, struct node **out, struct error *e)
{
    struct parser p;
    if (parser_init(&p, a, text, dialect, limits, e)) {
        return FAIL;
    }
    if (setjmp(p.failed)) {
        return FAIL;
    }
    struct node *n = parse_expr(&p);
    if (!tok_is(&p, TOK_END)) {
        parse_syntax_error(&p);
    }
    parse_check_depth(&p, n);
    *out = n;
    return OK;
}
