"""Which policies decide is on record: when they change, and when the last went."""
import json

from harness import Server

MASK = {"name": "phones", "type": "column_masking",
        "rules": [{"table": "public.people", "column": "phone", "function": "full"}]}


def test_each_change_is_told_once_and_the_end_too(fresh):
    def told():
        entries = (json.loads(line) for f in sorted(fresh.audit.glob("*.jsonl")) for line in open(f))
        return [json.loads(e["after"]) for e in entries if e.get("action") == "policies_in_force"]

    with Server(fresh) as server, server.connect("owner@acme") as conn:
        conn.execute("SELECT 1")
        before = len(told())
        for change in (lambda: fresh.set_policy("acme", MASK), lambda: fresh.run("policy", "remove", "phones", "--org", "acme"),
                       lambda: fresh.set_policy("acme", MASK)):
            change()
            conn.execute("SELECT 1")
            conn.execute("SELECT 2")
    counts = [t["policies"] for t in told()[before:]]
    had = counts[0] - 1  # those that an organization begins with
    assert counts == [had + 1, had, had + 1]
    one, none, again = [t["digest"] for t in told()[before:]]
    assert none not in (one, again)
