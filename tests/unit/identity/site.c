#include "site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "store/key.h"
#include "store/org.h"

const struct identity_config quick = {.argon2_memory_kib = 64,
                                      .argon2_passes = 1,
                                      .max_verifying = 2,
                                      .cache_seconds = 60,
                                      .cache_entries = 100};
const struct str me = {"test", 4};

void site_make(struct site *t)
{
    struct store_org org;

    log_set_level(LOG_ERROR);
    place_make(&t->place);
    t->a = arena_new(0);
    assert_int_equal(store_open(t->place.where, &t->s, &t->e), OK);
    assert_int_equal(store_org_create(t->s, me, STR("acme"), t->a, &org, &t->e), OK);
    t->org = org.id;
}

void site_remove(struct site *t)
{
    identity_close(t->i);
    store_close(t->s);
    arena_free(t->a);
    place_remove(&t->place);
}

void site_add_user(struct site *t, const char *email, const char *role,
                   struct store_pairs attributes, struct store_user *out)
{
    assert_int_equal(store_user_create(t->s, me, t->org, str_of(email), str_of(role), attributes,
                                       t->a, out, &t->e),
                     OK);
}

void site_add_key(struct site *t, struct store_key *key, struct store_list scopes,
                  char secret[API_KEY_SIZE])
{
    char hash[API_KEY_HASH_SIZE];

    assert_int_equal(identity_make_key(&quick, true, secret, hash, &t->e), OK);
    key->org_id = t->org;
    key->environment = STR("hatidata");
    key->name = STR("key");
    key->prefix = (struct str){secret, STORE_KEY_PREFIX_LENGTH};
    key->hash = str_of(arena_strdup(t->a, str_of(hash)));
    key->scopes = scopes;
    assert_int_equal(store_key_create(t->s, me, key, t->a, &t->e), OK);
}
