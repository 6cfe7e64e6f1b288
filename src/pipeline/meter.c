/* Stage 8. Settles the reservation with what the statement really gave. One that failed before the
 * engine began costs nothing; one that failed later costs what was estimated. */
#include "pipeline/statement.h"

#include "metrics/metrics.h"

enum status meter(struct statement *s, struct error *e)
{
    (void)e;
    if (!s->has_reservation) {
        return OK;
    }
    struct governor *g = s->plan->governor;
    if (!s->failure) {
        s->cost.rows = s->row_count;
        s->used_millicredits = cost_millicredits(&s->cost);
    } else if (s->is_executing) {
        s->used_millicredits = s->estimated_millicredits;
    }
    ledger_settle(g->pipeline->config.ledger, g->principal->org_id, &s->reservation,
                  s->used_millicredits);
    s->has_reservation = false;
    metrics_add(METRIC_CREDITS_USED, s->used_millicredits);
    return OK;
}
