"""A column that may be seen in groups of a size only (`min_group`): sums, averages and counts of it, of smaller groups NULL, and
nothing else. Every attack works for whom the rule exempts."""
import contextlib

import pytest

from harness import Server, make_installation
from security_data import answer

STAFF = [(i, f"N{i}", "sales", pay) for i, pay in enumerate((1003, 2011, 3037, 4051, 5077, 6089), 1)] + [
    (7, "N7", "legal", 7103), (8, "N8", "legal", 8117), (9, "N9", "board", None)]
# Other values in every row, the same sums of the one group that is large enough.
OTHER_STAFF = [(i, f"N{i}", "sales", pay) for i, pay in enumerate((6089, 3037, 2011, 5078, 4050, 1003), 1)] + [
    (7, "N7", "legal", 1), (8, "N8", "legal", 2), (9, "N9", "board", 12345)]
PAYS = [str(row[3]) for row in STAFF if row[3]]


@contextlib.contextmanager
def serve(folder, staff, **more):
    inst = make_installation(folder / "data")
    inst.add_user("acme", "analyst", "ana")
    inst.add_user("acme", "developer", "dev")
    rule = {"table": "public.staff", "column": "pay", "function": "min_group", "size": 5, "exempt_roles": ["owner"]}
    inst.set_policy("acme", {"name": "pay", "type": "column_masking", "rules": [{**rule, **more}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE staff (id int, name text, team text, pay int)")
            for row in staff:
                conn.execute("INSERT INTO staff VALUES (%s, %s, %s, %s)", row)
            conn.execute("CREATE TABLE teams (team text, floor int)")
            conn.execute("INSERT INTO teams VALUES ('sales', 1), ('legal', 2), ('board', 2)")
            conn.execute("CREATE TABLE notes (id int, note bigint)")
            conn.execute("CREATE VIEW staff_view AS SELECT id, team, pay AS p FROM staff")
            conn.execute("CREATE VIEW sales_view AS SELECT v.team, v.p FROM staff_view v JOIN teams t ON t.team = v.team WHERE v.team = 'sales'")
            conn.execute("CREATE VIEW doubled AS SELECT pay * (id = 3)::int AS p FROM staff")
            conn.execute("CREATE VIEW paid_once AS SELECT DISTINCT pay AS p FROM staff")
            conn.execute("CREATE VIEW pay_by_team AS SELECT team, sum(pay) AS total FROM staff GROUP BY team")
        yield server


@pytest.fixture(scope="module")
def grouped(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("grouped"), STAFF) as server:
        yield server


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("twin"), OTHER_STAFF) as server:
        yield server


REFUSED = [
    "SELECT pay FROM staff",
    "SELECT * FROM staff",
    "SELECT s FROM staff s",
    "SELECT pay + 0 FROM staff",
    "SELECT min(pay), max(pay) FROM staff",
    "SELECT any_value(pay) FROM staff",
    "SELECT first(pay), mode(pay) FROM staff",
    "SELECT array_agg(pay) FROM staff",
    "SELECT string_agg(pay::text, ',') FROM staff",
    "SELECT median(pay), quantile_cont(pay, 0.99) FROM staff",
    "SELECT percentile_disc(0.1) WITHIN GROUP (ORDER BY pay) FROM staff",
    "SELECT arg_max(name, pay) FROM staff",
    "SELECT array_agg(name ORDER BY pay) FROM staff",
    "SELECT sum(DISTINCT pay), count(DISTINCT pay) FROM staff",
    # one person's value in a group of all
    "SELECT sum(CASE WHEN id = 3 THEN pay END) FROM staff",
    "SELECT sum(CASE WHEN id = 3 THEN pay ELSE 0 END) FROM staff",
    "SELECT sum(pay * (id = 3)::int) FROM staff",
    "SELECT avg(if(id = 3, pay, 0)) FROM staff",
    "SELECT sum(s) FROM (SELECT CASE WHEN id = 3 THEN pay ELSE 0 END AS s FROM staff) q",
    "SELECT sum(q.p) FROM staff s, LATERAL (SELECT s.pay AS p WHERE s.id = 3) q",
    "SELECT sum(v) FROM (SELECT pay AS v FROM staff UNION ALL SELECT 0 FROM range(9)) q",
    "SELECT sum(p) FROM doubled",
    "SELECT sum(p) FROM paid_once",
    "SELECT sum(p) FROM (SELECT p FROM staff_view LIMIT 3) q WHERE p > 3",
    "SELECT sum(p) FROM (SELECT DISTINCT p FROM staff_view) q",
    "SELECT sum(p) FROM (SELECT p FROM staff_view UNION ALL SELECT 0 FROM range(9)) q",
    "SELECT sum(p) FROM (SELECT p FROM staff_view GROUP BY p, id) q",
    "SELECT sum(p) FROM (SELECT p FROM staff_view ORDER BY p LIMIT 5) q",
    "SELECT sum(p) FROM (SELECT p FROM staff_view QUALIFY row_number() OVER (ORDER BY p) < 6) q",
    "SELECT sum(p) FROM (SELECT unnest([p, 0]) AS p FROM staff_view) q",
    "SELECT sum(p) FROM (SELECT (SELECT p) AS p FROM staff_view) q",
    "SELECT sum(p) FROM (SELECT coalesce(p, 0) AS p FROM staff_view) q",
    "SELECT sum(p) FROM (SELECT p + 0 AS p FROM staff_view) q",
    "SELECT sum(q.p) FROM staff_view s, LATERAL (SELECT s.p FROM range(9)) q",
    "SELECT (SELECT sum(q.p) FROM range(1)) FROM staff_view q GROUP BY id",
    "SELECT sum(p) OVER () FROM staff_view",
    "SELECT max(p), sum(p) FROM staff_view",
    "WITH q AS (SELECT pay FROM staff) SELECT sum(DISTINCT pay) FROM q",
    "WITH q AS (SELECT pay FROM staff) SELECT * FROM q",
    "WITH q AS (SELECT p FROM staff_view), r AS (SELECT max(p) AS p FROM q) SELECT sum(p) FROM r",
    "SELECT (SELECT sum(s.pay) + max(n) FROM range(9) t(n)) FROM staff s WHERE id = 3",
    "SELECT id, (SELECT sum(s.pay) FROM notes) FROM staff s GROUP BY id",
    "WITH RECURSIVE r AS (SELECT pay AS p, 1 AS n FROM staff UNION ALL SELECT p, n + 1 FROM r WHERE n < 2) SELECT sum(p) FROM r",
    # it decides: one could be picked out
    "SELECT count(*) FROM staff WHERE pay > 5000",
    "SELECT sum(pay) FROM staff WHERE pay < 2000",
    "SELECT sum(pay) FILTER (WHERE pay < 2000) FROM staff",
    "SELECT count(*) FROM staff s JOIN notes n ON n.note = s.pay",
    "SELECT count(*) FROM staff s JOIN staff t USING (pay)",
    "SELECT count(*) FROM staff GROUP BY pay",
    "SELECT pay, count(pay) FROM staff GROUP BY pay",
    "SELECT name FROM staff ORDER BY pay",
    "SELECT name FROM staff GROUP BY name HAVING max(pay) > 5000",
    "SELECT DISTINCT pay FROM staff",
    "SELECT count(*) FROM (SELECT pay FROM staff INTERSECT SELECT note FROM notes) q",
    "SELECT name FROM staff WHERE pay IN (SELECT note FROM notes)",
    "SELECT id, sum(pay) OVER (ORDER BY id) FROM staff",
    "SELECT id, lag(pay) OVER (ORDER BY id) FROM staff",
    "SELECT id, avg(pay) OVER () FROM staff",
    "SELECT count(*) FROM staff s, generate_series(1, s.pay) g",
    "PIVOT staff ON team IN ('sales') USING max(pay) GROUP BY id",
    "COPY staff TO STDOUT",
]
SMALL = [  # allowed, and nothing of a small group in it
    ("SELECT team, sum(pay), avg(pay), count(pay) FROM staff GROUP BY team ORDER BY team",
     [("board", None, None, None), ("legal", None, None, None), ("sales", 21268, 21268 / 6, 6)]),
    ("SELECT sum(pay) FROM staff WHERE id = 3", [(None,)]),
    ("SELECT id, sum(pay) FROM staff WHERE id < 3 GROUP BY id ORDER BY 1", [(1, None), (2, None)]),
    ("SELECT sum(pay) FILTER (WHERE id = 3), sum(pay) FILTER (WHERE team = 'sales') FROM staff", [(None, 21268)]),
    ("SELECT floor, sum(pay) FROM staff s JOIN teams t ON s.team = t.team GROUP BY floor ORDER BY 1", [(1, 21268), (2, None)]),
    ("SELECT floor, sum(pay) FROM staff NATURAL JOIN teams GROUP BY floor ORDER BY 1", [(1, 21268), (2, None)]),
    # a join that repeats one row makes no group of it
    ("SELECT sum(pay) FROM staff, range(9) WHERE id = 3", [(None,)]),
    ("SELECT sum(s.pay) FROM staff s JOIN staff t ON s.id = 3", [(None,)]),
    ("SELECT q.v FROM staff s, LATERAL (SELECT sum(t.pay) AS v FROM staff t, range(9) WHERE t.id = s.id) q WHERE s.id = 1", [(None,)]),
    ("SELECT count(*) FROM (SELECT team FROM staff GROUP BY team HAVING sum(pay) > 15000) q", [(1,)]),
    ("SELECT team FROM staff GROUP BY team ORDER BY sum(pay) NULLS LAST, team LIMIT 1", [("sales",)]),
    ("SELECT team, round(sum(pay) / 12.0, 1) FROM staff GROUP BY ALL ORDER BY 1",
     [("board", None), ("legal", None), ("sales", 1772.3)]),
    ("SELECT max(v) FROM (SELECT sum(pay) AS v FROM staff GROUP BY team) q", [(21268,)]),
    ("SELECT team, sum(pay) FROM staff GROUP BY ROLLUP (team) ORDER BY 1 NULLS LAST",
     [("board", None), ("legal", None), ("sales", 21268), (None, 36488)]),
    ("SELECT team, total FROM pay_by_team ORDER BY 1", [("board", None), ("legal", None), ("sales", 21268)]),
    ("SELECT a.x, b.x FROM (SELECT sum(pay) AS x FROM staff) a, (SELECT sum(pay) AS x FROM staff WHERE team = 'legal') b",
     [(36488, None)]),
    ("SELECT rank() OVER (ORDER BY sum(pay) NULLS LAST) AS r, team FROM staff GROUP BY team ORDER BY r, team LIMIT 1", [(1, "sales")]),
    ("SELECT sum(p.d) FROM staff AS p(a, b, c, d) GROUP BY p.c ORDER BY 1 NULLS LAST", [(21268,), (None,), (None,)]),
    ("SELECT id FROM staff_view WHERE team = 'board'", [(9,)]),
    # through what only passes it on
    ("SELECT team, sum(p), count(p) FROM staff_view GROUP BY team ORDER BY team", [("board", None, None), ("legal", None, None), ("sales", 21268, 6)]),
    ("SELECT sum(p) FROM staff_view WHERE id = 3", [(None,)]),
    ("SELECT sum(p) FROM staff_view v, range(9) WHERE v.id = 3", [(None,)]),
    ("SELECT sum(p) FILTER (WHERE id = 3), avg(p) FILTER (WHERE team = 'sales') FROM staff_view", [(None, 21268 / 6)]),
    ("WITH q AS (SELECT pay FROM staff WHERE id = 3) SELECT sum(pay) FROM q, range(9)", [(None,)]),
    ("WITH q(t, x) AS (SELECT team, pay FROM staff), r AS (SELECT x AS y, t FROM q WHERE t <> 'legal') SELECT t, sum(y) FROM r GROUP BY t ORDER BY t",
     [("board", None), ("sales", 21268)]),
    ("WITH q AS (SELECT * FROM staff) SELECT count(*), sum(a.pay), sum(b.pay) FROM q a JOIN q b ON a.team = b.team WHERE b.id = 3", [(6, 21268, None)]),
    ("SELECT sum(d.c) FROM (SELECT v.team, v.p FROM staff_view v JOIN teams USING (team)) AS d(t, c) GROUP BY d.t ORDER BY 1 NULLS LAST",
     [(21268,), (None,), (None,)]),
    ("SELECT sum(p) FROM (SELECT p FROM staff_view WHERE team = 'sales' ORDER BY id LIMIT 4) q", [(None,)]),
    ("SELECT sum(p) FROM (SELECT p FROM staff_view WHERE team = 'sales' ORDER BY id LIMIT 5) q", [(15179,)]),
    ("SELECT sum(p) FROM (SELECT p, unnest([1, 2, 3]) FROM staff_view WHERE id = 3) q", [(None,)]),
    ("SELECT sum(y) FROM (SELECT x AS y FROM (SELECT pay AS x FROM staff WHERE id < 3) a) b", [(None,)]),
    ("SELECT team FROM sales_view GROUP BY team HAVING sum(p) > 15000", [("sales",)]),
    ("SELECT team, sum(p) FROM sales_view GROUP BY ROLLUP (team) ORDER BY 1 NULLS LAST", [("sales", 21268), (None, 21268)]),
    ("SELECT x.s FROM teams t, LATERAL (SELECT sum(p) AS s FROM staff_view v WHERE v.team = t.team) x ORDER BY 1 NULLS LAST",
     [(21268,), (None,), (None,)]),
    ("SELECT rowid, id FROM staff WHERE id = 1", [(0, 1)]),
]


@pytest.mark.parametrize("sql", REFUSED)
def test_who_is_exempt_may(grouped, sql):
    said = answer(grouped, "owner@acme", sql)
    assert "HATI_ERR" not in said, said


@pytest.mark.parametrize("sql", REFUSED)
def test_no_other_use(grouped, sql):
    said = answer(grouped, "ana@acme", sql)
    assert "42501" in said and ("in groups" in said or "can't be proved" in said), said
    assert not [v for v in PAYS if v in said.replace(sql, "")], said


@pytest.mark.parametrize("sql,rows", SMALL)
def test_small_groups_give_nothing(grouped, sql, rows):
    with grouped.connect("ana@acme") as conn:
        got = [tuple(float(v) if hasattr(v, "as_tuple") else v for v in row) for row in conn.execute(sql).fetchall()]
    assert got == rows


def test_which_do_without_the_rule(grouped):
    with grouped.connect("owner@acme") as conn:
        assert conn.execute("SELECT sum(pay) FROM staff WHERE id = 3").fetchone() == (3037,)
        assert conn.execute("SELECT sum(pay) FROM staff, range(9) WHERE id = 3").fetchone() == (3037 * 9,)


@pytest.mark.parametrize("sql", [sql for sql, _ in SMALL if not any(w in sql for w in ("ROLLUP", "a.x", "LIMIT 5"))] + REFUSED)
def test_single_values_may_be_anything(grouped, twin, sql):
    assert answer(grouped, "ana@acme", sql) == answer(twin, "ana@acme", sql)


def test_a_filter_that_may_say_otherwise_the_second_time(grouped):
    for sql in ("SELECT sum(pay) FILTER (WHERE random() < 0.3) FROM staff",
                "SELECT sum(pay) FILTER (WHERE id IN (SELECT id FROM staff USING SAMPLE 1 ROWS)) FROM staff"):
        said = answer(grouped, "ana@acme", sql)
        assert "Put the condition into WHERE" in said, said
    with grouped.connect("ana@acme") as conn:
        for _ in range(20):
            said = conn.execute("SELECT count(*), sum(pay) FROM (SELECT * EXCLUDE (pay) FROM staff) o JOIN staff s USING (id) "
                                "WHERE random() < 0.3").fetchone()
            assert said[1] is None or said[0] >= 5, said


WRITES = [
    "CREATE TABLE loot AS SELECT pay FROM staff",
    "INSERT INTO notes SELECT id, pay FROM staff",
    "UPDATE notes SET note = s.pay FROM staff s WHERE s.id = 3",
    "UPDATE staff SET name = pay::text",
    "UPDATE staff SET id = id WHERE pay > 5000",
    "UPDATE staff SET id = id RETURNING pay",
    "DELETE FROM staff WHERE pay > 5000",
]


@pytest.mark.parametrize("sql", WRITES)
def test_nothing_is_written_elsewhere(grouped, sql):
    said = answer(grouped, "dev@acme", sql)
    assert "42501" in said and "in groups" in said, said


def test_what_is_kept_has_only_large_groups(grouped):
    with grouped.connect("dev@acme") as conn:
        conn.execute("CREATE TABLE kept AS SELECT team, sum(pay) AS total FROM staff GROUP BY team")
        conn.execute("CREATE VIEW mine AS SELECT pay FROM staff")
    assert "in groups" in answer(grouped, "dev@acme", "SELECT * FROM mine")
    with grouped.connect("owner@acme") as conn:
        assert conn.execute("SELECT total FROM kept ORDER BY team").fetchall() == [(None,), (None,), (21268,)]
        conn.execute("DROP TABLE kept")
        conn.execute("DROP VIEW mine")


@pytest.mark.parametrize("more", [{"key": "person"}])
def test_persons_and_not_rows(tmp_path, more):
    """Six rows of two persons are a group of two; a mask of the key, or rows that are hidden, change nothing about it."""
    inst = make_installation(tmp_path / "data")
    inst.add_user("acme", "analyst", "ana", "--attribute", "team=sales")
    rule = {"table": "visits", "exempt_roles": ["owner"]}
    inst.set_policy("acme", {"name": "cost", "type": "column_masking", "rules": [
        {**rule, "column": "cost", "function": "min_group", "size": 3, **more},
        {**rule, "column": "person", "function": "full"}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "visits", "filter": "team = '{team}'", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE visits (person text, ward text, team text, cost int)")
            for person, ward, team, cost in [("a", "x", "sales", 1), ("a", "x", "sales", 2), ("a", "x", "sales", 4), ("b", "x", "sales", 8),
                                             ("c", "x", "legal", 16), ("a", "y", "sales", 32), ("b", "y", "sales", 64),
                                             ("d", "y", "sales", 128), ("e", "y", "sales", None)]:
                conn.execute("INSERT INTO visits VALUES (%s, %s, %s, %s)", (person, ward, team, cost))
            assert conn.execute("SELECT sum(cost) FROM visits WHERE ward = 'x'").fetchone() == (31,)
        with server.connect("ana@acme") as conn:
            sql = "SELECT ward, sum(cost), count(*) FROM visits GROUP BY ward ORDER BY 1"
            assert conn.execute(sql).fetchall() == [("x", None, 4), ("y", 224, 4)]
            # the mask at the reference doesn't make one person of all
            assert conn.execute("SELECT ward, sum(cost), max(person) FROM visits GROUP BY ward ORDER BY 1").fetchall() == [
                ("x", None, "***"), ("y", 224, "***")]
            for _ in range(3):
                assert conn.execute("SELECT sum(cost) FROM visits WHERE ward = %s", ("y",), prepare=True).fetchone() == (224,)
