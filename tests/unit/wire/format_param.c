/* Parameters: what is read, and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

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

static enum status text(uint32_t oid, const char *input)
{
    error = (struct error)ERROR_INIT;
    return param_decode(oid, NULL, FORMAT_TEXT, NULL, str_of(input), arena, &v, &error);
}

static enum status binary(uint32_t oid, const char *hex)
{
    size_t n = strlen(hex) / 2;
    char *bytes = arena_alloc(arena, n + 1);
    assert_true(text_unhex(str_of(hex), bytes, n));
    error = (struct error)ERROR_INIT;
    return param_decode(oid, NULL, FORMAT_BINARY, NULL, (struct str){bytes, n}, arena, &v, &error);
}

static void refuses_text(uint32_t oid, const char *input, enum error_code code)
{
    assert_int_equal(text(oid, input), FAIL);
    assert_int_equal(error.code, code);
    assert_true(strlen(input) < 6 || !strstr(error.message, input));
}

static void integers(void **state)
{
    assert_int_equal(text(OID_INT4, " -2147483648 "), OK);
    assert_int_equal(v.as.integer, INT32_MIN);
    assert_int_equal(text(OID_INT8, "+9223372036854775807"), OK);
    assert_true(v.as.integer == INT64_MAX);
    assert_int_equal(text(OID_INT8, "-9223372036854775808"), OK);
    refuses_text(OID_INT8, "9223372036854775808", ERR_OUT_OF_RANGE);
    refuses_text(OID_INT4, "2147483648", ERR_OUT_OF_RANGE);
    refuses_text(OID_INT2, "-32769", ERR_OUT_OF_RANGE);
    refuses_text(OID_INT4, "", ERR_BAD_VALUE);
    refuses_text(OID_INT4, "-", ERR_BAD_VALUE);
    refuses_text(OID_INT4, "1.0", ERR_BAD_VALUE);
    refuses_text(OID_INT4, "0x10", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_INT2, "ffff"), OK);
    assert_int_equal(v.as.integer, -1);
    assert_int_equal(binary(OID_INT8, "8000000000000000"), OK);
    assert_true(v.as.integer == INT64_MIN);
    assert_int_equal(binary(OID_INT4, "ffff"), FAIL);
    assert_int_equal(binary(OID_OID, "ffffffff"), OK);
    assert_true(v.as.integer == UINT32_MAX);
}

static void booleans(void **state)
{
    static const char *const yes[] = {"t", "TRUE", "tru", "y", "on", "1", " yes "};
    static const char *const no[] = {"f", "False", "n", "of", "off", "0"};
    static const char *const bad[] = {"", "o", "2", "truee", "10"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        assert_int_equal(text(OID_BOOL, yes[i]), OK);
        assert_true(v.as.boolean);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        assert_int_equal(text(OID_BOOL, no[i]), OK);
        assert_false(v.as.boolean);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        refuses_text(OID_BOOL, bad[i], ERR_BAD_VALUE);
    }
}

static void floats(void **state)
{
    assert_int_equal(text(OID_FLOAT8, " -1.5e3 "), OK);
    assert_true(v.as.real == -1500);
    assert_int_equal(text(OID_FLOAT8, "Infinity"), OK);
    assert_int_equal(text(OID_FLOAT8, "nan"), OK);
    assert_true(isnan(v.as.real));
    assert_int_equal(text(OID_FLOAT8, "5e-324"), OK);
    refuses_text(OID_FLOAT8, "1e400", ERR_OUT_OF_RANGE);
    refuses_text(OID_FLOAT4, "1e39", ERR_OUT_OF_RANGE);
    refuses_text(OID_FLOAT8, "0x1p3", ERR_BAD_VALUE);
    refuses_text(OID_FLOAT8, "1.5 2", ERR_BAD_VALUE);
    refuses_text(OID_FLOAT8, "nan(1)", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_FLOAT4, "3fc00000"), OK);
    assert_true(v.as.real == 1.5);
}

static void is_decimal(const char *expected, int width, int scale)
{
    assert_int_equal(v.type->kind, TYPE_DECIMAL);
    assert_string_equal(arena_strdup(arena, v.as.text), expected);
    assert_int_equal(v.type->width, width);
    assert_int_equal(v.type->scale, scale);
}

static void numerics(void **state)
{
    assert_int_equal(text(OID_NUMERIC, "-00123.450"), OK);
    is_decimal("-123.450", 6, 3);
    assert_int_equal(text(OID_NUMERIC, ".5"), OK);
    is_decimal("0.5", 1, 1);
    assert_int_equal(text(OID_NUMERIC, "1.5e3"), OK);
    is_decimal("1500", 4, 0);
    assert_int_equal(text(OID_NUMERIC, "15e-3"), OK);
    is_decimal("0.015", 3, 3);
    assert_int_equal(text(OID_NUMERIC, "0e99"), OK);
    assert_int_equal(text(OID_NUMERIC, "99999999999999999999999999999999999999"), OK);
    is_decimal("99999999999999999999999999999999999999", 38, 0);
    refuses_text(OID_NUMERIC, "100000000000000000000000000000000000000", ERR_OUT_OF_RANGE);
    refuses_text(OID_NUMERIC, "NaN", ERR_OUT_OF_RANGE);
    refuses_text(OID_NUMERIC, "1e39", ERR_OUT_OF_RANGE);
    refuses_text(OID_NUMERIC, "1e99999999999999999999", ERR_BAD_VALUE);
    refuses_text(OID_NUMERIC, "1..2", ERR_BAD_VALUE);
    refuses_text(OID_NUMERIC, ".", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_NUMERIC, "0002000000000002007b1194"), OK);
    is_decimal("123.45", 5, 2);
    assert_int_equal(binary(OID_NUMERIC, "0001fffe400000080001"), OK);
    is_decimal("-0.00000001", 8, 8);
    assert_int_equal(binary(OID_NUMERIC, "00010002000000000001"), OK);
    is_decimal("100000000", 9, 0);
    assert_int_equal(binary(OID_NUMERIC, "00000000c0000000"), FAIL);     /* NaN */
    assert_int_equal(binary(OID_NUMERIC, "00010000000000002710"), FAIL); /* a digit of 10000 */
    assert_int_equal(binary(OID_NUMERIC, "000100000000"), FAIL);
    assert_int_equal(binary(OID_NUMERIC, "00017fff000000000001"), FAIL);
}

static void columns_round(void **state)
{
    struct type money = {.kind = TYPE_DECIMAL, .width = 5, .scale = 2};
    assert_int_equal(param_from_text(&money, NULL, STR("1.005"), arena, &v, &error), OK);
    is_decimal("1.01", 5, 2);
    assert_int_equal(param_from_text(&money, NULL, STR("-1.0049"), arena, &v, &error), OK);
    is_decimal("-1.00", 5, 2);
    assert_int_equal(param_from_text(&money, NULL, STR("7"), arena, &v, &error), OK);
    is_decimal("7.00", 5, 2);
    assert_int_equal(param_from_text(&money, NULL, STR("999.995"), arena, &v, &error), FAIL);
    assert_int_equal(param_from_text(type_simple(TYPE_UINT8), NULL, STR("-1"), arena, &v, &error),
                     FAIL);
    assert_int_equal(param_from_text(type_simple(TYPE_UINT1), NULL, STR("256"), arena, &v, &error),
                     FAIL);
    assert_int_equal(param_from_text(type_simple(TYPE_UINT8), NULL, STR("18446744073709551615"),
                                     arena, &v, &error),
                     OK);
    struct str five = {"\0\5", 2};
    assert_int_equal(param_from_binary(type_simple(TYPE_INT1), five, arena, &v, &error), OK);
    assert_int_equal(v.as.integer, 5);
    assert_int_equal(v.type->kind, TYPE_INT1);
    struct str large = {"\1\0", 2};
    assert_int_equal(param_from_binary(type_simple(TYPE_INT1), large, arena, &v, &error), FAIL);
}

static void dates(void **state)
{
    assert_int_equal(text(OID_DATE, "2024-02-29"), OK);
    assert_int_equal(v.as.days, 19782);
    assert_int_equal(text(OID_DATE, "0001-12-31 BC"), OK);
    assert_int_equal(v.as.days, -719163);
    assert_int_equal(text(OID_DATE, "-infinity"), OK);
    assert_int_equal(v.as.days, INT32_MIN);
    assert_int_equal(text(OID_DATE, "2024-02-29T10:00:00Z"), OK);
    assert_int_equal(v.as.days, 19782);
    assert_int_equal(text(OID_DATE, "5874897-12-31"), OK);
    assert_int_equal(v.as.days, 2145042905);
    assert_int_equal(text(OID_DATE, "4714-11-24 BC"), OK);
    refuses_text(OID_DATE, "4714-11-23 BC", ERR_BAD_VALUE);
    refuses_text(OID_DATE, "5874898-01-01", ERR_BAD_VALUE);
    refuses_text(OID_DATE, "2023-02-29", ERR_BAD_VALUE);
    refuses_text(OID_DATE, "0000-01-01", ERR_BAD_VALUE);
    refuses_text(OID_DATE, "2023-13-01", ERR_BAD_VALUE);
    refuses_text(OID_DATE, "03/04/2005", ERR_BAD_VALUE);
    refuses_text(OID_DATE, "now", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_DATE, "00000000"), OK);
    assert_int_equal(v.as.days, 10957);
    assert_int_equal(binary(OID_DATE, "7fffffff"), OK);
    assert_int_equal(v.as.days, INT32_MAX);
    assert_int_equal(binary(OID_DATE, "7ffffffe"), FAIL);
}

static void stamps(void **state)
{
    assert_int_equal(text(OID_TIMESTAMP, "2000-01-01 00:00:00.1234567"), OK);
    assert_true(v.as.micros == 946684800123457);
    assert_int_equal(text(OID_TIMESTAMPTZ, "2000-01-01T01:30:00+01:30"), OK);
    assert_true(v.as.micros == 946684800000000);
    assert_int_equal(text(OID_TIMESTAMPTZ, "2000-01-01 00:00:00-0800"), OK);
    assert_true(v.as.micros == 946684800000000 + 8 * 3600000000);
    assert_int_equal(text(OID_TIMESTAMP, "2000-01-01 00:00:00+05"), OK);
    assert_true(v.as.micros == 946684800000000);
    assert_int_equal(text(OID_TIMESTAMP, "1969-12-31 23:59:59.999999"), OK);
    assert_true(v.as.micros == -1);
    assert_int_equal(text(OID_TIMESTAMP, "0044-03-15 12:00:00 BC"), OK);
    assert_int_equal(text(OID_TIMESTAMP, "infinity"), OK);
    assert_true(v.as.micros == INT64_MAX);
    refuses_text(OID_TIMESTAMP, "2000-01-01 25:00:00", ERR_BAD_VALUE);
    refuses_text(OID_TIMESTAMP, "2000-01-01 10:60:00", ERR_BAD_VALUE);
    refuses_text(OID_TIMESTAMP, "2000-01-01 10:00:00 Europe/Berlin", ERR_BAD_VALUE);
    refuses_text(OID_TIMESTAMP, "300000-01-01 00:00:00", ERR_BAD_VALUE);
    refuses_text(OID_TIMESTAMPTZ, "2000-01-01 00:00:00+17", ERR_BAD_VALUE);
    assert_int_equal(text(OID_TIME, "24:00:00"), OK);
    refuses_text(OID_TIME, "24:00:00.000001", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_TIMESTAMP, "fffffffffffffffe"), OK);
    assert_true(v.as.micros == 946684799999998);
    assert_int_equal(binary(OID_TIMESTAMP, "7ffffffffffffffe"), FAIL);
    assert_int_equal(binary(OID_TIME, "ffffffffffffffff"), FAIL);
    assert_int_equal(binary(OID_TIMETZ, "00000000ddf019e0ffffb2a8"), OK);
    assert_string_equal(arena_strdup(arena, v.as.text), "01:02:03.5+05:30");
}

static void is_interval(const char *input, int months, int days, int64_t micros)
{
    assert_int_equal(text(OID_INTERVAL, input), OK);
    assert_int_equal(v.as.interval.months, months);
    assert_int_equal(v.as.interval.days, days);
    assert_true(v.as.interval.micros == micros);
}

static void intervals(void **state)
{
    is_interval("1 year 2 mons 3 days 04:05:06.789", 14, 3, 14706789000);
    is_interval("-1 years -2 mons +3 days -04:05:06", -14, 3, -14706000000);
    is_interval("0 years 0 mons 1 days 0 hours 0 mins 0.5 secs", 0, 1, 500000);
    is_interval("P1Y2M3DT4H5M6.5S", 14, 3, 14706500000);
    is_interval("PT-1.5S", 0, 0, -1500000);
    is_interval("@ 1 day ago", 0, -1, 0);
    is_interval("1.5 days", 0, 1, 43200000000);
    is_interval("1.5 years", 18, 0, 0);
    is_interval("1.5 months", 1, 15, 0);
    is_interval("2 weeks", 0, 14, 0);
    is_interval("90", 0, 0, 90000000);
    is_interval("100:00:00", 0, 0, 360000000000);
    is_interval("00:00:00", 0, 0, 0);
    refuses_text(OID_INTERVAL, "", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "ago", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "1 fortnight", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "1 day ago 2 days", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "999999999999999999 mil 1.5 mil", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "P", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "P1", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "300000000 years", ERR_BAD_VALUE);
    refuses_text(OID_INTERVAL, "999999999999999999 hours", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_INTERVAL, "000000036c97ca88000000030000000e"), OK);
    assert_int_equal(v.as.interval.months, 14);
    assert_int_equal(v.as.interval.days, 3);
}

static void texts(void **state)
{
    assert_int_equal(text(OID_TEXT, "caf\u00e9"), OK);
    assert_int_equal(v.type->kind, TYPE_TEXT);
    refuses_text(OID_TEXT, "\xc3(", ERR_BAD_ENCODING);
    assert_int_equal(binary(OID_VARCHAR, "610062"), FAIL); /* a NUL */
    assert_int_equal(text(OID_BYTEA, "\\x00fF"), OK);
    assert_memory_equal(v.as.bytes.p, "\0\xff", 2);
    assert_int_equal(text(OID_BYTEA, "a\\\\\\001"), OK);
    assert_int_equal(v.as.bytes.n, 3);
    refuses_text(OID_BYTEA, "\\x0", ERR_BAD_VALUE);
    refuses_text(OID_BYTEA, "\\9", ERR_BAD_VALUE);
    assert_int_equal(text(OID_UUID, "{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}"), OK);
    assert_string_equal(v.as.text.p, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    refuses_text(OID_UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", ERR_BAD_VALUE);
    refuses_text(OID_UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-", ERR_BAD_VALUE);
    assert_int_equal(binary(OID_JSONB, "017b7d"), OK);
    assert_int_equal(v.as.text.n, 2);
    assert_int_equal(binary(OID_JSONB, "027b7d"), FAIL);
    assert_int_equal(text(2249, "(1)"), FAIL);
    assert_int_equal(error.code, ERR_UNSUPPORTED);
    assert_int_equal(text(OID_INT4, NULL), OK);
    assert_true(v.is_null);
}

static void arrays(void **state)
{
    assert_int_equal(text(1007, " {1, NULL ,-3} "), OK);
    assert_int_equal(v.as.list.n, 3);
    assert_true(v.as.list.items[1].is_null);
    assert_int_equal(v.as.list.items[2].as.integer, -3);
    assert_int_equal(text(1009, "{\"a,\\\"b\",\"NULL\",\\NULL, x y ,\"\"}"), OK);
    assert_int_equal(v.as.list.n, 5);
    assert_string_equal(v.as.list.items[0].as.text.p, "a,\"b");
    assert_false(v.as.list.items[1].is_null);
    assert_false(v.as.list.items[2].is_null);
    assert_string_equal(v.as.list.items[3].as.text.p, "x y");
    assert_int_equal(v.as.list.items[4].as.text.n, 0);
    assert_int_equal(text(1007, "{}"), OK);
    assert_int_equal(v.as.list.n, 0);
    assert_int_equal(text(1231, "{1.5,100,NULL}"), OK);
    assert_int_equal(v.type->child->width, 4);
    assert_int_equal(v.type->child->scale, 1);
    refuses_text(1007, "{1,2", ERR_BAD_VALUE);
    refuses_text(1007, "{1,}", ERR_BAD_VALUE);
    refuses_text(1007, "{1}x", ERR_BAD_VALUE);
    refuses_text(1007, "{1 2}", ERR_BAD_VALUE);
    refuses_text(1007, "{{1,2},{3,4}}", ERR_UNSUPPORTED);
    refuses_text(1007, "[0:1]={1,2}", ERR_BAD_VALUE);
    refuses_text(1009, "{\"a\\", ERR_BAD_VALUE);
    assert_int_equal(binary(1007, "0000000100000001000000170000000200000001"
                                  "0000000400000005ffffffff"),
                     OK);
    assert_int_equal(v.as.list.items[0].as.integer, 5);
    assert_true(v.as.list.items[1].is_null);
    assert_int_equal(binary(1007, "000000000000000000000017"), OK);
    assert_int_equal(binary(1007, "000000000000000000000014"), FAIL); /* elements of another type */
    assert_int_equal(binary(1007, "00000001000000000000001740000000000000010000000400000005"),
                     FAIL);
    assert_int_equal(binary(1007, "0000000200000000000000170000000100000001"
                                  "0000000100000001"
                                  "0000000400000005"),
                     FAIL);
    assert_int_equal(error.code, ERR_UNSUPPORTED);
    assert_int_equal(binary(1007, "0000000700000000000000170000000100000001"), FAIL);
    assert_int_equal(binary(1007, "0000000100000000000000170000000000000001"), FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),      cmocka_unit_test(booleans),  cmocka_unit_test(floats),
        cmocka_unit_test(numerics),      cmocka_unit_test(dates),     cmocka_unit_test(stamps),
        cmocka_unit_test(columns_round), cmocka_unit_test(intervals), cmocka_unit_test(texts),
        cmocka_unit_test(arrays),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
