"""Statements that wait: a limit makes them wait in turn, not fail; no organization takes all the workers, whatever priority it
names; none waits for ever."""
import json
import threading

import psycopg
import pytest

from harness import Server, eventually, make_installation
from rest import Rest

# Some seconds on one core, and cancelled at once.
LONG = "SELECT sum(a.range * b.range % 7) FROM range(100000000) a, range(1000) b"


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return make_installation(tmp_path_factory.mktemp("gate") / "data")


def dialect(conn):
    conn.execute("SET hatidata.dialect = 'duckdb'")
    return conn


def intents(installation, said):
    """The intents of statements that say so, in the order of the log."""
    entries = [json.loads(line) for path in sorted(installation.audit.glob("audit-*.jsonl"))
               for line in path.read_text().splitlines() if '"kind":"intent"' in line]
    return [e for e in entries if said in e["sql_redacted"]]


class Long:
    """A statement that runs, or where `waits` may wait, until it is told to stop."""

    def __init__(self, server, conn, waits=False):
        self.conn = conn
        self.error = None
        before = len(intents(server.installation, "range(100000000)"))
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        if not waits:
            eventually(lambda: len(intents(server.installation, "range(100000000)")) > before)

    def run(self):
        try:
            self.conn.execute(LONG)
        except psycopg.Error as error:
            self.error = error

    def stop(self):
        while self.thread.is_alive():
            self.conn.cancel_safe()
            self.thread.join(0.05)
        self.conn.close()


def number(server, name):
    return next(float(line.split()[-1]) for line in server.get("/metrics")[1].splitlines() if line.startswith(name + " "))


def waiting(server):
    return number(server, "hatidata_queue_depth")


def test_a_statement_past_the_limit_waits_for_its_turn(installation):
    installation.run("quota", "set", "--org", "acme", "--concurrent", 1)
    try:
        with Server(installation, "--workers", 4) as server:
            conn = dialect(server.connect("analyst@acme"))
            long = Long(server, dialect(server.connect("owner@acme")))
            try:
                answers = []
                thread = threading.Thread(target=lambda: answers.append(conn.execute("SELECT 42").fetchone()))
                thread.start()
                eventually(lambda: waiting(server) == 1)
                assert not answers
            finally:
                long.stop()
            thread.join(30)
            assert answers == [(42,)] and long.error.sqlstate == "57014"
            conn.close()
    finally:
        installation.run("quota", "set", "--org", "acme", "--concurrent", 100)


def test_one_organization_does_not_take_the_workers_of_another(installation):
    with Server(installation, "--workers", 2) as server:
        quiet = dialect(server.connect("analyst@globex", options="'-c hatidata_priority=low'"))
        conns = [dialect(server.connect("owner@acme", options="'-c hatidata_priority=critical'")) for _ in range(4)]
        loud = [Long(server, conn, waits=True) for conn in conns]
        try:
            eventually(lambda: waiting(server) == 3)
            assert [quiet.execute("SELECT 1").fetchone() for _ in range(20)] == [(1,)] * 20
            assert waiting(server) == 3
        finally:
            for one in loud:
                one.conn.cancel_safe()
            for one in loud:
                one.stop()
            quiet.close()


def test_what_waits_too_long_is_told_so_and_the_session_goes_on(installation):
    with Server(installation, "--workers", 1, "--queue-timeout", "300ms") as server:
        conn = dialect(server.connect("analyst@acme"))
        long = Long(server, dialect(server.connect("owner@acme")))
        try:
            with pytest.raises(psycopg.Error, match="waited too long for a worker") as refused:
                conn.execute("SELECT 1")
            assert refused.value.sqlstate == "53300"
        finally:
            long.stop()
        assert conn.execute("SELECT 1").fetchone() == (1,)
        conn.close()


def test_priority_orders_an_organizations_own_statements(installation):
    with Server(installation, "--workers", 1) as server:
        conns = {word: dialect(server.connect("analyst@acme", options=f"'-c hatidata_priority={word}'"))
                 for word in ("low", "normal", "high", "critical")}
        long = Long(server, dialect(server.connect("owner@acme")))
        ended, threads = [], []
        try:

            def ask(word):
                conns[word].execute("SELECT 1 AS urgent")
                ended.append(word)
            for at, word in enumerate(("low", "normal", "high", "critical")):
                threads.append(threading.Thread(target=ask, args=(word,)))
                threads[-1].start()
                eventually(lambda: waiting(server) == at + 1)
        finally:
            long.stop()
        for thread in threads:
            thread.join(30)
        order = [e["session_id"] for e in intents(installation, "AS urgent")]
        assert len(ended) == 4 and len(set(order)) == 4
        for word, conn in conns.items():
            conn.execute(f"SELECT 1 AS {word}_is_this_one")
        names = {e["session_id"]: word for word in conns for e in intents(installation, f"{word}_is_this_one")}
        assert [names[session] for session in order] == ["critical", "high", "normal", "low"]
        for conn in conns.values():
            conn.close()


def test_a_client_that_leaves_while_it_waits_leaves_no_place_taken(installation):
    with Server(installation, "--workers", 1) as server:
        conn = dialect(server.connect("analyst@acme"))
        long = Long(server, dialect(server.connect("owner@acme")))
        try:
            conn.pgconn.send_query(b"SELECT 1")
            conn.pgconn.flush()
            eventually(lambda: waiting(server) == 1)
            conn.pgconn.finish()
            eventually(lambda: waiting(server) == 0)
            assert not long.error
        finally:
            long.stop()
        with server.connect("analyst@acme") as again:
            assert again.execute("SELECT 1").fetchone() == (1,)


def ask(server, sql, answers, **more):
    """A statement over REST, on a thread."""
    def run():
        answers.append(Rest(server, "analyst@acme")("POST", "/v1/query", {"sql": sql, **more}))
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_statements_over_rest_wait_in_the_same_queue(installation):
    with Server(installation, "--workers", 1) as server:
        long = Long(server, dialect(server.connect("owner@acme")))
        answers, threads = [], []
        try:
            for at, word in enumerate(("low", "normal", "high", "critical")):
                threads.append(ask(server, f"SELECT '{word}' AS rest_priority", answers, priority=word))
                eventually(lambda: waiting(server) == at + 1)
            assert Rest(server, "owner@acme").ok("GET", "/v1/organizations/acme")  # other routes go on
            assert not answers
        finally:
            long.stop()
        for thread in threads:
            thread.join(30)
        said = [e["sql_redacted"] for e in intents(installation, "AS rest_priority")]
        assert [a.status_code for a in answers] == [200] * 4
        assert [next(w for w in ("low", "normal", "high", "critical") if w in text) for text in said] == [
            "critical", "high", "normal", "low"]


def test_a_full_queue_refuses_over_rest(installation):
    with Server(installation, "--workers", 1, "--queue", 1) as server:
        long = Long(server, dialect(server.connect("owner@acme")))
        answers = []
        try:
            thread = ask(server, "SELECT 1", answers)
            eventually(lambda: waiting(server) == 1)
            refused = Rest(server, "analyst@acme")("POST", "/v1/query", {"sql": "SELECT 2"})
            assert refused.status_code == 429 and refused.headers["Retry-After"] == "1"
            assert refused.json()["error"]["details"]["code"] == "HATI_ERR_429_STATEMENTS"
            assert not answers
        finally:
            long.stop()
        thread.join(30)
        assert [a.status_code for a in answers] == [200]


def test_what_waits_too_long_over_rest_is_told_so(installation):
    with Server(installation, "--workers", 1, "--queue-timeout", "300ms") as server:
        long = Long(server, dialect(server.connect("owner@acme")))
        try:
            error = Rest(server, "analyst@acme").error(429, "POST", "/v1/query", {"sql": "SELECT 1"})
            assert "waited too long for a worker" in error["message"]
        finally:
            long.stop()
        Rest(server, "analyst@acme").ok("POST", "/v1/query", {"sql": "SELECT 1"})


def test_what_waits_over_rest_does_not_hold_up_the_stop(installation):
    server = Server(installation, "--workers", 1).start()
    long = Long(server, dialect(server.connect("owner@acme")))
    answers = []
    thread = ask(server, "SELECT 1", answers)
    eventually(lambda: waiting(server) == 1)
    assert server.stop() == 0
    thread.join(30)
    long.stop()
    assert [a.status_code for a in answers] == [503]
