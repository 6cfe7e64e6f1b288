"""POST /v1/query: the same pipeline as on the wire."""
import json
import threading

import pytest

from harness import Server, eventually
from rest import Rest

MASK = {"name": "hide", "type": "column_masking",
        "rules": [{"table": "people", "column": "phone", "function": "partial", "visible_chars": 4,
                   "exempt_roles": ["owner"]}]}
FILTER = {"name": "rows", "type": "row_level_security",
          "rules": [{"table": "people", "filter": "id < 3", "exempt_roles": ["owner"]}]}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    from harness import make_installation
    inst = make_installation(tmp_path_factory.mktemp("query") / "data")
    with Server(inst, "--control-workers", "4", "--workers", "8") as server, server.connect("owner@globex"):
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE people (id int, phone text)")
            conn.execute("INSERT INTO people VALUES (1, '555-1111'), (2, NULL), (3, '555-3333')")
        inst.set_policy("acme", MASK)
        inst.set_policy("acme", FILTER)
        yield server


def ask(rest, sql, *params, **more):
    return rest.ok("POST", "/v1/query", {"sql": sql, "params": list(params)} if params else {"sql": sql}, **more)


def test_masks_and_filters_are_those_of_the_wire(own):
    sql = "SELECT id, phone FROM people ORDER BY id"
    assert ask(Rest(own, "owner@acme"), sql)["rows"] == [[1, "555-1111"], [2, None], [3, "555-3333"]]
    answer = ask(Rest(own, "analyst@acme"), sql)
    assert answer["rows"] == [[1, "***1111"], [2, None]] and answer["row_count"] == 2 and answer["command"] == "SELECT"
    assert answer["columns"] == [{"name": "id", "type": "BIGINT"}, {"name": "phone", "type": "VARCHAR"}]


def test_values_keep_their_types(own):
    answer = ask(Rest(own, "owner@acme"),
                 "SELECT true, 7::bigint, -1.5::double, 1.10::decimal(5,2), 'a\"b', NULL, DATE '2024-01-02',"
                 " '{\"k\": [1]}'::json, 'NaN'::double, 1e300::double, [1, 2], 170141183460469231731687303715884105727::hugeint")
    assert answer["rows"] == [[True, 7, -1.5, "1.10", 'a"b', None, "2024-01-02", {"k": [1]}, "NaN", 1e300, [1, 2],
                               "170141183460469231731687303715884105727"]]


def test_values_within_values(own):
    """Lists, structures, maps and unions are JSON, both ways; nothing of a bad one is in the error."""
    owner = Rest(own, "owner@acme")
    with own.connect("owner@acme", options="'-c hatidata.dialect=duckdb'") as c:
        c.execute("CREATE TABLE within (id INT, s STRUCT(a INT, d DECIMAL(5,2), t TIMESTAMP), m MAP(VARCHAR, INT[]), l INT[][], p TEXT[],"
                  " u UNION(n INT, t TEXT), f DATE[2])")
    row = [1, {"a": 1, "d": 1.5, "t": "2024-02-29T12:00:00"}, {"k": [1, None]}, [[1], []], ["x", 'y"'], {"t": "z"}, ["2024-02-29", None]]
    ask(owner, "INSERT INTO within VALUES ($1, $2, $3, $4, $5, $6, $7)", *row)
    assert ask(owner, "SELECT * FROM within")["rows"] == [row]
    ask(owner, "INSERT INTO within VALUES ($1, $2, $3, $4, $5, $6, $7)", 2, *[None] * 6)
    assert ask(owner, "SELECT * FROM within WHERE id = 2")["rows"] == [[2] + [None] * 6]
    error = owner.error(400, "POST", "/v1/query", {"sql": "INSERT INTO within (s) VALUES ($1)", "params": [{"a": "secret-value"}]})
    assert "secret-value" not in json.dumps(error)
    ask(owner, "DROP TABLE within")


def test_parameters(own):
    owner = Rest(own, "owner@acme")
    assert ask(owner, "SELECT id FROM people WHERE phone = $1", "555-3333")["rows"] == [[3]]
    assert ask(owner, "SELECT $1::int + $2::int, $3::boolean, $4::text", 2, 3, True, None)["rows"] == [[5, True, None]]
    assert ask(owner, "SELECT id FROM people WHERE phone = $1", "x' OR 'a' = 'a")["rows"] == []
    assert owner.error(400, "POST", "/v1/query", {"sql": "SELECT $1::int"})["details"]["field"] == "params"
    error = owner.error(400, "POST", "/v1/query", {"sql": "SELECT $1::int", "params": ["secret-value"]})
    assert "secret-value" not in json.dumps(error)


def test_writes_and_what_is_changed(own):
    owner = Rest(own, "owner@acme")
    assert ask(owner, "CREATE TABLE made (n int)")["row_count"] == 0
    assert ask(owner, "INSERT INTO made VALUES (1), (2)")["row_count"] == 2
    assert ask(owner, "DELETE FROM made RETURNING n")["row_count"] == 2
    assert ask(owner, "DROP TABLE made")


def test_refusals(own):
    analyst = Rest(own, "analyst@acme")
    error = analyst.error(400, "POST", "/v1/query", {"sql": "SELECT FROM FROM"})
    assert error["details"]["position"] == 7 and error["details"]["code"] == "HATI_ERR_400_BAD_SQL"
    assert analyst.error(404, "POST", "/v1/query", {"sql": "SELECT * FROM nowhere"})["code"] == "NOT_FOUND"
    assert analyst.error(422, "POST", "/v1/query", {"sql": "CREATE TABLE x (n int)"})["code"] == "POLICY_VIOLATION"
    for sql in ("SET x = 1", "BEGIN", "SELECT 1; SELECT 2", "COPY people TO STDOUT", ""):
        assert analyst.error(400, "POST", "/v1/query", {"sql": sql})["code"] == "VALIDATION_ERROR"
    assert Rest(own).error(401, "POST", "/v1/query", {"sql": "SELECT 1"})
    auditor = Rest(own, "auditor@acme")
    assert auditor.error(422, "POST", "/v1/query", {"sql": "SELECT * FROM people"})["code"] == "POLICY_VIOLATION"
    assert ask(auditor, "SELECT count(*) FROM hatidata.audit_log")["rows"][0][0] > 0


def test_it_is_on_record_with_its_request_id(own):
    agent = Rest(own, "agent@acme")
    ask(agent, "SELECT count(*) FROM people", headers={"X-Request-ID": "the-request"})
    agent.error(404, "POST", "/v1/query", {"sql": "SELECT * FROM hidden_thing"}, headers={"X-Request-ID": "the-refusal"})
    entries = [json.loads(line) for p in own.installation.audit.iterdir() if p.suffix == ".jsonl"
               for line in p.read_text().splitlines()]
    mine = [e for e in entries if e.get("request_id") == "the-request"]
    assert {e["kind"] for e in mine} == {"intent", "outcome"} and all(e["agent_id"] == "order-bot" for e in mine)
    assert [e for e in entries if e.get("request_id") == "the-refusal"]


def test_too_large_an_answer_is_an_error(own):
    error = Rest(own, "owner@acme").error(413, "POST", "/v1/query",
                                          {"sql": "SELECT repeat('x', 1000) FROM range(100000)"})
    assert error["code"] == "TOO_LARGE" and "LIMIT" in error["details"]["hint"]


SLOW = "SELECT count(*) FROM range(3000000) a(x), range(3000000) b(y) WHERE x + y = 7"


def test_what_runs_and_what_waits_ends_with_its_credential(own):
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(
        Rest(own, "developer@acme")("POST", "/v1/query", {"sql": SLOW}).status_code)) for _ in range(12)]
    for t in threads:
        t.start()
    eventually(lambda: "\nhatidata_queue_depth 5\n" in own.get("/metrics")[1])  # 7 of 8 workers run acme's
    Rest(own, "owner@globex").ok("POST", "/v1/query", {"sql": "SELECT 1"})
    assert not statuses
    Rest(own, "owner@acme").ok("POST", "/v1/organizations/acme/users/developer@acme.example/suspend")
    for t in threads:
        t.join(60)
    assert len(statuses) == 12 and set(statuses) <= {401, 499}


def test_a_statement_doesnt_hold_up_the_stop(fresh):
    with Server(fresh) as server:
        statuses = []
        thread = threading.Thread(target=lambda: statuses.append(Rest(server, "owner@acme")(
            "POST", "/v1/query", {"sql": SLOW}, headers={"X-Request-ID": "slow"}).status_code))
        thread.start()
        eventually(lambda: any('"request_id":"slow"' in p.read_text() for p in fresh.audit.iterdir()
                               if p.suffix == ".jsonl"))
        server.stop()
        thread.join(60)
        assert statuses == [499]
