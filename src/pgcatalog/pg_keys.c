/* Constraints and indexes, and what they depend on. */
#include "base/buf.h"
#include "pgcatalog/definition.h"
#include "wire/oid.h"

static void put_places(struct relation *r, const char *column, const int *places, size_t n)
{
    relation_at(r, column);
    relation_begin_list(r);
    for (size_t i = 0; i < n; i++) {
        relation_number(r, places[i]);
    }
    relation_end_list(r);
}

/* ---- pg_index ---- */

static void put_key_types(struct relation *r, const struct pg_index *index, const int *columns,
                          size_t n)
{
    int *collations = ARENA_ARRAY(r->ctx->arena, int, n);
    int *classes = ARENA_ARRAY(r->ctx->arena, int, n);
    int *options = ARENA_ARRAY(r->ctx->arena, int, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t type =
            columns[i] ? oid_of(index->table->columns[columns[i] - 1].type) : (uint32_t)OID_TEXT;
        collations[i] = (int)pg_type_traits(type).collation;
        classes[i] = (int)pg_operator_class(type);
    }
    put_places(r, "indcollation", collations, n);
    put_places(r, "indclass", classes, n);
    put_places(r, "indoption", options, n);
}

static struct str expressions_of(struct arena *a, const struct pg_index *index)
{
    struct str all = STR_NULL;
    for (size_t i = 0; index->index && i < index->index->key_count; i++) {
        const struct index_key *key = &index->index->keys[i];
        if (key->column < 0) {
            all = all.p ? str_of(arena_printf(a, "%.*s, %.*s", STR_ARG(all), STR_ARG(key->text)))
                        : key->text;
        }
    }
    return all;
}

static void add_index(struct relation *r, const struct pg_index *index)
{
    int *columns;
    size_t n = pg_index_columns(r, index, &columns);
    relation_row(r);
    relation_put_number(r, "indexrelid", index->oid);
    relation_put_number(r, "indrelid", index->table->oid);
    relation_put_number(r, "indnatts", (int64_t)n);
    relation_put_number(r, "indnkeyatts", (int64_t)n);
    relation_put_bool(r, "indisunique", index->is_unique);
    relation_put_bool(r, "indisprimary", index->is_primary);
    relation_put_bool(r, "indimmediate", true);
    relation_put_bool(r, "indisvalid", true);
    relation_put_bool(r, "indisready", true);
    relation_put_bool(r, "indislive", true);
    put_places(r, "indkey", columns, n);
    put_key_types(r, index, columns, n);
    relation_put_text(r, "indexprs", expressions_of(r->ctx->arena, index));
}

static void pg_index(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        struct pg_index *indexes;
        size_t count = pg_indexes_of(r, all[i], &indexes);
        for (size_t k = 0; k < count; k++) {
            add_index(r, &indexes[k]);
        }
    }
}

/* ---- pg_constraint ---- */

static const char *type_letter(const struct table_constraint *c)
{
    return c->kind == CATALOG_CHECK     ? "c"
           : c->kind == CATALOG_FOREIGN ? "f"
           : c->is_primary              ? "p"
                                        : "u";
}

static void put_columns(struct relation *r, const char *column, const struct table *t,
                        const struct str *names, size_t n)
{
    int *places = ARENA_ARRAY(r->ctx->arena, int, n);
    for (size_t i = 0; i < n; i++) {
        places[i] = table_column(t, names[i]) + 1;
    }
    put_places(r, column, places, n);
}

/* A foreign key to a table that the caller may not know of refers to nothing. */
static void put_reference(struct relation *r, const struct table *other,
                          const struct table_constraint *c)
{
    relation_put_word(r, "confupdtype", "a");
    relation_put_word(r, "confdeltype", "a");
    relation_put_word(r, "confmatchtype", "s");
    if (other) {
        relation_put_number(r, "confrelid", other->oid);
        put_columns(r, "confkey", other, c->other_columns, c->column_count);
    }
}

static void add_constraint(struct relation *r, const struct table *t, size_t which,
                           const struct table *other)
{
    const struct table_constraint *c = &t->constraints[which];
    relation_row(r);
    relation_put_number(r, "oid", c->oid);
    relation_put_text(r, "conname", constraint_name(r->ctx->arena, t, which));
    relation_put_number(r, "connamespace", pg_namespace_oid(r, t->schema));
    relation_put_word(r, "contype", type_letter(c));
    relation_put_bool(r, "convalidated", true);
    relation_put_number(r, "conrelid", t->oid);
    int key = other ? constraint_referred_key(other, c) : -1;
    relation_put_number(r, "conindid", key < 0 ? c->index_oid : other->constraints[key].index_oid);
    relation_put_word(r, "confupdtype", " ");
    relation_put_word(r, "confdeltype", " ");
    relation_put_word(r, "confmatchtype", " ");
    relation_put_bool(r, "conislocal", true);
    relation_put_bool(r, "connoinherit", c->kind != CATALOG_CHECK);
    put_columns(r, "conkey", t, c->columns, c->column_count);
    if (c->kind == CATALOG_FOREIGN) {
        put_reference(r, other, c);
    }
    relation_put_text(r, "conbin", c->kind == CATALOG_CHECK ? c->text : STR_NULL);
}

static void pg_constraint(struct relation *r)
{
    const struct table *const *all;
    size_t n = pg_tables(r, &all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < all[i]->constraint_count; k++) {
            const struct table_constraint *c = &all[i]->constraints[k];
            if (!c->is_index && relation_wants_number(r, "conrelid", all[i]->oid)) {
                add_constraint(r, all[i], k, constraint_referred(all, n, all[i], c));
            }
        }
    }
}

/* ---- the text of an index ---- */

static struct str taken(struct arena *a, struct buf *b)
{
    struct str text = arena_str(a, buf_str(b));
    buf_free(b);
    return text;
}

static void put_table(struct buf *b, const struct table *t)
{
    definition_put_name(b, sql_bare_schema(t->schema));
    buf_puts(b, ".");
    definition_put_name(b, t->name);
}

struct str pg_index_definition(const struct relation *r, const struct pg_index *index)
{
    struct buf b = BUF_INIT(0);
    int *columns;
    size_t n = pg_index_columns(r, index, &columns);
    buf_printf(&b, "CREATE %sINDEX ", index->is_unique ? "UNIQUE " : "");
    definition_put_name(&b, index->name);
    buf_puts(&b, " ON ");
    put_table(&b, index->table);
    buf_puts(&b, " USING btree (");
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, i ? ", " : "");
        if (columns[i]) {
            definition_put_name(&b, index->table->columns[columns[i] - 1].name);
        } else {
            buf_put_str(&b, index->index->keys[i].text);
        }
    }
    buf_puts(&b, ")");
    return taken(r->ctx->arena, &b);
}

const struct relation_definition pg_key_relations[] = {
    {"pg_index",
     "indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, "
     "indnullsnotdistinct bool, indisprimary bool, indisexclusion bool, indimmediate bool, "
     "indisclustered bool, indisvalid bool, indcheckxmin bool, indisready bool, indislive bool, "
     "indisreplident bool, indkey int2vector, indcollation oidvector, indclass oidvector, "
     "indoption int2vector, indexprs pg_node_tree, indpred pg_node_tree",
     pg_index, 2610},
    {"pg_constraint",
     "oid oid, conname name, connamespace oid, contype char, condeferrable bool, "
     "condeferred bool, convalidated bool, conrelid oid, contypid oid, conindid oid, "
     "conparentid oid, confrelid oid, confupdtype char, confdeltype char, confmatchtype char, "
     "conislocal bool, coninhcount int4, connoinherit bool, conkey _int2, confkey _int2, "
     "conpfeqop _oid, conppeqop _oid, conffeqop _oid, confdelsetcols _int2, conexclop _oid, "
     "conbin pg_node_tree",
     pg_constraint, 2606},
    {NULL, NULL, NULL, 0},
};
