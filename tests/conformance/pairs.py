"""Pairs of a Snowflake text and the DuckDB text that another transpiler makes of it.

Where the DuckDB text ran without tables, the pair has its rows: ours of the Snowflake text must be those.
A cell "?" is a value that the pair's maker couldn't write down: then the rows that the engine itself gives for
the DuckDB text stand in.
Statements with random values or the time count by the number of rows and columns and the kind of values.

The rest: the same tree, when both texts are said in our own SQL (what the engine calls synonyms is one), or else the same rows over generated tables
(figures `same_tree` and `same_rows`): for each way to give the free columns a type out of TYPES under which
both texts run (the DuckDB text on the engine itself), the rows must be equal. Ways are tried until there is a value
that isn't NULL, plain types before lists and JSON."""
import itertools
import re

from . import values
from .tally import PASS, REFUSED, WRONG, Tally

CHANGING = re.compile(r"\b(random|randstr|uniform|uuid_string\(\s*\)|current_\w+|getdate|sysdate|now|localtime\w*|"
                      r"seq[1248]|today|gen_random_uuid|systimestamp)\b", re.I)

# Columns of a generated table: a type's name here, and what makes its values for row i.
TYPES = {
    "integer": "CASE i % 5 WHEN 0 THEN NULL ELSE i % 4 - 1 END",
    "other integer": "CASE i % 7 WHEN 3 THEN NULL ELSE 3 - i % 3 END",
    "text": "CASE i % 5 WHEN 1 THEN NULL WHEN 2 THEN 'b' WHEN 3 THEN '' ELSE 'abc' END",
    "other text": "CASE i % 3 WHEN 0 THEN 'b' WHEN 1 THEN 'abc' ELSE 'B' END",
    "double": "CASE i % 6 WHEN 5 THEN NULL ELSE CAST(i AS DOUBLE) / 4 - 1 END",
    "boolean": "CASE i % 3 WHEN 0 THEN true WHEN 1 THEN false END",
    "date": "CASE i % 5 WHEN 4 THEN NULL ELSE DATE '2024-02-27' + CAST(i AS INTEGER) END",
    "timestamp": "CASE i % 5 WHEN 3 THEN NULL ELSE TIMESTAMP '2024-02-27 23:30:00' + INTERVAL '7 hours' * i END",
    "numbers": "CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN [1, NULL, 3] WHEN 2 THEN [3, 2] ELSE [CAST(i AS INTEGER)] END",
    "texts": "CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN ['a', NULL] WHEN 2 THEN ['b', 'c'] ELSE ['abc'] END",
    "json": "CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN CAST('null' AS JSON) WHEN 2 THEN CAST('1' AS JSON) "
            "WHEN 3 THEN CAST('{\"value\": 1, \"a\": {\"b\": \"x\"}}' AS JSON) "
            "ELSE CAST('{\"value\": {\"nested\": true}}' AS JSON) END",
}
NESTED = ("numbers", "texts", "json")
WORDS = "words"
MOST_WAYS = 150  # of giving types to the columns of one pair
ROWS = 12


def as_statement(text, is_expression):
    return f"SELECT {text}" if is_expression else text


def expected_of(record):
    done = record["duckdb_exec"]
    return done["rows"] if done and done.get("ok") else None


class Engine:
    """The engine itself, in this process: rows as text, or None where it refuses."""

    def __init__(self):
        import duckdb
        self.db = duckdb.connect()
        self.db.execute("SET TimeZone = 'UTC'")
        self.why = None

    def run(self, sql):
        import duckdb
        try:
            cursor = self.db.execute(sql)
            width = len(cursor.description or [])
            rows = cursor.fetchall()
            if re.match(r"\s*(SELECT|WITH|FROM)\b", sql, re.I):
                names = ", ".join(f"c{i}" for i in range(width))
                cast = ", ".join(f"CAST(c{i} AS VARCHAR)" for i in range(width))
                rows = self.db.execute(f"SELECT {cast} FROM ({sql.rstrip().rstrip(';')}\n) AS q ({names})").fetchall()
            return [list(row) for row in rows]
        except duckdb.Error as e:
            self.why = str(e).splitlines()[0]
            return None


    def synonyms(self):
        """Functions and types of which the engine itself says that they are another: the functions that its catalog
        calls aliases or that are a macro over one call with the same arguments, and the types that a cast to them
        has another name of."""
        functions = dict(self.db.execute("""
            SELECT function_name, any_value(alias_of) FROM duckdb_functions() WHERE internal
            GROUP BY ALL HAVING bool_and(coalesce(alias_of, '') <> '') AND count(DISTINCT alias_of) = 1""").fetchall())
        functions |= dict(self.db.execute("""
            SELECT function_name, any_value(regexp_extract(macro_definition, '^(\\w+)[(]', 1)) FROM duckdb_functions()
            WHERE internal GROUP BY ALL HAVING count(*) = 1 AND any_value(regexp_full_match(macro_definition,
            '\\w+[(]' || array_to_string(parameters, ', ') || '[)]'))""").fetchall())
        types = {}
        for (name,) in self.db.execute("SELECT DISTINCT type_name FROM duckdb_types() WHERE internal").fetchall():
            try:
                types[name.lower()] = self.db.execute(f'SELECT typeof(CAST(NULL AS "{name}"))').fetchone()[0].lower()
            except Exception:  # a type that needs arguments
                pass
        return {"functions": functions, "types": {k: v for k, v in types.items() if v in types}}


# ---- pairs that run ----


def same_shapes(expected, got):
    """As many rows and columns, of the same kinds of values."""
    return len(expected) == len(got) and all(
        len(x) == len(y) and all(a == "?" or values.shape(a) == values.shape(b) for a, b in zip(x, y))
        for x, y in zip(expected, got))


def same_answer(text, expected, reply, reference):
    """Does the reply say what `expected` does? `reference` gives the rows of the DuckDB text, or None."""
    if not reply.oids:  # a command
        return not expected or re.fullmatch(r"\w+( \w+)* \d+", reply.status) is not None
    if CHANGING.search(text):
        return same_shapes(expected, reply.rows)
    if not any("?" == v for row in expected for v in row):
        return values.same_rows(expected, reply.rows, reply.oids, False)
    other = reference()
    if other is not None:
        return values.same_rows(other, reply.rows, reply.oids, False)
    return len(expected) == len(reply.rows) and all(
        len(x) == len(y) and all(a == "?" or values.same(a, b, o) for a, b, o in zip(x, y, reply.oids))
        for x, y in zip(expected, reply.rows))


def judge_rows(tally, record, asked, snowflake, engine):
    sql = as_statement(record["snowflake"], asked["x_expression"])
    reply = snowflake.run(sql)
    if not reply.ok:
        return tally.add(REFUSED if reply.is_refusal else WRONG, record, reply.why, sql=sql, part="rows")

    def reference():
        return engine.run(as_statement(record["duckdb"], asked["y_expression"]))
    if same_answer(record["snowflake"], expected_of(record), reply, reference):
        tally.count("rows_pass")
        return tally.add(PASS, record)
    return tally.add(WRONG, record, "other rows", sql=sql, part="rows", expected=expected_of(record),
                     got=reply.rows)


# ---- pairs that need tables ----


def create_values(owner, engine):
    """One table with a column of each type, on both sides; the pairs' tables are queries over it."""
    made = ", ".join(f"{sql} AS v{k}" for k, sql in enumerate(TYPES.values())) + ", i"
    sql = f"CREATE TABLE conformance_values AS SELECT {made} FROM range({ROWS}) AS r (i)"
    reply = owner.run(sql)
    if not reply.ok:
        raise RuntimeError(f"the generated table: {reply.why}")
    engine.run(sql)


def ways(tables):
    """Each way to give types to the columns, the plain ones first; few enough of them."""
    columns = [(t, c) for t, cs in tables.items() for c in (cs or ["a"])]
    kinds = [*TYPES, WORDS]
    if len(columns) > 2:  # neighbours alike or paired, not every combination
        chosen = []
        for x, y in itertools.product(kinds, kinds):
            chosen.append({c: (x, y)[i % 2] for i, c in enumerate(columns)})
        return chosen[:MOST_WAYS]
    return [dict(zip(columns, way)) for way in itertools.product(kinds, repeat=len(columns))][:MOST_WAYS]


def words_of(record):
    return re.findall(r"'([\w %.-]+)'", record["snowflake"]) or ["abc"]


def value_of(kind, words):
    """The column of a type; of WORDS, the texts that the Snowflake statement itself names."""
    if kind != WORDS:
        return f"v{list(TYPES).index(kind)}"
    whens = " ".join(f"WHEN {k} THEN '{w}'" for k, w in enumerate(words[:6]))
    return f"CASE i % {len(words[:6]) + 1} {whens} END"


def over_tables(sql, is_expression, tables, types, words):
    """The statement with its tables as queries of its WITH, and a FROM where it has none."""
    sql = as_statement(sql, is_expression).strip().rstrip(";")
    if "" in tables and not re.search(r"\bFROM\s+\w", sql, re.I):
        sql += " FROM conformance_free"
    ctes = []
    for name, columns in tables.items():
        made = ", ".join(f"{value_of(types[(name, c)], words)} AS {c}" for c in columns or ["a"])
        ctes.append(f"{name or 'conformance_free'} AS (SELECT {made} FROM conformance_values)")
    with_ = ", ".join(ctes)
    m = re.match(r"WITH\s+(?!RECURSIVE)", sql, re.I)
    return f"WITH {with_}, {sql[m.end():]}" if m else f"WITH {with_} {sql}"


def compare_rows(record, asked, tables, snowflake, engine):
    """"same", "differ", or why nothing could be compared; and an example. Lists and JSON are tried where no
    plain type fits: what a function of text makes of a list is no question of Snowflake's."""
    found, example, all_null = "no generated table fits both texts", None, False
    for nested in (False, True):
        for types in ways(tables):
            if any(t in NESTED for t in types.values()) != nested:
                continue
            one, seen = compare_once(record, asked, tables, types, snowflake, engine)
            if one == "differ":
                return one, seen
            all_null |= one == "null"
            found = one if found != "same" and one not in (None, "null") else found
        if found == "same":
            break
    return ("same" if all_null else found), example


def compare_once(record, asked, tables, types, snowflake, engine):
    words = words_of(record)
    theirs = engine.run(over_tables(record["duckdb"], asked["y_expression"], tables, types, words))
    if theirs is None:
        return None, None
    ours = snowflake.run(over_tables(record["snowflake"], asked["x_expression"], tables, types, words))
    if not ours.ok:
        return ours.why, None
    text = record["snowflake"]
    ordered = re.search(r"\border\s+by\b", text, re.I) is not None and "OVER" not in text.upper()
    if not values.same_rows(theirs, ours.rows, ours.oids, ordered):
        return "differ", {"types": {c: k for (_, c), k in types.items()}, "expected": theirs[:6],
                          "got": ours.rows[:6]}
    return ("same" if any(v is not None for row in ours.rows for v in row) else "null"), None


def judge_meaning(tally, record, asked, tables, snowflake, engine):
    tally.count("rest")
    if not asked["ok"]:
        return tally.add(REFUSED, record, asked["error"], sql=record["snowflake"], part="rest")
    if asked["same"]:
        tally.count("same_tree")
        return tally.add(PASS, record)
    found, example = compare_rows(record, asked, tables, snowflake, engine)
    if found == "same":
        tally.count("same_rows")
        return tally.add(PASS, record)
    more = {"sql": record["snowflake"], "ours": asked["x"], "theirs": asked["y"], "part": "rest"}
    if found == "differ":
        return tally.add(WRONG, record, "other rows over generated tables", **more, **example)
    return tally.add(REFUSED, record, found, **more)


STATEMENT = re.compile(r"[\s(]*(SELECT|WITH|CREATE|SHOW|INSERT|FROM|DROP|DESCRIBE|ALTER|USE|MERGE)\b", re.I)


def snowflake_duckdb(records, context):
    tally = Tally("snowflake_duckdb")
    engine = Engine()
    synonyms = engine.synonyms()
    texts = [r["duckdb"] if isinstance(r["duckdb"], str) else "" for r in records]
    asks = context.probe.ask({"ask": "same", "x": r["snowflake"], "x_dialect": "snowflake",
                              "y": text, "y_dialect": "duckdb", "synonyms": synonyms} for r, text in zip(records, texts))
    names = context.probe.ask({"ask": "names", "sql": r["snowflake"], "dialect": "snowflake"} for r in records)
    with context.warehouse(["acme"], "--engine-threads", "1") as warehouse:
        owner = warehouse.connect("owner@acme", "duckdb")
        snowflake = warehouse.connect("developer@acme", "snowflake")
        warehouse.govern("acme", ["conformance_values"])
        create_values(owner, engine)
        for record, text, asked, named in zip(records, texts, asks, names):
            asked["x_expression"] = not STATEMENT.match(record["snowflake"])
            asked["y_expression"] = not STATEMENT.match(text)
            if not text:  # the other transpiler has no text for it: that it parses is all there is to ask
                tally.count("without_text")
                tally.add(PASS if named["ok"] else REFUSED, record, named.get("error", ""))
            elif expected_of(record) is not None:
                judge_rows(tally, record, asked, snowflake, engine)
            else:
                judge_meaning(tally, record, asked, named.get("tables", {}), snowflake, engine)
    return tally
