"""An organization's own patterns: in the log from the next statement on, of that organization alone, on record
themselves; a wrong one is refused with the place."""
import json

import psycopg
import pytest

from harness import Server, eventually, make_installation
from rest import Rest


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("patterns") / "data")
    with Server(inst) as server:
        yield inst, server


def entries(inst):
    return [json.loads(line) for f in sorted(inst.audit.glob("*.jsonl")) for line in open(f)]


def told(inst, marker):
    """The texts of the statements with this marker, in the log's order."""
    return [e["sql_redacted"] for e in entries(inst) if e["kind"] == "outcome" and marker in e.get("sql_redacted", "")]


def test_a_pattern_holds_from_the_next_statement_on(own):
    inst, server = own
    with server.connect("owner@acme") as acme, server.connect("owner@globex") as globex:
        for conn in (acme, globex):
            conn.execute("SELECT 'EMP-123456' AS before")
        inst.run("org", "set-pattern", "employee", "EMP-[0-9]{6}", "--org", "acme")
        for conn in (acme, globex):  # the same text again: its plan was kept
            conn.execute("SELECT 'EMP-123456' AS before")
        with pytest.raises(psycopg.Error):
            acme.execute("SELEC 'EMP-' || '654321' AS before")
        assert told(inst, "before") == ["SELECT 'EMP-123456' AS before"] * 2 + [
            "SELECT '<employee>' AS before", "SELECT 'EMP-123456' AS before", "SELEC '<employee>' AS before"]
        assert inst.run("org", "list-patterns", "--org", "acme").stdout == "employee\tEMP-[0-9]{6}\n"
        assert inst.run("org", "list-patterns", "--org", "globex").stdout == ""
        inst.run("org", "remove-pattern", "employee", "--org", "acme")
        acme.execute("SELECT 'EMP-123456' AS before")
        assert told(inst, "before")[-1] == "SELECT 'EMP-123456' AS before"

    def trail():
        return [(e["action"], e.get("before"), e.get("after")) for e in entries(inst)
                if e["kind"] == "iam" and e["action"].startswith("pattern.")]

    eventually(lambda: [t[0] for t in trail()] == ["pattern.set", "pattern.remove"])  # written within a second
    (_, _, after), (_, before, _) = trail()
    assert "EMP-[0-9]{6}" in after and "EMP-[0-9]{6}" in before


def test_rest_and_what_is_refused(own):
    inst, server = own
    path = "/v1/organizations/acme/redaction-patterns"
    admin = Rest(server, "admin@acme")
    assert admin.ok("PUT", f"{path}/project", {"pattern": "(?i)project (tulip|rose)"})["name"] == "project"
    assert [r["name"] for r in admin.ok("GET", path)["data"]] == ["project"]
    for pattern, place in (("tulip(", "byte 7"), ("a(?=b)", "byte 2"), ("(a)\\1", "byte 4"), ("x*", "nothing")):
        assert place in admin.error(400, "PUT", f"{path}/wrong", {"pattern": pattern})["message"]
    assert "kinds" in admin.error(400, "PUT", f"{path}/email", {"pattern": "x"})["message"]
    done = inst.run("org", "set-pattern", "wrong", "a(b", "--org", "acme", check=False)
    assert done.returncode == 1 and "at byte 4" in done.stderr
    for i in range(31):
        admin.ok("PUT", f"{path}/p{i}", {"pattern": f"x{i}y"})
    assert "at most 32" in admin.error(400, "PUT", f"{path}/one_more", {"pattern": "x"})["message"]
    Rest(server, "analyst@acme").error(403, "GET", path)
    admin.ok("DELETE", f"{path}/project")
    admin.error(404, "DELETE", f"{path}/project")


def test_a_pattern_shows_nothing(own):
    inst, server = own
    with server.connect("owner@globex") as conn:
        inst.run("org", "set-pattern", "marks", "<|>|@|[a-z]+", "--org", "globex")
        conn.execute("SELECT 'ann@example.com', '123-45-6789' AS \"42\"")
        assert told(inst, "42")[-1].count("<email>") == 1 and "<ssn>" in told(inst, "42")[-1]
        assert "example" not in told(inst, "42")[-1]
        inst.run("org", "remove-pattern", "marks", "--org", "globex")
