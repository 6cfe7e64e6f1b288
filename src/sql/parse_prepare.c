/* Prepared statements and cursors by SQL, and CALL. */
#include "sql/parse_priv.h"

/* PREPARE name [(types)] AS statement */
struct node *parse_prepare(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    if (tok_is_word(p, KW_TRANSACTION) && tok_peek(p, 1)->kind == TOK_STRING) {
        return parse_foreign_rest(p, "prepare", offset);
    }
    struct node *n = parse_node(p, NODE_PREPARE, offset);
    struct node_prepare *prepare = node_prepare(n);
    prepare->name = parse_ident(p);
    if (tok_take(p, TOK_LPAREN)) {
        do {
            parse_push(p, &prepare->types, parse_type(p));
        } while (tok_take(p, TOK_COMMA));
        tok_need(p, TOK_RPAREN);
    }
    tok_need_word(p, KW_AS);
    if (tok_is_word(p, KW_PREPARE)) {
        parse_syntax_error(p);
    }
    parse_enter(p);
    prepare->statement = parse_done(p, parse_statement(p));
    parse_leave(p);
    return parse_done(p, n);
}

/* An argument, or DuckDB's name := value. */
static struct node *parse_argument(struct parser *p)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    if (!tok_is_column_name(p, 0) || (next != TOK_ASSIGN && next != TOK_ARROW)) {
        return parse_expr(p);
    }
    struct node *n = parse_node(p, NODE_NAMED_ARG, tok(p)->offset);
    node_named_arg(n)->name = tok_next(p).text;
    tok_next(p);
    node_named_arg(n)->value = parse_expr(p);
    return parse_done(p, n);
}

struct node *parse_execute(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    if (tok_says(p, 0, "immediate") || tok_says_all(p, "task") || tok_says_all(p, "alert")) {
        enum token_kind next = tok_peek(p, 1)->kind;
        bool is_name = next == TOK_LPAREN || next == TOK_SEMICOLON || next == TOK_END;
        if (!is_name) {
            return parse_foreign_rest(p, "execute", offset);
        }
    }
    struct node *n = parse_node(p, NODE_EXECUTE, offset);
    struct node_execute *execute = node_execute(n);
    execute->name = parse_ident(p);
    if (tok_take(p, TOK_LPAREN) && !tok_take(p, TOK_RPAREN)) {
        do {
            parse_push(p, &execute->args, parse_argument(p));
        } while (tok_take(p, TOK_COMMA));
        tok_need(p, TOK_RPAREN);
    }
    return parse_done(p, n);
}

/* ---- cursors ---- */

static bool take_cursor_option(struct parser *p, struct node_declare_cursor *cursor)
{
    if (tok_take_word(p, KW_BINARY)) {
        cursor->binary = true;
    } else if (tok_take_said(p, "asensitive")) {
        cursor->sensitivity = SENSITIVITY_ASENSITIVE;
    } else if (tok_take_said(p, "insensitive")) {
        cursor->sensitivity = SENSITIVITY_INSENSITIVE;
    } else if (tok_take_said(p, "scroll")) {
        cursor->scroll = SAID_YES;
    } else if (tok_take_all(p, "no scroll")) {
        cursor->scroll = SAID_NO;
    } else {
        return false;
    }
    return true;
}

/* Snowflake's blocks begin with DECLARE too; what they declare has no CURSOR's words. */
static bool declares_cursor(struct parser *p)
{
    static const char *const words[] = {"binary", "asensitive", "insensitive",
                                        "scroll", "no",         "cursor"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (tok_says(p, 2, words[i])) {
            return true;
        }
    }
    return false;
}

/* DECLARE name [BINARY] [INSENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query */
struct node *parse_declare(struct parser *p)
{
    if (tok_peek(p, 1)->kind != TOK_END && tok_peek(p, 2)->kind != TOK_END && !declares_cursor(p)) {
        return parse_block(p);
    }
    struct node *n = parse_node(p, NODE_DECLARE_CURSOR, tok_next(p).offset);
    struct node_declare_cursor *cursor = node_declare_cursor(n);
    cursor->name = parse_ident(p);
    while (take_cursor_option(p, cursor)) {
    }
    tok_need_said(p, "cursor");
    cursor->hold = tok_take_all(p, "with hold");
    if (!cursor->hold) {
        tok_take_all(p, "without hold");
    }
    tok_need_word(p, KW_FOR);
    cursor->query = parse_query(p);
    return parse_done(p, n);
}

static struct node *count_of(struct parser *p, const char *digits, bool negative)
{
    size_t offset = p->end;
    struct node *n = parse_literal(p, LIT_INTEGER, str_of(digits), offset);
    if (negative) {
        struct node *minus = parse_node(p, NODE_UNARY, offset);
        node_unary(minus)->op = OP_NEG;
        node_unary(minus)->operand = n;
        n = minus;
    }
    return n;
}

static struct node *take_count(struct parser *p)
{
    bool is_number = tok_is(p, TOK_INTEGER) || tok_is_op(p, OP_SUB) || tok_is_op(p, OP_ADD);
    return is_number ? parse_signed(p) : count_of(p, "1", false);
}

/* Nothing is NEXT; a number alone is FORWARD. */
static void parse_direction_of_fetch(struct parser *p, struct node_fetch *fetch)
{
    static const struct {
        const char *word;
        enum fetch_direction direction;
        bool negative;
    } single[] = {{"next", FETCH_FORWARD, false},
                  {"prior", FETCH_BACKWARD, false},
                  {"first", FETCH_ABSOLUTE, false},
                  {"last", FETCH_ABSOLUTE, true}};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        if (tok_take_said(p, single[i].word)) {
            fetch->direction = single[i].direction;
            fetch->count = count_of(p, "1", single[i].negative);
            return;
        }
    }
    if (tok_take_said(p, "absolute") || tok_says(p, 0, "relative")) {
        bool is_relative = tok_take_said(p, "relative");
        fetch->direction = is_relative ? FETCH_RELATIVE : FETCH_ABSOLUTE;
        fetch->count = parse_signed(p);
        return;
    }
    if (tok_take_said(p, "backward")) {
        fetch->direction = FETCH_BACKWARD;
    } else {
        tok_take_said(p, "forward");
    }
    fetch->all = tok_take_word(p, KW_ALL);
    fetch->count = fetch->all ? NULL : take_count(p);
}

struct node *parse_fetch_cursor(struct parser *p)
{
    struct node *n = parse_node(p, NODE_FETCH, tok(p)->offset);
    struct node_fetch *fetch = node_fetch(n);
    fetch->move = tok_next(p).word == KW_MOVE;
    enum token_kind next = tok_peek(p, 1)->kind;
    bool is_cursor = next == TOK_END || next == TOK_SEMICOLON; /* named like a direction */
    if (is_cursor) {
        fetch->count = count_of(p, "1", false);
    } else {
        parse_direction_of_fetch(p, fetch);
    }
    if (!tok_take_word(p, KW_FROM)) {
        tok_take_word(p, KW_IN);
    }
    fetch->cursor = parse_ident(p);
    return parse_done(p, n);
}

struct node *parse_close(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CLOSE, tok_next(p).offset);
    node_close_cursor(n)->cursor = tok_take_word(p, KW_ALL) ? NULL : parse_ident(p);
    return parse_done(p, n);
}

struct node *parse_call_statement(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CALL, tok_next(p).offset);
    struct node *name = parse_name(p);
    if (!tok_is(p, TOK_LPAREN)) {
        parse_syntax_error(p);
    }
    node_call(n)->func = parse_call(p, name);
    if (node_call(n)->func->kind != NODE_FUNC) {
        parse_fail(p, ERR_BAD_SQL, name->offset, "CALL takes a procedure");
    }
    return parse_done(p, n);
}
