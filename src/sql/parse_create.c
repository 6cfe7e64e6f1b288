/* CREATE: which kind, and the kinds that are short. What is made only elsewhere is parse_foreign's.
 */
#include "sql/parse_priv.h"

bool take_if_not_exists(struct parser *p)
{
    return tok_take_all(p, "if not exists");
}

bool take_if_exists(struct parser *p)
{
    return tok_take_words(p, KW_IF, KW_EXISTS);
}

/* ---- views ---- */

/* (a, b COMMENT 'x' MASKING POLICY p) */
static void parse_view_columns(struct parser *p, struct node_create_view *view)
{
    bool says_more = false;
    tok_need(p, TOK_LPAREN);
    do {
        struct node *n = parse_node(p, NODE_COLUMN_DEF, tok(p)->offset);
        struct node_column_def *column = node_column_def(n);
        column->name = parse_ident(p);
        parse_column_options(p, column, NULL);
        if (column->default_value || column->check || column->identity || column->generated ||
            column->not_null || column->unique || column->primary_key || column->collation) {
            parse_fail(p, ERR_BAD_SQL, n->offset, "a view's column is a name alone");
        }
        parse_push(p, &view->columns, column->name);
        parse_push(p, &view->details, parse_done(p, n));
        says_more |= column->comment || column->options.n;
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
    if (!says_more) {
        view->details = (struct node_list){0};
    }
}

static void parse_view_clause(struct parser *p, struct node_create_view *view)
{
    if (tok_is_word(p, KW_COMMENT) && !view->comment) {
        view->comment = parse_comment_option(p);
    } else if (tok_take_all(p, "copy grants")) {
        view->copy_grants = true;
    } else if (!take_governance(p, &view->options)) {
        parse_other_clause(p, &view->options);
    }
}

/* WITH [LOCAL | CASCADED] CHECK OPTION; WITH NO DATA of a materialized view. */
static void parse_check_option(struct parser *p, struct node_create_view *view)
{
    if (!tok_take_word(p, KW_WITH)) {
        return;
    }
    if (view->materialized) {
        view->no_data = tok_take_word(p, KW_NO);
        tok_need_word(p, KW_DATA);
        return;
    }
    view->check_option = CHECK_OPTION_CASCADED;
    if (tok_take_word(p, KW_LOCAL)) {
        view->check_option = CHECK_OPTION_LOCAL;
    } else {
        tok_take_said(p, "cascaded");
    }
    tok_need_word(p, KW_CHECK);
    tok_need_said(p, "option");
}

/* RECURSIVE VIEW v (a) AS q is VIEW v (a) AS WITH RECURSIVE v (a) AS (q) SELECT a FROM v. */
static struct node *recursive_query(struct parser *p, const struct node_create_view *view,
                                    struct node *query)
{
    size_t offset = query->offset;
    const struct node_list *parts = &node_name(view->name)->parts;
    struct node *name = parts->at[parts->n - 1];
    struct node *outer = parse_node(p, NODE_QUERY, offset);
    struct node *cte = parse_node(p, NODE_CTE, offset);
    struct node *select = parse_node(p, NODE_SELECT, offset);
    struct node *ref = parse_node(p, NODE_TABLE_REF, offset);
    struct node *ref_name = parse_node(p, NODE_NAME, offset);
    node_cte(cte)->name = node_copy(p->arena, name);
    node_cte(cte)->query = query;
    parse_push(p, &node_name(ref_name)->parts, node_copy(p->arena, name));
    node_table_ref(ref)->name = ref_name;
    node_select(select)->from = ref;
    for (uint32_t i = 0; i < view->columns.n; i++) {
        struct node *column = parse_node(p, NODE_COLUMN_REF, offset);
        struct node *target = parse_node(p, NODE_TARGET, offset);
        parse_push(p, &node_cte(cte)->columns, node_copy(p->arena, view->columns.at[i]));
        parse_push(p, &node_column_ref(column)->parts, node_copy(p->arena, view->columns.at[i]));
        node_target(target)->expr = column;
        parse_push(p, &node_select(select)->targets, target);
    }
    parse_push(p, &node_query(outer)->ctes, cte);
    node_query(outer)->recursive = true;
    node_query(outer)->body = select;
    return outer;
}

static struct node *parse_create_view(struct parser *p, const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_CREATE_VIEW, flags->offset);
    struct node_create_view *view = node_create_view(n);
    view->or_replace = flags->or_replace;
    view->temporary = flags->temporary;
    view->secure = flags->secure;
    view->materialized = flags->materialized;
    view->if_not_exists = take_if_not_exists(p);
    view->name = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) {
        parse_view_columns(p, view);
    }
    while (!tok_is_word(p, KW_AS) && !tok_ends_statement(p)) {
        parse_view_clause(p, view);
    }
    tok_need_word(p, KW_AS);
    view->query = parse_query(p);
    if (flags->recursive) {
        if (!view->columns.n) {
            parse_fail(p, ERR_BAD_SQL, view->name->offset, "a recursive view names its columns");
        }
        view->query = recursive_query(p, view, view->query);
    }
    parse_check_option(p, view);
    return parse_done(p, n);
}

/* ---- schemas and databases ---- */

static void parse_schema_clause(struct parser *p, struct node_create_schema *create)
{
    if (tok_is_word(p, KW_COMMENT) && !create->comment) {
        create->comment = parse_comment_option(p);
    } else if (!create->clone && tok_take_said(p, "clone")) {
        create->clone = parse_name(p);
        parse_time_travel(p, &create->at, &create->before);
    } else if (tok_is_word(p, KW_CREATE)) {
        parse_unsupported(p, "making objects inside CREATE SCHEMA is");
    } else if (tok_is_word(p, KW_AT) || tok_says(p, 0, "before")) {
        parse_syntax_error(p); /* of what? */
    } else if (!take_governance(p, &create->options)) {
        parse_other_clause(p, &create->options);
    }
}

static struct node *parse_create_schema(struct parser *p, const struct create_flags *flags,
                                        enum object_kind object)
{
    struct node *n = parse_node(p, NODE_CREATE_SCHEMA, flags->offset);
    struct node_create_schema *create = node_create_schema(n);
    create->object = object;
    create->or_replace = flags->or_replace;
    create->transient = flags->form == TABLE_TRANSIENT;
    create->if_not_exists = take_if_not_exists(p);
    if (!tok_is_word(p, KW_AUTHORIZATION)) {
        create->name = parse_name(p);
    }
    if (tok_take_word(p, KW_AUTHORIZATION)) {
        create->owner = parse_label(p);
    }
    while (!tok_ends_statement(p)) {
        parse_schema_clause(p, create);
    }
    return parse_done(p, n);
}

/* ---- types ---- */

static void parse_labels(struct parser *p, struct node_create_type *create)
{
    create->is_enum = true;
    tok_need(p, TOK_LPAREN);
    if (tok_starts_query(p)) {
        create->query = parse_query(p);
    } else if (!tok_is(p, TOK_RPAREN)) {
        do {
            parse_push(p, &create->labels, parse_string(p));
        } while (tok_take(p, TOK_COMMA));
    }
    tok_need(p, TOK_RPAREN);
}

/* AS (a int, b text): PostgreSQL's composite type is a structure. */
static struct node *parse_composite(struct parser *p)
{
    struct node *n = parse_node(p, NODE_TYPE_NAME, tok_next(p).offset);
    node_type_name(n)->text = STR("struct");
    do {
        struct node *field = parse_node(p, NODE_COLUMN_DEF, tok(p)->offset);
        node_column_def(field)->name = parse_ident(p);
        node_column_def(field)->type = parse_type(p);
        parse_push(p, &node_type_name(n)->fields, parse_done(p, field));
    } while (tok_take(p, TOK_COMMA));
    tok_need(p, TOK_RPAREN);
    return parse_done(p, n);
}

static struct node *parse_create_type(struct parser *p, const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_CREATE_TYPE, flags->offset);
    struct node_create_type *create = node_create_type(n);
    create->or_replace = flags->or_replace;
    create->temporary = flags->temporary;
    create->if_not_exists = take_if_not_exists(p);
    create->name = parse_name(p);
    if (!tok_is_word(p, KW_AS) || tok_says(p, 1, "range")) {
        parse_unsupported(p, "this kind of type is");
    }
    tok_next(p);
    if (tok_is(p, TOK_LPAREN)) {
        create->type = parse_composite(p);
    } else if (tok_says(p, 0, "enum") && tok_peek(p, 1)->kind == TOK_LPAREN) {
        tok_next(p);
        parse_labels(p, create);
    } else {
        create->type = parse_type(p);
    }
    return parse_done(p, n);
}

/* ---- indexes ---- */

static void parse_keys(struct parser *p, struct node_list *out)
{
    tok_need(p, TOK_LPAREN);
    parse_order_items(p, out);
    if (tok_is(p, TOK_WORD)) {
        parse_unsupported(p, "an operator class is");
    }
    tok_need(p, TOK_RPAREN);
}

static struct node *parse_create_index(struct parser *p, const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_CREATE_INDEX, flags->offset);
    struct node_create_index *create = node_create_index(n);
    create->unique = flags->unique;
    create->or_replace = flags->or_replace;
    create->concurrently = tok_take_said(p, "concurrently");
    create->if_not_exists = take_if_not_exists(p);
    create->name = tok_is_word(p, KW_ON) ? NULL : parse_name(p);
    tok_need_word(p, KW_ON);
    tok_take_word(p, KW_ONLY);
    create->table = parse_name(p);
    if (tok_take_word(p, KW_USING)) {
        create->method = parse_lower(p, node_ident(parse_label(p))->text);
    }
    parse_keys(p, &create->keys);
    if (tok_take_said(p, "include")) {
        parse_ident_list(p, &create->include);
    }
    while (!tok_is_word(p, KW_WHERE) && !tok_ends_statement(p)) {
        parse_other_clause(p, &create->options);
    }
    create->where = tok_take_word(p, KW_WHERE) ? parse_expr(p) : NULL;
    return parse_done(p, n);
}

/* ---- which ---- */

/* A word that CREATE may say before the kind; false where it stands for nothing that we know. */
static bool take_modifier(struct parser *p, struct create_flags *flags)
{
    static const struct {
        const char *word;
        enum table_form form;
    } forms[] = {
        {"transient", TABLE_TRANSIENT}, {"unlogged", TABLE_UNLOGGED}, {"external", TABLE_EXTERNAL},
        {"dynamic", TABLE_DYNAMIC},     {"iceberg", TABLE_ICEBERG},   {"hybrid", TABLE_HYBRID},
        {"event", TABLE_EVENT},
    };
    static const char *const temporary[] = {"temp", "temporary", "volatile", "local", "global"};
    if (!tok_is(p, TOK_WORD)) {
        return false;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (tok_says(p, 0, forms[i].word)) {
            flags->form = forms[i].form;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof temporary / sizeof *temporary; i++) {
        if (tok_says(p, 0, temporary[i])) {
            flags->temporary = true;
            return true;
        }
    }
    flags->secure |= tok_says(p, 0, "secure");
    flags->recursive |= tok_is_word(p, KW_RECURSIVE);
    flags->materialized |= tok_is_word(p, KW_MATERIALIZED);
    flags->unique |= tok_is_word(p, KW_UNIQUE);
    return tok_says(p, 0, "secure") || tok_is_word(p, KW_RECURSIVE) ||
           tok_is_word(p, KW_MATERIALIZED) || tok_is_word(p, KW_UNIQUE) ||
           tok_says(p, 0, "persistent");
}

/* Modifiers that the kind doesn't have are no SQL. */
static void refuse_modifiers(struct parser *p, const struct create_flags *f, enum object_kind o)
{
    bool is_table = o == OBJECT_TABLE, is_view = o == OBJECT_VIEW;
    bool transient = is_table || o == OBJECT_SCHEMA || o == OBJECT_DATABASE;
    bool is_wrong = ((f->secure || f->recursive || f->materialized) && !is_view &&
                     !(f->secure && (o == OBJECT_FUNCTION || o == OBJECT_PROCEDURE))) ||
                    (f->unique && o != OBJECT_INDEX) ||
                    (f->form && !is_table && !(transient && f->form == TABLE_TRANSIENT)) ||
                    (f->temporary && (o == OBJECT_SCHEMA || o == OBJECT_DATABASE));
    if (is_wrong) {
        struct node *word = f->words.at[0];
        parse_fail(p, ERR_BAD_SQL, word->offset, "%.*s doesn't go with CREATE %s",
                   STR_ARG(node_ident(word)->text), object_words(o));
    }
}

static struct node *parse_created(struct parser *p, const struct create_flags *flags,
                                  enum object_kind object)
{
    switch (object) {
    case OBJECT_TABLE:
        return parse_create_table(p, flags);
    case OBJECT_VIEW:
        return parse_create_view(p, flags);
    case OBJECT_SCHEMA:
    case OBJECT_DATABASE:
        return parse_create_schema(p, flags, object);
    case OBJECT_SEQUENCE:
        return parse_create_sequence(p, flags);
    case OBJECT_MACRO:
        return parse_create_macro(p, flags);
    case OBJECT_FUNCTION:
        return p->dialect == DIALECT_DUCKDB ? parse_create_macro(p, flags)
                                            : parse_create_function(p, flags, object);
    case OBJECT_PROCEDURE:
        return parse_create_function(p, flags, object);
    case OBJECT_TYPE:
        return parse_create_type(p, flags);
    case OBJECT_INDEX:
        return parse_create_index(p, flags);
    default:
        parse_unsupported(p, "this kind of CREATE is");
    }
}

struct node *parse_create(struct parser *p)
{
    struct create_flags flags = {.offset = tok_next(p).offset};
    flags.or_replace = tok_take_words(p, KW_OR, KW_REPLACE);
    if (tok_is_word(p, KW_OR)) {
        parse_unsupported(p, "CREATE OR ALTER is");
    }
    for (;;) {
        bool is_foreign = tok_is_foreign_object(p);
        enum object_kind object = is_foreign ? OBJECT_NONE : take_object(p);
        if (is_foreign) {
            return parse_foreign_object(p, "create", &flags);
        }
        if (object == OBJECT_MATERIALIZED_VIEW) {
            flags.materialized = true;
            object = OBJECT_VIEW;
        }
        if (object != OBJECT_NONE) {
            refuse_modifiers(p, &flags, object);
            return parse_created(p, &flags, object);
        }
        if (!take_modifier(p, &flags)) {
            break;
        }
        parse_push(p, &flags.words, parse_label(p));
    }
    if (!tok_is(p, TOK_WORD)) {
        parse_syntax_error(p);
    }
    parse_unsupported(p, "this kind of CREATE is");
}
