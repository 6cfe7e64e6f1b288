/* Advisory locks: numbers that sessions of one environment of an organization lock against each
 * other, shared or alone; what a number stands for is theirs. Every environment's are its own, so
 * nobody is told or kept waiting by another's.
 *
 * A session holds a lock as often as it took it: until it gives it up as often, or until the end of
 * its transaction. Who waits is served in the order of coming; a request that another one waits
 * before waits too, unless its session has the lock already. A wait in a circle is refused. Safe
 * from any thread. */
#ifndef SESSION_ADVISORY_H
#define SESSION_ADVISORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { ADVISORY_LOCKS_MAX = 1000 }; /* different ones that a session holds */

struct advisory;
struct advisory_holder;

struct advisory *advisory_new(void);
void advisory_free(struct advisory *t); /* no holder is left; NULL is allowed */

/* A session comes and goes, with all that it holds. */
struct advisory_holder *advisory_join(struct advisory *t, struct str org_id,
                                      struct str environment);
void advisory_leave(struct advisory_holder *h); /* NULL is allowed */

/* One number of 64 bits, or two of 32, which never are the same lock. */
struct advisory_key {
    bool is_pair;
    int64_t number;
};

enum advisory_answer {
    ADVISORY_HELD,
    ADVISORY_BUSY,     /* and it isn't to wait */
    ADVISORY_WAITS,    /* until advisory_finish() */
    ADVISORY_DEADLOCK, /* who holds it waits for this session */
    ADVISORY_FULL      /* it holds as many as it may */
};

struct advisory_request {
    struct advisory_key key;
    bool shared;
    bool of_transaction; /* given up by advisory_end_transaction() alone */
    bool may_wait;
};

enum advisory_answer advisory_lock(struct advisory_holder *h, const struct advisory_request *r);

/* Has `wake` called once, on whatever thread, when the wait is over or advisory_poke() was called
 * since it began: at once where that is so already. `wake` must not call anything of this file. */
void advisory_arm(struct advisory_holder *h, void (*wake)(void *ctx), void *ctx);
void advisory_poke(struct advisory_holder *h); /* NULL is allowed */

/* Ends the wait. True: the lock is held. */
bool advisory_finish(struct advisory_holder *h);

/* Once less, of those not of the transaction; false: it isn't held so. */
bool advisory_unlock(struct advisory_holder *h, struct advisory_key key, bool shared);
void advisory_unlock_all(struct advisory_holder *h); /* but those of the transaction */
void advisory_end_transaction(struct advisory_holder *h);

#endif
