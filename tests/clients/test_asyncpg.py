"""asyncpg, beyond tests/e2e/test_asyncpg.py: nested transactions, server settings, cursors, many rows at once."""
import asyncio
import datetime
import json
import ssl

import asyncpg
import pytest


def run(server, body, **settings):
    async def go():
        p = server.installation.principals["owner@acme"]
        c = await asyncpg.connect(host="localhost", port=server.port, user=p.user, password=p.key, database="hatidata",
                                  ssl=ssl.create_default_context(cafile=str(server.installation.ca)),
                                  server_settings={"hatidata.dialect": "postgres", **settings})
        try:
            await body(c)
        finally:
            await c.close()
    asyncio.run(go())


def test_nested_transactions(server):
    async def body(c):
        await c.execute("CREATE TABLE async_nested (a int)")
        async with c.transaction():
            with pytest.raises(asyncpg.DivisionByZeroError):
                async with c.transaction():
                    await c.fetch("SELECT 1 / 0")
            await c.execute("INSERT INTO async_nested VALUES (1)")
        async with c.transaction(readonly=True, isolation="repeatable_read"):
            assert await c.fetchval("SELECT count(*) FROM async_nested") == 1
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with c.transaction(readonly=True):
                await c.execute("INSERT INTO async_nested VALUES (2)")
        await c.execute("DROP TABLE async_nested")
    run(server, body)


def test_settings(server):
    async def body(c):
        assert c.get_settings().TimeZone == "America/New_York"
        at = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)
        assert await c.fetchval("SELECT $1::timestamptz", at) == at
        assert await c.fetchval("SELECT '2024-07-01 08:00:00'::timestamptz") == at
        await c.execute("SET TIME ZONE 'UTC'")
        assert c.get_settings().TimeZone == "UTC"
    run(server, body, timezone="America/New_York", jit="off", application_name="tests")


def test_many_rows(server):
    async def body(c):
        await c.execute("CREATE TABLE async_rows (a int, b text)")
        await c.executemany("INSERT INTO async_rows VALUES ($1, $2)", [(i, str(i)) for i in range(100)])
        async with c.transaction():
            cursor = await c.cursor("SELECT a FROM async_rows ORDER BY a")
            assert [r["a"] for r in await cursor.fetch(10)] == list(range(10))
            await cursor.forward(5)
            assert (await cursor.fetchrow())["a"] == 15
        await c.execute("DROP TABLE async_rows")
    run(server, body)


def test_values_within_values(server):
    """asyncpg gives JSON as text unless it is told how to read it; records it reads by itself."""
    async def body(c):
        assert await c.fetchval("SELECT {'a': 1}") == '{"a":1}'
        await c.set_type_codec("json", encoder=lambda v: json.dumps(v).encode(), decoder=json.loads, schema="pg_catalog", format="binary")
        row = await c.fetchrow("SELECT {'a': 1, 'b': 'x'}, MAP {'k': DATE '2024-02-29'}, [[1, 2], [3]], [{'x': 1}, NULL],"
                               " ROW(1, 'a b', NULL::int, 0.5::float8, ROW(2))")
        assert list(row[:4]) == [{"a": 1, "b": "x"}, {"k": "2024-02-29"}, [[1, 2], [3]], [{"x": 1}, None]]
        assert tuple(row[4]) == (1, "a b", None, 0.5, (2,))  # of arrays in a record it knows nothing, of PostgreSQL's neither
        assert [tuple(r) for r in await c.fetchval("SELECT ARRAY[ROW(1, 'a'), ROW(2, 'b')]")] == [(1, "a"), (2, "b")]
        for kind, value in [("STRUCT(a int, b text)", {"a": 1, "b": "é"}), ("MAP(text, int)", {"k": None}), ("int[][]", [[1], [2, 3]]),
                            ("STRUCT(x int)[]", [{"x": 1}, None]), ("UNION(n int, t text)", {"t": "x"})]:
            assert await c.fetchval(f"SELECT $1::{kind}", value) == value
        await c.execute("CREATE TABLE async_values (id int, s STRUCT(a int), l int[][])")
        await c.copy_records_to_table("async_values", records=[(1, {"a": 1}, [[1], []]), (2, None, None)])
        assert [tuple(r) for r in await c.fetch("SELECT * FROM async_values ORDER BY id")] == [(1, {"a": 1}, [[1], []]), (2, None, None)]
        await c.execute("DROP TABLE async_values")
    run(server, body)
