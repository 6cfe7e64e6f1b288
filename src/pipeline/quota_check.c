/* Stage 3. Takes the estimated credits and a place among the running statements, or ends the
 * statement with QUOTA_EXCEEDED before the engine has heard of it. */
#include "pipeline/statement.h"

#include "metrics/metrics.h"

enum status quota_check(struct statement *s, struct error *e)
{
    struct governor *g = s->plan->governor;
    if (ledger_reserve(g->pipeline->config.ledger, g->principal->org_id, s->estimated_millicredits,
                       &s->reservation, e) != OK) {
        metrics_add(METRIC_QUOTA_REFUSALS, 1);
        return FAIL;
    }
    s->has_reservation = true;
    return OK;
}
