"""Tests of policies beside the policies: who asks what, and what must come out, told without running anything."""
import json

import pytest

from harness import Server, make_installation
from rest import Rest
from test_remote_commands import Seat

MASK = {"name": "phones", "type": "column_masking", "rules": [
    {"table": "people", "column": "phone", "function": "partial", "visible_chars": 2, "exempt_roles": ["owner"]},
    {"table": "people", "column": "ssn", "function": "null", "exempt_roles": ["owner"]}]}
ROWS = {"name": "own department", "type": "row_level_security", "rules": [
    {"table": "people", "filter": "department = '{department}'", "exempt_roles": ["owner"]}]}
HOURS = {"name": "agents at work", "type": "abac", "effect": "deny", "actions": ["query"],
         "resources": ["table:people"], "conditions": {
             "agent.framework": {"in": ["langchain"]},
             "time_of_week": {"outside_hours": {"days": "mon-fri", "from": "08:00", "to": "18:00"}}}}
OFFICE = {"name": "office network", "type": "abac", "effect": "deny", "actions": ["write", "delete"],
          "resources": ["table:people"], "conditions": {"source_ip": {"not_in": ["10.0.0.0/8"]}}}

GOOD = """# What the policies of this folder promise.
who analyst@acme.example
ask SELECT name, phone FROM people
expect allowed
masks phone=partial:2
filters people=own department
reads people
writes none
rules none

ask
    SELECT count(*)
    FROM people
    WHERE ssn LIKE '9%'
expect allowed
masks public.people.ssn=null

ask DELETE FROM people
expect denied the role analyst may not delete rows

who role=analyst
ask SELECT name FROM people
expect denied attribute

who owner@acme.example ip=10.1.2.3
ask SELECT * FROM people
expect allowed
masks none
filters none
ask UPDATE people SET phone = '0' WHERE name = 'ann'
expect allowed
writes people
ask SELECT nothing FROM people
expect HATI_ERR_404_COLUMN nothing
who owner@acme.example ip=192.168.0.1
ask DELETE FROM people
expect denied
rules deny=office network

who role=service_account agent=bot framework=langchain attr.department=hr at=2026-01-28T12:00:00Z
ask SELECT name FROM people
expect allowed
who role=service_account agent=bot framework=langchain attr.department=hr at=2026-01-31T12:00:00Z
dialect postgres
ask SELECT name FROM people
expect denied a policy denies
rules deny=agents at work
ask SELECT 1::text
expect allowed
who role=auditor
ask SELECT action FROM hatidata.audit_log
expect allowed
reads hatidata.audit_log
who role=analyst
ask SELECT action FROM hatidata.audit_log
expect denied
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("site") / "data", orgs=("acme",))
    inst.run("user", "set-attributes", "analyst@acme.example", "--org", "acme", "--attribute", "department=sales")
    with Server(inst) as server, server.connect("owner@acme") as owner:
        owner.execute("CREATE TABLE people (name text, department text, phone text, ssn text)")
        owner.execute("INSERT INTO people VALUES ('ann', 'sales', '5551234', '999')")
    return inst


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "policies"
    (path / "tests").mkdir(parents=True)
    for policy in (MASK, ROWS, HOURS, OFFICE):
        (path / (policy["name"] + ".json")).write_text(json.dumps(policy))
    (path / "tests" / "people.test").write_text(GOOD)
    return path


def run(inst, folder, *more, code):
    done = inst.run("policy", "test", folder, "--org", "acme", *more, check=False)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_a_folder_is_tested_before_it_is_applied(site, folder):
    before = sorted((p.name, p.stat().st_size) for p in site.audit.iterdir())
    assert run(site, folder, "--policies", folder, code=0) == "13 cases, 0 failed\n"
    assert site.run("policy", "list", "--org", "acme").stdout == "", "nothing was stored"
    said = run(site, folder, code=1)  # nothing is applied: the stored policies are none
    assert "people.test:3: expected masks phone=partial:2, got none; expected filters" in said
    assert "13 cases, 5 failed" in said, said
    assert sorted((p.name, p.stat().st_size) for p in site.audit.iterdir()) == before


def test_what_is_stored_is_tested(site, folder):
    site.run("policy", "apply", folder, "--org", "acme")
    try:
        assert run(site, folder / "tests" / "people.test", code=0) == "13 cases, 0 failed\n"
        with Server(site) as server, server.connect("owner@acme") as owner:
            assert owner.execute("SELECT count(*) FROM people").fetchone() == (1,), "no statement of a test ran"
            assert "server" in run(site, folder, code=1)
    finally:
        for policy in (MASK, ROWS, HOURS, OFFICE):
            site.run("policy", "remove", policy["name"], "--org", "acme")


@pytest.mark.parametrize("change,fails", [
    # a policy that is looser than it was
    (dict(MASK, rules=MASK["rules"][:1]), ["people.test:11: expected masks public.people.ssn=null, got none"]),
    (dict(MASK, rules=[dict(MASK["rules"][0], visible_chars=4), MASK["rules"][1]]),
     ["people.test:3: expected masks phone=partial:2, got public.people.phone=partial:4"]),
    (dict(ROWS, enabled=False), ["people.test:3: expected filters people=own department, got none",
                                 "people.test:22: expected denied attribute, got allowed"]),
    (dict(HOURS, enabled=False), ["people.test:45: expected denied a policy denies, got allowed; "
                                  "expected rules deny=agents at work, got none"]),
    # one that is stricter
    (dict(MASK, rules=MASK["rules"] + [{"table": "people", "column": "name", "function": "full"}]),
     ["people.test:3: expected masks phone=partial:2, got public.people.name=full, public.people.phone=partial:2",
      "people.test:26: expected masks none, got public.people.name=full",
      "people.test:30: expected allowed, got HATI_ERR_403_MASKED_USE"])])
def test_a_change_of_a_policy_fails_its_tests(site, folder, change, fails):
    (folder / (change["name"] + ".json")).write_text(json.dumps(change))
    said = run(site, folder, "--policies", folder, code=1)
    for line in fails:
        assert line in said, (line, said)
    assert f"13 cases, {len(fails)} failed" in said, said


@pytest.mark.parametrize("text,said", [
    ("who role=analyst\nask SELECT 1\n", "t.test:3:1: the statement before has no \"expect\""),
    ("who role=analyst\nask SELECT 1\nexpects allowed\n", "t.test:3:1: not a line of a test"),
    ("who role=king\nask SELECT 1\nexpect allowed\n", "t.test:1: role: not a role"),
    ("who nobody@acme.example\nask SELECT 1\nexpect denied\n", "t.test:1: "),
    ("who role=analyst\nask SELECT 1; SELECT 2\nexpect allowed\n", "t.test:2: expected allowed, got HATI_ERR_400_VALIDATION"),
    ("who role=analyst\nask SELEC 1\nexpect allowed\n", "t.test:2: expected allowed, got HATI_ERR_400_BAD_SQL"),
    ("who role=analyst\nask SELECT 1\nexpect HATI_ERR_404_TABLE\n", "expected HATI_ERR_404_TABLE, got allowed"),
    ("who role=analyst\nask SELECT 1\nexpect denied\n", "expected denied, got allowed"),
    ("who role=analyst\nask SELECT * FROM no_such\nexpect denied\n", "expected denied, got HATI_ERR_404_TABLE"),
    ("", "no case")])
def test_a_test_that_is_wrong_fails(site, tmp_path, text, said):
    (tmp_path / "t.test").write_text(text)
    assert said in run(site, tmp_path / "t.test", code=1)


def test_no_tests_are_no_success(site, tmp_path):
    assert "no tests" in run(site, tmp_path, code=1)
    assert "no-such" in run(site, tmp_path / "no-such", code=1)
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "t.test").write_text("who role=analyst\nask SELECT 1\nexpect allowed\n")
    said = run(site, tmp_path, "--policies", tmp_path, code=1)
    assert "bad.json:1:1: type: is missing" in said and "nothing is tested" in said


# ---- rows, over tables of the file ----

ROWS_TEST = """table people (name text, department text, phone text, ssn text)
  ('ann', 'sales', '555-1234', '901-11-1111')
  ('o''neil', 'sales', NULL, NULL)
  ('bob', 'hr', '555-9999', '901-22-2222')
table shared.sold (org text, n int) tenant org
  ('{org}', 1)
  ('somebody else', 2)
table empty (n int)

who role=analyst attr.department=sales
ask SELECT name, phone FROM people
expect allowed
masks phone=partial:2
rows
  ('o''neil', NULL)
  ('ann', '***34')
ask SELECT name, ssn IS NULL FROM people ORDER BY name
expect allowed
rows
  ('ann', true)
  ('o''neil', true)
ask SELECT n FROM shared.sold
expect allowed
rows
  (1)
ask SELECT n FROM empty
expect allowed
rows none
who role=developer attr.department=sales ip=10.0.0.1
ask DELETE FROM people RETURNING name
expect allowed
rows
  ('ann')
  ('o''neil')
ask SELECT count(*) FROM people
expect allowed
rows
  (2)
ask INSERT INTO people VALUES ('eve', 'hr', '', NULL)
expect denied
"""


@pytest.fixture
def rows_folder(folder):
    (folder / "tests" / "people.test").write_text(ROWS_TEST)
    return folder


def test_rows_are_those_of_the_file_and_each_case_begins_anew(site, rows_folder):
    """All nine stages, on an engine of its own: also while a server has the data folder, of which nothing changes."""
    args = (rows_folder, "--policies", rows_folder)
    assert run(site, *args, code=0) == "7 cases, 0 failed\n"
    with Server(site) as server, server.connect("owner@acme") as owner:
        usage = site.run("quota", "show", "--org", "acme").stdout
        assert run(site, *args, code=0) == "7 cases, 0 failed\n"
        assert owner.execute("SELECT name FROM people").fetchall() == [("ann",)]
        assert site.run("quota", "show", "--org", "acme").stdout.splitlines()[1:2] == usage.splitlines()[1:2]
    assert not list(site.path.glob("trial-*"))
    assert site.run("audit", "verify", site.audit).returncode == 0


def test_a_looser_policy_shows_the_rows_that_differ(site, rows_folder):
    (rows_folder / "own department.json").write_text(json.dumps(dict(ROWS, enabled=False)))
    said = run(site, rows_folder, "--policies", rows_folder, code=1)
    assert "people.test:11: expected 2 rows, got 3\n  + ('bob', '***99')\n" in said, said
    assert "people.test:17: expected 2 rows, got 3\n  + ('bob', 't')\n" in said, said
    assert "people.test:35: expected 1 row, got 1\n  - ('2')\n  + ('3')\n" in said, said
    assert "people.test:39: expected denied, got allowed" in said, said
    assert "('somebody else'" not in said and "7 cases, 5 failed" in said, said


@pytest.mark.parametrize("change,said", [
    (("  ('ann', true)\n  ('o''neil', true)", "  ('o''neil', true)\n  ('ann', true)"),
     "people.test:17: expected 2 rows, got 2\n  in another order:\n  + ('ann', 't')\n  + ('o''neil', 't')\n"),
    (("('o''neil', NULL)\n  ('ann', '***34')", "('o''neil', '')\n  ('ann', '***34')"),
     "people.test:11: expected 2 rows, got 2\n  - ('o''neil', '')\n  + ('o''neil', NULL)\n"),
    (("rows none", "rows\n  (1)\n  (1)"), "expected 2 rows, got 0\n  - ('1')\n  - ('1')\n"),
    (("(name text,", "(name tekst,"), "people.test:1: "),
    (("  ('bob', 'hr', '555-9999', '901-22-2222')", "  ('bob')"), "people.test:1: "),
    (("  ('bob', 'hr', '555-9999', '901-22-2222')", "  ('b', 'h', '5', '9'); DROP TABLE empty"), "and nothing else")])
def test_what_does_not_fit_fails(site, rows_folder, change, said):
    text = ROWS_TEST.replace(*change)
    assert text != ROWS_TEST
    (rows_folder / "tests" / "people.test").write_text(text)
    assert said in run(site, rows_folder, "--policies", rows_folder, code=1)
    assert not list(site.path.glob("trial-*"))


# ---- through a control plane ----

def statements(inst):
    """Entries of statements; the server signs the log's state meanwhile, which is an entry, too."""
    return sum('"kind":"intent"' in line or '"kind":"outcome"' in line for path in inst.audit.glob("*.jsonl") for line in open(path))


def test_through_a_control_plane_it_is_the_same(site, rows_folder, tmp_path):
    (rows_folder / "tests" / "shared.test").write_text(GOOD)
    args = ("policy", "test", rows_folder, "--policies", rows_folder)
    with Server(site) as server:
        seat = Seat(server, tmp_path / "config")
        secret = tmp_path / "admin.key"
        secret.write_text(site.principals["admin@acme"].key)
        secret.chmod(0o600)
        seat.run("login", seat.url, "--api-key-file", secret, "--ca-file", site.ca)
        before = statements(site)
        assert seat.run(*args) == "20 cases, 0 failed\n", "tables of files and the server's own"
        assert "20 cases" in seat.refused("policy", "test", rows_folder), "the stored policies are none"
        (rows_folder / "tests" / "shared.test").unlink()
        (rows_folder / "own department.json").write_text(json.dumps(dict(ROWS, enabled=False)))
        there, here = seat.refused(*args), run(site, rows_folder, "--policies", rows_folder, code=1)
        assert there == here and "+ ('bob', '***99')" in there
        (rows_folder / "tests" / "people.test").write_text(ROWS_TEST.replace("(name text,", "(name tekst,"))
        assert "people.test:1: " in seat.refused(*args)
        assert statements(site) == before and not list(site.path.glob("trial-*"))
        with server.connect("owner@acme") as owner:
            assert owner.execute("SELECT name FROM people").fetchall() == [("ann",)]
        analyst, path = Rest(server, "analyst@acme"), "/v1/organizations/acme/policy-tests"
        analyst.error(403, "POST", path, {"test": GOOD})
        admin = Rest(server, "admin@acme")
        assert admin.error(400, "POST", path, {"test": "who nobody\nask"})["details"]["code"] == "HATI_ERR_400_VALIDATION"
        assert admin.error(400, "POST", path, {"test": GOOD, "documents": ["{}"]})
        endless = "SELECT count(*) FROM generate_series(1, 10000000000) g, generate_series(1, 1000000) h WHERE g * h % 7 = 3"
        slow = f"table t (n int)\n  (1)\nwho role=owner\nask {endless}\nexpect allowed\n"
        found = admin.ok("POST", path, {"test": slow})
        assert found["failed"] == 1 and "HATI_ERR_" in found["findings"][0]["text"], found
        assert not list(site.path.glob("trial-*"))
