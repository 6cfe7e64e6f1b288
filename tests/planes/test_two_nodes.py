"""Two control nodes on one PostgreSQL and two proxies: what is changed at one node reaches both proxies, whichever node
each is linked to, a cut link or a killed node holds nothing up, and quota spent through both keeps to its limit."""
import contextlib
import shutil
import signal
import threading
import time

import psycopg
import pytest

from harness import Installation, eventually, make_installation, new_schema
from planes import Control, Proxy, Wire
from postgres import MISSING, Postgres, programs
from rest import Rest

pytestmark = pytest.mark.skipif(not programs(), reason=MISSING)
ROWS = {"name": "hide notes", "type": "row_level_security", "rules": [
    {"table": "public.notes", "filter": "id > 1", "exempt_roles": ["admin"]}]}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nodes")
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(Postgres())
        first = make_installation(folder / "one", orgs=("acme",), store=new_schema(postgres.uri))
        shutil.copytree(first.path, folder / "two")  # the keyring is that of the first
        second = Installation(folder / "two", first.store)
        second.principals = first.principals
        one, two = stack.enter_context(Control(first)), stack.enter_context(Control(second))
        wire = Wire(one.plane_port)
        stack.callback(wire.close)
        patient = "--control-timeout", "10s"  # a lease whose answer comes too late is lost for the month
        east = stack.enter_context(Proxy(one, folder / "east", *patient, node=f"{wire.node},{two.node}"))
        west = stack.enter_context(Proxy(two, folder / "west", *patient, node=f"{two.node},{one.node}"))
        for proxy in (east, west):
            with proxy.connect("admin@acme") as c:
                c.execute("CREATE TABLE notes (id INTEGER, text VARCHAR)")
                c.execute("INSERT INTO notes VALUES (1, 'plain')")
        yield one, two, wire, east, west


def seconds_until(holds):
    begun = time.monotonic()
    eventually(holds)
    return time.monotonic() - begun


def sees(session):
    return session.execute("SELECT text FROM notes").fetchone()


def is_over(session):
    try:
        session.execute("SELECT 1")
        return False
    except psycopg.Error:
        return True


def works(proxy, who):
    try:
        with proxy.connect(who) as c:
            return c.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def removed_everywhere(proxies, node, name):
    """The user, who comes and goes by `node`, is let in and put out by every proxy."""
    node.installation.add_user("acme", "analyst", name)
    for proxy in proxies:
        proxy.installation.principals = node.installation.principals
        eventually(lambda: works(proxy, f"{name}@acme"))
    sessions = [proxy.connect(f"{name}@acme") for proxy in proxies]
    user = node.installation.principals[f"{name}@acme"].user
    assert Rest(node, "owner@acme")("DELETE", f"/v1/organizations/acme/users/{user}").status_code in (200, 204)
    took = seconds_until(lambda: all(is_over(s) for s in sessions))
    print(f"a removed user was out of both proxies after {took:.3f} s")
    assert not any(works(proxy, f"{name}@acme") for proxy in proxies)


def test_what_one_node_is_told_reaches_the_proxies_of_both(site):
    one, two, _, *proxies = site
    with proxies[0].connect("analyst@acme") as east, proxies[1].connect("analyst@acme") as west:
        assert sees(east) == sees(west) == ("plain",)
        Rest(one, "owner@acme").ok("POST", "/v1/environments/hatidata/policies", ROWS)
        took = seconds_until(lambda: sees(east) is None and sees(west) is None)
        print(f"a policy reached both proxies after {took:.3f} s")
    removed_everywhere(proxies, two, "leaver")
    removed_everywhere(proxies, one, "goer")


def test_a_cut_link_is_made_to_the_other_node(site):
    one, two, wire, *proxies = site
    wire.cut()
    removed_everywhere(proxies, one, "cutter")
    wire.mend()


def test_a_killed_node_holds_nothing_up(site):
    one, two, _, *proxies = site
    two.stop(signal.SIGKILL)
    try:
        removed_everywhere(proxies, one, "last")
    finally:
        two.start()


def spend(proxy, done):
    with proxy.connect("owner@small") as c:
        with contextlib.suppress(psycopg.errors.ConfigurationLimitExceeded):
            while True:
                c.execute("SELECT 1")  # a credit
                done.append(proxy)


def test_quota_spent_through_both_keeps_to_the_limit(site):
    one, two, _, *proxies = site
    one.run("org", "add", "small")
    one.run("quota", "set", "--org", "small", "--credits", 60)  # a block of a larger quota is kept until its proxy's next statement
    one.installation.add_user("small", "owner")
    done = []
    for proxy in proxies:
        proxy.installation.principals = one.installation.principals
        eventually(lambda: works(proxy, "owner@small"))
        done.append(proxy)
    threads = [threading.Thread(target=spend, args=(proxy, done)) for proxy in proxies for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{len(done)} of 60 credits were spent through both proxies")
    assert 50 <= len(done) <= 60 and {*done} == {*proxies}
