"""Entered by dev/conformance, which tells the usage."""
import argparse
import json
import os
import pathlib
import sys
import time

from . import accept, pairs, queries, rows
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
    "postgres_rowsecurity": accept.postgres_rowsecurity,
}


class Context:
    def __init__(self, build, corpora):
        self.build, self.corpora = build, corpora
        self.probe = Probe(build)

    def warehouse(self, orgs, *options):
        return Warehouse(orgs, *options)

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
    p.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    p.add_argument("--sample", type=int, default=1, metavar="N", help="each Nth record only")
    p.add_argument("--only", metavar="TEXT", help="records whose id or source contains it")
    return p.parse_args()


def chosen(args):
    unknown = [s for s in args.sets if s not in SETS]
    if unknown:
        sys.exit(f"dev/conformance: no set {', '.join(unknown)}; there are {', '.join(SETS)}")
    if not args.corpora.is_dir():
        print(f"the conformance corpora are not here ({args.corpora}): skipped")
        sys.exit(0)
    names = args.sets or list(SETS)
    for name in names:
        if not (args.corpora / f"{name}.jsonl").exists():
            print(f"{name}: not in {args.corpora}: skipped")
    for path in sorted(args.corpora.glob("*.jsonl")):
        if not args.sets and path.stem not in SETS and path.stem not in ("pii_cases",):
            print(f"{path.stem}: no set of dev/conformance knows it")
    return [n for n in names if (args.corpora / f"{n}.jsonl").exists()]


def main():
    args = arguments()
    context = Context(args.build, args.corpora)
    tallies = []
    for name in chosen(args):
        begun = time.monotonic()
        tally = SETS[name](context.records(name, args.only)[::args.sample], context)
        tallies.append(tally)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(table(tallies))
    if args.json:
        document = {"sets": {t.name: t.as_json() for t in tallies}}
        args.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
