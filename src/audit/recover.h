/* What is found when a log is opened again: where its chain ends, whether its last line was torn,
 * and which intents have no outcome. */
#ifndef AUDIT_RECOVER_H
#define AUDIT_RECOVER_H

#include "audit/chain.h"
#include "base/map.h"

struct recovery {
    unsigned segment;   /* number of the last file; 0: there is no log yet */
    unsigned expired;   /* of the last before the first file; 0: none is missing */
    uint64_t size;      /* bytes of its whole lines */
    uint64_t torn;      /* bytes behind them */
    int64_t last_us;    /* wall time of the last entry; 0: none */
    struct chain chain; /* its hasher is the caller's */
    struct map *open;   /* query_id -> (struct str *) of the intents without an outcome */
};

/* Reads the last two segments (an intent may stand in the one before the last), or all where these
 * don't tell the tree of those before, as version 1 of the format didn't. ERR_CORRUPT names file
 * and line. Free with recovery_fini() in any case. */
MUST_USE enum status recover(const char *dir, struct hasher *h, struct recovery *out,
                             struct error *e);
void recovery_fini(struct recovery *r);

#endif
