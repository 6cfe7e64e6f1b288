"""Functions and macros in SQL, made by one who sees everything and called by one who doesn't."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("functions") / "data")
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user",
                 "developer@acme.example", "--allow-table", "public.notes")
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "public.people", "filter": "department = 'sales'", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "closed", "type": "abac", "effect": "deny",
                             "conditions": {"role": {"in": ["analyst"]}}, "actions": ["query"],
                             "resources": ["table:public.words", "table:public.closed_fn"]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in (
                    "CREATE TABLE people (id int, department text, ssn text)",
                    "INSERT INTO people VALUES (1, 'sales', '901'), (2, 'legal', 'not a number')",
                    "CREATE TABLE words (word text)", "INSERT INTO words VALUES ('plugh')",
                    "CREATE TABLE notes (id int)", "INSERT INTO notes VALUES (1)",
                    "CREATE FUNCTION total() RETURNS int AS 'SELECT count(*) FROM people'",
                    "CREATE FUNCTION folks(n int) RETURNS TABLE (who int, s text) AS "
                    "'SELECT id, ssn FROM people WHERE id >= n'",
                    "CREATE FUNCTION ssn_of(n int) RETURNS text AS 'SELECT max(ssn) FROM people WHERE id = n'",
                    "CREATE FUNCTION numbers() RETURNS int AS 'SELECT sum(CAST(ssn AS int)) FROM people'",
                    "CREATE FUNCTION word() RETURNS text AS 'SELECT max(word) FROM words'",
                    "CREATE FUNCTION closed_fn() RETURNS int AS '1'",
                    "CREATE MACRO same(x) AS x", "CREATE MACRO wrapped(x) AS CASE WHEN true THEN x END",
                    "CREATE MACRO noted() AS (SELECT max(id) FROM notes)",
                    "CREATE FUNCTION twice(x int) RETURNS int AS 'x + x'",
                    "CREATE FUNCTION loops(x int) RETURNS int AS 'x'",
                    "CREATE OR REPLACE FUNCTION loops(x int) RETURNS int AS 'loops(x) + loops(x)'"):
                conn.execute(sql)
        yield server


def test_a_call_sees_what_its_caller_sees(made):
    assert answer(made, "owner@acme", "SELECT total()") == "[(2,)]"
    assert answer(made, "analyst@acme", "SELECT total()") == "[(1,)]"
    assert answer(made, "owner@acme", "SELECT who FROM folks(1) ORDER BY 1") == "[(1,), (2,)]"
    assert answer(made, "analyst@acme", "SELECT who FROM folks(1)") == "[(1,)]"


@pytest.mark.parametrize("sql", [
    "SELECT s FROM folks(1)", "SELECT same(ssn) FROM people", "SELECT * FROM TABLE(folks(0))"])
def test_a_masked_value_that_passes_through_is_masked(made, sql):
    said = answer(made, "analyst@acme", sql)
    assert "***" in said and "901" not in said, said


@pytest.mark.parametrize("sql", [
    "SELECT ssn_of(1)", "SELECT wrapped(ssn) FROM people", "SELECT id FROM people WHERE same(ssn) = '901'",
    "SELECT upper(same(ssn)) FROM people", "SELECT s || '' FROM folks(1)", "SELECT numbers()",
    "CREATE TEMP TABLE x AS SELECT s FROM folks(1)", "SELECT count(*) FROM folks(1) WHERE s LIKE '9%'",
    "SET x = ssn_of(1)"])
def test_no_function_launders(made, sql):
    said = answer(made, "analyst@acme", sql)
    assert "901" not in said.replace(sql, "") and "plugh" not in said, said


@pytest.mark.parametrize("sql", ["SELECT word()", "SELECT closed_fn()"])
def test_no_function_opens_what_is_closed(made, sql):
    said = answer(made, "analyst@acme", sql)
    assert said.startswith("42501") and "901" not in said and "plugh" not in said, said


def test_what_the_owner_made_works_for_the_owner(made):
    assert answer(made, "owner@acme", "SELECT ssn_of(1), word(), closed_fn()") == "[('901', 'plugh', 1)]"


def test_no_name_of_the_caller_is_caught(made):
    with made.connect("owner@acme") as conn:
        for sql in ("CREATE FUNCTION caught(x int) RETURNS int AS 'x + id'",
                    "CREATE MACRO caught(x) AS people.id + x"):
            with pytest.raises(psycopg.Error, match="does not exist|missing FROM"):
                conn.execute(sql)
        assert conn.execute("SELECT ssn_of(id) FROM people WHERE id = 1").fetchone() == ("901",)


def test_a_temporary_table_does_not_change_a_function(made):
    with made.connect("developer@acme") as conn:
        conn.execute("CREATE TEMP TABLE notes AS SELECT 99 AS id")
        assert conn.execute("SELECT noted()").fetchone() == (1,)
        for sql in ("CREATE FUNCTION leak() RETURNS int AS 'SELECT max(id) FROM notes'",
                    "CREATE MACRO leak() AS TABLE SELECT * FROM pg_temp.notes"):
            with pytest.raises(psycopg.Error, match="temporary table"):
                conn.execute(sql)


def test_recursion_ends(made):
    assert answer(made, "owner@acme", "SELECT loops(1)").startswith("54001")


@pytest.mark.parametrize("sql", ["SELECT twice((SELECT max(id) FROM people))", "SELECT same((SELECT 1))"])
def test_an_argument_with_a_table_stands_once(made, sql):
    said = answer(made, "analyst@acme", sql)
    assert said == "[(1,)]" or said.startswith("0A000"), said


@pytest.mark.parametrize("sql", [
    "CREATE FUNCTION lower(x int) RETURNS int AS 'x'", "CREATE MACRO count(x) AS x",
    "CREATE FUNCTION p(x int) RETURNS int LANGUAGE python AS 'x'", "CREATE PROCEDURE p() AS $$ x $$",
    "CREATE FUNCTION p() RETURNS text AS 'SELECT content FROM read_text(''/etc/passwd'')'",
    "CREATE FUNCTION p() RETURNS int AS 'nextval(''s'')'", "CREATE FUNCTION p(x int, x int) RETURNS int AS 'x'"])
def test_what_is_no_function(made, sql):
    assert not answer(made, "owner@acme", sql).startswith("CREATE")


def test_functions_are_of_one_organization_and_of_who_may_see_them(made):
    assert answer(made, "owner@globex", "SELECT total()").startswith("42883")
    assert answer(made, "limited@acme", "SELECT total()").startswith("42883")
    for sql in ("CREATE FUNCTION q() RETURNS int AS '1'", "DROP FUNCTION total()", "CREATE MACRO q() AS 1",
                "CREATE OR REPLACE FUNCTION total() RETURNS int AS '1'", "DROP FUNCTION IF EXISTS total()"):
        assert not answer(made, "limited@acme", sql).startswith(("CREATE", "DROP")), sql
    assert answer(made, "analyst@acme", "CREATE FUNCTION q() RETURNS int AS '1'").startswith("42501")
    assert answer(made, "owner@acme", "SELECT total()") == "[(2,)]"
