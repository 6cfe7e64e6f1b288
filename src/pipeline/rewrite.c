/* Stage 4. Tenant and row predicates go under every occurrence of a table (row_filter.c has the
 * rewriting). Done once a preparation. */
#include "pipeline/statement.h"

enum status plan_rewrite(struct plan *p, struct error *e)
{
    struct prepared *now = &p->now;
    if (now->is_rewritten) {
        return OK;
    }
    /* The body of a new view meets the caller's filters when it is used. */
    if (now->stmt->kind != NODE_CREATE_VIEW &&
        row_filter_apply(now->arena, now->binding, now->decision, p->governor->principal,
                         &now->stmt, p->is_copy_in ? NULL : &now->extra, e) != OK) {
        now->is_whole = false;
        return FAIL;
    }
    now->is_rewritten = true;
    return OK;
}

enum status row_filter(struct statement *s, struct error *e)
{
    return plan_rewrite(s->plan, e);
}
