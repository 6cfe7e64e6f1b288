"""The queries of TPC-H and TPC-DS: our rows over the wire are the engine's own, at scale 0.01.

The engine's generators write the tables to Parquet, the program loads those into one organization, and a second
engine in this process, over the same files, gives the answers."""
import pathlib
import re

from . import values
from .tally import PASS, REFUSED, WRONG, Tally

# In dialect duckdb: the answer is the engine's own, to division by zero too.
DIALECT = "duckdb"
SCALE = 0.01
BENCHMARKS = {"tpch": f"CALL dbgen(sf = {SCALE})", "tpcds": f"CALL dsdgen(sf = {SCALE})"}
# The corpus' queries follow an older text of the benchmark than the generator: one column has two names.
ADDED = {"tpcds": "ALTER TABLE customer ADD COLUMN c_last_review_date INTEGER;"
                  "UPDATE customer SET c_last_review_date = c_last_review_date_sk"}
EXTENSIONS = pathlib.Path(__file__).resolve().parents[2] / "third_party/duckdb/extensions"


def generate(name, warehouse):
    """The benchmark's tables, here and in the organization of its name; gives the engine that is here."""
    import duckdb
    engine = duckdb.connect()
    engine.execute(f"LOAD '{EXTENSIONS / name}.duckdb_extension'")
    engine.execute(BENCHMARKS[name])
    engine.execute(ADDED.get(name, ""))
    tables = [row[0] for row in engine.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    for t in tables:
        file = warehouse.path / f"{name}-{t}.parquet"
        engine.execute(f"COPY \"{t}\" TO '{file}' (FORMAT parquet)")
        warehouse.installation.run("load", file, "--table", t, "--org", name)
    warehouse.govern(name, tables)
    return engine


def engine_rows(engine, sql):
    """As text, NULL as None."""
    width = len(engine.execute(sql).description)
    names = ", ".join(f"c{i}" for i in range(width))
    cast = ", ".join(f"CAST(c{i} AS VARCHAR)" for i in range(width))
    body = sql.strip().rstrip(";")
    return [list(row) for row in engine.execute(f"SELECT {cast} FROM ({body}\n) AS q ({names})").fetchall()]


def judge(tally, record, engine, developer):
    expected = engine_rows(engine, record["sql"])
    reply = developer.run(record["sql"])
    if not reply.ok:
        return tally.add(REFUSED if reply.is_refusal else WRONG, record, reply.why, sql=record["sql"])
    tally.count("with_rows", int(bool(expected)))
    # Rows that ORDER BY leaves tied come in any order.
    if values.same_rows(expected, reply.rows, reply.oids, False):
        return tally.add(PASS, record)
    return tally.add(WRONG, record, "other rows", sql=record["sql"], expected=expected[:5], got=reply.rows[:5])


def tpc(records, context):
    tally = Tally("tpc")
    warehouse = context.warehouse(list(BENCHMARKS), "--dialect", DIALECT)
    engines = {name: generate(name, warehouse) for name in BENCHMARKS}
    with warehouse:
        developers = {name: warehouse.connect(f"developer@{name}", DIALECT) for name in BENCHMARKS}
        for record in records:
            name = "tpch" if record["id"].startswith("tpc-h") else "tpcds"
            judge(tally, record, engines[name], developers[name])
    return tally
