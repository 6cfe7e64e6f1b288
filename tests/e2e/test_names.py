"""What is shown of names in the dialect `postgres`, beside a real PostgreSQL: without quotes in small letters."""
import psycopg
import pytest

from postgres import MISSING, Postgres, programs

STATEMENTS = [
    'SELECT 1 AS Total, 2 AS "Total too", 3 Foo, 4 AS ÄB',
    'CREATE TABLE Mixed (Id int PRIMARY KEY, "Name" text, CreatedAt date)',
    "SELECT * FROM mixed",
    'SELECT Id, "Name", CREATEDAT FROM MIXED',
    "INSERT INTO Mixed (ID, \"Name\") VALUES (1, 'x') RETURNING ID, \"Name\"",
    'CREATE VIEW MixedView AS SELECT Id AS TheId, "Name" AS "TheName" FROM Mixed',
    "SELECT * FROM mixedview",
    "SELECT TheId AS Key FROM MixedView",
    'SELECT row_to_json(r) FROM (SELECT Id AS Total, "Name" FROM mixed) r',
    "WITH C AS (SELECT 1 AS A) SELECT C.A, c.a AS B FROM C ORDER BY B",
    "SELECT X.N FROM (VALUES (1)) AS X(N)",
    "SELECT relname FROM pg_class WHERE relname ILIKE 'mixed%' ORDER BY 1",
    "SELECT attname FROM pg_attribute WHERE attrelid = 'mixed'::regclass AND attnum > 0 ORDER BY attnum",
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = 'mixedview' ORDER BY ordinal_position",
    "CREATE TABLE Copied AS SELECT Id AS KeyId FROM mixed",
    "SELECT * FROM copied",
    "ALTER TABLE mixed ADD COLUMN NewCol int",
    "SELECT NewCol FROM Mixed",
    "SELECT conname FROM pg_constraint WHERE conrelid = 'mixed'::regclass",
    "DROP VIEW MIXEDVIEW",
    "DROP TABLE MIXED, copied",
]


def answers(conn):
    out = []
    for sql in STATEMENTS:
        cur = conn.execute(sql)
        out.append((sql, [d.name for d in cur.description or []], cur.fetchall() if cur.description else cur.statusmessage))
    return out


def test_names_are_postgresql_s(server):
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as p, p.connect("postgres") as peer, server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as ours:
        peer.autocommit = True
        assert answers(ours) == answers(peer)


def test_what_was_written_in_another_dialect_is_found_and_shown_as_it_was(server):
    with server.connect("owner@acme", options="'-c hatidata.dialect=duckdb'") as c:
        c.execute("CREATE TABLE Elsewhere (SomeId int)")
        c.execute("INSERT INTO elsewhere VALUES (7)")
        c.execute("CREATE VIEW ElsewhereView AS SELECT SomeId AS ThisId FROM Elsewhere")
        assert [d.name for d in c.execute("SELECT SomeId AS Total FROM Elsewhere").description] == ["Total"]
    with server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as c:
        for sql, name in [("SELECT * FROM Elsewhere", "SomeId"), ("SELECT SOMEID FROM ELSEWHERE", "SomeId"), ('SELECT "SomeId" FROM elsewhere', "SomeId"),
                          ("SELECT * FROM ElsewhereView", "ThisId"), ("SELECT ThisId FROM elsewhereview", "ThisId")]:
            cur = c.execute(sql)
            assert ([d.name for d in cur.description], cur.fetchall()) == ([name], [(7,)]), sql
        with pytest.raises(psycopg.errors.UndefinedColumn):
            c.execute("SELECT Missing FROM elsewhere")
        c.execute("DROP VIEW elsewhereview")
        c.execute("DROP TABLE elsewhere")
