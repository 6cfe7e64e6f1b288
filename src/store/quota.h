/* Quotas, and the credits leased against them. The ledger (meter/) leases in blocks; here each
 * lease is one transaction, durable when the call returns, so that two processes never share a
 * credit. */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/store.h"

struct store_quota {
    int64_t monthly_millicredits, max_concurrent, max_rows;
};

/* False in `*is_set` where the organization has none of its own; `out` is then untouched. */
MUST_USE enum status store_quota_get(struct store *s, struct str org_id, struct store_quota *out,
                                     bool *is_set, struct error *e);

/* All three must be positive. */
MUST_USE enum status store_quota_set(struct store *s, struct str actor, struct str org_id,
                                     const struct store_quota *q, struct error *e);

/* Takes up to `want` millicredits of the period ("2026-11") such that the sum of leases stays
 * within `limit`; gives what was taken, which may be 0. */
MUST_USE enum status store_usage_lease(struct store *s, struct str org_id, struct str period,
                                       int64_t limit, int64_t want, int64_t *granted,
                                       struct error *e);

/* Adds (or, negative, gives back) leased millicredits, whatever the limit. Never below zero. */
MUST_USE enum status store_usage_add(struct store *s, struct str org_id, struct str period,
                                     int64_t millicredits, struct error *e);

/* Leased in the period by all processes: spent, reserved or lying in a block. */
MUST_USE enum status store_usage_get(struct store *s, struct str org_id, struct str period,
                                     int64_t *leased, struct error *e);

#endif
