/* Giving checkpoints to an anchor that is slow, refuses, or contradicts. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/dispatch.h"

/* An anchor that does as it is told, and remembers. */
struct keeper {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool held; /* it answers when let go */
    enum error_code refusal;
    uint64_t sizes[256];
    size_t n, tries;
};

static enum status keep(void *ctx, uint64_t size, struct str note, struct error *e)
{
    struct keeper *k = ctx;
    char want[32];
    pthread_mutex_lock(&k->lock);
    k->tries++;
    pthread_cond_broadcast(&k->told);
    while (k->held) {
        pthread_cond_wait(&k->told, &k->lock);
    }
    enum error_code refusal = k->refusal;
    if (!refusal) {
        k->sizes[k->n++] = size;
    }
    pthread_mutex_unlock(&k->lock);
    snprintf(want, sizeof want, "note %llu", (unsigned long long)size);
    assert_true(str_is(note, want));
    return refusal ? error_set(e, refusal, "refused") : OK;
}

static void tell(struct keeper *k, bool held, enum error_code refusal)
{
    pthread_mutex_lock(&k->lock);
    k->held = held;
    k->refusal = refusal;
    pthread_cond_broadcast(&k->told);
    pthread_mutex_unlock(&k->lock);
}

static void wait_for_tries(struct keeper *k, size_t tries)
{
    pthread_mutex_lock(&k->lock);
    while (k->tries < tries) {
        pthread_cond_wait(&k->told, &k->lock);
    }
    pthread_mutex_unlock(&k->lock);
}

static void send(struct dispatch *d, uint64_t size)
{
    char note[32];
    snprintf(note, sizeof note, "note %llu", (unsigned long long)size);
    dispatch_send(d, size, str_of(note));
}

static struct dispatch *begin(struct keeper *k, struct anchor **anchor)
{
    struct dispatch *d = NULL;
    struct error e = ERROR_INIT;
    *anchor = anchor_new("keeper", keep, k);
    assert_int_equal(dispatch_start(*anchor, &d, &e), OK);
    return d;
}

#define KEEPER_INIT                                                                                \
    {                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER                        \
    }

static void test_all_come_in_their_order_and_the_end_waits_for_them(void **state)
{
    struct keeper k = KEEPER_INIT;
    struct anchor *a;
    struct dispatch *d = begin(&k, &a);
    for (uint64_t i = 1; i <= 50; i++) {
        send(d, i);
    }
    dispatch_stop(d);
    assert_int_equal(k.n, 50);
    for (size_t i = 0; i < k.n; i++) {
        assert_int_equal(k.sizes[i], i + 1);
    }
    anchor_close(a);
}

static void test_a_slow_anchor_holds_nobody_up_and_keeps_the_newest(void **state)
{
    struct keeper k = KEEPER_INIT;
    struct anchor *a;
    struct anchor_state s;
    tell(&k, true, ERR_NONE);
    struct dispatch *d = begin(&k, &a);
    send(d, 1);
    wait_for_tries(&k, 1); /* it holds the first */
    for (uint64_t i = 2; i <= 200; i++) {
        send(d, i); /* returns, though nothing is taken */
    }
    dispatch_state(d, &s);
    assert_int_equal(s.waiting, 64);
    tell(&k, false, ERR_NONE);
    dispatch_stop(d);
    assert_int_equal(k.n, 65);
    assert_int_equal(k.sizes[0], 1);
    assert_int_equal(k.sizes[1], 137);
    assert_int_equal(k.sizes[64], 200);
    anchor_close(a);
}

static void test_what_is_refused_is_tried_again(void **state)
{
    struct keeper k = KEEPER_INIT;
    struct anchor *a;
    struct anchor_state s;
    tell(&k, false, ERR_IO);
    struct dispatch *d = begin(&k, &a);
    send(d, 7);
    wait_for_tries(&k, 2);
    do {
        dispatch_state(d, &s);
    } while (s.failures < 2);
    assert_string_equal(s.reason, "refused");
    assert_int_equal(s.waiting, 1);
    tell(&k, false, ERR_NONE);
    dispatch_stop(d);
    assert_int_equal(k.n, 1);
    anchor_close(a);
}

static void test_an_end_does_not_wait_for_one_that_always_refuses(void **state)
{
    struct keeper k = KEEPER_INIT;
    struct anchor *a;
    tell(&k, false, ERR_CONFIG);
    struct dispatch *d = begin(&k, &a);
    for (uint64_t i = 1; i <= 5; i++) {
        send(d, i);
    }
    dispatch_stop(d);
    assert_int_equal(k.n, 0);
    assert_in_range(k.tries, 1, 2);
    anchor_close(a);
}

static void test_a_contradiction_is_remembered_and_not_tried_again(void **state)
{
    struct keeper k = KEEPER_INIT;
    struct anchor *a;
    struct anchor_state s;
    tell(&k, false, ERR_CONFLICT);
    struct dispatch *d = begin(&k, &a);
    send(d, 7);
    do {
        dispatch_state(d, &s);
    } while (s.waiting);
    assert_true(s.contradicted);
    assert_int_equal(s.failures, 0);
    tell(&k, false, ERR_NONE);
    send(d, 8);
    do {
        dispatch_state(d, &s);
    } while (s.kept != 8);
    assert_true(s.contradicted);
    assert_string_equal(s.reason, "refused");
    dispatch_stop(d);
    assert_int_equal(k.tries, 2);
    anchor_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_come_in_their_order_and_the_end_waits_for_them),
        cmocka_unit_test(test_a_slow_anchor_holds_nobody_up_and_keeps_the_newest),
        cmocka_unit_test(test_what_is_refused_is_tried_again),
        cmocka_unit_test(test_an_end_does_not_wait_for_one_that_always_refuses),
        cmocka_unit_test(test_a_contradiction_is_remembered_and_not_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
