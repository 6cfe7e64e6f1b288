/* Making a snapshot of what the engine and the control store say there is. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "catalog/audit_log.h"
#include "catalog/catalog_priv.h"

static struct str folded(struct arena *a, struct str s)
{
    char *p = arena_strdup(a, s);
    for (size_t i = 0; i < s.n; i++) {
        p[i] = catalog_fold(p[i]);
    }
    return (struct str){p, s.n};
}

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
        const struct table_index *from = &s->indexes[i];
        all[i] = (struct table_index){arena_str(a, from->name), from->is_unique,
                                      ARENA_ARRAY(a, struct index_key, from->key_count),
                                      from->key_count};
        for (size_t k = 0; k < from->key_count; k++) {
            all[i].keys[k] =
                (struct index_key){from->keys[k].column, arena_str(a, from->keys[k].text)};
        }
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
    t->steps = s->steps;
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
    struct table *t = catalog_lookup_shared(c, org_id, shared->name);
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
    catalog_put_shared_key(&key, org_id, t->name);
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
    int d = catalog_compare(a->engine_schema, b->engine_schema);
    return d ? d : catalog_compare(a->name, b->name);
}

static void add_table(struct catalog *c, struct table *t)
{
    struct buf key = BUF_INIT(0);
    catalog_put_key(&key, folded(c->arena, t->engine_schema), t->name);
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
    catalog_put_key(&key, s->engine_schema, s->name);
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
    return catalog_compare(a->engine_schema, b->engine_schema);
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
    catalog_number(c, true);
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
    catalog_number(c, false);
    apply_tags(c, tags, tag_count);
    return c;
}
