"""Two servers and a control node on one control store in PostgreSQL: changes reach all of them, quota holds over both,
and what can't be asked allows nothing."""
import contextlib
import os
import select
import shutil
import signal
import subprocess
import threading
import time

import psycopg
import pytest

from harness import HATIDATA, Server, eventually, free_port, hatidata, make_installation, new_schema
from postgres import MISSING, Postgres, programs
from rest import Rest

pytestmark = pytest.mark.skipif(not programs(), reason=MISSING)
USERS = "/v1/organizations/acme/users"
MASK = {"name": "hide", "type": "column_masking", "rules": [{"table": "t", "column": "secret", "function": "full"}]}


class ControlNode:
    """`hatidata control` on an installation; a context manager."""

    def __init__(self, installation):
        self.installation, self.control_port = installation, free_port()

    def __enter__(self):
        with open(self.installation.path / "control.log", "ab") as log:
            self.process = subprocess.Popen(
                [HATIDATA, "control", "--data-dir", self.installation.path, "--control-listen", f"127.0.0.1:{self.control_port}"],
                env=dict(os.environ, HATIDATA_STORE=self.installation.store), stdout=log, stderr=log)
        eventually(self.answers)
        return self

    def answers(self):
        import requests
        with contextlib.suppress(requests.ConnectionError):
            return Rest(self)("GET", "/health").status_code == 200

    def __exit__(self, *exc):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0


class Site:
    """PostgreSQL, and what runs on it."""

    def __init__(self, postgres, one, two, control):
        self.postgres, self.one, self.two, self.control = postgres, one, two, control
        self.servers = one, two

    def add_user(self, name):
        return self.one.installation.add_user("acme", "analyst", name)

    def works(self, server, who="owner@acme"):
        try:
            with server.connect(who) as conn:
                return conn.execute("SELECT 1").fetchone() == (1,)
        except psycopg.Error:
            return False


def another_node(installation, path):
    """A node with the keys of the first and data of its own."""
    shutil.copytree(installation.path, path)
    node = type(installation)(path, installation.store)
    node.principals = installation.principals
    return node


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with Postgres() as postgres:
        first = make_installation(folder / "one", orgs=("acme",), store=new_schema(postgres.uri))
        assert not (first.path / "control.db").exists()
        second, third = another_node(first, folder / "two"), another_node(first, folder / "control")
        with Server(first) as one, Server(second) as two, ControlNode(third) as control:
            for server in (one, two):
                with server.connect("owner@acme") as conn:
                    conn.execute("CREATE TABLE t (n int, secret text)")
                    conn.execute("INSERT INTO t VALUES (1, 'abc')")
            yield Site(postgres, one, two, control)


def seconds_until(holds):
    begun = time.monotonic()
    eventually(holds)
    return time.monotonic() - begun


def is_over(conn):
    try:
        conn.execute("SELECT 1")
        return False
    except psycopg.Error:
        return True


def test_a_policy_reaches_both(site, record_property):
    with site.one.connect("analyst@acme") as one, site.two.connect("analyst@acme") as two:
        for conn in (one, two):
            assert conn.execute("SELECT secret FROM t").fetchall() == [("abc",)]
        Rest(site.control, "owner@acme").ok("POST", "/v1/environments/hatidata/policies", MASK)
        took = seconds_until(lambda: all(c.execute("SELECT secret FROM t").fetchall() != [("abc",)] for c in (one, two)))
    record_property("seconds_of_a_policy", took)
    print(f"a policy reached both servers after {took:.3f} s")


def test_policies_are_tested_here_too(site, tmp_path):
    """Their tests get a copy of the store, wherever it is; a control plane alone has no tables but those of a test."""
    text = ("table t (secret text, n int)\n  ('a', 1)\ntable shared.s (org text)\n  ('{org}')\n"
            "who analyst@acme.example\nask SELECT secret, n FROM t\nexpect allowed\nmasks secret=full\nrows\n  ('***', 1)\n"
            "ask SELECT count(*) FROM shared.s\nexpect allowed\nrows\n  (1)\n")
    (tmp_path / "hide.test").write_text(text)
    site.one.installation.set_policy("acme", MASK)
    try:
        done = site.one.installation.run("policy", "test", tmp_path, "--org", "acme", check=False)
        assert (done.returncode, done.stdout) == (0, "2 cases, 0 failed\n"), done.stdout + done.stderr
        for node in (site.one, site.control):
            owner, path = Rest(node, "owner@acme"), "/v1/organizations/acme/policy-tests"
            assert owner.ok("POST", path, {"test": text}) == {"cases": 2, "failed": 0, "mistakes": 0, "findings": []}
        assert owner.error(501, "POST", path, {"test": "who role=owner\nask SELECT 1\nexpect allowed\n"})
    finally:
        site.one.installation.run("policy", "remove", "hide", "--org", "acme")


def test_a_removed_user_is_out_of_both(site, record_property):
    user = site.add_user("leaver")
    with site.one.connect("leaver@acme") as one, site.two.connect("leaver@acme") as two:
        assert one.execute("SELECT 1").fetchone() == two.execute("SELECT 1").fetchone() == (1,)
        assert Rest(site.control, "owner@acme")("DELETE", f"{USERS}/{user.user}").status_code in (200, 204)
        took = seconds_until(lambda: is_over(one) and is_over(two))
    record_property("seconds_of_a_removed_user", took)
    print(f"a removed user was out of both servers after {took:.3f} s")
    assert not site.works(site.one, "leaver@acme") and not site.works(site.two, "leaver@acme")


def test_a_session_that_does_nothing_ends_too(site):
    user = site.add_user("idler")
    with site.two.connect("idler@acme") as idle:
        Rest(site.one, "owner@acme").ok("POST", f"{USERS}/{user.user}/suspend")
        eventually(lambda: select.select([idle], [], [], 0)[0])  # the server's last word
        assert is_over(idle)


def spend(server, done):
    with server.connect("owner@small") as conn:
        with contextlib.suppress(psycopg.errors.ConfigurationLimitExceeded):
            while True:
                conn.execute("SELECT 1")  # a credit
                done.append(server)


def test_quota_spent_through_both_keeps_to_the_limit(site):
    site.one.installation.add_org("small")
    site.one.installation.run("quota", "set", "--org", "small", "--credits", 150)
    for server in site.servers:
        eventually(lambda: site.works(server, "owner@small"))
    done = [*site.servers]
    threads = [threading.Thread(target=spend, args=(server, done)) for server in site.servers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print({server.port: done.count(server) for server in site.servers})
    assert all(done.count(server) > 1 for server in site.servers)
    assert 150 - 4 <= len(done) <= 150  # of a block of one percent a node may keep some


def test_a_killed_node_holds_nobody_up(site):
    site.two.process.send_signal(signal.SIGKILL)
    site.two.process.wait()
    site.add_user("newcomer")
    assert site.works(site.one, "newcomer@acme")
    site.two.start()
    eventually(lambda: site.works(site.two, "newcomer@acme"))


def test_without_postgres_nothing_is_allowed(site):
    with site.one.connect("owner@acme") as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
        site.postgres.stop()
        eventually(lambda: is_over(conn))
    for server in site.servers:
        eventually(lambda: server.get("/ready")[0] == 503)  # a second after it was last heard of
        assert server.get("/live")[0] == 200 and not site.works(server)
    assert Rest(site.control, "owner@acme").error(503, "GET", USERS)
    done = hatidata("user", "list", "--org", "acme", data=site.one.installation.path, store=site.one.installation.store, check=False)
    assert done.returncode == 1 and "can't be reached" in done.stderr
    site.postgres.start()
    for server in site.servers:
        eventually(lambda: site.works(server))
    eventually(lambda: Rest(site.control, "owner@acme")("GET", USERS).status_code == 200)


def test_a_server_that_hangs_holds_nobody_up(site):
    """Stopped, it takes connections and answers none."""
    for child in postgres_processes(site):
        os.kill(child, signal.SIGSTOP)
    try:
        for server in site.servers:
            eventually(lambda: not site.works(server))
            assert server.get("/live")[0] == 200
    finally:
        for child in postgres_processes(site):
            os.kill(child, signal.SIGCONT)
    for server in site.servers:
        eventually(lambda: site.works(server))


def postgres_processes(site):
    parent = site.postgres.process.pid
    with open(f"/proc/{parent}/task/{parent}/children") as children:
        return [parent, *map(int, children.read().split())]


@pytest.mark.parametrize("address, why", [
    ("postgresql://u:secret-word@localhost/d", "holds a password"),
    ("postgresql://u@localhost/d?password=secret-word", "holds a password"),
    ("postgresql://u@db.example/d?sslmode=require", "verify-full"),
    ("postgresql://u@localhost,db.example/d?sslmode=disable", "verify-full"),
    ("postgresql://u@localhost/d?hostaddr=192.0.2.1&sslmode=disable", "verify-full"),
    ("postgresql://u@localhost/d?service=elsewhere&sslmode=disable", "verify-full"),
    ("postgresql:///d?sslmode=disable", "verify-full"),
    ("postgresql://u@localhost/d?secret-word=1", "can't be read"),
])
def test_addresses_that_are_refused(site, address, why):
    done = hatidata("user", "list", "--org", "acme", data=site.postgres.path / "nowhere", store=address, check=False)
    assert done.returncode == 1 and why in done.stderr
    assert "secret-word" not in done.stdout + done.stderr


def test_a_second_store_in_the_folder_is_refused(site):
    installation = site.one.installation
    (installation.path / "control.db").touch()
    try:
        done = installation.run("user", "list", "--org", "acme", check=False)
        assert done.returncode == 1 and "is there, too" in done.stderr
    finally:
        (installation.path / "control.db").unlink()
