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

/* $1, and ? which is the next of its kind; what mixes them could mean anything. */
static struct node *parse_param(struct parser *p)
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
static struct node *parse_variable(struct parser *p)
{
    bool is_bind = tok_is(p, TOK_COLON);
    size_t offset = tok(p)->offset;
    if (is_bind) {
        tok_next(p);
    }
    if (is_bind && tok_is(p, TOK_INTEGER)) {
        return parse_param(p);
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
static struct node *parse_position(struct parser *p)
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

static bool tok_closes(struct parser *p, unsigned ahead, enum token_kind close)
{
    return tok_peek(p, ahead)->kind == close;
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

static struct node *parse_list(struct parser *p)
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
static struct node *parse_struct(struct parser *p)
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
static struct node *parse_map(struct parser *p)
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
static struct node *parse_method(struct parser *p, struct node *operand, struct node *ident)
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
static struct node *parse_named(struct parser *p)
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

/* ARRAY[..], ARRAY(query) */
static struct node *parse_array(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    if (!tok_is(p, TOK_LPAREN)) {
        struct node *list = parse_list(p);
        if (list->kind == NODE_LIST) {
            node_list_lit(list)->typed = true;
        }
        return list;
    }
    struct node *n = parse_func_of(p, "array", offset);
    parse_push(p, &node_func(n)->args, subquery(p, parse_query_in_parens(p), offset));
    return parse_done(p, n);
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

/* B'01' */
static struct node *parse_bits(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CAST, tok(p)->offset);
    struct node *type = parse_node(p, NODE_TYPE_NAME, n->offset);
    node_type_name(type)->text = STR("bit");
    node_cast(n)->operand = take_literal(p, LIT_STRING);
    node_cast(n)->target = type;
    return parse_done(p, n);
}

/* What starts with an operator: #1, *COLUMNS(..). */
static struct node *parse_odd_atom(struct parser *p)
{
    if (tok_is_op(p, OP_BIT_XOR)) {
        return parse_position(p);
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
        return take_literal(p, LIT_STRING);
    case TOK_BYTES:
        return take_literal(p, LIT_BYTES);
    case TOK_INTEGER:
        return take_literal(p, LIT_INTEGER);
    case TOK_DECIMAL:
        return take_literal(p, LIT_DECIMAL);
    case TOK_FLOAT:
        return take_literal(p, LIT_FLOAT);
    case TOK_BITS:
        return parse_bits(p);
    case TOK_PARAM:
    case TOK_PLACEHOLDER:
        return parse_param(p);
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
