#!/usr/bin/env python3
"""Verifies an audit log from its files. Written from docs/audit-format.md alone, by somebody who had seen nothing else
of this program: where both agree it is by the page. What the page left open was settled in the page first.

    verifier.py FOLDER_OR_SEGMENT [--key FILE ...] [--anchor FOLDER_OR_FILE ...]
    verifier.py iam-check FILE
    verifier.py prove-check PROOF --key FILE ...

0: whole, 1: broken, 2: used wrongly. Needs Python 3.11; `cryptography` for signatures only.
"""

import base64
import binascii
import datetime
import hashlib
import json
import os
import re
import sys

MAX_LINE = 4 * 1024 * 1024
ZEROS = "0" * 64
WEEK = 604_800_000_000
ORIGIN = "hatidata.audit/"
SEGMENT_MEMBERS = ["action", "resource", "before", "log", "tree", "age", "iam_seq", "iam"]
SEGMENT_MEMBERS_OF = {1: SEGMENT_MEMBERS[:3], 2: SEGMENT_MEMBERS[:5], 3: SEGMENT_MEMBERS}

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
HEAD = re.compile(
    rf'\{{"v":([1-9][0-9]*),"seq":([1-9][0-9]{{0,17}}),"timestamp":"({TIME})","kind":"(intent|outcome|iam|system)",'
    rf'"entry_id":"({UUID})",'.encode())
TAIL = re.compile(rb',"prev_hash":"([0-9a-f]{64})","entry_hash":"([0-9a-f]{64})"\}')
TAIL_BYTES = 79 + 81
CONTROL = re.compile(rb"[\x00-\x1f]")
ACTION = re.compile(rb',"action":"([a-z_]+)"(?=,|\Z)')
NOTE_MEMBER = re.compile(rb',"checkpoint":"((?:[^"\\]|\\n)*)"(?=,|\Z)')
SEGMENT_NAME = re.compile(r"audit-([0-9]{6,9})\.jsonl")
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
DIGEST = re.compile(r"[0-9a-f]{64}")
SIGNATURE = re.compile("\u2014 ([!-*,-~]{1,127}) (.*)")
EXPIRED = re.compile(r"expired (\S+) through (\S+) after (0|[1-9][0-9]{0,8}) days")
MAX_NOTE = 64 * 1024
MAX_PROOF = 64
START = datetime.datetime(1970, 1, 1)


class Wrong(Exception):
    """Something isn't as the page has it."""


class Usage(Exception):
    pass


class Problem:
    """seq: the first entry that is wrong, or should stand there; None where it's no entry."""

    def __init__(self, file, line, what, seq=None):
        self.file, self.line, self.what, self.seq = file, line, what, seq

    def __str__(self):
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


# ---- Tree -----------------------------------------------------------------------------------------------------------

def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf(entry_hash):
    return hashlib.sha256(b"\x00" + entry_hash).digest()


class Tree:
    """The roots of the whole subtrees over the entries so far, the largest first."""

    def __init__(self):
        self.size, self.roots = 0, []

    @classmethod
    def of(cls, size, text):
        if not re.fullmatch(f"(?:[0-9a-f]{{64}}){{{size.bit_count()}}}", text):
            raise Wrong(f"tree isn't {size.bit_count()} roots of 64 digits, as {size} entries before have")
        tree = cls()
        tree.size = size
        tree.roots = [bytes.fromhex(text[i:i + 64]) for i in range(0, len(text), 64)]
        return tree

    def text(self):
        return "".join(root.hex() for root in self.roots)

    def add(self, entry_hash):
        root, size = leaf(entry_hash), self.size
        while size & 1:
            root = node(self.roots.pop(), root)
            size >>= 1
        self.roots.append(root)
        self.size += 1

    def root(self):
        if not self.roots:
            return hashlib.sha256(b"").digest()
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = node(left, root)
        return root


def check_inclusion(index, size, leaf_hash, path, root):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf_hash
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def check_consistency(first, second, first_root, second_root, path):
    """RFC 9162, section 2.1.4.2; trees of the same size need no proof and must be equal."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if not path:
        return False
    if first.bit_count() == 1:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


# ---- Keys and notes -------------------------------------------------------------------------------------------------

def strict_base64(text, what):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"{what} isn't base64") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"{what} isn't base64 as RFC 4648 writes it")
    return data


class Key:
    """NAME+ID+KEY"""

    def __init__(self, text):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        parts = text.split("+", 2)
        if len(parts) != 3 or not re.fullmatch("[!-*,-~]{1,127}", parts[0]) or \
                not re.fullmatch("[0-9a-fA-F]{8}", parts[1]):
            raise Wrong("isn't a public key NAME+ID+KEY")
        self.name, self.id = parts[0], bytes.fromhex(parts[1])
        data = strict_base64(parts[2], "the key")
        if len(data) != 33 or data[0] != 1:
            raise Wrong("isn't an Ed25519 key")
        if hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4] != self.id:
            raise Wrong("the key's id isn't that of its name and bytes")
        self.key = Ed25519PublicKey.from_public_bytes(data[1:])

    def signed(self, signature, text):
        from cryptography.exceptions import InvalidSignature
        try:
            self.key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


def read_keys(path):
    """The keys of a file, one a line."""
    try:
        with open(path, encoding="utf-8") as f:
            keys = [Key(line.strip()) for line in f if line.strip()]
    except (OSError, UnicodeDecodeError, Wrong) as e:
        raise Usage(f"{path}: {e}") from None
    if not keys:
        raise Usage(f"{path}: has no key")
    return keys


class Note:
    """A checkpoint: C2SP's signed-note with C2SP's tlog-checkpoint for its text."""

    def __init__(self, data):
        self.data = data
        try:
            note = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Wrong("the note isn't UTF-8") from None
        if len(data) > MAX_NOTE or CONTROL.search(data.replace(b"\n", b"")):
            raise Wrong("the note has control characters or more than 64 KiB")
        end = note.rfind("\n\n")
        if end < 0 or not note.endswith("\n") or end + 2 == len(note):
            raise Wrong("isn't a note: no empty line with signatures below it")
        text, below = note[:end + 1], note[end + 2:]
        self.text = text.encode()
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not all(lines):
            raise Wrong("the note isn't three lines and more, none of them empty")
        self.origin, number, root = lines[:3]
        self.more = lines[3:]
        self.log = self.origin.removeprefix(ORIGIN)
        if not self.origin.startswith(ORIGIN) or not re.fullmatch(UUID, self.log):
            raise Wrong(f"the note's origin isn't {ORIGIN}LOG")
        if not NUMBER.fullmatch(number) or number == "0":
            raise Wrong("the note's number of entries isn't one")
        self.size = int(number)
        self.root = strict_base64(root, "the note's root")
        if len(self.root) != 32:
            raise Wrong("the note's root isn't 32 bytes")
        self.signatures = []
        for line in below.split("\n")[:-1]:
            match = SIGNATURE.fullmatch(line)
            if not match:
                raise Wrong("a line below the note isn't a signature")
            try:
                signature = strict_base64(match[2], "")
            except Wrong:
                continue                    # somebody else's
            if len(signature) == 68:
                self.signatures.append((match[1], signature[:4], signature[4:]))

    def expired(self):
        """T, the number of S, D of the fourth line."""
        match = EXPIRED.fullmatch(self.more[0]) if len(self.more) == 1 else None
        number = segment_number(match[2]) if match else None
        if not match or not number or time_of(match[1]) is None:
            raise Wrong("the note's fourth line, and last, isn't 'expired T through S after D days'")
        return match[1], number, int(match[3])

    def check_signature(self, keys):
        """One of the keys at hand must have signed, and none wrongly; none at hand, nothing is asked."""
        found = False
        for name, key_id, signature in self.signatures:
            for key in keys:
                if name == key.name == self.origin and key_id == key.id:
                    if not key.signed(signature, self.text):
                        raise Wrong(f"the signature of the checkpoint over {self.size} entries is wrong")
                    found = True
        if keys and not found:
            raise Wrong(f"the checkpoint over {self.size} entries isn't signed with a key at hand")


# ---- Lines ----------------------------------------------------------------------------------------------------------

def time_of(text):
    try:
        time = datetime.datetime.fromisoformat(text[:-1]) if re.fullmatch(TIME, text) else START
    except ValueError:
        return None
    return time if time > START else None


def segment_name(number):
    return f"audit-{number:06d}.jsonl"


def segment_number(name):
    """None where it isn't the name of a segment."""
    match = SEGMENT_NAME.fullmatch(name)
    if not match or int(match[1]) < 1 or segment_name(int(match[1])) != name:
        return None
    return int(match[1])


class Entry:
    """A line by itself: its form and its hash."""

    def __init__(self, raw):
        if not raw.endswith(b"\n"):
            raise Wrong("the last line has no LF")
        line = raw[:-1]
        if len(line) > MAX_LINE:
            raise Wrong("the line has more than 4 MiB")
        if CONTROL.search(line):
            raise Wrong("the line has a byte below 0x20")
        head = HEAD.match(line)
        tail = TAIL.fullmatch(line[-TAIL_BYTES:])
        # The comma behind entry_id may be that before prev_hash.
        if not head or not tail or len(line) < head.end() - 1 + TAIL_BYTES:
            raise Wrong("the members that each line begins and ends with aren't as they must be")
        self.v, self.seq = int(head[1]), int(head[2])
        self.kind = head[4].decode()
        self.time = time_of(head[3].decode())
        self.prev_hash, self.hash = tail[1].decode(), tail[2].decode()
        self.rest = line[head.end() - 1:-TAIL_BYTES]    # the members between, each with the comma before it
        if self.v > 3:
            raise Wrong(f"version {self.v} isn't known")
        if self.time is None:
            raise Wrong("the timestamp is none")
        if hashlib.sha256(b"hatidata-audit-v%d\n" % self.v + line[:-81]).hexdigest() != self.hash:
            raise Wrong(f"entry {self.seq}: the hash isn't that of the line")
        match = ACTION.match(self.rest) if self.kind == "system" else None
        self.action = match[1].decode() if match else None

    def strings_after_id(self, wanted, alone=False):
        """The values of these members, which must be the first after entry_id, in this order, strings without
        escapes; alone: and all there are."""
        form = "".join(f',"{name}":"([^"\\\\]*)"' for name in wanted).encode()
        match = re.compile(form + rb"(?=,|\Z)").match(self.rest)
        if not match or alone and match.end() != len(self.rest):
            raise Wrong(f"entry {self.seq}: {', '.join(wanted)} don't follow entry_id{', alone' if alone else ''}")
        return [value.decode("utf-8", "replace") for value in match.groups()]

    def iam(self):
        number, before = self.strings_after_id(["iam_seq", "prev_iam"])
        if not NUMBER.fullmatch(number) or number == "0" or not DIGEST.fullmatch(before):
            raise Wrong(f"entry {self.seq}: iam_seq and prev_iam aren't a number and a hash")
        return int(number), before

    def note(self):
        match = NOTE_MEMBER.match(self.rest, ACTION.match(self.rest).end())
        if not match:
            raise Wrong(f"entry {self.seq}: no checkpoint behind its action")
        return Note(match[1].replace(b"\\n", b"\n"))


# ---- A log ----------------------------------------------------------------------------------------------------------

class Verifier:
    """Goes through a log's entries. What it finds is in `problems`; the chain is followed up to the first."""

    def __init__(self, keys=()):
        self.keys = list(keys)
        self.problems = []
        self.begun = False          # has there been an entry?
        self.broken = False         # did the chain end with a wrong entry?
        self.v = self.seq = 0       # of the entry before; seq is the number of entries, too
        self.last_hash = ZEROS
        self.time = None
        self.log = None             # the log's id
        self.tree = Tree()          # None where it isn't known: a segment of version 1 by itself
        self.age = None             # None before the first entry of version 3
        self.iam_seq, self.iam = 0, ZEROS
        self.expired = 0            # entries before the first that is there
        self.boundaries = {}        # entries before a segment: (number of the segment that ends there, root)
        self.roots = {}             # entries: root, where somebody asked for it
        self.asked = set()
        self.retentions = []        # the bytes of the notes in entries `retention`
        self.checkpoints = 0
        self.alone = False          # is it one segment by itself?

    def problem(self, file, line, what, seq=None):
        self.problems.append(Problem(file, line, what, seq))

    def stop(self, file, line, what):
        """The chain ends here."""
        self.problem(file, line, what, self.seq + 1)
        self.broken = True

    # -- each entry

    def take(self, entry, number, first, trusted):
        """One more entry, of the segment of this number. trusted: nothing of what came before is there."""
        if trusted:
            self.trust(entry)
        if entry.seq != self.seq + 1:
            raise Wrong(f"entry {entry.seq}: follows entry {self.seq}")
        if entry.prev_hash != self.last_hash:
            raise Wrong(f"entry {entry.seq}: prev_hash isn't the hash of the entry before")
        if entry.v < self.v:
            raise Wrong(f"entry {entry.seq}: the version falls from {self.v} to {entry.v}")
        if entry.v > self.v and not first:
            raise Wrong(f"entry {entry.seq}: the version rises within a segment")
        self.count_age(entry, trusted)
        if first:
            self.first_of_segment(entry, number)
        elif entry.action in ("log_created", "segment"):
            raise Wrong(f"entry {entry.seq}: {entry.action} in the middle of a segment")
        if entry.kind == "iam" and entry.v >= 3:
            iam_seq, prev_iam = entry.iam()
            if iam_seq != self.iam_seq + 1 or prev_iam != self.iam:
                raise Wrong(f"entry {entry.seq}: IAM entry {iam_seq} doesn't follow IAM entry {self.iam_seq}")
            self.iam_seq, self.iam = iam_seq, entry.hash
        if entry.action == "checkpoint":
            self.checkpoint_entry(entry)
        if entry.action == "retention":
            self.retention_entry(entry)
        self.v, self.seq, self.last_hash, self.time = entry.v, entry.seq, entry.hash, entry.time
        self.begun = True
        if self.tree:
            self.tree.add(bytes.fromhex(entry.hash))
            if self.tree.size in self.asked:
                self.roots[self.tree.size] = self.tree.root()

    def trust(self, entry):
        """The first entry there is, not of segment 1: begin with what it tells of before."""
        values = dict(zip(SEGMENT_MEMBERS, entry.strings_after_id(SEGMENT_MEMBERS_OF[entry.v], alone=True)))
        self.seq, self.last_hash, self.v = entry.seq - 1, entry.prev_hash, entry.v
        self.expired = self.seq
        if entry.v == 1 and not self.alone:
            raise Wrong(f"entry {entry.seq}: of version 1, which doesn't tell what was before")
        if entry.v > 1 and not re.fullmatch(UUID, values["log"]):
            raise Wrong(f"entry {entry.seq}: log isn't an id")
        self.log = values.get("log")
        self.tree = Tree.of(self.seq, values["tree"]) if "tree" in values else None
        if entry.v >= 3:
            if not NUMBER.fullmatch(values["age"]) or not NUMBER.fullmatch(values["iam_seq"]) or \
                    not DIGEST.fullmatch(values["iam"]):
                raise Wrong(f"entry {entry.seq}: age, iam_seq and iam aren't two numbers and a hash")
            self.age, self.iam_seq, self.iam = int(values["age"]), int(values["iam_seq"]), values["iam"]
            if (self.iam_seq == 0) != (self.iam == ZEROS):
                raise Wrong(f"entry {entry.seq}: iam_seq and iam contradict each other")
        if self.seq in self.asked and self.tree:
            self.roots[self.seq] = self.tree.root()

    def count_age(self, entry, trusted):
        if entry.v < 3 or trusted:
            return
        if self.age is None:
            self.age = 0
        elif entry.action != "clock_set_forward":
            gap = (entry.time - self.time) // datetime.timedelta(microseconds=1)
            self.age += min(max(gap, 0), WEEK)

    def first_of_segment(self, entry, number):
        if entry.kind != "system":
            raise Wrong(f"entry {entry.seq}: a segment can't begin with kind {entry.kind}")
        if number == 1:
            action, self.log = entry.strings_after_id(["action", "resource"], alone=True)
            if action != "log_created" or entry.seq != 1:
                raise Wrong(f"entry {entry.seq}: a log can't begin with it")
            if not re.fullmatch(UUID, self.log):
                raise Wrong(f"entry {entry.seq}: the log's id is none")
        else:
            values = dict(zip(SEGMENT_MEMBERS, entry.strings_after_id(SEGMENT_MEMBERS_OF[entry.v], alone=True)))
            if values["action"] != "segment":
                raise Wrong(f"entry {entry.seq}: a segment can't begin with {values['action']}")
            is_so = {"resource": segment_name(number - 1), "before": self.last_hash, "log": self.log,
                     "tree": self.tree and self.tree.text(), "age": str(self.age), "iam_seq": str(self.iam_seq),
                     "iam": self.iam}
            for name, value in values.items():
                if name != "action" and value != is_so[name]:
                    raise Wrong(f"entry {entry.seq}: {name} doesn't tell what was before")
        if self.tree:
            self.boundaries[self.seq] = (number - 1, self.tree.root())

    def check_note(self, note):
        if note.log != self.log:
            raise Wrong(f"the checkpoint over {note.size} entries is of another log")
        note.check_signature(self.keys)

    def checkpoint_entry(self, entry):
        if self.tree is None:
            return
        note = entry.note()
        self.check_note(note)
        if note.size != entry.seq - 1:
            raise Wrong(f"entry {entry.seq}: its checkpoint is over {note.size} entries")
        if note.root != self.tree.root():
            raise Wrong(f"entry {entry.seq}: its checkpoint has another root")
        self.checkpoints += 1

    def retention_entry(self, entry):
        if self.tree is None:
            return
        note = entry.note()
        note.expired()
        self.check_note(note)
        if note.size >= entry.seq:
            raise Wrong(f"entry {entry.seq}: its checkpoint is over entries after it")
        self.retentions.append(note.data)

    def compare_expired(self, note, through):
        """A checkpoint of entries that go: where they are among those known, it is over whole segments and agrees."""
        if note.size < self.expired:
            return
        if note.size not in self.boundaries:
            raise Wrong(f"the checkpoint over {note.size} entries isn't over whole segments")
        if self.boundaries[note.size][0] != through:
            raise Wrong(f"the checkpoint over {note.size} entries isn't through {segment_name(through)}")
        if self.boundaries[note.size][1] != note.root:
            raise Wrong(f"the checkpoint over {note.size} entries has another root")

    # -- a segment

    def segment(self, path, number, last):
        """number: None where the file's name doesn't tell."""
        name = os.path.basename(path)
        line = 0
        try:
            with open(path, "rb", opener=None if self.alone else open_file) as f:
                while raw := f.readline(MAX_LINE + 2):
                    line += 1
                    entry = Entry(raw)
                    number = number or self.number_of(entry)
                    self.take(entry, number, line == 1, not self.begun and number != 1)
        except Wrong as e:
            self.stop(name, line, str(e))
        except OSError as e:
            self.stop(name, 0, f"can't be read: {e.strerror}")
        if line == 0 and not self.broken and not last:
            self.stop(name, 0, "is empty, and not the last segment")

    @staticmethod
    def number_of(entry):
        if entry.action == "log_created":
            return 1
        number = segment_number(entry.strings_after_id(["action", "resource"])[1])
        if not number:
            raise Wrong(f"entry {entry.seq}: a segment can't begin with it")
        return number + 1

    # -- the folder

    def folder(self, folder):
        try:
            names = sorted(os.listdir(folder))
        except OSError as e:
            raise Usage(f"{folder}: {e.strerror}") from None
        segments = {}
        files = []
        for name in names:
            if name.startswith("checkpoint-"):
                try:
                    files.append((name, read_named_note(os.path.join(folder, name))))
                except Wrong as e:
                    self.problem(name, 0, str(e))
            elif name.startswith("audit-") and name.endswith(".jsonl"):
                number = segment_number(name)
                if number is None:
                    self.problem(name, 0, "is named like a segment, and is none", 1)
                else:
                    segments[number] = name
        files.sort(key=lambda file: file[1].size)
        for name, note in files:
            try:
                note.expired()
                note.check_signature(self.keys)
            except Wrong as e:
                self.problem(name, 0, str(e))
        numbers = sorted(segments)
        if numbers:
            self.gone(numbers[0], files)
        for i, number in enumerate(numbers):
            if i and number != numbers[i - 1] + 1:
                self.stop(segment_name(numbers[i - 1] + 1), 0, "is missing")
            if self.broken:
                break
            self.segment(os.path.join(folder, segments[number]), number, number == numbers[-1])
        if not self.begun and not self.broken:
            self.stop(folder, 0, "a log without entries")
        if self.begun:
            self.compare_files(files)

    def gone(self, first, files):
        """Are the segments before the first expired ones?"""
        may_begin = 1
        if files:
            try:
                may_begin = files[-1][1].expired()[1] + 1
            except Wrong:
                return      # told already
        if first > may_begin:
            self.problem(segment_name(first - 1), 0, "is missing, and no checkpoint stands for it",
                         files[-1][1].size + 1 if files else 1)

    def compare_files(self, files):
        for i, (name, note) in enumerate(files):
            try:
                through = note.expired()[1]
            except Wrong:
                continue
            try:
                if note.log != self.log:
                    raise Wrong("is of another log")
                if i == len(files) - 1 and self.expired > note.size:
                    raise Wrong(f"{self.expired} entries are gone, and the last checkpoint is over {note.size}")
                if self.broken and note.size > self.seq:
                    continue        # the chain ended before
                if note.size > self.seq:
                    raise Wrong(f"is over {note.size} entries, and the log has {self.seq}")
                self.compare_expired(note, through)
                if i == len(files) - 1 and not self.broken and note.data not in self.retentions:
                    raise Wrong("no entry `retention` has it")
            except Wrong as e:
                self.problem(name, 0, str(e))

    # -- checkpoints from elsewhere

    def compare_anchor(self, where, notes):
        """notes: (name, Note or Wrong). What they ask for must have been in `asked` before."""
        of_log = 0
        for name, note in notes:
            try:
                if isinstance(note, Wrong):
                    raise note
                self.check_note(note)
                of_log += 1
                if self.alone and self.expired and note.size <= self.expired:
                    raise Wrong(f"has {note.size} entries, none of them of this segment")
                if note.size < self.expired or self.broken and note.size > self.seq:
                    continue
                if note.size > self.seq:
                    raise Wrong(f"has {note.size} entries, and the log only {self.seq}: its end was cut off, "
                                "or an old copy put back")
                if self.roots.get(note.size) != note.root:
                    raise Wrong(f"over the first {note.size} entries the log has another root: it was written anew")
            except Wrong as e:
                self.problem(name, 0, str(e))
        if not of_log:
            self.problem(where, 0, "has no checkpoint of this log")


def open_file(path, flags):
    """No link, and nothing else than a file."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def read_note(path, opener=None):
    try:
        with open(path, "rb", opener=opener) as f:
            return Note(f.read(MAX_NOTE + 1))
    except OSError as e:
        raise Wrong(f"can't be read: {e.strerror}") from None


def read_named_note(path):
    note = read_note(path, open_file)
    name = f"checkpoint-{note.size:018d}"
    if os.path.basename(path) != name:
        raise Wrong(f"has the checkpoint that belongs into {name}")
    return note


def read_anchor(path):
    """What an anchor keeps in a folder, or the note of a file: (name, Note or Wrong)."""
    if os.path.isdir(path):
        files = [os.path.join(path, name) for name in sorted(os.listdir(path)) if not name.startswith(".")]
    elif os.path.exists(path):
        files = [path]
    else:
        raise Usage(f"{path}: isn't there")
    notes = []
    for file in files:
        try:
            notes.append((file, read_note(file)))
        except Wrong as e:
            notes.append((file, e))
    return notes


def verify(path, keys=(), anchors=()):
    """A log's folder, or one segment by itself. keys: of Key; anchors: paths. Gives the Verifier."""
    verifier = Verifier(keys)
    kept = [(str(anchor), read_anchor(str(anchor))) for anchor in anchors]
    for _, notes in kept:
        verifier.asked.update(note.size for _, note in notes if isinstance(note, Note))
    path = str(path)
    if os.path.isdir(path):
        verifier.folder(path)
    elif os.path.exists(path):
        verifier.alone = True
        verifier.segment(path, segment_number(os.path.basename(path)), True)
        if not verifier.begun and not verifier.broken:
            verifier.stop(os.path.basename(path), 0, "a segment without entries")
    else:
        raise Usage(f"{path}: isn't there")
    if verifier.begun:
        for where, notes in kept:
            verifier.compare_anchor(where, notes)
    return verifier


def verify_iam(path):
    """IAM entries by themselves: (problems, entries)."""
    name = os.path.basename(str(path))
    line = v = 0
    before = None
    try:
        with open(path, "rb") as f:
            while raw := f.readline(MAX_LINE + 2):
                line += 1
                entry = Entry(raw)
                if entry.kind != "iam":
                    raise Wrong(f"entry {entry.seq}: is of kind {entry.kind}")
                if entry.v < v:
                    raise Wrong(f"entry {entry.seq}: the version falls")
                v = entry.v
                if v < 3:
                    continue
                number, prev = entry.iam()
                if before is None:
                    if number == 1 and prev != ZEROS:
                        raise Wrong(f"entry {entry.seq}: the first IAM entry has one before it")
                elif (number - 1, prev) != before:
                    raise Wrong(f"entry {entry.seq}: IAM entry {number} doesn't follow IAM entry {before[0]}")
                before = number, entry.hash
    except Wrong as e:
        return [Problem(name, line, str(e))], line
    except OSError as e:
        raise Usage(f"{path}: {e.strerror}") from None
    return ([] if line else [Problem(name, 0, "has no entries")]), line


# ---- Proofs ---------------------------------------------------------------------------------------------------------

def check_proof(text, keys):
    """Raises Wrong, or gives what the proof shows."""
    def unique(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a member is there twice")
        return dict(pairs)

    def no_constant(name):
        raise ValueError(name)
    try:
        proof = json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise Wrong("isn't JSON") from None
    if not isinstance(proof, dict) or type(proof.get("version")) is not int or proof["version"] != 1:
        raise Wrong("isn't a proof of version 1")

    def string(name):
        if not isinstance(proof.get(name), str):
            raise Wrong(f"has no {name}")
        try:
            return proof[name].encode("utf-8")
        except UnicodeEncodeError:
            raise Wrong(f"its {name} isn't text") from None
    hashes = proof.get("proof")
    if not isinstance(hashes, list) or not all(isinstance(h, str) for h in hashes):
        raise Wrong("its proof isn't an array of hashes")
    path = [strict_base64(h, "a hash") for h in hashes]
    if len(path) > MAX_PROOF or any(len(h) != 32 for h in path):
        raise Wrong(f"more than {MAX_PROOF} hashes, or one that isn't 32 bytes")
    checkpoint = Note(string("checkpoint"))
    checkpoint.check_signature(keys)
    if proof.get("type") == "inclusion":
        entry = Entry(string("entry") + b"\n")
        if not check_inclusion(entry.seq - 1, checkpoint.size, leaf(bytes.fromhex(entry.hash)), path, checkpoint.root):
            raise Wrong(f"doesn't show that entry {entry.seq} is among the {checkpoint.size} of the checkpoint")
        return f"entry {entry.seq} is among the first {checkpoint.size} of {checkpoint.origin}"
    if proof.get("type") == "consistency":
        older = Note(string("from"))
        older.check_signature(keys)
        if older.origin != checkpoint.origin:
            raise Wrong("its checkpoints are of two logs")
        if not check_consistency(older.size, checkpoint.size, older.root, checkpoint.root, path):
            raise Wrong(f"doesn't show that the {checkpoint.size} entries begin with the older {older.size}")
        return f"the first {checkpoint.size} entries of {checkpoint.origin} begin with the older {older.size}"
    raise Wrong("is of no known type")


# ---- Command --------------------------------------------------------------------------------------------------------

def arguments(args):
    paths, options = [], {"--key": [], "--anchor": []}
    args = iter(args)
    for arg in args:
        if arg in options:
            value = next(args, None)
            if value is None:
                raise Usage(f"{arg} needs a file")
            options[arg].append(value)
        elif arg.startswith("-"):
            raise Usage(f"{arg} isn't known")
        else:
            paths.append(arg)
    return paths, [key for path in options["--key"] for key in read_keys(path)], options["--anchor"]


def main(args):
    paths, keys, anchors = arguments(args)
    command = paths.pop(0) if len(paths) == 2 and paths[0] in ("iam-check", "prove-check") else "verify"
    if len(paths) != 1:
        raise Usage("one log is wanted")
    if command == "prove-check":
        if not keys or anchors:
            raise Usage("prove-check takes --key, and nothing besides")
        try:
            with open(paths[0], "rb") as f:
                print("proven: " + check_proof(f.read(), keys))
        except Wrong as e:
            print(f"{paths[0]}: {e}")
            return 1
        except OSError as e:
            raise Usage(f"{paths[0]}: {e.strerror}") from None
        return 0
    if command == "iam-check":
        problems, entries = verify_iam(paths[0])
        whole = f"whole: {entries} IAM entries"
    else:
        verifier = verify(paths[0], keys, anchors)
        problems = verifier.problems
        whole = f"whole: {verifier.seq - verifier.expired} entries, {verifier.checkpoints} checkpoints"
        if verifier.expired:
            whole += f"; {verifier.expired} entries before are gone"
        if not keys:
            whole += "; no signature was checked"
    for problem in problems:
        print(problem)
    if problems:
        return 1
    print(whole)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Usage as e:
        print(f"verifier.py: {e}\n\n{__doc__}", file=sys.stderr)
        sys.exit(2)
