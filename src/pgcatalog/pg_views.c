/* PostgreSQL's own views over the same: what they leave out of a name's number, they join in. */
#include "base/buf.h"
#include "pgcatalog/definition.h"
#include "wire/oid.h"

static const char owner_name[] = "owner";

static void put_place(struct relation *r, const struct table *t, const char *schema,
                      const char *name)
{
    relation_put_text(r, schema, sql_bare_schema(t->schema));
    relation_put_text(r, name, t->name);
}

static bool is_plain_table(const struct table *t)
{
    return !t->is_view && !t->is_sequence;
}

typedef void (*object_fn)(struct relation *r, const struct table *t);

static void for_each(struct relation *r, object_fn fn)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        fn(r, all[i]);
    }
}

/* ---- pg_tables, pg_views, pg_sequences, pg_indexes ---- */

static void add_table(struct relation *r, const struct table *t)
{
    struct pg_index *indexes;
    if (is_plain_table(t)) {
        relation_row(r);
        put_place(r, t, "schemaname", "tablename");
        relation_put_word(r, "tableowner", owner_name);
        relation_put_null(r, "tablespace");
        relation_put_bool(r, "hasindexes", pg_indexes_of(r, t, &indexes) > 0);
    }
}

static void add_system_tables(struct relation *r)
{
    const struct system_object *all;
    size_t n = system_objects(r->ctx->arena, &all);
    for (size_t i = 0; i < n; i++) {
        if (all[i].definition->oid) {
            relation_row(r);
            relation_put_word(r, "schemaname", "pg_catalog");
            relation_put_word(r, "tablename", all[i].definition->name);
            relation_put_word(r, "tableowner", owner_name);
            relation_put_null(r, "tablespace");
        }
    }
}

static void tables(struct relation *r)
{
    for_each(r, add_table);
    add_system_tables(r);
}

static void add_view(struct relation *r, const struct table *t)
{
    if (t->is_view) {
        relation_row(r);
        put_place(r, t, "schemaname", "viewname");
        relation_put_word(r, "viewowner", owner_name);
        relation_put_text(r, "definition", pg_view_statement(r, t));
    }
}

static void views(struct relation *r)
{
    const struct system_object *all;
    size_t n = system_objects(r->ctx->arena, &all);
    for_each(r, add_view);
    for (size_t i = 0; i < n; i++) {
        if (!all[i].definition->oid) {
            relation_row(r);
            relation_put_word(r, "schemaname",
                              all[i].is_standard ? "information_schema" : "pg_catalog");
            relation_put_word(r, "viewname", all[i].definition->name);
            relation_put_word(r, "viewowner", owner_name);
        }
    }
}

/* Which number a sequence is at, only the engine knows. */
static void add_sequence(struct relation *r, const struct table *t)
{
    if (!t->is_sequence) {
        return;
    }
    relation_row(r);
    put_place(r, t, "schemaname", "sequencename");
    relation_put_word(r, "sequenceowner", owner_name);
    relation_put_number(r, "data_type", OID_INT8);
    relation_put_number(r, "start_value", t->steps.start);
    relation_put_number(r, "min_value", t->steps.min);
    relation_put_number(r, "max_value", t->steps.max);
    relation_put_number(r, "increment_by", t->steps.increment);
    relation_put_bool(r, "cycle", t->steps.cycles);
    relation_put_number(r, "cache_size", 1);
    relation_put_null(r, "last_value");
}

static void sequences(struct relation *r)
{
    for_each(r, add_sequence);
}

static void add_indexes(struct relation *r, const struct table *t)
{
    struct pg_index *indexes;
    size_t n = pg_indexes_of(r, t, &indexes);
    for (size_t i = 0; i < n; i++) {
        relation_row(r);
        put_place(r, t, "schemaname", "tablename");
        relation_put_text(r, "indexname", indexes[i].name);
        relation_put_null(r, "tablespace");
        relation_put_text(r, "indexdef", pg_index_definition(r, &indexes[i]));
    }
}

static void indexes(struct relation *r)
{
    for_each(r, add_indexes);
}

/* ---- statistics: of who reads how much nothing is told ---- */

static void add_table_statistics(struct relation *r, const struct table *t)
{
    static const char *const unknown[] = {"last_vacuum",        "last_autovacuum", "last_analyze",
                                          "last_autoanalyze",   "seq_scan",        "seq_tup_read",
                                          "n_tup_ins",          "n_tup_upd",       "n_tup_del",
                                          "n_tup_hot_upd",      "n_live_tup",      "n_dead_tup",
                                          "n_mod_since_analyze"};
    if (!is_plain_table(t)) {
        return;
    }
    relation_row(r);
    relation_put_number(r, "relid", t->oid);
    put_place(r, t, "schemaname", "relname");
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        relation_put_null(r, unknown[i]);
    }
}

static void table_statistics(struct relation *r)
{
    for_each(r, add_table_statistics);
}

static void add_index_statistics(struct relation *r, const struct table *t)
{
    struct pg_index *all;
    size_t n = pg_indexes_of(r, t, &all);
    for (size_t i = 0; i < n; i++) {
        relation_row(r);
        relation_put_number(r, "relid", t->oid);
        relation_put_number(r, "indexrelid", all[i].oid);
        put_place(r, t, "schemaname", "relname");
        relation_put_text(r, "indexrelname", all[i].name);
        relation_put_null(r, "idx_scan");
        relation_put_null(r, "idx_tup_read");
        relation_put_null(r, "idx_tup_fetch");
    }
}

static void index_statistics(struct relation *r)
{
    for_each(r, add_index_statistics);
}

const struct relation_definition pg_view_relations[] = {
    {"pg_tables",
     "schemaname name, tablename name, tableowner name, tablespace name, hasindexes bool, "
     "hasrules bool, hastriggers bool, rowsecurity bool",
     tables, 0},
    {"pg_views", "schemaname name, viewname name, viewowner name, definition text", views, 0},
    {"pg_sequences",
     "schemaname name, sequencename name, sequenceowner name, data_type regtype, "
     "start_value int8, min_value int8, max_value int8, increment_by int8, cycle bool, "
     "cache_size int8, last_value int8",
     sequences, 0},
    {"pg_indexes",
     "schemaname name, tablename name, indexname name, tablespace name, indexdef text", indexes, 0},
    {"pg_stat_user_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, "
     "idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, "
     "n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, n_ins_since_vacuum int8, "
     "last_vacuum timestamptz, last_autovacuum timestamptz, last_analyze timestamptz, "
     "last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, analyze_count int8, "
     "autoanalyze_count int8",
     table_statistics, 0},
    {"pg_stat_all_tables",
     "relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, idx_scan int8, "
     "idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, n_tup_hot_upd int8, "
     "n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, n_ins_since_vacuum int8, "
     "last_vacuum timestamptz, last_autovacuum timestamptz, last_analyze timestamptz, "
     "last_autoanalyze timestamptz, vacuum_count int8, autovacuum_count int8, analyze_count int8, "
     "autoanalyze_count int8",
     table_statistics, 0},
    {"pg_stat_user_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, "
     "idx_tup_read int8, idx_tup_fetch int8",
     index_statistics, 0},
    {"pg_stat_all_indexes",
     "relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, idx_scan int8, "
     "idx_tup_read int8, idx_tup_fetch int8",
     index_statistics, 0},
    {NULL, NULL, NULL, 0},
};
