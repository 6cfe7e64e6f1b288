/* Queries: WITH, set operations, SELECT, VALUES, ORDER BY and LIMIT. */
#include "sql/parse_priv.h"

bool tok_starts_query(struct parser *p)
{
    switch (tok(p)->word) {
    case KW_SELECT:
    case KW_WITH:
    case KW_FROM:
        return true;
    case KW_TABLE:
        return tok_peek(p, 1)->kind != TOK_LPAREN;
    case KW_VALUES:
        return tok_peek(p, 1)->kind == TOK_LPAREN;
    case KW_PIVOT:
    case KW_UNPIVOT:
        return p->dialect == DIALECT_DUCKDB;
    default:
        return false;
    }
}

static bool is_minus(struct parser *p)
{
    return p->dialect == DIALECT_SNOWFLAKE && tok_is_word(p, KW_MINUS);
}

static bool at_setop(struct parser *p)
{
    return tok_is_word(p, KW_UNION) || tok_is_word(p, KW_EXCEPT) || tok_is_word(p, KW_INTERSECT) ||
           is_minus(p);
}

bool tok_continues_query(struct parser *p)
{
    return at_setop(p) || tok_is_word(p, KW_ORDER) || tok_is_word(p, KW_LIMIT) ||
           tok_is_word(p, KW_OFFSET) || tok_is_word(p, KW_FETCH);
}

static void parse_excluded(struct parser *p, struct node_list *out)
{
    if (!tok_take(p, TOK_LPAREN)) {
        parse_push(p, out, parse_name(p));
        return;
    }
    do {
        parse_push(p, out, parse_name(p));
    } while (tok_more(p));
    tok_need(p, TOK_RPAREN);
}

static struct node *parse_aliased(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TARGET, tok(p)->offset);
    node_target(n)->expr = parse_expr(p);
    tok_need_word(p, KW_AS);
    node_target(n)->alias = parse_label(p);
    return parse_done(p, n);
}

static void parse_replaced(struct parser *p, struct node_list *out)
{
    if (!tok_take(p, TOK_LPAREN)) {
        parse_push(p, out, parse_aliased(p));
        return;
    }
    do {
        parse_push(p, out, parse_aliased(p));
    } while (tok_more(p));
    tok_need(p, TOK_RPAREN);
}

/* EXCLUDE, or EXCEPT before a list of names: not before a query, where it is the set operation. */
static bool take_exclude(struct parser *p)
{
    const struct token *third = tok_peek(p, 2);
    bool is_list =
        tok_peek(p, 1)->kind == TOK_LPAREN && tok_is_column_name(p, 2) && third->word != KW_VALUES;
    return tok_take_word(p, KW_EXCLUDE) || (is_list && tok_take_word(p, KW_EXCEPT));
}

bool tok_is_unpacked(struct parser *p)
{
    return tok_is_op(p, OP_MUL) && tok_says(p, 1, "columns") && tok_peek(p, 2)->kind == TOK_LPAREN;
}

/* * [LIKE 'a%'] [EXCLUDE (a, b)] [REPLACE (x AS a)] [RENAME (a AS b)]; LIKE may come last too. */
struct node *parse_star(struct parser *p, struct node_list qualifier, size_t offset)
{
    struct node *n = parse_node(p, NODE_STAR, offset);
    struct node_star *star = node_star(n);
    tok_next(p);
    star->qualifier = qualifier;
    if (tok_is_name_like(p)) {
        star->match = parse_name_like(p);
    }
    if (take_exclude(p)) {
        parse_excluded(p, &star->exclude);
    }
    if (tok_take_word(p, KW_REPLACE)) {
        parse_replaced(p, &star->replace);
    }
    if (tok_take_word(p, KW_RENAME)) {
        parse_replaced(p, &star->rename);
    }
    if (!star->match && tok_is_name_like(p)) {
        star->match = parse_name_like(p);
    }
    return parse_done(p, n);
}

/* alias: expression, as DuckDB may write it */
static bool tok_is_prefix_alias(struct parser *p)
{
    enum token_kind kind = tok(p)->kind;
    return p->dialect == DIALECT_DUCKDB && tok_peek(p, 1)->kind == TOK_COLON &&
           (kind == TOK_WORD || kind == TOK_QUOTED || kind == TOK_STRING);
}

static void parse_target_alias(struct parser *p, struct node_target *target)
{
    bool is_star = target->expr->kind == NODE_STAR && !node_star(target->expr)->match;
    if (is_star || target->alias) {
        return;
    }
    if (tok_take_word(p, KW_AS)) {
        target->alias = parse_column_alias(p);
    } else if (tok_is_label(p) && !is_minus(p)) {
        target->alias = parse_ident(p);
    } else if (p->dialect == DIALECT_DUCKDB && tok_is(p, TOK_STRING)) {
        target->alias = parse_quoted_ident(p);
    }
}

struct node *parse_target(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TARGET, tok(p)->offset);
    struct node_target *target = node_target(n);
    if (tok_is_prefix_alias(p)) {
        target->alias = parse_quoted_ident(p);
        tok_next(p);
    }
    target->expr = tok_is_op(p, OP_MUL) && !tok_is_unpacked(p)
                       ? parse_star(p, (struct node_list){0}, tok(p)->offset)
                       : parse_expr(p);
    parse_target_alias(p, target);
    return parse_done(p, n);
}

void parse_targets(struct parser *p, struct node_list *out)
{
    do {
        parse_push(p, out, parse_target(p));
    } while (tok_more(p));
}

static struct node *parse_group_item(struct parser *p);

static struct node *parse_grouping(struct parser *p, enum grouping_form form)
{
    struct node *n = parse_node(p, NODE_GROUPING, tok(p)->offset);
    node_grouping(n)->form = form;
    parse_enter(p);
    tok_need(p, TOK_LPAREN);
    if (!tok_is(p, TOK_RPAREN)) {
        do {
            parse_push(p, &node_grouping(n)->items, parse_group_item(p));
        } while (tok_more(p));
    }
    tok_need(p, TOK_RPAREN);
    parse_leave(p);
    return parse_done(p, n);
}

/* (a, b) groups by a and b: a set, not a row value. */
static struct node *parse_group_item(struct parser *p)
{
    struct token t = *tok(p);
    enum token_kind next = tok_peek(p, 1)->kind;
    if (t.word == KW_ROLLUP && next == TOK_LPAREN) {
        tok_next(p);
        return parse_grouping(p, GROUPING_ROLLUP);
    }
    if (t.word == KW_CUBE && next == TOK_LPAREN) {
        tok_next(p);
        return parse_grouping(p, GROUPING_CUBE);
    }
    if (t.word == KW_GROUPING && tok_peek(p, 1)->word == KW_SETS) {
        tok_next(p);
        tok_next(p);
        return parse_grouping(p, GROUPING_SETS);
    }
    if (t.kind == TOK_LPAREN && next == TOK_RPAREN) {
        return parse_grouping(p, GROUPING_SET);
    }
    struct node *n = parse_expr(p);
    if (n->kind == NODE_ROW && t.kind == TOK_LPAREN) {
        struct node *set = parse_node(p, NODE_GROUPING, n->offset);
        node_grouping(set)->form = GROUPING_SET;
        node_grouping(set)->items = node_row(n)->items;
        return parse_done(p, set);
    }
    return n;
}

static void parse_group(struct parser *p, struct node_select *select)
{
    tok_need_word(p, KW_BY);
    bool is_all = tok_is_op(p, OP_MUL) || (tok_is_word(p, KW_ALL) && !tok_starts_expr(p, 1));
    if (is_all) { /* GROUP BY *, GROUP BY ALL */
        tok_next(p);
        select->group_all = true;
        return;
    }
    select->group_distinct = tok_take_word(p, KW_DISTINCT);
    if (!select->group_distinct && tok_take_word(p, KW_ALL) && !tok_starts_expr(p, 0)) {
        select->group_all = true;
        return;
    }
    do {
        parse_push(p, &select->group, parse_group_item(p));
    } while (tok_more(p));
}

static void parse_named_windows(struct parser *p, struct node_list *out)
{
    do {
        struct node *n = parse_node(p, NODE_WINDOW_DEF, tok(p)->offset);
        node_window_def(n)->name = parse_ident(p);
        tok_need_word(p, KW_AS);
        node_window_def(n)->window = parse_window(p);
        parse_push(p, out, parse_done(p, n));
    } while (tok_take(p, TOK_COMMA));
}

/* TOP n */
static struct node *parse_top(struct parser *p)
{
    enum token_kind next = tok_peek(p, 1)->kind;
    bool is_top = p->dialect == DIALECT_SNOWFLAKE && tok_is_word(p, KW_TOP) &&
                  (next == TOK_INTEGER || next == TOK_PARAM || next == TOK_PLACEHOLDER ||
                   next == TOK_VARIABLE);
    if (!is_top) {
        return NULL;
    }
    tok_next(p);
    return parse_atom(p);
}

/* Gives the limit that TOP says. */
static struct node *parse_select_list(struct parser *p, struct node_select *select)
{
    if (tok_take_word(p, KW_DISTINCT)) {
        select->distinct = true;
        if (tok_take_word(p, KW_ON)) {
            tok_need(p, TOK_LPAREN);
            parse_expr_list(p, &select->distinct_on);
            tok_need(p, TOK_RPAREN);
        }
    } else {
        tok_take_word(p, KW_ALL);
    }
    struct node *top = parse_top(p);
    parse_targets(p, &select->targets);
    return top;
}

static void push_star(struct parser *p, struct node_select *select, size_t offset)
{
    struct node *target = parse_node(p, NODE_TARGET, offset);
    node_target(target)->expr = parse_node(p, NODE_STAR, offset);
    parse_push(p, &select->targets, target);
}

/* START WITH condition CONNECT BY [NOCYCLE] condition, in either order. */
static void parse_connect(struct parser *p, struct node_select *select)
{
    for (;;) {
        if (!select->start_with && tok_take_words(p, KW_START, KW_WITH)) {
            select->start_with = parse_expr(p);
        } else if (!select->connect_by && tok_take_words(p, KW_CONNECT, KW_BY)) {
            select->nocycle = tok_says(p, 0, "nocycle") && tok_is_column_name(p, 1);
            if (select->nocycle) {
                tok_next(p);
            }
            select->connect_by = parse_expr(p);
        } else {
            break;
        }
    }
    if (select->start_with && !select->connect_by) {
        parse_syntax_error(p);
    }
}

static void parse_select_clauses(struct parser *p, struct node_select *select)
{
    if (tok_take_word(p, KW_WHERE)) {
        select->where = parse_expr(p);
    }
    parse_connect(p, select);
    if (tok_take_word(p, KW_GROUP)) {
        parse_group(p, select);
    }
    if (tok_take_word(p, KW_HAVING)) {
        select->having = parse_expr(p);
    }
    if (tok_take_word(p, KW_WINDOW)) {
        parse_named_windows(p, &select->windows);
    }
    if (tok_take_word(p, KW_QUALIFY)) {
        select->qualify = parse_expr(p);
    }
    if (select->windows.n == 0 && tok_take_word(p, KW_WINDOW)) {
        parse_named_windows(p, &select->windows);
    }
    if (select->from && tok_is_word(p, KW_USING) && tok_says(p, 1, "sample")) {
        tok_next(p);
        tok_next(p);
        select->from = parse_sample_clause(p, select->from);
    }
}

/* SELECT TOP n is a query with a limit, which ORDER BY behind it still belongs to. */
static struct node *limited(struct parser *p, struct node *select, struct node *limit)
{
    struct node *n = parse_node(p, NODE_QUERY, select->offset);
    node_query(n)->body = select;
    node_query(n)->limit = limit;
    p->top = parse_done(p, n);
    return n;
}

/* SELECT ... FROM ..., and FROM first: FROM t [SELECT ...] */
static struct node *parse_select(struct parser *p)
{
    struct node *n = parse_node(p, NODE_SELECT, tok(p)->offset);
    struct node_select *select = node_select(n);
    struct node *top = NULL;
    if (tok_take_word(p, KW_FROM)) {
        select->from = parse_from_list(p);
        if (tok_take_word(p, KW_SELECT)) {
            top = parse_select_list(p, select);
        } else {
            push_star(p, select, n->offset);
        }
    } else {
        tok_need_word(p, KW_SELECT);
        top = parse_select_list(p, select);
        if (tok_is_word(p, KW_INTO)) {
            parse_unsupported(p, "SELECT INTO is");
        }
        select->from = tok_take_word(p, KW_FROM) ? parse_from_list(p) : NULL;
    }
    parse_select_clauses(p, select);
    parse_done(p, n);
    return top ? limited(p, n, top) : n;
}

struct node *parse_star_query(struct parser *p, struct node *from, size_t offset)
{
    struct node *select = parse_node(p, NODE_SELECT, offset);
    struct node *query = parse_node(p, NODE_QUERY, offset);
    push_star(p, node_select(select), offset);
    node_select(select)->from = from;
    node_query(query)->body = parse_done(p, select);
    return parse_done(p, query);
}

/* TABLE t is SELECT * FROM t. */
static struct node *parse_table_command(struct parser *p)
{
    struct node *n = parse_node(p, NODE_SELECT, tok_next(p).offset);
    struct node *ref = parse_node(p, NODE_TABLE_REF, tok(p)->offset);
    node_table_ref(ref)->name = parse_name(p);
    push_star(p, node_select(n), n->offset);
    node_select(n)->from = parse_done(p, ref);
    return parse_done(p, n);
}

static struct node *parse_value(struct parser *p)
{
    if (tok_is_word(p, KW_DEFAULT)) {
        return parse_done(p, parse_node(p, NODE_DEFAULT, tok_next(p).offset));
    }
    return parse_expr(p);
}

struct node *parse_values(struct parser *p)
{
    struct node *n = parse_node(p, NODE_VALUES, tok(p)->offset);
    tok_need_word(p, KW_VALUES);
    do {
        struct node *row = parse_node(p, NODE_ROW, tok_need(p, TOK_LPAREN).offset);
        do {
            parse_push(p, &node_row(row)->items, parse_value(p));
        } while (tok_more(p));
        tok_need(p, TOK_RPAREN);
        parse_push(p, &node_values(n)->rows, parse_done(p, row));
    } while (tok_more(p));
    return parse_done(p, n);
}

static bool is_plain(const struct node_query *q)
{
    return q->ctes.n == 0 && q->order.n == 0 && !q->order_all && !q->limit && !q->offset;
}

/* The body alone where a query has nothing of its own. */
static struct node *unwrap(struct node *query)
{
    return is_plain(node_query(query)) ? node_query(query)->body : query;
}

struct node *parse_query_in_parens(struct parser *p)
{
    tok_need(p, TOK_LPAREN);
    struct node *n = parse_query(p);
    tok_need(p, TOK_RPAREN);
    return n;
}

static struct node *parse_operand(struct parser *p)
{
    switch (tok(p)->word) {
    case KW_VALUES:
        return parse_values(p);
    case KW_TABLE:
        return parse_table_command(p);
    case KW_PIVOT:
    case KW_UNPIVOT:
        return parse_pivot_statement(p);
    default:
        return tok_is(p, TOK_LPAREN) ? unwrap(parse_query_in_parens(p)) : parse_select(p);
    }
}

static struct node *parse_setop(struct parser *p, struct node *left, bool only_intersect)
{
    while (at_setop(p) && (!only_intersect || tok_is_word(p, KW_INTERSECT))) {
        enum keyword word = tok_next(p).word;
        struct node *n = parse_node(p, NODE_SETOP, left->offset);
        struct node_setop *setop = node_setop(n);
        setop->op = word == KW_UNION       ? SETOP_UNION
                    : word == KW_INTERSECT ? SETOP_INTERSECT
                                           : SETOP_EXCEPT;
        setop->all = tok_take_word(p, KW_ALL);
        if (!setop->all) {
            tok_take_word(p, KW_DISTINCT);
        }
        if (tok_is_word(p, KW_BY) && tok_peek(p, 1)->word == KW_NAME) {
            tok_next(p);
            tok_next(p);
            setop->by_name = true;
        }
        setop->left = left;
        setop->right = parse_operand(p);
        if (word != KW_INTERSECT) { /* INTERSECT binds more strongly */
            setop->right = parse_setop(p, setop->right, true);
        }
        left = parse_done(p, n);
    }
    return left;
}

/* ORDER BY ALL: 1, plus 1 when descending, plus 2 times enum nulls_order. */
static int parse_order_all(struct parser *p)
{
    int32_t descending, nulls;
    tok_next(p);
    parse_direction(p, &descending, &nulls);
    return 1 + descending + 2 * nulls;
}

static void once(struct parser *p, const struct node *already)
{
    if (already) {
        parse_syntax_error(p);
    }
}

static void parse_fetch(struct parser *p, struct node_query *q)
{
    once(p, q->limit);
    tok_next(p);
    bool has_which = tok_take_word(p, KW_FIRST) || tok_take_word(p, KW_NEXT);
    if (!has_which && p->dialect != DIALECT_SNOWFLAKE) {
        parse_syntax_error(p);
    }
    size_t offset = tok(p)->offset;
    bool has_count = !tok_is_word(p, KW_ROW) && !tok_is_word(p, KW_ROWS);
    q->limit = has_count ? parse_primary(p) : parse_literal(p, LIT_INTEGER, STR("1"), offset);
    bool has_word = tok_take_word(p, KW_ROW) || tok_take_word(p, KW_ROWS);
    if (tok_is_word(p, KW_WITH)) {
        parse_unsupported(p, "FETCH ... WITH TIES is");
    }
    if (has_word && p->dialect != DIALECT_SNOWFLAKE) {
        tok_need_word(p, KW_ONLY);
    } else {
        tok_take_word(p, KW_ONLY);
    }
}

static void parse_limit(struct parser *p, struct node_query *q)
{
    q->limit = tok_take_word(p, KW_ALL) ? NULL : parse_expr(p);
    if (q->limit && tok_is_op(p, OP_MOD)) {
        tok_next(p);
        q->limit_percent = true;
    } else if (q->limit && tok_take_said(p, "percent")) {
        q->limit_percent = true;
    }
}

/* LIMIT, OFFSET and FETCH in any order, each once. */
static void parse_limits(struct parser *p, struct node_query *q)
{
    for (;;) {
        if (tok_is_word(p, KW_LIMIT)) {
            once(p, q->limit);
            tok_next(p);
            parse_limit(p, q);
        } else if (tok_is_word(p, KW_OFFSET)) {
            once(p, q->offset);
            tok_next(p);
            q->offset = parse_expr(p);
            if (!tok_take_word(p, KW_ROWS)) {
                tok_take_word(p, KW_ROW);
            }
        } else if (tok_is_word(p, KW_FETCH)) {
            parse_fetch(p, q);
        } else {
            return;
        }
    }
}

struct node *parse_query_rest(struct parser *p, struct node *left)
{
    struct node *n = parse_node(p, NODE_QUERY, left->offset);
    struct node_query *q = node_query(n);
    bool is_query = left->kind == NODE_QUERY;
    if (left == p->top && !at_setop(p)) { /* SELECT TOP n: what follows is of the same query */
        q->limit = node_query(left)->limit;
        left = node_query(left)->body;
        is_query = false;
    }
    q->body = parse_setop(p, is_query && at_setop(p) ? unwrap(left) : left, false);
    if (tok_take_word(p, KW_ORDER)) {
        tok_need_word(p, KW_BY);
        if (tok_is_word(p, KW_ALL) || tok_is_op(p, OP_MUL)) {
            q->order_all = parse_order_all(p);
        } else {
            parse_order_items(p, &q->order);
        }
    }
    parse_limits(p, q);
    if (tok_is_word(p, KW_FOR)) {
        parse_unsupported(p, "locking of rows is");
    }
    if (q->body->kind == NODE_QUERY && is_plain(q)) {
        return q->body;
    }
    if (q->body->kind == NODE_QUERY) {
        q->body = unwrap(q->body);
    }
    return parse_done(p, n);
}

/* Snowflake may leave out AS: WITH t (SELECT ..). */
static bool tok_starts_cte_query(struct parser *p)
{
    enum keyword word = tok_peek(p, 1)->word;
    return p->dialect == DIALECT_SNOWFLAKE &&
           (word == KW_SELECT || word == KW_WITH || tok_peek(p, 1)->kind == TOK_LPAREN);
}

/* USING KEY (a, b): a recursive CTE of DuckDB whose rows replace earlier ones. */
static void parse_cte_key(struct parser *p, struct node_cte *cte)
{
    if (tok_take_words(p, KW_USING, KW_KEY)) {
        parse_excluded(p, &cte->key);
    }
}

static struct node *parse_cte(struct parser *p)
{
    struct node *n = parse_node(p, NODE_CTE, tok(p)->offset);
    struct node_cte *cte = node_cte(n);
    cte->name = parse_ident(p);
    if (tok_is(p, TOK_LPAREN) && !tok_starts_cte_query(p)) {
        parse_ident_list(p, &cte->columns);
    }
    if (p->dialect != DIALECT_SNOWFLAKE || !tok_is(p, TOK_LPAREN)) {
        parse_cte_key(p, cte);
        tok_need_word(p, KW_AS);
    }
    if (tok_take_words(p, KW_NOT, KW_MATERIALIZED)) {
        cte->materialized = MATERIALIZED_NO;
    } else if (tok_take_word(p, KW_MATERIALIZED)) {
        cte->materialized = MATERIALIZED_YES;
    }
    if (tok_is(p, TOK_LPAREN) && tok_starts_dml(p, 1)) {
        parse_unsupported(p, "a statement that writes inside WITH is");
    }
    cte->query = parse_query_in_parens(p);
    return parse_done(p, n);
}

bool parse_with(struct parser *p, struct node_list *ctes)
{
    tok_need_word(p, KW_WITH);
    bool recursive = tok_take_word(p, KW_RECURSIVE);
    do {
        parse_push(p, ctes, parse_cte(p));
    } while (tok_take(p, TOK_COMMA) &&
             !(p->dialect != DIALECT_POSTGRES && tok_is_word(p, KW_SELECT)));
    return recursive;
}

struct node *parse_query_under(struct parser *p, struct node_list ctes, int32_t recursive,
                               size_t offset)
{
    struct node *left = tok_is(p, TOK_LPAREN) ? parse_query_in_parens(p) : parse_operand(p);
    struct node *n = parse_query_rest(p, left);
    if (ctes.n > 0 && node_query(n)->ctes.n > 0) { /* WITH ... (WITH ... SELECT ...) */
        struct node *outer = parse_node(p, NODE_QUERY, offset);
        node_query(outer)->body = n;
        n = outer;
    }
    if (ctes.n > 0) {
        node_query(n)->ctes = ctes;
        node_query(n)->recursive = recursive;
    }
    n->offset = (uint32_t)offset;
    return parse_done(p, n);
}

struct node *parse_query(struct parser *p)
{
    parse_enter(p);
    size_t offset = tok(p)->offset;
    struct node_list ctes = {0};
    int32_t recursive = tok_is_word(p, KW_WITH) && parse_with(p, &ctes);
    struct node *n = parse_query_under(p, ctes, recursive, offset);
    parse_leave(p);
    return n;
}
