"""Random statements that PostgreSQL and this program both read, over the tables of world.py.

Whatever the order of rows leaves open is closed: LIMIT, windows and string_agg order by everything. An
expression that can fail stands alone (`probe`): elsewhere it would depend on the plan whether it is reached."""
import re

from world import TABLES, literal

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")
PATTERNS = ("'%a%'", "'_o%'", "'b%'", "'%'", "'x!%y' ESCAPE '!'")
KINDS = ("int", "text", "date", "numeric", "bool")


class Statements:
    def __init__(self, random):
        self.r = random
        self.n = 0
        self.values = None  # of parameters, where the statement has some

    def alias(self):
        self.n += 1
        return f"q{self.n}"

    def constant(self, kind):
        text = literal(self.r, kind)
        if self.values is None or kind not in ("int", "text") or self.r.random() < .4:
            return text
        self.values.append(text[1:-1].replace("''", "'") if kind == "text" else text)
        return f"CAST(${len(self.values)} AS {kind})"

    # ---- expressions over `scope`: [(text of a column, kind)] ----

    def column(self, scope, kind):
        found = [c for c, k in scope if k == kind]
        return self.r.choice(found) if found else self.constant(kind)

    def value(self, scope, kind, depth=2):
        r = self.r
        if depth == 0 or r.random() < .35:
            return self.column(scope, kind) if r.random() < .8 else self.constant(kind)

        def v(k):
            return self.value(scope, k, depth - 1)
        common = [lambda: f"coalesce({v(kind)}, {self.constant(kind)})", lambda: f"nullif({v(kind)}, {v(kind)})",
                  lambda: f"CASE WHEN {self.condition(scope, depth - 1)} THEN {v(kind)} ELSE {v(kind)} END"]
        if kind != "bool":
            common.append(lambda: f"{r.choice(('greatest', 'least'))}({v(kind)}, {v(kind)})")
        own = {
            "int": [lambda: f"({v('int')} {r.choice('+-*')} {v('int')})", lambda: f"({v('int')} % {r.choice((2, 3, -3))})",
                    lambda: f"({v('int')} / {r.choice((2, 3, -2))})", lambda: f"abs({v('int')})", lambda: f"length({v('text')})",
                    lambda: f"(- {v('int')})", lambda: f"position('a' IN {v('text')})",
                    lambda: f"CAST(extract(day FROM {v('date')}) AS int)", lambda: f"({v('date')} - DATE '2024-02-20')"],
            "text": [lambda: f"({v('text')} || {v('text')})", lambda: f"{r.choice(('upper', 'lower', 'trim', 'reverse'))}({v('text')})",
                     lambda: f"substr({v('text')}, {r.randint(1, 3)}, {r.randint(0, 3)})", lambda: f"replace({v('text')}, 'a', 'zz')",
                     lambda: f"CAST({v('int')} AS text)", lambda: f"{r.choice(('left', 'right'))}({v('text')}, {r.randint(0, 3)})",
                     lambda: f"concat({v('text')}, {v('text')})", lambda: f"CAST({v('date')} AS text)"],
            "date": [lambda: f"({v('date')} + {r.randint(-2, 2)})"],
            "numeric": [lambda: f"({v('numeric')} {r.choice('+-')} {v('numeric')})", lambda: f"round({v('numeric')}, 1)",
                        lambda: f"CAST({v('int')} AS numeric(10,2))", lambda: f"abs({v('numeric')})"],
            "bool": [lambda: f"({self.condition(scope, depth - 1)})"]}[kind]
        return r.choice(common + own * 2)()

    def condition(self, scope, depth=2, queries=False):
        """`queries`: sub-queries may stand in it, correlated ones too."""
        r, kind = self.r, self.r.choice(KINDS)
        roll = r.random()
        if depth > 0 and roll < .3:
            x, y = (self.condition(scope, depth - 1, queries) for _ in range(2))
            return r.choice((f"({x} AND {y})", f"({x} OR {y})", f"NOT ({x})"))
        if queries and roll < .6:
            return self.query_condition(scope, kind)
        x = self.value(scope, kind, min(depth, 1))

        def v():
            return self.value(scope, kind, min(depth, 1))
        forms = [lambda: f"{x} {r.choice(COMPARISONS)} {v()}", lambda: f"{x} IS {r.choice(('', 'NOT '))}NULL",
                 lambda: f"{x} {r.choice(('', 'NOT '))}IN ({self.constant(kind)}, {v()})"]
        if kind == "bool":
            forms = [lambda: x, lambda: f"{x} IS {r.choice(('', 'NOT '))}{r.choice(('TRUE', 'FALSE', 'NULL'))}"]
        elif kind == "text":
            forms.append(lambda: f"{x} {r.choice(('', 'NOT '))}{r.choice(('LIKE', 'ILIKE'))} {r.choice(PATTERNS)}")
        else:
            forms.append(lambda: f"{x} {r.choice(('', 'NOT '))}BETWEEN {v()} AND {v()}")
        return r.choice(forms)()

    def query_condition(self, scope, kind):
        r = self.r
        inner = self.one_column(kind, scope)
        x = self.value(scope, kind, 1)
        return r.choice((lambda: f"{r.choice(('', 'NOT '))}EXISTS ({inner})", lambda: f"{x} {r.choice(('', 'NOT '))}IN ({inner})",
                         lambda: f"{x} {r.choice(('=', '<', '<>'))} {r.choice(('ANY', 'ALL'))} ({inner})",
                         lambda: f"{x} = ({self.aggregate_of(kind, scope)})"))()

    def one_column(self, kind, outer):
        """A query of one column, that may look at the rows around it."""
        source, scope = self.source(1)
        seen = scope + outer if self.r.random() < .5 else scope
        where = f" WHERE {self.condition(seen, 1)}" if self.r.random() < .7 else ""
        return f"SELECT {self.value(scope, kind, 1)} FROM {source}{where}"

    def aggregate_of(self, kind, outer):
        source, scope = self.source(1)
        seen = scope + outer if self.r.random() < .6 else scope
        of = "bool_or" if kind == "bool" else self.r.choice(("min", "max"))
        return f"SELECT {of}({self.column(scope, kind)}) FROM {source} WHERE {self.condition(seen, 1)}"

    # ---- FROM ----

    def table(self):
        """(text, alias, [(column, kind)])"""
        name, alias = self.r.choice(list(TABLES)), self.alias()
        return f"{name} AS {alias}", alias, TABLES[name]

    def item(self, depth):
        r = self.r
        if depth > 0 and r.random() < .3:
            query, columns = self.select(depth - 1)
            alias = self.alias()
            return f"({query}) AS {alias}", alias, columns
        return self.table()

    def source(self, depth):
        """FROM's text and its scope."""
        r = self.r
        text, alias, columns = self.item(depth)
        scope = [(f"{alias}.{c}", k) for c, k in columns]
        for _ in range(r.choice((0, 0, 1, 1, 2)) if depth > 0 else 0):
            if r.random() < .12:
                inner, alias = self.one_column("int", scope), self.alias()
                text += f" CROSS JOIN LATERAL ({inner}) AS {alias} (v)"
                scope = scope + [(f"{alias}.v", "int")]
                continue
            right, alias, columns = self.item(depth - 1)
            more = [(f"{alias}.{c}", k) for c, k in columns]
            text += self.joined(right, scope, more)
            scope = scope + more
        return text, scope

    def joined(self, right, scope, more):
        r = self.r
        how = r.choice(("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"))
        if how == "CROSS JOIN":
            return f" CROSS JOIN {right}"
        kinds = [k for _, k in more if k != "bool" and any(s == k for _, s in scope)]
        kind = r.choice(kinds or ["int"])
        on = f"{self.column(scope, kind)} = {self.column(more, kind)}"
        if how != "FULL JOIN" and r.random() < .4:
            on += f" AND {self.condition(scope + more, 1)}"
        return f" {how} {right} ON {on}"

    # ---- queries ----

    def select(self, depth=2):
        """(text, [(column, kind)]) of a query whose columns are c1, c2 ..."""
        r = self.r
        roll = r.random()
        if depth > 0 and roll < .15:
            return self.set_operation(depth)
        if roll < .4:
            return self.grouped(depth)
        source, scope = self.source(depth)
        kinds = [r.choice(KINDS) for _ in range(r.randint(1, 4))]
        targets = [self.window(scope) if k == "int" and r.random() < .15 else self.value(scope, k) for k in kinds]
        shown = ", ".join(f"{t} AS c{i + 1}" for i, t in enumerate(targets))
        distinct = "DISTINCT " if r.random() < .15 else ""
        where = f" WHERE {self.condition(scope, 2, depth > 0)}" if r.random() < .7 else ""
        return f"SELECT {distinct}{shown} FROM {source}{where}", [(f"c{i + 1}", k) for i, k in enumerate(kinds)]

    def window(self, scope):
        r = self.r
        order = ", ".join(f"{c} {r.choice(('', 'DESC'))}" for c, _ in scope)
        part = f"PARTITION BY {r.choice(scope)[0]} " if r.random() < .5 else ""
        of = r.choice(("rank()", "dense_rank()", "count(*)", f"sum({self.column(scope, 'int')})",
                       f"lag({self.column(scope, 'int')})", f"max({self.column(scope, 'int')})",
                       f"first_value({self.column(scope, 'int')})", f"count(*) FILTER (WHERE {self.condition(scope, 0)})"))
        frame = r.choice(("", "", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW")) if "rank" not in of and "lag" not in of else ""
        return f"CAST({of} OVER ({part}ORDER BY {order}{frame}) AS int)"

    def aggregate(self, scope, kind):
        r = self.r
        rows = f" FILTER (WHERE {self.condition(scope, 1)})" if r.random() < .2 else ""
        once = "DISTINCT " if r.random() < .2 else ""
        of = {"int": lambda: r.choice(("count(*)", f"count({once}{self.value(scope, r.choice(KINDS), 1)})",
                                       f"sum({once}{self.value(scope, 'int', 1)})", f"max({self.value(scope, 'int', 1)})")),
              "text": lambda: r.choice((f"min({self.value(scope, 'text', 1)})", self.listed(scope))),
              "date": lambda: f"{r.choice(('min', 'max'))}({self.value(scope, 'date', 1)})",
              "numeric": lambda: r.choice((f"sum({self.value(scope, 'numeric', 1)})", f"avg({self.value(scope, 'int', 1)})",
                                           f"avg({self.value(scope, 'numeric', 1)})")),
              "bool": lambda: f"{r.choice(('bool_and', 'bool_or'))}({self.condition(scope, 1)})"}[kind]()
        out = of + rows
        return {"int": f"CAST({out} AS int)", "numeric": f"CAST({out} AS numeric(18,4))"}.get(kind, out)

    def listed(self, scope):
        x = self.column(scope, "text")
        return f"string_agg({x}, ',' ORDER BY {x})"

    def grouped(self, depth):
        r = self.r
        source, scope = self.source(depth)
        keys = [r.choice(scope) for _ in range(r.choice((0, 1, 1, 2)))]
        kinds = [r.choice(KINDS) for _ in range(r.randint(1, 3))]
        targets = [(k[0], k[1]) for k in keys] + [(self.aggregate(scope, k), k) for k in kinds]
        shown = ", ".join(f"{t} AS c{i + 1}" for i, (t, _) in enumerate(targets))
        where = f" WHERE {self.condition(scope, 1, depth > 0)}" if r.random() < .5 else ""
        group = having = ""
        if keys:
            names = ", ".join(dict.fromkeys(k for k, _ in keys))
            group = " GROUP BY " + r.choice((names, names, names, f"ROLLUP ({names})", f"CUBE ({names})", f"GROUPING SETS (({names}), ())"))
        if r.random() < .25:
            number = self.column(scope, "int")
            having = f" HAVING {r.choice((f'count(*) > {r.randint(0, 2)}', f'min({number}) < 5'))}"
        return f"SELECT {shown} FROM {source}{where}{group}{having}", [(f"c{i + 1}", k) for i, (_, k) in enumerate(targets)]

    def set_operation(self, depth):
        r = self.r
        kinds = [r.choice(KINDS) for _ in range(r.randint(1, 3))]
        sides = []
        for _ in range(r.choice((2, 2, 3))):
            source, scope = self.source(depth - 1)
            shown = ", ".join(f"{self.value(scope, k, 1)} AS c{i + 1}" for i, k in enumerate(kinds))
            where = f" WHERE {self.condition(scope, 1, True)}" if r.random() < .6 else ""
            sides.append(f"SELECT {shown} FROM {source}{where}")
        text = sides[0]
        for side in sides[1:]:
            text += f" {r.choice(('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT ALL'))} {side}"
        return text, [(f"c{i + 1}", k) for i, k in enumerate(kinds)]

    def with_queries(self):
        r, name = self.r, self.alias()
        query, columns = self.select(1)
        kind = r.choice(("", "", "MATERIALIZED ", "NOT MATERIALIZED "))
        text, alias, other = self.item(0)
        scope = [(f"{name}.{c}", k) for c, k in columns] + [(f"{alias}.{c}", k) for c, k in other]
        shown = ", ".join(f"{self.value(scope, k, 1)} AS c{i + 1}" for i, (_, k) in enumerate(columns))
        return f"WITH {name} AS {kind}({query}) SELECT {shown} FROM {name}{self.joined(text, scope[:len(columns)], scope[len(columns):])}", columns

    def recursive(self):
        """Bosses of bosses: the table is read in both parts."""
        r, name = self.r, self.alias()
        table = r.choice(("emp", "proj"))
        alias = self.alias()
        scope = [(f"{alias}.{c}", k) for c, k in TABLES[table]]
        return (f"WITH RECURSIVE {name} (id, n) AS (SELECT {alias}.id, 1 FROM {table} AS {alias} WHERE {self.condition(scope, 1)} "
                f"UNION SELECT x.boss, {name}.n + 1 FROM {table} AS x JOIN {name} ON x.id = {name}.id WHERE {name}.n < 4) "
                f"SELECT n, count(*) AS c FROM {name} GROUP BY n"), []

    def starred(self):
        r = self.r
        x, y = r.sample(list(TABLES), 2)
        common = [c for c, _ in TABLES[x] if c in dict(TABLES[y])]
        how = r.choice(("NATURAL JOIN", "NATURAL LEFT JOIN", "NATURAL FULL JOIN", "JOIN", "RIGHT JOIN", "FULL JOIN"))
        using = "" if how.startswith("NATURAL") else f" USING ({', '.join(r.sample(common, r.randint(1, len(common))))})"
        return f"SELECT {r.choice(('*', '*', 'a.*, b.*', 'b.*'))} FROM {x} AS a {how} {y} AS b{using}", []

    def probe(self):
        """What fails on a row with some value, and on no other: alone, so that both sides must fail or not."""
        r = self.r
        table = r.choice(list(TABLES))
        column = r.choice([c for c, k in TABLES[table] if k == "int"])
        fails = r.choice((f"1 / ({column} - {r.randint(-2, 9)})",
                          f"CAST(CASE WHEN {column} = {r.randint(-2, 9)} THEN 'x' ELSE '1' END AS int)"))
        return r.choice((f"SELECT {fails} AS c1 FROM {table}", f"SELECT sum({fails}) AS c1 FROM {table}",
                         f"SELECT count(*) AS c1 FROM {table} WHERE {fails} > 0",
                         f"SELECT id FROM {table} ORDER BY {fails}, id",
                         f"UPDATE {table} SET id = id WHERE {fails} = 1", f"DELETE FROM {table} WHERE {fails} = 0",
                         f"SELECT {fails} AS c1, count(*) AS c2 FROM {table} GROUP BY 1")), []

    def query(self):
        r = self.r
        roll = r.random()
        if roll < .08:
            return self.probe()[0]
        if roll < .13:
            return self.recursive()[0]
        if roll < .2:
            return self.starred()[0]
        text, columns = self.with_queries() if roll < .32 else self.select(2)
        if r.random() < .2:
            order = ", ".join(f"{i + 1}{r.choice(('', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'))}" for i in range(len(columns)))
            text = self.apart(text) + f" ORDER BY {order}" + (f" LIMIT {r.randint(0, 5)}" if r.random() < .7 else "")
            text += f" OFFSET {r.randint(0, 2)}" if r.random() < .3 else ""
        return text

    def apart(self, text):
        """The query ready for ORDER BY, which stands outside of what groups by sets. PostgreSQL 15 takes `WHERE id = 0` to make
        every id 0 and doesn't sort by it, though ROLLUP (id) adds a NULL: its LIMIT then keeps other rows than the order says."""
        sets = re.search(r" GROUP BY (ROLLUP|CUBE|GROUPING SETS) \(", text)
        return f"SELECT * FROM ({text}) AS {self.alias()}" if sets else text

    # ---- writes ----

    def returning(self, scope):
        r = self.r
        shown = ", ".join(f"{self.value(scope, k, 1)} AS c{i + 1}" for i, k in enumerate(r.choices(KINDS, k=2)))
        return r.choice(("", " RETURNING *", f" RETURNING {shown}"))

    def write(self):
        r = self.r
        return r.choice((self.insert, self.insert, self.update, self.update, self.delete, self.merge))()

    def insert(self):
        r, table = self.r, self.r.choice(list(TABLES))
        columns = TABLES[table]
        given = columns if r.random() < .7 else [c for c in columns if r.random() < .7] or columns[:1]
        names = "" if given == columns and r.random() < .5 else " (" + ", ".join(c for c, _ in given) + ")"
        scope = [(f"{table}.{c}", k) for c, k in columns]
        if r.random() < .6:
            source = "VALUES " + ", ".join("(" + ", ".join(self.constant(k) if r.random() < .85 else "NULL" for _, k in given) + ")"
                                           for _ in range(r.choice((1, 1, 2))))
        else:
            text, inner = self.source(1)
            source = "SELECT " + ", ".join(self.value(inner, k, 1) for _, k in given) + f" FROM {text} WHERE {self.condition(inner, 1)}"
        return f"INSERT INTO {table}{names} {source}{self.returning(scope)}"

    def assignments(self, table, scope):
        r = self.r
        some = r.sample(TABLES[table], r.choice((1, 1, 2)))
        return ", ".join(f"{c} = {self.value(scope, k, 1)}" for c, k in some)

    def update(self):
        r, table = self.r, self.r.choice(list(TABLES))
        scope = [(f"{table}.{c}", k) for c, k in TABLES[table]]
        seen, other = scope, ""
        where = self.condition(seen, 1, r.random() < .5)
        if r.random() < .3:  # a row that several match may become either: one at most does
            text, alias, columns = self.table()
            other = f" FROM (SELECT max(id) AS id, max({self.column(columns, 'int')}) AS v FROM {text}) AS o"
            seen = scope + [("o.id", "int"), ("o.v", "int")]
            where = f"{table}.id = o.id AND {self.condition(seen, 1)}"
        return f"UPDATE {table} SET {self.assignments(table, seen)}{other} WHERE {where}{self.returning(scope)}"

    def delete(self):
        r, table = self.r, self.r.choice(list(TABLES))
        scope = [(f"{table}.{c}", k) for c, k in TABLES[table]]
        if r.random() < .3:
            text, alias, columns = self.table()
            other = [(f"{alias}.{c}", k) for c, k in columns]
            using = f" USING {text} WHERE {table}.id = {self.column(other, 'int')} AND {self.condition(scope + other, 1)}"
            return f"DELETE FROM {table}{using}" + (self.returning(scope) if "*" not in text else "")
        return f"DELETE FROM {table} WHERE {self.condition(scope, 1, r.random() < .5)}{self.returning(scope)}"

    def merge(self):
        r, table = self.r, self.r.choice(list(TABLES))
        inner = self.r.choice([t for t in TABLES if t != table] + ["memo"])
        target = [(f"t.{c}", k) for c, k in TABLES[table]]
        # one row of the source an id, so that no row of the target is met twice
        source = [("s.id", "int"), ("s.v", "int")]
        v = self.column([(c, k) for c, k in TABLES[inner]], "int")
        text = f"MERGE INTO {table} AS t USING (SELECT id, max({v}) AS v FROM {inner} WHERE id IS NOT NULL GROUP BY id) AS s ON t.id = s.id"
        for _ in range(r.randint(1, 2)):
            more = f" AND {self.condition(target + source, 1)}" if r.random() < .5 else ""
            text += f" WHEN MATCHED{more} THEN " + r.choice((f"UPDATE SET {self.assignments(table, target + source)}", "DELETE", "DO NOTHING"))
        if r.random() < .6:
            more = f" AND {self.condition(source, 0)}" if r.random() < .4 else ""
            values = ", ".join("s.id" if c == "id" else self.constant(k) for c, k in TABLES[table])
            text += f" WHEN NOT MATCHED{more} THEN INSERT ({', '.join(c for c, _ in TABLES[table])}) VALUES ({values})"
        return text

    def statement(self):
        """(text, values of its parameters or None, does it write)"""
        self.n = 0
        self.values = [] if self.r.random() < .25 else None
        writes = self.r.random() < .3
        text = self.write() if writes else self.query()
        return *self.used(text), not text.startswith(("SELECT", "WITH"))

    def used(self, text):
        """Parameters of what was thought of and isn't in the text go, and the others are numbered anew."""
        numbers = sorted({int(n) for n in re.findall(r"\$(\d+)", text)})
        text = re.sub(r"\$(\d+)", lambda m: f"${numbers.index(int(m[1])) + 1}", text)
        return text, [self.values[n - 1] for n in numbers] or None
