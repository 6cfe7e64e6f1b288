"""The end of old segments on a real server, whose clock is the test's (faults.c): holds, the trail, a server that is
killed in between, and what both verifiers say of a log that begins in its middle."""
import json
import shutil
import struct

import pytest

from harness import BUILD, Server, eventually, hatidata
from rest import Rest
from signed_log import SignedLog
from twice import both
from verifier import Key, verify, verify_iam

WEEK = 7 * 86400
LAW = 2557
IAM = "/v1/environments/hatidata/audit/iam"
FAULTS = BUILD / "tests" / "audit" / "libfaults.so"


class OldLog(SignedLog):
    def __init__(self, folder):
        super().__init__(folder)
        self.clock, self.ahead, self.jump = folder / "clock", 0, 0
        self.set_clock()

    def set_clock(self):
        if not self.clock.exists():
            self.clock.write_bytes(struct.pack("qq", self.ahead, self.jump))
        with open(self.clock, "r+b") as f:
            f.write(struct.pack("qq", self.ahead, self.jump))

    def serve(self, *options, fault=None):
        env = {"LD_PRELOAD": str(FAULTS), "HATIDATA_CLOCK": str(self.clock), **({"HATIDATA_FAULT": fault} if fault else {})}
        return Server(self.installation, "--audit-checkpoint-entries", 8, "--audit-segment", "64KiB",
                      "--audit-anchors", f"folder:{self.anchor}", *options, env=env)

    def live(self, server, weeks):
        with server.connect("owner@acme") as conn:
            for _ in range(weeks):
                self.ahead += WEEK
                self.set_clock()
                conn.execute("SELECT 1", prepare=False)

    def segments(self):
        return sorted(p.name for p in self.folder.glob("audit-*.jsonl"))

    def kept(self):
        return sorted(self.folder.glob("checkpoint-*"))

    def verify(self, *options, folder=None):
        done = hatidata("audit", "verify", folder or self.folder, "--json", *options, check=False)
        return json.loads(done.stdout)

    def both_verify(self, folder=None):
        """By the program and by the page's verifier, with the key; then by both without. What they say of it."""
        return [both(folder or self.folder, self.key()), both(folder or self.folder)]


def nudge(server, until):
    """The log looks for what expired after each checkpoint."""
    with server.connect("owner@acme") as conn:
        def more():
            for _ in range(6):
                conn.execute("SELECT 1", prepare=False)
            return until()
        eventually(more)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A log with segments that are old enough, and a legal hold; the server is stopped."""
    log = OldLog(tmp_path_factory.mktemp("retention"))
    log.installation.run("audit", "hold", "--org", "acme", "--reason", "Doe v. Acme")
    with log.serve() as server:
        log.live(server, LAW // 7 + 140)
        nudge(server, lambda: True)
    assert len(log.segments()) >= 6 and log.segments()[0] == "audit-000001.jsonl" and not log.kept()
    assert log.both_verify() == [True, True]
    return log


def test_old_segments_expire_once_no_hold_stands(old, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(old.folder, before)
    held = old.installation.run("audit", "holds", "--org", "acme").stdout
    assert "Doe v. Acme" in held
    hold = held.split("\t")[0]
    done = old.installation.run("audit", "lift", hold, "--org", "acme", check=False)
    assert done.returncode != 0 and "reason" in done.stderr
    old.installation.run("audit", "lift", hold, "--org", "acme", "--reason", "settled")
    for fault in ("kill-before-keep:1", "kill-after-keep:1", "kill-before-unlink:1", "kill-after-unlink:1"):
        server = old.serve(fault=fault).start(wait=False)
        assert server.process.wait(60) == -9, fault
        assert old.both_verify() == [True, True], fault
    with old.serve() as server:
        nudge(server, lambda: len(old.kept()) == 1 and old.segments()[0] > "audit-000002.jsonl")
        nudge(server, lambda: True)
    assert old.both_verify() == [True, True]
    anchored = ["--checkpoint", old.anchor]
    key = old.key()
    report = old.verify("--key", key, *anchored)
    assert report["chain_valid"] and report["expired_entries"] > 0 and report["anchored_checkpoints"] > 3
    said = hatidata("audit", "verify", old.folder, "--key", key).stdout
    assert f"entries 1..{report['expired_entries']} expired under retention ({LAW} days) on 20" in said
    assert "checkpoint checked\n" in said
    assert verify(old.folder, [Key(key)]).expired == report["expired_entries"]
    # An old copy put back, from before: its own bytes are right, and the anchor knows more.
    assert old.both_verify(before) == [True, True]
    assert "older copy" in old.verify("--key", key, *anchored, folder=before)["broken_at"]["reason"]


def test_the_trail_has_holds_and_wishes_before_and_after(old, tmp_path):
    old.installation.run("audit", "retention", "--org", "acme", "--days", "3000")
    assert "3000 days" in old.installation.run("audit", "retention", "--org", "acme").stdout
    done = old.installation.run("audit", "retention", "--org", "acme", "--days", str(LAW - 1), check=False)
    assert done.returncode != 0 and str(LAW) in done.stderr
    with old.serve() as server:
        admin, auditor, other = (Rest(server, who) for who in ("admin@acme", "auditor@acme", "admin@globex"))
        wish, holds = "/v1/organizations/acme/audit-retention", "/v1/organizations/acme/legal-holds"
        assert auditor("GET", wish).json() == {"days": 3000, "least_days": LAW}
        assert admin("PUT", wish, {"days": 30}).status_code == 400
        assert auditor("PUT", wish, {"days": 4000}).status_code == 403
        hold = admin("POST", holds, {"reason": "Roe v. Acme"}).json()
        assert auditor("GET", holds).json()["data"] == [hold]
        theirs = f"/v1/organizations/globex/legal-holds/{hold['id']}/lift"
        assert other("POST", theirs, {"reason": "mine"}).status_code == 404
        assert admin("POST", f"{holds}/{hold['id']}/lift", {"reason": "won"}).status_code == 200
        eventually(lambda: auditor("GET", IAM).json()["data"][0]["action"] == "hold.lift")
        told = auditor("GET", "/v1/audit/iam/verify").json()
        assert told["chain_valid"] and told["entry_count"] >= 5 and told["break"] is None
    alone = tmp_path / "iam.jsonl"
    hatidata("audit", "export", old.folder, "--kind", "iam", "--out", alone)
    entries = [json.loads(line) for line in open(alone)]
    changes = {(e["action"], e.get("before"), e.get("after")) for e in entries}
    assert ("retention.set", None, '{"days":3000}') in changes
    placed = next(e for e in entries if e["action"] == "hold.place" and "Roe" in e["after"])
    lifted = next(e for e in entries if e["action"] == "hold.lift" and e["resource"] == placed["resource"])
    assert lifted["before"] == placed["after"] and json.loads(lifted["after"]) == {"lifted_because": "won"}
    # IAM entries alone are a chain: by the program, and by the page's verifier.
    assert hatidata("audit", "verify", alone, "--iam").returncode == 0
    lines = alone.read_bytes().splitlines(keepends=True)
    assert verify_iam(alone) == ([], len(entries))
    for edit in (lines[:1] + lines[2:], lines[:-2] + lines[:-3:-1], [lines[0].replace(b'"actor":"', b'"actor":"x', 1)] + lines[1:]):
        alone.write_bytes(b"".join(edit))
        assert hatidata("audit", "verify", alone, "--iam", check=False).returncode == 1
        assert verify_iam(alone)[0]


def test_no_edit_of_what_is_kept_passes(old, tmp_path):
    def edited(edit):
        copy = tmp_path / "log"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(old.folder, copy)
        kept = sorted(copy.glob("checkpoint-*"))[-1]
        kept.chmod(0o600)
        edit(copy, kept)
        return old.both_verify(copy)

    first = old.segments()[0]
    assert edited(lambda copy, kept: None) == [True, True]
    assert edited(lambda copy, kept: kept.unlink()) == [False, False]
    assert edited(lambda copy, kept: (copy / first).unlink()) == [False, False]
    assert edited(lambda copy, kept: (copy / old.segments()[1]).unlink()) == [False, False]
    assert edited(lambda copy, kept: kept.rename(copy / "checkpoint-000000000000000007")) == [False, False]
    # Forged: without the key its signature isn't looked at, but no entry tells of it.
    for old_text, new in (("through audit-0", "through audit-1"), ("after 2557", "after 2558"), ("\nexpired", "\nexpires")):
        assert edited(lambda copy, kept: kept.write_text(kept.read_text().replace(old_text, new))) == [False, False]
    # A checkpoint that is signed, for another purpose; and one of another log.
    other = min(old.anchor.glob("checkpoint-*"))
    assert edited(lambda copy, kept: kept.write_bytes(other.read_bytes())) == [False, False]


def test_a_forged_checkpoint_lets_no_young_segment_go(old, tmp_path):
    """Who can write files alone makes the kept one say that more has gone."""
    copy = tmp_path / "log"
    shutil.copytree(old.folder, copy)
    segments = sorted(copy.glob("audit-*.jsonl"))
    opening = json.loads(open(segments[2]).readline())
    kept = sorted(copy.glob("checkpoint-*"))[-1]
    from verifier import Tree
    import base64
    lines = kept.read_text().split("\n")
    n = opening["seq"] - 1
    lines[1], lines[2] = str(n), base64.b64encode(Tree.of(n, opening["tree"]).root()).decode()
    lines[3] = lines[3].replace(lines[3].split(" ")[3], segments[1].name)
    (copy / f"checkpoint-{n:018d}").write_text("\n".join(lines))
    segments[0].unlink()
    segments[1].unlink()
    assert old.both_verify(copy) == [False, False]


def test_a_clock_that_is_set_forward_ends_nothing(tmp_path):
    log = OldLog(tmp_path)
    with log.serve() as server:
        with server.connect("owner@acme") as conn:
            for years in range(1, 9):
                log.jump = years * 8 * 365 * 86400
                log.set_clock()
                for _ in range(20):
                    conn.execute("SELECT 1", prepare=False)
    log.jump += 20 * 365 * 86400
    log.set_clock()
    with log.serve() as server:
        nudge(server, lambda: True)
    assert log.segments()[0] == "audit-000001.jsonl" and not log.kept()
    assert log.both_verify() == [True, True]
    told = [json.loads(line)["action"] for p in log.folder.glob("audit-*.jsonl") for line in open(p)
            if '"kind":"system"' in line]
    assert told.count("clock_set_forward") == 8


def test_a_server_keeps_for_no_less_than_the_law(signed):
    done = signed.installation.run("serve", "--audit-retention", str(LAW - 1), check=False)
    assert done.returncode != 0 and "audit-retention" in done.stderr


def test_an_object_store_keeps_a_checkpoint_as_long_as_its_entries(signed):
    anchor = ["--audit-anchors", "s3://bucket/prefix", "--audit-s3-endpoint", "https://127.0.0.1:1"]
    for options in (["--audit-anchor-retention", f"{LAW - 1}d"], ["--audit-retention", "4000"]):
        done = signed.installation.run("serve", *anchor, *options, check=False)
        assert done.returncode != 0 and "audit_anchor_retention" in done.stderr, done.stderr
        assert "as long as the entries" in done.stderr and "hint: Set audit_anchor_retention = " in done.stderr


def test_a_wish_beyond_an_object_stores_lock_is_told(signed):
    signed.installation.run("audit", "retention", "--org", "acme", "--days", "4000")
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-central-1"}
    with Server(signed.installation, "--audit-anchors", "s3://bucket/prefix", "--audit-s3-endpoint",
                "https://127.0.0.1:1", env=keys) as server:
        assert "set audit_anchor_retention = 4000d" in server.log()
