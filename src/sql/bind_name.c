/* Names of tables and schemas: which one is meant, as far as this caller knows of it.
 *
 * A bare name is looked for among the session's temporary tables, then along its search path, then
 * in shared. Inside a view that lasts there is neither: its names were written out when it was made
 * (bind_qualify()), so that it means the same to whoever reads it. */
#include "sql/bind_state.h"
#include "sql/bind_suggest.h"
#include "sql/make.h"

static const struct str public_alone[] = {
    {CATALOG_PUBLIC_SCHEMA, sizeof CATALOG_PUBLIC_SCHEMA - 1}};

static size_t path_of(const struct bind_context *c, bool in_lasting_view, const struct str **out)
{
    bool has_path = c->path_count > 0 && !in_lasting_view;
    *out = has_path ? c->path : public_alone;
    return has_path ? c->path_count : 1;
}

static bool is_visible(const struct bind_context *c, const struct table *t)
{
    return t && (!c->may_see || c->may_see(c->caller, t));
}

bool bind_may_see(const struct binder *b, const struct table *t)
{
    return is_visible(b->ctx, t);
}

/* DuckDB's own name of the schema where tables are made. Nobody can make one of that name. */
static struct str known_as(const struct bind_context *c, struct str schema)
{
    bool is_main = c->dialect == DIALECT_DUCKDB && str_iis(schema, "main");
    return is_main ? STR(CATALOG_PUBLIC_SCHEMA) : schema;
}

static const struct table *find_in(const struct bind_context *c, struct str schema, struct str name,
                                   bool has_temporary)
{
    if (str_iis(schema, CATALOG_TEMP_SCHEMA)) {
        return has_temporary ? catalog_find_temporary(c->temporary, name) : NULL;
    }
    return catalog_find(c->catalog, c->space, schema, name);
}

static const struct table *find_bare(const struct bind_context *c, struct str name,
                                     bool in_lasting_view)
{
    const struct str *path;
    size_t n = path_of(c, in_lasting_view, &path);
    const struct table *t = in_lasting_view ? NULL : catalog_find_temporary(c->temporary, name);
    for (size_t i = 0; i < n && !is_visible(c, t); i++) {
        t = find_in(c, in_lasting_view ? path[i] : sql_in_database(c, path[i]), name,
                    !in_lasting_view);
    }
    return is_visible(c, t) ? t
                            : catalog_find(c->catalog, c->space, STR(CATALOG_SHARED_SCHEMA), name);
}

/* pg_catalog is looked in before the search path, unless that has it in a place of its own, and
 * after the temporary tables: as PostgreSQL does. */
bool bind_hides_system(const struct binder *b, struct str name)
{
    const struct bind_context *c = b->ctx;
    bool hides = !b->lasting_views && is_visible(c, catalog_find_temporary(c->temporary, name));
    size_t place = b->lasting_views ? 0 : c->path_count, before = 0;
    while (place > 0 && !str_iis(c->path[place - 1], "pg_catalog")) {
        place--;
    }
    for (; before + 1 < place && !hides; before++) {
        hides = is_visible(c, find_in(c, sql_in_database(c, c->path[before]), name, true));
    }
    return hides;
}

static const struct table *find(const struct bind_context *c, struct str schema, struct str name,
                                bool in_lasting_view)
{
    const struct table *t =
        schema.n ? find_in(c, schema, name, !in_lasting_view) : find_bare(c, name, in_lasting_view);
    return is_visible(c, t) ? t : NULL;
}

/* Whom tables are hidden from sees types as he would see tables of their names. */
static bool is_type_visible(const struct bind_context *c, const struct made_type *t)
{
    struct table like = {.schema = t->schema, .name = t->name, .qualified = t->qualified};
    return is_visible(c, &like);
}

size_t sql_list_macros(const struct bind_context *ctx, const struct table ***out)
{
    size_t n = catalog_list_macros(ctx->catalog, ctx->space, ctx->arena, out), kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_visible(ctx, (*out)[i])) {
            (*out)[kept++] = (*out)[i];
        }
    }
    return kept;
}

size_t sql_list_types(const struct bind_context *ctx, const struct made_type ***out)
{
    size_t n = catalog_list_types(ctx->catalog, ctx->space, ctx->arena, out), kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_type_visible(ctx, (*out)[i])) {
            (*out)[kept++] = (*out)[i];
        }
    }
    return kept;
}

const struct made_type *bind_find_type(const struct binder *b, struct str schema, struct str name)
{
    const struct bind_context *c = b->ctx;
    const struct str *path = &schema;
    size_t n = schema.n ? 1 : path_of(c, b->lasting_views > 0, &path);
    for (size_t i = 0; i < n; i++) {
        const struct made_type *t =
            catalog_find_type(c->catalog, c->space, bind_in_database(b, path[i]), name);
        if (t && is_type_visible(c, t)) {
            return t;
        }
    }
    return NULL;
}

/* What a view that lasts keeps is whole: the session's database has no part in it. */
struct str bind_in_database(const struct binder *b, struct str schema)
{
    return b->lasting_views ? schema : sql_in_database(b->ctx, schema);
}

bool bind_is_database(const struct binder *b, struct str name)
{
    return str_ieq(name, b->ctx->database);
}

enum status bind_split_name(struct binder *b, const struct node *name, struct str *schema,
                            struct str *object)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    *object = ident_text(parts->at[parts->n - 1]);
    *schema = parts->n > 1 ? known_as(b->ctx, ident_text(parts->at[parts->n - 2])) : STR("");
    if (parts->n > 3) {
        return bind_fail(b, name, ERR_BAD_SQL,
                         "name it as name, schema.name or database.schema.name");
    }
    if (parts->n == 3) {
        return sql_database_schema(b->ctx, parts->at[0], *schema, schema, b->e);
    }
    *schema = bind_in_database(b, *schema);
    return OK;
}

const struct table *bind_find(const struct binder *b, struct str schema, struct str name)
{
    return find(b->ctx, schema, name, b->lasting_views > 0);
}

const struct table *bind_find_macro(const struct binder *b, struct str schema, struct str name)
{
    const struct bind_context *c = b->ctx;
    const struct str *path;
    size_t n = path_of(c, b->lasting_views > 0, &path);
    const struct table *t = NULL;
    if (schema.n) {
        t = catalog_find_macro(c->catalog, c->space, bind_in_database(b, schema), name);
    }
    for (size_t i = 0; i < n && !schema.n && !is_visible(c, t); i++) {
        t = catalog_find_macro(c->catalog, c->space, bind_in_database(b, path[i]), name);
    }
    return is_visible(c, t) ? t : NULL;
}

const struct table *sql_find_table(const struct bind_context *ctx, const struct node *name)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    struct str schema = parts->n > 1 ? known_as(ctx, ident_text(parts->at[parts->n - 2])) : STR("");
    struct error ignored = ERROR_INIT;
    bool is_known =
        parts->n <= 2 ||
        (parts->n == 3 && sql_database_schema(ctx, parts->at[0], schema, &schema, &ignored) == OK);
    schema = parts->n == 2 ? sql_in_database(ctx, schema) : schema;
    return is_known ? find(ctx, schema, ident_text(parts->at[parts->n - 1]), false) : NULL;
}

static size_t list_all(const struct bind_context *c, const struct table ***out)
{
    const struct table **own = NULL, **lasting = NULL;
    size_t n = catalog_list_temporary(c->temporary, c->arena, &own);
    size_t m = catalog_list(c->catalog, c->space, c->arena, &lasting);
    *out = ARENA_ARRAY(c->arena, const struct table *, n + m + 1);
    for (size_t i = 0; i < n + m; i++) {
        (*out)[i] = i < n ? own[i] : lasting[i - n];
    }
    return n + m;
}

size_t bind_list_tables(const struct binder *b, const struct table ***out)
{
    return list_all(b->ctx, out);
}

size_t sql_list_relations(const struct bind_context *ctx, const struct table *const **out)
{
    struct sql_listed none = {0}, *listed = ctx->listed ? ctx->listed : &none;
    if (!listed->is_done) {
        size_t n = list_all(ctx, &listed->tables);
        for (size_t i = 0; i < n; i++) {
            if (is_visible(ctx, listed->tables[i])) {
                listed->tables[listed->count++] = listed->tables[i];
            }
        }
        listed->is_done = true;
    }
    *out = listed->tables;
    return listed->count;
}

size_t sql_list_tables(const struct bind_context *ctx, const struct table ***out)
{
    const struct table *const *all;
    size_t n = sql_list_relations(ctx, &all), kept = 0;
    *out = ARENA_ARRAY(ctx->arena, const struct table *, n);
    for (size_t i = 0; i < n; i++) {
        if (!all[i]->is_sequence) {
            (*out)[kept++] = all[i];
        }
    }
    return kept;
}

/* Whom tables are hidden from knows of no schema but those of the tables that he sees. */
static bool knows_schema(const struct bind_context *ctx, struct str schema)
{
    const struct table *const *seen;
    size_t n = sql_list_relations(ctx, &seen);
    bool is_empty = true, sees = false;
    for (size_t i = 0; i < n && !sees; i++) {
        sees = str_ieq(seen[i]->schema, schema);
    }
    const struct table **all = NULL;
    n = sees ? 0 : catalog_list(ctx->catalog, ctx->space, ctx->arena, &all);
    for (size_t i = 0; i < n && is_empty; i++) {
        is_empty = !str_ieq(all[i]->schema, schema);
    }
    struct table nothing = {.schema = schema, .name = STR(""), .qualified = STR("")};
    return sees || (is_empty && is_visible(ctx, &nothing));
}

size_t sql_list_schemas(const struct bind_context *ctx, struct str **out)
{
    size_t n = catalog_schemas(ctx->catalog, ctx->space, ctx->arena, out), kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool always = str_is((*out)[i], CATALOG_PUBLIC_SCHEMA);
        if (always || knows_schema(ctx, (*out)[i])) {
            (*out)[kept++] = (*out)[i];
        }
    }
    return kept;
}

static void suggest(struct binder *b, struct str name)
{
    const struct table **all = NULL;
    size_t n = bind_list_tables(b, &all);
    struct suggestion best = suggestion_for(name);
    for (size_t i = 0; i < n; i++) {
        if (bind_may_see(b, all[i])) {
            suggestion_offer(&best, all[i]->name, all[i]->qualified);
        }
    }
    if (best.text.n) {
        (void)error_hint(b->e, "Perhaps you meant \"%.*s\".", STR_ARG(best.text));
    }
}

enum status bind_find_table(struct binder *b, struct node *name, const struct table **out)
{
    struct str schema, table;
    if (bind_split_name(b, name, &schema, &table) != OK) {
        return FAIL;
    }
    *out = bind_find(b, schema, table);
    if (*out) {
        node_name(name)->schema = (*out)->schema;
        return OK;
    }
    (void)bind_fail(b, name, ERR_UNKNOWN_TABLE, "relation \"%.*s%s%.*s\" does not exist",
                    STR_ARG(schema), schema.n ? "." : "", STR_ARG(table));
    suggest(b, table);
    return FAIL;
}

struct str sql_current_schema(const struct bind_context *c)
{
    const struct str *path;
    size_t n = path_of(c, false, &path);
    for (size_t i = 0; i < n; i++) {
        struct str schema = sql_in_database(c, path[i]);
        if (!str_iis(schema, CATALOG_SHARED_SCHEMA) &&
            catalog_has_schema(c->catalog, c->space, schema)) {
            return schema;
        }
    }
    return STR("");
}

size_t bind_search_path(const struct binder *b, struct str **out)
{
    const struct bind_context *c = b->ctx;
    const struct str *path;
    size_t n = path_of(c, false, &path), found = 0;
    *out = ARENA_ARRAY(b->a, struct str, n);
    for (size_t i = 0; i < n; i++) {
        bool is_there = str_iis(path[i], CATALOG_SHARED_SCHEMA) ||
                        catalog_has_schema(c->catalog, c->space, sql_in_database(c, path[i]));
        if (is_there) {
            (*out)[found++] = bind_fold(b->a, path[i]);
        }
    }
    return found;
}

/* ---- variables of the session ---- */

static const struct session_variable *find_variable(const struct bind_context *c, struct str name)
{
    for (size_t i = 0; i < c->variable_count; i++) {
        if (str_ieq(c->variables[i].name, name)) {
            return &c->variables[i];
        }
    }
    return NULL;
}

/* What is kept for others to read takes no value of this session. */
enum status bind_variable(struct binder *b, struct node **n, struct bound_expr *out)
{
    struct str name = node_variable(*n)->name;
    const struct session_variable *v =
        node_variable(*n)->is_bind ? NULL : find_variable(b->ctx, name);
    if (b->is_query_body || b->lasting_views) {
        return bind_fail(b, *n, ERR_UNSUPPORTED, "a session variable can't stand in a view");
    }
    if (!v) {
        return bind_fail(b, *n, ERR_UNKNOWN_SETTING, "session variable \"%.*s\" does not exist",
                         STR_ARG(name));
    }
    struct node *literal = v->text.p ? make_literal(b->a, LIT_STRING, arena_str(b->a, v->text))
                                     : make_literal(b->a, LIT_NULL, STR_NULL);
    const struct type *type = type_copy(b->a, v->type);
    size_t offset = (*n)->offset;
    *n = type->kind == TYPE_TEXT && v->text.p ? literal : make_cast(b->a, literal, type);
    (*n)->offset = (uint32_t)offset;
    literal->type = type_simple(v->text.p ? TYPE_TEXT : TYPE_NULL);
    (*n)->type = type;
    *out = (struct bound_expr){type, lineage_none(), false, true};
    return OK;
}

/* ---- what a view keeps ---- */

static enum walk collect(struct node **n, void *ctx)
{
    struct named_tables *t = ctx;
    if ((*n)->kind == NODE_TABLE_REF) {
        VEC_PUSH(t->arena, t->names, node_table_ref(*n)->name);
    } else if ((*n)->kind == NODE_TYPE_NAME) {
        VEC_PUSH(t->arena, t->types, node_type_name(*n));
    }
    if ((*n)->kind == NODE_FUNC) {
        VEC_PUSH(t->arena, t->names, node_func(*n)->name);
    }
    return WALK_ON;
}

struct named_tables bind_named_tables(struct arena *a, struct node *tree)
{
    struct named_tables t = {.arena = a};
    (void)node_walk(&tree, collect, &t);
    return t;
}

void bind_qualify(struct binder *b, const struct named_tables *bound,
                  const struct named_tables *copies)
{
    for (size_t i = 0; i < bound->names.n && i < copies->names.n; i++) {
        struct str schema = node_name(bound->names.at[i])->schema;
        struct node_list *parts = &node_name(copies->names.at[i])->parts;
        if (schema.n) {
            struct node *last = parts->at[parts->n - 1];
            *parts = (struct node_list){0};
            node_push(b->a, parts, bind_ident(b, schema, last));
            node_push(b->a, parts, last);
        }
    }
    for (size_t i = 0; i < bound->types.n && i < copies->types.n; i++) {
        copies->types.at[i]->schema = bound->types.at[i]->schema;
    }
}
