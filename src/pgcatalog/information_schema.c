/* information_schema: the views of the SQL standard over what the caller may know of, with
 * PostgreSQL's columns, and a comment behind them where Snowflake has one. */
#include "pgcatalog/definition.h"
#include "pgcatalog/type_words.h"
#include "wire/oid.h"

#define OWNER "owner"

/* ---- schemata ---- */

static void add_schema(struct relation *r, struct str name)
{
    relation_null_row(r);
    relation_name(relation_at(r, "catalog_name"), sql_database_of(r->ctx, name));
    relation_name(relation_at(r, "schema_name"), sql_bare_schema(name));
    relation_name(relation_at(r, "schema_owner"), STR(OWNER));
}

static void schemata(struct relation *r)
{
    const struct table **all = NULL;
    struct str *names = NULL;
    size_t n = sql_list_schemas(r->ctx, &names);
    for (size_t i = 0; i < n; i++) {
        add_schema(r, names[i]);
    }
    add_schema(r, STR("information_schema"));
    add_schema(r, STR("pg_catalog"));
    n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->scope == SCOPE_AUDIT) {
            add_schema(r, all[i]->schema);
        }
    }
}

static void catalog_name(struct relation *r)
{
    relation_name(r, r->ctx->current.n ? r->ctx->current : r->ctx->database);
}

/* ---- tables, views, sequences ---- */

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

static bool is_writable(const struct table *t)
{
    return !t->is_view && t->scope != SCOPE_COMMON && t->scope != SCOPE_AUDIT;
}

static const char *yes_or_no(bool yes)
{
    return yes ? "YES" : "NO";
}

static void tables(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        relation_null_row(r);
        relation_place(r, all[i]);
        relation_put_word(r, "table_type",
                          all[i]->is_view        ? "VIEW"
                          : is_temporary(all[i]) ? "LOCAL TEMPORARY"
                                                 : "BASE TABLE");
        relation_put_word(r, "is_insertable_into", yes_or_no(is_writable(all[i])));
        relation_put_word(r, "is_typed", "NO");
        relation_put_word(r, "commit_action", is_temporary(all[i]) ? "PRESERVE" : NULL);
        relation_put_text(r, "comment", all[i]->comment);
    }
}

/* Its text names what it reads, which whoever reads the view needn't know of. */
struct str pg_view_definition(const struct relation *r, const struct table *t)
{
    return r->ctx->sees_definitions && t->definition.n ? t->definition : STR_NULL;
}

struct str pg_view_statement(const struct relation *r, const struct table *t)
{
    struct str text = pg_view_definition(r, t);
    return text.p ? str_of(arena_printf(r->ctx->arena, "%.*s;", STR_ARG(text))) : text;
}

static void views(struct relation *r)
{
    static const char *const never[] = {"is_updatable", "is_insertable_into",
                                        "is_trigger_updatable", "is_trigger_deletable",
                                        "is_trigger_insertable_into"};
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        if (!all[i]->is_view) {
            continue;
        }
        relation_null_row(r);
        relation_place(r, all[i]);
        relation_put_text(r, "view_definition", pg_view_definition(r, all[i]));
        relation_put_word(r, "check_option", "NONE");
        for (size_t k = 0; k < sizeof never / sizeof *never; k++) {
            relation_put_word(r, never[k], "NO");
        }
        relation_put_text(r, "comment", all[i]->comment);
    }
}

/* A number as the text that the standard wants. */
static void put_whole(struct relation *r, const char *column, int64_t n)
{
    relation_put_word(r, column, arena_printf(r->ctx->arena, "%lld", (long long)n));
}

static void sequences(struct relation *r)
{
    const struct table *const *all;
    size_t n = sql_list_relations(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->is_sequence) {
            relation_null_row(r);
            relation_place(r, all[i]);
            relation_put_word(r, "data_type", "bigint");
            relation_put_number(r, "numeric_precision", 64);
            relation_put_number(r, "numeric_precision_radix", 2);
            relation_put_number(r, "numeric_scale", 0);
            put_whole(r, "start_value", all[i]->steps.start);
            put_whole(r, "minimum_value", all[i]->steps.min);
            put_whole(r, "maximum_value", all[i]->steps.max);
            put_whole(r, "increment", all[i]->steps.increment);
            relation_put_word(r, "cycle_option", all[i]->steps.cycles ? "YES" : "NO");
        }
    }
}

/* ---- columns ---- */

static void put_type(struct relation *r, const struct type *type)
{
    struct type_words w = type_words(r->ctx->arena, type, r->ctx->dialect);
    relation_put_text(r, "data_type", w.name);
    relation_number_or_null(relation_at(r, "character_maximum_length"), w.characters);
    relation_number_or_null(relation_at(r, "character_octet_length"), w.characters);
    relation_number_or_null(relation_at(r, "numeric_precision"), w.precision);
    relation_number_or_null(relation_at(r, "numeric_precision_radix"), w.radix);
    relation_number_or_null(relation_at(r, "numeric_scale"), w.scale);
    relation_number_or_null(relation_at(r, "datetime_precision"), w.fraction);
    relation_name(relation_at(r, "udt_catalog"), r->ctx->database);
    relation_put_word(r, "udt_schema", "pg_catalog");
    relation_put_text(r, "udt_name", pg_type_name(r->ctx->arena, oid_of(type)));
}

static void put_ordinal(struct relation *r, size_t i)
{
    relation_put_word(r, "dtd_identifier", arena_printf(r->ctx->arena, "%zu", i));
}

static void add_column(struct relation *r, const struct table *t, size_t i)
{
    const struct column *c = &t->columns[i];
    relation_null_row(r);
    relation_place(r, t);
    relation_name(r, c->name);
    relation_put_number(r, "ordinal_position", (int64_t)i + 1);
    relation_put_text(r, "column_default", c->generated.p ? STR_NULL : c->default_text);
    relation_put_word(r, "is_nullable", yes_or_no(!c->not_null));
    put_type(r, c->type);
    put_ordinal(r, i + 1);
    relation_put_word(r, "is_self_referencing", "NO");
    relation_put_word(r, "is_identity", "NO");
    relation_put_word(r, "identity_cycle", "NO");
    relation_put_word(r, "is_generated", c->generated.p ? "ALWAYS" : "NEVER");
    relation_put_text(r, "generation_expression", c->generated);
    relation_put_word(r, "is_updatable", yes_or_no(is_writable(t) && !c->generated.p));
    relation_put_text(r, "comment", c->comment);
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

/* Of the columns that are lists, what they are lists of. */
static void element_types(struct relation *r)
{
    const struct table **all = NULL;
    size_t n = sql_list_tables(r->ctx, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->column_count; k++) {
            const struct type *type = all[i]->columns[k].type;
            if (oid_element_of(oid_of(type)) != OID_NONE) {
                relation_null_row(r);
                relation_place(r, all[i]);
                relation_word(r, "TABLE");
                relation_put_word(r, "collection_type_identifier",
                                  arena_printf(r->ctx->arena, "%zu", k + 1));
                put_type(r, type->child);
                put_ordinal(r, k + 1);
            }
        }
    }
}

/* ---- functions ---- */

static void routines(struct relation *r)
{
    const struct table **macros;
    size_t n = sql_list_macros(r->ctx, &macros);
    for (size_t i = 0; i < n; i++) {
        const struct table *m = macros[i];
        relation_null_row(r);
        relation_place(r, m); /* the specific name is its number's: no two have the same */
        relation_put_word(r, "specific_name",
                          arena_printf(r->ctx->arena, "%.*s_%u", STR_ARG(m->name), m->oid));
        relation_name(relation_at(r, "routine_catalog"), sql_database_of(r->ctx, m->schema));
        relation_name(relation_at(r, "routine_schema"), sql_bare_schema(m->schema));
        relation_name(relation_at(r, "routine_name"), m->name);
        relation_put_word(r, "routine_type", "FUNCTION");
        relation_put_word(r, "routine_body", "SQL");
        relation_put_word(r, "external_language", "SQL");
        relation_put_word(r, "is_deterministic", "NO");
        relation_put_word(r, "security_type", "INVOKER");
    }
}

/* ---- types ---- */

static void domains(struct relation *r)
{
    const struct made_type **made;
    size_t n = sql_list_types(r->ctx, &made);
    for (size_t i = 0; i < n; i++) {
        if (made[i]->type->kind != TYPE_ENUM) {
            relation_null_row(r);
            relation_name(r, sql_database_of(r->ctx, made[i]->schema));
            relation_name(r, sql_bare_schema(made[i]->schema));
            relation_name(r, made[i]->name);
            put_type(r, made[i]->type);
            put_ordinal(r, 1);
        }
    }
}

static void character_sets(struct relation *r)
{
    relation_null_row(r);
    relation_put_word(r, "character_set_name", "UTF8");
    relation_put_word(r, "character_repertoire", "UCS");
    relation_put_word(r, "form_of_use", "UTF8");
    relation_name(relation_at(r, "default_collate_catalog"), r->ctx->database);
    relation_put_word(r, "default_collate_name", "ucs_basic");
}

static void collations(struct relation *r)
{
    static const char *const names[] = {"default", "C", "POSIX"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        relation_null_row(r);
        relation_name(relation_at(r, "collation_catalog"), r->ctx->database);
        relation_put_word(r, "collation_schema", "pg_catalog");
        relation_put_word(r, "collation_name", names[i]);
        relation_put_word(r, "pad_attribute", "NO PAD");
    }
}

/* ---- roles ---- */

static void enabled_roles(struct relation *r)
{
    relation_text(r, r->ctx->session_role);
    relation_text(r, r->ctx->session_user);
}

static void applicable_roles(struct relation *r)
{
    relation_text(r, r->ctx->session_user);
    relation_text(r, r->ctx->session_role);
    relation_word(r, "NO");
}

const struct relation_definition standard_relations[] = {
    {"schemata",
     "catalog_name name, schema_name name, schema_owner name, default_character_set_catalog name, "
     "default_character_set_schema name, default_character_set_name name, sql_path text",
     schemata, 0},
    {"information_schema_catalog_name", "catalog_name name", catalog_name, 0},
    {"tables",
     "table_catalog name, table_schema name, table_name name, table_type text, "
     "self_referencing_column_name name, reference_generation text, "
     "user_defined_type_catalog name, user_defined_type_schema name, user_defined_type_name name, "
     "is_insertable_into text, is_typed text, commit_action text, comment text",
     tables, 0},
    {"views",
     "table_catalog name, table_schema name, table_name name, view_definition text, "
     "check_option text, is_updatable text, is_insertable_into text, is_trigger_updatable text, "
     "is_trigger_deletable text, is_trigger_insertable_into text, comment text",
     views, 0},
    {"sequences",
     "sequence_catalog name, sequence_schema name, sequence_name name, data_type text, "
     "numeric_precision int4, numeric_precision_radix int4, numeric_scale int4, start_value text, "
     "minimum_value text, maximum_value text, increment text, cycle_option text",
     sequences, 0},
    {"columns",
     "table_catalog name, table_schema name, table_name name, column_name name, "
     "ordinal_position int4, column_default text, is_nullable text, data_type text, "
     "character_maximum_length int4, character_octet_length int4, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, "
     "interval_type text, interval_precision int4, character_set_catalog name, "
     "character_set_schema name, character_set_name name, collation_catalog name, "
     "collation_schema name, collation_name name, domain_catalog name, domain_schema name, "
     "domain_name name, udt_catalog name, udt_schema name, udt_name name, scope_catalog name, "
     "scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name, "
     "is_self_referencing text, is_identity text, identity_generation text, identity_start text, "
     "identity_increment text, identity_maximum text, identity_minimum text, identity_cycle text, "
     "is_generated text, generation_expression text, is_updatable text, comment text",
     columns, 0},
    {"element_types",
     "object_catalog name, object_schema name, object_name name, object_type text, "
     "collection_type_identifier name, data_type text, character_maximum_length int4, "
     "character_octet_length int4, character_set_catalog name, character_set_schema name, "
     "character_set_name name, collation_catalog name, collation_schema name, "
     "collation_name name, numeric_precision int4, numeric_precision_radix int4, "
     "numeric_scale int4, datetime_precision int4, interval_type text, interval_precision int4, "
     "domain_default text, udt_catalog name, udt_schema name, udt_name name, scope_catalog name, "
     "scope_schema name, scope_name name, maximum_cardinality int4, dtd_identifier name",
     element_types, 0},
    {"routines",
     "specific_catalog name, specific_schema name, specific_name name, routine_catalog name, "
     "routine_schema name, routine_name name, routine_type text, module_catalog name, "
     "module_schema name, module_name name, udt_catalog name, udt_schema name, udt_name name, "
     "data_type text, character_maximum_length int4, character_octet_length int4, "
     "character_set_catalog name, character_set_schema name, character_set_name name, "
     "collation_catalog name, collation_schema name, collation_name name, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, "
     "interval_type text, interval_precision int4, type_udt_catalog name, type_udt_schema name, "
     "type_udt_name name, scope_catalog name, scope_schema name, scope_name name, "
     "maximum_cardinality int4, dtd_identifier name, routine_body text, routine_definition text, "
     "external_name text, external_language text, parameter_style text, is_deterministic text, "
     "sql_data_access text, is_null_call text, sql_path text, schema_level_routine text, "
     "max_dynamic_result_sets int4, is_user_defined_cast text, is_implicitly_invocable text, "
     "security_type text, to_sql_specific_catalog name, to_sql_specific_schema name, "
     "to_sql_specific_name name, as_locator text, created timestamptz, last_altered timestamptz, "
     "new_savepoint_level text, is_udt_dependent text, result_cast_from_data_type text, "
     "result_cast_as_locator text, result_cast_char_max_length int4, "
     "result_cast_char_octet_length int4, result_cast_char_set_catalog name, "
     "result_cast_char_set_schema name, result_cast_char_set_name name, "
     "result_cast_collation_catalog name, result_cast_collation_schema name, "
     "result_cast_collation_name name, result_cast_numeric_precision int4, "
     "result_cast_numeric_precision_radix int4, result_cast_numeric_scale int4, "
     "result_cast_datetime_precision int4, result_cast_interval_type text, "
     "result_cast_interval_precision int4, result_cast_type_udt_catalog name, "
     "result_cast_type_udt_schema name, result_cast_type_udt_name name, "
     "result_cast_scope_catalog name, result_cast_scope_schema name, result_cast_scope_name name, "
     "result_cast_maximum_cardinality int4, result_cast_dtd_identifier name",
     routines, 0},
    {"domains",
     "domain_catalog name, domain_schema name, domain_name name, data_type text, "
     "character_maximum_length int4, character_octet_length int4, character_set_catalog name, "
     "character_set_schema name, character_set_name name, collation_catalog name, "
     "collation_schema name, collation_name name, numeric_precision int4, "
     "numeric_precision_radix int4, numeric_scale int4, datetime_precision int4, "
     "interval_type text, interval_precision int4, domain_default text, udt_catalog name, "
     "udt_schema name, udt_name name, scope_catalog name, scope_schema name, scope_name name, "
     "maximum_cardinality int4, dtd_identifier name",
     domains, 0},
    {"character_sets",
     "character_set_catalog name, character_set_schema name, character_set_name name, "
     "character_repertoire name, form_of_use name, default_collate_catalog name, "
     "default_collate_schema name, default_collate_name name",
     character_sets, 0},
    {"collations",
     "collation_catalog name, collation_schema name, collation_name name, pad_attribute text",
     collations, 0},
    {"enabled_roles", "role_name name", enabled_roles, 0},
    {"applicable_roles", "grantee name, role_name name, is_grantable text", applicable_roles, 0},
    {NULL, NULL, NULL, 0},
};
