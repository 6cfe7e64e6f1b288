/* Every type of the engine, through engine_next(), against the engine's own text of the same value.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/text.h"
#include "fixture.h"
#include "suites.h"

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

static void put_u128(struct buf *b, u128 v)
{
    char digits[40];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + (int)(v % 10));
        v /= 10;
    } while (v);
    while (n-- > 0) {
        buf_u8(b, (uint8_t)digits[n]);
    }
}

static void put_i128(struct buf *b, i128 v)
{
    if (v < 0) {
        buf_u8(b, '-');
    }
    put_u128(b, v < 0 ? -(u128)v : (u128)v);
}

static void put_decimal(struct buf *b, i128 v, int scale)
{
    u128 m = v < 0 ? -(u128)v : (u128)v, unit = 1;
    for (int i = 0; i < scale; i++) {
        unit *= 10;
    }
    buf_puts(b, v < 0 ? "-" : "");
    put_u128(b, m / unit);
    if (scale) {
        buf_u8(b, '.');
        struct buf frac = BUF_INIT(0);
        put_u128(&frac, m % unit);
        for (int i = (int)frac.n; i < scale; i++) {
            buf_u8(b, '0');
        }
        buf_put_str(b, buf_str(&frac));
        buf_free(&frac);
    }
}

static void put(struct buf *b, const struct type *t, const struct ArrowArray *a, int64_t i);

static void put_range(struct buf *b, const struct type *t, const struct ArrowArray *a, int64_t from,
                      int64_t to)
{
    buf_puts(b, "[");
    for (int64_t i = from; i < to; i++) {
        buf_puts(b, i > from ? ", " : "");
        put(b, t, a, i);
    }
    buf_puts(b, "]");
}

static void put_fields(struct buf *b, const struct type *t, const struct ArrowArray *a, int64_t i)
{
    buf_puts(b, "{");
    for (uint32_t k = 0; k < t->field_count; k++) {
        buf_printf(b, "%s'%.*s': ", k ? ", " : "", STR_ARG(t->fields[k].name));
        put(b, t->fields[k].type, a->children[k], i);
    }
    buf_puts(b, "}");
}

static void put_map(struct buf *b, const struct type *t, const struct ArrowArray *a, int64_t i)
{
    const int64_t *offsets = a->buffers[1];
    const struct ArrowArray *entries = a->children[0];
    buf_puts(b, "{");
    for (int64_t k = offsets[i]; k < offsets[i + 1]; k++) {
        buf_puts(b, k > offsets[i] ? ", " : "");
        put(b, t->fields[0].type, entries->children[0], k);
        buf_puts(b, "=");
        put(b, t->fields[1].type, entries->children[1], k);
    }
    buf_puts(b, "}");
}

#define AT(type) (((const type *)a->buffers[1])[i])

/* Integers, text and nested values as the engine prints them; the rest as "kind:number". */
static void put(struct buf *b, const struct type *t, const struct ArrowArray *a, int64_t i)
{
    if (arrow_is_null(a, i)) {
        buf_puts(b, "NULL");
        return;
    }
    switch (t->kind) {
    case TYPE_BOOL:
        buf_puts(b, ((const uint8_t *)a->buffers[1])[i >> 3] >> (i & 7) & 1 ? "true" : "false");
        break;
    case TYPE_INT1:
        buf_printf(b, "%d", AT(int8_t));
        break;
    case TYPE_INT2:
        buf_printf(b, "%d", AT(int16_t));
        break;
    case TYPE_INT4:
    case TYPE_DATE:
        buf_printf(b, "%d", AT(int32_t));
        break;
    case TYPE_UINT1:
        buf_printf(b, "%u", AT(uint8_t));
        break;
    case TYPE_UINT2:
        buf_printf(b, "%u", AT(uint16_t));
        break;
    case TYPE_UINT4:
        buf_printf(b, "%u", AT(uint32_t));
        break;
    case TYPE_UINT8:
        buf_printf(b, "%" PRIu64, AT(uint64_t));
        break;
    case TYPE_INT16:
        put_i128(b, AT(i128));
        break;
    case TYPE_UINT16:
        put_u128(b, AT(u128));
        break;
    case TYPE_DECIMAL:
        put_decimal(b, AT(i128), t->scale);
        break;
    case TYPE_FLOAT4:
        buf_printf(b, "%.9g", (double)AT(float));
        break;
    case TYPE_FLOAT8:
        buf_printf(b, "%.17g", AT(double));
        break;
    case TYPE_LIST:
        put_range(b, t->child, a->children[0], AT(int64_t),
                  ((const int64_t *)a->buffers[1])[i + 1]);
        break;
    case TYPE_ARRAY:
        put_range(b, t->child, a->children[0], i * t->size, (i + 1) * t->size);
        break;
    case TYPE_STRUCT:
        put_fields(b, t, a, i);
        break;
    case TYPE_MAP:
        put_map(b, t, a, i);
        break;
    case TYPE_UNION: { /* the member that it is */
        uint32_t k = array_member(a, i);
        put(b, t->fields[k].type, a->children[1 + k], i);
        break;
    }
    case TYPE_INTERVAL: {
        const uint8_t *p = (const uint8_t *)a->buffers[1] + 16 * i;
        int32_t months, days;
        int64_t micros;
        memcpy(&months, p, 4);
        memcpy(&days, p + 4, 4);
        memcpy(&micros, p + 8, 8);
        buf_printf(b, "%d %d %" PRId64, months, days, micros);
        break;
    }
    case TYPE_TEXT:
    case TYPE_JSON:
    case TYPE_ENUM:
    case TYPE_BYTES:
    case TYPE_BIT:
    case TYPE_UUID:
    case TYPE_TIMETZ:
        buf_put_str(b, text_at(a, i));
        break;
    default:
        buf_printf(b, "%" PRId64, AT(int64_t));
    }
}

/* `sql` gives columns in pairs: a value, and the text that put() must make of it. */
static size_t check_pairs(struct fixture *f, const char *sql)
{
    struct error e = ERROR_INIT;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    size_t rows = 0;
    if (engine_prepare(f->engine, f->session, str_of(sql), f->arena, &p, &e) != OK ||
        engine_execute(f->engine, f->session, p.statement, NULL, 0, 0, f->arena, &r, &e) != OK) {
        fail_msg("%s: %s", sql, e.message);
    }
    assert_true(p.returns_rows && r.returns_rows);
    assert_int_equal(r.column_count % 2, 0);
    for (;;) {
        assert_int_equal(engine_next(f->engine, f->session, r.cursor, &batch, &e), OK);
        if (!batch.release) {
            break;
        }
        rows += (size_t)batch.length;
        for (int64_t i = 0; i < batch.length; i++) {
            for (size_t c = 0; c < r.column_count; c += 2) {
                struct buf got = BUF_INIT(0), want = BUF_INIT(0);
                put(&got, r.columns[c].type, batch.children[c], i);
                put(&want, r.columns[c + 1].type, batch.children[c + 1], i);
                if (!str_eq(buf_str(&got), buf_str(&want))) {
                    fail_msg("column %zu (%.*s), row %d: got %s, want %s", c,
                             STR_ARG(r.columns[c].name), (int)i, buf_cstr(&got), buf_cstr(&want));
                }
                buf_free(&got);
                buf_free(&want);
            }
        }
        arrow_array_release(&batch);
        assert_null(batch.release);
    }
    engine_cursor_close(f->engine, f->session, r.cursor);
    engine_statement_close(f->engine, f->session, p.statement);
    return rows;
}

static void columns_of_test_all_types(void **state)
{
    static const char *const as_text[] = {"bool",
                                          "tinyint",
                                          "smallint",
                                          "int",
                                          "bigint",
                                          "hugeint",
                                          "uhugeint",
                                          "utinyint",
                                          "usmallint",
                                          "uint",
                                          "ubigint",
                                          "uuid",
                                          "bit",
                                          "time_tz",
                                          "small_enum",
                                          "medium_enum",
                                          "large_enum",
                                          "int_array",
                                          "varchar_array",
                                          "nested_int_array",
                                          "struct",
                                          "struct_of_arrays",
                                          "array_of_structs",
                                          "map",
                                          "union",
                                          "dec_4_1",
                                          "dec_9_4",
                                          "dec_18_6",
                                          "dec38_10",
                                          "varchar",
                                          "fixed_int_array",
                                          "fixed_varchar_array",
                                          "fixed_nested_int_array",
                                          "fixed_nested_varchar_array",
                                          "fixed_struct_array",
                                          "struct_of_fixed_array",
                                          "fixed_array_of_int_list",
                                          "list_of_fixed_int_array"};
    static const char *const as_number[][2] = {
        {"time", "epoch_us(CAST(\"time\" AS TIME))"},
        {"interval", "datepart('year', \"interval\") * 12 + datepart('month', \"interval\") || ' ' "
                     "|| datepart('day', \"interval\") || ' ' || "
                     "datepart('hour', \"interval\") * 3600000000 + "
                     "datepart('minute', \"interval\") * 60000000 + "
                     "datepart('microsecond', \"interval\")"},
    };
    struct fixture *f = *state;
    char sql[2048];
    for (size_t i = 0; i < sizeof as_text / sizeof *as_text; i++) {
        snprintf(
            sql, sizeof sql, /* in a list the engine quotes the empty text, we don't */
            "SELECT \"%s\", replace(CAST(\"%s\" AS VARCHAR), '''''', '') FROM test_all_types()",
            as_text[i], as_text[i]);
        assert_int_equal(check_pairs(f, sql), 3);
    }
    for (size_t i = 0; i < sizeof as_number / sizeof *as_number; i++) {
        snprintf(sql, sizeof sql, "SELECT \"%s\", CAST(%s AS VARCHAR) FROM test_all_types()",
                 as_number[i][0], as_number[i][1]);
        assert_int_equal(check_pairs(f, sql), 3);
    }
}

static void times_and_infinities(void **state)
{
    struct fixture *f = *state;
    check_pairs(f,
                "SELECT DATE '1970-01-02', '1', DATE 'infinity', '2147483647', "
                "DATE '-infinity', '-2147483648', TIMESTAMP '1970-01-01 00:00:01', '1000000', "
                "TIMESTAMP 'infinity', '9223372036854775807', TIMESTAMP '-infinity', "
                "'-9223372036854775808', TIMESTAMPTZ '1970-01-01 01:00:00+01', '0', "
                "TIMESTAMP_S '1970-01-01 00:00:05', '5', TIMESTAMP_MS '1970-01-01 00:00:05', "
                "'5000', TIMESTAMP_NS '1970-01-01 00:00:05', '5000000000', "
                "TIMETZ '10:11:12.5-03:30', '10:11:12.5-03:30', "
                "INTERVAL '1 month 2 days 3 seconds', '1 2 3000000', 1.5::FLOAT, '1.5', "
                "'\\x00\\xff'::BLOB = '\\x00\\xff'::BLOB, 'true', '{\"a\":1}'::JSON, '{\"a\":1}'");
}

/* Many rows: lists that overlap, constants, NULLs at every place. */
static void nested_in_bulk(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        check_pairs(f,
                    "SELECT v, CAST(v AS VARCHAR) FROM (SELECT CASE WHEN range % 7 = 0 THEN NULL "
                    "ELSE [range, NULL, range * 2] END AS v FROM range(10000))"),
        10000);
    assert_int_equal(check_pairs(f, "SELECT v, CAST(v AS VARCHAR) FROM (SELECT {'a': [range % 3], "
                                    "'b': MAP {range: 'x' || range}} AS v FROM range(5000))"),
                     5000);
    assert_int_equal(
        check_pairs(f,
                    "SELECT v, CAST(v AS VARCHAR) FROM (SELECT CASE WHEN range % 5 = 0 THEN NULL "
                    "WHEN range % 2 = 0 THEN [union_value(n := range)::UNION(n BIGINT, s VARCHAR)] "
                    "ELSE [union_value(s := 'x' || range)::UNION(n BIGINT, s VARCHAR), NULL] END "
                    "AS v FROM range(5000))"),
        5000);
    assert_int_equal(check_pairs(f, "SELECT v, CAST(v AS VARCHAR) FROM (SELECT [1, 2, 3] AS v FROM "
                                    "range(5000))"),
                     5000);
    assert_int_equal(check_pairs(f, "SELECT v, CAST(v AS VARCHAR) FROM (SELECT CAST([range, 1] AS "
                                    "BIGINT[2]) AS v FROM range(5000))"),
                     5000);
    assert_int_equal(check_pairs(f, "SELECT v, v || '' FROM (SELECT repeat('long text ', range % "
                                    "50) AS v FROM range(5000))"),
                     5000);
    assert_int_equal(check_pairs(f, "SELECT NULL, 'NULL'"), 1);
}

static void unreadable_types_are_refused(void **state)
{
    static const char *const columns[] = {"bignum", "time_ns"};
    struct fixture *f = *state;
    char sql[128];
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct engine_prepared p;
        snprintf(sql, sizeof sql, "SELECT \"%s\" FROM test_all_types()", columns[i]);
        if (engine_prepare(f->engine, f->session, str_of(sql), f->arena, &p, NULL) != OK) {
            continue; /* not in this version */
        }
        assert_int_equal(p.columns[0].type->kind, TYPE_OTHER);
        assert_int_equal(fails(f, f->session, sql, NULL), ERR_UNSUPPORTED);
        snprintf(sql, sizeof sql, "SELECT CAST(\"%s\" AS VARCHAR) FROM test_all_types()",
                 columns[i]);
        assert_int_equal(fails(f, f->session, sql, NULL), ERR_NONE);
    }
    assert_int_equal(fails(f, f->session, "SELECT [\"bignum\"] FROM test_all_types()", NULL),
                     ERR_UNSUPPORTED);
}

/* --- parameters --- */

static void check_param(struct fixture *f, const char *sql, struct value v, const char *want)
{
    struct error e = ERROR_INIT;
    struct engine_prepared p;
    struct engine_result r;
    struct ArrowArray batch;
    if (engine_prepare(f->engine, f->session, str_of(sql), f->arena, &p, &e) != OK ||
        engine_execute(f->engine, f->session, p.statement, &v, 1, 0, f->arena, &r, &e) != OK ||
        engine_next(f->engine, f->session, r.cursor, &batch, &e) != OK) {
        fail_msg("%s: %s", sql, e.message);
    }
    struct str got =
        arrow_is_null(batch.children[0], 0) ? STR("NULL") : text_at(batch.children[0], 0);
    if (!str_is(got, want)) {
        fail_msg("%s: got %.*s, want %s", sql, STR_ARG(got), want);
    }
    arrow_array_release(&batch);
    engine_cursor_close(f->engine, f->session, r.cursor);
}

static void text_param(struct fixture *f, const struct type *t, const char *text, const char *want)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT typeof($1::%.*s) || ' ' || $1::VARCHAR",
             STR_ARG(type_name(f->arena, t)));
    check_param(f, sql, (struct value){.type = t, .as.text = str_of(text)}, want);
}

static void parameters(void **state)
{
    struct fixture *f = *state;
    const struct type *d = type_decimal(f->arena, 38, 4), *small = type_decimal(f->arena, 4, 1);
    text_param(f, d, "-12345678901234567890123456789.12345",
               "DECIMAL(38,4) -12345678901234567890123456789.1235");
    text_param(f, d, "1e3", "DECIMAL(38,4) 1000.0000");
    text_param(f, d, ".5", "DECIMAL(38,4) 0.5000");
    text_param(f, d, "0.00005", "DECIMAL(38,4) 0.0001");
    text_param(f, d, "0.000005", "DECIMAL(38,4) 0.0000");
    text_param(f, small, "999.94", "DECIMAL(4,1) 999.9");
    text_param(f, type_simple(TYPE_INT16), "-170141183460469231731687303715884105728",
               "HUGEINT -170141183460469231731687303715884105728");
    text_param(f, type_simple(TYPE_UINT16), "340282366920938463463374607431768211455",
               "UHUGEINT 340282366920938463463374607431768211455");
    text_param(f, type_simple(TYPE_UINT8), "18446744073709551615", "UBIGINT 18446744073709551615");
    text_param(f, type_simple(TYPE_UUID), "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
               "UUID a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    text_param(f, type_simple(TYPE_TEXT), "it's", "VARCHAR it's");
    text_param(f, type_simple(TYPE_JSON), "{\"a\":1}", "JSON {\"a\":1}");
    check_param(f, "SELECT ($1::DATE)::VARCHAR",
                (struct value){.type = type_simple(TYPE_DATE), .as.days = INT32_MIN}, "-infinity");
    check_param(f, "SELECT ($1::TIMESTAMP)::VARCHAR",
                (struct value){.type = type_simple(TYPE_TIMESTAMP), .as.micros = 1500000},
                "1970-01-01 00:00:01.5");
    check_param(f, "SELECT ($1::BIGINT)::VARCHAR",
                (struct value){.type = type_simple(TYPE_INT8), .is_null = true}, "NULL");
    struct value items[] = {{.type = type_simple(TYPE_INT4), .as.integer = 7},
                            {.type = type_simple(TYPE_INT4), .is_null = true}};
    check_param(
        f, "SELECT ($1::INTEGER[])::VARCHAR",
        (struct value){.type = type_list(f->arena, type_simple(TYPE_INT4)), .as.list = {items, 2}},
        "[7, NULL]");
}

static void bad_parameters(void **state)
{
    struct fixture *f = *state;
    const struct {
        struct value v;
        enum error_code code;
    } bad[] = {
        {{.type = type_decimal(f->arena, 4, 1), .as.text = STR("999.95")}, ERR_OUT_OF_RANGE},
        {{.type = type_decimal(f->arena, 4, 1), .as.text = STR("1e100000")}, ERR_OUT_OF_RANGE},
        {{.type = type_decimal(f->arena, 4, 1), .as.text = STR("1e999999999")}, ERR_BAD_VALUE},
        {{.type = type_decimal(f->arena, 4, 1), .as.text = STR("SECRET")}, ERR_BAD_VALUE},
        {{.type = type_decimal(f->arena, 4, 1), .as.text = STR("")}, ERR_BAD_VALUE},
        {{.type = type_simple(TYPE_UINT8), .as.text = STR("18446744073709551616")},
         ERR_OUT_OF_RANGE},
        {{.type = type_simple(TYPE_UINT8), .as.text = STR("-1")}, ERR_OUT_OF_RANGE},
        {{.type = type_simple(TYPE_INT16),
          .as.text = STR("170141183460469231731687303715884105728")},
         ERR_OUT_OF_RANGE},
        {{.type = type_simple(TYPE_UUID), .as.text = STR("SECRET")}, ERR_BAD_VALUE},
        {{.type = type_simple(TYPE_INT1), .as.integer = 128}, ERR_OUT_OF_RANGE},
        {{.type = type_simple(TYPE_TEXT), .as.text = STR("bad \xff utf8")}, ERR_BAD_VALUE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error e = ERROR_INIT;
        struct engine_prepared p;
        struct engine_result r;
        assert_int_equal(engine_prepare(f->engine, f->session, STR("SELECT $1"), f->arena, &p, &e),
                         OK);
        assert_int_equal(
            engine_execute(f->engine, f->session, p.statement, &bad[i].v, 1, 0, f->arena, &r, &e),
            FAIL);
        assert_int_equal(e.code, bad[i].code);
        assert_null(strstr(e.message, "SECRET"));
        engine_statement_close(f->engine, f->session, p.statement);
    }
}

static int make(void **state)
{
    static struct fixture f;
    fixture_make(&f);
    fixture_open(&f);
    *state = &f;
    return 0;
}

static int drop(void **state)
{
    fixture_remove(*state);
    return 0;
}

int types_suite(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_test_all_types),
        cmocka_unit_test(times_and_infinities),
        cmocka_unit_test(nested_in_bulk),
        cmocka_unit_test(unreadable_types_are_refused),
        cmocka_unit_test(parameters),
        cmocka_unit_test(bad_parameters),
    };
    return cmocka_run_group_tests_name("types", tests, make, drop);
}
