"""Verifies an audit log from its files, written from docs/audit-format.md alone: nothing of the program is used.

    python3 tests/audit/verifier.py FOLDER [--key KEY] [--checkpoint FILE]...
"""
import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LINE = re.compile(rb'\{"v":([123]),"seq":([1-9][0-9]{0,17}),"timestamp":"(.{27})","kind":"(intent|outcome|iam|system)",'
                  rb'"entry_id":"([^"]+)".*,"prev_hash":"(.{64})","entry_hash":"(.{64})"\}', re.S)
LONGEST = 4 * 1024 * 1024
WEEK = 7 * 86400 * 1000000
NUMBER = re.compile("0|[1-9][0-9]{0,17}")
EXPIRED = re.compile(r"expired (.{27}) through audit-(\d{6,})\.jsonl after ([1-9]\d*) days")


class Broken(Exception):
    pass


def need(holds, why):
    if not holds:
        raise Broken(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


class Tree:
    """The whole subtrees of a growing Merkle tree, the largest first, as (height, root)."""

    def __init__(self):
        self.subtrees, self.size = [], 0

    def add(self, entry_hash):
        height, root = 0, sha256(b"\x00", entry_hash)
        while self.subtrees and self.subtrees[-1][0] == height:
            root = sha256(b"\x01", self.subtrees.pop()[1], root)
            height += 1
        self.subtrees.append((height, root))
        self.size += 1

    def root(self):
        roots = [root for _, root in self.subtrees]
        whole = roots.pop()
        while roots:
            whole = sha256(b"\x01", roots.pop(), whole)
        return whole

    def text(self):
        return "".join(root.hex() for _, root in self.subtrees)

    @classmethod
    def of(cls, size, text):
        """As it is over `size` entries, by a segment's first entry."""
        tree = cls()
        heights = [h for h in range(size.bit_length() - 1, -1, -1) if size >> h & 1]
        need(re.fullmatch(f"[0-9a-f]{{{64 * len(heights)}}}", text), "a tree")
        roots = [bytes.fromhex(text[i:i + 64]) for i in range(0, len(text), 64)]
        tree.subtrees, tree.size = list(zip(heights, roots)), size
        return tree


def micros(timestamp):
    at = datetime.datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


class Key:
    def __init__(self, text):
        self.name, self.id, rest = text.split("+", 2)
        raw = base64.b64decode(rest, validate=True)
        need(raw[0] == 1 and len(raw) == 33, "not an Ed25519 key")
        need(sha256(self.name.encode(), b"\n", raw)[:4].hex() == self.id, "the key's id is wrong")
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])


def read_checkpoint(note, key):
    """Origin, entries and root of a note; signed, where there is a key."""
    text, empty, signatures = note.rpartition("\n\n")
    need(empty, "no signed note")
    text += "\n"
    if key:
        signed = False
        for line in signatures.splitlines():
            dash, name, value = line.split(" ")
            need(dash == "\N{EM DASH}", "no line of a signature")
            raw = base64.b64decode(value, validate=True)
            if name == key.name and raw[:4].hex() == key.id:
                try:
                    key.public.verify(raw[4:], text.encode())
                except InvalidSignature:
                    raise Broken("a wrong signature") from None
                signed = True
        need(signed, "not signed by the key")
    origin, entries, root = text.split("\n")[:3]
    return origin, int(entries), base64.b64decode(root, validate=True)


class Verifier:
    def __init__(self, key=None, checkpoints=()):
        self.key = Key(key) if key else None
        self.kept = sorted((read_checkpoint(c, self.key) for c in checkpoints), key=lambda c: c[1])
        self.version, self.seq, self.last, self.log, self.tree = 1, 0, "0" * 64, None, Tree()
        self.at, self.age, self.iam = None, 0, (0, "0" * 64)
        self.checkpoints, self.expired, self.expired_on, self.expiries, self.told = 0, 0, None, [], set()

    def trust(self, entry):
        """The first line that there is, where segments expired: what it says of those before."""
        self.seq, self.last, self.log, self.version = entry["seq"] - 1, entry["prev_hash"], entry["log"], entry["v"]
        self.tree = Tree.of(self.seq, entry["tree"])
        need(self.seq <= self.expiries[-1][1], "more is missing than expired")
        self.expired, self.expired_on = self.seq, self.expiries[-1][4]
        self.kept = [c for c in self.kept if c[1] >= self.seq]
        self.compare()

    def compare(self):
        while self.kept and self.kept[0][1] == self.seq:
            origin, _, root = self.kept.pop(0)
            need(origin == f"hatidata.audit/{self.log}" and root == self.tree.root(), "a checkpoint from elsewhere")

    def gap(self, entry):
        if self.version < 3 or self.at is None or entry.get("action") == "clock_set_forward" and entry["kind"] == "system":
            return 0
        return min(max(micros(entry["timestamp"]) - self.at, 0), WEEK)

    def iam_entry(self, entry):
        members = list(entry)[list(entry).index("entry_id"):]
        need(members[1:3] == ["iam_seq", "prev_iam"] and NUMBER.fullmatch(entry["iam_seq"]), "an IAM entry's place")
        need((int(entry["iam_seq"]) - 1, entry["prev_iam"]) == self.iam, "another IAM entry before")
        self.iam = int(entry["iam_seq"]), entry["entry_hash"]

    def opening(self, entry, version, number):
        members = list(entry)[list(entry).index("entry_id"):]
        need(entry["kind"] == "system" and members[1:3] == ["action", "resource"], "no first entry of a segment")
        if number == 1:
            need(entry["action"] == "log_created" and self.seq == 0, "not log_created")
            self.log = entry["resource"]
            return
        need(entry["action"] == "segment" and entry["resource"] == f"audit-{number - 1:06d}.jsonl", "another segment")
        need(entry.get("before") == self.last, "another hash before")
        if version >= 2:
            need(members[3:6] == ["before", "log", "tree"], "members of the first entry")
            need(entry["log"] == self.log and entry["tree"] == self.tree.text(), "another tree")
        if version >= 3:
            need(members[6:9] == ["age", "iam_seq", "iam"], "members of the first entry")
            need(NUMBER.fullmatch(entry["age"]) and NUMBER.fullmatch(entry["iam_seq"]), "age and IAM entries")
            if self.at is None:  # on trust
                self.age, self.iam = int(entry["age"]), (int(entry["iam_seq"]), entry["iam"])
            need(int(entry["age"]) == self.age + self.gap(entry), "another age")
            need((int(entry["iam_seq"]), entry["iam"]) == self.iam, "another IAM entry")

    def line(self, raw, number, first):
        need(len(raw) <= LONGEST and not any(b < 0x20 for b in raw), "the line's bytes")
        version, seq, previous, digest, entry = read_line(raw)
        if first and self.seq == 0 and number > 1:
            self.trust(entry)
        need(seq == self.seq + 1 and previous == self.last, "seq or prev_hash")
        need(version == self.version or (version > self.version and first), "version")
        if first:
            self.opening(entry, version, number)
        if entry["kind"] == "iam" and version >= 3:
            self.iam_entry(entry)
        if entry["kind"] == "system" and entry.get("action") == "checkpoint":
            origin, entries, root = read_checkpoint(entry["checkpoint"], self.key)
            need(origin == f"hatidata.audit/{self.log}" and entries == self.seq and root == self.tree.root(), "checkpoint")
            self.checkpoints += 1
        if entry["kind"] == "system" and entry.get("action") == "retention":
            self.told.add(entry["checkpoint"])
        self.age += self.gap(entry) if self.at is not None else 0
        self.version, self.seq, self.last, self.at = version, seq, digest.hex(), micros(entry["timestamp"])
        self.tree.add(digest)
        self.compare()

    def read_expiries(self, folder):
        """What stands for expired segments: origin, entries, root, last segment, time, text; by entries."""
        for path in folder.glob("checkpoint-*"):
            note = path.read_bytes().decode()
            origin, entries, root = read_checkpoint(note, self.key)
            lines = note.rpartition("\n\n")[0].split("\n")
            m = EXPIRED.fullmatch(lines[3]) if len(lines) == 4 else None
            need(m and path.name == f"checkpoint-{entries:018d}", "no checkpoint of expired entries")
            self.expiries.append((origin, entries, root, int(m[2]), m[1], note))
        self.expiries.sort(key=lambda x: x[1])
        self.kept = sorted(self.kept + [x[:3] for x in self.expiries], key=lambda c: c[1])

    def folder(self, folder):
        """The number of entries. Broken says what is wrong; self.seq + 1 is where."""
        files = sorted((p for p in folder.iterdir() if re.fullmatch(r"audit-\d{6,}\.jsonl", p.name)),
                       key=lambda p: int(p.name[6:-6]))
        need(files, "no entries")
        self.read_expiries(folder)
        begin = int(files[0].name[6:-6])
        need(begin <= (self.expiries[-1][3] if self.expiries else 0) + 1, "a segment is missing")
        for number, path in enumerate(files, begin):
            need(path.name == f"audit-{number:06d}.jsonl", "a segment is missing")
            data = path.read_bytes()
            for i, raw in enumerate(data.split(b"\n")[:-1]):
                self.line(raw, number, i == 0)
            need(data.endswith(b"\n") or (not data and path == files[-1]), "the segment's end")
        need(self.seq, "no entries")
        need(not self.kept, "a checkpoint from elsewhere knows more")
        need(not self.expiries or self.expiries[-1][5] in self.told, "no entry tells of what expired")
        return self.seq - self.expired


def read_line(raw):
    m = LINE.fullmatch(raw)
    need(m, "the line's members")
    digest = sha256(f"hatidata-audit-v{int(m[1])}\n".encode(), raw[:-81])
    need(digest.hex().encode() == m[7], "entry_hash")
    return int(m[1]), int(m[2]), m[6].decode(), digest, json.loads(raw)


def iam_alone(data):
    """The number of IAM entries in a file that has nothing else."""
    v = Verifier()
    for i, raw in enumerate(data.split(b"\n")[:-1]):
        version, _, _, _, entry = read_line(raw)
        need(version >= 3 and entry["kind"] == "iam", "no IAM entry")
        if i == 0:
            v.iam = int(entry["iam_seq"]) - 1, entry["prev_iam"]
        v.iam_entry(entry)
    return v.iam[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--key")
    parser.add_argument("--checkpoint", type=pathlib.Path, action="append", default=[])
    args = parser.parse_args()
    try:
        v = Verifier(args.key, [p.read_text() for p in args.checkpoint])
        print(f"{v.folder(args.folder)} entries, {v.checkpoints} checkpoints: whole")
        if v.expired:
            print(f"entries 1 to {v.expired} expired on {v.expired_on}")
    except (Broken, ValueError) as e:
        sys.exit(f"broken: {e}")
