"""schemathesis against the real server, by the server's own document: what the document allows and what it doesn't,
made up at random, must give no failure of the server, no status and no form that isn't documented, and what isn't
allowed must be refused.

The document's copy that it works from names things that are there in place of parameters of paths, so that handlers
are reached. Left out is the check that all that the document allows goes well: a statement may be wrong, a time over
the limit. Of that phase which goes through the document systematically the check of refusals is left out, too: it
takes null for a text that is too long.

python -m restfuzz [--examples N] [--minutes M]: for every role, as `dev/fuzz rest` has it; systematically for the owner,
who may do the most. What isn't through after M minutes is stopped, and said to be."""
import argparse
import json
import pathlib
import signal
import subprocess
import sys
import tempfile

from harness import Server, make_installation
from rest import Rest, document

CONFIG = """
[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = ["4xx"]
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


def drop_types_of_text(parameters):
    """Of paths, queries and headers for the systematic phase, which looks for values that are no text, seconds long for
    each in each of its combinations, where everything is one. Two headers that are any text go whole: they are sent by the
    other phase."""
    for p in list(parameters):
        if "$ref" in p:
            parameters.remove(p)
            continue
        for schema in (p["schema"], *p["schema"].get("anyOf", ())):
            if schema.get("type") == "string":
                del schema["type"]


def copy_of(things, phase):
    copy = json.loads(json.dumps(document().json))
    for path in list(copy["paths"]):
        item = copy["paths"].pop(path)
        for operation in item.values():
            operation["parameters"] = [p for p in operation["parameters"] if p.get("name") not in ("org", "env")]
            for p in operation["parameters"]:
                if p.get("in") == "path" and p["name"] in things:
                    # Or any other: the fuzzer makes things itself, and meets them again.
                    p["schema"] = {"anyOf": [{"type": "string", "enum": things[p["name"]]}, p["schema"]]}
            if phase == "coverage":
                drop_types_of_text(operation["parameters"])
        copy["paths"][path.replace("{org}", "acme").replace("{env}", "hatidata")] = item
    # A pattern with a bound of a million it can't read as one expression.
    sql = copy["paths"]["/v1/query"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]["sql"]
    del sql["pattern"]
    drop_large_bounds(copy["paths"])
    return copy


def run(server, who, folder, phase, *options, minutes=10):
    """Runs a phase of schemathesis as `who`; gives what it found, "" where it found nothing, and whether it came to its
    end within the time."""
    folder = pathlib.Path(folder)
    (folder / "openapi.json").write_text(json.dumps(copy_of(furnish(server), phase)))
    (folder / "config.toml").write_text(CONFIG)
    key = server.installation.principals[who].key
    process = subprocess.Popen(
        [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", folder / "config.toml",
         "run", folder / "openapi.json", "--url", f"https://localhost:{server.control_port}",
         "--tls-verify", server.installation.ca, "-H", f"Authorization: ApiKey {key}", "--no-color",
         "--warnings", "off", "--phases", phase, *map(str, options)], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said, ended = process.communicate(timeout=minutes * 60)[0], True
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # it says what it found until then
        said, ended = process.communicate(timeout=120)[0], False
    return "" if process.returncode == 0 else said, ended


def main():
    parser = argparse.ArgumentParser(prog="dev/fuzz rest")
    parser.add_argument("--examples", type=int, default=20, help="of each operation, for each role")
    parser.add_argument("--minutes", type=float, default=10, help="at most, for each role, and for the systematic phase")
    args = parser.parse_args()
    runs = [("owner@acme", "coverage")] + [(f"{role}@acme", "fuzzing") for role in
                                           ("owner", "admin", "developer", "analyst", "auditor", "agent")]
    for who, phase in runs:
        with tempfile.TemporaryDirectory() as folder:
            installation = make_installation(pathlib.Path(folder) / "data", orgs=("acme",))
            with Server(installation, "--rate-tier", "enterprise") as server:
                options = ("-n", args.examples) if phase == "fuzzing" else ("--exclude-checks", "negative_data_rejection")
                found, ended = run(server, who, folder, phase, *options, minutes=args.minutes)
        cut = "" if ended else f"; STOPPED after {args.minutes:g} minutes, before its end"
        print(f"{who}, {phase}: {found or 'nothing found'}{cut}", flush=True)
        if found:
            sys.exit(1)


if __name__ == "__main__":
    main()
