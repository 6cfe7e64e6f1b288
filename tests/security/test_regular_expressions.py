"""Regular expressions that would hold a worker: refused at once, or done in some seconds; the others as the engine has them."""
import random
import time

import duckdb
import psycopg
import pytest

SET_DIALECT = "SET hatidata.dialect = 'duckdb'"
ONES = "(SELECT repeat('a', 1000000) AS s, '(a?){1000}b' AS p)"
FEW = "(SELECT repeat('a', 100000) AS s, '(a*b|a)' AS p)"
# Each holds the engine for more than ten seconds, most for minutes.
SLOW = [
    f"SELECT regexp_matches(s, '(a?){{1000}}b') FROM {ONES}",
    f"SELECT s ~ '(a?){{1000}}b' FROM {ONES}",
    f"SELECT s !~ p FROM {ONES}",
    f"SELECT regexp_matches(s, p) FROM {ONES}",
    f"SELECT regexp_full_match(s, '(a?){{1000}}b') FROM {ONES}",
    f"SELECT regexp_extract(s, '((a?){{10}}){{100}}b', 1) FROM {ONES}",
    f"SELECT regexp_replace(s, '(?:(?:a?){{100}}){{10,}}b', 'x') FROM {ONES}",
    f"SELECT length(regexp_replace(s, '(a*b|a)', 'x', 'g')) FROM {FEW}",
    f"SELECT length(regexp_replace(s, p, 'x', 'g')) FROM {FEW}",
    f"SELECT len(regexp_extract_all(s, 'a(a*b)?')) FROM {FEW}",
    f"SELECT len(string_split_regex(s, 'a|[a]+b')) FROM {FEW}",
    f"SELECT len(regexp_split_to_array(s, '(?:a+b)?a')) FROM {FEW}",
]


@pytest.mark.parametrize("sql", SLOW)
def test_what_would_take_minutes_is_refused(guarded, sql):
    with guarded.connect("owner@acme") as conn:
        conn.execute(SET_DIALECT)
        began = time.monotonic()
        with pytest.raises(psycopg.errors.ProgramLimitExceeded, match="regular expression"):
            conn.execute(sql)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("sql,want", [
    ("SELECT regexp_matches(s, '(a?){80}b') FROM (SELECT repeat('a', 1000000) AS s)", False),
    ("SELECT length(regexp_replace(s, '\\s+', '', 'g')) FROM (SELECT repeat('a  ', 300000) AS s)", 300000),
    ("SELECT len(string_split_regex(s, '[,;]')) FROM (SELECT repeat('a,b;', 200000) AS s)", 400001),
    ("SELECT len(regexp_extract_all(s, '([a-z]+)@([a-z]+)\\.com')) FROM (SELECT repeat('me@you.com ', 50000) AS s)", 50000),
    ("SELECT length(regexp_replace(s, '^\\s+|\\s+$', '', 'g')) FROM (SELECT '  ' || repeat('a b', 3000) || ' ' AS s)", 9000),
    ("SELECT count(*) FROM range(100000) AS r(i) WHERE regexp_matches(i::varchar, '^(1|2|3)[0-9]*[02468]$')", 16665),
    ("SELECT regexp_matches(NULL, '(a?){1000}b')", None),
    ("SELECT regexp_matches('aab', NULL)", None),
    ("SELECT regexp_extract('x-901-1', '((?:[0-9]{1,3}-){1,20}[0-9])', 1)", "901-1"),
])
def test_what_is_quick_is_done(guarded, sql, want):
    with guarded.connect("owner@acme") as conn:
        conn.execute(SET_DIALECT)
        assert conn.execute(sql).fetchone() == (want,)


def test_texts_together_are_bounded_too(guarded):
    """One of them would take some seconds, and the engine looks for an interrupt only after some thousand."""
    with guarded.connect("owner@acme") as conn, pytest.raises(psycopg.errors.ProgramLimitExceeded):
        conn.execute(SET_DIALECT)
        conn.execute("SELECT count(*) FROM (SELECT repeat('a', 100000) AS s), range(2000) WHERE regexp_matches(s, '(a?){1000}b')")


def test_a_pattern_by_chance_is_refused(guarded):
    with guarded.connect("owner@acme") as conn, pytest.raises(psycopg.errors.FeatureNotSupported, match="chance"):
        conn.execute(SET_DIALECT)
        conn.execute("SELECT regexp_matches('a', CASE WHEN random() < 0.5 THEN 'a' ELSE '(a?){1000}b' END)")


def outcome(conn, sql):
    try:
        return conn.execute(sql).fetchall()
    except (psycopg.Error, duckdb.Error):
        return "an error"


def test_a_guarded_call_is_the_engines(guarded):
    rng = random.Random(5)
    patterns = ["(a|b)*a(a|b){5}", "(a*b|a)", "a(b*c)?", "[ab]{2,9}c|\\pL+", "(?i)(A|bc)+", "(^a+|b+$)", "\\Qa.b\\E*|.{3}", "("]
    texts = ["".join(rng.choice("abcAB.\u00e9 ") for _ in range(rng.randrange(12))) for _ in range(150)] + [None]
    quoted = [[f"({k}, {i}, NULL, NULL)" if t is None else f"({k}, {i}, '{t}', '{pattern}')" for i, t in enumerate(texts)]
              for k, pattern in enumerate(patterns)]
    peer = duckdb.connect()
    with guarded.connect("owner@acme") as conn:
        conn.execute(SET_DIALECT)
        for side in (conn, peer):
            side.execute("CREATE TABLE subjects (k int, i int, s text, p text)")
            side.execute(f"INSERT INTO subjects VALUES {', '.join(row for rows in quoted for row in rows)}")
        for call in ("regexp_matches(s, {})", "regexp_full_match(s, {})", "regexp_extract(s, {})", "regexp_extract_all(s, {})",
                     "regexp_replace(s, {}, 'x', 'g')", "string_split_regex(s, {})"):
            for k, pattern in enumerate(patterns):
                for p in (f"'{pattern}'", "p"):
                    sql = f"SELECT {call.format(p)} FROM subjects WHERE k = {k} ORDER BY i"
                    assert outcome(conn, sql) == outcome(peer, sql), sql[:80]
