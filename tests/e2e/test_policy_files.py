"""Policies as files: a folder in version control, applied to a running server, its history and the way back."""
import json
import re
import sqlite3
import subprocess
import threading

import psycopg
import pytest

from harness import HATIDATA, Server, hatidata

MASK = {"name": "phones", "type": "column_masking", "rules": [
    {"table": "people", "column": "phone", "function": "partial", "visible_chars": 2, "exempt_roles": ["owner"]}]}
ROWS = {"name": "own department", "type": "row_level_security", "rules": [
    {"table": "people", "filter": "department = '{department}'", "exempt_roles": ["owner"]}]}
HOURS = {"name": "no agents", "type": "abac", "effect": "deny", "conditions": {"agent.id": {"not_in": ["nobody"]}}}


def write(folder, files):
    """Makes the folder hold these documents and no others."""
    for old in folder.rglob("*.json"):
        old.unlink()
    for path, document in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(document if isinstance(document, str) else json.dumps(document, indent=2))


def policy(inst, *args, code=0):
    done = inst.run("policy", *args, "--org", "acme", check=False)
    assert done.returncode == code, (args, done.stdout, done.stderr)
    return done.stderr if code == 1 and not done.stdout else done.stdout


def listed(inst):
    return {line.split("\t")[1]: line.split("\t")[2] for line in policy(inst, "list").splitlines()}


def versions(inst, *name):
    return [tuple(line.split("\t")[i] for i in (0, 3, 4, 5)) for line in policy(inst, "history", *name).splitlines()]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "policies"
    path.mkdir()
    return path


@pytest.fixture
def people(fresh, folder):
    """A running server with people of two departments, an analyst of one of them, and a folder."""
    fresh.run("user", "set-attributes", "analyst@acme.example", "--org", "acme", "--attribute", "department=sales")
    with Server(fresh) as server, server.connect("owner@acme") as owner:
        owner.execute("CREATE TABLE people (name text, department text, phone text)")
        owner.execute("INSERT INTO people VALUES ('ann', 'sales', '5551234'), ('bob', 'hr', '5559876')")
        yield server, folder


def seen(conn):
    return conn.execute("SELECT name, phone FROM people ORDER BY name", prepare=True).fetchall()


ALL, MASKED, OWN = ([("ann", "5551234"), ("bob", "5559876")], [("ann", "***34"), ("bob", "***76")], [("ann", "5551234")])
OWN_MASKED = [("ann", "***34")]


def test_a_running_server_follows_apply_and_rollback(people):
    server, folder = people
    inst = server.installation
    with server.connect("analyst@acme") as analyst, server.connect("owner@acme") as owner:
        assert seen(analyst) == ALL
        write(folder, {"masks/phones.json": MASK, "rows/deep/own.json": ROWS})
        (folder / "README.md").write_text("ours")
        said = policy(inst, "diff", folder, code=1)
        assert "+ phones" in said and "+ own department" in said and "2 new, 0 changed" in said
        assert seen(analyst) == ALL, "diff changes nothing"
        assert "version 1" in policy(inst, "apply", folder)
        assert seen(analyst) == OWN_MASKED and seen(owner) == ALL
        assert policy(inst, "diff", folder).startswith("0 new, 0 changed, 0 in no file")

        write(folder, {"masks/phones.json": dict(MASK, enabled=False)})
        said = policy(inst, "diff", folder, code=1)
        assert '+   "enabled": false' in said and "- own department (in no file" in said
        policy(inst, "apply", folder)
        assert seen(analyst) == OWN, "without --prune what is in no file stays"
        policy(inst, "apply", folder, "--prune")
        assert seen(analyst) == ALL
        assert versions(inst) == [
            ("1", "create", "own department", "enabled"), ("1", "create", "phones", "enabled"),
            ("2", "change", "phones", "disabled"), ("3", "remove", "own department", "gone")]

        assert "nothing was changed" in policy(inst, "rollback", 1, "--dry-run")
        assert seen(analyst) == ALL
        said = policy(inst, "rollback", 1)
        assert "+ own department" in said and "~ phones (becomes enabled)" in said and "version 4" in said
        assert seen(analyst) == OWN_MASKED and seen(owner) == ALL
        policy(inst, "rollback", 2)
        assert seen(analyst) == OWN
        assert versions(inst, "phones")[-1] == ("5", "rollback to 2", "phones", "disabled")
        assert json.loads(policy(inst, "show", "phones", "--version", 4)) == MASK
        assert json.loads(policy(inst, "show", "phones", "--version", 3)) == dict(MASK, enabled=False)


def test_the_trail_tells_of_a_rollback(fresh, folder):
    write(folder, {"a.json": MASK})
    policy(fresh, "apply", folder)
    write(folder, {"b.json": ROWS})
    policy(fresh, "apply", folder, "--prune")
    policy(fresh, "rollback", 1)
    with Server(fresh):
        pass
    entries = [json.loads(line) for path in sorted(fresh.audit.glob("*.jsonl")) for line in open(path)]
    iam = [e for e in entries if e["kind"] == "iam" and e["action"].startswith("policy.")]
    assert [e["action"] for e in iam] == ["policy.create", "policy.create", "policy.remove", "policy.remove",
                                          "policy.create", "policy.rollback"]
    for e in iam:
        e["before"], e["after"] = (json.loads(e.get(k) or "{}") for k in ("before", "after"))
    assert iam[-1]["before"] == {"version": 2} and iam[-1]["after"] == {"version": 3, "as_of": 1}
    store = sqlite3.connect(fresh.path / "control.db")
    seals = dict(store.execute("SELECT version, seal FROM policy_versions WHERE name = 'phones'"))
    assert iam[0]["after"]["history"] == 1 and iam[0]["after"]["seal"] == seals[1]
    assert iam[4]["after"]["history"] == 3 and iam[4]["after"]["seal"] == seals[3]
    assert iam[4]["after"]["document"] == MASK
    assert hatidata("audit", "verify", fresh.audit).returncode == 0


def test_an_open_statement_keeps_its_policies(people):
    server, folder = people
    inst = server.installation
    write(folder, {"mask.json": MASK})
    rows = 5_000_000
    with server.connect("analyst@acme") as analyst, server.connect("analyst@acme") as cursor:
        cursor.autocommit = False
        cursor.execute("DECLARE c CURSOR FOR SELECT phone FROM people ORDER BY name")
        assert cursor.execute("FETCH 1 FROM c").fetchall() == [("5551234",)]
        while True:
            got = []
            statement = f"SELECT max(phone || g) FROM people, generate_series(1, {rows}) AS s(g)"
            thread = threading.Thread(target=lambda: got.append(analyst.execute(statement).fetchone()[0]))
            thread.start()
            policy(inst, "apply", folder)
            was_open = thread.is_alive()
            assert analyst.info.transaction_status in (0, 1)
            thread.join()
            assert got and got[0].startswith("555"), got
            if was_open:
                break
            rows *= 4
            assert rows < 2_000_000_000
            policy(inst, "remove", "phones")
        assert analyst.execute(statement.replace(str(rows), "1")).fetchone() == ("***761",)
        with pytest.raises(psycopg.Error, match="policies have changed"):
            cursor.execute("FETCH 1 FROM c")


def test_every_mistake_of_every_file_and_nothing_applied(people):
    server, folder = people
    inst = server.installation
    write(folder, {
        "good.json": MASK,
        "broken.json": '{"name": "x",\n  "type" "abac"}',
        "rules.json": json.dumps({"name": "r", "type": "column_masking", "enabled": True, "rules": [
            {"table": "t", "column": "c", "function": "blur", "visible": 1},
            {"table": "t", "function": "full", "exempt_roles": ["king"]}]}, indent=1),
        "filter.json": '{"name": "f", "type": "row_level_security",\n "rules": [{"table": "t",\n'
                       '   "filter": "a = sum(a)"}]}',
        "again.json": dict(MASK, type="abac", rules=None),
        "named.json": dict(HOURS, name="no/slash"),
        "nameless.json": {k: v for k, v in HOURS.items() if k != "name"}})
    said = policy(inst, "apply", folder, "--prune", code=1)
    for line in (r"broken\.json:2:\d+: not JSON", r"rules\.json:9:4: rules\[0\]\.function: must be",
                 r"rules\.json:10:4: rules\[0\]\.visible: unknown field", r"rules\.json:12:3: rules\[1\]\.column: give",
                 r"rules\.json:15:4: rules\[1\]\.exempt_roles: names an unknown role",
                 r"filter\.json:3:4: rules\[0\]\.filter: an aggregate", r"again\.json:\d+:\d+: rules: unknown field",
                 r"again\.json:\d+:\d+: effect: is missing", r"named\.json:2:3: the policy's name must be",
                 r"nameless\.json:1:1: the policy's \"name\" is missing",
                 r"good\.json:2:3: .*again\.json has a policy of this name too"):
        assert re.search(line, said), (line, said)
    assert "11 mistakes" in said and "nothing is applied" in said
    assert listed(inst) == {} and policy(inst, "history") == ""
    with server.connect("analyst@acme") as analyst:
        assert seen(analyst) == ALL


def test_wrong_folders(fresh, folder):
    assert "no-such" in policy(fresh, "apply", folder / "no-such", code=1)
    fresh.set_policy("acme", MASK)
    (folder / "masks.jsn").write_text(json.dumps(ROWS))
    (folder / ".git").mkdir()
    (folder / ".git" / "x.json").write_text("{")
    done = fresh.run("policy", "apply", folder, "--org", "acme", "--prune", check=False)
    assert done.returncode == 1 and "every policy" in done.stderr and "masks.jsn" in done.stderr
    assert listed(fresh) == {"phones": "enabled"}
    (folder / "circle").symlink_to(folder)
    assert "deep" in policy(fresh, "apply", folder, code=1)
    for args, word in ((("rollback", "9"), "version 9"), (("rollback", "x"), "whole number"),
                       (("history", "nobody"), "nobody"), (("show", "phones", "--version", "0"), "--version")):
        assert word in policy(fresh, *args, code=1)


def test_applied_at_once_each_is_whole(fresh, folder):
    """Folders of two policies each, applied again and again: never one policy of this and one of that."""
    for i in range(4):
        write(folder / str(i), {"a.json": dict(HOURS, name="a", conditions={"attr.n": {"eq": str(i)}}),
                                  "b.json": dict(HOURS, name="b", conditions={"attr.n": {"eq": str(i)}})})
    started = [subprocess.Popen([HATIDATA, "policy", "apply", folder / str(i % 4), "--prune", "--org", "acme",
                                 "--data", fresh.path], stdout=subprocess.DEVNULL) for i in range(16)]
    assert [p.wait() for p in started] == [0] * 16
    store = sqlite3.connect(fresh.path / "control.db")
    by_version = {}
    for version, document in store.execute("SELECT version, json FROM policy_versions ORDER BY id"):
        by_version.setdefault(version, []).append(json.loads(document)["conditions"])
    assert sorted(by_version) == list(range(1, len(by_version) + 1))
    assert all(len(both) == 2 and both[0] == both[1] for both in by_version.values())
    now = [json.loads(j)["conditions"] for (j,) in store.execute("SELECT json FROM policies")]
    assert now == by_version[max(by_version)]


def test_a_tampered_history_is_not_rolled_back_to(people):
    """An old row made looser, and a rollback to it. Without the seal it would bring the loose policy in."""
    server, folder = people
    inst = server.installation
    write(folder, {"rows.json": ROWS})
    policy(inst, "apply", folder)
    write(folder, {"rows.json": ROWS, "mask.json": MASK})
    policy(inst, "apply", folder)
    store = sqlite3.connect(inst.path / "control.db")
    with pytest.raises(sqlite3.DatabaseError, match="never changed"):
        store.execute("UPDATE policy_versions SET json = '{}'")
    store.execute("DROP TRIGGER policy_versions_stay")
    store.execute("""UPDATE policy_versions SET json = replace(json, 'department = ', 'true OR department = ')
                     WHERE version = 1""")
    store.commit()
    said = policy(inst, "rollback", 1, code=1)
    assert "version 1 of the policies isn't as it was written" in said and "HATI_ERR_500_CORRUPT" in said
    history = inst.run("policy", "history", "--org", "acme", check=False)
    assert history.returncode == 1 and "version 1" in history.stderr and "own department" in history.stdout
    assert "isn't as it was written" in policy(inst, "show", "own department", "--version", "1", code=1)
    with server.connect("analyst@acme") as analyst:
        assert seen(analyst) == OWN_MASKED

    # The same attack on the policy itself: nothing hides it from the next change and its trail.
    store.execute("UPDATE policies SET json = replace(json, 'department = ', '1 = 1 OR department = ')"
                  " WHERE name = 'own department'")
    store.commit()
    with server.connect("analyst@acme") as analyst:
        assert len(seen(analyst)) == 2
    said = policy(inst, "diff", folder, code=1)
    assert "~ own department" in said and "1 = 1 OR" in said
    policy(inst, "apply", folder)
    with server.connect("analyst@acme") as analyst:
        assert seen(analyst) == OWN_MASKED
    assert [row for row in store.execute("SELECT action, name, actor FROM policy_versions WHERE version > 2 ORDER BY id")
            if row[0] == "found"] == [("found", "own department", "")]


def test_a_name_equal_to_an_id_replaces_nothing(fresh):
    fresh.set_policy("acme", HOURS)
    victim = policy(fresh, "list").split("\t")[0]
    fresh.set_policy("acme", dict(MASK, name=victim))
    assert set(listed(fresh)) == {"no agents", victim}
    assert json.loads(policy(fresh, "show", "no agents")) == HOURS
