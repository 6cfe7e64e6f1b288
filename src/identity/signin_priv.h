/* Inside identity: proving a password. */
#ifndef IDENTITY_SIGNIN_PRIV_H
#define IDENTITY_SIGNIN_PRIV_H

#include "identity/signin.h"
#include "store/password.h"

/* What the caller wants of the second factor. */
enum signin_factor {
    FACTOR_ENFORCED, /* a code where he has a factor; and he must have one where the organization
                        says so */
    FACTOR_OF_HIS,   /* a code where he has one */
    FACTOR_APPENDED, /* as enforced, with the code at the end of the password: the wire */
    FACTOR_UNASKED   /* no code */
};

/* The password, and the code as `factor` says: one Argon2 run whoever it is. `*has_code`: there was
 * one. */
MUST_USE enum status signin_prove(struct identity *i, const struct signin_proof *p,
                                  enum signin_factor factor, struct arena *a,
                                  struct store_password *out, bool *has_code, struct error *e);

/* identity_verify() of a password and of an access token, on the wire. `user` STR_NULL for a
 * bearer. */
MUST_USE enum status signin_verify_password(struct identity *i, struct str user,
                                            struct str password, struct str environment,
                                            struct str source_ip, struct arena *a,
                                            struct principal **out, struct error *e);
MUST_USE enum status signin_verify_token(struct identity *i, struct str user, struct str token,
                                         struct str environment, struct str source_ip,
                                         struct arena *a, struct principal **out, struct error *e);

/* HMAC of a token that is kept as a digest alone, in hexadecimal digits, in the arena. `kind` keeps
 * one kind from passing as another. */
struct str signin_digest(const struct identity *i, const char *kind, struct str token,
                         struct arena *a);

#endif
