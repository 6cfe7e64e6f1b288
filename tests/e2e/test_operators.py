"""The operator of an installation from elsewhere: what his key opens, what it never opens, when it ends; and the rate
tier of an organization, which is his to set."""
import json

import psycopg
import pytest

from harness import Server, eventually, make_installation
from rest import Rest
from test_remote_commands import PROVIDER, Seat

TIERS = {"free": "60", "cloud": "300", "growth": "1000", "enterprise": "10000"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(make_installation(tmp_path_factory.mktemp("operators") / "data"), "--rate-tier", "growth") as server:
        yield server


def new_key(server, name, *options):
    return server.installation.run("operator", "add", name, *options).stdout.strip()


def rest(server, key):
    client = Rest(server)
    client.authorize("ApiKey", key)
    return client


def trail(server):
    return [entry for path in sorted(server.installation.audit.glob("*.jsonl")) for entry in map(json.loads, open(path))
            if entry["kind"] == "iam"]


@pytest.fixture
def seat(server, tmp_path, request):
    """Somebody elsewhere who has an operator's key."""
    key = tmp_path / "operator.key"
    key.write_text(new_key(server, request.node.name.replace("[", "-").replace("]", "")))
    key.chmod(0o600)
    seat = Seat(server, tmp_path / "config")
    seat.run("login", seat.url, "--api-key-file", key, "--ca-file", server.installation.ca)
    return seat


def test_an_organization_from_its_beginning(server, seat, tmp_path):
    assert "operator-key" in seat.run("whoami")
    made, invitation = seat.run("org", "add", "far away", "--owner", "ann@far.example").splitlines()
    assert "HATI_ERR_409" in seat.refused("org", "add", "far away")
    assert made in seat.run("org", "list").splitlines() and "\tacme" in seat.run("org", "list")
    assert seat.run("org", "show", "far away").splitlines()[1:] == [
        "name\tfar away", "rate tier\tdefault", "environment\thatidata"]
    ann = Rest(server)
    ann.ok("POST", "/v1/auth/invitation", {"invitation": invitation, "new_password": "correct horse battery"})
    token = ann.ok("POST", "/v1/auth/login", {"email": "ann@far.example", "password": "correct horse battery"})["token"]
    ann.authorize("Bearer", token)
    assert ann.ok("GET", "/v1/organizations/far away/users")["data"][0]["role"] == "owner"
    provider = tmp_path / "provider.json"
    provider.write_text(json.dumps(PROVIDER).replace("{org}", "far"))
    assert "\tlogin" in seat.run("org", "federation", "add", "login", provider, "--org", "far away")
    assert "login.example" in seat.run("org", "federation", "list", "--org", "far away")
    assert json.loads(seat.run("org", "federation", "show", "login", "--org", "far away"))["audiences"] == ["far"]
    seat.run("org", "federation", "remove", "login", "--org", "far away")
    provider.write_text("{}")
    assert "HATI_ERR_400" in seat.refused("org", "federation", "add", "login", provider, "--org", "far away")
    assert "--org NAME is missing" in seat.refused("org", "federation", "list")
    assert "HATI_ERR_404" in seat.refused("org", "federation", "list", "--org", "nowhere")
    eventually(lambda: [e["action"] for e in trail(server) if e["actor"].startswith("operator:")][-1:] == ["provider.remove"])
    did = [(e["action"], e["org_id"]) for e in trail(server) if e["actor"].startswith("operator:")]
    far = made.split("\t")[0]
    assert did == [(a, far) for a in ("org.create", "user.create", "user.invite", "provider.add", "provider.remove")], did


def test_a_new_signing_key(server, seat):
    keys = {k["kid"] for k in Rest(server).ok("GET", "/.well-known/jwks.json")["keys"]}
    seat.run("org", "rotate-signing-key")
    assert {k["kid"] for k in Rest(server).ok("GET", "/.well-known/jwks.json")["keys"]} > keys


def test_the_tier_is_the_organizations_own(server, seat):
    owner, other = Rest(server, "owner@acme"), Rest(server, "owner@globex")
    path = "/v1/organizations/acme"

    def limit(client):
        return client("GET", "/v1/auth/whoami").headers["X-RateLimit-Limit"]

    assert limit(owner) == limit(other) == "1000" and owner.ok("GET", path)["rate_tier"] == "default"
    for tier, requests in TIERS.items():
        seat.run("org", "set-rate-tier", "acme", tier)
        assert (limit(owner), limit(other)) == (requests, "1000"), "at once, and nobody else's"
        assert owner.ok("GET", path)["rate_tier"] == tier and f"rate tier\t{tier}\n" in seat.run("org", "show", "acme")
    server.installation.run("org", "set-rate-tier", "acme", "free")
    answers = [owner("GET", path) for _ in range(14)]
    assert answers[0].headers["X-RateLimit-Limit"] == "60" and any(a.status_code == 429 for a in answers)
    assert other("GET", "/v1/organizations/globex").status_code == 200
    assert "field: rate_tier" in seat.refused("org", "set-rate-tier", "acme", "boundless")
    seat.run("org", "set-rate-tier", "acme", "default")
    assert limit(owner) == "1000"
    eventually(lambda: len([e for e in trail(server) if e["action"] == "org.set-rate-tier"]) == len(TIERS) + 2)
    changes = [e for e in trail(server) if e["action"] == "org.set-rate-tier"]
    steps = ["default", *TIERS, "free", "default"]
    assert [tuple(json.loads(e[side])["rate_tier"] for side in ("before", "after")) for e in changes] == \
        list(zip(steps, steps[1:]))
    assert changes[0]["actor"].startswith("operator:") and changes[-2]["actor"].startswith("cli:")


@pytest.mark.parametrize("role", ["owner", "admin", "analyst", "auditor", "developer"])
def test_no_role_raises_its_own_tier(server, role):
    client = Rest(server, f"{role}@acme")
    said = client.error(403, "PUT", "/v1/organizations/acme/rate-tier", {"rate_tier": "enterprise"})
    assert "operator" in said["message"]
    client.error(403, "POST", "/v1/organizations", {"name": "more"})
    client.error(403, "POST", "/v1/organizations/acme/first-owner", {"email": "x@acme.example"})
    client.error(403, "POST", "/v1/organizations/acme/identity-providers", {"name": "mine", "configuration": "{}"})
    client.error(403, "POST", "/v1/auth/signing-keys/rotate")


def test_an_operators_key_is_no_way_into_an_organization(server):
    """Neither to its data, nor to its people, keys and policies."""
    key = new_key(server, "curious")
    client = rest(server, key)
    for method, path, body in (("GET", "/users", None), ("POST", "/users", {"email": "me@acme.example", "role": "owner"}),
                               ("POST", "/agent-keys", {"agent_name": "me"}), ("GET", "/keys", None),
                               ("GET", "/policies", None), ("GET", "/billing/quotas", None),
                               ("POST", "/users/owner@acme.example/invitation", None),
                               ("PUT", "/second-factor", {"required": False})):
        assert "installation" in client.error(403, method, f"/v1/organizations/acme{path}", body)["message"]
    client.error(422, "POST", "/v1/query", {"sql": "SELECT 1"})
    client.error(403, "GET", "/v1/environments/hatidata/audit/queries")
    said = client.error(403, "POST", "/v1/organizations/acme/first-owner", {"email": "me@acme.example"})
    assert "people already" in said["message"]
    for user in ("", "owner@acme.example", key[:16]):
        with pytest.raises(psycopg.OperationalError, match="wrong"):
            server.installation.principals["curious"] = type("P", (), {"user": user or "x", "key": key})
            server.connect("curious")
    assert key not in server.log() and all(key not in json.dumps(e) for e in trail(server))


def test_an_operators_key_ends(server):
    inst = server.installation
    key = new_key(server, "leaving", "--allow-ip", "127.0.0.0/8")
    client = rest(server, key)
    client.ok("GET", "/v1/organizations")
    rest(server, key[:-1] + ("a" if key[-1] != "a" else "b")).error(401, "GET", "/v1/organizations")
    inst.run("operator", "revoke", "leaving")
    client.error(401, "GET", "/v1/organizations")
    rest(server, new_key(server, "elsewhere", "--allow-ip", "10.0.0.0/8")).error(401, "GET", "/v1/organizations")
    assert new_key(server, "leaving").startswith("hd_oper_"), "the name is free again"
    for options in (("--allow-ip", "all"), ("--expires-days", "0"), ("--expires-days", "367")):
        assert inst.run("operator", "add", "odd", *options, check=False).returncode == 1
    assert "taken" in inst.run("operator", "add", "elsewhere", check=False).stderr
    listed = inst.run("operator", "list").stdout
    assert listed.count("\tleaving\t") == 2 and "revoked" in listed and key[8:] not in listed
