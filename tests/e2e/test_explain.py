"""EXPLAIN POLICY through real clients: parameters with and without values, prepared statements, psql; and
`hatidata explain` over a data folder."""
import json

import psycopg
import pytest

from harness import Server, make_installation


def test_parameters_need_no_values(server):
    with server.connect("analyst@acme") as conn:
        without = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer WHERE c_custkey = $1 AND c_name = $2").fetchall()
        given = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer WHERE c_custkey = %s AND c_name = %s",
                             (7, "x")).fetchall()
        binary = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer WHERE c_custkey = %b AND c_name = %s",
                              (7, "x"), binary=True).fetchall()
    assert without == given == binary
    assert ("table", "shared.customer", "read", None, "c_custkey, c_name") in without


def test_the_columns(server):
    with server.connect("analyst@acme") as conn:
        cur = conn.execute("EXPLAIN POLICY SELECT 1")
        assert [c.name for c in cur.description] == ["section", "object", "action", "policy", "detail"]
        assert {c.type_code for c in cur.description} == {25} and cur.statusmessage.startswith("EXPLAIN")


def test_a_prepared_explanation_tells_of_the_moment(server):
    """It is made anew whenever it runs: under the policies of then."""
    inst = server.installation
    rule = {"name": "names", "type": "column_masking",
            "rules": [{"table": "shared.customer", "column": "c_name", "function": "full"}]}
    with server.connect("analyst@globex") as conn:
        def masked():
            rows = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer", prepare=True).fetchall()
            return ("column", "shared.customer.c_name", "mask", None, "full") in rows
        assert not masked()
        inst.set_policy("globex", rule)
        try:
            assert masked()
        finally:
            inst.run("policy", "remove", "names", "--org", "globex")
        assert not masked()


def test_psql_shows_it(server):
    done = server.psql("owner@acme", "EXPLAIN POLICY UPDATE customer SET c_name = 'x' WHERE c_custkey = 1")
    assert "table|shared.customer|write||c_name" in done.stdout and "sql||run||UPDATE" in done.stdout


def test_what_cannot_be_explained(server):
    with server.connect("owner@acme") as conn:
        for sql in ("EXPLAIN POLICY BEGIN", "EXPLAIN POLICY FETCH 1 FROM c", "EXPLAIN POLICY SET x = 1",
                    "EXPLAIN POLICY PREPARE p AS SET x = 1", "EXPLAIN POLICY CALL hatidata.role_requests()"):
            try:
                conn.execute(sql)
                raise AssertionError(sql)
            except psycopg.Error as e:
                assert e.sqlstate == "0A000" and "no policy decides" in e.diag.message_primary


def test_the_statement_behind_one_of_the_session(server):
    """What is prepared, declared or copied is explained as it would be by itself; a refusal is the same, too."""
    plain = "SELECT c_name FROM customer WHERE c_custkey = 7"
    with server.connect("analyst@acme", autocommit=False) as conn:
        def told(sql):
            return conn.execute("EXPLAIN POLICY " + sql, prepare=False).fetchall()
        expected = told(plain)
        assert ("table", "shared.customer", "read", None, "c_custkey, c_name") in expected
        assert told(f"DECLARE c CURSOR WITH HOLD FOR {plain}") == expected == told(f"PREPARE q AS {plain}")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            conn.execute("EXECUTE q")  # neither was made
        conn.rollback()
    with server.connect("analyst@acme") as conn:
        conn.execute("PREPARE p(int) AS SELECT c_name FROM customer WHERE c_custkey = $1")
        assert conn.execute("EXPLAIN POLICY EXECUTE p(7)", prepare=False).fetchall() == expected
        assert conn.execute("EXPLAIN POLICY EXECUTE p(7)", prepare=True).fetchall() == expected
        with pytest.raises(psycopg.Error, match="takes 1 parameters, 0 were given"):
            conn.execute("EXPLAIN POLICY EXECUTE p")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            conn.execute("EXPLAIN POLICY EXECUTE nothing(1)")
        conn.execute("DEALLOCATE p")
        conn.execute("PREPARE p AS SELECT n_name FROM nation")
        assert ("table", "shared.nation", "read", None, "n_name") in conn.execute("EXPLAIN POLICY EXECUTE p").fetchall()
        conn.execute("SET hatidata.dialect = 'postgres'")
        copied = conn.execute(f"EXPLAIN POLICY COPY ({plain}) TO STDOUT").fetchall()
        assert ("table", "shared.customer", "read", None, "c_custkey, c_name") in copied
        for sql in ("COPY customer FROM STDIN", "PREPARE q AS DELETE FROM customer"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("EXPLAIN POLICY " + sql)
    with server.connect("owner@acme") as conn:
        assert ("table", "shared.customer", "write", None) in [
            r[:4] for r in conn.execute("EXPLAIN POLICY COPY customer FROM STDIN").fetchall()]
        conn.execute("PREPARE p AS SELECT 7 / 2")
        snowflake = conn.execute("EXPLAIN POLICY EXECUTE p").fetchall()
        conn.execute("SET hatidata.dialect = 'postgres'")
        assert conn.execute("EXPLAIN POLICY EXECUTE p").fetchall() == snowflake, "it keeps the dialect that it was written in"


# ---- hatidata explain ----

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder that no server has open."""
    inst = make_installation(tmp_path_factory.mktemp("explain") / "data", orgs=("acme",))
    inst.add_user("acme", "analyst", "sales", "--attribute", "department=sales")
    inst.add_key("bot@acme", None, "--org", "acme", "--agent", "order-bot-2", "--framework", "crew", "--role",
                 "service_account", "--scopes", "query:read,agent:*")
    with Server(inst) as server, server.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE staff (id int, name text, department text)")
        conn.execute("CREATE SEQUENCE numbers")
    inst.run("org", "add-environment", "test", "--org", "acme")
    inst.add_key("owner@test", "owner@acme.example", "--org", "acme", "--user", "owner@acme.example", "--env", "test")
    with Server(inst) as server, server.connect("owner@test", dbname="test") as conn:
        conn.execute("CREATE TABLE staff (id int, name text, department text)")
    inst.set_policy("acme", {"name": "own department", "type": "row_level_security", "rules": [
        {"table": "public.staff", "filter": "department = '{department}'", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "names", "type": "column_masking", "rules": [
        {"table": "public.staff", "column": "name", "function": "partial", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "at work", "type": "abac", "effect": "deny", "actions": ["query"], "resources": ["table:*"],
                             "conditions": {"agent.framework": {"in": ["crew"]}, "time_of_week": {"outside_hours": {
                                 "days": "mon-fri", "from": "08:00", "to": "18:00", "tz": "UTC"}}}})
    inst.set_policy("acme", {"name": "inside", "type": "abac", "effect": "deny", "actions": ["query"], "resources": ["table:*"],
                             "conditions": {"environment": {"eq": "test"}, "source_ip": {"cidr": "203.0.113.0/24"}}})
    return inst


def explain(folder, who, sql, *options, code=0):
    done = folder.run("explain", "--org", "acme", "--as", who, "--json", *options, "-", stdin=sql, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(told):
    return [(r["section"], r["object"], r["action"], r["policy"], r["detail"]) for r in told["rows"]]


def test_a_user_is_explained(folder):
    told, = explain(folder, "sales@acme.example", "SELECT id, name FROM staff")
    assert not told["refused"]
    said = rows(told)
    assert ("statement", "SELECT", "query", None, "role analyst") in said
    assert ("table", "public.staff", "filter", "own department", "department = '{department}'") in said
    assert ("attribute", "department", "value", "own department", "sales") in said
    assert ("column", "public.staff.name", "mask", "names", "partial, 4 shown") in said
    assert [r for r in said if r[0] == "sql" and "WHERE" in r[4]]
    assert [r for r in said if r[0] == "cost" and r[2] == "estimate"]
    owner, = explain(folder, "owner@acme.example", "SELECT id, name FROM staff")
    assert not [r for r in rows(owner) if r[2] in ("filter", "mask")]


def test_a_refusal_names_the_rule(folder):
    told, = explain(folder, "analyst@acme.example", "SELECT id FROM staff", code=1)
    assert told["refused"]
    assert ("rule", None, "deny", "own department", None) in rows(told)
    assert [r for r in rows(told) if r[0] == "refused" and r[1] == "HATI_ERR_403_POLICY" and "attribute" in r[4]]
    told, = explain(folder, "sales@acme.example", "DELETE FROM staff", code=1)
    assert [r for r in rows(told) if r[0] == "refused" and "may not delete rows" in r[4]]


def test_a_grant_counts_and_is_named(folder):
    """Who acts with a granted role is decided by it, here as in a session; also by a key of his; and no more when it is over."""
    def jit(verb, *args, who):
        return folder.run("jit", verb, *args, "--org", "acme", "--as", f"{who}@acme.example",
                          stdin=folder.principals[f"{who}@acme"].key + "\n").stdout
    sql, prefix = "SELECT name FROM staff", folder.principals["sales@acme"].key[:16]
    one = jit("request", "admin", "--minutes", "5", "--reason", "repair", who="sales").split("\t")[0]
    told, = explain(folder, "sales@acme.example", sql)
    assert not [r for r in rows(told) if r[0] == "grant"], "a request gives nothing"
    jit("approve", one, who="owner")
    for who in ("sales@acme.example", prefix):
        told, = explain(folder, who, sql)
        grant, = [r for r in rows(told) if r[0] == "grant"]
        assert grant[1:4] == (one, "gives", None) and grant[4].startswith("role admin instead of analyst until 20")
        assert ("statement", "SELECT", "query", None, "role admin") in rows(told)
    told, = explain(folder, "sales@acme.example", "SELECT 1", "--time", "2099-01-01T00:00:00Z")
    assert ("statement", "SELECT", "query", None, "role analyst") in rows(told), "it is over then"
    told, = explain(folder, "sales@acme.example role=auditor", sql, code=1)
    assert not [r for r in rows(told) if r[0] == "grant"], "with another role of his own he would have lost it"
    told, = explain(folder, "analyst@acme.example", "SELECT 1")
    assert not [r for r in rows(told) if r[0] == "grant"], "it is his alone"
    jit("revoke", one, who="owner")
    told, = explain(folder, "sales@acme.example", sql)
    assert ("statement", "SELECT", "query", None, "role analyst") in rows(told)


def test_as_if_granted(folder):
    who, write = "sales@acme.example", "INSERT INTO staff VALUES (1, 'x', 'sales')"
    explain(folder, who, write, code=1)
    told, = explain(folder, f"{who} scopes=query:read,query:write", write, "--granted", "developer")
    assert ("grant", None, "gives", None, "role developer instead of analyst, as if granted") in rows(told)
    told, = explain(folder, who, write, "--granted", "auditor", code=1)
    assert ("grant", None, "gives", None, "role auditor instead of analyst, as if granted") in rows(told)
    for principal, role, why in ((who, "owner", "nobody is made an owner"), (who, "king", "not a role"),
                                 ("role=developer agent=bot", "admin", "for a person"),
                                 ("role=service_account", "admin", "for a person")):
        done = folder.run("explain", "--org", "acme", "--as", principal, "--granted", role, "-", stdin="SELECT 1", check=False)
        assert done.returncode == 1 and why in done.stderr, (principal, role, done.stderr)


def test_a_key_and_the_time(folder):
    prefix = folder.principals["bot@acme"].key[:16]
    explain(folder, f"{prefix} attr.department=sales", "SELECT id FROM staff", "--time", "2026-02-02T09:00:00Z")
    told, = explain(folder, f"{prefix} attr.department=sales", "SELECT id FROM staff", "--time", "2026-02-02T19:00:00Z", code=1)
    assert ("rule", None, "deny", "at work", None) in rows(told)
    explain(folder, "role=service_account attr.department=sales", "SELECT id FROM staff", "--agent", "x", "--framework",
            "other", "--time", "2026-02-02T19:00:00Z")
    told, = explain(folder, "role=service_account attr.department=sales", "SELECT id FROM staff", "--agent", "x",
                    "--framework", "crew", "--time", "2026-02-02T19:00:00Z", code=1)
    assert ("rule", None, "deny", "at work", None) in rows(told)


def test_the_source_and_the_environment(folder):
    who = "sales@acme.example"
    explain(folder, who, "SELECT id FROM staff", "--source", "203.0.113.7")
    told, = explain(folder, who, "SELECT id FROM staff", "--source", "203.0.113.7", "--env", "test", code=1)
    assert ("rule", None, "deny", "inside", None) in rows(told)
    explain(folder, who, "SELECT id FROM staff", "--source", "198.51.100.7", "--env", "test")
    told = folder.run("explain", "--org", "acme", "--as", who, "--env", "tset", "-", stdin="SELECT 1", check=False)
    assert told.returncode == 1 and 'no environment "tset"' in told.stderr


def test_dialects_parameters_and_several_statements(folder):
    told = explain(folder, "owner@acme.example", "SELECT id FROM staff WHERE id = $1; ; CREATE TABLE q (id int autoincrement)")
    assert [r["rows"][0]["object"] for r in told] == ["SELECT", "CREATE TABLE"]
    assert [r[2] for r in rows(told[1]) if r[0] == "sql"] == ["before", "run"]
    sql = {d: [r[4] for r in rows(explain(folder, "owner@acme.example", "SELECT 7 / 2", "--dialect", d)[0])
               if r[0] == "sql"][0] for d in ("snowflake", "postgres")}
    assert sql["snowflake"] != sql["postgres"]


def test_nothing_is_run_and_the_log_stays_as_it_is(folder):
    before = sorted((p.name, p.read_bytes()) for p in folder.audit.glob("*.jsonl"))
    for _ in range(2):
        explain(folder, "owner@acme.example", "DROP TABLE staff; SELECT nextval('numbers'); CREATE TABLE made (a int)")
    assert sorted((p.name, p.read_bytes()) for p in folder.audit.glob("*.jsonl")) == before
    with Server(folder) as server, server.connect("owner@acme") as conn:
        assert conn.execute("SELECT nextval('numbers')").fetchone() == (1,)
        conn.execute("CREATE TABLE made (a int)")
        conn.execute("SELECT id FROM staff")


def test_text_and_mistakes(folder):
    def run(*args, sql=""):
        return folder.run("explain", "--org", "acme", *args, check=False, stdin=sql)
    done = run("--as", "sales@acme.example", sql="SELECT name FROM staff")
    assert done.returncode == 0 and "own department" in done.stdout and done.stdout.startswith("statement  SELECT")
    done = run("--as", "sales@acme.example", sql="SELECT FROM FROM")
    assert done.returncode == 1 and "<stdin>:1:8" in done.stderr
    done = run("--as", "nobody@acme.example", sql="SELECT 1")
    assert done.returncode == 1 and "404" in done.stderr
    assert run(sql="SELECT 1").returncode == 1
    assert run("--as", "role=analyst", "--time", "yesterday", sql="SELECT 1").returncode == 1
    assert run("--as", "role=analyst", "--dialect", "oracle", sql="SELECT 1").returncode != 0
    with Server(folder):
        done = run("--as", "role=owner", sql="SELECT 1")
        assert done.returncode == 1 and "EXPLAIN POLICY" in done.stderr, done.stderr
