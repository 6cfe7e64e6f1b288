"""A legal hold that is placed at the control plane, and the log of a proxy: what is old enough there stays while it
stands, and goes, under a signed checkpoint, once it is lifted."""
import json
import struct

from harness import BUILD, eventually, hatidata
from planes import Proxy
from rest import Rest

FAULTS = BUILD / "tests" / "audit" / "libfaults.so"
WEEK, WEEKS = 7 * 86400, 520  # nearly ten years: the law's seven, and what fills segments after


class OldProxy(Proxy):
    """A proxy whose wall clock is the test's (tests/audit/faults.c), with small segments."""

    def __init__(self, control, path):
        super().__init__(control, path, "--audit-segment", "64KiB", "--audit-checkpoint-entries", "8")
        self.clock, self.ahead = path / "clock", -WEEKS * WEEK
        self.set_clock()
        self.env = {**self.env, "LD_PRELOAD": str(FAULTS), "HATIDATA_CLOCK": str(self.clock)}

    def set_clock(self):
        if not self.clock.exists():
            self.clock.write_bytes(bytes(16))
        with open(self.clock, "r+b") as f:
            f.write(struct.pack("qq", self.ahead, 0))

    def live(self):
        with self.connect("owner@acme") as conn:
            while self.ahead < 0:
                self.ahead += WEEK
                self.set_clock()
                conn.execute("SELECT 1", prepare=False)

    def first_segment(self):
        return min(p.name for p in self.installation.audit.glob("audit-*.jsonl"))

    def verify(self):
        done = hatidata("audit", "verify", self.installation.audit, "--json", check=False)
        return json.loads(done.stdout)


def statements(proxy, n=40):
    """Enough for several checkpoints: after each the log looks for what has expired."""
    with proxy.connect("owner@acme") as conn:
        for _ in range(n):
            conn.execute("SELECT 1", prepare=False)


def test_a_hold_of_the_control_plane_keeps_a_proxys_log(control, tmp_path):
    admin = Rest(control, "admin@acme")
    holds = "/v1/organizations/acme/legal-holds"
    hold = admin("POST", holds, {"reason": "Doe v. Acme"}).json()
    with OldProxy(control, tmp_path / "east") as proxy:
        proxy.live()
        statements(proxy)
        assert proxy.first_segment() == "audit-000001.jsonl"
        kept = proxy.installation.audit / "audit-000001.jsonl"
        assert not list(proxy.installation.audit.glob("checkpoint-*"))
        assert admin("POST", f"{holds}/{hold['id']}/lift", {"reason": "settled"}).status_code == 200

        def gone():
            statements(proxy)
            return not kept.exists()
        eventually(gone)
        assert len(list(proxy.installation.audit.glob("checkpoint-*"))) == 1
    report = proxy.verify()
    assert report["chain_valid"] and report["expired_entries"] > 0
