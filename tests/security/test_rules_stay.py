"""Ways out from under a rule: another name for the table, a view in front of it, a key that is limited to
other tables; and what a refusal or a plan tells of rules and of tables that are not there."""
import pytest

from harness import Server, make_installation
from security_data import answer


@pytest.fixture(scope="module")
def ruled(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("ruled") / "data", orgs=("acme",))
    inst.add_user("acme", "analyst", "sales", "--attribute", "department=sales")
    limited = ("--org", "acme", "--allow-table", "public.notes")
    inst.add_key("bot@acme", None, "--agent", "bot", "--framework", "langchain", "--role",
                 "service_account", "--scopes", "query:read,query:write,agent:*", *limited)
    inst.add_key("hands@acme", "developer@acme.example", "--user", "developer@acme.example", *limited)
    inst.set_policy("acme", {"name": "no words", "type": "abac", "effect": "deny",
                             "conditions": {"role": {"in": ["developer", "analyst"]}},
                             "actions": ["query"],
                             "resources": ["table:public.words", "table:public.closed_view"]})
    inst.set_policy("acme", {"name": "secret-rule-name", "type": "column_masking", "rules": [
        {"table": "public.masked_view", "column": "name", "function": "full",
         "exempt_roles": ["owner"]},
        {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "filtered", "type": "row_level_security", "rules": [
        {"table": "public.wide", "filter": "department = '{department}' OR department = 'all'",
         "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in ("CREATE TABLE words (word text)", "INSERT INTO words VALUES ('plugh')",
                        "CREATE TABLE notes (id int, note text)",
                        "CREATE TABLE people (id int, name text, ssn text)",
                        "INSERT INTO people VALUES (1, 'Ann', '901')",
                        "CREATE VIEW closed_view AS SELECT * FROM notes",
                        "CREATE VIEW masked_view AS SELECT id, name FROM people",
                        "CREATE VIEW over_it AS SELECT * FROM masked_view",
                        "CREATE VIEW words_view AS SELECT * FROM words",
                        "CREATE TABLE wide (id int, department text, big bigint, h hugeint, "
                        "d38 decimal(38,30), d2 decimal(15,2))",
                        "INSERT INTO wide VALUES (1, 'sales', 1, 1, 1, 1), "
                        "(2, 'legal', 123456789012345, 170141183460469231731687303715884105727, 1, 1)"):
                conn.execute(sql)
        yield server


@pytest.mark.parametrize("sql", [
    "ALTER TABLE words RENAME TO allowed", "ALTER TABLE words RENAME COLUMN word TO w",
    "ALTER TABLE words ADD COLUMN x int", "DROP TABLE words", "CREATE OR REPLACE TABLE words (a int)"])
def test_what_may_not_be_read_may_not_be_renamed(ruled, sql):
    assert answer(ruled, "developer@acme", sql).startswith("42501")
    assert "plugh" not in answer(ruled, "developer@acme", "SELECT * FROM allowed")
    with ruled.connect("owner@acme") as conn:
        assert conn.execute("SELECT word FROM words").fetchall() == [("plugh",)]


@pytest.mark.parametrize("sql", [
    "SELECT * FROM closed_view", "SELECT name FROM masked_view", "SELECT name FROM over_it",
    "SELECT (SELECT max(name) FROM masked_view)", "SELECT * FROM words_view",
    "COPY masked_view TO STDOUT", "CREATE TABLE loot AS SELECT * FROM masked_view"])
def test_a_rule_of_a_view_is_not_ignored(ruled, sql):
    said = answer(ruled, "developer@acme", sql)
    assert said.startswith("42501") and "Ann" not in said, said


def test_only_who_manages_policies_reads_their_names(ruled):
    said = answer(ruled, "sales@acme", "EXPLAIN SELECT ssn FROM people")
    assert "masked (full)" in said and "secret-rule-name" not in said
    assert "secret-rule-name" in answer(ruled, "admin@acme", "EXPLAIN SELECT ssn FROM people")


HIDDEN_NAMES = [
    "SELECT * FROM {}", "COPY {} (nope) FROM STDIN", "COPY {} TO STDOUT", "CREATE TABLE {} (a int)",
    "CREATE TABLE IF NOT EXISTS {} (a int)", "CREATE OR REPLACE TABLE {} (a int)",
    "CREATE VIEW {} AS SELECT 1 AS a", "CREATE OR REPLACE VIEW {} AS SELECT 1 AS a",
    "ALTER TABLE {} RENAME COLUMN nope TO x", "ALTER TABLE {} RENAME COLUMN id TO name",
    "ALTER TABLE {} ADD COLUMN id int", "ALTER TABLE IF EXISTS {} DROP COLUMN id",
    "ALTER TABLE notes RENAME TO {}", "DROP TABLE {}", "DROP TABLE IF EXISTS {}", "DROP VIEW {}",
    "DROP VIEW IF EXISTS {}", "CREATE TABLE q (id int REFERENCES {} (id))", "INSERT INTO {} VALUES (1)",
    "UPDATE {} SET nope = 1", "DELETE FROM {}", "EXPLAIN SELECT * FROM {}"]


@pytest.mark.parametrize("who", ["bot@acme", "hands@acme"])
@pytest.mark.parametrize("sql", HIDDEN_NAMES)
def test_a_limited_key_learns_of_no_other_table(ruled, who, sql):
    """A table, a view and nothing at all under a name give one answer."""
    said = {answer(ruled, who, sql.format(name)).replace(name, "?")
            for name in ("people", "wordss", "peopel")}
    assert len(said) == 1, said


@pytest.mark.parametrize("predicate", [
    "big = 0.000000000000000000000000000000000001", "big = d38", "d38 = big", "h = 1.5", "h = d2",
    "h BETWEEN 0.5 AND 0.7", "big IN (0.0000000000000000000000000000000000001)",
    "h IN (SELECT d2 FROM wide)"])
def test_numbers_that_cannot_always_meet_stand_behind_the_barrier(ruled, predicate):
    assert "can fail: row filters stand behind a barrier" in answer(
        ruled, "sales@acme", f"EXPLAIN SELECT id FROM wide WHERE {predicate}")
    with ruled.connect("sales@acme") as conn:
        conn.execute(f"SELECT id FROM wide WHERE {predicate}")


@pytest.mark.parametrize("predicate", ["d2 BETWEEN 0.05 AND 0.07", "d2 < 24", "id = 7", "big = id",
                                       "big IN (1, 2, 3)", "h = big", "d2 = 0.1"])
def test_common_comparisons_need_no_barrier(ruled, predicate):
    assert "No expression can fail" in answer(
        ruled, "sales@acme", f"EXPLAIN SELECT id FROM wide WHERE {predicate}")
