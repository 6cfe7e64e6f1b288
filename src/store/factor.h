/* Second factors of users: a secret for one-time codes (sealed by the caller), digests of recovery
 * codes, and whether an organization wants them of its people. */
#ifndef STORE_FACTOR_H
#define STORE_FACTOR_H

#include "store/row.h"
#include "store/store.h"

enum { STORE_RECOVERY_CODES_MAX = 16 };

struct store_factor {
    struct str secret;      /* sealed; empty: he has none */
    bool confirmed;         /* asked for at his sign-ins */
    int64_t last_step;      /* of time, whose code was used last (RFC 6238, section 5.2) */
    int64_t recovery_codes; /* that are left */
};

MUST_USE enum status store_factor_get(struct store *s, struct str user_id, struct arena *a,
                                      struct store_factor *out, struct error *e);

/* A new secret that waits to be confirmed, in place of another that waits. ERR_EXISTS where he has
 * one that is confirmed. */
MUST_USE enum status store_factor_enrol(struct store *s, struct str actor, struct str org_id,
                                        struct str user_id, struct str secret, struct error *e);

/* Makes the waiting secret count, with recovery codes; `step` is the one of the code that proved
 * it. ERR_CONSTRAINT where none waits or it isn't `secret` any more. */
MUST_USE enum status store_factor_confirm(struct store *s, struct str actor, struct str org_id,
                                          struct str user_id, struct str secret, int64_t step,
                                          struct store_list recovery, struct error *e);

/* New recovery codes in place of those that are left. ERR_NOT_FOUND: no confirmed factor. */
MUST_USE enum status store_factor_recovery(struct store *s, struct str actor, struct str org_id,
                                           struct str user_id, struct store_list recovery,
                                           struct error *e);

/* Uses up the code of a step, and with it all earlier ones: `*fresh` is false where it, or a later
 * one, was used already, by whatever process. Durable when it returns. */
MUST_USE enum status store_factor_use(struct store *s, struct str user_id, int64_t step,
                                      bool *fresh, struct error *e);

/* The same for a recovery code. */
MUST_USE enum status store_factor_recover(struct store *s, struct str actor, struct str org_id,
                                          struct str user_id, struct str digest, bool *fresh,
                                          struct error *e);

/* By user id or e-mail. Ends his sign-ins. ERR_NOT_FOUND: no such user, or he has none. */
MUST_USE enum status store_factor_remove(struct store *s, struct str actor, struct str org_id,
                                         struct str id_or_email, struct error *e);

/* Whether people of the organization need one: from then on, sign-ins that had none are over. */
MUST_USE enum status store_factor_require(struct store *s, struct str actor, struct str org_id,
                                          bool required, struct error *e);
MUST_USE enum status store_factor_required(struct store *s, struct str org_id, bool *out,
                                           struct error *e);

#endif
