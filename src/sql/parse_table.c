/* CREATE TABLE: columns, constraints, and what may stand beside them. */
#include "sql/parse_priv.h"

/* ---- constraints ---- */

static struct node *new_constraint(struct parser *p, enum constraint_form form, struct node *name)
{
    struct node *n = parse_node(p, NODE_CONSTRAINT, tok(p)->offset);
    node_constraint(n)->form = form;
    node_constraint(n)->name = name;
    return n;
}

static enum referential parse_referential(struct parser *p)
{
    if (tok_take_word(p, KW_CASCADE)) {
        return REFERENTIAL_CASCADE;
    }
    if (tok_take_word(p, KW_RESTRICT)) {
        return REFERENTIAL_RESTRICT;
    }
    if (tok_take_word(p, KW_SET)) {
        bool is_null = tok_take_word(p, KW_NULL);
        if (!is_null) {
            tok_need_word(p, KW_DEFAULT);
        }
        return is_null ? REFERENTIAL_SET_NULL : REFERENTIAL_SET_DEFAULT;
    }
    tok_need_word(p, KW_NO);
    tok_need_word(p, KW_ACTION);
    return REFERENTIAL_NOTHING;
}

/* REFERENCES t [(a, b)] [MATCH FULL | SIMPLE] [ON DELETE | UPDATE ...] */
static void parse_references(struct parser *p, struct node_constraint *c)
{
    tok_need_word(p, KW_REFERENCES);
    c->table = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) {
        parse_ident_list(p, &c->foreign_columns);
    }
    if (tok_take_said(p, "match")) {
        if (tok_says(p, 0, "partial")) {
            parse_unsupported(p, "MATCH PARTIAL is");
        }
        c->match_full = tok_take_word(p, KW_FULL);
        if (!c->match_full) {
            tok_need_said(p, "simple");
        }
    }
    while (tok_is_word(p, KW_ON)) {
        tok_next(p);
        if (tok_take_word(p, KW_DELETE)) {
            c->on_delete = parse_referential(p);
        } else {
            tok_need_word(p, KW_UPDATE);
            c->on_update = parse_referential(p);
        }
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

/* What PostgreSQL has beyond the constraints that are kept here. */
static void refuse_constraint(struct parser *p)
{
    enum keyword next = tok_peek(p, 1)->word;
    if (tok_is_word(p, KW_EXCLUDE) && (next == KW_USING || tok_peek(p, 1)->kind == TOK_LPAREN)) {
        parse_unsupported(p, "an exclusion constraint is");
    }
}

bool tok_is_constraint(struct parser *p)
{
    refuse_constraint(p);
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

/* How a constraint is kept or checked. None of it changes what a key or a check says; what would
 * make it no constraint at all (NOT ENFORCED) is for whoever runs it to see. */
static const char *const properties[] = {
    "not deferrable",
    "deferrable",
    "initially deferred",
    "initially immediate",
    "enforced",
    "not enforced",
    "enable",
    "disable",
    "validate",
    "novalidate",
    "rely",
    "norely",
    "not valid",
};

static bool take_property(struct parser *p, struct str *out)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (tok_take_all(p, properties[i])) {
            *out = out->n ? str_of(arena_printf(p->arena, "%.*s %s", STR_ARG(*out), properties[i]))
                          : str_of(properties[i]);
            return true;
        }
    }
    return false;
}

static void parse_properties(struct parser *p, struct node_constraint *c)
{
    for (int i = 0; take_property(p, &c->properties); i++) {
        if (i > (int)(sizeof properties / sizeof *properties)) {
            parse_syntax_error(p);
        }
    }
}

/* (a, b) of a key */
static void parse_key_columns(struct parser *p, struct node_constraint *c)
{
    if (tok_is_word(p, KW_USING)) {
        parse_unsupported(p, "a constraint that takes an index is");
    }
    if (tok_is_word(p, KW_NULLS)) {
        parse_unsupported(p, "NULLS [NOT] DISTINCT is");
    }
    parse_ident_list(p, &c->columns);
}

struct node *parse_constraint(struct parser *p)
{
    struct node *name = tok_take_word(p, KW_CONSTRAINT) ? parse_ident(p) : NULL;
    struct node *n = new_constraint(p, CONSTRAINT_PRIMARY_KEY, name);
    struct node_constraint *c = node_constraint(n);
    if (tok_is_word(p, KW_PRIMARY)) {
        need_key(p);
        parse_key_columns(p, c);
    } else if (tok_take_word(p, KW_UNIQUE)) {
        c->form = CONSTRAINT_UNIQUE;
        parse_key_columns(p, c);
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
    parse_properties(p, c);
    c->comment = tok_is_word(p, KW_COMMENT) ? parse_comment_option(p) : NULL;
    return parse_done(p, n);
}

/* A constraint behind a column that a column can't hold (a name, REFERENCES, a property) becomes
 * one of the table. */
static void parse_lifted(struct parser *p, struct node_column_def *column, struct node *name,
                         struct node_list *lifted)
{
    if (!lifted || column->name->kind != NODE_IDENT) {
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
    } else if (tok_is_word(p, KW_REFERENCES) || tok_take_words(p, KW_FOREIGN, KW_KEY)) {
        parse_references(p, c);
    } else {
        parse_unsupported(p, "a name for this constraint is");
    }
    parse_properties(p, c);
    if (c->form != CONSTRAINT_CHECK) {
        parse_push(p, &c->columns, node_copy(p->arena, column->name));
    }
    parse_push(p, lifted, parse_done(p, n));
}

/* PRIMARY KEY and UNIQUE stay with the column unless a property follows. */
static bool take_key(struct parser *p, struct node_column_def *column, struct node_list *lifted)
{
    bool is_primary = tok_take_words(p, KW_PRIMARY, KW_KEY);
    struct str words = STR_NULL;
    if (!is_primary && !tok_take_word(p, KW_UNIQUE)) {
        return false;
    }
    if (!take_property(p, &words)) {
        column->primary_key |= is_primary;
        column->unique |= !is_primary;
        return true;
    }
    if (!lifted || column->name->kind != NODE_IDENT) {
        parse_unsupported(p, "this constraint is");
    }
    struct node *n =
        new_constraint(p, is_primary ? CONSTRAINT_PRIMARY_KEY : CONSTRAINT_UNIQUE, NULL);
    node_constraint(n)->properties = words;
    parse_properties(p, node_constraint(n));
    parse_push(p, &node_constraint(n)->columns, node_copy(p->arena, column->name));
    parse_push(p, lifted, parse_done(p, n));
    return true;
}

/* ---- columns ---- */

/* AUTOINCREMENT | IDENTITY [(start, step)] [START n INCREMENT n] [ORDER | NOORDER] */
static void parse_autoincrement(struct parser *p, struct node_column_def *column)
{
    struct node *n = parse_node(p, NODE_IDENTITY, tok_next(p).offset);
    struct node *given = NULL;
    bool is_pair = tok_is(p, TOK_LPAREN) && tok_peek(p, 1)->kind != TOK_WORD;
    if (is_pair) {
        given = parse_node(p, NODE_SEQUENCE_OPTIONS, tok_next(p).offset);
        node_sequence_options(given)->start = parse_signed(p);
        tok_need(p, TOK_COMMA);
        node_sequence_options(given)->increment = parse_signed(p);
        tok_need(p, TOK_RPAREN);
        parse_done(p, given);
    }
    node_identity(n)->options = parse_sequence_options(p, given);
    column->identity = parse_done(p, n);
}

static void take_stored(struct parser *p, struct node_column_def *column)
{
    column->stored = tok_take_said(p, "stored");
    if (!column->stored) {
        tok_take_said(p, "virtual");
    }
}

static void parse_generated_expr(struct parser *p, struct node_column_def *column)
{
    tok_need(p, TOK_LPAREN);
    column->generated = parse_expr(p);
    tok_need(p, TOK_RPAREN);
    take_stored(p, column);
}

/* GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(...)], GENERATED ALWAYS AS (expression) */
static void parse_generated(struct parser *p, struct node_column_def *column)
{
    size_t offset = tok_next(p).offset;
    bool always = !tok_take_word(p, KW_BY);
    if (always) {
        tok_need_said(p, "always");
    } else {
        tok_need_word(p, KW_DEFAULT);
    }
    tok_need_word(p, KW_AS);
    if (!tok_says(p, 0, "identity")) {
        parse_generated_expr(p, column);
        return;
    }
    tok_next(p);
    struct node *n = parse_node(p, NODE_IDENTITY, offset);
    node_identity(n)->always = always;
    if (tok_take(p, TOK_LPAREN)) {
        node_identity(n)->options = parse_sequence_options(p, NULL);
        tok_need(p, TOK_RPAREN);
    }
    column->identity = parse_done(p, n);
}

static bool take_column_value(struct parser *p, struct node_column_def *column)
{
    bool is_free = !column->default_value && !column->identity && !column->generated;
    if (!is_free) {
        return false;
    }
    if (tok_take_word(p, KW_DEFAULT)) {
        column->default_value = parse_expr_above(p, PREC_IS + 1);
    } else if (tok_says(p, 0, "generated")) {
        parse_generated(p, column);
    } else if (tok_says(p, 0, "identity") || tok_says(p, 0, "autoincrement") ||
               tok_says(p, 0, "auto_increment")) {
        parse_autoincrement(p, column);
    } else if (tok_take_word(p, KW_AS)) {
        parse_generated_expr(p, column);
    } else {
        return false;
    }
    return true;
}

/* The name of a policy and the columns that it is given. */
static void parse_policy_rest(struct parser *p, struct node_option *option, enum keyword before)
{
    do {
        parse_push(p, &option->values, parse_token(p));
    } while (tok_is(p, TOK_DOT) || (option->values.n > 0 && option->values.n % 2 == 0));
    if (tok_is_word(p, before)) {
        parse_push(p, &option->values, parse_token(p));
        if (!tok_is(p, TOK_LPAREN)) {
            parse_syntax_error(p);
        }
        parse_push(p, &option->values, parse_token(p));
    }
}

/* [WITH] MASKING POLICY p [USING (a, b)], ROW ACCESS POLICY p ON (a), TAG (t = 'x') */
bool take_governance(struct parser *p, struct node_list *out)
{
    static const struct {
        const char *words;
        unsigned count;
    } kinds[] = {{"masking policy", 2},     {"projection policy", 2}, {"row access policy", 3},
                 {"aggregation policy", 2}, {"join policy", 2},       {"tag", 1}};
    unsigned with = tok_is_word(p, KW_WITH);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *words = kinds[i].words;
        const char *first = with ? arena_printf(p->arena, "with %s", words) : words;
        bool is_tag = kinds[i].count == 1;
        if (!tok_says_all(p, first) || (is_tag && tok_peek(p, with + 1)->kind != TOK_LPAREN)) {
            continue;
        }
        if (with) {
            tok_next(p);
        }
        struct node *n = parse_option(p, kinds[i].count);
        if (!is_tag) {
            parse_policy_rest(p, node_option(n), kinds[i].count == 3 ? KW_ON : KW_USING);
        }
        parse_push(p, out, parse_done(p, n));
        return true;
    }
    return false;
}

/* One without a property stays with the column. */
static void parse_column_check(struct parser *p, struct node_column_def *column,
                               struct node_list *lifted)
{
    struct node *n = new_constraint(p, CONSTRAINT_CHECK, NULL);
    struct node_constraint *c = node_constraint(n);
    c->check = parse_check(p);
    parse_properties(p, c);
    if (!column->check && !c->properties.n) {
        column->check = c->check;
    } else if (lifted) {
        parse_push(p, lifted, parse_done(p, n));
    } else {
        parse_unsupported(p, "this constraint is");
    }
}

/* USING COMPRESSION rle: how the engine stores a column. */
static bool take_compression(struct parser *p, struct node_column_def *column)
{
    if (!tok_says_all(p, "using compression")) {
        return false;
    }
    struct node *n = parse_option(p, 2);
    parse_push(p, &node_option(n)->values, parse_label(p));
    parse_push(p, &column->options, parse_done(p, n));
    return true;
}

static bool parse_column_option(struct parser *p, struct node_column_def *column,
                                struct node_list *lifted)
{
    if (tok_take_word(p, KW_CONSTRAINT)) {
        struct node *name = parse_ident(p);
        if (tok_take_words(p, KW_NOT, KW_NULL)) { /* its name says nothing more */
            column->not_null = true;
        } else {
            parse_lifted(p, column, name, lifted);
        }
    } else if (tok_is_word(p, KW_REFERENCES) || tok_is_word(p, KW_FOREIGN)) {
        parse_lifted(p, column, NULL, lifted);
    } else if (tok_take_words(p, KW_NOT, KW_NULL)) {
        column->not_null = true;
    } else if (tok_is_word(p, KW_CHECK)) {
        parse_column_check(p, column, lifted);
    } else if (tok_is_word(p, KW_COLLATE) && !column->collation) {
        tok_next(p);
        column->collation = tok_is(p, TOK_STRING) ? parse_string(p) : parse_name(p);
    } else if (tok_is_word(p, KW_COMMENT) && !column->comment) {
        column->comment = parse_comment_option(p);
    } else {
        return tok_take_word(p, KW_NULL) || take_compression(p, column) ||
               take_key(p, column, lifted) || take_column_value(p, column) ||
               take_governance(p, &column->options);
    }
    return true;
}

void parse_column_options(struct parser *p, struct node_column_def *column,
                          struct node_list *lifted)
{
    while (parse_column_option(p, column, lifted)) {
    }
}

struct node *parse_column_def(struct parser *p, struct node_list *lifted)
{
    struct node *n = parse_node(p, NODE_COLUMN_DEF, tok(p)->offset);
    struct node_column_def *column = node_column_def(n);
    struct node *name = parse_name(p);
    column->name = node_name(name)->parts.n == 1 ? node_name(name)->parts.at[0] : name;
    bool has_type = !tok_is(p, TOK_COMMA) && !tok_is(p, TOK_RPAREN) && !tok_is_word(p, KW_AS) &&
                    !tok_says_all(p, "generated always") && !tok_is_word(p, KW_COMMENT) &&
                    !tok_is_word(p, KW_WITH);
    column->type = has_type ? parse_type(p) : NULL;
    parse_column_options(p, column, lifted);
    return parse_done(p, n);
}

/* INDEX i (a) INCLUDE (b), of a hybrid table: none is kept here, so its words are. */
static bool take_index(struct parser *p, struct node_create_table *create)
{
    bool is_index = create->form == TABLE_HYBRID && tok_says(p, 0, "index") &&
                    tok_peek(p, 2)->kind == TOK_LPAREN;
    while (is_index && !tok_is(p, TOK_COMMA) && !tok_is(p, TOK_RPAREN)) {
        parse_other_clause(p, &create->options);
    }
    return is_index;
}

static void parse_like(struct parser *p, struct node_create_table *create)
{
    create->like = parse_name(p);
    while (tok_says(p, 0, "including") || tok_says(p, 0, "excluding")) {
        parse_push(p, &create->options, parse_option(p, 2));
    }
}

static void parse_elements(struct parser *p, struct node_create_table *create)
{
    tok_need(p, TOK_LPAREN);
    do {
        if (tok_take_word(p, KW_LIKE)) {
            parse_like(p, create);
        } else if (take_index(p, create)) {
            continue;
        } else if (tok_is_constraint(p)) {
            parse_push(p, &create->constraints, parse_constraint(p));
        } else {
            parse_push(p, &create->columns, parse_column_def(p, &create->constraints));
        }
    } while (tok_take(p, TOK_COMMA) && !tok_is_last(p, TOK_RPAREN));
    tok_need(p, TOK_RPAREN);
}

/* Columns have types in CREATE TABLE and none in CREATE TABLE ... AS; Snowflake takes both there.
 */
static void check_columns(struct parser *p, const struct node_create_table *create)
{
    for (uint32_t i = 0; i < create->columns.n; i++) {
        struct node *n = create->columns.at[i];
        const struct node_column_def *column = node_column_def(n);
        if (column->name->kind != NODE_IDENT) {
            parse_fail(p, ERR_BAD_SQL, n->offset, "a column's name has one part");
        }
        bool is_free = create->query || column->generated || create->form == TABLE_ICEBERG;
        if (!column->type && !is_free) {
            parse_fail(p, ERR_BAD_SQL, n->offset, "a column has no type");
        }
    }
}

/* ---- the rest ---- */

/* AT (...) | BEFORE (...) */
void parse_time_travel(struct parser *p, struct node **at, int32_t *before)
{
    bool is_before = tok_says(p, 0, "before");
    if ((tok_is_word(p, KW_AT) || is_before) && tok_peek(p, 1)->kind == TOK_LPAREN) {
        *before = is_before;
        tok_next(p);
        *at = parse_token(p);
    }
}

void parse_cluster(struct parser *p, struct node_list *out)
{
    tok_take_said(p, "linear");
    tok_need(p, TOK_LPAREN);
    parse_expr_list(p, out);
    tok_need(p, TOK_RPAREN);
}

/* What stands behind the name or the columns, in any order. */
static void parse_table_clause(struct parser *p, struct node_create_table *create)
{
    if (tok_is_word(p, KW_COMMENT) && !create->comment) {
        create->comment = parse_comment_option(p);
    } else if (tok_take_all(p, "copy grants")) {
        create->copy_grants = true;
    } else if (!create->cluster.n && tok_take_all(p, "cluster by")) {
        parse_cluster(p, &create->cluster);
    } else if (!create->clone && tok_take_said(p, "clone")) {
        create->clone = parse_name(p);
        parse_time_travel(p, &create->at, &create->before);
    } else if (!create->like && tok_take_word(p, KW_LIKE)) {
        create->like = parse_name(p);
    } else if (!create->template && tok_take_all(p, "using template")) {
        create->template = parse_query_in_parens(p);
    } else if (tok_says(p, 0, "including") || tok_says(p, 0, "excluding")) {
        parse_push(p, &create->options, parse_option(p, 2));
    } else if (tok_is_word(p, KW_AT) || tok_says(p, 0, "before")) {
        parse_syntax_error(p); /* of what? */
    } else if (!take_governance(p, &create->options)) {
        parse_other_clause(p, &create->options);
    }
}

static void parse_as_query(struct parser *p, struct node_create_table *create)
{
    if (tok_is_word(p, KW_EXECUTE)) {
        parse_unsupported(p, "CREATE TABLE AS EXECUTE is");
    }
    create->query = parse_query(p);
    if (tok_take_word(p, KW_WITH)) {
        create->no_data = tok_take_word(p, KW_NO);
        tok_need_word(p, KW_DATA);
    }
}

struct node *parse_create_table(struct parser *p, const struct create_flags *flags)
{
    struct node *n = parse_node(p, NODE_CREATE_TABLE, flags->offset);
    struct node_create_table *create = node_create_table(n);
    create->or_replace = flags->or_replace;
    create->temporary = flags->temporary;
    create->form = flags->form;
    create->if_not_exists = take_if_not_exists(p);
    create->name = parse_name(p);
    if (tok_is(p, TOK_LPAREN)) {
        parse_elements(p, create);
    }
    while (!tok_is_word(p, KW_AS) && !tok_ends_statement(p)) {
        parse_table_clause(p, create);
    }
    if (tok_take_word(p, KW_AS)) {
        parse_as_query(p, create);
    }
    bool is_made = create->form == TABLE_EVENT || create->columns.n || create->query ||
                   create->like || create->clone || create->template || create->options.n;
    if (!is_made) {
        parse_syntax_error(p);
    }
    check_columns(p, create);
    return parse_done(p, n);
}
