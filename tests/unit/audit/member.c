/* Members told without a tree are those that JSON's parser tells, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "audit/member.h"

static void agrees(const char *line, bool must_be_told)
{
    json_t *tree = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    struct members in;
    struct member m;
    size_t n = 0;
    members_begin(&in, str_of(line));
    while (members_next(&in, &m)) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", STR_ARG(m.name));
        json_t *value = m.is_plain ? json_stringn(m.value.p, m.value.n)
                                   : json_loadb(m.value.p, m.value.n, JSON_DECODE_ANY, NULL);
        if (tree) {
            assert_true(json_equal(value, json_object_get(tree, name)));
        }
        json_decref(value);
        n++;
    }
    if (must_be_told) {
        assert_false(in.failed);
        assert_int_equal(n, json_object_size(tree));
    }
    json_decref(tree);
}

static void lines_are_told(void **state)
{
    agrees(
        "{\"v\":3,\"seq\":12,\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"kind\":\"outcome\"}",
        true);
    agrees("{\"a\":\"\",\"b\":\"it's {[,:]} \xc3\xa9\",\"c\":-1.5e3,\"d\":true,\"e\":null}", true);
    agrees("{\"a\":\"x\\\"y\\\\\",\"b\":\"\\\\\\\"\",\"c\":\"\\u0041\"}", true);
    agrees("{\"a\":[\"]\",\"\\\"]\"],\"b\":{\"c\":[{\"d\":\"}\"}],\"e\":{}},\"f\":[]}", true);
}

static void what_is_otherwise_is_left_to_the_parser(void **state)
{
    static const char *const odd[] = {"",
                                      "{",
                                      "{}",
                                      "[]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{\"a\":1}}",
                                      "{\"a\":1",
                                      "{\"a\":\"x}",
                                      "{\"a\":\"x\\\"}",
                                      "{\"a\":[1}",
                                      "{\"a\":[1]]}",
                                      "{\"a\":{\"b\":\"}",
                                      "{ \"a\":1}",
                                      "{\"a\": \"x\"}",
                                      "{\"a\":\"x\ty\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":1\"b\":2}",
                                      "{\"\\u0061\":1}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct members in;
        struct member m;
        members_begin(&in, str_of(odd[i]));
        while (members_next(&in, &m)) {
        }
        json_t *tree = json_loads(odd[i], 0, NULL);
        bool told = !in.failed && in.at == in.line.n;
        if (told && !tree) {
            json_t *value = json_loadb(m.value.p, m.value.n, JSON_DECODE_ANY, NULL);
            assert_null(value); /* the value itself is judged by its reader */
            json_decref(value);
        }
        json_decref(tree);
        agrees(odd[i], false);
    }
}

static void every_cut_and_flip_is_survived(void **state)
{
    static const char line[] =
        "{\"v\":3,\"a\":\"x\\\"y\",\"b\":[\"c\",{\"d\":1}],\"e\":\"\xc3\xa9\",\"f\":false}";
    for (size_t i = 0; i < sizeof line - 1; i++) {
        for (int flip = 0; flip < 9; flip++) {
            char copy[sizeof line];
            memcpy(copy, line, sizeof line);
            copy[i] = flip == 8 ? '\0' : (char)(copy[i] ^ 1 << flip);
            agrees(copy, false);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_told),
        cmocka_unit_test(what_is_otherwise_is_left_to_the_parser),
        cmocka_unit_test(every_cut_and_flip_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
