/* CREATE TABLE and CREATE VIEW. */
#include "sql/bind_ddl.h"
#include "sql/make.h"
#include "sql/print.h"

/* A scope of the columns that are being made: for CHECK. None of them is in the catalog. */
static enum status defined_columns(struct binder *b, struct scope *s, struct str table,
                                   const struct node_list *defs)
{
    struct columns c = {ARENA_ARRAY(b->a, struct output_column, defs->n), defs->n};
    if (bind_limit_list(b, defs->n ? defs->at[0] : NULL, defs->n) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < defs->n; i++) {
        struct node_column_def *d = node_column_def(defs->at[i]);
        const struct type *t = type_simple(TYPE_UNKNOWN);
        if (!d->type && !d->generated) {
            return bind_fail(b, defs->at[i], ERR_BAD_SQL, "column \"%.*s\" needs a type",
                             STR_ARG(ident_text(d->name)));
        }
        if (d->type) {
            t = node_type_name(d->type)->resolved; /* of a column that is copied */
        }
        if (!t && bind_type_name(b, d->type, &t) != OK) {
            return FAIL;
        }
        if (d->collation && bind_collation(b, &d->collation, t) != OK) {
            return FAIL;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (str_ieq(c.at[k].name, ident_text(d->name))) {
                return bind_fail(b, defs->at[i], ERR_DUPLICATE_COLUMN,
                                 "column \"%.*s\" specified more than once",
                                 STR_ARG(ident_text(d->name)));
            }
        }
        c.at[i] = (struct output_column){ident_text(d->name), t, lineage_none(), false};
    }
    struct range *r = range_of_columns(b, table, &c);
    r->name = table; /* the engine knows it by its own name */
    return scope_add(b, s, r, NULL);
}

static enum walk find_query(struct node **n, void *ctx)
{
    bool *found = ctx;
    *found |= (*n)->kind == NODE_QUERY || (*n)->kind == NODE_PARAM;
    return *found ? WALK_STOP : WALK_ON;
}

static enum walk drop_table(struct node **n, void *ctx)
{
    (void)ctx;
    if ((*n)->kind == NODE_COLUMN_REF && node_column_ref(*n)->parts.n == 2) {
        struct node_list *parts = &node_column_ref(*n)->parts;
        struct node *last = parts->at[1];
        parts->at[0] = last;
        parts->n = 1;
    }
    return WALK_ON;
}

void bind_bare_columns(struct node **n)
{
    (void)node_walk(n, drop_table, NULL);
}

/* An expression kept in the schema: no sub-query, no parameter. NULL is allowed. */
enum status bind_schema_expr(struct binder *b, struct scope *s, struct node **n)
{
    bool has_query = false;
    if (!*n) {
        return OK;
    }
    (void)node_walk(n, find_query, &has_query);
    if (has_query) {
        return bind_fail(b, *n, ERR_UNSUPPORTED,
                         "a sub-query or parameter can't stand in DEFAULT or CHECK");
    }
    if (bind_used_at(b, s, n, NULL, USE_CONSTRAINT) != OK) {
        return FAIL;
    }
    bind_bare_columns(n);
    return OK;
}

enum status bind_column_exprs(struct binder *b, struct scope *s, struct node_column_def *d)
{
    struct scope none = {0};
    return bind_schema_expr(b, &none, &d->default_value) == OK ? bind_schema_expr(b, s, &d->check)
                                                               : FAIL;
}

/* Does a foreign key of the table that is being made refer to itself? Then all its columns are
 * here. */
static bool refers_to_itself(const struct node_name *made, struct str schema,
                             const struct node_name *other)
{
    const struct node_list *parts = &other->parts;
    struct str own = ident_text(made->parts.at[made->parts.n - 1]);
    bool same_schema = parts->n == 1 || str_ieq(ident_text(parts->at[parts->n - 2]), schema);
    return same_schema && str_ieq(ident_text(parts->at[parts->n - 1]), own);
}

/* The name of the table that a foreign key refers to, as the engine takes it: its temporary
 * database has one schema. */
static void name_referred(struct binder *b, struct node *name, struct str engine_schema)
{
    struct str table = ident_text(node_name(name)->parts.at[node_name(name)->parts.n - 1]);
    bool is_temporary = str_is(engine_schema, CATALOG_ENGINE_TEMP);
    bind_engine_name(b, name, is_temporary ? STR("main") : engine_schema, table);
}

static enum status bind_constraint(struct binder *b, struct scope *s, const struct node_name *made,
                                   struct str schema, struct node_constraint *c)
{
    struct str engine_schema = made->engine_schema;
    for (uint32_t i = 0; i < c->columns.n; i++) {
        if (!scope_has_column(s, ident_text(c->columns.at[i]))) {
            return bind_fail(b, c->columns.at[i], ERR_UNKNOWN_COLUMN,
                             "column \"%.*s\" named in key does not exist",
                             STR_ARG(ident_text(c->columns.at[i])));
        }
    }
    if (bind_schema_expr(b, s, &c->check) != OK) {
        return FAIL;
    }
    const struct table *t = NULL;
    if (!c->table) {
        return OK;
    }
    if (refers_to_itself(made, schema, node_name(c->table))) {
        name_referred(b, c->table, engine_schema);
        return OK;
    }
    if (bind_own(b, c->table, false, OWN_TABLE, &t) != OK) {
        return FAIL;
    }
    if (!str_eq(t->engine_schema, engine_schema)) {
        return bind_fail(b, c->table, ERR_UNSUPPORTED,
                         "a foreign key to a table of another schema is not supported");
    }
    bind_foreign_key(b, t, &c->foreign_columns);
    name_referred(b, c->table, engine_schema);
    return OK;
}

/* What is read of a table but not kept: refused by name, never dropped unseen. */
const char *bind_unkept_of_column(const struct node_column_def *d)
{
    return d->options.n                             ? "a policy or tag on a column"
           : d->name && d->name->kind != NODE_IDENT ? "a field inside a column"
                                                    : NULL;
}

const char *bind_unkept_of_constraint(const struct node_constraint *c)
{
    return c->on_delete || c->on_update ? "a referential action"
           : c->match_full              ? "MATCH FULL"
           : c->comment                 ? "COMMENT of a constraint"
           : c->properties.n            ? "a property of a constraint"
                                        : NULL;
}

static const char *unkept_of_table(const struct node_create_table *n)
{
    static const char *const forms[] = {NULL,
                                        NULL, /* how long rows of the past are kept: none are */
                                        NULL,
                                        "an external table",
                                        "a dynamic table",
                                        "an iceberg table",
                                        "a hybrid table",
                                        "an event table"};
    return forms[n->form]                 ? forms[n->form]
           : n->template                  ? "USING TEMPLATE"
           : n->at                        ? "time travel"
           : n->options.n                 ? "this clause of CREATE TABLE"
           : n->query && n->constraints.n ? "a constraint in CREATE TABLE AS"
                                          : NULL;
}

enum status bind_refuse_unkept(struct binder *b, const struct node *at, const char *what)
{
    return what ? bind_fail(b, at, ERR_UNSUPPORTED, "%s is not supported", what) : OK;
}

static enum status refuse_table(struct binder *b, const struct node_create_table *n)
{
    const struct node *at = n->options.n ? n->options.at[0] : &n->base;
    enum status status = bind_refuse_unkept(b, at, unkept_of_table(n));
    for (uint32_t i = 0; status == OK && i < n->columns.n; i++) {
        const struct node_column_def *d = node_column_def_const(n->columns.at[i]);
        bool constrains = d->not_null || d->unique || d->primary_key || d->check ||
                          d->default_value || d->identity || d->generated || d->collation;
        status = bind_refuse_unkept(b, &d->base,
                                    n->query && constrains
                                        ? "what constrains a column in CREATE TABLE AS"
                                        : bind_unkept_of_column(d));
    }
    for (uint32_t i = 0; status == OK && i < n->constraints.n; i++) {
        const struct node_constraint *c = node_constraint_const(n->constraints.at[i]);
        status = bind_refuse_unkept(b, &c->base, bind_unkept_of_constraint(c));
    }
    return status;
}

/* Words about how rows are stored, not about which rows there are. */
static void drop_storage(struct node_create_table *n)
{
    static const char *const words[] = {"data_retention_time_in_days", "change_tracking",
                                        "max_data_extension_time_in_days"};
    bool all = true;
    for (uint32_t i = 0; i < n->options.n; i++) {
        const struct node *o = n->options.at[i];
        bool known = o->kind == NODE_SYMBOL && str_is(node_symbol_const(o)->text, ",");
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            known |= o->kind == NODE_OPTION && str_is(node_option_const(o)->name, words[k]);
        }
        all &= known;
    }
    n->options.n = all ? 0 : n->options.n;
    n->cluster.n = 0;
    n->copy_grants = 0; /* nobody was granted anything on a table */
    n->form = n->form <= TABLE_UNLOGGED ? TABLE_PLAIN : n->form;
}

/* ---- LIKE, CLONE ---- */

/* Rules name a table, and tags are kept under its name: a copy has neither. So whom a rule of the
 * table binds makes none, as he doesn't change its schema, and of a tagged table nobody does. */
static enum status copied_table(struct binder *b, struct node *name, const struct table **out)
{
    if (bind_find_table(b, name, out) != OK) {
        return FAIL;
    }
    const struct table *t = *out;
    bool tagged = t->tag_count > 0, generates = false;
    for (size_t i = 0; i < t->column_count; i++) {
        tagged |= t->columns[i].tag_count > 0;
        generates |= t->columns[i].generated.p != NULL;
    }
    if (generates || t->is_view || t->is_sequence || t->scope != SCOPE_PRIVATE) {
        return bind_fail(b, name, ERR_UNSUPPORTED, "\"%.*s\" can't be copied so", STR_ARG(t->name));
    }
    if (tagged) {
        (void)bind_fail(b, name, ERR_DENIED, "\"%.*s\" has tags, which a copy would not have",
                        STR_ARG(t->name));
        return error_hint(b->e, "Use CREATE TABLE AS, and tag what it makes.");
    }
    bind_add_ddl_table(b, t);
    return OK;
}

/* The engine tells a default in its own words; they are read again as any other text. */
static enum status copied_default(struct binder *b, const struct node *at, const struct column *c,
                                  struct node **out)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list statements = {0};
    struct error ignored = ERROR_INIT;
    *out = NULL;
    if (!c->has_default) {
        return OK;
    }
    struct str text = c->default_text.p
                          ? str_of(arena_printf(b->a, "SELECT %.*s", STR_ARG(c->default_text)))
                          : STR("");
    if (text.n && sql_parse(b->a, text, DIALECT_DUCKDB, &limits, &statements, &ignored) == OK &&
        statements.n == 1 && statements.at[0]->kind == NODE_QUERY &&
        node_query(statements.at[0])->body->kind == NODE_SELECT) {
        struct node_select *s = node_select(node_query(statements.at[0])->body);
        *out = s->targets.n == 1 ? node_target(s->targets.at[0])->expr : NULL;
    }
    return *out ? OK
                : bind_fail(b, at, ERR_UNSUPPORTED,
                            "the default of column \"%.*s\" can't be copied", STR_ARG(c->name));
}

static void copy_keys(struct binder *b, const struct table *t, struct node_create_table *n)
{
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        if (c->kind != CATALOG_UNIQUE) {
            continue;
        }
        struct node *key = node_new(b->a, NODE_CONSTRAINT, n->base.offset);
        node_constraint(key)->form = c->is_primary ? CONSTRAINT_PRIMARY_KEY : CONSTRAINT_UNIQUE;
        for (size_t k = 0; k < c->column_count; k++) {
            node_push(b->a, &node_constraint(key)->columns, bind_ident(b, c->columns[k], &n->base));
        }
        node_push(b->a, &n->constraints, key);
    }
}

/* CREATE TABLE LIKE: columns, defaults and keys, no rows. */
static enum status copy_shape(struct binder *b, struct node_create_table *n, struct node *name)
{
    const struct table *t = NULL;
    if (copied_table(b, name, &t) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < t->constraint_count; i++) {
        if (t->constraints[i].kind != CATALOG_UNIQUE) {
            return bind_fail(b, name, ERR_UNSUPPORTED,
                             "\"%.*s\" has a CHECK or a foreign key, which can't be copied",
                             STR_ARG(t->name));
        }
    }
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        struct node *def = node_new(b->a, NODE_COLUMN_DEF, n->base.offset);
        struct node_column_def *d = node_column_def(def);
        d->name = bind_ident(b, c->name, name);
        d->type = node_cast(make_cast(b->a, make_literal(b->a, LIT_NULL, STR_NULL),
                                      type_copy(b->a, c->type)))
                      ->target;
        d->not_null = c->not_null;
        if (copied_default(b, name, c, &d->default_value) != OK) {
            return FAIL;
        }
        node_push(b->a, &n->columns, def);
    }
    copy_keys(b, t, n);
    n->like = NULL;
    return OK;
}

/* CLONE is CREATE TABLE AS of all columns and the visible rows: no keys, defaults or NOT NULL. */
static enum status copy_rows(struct binder *b, struct node_create_table *n)
{
    const struct table *t = NULL;
    struct node *from = node_new(b->a, NODE_TABLE_REF, n->clone->offset);
    struct node *select = node_new(b->a, NODE_SELECT, n->clone->offset);
    if (copied_table(b, n->clone, &t) != OK) {
        return FAIL;
    }
    node_table_ref(from)->name = n->clone;
    node_select(select)->from = from;
    node_push(b->a, &node_select(select)->targets,
              make_target(b->a, node_new(b->a, NODE_STAR, n->clone->offset), STR_NULL));
    n->query = make_query(b->a, select);
    n->clone = NULL;
    return OK;
}

/* ---- CREATE TABLE AS ---- */

/* SELECT CAST(q.c1 AS type) AS name, ... FROM (query) AS q(c1, ...): the columns that were listed.
 */
static enum status name_outputs(struct binder *b, struct node_create_table *n,
                                const struct columns *outputs)
{
    struct node *select = node_new(b->a, NODE_SELECT, n->query->offset);
    struct str alias = bind_unique(b, STR("made"));
    struct node *derived = make_derived(b->a, n->query, alias);
    if (n->columns.n != outputs->n) {
        return bind_fail(b, n->columns.at[0], ERR_BAD_SQL,
                         "CREATE TABLE AS names %u columns and its query gives %zu", n->columns.n,
                         outputs->n);
    }
    for (uint32_t i = 0; i < n->columns.n; i++) {
        const struct node_column_def *d = node_column_def_const(n->columns.at[i]);
        struct str inner = str_of(arena_printf(b->a, "c%u", i + 1));
        struct node *value = make_column(b->a, alias, inner, outputs->at[i].type);
        const struct type *type = NULL;
        if (d->type && bind_type_name(b, d->type, &type) != OK) {
            return FAIL;
        }
        node_push(b->a, &node_derived(derived)->columns, make_ident(b->a, inner));
        node_push(
            b->a, &node_select(select)->targets,
            make_target(b->a, type ? make_cast(b->a, value, type) : value, ident_text(d->name)));
    }
    node_select(select)->from = derived;
    n->query = make_query(b->a, select);
    n->columns = (struct node_list){0};
    return OK;
}

static enum status bind_as(struct binder *b, struct node_create_table *n, struct str schema)
{
    struct columns columns = {0};
    if (bind_query(b, NULL, NULL, n->query, &columns) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < columns.n; i++) {
        bind_use_at(b, columns.at[i].origins, USE_WRITE);
    }
    bind_made(b, schema, ident_text(node_name(n->name)->parts.at[0]), &columns, &n->columns);
    if (n->columns.n && name_outputs(b, n, &columns) != OK) {
        return FAIL;
    }
    if (n->no_data) {
        node_query(n->query)->limit = make_literal(b->a, LIT_INTEGER, STR("0"));
        n->no_data = 0;
    }
    return OK;
}

/* ---- what the engine is told beside CREATE TABLE ---- */

static void push_comments(struct binder *b, struct node_create_table *n)
{
    struct str schema = node_name(n->name)->engine_schema;
    struct str table = ident_text(node_name(n->name)->parts.at[0]);
    if (n->comment) {
        node_push(b->a, &b->out->after, bind_make_comment(b, schema, table, STR(""), n->comment));
    }
    for (uint32_t i = 0; i < n->columns.n; i++) {
        struct node_column_def *d = node_column_def(n->columns.at[i]);
        if (d->comment) {
            node_push(b->a, &b->out->after,
                      bind_make_comment(b, schema, table, ident_text(d->name), d->comment));
        }
        d->comment = NULL;
    }
    n->comment = NULL;
}

/* An identity column is a default that takes from a sequence of its own, named after it. */
static enum status make_identity(struct binder *b, struct node_create_table *n,
                                 struct node_column_def *d, struct str schema)
{
    struct str table = ident_text(node_name(n->name)->parts.at[0]);
    struct str engine_schema = node_name(n->name)->engine_schema;
    struct str name =
        str_of(arena_printf(b->a, "%.*s_%.*s_seq", STR_ARG(table), STR_ARG(ident_text(d->name))));
    const struct node_identity *identity = node_identity_const(d->identity);
    if (d->default_value || bind_identity_options(b, d->identity) != OK) {
        return d->default_value
                   ? bind_fail(b, &d->base, ERR_BAD_SQL, "a column has a default or is an identity")
                   : FAIL;
    }
    struct str wanted = name;
    for (unsigned i = 1; bind_find(b, schema, name) && i < 1000; i++) {
        name = str_of(arena_printf(b->a, "%.*s%u", STR_ARG(wanted), i));
    }
    node_push(
        b->a, &b->out->before,
        bind_new_sequence(b, d->identity, engine_schema, name, node_copy(b->a, identity->options)));
    d->default_value = bind_nextval(b, d->identity, engine_schema, name);
    d->identity = NULL;
    return OK;
}

static enum status make_identities(struct binder *b, struct node_create_table *n, struct str schema)
{
    for (uint32_t i = 0; i < n->columns.n; i++) {
        struct node_column_def *d = node_column_def(n->columns.at[i]);
        if (d->identity && make_identity(b, n, d, schema) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* Nothing beside it is done where the table is there and may stay. */
static void leave_alone(struct binder *b, struct node_create_table *n)
{
    b->out->before = b->out->after = (struct node_list){0};
    for (uint32_t i = 0; i < n->columns.n; i++) {
        struct node_column_def *d = node_column_def(n->columns.at[i]);
        d->default_value = NULL;
    }
}

static enum status bind_elements(struct binder *b, struct node_create_table *n, struct str schema)
{
    struct scope s = {0};
    struct str name = ident_text(node_name(n->name)->parts.at[0]);
    size_t left = BIND_LONGEST_GENERATED;
    if (defined_columns(b, &s, name, &n->columns) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < n->columns.n; i++) {
        struct node_column_def *d = node_column_def(n->columns.at[i]);
        enum status status =
            d->generated ? bind_generated(b, &s, d, &left) : bind_column_exprs(b, &s, d);
        if (status != OK) {
            return FAIL;
        }
    }
    for (uint32_t i = 0; i < n->constraints.n; i++) {
        if (bind_constraint(b, &s, node_name(n->name), schema,
                            node_constraint(n->constraints.at[i])) != OK) {
            return FAIL;
        }
    }
    bind_made(b, schema, name, &(struct columns){0}, &n->columns);
    return OK;
}

enum status bind_create_table(struct binder *b, struct node_create_table *n)
{
    struct str schema, ignored;
    b->out->kind = STATEMENT_DDL;
    b->out->may_fail = true;
    drop_storage(n);
    if (refuse_table(b, n) != OK || bind_split_name(b, n->name, &schema, &ignored) != OK ||
        bind_new_name(b, n->name, n->temporary, n->or_replace || n->if_not_exists) != OK) {
        return FAIL;
    }
    bool stays = n->if_not_exists && !b->out->creates;
    const struct table *old = b->out->ddl_table_count ? b->out->ddl_tables[0] : NULL;
    if (old && old->is_sequence) {
        return bind_fail(b, n->name, ERR_DUPLICATE_TABLE, "relation \"%.*s\" already exists",
                         STR_ARG(old->name));
    }
    n->temporary = b->out->is_temporary;
    schema = n->temporary ? STR(CATALOG_TEMP_SCHEMA)
             : schema.n   ? schema
                          : sql_current_schema(b->ctx);
    if ((n->clone && copy_rows(b, n) != OK) || (n->like && copy_shape(b, n, n->like) != OK)) {
        return FAIL;
    }
    if ((n->query ? bind_as(b, n, schema) : bind_elements(b, n, schema)) != OK ||
        make_identities(b, n, schema) != OK) {
        return FAIL;
    }
    push_comments(b, n);
    if (old && n->or_replace) {
        bind_drop_identities(b, old);
    }
    if (stays) {
        leave_alone(b, n);
    }
    return OK;
}

/* ---- CREATE VIEW ---- */

/* What the view will say when it is opened: the query as it was written, in canonical SQL, each
 * table under the schema where it was found. */
enum status bind_keep_definition(struct binder *b, const struct node *query)
{
    struct buf text = BUF_INIT(1 << 20);
    enum status status = sql_print(query, PRINT_CANONICAL, &text, b->e);
    if (status == OK && text.failed) {
        status = bind_fail(b, query, ERR_STATEMENT_TOO_COMPLEX, "the view's query is too long");
    }
    if (status == OK) {
        b->out->view_definition = arena_str(b->a, buf_str(&text));
    }
    buf_free(&text);
    return status;
}

static const char *unkept_of_view(const struct node_create_view *n)
{
    return n->check_option ? "WITH CHECK OPTION"
           : n->details.n  ? "COMMENT or a policy on a view's column"
           : n->options.n  ? "this clause of CREATE VIEW"
                           : NULL;
}

/* Every view here is secure: its text is shown to nobody who only reads it. A materialized one of
 * Snowflake's is never behind its tables, so that a view is the same; PostgreSQL's may be. */
static enum status drop_form(struct binder *b, struct node_create_view *n)
{
    if (n->materialized && b->ctx->dialect != DIALECT_SNOWFLAKE) {
        (void)bind_fail(b, &n->base, ERR_UNSUPPORTED, "a materialized view is not supported");
        return error_hint(b->e, "Make a view, or CREATE TABLE AS.");
    }
    n->materialized = n->secure = n->copy_grants = 0;
    return bind_refuse_unkept(b, &n->base, unkept_of_view(n));
}

static enum status bind_view_query(struct binder *b, struct node_create_view *n,
                                   struct columns *columns)
{
    struct node *copy = node_copy(b->a, n->query);
    struct named_tables bound = bind_named_tables(b->a, n->query);
    struct named_tables copies = bind_named_tables(b->a, copy);
    const struct lineage *uses = b->out->uses;
    b->is_query_body = true;
    enum status status = bind_query(b, NULL, NULL, n->query, columns);
    b->is_query_body = false;
    b->out->uses = uses; /* they count when the view is read: then it is bound again */
    if (status != OK) {
        return FAIL;
    }
    if (!n->temporary && bind_refuse_temporary(b, n->query) != OK) {
        return FAIL;
    }
    bind_qualify(b, &bound, &copies);
    return bind_keep_definition(b, copy);
}

enum status bind_create_view(struct binder *b, struct node_create_view *n)
{
    struct columns columns = {0};
    b->out->kind = STATEMENT_DDL;
    if (drop_form(b, n) != OK ||
        bind_new_name(b, n->name, n->temporary, n->or_replace || n->if_not_exists) != OK) {
        return FAIL;
    }
    n->temporary = b->out->is_temporary;
    enum status status = bind_view_query(b, n, &columns);
    if (status == OK && n->columns.n > columns.n) {
        return bind_fail(b, &n->base, ERR_BAD_SQL, "CREATE VIEW specifies more names than columns");
    }
    for (uint32_t i = 0; status == OK && i < columns.n; i++) {
        if (i < n->columns.n) {
            columns.at[i].name = ident_text(n->columns.at[i]);
        }
        for (uint32_t k = 0; k < i; k++) {
            if (str_ieq(columns.at[i].name, columns.at[k].name)) {
                return bind_fail(b, &n->base, ERR_DUPLICATE_COLUMN,
                                 "column \"%.*s\" specified more than once",
                                 STR_ARG(columns.at[i].name));
            }
        }
    }
    if (status == OK && n->comment && node_literal(n->comment)->lit == LIT_STRING) {
        b->out->view_definition =
            catalog_view_text(b->a, node_literal(n->comment)->text, b->out->view_definition);
    }
    n->comment = NULL;
    b->out->view_columns = columns.at;
    b->out->view_column_count = columns.n;
    return status;
}
