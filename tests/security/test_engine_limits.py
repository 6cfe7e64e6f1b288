"""Statements that would end the process or fill the machine: each ends in an error soon, and the server lives."""
import time

import psycopg
import pytest

DEEP = ["(repeat('[', 200000) || repeat(']', 200000))",
        "(repeat('{\"a\":', 200000) || '1' || repeat('}', 200000))"]
CRASHES = [f"SELECT {call.format(d)}" for d in DEEP for call in (
    "json_contains({0}, '1')", "json_structure({0})", "json_merge_patch('{{}}', {0})",
    "json_transform('1', {0})", "from_json('1', {0})", "json_group_structure({0})")] + [
    "SELECT lag(1, -9223372036854775808) OVER ()", "SELECT lead(1, -9223372036854775808) OVER ()",
    "SELECT lead(1, 9223372036854775807) OVER ()"]
LARGE = [
    "SELECT length(repeat('x', 4000000000))", "SELECT repeat(repeat(repeat('x', 100000), 100000), 1000)",
    "SELECT length(repeat('x', 9223372036854775807))", "SELECT length(repeat('x', 1000 * 1000 * 1000))",
    "SELECT length(repeat(name, 1000000000)) FROM people", "SELECT repeat([1, 2], 1000000000)",
    "SELECT lpad('x', 2000000000, 'y')", "SELECT rpad('x', 2000000000, 'y')",
    "SELECT printf('%1000000000d', 1)", "SELECT printf('%*d', 1000000000, 1)",
    "SELECT format('{:>1000000000}', 'a')", "SELECT format('{:>{}}', 'a', 1000000000)",
    "SELECT printf('%' || '1000000000d', 1)", "SELECT len(range(4000000000))",
    "SELECT len(generate_series(1, 4000000000))", "SELECT len(range(0, -4000000000, -1))",
    "SELECT len(range(TIMESTAMP '0001-01-01', TIMESTAMP '9999-01-01', INTERVAL '1 microsecond'))",
    "SELECT list_resize([1], 1000000000)", "SELECT bar(1, 0, 1, 1000000000)",
    "SELECT bitstring('1', 2000000000)",
    "SELECT a AS b0, " + ", ".join(f"b{i} || b{i} AS b{i + 1}" for i in range(40)) +
    " FROM (SELECT 'x' AS a) AS q",
    "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
    "SELECT damerau_levenshtein(repeat('a', 20000), repeat('b', 20000))",
    "SELECT jaro_winkler_similarity('x', repeat('b', 300000))",
]
# The guard would be asked about another value than the one that is made.
BY_CHANCE = [
    "SELECT length(repeat(CASE WHEN random() < 0.5 THEN 'x' ELSE repeat('y', 1000000) END, 1000))",
    "SELECT len(range(1, CASE WHEN random() < 0.5 THEN 1 ELSE 1000000000 END))",
    "SELECT len(range(0, (SELECT count(*) FROM people TABLESAMPLE 50%) * 1000000000))",
]


@pytest.mark.parametrize("sql", CRASHES + LARGE, ids=range(len(CRASHES + LARGE)))
def test_no_statement_ends_the_server(guarded, sql):
    began = time.monotonic()
    with guarded.connect("sales@acme") as conn:
        with pytest.raises(psycopg.Error) as e:
            conn.execute(sql)
        assert e.value.sqlstate, "the connection broke"
        assert conn.execute("SELECT 1").fetchone() == (1,)
    assert guarded.process.poll() is None
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("sql", BY_CHANCE)
def test_a_size_is_not_left_to_chance(guarded, sql):
    with guarded.connect("sales@acme") as conn:
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="left to chance"):
            conn.execute(sql)


@pytest.mark.parametrize("call", ["length(lpad('x', {}, 'y'))", "len(range({}))", "len(list_resize([1], {}))",
                                  "length(repeat('x', {}))"])
def test_a_count_by_chance_is_the_one_that_was_looked_at(guarded, call):
    count = "CASE WHEN random() < 0.5 THEN 3 ELSE 1000000000 END"
    with guarded.connect("sales@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        for _ in range(12):
            try:
                assert conn.execute("SELECT " + call.format(count)).fetchone() == (3,)
            except psycopg.Error as e:
                assert e.sqlstate == "54000"


def test_peak_memory_stayed_small(guarded):
    assert guarded.peak_memory_mib() < 1500


@pytest.mark.parametrize("sql,want", [
    ("SELECT length(repeat('ab', 1000)), repeat('x', $$2$$::int)", (2000, "xx")),
    ("SELECT len(repeat([1, 2], 3)), lpad('x', 3, 'y'), rpad('x', 3, 'y')", (6, "yyx", "xyy")),
    ("SELECT range(3), range(1, 3), generate_series(5, 1, -2)", ([0, 1, 2], [1, 2], [5, 3, 1])),
    ("SELECT printf('%05d', 42), format('{} {{}} {:>4}', 'a', 'b')", ("00042", "a {}    b")),
    ("SELECT lag(x, 1) OVER (ORDER BY x), lead(x, 1, 9) OVER (ORDER BY x) FROM (VALUES (1)) AS t(x)",
     (None, 9)),
    ("SELECT levenshtein(repeat('a', 1000), 'b'), damerau_levenshtein('ab', 'ba')", (1000, 1)),
    ("SELECT len(range(date '2020-01-01', current_date, interval '1 day')) > 2000, length(repeat('x', 2)) + 0 * random()",
     (True, 2.0)),
    ("SELECT list_resize([1], 3), repeat(NULL, 3), repeat('x', 0)", ([1, None, None], None, "")),
])
def test_small_values_are_made_as_ever(guarded, sql, want):
    with guarded.connect("sales@acme", options="'-c hatidata.dialect=duckdb'") as conn:
        assert conn.execute(sql).fetchone() == want
