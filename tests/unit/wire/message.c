/* Framing, readers and writers of messages; the packets before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "wire/message.h"
#include "wire/startup.h"

#define BYTES(literal) ((struct str){(literal), sizeof(literal) - 1})

static void test_frame(void **state)
{
    const struct {
        struct str in;
        enum wire_frame want;
        size_t size;
    } cases[] = {
        {BYTES(""), FRAME_MORE, 0},
        {BYTES("Q"), FRAME_MORE, 0},
        {BYTES("Q\0\0\0"), FRAME_MORE, 0},
        {BYTES("Q\0\0\0\7ab"), FRAME_MORE, 8},
        {BYTES("Q\0\0\0\7ab\0more"), FRAME_WHOLE, 8},
        {BYTES("S\0\0\0\4"), FRAME_WHOLE, 5},
        {BYTES("Q\0\0\0\3"), FRAME_BAD, 0},
        {BYTES("Q\0\0\0\0"), FRAME_BAD, 0},
        {BYTES("Q\xff\xff\xff\xff"), FRAME_BAD, 0},
        {BYTES("Q\0\0\0\x69"), FRAME_BAD, 0}, /* a body of 101 */
        {BYTES("Z"), FRAME_BAD, 0},
        {BYTES("\0\0\0\0\4"), FRAME_BAD, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_message m;
        size_t size = 99;
        assert_int_equal(wire_frame(cases[i].in, 100, &m, &size), cases[i].want);
        assert_int_equal(size, cases[i].size);
    }
}

static void test_reader_stops(void **state)
{
    struct wire_reader r = wire_reader(BYTES("\0\5abc"));
    assert_int_equal(wire_read_i16(&r), 5);
    assert_int_equal(wire_read_i32(&r), 0); /* three bytes are left */
    assert_true(r.failed);
    assert_int_equal(wire_read_u8(&r), 0);
    assert_false(wire_read_end(&r));
    r = wire_reader(BYTES("no end"));
    assert_int_equal(wire_read_cstr(&r).n, 0);
    assert_true(r.failed);
    r = wire_reader(BYTES("\xff\xff\0\0")); /* 65535 things of 4 bytes in 2 */
    assert_int_equal(wire_read_count(&r, 4), 0);
    assert_true(r.failed);
}

static void test_bind(void **state)
{
    struct wire_bind m;
    struct error e = ERROR_INIT;
    struct str good = BYTES("p\0s\0\0\1\0\1\0\2\0\0\0\1x\xff\xff\xff\xff\0\1\0\1");
    assert_int_equal(wire_get_bind(good, &m, &e), OK);
    assert_true(str_is(m.portal, "p") && str_is(m.statement, "s"));
    assert_int_equal(wire_format_of(m.formats, m.format_count, 1), 1);
    assert_int_equal(m.value_count, 2);
    assert_true(str_is(wire_read_value(&m.values), "x"));
    assert_null(wire_read_value(&m.values).p);
    assert_false(m.values.failed);
    assert_int_equal(m.values.n, 0);
    assert_int_equal(wire_format_of(m.result_formats, 1, 7), 1);
    /* Every shorter message is malformed. */
    for (size_t n = 0; n < good.n; n++) {
        assert_int_equal(wire_get_bind((struct str){good.p, n}, &m, &e), FAIL);
        assert_int_equal(e.code, ERR_PROTOCOL);
    }
    assert_int_equal(wire_get_bind(BYTES("\0\0\0\1\0\2\0\0\0\0"), &m, &e), FAIL); /* format 2 */
    assert_int_equal(wire_get_bind(BYTES("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"), &m, &e), FAIL);
    assert_int_equal(wire_get_bind(BYTES("\0\0\0\2\0\0\0\0\0\1\xff\xff\xff\xff\0\0"), &m, &e),
                     FAIL); /* two formats for one value */
}

static void test_error_fields(void **state)
{
    struct error e = ERROR_INIT;
    struct buf b = BUF_INIT(0);
    error_at(&e, ERR_BAD_SQL, 4, "bad \xc3"); /* cut in the middle of a letter */
    wire_put_error(&b, "ERROR", &e, STR("\xc3\xa4\xc3\xa4 x"), "r-1");
    static const char want[] =
        "SERROR\0VERROR\0C42601\0Mbad ?\0DHATI_ERR_400_BAD_SQL (request r-1)";
    assert_int_equal(b.p[0], 'E');
    assert_memory_equal(b.p + 5, want, sizeof want);
    assert_non_null(memmem(b.p, b.n, "P3\0\0", 4));
    buf_free(&b);
}

static void test_position(void **state)
{
    assert_int_equal(wire_char_position(STR("abc"), 0), 1);
    assert_int_equal(wire_char_position(STR("a\xe2\x82\xac"
                                            "c"),
                                        4),
                     3);
    assert_int_equal(wire_char_position(STR("abc"), 3), 4);
    assert_int_equal(wire_char_position(STR("abc"), 4), 0);
    assert_int_equal(wire_char_position(STR("abc"), -1), 0);
    assert_int_equal(wire_char_position(STR_NULL, 0), 0);
}

static void test_startup_peek(void **state)
{
#define TEN "abcdefghij"
    const struct {
        struct str in;
        enum startup_kind want;
    } cases[] = {
        {BYTES(""), STARTUP_MORE},
        {BYTES("\x16"), STARTUP_TLS},
        {BYTES("\0\0\0\x08\x04\xd2\x16\x2f"), STARTUP_SSL},
        {BYTES("\0\0\0\x08\x04\xd2\x16\x30"), STARTUP_GSS},
        {BYTES("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1"), STARTUP_MORE},
        {BYTES("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2"), STARTUP_CANCEL},
        {BYTES("\0\0\0\x0c\x04\xd2\x16\x2e\0\0\0\1"), STARTUP_BAD},
        {BYTES("\0\0\0\x11\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2\3"), STARTUP_BAD},
        {BYTES("\0\0\0\x2c\x04\xd2\x16\x2e\0\0\0\1" TEN TEN TEN "1"), STARTUP_MORE},
        {BYTES("\0\0\0\x2c\x04\xd2\x16\x2e\0\0\0\1" TEN TEN TEN "12"), STARTUP_CANCEL},
        {BYTES("\0\0\0\x08\0\3\0\0"), STARTUP_SESSION},
        {BYTES("\0\0\0\x08\0\2\0\0"), STARTUP_BAD},
        {BYTES("\0\0\0\4\0\3\0\0"), STARTUP_BAD},
        {BYTES("\0\0\x27\x11\0\3\0\0"), STARTUP_BAD}, /* 10001 */
        {BYTES("\0\1"), STARTUP_BAD},
        {BYTES("G"), STARTUP_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(startup_peek(cases[i].in).kind, cases[i].want);
    }
}

static void test_startup_parse(void **state)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct startup s;
    struct str good =
        BYTES("\0\0\0\0\0\3\0\0user\0u\0options\0-c a=1 --b-c=x\\ y -cd=\0_pq_.z\0q\0\0");
    assert_int_equal(startup_parse(a, good, &s, &e), OK);
    assert_true(str_is(s.user, "u") && str_is(s.database, "u"));
    assert_int_equal(s.options.n, 3);
    assert_true(str_is(s.options.at[1].name, "b_c") && str_is(s.options.at[1].value, "x y"));
    assert_int_equal(s.options.at[2].value.n, 0);
    assert_int_equal(s.unknown.n, 1);
    const struct str bad[] = {
        BYTES("\0\0\0\0\0\3\0\0"),
        BYTES("\0\0\0\0\0\3\0\0\0"), /* no user */
        BYTES("\0\0\0\0\0\3\0\0user\0u"),
        BYTES("\0\0\0\0\0\3\0\0user\0u\0"),
        BYTES("\0\0\0\0\0\3\0\0user\0u\0\0x"),
        BYTES("\0\0\0\0\0\3\0\0user\0\xff\0\0"),
        BYTES("\0\0\0\0\0\3\0\0user\0u\0replication\0on\0\0"),
        BYTES("\0\0\0\0\0\3\0\0user\0u\0options\0-x\0\0"),
        BYTES("\0\0\0\0\0\3\0\0user\0u\0options\0-c\0\0"),
        BYTES("\0\0\0\0\0\3\0\0user\0u\0options\0-c name\0\0"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(startup_parse(a, bad[i], &s, &e), FAIL);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame),         cmocka_unit_test(test_reader_stops),
        cmocka_unit_test(test_bind),          cmocka_unit_test(test_error_fields),
        cmocka_unit_test(test_position),      cmocka_unit_test(test_startup_peek),
        cmocka_unit_test(test_startup_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
