/* The outbox of the IAM trail: every change to the store is written here in its own transaction,
 * and whoever holds the audit log drains it into the chain. An entry is removed only after it is
 * durable there, so a crash can write one twice (same id), and never loses one. */
#ifndef STORE_IAM_H
#define STORE_IAM_H

#include "base/arena.h"
#include "store/store.h"

struct store_iam {
    int64_t id;                       /* rising */
    struct str org_id, actor, action; /* "user.set-role" */
    struct str resource;              /* "user/<id>" */
    struct str before, after;         /* JSON objects; empty: did not, does not exist */
    int64_t at_us;
};

/* Adds that `actor` was refused: an entry "ACTION.refuse", whose `after` has the code and the
 * message of `why`. For what never came to be a change of the store; of its own changes the store
 * says so itself (change.h). */
MUST_USE enum status store_iam_refuse(struct store *s, struct str org_id, struct str actor,
                                      const char *action, struct str resource,
                                      const struct error *why, struct error *e);

/* The oldest entries, at most 256; none where another program on the same store writes them down.
 */
MUST_USE enum status store_iam_take(struct store *s, struct arena *a, struct store_iam **rows,
                                    size_t *n, struct error *e);

/* Removes the entries up to and with `id`. */
MUST_USE enum status store_iam_done(struct store *s, int64_t id, struct error *e);

#endif
