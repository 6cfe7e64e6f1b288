/* Expressions: precedence climbing over the table of operator.h. A chain of operators of one
 * strength is read in a loop; AND and OR chains become one BOOL node, so that a filter of a
 * thousand terms is wide, not deep. */
#include "sql/parse_priv.h"

/* DuckDB gives -> the weakest binding of all, because it is also its lambda arrow. */
static enum precedence binary_precedence(const struct parser *p, enum op op)
{
    if (p->dialect == DIALECT_DUCKDB && (op == OP_JSON_GET || op == OP_JSON_TEXT)) {
        return PREC_LAMBDA;
    }
    return op_is_binary(op) ? op_precedence(op) : PREC_NONE;
}

static struct node *binary(struct parser *p, enum op op, struct node *left, struct node *right)
{
    struct node *n = parse_node(p, NODE_BINARY, left->offset);
    node_binary(n)->op = op;
    node_binary(n)->left = left;
    node_binary(n)->right = right;
    return parse_done(p, n);
}

static struct node *unary(struct parser *p, enum op op, struct node *operand, size_t offset)
{
    struct node *n = parse_node(p, NODE_UNARY, offset);
    node_unary(n)->op = op;
    node_unary(n)->operand = operand;
    return parse_done(p, n);
}

/* In DuckDB ~ matches the whole text, elsewhere a part of it; our OP_REGEX means a part. */
static struct node *whole_match(struct parser *p, struct node *left, struct node *right)
{
    struct node *n = parse_func_of(p, "regexp_full_match", left->offset);
    parse_push(p, &node_func(n)->args, left);
    parse_push(p, &node_func(n)->args, right);
    return parse_done(p, n);
}

static enum quantifier take_quantifier(struct parser *p)
{
    if (tok_peek(p, 1)->kind != TOK_LPAREN) {
        return QUANT_NONE;
    }
    if (tok_take_word(p, KW_ANY) || tok_take_word(p, KW_SOME)) {
        return QUANT_ANY;
    }
    return tok_take_word(p, KW_ALL) ? QUANT_ALL : QUANT_NONE;
}

static struct node *quantified(struct parser *p, enum op op, enum quantifier quantifier,
                               struct node *left)
{
    struct node *n = parse_node(p, NODE_QUANTIFIED, left->offset);
    struct node_quantified *q = node_quantified(n);
    q->op = op;
    q->quantifier = quantifier;
    q->operand = left;
    q->source = parse_paren(p);
    if (q->source->kind == NODE_SUBQUERY) {
        q->source = node_subquery(q->source)->query;
    }
    return parse_done(p, n);
}

static struct node *parse_operator(struct parser *p, struct node *left, enum precedence prec)
{
    enum op op = tok_next(p).op;
    if (op_is_comparison(op)) {
        enum quantifier quantifier = take_quantifier(p);
        if (quantifier) {
            return quantified(p, op, quantifier, left);
        }
    }
    struct node *right = parse_expr_above(p, prec + 1);
    if (p->dialect == DIALECT_DUCKDB && op == OP_REGEX) {
        return whole_match(p, left, right);
    }
    if (p->dialect == DIALECT_DUCKDB && op == OP_NOT_REGEX) {
        return unary(p, OP_NOT, whole_match(p, left, right), left->offset);
    }
    return binary(p, op, left, right);
}

/* One more term of a chain. `*chain` is the node that this loop made, if `left` is it. */
static struct node *parse_bool(struct parser *p, struct node *left, struct node **chain, bool is_or)
{
    tok_next(p);
    struct node *right = parse_expr_above(p, (is_or ? PREC_OR : PREC_AND) + 1);
    if (left != *chain || node_bool_chain(left)->is_or != is_or) {
        *chain = parse_node(p, NODE_BOOL, left->offset);
        node_bool_chain(*chain)->is_or = is_or;
        parse_push(p, &node_bool_chain(*chain)->args, left);
    }
    parse_push(p, &node_bool_chain(*chain)->args, right);
    return parse_done(p, *chain);
}

static struct node *parse_is(struct parser *p, struct node *left)
{
    tok_next(p);
    bool negated = tok_take_word(p, KW_NOT);
    if (tok_take_word(p, KW_NULL)) {
        return unary(p, negated ? OP_IS_NOT_NULL : OP_IS_NULL, left, left->offset);
    }
    if (tok_take_word(p, KW_TRUE)) {
        return unary(p, negated ? OP_IS_NOT_TRUE : OP_IS_TRUE, left, left->offset);
    }
    if (tok_take_word(p, KW_FALSE)) {
        return unary(p, negated ? OP_IS_NOT_FALSE : OP_IS_FALSE, left, left->offset);
    }
    if (tok_says(p, 0, "unknown")) { /* of a boolean: the same as NULL */
        tok_next(p);
        return unary(p, negated ? OP_IS_NOT_NULL : OP_IS_NULL, left, left->offset);
    }
    tok_need_word(p, KW_DISTINCT);
    tok_need_word(p, KW_FROM);
    struct node *right = parse_expr_above(p, PREC_IS + 1);
    return binary(p, negated ? OP_NOT_DISTINCT : OP_DISTINCT, left, right);
}

static struct node *parse_between(struct parser *p, struct node *left, bool negated)
{
    struct node *n = parse_node(p, NODE_BETWEEN, left->offset);
    struct node_between *b = node_between(n);
    tok_next(p);
    b->negated = negated;
    b->symmetric = tok_take_word(p, KW_SYMMETRIC);
    if (!b->symmetric) {
        tok_take_word(p, KW_ASYMMETRIC);
    }
    b->operand = left;
    b->low = parse_expr_above(p, PREC_LIKE + 1);
    tok_need_word(p, KW_AND);
    b->high = parse_expr_above(p, PREC_LIKE + 1);
    return parse_done(p, n);
}

static struct node *in_query(struct parser *p, struct node *left, bool negated, struct node *query)
{
    struct node *n = parse_node(p, NODE_IN_QUERY, left->offset);
    node_in_query(n)->negated = negated;
    node_in_query(n)->operand = left;
    node_in_query(n)->query = query;
    return parse_done(p, n);
}

/* DuckDB's x IN list, without parentheses, is contains(list, x). */
static struct node *parse_in_value(struct parser *p, struct node *left, bool negated)
{
    if (p->dialect != DIALECT_DUCKDB) {
        parse_syntax_error(p);
    }
    struct node *n = parse_func_of(p, "contains", left->offset);
    parse_push(p, &node_func(n)->args, parse_expr_above(p, PREC_LIKE + 1));
    parse_push(p, &node_func(n)->args, left);
    parse_done(p, n);
    return negated ? unary(p, OP_NOT, n, left->offset) : n;
}

/* IN ((SELECT ...)) is a sub-query too, as PostgreSQL reads it. */
static struct node *parse_in(struct parser *p, struct node *left, bool negated)
{
    tok_next(p);
    if (!tok_is(p, TOK_LPAREN)) {
        return parse_in_value(p, left, negated);
    }
    struct node *inside = NULL;
    struct node *n = parse_node(p, NODE_IN_LIST, left->offset);
    struct node_in_list *in = node_in_list(n);
    tok_next(p);
    if (tok_starts_query(p)) {
        inside = parse_query(p);
    } else {
        struct node *first = parse_expr(p);
        if (first->kind == NODE_SUBQUERY && tok_continues_query(p)) {
            inside = parse_query_rest(p, node_subquery(first)->query);
        } else {
            parse_push(p, &in->items, first);
            while (tok_more(p)) {
                parse_push(p, &in->items, parse_expr(p));
            }
        }
    }
    tok_need(p, TOK_RPAREN);
    if (!inside && in->items.n == 1 && in->items.at[0]->kind == NODE_SUBQUERY) {
        inside = node_subquery(in->items.at[0])->query;
    }
    if (inside) {
        return in_query(p, left, negated, inside);
    }
    in->negated = negated;
    in->operand = left;
    return parse_done(p, n);
}

static enum like_op take_like(struct parser *p)
{
    enum keyword word = tok_next(p).word;
    if (word == KW_RLIKE || word == KW_REGEXP) {
        return LIKE_REGEXP;
    }
    if (word == KW_SIMILAR) {
        tok_need_word(p, KW_TO);
        return LIKE_SIMILAR;
    }
    return word == KW_ILIKE ? LIKE_ILIKE : word == KW_GLOB ? LIKE_GLOB : LIKE_LIKE;
}

/* Behind the operator. */
static struct node *parse_like_rest(struct parser *p, struct node *left, enum like_op op,
                                    bool negated)
{
    struct node *n = parse_node(p, NODE_LIKE, left->offset);
    struct node_like *like = node_like(n);
    like->negated = negated;
    like->operand = left;
    like->op = op;
    like->quantifier = take_quantifier(p);
    like->pattern = like->quantifier ? parse_paren(p) : parse_expr_above(p, PREC_LIKE + 1);
    if (tok_take_word(p, KW_ESCAPE)) {
        like->escape = parse_expr_above(p, PREC_LIKE + 1);
    }
    return parse_done(p, n);
}

static struct node *parse_like(struct parser *p, struct node *left, bool negated)
{
    if (tok_is(p, TOK_LIKE)) {
        const struct token t = tok_next(p);
        return parse_like_rest(p, left, t.like, t.negated);
    }
    return parse_like_rest(p, left, take_like(p), negated);
}

bool tok_is_name_like(struct parser *p)
{
    enum keyword word = tok(p)->word == KW_NOT ? tok_peek(p, 1)->word : tok(p)->word;
    return word == KW_LIKE || word == KW_ILIKE || word == KW_SIMILAR || word == KW_GLOB;
}

struct node *parse_name_like(struct parser *p)
{
    struct node *n = parse_node(p, NODE_LIKE, tok(p)->offset);
    struct node_like *like = node_like(n);
    like->negated = tok_take_word(p, KW_NOT);
    like->op = take_like(p);
    like->pattern = parse_expr_above(p, PREC_LIKE + 1);
    if (tok_take_word(p, KW_ESCAPE)) {
        like->escape = parse_expr_above(p, PREC_LIKE + 1);
    }
    return parse_done(p, n);
}

static struct node *parse_collate(struct parser *p, struct node *left)
{
    struct node *n = parse_node(p, NODE_COLLATE, left->offset);
    tok_next(p);
    node_collate(n)->operand = left;
    if (tok_is(p, TOK_STRING)) { /* Snowflake names a collation by a string */
        struct node *name = parse_node(p, NODE_NAME, tok(p)->offset);
        parse_push(p, &node_name(name)->parts, parse_quoted_ident(p));
        node_collate(n)->collation = parse_done(p, name);
    } else {
        node_collate(n)->collation = parse_name(p);
    }
    return parse_done(p, n);
}

/* Whether OPERATOR(schema.op) stands here; OPERATOR is a name like any other else. */
static bool at_named_operator(struct parser *p)
{
    return tok_is_word(p, KW_OPERATOR) && tok_peek(p, 1)->kind == TOK_LPAREN;
}

/* OPERATOR(pg_catalog.+): all such operators bind alike. */
static struct node *parse_named_operator(struct parser *p, struct node *left)
{
    size_t offset = tok_next(p).offset;
    tok_next(p);
    if (tok_is(p, TOK_WORD)) {
        if (!str_iis(tok_next(p).text, "pg_catalog")) {
            parse_fail(p, ERR_UNSUPPORTED, offset, "operators of a schema are not supported");
        }
        tok_need(p, TOK_DOT);
    }
    struct token t = *tok(p);
    if (t.kind == TOK_LIKE) {
        tok_next(p);
        tok_need(p, TOK_RPAREN);
        return parse_like_rest(p, left, t.like, t.negated);
    }
    tok_need(p, TOK_OP);
    tok_need(p, TOK_RPAREN);
    enum op op = t.op == OP_DIV ? OP_PG_DIV : t.op;
    enum quantifier quantifier = op_is_comparison(op) ? take_quantifier(p) : QUANT_NONE;
    return quantifier ? quantified(p, op, quantifier, left)
                      : binary(p, op, left, parse_expr_above(p, PREC_OTHER + 1));
}

/* How strongly the current word binds as an operator; PREC_NONE when it is none. */
static enum precedence word_precedence(struct parser *p, enum keyword word)
{
    switch (word) {
    case KW_OR:
        return PREC_OR;
    case KW_AND:
        return PREC_AND;
    case KW_IS:
    case KW_ISNULL:
    case KW_NOTNULL:
        return PREC_IS;
    case KW_BETWEEN:
    case KW_IN:
    case KW_LIKE:
    case KW_ILIKE:
    case KW_SIMILAR:
    case KW_GLOB:
    case KW_RLIKE:
    case KW_REGEXP:
        return PREC_LIKE;
    case KW_NOT: {
        enum keyword next = tok_peek(p, 1)->word;
        bool is_infix = next == KW_BETWEEN || next == KW_IN || next == KW_LIKE ||
                        next == KW_ILIKE || next == KW_SIMILAR || next == KW_GLOB ||
                        next == KW_RLIKE || next == KW_REGEXP;
        return is_infix ? PREC_LIKE : PREC_NONE;
    }
    case KW_AT:
        return tok_peek(p, 1)->word == KW_TIME && tok_peek(p, 2)->word == KW_ZONE ? PREC_AT
                                                                                  : PREC_NONE;
    case KW_COLLATE:
        return PREC_COLLATE;
    case KW_OPERATOR:
        return at_named_operator(p) ? PREC_OTHER : PREC_NONE;
    default:
        return PREC_NONE;
    }
}

static struct node *parse_at_time_zone(struct parser *p, struct node *left)
{
    tok_next(p);
    tok_next(p);
    tok_next(p);
    return binary(p, OP_AT_TIME_ZONE, left, parse_expr_above(p, PREC_AT + 1));
}

static struct node *parse_word_operator(struct parser *p, struct node *left, struct node **chain)
{
    bool negated = tok_take_word(p, KW_NOT);
    switch (tok(p)->word) {
    case KW_OR:
        return parse_bool(p, left, chain, true);
    case KW_AND:
        return parse_bool(p, left, chain, false);
    case KW_IS:
        return parse_is(p, left);
    case KW_ISNULL:
    case KW_NOTNULL: {
        enum op op = tok_next(p).word == KW_ISNULL ? OP_IS_NULL : OP_IS_NOT_NULL;
        return unary(p, op, left, left->offset);
    }
    case KW_BETWEEN:
        return parse_between(p, left, negated);
    case KW_IN:
        return parse_in(p, left, negated);
    case KW_AT:
        return parse_at_time_zone(p, left);
    case KW_COLLATE:
        return parse_collate(p, left);
    case KW_OPERATOR:
        return parse_named_operator(p, left);
    default:
        return parse_like(p, left, negated);
    }
}

/* LIMIT 10 %: nothing follows that could be divided by. */
static bool ends_in_percent(struct parser *p)
{
    return tok_is_op(p, OP_MOD) && !tok_starts_expr(p, 1);
}

static bool chains(enum precedence prec)
{
    return prec != PREC_COMPARE && prec != PREC_LIKE && prec != PREC_IS;
}

struct node *parse_climb(struct parser *p, struct node *left, enum precedence least)
{
    struct node *chain = NULL;
    enum precedence barred = PREC_NONE; /* a = b = c: the second is an error */
    for (;;) {
        const struct token *t = tok(p);
        enum precedence prec = t->kind == TOK_OP     ? binary_precedence(p, t->op)
                               : t->kind == TOK_WORD ? word_precedence(p, t->word)
                               : t->kind == TOK_LIKE ? PREC_LIKE
                                                     : PREC_NONE;
        if (prec == PREC_NONE || prec < least || prec == barred || ends_in_percent(p)) {
            return left;
        }
        left = t->kind == TOK_OP ? parse_operator(p, left, prec)
                                 : parse_word_operator(p, left, &chain);
        barred = chains(prec) ? PREC_NONE : prec;
    }
}

/* OP_COUNT where none stands here. */
static enum op prefix_operator(struct parser *p)
{
    const struct token *t = tok(p);
    if (t->kind == TOK_OP) {
        return t->op == OP_SUB     ? OP_NEG
               : t->op == OP_ADD   ? OP_PLUS
               : t->op == OP_REGEX ? OP_BIT_NOT
               : t->op == OP_ABS   ? OP_ABS
                                   : OP_COUNT;
    }
    return OP_COUNT;
}

struct node *parse_prefix(struct parser *p)
{
    struct token t = *tok(p);
    if (t.word == KW_NOT) {
        tok_next(p);
        return unary(p, OP_NOT, parse_expr_above(p, PREC_NOT), t.offset);
    }
    enum op op = prefix_operator(p);
    if (op != OP_COUNT) {
        tok_next(p);
        return unary(p, op, parse_expr_above(p, PREC_SIGN), t.offset);
    }
    return parse_primary(p);
}

struct node *parse_expr_above(struct parser *p, enum precedence least)
{
    parse_enter(p);
    struct node *n = parse_climb(p, parse_prefix(p), least);
    parse_leave(p);
    return n;
}

struct node *parse_expr(struct parser *p)
{
    return parse_expr_above(p, PREC_NONE + 1);
}

void parse_expr_list(struct parser *p, struct node_list *out)
{
    do {
        parse_push(p, out, parse_expr(p));
    } while (tok_more(p));
}
