#include "trial/place.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/source.h"
#include "base/buf.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "meter/meter.h"
#include "store/quota.h"
#include "store/tables.h"
#include "trial/asker.h"

/* More than any test spends, and far from where sums of it pass 64 bits. */
static const int64_t boundless_millicredits = INT64_C(1000000000000);

struct trial {
    const struct trial_site *site;
    const struct store_org *org;
    struct arena *a;
    char *folder;
    struct store *store;
    struct engine *engine;
    struct audit *audit;
    struct ledger *ledger;
    struct pipeline *pipeline;
};

/* ---- the installation ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void trial_close(struct trial *t)
{
    if (!t) {
        return;
    }
    pipeline_free(t->pipeline);
    ledger_close(t->ledger);
    engine_close(t->engine);
    audit_close(t->audit);
    store_close(t->store);
    if (t->folder && nftw(t->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0) {
        fprintf(stderr, "hatidata: %s is left behind: %s\n", t->folder, strerror(errno));
    }
    free(t->folder);
    arena_free(t->a);
    free(t);
}

struct pipeline *trial_pipeline(const struct trial *t)
{
    return t->pipeline;
}

static enum status make_folder(struct trial *t, struct error *e)
{
    char *folder = arena_printf(t->a, "%s/trial-XXXXXX", t->site->folder);
    if (!mkdtemp(folder)) {
        return error_set(e, ERR_IO, "%s: %s", folder, strerror(errno));
    }
    t->folder = mem_strndup(folder, strlen(folder));
    return OK;
}

/* Whatever is left of this month's credits: a test must not fail by it. */
static enum status lift_quota(struct trial *t, struct error *e)
{
    struct store_quota q = {1, 100, 1000000};
    bool is_set;
    if (store_quota_get(t->store, t->org->id, &q, &is_set, e) != OK) {
        return FAIL;
    }
    q.monthly_millicredits = boundless_millicredits;
    return store_quota_set(t->store, t->site->actor, t->org->id, &q, e);
}

static enum status open_engine(struct trial *t, const char *audit, struct error *e)
{
    const char *spill = arena_printf(t->a, "%s/spill", t->folder);
    struct engine_config config = {
        .path = arena_printf(t->a, "%s/hati.duckdb", t->folder),
        .data_key = keyring_key(t->site->keys, KEY_DATA),
        .spill_dir = spill,
        .extension_dir = t->site->extension_dir,
        .memory_limit = t->site->memory,
        .threads = t->site->threads,
        .sources = audit_source(t->a, audit, NULL),
        .source_count = 1,
    };
    if (mkdir(spill, 0700) != 0) {
        return error_set(e, ERR_IO, "%s: %s", spill, strerror(errno));
    }
    return engine_open(&config, &t->engine, e);
}

static enum status open_data(struct trial *t, struct error *e)
{
    const char *store = arena_printf(t->a, "%s/control.db", t->folder);
    const char *log = arena_printf(t->a, "%s/audit", t->folder);
    struct audit_config audit = {.dir = log,
                                 .fingerprint_key = keyring_key(t->site->keys, KEY_AUDIT)};
    return store_copy(t->site->store, store, e) == OK && store_open(store, &t->store, e) == OK &&
                   lift_quota(t, e) == OK && audit_open(&audit, &t->audit, e) == OK &&
                   open_engine(t, log, e) == OK
               ? ledger_open(t->store, &t->ledger, e)
               : FAIL;
}

/* With `policies` as what to decide by; NULL: what is stored. */
static enum status open_pipeline(struct trial *t, const struct policy_choice *policies,
                                 struct pipeline **out, struct error *e)
{
    struct pipeline_config config = {
        .engine = t->engine,
        .store = t->store,
        .ledger = t->ledger,
        .audit = t->audit,
        .keyring = t->site->keys,
        .statement_timeout_ms = t->site->statement_ms,
        .limits = PARSE_LIMITS_DEFAULT,
        .has_policies = policies->given,
        .policies = policies->at,
        .policy_count = policies->n,
    };
    return pipeline_new(&config, out, e);
}

/* ---- its tables ---- */

static const struct str shared_prefix = {CATALOG_SHARED_SCHEMA ".", sizeof CATALOG_SHARED_SCHEMA};

static bool is_shared(const struct case_table *c)
{
    return str_starts(c->name, CATALOG_SHARED_SCHEMA ".");
}

static struct str bare_name(const struct case_table *c)
{
    size_t skip = is_shared(c) ? shared_prefix.n : 0;
    return (struct str){c->name.p + skip, c->name.n - skip};
}

static enum status run(struct governor *g, struct arena *a, enum dialect dialect, const char *sql,
                       struct error *e)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    struct run_result result;
    struct plan *plan = NULL;
    governor_set_dialect(g, dialect);
    if (sql_parse(a, str_of(sql), dialect, &limits, &list, e) != OK) {
        return FAIL;
    }
    if (list.n != 1) {
        return error_set(e, ERR_VALIDATION, "a table has columns and rows, and nothing else");
    }
    enum status status = plan_make(g, list.at[0], str_of(sql), NULL, 0, &plan, e);
    if (status == OK) {
        status = plan_run(plan, NULL, 0, &(struct result_sink){0}, &result, e);
    }
    plan_free(plan);
    return status;
}

/* A client can make no shared table: made as a private one, it is copied into its place. The name
 * has letters, digits and '_' alone (policy_case.h). */
static enum status move_to_shared(struct trial *t, const struct case_table *c,
                                  struct str environment, struct error *e)
{
    struct space space = {t->org->id, environment};
    struct str schema = catalog_engine_schema(t->a, space), name = bare_name(c);
    const char *from = arena_printf(t->a, "\"%.*s\".\"%.*s\"", STR_ARG(schema), STR_ARG(name));
    const char *copy = arena_printf(t->a, "CREATE TABLE \"%s\".\"%.*s\" AS FROM %s",
                                    CATALOG_SHARED_SCHEMA, STR_ARG(name), from);
    const char *drop = arena_printf(t->a, "DROP TABLE %s", from);
    uint64_t session = engine_session_open(t->engine);
    enum status status = engine_run(t->engine, session, str_of(copy), e);
    if (status == OK) {
        status = engine_run(t->engine, session, str_of(drop), e);
    }
    engine_session_close(t->engine, session);
    return status;
}

/* As it says itself; else as it is registered; else common to all. */
static enum status register_shared(struct trial *t, const struct case_table *c, struct error *e)
{
    struct store_registration *known;
    struct str name = bare_name(c), tenant = c->tenant;
    size_t n;
    if (store_registrations(t->store, t->a, &known, &n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; !tenant.n && i < n; i++) {
        tenant = str_ieq(known[i].table, name) ? known[i].tenant_column : tenant;
    }
    return store_table_register(t->store, t->site->actor, name, tenant, e);
}

/* With the organization's id for {org}: that of a data folder is in no file. */
static void put_rows(struct buf *sql, struct str rows, struct str org_id)
{
    const char *at;
    while ((at = memmem(rows.p, rows.n, "{org}", 5))) {
        size_t n = (size_t)(at - rows.p);
        buf_put(sql, rows.p, n);
        buf_put_str(sql, org_id);
        rows = (struct str){at + 5, rows.n - n - 5};
    }
    buf_put_str(sql, rows);
}

static enum status make_table(struct trial *t, struct governor *g, const struct case_table *c,
                              struct str environment, struct error *e)
{
    struct str name = bare_name(c);
    struct buf sql = BUF_INIT(0);
    buf_printf(&sql, "CREATE TABLE %.*s %.*s", STR_ARG(name), STR_ARG(c->columns));
    enum status status = run(g, t->a, c->dialect, buf_cstr(&sql), e);
    if (status == OK && c->rows.n) {
        buf_clear(&sql);
        buf_printf(&sql, "INSERT INTO %.*s VALUES ", STR_ARG(name));
        put_rows(&sql, c->rows, t->org->id);
        status = run(g, t->a, c->dialect, buf_cstr(&sql), e);
    }
    buf_free(&sql);
    if (status == OK && is_shared(c)) {
        status = move_to_shared(t, c, environment, e) == OK ? register_shared(t, c, e) : FAIL;
    }
    return status;
}

/* By an owner without policies; shared tables first, for they are private ones meanwhile. */
static enum status make_tables(struct trial *t, struct str environment,
                               const struct policy_cases *cases, const struct trial_pace *pace,
                               int *line, struct error *e)
{
    struct policy_choice none = {.given = true};
    struct governor_options options = {.session_id = STR("policy test")};
    struct governor *g = NULL;
    struct pipeline *p = NULL;
    struct asker owner;
    enum status status = FAIL;
    if (asker_read(t->store, t->org, environment, STR("role=owner"), t->a, &owner, e) == OK &&
        open_pipeline(t, &none, &p, e) == OK) {
        status = governor_open(p, owner.principal, &options, &g, e);
    }
    for (int shared = 1; status == OK && shared >= 0; shared--) {
        for (size_t i = 0; status == OK && i < cases->table_count; i++) {
            const struct case_table *c = &cases->tables[i];
            if (is_shared(c) != shared) {
                continue;
            }
            *line = 0;
            status = pace->go_on(pace->ctx, e);
            if (status == OK) {
                *line = c->line;
                status = make_table(t, g, c, owner.principal->environment, e);
            }
        }
    }
    *line = status == OK ? 0 : *line;
    governor_close(g);
    pipeline_free(p);
    return status;
}

enum status trial_open(const struct trial_site *site, const struct store_org *org,
                       struct str environment, const struct policy_cases *cases,
                       const struct policy_choice *policies, const struct trial_pace *pace,
                       struct trial **out, int *line, struct error *e)
{
    struct trial *t = mem_alloc(sizeof *t);
    *t = (struct trial){.site = site, .org = org, .a = arena_new(0)};
    *line = 0;
    if (make_folder(t, e) != OK || open_data(t, e) != OK ||
        make_tables(t, environment, cases, pace, line, e) != OK ||
        open_pipeline(t, policies, &t->pipeline, e) != OK) {
        trial_close(t);
        return FAIL;
    }
    *out = t;
    return OK;
}
