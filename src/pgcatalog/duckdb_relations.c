/* What DuckDB's functions about the catalog give. How many rows a table has isn't told: some may be
 * hidden. Nor is there a column `sql`: what made a view or table is its author's. */
#include "pgcatalog/definition.h"
#include "pgcatalog/type_words.h"
#include "sql/make.h"

static void add_database(struct relation *r, struct str schema)
{
    bool temporary = str_is(schema, CATALOG_TEMP_SCHEMA);
    relation_text(r, temporary ? STR("temp") : sql_database_of(r->ctx, schema));
    relation_number(r, temporary ? 2 : 1);
}

static const char tables_columns[] =
    "database_name text, database_oid int8, schema_name text, table_name text, "
    "comment text, internal bool, temporary bool, has_primary_key bool, column_count int8";

static void tables(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        const struct table *t = all[i];
        if (t->is_view || t->scope == SCOPE_COMMON) {
            continue;
        }
        add_database(r, t->schema);
        relation_name(r, sql_bare_schema(t->schema));
        relation_name(r, t->name);
        relation_text(r, t->comment);
        relation_bool(r, false);
        relation_bool(r, is_temporary(t));
        relation_bool(r, is_of_primary_key(t, NULL));
        relation_number(r, (int64_t)t->column_count);
    }
}

static const char views_columns[] =
    "database_name text, database_oid int8, schema_name text, view_name text, "
    "comment text, internal bool, temporary bool, column_count int8";

static void views(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        const struct table *t = all[i];
        if (!t->is_view) {
            continue;
        }
        add_database(r, t->schema);
        relation_name(r, sql_bare_schema(t->schema));
        relation_name(r, t->name);
        relation_text(r, t->comment);
        relation_bool(r, false);
        relation_bool(r, is_temporary(t));
        relation_number(r, (int64_t)t->column_count);
    }
}

static const char columns_columns[] =
    "database_name text, database_oid int8, schema_name text, table_name text, "
    "column_name text, column_index int4, comment text, internal bool, "
    "column_default text, is_nullable bool, data_type text, "
    "character_maximum_length int4, numeric_precision int4, numeric_precision_radix int4, "
    "numeric_scale int4";

static void add_column(struct relation *r, const struct table *t, size_t i)
{
    const struct column *c = &t->columns[i];
    struct type_words w = type_words(r->ctx->arena, c->type, r->ctx->dialect);
    add_database(r, t->schema);
    relation_name(r, sql_bare_schema(t->schema));
    relation_name(r, t->name);
    relation_name(r, c->name);
    relation_number(r, (int64_t)i + 1);
    relation_text(r, c->comment);
    relation_bool(r, false);
    relation_text(r, c->default_text);
    relation_bool(r, !c->not_null);
    relation_text(r, w.name);
    relation_number_or_null(r, w.characters);
    relation_number_or_null(r, w.precision);
    relation_number_or_null(r, w.radix);
    relation_number_or_null(r, w.scale);
}

static void columns(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->column_count; k++) {
            add_column(r, all[i], k);
        }
    }
}

static const char schemas_columns[] =
    "database_name text, database_oid int8, schema_name text, internal bool";

static void schemas(struct relation *r)
{
    struct str *names = NULL;
    size_t n = sql_list_schemas(r->ctx, &names);
    for (size_t i = 0; i <= n; i++) {
        struct str name = i < n ? names[i] : STR("information_schema");
        add_database(r, name);
        relation_name(r, sql_bare_schema(name));
        relation_bool(r, i == n);
    }
}

static const char indexes_columns[] =
    "database_name text, database_oid int8, schema_name text, index_name text, "
    "table_name text, is_unique bool, is_primary bool";

static void indexes(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->index_count; k++) {
            add_database(r, all[i]->schema);
            relation_name(r, sql_bare_schema(all[i]->schema));
            relation_name(r, all[i]->indexes[k].name);
            relation_name(r, all[i]->name);
            relation_bool(r, all[i]->indexes[k].is_unique);
            relation_bool(r, false);
        }
    }
}

/* ---- pragma_table_info() ---- */

static const char table_info_columns[] =
    "table_schema text, table_name text, is_first bool, cid int4, name text, type text, "
    "notnull bool, dflt_value text, pk bool";

static bool is_what_its_name_means(const struct bind_context *ctx, const struct table *t)
{
    struct node *name = node_new(ctx->arena, NODE_NAME, 0);
    node_push(ctx->arena, &node_name(name)->parts, make_ident(ctx->arena, t->name));
    return sql_find_table(ctx, name) == t;
}

static void table_info(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        bool is_first = is_what_its_name_means(r->ctx, all[i]);
        for (size_t k = 0; k < all[i]->column_count; k++) {
            const struct column *c = &all[i]->columns[k];
            relation_name(r, sql_bare_schema(all[i]->schema));
            relation_name(r, all[i]->name);
            relation_bool(r, is_first);
            relation_number(r, (int64_t)k);
            relation_name(r, c->name);
            relation_text(r, type_words(r->ctx->arena, c->type, r->ctx->dialect).name);
            relation_bool(r, c->not_null);
            relation_text(r, c->default_text);
            relation_bool(r, is_of_primary_key(all[i], &c->name));
        }
    }
}

const struct relation_definition duckdb_relations[] = {
    {"duckdb_tables", tables_columns, tables, 0},
    {"duckdb_views", views_columns, views, 0},
    {"duckdb_columns", columns_columns, columns, 0},
    {"duckdb_schemas", schemas_columns, schemas, 0},
    {"duckdb_indexes", indexes_columns, indexes, 0},
    {"duckdb_table_info", table_info_columns, table_info, 0},
    {NULL, NULL, NULL, 0},
};
