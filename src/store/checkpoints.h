/* Checkpoints of proxies' audit logs, which the control plane keeps for them: who takes a proxy's
 * host can't reach them there. Of each log the newest STORE_CHECKPOINTS_MAX. */
#ifndef STORE_CHECKPOINTS_H
#define STORE_CHECKPOINTS_H

#include "base/arena.h"
#include "store/store.h"

enum { STORE_CHECKPOINTS_MAX = 10000, STORE_LOGS_MAX = 100 };

struct store_checkpoint {
    struct str id; /* in the order of log and entries */
    struct str proxy_id, log_id, root, note;
    int64_t entries, received_us;
    bool refused; /* it contradicted what was kept of its log */
    bool late; /* to be added: it is of the log's past, and may be of fewer entries than others */
};

/* Keeps it; one that is there already is not kept again. ERR_CONFLICT: of its log there is another
 * of as many entries, or, if it isn't late, one of more entries and none like it: a log only grows.
 * The first such one is kept as refused, with an entry in the IAM trail. ERR_TOO_LARGE: the proxy
 * has had STORE_LOGS_MAX logs. `id` is made here. */
MUST_USE enum status store_checkpoint_add(struct store *s, const struct store_checkpoint *row,
                                          struct error *e);

/* Those after an id (STR_NULL: from the first), at most `limit`; of one log, or of all where
 * `log_id` is STR_NULL. In the arena. */
MUST_USE enum status store_checkpoints(struct store *s, struct str log_id, struct str after,
                                       int64_t limit, struct arena *a,
                                       struct store_checkpoint **rows, size_t *n, struct error *e);

#endif
