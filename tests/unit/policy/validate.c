/* What may be stored as a policy, and how a mistake is named; attributes as typed values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/attribute.h"
#include "policy/policy.h"

struct example {
    const char *json;
    const char *message; /* NULL: good */
    const char *hint;
};

#define MASK(rest)   "{\"type\":\"column_masking\",\"rules\":[{" rest "}]}"
#define RULE(fields) "{\"type\":\"row_level_security\",\"rules\":[{\"table\":\"t\"," fields "}]}"
#define RLS(filter)                                                                                \
    "{\"type\":\"row_level_security\",\"rules\":[{\"table\":\"t\",\"filter\":\"" filter "\"}]}"

static void check_all(const struct example *x, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct policy_document d = {.json = str_of(x[i].json), .enabled = true};
        struct error e = ERROR_INIT;
        enum status s = policy_validate(&d, &e);
        bool good = x[i].message
                        ? s == FAIL && e.code == ERR_VALIDATION && strstr(e.message, x[i].message)
                        : s == OK && e.code == ERR_NONE;
        if (!good || (x[i].hint && !strstr(e.hint, x[i].hint))) {
            fprintf(stderr, "%s\n  wanted %s (%s)\n  got %s (%s)\n", x[i].json,
                    x[i].message ? x[i].message : "ok", x[i].hint ? x[i].hint : "", e.message,
                    e.hint);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}
#define CHECK_ALL(x) check_all((x), sizeof(x) / sizeof *(x))

static void test_masks(void **state)
{
    (void)state;
    static const struct example x[] = {
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"full\""), NULL, NULL},
        {"{\"environments\":[\"a\",\"b\"],\"type\":\"abac\",\"effect\":\"deny\"}", NULL, NULL},
        {"{\"environments\":[],\"type\":\"abac\",\"effect\":\"deny\"}",
         "environments: is empty; leave it out for every environment", NULL},
        {"{\"environments\":\"a\",\"type\":\"abac\",\"effect\":\"deny\"}",
         "environments: must be a list of texts", NULL},
        {MASK("\"environments\":[\"a\"],\"table\":\"t\",\"column\":\"c\",\"function\":\"full\""),
         "rules[0].environments: unknown field", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"null\",\"exempt_roles\":[\"owner\"]"), NULL, NULL},
        {MASK("\"table\":\"tag:hr\",\"column\":\"*\",\"function\":\"hash\""), NULL, NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"blur\""),
         "rules[0].function: must be full, partial, hash, null, no_projection, min_group or deny",
         NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"deny\""), NULL, NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"min_group\",\"size\":2"), NULL, NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"min_group\",\"size\":5,\"key\":\"id\""), NULL, NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"min_group\""), "rules[0].size: is missing", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"min_group\",\"size\":1"),
         "rules[0].size: must be a whole number from 2 to", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"min_group\",\"size\":\"5\""),
         "rules[0].size: must be a whole number", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"min_group\",\"size\":5,\"key\":3"),
         "rules[0].key: must be a text", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"deny\",\"size\":5"),
         "rules[0].size: is for the function min_group", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"full\",\"key\":\"id\""),
         "rules[0].key: is for the function min_group", NULL},
        {MASK("\"tag\":\"pii\",\"function\":\"no_projection\",\"frameworks\":[\"a\"]"), NULL, NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"deny\",\"as_text\":true"),
         "rules[0].as_text: is for functions that show", NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"deny\",\"visible_chars\":1"),
         "visible_chars: is for the function partial", NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\""), "rules[0].function: is missing", NULL},
        {"{\"type\":\"abac\",\"mode\":\"shadow\",\"effect\":\"deny\"}", NULL, NULL},
        {"{\"type\":\"abac\",\"mode\":\"enforce\",\"effect\":\"deny\"}", NULL, NULL},
        {"{\"type\":\"abac\",\"mode\":\"Shadow\",\"effect\":\"deny\"}",
         "mode: must be enforce or shadow", NULL},
        {"{\"type\":\"abac\",\"mode\":true,\"effect\":\"deny\"}", "mode: must be a text", NULL},
        {"{\"type\":\"column_masking\",\"mode\":\"off\",\"rules\":[]}",
         "mode: must be enforce or shadow", NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"full\",\"exemptroles\":[]"),
         "rules[0].exemptroles: unknown field", "exempt_roles"},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"full\",\"exempt_roles\":[\"boss\"]"),
         "rules[0].exempt_roles: names an unknown role", "owner, admin"},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"full\",\"agents\":\"a\""),
         "rules[0].agents: must be a list", NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"full\",\"visible_chars\":2"),
         "visible_chars: is for the function partial", NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"partial\",\"visible_chars\":-1"),
         "visible_chars: must be a whole number", NULL},
        {MASK("\"table\":\"t\",\"column\":\"c\",\"function\":\"partial\",\"visible_chars\":1.5"),
         "visible_chars: must be a whole number", NULL},
        {MASK("\"column\":\"c\",\"function\":\"full\""), "rules[0].table: is missing", NULL},
        {MASK("\"table\":\"t\",\"function\":\"full\""), "rules[0].column: give either", NULL},
        {MASK("\"table\":\"*\",\"column\":\"*\",\"function\":\"full\""),
         "every column of every table", NULL},
        {MASK("\"table\":\"t*\",\"column\":\"c\",\"function\":\"full\""),
         "rules[0].table: must be a name", NULL},
        {"{\"type\":\"column_masking\",\"rules\":[]}", "rules: must be a list of 1 to", NULL},
        {"{\"type\":\"column_masking\"}", "rules: must be a list", NULL},
        {"{\"type\":\"column_masking\",\"rules\":[3]}", "rules[0]: must be an object", NULL},
    };
    CHECK_ALL(x);
}

static void test_documents(void **state)
{
    (void)state;
    static const struct example x[] = {
        {"", "not JSON", NULL},
        {"[]", "must be a JSON object", NULL},
        {"{\"type\":\"abac\",\"effect\":\"deny\"", "not JSON: line 1", NULL},
        {"{}", "type: is missing", NULL},
        {"{\"type\":\"rbac\"}", "type: must be column_masking, row_level_security or abac", NULL},
        {"{\"effect\":\"deny\",\"effect\":\"allow\"}", "not JSON", NULL},
        {"{\"effect\":\"deny\",\"enabled\":\"yes\"}", "enabled: must be true or false", NULL},
        {"{\"effect\":\"deny\",\"name\":\"\"}", "name: must be a text", NULL},
    };
    CHECK_ALL(x);
}

#define ABAC(conditions) "{\"effect\":\"deny\",\"conditions\":{" conditions "}}"

static void test_abac(void **state)
{
    (void)state;
    static const struct example x[] = {
        {"{\"effect\":\"deny\"}", NULL, NULL},
        {"{\"effect\":\"perhaps\"}", "effect: must be deny or allow", NULL},
        {"{\"type\":\"abac\"}", "effect: is missing", NULL},
        {"{\"effect\":\"deny\",\"actions\":[\"read\"]}", "actions[0]: may be query, write", NULL},
        {"{\"effect\":\"deny\",\"actions\":[]}", "actions: is empty", NULL},
        {"{\"effect\":\"deny\",\"resources\":[]}", "resources: is empty", NULL},
        {"{\"effect\":\"deny\",\"resources\":[\"orders\"]}", "resources[0]: not a resource",
         "table:*"},
        {"{\"effect\":\"deny\",\"resources\":[\"table:or*\"]}", "resources[0]: not a resource",
         NULL},
        {"{\"effect\":\"deny\",\"resources\":[\"table:*\",\"tag:pii\",\"schema:s\",\"*\"]}", NULL,
         NULL},
        {"{\"effect\":\"deny\",\"rules\":[]}", "rules: unknown field", NULL},
        {ABAC("\"color\":{\"eq\":\"red\"}"), "unknown attribute \"color\"", "source_ip"},
        {ABAC("\"attr.\":{\"eq\":\"red\"}"), "unknown attribute", NULL},
        {ABAC("\"attr.color\":{\"eq\":\"red\"}"), NULL, NULL},
        {ABAC("\"role\":{\"like\":\"a\"}"), "conditions.role.like: unknown operator", "not_in"},
        {ABAC("\"role\":{\"eq\":\"king\"}"), "unknown role \"king\"", "auditor"},
        {ABAC("\"role\":{\"in\":\"owner\"}"), "conditions.role.in: must be a list", NULL},
        {ABAC("\"role\":{\"in\":[]}"), "conditions.role.in: must be a list", NULL},
        {ABAC("\"role\":{}"), "conditions.role: must be {operator: value}", NULL},
        {ABAC("\"role\":\"owner\""), "must be {operator: value}", NULL},
        {ABAC("\"user\":{\"eq\":\"\"}"), "must be a text that isn't empty", NULL},
        {ABAC("\"user\":{\"eq\":3}"), "must be a text", NULL},
        {ABAC("\"user\":{\"cidr\":\"10.0.0.0/8\"}"), "cidr is for source_ip only", NULL},
        {ABAC("\"source_ip\":{\"cidr\":\"10.0.0.0/33\"}"), "is no network", "10.0.0.0/8"},
        {ABAC("\"source_ip\":{\"cidr\":\"10.0.0/8\"}"), "is no network", NULL},
        {ABAC("\"source_ip\":{\"cidr\":\"::1/129\"}"), "is no network", NULL},
        {ABAC("\"source_ip\":{\"cidr\":\"10.0.0.0/-1\"}"), "is no network", NULL},
        {ABAC("\"source_ip\":{\"eq\":\"localhost\"}"), "is no network", NULL},
        {ABAC("\"source_ip\":{\"cidr\":[\"0.0.0.0/0\",\"::/0\"]}"), NULL, NULL},
        {ABAC("\"time_of_week\":{\"eq\":\"mon\"}"), "outside_hours and time_of_week", NULL},
        {ABAC("\"role\":{\"outside_hours\":{}}"), "outside_hours and time_of_week", NULL},
        {ABAC("\"time_of_week\":{\"outside_hours\":{\"days\":\"mon-fri\",\"from\":\"08:00\","
              "\"to\":\"24:00\",\"tz\":\"UTC\"}}"),
         NULL, NULL},
        {ABAC("\"time_of_week\":{\"outside_hours\":{\"days\":\"mon-fry\",\"from\":\"08:00\","
              "\"to\":\"18:00\"}}"),
         "outside_hours.days: must be days", NULL},
        {ABAC("\"time_of_week\":{\"outside_hours\":{\"days\":\"mon\",\"from\":\"8:00\","
              "\"to\":\"18:00\"}}"),
         "from and to must be times", NULL},
        {ABAC("\"time_of_week\":{\"outside_hours\":{\"days\":\"mon\",\"from\":\"08:00\","
              "\"to\":\"18:00\",\"tz\":\"Europe/Berlin\"}}"),
         "tz: must be UTC or an offset", NULL},
        {ABAC("\"time_of_week\":{\"outside_hours\":{\"days\":\"mon\",\"from\":\"08:00\","
              "\"to\":\"18:00\",\"zone\":\"UTC\"}}"),
         "zone: unknown", NULL},
    };
    CHECK_ALL(x);
}

static void test_filters(void **state)
{
    (void)state;
    static const struct example x[] = {
        {RLS("department = '{department}'"), NULL, NULL},
        {RLS("department = {department} OR region IN ({r1}, {r2})"), NULL, NULL},
        {RLS("a = 'it''s {' AND b = 'x'"), NULL, NULL},
        {RLS("name LIKE {prefix} || '%'"), NULL, NULL},
        {RLS("a = 'pre{department}'"), "a placeholder inside a longer literal",
         "Write 'text' || {name}"},
        {RLS("a = '{a}{b}'"), "a placeholder inside a longer literal", NULL},
        {RLS("a = x{b}"), "a placeholder must stand alone", NULL},
        {RLS("a = {b}c"), "a placeholder must stand alone", NULL},
        {RLS("a = {1b}"), "not a placeholder", NULL},
        {RLS("a = {b"), "not a placeholder", NULL},
        {RLS("a = $1"), "no parameters of its own", "{department}"},
        {RLS("a = :1"), "a parameter isn't allowed", NULL},
        {RLS("a = {b} OR a = :1"), "a parameter isn't allowed", NULL},
        {RLS("a = :b"), "a variable isn't allowed", NULL},
        {RLS("a = $$x$$"), "no parameters of its own", NULL},
        {RLS("a = E'{x}'"), "a literal with a prefix", NULL},
        {RLS("a = U&'{x}'"), "a literal with a prefix", NULL},
        {RLS("a = 'x\\\\'"), "a backslash in a literal", NULL},
        {RLS("a = 'x"), "the quote isn't closed", NULL},
        {RLS("a = 1 -- always"), "comments aren't allowed", NULL},
        {RLS("a = 1 /* x */"), "comments aren't allowed", NULL},
        {RLS("a IN (SELECT b FROM u TABLESAMPLE 10%)"), "a sample isn't allowed", NULL},
        {RLS("a IN (SELECT nope(b) FROM u)"), "a function that isn't in the allow-list", NULL},
        {RLS("a IN (SELECT $x FROM u)"), "no parameters of its own", NULL},
        {RLS("sum(a) OVER () > 1"), "an aggregate or window outside of a sub-query", NULL},
        {RLS("count(*) > 1"), "an aggregate or window outside of a sub-query", NULL},
        {RLS("max(a) > 1"), "isn't allowed", NULL},
        {RLS("read_text('/etc/passwd') = 'x'"), "isn't allowed", NULL},
        {RLS("lower(a) = 'x'"), NULL, NULL},
        {RLS("a = 1; DROP TABLE t"), "rules[0].filter", NULL},
        {RLS("a ="), "rules[0].filter", NULL},
        {RLS(""), "rules[0].filter: must be a text that isn't empty", NULL},
        {RULE("\"filter\":\"a=1\",\"commands\":[]"), "rules[0].commands: is empty", NULL},
        {RULE("\"filter\":\"a=1\",\"commands\":[\"merge\"]"), "rules[0].commands: may name select",
         NULL},
        {RULE("\"filter\":\"a=1\",\"commands\":[\"insert\"]"),
         "rules[0].filter: is of rows that are there", NULL},
        {RULE("\"commands\":[\"insert\"]"), "rules[0].check: is missing", NULL},
        {RULE("\"commands\":[\"update\"],\"check\":\"a=1\""), "rules[0].filter: is missing", NULL},
        {RULE("\"filter\":\"a=1\",\"check\":\"b=1\",\"commands\":[\"delete\",\"select\"]"),
         "rules[0].check: is for the commands insert and update", NULL},
        {RULE("\"filter\":\"a=1\",\"check\":\"sum(b)=1\""), "rules[0].check", NULL},
        {RULE("\"filter\":\"a=1\",\"combine\":\"or\""), "rules[0].combine: must be all or any",
         NULL},
        {RULE("\"filter\":\"a=1\",\"check\":\"b={x}\",\"combine\":\"any\""), NULL, NULL},
        {RULE("\"check\":\"b={x}\",\"commands\":[\"insert\"]"), NULL, NULL},
        {"{\"type\":\"row_level_security\",\"rules\":[{\"table\":\"*\",\"filter\":\"a=1\"}]}",
         "rules[0].table: must name one table", NULL},
        {"{\"type\":\"row_level_security\",\"rules\":[{\"table\":\"t\",\"function\":\"full\","
         "\"filter\":\"a=1\"}]}",
         "rules[0].function: unknown field", NULL},
    };
    CHECK_ALL(x);
}

static void test_attributes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum type_kind kind;
        bool good;
    } x[] = {
        {"it's", TYPE_TEXT, true},
        {"", TYPE_TEXT, true},
        {"127", TYPE_INT1, true},
        {"128", TYPE_INT1, false},
        {"-1", TYPE_UINT1, false},
        {"4294967295", TYPE_UINT4, true},
        {"1e3", TYPE_INT8, false},
        {"9223372036854775808", TYPE_INT8, false},
        {"12.5", TYPE_DECIMAL, true},
        {"1.2.3", TYPE_DECIMAL, false},
        {"1;--", TYPE_DECIMAL, false},
        {"-", TYPE_DECIMAL, false},
        {"1e400", TYPE_FLOAT8, false},
        {"nan", TYPE_FLOAT8, false},
        {"TRUE", TYPE_BOOL, true},
        {"yes", TYPE_BOOL, false},
        {"2026-01-31", TYPE_DATE, true},
        {"2026-02-29", TYPE_DATE, false},
        {"2026-13-01", TYPE_DATE, false},
        {"2026-1-01", TYPE_DATE, false},
        {"+026-01-01", TYPE_DATE, false},
        {"00000000-0000-0000-0000-00000000000g", TYPE_UUID, false},
        {"00000000-0000-0000-0000-00000000000f", TYPE_UUID, true},
        {"{}", TYPE_STRUCT, false},
        {"2026-01-31 00:00", TYPE_TIMESTAMP, false},
        {"2026-01-31 23:59:59", TYPE_TIMESTAMP, true},
        {"2026-01-31T24:00:00", TYPE_TIMESTAMP, false},
        {"2026-01-31T08:00:00Z", TYPE_TIMESTAMP, false},
        {"2026-01-31T08:00:00Z", TYPE_TIMESTAMPTZ, true},
        {"2026-01-31T08:00:00", TYPE_TIMESTAMPTZ, false},
        {"2026-01-31T0a:00:00", TYPE_TIMESTAMP, false},
        {"12:00:00", TYPE_TIME, false},
    };
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        struct type type = {.kind = x[i].kind};
        struct value v;
        if (attribute_value(str_of(x[i].text), &type, &v) != x[i].good) {
            fail_msg("%s", x[i].text);
        }
    }
    struct value v;
    assert_true(attribute_value(STR("1970-03-01"), type_simple(TYPE_DATE), &v));
    assert_int_equal(v.as.days, 59);
    assert_true(attribute_value(STR("2000-02-29"), type_simple(TYPE_DATE), &v));
    assert_int_equal(v.as.days, 11016);
    assert_true(attribute_value(STR("1969-12-31"), type_simple(TYPE_DATE), &v));
    assert_int_equal(v.as.days, -1);
    assert_true(attribute_value(STR("1970-01-02 00:00:01"), type_simple(TYPE_TIMESTAMP), &v));
    assert_int_equal(v.as.micros, 86401000000);
}

/* The policies that dev/run installs. */
static void test_samples(void **state)
{
    (void)state;
    static const char *const names[] = {"agents-and-costs", "customer-masks", "segment-rows"};
    const char *root = getenv("HATIDATA_SOURCE_ROOT");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512], text[8192];
        snprintf(path, sizeof path, "%s/dev/policies/%s.json", root ? root : ".", names[i]);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        size_t n = fread(text, 1, sizeof text, f);
        fclose(f);
        struct policy_document d = {.json = {text, n}, .enabled = true};
        struct error e = ERROR_INIT;
        if (policy_validate(&d, &e) != OK) {
            fail_msg("%s: %s", names[i], e.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masks),   cmocka_unit_test(test_documents),
        cmocka_unit_test(test_abac),    cmocka_unit_test(test_filters),
        cmocka_unit_test(test_samples), cmocka_unit_test(test_attributes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
