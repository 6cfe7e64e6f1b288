/* FROM: tables, sub-queries, table functions and joins. */
#include "sql/parse_priv.h"

/* Words that are reserved or start a clause, but may be an alias where Snowflake can tell. */
static bool is_odd_alias(struct parser *p)
{
    const struct token *next = tok_peek(p, 1);
    switch (tok(p)->word) {
    case KW_PIVOT:
    case KW_UNPIVOT:
        return !tok_starts_suffix(p);
    case KW_WINDOW:
        return !tok_is_column_name(p, 1);
    case KW_END:
        return !tok_starts_travel(p, 0);
    case KW_OFFSET:
    case KW_LIMIT:
        return next->word == KW_MATCH_CONDITION;
    default:
        return false;
    }
}

static bool starts_alias(struct parser *p)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    switch (tok(p)->word) {
    case KW_NONE:
        return tok_is(p, TOK_WORD) || tok_is(p, TOK_QUOTED);
    case KW_SET:
        return false;
    case KW_MINUS:
        return p->dialect != DIALECT_SNOWFLAKE;
    case KW_START:
        return tok_peek(p, 1)->word != KW_WITH;
    case KW_CONNECT:
        return tok_peek(p, 1)->word != KW_BY;
    case KW_MATCH_CONDITION:
        return next != TOK_LPAREN;
    case KW_AT:
    case KW_BEFORE:
    case KW_CHANGES:
        return !tok_starts_travel(p, 0);
    case KW_SAMPLE:
    case KW_MATCH_RECOGNIZE:
        return !tok_starts_suffix(p);
    default:
        return tok_is_label(p);
    }
}

/* [AS] alias [(a, b)] */
void parse_alias(struct parser *p, struct node **alias, struct node_list *columns)
{
    if (tok_take_word(p, KW_AS)) {
        *alias = tok_is_column_name(p, 0) ? parse_ident(p) : parse_quoted_ident(p);
    } else if (starts_alias(p)) {
        *alias = parse_ident(p);
    } else if (p->dialect == DIALECT_SNOWFLAKE && is_odd_alias(p)) {
        *alias = parse_quoted_ident(p);
    }
    if (*alias && tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, columns);
    }
}

static struct node *table_func(struct parser *p, struct node *call, bool lateral)
{
    struct node *n = parse_node(p, NODE_TABLE_FUNC, call->offset);
    struct node_table_func *f = node_table_func(n);
    f->func = call;
    f->lateral = lateral;
    if (tok_is_word(p, KW_WITH) && tok_peek(p, 1)->word == KW_ORDINALITY) {
        tok_next(p);
        tok_next(p);
        f->ordinality = true;
    }
    parse_alias(p, &f->alias, &f->columns);
    return parse_done(p, n);
}

static struct node *parse_table_func(struct parser *p, bool lateral)
{
    struct node *name = parse_node(p, NODE_NAME, tok(p)->offset);
    do {
        parse_push(p, &node_name(name)->parts, parse_label(p));
    } while (tok_take(p, TOK_DOT));
    return table_func(p, parse_call(p, parse_done(p, name)), lateral);
}

struct node *parse_table_ref(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TABLE_REF, tok(p)->offset);
    struct node_table_ref *ref = node_table_ref(n);
    ref->name = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) { /* a.b.c(..) */
        return table_func(p, parse_call(p, ref->name), false);
    }
    struct node *travel = tok_starts_travel(p, 0) ? parse_travel(p, n) : NULL;
    parse_alias(p, &ref->alias, &ref->columns);
    parse_done(p, n);
    return travel ? parse_done(p, travel) : n;
}

static struct node *derived(struct parser *p, struct node *query, size_t offset, bool lateral)
{
    struct node *n = parse_node(p, NODE_DERIVED, offset);
    struct node_derived *d = node_derived(n);
    d->query = query;
    d->lateral = lateral;
    parse_alias(p, &d->alias, &d->columns);
    return parse_done(p, n);
}

static struct node *parse_joined(struct parser *p);

/* ( query ) alias, or joins in parentheses. As in expressions, where another parenthesis comes
 * first only what follows it tells the two apart. */
static struct node *parse_from_paren(struct parser *p, bool lateral)
{
    size_t offset = tok_need(p, TOK_LPAREN).offset;
    struct node *query = NULL;
    struct node *n = NULL;
    if (tok_starts_described_table(p)) {
        n = parse_described_table(p);
        tok_need(p, TOK_RPAREN);
        parse_alias(p, &node_described(n)->alias, &node_described(n)->columns);
        return parse_done(p, n);
    }
    if (tok_starts_query(p)) {
        query = parse_query(p);
        if (node_query(query)->body->kind == NODE_VALUES && starts_alias(p)) {
            n = derived(p, query, offset, lateral); /* (VALUES (1) AS t (a)) */
            tok_need(p, TOK_RPAREN);
            return n;
        }
    } else {
        n = parse_joined(p);
        bool is_bare =
            n->kind == NODE_DERIVED && !node_derived(n)->alias && !node_derived(n)->lateral;
        if (is_bare && tok_continues_query(p)) {
            query = parse_query_rest(p, node_derived(n)->query);
        } else if (is_bare) {
            query = node_derived(n)->query;
        }
    }
    tok_need(p, TOK_RPAREN);
    if (query) {
        return derived(p, query, offset, lateral);
    }
    if (lateral) {
        parse_syntax_error(p);
    }
    if (tok_is_word(p, KW_AS) || starts_alias(p)) { /* (a JOIN b) AS t is (SELECT * FROM ..) AS t */
        return derived(p, parse_star_query(p, n, offset), offset, false);
    }
    return n;
}

/* Whether a call stands here: not t AT (..), which tok_starts_travel() knows. */
static bool starts_call(struct parser *p)
{
    bool is_dynamic = tok_says(p, 0, "identifier") && tok_peek(p, 2)->kind == TOK_STRING;
    if (tok_peek(p, 1)->kind != TOK_DOT) {
        return tok_peek(p, 1)->kind == TOK_LPAREN && !is_dynamic;
    }
    return tok_peek(p, 3)->kind == TOK_LPAREN;
}

/* TABLE(f(..)) is f(..); TABLE('t') and TABLE($v) name a table by a value. */
static struct node *parse_table_of(struct parser *p, bool lateral)
{
    size_t offset = tok_next(p).offset;
    tok_next(p);
    struct node *expr = parse_expr(p);
    tok_need(p, TOK_RPAREN);
    if (expr->kind == NODE_FUNC) {
        return table_func(p, expr, lateral);
    }
    if (lateral) {
        parse_syntax_error(p);
    }
    struct node *n = parse_node(p, NODE_TABLE_OF, offset);
    node_table_of(n)->name = expr;
    parse_alias(p, &node_table_of(n)->alias, &node_table_of(n)->columns);
    return parse_done(p, n);
}

static void set_alias(struct parser *p, struct node *n, struct node *alias)
{
    struct node **place = n->kind == NODE_TABLE_REF    ? &node_table_ref(n)->alias
                          : n->kind == NODE_DERIVED    ? &node_derived(n)->alias
                          : n->kind == NODE_TABLE_FUNC ? &node_table_func(n)->alias
                                                       : NULL;
    if (!place || *place) {
        parse_syntax_error(p);
    }
    *place = alias;
}

/* alias: table, as DuckDB may write it */
static bool tok_is_prefix_alias(struct parser *p)
{
    enum token_kind kind = tok(p)->kind;
    return p->dialect == DIALECT_DUCKDB && tok_peek(p, 1)->kind == TOK_COLON &&
           (kind == TOK_WORD || kind == TOK_QUOTED || kind == TOK_STRING);
}

static struct node *parse_table_primary(struct parser *p)
{
    if (tok_is_prefix_alias(p)) {
        struct node *alias = parse_quoted_ident(p);
        tok_next(p);
        parse_enter(p);
        struct node *n = parse_table_primary(p);
        parse_leave(p);
        set_alias(p, n, alias);
        return n;
    }
    bool lateral = tok_take_word(p, KW_LATERAL);
    if (tok_is(p, TOK_LPAREN)) {
        return parse_from_paren(p, lateral);
    }
    struct node *rare;
    if (!lateral && parse_rare_table(p, &rare)) {
        return rare;
    }
    if (tok_is_word(p, KW_VALUES) && tok_peek(p, 1)->kind == TOK_LPAREN) {
        size_t offset = tok(p)->offset;
        struct node *query = parse_node(p, NODE_QUERY, offset);
        node_query(query)->body = parse_values(p);
        return derived(p, parse_done(p, query), offset, lateral);
    }
    if (tok_is_word(p, KW_ONLY)) {
        parse_unsupported(p, "FROM ONLY is");
    }
    bool is_name = tok_is(p, TOK_QUOTED) ||
                   (tok_is(p, TOK_WORD) && lex_keyword_class(tok(p)->word) != KEYWORD_RESERVED);
    if (is_name && starts_call(p)) {
        return parse_table_func(p, lateral);
    }
    if (tok_is_word(p, KW_TABLE) && tok_peek(p, 1)->kind == TOK_LPAREN) {
        return parse_table_of(p, lateral);
    }
    if (lateral) {
        parse_syntax_error(p);
    }
    return parse_table_ref(p);
}

static bool at_join(struct parser *p)
{
    switch (tok(p)->word) {
    case KW_JOIN:
    case KW_INNER:
    case KW_LEFT:
    case KW_RIGHT:
    case KW_FULL:
    case KW_CROSS:
    case KW_NATURAL:
    case KW_SEMI:
    case KW_ANTI:
    case KW_ASOF:
    case KW_POSITIONAL:
        return true;
    default:
        return false;
    }
}

struct node *parse_suffixed_table(struct parser *p)
{
    return parse_from_suffixes(p, parse_table_primary(p));
}

static enum join_type take_join_type(struct parser *p)
{
    enum join_type type = JOIN_INNER;
    switch (tok(p)->word) {
    case KW_LEFT:
        type = JOIN_LEFT;
        break;
    case KW_RIGHT:
        type = JOIN_RIGHT;
        break;
    case KW_FULL:
        type = JOIN_FULL;
        break;
    case KW_CROSS:
        type = JOIN_CROSS;
        break;
    case KW_SEMI:
        type = JOIN_SEMI;
        break;
    case KW_ANTI:
        type = JOIN_ANTI;
        break;
    case KW_POSITIONAL:
        type = JOIN_POSITIONAL;
        break;
    case KW_INNER:
        break;
    default: /* JOIN alone */
        tok_need_word(p, KW_JOIN);
        return JOIN_INNER;
    }
    tok_next(p);
    if (type == JOIN_LEFT || type == JOIN_RIGHT || type == JOIN_FULL) {
        tok_take_word(p, KW_OUTER);
    }
    if (type == JOIN_LEFT && (tok_is_word(p, KW_SEMI) || tok_is_word(p, KW_ANTI))) {
        type = tok_next(p).word == KW_SEMI ? JOIN_SEMI : JOIN_ANTI; /* there is no RIGHT SEMI */
    }
    if (tok_peek(p, 1)->word == KW_JOIN) {
        tok_take_said(p, "directed"); /* in which order to join: a hint */
    }
    tok_need_word(p, KW_JOIN);
    return type;
}

static struct node *parse_joins(struct parser *p, struct node *left);

/* Snowflake takes a JOIN b without a condition as all pairs. When joins that were nested into the
 * right side, from `leaf` on, took the conditions, all hang together from the left after all: gives
 * the topmost. */
static struct node *without_condition(struct node *n, struct node *leaf)
{
    struct node_join *join = node_join(n);
    struct node *top = join->right;
    join->type = JOIN_CROSS;
    if (top == leaf) {
        return n;
    }
    struct node_join *lowest = node_join(top);
    top->offset = lowest->base.offset = n->offset;
    while (lowest->left != leaf) {
        lowest = node_join(lowest->left);
        lowest->base.offset = n->offset;
    }
    join->right = leaf;
    lowest->left = n;
    return top;
}

/* The right side and its condition. A JOIN b JOIN c ON .. ON ..: what lacks its ON yet is nested.
 */
static struct node *parse_join_rest(struct parser *p, struct node *n)
{
    struct node_join *join = node_join(n);
    join->right = parse_suffixed_table(p);
    if (join->natural || join->type == JOIN_CROSS || join->type == JOIN_POSITIONAL) {
        return n;
    }
    if (join->asof && tok_is_word(p, KW_MATCH_CONDITION)) {
        tok_next(p);
        join->match = parse_paren(p);
    }
    struct node *leaf = join->right;
    if (!join->match && at_join(p)) {
        join->right = parse_joins(p, leaf);
    }
    if (tok_is_word(p, KW_USING) && tok_peek(p, 1)->kind == TOK_LPAREN) {
        tok_next(p);
        parse_ident_list(p, &join->using_columns);
        if (tok_is_word(p, KW_AS)) {
            parse_unsupported(p, "an alias of USING is");
        }
    } else if (tok_take_word(p, KW_ON)) {
        join->on = parse_expr(p);
    } else if (p->dialect == DIALECT_SNOWFLAKE && !join->asof) {
        return without_condition(n, leaf);
    } else if (!join->match) {
        parse_syntax_error(p);
    }
    return n;
}

static struct node *parse_joins(struct parser *p, struct node *left)
{
    parse_enter(p);
    while (at_join(p)) {
        struct node *n = parse_node(p, NODE_JOIN, left->offset);
        struct node_join *join = node_join(n);
        join->natural = tok_take_word(p, KW_NATURAL);
        join->asof = tok_take_word(p, KW_ASOF);
        size_t offset = tok(p)->offset;
        join->type = take_join_type(p);
        if (join->natural && join->type == JOIN_CROSS) {
            parse_fail(p, ERR_BAD_SQL, offset, "a join is either NATURAL or CROSS");
        }
        join->left = left;
        left = parse_done(p, parse_join_rest(p, n));
    }
    parse_leave(p);
    return left;
}

static struct node *parse_joined(struct parser *p)
{
    parse_enter(p);
    struct node *n = parse_joins(p, parse_suffixed_table(p));
    parse_leave(p);
    return n;
}

struct node *parse_from_item(struct parser *p)
{
    return parse_joined(p);
}

struct node *parse_from_list(struct parser *p)
{
    struct node *left = parse_joined(p);
    while (tok_more(p)) {
        struct node *n = parse_node(p, NODE_JOIN, left->offset);
        node_join(n)->type = JOIN_CROSS;
        node_join(n)->left = left;
        node_join(n)->right = parse_joined(p);
        left = parse_done(p, n);
    }
    return left;
}
