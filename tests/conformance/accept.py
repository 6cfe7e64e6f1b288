"""Statements and expressions that must parse, and read back from what is printed of them to an equal tree."""
from .tally import PASS, REFUSED, WRONG, Tally


def judge(tally, record, answer):
    if answer.get("crash"):
        tally.add(WRONG, record, answer["error"])
    elif not answer["ok"]:
        tally.add(REFUSED, record, answer["error"], position=answer.get("position"))
    elif "round_trip" in answer:
        tally.add(WRONG, record, answer["round_trip"], printed=answer["printed"])
    else:
        tally.add(PASS, record)


def parse_all(name, records, context, key, dialect):
    tally = Tally(name)
    questions = [{"ask": "accept", "sql": r[key], "dialect": dialect} for r in records]
    for record, answer in zip(records, context.probe.ask(questions)):
        judge(tally, record, answer)
    return tally


def snowflake_accept(records, context):
    return parse_all("snowflake_accept", records, context, "snowflake", "snowflake")
