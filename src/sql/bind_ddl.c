/* CREATE, DROP, ALTER. Only an organization's own schema can be changed: names are rewritten to the
 * engine's schema of that organization, whatever the client wrote. */
#include "sql/bind_state.h"
#include "sql/print.h"

/* Where something is or is to be made. */
struct place {
    struct str schema, name;
    bool is_temporary;
};

static enum status check_own(struct binder *b, const struct node *name, struct str schema)
{
    if (!b->ctx->org_id.n) {
        return bind_fail(b, name, ERR_DENIED, "only an organization can own a table");
    }
    if (str_iis(schema, CATALOG_SHARED_SCHEMA)) {
        return bind_fail(b, name, ERR_DENIED, "schema \"shared\" is read-only");
    }
    if (!catalog_has_schema(b->ctx->catalog, b->ctx->org_id, schema)) {
        return bind_fail(b, name, ERR_UNKNOWN_SCHEMA, "schema \"%.*s\" does not exist",
                         STR_ARG(schema));
    }
    return OK;
}

/* Where a name that is to be new goes. */
static enum status new_place(struct binder *b, const struct node *name, bool temporary,
                             struct place *out)
{
    if (bind_split_name(b, name, &out->schema, &out->name) != OK) {
        return FAIL;
    }
    bool names_temporary = str_iis(out->schema, CATALOG_TEMP_SCHEMA);
    out->is_temporary = temporary || names_temporary;
    if (out->is_temporary) { /* a session's own are in no schema of the organization */
        out->schema = STR(CATALOG_TEMP_SCHEMA);
        return b->ctx->org_id.n ? OK : check_own(b, name, out->schema);
    }
    if (!out->schema.n) {
        out->schema = sql_current_schema(b->ctx);
    }
    if (!out->schema.n) {
        return bind_fail(b, name, ERR_UNKNOWN_SCHEMA, "no schema has been selected to create in");
    }
    return check_own(b, name, out->schema);
}

static struct str engine_schema_of(struct binder *b, const struct place *at)
{
    return at->is_temporary ? STR(CATALOG_ENGINE_TEMP)
                            : catalog_schema_on_engine(b->a, b->ctx->org_id, at->schema);
}

static void to_engine_name(struct binder *b, struct node *name, struct str schema, struct str table)
{
    struct node_list *parts = &node_name(name)->parts;
    *parts = (struct node_list){0};
    node_push(b->a, parts, bind_ident(b, table, name));
    node_name(name)->engine_schema = schema;
}

/* What the statement changes: policy has a say. */
void bind_add_ddl_table(struct binder *b, const struct table *t)
{
    const struct table **grown =
        ARENA_ARRAY(b->a, const struct table *, b->out->ddl_table_count + 1);
    for (size_t i = 0; i < b->out->ddl_table_count; i++) {
        grown[i] = b->out->ddl_tables[i];
    }
    grown[b->out->ddl_table_count++] = t;
    b->out->ddl_tables = grown;
    b->out->is_temporary |= str_is(t->schema, CATALOG_TEMP_SCHEMA);
}

/* A name that is to be new. */
static enum status new_name(struct binder *b, struct node *name, bool temporary, bool may_exist)
{
    struct place at;
    if (new_place(b, name, temporary, &at) != OK) {
        return FAIL;
    }
    const struct table *old = bind_find(b, at.schema, at.name);
    if (old && !may_exist) {
        return bind_fail(b, name, ERR_DUPLICATE_TABLE, "relation \"%.*s\" already exists",
                         STR_ARG(at.name));
    }
    if (old) {
        bind_add_ddl_table(b, old);
    }
    b->out->creates = !old;
    b->out->is_temporary = at.is_temporary;
    to_engine_name(b, name, engine_schema_of(b, &at), at.name);
    return OK;
}

/* The organization's own table or view of that name, or the session's; NULL where there is none and
 * that is allowed. */
static enum status find_own(struct binder *b, struct node *name, bool if_exists,
                            const struct table **out)
{
    struct str schema, table;
    if (bind_split_name(b, name, &schema, &table) != OK) {
        return FAIL;
    }
    *out = bind_find(b, schema, table);
    if (*out && (*out)->scope != SCOPE_PRIVATE) {
        return bind_fail(b, name, ERR_DENIED, "\"%.*s\" is shared and can't be changed",
                         STR_ARG((*out)->name));
    }
    if (!*out && str_iis(schema, CATALOG_SHARED_SCHEMA)) {
        return check_own(b, name, schema);
    }
    return *out || if_exists ? OK : bind_find_table(b, name, out);
}

static enum status own_table(struct binder *b, struct node *name, bool if_exists, bool is_view,
                             const struct table **out)
{
    struct str table = ident_text(node_name(name)->parts.at[node_name(name)->parts.n - 1]);
    if (find_own(b, name, if_exists, out) != OK) {
        return FAIL;
    }
    if (*out && (*out)->is_view != is_view) {
        return bind_fail(b, name, ERR_BAD_SQL, "\"%.*s\" is %s", STR_ARG(table),
                         is_view ? "not a view" : "a view");
    }
    if (*out) {
        to_engine_name(b, name, (*out)->engine_schema, (*out)->name);
    } else { /* nothing is there, and the engine is told of a name that it doesn't have either */
        to_engine_name(b, name, catalog_engine_schema(b->a, b->ctx->org_id), table);
    }
    return OK;
}

/* ---- CREATE ---- */

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
        const struct type *t = NULL;
        if (!d->type) {
            return bind_fail(b, defs->at[i], ERR_BAD_SQL, "column \"%.*s\" needs a type",
                             STR_ARG(ident_text(d->name)));
        }
        if (bind_type_name(b, d->type, &t) != OK) {
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

/* An expression kept in the schema: no sub-query, no parameter. NULL is allowed. */
static enum status schema_expr(struct binder *b, struct scope *s, struct node **n)
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
    return bind_used_at(b, s, n, NULL, USE_CONSTRAINT);
}

static enum status column_exprs(struct binder *b, struct scope *s, struct node_column_def *d)
{
    struct scope none = {0};
    return schema_expr(b, &none, &d->default_value) == OK ? schema_expr(b, s, &d->check) : FAIL;
}

static enum status bind_constraint(struct binder *b, struct scope *s, struct str engine_schema,
                                   struct node_constraint *c)
{
    for (uint32_t i = 0; i < c->columns.n; i++) {
        if (!scope_has_column(s, ident_text(c->columns.at[i]))) {
            return bind_fail(b, c->columns.at[i], ERR_UNKNOWN_COLUMN,
                             "column \"%.*s\" named in key does not exist",
                             STR_ARG(ident_text(c->columns.at[i])));
        }
    }
    if (schema_expr(b, s, &c->check) != OK) {
        return FAIL;
    }
    const struct table *t = NULL;
    if (c->table && own_table(b, c->table, false, false, &t) != OK) {
        return FAIL;
    }
    if (t && !str_eq(t->engine_schema, engine_schema)) {
        return bind_fail(b, c->table, ERR_UNSUPPORTED,
                         "a foreign key to a table of another schema is not supported");
    }
    if (t) {
        bind_foreign_key(b, t, &c->foreign_columns);
    }
    return OK;
}

/* What is read of a table but not kept: refused by name, never dropped unseen. */
static const char *unkept_of_column(const struct node_column_def *d)
{
    return d->identity                              ? "an identity column"
           : d->generated                           ? "a generated column"
           : d->collation                           ? "COLLATE of a column"
           : d->comment                             ? "COMMENT on a column"
           : d->options.n                           ? "a policy or tag on a column"
           : d->name && d->name->kind != NODE_IDENT ? "a field inside a column"
                                                    : NULL;
}

static const char *unkept_of_constraint(const struct node_constraint *c)
{
    return c->on_delete || c->on_update ? "a referential action"
           : c->match_full              ? "MATCH FULL"
           : c->comment                 ? "COMMENT of a constraint"
           : c->properties.n            ? "a property of a constraint"
                                        : NULL;
}

static const char *unkept_of_table(const struct node_create_table *n)
{
    static const char *const forms[] = {"",
                                        "a transient table",
                                        "an unlogged table",
                                        "an external table",
                                        "a dynamic table",
                                        "an iceberg table",
                                        "a hybrid table",
                                        "an event table"};
    return n->form                        ? forms[n->form]
           : n->like                      ? "LIKE another table"
           : n->clone                     ? "CLONE"
           : n->template                  ? "USING TEMPLATE"
           : n->no_data                   ? "WITH NO DATA"
           : n->comment                   ? "COMMENT of a table"
           : n->copy_grants               ? "COPY GRANTS"
           : n->cluster.n                 ? "CLUSTER BY"
           : n->options.n                 ? "this clause of CREATE TABLE"
           : n->query && n->constraints.n ? "a constraint in CREATE TABLE AS"
                                          : NULL;
}

static enum status refuse_unkept(struct binder *b, const struct node *at, const char *what)
{
    return what ? bind_fail(b, at, ERR_UNSUPPORTED, "%s is not supported", what) : OK;
}

static enum status refuse_table(struct binder *b, const struct node_create_table *n)
{
    const struct node *at = n->options.n ? n->options.at[0] : &n->base;
    enum status status = refuse_unkept(b, at, unkept_of_table(n));
    for (uint32_t i = 0; status == OK && i < n->columns.n; i++) {
        const struct node_column_def *d = node_column_def_const(n->columns.at[i]);
        bool has_type = n->query && d->type;
        status = refuse_unkept(
            b, &d->base, has_type ? "a column's type in CREATE TABLE AS" : unkept_of_column(d));
    }
    for (uint32_t i = 0; status == OK && i < n->constraints.n; i++) {
        const struct node_constraint *c = node_constraint_const(n->constraints.at[i]);
        status = refuse_unkept(b, &c->base, unkept_of_constraint(c));
    }
    return status;
}

enum status bind_create_table(struct binder *b, struct node_create_table *n)
{
    struct columns columns = {0};
    struct scope s = {0};
    struct str name = ident_text(node_name(n->name)->parts.at[node_name(n->name)->parts.n - 1]);
    b->out->kind = STATEMENT_DDL;
    b->out->may_fail = true;
    if (refuse_table(b, n) != OK ||
        new_name(b, n->name, n->temporary, n->or_replace || n->if_not_exists) != OK ||
        defined_columns(b, &s, name, &n->columns) != OK) {
        return FAIL;
    }
    n->temporary = b->out->is_temporary;
    for (uint32_t i = 0; i < n->columns.n; i++) {
        if (column_exprs(b, &s, node_column_def(n->columns.at[i])) != OK) {
            return FAIL;
        }
    }
    for (uint32_t i = 0; i < n->constraints.n; i++) {
        if (bind_constraint(b, &s, node_name(n->name)->engine_schema,
                            node_constraint(n->constraints.at[i])) != OK) {
            return FAIL;
        }
    }
    if (n->query && bind_query(b, NULL, NULL, n->query, &columns) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < columns.n; i++) {
        bind_use_at(b, columns.at[i].origins, USE_WRITE);
    }
    return OK;
}

/* What the view will say when it is opened: the query as it was written, in canonical SQL, each
 * table under the schema where it was found. */
static enum status keep_definition(struct binder *b, struct node *query)
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
    return n->materialized   ? "a materialized view"
           : n->check_option ? "WITH CHECK OPTION"
           : n->details.n    ? "COMMENT or a policy on a view's column"
           : n->comment      ? "COMMENT of a view"
           : n->options.n    ? "this clause of CREATE VIEW"
           : n->copy_grants  ? "COPY GRANTS"
           : n->secure       ? "a secure view"
                             : NULL;
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
    for (size_t i = 0; i < b->tables.n; i++) {
        if (str_is(b->tables.at[i]->table->schema, CATALOG_TEMP_SCHEMA)) {
            return bind_fail(b, n->query, ERR_UNSUPPORTED,
                             "a view can't read the temporary table \"%.*s\"",
                             STR_ARG(b->tables.at[i]->table->name));
        }
    }
    bind_qualify(b, &bound, &copies);
    return keep_definition(b, copy);
}

enum status bind_create_view(struct binder *b, struct node_create_view *n)
{
    struct columns columns = {0};
    b->out->kind = STATEMENT_DDL;
    if (refuse_unkept(b, &n->base, unkept_of_view(n)) != OK ||
        new_name(b, n->name, n->temporary, n->or_replace || n->if_not_exists) != OK) {
        return FAIL;
    }
    if (b->out->is_temporary) {
        (void)bind_fail(b, &n->base, ERR_UNSUPPORTED, "temporary views are not supported");
        return error_hint(b->e, "Use WITH in the query, or a temporary table.");
    }
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
    b->out->view_columns = columns.at;
    b->out->view_column_count = columns.n;
    return status;
}

/* ---- DROP, ALTER ---- */

enum status bind_drop(struct binder *b, struct node_drop *n)
{
    b->out->kind = STATEMENT_DDL;
    if (n->object == OBJECT_TYPE) {
        return bind_drop_types(b, n);
    }
    if (n->object != OBJECT_TABLE && n->object != OBJECT_VIEW) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "DROP %s is not supported",
                         object_words((enum object_kind)n->object));
    }
    for (uint32_t i = 0; i < n->names.n; i++) {
        const struct table *t = NULL;
        if (n->names.at[i]->kind != NODE_NAME) {
            return bind_fail(b, n->names.at[i], ERR_BAD_SQL, "a table has no arguments");
        }
        if (own_table(b, n->names.at[i], n->if_exists, n->object == OBJECT_VIEW, &t) != OK) {
            return FAIL;
        }
        if (t) {
            bind_add_ddl_table(b, t);
        }
        if (i + 1 < n->names.n) { /* one a statement: the last is this one */
            struct node *one = node_copy(b->a, &n->base);
            node_drop(one)->names = (struct node_list){0};
            node_push(b->a, &node_drop(one)->names, n->names.at[i]);
            node_push(b->a, &b->out->before, one);
        }
    }
    n->names.at[0] = n->names.at[n->names.n - 1];
    n->names.n = 1;
    return OK;
}

static enum status existing_column(struct binder *b, const struct table *t, struct node *name,
                                   bool if_exists)
{
    if (!name || if_exists || table_column(t, ident_text(name)) >= 0) {
        return OK;
    }
    return bind_fail(b, name, ERR_UNKNOWN_COLUMN,
                     "column \"%.*s\" of relation \"%.*s\" does not exist",
                     STR_ARG(ident_text(name)), STR_ARG(t->name));
}

static enum status add_column(struct binder *b, struct scope *s, const struct table *t,
                              struct node_alter_action *a)
{
    struct node_column_def *d = node_column_def(a->definition);
    const struct type *type = NULL;
    if (refuse_unkept(b, &d->base, unkept_of_column(d)) != OK) {
        return FAIL;
    }
    if (!a->if_exists && table_column(t, ident_text(d->name)) >= 0) {
        return bind_fail(b, d->name, ERR_DUPLICATE_COLUMN, "column \"%.*s\" already exists",
                         STR_ARG(ident_text(d->name)));
    }
    if (!d->type) {
        return bind_fail(b, a->definition, ERR_BAD_SQL, "a new column needs a type");
    }
    return bind_type_name(b, d->type, &type) == OK ? column_exprs(b, s, d) : FAIL;
}

static enum status rename_table(struct binder *b, const struct table *t,
                                struct node_alter_action *a)
{
    struct str name = ident_text(a->new_name);
    struct table renamed = *t;
    renamed.name = name;
    renamed.qualified = str_of(arena_printf(b->a, "%.*s.%.*s", STR_ARG(t->schema), STR_ARG(name)));
    if (!bind_may_see(b, &renamed)) { /* nor does he learn whether that name is taken */
        return bind_fail(b, a->new_name, ERR_DENIED,
                         "the key may not touch a table of the name \"%.*s\"", STR_ARG(name));
    }
    if (bind_find(b, t->schema, name)) {
        return bind_fail(b, a->new_name, ERR_DUPLICATE_TABLE, "relation \"%.*s\" already exists",
                         STR_ARG(name));
    }
    return OK;
}

static enum status rename_column(struct binder *b, const struct table *t,
                                 struct node_alter_action *a)
{
    if (table_column(t, ident_text(a->new_name)) >= 0) {
        return bind_fail(b, a->new_name, ERR_DUPLICATE_COLUMN, "column \"%.*s\" already exists",
                         STR_ARG(ident_text(a->new_name)));
    }
    return existing_column(b, t, a->column, false);
}

static enum status refuse_action(struct binder *b, const struct node_alter_action *a)
{
    const char *what = a->verb == ALTER_ADD_CONSTRAINT      ? "ADD CONSTRAINT"
                       : a->verb == ALTER_DROP_CONSTRAINT   ? "DROP CONSTRAINT"
                       : a->verb == ALTER_RENAME_CONSTRAINT ? "RENAME CONSTRAINT"
                       : a->verb == ALTER_SWAP_WITH         ? "SWAP WITH"
                       : a->verb == ALTER_SET_SCHEMA        ? "SET SCHEMA"
                                                            : "this change of a table";
    return bind_fail(b, &a->base, ERR_UNSUPPORTED, "%s is not supported", what);
}

static enum status bind_action(struct binder *b, struct scope *s, const struct table *t,
                               struct node_alter_action *a)
{
    struct scope none = {0};
    const struct type *type = NULL;
    bool has_path = (a->column && a->column->kind != NODE_IDENT) ||
                    (a->new_name && a->new_name->kind != NODE_IDENT);
    if (has_path) {
        return bind_fail(b, &a->base, ERR_UNSUPPORTED,
                         "changing a field inside a column or another schema is not supported");
    }
    switch ((enum alter_verb)a->verb) {
    case ALTER_ADD_COLUMN:
        return add_column(b, s, t, a);
    case ALTER_DROP_COLUMN:
        return existing_column(b, t, a->column, a->if_exists);
    case ALTER_RENAME_COLUMN:
        return rename_column(b, t, a);
    case ALTER_RENAME_TABLE:
        return rename_table(b, t, a);
    case ALTER_SET_TYPE:
        if (!a->type) {
            return bind_fail(b, &a->base, ERR_UNSUPPORTED, "TYPE without a type is not supported");
        }
        if (existing_column(b, t, a->column, false) != OK ||
            bind_type_name(b, a->type, &type) != OK) {
            return FAIL;
        }
        return schema_expr(b, s, &a->value);
    case ALTER_SET_DEFAULT:
        return existing_column(b, t, a->column, false) == OK ? schema_expr(b, &none, &a->value)
                                                             : FAIL;
    case ALTER_DROP_DEFAULT:
    case ALTER_SET_NOT_NULL:
    case ALTER_DROP_NOT_NULL:
        return existing_column(b, t, a->column, false);
    case ALTER_ADD_CONSTRAINT:
    case ALTER_DROP_CONSTRAINT:
    case ALTER_RENAME_CONSTRAINT:
    case ALTER_COMMENT_COLUMN:
    case ALTER_SWAP_WITH:
    case ALTER_SET_SCHEMA:
    case ALTER_CLUSTER:
    case ALTER_SET_OPTIONS:
    case ALTER_UNSET_OPTIONS:
    case ALTER_OTHER:
        break;
    }
    return refuse_action(b, a);
}

enum status bind_alter(struct binder *b, struct node_alter_table *n)
{
    const struct table *t = NULL;
    struct scope s = {0};
    b->out->kind = STATEMENT_DDL;
    b->out->may_fail = true;
    if (n->object != OBJECT_TABLE && n->object != OBJECT_VIEW) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "ALTER %s is not supported",
                         object_words((enum object_kind)n->object));
    }
    if (own_table(b, n->name, n->if_exists, n->object == OBJECT_VIEW, &t) != OK) {
        return FAIL;
    }
    if (!t) {
        return OK;
    }
    bind_add_ddl_table(b, t);
    if (!t->is_view) {
        struct bound_table *bound = bind_add_table(b, t, NULL, true);
        struct range *r = range_of_table(b, t->name, bound);
        r->name = t->name;
        if (scope_add(b, &s, r, NULL) != OK) {
            return FAIL;
        }
    }
    for (uint32_t i = 0; i < n->actions.n; i++) {
        if (bind_action(b, &s, t, node_alter_action(n->actions.at[i])) != OK) {
            return FAIL;
        }
    }
    return OK;
}
