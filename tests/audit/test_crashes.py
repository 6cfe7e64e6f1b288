"""kill -9 at every stage of a statement and of the log's writing, under load, and a disk that fails below the log.

What must hold after each: the log verifies, by its anchor too; what a client was told is done has its outcome; what the
engine holds has its intent; intents whose outcome nobody knows are named; the next server goes on. `HATIDATA_CRASHES=N`
makes N crashes of each kind instead of a few, `HATIDATA_SEED` other ones."""
import collections
import json
import os
import random
import re
import signal
import threading

import psycopg
import pytest

from harness import BUILD, Server, eventually, hatidata, make_installation

FAULTS = BUILD / "tests" / "audit" / "libfaults.so"
EACH = int(os.environ.get("HATIDATA_CRASHES", 2))
SEED = os.environ.get("HATIDATA_SEED", "0")
CLIENTS = 4
ENOUGH = 400  # marks after which a place that wasn't reached is left for one at random
FEW = 40      # ... after which a server is told to stop that is to be killed while it does

# The engine writes the block that its catalog is in over itself, under one authentication tag: half of it is a database
# that needs its backup (HATI_ERR_500_CORRUPT).
TORN = "kill-within-write@database"

# The server ends at such a call (faults.c), the Nth of its kind: any from the first to that given here.
PLACES = {
    # the log: a batch, its sync, a new segment
    "kill-before-write": 120, "kill-within-write": 120, "kill-after-write": 120,
    "kill-before-sync": 120, "kill-after-sync": 120,
    "kill-before-open": 2, "kill-after-open": 2,
    # between the stages of a statement: its intent, the engine's commit, its outcome
    "kill-after-write@intent": 60, "kill-within-write@intent": 60,
    "kill-before-write@wal": 60, "kill-within-write@wal": 60, "kill-before-sync@wal": 60, "kill-after-sync@wal": 60,
    "kill-before-write@outcome": 60, "kill-within-write@outcome": 60, "kill-after-write@outcome": 60,
    # the engine's database, when its WAL goes there: at the server's own end
    "kill-before-write@database": 2, "kill-before-sync@database": 2,
    "kill-after-sync@database": 2, "kill-before-unlink@wal": 1, "kill-after-unlink@wal": 1,
    # the log's checkpoint, and its way to the anchor
    "kill-before-write@checkpoint": 5, "kill-within-write@checkpoint": 5, "kill-after-write@checkpoint": 5,
    "kill-before-open@anchor": 4, "kill-within-write@anchor": 4, "kill-before-link@anchor": 4, "kill-after-link@anchor": 4,
    # a closed segment's columns
    "kill-after-open@columns": 1, "kill-within-write@columns": 5, "kill-before-rename@columns": 1, "kill-after-rename@columns": 1,
    # the control store: leases of credits
    "kill-before-write@store": 2, "kill-within-write@store": 2, "kill-after-sync@store": 2,
    # the same with the power gone: what of the log wasn't synced is lost
    "lose-before-sync": 120, "lose-after-sync": 120, "lose-after-write": 120, "lose-within-write": 120,
    "lose-before-open": 2, "lose-after-open": 2, "lose-after-write@intent": 60, "lose-after-sync@wal": 60,
    "lose-after-write@outcome": 60, "lose-after-write@checkpoint": 5, "lose-within-write@anchor": 4,
}
SECONDS = 0.4  # after which it is killed at the latest where that is by time


class Marks:
    """What the clients were told: numbers, each inserted or asked for by one statement."""

    def __init__(self):
        self.lock, self.next, self.done, self.read, self.error = threading.Lock(), 0, set(), set(), None

    def take(self):
        with self.lock:
            self.next += 1
            return self.next

    def told(self, which, *numbers):
        with self.lock:
            which.update(numbers)

    def insert(self, conn):
        n = self.take()
        conn.execute(f"INSERT INTO marks VALUES ({n})", prepare=False)
        return n

    def some_statements(self, conn):
        self.told(self.done, self.insert(conn))
        self.told(self.done, self.insert(conn))
        with conn.transaction():
            both = self.insert(conn), self.insert(conn)
        self.told(self.done, *both)
        n = self.take()
        conn.execute(f"SELECT n FROM marks WHERE n = {n}", prepare=False).fetchall()
        self.told(self.read, n)

    def work_until_it_ends(self, server):
        try:
            with server.connect("owner@acme", connect_timeout=60) as conn:
                while True:
                    self.some_statements(conn)
        except psycopg.Error as e:
            self.error = e


def kill_after(server, seconds):
    if seconds is not None:
        threading.Timer(seconds, server.process.kill).start()


class Installed:
    """An installation to crash, and what its clients were told. One bears many crashes in a row, but not a hundred:
    each may cost a hundredth of the month's credits (docs/internals/quota-leases.md)."""

    def __init__(self, folder):
        self.marks, self.anchor = Marks(), folder / "anchor"
        self.anchor.mkdir()
        self.installation = make_installation(folder / "data", orgs=("acme",))
        with self.serve() as server, server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE marks (n int)")

    def serve(self, fault=None):
        return Server(self.installation, "--audit-segment", "64KiB", "--audit-checkpoint-entries", 20,
                      "--audit-anchors", f"folder:{self.anchor}",
                      env={"LD_PRELOAD": str(FAULTS), "HATIDATA_FAULT": fault} if fault else None)

    def work(self, server, until=lambda: False):
        """Until the server ends, or as `until` says, or no client is answered any more."""
        clients = [threading.Thread(target=self.marks.work_until_it_ends, args=(server,)) for _ in range(CLIENTS)]
        for c in clients:
            c.start()
        eventually(lambda: server.process.poll() is not None or until() or not any(c.is_alive() for c in clients))
        if not until():
            eventually(lambda: server.process.poll() is not None or until(), 10)
        return clients

    def clients_end(self, clients):
        for c in clients:
            c.join(60)
            assert not c.is_alive(), "a client still waits for its answer"

    def crash(self, server, at_start=None, at_work=None, at_stop=False):
        """Starts it and works until it ends as by kill -9: by itself, or after so many seconds of its start or of work,
        or while it stops. Whether it did so; else there was enough work, and it is killed then."""
        begun = self.marks.next
        server.start(wait=False)
        kill_after(server, at_start)
        try:
            server.wait_until_ready()
        except AssertionError as e:  # it fell while it started
            assert server.process.poll() == -9, (e, self.marks.error)
            return True
        kill_after(server, at_work)
        clients = self.work(server, until=lambda: self.marks.next > begun + (FEW if at_stop else ENOUGH))
        reached = server.process.poll() is not None
        code = server.stop(signal.SIGTERM if at_stop else signal.SIGKILL)
        self.clients_end(clients)
        assert code == -9 or (at_stop and code == 0), server.log()[-2000:]
        return reached or (at_stop and code == -9)

    def entries(self):
        for path in sorted(self.installation.audit.glob("audit-*.jsonl")):
            for line in open(path):
                yield json.loads(line)

    def check(self):
        """With the server that comes after."""
        with self.serve() as server, server.connect("owner@acme") as conn:
            held = {n for n, in conn.execute("SELECT n FROM marks").fetchall()}
        key = self.installation.run("audit", "key").stdout.strip()
        done = hatidata("audit", "verify", self.installation.audit, "--key", key, "--checkpoint", self.anchor, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        self.check_entries(held)

    def check_entries(self, held):
        found = collections.defaultdict(set)  # of each number, the kinds of its entries, of outcomes those that succeeded
        intents, outcomes, named = set(), set(), set()
        for e in self.entries():
            if e.get("action") == "open_intents":
                named |= set(e["query_ids"])
            if e["kind"] == "intent":
                intents.add(e["query_id"])
            elif e["kind"] == "outcome":
                outcomes.add(e["query_id"])
            m = re.search(r"marks (?:VALUES \(|WHERE n = )(\d+)", e.get("sql_redacted", ""))
            if m and "error_code" not in e:
                assert e["query_id"] in intents, e
                found[int(m[1])].add(e["kind"])
        told = self.marks.done | self.marks.read
        assert {n for n in told if "outcome" not in found[n]} == set(), "told to be done, and not in the log"
        assert {n for n in held if "intent" not in found[n]} == set(), "done, and not in the log"
        assert self.marks.done <= held, "told to be done, and not there"
        assert intents - outcomes == named, "intents without an outcome are not those that are named"


@pytest.fixture
def begin(tmp_path_factory):
    return lambda: Installed(tmp_path_factory.mktemp("crashes"))


def crash_often(begin, kind, crash):
    """crash(installed, chance) makes one, and tells whether it came where it was meant to."""
    chance = random.Random(f"{SEED} {kind}")
    reached = 0
    for i in range(EACH):
        if i % 50 == 0:
            installed = begin()
            server = installed.serve().start()  # so that the first crash, too, comes after one
            server.stop(signal.SIGKILL)
        reached += crash(installed, chance)
        if i % 10 == 9 or i == EACH - 1:
            print(f"HATIDATA_SEED={SEED} {kind}: after {i + 1} crashes")
            installed.check()
    print(f"{kind}: {EACH} crashes, {reached} at that place")
    return reached


@pytest.mark.parametrize("kind", [*PLACES, pytest.param(TORN, marks=pytest.mark.xfail(reason="the engine's own file"))])
def test_nothing_is_lost_by_a_crash(begin, kind):
    def crash(installed, chance):
        server = installed.serve(f"{kind}:{chance.randint(1, PLACES.get(kind, 2))}")
        return installed.crash(server, at_stop="@database" in kind or "-unlink@wal" in kind)

    assert crash_often(begin, kind, crash) >= EACH // 2


@pytest.mark.parametrize("when", ["at_start", "at_work"])
def test_nothing_is_lost_by_a_crash_at_any_time(begin, when):
    def crash(installed, chance):
        return installed.crash(installed.serve(), **{when: chance.uniform(0, SECONDS)})

    crash_often(begin, when, crash)


def refuses_statements(server):
    return "statements are refused from now on" in server.log()


@pytest.mark.parametrize("kind", ["write-error", "full", "stuck", "sync-error", "open-error"])
def test_a_disk_that_fails_stops_statements_until_a_restart(begin, kind):
    installed, chance = begin(), random.Random(f"{SEED} {kind}")
    for i in range(max(1, EACH // 10)):
        fault = f"{kind}:{1 if kind == 'open-error' else chance.randint(25, 90)}"
        print(f"HATIDATA_SEED={SEED} {fault}")
        before = len(installed.marks.done)
        server = installed.serve(fault)
        server.log_path.unlink(missing_ok=True)
        with server:
            clients = installed.work(server, until=lambda: refuses_statements(server))
            installed.clients_end(clients)
            with pytest.raises(psycopg.Error) as e:
                with server.connect("owner@acme") as conn:
                    conn.execute("SELECT 1")
            assert "audit" in str(e.value)
            assert server.get("/ready")[0] == 503
            assert len(installed.marks.done) > before
        installed.check()


def test_a_short_write_is_written_on(begin):
    installed, chance = begin(), random.Random(f"{SEED} short-write")
    for i in range(max(1, EACH // 10)):
        fault = f"short-write:{chance.randint(1, 60)}"
        print(f"HATIDATA_SEED={SEED} {fault}")
        with installed.serve(fault) as server, server.connect("owner@acme") as conn:
            for _ in range(25):
                installed.marks.some_statements(conn)
        installed.check()
