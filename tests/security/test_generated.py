"""Generated columns and indexes: neither is a way to a masked value, to a hidden row or out of a rule."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer

TABLES = [
    "CREATE TABLE people (id int, department text, ssn text, tail text AS (right(ssn, 4)) STORED,"
    " again text AS (upper(tail)), plain int AS (id + 1))",
    "INSERT INTO people VALUES (1, 'sales', '901-1111'), (2, 'legal', '902-2222')",
    "CREATE TABLE staff (id int, dep text, unit text GENERATED ALWAYS AS (lower(dep)) STORED)",
    "INSERT INTO staff VALUES (1, 'SALES'), (2, 'LEGAL')",
    "CREATE TABLE numbers (id int, ssn text)",
    "CREATE UNIQUE INDEX numbers_ssn ON numbers (ssn)",
    "INSERT INTO numbers VALUES (1, '901'), (2, '902')",
    "CREATE TABLE rooms (id int, department text)",
    "CREATE UNIQUE INDEX rooms_id ON rooms (id)",
    "INSERT INTO rooms VALUES (1, 'sales'), (7, 'legal')",
    "CREATE TABLE hashed_of (id int, a text, b text AS (lower(a)))",
    "INSERT INTO hashed_of (id, a) VALUES (1, '901')",
    "CREATE TABLE later (id int, ssn text)",
    "INSERT INTO later VALUES (1, '901'), (2, '901')",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("made") / "data", orgs=("acme", "globex"))
    inst.add_user("acme", "developer", "dev", "--attribute", "department=sales")
    rule = {"exempt_roles": ["owner"]}
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": f"public.{t}", "column": "ssn", "function": "full", **rule}
        for t in ("people", "numbers", "later")] + [
        {"table": "public.hashed_of", "column": "b", "function": "hash", **rule}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "public.people", "filter": "department = '{department}'", **rule},
        {"table": "public.rooms", "filter": "department = '{department}'", **rule},
        {"table": "public.staff", "filter": "unit = '{department}'", **rule}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in TABLES:
                conn.execute(sql)
        yield server


@pytest.mark.parametrize("sql", [
    "SELECT tail FROM people", "SELECT again FROM people", "SELECT * FROM people",
    "SELECT 1 FROM people WHERE tail = '1111'", "SELECT count(*) FROM people GROUP BY again",
    "SELECT 1 FROM people ORDER BY tail", "SELECT max(again) FROM people",
    "SELECT p.id FROM people p JOIN people q USING (tail)",
    "SELECT right(ssn, 2), tail FROM people", "SELECT coalesce(again, 'none') FROM people"])
def test_what_is_made_of_a_masked_column_is_null(made, sql):
    said = answer(made, "dev@acme", sql)
    assert said.startswith("[") and "1111" not in said and "2222" not in said, said


def test_what_is_made_of_a_masked_column_is_null_wherever_it_goes(made):
    assert answer(made, "dev@acme", "SELECT tail, again, plain FROM people") == "[(None, None, 2)]"
    assert answer(made, "dev@acme", "SELECT count(tail), count(*) FROM people") == "[(0, 1)]"
    assert answer(made, "dev@acme", "SELECT 1 FROM people WHERE tail = '1111' OR again > ''") == "[]"
    assert "('column', 'public.people.tail', 'mask', None, 'null')" in answer(
        made, "dev@acme", "EXPLAIN POLICY SELECT tail FROM people")
    with made.connect("dev@acme") as conn:
        conn.execute("CREATE TABLE copy AS SELECT tail FROM people")
    assert answer(made, "owner@acme", "SELECT * FROM copy") == "[(None,)]"


@pytest.mark.parametrize("sql", [
    "UPDATE people SET id = 5 RETURNING tail", "INSERT INTO numbers (ssn) SELECT again FROM people",
    "DELETE FROM people WHERE tail = '1111'", "INSERT INTO hashed_of (a) VALUES ('901')",
    "UPDATE hashed_of SET a = '901'"])
def test_a_write_does_not_show_it_either(made, sql):
    said = answer(made, "dev@acme", sql)
    assert said.startswith("42501") and "1111" not in said and "2222" not in said


def test_what_is_made_of_others_is_shown_of_visible_rows(made):
    assert answer(made, "dev@acme", "SELECT id, plain FROM people") == "[(1, 2)]"
    assert answer(made, "owner@acme", "SELECT tail, again FROM people ORDER BY id") == \
        "[('1111', '1111'), ('2222', '2222')]"


def test_a_filter_over_a_generated_column_is_not_left(made):
    assert answer(made, "dev@acme", "SELECT id FROM staff") == "[(1,)]"
    for sql in ("UPDATE staff SET dep = 'LEGAL'", "INSERT INTO staff VALUES (3, 'LEGAL')",
                "UPDATE staff SET unit = 'legal'"):
        assert answer(made, "dev@acme", sql).startswith(("42501", "42601")), sql
    assert answer(made, "owner@acme", "SELECT id, dep FROM staff ORDER BY id") == \
        "[(1, 'SALES'), (2, 'LEGAL')]"


@pytest.mark.parametrize("oracle", [
    "INSERT INTO numbers VALUES (3, '{}')|901|999",
    "INSERT INTO numbers VALUES (3, '{}') ON CONFLICT DO NOTHING|901|999",
    "INSERT INTO numbers VALUES (3, '{}') ON CONFLICT (ssn) DO NOTHING|901|999",
    "UPDATE numbers SET ssn = '{}' WHERE id = 1|902|999",
    "INSERT INTO rooms VALUES ({}, 'sales')|7|8",
    "UPDATE rooms SET id = {} WHERE id = 1|7|8"])
def test_a_unique_index_tells_nothing(made, oracle):
    sql, right, wrong = oracle.split("|")
    said = [answer(made, "dev@acme", sql.format(guess)).replace(guess, "?") for guess in (right, wrong)]
    assert said[0] == said[1] and said[0].startswith("42501"), said


@pytest.mark.parametrize("sql", [
    "CREATE UNIQUE INDEX u ON later (ssn)", "CREATE INDEX u ON later (ssn)",
    "ALTER TABLE later ADD UNIQUE (ssn)", "ALTER TABLE later ADD PRIMARY KEY (ssn)",
    "DROP INDEX rooms_id", "ALTER TABLE rooms DROP CONSTRAINT rooms_id",
    "DROP INDEX IF EXISTS numbers_ssn", "ALTER TABLE people DROP COLUMN tail",
    "ALTER TABLE later RENAME COLUMN ssn TO s, ADD COLUMN t text",
    "ALTER TABLE later ALTER COLUMN ssn TYPE text USING ssn",
    "ALTER TABLE later ALTER COLUMN id TYPE USING ssn"])
def test_whom_a_rule_binds_changes_no_schema(made, sql):
    assert answer(made, "dev@acme", sql).startswith("42501")


@pytest.mark.parametrize("sql", ["DROP INDEX rooms_id", "DROP INDEX public.rooms_id",
                                 "DROP INDEX org_acme.rooms_id", "CREATE INDEX i ON org_acme.rooms (id)"])
def test_an_index_of_another_organization_is_not_there(made, sql):
    assert answer(made, "owner@globex", sql).startswith(("42P01", "3F000"))
    answer(made, "owner@globex", sql.replace("INDEX ", "INDEX IF EXISTS ", 1))
    with made.connect("owner@acme") as conn, pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("INSERT INTO rooms VALUES (1, 'sales')")
