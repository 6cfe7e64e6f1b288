"""Attacks on row filters and tenancy."""
import psycopg
import pytest

from security_data import HIDDEN, answer

ROWS = [
    "SELECT name FROM people WHERE 1=1 OR department = 'legal'",
    "SELECT name FROM people WHERE department = 'legal'",
    "SELECT name FROM people -- ' OR 1=1",
    "SELECT name FROM people /* */ WHERE TRUE OR FALSE AND FALSE",
    "SELECT name FROM people_view",
    "SELECT a.name FROM people a JOIN people b ON TRUE WHERE b.department = 'legal'",
    "SELECT name FROM people UNION ALL SELECT name FROM people WHERE department <> 'sales'",
    "WITH people AS (SELECT * FROM people) SELECT name FROM people",
    "WITH RECURSIVE r AS (SELECT name FROM people UNION ALL SELECT p.name FROM people p, r WHERE FALSE) "
    "SELECT * FROM r",
    "SELECT (SELECT string_agg(name, ',') FROM people)",
    "SELECT name FROM people WHERE id IN (SELECT id FROM people)",
    "SELECT count(*) FROM people HAVING count(*) > 0",
    "SELECT max(name) FROM people",
    "SELECT name FROM PEOPLE",
    'SELECT name FROM "People"',
    'SELECT name FROM public."PEOPLE"',
    "SELECT max(id) FROM people",
    "EXPLAIN SELECT name FROM people",
    "SELECT name::int FROM people WHERE id = 4",
    "SELECT id FROM people WHERE CAST(CASE id WHEN 4 THEN name ELSE '1' END AS int) = 1",
    "SELECT 1/(id-4) FROM people",
    "SELECT id FROM people WHERE 1 // (id - 4) > 0",
    "SELECT error(name) FROM people",
    "COPY people TO STDOUT",
]


@pytest.mark.parametrize("sql", ROWS)
def test_hidden_rows_stay_hidden(guarded, sql):
    said = answer(guarded, "sales@acme", sql)
    assert not [v for v in HIDDEN if v in said.replace(sql, "")], said


def test_counts_are_of_visible_rows(guarded):
    with guarded.connect("sales@acme") as conn:
        assert conn.execute("SELECT count(*), max(id) FROM people").fetchone() == (2, 2)
        assert conn.execute("SELECT count(*) FROM people a, people b").fetchone() == (4,)


FAULTS = [  # fail on a hidden row only: must run as if it weren't there
    "SELECT id FROM people WHERE CASE WHEN name = 'Dan' THEN 'x'::int ELSE 1 END = 1",
    "SELECT a.id FROM people a JOIN people b ON CASE WHEN a.name = 'Cyd' THEN 'x'::int ELSE 1 END = 1",
    "SELECT id FROM people WHERE id IN (SELECT CASE WHEN name = 'Cyd' THEN 'x'::int ELSE id END FROM people)",
    "SELECT sum(CASE WHEN name IN ('Cyd', 'Dan') THEN 'x'::int ELSE 1 END) FROM people",
]


@pytest.mark.parametrize("sql", FAULTS)
def test_no_error_of_a_hidden_row(guarded, sql):
    with guarded.connect("sales@acme") as conn:
        assert conn.execute(sql).fetchall()


def test_writes_touch_visible_rows_only(guarded):
    with guarded.connect("dev@acme", autocommit=False) as conn:
        assert conn.execute("UPDATE people SET name = 'x'").rowcount == 2
        assert conn.execute("DELETE FROM people").rowcount == 2
        conn.rollback()
        for sql in ("INSERT INTO people VALUES (9, 'Eve', 'legal', 'x', 1)",
                    "UPDATE people SET department = 'legal'"):
            with pytest.raises(psycopg.Error):
                conn.execute(sql)
            conn.rollback()
    with guarded.connect("owner@acme") as conn:
        assert conn.execute("SELECT count(*) FROM people").fetchone() == (4,)


def test_row_security_off_lifts_nothing(guarded):
    off = [answer(guarded, who, f"SET row_security = off; {sql}")
           for who in ("sales@acme", "dev@acme")
           for sql in ("SELECT name FROM people", "SELECT name FROM people_view", "SELECT 1 FROM notes, people",
                       "EXPLAIN SELECT name FROM people", "COPY people TO STDOUT")]
    assert all(said.startswith("42501") for said in off), off
    with guarded.connect("dev@acme") as conn:
        conn.execute("SET row_security = off")
        for sql in ("DELETE FROM people", "UPDATE people SET name = 'x'", "INSERT INTO people VALUES (9, 'Eve', 'sales', 'x', 1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(sql)
        assert conn.execute("SELECT count(*) FROM notes").fetchone() == (0,)  # no filter concerns it
        assert len(conn.execute("SELECT DISTINCT c_tenant FROM customer").fetchall()) == 1
        conn.execute("RESET row_security")
        assert conn.execute("SELECT count(*) FROM people").fetchone() == (2,)
    with guarded.connect("owner@acme", options="'-c row_security=off'") as conn:
        assert conn.execute("SELECT count(*) FROM people").fetchone() == (4,)


def test_a_plan_that_was_prepared_is_refused_as_well(guarded):
    with guarded.connect("sales@acme") as conn:
        sql = "SELECT count(*) FROM people WHERE id > %s"
        assert conn.execute(sql, (0,), prepare=True).fetchone() == (2,)
        conn.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(sql, (0,), prepare=True)


def test_absent_attribute_denies(guarded):
    said = answer(guarded, "analyst@acme", "SELECT name FROM people")
    assert said.startswith("42501"), said


TENANT = [
    "SELECT word FROM globex_secrets",
    "SELECT word FROM public.globex_secrets",
    'SELECT word FROM "globex_secrets"',
    "SELECT * FROM org_{globex}.globex_secrets",
    'SELECT * FROM "org_{globex}".globex_secrets',
    "SELECT * FROM hati.org_{globex}.globex_secrets",
    "SELECT * FROM people, org_{globex}.globex_secrets",
    "SELECT * FROM people UNION ALL SELECT word FROM org_{globex}.globex_secrets",
    "SELECT (SELECT word FROM org_{globex}.globex_secrets)",
    "WITH org_{globex} AS (SELECT 1) SELECT * FROM org_{globex}.globex_secrets",
    "INSERT INTO org_{globex}.globex_secrets VALUES ('x')",
    "DROP TABLE org_{globex}.globex_secrets",
    "ALTER TABLE org_{globex}.globex_secrets RENAME TO x",
    "CREATE TABLE org_{globex}.mine (a int)",
    "CREATE VIEW v AS SELECT * FROM org_{globex}.globex_secrets",
    "SELECT * FROM globex_secret",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM sqlite_master",
    "SHOW ALL TABLES",
    "SHOW TABLES",
]


@pytest.mark.parametrize("who", ["owner@acme", "sales@acme"])
@pytest.mark.parametrize("sql", TENANT)
def test_another_organizations_table_is_not_there(guarded, who, sql):
    orgs = guarded.installation.run("org", "list").stdout
    globex = next(line.split()[0] for line in orgs.splitlines() if "globex" in line)
    text = sql.replace("{globex}", globex)
    said = answer(guarded, who, text)
    assert "xyzzy" not in said
    assert "globex_secrets" not in said.replace(text, "").replace("globex_secrets\" does not exist", ""), said
    with guarded.connect("owner@globex") as conn:
        assert conn.execute("SELECT word FROM globex_secrets").fetchall() == [("xyzzy-plugh",)]


SHARED = ["SELECT DISTINCT c_tenant FROM customer", "SELECT DISTINCT o_tenant FROM orders",
          "SELECT DISTINCT c_tenant FROM customer UNION SELECT DISTINCT o_tenant FROM orders",
          "SELECT DISTINCT c_tenant FROM customer WHERE TRUE OR c_tenant IS NOT NULL",
          "SELECT DISTINCT l_tenant FROM shared.lineitem JOIN orders ON l_orderkey = o_orderkey",
          "SELECT DISTINCT c.c_tenant FROM customer c FULL JOIN orders o ON c_custkey = o_custkey "
          "WHERE c.c_tenant IS NOT NULL",
          "SELECT DISTINCT c_tenant FROM customer RIGHT JOIN nation ON TRUE WHERE c_tenant IS NOT NULL"]


@pytest.mark.parametrize("sql", SHARED)
def test_shared_tables_show_one_tenant(guarded, sql):
    seen = {}
    for who in ("owner@acme", "owner@globex"):
        with guarded.connect(who) as conn:
            seen[who] = {r[0] for r in conn.execute(sql)}
            assert len(seen[who]) == 1
    assert not seen["owner@acme"] & seen["owner@globex"]


def test_writes_into_shared_tables_stay_in_the_tenant(guarded):
    with guarded.connect("owner@globex") as conn:
        other = conn.execute("SELECT DISTINCT c_tenant FROM customer").fetchone()[0]
        before = conn.execute("SELECT count(*) FROM customer").fetchone()
    with guarded.connect("owner@acme", autocommit=False) as conn:
        for sql in (f"INSERT INTO customer (c_custkey, c_tenant) VALUES (-1, '{other}')",
                    f"UPDATE customer SET c_tenant = '{other}'",
                    f"INSERT INTO customer SELECT * REPLACE ('{other}' AS c_tenant) FROM customer"):
            with pytest.raises(psycopg.Error):
                conn.execute(sql)
            conn.rollback()
        conn.execute("DELETE FROM customer")
        conn.commit()
    with guarded.connect("owner@globex") as conn:
        assert conn.execute("SELECT count(*) FROM customer").fetchone() == before
