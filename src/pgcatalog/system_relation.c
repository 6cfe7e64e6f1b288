#include "pgcatalog/system_relation.h"

#include "pgcatalog/definition.h"

static const struct relation_definition *const catalog_groups[] = {
    pg_object_relations,   pg_key_relations,    pg_view_relations,    pg_type_relations,
    pg_function_relations, pg_server_relations, pg_session_relations, pg_monitor_relations,
    pg_empty_relations,    pg_depend_relations,
};

static const struct relation_definition *const standard_groups[] = {
    standard_relations, constraint_relations, privilege_relations, standard_empty_relations};

/* What functions ask, such as duckdb_tables() and pg_get_constraintdef(): none of the lists has
 * them. */
static const struct relation_definition *const hidden_groups[] = {duckdb_relations,
                                                                  pg_definition_relations};

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Secrets, files of the server and samples of what is in tables; and pg_policies, which would say
 * that there are no policies: those here are of another kind. */
static const char *const denied[] = {
    "pg_policies",
    "pg_authid",
    "pg_shadow",
    "pg_statistic",
    "pg_statistic_ext_data",
    "pg_user_mapping",
    "pg_largeobject",
    "pg_hba_file_rules",
    "pg_ident_file_mappings",
    "pg_file_settings",
    "pg_config",
    "pg_shmem_allocations",
    "pg_backend_memory_contexts",
    "pg_replication_origin_status",
};

static bool is_denied(struct str name)
{
    for (size_t i = 0; i < COUNT(denied); i++) {
        if (str_iis(name, denied[i])) {
            return true;
        }
    }
    return false;
}

static const struct relation_definition *find(const struct relation_definition *const *groups,
                                              size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) {
        for (const struct relation_definition *d = groups[i]; d->name; d++) {
            if (str_iis(name, d->name)) {
                return d;
            }
        }
    }
    return NULL;
}

struct relation system_rows(const struct bind_context *ctx, const char *name,
                            const struct relation_wanted *wanted, size_t wanted_count)
{
    const struct relation_definition *d = find(catalog_groups, COUNT(catalog_groups), str_of(name));
    struct relation r = relation_new(ctx, d->columns);
    r.wanted = wanted;
    r.wanted_count = wanted_count;
    if (d->fill) {
        d->fill(&r);
    }
    relation_end(&r);
    return r;
}

static struct node *make(const struct bind_context *ctx, const struct relation_asked *asked,
                         const struct relation_definition *d)
{
    struct relation r = relation_new(ctx, d->columns);
    r.wanted = asked->wanted;
    r.wanted_count = asked->wanted_count;
    if (d->fill) {
        d->fill(&r);
    }
    return relation_query(&r);
}

enum status system_relation(const struct bind_context *ctx, const struct relation_asked *asked,
                            struct node **query, struct error *e)
{
    const struct relation_definition *d = NULL;
    bool is_catalog = str_iis(asked->schema, "pg_catalog") && asked->name.n > 3 &&
                      str_iis((struct str){asked->name.p, 3}, "pg_");
    if (is_catalog && is_denied(asked->name)) {
        return error_set(e, ERR_DENIED, "permission denied for table %.*s", STR_ARG(asked->name));
    }
    if (is_catalog) {
        d = find(catalog_groups, COUNT(catalog_groups), asked->name);
    } else if (str_iis(asked->schema, "information_schema")) {
        d = find(standard_groups, COUNT(standard_groups), asked->name);
        d = d ? d : find(hidden_groups, COUNT(hidden_groups), asked->name);
    }
    *query = d ? make(ctx, asked, d) : NULL;
    return OK;
}

/* ---- as objects ---- */

struct objects {
    struct arena *arena;
    VEC_OF(struct system_object) all;
};

static void add_group(struct objects *o, const struct relation_definition *d, bool is_standard)
{
    for (; d->name; d++) {
        if (!str_starts(str_of(d->name), "duckdb_")) {
            uint32_t oid = d->oid ? d->oid : OID_OF_SYSTEM_VIEWS + (uint32_t)o->all.n;
            struct system_object object = {d, is_standard, oid};
            VEC_PUSH(o->arena, o->all, object);
        }
    }
}

size_t system_objects(struct arena *a, const struct system_object **out)
{
    struct objects o = {.arena = a};
    for (size_t i = 0; i < COUNT(catalog_groups); i++) {
        add_group(&o, catalog_groups[i], false);
    }
    for (size_t i = 0; i < COUNT(standard_groups); i++) {
        add_group(&o, standard_groups[i], true);
    }
    *out = o.all.at;
    return o.all.n;
}
