/* Result values in text and binary. The expected bytes are those of a PostgreSQL 15 server for the
 * same values; nested values those of the engine. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "format_arrays.h"
#include "wire/digits.h"
#include "wire/format.h"
#include "wire/oid.h"
#include "wire/param.h"

static char shown[512];

static const char *show(const struct type *t, int16_t format, const struct ArrowArray *a)
{
    struct buf b = BUF_INIT(0);
    format_writer(t, format)(&b, t, a, 0, &format_plain);
    assert_false(b.failed);
    assert_true(b.n < sizeof shown / 2);
    if (format == FORMAT_BINARY) {
        text_hex(b.p, b.n, shown);
    } else {
        memcpy(shown, b.n ? (char *)b.p : "", b.n);
        shown[b.n] = '\0';
    }
    buf_free(&b);
    return shown;
}

static const char *fixed(enum type_kind kind, int16_t format, const void *value)
{
    struct test_array a;
    array_of_fixed(&a, 1, value);
    return show(type_simple(kind), format, &a.array);
}

static const char *texts(enum type_kind kind, int16_t format, const char *value)
{
    struct test_array a;
    array_of_texts(&a, 1, &value);
    return show(type_simple(kind), format, &a.array);
}

#define FIXED(kind, ctype, value, text, binary)                                                    \
    do {                                                                                           \
        ctype v_ = (value);                                                                        \
        assert_string_equal(fixed(kind, FORMAT_TEXT, &v_), text);                                  \
        assert_string_equal(fixed(kind, FORMAT_BINARY, &v_), binary);                              \
    } while (0)

static void integers(void **state)
{
    FIXED(TYPE_BOOL, uint8_t, 1, "t", "01");
    FIXED(TYPE_BOOL, uint8_t, 0, "f", "00");
    FIXED(TYPE_INT1, int8_t, -128, "-128", "ff80");
    FIXED(TYPE_INT2, int16_t, INT16_MIN, "-32768", "8000");
    FIXED(TYPE_INT4, int32_t, INT32_MIN, "-2147483648", "80000000");
    FIXED(TYPE_INT8, int64_t, INT64_MIN, "-9223372036854775808", "8000000000000000");
    FIXED(TYPE_INT8, int64_t, INT64_MAX, "9223372036854775807", "7fffffffffffffff");
    FIXED(TYPE_INT8, int64_t, 0, "0", "0000000000000000");
    FIXED(TYPE_UINT1, uint8_t, 255, "255", "00ff");
    FIXED(TYPE_UINT2, uint16_t, 65535, "65535", "0000ffff");
    FIXED(TYPE_UINT4, uint32_t, UINT32_MAX, "4294967295", "00000000ffffffff");
    FIXED(TYPE_UINT8, uint64_t, UINT64_MAX, "18446744073709551615",
          "000500040000000007341a5802e103bb064f");
    FIXED(TYPE_INT16, i128, (i128)((u128)1 << 127), "-170141183460469231731687303715884105728",
          "000a00094000000000aa0583209a01d5090d0c601c871bf620da1660");
    FIXED(TYPE_UINT16, u128, ~(u128)0, "340282366920938463463374607431768211455",
          "000a00090000000001540b071a2403aa121a18c111ff10dd1aa505af");
}

static const char *decimal(i128 v, int width, int scale, int16_t format)
{
    struct type t = {.kind = TYPE_DECIMAL, .width = (uint8_t)width, .scale = (uint8_t)scale};
    struct test_array a;
    array_of_fixed(&a, 1, &v);
    return show(&t, format, &a.array);
}

static void decimals(void **state)
{
    assert_string_equal(decimal(0, 9, 2, FORMAT_TEXT), "0.00");
    assert_string_equal(decimal(-5, 9, 2, FORMAT_TEXT), "-0.05");
    assert_string_equal(decimal(12345, 9, 2, FORMAT_TEXT), "123.45");
    assert_string_equal(decimal(12345, 9, 0, FORMAT_TEXT), "12345");
    assert_string_equal(decimal(1, 38, 38, FORMAT_TEXT),
                        "0.00000000000000000000000000000000000001");
    assert_string_equal(decimal(0, 9, 2, FORMAT_BINARY), "0000000000000002");
    assert_string_equal(decimal(12345, 9, 2, FORMAT_BINARY), "0002000000000002007b1194");
    assert_string_equal(decimal(-5, 9, 2, FORMAT_BINARY), "0001ffff4000000201f4");
    assert_string_equal(decimal(100000000, 9, 0, FORMAT_BINARY), "00010002000000000001");
    assert_string_equal(decimal(1, 9, 8, FORMAT_BINARY), "0001fffe000000080001");
}

static void floats(void **state)
{
    FIXED(TYPE_FLOAT8, double, 0.1, "0.1", "3fb999999999999a");
    FIXED(TYPE_FLOAT8, double, -0.0, "-0", "8000000000000000");
    FIXED(TYPE_FLOAT8, double, 1e20, "1e+20", "4415af1d78b58c40");
    FIXED(TYPE_FLOAT8, double, 1e-5, "1e-05", "3ee4f8b588e368f1");
    FIXED(TYPE_FLOAT8, double, INFINITY, "Infinity", "7ff0000000000000");
    FIXED(TYPE_FLOAT8, double, -INFINITY, "-Infinity", "fff0000000000000");
    FIXED(TYPE_FLOAT8, double, 5e-324, "5e-324", "0000000000000001");
    FIXED(TYPE_FLOAT4, float, 0.1f, "0.1", "3dcccccd");
    double nan_value = NAN;
    assert_string_equal(fixed(TYPE_FLOAT8, FORMAT_TEXT, &nan_value), "NaN");
}

static void float_texts(void **state)
{
    static const struct {
        double v;
        const char *text;
    } f8[] = {{1, "1"},
              {-1.5, "-1.5"},
              {123456.789, "123456.789"},
              {1e14, "100000000000000"},
              {1e15, "1e+15"},
              {1234567890123456, "1.234567890123456e+15"},
              {0.0001, "0.0001"},
              {0.00012345, "0.00012345"},
              {1.0 / 3, "0.3333333333333333"},
              {1.7976931348623157e308, "1.7976931348623157e+308"},
              {2.2250738585072014e-308, "2.2250738585072014e-308"},
              {1e-310, "1e-310"},
              {9007199254740992, "9.007199254740992e+15"},
              {0.3 - 0.1, "0.19999999999999998"},
              {9.5367431640625e-07, "9.5367431640625e-07"},
              {99999999999999.9, "99999999999999.9"},
              {1e23, "9.999999999999999e+22"}};
    static const struct {
        float v;
        const char *text;
    } f4[] = {{1, "1"},
              {1e6f, "1e+06"},
              {123456, "123456"},
              {1.0f / 3, "0.33333334"},
              {16777216, "1.6777216e+07"},
              {3.4028235e38f, "3.4028235e+38"},
              {1e-45f, "1e-45"},
              {0.0001f, "0.0001"},
              {0.00001f, "1e-05"},
              {100000.5f, "100000.5"},
              {121892864, "1.21892864e+08"}};
    char text[DIGITS_FLOAT + 1];
    for (size_t i = 0; i < sizeof f8 / sizeof *f8; i++) {
        *digits_f64(text, f8[i].v, 1) = '\0';
        assert_string_equal(text, f8[i].text);
    }
    for (size_t i = 0; i < sizeof f4 / sizeof *f4; i++) {
        *digits_f32(text, f4[i].v, 1) = '\0';
        assert_string_equal(text, f4[i].text);
    }
}

/* Any double must read back as itself; the generator is fixed so that a failure can be repeated. */
static void floats_round_trip(void **state)
{
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        double v, back;
        uint64_t bits = i % 3 ? x : (uint64_t)(x % 100000000);
        memcpy(&v, &bits, sizeof v);
        v = i % 3 == 2 ? (double)(int64_t)x / 4096 : v;
        char text[DIGITS_FLOAT + 1];
        *digits_f64(text, v, 1) = '\0';
        back = strtod(text, NULL);
        assert_true(back == v || (isnan(v) && isnan(back)));
    }
}

static void dates(void **state)
{
    FIXED(TYPE_DATE, int32_t, 0, "1970-01-01", "ffffd533");
    FIXED(TYPE_DATE, int32_t, 10957, "2000-01-01", "00000000");
    FIXED(TYPE_DATE, int32_t, 11016, "2000-02-29", "0000003b");
    FIXED(TYPE_DATE, int32_t, -719163, "0001-12-31 BC", "fff4dbf8");
    FIXED(TYPE_DATE, int32_t, -2440588, "4714-11-24 BC", "ffda97a7");
    FIXED(TYPE_DATE, int32_t, 2145042905, "5874897-12-31", "7fda970c");
    FIXED(TYPE_DATE, int32_t, INT32_MAX, "infinity", "7fffffff");
    FIXED(TYPE_DATE, int32_t, INT32_MIN, "-infinity", "80000000");
    FIXED(TYPE_DATE, int32_t, -INT32_MAX, "-infinity", "80000000");
}

static void times(void **state)
{
    FIXED(TYPE_TIME, int64_t, 0, "00:00:00", "0000000000000000");
    FIXED(TYPE_TIME, int64_t, 86399999999, "23:59:59.999999", "000000141dd75fff");
    FIXED(TYPE_TIME, int64_t, 86400000000, "24:00:00", "000000141dd76000");
    FIXED(TYPE_TIMESTAMP, int64_t, 946684800000000, "2000-01-01 00:00:00", "0000000000000000");
    FIXED(TYPE_TIMESTAMP, int64_t, -1, "1969-12-31 23:59:59.999999", "fffca2fec4c81fff");
    FIXED(TYPE_TIMESTAMPTZ, int64_t, 946684800500000, "2000-01-01 00:00:00.5+00",
          "000000000007a120");
    FIXED(TYPE_TIMESTAMP, int64_t, INT64_MAX, "infinity", "7fffffffffffffff");
    FIXED(TYPE_TIMESTAMP, int64_t, INT64_MIN, "-infinity", "8000000000000000");
    FIXED(TYPE_TIMESTAMP_S, int64_t, 946684801, "2000-01-01 00:00:01", "00000000000f4240");
    FIXED(TYPE_TIMESTAMP_MS, int64_t, 946684800001, "2000-01-01 00:00:00.001", "00000000000003e8");
    FIXED(TYPE_TIMESTAMP_NS, int64_t, 946684800000001999, "2000-01-01 00:00:00.000001",
          "0000000000000001");
    FIXED(TYPE_TIMESTAMP_NS, int64_t, -1, "1969-12-31 23:59:59.999999", "fffca2fec4c81fff");
    assert_string_equal(texts(TYPE_TIMETZ, FORMAT_TEXT, "01:02:03.5+05:30"), "01:02:03.5+05:30");
    assert_string_equal(texts(TYPE_TIMETZ, FORMAT_BINARY, "01:02:03.5+05:30"),
                        "00000000ddf019e0ffffb2a8");
}

static void intervals(void **state)
{
    typedef struct array_interval span;
    const int64_t second = 1000000;
    FIXED(TYPE_INTERVAL, span, ((span){0, 0, 0}), "00:00:00", "00000000000000000000000000000000");
    FIXED(TYPE_INTERVAL, span, ((span){14, 3, 14706 * second + 789000}),
          "1 year 2 mons 3 days 04:05:06.789", "000000036c97ca88000000030000000e");
    FIXED(TYPE_INTERVAL, span, ((span){-10, -3, 14706 * second}), "-10 mons -3 days +04:05:06",
          "000000036c8bc080fffffffdfffffff6");
    FIXED(TYPE_INTERVAL, span, ((span){-12, 1, -1}), "-1 years +1 day -00:00:00.000001",
          "ffffffffffffffff"
          "00000001"
          "fffffff4");
    FIXED(TYPE_INTERVAL, span, ((span){0, 0, 360000 * second}), "100:00:00",
          "00000053d1ac10000000000000000000");
}

static void texts_and_bytes(void **state)
{
    const char *uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    assert_string_equal(texts(TYPE_TEXT, FORMAT_TEXT, "caf\u00e9"), "caf\u00e9");
    assert_string_equal(texts(TYPE_TEXT, FORMAT_BINARY, "ab"), "6162");
    assert_string_equal(texts(TYPE_BYTES, FORMAT_TEXT, "\x01\xff"), "\\x01ff");
    assert_string_equal(texts(TYPE_BYTES, FORMAT_BINARY, "\x01\xff"), "01ff");
    assert_string_equal(texts(TYPE_UUID, FORMAT_TEXT, uuid), uuid);
    assert_string_equal(texts(TYPE_UUID, FORMAT_BINARY, uuid), "a0eebc999c0b4ef8bb6d6bb9bd380a11");
    assert_string_equal(texts(TYPE_UUID, FORMAT_TEXT,
                              "\xa0\xee\xbc\x99\x9c\x0b\x4e\xf8\xbb\x6d\x6b"
                              "\xb9\xbd\x38\x0a\x11"),
                        uuid);
    assert_string_equal(texts(TYPE_JSON, FORMAT_BINARY, "{}"), "7b7d");
}

static void arrays(void **state)
{
    const char *elements[] = {"a", NULL, "", "null", "x y", "q\"\\", "{,}"};
    struct type list = {.kind = TYPE_LIST, .child = type_simple(TYPE_TEXT)};
    struct test_array child, a;
    array_of_texts(&child, 7, elements);
    array_of_list(&a, &child);
    assert_string_equal(show(&list, FORMAT_TEXT, &a.array),
                        "{a,NULL,\"\",\"null\",\"x y\",\"q\\\"\\\\\",\"{,}\"}");
    int32_t numbers[] = {1, -2};
    struct type ints = {.kind = TYPE_LIST, .child = type_simple(TYPE_INT4)};
    array_of_fixed(&child, 2, numbers);
    array_of_list(&a, &child);
    assert_string_equal(show(&ints, FORMAT_TEXT, &a.array), "{1,-2}");
    assert_string_equal(show(&ints, FORMAT_BINARY, &a.array), "00000001"
                                                              "00000000"
                                                              "00000017"
                                                              "00000002"
                                                              "00000001"
                                                              "00000004"
                                                              "00000001"
                                                              "00000004"
                                                              "fffffffe");
    child.array.length = a.offsets[1] = 0;
    assert_string_equal(show(&ints, FORMAT_TEXT, &a.array), "{}");
    assert_string_equal(show(&ints, FORMAT_BINARY, &a.array), "00000000"
                                                              "00000000"
                                                              "00000017");
    struct type fixed_size = {.kind = TYPE_ARRAY, .size = 2, .child = type_simple(TYPE_INT4)};
    assert_string_equal(show(&fixed_size, FORMAT_TEXT, &a.array), "{1,-2}");
}

static void nested(void **state)
{
    int32_t numbers[] = {1};
    const char *words[] = {"it's"}, *keys[] = {"k", "a b"}, *values[] = {"v", "p=q"};
    struct type_field fields[] = {{STR("a"), type_simple(TYPE_INT4)},
                                  {STR("b'"), type_simple(TYPE_TEXT)}};
    struct type row = {.kind = TYPE_STRUCT, .fields = fields, .field_count = 2};
    struct test_array x, y, pair, map, outer;
    array_of_fixed(&x, 1, numbers);
    array_of_texts(&y, 1, words);
    array_of_struct(&pair, &x, &y);
    assert_string_equal(show(&row, FORMAT_TEXT, &pair.array), "{\"a\":1,\"b'\":\"it's\"}");
    assert_string_equal(show(&row, FORMAT_BINARY, &pair.array), "7b2261223a312c226227223a"
                                                                "226974277322"
                                                                "7d");
    assert_int_equal(oid_of(&row), OID_JSON);
    fields[0].name = fields[1].name = STR("");
    assert_string_equal(show(&row, FORMAT_TEXT, &pair.array), "(1,it's)");
    assert_string_equal(show(&row, FORMAT_BINARY, &pair.array), "00000002"
                                                                "00000017"
                                                                "00000004"
                                                                "00000001"
                                                                "00000019"
                                                                "00000004"
                                                                "69742773");
    assert_int_equal(oid_of(&row), OID_RECORD);
    struct type list = {.kind = TYPE_LIST, .child = &row};
    array_of_list(&map, &pair);
    assert_string_equal(show(&list, FORMAT_TEXT, &map.array), "{\"(1,it's)\"}");
    assert_int_equal(oid_of(&list), 2287);
    struct type deep = {.kind = TYPE_LIST, .child = &list};
    array_of_list(&outer, &map);
    assert_string_equal(show(&deep, FORMAT_TEXT, &outer.array), "[[{\"f1\":1,\"f2\":\"it's\"}]]");
    static const char *const odd[] = {"", "a b", "q\"\\", "(x)", NULL};
    array_of_texts(&x, 5, odd);
    struct type_field one = {STR(""), type_simple(TYPE_TEXT)};
    struct type single = {.kind = TYPE_STRUCT, .fields = &one, .field_count = 1};
    array_of_struct(&pair, &x, NULL);
    static const char *const quoted[] = {"(\"\")", "(\"a b\")", "(\"q\"\"\\\\\")", "(\"(x)\")",
                                         "()"};
    for (int64_t i = 0; i < 5; i++) {
        struct buf b = BUF_INIT(0);
        format_text(&b, &single, &pair.array, i);
        assert_string_equal(buf_cstr(&b), quoted[i]);
        buf_free(&b);
    }
    struct type_field entry[] = {{STR("key"), type_simple(TYPE_TEXT)},
                                 {STR("value"), type_simple(TYPE_TEXT)}};
    struct type map_type = {.kind = TYPE_MAP, .fields = entry, .field_count = 2};
    array_of_texts(&x, 2, keys);
    array_of_texts(&y, 2, values);
    array_of_struct(&pair, &x, &y);
    array_of_list(&map, &pair);
    assert_string_equal(show(&map_type, FORMAT_TEXT, &map.array), "{\"k\":\"v\",\"a b\":\"p=q\"}");
    assert_int_equal(oid_of(&map_type), OID_JSON);
}

static void offsets_are_heeded(void **state)
{
    int64_t numbers[] = {7, 8, 9};
    const char *words[] = {"x", NULL, "z"};
    uint8_t bits = 4;
    struct test_array a;
    array_of_fixed(&a, 2, numbers);
    a.array.offset = 2;
    assert_string_equal(show(type_simple(TYPE_INT8), FORMAT_TEXT, &a.array), "9");
    array_of_texts(&a, 1, words);
    array_of_texts(&a, 3, words);
    a.array.offset = 1;
    assert_true(arrow_is_null(&a.array, 0));
    assert_false(arrow_is_null(&a.array, 1));
    a.array.offset = 2;
    assert_string_equal(show(type_simple(TYPE_TEXT), FORMAT_TEXT, &a.array), "z");
    array_of_fixed(&a, 1, &bits);
    a.array.offset = 2;
    assert_string_equal(show(type_simple(TYPE_BOOL), FORMAT_TEXT, &a.array), "t");
}

/* oid, name, "char", int2vector, oidvector and regclass, and arrays of them. */
static void aliases(void **state)
{
    int64_t numbers[] = {4294967295, 16384};
    int16_t places[] = {1, 3};
    const char *letters[] = {"r", ""};
    struct test_array x, list;
    struct type of = {.kind = TYPE_LIST};
    array_of_fixed(&x, 1, numbers);
    assert_string_equal(show(type_aliased(ALIAS_OID), FORMAT_TEXT, &x.array), "4294967295");
    assert_string_equal(show(type_aliased(ALIAS_OID), FORMAT_BINARY, &x.array), "ffffffff");
    array_of_fixed(&x, 2, numbers);
    array_of_list(&list, &x);
    const struct type *vector = type_aliased(ALIAS_OIDVECTOR);
    assert_string_equal(show(vector, FORMAT_TEXT, &list.array), "4294967295 16384");
    assert_string_equal(show(vector, FORMAT_BINARY, &list.array),
                        "00000001000000000000001a0000000200000000"
                        "00000004ffffffff0000000400004000");
    of.child = type_aliased(ALIAS_REGCLASS);
    assert_int_equal(oid_of(&of), 2210);
    assert_string_equal(show(&of, FORMAT_BINARY, &list.array),
                        "00000001000000000000089d0000000200000001"
                        "00000004ffffffff0000000400004000");
    array_of_fixed(&x, 2, places);
    array_of_list(&list, &x);
    assert_string_equal(show(type_aliased(ALIAS_INT2VECTOR), FORMAT_TEXT, &list.array), "1 3");
    array_of_texts(&x, 1, letters);
    assert_string_equal(show(type_aliased(ALIAS_CHAR), FORMAT_BINARY, &x.array), "72");
    array_of_texts(&x, 1, letters + 1);
    assert_string_equal(show(type_aliased(ALIAS_CHAR), FORMAT_TEXT, &x.array), "");
    assert_string_equal(show(type_aliased(ALIAS_CHAR), FORMAT_BINARY, &x.array), "00");
}

static void rows(void **state)
{
    int32_t numbers[] = {5, 6};
    const char *words[] = {NULL, "ab"};
    struct format_column columns[] = {{type_simple(TYPE_INT4), FORMAT_BINARY},
                                      {type_simple(TYPE_TEXT), FORMAT_TEXT}};
    struct test_array x, y, batch;
    struct arena *arena = arena_new(0);
    struct format_plan *plan = format_plan_new(arena, columns, 2, &format_plain);
    struct buf out = BUF_INIT(44);
    struct error e = ERROR_INIT;
    array_of_fixed(&x, 2, numbers);
    array_of_texts(&y, 2, words);
    array_of_struct(&batch, &x, &y);
    assert_int_equal(format_row(&out, plan, &batch.array, 0, &e), OK);
    assert_int_equal(out.n, 19);
    assert_memory_equal(out.p, "D\0\0\0\x12\0\2\0\0\0\4\0\0\0\5\xff\xff\xff\xff", 19);
    assert_int_equal(format_row(&out, plan, &batch.array, 1, &e), OK);
    assert_memory_equal(out.p + 19, "D\0\0\0\x14\0\2\0\0\0\4\0\0\0\6\0\0\0\2ab", 21);
    /* A row that doesn't fit leaves what was there. */
    assert_int_equal(format_row(&out, plan, &batch.array, 1, &e), FAIL);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_int_equal(out.n, 40);
    assert_false(out.failed);
    buf_free(&out);
    arena_free(arena);
}

static void oids(void **state)
{
    struct type decimal_type = {.kind = TYPE_DECIMAL, .width = 15, .scale = 2};
    struct type list = {.kind = TYPE_LIST, .child = &decimal_type};
    struct type deep = {.kind = TYPE_LIST, .child = &list};
    assert_int_equal(oid_of(&decimal_type), 1700);
    assert_int_equal(oid_typmod(&decimal_type), 983046);
    assert_int_equal(oid_of(&list), 1231);
    assert_int_equal(oid_of(&deep), OID_JSON);
    assert_int_equal(oid_of(type_simple(TYPE_UINT8)), OID_NUMERIC);
    assert_int_equal(oid_typlen(OID_UUID), 16);
    assert_int_equal(oid_typlen(1231), -1);
    assert_int_equal(oid_element_of(1231), 1700);
    assert_int_equal(oid_type(OID_INT4)->kind, TYPE_INT4);
    assert_int_equal(oid_type(1007)->child->kind, TYPE_INT4);
    assert_int_equal(oid_type(0)->kind, TYPE_UNKNOWN);
    assert_null(oid_type(2249)); /* record */
    for (int alias = ALIAS_NONE + 1; alias < TYPE_ALIAS_COUNT; alias++) {
        const struct type *t = type_aliased((enum type_alias)alias);
        const struct type *back = oid_type(oid_of(t));
        assert_int_not_equal(oid_of(t), OID_TEXT);
        assert_true(t->kind == TYPE_LIST ? !back : back == t);
        assert_true(type_same(t, t->child ? t : type_simple(t->kind)));
    }
    for (int kind = 0; kind < TYPE_KIND_COUNT; kind++) {
        if (kind < TYPE_LIST) {
            struct type of = {.kind = TYPE_LIST, .child = type_simple((enum type_kind)kind)};
            assert_int_not_equal(oid_of(&of), OID_NONE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(decimals),
        cmocka_unit_test(floats),
        cmocka_unit_test(float_texts),
        cmocka_unit_test(floats_round_trip),
        cmocka_unit_test(dates),
        cmocka_unit_test(times),
        cmocka_unit_test(intervals),
        cmocka_unit_test(texts_and_bytes),
        cmocka_unit_test(arrays),
        cmocka_unit_test(nested),
        cmocka_unit_test(offsets_are_heeded),
        cmocka_unit_test(aliases),
        cmocka_unit_test(rows),
        cmocka_unit_test(oids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
