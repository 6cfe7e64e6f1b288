#include "pgcatalog/information_schema.h"

#include "pgcatalog/relation.h"
#include "pgcatalog/type_words.h"
#include "sql/make.h"

#define COLUMNS(list) list, sizeof list / sizeof *list

/* ---- schemata ---- */

static const struct relation_column schemata_columns[] = {
    {"catalog_name", TYPE_TEXT}, {"schema_name", TYPE_TEXT},
    {"schema_owner", TYPE_TEXT}, {"default_character_set_catalog", TYPE_TEXT},
    {"sql_path", TYPE_TEXT},
};

static void add_schema(struct relation *r, struct str name)
{
    relation_name(r, r->ctx->database);
    relation_name(r, name);
    relation_null(r);
    relation_null(r);
    relation_null(r);
}

static void schemata(struct relation *r)
{
    struct str *names = NULL;
    size_t n = sql_list_schemas(r->ctx, &names);
    for (size_t i = 0; i < n; i++) {
        add_schema(r, names[i]);
    }
    add_schema(r, STR("information_schema"));
}

/* ---- tables, views ---- */

static const struct relation_column tables_columns[] = {
    {"table_catalog", TYPE_TEXT}, {"table_schema", TYPE_TEXT},       {"table_name", TYPE_TEXT},
    {"table_type", TYPE_TEXT},    {"is_insertable_into", TYPE_TEXT}, {"is_typed", TYPE_TEXT},
    {"comment", TYPE_TEXT},
};

static const struct relation_column views_columns[] = {
    {"table_catalog", TYPE_TEXT},   {"table_schema", TYPE_TEXT}, {"table_name", TYPE_TEXT},
    {"view_definition", TYPE_TEXT}, {"check_option", TYPE_TEXT}, {"is_updatable", TYPE_TEXT},
    {"comment", TYPE_TEXT},
};

static void add_place(struct relation *r, const struct table *t)
{
    relation_name(r, r->ctx->database);
    relation_name(r, t->schema);
    relation_name(r, t->name);
}

static bool is_temporary(const struct table *t)
{
    return str_is(t->schema, CATALOG_TEMP_SCHEMA);
}

static void tables(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        bool writable = !all[i]->is_view && all[i]->scope != SCOPE_COMMON;
        add_place(r, all[i]);
        relation_word(r, all[i]->is_view        ? "VIEW"
                         : is_temporary(all[i]) ? "LOCAL TEMPORARY"
                                                : "BASE TABLE");
        relation_word(r, writable ? "YES" : "NO");
        relation_word(r, "NO");
        relation_text(r, all[i]->comment);
    }
}

/* A view's text is its author's. */
static void views(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->is_view) {
            add_place(r, all[i]);
            relation_null(r);
            relation_word(r, "NONE");
            relation_word(r, "NO");
            relation_text(r, all[i]->comment);
        }
    }
}

/* ---- columns ---- */

static const struct relation_column columns_columns[] = {
    {"table_catalog", TYPE_TEXT},
    {"table_schema", TYPE_TEXT},
    {"table_name", TYPE_TEXT},
    {"column_name", TYPE_TEXT},
    {"ordinal_position", TYPE_INT4},
    {"column_default", TYPE_TEXT},
    {"is_nullable", TYPE_TEXT},
    {"data_type", TYPE_TEXT},
    {"character_maximum_length", TYPE_INT4},
    {"character_octet_length", TYPE_INT4},
    {"numeric_precision", TYPE_INT4},
    {"numeric_precision_radix", TYPE_INT4},
    {"numeric_scale", TYPE_INT4},
    {"datetime_precision", TYPE_INT4},
    {"comment", TYPE_TEXT},
};

static void number_or_null(struct relation *r, int number)
{
    if (number < 0) {
        relation_null(r);
    } else {
        relation_number(r, number);
    }
}

static void add_column(struct relation *r, const struct table *t, size_t i)
{
    const struct column *c = &t->columns[i];
    struct type_words w = type_words(r->ctx->arena, c->type, r->ctx->dialect);
    add_place(r, t);
    relation_name(r, c->name);
    relation_number(r, (int64_t)i + 1);
    relation_text(r, c->default_text);
    relation_word(r, c->not_null ? "NO" : "YES");
    relation_text(r, w.name);
    number_or_null(r, w.characters);
    number_or_null(r, w.characters);
    number_or_null(r, w.precision);
    number_or_null(r, w.radix);
    number_or_null(r, w.scale);
    number_or_null(r, w.fraction);
    relation_text(r, c->comment);
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

/* ---- constraints ---- */

static const struct relation_column constraints_columns[] = {
    {"constraint_catalog", TYPE_TEXT}, {"constraint_schema", TYPE_TEXT},
    {"constraint_name", TYPE_TEXT},    {"table_catalog", TYPE_TEXT},
    {"table_schema", TYPE_TEXT},       {"table_name", TYPE_TEXT},
    {"constraint_type", TYPE_TEXT},    {"is_deferrable", TYPE_TEXT},
    {"initially_deferred", TYPE_TEXT}, {"enforced", TYPE_TEXT},
};

static const struct relation_column key_columns[] = {
    {"constraint_catalog", TYPE_TEXT}, {"constraint_schema", TYPE_TEXT},
    {"constraint_name", TYPE_TEXT},    {"table_catalog", TYPE_TEXT},
    {"table_schema", TYPE_TEXT},       {"table_name", TYPE_TEXT},
    {"column_name", TYPE_TEXT},        {"ordinal_position", TYPE_INT4},
};

static const char *constraint_word(const struct table_constraint *c)
{
    switch (c->kind) {
    case CATALOG_UNIQUE:
        return c->is_primary ? "PRIMARY KEY" : "UNIQUE";
    case CATALOG_CHECK:
        return "CHECK";
    case CATALOG_FOREIGN:
        return "FOREIGN KEY";
    }
    return "?";
}

static void add_constraint_place(struct relation *r, const struct table *t, size_t i)
{
    relation_name(r, r->ctx->database);
    relation_name(r, t->schema);
    relation_text(r, str_of(arena_printf(r->ctx->arena, "%.*s_%zu", STR_ARG(t->name), i + 1)));
    add_place(r, t);
}

static void table_constraints(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->constraint_count; k++) {
            add_constraint_place(r, all[i], k);
            relation_word(r, constraint_word(&all[i]->constraints[k]));
            relation_word(r, "NO");
            relation_word(r, "NO");
            relation_word(r, "YES");
        }
    }
}

static void key_column_usage(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->constraint_count; k++) {
            const struct table_constraint *c = &all[i]->constraints[k];
            for (size_t m = 0; m < c->column_count && c->kind != CATALOG_CHECK; m++) {
                add_constraint_place(r, all[i], k);
                relation_name(r, c->columns[m]);
                relation_number(r, (int64_t)m + 1);
            }
        }
    }
}

/* ---- what DuckDB's functions about tables give ----
 * How many rows a table has isn't told: some may be hidden. */

static const struct relation_column duckdb_tables_columns[] = {
    {"database_name", TYPE_TEXT}, {"database_oid", TYPE_INT8},    {"schema_name", TYPE_TEXT},
    {"table_name", TYPE_TEXT},    {"comment", TYPE_TEXT},         {"internal", TYPE_BOOL},
    {"temporary", TYPE_BOOL},     {"has_primary_key", TYPE_BOOL}, {"column_count", TYPE_INT8},
};

static const struct relation_column table_info_columns[] = {
    {"table_schema", TYPE_TEXT}, {"table_name", TYPE_TEXT}, {"is_first", TYPE_BOOL},
    {"cid", TYPE_INT4},          {"name", TYPE_TEXT},       {"type", TYPE_TEXT},
    {"notnull", TYPE_BOOL},      {"dflt_value", TYPE_TEXT}, {"pk", TYPE_BOOL},
};

static bool is_of_primary_key(const struct table *t, const struct str *column)
{
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        for (size_t k = 0; k < c->column_count && c->is_primary; k++) {
            if (!column || str_ieq(c->columns[k], *column)) {
                return true;
            }
        }
    }
    return false;
}

static void duckdb_tables(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        const struct table *t = all[i];
        if (t->is_view || t->is_sequence || t->scope == SCOPE_COMMON) {
            continue;
        }
        relation_text(r, is_temporary(t) ? STR("temp") : r->ctx->database);
        relation_number(r, is_temporary(t) ? 2 : 1);
        relation_name(r, t->schema);
        relation_name(r, t->name);
        relation_text(r, t->comment);
        relation_bool(r, false);
        relation_bool(r, is_temporary(t));
        relation_bool(r, is_of_primary_key(t, NULL));
        relation_number(r, (int64_t)t->column_count);
    }
}

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
            relation_name(r, all[i]->schema);
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

/* ---- all of them ---- */

static const struct definition {
    const char *name;
    const struct relation_column *columns;
    size_t column_count;
    void (*fill)(struct relation *r);
} definitions[] = {
    {"schemata", COLUMNS(schemata_columns), schemata},
    {"tables", COLUMNS(tables_columns), tables},
    {"views", COLUMNS(views_columns), views},
    {"columns", COLUMNS(columns_columns), columns},
    {"table_constraints", COLUMNS(constraints_columns), table_constraints},
    {"key_column_usage", COLUMNS(key_columns), key_column_usage},
    {"duckdb_tables", COLUMNS(duckdb_tables_columns), duckdb_tables},
    {"duckdb_table_info", COLUMNS(table_info_columns), table_info},
};

struct node *information_schema_relation(const struct bind_context *ctx, struct str schema,
                                         struct str name)
{
    for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
        const struct definition *d = &definitions[i];
        if (str_iis(schema, "information_schema") && str_iis(name, d->name)) {
            struct relation r = relation_new(ctx, d->columns, d->column_count);
            d->fill(&r);
            return relation_query(&r);
        }
    }
    return NULL;
}
