/* Two processes on one store that do at the same moment what may be done once: one of them does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "site.h"
#include "store/factor.h"
#include "store/federation.h"
#include "store/iam.h"
#include "store/jit.h"
#include "store/password.h"
#include "store/quota.h"
#include "store/signin.h"
#include "store/signkeys.h"

enum { ROUNDS = 8 };

struct race {
    struct str org, ids[2];
    struct store_user boss, other, ann;
    int64_t now_us;
    /* What process `who`, 0 or 1, does; OK: it was the one. */
    enum status (*act)(const struct race *r, struct store *s, int who, struct error *e);
};

static struct store_user user_of(struct site *t, struct str org, const char *email,
                                 const char *role)
{
    struct store_user user;

    assert_int_equal(add_user(t, org, email, role, &user), OK);
    return user;
}

static struct race new_race(struct site *t)
{
    static int made;
    struct race r = {.org = add_org(t, arena_printf(t->a, "org-%d", made++)),
                     .now_us = clock_wall_us()};

    r.boss = user_of(t, r.org, "boss@acme.example", "owner");
    r.other = user_of(t, r.org, "other@acme.example", "owner");
    r.ann = user_of(t, r.org, "ann@acme.example", "analyst");
    return r;
}

/* In a process of its own, which tells when it's ready and waits for the start. */
static pid_t run_apart(struct site *t, const struct race *r, int who, int tell, int start)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct error e = ERROR_INIT;
        struct store *s;
        char c = 0;
        enum status status;

        if (store_open(t->place.where, &s, &e) != OK || write(tell, &c, 1) != 1 ||
            read(start, &c, 1) != 1) {
            _exit(2);
        }
        status = r->act(r, s, who, &e);
        store_close(s);
        _exit(status == OK ? 0 : e.code == ERR_NOT_READY || e.code == ERR_CONFLICT ? 2 : 1);
    }
    return pid;
}

/* Lets both run, and gives how many of them did it. */
static int run(struct site *t, struct race *r)
{
    int tell[2], start[2], done = 0;
    pid_t pids[2];
    char c[2];

    store_close(t->s); /* a connection must not cross a fork */
    t->s = NULL;
    assert_int_equal(pipe(tell), 0);
    assert_int_equal(pipe(start), 0);
    for (int who = 0; who < 2; who++) {
        pids[who] = run_apart(t, r, who, tell[1], start[0]);
        assert_int_equal(read(tell[0], c, 1), 1);
    }
    assert_int_equal(write(start[1], c, 2), 2);
    for (int who = 0; who < 2; who++) {
        int code;

        assert_int_equal(waitpid(pids[who], &code, 0), pids[who]);
        assert_true(WIFEXITED(code) && WEXITSTATUS(code) < 2); /* refused, not broken */
        done += WEXITSTATUS(code) == 0;
    }
    for (int i = 0; i < 2; i++) {
        close(tell[i]);
        close(start[i]);
    }
    assert_int_equal(reopen(t), OK);
    return done;
}

/* ---- what is raced for ---- */

static enum status step_down(const struct race *r, struct store *s, int who, struct error *e)
{
    return store_user_set_role(s, me, r->org, (who ? r->other : r->boss).id, STR("analyst"), e);
}

static void test_an_owner_stays(void **state)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(*state);

        r.act = step_down;
        assert_int_equal(run(*state, &r), 1);
    }
}

static enum status lease(const struct race *r, struct store *s, int who, struct error *e)
{
    int64_t granted;

    (void)who;
    if (store_usage_lease(s, r->org, STR("2026-11"), 100, 70, &granted, e) != OK) {
        return FAIL;
    }
    return granted == 70 ? OK : FAIL;
}

static void test_leases_keep_to_the_limit(void **state)
{
    struct site *t = *state;

    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(t);
        int64_t leased;

        r.act = lease;
        assert_int_equal(run(t, &r), 1);
        assert_int_equal(store_usage_get(t->s, r.org, STR("2026-11"), &leased, &t->e), OK);
        assert_int_equal(leased, 100);
    }
}

static enum status approve(const struct race *r, struct store *s, int who, struct error *e)
{
    return store_jit_approve(s, me, r->org, r->ids[who], r->boss.id, 600, r->now_us, e);
}

static void ask_for(struct site *t, struct race *r, int which, const char *role)
{
    struct store_jit ask = {.org_id = r->org,
                            .user_id = r->ann.id,
                            .role = str_of(role),
                            .reason = STR("a test"),
                            .minutes = 5};

    assert_int_equal(store_jit_request(t->s, me, &ask, 600, r->now_us, t->a, &t->e), OK);
    r->ids[which] = ask.id;
}

/* Of two requests of one user one becomes a grant; of two approvals of one request, too. */
static void test_one_grant_runs(void **state)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(*state);

        r.act = approve;
        ask_for(*state, &r, 0, "developer");
        ask_for(*state, &r, 1, "admin");
        r.ids[1] = i % 2 ? r.ids[0] : r.ids[1];
        assert_int_equal(run(*state, &r), 1);
    }
}

static enum status use_code(const struct race *r, struct store *s, int who, struct error *e)
{
    bool fresh = false;

    (void)who;
    return store_factor_use(s, r->ann.id, 7, &fresh, e) == OK && fresh ? OK : FAIL;
}

static enum status recover(const struct race *r, struct store *s, int who, struct error *e)
{
    bool fresh = false;

    (void)who;
    return store_factor_recover(s, me, r->org, r->ann.id, STR("digest"), &fresh, e) == OK && fresh
               ? OK
               : FAIL;
}

static void test_a_code_is_used_once(void **state)
{
    static const struct str digest = {"digest", 6};
    struct site *t = *state;

    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(t);

        assert_int_equal(store_factor_enrol(t->s, me, r.org, r.ann.id, STR("sealed"), &t->e), OK);
        assert_int_equal(store_factor_confirm(t->s, me, r.org, r.ann.id, STR("sealed"), 1,
                                              (struct store_list){&digest, 1}, &t->e),
                         OK);
        r.act = i % 2 ? use_code : recover;
        assert_int_equal(run(t, &r), 1);
    }
}

static enum status refresh(const struct race *r, struct store *s, int who, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_sign_in row;
    enum status status =
        store_sign_in_refresh(s, r->ids[0], STR("old"), who ? STR("new-1") : STR("new-0"),
                              r->now_us, r->now_us + 1000000, a, &row, e);

    arena_free(a);
    return status;
}

static void sign_in(struct site *t, struct race *r)
{
    struct store_password password;
    struct store_sign_in row = {.org_id = r->org,
                                .user_id = r->ann.id,
                                .environment = STR(STORE_DEFAULT_ENVIRONMENT),
                                .selector = r->org,
                                .secret = STR("old"),
                                .created_us = r->now_us,
                                .refresh_us = r->now_us + 1000000,
                                .ends_us = r->now_us + 2000000};

    assert_int_equal(store_password_set(t->s, me, r->org, r->ann.id, STR("hash"), &t->e), OK);
    assert_int_equal(store_password_find(t->s, r->org, r->ann.email, t->a, &password, &t->e), OK);
    row.password_id = password.id;
    assert_int_equal(store_sign_in_start(t->s, STR("127.0.0.1"), &row, t->a, &t->e), OK);
    r->ids[0] = row.selector;
    r->ids[1] = row.id;
}

/* The second one can't be told from a thief: the sign-in ends. */
static void test_a_refresh_token_is_used_once(void **state)
{
    struct site *t = *state;

    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(t);
        struct store_credential c;

        sign_in(t, &r);
        r.act = refresh;
        assert_int_equal(run(t, &r), 1);
        assert_int_equal(store_sign_in_credential(t->s, r.ids[1], t->a, &c, &t->e), FAIL);
        assert_int_equal(t->e.code, ERR_NOT_FOUND);
    }
}

static enum status accept_it(const struct race *r, struct store *s, int who, struct error *e)
{
    return store_invitation_accept(s, r->org, who ? STR("hash-1") : STR("hash-0"), r->now_us, e);
}

static void test_an_invitation_is_accepted_once(void **state)
{
    struct site *t = *state;

    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(t);

        assert_int_equal(
            store_invitation_set(t->s, me, r.org, r.ann.id, r.org, r.now_us + 60000000, &t->e), OK);
        r.act = accept_it;
        assert_int_equal(run(t, &r), 1);
    }
}

static enum status add_key(const struct race *r, struct store *s, int who, struct error *e)
{
    struct store_signing_key key = {.id = who ? STR("one") : STR("nil"),
                                    .sealed = STR("s"),
                                    .public_key = STR("p"),
                                    .from_us = 10 + who,
                                    .until_us = 100};
    struct store_signing_key *rows;
    struct arena *a = arena_new(0);
    enum status status = store_signing_key_add(s, &key, e);
    size_t n = 0;

    (void)r;
    status = status == OK ? store_signing_keys(s, a, &rows, &n, e) : FAIL;
    status = status == OK && n == 1 && str_eq(rows[0].id, key.id) ? OK : FAIL;
    arena_free(a);
    return status;
}

static void test_one_signing_key_is_next(void **state)
{
    struct race r = new_race(*state);

    r.act = add_key;
    assert_int_equal(run(*state, &r), 1);
}

/* Both are the same person's first login: both are let in, as one user with one entry. */
static enum status first_login(const struct race *r, struct store *s, int who, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_user user;
    enum status status =
        store_federated_user(s, who ? STR("federation:1") : STR("federation:0"), r->org,
                             STR("eve@acme.example"), STR("analyst"), true, a, &user, e);

    arena_free(a);
    return status;
}

static int entries_of(struct site *t, struct str org, const char *action)
{
    struct store_iam *events;
    size_t n;
    int found = 0;

    assert_int_equal(store_iam_take(t->s, t->a, &events, &n, &t->e), OK);
    for (size_t i = 0; i < n; i++) {
        found += str_eq(events[i].org_id, org) && str_is(events[i].action, action);
    }
    return found;
}

static void test_a_person_of_a_provider_comes_once(void **state)
{
    struct site *t = *state;

    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(t);
        struct store_user *users;
        size_t n;

        r.act = first_login;
        assert_int_equal(run(t, &r), 2);
        assert_int_equal(store_users(t->s, r.org, t->a, &users, &n, &t->e), OK);
        assert_int_equal(n, 4);
        assert_int_equal(entries_of(t, r.org, "user.create"), 4);
    }
}

/* One logs in for the first time while another adds and removes him: whoever comes first, he is
 * gone in the end. */
static enum status login_or_leave(const struct race *r, struct store *s, int who, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_user user;
    enum status status = OK;

    if (who) {
        status = first_login(r, s, who, e);
    } else if (store_user_create(s, me, r->org, STR("eve@acme.example"), STR("analyst"),
                                 (struct store_pairs){0}, a, &user, e) == OK ||
               e->code == ERR_EXISTS) {
        *e = (struct error)ERROR_INIT;
        status = store_user_remove(s, me, r->org, STR("eve@acme.example"), e);
    } else {
        status = FAIL;
    }
    arena_free(a);
    return status;
}

static void test_who_was_removed_meanwhile_stays_out(void **state)
{
    struct site *t = *state;

    for (int i = 0; i < ROUNDS; i++) {
        struct race r = new_race(t);
        struct store_user user;

        r.act = login_or_leave;
        assert_true(run(t, &r) >= 1);
        assert_int_equal(store_user_find(t->s, r.org, STR("eve@acme.example"), t->a, &user, &t->e),
                         FAIL);
        assert_int_equal(t->e.code, ERR_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_owner_stays),
        CASE(test_leases_keep_to_the_limit),
        CASE(test_one_grant_runs),
        CASE(test_a_code_is_used_once),
        CASE(test_a_refresh_token_is_used_once),
        CASE(test_an_invitation_is_accepted_once),
        CASE(test_one_signing_key_is_next),
        CASE(test_a_person_of_a_provider_comes_once),
        CASE(test_who_was_removed_meanwhile_stays_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
