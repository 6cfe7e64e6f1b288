"""Environments of one organization: each has tables of its own, and nobody learns of another's."""
import contextlib
import json
import re

import psycopg
import pytest
from psycopg import sql as names

from harness import Server, make_installation
from rest import Rest
from security_data import answer

WORD = "xyzzy-plugh"
SECRET = ["salaries", "payroll", "raise_of", "slip_no", "grade", "vault", WORD]


def add_key(inst, name, role, environment):
    """The same person in another environment: another key."""
    email = f"{role}@acme.example"
    inst.add_key(name, email, "--org", "acme", "--user", email, "--env", environment)


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("environments") / "data", orgs=("acme",))
    for environment in ("staging", "production"):
        inst.run("org", "add-environment", environment, "--org", "acme")
        for role in ("owner", "developer", "analyst", "auditor"):
            add_key(inst, f"{role}@{environment}", role, environment)
    with Server(inst) as server:
        for who, database in (("owner@production", "production"), ("owner@acme", "hatidata")):
            with server.connect(who, dbname=database) as conn:
                make_secrets(conn)
        with server.connect("owner@staging", dbname="staging") as conn:
            conn.execute("CREATE TABLE people (id int, name text)")
            conn.execute("INSERT INTO people VALUES (1, 'Ann')")
        yield server


def make_secrets(conn):
    conn.execute("CREATE TABLE salaries (id int, note text)")
    conn.execute("INSERT INTO salaries VALUES (1, %s)", (WORD,))
    conn.execute("CREATE VIEW payroll AS SELECT note FROM salaries")
    conn.execute("CREATE FUNCTION raise_of(x int) RETURNS int AS 'x + 1'")
    conn.execute("CREATE SEQUENCE slip_no")
    conn.execute("CREATE TYPE grade AS ENUM ('a', 'b')")
    conn.execute("CREATE SCHEMA vault")
    conn.execute("CREATE TABLE vault.gold (id int, note text)")
    conn.execute("INSERT INTO vault.gold VALUES (1, %s)", (WORD,))


@contextlib.contextmanager
def staging(server, who="owner@staging", **more):
    with server.connect(who, dbname="staging", **more) as conn:
        yield conn


class Open:
    """For `answer`, which makes a connection each: an open one."""
    def __init__(self, conn):
        self.conn = conn

    def connect(self, who):
        return contextlib.nullcontext(self.conn)


@pytest.fixture(scope="module")
def said(apart):
    """What the owner of staging is told to a statement."""
    with staging(apart) as conn:
        yield lambda statement: answer(Open(conn), None, statement)


PLACES = ["salaries", "payroll", "vault.gold", "public.salaries", "SALARIES", '"Salaries"', '"public"."salaries"',
          "production.public.salaries", 'PRODUCTION."public".salaries', '"production"."public"."salaries"',
          "hatidata.public.salaries", '"HATIDATA".public.SALARIES', "hatidata.salaries", "production.salaries",
          "production.vault.gold", "hatidata.vault.gold", "org_acme.salaries", "main.salaries", "memory.main.salaries",
          '"public.salaries"', '"production.public"."salaries"', "staging.production.salaries",
          "staging.hatidata.salaries", "acme.production.salaries"]
NAMED = re.compile("salaries|payroll|gold", re.IGNORECASE)


def engine_schemas(server):
    """What the schemas of the others are called on the engine: to know them must not help."""
    org = server.installation.run("org", "show", "acme").stdout.split()[1]
    return [f"org_{org}", f"org_{org}_v_production", f"org_{org}_s_vault", f"org_{org}_v_production_s_vault",
            f"org_{org}_v_hatidata", f"org_{org}_m"]


STATEMENTS = [
    "SELECT * FROM {}", "SELECT count(*) FROM {}", "TABLE {}", "INSERT INTO {} VALUES (9, 'x')",
    "INSERT INTO people SELECT * FROM {}", "UPDATE {} SET note = 'x'", "DELETE FROM {}", "TRUNCATE {}",
    "DROP TABLE {}", "DROP VIEW {}", "ALTER TABLE {} ADD COLUMN extra int", "ALTER TABLE {} RENAME TO mine",
    "CREATE INDEX i ON {} (id)", "CREATE VIEW mine AS SELECT * FROM {}", "CREATE TABLE mine AS SELECT * FROM {}",
    "CREATE TABLE mine CLONE {}", "CREATE TABLE mine (LIKE {})", "CREATE MACRO mine() AS TABLE SELECT * FROM {}",
    "CREATE TABLE mine (id int REFERENCES {} (id))", "COPY {} TO STDOUT", "COPY (SELECT * FROM {}) TO STDOUT",
    "EXPLAIN SELECT * FROM {}", "EXPLAIN POLICY SELECT * FROM {}", "DESCRIBE TABLE {}", "SHOW COLUMNS IN TABLE {}",
    "PREPARE p AS SELECT * FROM {}", "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM {}", "COMMENT ON TABLE {} IS 'x'",
    "MERGE INTO {} t USING people p ON t.id = p.id WHEN MATCHED THEN DELETE",
    "SELECT p.id FROM people p JOIN {} s ON s.id = p.id", "SELECT (SELECT max(note) FROM {})",
    "WITH w AS (SELECT * FROM {}) SELECT * FROM w", "SELECT 1 WHERE EXISTS (SELECT 1 FROM {})",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_another_environments_table_is_as_one_that_was_never_made(apart, said, statement):
    for place in PLACES + [f"{s}.salaries" for s in engine_schemas(apart)]:
        text = said(statement.format(place))
        never = said(statement.format(NAMED.sub("never_made", place)))
        assert WORD not in text, text
        assert shape(text) == shape(never), (place, text, never)
        assert text.split("\n")[0] in ("42P01", "3F000", "42704", "0A000", "42601", "42501"), text


def shape(text):
    """The code, message, detail and hint, whatever was named."""
    return re.sub("never_made", "NAME", NAMED.sub("NAME", "\n".join(text.split("\n")[:4])), flags=re.IGNORECASE)


SOURCES = [
    "information_schema.tables", "information_schema.columns", "information_schema.schemata", "information_schema.views",
    "information_schema.table_constraints", "information_schema.key_column_usage", "duckdb_tables()", "duckdb_views()",
    "duckdb_columns()", "duckdb_schemas()", "duckdb_constraints()", "duckdb_indexes()",
]
LISTS = ["SHOW TABLES", "SHOW VIEWS", "SHOW SCHEMAS", "SHOW COLUMNS", "SHOW DATABASES", "SHOW OBJECTS",
         "SHOW TABLES IN ACCOUNT", "SHOW ALL"]


def listed(server, who, database, statement):
    with server.connect(who, dbname=database) as conn:
        conn.execute(f"SET hatidata.dialect = '{'duckdb' if 'duckdb_' in statement else 'snowflake'}'")
        return answer(Open(conn), who, statement).replace(statement, "").lower()


@pytest.mark.parametrize("statement", [f"SELECT * FROM {s}" for s in SOURCES] + LISTS)
@pytest.mark.parametrize("who", ["owner", "analyst"])
def test_no_list_tells_of_another_environment(apart, who, statement):
    text = listed(apart, f"{who}@staging", "staging", statement)
    assert not [s for s in SECRET + ["gold", "production"] if s in text], text


@pytest.mark.parametrize("statement", ["SHOW SCHEMAS IN DATABASE {}", "SHOW TABLES IN DATABASE {}", "SHOW SCHEMAS IN {}",
                                       "SHOW TABLES IN SCHEMA {}.public", "SHOW VIEWS IN {}.public"])
def test_a_list_of_another_environment_is_as_one_of_nothing(said, statement):
    answers = {said(statement.format(name)).split("\n")[1].replace(name, "NAME")
               for name in ("production", "hatidata", "never_made")}
    assert answers == {'database "NAME" does not exist'}


@pytest.mark.parametrize("statement, secret, own", [
    ("SELECT * FROM information_schema.tables", "salaries", "people"),
    ("SELECT * FROM information_schema.columns", "salaries", "people"),
    ("SELECT * FROM information_schema.views", "payroll", None),
    ("SELECT * FROM information_schema.schemata", "vault", "public"),
    ("SELECT * FROM duckdb_tables()", "salaries", "people"), ("SELECT * FROM duckdb_views()", "payroll", None),
    ("SELECT * FROM duckdb_schemas()", "vault", "public"), ("SHOW TABLES", "salaries", "people"),
    ("SHOW SCHEMAS", "vault", "public"), ("SHOW DATABASES", "production", "staging")])
def test_the_same_lists_tell_of_the_own_one(apart, statement, secret, own):
    assert secret in listed(apart, "owner@production", "production", statement)
    assert not own or own in listed(apart, "owner@staging", "staging", statement)


def test_the_lists_are_those_of_the_own_environment(apart):
    with staging(apart) as conn:
        conn.execute("SET hatidata.dialect = 'postgres'")  # Snowflake shows names in capitals
        assert conn.execute("SELECT table_catalog, table_name FROM information_schema.tables "
                            "WHERE table_schema = 'public'").fetchall() == [("staging", "people")]
        assert conn.execute("SELECT current_database(), current_catalog").fetchone() == ("staging", "staging")
        assert {r[0] for r in conn.execute("SELECT catalog_name FROM information_schema.schemata")} == {"staging"}
        assert conn.execute("SELECT name FROM STAGING.public.people").fetchone() == ("Ann",)
        conn.execute("SET hatidata.dialect = 'snowflake'")
        assert "STAGING" in conn.execute("SHOW DATABASES").fetchone()
        conn.execute("USE DATABASE staging")
    with apart.connect("owner@acme") as conn:
        assert conn.execute("SELECT current_database()").fetchone() == ("hatidata",)
        assert conn.execute("SELECT note FROM hatidata.public.salaries").fetchone() == (WORD,)


@pytest.mark.parametrize("statement", [
    "SELECT raise_of(1)", "SELECT public.raise_of(1)", "SELECT nextval('slip_no')", "SELECT nextval('public.slip_no')",
    "SELECT slip_no.nextval", "SELECT 'a'::grade", "SELECT 'a'::public.grade", "CREATE TABLE g (x grade)",
    "DROP FUNCTION raise_of", "DROP SEQUENCE slip_no", "DROP TYPE grade", "DROP SCHEMA vault", "USE SCHEMA vault",
    "CREATE TABLE vault.mine (id int)", "USE DATABASE production", "USE production", "USE hatidata.public",
    "USE SCHEMA production.public", "CREATE SCHEMA production.mine", "DROP SCHEMA hatidata.vault"])
def test_functions_sequences_types_and_schemas_are_apart_too(apart, statement):
    with staging(apart) as conn, pytest.raises(psycopg.Error) as why:
        conn.execute(statement)
    assert why.value.sqlstate in ("42883", "42P01", "42704", "3F000", "42703", "42601", "0A000"), why.value
    assert "org_" not in str(why.value)


def test_the_same_names_are_other_things(apart):
    with staging(apart, autocommit=False) as conn:
        make_secrets(conn)
        conn.execute("UPDATE salaries SET note = 'mine'")
        assert conn.execute("SELECT note FROM payroll").fetchone() == ("mine",)
        conn.execute("DROP TABLE vault.gold")
        conn.rollback()
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT note FROM payroll")
    with apart.connect("owner@production", dbname="production") as conn:
        assert conn.execute("SELECT note FROM payroll").fetchone() == (WORD,)
        assert conn.execute("SELECT note FROM vault.gold").fetchone() == (WORD,)


def test_one_text_prepared_in_two_environments_is_two_plans(apart):
    """The same statement, name and protocol message; the tables differ in what they hold."""
    with apart.connect("owner@production", dbname="production") as conn:
        conn.execute("CREATE TABLE twin (word text)")
        conn.execute("INSERT INTO twin VALUES ('produced')")
    with staging(apart) as conn:
        conn.execute("CREATE TABLE twin (word text)")
        conn.execute("INSERT INTO twin VALUES ('staged')")
    with staging(apart) as one, apart.connect("owner@production", dbname="production") as two:
        for _ in range(7):  # past the driver's threshold, into the caches of plans
            assert one.execute("SELECT word FROM twin", prepare=True).fetchall() == [("staged",)]
            assert two.execute("SELECT word FROM twin", prepare=True).fetchall() == [("produced",)]
        for conn, word in ((one, "staged"), (two, "produced")):
            conn.execute("PREPARE p AS SELECT word FROM twin")
            assert conn.execute("EXECUTE p").fetchall() == [(word,)]
    with apart.connect("owner@production", dbname="production") as conn:
        conn.execute("DROP TABLE twin")
    with staging(apart) as conn:
        assert conn.execute("SELECT word FROM twin").fetchall() == [("staged",)]


@pytest.mark.parametrize("who, more", [
    ("owner@staging", {"dbname": "production"}), ("owner@staging", {"dbname": "hatidata"}),
    ("owner@production", {"dbname": "staging"}), ("owner@acme", {"dbname": "production"}),
    ("owner@staging", {"dbname": "Staging"}), ("owner@staging", {"dbname": "never_made"}),
    ("owner@staging", {"dbname": "staging", "options": "'-c hatidata.environment=production'"})])
def test_a_key_opens_its_own_environment_alone(apart, who, more):
    with pytest.raises(psycopg.OperationalError) as why:
        apart.connect(who, **more)
    assert "the user, the API key or the database is wrong" in str(why.value)


def test_the_environment_of_a_session_stays(apart):
    with staging(apart) as conn:
        for statement in ("SET hatidata.environment = 'production'", "ALTER SESSION SET \"hatidata.environment\" = 'x'"):
            with pytest.raises(psycopg.Error):
                conn.execute(statement)
        conn.execute("SET search_path = production, vault, public")
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT * FROM gold")
        conn.execute("DISCARD ALL")
        assert conn.execute("SHOW hatidata.environment").fetchone() == ("staging",)
    # The option stands before the database, and the database that was named then means nothing.
    with apart.connect("owner@staging", dbname="production",
                       options="'-c hatidata.environment=staging'") as conn:
        assert conn.execute("SELECT current_database()").fetchone() == ("staging",)
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT * FROM production.public.people")


def test_the_log_in_sql_shows_the_own_environment(apart):
    with apart.connect("analyst@production", dbname="production") as conn:
        conn.execute("SELECT id AS produced_only FROM salaries")
    with staging(apart, "analyst@staging") as conn:
        conn.execute("SELECT id AS staged_only FROM people")
    seen = {}
    for who, database in (("auditor@staging", "staging"), ("auditor@production", "production")):
        with apart.connect(who, dbname=database) as conn:
            rows = conn.execute("SELECT environment, kind, sql_redacted FROM hatidata.audit_log").fetchall()
        assert {r[0] for r in rows} == {database, None}
        assert {r[1] for r in rows if r[0] is None} <= {"iam", "system"}
        seen[database] = " ".join(r[2] or "" for r in rows)
    assert "staged_only" in seen["staging"] and "produced_only" not in seen["staging"]
    assert "produced_only" in seen["production"] and "staged_only" not in seen["production"]


def test_temporary_tables_are_a_sessions_own(apart):
    with staging(apart) as conn, apart.connect("owner@production", dbname="production") as other:
        conn.execute("CREATE TEMPORARY TABLE t AS SELECT 1 AS x")
        other.execute("CREATE TEMPORARY TABLE t AS SELECT 2 AS x")
        assert conn.execute("SELECT x FROM t").fetchone() == (1,)
        assert other.execute("SELECT x FROM t").fetchone() == (2,)


def test_shared_tables_are_the_organizations(tmp_path):
    """Rows of a shared table belong to the organization: they are there in each of its environments."""
    inst = make_installation(tmp_path / "data", sample=True)
    inst.run("org", "add-environment", "staging", "--org", "acme")
    add_key(inst, "owner@staging", "owner", "staging")
    with Server(inst) as server:
        with server.connect("owner@acme") as conn, server.connect("owner@staging", dbname="staging") as other:
            ours = conn.execute("SELECT count(*) FROM customer").fetchone()
            assert other.execute("SELECT count(*) FROM customer").fetchone() == ours
            assert other.execute("SELECT count(*) FROM shared.nation").fetchone() == (25,)


def test_every_engine_schema_is_quoted_as_it_was_made(apart):
    """A name with every kind of character that is allowed in one."""
    inst = apart.installation
    inst.run("org", "add-environment", "Q_1.a-B_", "--org", "acme")
    add_key(inst, "owner@odd", "owner", "Q_1.a-B_")
    with apart.connect("owner@odd", dbname="Q_1.a-B_") as conn:
        conn.execute("SET hatidata.dialect = 'postgres'")
        conn.execute("CREATE SCHEMA s")
        conn.execute("CREATE TABLE s.t (id int)")
        conn.execute(names.SQL("INSERT INTO {}.s.t VALUES (1)").format(names.Identifier("Q_1.a-B_")))
        assert conn.execute("SELECT table_schema, table_name FROM information_schema.tables WHERE "
                            "table_catalog = 'Q_1.a-B_' AND table_schema = 's'").fetchall() == [("s", "t")]


# ---- policies of environments, and the commands ----

MASK = {"name": "notes", "type": "column_masking", "environments": ["production"], "rules": [
    {"table": "public.notes", "column": "note", "function": "full", "exempt_roles": ["owner"]}]}


@pytest.fixture
def folder(tmp_path):
    """A data folder with two environments, each with its notes, that no server has open."""
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    for environment in ("staging", "production"):
        inst.run("org", "add-environment", environment, "--org", "acme")
        for role in ("owner", "analyst"):
            add_key(inst, f"{role}@{environment}", role, environment)
        rows = tmp_path / f"{environment}.csv"
        rows.write_text(f"id,note\n1,{environment} note\n")
        said = inst.run("load", rows, "--table", "notes", "--org", "acme", "--env", environment).stdout
        assert "1 rows into public.notes" in said
    return inst


def notes(server, who):
    environment = who.split("@")[1]
    with server.connect(who, dbname=environment) as conn:
        return conn.execute("SELECT note FROM notes").fetchone()[0]


def test_a_policy_may_be_for_one_environment(folder):
    folder.set_policy("acme", MASK)
    with Server(folder) as server:
        assert notes(server, "analyst@production") == "***"
        assert notes(server, "analyst@staging") == "staging note"
        folder.set_policy("acme", {k: v for k, v in MASK.items() if k != "environments"})
        assert notes(server, "analyst@production") == notes(server, "analyst@staging") == "***"
        assert notes(server, "owner@staging") == "staging note"


def test_a_policy_for_an_environment_that_isnt_there_is_refused(folder, tmp_path):
    slip = dict(MASK, environments=["production", "prodcution"])
    done = folder.run("policy", "set", "-", "--org", "acme", stdin=json.dumps(slip), check=False)
    assert done.returncode == 1 and 'no environment "prodcution"' in done.stderr
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "notes.json").write_text(json.dumps(slip))
    done = folder.run("policy", "apply", tmp_path / "policies", "--org", "acme", check=False)
    assert done.returncode == 1 and 'no environment "prodcution"' in done.stderr
    assert folder.run("policy", "list", "--org", "acme").stdout == ""


def test_policies_are_tested_and_explained_by_environment(folder, tmp_path):
    folder.set_policy("acme", MASK)
    cases = tmp_path / "notes.test"
    cases.write_text("who role=analyst\nask SELECT note FROM notes\nexpect allowed\nmasks notes.note=full\n"
                     "who role=analyst env=staging\nask SELECT note FROM notes\nexpect allowed\nmasks none\n"
                     "who role=analyst env=hatidata\nask SELECT note FROM notes\n"
                     'expect HATI_ERR_404_TABLE relation "notes" does not exist\n')
    done = folder.run("policy", "test", cases, "--org", "acme", "--env", "production", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    done = folder.run("policy", "test", cases, "--org", "acme", "--env", "stagign", check=False)
    assert done.returncode == 1 and 'no environment "stagign"' in done.stdout
    for environment, code in (("staging", 0), ("hatidata", 1)):
        done = folder.run("explain", "--org", "acme", "--as", "role=analyst", "--env", environment, "-",
                          stdin="SELECT note FROM notes", check=False)
        assert done.returncode == code, done.stdout + done.stderr


def test_load_wants_an_environment_that_is_there(folder, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("id\n1\n")
    done = folder.run("load", rows, "--table", "x", "--org", "acme", "--env", "nope", check=False)
    assert done.returncode == 1 and 'no environment "nope"' in done.stderr
    done = folder.run("load", rows, "--table", "x", "--common", "--env", "staging", check=False)
    assert done.returncode == 2 and "--env is for --org" in done.stderr


def removed_by_a_server_that_runs(folder, server):
    owner, path = Rest(server, "owner@production"), "/v1/organizations/acme/environments"
    owner.ok("POST", path, {"name": "passing"})
    add_key(folder, "owner@passing", "owner", "passing")
    with server.connect("owner@passing", dbname="passing") as conn:
        conn.execute("CREATE TABLE secret (a int)")
        conn.execute("CREATE SCHEMA other")
        assert "keys" in owner.error(409, "DELETE", f"{path}/passing")["message"]
    folder.run("key", "revoke", folder.principals["owner@passing"].key[:16], "--org", "acme")
    assert "1 tables or other objects" in owner.error(409, "DELETE", f"{path}/passing")["message"]
    add_key(folder, "owner@passing", "owner", "passing")
    with server.connect("owner@passing", dbname="passing") as conn:
        conn.execute("DROP TABLE secret")
    folder.run("key", "revoke", folder.principals["owner@passing"].key[:16], "--org", "acme")
    for _ in range(2):
        owner.ok("DELETE", f"{path}/passing")
        owner.error(404, "DELETE", f"{path}/passing")
        owner.ok("POST", path, {"name": "passing"})
        add_key(folder, "owner@passing", "owner", "passing")
        with server.connect("owner@passing", dbname="passing") as conn:  # one of the same name begins with nothing
            assert [r for r in conn.execute("SHOW SCHEMAS") if "OTHER" in r] == []
            conn.execute("CREATE TABLE made (a int)")
            conn.execute("DROP TABLE made")
        folder.run("key", "revoke", folder.principals["owner@passing"].key[:16], "--org", "acme")
    assert "default" in owner.error(400, "DELETE", f"{path}/hatidata")["message"]
    owner.ok("DELETE", f"{path}/passing")


def test_an_environment_is_removed_when_nothing_is_left_in_it(folder):
    def remove(name):
        return folder.run("org", "remove-environment", name, "--org", "acme", check=False)

    done = remove("staging")
    assert done.returncode == 1 and "keys that aren't revoked" in done.stderr
    for role in ("owner", "analyst"):
        folder.run("key", "revoke", folder.principals[f"{role}@staging"].key[:16], "--org", "acme")
    done = remove("staging")
    assert done.returncode == 1 and "1 tables or other objects" in done.stderr and "notes" not in done.stderr
    done = remove("hatidata")
    assert done.returncode == 1 and "the default environment can't be removed" in done.stderr
    assert remove("nope").returncode == 1
    add_key(folder, "owner@staging", "owner", "staging")
    with Server(folder) as server, server.connect("owner@staging", dbname="staging") as conn:
        conn.execute("DROP TABLE notes")
        conn.execute("CREATE SCHEMA empty")
        assert remove("staging").returncode == 1  # a server has the database
    folder.run("key", "revoke", folder.principals["owner@staging"].key[:16], "--org", "acme")
    assert remove("staging").returncode == 0
    assert "staging" not in folder.run("org", "show", "acme").stdout
    folder.run("org", "add-environment", "staging", "--org", "acme")
    add_key(folder, "owner@staging", "owner", "staging")
    with Server(folder) as server:
        removed_by_a_server_that_runs(folder, server)
        with server.connect("owner@staging", dbname="staging") as conn:
            assert [r[1] for r in conn.execute("SHOW SCHEMAS") if "EMPTY" in r] == []
            trail = conn.execute("SELECT action, resource FROM hatidata.audit_log WHERE kind = 'iam'").fetchall()
        assert ("environment.remove", "environment/staging") in trail
        assert notes(server, "owner@production") == "production note"
