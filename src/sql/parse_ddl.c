/* CREATE, DROP and ALTER of tables and views. */
#include "sql/parse_priv.h"

static bool take_if_not_exists(struct parser *p)
{
    if (!tok_is_word(p, KW_IF) || tok_peek(p, 1)->word != KW_NOT) {
        return false;
    }
    tok_next(p);
    tok_next(p);
    tok_need_word(p, KW_EXISTS);
    return true;
}

static bool take_if_exists(struct parser *p)
{
    return tok_take_words(p, KW_IF, KW_EXISTS);
}

static bool take_cascade(struct parser *p)
{
    bool cascade = tok_take_word(p, KW_CASCADE);
    if (!cascade) {
        tok_take_word(p, KW_RESTRICT);
    }
    return cascade;
}

static struct node *new_constraint(struct parser *p, enum constraint_form form, struct node *name)
{
    struct node *n = parse_node(p, NODE_CONSTRAINT, tok(p)->offset);
    node_constraint(n)->form = form;
    node_constraint(n)->name = name;
    return n;
}

/* REFERENCES t [(a, b)] */
static void parse_references(struct parser *p, struct node_constraint *c)
{
    tok_need_word(p, KW_REFERENCES);
    c->table = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, &c->foreign_columns);
    }
    if (tok_is_word(p, KW_ON) || tok_says(p, 0, "match")) {
        parse_unsupported(p, "a referential action is");
    }
}

static struct node *parse_check(struct parser *p)
{
    tok_need_word(p, KW_CHECK);
    tok_need(p, TOK_LPAREN);
    struct node *n = parse_expr(p);
    tok_need(p, TOK_RPAREN);
    return n;
}

static void need_key(struct parser *p)
{
    tok_need_word(p, KW_PRIMARY);
    tok_need_word(p, KW_KEY);
}

static bool at_constraint(struct parser *p)
{
    switch (tok(p)->word) {
    case KW_CONSTRAINT:
    case KW_PRIMARY:
    case KW_UNIQUE:
    case KW_CHECK:
    case KW_FOREIGN:
        return true;
    default:
        return false;
    }
}

static struct node *parse_constraint(struct parser *p)
{
    struct node *name = tok_take_word(p, KW_CONSTRAINT) ? parse_ident(p) : NULL;
    struct node *n = new_constraint(p, CONSTRAINT_PRIMARY_KEY, name);
    struct node_constraint *c = node_constraint(n);
    if (tok_is_word(p, KW_PRIMARY)) {
        need_key(p);
        parse_ident_list(p, &c->columns);
    } else if (tok_take_word(p, KW_UNIQUE)) {
        c->form = CONSTRAINT_UNIQUE;
        parse_ident_list(p, &c->columns);
    } else if (tok_is_word(p, KW_CHECK)) {
        c->form = CONSTRAINT_CHECK;
        c->check = parse_check(p);
    } else {
        c->form = CONSTRAINT_FOREIGN_KEY;
        tok_need_word(p, KW_FOREIGN);
        tok_need_word(p, KW_KEY);
        parse_ident_list(p, &c->columns);
        parse_references(p, c);
    }
    return parse_done(p, n);
}

/* A constraint behind a column that a column can't hold (a name, REFERENCES) becomes one of the
 * table. */
static void parse_lifted(struct parser *p, struct node_column_def *column, struct node *name,
                         struct node_list *lifted)
{
    if (!lifted) {
        parse_unsupported(p, "this constraint is");
    }
    struct node *n = new_constraint(p, CONSTRAINT_FOREIGN_KEY, name);
    struct node_constraint *c = node_constraint(n);
    if (tok_is_word(p, KW_PRIMARY)) {
        c->form = CONSTRAINT_PRIMARY_KEY;
        need_key(p);
    } else if (tok_take_word(p, KW_UNIQUE)) {
        c->form = CONSTRAINT_UNIQUE;
    } else if (tok_is_word(p, KW_CHECK)) {
        c->form = CONSTRAINT_CHECK;
        c->check = parse_check(p);
    } else if (tok_is_word(p, KW_REFERENCES)) {
        parse_references(p, c);
    } else {
        parse_unsupported(p, "a name for this constraint is");
    }
    if (c->form != CONSTRAINT_CHECK) {
        parse_push(p, &c->columns, node_copy(p->arena, column->name));
    }
    parse_push(p, lifted, parse_done(p, n));
}

static bool parse_column_option(struct parser *p, struct node_column_def *column,
                                struct node_list *lifted)
{
    if (tok_take_word(p, KW_CONSTRAINT)) {
        parse_lifted(p, column, parse_ident(p), lifted);
    } else if (tok_is_word(p, KW_REFERENCES)) {
        parse_lifted(p, column, NULL, lifted);
    } else if (tok_take_words(p, KW_NOT, KW_NULL)) {
        column->not_null = true;
    } else if (tok_take_word(p, KW_NULL)) {
        return true;
    } else if (tok_is_word(p, KW_PRIMARY)) {
        need_key(p);
        column->primary_key = true;
    } else if (tok_take_word(p, KW_UNIQUE)) {
        column->unique = true;
    } else if (tok_is_word(p, KW_DEFAULT) && !column->default_value) {
        tok_next(p);
        column->default_value = parse_expr_above(p, PREC_IS + 1);
    } else if (tok_is_word(p, KW_CHECK) && !column->check) {
        column->check = parse_check(p);
    } else {
        return false;
    }
    return true;
}

/* name type options; `lifted` takes what the table must hold, NULL where there is no table. */
static struct node *parse_column_def(struct parser *p, struct node_list *lifted)
{
    struct node *n = parse_node(p, NODE_COLUMN_DEF, tok(p)->offset);
    struct node_column_def *column = node_column_def(n);
    column->name = parse_ident(p);
    if (!tok_is(p, TOK_COMMA) && !tok_is(p, TOK_RPAREN)) { /* CREATE TABLE t (a, b) AS ... */
        column->type = parse_type(p);
        while (parse_column_option(p, column, lifted)) {
        }
    }
    return parse_done(p, n);
}

static void parse_elements(struct parser *p, struct node_create_table *create)
{
    tok_need(p, TOK_LPAREN);
    do {
        if (tok_is_word(p, KW_LIKE)) {
            parse_unsupported(p, "LIKE another table is");
        }
        if (at_constraint(p)) {
            parse_push(p, &create->constraints, parse_constraint(p));
        } else {
            parse_push(p, &create->columns, parse_column_def(p, &create->constraints));
        }
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

/* Columns have types in CREATE TABLE and none in CREATE TABLE ... AS. */
static void check_columns(struct parser *p, const struct node_create_table *create)
{
    for (uint32_t i = 0; i < create->columns.n; i++) {
        struct node *column = create->columns.at[i];
        if (!node_column_def(column)->type != (create->query != NULL)) {
            parse_fail(p, ERR_BAD_SQL, column->offset, "%s",
                       create->query ? "a column of CREATE TABLE AS takes its type from the query"
                                     : "a column has no type");
        }
    }
    if (create->query && create->constraints.n > 0) {
        parse_fail(p, ERR_UNSUPPORTED, create->constraints.at[0]->offset,
                   "constraints in CREATE TABLE AS are not supported");
    }
}

struct create_flags {
    bool or_replace, temporary;
};

static struct node *parse_create_table(struct parser *p, struct create_flags flags, size_t offset)
{
    struct node *n = parse_node(p, NODE_CREATE_TABLE, offset);
    struct node_create_table *create = node_create_table(n);
    create->or_replace = flags.or_replace;
    create->temporary = flags.temporary;
    create->if_not_exists = take_if_not_exists(p);
    create->name = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) {
        parse_elements(p, create);
    }
    if (tok_take_word(p, KW_AS)) {
        create->query = parse_query(p);
        if (tok_is_word(p, KW_WITH)) {
            tok_next(p);
            if (tok_is_word(p, KW_NO)) {
                parse_unsupported(p, "WITH NO DATA is");
            }
            tok_need_word(p, KW_DATA);
        }
    } else if (create->columns.n == 0) {
        parse_syntax_error(p);
    }
    check_columns(p, create);
    return parse_done(p, n);
}

static struct node *parse_create_view(struct parser *p, struct create_flags flags, size_t offset)
{
    struct node *n = parse_node(p, NODE_CREATE_VIEW, offset);
    struct node_create_view *view = node_create_view(n);
    view->or_replace = flags.or_replace;
    view->temporary = flags.temporary;
    view->if_not_exists = take_if_not_exists(p);
    view->name = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, &view->columns);
    }
    tok_need_word(p, KW_AS);
    view->query = parse_query(p);
    if (tok_is_word(p, KW_WITH)) {
        parse_unsupported(p, "WITH CHECK OPTION is");
    }
    return parse_done(p, n);
}

struct node *parse_create(struct parser *p)
{
    size_t offset = tok_next(p).offset;
    struct create_flags flags = {.or_replace = tok_take_words(p, KW_OR, KW_REPLACE)};
    flags.temporary = tok_take_word(p, KW_TEMP) || tok_take_word(p, KW_TEMPORARY);
    if (tok_take_word(p, KW_TABLE)) {
        return parse_create_table(p, flags, offset);
    }
    if (tok_take_word(p, KW_VIEW)) {
        return parse_create_view(p, flags, offset);
    }
    if (!tok_is(p, TOK_WORD)) {
        parse_syntax_error(p);
    }
    parse_unsupported(p, "this kind of CREATE is");
}

static enum object_kind take_object(struct parser *p, const char *what)
{
    if (tok_take_word(p, KW_TABLE)) {
        return OBJECT_TABLE;
    }
    if (tok_take_word(p, KW_VIEW)) {
        return OBJECT_VIEW;
    }
    if (tok_take_word(p, KW_SCHEMA)) {
        return OBJECT_SCHEMA;
    }
    if (!tok_is(p, TOK_WORD)) {
        parse_syntax_error(p);
    }
    parse_unsupported(p, what);
}

struct node *parse_drop(struct parser *p)
{
    struct node *n = parse_node(p, NODE_DROP, tok_next(p).offset);
    struct node_drop *drop = node_drop(n);
    drop->object = take_object(p, "this kind of DROP is");
    drop->if_exists = take_if_exists(p);
    do {
        parse_push(p, &drop->names, parse_name(p));
    } while (tok_take(p, TOK_COMMA));
    drop->cascade = take_cascade(p);
    return parse_done(p, n);
}

static void parse_add(struct parser *p, struct node_alter_action *action)
{
    if (at_constraint(p)) {
        parse_unsupported(p, "ADD CONSTRAINT is");
    }
    tok_take_word(p, KW_COLUMN);
    action->verb = ALTER_ADD_COLUMN;
    action->if_exists = take_if_not_exists(p);
    action->definition = parse_column_def(p, NULL);
    if (!node_column_def(action->definition)->type) {
        parse_syntax_error(p);
    }
}

static void parse_drop_column(struct parser *p, struct node_alter_action *action)
{
    if (tok_is_word(p, KW_CONSTRAINT)) {
        parse_unsupported(p, "DROP CONSTRAINT is");
    }
    tok_take_word(p, KW_COLUMN);
    action->verb = ALTER_DROP_COLUMN;
    action->if_exists = take_if_exists(p);
    action->column = parse_ident(p);
    action->cascade = take_cascade(p);
}

static void parse_rename(struct parser *p, struct node_alter_action *action)
{
    if (tok_take_word(p, KW_TO)) {
        action->verb = ALTER_RENAME_TABLE;
    } else {
        tok_take_word(p, KW_COLUMN);
        action->verb = ALTER_RENAME_COLUMN;
        action->column = parse_ident(p);
        tok_need_word(p, KW_TO);
    }
    action->new_name = parse_ident(p);
}

static void parse_set_type(struct parser *p, struct node_alter_action *action)
{
    tok_need_word(p, KW_TYPE);
    action->verb = ALTER_SET_TYPE;
    action->type = parse_type(p);
    action->value = tok_take_word(p, KW_USING) ? parse_expr(p) : NULL;
}

static void parse_alter_column(struct parser *p, struct node_alter_action *action)
{
    tok_take_word(p, KW_COLUMN);
    action->column = parse_ident(p);
    if (tok_is_word(p, KW_TYPE) || tok_take_words(p, KW_SET, KW_DATA)) {
        parse_set_type(p, action);
    } else if (tok_take_words(p, KW_SET, KW_DEFAULT)) {
        action->verb = ALTER_SET_DEFAULT;
        action->value = parse_expr(p);
    } else if (tok_take_words(p, KW_DROP, KW_DEFAULT)) {
        action->verb = ALTER_DROP_DEFAULT;
    } else if (tok_is_word(p, KW_SET) || tok_is_word(p, KW_DROP)) {
        bool set = tok_next(p).word == KW_SET;
        action->verb = set ? ALTER_SET_NOT_NULL : ALTER_DROP_NOT_NULL;
        tok_need_word(p, KW_NOT);
        tok_need_word(p, KW_NULL);
    } else {
        parse_syntax_error(p);
    }
}

static struct node *parse_action(struct parser *p, enum object_kind object)
{
    struct node *n = parse_node(p, NODE_ALTER_ACTION, tok(p)->offset);
    struct node_alter_action *action = node_alter_action(n);
    if (tok_take_word(p, KW_RENAME)) {
        parse_rename(p, action);
    } else if (object != OBJECT_TABLE) {
        parse_unsupported(p, "this kind of ALTER is");
    } else if (tok_take_word(p, KW_ADD)) {
        parse_add(p, action);
    } else if (tok_take_word(p, KW_DROP)) {
        parse_drop_column(p, action);
    } else if (tok_take_word(p, KW_ALTER)) {
        parse_alter_column(p, action);
    } else if (tok_is(p, TOK_WORD)) {
        parse_unsupported(p, "this kind of ALTER is");
    } else {
        parse_syntax_error(p);
    }
    return parse_done(p, n);
}

struct node *parse_alter(struct parser *p)
{
    struct node *n = parse_node(p, NODE_ALTER_TABLE, tok_next(p).offset);
    struct node_alter_table *alter = node_alter_table(n);
    enum object_kind object = take_object(p, "this kind of ALTER is");
    alter->object = object;
    alter->if_exists = take_if_exists(p);
    alter->name = parse_name(p);
    do {
        parse_push(p, &alter->actions, parse_action(p, object));
    } while (tok_take(p, TOK_COMMA));
    return parse_done(p, n);
}
