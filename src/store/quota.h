/* Quotas, and the credits leased against them. The ledger (meter/) leases in blocks; here each
 * lease is one transaction, durable when the call returns, so that two processes never share a
 * credit. */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/store.h"

#define STORE_CREDITS_MAX INT64_C(1000000000000) /* a month */
#define STORE_ROWS_MAX    INT64_C(1000000000000)
enum { STORE_CONCURRENT_MAX = 100000 };

struct store_quota {
    int64_t monthly_millicredits, max_concurrent, max_rows;
};

/* False in `*is_set` where the organization has none of its own; `out` is then untouched. */
MUST_USE enum status store_quota_get(struct store *s, struct str org_id, struct store_quota *out,
                                     bool *is_set, struct error *e);

/* All three must be positive. */
MUST_USE enum status store_quota_set(struct store *s, struct str actor, struct str org_id,
                                     const struct store_quota *q, struct error *e);

/* What one statement of a role may take; '*' is every role of the organization, and the lowest
 * holds. 0: no limit of its own. */
#define STORE_EVERY_ROLE "*"
struct store_limit {
    struct str role;
    int64_t statement_ms, max_rows;
};
MUST_USE enum status store_limits(struct store *s, struct str org_id, struct arena *a,
                                  struct store_limit **rows, size_t *n, struct error *e);

/* Both 0 removes the role's limits. */
MUST_USE enum status store_limit_set(struct store *s, struct str actor, struct str org_id,
                                     const struct store_limit *l, struct error *e);

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
