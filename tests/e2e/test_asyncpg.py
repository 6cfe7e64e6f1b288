"""asyncpg: binary protocol throughout, prepared statements, cursors, COPY."""
import asyncio
import datetime as dt
import decimal
import ssl
import uuid

import asyncpg
import pytest


def run(server, work, who="owner@acme"):
    async def go():
        p = server.installation.principals[who]
        context = ssl.create_default_context(cafile=str(server.installation.ca))
        conn = await asyncpg.connect(host="localhost", port=server.port, user=p.user, password=p.key,
                                     database="hatidata", ssl=context, timeout=20,
                                     server_settings={"hatidata.dialect": "postgres"})
        try:
            return await work(conn)
        finally:
            await conn.close()
    return asyncio.run(go())


VALUES = [("bool", True), ("int2", 7), ("int4", -1), ("int8", 2**62), ("float8", 0.1),
          ("numeric", decimal.Decimal("12.340")), ("text", "é"), ("bytea", b"\x00x"),
          ("date", dt.date(2024, 2, 29)), ("time", dt.time(1, 2, 3, 4)),
          ("timestamp", dt.datetime(2024, 1, 1, 1, 1, 1, 1)),
          ("timestamptz", dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)),
          ("interval", dt.timedelta(days=1, seconds=2)), ("uuid", uuid.uuid4())]


@pytest.mark.parametrize("sql_type,value", VALUES, ids=[t for t, _ in VALUES])
def test_values_both_ways(server, sql_type, value):
    async def work(conn):
        return await conn.fetchval(f"SELECT $1::{sql_type}", value)
    assert run(server, work) == value


def test_text_array(server):
    """Other arrays need asyncpg's type introspection: tests/clients."""
    async def work(conn):
        return await conn.fetchval("SELECT $1::text[]", ["a", None, "", "b,c", '"'])
    assert run(server, work) == ["a", None, "", "b,c", '"']


def test_cursor_in_transaction(server):
    async def work(conn):
        got = []
        async with conn.transaction():
            async for row in conn.cursor("SELECT i FROM range(1000) AS r(i)", prefetch=100):
                got.append(row["i"])
        return got
    assert run(server, work) == list(range(1000))


def test_error_and_recover(server):
    async def work(conn):
        with pytest.raises(asyncpg.UndefinedTableError):
            await conn.fetch("SELECT * FROM no_such_table")
        with pytest.raises(asyncpg.PostgresSyntaxError):
            await conn.fetch("SELECT FROM WHERE")
        return await conn.fetchval("SELECT 1")
    assert run(server, work) == 1


def test_copy_records(server):
    async def work(conn):
        await conn.execute("CREATE TABLE apg_copy (a int4, b text)")
        await conn.copy_records_to_table("apg_copy", records=[(i, str(i)) for i in range(1000)])
        n = await conn.fetchval("SELECT count(*) FROM apg_copy")
        await conn.execute("DROP TABLE apg_copy")
        return n
    assert run(server, work) == 1000


def test_cancel_by_timeout(server):
    async def work(conn):
        with pytest.raises(asyncio.TimeoutError):
            await conn.fetch("SELECT count(*) FROM range(100000000000) AS a(i) WHERE i % 3 = 1",
                             timeout=1)
        return await conn.fetchval("SELECT 2")
    assert run(server, work) == 2
