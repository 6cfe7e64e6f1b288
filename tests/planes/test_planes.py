"""What the control plane is told reaches every proxy: within a second, which is measured here and told,
and holds for live sessions too."""
import select
import sqlite3
import time

import psycopg
import pytest

from harness import eventually
from rest import Rest

ROWS = {"name": "hide notes", "type": "row_level_security", "rules": [
    {"table": "public.notes", "filter": "id > 1", "exempt_roles": ["owner", "admin"]}]}
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True, scope="module")
def table(world):
    control, *proxies = world
    for proxy in proxies:  # tables are each proxy's own
        with proxy.connect("admin@acme") as c:
            c.execute("CREATE TABLE notes (id INTEGER, text VARCHAR)")
            c.execute("INSERT INTO notes VALUES (1, 'plain')")


def lets_in(proxy, who, **more):
    try:
        proxy.connect(who, **more).close()
        return True
    except psycopg.OperationalError:
        return False


def refused_everywhere(control, proxies, who, change, what):
    """`change` ends who's idle sessions on each proxy; new ones are refused, by all."""
    sessions = [proxy.connect(who) for proxy in proxies]
    assert all(s.execute("SELECT 1").fetchone() == (1,) for s in sessions)
    change()
    start = time.monotonic()
    for session, proxy in zip(sessions, proxies):
        readable, _, _ = select.select([session.fileno()], [], [], 60)
        assert readable, "an idle session went on"
        print(f"{what}: {proxy.installation.path.name} after {(time.monotonic() - start) * 1000:.0f} ms")
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError, match="is wrong"):
            proxy.connect(who)


def test_a_new_key_is_good_on_both(world):
    control, *proxies = world
    control.installation.add_user("acme", "analyst", "new")
    for proxy in proxies:
        eventually(lambda: lets_in(proxy, "new@acme"))


def test_a_policy_reaches_both(world):
    control, *proxies = world
    sessions = {p: p.connect("analyst@acme") for p in proxies}
    assert all(s.execute("SELECT text FROM notes").fetchone() == ("plain",) for s in sessions.values())
    control.installation.set_policy("acme", ROWS)
    start = time.monotonic()
    for proxy, session in sessions.items():
        eventually(lambda: session.execute("SELECT text FROM notes").fetchone() is None)
        print(f"policy: {proxy.installation.path.name} after {(time.monotonic() - start) * 1000:.0f} ms")
    control.run("policy", "remove", "hide notes", "--org", "acme")
    for session in sessions.values():
        eventually(lambda: session.execute("SELECT text FROM notes").fetchone() == ("plain",))
        session.close()


def test_a_removed_user_is_out_everywhere(world):
    control, *proxies = world
    control.installation.add_user("acme", "analyst", "gone")
    for proxy in proxies:
        eventually(lambda: lets_in(proxy, "gone@acme"))
    refused_everywhere(control, proxies, "gone@acme",
                       lambda: control.run("user", "remove", "gone@acme.example", "--org", "acme"),
                       "removed user")


def test_a_suspended_user_is_out_everywhere(world):
    control, *proxies = world
    control.installation.add_user("acme", "analyst", "rests")
    for proxy in proxies:
        eventually(lambda: lets_in(proxy, "rests@acme"))
    refused_everywhere(control, proxies, "rests@acme",
                       lambda: control.run("user", "suspend", "rests@acme.example", "--org", "acme"),
                       "suspended user")


def test_a_revoked_key_is_out_everywhere(world):
    control, *proxies = world
    key = control.installation.add_key("other@acme", "developer@acme.example", "--org", "acme", "--user",
                                       "developer@acme.example")
    for proxy in proxies:
        eventually(lambda: lets_in(proxy, "other@acme"))
    refused_everywhere(control, proxies, "other@acme",
                       lambda: control.run("key", "revoke", key.key[:16], "--org", "acme"), "revoked key")


def test_a_password_is_judged_by_the_control_plane(world):
    control, east, west = world
    control.run("user", "set-password", "auditor@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    for proxy in (east, west):
        eventually(lambda: lets_in(proxy, "auditor@acme", user="auditor@acme.example", password=f"'{PASSWORD}'"))
        assert not lets_in(proxy, "auditor@acme", user="auditor@acme.example", password="'wrong'")
    session = east.connect("auditor@acme", user="auditor@acme.example", password=f"'{PASSWORD}'")
    control.run("user", "set-password", "auditor@acme.example", "--org", "acme", stdin=PASSWORD + "2\n")
    assert select.select([session.fileno()], [], [], 60)[0], "a session of the old password went on"


def test_a_sign_in_is_good_on_both_until_it_ends(world):
    control, *proxies = world
    control.run("user", "set-password", "owner@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    rest = Rest(control)
    signed_in = rest.ok("POST", "/v1/auth/login", {"email": "owner@acme.example", "password": PASSWORD})
    token = signed_in["token"]
    for proxy in proxies:
        eventually(lambda: lets_in(proxy, "owner@acme", user="owner@acme.example", password=token))
    rest.authorize("Bearer", token)
    assert rest("POST", "/v1/auth/logout").status_code in (200, 204)
    for proxy in proxies:
        eventually(lambda: not lets_in(proxy, "owner@acme", user="owner@acme.example", password=token))


def test_a_grant_asked_for_at_one_proxy_and_decided_at_another(world):
    control, east, west = world
    with east.connect("analyst@acme") as analyst, west.connect("owner@acme") as owner:
        one, = analyst.execute("CALL hatidata.request_role('developer', 30, 'ticket 4712')").fetchone()
        eventually(lambda: decides(owner, one))
        eventually(lambda: analyst.execute("SHOW hatidata.role").fetchone() == ("developer",))
        owner.execute(f"CALL hatidata.revoke_role('{one}')")
        eventually(lambda: analyst.execute("SHOW hatidata.role").fetchone() == ("analyst",))


def decides(owner, request):
    try:
        owner.execute(f"CALL hatidata.approve_role('{request}')")
        return True
    except psycopg.Error as e:
        assert "no such" in str(e) or "there is no" in str(e), e
        return False


def test_the_quota_holds_across_proxies(world):
    """Both spend until both are refused; together they never had more than the limit."""
    control, *proxies = world
    control.run("org", "add", "small")
    control.installation.add_user("small", "owner")
    limit = 40  # credits; a statement without a table takes one
    control.run("quota", "set", "--org", "small", "--credits", limit)
    for proxy in proxies:
        eventually(lambda: lets_in(proxy, "owner@small"))
    spent, left = 0, [proxy.connect("owner@small") for proxy in proxies]
    while left:
        for session in list(left):
            try:
                session.execute("SELECT 1")
                spent += 1
            except psycopg.Error as e:
                assert "QUOTA_EXCEEDED" in str(e), e
                left.remove(session)
        assert spent <= limit
    print(f"quota: {spent} of {limit} credits through two proxies")
    assert spent == limit


def test_a_value_has_the_same_digest_on_both(world):
    """So that what was hashed here can be joined with what was hashed there; of another organization it is another."""
    control, *proxies = world
    control.run("org", "add", "other")
    control.installation.add_user("other", "owner")
    for proxy in proxies:
        for who in ("admin@acme", "owner@other"):
            eventually(lambda: lets_in(proxy, who))
            with proxy.connect(who) as c:
                c.execute("CREATE TABLE people (phone VARCHAR)")
                c.execute("INSERT INTO people VALUES ('+31 6 1234')")
    for org in ("acme", "other"):
        control.installation.set_policy(org, {"name": "digests", "type": "column_masking", "rules": [
            {"table": "public.people", "column": "phone", "function": "hash"}]})
    one, two = [[digest_seen(proxy, who) for who in ("analyst@acme", "owner@other")] for proxy in proxies]
    assert one == two
    assert one[0] != one[1]


def digest_seen(proxy, who):
    def seen():
        with proxy.connect(who) as c:
            return c.execute("SELECT phone FROM people").fetchone()[0]
    eventually(lambda: seen() != "+31 6 1234")
    assert len(seen()) == 64
    return seen()


def test_no_secret_goes_to_a_proxy_that_it_has_no_use_for(world):
    control, *proxies = world
    if control.installation.store:
        pytest.skip("it looks into the file of the control store")
    with sqlite3.connect(control.installation.path / "control.db") as db:
        secrets = [v for t, c in (("passwords", "hash"), ("sign_ins", "secret"), ("sign_ins", "selector"),
                                  ("signing_keys", "sealed"), ("plane_authority", "sealed"))
                   for v, in db.execute(f"SELECT {c} FROM {t}")]
    assert len(secrets) >= 4
    for proxy in proxies:
        everything = b"".join(f.read_bytes() for f in proxy.installation.path.glob("replica.db*"))
        assert not any(s.encode() in everything for s in secrets)


def test_a_proxy_tells_how_it_stands(world):
    control, *proxies = world
    for proxy in proxies:
        assert proxy.get("/ready")[0] == 200
        assert proxy.metric("hatidata_link_up") == 1
        assert proxy.metric("hatidata_snapshot_position") > 3
        assert 0 <= proxy.metric("hatidata_snapshot_age_seconds") < 60
        assert proxy.metric("hatidata_snapshots_refused_total") == 0
    assert {p[1] for p in control.proxies()} == {"east", "west"}
