"""Results that wait on the disk for slow readers: encrypted, without a name, and in nobody's way."""
import contextlib
import os
import re

from harness import Server, eventually
from rawclient import Raw, query

NEEDLE = b"needle-of-the-spill"
ROWS = 300_000


def spilled(server):
    return int(re.search(r"^hatidata_result_spill_bytes_total (\d+)", server.get("/metrics")[1], re.M).group(1))


def open_files(server):
    """Of the spill folder: (path as the system tells it, content)."""
    fds = f"/proc/{server.process.pid}/fd"
    for fd in os.listdir(fds):
        with contextlib.suppress(FileNotFoundError):  # it may be closed meanwhile
            path = os.readlink(f"{fds}/{fd}")
            if path.startswith(str(server.installation.path / "spill")):
                with open(f"{fds}/{fd}", "rb") as f:
                    yield path, f.read()


def test_results_of_slow_readers(fresh):
    with Server(fresh, "--held-memory", "1MiB", "--held-total", "4MiB", "--workers", "2", "--event-loops", "1") as s:
        slow = [Raw(s).log_in("owner@acme") for _ in range(4)]
        for r in slow:
            r.send(query(f"SELECT '{NEEDLE.decode()}' || i FROM range({ROWS}) AS r(i)"))
        least = ROWS * (len(NEEDLE) + 12)
        eventually(lambda: spilled(s) >= 4 * (least - (2 << 20)))
        with s.connect("owner@acme") as other:
            for i in range(20):
                assert other.execute("SELECT %s::int", (i,)).fetchone() == (i,)
        files = list(open_files(s))
        assert len(files) >= 4 and sum(len(content) for _, content in files) > 4 * (least - (2 << 20))
        for path, content in files:
            assert path.endswith(" (deleted)")
            assert NEEDLE not in content and b"needle" not in content
        assert [p for p in (fresh.path / "spill").rglob("*") if p.is_file()] == []
        got = slow[0].until("Z")
        assert sum(m.kind == "D" for m in got) == ROWS and got[-2].tag == f"SELECT {ROWS}"
        assert got[1].row == [NEEDLE + b"0"] and got[-3].row == [NEEDLE + str(ROWS - 1).encode()]
        for r in slow:
            r.socket.close()
        eventually(lambda: not list(open_files(s)))
