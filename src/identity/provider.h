/* An identity provider's configuration, and what its rules make of somebody's claims: pure, no
 * clock, no store, no network. docs/federation.md tells the members. */
#ifndef IDENTITY_PROVIDER_H
#define IDENTITY_PROVIDER_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "policy/principal.h"
#include "store/row.h"

enum { PROVIDER_RULES_MAX = 256 };
#define PROVIDER_AWS_ISSUER "aws"

struct provider_condition {
    struct str claim;
    struct store_list values; /* any of them; one that ends with * is a beginning */
};

struct provider_rule {
    const struct provider_condition *when; /* all of them; at least one */
    size_t when_count;
    enum role role;  /* never owner */
    struct str user; /* "": the provider's */
};

struct provider {
    bool aws;            /* else OpenID Connect */
    struct str issuer;   /* OpenID: as tokens say; AWS: PROVIDER_AWS_ISSUER */
    struct str jwks_uri; /* "": found by discovery */
    struct store_list audiences, environments, regions;
    unsigned scopes; /* of enum scope */
    struct str user; /* an e-mail address with {claim} in it */
    bool email_is_verified, provision;
    int64_t session_minutes; /* AWS: how long a login lasts */
    const struct provider_rule *rules;
    size_t rule_count;
};

/* Reads the JSON, in the arena. ERR_VALIDATION with the member that is wrong and what is right. */
MUST_USE enum status provider_read(struct str json, struct arena *a, struct provider *out,
                                   struct error *e);

/* Who the claims make of somebody. */
struct provider_match {
    struct str email; /* not yet checked to be an address */
    enum role role;
};

/* By the first rule that holds; no further one is asked. ERR_AUTH, for the operator's log alone: no
 * rule holds, or the user's name needs a claim that isn't there or isn't to be trusted: an `email`
 * that neither `email_verified` nor the configuration calls verified. */
MUST_USE enum status provider_match(const struct provider *p, const json_t *claims, struct arena *a,
                                    struct provider_match *out, struct error *e);

#endif
