"""A log by the program's verifier and by the one that was written from the page alone (verifier.py)."""
import json

from harness import hatidata
from verifier import Key, verify


def ours(path, key=None, kept=()):
    """Whether it is whole, and at which entry it isn't. A log or a witness that can't be read isn't whole."""
    options = (["--key", key] if key else []) + [o for p in kept for o in ("--checkpoint", p)]
    done = hatidata("audit", "verify", path, "--json", *options, check=False)
    assert done.returncode in (0, 1), done.stderr
    if not done.stdout:
        assert done.returncode == 1 and "hatidata: " in done.stderr
        return False, None
    report = json.loads(done.stdout)
    assert (done.returncode == 0) == report["chain_valid"]
    return report["chain_valid"], report.get("broken_at", {}).get("seq")


def theirs(path, key=None, kept=()):
    v = verify(path, [Key(key)] if key else [], kept)
    return not v.problems, v.problems[0].seq if v.problems else None


def both(path, key=None, kept=()):
    """What both say of it: whether it is whole."""
    our, their = ours(path, key, kept), theirs(path, key, kept)
    assert our[0] == their[0], "the two verifiers differ"
    return our[0]
