#include "pgcatalog/information_schema.h"

#include "pgcatalog/definition.h"
#include "pgcatalog/type_words.h"

/* ---- schemata ---- */

static const struct relation_column schemata_columns[] = {
    {"catalog_name", TYPE_TEXT}, {"schema_name", TYPE_TEXT},
    {"schema_owner", TYPE_TEXT}, {"default_character_set_catalog", TYPE_TEXT},
    {"sql_path", TYPE_TEXT},
};

static void add_schema(struct relation *r, struct str name)
{
    relation_name(r, sql_database_of(r->ctx, name));
    relation_name(r, sql_bare_schema(name));
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

bool is_temporary(const struct table *t)
{
    return str_is(t->schema, CATALOG_TEMP_SCHEMA);
}

/* DuckDB keeps what is temporary in a database of its own. */
void relation_place(struct relation *r, const struct table *t)
{
    bool apart = is_temporary(t) && r->ctx->dialect == DIALECT_DUCKDB;
    relation_name(r, apart ? STR("temp") : sql_database_of(r->ctx, t->schema));
    relation_name(r, sql_bare_schema(t->schema));
    relation_name(r, t->name);
}

static void tables(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        bool writable = !all[i]->is_view && all[i]->scope != SCOPE_COMMON;
        relation_place(r, all[i]);
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
            relation_place(r, all[i]);
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

static void add_column(struct relation *r, const struct table *t, size_t i)
{
    const struct column *c = &t->columns[i];
    struct type_words w = type_words(r->ctx->arena, c->type, r->ctx->dialect);
    relation_place(r, t);
    relation_name(r, c->name);
    relation_number(r, (int64_t)i + 1);
    relation_text(r, c->default_text);
    relation_word(r, c->not_null ? "NO" : "YES");
    relation_text(r, w.name);
    relation_number_or_null(r, w.characters);
    relation_number_or_null(r, w.characters);
    relation_number_or_null(r, w.precision);
    relation_number_or_null(r, w.radix);
    relation_number_or_null(r, w.scale);
    relation_number_or_null(r, w.fraction);
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

/* ---- character sets ---- */

static const struct relation_column character_sets_columns[] = {
    {"character_set_catalog", TYPE_TEXT},
    {"character_set_schema", TYPE_TEXT},
    {"character_set_name", TYPE_TEXT},
    {"character_repertoire", TYPE_TEXT},
    {"form_of_use", TYPE_TEXT},
    {"default_collate_catalog", TYPE_TEXT},
    {"default_collate_schema", TYPE_TEXT},
    {"default_collate_name", TYPE_TEXT},
};

static void character_sets(struct relation *r)
{
    relation_null(r);
    relation_null(r);
    relation_word(r, "UTF8");
    relation_word(r, "UCS");
    relation_word(r, "UTF8");
    relation_name(r, r->ctx->database);
    relation_null(r);
    relation_word(r, "ucs_basic");
}

/* ---- all of them ---- */

static const struct relation_definition definitions[] = {
    {"schemata", RELATION_COLUMNS(schemata_columns), schemata},
    {"tables", RELATION_COLUMNS(tables_columns), tables},
    {"views", RELATION_COLUMNS(views_columns), views},
    {"columns", RELATION_COLUMNS(columns_columns), columns},
    {"character_sets", RELATION_COLUMNS(character_sets_columns), character_sets},
    {NULL, NULL, 0, NULL},
};

static struct node *find_in(const struct bind_context *ctx, const struct relation_definition *d,
                            struct str name)
{
    while (d->name && !str_iis(name, d->name)) {
        d++;
    }
    if (!d->name) {
        return NULL;
    }
    struct relation r = relation_new(ctx, d->columns, d->column_count);
    d->fill(&r);
    return relation_query(&r);
}

struct node *information_schema_relation(const struct bind_context *ctx, struct str schema,
                                         struct str name)
{
    const struct relation_definition *const all[] = {definitions, constraint_relations,
                                                     duckdb_relations};
    struct node *query = NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all && !query; i++) {
        query = str_iis(schema, "information_schema") ? find_in(ctx, all[i], name) : NULL;
    }
    return query;
}
