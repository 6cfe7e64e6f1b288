/* What happens to the log when the process, the disk or the clock doesn't play along. */
#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "metrics/metrics.h"

static const char first[] = "audit-000001.jsonl";

static bool log_has(const char *dir, const char *name, const char *text)
{
    size_t n;
    char *all = file_read(dir, name, &n);
    bool has = strstr(all, text) != NULL;
    free(all);
    return has;
}

/* Appends until it is killed; tells each entry that was acknowledged. */
static void append_forever(const char *dir, int tell)
{
    struct audit *a = log_open(dir, 16384);
    for (uint64_t i = 1;; i++) {
        char id[32];
        snprintf(id, sizeof id, "q%llu", (unsigned long long)i);
        if (log_put(a, AUDIT_INTENT, id, "SELECT 1", AUDIT_DURABLE) != OK ||
            write(tell, &i, sizeof i) != sizeof i ||
            log_put(a, AUDIT_OUTCOME, id, "SELECT 1", AUDIT_WRITTEN) != OK) {
            _exit(1);
        }
    }
}

static void kill_leaves_a_log_that_goes_on(void **state)
{
    for (int round = 0; round < 6; round++) {
        int tell[2];
        assert_int_equal(pipe(tell), 0);
        pid_t pid = fork();
        if (pid == 0) {
            append_forever(*state, tell[1]);
        }
        close(tell[1]);
        uint64_t acknowledged = 0, i;
        for (int k = 0; k < 20 + round * 7 && read(tell[0], &i, sizeof i) == sizeof i; k++) {
            acknowledged = i;
        }
        kill(pid, SIGKILL);
        while (read(tell[0], &i, sizeof i) == sizeof i) {
            acknowledged = i;
        }
        waitpid(pid, NULL, 0);
        close(tell[0]);
        assert_true(acknowledged >= 20);
        audit_close(log_open(*state, 16384)); /* recovers */
        struct audit_report r = log_verify(*state);
        assert_true(r.valid);
        assert_true(r.entries > acknowledged);
    }
}

static void a_torn_line_is_cut_and_told(void **state)
{
    struct audit *a = log_open(*state, 0);
    assert_int_equal(log_put(a, AUDIT_INTENT, "lost-query", "SELECT 1", AUDIT_WRITTEN), OK);
    assert_int_equal(log_put(a, AUDIT_INTENT, "done-query", "SELECT 1", AUDIT_WRITTEN), OK);
    assert_int_equal(log_put(a, AUDIT_OUTCOME, "done-query", "SELECT 1", AUDIT_WRITTEN), OK);
    audit_close(a);
    size_t n;
    char *text = file_read(*state, first, &n);
    static const char torn[] = "{\"v\":1,\"seq\":5,\"time";
    memcpy(text + n, torn, sizeof torn - 1);
    file_write(*state, first, text, n + sizeof torn - 1);
    free(text);
    assert_false(log_verify(*state).valid);
    audit_close(log_open(*state, 0));
    assert_true(log_verify(*state).valid);
    assert_true(log_has(*state, first, "\"action\":\"recovered\""));
    assert_true(log_has(*state, first, "\"query_ids\":[\"lost-query\"]"));
    uint64_t entries = log_verify(*state).entries;
    audit_close(log_open(*state, 0)); /* told once, not at each start */
    assert_int_equal(log_verify(*state).entries, entries);
}

static void damage_is_refused(void **state)
{
    struct audit *a = log_open(*state, 0);
    assert_int_equal(log_put(a, AUDIT_INTENT, "q", "SELECT 1", AUDIT_WRITTEN), OK);
    assert_int_equal(log_put(a, AUDIT_OUTCOME, "q", "SELECT 1", AUDIT_WRITTEN), OK);
    audit_close(a);
    size_t n;
    char *text = file_read(*state, first, &n);
    char *second = strstr(text, "\"seq\":2");
    second[6] = '7';
    file_write(*state, first, text, n);
    free(text);
    struct audit_config c = {.dir = *state, .fingerprint_key = test_key};
    struct error e = ERROR_INIT;
    assert_int_equal(audit_open(&c, &a, &e), FAIL);
    assert_int_equal(e.code, ERR_CORRUPT);
    assert_non_null(strstr(e.message, "audit-000001.jsonl line 2"));
}

static void a_second_process_is_refused(void **state)
{
    struct audit *a = log_open(*state, 0), *b = NULL;
    struct audit_config c = {.dir = *state, .fingerprint_key = test_key};
    struct error e = ERROR_INIT;
    assert_int_equal(audit_open(&c, &b, &e), FAIL);
    assert_non_null(strstr(e.message, "in use"));
    audit_close(a);
    audit_close(log_open(*state, 0));
}

static void an_empty_last_segment_is_gone_on_with(void **state)
{
    audit_close(log_open(*state, 0));
    file_write(*state, "audit-000002.jsonl", "", 0); /* a crash right after it was made */
    audit_close(log_open(*state, 0));
    struct audit_report r = log_verify(*state);
    assert_true(r.valid);
    assert_int_equal(r.entries, 2);
}

/* A full disk, made with a limit on the size of files; no right of root is needed. In a process of
 * its own, since the limit stays. Gives 0, or the number of the line that failed. */
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            _exit(__LINE__ & 0xFF);                                                                \
        }                                                                                          \
    } while (0)

static void fill_disk(const char *dir)
{
    signal(SIGXFSZ, SIG_IGN);
    struct audit *a = log_open(dir, 0);
    MUST(log_put(a, AUDIT_INTENT, "q", "SELECT 1", AUDIT_DURABLE) == OK);
    struct rlimit limit = {6000, 6000};
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    int written = 0;
    while (written < 100 && log_put(a, AUDIT_INTENT, "q", "SELECT 1", AUDIT_DURABLE) == OK) {
        written++;
    }
    MUST(written > 2 && written < 100);
    MUST(!audit_is_healthy(a));
    MUST(log_put(a, AUDIT_IAM, "", "", AUDIT_WRITTEN) == FAIL); /* a small one too */
    audit_close(a);
    struct audit_report r = log_verify(dir);
    MUST(r.valid);
    MUST(r.entries == (uint64_t)written + 2);
    _exit(0);
}

static void a_full_disk_denies_and_leaves_a_valid_log(void **state)
{
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        fill_disk(*state);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    audit_close(log_open(*state, 0));
    assert_true(log_verify(*state).valid);
}

enum { THREADS = 16, EACH = 100, NEVER_FULL = 1 };

static void *append_many(void *arg)
{
    for (int i = 0; i < EACH; i++) {
        if (log_put(arg, AUDIT_OUTCOME, "q", "SELECT 1", i % 4 ? AUDIT_DURABLE : AUDIT_WRITTEN) !=
            OK) {
            return arg;
        }
    }
    return NULL;
}

static unsigned long long fsync_count(void)
{
    struct buf out = BUF_INIT(0);
    metrics_render(&out);
    const char *at = strstr(buf_cstr(&out), "\nhatidata_audit_fsync_seconds_count ");
    assert_non_null(at);
    unsigned long long n = strtoull(strchr(at, ' '), NULL, 10);
    buf_free(&out);
    return n;
}

static void threads_share_their_syncs(void **state)
{
    struct audit *a = log_open(*state, 65536);
    pthread_t threads[THREADS];
    unsigned long long before = fsync_count();
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, a), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    unsigned long long syncs = fsync_count() - before;
    audit_close(a);
    struct audit_report r = log_verify(*state);
    assert_true(r.valid);
    assert_true(r.entries >= THREADS * EACH + 1);
    print_message("%d entries, %llu syncs\n", THREADS * EACH, syncs);
    assert_true(syncs < THREADS * EACH / 2);
}

/* Small segments: the write that fails is often that before a new one, while others wait for a sync
 * that never comes. Who isn't told of it waits until the alarm. */
static void fill_disk_together(const char *dir, rlim_t bytes)
{
    struct rlimit limit = {bytes, bytes};
    pthread_t threads[THREADS];
    signal(SIGXFSZ, SIG_IGN);
    alarm(60);
    struct audit *a = log_open(dir, 4096);
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (int i = 0; i < THREADS; i++) {
        MUST(pthread_create(&threads[i], NULL, append_many, a) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    bool was_full = !audit_is_healthy(a);
    audit_close(a);
    MUST(log_verify(dir).valid);
    _exit(was_full ? 0 : NEVER_FULL);
}

static void all_who_wait_hear_of_a_full_disk(void **state)
{
    int full = 0;
    (void)state;
    for (rlim_t bytes = 1500; bytes < 4000; bytes += 25) {
        void *dir;
        int status;
        assert_int_equal(folder_make(&dir), 0);
        pid_t pid = fork();
        if (pid == 0) {
            fill_disk_together(dir, bytes);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= NEVER_FULL);
        full += WEXITSTATUS(status) == 0;
        folder_remove(&dir);
    }
    assert_true(full > 50);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        T(kill_leaves_a_log_that_goes_on),
        T(a_torn_line_is_cut_and_told),
        T(damage_is_refused),
        T(a_second_process_is_refused),
        T(an_empty_last_segment_is_gone_on_with),
        T(a_full_disk_denies_and_leaves_a_valid_log),
        T(threads_share_their_syncs),
        cmocka_unit_test(all_who_wait_hear_of_a_full_disk),
    };
    return cmocka_run_group_tests_name("audit_crash", tests, NULL, NULL);
}
