/* The claims of a verified token (JWT, RFC 7519; OpenID Connect Core, section 3.1.3.7; RFC 8725).
 */
#ifndef CRYPTO_JWT_H
#define CRYPTO_JWT_H

#include <jansson.h>

#include "crypto/jws.h"

enum { JWT_AUDIENCES_MAX = 16, JWT_TEXT_MAX = 512 /* bytes of iss, sub, aud, azp */ };

struct jwt {
    json_t *claims;                    /* all of them; owned */
    struct str iss, sub, azp;          /* STR_NULL: not there */
    struct str aud[JWT_AUDIENCES_MAX]; /* one text or a list: the same here */
    size_t aud_count;
    int64_t exp, nbf, iat; /* seconds since 1970, fractions cut off; nbf and iat 0 where absent */
};

/* Reads the payload: from jws_verify()'s hands, or before it to learn whose keys to ask for.
 * ERR_AUTH where it isn't a JSON object of unique members, where a claim above is of another type,
 * empty, longer or out of range, where there is no exp, or where it says (typ, events) that it is a
 * token for something else than to tell who somebody is. On OK the caller must jwt_fini(). */
MUST_USE enum status jwt_read(const struct jws *t, struct jwt *out, struct error *e);
void jwt_fini(struct jwt *c);

/* What the reader expects. */
struct jwt_expected {
    struct str issuer;           /* equal in every byte */
    const struct str *audiences; /* one of them must be named */
    size_t audience_count;
    int leeway_s; /* for clocks that differ: 60 at most */
};

/* The time is good from nbf and iat on (less the leeway) and before exp (plus the leeway). Of
 * several audiences, azp must say that one of ours is meant. ERR_AUTH, with what is wrong, never a
 * value. */
MUST_USE enum status jwt_check(const struct jwt *c, const struct jwt_expected *x, int64_t now_s,
                               struct error *e);

#endif
