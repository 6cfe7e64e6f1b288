"""Row rules of single commands, with conditions of their own for new rows, and of which one must hold. What PostgreSQL
gives under the same policies is compared by tests/rowsecurity; here is what has no peer there, or no key."""
import pytest

from harness import Server, make_installation
from security_data import answer

ROWS = [(1, "sales", "open", 1), (2, "sales", "shut", 2), (3, "legal", "open", 3), (4, "legal", "shut", 4)]


def rule(**fields):
    return {"table": "public.deal", "exempt_roles": ["owner"], **fields}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("commands") / "data")
    inst.add_user("acme", "developer", "dev", "--attribute", "team=sales")
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE deal (id int PRIMARY KEY, team text, state text, price int)")
        yield server


@pytest.fixture
def under(server):
    def set_rules(*rules):
        server.installation.set_policy("acme", {"name": "deals", "type": "row_level_security", "rules": list(rules)})
        with server.connect("owner@acme") as conn:
            conn.execute("DELETE FROM deal")
            for row in ROWS:
                conn.execute("INSERT INTO deal VALUES (%s, %s, %s, %s)", row)
        return lambda sql: answer(server, "dev@acme", sql)
    return set_rules


def rows(server):
    with server.connect("owner@acme") as conn:
        return conn.execute("SELECT * FROM deal ORDER BY id").fetchall()


SEEN = rule(filter="TRUE", commands=["select"], combine="any")
OWN = rule(filter="team = '{team}'", check="team = '{team}' AND price > 0", commands=["update"], combine="any")
ADDED = rule(check="state = 'open'", commands=["insert"], combine="any")


def test_each_command_has_its_own(server, under):
    dev = under(SEEN, OWN, ADDED)
    assert dev("SELECT count(*) FROM deal") == "[(4,)]"
    assert dev("UPDATE deal SET price = price + 1") == "UPDATE 2"
    assert rows(server)[2:] == ROWS[2:]
    assert dev("UPDATE deal SET team = 'legal' WHERE id = 1").startswith("42501")
    assert dev("UPDATE deal SET price = -1").startswith("42501")
    assert dev("DELETE FROM deal") == "DELETE 0"  # no rule of `any` is of delete
    assert dev("INSERT INTO deal VALUES (5, 'legal', 'open', -5)") == "INSERT 0 1"
    assert dev("INSERT INTO deal VALUES (6, 'sales', 'shut', 5)").startswith("42501")
    assert [r[0] for r in rows(server)] == [1, 2, 3, 4, 5]


CONFLICT = "INSERT INTO deal VALUES ({}, 'sales', 'open', {}) ON CONFLICT (id) DO UPDATE SET {}"


@pytest.mark.parametrize("id, price, sets, said", [
    (1, 7, "price = excluded.price", "INSERT 0 1"),
    (9, 7, "price = excluded.price", "INSERT 0 1"),
    (3, 7, "price = excluded.price", "42501"),                             # may be seen and not be changed
    (3, 7, "price = excluded.price WHERE deal.id < 3", "INSERT 0 0"),      # and isn't
    (1, -7, "price = excluded.price", "42501"),                            # the row to be
    (1, 7, "team = 'legal'", "42501"), (1, 7, "team = excluded.team, price = deal.price + 1", "INSERT 0 1"),
    (1, 7, "team = DEFAULT", "0A000"), (1, 7, "team = (SELECT 'sales')", "0A000")])
def test_what_a_conflict_changes(server, under, id, price, sets, said):
    dev = under(SEEN, OWN, ADDED)
    got = dev(CONFLICT.format(id, price, sets))
    assert got.startswith(said), got
    before = {r[0]: r for r in ROWS}
    for row in rows(server):
        assert row[1] == before.get(row[0], row)[1] and row[3] > 0
    if said[0] != "I":
        assert rows(server) == ROWS


def test_a_conflict_does_not_tell_of_a_hidden_row(under):
    dev = under(rule(filter="team = '{team}'"))
    for id in (3, 9):
        assert "covers rows that are hidden" in dev(CONFLICT.format(id, 1, "price = 1"))
    # the new row need not be one that may be seen: a key could be that of a hidden row
    dev = under(rule(filter="id < 3", commands=["select"]))
    for sql in ("INSERT INTO deal VALUES (3, 'x', 'open', 1)", "UPDATE deal SET id = 3 WHERE id = 1"):
        assert "covers rows that are hidden" in dev(sql), sql


@pytest.mark.parametrize("sql, said, left", [
    ("WHEN MATCHED THEN UPDATE SET price = 5", "42501", 4), ("WHEN MATCHED AND t.team = 'sales' THEN UPDATE SET price = 5", "MERGE 1", 4),
    ("WHEN MATCHED THEN DELETE", "42501", 4), ("WHEN MATCHED AND t.id > 9 THEN DELETE", "MERGE 0", 4),
    ("WHEN MATCHED AND t.team = 'sales' THEN UPDATE SET price = -5", "42501", 4),
    ("WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'legal', 'open', 1)", "MERGE 1", 5),
    ("WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'legal', 'shut', 1)", "42501", 4)])
def test_merge_fails_where_its_branch_may_not(server, under, sql, said, left):
    dev = under(SEEN, OWN, ADDED)
    got = dev("MERGE INTO deal t USING (VALUES (1), (3), (9)) AS s(id) ON t.id = s.id " + sql)
    assert got.startswith(said), got
    assert len(rows(server)) == left and all(r[3] > 0 for r in rows(server))


def test_one_of_any_and_all_of_all(under):
    dev = under(rule(filter="team = 'sales'", combine="any"), rule(filter="price = 4", combine="any"), rule(filter="state = 'shut'"))
    assert dev("SELECT id FROM deal ORDER BY id") == "[(2,), (4,)]"


def test_whom_no_rule_lists_sees_nothing(under):
    dev = under(rule(filter="TRUE", combine="any", agents=["another"]))
    assert dev("SELECT id FROM deal") == "[]"
    assert under(rule(filter="FALSE", agents=["another"]))("SELECT count(*) FROM deal") == "[(4,)]"


def test_a_check_that_does_not_fit_denies_writes_alone(under):
    dev = under(rule(filter="TRUE", check="nosuch = 1"))
    assert dev("SELECT count(*) FROM deal") == "[(4,)]"
    assert dev("UPDATE deal SET price = 1").startswith("42501")


def test_explain_policy_shows_both(server, under):
    under(rule(filter="team = 'a'", check="team = 'b'", combine="any"))
    server.installation.set_policy("acme", {"name": "deals", "type": "row_level_security", "rules": [
        {"table": "public.deal", "filter": "team = 'a'", "check": "team = 'b'", "combine": "any"}]})
    with server.connect("owner@acme") as conn:
        told = {(r[2], r[4]) for r in conn.execute("EXPLAIN POLICY UPDATE deal SET price = 1").fetchall()}
    assert {("filter (any)", "team = 'a'"), ("check (any)", "team = 'b'")} <= told
