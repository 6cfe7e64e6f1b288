/* MERGE, with the branches that Snowflake, PostgreSQL and DuckDB know. */
#include "sql/parse_priv.h"

/* BY NAME, BY POSITION, ALL BY NAME, * or nothing: the row of the source instead of a list. */
static enum merge_whole take_whole(struct parser *p)
{
    if (tok_is_word(p, KW_WHEN) || tok_is_word(p, KW_RETURNING) || tok_ends_statement(p)) {
        return MERGE_BY_POSITION;
    }
    tok_take_word(p, KW_ALL);
    if (tok_is_op(p, OP_MUL)) {
        tok_next(p);
        return MERGE_BY_POSITION;
    }
    if (!tok_take_word(p, KW_BY)) {
        return MERGE_LISTED;
    }
    bool by_name = tok_take_word(p, KW_NAME);
    if (!by_name) {
        tok_need_word(p, KW_POSITION);
    }
    if (tok_is_op(p, OP_MUL)) {
        tok_next(p);
    }
    return by_name ? MERGE_BY_NAME : MERGE_BY_POSITION;
}

static void parse_merge_update(struct parser *p, struct node_merge_action *action)
{
    const struct token *next = tok_peek(p, 1);
    action->verb = MERGE_UPDATE;
    if (tok_is_word(p, KW_SET) && next->kind == TOK_OP && next->op == OP_MUL) {
        tok_next(p);
        tok_next(p);
        action->whole = MERGE_BY_POSITION;
    } else if (tok_is_word(p, KW_SET)) {
        parse_assignments(p, &action->assignments);
    } else {
        action->whole = take_whole(p);
        if (action->whole == MERGE_LISTED) {
            parse_syntax_error(p);
        }
    }
}

static void parse_merge_insert(struct parser *p, struct node_merge_action *action)
{
    action->verb = MERGE_INSERT;
    action->whole = take_whole(p);
    if (action->whole != MERGE_LISTED) {
        return;
    }
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, &action->columns);
    }
    action->overriding = parse_overriding(p);
    if (tok_take_words(p, KW_DEFAULT, KW_VALUES)) {
        return;
    }
    tok_need_word(p, KW_VALUES);
    parse_values_row(p, &action->values);
}

/* [NOT] MATCHED [BY SOURCE | BY TARGET] */
static enum merge_match parse_match(struct parser *p)
{
    bool negated = tok_take_word(p, KW_NOT);
    tok_need_said(p, "matched");
    if (!negated) {
        return MERGE_MATCHED;
    }
    if (!tok_take_word(p, KW_BY)) {
        return MERGE_NOT_MATCHED;
    }
    if (tok_take_said(p, "source")) {
        return MERGE_NOT_MATCHED_BY_SOURCE;
    }
    tok_need_said(p, "target");
    return MERGE_NOT_MATCHED;
}

static struct node *parse_merge_action(struct parser *p)
{
    struct node *n = parse_node(p, NODE_MERGE_ACTION, tok(p)->offset);
    struct node_merge_action *action = node_merge_action(n);
    tok_need_word(p, KW_WHEN);
    action->match = parse_match(p);
    action->condition = tok_take_word(p, KW_AND) ? parse_expr(p) : NULL;
    tok_need_word(p, KW_THEN);
    size_t offset = tok(p)->offset;
    if (tok_take_word(p, KW_UPDATE)) {
        parse_merge_update(p, action);
    } else if (tok_take_word(p, KW_DELETE)) {
        action->verb = MERGE_DELETE;
    } else if (tok_take_word(p, KW_INSERT)) {
        parse_merge_insert(p, action);
    } else if (tok_take_words(p, KW_DO, KW_NOTHING)) {
        action->verb = MERGE_NOTHING;
    } else {
        tok_need_said(p, "error");
        action->verb = MERGE_ERROR;
        action->message =
            tok_is_word(p, KW_WHEN) || tok_is_word(p, KW_RETURNING) || tok_ends_statement(p)
                ? NULL
                : parse_expr(p);
    }
    bool inserts = action->verb == MERGE_INSERT;
    bool changes = action->verb == MERGE_UPDATE || action->verb == MERGE_DELETE;
    if ((inserts && action->match != MERGE_NOT_MATCHED) ||
        (changes && action->match == MERGE_NOT_MATCHED)) {
        parse_fail(p, ERR_BAD_SQL, offset, "%s",
                   inserts ? "INSERT stands behind WHEN NOT MATCHED alone"
                           : "there is no row to change behind WHEN NOT MATCHED");
    }
    return parse_done(p, n);
}

struct node *parse_merge(struct parser *p)
{
    struct node *n = parse_node(p, NODE_MERGE, tok_next(p).offset);
    struct node_merge *merge = node_merge(n);
    tok_need_word(p, KW_INTO);
    merge->table = parse_target_table(p);
    tok_need_word(p, KW_USING);
    merge->source = parse_from_item(p);
    if (tok_take_word(p, KW_USING)) {
        parse_ident_list(p, &merge->using_columns);
    } else {
        tok_need_word(p, KW_ON);
        merge->on = parse_expr(p);
    }
    do {
        parse_push(p, &merge->actions, parse_merge_action(p));
    } while (tok_is_word(p, KW_WHEN));
    parse_returning(p, &merge->returning);
    return parse_done(p, n);
}
