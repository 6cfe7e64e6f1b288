"""One statement on both sides, and whether they say the same.

What counts as the same, though it is written differently:
- rows in any order, unless ORDER BY is over all columns: then as they come (the generator writes no other);
- numbers by their value, up to the tenth decimal: NUMERIC without a scale is DECIMAL(38,10) here;
- errors whatever their texts.
Not compared: what we refuse by name (REFUSED tells the words; it is counted), and what PostgreSQL itself doesn't read or do
(classes 42 but for a policy's own error, and 0A), where our grammar is the larger one."""
import collections
import decimal
import random
import re

import world
from statements import Statements

NUMBERS = {20, 21, 23, 26, 700, 701, 1700}
# Forms that docs/policies.md names as refused.
REFUSED = ("can't be assigned", "INSERT must give it", "correlated sub-query", "covers rows that are hidden",
           "rowid of a table", "would change what the statement does")
CIRCLE = "42P17"  # policies that read each other without end
ROUND = 60  # statements under the same policies


class Answer:
    def __init__(self, result):
        self.rows, self.names, self.error, self.sqlstate = [], [], None, ""
        self.status = (result.command_status or b"").decode()
        if result.status in (1, 2):
            oids = [result.ftype(c) for c in range(result.nfields)]
            self.names = [result.fname(c).decode() for c in range(result.nfields)]
            self.rows = [tuple(cell(result.get_value(r, c), oids[c]) for c in range(result.nfields))
                         for r in range(result.ntuples)]
        else:
            self.error = result.error_message.decode("utf-8", "replace").strip()
            self.sqlstate = (result.error_field(67) or b"").decode()

    def __str__(self):
        if self.error:
            return f"{self.sqlstate} {self.error}"
        return f"{self.status} {self.names} {sorted(self.rows, key=str)[:12]}"


def cell(value, oid):
    if value is None:
        return None
    text = value.decode()
    if oid in NUMBERS:
        number = decimal.Decimal(text)
        return str(number.quantize(decimal.Decimal("1e-10")).normalize() + 0) if number.is_finite() else text
    return text


def run(conn, sql, values):
    """The statement once; with parameters it is prepared first."""
    pg = conn.pgconn
    if values is None:
        return Answer(pg.exec_(sql.encode()))
    prepared = Answer(pg.prepare(b"", sql.encode()))
    return prepared if prepared.error else Answer(pg.exec_prepared(b"", [v.encode() for v in values]))


def is_ordered(sql):
    return re.search(r" ORDER BY 1[^()]*$", sql) is not None


def verdict(sql, ours, theirs):
    """same, refused, skipped or differs."""
    if theirs.error and theirs.sqlstate.startswith(("0A", "42")) and theirs.sqlstate not in ("42501", CIRCLE):
        return "skipped"
    if ours.error and (ours.sqlstate == "0A000" or any(text in ours.error for text in REFUSED)):
        return "refused"
    if ours.error or theirs.error:
        return "same" if ours.error and theirs.error and not ours.sqlstate.startswith(("XX", "42601", "08")) else "differs"
    if ours.status != theirs.status or ours.names != theirs.names:
        return "differs"
    if is_ordered(sql):
        return "same" if ours.rows == theirs.rows else "differs"
    return "same" if collections.Counter(ours.rows) == collections.Counter(theirs.rows) else "differs"


def as_policy(rule, command):
    """What follows the name and table in CREATE POLICY. Where the rule has no check, its filter is that of new rows too."""
    kind = "PERMISSIVE" if rule["combine"] == "any" else "RESTRICTIVE"
    check = world.for_postgres(rule.get("check", rule.get("filter", "")))
    using = "" if command == "insert" else f" USING ({world.for_postgres(rule['filter'])})"
    return f"AS {kind} FOR {command}{using}" + (f" WITH CHECK ({check})" if command in ("all", "insert", "update") else "")


def principal(installation):
    """The principal whom the policies bind."""
    attributes = [x for name, value in world.ATTRIBUTES.items() for x in ("--attribute", f"{name}={value}")]
    installation.add_user("acme", "developer", "bound", *attributes)


class Both:
    """The two servers with the tables; `us` is a harness.Server, `them` a Postgres."""

    def __init__(self, us, them):
        self.us = us
        as_postgres = {"options": "'-c hatidata.dialect=postgres'"}
        self.owners = us.connect("owner@acme", **as_postgres), them.connect("postgres")
        self.owners[1].execute("CREATE ROLE bound LOGIN")
        for table in world.TABLES:
            for owner in self.owners:
                owner.execute(world.create(table))
            self.owners[1].execute(f"GRANT ALL ON {table} TO bound")
        self.bound = us.connect("bound@acme", **as_postgres), them.connect("bound")

    def fill(self, r, table):
        sql = world.rows(r, table)
        for owner in self.owners:
            owner.execute(f"DELETE FROM {table}")
            owner.execute(sql)

    def set_policies(self, policies, only=None):
        """`only`: on one side."""
        for side, set_side in enumerate((self.set_ours, self.set_theirs)):
            if only in (None, side):
                set_side(policies)

    def set_ours(self, policies):
        rules = [{**rule, "exempt_roles": ["owner"]} for of_table in policies.values() for rule in of_table]
        rules = rules or [{"table": "memo", "filter": "TRUE", "exempt_roles": ["owner"]}]
        self.us.installation.set_policy("acme", {"name": "by chance", "type": "row_level_security", "rules": rules})

    def set_theirs(self, policies):
        them = self.owners[1]
        for table in world.TABLES:
            for name, in them.execute("SELECT policyname FROM pg_policies WHERE tablename = %s", (table,)).fetchall():
                them.execute(f"DROP POLICY {name} ON {table}")
            them.execute(f"ALTER TABLE {table} {'ENABLE' if table in policies else 'DISABLE'} ROW LEVEL SECURITY")
            rules = policies.get(table, [])
            if all(rule["combine"] == "all" for rule in rules):
                them.execute(f"CREATE POLICY everything ON {table} USING (TRUE)")
            for i, rule in enumerate(rules):
                for command in rule.get("commands", ["all"]):
                    them.execute(f"CREATE POLICY p{i}_{command} ON {table} {as_policy(rule, command)}")

    def contents(self):
        return [{t: collections.Counter(Answer(o.pgconn.exec_(f"SELECT * FROM {t}".encode())).rows) for t in world.TABLES}
                for o in self.owners]

    def ask(self, sql, values, writes):
        """The answers of both. A write is kept where both did it; then all rows must be the same, hidden ones too."""
        if not writes:
            return [run(c, sql, values) for c in self.bound]
        for c in self.bound:
            c.pgconn.exec_(b"BEGIN")
        answers = [run(c, sql, values) for c in self.bound]
        keep = not any(a.error for a in answers)
        for c in self.bound:
            c.pgconn.exec_(b"COMMIT" if keep else b"ROLLBACK")
        return answers


class Round:
    """All that one seed gives: policies, rows and statements."""

    def __init__(self, both, seed):
        self.both, self.seed, self.counts = both, seed, collections.Counter()
        self.random = random.Random(seed)
        self.policies = world.policies(self.random)
        both.set_policies(self.policies)
        for table in world.TABLES:
            both.fill(self.random, table)

    def run(self, until=lambda: False):
        """Gives what differed, as texts."""
        statements, found = Statements(self.random), []
        for _ in range(ROUND):
            if until():
                break
            sql, values, writes = statements.statement()
            ours, theirs = self.both.ask(sql, values, writes)
            what = verdict(sql, ours, theirs)
            if what == "same":
                what = "both fail" if ours.error else what
                if writes and not ours.error:
                    contents = self.both.contents()
                    if contents[0] != contents[1]:
                        what = "differs"
                        changed = [t for t in world.TABLES if contents[0][t] != contents[1][t]]
                        sql += f"\n  afterwards other rows in {', '.join(changed)}"
            self.counts[what] += 1
            if what == "differs":
                found.append(self.told(sql, values, ours, theirs))
            if writes:
                for table in world.TABLES:
                    if re.search(rf"\b(INTO|UPDATE|FROM) {table}\b", sql) and self.random.random() < .5:
                        self.both.fill(self.random, table)
        return found

    def told(self, sql, values, ours, theirs):
        policies = "".join(f"\n  policy: {rule}" for t, rules in self.policies.items() if t in sql for rule in rules)
        return f"seed {self.seed}: {sql}\n  parameters {values}{policies}\n  we:   {ours}\n  they: {theirs}"
