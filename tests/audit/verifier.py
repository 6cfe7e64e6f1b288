"""Verifies an audit log from its files, written from docs/audit-format.md alone: nothing of the program is used.

    python3 tests/audit/verifier.py FOLDER [--key KEY] [--checkpoint FILE]...
"""
import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LINE = re.compile(rb'\{"v":([12]),"seq":([1-9][0-9]{0,17}),"timestamp":"(.{27})","kind":"(intent|outcome|iam|system)",'
                  rb'"entry_id":"([^"]+)".*,"prev_hash":"(.{64})","entry_hash":"(.{64})"\}', re.S)
LONGEST = 4 * 1024 * 1024


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
        self.checkpoints = 0

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

    def line(self, raw, number, first):
        need(len(raw) <= LONGEST and not any(b < 0x20 for b in raw), "the line's bytes")
        m = LINE.fullmatch(raw)
        need(m, "the line's members")
        version, seq = int(m[1]), int(m[2])
        covered = raw[:-81]
        digest = sha256(f"hatidata-audit-v{version}\n".encode(), covered)
        need(digest.hex().encode() == m[7], "entry_hash")
        need(seq == self.seq + 1 and m[6].decode() == self.last, "seq or prev_hash")
        need(version == self.version or (version > self.version and first), "version")
        entry = json.loads(raw)
        if first:
            self.opening(entry, version, number)
        if entry["kind"] == "system" and entry.get("action") == "checkpoint":
            origin, entries, root = read_checkpoint(entry["checkpoint"], self.key)
            need(origin == f"hatidata.audit/{self.log}" and entries == self.seq and root == self.tree.root(), "checkpoint")
            self.checkpoints += 1
        self.version, self.seq, self.last = version, seq, digest.hex()
        self.tree.add(digest)
        while self.kept and self.kept[0][1] == self.seq:
            origin, _, root = self.kept.pop(0)
            need(origin == f"hatidata.audit/{self.log}" and root == self.tree.root(), "a checkpoint from elsewhere")

    def folder(self, folder):
        """The number of entries. Broken says what is wrong; self.seq + 1 is where."""
        files = sorted(p for p in folder.iterdir() if re.fullmatch(r"audit-\d{6,}\.jsonl", p.name))
        for number, path in enumerate(files, 1):
            need(path.name == f"audit-{number:06d}.jsonl", "a segment is missing")
            data = path.read_bytes()
            for i, raw in enumerate(data.split(b"\n")[:-1]):
                self.line(raw, number, i == 0)
            need(data.endswith(b"\n") or (not data and number == len(files)), "the segment's end")
        need(self.seq, "no entries")
        need(not self.kept, "a checkpoint from elsewhere knows more")
        return self.seq


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--key")
    parser.add_argument("--checkpoint", type=pathlib.Path, action="append", default=[])
    args = parser.parse_args()
    try:
        v = Verifier(args.key, [p.read_text() for p in args.checkpoint])
        print(f"{v.folder(args.folder)} entries, {v.checkpoints} checkpoints: whole")
    except (Broken, ValueError) as e:
        sys.exit(f"broken: {e}")
