"""The REST API's resources: environments, keys of users and agents, policies, just-in-time grants."""
import contextlib
import datetime
import json
import sqlite3
import time

import psycopg
import pytest

from harness import Principal, Server, eventually
from rest import Rest

ORG, ENV = "/v1/organizations/acme", "/v1/environments/hatidata"
USER_KEYS, AGENT_KEYS = ENV + "/api-keys", ORG + "/agent-keys"
MASK = {"name": "hide", "type": "column_masking", "rules": [{"table": "t", "column": "secret", "function": "full"}]}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server whose organization the tests of this file change."""
    from harness import make_installation
    with Server(make_installation(tmp_path_factory.mktemp("rest") / "data"), "--rate-tier", "enterprise") as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE t (n int, secret text)")
            conn.execute("INSERT INTO t VALUES (1, 'abc')")
        yield server


def enter(server, user, key, database="hatidata"):
    server.installation.principals["entering"] = Principal(user, key)
    return server.connect("entering", dbname=database)


def opens(*who):
    try:
        with enter(*who) as conn:
            return conn.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_environments(own):
    owner = Rest(own, "owner@acme")
    assert owner("POST", ORG + "/environments", {"name": "staging"}).status_code == 201
    assert [e["name"] for e in owner.ok("GET", ORG + "/environments")["data"]] == ["hatidata", "staging"]
    assert owner.error(409, "POST", ORG + "/environments", {"name": "staging"})
    assert owner.error(400, "POST", ORG + "/environments", {"name": "../x"})
    key = owner.ok("POST", "/v1/environments/staging/api-keys", {"name": "k"})["key"]
    assert key.startswith("hd_test_") and opens(own, "owner@acme.example", key, "staging")
    assert not opens(own, "owner@acme.example", key)
    assert owner.error(404, "GET", "/v1/environments/production/api-keys")
    stage = Rest(own)
    stage.authorize("ApiKey", key)
    assert stage.ok("GET", "/v1/environments/staging/api-keys")["pagination"]["total"] == 1


def test_a_users_key_has_a_life(own):
    owner = Rest(own, "owner@acme")
    made = owner.ok("POST", USER_KEYS, {"name": "laptop", "user": "analyst@acme.example", "expires_in_days": 3,
                                        "scopes": ["query:read"], "ip_allowlist": ["127.0.0.0/8"]})
    key = made.pop("key")
    assert key.startswith(made["prefix"]) and len(key) == 40 and made["expires_at"] and made["status"] == "active"
    assert made["scopes"] == ["query:read"] and made["ip_allowlist"] == ["127.0.0.0/8"]
    for listed in (owner.ok("GET", f"{USER_KEYS}/{made['id']}"), owner.ok("GET", f"{USER_KEYS}/{made['prefix']}"),
                   next(k for k in owner.ok("GET", USER_KEYS, params={"limit": 200})["data"] if k["id"] == made["id"])):
        assert listed == made
    assert opens(own, "analyst@acme.example", key)
    assert owner.ok("DELETE", f"{USER_KEYS}/{made['id']}")["status"] == "revoked"
    assert not opens(own, "analyst@acme.example", key)
    assert owner.error(404, "GET", f"{AGENT_KEYS}/{made['id']}")


def moved_up(server, key_id, seconds=1):
    """The end of a key's time, to so soon from now."""
    inst, ends = server.installation, int((time.time() + seconds) * 1e6)
    with contextlib.closing(psycopg.connect(inst.store) if inst.store else sqlite3.connect(inst.path / "control.db")) as store:
        changed = store.cursor().execute(f"UPDATE api_keys SET expires_us = {ends} WHERE id = '{key_id}'")
        assert changed.rowcount == 1
        store.commit()


def asks(server, key):
    rest = Rest(server)
    rest.authorize("ApiKey", key)
    return rest("GET", "/v1/auth/whoami").status_code == 200


def test_a_users_key_is_rotated(own):
    owner, ann = Rest(own, "owner@acme"), "analyst@acme.example"
    made = owner.ok("POST", USER_KEYS, {"name": "laptop", "user": ann, "expires_in_days": 3, "live": False,
                                        "scopes": ["query:read"], "ip_allowlist": ["127.0.0.0/8"]})
    old, one = made["key"], f"{USER_KEYS}/{made['id']}"
    turned = owner.ok("POST", one + "/rotate", {"grace_period_hours": 2})
    new = turned["new_key"]["key"]
    assert turned["old_key_id"] == made["id"] == turned["new_key"]["replaces"] and made["replaces"] is None
    same = ("name", "scopes", "ip_allowlist", "allowed_tables", "allowed_schemas", "expires_at", "user_id", "environment")
    assert [turned["new_key"][field] for field in same] == [made[field] for field in same]
    assert new != old and new.startswith("hd_test_"), "as the old one: of a test, in an environment of live data"
    assert owner.ok("GET", one)["expires_at"] == turned["old_key_ends_at"] < made["expires_at"]
    assert [asks(own, key) and opens(own, ann, key) for key in (old, new)] == [True, True]
    with enter(own, ann, old) as before, enter(own, ann, new) as after:
        assert before.execute("SELECT 1").fetchone() == after.execute("SELECT 1").fetchone()
        moved_up(own, made["id"])
        eventually(lambda: not asks(own, old))
        assert not opens(own, ann, old) and opens(own, ann, new) and asks(own, new)
        with pytest.raises(psycopg.OperationalError):
            before.execute("SELECT 1")
        assert after.execute("SELECT 1").fetchone() == (1,)
    assert "has ended" in owner.error(409, "POST", one + "/rotate")["message"]


def test_how_long_the_old_key_works(own):
    owner = Rest(own, "owner@acme")
    day = datetime.timedelta(days=1)

    def rotated(body, **key):
        made = owner.ok("POST", USER_KEYS, {"name": "k", **key})
        asked = datetime.datetime.now(datetime.timezone.utc)
        turned = owner.ok("POST", f"{USER_KEYS}/{made['prefix']}/rotate", body)
        return made, turned, datetime.datetime.fromisoformat(turned["old_key_ends_at"]) - asked
    _, turned, time_left = rotated({})
    assert turned["grace_period_hours"] == 24 and abs(time_left - day) < datetime.timedelta(minutes=5)
    made, turned, _ = rotated({"grace_period_hours": 720}, expires_in_days=1)
    assert turned["old_key_ends_at"] == made["expires_at"] == turned["new_key"]["expires_at"], "its own time, no longer"
    made, turned, _ = rotated({"grace_period_hours": 0})
    assert not asks(own, made["key"]) and asks(own, turned["new_key"]["key"])
    for hours in (-1, 721, 1.5, "1"):
        error = owner.error(400, "POST", f"{USER_KEYS}/{turned['new_key']['id']}/rotate", {"grace_period_hours": hours})
        assert error["details"]["field"] == "grace_period_hours"


@pytest.mark.parametrize("body,path,secret", [({"name": "k"}, USER_KEYS, "key"),
                                              ({"agent_name": "bot"}, AGENT_KEYS, "raw_key")], ids=["user", "agent"])
def test_a_revoke_ends_the_old_key_too(own, body, path, secret):
    owner = Rest(own, "owner@acme")
    first = owner.ok("POST", path, body)
    second = owner.ok("POST", f"{path}/{first['id']}/rotate", {})["new_key"]
    third = owner.ok("POST", f"{ORG}/keys/{second['prefix']}/rotate", {})["new_key"]  # the way of both kinds
    secrets = [first[secret], second[secret], third["key"]]
    assert all(asks(own, key) and opens(own, key[:16], key) for key in secrets)
    assert owner.ok("DELETE", f"{path}/{first['id']}")["status"] == "revoked", "the old one alone: its time is over early"
    assert [asks(own, key) for key in secrets] == [False, True, True]
    with enter(own, second["prefix"], second[secret]) as conn:
        assert owner.ok("DELETE", f"{path}/{third['id']}")["status"] == "revoked"
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")
    assert not any(asks(own, key) or opens(own, key[:16], key) for key in secrets)
    assert owner.ok("GET", f"{path}/{second['id']}")["status"] == "revoked"


def test_keys_by_prefix_a_page_at_a_time(own):
    owner, keys = Rest(own, "owner@acme"), "/v1/organizations/acme/agent-keys"
    made = [owner.ok("POST", keys, {"agent_name": "paged"})["prefix"] for _ in range(3)]
    for prefix in made:
        assert [k["prefix"] for k in owner.ok("GET", keys, params={"prefix": prefix[:14]})["data"]] == [prefix]
    seen, cursor = [], None
    while page := owner.ok("GET", keys, params={"limit": 2, **({"cursor": cursor} if cursor else {})}):
        seen += [k["prefix"] for k in page["data"]]
        cursor = page["pagination"]["cursor"]
        assert page["pagination"]["has_more"] == (cursor is not None)
        if not cursor:
            break
    assert set(made) <= set(seen) and len(seen) == len(set(seen)) == page["pagination"]["total"]
    assert not owner.ok("GET", "/v1/environments/hatidata/api-keys", params={"prefix": made[0]})["data"]
    assert not Rest(own, "owner@globex").ok("GET", keys.replace("acme", "globex"), params={"prefix": made[0]})["data"]
    assert owner.error(400, "GET", keys, params={"prefix": "x" * 17})["details"]["field"] == "prefix"


def test_a_key_is_no_way_up(own):
    admin = Rest(own, "admin@acme")
    assert admin.error(403, "POST", USER_KEYS, {"name": "k", "user": "owner@acme.example"})["code"] == "FORBIDDEN"
    narrow = own.installation.add_key("narrow@acme", "admin@acme.example", "--org", "acme", "--user",
                                      "admin@acme.example", "--scopes", "admin")
    rest = Rest(own)
    rest.authorize("ApiKey", narrow.key)
    assert "query:write" in rest.error(403, "POST", USER_KEYS, {"name": "k", "scopes": ["query:write"]})["message"]
    assert rest.ok("POST", USER_KEYS, {"name": "k", "scopes": ["admin"]})
    for who in ("analyst@acme", "developer@acme", "auditor@acme", "agent@acme"):
        for method, path in (("GET", USER_KEYS), ("POST", USER_KEYS), ("GET", AGENT_KEYS), ("POST", AGENT_KEYS),
                             ("GET", ENV + "/policies"), ("POST", ENV + "/policies"), ("DELETE", ENV + "/policies/x")):
            assert Rest(own, who).error(403, method, path, {})["code"] == "FORBIDDEN"


def test_wrong_scopes_and_addresses(own):
    owner = Rest(own, "owner@acme")
    assert "not a scope" in owner.error(400, "POST", USER_KEYS, {"name": "k", "scopes": ["all"]})["message"]
    assert "address" in owner.error(400, "POST", USER_KEYS, {"name": "k", "ip_allowlist": ["home"]})["message"]
    assert owner.error(400, "POST", USER_KEYS, {"name": "k", "expires_in_days": 0})["details"]["field"] == "expires_in_days"
    assert owner.error(404, "POST", USER_KEYS, {"name": "k", "user": "owner@globex.example"})


def test_an_agents_key_has_a_life(own):
    owner = Rest(own, "owner@acme")
    made = owner.ok("POST", AGENT_KEYS, {"agent_name": "bot", "framework": "langchain", "allowed_tables": ["nothing"]})
    key = made.pop("raw_key")
    assert made["role"] == "service_account" and made["allowed_tables"] == ["nothing"]
    one = f"{AGENT_KEYS}/{made['id']}"
    assert owner.ok("GET", one) == made and made in owner.ok("GET", AGENT_KEYS)["data"]

    def reads(secret):
        with enter(own, secret[:16], secret) as conn:
            return conn.execute("SELECT n FROM t").fetchall()
    with pytest.raises(psycopg.Error):
        reads(key)
    assert owner.ok("PUT", one, {"allowed_tables": []})["allowed_tables"] == []
    assert reads(key) == [(1,)]
    turned = owner.ok("POST", one + "/rotate", {"grace_period_hours": 1})
    assert turned["old_key_id"] == made["id"] and turned["grace_period_hours"] == 1
    new = turned["new_key"]
    assert new["raw_key"] != key and new["id"] != made["id"] and new["agent_name"] == "bot"
    assert reads(new["raw_key"]) == reads(key) == [(1,)]
    assert owner.ok("GET", one)["expires_at"]
    at_once = owner.ok("POST", f"{AGENT_KEYS}/{new['id']}/rotate", {"grace_period_hours": 0})["new_key"]
    assert not opens(own, new["prefix"], new["raw_key"]) and opens(own, at_once["prefix"], at_once["raw_key"])
    assert owner.ok("DELETE", f"{AGENT_KEYS}/{at_once['id']}")["status"] == "revoked"
    assert not opens(own, at_once["prefix"], at_once["raw_key"])
    assert owner.error(400, "POST", AGENT_KEYS, {"agent_name": "b", "role": "owner"})["details"]["field"] == "role"


@pytest.mark.parametrize("rule,said", [
    ({"filter": "nothing = '{department}'"}, "rules[0].filter: on public.fitting: column \"nothing\" does not exist"),
    ({"filter": "n + 1"}, "rules[0].filter: on public.fitting: it is no condition"),
    ({"filter": "n > 0", "check": "m > 0"}, "rules[0].check: on public.fitting: column \"m\" does not exist"),
    ({"filter": "n IN (SELECT a FROM nowhere)"}, "rules[0].filter: on public.fitting: relation \"nowhere\" does not exist"),
], ids=lambda v: v if isinstance(v, str) else str(v.get("check", v["filter"])))
def test_a_row_filter_is_held_to_its_table_when_it_is_stored(own, rule, said):
    with own.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS fitting (n int, day date, department text)")
    owner = Rest(own, "owner@acme")
    body = {"name": "fit", "type": "row_level_security", "rules": [{"table": "fitting", **rule}]}
    assert said in owner.error(400, "POST", ENV + "/policies", body)["message"]
    document = {"document": json.dumps(body)}
    assert said in owner.error(400, "PUT", ORG + "/policies/fit", document)["message"]
    later = {**body, "rules": [{"table": "made_later", **rule}]}  # what isn't there has nothing to fit
    owner.ok("POST", ENV + "/policies", later)
    owner.ok("DELETE", ENV + "/policies/fit")


def test_a_row_filter_is_held_to_the_tables_of_its_environments(own):
    with own.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS fitting (n int, day date, department text)")
    owner = Rest(own, "owner@acme")
    body = {"name": "fit", "type": "row_level_security", "rules": [{"table": "fitting", "filter": "region = 'x'"}]}
    owner.ok("POST", "/v1/organizations/acme/environments", {"name": "elsewhere"})
    assert "region" in owner.error(400, "POST", ENV + "/policies", body)["message"]
    owner.ok("POST", ENV + "/policies", {**body, "environments": ["elsewhere"]})
    owner.ok("DELETE", ENV + "/policies/fit")
    good = {**body, "rules": [{"table": "fitting", "filter": "n > 1 OR department = '{department}'"}]}
    owner.ok("POST", ENV + "/policies", good)
    owner.ok("DELETE", ENV + "/policies/fit")


def test_policies_work_at_once(own):
    owner = Rest(own, "owner@acme")
    with own.connect("analyst@acme") as conn:
        assert conn.execute("SELECT secret FROM t").fetchone() == ("abc",)
        made = owner.ok("POST", ENV + "/policies", MASK)
        assert made["policy"] == MASK and made["version"] == 1 and made["enabled"]
        assert conn.execute("SELECT secret FROM t").fetchone() == ("***",)
        assert owner.error(409, "POST", ENV + "/policies", MASK)
        assert owner.ok("GET", ENV + "/policies/hide") == made == owner.ok("GET", f"{ENV}/policies/{made['id']}")
        changed = owner.ok("PUT", ENV + "/policies/hide", {**MASK, "enabled": False})
        assert changed["version"] == 2 and not changed["enabled"]
        assert conn.execute("SELECT secret FROM t").fetchone() == ("abc",)
        assert owner.error(404, "GET", ENV + "/abac-policies/hide")
        owner.ok("DELETE", ENV + "/policies/hide")
        assert owner.error(404, "DELETE", ENV + "/policies/hide")
        rule = {"name": "no-reading", "effect": "deny", "conditions": {"role": {"eq": "analyst"}},
                "actions": ["query"], "resources": ["table:*"]}
        assert owner.ok("POST", ENV + "/abac-policies", rule)["policy"] == rule
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT n FROM t")
        assert [p["name"] for p in owner.ok("GET", ENV + "/abac-policies")["data"]] == ["no-reading"]
        assert owner.ok("GET", ENV + "/policies")["data"] == []
        owner.ok("DELETE", ENV + "/abac-policies/no-reading")
        conn.execute("SELECT n FROM t")


@pytest.mark.parametrize("body, said", (
    ({**MASK, "rules": [{"table": "t", "column": "secret", "function": "hide"}]}, "rules[0].function"),
    ({**MASK, "rules": []}, "rules"), ({**MASK, "environments": ["nowhere"]}, "environments"),
    ({**MASK, "type": "abac"}, "type"), ({"name": "f", "type": "row_level_security", "rules": [{"table": "t", "filter": "n ="}]},
                                         "rules[0].filter")))
def test_a_policy_is_checked_as_a_file_is(own, body, said):
    error = Rest(own, "owner@acme").error(400, "POST", ENV + "/policies", body)
    assert error["code"] == "VALIDATION_ERROR" and said in error["message"]


def test_a_grant_has_a_life(own):
    own.installation.add_key("wide@acme", "analyst@acme.example", "--org", "acme", "--user", "analyst@acme.example",
                             "--scopes", "query:read,query:write,schema:read,schema:write")
    analyst, admin, owner = (Rest(own, f"{w}@acme") for w in ("wide", "admin", "owner"))
    asked = analyst.ok("POST", ENV + "/jit-access",
                       {"requested_role": "developer", "reason": "a column", "duration_minutes": 5})
    assert asked["status"] == "requested" and asked["duration_minutes"] == 5
    one = f"{ENV}/jit-access/{asked['id']}"
    assert analyst.error(403, "POST", one + "/approve")["code"] == "FORBIDDEN"
    assert admin.ok("POST", one + "/approve")["status"] == "approved"
    analyst_wire = own.connect("wide@acme")
    analyst_wire.execute("CREATE TABLE granted (n int)")
    assert asked["id"] in [g["id"] for g in analyst.ok("GET", ORG + "/jit")["data"]]
    assert analyst.ok("POST", one + "/revoke")["status"] == "revoked"

    def refused():
        try:
            analyst_wire.execute("CREATE TABLE more (n int)")
        except psycopg.Error:
            return True
    eventually(refused)
    hours = admin.ok("POST", ORG + "/jit/request", {"target_role": "developer", "reason": "x", "duration_hours": 1})
    assert hours["duration_minutes"] == 60
    assert admin.error(403, "POST", f"{ENV}/jit-access/{hours['id']}/approve")
    assert owner.ok("POST", f"{ENV}/jit-access/{hours['id']}/deny")["status"] == "denied"
    assert hours["id"] not in [g["id"] for g in analyst.ok("GET", ORG + "/jit")["data"]]
    assert Rest(own, "agent@acme").error(403, "POST", ENV + "/jit-access", {"requested_role": "admin", "reason": "x"})

    def trail():
        lines = "".join(p.read_text() for p in sorted(own.installation.audit.glob("*.jsonl"))).splitlines()
        return [(e["action"], e["resource"]) for e in map(json.loads, lines) if e.get("action", "").endswith(".refuse")]
    eventually(lambda: [("api.approve_jit_access.refuse", one + "/approve"), ("jit.approve.refuse", f"jit/{hours['id']}"),
                        ("api.request_jit_access.refuse", ENV + "/jit-access")] == trail()[-3:])


def test_no_secret_is_anywhere_but_in_its_answer(own):
    owner = Rest(own, "owner@acme")
    key = owner.ok("POST", USER_KEYS, {"name": "secret"})["key"]
    answers = json.dumps([owner.ok("GET", USER_KEYS, params={"limit": 200}), owner.ok("GET", AGENT_KEYS)])
    files = "".join(p.read_text(errors="replace") for p in own.installation.audit.iterdir() if p.is_file())
    assert key[16:] not in answers + own.log() + files and "argon2" not in answers
