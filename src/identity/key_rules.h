/* What an API key may say, whoever makes it. */
#ifndef IDENTITY_KEY_RULES_H
#define IDENTITY_KEY_RULES_H

#include "base/error.h"
#include "store/key.h"

enum { KEY_DAYS_MAX = 3650, KEY_GRACE_HOURS = 24, KEY_GRACE_HOURS_MAX = 24 * 30 };

/* Every scope is one, and there is one; every address is an address or a block. ERR_VALIDATION says
 * which isn't. */
MUST_USE enum status key_check(const struct store_key *key, struct error *e);

/* The scopes of a key for which none are named, such as "query:read,schema:read": what the role can
 * use at all. An agent reads. */
const char *key_default_scopes(bool is_agent, struct str role);

/* When a key ends that was made now; 0 days: never. */
int64_t key_expiry(int64_t now_us, int64_t days);

#endif
