"""Listings beside many tables: psql's \\d of a key that may know of ten tables, in an organization that has ten and in
one that has ten thousand. Each is the first of its kind in a connection: nothing of it is prepared. "no more": on a
server that has no other tables; "beside": the same organization on a server where the other has its thousands.

usage: catalog.py [TABLES]    10000 without it; HATIDATA_BUILD says whose server"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import BUILD, Server, make_installation  # noqa: E402

KNOWN = 10
ASKED = {
    r"\d": """SELECT n.nspname, c.relname, c.relkind, pg_catalog.pg_get_userbyid(c.relowner)
        FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
        WHERE c.relkind IN ('r','p','v','m','S','f','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast'
        AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1, 2""",
    "columns": """SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 2200 AND a.attnum > 0""",
    "information_schema.tables": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
}
ROUNDS = 15


def fill(server, org):
    """The tables that the key may know of, of four columns each."""
    with server.connect(f"owner@{org}") as db:
        for i in range(KNOWN):
            db.execute(f"CREATE TABLE t{i} (id bigint, name varchar, made timestamp, amount decimal(12,2))")


def fill_more(inst, org, count):
    """As many as there are to be in all; the server is down."""
    org_id = next(line.split()[0] for line in inst.run("org", "list").stdout.splitlines() if org in line)
    subprocess.run([BUILD / "tests" / "bench" / "fill_tables", inst.path, ROOT / "third_party" / "duckdb" / "extensions",
                    org_id, "hatidata", str(KNOWN), str(count)], check=True)


def ask(server, org, found):
    """Each listing once."""
    with server.connect(f"limited@{org}", options="'-c hatidata.dialect=postgres'") as db:
        db.prepare_threshold = None
        for name, sql in ASKED.items():
            begun = time.perf_counter()
            rows = db.execute(f"{sql} LIMIT {1000 + len(found[name])}").fetchall()  # no two texts are the same
            found[name].append((time.perf_counter() - begun) * 1000)
            assert name == "columns" or len(rows) == KNOWN, (name, len(rows))


def main(count):
    with tempfile.TemporaryDirectory() as scratch:
        inst = make_installation(pathlib.Path(scratch) / "data", orgs=("acme", "globex"))
        for org in ("acme", "globex"):
            inst.add_key(f"limited@{org}", f"developer@{org}.example", "--org", org, "--user", f"developer@{org}.example",
                         "--allow-table", ",".join(f"public.t{i}" for i in range(KNOWN)))
        with Server(inst) as server:
            for org in ("acme", "globex"):
                fill(server, org)
            few = {name: [] for name in ASKED}
            for _ in range(ROUNDS):
                ask(server, "acme", few)
        fill_more(inst, "globex", count)
        here, there = ({name: [] for name in ASKED} for _ in range(2))
        changes = []
        with Server(inst) as server:
            for _ in range(ROUNDS):  # in turns, so that both have the machine of the same moment
                ask(server, "acme", here)
                ask(server, "globex", there)
            with server.connect("owner@globex") as db:
                for i in range(3):
                    begun = time.perf_counter()
                    db.execute(f"CREATE TABLE another{i} (i int)")
                    db.execute("SELECT 1")  # by which the change is seen
                    changes.append((time.perf_counter() - begun) * 1000)
    median = statistics.median
    print(f"{'listing of ten tables, ms':28} {'no more':>10} {'beside':>10} {f'of {count}':>10} {'ratio':>8}")
    for name in ASKED:
        print(f"{name:28} {median(few[name]):10.2f} {median(here[name]):10.2f} {median(there[name]):10.2f}"
              f" {median(there[name]) / median(few[name]):8.2f}")
    print(f"one more table where there are {count}: {median(changes):.0f} ms until all see it")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10000)
