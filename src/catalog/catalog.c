/* The snapshot is one arena, one array of tables sorted by engine schema and name, and one hash map
 * under folded names; nothing in it changes after catalog_build(), so threads share it without
 * locks.
 *
 * An organization's schema name is decodable, so that whose table it is follows from the engine's
 * own schema name and from nothing else. Tags that one organization gave to a shared table live on
 * a copy of that table under the organization's name: another organization never meets them. */
#include "catalog/catalog.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#define ORG_PREFIX "org_"

struct catalog {
    atomic_uint refs;
    uint64_t version;
    struct arena *arena;
    struct table **tables; /* sorted by engine schema and name, folded */
    size_t count;
    struct map *by_name;
};

/* ---- names ---- */

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct str folded(struct arena *a, struct str s)
{
    char *p = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        p[i] = fold(p[i]);
    }
    return (struct str){p, s.n};
}

static int compare_folded(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++) {
        int d = (unsigned char)fold(a.p[i]) - (unsigned char)fold(b.p[i]);
        if (d) {
            return d;
        }
    }
    return a.n < b.n ? -1 : a.n > b.n;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Lower-case letters and digits as they are, an underscore doubled, any other byte as _ and two
 * hexadecimal digits: no two organizations share a schema, not even on an engine
 * that folds case. */
static void put_schema(struct buf *b, struct str org_id)
{
    buf_puts(b, ORG_PREFIX);
    for (size_t i = 0; i < org_id.n; i++) {
        char c = org_id.p[i];
        if (is_plain(c)) {
            buf_u8(b, (uint8_t)c);
        } else if (c == '_') {
            buf_puts(b, "__");
        } else {
            buf_printf(b, "_%02x", (unsigned char)c);
        }
    }
}

struct str catalog_engine_schema(struct arena *a, struct str org_id)
{
    struct buf b = BUF_INIT(0);
    put_schema(&b, org_id);
    struct str name = arena_str(a, buf_str(&b));
    buf_free(&b);
    return name;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The organization of an engine schema; STR_NULL where it is none's. */
static struct str org_of_schema(struct arena *a, struct str schema)
{
    if (!str_starts(schema, ORG_PREFIX) || schema.n == sizeof ORG_PREFIX - 1) {
        return STR_NULL;
    }
    char *out = arena_alloc(a, schema.n);
    size_t n = 0;
    for (size_t i = sizeof ORG_PREFIX - 1; i < schema.n; i++) {
        char c = schema.p[i];
        if (is_plain(c)) {
            out[n++] = c;
        } else if (c == '_' && i + 1 < schema.n && schema.p[i + 1] == '_') {
            out[n++] = '_';
            i++;
        } else if (c == '_' && i + 2 < schema.n && hex_digit(schema.p[i + 1]) >= 0 &&
                   hex_digit(schema.p[i + 2]) >= 0) {
            out[n++] = (char)(hex_digit(schema.p[i + 1]) * 16 + hex_digit(schema.p[i + 2]));
            i += 2;
        } else {
            return STR_NULL;
        }
    }
    struct str org = {out, n};
    return str_eq(catalog_engine_schema(a, org), schema) ? org : STR_NULL;
}

/* "schema NUL name", folded: the key of the map. A NUL stands in no name. */
static void put_key(struct buf *b, struct str schema, struct str name)
{
    buf_put_str(b, schema);
    buf_u8(b, 0);
    for (size_t i = 0; i < name.n; i++) {
        buf_u8(b, (uint8_t)fold(name.p[i]));
    }
}

static struct table *lookup(const struct catalog *c, struct str schema, struct str org_id,
                            struct str name)
{
    struct buf key = BUF_INIT(0);
    put_schema(&key, org_id);
    if (schema.n) { /* a shared table, seen by one organization */
        buf_u8(&key, 0);
        buf_put_str(&key, schema);
    }
    put_key(&key, STR(""), name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

static struct table *lookup_shared(const struct catalog *c, struct str name)
{
    struct buf key = BUF_INIT(0);
    put_key(&key, STR(CATALOG_SHARED_SCHEMA), name);
    struct table *t = map_get(c->by_name, buf_str(&key));
    buf_free(&key);
    return t;
}

/* ---- building ---- */

static const struct type *copy_type(struct arena *a, const struct type *t)
{
    struct type *copy = ARENA_NEW(a, struct type);
    *copy = *t;
    copy->child = t->child ? copy_type(a, t->child) : NULL;
    if (t->field_count) {
        struct type_field *fields = ARENA_ARRAY(a, struct type_field, t->field_count);
        for (uint32_t i = 0; i < t->field_count; i++) {
            fields[i].name = arena_str(a, t->fields[i].name);
            fields[i].type = copy_type(a, t->fields[i].type);
        }
        copy->fields = fields;
    }
    return copy;
}

static struct str *copy_names(struct arena *a, const struct str *names, size_t n)
{
    struct str *copy = ARENA_ARRAY(a, struct str, n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = arena_str(a, names[i]);
    }
    return copy;
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
                                      .other = arena_str(a, from->other)};
        if (from->kind == CATALOG_FOREIGN) {
            all[i].other_columns = copy_names(a, from->other_columns, from->column_count);
        }
    }
    t->constraints = all;
    t->constraint_count = s->constraint_count;
}

static struct table *copy_table(struct arena *a, const struct table_source *s)
{
    struct table *t = ARENA_NEW(a, struct table);
    t->engine_schema = arena_str(a, s->engine_schema);
    t->name = arena_str(a, s->name);
    t->is_view = s->is_view;
    t->definition = arena_str(a, s->definition);
    t->row_estimate = s->row_estimate;
    t->tenant_column = -1;
    t->column_count = s->column_count;
    t->columns = ARENA_ARRAY(a, struct column, s->column_count);
    for (size_t i = 0; i < s->column_count; i++) {
        struct column *c = &t->columns[i];
        *c = (struct column){.name = arena_str(a, s->columns[i].name),
                             .type = copy_type(a, s->columns[i].type),
                             .not_null = s->columns[i].not_null,
                             .has_default = s->columns[i].has_default};
    }
    copy_constraints(a, s, t);
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
    struct table *t = lookup(c, STR(CATALOG_SHARED_SCHEMA), org_id, shared->name);
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
    put_schema(&key, org_id);
    buf_u8(&key, 0);
    buf_puts(&key, CATALOG_SHARED_SCHEMA);
    put_key(&key, STR(""), t->name);
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
                if (t->scope == SCOPE_PRIVATE && own && !str_eq(t->org_id, tags[g].org_id)) {
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

struct catalog *catalog_build(const struct table_source *tables, size_t table_count,
                              const struct table_registration *registrations,
                              size_t registration_count, const struct tag_assignment *tags,
                              size_t tag_count, uint64_t version)
{
    struct catalog *c = mem_alloc(sizeof *c);
    atomic_init(&c->refs, 1);
    c->version = version;
    c->arena = arena_new(0);
    c->by_name = map_new();
    c->tables = ARENA_ARRAY(c->arena, struct table *, table_count + 1);
    for (size_t i = 0; i < table_count; i++) {
        struct table *t = copy_table(c->arena, &tables[i]);
        if (str_iis(t->engine_schema, CATALOG_SHARED_SCHEMA)) {
            qualify(c->arena, t, STR(CATALOG_SHARED_SCHEMA));
            if (!scope_shared(t, registration_of(registrations, registration_count, t->name))) {
                continue;
            }
        } else {
            t->scope = SCOPE_PRIVATE;
            t->org_id = org_of_schema(c->arena, t->engine_schema);
            qualify(c->arena, t, STR(CATALOG_PUBLIC_SCHEMA));
            if (!t->org_id.n) {
                continue;
            }
        }
        add_table(c, t);
    }
    qsort(c->tables, c->count, sizeof *c->tables, by_schema_and_name);
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
    const struct table *t = org_id.n ? lookup(c, STR(CATALOG_SHARED_SCHEMA), org_id, name) : NULL;
    return t ? t : lookup_shared(c, name);
}

const struct table *catalog_find(const struct catalog *c, struct str org_id, struct str schema,
                                 struct str name)
{
    const struct table *t = NULL;
    if (org_id.n && (!schema.n || str_iis(schema, CATALOG_PUBLIC_SCHEMA))) {
        t = lookup(c, STR(""), org_id, name);
    }
    if (!t && (!schema.n || str_iis(schema, CATALOG_SHARED_SCHEMA))) {
        t = find_shared(c, org_id, name);
    }
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

static size_t list_schema(const struct catalog *c, struct str org_id, struct str schema,
                          const struct table **out, size_t n)
{
    for (size_t i = lower_bound(c, schema);
         i < c->count && str_ieq(c->tables[i]->engine_schema, schema); i++) {
        bool is_shared = c->tables[i]->scope != SCOPE_PRIVATE;
        const struct table *t =
            is_shared ? find_shared(c, org_id, c->tables[i]->name) : c->tables[i];
        if (out) {
            out[n] = t;
        }
        n++;
    }
    return n;
}

size_t catalog_list(const struct catalog *c, struct str org_id, struct arena *a,
                    const struct table ***out)
{
    struct str own = org_id.n ? catalog_engine_schema(a, org_id) : STR("");
    struct str shared = STR(CATALOG_SHARED_SCHEMA);
    size_t n = list_schema(c, org_id, shared, NULL, list_schema(c, org_id, own, NULL, 0));
    *out = ARENA_ARRAY(a, const struct table *, n + 1);
    return list_schema(c, org_id, shared, *out, list_schema(c, org_id, own, *out, 0));
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
