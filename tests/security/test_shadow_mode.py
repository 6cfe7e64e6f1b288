"""A policy in shadow mode changes nothing that anybody sees, opens nothing, and leaves in the log what it would
have done."""
import json

import pytest

from harness import Server
from security_data import PEOPLE, answer
from test_audit_trail import entries

MASKS = {"name": "trial masks", "type": "column_masking", "rules": [
    {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]}]}
ROWS = {"name": "trial rows", "type": "row_level_security", "rules": [
    {"table": "public.people", "filter": "department = '{department}'", "exempt_roles": ["owner"]}]}
DENY = {"name": "trial deny", "type": "abac", "effect": "deny", "actions": ["query"], "resources": ["table:public.people"],
        "conditions": {"role": {"in": ["analyst"]}}}
ALLOW = {"name": "trial allow", "type": "abac", "effect": "allow", "actions": ["query"],
         "resources": ["table:public.people"], "conditions": {"role": {"in": ["analyst"]}}}

ASKED = ["SELECT * FROM people ORDER BY id", "SELECT upper(ssn), count(*) FROM people GROUP BY ALL ORDER BY 1",
         "SELECT ssn FROM people_view ORDER BY 1", "SELECT rowid, name FROM people WHERE ssn LIKE '9%' ORDER BY 1",
         "COPY people TO STDOUT", "SELECT count(*) FROM people", "EXPLAIN SELECT ssn FROM people",
         "EXPLAIN POLICY SELECT ssn FROM people"]


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    from harness import make_installation
    inst = make_installation(tmp_path_factory.mktemp("trial") / "data", orgs=("acme",))
    inst.add_user("acme", "analyst", "sales", "--attribute", "department=sales")
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE people (id int, name text, department text, ssn text, salary int)")
            for row in PEOPLE:
                conn.execute("INSERT INTO people VALUES (%s, %s, %s, %s, %s)", row)
            conn.execute("CREATE VIEW people_view AS SELECT * FROM people")
        yield server


@pytest.fixture
def rules(trial):
    """Sets policies in a mode, and takes them away again."""
    names = []

    def set_all(mode, *documents):
        for d in documents:
            trial.installation.set_policy("acme", {**d, "mode": mode})
            names.append(d["name"])
    yield set_all
    for name in set(names):
        trial.installation.run("policy", "remove", name, "--org", "acme")


def verdicts(server, sql):
    last = [e for e in entries(server.installation) if e["kind"] == "outcome" and e.get("sql_redacted") == sql][-1]
    return {(v["policy_name"], v["action"], v.get("columns", "")) for v in last.get("policy_verdicts", [])}


@pytest.mark.parametrize("who", ["sales@acme", "analyst@acme"])  # analyst has no department
def test_nothing_changes_but_the_log(trial, rules, who):
    before = [answer(trial, who, sql) for sql in ASKED]
    rules("shadow", MASKS, ROWS, DENY)
    assert [answer(trial, who, sql) for sql in ASKED] == before
    for d in (MASKS, ROWS, DENY):  # enforced, each would show
        rules("enforce", d)
        assert [answer(trial, who, sql) for sql in ASKED] != before
        rules("shadow", d)
    assert [answer(trial, who, sql) for sql in ASKED] == before


def test_what_it_would_have_done_is_on_record(trial, rules):
    rules("shadow", MASKS, ROWS, DENY)
    sql = "SELECT ssn, id FROM people"
    answer(trial, "sales@acme", sql)
    assert verdicts(trial, sql) == {("trial masks", "would_mask", "public.people.ssn"),
                                    ("trial rows", "would_filter", "public.people.id,public.people.ssn"),
                                    ("trial deny", "would_deny", "public.people.id,public.people.ssn")}
    answer(trial, "analyst@acme", sql + " WHERE id > 1")
    assert ("trial rows", "would_deny", "public.people.id,public.people.ssn") in verdicts(trial, sql + " WHERE id > 1")
    answer(trial, "owner@acme", sql + " LIMIT 1")
    assert verdicts(trial, sql + " LIMIT 1") == set()


def test_a_shadow_allow_rule_opens_nothing(trial, rules):
    nobody = {**ALLOW, "name": "only auditors", "conditions": {"role": {"in": ["auditor"]}}}
    rules("enforce", nobody)
    rules("shadow", ALLOW)
    assert answer(trial, "sales@acme", "SELECT id FROM people").startswith("42501")
    rules("enforce", ALLOW)
    assert not answer(trial, "sales@acme", "SELECT id FROM people").startswith("42501")


def test_who_manages_policies_is_told(trial, rules):
    rules("shadow", {**MASKS, "rules": [{"table": "public.people", "column": "ssn", "function": "full"}]}, ROWS)
    with trial.connect("admin@acme") as conn:
        rows = conn.execute("EXPLAIN POLICY SELECT ssn FROM people").fetchall()
    assert ("shadow", "public.people", "would_mask", "trial masks", "public.people.ssn") in rows
    assert ("shadow", "public.people", "would_deny", "trial rows", "public.people.ssn") in rows
    said = answer(trial, "sales@acme", "EXPLAIN POLICY SELECT ssn FROM people")
    assert "would" not in said and "trial" not in said


def test_the_list_tells_the_mode(trial, rules):
    def line():
        return next(x for x in trial.installation.run("policy", "list", "--org", "acme").stdout.splitlines()
                    if "trial rows" in x)
    rules("shadow", ROWS)
    assert line().endswith("\tshadow")
    rules("enforce", ROWS)
    assert "shadow" not in line()


def test_it_is_counted_by_policy(trial, rules):
    rules("shadow", ROWS)
    listed = trial.installation.run("policy", "list", "--org", "acme").stdout
    policy = next(line.split("\t")[0] for line in listed.splitlines() if "trial rows" in line)
    series = f'hatidata_shadow_policy_total{{policy="{policy}",action="would_filter"}} '

    def count():
        return int(next((line.split()[-1] for line in trial.get("/metrics")[1].splitlines()
                         if line.startswith(series)), 0))
    before = count()
    for sql in ("SELECT 1 FROM people", "EXPLAIN POLICY SELECT 1 FROM people", "SELECT 1"):
        answer(trial, "sales@acme", sql)
    with trial.connect("sales@acme") as conn:  # every run of a plan counts
        for _ in range(3):
            conn.execute("SELECT 2 FROM people", prepare=True)
    assert count() == before + 4
    assert "trial rows" not in trial.get("/metrics")[1]


def test_a_prepared_statement_records_every_run(trial, rules):
    """A plan keeps the decision it was made under; the log has that of the run."""
    rules("shadow", DENY)
    sql = "SELECT name FROM people WHERE id = $1"
    with trial.connect("sales@acme") as conn:
        for i in range(3):
            conn.execute("SELECT name FROM people WHERE id = %s", (i,), prepare=True)
    runs = [e for e in entries(trial.installation) if e["kind"] == "outcome" and e.get("sql_redacted") == sql]
    assert len(runs) == 3
    assert all(json.dumps(e).count("would_deny") == 1 for e in runs)
