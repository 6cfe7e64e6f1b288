"""Objects as ways out: copies that would shed a mask, swaps, comments, sequences, truncation, schemas."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("owned") / "data")
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user",
                 "developer@acme.example", "--allow-table", "public.notes")
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "public.staff", "filter": "department = 'sales'", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in ("CREATE TABLE people (id int, ssn text)", "INSERT INTO people VALUES (1, 'plugh')",
                        "CREATE TABLE staff (id int, department text)", "CREATE TABLE notes (id int, note text)",
                        "CREATE TABLE tagged (id int, phone text)", "CREATE TABLE spare (id int, ssn text)",
                        "CREATE SEQUENCE numbers", "CREATE SCHEMA sales", "CREATE TABLE sales.deals (a int)"):
                conn.execute(sql)
        inst.run("tag", "add", "public.tagged.phone", "pii", "--org", "acme")
        with server.connect("owner@globex") as conn:
            conn.execute("CREATE SCHEMA plans")
            conn.execute("CREATE TABLE plans.words (word text)")
        yield server


@pytest.fixture
def staff(owned):
    with owned.connect("owner@acme") as conn:
        conn.execute("DELETE FROM staff")
        conn.execute("INSERT INTO staff VALUES (1, 'sales'), (2, 'legal')")
    yield owned


def all_staff(server):
    with server.connect("owner@acme") as conn:
        return conn.execute("SELECT id, department FROM staff ORDER BY id").fetchall()


@pytest.mark.parametrize("sql", [
    "CREATE TABLE loot CLONE people", "CREATE TABLE loot LIKE people", "CREATE TEMP TABLE loot CLONE people",
    "CREATE OR REPLACE TABLE spare CLONE people", "CREATE TABLE loot CLONE staff",
    "ALTER TABLE spare SWAP WITH people", "ALTER TABLE people SWAP WITH spare",
    "ALTER TABLE people RENAME TO public.loot", "COMMENT ON TABLE people IS 'x'",
    "COMMENT ON COLUMN people.ssn IS 'x'", "DROP TABLE spare, people"])
def test_whom_a_rule_binds_makes_no_copy_without_it(owned, sql):
    said = answer(owned, "developer@acme", sql)
    assert said.startswith("42501") and "plugh" not in said, said
    with owned.connect("owner@acme") as conn:
        assert conn.execute("SELECT ssn FROM people").fetchall() == [("plugh",)]
        assert conn.execute("SELECT count(*) FROM spare").fetchone() == (0,)


@pytest.mark.parametrize("sql,table", [
    ("CREATE TABLE spoils (a text) AS SELECT ssn FROM people", "spoils"),
    ("INSERT OVERWRITE INTO spare SELECT * FROM people", "spare"),
    ("INSERT INTO spare BY NAME SELECT * FROM people", "spare")])
def test_a_copy_holds_the_mask(owned, sql, table):
    with owned.connect("developer@acme") as conn:
        conn.execute(sql)
    with owned.connect("owner@acme") as conn:
        kept = str(conn.execute(f"SELECT * FROM {table}").fetchall())
        conn.execute("DELETE FROM spare")
    assert "***" in kept and "plugh" not in kept, kept


def test_a_mask_alone_hides_no_row_and_changes_no_number(owned):
    assert answer(owned, "developer@acme", "SELECT rowid, upper(ssn) FROM people") == "[(0, '***')]"


@pytest.mark.parametrize("sql", ["CREATE TABLE loot CLONE tagged", "CREATE TABLE loot LIKE tagged"])
def test_tags_are_not_lost_by_copying(owned, sql):
    assert answer(owned, "owner@acme", sql).startswith("42501")


def test_truncate_spares_hidden_rows(staff):
    assert answer(staff, "developer@acme", "TRUNCATE TABLE staff") == "TRUNCATE TABLE"
    assert all_staff(staff) == [(2, "legal")]


def test_overwrite_spares_hidden_rows_and_checks_new_ones(staff):
    assert answer(staff, "developer@acme", "INSERT OVERWRITE INTO staff VALUES (9, 'legal')").startswith("42501")
    assert all_staff(staff) == [(1, "sales"), (2, "legal")]
    assert answer(staff, "developer@acme", "INSERT OVERWRITE INTO staff VALUES (9, 'sales')") == "INSERT 0 1"
    assert all_staff(staff) == [(2, "legal"), (9, "sales")]


@pytest.mark.parametrize("sql", [
    "TRUNCATE TABLE notes", "INSERT OVERWRITE INTO notes VALUES (1, 'x')", "SELECT nextval('numbers')",
    "SELECT numbers.nextval", "CREATE SCHEMA mine", "DROP SCHEMA sales", "CREATE SEQUENCE mine",
    "COMMENT ON TABLE notes IS 'x'", "CREATE TEMP TABLE x (a int)"])
def test_who_only_reads_changes_nothing(owned, sql):
    assert answer(owned, "analyst@acme", sql).startswith("42501")


@pytest.mark.parametrize("sql", [
    "DROP TABLE IF EXISTS notes, people", "DROP SCHEMA sales", "DROP SCHEMA IF EXISTS sales CASCADE",
    "CREATE SCHEMA mine", "CREATE SEQUENCE mine", "SELECT nextval('numbers')", "ALTER TABLE notes SWAP WITH people",
    "CREATE TABLE x LIKE people", "COMMENT ON TABLE people IS 'x'", "TRUNCATE TABLE people",
    "TRUNCATE TABLE notes, people", "CREATE OR REPLACE TABLE notes CLONE people"])
def test_a_limited_key_reaches_nothing_else(owned, sql):
    before = everything(owned)
    said = answer(owned, "limited@acme", sql)
    if sql == "DROP TABLE IF EXISTS notes, people":
        with owned.connect("owner@acme") as conn:  # what it may touch is gone, and nothing else
            conn.execute("CREATE TABLE notes (id int, note text)")
    else:
        assert said[:5] in ("42501", "42P01", "3F000", "0A000"), said
    assert everything(owned) == before


def everything(server):
    with server.connect("owner@acme") as conn:
        return conn.execute("SELECT table_schema, table_name, comment FROM information_schema.tables "
                            "ORDER BY 1, 2").fetchall()


@pytest.mark.parametrize("sql", [
    "SELECT * FROM plans.words", "CREATE TABLE plans.x (a int)", "DROP SCHEMA plans", "USE SCHEMA plans",
    "SHOW TABLES IN SCHEMA plans", 'SELECT * FROM "org_globex_s_plans".words', 'CREATE SCHEMA "org_globex"'])
def test_schemas_of_another_organization(owned, sql):
    with owned.connect("owner@acme") as conn:
        try:
            cur = conn.execute(sql)
            assert not cur.description or cur.fetchall() == []
        except psycopg.Error as e:
            assert "words" not in str(e) or "plans.words" in sql or "org_globex" in sql
    with owned.connect("owner@globex") as conn:
        assert conn.execute("SELECT count(*) FROM plans.words").fetchone() == (0,)


def test_a_sequence_of_another_schema_is_not_reached_by_its_engine_name(owned):
    for name in ('"org_acme"."numbers"', "hati.org_acme.numbers", "org_acme.numbers"):
        said = answer(owned, "owner@acme", f"SELECT nextval('{name}')")
        assert not said.startswith("["), said
