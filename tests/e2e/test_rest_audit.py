"""The audit log, usage and quotas over REST: what they say, to whom, and that a long log is read in parts."""
import json

import pytest

from harness import Server, eventually, make_installation
from rest import Rest

QUERIES, IAM = "/v1/environments/hatidata/audit/queries", "/v1/environments/hatidata/audit/iam"
BILLING = "/v1/organizations/acme/billing"
QUOTAS = {"monthly_credits": 100000000, "max_concurrent": 100, "max_rows": 20000000}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("audit"))
    with Server(inst, "--audit-segment", "64KiB", "--rate-tier", "enterprise") as s:
        with s.connect("developer@acme") as db, s.connect("owner@globex") as other:
            db.execute("CREATE TABLE public.orders (id INT)")
            other.execute("CREATE TABLE public.orders (id INT)")
            other.execute("SELECT count(*) FROM orders")
        yield s


@pytest.fixture(scope="module")
def session(server):
    """The id of a session of many statements: its entries fill several segments."""
    with server.connect("analyst@acme") as db:
        db.execute("SET hatidata_request_id = 'many'")
        for n in range(250):
            db.execute(f"SELECT id FROM orders WHERE id = {n} -- {'x' * 200}")
    assert len(segments(server)) > 3
    return entries(server, request_id="many")[0]["session_id"]


def segments(server):
    return sorted(server.installation.audit.glob("audit-*.jsonl"))


def entries(server, **members):
    all_of_them = [json.loads(line) for path in segments(server) for line in path.read_text().splitlines()]
    return [e for e in all_of_them if all(e.get(k) == v for k, v in members.items())]


def pages(client, path, **params):
    """All rows, a page at a time; and how many pages there were."""
    rows, count = [], 0
    while True:
        page = client.ok("GET", path, params=params)
        rows += page["data"]
        count += 1
        if not page["pagination"]["has_more"]:
            assert page["pagination"]["cursor"] is None
            return rows, count
        assert int(page["pagination"]["cursor"]) > 0
        params["cursor"] = page["pagination"]["cursor"]


def test_statements_the_newest_first_and_each_once(server, session):
    auditor = Rest(server, "auditor@acme")
    rows, count = pages(auditor, QUERIES, limit=60, user_id=entries(server, session_id=session)[0]["user_id"])
    mine = [r for r in rows if r["session_id"] == session]
    expected = entries(server, kind="outcome", session_id=session)
    assert [r["entry_hash"] for r in mine] == [e["entry_hash"] for e in reversed(expected)] and count >= 5
    assert all(r[k] == e.get(k) for r, e in zip(mine, reversed(expected)) for k in r if k in e)
    assert [r["seq"] for r in rows] == sorted((r["seq"] for r in rows), reverse=True)


def test_filters(server, session):
    auditor = Rest(server, "auditor@acme")
    with server.connect("agent@acme") as db, pytest.raises(Exception):
        db.execute("SELECT nothing FROM orders")
    [failed], _ = pages(auditor, QUERIES, agent_id="order-bot")
    assert failed["error_code"].startswith("HATI_ERR_") and failed["agent_framework"] == "langchain"
    made, _ = pages(auditor, QUERIES, table="orders", user_id=entries(server, request_id="many")[0]["user_id"])
    assert len(made) == 250
    assert len(pages(auditor, QUERIES, table="public.orders")[0]) >= len(made)
    assert pages(auditor, QUERIES, table="rders")[0] == []
    assert pages(auditor, QUERIES, min_duration_ms=3600 * 1000)[0] == []
    hits, misses = (pages(auditor, QUERIES, cache_hit=hit)[0] for hit in ("true", "false"))
    assert all(r["cache_hit"] for r in hits) and misses and not any(r["cache_hit"] for r in misses)
    day, at = failed["timestamp"][:10], failed["timestamp"]
    assert failed["seq"] in [r["seq"] for r in pages(auditor, QUERIES, start_date=day, end_date=day)[0]]
    assert failed["seq"] in [r["seq"] for r in pages(auditor, QUERIES, start_date=at)[0]]
    earlier, _ = pages(auditor, QUERIES, end_date=at)
    assert earlier and failed["seq"] not in [r["seq"] for r in earlier]
    assert pages(auditor, QUERIES, start_date="2999-01-01")[0] == [] == pages(auditor, QUERIES, end_date="1970-01-01")[0]


@pytest.mark.parametrize("params", [{"start_date": "yesterday"}, {"end_date": "2026-13-01"}, {"cursor": "x"},
                                    {"limit": 201}, {"min_duration_ms": -1}, {"cache_hit": "maybe"}, {"org_id": "globex"}])
def test_wrong_queries_name_the_field(server, params):
    assert Rest(server, "auditor@acme").error(400, "GET", QUERIES, params=params)["details"]["field"] == next(iter(params))


def test_changes(server):
    owner, auditor = Rest(server, "owner@acme"), Rest(server, "auditor@acme")
    user = owner.ok("POST", "/v1/organizations/acme/users", {"email": "new@acme.example", "role": "analyst"})
    owner.ok("PUT", f"/v1/organizations/acme/users/{user['id']}/role", {"role": "developer"})

    def told():
        return [r for r in pages(auditor, IAM)[0] if r["resource"] == f"user/{user['id']}"]
    eventually(lambda: len(told()) >= 2)
    newest = told()[0]
    assert json.loads(newest["before"])["role"] == "analyst" and json.loads(newest["after"])["role"] == "developer"
    me = next(u["id"] for u in owner.ok("GET", "/v1/organizations/acme/users")["data"] if u["email"].startswith("owner@"))
    assert newest in pages(auditor, IAM, user_id=me, action=newest["action"])[0]
    assert pages(auditor, IAM, user_id=user["id"])[0] == []


def test_a_session_is_verified_and_a_break_is_found(server, session):
    auditor, path = Rest(server, "auditor@acme"), f"/v1/audit/sessions/{session}/verify"
    mine = entries(server, session_id=session)
    told = auditor.ok("GET", path)
    assert (told["entry_count"], told["chain_valid"], told["break"]) == (len(mine), True, None)
    assert (told["first_entry_hash"], told["last_entry_hash"]) == (mine[0]["entry_hash"], mine[-1]["entry_hash"])
    assert told["session_id"] == session and told["verified_at"] >= mine[-1]["timestamp"]

    victim = mine[len(mine) // 2]
    file = next(f for f in segments(server) if victim["entry_hash"] in f.read_text())
    whole = file.read_bytes()
    lines = whole.split(b"\n")
    at = next(i for i, line in enumerate(lines) if victim["entry_hash"].encode() in line.rsplit(b"entry_hash", 1)[-1])
    lines[at] = lines[at].replace(b'"role":"analyst"', b'"role":"auditor"')
    assert len(whole) == len(b"\n".join(lines)) and whole != b"\n".join(lines)
    try:
        overwrite(file, b"\n".join(lines))
        told = auditor.ok("GET", path)
    finally:
        overwrite(file, whole)
    assert not told["chain_valid"] and 0 < told["entry_count"] < len(mine)
    assert (told["break"]["file"], told["break"]["line"], told["break"]["seq"]) == (file.name, at + 1, victim["seq"])
    assert told["break"]["reason"] and auditor.ok("GET", path)["chain_valid"]


def overwrite(file, content):
    """In place, as many bytes: the server goes on appending to the same file."""
    with open(file, "r+b") as f:
        f.write(content)


def test_nothing_of_another_organization(server, session):
    other = Rest(server, "auditor@globex")
    rows = pages(other, QUERIES)[0] + pages(other, IAM)[0]
    assert rows and not {r["entry_hash"] for r in rows} & {e["entry_hash"] for e in entries(server, session_id=session)}
    assert {r.get("environment", "hatidata") for r in rows} == {"hatidata"} and "acme" not in json.dumps(rows)
    other.error(404, "GET", f"/v1/audit/sessions/{session}/verify")
    other.error(404, "GET", "/v1/environments/staging/audit/queries")
    Rest(server, "owner@globex").error(404, "GET", BILLING + "/usage")
    Rest(server, "owner@globex").error(404, "PUT", BILLING + "/quotas", QUOTAS)


@pytest.mark.parametrize("role", ["owner", "admin", "analyst", "auditor", "developer"])
def test_who_may(server, session, role):
    client = Rest(server, f"{role}@acme")
    audit = 200 if role in ("owner", "admin", "auditor") else 403
    for path in (QUERIES, IAM, f"/v1/audit/sessions/{session}/verify"):
        assert client("GET", path).status_code == audit, path
    billing = 200 if role == "owner" else 403
    assert client("GET", BILLING + "/usage").status_code == billing
    assert client("GET", BILLING + "/quotas").status_code == billing
    assert client("PUT", BILLING + "/quotas", QUOTAS).status_code == billing


def test_usage_and_quotas(server, session):
    owner = Rest(server, "owner@acme")
    before = owner.ok("GET", BILLING + "/usage")
    assert before["credits_used"] + before["credits_remaining"] == pytest.approx(before["credits_limit"])
    with server.connect("developer@acme") as db:
        db.execute("SELECT count(*) FROM orders")
        spent = entries(server, kind="outcome")[-1]["credits_consumed"]
        assert owner.ok("GET", BILLING + "/usage")["credits_used"] - before["credits_used"] == pytest.approx(spent)
        quotas = owner.ok("GET", BILLING + "/quotas")
        limit = int(before["credits_used"]) + 1
        wanted = {**QUOTAS, "monthly_credits": limit}
        assert owner.ok("PUT", BILLING + "/quotas", wanted) == {**quotas, **wanted}
        with pytest.raises(Exception, match="QUOTA_EXCEEDED"):
            for _ in range(3):
                db.execute("SELECT count(*) FROM orders")
        for wrong in ({**QUOTAS, "max_concurrent": 0}, {k: v for k, v in QUOTAS.items() if k != "max_concurrent"}):
            assert owner.error(400, "PUT", BILLING + "/quotas", wrong)["details"]["field"] == "max_concurrent"
        owner.ok("PUT", BILLING + "/quotas", QUOTAS)
        db.execute("SELECT count(*) FROM orders")
    eventually(lambda: any(r["action"] == "quota.set" for r in pages(owner, IAM)[0]))


def test_what_was_done_with_a_persons_key(server, session):
    owner, keys = Rest(server, "owner@acme"), "/v1/environments/hatidata/api-keys"
    prefix = server.installation.principals["analyst@acme"].key[:16]
    key = owner.ok("GET", keys, params={"prefix": prefix})["data"][0]
    used = owner.ok("GET", f"{keys}/{prefix}/usage")
    assert used["key_id"] == key["id"] and used["user_id"] == key["user_id"] and used["agent_name"] is None
    assert used["total_queries"] >= 250 and used["last_used_at"] and used["complete"]
    unused = owner.ok("POST", keys, {"name": "unused"})
    assert owner.ok("GET", f"{keys}/{unused['id']}/usage")["last_used_at"] is None
    owner.error(404, "GET", f"/v1/organizations/acme/agent-keys/{prefix}/usage")
    Rest(server, "owner@globex").error(404, "GET", f"{keys}/{prefix}/usage")
