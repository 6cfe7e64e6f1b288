"""kill -9 at every stage of the log's writing, under load, and a disk that fails below it.

What must hold after each: the log verifies; what a client was told is done has its outcome; what the engine holds
has its intent; the next server goes on. `HATIDATA_CRASHES=N` makes N crashes of each kind instead of a few."""
import collections
import json
import os
import random
import re
import threading

import psycopg
import pytest

from harness import BUILD, Server, eventually, hatidata, make_installation

FAULTS = BUILD / "tests" / "audit" / "libfaults.so"
EACH = int(os.environ.get("HATIDATA_CRASHES", 2))
KINDS = ["kill-before-write", "kill-within-write", "kill-after-write", "kill-before-sync", "kill-after-sync",
         "kill-before-open", "kill-after-open"]
CLIENTS = 4


class Marks:
    """What the clients were told: numbers, each inserted by one statement."""

    def __init__(self):
        self.lock, self.next, self.done, self.error = threading.Lock(), 0, set(), None

    def take(self):
        with self.lock:
            self.next += 1
            return self.next

    def insert_until_it_ends(self, server):
        try:
            with server.connect("owner@acme", connect_timeout=5) as conn:
                while True:
                    n = self.take()
                    conn.execute(f"INSERT INTO marks VALUES ({n})", prepare=False)
                    with self.lock:
                        self.done.add(n)
        except psycopg.Error as e:
            self.error = e


def faulty(installation, fault):
    return Server(installation, "--audit-segment", "64KiB", "--audit-checkpoint-entries", 20,
                  env={"LD_PRELOAD": str(FAULTS), "HATIDATA_FAULT": fault})


def work(server, marks, until=lambda: False):
    clients = [threading.Thread(target=marks.insert_until_it_ends, args=(server,)) for _ in range(CLIENTS)]
    for c in clients:
        c.start()
    eventually(lambda: server.process.poll() is not None or until() or not any(c.is_alive() for c in clients))
    if not until():
        eventually(lambda: server.process.poll() is not None, 10)
    for c in clients:
        c.join(60)
        assert not c.is_alive(), "a client still waits for its answer"


def marks_in_log(installation):
    """Of each number the kinds of its entries; only entries that succeeded count as outcomes."""
    found = collections.defaultdict(set)
    for path in sorted(installation.audit.glob("audit-*.jsonl")):
        for line in open(path):
            e = json.loads(line)
            m = re.search(r"INSERT INTO marks VALUES \((\d+)\)", e.get("sql_redacted", ""))
            if m and "error_code" not in e:
                found[int(m[1])].add(e["kind"])
    return found


def check(installation, marks):
    """With the server that comes after."""
    with Server(installation, "--audit-segment", "64KiB") as server:
        with server.connect("owner@acme") as conn:
            held = {n for n, in conn.execute("SELECT n FROM marks").fetchall()}
    done = hatidata("audit", "verify", installation.audit, "--key", installation.run("audit", "key").stdout.strip(),
                    check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = marks_in_log(installation)
    assert {n for n in marks.done if "outcome" not in found[n]} == set(), "told to be done, and not in the log"
    assert {n for n in held if "intent" not in found[n]} == set(), "done, and not in the log"
    assert marks.done <= held, "told to be done, and not there"


@pytest.fixture
def begun(tmp_path_factory):
    """An installation to crash, and what its clients were told. One bears many crashes in a row, but not a hundred:
    each may cost a hundredth of the month's credits (docs/internals/quota-leases.md)."""
    def begin():
        inst = make_installation(tmp_path_factory.mktemp("crashes") / "data", orgs=("acme",))
        with Server(inst) as server, server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE marks (n int)")
        return inst, Marks()
    return begin


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_by_a_crash(begun, kind):
    chance = random.Random(kind)
    for i in range(EACH):
        if i % 50 == 0:
            inst, marks = begun()
        nth = chance.randint(1, 2 if "open" in kind else 120)
        server = faulty(inst, f"{kind}:{nth}").start(wait=False)
        try:
            server.wait_until_ready()
            work(server, marks)
        except AssertionError as e:  # it fell while it started
            assert server.process.poll() == -9, (e, marks.error)
        assert server.process.wait(60) == -9
        if i % 10 == 9 or i == EACH - 1:
            check(inst, marks)


@pytest.mark.parametrize("kind", ["write-error", "full", "sync-error"])
def test_a_disk_that_fails_stops_statements_until_a_restart(begun, kind):
    inst, marks = begun()
    with faulty(inst, f"{kind}:25") as server:
        before = len(marks.done)
        work(server, marks, until=lambda: "statements are refused from now on" in server.log())
        with pytest.raises(psycopg.Error) as e:
            with server.connect("owner@acme") as conn:
                conn.execute("SELECT 1")
        assert "audit" in str(e.value)
        assert server.get("/ready")[0] == 503
        assert len(marks.done) > before
    check(inst, marks)


def test_a_short_write_is_written_on(begun):
    inst, marks = begun()
    with faulty(inst, "short-write:12") as server:
        with server.connect("owner@acme") as conn:
            for _ in range(110):
                n = marks.take()
                conn.execute(f"INSERT INTO marks VALUES ({n})", prepare=False)
                marks.done.add(n)
    check(inst, marks)
