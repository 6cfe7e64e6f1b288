/* What a replica asks the control plane for, in the place of changing itself. Each call is one of
 * the store's own of that name, with the same contract; it takes a bounded time, and fails with
 * ERR_NOT_READY where the control plane doesn't answer. */
#ifndef STORE_UPSTREAM_H
#define STORE_UPSTREAM_H

#include "store/jit.h"

struct store_upstream {
    void *ctx;

    /* store/quota.h. How far a lease may go is the control plane's to know. */
    enum status (*usage_lease)(void *ctx, struct str org_id, struct str period, int64_t want,
                               int64_t *granted, struct error *e);
    enum status (*usage_add)(void *ctx, struct str org_id, struct str period, int64_t millicredits,
                             struct error *e);
    enum status (*usage_get)(void *ctx, struct str org_id, struct str period, int64_t *leased,
                             struct error *e);

    /* store/jit.h. How long a grant may be is the control plane's to know, and so is the time. */
    enum status (*jit_request)(void *ctx, struct str actor, struct store_jit *r, struct arena *a,
                               struct error *e);
    enum status (*jit_decide)(void *ctx, enum store_jit_verb verb, struct str actor,
                              struct str org_id, struct str id, struct str user_id,
                              struct error *e);
};

#endif
