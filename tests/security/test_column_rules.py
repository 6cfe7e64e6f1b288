"""What use of a column is left: `deny` none, `no_projection` only places that look at the value. Every attack works for whom the
rule exempts, and whoever it concerns gets the same answers of two databases that differ in what is hidden."""
import contextlib

import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer

STAFF = [  # id, name, team, badge, pay
    (1, "Ann", "sales", "B-7734", 1010),
    (2, "Bob", "sales", "B-8812", 2020),
    (3, "Cyd", "sales", "B-9956", 3030),
    (4, "Dan", "legal", "B-4471", 4040),
]
OTHER_STAFF = [
    (1, "Ann", "sales", "Z-1199", 7),
    (2, "Bob", "sales", "Z-2288", 77),
    (3, "Cyd", "sales", "Z-3377", 777),
    (4, "Dan", "legal", "B-7734", 7777),
]
HIDDEN = [str(v) for row in STAFF for v in row[3:]] + ["7734", "8812"]


def rules(badge, pay):
    only = {"table": "public.staff", "exempt_roles": ["owner"]}
    return {"name": "staff", "type": "column_masking", "rules": [
        {**only, "column": "badge", **badge}, {**only, "column": "pay", **pay}]}


@contextlib.contextmanager
def serve(folder, staff, badge, pay):
    inst = make_installation(folder / "data")
    inst.add_user("acme", "analyst", "ana")
    inst.add_user("acme", "developer", "dev")
    inst.set_policy("acme", rules(badge, pay))
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE staff (id int, name text, team text, badge text, pay int)")
            for row in staff:
                conn.execute("INSERT INTO staff VALUES (%s, %s, %s, %s, %s)", row)
            conn.execute("CREATE TABLE notes (id int, note text)")
            conn.execute("INSERT INTO notes VALUES (1, 'B-7734'), (2, 'x')")
            conn.execute("CREATE VIEW staff_view AS SELECT id, badge AS tag, pay AS p FROM staff")
            conn.execute("CREATE VIEW known AS SELECT id, team || '!' AS team, upper(badge) || name AS code, 1 / (pay - 2020) AS part, pay "
                         "FROM staff")
            conn.execute("CREATE VIEW above AS SELECT id, lower(code) AS code, code AS again, team FROM known WHERE id < 4 ORDER BY id")
            conn.execute("CREATE VIEW paid AS SELECT team, sum(pay) AS total, count(*) AS n FROM staff GROUP BY team ORDER BY 1")
            conn.execute("CREATE VIEW few AS SELECT id, pay > 2500 AS well FROM staff WHERE pay > 2020")
            conn.execute("CREATE VIEW ranked AS SELECT id, badge, name FROM staff ORDER BY badge LIMIT 2")
            conn.execute("CREATE VIEW joined AS SELECT n.id, s.pay FROM notes n LEFT JOIN staff s ON s.badge = n.note")
            conn.execute("CREATE VIEW badges AS SELECT DISTINCT team, badge FROM staff")
            conn.execute("CREATE VIEW all_paid AS SELECT sum(pay) AS total FROM staff")
            conn.execute("CREATE VIEW asked AS SELECT id, (SELECT max(pay) FROM staff) AS most FROM notes")
            conn.execute("CREATE VIEW windowed AS SELECT id, rank() OVER (ORDER BY pay) AS r FROM staff")
            conn.execute("CREATE VIEW aliased AS SELECT id, upper(badge) AS b FROM staff WHERE b > 'B-8'")
            conn.execute("CREATE VIEW twice AS SELECT id, badge AS b, b || 'x' AS c, team FROM staff")
            conn.execute("CREATE MACRO one_badge(i) AS (SELECT badge FROM staff WHERE id = i)")
        yield server


@pytest.fixture(scope="module")
def denied(tmp_path_factory):
    rule = {"function": "deny"}
    with serve(tmp_path_factory.mktemp("denied"), STAFF, rule, rule) as server:
        yield server


@pytest.fixture(scope="module")
def hidden(tmp_path_factory):
    rule = {"function": "no_projection"}
    with serve(tmp_path_factory.mktemp("hidden"), STAFF, rule, rule) as server:
        yield server


def refused(server, who, sql):
    with server.connect(who) as conn:
        try:
            cur = conn.execute(sql)
            return f"not refused: {cur.fetchall() if cur.description else cur.statusmessage}"
        except psycopg.Error as e:
            return f"{e.diag.sqlstate} {e.diag.message_primary} | {e.diag.message_hint}"


PROJECTIONS = [  # each gives a value, or what is made of one
    "SELECT badge FROM staff",
    "SELECT * FROM staff",
    "SELECT s.* FROM staff s",
    "FROM staff",
    "TABLE staff",
    "SELECT s FROM staff s",
    "SELECT COLUMNS('badge') FROM staff",
    "SELECT upper(badge), pay + 1 FROM staff",
    "SELECT pay > 2000 FROM staff",
    "SELECT CASE WHEN badge LIKE 'B-77%' THEN name END FROM staff",
    "SELECT min(badge), max(pay) FROM staff",
    "SELECT any_value(badge), first(badge), mode(badge) FROM staff",
    "SELECT array_agg(badge) FROM staff",
    "SELECT string_agg(badge, ',') FROM staff",
    "SELECT sum(pay), avg(pay) FROM staff",
    "SELECT arg_max(name, pay) FROM staff",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pay) FROM staff",
    "SELECT DISTINCT badge FROM staff",
    "SELECT badge, count(*) FROM staff GROUP BY badge",
    "SELECT left(badge, 3), count(*) FROM staff GROUP BY ALL",
    "SELECT (SELECT badge FROM staff WHERE id = 1)",
    "SELECT id, (SELECT max(pay) FROM staff) FROM notes",
    "SELECT ARRAY_AGG(b) FROM (SELECT badge AS b FROM staff) q",
    "SELECT tag FROM staff_view",
    "SELECT p FROM staff_view",
    "SELECT one_badge(1)",
    "SELECT q.b FROM staff s, LATERAL (SELECT s.badge AS b) q",
    "WITH q AS (SELECT badge AS b FROM staff) SELECT b || '' FROM q",
    "WITH RECURSIVE r AS (SELECT badge AS b, 1 AS n FROM staff UNION ALL SELECT b, n + 1 FROM r WHERE n < 2) SELECT b FROM r",
    "SELECT badge FROM staff UNION ALL SELECT 'x'",
    "SELECT badge FROM staff INTERSECT SELECT note FROM notes",
    "SELECT lag(badge) OVER (ORDER BY id) FROM staff",
    "SELECT id, rank() OVER (ORDER BY pay) FROM staff",
    "SELECT id, count(*) OVER (PARTITION BY badge) FROM staff",
    "SELECT id FROM staff QUALIFY row_number() OVER (ORDER BY pay) = 1",
    "SELECT count(*) FROM staff s, generate_series(1, s.pay) g",
    "SELECT count(*) FROM (SELECT unnest(range(pay)) FROM staff WHERE id = 1) q",
    "SELECT id FROM range(9999) t(id) LIMIT (SELECT pay FROM staff WHERE id = 1)",
    "SELECT {'b': badge} FROM staff",
    "SELECT to_json(s) FROM staff s",
    "SELECT list_transform([1], x -> badge) FROM staff",
    "UNPIVOT (SELECT id, badge FROM staff) ON badge",
    "COPY staff TO STDOUT",
    "COPY (SELECT badge FROM staff) TO STDOUT",
    "SELECT name FROM staff WHERE badge = 'B-7734' AND badge || name <> (SELECT max(badge) FROM staff) OR FALSE "
    "UNION ALL SELECT badge FROM staff",
]
LOOKS = [  # the value decides, and doesn't leave
    "SELECT name FROM staff WHERE badge LIKE 'B-77%' ORDER BY id",
    "SELECT id FROM staff WHERE pay > 2000 ORDER BY id",
    "SELECT name FROM staff ORDER BY pay",
    "SELECT s.name FROM staff s JOIN notes n ON s.badge = n.note",
    "SELECT count(*) FROM staff s JOIN staff t USING (badge)",
    "SELECT count(*) FROM staff GROUP BY badge ORDER BY 1",
    "SELECT count(badge), count(DISTINCT pay) FROM staff",
    "SELECT count(*) FILTER (WHERE pay > 2000) FROM staff",
    "SELECT team FROM staff GROUP BY team HAVING max(pay) > 4000",
    "SELECT name FROM staff s WHERE EXISTS (SELECT 1 FROM notes n WHERE n.note = s.badge)",
    "SELECT name FROM staff WHERE badge IN (SELECT note FROM notes)",
    "SELECT note FROM notes WHERE note IN (SELECT badge FROM staff)",
    "SELECT id FROM staff_view WHERE p > 2000 ORDER BY id",
    "SELECT count(DISTINCT tag) FROM staff_view",
]
FREE = ["SELECT id, name FROM staff ORDER BY id", "SELECT * EXCLUDE (badge, pay) FROM staff ORDER BY id",
        "SELECT team, count(*) FROM staff GROUP BY team ORDER BY 1", "SELECT count(*) FROM staff"]


@pytest.mark.parametrize("sql", PROJECTIONS + LOOKS)
def test_whoever_is_exempt_may(denied, sql):
    said = answer(denied, "owner@acme", sql)
    assert "HATI_ERR" not in said, said


@pytest.mark.parametrize("sql", PROJECTIONS + LOOKS)
def test_deny_leaves_no_use(denied, sql):
    said = answer(denied, "ana@acme", sql)
    assert "42501" in said and ("may not be used by you" in said or "can't be proved" in said), said
    assert not [v for v in HIDDEN if v in said.replace(sql, "")], said


@pytest.mark.parametrize("sql", PROJECTIONS)
def test_no_projection_shows_nothing(hidden, sql):
    said = answer(hidden, "ana@acme", sql)
    assert "42501" in said and ("shown to you" in said or "can't be proved" in said), said
    assert not [v for v in HIDDEN if v in said.replace(sql, "")], said


@pytest.mark.parametrize("sql", LOOKS)
def test_no_projection_lets_look(hidden, sql):
    assert answer(hidden, "ana@acme", sql) == answer(hidden, "owner@acme", sql)


@pytest.mark.parametrize("sql", FREE)
def test_the_rest_of_the_table_is_free(denied, hidden, sql):
    for server in (denied, hidden):
        assert answer(server, "ana@acme", sql) == answer(server, "owner@acme", sql)


def test_the_error_names_what_was_written_and_says_how_to_go_on(denied, hidden):
    assert refused(denied, "ana@acme", "SELECT name FROM staff ORDER BY badge") == \
        '42501 column "badge" may not be used by you | Leave it out.'
    assert "SELECT * EXCLUDE (badge)" in refused(denied, "ana@acme", "SELECT * FROM staff")
    for server in (denied, hidden):
        for sql in ("SELECT id FROM staff_view WHERE tag = 'x' AND p = 0", "SELECT tag FROM staff_view", "SELECT one_badge(1)"):
            said = refused(server, "ana@acme", sql)
            assert "badge" not in said and "pay" not in said, said
    assert "can't be shown" in refused(hidden, "ana@acme", "SELECT badge FROM staff")


# What a view gives of a denied column is decided where the statement reads it.
BESIDE_IT = [
    "SELECT id FROM staff_view ORDER BY id",
    "SELECT count(*) FROM staff_view",
    "SELECT id, team FROM known ORDER BY id",
    "SELECT k.team FROM known k JOIN notes USING (id) ORDER BY 1",
    "SELECT id, team FROM above",
    "SELECT count(*) FROM above a, above b WHERE a.id = b.id",
    "WITH q AS (SELECT id, team FROM above) SELECT * FROM q WHERE team = 'sales!' ORDER BY 1",
    "SELECT team, n FROM paid",
    "SELECT count(*), sum(n) FROM paid WHERE team <> 'x'",
    "SELECT * EXCLUDE (b, c) FROM twice ORDER BY id",
    "SELECT COLUMNS('id|team') FROM twice ORDER BY 1",
    "SELECT id FROM notes WHERE id IN (SELECT id FROM known)",
    "COPY (SELECT id, team FROM above) TO STDOUT",
]
OF_IT = [
    "SELECT tag FROM staff_view", "SELECT * FROM staff_view", "SELECT s FROM staff_view s", "SELECT id FROM staff_view WHERE tag > 'B'",
    "SELECT code FROM known", "SELECT part FROM known", "SELECT id FROM known ORDER BY pay", "SELECT count(*) FROM known WHERE part > 0",
    "SELECT count(code) FROM above", "SELECT again FROM above", "SELECT a.id FROM above a JOIN notes n ON n.note = a.again",
    "SELECT DISTINCT code FROM above", "SELECT max(id) FROM above GROUP BY code", "SELECT sum(total) FROM paid", "TABLE paid",
    "SELECT count(*) FROM (SELECT code FROM above)", "SELECT id FROM notes WHERE note IN (SELECT code FROM above)",
    "SELECT * FROM above NATURAL JOIN known", "SELECT id FROM above UNION SELECT length(code) FROM above", "COPY above TO STDOUT",
    "SELECT EXISTS (SELECT code FROM above)", "SELECT c FROM twice", "SELECT length(b) FROM twice",
    # beneath, it decides about rows
    "SELECT id FROM few", "SELECT count(*) FROM few", "SELECT id FROM ranked", "SELECT id FROM joined", "SELECT team FROM badges",
    "SELECT count(*) FROM all_paid", "SELECT id FROM asked", "SELECT id FROM windowed", "SELECT id FROM aliased",
]


@pytest.mark.parametrize("sql", BESIDE_IT)
def test_a_view_beside_a_denied_column(denied, sql):
    said = answer(denied, "ana@acme", sql)
    assert "HATI_ERR" not in said and said == answer(denied, "owner@acme", sql)


@pytest.mark.parametrize("sql", OF_IT)
def test_a_denied_column_through_a_view(denied, sql):
    said = answer(denied, "ana@acme", sql)
    assert said.startswith("42501\na view or function in this statement uses a column") and "badge" not in said, said


def test_a_view_that_fails_on_a_denied_value_fails_for_nobody_else(denied):
    """1 / (pay - 2020) is an error on the engine for one row, and nothing where nobody reads it."""
    assert "HATI_ERR_400_DIVISION" in answer(denied, "owner@acme", "SELECT part FROM known")
    assert "HATI_ERR" not in answer(denied, "ana@acme", "SELECT id, team FROM known")


@pytest.mark.parametrize("sql,at", [
    ("SELECT name, badge FROM staff", "badge"), ("SELECT name FROM staff WHERE id = 1 AND s.pay > 3", None),
    ("SELECT name FROM staff s WHERE id = 1 AND s.pay > 3", "s.pay"), ("SELECT * FROM staff", "* FROM"),
    ("SELECT id, v.tag FROM staff_view v", "v.tag"), ("INSERT INTO staff (id, badge) VALUES (9, 'B')", "badge"),
    ("UPDATE staff SET name = 'x', badge = 'y'", "badge"), ("SELECT count(*) FROM few", None),
    ("SELECT id FROM (SELECT id, upper(badge) AS b FROM staff) q WHERE b = 'x'", "badge"),
])
def test_a_refusal_points_at_the_column(denied, sql, at):
    """In characters, as psql shows it; at nothing that only a view names."""
    with denied.connect("dev@acme") as conn, pytest.raises(psycopg.Error) as e:
        conn.execute("/* \u00e9 */ " + sql)
    place = e.value.diag.statement_position
    if at is None:
        assert place is None or e.value.diag.sqlstate != "42501"
    else:
        assert int(place) == len("/* \u00e9 */ ") + sql.index(at) + 1, e.value.diag.message_primary


LAUNDER = [
    "CREATE TABLE loot AS SELECT badge FROM staff",
    "INSERT INTO notes SELECT id, badge FROM staff",
    "INSERT INTO notes SELECT max(id), max(badge) FROM staff",
    "INSERT INTO notes VALUES (1, (SELECT badge FROM staff WHERE id = 1))",
    "UPDATE notes SET note = s.badge FROM staff s WHERE s.id = notes.id",
    "UPDATE staff SET name = badge",
    "UPDATE staff SET name = badge RETURNING name",
    "UPDATE staff SET name = name WHERE id = 1 RETURNING badge",
    "UPDATE staff SET name = name WHERE id = 1 RETURNING *",
    "DELETE FROM staff WHERE id = 99 RETURNING pay",
    "MERGE INTO notes USING staff ON notes.id = staff.id WHEN MATCHED THEN UPDATE SET note = staff.badge",
    "MERGE INTO notes USING staff ON notes.id = staff.id WHEN NOT MATCHED THEN INSERT VALUES (staff.id, staff.badge)",
    "INSERT INTO staff SELECT id, badge, team, NULL, NULL FROM staff",
]


@pytest.mark.parametrize("sql", LAUNDER)
def test_nothing_is_written_elsewhere(denied, hidden, sql):
    for server in (denied, hidden):
        assert "42501" in refused(server, "dev@acme", sql)
        with server.connect("owner@acme") as conn:
            assert conn.execute("SELECT count(*) FROM notes WHERE note LIKE 'B-%'").fetchone() == (1,)
            assert conn.execute("SELECT name FROM staff ORDER BY id").fetchall() == [("Ann",), ("Bob",), ("Cyd",), ("Dan",)]


def test_a_denied_column_is_not_written_either(denied):
    for sql in ("INSERT INTO staff VALUES (9, 'Zoe', 'sales', 'B-1', 1)", "UPDATE staff SET badge = 'x' WHERE id = 1",
                "CREATE VIEW mine AS SELECT badge FROM staff", "ALTER TABLE staff RENAME badge TO b",
                "DELETE FROM staff WHERE badge = 'B-7734'"):
        assert refused(denied, "dev@acme", sql).startswith("42501"), sql
    with denied.connect("dev@acme") as conn:
        conn.execute("INSERT INTO staff (id, name, team) VALUES (9, 'Zoe', 'sales')")
        conn.execute("DELETE FROM staff WHERE id = 9")


def test_a_view_of_it_is_decided_for_who_reads_it(hidden):
    with hidden.connect("dev@acme") as conn:
        conn.execute("CREATE VIEW mine AS SELECT id, badge FROM staff")
    assert "shown to you" in refused(hidden, "dev@acme", "SELECT badge FROM mine")
    with hidden.connect("owner@acme") as conn:
        assert conn.execute("SELECT badge FROM mine WHERE id = 1").fetchone() == ("B-7734",)
        conn.execute("DROP VIEW mine")


def test_explain_says_the_rule(denied, hidden):
    with hidden.connect("ana@acme") as conn:
        lines = [r[0] for r in conn.execute("EXPLAIN SELECT name FROM staff WHERE pay > 1")]
    assert "  Column pay is not shown, nor what is made of it" in lines
    assert "42501" in refused(denied, "ana@acme", "EXPLAIN SELECT name FROM staff WHERE pay > 1")


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    rule = {"function": "deny"}
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(serve(tmp_path_factory.mktemp(f"twin{i}"), staff, rule, rule))
               for i, staff in enumerate((STAFF, OTHER_STAFF))]


@pytest.mark.parametrize("sql", PROJECTIONS + LOOKS + FREE + BESIDE_IT + OF_IT)
def test_denied_columns_may_be_anything(twins, sql):
    assert answer(twins[0], "ana@acme", sql) == answer(twins[1], "ana@acme", sql)


def test_which_the_owner_sees(twins):
    assert len({answer(server, "owner@acme", "SELECT badge, pay FROM staff") for server in twins}) == 2
