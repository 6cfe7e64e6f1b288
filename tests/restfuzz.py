"""schemathesis against the real server, by the server's own document: what the document allows and what it doesn't,
made up at random, must give no failure of the server, no status and no form that isn't documented, and what isn't
allowed must be refused.

The document's copy that it works from names things that are there in place of parameters of paths, so that handlers
are reached. Left out is the check that all that the document allows goes well: a statement may be wrong, a time over
the limit. Of that phase which goes through the document systematically the check of refusals is left out, too: it
takes null for a text that is too long.

python -m restfuzz [--examples N]: for every role, as `dev/fuzz rest` has it; systematically for the owner, who may do
the most."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from harness import Server, make_installation
from rest import Rest, document

CONFIG = """
[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = ["4xx"]
[phases.coverage.checks]
negative_data_rejection.enabled = false
[generation]
with-security-parameters = false
database = "none"
"""
ITEMS_MAX = 20
MASK = {"name": "mask", "type": "column_masking", "rules": [{"table": "t", "column": "c", "function": "full"}]}
RULE = {"name": "rule", "effect": "deny", "conditions": {"environment": {"eq": "none"}}, "actions": ["query"],
        "resources": ["table:*"]}


def furnish(server):
    """Things of each kind, by the name of the parameter that has them in paths."""
    owner, analyst = Rest(server, "owner@acme"), Rest(server, "analyst@acme")
    owner.ok("POST", "/v1/environments/hatidata/policies", MASK)
    owner.ok("POST", "/v1/environments/hatidata/abac-policies", RULE)
    grant = analyst.ok("POST", "/v1/organizations/acme/jit/request", {"target_role": "developer", "reason": "to see"})
    spare = [owner.ok("POST", "/v1/organizations/acme/users", {"email": f"spare{n}@acme.example", "role": "analyst"})
             for n in range(3)]
    key = owner.ok("POST", "/v1/environments/hatidata/api-keys", {"name": "spare", "user": spare[0]["id"]})
    agent = owner.ok("POST", "/v1/organizations/acme/agent-keys", {"agent_name": "spare"})
    return {"org": ["acme"], "env": ["hatidata"], "policy": ["mask", "rule"], "grant": [grant["id"]],
            "user": [u["email"] for u in spare], "key": [key["prefix"], agent["id"]]}


def drop_large_bounds(schema):
    """Of arrays: it would make up each of the thousand items that are just allowed, for minutes."""
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []:
        drop_large_bounds(part)
    if isinstance(schema, dict) and isinstance(schema.get("maxItems"), int) and schema["maxItems"] > ITEMS_MAX:
        del schema["maxItems"]


def copy_of(things):
    copy = json.loads(json.dumps(document().json))
    for path in list(copy["paths"]):
        item = copy["paths"].pop(path)
        for operation in item.values():
            operation["parameters"] = [p for p in operation["parameters"] if p.get("name") not in ("org", "env")]
            for p in operation["parameters"]:
                if p.get("in") == "path" and p["name"] in things:
                    # Or any other: the fuzzer makes things itself, and meets them again.
                    p["schema"] = {"anyOf": [{"type": "string", "enum": things[p["name"]]}, p["schema"]]}
        copy["paths"][path.replace("{org}", "acme").replace("{env}", "hatidata")] = item
    # A pattern with a bound of a million it can't read as one expression.
    sql = copy["paths"]["/v1/query"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]["sql"]
    del sql["pattern"]
    drop_large_bounds(copy["paths"])
    return copy


def run(server, who, folder, *options):
    """Runs schemathesis as `who`; gives what it found, "" where it found nothing."""
    folder = pathlib.Path(folder)
    (folder / "openapi.json").write_text(json.dumps(copy_of(furnish(server))))
    (folder / "config.toml").write_text(CONFIG)
    key = server.installation.principals[who].key
    done = subprocess.run(
        [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", folder / "config.toml",
         "run", folder / "openapi.json", "--url", f"https://localhost:{server.control_port}",
         "--tls-verify", server.installation.ca, "-H", f"Authorization: ApiKey {key}", "--no-color",
         "--warnings", "off", *map(str, options)], cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser(prog="dev/fuzz rest")
    parser.add_argument("--examples", type=int, default=20, help="of each operation, for each role")
    examples = parser.parse_args().examples
    for who in ("owner@acme", "admin@acme", "developer@acme", "analyst@acme", "auditor@acme", "agent@acme"):
        with tempfile.TemporaryDirectory() as folder:
            installation = make_installation(pathlib.Path(folder) / "data", orgs=("acme",))
            with Server(installation, "--rate-tier", "enterprise") as server:
                phases = "coverage,fuzzing" if who == "owner@acme" else "fuzzing"
                found = run(server, who, folder, "--phases", phases, "-n", examples)
        print(f"{who}: {found or 'nothing found'}", flush=True)
        if found:
            sys.exit(1)


if __name__ == "__main__":
    main()
