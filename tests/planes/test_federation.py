"""Tokens of another identity provider, between the planes: a proxy has them judged by the control plane, which alone
asks the provider; a session that began with one ends with its user, its provider and its time."""
import json
import select

import psycopg
import pytest

from harness import eventually, make_installation
from identity_providers import Authority, KeyServer
from planes import Control, Proxy
from rest import Rest

USER = "ada@acme.example"
CALLER = "SELECT current_user, lower(current_role())"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("federation")
    authority = Authority(folder / "authority")
    keys = KeyServer(authority)
    inst = make_installation(folder / "control", orgs=("acme",))
    add_provider(inst, keys)
    with Control(inst, "--federation-ca", authority.file) as control:
        with Proxy(control, folder / "east") as east, Proxy(control, folder / "west") as west:
            yield control, keys, east, west
    keys.close()


def add_provider(inst, keys):
    inst.run("org", "federation", "add", "company", "-", "--org", "acme", stdin=json.dumps({
        "type": "oidc", "issuer": keys.issuer, "audiences": ["hatidata"], "provision": True,
        "rules": [{"when": {"groups": "analysts"}, "role": "analyst"}]}))


def connect(proxy, token, user=USER):
    info = psycopg.conninfo.make_conninfo(proxy.conninfo("owner@acme"), user=user, password=token)
    return psycopg.connect(info, autocommit=True)


def refused(proxy, token, user=USER):
    with pytest.raises(psycopg.OperationalError) as e:
        connect(proxy, token, user)
    assert "the user, the API key or the database is wrong" in str(e.value), e.value


def bearer(control, token):
    rest = Rest(control)
    rest.authorize("Bearer", token)
    return rest


def ends(session):
    """The session ends without a statement of its own."""
    assert select.select([session.fileno()], [], [], 60)[0], "an idle session went on"
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")


def test_a_token_is_a_password_at_each_proxy_and_a_bearer_at_the_control_plane(site):
    control, keys, *proxies = site
    token = keys.token(email=USER)
    for proxy in proxies:  # the first login makes the user, and waits until its own proxy knows him
        with connect(proxy, token) as c:
            assert c.execute(CALLER).fetchone() == (USER, "analyst")
    assert bearer(control, token).ok("GET", "/v1/organizations/acme")["name"] == "acme"
    bearer(control, token).error(403, "GET", "/v1/organizations/acme/users")


def test_the_control_plane_alone_asks_the_provider(site):
    control, keys, *proxies = site
    before = len(keys.requests)
    for proxy in proxies:
        for _ in range(3):
            connect(proxy, keys.token(email=USER)).close()
    assert len(keys.requests) - before <= 2  # what one control node may ask


@pytest.mark.parametrize("change", [
    {"aud": "another-application"}, {"groups": ["strangers"]}, {"email_verified": False}, {"exp": 1},
    {"email": "owner@acme.example"}], ids=str)
def test_what_the_control_plane_refuses_lets_nobody_in(site, change):
    control, keys, *proxies = site
    token = keys.token(**{"email": USER, **change})
    for proxy in proxies:
        refused(proxy, token)


def test_a_token_of_nobodys_key_lets_nobody_in(site):
    control, keys, *proxies = site
    for proxy in proxies:
        refused(proxy, keys.token(email=USER, sign=lambda text: bytes(256)))
        refused(proxy, keys.token(email=USER, header={"kid": "unknown"}))


def test_sessions_end_with_their_user(site):
    control, keys, *proxies = site
    email = "bob@acme.example"
    token = keys.token(email=email)
    sessions = [connect(proxy, token, email) for proxy in proxies]
    control.run("user", "suspend", email, "--org", "acme")
    for session in sessions:
        ends(session)
    for proxy in proxies:
        refused(proxy, token, email)
    control.run("user", "remove", email, "--org", "acme")  # and his token doesn't make him anew
    for proxy in proxies:
        refused(proxy, token, email)
    bearer(control, token).error(401, "GET", "/v1/organizations/acme")


def test_sessions_end_with_their_provider(site):
    control, keys, *proxies = site
    token = keys.token(email=USER)
    sessions = [connect(proxy, token) for proxy in proxies]
    control.run("org", "federation", "remove", "company", "--org", "acme")
    for session in sessions:
        ends(session)
    for proxy in proxies:
        refused(proxy, token)
    add_provider(control.installation, keys)
    for proxy in proxies:
        eventually(lambda: works(proxy, token))


def works(proxy, token):
    try:
        connect(proxy, token).close()
        return True
    except psycopg.OperationalError:
        return False


def test_without_the_control_plane_a_token_lets_nobody_in(site):
    control, keys, east, _ = site
    token = keys.token(email=USER)
    with connect(east, token) as session:
        session.execute("SELECT 1")  # credits are at hand
        control.stop()
        with pytest.raises(psycopg.OperationalError, match="control plane doesn't answer|can't be reached"):
            connect(east, token)
        assert session.execute("SELECT 1").fetchone() == (1,)  # within the stale limit
    control.start()
    eventually(lambda: works(east, token))
