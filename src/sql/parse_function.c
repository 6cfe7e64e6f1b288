/* Macros, SQL functions, and functions and procedures of other languages, whose text is kept. */
#include "sql/parse_priv.h"
#include "sql/walk.h"

/* Whether a type without a name stands here, as in f(int, double precision). */
static bool is_bare_type(struct parser *p)
{
    const struct token *next = tok_peek(p, 1);
    bool is_pair = (tok_says(p, 0, "double") && next->word == KW_PRECISION) ||
                   next->word == KW_VARYING ||
                   ((tok_says(p, 0, "time") || tok_says(p, 0, "timestamp")) &&
                    (next->word == KW_WITH || next->word == KW_WITHOUT));
    bool is_name = next->kind == TOK_QUOTED || (next->kind == TOK_WORD && next->word != KW_DEFAULT);
    return is_pair || !is_name;
}

static enum param_mode take_mode(struct parser *p)
{
    const struct token *next = tok_peek(p, 1);
    bool is_mode = next->kind == TOK_WORD || next->kind == TOK_QUOTED;
    if (tok_take_word(p, KW_VARIADIC)) {
        return PARAM_VARIADIC;
    }
    if (is_mode && tok_take_said(p, "inout")) {
        return PARAM_INOUT;
    }
    if (is_mode && tok_take_said(p, "out")) {
        return PARAM_OUT;
    }
    tok_take_word(p, KW_IN);
    return PARAM_IN;
}

static bool take_default(struct parser *p)
{
    bool is_equals = tok_is_op(p, OP_EQ);
    if (is_equals) {
        tok_next(p);
    }
    return is_equals || tok_take(p, TOK_ASSIGN) || tok_take(p, TOK_ARROW) ||
           tok_take_word(p, KW_DEFAULT);
}

/* `named`: of a macro, whose parameters have names and may lack types. */
static struct node *parse_param(struct parser *p, bool named)
{
    struct node *n = parse_node(p, NODE_FUNCTION_PARAM, tok(p)->offset);
    struct node_function_param *param = node_function_param(n);
    param->mode = take_mode(p);
    if (named || !is_bare_type(p)) {
        param->name = parse_ident(p);
    }
    bool has_type = !named || tok_is(p, TOK_WORD) || tok_is(p, TOK_QUOTED);
    if (has_type && !tok_is_word(p, KW_DEFAULT)) {
        param->type = parse_type(p);
    }
    param->default_value = take_default(p) ? parse_expr(p) : NULL;
    return parse_done(p, n);
}

static void parse_params(struct parser *p, bool named, struct node_list *out)
{
    tok_need(p, TOK_LPAREN);
    if (tok_take(p, TOK_RPAREN)) {
        return;
    }
    do {
        parse_push(p, out, parse_param(p, named));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

struct node *parse_object_name(struct parser *p, enum object_kind object)
{
    struct node *name = parse_name(p);
    bool has_arguments = object == OBJECT_FUNCTION || object == OBJECT_PROCEDURE ||
                         object == OBJECT_MACRO || object == OBJECT_MACRO_TABLE;
    if (!has_arguments || !tok_is(p, TOK_LPAREN)) {
        return name;
    }
    struct node *n = parse_node(p, NODE_SIGNATURE, name->offset);
    node_signature(n)->name = name;
    parse_params(p, false, &node_signature(n)->args);
    return parse_done(p, n);
}

/* ---- macros ---- */

static struct node *parse_macro_body(struct parser *p)
{
    struct node *n = parse_node(p, NODE_FUNCTION_BODY, tok(p)->offset);
    struct node_function_body *body = node_function_body(n);
    parse_params(p, true, &body->params);
    tok_need_word(p, KW_AS);
    body->returns_table = tok_take_word(p, KW_TABLE);
    body->body = body->returns_table ? parse_query(p) : parse_expr(p);
    return parse_done(p, n);
}

struct node *parse_create_macro(struct parser *p, const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_CREATE_FUNCTION, flags->offset);
    struct node_create_function *create = node_create_function(n);
    create->object = OBJECT_MACRO;
    create->or_replace = flags->or_replace;
    create->temporary = flags->temporary;
    create->if_not_exists = take_if_not_exists(p);
    create->name = parse_name(p);
    do {
        parse_push(p, &create->bodies, parse_macro_body(p));
    } while (tok_take(p, TOK_COMMA));
    return parse_done(p, n);
}

/* ---- functions ---- */

static enum walk move_to(struct node **n, void *ctx)
{
    (*n)->offset = *(uint32_t *)ctx;
    (*n)->length = 0;
    return WALK_ON;
}

/* Reads the text of a string as SQL: a query or an expression. The depth and number of nodes count
 * on; positions inside become that of the string, which is what the client can be shown. */
static struct node *parse_text_of(struct parser *p, const struct token *text)
{
    struct lexer lex = p->lex;
    struct token ring[LOOKAHEAD];
    unsigned head = p->head, filled = p->filled;
    size_t end = p->end;
    uint32_t offset = text->offset;
    memcpy(ring, p->ring, sizeof ring);
    p->lex.text = text->text;
    p->lex.at = 0;
    p->filled = 0;
    p->inner_offset = &offset;
    parse_enter(p);
    struct node *n = tok_starts_query(p) ? parse_query(p) : parse_expr(p);
    (void)tok_take(p, TOK_SEMICOLON);
    if (!tok_is(p, TOK_END)) {
        parse_unsupported(p, "a function of more than one query or expression is");
    }
    parse_leave(p);
    parse_check_depth(p, n);
    (void)node_walk(&n, move_to, &offset);
    p->inner_offset = NULL;
    p->lex = lex;
    memcpy(p->ring, ring, sizeof ring);
    p->head = head;
    p->filled = filled;
    p->end = end;
    return n;
}

static void parse_returns_table(struct parser *p, struct node_function_body *body)
{
    body->returns_table = true;
    tok_need(p, TOK_LPAREN);
    if (tok_take(p, TOK_RPAREN)) {
        return;
    }
    do {
        parse_push(p, &body->returns_columns, parse_column_def(p, NULL));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

static bool take_returns(struct parser *p, struct node_function_body *body)
{
    bool is_free = !body->returns && !body->returns_table;
    if (!is_free || !tok_says(p, 0, "returns") || tok_peek(p, 1)->word == KW_NULL) {
        return false;
    }
    tok_next(p);
    if (tok_take_word(p, KW_TABLE)) {
        parse_returns_table(p, body);
    } else {
        body->returns_set = tok_take_said(p, "setof");
        body->returns = parse_type(p);
    }
    return true;
}

/* BEGIN ATOMIC query; END */
static struct node *parse_atomic(struct parser *p)
{
    struct node *n = parse_query(p);
    tok_need(p, TOK_SEMICOLON);
    if (!tok_is_word(p, KW_END)) {
        parse_unsupported(p, "a function of more than one query or expression is");
    }
    tok_next(p);
    return n;
}

/* Clauses that say how a function is run, and not what it gives: kept as they are. */
static const struct {
    const char *words;
    unsigned count, values;
} said[] = {
    {"immutable", 1, 0},
    {"stable", 1, 0},
    {"volatile", 1, 0},
    {"strict", 1, 0},
    {"leakproof", 1, 0},
    {"not leakproof", 2, 0},
    {"not null", 2, 0},
    {"window", 1, 0},
    {"memoizable", 1, 0},
    {"called on null input", 4, 0},
    {"returns null on null", 4, 1},
    {"security definer", 2, 0},
    {"security invoker", 2, 0},
    {"external security definer", 3, 0},
    {"external security invoker", 3, 0},
    {"copy grants", 2, 0},
    {"cost", 1, 1},
    {"rows", 1, 1},
    {"parallel", 1, 1},
    {"support", 1, 1},
    {"execute as", 2, 1},
    {"set", 1, 3}, /* SET name TO value */
};

static bool take_said_clause(struct parser *p, struct node_list *out)
{
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (!tok_says_all(p, said[i].words)) {
            continue;
        }
        struct node *n = parse_node(p, NODE_OPTION, tok(p)->offset);
        struct node_option *option = node_option(n);
        option->name = str_of(said[i].words);
        tok_take_all(p, said[i].words);
        for (unsigned k = 0; k < said[i].values; k++) {
            parse_push(p, &option->values, parse_token(p));
        }
        parse_push(p, out, parse_done(p, n));
        return true;
    }
    return false;
}

static void parse_language(struct parser *p, struct node_create_function *create)
{
    tok_next(p);
    create->language = tok_is(p, TOK_STRING) ? parse_lower(p, tok_next(p).text)
                                             : parse_lower(p, node_ident(parse_label(p))->text);
}

static bool take_function_clause(struct parser *p, struct node_create_function *create,
                                 struct node_function_body *body)
{
    if (tok_says(p, 0, "language") && !create->language.n) {
        parse_language(p, create);
    } else if (tok_is_word(p, KW_COMMENT) && !create->comment) {
        create->comment = parse_comment_option(p);
    } else if (tok_is_option(p)) {
        parse_push(p, &create->options, parse_option(p, 1));
    } else {
        return take_returns(p, body) || take_said_clause(p, &create->options);
    }
    return true;
}

/* A text comes in `text`: which language it is in may be said behind it. */
static void parse_function_end(struct parser *p, struct node_create_function *create,
                               struct node_function_body *body, struct token *text)
{
    if (tok_take_said(p, "return")) {
        body->body = parse_expr(p);
    } else if (tok_is_word(p, KW_BEGIN) && tok_says(p, 1, "atomic")) {
        tok_next(p);
        tok_next(p);
        body->body = parse_atomic(p);
    } else if (tok_take_word(p, KW_AS) && tok_is(p, TOK_STRING)) {
        *text = tok_next(p);
        if (tok_is(p, TOK_COMMA)) {
            parse_unsupported(p, "a function of an object file is");
        }
    } else if (tok_is_word(p, KW_DECLARE) || tok_is_word(p, KW_BEGIN)) {
        create->source = parse_block(p);
    } else if (!tok_ends_statement(p)) {
        parse_syntax_error(p);
    }
}

/* SQL of a function is read; any other language, and a procedure's statements, are kept as text. */
static void parse_function_text(struct parser *p, struct node_create_function *create,
                                struct node_function_body *body, const struct token *text)
{
    if (str_is(create->language, "sql")) {
        create->language = STR_NULL;
    }
    if (text->kind != TOK_STRING) {
        return;
    }
    if (!create->language.n && create->object == OBJECT_FUNCTION) {
        body->body = parse_text_of(p, text);
    } else {
        create->source = parse_literal(p, LIT_STRING, text->text, text->offset);
    }
}

struct node *parse_create_function(struct parser *p, const struct create_flags *flags,
                                   enum object_kind object)
{
    struct node *n = parse_node(p, NODE_CREATE_FUNCTION, flags->offset);
    struct node_create_function *create = node_create_function(n);
    create->object = object;
    create->or_replace = flags->or_replace;
    create->temporary = flags->temporary;
    create->secure = flags->secure;
    create->if_not_exists = take_if_not_exists(p);
    create->name = parse_name(p);
    struct node *inner = parse_node(p, NODE_FUNCTION_BODY, tok(p)->offset);
    struct node_function_body *body = node_function_body(inner);
    parse_params(p, false, &body->params);
    parse_push(p, &create->bodies, inner);
    struct token text = {0};
    while (take_function_clause(p, create, body)) {
    }
    parse_function_end(p, create, body, &text);
    while (take_function_clause(p, create, body)) {
    }
    parse_function_text(p, create, body, &text);
    parse_done(p, inner);
    return parse_done(p, n);
}
