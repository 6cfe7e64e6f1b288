/* Inside the store: just-in-time grants that must end. */
#ifndef STORE_JITROW_H
#define STORE_JITROW_H

#include "store/change.h"

/* A request or grant as the trail shows it; takes its id. */
#define JIT_IMAGE                                                                                  \
    "sssssisisiii",                                                                                \
        "SELECT id, user_id, role, base_role, reason, minutes, status, requested_us, decided_by,"  \
        " decided_us, expires_us, ended_us FROM jit_requests WHERE id = ?1"

/* Within the change: ends every grant that is over or no longer in force and every request that
 * waited too long or whose user may no longer ask, each with its trail entry. */
void jit_sweep(struct change *c, int64_t now_us);

#endif
