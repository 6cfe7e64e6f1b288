"""The published package hatidata-agent, as pip installs it, against our server: its control plane client over
REST and its agent over the wire, both on TLS that is checked against the installation's own authority."""
import json

import psycopg2
import pytest
import requests
from hatidata_agent import ControlPlaneClient, HatiDataAgent

from harness import eventually

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def shop(server):
    """A table, and a person with a password."""
    inst = server.installation
    for who in ("owner", "analyst"):
        inst.run("user", "set-password", f"{who}@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    with psycopg2.connect(server.conninfo("owner@acme")) as db, db.cursor() as cur:
        cur.execute("CREATE TABLE public.sdk_orders (id INT, note TEXT)")
        cur.execute("INSERT INTO public.sdk_orders VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        cur.execute("CREATE TABLE public.sdk_secrets (id INT)")
    return inst


@pytest.fixture
def tls(server, monkeypatch):
    """How the SDK, which has no words for it, is told of the authority."""
    ca = str(server.installation.ca)
    for name, value in {"REQUESTS_CA_BUNDLE": ca, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": ca}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def owner(server, shop, tls):
    return signed_in(server, "owner@acme.example")


def signed_in(server, email):
    client = ControlPlaneClient(base_url=f"https://localhost:{server.control_port}", email=email, password=PASSWORD,
                                env_id="hatidata")
    client.login()
    return client


def as_key(server, who):
    org = who.split("@")[1]
    return ControlPlaneClient(base_url=f"https://localhost:{server.control_port}", org_id=org,
                              env_id="hatidata", api_key=server.installation.principals[who].key)


def agent(server, key, **more):
    """With the key's prefix as the user, by which the server finds it."""
    return HatiDataAgent(host="localhost", port=server.port, user=key[:16], password=key, **more)


def outcomes(server, **members):
    entries = [json.loads(line) for path in sorted(server.installation.audit.glob("audit-*.jsonl"))
               for line in path.read_text().splitlines()]
    return [e for e in entries if e["kind"] == "outcome" and all(e.get(k) == v for k, v in members.items())]


def refused(status, call, *args, **more):
    with pytest.raises(requests.HTTPError) as failure:
        call(*args, **more)
    assert failure.value.response.status_code == status, failure.value.response.text
    return failure.value.response.json()["error"]


def test_sign_in_and_health(owner):
    assert owner.health_check()
    assert owner.org_id and owner._user_context["email"] == "owner@acme.example"
    again = ControlPlaneClient(base_url=owner.base_url, email="owner@acme.example", password="wrong" * 4)
    assert refused(401, again.login)["code"] == "UNAUTHORIZED"
    assert again._token is None


def test_agent_keys(server, owner):
    made = owner.create_agent_key("report-bot", framework="langchain", description="reads orders",
                                  allowed_tables=["sdk_orders"], expires_in_days=7)
    assert made["raw_key"].startswith("hd_live_") and made["description"] == "reads orders"
    listed = [k for k in owner.list_agent_keys()["data"] if k["id"] == made["id"]]
    assert listed[0]["status"] == "active" and "raw_key" not in listed[0]

    with agent(server, made["raw_key"], agent_id="told-name", framework="told") as bot:
        assert bot.query("SELECT count(*) AS n FROM sdk_orders") == [{"n": 3}]
        with pytest.raises(psycopg2.Error, match="does not exist"):
            bot.query("SELECT * FROM sdk_secrets")
        changed = owner.update_agent_key(made["id"], agent_name="ledger-bot", description="",
                                         allowed_tables=["sdk_secrets"])
        assert changed["agent_name"] == "ledger-bot" and changed["description"] == ""
        eventually(lambda: is_ended(bot))
    with agent(server, made["raw_key"]) as bot:
        assert bot.query("SELECT count(*) AS n FROM sdk_secrets") == [{"n": 0}]
        with pytest.raises(psycopg2.Error, match="does not exist"):
            bot.query("SELECT * FROM sdk_orders")
    # What an agent says of itself is no identity: the key's is.
    assert {e["agent_id"] for e in outcomes(server, key_id=made["id"])} == {"report-bot", "ledger-bot"}

    usage = owner.get_agent_key_usage(made["id"])
    ended = outcomes(server, key_id=made["id"])
    assert usage["total_queries"] == len(ended) and usage["failed_queries"] == 2 and usage["complete"]
    assert usage["total_credits"] == pytest.approx(sum(e["credits_consumed"] for e in ended)) and usage["total_credits"] > 0
    assert usage["last_used_at"] == max(e["timestamp"] for e in ended)

    rotated = owner.rotate_agent_key(made["id"])
    assert rotated["old_key_id"] == made["id"] and rotated["grace_period_hours"] == 24
    new = rotated["new_key"]["raw_key"]
    for key in (made["raw_key"], new):
        with agent(server, key) as bot:
            assert bot.query("SELECT 1 AS one") == [{"one": 1}]
    with agent(server, new) as bot:
        bot.query("SELECT 1 AS one")
        assert owner.revoke_agent_key(rotated["new_key"]["id"])["status"] == "revoked"
        eventually(lambda: is_ended(bot))
    with pytest.raises(psycopg2.OperationalError, match="HATI_ERR_401"):
        agent(server, new).query("SELECT 1")


def is_ended(bot):
    try:
        bot._conn.cursor().execute("SELECT 1")
        return False
    except psycopg2.Error:
        return True


def test_a_plan_is_refused_with_the_reason(owner):
    error = refused(400, owner.create_agent_key, "planned-bot", plan="growth")
    assert error["details"]["field"] == "plan" and "quota" in error["message"]
    assert "planned-bot" not in [k["agent_name"] for k in owner.list_agent_keys()["data"]]


def test_keys_are_for_who_manages(server, owner):
    made = owner.create_agent_key("roles-bot")
    for who in ("analyst@acme", "auditor@acme", "developer@acme"):
        client = as_key(server, who)
        for call in (client.list_agent_keys, lambda: client.create_agent_key("mine"),
                     lambda: client.rotate_agent_key(made["id"]), lambda: client.revoke_agent_key(made["id"])):
            refused(403, call)
    other = as_key(server, "owner@globex")
    refused(404, other.get_agent_key, made["id"])
    refused(404, other.update_agent_key, made["id"], description="taken")
    assert owner.get_agent_key(made["id"])["status"] == "active"


def test_just_in_time(server, owner):
    analyst = signed_in(server, "analyst@acme.example")
    asked = analyst.request_jit("admin", "to mend a policy", duration_hours=2)
    assert asked["status"] == "requested" and asked["duration_minutes"] == 120
    assert asked["id"] in [g["id"] for g in owner.list_jit_grants()["data"]]
    assert owner._env_post(f"/jit-access/{asked['id']}/approve")["status"] == "approved"
    analyst.list_agent_keys()  # which is an admin's
    assert owner._env_post(f"/jit-access/{asked['id']}/revoke")["status"] == "revoked"
    refused(403, analyst.list_agent_keys)


def test_queries(server, owner):
    key = owner.create_agent_key("query-bot", framework="crewai")["raw_key"]
    with agent(server, key, framework="crewai", priority="high") as bot:
        assert bot.query("SELECT note FROM sdk_orders WHERE id = %s", (2,), request_id="req-42") == [{"note": "b"}]
        assert bot.query("SELECT %s AS text, %s AS none", ("O'Hara; --", None)) == [{"text": "O'Hara; --", "none": None}]
        with pytest.raises(psycopg2.Error):
            bot.query("SELECT nothing FROM sdk_orders")
        with bot.reasoning_chain("chain-1", parent_request_id="chain-0") as chain:
            chain.query("SELECT count(*) AS n FROM sdk_orders")
            chain.query("SELECT max(id) AS n FROM sdk_orders", step=7)
    [one] = outcomes(server, request_id="req-42", agent_id="query-bot", agent_framework="crewai")[:1]
    assert one["tables_accessed"] == ["public.sdk_orders"] and one["rows_returned"] == 1
    steps = [(e["reasoning_step"], e["parent_request_id"]) for e in outcomes(server, request_id="chain-1")]
    assert steps == [("0", "chain-0"), ("7", "chain-0")]


def test_a_wrong_request_id_is_an_error(server, owner):
    key = owner.create_agent_key("careless-bot")["raw_key"]
    with agent(server, key) as bot, pytest.raises(psycopg2.Error, match="hatidata_request_id"):
        bot.query("SELECT 1", request_id="x" * 129)


def test_writes_need_the_role(server, tls, shop):
    with agent(server, server.installation.principals["developer@acme"].key) as bot:
        assert bot.execute("INSERT INTO sdk_orders VALUES (%s, %s)", (4, "d")) == 1
        assert bot.execute("DELETE FROM sdk_orders WHERE id = 4") == 1
    with agent(server, server.installation.principals["agent@acme"].key) as bot:
        with pytest.raises(psycopg2.Error):
            bot.execute("DELETE FROM sdk_orders")


@pytest.mark.parametrize("feature, call", [
    ("agent memory", lambda c: c.create_memory("a", "content")),
    ("agent memory", lambda c: c.list_memories()),
    ("agent memory", lambda c: c.search_memory("dark mode")),
    ("agent memory", lambda c: c.delete_memory("m")),
    ("agent memory", lambda c: c.embedding_stats()),
    ("triggers", lambda c: c.create_trigger("t", "concept")),
    ("triggers", lambda c: c.list_triggers()),
    ("triggers", lambda c: c.test_trigger("t", "text")),
    ("triggers", lambda c: c.delete_trigger("t")),
    ("branches", lambda c: c.create_branch("a", ["orders"])),
    ("branches", lambda c: c.list_branches()),
    ("branches", lambda c: c.merge_branch("b")),
    ("branches", lambda c: c.discard_branch("b")),
    ("branches", lambda c: c.branch_diff("b")),
    ("branches", lambda c: c.branch_analytics()),
    ("branches", lambda c: c.get_agent_key_branch_usage("k")),
    ("reasoning", lambda c: c.ingest_cot([])),
    ("reasoning", lambda c: c.list_cot_sessions()),
    ("reasoning", lambda c: c.replay_cot("s")),
    ("reasoning", lambda c: c.verify_cot("s")),
])
def test_what_is_not_here_says_so(owner, feature, call):
    error = refused(501, call, owner)
    assert error["code"] == "NOT_IMPLEMENTED" and feature in error["message"]
    assert error["details"]["code"] == "HATI_ERR_501_NOT_HERE" and "docs/api.md" in error["details"]["hint"]
