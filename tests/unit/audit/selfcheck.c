/* A log that compares its files with what it wrote. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/kept.h"
#include "audit/verify.h"
#include "log.h"

static bool all(void *ctx, size_t bytes)
{
    size_t *sum = ctx;
    *sum += bytes;
    return true;
}

static bool none(void *ctx, size_t bytes)
{
    return false;
}

static struct audit_report check(struct audit *a, size_t *bytes)
{
    struct audit_report r;
    struct error e = ERROR_INIT;
    *bytes = 0;
    assert_int_equal(audit_check(a, all, bytes, &r, &e), OK);
    return r;
}

static void overwrite(const char *dir, const char *name, off_t at, char c)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static struct audit *write_log(const char *dir, int entries)
{
    struct audit *a = log_open(dir, 4096);
    for (int i = 0; i < entries; i++) {
        assert_int_equal(log_put(a, AUDIT_IAM, "", "SELECT 1", AUDIT_WRITTEN), OK);
    }
    return a;
}

static void a_log_finds_itself_as_it_wrote_it(void **state)
{
    size_t bytes;
    struct audit *a = write_log(*state, 30);
    struct audit_report r = check(a, &bytes);
    assert_true(r.valid);
    assert_true(r.entries > 30 && bytes > 4096);
    assert_int_equal(log_put(a, AUDIT_IAM, "", "SELECT 1", AUDIT_DURABLE), OK);
    assert_int_equal(check(a, &bytes).entries, r.entries + 1);
    audit_close(a);
    a = log_open(*state, 4096); /* also what was written before it was opened */
    assert_true(check(a, &bytes).valid);
    audit_close(a);
}

static void a_change_a_cut_and_a_missing_file_are_found(void **state)
{
    size_t bytes;
    char path[600], away[600];
    struct audit *a = write_log(*state, 30);
    overwrite(*state, "audit-000001.jsonl", 100, '#');
    struct audit_report r = check(a, &bytes);
    assert_false(r.valid);
    assert_string_equal(r.bad_file, "audit-000001.jsonl");
    assert_int_equal(r.bad_line, 1);
    snprintf(path, sizeof path, "%s/audit-000001.jsonl", (char *)*state);
    snprintf(away, sizeof away, "%s/away", (char *)*state);
    assert_int_equal(rename(path, away), 0);
    assert_false(check(a, &bytes).valid);
    unlink(away);
    audit_close(a);
}

/* As whoever can write files alone would make it, signed by a key of his own. */
static void put_kept(const char *dir, unsigned through, uint64_t size)
{
    static const uint8_t seed[NOTE_SEED_SIZE] = "a key that is not the server's.";
    struct kept k = {.checkpoint.size = size, .through = through, .days = 2557};
    struct buf text = BUF_INIT(0), note = BUF_INIT(0);
    struct note_key key;
    struct error e = ERROR_INIT;
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    snprintf(k.checkpoint.origin, sizeof k.checkpoint.origin, "hatidata.audit/of-another");
    snprintf(k.when, sizeof k.when, "2026-01-31T23:59:59.123456Z");
    kept_write(&k, &text);
    assert_int_equal(note_key_of(k.checkpoint.origin, seed, &key, &e), OK);
    assert_int_equal(note_sign(&key, seed, buf_str(&text), &note, &e), OK);
    assert_int_equal(kept_put(fd, size, buf_str(&note), &e), OK);
    unsigned said = 0;
    assert_int_equal(kept_through(fd, &said, &e), OK); /* it is one, but for its signer */
    assert_int_equal(said, through);
    close(fd);
    buf_free(&text);
    buf_free(&note);
}

static void a_forged_checkpoint_hides_no_missing_segment(void **state)
{
    size_t bytes;
    char path[600];
    struct audit *a = write_log(*state, 30);
    put_kept(*state, 2, 15);
    assert_true(
        check(a, &bytes).valid); /* nothing is missing: what it says is nothing to the log */
    for (int i = 1; i <= 2; i++) {
        snprintf(path, sizeof path, "%s/audit-%06d.jsonl", (char *)*state, i);
        assert_int_equal(unlink(path), 0);
        struct audit_report r = check(a, &bytes);
        assert_false(r.valid);
        assert_string_equal(r.reason, "segments are missing");
    }
    audit_close(a);
}

static void an_end_that_was_cut_is_found(void **state)
{
    size_t bytes;
    char path[600];
    struct stat st;
    struct audit *a = log_open(*state, 1 << 20);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(log_put(a, AUDIT_IAM, "", "SELECT 1", AUDIT_WRITTEN), OK);
    }
    snprintf(path, sizeof path, "%s/audit-000001.jsonl", (char *)*state);
    assert_int_equal(stat(path, &st), 0);
    FILE *f = fopen(path, "r");
    long last = 0;
    for (int c; (c = fgetc(f)) != EOF;) {
        last = c == '\n' && ftell(f) < st.st_size ? ftell(f) : last;
    }
    fclose(f);
    assert_int_equal(truncate(path, last), 0); /* the last line: the chain of the rest holds */
    struct audit_report r = check(a, &bytes);
    assert_false(r.valid);
    assert_non_null(strstr(r.reason, "its end was cut off"));
    audit_close(a);
}

static void a_reading_that_is_ended_says_nothing(void **state)
{
    struct audit_report r;
    struct error e = ERROR_INIT;
    struct audit *a = write_log(*state, 5);
    assert_int_equal(audit_check(a, none, NULL, &r, &e), OK);
    assert_true(r.valid);
    assert_int_equal(r.entries, 0);
    audit_close(a);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        CASE(a_log_finds_itself_as_it_wrote_it),
        CASE(a_change_a_cut_and_a_missing_file_are_found),
        CASE(a_forged_checkpoint_hides_no_missing_segment),
        CASE(an_end_that_was_cut_is_found),
        CASE(a_reading_that_is_ended_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
