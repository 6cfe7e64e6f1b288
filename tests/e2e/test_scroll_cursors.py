"""Cursors that go back: every direction of FETCH and MOVE, from every place, as in a real PostgreSQL."""
import itertools

import psycopg
import pytest

from postgres import MISSING, Postgres, programs

DIRECTIONS = ["NEXT", "PRIOR", "FIRST", "LAST", "ABSOLUTE 2", "ABSOLUTE -2", "ABSOLUTE 0", "ABSOLUTE 9", "ABSOLUTE -9", "RELATIVE 1",
              "RELATIVE -2", "RELATIVE 0", "2", "-2", "0", "ALL", "FORWARD", "FORWARD 2", "FORWARD 0", "FORWARD -1", "FORWARD ALL",
              "BACKWARD", "BACKWARD 2", "BACKWARD 0", "BACKWARD -1", "BACKWARD ALL"]


@pytest.fixture(scope="module")
def both(server):
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as peer, peer.connect("postgres") as theirs, \
            server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as ours:
        for connection in (ours, theirs):
            connection.autocommit = False
        yield ours, theirs


def said(connection, statement):
    cursor = connection.execute(statement)
    return cursor.fetchall() if cursor.description else None, cursor.statusmessage


def walk(connection, rows, steps):
    connection.execute(f"DECLARE c SCROLL CURSOR FOR SELECT n, 'r' || n FROM generate_series(1, {rows}) AS g(n) ORDER BY n")
    answers = [said(connection, step) for step in steps]
    connection.execute("CLOSE c")
    return answers


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_every_two_steps(both, rows):
    for first, second in itertools.product(DIRECTIONS, DIRECTIONS):
        steps = [f"MOVE {first} IN c", f"FETCH {second} IN c", "FETCH RELATIVE 0 IN c"]
        assert walk(both[0], rows, steps) == walk(both[1], rows, steps), steps


def test_with_hold_and_binary(both):
    for connection in both:
        connection.commit()
        connection.execute("DECLARE h SCROLL CURSOR WITH HOLD FOR VALUES (1), (2), (3)")
        connection.commit()
        assert said(connection, "FETCH LAST IN h")[0] == [(3,)] and said(connection, "FETCH PRIOR IN h")[0] == [(2,)]
        connection.execute("CLOSE h")
        with connection.cursor("named", scrollable=True) as cursor:
            cursor.execute("SELECT n FROM generate_series(1, 5) AS g(n) ORDER BY n")
            assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
            cursor.scroll(-2)
            assert cursor.fetchone() == (2,)
            cursor.scroll(4, mode="absolute")
            assert cursor.fetchall() == [(5,)]
        connection.rollback()


def test_their_rows_are_bounded(server):
    with server.connect("owner@acme", options="'-c hatidata.dialect=duckdb'") as conn:
        conn.autocommit = False
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="more than a session keeps"):
            conn.execute("DECLARE c SCROLL CURSOR FOR SELECT repeat('x', 1000) FROM range(100000)")
        conn.rollback()
        conn.execute("DECLARE c CURSOR FOR SELECT range FROM range(3)")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="only goes forward"):
            conn.execute("FETCH PRIOR IN c")
        conn.rollback()
        for _ in range(5):  # what a closed one kept is free again
            conn.execute("DECLARE c SCROLL CURSOR FOR SELECT repeat('x', 1000) FROM range(40000)")
            conn.execute("CLOSE c")
