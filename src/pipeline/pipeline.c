#include "pipeline/statement.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "metrics/metrics.h"

/* The nine stages, in the order that the architecture fixes. A statement passes each once; the
 * first that fails ends it. The last two run whatever happened before: a reservation is always
 * settled, and there is always an outcome entry. No stage calls another. */
static const struct stage {
    const char *name;
    enum status (*run)(struct statement *s, struct error *e);
    bool always;
} stages[STAGE_COUNT] = {
    [STAGE_POLICY_CHECK] = {"policy check", policy_check, false},
    [STAGE_COST_ESTIMATE] = {"cost estimate", cost_estimate, false},
    [STAGE_QUOTA_CHECK] = {"quota check", quota_check, false},
    [STAGE_ROW_FILTER] = {"row filter", row_filter, false},
    [STAGE_TRANSPILE] = {"transpile", transpile, false},
    [STAGE_EXECUTE] = {"execute", execute, false},
    [STAGE_COLUMN_MASK] = {"column mask", column_mask, false},
    [STAGE_METER] = {"meter", meter, true},
    [STAGE_AUDIT] = {"audit", audit, true},
};

/* Runs the stages. When an earlier one failed, `e` keeps its error for those that still run; an
 * error of these comes before it (a log that can't be written is worse news). */
static enum status run_stages(struct statement *s, struct error *e)
{
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (s->failure && !stages[i].always) {
            continue;
        }
        struct error here = ERROR_INIT;
        int64_t begun = clock_mono_ns();
        enum status status = stages[i].run(s, &here);
        metrics_observe_stage(i, clock_mono_ns() - begun);
        if (status != OK) {
            *e = here;
            s->failure = e;
        }
    }
    if (s->failure) {
        metrics_error(e->code);
        return FAIL;
    }
    return OK;
}

static enum status run(struct plan *p, struct statement *s, struct run_result *out, struct error *e)
{
    struct governor *g = p->governor;
    s->plan = p;
    s->arena = arena_new(0);
    s->started_ns = clock_mono_ns();
    if (g->timeout_ms) {
        s->deadline_ns = s->started_ns + g->timeout_ms * 1000000;
    }
    id_uuid(s->query_id);
    enum status status = run_stages(s, e);
    if (status == OK) {
        out->rows = s->row_count;
    } else if (e->code == ERR_TIMEOUT && s->has_limited_deadline) {
        error_hint(e, "A statement of the role %s may run for %lld ms.",
                   role_name(g->principal->role), (long long)s->limits.statement_ms);
    }
    arena_free(s->arena);
    return status;
}

enum status plan_run(struct plan *p, const struct value *params, size_t param_count,
                     struct result_sink *sink, struct run_result *out, struct error *e)
{
    struct statement s = {.params = params, .param_count = param_count, .sink = sink};
    return run(p, &s, out, e);
}

enum status plan_run_copy(struct plan *p, struct row_source *rows, struct run_result *out,
                          struct error *e)
{
    struct statement s = {.rows = rows};
    return run(p, &s, out, e);
}

enum status pipeline_new(const struct pipeline_config *c, struct pipeline **out, struct error *e)
{
    struct pipeline *p = mem_alloc(sizeof *p);
    p->config = *c;
    pthread_mutex_init(&p->lock, NULL);
    p->catalog_wanted = 1;
    p->schemas = map_new();
    p->engine_session = engine_session_open(c->engine);
    struct governor none = {.pipeline = p};
    struct snapshot first;
    if (snapshot_take(&none, &first, e) != OK) {
        pipeline_free(p);
        return FAIL;
    }
    snapshot_release(&first);
    *out = p;
    return OK;
}

enum status pipeline_for_asking(const struct pipeline *p, bool given,
                                const struct policy_document *policies, size_t n,
                                struct pipeline **out, struct error *e)
{
    struct pipeline_config config = {.engine = p->config.engine,
                                     .store = p->config.store,
                                     .limits = p->config.limits,
                                     .has_policies = given,
                                     .policies = policies,
                                     .policy_count = n};
    return pipeline_new(&config, out, e);
}

void pipeline_free(struct pipeline *p)
{
    if (!p) {
        return;
    }
    snapshot_release(&p->current);
    engine_session_close(p->config.engine, p->engine_session);
    map_free(p->schemas, NULL);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

enum dialect pipeline_dialect(const struct pipeline *p)
{
    return p->config.dialect;
}

const struct parse_limits *pipeline_parse_limits(const struct pipeline *p)
{
    return &p->config.limits;
}
