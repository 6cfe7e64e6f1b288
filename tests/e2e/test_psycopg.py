"""psycopg 3: sync, async, binary, pipeline, cursors, COPY, cancel."""
import asyncio
import datetime as dt
import decimal
import ipaddress  # noqa: F401  (psycopg adapts it; a column of text must not turn into one)
import threading
import time
import uuid

import psycopg
import pytest

VALUES = [
    ("bool", True), ("bool", False),
    ("int2", -32768), ("int4", 2147483647), ("int8", -9223372036854775808),
    ("float4", 1.5), ("float8", 0.1), ("float8", 1e300),
    ("numeric(38,10)", decimal.Decimal("1234567890.0123456789")),
    ("numeric(4,2)", decimal.Decimal("-0.01")),
    ("text", "naïve Ünïcode 𝄞 'quote' \\ \n tab\t"), ("text", ""),
    ("bytea", b"\x00\x01\xff"), ("bytea", b""),
    ("date", dt.date(2024, 2, 29)), ("date", dt.date(1, 1, 1)),
    ("time", dt.time(23, 59, 59, 999999)),
    ("timestamp", dt.datetime(1969, 12, 31, 23, 59, 59, 1)),
    ("timestamptz", dt.datetime(2024, 6, 1, 12, 0, tzinfo=dt.timezone.utc)),
    ("interval", dt.timedelta(days=3, seconds=7, microseconds=9)),
    ("uuid", uuid.UUID("12345678-1234-5678-1234-567812345678")),
    ("int4[]", [1, None, 3]), ("text[]", ["a,b", 'say "x"', "", "NULL", None]),
    ("float8[]", [1.25, -2.5]), ("date[]", [dt.date(2000, 1, 1)]), ("bool[]", [True, False]),
    ("int8[]", []),
]


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("sql_type,value", VALUES, ids=[f"{t}-{i}" for i, (t, _) in enumerate(VALUES)])
def test_values_both_ways(server, sql_type, value, binary):
    with server.connect("owner@acme") as conn:
        marker = "%b" if binary else "%t"
        cur = conn.cursor(binary=binary)
        if isinstance(value, list) and not value and not binary:
            value = []
        got = cur.execute(f"SELECT {marker}::{sql_type}", (value,)).fetchone()[0]
        assert got == value and type(got) is type(value)


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_json(server, binary):
    with server.connect("owner@acme") as conn:
        got = conn.cursor(binary=binary).execute(
            "SELECT %s::json", (psycopg.types.json.Json({"a": [1, None, "x"]}),)).fetchone()[0]
        assert got == {"a": [1, None, "x"]}


def test_nulls_of_every_type(server):
    types = sorted({t for t, _ in VALUES})
    with server.connect("owner@acme") as conn:
        for binary in (False, True):
            row = conn.cursor(binary=binary).execute(
                "SELECT " + ", ".join(f"NULL::{t}" for t in types)).fetchone()
            assert row == (None,) * len(types)


def test_described_columns_have_postgres_oids(server):
    with server.connect("owner@acme") as conn:
        cur = conn.execute("SELECT 1::int2, 1::int4, 1::int8, 1::float8, 1::numeric(10,2), 'x'::text, "
                           "DATE '2024-01-01', TRUE, NULL::uuid")
        assert [c.type_code for c in cur.description] == [21, 23, 20, 701, 1700, 25, 1082, 16, 2950]


def test_prepared_statement_survives_many_runs(server):
    with server.connect("owner@acme") as conn:
        for i in range(20):
            assert conn.execute("SELECT %s::int * 2", (i,), prepare=True).fetchone() == (2 * i,)


def test_params_in_predicates(server):
    with server.connect("owner@acme") as conn:
        n = conn.execute("SELECT count(*) FROM orders WHERE o_orderdate >= %s AND o_totalprice < %s",
                         (dt.date(1995, 1, 1), decimal.Decimal("100000.00"))).fetchone()[0]
        m = conn.execute("SELECT count(*) FROM orders WHERE o_orderdate >= DATE '1995-01-01' "
                         "AND o_totalprice < 100000.00").fetchone()[0]
        assert n == m > 0


def test_pipeline_mode_error_then_recover(server):
    with server.connect("owner@acme") as conn:
        with conn.pipeline():
            cursors = [conn.execute("SELECT %s::int", (i,)) for i in range(50)]
            assert [c.fetchone()[0] for c in cursors] == list(range(50))
        with pytest.raises(psycopg.errors.UndefinedTable):
            with conn.pipeline():
                conn.execute("SELECT 1")
                conn.execute("SELECT * FROM no_such_table")
                conn.execute("SELECT 2")
        assert conn.execute("SELECT 3").fetchone() == (3,)


def test_error_then_recover(server):
    with server.connect("owner@acme") as conn:
        with pytest.raises(psycopg.errors.SyntaxError) as info:
            conn.execute("SELEC 1")
        assert info.value.diag.statement_position == "1"
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            conn.execute("SELECT 'abc'::int")
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_transaction_commits_and_rolls_back(server):
    with server.connect("owner@acme", autocommit=False) as conn:
        conn.execute("CREATE TABLE pg_txn (a int PRIMARY KEY, b text)")
        conn.commit()
        conn.execute("INSERT INTO pg_txn VALUES (1, 'x')")
        conn.rollback()
        conn.execute("INSERT INTO pg_txn VALUES (%s, %s)", (2, "y"))
        conn.commit()
        assert conn.execute("SELECT * FROM pg_txn").fetchall() == [(2, "y")]
        with pytest.raises(psycopg.errors.UniqueViolation):
            conn.execute("INSERT INTO pg_txn VALUES (2, 'secret-value')")
        conn.rollback()
        row = conn.execute("UPDATE pg_txn SET b = 'z' WHERE a = 2 RETURNING a, b").fetchone()
        assert row == (2, "z")
        conn.execute("DELETE FROM pg_txn")
        conn.execute("DROP TABLE pg_txn")
        conn.commit()


def test_copy_binary_and_text(server):
    with server.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE pg_copy (a int8, b float8, c text, d timestamp, e numeric(12,2))")
        rows = [(i, i / 8, f"row {i}" if i % 7 else None, dt.datetime(2024, 1, 1, 0, 0, i % 60),
                 decimal.Decimal(i).scaleb(-2)) for i in range(5000)]
        for how in ("", " WITH (FORMAT binary)"):
            with conn.cursor().copy(f"COPY pg_copy FROM STDIN{how}") as copy:
                if how:
                    copy.set_types(["int8", "float8", "text", "timestamp", "numeric"])
                for row in rows:
                    copy.write_row(row)
        assert conn.execute("SELECT count(*), sum(a) FROM pg_copy").fetchone() == (
            10000, 2 * sum(r[0] for r in rows))
        with conn.cursor().copy("COPY (SELECT * FROM pg_copy ORDER BY a LIMIT 20) TO STDOUT "
                                "WITH (FORMAT binary)") as copy:
            copy.set_types(["int8", "float8", "text", "timestamp", "numeric"])
            got = list(copy.rows())
        assert got == [r for r in rows[:10] for _ in range(2)]
        conn.execute("DROP TABLE pg_copy")


def test_server_side_portal_with_row_limit(server):
    with server.connect("owner@acme") as conn:
        rows = list(conn.cursor().stream("SELECT * FROM range(5000) AS r(i)"))
        assert len(rows) == 5000 and rows[-1] == (4999,)


def test_cancel_stops_a_long_statement(server):
    with server.connect("owner@acme") as conn:
        timer = threading.Timer(0.5, conn.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute("SELECT count(*) FROM range(100000000000) AS a(i) WHERE i % 3 = 1")
        assert time.monotonic() - began < 30
        timer.join()
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_statement_timeout(server):
    with server.connect("owner@acme") as conn:
        conn.execute("SET statement_timeout = 300")
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute("SELECT count(*) FROM range(100000000000) AS a(i) WHERE i % 3 = 1")
        conn.execute("RESET statement_timeout")
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_async(server):
    async def run():
        conninfo = server.conninfo("owner@acme")
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as conn:
            async with conn.pipeline():
                cursors = [await conn.execute("SELECT %s::int", (i,)) for i in range(10)]
                return [(await c.fetchone())[0] for c in cursors]
    assert asyncio.run(run()) == list(range(10))


def test_200_clients_at_once(server):
    async def one(i):
        conninfo = server.conninfo("owner@acme")
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as conn:
            cur = await conn.execute("SELECT count(*), %s::int FROM nation", (i,))
            return await cur.fetchone()

    async def run():
        return await asyncio.gather(*(one(i) for i in range(200)))
    assert asyncio.run(run()) == [(25, i) for i in range(200)]


def test_division_by_zero_and_type_errors(server):
    with server.connect("owner@acme") as conn:
        with pytest.raises(psycopg.Error) as info:
            conn.execute("SELECT 'abc' + DATE '2024-01-01'")
        assert info.value.sqlstate
        conn.execute("SELECT 1").fetchone()


@pytest.mark.parametrize("end", ["ROLLBACK", "COMMIT"])
def test_a_prepared_end_of_a_failed_transaction(server, end):
    with server.connect("owner@acme") as conn:
        for _ in range(2):
            conn.execute("BEGIN")
            with pytest.raises(psycopg.Error):
                conn.execute("SELECT nothing_here")
            with pytest.raises(psycopg.errors.InFailedSqlTransaction):
                conn.execute("SELECT 1", prepare=True)
            conn.execute(end, prepare=True)
        assert conn.execute("SELECT 1").fetchone() == (1,)
