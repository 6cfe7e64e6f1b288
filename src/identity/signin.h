/* How people sign in: password, second factor, and the tokens that they get for them.
 *
 * Passwords are kept as Argon2id of identity_config's parameters. An unknown user, one without a
 * password and a wrong password cost the same one run, and all get the same ERR_AUTH; ERR_THROTTLED
 * (with retry_s) comes without a run, by address and name alone. Codes are asked for after the
 * password; one that was used, or is older than one that was used, is refused for ever, whatever
 * the clock says. A code is six digits of the authenticator, or a recovery code where it says so.
 *
 * Everything here blocks: call it off the event loop. Thread-safe. */
#ifndef IDENTITY_SIGNIN_H
#define IDENTITY_SIGNIN_H

#include "identity/identity.h"
#include "store/user.h"

enum {
    SIGNIN_PASSWORD_MIN = 12,  /* characters */
    SIGNIN_PASSWORD_MAX = 256, /* bytes */
    SIGNIN_REFRESH_SECONDS = 7 * 24 * 3600,
    SIGNIN_SESSION_SECONDS = 30 * 24 * 3600,
    SIGNIN_INVITATION_SECONDS = 7 * 24 * 3600,
    SIGNIN_RECOVERY_CODES = 10
};

/* Who somebody says he is, and how he proves it. */
struct signin_proof {
    struct str org;  /* id or name; empty: the oldest account of the address */
    struct str user; /* e-mail or user id */
    struct str password;
    struct str code; /* of the second factor, or a recovery code; empty: none was given */
    struct str source_ip;
};

struct signin {
    struct str access_token, refresh_token;
    int64_t expires_in; /* seconds, of the access token */
    struct str org_name;
    struct str environment;
    struct store_user user; /* empty after a refresh, but for id, org_id and role */
};

/* Signs in to an environment (empty: the default one). ERR_FACTOR where the password is right and a
 * code is wanted; ERR_ENROL where it is right, the organization wants a second factor and he has
 * none. */
MUST_USE enum status signin_start(struct identity *i, const struct signin_proof *p,
                                  struct str environment, struct arena *a, struct signin *out,
                                  struct error *e);

/* A new access token and a new refresh token for a refresh token, which is used up. ERR_AUTH; where
 * it was used up before, the sign-in is ended as well. */
MUST_USE enum status signin_refresh(struct identity *i, struct str refresh_token,
                                    struct str source_ip, struct arena *a, struct signin *out,
                                    struct error *e);

/* Ends the sign-in that `p` came by. ERR_VALIDATION where it is a key's or a password's. */
MUST_USE enum status signin_end(struct identity *i, const struct principal *p, struct error *e);

/* Is it one that may be set? ERR_VALIDATION with what is wrong. Only length, UTF-8, and that it
 * isn't the address: rules about kinds of characters make no password better (NIST SP
 * 800-63B, 3.1.1.2). */
MUST_USE enum status signin_check_password(struct str password, struct str email, struct error *e);

/* Sets one, in an administrator's name or by an invitation. His sign-ins end. */
MUST_USE enum status signin_set_password(struct identity *i, struct str actor, struct str org_id,
                                         struct str user, struct str password, struct error *e);
MUST_USE enum status signin_change_password(struct identity *i, const struct signin_proof *p,
                                            struct str password, struct error *e);
MUST_USE enum status signin_accept(struct identity *i, struct str invitation, struct str password,
                                   struct error *e);

/* A token by which the user sets a password, once, within SIGNIN_INVITATION_SECONDS. In the arena.
 */
MUST_USE enum status signin_invite(struct identity *i, struct str actor, struct str org_id,
                                   struct str user, struct arena *a, struct str *token,
                                   struct error *e);

#endif
