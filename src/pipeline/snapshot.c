/* The newest catalog and policies, made when something moved and shared by all statements until it
 * moves again. A session that changed the schema in its open transaction has a catalog of its own:
 * it alone sees its tables. */
#include "pipeline/statement.h"

#include "audit/pattern.h"
#include "base/log.h"
#include "store/patterns.h"
#include "store/policies.h"
#include "store/store.h"
#include "store/tables.h"

void snapshot_release(struct snapshot *s)
{
    catalog_unref(s->catalog);
    catalog_unref(s->temporary);
    policy_unref(s->policy);
    *s = (struct snapshot){0};
}

bool snapshot_same(const struct snapshot *a, const struct snapshot *b)
{
    return a->catalog == b->catalog && a->temporary == b->temporary && a->policy == b->policy &&
           a->names_version == b->names_version && a->role_version == b->role_version;
}

struct catalog_rows {
    struct table_registration *registrations;
    size_t registration_count;
    struct tag_assignment *tags;
    size_t tag_count;
};

static enum status read_catalog_rows(struct store *store, struct arena *a, struct catalog_rows *out,
                                     struct error *e)
{
    struct store_registration *tables;
    struct store_tag *tags;
    if (store_registrations(store, a, &tables, &out->registration_count, e) != OK ||
        store_tags(store, a, &tags, &out->tag_count, e) != OK) {
        return FAIL;
    }
    out->registrations = ARENA_ARRAY(a, struct table_registration, out->registration_count);
    for (size_t i = 0; i < out->registration_count; i++) {
        out->registrations[i] = (struct table_registration){
            .name = tables[i].table,
            .scope = tables[i].tenant_column.n ? SCOPE_TENANT : SCOPE_COMMON,
            .tenant_column = tables[i].tenant_column,
        };
    }
    out->tags = ARENA_ARRAY(a, struct tag_assignment, out->tag_count);
    for (size_t i = 0; i < out->tag_count; i++) {
        out->tags[i] = (struct tag_assignment){
            .table = str_of(
                arena_printf(a, "%.*s.%.*s", STR_ARG(tags[i].schema), STR_ARG(tags[i].table))),
            .column = tags[i].column,
            .tag = tags[i].tag,
            .org_id = tags[i].org_id,
        };
    }
    return OK;
}

static enum status build_catalog(struct pipeline *p, uint64_t engine_session, struct catalog **out,
                                 struct error *e)
{
    struct arena *a = arena_new(0);
    struct catalog_rows rows = {0};
    struct table_source *tables;
    size_t count;
    enum status status = FAIL;
    if (engine_describe(p->config.engine, engine_session, a, &tables, &count, e) == OK &&
        read_catalog_rows(p->config.store, a, &rows, e) == OK) {
        *out = catalog_build(tables, count, rows.registrations, rows.registration_count, rows.tags,
                             rows.tag_count, ++p->versions);
        status = OK;
    }
    arena_free(a);
    return status;
}

static enum status build_policy(struct pipeline *p, struct policy_snapshot **out, struct error *e)
{
    if (p->config.has_policies) {
        *out = policy_compile(p->config.policies, p->config.policy_count, ++p->versions);
        return OK;
    }
    struct arena *a = arena_new(0);
    struct store_policy *rows;
    size_t count;
    enum status status = store_policies(p->config.store, STR_NULL, a, &rows, &count, e);
    if (status == OK) {
        struct policy_document *documents = ARENA_ARRAY(a, struct policy_document, count);
        for (size_t i = 0; i < count; i++) {
            documents[i] = (struct policy_document){
                .id = rows[i].id,
                .org_id = rows[i].org_id,
                .name = rows[i].name,
                .json = rows[i].json,
                .enabled = rows[i].enabled,
            };
        }
        *out = policy_compile(documents, count, ++p->versions);
    }
    arena_free(a);
    return status;
}

/* The patterns that nothing of the new version may be written without. */
static enum status renew_patterns(struct pipeline *p, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_pattern *rows;
    struct patterns *made;
    size_t n;
    enum status status = store_patterns(p->config.store, STR_NULL, a, &rows, &n, e);
    if (status == OK) {
        struct pattern_source *sources = ARENA_ARRAY(a, struct pattern_source, n);
        for (size_t i = 0; i < n; i++) {
            sources[i] = (struct pattern_source){rows[i].org_id, rows[i].name, rows[i].text};
        }
        status = patterns_new(sources, n, &made, e);
    }
    if (status == OK) {
        audit_set_patterns(p->config.audit, made);
    }
    arena_free(a);
    return status;
}

/* Under the lock. Both parts are made before either is put in place. */
static enum status refresh(struct pipeline *p, uint64_t store_now, struct error *e)
{
    uint64_t wanted = p->catalog_wanted;
    bool store_moved = store_now != p->store_version || !p->current.policy;
    struct snapshot made = {0};
    if ((store_moved || wanted != p->catalog_seen) &&
        build_catalog(p, p->engine_session, &made.catalog, e) != OK) {
        return FAIL;
    }
    if (store_moved && ((p->config.audit && renew_patterns(p, e) != OK) ||
                        build_policy(p, &made.policy, e) != OK)) {
        catalog_unref(made.catalog);
        return FAIL;
    }
    if (made.catalog) {
        catalog_unref(p->current.catalog);
        p->current.catalog = made.catalog;
    }
    if (made.policy) {
        policy_unref(p->current.policy);
        p->current.policy = made.policy;
        if (p->config.ledger) {
            ledger_refresh(p->config.ledger);
        }
    }
    p->store_version = store_now;
    p->catalog_seen = wanted;
    return OK;
}

/* Under the lock. A transaction's own catalog has the tags and registrations of when it was made.
 */
static enum status refresh_own(struct governor *g, uint64_t store_now, struct error *e)
{
    if (!g->own_catalog || g->own_store_version == store_now) {
        return OK;
    }
    struct catalog *own;
    if (build_catalog(g->pipeline, g->engine_session, &own, e) != OK) {
        return FAIL;
    }
    catalog_unref(g->own_catalog);
    g->own_catalog = own;
    g->own_store_version = store_now;
    return OK;
}

enum status snapshot_take(struct governor *g, struct snapshot *out, struct error *e)
{
    struct pipeline *p = g->pipeline;
    uint64_t store_now;
    if (store_version(p->config.store, &store_now, e) != OK) {
        return FAIL;
    }
    pthread_mutex_lock(&p->lock);
    enum status status = refresh(p, store_now, e);
    if (status == OK) {
        status = refresh_own(g, store_now, e);
    }
    if (status == OK) {
        out->catalog = catalog_ref(g->own_catalog ? g->own_catalog : p->current.catalog);
        out->temporary = g->temporary ? catalog_ref(g->temporary) : NULL;
        out->policy = policy_ref(p->current.policy);
        out->names_version = g->names_version;
        out->role_version = g->role_version;
    }
    pthread_mutex_unlock(&p->lock);
    return status;
}

static enum status newest_catalog(struct pipeline *p, struct catalog **out, struct error *e)
{
    uint64_t store_now;
    if (store_version(p->config.store, &store_now, e) != OK) {
        return FAIL;
    }
    pthread_mutex_lock(&p->lock);
    enum status status = refresh(p, store_now, e);
    *out = status == OK ? catalog_ref(p->current.catalog) : NULL;
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum status pipeline_policy_fits(struct pipeline *p, const struct policy_document *d,
                                 const struct str *environments, size_t n, struct error *e)
{
    struct catalog *catalog;
    if (newest_catalog(p, &catalog, e) != OK) {
        return FAIL;
    }
    enum status status = OK;
    for (size_t i = 0; status == OK && i < n; i++) {
        status = policy_fits(d, catalog, (struct space){d->org_id, environments[i]}, e);
    }
    catalog_unref(catalog);
    return status;
}

enum status snapshot_read_temporary(struct governor *g, struct error *e)
{
    struct pipeline *p = g->pipeline;
    struct arena *a = arena_new(0);
    struct table_source *tables;
    size_t count;
    enum status status =
        engine_describe_temporary(p->config.engine, g->engine_session, a, &tables, &count, e);
    if (status == OK) {
        pthread_mutex_lock(&p->lock);
        uint64_t version = ++p->versions;
        pthread_mutex_unlock(&p->lock);
        catalog_unref(g->temporary);
        g->temporary =
            catalog_build_temporary(tables, count, principal_space(g->principal), version);
    }
    arena_free(a);
    return status;
}

enum status snapshot_schema_changed(struct governor *g, struct error *e)
{
    struct pipeline *p = g->pipeline;
    if (!g->in_transaction) {
        atomic_fetch_add(&p->catalog_wanted, 1);
        return OK;
    }
    struct catalog *own;
    uint64_t store_now;
    if (store_version(p->config.store, &store_now, e) != OK) {
        return FAIL;
    }
    pthread_mutex_lock(&p->lock);
    enum status status = build_catalog(p, g->engine_session, &own, e);
    pthread_mutex_unlock(&p->lock);
    if (status == OK) {
        catalog_unref(g->own_catalog);
        g->own_catalog = own;
        g->own_store_version = store_now;
        g->schema_changed = true;
    }
    return status;
}
