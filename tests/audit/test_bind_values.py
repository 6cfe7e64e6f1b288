"""Bound values are told by their types: none is in the log's bytes, whichever way it came."""
import json

import psycopg
import pytest
from psycopg.types.json import Jsonb

from harness import Server, make_installation
from rest import Rest

# Values that no pattern finds, and some that one does.
SECRETS = ["quarterly-plan-77", "ann.bound@example.com", "4111111111111111", "rosebud-9001", "123-45-6789", "81726354.25"]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("bound") / "data", orgs=("acme",))
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE notes (id int, body text, big bigint, price decimal(12,2))")
        yield inst, server


def lines(inst):
    return [line for f in sorted(inst.audit.glob("*.jsonl")) for line in f.read_text().splitlines()]


def outcome(inst, marker):
    """The newest outcome of the statement with this marker in its text."""
    return [e for e in map(json.loads, lines(inst)) if marker in e.get("sql_redacted", "") and e["kind"] == "outcome"][-1]


def none_is_stored(inst):
    raw = b"".join(f.read_bytes() for f in inst.audit.iterdir() if f.is_file())
    assert [s for s in SECRETS if s.encode() in raw or s.encode().hex().encode() in raw] == []


@pytest.mark.parametrize("binary", [False, True])
def test_the_extended_protocol(own, binary):
    inst, server = own
    mark = f"AS wire_{binary}"
    with server.connect("owner@acme") as conn, conn.cursor(binary=binary) as cur:
        form = "%b" if binary else "%t"
        sql = f"SELECT {form}::text {mark}, {form}::bigint, {form}::text, {form}::text, {form}::numeric, {form}::bytea"
        cur.execute(sql, ("quarterly-plan-77", 4111111111111111, "ann.bound@example.com", None, 81726354.25, b"rosebud-9001"))
        assert cur.fetchone()[0] == "quarterly-plan-77"
        shown = outcome(inst, mark)["parameters"]
        assert [p.split("(")[0].split(" ")[0] for p in shown[:4]] == ["VARCHAR", "BIGINT", "VARCHAR", "VARCHAR"]
        assert shown[1] == "BIGINT <card>" and shown[2] == "VARCHAR <email>" and shown[3] == "VARCHAR null"
        assert shown[5].startswith("BLOB")
        cur.execute(f"INSERT INTO notes VALUES ({form}, {form}, {form}, {form})", (1, "123-45-6789", 7, None))
    intents = [e for e in map(json.loads, lines(inst)) if e["kind"] == "intent" and "INSERT INTO notes" in e["sql_redacted"]]
    assert intents[-1]["parameters"][1] == "VARCHAR <ssn>" and intents[-1]["parameters"][3].endswith(" null")
    none_is_stored(inst)


@pytest.mark.parametrize("binary", [False, True])
def test_values_within_values(own, binary):
    """Of a structure the log has the type and the kinds of what is in it, wherever it stands."""
    inst, server = own
    mark = f"AS within_{binary}"
    with server.connect("owner@acme", options="'-c hatidata.dialect=duckdb'") as conn, conn.cursor(binary=binary) as cur:
        form = "%b" if binary else "%t"
        cur.execute(f"SELECT {form}::STRUCT(a VARCHAR, l BIGINT[]) {mark}, {form}::MAP(VARCHAR, VARCHAR), {form}::VARCHAR[][]",
                    (Jsonb({"a": "rosebud-9001", "l": [4111111111111111]}), Jsonb({"ann.bound@example.com": "quarterly-plan-77"}),
                     [["x"], ["123-45-6789"]]))
        assert cur.fetchone()[0] == {"a": "rosebud-9001", "l": [4111111111111111]}
    assert outcome(inst, mark)["parameters"] == [
        'STRUCT("a" VARCHAR, "l" BIGINT[]) <card>', "MAP(VARCHAR, VARCHAR) <email>", "VARCHAR[][] <ssn>"]
    none_is_stored(inst)


def test_rest(own):
    inst, server = own
    rest = Rest(server, "owner@acme")
    rest.ok("POST", "/v1/query", {"sql": "SELECT $1::text AS by_rest, $2::bigint, $3::text",
                                  "params": ["quarterly-plan-77", 4111111111111111, None]})
    assert outcome(inst, "by_rest")["parameters"] == ["VARCHAR", "BIGINT <card>", "VARCHAR null"]
    rest.error(400, "POST", "/v1/query", {"sql": "SELECT $1::int AS by_rest", "params": ["rosebud-9001"]})
    none_is_stored(inst)


def test_execute_of_prepared_statements(own):
    inst, server = own
    with server.connect("owner@acme") as conn:
        conn.execute("SET hatidata.dialect = 'postgres'")
        conn.execute("PREPARE p (text, bigint) AS SELECT $1 AS by_execute, $2")
        conn.execute("EXECUTE p ('quarterly-plan-77', 4111111111111111)")
        assert outcome(inst, "by_execute")["parameters"] == ["VARCHAR", "BIGINT <card>"]
        # Its arguments asked for as a query, and refused ones, have the text of EXECUTE in the log.
        conn.execute("EXECUTE p ('rosebud' || '-9001', 4111111111111110 + 1)")
        for wrong in ("EXECUTE p ('rosebud-9001')", "EXECUTE gone ('rosebud-9001', 81726354.25)",
                      "EXECUTE p ('rosebud-9001', 81726354.25", "EXECUTE p ($$rosebud-9001$$, 'not a number')"):
            with pytest.raises(psycopg.Error):
                conn.execute(wrong)
        conn.execute("EXPLAIN POLICY EXECUTE p ('rosebud-9001', 5)")
    texts = [e["sql_redacted"] for e in map(json.loads, lines(inst)) if "EXECUTE" in e.get("sql_redacted", "")]
    assert "EXECUTE p ('<text>' || '<text>', <number> + <number>)" in texts
    assert "EXPLAIN POLICY EXECUTE p ('<text>', <number>)" in texts
    none_is_stored(inst)


def test_who_reads_the_log_sees_types(own):
    inst, server = own
    with server.connect("owner@acme") as conn:
        conn.execute("SELECT %s::text AS for_reading", ("quarterly-plan-77",))
        rows = conn.execute("SELECT parameters FROM hatidata.audit_log WHERE sql_redacted LIKE '%AS for_reading%' "
                            "AND kind = 'outcome' AND sql_redacted NOT LIKE '%audit_log%'").fetchall()
        assert rows == [(["VARCHAR"],)]
