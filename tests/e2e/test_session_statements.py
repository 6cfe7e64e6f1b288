"""Statements about the session as clients use them: variables, PREPARE in SQL, cursors, USE, SHOW, DESCRIBE."""
import psycopg
import pytest

from harness import Server, make_installation


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("statements") / "data", orgs=("acme",))
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE people (id int PRIMARY KEY, name text DEFAULT 'x', pay decimal(10,2) NOT NULL)")
            conn.execute("INSERT INTO people VALUES (1, 'Ann', 10), (2, 'Bob', 20), (3, 'Cyd', 30)")
        yield server


@pytest.fixture
def conn(server):
    with server.connect("owner@acme") as conn:
        yield conn


def test_variables(conn):
    conn.execute("SET one = 1")
    conn.execute("SET word = 'it''s'")
    conn.execute("SET (two, nothing) = ($one + 1, NULL)")
    conn.execute("SET day = '2024-02-29'::date + 1")
    assert conn.execute("SELECT $one, $WORD, $two, $nothing, $day::text").fetchone() == (
        1, "it's", 2, None, "2024-03-01")
    assert conn.execute("SELECT name FROM people WHERE id = $two").fetchall() == [("Bob",)]
    conn.execute("SET two = 3")
    assert conn.execute("SELECT name FROM people WHERE id = $two").fetchall() == [("Cyd",)]
    conn.execute("UNSET (one, two)")
    with pytest.raises(psycopg.Error, match="does not exist"):
        conn.execute("SELECT $two")


def test_a_variable_is_a_value_never_text(conn):
    conn.execute("SET evil = '1; DROP TABLE people'")
    conn.execute("SET quote = 'x'' OR ''1''=''1'")
    assert conn.execute("SELECT count(*) FROM people WHERE name = $quote OR name = $evil").fetchone() == (0,)
    assert conn.execute("SELECT count(*) FROM people").fetchone() == (3,)


def test_a_parameter_keeps_its_name(conn):
    conn.execute("SET statement_timeout = 5000")
    assert conn.execute("SHOW statement_timeout").fetchone() == ("5s",)


def test_prepared_in_sql(conn):
    conn.execute("PREPARE by_id AS SELECT name FROM people WHERE id = $1")
    assert conn.execute("EXECUTE by_id(2)").fetchall() == [("Bob",)]
    assert conn.execute("EXECUTE by_id(1 + 2)").fetchall() == [("Cyd",)]
    conn.execute("PREPARE add(int, text) AS INSERT INTO people VALUES ($1, $2, 0)")
    assert conn.execute("EXECUTE add(10, 'Dan')").statusmessage == "INSERT 0 1"
    assert conn.execute("EXECUTE add(11, NULL)").rowcount == 1
    assert conn.execute("DELETE FROM people WHERE id >= 10").rowcount == 2
    with pytest.raises(psycopg.Error, match="already exists"):
        conn.execute("PREPARE by_id AS SELECT 1")
    conn.execute("DEALLOCATE by_id")
    with pytest.raises(psycopg.Error, match="does not exist"):
        conn.execute("EXECUTE by_id(1)")
    assert conn.cursor(binary=True).execute("EXECUTE add(12, 'Eve')").rowcount == 1
    conn.execute("DELETE FROM people WHERE id >= 10")


def test_a_driver_s_cursor(conn):
    with conn.transaction(), conn.cursor(name="srv") as c:
        c.execute("SELECT id FROM people ORDER BY id")
        assert c.fetchmany(2) == [(1,), (2,)]
        assert c.fetchall() == [(3,)]


def test_cursors(conn):
    with pytest.raises(psycopg.Error, match="transaction"):
        conn.execute("DECLARE c CURSOR FOR SELECT 1")
    conn.execute("BEGIN")
    conn.execute("DECLARE c CURSOR FOR SELECT id FROM people ORDER BY id")
    conn.execute("DECLARE kept CURSOR WITH HOLD FOR SELECT id FROM people ORDER BY id")
    assert conn.execute("FETCH c").fetchall() == [(1,)]
    assert conn.execute("MOVE FORWARD 1 IN c").statusmessage == "MOVE 1"
    assert conn.execute("FETCH ALL FROM c").fetchall() == [(3,)]
    assert conn.execute("FETCH NEXT FROM c").fetchall() == []
    conn.execute("COMMIT")
    assert conn.execute("FETCH ALL FROM kept").fetchall() == [(1,), (2,), (3,)]
    with pytest.raises(psycopg.Error, match="does not exist"):
        conn.execute("FETCH c")
    conn.execute("CLOSE ALL")
    conn.execute("BEGIN")
    conn.execute("DECLARE lost CURSOR WITH HOLD FOR SELECT 1")
    with pytest.raises(psycopg.Error, match="forward"):
        conn.execute("FETCH BACKWARD 1 FROM lost")
    conn.execute("ROLLBACK")
    with pytest.raises(psycopg.Error, match="does not exist"):
        conn.execute("FETCH lost")


def test_use(conn):
    conn.execute("USE DATABASE hatidata")
    conn.execute("USE SCHEMA public")
    conn.execute("USE hatidata.public")
    assert conn.execute("SHOW search_path").fetchone() == ("public",)
    for name in ("SCHEMA nope", "DATABASE nope", "ROLE owner", "WAREHOUSE w"):
        with pytest.raises(psycopg.Error):
            conn.execute("USE " + name)


def test_show_and_describe(conn):
    rows = conn.execute("SHOW TABLES IN SCHEMA public").fetchall()
    assert [r[0] for r in rows] == ["PEOPLE"]
    assert conn.execute("SHOW COLUMNS LIKE 'PA%' IN TABLE people").fetchall()[0][2:4] == ("PAY", "NUMBER(10,2)")
    assert conn.execute("SHOW PRIMARY KEYS IN people").fetchall() == [("HATIDATA", "PUBLIC", "PEOPLE", "ID", 1)]
    cur = conn.execute("DESCRIBE TABLE hatidata.public.people")
    assert [d.name for d in cur.description[:4]] == ["name", "type", "kind", "null?"]
    assert [r[0:4] for r in cur.fetchall()] == [("ID", "NUMBER(38,0)", "COLUMN", "N"),
                                               ("NAME", "VARCHAR(16777216)", "COLUMN", "Y"),
                                               ("PAY", "NUMBER(10,2)", "COLUMN", "N")]
    assert [r[0] for r in conn.execute("DESCRIBE SELECT id + 1 AS more, name FROM people")] == ["MORE", "NAME"]
    conn.execute("SET hatidata.dialect = 'duckdb'")
    assert conn.execute("DESCRIBE people").fetchall()[0] == ("id", "BIGINT", "NO", "PRI", None, None)
    with pytest.raises(psycopg.Error, match="does not exist"):
        conn.execute("DESCRIBE TABLE nope")


def test_describe_in_from(conn):
    conn.execute("SET hatidata.dialect = 'duckdb'")
    assert conn.execute("SELECT column_name, column_type, \"null\", key FROM (DESCRIBE people) d").fetchall() == \
        conn.execute("SELECT column_name, column_type, \"null\", key FROM (DESCRIBE TABLE public.people)").fetchall() == \
        [("id", "BIGINT", "NO", "PRI"), ("name", "VARCHAR", "YES", None), ("pay", "DECIMAL(10,2)", "NO", None)]
    assert conn.execute("SELECT d.column_name || ':' || column_type AS c FROM (DESCRIBE SELECT id + 1 AS more, name FROM "
                        "people) d WHERE column_name <> 'x' ORDER BY c").fetchall() == [("more:BIGINT",), ("name:VARCHAR",)]
    assert conn.execute("SELECT count(*) FROM (DESCRIBE (DESCRIBE people))").fetchone() == (6,)
    for sql, says in (("FROM (DESCRIBE nope)", "does not exist"), ("FROM (DESCRIBE SELECT nope FROM people)", "nope"),
                      ("FROM (SUMMARIZE people)", "not supported"),
                      ("WITH people AS (SELECT 1 AS a) FROM (DESCRIBE people)", "WITH"),
                      ("CREATE VIEW told AS FROM (DESCRIBE people)", "can't stand in a view"),
                      ("FROM (DESCRIBE SELECT list_sum([1]) AS n)", "known only when")):
        with pytest.raises(psycopg.Error, match=says):
            conn.execute(sql)


def test_alter_session(conn):
    conn.execute("ALTER SESSION SET TIMEZONE = 'UTC'")
    with pytest.raises(psycopg.Error, match="unrecognized"):
        conn.execute("ALTER SESSION SET WEEK_START = 1")


@pytest.mark.parametrize("statement", [
    "COPY people FROM '/etc/passwd'", "COPY people FROM PROGRAM 'cat'", "COPY people TO '/tmp/x'",
    "COPY people TO PROGRAM 'cat'", "COPY people FROM STDIN WHERE id > 1"])
def test_copy_of_what_it_does_not_take(conn, statement):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="COPY"):
        conn.execute(statement)
    assert conn.execute("SELECT count(*) FROM people").fetchone() == (3,)


def test_discard_all(conn):
    conn.execute("CREATE TEMP TABLE brief (id int IDENTITY, \"a\"\"b\" int)")
    conn.execute("SET one = 1")
    conn.execute("DECLARE c CURSOR WITH HOLD FOR SELECT 1")
    conn.execute("DISCARD ALL")
    for sql in ("SELECT * FROM brief", "SELECT $one", "FETCH c"):
        with pytest.raises(psycopg.Error, match="does not exist"):
            conn.execute(sql)
    conn.execute("CREATE TEMP TABLE brief (id int IDENTITY)")
