"""The protocol, message by message: what the client libraries hide."""
import contextlib
import re
import select
import socket
import struct

import psycopg
import pytest

from harness import Server, eventually
from rawclient import (FLUSH, SYNC, TERMINATE, Raw, bind, close, describe, execute, kinds, message, parse, query,
                       startup, text)

TEN = "SELECT i FROM range(10) AS r(i)"


@pytest.fixture
def raw(server):
    with Raw(server) as r:
        yield r.log_in("owner@acme", options="-c hatidata.dialect=postgres")


def failure(messages):
    return next(m.fields for m in messages if m.kind == "E")


def rows(messages):
    return [m.row for m in messages if m.kind == "D"]


# ---- start-up ----

def test_a_whole_session_over_direct_tls(server):
    with Raw(server, direct=True) as r:
        assert r.socket.selected_alpn_protocol() == "postgresql" and r.socket.version() == "TLSv1.3"
        r.log_in("owner@acme")
        assert rows(r.ask(query("SELECT 42"))) == [[b"42"]]


def test_a_client_of_postgresql_15_is_told_what_it_expects(raw):
    assert raw.status["server_version"].startswith("15.")
    want = {"server_encoding": "UTF8", "client_encoding": "UTF8", "application_name": "",
            "default_transaction_read_only": "off", "in_hot_standby": "off", "is_superuser": "off",
            "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "TimeZone": "UTC",
            "integer_datetimes": "on", "standard_conforming_strings": "on"}
    assert {name: raw.status.get(name) for name in want} == want
    assert raw.status["session_authorization"]
    assert len(raw.key) == 8


def test_options_of_the_startup_packet(server):
    with Raw(server) as r:
        r.log_in("owner@acme", application_name="reports", options="-c statement_timeout=7s")
        assert r.status["application_name"] == "reports"
        assert rows(r.ask(query("SHOW statement_timeout"))) == [[b"7s"]]
    with Raw(server) as r:
        r.log_in("owner@acme", options="-c transaction_read_only=on")
        assert failure(r.ask(query("CREATE TABLE never (a int)")))["C"] == "25006"


@pytest.mark.parametrize("minor, unknown, spoken", [
    (3, [], 2), (9999, [], 2), (2, ["_pq_.no_such_option"], 2), (0, ["_pq_.a", "_pq_.b"], 0), (3, ["_pq_.a"], 2)])
def test_what_is_newer_is_negotiated_down(server, minor, unknown, spoken):
    p = server.installation.principals["owner@acme"]
    with Raw(server) as r:
        r.send(startup(p.user, minor=minor, **{name: "1" for name in unknown}))
        said = r.take()
        assert said.kind == "v" and struct.unpack("!ii", said.body[:8]) == (3 << 16 | spoken, len(unknown))
        assert said.body[8:] == b"".join(text(name) for name in unknown)
        assert r.take().kind == "R"


@pytest.mark.parametrize("minor, size", [(0, 4), (1, 4), (2, 32)])
def test_cancel_keys_are_long_since_protocol_3_2(server, minor, size):
    with Raw(server) as r:
        r.log_in("owner@acme", minor=minor)
        assert len(r.key) == 4 + size and rows(r.ask(query("SELECT 42"))) == [[b"42"]]


# ---- the extended protocol ----

def test_portal_with_row_limit_over_flushes(raw):
    raw.send(parse(TEN), bind(), describe("P"), execute(4), FLUSH)
    got = raw.until("s")
    assert kinds(got) == "12TDs" and rows(got) == [[b"0"], [b"1"], [b"2"], [b"3"]]
    raw.send(execute(4), FLUSH)
    got = raw.until("s")
    assert rows(got) == [[b"4"], [b"5"], [b"6"], [b"7"]]
    raw.send(execute(4), FLUSH)
    got = raw.until("C")
    assert rows(got) == [[b"8"], [b"9"]] and got[-1].tag == "SELECT 2"
    got = raw.ask(execute(4), SYNC)  # at its end it stays there
    assert kinds(got) == "CZ" and got[0].tag == "SELECT 0"


def test_two_portals_take_turns_in_a_transaction(raw):
    raw.ask(query("BEGIN"))
    got = raw.ask(parse(TEN, "ten"), bind(statement="ten", portal="a"), bind(statement="ten", portal="b"),
                  execute(2, "a"), execute(3, "b"), execute(2, "a"), execute(3, "b"), SYNC)
    assert kinds(got) == "122DsDsDsDsZ" and got[-1].body == b"T"
    assert [int(r[0]) for r in rows(got)] == [0, 1, 0, 1, 2, 2, 3, 3, 4, 5]
    got = raw.ask(execute(0, "a"), SYNC)  # a portal outlives Sync inside of a transaction
    assert [int(r[0]) for r in rows(got)] == [4, 5, 6, 7, 8, 9]
    raw.ask(query("COMMIT"))
    got = raw.ask(execute(0, "b"), SYNC)
    assert failure(got)["C"] == "34000"


def test_flush_alone_brings_what_is_known(raw):
    raw.send(parse("SELECT $1::int + 1", "plus"), FLUSH)
    assert raw.take().kind == "1"
    raw.send(describe("S", "plus"), FLUSH)
    got = [raw.take(), raw.take()]
    assert kinds(got) == "tT" and got[0].body == struct.pack("!hI", 1, 23)
    assert kinds(raw.ask(SYNC)) == "Z"


def test_describe_of_statement_and_portal(raw):
    got = raw.ask(parse("SELECT $1::int8 AS n, 'x'::text AS w", "s"), describe("S", "s"),
                  bind([struct.pack("!q", 7)], "s", formats=[1], results=[1, 0]), describe("P"), execute(),
                  SYNC)
    assert kinds(got) == "1tT2TDCZ"
    assert got[2].columns == [("n", 20, 0), ("w", 25, 0)]
    assert got[4].columns == [("n", 20, 1), ("w", 25, 0)]
    assert rows(got) == [[struct.pack("!q", 7), b"x"]]
    assert kinds(raw.ask(parse("CREATE TABLE never_made (a int)"), describe("S"), SYNC)) == "1tnZ"


def test_after_an_error_all_is_skipped_up_to_sync(raw):
    got = raw.ask(parse("SELECT 1"), bind(), execute(), parse("SELECT no_such_column"), bind(), execute(),
                  parse("SELECT 2"), bind(), execute(), FLUSH, SYNC)
    assert kinds(got) == "12DCEZ" and failure(got)["C"] == "42703" and got[-1].body == b"I"
    assert rows(raw.ask(query("SELECT 3"))) == [[b"3"]]


def test_pipelines_are_apart_from_each_other(raw):
    raw.send(parse("SELECT 1"), bind(), execute(), SYNC, parse("SELEC 2"), bind(), execute(), SYNC,
             parse("SELECT 3"), bind(), execute(), SYNC, query("SELECT 4; SELECT 5"))
    assert [kinds(raw.until("Z")) for _ in range(4)] == ["12DCZ", "EZ", "12DCZ", "TDCTDCZ"]


def test_a_thousand_statements_in_one_write(raw):
    raw.send(parse("SELECT $1::int", "n"),
             *(bind([str(i).encode()], "n") + execute() for i in range(1000)), SYNC)
    assert [int(r[0]) for r in rows(raw.until("Z"))] == list(range(1000))


def test_a_pipeline_without_sync_between_is_one_transaction(raw):
    raw.ask(query("CREATE TABLE wire_implicit (a int)"))
    got = raw.ask(parse("INSERT INTO wire_implicit VALUES (1)"), bind(), execute(),
                  parse("SELECT 1 / 0"), bind(), execute(), SYNC)
    assert failure(got)["C"] == "22012"
    assert rows(raw.ask(query("SELECT count(*) FROM wire_implicit"))) == [[b"0"]]
    raw.ask(query("DROP TABLE wire_implicit"))


def test_names_of_statements_and_portals(raw):
    raw.ask(parse("SELECT 1", "a"), SYNC)
    assert failure(raw.ask(parse("SELECT 2", "a"), SYNC))["C"] == "42P05"
    assert failure(raw.ask(bind(statement="b"), SYNC))["C"] == "26000"
    assert failure(raw.ask(execute(portal="b"), SYNC))["C"] == "34000"
    assert kinds(raw.ask(close("S", "a"), close("S", "never"), close("P", "never"), SYNC)) == "333Z"
    assert failure(raw.ask(describe("S", "a"), SYNC))["C"] == "26000"
    assert kinds(raw.ask(parse("SELECT 1"), parse("SELECT 2"), bind(), execute(), SYNC)) == "112DCZ"


def test_empty_statements(raw):
    assert kinds(raw.ask(query(""))) == "IZ"
    assert kinds(raw.ask(query(" ; -- nothing\n"))) == "IZ"
    assert kinds(raw.ask(parse(""), bind(), describe("P"), execute(), SYNC)) == "12nIZ"
    assert failure(raw.ask(parse("SELECT 1; SELECT 2"), SYNC))["C"] == "42601"


def test_the_function_call_message_is_refused(raw):
    got = raw.ask(message("F", struct.pack("!Ihhh", 1, 0, 0, 0)))
    assert failure(got)["C"] == "0A000" and kinds(got) == "EZ"
    assert rows(raw.ask(query("SELECT 1"))) == [[b"1"]]


def test_terminate_ends_the_connection_and_undoes_the_transaction(server, raw):
    raw.ask(query("BEGIN; CREATE TABLE wire_undone (a int)"))
    raw.send(TERMINATE)
    with pytest.raises(EOFError):
        raw.take()
    with server.connect("owner@acme") as conn:
        with pytest.raises(psycopg.errors.UndefinedTable):
            conn.execute("SELECT * FROM wire_undone")


# ---- transactions and settings ----

def test_the_state_of_the_transaction_is_told(raw):
    states = [raw.ask(query(q))[-1].body for q in (
        "SELECT 1", "BEGIN", "SELECT 1", "SELECT no_such_column", "SELECT 1", "ROLLBACK", "BEGIN", "COMMIT")]
    assert b"".join(states) == b"ITTEEITI"
    raw.ask(query("BEGIN"))
    raw.ask(query("SELECT no_such_column"))
    got = raw.ask(query("COMMIT"))  # of a failed transaction: it is rolled back, and says so
    assert got[0].tag == "ROLLBACK" and got[-1].body == b"I"


def test_warnings_about_transactions(raw):
    assert raw.ask(query("COMMIT"))[0].fields["C"] == "25P01"
    raw.ask(query("BEGIN"))
    assert raw.ask(query("BEGIN"))[0].fields["C"] == "25001"
    raw.ask(query("ROLLBACK"))


def test_several_statements_are_one_transaction(raw):
    raw.ask(query("CREATE TABLE wire_several (a int)"))
    got = raw.ask(query("INSERT INTO wire_several VALUES (1); SELECT 1 / 0; SELECT 2"))
    assert kinds(got) == "CEZ"
    assert rows(raw.ask(query("SELECT count(*) FROM wire_several"))) == [[b"0"]]
    raw.ask(query("DROP TABLE wire_several"))


def test_set_is_told_and_undone_with_its_transaction(raw):
    got = raw.ask(query("SET application_name = 'one'"))
    assert [m.body for m in got if m.kind == "S"] == [b"application_name\0one\0"]
    raw.ask(query("BEGIN; SET application_name = 'two'"))
    got = raw.ask(query("ROLLBACK"))
    assert [m.body for m in got if m.kind == "S"] == [b"application_name\0one\0"]
    assert rows(raw.ask(query("SHOW application_name"))) == [[b"one"]]
    assert failure(raw.ask(query("SET server_version = '16'")))["C"] in ("55P02", "22023")
    assert failure(raw.ask(query("SET TimeZone = 'Mars/Olympus'")))["C"] == "22023"
    assert failure(raw.ask(query("SHOW no_such_setting")))["C"] == "42704"


@pytest.mark.parametrize("zone", ["posixrules", "localtime", "Factory", "US/Pacific-New", "SystemV/AST4", "AST", "IST"])
def test_a_zone_that_one_side_lacks_is_refused_and_ends_nothing(raw, zone):
    """The engine's list and the system's aren't the same."""
    raw.ask(query("SET TimeZone = 'Europe/Rome'"))
    got = raw.ask(query(f"SET TimeZone = '{zone}'"))
    refused = [m for m in got if m.kind == "E"]
    assert not refused or failure(got)["C"] == "22023"
    assert got[-1].body == b"I"
    if refused:
        assert rows(raw.ask(query("SHOW TimeZone"))) == [[b"Europe/Rome"]]
    assert rows(raw.ask(query("SELECT 1"))) == [[b"1"]]


def test_discard_all(raw):
    raw.ask(parse("SELECT 1", "kept"), SYNC)
    raw.ask(query("SET statement_timeout = '9s'"))
    raw.ask(query("SET application_name = 'set'"))
    got = raw.ask(query("DISCARD ALL"))
    assert [m.tag for m in got if m.kind == "C"] == ["DISCARD ALL"]
    assert b"application_name\0\0" in [m.body for m in got if m.kind == "S"]
    assert failure(raw.ask(bind(statement="kept"), SYNC))["C"] == "26000"
    assert rows(raw.ask(query("SHOW statement_timeout"))) == [[b"0"]]
    raw.ask(query("BEGIN"))
    got = raw.ask(query("DISCARD ALL"))
    assert failure(got)["C"] == "25001" and got[-1].body == b"E"
    raw.ask(query("ROLLBACK"))
    assert failure(raw.ask(query("DISCARD ALL; SELECT 1")))["C"] == "25001"


# ---- CancelRequest ----

def cancel_request(key):
    return struct.pack("!ii", 8 + len(key), 80877102) + key


ENDLESS = "SELECT count(*) FROM range(100000000000) AS a(i) WHERE i % 3 = 1"


def running(server):
    return int(re.search(r"^hatidata_statements_running (\d+)", server.get("/metrics")[1], re.M).group(1))


@pytest.mark.parametrize("minor", [0, 2])
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
def test_cancel_request(server, tls, minor):
    def cancel(key):
        if tls:
            with Raw(server) as other:
                other.send(cancel_request(key))
                with pytest.raises(EOFError):
                    other.take()
        else:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as s:
                s.sendall(cancel_request(key))
                assert s.recv(1) == b""
    with Raw(server) as raw:
        raw.log_in("owner@acme", minor=minor)
        check_cancel(server, raw, cancel)


def check_cancel(server, raw, cancel):
    raw.send(query(ENDLESS))
    eventually(lambda: running(server))
    for wrong in (raw.key[4:-1] + bytes([raw.key[-1] ^ 1]), raw.key[4:8], raw.key[4:] + bytes(28)):
        if wrong != raw.key[4:] and len(wrong) in (4, 32):
            cancel(raw.key[:4] + wrong)  # the right connection
    assert not select.select([raw.socket], [], [], 0.5)[0] and running(server)
    cancel(raw.key)
    got = raw.until("Z")
    assert failure(got)["C"] == "57014" and got[-1].body == b"I"
    assert rows(raw.ask(query("SELECT 1"))) == [[b"1"]]


# ---- values ----

VALUES = [  # type, its oid and its array's, a value, the same inside of an array
    ("bool", 16, 1000, "t", "t"), ("int2", 21, 1005, "-7", "-7"), ("int4", 23, 1007, "70000", "70000"),
    ("int8", 20, 1016, "-9223372036854775808", "-9223372036854775808"), ("float4", 700, 1021, "1.5", "1.5"),
    ("float8", 701, 1022, "0.1", "0.1"), ("numeric(20,3)", 1700, 1231, "-12345.678", "-12345.678"),
    ("text", 25, 1009, 'a "b", {c}', '"a \\"b\\", {c}"'), ("bytea", 17, 1001, "\\x00ff", '"\\\\x00ff"'),
    ("date", 1082, 1182, "2024-02-29", "2024-02-29"), ("time", 1083, 1183, "23:59:59.999999", "23:59:59.999999"),
    ("timestamp", 1114, 1115, "1969-12-31 23:59:59.5", '"1969-12-31 23:59:59.5"'),
    ("timestamptz", 1184, 1185, "2024-06-01 12:00:00+00", '"2024-06-01 12:00:00+00"'),
    ("interval", 1186, 1187, "1 year 2 mons 3 days 04:05:06", '"1 year 2 mons 3 days 04:05:06"'),
    ("uuid", 2950, 2951, "12345678-1234-5678-1234-567812345678", "12345678-1234-5678-1234-567812345678"),
    ("json", 114, 199, '{"a": [1, null]}', '"{\\"a\\": [1, null]}"')]


def there_and_back(raw, sql_type, oid, shown):
    """In as text, out as text and binary; in as binary, out as text."""
    got = raw.ask(parse(f"SELECT $1::{sql_type}"), describe("S"), bind([shown]), execute(),
                  bind([shown], results=[1]), execute(), SYNC)
    assert kinds(got) == "1tT2DC2DCZ", got
    assert got[1].body == struct.pack("!hI", 1, oid) and got[2].columns[0][1] == oid
    assert got[4].row == [shown]
    binary = got[7].row
    got = raw.ask(bind(binary, formats=[1]), execute(), bind(binary, formats=[1], results=[1]), execute(), SYNC)
    assert rows(got) == [[shown], binary]
    return binary[0]


@pytest.mark.parametrize("sql_type,oid,array,value,element", VALUES, ids=[v[0] for v in VALUES])
def test_values_and_arrays_of_every_type(raw, sql_type, oid, array, value, element):
    one = there_and_back(raw, sql_type, oid, value.encode())
    many = there_and_back(raw, sql_type + "[]", array, f"{{{element},NULL,{element}}}".encode())
    item = struct.pack("!i", len(one)) + one
    assert many == struct.pack("!iiIii", 1, 1, oid, 3, 1) + item + struct.pack("!i", -1) + item
    assert there_and_back(raw, sql_type + "[]", array, b"{}") == struct.pack("!iiI", 0, 0, oid)


def test_types_that_only_the_engine_has(raw):
    got = raw.ask(query("SELECT {'a': 1, 'b': 'x'} AS s, MAP {'k': 2} AS m, 340282366920938463463::hugeint AS h, "
                        "255::utinyint AS u"))
    assert kinds(got) == "TDCZ", got
    assert rows(got)[0][0] == b'{"a":1,"b":"x"}' and rows(got)[0][1] == b'{"k":2}'
    assert rows(got)[0][2:] == [b"340282366920938463463", b"255"]


# ---- COPY ----

COLUMNS = "a int4, b text, c numeric(8,2), d date, e int4[], f bytea"
TEXT = (b"1\ttab\\there\t1.50\t2024-02-29\t{1,NULL,3}\t\\\\x00ff\n"
        b"2\t\\N\t\\N\t\\N\t\\N\t\\N\n"
        b"3\tline\\nback\\\\slash\t-0.01\t0001-01-01\t{}\t\\\\x\n")
CSV = (b"1,tab\there,1.50,2024-02-29,\"{1,NULL,3}\",\\x00ff\n"
       b"2,,,,,\n"
       b"3,\"line\nback\\slash\",-0.01,0001-01-01,{},\\x\n")


def copy_out(raw, sql):
    got = raw.ask(query(sql))
    assert got[0].kind == "H", got
    return got[0].body, b"".join(m.body for m in got if m.kind == "d"), got


def copy_in(raw, sql, *pieces):
    raw.send(query(sql))
    said = raw.take()
    assert said.kind == "G", said
    return said.body, raw.ask(*(message("d", p) for p in pieces), message("c"))


@pytest.fixture
def table(raw):
    raw.ask(query(f"CREATE TABLE wire_copy ({COLUMNS})"))
    yield "wire_copy"
    raw.ask(query("DROP TABLE wire_copy"))


@pytest.mark.parametrize("how,data", [("", TEXT), (" WITH (FORMAT csv)", CSV)], ids=["text", "csv"])
def test_copy_both_ways_in_any_pieces(raw, table, how, data):
    head, got = copy_in(raw, f"COPY wire_copy FROM STDIN{how}", *(data[i:i + 1] for i in range(len(data))))
    assert head == struct.pack("!bh6h", 0, 6, *[0] * 6)
    assert [m.tag for m in got if m.kind == "C"] == ["COPY 3"]
    head, back, got = copy_out(raw, f"COPY (SELECT * FROM wire_copy ORDER BY a) TO STDOUT{how}")
    assert head == struct.pack("!bh6h", 0, 6, *[0] * 6) and back == data
    assert kinds(got).replace("d", "") == "HcCZ" and got[-2].tag == "COPY 3"


def test_copy_binary_both_ways(raw, table):
    copy_in(raw, "COPY wire_copy FROM STDIN", TEXT)
    head, data, _ = copy_out(raw, "COPY wire_copy TO STDOUT WITH (FORMAT binary)")
    assert head == struct.pack("!bh6h", 1, 6, *[1] * 6)
    assert data.startswith(b"PGCOPY\n\xff\r\n\0" + b"\0" * 8 + struct.pack("!hii", 6, 4, 1))
    assert data.endswith(b"\xff\xff")
    raw.ask(query("DELETE FROM wire_copy"))
    _, got = copy_in(raw, "COPY wire_copy FROM STDIN WITH (FORMAT binary)", data[:30], data[30:])
    assert [m.tag for m in got if m.kind == "C"] == ["COPY 3"]
    assert copy_out(raw, "COPY (SELECT * FROM wire_copy ORDER BY a) TO STDOUT")[1] == TEXT


def test_copy_options(raw, table):
    copy_in(raw, "COPY wire_copy (b, a) FROM STDIN WITH (FORMAT csv, HEADER match, DELIMITER ';', NULL 'none', "
                 "QUOTE '|')", b"b;a\n|x;||y|;1\nnone;2\n")
    assert copy_out(raw, "COPY (SELECT a, b FROM wire_copy ORDER BY a) TO STDOUT (FORMAT csv, HEADER, "
                         "FORCE_QUOTE (b))")[1] == b'a,b\n1,"x;|y"\n2,\n'
    got = raw.ask(query("COPY wire_copy TO STDOUT WITH (FORMAT csv, NO_SUCH_OPTION 1)"))
    assert failure(got)["C"] in ("42601", "0A000")


def test_a_copy_that_fails_loads_nothing_and_the_session_goes_on(raw, table):
    for data in (b"1\tx\n", b"1\tx\t1\t2024-01-01\t{}\t\\\\x\nno\tx\t1\t2024-01-01\t{}\t\\\\x\n",
                 b"1\t\xff\t\\N\t\\N\t\\N\t\\N\n"):
        _, got = copy_in(raw, "COPY wire_copy FROM STDIN", data)
        assert failure(got)["C"][:2] == "22" and got[-1].body == b"I"
    raw.send(query("COPY wire_copy FROM STDIN"))
    raw.take()
    got = raw.ask(message("d", TEXT), message("f", text("changed my mind")))
    assert failure(got)["C"] == "57014" and "changed my mind" in failure(got)["M"]
    raw.send(query("COPY wire_copy FROM STDIN"))
    raw.take()
    got = raw.ask(message("d", TEXT), query("SELECT 1"))
    assert failure(got)["C"] == "08P01"
    assert rows(raw.ask(query("SELECT count(*) FROM wire_copy"))) == [[b"0"]]


def test_copy_among_other_statements_and_in_the_extended_protocol(raw, table):
    raw.send(query("SELECT 1; COPY wire_copy FROM STDIN; SELECT count(*) FROM wire_copy"))
    assert kinds(raw.until("G")) == "TDCG"
    got = raw.ask(message("d", TEXT), message("c"))
    assert kinds(got) == "CTDCZ" and rows(got) == [[b"3"]]
    raw.send(parse("COPY wire_copy FROM STDIN"), bind(), describe("P"), execute(), SYNC)
    assert kinds(raw.until("G")) == "12nG"
    got = raw.ask(message("d", TEXT), message("c"), SYNC)
    assert kinds(got) == "CZ" and got[0].tag == "COPY 3"
    got = raw.ask(parse("COPY (SELECT 1) TO STDOUT"), bind(), execute(), SYNC)
    assert kinds(got) == "12HdcCZ"


# ---- limits ----

def test_a_message_past_the_limit_ends_the_connection(fresh):
    with Server(fresh, "--max-message", "1MiB") as server:
        with Raw(server) as r:
            r.log_in("owner@acme")
            assert len(rows(r.ask(query("SELECT '" + "x" * 500_000 + "'")))[0][0]) == 500_000
            r.send(b"Q" + struct.pack("!i", 2 << 20))
            assert failure([r.take()])["C"] == "08P01"
            with pytest.raises(EOFError):
                r.take()
        server.connect("owner@acme").close()


def test_a_client_that_does_not_log_in_is_cut_off(fresh):
    with Server(fresh, "--auth-timeout", "1s") as server:
        silent = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        with silent, Raw(server, timeout=30) as r:
            r.send(startup("owner@acme.example"))
            assert r.take().kind == "R"
            assert silent.recv(1) == b""
            with pytest.raises(EOFError):
                r.take()
        server.connect("owner@acme").close()


def test_the_bounds_of_connections_hold(fresh):
    with Server(fresh, "--max-connections", "4", "--max-unauthenticated", "2") as server:
        early = [Raw(server) for _ in range(2)]
        with pytest.raises((OSError, EOFError)):
            Raw(server).take()
        for r in early:
            r.log_in("owner@acme")
        early += [Raw(server).log_in("owner@acme") for _ in range(2)]
        with pytest.raises((OSError, EOFError)):
            Raw(server).take()
        assert rows(early[0].ask(query("SELECT 1"))) == [[b"1"]]
        early.pop().socket.close()

        def is_let_in():  # as soon as the server saw the end of the other
            with contextlib.suppress(OSError):
                early.append(Raw(server).log_in("owner@acme"))
            return len(early) == 4
        eventually(is_let_in)
        assert rows(early[-1].ask(query("SELECT 1"))) == [[b"1"]]
        for r in early:
            r.socket.close()
