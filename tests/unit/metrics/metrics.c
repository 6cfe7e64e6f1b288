/* The text that a scraper reads, and counting from many threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "metrics/metrics.h"

static bool shows(const char *line)
{
    struct buf out = BUF_INIT(0);
    metrics_render(&out);
    bool found = strstr(buf_cstr(&out), line) != NULL;
    if (!found) {
        print_message("missing: %s\n", line);
    }
    buf_free(&out);
    return found;
}

static void values_are_shown_in_their_unit(void **state)
{
    metrics_add(METRIC_CREDITS_USED, 1500);
    metrics_set(METRIC_QUOTA_UTILIZATION, 250);
    metrics_add(METRIC_CONNECTIONS, 2);
    metrics_add(METRIC_CONNECTIONS, -1);
    assert_true(
        shows("\n# TYPE hatidata_credits_used_total counter\nhatidata_credits_used_total 1.5\n"));
    assert_true(shows("\nhatidata_quota_utilization_ratio 0.25\n"));
    assert_true(shows("# TYPE hatidata_connections gauge\nhatidata_connections 1\n"));
    assert_int_equal(metrics_get(METRIC_CONNECTIONS), 1);
}

static void a_histogram_adds_up(void **state)
{
    metrics_observe_stage(5, 1000);
    metrics_observe_stage(5, 1001);
    metrics_observe_stage(5, 60 * 1000000000LL);
    metrics_observe_stage(99, 1);
    metrics_observe_stage(-1, 1);
    assert_true(shows("hatidata_stage_seconds_bucket{stage=\"execute\",le=\"1e-06\"} 1\n"));
    assert_true(shows("hatidata_stage_seconds_bucket{stage=\"execute\",le=\"2.5e-06\"} 2\n"));
    assert_true(shows("hatidata_stage_seconds_bucket{stage=\"execute\",le=\"10\"} 2\n"));
    assert_true(shows("hatidata_stage_seconds_bucket{stage=\"execute\",le=\"+Inf\"} 3\n"));
    assert_true(shows("hatidata_stage_seconds_sum{stage=\"execute\"} 60.000002001\n"));
    assert_true(shows("hatidata_stage_seconds_count{stage=\"execute\"} 3\n"));
    assert_true(shows("hatidata_stage_seconds_count{stage=\"policy_check\"} 0\n"));
}

static void labels_are_fixed(void **state)
{
    metrics_error(ERR_QUOTA_EXCEEDED);
    metrics_error((enum error_code)9999);
    metrics_count_statement(METRICS_SELECT, true);
    assert_true(shows("hatidata_errors_total{code=\"HATI_ERR_429_QUOTA_EXCEEDED\"} 1\n"));
    assert_true(shows("hatidata_statements_total{kind=\"select\",outcome=\"error\"} 1\n"));
}

/* Policies in shadow mode have series of their own, but only so many, and no text that is no id. */
static void shadows_are_bounded(void **state)
{
    (void)state;
    metrics_count_shadow(STR("p-1"), STR("would_deny"));
    metrics_count_shadow(STR("p-1"), STR("would_deny"));
    metrics_count_shadow(STR("p-1"), STR("would_mask"));
    metrics_count_shadow(STR("p-1"), STR("mask"));
    metrics_count_shadow(STR("a\"} 1\nb"), STR("would_deny"));
    assert_true(shows("hatidata_shadow_policy_total{policy=\"p-1\",action=\"would_deny\"} 2\n"));
    assert_true(shows("hatidata_shadow_policy_total{policy=\"p-1\",action=\"would_mask\"} 1\n"));
    assert_true(shows("hatidata_shadow_policy_total{policy=\"other\",action=\"would_deny\"} 1\n"));
    for (int i = 0; i < METRICS_SHADOWS_MAX + 10; i++) {
        char id[32];
        snprintf(id, sizeof id, "many-%d", i);
        metrics_count_shadow(str_of(id), STR("would_filter"));
    }
    assert_true(shows("{policy=\"many-0\",action=\"would_filter\"} 1\n"));
    assert_true(shows("{policy=\"other\",action=\"would_filter\"} 11\n"));
}

/* Every line is a comment or "name[{labels}] number"; HELP and TYPE stand once a name. */
static void every_line_has_the_format(void **state)
{
    struct buf out = BUF_INIT(0);
    metrics_render(&out);
    struct str rest = buf_str(&out);
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        if (str_starts(line, "# HELP hatidata_") || str_starts(line, "# TYPE hatidata_")) {
            continue;
        }
        const char *space = memrchr(line.p, ' ', line.n);
        double v;
        assert_non_null(space);
        assert_true(str_starts(line, "hatidata_"));
        assert_true(str_to_f64((struct str){space + 1, line.n - (size_t)(space + 1 - line.p)}, &v));
        assert_null(memchr(line.p, '\r', line.n));
    }
    buf_free(&out);
}

enum { THREADS = 8, EACH = 10000 };

static void *count(void *unused)
{
    for (int i = 0; i < EACH; i++) {
        metrics_add(METRIC_AUTH_FAILURES, 1);
        metrics_observe_stage(0, i);
    }
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(metrics_get(METRIC_AUTH_FAILURES), THREADS * EACH);
    assert_true(shows("hatidata_stage_seconds_count{stage=\"policy_check\"} 80000\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_shown_in_their_unit),
        cmocka_unit_test(a_histogram_adds_up),
        cmocka_unit_test(labels_are_fixed),
        cmocka_unit_test(shadows_are_bounded),
        cmocka_unit_test(every_line_has_the_format),
        cmocka_unit_test(threads_lose_nothing),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
