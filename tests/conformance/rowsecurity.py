"""The steps of PostgreSQL's own test of row security, each by the principal and under the policies that it has there.

What stands for what:

- The superuser, the tables' owner and the role that bypasses policies are an owner and two admins, whom every policy
  exempts; the other roles are developers. Their names in statements and rows become those of the principals.
- CREATE, ALTER and DROP POLICY and ENABLE ROW LEVEL SECURITY change a list here; from it each table gets one
  row-level-security policy (`hatidata policy set`) with a rule for each, of which one of the permissive and all of the
  restrictive must hold, a condition for some roles made to hold of `current_user`.
- f_leak, which tells its argument and lets the row through, is a function that lets through the values that
  PostgreSQL tells of at that step and fails on any other: a filter that lets it see more is found out.
- A step under row_security off begins with that SET.

A policy that has no such form (`why_not`) makes what its table is asked for by those whom it binds `refused`, as does
a table without the rows that PostgreSQL gave it, since a step before was refused. Statements about roles, grants,
sessions and policies that succeed are set-up, and plans are of PostgreSQL's planner: neither counts."""
import re

from . import values
from .tally import PASS, REFUSED, WRONG, Tally

PREFIX = "regress_rls_"
ORG = "acme"
EXEMPT = {"superuser": "owner", f"{PREFIX}alice": "admin", f"{PREFIX}exempt_user": "admin"}
SETUP = re.compile(r"(SET|RESET|GRANT|(CREATE|DROP|ALTER)\s+(USER|ROLE|POLICY|SCHEMA|FUNCTION)|CREATE\s+OR\s+REPLACE\s+FUNCTION|"
                   r"ALTER\s+TABLE\s+\w+\s+ENABLE\s+ROW)\b", re.I)
STATEMENT = re.compile(r"^(SELECT|CREATE|WITH)\b", re.M)
POLICY = re.compile(r"(CREATE|ALTER|DROP)\s+POLICY\s+(\w+)\s+ON\s+(\w+)\s*(.*?);?\s*$", re.I | re.S)
CHANGES = re.compile(r"\s*(INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO|COPY|"
                     r"CREATE\s+(?:TABLE|VIEW)|ALTER\s+TABLE|DROP\s+(?:TABLE|VIEW))\s+(\w+)", re.I)
SAMPLE = re.compile(r"\s+TABLESAMPLE\s+\w+\s*\(\d+\)(\s+REPEATABLE\s*\(\d+\))?", re.I)


def parenthesized(text, word):
    """What stands in the parentheses behind `word`; None where it isn't there."""
    m = re.search(rf"\b{word}\s*\(", text, re.I)
    if not m:
        return None
    depth = 1
    for i in range(m.end(), len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return text[m.end():i].strip()
    return None


class Policies:
    """What PostgreSQL's statements have made of the tables' policies."""

    def __init__(self):
        self.members = {}   # role: those who are in it
        self.of_table = {}  # table: {name: policy}
        self.enabled = set()

    def grant(self, sql):
        m = re.match(r"GRANT\s+(\w+)\s+TO\s+(\w+)", sql, re.I)
        if m:
            self.members.setdefault(m.group(1), set()).add(m.group(2))

    def take(self, sql):
        """Gives the table whose policies the statement changes; None where it isn't one of those."""
        m = re.match(r"ALTER\s+TABLE\s+(\w+)\s+ENABLE\s+ROW", sql, re.I)
        if m:
            self.enabled.add(m.group(1))
            return m.group(1)
        m = POLICY.match(sql)
        if not m:
            return None
        verb, name, table, rest = m.groups()
        mine = self.of_table.setdefault(table, {})
        if verb.upper() == "DROP":
            mine.pop(name, None)
            return table
        policy = mine.setdefault(name, {"restrictive": False, "command": "ALL", "roles": [], "using": None, "check": None})
        head = re.split(r"\b(?:USING|WITH\s+CHECK)\b", rest, maxsplit=1, flags=re.I)[0]
        if verb.upper() == "CREATE":
            policy["restrictive"] = bool(re.search(r"\bRESTRICTIVE\b", head, re.I))
            policy["command"] = (re.search(r"\bFOR\s+(\w+)", head, re.I) or [0, "ALL"])[1].upper()
            to = re.search(r"\bTO\s+([\w, ]+)", head, re.I)
            policy["roles"] = [r.strip() for r in to[1].split(",") if r.strip().lower() != "public"] if to else []
        for field, word in (("using", "USING"), ("check", r"WITH\s+CHECK")):
            condition = parenthesized(rest, word)
            policy[field] = policy[field] if condition is None else condition
        return table

    def users_of(self, role):
        return sorted(self.members.get(role, {role}))

    def condition(self, policy, field):
        """The policy's condition, made to hold of those alone whom it names."""
        if policy[field] is None:
            return None
        text = policy[field]
        if not policy["roles"]:
            return f"({text})"
        users = ", ".join(f"'{u}'" for r in policy["roles"] for u in self.users_of(r))
        return f"(current_user NOT IN ({users}) OR ({text}))" if policy["restrictive"] else \
            f"(current_user IN ({users}) AND ({text}))"

    def rules(self, table):
        """The rules of the table as a policy has them; none: no row is hidden."""
        if table not in self.enabled:
            return []
        out = []
        for p in self.of_table.get(table, {}).values():
            rule = {"table": table, "combine": "all" if p["restrictive"] else "any", "filter": self.condition(p, "using"),
                    "check": self.condition(p, "check"), "commands": None if p["command"] == "ALL" else [p["command"].lower()]}
            out.append({field: value for field, value in rule.items() if value})
        # a table without a permissive policy shows nothing
        return out + [{"table": table, "combine": "any", "filter": "FALSE"}]


class Run:
    """One warehouse with the principals, and what has become of its tables."""

    def __init__(self, warehouse, records):
        self.warehouse, self.policies = warehouse, Policies()
        self.users = sorted({m for r in records for m in re.findall(rf"\b{PREFIX}\w+", r["sql"])
                             if re.search(rf"CREATE\s+USER\s+{m}\b", r["sql"], re.I)})
        self.connections, self.users_added = {}, False
        self.why_not = {}   # table: why its policies, or its rows, are not those of PostgreSQL
        self.known = set()  # tables and views
        self.reads = {}     # view: those beneath

    def principal(self, user):
        return f"{user.removeprefix(PREFIX)}@{ORG}"

    def named(self, text):
        """Names of users as they are here."""
        return re.sub(rf"\b({'|'.join(self.users)})\b", lambda m: f"{m[0].removeprefix(PREFIX)}@{ORG}.example", text) \
            if text else text

    def add_users(self):
        for user in self.users:
            self.warehouse.installation.add_user(ORG, EXEMPT.get(user, "developer"), user.removeprefix(PREFIX))

    def connection(self, user):
        if user not in self.connections:
            who = f"owner@{ORG}" if user == "superuser" else self.principal(user)
            self.connections[user] = self.warehouse.connect(who, "postgres")
        return self.connections[user]

    def set_policy(self, table):
        rules = self.policies.rules(table)
        self.why_not.pop((table, "policy"), None)
        try:
            self.put_rules(table, rules or [{"table": table, "filter": "TRUE"}])
        except AssertionError as e:
            self.why_not[(table, "policy")] = re.search(r"rules\[\d+\]\.\w+: (.*)", str(e))[1]
            self.put_rules(table, [{"table": table, "filter": "FALSE"}])

    def put_rules(self, table, rules):
        named = [{**rule, **{f: self.named(rule[f]) for f in ("filter", "check") if f in rule},
                  "exempt_roles": ["owner", "admin"]} for rule in rules]
        self.warehouse.installation.set_policy(ORG, {"name": f"rows of {table}", "type": "row_level_security", "rules": named})

    def tables(self, sql):
        """Every name in it that a table or view was made under, and what is beneath."""
        words = {w.lower() for w in re.findall(r"\w+", sql)}
        for view, beneath in self.reads.items():
            words |= beneath if view in words else set()
        return words

    def not_as_there(self, record, sql):
        """Why a step can't be judged by what it gives; None where it can."""
        if re.match(r"COPY\b.*\bstdin\b", sql, re.I):
            return "the rows that are copied aren't told"
        if re.match(r"(ALTER|DROP)\s+POLICY", sql, re.I):
            return None
        dropped = re.match(r"DROP\s+TABLE\s+(\w+)", sql, re.I)
        if dropped and any(re.search(rf"\b{dropped[1]}\b", p["using"] or "") for t in self.policies.of_table.values() for p in t.values()):
            return "a policy with a sub-query over the table"
        for (table, kind), why in self.why_not.items():
            bound = kind == "rows" or record["user"] not in EXEMPT
            if bound and table in self.tables(sql):
                return why
        return None

    def other_rows(self, sql, record, why):
        """A step didn't do what it does in PostgreSQL: what it changes isn't as there from now on."""
        m = CHANGES.match(sql)
        if m and record["kind"] != "error":
            of = why if ": step " in why else f"{m[2]}: step {record['n']}: {why}"
            for table in {m[2].lower()} | self.reads.get(m[2].lower(), set()):
                self.why_not.setdefault((table, "rows"), of)

    def ask(self, record, sql):
        told = {n.split("=> ", 1)[1] for n in record["notices"] or () if "f_leak => " in n} if "notices" in record else ()
        if "f_leak" in sql:
            seen = ", ".join("'" + n.replace("'", "''") + "'" for n in sorted(told)) or "NULL"
            body = f"CASE WHEN s IN ({self.named(seen)}) THEN true ELSE CAST('leak' AS boolean) END"
            made = self.warehouse.connect(f"owner@{ORG}", "duckdb").run(
                f"CREATE OR REPLACE MACRO f_leak(s) AS {'true' if record.get('notices', ()) is None else body}")
            assert made.ok, made.why
        return self.connection(record["user"]).run(sql)

    def made(self, sql):
        """Remembers what a view or a prepared statement reads."""
        self.known |= {t.lower() for t in re.findall(r"CREATE\s+(?:TABLE|VIEW)\s+(\w+)", sql, re.I)}
        m = re.match(r"\s*(?:CREATE\s+VIEW|PREPARE)\s+(\w+)\b(.*)", sql, re.I | re.S)
        if m:
            self.reads[m[1].lower()] = self.tables(m[2]) & self.known


def step_of(record):
    """Its statement, without what psql's \\d and a DETAIL left before it."""
    m = STATEMENT.search(record["sql"]) if re.match(r"Table |drop cascades", record["sql"]) else None
    return record["sql"][m.start():] if m else record["sql"]


def set_up(run, sql):
    run.policies.grant(sql)
    table = run.policies.take(sql)
    if table:
        run.set_policy(table)


def stand_in(record, run, sql):
    """Makes the view, or the rows of an INSERT that PostgreSQL allows, as the owner. Of rows: where one of their key is there,
    policies make it an error or nothing. Of a view: it shows to each what he may see, whoever made it. False where it isn't
    one of those."""
    if record["kind"] == "error" or not re.match(r"(INSERT\s+INTO\s+\w+\s+VALUES|CREATE\s+VIEW)\b", sql, re.I):
        return False
    return run.connection("superuser").run(run.named(sql.replace("current_user", f"'{record['user']}'"))).ok


def is_right(record, run, sql, reply):
    # psql shows NULL as nothing
    expected = [[run.named(v) or None for v in row] for row in record["rows"]]
    got = [[v or None for v in row] for row in reply.rows]
    if SAMPLE.search(sql):  # which of the rows is chance
        return all(row in run.ask({**record, "notices": None}, SAMPLE.sub("", run.named(sql))).rows for row in reply.rows)
    return values.same_rows(expected, got, reply.oids, re.search(r"\border\s+by\b", sql, re.I) is not None)


def answer(record, run, sql):
    """(verdict, why, more) of a step that can be judged by what it gives."""
    off = record["row_security"] == "off" and not re.match(r"EXECUTE|PREPARE", sql, re.I)
    asked = {**record, "notices": None} if SAMPLE.search(sql) else record
    reply = run.ask(asked, f"SET row_security TO OFF; {run.named(sql)}" if off else run.named(sql))
    run.connection(record["user"]).run("SET row_security TO ON")
    if record["kind"] == "error":
        return (WRONG if reply.ok else PASS), "no error, where PostgreSQL gives one", {"got": reply.rows[:4]}
    if not reply.ok:
        return (REFUSED if reply.is_refusal else WRONG), reply.why, {}
    if "rows" not in record or is_right(record, run, sql, reply):
        return PASS, "", {}
    return WRONG, "other rows", {"expected": record["rows"][:8], "got": reply.rows[:8]}


def judge(tally, record, run):
    sql = step_of(record)
    if record["kind"] == "plan":
        return
    if SETUP.match(sql) and record["kind"] != "error":
        return set_up(run, sql)
    run.made(sql)
    verdict, why, more = REFUSED, run.not_as_there(record, sql), {}
    if not why:
        verdict, why, more = answer(record, run, sql)
    tally.add(verdict, record, why, sql=sql, **more)
    if verdict != PASS and not stand_in(record, run, sql):
        run.other_rows(sql, record, why)


def postgres_rowsecurity(records, context):
    tally = Tally("postgres_rowsecurity")
    for r in records:
        r["id"] = f"rls{r['n']:05}"
    with context.warehouse([ORG]) as warehouse:
        run = Run(warehouse, records)
        run.add_users()
        # What PostgreSQL's tests have made before: the beginning of a digest.
        warehouse.connect(f"owner@{ORG}", "duckdb").run("CREATE MACRO fipshash(s) AS left(sha256(s), 32)")
        for record in records:
            judge(tally, record, run)
    return tally
