/* Grants against a real store and two clocks that the test turns: what is over stays over, and a
 * clock that is set back gives nobody more, in this process or in the next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "site.h"

#include "base/log.h"
#include "identity/identity.h"
#include "store/key.h"
#include "store/org.h"
#include "store/user.h"

static const int64_t second = 1000000, minute = 60 * 1000000;
static const int64_t start = 1800000000LL * 1000000;

static int64_t wall_now, mono_now; /* both in microseconds */

static int64_t wall(void)
{
    return wall_now;
}

static int64_t mono(void)
{
    return mono_now * 1000;
}

/* Time as it goes by, whatever the wall clock says. */
static void pass(int64_t us)
{
    wall_now += us;
    mono_now += us;
}

static void open_identity(struct site *t)
{
    assert_int_equal(identity_open(t->s, &quick, &t->i, &t->e), OK);
    identity_set_clock(t->i, wall, mono);
}

/* Another process: what only memory knew is gone. */
static void restart(struct site *t)
{
    identity_close(t->i);
    mono_now = 17 * second;
    open_identity(t);
}

static int make_site(void **state)
{
    static const struct str scopes[] = {{"query:read", 10}};
    struct site *t = calloc(1, sizeof *t);

    wall_now = start;
    mono_now = 5 * second;
    site_make(t);
    site_add_user(t, "boss@acme.example", "owner", (struct store_pairs){0}, &t->boss);
    site_add_user(t, "other@acme.example", "owner", (struct store_pairs){0}, &t->second_boss);
    site_add_user(t, "ann@acme.example", "analyst", (struct store_pairs){0}, &t->ann);
    t->key.user_id = t->ann.id;
    site_add_key(t, &t->key, (struct store_list){scopes, 1}, t->secret);
    open_identity(t);
    assert_int_equal(identity_verify(t->i, STR("ann@acme.example"), str_of(t->secret), STR(""),
                                     STR("::1"), t->a, &t->who, &t->e),
                     OK);
    *state = t;
    return 0;
}

static int remove_site(void **state)
{
    site_remove(*state);
    free(*state);
    return 0;
}

static struct str request(struct site *t, const char *role, int64_t minutes)
{
    struct store_jit r = {.org_id = t->org,
                          .user_id = t->ann.id,
                          .role = str_of(role),
                          .reason = STR("because"),
                          .minutes = minutes};

    assert_int_equal(store_jit_request(t->s, me, &r, 480, wall_now, t->a, &t->e), OK);
    return r.id;
}

static enum status approve(struct site *t, struct str id, struct str by)
{
    t->e = (struct error)ERROR_INIT;
    return store_jit_approve(t->s, me, t->org, id, by, 480, wall_now, &t->e);
}

static struct str grant(struct site *t, const char *role, int64_t minutes)
{
    struct str id = request(t, role, minutes);

    assert_int_equal(approve(t, id, t->boss.id), OK);
    return id;
}

static enum role role_now(struct site *t)
{
    struct standing now;

    assert_int_equal(identity_still_valid(t->i, t->who, &now, &t->e), OK);
    return now.role;
}

static void tick(struct site *t)
{
    assert_int_equal(identity_tick(t->i, &t->e), OK);
}

static void assert_status(struct site *t, struct str id, const char *status)
{
    struct store_jit r;

    assert_int_equal(store_jit_find(t->s, t->org, id, t->a, &r, &t->e), OK);
    assert_true(str_is(r.status, status));
}

static void test_begin_and_end(void **state)
{
    struct site *t = *state;
    struct standing now;
    struct str id = request(t, "developer", 10);

    assert_int_equal(role_now(t), ROLE_ANALYST);
    assert_int_equal(approve(t, id, t->boss.id), OK);
    assert_int_equal(identity_still_valid(t->i, t->who, &now, &t->e), OK);
    assert_int_equal(now.role, ROLE_DEVELOPER);
    assert_true(str_is(id, now.grant_id) && !standing_holds(&now, t->who));
    pass(10 * minute - second);
    assert_int_equal(role_now(t), ROLE_DEVELOPER);
    pass(second); /* nobody ticked: it is over all the same */
    assert_int_equal(role_now(t), ROLE_ANALYST);
    assert_status(t, id, "approved");
    tick(t);
    assert_status(t, id, "expired");
    assert_int_equal(role_now(t), ROLE_ANALYST);
}

static void test_a_login_has_the_role(void **state)
{
    struct site *t = *state;
    struct standing now;
    struct str id = grant(t, "admin", 10);

    assert_int_equal(identity_verify(t->i, STR("ann@acme.example"), str_of(t->secret), STR(""),
                                     STR("::1"), t->a, &t->who, &t->e),
                     OK);
    assert_int_equal(t->who->role, ROLE_ADMIN);
    assert_int_equal(t->who->base_role, ROLE_ANALYST);
    assert_true(str_eq(t->who->grant_id, id));
    assert_int_equal(identity_still_valid(t->i, t->who, &now, &t->e), OK);
    assert_true(standing_holds(&now, t->who));
    assert_int_equal(store_jit_revoke(t->s, me, t->org, id, STR(""), wall_now, &t->e), OK);
    assert_int_equal(role_now(t), ROLE_ANALYST);
}

static void test_a_clock_set_back(void **state)
{
    struct site *t = *state;
    struct str id = grant(t, "developer", 10);

    assert_int_equal(role_now(t), ROLE_DEVELOPER);
    pass(9 * minute);
    wall_now -= 600 * minute;
    assert_int_equal(role_now(t), ROLE_DEVELOPER);
    pass(minute);
    assert_int_equal(role_now(t), ROLE_ANALYST);
    tick(t);
    assert_status(t, id, "expired");
}

static void test_a_clock_set_forward_and_back(void **state)
{
    struct site *t = *state;
    struct str id = grant(t, "developer", 10);

    assert_int_equal(role_now(t), ROLE_DEVELOPER);
    wall_now += 11 * minute;
    assert_int_equal(role_now(t), ROLE_ANALYST);
    wall_now -= 11 * minute;
    assert_int_equal(role_now(t), ROLE_ANALYST);
    tick(t);
    assert_status(t, id, "expired");
}

/* The server ran for nine of the ten minutes, part of them with the clock set back; the next one
 * believes no clock either. */
static void test_a_clock_set_back_before_a_restart(void **state)
{
    struct site *t = *state;
    struct str id = grant(t, "developer", 10);

    for (int i = 0; i < 9 * 60; i++) {
        pass(second);
        tick(t);
        wall_now -= i == 100 ? 300 * minute : 0;
    }
    wall_now -= 60 * minute;
    restart(t);
    assert_int_equal(role_now(t), ROLE_DEVELOPER);
    pass(minute + 11 * second);
    assert_int_equal(role_now(t), ROLE_ANALYST);
    tick(t);
    assert_status(t, id, "expired");
}

static void test_over_while_no_server_ran(void **state)
{
    struct site *t = *state;
    struct str id = grant(t, "developer", 10);

    wall_now += 10 * minute;
    restart(t);
    assert_int_equal(role_now(t), ROLE_ANALYST);
    tick(t);
    assert_status(t, id, "expired");
    wall_now -= 10 * minute;
    assert_int_equal(approve(t, id, t->second_boss.id), FAIL);
    assert_int_equal(t->e.code, ERR_CONSTRAINT);
    assert_int_equal(role_now(t), ROLE_ANALYST);
}

static void test_many_grants_one_after_the_other(void **state)
{
    struct site *t = *state;

    for (int i = 0; i < 8; i++) {
        struct str id = grant(t, i % 2 ? "developer" : "admin", 1);

        assert_int_equal(role_now(t), i % 2 ? ROLE_DEVELOPER : ROLE_ADMIN);
        pass(minute);
        assert_int_equal(role_now(t), ROLE_ANALYST);
        tick(t);
        assert_status(t, id, "expired");
    }
}

static void test_grants_leave_the_policies_version_alone(void **state)
{
    struct site *t = *state;
    uint64_t before, after, rights_before, rights_after;
    struct str id = request(t, "developer", 10);

    assert_int_equal(store_version(t->s, &before, &t->e), OK);
    assert_int_equal(store_rights_version(t->s, &rights_before, &t->e), OK);
    assert_int_equal(approve(t, id, t->boss.id), OK);
    assert_int_equal(store_version(t->s, &after, &t->e), OK);
    assert_int_equal(store_rights_version(t->s, &rights_after, &t->e), OK);
    assert_true(after == before && rights_after > rights_before);
}

static void test_people(void **state)
{
    struct site *t = *state;
    struct str id = request(t, "admin", 10);

    assert_int_equal(approve(t, id, t->ann.id), FAIL);
    assert_int_equal(t->e.code, ERR_DENIED);
    assert_int_equal(approve(t, id, STR("")), FAIL);
    assert_int_equal(t->e.code, ERR_DENIED);
    assert_int_equal(approve(t, STR("x"), t->boss.id), FAIL);
    assert_int_equal(t->e.code, ERR_NOT_FOUND);
    assert_int_equal(approve(t, id, t->second_boss.id), OK);
    assert_int_equal(role_now(t), ROLE_ADMIN);
    assert_int_equal(store_user_set_role(t->s, me, t->org, t->second_boss.id, STR("admin"), &t->e),
                     OK);
    assert_status(t, id, "revoked"); /* an admin makes no admin */
    assert_int_equal(role_now(t), ROLE_ANALYST);
    id = request(t, "developer", 10);
    assert_int_equal(approve(t, id, t->second_boss.id), OK);
    assert_int_equal(store_user_remove(t->s, me, t->org, t->second_boss.id, &t->e), OK);
    assert_status(t, id, "revoked");
    assert_int_equal(role_now(t), ROLE_ANALYST);
    id = request(t, "developer", 10);
    assert_int_equal(store_user_remove(t->s, me, t->org, t->ann.id, &t->e), OK);
    assert_status(t, id, "revoked");
    assert_int_equal(approve(t, id, t->boss.id), FAIL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_site, remove_site)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_begin_and_end),
        CASE(test_a_login_has_the_role),
        CASE(test_a_clock_set_back),
        CASE(test_a_clock_set_forward_and_back),
        CASE(test_a_clock_set_back_before_a_restart),
        CASE(test_over_while_no_server_ran),
        CASE(test_many_grants_one_after_the_other),
        CASE(test_grants_leave_the_policies_version_alone),
        CASE(test_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
