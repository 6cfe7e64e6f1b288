"""docs/audit-format.md, sentence by sentence: logs that are made by it (remade.py), or by it but for one thing, hashed
and signed rightly. Both verifiers must say of each what the page says, with the key and without."""
import base64
import json
import os
import random
import shutil
import string

import pytest

from harness import hatidata
from remade import LOG, Remade, entry, expiring, key_id, note, rule, sample, sign, text_of
from twice import both, ours, theirs
from verifier import Key, Wrong, check_proof, leaf, node, segment_name, verify_iam

WHOLE, BROKEN = True, False
ROUNDS = int(os.environ.get("HATIDATA_MUTATIONS", 54))
OUTCOME, CHECKPOINT, IAM, OPENING, FIRST, LAST = 16, 15, 17, 11, 1, 40  # seq of an entry of the sample
OTHER_LOG = LOG[:-1] + "1"
UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def swap(old, new):
    """The first place of `old` is `new`."""
    def change(covered):
        assert old.encode() in covered, (old, covered)
        return covered.replace(old.encode(), new.encode(), 1)
    return change


def add(text):
    """Members at the end of those that aren't fixed."""
    return lambda covered: covered[:-79] + (text.encode() if isinstance(text, str) else text) + covered[-79:]


def value(name, new):
    """Another value of a member that is a string; a function makes it of the old one."""
    def change(covered):
        begin = covered.index(f'"{name}":"'.encode()) + len(name) + 4
        end = covered.index(b'"', begin)
        old = covered[begin:end].decode()
        return covered[:begin] + (new(old) if callable(new) else new).encode() + covered[end:]
    return change


def long(more):
    """A line of so many bytes more than 4 MiB."""
    def change(covered):
        return add(',"x":"' + "a" * (4 * 1024 * 1024 + more - len(covered) - 81 - 7) + '"')(covered)
    return change


def upper(text):
    assert text != text.translate(UPPER), text
    return text.translate(UPPER)


LINES = [
    # JSON isn't looked at, bytes are.
    ("unchanged", WHOLE, FIRST, lambda c: c),
    ("no JSON", WHOLE, OUTCOME, add(',"x":')),
    ("no UTF-8", WHOLE, OUTCOME, add(b',"x":"\xff"')),
    ("a member twice", WHOLE, OUTCOME, add(',"seq":7,"kind":"iam"')),
    ("the same name deeper", WHOLE, OUTCOME, add(',"x":{"prev_hash":"y"}')),
    ("a tab", BROKEN, OUTCOME, add(',"x":"\ty"')),
    ("a NUL", BROKEN, OUTCOME, add(',"x":"\0y"')),
    ("a carriage return", BROKEN, OUTCOME, add(',"x":"\ry"')),
    ("0x7f", WHOLE, OUTCOME, add(',"x":"\x7fy"')),
    ("4 MiB", WHOLE, OUTCOME, long(0)),
    ("4 MiB and a byte", BROKEN, OUTCOME, long(1)),
    # Fixed members.
    ("nothing between", WHOLE, OUTCOME, lambda c: c[:c.index(b',"query_id"')] + c[-79:]),
    ("version 4", BROKEN, OUTCOME, swap('"v":3', '"v":4')),
    ("version 0", BROKEN, OUTCOME, swap('"v":3', '"v":0')),
    ("seq with a zero", BROKEN, OUTCOME, swap('"seq":', '"seq":0')),
    ("another kind", BROKEN, OUTCOME, swap('"outcome"', '"other"')),
    ("another order", BROKEN, OUTCOME, swap(f'"v":3,"seq":{OUTCOME}', f'"seq":{OUTCOME},"v":3')),
    ("white space", BROKEN, OUTCOME, swap('"v":3,', '"v":3, ')),
    ("no comma", BROKEN, OUTCOME, swap('","query_id"', '" "query_id"')),
    ("no entry_id", BROKEN, OUTCOME, swap('"entry_id"', '"entry"')),
    *((f"entry_id {v}", v == "01a21a22-0000-7000-bfff-000000000000", OUTCOME, value("entry_id", v)) for v in (
        "01a21a22-0000-7000-bfff-000000000000", "01A21A22-0000-7000-8000-000000000000", "",
        "01a21a22-0000-4000-8000-000000000000", "01a21a22-0000-7000-c000-000000000000",
        "01a21a2200007000800000000000000")),
    *((f"timestamp {v}", v.startswith(("2028", "1970-01-01T00:00:00.000001")), LAST, value("timestamp", v)) for v in (
        "2028-02-29T23:59:59.999999Z", "1970-01-01T00:00:00.000001Z", "1970-01-01T00:00:00.000000Z",
        "1969-12-31T00:00:00.000000Z", "2027-02-29T00:00:00.000000Z", "2100-02-29T00:00:00.000000Z",
        "2026-13-01T00:00:00.000000Z", "2026-04-31T00:00:00.000000Z", "2026-04-00T00:00:00.000000Z",
        "2026-01-01T24:00:00.000000Z", "2026-01-01T00:60:00.000000Z", "2026-01-01T23:59:60.000000Z",
        "2026-01-01 00:00:00.000000Z", "2026-01-01T00:00:00,000000Z", "2026-01-01T00:00:00.00000Z", "a" * 27)),
    # First entries of segments.
    *((f"another {name}", BROKEN, OPENING, value(name, lambda old: old[:-1] + "07"[old[-1] == "0"]))
      for name in ("log", "tree", "age", "iam_seq", "iam", "before")),
    ("another segment", BROKEN, OPENING, value("resource", "audit-000007.jsonl")),
    ("tree in capitals", BROKEN, OPENING, value("tree", upper)),
    ("age with a zero", BROKEN, OPENING, value("age", lambda old: "0" + old)),
    ("members in another order", BROKEN, OPENING, swap('"action":"segment","resource":"audit-000001.jsonl"',
                                                       '"resource":"audit-000001.jsonl","action":"segment"')),
    ("one more member", BROKEN, OPENING, add(',"x":"y"')),
    ("one more member of log_created", BROKEN, FIRST, add(',"age":"0"')),
    ("segment twice", BROKEN, OUTCOME + 2,
     lambda c: c[:c.index(b'"kind"')] + b'"kind":"system",' + c[c.index(b'"entry_id"'):c.index(b',"query_id"')] +
     b',"action":"segment","resource":"audit-000001.jsonl"' + c[-79:]),
    # Of IAM entries.
    ("another iam_seq", BROKEN, IAM, value("iam_seq", "9")),
    ("another prev_iam", BROKEN, IAM, value("prev_iam", "0" * 64)),
    ("no comma behind prev_iam", BROKEN, IAM, swap('","actor"', '" "actor"')),
    ("iam_seq elsewhere", BROKEN, IAM, swap('"iam_seq"', '"x":1,"iam_seq"')),
    ("iam_seq with a zero", BROKEN, IAM, value("iam_seq", lambda old: "0" + old)),
    ("iam_seq of an outcome", WHOLE, OUTCOME, add(',"iam_seq":"9"')),
    # What a checkpoint is, and where one must be.
    ("no note", BROKEN, CHECKPOINT, lambda c: c[:c.index(b',"checkpoint":"')] + c[-79:]),
    ("an empty note", BROKEN, CHECKPOINT, value("checkpoint", "")),
    ("the note elsewhere", BROKEN, CHECKPOINT, swap(',"checkpoint":"', ',"x":1,"checkpoint":"')),
    ("a note with other escapes", BROKEN, CHECKPOINT, swap("\\n", "\\u000a")),
    ("no comma behind the note", BROKEN, CHECKPOINT, add(" ")),
    ("no comma behind an action: none of ours", WHOLE, CHECKPOINT, swap('","checkpoint"', '" "checkpoint"')),
    ("an action elsewhere is none of ours", WHOLE, CHECKPOINT, swap('"action":', '"x":1,"action":')),
    ("an action with escapes is none of ours", WHOLE, CHECKPOINT, swap('"checkpoint"', '"ch\\u0065ckpoint"')),
    ("an outcome with an action is none of ours", WHOLE, OUTCOME, add(',"action":"checkpoint"')),
]


@pytest.mark.parametrize("whole, seq, change", [case[1:] for case in LINES], ids=[case[0] for case in LINES])
def test_a_line(tmp_path, whole, seq, change):
    log = Remade(sample(), late=lambda e, covered: change(covered) if e["seq"] == seq else covered)
    folder = log.write(tmp_path / "log")
    assert ours(folder, log.key) == theirs(folder, log.key) == (whole, None if whole else seq)
    assert both(folder) is whole
    if seq in (OPENING, OUTCOME):  # of segment 2, alone: what its first line tells is trusted, but for its form
        both(folder / segment_name(2), log.key)


def loose(text):
    """Base64 whose last digit has a bit that no byte uses."""
    digits = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    at = text.index("=\n") - 1
    return text[:at] + digits[digits.index(text[at]) + 1] + text[at + 1:]


def body(text):
    return text[:text.rindex("\n\n") + 1]


NAME = "hatidata.audit/" + LOG
OTHERS = f"\u2014 other {base64.b64encode(b'1234' + b'x' * 64).decode()}\n"
FORGED = f"\u2014 {NAME} {base64.b64encode(key_id(NAME) + b'x' * 64).decode()}\n"
OTHER_ID = f"\u2014 {NAME} {base64.b64encode(b'1234' + b'x' * 64).decode()}\n"
NOTES = [  # with the key, without
    ("more lines", WHOLE, WHOLE, lambda t: sign(body(t) + "more\n")),
    ("an empty line", BROKEN, BROKEN, lambda t: sign(body(t) + "\nmore\n")),
    ("a control character", BROKEN, BROKEN, lambda t: sign(body(t) + "a\x01b\n")),
    ("carriage returns", BROKEN, BROKEN, lambda t: sign(body(t).replace("\n", "\r\n"))),
    ("N with a zero", BROKEN, BROKEN, lambda t: sign(body(t).replace("\n", "\n0", 1))),
    ("N with a sign", BROKEN, BROKEN, lambda t: sign(body(t).replace("\n", "\n+", 1))),
    ("a root without padding", BROKEN, BROKEN, lambda t: sign(body(t).replace("=", ""))),
    ("a root with loose bits", BROKEN, BROKEN, lambda t: sign(loose(body(t)))),
    ("two lines", BROKEN, BROKEN, lambda t: sign("\n".join(body(t).split("\n")[:2]) + "\n")),
    ("of another log", BROKEN, BROKEN, lambda t: sign(body(t).replace(LOG, OTHER_LOG))),
    ("over one more", BROKEN, BROKEN, lambda t: sign(body(t).replace(f"\n{CHECKPOINT - 1}\n", f"\n{CHECKPOINT}\n"))),
    ("another's signature too", WHOLE, WHOLE, lambda t: t + OTHERS),
    ("another's before", WHOLE, WHOLE, lambda t: body(t) + "\n" + OTHERS + t[len(body(t)) + 1:]),
    ("another key of the name", WHOLE, WHOLE, lambda t: t + OTHER_ID),
    ("what is no base64", WHOLE, WHOLE, lambda t: t + "\u2014 other !!!\n"),
    ("a forged one too", BROKEN, WHOLE, lambda t: t + FORGED),
    ("another's alone", BROKEN, WHOLE, lambda t: body(t) + "\n" + OTHERS),
    ("changed", BROKEN, WHOLE, lambda t: sign(body(t) + "a\n").replace("\na\n", "\nb\n")),
    ("a signature with loose bits", BROKEN, WHOLE, lambda t: body(t) + "\n" + loose(t[len(body(t)) + 1:])),
    ("a hyphen", BROKEN, BROKEN, lambda t: t.replace("\u2014", "-")),
    ("another line", BROKEN, BROKEN, lambda t: t + "more\n"),
    ("no signature", BROKEN, BROKEN, lambda t: body(t) + "\n"),
    ("no last newline", BROKEN, BROKEN, lambda t: t[:-1]),
    ("one newline more", BROKEN, BROKEN, lambda t: t + "\n"),
    ("64 KiB", WHOLE, WHOLE, lambda t: sign(body(t) + "x" * (65536 - len(t.encode()) - 1) + "\n")),
    ("more than 64 KiB", BROKEN, BROKEN, lambda t: sign(body(t) + "x" * (65536 - len(t.encode())) + "\n")),
]


@pytest.mark.parametrize("signed, alone, change", [case[1:] for case in NOTES], ids=[case[0] for case in NOTES])
def test_a_note(tmp_path, signed, alone, change):
    log = Remade(sample(), renote=lambda e, text, log: change(text) if e["seq"] == CHECKPOINT else text)
    folder = log.write(tmp_path / "log")
    for key, whole in ((log.key, signed), (None, alone)):
        assert ours(folder, key) == theirs(folder, key) == (whole, None if whole else CHECKPOINT)


def empty(n):
    return lambda folder: (folder / segment_name(n)).write_bytes(b"")


def rename(old, new):
    return lambda folder: (folder / old).rename(folder / new)


def put(name, data=b"x\n"):
    return lambda folder: (folder / name).write_bytes(data)


def merge(folder):
    last = folder / segment_name(4)
    with open(folder / segment_name(3), "ab") as f:
        f.write(last.read_bytes())
    last.unlink()


def link(folder):
    (folder / segment_name(4)).rename(folder / "x")
    (folder / segment_name(4)).symlink_to("x")


def cut(n, by):
    return lambda folder: (folder / segment_name(n)).write_bytes((folder / segment_name(n)).read_bytes()[:-by])


FILES = [
    ("a segment is missing", BROKEN, lambda folder: (folder / segment_name(2)).unlink()),
    ("the first is missing", BROKEN, lambda folder: (folder / segment_name(1)).unlink()),
    ("the last is empty", WHOLE, empty(5)),
    ("one in between is empty", BROKEN, empty(2)),
    ("two are empty", BROKEN, lambda folder: (empty(5)(folder), empty(6)(folder))),
    ("all are empty", BROKEN, lambda folder: [empty(n)(folder) for n in range(1, 5)]),
    ("none is there", BROKEN, lambda folder: [p.unlink() for p in folder.iterdir()]),
    ("two in one file", BROKEN, merge),
    ("a link", BROKEN, link),
    ("a folder", BROKEN, lambda folder: (folder / segment_name(5)).mkdir()),
    ("the last line without LF", BROKEN, cut(4, 1)),
    ("a line without LF between", BROKEN, cut(2, 1)),
    ("an empty line", BROKEN, lambda folder: (folder / segment_name(4)).open("ab").write(b"\n")),
    ("zeros behind", BROKEN, lambda folder: (folder / segment_name(4)).open("ab").write(b"\0" * 100)),
    ("seven digits", BROKEN, rename(segment_name(2), "audit-0000002.jsonl")),
    *((f"another file {name}", BROKEN, put(name)) for name in (
        "audit-0000005.jsonl", "audit-000000.jsonl", "audit-1.jsonl", "audit-x.jsonl", "audit-.jsonl",
        "audit-000002 (1).jsonl", "audit-9999999999.jsonl", "checkpoint-x", "checkpoint-000000000000000001")),
    *((f"another file {name}", WHOLE, put(name)) for name in (
        "lock", "other", "audit-000002.jsonl.bak", ".audit-000009.jsonl", ".checkpoint-000000000000000001.part")),
]


@pytest.mark.parametrize("whole, change", [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_files(tmp_path, whole, change):
    log = Remade(sample())
    folder = log.write(tmp_path / "log")
    change(folder)
    assert both(folder, log.key) is both(folder) is whole


@pytest.mark.parametrize("bad", ["", "a", "a b", "a+b", LOG.upper(), LOG + "0"])
def test_the_logs_id_is_a_uuid(tmp_path, bad):
    files = sample()
    files[0][0]["resource"] = bad
    assert both(Remade(files).write(tmp_path / "log")) is BROKEN


@pytest.mark.parametrize("versions", ["1111", "1123", "1133", "2222", "2333", "1333", "3323"])
def test_versions(tmp_path, versions):
    log = Remade(sample(), version=lambda file: int(versions[file]))
    folder = log.write(tmp_path / "log")
    assert both(folder, log.key) is (versions == "".join(sorted(versions)))
    for n in range(1, 5):
        assert both(folder / segment_name(n), log.key) is WHOLE  # by itself
        shutil.copy(folder / segment_name(n), tmp_path / "alone")
        assert both(tmp_path / "alone", log.key) is WHOLE
        shutil.copy(folder / segment_name(n), tmp_path / segment_name(7))
        assert both(tmp_path / segment_name(7), log.key) is BROKEN


def test_the_age_counts_as_the_page_says(tmp_path):
    files, days = sample(), [0, 1, 9, -3, 0.0000001, 7, 7.0000001]
    for f in files:
        f.insert(4, entry(50, "system", action="clock_set_forward"))
        f.insert(7, entry(51, "outcome", action="clock_set_forward"))
        f.insert(9, entry(52, "system", actor="a", action="clock_set_forward"))
    at = 0.0
    for i, e in enumerate(e for f in files for e in f):
        at += days[i % 7]
        e["timestamp"] = entry(round(at * 86400, 2), "system")["timestamp"]
    for f in files:
        for i in (7, 9):  # these have the action where it isn't looked for
            f[i] = {"timestamp": f[i]["timestamp"], "kind": f[i]["kind"], "entry_id": f[i]["entry_id"], "x": 1}
    log = Remade(files, late=lambda e, c: c.replace(b'"x":1', b'"x":1,"action":"clock_set_forward"'))
    assert both(log.write(tmp_path / "log"), log.key) is WHOLE


# --- what expired ---

def rooted(log, through, n=None, root=None, id_of=None, text=None):
    n = log.bounds[through] if n is None else n
    return note(id_of or log.log, n, root or log.roots[n], *([rule(through)] if text is None else text))


def kept(through, name=None, **of):
    return lambda log, folder: log.keep(folder, through, of.get("n"), name, rooted(log, through, **of))


def linked(log, folder):
    (folder / "x").write_text(rooted(log, 2))
    (folder / f"checkpoint-{log.bounds[2]:018d}").symlink_to("x")


def together(*all_of):
    return lambda log, folder: [do(log, folder) for do in all_of]


TOLD = expiring(2)
BYTES = b"x" * 32
EXPIRED = [  # segments that are gone, the entry that tells of it, the files that are kept
    *((f"{gone} of 2 are gone", WHOLE, gone, TOLD, kept(2)) for gone in (0, 1, 2)),
    ("more are gone", BROKEN, 3, TOLD, kept(2)),
    ("no file, none gone", WHOLE, 0, TOLD, None),
    ("no file", BROKEN, 1, TOLD, None),
    ("no entry", BROKEN, 2, None, kept(2)),
    ("no entry, none gone", BROKEN, 0, None, kept(2)),
    ("another time than told", BROKEN, 2, TOLD, kept(2, text=[rule(2, when="2033-02-01T00:00:00.000000Z")])),
    ("another root", BROKEN, 2, TOLD, kept(2, root=BYTES)),
    ("another name", BROKEN, 2, TOLD, kept(2, name="checkpoint-000000000000000007")),
    ("a short name", BROKEN, 2, TOLD, kept(2, name="checkpoint-20")),
    ("no fourth line", BROKEN, 2, TOLD, kept(2, text=[])),
    ("a fifth line", BROKEN, 2, TOLD, kept(2, text=[rule(2), "more"])),
    ("a link", BROKEN, 2, TOLD, linked),
    ("an older one too", WHOLE, 2, TOLD, together(kept(1), kept(2))),
    ("an older one, compared", WHOLE, 1, TOLD, together(kept(1), kept(2))),
    ("an older one is wrong", BROKEN, 1, TOLD, together(kept(1, root=BYTES), kept(2))),
    ("an older one is wrong and gone", WHOLE, 2, TOLD, together(kept(1, root=BYTES), kept(2))),
    ("an older one is of another log", BROKEN, 2, TOLD, together(kept(1, id_of=OTHER_LOG), kept(2))),
    ("one of more than there is", BROKEN, 0, TOLD, together(kept(2), kept(3, n=99, root=BYTES))),
    ("through another segment", BROKEN, 1, expiring(3, seq=20), kept(3, n=20)),
    ("through an earlier one", BROKEN, 1, expiring(1, seq=20), kept(1, n=20)),
    ("over parts of a segment", BROKEN, 2, expiring(2, seq=25), kept(2, n=25)),
    ("over parts of one that is there", BROKEN, 0, expiring(2, seq=15), kept(2, n=15)),
]


@pytest.mark.parametrize("whole, gone, tell, keep", [case[1:] for case in EXPIRED], ids=[case[0] for case in EXPIRED])
def test_what_expired(tmp_path, whole, gone, tell, keep):
    files = sample()
    if tell:
        tell(files)
    log = Remade(files)
    folder = log.write(tmp_path / "log", gone)
    if keep:
        keep(log, folder)
    assert both(folder, log.key) is both(folder) is whole


TRUSTED = [
    ("iam in capitals", value("iam", upper)), ("iam of zeros", value("iam", "0" * 64)),
    ("iam of others", value("iam", "z" * 64)),
    ("tree in capitals", value("tree", upper)), ("another tree", value("tree", lambda old: old[64:] + old[:64])),
    ("age with a zero", value("age", lambda old: "0" + old)), ("a long age", value("age", "1" * 19)),
    ("another log", value("log", OTHER_LOG)), ("no log", value("log", "x")),
    ("before and prev_hash differ", value("before", "0" * 64)), ("another segment", value("resource", segment_name(1))),
    ("a hash in capitals", lambda c: value("prev_hash", "A" * 64)(value("before", "A" * 64)(c))),
]


@pytest.mark.parametrize("change", [case[1] for case in TRUSTED], ids=[case[0] for case in TRUSTED])
def test_what_the_first_line_tells_has_a_form(tmp_path, change):
    files = sample()
    for f in files:
        f[1:1] = [entry(60 + i, "intent", query_id="x") for i in range(3)]  # so that a tree has more than one root
    TOLD(files)
    log = Remade(files, late=lambda e, c: change(c) if e["seq"] == 27 else c)
    folder = log.write(tmp_path / "log", 2)
    log.keep(folder, 2)
    assert both(folder, log.key) is both(folder) is BROKEN


@pytest.mark.parametrize("change, whole", [
    (lambda t: t, WHOLE), (lambda t: t.replace("after 2557", "after 2558"), None), (lambda t: "", BROKEN),
    (lambda t: sign(body(t).replace(LOG, OTHER_LOG)), BROKEN),
    (lambda t: sign("\n".join(body(t).split("\n")[:3]) + "\n"), BROKEN),
    (lambda t: sign(text_of(LOG, 35, BYTES, rule(2))), WHOLE),
    (lambda t: sign(text_of(LOG, 36, BYTES, rule(2))), BROKEN),
    *((lambda t, new=new: sign(body(t).replace(rule(2), new)), new == rule(2, days=0)) for new in (
        rule(2, days=0), rule(2, days=9999999999), rule(2, days="02557"), rule(2, days=-1), rule(2) + " ", rule(0),
        rule(2, when="2033-02-30T00:00:00.000000Z"), rule(2).replace("000002", "2")))])
def test_an_entry_retention_has_its_note(tmp_path, change, whole):
    """None: only with the key it's known for a wrong one."""
    files = sample()
    TOLD(files)
    log = Remade(files, renote=lambda e, text, log: change(text) if e["action"] == "retention" else text)
    folder = log.write(tmp_path / "log")
    assert both(folder, log.key) is bool(whole) and both(folder) is (whole is not False)


# --- checkpoints from elsewhere ---

def named(n, text):
    return {f"checkpoint-{n:018d}": text}


ANCHORS = [
    ("all", WHOLE, lambda log: {str(n): note(LOG, n, log.roots[n]) for n in range(1, 41)}),
    ("more than there are", BROKEN, lambda log: named(41, note(LOG, 41, BYTES))),
    ("another root", BROKEN, lambda log: {**named(7, note(LOG, 7, BYTES)), **named(9, note(LOG, 9, log.roots[9]))}),
    ("none", BROKEN, lambda log: {}),
    ("of another log", BROKEN, lambda log: {**named(7, note(OTHER_LOG, 7, log.roots[7])),
                                            **named(9, note(LOG, 9, log.roots[9]))}),
    ("no note", BROKEN, lambda log: {"README": "x", **named(9, note(LOG, 9, log.roots[9]))}),
    ("one that is being written", WHOLE, lambda log: {".x.part": "x", **named(9, note(LOG, 9, log.roots[9]))}),
    ("N is 0", BROKEN, lambda log: named(0, note(LOG, 0, BYTES))),
    ("more lines", WHOLE, lambda log: named(9, sign(text_of(LOG, 9, log.roots[9], "more")))),
]


@pytest.mark.parametrize("whole, of", [case[1:] for case in ANCHORS], ids=[case[0] for case in ANCHORS])
def test_an_anchor(tmp_path, whole, of):
    log = Remade(sample())
    folder, anchor = log.write(tmp_path / "log"), tmp_path / "anchor"
    anchor.mkdir()
    for name, text in of(log).items():
        (anchor / name).write_text(text)
    assert both(folder, log.key, [anchor]) is both(folder, None, [anchor]) is whole


@pytest.mark.parametrize("n, id_of, root, whole", [(9, LOG, BYTES, WHOLE), (9, OTHER_LOG, BYTES, BROKEN),
                                                   (20, LOG, None, WHOLE), (20, LOG, BYTES, BROKEN)])
def test_an_anchor_of_entries_that_expired(tmp_path, n, id_of, root, whole):
    files = sample()
    TOLD(files)
    log = Remade(files)
    folder = log.write(tmp_path / "log", 2)
    log.keep(folder, 2)
    (tmp_path / "kept").write_text(note(id_of, n, root or log.roots[n]))
    assert both(folder, log.key, [tmp_path / "kept"]) is both(folder, None, [tmp_path / "kept"]) is whole
    assert both(folder / segment_name(3), log.key, [tmp_path / "kept"]) is BROKEN  # of none of its entries
    (tmp_path / "kept").write_text(note(LOG, 25, log.roots[25]))
    assert both(folder / segment_name(3), log.key, [tmp_path / "kept"]) is WHOLE


# --- anything ---

def test_any_byte_changed_before_the_hashes_are_made(tmp_path):
    """Who makes all anew, with the key, may change any byte: both say the same of it."""
    chance = random.Random("any byte")
    seen = set()
    for i in range(ROUNDS):
        seq, times = chance.randrange(1, 41), chance.choice((1, 1, 3))

        def change(e, covered):
            for _ in range(times if e["seq"] == seq else 0):
                at = chance.randrange(len(covered))
                byte = chance.choice((covered[at] ^ 1 << chance.randrange(8), chance.randrange(256), 0x22, 0x30))
                new = bytes([byte]).replace(b"\n", b" ")
                covered = covered[:at] + new + covered[at + chance.choice((0, 1, 1, 1)):]
            return covered
        log = Remade(sample(), late=change)
        folder = log.write(tmp_path / str(i))
        found = ours(folder, log.key)
        assert found == theirs(folder, log.key), (i, seq)
        assert both(folder / segment_name((seq + 9) // 10)) in (WHOLE, BROKEN)
        seen.add(found[0])
    assert seen == {WHOLE, BROKEN}


# --- IAM entries alone ---

IAM_ALONE = [("all", WHOLE, lambda a: a), ("the end of them", WHOLE, lambda a: a[3:]), ("none", BROKEN, lambda a: []),
             ("a gap", BROKEN, lambda a: a[:3] + a[4:]), ("swapped", BROKEN, lambda a: [a[0], a[2], a[1]]),
             ("torn", BROKEN, lambda a: a[:-1] + [a[-1][:-1]]), ("backwards", BROKEN, lambda a: a[::-1])]


@pytest.mark.parametrize("whole, change", [case[1:] for case in IAM_ALONE], ids=[case[0] for case in IAM_ALONE])
@pytest.mark.parametrize("versions", ["3333", "1233"])
def test_iam_entries_alone(tmp_path, versions, whole, change):
    log = Remade(sample(), version=lambda file: int(versions[file]))
    file = tmp_path / "iam.jsonl"
    file.write_bytes(b"".join(change([line for f in log.files for line in f if b'"kind":"iam"' in line])))
    done = hatidata("audit", "verify", file, "--iam", check=False)
    if versions == "1233" and not verify_iam(file)[0]:
        whole = WHOLE  # those of older versions are no chain: a gap in them doesn't show
    assert (done.returncode == 0) is (not verify_iam(file)[0]) is whole


# --- proofs ---

def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:k]), root_of(leaves[k:]))


def inclusion(i, leaves):
    """RFC 9162, section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if i < k:
        return inclusion(i, leaves[:k]) + [root_of(leaves[k:])]
    return inclusion(i - k, leaves[k:]) + [root_of(leaves[:k])]


def consistency(m, leaves, whole=True):
    """RFC 9162, section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m <= k:
        return consistency(m, leaves[:k], whole) + [root_of(leaves[k:])]
    return consistency(m - k, leaves[k:], False) + [root_of(leaves[:k])]


class Proofs:
    def __init__(self):
        self.log = Remade(sample())
        self.lines = [line[:-1].decode() for f in self.log.files for line in f]
        self.leaves = [leaf(bytes.fromhex(line[-66:-2])) for line in self.lines]

    def note(self, n, id_of=LOG):
        return note(id_of, n, self.log.roots[n])

    def entry(self, seq, n=30, **other):
        path = [base64.b64encode(h).decode() for h in inclusion(seq - 1, self.leaves[:n])]
        return {"version": 1, "type": "inclusion", "entry": self.lines[seq - 1], "checkpoint": self.note(n),
                "proof": path, **other}

    def since(self, m, n, **other):
        path = [base64.b64encode(h).decode() for h in consistency(m, self.leaves[:n])]
        return {"version": 1, "type": "consistency", "from": self.note(m), "checkpoint": self.note(n),
                "proof": path, **other}


HASH = base64.b64encode(BYTES).decode()
PROOFS = [
    *((f"entry {seq} of {n}", WHOLE, lambda p, seq=seq, n=n: p.entry(seq, n)) for seq, n in (
        (1, 1), (1, 30), (11, 30), (30, 30), (16, 40), (33, 33))),
    *((f"{n} since {m}", WHOLE, lambda p, m=m, n=n: p.since(m, n)) for m, n in (
        (1, 1), (1, 2), (16, 30), (15, 30), (29, 30), (32, 40), (40, 40))),
    ("laid out", WHOLE, lambda p: json.dumps(p.entry(5), indent=2)),
    ("another member", WHOLE, lambda p: p.entry(5, x=1)),
    ("a note of more lines", WHOLE,
     lambda p: p.entry(5, checkpoint=sign(text_of(LOG, 30, p.log.roots[30], "more")))),
    ("an entry after it", BROKEN, lambda p: p.entry(5, entry=p.lines[35])),
    ("another entry", BROKEN, lambda p: p.entry(5, entry=p.lines[5])),
    ("an entry with LF", BROKEN, lambda p: p.entry(5, entry=p.lines[4] + "\n")),
    ("an entry changed", BROKEN, lambda p: p.entry(5, entry=p.lines[4].replace("a", "b", 1))),
    ("one hash more", BROKEN, lambda p: p.entry(5, proof=p.entry(5)["proof"] + [HASH])),
    ("one hash less", BROKEN, lambda p: p.entry(5, proof=p.entry(5)["proof"][:-1])),
    ("65 hashes", BROKEN, lambda p: p.entry(5, proof=[HASH] * 65)),
    ("a short hash", BROKEN, lambda p: p.entry(5, proof=["AAAA"] + p.entry(5)["proof"][1:])),
    ("a number for a hash", BROKEN, lambda p: p.entry(5, proof=[1] + p.entry(5)["proof"][1:])),
    ("a number for the hashes", BROKEN, lambda p: p.entry(5, proof=1)),
    *((f"version {v!r}", BROKEN, lambda p, v=v: p.entry(5, version=v)) for v in (2, 0, "1", 1.0, True, None)),
    ("another type", BROKEN, lambda p: p.entry(5, type="x")),
    ("an array", BROKEN, lambda p: [p.entry(5)]),
    ("more behind", BROKEN, lambda p: json.dumps(p.entry(5)) + "x"),
    ("a member twice", BROKEN, lambda p: json.dumps(p.entry(5))[:-1] + ',"version":1}'),
    ("NaN", BROKEN, lambda p: json.dumps(p.entry(5))[:-1] + ',"x":NaN}'),
    ("a byte order mark", BROKEN, lambda p: "\ufeff" + json.dumps(p.entry(5))),
    ("backwards", BROKEN, lambda p: p.since(10, 30, **{"from": p.note(30), "checkpoint": p.note(10)})),
    ("the same number, another root", BROKEN, lambda p: p.since(10, 10, **{"from": note(LOG, 10, p.log.roots[11])})),
    ("the same number, with a hash", BROKEN, lambda p: p.since(10, 10, proof=[HASH])),
    ("no hash", BROKEN, lambda p: p.since(10, 30, proof=[])),
    ("since another log", BROKEN, lambda p: p.since(10, 30, **{"from": p.note(10, OTHER_LOG)})),
    ("since a forged one", BROKEN, lambda p: p.since(10, 30, **{"from": p.note(10).replace("\n10\n", "\n11\n")})),
    ("a log's key for another log", BROKEN,
     lambda p: p.entry(5, checkpoint=sign(text_of(OTHER_LOG, 30, p.log.roots[30])))),
]


@pytest.fixture(scope="module")
def proofs():
    return Proofs()


@pytest.mark.parametrize("whole, make", [case[1:] for case in PROOFS], ids=[case[0] for case in PROOFS])
def test_a_proof(tmp_path, proofs, whole, make):
    made = make(proofs)
    text = made if isinstance(made, str) else json.dumps(made)
    (tmp_path / "proof").write_text(text)
    done = hatidata("audit", "check", tmp_path / "proof", "--key", proofs.log.key, check=False)
    assert (done.returncode == 0) is whole, done.stdout + done.stderr
    if whole:
        assert check_proof(text.encode(), [Key(proofs.log.key)])
    else:
        with pytest.raises(Wrong):
            check_proof(text.encode(), [Key(proofs.log.key)])
