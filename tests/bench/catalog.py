"""Listings beside many tables: psql's \\d of a key that may know of ten tables, in an organization that has ten and in
one that has ten thousand. Each is the first of its kind in a connection: nothing of it is prepared.

usage: catalog.py [TABLES]    10000 without it; HATIDATA_BUILD says whose server"""
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, make_installation  # noqa: E402

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


def fill(server, org, count):
    """Tables of four columns; those of the first names are the ones that the key may know of."""
    with server.connect(f"owner@{org}", autocommit=False) as db:
        for first in range(0, count, 500):
            db.execute("; ".join(f"CREATE TABLE t{i} (id bigint, name varchar, made timestamp, amount decimal(12,2))"
                                 for i in range(first, min(first + 500, count))))
        db.commit()


def milliseconds(server, org):
    found = {name: [] for name in ASKED}
    with server.connect(f"limited@{org}", options="'-c hatidata.dialect=postgres'") as db:
        db.prepare_threshold = None
        for i in range(ROUNDS):
            for name, sql in ASKED.items():
                begun = time.perf_counter()
                rows = db.execute(f"{sql} LIMIT {1000 + i}").fetchall()  # no two texts are the same
                found[name].append((time.perf_counter() - begun) * 1000)
                assert name == "columns" or len(rows) == KNOWN, (name, len(rows))
    return {name: statistics.median(times) for name, times in found.items()}


def main(count):
    with tempfile.TemporaryDirectory() as scratch:
        inst = make_installation(pathlib.Path(scratch) / "data", orgs=("acme", "globex"))
        for org in ("acme", "globex"):
            inst.add_key(f"limited@{org}", f"developer@{org}.example", "--org", org, "--user", f"developer@{org}.example",
                         "--allow-table", ",".join(f"public.t{i}" for i in range(KNOWN)))
        with Server(inst) as server:
            fill(server, "acme", KNOWN)
            few = milliseconds(server, "acme")
            fill(server, "globex", count)
            many = milliseconds(server, "globex")
    print(f"{'listing of ten tables, ms':28} {'of 10':>10} {f'of {count}':>10} {'ratio':>8}")
    for name in ASKED:
        print(f"{name:28} {few[name]:10.2f} {many[name]:10.2f} {many[name] / few[name]:8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10000)
