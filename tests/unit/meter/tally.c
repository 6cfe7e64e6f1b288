/* Usage data: counts, latencies and credits, bounded, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>

#include "meter/tally.h"

static json_t *written(struct tally *u, struct buf *text)
{
    struct error e = ERROR_INIT;
    buf_clear(text);
    tally_write(u, text);
    assert_int_equal(tally_check(buf_str(text), &e), OK);
    json_t *root = json_loadb((const char *)text->p, text->n, 0, NULL);
    assert_non_null(root);
    return root;
}

static json_int_t count(const json_t *org, const char *group, const char *name)
{
    return json_integer_value(json_object_get(group ? json_object_get(org, group) : org, name));
}

static void counts_are_told(void **state)
{
    struct tally *u = tally_new();
    struct buf text = BUF_INIT(0);
    struct tally_statement s = {.org_id = STR("o-1"),
                                .kind = METRICS_SELECT,
                                .rows = 5,
                                .duration_us = 999,
                                .millicredits = 1500};
    tally_count(u, &s);
    s.duration_us = 1000;
    tally_count(u, &s);
    s = (struct tally_statement){
        .org_id = STR("o-2"), .kind = METRICS_DDL, .failed = true, .duration_us = INT64_MAX};
    tally_count(u, &s);
    json_t *root = written(u, &text), *list = json_object_get(root, "organizations");
    assert_int_equal(json_array_size(list), 2);
    const json_t *one = json_array_get(list, 0), *two = json_array_get(list, 1);
    assert_string_equal(json_string_value(json_object_get(one, "organization")), "o-1");
    assert_int_equal(count(one, "statements", "select"), 2);
    assert_int_equal(count(one, NULL, "rows"), 10);
    assert_int_equal(count(one, NULL, "millicredits"), 3000);
    assert_int_equal(count(one, "below_ms", "1"), 1);
    assert_int_equal(count(one, "below_ms", "2"), 1);
    assert_int_equal(count(two, "statements", "ddl"), 1);
    assert_int_equal(count(two, NULL, "failed"), 1);
    assert_int_equal(count(two, "below_ms", "more"), 1);
    json_decref(root);
    tally_free(u);
    buf_free(&text);
}

/* However many organizations there are, the document fits a message; a name is never an id. */
static void the_document_is_bounded(void **state)
{
    struct tally *u = tally_new();
    struct buf text = BUF_INIT(TALLY_TEXT_MAX);
    char id[TALLY_ID_MAX + 1];
    for (int i = 0; i < 3 * TALLY_ORGANIZATIONS_MAX; i++) {
        snprintf(id, sizeof id, "%064d", i);
        struct tally_statement s = {.org_id = str_of(id), .rows = INT64_MAX >> 20};
        for (int n = 0; n < 100; n++) {
            tally_count(u, &s);
        }
    }
    tally_count(u, &(struct tally_statement){.org_id = STR("ann@example.com")});
    json_t *root = written(u, &text), *list = json_object_get(root, "organizations");
    assert_false(text.failed);
    assert_int_equal(json_array_size(list), TALLY_ORGANIZATIONS_MAX + 1);
    assert_int_equal(count(json_array_get(list, 0), "statements", "select"),
                     200 * TALLY_ORGANIZATIONS_MAX + 1);
    assert_null(memmem(text.p, text.n, "example", 7));
    json_decref(root);
    tally_free(u);
    buf_free(&text);
}

static void nothing_else_is_taken(void **state)
{
    struct tally *u = tally_new();
    struct buf text = BUF_INIT(0);
    tally_count(u, &(struct tally_statement){.org_id = STR("o-1")});
    json_t *good = written(u, &text);
    static const char *const edits[][2] = {
        {"\"o-1\"", "\"SELECT 1\""},        {"\"rows\":0", "\"rows\":\"x\""},
        {"\"rows\":0", "\"rows\":-1"},      {"\"rows\":0", "\"rows\":0,\"sql\":\"x\""},
        {"\"version\":1", "\"version\":2"}, {"\"select\":1", "\"select\":1,\"drop\":1"},
        {"\"since\":\"2", "\"since\":\"x"}, {"\"more\":0", "\"most\":0"},
    };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct buf bad = BUF_INIT(0);
        struct error e = ERROR_INIT;
        const char *whole = buf_cstr(&text), *at = strstr(whole, edits[i][0]);
        assert_non_null(at);
        buf_put(&bad, whole, (size_t)(at - whole));
        buf_puts(&bad, edits[i][1]);
        buf_puts(&bad, at + strlen(edits[i][0]));
        assert_int_equal(tally_check(buf_str(&bad), &e), FAIL);
        buf_free(&bad);
    }
    json_decref(good);
    tally_free(u);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_told),
        cmocka_unit_test(the_document_is_bounded),
        cmocka_unit_test(nothing_else_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
