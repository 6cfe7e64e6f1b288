/* Windows and ORDER BY lists. */
#include "sql/parse_priv.h"

void parse_direction(struct parser *p, int32_t *descending, int32_t *nulls)
{
    *descending = tok_take_word(p, KW_DESC);
    if (!*descending) {
        tok_take_word(p, KW_ASC);
    }
    /* Where nothing is said the tree means PostgreSQL's order, NULL above all; DuckDB's text means
     * last. What the tree means anyway isn't kept, so that trees of one meaning are equal. */
    enum nulls_order above_all = *descending ? NULLS_FIRST : NULLS_LAST;
    enum nulls_order place = tok_take_words(p, KW_NULLS, KW_FIRST)  ? NULLS_FIRST
                             : tok_take_words(p, KW_NULLS, KW_LAST) ? NULLS_LAST
                             : p->dialect == DIALECT_DUCKDB         ? NULLS_LAST
                                                                    : above_all;
    *nulls = place == above_all ? NULLS_ORDER_DEFAULT : place;
}

void parse_order_items(struct parser *p, struct node_list *out)
{
    do {
        struct node *n = parse_node(p, NODE_ORDER_ITEM, tok(p)->offset);
        struct node_order_item *item = node_order_item(n);
        item->expr = parse_expr(p);
        parse_direction(p, &item->descending, &item->nulls);
        parse_push(p, out, parse_done(p, n));
    } while (tok_take(p, TOK_COMMA));
}

static enum frame_bound parse_bound(struct parser *p, struct node **expr)
{
    if (tok_take_words(p, KW_UNBOUNDED, KW_PRECEDING)) {
        return BOUND_UNBOUNDED_PRECEDING;
    }
    if (tok_take_words(p, KW_UNBOUNDED, KW_FOLLOWING)) {
        return BOUND_UNBOUNDED_FOLLOWING;
    }
    if (tok_take_words(p, KW_CURRENT, KW_ROW)) {
        return BOUND_CURRENT_ROW;
    }
    *expr = parse_expr(p);
    if (tok_take_word(p, KW_PRECEDING)) {
        return BOUND_PRECEDING;
    }
    tok_need_word(p, KW_FOLLOWING);
    return BOUND_FOLLOWING;
}

static enum frame_exclude parse_exclude(struct parser *p)
{
    if (!tok_take_word(p, KW_EXCLUDE)) {
        return EXCLUDE_NONE;
    }
    if (tok_take_words(p, KW_CURRENT, KW_ROW)) {
        return EXCLUDE_CURRENT_ROW;
    }
    if (tok_take_words(p, KW_NO, KW_OTHERS)) {
        return EXCLUDE_NONE;
    }
    if (tok_take_word(p, KW_GROUP)) {
        return EXCLUDE_GROUP;
    }
    tok_need_word(p, KW_TIES);
    return EXCLUDE_TIES;
}

static enum frame_mode frame_mode(struct parser *p)
{
    switch (tok(p)->word) {
    case KW_ROWS:
        return FRAME_ROWS;
    case KW_RANGE:
        return FRAME_RANGE;
    case KW_GROUPS:
        return FRAME_GROUPS;
    default:
        return FRAME_NONE;
    }
}

static void parse_frame(struct parser *p, struct node_window *w)
{
    w->frame = frame_mode(p);
    tok_next(p);
    if (tok_take_word(p, KW_BETWEEN)) {
        w->start = parse_bound(p, &w->start_expr);
        tok_need_word(p, KW_AND);
        w->end = parse_bound(p, &w->end_expr);
    } else {
        w->start = parse_bound(p, &w->start_expr);
    }
    w->exclude = parse_exclude(p);
}

/* A word that could start a clause is the clause, not the name of another window. */
static bool names_window(struct parser *p)
{
    return tok_is_column_name(p, 0) && !tok_is_word(p, KW_PARTITION) && frame_mode(p) == FRAME_NONE;
}

struct node *parse_window(struct parser *p)
{
    struct node *n = parse_node(p, NODE_WINDOW, tok_need(p, TOK_LPAREN).offset);
    struct node_window *w = node_window(n);
    if (names_window(p)) {
        w->named = parse_ident(p);
    }
    if (tok_take_word(p, KW_PARTITION)) {
        tok_need_word(p, KW_BY);
        parse_expr_list(p, &w->partition);
    }
    if (tok_take_word(p, KW_ORDER)) {
        tok_need_word(p, KW_BY);
        parse_order_items(p, &w->order);
    }
    if (frame_mode(p) != FRAME_NONE) {
        parse_frame(p, w);
    }
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}
