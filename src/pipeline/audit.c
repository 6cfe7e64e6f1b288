/* Stage 9. The outcome is durable before the client hears that the statement is complete; it is
 * written whatever happened before. */
#include "pipeline/statement.h"

#include "base/clock.h"
#include "meter/tally.h"
#include "metrics/metrics.h"

static enum metrics_kind kind_of(const struct statement *s)
{
    const struct binding *b = s->plan->now.binding;
    if (!b) {
        return METRICS_OTHER;
    }
    switch (b->kind) {
    case STATEMENT_QUERY:
        return METRICS_SELECT;
    case STATEMENT_INSERT:
        return s->plan->is_copy_in ? METRICS_COPY : METRICS_INSERT;
    case STATEMENT_UPDATE:
    case STATEMENT_MERGE:
        return METRICS_UPDATE;
    case STATEMENT_DELETE:
        return METRICS_DELETE;
    case STATEMENT_DDL:
        return METRICS_DDL;
    case STATEMENT_COPY_IN:
    case STATEMENT_COPY_OUT:
        return METRICS_COPY;
    case STATEMENT_EXPLAIN:
        return METRICS_OTHER;
    }
    return METRICS_OTHER;
}

static void count_shadow(const struct statement *s)
{
    const struct decision *d = s->decided ? s->decided : s->plan->now.decision;
    for (size_t i = 0; d && !plan_explains(s->plan) && i < d->note_count; i++) {
        const struct verdict_note *n = &d->notes[i];
        if (str_starts(n->action, "would_")) {
            metrics_count_shadow(n->policy_id, n->action);
        }
    }
}

static void count_one(const struct governor *g, const struct tally_statement *s)
{
    metrics_count_statement(s->kind, s->failed);
    if (g->pipeline->config.tally) {
        tally_count(g->pipeline->config.tally, s);
    }
}

void count_refused(const struct governor *g)
{
    count_one(g, &(struct tally_statement){
                     .org_id = g->principal->org_id, .kind = METRICS_OTHER, .failed = true});
}

static void count(const struct statement *s)
{
    const struct governor *g = s->plan->governor;
    const struct tally_statement used = {
        .org_id = g->principal->org_id,
        .kind = kind_of(s),
        .failed = s->failure != NULL,
        .rows = s->failure ? 0 : s->row_count,
        .duration_us = s->started_ns ? (clock_mono_ns() - s->started_ns) / 1000 : 0,
        .millicredits = s->used_millicredits,
    };
    count_one(g, &used);
}

enum status audit(struct statement *s, struct error *e)
{
    count_shadow(s);
    count(s);
    return audit_write(s, AUDIT_OUTCOME, s->failure, AUDIT_DURABLE, e);
}
