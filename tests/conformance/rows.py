"""Snowflake statements with the rows, or the error, that a stand-in of Snowflake's gives for them.

Commands there answer with a row of text or counts; ours is in the command's tag, which is told in those
words here. A record whose set-up isn't wholly known can't be judged by its rows: where it says so itself
(`partial_setup`) and tables are missing for that reason, or where it makes the tables that it reads, writes nothing
into any, and expects rows nevertheless (its test wrote them by other means than SQL): no rows are then the true answer,
and count as refused, not as wrong. Random values count by their kind."""
import re

from . import values
from .pairs import CHANGING, same_shapes
from .queries import QUERY, SESSION, bare, drop, made
from .tally import PASS, REFUSED, WRONG, Tally

NAME = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?((?:\"[^\"]+\"|[\w.])+)"
MADE_ELSE = re.compile(r"\s*(ALTER|CREATE\s+(\w+\s+)*(DATABASE|STAGE|STREAM|TAG))\b", re.I)
WITHOUT_SCHEMA = re.compile(r"without_(schema|database)|non_existent|unset_schema")
USE = re.compile(r"\s*USE\b", re.I)
SAMPLED = re.compile(r"\b(TABLE)?SAMPLE\b", re.I)
PLAIN_TABLE = re.compile(rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s+)*?TABLE\s+{NAME}\s*\((?!.*\bSELECT\b)", re.I | re.S)
HOLDER = re.compile(rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:DATABASE|SCHEMA)\s+{NAME}\s*$", re.I)  # of tables, not of rows
KINDS = {"schema": "Schema", "table": "Table", "view": "View", "database": "Database", "sequence": "Sequence",
         "stage": "Stage area", "user": "User", "warehouse": "Warehouse"}


def plain(value):
    """A cell as text: {"$decimal": "10.23"} and the like by their value."""
    if isinstance(value, dict) and len(value) == 1:
        kind, value = next(iter(value.items()))
        return "\\x" + value if kind == "$bytes" else str(value)
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def status_text(sql, tag):
    """What Snowflake answers to a command, as rows."""
    counts = re.fullmatch(r"(INSERT 0|UPDATE|DELETE|MERGE) (\d+)", tag)
    if counts:
        n = counts.group(2)
        return [[n, "0"]] if counts.group(1) == "UPDATE" else [[n]]
    m = re.match(rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s+)*?({'|'.join(KINDS)})\s+{NAME}", sql, re.I)
    if m:
        name = m.group(2).split(".")[-1]
        name = name.strip('"') if name.startswith('"') else name.upper()
        return [[f"{KINDS[m.group(1).lower()]} {name} successfully created."]]
    m = re.match(rf"\s*DROP\s+(\w+)\s+{NAME}", sql, re.I)
    if m:
        name = m.group(2).split(".")[-1]
        return [[f"{name.strip(chr(34)) if name.startswith(chr(34)) else name.upper()} successfully dropped."]]
    return [["Statement executed successfully."]]


def is_right(record, reply):
    expected = [[plain(v) for v in row] for row in record["rows"]]
    got = reply.rows if reply.oids else status_text(record["sql"], reply.status)
    if not reply.oids and reply.status.startswith("MERGE"):  # its counts come apart there: their sum here
        expected = [[str(sum(int(v) for v in row))] for row in expected]
    ordered = re.search(r"\border\s+by\b", record["sql"], re.I) is not None
    if record["first_row_only"]:  # of a statement without an order any row may be the first
        return any(values.same_rows(expected, [row], reply.oids) for row in (got[:1] if ordered else got))
    if CHANGING.search(record["sql"]):
        return same_shapes(expected, got)
    if SAMPLED.search(record["sql"]):  # which rows, and how many, is chance
        return all(len(row) == len(expected[0]) for row in got) if expected else True
    if record["cols"] and reply.oids and len(record["cols"]) != len(reply.names):
        return False
    return values.same_rows(expected, got, reply.oids, ordered)


def names(records):
    """Of the records' tables, but for those that some record gives to a view: a filter that names a view refuses it."""
    found = [(kind, bare(name)) for r in records for kind, name in made(r["setup"] + [r["sql"]])]
    return {n for kind, n in found if kind == "TABLE"} - {n for kind, n in found if kind == "VIEW"}


def is_unwritten(record):
    """Is there no statement that could have written the rows that are expected of the tables that were made?"""
    makers = [s for s in record["setup"] if not HOLDER.match(s)]
    tables = [m.group(1) for m in map(PLAIN_TABLE.match, makers) if m]
    reads = re.search(r"\bFROM\s+((?:\w+\.)*\w+)\s*(?:;?\s*$|ORDER\b)", record["sql"], re.I)
    return (reads is not None and reads.group(1).lower() in [t.lower() for t in tables]
            and len(tables) == len(makers) and bool(record["rows"]))


def connect(warehouse, org, record):
    """Sessions as the record's test has it, in a schema schema1, or in none: of the owner, who sets up, and of a developer."""
    owner, developer = (warehouse.connect(f"{who}@{org}", "snowflake") for who in ("owner", "developer"))
    for sql in ("CREATE SCHEMA IF NOT EXISTS schema1", "USE SCHEMA schema1"):
        owner.run(sql)
    if WITHOUT_SCHEMA.search(record["src"]):
        owner.run("DROP SCHEMA schema1")
    else:
        developer.run("USE SCHEMA schema1")
    return owner, developer


def asked_by(record, owner, developer):
    """A query is the developer's, unless it lives in the owner's session."""
    setup = record["setup"]
    if not QUERY.match(record["sql"]) or any(SESSION.match(s) and not USE.match(s) for s in setup):
        return owner
    for sql in filter(USE.match, setup):
        developer.run(sql)
    return developer


def judge(tally, record, owner, developer):
    failed = None
    for sql in record["setup"]:
        reply = owner.run(sql)
        if not reply.ok and failed is None:
            failed = f"set-up: {reply.why}"
    asks = asked_by(record, owner, developer)
    tally.count("filtered", int(asks is developer))
    reply = asks.run(record["sql"])
    if record.get("expect_error"):
        if not reply.ok:
            return tally.add(PASS, record)
        return tally.add(WRONG, record, "an error is expected", sql=record["sql"], got=reply.rows[:4])
    if reply.ok and is_right(record, reply):
        return tally.add(PASS, record)
    if reply.ok and not reply.rows and is_unwritten(record):
        return tally.add(REFUSED, record, "the set-up writes no row", sql=record["sql"])
    if failed or (record["partial_setup"] and not reply.ok):
        return tally.add(REFUSED, record, failed or reply.why, sql=record["sql"])
    if not reply.ok:
        return tally.add(REFUSED if reply.is_refusal else WRONG, record, reply.why, sql=record["sql"])
    return tally.add(WRONG, record, "other rows", sql=record["sql"], expected=record["rows"][:6],
                     got=reply.rows[:6] if reply.oids else reply.status)


def clean(owner, setup):
    """Drops what a record made; False where something may be left."""
    left = [("SCHEMA", "schema1"), *made(setup)]
    for _ in range(3):
        left = [(kind, name) for kind, name in reversed(left) if not drop(owner, kind, name)]
    return not left and not any(MADE_ELSE.match(sql) for sql in setup)


def snowflake_rows(records, context):
    """Each record has an organization without anything in it: a new one where the last can't be cleaned."""
    tally = Tally("snowflake_rows")
    with context.warehouse(["org0"], "--engine-threads", "1") as warehouse:
        n, governed = 0, names(records)
        warehouse.govern("org0", governed)
        for record in records:
            owner, developer = connect(warehouse, f"org{n}", record)
            judge(tally, record, owner, developer)
            owner.run("ROLLBACK")
            owner.close()
            developer.close()
            if not clean(owner, record["setup"] + [record["sql"]]):
                n += 1
                warehouse.add_org(f"org{n}")
                warehouse.govern(f"org{n}", governed)
            owner.close()
    return tally
