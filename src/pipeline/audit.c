/* Stage 9. The outcome is durable before the client hears that the statement is complete; it is
 * written whatever happened before. */
#include "pipeline/statement.h"

#include "metrics/metrics.h"

enum status audit(struct statement *s, struct error *e)
{
    metrics_statement(s->failure != NULL);
    return audit_write(s, AUDIT_OUTCOME, s->failure, AUDIT_DURABLE, e);
}
