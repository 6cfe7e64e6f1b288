/* Operators' keys against a real store: who gets in and what it costs, and when that ends; and an
 * organization's rate tier on its way to who asks. */
#include "identity/operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "site.h"

#include "base/clock.h"
#include "store/org.h"

static int64_t now_us;

static int64_t wall(void)
{
    return now_us;
}

static int make_site(void **state)
{
    struct site *t = calloc(1, sizeof *t);
    site_make(t);
    assert_int_equal(identity_open(t->s, &quick, &t->i, &t->e), OK);
    *state = t;
    return 0;
}

static int remove_site(void **state)
{
    site_remove(*state);
    free(*state);
    return 0;
}

static enum status add(struct site *t, const char *name, struct store_list addresses,
                       char secret[API_KEY_SIZE], struct store_operator_key *out)
{
    char hash[API_KEY_HASH_SIZE];
    assert_int_equal(identity_issue_operator_key(t->i, secret, hash, &t->e), OK);
    *out = (struct store_operator_key){.name = str_of(name),
                                       .prefix = {secret, STORE_KEY_PREFIX_LENGTH},
                                       .hash = str_of(arena_strdup(t->a, str_of(hash))),
                                       .ip_allowlist = addresses,
                                       .expires_us = clock_wall_us() + 1000000000};
    return store_operator_key_add(t->s, me, out, t->a, &t->e);
}

static enum status verify(struct site *t, const char *secret, const char *ip)
{
    struct store_operator_key found;
    t->e = (struct error)ERROR_INIT;
    return identity_verify_operator(t->i, str_of(secret), str_of(ip), t->a, &found, &t->e);
}

static void assert_refused(struct site *t, const char *secret, const char *ip)
{
    struct identity_stats before, after;
    identity_stats(t->i, &before);
    assert_int_equal(verify(t, secret, ip), FAIL);
    identity_stats(t->i, &after);
    assert_int_equal(t->e.code, ERR_AUTH);
    assert_string_equal(t->e.message, "the user, the API key or the database is wrong");
    assert_int_equal(after.argon2_runs + after.cache_hits,
                     before.argon2_runs + before.cache_hits + 1);
}

static void test_who_gets_in(void **state)
{
    static const struct str block = {"10.0.0.0/8", 10};
    struct site *t = *state;
    struct store_operator_key key, other;
    struct principal *p;
    char secret[API_KEY_SIZE], narrow[API_KEY_SIZE], wrong[API_KEY_SIZE];
    assert_int_equal(add(t, "ann", (struct store_list){0}, secret, &key), OK);
    assert_int_equal(add(t, "bob", (struct store_list){&block, 1}, narrow, &other), OK);
    assert_true(identity_is_operator_key(str_of(secret)));
    assert_int_equal(verify(t, secret, "192.0.2.1"), OK);
    assert_int_equal(verify(t, narrow, "10.1.2.3"), OK);
    assert_refused(t, narrow, "192.0.2.1");
    memcpy(wrong, secret, sizeof wrong);
    wrong[39] = wrong[39] == 'a' ? 'b' : 'a';
    assert_refused(t, wrong, "192.0.2.1");
    memset(wrong + 8, 'z', 32); /* no key has the prefix: it costs the same */
    assert_refused(t, wrong, "192.0.2.1");
    t->e = (struct error)ERROR_INIT;
    assert_int_equal(
        identity_verify(t->i, STR(""), str_of(secret), STR(""), STR("127.0.0.1"), t->a, &p, &t->e),
        FAIL);
    assert_int_equal(t->e.code, ERR_AUTH);
    assert_int_equal(
        identity_verify_bearer(t->i, str_of(secret), STR_NULL, STR("127.0.0.1"), t->a, &p, &t->e),
        FAIL);
}

static void test_its_end(void **state)
{
    struct site *t = *state;
    struct store_operator_key key, again;
    char secret[API_KEY_SIZE], other[API_KEY_SIZE];
    assert_int_equal(add(t, "ann", (struct store_list){0}, secret, &key), OK);
    identity_set_clock(t->i, wall, clock_mono_ns);
    now_us = key.expires_us - 1;
    assert_int_equal(verify(t, secret, "::1"), OK);
    now_us = key.expires_us;
    assert_refused(t, secret, "::1");
    now_us = key.created_us;
    assert_int_equal(add(t, "ann", (struct store_list){0}, other, &again), FAIL);
    assert_int_equal(t->e.code, ERR_EXISTS);
    t->e = (struct error)ERROR_INIT;
    assert_int_equal(store_operator_key_revoke(t->s, me, STR("ann"), &t->e), OK);
    assert_refused(t, secret, "::1");
    assert_int_equal(add(t, "ann", (struct store_list){0}, other, &again), OK);
    assert_int_equal(store_operator_key_revoke(t->s, me, key.id, &t->e), OK); /* twice is fine */
    assert_int_equal(verify(t, other, "::1"), OK);
    assert_int_equal(store_operator_key_revoke(t->s, me, STR("carl"), &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
}

static struct str tier_of(struct site *t, const char *secret)
{
    struct principal *p;
    assert_int_equal(
        identity_verify_bearer(t->i, str_of(secret), STR_NULL, STR("::1"), t->a, &p, &t->e), OK);
    return p->rate_tier;
}

static void test_a_tier_reaches_who_asks(void **state)
{
    static const struct str read = {"query:read", 10};
    struct site *t = *state;
    site_add_user(t, "boss@acme.example", "owner", (struct store_pairs){0}, &t->boss);
    t->key.user_id = t->boss.id;
    site_add_key(t, &t->key, (struct store_list){&read, 1}, t->secret);
    assert_int_equal(tier_of(t, t->secret).n, 0);
    assert_int_equal(store_org_set_rate_tier(t->s, me, t->org, STR("growth"), &t->e), OK);
    assert_true(str_is(tier_of(t, t->secret), "growth"));
    assert_int_equal(store_org_set_rate_tier(t->s, me, t->org, STR("Growth"), &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_VALIDATION);
    assert_int_equal(store_org_set_rate_tier(t->s, me, STR("no-such"), STR("free"), &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    t->e = (struct error)ERROR_INIT;
    assert_int_equal(store_org_set_rate_tier(t->s, me, t->org, STR(""), &t->e), OK);
    assert_int_equal(tier_of(t, t->secret).n, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_site, remove_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_who_gets_in),
        CASE(test_its_end),
        CASE(test_a_tier_reaches_who_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
