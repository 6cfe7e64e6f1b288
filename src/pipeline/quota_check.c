/* Stage 3. Takes the estimated credits and a place among the running statements, or ends the
 * statement with QUOTA_EXCEEDED before the engine has heard of it. From here on the limits of the
 * role hold: the lowest of role, organization, session and server. */
#include "pipeline/statement.h"

#include "metrics/metrics.h"

static void limit_time(struct statement *s)
{
    int64_t until = s->started_ns + s->limits.statement_ms * 1000000;
    if (s->limits.statement_ms > 0 && (s->deadline_ns == 0 || until < s->deadline_ns)) {
        s->deadline_ns = until;
        s->has_limited_deadline = true;
    }
}

enum status quota_check(struct statement *s, struct error *e)
{
    struct governor *g = s->plan->governor;
    if (ledger_reserve(g->pipeline->config.ledger, g->principal->org_id, s->estimated_millicredits,
                       &s->reservation, e) != OK) {
        metrics_add(METRIC_QUOTA_REFUSALS, 1);
        return FAIL;
    }
    s->has_reservation = true;
    s->limits = quota_limits(&s->reservation.quota, g->principal->role);
    limit_time(s);
    return OK;
}
