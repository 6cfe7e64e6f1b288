/* The chain: what is written verifies, and every change to the bytes is found at its entry. */
#include "log.h"

#include <jansson.h>

static const char first[] = "audit-000001.jsonl", second[] = "audit-000002.jsonl";

static void write_small(const char *dir)
{
    struct audit *a = log_open(dir, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(
            log_put(a, i % 2 ? AUDIT_OUTCOME : AUDIT_INTENT, "q1", "SELECT 1", AUDIT_WRITTEN), OK);
    }
    audit_close(a);
}

static void a_log_verifies(void **state)
{
    write_small(*state);
    struct audit_report r = log_verify(*state);
    assert_true(r.valid);
    assert_int_equal(r.entries, 5); /* and log_created */
    struct stat st;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", (char *)*state, first);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(*state, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    r = log_verify(path);
    assert_true(r.valid);
    assert_int_equal(r.entries, 5);
}

static void every_changed_byte_is_found(void **state)
{
    write_small(*state);
    size_t n;
    char *text = file_read(*state, first, &n);
    uint64_t line = 1;
    for (size_t i = 0; i < n; i++) {
        char old = text[i];
        for (int bit = 0; bit < 8; bit += 3) {
            text[i] = (char)(old ^ 1 << bit);
            file_write(*state, first, text, n);
            struct audit_report r = log_verify(*state);
            assert_false(r.valid);
            assert_int_equal(r.bad_seq, line);
            assert_int_equal(r.bad_line, line);
            assert_string_equal(r.bad_file, first);
        }
        text[i] = old;
        line += old == '\n';
    }
    free(text);
}

/* The lines of the first file, each with its newline. */
static size_t split(char *text, char **lines, size_t most)
{
    size_t n = 0;
    for (char *p = text; *p && n < most; n++) {
        lines[n] = p;
        p = strchr(p, '\n') + 1;
        lines[n + 1] = p;
    }
    return n;
}

/* Writes the lines in this order, -1 ends it, and gives what verify says. */
static struct audit_report rearranged(const char *dir, char **lines, const int *order)
{
    char *out = calloc(1, 1 << 20);
    size_t n = 0;
    for (; *order >= 0; order++) {
        size_t len = (size_t)(lines[*order + 1] - lines[*order]);
        memcpy(out + n, lines[*order], len);
        n += len;
    }
    file_write(dir, first, out, n);
    free(out);
    return log_verify(dir);
}

static void moved_removed_and_doubled_lines_are_found(void **state)
{
    write_small(*state);
    size_t n;
    char *text = file_read(*state, first, &n), *lines[8];
    assert_int_equal(split(text, lines, 6), 5);
    static const struct {
        int order[8];
        uint64_t bad; /* 0: stays valid */
    } cases[] = {
        {{0, 1, 2, 3, 4, -1}, 0}, {{1, 2, 3, 4, -1}, 1},       {{0, 2, 3, 4, -1}, 2},
        {{0, 1, 3, 2, 4, -1}, 3}, {{0, 1, 1, 2, 3, 4, -1}, 3}, {{0, 1, 2, 4, -1}, 4},
        {{0, 1, 2, 3, -1}, 0}, /* cut at an entry's boundary: not seen without a checkpoint */
        {{4, 3, 2, 1, 0, -1}, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct audit_report r = rearranged(*state, lines, cases[i].order);
        assert_int_equal(r.valid, cases[i].bad == 0);
        assert_int_equal(r.bad_seq, cases[i].bad);
    }
    free(text);
}

static void a_cut_within_a_line_is_found(void **state)
{
    write_small(*state);
    size_t n;
    char *text = file_read(*state, first, &n);
    file_write(*state, first, text, n - 1);
    struct audit_report r = log_verify(*state);
    assert_false(r.valid);
    assert_int_equal(r.bad_seq, 5);
    assert_int_equal(r.bad_line, 5);
    free(text);
}

static void segments_are_chained(void **state)
{
    struct audit *a = log_open(*state, 4096);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(log_put(a, AUDIT_IAM, "", "", AUDIT_WRITTEN), OK);
    }
    audit_close(a);
    struct audit_report r = log_verify(*state);
    assert_true(r.valid);
    assert_true(r.entries > 61);
    char path[512], away[512];
    snprintf(path, sizeof path, "%s/%s", (char *)*state, second);
    snprintf(away, sizeof away, "%s/away", (char *)*state);
    r = log_verify(path);
    assert_true(r.valid); /* by itself */
    assert_int_equal(rename(path, away), 0);
    r = log_verify(*state);
    assert_false(r.valid);
    assert_string_equal(r.bad_file, second);
    assert_string_equal(r.reason, "the segment is missing");
    assert_int_equal(rename(away, path), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 8192);
}

static void what_a_client_sends_stays_one_line_of_json(void **state)
{
    static const char nasty[] = "SELECT '\n{\"seq\":9}\x1b[31m\xff\xc0 \r\t\\\"' -- \x01 \x7f";
    size_t big = 3 * 1024 * 1024;
    char *huge = malloc(big + 1);
    memset(huge, 'x', big);
    huge[big] = '\0';
    struct audit *a = log_open(*state, 0);
    assert_int_equal(log_put(a, AUDIT_INTENT, "q\n1", nasty, AUDIT_WRITTEN), OK);
    assert_int_equal(log_put(a, AUDIT_OUTCOME, huge, huge, AUDIT_WRITTEN), OK);
    audit_close(a);
    free(huge);
    struct audit_report r = log_verify(*state);
    assert_true(r.valid);
    assert_int_equal(r.entries, 3);
    size_t n;
    char *text = file_read(*state, first, &n), *lines[8];
    assert_int_equal(split(text, lines, 6), 3);
    for (int i = 0; i < 3; i++) {
        size_t len = (size_t)(lines[i + 1] - lines[i]);
        assert_true(len < 80000);
        json_t *entry = json_loadb(lines[i], len, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(entry);
        if (i == 2) {
            assert_int_equal(json_integer_value(json_object_get(entry, "sql_bytes")), big);
        }
        json_decref(entry);
    }
    free(text);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        T(a_log_verifies),
        T(every_changed_byte_is_found),
        T(moved_removed_and_doubled_lines_are_found),
        T(a_cut_within_a_line_is_found),
        T(segments_are_chained),
        T(what_a_client_sends_stays_one_line_of_json),
    };
    return cmocka_run_group_tests_name("audit_chain", tests, NULL, NULL);
}
