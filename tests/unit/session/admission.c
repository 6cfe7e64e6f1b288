/* Who is next: a pool that is held up, so that what waits is in no order but ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session/admission.h"

enum { MANY = 64 };

struct world {
    struct pool *pool;
    struct admission *admission;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_held; /* jobs called "hold" end when it is false */
    int held;
    char order[MANY * 4];
    int64_t limit;
};

struct task {
    struct admission_job job;
    struct world *w;
    const char *name;
};

static void run(void *ctx)
{
    struct task *t = ctx;
    struct world *w = t->w;
    pthread_mutex_lock(&w->lock);
    if (strcmp(t->name, "hold") == 0) {
        w->held++;
        pthread_cond_broadcast(&w->changed);
        while (w->is_held) {
            pthread_cond_wait(&w->changed, &w->lock);
        }
        w->held--;
    } else {
        strcat(w->order, t->name);
        strcat(w->order, " ");
    }
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    admission_done(w->admission, &t->job, w->limit);
}

static void open_world(struct world *w, int workers, int queue)
{
    struct error e = ERROR_INIT;
    *w = (struct world){.is_held = true, .limit = 100};
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    assert_int_equal(pool_new("test", workers, workers, &w->pool, &e), OK);
    w->admission = admission_new(w->pool, workers, queue);
}

static void close_world(struct world *w)
{
    pool_free(w->pool);
    admission_free(w->admission);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
}

static bool submit(struct world *w, struct admission_tenant *t, struct task *task, const char *name,
                   enum admission_priority priority)
{
    *task =
        (struct task){.job = {.run = run, .ctx = task, .priority = priority}, .w = w, .name = name};
    return admission_submit(w->admission, t, &task->job);
}

static void wait_held(struct world *w, int n)
{
    pthread_mutex_lock(&w->lock);
    while (w->held < n) {
        pthread_cond_wait(&w->changed, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
}

static void let_go(struct world *w)
{
    pthread_mutex_lock(&w->lock);
    w->is_held = false;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void wait_until_idle(struct world *w)
{
    while (admission_waiting(w->admission) || pool_running(w->pool)) {
        usleep(1000);
    }
}

static void test_priority_then_first_come(void **state)
{
    struct world w;
    struct task hold, t[6];
    open_world(&w, 1, 10);
    struct admission_tenant *a = admission_join(w.admission, STR("a"), 100);
    assert_true(submit(&w, a, &hold, "hold", ADMISSION_NORMAL));
    wait_held(&w, 1);
    assert_true(submit(&w, a, &t[0], "low", ADMISSION_LOW));
    assert_true(submit(&w, a, &t[1], "n1", ADMISSION_NORMAL));
    assert_true(submit(&w, a, &t[2], "n2", ADMISSION_NORMAL));
    assert_true(submit(&w, a, &t[3], "high", ADMISSION_HIGH));
    assert_true(submit(&w, a, &t[4], "c1", ADMISSION_CRITICAL));
    assert_true(submit(&w, a, &t[5], "c2", ADMISSION_CRITICAL));
    assert_int_equal(admission_waiting(w.admission), 6);
    let_go(&w);
    wait_until_idle(&w);
    assert_string_equal(w.order, "c1 c2 high n1 n2 low ");
    admission_leave(w.admission, a);
    close_world(&w);
}

/* Ten of a loud tenant, all critical, wait before one of a quiet tenant comes, which is low. */
static void test_fair_between_tenants(void **state)
{
    struct world w;
    struct task hold, loud[10], quiet[2];
    open_world(&w, 1, 100);
    struct admission_tenant *a = admission_join(w.admission, STR("loud"), 100);
    struct admission_tenant *b = admission_join(w.admission, STR("quiet"), 100);
    assert_true(submit(&w, a, &hold, "hold", ADMISSION_NORMAL));
    wait_held(&w, 1);
    for (int i = 0; i < 10; i++) {
        assert_true(submit(&w, a, &loud[i], "L", ADMISSION_CRITICAL));
    }
    assert_true(submit(&w, b, &quiet[0], "q", ADMISSION_LOW));
    assert_true(submit(&w, b, &quiet[1], "q", ADMISSION_LOW));
    let_go(&w);
    wait_until_idle(&w);
    assert_string_equal(w.order, "q L q L L L L L L L L L ");
    admission_leave(w.admission, a);
    admission_leave(w.admission, b);
    close_world(&w);
}

static void test_one_worker_is_left_to_others(void **state)
{
    struct world w;
    struct task hold[4], quiet;
    open_world(&w, 3, 100);
    struct admission_tenant *a = admission_join(w.admission, STR("loud"), 100);
    struct admission_tenant *b = admission_join(w.admission, STR("quiet"), 100);
    for (int i = 0; i < 4; i++) {
        assert_true(submit(&w, a, &hold[i], "hold", ADMISSION_CRITICAL));
    }
    wait_held(&w, 2);
    assert_int_equal(admission_waiting(w.admission), 2);
    assert_true(submit(&w, b, &quiet, "q", ADMISSION_LOW));
    pthread_mutex_lock(&w.lock);
    while (!*w.order) { /* it runs while the others are held */
        pthread_cond_wait(&w.changed, &w.lock);
    }
    pthread_mutex_unlock(&w.lock);
    admission_leave(w.admission, b); /* nobody else: the third is theirs too */
    wait_held(&w, 3);
    assert_int_equal(admission_waiting(w.admission), 1);
    let_go(&w);
    wait_until_idle(&w);
    admission_leave(w.admission, a);
    close_world(&w);
}

static void test_limit_of_a_tenant(void **state)
{
    struct world w;
    struct task hold[3];
    open_world(&w, 4, 100);
    w.limit = 2;
    struct admission_tenant *a = admission_join(w.admission, STR("a"), 2);
    for (int i = 0; i < 3; i++) {
        assert_true(submit(&w, a, &hold[i], "hold", ADMISSION_NORMAL));
    }
    wait_held(&w, 2);
    assert_int_equal(admission_waiting(w.admission), 1);
    let_go(&w);
    wait_until_idle(&w);
    admission_leave(w.admission, a);
    close_world(&w);
}

static void test_queue_is_bounded_and_has_room_for_all(void **state)
{
    struct world w;
    struct task hold, waits[8], more, quiet[3];
    open_world(&w, 1, 8);
    struct admission_tenant *a = admission_join(w.admission, STR("loud"), 100);
    struct admission_tenant *b = admission_join(w.admission, STR("quiet"), 100);
    assert_true(submit(&w, a, &hold, "hold", ADMISSION_NORMAL));
    wait_held(&w, 1);
    for (int i = 0; i < 8; i++) {
        assert_true(submit(&w, a, &waits[i], "L", ADMISSION_CRITICAL));
    }
    assert_false(submit(&w, a, &more, "x", ADMISSION_CRITICAL));
    assert_true(submit(&w, b, &quiet[0], "q", ADMISSION_LOW));
    assert_int_equal(admission_waiting(w.admission), 9);
    let_go(&w);
    wait_until_idle(&w);
    assert_null(strstr(w.order, "x"));
    admission_leave(w.admission, a);
    admission_leave(w.admission, b);
    close_world(&w);
}

static void test_withdraw(void **state)
{
    struct world w;
    struct task hold, t[3];
    open_world(&w, 1, 8);
    struct admission_tenant *a = admission_join(w.admission, STR("a"), 100);
    assert_true(submit(&w, a, &hold, "hold", ADMISSION_NORMAL));
    wait_held(&w, 1);
    assert_true(submit(&w, a, &t[0], "1", ADMISSION_NORMAL));
    assert_true(submit(&w, a, &t[1], "2", ADMISSION_NORMAL));
    assert_false(admission_withdraw(w.admission, &hold.job)); /* it runs */
    assert_true(admission_withdraw(w.admission, &t[1].job));
    assert_false(admission_withdraw(w.admission, &t[1].job));
    assert_true(submit(&w, a, &t[2], "3", ADMISSION_NORMAL)); /* behind the one that was last */
    let_go(&w);
    wait_until_idle(&w);
    assert_string_equal(w.order, "1 3 ");
    admission_leave(w.admission, a);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_priority_then_first_come),
        cmocka_unit_test(test_fair_between_tenants),
        cmocka_unit_test(test_one_worker_is_left_to_others),
        cmocka_unit_test(test_limit_of_a_tenant),
        cmocka_unit_test(test_queue_is_bounded_and_has_room_for_all),
        cmocka_unit_test(test_withdraw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
