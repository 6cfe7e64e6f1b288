/* Keys verified against a real store: who gets in, what it costs, and when it ends. Argon2 runs
 * with small parameters, so that its cost isn't the test's. */
#include "identity/identity.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <argon2.h>
#include <cmocka.h>

#include "site.h"

#include "base/clock.h"
#include "base/log.h"
#include "identity/cidr.h"
#include "identity/gate.h"
#include "store/key.h"
#include "store/org.h"
#include "store/user.h"

static const struct str names[] = {{"query:read", 10}, {"schema:read", 11}};
static const struct store_list scopes = {names, 2};

static int make_site(void **state)
{
    static const struct store_pair segment = {{"segment", 7}, {"BUILDING", 8}};
    struct site *t = calloc(1, sizeof *t);

    site_make(t);
    site_add_user(t, "boss@acme.example", "owner", (struct store_pairs){0}, &t->boss);
    site_add_user(t, "ann@acme.example", "analyst", (struct store_pairs){&segment, 1}, &t->ann);
    t->key.user_id = t->ann.id;
    site_add_key(t, &t->key, scopes, t->secret);
    t->agent_key.agent_id = STR("order-bot");
    t->agent_key.agent_framework = STR("langchain");
    t->agent_key.role = STR("service_account");
    site_add_key(t, &t->agent_key, scopes, t->agent_secret);
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

static enum status verify_from(struct site *t, const char *user, const char *secret, const char *db,
                               const char *ip, struct principal **p)
{
    t->e = (struct error)ERROR_INIT;
    return identity_verify(t->i, str_of(user), str_of(secret), str_of(db), str_of(ip), t->a, p,
                           &t->e);
}

static enum status verify(struct site *t, const char *user, const char *secret)
{
    struct principal *p;

    return verify_from(t, user, secret, "hatidata", "127.0.0.1", &p);
}

static void assert_refused(struct site *t, const char *user, const char *secret)
{
    assert_int_equal(verify(t, user, secret), FAIL);
    assert_int_equal(t->e.code, ERR_AUTH);
    assert_string_equal(t->e.message, "the user, the API key or the database is wrong");
}

static uint64_t runs(struct site *t)
{
    struct identity_stats stats;

    identity_stats(t->i, &stats);
    return stats.argon2_runs;
}

static void test_who_gets_in(void **state)
{
    struct site *t = *state;
    struct principal *p;
    char id[64];

    assert_int_equal(verify_from(t, "ann@acme.example", t->secret, "hatidata", "10.0.0.1", &p), OK);
    assert_true(str_eq(p->user_id, t->ann.id) && str_eq(p->org_id, t->org));
    assert_true(str_is(p->org_name, "acme") && str_is(p->user_email, "ann@acme.example"));
    assert_int_equal(p->role, ROLE_ANALYST);
    assert_int_equal(p->scopes, SCOPE_QUERY_READ | SCOPE_SCHEMA_READ);
    assert_true(str_is(p->source_ip, "10.0.0.1") && p->agent_id.n == 0);
    assert_int_equal(p->attribute_count, 1);
    assert_true(str_is(p->attributes[0].value, "BUILDING"));
    snprintf(id, sizeof id, "%.*s", STR_ARG(t->ann.id));
    assert_int_equal(verify(t, id, t->secret), OK);
    assert_int_equal(verify(t, "ANN@acme.example", t->secret), OK);
    snprintf(id, sizeof id, "%.16s", t->secret);
    assert_int_equal(verify(t, id, t->secret), OK);
    assert_int_equal(verify_from(t, id, t->secret, "", "10.0.0.1", &p), OK);
    assert_int_equal(verify_from(t, "order-bot", t->agent_secret, "hatidata", "::1", &p), OK);
    assert_int_equal(p->role, ROLE_SERVICE_ACCOUNT);
    assert_true(str_is(p->agent_id, "order-bot") && str_is(p->agent_framework, "langchain"));
    assert_true(str_is(p->user_id, "agent:order-bot"));
}

static void test_who_does_not(void **state)
{
    struct site *t = *state;
    struct principal *p;
    char wrong[API_KEY_SIZE], agent_prefix[17];

    memcpy(wrong, t->secret, sizeof wrong);
    wrong[39] = wrong[39] == 'a' ? 'b' : 'a';
    assert_refused(t, "ann@acme.example", wrong);
    memcpy(wrong, t->secret, sizeof wrong);
    memset(wrong + 8, 'Z', 8); /* a prefix that nobody has */
    assert_refused(t, "ann@acme.example", wrong);
    assert_refused(t, "boss@acme.example", t->secret);
    assert_refused(t, "", t->secret);
    assert_refused(t, "order-bot", t->secret);
    snprintf(agent_prefix, sizeof agent_prefix, "%.16s", t->agent_secret);
    assert_refused(t, agent_prefix, t->secret);
    assert_refused(t, "ann@acme.example", "");
    assert_refused(t, "ann@acme.example", "hd_live_short");
    assert_refused(t, "ann@acme.example", "hd_live_'; DROP TABLE api_keys; --aaaaaaaa");
    memcpy(wrong, t->secret, sizeof wrong);
    memcpy(wrong, "hd_test_", 8);
    assert_refused(t, "ann@acme.example", wrong);
    assert_int_equal(verify_from(t, "ann@acme.example", t->secret, "staging", "::1", &p), FAIL);
    assert_int_equal(t->e.code, ERR_AUTH);
}

/* Known and unknown prefixes run Argon2 once each, every time; a right key once, then from memory.
 */
static void test_cost(void **state)
{
    struct site *t = *state;
    char wrong[API_KEY_SIZE], unknown[API_KEY_SIZE];
    uint64_t before = runs(t);

    memcpy(wrong, t->secret, sizeof wrong);
    wrong[39] = wrong[39] == 'a' ? 'b' : 'a';
    memcpy(unknown, t->secret, sizeof unknown);
    memset(unknown + 8, 'Z', 8);
    for (int i = 1; i <= 5; i++) {
        assert_refused(t, "ann@acme.example", wrong);
        assert_refused(t, "ann@acme.example", unknown);
        assert_int_equal(runs(t), before + (uint64_t)i * 2);
    }
    assert_int_equal(verify(t, "ann@acme.example", t->secret), OK);
    assert_int_equal(runs(t), before + 11);
    assert_int_equal(verify(t, "ann@acme.example", t->secret), OK);
    assert_int_equal(runs(t), before + 11);
    assert_refused(t, "ann@acme.example", wrong); /* a hit of the right key helps no wrong one */
    assert_int_equal(runs(t), before + 12);
}

static void test_hash_is_argon2id(void **state)
{
    struct site *t = *state;
    struct identity_config normal = IDENTITY_CONFIG_DEFAULT;
    char secret[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];

    assert_int_equal(identity_make_key(&normal, false, secret, hash, &t->e), OK);
    assert_memory_equal(secret, "hd_test_", 8);
    assert_int_equal(strlen(secret), 40);
    assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_int_equal(argon2id_verify(hash, secret, 40), ARGON2_OK);
    assert_int_not_equal(argon2id_verify(hash, secret, 39), ARGON2_OK);
}

static void test_revoked_key(void **state)
{
    struct site *t = *state;
    struct principal *p;

    assert_int_equal(verify_from(t, "ann@acme.example", t->secret, "hatidata", "::1", &p), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), OK);
    assert_int_equal(store_key_revoke(t->s, me, t->org, t->key.id, &t->e), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_REVOKED);
    assert_refused(t, "ann@acme.example", t->secret);
    uint64_t before = runs(t);
    assert_refused(t, "ann@acme.example", t->secret); /* forgotten: it costs again */
    assert_int_equal(runs(t), before + 1);
}

static int64_t shifted_us; /* what the clock of the day is ahead */

static int64_t shifted(void)
{
    return clock_wall_us() + shifted_us;
}

/* The key before it lets in until its time is over, and so do sessions of it; the new one stays. */
static void test_rotated_key(void **state)
{
    struct site *t = *state;
    int64_t minute = (int64_t)60 * 1000000, ends = clock_wall_us() + 60 * minute;
    char secret[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
    struct principal *old, *new;
    identity_set_clock(t->i, shifted, clock_mono_ns);
    assert_int_equal(identity_issue_key(t->i, true, secret, hash, &t->e), OK);
    struct store_key key = {.prefix = {secret, STORE_KEY_PREFIX_LENGTH}, .hash = str_of(hash)};
    assert_int_equal(store_key_rotate(t->s, me, t->org, t->key.id, &ends, &key, t->a, &t->e), OK);
    shifted_us = 59 * minute;
    assert_int_equal(verify_from(t, "ann@acme.example", t->secret, "hatidata", "::1", &old), OK);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "::1", &new), OK);
    assert_true(str_eq(old->user_id, new->user_id) && old->scopes == new->scopes);
    shifted_us = 61 * minute;
    assert_refused(t, "ann@acme.example", t->secret);
    assert_int_equal(identity_still_valid(t->i, old, &t->now, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_REVOKED);
    assert_int_equal(identity_still_valid(t->i, new, &t->now, &t->e), OK);
    assert_int_equal(verify(t, "ann@acme.example", secret), OK);
    shifted_us = 0; /* set back: what has only expired is good again, what is revoked isn't */
    assert_int_equal(verify(t, "ann@acme.example", t->secret), OK);
    assert_int_equal(store_key_revoke(t->s, me, t->org, key.id, &t->e), OK);
    assert_refused(t, "ann@acme.example", t->secret);
    assert_refused(t, "ann@acme.example", secret);
}

static void test_suspended_changed_and_removed_user(void **state)
{
    struct site *t = *state;
    struct store_pair other = {STR("segment"), STR("MACHINERY")};
    struct principal *p, *q;

    assert_int_equal(verify_from(t, "ann@acme.example", t->secret, "hatidata", "::1", &p), OK);
    assert_int_equal(store_user_set_active(t->s, me, t->org, t->ann.id, false, &t->e), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), FAIL);
    assert_refused(t, "ann@acme.example", t->secret);
    assert_int_equal(store_user_set_active(t->s, me, t->org, t->ann.id, true, &t->e), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), OK);
    assert_int_equal(store_user_set_role(t->s, me, t->org, t->ann.id, STR("developer"), &t->e), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), FAIL);
    assert_int_equal(verify_from(t, "ann@acme.example", t->secret, "hatidata", "::1", &q), OK);
    assert_int_equal(q->role, ROLE_DEVELOPER);
    assert_int_equal(identity_still_valid(t->i, q, &t->now, &t->e), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), FAIL);
    assert_int_equal(store_user_set_attributes(t->s, me, t->org, t->ann.id,
                                               (struct store_pairs){&other, 1}, &t->e),
                     OK);
    assert_int_equal(identity_still_valid(t->i, q, &t->now, &t->e), FAIL);
    assert_int_equal(store_user_remove(t->s, me, t->org, t->ann.id, &t->e), OK);
    assert_int_equal(identity_still_valid(t->i, q, &t->now, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_REVOKED);
    assert_refused(t, "ann@acme.example", t->secret);
}

static void test_expiry_without_any_change(void **state)
{
    struct site *t = *state;
    struct principal *p;
    struct store_key key = {.user_id = t->ann.id};
    char secret[API_KEY_SIZE];
    int64_t deadline;

    key.expires_us = clock_wall_us() + 300000;
    site_add_key(t, &key, scopes, secret);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "::1", &p), OK);
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), OK);
    deadline = clock_mono_ns() + (int64_t)5 * 1000000000;
    while (clock_wall_us() < key.expires_us && clock_mono_ns() < deadline) {
        usleep(10000);
    }
    assert_int_equal(identity_still_valid(t->i, p, &t->now, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_REVOKED);
    assert_refused(t, "ann@acme.example", secret);
}

static void test_address_list(void **state)
{
    static const struct str blocks[] = {{"10.1.0.0/16", 11}, {"2001:db8::/32", 13}};
    struct site *t = *state;
    struct store_key key = {.user_id = t->ann.id, .ip_allowlist = {blocks, 2}};
    struct principal *p;
    char secret[API_KEY_SIZE];

    site_add_key(t, &key, scopes, secret);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "10.1.2.3", &p), OK);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "::ffff:10.1.2.3", &p),
                     OK);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "2001:db8:1::1", &p),
                     OK);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "10.2.0.1", &p), FAIL);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "", &p), FAIL);
    assert_int_equal(verify_from(t, "ann@acme.example", secret, "hatidata", "nonsense", &p), FAIL);
}

static void test_cidr(void **state)
{
    static const char *const bad[] = {"",        "1.2.3",    "1.2.3.4/33",  "1.2.3.4/8",
                                      "::/129",  "1.2.3.4/", "10.0.0.0/a",  "10.0.0.0/-1",
                                      "a::b::c", "::1/64",   "1.2.3.4/32/1"};
    static const struct {
        const char *block, *address;
        bool holds;
    } rows[] = {
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "::1", true},
        {"::/0", "8.8.8.8", false},
        {"10.0.0.0/31", "10.0.0.1", true},
        {"10.0.0.0/31", "10.0.0.2", false},
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "::ffff:10.0.0.1", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"10.0.0.1", "10.0.0.1\n", false},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(cidr_is_valid(str_of(bad[i])));
        assert_false(cidr_holds(str_of(bad[i]), STR("1.2.3.4")));
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(cidr_is_valid(str_of(rows[i].block)));
        assert_int_equal(cidr_holds(str_of(rows[i].block), str_of(rows[i].address)), rows[i].holds);
    }
}

static void test_bounded_cache(void **state)
{
    struct site *t = *state;
    struct identity_config one = quick;
    struct identity_stats stats;
    struct principal *p;

    one.cache_entries = 1;
    identity_close(t->i);
    assert_int_equal(identity_open(t->s, &one, &t->i, &t->e), OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(verify(t, "ann@acme.example", t->secret), OK);
        assert_int_equal(verify_from(t, "order-bot", t->agent_secret, "hatidata", "::1", &p), OK);
    }
    identity_stats(t->i, &stats);
    assert_int_equal(stats.cache_hits, 0);
    assert_int_equal(stats.argon2_runs, 6);
    one.cache_seconds = 0; /* remembers nothing */
    identity_close(t->i);
    assert_int_equal(identity_open(t->s, &one, &t->i, &t->e), OK);
    assert_int_equal(verify(t, "ann@acme.example", t->secret), OK);
    assert_int_equal(verify(t, "ann@acme.example", t->secret), OK);
    assert_int_equal(runs(t), 2);
}

struct crowd {
    struct site *site;
    atomic_int in;
};

static void *come_in(void *arg)
{
    struct crowd *c = arg;
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct standing now;
    struct principal *p;

    if (identity_verify(c->site->i, STR("ann@acme.example"), str_of(c->site->secret),
                        STR("hatidata"), STR("::1"), a, &p, &e) == OK &&
        identity_still_valid(c->site->i, p, &now, &e) == OK) {
        atomic_fetch_add(&c->in, 1);
    }
    arena_free(a);
    return NULL;
}

/* Many connections at once with one key: all get in, for as many runs as may go on at once. */
static void test_crowd_with_one_key(void **state)
{
    enum { THREADS = 100 };
    struct site *t = *state;
    struct crowd c = {t, 0};
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, come_in, &c), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(c.in, THREADS);
    assert_true(runs(t) <= (uint64_t)quick.max_verifying);
}

struct door {
    struct gate gate;
    pthread_mutex_t held; /* by the test, while nobody may leave */
    atomic_int inside, most, passed;
};

static void *pass(void *arg)
{
    struct door *d = arg;
    int now, most;

    if (!gate_enter(&d->gate)) {
        return NULL;
    }
    now = atomic_fetch_add(&d->inside, 1) + 1;
    most = d->most;
    while (now > most && !atomic_compare_exchange_weak(&d->most, &most, now)) {
    }
    pthread_mutex_lock(&d->held);
    pthread_mutex_unlock(&d->held);
    atomic_fetch_sub(&d->inside, 1);
    gate_leave(&d->gate);
    atomic_fetch_add(&d->passed, 1);
    return NULL;
}

static bool is_full(struct gate *g)
{
    bool full;

    pthread_mutex_lock(&g->lock);
    full = g->inside == g->max_inside && g->waiting == g->max_waiting;
    pthread_mutex_unlock(&g->lock);
    return full;
}

static void test_gate(void **state)
{
    enum { INSIDE = 2, WAITING = 4 };
    struct door d = {.held = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[INSIDE + WAITING];

    gate_init(&d.gate, INSIDE, WAITING);
    pthread_mutex_lock(&d.held);
    for (int i = 0; i < INSIDE + WAITING; i++) {
        pthread_create(&threads[i], NULL, pass, &d);
    }
    while (!is_full(&d.gate)) {
        usleep(1000);
    }
    assert_false(gate_enter(&d.gate)); /* at once: it doesn't wait */
    pthread_mutex_unlock(&d.held);
    for (int i = 0; i < INSIDE + WAITING; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(d.most, INSIDE);
    assert_int_equal(d.passed, INSIDE + WAITING);
    gate_fini(&d.gate);
}

static void test_names(void **state)
{
    enum role role;
    enum scope scope;

    for (int r = ROLE_OWNER; r <= ROLE_SERVICE_ACCOUNT; r++) {
        assert_true(role_parse(str_of(role_name(r)), &role));
        assert_int_equal(role, r);
    }
    assert_false(role_parse(STR("none"), &role));
    assert_false(role_parse(STR("Owner"), &role));
    assert_string_equal(role_name(99), "none");
    for (unsigned s = 1; s <= SCOPE_ADMIN; s *= 2) {
        assert_true(scope_parse(str_of(scope_name(s)), &scope));
        assert_int_equal(scope, s);
    }
    assert_null(scope_name(SCOPE_QUERY_READ | SCOPE_ADMIN));
    assert_false(scope_parse(STR("query:*"), &scope));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_site, remove_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_who_gets_in),
        CASE(test_who_does_not),
        CASE(test_cost),
        CASE(test_hash_is_argon2id),
        CASE(test_revoked_key),
        CASE(test_rotated_key),
        CASE(test_suspended_changed_and_removed_user),
        CASE(test_expiry_without_any_change),
        CASE(test_address_list),
        CASE(test_bounded_cache),
        CASE(test_crowd_with_one_key),
        cmocka_unit_test(test_cidr),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
