"""pg_cancel_backend() and pg_terminate_backend(): whose sessions they reach, and what becomes of these."""
import threading

import psycopg
import pytest

from harness import eventually

LONG = "SELECT count(*) FROM range(100000000000) a(x) WHERE x % 7 = 3"


def session(server, who):
    connection = server.connect(who, options="'-c hatidata.dialect=duckdb'")
    connection.autocommit = True
    return connection


def pid(connection):
    return connection.info.backend_pid


def ask(connection, function, number):
    warned = []
    connection.add_notice_handler(lambda d: warned.append(d.message_primary))
    try:
        return connection.execute(f"SELECT {function}(%s)", (number,)).fetchone()[0], warned
    except psycopg.Error as e:
        return e.sqlstate, warned


def running(connection):
    said = []

    def run():
        try:
            connection.execute(LONG)
        except psycopg.Error as e:
            said.append(e.sqlstate)
    thread = threading.Thread(target=run)
    thread.start()
    return thread, said


@pytest.mark.parametrize("asker, who", [("analyst@acme", "analyst@acme"), ("owner@acme", "analyst@acme"), ("admin@acme", "owner@acme")])
def test_a_statement_is_cancelled(server, asker, who):
    with session(server, asker) as one, session(server, who) as other:
        thread, said = running(other)
        while thread.is_alive():
            assert ask(one, "pg_cancel_backend", pid(other))[0] is True
            thread.join(0.1)
        assert said == ["57014"]
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_an_idle_session_is_ended(server):
    with session(server, "owner@acme") as one:
        other = session(server, "analyst@acme")
        assert ask(one, "pg_catalog.pg_terminate_backend", pid(other)) == (True, [])
        with pytest.raises(psycopg.OperationalError):
            for _ in range(100):
                other.execute("SELECT 1")
        assert other.closed


def test_a_busy_session_is_ended(server):
    with session(server, "owner@acme") as one:
        other = session(server, "owner@acme")
        thread, said = running(other)
        assert ask(one, "pg_terminate_backend", pid(other)) == (True, [])
        thread.join(30)
        assert said and said[0] in ("57014", "57P01")
        with pytest.raises(psycopg.OperationalError):
            for _ in range(100):
                other.execute("SELECT 1")


def test_a_session_that_waits_for_a_lock_is_ended(server):
    with session(server, "owner@acme") as one:
        one.execute("SELECT pg_advisory_lock(4711)")
        other = session(server, "owner@acme")
        thread = threading.Thread(target=lambda: pytest.raises(psycopg.Error, other.execute, "SELECT pg_advisory_lock(4711)"))
        thread.start()
        thread.join(0.3)
        assert ask(one, "pg_terminate_backend", pid(other)) == (True, [])
        thread.join(30)
        assert not thread.is_alive()
        one.execute("SELECT pg_advisory_unlock(4711)")


def test_ones_own_sessions_are_listed(server):
    activity = "SELECT pid, state, usename = current_user, datname FROM pg_stat_activity ORDER BY pid = pg_backend_pid() DESC"
    with server.connect("owner@acme") as one, server.connect("analyst@acme") as analyst:
        other = server.connect("owner@acme")
        here, there = pid(one), pid(other)
        eventually(lambda: (there, "idle", True, "hatidata") in one.execute(activity).fetchall())
        rows = one.execute(activity).fetchall()
        assert rows[0] == (here, "active", True, "hatidata") and pid(analyst) not in [r[0] for r in rows]
        assert [r[0] for r in analyst.execute(activity).fetchall()] == [pid(analyst)]
        ended = one.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = '{there}'").fetchall()
        assert ended == [(True,)]
        eventually(lambda: there not in [r[0] for r in one.execute(activity).fetchall()])
        with pytest.raises(psycopg.Error):
            other.execute("SELECT 1")


@pytest.mark.parametrize("function", ["pg_cancel_backend", "pg_terminate_backend"])
def test_others_are_out_of_reach(server, function):
    with session(server, "analyst@acme") as one, session(server, "owner@acme") as mine, session(server, "owner@globex") as foreign:
        answers = [ask(one, function, n) for n in (pid(foreign), 2147480000, -1, 0)]
        assert [a for a, _ in answers] == [False] * 4
        assert [w[0].replace(str(n), "?") for (_, w), n in zip(answers, (pid(foreign), 2147480000, -1, 0))] == \
            ["PID ? is not a PostgreSQL server process"] * 4
        assert ask(one, function, pid(mine))[0] == "42501"
        assert ask(one, function, None)[0] is None
        for connection in (mine, foreign):
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_it_is_in_the_audit_log(server):
    with session(server, "analyst@acme") as one, session(server, "owner@acme") as other:
        assert ask(one, "pg_terminate_backend", pid(other))[0] == "42501"
        log = "SELECT count(*) FROM hatidata.audit_log WHERE sql_redacted LIKE '%terminate%' AND user_id <> '' AND "
        assert other.execute(log + "error_code = 'HATI_ERR_403_POLICY'").fetchone()[0] >= 1
        assert other.execute(log + "error_code IS NULL AND kind = 'outcome'").fetchone()[0] >= 1
