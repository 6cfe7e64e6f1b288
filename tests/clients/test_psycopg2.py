"""psycopg2, which writes parameters into the text itself."""
import datetime
import decimal
import uuid

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import pytest


@pytest.fixture
def conn(server):
    c = psycopg2.connect(server.conninfo("owner@acme", options="'-c hatidata.dialect=postgres'"))
    yield c
    c.close()


def test_values(conn):
    psycopg2.extras.register_uuid(conn_or_curs=conn)
    values = [7, 1 << 40, "é'\\", True, None, 0.1, decimal.Decimal("1.50"), datetime.date(2024, 2, 29),
              datetime.datetime(2024, 2, 29, 12, 0, 0, 1), datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc),
              datetime.time(1, 2, 3), datetime.timedelta(days=1, seconds=2), [1, 2, None], ["a", 'b"c,']]
    types = ["int", "bigint", "text", "bool", "text", "float8", "numeric(10,2)", "date", "timestamp", "timestamptz", "time",
             "interval", "int[]", "text[]"]
    with conn.cursor() as c:
        c.execute("SELECT " + ", ".join(f"%s::{t}" for t in types), values)
        assert list(c.fetchone()) == values
        c.execute("SELECT %s, %s", [psycopg2.Binary(b"\x00\xff'\\A"), uuid.UUID(int=5)])
        b, u = c.fetchone()
        assert bytes(b) == b"\x00\xff'\\A" and u == uuid.UUID(int=5)
        c.execute("SELECT %s::json", [psycopg2.extras.Json({"k": [1]})])
        assert c.fetchone()[0] == {"k": [1]}


def test_transactions_and_savepoints(conn):
    with conn.cursor() as c:
        c.execute("CREATE TABLE old_driver (a int)")
    conn.commit()
    with conn.cursor() as c:
        c.execute("SAVEPOINT s")
        with pytest.raises(psycopg2.errors.UndefinedColumn):
            c.execute("SELECT nothing_like_it FROM old_driver")
        c.execute("ROLLBACK TO SAVEPOINT s")
        c.execute("INSERT INTO old_driver VALUES (1)")
        c.execute("RELEASE SAVEPOINT s")
    conn.commit()
    with conn.cursor() as c:
        c.execute("INSERT INTO old_driver VALUES (2)")
        c.execute("SAVEPOINT s")
        c.execute("INSERT INTO old_driver VALUES (3)")
        with pytest.raises(psycopg2.errors.FeatureNotSupported, match="written before the savepoint"):
            c.execute("ROLLBACK TO SAVEPOINT s")
    conn.rollback()
    conn.set_session(readonly=True)
    with conn.cursor() as c:
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            c.execute("INSERT INTO old_driver VALUES (4)")
    conn.rollback()
    conn.set_session(readonly=False)
    with conn.cursor() as c:
        c.execute("SELECT array_agg(a ORDER BY a) FROM old_driver")
        assert c.fetchone()[0] == [1]
        c.execute("DROP TABLE old_driver")
    conn.commit()


def test_isolation_levels(conn):
    for level in (psycopg2.extensions.ISOLATION_LEVEL_READ_COMMITTED, psycopg2.extensions.ISOLATION_LEVEL_REPEATABLE_READ):
        conn.set_session(isolation_level=level)
        with conn.cursor() as c:
            c.execute("SHOW transaction_isolation")
            assert c.fetchone()[0] == "repeatable read"
        conn.rollback()
    conn.set_session(isolation_level=psycopg2.extensions.ISOLATION_LEVEL_SERIALIZABLE)
    with conn.cursor() as c, pytest.raises(psycopg2.errors.FeatureNotSupported):
        c.execute("SELECT 1")


def test_named_cursor(conn):
    with conn.cursor("named") as c:
        c.itersize = 7
        c.execute("SELECT i FROM range(20) AS r(i) ORDER BY i")
        assert [row[0] for row in c] == list(range(20))


def test_copy(conn):
    import io
    with conn.cursor() as c:
        c.execute("CREATE TABLE old_copy (a int, b text)")
        c.copy_expert("COPY old_copy FROM STDIN (FORMAT csv, HEADER true)", io.StringIO('a,b\n1,"x,y"\n2,\n'))
        out = io.StringIO()
        c.copy_expert("COPY (SELECT * FROM old_copy ORDER BY a) TO STDOUT (FORMAT csv, FORCE_QUOTE (b))", out)
        assert out.getvalue() == '1,"x,y"\n2,\n'
    conn.rollback()


def test_cancel(server, conn):
    import threading
    started = threading.Event()

    def stop():
        started.wait()
        while not done.is_set():
            conn.cancel()
            done.wait(0.1)
    done = threading.Event()
    t = threading.Thread(target=stop)
    t.start()
    with conn.cursor() as c, pytest.raises(psycopg2.errors.QueryCanceled):
        started.set()
        c.execute("SELECT count(*) FROM range(100000000000) AS r(i)")
    done.set()
    t.join()


def test_a_zone(server):
    with psycopg2.connect(server.conninfo("owner@acme", options="'-c hatidata.dialect=postgres -c TimeZone=America/New_York'")) as c:
        assert c.get_parameter_status("TimeZone") == "America/New_York"
        with c.cursor() as k:
            k.execute("SELECT '2024-07-01 12:00:00+00'::timestamptz, '2024-07-01 12:00:00'::timestamptz")
            there, local = k.fetchone()
            assert there.utcoffset() == datetime.timedelta(hours=-4) and there.hour == 8 and local.hour == 12
            k.execute("SET TIME ZONE 'UTC'")
        assert c.get_parameter_status("TimeZone") == "UTC"
        c.rollback()
        assert c.get_parameter_status("TimeZone") == "America/New_York"
    c.close()


def test_values_within_values(conn):
    with conn.cursor() as c:
        c.execute("SELECT {'a': 1, 'b': 'x'}, MAP {'k': DATE '2024-02-29'}, [[1, 2], [3]], [{'x': 1}, NULL], ROW(1, 'a b')")
        assert c.fetchone() == ({"a": 1, "b": "x"}, {"k": "2024-02-29"}, [[1, 2], [3]], [{"x": 1}, None], '(1,"a b")')
    conn.rollback()
