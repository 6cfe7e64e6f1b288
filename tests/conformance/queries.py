"""Queries of the engine's own tests: set-up, query, expected rows as text.

The set-up runs as owner, the query as a developer under a filter TRUE and a predicate on an attribute on
every table, and masks that don't concern it (warehouse.govern). A record whose set-up leaves something in the session (an open
transaction, temporary tables, prepared statements, settings) runs whole in the owner's session instead;
how many did not is the figure `filtered`.

A file's records share their set-up: each goes on where the one before stopped, with whatever its query
changed, as in the file they are from; where the set-up isn't a continuation, what was made is dropped, and
it starts anew.

What a query tells of the server it ran on (its user, its database) can't be that of another product: there
the number of rows and columns counts. DuckDB's answer to a write is its count of rows; ours is in the
command's tag."""
import queue
import re
import threading

from . import values
from .tally import PASS, REFUSED, WRONG, Tally

WORKERS = 4
MADE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:TEMP|TEMPORARY|TRANSIENT|UNIQUE|RECURSIVE|PERSISTENT)\s+)*"
                  r"(TABLE|VIEW|SEQUENCE|TYPE|MACRO|FUNCTION|SCHEMA|INDEX)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
                  r"((?:\"(?:[^\"]|\"\")+\"|[\w.])+)", re.I)
SESSION = re.compile(r"\s*(BEGIN|START|PREPARE|SET|PRAGMA|RESET|USE|DECLARE|CREATE\s+(OR\s+REPLACE\s+)?TEMP)", re.I)
QUERY = re.compile(r"[\s(]*(SELECT|WITH|FROM|VALUES|TABLE|DESCRIBE|SHOW|SUMMARIZE|EXPLAIN|PIVOT|UNPIVOT)\b", re.I)
LEFT_OVER = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'public'"
OF_THE_SERVER = re.compile(r"\b(current_user|session_user|user|current_catalog|current_database|"
                           r"current_schema|version)\b", re.I)


def made(setup):
    """(kind, name) of what the statements make, in their order."""
    out = []
    for sql in setup:
        m = MADE.match(sql)
        if m:
            kind = m.group(1).upper()
            out.append(("MACRO" if kind == "FUNCTION" else kind, m.group(2)))
    return out


def bare(name):
    return name.split(".")[-1].strip('"').lower()


def drop(owner, kind, name):
    reply = owner.run(f"DROP {kind} IF EXISTS {name}")
    if reply.ok:
        return True
    other = {"TABLE": "VIEW", "VIEW": "TABLE"}.get(kind)  # an ALTER or DROP made it the other
    return bool(other) and owner.run(f"DROP {other} IF EXISTS {name}").ok


class Worker:
    """One organization with filters under all table names (a), and one (b) without those that some
    record gives to a view: a filter that names a view refuses it."""

    def __init__(self, warehouse, org):
        self.owner = {k: warehouse.connect(f"owner@{org}{k}", "duckdb") for k in "ab"}
        self.developer = {k: warehouse.connect(f"developer@{org}{k}", "duckdb") for k in "ab"}
        self.org = "a"
        self.done, self.failed = [], None

    def drop_all(self):
        owner, left = self.owner[self.org], made(self.done)
        owner.run("ROLLBACK")  # a session that ends with an open transaction may end later than this one goes on
        owner.close()
        self.developer[self.org].close()
        for _ in range(3):  # what others need can't go first
            left = [(kind, name) for kind, name in reversed(left)
                    if kind != "INDEX" and not drop(owner, kind, name)]
            if not left:
                break
        # What a query made, or an ALTER gave another name: the next file must not find it.
        for name, kind in owner.run(LEFT_OVER).rows:
            drop(owner, "VIEW" if kind == "VIEW" else "TABLE", '"' + name.replace('"', '""') + '"')
        self.done, self.failed = [], None

    def set_up(self, org, setup):
        """Gives the first error, or None."""
        if org != self.org or setup[:len(self.done)] != self.done:
            self.drop_all()
            self.org = org
        for sql in setup[len(self.done):]:
            reply = self.owner[org].run(sql)
            self.done.append(sql)
            if not reply.ok and self.failed is None:
                self.failed = (sql, reply)
        return self.failed

    def ask(self, sql, in_session):
        return (self.owner if in_session else self.developer)[self.org].run(sql)


def expected_rows(record):
    return [[None if v == "NULL" else "" if v == "(empty)" else v for v in row] for row in record["expected"]]


def is_right(record, reply, ordered):
    expected = expected_rows(record)
    got = reply.rows
    count = re.fullmatch(r"(?:INSERT 0|UPDATE|DELETE|MERGE) (\d+)", reply.status)
    if not reply.oids and count:
        got = [[count.group(1)]]
    if values.same_rows(expected, got, reply.oids, ordered):
        return True
    # A text NULL is written as one that isn't there.
    got = [[None if v == "NULL" else v for v in row] for row in got]
    return values.same_rows(expected, got, reply.oids, ordered)


def body_of(sql):
    """Without its WITH, as far as can be told: what kind of statement it is."""
    m = re.search(r"\b(INSERT|UPDATE|DELETE|MERGE)\s+(INTO|FROM|\w+\s+SET)\b", sql, re.I)
    return sql[m.start():] if m and re.match(r"\s*WITH\b", sql, re.I) else sql


def is_of_server(record, reply):
    return OF_THE_SERVER.search(record["query"]) and len(reply.rows) == len(record["expected"]) and \
        all(len(x) == len(y) for x, y in zip(reply.rows, record["expected"]))


def as_text(sql, columns):
    names = ", ".join(f"c{i}" for i in range(columns))
    cast = ", ".join(f"CAST(c{i} AS VARCHAR)" for i in range(columns))
    return f"SELECT {cast} FROM ({sql.rstrip().rstrip(';')}\n) AS q ({names})"


def judge(tally, record, worker, org, figures):
    failed = worker.set_up(org, record["setup"])
    in_session = any(SESSION.match(s) for s in record["setup"])
    reply = worker.ask(record["query"], in_session)
    if not in_session:
        figures("filtered")
    ordered = record["sort"] == "nosort" and bool(re.search(r"\border\s+by\b", record["query"], re.I))
    if reply.ok and (is_right(record, reply, ordered) or is_of_server(record, reply)):
        return tally.add(PASS, record)
    if reply.ok and reply.oids and QUERY.match(record["query"]):  # in the engine's own spelling
        text = worker.ask(as_text(record["query"], len(reply.oids)), in_session)
        if text.ok and is_right(record, text, ordered):
            return tally.add(PASS, record)
    if failed:
        setup, first = failed
        verdict = REFUSED if first.is_refusal else WRONG
        return tally.add(verdict, record, f"set-up: {first.why}", setup=setup, sql=record["query"])
    if not reply.ok:
        if reply.is_refusal and not QUERY.match(body_of(record["query"])):
            worker.failed = (record["query"], reply)  # what comes later in the file builds on it
        return tally.add(REFUSED if reply.is_refusal else WRONG, record, reply.why, sql=record["query"])
    return tally.add(WRONG, record, "other rows", sql=record["query"], expected=record["expected"][:8],
                     got=reply.rows[:8])


def files(records):
    """The records of a file one after the other, short set-ups first; so that each can go on."""
    by_file = {}
    for r in records:
        by_file.setdefault(r["src"].rsplit(":", 1)[0], []).append(r)
    return list(by_file.values())


def duckdb_queries(records, context):
    tally = Tally("duckdb_queries")
    tables, views = set(), set()
    for r in records:
        for kind, name in made(r["setup"]):
            (tables if kind == "TABLE" else views if kind == "VIEW" else set()).add(bare(name))
    orgs = [f"w{i}" for i in range(WORKERS)]
    jobs = queue.SimpleQueue()
    for f in files(records):
        jobs.put(f)
    with context.warehouse([o + k for o in orgs for k in "ab"], "--engine-threads", "1") as warehouse:
        for o in orgs:
            warehouse.govern(o + "a", tables)
            warehouse.govern(o + "b", tables - views)

        def work(org):
            worker = Worker(warehouse, org)
            while True:
                try:
                    batch = jobs.get_nowait()
                except queue.Empty:
                    return
                for r in batch:
                    gives = {bare(n) for k, n in made(r["setup"]) if k == "VIEW"}
                    judge(tally, r, worker, "b" if gives & tables else "a", tally.count)
        threads = [threading.Thread(target=work, args=(o,)) for o in orgs]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    return tally
