"""Columns under a hash mask, used in every way: whatever a statement does, it does with the digests, as over a table that
holds them, and the key that makes them is nowhere to be had."""
import random
import re

import pytest

from harness import Server, make_installation
from security_data import answer

PEOPLE = [(1, "Ann", "901-11-1111"), (2, "Bob", "902-22-2222"), (3, "Cyd", "901-11-1111"), (4, "Dan", None), (5, "Eve", ""),
          (6, "Fay", "Zoë ☃ \N{GRINNING FACE}"), (7, "Gus", "x" * 5000), (8, "Hal", "abc"), (9, "Ida", "ABC")]
VISITS = [(10, "901-11-1111"), (11, "abc"), (12, "abc"), (13, None), (14, "nobody")]
SECRETS = ["901-11-1111", "902-22-2222", "xxxx", "Zoë"]
HASH = re.compile("^[0-9a-f]{64}$")


@pytest.fixture(scope="module")
def hashed(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("hashed") / "data")
    for org in ("acme", "globex"):
        inst.set_policy(org, {"name": "hash", "type": "column_masking", "rules": [
            {"table": f"public.{t}", "column": "ssn", "function": "hash", "exempt_roles": ["owner"]} for t in ("people", "visits")] + [
                {"table": "*", "column": "mail", "function": "hash", "exempt_roles": ["owner"]},
                {"table": "clients", "column": "tax", "function": "hash", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "public.part", "filter": "ssn LIKE '901%'", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "some", "type": "column_masking", "rules": [
        {"table": "public.part", "column": "ssn", "function": "hash", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        for org in ("acme", "globex"):
            with server.connect(f"owner@{org}") as conn:
                conn.execute("CREATE TABLE people (id int, name text, ssn text)")
                conn.execute("CREATE TABLE visits (id int, ssn text)")
                conn.execute("CREATE TABLE kept (id int, ssn text)")
                conn.execute("CREATE TABLE clients (id int, tax text)")
                conn.execute("CREATE VIEW people_view AS SELECT id, lower(ssn) AS low, ssn FROM people")
                conn.execute("CREATE MACRO shout(x) AS upper(x) || '!'")
                conn.execute("CREATE FUNCTION ssn_of(n int) RETURNS text AS 'SELECT max(ssn) FROM people WHERE id = n'")
                with conn.cursor() as cur:
                    cur.executemany("INSERT INTO people VALUES (%s, %s, %s)", PEOPLE)
                    cur.executemany("INSERT INTO visits VALUES (%s, %s)", VISITS)
                conn.execute("CREATE TABLE part AS SELECT id, ssn FROM people")
            # What the developer sees, as a table without a mask: its columns hold the digests.
            with server.connect(f"developer@{org}") as conn:
                for t in ("people", "visits"):
                    shown = conn.execute(f"SELECT id, ssn FROM {t}").fetchall()
                    conn.execute(f"CREATE TABLE plain_{t} AS SELECT * FROM {t}")
                    assert sorted(conn.execute(f"SELECT id, ssn FROM plain_{t}").fetchall()) == sorted(shown)
        yield server


def rows(server, sql, who="analyst@acme", params=None):
    with server.connect(who) as conn:
        return conn.execute(sql, params).fetchall()


def test_what_is_computed_is_what_is_shown(hashed):
    bare = dict(rows(hashed, "SELECT id, ssn FROM people"))
    used = dict(rows(hashed, "SELECT id, ssn || '' FROM people"))
    assert bare == used and bare[4] is None
    assert all(HASH.match(v) for k, v in bare.items() if k != 4)
    assert bare[1] == bare[3] and len(set(bare.values())) == 8


def test_tenants_share_no_digest(hashed):
    seen = [{d for (d,) in rows(hashed, sql, who) if d} for who in ("analyst@acme", "analyst@globex")
            for sql in ("SELECT ssn FROM people", "SELECT lower(ssn) FROM people")]
    assert seen[0] == seen[1] and seen[2] == seen[3] and not seen[0] & seen[2]


def test_tables_of_a_tenant_join(hashed):
    pairs = rows(hashed, "SELECT p.id, v.id FROM people p JOIN visits v ON p.ssn = v.ssn ORDER BY 1, 2")
    assert pairs == [(1, 10), (3, 10), (8, 11), (8, 12)]
    assert rows(hashed, "SELECT count(*) FROM people p JOIN visits v USING (ssn)") == [(4,)]
    assert rows(hashed, "SELECT count(DISTINCT ssn), count(ssn), count(*) FROM people") == [(7, 8, 9)]


def test_a_text_is_compared_with_the_digest(hashed):
    sql = "SELECT id FROM people WHERE ssn = %s ORDER BY 1"
    assert rows(hashed, sql, params=("901-11-1111",)) == []
    digest = dict(rows(hashed, "SELECT id, ssn FROM people"))[1]
    assert rows(hashed, sql, params=(digest,)) == [(1,), (3,)]
    assert rows(hashed, sql, who="owner@acme", params=("901-11-1111",)) == [(1,), (3,)]


def test_a_row_filter_looks_at_the_value(hashed):
    assert rows(hashed, "SELECT id FROM part WHERE length(ssn) = 64 ORDER BY 1") == [(1,), (3,)]


def test_what_is_kept_is_the_digest(hashed):
    with hashed.connect("developer@acme") as conn:
        shown = conn.execute("SELECT id, ssn FROM people ORDER BY id").fetchall()
        conn.execute("INSERT INTO kept SELECT id, ssn FROM people")
        conn.execute("CREATE TABLE copy AS SELECT id, ssn FROM people")
        conn.execute("UPDATE kept SET ssn = upper(v.ssn) FROM visits v WHERE v.ssn = kept.ssn")
    digest = dict(shown)
    kept = dict(rows(hashed, "SELECT id, ssn FROM kept", "owner@acme"))
    assert rows(hashed, "SELECT * FROM copy ORDER BY id", "owner@acme") == shown
    assert {k: v for k, v in kept.items() if k not in (1, 3, 8)} == {k: v for k, v in digest.items() if k not in (1, 3, 8)}
    assert all(kept[k] == digest[k].upper() for k in (1, 3, 8))


@pytest.mark.parametrize("sql", [
    "INSERT INTO people VALUES (20, 'Me', '901-11-1111')", "UPDATE people SET ssn = 'x' WHERE id = 1",
    "UPDATE people SET name = ssn", "DELETE FROM people WHERE ssn = 'x'",
    "MERGE INTO people p USING visits v ON p.id = v.id WHEN NOT MATCHED THEN INSERT VALUES (v.id, 'n', v.ssn)"])
def test_nobody_learns_a_digest_by_writing(hashed, sql):
    assert answer(hashed, "developer@acme", sql).startswith("42501")


@pytest.mark.parametrize("sql", [
    "CREATE TABLE mine AS SELECT '901' AS mail", "CREATE TABLE mine (MAIL) AS SELECT '901'", "CREATE TABLE mine (mail text)",
    "CREATE TEMP TABLE mine AS SELECT '901' AS mail", "CREATE TABLE mine (id int, \"Mail\" text DEFAULT '901')",
    "CREATE OR REPLACE TABLE own AS SELECT '901' AS mail", "CREATE TABLE mine AS TABLE own_mail",
    "ALTER TABLE own RENAME COLUMN x TO mail", "ALTER TABLE own ADD COLUMN mail text DEFAULT '901'",
    "ALTER TABLE own ADD COLUMN y int, ADD COLUMN mail text DEFAULT '901'",
    "CREATE TABLE other.clients AS SELECT '901' AS tax", "CREATE TABLE other.clients (LIKE public.taxes)",
    "ALTER TABLE other.taxes RENAME TO clients"])
def test_nobody_makes_a_table_that_a_rule_hashes(hashed, sql):
    with hashed.connect("developer@acme") as conn:
        for made in ("CREATE SCHEMA IF NOT EXISTS other", "CREATE TABLE IF NOT EXISTS own (x text)",
                     "CREATE TABLE IF NOT EXISTS taxes (tax text)", "CREATE TABLE IF NOT EXISTS other.taxes (tax text)"):
            conn.execute(made)
    with hashed.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS own_mail (mail text)")
    said = answer(hashed, "developer@acme", sql)
    assert said.startswith("42501") and "would be hashed" in said, said


NAMES = ["hatidata_hash", '"hatidata_hash"', "HATIDATA_HASH", "main.hatidata_hash", "system.main.hatidata_hash",
         "pg_catalog.hatidata_hash", '"main"."hatidata_hash"']


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "duckdb"])
def test_nobody_calls_the_function(hashed, dialect):
    for name in NAMES:
        with hashed.connect("owner@acme") as conn:
            conn.execute(f"SET hatidata_dialect = '{dialect}'")
            for sql in (f"SELECT {name}('901-11-1111')", f"SELECT {name}(ssn) FROM people",
                        f"PREPARE p AS SELECT {name}('901-11-1111')", f"CREATE MACRO m(x) AS {name}(x)",
                        f"CREATE VIEW v AS SELECT {name}(ssn) AS d FROM people",
                        f"CREATE TABLE g (a text, b text AS ({name}(a)))", f"CREATE TABLE g (a text DEFAULT {name}('a'))",
                        f"CREATE TABLE g (a text CHECK ({name}(a) > ''))", f"SELECT list_transform(['a'], x -> {name}(x))",
                        f"SELECT list_aggregate(['a'], '{name}')", f"SELECT 'a'.{name}()", f"SELECT * FROM {name}('a')",
                        f"CALL {name}('a')", f"SELECT count(*) FILTER ({name}('a') > '')"):
                said = told(conn, sql)
                assert said and not HASH.search(said), (sql, said)


def told(conn, sql):
    """The error of a statement that must fail."""
    try:
        conn.execute(sql)
    except Exception as e:
        return str(e)
    return None


@pytest.mark.parametrize("sql", [
    "SELECT function_name FROM duckdb_functions() WHERE function_name LIKE '%hatidata%'",
    "SELECT routine_name FROM information_schema.routines WHERE routine_name LIKE '%hatidata%'",
    "SELECT proname FROM pg_catalog.pg_proc WHERE proname LIKE '%hatidata%'", "SHOW FUNCTIONS"])
def test_no_list_names_it(hashed, sql):
    assert "hatidata_hash" not in answer(hashed, "owner@acme", sql).replace(sql, "")


def test_an_explanation_has_the_mask_and_no_value(hashed):
    said = answer(hashed, "owner@acme", "EXPLAIN POLICY SELECT upper(ssn) FROM people")
    assert "hash" not in said  # the owner is exempt
    said = answer(hashed, "analyst@acme", "EXPLAIN POLICY SELECT id FROM people WHERE ssn LIKE 'a%'")
    assert "'hash'" in said and "at reference" in said and "hatidata_hash" not in said


def test_kept_plans_are_of_their_session(hashed):
    sql = "SELECT lower(ssn) FROM people WHERE id = %s"
    seen = {}
    with hashed.connect("analyst@acme") as a, hashed.connect("analyst@globex") as g:
        for _ in range(8):
            for name, conn in (("acme", a), ("globex", g)):
                seen.setdefault(name, set()).add(conn.execute(sql, (1,), prepare=True).fetchone()[0])
    assert len(seen["acme"]) == len(seen["globex"]) == 1 and seen["acme"] != seen["globex"]


# Random statements over a masked table say what they say over one that holds the digests.

SCALARS = ["{0}", "upper({0})", "left({0}, 3)", "length({0})", "coalesce({0}, 'none')", "{0} || 'x'", "{0} IS NULL",
           "CASE WHEN {0} < '8' THEN 'low' ELSE {0} END", "{0} = '901-11-1111'", "nullif({0}, {1})", "{0} < {1}",
           "replace({0}, 'a', 'b')", "concat({0}, {1})", "md5({0})", "strpos({0}, 'a')", "shout({0})", "{0} LIKE '%a%'",
           "greatest({0}, {1})", "{0} IN ('abc', {1})", "reverse({0})", "position('1' IN {0})"]
AGGREGATES = ["count({0})", "count(DISTINCT {0})", "min({0})", "max({0})", "string_agg({0}, ',' ORDER BY {0})",
              "count(*) FILTER (WHERE {0} > '8')", "bool_or({0} < '5')", "array_agg({0} ORDER BY {0}, 1)"]
SHAPES = ["SELECT {s} AS a, p.id FROM people p WHERE {w} ORDER BY p.id",
          "SELECT {s} AS a, {g} AS n FROM people p GROUP BY 1 ORDER BY 1 NULLS FIRST, 2",
          "SELECT {g} AS a, {h} AS b FROM people p WHERE {w}",
          "SELECT p.id, v.id FROM people p JOIN visits v ON {j} ORDER BY 1, 2",
          "SELECT p.id, v.id FROM people p LEFT JOIN visits v ON {j} WHERE {w} ORDER BY 1, 2",
          "SELECT DISTINCT {s} AS a FROM people p ORDER BY 1 NULLS LAST",
          "SELECT p.id FROM people p ORDER BY {s} NULLS FIRST, p.id",
          "SELECT p.id, row_number() OVER (PARTITION BY p.ssn ORDER BY p.id) AS r, {g} OVER () AS a FROM people p ORDER BY 1",
          "SELECT p.id, lag(p.ssn, 1, 'first') OVER (ORDER BY p.ssn NULLS FIRST, p.id) AS a FROM people p ORDER BY 1",
          "WITH q AS (SELECT p.ssn AS c, p.id AS i FROM people p WHERE {w}) SELECT c || '', i FROM q ORDER BY i",
          "SELECT p.ssn AS a FROM people p UNION SELECT v.ssn FROM visits v ORDER BY 1 NULLS FIRST",
          "SELECT a FROM (SELECT p.ssn AS a FROM people p UNION ALL SELECT 'abc') q ORDER BY a NULLS FIRST",
          "SELECT p.ssn AS a FROM people p INTERSECT SELECT v.ssn FROM visits v ORDER BY 1",
          "SELECT p.ssn AS a FROM people p EXCEPT SELECT v.ssn FROM visits v ORDER BY 1",
          "SELECT p.id FROM people p WHERE p.ssn IN (SELECT v.ssn FROM visits v) ORDER BY 1",
          "SELECT p.id FROM people p WHERE EXISTS (SELECT 1 FROM visits v WHERE {j}) ORDER BY 1",
          "SELECT p.id, (SELECT count(*) FROM visits v WHERE {j}) AS n FROM people p ORDER BY 1",
          "SELECT p.id FROM people p QUALIFY rank() OVER (ORDER BY {s}, p.id) < 4 ORDER BY 1",
          "SELECT {s} AS a, count(*) FROM people p GROUP BY ROLLUP (1) HAVING {g} IS NOT NULL ORDER BY 1 NULLS FIRST, 2",
          "SELECT {s} AS a FROM people p, visits v WHERE {w} AND {j} ORDER BY 1 NULLS FIRST LIMIT 3"]


def statement(rng):
    def fill(template):
        return template.format("p.ssn", rng.choice(["p.ssn", "p.name", "'abc'"]))
    scalar = fill(rng.choice(SCALARS))
    column = rng.choice(["p.ssn", "upper(p.ssn)", "left(p.ssn, 2)"])
    return rng.choice(SHAPES).format(
        s=scalar, g=fill(rng.choice(AGGREGATES)), h=fill(rng.choice(AGGREGATES)),
        w=rng.choice([f"({scalar}) IS NOT NULL", "p.ssn > '7'", "p.ssn <> p.name", "p.ssn LIKE '%f%' OR p.id > 5", "true"]),
        j=rng.choice(["p.ssn = v.ssn", "p.ssn < v.ssn", f"{column} = {column.replace('p.', 'v.')}", "p.ssn = v.ssn AND p.id > 1"]))


def said(conn, sql):
    try:
        return conn.execute(sql).fetchall()
    except Exception as e:
        return getattr(e, "sqlstate", "?")


@pytest.mark.parametrize("seed", range(6))
def test_random_statements_see_the_digests(hashed, seed):
    rng = random.Random(seed)
    answered = 0
    with hashed.connect("developer@acme") as conn:
        for _ in range(60):
            sql = statement(rng)
            over = re.sub(r"\b(people|visits) ", r"plain_\1 ", sql)
            masked, plain = said(conn, sql), said(conn, over)
            assert masked == plain, (sql, masked, plain)
            assert not [s for s in SECRETS if s in str(masked)], sql
            answered += isinstance(masked, list)
    assert answered > 50
