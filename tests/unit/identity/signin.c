/* Signing in against a real store, by clocks that the test sets: what a password, a code and a
 * token are good for, how often, how long, and what each refusal costs. */
#include "identity/signin.h"

#include <argon2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "site.h"

#include "base/log.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "crypto/totp.h"
#include "identity/factor.h"
#include "identity/throttle.h"
#include "store/factor.h"
#include "store/org.h"
#include "store/password.h"
#include "store/user.h"

static const struct str password = {"correct horse battery", 21};
static const uint8_t secret_key[AEAD_KEY_SIZE] = {1, 2, 3};
static int64_t wall, mono;

static int64_t wall_us(void)
{
    return wall;
}

static int64_t mono_ns(void)
{
    return mono;
}

static void later(int64_t seconds)
{
    wall += seconds * 1000000;
    mono += seconds * 1000000000;
}

static void open_identity(struct site *t)
{
    struct identity_config with_secret = quick;

    with_secret.secret_key = secret_key;
    assert_int_equal(identity_open(t->s, &with_secret, &t->i, &t->e), OK);
    identity_set_clock(t->i, wall_us, mono_ns);
    assert_int_equal(identity_tick(t->i, &t->e), OK);
}

static int make_site(void **state)
{
    struct site *t = calloc(1, sizeof *t);

    wall = 4000000000 * (int64_t)1000000; /* after any key that the real clock made */
    mono = 1000000000;
    site_make(t);
    site_add_user(t, "boss@acme.example", "owner", (struct store_pairs){0}, &t->boss);
    site_add_user(t, "ann@acme.example", "analyst", (struct store_pairs){0}, &t->ann);
    open_identity(t);
    assert_int_equal(signin_set_password(t->i, me, t->org, t->ann.id, password, &t->e), OK);
    t->proof = (struct signin_proof){.org = STR(""),
                                     .user = STR("ann@acme.example"),
                                     .password = password,
                                     .code = STR(""),
                                     .source_ip = STR("10.0.0.1")};
    *state = t;
    return 0;
}

static int remove_site(void **state)
{
    site_remove(*state);
    free(*state);
    return 0;
}

static enum error_code start(struct site *t, struct signin *out)
{
    t->e = (struct error)ERROR_INIT;
    return signin_start(t->i, &t->proof, STR(""), t->a, out, &t->e) == OK ? ERR_NONE : t->e.code;
}

static enum error_code refresh(struct site *t, struct str token, struct signin *out)
{
    t->e = (struct error)ERROR_INIT;
    return signin_refresh(t->i, token, STR("10.0.0.1"), t->a, out, &t->e) == OK ? ERR_NONE
                                                                                : t->e.code;
}

static enum error_code verify(struct site *t, struct str token, struct principal **p)
{
    t->e = (struct error)ERROR_INIT;
    return identity_verify_bearer(t->i, token, STR_NULL, STR("10.0.0.1"), t->a, p, &t->e) == OK
               ? ERR_NONE
               : t->e.code;
}

static enum error_code still(struct site *t, const struct principal *p)
{
    t->e = (struct error)ERROR_INIT;
    return identity_still_valid(t->i, p, &t->now, &t->e) == OK ? ERR_NONE : t->e.code;
}

/* ---- passwords ---- */

/* RFC 9106, section 5.3: the library is the one that we think it is. */
static void test_argon2_vector(void **state)
{
    uint8_t out[32], pwd[32], salt[16], secret[8], ad[12];
    char hex[65];
    argon2_context c = {.out = out,
                        .outlen = 32,
                        .pwd = memset(pwd, 1, sizeof pwd),
                        .pwdlen = 32,
                        .salt = memset(salt, 2, sizeof salt),
                        .saltlen = 16,
                        .secret = memset(secret, 3, sizeof secret),
                        .secretlen = 8,
                        .ad = memset(ad, 4, sizeof ad),
                        .adlen = 12,
                        .t_cost = 3,
                        .m_cost = 32,
                        .lanes = 4,
                        .threads = 4,
                        .version = ARGON2_VERSION_13};

    assert_int_equal(argon2_ctx(&c, Argon2_id), ARGON2_OK);
    text_hex(out, sizeof out, hex);
    assert_string_equal(hex, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

static uint64_t runs_of(struct site *t, enum error_code want)
{
    struct identity_stats before, after;
    struct signin out;

    identity_stats(t->i, &before);
    assert_int_equal(start(t, &out), want);
    identity_stats(t->i, &after);
    return after.argon2_runs - before.argon2_runs;
}

static void test_every_refusal_costs_one_run(void **state)
{
    struct site *t = *state;
    char message[512];

    assert_int_equal(runs_of(t, ERR_NONE), 1);
    t->proof.password = STR("wrong");
    assert_int_equal(runs_of(t, ERR_AUTH), 1);
    snprintf(message, sizeof message, "%s", t->e.message);
    t->proof.user = STR("nobody@acme.example");
    assert_int_equal(runs_of(t, ERR_AUTH), 1);
    assert_string_equal(message, t->e.message);
    t->proof.user = STR("boss@acme.example"); /* who has no password */
    assert_int_equal(runs_of(t, ERR_AUTH), 1);
    assert_string_equal(message, t->e.message);
    t->proof.user = STR("ann@acme.example");
    t->proof.org = STR("globex");
    t->proof.password = password;
    assert_int_equal(runs_of(t, ERR_AUTH), 1);
    t->proof.org = t->org;
    assert_int_equal(store_user_set_active(t->s, me, t->org, t->ann.id, false, &t->e), OK);
    assert_int_equal(runs_of(t, ERR_AUTH), 1);
    assert_string_equal(message, t->e.message);
}

static void test_who_guesses_waits_alone(void **state)
{
    struct site *t = *state;
    struct signin out;

    t->proof.password = STR("wrong");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(start(t, &out), ERR_AUTH);
    }
    assert_int_equal(runs_of(t, ERR_THROTTLED), 0);
    assert_int_equal(t->e.retry_s, 1);
    t->proof.password = password;
    assert_int_equal(start(t, &out), ERR_THROTTLED);
    t->proof.source_ip = STR("10.0.0.2"); /* the owner of the account, elsewhere */
    assert_int_equal(start(t, &out), ERR_NONE);
    t->proof.source_ip = STR("10.0.0.1");
    later(1);
    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(start(t, &out), ERR_NONE);
}

static void test_delays_grow_to_a_maximum_and_memory_is_fixed(void **state)
{
    const struct throttle_config c = {
        .free_tries = 2, .max_delay_s = 8, .max_at_once = 4, .pairs = 16};
    struct throttle *th = throttle_new(&c);
    static const int delays[] = {0, 1, 2, 4, 8, 8};
    char name[16];

    throttle_set_clock(th, mono_ns);
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        assert_int_equal(throttle_begin(th, STR("2001:db8::1"), STR("Ann")), 0);
        throttle_end(th, STR("2001:db8::1"), STR("ann"), TRY_WRONG);
        assert_int_equal(throttle_begin(th, STR("2001:db8::2"), STR("ANN")), delays[i]);
        if (delays[i] == 0) {
            throttle_end(th, STR("2001:db8::2"), STR("ann"), TRY_UNDONE);
        }
        later(delays[i]);
    }
    mono -= (int64_t)8 * 1000000000; /* still waiting: */
    for (int i = 0; i < 1000; i++) { /* a flood of other names doesn't wash the delay away */
        snprintf(name, sizeof name, "n%d", i);
        if (throttle_begin(th, STR("10.0.0.9"), str_of(name)) == 0) {
            throttle_end(th, STR("10.0.0.9"), str_of(name), TRY_WRONG);
        }
    }
    assert_int_equal(throttle_begin(th, STR("2001:db8::1"), STR("ann")), 8);
    throttle_free(th);
}

static void test_invitations(void **state)
{
    struct site *t = *state;
    struct str token, again;
    struct signin out;

    assert_int_equal(signin_invite(t->i, me, t->org, STR("boss@acme.example"), t->a, &token, &t->e),
                     OK);
    assert_int_equal(signin_accept(t->i, token, STR("short"), &t->e), FAIL);
    assert_int_equal(signin_accept(t->i, token, STR("a boss's pass phrase"), &t->e), OK);
    assert_int_equal(signin_accept(t->i, token, STR("a boss's pass phrase"), &t->e), FAIL);
    t->proof.user = STR("boss@acme.example");
    t->proof.password = STR("a boss's pass phrase");
    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(signin_invite(t->i, me, t->org, STR("boss@acme.example"), t->a, &again, &t->e),
                     OK);
    later(SIGNIN_INVITATION_SECONDS);
    assert_int_equal(signin_accept(t->i, again, STR("a boss's pass phrase"), &t->e), FAIL);
}

/* ---- tokens ---- */

static void test_a_token_ends_with_its_hour(void **state)
{
    struct site *t = *state;
    struct principal *p;
    struct signin out;

    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(out.expires_in, 3600);
    assert_int_equal(verify(t, out.access_token, &p), ERR_NONE);
    assert_int_equal(p->role, ROLE_ANALYST);
    assert_true(str_eq(p->user_id, t->ann.id));
    later(3599);
    assert_int_equal(still(t, p), ERR_NONE);
    later(1);
    assert_int_equal(still(t, p), ERR_REVOKED); /* in mid-session */
    assert_int_equal(verify(t, out.access_token, &p), ERR_AUTH);
}

static void test_what_ends_a_token_at_once(void **state)
{
    struct site *t = *state;
    struct principal *p[4];
    struct signin out;

    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(verify(t, out.access_token, &p[0]), ERR_NONE);
    assert_int_equal(signin_end(t->i, p[0], &t->e), OK); /* signing out */
    assert_int_equal(still(t, p[0]), ERR_REVOKED);
    assert_int_equal(verify(t, out.access_token, &p[1]), ERR_AUTH);
    assert_int_equal(refresh(t, out.refresh_token, &out), ERR_AUTH);

    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(verify(t, out.access_token, &p[1]), ERR_NONE);
    assert_int_equal(store_user_set_role(t->s, me, t->org, t->ann.id, STR("developer"), &t->e), OK);
    assert_int_equal(still(t, p[1]), ERR_REVOKED);
    assert_int_equal(refresh(t, out.refresh_token, &out), ERR_AUTH);

    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(verify(t, out.access_token, &p[2]), ERR_NONE);
    assert_int_equal(signin_set_password(t->i, me, t->org, t->ann.id, password, &t->e), OK);
    assert_int_equal(still(t, p[2]), ERR_REVOKED);

    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(verify(t, out.access_token, &p[3]), ERR_NONE);
    assert_int_equal(store_user_set_active(t->s, me, t->org, t->ann.id, false, &t->e), OK);
    assert_int_equal(still(t, p[3]), ERR_REVOKED);
    assert_int_equal(verify(t, out.access_token, &p[3]), ERR_AUTH);
    assert_int_equal(store_user_set_active(t->s, me, t->org, t->ann.id, true, &t->e), OK);
    assert_int_equal(verify(t, out.access_token, &p[3]), ERR_AUTH);
}

static void test_a_refresh_token_used_twice_ends_the_sign_in(void **state)
{
    struct site *t = *state;
    struct signin first, second, third;
    struct principal *p;

    assert_int_equal(start(t, &first), ERR_NONE);
    assert_int_equal(refresh(t, first.refresh_token, &second), ERR_NONE);
    assert_int_equal(verify(t, second.access_token, &p), ERR_NONE);
    assert_int_equal(refresh(t, first.refresh_token, &third), ERR_AUTH);
    assert_int_equal(refresh(t, second.refresh_token, &third), ERR_AUTH);
    assert_int_equal(still(t, p), ERR_REVOKED);
}

static void test_thirty_days_at_most(void **state)
{
    struct site *t = *state;
    struct signin out;
    int days = 0;

    assert_int_equal(start(t, &out), ERR_NONE);
    do {
        later(6 * 24 * 3600);
        days += 6;
        assert_int_equal(identity_tick(t->i, &t->e), OK);
    } while (refresh(t, out.refresh_token, &out) == ERR_NONE);
    assert_int_equal(days, 30);
    assert_int_equal(start(t, &out), ERR_NONE);
    later(SIGNIN_REFRESH_SECONDS);
    assert_int_equal(refresh(t, out.refresh_token, &out), ERR_AUTH);
}

/* The next key is published before it signs, the last one until its tokens have ended. */
static void test_keys_rotate_without_a_gap(void **state)
{
    struct site *t = *state;
    struct str known = identity_key_set(t->i, t->a);
    struct principal *p;
    struct signin out;

    for (int hour = 0; hour < 32 * 24; hour += 3) {
        struct str kid, header;
        char *bytes;

        assert_int_equal(start(t, &out), ERR_NONE);
        header = out.access_token;
        header = str_cut(&header, '.');
        bytes = arena_alloc(t->a, header.n + 1);
        assert_true(text_unbase64url(header, bytes));
        kid = (struct str){strstr(bytes, "\"kid\":\"") + 7, 36};
        assert_non_null(memmem(known.p, known.n, kid.p, kid.n)); /* of three hours ago */
        known = identity_key_set(t->i, t->a);
        later(3599);
        assert_int_equal(identity_tick(t->i, &t->e), OK);
        assert_int_equal(verify(t, out.access_token, &p), ERR_NONE);
        later(2 * 3600 + 1);
    }
    assert_int_equal(identity_rotate_keys(t->i, me, &t->e), OK);
    assert_int_equal(verify(t, out.access_token, &p), ERR_AUTH); /* by its hour */
    assert_int_equal(start(t, &out), ERR_NONE);
    later(1200);
    assert_int_equal(identity_tick(t->i, &t->e), OK);
    assert_int_equal(verify(t, out.access_token, &p), ERR_NONE);
    assert_int_equal(start(t, &out), ERR_NONE);
}

/* ---- the second factor ---- */

static struct str enrol(struct site *t, struct str codes[SIGNIN_RECOVERY_CODES])
{
    struct factor_enrolment f;
    struct store_factor row;

    assert_int_equal(factor_enrol(t->i, &t->proof, t->a, &f, &t->e), OK);
    assert_int_equal(store_factor_get(t->s, t->ann.id, t->a, &row, &t->e), OK);
    assert_null(memmem(row.secret.p, row.secret.n, f.secret.p, f.secret.n));
    /* Base32 back into bytes. */
    char *bytes = arena_alloc(t->a, TOTP_SECRET_SIZE + 1);
    uint64_t waiting = 0;
    int bits = 0, n = 0;
    for (size_t i = 0; i < f.secret.n; i++) {
        char c = f.secret.p[i];

        waiting = waiting << 5 | (uint64_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
        for (bits += 5; bits >= 8; bits -= 8) {
            bytes[n++] = (char)(waiting >> (bits - 8));
        }
    }
    struct str secret = {bytes, TOTP_SECRET_SIZE};
    char *code = arena_alloc(t->a, 9);
    totp_hotp(secret, (uint64_t)(wall / 30000000), 6, code);
    t->proof.code = STR("000000x");
    assert_int_equal(factor_confirm(t->i, &t->proof, t->a, codes, &t->e), FAIL);
    t->proof.code = str_of(code);
    assert_int_equal(factor_confirm(t->i, &t->proof, t->a, codes, &t->e), OK);
    return secret;
}

static struct str code_now(struct site *t, struct str secret)
{
    char *code = arena_alloc(t->a, 9);

    totp_hotp(secret, (uint64_t)(wall / 30000000), 6, code);
    return str_of(code);
}

static void test_a_code_is_good_once(void **state)
{
    struct site *t = *state;
    struct str codes[SIGNIN_RECOVERY_CODES], secret = enrol(t, codes);
    struct signin out;

    assert_int_equal(start(t, &out), ERR_AUTH); /* the code that confirmed */
    t->proof.code = STR("");
    assert_int_equal(start(t, &out), ERR_FACTOR);
    later(30);
    t->proof.code = code_now(t, secret);
    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(start(t, &out), ERR_AUTH);
    identity_close(t->i); /* after a restart, too */
    open_identity(t);
    assert_int_equal(start(t, &out), ERR_AUTH);
    wall -= 30 * 1000000; /* the clock set back: neither that code nor the one before */
    assert_int_equal(start(t, &out), ERR_AUTH);
    t->proof.code = code_now(t, secret);
    assert_int_equal(start(t, &out), ERR_AUTH);
    later(60);
    t->proof.code = code_now(t, secret);
    assert_int_equal(start(t, &out), ERR_NONE);
}

static void test_recovery_codes(void **state)
{
    struct site *t = *state;
    struct str codes[SIGNIN_RECOVERY_CODES], fresh[SIGNIN_RECOVERY_CODES];
    struct signin out;

    enrol(t, codes);
    t->proof.code = codes[3];
    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(start(t, &out), ERR_AUTH);
    t->proof.code = codes[4];
    assert_int_equal(factor_recovery(t->i, &t->proof, t->a, fresh, &t->e), OK);
    t->proof.code = codes[5];
    assert_int_equal(start(t, &out), ERR_AUTH);
    t->proof.code = fresh[5];
    assert_int_equal(start(t, &out), ERR_NONE);
    t->proof.code = fresh[6];
    assert_int_equal(factor_disable(t->i, &t->proof, &t->e), OK);
    t->proof.code = STR("");
    assert_int_equal(start(t, &out), ERR_NONE);
}

static void test_codes_cannot_be_guessed(void **state)
{
    struct site *t = *state;
    struct str codes[SIGNIN_RECOVERY_CODES];
    struct signin out;
    int tries = 0;
    char ip[16];

    enrol(t, codes);
    t->proof.code = STR("12345x");
    do { /* from a new address each time */
        snprintf(ip, sizeof ip, "10.1.0.%d", ++tries);
        t->proof.source_ip = str_of(ip);
    } while (start(t, &out) == ERR_AUTH && tries < 100);
    assert_int_equal(t->e.code, ERR_THROTTLED);
    assert_true(tries <= 12);
}

static void test_enforcement(void **state)
{
    struct site *t = *state;
    struct str codes[SIGNIN_RECOVERY_CODES], secret;
    struct principal *p, *q;
    struct signin out;

    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(verify(t, out.access_token, &p), ERR_NONE);
    assert_int_equal(store_factor_require(t->s, me, t->org, true, &t->e), OK);
    assert_int_equal(still(t, p), ERR_REVOKED);
    assert_int_equal(verify(t, out.access_token, &q), ERR_AUTH);
    assert_int_equal(start(t, &out), ERR_ENROL);
    secret = enrol(t, codes);
    later(30);
    t->proof.code = code_now(t, secret);
    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(verify(t, out.access_token, &q), ERR_NONE);
    later(30);
    t->proof.code = code_now(t, secret);
    assert_int_equal(factor_disable(t->i, &t->proof, &t->e), FAIL);
    assert_int_equal(t->e.code, ERR_DENIED);
}

/* On the wire the code follows the password. */
static void test_the_wire(void **state)
{
    struct site *t = *state;
    struct str codes[SIGNIN_RECOVERY_CODES], secret = enrol(t, codes), both;
    struct str ann = STR("ann@acme.example"), here = STR("10.0.0.1"), db = STR("hatidata");
    struct principal *p;
    struct signin out;

    later(30);
    assert_int_equal(identity_verify(t->i, ann, password, db, here, t->a, &p, &t->e), FAIL);
    both = code_now(t, secret);
    both = str_of(arena_printf(t->a, "%.*s%.*s", STR_ARG(password), STR_ARG(both)));
    assert_int_equal(identity_verify(t->i, ann, both, db, here, t->a, &p, &t->e), OK);
    assert_int_equal(still(t, p), ERR_NONE);
    assert_int_equal(identity_verify(t->i, ann, both, db, here, t->a, &p, &t->e), FAIL);
    later(30);
    t->proof.code = code_now(t, secret);
    assert_int_equal(start(t, &out), ERR_NONE);
    assert_int_equal(identity_verify(t->i, ann, out.access_token, db, here, t->a, &p, &t->e), OK);
    assert_int_equal(identity_verify(t->i, STR("boss@acme.example"), out.access_token, db, here,
                                     t->a, &p, &t->e),
                     FAIL);
    assert_int_equal(
        identity_verify(t->i, ann, out.access_token, STR("other"), here, t->a, &p, &t->e), FAIL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_site, remove_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_argon2_vector),
        CASE(test_every_refusal_costs_one_run),
        CASE(test_who_guesses_waits_alone),
        CASE(test_delays_grow_to_a_maximum_and_memory_is_fixed),
        CASE(test_invitations),
        CASE(test_a_token_ends_with_its_hour),
        CASE(test_what_ends_a_token_at_once),
        CASE(test_a_refresh_token_used_twice_ends_the_sign_in),
        CASE(test_thirty_days_at_most),
        CASE(test_keys_rotate_without_a_gap),
        CASE(test_a_code_is_good_once),
        CASE(test_recovery_codes),
        CASE(test_codes_cannot_be_guessed),
        CASE(test_enforcement),
        CASE(test_the_wire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
