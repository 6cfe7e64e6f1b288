"""Attacks on masked columns: whatever the statement, what comes back (rows or error) holds no masked
value, and the answer does not depend on one."""
import re

import psycopg
import pytest

from harness import Server, make_installation
from security_data import HIDDEN, MASKED, answer


SMUGGLE = [
    # bare reads: allowed, masked
    "SELECT ssn FROM people",
    "SELECT * FROM people",
    "SELECT p.* FROM people p",
    "SELECT * EXCLUDE (name) FROM people",
    "SELECT * RENAME (ssn AS x) FROM people",
    "SELECT ssn AS name FROM people",
    "SELECT s FROM (SELECT ssn AS s FROM people) q",
    "WITH q AS (SELECT ssn AS s FROM people) SELECT s FROM q",
    "WITH q(s) AS (SELECT ssn FROM people), r AS (SELECT s FROM q) SELECT * FROM r",
    "SELECT ssn FROM people UNION ALL SELECT 'x'",
    "SELECT 'x' UNION ALL SELECT ssn FROM people",
    "SELECT ssn FROM people_view",
    "SELECT p.ssn FROM people p LEFT JOIN notes n ON TRUE",
    "SELECT q.ssn FROM people p, LATERAL (SELECT p.ssn) q",
    # predicate oracles
    "SELECT name FROM people WHERE ssn LIKE '9%'",
    "SELECT name FROM people WHERE ssn BETWEEN '900' AND '902'",
    "SELECT name FROM people WHERE ssn IN ('901-11-1111')",
    "SELECT name FROM people WHERE salary > 1500",
    "SELECT name FROM people p WHERE EXISTS (SELECT 1 WHERE p.ssn LIKE '901%')",
    "SELECT count(*) FILTER (WHERE ssn LIKE '901%') FROM people",
    "SELECT name FROM people QUALIFY rank() OVER (ORDER BY ssn) = 1",
    "SELECT name FROM people q WHERE q.salary IS NULL",
    # expressions, aggregates, order
    "SELECT ssn || '' FROM people",
    "SELECT substring(ssn, 1, 3) FROM people",
    "SELECT length(ssn) FROM people",
    "SELECT CASE WHEN ssn LIKE '901%' THEN 'y' ELSE 'n' END FROM people",
    "SELECT coalesce(ssn, '') FROM people",
    "SELECT min(ssn), max(ssn) FROM people",
    "SELECT string_agg(ssn, ',') FROM people",
    "SELECT array_agg(ssn) FROM people",
    "SELECT median(salary) FROM people",
    "SELECT sum(salary) FROM people",
    "SELECT DISTINCT ssn FROM people",
    "SELECT ssn FROM people GROUP BY ssn",
    "SELECT substring(ssn, 1, 1), count(*) FROM people GROUP BY 1",
    "SELECT name FROM people ORDER BY ssn",
    "SELECT ssn FROM people ORDER BY 1",
    "SELECT name FROM people ORDER BY salary LIMIT 1",
    "SELECT first_value(ssn) OVER (ORDER BY id) FROM people",
    "SELECT lag(ssn) OVER (ORDER BY id) FROM people",
    "SELECT row_number() OVER (ORDER BY ssn), name FROM people",
    "SELECT [ssn] FROM people",
    "SELECT {'s': ssn} FROM people",
    "SELECT ROW(ssn) FROM people",
    "SELECT people FROM people",
    "SELECT to_json(people) FROM people",
    "SELECT to_json(p) FROM people p",
    "SELECT unnest([ssn]) FROM people",
    "SELECT (SELECT ssn FROM people WHERE id = 1)",
    "SELECT (SELECT max(salary) FROM people)",
    "SELECT ssn FROM people UNION SELECT ssn FROM people",
    "SELECT ssn FROM people EXCEPT SELECT 'x'",
    "SELECT ssn FROM people INTERSECT SELECT '901-11-1111'",
    "SELECT ssn AS s, s || 'x' FROM people",
    "SELECT ssn AS s FROM people WHERE s LIKE '901%'",
    "SELECT g.v FROM people p JOIN (VALUES ('901-11-1111'), ('905')) g(v) ON g.v = p.ssn",
    "SELECT g.ssn FROM people p JOIN (VALUES ('901-11-1111')) g(ssn) USING (ssn)",
    "SELECT * FROM people NATURAL JOIN (VALUES ('901-11-1111')) g(ssn)",
    "WITH RECURSIVE r AS (SELECT ssn AS s, 1 AS n FROM people UNION ALL SELECT s, n + 1 FROM r WHERE n < 3) "
    "SELECT s || '' FROM r",
    "SELECT left(ssn, 3)::int FROM people",
    "SELECT 1 / (CASE WHEN ssn LIKE '901%' THEN 0 ELSE 1 END) FROM people",
    "SELECT TRY_CAST(left(ssn, 3) AS int) FROM people",
    "SELECT COLUMNS('ssn') FROM people",
    "SELECT COLUMNS(*) FROM people",
    "SUMMARIZE people",
    "DESCRIBE people",
    "PIVOT people ON ssn USING count(*)",
    "SELECT * FROM people TABLESAMPLE 100%",
    "FROM people",
    "TABLE people",
    "COPY people TO STDOUT",
    "COPY (SELECT ssn FROM people) TO STDOUT",
    "COPY (SELECT ssn || '' FROM people) TO STDOUT",
    "EXPLAIN SELECT * FROM people WHERE ssn = '901-11-1111'",
    "SELECT hash(ssn), md5(ssn) FROM people",
]


@pytest.mark.parametrize("sql", SMUGGLE)
@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_no_masked_or_hidden_value_comes_back(guarded, sql, binary):
    said = answer(guarded, "sales@acme", sql, binary)
    leaks = [v for v in MASKED + HIDDEN if v in said.replace(sql, "")]
    assert not leaks, said


ORACLES = [  # pairs that differ only in whether the guess is right: the answers must be the same
    ("SELECT name FROM people WHERE ssn = '901-11-1111'", "SELECT name FROM people WHERE ssn = '901-11-1112'"),
    ("SELECT 1 FROM people WHERE ssn LIKE '901%' LIMIT 1", "SELECT 1 FROM people WHERE ssn LIKE '999%' LIMIT 1"),
    ("SELECT count(*) FROM people WHERE salary > 1500", "SELECT count(*) FROM people WHERE salary > 150000"),
    ("SELECT 1/(CASE WHEN ssn LIKE '901%' THEN 0 ELSE 1 END) FROM people",
     "SELECT 1/(CASE WHEN ssn LIKE '999%' THEN 0 ELSE 1 END) FROM people"),
    ("SELECT g.v FROM people p JOIN (VALUES ('901-11-1111')) g(v) ON g.v = p.ssn",
     "SELECT g.v FROM people p JOIN (VALUES ('901-11-9999')) g(v) ON g.v = p.ssn"),
]


@pytest.mark.parametrize("right,wrong", ORACLES)
def test_a_right_guess_looks_like_a_wrong_one(guarded, right, wrong):
    def shape(text):
        return answer(guarded, "sales@acme", text).replace(text, "")
    assert shape(right) == shape(wrong)


LAUNDER = [
    "CREATE TABLE loot AS SELECT ssn FROM people",
    "CREATE TABLE loot AS SELECT * FROM people",
    "INSERT INTO notes SELECT id, ssn FROM people",
    "INSERT INTO notes SELECT id, ssn FROM people RETURNING note",
    "UPDATE notes SET note = p.ssn FROM people p WHERE p.id = notes.id",
    "UPDATE people SET name = ssn",
    "UPDATE people SET name = ssn RETURNING name",
    "UPDATE people SET name = name WHERE ssn LIKE '901%' RETURNING name",
    "DELETE FROM people WHERE ssn LIKE '901%'",
    "DELETE FROM notes USING people WHERE ssn LIKE '901%'",
    "INSERT INTO people SELECT * FROM people",
    "WITH w AS (INSERT INTO notes SELECT id, ssn FROM people RETURNING *) SELECT * FROM w",
    "CREATE VIEW loot AS SELECT ssn || '' AS s FROM people",
]


@pytest.mark.parametrize("sql", LAUNDER)
def test_laundering_writes_nothing_raw(guarded, sql):
    answer(guarded, "dev@acme", sql)
    for look in ("SELECT * FROM loot", "SELECT s FROM loot", "SELECT * FROM notes", "SELECT name FROM people"):
        said = answer(guarded, "dev@acme", look)
        assert not [v for v in MASKED if v in said], (sql, look, said)
    with guarded.connect("owner@acme") as conn:
        conn.execute("DELETE FROM notes")
        names = [r[0] for r in conn.execute("SELECT name FROM people ORDER BY id")]
        assert names == ["Ann", "Bob", "Cyd", "Dan"]
        for kind in ("VIEW", "TABLE"):
            try:
                conn.execute(f"DROP {kind} loot")
            except psycopg.Error:
                pass


def test_returning_is_masked(guarded):
    with guarded.connect("dev@acme") as conn:
        rows = conn.execute("UPDATE people SET name = name WHERE id = 1 RETURNING id, ssn, salary").fetchall()
        assert rows == [(1, "***", None)]


def test_portals_give_the_same_mask(guarded):
    with guarded.connect("sales@acme") as conn:
        for binary in (False, True):
            cur = conn.cursor(binary=binary)
            assert list(cur.stream("SELECT ssn FROM people", size=1)) == [("***",), ("***",)]


def test_a_refused_use_beneath_a_view_has_no_name(tmp_path):
    """A digest of a double can only be shown, and a number shown as text isn't a number: whoever sees the view alone
    wrote neither `pay` nor `level`."""
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    inst.set_policy("acme", {"name": "pay", "type": "column_masking", "rules": [
        {"table": "public.staff", "column": "pay", "function": "hash", "as_text": True, "exempt_roles": ["owner"]},
        {"table": "public.staff", "column": "level", "function": "full", "as_text": True, "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in ("CREATE TABLE staff (id int, pay double, level int)", "INSERT INTO staff VALUES (1, 7734, 5)",
                        "CREATE VIEW list AS SELECT id, pay AS p, level AS l FROM staff",
                        "CREATE VIEW sums AS SELECT id, level + 1 AS l FROM staff",
                        "CREATE MACRO of(i) AS (SELECT pay FROM staff WHERE id = i)"):
                conn.execute(sql)
        for sql in ("SELECT p + 1 FROM list", "SELECT id FROM list WHERE p > 5", "SELECT of(1) + 1"):
            said = answer(server, "analyst@acme", sql)
            assert said.startswith("42501\na view or function") and "pay" not in said and "staff" not in said, said
        for sql in ("SELECT l + 1 FROM list", "SELECT sum(l) FROM list", "SELECT l FROM sums"):
            said = answer(server, "analyst@acme", sql)
            assert said.startswith("42") and "level" not in said and "staff" not in said, said
        assert answer(server, "analyst@acme", "SELECT id FROM sums") == "[(1,)]"  # of whose output nothing is read
        assert '"pay" is masked for you' in answer(server, "analyst@acme", "SELECT pay + 1 FROM staff")
        assert answer(server, "owner@acme", "SELECT p + l FROM list") == "[(7739.0,)]"


def test_masks_of_structures(tmp_path):
    """A masked structure, map or list of lists is NULL in its own type, or the mask of the JSON that it is shown as, as text."""
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    rules = [{"table": "public.nested", "column": c, "function": f, "exempt_roles": ["owner"], **more} for c, f, more in [
        ("s", "full", {}), ("m", "partial", {"as_text": True, "visible_chars": 5}), ("l", "hash", {"as_text": True}), ("u", "full", {"as_text": True})]]
    inst.set_policy("acme", {"name": "nested", "type": "column_masking", "rules": rules})
    with Server(inst) as server:
        with server.connect("owner@acme", options="'-c hatidata.dialect=duckdb'") as conn:
            conn.execute("CREATE TABLE nested (s STRUCT(a INT), m MAP(VARCHAR, INT), l INT[][], u UNION(n INT, t VARCHAR))")
            conn.execute("INSERT INTO nested VALUES ({'a': 1}, MAP {'key': 4567}, [[7788], []], 'secret'), (NULL, NULL, NULL, NULL)")
        with server.connect("analyst@acme", options="'-c hatidata.dialect=duckdb'") as conn:
            for binary in (False, True):
                cur = conn.cursor(binary=binary)
                cur.execute("SELECT * FROM nested")
                (s, m, l, u), nothing = cur.fetchall()
                assert [d.type_code for d in cur.description] == [114, 25, 25, 25] and nothing == (None, None, None, None)
                assert s is None and m == "***4567}" and re.fullmatch("[0-9a-f]{64}", l) and u == "***"
            for sql in ("SELECT s.a FROM nested", "SELECT l[1] FROM nested", "SELECT m['key'] FROM nested", "SELECT u.t FROM nested",
                        "SELECT to_json(l) FROM nested", "SELECT unnest(l) FROM nested", "SELECT {'x': s} FROM nested"):
                try:
                    shown = str(conn.execute(sql).fetchall())
                except psycopg.Error as e:
                    shown = str(e)
                assert "4567" not in shown.replace("***4567", "") and "secret" not in shown and "7788" not in shown, (sql, shown)
