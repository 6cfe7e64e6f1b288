/* Tables, views, sequences and indexes, their columns and comments. */
#include "catalog/audit_log.h"
#include "pgcatalog/definition.h"
#include "wire/oid.h"

/* ---- what there is ---- */

size_t pg_tables(const struct relation *r, const struct table *const **out)
{
    const struct table *const *all;
    size_t n = sql_list_relations(r->ctx, &all), kept = 0;
    const struct table **here = ARENA_ARRAY(r->ctx->arena, const struct table *, n);
    for (size_t i = 0; i < n; i++) {
        struct str schema = all[i]->schema;
        if (str_ieq(sql_in_database(r->ctx, sql_bare_schema(schema)), schema)) {
            here[kept++] = all[i];
        }
    }
    *out = here;
    return kept;
}

size_t pg_indexes_of(const struct relation *r, const struct table *t, struct pg_index **out)
{
    size_t n = 0;
    *out = ARENA_ARRAY(r->ctx->arena, struct pg_index, t->index_count + t->constraint_count);
    for (size_t i = 0; i < t->index_count; i++) {
        const struct table_index *index = &t->indexes[i];
        (*out)[n++] = (struct pg_index){.table = t,
                                        .name = index->name,
                                        .oid = index->oid,
                                        .index = index,
                                        .is_unique = index->is_unique};
    }
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *key = &t->constraints[i];
        if (key->kind == CATALOG_UNIQUE && !key->is_index) {
            (*out)[n++] = (struct pg_index){.table = t,
                                            .name = constraint_name(r->ctx->arena, t, i),
                                            .oid = key->index_oid,
                                            .key = key,
                                            .is_unique = true,
                                            .is_primary = key->is_primary};
        }
    }
    return n;
}

size_t pg_index_columns(const struct relation *r, const struct pg_index *i, int **out)
{
    size_t n = i->key ? i->key->column_count : i->index->key_count;
    *out = ARENA_ARRAY(r->ctx->arena, int, n);
    for (size_t k = 0; k < n; k++) {
        (*out)[k] =
            1 + (i->key ? table_column(i->table, i->key->columns[k]) : i->index->keys[k].column);
    }
    return n;
}

uint32_t pg_namespace_oid(const struct relation *r, struct str schema)
{
    return str_iis(schema, CATALOG_PUBLIC_SCHEMA)
               ? OID_OF_PUBLIC
               : catalog_schema_oid(r->ctx->catalog, r->ctx->space, schema);
}

/* ---- pg_namespace ---- */

static void add_namespace(struct relation *r, uint32_t oid, struct str name)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_text(r, "nspname", name);
    relation_put_number(r, "nspowner", OID_OF_OWNER);
    if (oid == OID_OF_PUBLIC) { /* as PostgreSQL makes it: everyone uses it */
        relation_at(r, "nspacl");
        relation_begin_list(r);
        relation_text(r, STR("owner=UC/owner"));
        relation_text(r, STR("=U/owner"));
        relation_end_list(r);
    }
}

static bool has_table_in(const struct relation *r, const char *schema)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all), i = 0;
    while (i < n && !str_iis(all[i]->schema, schema)) {
        i++;
    }
    return i < n;
}

static void pg_namespace(struct relation *r)
{
    struct str *names = NULL;
    size_t n = sql_list_schemas(r->ctx, &names);
    add_namespace(r, OID_OF_PG_CATALOG, STR("pg_catalog"));
    add_namespace(r, OID_OF_INFORMATION_SCHEMA, STR("information_schema"));
    for (size_t i = 0; i < n; i++) {
        struct str bare = sql_bare_schema(names[i]);
        if (str_ieq(sql_in_database(r->ctx, bare), names[i])) {
            add_namespace(r, pg_namespace_oid(r, names[i]), bare);
        }
    }
    static const char *const only_with_tables[] = {CATALOG_SYSTEM_SCHEMA, CATALOG_TEMP_SCHEMA};
    for (size_t i = 0; i < 2; i++) {
        if (has_table_in(r, only_with_tables[i])) {
            struct str name = str_of(only_with_tables[i]);
            add_namespace(r, pg_namespace_oid(r, name), name);
        }
    }
}

/* ---- pg_class ---- */

static void begin_class(struct relation *r, uint32_t oid, struct str name, uint32_t space)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_text(r, "relname", name);
    relation_put_number(r, "relnamespace", space);
    relation_put_number(r, "relowner", OID_OF_OWNER);
    relation_put_number(r, "reltuples",
                        -1); /* how many there are tells of rows that aren't shown */
    relation_put_word(r, "relpersistence", "p");
    relation_put_word(r, "relreplident", "n");
    relation_put_bool(r, "relispopulated", true);
}

static size_t count_checks(const struct table *t)
{
    size_t checks = 0;
    for (size_t i = 0; i < t->constraint_count; i++) {
        checks += t->constraints[i].kind == CATALOG_CHECK;
    }
    return checks;
}

static void add_table(struct relation *r, const struct table *t, bool has_index)
{
    bool is_table = !t->is_view && !t->is_sequence;
    begin_class(r, t->oid, t->name, pg_namespace_oid(r, t->schema));
    relation_put_number(r, "relam", is_table ? OID_OF_HEAP : 0);
    relation_put_bool(r, "relhasindex", has_index);
    relation_put_word(r, "relpersistence", is_temporary(t) ? "t" : "p");
    relation_put_word(r, "relkind", t->is_view ? "v" : t->is_sequence ? "S" : "r");
    relation_put_number(r, "relnatts", (int64_t)t->column_count);
    relation_put_number(r, "relchecks", (int64_t)count_checks(t));
    relation_put_bool(r, "relhasrules", t->is_view);
    /* Has, or had once: psql asks for foreign keys only of such, and which has any would tell of
     * tables that aren't shown. */
    relation_put_bool(r, "relhastriggers", is_table);
    relation_put_word(r, "relreplident", is_table ? "d" : "n");
}

static void add_index(struct relation *r, const struct pg_index *i)
{
    int *columns;
    begin_class(r, i->oid, i->name, pg_namespace_oid(r, i->table->schema));
    relation_put_number(r, "relam", OID_OF_BTREE);
    relation_put_word(r, "relpersistence", is_temporary(i->table) ? "t" : "p");
    relation_put_word(r, "relkind", "i");
    relation_put_number(r, "relnatts", (int64_t)pg_index_columns(r, i, &columns));
}

static void add_system_class(struct relation *r, const struct system_object *o)
{
    const struct relation_column *columns;
    const struct relation_definition *d = o->definition;
    if (!relation_wants_text(r, "relname", str_of(d->name)) ||
        !relation_wants_number(r, "oid", o->oid)) {
        return;
    }
    begin_class(r, o->oid, str_of(d->name),
                o->is_standard ? OID_OF_INFORMATION_SCHEMA : OID_OF_PG_CATALOG);
    relation_put_number(r, "relam", d->oid ? OID_OF_HEAP : 0);
    relation_put_word(r, "relkind", d->oid ? "r" : "v");
    relation_put_number(r, "relnatts",
                        (int64_t)relation_columns(r->ctx->arena, d->columns, &columns));
}

static void pg_class(struct relation *r)
{
    const struct table *const *all;
    const struct system_object *system;
    size_t n = pg_tables(r, &all), systems = system_objects(r->ctx->arena, &system);
    for (size_t i = 0; i < n; i++) {
        struct pg_index *indexes;
        size_t count = pg_indexes_of(r, all[i], &indexes);
        add_table(r, all[i], count > 0);
        for (size_t k = 0; k < count; k++) {
            add_index(r, &indexes[k]);
        }
    }
    for (size_t i = 0; i < systems; i++) {
        add_system_class(r, &system[i]);
    }
}

/* ---- pg_attribute ---- */

static void begin_attribute(struct relation *r, uint32_t of, size_t number, struct str name,
                            const struct type *t)
{
    uint32_t oid = oid_of(t);
    const struct pg_type_traits traits = pg_type_traits(oid);
    relation_row(r);
    relation_put_number(r, "attrelid", of);
    relation_put_text(r, "attname", name);
    relation_put_number(r, "atttypid", oid);
    relation_put_number(r, "attstattarget", -1);
    relation_put_number(r, "attlen", oid_typlen(oid));
    relation_put_number(r, "attnum", (int64_t)number);
    relation_put_number(r, "attndims", oid_element_of(oid) != OID_NONE);
    relation_put_number(r, "attcacheoff", -1);
    relation_put_number(r, "atttypmod", oid_typmod(t));
    relation_put_bool(r, "attbyval", traits.by_value);
    relation_put_text(r, "attalign", (struct str){traits.align, 1});
    relation_put_text(r, "attstorage", (struct str){traits.storage, 1});
    relation_put_bool(r, "attislocal", true);
    relation_put_number(r, "attcollation", traits.collation);
}

static void add_columns(struct relation *r, const struct table *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        begin_attribute(r, t->oid, i + 1, c->name, c->type);
        relation_put_bool(r, "attnotnull", c->not_null);
        relation_put_bool(r, "atthasdef", c->has_default || c->generated.p);
        relation_put_word(r, "attgenerated", c->generated.p ? "s" : "");
    }
}

static void add_index_columns(struct relation *r, const struct pg_index *index)
{
    int *columns;
    size_t n = pg_index_columns(r, index, &columns);
    for (size_t k = 0; k < n; k++) {
        const struct column *c = columns[k] ? &index->table->columns[columns[k] - 1] : NULL;
        begin_attribute(r, index->oid, k + 1, c ? c->name : STR("expr"),
                        c ? c->type : type_simple(TYPE_TEXT));
    }
}

static void add_system_columns(struct relation *r, const struct system_object *o)
{
    const struct relation_column *columns;
    size_t n = relation_columns(r->ctx->arena, o->definition->columns, &columns);
    for (size_t i = 0; i < n; i++) {
        begin_attribute(r, o->oid, i + 1, columns[i].name, columns[i].type);
    }
}

static void pg_attribute(struct relation *r)
{
    const struct table *const *all;
    const struct system_object *system;
    size_t n = pg_tables(r, &all), systems = system_objects(r->ctx->arena, &system);
    for (size_t i = 0; i < n; i++) {
        struct pg_index *indexes;
        size_t count = pg_indexes_of(r, all[i], &indexes);
        if (relation_wants_number(r, "attrelid", all[i]->oid)) {
            add_columns(r, all[i]);
        }
        for (size_t k = 0; k < count; k++) {
            if (relation_wants_number(r, "attrelid", indexes[k].oid)) {
                add_index_columns(r, &indexes[k]);
            }
        }
    }
    for (size_t i = 0; i < systems; i++) {
        if (relation_wants_number(r, "attrelid", system[i].oid)) {
            add_system_columns(r, &system[i]);
        }
    }
}

/* ---- pg_attrdef: in this catalog a default's number is that of its table and column ---- */

static struct str next_of(struct arena *a, const struct table *t, struct str sequence)
{
    struct buf b = BUF_INIT(0);
    buf_puts(&b, "nextval('");
    definition_put_name(&b, sql_bare_schema(t->schema));
    buf_puts(&b, ".");
    definition_put_name(&b, sequence);
    buf_puts(&b, "'::regclass)");
    struct str text = arena_str(a, buf_str(&b));
    buf_free(&b);
    return text;
}

/* What PostgreSQL has as words, and the engine as functions. */
static struct str as_postgres(struct str text)
{
    return str_is(text, "current_date()")            ? STR("CURRENT_DATE")
           : str_is(text, "get_current_timestamp()") ? STR("CURRENT_TIMESTAMP")
                                                     : text;
}

static void pg_attrdef(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->column_count; k++) {
            const struct column *c = &all[i]->columns[k];
            struct str text = c->generated.p  ? c->generated
                              : c->sequence.n ? next_of(r->ctx->arena, all[i], c->sequence)
                                              : as_postgres(c->default_text);
            if (text.p) {
                relation_row(r);
                relation_put_number(r, "oid", all[i]->oid + (int64_t)k);
                relation_put_number(r, "adrelid", all[i]->oid);
                relation_put_number(r, "adnum", (int64_t)k + 1);
                relation_put_text(r, "adbin", text);
            }
        }
    }
}

/* ---- comments ---- */

static void add_comment(struct relation *r, uint32_t class, uint32_t oid, size_t column,
                        struct str text)
{
    if (text.n) {
        relation_row(r);
        relation_put_number(r, "objoid", oid);
        relation_put_number(r, "classoid", class);
        relation_put_number(r, "objsubid", (int64_t)column);
        relation_put_text(r, "description", text);
    }
}

static void pg_description(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    add_comment(r, OID_OF_PG_NAMESPACE, OID_OF_PUBLIC, 0, STR("standard public schema"));
    for (size_t i = 0; i < n; i++) {
        add_comment(r, OID_OF_PG_CLASS, all[i]->oid, 0, all[i]->comment);
        for (size_t k = 0; k < all[i]->column_count; k++) {
            add_comment(r, OID_OF_PG_CLASS, all[i]->oid, k + 1, all[i]->columns[k].comment);
        }
    }
}

/* ---- views and sequences ---- */

static void pg_rewrite(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->is_view) {
            relation_row(r);
            relation_put_number(r, "oid", all[i]->oid);
            relation_put_word(r, "rulename", "_RETURN");
            relation_put_number(r, "ev_class", all[i]->oid);
            relation_put_word(r, "ev_type", "1");
            relation_put_word(r, "ev_enabled", "O");
            relation_put_bool(r, "is_instead", true);
        }
    }
}

static void pg_sequence(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->is_sequence) {
            relation_row(r);
            relation_put_number(r, "seqrelid", all[i]->oid);
            relation_put_number(r, "seqtypid", OID_INT8);
            relation_put_number(r, "seqstart", all[i]->steps.start);
            relation_put_number(r, "seqincrement", all[i]->steps.increment);
            relation_put_number(r, "seqmax", all[i]->steps.max);
            relation_put_number(r, "seqmin", all[i]->steps.min);
            relation_put_number(r, "seqcache", 1);
            relation_put_bool(r, "seqcycle", all[i]->steps.cycles);
        }
    }
}

const struct relation_definition pg_object_relations[] = {
    {"pg_namespace", "oid oid, nspname name, nspowner oid, nspacl _aclitem", pg_namespace, 2615},
    {"pg_class",
     "oid oid, relname name, relnamespace oid, reltype oid, reloftype oid, relowner oid, "
     "relam oid, relfilenode oid, reltablespace oid, relpages int4, reltuples float4, "
     "relallvisible int4, reltoastrelid oid, relhasindex bool, relisshared bool, "
     "relpersistence char, relkind char, relnatts int2, relchecks int2, relhasrules bool, "
     "relhastriggers bool, relhassubclass bool, relrowsecurity bool, relforcerowsecurity bool, "
     "relispopulated bool, relreplident char, relispartition bool, relrewrite oid, "
     "relfrozenxid xid, relminmxid xid, relacl _aclitem, reloptions _text, "
     "relpartbound pg_node_tree",
     pg_class, 1259},
    {"pg_attribute",
     "attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, "
     "attndims int4, attcacheoff int4, atttypmod int4, attbyval bool, attalign char, "
     "attstorage char, attcompression char, attnotnull bool, atthasdef bool, atthasmissing bool, "
     "attidentity char, attgenerated char, attisdropped bool, attislocal bool, attinhcount int4, "
     "attcollation oid, attacl _aclitem, attoptions _text, attfdwoptions _text, attmissingval text",
     pg_attribute, 1249},
    {"pg_attrdef", "oid oid, adrelid oid, adnum int2, adbin pg_node_tree", pg_attrdef, 2604},
    {"pg_description", "objoid oid, classoid oid, objsubid int4, description text", pg_description,
     2609},
    {"pg_rewrite",
     "oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead bool, "
     "ev_qual pg_node_tree, ev_action pg_node_tree",
     pg_rewrite, 2618},
    {"pg_sequence",
     "seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, "
     "seqcache int8, seqcycle bool",
     pg_sequence, 2224},
    {NULL, NULL, NULL, 0},
};
