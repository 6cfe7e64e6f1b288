"""What the engine could do and nobody may ask of it."""
import contextlib

import psycopg
import pytest

from security_data import answer

ESCAPES = [
    "SELECT * FROM '/etc/passwd'", "SELECT * FROM \"/etc/passwd\"", "FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')", "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')", "SELECT * FROM read_parquet('/etc/passwd')",
    "SELECT * FROM parquet_metadata('/etc/passwd')", "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')", "ATTACH '/tmp/x.db'", "ATTACH ':memory:' AS m",
    "DETACH hati", "USE memory", "INSTALL httpfs", "LOAD httpfs", "SELECT getenv('HOME')",
    "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('people')",
    "SELECT json_execute_serialized_sql('{}')", "FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_settings()", "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_temporary_files()", "SELECT * FROM duckdb_logs", "SELECT * FROM pragma_version()",
    "EXPORT DATABASE '/tmp/x'", "IMPORT DATABASE '/tmp/x'", "PRAGMA database_list", "PRAGMA enable_profiling",
    "CALL enable_logging(storage_path = '/tmp/x')", "CALL pragma_version()",
    "SET GLOBAL memory_limit = '1TB'", "RESET memory_limit",
    "COPY people TO '/tmp/x.csv'", "COPY people FROM '/etc/passwd'", "COPY (SELECT 1) TO '/tmp/x'",
    "COPY people TO PROGRAM 'sh'", "SELECT * FROM 'http://169.254.169.254/latest/meta-data/'",
    "SELECT * FROM read_text('http://169.254.169.254/')", "SELECT * FROM 's3://bucket/x.parquet'",
    "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "CREATE FUNCTION f(a) AS a", "CHECKPOINT", "VACUUM", "SELECT getvariable('x')",
    "SELECT current_setting('memory_limit')",
    "SELECT nextval('s')", "SELECT * FROM shared.sqlite_master", "SELECT pg_sleep(1)",
    "SELECT * FROM storage_info('people')", "PRAGMA storage_info('people')", "SELECT write_log('x')",
    "SELECT in_search_path('a', 'b')", "SELECT add_parquet_key('k', 'v')", "KILL 1", "GRANT ALL ON people TO x",
    "DO $$ BEGIN END $$", "LISTEN x", "CREATE EXTENSION x", "SELECT lo_import('/etc/passwd')",
    "SELECT 1; ATTACH ':memory:'", "EXPLAIN ANALYZE DELETE FROM people", "FORCE CHECKPOINT",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_refused_for_the_owner_too(guarded, sql):
    said = answer(guarded, "owner@acme", sql)
    code = said.split("\n")[0]
    assert code[:2] in ("42", "0A", "22", "3F") or code == "54001", said
    assert "root:" not in said


@pytest.mark.parametrize("sql", [
    "SET lock_configuration = false", "SET enable_external_access = true", "SET memory_limit = '1TB'",
    "SET VARIABLE enable_external_access = true", "PREPARE p AS SELECT 1",
    "CREATE MACRO read_text(a) AS a", "CREATE SCHEMA main", "CREATE SCHEMA pg_catalog"])
def test_what_sounds_like_the_engines_is_ours(guarded, sql):
    """A variable, a statement, a macro or a schema of ours by a name that the engine knows changes nothing of it."""
    with guarded.connect("owner@acme") as conn:
        with contextlib.suppress(psycopg.Error):
            conn.execute(sql)
        for escape in ("SELECT * FROM read_text('/etc/passwd')", "ATTACH ':memory:' AS m", "LOAD httpfs",
                       "SELECT * FROM '/etc/passwd'", "SELECT getenv('HOME')"):
            with pytest.raises(psycopg.Error) as e:
                conn.execute(escape)
            assert "root:" not in str(e.value) and e.value.sqlstate[:2] in ("42", "0A", "22"), escape
    with guarded.connect("owner@acme") as conn:
        for undo in ("DROP MACRO IF EXISTS read_text", "DROP SCHEMA IF EXISTS main"):
            with contextlib.suppress(psycopg.Error):
                conn.execute(undo)


def test_the_server_and_its_data_are_as_before(guarded):
    with guarded.connect("owner@acme") as conn:
        assert conn.execute("SELECT count(*) FROM people").fetchone() == (4,)


READ_ONLY = ["INSERT INTO notes VALUES (1, 'x')", "UPDATE notes SET note = 'x'", "DELETE FROM notes",
             "DROP TABLE notes", "CREATE TABLE t (a int)", "CREATE TABLE t AS SELECT 1", "ALTER TABLE notes ADD COLUMN c int",
             "CREATE VIEW v AS SELECT 1", "COPY notes FROM STDIN",
             "WITH w AS (DELETE FROM notes RETURNING *) SELECT * FROM w",
             "SELECT 1; DROP TABLE notes", "COMMIT; DROP TABLE notes", "EXPLAIN DELETE FROM notes"]


@pytest.mark.parametrize("who", ["auditor@acme", "agent@acme"])
@pytest.mark.parametrize("sql", READ_ONLY)
def test_who_may_not_write_writes_nothing(guarded, who, sql):
    said = answer(guarded, who, sql)
    assert "42501" in said or "0A000" in said or "42601" in said, said


@pytest.mark.parametrize("sql", ["DROP TABLE notes", "CREATE TABLE t (a int)", "ALTER TABLE notes RENAME TO n"])
def test_an_analyst_changes_no_schema(guarded, sql):
    assert answer(guarded, "sales@acme", sql).startswith("42501")


PARSER = [
    "SELECT 'a\x01b'", "SELECT /* /* nested */ */ 1", "SELECT $$ it's $$", "SELECT $tag$ $$ $tag$",
    r"SELECT E'\x41\u0042\'", "SELECT U&'\\0041'", "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + "NOT " * 100000 + "TRUE", "SELECT " + "-" * 99999 + "1", "SELECT 1" + "+1" * 50000,
    "SELECT 1 WHERE 1 IN (" + ",".join(map(str, range(50000))) + ")",
    "SELECT " + "CASE WHEN TRUE THEN " * 3000 + "1" + " END" * 3000,
    "SELECT * FROM " + "(SELECT * FROM " * 2000 + "people" + ") q" * 2000,
    "WITH " + ", ".join(f"c{i} AS (SELECT 1)" for i in range(5000)) + " SELECT 1",
    "SELECT '" + "x" * 3_000_000 + "'", "SELECT \u0455sn FROM people", "SELECT [" * 1000,
    "SELECT 1 " + "UNION ALL SELECT 1 " * 5000, "SELECT a" + "::int" * 20000,
]


@pytest.mark.parametrize("sql", PARSER, ids=[str(i) for i in range(len(PARSER))])
def test_strange_statements_end_in_an_answer(guarded, sql):
    assert answer(guarded, "owner@acme", sql)
    with guarded.connect("owner@acme") as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
