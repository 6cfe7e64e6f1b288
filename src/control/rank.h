/* Who may change whom: only an owner makes, changes or removes an owner or admin, and nobody
 * changes his own role or standing. The matrix of roles has said already that he manages users. */
#ifndef CONTROL_RANK_H
#define CONTROL_RANK_H

#include "control/call.h"
#include "store/user.h"

/* May the caller give this role? */
MUST_USE enum status rank_may_give(const struct call *c, struct str role, struct error *e);

/* May he change this user? */
MUST_USE enum status rank_may_change(const struct call *c, const struct store_user *user,
                                     struct error *e);

#endif
