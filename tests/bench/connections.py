"""Idle connections: how many open how fast, what each costs the server's memory, and what a new client and those that
are at work notice of them. Each is a session on TLS 1.3, signed in with an API key, that has run one statement or none.

usage: connections.py [COUNT]    10000 without it; HATIDATA_BUILD says whose server"""
import contextlib
import pathlib
import resource
import ssl
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, make_installation  # noqa: E402
from rawclient import Raw, query  # noqa: E402


def memory_kib(pid):
    """Resident and proportional memory."""
    found = {}
    for line in open(f"/proc/{pid}/smaps_rollup"):
        name, _, rest = line.partition(":")
        if name in ("Rss", "Pss"):
            found[name] = int(rest.split()[0])
    return found["Rss"], found["Pss"]


def answer_ms(server):
    """A new client's way from connect to its answer."""
    begun = time.perf_counter()
    with server.connect("owner@acme") as db:
        assert db.execute("SELECT 42").fetchone() == (42,)
    return (time.perf_counter() - begun) * 1000


def statements_ms(db, count):
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        assert db.execute("SELECT 42").fetchone() == (42,)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def at_work_ms(server, clients=4, count=1500):
    """Median and 99th percentile of the answers to clients that ask without a pause."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(clients) as pool:
        open_ones = [stack.enter_context(server.connect("owner@acme")) for _ in range(clients)]
        for db in open_ones:
            statements_ms(db, 100)
        times = sorted(t for each in pool.map(lambda db: statements_ms(db, count), open_ones) for t in each)
    return times[len(times) // 2], times[len(times) * 99 // 100]


def measure(server, count):
    context = ssl.create_default_context(cafile=str(server.installation.ca))

    def open_one():
        return Raw(server, context=context).log_in("owner@acme")

    warm = [open_one() for _ in range(50)]  # what the server makes once isn't any connection's
    for one in warm:
        one.ask(query("SELECT 1"))
    answer_ms(server)
    before, alone = memory_kib(server.process.pid), answer_ms(server)
    median, p99 = at_work_ms(server)
    begun = time.perf_counter()
    idle = [open_one() for _ in range(count)]
    seconds = time.perf_counter() - begun
    after, beside = memory_kib(server.process.pid), answer_ms(server)
    median_beside, p99_beside = at_work_ms(server)
    used = idle[:1000]
    for one in used:
        one.ask(query("SELECT 1"))
    asked = memory_kib(server.process.pid)
    return {"connections": count, "opened a second": count / seconds,
            "resident KiB each": (after[0] - before[0]) / count, "proportional KiB each": (after[1] - before[1]) / count,
            "more, KiB, after a statement": (asked[1] - after[1]) / len(used),
            "server's MiB before": before[1] / 1024, "server's MiB with them": after[1] / 1024,
            "a new client's answer, ms, alone": alone, "... beside them": beside,
            "4 at work, median ms, alone": median, "... median beside them, times that": median_beside / median,
            "4 at work, p99 ms, alone": p99, "... p99 beside them, times that": p99_beside / p99}


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    spare = 200
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < count + spare:
        raise SystemExit(f"connections: the limit of open files is {hard}; {count + spare} are needed")
    with tempfile.TemporaryDirectory() as scratch:
        installation = make_installation(pathlib.Path(scratch) / "data", orgs=("acme",))
        with Server(installation, "--max-connections", count + spare, "--auth-timeout", "120s") as server:
            for name, value in measure(server, count).items():
                print(f"{name:36} {value:12.2f}")


if __name__ == "__main__":
    main()
