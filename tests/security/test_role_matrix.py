"""Every route of the API and every kind of statement, times every role: what may be, against what is.

What may be stands here, written by hand from the matrix of roles (docs/policies.md). What there is comes from the
program: its routes from the document that it prints, its kinds of statements from the list of the parser's nodes. A
route or a kind that isn't known here fails, and so does one that isn't there any more."""
import pathlib
import re

import psycopg
import pytest

from harness import Principal, Server, hatidata, make_installation
from rest import Rest, document

ROLES = ["owner", "admin", "analyst", "auditor", "developer", "service_account"]
SCOPES = "query:read,query:write,schema:read,schema:write,admin"  # so that the role alone decides

EVERYBODY = set(ROLES)
NOBODY = set()
QUERY = EVERYBODY - {"auditor"}
WRITE = {"owner", "admin", "developer", "service_account"}
DDL = {"owner", "admin", "developer"}
MANAGE = {"owner", "admin"}
AUDIT = {"owner", "admin", "auditor"}
BILLING = {"owner"}
OPERATOR = "operator"  # of the installation: no role of an organization


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("matrix") / "data")
    inst.add_user("acme", "service_account")
    for role in ROLES:
        inst.add_key(role, f"{role}@acme.example", "--org", "acme", "--user", f"{role}@acme.example", "--scopes", SCOPES)
    inst.principals[OPERATOR] = Principal("", inst.run("operator", "add", "matrix").stdout.strip())
    with Server(inst, "--rate-tier", "enterprise") as server:
        with server.connect("owner") as owner:
            for sql in ("CREATE TABLE m (a int)", "INSERT INTO m VALUES (1)", "CREATE VIEW v AS SELECT a FROM m",
                        "CREATE SEQUENCE s"):
                owner.execute(sql)
        yield server


# ---- routes ----

ANONYMOUS = "anonymous"  # without a credential too
ROUTES = {
    "GET /health": ANONYMOUS,
    "GET /v1/health": ANONYMOUS,
    "GET /v1/openapi.json": ANONYMOUS,
    "GET /.well-known/jwks.json": ANONYMOUS,
    "POST /v1/auth/login": ANONYMOUS,
    "POST /v1/auth/refresh": ANONYMOUS,
    "POST /v1/auth/password": ANONYMOUS,
    "POST /v1/auth/invitation": ANONYMOUS,
    "POST /v1/auth/mfa/enrol": ANONYMOUS,
    "POST /v1/auth/mfa/confirm": ANONYMOUS,
    "POST /v1/auth/mfa/recovery-codes": ANONYMOUS,
    "POST /v1/auth/mfa/disable": ANONYMOUS,
    "POST /v1/auth/signing-keys/rotate": {OPERATOR},
    "POST /v1/auth/logout": EVERYBODY,
    "GET /v1/auth/whoami": EVERYBODY | {OPERATOR},
    "POST /v1/query": QUERY,
    "GET /v1/organizations": EVERYBODY | {OPERATOR},
    "POST /v1/organizations": {OPERATOR},
    "GET /v1/organizations/{org}": EVERYBODY | {OPERATOR},
    "PUT /v1/organizations/{org}/rate-tier": {OPERATOR},
    "POST /v1/organizations/{org}/first-owner": {OPERATOR},
    "GET /v1/organizations/{org}/environments": MANAGE | {OPERATOR},
    "POST /v1/organizations/{org}/environments": MANAGE,
    "DELETE /v1/organizations/{org}/environments/{env}": MANAGE,
    "GET /v1/organizations/{org}/users": MANAGE,
    "POST /v1/organizations/{org}/users": MANAGE,
    "GET /v1/organizations/{org}/users/{user}": MANAGE,
    "DELETE /v1/organizations/{org}/users/{user}": MANAGE,
    "PUT /v1/organizations/{org}/users/{user}/role": MANAGE,
    "PUT /v1/organizations/{org}/users/{user}/attributes": MANAGE,
    "POST /v1/organizations/{org}/users/{user}/suspend": MANAGE,
    "POST /v1/organizations/{org}/users/{user}/resume": MANAGE,
    "PUT /v1/organizations/{org}/second-factor": MANAGE,
    "PUT /v1/organizations/{org}/users/{user}/password": MANAGE,
    "POST /v1/organizations/{org}/users/{user}/invitation": MANAGE,
    "DELETE /v1/organizations/{org}/users/{user}/second-factor": MANAGE,
    "GET /v1/organizations/{org}/keys": MANAGE,
    "POST /v1/organizations/{org}/keys/{key}/rotate": MANAGE,
    "DELETE /v1/organizations/{org}/keys/{key}": MANAGE,
    "GET /v1/organizations/{org}/policies": MANAGE,
    "POST /v1/organizations/{org}/policies": MANAGE,
    "GET /v1/organizations/{org}/policies/{policy}": MANAGE,
    "PUT /v1/organizations/{org}/policies/{policy}": MANAGE,
    "DELETE /v1/organizations/{org}/policies/{policy}": MANAGE,
    "POST /v1/organizations/{org}/policies/{policy}/enable": MANAGE,
    "POST /v1/organizations/{org}/policies/{policy}/disable": MANAGE,
    "GET /v1/organizations/{org}/policies/{policy}/versions/{version}": MANAGE,
    "POST /v1/organizations/{org}/policy-tests": MANAGE,
    "GET /v1/organizations/{org}/policy-history": MANAGE,
    "POST /v1/organizations/{org}/policy-history/rollback": MANAGE,
    "GET /v1/organizations/{org}/identity-providers": MANAGE | {OPERATOR},
    "POST /v1/organizations/{org}/identity-providers": {OPERATOR},
    "GET /v1/organizations/{org}/identity-providers/{provider}": MANAGE | {OPERATOR},
    "DELETE /v1/organizations/{org}/identity-providers/{provider}": MANAGE | {OPERATOR},
    "PUT /v1/organizations/{org}/billing/quotas/roles/{role}": {"owner"},
    "GET /v1/organizations/{org}/agent-keys": MANAGE,
    "POST /v1/organizations/{org}/agent-keys": MANAGE,
    "GET /v1/organizations/{org}/agent-keys/{key}": MANAGE,
    "PUT /v1/organizations/{org}/agent-keys/{key}": MANAGE,
    "DELETE /v1/organizations/{org}/agent-keys/{key}": MANAGE,
    "POST /v1/organizations/{org}/agent-keys/{key}/rotate": MANAGE,
    "GET /v1/organizations/{org}/agent-keys/{key}/usage": MANAGE,
    "GET /v1/organizations/{org}/billing/usage": BILLING,
    "GET /v1/organizations/{org}/billing/quotas": BILLING,
    "PUT /v1/organizations/{org}/billing/quotas": BILLING,
    "GET /v1/organizations/{org}/redaction-patterns": MANAGE,
    "PUT /v1/organizations/{org}/redaction-patterns/{pattern}": MANAGE,
    "DELETE /v1/organizations/{org}/redaction-patterns/{pattern}": MANAGE,
    "GET /v1/environments/{env}/audit/queries": AUDIT,
    "GET /v1/environments/{env}/audit/iam": AUDIT,
    "GET /v1/audit/sessions/{session}/verify": AUDIT,
    "GET /v1/audit/checkpoints": AUDIT,
    "GET /v1/audit/iam/verify": AUDIT,
    "GET /v1/organizations/{org}/audit-retention": AUDIT,
    "PUT /v1/organizations/{org}/audit-retention": MANAGE,
    "GET /v1/organizations/{org}/legal-holds": AUDIT,
    "POST /v1/organizations/{org}/legal-holds": MANAGE,
    "POST /v1/organizations/{org}/legal-holds/{hold}/lift": MANAGE,
    "GET /v1/organizations/{org}/jit": EVERYBODY,  # one's own
    "POST /v1/organizations/{org}/jit/request": EVERYBODY,
    "GET /v1/environments/{env}/api-keys": MANAGE,
    "POST /v1/environments/{env}/api-keys": MANAGE,
    "GET /v1/environments/{env}/api-keys/{key}": MANAGE,
    "GET /v1/environments/{env}/api-keys/{key}/usage": MANAGE,
    "POST /v1/environments/{env}/api-keys/{key}/rotate": MANAGE,
    "DELETE /v1/environments/{env}/api-keys/{key}": MANAGE,
    "GET /v1/environments/{env}/policies": MANAGE,
    "POST /v1/environments/{env}/policies": MANAGE,
    "GET /v1/environments/{env}/policies/{policy}": MANAGE,
    "PUT /v1/environments/{env}/policies/{policy}": MANAGE,
    "DELETE /v1/environments/{env}/policies/{policy}": MANAGE,
    "GET /v1/environments/{env}/abac-policies": MANAGE,
    "POST /v1/environments/{env}/abac-policies": MANAGE,
    "GET /v1/environments/{env}/abac-policies/{policy}": MANAGE,
    "PUT /v1/environments/{env}/abac-policies/{policy}": MANAGE,
    "DELETE /v1/environments/{env}/abac-policies/{policy}": MANAGE,
    "GET /v1/environments/{env}/jit-access": EVERYBODY,
    "POST /v1/environments/{env}/jit-access": EVERYBODY,
    "GET /v1/environments/{env}/jit-access/{grant}": EVERYBODY,  # one's own
    "POST /v1/environments/{env}/jit-access/{grant}/approve": MANAGE,
    "POST /v1/environments/{env}/jit-access/{grant}/deny": MANAGE,
    "POST /v1/environments/{env}/jit-access/{grant}/revoke": EVERYBODY,
}
OWN = {"{org}": "acme", "{env}": "hatidata"}
# Bodies, for where an empty one isn't enough to see that the role does.
BODIES = {"POST /v1/query": {"sql": "SELECT 1"}}
# A statement that is refused is 422, and the API's own answer to a wrong password is 401.
REFUSALS = {"POST /v1/query": 422}


def test_every_route_is_known():
    there = {f"{method.upper()} {path}" for path, item in document().json["paths"].items()
             for method in item if method in ("get", "post", "put", "patch", "delete")}
    assert there == set(ROUTES), there ^ set(ROUTES)


def ask(client, route, **names):
    """With ids of nothing: who may use the route is told what is wrong with them."""
    method, path = route.split()
    for name, value in {**OWN, **names}.items():
        path = path.replace(name, value)
    body = BODIES.get(route, {}) if method in ("POST", "PUT") else None
    return client(method, re.sub(r"\{\w+\}", "no-such", path), body)


@pytest.mark.parametrize("role", [*ROLES, OPERATOR])
def test_routes(site, role):
    client, wrong = Rest(site, role), []
    for route, who in ROUTES.items():
        answer = ask(client, route)
        may = who == ANONYMOUS or role in who
        refused = answer.status_code == REFUSALS.get(route, 403)
        well = answer.status_code in (200, 201) or answer.json()["error"]["code"] in ("VALIDATION_ERROR", "NOT_FOUND") \
            if may else refused
        if not well and not (who == ANONYMOUS and answer.status_code == 401):
            wrong.append((route, may, answer.status_code, answer.text[:200]))
    assert not wrong, wrong


def test_routes_without_a_credential(site):
    client = Rest(site)
    for route, who in ROUTES.items():
        status = ask(client, route).status_code
        assert status in (200, 400, 401) if who == ANONYMOUS else status == 401, (route, status)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_another_organization_or_environment(site, role):
    client = Rest(site, role)
    for route, who in ROUTES.items():
        for name, other in (("{org}", "globex"), ("{env}", "production")):
            if name in route:
                answer = ask(client, route, **{name: other})
                assert answer.status_code == (404 if role in who else 403), (route, other, answer.text)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_raises_himself_and_only_an_owner_makes_an_admin(site, role):
    client, users = Rest(site, role), "/v1/organizations/acme/users"
    for new in ("owner", "admin"):
        assert client("PUT", f"{users}/{role}@acme.example/role", {"role": new}).status_code == 403
        made = client("POST", users, {"email": f"{new}-by-{role}@acme.example", "role": new})
        assert made.status_code == (201 if role == "owner" else 403), made.text
        other = client("PUT", f"{users}/analyst@acme.example/role", {"role": new}) if role != "owner" else None
        assert other is None or other.status_code == 403
    hatidata("user", "remove", "owner-by-owner@acme.example", "--org", "acme", data=site.installation.path, check=False)


# ---- statements ----

ANY_SESSION = EVERYBODY
APPROVE = "CALL hatidata.approve_role('no-such')"
WELL = {APPROVE: "42704"}  # who may is told that there is no such request
# For each kind: who may, and statements of which the last is of that kind. Those before are the role's own as well.
STATEMENTS = [
    ("QUERY", QUERY, "SELECT a FROM m"),
    ("QUERY", QUERY, "SELECT 1"),
    ("QUERY", QUERY, "SELECT a FROM v"),
    ("QUERY", AUDIT, "SELECT action FROM hatidata.audit_log LIMIT 1"),
    ("QUERY", MANAGE, "SELECT l.action FROM hatidata.audit_log l, m LIMIT 1"),
    ("INSERT", WRITE, "INSERT INTO m VALUES (2)"),
    ("UPDATE", WRITE, "UPDATE m SET a = 3 WHERE a = 1"),
    ("DELETE", WRITE, "DELETE FROM m WHERE a = 1"),
    ("MERGE", WRITE, "MERGE INTO m USING (SELECT 1 AS b) t ON m.a = t.b WHEN MATCHED THEN UPDATE SET a = 4"),
    ("TRUNCATE", WRITE, "TRUNCATE TABLE m"),
    ("MULTI_INSERT", NOBODY, "INSERT ALL INTO m INTO m SELECT 1"),
    ("CREATE_TABLE", DDL, "CREATE TABLE made (a int)"),
    ("CREATE_TABLE", DDL, "CREATE TABLE made AS SELECT a FROM m"),
    ("CREATE_VIEW", DDL, "CREATE VIEW made AS SELECT a FROM m"),
    ("CREATE_SCHEMA", DDL, "CREATE SCHEMA made"),
    ("CREATE_SEQUENCE", DDL, "CREATE SEQUENCE made"),
    ("ALTER_SEQUENCE", NOBODY, "ALTER SEQUENCE s SET INCREMENT 2"),
    ("CREATE_FUNCTION", DDL, "CREATE FUNCTION made(x int) RETURNS int AS 'x + 1'"),
    ("CREATE_TYPE", DDL, "CREATE TYPE made AS ENUM ('a')"),
    ("CREATE_INDEX", DDL, "CREATE INDEX made ON m (a)"),
    ("DROP", DDL, "DROP VIEW v"),
    ("ALTER_TABLE", DDL, "ALTER TABLE m ADD COLUMN b int"),
    ("COMMENT", DDL, "COMMENT ON TABLE m IS 'x'"),
    ("EXPLAIN", QUERY, "EXPLAIN SELECT a FROM m"),
    ("EXPLAIN", WRITE, "EXPLAIN DELETE FROM m"),
    ("EXPLAIN_POLICY", QUERY, "EXPLAIN POLICY SELECT a FROM m"),
    ("EXPLAIN_POLICY", DDL, "EXPLAIN POLICY DROP TABLE m"),
    ("DESCRIBE", QUERY, "DESCRIBE TABLE m"),
    ("LOCK", QUERY, "LOCK TABLE m IN ACCESS SHARE MODE"),
    ("SHOW_OBJECTS", QUERY, "SHOW TABLES"),
    ("TRANSACTION", ANY_SESSION, "COMMIT"),
    ("SET", ANY_SESSION, "SET statement_timeout = 1000"),
    ("SHOW", ANY_SESSION, "SHOW search_path"),
    ("RESET", ANY_SESSION, "RESET statement_timeout"),
    ("ALTER_SESSION", ANY_SESSION, "ALTER SESSION SET statement_timeout = 1000"),
    ("SET_VARIABLE", QUERY, "SET (x, y) = (1, 2)"),
    ("UNSET_VARIABLE", ANY_SESSION, "UNSET x"),
    ("USE", ANY_SESSION, "USE SCHEMA public"),
    ("DISCARD", ANY_SESSION, "DISCARD PLANS"),
    ("PREPARE", QUERY, "PREPARE p AS SELECT a FROM m"),
    ("PREPARE", WRITE, "PREPARE p AS DELETE FROM m"),
    ("EXECUTE", QUERY, "PREPARE p AS SELECT a FROM m", "EXECUTE p"),
    ("EXECUTE", AUDIT, "PREPARE p AS SELECT seq FROM hatidata.audit_log LIMIT 1", "EXECUTE p"),
    ("DECLARE_CURSOR", QUERY, "DECLARE c CURSOR FOR SELECT a FROM m"),
    ("FETCH", QUERY, "DECLARE c CURSOR FOR SELECT a FROM m", "FETCH 1 FROM c"),
    ("CLOSE", ANY_SESSION, "CLOSE ALL"),
    ("CALL", EVERYBODY, "CALL hatidata.role_requests()"),
    ("CALL", MANAGE, APPROVE),
    ("COPY", QUERY, "COPY m TO STDOUT"),
    ("COPY", WRITE, "COPY m FROM STDIN"),
    ("FOREIGN", NOBODY, "CREATE WAREHOUSE w"),
]
# Nodes of the same part of the list that are parts of a statement, and what is between two.
PARTS = {"ON_CONFLICT", "INSERT_BRANCH", "CURRENT_OF", "ASSIGN", "MERGE_ACTION", "COLUMN_DEF", "IDENTITY", "CONSTRAINT",
         "SEQUENCE_OPTIONS", "FUNCTION_BODY", "FUNCTION_PARAM", "SIGNATURE", "ALTER_ACTION", "COPY_OPTION", "OPTION",
         "GROUP", "SYMBOL", "STAGE", "EMPTY"}


def test_every_kind_of_statement_is_known():
    text = (pathlib.Path(__file__).parents[2] / "src/sql/ast_nodes.h").read_text()
    there = set(re.findall(r"X\((\w+), ", text[text.index("/* statements that write rows */"):text.index("#define FIELDS_IDENT")]))
    known = {kind for kind, *_ in STATEMENTS} - {"QUERY"}
    assert len(there) > 50 and there == known | PARTS, there ^ (known | PARTS)
    tree = hatidata("parse", "--tree", "-", stdin=";\n".join(sql[-1] for _, _, *sql in STATEMENTS)).stdout
    assert [line[1:].split()[0].rstrip(")") for line in tree.splitlines() if line.startswith("(")] == [k for k, *_ in STATEMENTS]


def run(conn, sql):
    if sql == "COPY m FROM STDIN":
        with conn.cursor().copy(sql) as copy:
            copy.write("7\n")
    elif sql.startswith("COPY"):
        with conn.cursor().copy(sql) as copy:
            list(copy)
    else:
        conn.execute(sql, prepare=False)


@pytest.mark.parametrize("role", ROLES)
def test_statements(site, role):
    wrong = []
    for kind, who, *script in STATEMENTS:
        with site.connect(role, autocommit=False) as conn:
            try:
                for sql in script:
                    run(conn, sql)
                came = "done"
            except psycopg.Error as e:
                came = e.sqlstate
            conn.rollback()
        # To the auditor no table but the log exists; what nobody may isn't there.
        expected = [WELL.get(script[-1], "done")] if role in who else ["0A000", "42501"] if who == NOBODY else ["42501"]
        if came not in expected + (["42P01"] if role == "auditor" and role not in who else []):
            wrong.append((kind, script, role in who, came))
    assert not wrong, wrong


def test_a_key_gives_no_more_than_its_scopes(site):
    """The same owner with a key for reading: the matrix of an analyst, but for the log."""
    inst = site.installation
    inst.add_key("reader", "owner@acme.example", "--org", "acme", "--user", "owner@acme.example", "--scopes",
                 "query:read,schema:read")
    client = Rest(site, "reader")
    for route, who in ROUTES.items():
        if who == MANAGE:
            assert ask(client, route).status_code == 403, route
    with site.connect("reader") as conn:
        conn.execute("SELECT a FROM m")
        for sql in ("INSERT INTO m VALUES (9)", "DELETE FROM m", "CREATE TABLE q (a int)", "SELECT seq FROM hatidata.audit_log"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(sql)
