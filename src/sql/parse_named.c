/* What starts with a name: a column, a call, a star, a method, a model. */
#include "sql/parse_priv.h"

/* Words that the standard reserves and Snowflake doesn't. */
static bool is_free_word(const struct parser *p, enum keyword word)
{
    switch (word) {
    case KW_ANALYSE:
    case KW_ANALYZE:
    case KW_DEFERRABLE:
    case KW_DO:
    case KW_END:
    case KW_FOREIGN:
    case KW_INITIALLY:
    case KW_OFFSET:
    case KW_ONLY:
    case KW_PLACING:
    case KW_PRIMARY:
    case KW_REFERENCES:
    case KW_RETURNING:
    case KW_SYMMETRIC:
    case KW_ASYMMETRIC:
    case KW_VARIADIC:
    case KW_WINDOW:
    case KW_ASOF:
    case KW_ANTI:
    case KW_SEMI:
    case KW_POSITIONAL:
    case KW_AUTHORIZATION:
    case KW_BINARY:
    case KW_FREEZE:
    case KW_GLOB:
    case KW_OVERLAPS:
    case KW_VERBOSE:
        return p->dialect == DIALECT_SNOWFLAKE;
    default:
        return false;
    }
}

static struct node *parse_first_part(struct parser *p)
{
    enum keyword_class class = lex_keyword_class(tok(p)->word);
    bool is_call = tok_peek(p, 1)->kind == TOK_LPAREN;
    if (class != KEYWORD_RESERVED && (class != KEYWORD_FUNCTION || is_call)) {
        return parse_label(p);
    }
    if (!is_free_word(p, tok(p)->word)) {
        parse_syntax_error(p);
    }
    return parse_quoted_ident(p);
}

/* Behind a dot: a name, or the $1 of t.$1. */
static struct node *parse_next_part(struct parser *p)
{
    if (!tok_is(p, TOK_PARAM)) {
        return parse_label(p);
    }
    struct token t = tok_next(p);
    t.kind = TOK_QUOTED;
    t.text = (struct str){t.text.p - 1, t.text.n + 1};
    return parse_ident_of(p, &t);
}

/* model!method(..), model!attribute */
static struct node *parse_model_ref(struct parser *p, struct node *name)
{
    struct node *n = parse_node(p, NODE_MODEL_REF, name->offset);
    tok_next(p);
    struct node *member = parse_label(p);
    node_model_ref(n)->model = name;
    node_model_ref(n)->member = member;
    if (tok_is(p, TOK_LPAREN)) {
        struct node *method = parse_node(p, NODE_NAME, member->offset);
        parse_push(p, &node_name(method)->parts, member);
        node_model_ref(n)->member = parse_call(p, parse_done(p, method));
    }
    return parse_done(p, n);
}

static bool is_columns(const struct node_list *parts)
{
    const struct node_ident *last = node_ident_const(parts->at[parts->n - 1]);
    return parts->n <= 2 && !last->quoted && str_iis(last->text, "columns");
}

/* In DuckDB a.upper() is upper(a), unless a is one of the engine's own schemas. */
static bool is_method(const struct parser *p, const struct node_list *parts)
{
    static const char *const schemas[] = {"main", "pg_catalog", "information_schema", "system"};
    bool is_schema = false;
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        is_schema |= str_iis(node_ident(parts->at[0])->text, schemas[i]);
    }
    return p->dialect == DIALECT_DUCKDB && parts->n > 1 && !is_schema;
}

/* operand.f(x), at the opening parenthesis, is f(operand, x). */
struct node *parse_method(struct parser *p, struct node *operand, struct node *ident)
{
    struct node *name = parse_node(p, NODE_NAME, ident->offset);
    parse_push(p, &node_name(name)->parts, ident);
    struct node *n = parse_call(p, parse_done(p, name));
    /* Behind a point any word is a name; in front of a call a keyword may be read as its syntax. */
    node_ident(ident)->quoted |= lex_keyword(node_ident(ident)->text) != KW_NONE;
    if (node_func(n)->star) {
        parse_fail(p, ERR_BAD_SQL, ident->offset, "a method can't be called with *");
    }
    struct node_list args = {0};
    parse_push(p, &args, operand);
    for (uint32_t i = 0; i < node_func(n)->args.n; i++) {
        parse_push(p, &args, node_func(n)->args.at[i]);
    }
    node_func(n)->args = args;
    n->offset = operand->offset;
    return parse_done(p, n);
}

static struct node *parse_named_call(struct parser *p, struct node *column)
{
    struct node_list *parts = &node_column_ref(column)->parts;
    if (is_columns(parts)) {
        parts->n--;
        return parse_columns(p, *parts, column->offset);
    }
    bool is_extract = parts->n == 1 && tok_peek(p, 2)->word == KW_FROM &&
                      str_iis(node_ident(parts->at[0])->text, "date_part");
    if (is_extract) {
        return parse_extract(p, column->offset);
    }
    if (is_method(p, parts)) {
        struct node *ident = parts->at[--parts->n];
        return parse_method(p, column, ident);
    }
    struct node *name = parse_node(p, NODE_NAME, column->offset);
    node_name(name)->parts = *parts;
    return parse_call(p, parse_done(p, name));
}

/* A name: a column, a call, or t.* */
struct node *parse_named(struct parser *p)
{
    if (!tok_is(p, TOK_WORD) && !tok_is(p, TOK_QUOTED)) {
        parse_syntax_error(p);
    }
    struct node *n = parse_node(p, NODE_COLUMN_REF, tok(p)->offset);
    struct node_list *parts = &node_column_ref(n)->parts;
    if (!parse_identifier_call(p, parts)) {
        parse_push(p, parts, parse_first_part(p));
    }
    while (tok_take(p, TOK_DOT)) {
        if (tok_is_op(p, OP_MUL)) {
            return parse_star(p, *parts, n->offset);
        }
        parse_push(p, parts, parse_next_part(p));
    }
    if (tok_is(p, TOK_LPAREN)) {
        return parse_named_call(p, n);
    }
    if (tok_is(p, TOK_BANG) && p->dialect != DIALECT_DUCKDB) {
        struct node *name = parse_node(p, NODE_NAME, n->offset);
        node_name(name)->parts = *parts;
        return parse_model_ref(p, parse_done(p, name));
    }
    return parse_done(p, n);
}
