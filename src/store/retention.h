/* How long organizations want the audit log kept, and their legal holds. One log has the entries of
 * all: the longest wish and any hold are the log's. */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/store.h"

enum { STORE_HOLD_REASON_MAX = 1024 };

/* Days that the organization wants entries kept; 0: it never said. */
MUST_USE enum status store_retention_get(struct store *s, struct str org_id, int64_t *days,
                                         struct error *e);

/* From RETENTION_LAW_DAYS to RETENTION_MAX_DAYS (base/retention.h); ERR_VALIDATION. */
MUST_USE enum status store_retention_set(struct store *s, struct str actor, struct str org_id,
                                         int64_t days, struct error *e);

struct store_hold {
    struct str id, org_id, reason, placed_by;
    int64_t placed_us;
};

/* Those that stand, the oldest first. */
MUST_USE enum status store_holds(struct store *s, struct str org_id, struct arena *a,
                                 struct store_hold **rows, size_t *n, struct error *e);

/* The reason is required (ERR_VALIDATION), to lift one too: it is in the trail. */
MUST_USE enum status store_hold_place(struct store *s, struct str actor, struct str org_id,
                                      struct str reason, struct arena *a, struct store_hold *out,
                                      struct error *e);
MUST_USE enum status store_hold_lift(struct store *s, struct str actor, struct str org_id,
                                     struct str id, struct str reason,
                                     struct error *e); /* ERR_NOT_FOUND */

/* Of all organizations: the longest wish (0: none), and whether any hold stands. */
MUST_USE enum status store_retention_demand(struct store *s, int64_t *days, bool *held,
                                            struct error *e);

#endif
