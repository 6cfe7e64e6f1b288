"""Lineage: the base columns behind an output are those that the calls' assertions name.

A call names an output, a statement, tables with columns (`schema`) and named queries (`sources`, which go into the
statement's WITH). Where it gives no tables, their columns are those that the statement itself names. The assertions
are of a whole test, which may have several calls, as Python text: the names in them are read, and those that
are a base column of this call, by the last two parts, are what is asserted. So a call passes when

- the statement binds and the output is there;
- no origin is unknown;
- where the test asserts base columns, the output's origins are among them, and there is one at least unless the
  output comes from no column at all (VALUES).

A call that gives its statement or sources by a variable is judged by those of another call of the same test or by
what the assertions say that variable holds."""
import re

from .tally import PASS, REFUSED, WRONG, Tally

def tables_of(schema):
    """{"a": {"b": {"t": {"c": "int"}}}} to {"t": [["c", "int"]]}."""
    out = {}
    for name, inner in (schema or {}).items():
        if inner and all(isinstance(v, str) for v in inner.values()):
            out[name] = [[c, t] for c, t in inner.items()]
        else:
            out.update(tables_of(inner))
    return out


def asserted(record, tables):
    """The base columns that the assertions name, in lower case."""
    known = {(t.lower(), c.lower()) for t, columns in tables.items() for c, _ in columns}
    text = " ".join(record["asserts"])
    names = {tuple(m.lower().split(".")[-2:]) for m in re.findall(r'"((?:[\w$]+\.)+[\w$-]+)"', text)}
    return {n for n in names if n in known}


def told(record):
    """Statement and sources as the assertions tell them."""
    text = "\n".join(record["asserts"])
    statements = re.findall(r'\b(?:query|sql|ast)\.sql\(\),\s*"([^"]+)"', text)
    sources = dict(re.findall(r'sources\["(\w+)"\]\.sql\(\),\s*"([^"]+)"', text))
    plain = [s for s in statements if any(re.search(rf"\b{n}\b", s) for n in sources)] if sources else statements
    return (min(plain, key=len) if plain else None), sources


def own(record):
    """What the call itself gives; None for what it gives by a variable."""
    args, kw = record["args"], record["kw"]
    return {"sql": args[1] if len(args) > 1 else None, "schema": tables_of(kw.get("schema")),
            "sources": kw.get("sources") or {}, "dialect": kw.get("dialect")}


def fill_in(records):
    """Each call with a statement, sources, tables and dialect."""
    by_test = {}
    for r in records:
        by_test.setdefault(r["id"].rsplit(":", 1)[0], []).append(own(r))
    for r in records:
        call, others = own(r), [c for c in by_test[r["id"].rsplit(":", 1)[0]] if c["sql"]]
        if call["sql"] is None:
            sql, sources = told(r)
            best = others[0] if others else {"sql": sql, "sources": sources, "schema": {}, "dialect": None}
            call = {k: call[k] or best[k] for k in call}
        yield {**call, "record": r, "output": r["args"][0], "dialect": call["dialect"] or "duckdb"}


def with_tables(calls, probe):
    """Tables whose columns nobody told, from the names in the statements."""
    for call in calls:
        if call["sql"] and not call["schema"]:
            texts = [call["sql"], *call["sources"].values()]
            answers = probe.ask({"ask": "names", "sql": t, "dialect": call["dialect"]} for t in texts)
            sources = {s.split(".")[-1].lower() for s in call["sources"]}
            found, wanted = {}, set()
            for a in answers:
                for table, columns in a.get("tables", {}).items():
                    if table.lower() in sources:
                        wanted.update(columns)
                    elif table:
                        found.setdefault(table, []).extend(c for c in columns)
            for table, columns in found.items():
                names = columns or sorted(wanted) or [call["output"] if re.fullmatch(r"\w+", call["output"] or "") else "a"]
                call["schema"][table] = [[c, "int"] for c in dict.fromkeys(names)]
        yield call


def judge(tally, call, answer):
    record = call["record"]
    if call["sql"] is None:
        return tally.add(REFUSED, record, "nothing in the record tells the statement")
    if not answer["ok"]:
        verdict = WRONG if answer.get("crash") else REFUSED
        return tally.add(verdict, record, answer["error"], sql=call["sql"])
    output = call["output"]
    outputs = [o for o in answer["outputs"]
               if output in (None, "*") or o["name"].lower() == output.lower()]
    if not outputs:
        return tally.add(REFUSED, record, f"the record's statement has no output {output}", sql=call["sql"])
    if any(o["unknown"] for o in outputs):
        return tally.add(REFUSED, record, "the origins are unknown", sql=call["sql"])
    expected = asserted(record, call["schema"])
    got = {(t.lower(), c.lower()) for o in outputs for t, c, _ in o["origins"]}
    is_constant = not call["schema"]
    if expected and not got <= expected or not got and not is_constant:
        return tally.add(WRONG, record, "other origins", sql=call["sql"], expected=sorted(expected), got=sorted(got))
    return tally.add(PASS, record)


def lineage(records, context):
    tally = Tally("lineage")
    calls = list(with_tables(fill_in(records), context.probe))
    questions = [{"ask": "lineage", "sql": c["sql"] or "", "dialect": c["dialect"], "schema": c["schema"],
                  "sources": c["sources"]} for c in calls]
    for call, answer in zip(calls, context.probe.ask(questions)):
        judge(tally, call, answer)
    return tally
