/* The second factor of people: enrolment, recovery codes, and asking for a code.
 *
 * Who changes anything proves it with his password again, and with a code where he has a factor. */
#ifndef IDENTITY_FACTOR_H
#define IDENTITY_FACTOR_H

#include "identity/signin.h"
#include "store/password.h"

/* The secret, in base32 and as an otpauth address, of a factor that begins with factor_confirm().
 */
struct factor_enrolment {
    struct str secret, uri;
};
MUST_USE enum status factor_enrol(struct identity *i, const struct signin_proof *p, struct arena *a,
                                  struct factor_enrolment *out, struct error *e);

/* `p->code` is of the new factor. Gives SIGNIN_RECOVERY_CODES recovery codes, shown once. */
MUST_USE enum status factor_confirm(struct identity *i, const struct signin_proof *p,
                                    struct arena *a, struct str *codes, struct error *e);

/* New recovery codes in place of those that are left. */
MUST_USE enum status factor_recovery(struct identity *i, const struct signin_proof *p,
                                     struct arena *a, struct str *codes, struct error *e);

/* ERR_DENIED where the organization wants one. */
MUST_USE enum status factor_disable(struct identity *i, const struct signin_proof *p,
                                    struct error *e);

/* For signin: is the code right, and not used before? It is used up. ERR_AUTH; ERR_THROTTLED after
 * too many that were wrong. */
MUST_USE enum status factor_check(struct identity *i, const struct store_password *who,
                                  struct str code, struct str source_ip, struct error *e);

#endif
