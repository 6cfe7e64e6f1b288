/* Constants that are secrets by a name that doesn't stand right before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit/redact.h"

struct pair {
    const char *in, *out; /* out NULL: the same */
};

static void check(const struct redact_rules *rules, const struct pair *pairs, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf out = BUF_INIT(0);
        redact_sql(str_of(pairs[i].in), rules, &out);
        const char *want = pairs[i].out ? pairs[i].out : pairs[i].in;
        if (strcmp(buf_cstr(&out), want) != 0) {
            print_message("in:   %s\nwant: %s\ngot:  %s\n", pairs[i].in, want, buf_cstr(&out));
            wrong++;
        }
        buf_free(&out);
    }
    assert_int_equal(wrong, 0);
}
#define CHECK(pairs) check(&(struct redact_rules){0}, pairs, sizeof pairs / sizeof *pairs)

static void values_go_by_the_column_of_their_place(void **state)
{
    static const struct pair pairs[] = {
        {"INSERT INTO t (name, password) VALUES ('x', 'hunter2')",
         "INSERT INTO t (name, password) VALUES ('x', '<secret>')"},
        {"INSERT INTO s.t AS x (name, \"Password\", n) VALUES ('x', 'a', 1), ('y', E'b\\'', 2)",
         "INSERT INTO s.t AS x (name, \"Password\", n) VALUES ('x', '<secret>', 1), ('y', "
         "E'<secret>', 2)"},
        {"INSERT INTO t (n, U&\"p\\0061ssword\") VALUES (1, 'x')",
         "INSERT INTO t (n, U&\"p\\0061ssword\") VALUES (1, '<secret>')"},
        {"insert into t (passcode, n) values (1234, 5)",
         "insert into t (passcode, n) values (<secret>, 5)"},
        {"INSERT INTO t (key, value, api_key) OVERRIDING SYSTEM VALUE VALUES ('a', f('b', 'c'), "
         "'k')",
         "INSERT INTO t (key, value, api_key) OVERRIDING SYSTEM VALUE VALUES ('a', f('b', 'c'), "
         "'<secret>')"},
        {"INSERT INTO t (user, password) VALUES ('a', crypt('b', gen_salt('bf', 8)))",
         "INSERT INTO t (user, password) VALUES ('a', crypt('<secret>', gen_salt('<secret>', "
         "<secret>)))"},
        {"INSERT INTO t (a, password) SELECT f('x', 'y'), 'z' FROM u WHERE b = 'c'",
         "INSERT INTO t (a, password) SELECT f('x', 'y'), '<secret>' FROM u WHERE b = 'c'"},
        {"INSERT INTO t (a, password) (SELECT 'x', 'y' UNION ALL SELECT 'v', 'w')",
         "INSERT INTO t (a, password) (SELECT 'x', '<secret>' UNION ALL SELECT 'v', '<secret>')"},
        {"INSERT INTO t (a, password) WITH c AS (SELECT 'x', 'y') SELECT 'v', 'w' FROM c",
         "INSERT INTO t (a, password) WITH c AS (SELECT 'x', 'y') SELECT 'v', '<secret>' FROM c"},
        {"PREPARE p AS INSERT INTO t (password, a) VALUES ('x', 'y')",
         "PREPARE p AS INSERT INTO t (password, a) VALUES ('<secret>', 'y')"},
        {"MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET password = 'x', b = 'y' "
         "WHEN NOT MATCHED THEN INSERT (b, password) VALUES ('y', 'x')",
         "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET password = '<secret>', b "
         "= 'y' WHEN NOT MATCHED THEN INSERT (b, password) VALUES ('y', '<secret>')"},
        {"INSERT INTO t (a, token) VALUES ('x', 'y') ON CONFLICT (a) DO UPDATE SET a = 'z', token "
         "= 'v' RETURNING 'w'",
         "INSERT INTO t (a, token) VALUES ('x', '<secret>') ON CONFLICT (a) DO UPDATE SET a = 'z', "
         "token = '<secret>' RETURNING 'w'"},
        {"DO $$ BEGIN INSERT INTO t (a, password) VALUES ('x', 'y'); END $$",
         "DO $$ BEGIN INSERT INTO t (a, password) VALUES ('x', '<secret>'); END $$"},
        {"INSERT INTO t (a, password) VALUES ('x', 'hun' || 'ter2')",
         "INSERT INTO t (a, password) VALUES ('x', '<secret>' || '<secret>')"},
        {"INSERT INTO t (a, password) VALUES ('x', 'y'); INSERT INTO u (a, b) VALUES ('x', 'y')",
         "INSERT INTO t (a, password) VALUES ('x', '<secret>'); INSERT INTO u (a, b) VALUES ('x', "
         "'y')"},
        {"INSERT INTO credentials (a, b) VALUES ('x', 'y')", NULL},
        {"INSERT INTO t (token_count, password_changed) VALUES (1, '2026-01-01')", NULL},
        {"CREATE TABLE t (a varchar(20), token varchar(40), b int DEFAULT 5)", NULL},
    };
    CHECK(pairs);
}

static void assigned_values_go(void **state)
{
    static const struct pair pairs[] = {
        {"UPDATE t SET password = 'hunter2' WHERE name = 'bob'",
         "UPDATE t SET password = '<secret>' WHERE name = 'bob'"},
        {"UPDATE t SET a = 'x', t.password = CASE WHEN a = 'y' THEN 'p' ELSE b || 'q' END, c = 'z'",
         "UPDATE t SET a = 'x', t.password = CASE WHEN a = '<secret>' THEN '<secret>' ELSE b || "
         "'<secret>' END, c = 'z'"},
        {"UPDATE t SET (a, password) = ('x', 'y'), b = 'z'",
         "UPDATE t SET (a, password) = ('x', '<secret>'), b = 'z'"},
        {"UPDATE t SET (password, a) = (SELECT 'x', 'y' FROM u WHERE n = 'z')",
         "UPDATE t SET (password, a) = (SELECT '<secret>', 'y' FROM u WHERE n = 'z')"},
        {"UPDATE t SET password = (SELECT 'x' FROM u WHERE n = 'y')",
         "UPDATE t SET password = (SELECT '<secret>' FROM u WHERE n = 'y')"},
        {"UPDATE t SET password = coalesce(nullif(a, ''), upper('x')) FROM u WHERE u.n = 'y'",
         "UPDATE t SET password = coalesce(nullif(a, '<secret>'), upper('<secret>')) FROM u WHERE "
         "u.n = 'y'"},
        {"UPDATE credentials SET name = 'x' WHERE credentials.name = 'y'", NULL},
    };
    CHECK(pairs);
}

static void compared_values_go(void **state)
{
    static const struct pair pairs[] = {
        {"DELETE FROM t WHERE api_key = 'x' AND name = 'bob'",
         "DELETE FROM t WHERE api_key = '<secret>' AND name = 'bob'"},
        {"DELETE FROM t WHERE 'x' = api_key OR name = 'bob'",
         "DELETE FROM t WHERE '<secret>' = api_key OR name = 'bob'"},
        {"DELETE FROM t WHERE api_key IN ('x', 'y') AND n IN ('z')",
         "DELETE FROM t WHERE api_key IN ('<secret>', '<secret>') AND n IN ('z')"},
        {"DELETE FROM t WHERE t.api_key <> 'x' AND api_key LIKE 'y%' AND passcode != 12 AND n = 5",
         "DELETE FROM t WHERE t.api_key <> '<secret>' AND api_key LIKE '<secret>' AND passcode != "
         "<secret> AND n "
         "= 5"},
        {"DELETE FROM t WHERE password BETWEEN 'a' AND 'b' AND c = 'd'",
         "DELETE FROM t WHERE password BETWEEN '<secret>' AND '<secret>' AND c = 'd'"},
        {"DELETE FROM t WHERE password IS DISTINCT FROM 'x' OR b",
         "DELETE FROM t WHERE password IS DISTINCT FROM '<secret>' OR b"},
        {"DELETE FROM t WHERE lower(password) = 'x' AND substr(t.password, 1, 2) = 'hu'",
         "DELETE FROM t WHERE lower(password) = '<secret>' AND substr(t.password, 1, 2) = "
         "'<secret>'"},
        {"DELETE FROM t WHERE password = crypt('x', password) LIMIT 10",
         "DELETE FROM t WHERE password = crypt('<secret>', password) LIMIT 10"},
        {"DELETE FROM t WHERE password = ANY (ARRAY['x', 'y'])",
         "DELETE FROM t WHERE password = ANY (ARRAY['<secret>', '<secret>'])"},
        {"DELETE FROM t WHERE (name, password) = ('x', 'y') AND (name, password) IN (('a', 'b'), "
         "('c', 'd'))",
         "DELETE FROM t WHERE (name, password) = ('x', '<secret>') AND (name, password) IN (('a', "
         "'<secret>'), "
         "('c', '<secret>'))"},
        {"DELETE FROM t WHERE (password = 'x' OR name = 'y') AND z = 'w'",
         "DELETE FROM t WHERE (password = '<secret>' OR name = 'y') AND z = 'w'"},
        {"SELECT CASE password WHEN 'x' THEN 'y' ELSE 'z' END, CASE WHEN password = 'x' THEN 'y' "
         "END",
         "SELECT CASE password WHEN '<secret>' THEN 'y' ELSE 'z' END, CASE WHEN password = "
         "'<secret>' THEN 'y' END"},
        {"SELECT * FROM t WHERE (n, password) = (1, 'x') AND (n, password) IN ((1, 'x'), (2, 'y'))",
         "SELECT * FROM t WHERE (n, password) = (1, '<secret>') AND (n, password) IN ((1, "
         "'<secret>'), (2, '<secret>'))"},
        {"INSERT INTO t (a, password) SELECT 'u', '' FROM v WHERE (b, password) = ('x', 'y')",
         "INSERT INTO t (a, password) SELECT 'u', '<secret>' FROM v WHERE (b, password) = "
         "('<secret>', '<secret>')"},
        {"EXPLAIN DELETE FROM t WHERE c LIKE 'a' AND 'x' = password",
         "EXPLAIN DELETE FROM t WHERE c LIKE 'a' AND '<secret>' = password"},
        {"SELECT a FROM t JOIN u ON t.token = u.token AND u.kind = 'x' ORDER BY token LIMIT 5",
         NULL},
        {"SELECT count(token) FROM t HAVING count(token) > 5 AND max(token) IS NOT NULL", NULL},
        {"SELECT password || 'x', coalesce(token, ''), left(token, 4) FROM t WHERE a = 'b'", NULL},
        {"SELECT token, 'x' FROM t WHERE EXISTS (SELECT token FROM u WHERE b = 'c')", NULL},
    };
    CHECK(pairs);
}

static void arguments_beside_a_secret_go(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT * FROM t WHERE starts_with(password, 'x') AND contains(lower(t.password), 'y')",
         "SELECT * FROM t WHERE starts_with(password, '<secret>') AND contains(lower(t.password), "
         "'<secret>')"},
        {"SELECT nullif(password, 'x'), decode(password::text, 'y', 1, 'z')",
         "SELECT nullif(password, '<secret>'), decode(password::text, '<secret>', 1, '<secret>')"},
        {"SELECT regexp_like('x', password), f('x', 'y'), f(a.token, g('x', 5))",
         "SELECT regexp_like('<secret>', password), f('x', 'y'), f(a.token, g('<secret>', 5))"},
        {"SELECT coalesce(token, ''), string_agg(token, ', '), concat(token, '/')", NULL},
        {"CREATE TABLE t (password varchar(20), token text, kind text DEFAULT 'x')", NULL},
        {"COPY t (n, password) FROM STDIN (FORMAT 'csv')", NULL},
    };
    CHECK(pairs);
}

static void what_a_query_gives_a_secrets_place_goes(void **state)
{
    static const struct pair pairs[] = {
        {"INSERT INTO t (n, password) WITH c AS (SELECT 'x' AS a FROM d WHERE e = 'f') SELECT 1, a "
         "FROM c",
         "INSERT INTO t (n, password) WITH c AS (SELECT '<secret>' AS a FROM d WHERE e = 'f') "
         "SELECT 1, a FROM c"},
        {"INSERT INTO t (n, password) SELECT * FROM (VALUES (1, 'x'))",
         "INSERT INTO t (n, password) SELECT * FROM (VALUES (1, '<secret>'))"},
        {"INSERT INTO t (n, password) SELECT 1, (SELECT a FROM (SELECT 'x' AS a))",
         "INSERT INTO t (n, password) SELECT 1, (SELECT a FROM (SELECT '<secret>' AS a))"},
        {"MERGE INTO t USING (SELECT 'x' AS a) s ON t.b = 'y' WHEN MATCHED THEN UPDATE SET "
         "password = s.a",
         "MERGE INTO t USING (SELECT '<secret>' AS a) s ON t.b = 'y' WHEN MATCHED THEN UPDATE SET "
         "password = s.a"},
        {"UPDATE t SET password = lower(s.a) FROM (VALUES ('x')) s(a)",
         "UPDATE t SET password = lower(s.a) FROM (VALUES ('<secret>')) s(a)"},
        {"INSERT INTO t (n, password) SELECT 1, a FROM b; SELECT c FROM (SELECT 'x' AS c)", NULL},
        {"INSERT INTO t (n, password) VALUES ('x', NULL), ('y', g()), ('z', $1)", NULL},
        {"INSERT INTO t (n, password) VALUES ('x', 'y') ON CONFLICT DO UPDATE SET password = "
         "excluded.password",
         "INSERT INTO t (n, password) VALUES ('x', '<secret>') ON CONFLICT DO UPDATE SET password "
         "= excluded.password"},
        {"INSERT INTO t (n, password) SELECT 'x', password FROM (SELECT 'y', password FROM u)",
         NULL},
    };
    CHECK(pairs);
}

static void named_values_go(void **state)
{
    static const struct pair pairs[] = {
        {"SELECT f(password => 'x', b => 'y')", "SELECT f(password => '<secret>', b => 'y')"},
        {"SELECT f(a := 'x', api_key := lower('y'))", "SELECT f(a := 'x', api_key := '<secret>')"},
        {"SELECT 'x' AS name, 'y' AS password, upper('z') token",
         "SELECT 'x' AS name, '<secret>' AS password, upper('<secret>') token"},
        {"SELECT * FROM (VALUES ('x', 'y'), ('z', f('w'))) AS v(name, password)",
         "SELECT * FROM (VALUES ('x', '<secret>'), ('z', f('<secret>'))) AS v(name, password)"},
        {"SELECT * FROM (SELECT 'x', 'y' FROM t) v(name, password)",
         "SELECT * FROM (SELECT 'x', '<secret>' FROM t) v(name, password)"},
        {"WITH v (name, password) AS MATERIALIZED (VALUES ('x', 'y')) SELECT 'z'",
         "WITH v (name, password) AS MATERIALIZED (VALUES ('x', '<secret>')) SELECT 'z'"},
        {"CREATE VIEW v (a, password) AS SELECT 'x', 'y'",
         "CREATE VIEW v (a, password) AS SELECT 'x', '<secret>'"},
        {"ALTER TABLE t ALTER COLUMN password SET DEFAULT 'x'; ALTER TABLE t ALTER a SET DEFAULT "
         "'y'",
         "ALTER TABLE t ALTER COLUMN password SET DEFAULT '<secret>'; ALTER TABLE t ALTER a SET "
         "DEFAULT 'y'"},
        {"SELECT {'user': 'x', 'password': 'y', 'n': 1}",
         "SELECT {'user': 'x', 'password': '<secret>', 'n': 1}"},
        {"SELECT MAP {'password': 'y'}, j->>'password' = 'x', j['password'] = 'z'",
         "SELECT MAP {'password': '<secret>'}, j->>'password' = '<secret>', j['password'] = "
         "'<secret>'"},
        {"SELECT pg_catalog.set_config('app.password', 'y', false), set_config('a.b', 'c', true)",
         "SELECT pg_catalog.set_config('app.password', '<secret>', false), set_config('a.b', 'c', "
         "true)"},
        {"SELECT json_build_object('user', 'x', 'password', 'y')",
         "SELECT json_build_object('user', 'x', 'password', '<secret>')"},
        {"CREATE TABLE t (a text DEFAULT 'x', password text DEFAULT 'y')",
         "CREATE TABLE t (a text DEFAULT 'x', password text DEFAULT '<secret>')"},
        {"COMMENT ON COLUMN t.password IS 'a hash'", NULL},
        {"SELECT * FROM t WHERE kind IN ('password', 'token') AND b = 'c'", NULL},
        {"SELECT token->>'id' = b, 'x' FROM t", NULL},
        {"SELECT * FROM (VALUES ('x', 'y')) AS v(a, b)", NULL},
    };
    CHECK(pairs);
}

static void an_insert_without_a_list_goes_by_the_table(void **state)
{
    static const struct str columns[] = {{"name", 4}, {"password", 8}};
    static const struct pair pairs[] = {
        {"INSERT INTO t VALUES ('x', 'y')", "INSERT INTO t VALUES ('x', '<secret>')"},
        {"INSERT INTO s.\"T\" (SELECT 'x', 'y' WHERE 'a' = 'b')",
         "INSERT INTO s.\"T\" (SELECT 'x', '<secret>' WHERE 'a' = 'b')"},
        {"INSERT INTO t SELECT 'x', f('y') FROM u",
         "INSERT INTO t SELECT 'x', f('<secret>') FROM u"},
        {"INSERT INTO t (a, b) VALUES ('x', 'y')", NULL},
        {"INSERT INTO t BY NAME SELECT 'x' AS name, 'y' AS other", NULL},
        {"SELECT 'x', 'y'", NULL},
    };
    check(&(struct redact_rules){.columns = {columns, 2}}, pairs, sizeof pairs / sizeof *pairs);
}

/* Nor is it known which of the places are secrets': all are. */
static void an_insert_into_what_is_not_known_shows_no_value(void **state)
{
    static const struct pair pairs[] = {
        {"INSERT INTO users VALUES ('bob', 'hunter2', 7), (2, 'x', DEFAULT)",
         "INSERT INTO users VALUES ('<secret>', '<secret>', <secret>), (<secret>, '<secret>', "
         "DEFAULT)"},
        {"insert users values (lower('Hunter2') || 'x'",
         "insert users values (lower('<secret>') || '<secret>'"},
        {"INSERT INTO a.\"T\" (SELECT 'x', y FROM u WHERE z = 'kept')",
         "INSERT INTO a.\"T\" (SELECT '<secret>', y FROM u WHERE z = 'kept')"},
        {"INSERT INTO t WITH c AS (SELECT 'hunter2' AS a) SELECT a FROM c",
         "INSERT INTO t WITH c AS (SELECT '<secret>' AS a) SELECT a FROM c"},
        {"MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT VALUES (1, 'hunter2')",
         "MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT VALUES (<secret>, "
         "'<secret>')"},
        {"SELECT 1; INSERT INTO t VALUES ('hunter2'); SELECT 'kept'",
         "SELECT 1; INSERT INTO t VALUES ('<secret>'); SELECT 'kept'"},
        {"INSERT INTO t (a, password) VALUES ('kept', 'y')",
         "INSERT INTO t (a, password) VALUES ('kept', '<secret>')"},
        {"INSERT INTO t BY NAME SELECT 'kept' AS a, 'y' AS token",
         "INSERT INTO t BY NAME SELECT 'kept' AS a, '<secret>' AS token"},
        {"SELECT 'kept' FROM (VALUES ('kept', 2)) AS v", NULL},
        {"UPDATE t SET a = 'kept' WHERE b IN (VALUES (1))", NULL},
        {"DELETE FROM t WHERE a = 'kept'", NULL},
    };
    check(&(struct redact_rules){.columns.unknown = true}, pairs, sizeof pairs / sizeof *pairs);
    static const struct pair nested[] = {
        {"EXECUTE IMMEDIATE 'INSERT INTO users VALUES (''hunter2'')'",
         "EXECUTE IMMEDIATE 'INSERT INTO users VALUES (''<secret>'')'"},
        {"EXECUTE IMMEDIATE $$INSERT INTO users VALUES ('hunter2')$$",
         "EXECUTE IMMEDIATE $$INSERT INTO users VALUES ('<secret>')$$"},
    };
    check(&(struct redact_rules){0}, nested, sizeof nested / sizeof *nested);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_go_by_the_column_of_their_place),
        cmocka_unit_test(an_insert_into_what_is_not_known_shows_no_value),
        cmocka_unit_test(assigned_values_go),
        cmocka_unit_test(compared_values_go),
        cmocka_unit_test(arguments_beside_a_secret_go),
        cmocka_unit_test(what_a_query_gives_a_secrets_place_goes),
        cmocka_unit_test(named_values_go),
        cmocka_unit_test(an_insert_without_a_list_goes_by_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
