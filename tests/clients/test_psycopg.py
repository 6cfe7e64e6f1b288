"""psycopg 3, beyond what tests/e2e/test_psycopg.py asks of it: nested transactions, zones, two-phase commit, notifications."""
import datetime
import enum
import ipaddress
import select

import psycopg
import psycopg.types.enum
import psycopg.types.json
import pytest


@pytest.fixture
def conn(server):
    with server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as c:
        yield c


def test_nested_transactions(conn):
    conn.execute("CREATE TABLE nested (a int PRIMARY KEY)")
    with conn.transaction():
        with pytest.raises(psycopg.errors.DivisionByZero), conn.transaction():
            conn.execute("SELECT 1 / 0").fetchall()
        with conn.transaction(force_rollback=True):
            conn.execute("INSERT INTO nested VALUES (1)")
        conn.execute("INSERT INTO nested VALUES (2)")
        with conn.transaction():
            conn.execute("INSERT INTO nested VALUES (3)")
    assert conn.execute("SELECT a FROM nested ORDER BY a").fetchall() == [(2,), (3,)]
    # What can't be undone in part fails, and all of it with it.
    # The driver looks over the refused ROLLBACK TO; COMMIT says it then.
    with pytest.raises(psycopg.errors.InFailedSqlTransaction, match="could not go back to a savepoint"), conn.transaction():
        conn.execute("INSERT INTO nested VALUES (4)")
        with conn.transaction(force_rollback=True):
            conn.execute("INSERT INTO nested VALUES (5)")
    with conn.transaction(force_rollback=True):
        conn.execute("INSERT INTO nested VALUES (4)")
        conn.execute("SAVEPOINT s")
        conn.execute("INSERT INTO nested VALUES (5)")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="written before the savepoint"):
            conn.execute("ROLLBACK TO s")
    assert conn.execute("SELECT a FROM nested ORDER BY a").fetchall() == [(2,), (3,)]
    conn.execute("DROP TABLE nested")


def test_settings_go_back_with_a_savepoint(conn):
    with conn.transaction():
        conn.execute("SET application_name = 'outer'")
        with conn.transaction(force_rollback=True):
            conn.execute("SET application_name = 'inner'")
            assert conn.info.parameter_status("application_name") == "inner"
        assert conn.info.parameter_status("application_name") == "outer"


def test_zones(server):
    with server.connect("owner@acme", options="'-c hatidata.dialect=postgres -c timezone=Asia/Kathmandu'") as c:
        assert str(c.info.timezone) == "Asia/Kathmandu"
        at = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.timezone.utc)
        for binary in (False, True):
            got = c.execute("SELECT %s::timestamptz", [at], binary=binary).fetchone()[0]
            assert got == at and got.utcoffset() == datetime.timedelta(hours=5, minutes=45)
        assert c.execute("SELECT date_trunc('day', %s::timestamptz)::text", [at]).fetchone()[0].startswith("2024-07-01 00:00:00+05:45")


@pytest.mark.parametrize("statement, code", [
    ("LISTEN a", "0A000"), ("NOTIFY a", "0A000"), ("PREPARE TRANSACTION 'x'", "0A000"), ("COMMIT PREPARED 'x'", "0A000"),
    ("SET ROLE other", "0A000"), ("SET SESSION AUTHORIZATION other", "0A000"), ("SAVEPOINT s", "25P01"), ("RELEASE s", "25P01"),
    ("SET server_version = '9'", "55P02"), ("SET work_mem = '1kB'", "22023"), ("SET jit = perhaps", "22023"),
    ("SET DateStyle = 'Julian'", "22023"), ("SET statement_timeout = '5 weeks'", "22023"), ("SET no_such_setting = 1", "42704"),
    ("SET lc_messages = 'de_DE'", "22023"), ("BEGIN ISOLATION LEVEL SERIALIZABLE", "0A000")])
def test_what_is_refused(conn, statement, code):
    with pytest.raises(psycopg.Error) as e:
        conn.execute(statement)
    assert e.value.sqlstate == code


def test_settings_that_drivers_read(conn):
    want = {"server_version_num": "150000", "server_encoding": "UTF8", "client_encoding": "UTF8", "standard_conforming_strings": "on",
            "transaction_isolation": "repeatable read", "default_transaction_isolation": "repeatable read", "transaction_read_only": "off",
            "default_transaction_read_only": "off", "TimeZone": "UTC", "DateStyle": "ISO, MDY", "IntervalStyle": "postgres",
            "integer_datetimes": "on", "is_superuser": "off", "search_path": '"$user", public', "max_identifier_length": "63",
            "bytea_output": "hex", "extra_float_digits": "1", "lc_collate": "C", "lc_ctype": "C.UTF-8", "lc_messages": "C",
            "lc_monetary": "C", "max_index_keys": "32", "statement_timeout": "0", "lock_timeout": "0", "row_security": "on",
            "default_table_access_method": "heap", "synchronous_commit": "on", "work_mem": "4MB", "jit": "off"}
    assert {name: conn.execute(f"SHOW {name}").fetchone()[0] for name in want} == want
    everything = {name: value for name, value, _ in conn.execute("SHOW ALL").fetchall()}
    assert {name: everything[name] for name in want} == want


def test_reset_and_discard(conn):
    conn.execute("SET work_mem = '64MB'; SET TIME ZONE 'Europe/Berlin'; SET DateStyle = German")
    conn.execute("CREATE TEMPORARY TABLE passing (a int)")
    conn.execute("DISCARD TEMP")
    with pytest.raises(psycopg.errors.UndefinedTable):
        conn.execute("SELECT * FROM passing")
    conn.execute("DISCARD ALL")
    assert [conn.execute(f"SHOW {n}").fetchone()[0] for n in ("work_mem", "TimeZone", "DateStyle")] == ["4MB", "UTC", "ISO, MDY"]
    conn.execute("UNLISTEN *")


def test_read_only(conn):
    conn.execute("CREATE TABLE kept (a int)")
    for begin in ("BEGIN READ ONLY", "BEGIN; SET TRANSACTION READ ONLY", "BEGIN; SET transaction_read_only = on",
                  "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; BEGIN"):
        for one in begin.split("; "):
            conn.execute(one)
        for write in ("INSERT INTO kept VALUES (1)", "DROP TABLE kept", "CREATE TABLE other (a int)"):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                conn.execute(write)
            conn.execute("ROLLBACK")
            for one in begin.split("; "):
                conn.execute(one)
        conn.execute("ROLLBACK")
        conn.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
    conn.execute("BEGIN READ ONLY; SET TRANSACTION READ WRITE; INSERT INTO kept VALUES (1); COMMIT AND CHAIN")
    assert conn.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    conn.execute("ROLLBACK")
    conn.execute("DROP TABLE kept")


@pytest.mark.parametrize("setting, begin, why", [("idle_session_timeout", "SELECT 1", "idle-session timeout"),
                                                 ("idle_in_transaction_session_timeout", "BEGIN", "idle-in-transaction timeout")])
def test_idle_sessions_end(server, setting, begin, why):
    with server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as c:
        c.execute(f"SET {setting} = '100ms'")
        c.execute(begin)
        assert select.select([c.pgconn.socket], [], [], 60)[0], "nothing came"
        with pytest.raises(psycopg.OperationalError, match=why):
            c.execute("SELECT 1")


def test_copy_forces(conn):
    conn.execute("CREATE TABLE forced (a text, b text)")
    with conn.cursor().copy("COPY forced FROM STDIN (FORMAT csv, NULL 'N', FORCE_NOT_NULL (a), FORCE_NULL (b))") as copy:
        copy.write('N,"N"\n"N",N\n,x\n')
    assert conn.execute("SELECT a, b FROM forced ORDER BY a, b").fetchall() == [("", "x"), ("N", None), ("N", None)]
    conn.execute("DROP TABLE forced")


STRUCTURES = ("CREATE TABLE nested_values (id int, s STRUCT(a int, b text), m MAP(text, date), l int[][], many STRUCT(x int)[],"
              " u UNION(n int, t text), f int[2])")


@pytest.mark.parametrize("mark", ["%t", "%b"], ids=["text", "binary"])
def test_values_within_values(conn, mark):
    """Structures, maps, unions and lists of lists are the driver's dicts and lists, both ways; a record is a tuple."""
    conn.execute(STRUCTURES)
    row = ({"a": 1, "b": 'x"\n'}, {"k": "2024-02-29", "none": None}, [[1, None], [3, 4]], [{"x": 1}, {"x": None}], {"t": "é"}, [7, 8])
    wrap = psycopg.types.json.Jsonb if mark == "%b" else psycopg.types.json.Json
    given = [wrap(row[0]), wrap(row[1]), row[2], [wrap(x) for x in row[3]], wrap(row[4]), row[5]]
    with conn.cursor(binary=mark == "%b") as c:
        c.execute("INSERT INTO nested_values VALUES (1" + f", {mark}" * 6 + ")", given)
        c.execute("SELECT s, m, l, many, u, f FROM nested_values")
        assert c.fetchone() == row and [d.type_code for d in c.description] == [114, 114, 114, 199, 114, 1007]
        told = conn.execute("SELECT atttypid FROM pg_attribute WHERE attrelid = 'nested_values'::regclass AND attnum > 1 ORDER BY attnum")
        assert [oid for oid, in told] == [d.type_code for d in c.description]
        assert c.execute(f"SELECT id FROM nested_values WHERE s = {mark}", [given[0]]).fetchall() == [(1,)]
        assert c.execute(f"SELECT {mark}::STRUCT(a int, l bigint[])", [wrap({"l": [1 << 40]})]).fetchone() == ({"a": None, "l": [1 << 40]},)
        assert c.execute("SELECT ROW(1, 'a'::text, NULL::int, ARRAY[1, 2])").fetchone() == (
            (1, "a", None, [1, 2]) if mark == "%b" else ("1", "a", None, "{1,2}"),)
        c.execute("SELECT NULL::STRUCT(a int), NULL::int[][], []::int[][], NULL::MAP(text, int)")
        assert c.fetchone() == (None, None, [], None)
        for bad, why in [({"z": 1}, "invalid input"), ({"a": "x"}, "invalid input"), ([1], "invalid input"), ({"a": 1 << 40}, "out of range")]:
            with pytest.raises(psycopg.DataError, match=why):
                c.execute(f"SELECT {mark}::STRUCT(a int, b text)", [wrap(bad)])
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="one dimension"):
            c.execute(f"SELECT {mark}::int[]", [[[1], [2]]])
    conn.execute("DROP TABLE nested_values")


@pytest.mark.parametrize("form", ["text", "csv", "binary"])
def test_values_within_values_through_copy(conn, form):
    conn.execute(STRUCTURES)
    conn.execute("INSERT INTO nested_values VALUES (1, {'a': 1, 'b': 'x\"\\y'}, MAP {'k': DATE '2024-02-29'}, [[1, NULL], []], [{'x': 1}, NULL],"
                 " 'é'::text, [7, 8]), (2, NULL, NULL, NULL, NULL, NULL, NULL)")
    before = conn.execute("SELECT * FROM nested_values ORDER BY id").fetchall()
    with conn.cursor().copy(f"COPY nested_values TO STDOUT (FORMAT {form})") as copy:
        data = b"".join(copy)
    conn.execute("DELETE FROM nested_values")
    with conn.cursor().copy(f"COPY nested_values FROM STDIN (FORMAT {form})") as copy:
        copy.write(data)
    assert conn.execute("SELECT * FROM nested_values ORDER BY id").fetchall() == before
    conn.execute("DROP TABLE nested_values")


def test_enumerations_by_their_type(conn):
    """EnumInfo reads pg_type and pg_enum; parameters then say that type's number."""
    class Mood(enum.Enum):
        sad, ok = "sad", "ok"
    conn.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
    conn.execute("CREATE TABLE moods (id int, m mood, many mood[])")
    try:
        info = psycopg.types.enum.EnumInfo.fetch(conn, "mood")
        assert list(info.labels) == ["sad", "ok"]
        psycopg.types.enum.register_enum(info, conn, Mood)
        for mark in ("%t", "%b"):
            conn.execute(f"INSERT INTO moods VALUES (1, {mark}, NULL)", [Mood.ok])
            assert conn.execute(f"SELECT m FROM moods WHERE m = {mark}", [Mood.ok]).fetchall() == [("ok",)]
            assert conn.execute(f"SELECT {mark}::mood", [Mood.sad]).fetchone() == ("sad",)
            conn.execute("DELETE FROM moods")
        conn.execute("INSERT INTO moods VALUES (2, NULL, %t)", [[Mood.sad, Mood.ok]])
        assert conn.execute("SELECT many FROM moods").fetchone() == (["sad", "ok"],)
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="is not supported"):
            conn.execute("SELECT %t::int", [Mood.ok])
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="type 869 is not supported"):  # inet
            conn.execute("SELECT %t", [ipaddress.ip_address("10.0.0.1")])
    finally:
        conn.execute("DROP TABLE moods")
        conn.execute("DROP TYPE mood")


def test_values_within_values_in_cursors_and_arguments(conn):
    with conn.transaction(), conn.cursor(name="c") as c:
        c.execute("SELECT {'i': i} AS s, ROW(i, 'x') AS r FROM generate_series(1, 3) AS g(i)")
        assert c.fetchmany(2) == [({"i": 1}, ("1", "x")), ({"i": 2}, ("2", "x"))]
    conn.execute("PREPARE take(STRUCT(a int, b text)) AS SELECT $1.b, $1")
    assert conn.execute("EXECUTE take({'a': 1, 'b': 'x'})").fetchone() == ("x", {"a": 1, "b": "x"})
    conn.execute("DEALLOCATE take")
