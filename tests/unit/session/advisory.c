/* Advisory locks: circles through queues and shared holders, who is served when, and that many
 * waiters cost one that comes no more than few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "session/advisory.h"

enum { FEW = 6, MANY = 3000 };

struct world {
    struct advisory *table;
    struct advisory_holder *at[FEW];
    int woken[FEW];
};

static void on_wake(void *ctx)
{
    ++*(int *)ctx;
}

static void open_world(struct world *w)
{
    *w = (struct world){.table = advisory_new()};
    for (int i = 0; i < FEW; i++) {
        w->at[i] = advisory_join(w->table, STR("acme"), STR("default"));
    }
}

static void close_world(struct world *w)
{
    for (int i = 0; i < FEW; i++) {
        advisory_leave(w->at[i]);
    }
    advisory_free(w->table);
}

static enum advisory_answer ask(struct world *w, int who, int64_t number, bool shared)
{
    struct advisory_request r = {.key = {false, number}, .shared = shared, .may_wait = true};
    enum advisory_answer answer = advisory_lock(w->at[who], &r);
    if (answer == ADVISORY_WAITS) {
        w->woken[who] = 0;
        advisory_arm(w->at[who], on_wake, &w->woken[who]);
    }
    return answer;
}

static bool give(struct world *w, int who, int64_t number, bool shared)
{
    return advisory_unlock(w->at[who], (struct advisory_key){false, number}, shared);
}

static void test_a_circle_of_three(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(&w, i, i, false), ADVISORY_HELD);
    }
    assert_int_equal(ask(&w, 0, 1, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 1, 2, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 2, 0, false), ADVISORY_DEADLOCK);
    assert_true(give(&w, 2, 2, false));
    assert_int_equal(w.woken[1], 1);
    close_world(&w);
}

/* 2 waits for no holder, but for 1 in the queue, and 1 for 0. */
static void test_a_circle_through_a_queue(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_int_equal(ask(&w, 2, 5, false), ADVISORY_HELD);
    assert_int_equal(ask(&w, 0, 1, true), ADVISORY_HELD);
    assert_int_equal(ask(&w, 1, 1, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 0, 5, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 2, 1, true), ADVISORY_DEADLOCK);
    close_world(&w);
}

/* Two that share and each want it alone; one alone gets it before who came earlier. */
static void test_sharers_that_want_more(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_int_equal(ask(&w, 0, 1, true), ADVISORY_HELD);
    assert_int_equal(ask(&w, 1, 1, true), ADVISORY_HELD);
    assert_int_equal(ask(&w, 2, 1, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 0, 1, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 1, 1, false), ADVISORY_DEADLOCK);
    assert_true(give(&w, 1, 1, true));
    assert_int_equal(w.woken[0], 1);
    assert_int_equal(w.woken[2], 0);
    assert_true(advisory_finish(w.at[0]));
    advisory_unlock_all(w.at[0]);
    assert_int_equal(w.woken[2], 1);
    close_world(&w);
}

static void test_the_queue_goes_by_coming(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_int_equal(ask(&w, 0, 1, false), ADVISORY_HELD);
    assert_int_equal(ask(&w, 1, 1, true), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 2, 1, true), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 3, 1, false), ADVISORY_WAITS);
    assert_int_equal(ask(&w, 4, 1, true), ADVISORY_WAITS);
    assert_true(give(&w, 0, 1, false));
    assert_int_equal(w.woken[1] + w.woken[2], 2);
    assert_int_equal(w.woken[3] + w.woken[4], 0);
    assert_false(advisory_finish(w.at[3])); /* gives its wait up: 4 waited for it alone */
    assert_int_equal(w.woken[4], 1);
    close_world(&w);
}

/* Each has a lock of its own, so that each could be in a circle, and waits for the same one. */
static void test_many_wait_for_one(void **state)
{
    (void)state;
    struct advisory *table = advisory_new();
    struct advisory_holder **at = mem_calloc(MANY, sizeof *at);
    int woken = 0;
    int64_t begin_ns = clock_mono_ns();
    for (int i = 0; i < MANY; i++) {
        struct advisory_request own = {.key = {true, i}, .may_wait = true};
        struct advisory_request same = {.key = {false, 1}, .may_wait = true};
        at[i] = advisory_join(table, STR("acme"), STR("default"));
        assert_int_equal(advisory_lock(at[i], &own), ADVISORY_HELD);
        assert_int_equal(advisory_lock(at[i], &same), i ? ADVISORY_WAITS : ADVISORY_HELD);
        advisory_arm(at[i], on_wake, &woken);
    }
    for (int i = 0; i < MANY; i++) {
        advisory_leave(at[i]);
    }
    assert_true(clock_mono_ns() - begin_ns < INT64_C(10000000000)); /* it takes some 0.1 s */
    advisory_free(table);
    free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_circle_of_three),
        cmocka_unit_test(test_a_circle_through_a_queue),
        cmocka_unit_test(test_sharers_that_want_more),
        cmocka_unit_test(test_the_queue_goes_by_coming),
        cmocka_unit_test(test_many_wait_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
