/* ALTER of what is kept here: tables, views, schemas, sequences. ALTER SESSION sets parameters. */
#include "sql/parse_priv.h"

/* A column, or a field inside one. */
static struct node *parse_column_path(struct parser *p)
{
    struct node *name = parse_name(p);
    return node_name(name)->parts.n == 1 ? node_name(name)->parts.at[0] : name;
}

static struct node *new_action(struct parser *p, enum alter_verb verb)
{
    struct node *n = parse_node(p, NODE_ALTER_ACTION, tok(p)->offset);
    node_alter_action(n)->verb = verb;
    return n;
}

/* ---- ADD ---- */

/* A column and what it needs of the table: each a change of its own. */
static void parse_add_column(struct parser *p, struct node_list *out)
{
    struct node_list lifted = {0};
    struct node *n = new_action(p, ALTER_ADD_COLUMN);
    struct node_alter_action *action = node_alter_action(n);
    action->if_exists = take_if_not_exists(p);
    action->definition = parse_column_def(p, &lifted);
    const struct node_column_def *column = node_column_def(action->definition);
    if (!column->type && !column->generated) {
        parse_syntax_error(p);
    }
    parse_push(p, out, parse_done(p, n));
    for (uint32_t i = 0; i < lifted.n; i++) {
        struct node *add = new_action(p, ALTER_ADD_CONSTRAINT);
        node_alter_action(add)->constraint = lifted.at[i];
        parse_push(p, out, add);
    }
}

static void parse_add(struct parser *p, struct node_list *out)
{
    if (tok_is_constraint(p)) {
        struct node *n = new_action(p, ALTER_ADD_CONSTRAINT);
        node_alter_action(n)->constraint = parse_constraint(p);
        parse_push(p, out, parse_done(p, n));
        return;
    }
    tok_take_word(p, KW_COLUMN);
    parse_add_column(p, out);
}

/* ---- DROP ---- */

static void parse_drop_constraint(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_DROP_CONSTRAINT);
    struct node_alter_action *action = node_alter_action(n);
    action->if_exists = take_if_exists(p);
    action->constraint = parse_ident(p);
    action->cascade = take_cascade(p);
    parse_push(p, out, parse_done(p, n));
}

/* DROP PRIMARY KEY | UNIQUE (a) | FOREIGN KEY (a): the constraint by what it says. */
static void parse_drop_key(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_DROP_CONSTRAINT);
    struct node *key = parse_node(p, NODE_CONSTRAINT, tok(p)->offset);
    struct node_constraint *c = node_constraint(key);
    if (tok_take_words(p, KW_PRIMARY, KW_KEY)) {
        c->form = CONSTRAINT_PRIMARY_KEY;
    } else {
        bool is_unique = tok_take_word(p, KW_UNIQUE);
        c->form = is_unique ? CONSTRAINT_UNIQUE : CONSTRAINT_FOREIGN_KEY;
        if (!is_unique) {
            tok_need_word(p, KW_FOREIGN);
            tok_need_word(p, KW_KEY);
        }
        parse_ident_list(p, &c->columns);
    }
    node_alter_action(n)->constraint = parse_done(p, key);
    node_alter_action(n)->cascade = take_cascade(p);
    parse_push(p, out, parse_done(p, n));
}

static void parse_drop_column(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_DROP_COLUMN);
    struct node_alter_action *action = node_alter_action(n);
    action->if_exists = take_if_exists(p);
    action->column = parse_column_path(p);
    action->cascade = take_cascade(p);
    parse_push(p, out, parse_done(p, n));
}

static void parse_other(struct parser *p, const char *word, struct node_list *out);

static void parse_drop_part(struct parser *p, struct node_list *out)
{
    if (tok_take_word(p, KW_CONSTRAINT)) {
        parse_drop_constraint(p, out);
    } else if (tok_is_constraint(p)) {
        parse_drop_key(p, out);
    } else if (tok_take_all(p, "clustering key")) {
        parse_push(p, out, new_action(p, ALTER_CLUSTER));
    } else if (tok_says_all(p, "row access") || tok_says_all(p, "all row") ||
               tok_says_all(p, "search optimization") || tok_says_all(p, "aggregation policy") ||
               tok_says_all(p, "data metric")) {
        parse_other(p, "drop", out);
    } else {
        tok_take_word(p, KW_COLUMN);
        parse_drop_column(p, out);
    }
}

/* ---- RENAME ---- */

static void parse_rename(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_RENAME_COLUMN);
    struct node_alter_action *action = node_alter_action(n);
    if (tok_take_word(p, KW_TO)) {
        struct node *name = parse_name(p);
        action->verb = ALTER_RENAME_TABLE;
        action->new_name = node_name(name)->parts.n == 1 ? node_name(name)->parts.at[0] : name;
    } else if (tok_take_word(p, KW_CONSTRAINT)) {
        action->verb = ALTER_RENAME_CONSTRAINT;
        action->constraint = parse_ident(p);
        tok_need_word(p, KW_TO);
        action->new_name = parse_ident(p);
    } else {
        tok_take_word(p, KW_COLUMN);
        action->column = parse_column_path(p);
        tok_need_word(p, KW_TO);
        action->new_name = parse_ident(p);
    }
    parse_push(p, out, parse_done(p, n));
}

/* ---- ALTER COLUMN ---- */

static void parse_set_type(struct parser *p, struct node_alter_action *action)
{
    tok_take_word(p, KW_TYPE);
    action->verb = ALTER_SET_TYPE;
    bool is_derived = tok_is_word(p, KW_USING); /* DuckDB: the type that the expression has */
    action->type = is_derived ? NULL : parse_type(p);
    action->value = tok_take_word(p, KW_USING) ? parse_expr(p) : NULL;
}

static void parse_policy_words(struct parser *p, struct node_alter_action *action)
{
    action->verb = ALTER_OTHER;
    while (!tok_ends_statement(p) && !tok_is(p, TOK_COMMA) && !tok_is(p, TOK_RPAREN)) {
        parse_push(p, &action->options, parse_token(p));
    }
    if (!action->options.n) {
        parse_syntax_error(p);
    }
}

/* What is done to a column. Snowflake writes a type alone too: MODIFY a NUMBER(10). */
static void parse_column_change(struct parser *p, struct node_alter_action *action)
{
    if (tok_is_word(p, KW_TYPE) || tok_take_words(p, KW_SET, KW_DATA)) {
        parse_set_type(p, action);
    } else if (tok_take_words(p, KW_SET, KW_DEFAULT)) {
        action->verb = ALTER_SET_DEFAULT;
        action->value = parse_expr(p);
    } else if (tok_take_words(p, KW_DROP, KW_DEFAULT)) {
        action->verb = ALTER_DROP_DEFAULT;
    } else if (tok_take_all(p, "set not null") || tok_take_words(p, KW_NOT, KW_NULL)) {
        action->verb = ALTER_SET_NOT_NULL;
    } else if (tok_take_all(p, "drop not null") || tok_take_word(p, KW_NULL)) {
        action->verb = ALTER_DROP_NOT_NULL;
    } else if (tok_is_word(p, KW_COMMENT)) {
        action->verb = ALTER_COMMENT_COLUMN;
        action->value = parse_comment_option(p);
    } else if (tok_is_word(p, KW_SET) || tok_is_word(p, KW_DROP) || tok_says(p, 0, "unset") ||
               tok_is_word(p, KW_ADD)) {
        parse_policy_words(p, action);
    } else if (tok_is(p, TOK_WORD)) {
        parse_set_type(p, action);
    } else {
        parse_syntax_error(p);
    }
}

static void parse_alter_column(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_OTHER);
    struct node_alter_action *action = node_alter_action(n);
    tok_take_word(p, KW_COLUMN);
    action->column = parse_column_path(p);
    parse_column_change(p, action);
    parse_push(p, out, parse_done(p, n));
}

/* MODIFY (a ..., COLUMN b ...) */
static void parse_modified_list(struct parser *p, struct node_list *out)
{
    tok_need(p, TOK_LPAREN);
    do {
        parse_alter_column(p, out);
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
}

/* ---- the object itself ---- */

/* SET a = 1 b = 2, with commas or without; SET TAG t = 'x' and policies are no options. */
static void parse_set_options(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_SET_OPTIONS);
    struct node_alter_action *action = node_alter_action(n);
    if (tok_take_word(p, KW_SCHEMA)) {
        action->verb = ALTER_SET_SCHEMA;
        action->new_name = parse_ident(p);
        parse_push(p, out, parse_done(p, n));
        return;
    }
    if (!tok_is_option(p)) {
        parse_other(p, "set", out);
        return;
    }
    while (tok_is_option(p)) {
        parse_push(p, &action->options, parse_option(p, 1));
        if (tok_is(p, TOK_COMMA) && tok_peek(p, 2)->kind == TOK_OP) {
            tok_next(p);
        }
    }
    parse_push(p, out, parse_done(p, n));
}

static void parse_unset_options(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_UNSET_OPTIONS);
    if (tok_says(p, 0, "tag") || tok_says(p, 0, "masking")) {
        parse_other(p, "unset", out);
        return;
    }
    do {
        parse_push(p, &node_alter_action(n)->options, parse_label(p));
    } while (tok_take(p, TOK_COMMA));
    parse_push(p, out, parse_done(p, n));
}

/* What is none of the verbs: its words, from `word` on, to the end of the statement. */
static void parse_other(struct parser *p, const char *word, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_OTHER);
    struct node_alter_action *action = node_alter_action(n);
    if (word) {
        struct node *first = parse_node(p, NODE_IDENT, tok(p)->offset);
        node_ident(first)->text = str_of(word);
        parse_push(p, &action->options, first);
    }
    if (tok_ends_statement(p) || (!word && !tok_is(p, TOK_WORD))) {
        parse_syntax_error(p);
    }
    parse_clauses(p, &action->options);
    parse_push(p, out, parse_done(p, n));
}

static void parse_cluster_by(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_CLUSTER);
    parse_cluster(p, &node_alter_action(n)->cluster);
    parse_push(p, out, parse_done(p, n));
}

static void parse_swap(struct parser *p, struct node_list *out)
{
    struct node *n = new_action(p, ALTER_SWAP_WITH);
    node_alter_action(n)->new_name = parse_name(p);
    parse_push(p, out, parse_done(p, n));
}

/* One change; gives the verb that a list may go on without: ADD a int, b int. */
static enum keyword parse_action(struct parser *p, enum keyword before, struct node_list *out)
{
    enum keyword word = tok(p)->word;
    if (tok_take_word(p, KW_ADD)) {
        bool is_other = tok_says_all(p, "row access") || tok_says_all(p, "search optimization") ||
                        tok_says_all(p, "data metric");
        if (is_other) {
            parse_other(p, "add", out);
        } else {
            parse_add(p, out);
        }
    } else if (tok_take_word(p, KW_DROP)) {
        parse_drop_part(p, out);
    } else if (tok_take_word(p, KW_RENAME)) {
        parse_rename(p, out);
    } else if (tok_is_word(p, KW_ALTER) || tok_says(p, 0, "modify")) {
        word = KW_ALTER;
        tok_next(p);
        if (tok_is(p, TOK_LPAREN)) {
            parse_modified_list(p, out);
        } else {
            parse_alter_column(p, out);
        }
    } else if (tok_take_all(p, "swap with")) {
        parse_swap(p, out);
    } else if (tok_take_all(p, "cluster by")) {
        parse_cluster_by(p, out);
    } else if (tok_take_word(p, KW_SET)) {
        parse_set_options(p, out);
    } else if (tok_take_said(p, "unset")) {
        parse_unset_options(p, out);
    } else if (before == KW_ADD) {
        parse_add(p, out);
        return before;
    } else if (before == KW_DROP) {
        parse_drop_part(p, out);
        return before;
    } else if (before == KW_ALTER) {
        parse_alter_column(p, out);
        return before;
    } else {
        parse_other(p, NULL, out);
    }
    return word;
}

static struct node *parse_alter_object(struct parser *p, size_t offset, enum object_kind object)
{
    struct node *n = parse_node(p, NODE_ALTER_TABLE, offset);
    struct node_alter_table *alter = node_alter_table(n);
    enum keyword before = KW_NONE;
    alter->object = object;
    alter->if_exists = take_if_exists(p);
    tok_take_word(p, KW_ONLY);
    alter->name = parse_name(p);
    bool has_columns = object != OBJECT_TYPE && object != OBJECT_INDEX;
    bool is_named = tok_says_all(p, "rename to") || tok_says_all(p, "set schema");
    if (!has_columns && !is_named) {
        parse_other(p, NULL, &alter->actions);
        return parse_done(p, n);
    }
    do {
        before = parse_action(p, before, &alter->actions);
    } while (tok_take(p, TOK_COMMA));
    return parse_done(p, n);
}

/* ALTER SESSION SET a = 1 [,] b = 'x' | UNSET a, b */
static struct node *parse_alter_session(struct parser *p, size_t offset)
{
    struct node *n = parse_node(p, NODE_ALTER_SESSION, offset);
    struct node_list *settings = &node_alter_session(n)->settings;
    if (tok_take_word(p, KW_SET)) {
        do {
            parse_push(p, settings, parse_setting_to(p, false));
            tok_take(p, TOK_COMMA);
        } while (!tok_ends_statement(p));
        return parse_done(p, n);
    }
    tok_need_said(p, "unset");
    do {
        struct node *reset = parse_node(p, NODE_RESET, tok(p)->offset);
        node_reset(reset)->name = parse_setting(p);
        parse_push(p, settings, parse_done(p, reset));
    } while (tok_take(p, TOK_COMMA));
    return parse_done(p, n);
}

struct node *parse_alter(struct parser *p)
{
    struct create_flags flags = {.offset = tok_next(p).offset};
    if (tok_take_word(p, KW_SESSION)) {
        return parse_alter_session(p, flags.offset);
    }
    if (tok_is_foreign_object(p)) {
        return parse_foreign_object(p, "alter", &flags);
    }
    while (tok_says(p, 0, "external") || tok_says(p, 0, "dynamic") || tok_says(p, 0, "iceberg") ||
           tok_says(p, 0, "hybrid")) {
        tok_next(p);
    }
    enum object_kind object = take_object(p);
    switch (object) {
    case OBJECT_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATERIALIZED_VIEW:
    case OBJECT_SCHEMA:
    case OBJECT_DATABASE:
    case OBJECT_INDEX:
    case OBJECT_TYPE:
        return parse_alter_object(p, flags.offset, object);
    case OBJECT_SEQUENCE:
        return parse_alter_sequence(p, flags.offset);
    default:
        break;
    }
    if (object != OBJECT_NONE) {
        return parse_foreign_known(p, "alter", flags.offset, object);
    }
    if (!tok_is(p, TOK_WORD)) {
        parse_syntax_error(p);
    }
    parse_unsupported(p, "this kind of ALTER is");
}
