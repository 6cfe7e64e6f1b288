/* What the tests of identity begin with: a store of their own with one organization, "acme". */
#ifndef UNIT_IDENTITY_SITE_H
#define UNIT_IDENTITY_SITE_H

#include "../place.h"

#include "identity/signin.h"
#include "store/key.h"

/* Argon2 with small parameters, so that its cost isn't the tests'. */
extern const struct identity_config quick;
extern const struct str me; /* who changes the store */

struct site {
    struct place place;
    struct arena *a;
    struct store *s;
    struct identity *i; /* the test opens it */
    struct error e;
    struct str org;
    /* Whoever and whatever the test adds. */
    struct store_user boss, second_boss, ann;
    struct store_key key, agent_key;
    char secret[API_KEY_SIZE], agent_secret[API_KEY_SIZE];
    struct signin_proof proof;
    struct principal *who;
    struct standing now;
};

void site_make(struct site *t);
void site_remove(struct site *t); /* closes `i`, too */

void site_add_user(struct site *t, const char *email, const char *role,
                   struct store_pairs attributes, struct store_user *out);

/* Stores `key`, whose holder is set, with a new secret and these scopes. */
void site_add_key(struct site *t, struct store_key *key, struct store_list scopes,
                  char secret[API_KEY_SIZE]);

#endif
