"""A session uses its plans again for the same text. What a plan was made under may have moved since: the
answer must be that of a plan made now."""
import re

import psycopg
import pytest

from harness import Server
from rawclient import SYNC, Raw, bind, execute, parse, query


def run(conn, sql):
    """By the simple protocol, so that nothing is prepared by the client."""
    r = conn.pgconn.exec_(sql.encode())
    if r.status not in (psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK):
        raise psycopg.errors.lookup(r.error_field(psycopg.pq.DiagnosticField.SQLSTATE).decode())(
            r.error_message.decode())
    names = [r.fname(i).decode() for i in range(r.nfields)]
    return names, [[r.get_value(i, j) for j in range(r.nfields)] for i in range(r.ntuples)]


def metric(server, name):
    return int(re.search(rf"^{name} (\d+)", server.get("/metrics")[1], re.M).group(1))


@pytest.fixture
def served(fresh):
    with Server(fresh) as s, s.connect("owner@acme") as owner:
        owner.execute("CREATE TABLE people (id INTEGER, phone VARCHAR)")
        owner.execute("INSERT INTO people VALUES (1, '555-0100')")
        yield s


def test_the_same_text_is_not_planned_again(served):
    with served.connect("analyst@acme") as conn:
        run(conn, "SELECT id FROM people")
        before = metric(served, "hatidata_plan_cache_hits_total")
        for _ in range(5):
            assert run(conn, "SELECT id FROM people")[1] == [[b"1"]]
        assert metric(served, "hatidata_plan_cache_hits_total") - before == 5


def test_a_new_policy_holds_for_a_known_text(served, fresh):
    sql = "SELECT phone FROM people"
    with served.connect("analyst@acme") as conn:
        assert run(conn, sql)[1] == [[b"555-0100"]]
        fresh.set_policy("acme", {"name": "phones", "type": "column_masking", "rules": [
            {"table": "public.people", "column": "phone", "function": "full"}]})
        assert run(conn, sql)[1] == [[b"***"]]
        fresh.run("policy", "remove", "phones", "--org", "acme")
        assert run(conn, sql)[1] == [[b"555-0100"]]


def test_a_changed_table_is_seen_by_a_known_text(served):
    with served.connect("analyst@acme") as conn, served.connect("owner@acme") as owner:
        assert run(conn, "SELECT * FROM people")[0] == ["id", "phone"]
        owner.execute("ALTER TABLE people ADD COLUMN age INTEGER")
        assert run(conn, "SELECT * FROM people")[0] == ["id", "phone", "age"]
        owner.execute("DROP TABLE people")
        with pytest.raises(psycopg.errors.UndefinedTable):
            run(conn, "SELECT * FROM people")


def test_own_change_in_an_open_transaction(served):
    with served.connect("owner@acme") as owner:
        run(owner, "SELECT * FROM people")
        run(owner, "BEGIN")
        run(owner, "ALTER TABLE people ADD COLUMN age INTEGER")
        assert run(owner, "SELECT * FROM people")[0] == ["id", "phone", "age"]
        run(owner, "ROLLBACK")
        assert run(owner, "SELECT * FROM people")[0] == ["id", "phone"]


def test_the_dialect_is_part_of_the_text(served):
    with served.connect("analyst@acme") as conn:
        names = []
        for dialect in ("postgres", "duckdb") * 2:
            run(conn, f"SET hatidata.dialect = '{dialect}'")
            names += run(conn, "SELECT * FROM generate_series(1, 1) AS g")[0]
        assert names == ["g", "generate_series"] * 2


def test_more_texts_than_plans_are_kept(served):
    with served.connect("analyst@acme") as conn:
        for _ in range(2):
            for i in range(100):
                assert run(conn, f"SELECT id + {i} FROM people")[1] == [[str(1 + i).encode()]]
        assert metric(served, "hatidata_plan_cache_entries") <= 33
    assert metric(served, "hatidata_plan_cache_entries") <= 33


def test_a_failed_run_does_not_spoil_the_next(served):
    sql = "SELECT 1 / (id - 1) FROM people"
    with served.connect("owner@acme") as owner:
        for _ in range(3):
            with pytest.raises(psycopg.Error):
                run(owner, sql)
        run(owner, "UPDATE people SET id = 3")
        assert len(run(owner, sql)[1]) == 1


@pytest.mark.parametrize("sql,sqlstate", [
    ("UPDATE people SET id = 2 WHERE phone + DATE '2024-01-01' IS NULL", "42883"),
    ("INSERT INTO people SELECT 1, -phone FROM people", "42883"),
    ("SELECT id FROM people WHERE sum(id) > 1", "42601"),
    ("SELECT * FROM soon_gone", "42P01"),
])
def test_what_failed_half_way_is_made_anew_by_the_next_run(served, sql, sqlstate):
    """Each run of a prepared statement gets the same answer: none finds what an earlier one left undone."""
    with Raw(served) as raw:
        raw.log_in("owner@acme")
        raw.ask(query("CREATE TABLE soon_gone (a int)"))
        raw.ask(parse(sql, "kept"), SYNC)
        raw.ask(query("DROP TABLE soon_gone"))
        got = [raw.ask(bind(statement="kept"), execute(), SYNC) for _ in range(3)]
        said = [next((m.fields["C"], m.fields["M"]) for m in run if m.kind == "E") for run in got if run]
        assert len(said) == 3 and len(set(said)) == 1 and said[0][0] == sqlstate, said
    assert metric(served, "hatidata_second_opinion_alerts_total") == 0


@pytest.mark.parametrize("sql", [
    "SELECT 'abc' + DATE '2024-01-01'", "SELECT 1 + TRUE", "SELECT sum('x')", "SELECT -'a'", "SELECT 1 LIMIT -1",
    "SELECT phone + id FROM people", "SELECT id FROM people GROUP BY phone", "SELECT sum(sum(id)) FROM people",
    "SELECT lower(DATE '2024-01-01')", "SELECT id[1] FROM people"])
def test_a_statement_that_the_engine_refuses_is_no_alarm(served, sql):
    with served.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as conn:
        with pytest.raises(psycopg.Error) as e:
            conn.execute(sql)
        assert e.value.sqlstate[:2] in ("42", "22") and e.value.sqlstate != "42501", str(e.value)
    assert metric(served, "hatidata_second_opinion_alerts_total") == 0


def test_a_prepared_statement_keeps_the_dialect_that_it_was_written_in(served, fresh):
    """Made anew after a change of policy, it is read as it was at first, whatever the session speaks by then."""
    with served.connect("owner@acme") as owner:
        owner.execute("CREATE TABLE ages (age INTEGER, id INTEGER)")
        owner.execute("INSERT INTO ages VALUES (30, 1)")
    with served.connect("analyst@acme") as conn:
        seen = []
        run(conn, "SET hatidata.dialect = 'duckdb'")
        conn.pgconn.prepare(b"kept", b"SELECT * FROM ages JOIN people USING (id)")
        for dialect in ("duckdb", "postgres", "snowflake"):
            run(conn, f"SET hatidata.dialect = '{dialect}'")
            fresh.set_policy("acme", {"name": "phones " + dialect, "type": "column_masking", "rules": [
                {"table": "public.people", "column": "phone", "function": "full"}]})
            r = conn.pgconn.exec_prepared(b"kept", [])
            seen.append([r.get_value(0, i) for i in range(r.nfields)])
        assert seen == [[b"30", b"1", b"***"]] * 3
        run(conn, "SET hatidata.dialect = 'postgres'")
        assert run(conn, "SELECT * FROM ages JOIN people USING (id)")[0] == ["id", "age", "phone"]
