/* Sign-ins that were refused, on their way to the trail of the user's organization.
 *
 * They are counted in memory and written each second or so, many as one: so a refusal costs no
 * write while somebody waits for the answer, whose time would tell that there is such a user, and a
 * flood doesn't fill the trail. Bounded: past it they are in the operator's log alone. Thread-safe.
 */
#ifndef IDENTITY_REFUSALS_H
#define IDENTITY_REFUSALS_H

#include "base/error.h"
#include "base/str.h"

struct store;
struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals *r); /* NULL is allowed; what isn't written is lost */

/* `why` is a constant. */
void refusals_add(struct refusals *r, struct str org_id, struct str user_id, struct str source_ip,
                  const char *why);

/* Writes what was counted; what can't be written is kept for the next time. */
MUST_USE enum status refusals_write(struct refusals *r, struct store *s, struct error *e);

#endif
