/* What SQL allows for writing a value otherwise than it is: escapes, dialects, constants that are
 * put together, casts, calls, comments, names, statements in literals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "audit/fingerprint.h"
#include "audit/redact.h"

struct pair {
    const char *in, *out; /* out NULL: the same */
};

static void check(bool snowflake, const struct pair *pairs, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf out = BUF_INIT(0);
        redact_sql(str_of(pairs[i].in), &(struct redact_rules){.snowflake = snowflake}, &out);
        const char *want = pairs[i].out ? pairs[i].out : pairs[i].in;
        if (strcmp(buf_cstr(&out), want) != 0) {
            print_message("in:   %s\nwant: %s\ngot:  %s\n", pairs[i].in, want, buf_cstr(&out));
            wrong++;
        }
        buf_free(&out);
    }
    assert_int_equal(wrong, 0);
}
#define CHECK(pairs)           check(false, pairs, sizeof pairs / sizeof *pairs)
#define CHECK_SNOWFLAKE(pairs) check(true, pairs, sizeof pairs / sizeof *pairs)

static void literals_are_judged_by_their_value(void **state)
{
    static const struct pair pairs[] = {
        {"m = E'ann\\x40example.com'", "m = '<email>'"},
        {"m = e'ann\\u0040example.com'", "m = '<email>'"},
        {"m = E'ann\\U00000040example.com'", "m = '<email>'"},
        {"m = U&'ann\\0040example.com'", "m = '<email>'"},
        {"m = U&'ann\\+000040example.com'", "m = '<email>'"},
        {"m = u&'ann!0040example.com' UESCAPE '!'", "m = '<email>' UESCAPE '!'"},
        {"m = E'123\\x2d45\\0556789'", "m = '<ssn>'"},
        {"m = 'o''x ann@example.com'", "m = 'o''x <email>'"},
        {"m = N'ann@example.com'", "m = N'<email>'"},
        {"m = X'616e6e406578616d706c652e636f6d'", "m = '<email>'"},
        {"m = '\\x616e6e406578616d706c652e636f6d'::bytea", "m = '<email>'"},
        {"m = bytea '\\x616e6e406578616d706c652e636f6d'", "m = bytea '<email>'"},
        {"m = $$ann@example.com$$ OR m = $q$123-45-6789$q$", "m = $$<email>$$ OR m = $q$<ssn>$q$"},
        {"m = 'ann\\x40example.com'", NULL}, /* no escape here, and no address */
        {"m = E'a\\nb' OR m = U&'\\0061' OR m = X'00ff'", NULL},
    };
    CHECK(pairs);
}

static void snowflake_writes_otherwise(void **state)
{
    static const struct pair pairs[] = {
        {"m = 'ann\\x40example.com'", "m = '<email>'"},
        {"m = 'ann\\u0040example.com' AND n = 'it\\'s'", "m = '<email>' AND n = 'it\\'s'"},
        {"m = 'it\\'s ' || 'ann' || '@' || 'example.com'", "m = 'it''s <email>'"},
        {"n = '\\'' AND m = '123' || '-45-6789' -- '", "n = '\\'' AND m = '<ssn>' -- '"},
        {"SELECT 1 // don't tell ann@example.com\n, '123' || '-45-6789'",
         "SELECT 1 // don't tell <email>\n, '<ssn>'"},
        {"SELECT /* a /* b */ '123' || '-45-6789'", "SELECT /* a /* b */ '<ssn>'"},
        {"SET m = $$ann@example.com$$; SELECT $m, 'x'", "SET m = $$<email>$$; SELECT $m, 'x'"},
        {"EXECUTE IMMEDIATE 'SELECT ''123'' || ''-45-6789'''",
         "EXECUTE IMMEDIATE 'SELECT ''<ssn>'''"},
        {"EXECUTE IMMEDIATE $$ BEGIN LET m := '123' || '-45-6789'; END $$",
         "EXECUTE IMMEDIATE $$ BEGIN LET m := '<ssn>'; END $$"},
        {"SELECT HEX_DECODE_STRING('616E6E406578616D706C652E636F6D')", "SELECT '<email>'"},
        {"SELECT BASE64_DECODE_STRING('YW5uQGV4YW1wbGUuY29t')", "SELECT '<email>'"},
        {"SELECT TO_BINARY('616E6E406578616D706C652E636F6D', 'HEX')", "SELECT '<email>'"},
    };
    CHECK_SNOWFLAKE(pairs);
}

static void constants_are_judged_together(void **state)
{
    static const struct pair pairs[] = {
        {"m = 'ann' || '@' || 'example.com'", "m = '<email>'"},
        {"m = 'ann@'\n  'example.com' LIMIT 1", "m = '<email>' LIMIT 1"},
        {"m = 'ann@' -- c\n  'example.com' LIMIT 1", "m = '<email>' LIMIT 1"},
        {"m = E'ann\\x40' || $$example.com$$", "m = '<email>'"},
        {"s = '123-' || 45 || '-6789'", "s = '<ssn>'"},
        {"s = 123 || '-45-6789'", "s = '<ssn>'"},
        {"s = concat('123-45', '-', '6789')", "s = '<ssn>'"},
        {"s = concat('123-45', '-', '6789', x)", "s = concat('<ssn>', x)"},
        {"s = concat_ws('-', '123', '45', '6789')", "s = '<ssn>'"},
        {"m = 'call ' || '(415) 555-0132' || ' now'", "m = 'call <phone> now'"},
        {"m = 'ann@example.com' || 'x'", "m = '<email>'"},
        {"m = x || 'ann@' || 'example.com'", "m = x || '<email>'"},
        {"SELECT ('ann') || ('@example' || '.com'), 1", "SELECT '<email>', 1"},
        {"m = 'ann'::text || '@'::varchar(3) || CAST('example.com' AS text) AND a",
         "m = '<email>' AND a"},
        {"SELECT 'ann@' || 'example.com'::text FROM t", "SELECT '<email>' FROM t"},
        {"SELECT 'a@b.c' || 'om'::character varying FROM t", "SELECT '<email>' FROM t"},
        {"m IN ('ann@', 'example.com')", NULL},
        {"m = 'a' || b || 'c' /* x */ || 'd'", NULL},
        {"m = 'it''s' || 'fine' || upper('x') || concat(a, 'b')", NULL},
        {"SELECT 'a', 'b' || c, ('x'), 1 || 2, f('y')", NULL},
    };
    CHECK(pairs);
}

static void calls_of_constants_are_judged(void **state)
{
    static const struct pair pairs[] = {
        {"m = 'ann' || chr(64) || 'example.com'", "m = '<email>'"},
        {"m = chr(97) || chr(64) || chr(98) || '.com'", "m = '<email>'"},
        {"m = decode('616e6e406578616d706c652e636f6d', 'hex')", "m = '<email>'"},
        {"m = convert_from(decode('YW5uQGV4YW1wbGUuY29t', 'base64'), 'UTF8')", "m = '<email>'"},
        {"m = from_base64('YW5uQGV4YW1wbGUuY29t')", "m = '<email>'"},
        {"m = unhex('616E6E406578616D706C652E636F6D')", "m = '<email>'"},
        {"m = format('%s@%s', 'ann', 'example.com')", "m = '<email>'"},
        {"m = format('%2$s@%1$s', 'example.com', 'ann')", "m = '<email>'"},
        {"m = format('{}@{}', 'ann', 'example.com')", "m = '<email>'"},
        {"m = printf('%03d-%02d-%04d', 123, 45, 6789)", "m = '<ssn>'"},
        {"m = reverse('moc.elpmaxe@nna')", "m = '<email>'"},
        {"m = replace('annXexample.com', 'X', '@')", "m = '<email>'"},
        {"m = lower(trim(' ANN' || '@EXAMPLE.COM '))", "m = ' <email> '"},
        {"m = substr('xxann@example.com', 3)", "m = '<email>'"},
        {"m = left('ann@example.comx', 15)", "m = '<email>'"},
        {"m = url_decode('ann%40example.com')", "m = '<email>'"},
        {"ALTER USER u PASSWORD concat('hun', 'ter2')", "ALTER USER u PASSWORD <secret>"},
        {"UPDATE u SET password = crypt('hunter2', 'x') WHERE n = f('y')",
         "UPDATE u SET password = crypt('<secret>', '<secret>') WHERE n = f('y')"},
        {"CREATE USER u PASSWORD = f(g('a)'), 'b') LOGIN",
         "CREATE USER u PASSWORD = <secret> LOGIN"},
        {"ALTER USER u SET PASSWORD = 'hun' || 'ter2'", "ALTER USER u SET PASSWORD = '<secret>'"},
        /* what stands in it in plain goes, though the value is another */
        {"m = md5('ann@example.com')", "m = md5('<email>')"},
        {"m = reverse('ann@example.com')", "m = reverse('<email>')"},
        {"m = repeat('ann@example.com', 2)", "m = repeat('<email>', 2)"},
        {"SELECT concat(a, b), format('%s', a), chr(65), decode(x, 'hex'), left(a, 3)", NULL},
        {"SELECT decode(a, 1, 'x', 2, 'y'), replace(a, 'x', 'y'), upper(('z'))", NULL},
        /* docs/audit-format.md says that these can't be told */
        {"m = translate('annXexample.com', 'X', '@')", NULL},
        {"m = array_to_string(ARRAY['123', '45', '6789'], '-')", NULL},
        {"m = 'YW5uQGV4YW1wbGUuY29t'", NULL},
    };
    CHECK(pairs);
}

static void bound_values_of_execute_go(void **state)
{
    static const struct pair pairs[] = {
        {"EXECUTE p ('x', 12, -1.5, $$y$$, a, NULL, true, E'z')",
         "EXECUTE p ('<text>', <number>, -<number>, '<text>', a, NULL, true, '<text>')"},
        {"SELECT 'x', 1; execute /* c */ p('x'); SELECT 'y', 2",
         "SELECT 'x', 1; execute /* c */ p('<text>'); SELECT 'y', 2"},
        {"EXPLAIN EXECUTE p(1)", "EXPLAIN EXECUTE p(<number>)"},
        {"EXECUTE IMMEDIATE 'SELECT 1'", NULL},
        {"SELECT execute('x', 1)", NULL},
        {"PREPARE p AS SELECT 'x', 1", NULL},
    };
    CHECK(pairs);
}

static void names_and_comments_are_looked_through(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT 1 AS \"ann@example.com\"", "SELECT 1 AS \"<email>\""},
        {"SELECT 1 AS U&\"ann\\0040example.com\"", "SELECT 1 AS \"<email>\""},
        {"SELECT \"password=hunter2\".x, \"2001:db8::1\"",
         "SELECT \"password=<secret>\".x, \"<ip>\""},
        {"SELECT \"say \"\"123-45-6789\"\"\"", "SELECT \"say \"<ssn>\"\""},
        {"SELECT ann@example.com", "SELECT <email>"},
        {"/* hd_live_0123456789abcdefghij */ SELECT 1", "/* <secret> */ SELECT 1"},
        {"SELECT 1 -- token=abc def", "SELECT 1 -- token=<secret> def"},
        {"SELECT /* a /* 123-45-6789 */ 2001:db8::1 */ 1", "SELECT /* a /* <ssn> */ <ip> */ 1"},
        {"SELECT \"a b\", \"x\"\"y\", t.\"Name\" FROM \"S\".\"T\" -- b: c", NULL},
    };
    CHECK(pairs);
}

static void statements_in_literals_are_looked_through(void **state)
{
    static const struct pair pairs[] = {
        {"DO $$ BEGIN PERFORM f('ann' || '@example.com'); END $$",
         "DO $$ BEGIN PERFORM f('<email>'); END $$"},
        {"CREATE FUNCTION f() AS $f$ ALTER USER u PASSWORD 'hunter2' $f$",
         "CREATE FUNCTION f() AS $f$ ALTER USER u PASSWORD '<secret>' $f$"},
        {"DO $$ SELECT $q$ x('123' || '-45-6789') $q$ $$", "DO $$ SELECT $q$ x('<ssn>') $q$ $$"},
        {"SELECT $$it's$$, $$f(x)$$", NULL},
    };
    CHECK(pairs);
}

/* The time for each shape grows with its length alone: a square of it would take minutes here. */
static void long_statements_take_linear_time(void **state)
{
    static const char *const parts[] = {"'a'||",
                                        "concat('a',",
                                        "upper(",
                                        "(('a')||",
                                        "'a'\n",
                                        "chr(65)||",
                                        "1||",
                                        "f('a',",
                                        "'a'::text||",
                                        "$$(''$$||",
                                        "\"a\"\"b\"",
                                        "format('%s','a',",
                                        "password=(",
                                        "case password when 'a' then ",
                                        "(password,'a')in(",
                                        "(a,b)as(values('a',",
                                        "(select 'a' password)v(a)",
                                        "[{'password':'a',",
                                        "'a'as password,",
                                        "password='a'or 'b'="};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct buf sql = BUF_INIT(0), out = BUF_INIT(0);
        while (sql.n < 1 << 18) {
            buf_puts(&sql, parts[i]);
        }
        redact_sql(buf_str(&sql), &(struct redact_rules){0}, &out);
        assert_true(out.n > 0);
        buf_free(&sql);
        buf_free(&out);
    }
}

/* What replace() and format() give is longer than the statement by its square, or by more. */
static void calls_that_multiply_are_bounded(void **state)
{
    struct buf sql = BUF_INIT(0), out = BUF_INIT(0), a = BUF_INIT(0);
    struct rlimit before;
    while (a.n < 400 << 10) {
        buf_puts(&a, "aaaaaaaa");
    }
    buf_printf(&sql, "SELECT replace(replace('%s', 'a', '%s'), 'a', 'bb@example.com')",
               buf_cstr(&a), buf_cstr(&a));
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
#ifndef __SANITIZE_ADDRESS__ /* which has more than that for itself */
    const struct rlimit bound = {256 << 20, before.rlim_max}; /* the product has 160 GiB */
    assert_int_equal(setrlimit(RLIMIT_DATA, &bound), 0);
#endif
    redact_sql(buf_str(&sql), &(struct redact_rules){0}, &out);
    assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
    assert_null(memmem(out.p, out.n, "bb@example.com", 14));
    buf_free(&sql);
    buf_free(&out);
    buf_free(&a);
}

static void same_print(bool snowflake, const char *a, const char *b, bool same)
{
    char x[FINGERPRINT_TEXT], y[FINGERPRINT_TEXT];
    static const uint8_t key[32] = {1};
    fingerprint_sql(key, str_of(a), snowflake, x);
    fingerprint_sql(key, str_of(b), snowflake, y);
    assert_int_equal(strcmp(x, y) == 0, same);
}

static void fingerprints_know_the_dialect(void **state)
{
    same_print(true, "SELECT 'it\\'s', a // c\n", "SELECT 'x', a", true);
    same_print(false, "SELECT 7 // 2", "SELECT 7", false);
    same_print(false, "SELECT 'it\\'", "SELECT 'x'", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_judged_by_their_value),
        cmocka_unit_test(snowflake_writes_otherwise),
        cmocka_unit_test(constants_are_judged_together),
        cmocka_unit_test(calls_of_constants_are_judged),
        cmocka_unit_test(bound_values_of_execute_go),
        cmocka_unit_test(names_and_comments_are_looked_through),
        cmocka_unit_test(statements_in_literals_are_looked_through),
        cmocka_unit_test(long_statements_take_linear_time),
        cmocka_unit_test(calls_that_multiply_are_bounded),
        cmocka_unit_test(fingerprints_know_the_dialect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
