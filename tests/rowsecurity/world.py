"""Tables, their rows and the conditions of their policies, by chance."""

TABLES = {
    "emp": [("id", "int"), ("dept", "text"), ("salary", "int"), ("boss", "int"), ("hired", "date")],
    "proj": [("id", "int"), ("dept", "text"), ("boss", "int"), ("budget", "numeric"), ("active", "bool")],
    "task": [("id", "int"), ("job", "int"), ("hours", "int"), ("label", "text"), ("due", "date")],
    "memo": [("id", "int"), ("label", "text")],  # never filtered
}
TYPES = {"int": "int", "text": "text", "date": "date", "numeric": "numeric(10,2)", "bool": "boolean"}
WORDS = ["sales", "legal", "board", "Ann", "bob", "", "x%y", "a_b", "Zoë"]
ATTRIBUTES = {"dept": "sales", "least": "3"}  # of the restricted principal


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def literal(r, kind):
    """A value of the kind as SQL, small so that values meet."""
    return {"int": lambda: str(r.randint(-2, 9)),
            "text": lambda: quoted(r.choice(WORDS)),
            "date": lambda: f"DATE '2024-02-{r.randint(25, 29)}'",
            "numeric": lambda: f"{r.randint(-3, 9)}.{r.choice(('00', '25', '50'))}",
            "bool": lambda: r.choice(("TRUE", "FALSE"))}[kind]()


def create(table):
    return f"CREATE TABLE {table} ({', '.join(f'{c} {TYPES[k]}' for c, k in TABLES[table])})"


def rows(r, table, n=12):
    """INSERT of some rows; the id is their number, and is NULL at times."""
    values = []
    for i in range(n):
        row = [str(i) if c == "id" and r.random() < .9 else "NULL" if r.random() < .15 else literal(r, k) for c, k in TABLES[table]]
        values.append("(" + ", ".join(row) + ")")
    return f"INSERT INTO {table} VALUES {', '.join(values)}"


def leaf(r, table, of=""):
    """One look at a column, whose name begins with `of`."""
    name, kind = r.choice(TABLES[table])
    column = of + name
    if kind == "bool":
        return r.choice((column, f"NOT {column}", f"{column} IS NOT FALSE"))
    if kind == "text" and r.random() < .4:
        return r.choice((f"{column} = {{dept}}", f"{column} <> '{{dept}}'", f"{column} LIKE '%' || {{dept}}",
                         f"{column} LIKE 'b%'", f"upper({column}) IN ('SALES', {{dept}})"))
    if kind == "int" and r.random() < .4:
        return r.choice((f"{column} >= {{least}}", f"{column} % 2 = 0", f"{column} + 1 > {{least}} * 2",
                         f"coalesce({column}, 0) < 7", f"CASE WHEN {column} > 4 THEN TRUE ELSE {column} < 0 END"))
    x, y = literal(r, kind), literal(r, kind)
    return r.choice((f"{column} = {x}", f"{column} <> {x}", f"{column} > {x}", f"{column} <= {x}", f"{column} IS NULL",
                     f"{column} IS NOT NULL", f"{column} IN ({x}, {y})", f"{column} NOT IN ({x}, {y})",
                     f"{column} BETWEEN {min(x, y)} AND {max(x, y)}", f"{column} IS DISTINCT FROM {x}"))


def reading(r, table):
    """A condition over what another table has, one further on as a rule, so that few read each other in a circle."""
    names = list(TABLES)
    after = names[names.index(table) + 1:]
    other = r.choice(after if after and r.random() < .95 else names)
    alias = r.choice(("x", "x", "q1", other))
    kind = r.choice([k for c, k in TABLES[table] if k in dict((k, c) for c, k in TABLES[other])])
    mine = f"{table}." + r.choice([c for c, k in TABLES[table] if k == kind])
    theirs = f"{alias}." + r.choice([c for c, k in TABLES[other] if k == kind])
    where = condition(r, other, 1, f"{alias}.")
    source = f"FROM {other} AS {alias} WHERE"
    if kind == "bool":
        return f"EXISTS (SELECT * {source} {theirs} = {mine} AND {where})"
    of = r.choice(("max", "min"))
    return r.choice((f"EXISTS (SELECT 1 {source} {theirs} = {mine} AND {where})",
                     f"NOT EXISTS (SELECT 1 {source} {theirs} = {mine} AND {where})",
                     f"{mine} IN (SELECT {theirs} {source} {where})", f"{mine} NOT IN (SELECT {theirs} {source} {where})",
                     f"{mine} >= (SELECT {of}({theirs}) {source} {where})",
                     f"{mine} = ANY (SELECT {theirs} {source} {where})",
                     f"(SELECT count(*) {source} {theirs} < {mine} AND {where}) < {r.randint(0, 5)}"))


def condition(r, table, depth=2, of=""):
    """A policy's condition in the syntax that both sides read; {name} is an attribute."""
    if not of and r.random() < .12:
        return reading(r, table)
    if depth == 0 or r.random() < .4:
        return leaf(r, table, of)
    x, y = condition(r, table, depth - 1, of), condition(r, table, depth - 1, of)
    return r.choice((f"({x} OR {y})", f"({x} AND {y})", f"NOT ({x})", f"({x} OR {y})"))


COMMANDS = ("select", "insert", "update", "delete")


def rule(r, table):
    """A rule as docs/policies.md has it. One of some commands, or with a check of its own, is rarer than a plain one."""
    out = {"table": table, "combine": r.choice(("all", "any"))}
    if r.random() < .4:
        out["commands"] = sorted(r.sample(COMMANDS, r.choice((1, 1, 2, 3))))
    commands = out.get("commands", COMMANDS)
    writes = any(c in commands for c in ("insert", "update"))
    if commands != ["insert"]:
        out["filter"] = "TRUE" if r.random() < .1 else condition(r, table)
    if writes and ("filter" not in out or r.random() < .4):
        out["check"] = "TRUE" if r.random() < .2 else condition(r, table)
    return out


def policies(r):
    """{table: rules}."""
    out = {}
    for table in TABLES:
        n = 0 if table == "memo" else r.choice((0, 1, 1, 2, 2, 3))
        if n:
            out[table] = [rule(r, table) for _ in range(n)]
    return out


def for_postgres(text):
    """The condition with the attributes' values in it, which aren't numbers where they are quoted."""
    for name, value in ATTRIBUTES.items():
        shown = value if value.isdigit() else quoted(value)
        text = text.replace(f"'{{{name}}}'", quoted(value)).replace(f"{{{name}}}", shown)
    return text
