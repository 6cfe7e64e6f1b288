"""The REST API: its form, credentials, bounds; organizations and users."""
import contextlib
import json
import socket
import ssl

import psycopg
import pytest

from harness import Server, eventually
from rest import Rest

ORG = "/v1/organizations/acme"
USERS = ORG + "/users"


def test_health_needs_no_credential(server):
    for path in ("/health", "/v1/health"):
        answer = Rest(server).ok("GET", path)
        assert answer["status"] == "healthy" and answer["version"]


@pytest.mark.parametrize("scheme", ("ApiKey", "Bearer", "X-API-Key"))
def test_a_key_by_each_header(server, scheme):
    assert Rest(server, "owner@acme", scheme).ok("GET", ORG)["name"] == "acme"


def test_no_credential_and_a_wrong_one(server):
    nobody = Rest(server)
    assert nobody.error(401, "GET", ORG)["code"] == "UNAUTHORIZED"
    for secret in ("", "hd_live_" + "x" * 32, "nonsense", "a.b.c"):
        nobody.authorize("ApiKey", secret)
        error = nobody.error(401, "GET", ORG)
        assert error["code"] == "UNAUTHORIZED" and (not secret or secret not in json.dumps(error))
    both = Rest(server, "owner@acme")
    both.authorize("X-API-Key", server.installation.principals["owner@acme"].key)
    assert "two credentials" in both.error(401, "GET", ORG)["message"]


def test_the_request_id_is_the_clients_or_ours(server):
    owner = Rest(server, "owner@acme")
    assert owner("GET", ORG, headers={"X-Request-ID": "my-id.1"}).headers["X-Request-ID"] == "my-id.1"
    for odd in ("x" * 65, "a b", 'a"b', ""):
        assert owner("GET", ORG, headers={"X-Request-ID": odd}).headers["X-Request-ID"] not in ("", odd)


def test_what_is_not_there(server):
    owner = Rest(server, "owner@acme")
    assert owner.error(404, "GET", "/v1/nothing")["code"] == "NOT_FOUND"
    assert owner.error(404, "GET", ORG + "/")["code"] == "NOT_FOUND"
    answer = owner("PATCH", USERS, {})
    assert answer.status_code == 405 and answer.headers["Allow"] == "GET, POST"


def test_another_organization_is_no_organization(server):
    owner = Rest(server, "owner@acme")
    for org in ("globex", "nothing", "%67lobex", "acme%00", "ACME%2f"):
        error = owner.error(404, "GET", f"/v1/organizations/{org}/users")
        assert "globex" not in error["message"]
    assert [o["name"] for o in owner.ok("GET", "/v1/organizations")["data"]] == ["acme"]


def test_users_have_a_life(fresh):
    with Server(fresh) as server:
        owner = Rest(server, "owner@acme")
        made = owner("POST", USERS, {"email": "new@acme.example", "role": "analyst", "attributes": {"segment": "A"}})
        assert made.status_code == 201
        user = made.json()
        assert user["role"] == "analyst" and user["status"] == "active" and user["attributes"] == {"segment": "A"}
        one = f"{USERS}/{user['id']}"
        assert owner.ok("GET", one) == user == owner.ok("GET", USERS + "/new@acme.example")
        assert owner.ok("PUT", one + "/role", {"role": "developer"})["role"] == "developer"
        assert owner.ok("PUT", one + "/attributes", {"attributes": {}})["attributes"] == {}
        assert owner.ok("POST", one + "/suspend")["status"] == "suspended"
        assert owner.ok("POST", one + "/resume")["status"] == "active"
        assert owner.error(409, "POST", USERS, {"email": "new@acme.example", "role": "analyst"})["code"] == "CONFLICT"
        assert owner.ok("DELETE", one)["status"] == "removed"
        assert owner.error(404, "GET", one)["code"] == "NOT_FOUND"
    log = (fresh.audit / sorted(p.name for p in fresh.audit.iterdir() if p.suffix == ".jsonl")[0]).read_text()
    trail = [e for e in map(json.loads, log.splitlines()) if e.get("kind") == "iam" and user["id"] in e["resource"]]
    assert len(trail) == 6 and all(e["actor"].startswith("user:") for e in trail)


def test_what_is_taken_away_is_gone_at_once(fresh):
    with Server(fresh) as server, server.connect("analyst@acme") as wire:
        owner, analyst = Rest(server, "owner@acme"), Rest(server, "analyst@acme")
        analyst.ok("GET", ORG)
        owner.ok("POST", USERS + "/analyst@acme.example/suspend")
        assert analyst.error(401, "GET", ORG)["code"] == "UNAUTHORIZED"

        def ended():
            try:
                wire.execute("SELECT 1")
            except psycopg.Error:
                return True
        eventually(ended)


def test_ranks(server):
    admin, owner = Rest(server, "admin@acme"), Rest(server, "owner@acme")
    assert "only an owner" in admin.error(403, "POST", USERS, {"email": "x@acme.example", "role": "owner"})["message"]
    assert "only an owner" in admin.error(403, "PUT", USERS + "/owner@acme.example/role", {"role": "analyst"})["message"]
    assert "his own" in owner.error(403, "PUT", USERS + "/owner@acme.example/role", {"role": "admin"})["message"]
    assert "his own" in owner.error(403, "DELETE", USERS + "/owner@acme.example")["message"]
    for who in ("analyst@acme", "auditor@acme", "developer@acme", "agent@acme"):
        assert Rest(server, who).error(403, "GET", USERS)["code"] == "FORBIDDEN"
        assert Rest(server, who).error(403, "POST", USERS, {"nonsense": 1})["code"] == "FORBIDDEN"


@pytest.mark.parametrize("body, field", (
    ({}, "email"), ({"email": "a@b.example"}, "role"), ({"email": 1, "role": "analyst"}, "email"),
    ({"email": "a@b.example", "role": "king"}, "role"), ({"email": "a@b.example", "role": "analyst", "rank": 1}, "rank"),
    ({"email": "a" * 255 + "@b.example", "role": "analyst"}, "email"), ({"email": "a\nb@c", "role": "analyst"}, "email"),
    ({"email": "a@b.example", "role": "analyst", "attributes": []}, "attributes"),
    ({"email": "a@b.example", "role": "analyst", "attributes": {"n": 1}}, "attributes"), ([], "(body)")))
def test_validation_names_the_field_and_the_constraint(server, body, field):
    error = Rest(server, "owner@acme").error(400, "POST", USERS, body)
    assert error["code"] == "VALIDATION_ERROR"
    assert error["details"]["field"] == field and error["details"]["constraint"]


@pytest.mark.parametrize("body", (b"", b"{", b"\xff\xfe", b'{"email":"a@b.example","email":"c@d.example","role":"analyst"}',
                                  b"[" * 100000, b'{"email":"a\\u0000b@c.example","role":"analyst"}'))
def test_bodies_that_are_no_json(server, body):
    owner = Rest(server, "owner@acme")
    error = owner.error(400, "POST", USERS, data=body, headers={"Content-Type": "application/json"})
    assert error["code"] == "VALIDATION_ERROR"
    assert owner.error(415, "POST", USERS, data=b"a=b", headers={"Content-Type": "text/plain"})


def test_pages(server):
    owner = Rest(server, "owner@acme")
    every = owner.ok("GET", USERS)["data"]
    seen, cursor = [], None
    while True:
        page = owner.ok("GET", USERS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        assert len(page["data"]) <= 2 and page["pagination"]["total"] == len(every)
        seen += page["data"]
        cursor = page["pagination"]["cursor"]
        if not page["pagination"]["has_more"]:
            break
    assert seen == every and len(seen) >= 5 and cursor is None
    for odd in ("0", "201", "x", "-1", "1e3", "99999999999999999999"):
        assert owner.error(400, "GET", USERS, params={"limit": odd})["details"]["field"] == "limit"
    assert owner.error(400, "GET", USERS + "?colour=red")["details"]["field"] == "colour"


def test_rates_are_a_credentials_own(fresh):
    with Server(fresh, "--rate-tier", "free") as server:
        owner, admin = Rest(server, "owner@acme"), Rest(server, "admin@acme")
        answers = [owner("GET", ORG) for _ in range(14)]
        assert answers[0].headers["X-RateLimit-Limit"] == "60"
        assert int(answers[1].headers["X-RateLimit-Remaining"]) < int(answers[0].headers["X-RateLimit-Remaining"])
        refused = [a for a in answers if a.status_code == 429]
        assert refused and refused[0].json()["error"]["code"] == "RATE_LIMITED"
        assert int(refused[0].headers["Retry-After"]) >= 1 and int(refused[0].headers["X-RateLimit-Reset"]) > 0
        admin.ok("GET", ORG)


def raw(server, data, version=None):
    context = ssl.create_default_context(cafile=str(server.installation.ca))
    if version:
        context.maximum_version = version
    with socket.create_connection(("127.0.0.1", server.control_port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as s:
            answer = b""
            with contextlib.suppress(ssl.SSLError, ConnectionError):  # the server needn't hear it to the end
                s.sendall(data)
                while chunk := s.recv(65536):
                    answer += chunk
            return answer


def test_tls_13_alone(server):
    with pytest.raises(ssl.SSLError):
        raw(server, b"", ssl.TLSVersion.TLSv1_2)
    with socket.create_connection(("127.0.0.1", server.control_port), timeout=30) as s:
        s.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"healthy" not in s.recv(1000)


LONG = b"x" * 17000


@pytest.mark.parametrize("status, data", (
    (400, b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + LONG + b"\r\n\r\n"), (400, b"GET /" + LONG + b" HTTP/1.1\r\n\r\n"),
    (413, b"POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
    (400, b"POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
    (413, b"POST /v1/query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n\r\n"),
    (400, b"nonsense\r\n\r\n"), (400, b"\x00\x01\x02\r\n\r\n"), (400, b"GET /health HTTP/1.1\r\nno colon\r\n\r\n")),
    ids=("header", "path", "body", "length", "chunk", "words", "bytes", "colon"))
def test_what_passes_a_bound_or_is_no_http_is_refused_in_the_one_form(server, status, data):
    head, _, body = raw(server, data).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status) and b"application/json" in head and b"Connection: close" in head
    error = json.loads(body)["error"]
    assert set(error) == {"code", "message", "details", "request_id"} and error["details"]["code"]
    Rest(server).ok("GET", "/health")


HIDDEN = b"GET /v1/health HTTP/1.1\r\nHost: hidden\r\n\r\n"


@pytest.mark.parametrize("head", (
    b"GET /health HTTP/1.1\r\nContent-Length: %d" % len(HIDDEN), b"TRACE /health HTTP/1.1\r\nContent-Length: %d" % len(HIDDEN),
    b"DELETE /health HTTP/1.1\r\nTransfer-Encoding: chunked", b"CONNECT x:1 HTTP/1.1",
    b"POST /v1/auth/refresh HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: %d" % len(HIDDEN),
    b"POST /v1/auth/refresh HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: identity",
    b"POST /v1/auth/refresh HTTP/1.1\r\nTransfer-Encoding: gzip, chunked"))
def test_no_body_is_taken_for_a_request(server, head):
    """Else a proxy before us would give one client the answer of another."""
    answer = raw(server, head + b"\r\nHost: x\r\n\r\n" + HIDDEN)
    assert answer.count(b"HTTP/1.1 ") == 1 and b"Connection: close" in answer


def test_head_is_answered_without_a_body(server):
    answer = raw(server, b"HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 405 ") and answer.endswith(b"\r\n\r\n")
