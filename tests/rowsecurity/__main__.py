"""dev/fuzz rowsecurity: the same statements here and in PostgreSQL until the time is over, or those of given seeds."""
import argparse
import collections
import itertools
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import Server, make_installation
from compare import Both, Round, principal
from postgres import MISSING, Postgres, programs


def fuzz(seconds, seeds, show=print):
    """(counts of verdicts, what differed)."""
    counts, found, begun = collections.Counter(), [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hatidata-rowsecurity-") as folder:
        installation = make_installation(pathlib.Path(folder) / "data", orgs=("acme",))
        principal(installation)
        with Postgres() as them, Server(installation) as us:
            both = Both(us, them)
            for seed in seeds:
                if seconds and time.monotonic() - begun > seconds:
                    break
                one = Round(both, seed)
                for text in one.run(lambda: bool(seconds) and time.monotonic() - begun > seconds):
                    show(text)
                    found.append(text)
                counts += one.counts
    return counts, found


def main():
    p = argparse.ArgumentParser(prog="dev/fuzz rowsecurity")
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--seed", type=int, help="this seed's statements alone")
    p.add_argument("--from", type=int, default=1, dest="first", help="the first seed (default 1)")
    args = p.parse_args()
    if not programs():
        print(f"rowsecurity: {MISSING}: skipped")
        return 0
    seeds = itertools.count(args.first) if args.seed is None else [args.seed]
    counts, found = fuzz(args.seconds if args.seed is None else 0, seeds, lambda text: print(text, flush=True))
    print(f"rowsecurity: {sum(counts.values())} statements: " + ", ".join(f"{n} {what}" for what, n in counts.most_common()))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
