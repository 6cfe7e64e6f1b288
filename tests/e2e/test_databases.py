"""Several databases within an environment, as Snowflake's statements use them."""
import psycopg
import pytest

from harness import Server, make_installation


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("databases") / "data")
    inst.run("org", "add-environment", "staging", "--org", "acme")
    inst.add_key("owner@staging", "owner@acme.example", "--org", "acme", "--user", "owner@acme.example",
                 "--env", "staging")
    inst.add_key("limited@acme", None, "--org", "acme", "--agent", "bot", "--role", "service_account",
                 "--scopes", "query:read,schema:read", "--allow-table", "public.people")
    with Server(inst) as server:
        yield server


@pytest.fixture
def conn(site):
    """The owner's session; what it made is gone afterwards."""
    with site.connect("owner@acme") as conn:
        yield conn
    with site.connect("owner@acme") as conn:
        for name in ("marts", "raw"):
            conn.execute(f"DROP DATABASE IF EXISTS {name}")


def fails(conn, statement, state, said=None):
    with pytest.raises(psycopg.Error) as e:
        conn.execute(statement)
    assert e.value.sqlstate == state, e.value
    assert said is None or said in str(e.value), e.value


def one(conn, statement):
    return conn.execute(statement).fetchone()


def make(conn):
    conn.execute("CREATE DATABASE marts")
    conn.execute("CREATE SCHEMA marts.jaffles")
    conn.execute("CREATE TABLE marts.jaffles.customers (id int, name varchar)")
    conn.execute("INSERT INTO marts.jaffles.customers VALUES (1, 'Jenny')")


def test_names_of_three_parts(conn):
    make(conn)
    assert one(conn, "SELECT name FROM marts.jaffles.customers") == ("Jenny",)
    assert one(conn, 'SELECT c.name FROM "MARTS".JAFFLES."Customers" c') == ("Jenny",)
    assert one(conn, "SELECT jaffles.customers.name FROM marts.jaffles.customers") == ("Jenny",)
    assert one(conn, "SELECT marts.jaffles.customers.name FROM marts.jaffles.customers") == ("Jenny",)
    assert one(conn, "SELECT Marts.jaffles.customers.* FROM marts.jaffles.customers") == (1, "Jenny")
    for wrong in ("hatidata.jaffles.customers.name", "hatidata.jaffles.customers.*", "marts.public.customers.name"):
        fails(conn, f"SELECT {wrong} FROM marts.jaffles.customers", "42P01")
    conn.execute("UPDATE marts.jaffles.customers SET name = 'Jen' WHERE marts.jaffles.customers.id = 1")
    conn.execute("UPDATE marts.jaffles.customers SET name = 'Jenny' FROM (SELECT 1 AS id) n WHERE n.id = marts.jaffles.customers.id")
    conn.execute("UPDATE marts.jaffles.customers SET name = 'Jo'")
    conn.execute("CREATE TABLE marts.public.copies AS SELECT * FROM marts.jaffles.customers")
    assert one(conn, "SELECT count(*) FROM marts.public.copies WHERE name = 'Jo'") == (1,)
    for name in ("customers", "jaffles.customers", "hatidata.jaffles.customers", "raw.jaffles.customers",
                 "marts.public.customers", "marts.customers"):
        fails(conn, f"SELECT * FROM {name}", "3F000" if name.startswith("raw") else "42P01")
    conn.execute("DROP TABLE marts.jaffles.customers")
    fails(conn, "SELECT * FROM marts.jaffles.customers", "42P01")


def test_use(conn):
    make(conn)
    conn.execute("CREATE TABLE IF NOT EXISTS public.here (id int)")
    assert one(conn, "SELECT current_database()") == ("hatidata",)
    conn.execute("USE DATABASE marts")
    assert one(conn, "SELECT current_database(), current_schema()") == ("marts", "public")
    fails(conn, "SELECT * FROM here", "42P01")
    assert conn.execute("SELECT * FROM hatidata.public.here").fetchall() == []
    conn.execute("USE SCHEMA jaffles")
    conn.execute("INSERT INTO customers VALUES (2, 'Jasper')")
    assert conn.execute("SELECT name FROM customers ORDER BY id").fetchall() == [("Jenny",), ("Jasper",)]
    assert one(conn, "SELECT count(*) FROM jaffles.customers") == (2,)
    conn.execute("CREATE TABLE orders (id int)")
    conn.execute("CREATE SEQUENCE numbers")
    assert one(conn, "SELECT nextval('numbers'), nextval('jaffles.numbers')") == (1, 2)
    conn.execute("CREATE FUNCTION twice(x int) RETURNS int AS 'x * 2'")
    assert one(conn, "SELECT twice(2), jaffles.twice(3)") == (4, 6)
    conn.execute("USE hatidata")
    assert conn.execute("SELECT * FROM marts.jaffles.orders").fetchall() == []
    fails(conn, "SELECT * FROM orders", "42P01")
    fails(conn, "SELECT twice(2)", "42883")
    conn.execute("USE marts.jaffles")
    assert conn.execute("SELECT * FROM orders").fetchall() == []
    conn.execute("USE SCHEMA hatidata.public")
    assert conn.execute("SELECT * FROM here").fetchall() == []
    for statement in ("USE DATABASE raw", "USE raw.public", "USE SCHEMA marts.nothing", "USE SCHEMA jaffles"):
        fails(conn, statement, "3F000")
    conn.execute("DROP TABLE here")


def test_a_database_is_of_the_session_and_ends_with_its_transaction(conn):
    make(conn)
    conn.execute("BEGIN")
    conn.execute("USE DATABASE marts")
    conn.execute("ROLLBACK")
    assert one(conn, "SELECT current_database()") == ("hatidata",)
    conn.execute("USE marts")
    conn.execute("DISCARD ALL")
    assert one(conn, "SELECT current_database()") == ("hatidata",)


def test_a_plan_is_of_the_database_it_was_made_in(conn):
    make(conn)
    conn.execute("CREATE TABLE marts.public.t AS SELECT 'marts' AS x")
    conn.execute("CREATE TABLE public.t AS SELECT 'own' AS x")
    for _ in range(4):
        assert conn.execute("SELECT x FROM t", prepare=True).fetchone() == ("own",)
        conn.execute("USE DATABASE marts")
        assert conn.execute("SELECT x FROM t", prepare=True).fetchone() == ("marts",)
        conn.execute("USE DATABASE hatidata")
    conn.execute("DROP TABLE t")


def test_views_mean_what_they_meant(conn):
    make(conn)
    conn.execute("CREATE TABLE public.customers (id int, name varchar)")
    conn.execute("USE marts.jaffles")
    conn.execute("CREATE VIEW v AS SELECT name FROM customers")
    conn.execute("CREATE VIEW hatidata.public.w AS SELECT name FROM jaffles.customers")
    for place in ("marts.jaffles", "hatidata.public"):
        conn.execute(f"USE SCHEMA {place}")
        assert one(conn, "SELECT name FROM marts.jaffles.v") == ("Jenny",)
        assert one(conn, "SELECT name FROM hatidata.public.w") == ("Jenny",)
    conn.execute("DROP VIEW w")
    conn.execute("DROP TABLE public.customers")


def test_lists(conn):
    make(conn)
    conn.execute("SET hatidata.dialect = 'snowflake'")
    assert [r[0] for r in conn.execute("SHOW DATABASES").fetchall()] == ["HATIDATA", "MARTS"]
    assert [(r[0], r[2]) for r in conn.execute("SHOW SCHEMAS IN DATABASE marts").fetchall()] == [
        ("JAFFLES", "MARTS"), ("PUBLIC", "MARTS")]
    assert [r[:3] for r in conn.execute("SHOW TABLES IN DATABASE marts").fetchall()] == [
        ("CUSTOMERS", "MARTS", "JAFFLES")]
    assert [r[0] for r in conn.execute("SHOW TABLES IN SCHEMA marts.jaffles").fetchall()] == ["CUSTOMERS"]
    assert [r[2] for r in conn.execute("SHOW COLUMNS IN TABLE marts.jaffles.customers").fetchall()] == ["ID", "NAME"]
    assert [r[0] for r in conn.execute("DESCRIBE TABLE marts.jaffles.customers").fetchall()][:1] == ["ID"]
    assert conn.execute("SELECT table_catalog, table_schema, table_name FROM information_schema.tables "
                        "WHERE table_name = 'CUSTOMERS'").fetchall() == [("MARTS", "JAFFLES", "CUSTOMERS")]
    fails(conn, "SHOW TABLES IN DATABASE raw", "3F000")
    fails(conn, "SHOW TABLES IN SCHEMA raw.public", "3F000")


def test_dropping(conn):
    make(conn)
    conn.execute("CREATE DATABASE raw")
    fails(conn, "DROP DATABASE hatidata", "42501")
    fails(conn, "DROP SCHEMA marts.public", "42501")
    fails(conn, "DROP DATABASE nothing", "3F000")
    fails(conn, "CREATE DATABASE marts", "42710")
    fails(conn, "CREATE DATABASE hatidata", "42710")
    fails(conn, 'CREATE DATABASE "a.b"', "42601")
    fails(conn, 'CREATE SCHEMA "a.b"', "42601")
    fails(conn, "CREATE DATABASE system", "42601")
    conn.execute("SET hatidata.dialect = 'postgres'")
    fails(conn, "DROP DATABASE marts", "0A000", "isn't empty")
    conn.execute("SET hatidata.dialect = 'snowflake'")
    conn.execute("CREATE DATABASE IF NOT EXISTS marts")
    conn.execute("DROP SCHEMA marts.jaffles")
    fails(conn, "SELECT * FROM marts.jaffles.customers", "42P01")
    conn.execute("CREATE SCHEMA marts.jaffles")
    conn.execute("DROP DATABASE marts")
    assert [r[0] for r in conn.execute("SHOW DATABASES").fetchall()] == ["HATIDATA", "RAW"]
    fails(conn, "CREATE SCHEMA marts.x", "3F000")


def test_a_rolled_back_database_never_was(conn):
    conn.execute("BEGIN")
    make(conn)
    assert one(conn, "SELECT name FROM marts.jaffles.customers") == ("Jenny",)
    conn.execute("ROLLBACK")
    fails(conn, "SELECT * FROM marts.jaffles.customers", "3F000")


def test_they_are_an_environments_own(site, conn):
    """Nobody else has them or learns of them, and policies and keys name them in full."""
    make(conn)
    for who, more in (("owner@globex", {}), ("owner@staging", {"dbname": "staging"})):
        with site.connect(who, **more) as other:
            fails(other, "SELECT * FROM marts.jaffles.customers", "3F000")
            fails(other, "SELECT * FROM \"marts.jaffles\".customers", "42P01")
            fails(other, "USE DATABASE marts", "3F000")
            fails(other, "DROP DATABASE marts", "3F000")
            assert "MARTS" not in str(other.execute("SHOW DATABASES").fetchall())
            other.execute("SET hatidata.database = 'marts'")
            fails(other, "SELECT * FROM jaffles.customers", "42P01")
            other.execute("SET hatidata.database = ''")
            other.execute("CREATE DATABASE marts")
            fails(other, "SELECT * FROM marts.jaffles.customers", "42P01")
            other.execute("DROP DATABASE marts")
    assert one(conn, "SELECT name FROM marts.jaffles.customers") == ("Jenny",)
    with site.connect("analyst@acme") as other:
        fails(other, "CREATE DATABASE raw", "42501")
        fails(other, "DROP DATABASE marts", "42501")
        assert one(other, "SELECT name FROM marts.jaffles.customers") == ("Jenny",)


def test_a_key_that_is_limited_to_a_table_has_no_other_of_its_name(site, conn):
    conn.execute("CREATE DATABASE marts")
    conn.execute("CREATE TABLE public.people AS SELECT 1 AS id")
    conn.execute("CREATE TABLE marts.public.people AS SELECT 2 AS id")
    with site.connect("limited@acme") as other:
        assert one(other, "SELECT id FROM people") == (1,)
        fails(other, "SELECT id FROM marts.public.people", "42P01")
        other.execute("SET hatidata.database = 'marts'")
        fails(other, "SELECT id FROM people", "42P01")
        assert "marts" not in str(other.execute("SELECT * FROM information_schema.tables").fetchall()).lower()
    conn.execute("DROP TABLE public.people")


def test_masks_and_filters_name_a_database(site, conn):
    make(conn)
    site.installation.set_policy("acme", {"name": "jaffles", "type": "column_masking", "rules": [
        {"table": "marts.jaffles.customers", "column": "name", "function": "full", "exempt_roles": ["owner"]}]})
    with site.connect("analyst@acme") as other:
        assert one(other, "SELECT name FROM marts.jaffles.customers") == ("***",)
        other.execute("USE marts.jaffles")
        assert one(other, "SELECT name FROM customers") == ("***",)
    with site.connect("auditor@acme") as other:
        assert other.execute("SELECT count(*) > 0 FROM hatidata.audit_log WHERE "
                             "array_contains('marts.jaffles.customers', tables_accessed)").fetchone() == (True,)
    site.installation.run("policy", "remove", "jaffles", "--org", "acme")
