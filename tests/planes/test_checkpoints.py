"""The control plane keeps what proxies' audit logs were: a log that was cut, put back from a copy or begun anew is found
out there, by who can't trust the proxy's host."""
import json
import os
import shutil
import subprocess

import pytest

from harness import HATIDATA, eventually
from planes import Proxy
from rest import Rest

OFTEN = ("--audit-checkpoint-entries", 8)


def ask(proxy, n):
    with proxy.connect("owner@acme") as conn:
        conn.autocommit = True
        for i in range(n):
            conn.execute(f"SELECT {i}")


class Auditor:
    """Somebody with the proxy's log, a sign-in at the control plane and the program."""

    def __init__(self, control, folder):
        self.env = {**os.environ, "XDG_CONFIG_HOME": str(folder / "auditor")}
        key = folder / "key"
        key.touch(0o600)
        key.write_text(control.installation.principals["auditor@acme"].key)
        self.run("login", f"https://localhost:{control.control_port}", "--api-key-file", key, "--ca-file",
                 control.installation.ca)

    def run(self, *args, code=0):
        done = subprocess.run([str(HATIDATA), *map(str, args)], env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def verify(self, proxy, code=0):
        return self.run("audit", "verify", proxy.installation.audit, "--anchor", "control", code=code)


@pytest.fixture
def auditor(control, tmp_path):
    return Auditor(control, tmp_path)


def kept(control):
    """All of them, by pages of seven."""
    rows, cursor = [], ""
    rest = Rest(control, "auditor@acme")
    while cursor is not None:
        page = rest.ok("GET", f"/v1/audit/checkpoints?limit=7{cursor and '&cursor='}{cursor}")
        rows, cursor = rows + page["data"], page["pagination"]["cursor"]
    assert len({r["checkpoint_id"] for r in rows}) == len(rows)
    return rows


def last_seq(proxy):
    return json.loads(sorted(proxy.installation.audit.glob("*.jsonl"))[-1].read_text().splitlines()[-1])["seq"]


def test_a_cut_log_an_old_copy_and_a_new_log_are_found_out(control, auditor, tmp_path):
    proxy = Proxy(control, tmp_path / "east", *map(str, OFTEN))
    with proxy:
        ask(proxy, 20)
    rows = kept(control)
    assert max(r["entries"] for r in rows) == last_seq(proxy) - 1  # the end, too
    assert len({(r["proxy_id"], r["log_id"]) for r in rows}) == 1 and not any(r["refused"] for r in rows)
    assert f"agrees with all {len(rows)} checkpoints" in auditor.verify(proxy)

    copy = shutil.copytree(proxy.installation.audit, tmp_path / "copy")
    with proxy:
        ask(proxy, 40)
    assert "agrees with all" in auditor.verify(proxy)
    segment = sorted(proxy.installation.audit.glob("*.jsonl"))[-1]
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:-9]))
    assert "its end was cut off" in auditor.verify(proxy, code=1)

    shutil.rmtree(proxy.installation.audit)
    shutil.copytree(copy, proxy.installation.audit)
    with proxy:
        ask(proxy, 5)
        eventually(lambda: proxy.metric("hatidata_audit_anchor_contradictions_total") > 0)
        assert "contradicts" in proxy.log() and "contradicts" in control.log()
        eventually(lambda: "alert: anchor_contradicts" in control.log() and "alert: anchor_contradicts" in proxy.log())
        ask(proxy, 100)  # past what it was
    assert sum(r["refused"] for r in kept(control)) == 1
    assert "BROKEN" in auditor.verify(proxy, code=1)

    shutil.rmtree(proxy.installation.audit)
    with proxy:
        ask(proxy, 5)
    control.stop()
    trail = [json.loads(line) for f in sorted(control.installation.audit.glob("*.jsonl")) for line in open(f)]
    said = [e["action"] for e in trail if e.get("action", "").endswith("-log")]
    assert said == ["proxy.begin-log", "proxy.contradict-log", "proxy.begin-log"]


@pytest.mark.thorough
def test_a_log_that_was_never_sent_is_not_vouched_for(control, auditor, tmp_path):
    proxy = Proxy(control, tmp_path / "east", *map(str, OFTEN))
    with proxy:
        ask(proxy, 5)
    other = Proxy(control, tmp_path / "west", *map(str, OFTEN))
    with other:
        ask(other, 5)
        eventually(lambda: len({r["log_id"] for r in kept(control)}) == 2)
    auditor.verify(proxy), auditor.verify(other)
    shutil.rmtree(proxy.installation.audit)
    control.stop()
    proxy.start(wait=False)
    eventually(lambda: list(proxy.installation.audit.glob("*.jsonl")))
    proxy.stop()
    control.start()
    assert "has no checkpoint of this log" in auditor.verify(proxy, code=1)
