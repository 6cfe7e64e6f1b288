/* From a stored credential to a principal, and whether it still holds: pure, no clock, no store. */
#ifndef IDENTITY_GRANT_H
#define IDENTITY_GRANT_H

#include "policy/principal.h"
#include "store/key.h"

/* NULL where the credential holds now, from this address; else why not, for the operator's log. */
const char *grant_refusal(const struct store_credential *c, int64_t now_us, struct str source_ip);

/* Does `user`, as a client gave it, name the credential's holder: user id, e-mail, agent, key
 * prefix? */
bool grant_names(const struct store_credential *c, struct str user);

/* What the credential vouches for, in the arena, with the holder's own role. A scope or role that
 * isn't known gives none. The key's attributes stand before the user's of the same name. An agent's
 * user id is "agent:" and its name. */
struct principal *grant_principal(const struct store_credential *c, struct str source_ip,
                                  struct arena *a);

#endif
