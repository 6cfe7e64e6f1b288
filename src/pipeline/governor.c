/* A pipeline session: whose statements these are, and the transaction that they run in. */
#include "pipeline/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/datakey.h"
#include "pipeline/plan_cache.h"

/* The schema public of an environment, before its first transaction: one made inside of a
 * transaction would be in the way of everybody else's. */
static enum status make_schema(struct pipeline *p, const struct principal *who, struct error *e)
{
    static int known;
    enum status status = OK;
    struct arena *a = arena_new(0);
    struct str name = catalog_engine_schema(a, principal_space(who));
    struct str sql = str_of(arena_printf(a, "CREATE SCHEMA IF NOT EXISTS \"%.*s\"", STR_ARG(name)));
    pthread_mutex_lock(&p->lock);
    if (!map_get(p->schemas, name)) {
        status = engine_run(p->config.engine, p->engine_session, sql, e);
        if (status == OK) {
            map_put(p->schemas, name, &known);
        }
    }
    pthread_mutex_unlock(&p->lock);
    arena_free(a);
    return status;
}

/* What hashes within statements is keyed as what hashes their outputs. Without a key the engine
 * refuses to hash. */
static void give_mask_key(struct governor *g)
{
    uint8_t key[KMS_KEY_SIZE];
    if (!g->pipeline->config.keyring) {
        return;
    }
    keyring_mask_key(g->pipeline->config.keyring, g->principal->org_id, key);
    engine_give_mask_key(g->pipeline->config.engine, g->engine_session, key);
    mem_wipe(key, sizeof key);
}

enum status governor_open(struct pipeline *p, const struct principal *who,
                          const struct governor_options *o, struct governor **out, struct error *e)
{
    if (policy_role_may(who, ACTION_DDL) && make_schema(p, who, e) != OK) {
        return FAIL;
    }
    struct governor *g = mem_alloc(sizeof *g);
    g->pipeline = p;
    g->engine_session = engine_session_open(p->config.engine);
    g->arena = arena_new_small(PRINCIPAL_BYTES);
    g->principal = principal_copy(g->arena, who);
    give_mask_key(g);
    g->session_id = arena_str(g->arena, o->session_id);
    g->dialect = p->config.dialect;
    snprintf(g->time_zone, sizeof g->time_zone, "UTC");
    g->timeout_ms = p->config.statement_timeout_ms;
    g->at_us = o->at_us;
    engine_limit_planning(p->config.engine, g->engine_session, g->timeout_ms);
    *out = g;
    return OK;
}

/* The old principal stays in the arena: plans that aren't made anew yet may still name him. */
enum status governor_set_role(struct governor *g, enum role role, struct str grant_id,
                              struct error *e)
{
    struct pipeline *p = g->pipeline;
    bool lost = g->principal->grant_id.n > 0;
    struct principal *who = principal_copy(g->arena, g->principal);
    who->role = role;
    who->grant_id = arena_str(g->arena, grant_id);
    g->principal = who;
    pthread_mutex_lock(&p->lock);
    g->role_version = ++p->versions;
    pthread_mutex_unlock(&p->lock);
    plan_cache_clear(g);
    if (lost && g->in_transaction && g->writes > 0) {
        error_set(e, ERR_DENIED, "the role that this transaction has written with is over");
        return error_hint(e, "What it has written is undone; begin another.");
    }
    return policy_role_may(who, ACTION_DDL) ? make_schema(p, who, e) : OK;
}

static void forget_transaction(struct governor *g)
{
    catalog_unref(g->own_catalog);
    g->own_catalog = NULL;
    g->temporary_changed = false;
    g->schema_changed = g->in_transaction = g->read_only = false;
    g->writes = 0;
}

void governor_close(struct governor *g)
{
    if (!g) {
        return;
    }
    if (g->in_transaction) {
        struct error ignored = ERROR_INIT; /* the engine rolls back with the session in any case */
        if (governor_rollback(g, &ignored) != OK) {
            forget_transaction(g);
        }
    }
    plan_cache_clear(g);
    catalog_unref(g->temporary);
    while (g->variable_count > 0) {
        governor_unset_variable(g, g->variables[0].name);
    }
    arena_free(g->path_arena);
    engine_session_close(g->pipeline->config.engine, g->engine_session);
    arena_free(g->arena);
    free(g);
}

void governor_set_timeout(struct governor *g, int64_t milliseconds)
{
    int64_t most = g->pipeline->config.statement_timeout_ms;
    bool over = most && (milliseconds <= 0 || milliseconds > most);
    g->timeout_ms = over ? most : milliseconds;
    engine_limit_planning(g->pipeline->config.engine, g->engine_session, g->timeout_ms);
}

enum status governor_set_time_zone(struct governor *g, const char *name, struct error *e)
{
    if (strcmp(g->time_zone, name) == 0) {
        return OK;
    }
    struct buf sql = BUF_INIT(0);
    buf_printf(&sql, "SET SESSION TimeZone = '%s'", name);
    enum status status =
        strchr(name, '\'') || strlen(name) >= sizeof g->time_zone
            ? FAIL
            : engine_run(g->pipeline->config.engine, g->engine_session, buf_str(&sql), e);
    buf_free(&sql);
    if (status) {
        return error_set(e, ERR_BAD_SETTING, "time zone \"%s\" not recognized", name);
    }
    snprintf(g->time_zone, sizeof g->time_zone, "%s", name);
    g->names_version++;
    plan_cache_clear(g);
    return OK;
}

void governor_set_dialect(struct governor *g, enum dialect d)
{
    g->dialect = d;
}

void governor_show_stored_names(struct governor *g, bool stored)
{
    g->stored_names = stored;
}

void governor_set_facts(struct governor *g, const struct session_facts *facts)
{
    g->facts = facts;
}

void governor_set_row_security(struct governor *g, bool on)
{
    g->row_security_off = !on;
}

/* The environment's own database needs no name. */
static struct str database_of(const struct governor *g, struct str name)
{
    return str_ieq(name, g->principal->environment) ? STR("") : name;
}

static bool same_path(const struct governor *g, struct str database, const struct str *path,
                      size_t n)
{
    bool same = g->path_count == n && str_eq(g->database, database);
    for (size_t i = 0; same && i < n; i++) {
        same = str_eq(g->path[i], path[i]);
    }
    return same;
}

void governor_set_path(struct governor *g, struct str database, const struct str *path, size_t n)
{
    database = database_of(g, database);
    if (same_path(g, database, path, n)) {
        return;
    }
    struct arena *a = arena_new_small(256);
    struct str *copy = ARENA_ARRAY(a, struct str, n);
    for (size_t i = 0; i < n; i++) {
        copy[i] = arena_str(a, path[i]);
    }
    arena_free(g->path_arena);
    g->path_arena = a;
    g->database = arena_str(a, database);
    g->path = copy;
    g->path_count = n;
    g->names_version++;
}

static struct session_variable *find_variable(struct governor *g, struct str name)
{
    for (size_t i = 0; i < g->variable_count; i++) {
        if (str_ieq(g->variables[i].name, name)) {
            return &g->variables[i];
        }
    }
    return NULL;
}

static void drop_text(struct str s)
{
    free((void *)(uintptr_t)s.p);
}

static struct str heap_text(struct str s)
{
    return s.p ? (struct str){mem_strndup(s.p, s.n), s.n} : STR_NULL;
}

enum status governor_set_variable(struct governor *g, struct str name, const struct type *type,
                                  struct str text, struct error *e)
{
    struct session_variable *v = find_variable(g, name);
    if (!v && g->variable_count >= GOVERNOR_VARIABLES_MAX) {
        return error_set(e, ERR_TOO_LARGE, "a session may have %d variables",
                         GOVERNOR_VARIABLES_MAX);
    }
    if (text.n > GOVERNOR_VARIABLE_BYTES) {
        return error_set(e, ERR_TOO_LARGE, "a session variable may have %d bytes",
                         GOVERNOR_VARIABLE_BYTES);
    }
    if (!v) {
        if (!g->variables) {
            g->variables = ARENA_ARRAY(g->arena, struct session_variable, GOVERNOR_VARIABLES_MAX);
        }
        v = &g->variables[g->variable_count++];
        v->name = heap_text(name);
    } else {
        drop_text(v->text);
    }
    /* Types with parts beside width and scale don't come here. */
    v->type = type->kind == TYPE_DECIMAL ? type_decimal(g->arena, type->width, type->scale)
                                         : type_simple(type->kind);
    v->text = heap_text(text);
    g->names_version++;
    return OK;
}

void governor_unset_variable(struct governor *g, struct str name)
{
    struct session_variable *v = find_variable(g, name);
    if (v) {
        drop_text(v->name);
        drop_text(v->text);
        *v = g->variables[--g->variable_count];
        g->names_version++;
    }
}

static enum status drop_temporary(struct governor *g, const struct table *t, struct error *e)
{
    struct buf sql = BUF_INIT(0);
    buf_printf(&sql, "DROP %s IF EXISTS \"" CATALOG_ENGINE_TEMP "\".\"",
               t->is_sequence ? "SEQUENCE"
               : t->is_view   ? "VIEW"
                              : "TABLE");
    for (size_t i = 0; i < t->name.n; i++) {
        buf_puts(&sql, t->name.p[i] == '"' ? "\"" : "");
        buf_u8(&sql, (uint8_t)t->name.p[i]);
    }
    buf_u8(&sql, '"');
    enum status status =
        engine_run(g->pipeline->config.engine, g->engine_session, buf_str(&sql), e);
    buf_free(&sql);
    return status;
}

enum status governor_discard_temporary(struct governor *g, struct error *e)
{
    struct arena *a = arena_new(0);
    const struct table **all = NULL;
    size_t n = catalog_list_temporary(g->temporary, a, &all);
    enum status status = OK;
    for (int sequences = 0; sequences < 2; sequences++) { /* tables take numbers from them */
        for (size_t i = 0; i < n && status == OK; i++) {
            if (all[i]->is_sequence == sequences) {
                status = drop_temporary(g, all[i], e);
            }
        }
    }
    arena_free(a);
    g->temporary_changed |= n > 0 && g->in_transaction;
    return status == OK && n > 0 ? snapshot_read_temporary(g, e) : status;
}

enum status governor_discard(struct governor *g, struct error *e)
{
    while (g->variable_count > 0) {
        governor_unset_variable(g, g->variables[0].name);
    }
    return governor_discard_temporary(g, e);
}

enum status governor_has_schema(struct governor *g, struct str database, struct str name, bool *out,
                                struct error *e)
{
    struct snapshot s;
    struct arena *a = arena_new(0);
    struct bind_context ctx = {.arena = a, .current = database_of(g, database)};
    enum status status = snapshot_take(g, &s, e);
    if (status == OK) {
        *out = catalog_has_schema(s.catalog, principal_space(g->principal),
                                  sql_in_database(&ctx, name));
        snapshot_release(&s);
    }
    arena_free(a);
    return status;
}

int64_t governor_concurrency(const struct governor *g)
{
    return ledger_max_concurrent(g->pipeline->config.ledger, g->principal->org_id);
}

enum status governor_has_database(struct governor *g, struct str name, bool *out, struct error *e)
{
    *out = str_ieq(name, g->principal->environment);
    return *out ? OK : governor_has_schema(g, name, STR(CATALOG_PUBLIC_SCHEMA), out, e);
}

static void keep_label(struct label *l, struct str text)
{
    l->n = text.n < LABEL_MAX ? text.n : LABEL_MAX;
    memcpy(l->text, text.p ? text.p : "", l->n);
}

void governor_set_request_id(struct governor *g, struct str id)
{
    keep_label(&g->request_id, id);
}

void governor_set_reasoning(struct governor *g, struct str parent_request_id, struct str step)
{
    keep_label(&g->parent_request_id, parent_request_id);
    keep_label(&g->reasoning_step, step);
}

enum status governor_begin(struct governor *g, bool read_only, struct error *e)
{
    struct str sql = read_only ? STR("BEGIN TRANSACTION READ ONLY") : STR("BEGIN TRANSACTION");
    if (engine_run(g->pipeline->config.engine, g->engine_session, sql, e) != OK) {
        return FAIL;
    }
    g->in_transaction = true;
    g->read_only = read_only;
    return OK;
}

void governor_set_read_only(struct governor *g)
{
    g->read_only = true;
}

uint64_t governor_writes(const struct governor *g)
{
    return g->writes;
}

/* Runs COMMIT or ROLLBACK. Whether what a transaction wrote is there is decided by its end: that
 * has an outcome on record too. */
static enum status run_end(struct governor *g, struct str sql, const char *query_id,
                           struct error *e)
{
    struct error unrecorded = ERROR_INIT;
    enum status status = engine_run(g->pipeline->config.engine, g->engine_session, sql, e);
    if (g->writes > 0 && audit_write_bare(g, AUDIT_OUTCOME, query_id, sql, status == OK ? NULL : e,
                                          &unrecorded) != OK) {
        *e = unrecorded;
        return FAIL;
    }
    return status;
}

enum status governor_commit(struct governor *g, struct error *e)
{
    char query_id[ID_UUID_SIZE];
    id_uuid(query_id);
    if (g->writes > 0 &&
        audit_write_bare(g, AUDIT_INTENT, query_id, STR("COMMIT"), NULL, e) != OK) {
        struct error ignored = ERROR_INIT; /* the first error is the one to tell */
        (void)!governor_rollback(g, &ignored);
        return FAIL;
    }
    enum status status = run_end(g, STR("COMMIT"), query_id, e);
    if (g->schema_changed) {
        atomic_fetch_add(&g->pipeline->catalog_wanted, 1);
    }
    forget_transaction(g);
    return status;
}

/* What was made or dropped in the transaction is as before it. */
enum status governor_rollback(struct governor *g, struct error *e)
{
    char query_id[ID_UUID_SIZE];
    bool reread = g->temporary_changed;
    id_uuid(query_id);
    enum status status = run_end(g, STR("ROLLBACK"), query_id, e);
    forget_transaction(g);
    if (reread && snapshot_read_temporary(g, status == OK ? e : &(struct error)ERROR_INIT) != OK) {
        return FAIL;
    }
    return status;
}

void governor_cancel(struct governor *g)
{
    engine_cancel(g->pipeline->config.engine, g->engine_session);
}

void governor_heed(struct governor *g)
{
    engine_heed(g->pipeline->config.engine, g->engine_session);
}
