"""An organization's patterns reach the proxies with the snapshot."""
import json

from harness import eventually


def test_a_proxy_redacts_by_them(world):
    control, east, west = world
    control.run("org", "set-pattern", "employee", "EMP-[0-9]{6}", "--org", "acme")
    for proxy in (east, west):
        with proxy.connect("owner@acme") as conn:
            def hidden():
                conn.execute("SELECT 'EMP-123456'")
                lines = [json.loads(line) for f in sorted(proxy.installation.audit.glob("*.jsonl")) for line in open(f)]
                return [e for e in lines if e["kind"] == "outcome"][-1]["sql_redacted"] == "SELECT '<employee>'"
            eventually(hidden)
    control.run("org", "remove-pattern", "employee", "--org", "acme")
