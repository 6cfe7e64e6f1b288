"""What Snowflake's documents and arrays could carry past a mask or a row filter, and what a document could cost."""
import time

import psycopg
import pytest

from security_data import HIDDEN, MASKED

SMUGGLE = [
    "SELECT object_construct('s', ssn) FROM people",
    "SELECT object_construct(*) FROM people",
    "SELECT {*} FROM people",
    "SELECT {p.* EXCLUDE (name)} FROM people AS p",
    "SELECT {* RENAME (ssn AS id2)} FROM people",
    "SELECT to_variant(ssn) FROM people",
    "SELECT ssn::variant FROM people",
    "SELECT ssn::array FROM people",
    "SELECT to_array(ssn) FROM people",
    "SELECT to_json(to_variant(ssn)) FROM people",
    "SELECT [ssn] FROM people",
    "SELECT [ssn, 1][0] FROM people",
    "SELECT array_construct(1, ssn) FROM people",
    "SELECT array_agg(ssn) FROM people",
    "SELECT array_agg(name) WITHIN GROUP (ORDER BY ssn) FROM people",
    "SELECT array_unique_agg(ssn) FROM people",
    "SELECT object_agg(name, ssn) FROM people",
    "SELECT object_agg(ssn, name) FROM people",
    "SELECT listagg(ssn, ',') FROM people",
    "SELECT value FROM people, LATERAL FLATTEN(INPUT => [ssn])",
    "SELECT value FROM people, LATERAL FLATTEN(INPUT => ssn::array)",
    "SELECT this FROM people, LATERAL FLATTEN(INPUT => [ssn])",
    "SELECT key FROM people, LATERAL FLATTEN(INPUT => object_construct(ssn, 1))",
    "SELECT path FROM people, LATERAL FLATTEN(INPUT => object_construct(ssn, 1))",
    "SELECT path FROM people, LATERAL FLATTEN(INPUT => object_construct('a', object_construct(ssn, 1)), RECURSIVE => TRUE)",
    "SELECT b.value FROM people, LATERAL FLATTEN(INPUT => [[ssn]]) AS a, LATERAL FLATTEN(INPUT => a.value) AS b",
    "SELECT * FROM people AS p LEFT JOIN LATERAL FLATTEN(INPUT => [p.ssn], OUTER => TRUE) AS f ON TRUE",
    "SELECT (SELECT value FROM TABLE(FLATTEN(INPUT => [ssn]))) FROM people",
    "SELECT value FROM people, TABLE(split_to_table(ssn, '-'))",
    "SELECT seq, value FROM people, TABLE(split_to_table(ssn, '-')) ORDER BY seq",
    "SELECT value FROM people, TABLE(strtok_split_to_table(ssn, '-'))",
    "SELECT index FROM people, TABLE(split_to_table('901-11-1111', ssn))",
    "SELECT name FROM people WHERE ssn::variant = '901-11-1111'",
    "SELECT name FROM people WHERE to_variant(ssn) LIKE '901%'",
    "SELECT name FROM people WHERE array_contains(ssn::variant, ['901-11-1111'])",
    "SELECT name FROM people WHERE arrays_overlap([ssn], ['901-11-1111'])",
    "SELECT array_position(ssn, ['901-11-1111', '902-22-2222']) FROM people",
    "SELECT name FROM people, LATERAL FLATTEN(INPUT => [ssn]) WHERE value = '901-11-1111'",
    "SELECT filter(['901-11-1111', '902-22-2222'], x -> x = ssn) FROM people",
    "SELECT transform([1], x -> ssn) FROM people",
    "SELECT reduce([1], '', (s, x) -> s || ssn) FROM people",
    "SELECT first_value(ssn) OVER (ORDER BY id) FROM people",
    "SELECT max_by(ssn, id), min_by(name, ssn) FROM people",
    "SELECT hash(ssn) = hash('901-11-1111') FROM people",
    "SELECT count(DISTINCT ssn, id) FROM people WHERE ssn::variant = '901-11-1111'",
    "SELECT conditional_true_event(ssn = '901-11-1111') OVER (ORDER BY id), name FROM people",
    "SELECT ratio_to_report(salary) OVER () FROM people",
    "SELECT object_insert(object_construct(), 's', ssn) FROM people",
    "SELECT get(object_construct('901-11-1111', name), ssn) FROM people",
    "SELECT get_path(object_construct('901-11-1111', name), ssn) FROM people",
    "SELECT object_pick(object_construct('901-11-1111', 1), ssn) FROM people",
    "SELECT seq4(), ssn || '' FROM people",
    "SELECT object_keys(object_construct(ssn, 1)) FROM people",
]


@pytest.mark.parametrize("sql", SMUGGLE)
@pytest.mark.parametrize("who", ["sales@acme", "dev@acme"])
def test_no_masked_or_hidden_value_gets_out(guarded, who, sql):
    said = snowflake(guarded, who, sql)
    assert not any(word in said for word in HIDDEN + MASKED if word not in sql)


def snowflake(server, who, sql):
    with server.connect(who) as conn:
        conn.execute("SET hatidata.dialect = 'snowflake'")
        try:
            cur = conn.execute(sql.encode())
            said = [str(cur.fetchall())]
        except psycopg.Error as e:
            said = [str(e.diag.sqlstate), str(e.diag.message_primary), str(e.diag.message_detail).split(" (request")[0],
                    str(e.diag.message_hint)]
    return "\n".join(said)


def test_a_flattened_table_keeps_its_filter(guarded):
    said = snowflake(guarded, "sales@acme", "SELECT count(*) FROM people, LATERAL FLATTEN(INPUT => [id, id])")
    assert said == "[(4,)]"


def test_the_number_of_a_flattened_row_tells_nothing_of_hidden_rows(guarded):
    sql = "SELECT min(f.seq), max(f.seq) FROM people, LATERAL FLATTEN(INPUT => [id]) AS f"
    assert snowflake(guarded, "sales@acme", sql) == "[(1, 2)]"
    owned = snowflake(guarded, "owner@acme", sql)
    assert owned != "[(1, 2)]" and owned.startswith("[(1, "), owned


DEEP = "'" + "[" * 50_000 + "1" + "]" * 50_000 + "'"
HOSTILE = [
    f"SELECT count(*) FROM TABLE(FLATTEN(INPUT => parse_json({DEEP}), RECURSIVE => TRUE))",
    f"SELECT count(*) FROM TABLE(FLATTEN(INPUT => parse_json({DEEP})))",
    f"SELECT array_size(array_append(parse_json({DEEP}), 1))",
    f"SELECT array_size(array_flatten(parse_json({DEEP})))",
    f"SELECT typeof(object_construct('a', parse_json({DEEP})))",
    f"SELECT length(parse_json({DEEP})::varchar)",
    f"SELECT array_contains(1, parse_json({DEEP}))",
    "SELECT count(*) FROM json_tree(parse_json('[' || repeat('[1],', 300000) || '1]'))",
    "SELECT count(*) FROM TABLE(FLATTEN(INPUT => object_construct(repeat('k', 60000), array_generate_range(0, 200000)), RECURSIVE => TRUE))",
    "SELECT array_size(array_insert([1], 2000000000, 2))",
    "SELECT array_size(array_except(array_generate_range(0, 1000000), array_generate_range(0, 1000000)))",
    "SELECT " + "array_intersection(" * 30 + "[1]" + ", [1])" * 30,
    "SELECT " + "object_insert(" * 200 + "parse_json('{}')" + ", 'a', 1, TRUE)" * 200 + " IS NULL",
    "SELECT " + "array_insert(" * 40 + "[1]" + ", 1, 2)" * 40,
    "SELECT count(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000000))",
]


@pytest.mark.parametrize("sql", HOSTILE, ids=[s[:60] for s in HOSTILE])
def test_no_document_ends_the_server_or_makes_it_wait(guarded, sql):
    before = time.monotonic()
    snowflake(guarded, "dev@acme", sql)
    assert time.monotonic() - before < 20
    assert snowflake(guarded, "dev@acme", "SELECT 1") == "[(1,)]"
