/* Values of nested types from clients: JSON and arrays, what is read and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "wire/format.h"
#include "wire/oid.h"
#include "wire/param.h"

static struct arena *arena;
static struct value v;
static struct error error;

static int set_up(void **state)
{
    arena = arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(arena);
    return 0;
}

static const struct type *with_fields(enum type_kind kind, const struct type *a,
                                      const struct type *b)
{
    struct type *t = ARENA_NEW(arena, struct type);
    struct type_field *f = ARENA_ARRAY(arena, struct type_field, 2);
    f[0] = (struct type_field){STR("a"), a};
    f[1] = (struct type_field){STR("b"), b};
    *t = (struct type){.kind = kind, .fields = f, .field_count = 2};
    return t;
}

static const struct type *simple(enum type_kind kind)
{
    return type_simple(kind);
}

static void put(struct buf *b, const struct value *x)
{
    if (x->is_null) {
        buf_puts(b, "-");
    } else if (x->type->child || x->type->fields) {
        buf_puts(b, "(");
        for (uint32_t i = 0; i < x->as.list.n; i++) {
            buf_puts(b, i ? " " : "");
            put(b, &x->as.list.items[i]);
        }
        buf_puts(b, ")");
    } else if (x->type->kind == TYPE_INT4) {
        buf_printf(b, "%d", (int)x->as.integer);
    } else if (x->type->kind == TYPE_BOOL) {
        buf_puts(b, x->as.boolean ? "yes" : "no");
    } else {
        buf_put_str(b, x->as.text);
    }
}

/* The values as a tree in brackets, or the error's code. */
static const char *shown(enum status status)
{
    struct buf b = BUF_INIT(0);
    if (status != OK) {
        buf_printf(&b, "error %d", (int)error.code);
    } else {
        put(&b, &v);
    }
    struct str copy = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return arena_strdup(arena, copy);
}

static const char *text(const struct type *t, const char *input)
{
    error = (struct error)ERROR_INIT;
    return shown(param_decode(oid_of(t), t, FORMAT_TEXT, NULL, str_of(input), arena, &v, &error));
}

static const char *binary(uint32_t oid, const struct type *t, const char *hex)
{
    size_t n = strlen(hex) / 2;
    char *bytes = arena_alloc(arena, n + 1);
    assert_true(text_unhex(str_of(hex), bytes, n));
    error = (struct error)ERROR_INIT;
    return shown(
        param_decode(oid, t, FORMAT_BINARY, NULL, (struct str){bytes, n}, arena, &v, &error));
}

static void refuses(const struct type *t, const char *input, enum error_code code)
{
    assert_string_not_equal(text(t, input), "");
    if (error.code != code) {
        fail_msg("%s: %d %s", input, (int)error.code, error.message);
    }
    assert_null(strstr(error.message, "secret"));
}

static void structures(void **state)
{
    const struct type *t = with_fields(TYPE_STRUCT, simple(TYPE_INT4), simple(TYPE_TEXT));
    assert_string_equal(text(t, "{\"a\":1,\"b\":\"x\"}"), "(1 x)");
    assert_string_equal(text(t, " { \"B\" : \"\\u00e9\\ud83c\\udf88\\n\" , \"a\" : null }\n"),
                        "(- \xC3\xA9\xF0\x9F\x8E\x88\n)");
    assert_string_equal(text(t, "{}"), "(- -)");
    assert_string_equal(text(t, "{\"b\":12.50}"), "(- 12.50)");
    assert_string_equal(text(t, "null"), "-");
    const char *const wrong[] = {
        "",
        "{",
        "{}x",
        "{\"a\"}",
        "{\"a\":1,}",
        "[1]",
        "\"secret\"",
        "{\"c\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"secret\":1}",
        "{,}",
        "{\"a\":[]}",
        "{\"a\":01}",
        "{\"a\":\"secret\"}",
        "{\"b\":\"\\ud800\"}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.5}",
        "{\"b\":\"\\u0000\"}",
        "{\"b\":\"\n\"}",
        "{'a': 1}",
        "{a: 1}",
        "{\"a\":tru}",
        "{\"b\":\"x}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        refuses(t, wrong[i], ERR_BAD_VALUE);
    }
    refuses(t, "{\"a\":99999999999}", ERR_OUT_OF_RANGE);
    refuses(t, "{\"b\":\"\xff\"}", ERR_BAD_ENCODING);
}

static void numbers_keep_their_digits(void **state)
{
    const struct type *t = with_fields(TYPE_STRUCT, type_decimal(arena, 38, 10), simple(TYPE_BOOL));
    assert_string_equal(text(t, "{\"a\":1234567890123456789012345678.0123456789,\"b\":true}"),
                        "(1234567890123456789012345678.0123456789 yes)");
}

static void maps_and_unions(void **state)
{
    const struct type *map = with_fields(TYPE_MAP, simple(TYPE_INT4), simple(TYPE_TEXT));
    assert_string_equal(text(map, "{\"1\":\"x\",\"2\":null}"), "(1 x 2 -)");
    assert_string_equal(text(map, "{}"), "()");
    refuses(map, "{\"secret\":\"x\"}", ERR_BAD_VALUE);
    refuses(map, "{1:\"x\"}", ERR_BAD_VALUE);
    const struct type *one = with_fields(TYPE_UNION, simple(TYPE_INT4), simple(TYPE_TEXT));
    assert_string_equal(text(one, "{\"b\":\"x\"}"), "(x)");
    assert_int_equal(v.as.list.member, 1);
    refuses(one, "{}", ERR_BAD_VALUE);
    refuses(one, "{\"a\":1,\"b\":\"x\"}", ERR_BAD_VALUE);
    refuses(one, "{\"c\":1}", ERR_BAD_VALUE);
}

static void lists(void **state)
{
    const struct type *rows = type_list(arena, type_list(arena, simple(TYPE_INT4)));
    assert_string_equal(text(rows, "[[1,2],[],[null],null]"), "((1 2) () (-) -)");
    assert_string_equal(text(rows, "{{1,2},{3,NULL}}"), "((1 2) (3 -))");
    assert_string_equal(text(rows, "{}"), "()");
    refuses(rows, "[1]", ERR_BAD_VALUE);
    refuses(rows, "{1,2}", ERR_BAD_VALUE);
    refuses(rows, "{{{1}}}", ERR_BAD_VALUE);
    refuses(rows, "[[1],]", ERR_BAD_VALUE);
    const struct type *json = with_fields(TYPE_STRUCT, simple(TYPE_JSON), simple(TYPE_INT4));
    const struct type *list = type_list(arena, json);
    assert_int_equal(oid_of(list), 199);
    assert_string_equal(text(list, "{\"{\\\"a\\\": [1, {\\\"x\\\": 2}], \\\"b\\\": 3}\",NULL}"),
                        "(([1, {\"x\": 2}] 3) -)");
    assert_string_equal(text(list, "[{\"a\":\"]\"},{\"a\":null}]"), "((\"]\" -) (- -))");
    const struct type three = {.kind = TYPE_ARRAY, .size = 2, .child = rows->child};
    assert_string_equal(text(&three, "[[1],[2]]"), "((1) (2))");
    refuses(&three, "[[1]]", ERR_BAD_VALUE);
}

static void binary_forms(void **state)
{
    const struct type *rows = type_list(arena, type_list(arena, simple(TYPE_INT4)));
    const char *two_by_two = "00000002000000000000001700000002000000010000000200000001"
                             "0000000400000001ffffffff00000004000000030000000400000004";
    assert_string_equal(binary(1007, rows, two_by_two), "((1 -) (3 4))");
    assert_string_equal(binary(1007, rows, "000000000000000000000017"), "()");
    assert_string_equal(binary(OID_JSON, rows, "5b5b315d5d"), "((1))");
    assert_string_equal(binary(OID_JSONB, rows, "015b5b315d5d"), "((1))");
    const struct type *t = with_fields(TYPE_STRUCT, simple(TYPE_INT4), simple(TYPE_TEXT));
    assert_string_equal(binary(199, type_list(arena, t),
                               "0000000100000000000000720000000100000001000000077b2261223a317d"),
                        "((1 -))");
    static const char *const wrong[] = {
        "00000001000000000000001700000001000000010000000400000001", /* one dimension */
        "00000002000000000000001700000002000000010000000200000001"  /* one element is missing */
        "0000000400000001ffffffff0000000400000003",
        "000000020000000000000017000fffff000000010000000000000001",
        "00000002000000000000001700ffffff0000000100ffffff00000001",
        "00000002000000000000001780000000000000010000000200000001",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)binary(1007, rows, wrong[i]);
        assert_true(error.code == ERR_BAD_VALUE || error.code == ERR_TOO_LARGE);
    }
    (void)binary(OID_INT4, rows, "00000001");
    assert_int_equal(error.code, ERR_BAD_VALUE);
}

/* Two bytes each in the text, many more as a value. */
static void many_values(void **state)
{
    const struct type *rows = type_list(arena, type_list(arena, simple(TYPE_INT4)));
    struct buf b = BUF_INIT(0);
    buf_puts(&b, "[");
    for (int i = 0; i < PARAM_MAX_ELEMENTS; i++) {
        buf_puts(&b, i ? ",[]" : "[]");
    }
    buf_puts(&b, "]");
    refuses(rows, buf_cstr(&b), ERR_TOO_LARGE);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] = b.p[i] == '[' ? '{' : b.p[i] == ']' ? '}' : b.p[i];
    }
    refuses(rows, buf_cstr(&b), ERR_TOO_LARGE);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structures),      cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(maps_and_unions), cmocka_unit_test(lists),
        cmocka_unit_test(binary_forms),    cmocka_unit_test(many_values),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
