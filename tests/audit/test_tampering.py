"""What somebody with write access may do to a log, by the program's verifier and by one that was written from the
format's page alone (verifier.py): both find the same, at the same entry, and nothing passes beside an anchor."""
import base64
import hashlib
import json
import os
import random
import shutil

import pytest

from twice import both, ours, theirs

ROUNDS = int(os.environ.get("HATIDATA_MUTATIONS", 54))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A log of several segments, its public key, and what its anchor has."""
    from signed_log import SignedLog
    signed = SignedLog(tmp_path_factory.mktemp("tampering"))
    with signed.serve() as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE t (a int)")
            for i in range(70):
                conn.execute(f"INSERT INTO t VALUES ({i})")
    assert len(list(signed.folder.glob("*.jsonl"))) >= 3
    return signed.folder, signed.key(), sorted(signed.anchor.glob("checkpoint-*"))


def test_both_find_the_log_whole(written):
    folder, key, kept = written
    assert ours(folder, key, kept) == theirs(folder, key, kept) == (True, None)
    assert ours(folder) == theirs(folder) == (True, None)


# --- edits, each of the files' lines; False: there is nothing to edit ---

def flip(lines, chance):
    f = chance.choice(lines)
    line = chance.randrange(len(f))
    at = chance.randrange(len(f[line]))
    f[line] = f[line][:at] + bytes([f[line][at] ^ 1 << chance.randrange(7)]) + f[line][at + 1:]


def drop(lines, chance):
    f = chance.choice([f for f in lines if len(f) > 2])
    del f[chance.randrange(len(f) - 1)]


def swap(lines, chance):
    f = chance.choice([f for f in lines if len(f) > 2])
    i = chance.randrange(len(f) - 1)
    f[i], f[i + 1] = f[i + 1], f[i]


def double(lines, chance):
    f = chance.choice(lines)
    i = chance.randrange(len(f))
    f.insert(i, f[i])


def cut_end(lines, chance):
    """Two entries at least: the last one is the last checkpoint, over all but itself."""
    if len(lines[-1]) > 2 and chance.random() < 0.7:
        del lines[-1][chance.randrange(1, len(lines[-1]) - 1):]
    else:
        lines.pop()
        del lines[-1][chance.randrange(1, len(lines[-1])):]


def tear(lines, chance):
    lines[-1][-1] = lines[-1][-1][:chance.randrange(1, len(lines[-1][-1]) - 1)]


def lose_file(lines, chance):
    lines[chance.randrange(len(lines) - 1)] = None


def move_line(lines, chance):
    a, b = chance.sample(range(len(lines)), 2)
    lines[b].insert(chance.randrange(len(lines[b]) + 1), lines[a].pop(chance.randrange(len(lines[a]))))


def rewrite(lines, chance):
    """An entry changed, and the chain after it made anew, trees too: what the hashes alone can't tell."""
    from verifier import Tree
    tree, last, iam = Tree(), "0" * 64, "0" * 64
    n = sum(map(len, lines))
    target, seq = chance.randrange(2, n), 0
    for f in lines:
        for i, raw in enumerate(f):
            seq += 1
            entry = json.loads(raw)
            if seq == target:
                entry["entry_id"] = "01a21a22-0000-7000-8000-000000000000"
            if entry.get("action") == "segment":
                entry["before"], entry["tree"], entry["iam"] = last, tree.text(), iam
            if entry.get("action") == "checkpoint":
                note = entry["checkpoint"].split("\n")
                note[1], note[2] = str(seq - 1), base64.b64encode(tree.root()).decode()
                entry["checkpoint"] = "\n".join(note)
            if entry["kind"] == "iam":
                entry["prev_iam"] = iam
            entry["prev_hash"] = last
            del entry["entry_hash"]
            covered = json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
            digest = hashlib.sha256(b"hatidata-audit-v3\n" + covered).digest()
            last = digest.hex()
            iam = last if entry["kind"] == "iam" else iam
            f[i] = covered + b',"entry_hash":"' + last.encode() + b'"}\n'
            tree.add(digest)


EDITS = [flip, drop, swap, double, cut_end, tear, lose_file, move_line, rewrite]
UNSEEN_ALONE = {cut_end, rewrite}  # by the files alone, without the key: docs/audit-format.md says so


def edited(folder, to, edit, chance):
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    files = sorted(folder.glob("*.jsonl"))
    lines = [f.read_bytes().splitlines(keepends=True) for f in files]
    edit(lines, chance)
    for path, f in zip(files, lines):
        if f is not None:
            (to / path.name).write_bytes(b"".join(f))
    return to


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.__name__)
def test_no_edit_passes_beside_an_anchor(written, tmp_path, edit):
    folder, key, kept = written
    chance = random.Random(edit.__name__)
    for _ in range(max(ROUNDS // len(EDITS), 5)):
        copy = edited(folder, tmp_path / "log", edit, chance)
        alone = ours(copy)
        assert alone == theirs(copy), "the two verifiers differ"
        assert alone[0] is False or edit in UNSEEN_ALONE
        assert both(copy, key, kept) is False, "it passed"


def test_what_the_page_says_is_unseen_is_unseen(written, tmp_path):
    """The table of docs/audit-format.md: a rewritten log passes without the key, and not with it."""
    folder, key, _ = written
    copy = edited(folder, tmp_path / "log", rewrite, random.Random(1))
    assert both(copy) is True
    assert both(copy, key) is False
    copy = edited(folder, tmp_path / "log", cut_end, random.Random(1))
    assert both(copy, key) is True


def test_a_log_signed_with_another_key_is_none_of_ours(written):
    folder, key, _ = written
    name = key.split("+")[0]
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    raw = b"\x01" + Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    other = f"{name}+{hashlib.sha256(name.encode() + chr(10).encode() + raw).digest()[:4].hex()}+" \
            f"{base64.b64encode(raw).decode()}"
    assert both(folder, other) is False
