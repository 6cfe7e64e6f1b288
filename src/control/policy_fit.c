#include "control/policy_fit.h"

#include "pipeline/pipeline.h"
#include "store/org.h"

enum status policy_fit_check(struct call *c, const struct policy_document *d,
                             const struct str *environments, size_t n, struct error *e)
{
    struct store_environment *rows;
    if (!c->config->pipeline) {
        return OK;
    }
    if (n == 0) {
        if (store_environments(c->config->store, d->org_id, c->arena, &rows, &n, e) != OK) {
            return FAIL;
        }
        struct str *all = ARENA_ARRAY(c->arena, struct str, n);
        for (size_t i = 0; i < n; i++) {
            all[i] = rows[i].name;
        }
        environments = all;
    }
    return pipeline_policy_fits(c->config->pipeline, d, environments, n, e);
}
