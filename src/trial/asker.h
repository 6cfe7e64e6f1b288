/* Who asks: a principal in words, as `hatidata policy test` and `hatidata explain` take it.
 *
 *     [HOLDER] [FIELD=VALUE ...]      by spaces; a value with a space or '#' stands in "..."
 *
 * HOLDER is a user (e-mail or id) or the prefix of an API key: what that credential vouches for.
 * The fields make a principal where there is no holder, and change one where there is:
 *
 *     role=analyst              scopes=query:read,schema:read
 *     granted=developer         as if he had a just-in-time grant of that role
 *     agent=order-bot           framework=langchain          (an agent's key has both)
 *     user=ID  email=ADDRESS    env=production           (whose tables are there for him)
 *     schemas=A,B  tables=A,B   that the key is limited to
 *     attr.department=sales     an attribute; empty takes it away
 *     ip=10.0.0.1               at=2026-01-31T08:00:00+01:00
 *
 * The grant that is in force for a holder is his here too, as long as role= gives him no other
 * role. What isn't said isn't known, and unknown is deny: without ip= a rule about source_ip has an
 * unknown attribute. Scopes are those that `hatidata key add` gives by default. */
#ifndef TRIAL_ASKER_H
#define TRIAL_ASKER_H

#include "policy/principal.h"
#include "store/org.h"
#include "store/store.h"

struct asker {
    const struct principal *principal;
    int64_t at_us; /* of at=, since 1970 UTC; 0: now */
};

/* Reads `words` for one organization; all in the arena. `environment` is where neither env= nor the
 * key says one; empty: the default. The principal is made of a credential as at
 * a login (identity/grant.h), so a key that is revoked, expired or not for that address is refused.
 * ERR_VALIDATION names the field, ERR_NOT_FOUND the holder, ERR_DENIED why the key doesn't hold;
 * the error's position is the word's offset in `words`. */
MUST_USE enum status asker_read(struct store *s, const struct store_org *org,
                                struct str environment, struct str words, struct arena *a,
                                struct asker *out, struct error *e);

#endif
