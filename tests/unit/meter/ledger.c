/* The cost formula, and the ledger on a real store: threads, processes, a crash, a month's end. */
#include "meter/meter.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../place.h"

#include "base/arena.h"
#include "base/clock.h"
#include "meter/period.h"
#include "store/org.h"
#include "store/quota.h"

struct site {
    struct place place;
    struct arena *a;
    struct store *store;
    struct str org;
};

static int make_site(void **state)
{
    struct site *t = calloc(1, sizeof *t);
    struct error e = ERROR_INIT;
    struct store_org org;

    place_make(&t->place);
    t->a = arena_new(0);
    if (store_open(t->place.where, &t->store, &e) != OK ||
        store_org_create(t->store, STR("test"), STR("acme"), t->a, &org, &e) != OK) {
        return -1;
    }
    t->org = org.id;
    *state = t;
    return 0;
}

static int remove_site(void **state)
{
    struct site *t = *state;

    store_close(t->store);
    arena_free(t->a);
    place_remove(&t->place);
    free(t);
    return 0;
}

static void set_quota(struct site *t, int64_t millicredits, int64_t concurrent)
{
    struct store_quota q = {millicredits, concurrent, 1000};
    struct error e = ERROR_INIT;

    assert_int_equal(store_quota_set(t->store, STR("test"), t->org, &q, &e), OK);
}

static struct ledger *open_ledger(struct store *s)
{
    struct error e = ERROR_INIT;
    struct ledger *l;

    assert_int_equal(ledger_open(s, &l, &e), OK);
    return l;
}

static int64_t used(struct ledger *l, struct str org)
{
    struct error e = ERROR_INIT;
    struct quota_use use;

    assert_int_equal(ledger_use(l, org, &use, &e), OK);
    return use.used_millicredits;
}

static int64_t leased(struct site *t, int64_t now)
{
    struct period p = period_at(now);
    struct error e = ERROR_INIT;
    int64_t sum;

    assert_int_equal(store_usage_get(t->store, t->org, str_of(p.name), &sum, &e), OK);
    return sum;
}

static void test_cost(void **state)
{
    static const struct {
        struct cost_input in;
        int64_t millicredits;
    } rows[] = {
        {{0, false, false, 0}, 1000},       {{1, false, false, 10000}, 1000},
        {{1, false, false, 10001}, 2000},   {{1, false, false, 20000}, 2000},
        {{1, false, false, 20001}, 3000},   {{2, false, false, 0}, 1500},
        {{3, true, false, 0}, 4000},        {{1, false, true, 0}, 2000},
        {{3, true, true, 1000000}, 104000}, {{1, false, false, -5}, 1000},
    };
    struct cost_input huge = {SIZE_MAX, true, true, INT64_MAX};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(cost_millicredits(&rows[i].in), rows[i].millicredits);
    }
    assert_true(cost_millicredits(&huge) > 0);
}

static void test_periods(void **state)
{
    struct period p = period_at(0);

    assert_string_equal(p.name, "1970-01");
    assert_int_equal(p.start_us, 0);
    p = period_at((int64_t)1798761599 * 1000000 + 999999); /* 2026-12-31T23:59:59.999999Z */
    assert_string_equal(p.name, "2026-12");
    assert_int_equal(p.end_us, (int64_t)1798761600 * 1000000);
    p = period_at(p.end_us);
    assert_string_equal(p.name, "2027-01");
}

static void set_limit(struct site *t, const char *role, int64_t statement_ms, int64_t max_rows)
{
    struct store_limit l = {str_of(role), statement_ms, max_rows};
    struct error e = ERROR_INIT;

    assert_int_equal(store_limit_set(t->store, STR("test"), t->org, &l, &e), OK);
}

static struct limits limits_of(struct site *t, struct ledger *l, enum role role)
{
    struct reservation r;
    struct error e = ERROR_INIT;

    ledger_refresh(l);
    assert_int_equal(ledger_reserve(l, t->org, 1, &r, &e), OK);
    ledger_settle(l, t->org, &r, 0);
    return quota_limits(&r.quota, role);
}

static void assert_limits(struct limits l, int64_t statement_ms, int64_t max_rows)
{
    assert_int_equal(l.statement_ms, statement_ms);
    assert_int_equal(l.max_rows, max_rows);
}

/* The organization may have 1000 rows by its quota. */
static void test_limits_of_roles(void **state)
{
    struct site *t = *state;
    struct store_limit bad = {STR("root"), 1, 1};
    struct error e = ERROR_INIT;
    struct ledger *l;

    set_quota(t, 10000, 1);
    l = open_ledger(t->store);
    assert_limits(limits_of(t, l, ROLE_ANALYST), 0, 1000);
    set_limit(t, "analyst", 500, 0);
    set_limit(t, "developer", 0, 5000);
    assert_limits(limits_of(t, l, ROLE_ANALYST), 500, 1000);
    assert_limits(limits_of(t, l, ROLE_DEVELOPER), 0, 1000);
    assert_limits(limits_of(t, l, ROLE_OWNER), 0, 1000);
    set_limit(t, "*", 900, 700);
    assert_limits(limits_of(t, l, ROLE_ANALYST), 500, 700);
    assert_limits(limits_of(t, l, ROLE_OWNER), 900, 700);
    set_limit(t, "analyst", 1500, 10);
    assert_limits(limits_of(t, l, ROLE_ANALYST), 900, 10);
    assert_limits(limits_of(t, l, ROLE_NONE), 900, 700);
    set_limit(t, "*", 0, 0);
    set_limit(t, "analyst", 0, 0);
    assert_limits(limits_of(t, l, ROLE_ANALYST), 0, 1000);
    assert_int_equal(store_limit_set(t->store, STR("test"), t->org, &bad, &e), FAIL);
    assert_int_equal(e.code, ERR_VALIDATION);
    ledger_close(l);
}

static void test_reserve_and_settle(void **state)
{
    struct site *t = *state;
    struct ledger *l;
    struct reservation r, second;
    struct error e = ERROR_INIT;

    set_quota(t, 10000, 1);
    l = open_ledger(t->store);
    assert_int_equal(ledger_utilization(l), 0);
    assert_int_equal(ledger_reserve(l, t->org, 4000, &r, &e), OK);
    assert_int_equal(r.quota.max_rows, 1000);
    assert_int_equal(used(l, t->org), 4000);
    assert_int_equal(ledger_reserve(l, t->org, 1000, &second, &e), FAIL);
    assert_int_equal(e.code, ERR_TOO_MANY_STATEMENTS);
    ledger_settle(l, t->org, &r, 1500);
    assert_int_equal(used(l, t->org), 1500);
    assert_int_equal(ledger_reserve(l, t->org, 8501, &r, &e), FAIL);
    assert_int_equal(e.code, ERR_QUOTA_EXCEEDED);
    assert_memory_equal(e.message, "QUOTA_EXCEEDED", 14);
    assert_int_equal(ledger_reserve(l, t->org, 8500, &r, &e), OK);
    ledger_settle(l, t->org, &r, 9500); /* more than was reserved, past the limit */
    assert_int_equal(used(l, t->org), 11000);
    assert_int_equal(ledger_utilization(l), 1100);
    assert_int_equal(ledger_reserve(l, t->org, 1, &r, &e), FAIL);
    ledger_close(l);
    assert_int_equal(leased(t, clock_wall_us()), 11000);
}

static void test_close_gives_back(void **state)
{
    struct site *t = *state;
    struct ledger *l;
    struct reservation r;
    struct error e = ERROR_INIT;

    set_quota(t, 1000000, 100);
    l = open_ledger(t->store);
    assert_int_equal(ledger_reserve(l, t->org, 1000, &r, &e), OK);
    assert_int_equal(leased(t, clock_wall_us()), 10000); /* a block: 1% */
    ledger_settle(l, t->org, &r, 1000);
    ledger_close(l);
    assert_int_equal(leased(t, clock_wall_us()), 1000);
}

static void test_changed_quota(void **state)
{
    struct site *t = *state;
    struct ledger *l;
    struct reservation r;
    struct error e = ERROR_INIT;

    set_quota(t, 100000, 100);
    l = open_ledger(t->store);
    assert_int_equal(ledger_reserve(l, t->org, 500, &r, &e), OK);
    ledger_settle(l, t->org, &r, 500);
    set_quota(t, 600, 100);
    ledger_refresh(l);
    assert_int_equal(ledger_reserve(l, t->org, 101, &r, &e), FAIL);
    assert_int_equal(ledger_reserve(l, t->org, 100, &r, &e), OK);
    set_quota(t, 5000, 100);
    ledger_refresh(l);
    assert_int_equal(ledger_reserve(l, t->org, 4000, &r, &e), OK);
    ledger_close(l);
}

static int64_t fake_now;

static int64_t fake_clock(void)
{
    return fake_now;
}

static void test_month_end(void **state)
{
    struct site *t = *state;
    struct period november = period_at((int64_t)1795000000 * 1000000);
    struct ledger *l;
    struct reservation over, r;
    struct error e = ERROR_INIT;

    set_quota(t, 1000, 100);
    l = open_ledger(t->store);
    ledger_set_clock(l, fake_clock);
    fake_now = november.end_us - 1;
    assert_int_equal(ledger_reserve(l, t->org, 1000, &over, &e), OK);
    assert_int_equal(ledger_reserve(l, t->org, 1, &r, &e), FAIL);
    fake_now = november.end_us;
    assert_int_equal(ledger_reserve(l, t->org, 1000, &r, &e), OK);
    ledger_settle(l, t->org, &over, 600); /* belongs to November */
    assert_int_equal(leased(t, november.end_us - 1), 600);
    assert_int_equal(leased(t, november.end_us), 1000);
    fake_now = november.end_us - 1; /* the clock is set back: November's own rest, and no more */
    assert_int_equal(ledger_reserve(l, t->org, 401, &r, &e), FAIL);
    assert_int_equal(ledger_reserve(l, t->org, 400, &r, &e), OK);
    ledger_close(l);
}

struct racer {
    struct ledger *l;
    struct str org;
    atomic_int *won;
    atomic_int *wrong;
};

static void *race(void *arg)
{
    struct racer *r = arg;

    for (int i = 0; i < 200; i++) {
        struct error e = ERROR_INIT;
        struct reservation got;

        if (ledger_reserve(r->l, r->org, 1000, &got, &e) == OK) {
            atomic_fetch_add(r->won, 1);
            ledger_settle(r->l, r->org, &got, 1000);
        } else if (e.code != ERR_QUOTA_EXCEEDED) {
            atomic_fetch_add(r->wrong, 1);
        }
    }
    return NULL;
}

static int run_threads(struct ledger *l, struct str org, int *wrong_out)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    atomic_int won = 0, wrong = 0;
    struct racer r = {l, org, &won, &wrong};

    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, race, &r);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    *wrong_out = wrong;
    return won;
}

static void test_threads_at_the_last_credit(void **state)
{
    struct site *t = *state;
    struct ledger *l;
    int wrong;

    set_quota(t, 777 * 1000 + 999, 100);
    l = open_ledger(t->store);
    assert_int_equal(run_threads(l, t->org, &wrong), 777);
    assert_int_equal(wrong, 0);
    ledger_close(l);
    assert_int_equal(leased(t, clock_wall_us()), 777 * 1000);
}

/* In a process of its own; the number that it could afford goes into the pipe. */
static pid_t spend_elsewhere(struct site *t, int out)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct error e = ERROR_INIT;
        struct store *s;
        struct ledger *l;
        int wrong, won = -1;

        if (store_open(t->place.where, &s, &e) == OK && ledger_open(s, &l, &e) == OK) {
            won = run_threads(l, t->org, &wrong);
            won = wrong ? -1 : won;
            ledger_close(l);
            store_close(s);
        }
        _exit(write(out, &won, sizeof won) == sizeof won ? 0 : 1);
    }
    return pid;
}

static void test_two_processes(void **state)
{
    struct site *t = *state;
    int pipes[2], a, b, code;

    set_quota(t, 500 * 1000, 100);
    store_close(t->store); /* a SQLite connection must not cross a fork */
    t->store = NULL;
    assert_int_equal(pipe(pipes), 0);
    spend_elsewhere(t, pipes[1]);
    spend_elsewhere(t, pipes[1]);
    assert_int_equal(read(pipes[0], &a, sizeof a), sizeof a);
    assert_int_equal(read(pipes[0], &b, sizeof b), sizeof b);
    while (wait(&code) > 0) {
        assert_int_equal(code, 0);
    }
    close(pipes[0]);
    close(pipes[1]);
    struct error e = ERROR_INIT;
    assert_int_equal(store_open(t->place.where, &t->store, &e), OK);
    assert_true(a >= 0 && b >= 0);
    assert_true(a + b <= 500);
    assert_true(a + b >= 500 - 5); /* what a block may keep from the other one */
    assert_int_equal(leased(t, clock_wall_us()), (a + b) * 1000);
}

static void test_crash_wastes_at_most_a_block(void **state)
{
    struct site *t = *state;
    enum { LIMIT = 1000000, SPENT = 25 };
    int pipes[2], code;
    char byte;
    pid_t pid;

    set_quota(t, LIMIT, 100);
    store_close(t->store);
    t->store = NULL;
    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    if (pid == 0) {
        struct error e = ERROR_INIT;
        struct reservation r;
        struct store *s;
        struct ledger *l;

        if (store_open(t->place.where, &s, &e) != OK || ledger_open(s, &l, &e) != OK) {
            _exit(1);
        }
        for (int i = 0; i < SPENT; i++) {
            if (ledger_reserve(l, t->org, 1000, &r, &e) != OK) {
                _exit(1);
            }
            ledger_settle(l, t->org, &r, 1000);
        }
        if (write(pipes[1], "x", 1) != 1) {
            _exit(1);
        }
        pause();
    }
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    kill(pid, SIGKILL);
    waitpid(pid, &code, 0);
    assert_true(WIFSIGNALED(code));
    close(pipes[0]);
    close(pipes[1]);
    struct error e = ERROR_INIT;
    assert_int_equal(store_open(t->place.where, &t->store, &e), OK);
    assert_true(leased(t, clock_wall_us()) >= SPENT * 1000);
    assert_true(leased(t, clock_wall_us()) <= SPENT * 1000 + LIMIT / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cost),
        cmocka_unit_test(test_periods),
        cmocka_unit_test_setup_teardown(test_reserve_and_settle, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_limits_of_roles, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_close_gives_back, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_changed_quota, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_month_end, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_threads_at_the_last_credit, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_two_processes, make_site, remove_site),
        cmocka_unit_test_setup_teardown(test_crash_wastes_at_most_a_block, make_site, remove_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
