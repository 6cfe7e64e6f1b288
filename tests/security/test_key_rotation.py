"""A rotation gives a secret into somebody's hand: nobody gets one by it that he couldn't have had made, no key lives
longer by it, and it is on record whole, without the secret."""
import json

import pytest

from harness import Server, eventually, make_installation
from rest import Rest

ORG, ENV = "/v1/organizations/acme", "/v1/environments/hatidata"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(make_installation(tmp_path_factory.mktemp("rotation") / "data"), "--rate-tier", "enterprise") as server:
        yield server


def made(server, who, user=None, **more):
    """A key that `who` has made, and all its paths."""
    key = Rest(server, who).ok("POST", ENV + "/api-keys", {"name": "k", **({"user": user} if user else {}), **more})
    return key, [f"{ENV}/api-keys/{key['id']}", f"{ORG}/keys/{key['id']}"]


def keys(server):
    return Rest(server, "owner@acme").ok("GET", ORG + "/keys")["pagination"]["total"]


def test_nobody_gets_a_key_that_is_too_high_for_him(server):
    _, paths = made(server, "owner@acme")
    _, others = made(server, "owner@acme", "admin@acme.example", scopes=["query:read", "query:write", "admin"])
    narrow = server.installation.add_key("narrow@acme", "admin@acme.example", "--org", "acme", "--user",
                                         "admin@acme.example", "--scopes", "admin")
    mine = Rest(server)
    mine.authorize("ApiKey", narrow.key)
    before = keys(server)
    for path in paths:
        assert Rest(server, "admin@acme").error(403, "POST", path + "/rotate", {})["code"] == "FORBIDDEN"
    for path in others:  # his own, but more than what he has in hand
        assert "query:read" in mine.error(403, "POST", path + "/rotate", {})["message"]
    assert keys(server) == before
    mine.ok("POST", f"{ENV}/api-keys/{narrow.key[:16]}/rotate", {})


@pytest.mark.parametrize("limit, wider", [
    ({"--allow-table": "public.people"}, {"allowed_tables": ["public.people", "public.salaries"]}),
    ({"--allow-table": "public.people"}, {}),
    ({"--allow-schema": "public"}, {"allowed_schemas": ["hr"]}),
    ({"--allow-ip": "127.0.0.0/8"}, {"ip_allowlist": ["0.0.0.0/0"]}),
    ({"--allow-ip": "127.0.0.0/8"}, {})])
def test_a_limited_key_makes_and_changes_none_that_is_wider(server, limit, wider):
    """Whose ever it is: his own, another user's, an agent's."""
    (option, value), = limit.items()
    field = {"--allow-table": "allowed_tables", "--allow-schema": "allowed_schemas", "--allow-ip": "ip_allowlist"}[option]
    name = f"limited-{option}-{len(wider)}-{keys(server)}"
    key = server.installation.add_key(name, "owner@acme.example", "--org", "acme", "--user", "owner@acme.example",
                                      option, value, "--scopes", "admin")
    limited, owner = Rest(server), Rest(server, "owner@acme")
    limited.authorize("ApiKey", key.key)
    user, paths = made(server, "owner@acme", scopes=["admin"])
    agent = owner.ok("POST", ORG + "/agent-keys", {"agent_name": "bot"})
    same = {field: value.split(",")}
    before = keys(server)
    bodies = [("POST", ENV + "/api-keys", {"name": "k", "scopes": ["admin"], **wider}),
              ("POST", ENV + "/api-keys", {"name": "k", "user": "analyst@acme.example", **wider}),
              ("POST", ORG + "/agent-keys", {"agent_name": "b", **wider}),
              ("PUT", f"{ORG}/agent-keys/{agent['id']}", {"description": "mine", **wider}),
              ("PUT", f"{ORG}/agent-keys/{agent['id']}", same),
              ("POST", f"{ORG}/agent-keys/{agent['id']}/rotate", {}),
              *[("POST", path + "/rotate", {}) for path in paths]]
    for method, path, body in bodies:
        told = limited.error(403, method, path, body)
        assert told["code"] == "FORBIDDEN" and field in told["message"], (method, path, told)
    assert keys(server) == before
    limited.ok("POST", ENV + "/api-keys", {"name": "k", "scopes": ["admin"], **same})
    limited.ok("POST", ORG + "/agent-keys", {"agent_name": "b", **same})
    limited.ok("POST", f"{ENV}/api-keys/{key.key[:16]}/rotate", {})


def test_nobody_gets_one_of_elsewhere(server):
    key, paths = made(server, "owner@acme")
    agent = Rest(server, "owner@acme").ok("POST", ORG + "/agent-keys", {"agent_name": "bot"})
    other = Rest(server, "owner@globex")
    before = keys(server)
    for path in paths:
        other.error(404, "POST", path + "/rotate", {})
        other.error(404, "POST", path.replace("acme", "globex") + "/rotate", {})
    owner = Rest(server, "owner@acme")
    owner.error(404, "POST", f"{ORG}/agent-keys/{key['id']}/rotate", {})
    owner.error(404, "POST", f"{ENV}/api-keys/{agent['id']}/rotate", {})
    owner.ok("POST", ORG + "/environments", {"name": "elsewhere"})
    owner.error(404, "POST", f"/v1/environments/elsewhere/api-keys/{key['id']}/rotate", {})
    assert keys(server) == before


def test_what_is_over_isnt_rotated(server):
    owner = Rest(server, "owner@acme")
    key, paths = made(server, "owner@acme")
    owner.ok("DELETE", paths[0])
    before = keys(server)
    for path in paths:
        assert "has ended" in owner.error(409, "POST", path + "/rotate", {})["message"]
    assert keys(server) == before


def test_rotations_in_a_row_lengthen_nothing(server):
    owner = Rest(server, "owner@acme")
    key, _ = made(server, "owner@acme", expires_in_days=2)
    ends, path = key["expires_at"], f"{ENV}/api-keys/{key['id']}/rotate"
    turned = owner.ok("POST", path, {"grace_period_hours": 1})
    assert turned["new_key"]["expires_at"] == ends
    again = owner.ok("POST", path, {"grace_period_hours": 720})  # the old one, in its last hour
    assert again["old_key_ends_at"] == turned["old_key_ends_at"] == again["new_key"]["expires_at"]


def test_the_trail_has_it_whole_and_no_secret(server):
    owner = Rest(server, "owner@acme")
    key, paths = made(server, "owner@acme")
    new = owner.ok("POST", paths[0] + "/rotate", {"grace_period_hours": 3})["new_key"]
    owner.ok("DELETE", f"{ENV}/api-keys/{new['id']}")
    log = lambda: "".join(p.read_text() for p in sorted(server.installation.audit.glob("*.jsonl")))
    entries = lambda: [e for e in map(json.loads, log().splitlines()) if e.get("resource") in (f"key/{key['id']}",
                                                                                               f"key/{new['id']}")]
    eventually(lambda: len(entries()) == 5)
    assert [(e["action"], e["resource"].removeprefix("key/")) for e in entries()] == [
        ("key.create", key["id"]), ("key.rotate", key["id"]), ("key.create", new["id"]),
        ("key.revoke", new["id"]), ("key.revoke", key["id"])]
    image = lambda e: (json.loads(e.get("before") or "null"), json.loads(e["after"]))
    _, (before, after), (nothing, follows), *ends = map(image, entries())
    assert before["expires_us"] == 0 < after["expires_us"] and not before["revoked"] and not after["revoked"]
    assert nothing is None and follows["replaces"] == key["id"]
    assert all(not before["revoked"] and after["revoked"] for before, after in ends)
    assert all(e["actor"].startswith("user:") for e in entries())
    said = log() + server.log()
    for secret in (key["key"], new["key"]):
        assert secret not in said and secret[16:] not in said


def test_refusals_are_in_the_trail(server):
    _, paths = made(server, "owner@acme")
    Rest(server, "admin@acme").error(403, "POST", paths[0] + "/rotate", {})
    Rest(server, "analyst@acme").error(403, "POST", paths[0] + "/rotate", {})
    seen = lambda: [e for p in sorted(server.installation.audit.glob("*.jsonl"))
                    for e in map(json.loads, p.read_text().splitlines()) if e.get("action") == "api.rotate_api_key.refuse"]
    eventually(lambda: len([e for e in seen() if e["resource"].endswith(paths[0].rsplit("/", 1)[1] + "/rotate")]) == 2)
