/* INSERT, UPDATE, DELETE. */
#include "sql/parse_priv.h"

bool tok_starts_dml(struct parser *p, unsigned ahead)
{
    enum keyword word = tok_peek(p, ahead)->word;
    return word == KW_INSERT || word == KW_UPDATE || word == KW_DELETE || word == KW_MERGE;
}

/* The table that is written. */
static struct node *parse_table(struct parser *p)
{
    if (tok_is_word(p, KW_ONLY)) {
        parse_unsupported(p, "ONLY is");
    }
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

static struct node *value_or_default(struct parser *p)
{
    if (tok_is_word(p, KW_DEFAULT)) {
        return parse_done(p, parse_node(p, NODE_DEFAULT, tok_next(p).offset));
    }
    return parse_expr(p);
}

static void push_assignment(struct parser *p, struct node_list *out, struct node *column,
                            struct node *value)
{
    struct node *n = parse_node(p, NODE_ASSIGN, column->offset);
    node_assign(n)->column = column;
    node_assign(n)->value = value;
    parse_push(p, out, parse_done(p, n));
}

/* (a, b) = (1, 2) */
static void parse_row_assignment(struct parser *p, struct node_list *out)
{
    size_t offset = tok(p)->offset;
    struct node_list columns = {0};
    parse_ident_list(p, &columns);
    if (!tok_is_op(p, OP_EQ)) {
        parse_syntax_error(p);
    }
    tok_next(p);
    tok_take_word(p, KW_ROW);
    tok_need(p, TOK_LPAREN);
    if (tok_starts_query(p)) {
        parse_unsupported(p, "assigning a sub-query to several columns is");
    }
    for (uint32_t i = 0; i < columns.n; i++) {
        if (i > 0 && !tok_take(p, TOK_COMMA)) {
            parse_fail(p, ERR_BAD_SQL, offset, "fewer values than columns");
        }
        push_assignment(p, out, columns.at[i], value_or_default(p));
    }
    tok_need(p, TOK_RPAREN);
}

static void parse_assignments(struct parser *p, struct node_list *out)
{
    tok_need_word(p, KW_SET);
    do {
        if (tok_is(p, TOK_LPAREN)) {
            parse_row_assignment(p, out);
            continue;
        }
        struct node *column = parse_ident(p);
        if (!tok_is_op(p, OP_EQ)) {
            parse_syntax_error(p);
        }
        tok_next(p);
        push_assignment(p, out, column, value_or_default(p));
    } while (tok_take(p, TOK_COMMA));
}

static struct node *parse_on_conflict(struct parser *p)
{
    struct node *n = parse_node(p, NODE_ON_CONFLICT, tok_next(p).offset);
    struct node_on_conflict *conflict = node_on_conflict(n);
    tok_need_word(p, KW_CONFLICT);
    if (tok_is_word(p, KW_ON)) {
        parse_unsupported(p, "ON CONFLICT ON CONSTRAINT is");
    }
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, &conflict->columns);
    }
    if (tok_is_word(p, KW_WHERE)) {
        parse_unsupported(p, "a partial index in ON CONFLICT is");
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

static void parse_returning(struct parser *p, struct node_list *out)
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
        parse_ident_list(p, out);
    }
}

static struct node *parse_insert(struct parser *p)
{
    struct node *n = parse_node(p, NODE_INSERT, tok_next(p).offset);
    struct node_insert *insert = node_insert(n);
    if (tok_is_word(p, KW_OR)) {
        parse_unsupported(p, "INSERT OR REPLACE is");
    }
    tok_need_word(p, KW_INTO);
    insert->table = parse_table(p);
    parse_insert_columns(p, &insert->columns);
    if (tok_is_word(p, KW_OVERRIDING) || tok_is_word(p, KW_BY)) {
        parse_unsupported(p, "this clause of INSERT is");
    }
    if (!tok_take_words(p, KW_DEFAULT, KW_VALUES)) {
        insert->source = parse_query(p);
    }
    if (tok_is_word(p, KW_ON)) {
        insert->on_conflict = parse_on_conflict(p);
    }
    parse_returning(p, &insert->returning);
    return parse_done(p, n);
}

static struct node *parse_update(struct parser *p)
{
    struct node *n = parse_node(p, NODE_UPDATE, tok_next(p).offset);
    struct node_update *update = node_update(n);
    update->table = parse_table(p);
    parse_assignments(p, &update->assignments);
    update->from = tok_take_word(p, KW_FROM) ? parse_from_list(p) : NULL;
    update->where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
    parse_returning(p, &update->returning);
    return parse_done(p, n);
}

static struct node *parse_delete(struct parser *p)
{
    struct node *n = parse_node(p, NODE_DELETE, tok_next(p).offset);
    struct node_delete_stmt *del = node_delete_stmt(n);
    tok_need_word(p, KW_FROM);
    del->table = parse_table(p);
    del->using_tables = tok_take_word(p, KW_USING) ? parse_from_list(p) : NULL;
    del->where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
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
        parse_unsupported(p, "MERGE is");
    }
}
