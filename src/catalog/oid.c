/* Numbers of objects. Of those of a session's own the lowest bit is set, so that they are never
 * those of others, whose snapshot they know nothing of. */
#include "base/map.h"
#include "catalog/catalog_priv.h"

enum { OIDS = (1 << 30) - CATALOG_FIRST_OID / 2 }; /* of either sort: all are below 2^31 */

/* "kind NUL schema NUL name NUL part" */
static void put_identity(struct buf *b, const char *kind, struct str schema, struct str name,
                         size_t part)
{
    buf_printf(b, "%s", kind);
    buf_u8(b, 0);
    catalog_put_key(b, schema, name);
    buf_u8(b, 0);
    buf_printf(b, "%zu", part);
}

struct numbering {
    struct map *taken;
    struct buf identity;
    bool temporary;
};

static uint32_t number_of(struct str identity, bool temporary)
{
    return CATALOG_FIRST_OID + (uint32_t)(map_hash(identity) % OIDS) * 2 + temporary;
}

/* Where two would have the same number, the later is what it is with a mark more. */
static uint32_t number(struct numbering *n, const char *kind, struct str schema, struct str name,
                       size_t part)
{
    buf_clear(&n->identity);
    put_identity(&n->identity, kind, schema, name, part);
    for (;;) {
        uint32_t oid = number_of(buf_str(&n->identity), n->temporary);
        if (!map_put(n->taken, (struct str){(const char *)&oid, sizeof oid}, n)) {
            return oid;
        }
        buf_u8(&n->identity, '+');
    }
}

static void number_table(struct numbering *n, struct table *t)
{
    struct str schema = t->engine_schema;
    t->oid = number(n, t->is_macro ? "macro" : "table", schema, t->name, 0);
    for (size_t i = 0; i < t->index_count; i++) {
        t->indexes[i].oid = number(n, "index", schema, t->indexes[i].name, 0);
    }
    for (size_t i = 0; i < t->constraint_count; i++) {
        struct table_constraint *c = &t->constraints[i];
        c->oid = number(n, "constraint", schema, t->name, i);
        c->index_oid = c->kind == CATALOG_UNIQUE && !c->is_index
                           ? number(n, "index of constraint", schema, t->name, i)
                           : 0;
    }
}

void catalog_number(struct catalog *c, bool temporary)
{
    struct numbering n = {map_new(), BUF_INIT(0), temporary};
    size_t at = 0;
    void *type;
    struct str key;
    for (size_t i = 0; i < c->schema_count; i++) {
        c->schemas[i].oid = number(&n, "schema", c->schemas[i].engine_schema, STR(""), 0);
    }
    for (size_t i = 0; i < c->count; i++) {
        number_table(&n, c->tables[i]);
    }
    if (c->audit_log) {
        number_table(&n, c->audit_log);
    }
    while (map_next(c->types, &at, &key, &type)) {
        struct made_type *t = type;
        t->oid = number(&n, "type", t->engine_schema, t->name, 0);
        t->array_oid = number(&n, "type", t->engine_schema, t->name, 1);
    }
    buf_free(&n.identity);
    map_free(n.taken, NULL);
}

uint32_t catalog_name_oid(const char *kind, struct str name)
{
    struct buf b = BUF_INIT(0);
    put_identity(&b, kind, STR(""), name, 0);
    uint32_t oid = number_of(buf_str(&b), false);
    buf_free(&b);
    return oid;
}

uint32_t catalog_schema_oid(const struct catalog *c, struct space space, struct str schema)
{
    struct arena *a = arena_new(0);
    struct str on_engine = catalog_schema_on_engine(a, space, schema);
    struct buf b = BUF_INIT(0);
    put_identity(&b, "schema", on_engine, STR(""), 0);
    uint32_t oid = number_of(buf_str(&b), false);
    for (size_t i = 0; i < c->schema_count; i++) {
        oid = str_eq(c->schemas[i].engine_schema, on_engine) ? c->schemas[i].oid : oid;
    }
    buf_free(&b);
    arena_free(a);
    return oid;
}
