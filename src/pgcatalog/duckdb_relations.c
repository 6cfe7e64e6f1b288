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

static const struct relation_column tables_columns[] = {
    {"database_name", TYPE_TEXT}, {"database_oid", TYPE_INT8},    {"schema_name", TYPE_TEXT},
    {"table_name", TYPE_TEXT},    {"comment", TYPE_TEXT},         {"internal", TYPE_BOOL},
    {"temporary", TYPE_BOOL},     {"has_primary_key", TYPE_BOOL}, {"column_count", TYPE_INT8},
};

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

static const struct relation_column views_columns[] = {
    {"database_name", TYPE_TEXT}, {"database_oid", TYPE_INT8}, {"schema_name", TYPE_TEXT},
    {"view_name", TYPE_TEXT},     {"comment", TYPE_TEXT},      {"internal", TYPE_BOOL},
    {"temporary", TYPE_BOOL},     {"column_count", TYPE_INT8},
};

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

static const struct relation_column columns_columns[] = {
    {"database_name", TYPE_TEXT},     {"database_oid", TYPE_INT8},
    {"schema_name", TYPE_TEXT},       {"table_name", TYPE_TEXT},
    {"column_name", TYPE_TEXT},       {"column_index", TYPE_INT4},
    {"comment", TYPE_TEXT},           {"internal", TYPE_BOOL},
    {"column_default", TYPE_TEXT},    {"is_nullable", TYPE_BOOL},
    {"data_type", TYPE_TEXT},         {"character_maximum_length", TYPE_INT4},
    {"numeric_precision", TYPE_INT4}, {"numeric_precision_radix", TYPE_INT4},
    {"numeric_scale", TYPE_INT4},
};

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

static const struct relation_column schemas_columns[] = {
    {"database_name", TYPE_TEXT},
    {"database_oid", TYPE_INT8},
    {"schema_name", TYPE_TEXT},
    {"internal", TYPE_BOOL},
};

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

static const struct relation_column indexes_columns[] = {
    {"database_name", TYPE_TEXT}, {"database_oid", TYPE_INT8}, {"schema_name", TYPE_TEXT},
    {"index_name", TYPE_TEXT},    {"table_name", TYPE_TEXT},   {"is_unique", TYPE_BOOL},
    {"is_primary", TYPE_BOOL},
};

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

static const struct relation_column table_info_columns[] = {
    {"table_schema", TYPE_TEXT}, {"table_name", TYPE_TEXT}, {"is_first", TYPE_BOOL},
    {"cid", TYPE_INT4},          {"name", TYPE_TEXT},       {"type", TYPE_TEXT},
    {"notnull", TYPE_BOOL},      {"dflt_value", TYPE_TEXT}, {"pk", TYPE_BOOL},
};

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
    {"duckdb_tables", RELATION_COLUMNS(tables_columns), tables},
    {"duckdb_views", RELATION_COLUMNS(views_columns), views},
    {"duckdb_columns", RELATION_COLUMNS(columns_columns), columns},
    {"duckdb_schemas", RELATION_COLUMNS(schemas_columns), schemas},
    {"duckdb_indexes", RELATION_COLUMNS(indexes_columns), indexes},
    {"duckdb_table_info", RELATION_COLUMNS(table_info_columns), table_info},
    {NULL, NULL, 0, NULL},
};
