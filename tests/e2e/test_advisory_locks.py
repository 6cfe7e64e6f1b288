"""Advisory locks as a real PostgreSQL's: the same steps of two sessions there and here."""
import contextlib
import threading
import time

import psycopg
import pytest

from postgres import MISSING, Postgres, programs

POSTGRES = "'-c hatidata.dialect=postgres'"


@pytest.fixture(scope="module")
def peer():
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as p:
        yield p


@pytest.fixture
def sides(server, peer):
    """Opens sessions on either server."""
    with contextlib.ExitStack() as stack:
        def opener(connect):
            def open_one(**kw):
                connection = stack.enter_context(connect(**kw))
                connection.autocommit = True
                return connection
            return open_one
        yield (opener(lambda **kw: server.connect(kw.get("who", "owner@acme"), options=POSTGRES)),
               opener(lambda **kw: peer.connect("postgres")))


def run(connection, sql, params=None):
    try:
        cursor = connection.execute(sql, params)
        return cursor.fetchall() if cursor.description else cursor.statusmessage
    except psycopg.Error as e:
        return e.sqlstate


SCRIPT = [  # who does what
    (0, "SELECT pg_advisory_lock(1)"), (0, "SELECT pg_advisory_lock(1)"),
    (1, "SELECT pg_try_advisory_lock(1)"), (1, "SELECT pg_try_advisory_lock_shared(1)"), (1, "SELECT pg_try_advisory_lock(0, 1)"),
    (0, "SELECT pg_advisory_unlock(1)"), (1, "SELECT pg_try_advisory_lock(1)"), (0, "SELECT pg_advisory_unlock(1)"),
    (0, "SELECT pg_advisory_unlock(1)"), (1, "SELECT pg_try_advisory_lock(1) AS got"),
    (0, "SELECT pg_try_advisory_lock(0, 1), pg_try_advisory_lock(0, 2)"),
    (1, "SELECT pg_advisory_unlock_all()"), (0, "SELECT pg_try_advisory_lock(1)"), (0, "SELECT pg_advisory_unlock_all()"),
    (0, "SELECT pg_advisory_lock_shared(5)"), (1, "SELECT pg_try_advisory_lock_shared(5)"),
    (1, "SELECT pg_try_advisory_lock(5)"), (0, "SELECT pg_advisory_unlock_shared(5)"), (0, "SELECT pg_advisory_unlock(5)"),
    (1, "SELECT pg_try_advisory_lock(5)"), (1, "SELECT pg_advisory_unlock_all()"),
    (0, "SELECT pg_try_advisory_xact_lock(7)"), (1, "SELECT pg_try_advisory_lock(7)"), (1, "SELECT pg_advisory_unlock(7)"),
    (0, "BEGIN"), (0, "SELECT pg_advisory_xact_lock(7), pg_advisory_xact_lock_shared(1, 2)"), (1, "SELECT pg_try_advisory_lock(7)"),
    (1, "SELECT pg_try_advisory_xact_lock_shared(1, 2)"), (0, "SELECT pg_advisory_unlock(7)"), (0, "SELECT pg_advisory_unlock_all()"),
    (1, "SELECT pg_try_advisory_lock(7)"), (0, "COMMIT"), (1, "SELECT pg_try_advisory_lock(7)"), (1, "SELECT pg_advisory_unlock(7)"),
    (0, "BEGIN"), (0, "SELECT pg_advisory_lock(8)"), (0, "SELECT pg_advisory_xact_lock(9)"), (0, "SELECT 1 / 0"), (0, "ROLLBACK"),
    (1, "SELECT pg_try_advisory_lock(8)"), (1, "SELECT pg_try_advisory_lock(9)"), (0, "DISCARD ALL"),
    (1, "SELECT pg_try_advisory_lock(8)"), (1, "SELECT pg_advisory_unlock_all()"),
    (0, "SELECT pg_advisory_lock(NULL)"), (0, "SELECT pg_try_advisory_lock(NULL, 1)"), (0, "SELECT pg_advisory_lock(9223372036854775807)"),
    (1, "SELECT pg_try_advisory_lock(9223372036854775807)"), (0, "SELECT pg_advisory_lock(-1)"), (1, "SELECT pg_try_advisory_lock(-1)"),
    (0, "SELECT pg_advisory_unlock_all()"),
    (0, "SET lock_timeout = '50ms'"), (1, "SELECT pg_advisory_lock(11)"), (0, "SELECT pg_advisory_lock(11)"),
    (0, "SELECT pg_try_advisory_lock(12)"), (0, "SET lock_timeout = 0; SET statement_timeout = '50ms'"),
    (0, "SELECT pg_advisory_lock(11)"), (1, "SELECT pg_advisory_unlock(11)"), (0, "SELECT pg_advisory_lock(11)"),
]


def test_the_same_steps(sides):
    ours, theirs = ([run((a, b)[who], sql) for who, sql in SCRIPT] for a, b in ([side(), side()] for side in sides))
    assert list(zip(SCRIPT, ours)) == list(zip(SCRIPT, theirs))


def test_parameters_in_both_protocols(sides):
    for side in sides:
        a, b = side(), side()
        assert run(a, "SELECT pg_try_advisory_lock(%s)", (77,)) == [(True,)]
        assert run(b, "SELECT pg_try_advisory_lock(%s)", (77,)) == [(False,)]
        cursor = b.execute("SELECT pg_try_advisory_lock(%s, %s)", (7, 7), binary=True)
        assert cursor.fetchall() == [(True,)]


def waiting(connection, sql):
    """Runs it in a thread; gives a function that waits for its answer."""
    said = []
    thread = threading.Thread(target=lambda: said.append(run(connection, sql)))
    thread.start()

    def answer(seconds=20):
        thread.join(seconds)
        return said[0] if said else "waits"
    return answer


def test_waits_until_it_is_given_up(sides):
    for side in sides:
        a, b, c = side(), side(), side()
        run(a, "SELECT pg_advisory_lock(1)")
        second = waiting(b, "SELECT pg_advisory_lock(1)")
        assert second(0.2) == "waits"
        third = waiting(c, "BEGIN; SELECT pg_advisory_xact_lock(1); SELECT 5 AS x")
        assert third(0.2) == "waits" and run(a, "SELECT pg_advisory_unlock(1)") == [(True,)]
        assert second() == [("",)] and third(0.2) == "waits"
        b.close()  # the end of a session gives up all
        assert third() != "waits" and run(c, "COMMIT") == "COMMIT"
        assert run(a, "SELECT pg_try_advisory_lock(1)") == [(True,)]


def test_many_wait_and_the_holder_still_works(sides):
    """Whoever waits keeps no worker from others."""
    ours, _ = sides
    holder, waiters = ours(), [ours() for _ in range(20)]
    run(holder, "SELECT pg_advisory_lock(3)")
    answers = [waiting(w, "SELECT pg_advisory_lock_shared(3)") for w in waiters]
    assert all(answer(0.05) == "waits" for answer in answers)
    assert run(holder, "SELECT 1") == [(1,)]
    run(holder, "SELECT pg_advisory_unlock(3)")
    assert all(answer() == [("",)] for answer in answers)


def test_cancel_and_disconnect_end_a_wait(sides):
    for side in sides:
        a, b, c = side(), side(), side()
        run(a, "SELECT pg_advisory_lock(1)")
        second = waiting(b, "SELECT pg_advisory_lock(1)")
        assert second(0.2) == "waits"
        b.cancel()
        assert second() == "57014"
        second = waiting(b, "SELECT pg_advisory_lock(1)")
        assert second(0.2) == "waits"
        run(a, "SELECT pg_advisory_unlock(1)")
        assert second() == [("",)] and run(b, "SELECT pg_advisory_unlock(1)") == [(True,)]
        assert run(c, "SELECT pg_try_advisory_lock(1)") == [(True,)]


def test_a_circle_is_refused(sides):
    for side in sides:
        a, b = side(), side()
        run(a, "SELECT pg_advisory_lock(1)")
        run(b, "SELECT pg_advisory_lock(2)")
        second = waiting(a, "SELECT pg_advisory_lock(2)")
        assert second(0.2) == "waits"
        other = waiting(b, "SELECT pg_advisory_lock(1)")
        deadline = time.monotonic() + 20
        while "40P01" not in (second(0.1), other(0.1)) and time.monotonic() < deadline:
            pass
        loser, winner, held = (b, second, 2) if other(0) == "40P01" else (a, other, 1)
        assert winner(0) == "waits" and run(loser, f"SELECT pg_advisory_unlock({held})") == [(True,)]
        assert winner() == [("",)]


def test_no_circle_where_one_only_passes_those_who_wait(sides):
    for side in sides:
        a, b, c = side(), side(), side()
        run(a, "SELECT pg_advisory_lock_shared(1)")
        run(c, "SELECT pg_advisory_lock_shared(1)")
        writer = waiting(b, "SELECT pg_advisory_lock(1)")
        assert writer(0.2) == "waits"
        upgrade = waiting(a, "SELECT pg_advisory_lock(1)")
        assert upgrade(0.2) == "waits"
        run(c, "SELECT pg_advisory_unlock_shared(1)")
        assert upgrade() == [("",)] and writer(0.1) == "waits"
        run(a, "SELECT pg_advisory_unlock_all()")
        assert writer() == [("",)]


def test_each_organization_has_its_own(sides):
    ours, _ = sides
    a, b, other = ours(), ours(who="analyst@acme"), ours(who="owner@globex")
    run(a, "SELECT pg_advisory_lock(42)")
    assert run(b, "SELECT pg_try_advisory_lock(42)") == [(False,)]
    assert run(other, "SELECT pg_try_advisory_lock(42)") == [(True,)]
    assert run(a, "SELECT pg_advisory_unlock(42)") == [(True,)]
    assert run(other, "SELECT pg_advisory_unlock(42)") == [(True,)]


def test_locks_are_bounded(sides):
    ours, _ = sides
    a = ours()
    a.execute("; ".join(f"SELECT pg_advisory_lock({i})" for i in range(1000)))
    assert run(a, "SELECT pg_advisory_lock(1000)") == "53200"
    assert run(a, "SELECT pg_advisory_lock(999)") == [("",)]
    run(a, "SELECT pg_advisory_unlock_all()")
    assert run(a, "SELECT pg_advisory_lock(1000)") == [("",)]


def test_in_other_places_it_is_refused(sides):
    ours, _ = sides
    assert run(ours(), "SELECT 1 WHERE pg_try_advisory_lock(1)") == "0A000"
