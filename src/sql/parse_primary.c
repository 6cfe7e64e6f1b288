/* What an expression is made of: which value a token starts, and what hangs behind it. */
#include "sql/parse_priv.h"

/* CURRENT_DATE and the like: functions that the standard writes without parentheses. */
static struct node *parse_niladic(struct parser *p, const char *name)
{
    struct node *n = parse_func_of(p, name, tok_next(p).offset);
    if (tok_take(p, TOK_LPAREN)) { /* nothing, or how many digits of a second */
        if (!tok_is(p, TOK_RPAREN)) {
            parse_push(p, &node_func(n)->args, parse_expr(p));
        }
        tok_need(p, TOK_RPAREN);
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

/* COLLATE(x, 'en'): the one function whose name is reserved */
static struct node *parse_collate_call(struct parser *p)
{
    struct node *name = parse_node(p, NODE_NAME, tok(p)->offset);
    parse_push(p, &node_name(name)->parts, parse_quoted_ident(p));
    return parse_call(p, parse_done(p, name));
}

/* PRIOR a, CONNECT_BY_ROOT a: of a column; the words are names but before another one. */
static struct node *parse_hierarchic(struct parser *p)
{
    if (!tok_is_column_name(p, 1)) {
        return NULL;
    }
    struct node *n = parse_node(p, NODE_UNARY, tok(p)->offset);
    struct node *column = parse_node(p, NODE_COLUMN_REF, tok_peek(p, 1)->offset);
    node_unary(n)->op = tok_next(p).word == KW_PRIOR ? OP_PRIOR : OP_CONNECT_BY_ROOT;
    node_unary(n)->operand = column;
    parse_push(p, &node_column_ref(column)->parts, parse_ident(p));
    while (tok_take(p, TOK_DOT)) {
        parse_push(p, &node_column_ref(column)->parts, parse_label(p));
    }
    parse_done(p, column);
    return parse_done(p, n);
}

/* TABLE(t): a table as an argument */
static struct node *parse_table_value(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TABLE_OF, tok_next(p).offset);
    tok_next(p);
    node_table_of(n)->name = parse_expr(p);
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

/* What a keyword starts; NULL when the word is but a name here. */
static struct node *parse_keyword(struct parser *p)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    switch (tok(p)->word) {
    case KW_NULL:
        return parse_take_literal(p, LIT_NULL);
    case KW_TRUE:
        return parse_take_literal(p, LIT_TRUE);
    case KW_FALSE:
        return parse_take_literal(p, LIT_FALSE);
    case KW_CASE:
        return parse_case(p);
    case KW_EXISTS:
        return next == TOK_LPAREN ? parse_exists(p) : NULL;
    case KW_ROW:
        return next == TOK_LPAREN ? parse_row(p) : NULL;
    case KW_MAP:
        return next == TOK_LBRACE ? parse_map(p) : NULL;
    case KW_ARRAY:
        return parse_array(p);
    case KW_COLLATE:
        return next == TOK_LPAREN ? parse_collate_call(p) : NULL;
    case KW_TABLE:
        return next == TOK_LPAREN ? parse_table_value(p) : NULL;
    case KW_INTERVAL:
        return parse_interval(p);
    case KW_PRIOR:
    case KW_CONNECT_BY_ROOT:
        return parse_hierarchic(p);
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

/* @stage/path as an argument */
static struct node *parse_stage_value(struct parser *p)
{
    struct node *n = parse_node(p, NODE_STAGE_REF, tok(p)->offset);
    node_stage_ref(n)->path = tok_next(p).text;
    return parse_done(p, n);
}

/* What starts with an operator: #1, *COLUMNS(..). */
static struct node *parse_odd_atom(struct parser *p)
{
    if (tok_is_op(p, OP_BIT_XOR)) {
        return parse_column_number(p);
    }
    if (!tok_is_unpacked(p)) {
        parse_syntax_error(p);
    }
    size_t offset = tok_next(p).offset;
    struct node *n = parse_named(p);
    node_columns(n)->unpacked = true;
    n->offset = (uint32_t)offset;
    return parse_done(p, n);
}

struct node *parse_atom(struct parser *p)
{
    switch (tok(p)->kind) {
    case TOK_STRING:
        return parse_take_literal(p, LIT_STRING);
    case TOK_BYTES:
        return parse_take_literal(p, LIT_BYTES);
    case TOK_INTEGER:
        return parse_take_literal(p, LIT_INTEGER);
    case TOK_DECIMAL:
        return parse_take_literal(p, LIT_DECIMAL);
    case TOK_FLOAT:
        return parse_take_literal(p, LIT_FLOAT);
    case TOK_BITS:
        return parse_bits(p);
    case TOK_PARAM:
    case TOK_PLACEHOLDER:
        return parse_parameter(p);
    case TOK_VARIABLE:
    case TOK_COLON:
        return parse_variable(p);
    case TOK_STAGE:
        return parse_stage_value(p);
    case TOK_OP:
        return parse_odd_atom(p);
    case TOK_LPAREN:
        return parse_paren(p);
    case TOK_LBRACKET:
        return parse_list_lit(p);
    case TOK_LBRACE:
        return parse_struct(p);
    default:
        break;
    }
    struct node *n = tok(p)->word ? parse_keyword(p) : NULL;
    if (n) {
        return n;
    }
    return tok_starts_typed_literal(p) ? parse_typed_literal(p) : parse_named(p);
}

/* A bound of a slice that may be left out, in DuckDB also as a lone - before another colon. */
static struct node *parse_slice_bound(struct parser *p)
{
    if (tok_is_op(p, OP_SUB) && (tok_closes(p, 1, TOK_COLON) || tok_closes(p, 1, TOK_RBRACKET))) {
        tok_next(p);
        return NULL;
    }
    return tok_is(p, TOK_COLON) || tok_is(p, TOK_RBRACKET) ? NULL : parse_expr(p);
}

/* [i], [low:high], [low:high:step] */
static struct node *parse_subscript(struct parser *p, struct node *operand)
{
    bool colon_ends = p->colon_ends;
    p->colon_ends = p->dialect != DIALECT_SNOWFLAKE; /* it has paths and no slices */
    tok_next(p);
    struct node *low = tok_is(p, TOK_RBRACKET) ? parse_expr(p) : parse_slice_bound(p);
    struct node *n;
    if (tok_take(p, TOK_COLON)) {
        n = parse_node(p, NODE_SLICE, operand->offset);
        node_slice(n)->operand = operand;
        node_slice(n)->low = low;
        node_slice(n)->high = parse_slice_bound(p);
        node_slice(n)->step = tok_take(p, TOK_COLON) ? parse_expr(p) : NULL;
    } else {
        n = parse_node(p, NODE_INDEX, operand->offset);
        node_index(n)->operand = operand;
        node_index(n)->index = low;
    }
    if (n->kind == NODE_INDEX && !low) {
        parse_syntax_error(p);
    }
    tok_need(p, TOK_RBRACKET);
    p->colon_ends = colon_ends;
    return parse_done(p, n);
}

static struct node *parse_cast_suffix(struct parser *p, struct node *operand)
{
    struct node *n = parse_node(p, NODE_CAST, operand->offset);
    node_cast(n)->operand = operand;
    node_cast(n)->target = parse_type(p);
    return parse_done(p, n);
}

static struct node *parse_field_suffix(struct parser *p, struct node *operand)
{
    tok_next(p);
    struct node *name = parse_label(p);
    if (tok_is(p, TOK_LPAREN) && p->dialect == DIALECT_DUCKDB) {
        return parse_method(p, operand, name);
    }
    struct node *n = parse_node(p, NODE_FIELD, operand->offset);
    node_field(n)->operand = operand;
    node_field(n)->name = name;
    return parse_done(p, n);
}

/* Whether a colon starts a path into the value before it. */
static bool at_path(struct parser *p)
{
    if (!tok_is(p, TOK_COLON) || p->colon_ends || p->dialect == DIALECT_DUCKDB) {
        return false;
    }
    enum token_kind next = tok_peek(p, 1)->kind;
    return next == TOK_WORD || next == TOK_QUOTED || next == TOK_LBRACKET;
}

/* :a.b[0]: one node for all steps up to what isn't one. */
static struct node *parse_path(struct parser *p, struct node *operand)
{
    struct node *n = parse_node(p, NODE_PATH, operand->offset);
    struct node_list *steps = &node_path(n)->steps;
    bool colon_ends = p->colon_ends;
    node_path(n)->operand = operand;
    for (;;) {
        if (tok_is(p, TOK_DOT) || at_path(p)) {
            tok_next(p);
            if (!tok_is(p, TOK_LBRACKET)) {
                parse_push(p, steps, parse_label(p));
            }
        } else if (tok_take(p, TOK_LBRACKET)) {
            p->colon_ends = false;
            parse_push(p, steps, parse_expr(p));
            p->colon_ends = colon_ends;
            tok_need(p, TOK_RBRACKET);
        } else {
            return parse_done(p, n);
        }
    }
}

/* n! */
static struct node *parse_factorial(struct parser *p, struct node *operand)
{
    struct node *n = parse_func_of(p, "factorial", operand->offset);
    tok_next(p);
    parse_push(p, &node_func(n)->args, operand);
    return parse_done(p, n);
}

struct node *parse_primary(struct parser *p)
{
    struct node *n = parse_atom(p);
    for (;;) {
        if (tok_is(p, TOK_LBRACKET)) {
            n = parse_subscript(p, n);
        } else if (tok_take(p, TOK_CAST)) {
            n = parse_cast_suffix(p, n);
        } else if (tok_is(p, TOK_DOT) && n->kind != NODE_STAR) {
            n = parse_field_suffix(p, n);
        } else if (at_path(p)) {
            n = parse_path(p, n);
        } else if (tok_is(p, TOK_BANG) && p->dialect == DIALECT_DUCKDB) {
            n = parse_factorial(p, n);
        } else {
            return n;
        }
    }
}
