/* Where the objects are that statements make and change. Only an organization's own schemas can be
 * changed, and a session's temporary tables: names are rewritten to the engine's schema, whatever
 * the client wrote. */
#include "sql/bind_ddl.h"

/* Where something is or is to be made. */
struct place {
    struct str schema, name;
    bool is_temporary;
};

static enum status check_own(struct binder *b, const struct node *name, struct str schema)
{
    if (!b->ctx->space.org_id.n) {
        return bind_fail(b, name, ERR_DENIED, "only an organization can own a table");
    }
    if (str_iis(schema, CATALOG_SHARED_SCHEMA)) {
        return bind_fail(b, name, ERR_DENIED, "schema \"shared\" is read-only");
    }
    if (!catalog_has_schema(b->ctx->catalog, b->ctx->space, schema)) {
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
        return b->ctx->space.org_id.n ? OK : check_own(b, name, out->schema);
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
                            : catalog_schema_on_engine(b->a, b->ctx->space, at->schema);
}

void bind_engine_name(struct binder *b, struct node *name, struct str schema, struct str table)
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
enum status bind_new_name(struct binder *b, struct node *name, bool temporary, bool may_exist)
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
    bind_engine_name(b, name, engine_schema_of(b, &at), at.name);
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

static const char *kind_words(const struct table *t)
{
    return t->is_view ? "a view" : t->is_sequence ? "a sequence" : "a table";
}

enum status bind_own(struct binder *b, struct node *name, bool if_exists, enum own_kind kind,
                     const struct table **out)
{
    static const char *const wanted[] = {"a table", "a view", "a sequence"};
    struct str table = ident_text(node_name(name)->parts.at[node_name(name)->parts.n - 1]);
    if (find_own(b, name, if_exists, out) != OK) {
        return FAIL;
    }
    bool fits = *out && (kind == OWN_RELATION ? !(*out)->is_sequence
                                              : strcmp(kind_words(*out), wanted[kind]) == 0);
    if (*out && !fits) {
        return bind_fail(b, name, ERR_BAD_SQL, "\"%.*s\" is %s", STR_ARG(table),
                         kind == OWN_VIEW ? "not a view" : kind_words(*out));
    }
    if (*out) {
        bind_engine_name(b, name, (*out)->engine_schema, (*out)->name);
    } else { /* nothing is there, and the engine is told of a name that it doesn't have either */
        bind_engine_name(b, name, catalog_engine_schema(b->a, b->ctx->space), table);
    }
    return OK;
}

/* Where a new function goes: beside the tables of its schema, in a schema of the engine's own. */
enum status bind_new_macro(struct binder *b, const struct node *name, bool may_exist,
                           struct str *engine_schema, struct str *out)
{
    struct place at;
    if (new_place(b, name, false, &at) != OK) {
        return FAIL;
    }
    if (at.is_temporary || function_find(at.name) || function_find_table(at.name)) {
        return bind_fail(b, name, ERR_EXISTS, "function \"%.*s\" is there for all",
                         STR_ARG(at.name));
    }
    const struct table *old = bind_find_macro(b, at.schema, at.name);
    if (old && !may_exist) {
        return bind_fail(b, name, ERR_EXISTS, "function \"%.*s\" already exists", STR_ARG(at.name));
    }
    if (old) {
        bind_add_ddl_table(b, old);
    }
    b->out->creates = !old;
    *engine_schema = catalog_macros_on_engine(b->a, b->ctx->space, at.schema);
    *out = at.name;
    return OK;
}

static bool is_session_own(const struct table *t)
{
    return str_is(t->schema, CATALOG_TEMP_SCHEMA);
}

enum status bind_refuse_temporary(struct binder *b, const struct node *at)
{
    for (size_t i = 0; i < b->views.n; i++) {
        if (is_session_own(b->views.at[i].table)) {
            return bind_fail(b, at, ERR_UNSUPPORTED,
                             "a view can't read the temporary view \"%.*s\"",
                             STR_ARG(b->views.at[i].table->name));
        }
    }
    for (size_t i = 0; i < b->tables.n; i++) {
        if (is_session_own(b->tables.at[i]->table)) {
            return bind_fail(b, at, ERR_UNSUPPORTED,
                             "a view can't read the temporary table \"%.*s\"",
                             STR_ARG(b->tables.at[i]->table->name));
        }
    }
    return OK;
}
