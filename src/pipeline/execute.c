/* Stage 6. The intent is on record before the engine starts: in the operating system's hands for
 * what only reads (its rows are shown only after a durable outcome), on the disk for what writes. A
 * write outside a transaction gets one of its own, so that an error while its result is read undoes
 * it. */
#include "pipeline/execution.h"

#include "base/clock.h"
#include "pipeline/view.h"

static enum status run_sql(struct statement *s, struct str sql, struct error *e)
{
    struct governor *g = s->plan->governor;
    return engine_run(g->pipeline->config.engine, g->engine_session, sql, e);
}

static struct engine *engine_of(const struct statement *s)
{
    return s->plan->governor->pipeline->config.engine;
}

static enum status append_rows(struct statement *s, uint64_t append, struct error *e)
{
    enum { LOOK_EVERY_ROWS = 256 };
    const int64_t most = s->limits.max_rows;
    for (;;) {
        const struct value *row;
        bool done = false;
        if (s->rows->next(s->rows, &row, &done, e) != OK) {
            return FAIL;
        }
        if (done) {
            return OK;
        }
        if (s->row_count % LOOK_EVERY_ROWS == 0 && s->deadline_ns &&
            clock_mono_ns() >= s->deadline_ns) {
            return error_set(e, ERR_TIMEOUT, "The statement ran longer than it may.");
        }
        if (++s->row_count > most) {
            return error_set(e, ERR_ROW_LIMIT, "COPY brings more than the %lld rows allowed",
                             (long long)most);
        }
        if (engine_append_rows(engine_of(s), s->plan->governor->engine_session, append, &row, 1,
                               e) != OK) {
            return FAIL;
        }
    }
}

static enum status copy_rows(struct statement *s, struct error *e)
{
    struct plan *p = s->plan;
    uint64_t session = p->governor->engine_session, append;
    if (engine_append_begin(engine_of(s), session, p->now.engine_sql, p->copy_columns,
                            p->copy_column_count, &append, e) != OK) {
        return FAIL;
    }
    if (append_rows(s, append, e) != OK) {
        engine_append_abort(engine_of(s), session, append);
        return FAIL;
    }
    return engine_append_end(engine_of(s), session, append, &s->result.rows_changed, e);
}

/* The client's parameters and then those of the row filters. */
static const struct value *all_params(struct statement *s, size_t *count)
{
    const struct row_filter_params *extra = &s->plan->now.extra;
    *count = plan_explains(s->plan) ? 0 : s->param_count + extra->count;
    struct value *all = ARENA_ARRAY(s->arena, struct value, *count);
    for (size_t i = 0; i < *count; i++) {
        all[i] = i < s->param_count ? s->params[i] : extra->values[i - s->param_count];
    }
    return all;
}

static enum status start_main(struct statement *s, struct error *e)
{
    struct prepared *now = &s->plan->now;
    if (s->plan->is_copy_in) {
        return copy_rows(s, e);
    }
    if (now->stmt->kind == NODE_CREATE_VIEW) {
        return view_create(s, e);
    }
    if (!now->is_engine_prepared) { /* a change of schema that reads nothing */
        return run_sql(s, now->engine_sql, e);
    }
    size_t count;
    const struct value *params = all_params(s, &count);
    return engine_execute(engine_of(s), s->plan->governor->engine_session, now->engine.statement,
                          params, count, s->deadline_ns, s->arena, &s->result, e);
}

static enum status run_all(struct statement *s, const struct str *sql, size_t n, struct error *e)
{
    enum status status = OK;
    for (size_t i = 0; i < n && status == OK; i++) {
        status = run_sql(s, sql[i], e);
    }
    return status;
}

/* All of it in one transaction: that of the client, or the statement's own. */
static enum status start(struct statement *s, struct error *e)
{
    const struct prepared *now = &s->plan->now;
    if (run_all(s, now->before_sql, now->binding->before.n, e) != OK || start_main(s, e) != OK) {
        return FAIL;
    }
    return run_all(s, now->after_sql, now->binding->after.n, e);
}

static enum status check_params(const struct statement *s, struct error *e)
{
    if (s->param_count != s->plan->param_count && !plan_explains(s->plan)) {
        return error_set(e, ERR_PROTOCOL, "the statement takes %zu parameters, %zu were bound",
                         s->plan->param_count, s->param_count);
    }
    return OK;
}

enum status execute(struct statement *s, struct error *e)
{
    bool writes = statement_writes(s->plan->now.binding);
    if (check_params(s, e) != OK ||
        audit_write(s, AUDIT_INTENT, NULL, writes ? AUDIT_DURABLE : AUDIT_WRITTEN, e) != OK) {
        return FAIL;
    }
    if (writes && !s->plan->governor->in_transaction) {
        if (run_sql(s, STR("BEGIN TRANSACTION"), e) != OK) {
            return FAIL;
        }
        s->own_transaction = true;
    }
    s->plan->governor->writes += writes && s->plan->governor->in_transaction;
    s->is_executing = true;
    return start(s, e) == OK ? OK : execution_end(s, FAIL, e);
}

enum status execution_end(struct statement *s, enum status so_far, struct error *e)
{
    struct governor *g = s->plan->governor;
    engine_cursor_close(engine_of(s), g->engine_session, s->result.cursor);
    if (s->own_transaction) {
        s->own_transaction = false;
        if (so_far == OK) {
            so_far = run_sql(s, STR("COMMIT"), e);
        } else {
            struct error ignored = ERROR_INIT; /* the first error is the one to tell */
            so_far = run_sql(s, STR("ROLLBACK"), &ignored) == OK ? FAIL : so_far;
        }
    }
    if (so_far != OK) {
        constraint_error(s, e);
        return so_far;
    }
    if (s->plan->now.binding->kind != STATEMENT_DDL) {
        return so_far;
    }
    if (!s->plan->now.binding->is_temporary) {
        return snapshot_schema_changed(g, e);
    }
    g->temporary_changed = g->in_transaction;
    return snapshot_read_temporary(g, e);
}
