"""pg_dump: what it prints is read back by a real PostgreSQL, by pg_restore, and by HatiData itself."""
import os
import subprocess

import psycopg
import pytest
from harness import Server, make_installation

from postgres import MISSING, Postgres, programs

SCHEMA = (
    "CREATE SCHEMA attic",
    "CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 3",
    "CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL UNIQUE, pay numeric(12,2) DEFAULT 10 CHECK (pay > 0), "
    "born date DEFAULT CURRENT_DATE, tags text[], at timestamptz DEFAULT now(), doc json, n bigint DEFAULT nextval('numbers'))",
    "CREATE TABLE notes (id bigint, about int REFERENCES people (id), s serial, \"Odd name\" text DEFAULT 'it''s', b bytea, "
    "f double precision, u uuid, i interval, a int[], g int GENERATED ALWAYS AS (about * 2), PRIMARY KEY (id, about))",
    "CREATE TABLE attic.chest (a timestamp, b boolean NOT NULL DEFAULT true)",
    "CREATE INDEX notes_about ON notes (about)",
    "CREATE VIEW elders AS SELECT id, name FROM people WHERE born < DATE '1950-01-01'",
    "CREATE VIEW attic.counted AS SELECT name, count(*) AS n FROM people GROUP BY name",
    "CREATE MACRO twice(x) AS x * 2",
    "COMMENT ON TABLE people IS 'who is who'",
    "COMMENT ON COLUMN people.pay IS 'a month''s'",
    "INSERT INTO attic.chest VALUES ('2001-02-03 04:05:06', true), (NULL, false)")
POSTGRES = "-chatidata.dialect=postgres"

COLUMNS = """SELECT table_schema, table_name, column_name, ordinal_position, data_type, is_nullable, numeric_precision, numeric_scale
    FROM information_schema.columns WHERE table_schema IN ('public', 'attic') ORDER BY 1, 2, 4"""
TABLES = """SELECT table_schema, table_name, table_type FROM information_schema.tables
    WHERE table_schema IN ('public', 'attic') ORDER BY 1, 2"""
KEYS = """SELECT table_schema, table_name, constraint_name, constraint_type FROM information_schema.table_constraints
    WHERE table_schema IN ('public', 'attic') AND constraint_name NOT LIKE '%not_null' ORDER BY 1, 2, 3"""
KEY_COLUMNS = """SELECT table_name, constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage
    WHERE table_schema IN ('public', 'attic') ORDER BY 1, 2, 4"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname IN ('public', 'attic') ORDER BY 1, 2"
SEQUENCES = "SELECT sequencename, start_value, min_value, max_value, increment_by, cycle FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
STANDARD = """SELECT sequence_name, start_value, minimum_value, maximum_value, increment, cycle_option
    FROM information_schema.sequences WHERE sequence_schema = 'public' ORDER BY 1"""
COMMENTS = """SELECT c.relname, d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE d.classoid = 'pg_class'::regclass AND n.nspname = 'public' ORDER BY 1, 2"""
DEFAULTS = """SELECT c.relname, a.attname, a.attgenerated FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum ORDER BY 1, 2"""
ALL = (COLUMNS, TABLES, KEYS, KEY_COLUMNS, INDEXES, SEQUENCES, STANDARD, COMMENTS, DEFAULTS)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("dump") / "data")
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user", "developer@acme.example",
                 "--allow-table", "attic.chest")
    with Server(inst) as s:
        with s.connect("owner@acme", options=f"'{POSTGRES}'") as owner:
            for sql in SCHEMA:
                owner.execute(sql)
        yield s


@pytest.fixture
def peer():
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as p:
        yield p


def run(*args, fails=False, **more):
    done = subprocess.run(args, capture_output=True, timeout=120, env=dict(os.environ, LC_ALL="C"), **more)
    assert (done.returncode != 0) == fails, done.stderr.decode()
    return done.stderr.decode() if fails else done.stdout


def dump(server, who, *args, **more):
    return run("pg_dump", "--no-owner", *args, server.conninfo(who, options=POSTGRES), **more)


def ask(connection, sql):
    return connection.execute(sql).fetchall()


def check_same(server, peer, queries=ALL):
    with server.connect("owner@acme", options=f"'{POSTGRES}'") as ours, peer.connect("postgres") as theirs:
        for sql in queries:
            said = ask(ours, sql)
            assert said and said == ask(theirs, sql)


def test_a_schema_into_postgresql(server, peer):
    run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", peer.uri, input=dump(server, "owner@acme", "--schema-only"))
    check_same(server, peer)
    with peer.connect("postgres") as theirs:
        theirs.execute("INSERT INTO people (id, name, born) VALUES (1, 'Ada', '1815-12-10')")
        assert ask(theirs, "SELECT pay, n, born < at FROM people") == [(10, 5, True)]
        assert ask(theirs, "SELECT * FROM elders") == [(1, "Ada")] and ask(theirs, "SELECT * FROM attic.counted") == [("Ada", 1)]
        theirs.execute("INSERT INTO notes (id, about) VALUES (1, 1)")
        assert ask(theirs, 'SELECT s, g, "Odd name" FROM notes') == [(1, 2, "it's")]
        for sql in ("INSERT INTO notes (id, about) VALUES (2, 9)", "INSERT INTO people (id, name, pay) VALUES (2, 'x', 0)"):
            with pytest.raises(psycopg.errors.IntegrityError):
                theirs.execute(sql)


def test_a_schema_by_pg_restore(server, peer, tmp_path):
    dump(server, "owner@acme", "--schema-only", "--format=custom", "--file", str(tmp_path / "dump"))
    run("pg_restore", "--exit-on-error", "--no-owner", "--dbname", peer.uri, str(tmp_path / "dump"))
    check_same(server, peer)


def test_what_is_the_servers_own_is_left_out(server):
    said = dump(server, "owner@acme", "--schema-only").decode()
    assert "CREATE TABLE public.people" in said and "CREATE SEQUENCE public.numbers" in said
    for not_there in ("audit_log", "hatidata.", "SCHEMA shared", "SCHEMA public", "twice", "GRANT", "REVOKE", "EXTENSION"):
        assert not_there not in said, said


def test_a_schema_into_hatidata(server):
    """All but what the engine can't add to a table that is there, which is said."""
    said = dump(server, "owner@acme", "--schema-only")
    into = server.conninfo("owner@globex", options=POSTGRES)
    done = subprocess.run(["psql", "-X", "-q", into], input=said, capture_output=True, timeout=120, env=dict(os.environ, LC_ALL="C"))
    errors = [line for line in done.stderr.decode().splitlines() if line.startswith("ERROR")]
    assert errors == ["ERROR:  Other objects depend on it.",
                      "ERROR:  ADD of this constraint to a table that is there is not supported"], done.stderr
    with server.connect("owner@acme", options=f"'{POSTGRES}'") as ours, server.connect("owner@globex", options=f"'{POSTGRES}'") as other:
        for sql in (COLUMNS, TABLES, SEQUENCES, COMMENTS, DEFAULTS):
            assert ask(ours, sql) == ask(other, sql), sql


def test_one_schema_and_one_table(server, peer):
    said = dump(server, "owner@acme", "-n", "attic", "-T", "attic.counted").decode()
    assert "CREATE TABLE attic.chest" in said and "people" not in said
    run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", peer.uri, input=said.encode())
    with peer.connect("postgres") as theirs:
        assert [str(a) for a, _ in ask(theirs, "SELECT * FROM attic.chest ORDER BY b DESC")] == ["2001-02-03 04:05:06", "None"]
    one = dump(server, "analyst@acme", "--schema-only", "-t", "people").decode()
    assert "CREATE TABLE public.people" in one and "notes" not in one and "attic" not in one


def test_rows(server, peer):
    with server.connect("owner@acme", options=f"'{POSTGRES}'") as owner:
        owner.execute("CREATE SCHEMA rows")
        owner.execute("CREATE TABLE rows.r (a int, b text, c numeric(9,2), d timestamptz, e bytea, f text[])")
        owner.execute(r"INSERT INTO rows.r VALUES (1, E'tab\t and \\ and ü', 1.50, '2020-01-02 03:04:05+00', '\x00ff', ARRAY['x', 'y z']), "
                      "(NULL, NULL, NULL, NULL, NULL, NULL)")
        owner.commit()
        mine = ask(owner, "SELECT * FROM rows.r ORDER BY 1")
    run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", peer.uri, input=dump(server, "owner@acme", "-n", "rows"))
    with peer.connect("postgres") as theirs:
        assert ask(theirs, "SELECT * FROM rows.r ORDER BY 1") == mine
    # What has no word for it here is said.
    assert "FROM ONLY is not supported" in dump(server, "owner@acme", "-n", "rows", "--inserts", fails=True)
    assert "is a sequence" in dump(server, "owner@acme", "-t", "numbers", fails=True)


def test_a_dump_tells_what_its_caller_may_know(server):
    said = dump(server, "limited@acme", "--schema-only").decode()
    assert "CREATE TABLE attic.chest" in said
    for hidden in ("people", "notes", "elders", "counted", "numbers", "who is who"):
        assert hidden not in said
    assert "no matching tables were found" in dump(server, "limited@acme", "--schema-only", "-t", "people", fails=True)
    # Whose definitions he may not see, he can't dump, and is told so.
    assert 'definition of view "counted" appears to be empty' in dump(server, "analyst@acme", "--schema-only", fails=True)
