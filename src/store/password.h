/* Passwords of users, and the invitations by which a user sets his first one or a new one. A
 * password is a PHC string of Argon2id, an invitation the digest of a token: neither can be read
 * back.
 *
 * Each password that is set has a new id; with the old one goes what was signed in by it. */
#ifndef STORE_PASSWORD_H
#define STORE_PASSWORD_H

#include "store/row.h"
#include "store/store.h"
#include "store/user.h"

struct store_password {
    struct store_user user;
    struct str org_name;
    struct str id, hash;
    bool factor_required; /* by the organization */
    bool has_factor;      /* the user has a second factor that he confirmed */
};

/* By the user's id or e-mail; `org` is an organization's id or name, or empty: of several accounts
 * of one address it is then the oldest, so that nobody who adds an account later takes the address
 * from its owner. Suspended users are given too. ERR_NOT_FOUND where there is no such user or he
 * has no password. */
MUST_USE enum status store_password_find(struct store *s, struct str org, struct str user,
                                         struct arena *a, struct store_password *out,
                                         struct error *e);

/* By user id or e-mail within the organization. Ends his sign-ins and his invitation.
 * ERR_NOT_FOUND. */
MUST_USE enum status store_password_set(struct store *s, struct str actor, struct str org_id,
                                        struct str id_or_email, struct str hash, struct error *e);

/* Replaces the user's invitation, if he has one. `digest` is of the token. ERR_NOT_FOUND. */
MUST_USE enum status store_invitation_set(struct store *s, struct str actor, struct str org_id,
                                          struct str id_or_email, struct str digest,
                                          int64_t expires_us, struct error *e);

/* Whose invitation it is, while it holds. ERR_NOT_FOUND: it is unknown, used, or over. */
MUST_USE enum status store_invitation_find(struct store *s, struct str digest, int64_t now_us,
                                           struct arena *a, struct store_user *out,
                                           struct error *e);

/* Sets the password and uses the invitation up, in one change. ERR_NOT_FOUND as above. */
MUST_USE enum status store_invitation_accept(struct store *s, struct str digest, struct str hash,
                                             int64_t now_us, struct error *e);

#endif
