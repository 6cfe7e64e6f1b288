"""Just-in-time grants: another role for a time, approved by somebody else, and over when it is over - for
statements, for what was prepared under it, for what runs."""
import json
import os
import sqlite3
import subprocess
import threading
import time

import psycopg
import pytest

from harness import HATIDATA, Server, eventually, make_installation
from rawclient import FLUSH, SYNC, Raw, bind, execute, parse
from test_audit_trail import entries

MASK = {"name": "masks", "type": "column_masking", "rules": [
    {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner", "admin"]}]}


class Desk:
    """Who asks, who decides: the command line with a person's own key."""

    def __init__(self, server):
        self.server, self.installation = server, server.installation

    def jit(self, verb, *args, who=None, org="acme", check=True, **env):
        options, environment = [], dict(os.environ, HATIDATA_DATA_DIR=str(self.installation.path), **env)
        if who:
            p = self.installation.principals[who]
            options = ["--as", p.user]
            environment["HATIDATA_API_KEY"] = p.key
        done = subprocess.run([HATIDATA, "jit", verb, *args, "--org", org, *options], env=environment,
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def request(self, who, role, minutes=30, reason="month-end correction, ticket 4711", **kw):
        done = self.jit("request", role, "--minutes", str(minutes), "--reason", reason, who=who, **kw)
        return done.stdout.split("\t")[0] if done.returncode == 0 else done.stderr

    def grant(self, who, role, by="owner@acme", **kw):
        one = self.request(who, role, **kw)
        self.jit("approve", one, who=by)
        return one

    def status(self, one):
        return self.jit("show", one).stdout.split("\t")[1]

    def store(self, sql, *values):
        with sqlite3.connect(self.installation.path / "control.db", timeout=20) as db:
            return db.execute(sql, values).fetchall()

    def trail(self, one):
        eventually(lambda: self.store("SELECT count(*) FROM iam_outbox")[0][0] == 0)
        return [e for e in entries(self.installation)
                if e["kind"] == "iam" and e["resource"] == f"jit/{one}"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("jit") / "data")
    inst.add_user("acme", "owner", "second")
    inst.set_policy("acme", MASK)
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE people (id int, name text, ssn text)")
            conn.execute("INSERT INTO people VALUES (1, 'ann', '901-00-0001'), (2, 'bob', '901-00-0002')")
            conn.execute("CREATE TABLE notes (id int, note text)")
        yield Desk(server)
        assert inst.run("audit", "verify", inst.audit).returncode == 0


@pytest.fixture
def tidy(desk):
    """Nobody has a grant or an open request before and after."""
    def clear():
        for row in desk.jit("list").stdout.splitlines():
            one, status = row.split("\t")[:2]
            if status in ("requested", "approved"):
                desk.jit("revoke", one, check=False)  # it may have ended meanwhile
        desk.store("UPDATE jit_requests SET requested_us = 0 WHERE status NOT IN ('requested', 'approved')")
    clear()
    yield desk
    clear()


def denied(conn, sql):
    with pytest.raises(psycopg.Error) as e:
        conn.execute(sql)
    return e.value.sqlstate == "42501"


def test_a_live_session_gets_the_role_and_loses_it(tidy):
    with tidy.server.connect("analyst@acme") as conn:
        assert denied(conn, "INSERT INTO notes VALUES (1, 'x')")
        assert conn.execute("SELECT ssn FROM people WHERE id = 1").fetchone() == ("***",)
        pid = conn.info.backend_pid
        one = tidy.request("analyst@acme", "admin")
        assert denied(conn, "INSERT INTO notes VALUES (1, 'x')"), "a request gives nothing"
        tidy.jit("approve", one, who="owner@acme")
        assert conn.execute("INSERT INTO notes VALUES (1, 'x')").rowcount == 1
        assert conn.execute("SELECT ssn FROM people WHERE id = 1").fetchone() == ("901-00-0001",)
        assert conn.execute("SELECT current_role()").fetchone()[0].lower() == "admin"
        assert conn.execute("SHOW hatidata.role").fetchone() == ("admin",)
        assert conn.execute("SHOW hatidata.grant").fetchone() == (one,)
        grant, = [r for r in conn.execute("EXPLAIN POLICY SELECT ssn FROM people").fetchall() if r[0] == "grant"]
        assert grant[:3] == ("grant", one, "gives") and grant[4].startswith("role admin instead of analyst until 20")
        begun = time.monotonic()
        tidy.jit("revoke", one, who="owner@acme")
        assert denied(conn, "INSERT INTO notes VALUES (2, 'x')")
        assert time.monotonic() - begun < 1
        assert conn.execute("SELECT ssn FROM people WHERE id = 1").fetchone() == ("***",)
        assert conn.execute("SHOW hatidata.role").fetchone() == ("analyst",)
        assert conn.execute("SHOW hatidata.grant").fetchone() == ("",)
        assert conn.info.backend_pid == pid, "the session went on"


def test_a_new_session_begins_with_the_role(tidy):
    one = tidy.grant("analyst@acme", "developer")
    with tidy.server.connect("analyst@acme") as conn:
        assert conn.execute("SHOW hatidata.role").fetchone() == ("developer",)
        assert conn.execute("INSERT INTO notes VALUES (3, 'x')").rowcount == 1
    said = [(e.get("role"), e.get("grant_id")) for e in entries(tidy.installation)
            if "notes" in e.get("sql_redacted", "") and e.get("grant_id") == one]
    assert said and set(said) == {("developer", one)}


def test_the_scopes_of_the_key_and_the_other_users_stay(tidy):
    tidy.grant("analyst@acme", "developer")
    with tidy.server.connect("analyst@acme") as conn:
        assert denied(conn, "CREATE TABLE made_by_analyst (a int)"), "his key has no schema:write"
    tidy.installation.add_user("acme", "analyst", "colleague")
    with tidy.server.connect("colleague@acme") as conn:
        assert denied(conn, "INSERT INTO notes VALUES (1, 'x')")
    with tidy.server.connect("agent@acme") as conn:
        assert denied(conn, "INSERT INTO notes VALUES (1, 'x')")
    with tidy.server.connect("analyst@globex") as conn:
        assert conn.execute("SHOW hatidata.role").fetchone() == ("analyst",)


def end_by_revoking(desk, one):
    desk.jit("revoke", one)


def end_by_time(desk, one):
    desk.store("UPDATE jit_requests SET expires_us = ? WHERE id = ?", int(time.time() * 1e6) + 300000, one)
    time.sleep(0.35)


def end_by_suspending_the_approver(desk, one):
    desk.installation.run("user", "suspend", "second@acme.example", "--org", "acme")


ENDS = [end_by_revoking, end_by_time, end_by_suspending_the_approver]


@pytest.fixture(params=ENDS)
def end(request, tidy):
    yield lambda one: request.param(tidy, one)
    tidy.installation.run("user", "resume", "second@acme.example", "--org", "acme")


def test_what_was_prepared_under_a_grant_ends_with_it(tidy, end):
    with tidy.server.connect("analyst@acme") as conn:
        one = tidy.grant("analyst@acme", "admin", by="second@acme")
        conn.execute("PREPARE raw AS SELECT ssn FROM people ORDER BY id")
        conn.execute("PREPARE ins AS INSERT INTO notes VALUES (4, 'x')")
        conn.execute("DECLARE c CURSOR WITH HOLD FOR SELECT ssn FROM people ORDER BY id")
        assert conn.execute("EXECUTE raw").fetchall()[0] == ("901-00-0001",)
        assert conn.execute("FETCH 1 FROM c").fetchall() == [("901-00-0001",)]
        for _ in range(2):
            conn.execute("SELECT ssn FROM people", prepare=True)
        end(one)
        with pytest.raises(psycopg.Error, match="or the role, since") as e:
            conn.execute("FETCH 1 FROM c")
        assert e.value.sqlstate == "42501" and "901" not in str(e.value)
        assert conn.execute("EXECUTE raw").fetchall()[0] == ("***",)
        assert denied(conn, "EXECUTE ins")
        assert conn.execute("SELECT ssn FROM people", prepare=True).fetchone() == ("***",)


def test_rows_that_a_portal_kept_are_shown_to_nobody(tidy, end):
    one = tidy.grant("analyst@acme", "admin", by="second@acme")
    with Raw(tidy.server).log_in("analyst@acme") as raw:
        raw.send(parse("SELECT ssn FROM people ORDER BY id") + bind(portal="p") + execute(1, "p") + FLUSH)
        assert [m.row for m in raw.until("s") if m.kind == "D"] == [[b"901-00-0001"]]
        end(one)
        raw.send(execute(1, "p") + SYNC)
        later = raw.until("Z")
        assert [m.fields["C"] for m in later if m.kind == "E"] == ["42501"]
        assert not any(m.kind == "D" for m in later)


def test_a_transaction_that_wrote_with_a_grant_does_not_outlive_it(tidy, end):
    with tidy.server.connect("owner@acme") as owner, \
            tidy.server.connect("analyst@acme", autocommit=False) as conn:
        before = owner.execute("SELECT count(*) FROM notes").fetchone()
        one = tidy.grant("analyst@acme", "developer", by="second@acme")
        conn.execute("INSERT INTO notes VALUES (5, 'x')")
        end(one)
        with pytest.raises(psycopg.Error, match="is over"):
            conn.commit()
        conn.rollback()
        assert owner.execute("SELECT count(*) FROM notes").fetchone() == before


LONG = "SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3"


def test_a_statement_does_not_outlive_the_grant_that_it_runs_on(tidy, end):
    with tidy.server.connect("analyst@acme") as conn:
        conn.execute("SET hatidata.dialect = duckdb")
        one = tidy.grant("analyst@acme", "developer", by="second@acme")
        caught = []
        def run():
            begun = time.monotonic()
            try:
                conn.execute(LONG)
            except psycopg.Error as e:
                caught.append((e, time.monotonic() - begun))
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.5)
        end(one)
        thread.join(20)
        assert caught, "it goes on"
        assert caught[0][0].sqlstate == "57014" and "taken away" in str(caught[0][0])
        assert caught[0][1] < 10
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_statement_without_a_grant_is_left_alone_when_another_ends(tidy):
    with tidy.server.connect("developer@acme") as conn:
        conn.execute("DECLARE c CURSOR WITH HOLD FOR SELECT id FROM people ORDER BY id")
        conn.execute("FETCH 1 FROM c")
        one = tidy.grant("analyst@acme", "developer")
        tidy.jit("revoke", one)
        assert conn.execute("FETCH 1 FROM c").fetchone() == (2,), "nobody else's cursor ends with it"


def test_the_trail_has_every_step_once(tidy):
    one = tidy.grant("analyst@acme", "developer", by="second@acme")
    end_by_time(tidy, one)
    eventually(lambda: tidy.store("SELECT status FROM jit_requests WHERE id = ?", one) == [("expired",)])
    tidy.request("analyst@acme", "developer")  # looks for what is over, too
    time.sleep(2.2)  # and the server does, each second
    trail = tidy.trail(one)
    assert [e["action"] for e in trail] == ["jit.request", "jit.approve", "jit.expire"]
    assert "before" not in trail[0] and json.loads(trail[0]["after"])["status"] == "requested"
    assert [json.loads(e["before"])["status"] for e in trail[1:]] == ["requested", "approved"]
    assert [json.loads(e["after"])["status"] for e in trail[1:]] == ["approved", "expired"]
    assert json.loads(trail[0]["after"])["reason"] == "month-end correction, ticket 4711"
    ann = tidy.store("SELECT id FROM users WHERE email = 'analyst@acme.example'")[0][0]
    second = tidy.store("SELECT id FROM users WHERE email = 'second@acme.example'")[0][0]
    assert trail[0]["actor"].startswith(f"user:{ann} via cli:")
    assert trail[1]["actor"].startswith(f"user:{second} via cli:")
    assert trail[2]["actor"] == "hatidata"


def refused(done, *words):
    assert done.returncode == 1, done.stdout
    assert any(word in done.stderr for word in words), done.stderr


def test_nobody_approves_his_own(tidy):
    inst = tidy.installation
    one = tidy.request("admin@acme", "developer")
    refused(tidy.jit("approve", one, who="admin@acme", check=False), "of his own")
    inst.add_key("admin-second-key@acme", "admin@acme.example", "--org", "acme", "--user", "admin@acme.example")
    refused(tidy.jit("approve", one, who="admin-second-key@acme", check=False), "of his own")
    inst.run("user", "add", "admin+2@acme.example", "--org", "acme", "--role", "admin")
    inst.add_key("admin-second-mail@acme", "admin+2@acme.example", "--org", "acme",
                 "--user", "admin+2@acme.example")
    refused(tidy.jit("approve", one, who="admin-second-mail@acme", check=False), "of his own")
    refused(tidy.jit("deny", one, who="admin@acme", check=False), "of his own")
    with pytest.raises(sqlite3.IntegrityError):
        tidy.store("UPDATE jit_requests SET status = 'approved', decided_by = user_id WHERE id = ?", one)
    with pytest.raises(sqlite3.IntegrityError):
        tidy.store("UPDATE jit_requests SET status = 'approved' WHERE id = ?", one)
    assert tidy.status(one) == "requested"


def refusals(tidy, one):
    return [(e["action"], json.loads(e["after"])["error"], json.loads(e["after"])["reason"])
            for e in tidy.trail(one) if e["action"].endswith(".refuse")]


def test_a_refused_decision_is_in_the_trail(tidy):
    """Whichever rule refuses: who decides on his own request, who manages nobody, who has no such key."""
    one = tidy.request("admin@acme", "developer")
    begun = len(entries(tidy.installation))
    for verb, who in (("approve", "admin@acme"), ("deny", "developer@acme"), ("revoke", "auditor@acme"), ("approve", "agent@acme")):
        assert tidy.jit(verb, one, who=who, check=False).returncode == 1
    own, manager, user = "of his own", "needs the permission", "by its user or by an owner"
    trail = refusals(tidy, one)
    assert [(action, error) for action, error, _ in trail] == [
        ("jit.approve.refuse", "HATI_ERR_403_POLICY"), ("jit.revoke.refuse", "HATI_ERR_403_POLICY")]
    assert all(says in reason for says, (_, _, reason) in zip((own, user), trail)), trail
    low, = [e for e in entries(tidy.installation)[begun:] if e.get("action") == "api.deny_jit_access.refuse"]
    assert one in low["resource"] and manager in low["after"]
    admin = tidy.store("SELECT id FROM users WHERE email = 'admin@acme.example'")[0][0]
    assert [e["actor"].startswith(f"user:{admin} via cli:") for e in tidy.trail(one)[1:]] == [True, False]
    foreign = [e for e in entries(tidy.installation)[begun:] if e.get("action") == "credential.use.refuse"]
    assert len(foreign) == 1 and foreign[0]["actor"].startswith("cli:") and "isn't one of a user" in foreign[0]["after"]
    p = tidy.installation.principals["owner@acme"]
    tidy.jit("approve", one, "--as", p.key, check=False, HATIDATA_API_KEY=p.key[:-4] + "0000")
    eventually(lambda: tidy.store("SELECT count(*) FROM iam_outbox")[0][0] == 0)
    assert p.key[16:] not in json.dumps(entries(tidy.installation)), "a key given in the wrong place isn't written down"
    assert tidy.status(one) == "requested"


def test_other_refused_changes_are_in_the_trail(tidy):
    inst, begun = tidy.installation, len(entries(tidy.installation))
    assert inst.run("user", "suspend", "owner@globex.example", "--org", "globex", check=False).returncode == 1
    eventually(lambda: tidy.store("SELECT count(*) FROM iam_outbox")[0][0] == 0)
    last, = [e for e in entries(inst)[begun:] if e.get("action", "").startswith("user.")]
    assert last["action"].endswith(".refuse") and last["resource"].startswith("user/")
    assert "without an active owner" in last["after"]


def test_who_may_not_approve(tidy):
    one = tidy.request("analyst@acme", "developer")
    for who in ("developer@acme", "auditor@acme"):
        refused(tidy.jit("approve", one, who=who, check=False), "owner or admin")
    refused(tidy.jit("approve", one, who="agent@acme", check=False), "isn't one of a user")
    refused(tidy.jit("approve", one, who="owner@globex", check=False), "isn't one of a user")
    refused(tidy.jit("approve", one, who="owner@globex", org="globex", check=False), "has no request")
    inst = tidy.installation
    inst.add_key("owner-reads@acme", "owner@acme.example", "--org", "acme", "--user", "owner@acme.example",
                 "--scopes", "query:read,schema:read")
    refused(tidy.jit("approve", one, who="owner-reads@acme", check=False), "which role owner with this key lacks")
    p = inst.principals["owner@acme"]
    wrong = dict(HATIDATA_API_KEY=p.key[:-1] + ("a" if p.key[-1] != "a" else "b"))
    done = tidy.jit("approve", one, "--as", p.user, check=False, **wrong)
    refused(done, "the user, the API key or the database is wrong")
    assert p.key not in done.stderr
    refused(tidy.jit("approve", one, "--as", p.user, check=False), "is wrong")
    assert tidy.status(one) == "requested"
    tidy.jit("revoke", one, who="analyst@acme")


def test_a_borrowed_role_approves_nothing(tidy):
    tidy.grant("developer@acme", "admin")
    one = tidy.request("analyst@acme", "developer")
    done = tidy.jit("approve", one, who="developer@acme", check=False)
    refused(done, "owner or admin")
    two = tidy.request("analyst@acme", "admin")
    refused(tidy.jit("approve", two, who="admin@acme", check=False), "only an owner makes an admin")
    tidy.jit("approve", two, who="owner@acme")


@pytest.mark.parametrize("change", [
    ["suspend", "analyst@acme.example"], ["suspend", "second@acme.example"],
    ["set-role", "analyst@acme.example", "auditor"], ["set-role", "second@acme.example", "admin"],
    ["set-role", "second@acme.example", "developer"]])
def test_people_who_change_end_their_grants(tidy, change):
    one = tidy.grant("analyst@acme", "admin", by="second@acme")
    undo = {"suspend": ["resume", change[1]], "set-role": change[:2]}[change[0]]
    if change[0] == "set-role":
        undo = ["set-role", change[1], "analyst" if change[1].startswith("analyst") else "owner"]
    tidy.installation.run("user", *change, "--org", "acme")
    try:
        assert tidy.status(one) == "revoked"
        tidy.installation.run("user", *undo, "--org", "acme")
        with tidy.server.connect("analyst@acme") as conn:
            assert conn.execute("SHOW hatidata.role").fetchone() == ("analyst",), "and it doesn't come back"
    finally:
        tidy.installation.run("user", *undo, "--org", "acme")
    assert [e["action"] for e in tidy.trail(one)] == ["jit.request", "jit.approve", "jit.revoke"]


def test_a_store_that_was_edited_by_hand_gives_no_role(tidy):
    one = tidy.grant("analyst@acme", "admin", by="second@acme")
    with tidy.server.connect("analyst@acme") as conn:
        assert conn.execute("SHOW hatidata.role").fetchone() == ("admin",)
        tidy.store("UPDATE jit_requests SET decided_by = 'nobody' WHERE id = ?", one)
        assert conn.execute("SHOW hatidata.role").fetchone() == ("analyst",)
        with pytest.raises(sqlite3.IntegrityError):
            tidy.store("UPDATE jit_requests SET role = 'owner' WHERE id = ?", one)
    eventually(lambda: tidy.status(one) == "revoked")
    with pytest.raises(sqlite3.IntegrityError, match="a decision stands"):
        tidy.store("UPDATE jit_requests SET status = 'approved' WHERE id = ?", one)


def test_a_decision_is_taken_once(tidy):
    one = tidy.request("analyst@acme", "developer")
    done, gate = [], threading.Barrier(6)
    def decide(verb, who):
        gate.wait()
        done.append((verb, tidy.jit(verb, one, who=who, check=False)))
    threads = [threading.Thread(target=decide, args=(verb, who))
               for who in ("owner@acme", "second@acme", "admin@acme") for verb in ("approve", "deny")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    good = [verb for verb, d in done if d.returncode == 0]
    assert len(good) == 1, [d.stderr for _, d in done]
    assert all("already" in d.stderr for _, d in done if d.returncode)
    trail = tidy.trail(one)
    assert [e["action"] for e in trail if not e["action"].endswith(".refuse")] == ["jit.request", f"jit.{good[0]}"]
    assert len(trail) == 2 + 5, "and the five that came late are in it as refused"


def test_an_old_approval_is_not_played_again(tidy):
    one = tidy.grant("analyst@acme", "developer")
    refused(tidy.jit("approve", one, who="second@acme", check=False), "approved already")
    end_by_time(tidy, one)
    eventually(lambda: tidy.status(one) == "expired")
    refused(tidy.jit("approve", one, who="second@acme", check=False), "expired already")
    old = tidy.request("analyst@acme", "developer")
    tidy.store("UPDATE jit_requests SET requested_us = requested_us - 90000000000 WHERE id = ?", old)
    refused(tidy.jit("approve", old, who="second@acme", check=False), "expired already")


@pytest.mark.parametrize("role, minutes, reason, says", [
    ("owner", "30", "because", "requested_role: must be one of admin"), ("analyst", "30", "because", "has the role"),
    ("root", "30", "because", "requested_role: must be"), ("admin", "0", "because", "--minutes"),
    ("admin", "481", "because", "480"), ("admin", "-5", "because", "--minutes"),
    ("admin", "30", " ", "the reason"), ("admin", "30", "x" * 257, "the reason"),
    ("admin", "30", "a\x1b[2J", "reason: must be"), ("admin", "30", "a\u009b2J", "the reason"),
    ("admin", "30", "approve \u202eevil", "the reason"), ("admin", "30", "a\nb", "reason: must be")])
def test_requests_that_are_none(tidy, role, minutes, reason, says):
    refused(tidy.jit("request", role, "--minutes", minutes, "--reason", reason, who="analyst@acme", check=False),
            says)


def test_requests_are_bounded(tidy):
    tidy.request("analyst@acme", "developer")
    assert "open request" in tidy.request("analyst@acme", "developer", check=False)
    for _ in range(25):
        said = tidy.request("analyst@acme", "admin", check=False)
        if "a day" in said:
            break
        tidy.jit("revoke", said, who="analyst@acme")
    else:
        raise AssertionError("as many as one likes")


def test_the_longest_grant_is_configured(tidy):
    assert "allowed" in tidy.request("analyst@acme", "admin", check=False, HATIDATA_JIT_MAX="30s")
    assert "1 to 10" in tidy.request("analyst@acme", "admin", 11, check=False, HATIDATA_JIT_MAX="10min")
    one = tidy.request("analyst@acme", "admin", 600, HATIDATA_JIT_MAX="12h")
    refused(tidy.jit("approve", one, who="owner@acme", check=False), "1 to 480")


def test_agents_and_service_accounts_ask_for_nothing(tidy):
    assert "isn't one of a user" in tidy.request("agent@acme", "admin", check=False)
    tidy.installation.add_user("acme", "service_account", "batch")
    assert "service account" in tidy.request("batch@acme", "admin", check=False)


def test_one_running_grant_a_user(tidy):
    tidy.grant("analyst@acme", "developer")
    two = tidy.request("analyst@acme", "admin")
    refused(tidy.jit("approve", two, who="owner@acme", check=False), "running grant")


def test_a_stranger_revokes_nothing(tidy):
    one = tidy.grant("analyst@acme", "developer")
    refused(tidy.jit("revoke", one, who="developer@acme", check=False), "by its user or by an owner")
    refused(tidy.jit("revoke", one, who="owner@globex", org="globex", check=False), "has no request")
    tidy.jit("revoke", one, who="analyst@acme")


def call(conn, procedure, *args):
    return conn.execute(f"CALL hatidata.{procedure}({', '.join(repr(a) for a in args)})")


def test_over_the_wire(tidy):
    with tidy.server.connect("analyst@acme") as ann, tidy.server.connect("second@acme") as boss:
        one, = call(ann, "request_role", "developer", 30, "ticket 4712").fetchone()
        assert call(ann, "role_requests").fetchall()[-1][:6] == (
            one, "requested", "analyst@acme.example", "developer", "30", "ticket 4712")
        with pytest.raises(psycopg.Error, match="owner or admin"):
            call(ann, "approve_role", one)
        assert one in [row[0] for row in call(boss, "role_requests")]
        assert call(boss, "approve_role", one).statusmessage == "CALL"
        assert ann.execute("INSERT INTO notes VALUES (6, 'x')").rowcount == 1
        call(ann, "revoke_role", one)
        assert denied(ann, "INSERT INTO notes VALUES (6, 'x')")
    trail = tidy.trail(one)
    assert [e["action"] for e in trail] == ["jit.request", "jit.approve.refuse", "jit.approve", "jit.revoke"]
    assert all(" via session " in e["actor"] for e in trail)
    refusals = [e for e in entries(tidy.installation) if "approve_role" in e.get("sql_redacted", "")]
    assert [e["error_code"] for e in refusals] == ["HATI_ERR_403_POLICY"]


def test_calls_that_are_refused(tidy):
    with tidy.server.connect("admin@acme") as admin, tidy.server.connect("developer@acme") as dev, \
            tidy.server.connect("agent@acme") as agent, tidy.server.connect("owner@globex") as stranger, \
            tidy.server.connect("second@acme") as boss:
        one, = call(admin, "request_role", "developer", 30, "x").fetchone()
        two, = call(dev, "request_role", "analyst", 30, "x").fetchone()
        assert [row[0] for row in call(dev, "role_requests")][-1] == two
        assert one not in str(call(dev, "role_requests").fetchall())
        assert call(stranger, "role_requests").fetchall() == []
        for who, procedure, args, says in (
                (admin, "approve_role", (one,), "of his own"), (stranger, "approve_role", (one,), "no request"),
                (dev, "revoke_role", (one,), "by its user"), (dev, "deny_role", (one,), "owner or admin"),
                (agent, "request_role", ("admin", 5, "x"), "not by agents"),
                (agent, "role_requests", (), "not by agents"),
                (dev, "request_role", ("owner", 5, "x"), "owner"),
                (dev, "request_role", ("admin", 481, "x"), "480"),
                (dev, "request_role", ("admin", "soon", "x"), "whole number"),
                (dev, "request_role", ("admin", 5), "request_role"), (dev, "approve_role", (), "approve_role"),
                (dev, "make_me_owner", (), "CALL is not supported")):
            with pytest.raises(psycopg.Error, match=says):
                call(who, procedure, *args)
        with pytest.raises(psycopg.Error, match="NULL"):
            dev.execute("CALL hatidata.approve_role(NULL)")
        call(boss, "approve_role", one)
        with pytest.raises(psycopg.Error, match="approved already"):
            call(boss, "deny_role", one)
        assert tidy.status(two) == "requested"


def test_a_borrowed_role_approves_nothing_over_the_wire(tidy):
    tidy.installation.add_key("developer-manages@acme", "developer@acme.example", "--org", "acme",
                              "--user", "developer@acme.example", "--scopes", "query:read,admin")
    tidy.grant("developer@acme", "admin")
    one = tidy.request("analyst@acme", "developer")
    with tidy.server.connect("developer-manages@acme") as conn:
        assert conn.execute("SHOW hatidata.role").fetchone() == ("admin",)
        with pytest.raises(psycopg.Error, match="owner or admin"):
            call(conn, "approve_role", one)
    assert tidy.status(one) == "requested"


def test_a_borrowed_auditor_reads_the_log_as_long(tidy):
    with tidy.server.connect("analyst@acme") as conn, tidy.server.connect("owner@acme") as owner:
        conn.execute("SELECT id FROM people")
        assert denied(conn, "SELECT count(*) FROM hatidata.audit_log")
        one = tidy.grant("analyst@acme", "auditor")
        with pytest.raises(psycopg.Error, match="may only read the audit log"):  # his own role doesn't count meanwhile
            conn.execute("SELECT id FROM people")
        read = "SELECT DISTINCT role FROM hatidata.audit_log WHERE grant_id = %s"
        assert conn.execute(read, [one]).fetchall() == [("auditor",)]
        conn.execute("DECLARE c CURSOR WITH HOLD FOR SELECT seq FROM hatidata.audit_log")
        tidy.jit("revoke", one)
        assert denied(conn, "SELECT count(*) FROM hatidata.audit_log")
        assert denied(conn, "FETCH 1 FROM c")
        eventually(lambda: len(tidy.trail(one)) == 3)
        steps = owner.execute("SELECT action FROM hatidata.audit_log WHERE resource = %s ORDER BY seq",
                              [f"jit/{one}"]).fetchall()
        assert steps == [("jit.request",), ("jit.approve",), ("jit.revoke",)]
