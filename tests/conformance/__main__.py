"""Entered by dev/conformance, which tells the usage."""
import argparse
import json
import os
import pathlib
import re
import sys
import time

from harness import BUILD

from . import accept, features, pairs, queries, rows, rowsecurity
from .lineage import lineage
from .probe import Probe
from .tally import table
from .tpc import tpc
from .warehouse import Warehouse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

SETS = {
    "snowflake_accept": accept.snowflake_accept,
    "snowflake_duckdb": pairs.snowflake_duckdb,
    "snowflake_rows": rows.snowflake_rows,
    "duckdb_queries": queries.duckdb_queries,
    "tpc": tpc,
    "lineage": lineage,
    "postgres_rowsecurity": rowsecurity.postgres_rowsecurity,
}


FLOORS = pathlib.Path(__file__).with_name("floors.json")


# Under any row filter, rowid counts the rows that may be seen, and a seed doesn't decide a sample of a number of rows.
BY_DESIGN = re.compile(r"\browid\b|\breservoir\s*\(\d+\)\s*repeatable", re.I)
# What runs statements as a principal whom policies that let everything through may bind.
EXECUTABLE = ("snowflake_duckdb", "snowflake_rows", "duckdb_queries", "tpc")


class Context:
    """`policies` False: the sets run without any."""

    def __init__(self, corpora, policies=True):
        self.corpora, self.policies = corpora, policies
        self.probe = Probe(BUILD)

    def warehouse(self, orgs, *options):
        return Warehouse(orgs, *options, policies=self.policies)

    def records(self, name, only=None):
        with open(self.corpora / f"{name}.jsonl", encoding="utf-8") as f:
            records = [json.loads(line) for line in f if line.strip()]
        return [r for r in records if not only or only in f"{r.get('id')} {r.get('src')}"]


def arguments():
    p = argparse.ArgumentParser(prog="dev/conformance")
    p.add_argument("sets", nargs="*", metavar="SET")
    p.add_argument("--corpora", type=pathlib.Path,
                   default=pathlib.Path(os.environ.get("HATIDATA_CORPORA", ROOT.parent / "shared/corpora")))
    p.add_argument("--json", type=pathlib.Path, metavar="FILE")
    p.add_argument("--quick", action="store_true", help="no TPC, and a sample of the large sets")
    p.add_argument("--check", action="store_true", help="exit 1 where a set falls below floors.json")
    p.add_argument("--docs", action="store_true", help="write docs/sql-compatibility.md and end")
    p.add_argument("--bless", action="store_true", help="first take this build's answers into the features' tests")
    p.add_argument("--unchanged", action="store_true",
                   help="run the executable sets with policies that let everything through, and without any; exit 1 where a "
                        "record's verdict differs")
    p.add_argument("--only", metavar="TEXT", help="records whose id or source contains it")
    return p.parse_args()


def chosen(args):
    unknown = [s for s in args.sets if s not in SETS]
    if unknown:
        sys.exit(f"dev/conformance: no set {', '.join(unknown)}; there are {', '.join(SETS)}")
    if not args.corpora.is_dir():
        print(f"the conformance corpora are not here ({args.corpora}): skipped")
        sys.exit(0)
    names = args.sets or [s for s in SETS if s != "tpc" or not args.quick]
    for name in names:
        if not (args.corpora / f"{name}.jsonl").exists():
            print(f"{name}: not in {args.corpora}: skipped")
    for path in sorted(args.corpora.glob("*.jsonl")):
        if not args.sets and path.stem not in SETS and path.stem not in ("pii_cases",):
            print(f"{path.stem}: no set of dev/conformance knows it")
    return [n for n in names if (args.corpora / f"{n}.jsonl").exists()]


def sampled(records, quick):
    return records[::15] if quick and len(records) > 2000 else records


def below(tallies, quick):
    """What is worse than floors.json: of a set the least pass and the most wrong, in percent. A sample may lie a
    little beside the whole."""
    floors, found = json.loads(FLOORS.read_text()), []
    for t in tallies:
        margin = 3 if quick and t.name == "duckdb_queries" else 0
        share = {k: 100 * t.counts[k] / max(t.total, 1) for k in ("pass", "wrong")}
        floor = floors[t.name]
        if share["pass"] < floor["pass"] - margin:
            found.append(f"{t.name}: {share['pass']:.1f}% pass, not {floor['pass']}%")
        if share["wrong"] > floor["wrong"] + margin / 3:
            found.append(f"{t.name}: {share['wrong']:.1f}% wrong, not {floor['wrong']}% at most")
    return found


def run_sets(names, args, context):
    tallies = []
    for name in names:
        begun = time.monotonic()
        tallies.append(SETS[name](sampled(context.records(name, args.only), args.quick), context))
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return tallies


def unchanged(args):
    """Whether policies that let everything through change what comes of any record."""
    names = [n for n in chosen(args) if n in EXECUTABLE]
    with_policies, without = (run_sets(names, args, Context(args.corpora, policies)) for policies in (True, False))
    same = True
    for governed, plain in zip(with_policies, without):
        verdicts = [{f["id"]: f for f in t.failures} for t in (governed, plain)]
        differ = [i for i in sorted(verdicts[0] | verdicts[1], key=str)
                  if verdicts[0].get(i, {}).get("verdict") != verdicts[1].get(i, {}).get("verdict")]
        meant = [i for i in differ if BY_DESIGN.search((verdicts[0] | verdicts[1])[i].get("sql", ""))]
        governed.count("differ by design", len(meant))
        differ = [i for i in differ if i not in meant]
        same = same and not differ
        for i in differ:
            print(f"DIFFERS: {governed.name} {i}: with {verdicts[0].get(i)}, without {verdicts[1].get(i)}")
        plain.name += " (no policy)"
        plain.extra.pop("filtered", None)
        print(table([governed, plain]))
    return 0 if same else 1


def main():
    args = arguments()
    if args.bless:
        features.bless()
    if args.docs:
        features.DOCUMENT.write_text(features.document())
        return 0
    if args.unchanged:
        return unchanged(args)
    tallies = run_sets(chosen(args), args, Context(args.corpora))
    print(table(tallies))
    if args.json:
        document = {"sets": {t.name: t.as_json() for t in tallies}}
        args.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    worse = below(tallies, args.quick) if args.check else []
    for line in worse:
        print(f"WORSE: {line}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
