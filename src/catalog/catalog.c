/* The snapshot is one arena, one array of tables sorted by engine schema and name, and one hash map
 * under folded names; nothing in it changes after catalog_build(), so threads share it without
 * locks.
 *
 * Whose table it is follows from its engine schema (engine_name.c) and from nothing else. Tags that
 * one organization gave to a shared table live on a copy of that table under the organization's
 * name: another organization never meets them. */
#include "catalog/catalog_priv.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "catalog/audit_log.h"

/* ---- names ---- */

int catalog_compare(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++) {
        int d = (unsigned char)catalog_fold(a.p[i]) - (unsigned char)catalog_fold(b.p[i]);
        if (d) {
            return d;
        }
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

/* "schema NUL name", folded: the key of the map. A NUL stands in no name. */
void catalog_put_key(struct buf *b, struct str schema, struct str name)
{
    buf_put_str(b, schema);
    buf_u8(b, 0);
    for (size_t i = 0; i < name.n; i++) {
        buf_u8(b, (uint8_t)catalog_fold(name.p[i]));
    }
}

/* Of a shared table as one organization sees it. */
void catalog_put_shared_key(struct buf *b, struct str org_id, struct str name)
{
    catalog_put_schema(b, (struct space){.org_id = org_id}, STR(CATALOG_PUBLIC_SCHEMA), false);
    buf_u8(b, 0);
    buf_puts(b, CATALOG_SHARED_SCHEMA);
    catalog_put_key(b, STR(""), name);
}

struct table *catalog_lookup_shared(const struct catalog *c, struct str org_id, struct str name)
{
    struct buf key = BUF_INIT(0);
    catalog_put_shared_key(&key, org_id, name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

static struct table *lookup_in(const struct catalog *c, struct str engine_schema, struct str name)
{
    struct buf key = BUF_INIT(0);
    catalog_put_key(&key, engine_schema, name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

static struct table *lookup_own(const struct catalog *c, struct space space, struct str schema,
                                struct str name)
{
    struct buf key = BUF_INIT(0);
    catalog_put_schema(&key, space, schema, false);
    catalog_put_key(&key, STR(""), name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

/* ---- texts of views ---- */

#define VIEW_COMMENT "comment:"

struct str catalog_view_text(struct arena *a, struct str comment, struct str definition)
{
    return str_of(arena_printf(a, VIEW_COMMENT "%zu:%.*s%.*s", comment.n, STR_ARG(comment),
                               STR_ARG(definition)));
}

void catalog_read_view_text(struct str text, struct str *comment, struct str *definition)
{
    struct str rest = text;
    int64_t length;
    *comment = STR_NULL;
    *definition = text;
    if (!str_starts(text, VIEW_COMMENT)) {
        return;
    }
    str_cut(&rest, ':');
    if (str_to_i64(str_cut(&rest, ':'), &length) && length >= 0 && (size_t)length <= rest.n) {
        *comment = (struct str){rest.p, (size_t)length};
        *definition = (struct str){rest.p + length, rest.n - (size_t)length};
    }
}

struct catalog *catalog_ref(struct catalog *c)
{
    atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
    return c;
}

void catalog_unref(struct catalog *c)
{
    if (c && atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) == 1) {
        map_free(c->by_name, NULL);
        map_free(c->types, NULL);
        arena_free(c->arena);
        free(c);
    }
}

uint64_t catalog_version(const struct catalog *c)
{
    return c->version;
}

/* ---- asking ---- */

static const struct table *find_shared(const struct catalog *c, struct str org_id, struct str name)
{
    const struct table *t = org_id.n ? catalog_lookup_shared(c, org_id, name) : NULL;
    return t ? t : lookup_in(c, STR(CATALOG_SHARED_SCHEMA), name);
}

/* No schema that an organization made earlier stands before it. */
static bool is_audit_log(struct str schema, struct str name)
{
    return str_iis(schema, CATALOG_SYSTEM_SCHEMA) && str_iis(name, CATALOG_AUDIT_LOG);
}

const struct table *catalog_find(const struct catalog *c, struct space space, struct str schema,
                                 struct str name)
{
    bool in_shared = str_iis(schema, CATALOG_SHARED_SCHEMA);
    const struct table *t = NULL;
    if (is_audit_log(schema, name)) {
        return space.org_id.n ? c->audit_log : NULL;
    }
    if (space.org_id.n && !in_shared) {
        t = lookup_own(c, space, schema.n ? schema : STR(CATALOG_PUBLIC_SCHEMA), name);
    }
    return t || (schema.n && !in_shared) ? t : find_shared(c, space.org_id, name);
}

const struct made_type *catalog_find_type(const struct catalog *c, struct space space,
                                          struct str schema, struct str name)
{
    struct buf key = BUF_INIT(0);
    if (!space.org_id.n) {
        return NULL;
    }
    catalog_put_schema(&key, space, schema, false);
    catalog_put_key(&key, STR(""), name);
    const struct made_type *t = map_get(c->types, buf_str(&key));
    buf_free(&key);
    return t;
}

size_t catalog_list_types(const struct catalog *c, struct space space, struct arena *a,
                          const struct made_type ***out)
{
    size_t n = 0, at = 0;
    struct str key;
    void *type;
    *out = ARENA_ARRAY(a, const struct made_type *, map_count(c->types));
    while (map_next(c->types, &at, &key, &type)) {
        if (space_same(((const struct made_type *)type)->space, space)) {
            (*out)[n++] = type;
        }
    }
    return n;
}

/* The first table whose engine schema isn't before `schema`. */
static size_t lower_bound(const struct catalog *c, struct str schema)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (catalog_compare(c->tables[mid]->engine_schema, schema) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static size_t list_schema(const struct catalog *c, struct space space, struct str schema,
                          const struct table **out, size_t n)
{
    for (size_t i = lower_bound(c, schema);
         i < c->count && str_ieq(c->tables[i]->engine_schema, schema); i++) {
        bool is_shared = c->tables[i]->scope != SCOPE_PRIVATE;
        const struct table *t =
            is_shared ? find_shared(c, space.org_id, c->tables[i]->name) : c->tables[i];
        if (out) {
            out[n] = t;
        }
        n++;
    }
    return n;
}

const struct table *catalog_find_temporary(const struct catalog *c, struct str name)
{
    return c ? lookup_in(c, STR(CATALOG_ENGINE_TEMP), name) : NULL;
}

size_t catalog_list_temporary(const struct catalog *c, struct arena *a, const struct table ***out)
{
    size_t n = c ? c->count : 0;
    *out = ARENA_ARRAY(a, const struct table *, n + 1);
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = c->tables[i];
    }
    return n;
}

static bool is_own_schema(const struct own_schema *s, struct str prefix)
{
    return s->engine_schema.n > prefix.n && str_starts(s->engine_schema, prefix.p);
}

/* The schemas beside public are the run of `schemas` whose names start so. */
static size_t own_schemas(const struct catalog *c, struct space space, struct arena *a,
                          const struct own_schema **first)
{
    struct str prefix = catalog_own_prefix(a, space);
    size_t low = 0, high = c->schema_count, n = 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (catalog_compare(c->schemas[mid].engine_schema, prefix) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    *first = &c->schemas[low];
    while (low + n < c->schema_count && is_own_schema(&c->schemas[low + n], prefix)) {
        n++;
    }
    return n;
}

const struct table *catalog_find_macro(const struct catalog *c, struct space space,
                                       struct str schema, struct str name)
{
    struct buf key = BUF_INIT(0);
    catalog_put_schema(&key, space, schema, true);
    catalog_put_key(&key, STR(""), name);
    struct table *t = space.org_id.n ? map_get(c->by_name, buf_str(&key)) : NULL;
    buf_free(&key);
    return t;
}

static size_t list_macros(const struct catalog *c, struct space space, struct arena *a,
                          const struct table **out)
{
    struct str *schemas = NULL;
    size_t count = catalog_schemas(c, space, a, &schemas), n = 0;
    for (size_t i = 0; i < count && space.org_id.n; i++) {
        n = list_schema(c, space, catalog_macros_on_engine(a, space, schemas[i]), out, n);
    }
    return n;
}

size_t catalog_list_macros(const struct catalog *c, struct space space, struct arena *a,
                           const struct table ***out)
{
    *out = ARENA_ARRAY(a, const struct table *, list_macros(c, space, a, NULL) + 1);
    return list_macros(c, space, a, *out);
}

static size_t list_all(const struct catalog *c, struct space space, struct arena *a,
                       const struct table **out)
{
    const struct own_schema *schemas = NULL;
    size_t n = 0, count = space.org_id.n ? own_schemas(c, space, a, &schemas) : 0;
    if (space.org_id.n) {
        n = list_schema(c, space, catalog_engine_schema(a, space), out, n);
    }
    for (size_t i = 0; i < count; i++) {
        n = list_schema(c, space, schemas[i].engine_schema, out, n);
    }
    n = list_schema(c, space, STR(CATALOG_SHARED_SCHEMA), out, n);
    if (out && space.org_id.n) {
        out[n] = c->audit_log;
    }
    return space.org_id.n ? n + 1 : n;
}

size_t catalog_list(const struct catalog *c, struct space space, struct arena *a,
                    const struct table ***out)
{
    *out = ARENA_ARRAY(a, const struct table *, list_all(c, space, a, NULL) + 1);
    return list_all(c, space, a, *out);
}

bool catalog_has_schema(const struct catalog *c, struct space space, struct str schema)
{
    if (str_iis(schema, CATALOG_SHARED_SCHEMA)) {
        return true;
    }
    if (!space.org_id.n || str_iis(schema, CATALOG_PUBLIC_SCHEMA)) {
        return space.org_id.n > 0;
    }
    struct arena *a = arena_new(0);
    const struct own_schema *schemas = NULL;
    size_t n = own_schemas(c, space, a, &schemas);
    bool found = false;
    for (size_t i = 0; i < n && !found; i++) {
        found = str_ieq(schemas[i].name, schema);
    }
    arena_free(a);
    return found;
}

size_t catalog_schemas(const struct catalog *c, struct space space, struct arena *a,
                       struct str **out)
{
    const struct own_schema *schemas = NULL;
    size_t count = space.org_id.n ? own_schemas(c, space, a, &schemas) : 0, n = 0;
    *out = ARENA_ARRAY(a, struct str, count + 2);
    if (space.org_id.n) {
        (*out)[n++] = STR(CATALOG_PUBLIC_SCHEMA);
    }
    for (size_t i = 0; i < count; i++) {
        (*out)[n++] = schemas[i].name;
    }
    (*out)[n++] = STR(CATALOG_SHARED_SCHEMA);
    return n;
}

int table_column(const struct table *t, struct str name)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (str_ieq(t->columns[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

bool column_has_tag(const struct column *c, struct str tag)
{
    for (size_t i = 0; i < c->tag_count; i++) {
        if (str_ieq(c->tags[i], tag)) {
            return true;
        }
    }
    return false;
}
