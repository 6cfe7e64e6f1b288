/* The IAM trail: what administrators changed stands in the store's outbox, written with the change
 * itself; here it goes into the audit chain. An entry leaves the outbox only when it is durable. */
#include "pipeline/statement.h"

#include "store/iam.h"

static enum status record(struct audit *log, const struct store_iam *change, struct error *e)
{
    struct audit_entry entry = {
        .kind = AUDIT_IAM,
        .org_id = change->org_id,
        .actor = change->actor,
        .action = change->action,
        .resource = change->resource,
        .before = change->before,
        .after = change->after,
    };
    return audit_append(log, &entry, AUDIT_DURABLE, e);
}

enum status iam_record(struct store *s, struct audit *log, struct error *e)
{
    size_t n = 1;
    while (n) {
        struct arena *a = arena_new(0);
        struct store_iam *changes;
        enum status status = store_iam_take(s, a, &changes, &n, e);
        for (size_t i = 0; i < n && status == OK; i++) {
            status = record(log, &changes[i], e);
            if (status == OK) {
                status = store_iam_done(s, changes[i].id, e);
            }
        }
        arena_free(a);
        if (status != OK) {
            return FAIL;
        }
    }
    return OK;
}

enum status pipeline_record_changes(struct pipeline *p, struct error *e)
{
    return iam_record(p->config.store, p->config.audit, e);
}
