"""Logs made from entries, by docs/audit-format.md and signed with a key of the test's own: what an attacker with the
files can make, and where he has the signing key, too."""
import base64
import datetime
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import SEGMENT_MEMBERS_OF, WEEK, ZEROS, Tree, segment_name

SECRET = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = b"\x01" + SECRET.public_key().public_bytes_raw()
LOG = "01a21a22-0000-7000-8000-000000000000"
HEAD = ("v", "seq", "timestamp", "kind", "entry_id")


def key_id(name):
    return hashlib.sha256(name.encode() + b"\n" + PUBLIC).digest()[:4]


def key_of(log):
    name = "hatidata.audit/" + log
    return f"{name}+{key_id(name).hex()}+{base64.b64encode(PUBLIC).decode()}"


def sign(text, log=LOG):
    name = "hatidata.audit/" + log
    return f"{text}\n\u2014 {name} {base64.b64encode(key_id(name) + SECRET.sign(text.encode())).decode()}\n"


def text_of(log, n, root, *more):
    return "\n".join(["hatidata.audit/" + log, str(n), base64.b64encode(root).decode(), *more]) + "\n"


def note(log, n, root, *more):
    return sign(text_of(log, n, root, *more), log)


def rule(through, when="2033-01-31T23:59:59.123456Z", days=2557):
    return f"expired {when} through {segment_name(through)} after {days} days"


def entry(i, kind, **members):
    when = datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=i)
    members = {"entry_id": f"01a21a22-0000-7000-8000-{int(i):012x}", **members}
    return {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "kind": kind, **members}


def sample():
    """Four segments of ten entries, each a dict without what follows from others."""
    files = []
    for f in range(4):
        at = 10 * f
        first = ["segment", "log_created"][f == 0]
        files.append([entry(at, "system", action=first, resource=LOG),
                      entry(at + 1, "system", actor="hatidata", action="start"),
                      entry(at + 2, "iam", actor="a", action="user.create", resource="user/1"),
                      entry(at + 3, "intent", query_id="q", sql_redacted="SELECT '<email>', \"é\\\"\""),
                      entry(at + 4, "system", action="checkpoint"),
                      entry(at + 5, "outcome", query_id="q", rows_returned=1),
                      entry(at + 6, "iam", actor="a", action="user.suspend", resource="user/1"),
                      entry(at + 7, "intent", query_id="r", sql_redacted="SELECT 1"),
                      entry(at + 8, "outcome", query_id="r", rows_returned=1),
                      entry(at + 9, "system", action="checkpoint")])
    return files


def expiring(through, at=3, seq=None, days=2557):
    """An entry `retention` in segment at + 1; `seq`: over so many entries instead of the right number."""
    def edit(files):
        when = files[at][4]["timestamp"]
        told = entry(99, "system", action="retention", _rule=(through, seq, days))
        files[at].insert(5, {**told, "timestamp": when})
    return edit


class Remade:
    """`late(entry, covered)` changes the bytes before they are hashed, `renote(entry, note, self)` a note before it is
    put into its entry; `version(file)` is that of a file, 0 the first."""

    def __init__(self, files, late=None, renote=None, version=lambda file: 3):
        self.log, self.late, self.renote = files[0][0]["resource"], late, renote
        self.key = key_of(self.log)
        self.tree, self.roots, self.bounds, self.files = Tree(), [None], [], []
        self.seq, self.last, self.iam, self.age, self.at = 0, ZEROS, (0, ZEROS), None, None
        for i, f in enumerate(files):
            self.bounds.append(self.seq)
            self.files.append([self.line(dict(e), i, version(i)) for e in f])

    def line(self, e, file, v):
        self.seq += 1
        self.grow_older(e, v)
        e = {**{k: dict(e, v=v, seq=self.seq)[k] for k in HEAD}, **self.place(e, file, v), **e}
        if e["kind"] == "system" and e.get("action") in ("checkpoint", "retention"):
            text = self.note_of(e)
            e["checkpoint"] = self.renote(e, text, self) if self.renote else text
        covered = json.dumps({**e, "prev_hash": self.last}, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
        covered = self.late(e, covered) if self.late else covered
        digest = hashlib.sha256(b"hatidata-audit-v%d\n" % v + covered).digest()
        self.last = digest.hex()
        if e["kind"] == "iam" and v >= 3:
            self.iam = self.iam[0] + 1, self.last
        self.tree.add(digest)
        self.roots.append(self.tree.root())
        return covered + b',"entry_hash":"' + self.last.encode() + b'"}\n'

    def grow_older(self, e, v):
        at = datetime.datetime.fromisoformat(e["timestamp"][:-1])
        gap = (at - self.at) // datetime.timedelta(microseconds=1) if self.at else 0
        if v >= 3:
            counts = self.age is not None and not (e["kind"] == "system" and e.get("action") == "clock_set_forward")
            self.age = (self.age or 0) + (min(max(gap, 0), WEEK) if counts else 0)
        self.at = at

    def place(self, e, file, v):
        """The members that tell what was before."""
        if e["kind"] == "iam" and v >= 3:
            return {"iam_seq": str(self.iam[0] + 1), "prev_iam": self.iam[1]}
        if e.get("action") != "segment":
            return {}
        del e["resource"]
        e.pop("action")
        told = {"action": "segment", "resource": segment_name(file), "before": self.last, "log": self.log,
                "tree": self.tree.text(), "age": str(self.age), "iam_seq": str(self.iam[0]), "iam": self.iam[1]}
        return {name: told[name] for name in SEGMENT_MEMBERS_OF[v]}

    def note_of(self, e):
        if e["action"] == "checkpoint":
            return note(self.log, self.seq - 1, self.roots[self.seq - 1])
        through, n, days = e.pop("_rule")
        n = self.bounds[through] if n is None else n
        return note(self.log, n, self.roots[n], rule(through, days=days))

    def write(self, folder, gone=0):
        """All but the first `gone` segments."""
        folder.mkdir()
        for i, f in enumerate(self.files, 1):
            if i > gone:
                (folder / segment_name(i)).write_bytes(b"".join(f))
        return folder

    def keep(self, folder, through, n=None, name=None, text=None):
        """The file that stands for expired segments."""
        n = self.bounds[through] if n is None else n
        text = text or note(self.log, n, self.roots[n], rule(through))
        (folder / (name or f"checkpoint-{n:018d}")).write_text(text)
