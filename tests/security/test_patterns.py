"""LIKE, ILIKE and GLOB: as the engine's own for every pattern, but in linear time, and ended by a time-out."""
import random
import signal
import subprocess
import sys
import threading
import time

import duckdb
import psycopg
import pytest
from harness import Server, make_installation

TEXT = "a" * 5000
MANY = "%a" * 24 + "%b"
GLOBBED = MANY.replace("%", "*")
# Each holds the engine's own matcher for longer than anybody waits.
CONDITIONS = [
    f"s ILIKE '{MANY}'", f"s LIKE '{MANY}' ESCAPE '!'", f"s LIKE '{MANY.replace('%', '%_')}'",
    f"s NOT LIKE '{MANY.replace('%', '%_')}'", f"s LIKE '{MANY}' || s[1:0]", f"s GLOB '{GLOBBED}'",
    f"s GLOB '{GLOBBED.replace('*', '*?')}'", f"like_escape(s, '{MANY}', '!')", f"ilike_escape(s, '{MANY}', '!')",
    f"not_like_escape(s, '{MANY}', '')", f"not_ilike_escape(s, '{MANY}', '!')", f"s ~~ ('{MANY}' || s[1:0])",
    f"s ~~* '{MANY}'", f"s !~~* '{MANY}'", f"s ~~~ '{GLOBBED}'", "s LIKE p", "s ILIKE p", "s GLOB replace(p, '%', '*')",
    f"s LIKE ANY ('{MANY.replace('%', '%_')}', 'x')", f"s ILIKE ALL ('{MANY}', '%a%')",
    f"len(list_filter([s], lambda x: x ILIKE '{MANY}')) = 1",
]


@pytest.fixture(scope="module")
def owner(guarded):
    with guarded.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE attacked (s text, p text)")
        conn.execute("INSERT INTO attacked VALUES (%s, %s)", (TEXT, MANY))
        yield conn


@pytest.mark.parametrize("condition", CONDITIONS)
def test_many_wildcards_take_no_time(guarded, owner, condition):
    with guarded.connect("owner@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'" if " A" not in condition else "SET hatidata.dialect = 'snowflake'")
        began = time.monotonic()
        rows = conn.execute(f"SELECT count(*) FROM attacked WHERE {condition}").fetchone()
        assert time.monotonic() - began < 2
        assert rows == (1 if "NOT" in condition or "not_" in condition or "!~~" in condition else 0,)


@pytest.mark.parametrize("dialect", ["snowflake", "postgres", "duckdb"])
def test_a_pattern_may_be_a_parameter(guarded, owner, dialect):
    with guarded.connect("owner@acme") as conn:
        conn.execute(f"SET hatidata.dialect = '{dialect}'")
        began = time.monotonic()
        for op in ("LIKE", "ILIKE"):
            assert conn.execute(f"SELECT count(*) FROM attacked WHERE s {op} %s", (MANY,)).fetchone() == (0,)
            assert conn.execute(f"SELECT count(*) FROM attacked WHERE s {op} %s", (MANY[:-2],)).fetchone() == (1,)
        assert time.monotonic() - began < 2


THE_ENGINES_OWN = """
import duckdb, sys, threading
c = duckdb.connect()
c.execute("create table t (s text, p text)")
c.execute("insert into t values (?, ?)", [{text!r}, {pattern!r}])

def match(condition):
    c.cursor().execute("SELECT count(*) FROM t WHERE " + condition).fetchall()
    print(condition, flush=True)

for condition in {conditions!r}:
    threading.Thread(target=match, args=(condition,)).start()
print("started", flush=True)
"""


def test_the_engines_own_would_take_for_ever():
    conditions = [c for c in CONDITIONS if "ANY" not in c and "ALL" not in c]
    script = THE_ENGINES_OWN.format(text=TEXT, pattern=MANY, conditions=conditions)
    with pytest.raises(subprocess.TimeoutExpired) as ended:
        subprocess.run([sys.executable, "-c", script], timeout=8, check=True, stdout=subprocess.PIPE)
    assert ended.value.stdout == b"started\n"


# The product of text and pattern is left where a part between two wildcards has a _ in it.
SLOW = "SELECT count(*) FROM long_ones AS q WHERE s LIKE '%' || p || '_' || p || 'b%'"
CONSTANT = SLOW.replace("long_ones", "(SELECT repeat('a', 1000000) AS s, repeat('a', 1000) AS p)")


def fill_long_ones(conn):
    conn.execute("SET hatidata.dialect = 'duckdb'")
    conn.execute("CREATE OR REPLACE TABLE long_ones AS SELECT repeat('a', 1000000 - x) AS s, repeat('a', 1000) AS p "
                 "FROM range(20) AS r(x)")


@pytest.mark.parametrize("sql", [SLOW, CONSTANT, SLOW.replace("LIKE", "ILIKE"), CONSTANT.replace("LIKE", "ILIKE"),
                                 SLOW.replace("LIKE", "GLOB").replace("'_'", "'?'").replace("%", "*")])
def test_a_time_out_ends_a_match(guarded, sql):
    """Also where all of it is constant: then the engine computes it while it plans."""
    with guarded.connect("owner@acme") as conn:
        fill_long_ones(conn)
        conn.execute("SET statement_timeout = 700")
        began = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute(sql)
        assert time.monotonic() - began < 3
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_cancel_ends_a_match(guarded):
    with guarded.connect("owner@acme") as conn:
        fill_long_ones(conn)
        threading.Timer(0.5, conn.cancel).start()
        began = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute(SLOW)
        assert time.monotonic() - began < 3


ALPHABET = ["a", "b", "A", "é", "É", "ß", "ẞ", "İ", "ı", "σ", "ς", "Σ", "日", "😀", "\n", ".", "*", "(", "[", "\\",
            "^", "$", "+", "|", "-", "]", "!", "?", "%", "_", "'", "a\u0301"]
WILD = ["%", "%", "%", "_", "_"]
GLOB_WILD = ["*", "*", "?", "[a-z]", "[!a]", "[ab]", "[é]", "[]a]", "[!]]", "[a-", "[", "\\"]


def random_text(rng, letters, most):
    return "".join(rng.choice(letters) for _ in range(rng.randrange(most)))


def random_pairs(rng, wild, count):
    """Texts, and patterns many of which fit: a piece of the text is left, replaced by a wildcard, or changed."""
    for _ in range(count):
        letters = rng.sample(ALPHABET, rng.randrange(1, 5))
        text = random_text(rng, letters, 12)
        pattern = "".join(rng.choice([c, c, c, rng.choice(wild), rng.choice(letters + [""])]) for c in text)
        if rng.random() < 0.3:
            pattern = random_text(rng, letters + wild, 8)
        yield text, pattern


def like_the_engine(guarded, dialect, template, pairs):
    """`template` over each pair in columns, in literals, and by the engine alone."""
    peer = duckdb.connect()
    peer.execute("CREATE TABLE pairs (i int, s text, p text)")
    peer.executemany("INSERT INTO pairs VALUES (?, ?, ?)", [(i, s, p) for i, (s, p) in enumerate(pairs)])
    want = [row[0] for row in peer.execute(f"SELECT {template.format('s', 'p')} FROM pairs ORDER BY i").fetchall()]
    quote = lambda s: "'" + s.replace("'", "''") + "'"
    with guarded.connect("owner@acme") as conn:
        conn.execute(f"SET hatidata.dialect = '{dialect}'")
        conn.execute("CREATE OR REPLACE TABLE pairs (i int, s text, p text)")
        with conn.cursor().copy("COPY pairs FROM STDIN") as copy:
            for i, (s, p) in enumerate(pairs):
                copy.write_row((i, s, p))
        rows = conn.execute(f"SELECT {template.format('s', 'p')} FROM pairs ORDER BY i").fetchall()
        assert [(pairs[i], r[0]) for i, r in enumerate(rows)] == [(pairs[i], w) for i, w in enumerate(want)]
        for at in range(0, len(pairs), 200):
            some = pairs[at:at + 200]
            union = " UNION ALL ".join(
                f"SELECT {i} AS i, " + template.format("q.s", quote(p)) + f" AS r FROM pairs AS q WHERE i = {at + i}"
                for i, (_, p) in enumerate(some))
            rows = conn.execute(f"SELECT r FROM ({union}) AS u ORDER BY i").fetchall()
            assert [(pair, r[0]) for pair, r in zip(some, rows)] == list(zip(some, want[at:at + 200]))


@pytest.mark.parametrize("template", ["{} LIKE {}", "{} NOT LIKE {}", "{} ILIKE {}", "{} NOT ILIKE {}"])
def test_matches_as_the_engine_does(guarded, template):
    pairs = list(random_pairs(random.Random(template), WILD, 1200))
    like_the_engine(guarded, "duckdb", template, pairs)


@pytest.mark.parametrize("template", ["{} LIKE {} ESCAPE '!'", "{} ILIKE {} ESCAPE 'a'", "{} NOT LIKE {} ESCAPE '\\'",
                                      "like_escape({}, {}, '!')", "not_ilike_escape({}, {}, '!')"])
def test_escapes_as_the_engine_does(guarded, template):
    escape = template.rstrip(")")[-2]
    wild = WILD + [escape + "%", escape + "_", escape * 2]
    pairs = [(s, p) for s, p in random_pairs(random.Random(template), wild, 1600) if not p.lower().endswith(escape)]
    like_the_engine(guarded, "duckdb", template, pairs)


def test_globs_as_the_engine_does(guarded):
    pairs = list(random_pairs(random.Random(7), GLOB_WILD, 2500))
    like_the_engine(guarded, "duckdb", "{} GLOB {}", pairs)


@pytest.mark.parametrize("sql,want", [
    ("NULL LIKE 'a_'", None), ("'a' LIKE NULL", None), ("'a' LIKE 'a_' ESCAPE NULL", None), ("NULL ILIKE 'a'", None),
    ("'' LIKE ''", True), ("'' LIKE '%'", True), ("'' LIKE '_'", False), ("'' LIKE '%_'", False),
    ("'%' LIKE '!%' ESCAPE '!'", True), ("'x' LIKE '!%' ESCAPE '!'", False), ("'a_c' LIKE 'aé_c' ESCAPE 'é'", True),
    ("'abc' LIKE 'aé_c' ESCAPE 'é'", False), ("'a\\b' LIKE 'a\\b' ESCAPE ''", True),
    ("'100%' LIKE '%!%' ESCAPE '!'", True), ("'100' LIKE '%!%' ESCAPE '!'", False),
    ("'x' || chr(10) || 'y' LIKE 'x_y'", True), ("'日本' LIKE '__'", True), ("'日本' LIKE '_'", False),
    ("NOT ('abc' LIKE 'a_c')", False), ("('a' LIKE '_') = ('b' LIKE '_')", True)])
def test_corners(guarded, sql, want):
    with guarded.connect("owner@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        assert conn.execute(f"SELECT {sql}").fetchone() == (want,)
        columns = sql.replace("'a'", "(SELECT 'a')")
        assert conn.execute(f"SELECT {columns}").fetchone() == (want,)


@pytest.mark.parametrize("sql", ["SELECT 'a' LIKE 'a!' ESCAPE '!'", "SELECT 'a' LIKE 'a' ESCAPE '!!'",
                                 "SELECT 'a' LIKE p ESCAPE '!!' FROM attacked", "SELECT s LIKE p || '!' ESCAPE '!' FROM attacked",
                                 "SELECT like_escape('a', 'a', '!!')"])
def test_a_bad_escape_is_an_error(guarded, owner, sql):
    with guarded.connect("owner@acme") as conn:
        with pytest.raises(psycopg.Error, match="(?i)escape") as e:
            conn.execute(sql)
        assert e.value.sqlstate == "22P02"


def test_a_pattern_of_a_hidden_row_is_not_looked_at(guarded):
    """The error of a pattern in a row that a policy hides would tell of it."""
    with guarded.connect("owner@acme") as conn:
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT count(*) FROM people WHERE 'a' LIKE name || '!' ESCAPE CASE department WHEN 'sales' "
                         "THEN '' ELSE '!' END")
    with guarded.connect("sales@acme") as conn:
        conn.execute("SELECT count(*) FROM people WHERE 'a' LIKE name || '!' ESCAPE CASE department WHEN 'sales' "
                     "THEN '' ELSE '!' END")


@pytest.mark.parametrize("condition,barrier", [("name LIKE 'a_b%'", False), ("name LIKE 'a!_b%' ESCAPE '!'", False),
                                               ("name ILIKE '%a%b'", False), ("name LIKE department", False),
                                               ("name GLOB '*a?'", False), ("name LIKE department ESCAPE '!'", True)])
def test_a_barrier_stands_only_where_a_match_can_fail(guarded, condition, barrier):
    with guarded.connect("sales@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        lines = conn.execute(f"EXPLAIN SELECT count(*) FROM people WHERE {condition}").fetchall()
        assert any("behind a barrier" in str(line) for line in lines) == barrier


def test_constraints_with_patterns_outlive_a_kill(tmp_path):
    """What the engine's file and its log hold calls our functions: they are there before it is opened."""
    inst = make_installation(tmp_path / "data")
    server = Server(inst).start()
    with server.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE codes (code text CHECK (code LIKE 'a_c%'), "
                     "is_long boolean GENERATED ALWAYS AS (code ILIKE '%_c_%'))")
        conn.execute("INSERT INTO codes VALUES ('abcd')")
        server.stop(signal.SIGKILL)
    for _ in range(2):
        with Server(inst) as again, again.connect("owner@acme") as conn:
            with pytest.raises(psycopg.errors.CheckViolation):
                conn.execute("INSERT INTO codes VALUES ('abd')")
            assert conn.execute("SELECT code, is_long FROM codes").fetchall() == [("abcd", True)]


LONG_SEARCHES = ["contains(s, p)", "strpos(s, p)", "instr(s, p)", "position(p IN s)"]
LONG_NEEDLES = ["length(replace(s, p, 'x'))", "len(string_split(s, p))", "len(str_split(s, p))", "split_part(s, p, 2)"]


@pytest.mark.parametrize("call", LONG_SEARCHES + LONG_NEEDLES)
def test_a_long_needle_takes_no_time(guarded, call):
    """On the engine alone each row takes eleven seconds."""
    with guarded.connect("owner@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        conn.execute("CREATE OR REPLACE TABLE haystacks AS SELECT repeat('a', 1000000) AS s, repeat('a', 500000) || 'b' AS p")
        began = time.monotonic()
        if call in LONG_SEARCHES:
            assert conn.execute(f"SELECT {call} FROM haystacks").fetchone() in [(False,), (0,)]
        else:
            with pytest.raises(psycopg.errors.ProgramLimitExceeded):
                conn.execute(f"SELECT {call} FROM haystacks")
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("template", ["contains({}, {})", "strpos({}, {})"])
def test_looks_for_texts_as_the_engine_does(guarded, template):
    rng = random.Random(template)
    pairs = [(s, rng.choice([p, s[1:3], s[2:], s, ""])) for s, p in random_pairs(rng, [""], 1000)]
    like_the_engine(guarded, "duckdb", template, pairs)


@pytest.mark.parametrize("condition,barrier", [("contains(name, department)", False), ("strpos(name, department) = 0", False),
                                               ("replace(name, 'a', department) = ''", False),
                                               ("replace(name, department, '') = ''", True)])
def test_a_barrier_stands_where_a_needle_can_be_too_long(guarded, condition, barrier):
    test_a_barrier_stands_only_where_a_match_can_fail(guarded, condition, barrier)


@pytest.mark.parametrize("sql, expected", [
    ("'HELLO' COLLATE NOCASE LIKE '%e_l%'", True), ("'HELLO' LIKE '%e_l%'", False),
    ("'HELLO' COLLATE \"C\" LIKE '%e_l%'", False), ("'HELLO' LIKE ('%e_l%' COLLATE NOCASE)", True),
    ("'H\u00e9LLO' COLLATE noaccent LIKE 'H_LLO'", True), ("'H\u00e9LLO' COLLATE noaccent LIKE '_eLLO'", True),
    ("'H\u00e9LLO' COLLATE nocase.noaccent LIKE '_el%_'", True), ("'H\u00e9LLO' LIKE '_eLLO'", False),
    ("'HELLO' COLLATE de LIKE '_ello'", False),
    ("contains('HELLO' COLLATE NOCASE, p)", True), ("contains('HELLO', p)", False),
    ("strpos('HELLO' COLLATE NOCASE, p) = 2", True), ("contains('h\u00e9llo' COLLATE noaccent, 'hel' || p)", False),
    ("contains('h\u00e9llo' COLLATE noaccent, 'h' || p)", True)])
def test_a_collation_is_gone_by(guarded, sql, expected):
    with guarded.connect("sales@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        assert conn.execute(f"SELECT {sql} FROM (VALUES ('el')) AS t(p)").fetchone() == (expected,)


def test_a_columns_collation_is_gone_by(guarded):
    with guarded.connect("dev@acme") as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        conn.execute("CREATE TABLE collated (s varchar COLLATE NOCASE, p varchar)")
        conn.execute("INSERT INTO collated VALUES ('HELLO', 'el')")
        answers = conn.execute("WITH c AS (SELECT s AS t, p FROM collated) SELECT t LIKE '%e_l%', t LIKE '%' || p || '%', "
                               "contains(t, p), strpos(t, p), t NOT LIKE '%e_l%' FROM c").fetchone()
        assert answers == (True, True, True, 2, False)
        conn.execute("DROP TABLE collated")
