/* INSERT, UPDATE, DELETE. */
#include "sql/parse_priv.h"

bool tok_starts_dml(struct parser *p, unsigned ahead)
{
    enum keyword word = tok_peek(p, ahead)->word;
    return word == KW_INSERT || word == KW_UPDATE || word == KW_DELETE || word == KW_MERGE;
}

/* The table that is written. There is no inheritance here, so ONLY says nothing. */
struct node *parse_target_table(struct parser *p)
{
    tok_take_word(p, KW_ONLY);
    struct node *n = parse_node(p, NODE_TABLE_REF, tok(p)->offset);
    struct node_table_ref *ref = node_table_ref(n);
    ref->name = parse_name(p);
    bool has_alias = tok_take_word(p, KW_AS);
    if (has_alias ||
        (tok_is_column_name(p, 0) && !tok_is_word(p, KW_SET) && !tok_is_word(p, KW_VALUES) &&
         !tok_is_word(p, KW_OVERRIDING) && !tok_is_word(p, KW_BY))) {
        ref->alias = parse_ident(p);
    }
    return parse_done(p, n);
}

struct node *value_or_default(struct parser *p)
{
    if (tok_is_word(p, KW_DEFAULT)) {
        return parse_done(p, parse_node(p, NODE_DEFAULT, tok_next(p).offset));
    }
    return parse_expr(p);
}

void parse_values_row(struct parser *p, struct node_list *out)
{
    tok_need(p, TOK_LPAREN);
    do {
        parse_push(p, out, value_or_default(p));
    } while (tok_take(p, TOK_COMMA) && !tok_is_last(p, TOK_RPAREN));
    tok_need(p, TOK_RPAREN);
}

static void push_assignment(struct parser *p, struct node_list *out, struct node *column,
                            struct node *value)
{
    struct node *n = parse_node(p, NODE_ASSIGN, column->offset);
    node_assign(n)->column = column;
    node_assign(n)->value = value;
    parse_push(p, out, parse_done(p, n));
}

/* A column, qualified or not. */
static struct node *parse_assigned(struct parser *p)
{
    struct node *name = parse_name(p);
    const struct node_list *parts = &node_name(name)->parts;
    if (tok_is(p, TOK_LBRACKET)) {
        parse_unsupported(p, "setting a part of a value is");
    }
    return parts->n == 1 ? parts->at[0] : name;
}

static void need_equals(struct parser *p)
{
    if (!tok_is_op(p, OP_EQ)) {
        parse_syntax_error(p);
    }
    tok_next(p);
}

/* (a, b) = (1, 2), value by value: each is an assignment of its own. */
static void push_each(struct parser *p, const struct node_list *columns,
                      const struct node_list *values, size_t offset, struct node_list *out)
{
    if (values->n != columns->n) {
        parse_fail(p, ERR_BAD_SQL, offset, "%s values than columns",
                   values->n < columns->n ? "fewer" : "more");
    }
    for (uint32_t i = 0; i < columns->n; i++) {
        push_assignment(p, out, columns->at[i], values->at[i]);
    }
}

static void parse_row_assignment(struct parser *p, struct node_list *out)
{
    struct node *row = parse_node(p, NODE_ROW, tok(p)->offset);
    struct node_list *columns = &node_row(row)->items;
    tok_need(p, TOK_LPAREN);
    do {
        parse_push(p, columns, parse_assigned(p));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
    parse_done(p, row);
    need_equals(p);
    bool is_row = tok_take_word(p, KW_ROW) ||
                  (tok_is(p, TOK_LPAREN) && tok_peek(p, 1)->word != KW_SELECT &&
                   tok_peek(p, 1)->word != KW_WITH && tok_peek(p, 1)->word != KW_FROM);
    struct node_list values = {0};
    if (is_row) {
        parse_values_row(p, &values);
        push_each(p, columns, &values, row->offset, out);
        return;
    }
    struct node *value = parse_expr(p);
    if (value->kind == NODE_ROW) {
        push_each(p, columns, &node_row(value)->items, row->offset, out);
    } else {
        push_assignment(p, out, row, value);
    }
}

void parse_assignments(struct parser *p, struct node_list *out)
{
    tok_need_word(p, KW_SET);
    do {
        if (tok_is(p, TOK_LPAREN)) {
            parse_row_assignment(p, out);
            continue;
        }
        struct node *column = parse_assigned(p);
        need_equals(p);
        push_assignment(p, out, column, value_or_default(p));
    } while (tok_take(p, TOK_COMMA) && !tok_is_last(p, TOK_END) && !tok_is_last(p, TOK_SEMICOLON));
}

/* Columns as names where they all are, else as keys of an index: expressions, orders. */
static void parse_conflict_target(struct parser *p, struct node_on_conflict *conflict)
{
    struct node_list names = {0};
    tok_need(p, TOK_LPAREN);
    do {
        struct node *key = parse_node(p, NODE_ORDER_ITEM, tok(p)->offset);
        struct node_order_item *item = node_order_item(key);
        item->expr = parse_expr(p);
        bool is_name = item->expr->kind == NODE_COLUMN_REF &&
                       node_column_ref(item->expr)->parts.n == 1 &&
                       (tok_is(p, TOK_COMMA) || tok_is(p, TOK_RPAREN));
        parse_direction(p, &item->descending, &item->nulls);
        parse_push(p, &conflict->keys, parse_done(p, key));
        if (is_name) {
            parse_push(p, &names, node_column_ref(item->expr)->parts.at[0]);
        }
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
    if (names.n == conflict->keys.n) {
        conflict->columns = names;
        conflict->keys = (struct node_list){0};
    }
}

static struct node *parse_on_conflict(struct parser *p)
{
    struct node *n = parse_node(p, NODE_ON_CONFLICT, tok_next(p).offset);
    struct node_on_conflict *conflict = node_on_conflict(n);
    tok_need_word(p, KW_CONFLICT);
    if (tok_take_word(p, KW_ON)) {
        tok_need_word(p, KW_CONSTRAINT);
        conflict->constraint = parse_ident(p);
    } else if (tok_is(p, TOK_LPAREN)) {
        parse_conflict_target(p, conflict);
        conflict->index_where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
    }
    tok_need_word(p, KW_DO);
    if (tok_take_word(p, KW_NOTHING)) {
        return parse_done(p, n);
    }
    tok_need_word(p, KW_UPDATE);
    conflict->do_update = true;
    parse_assignments(p, &conflict->assignments);
    conflict->where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
    return parse_done(p, n);
}

void parse_returning(struct parser *p, struct node_list *out)
{
    if (tok_take_word(p, KW_RETURNING)) {
        parse_targets(p, out);
    }
}

/* INSERT INTO t (a, b) ..., where a parenthesis may also open the query. */
static void parse_insert_columns(struct parser *p, struct node_list *out)
{
    enum keyword next = tok_peek(p, 1)->word;
    bool is_query = tok_peek(p, 1)->kind == TOK_LPAREN || next == KW_SELECT || next == KW_WITH ||
                    next == KW_FROM || next == KW_TABLE ||
                    (next == KW_VALUES && tok_peek(p, 2)->kind == TOK_LPAREN);
    if (tok_is(p, TOK_LPAREN) && !is_query) {
        if (tok_peek(p, 2)->kind == TOK_LBRACKET) {
            parse_unsupported(p, "setting a part of a value is");
        }
        parse_ident_list(p, out);
    }
}

int32_t parse_overriding(struct parser *p)
{
    if (!tok_take_word(p, KW_OVERRIDING)) {
        return OVERRIDING_NONE;
    }
    bool is_user = tok_take_word(p, KW_USER);
    if (!is_user) {
        tok_need_said(p, "system");
    }
    tok_need_said(p, "value");
    return is_user ? OVERRIDING_USER : OVERRIDING_SYSTEM;
}

static void parse_insert_action(struct parser *p, struct node_insert *insert)
{
    if (tok_take_word(p, KW_OR)) {
        if (tok_take_word(p, KW_REPLACE)) {
            insert->or_action = INSERT_OR_REPLACE;
        } else {
            tok_need_word(p, KW_IGNORE);
            insert->or_action = INSERT_OR_IGNORE;
        }
    }
    insert->overwrite = tok_take_said(p, "overwrite");
    if (!tok_take_word(p, KW_INTO) && !insert->overwrite) {
        parse_syntax_error(p);
    }
    tok_take_word(p, KW_TABLE);
}

static void parse_by_name(struct parser *p, struct node_insert *insert)
{
    if (tok_take_word(p, KW_BY)) {
        insert->by_name = tok_take_word(p, KW_NAME);
        if (!insert->by_name) {
            tok_need_word(p, KW_POSITION);
        }
    }
}

/* At the table's name. */
static void parse_insert_target(struct parser *p, struct node_insert *insert)
{
    insert->table = parse_target_table(p);
    parse_insert_columns(p, &insert->columns);
}

/* VALUES (a, DEFAULT): one row, as the query that INSERT takes. */
static struct node *parse_values_of_row(struct parser *p)
{
    struct node *values = parse_node(p, NODE_VALUES, tok_next(p).offset);
    struct node *query = parse_node(p, NODE_QUERY, values->offset);
    struct node *row = parse_node(p, NODE_ROW, tok(p)->offset);
    parse_values_row(p, &node_row(row)->items);
    parse_push(p, &node_values(values)->rows, parse_done(p, row));
    node_query(query)->body = parse_done(p, values);
    return parse_done(p, query);
}

/* INTO t [(a, b)] [VALUES (x, DEFAULT)]: no VALUES means the query's row as it is. */
static struct node *parse_into(struct parser *p)
{
    struct node *n = parse_node(p, NODE_INSERT, tok_next(p).offset);
    struct node_insert *insert = node_insert(n);
    parse_insert_target(p, insert);
    if (tok_is_word(p, KW_VALUES)) {
        insert->source = parse_values_of_row(p);
    }
    return parse_done(p, n);
}

static struct node *parse_branch(struct parser *p)
{
    struct node *n = parse_node(p, NODE_INSERT_BRANCH, tok(p)->offset);
    struct node_insert_branch *branch = node_insert_branch(n);
    if (tok_take_word(p, KW_WHEN)) {
        branch->condition = parse_expr(p);
        tok_need_word(p, KW_THEN);
    } else {
        branch->otherwise = tok_take_word(p, KW_ELSE);
    }
    do {
        if (!tok_is_word(p, KW_INTO)) {
            parse_syntax_error(p);
        }
        parse_push(p, &branch->inserts, parse_into(p));
    } while (tok_is_word(p, KW_INTO));
    return parse_done(p, n);
}

/* INSERT [OVERWRITE] ALL | FIRST, branches, the query whose rows they take. */
static struct node *parse_multi_insert(struct parser *p)
{
    struct node *n = parse_node(p, NODE_MULTI_INSERT, tok_next(p).offset);
    struct node_multi_insert *insert = node_multi_insert(n);
    insert->overwrite = tok_take_said(p, "overwrite");
    insert->first = tok_next(p).word == KW_FIRST;
    do {
        parse_push(p, &insert->branches, parse_branch(p));
    } while (tok_is_word(p, KW_WHEN) || tok_is_word(p, KW_ELSE));
    insert->query = parse_query(p);
    return parse_done(p, n);
}

static bool starts_multi_insert(struct parser *p)
{
    unsigned at = tok_says(p, 1, "overwrite") ? 2 : 1;
    return tok_peek(p, at)->word == KW_ALL || tok_peek(p, at)->word == KW_FIRST;
}

static struct node *parse_insert(struct parser *p)
{
    if (starts_multi_insert(p)) {
        return parse_multi_insert(p);
    }
    struct node *n = parse_node(p, NODE_INSERT, tok_next(p).offset);
    struct node_insert *insert = node_insert(n);
    parse_insert_action(p, insert);
    parse_insert_target(p, insert);
    parse_by_name(p, insert);
    insert->overriding = parse_overriding(p);
    if (!tok_take_words(p, KW_DEFAULT, KW_VALUES)) {
        insert->source = parse_query(p);
    }
    if (tok_is_word(p, KW_ON)) {
        insert->on_conflict = parse_on_conflict(p);
    }
    parse_returning(p, &insert->returning);
    return parse_done(p, n);
}

/* WHERE condition | CURRENT OF cursor */
static struct node *parse_where(struct parser *p)
{
    if (!tok_take_word(p, KW_WHERE)) {
        return NULL;
    }
    if (!tok_is_word(p, KW_CURRENT) || !tok_says(p, 1, "of")) {
        return parse_expr(p);
    }
    struct node *n = parse_node(p, NODE_CURRENT_OF, tok_next(p).offset);
    tok_next(p);
    node_current_of(n)->cursor = parse_ident(p);
    return parse_done(p, n);
}

/* FROM may stand before SET, as Snowflake takes it too. */
static struct node *parse_update(struct parser *p)
{
    struct node *n = parse_node(p, NODE_UPDATE, tok_next(p).offset);
    struct node_update *update = node_update(n);
    update->table = parse_target_table(p);
    bool from_first = tok_take_word(p, KW_FROM);
    update->from = from_first ? parse_from_list(p) : NULL;
    parse_assignments(p, &update->assignments);
    if (!from_first) {
        update->from = tok_take_word(p, KW_FROM) ? parse_from_list(p) : NULL;
    }
    update->where = parse_where(p);
    parse_returning(p, &update->returning);
    return parse_done(p, n);
}

static struct node *parse_delete(struct parser *p)
{
    struct node *n = parse_node(p, NODE_DELETE, tok_next(p).offset);
    struct node_delete_stmt *del = node_delete_stmt(n);
    tok_need_word(p, KW_FROM);
    del->table = parse_target_table(p);
    del->using_tables = tok_take_word(p, KW_USING) ? parse_from_list(p) : NULL;
    del->where = parse_where(p);
    parse_returning(p, &del->returning);
    return parse_done(p, n);
}

struct node *parse_dml(struct parser *p)
{
    switch (tok(p)->word) {
    case KW_INSERT:
        return parse_insert(p);
    case KW_UPDATE:
        return parse_update(p);
    case KW_DELETE:
        return parse_delete(p);
    default:
        return parse_merge(p);
    }
}
