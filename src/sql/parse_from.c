/* FROM: tables, sub-queries, table functions and joins. */
#include "sql/parse_priv.h"

/* [AS] alias [(a, b)] */
static void parse_alias(struct parser *p, struct node **alias, struct node_list *columns)
{
    if (tok_take_word(p, KW_AS)) {
        *alias = parse_ident(p);
    } else if (tok_is_column_name(p, 0) && !tok_is_word(p, KW_SET) &&
               lex_keyword_class(tok(p)->word) != KEYWORD_LABEL &&
               !(p->dialect == DIALECT_SNOWFLAKE && tok_is_word(p, KW_MINUS))) {
        *alias = parse_ident(p);
    }
    if (*alias && tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, columns);
    }
}

static struct node *parse_table_func(struct parser *p, bool lateral)
{
    struct node *n = parse_node(p, NODE_TABLE_FUNC, tok(p)->offset);
    struct node_table_func *f = node_table_func(n);
    struct node *name = parse_node(p, NODE_NAME, n->offset);
    do {
        parse_push(p, &node_name(name)->parts, parse_label(p));
    } while (tok_take(p, TOK_DOT));
    f->func = parse_call(p, parse_done(p, name));
    f->lateral = lateral;
    if (tok_is_word(p, KW_WITH) && tok_peek(p, 1)->word == KW_ORDINALITY) {
        tok_next(p);
        tok_next(p);
        f->ordinality = true;
    }
    parse_alias(p, &f->alias, &f->columns);
    return parse_done(p, n);
}

static struct node *parse_table_ref(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TABLE_REF, tok(p)->offset);
    struct node_table_ref *ref = node_table_ref(n);
    ref->name = parse_name(p);
    parse_alias(p, &ref->alias, &ref->columns);
    return parse_done(p, n);
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
    if (tok_starts_query(p)) {
        query = parse_query(p);
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
    if (lateral || tok_is_word(p, KW_AS) || tok_is_label(p)) {
        parse_unsupported(p, "an alias of a join is");
    }
    return n;
}

static bool starts_call(struct parser *p)
{
    unsigned ahead = 1;
    if (tok_peek(p, 1)->kind == TOK_DOT) {
        ahead = 3;
    }
    return tok_peek(p, ahead)->kind == TOK_LPAREN;
}

static struct node *parse_table_primary(struct parser *p)
{
    bool lateral = tok_take_word(p, KW_LATERAL);
    if (tok_is(p, TOK_LPAREN)) {
        return parse_from_paren(p, lateral);
    }
    if (tok_is(p, TOK_STRING)) {
        parse_unsupported(p, "reading a file by its name is");
    }
    if (tok_is_word(p, KW_VALUES) && tok_peek(p, 1)->kind == TOK_LPAREN) {
        size_t offset = tok(p)->offset;
        struct node *query = parse_node(p, NODE_QUERY, offset);
        node_query(query)->body = parse_values(p);
        return derived(p, parse_done(p, query), offset, lateral);
    }
    if (tok_is_word(p, KW_ONLY) || tok_is_word(p, KW_TABLE)) {
        parse_unsupported(p, "this form of FROM is");
    }
    bool is_name = tok_is(p, TOK_QUOTED) ||
                   (tok_is(p, TOK_WORD) && lex_keyword_class(tok(p)->word) != KEYWORD_RESERVED);
    if (is_name && starts_call(p)) {
        return parse_table_func(p, lateral);
    }
    if (lateral) {
        parse_syntax_error(p);
    }
    return parse_table_ref(p);
}

static void refuse_samples(struct parser *p)
{
    if (tok_is_word(p, KW_TABLESAMPLE)) {
        parse_unsupported(p, "TABLESAMPLE is");
    }
    if (tok_is_word(p, KW_PIVOT) || tok_is_word(p, KW_UNPIVOT)) {
        parse_unsupported(p, "PIVOT is");
    }
    if (tok_is_word(p, KW_ASOF) || tok_is_word(p, KW_POSITIONAL)) {
        parse_unsupported(p, "this kind of join is");
    }
}

static bool at_join(struct parser *p)
{
    refuse_samples(p);
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
        return true;
    default:
        return false;
    }
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
    tok_need_word(p, KW_JOIN);
    return type;
}

static struct node *parse_joins(struct parser *p, struct node *left);

/* The right side and its condition. A JOIN b JOIN c ON .. ON ..: what lacks its ON yet is nested.
 */
static void parse_join_rest(struct parser *p, struct node_join *join)
{
    join->right = parse_table_primary(p);
    if (join->natural || join->type == JOIN_CROSS) {
        return;
    }
    if (at_join(p)) {
        join->right = parse_joins(p, join->right);
    }
    if (tok_take_word(p, KW_USING)) {
        parse_ident_list(p, &join->using_columns);
        if (tok_is_word(p, KW_AS)) {
            parse_unsupported(p, "an alias of a join is");
        }
    } else {
        tok_need_word(p, KW_ON);
        join->on = parse_expr(p);
    }
}

static struct node *parse_joins(struct parser *p, struct node *left)
{
    parse_enter(p);
    while (at_join(p)) {
        struct node *n = parse_node(p, NODE_JOIN, left->offset);
        struct node_join *join = node_join(n);
        join->natural = tok_take_word(p, KW_NATURAL);
        size_t offset = tok(p)->offset;
        join->type = take_join_type(p);
        if (join->natural && join->type == JOIN_CROSS) {
            parse_fail(p, ERR_BAD_SQL, offset, "a join is either NATURAL or CROSS");
        }
        join->left = left;
        parse_join_rest(p, join);
        left = parse_done(p, n);
    }
    parse_leave(p);
    return left;
}

static struct node *parse_joined(struct parser *p)
{
    parse_enter(p);
    struct node *n = parse_joins(p, parse_table_primary(p));
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
    while (tok_take(p, TOK_COMMA)) {
        struct node *n = parse_node(p, NODE_JOIN, left->offset);
        node_join(n)->type = JOIN_CROSS;
        node_join(n)->left = left;
        node_join(n)->right = parse_joined(p);
        left = parse_done(p, n);
    }
    return left;
}
