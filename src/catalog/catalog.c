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

/* A schema that somebody made, beside public. */
struct own_schema {
    struct str engine_schema, name;
};

struct catalog {
    atomic_uint refs;
    uint64_t version;
    struct arena *arena;
    struct table **tables; /* sorted by engine schema and name, folded */
    size_t count;
    struct own_schema *schemas; /* sorted by engine schema */
    size_t schema_count;
    struct table *audit_log;
    struct map *by_name;
    struct map *types; /* likewise under folded names */
};

/* ---- names ---- */

static struct str folded(struct arena *a, struct str s)
{
    char *p = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        p[i] = catalog_fold(p[i]);
    }
    return (struct str){p, s.n};
}

static int compare_folded(struct str a, struct str b)
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
static void put_key(struct buf *b, struct str schema, struct str name)
{
    buf_put_str(b, schema);
    buf_u8(b, 0);
    for (size_t i = 0; i < name.n; i++) {
        buf_u8(b, (uint8_t)catalog_fold(name.p[i]));
    }
}

/* Of a shared table as one organization sees it. */
static void put_shared_key(struct buf *b, struct str org_id, struct str name)
{
    catalog_put_schema(b, (struct space){.org_id = org_id}, STR(CATALOG_PUBLIC_SCHEMA), false);
    buf_u8(b, 0);
    buf_puts(b, CATALOG_SHARED_SCHEMA);
    put_key(b, STR(""), name);
}

static struct table *lookup_shared(const struct catalog *c, struct str org_id, struct str name)
{
    struct buf key = BUF_INIT(0);
    put_shared_key(&key, org_id, name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

static struct table *lookup_in(const struct catalog *c, struct str engine_schema, struct str name)
{
    struct buf key = BUF_INIT(0);
    put_key(&key, engine_schema, name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

static struct table *lookup_own(const struct catalog *c, struct space space, struct str schema,
                                struct str name)
{
    struct buf key = BUF_INIT(0);
    catalog_put_schema(&key, space, schema, false);
    put_key(&key, STR(""), name);
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

/* ---- building ---- */

static struct str *copy_names(struct arena *a, const struct str *names, size_t n)
{
    struct str *copy = ARENA_ARRAY(a, struct str, n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = arena_str(a, names[i]);
    }
    return copy;
}

static struct str copy_or_null(struct arena *a, struct str s)
{
    return s.p ? arena_str(a, s) : STR_NULL;
}

static void copy_constraints(struct arena *a, const struct table_source *s, struct table *t)
{
    struct table_constraint *all = ARENA_ARRAY(a, struct table_constraint, s->constraint_count);
    for (size_t i = 0; i < s->constraint_count; i++) {
        const struct table_constraint *from = &s->constraints[i];
        all[i] =
            (struct table_constraint){.kind = from->kind,
                                      .columns = copy_names(a, from->columns, from->column_count),
                                      .column_count = from->column_count,
                                      .is_primary = from->is_primary,
                                      .is_index = from->is_index,
                                      .text = copy_or_null(a, from->text),
                                      .other = arena_str(a, from->other)};
        if (from->kind == CATALOG_FOREIGN) {
            all[i].other_columns = copy_names(a, from->other_columns, from->column_count);
        }
    }
    t->constraints = all;
    t->constraint_count = s->constraint_count;
}

static void copy_indexes(struct arena *a, const struct table_source *s, struct table *t)
{
    struct table_index *all = ARENA_ARRAY(a, struct table_index, s->index_count);
    for (size_t i = 0; i < s->index_count; i++) {
        all[i] = (struct table_index){arena_str(a, s->indexes[i].name), s->indexes[i].is_unique};
    }
    t->indexes = all;
    t->index_count = s->index_count;
}

static struct table *copy_table(struct arena *a, const struct table_source *s)
{
    struct table *t = ARENA_NEW(a, struct table);
    t->engine_schema = arena_str(a, s->engine_schema);
    t->name = arena_str(a, s->name);
    t->is_view = s->is_view;
    t->is_sequence = s->is_sequence;
    t->collates = s->collates;
    t->definition = arena_str(a, s->definition);
    t->comment = copy_or_null(a, s->comment);
    t->row_estimate = s->row_estimate;
    t->tenant_column = -1;
    t->column_count = s->column_count;
    t->columns = ARENA_ARRAY(a, struct column, s->column_count);
    for (size_t i = 0; i < s->column_count; i++) {
        struct column *c = &t->columns[i];
        *c = (struct column){.name = arena_str(a, s->columns[i].name),
                             .type = type_copy(a, s->columns[i].type),
                             .not_null = s->columns[i].not_null,
                             .has_default = s->columns[i].has_default,
                             .default_text = copy_or_null(a, s->columns[i].default_text),
                             .comment = copy_or_null(a, s->columns[i].comment),
                             .sequence = arena_str(a, s->columns[i].sequence),
                             .generated = copy_or_null(a, s->columns[i].generated)};
    }
    catalog_resolve_generated(a, t);
    copy_constraints(a, s, t);
    copy_indexes(a, s, t);
    return t;
}

static void qualify(struct arena *a, struct table *t, struct str schema)
{
    t->schema = schema;
    t->qualified = str_of(arena_printf(a, "%.*s.%.*s", STR_ARG(schema), STR_ARG(t->name)));
}

/* The one registration of a shared table. Two of them contradict each other: then there is none. */
static const struct table_registration *registration_of(const struct table_registration *all,
                                                        size_t n, struct str name)
{
    const struct table_registration *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if (str_ieq(all[i].name, name)) {
            if (found) {
                return NULL;
            }
            found = &all[i];
        }
    }
    return found;
}

/* A view with a tenant column is left out: views are opened when they are bound, so a predicate on
 * the view itself would have no place; its base tables carry theirs. */
static bool scope_shared(struct table *t, const struct table_registration *r)
{
    if (!r || (r->scope != SCOPE_TENANT && r->scope != SCOPE_COMMON)) {
        return false;
    }
    t->scope = r->scope;
    if (r->scope == SCOPE_TENANT) {
        t->tenant_column = table_column(t, r->tenant_column);
        return t->tenant_column >= 0 && !t->is_view;
    }
    return true;
}

static void add_tag(struct arena *a, const struct str **tags, size_t *n, struct str tag)
{
    struct str *grown = ARENA_ARRAY(a, struct str, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        grown[i] = (*tags)[i];
    }
    grown[*n] = folded(a, tag);
    *tags = grown;
    (*n)++;
}

static void tag_table(struct arena *a, struct table *t, const struct tag_assignment *g)
{
    if (!g->column.n) {
        add_tag(a, &t->tags, &t->tag_count, g->tag);
        return;
    }
    int i = table_column(t, g->column);
    if (i >= 0) {
        add_tag(a, &t->columns[i].tags, &t->columns[i].tag_count, g->tag);
    }
}

/* The organization's own copy of a shared table, made when it first tags it. */
static struct table *shared_copy(struct catalog *c, struct table *shared, struct str org_id)
{
    struct table *t = lookup_shared(c, org_id, shared->name);
    if (t) {
        return t;
    }
    t = ARENA_NEW(c->arena, struct table);
    *t = *shared;
    t->columns = ARENA_ARRAY(c->arena, struct column, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        t->columns[i] = shared->columns[i];
    }
    struct buf key = BUF_INIT(0);
    put_shared_key(&key, org_id, t->name);
    map_put(c->by_name, buf_str(&key), t);
    buf_free(&key);
    return t;
}

static void apply_tags(struct catalog *c, const struct tag_assignment *tags, size_t n)
{
    /* First those for everybody, so that an organization's copy starts with them. */
    for (int own = 0; own < 2; own++) {
        for (size_t g = 0; g < n; g++) {
            if ((tags[g].org_id.n > 0) != own) {
                continue;
            }
            for (size_t i = 0; i < c->count; i++) {
                struct table *t = c->tables[i];
                if (!str_ieq(t->qualified, tags[g].table)) {
                    continue;
                }
                if (t->scope == SCOPE_PRIVATE && own && !str_eq(t->space.org_id, tags[g].org_id)) {
                    continue;
                }
                bool copy = own && t->scope != SCOPE_PRIVATE;
                tag_table(c->arena, copy ? shared_copy(c, t, tags[g].org_id) : t, &tags[g]);
            }
        }
    }
}

static int by_schema_and_name(const void *x, const void *y)
{
    const struct table *a = *(struct table *const *)x, *b = *(struct table *const *)y;
    int d = compare_folded(a->engine_schema, b->engine_schema);
    return d ? d : compare_folded(a->name, b->name);
}

static void add_table(struct catalog *c, struct table *t)
{
    struct buf key = BUF_INIT(0);
    put_key(&key, folded(c->arena, t->engine_schema), t->name);
    if (!map_get(c->by_name, buf_str(&key))) {
        map_put(c->by_name, buf_str(&key), t);
        c->tables[c->count++] = t;
    }
    buf_free(&key);
}

/* Whose the table is, as its engine schema says; false where it is nobody's. */
static bool place_table(struct catalog *c, struct table *t,
                        const struct table_registration *registrations, size_t n)
{
    struct catalog_owner owner;
    if (str_iis(t->engine_schema, CATALOG_SHARED_SCHEMA)) {
        qualify(c->arena, t, STR(CATALOG_SHARED_SCHEMA));
        return scope_shared(t, registration_of(registrations, n, t->name));
    }
    t->scope = SCOPE_PRIVATE;
    if (!catalog_read_owner(c->arena, t->engine_schema, &owner)) {
        return false;
    }
    t->space = owner.space;
    t->is_macro = owner.of_macros;
    t->is_view &= !owner.of_macros;
    qualify(c->arena, t, owner.schema);
    return true;
}

static void add_type(struct catalog *c, const struct table_source *s)
{
    struct catalog_owner owner;
    struct buf key = BUF_INIT(0);
    if (!catalog_read_owner(c->arena, s->engine_schema, &owner) || owner.of_macros) {
        return;
    }
    struct made_type *t = ARENA_NEW(c->arena, struct made_type);
    *t = (struct made_type){.schema = owner.schema,
                            .name = arena_str(c->arena, s->name),
                            .qualified = str_of(arena_printf(
                                c->arena, "%.*s.%.*s", STR_ARG(owner.schema), STR_ARG(s->name))),
                            .space = owner.space,
                            .engine_schema = arena_str(c->arena, s->engine_schema),
                            .type = type_copy(c->arena, s->made_type)};
    put_key(&key, s->engine_schema, s->name);
    map_put(c->types, buf_str(&key), t);
    buf_free(&key);
}

static void add_schema(struct catalog *c, struct str engine_schema)
{
    struct catalog_owner owner;
    if (catalog_read_owner(c->arena, engine_schema, &owner) && !owner.of_macros) {
        c->schemas[c->schema_count++] =
            (struct own_schema){arena_str(c->arena, engine_schema), owner.schema};
    }
}

static int by_engine_schema(const void *x, const void *y)
{
    const struct own_schema *a = x, *b = y;
    return compare_folded(a->engine_schema, b->engine_schema);
}

static struct catalog *catalog_new(size_t table_count, uint64_t version)
{
    struct catalog *c = mem_alloc(sizeof *c);
    atomic_init(&c->refs, 1);
    c->version = version;
    c->arena = arena_new(0);
    c->by_name = map_new();
    c->types = map_new();
    c->tables = ARENA_ARRAY(c->arena, struct table *, table_count + 1);
    c->schemas = ARENA_ARRAY(c->arena, struct own_schema, table_count + 1);
    return c;
}

struct catalog *catalog_build_temporary(const struct table_source *tables, size_t table_count,
                                        struct space space, uint64_t version)
{
    struct catalog *c = catalog_new(table_count, version);
    struct space owner = {arena_str(c->arena, space.org_id),
                          arena_str(c->arena, space.environment)};
    for (size_t i = 0; i < table_count; i++) {
        if (tables[i].is_schema || tables[i].made_type) {
            continue;
        }
        struct table *t = copy_table(c->arena, &tables[i]);
        t->scope = SCOPE_PRIVATE;
        t->space = owner;
        qualify(c->arena, t, STR(CATALOG_TEMP_SCHEMA));
        add_table(c, t);
    }
    qsort(c->tables, c->count, sizeof *c->tables, by_schema_and_name);
    return c;
}

struct catalog *catalog_build(const struct table_source *tables, size_t table_count,
                              const struct table_registration *registrations,
                              size_t registration_count, const struct tag_assignment *tags,
                              size_t tag_count, uint64_t version)
{
    struct catalog *c = catalog_new(table_count, version);
    for (size_t i = 0; i < table_count; i++) {
        if (tables[i].is_schema) {
            add_schema(c, tables[i].engine_schema);
            continue;
        }
        if (tables[i].made_type) {
            add_type(c, &tables[i]);
            continue;
        }
        struct table *t = copy_table(c->arena, &tables[i]);
        if (place_table(c, t, registrations, registration_count)) {
            add_table(c, t);
        }
    }
    qsort(c->schemas, c->schema_count, sizeof *c->schemas, by_engine_schema);
    qsort(c->tables, c->count, sizeof *c->tables, by_schema_and_name);
    c->audit_log = catalog_audit_log(c->arena);
    apply_tags(c, tags, tag_count);
    return c;
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
    const struct table *t = org_id.n ? lookup_shared(c, org_id, name) : NULL;
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
    put_key(&key, STR(""), name);
    const struct made_type *t = map_get(c->types, buf_str(&key));
    buf_free(&key);
    return t;
}

/* The first table whose engine schema isn't before `schema`. */
static size_t lower_bound(const struct catalog *c, struct str schema)
{
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare_folded(c->tables[mid]->engine_schema, schema) < 0) {
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
        if (compare_folded(c->schemas[mid].engine_schema, prefix) < 0) {
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
    put_key(&key, STR(""), name);
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
