/* Sign-ins: from a proof of who a user is to the end of his session, thirty days at most.
 *
 * A sign-in lives while its row does: signing out, another password, role or organization's rule, a
 * suspension and a removal delete it, and every access token names it. It has one refresh token at
 * a time, of which the store has two digests: of its selector, the same for all of one sign-in,
 * which finds the row, and of its secret, which is new each time. A selector that comes with a
 * secret of before is a token used twice, by its owner or a thief: nobody can tell, and the sign-in
 * ends. */
#ifndef STORE_SIGNIN_H
#define STORE_SIGNIN_H

#include "store/key.h"

struct store_sign_in {
    struct str id; /* UUID, given by the store */
    struct str org_id, user_id, password_id, environment;
    bool second_factor;
    struct str selector, secret;             /* digests */
    int64_t created_us, refresh_us, ends_us; /* refresh_us: until when the refresh token holds */
    struct str role;                         /* of the user; read by store_sign_in_refresh */
};

/* `source_ip` is for the trail. ERR_CONSTRAINT where the password is another by now, or the
 * organization has no such environment. */
MUST_USE enum status store_sign_in_start(struct store *s, struct str source_ip,
                                         struct store_sign_in *row, struct arena *a,
                                         struct error *e);

/* Puts `fresh` in the place of `secret`, good until `refresh_us` or the sign-in's end, whichever is
 * first. ERR_NOT_FOUND: no such sign-in, it is over, or its user is suspended; ERR_REVOKED: the
 * secret was used before, and the sign-in is ended now. Of several at once one succeeds. */
MUST_USE enum status store_sign_in_refresh(struct store *s, struct str selector, struct str secret,
                                           struct str fresh, int64_t now_us, int64_t refresh_us,
                                           struct arena *a, struct store_sign_in *out,
                                           struct error *e);

/* Signs out. Ending what is over is fine. */
MUST_USE enum status store_sign_in_end(struct store *s, struct str actor, struct str id,
                                       struct error *e);

/* Removes what time has ended. */
MUST_USE enum status store_sign_in_sweep(struct store *s, int64_t now_us, struct error *e);

/* The credential that a sign-in, or the password itself (on the wire), is: key.id is the id given.
 * A sign-in without a second factor where the organization wants one is not found. ERR_NOT_FOUND.
 */
MUST_USE enum status store_sign_in_credential(struct store *s, struct str id, struct arena *a,
                                              struct store_credential *out, struct error *e);
MUST_USE enum status store_password_credential(struct store *s, struct str password_id,
                                               struct str environment, struct arena *a,
                                               struct store_credential *out, struct error *e);

/* Sign-ins that were refused, for the trail of the user's organization: written later, and many as
 * one, so that a refusal costs the same whether there is such a user or not. */
struct store_refusal {
    struct str org_id, user_id, source_ip;
    const char *why;
    int64_t count;
};
MUST_USE enum status store_refusals_note(struct store *s, const struct store_refusal *rows,
                                         size_t n, struct error *e);

#endif
