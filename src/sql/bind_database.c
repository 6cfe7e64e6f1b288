/* Databases within an environment. Each is a set of schemas: schema s of database d is kept under
 * the name "d.s", which policies, keys and the audit log name it by, and which no schema of the
 * environment's own database has, since no new name has a point. So one rule makes whatever is
 * known of schemas true of databases: a schema that is named without its database is of the one
 * that the session uses. A database is there while its schema public is. */
#include <string.h>

#include "sql/bind_ddl.h"

#define PUBLIC_OF ".public"

static struct str joined(struct arena *a, struct str database, struct str schema)
{
    return str_of(arena_printf(a, "%.*s.%.*s", STR_ARG(database), STR_ARG(schema)));
}

struct str sql_database_of(const struct bind_context *c, struct str schema)
{
    const char *point = memchr(schema.p ? schema.p : "", '.', schema.n);
    return point ? (struct str){schema.p, (size_t)(point - schema.p)} : c->database;
}

struct str sql_bare_schema(struct str schema)
{
    const char *point = memchr(schema.p ? schema.p : "", '.', schema.n);
    size_t skip = point ? (size_t)(point - schema.p) + 1 : 0;
    return (struct str){schema.p + skip, schema.n - skip};
}

/* The schemas that are there whatever database is used. */
static bool is_everywhere(struct str schema)
{
    static const char *const names[] = {CATALOG_SHARED_SCHEMA, CATALOG_TEMP_SCHEMA,
                                        "information_schema", "pg_catalog", "hatidata"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        found |= str_iis(schema, names[i]);
    }
    return found;
}

struct str sql_in_database(const struct bind_context *c, struct str schema)
{
    bool is_whole = memchr(schema.p ? schema.p : "", '.', schema.n) != NULL;
    return !c->current.n || !schema.n || is_whole || is_everywhere(schema)
               ? schema
               : joined(c->arena, c->current, schema);
}

bool sql_has_database(const struct bind_context *c, struct str name)
{
    return !memchr(name.p ? name.p : "", '.', name.n) &&
           catalog_has_schema(c->catalog, c->space,
                              str_of(arena_printf(c->arena, "%.*s" PUBLIC_OF, STR_ARG(name))));
}

enum status sql_database_schema(const struct bind_context *c, const struct node *database,
                                struct str schema, struct str *out, struct error *e)
{
    struct str name = node_ident_const(database)->text;
    if (str_ieq(name, c->database)) {
        *out = schema;
        return OK;
    }
    if (sql_has_database(c, name)) {
        *out = joined(c->arena, name, schema);
        return OK;
    }
    (void)!error_at(e, ERR_UNKNOWN_SCHEMA, database->offset, "database \"%.*s\" does not exist",
                    STR_ARG(name));
    return error_hint(e, "SHOW DATABASES lists those that are there.");
}

size_t sql_list_databases(const struct bind_context *c, struct str **out)
{
    struct str *schemas = NULL;
    size_t n = sql_list_schemas(c, &schemas), count = 0;
    *out = ARENA_ARRAY(c->arena, struct str, n + 1);
    (*out)[count++] = c->database;
    for (size_t i = 0; i < n; i++) { /* in the order of their names */
        struct str name = sql_database_of(c, schemas[i]);
        if (!str_ieq(name, c->database) && !str_ieq(name, (*out)[count - 1])) {
            (*out)[count++] = name;
        }
    }
    return count;
}

/* ---- CREATE and DROP DATABASE ---- */

static enum status database_name(struct binder *b, const struct node *name, struct str *out)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    *out = ident_text(parts->at[0]);
    if (parts->n != 1 || memchr(out->p, '.', out->n)) {
        return bind_fail(b, name, ERR_BAD_SQL,
                         "a database has a name of one part, without a point");
    }
    return OK;
}

static struct str public_of(struct binder *b, struct str database)
{
    return joined(b->a, database, STR(CATALOG_PUBLIC_SCHEMA));
}

enum status bind_create_database(struct binder *b, struct node_create_schema *n)
{
    struct str name;
    if (!n->name || n->or_replace || n->owner || n->clone || n->comment || n->options.n) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "CREATE DATABASE takes a name alone");
    }
    if (database_name(b, n->name, &name) != OK) {
        return FAIL;
    }
    bool exists = str_ieq(name, b->ctx->database) || sql_has_database(b->ctx, name);
    if (exists && !n->if_not_exists) {
        return bind_fail(b, n->name, ERR_EXISTS, "database \"%.*s\" already exists", STR_ARG(name));
    }
    bool is_own = str_ieq(name, b->ctx->database);
    if (!is_own && bind_is_reserved_schema(name)) {
        return bind_fail(b, n->name, ERR_BAD_SQL, "unacceptable database name \"%.*s\"",
                         STR_ARG(name));
    }
    n->object = OBJECT_SCHEMA;
    n->transient = 0;
    n->if_not_exists = 1;
    b->out->creates = true;
    bind_schema_on_engine(b, n->name, is_own ? STR(CATALOG_PUBLIC_SCHEMA) : public_of(b, name));
    return OK;
}

/* All of its schemas go, public last: with it the database. */
enum status bind_drop_database(struct binder *b, struct node_drop *n)
{
    struct str name, *schemas = NULL;
    struct node *at = n->names.at[0];
    if (n->names.n != 1) {
        return bind_fail(b, &n->base, ERR_UNSUPPORTED, "drop one database a statement");
    }
    if (database_name(b, at, &name) != OK) {
        return FAIL;
    }
    if (str_ieq(name, b->ctx->database)) {
        return bind_fail(b, at, ERR_DENIED, "the environment's own database can't be dropped");
    }
    if (!n->if_exists && !sql_has_database(b->ctx, name)) {
        return bind_fail(b, at, ERR_UNKNOWN_SCHEMA, "database \"%.*s\" does not exist",
                         STR_ARG(name));
    }
    n->cascade |= b->ctx->dialect == DIALECT_SNOWFLAKE;
    size_t count = catalog_schemas(b->ctx->catalog, b->ctx->space, b->a, &schemas);
    for (size_t i = 0; i < count; i++) {
        if (memchr(schemas[i].p, '.', schemas[i].n) &&
            str_ieq(sql_database_of(b->ctx, schemas[i]), name) &&
            bind_drop_schema_before(b, at, schemas[i], n->cascade) != OK) {
            return FAIL;
        }
    }
    n->object = OBJECT_SCHEMA;
    n->if_exists = 1;
    bind_schema_on_engine(b, at, public_of(b, name));
    return OK;
}
