"""Values as a real PostgreSQL sends them: the same expressions asked there and here, in text and binary, under every
setting that shapes them, byte for byte; and back, as parameters in both formats."""
import itertools
import struct

import pytest

from postgres import MISSING, Postgres, programs

INT16, INT32, INT64 = 32767, 2147483647, 9223372036854775807

# type -> texts of values
VALUES = {
    "bool": ["t", "false"],
    "int2": ["0", "-32768", f"{INT16}"],
    "int4": ["1", "-2147483648", f"{INT32}"],
    "int8": ["-9223372036854775808", f"{INT64}"],
    "float4": ["0", "-0", "0.1", "1e20", "3.4028235e38", "1e-45", "NaN", "Infinity", "-Infinity", "16777216", "123456.7"],
    "float8": ["0", "0.1", "1e15", "123456789012345678", "1e-7", "1.7976931348623157e308", "5e-324", "NaN", "Infinity",
               "-Infinity", "-1234.5", "100000000000000000000", "0.3333333333333333"],
    "numeric(10,2)": ["0", "1.5", "-12345678.99", "0.01"],
    "numeric(38,10)": ["1234567890123456789012345678.0123456789", "-0.0000000001", "10000", "0.00001"],
    "numeric(38,0)": ["9" * 38, "-1", "10000000000000000"],
    "text": ["", "a'b\\c\"d", "höß ☃ 🎈"],
    "bytea": ["\\x", "\\x00ff5c2741c3a4", "\\x" + "61" * 40],
    "uuid": ["00112233-4455-6677-8899-aabbccddeeff"],
    "json": ['{"a": [1, null, "x"]}', "null"],
    "date": ["2024-02-29", "1970-01-01", "0001-01-01", "0044-03-15 BC", "9999-12-31", "12345-06-07", "infinity", "-infinity"],
    "time": ["00:00:00", "23:59:59.999999", "04:05:06.7", "24:00:00"],
    "timetz": ["04:05:06.789+02", "12:00:00-05:30", "00:00:00+00"],
    "timestamp": ["2024-02-29 12:34:56.789", "1900-01-01 00:00:00", "0044-03-15 10:00:00 BC", "20000-01-01 00:00:00.000001",
                  "infinity", "-infinity"],
    "timestamptz": ["2024-07-01 12:34:56.789+00", "2024-01-01 00:00:00-08", "1945-05-24 12:00:00+00", "2024-03-31 01:30:00+00",
                    "2099-10-25 00:59:59+00", "0044-03-15 10:00:00+00 BC", "1890-06-01 00:00:00+00", "infinity", "-infinity"],
    "interval": ["0", "1 year 2 mons 3 days 04:05:06.789", "-1 year 2 mons -3 days 4 hours", "1 day -00:00:01", "-00:00:00.000001",
                 "14 mons", "-3 days", "25:00:00", "-1 mons -25:00:00", "1 mon 1 day", "00:00:01.5", "1 year -1 day"],
    "int4[]": ["{}", "{1,NULL,-3}"],
    "text[]": ['{a,"b c",NULL,"NULL","","q\\"x","back\\\\slash","{x}","c,d"}'],
    "float8[]": ["{0.1,NaN,Infinity,1e30}"],
    "bool[]": ["{t,f,NULL}"],
    "date[]": ["{2024-02-29,infinity}"],
    "timestamp[]": ['{"2024-02-29 12:34:56"}'],
    "timestamptz[]": ['{"2024-07-01 12:34:56+00",NULL}'],
    "interval[]": ['{"1 day 02:00:00","-3 mons"}'],
    "numeric(10,2)[]": ["{1.50,NULL,-2.25}"],
    "uuid[]": ["{00112233-4455-6677-8899-aabbccddeeff}"],
    "bytea[]": ['{"\\\\x00ff",NULL}'],
}
CASES = [(kind, text) for kind, texts in VALUES.items() for text in texts]

STYLES = [f"SET DateStyle = '{style}, {order}'" for style, order in
          itertools.product(["ISO", "SQL", "Postgres", "German"], ["MDY", "DMY", "YMD"])]
STYLES += [f"SET IntervalStyle = {style}" for style in ["postgres", "postgres_verbose", "sql_standard", "iso_8601"]]
STYLES += [f"SET extra_float_digits = {n}" for n in [-15, -3, -1, 0, 1, 3]]
STYLES += ["SET bytea_output = escape"]
STYLES += [f"SET TimeZone = '{zone}'" for zone in
           ["Europe/Berlin", "america/new_york", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Etc/GMT+3"]]
STYLES += ["SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY'", "SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'Postgres'",
           "SET TimeZone = 'Europe/London'; SET DateStyle = 'German'"]


@pytest.fixture(scope="module")
def peer():
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as p, p.connect("postgres") as c:
        yield c


@pytest.fixture(scope="module")
def ours(server):
    with server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as c:
        yield c


def literal(kind, text):
    return "'" + text.replace("'", "''") + f"'::{kind}"


def ask(conn, sql, params=None, types=None, formats=None, binary=False):
    r = conn.pgconn.exec_params(sql.encode(), params, types, formats, int(binary))
    assert r.status == 2, f"{sql[:200]}: {r.error_message.decode()}"
    return [(r.ftype(i), r.get_value(0, i)) for i in range(r.nfields)]


def select(cases):
    return "SELECT " + ", ".join(f"{literal(*case)} AS c{i}" for i, case in enumerate(cases))


def differences(cases, theirs, ours):
    return [f"{kind} {text!r}: {a} there, {b} here" for (kind, text), a, b in zip(cases, theirs, ours) if a != b]


@pytest.fixture(scope="module")
def values(peer):
    """(oid, text, binary) of each case, as PostgreSQL sends it in its plain style."""
    peer.execute("SET TimeZone = 'UTC'")
    texts, binaries = (ask(peer, select(CASES), binary=binary) for binary in (False, True))
    return [(oid, text, binary) for (oid, text), (_, binary) in zip(texts, binaries)]


def ask_all(conn, values, binary_in=False, binary_out=False):
    sql = "SELECT " + ", ".join(f"${i}::{kind}" for i, (kind, _) in enumerate(CASES, 1))
    return ask(conn, sql, [v[1 + binary_in] for v in values], [v[0] for v in values], [int(binary_in)] * len(values), binary_out)


def test_literals(peer, ours):
    assert differences(CASES, ask(peer, select(CASES)), ask(ours, select(CASES))) == []


@pytest.mark.parametrize("binary_in", [False, True], ids=["text in", "binary in"])
@pytest.mark.parametrize("binary_out", [False, True], ids=["text out", "binary out"])
def test_parameters_and_results(peer, ours, values, binary_in, binary_out):
    assert differences(CASES, ask_all(peer, values, binary_in, binary_out), ask_all(ours, values, binary_in, binary_out)) == []


@pytest.mark.parametrize("style", STYLES)
def test_styles(peer, ours, values, style):
    for conn in (peer, ours):
        for one in style.split("; "):
            conn.execute(one)
    try:
        assert differences(CASES, ask_all(peer, values, True), ask_all(ours, values, True)) == []
    finally:
        for name in ("TimeZone", "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output"):
            peer.execute(f"RESET {name}")
            ours.execute(f"RESET {name}")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_a_text_without_a_zone_is_of_the_session_s(peer, ours, zone):
    texts = ["2024-07-01 12:00:00", "2024-03-31 02:30:00", "2024-10-27 02:30:00", "2024-03-10 02:30:00", "2024-11-03 01:30:00",
             "1850-01-01 00:00:00", "2024-07-01 12:00:00+05", "2024-07-01"]
    for conn in (peer, ours):
        conn.execute(f"SET TimeZone = '{zone}'")
    for text in texts:
        answers = [ask(c, "SELECT $1::timestamptz", [text.encode()], [1184], [0]) for c in (peer, ours)]
        assert answers[0] == answers[1], text
        answers = [ask(c, f"SELECT extract(hour FROM '{text}+00'::timestamptz)::int")[0][1] for c in (peer, ours)
                   if "+" not in text and " " in text]
        assert len(set(answers)) <= 1, text
    ours.execute("RESET TimeZone")
    peer.execute("RESET TimeZone")


def test_what_parameters_are_inferred_to_be(peer, ours):
    """ParameterDescription, as both sides infer it."""
    for conn in (peer, ours):
        conn.execute("DROP TABLE IF EXISTS inferred")
        conn.execute("CREATE TABLE inferred (i int, b bigint, t text, f float8, d date, z timestamptz, u uuid, y bytea, n numeric(10,2), a int[])")
    wrong = []
    for sql in ["SELECT * FROM inferred WHERE i = $1 AND t LIKE $2", "INSERT INTO inferred VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
                "UPDATE inferred SET f = $1, d = $2 WHERE b > $3", "SELECT i FROM inferred LIMIT $1 OFFSET $2",
                "SELECT CASE WHEN $1 THEN i ELSE $2 END FROM inferred", "SELECT i FROM inferred WHERE i IN ($1, $2)",
                "SELECT coalesce(t, $1) FROM inferred", "SELECT $1::int, $2::text, $3::timestamptz", "SELECT i + $1 FROM inferred",
                "SELECT i FROM inferred WHERE z BETWEEN $1 AND $2", "SELECT i FROM inferred WHERE u = $1 AND n < $2",
                "DELETE FROM inferred WHERE i = ANY($1)"]:
        types = []
        for conn in (peer, ours):
            r = conn.pgconn.prepare(b"", sql.encode())
            assert r.status == 1, f"{sql}: {r.error_message.decode()}"
            d = conn.pgconn.describe_prepared(b"")
            types.append([d.param_type(i) for i in range(d.nparams)])
        if types[0] != types[1]:
            wrong.append((sql, *types))
    assert wrong == []


# ---- values within values ----

PLAIN = [(kind, text) for kind, text in CASES if not kind.endswith("[]")]


@pytest.mark.parametrize("style", ["", *STYLES])
def test_structures_are_postgresql_s_json_of_rows(peer, ours, style):
    there, here = [], []
    try:
        for conn in (peer, ours):
            for one in filter(None, style.split("; ")):
                conn.execute(one)
        for kind, text in PLAIN:
            v = literal(kind, text)
            there += ask(peer, f"SELECT row_to_json(r) FROM (SELECT {v} AS v, ARRAY[{v}, NULL] AS \"l'\") AS r")
            here += ask(ours, f"SELECT {{'v': {v}, 'l''': [{v}, NULL]}}")
        assert differences(PLAIN, there, here) == []
    finally:
        for name in ("TimeZone", "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output"):
            peer.execute(f"RESET {name}")
            ours.execute(f"RESET {name}")


RECORDS = ["ROW(1)", "ROW(1, 'a b'::text, NULL::text, ''::text)", "ROW('q\"\\(,)'::text, ROW(1, 'x y'::text))",
           "ROW(ARRAY[1, 2], ARRAY['a b', 'c\"']::text[])", "ARRAY[ROW(1, 'a'::text), ROW(2, 'b c'::text)]", "ARRAY[ROW(1), NULL]",
           "ROW(t.a, t.b) FROM (VALUES (1, 'x'::text)) AS t(a, b)", *[f"ROW({literal(*case)}, 1)" for case in CASES]]


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_records_are_postgresql_s(peer, ours, binary):
    there, here = ([ask(c, f"SELECT {r}", binary=binary) for r in RECORDS] for c in (peer, ours))
    assert [(r, a, b) for r, a, b in zip(RECORDS, there, here) if a != b] == []


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_what_is_sent_as_a_nested_value_is_read_back_as_it(ours, binary):
    """Each type as the field of a structure, the value of a map and the element of a list of lists, there and back."""
    for kind, text in PLAIN:
        kind_here = {"json": "JSON"}.get(kind, kind)
        for t, sql in [(f"STRUCT(v {kind_here}, w {kind_here})", f"{{'v': {literal(kind, text)}, 'w': NULL}}"),
                       (f"MAP(VARCHAR, {kind_here})", f"MAP {{'k': {literal(kind, text)}}}"),
                       (f"{kind_here}[][]", f"[[{literal(kind, text)}], [], NULL, [NULL]]")]:
            (oid, shown), = ask(ours, f"SELECT {sql}::{t}", binary=binary)
            assert oid == 114
            if kind == "json" and text == "null":
                continue  # the JSON null of a field is NULL
            assert ask(ours, f"SELECT $1::{t}", [shown], [0], [int(binary)], binary) == [(114, shown)], (t, shown)
            assert ask(ours, f"SELECT $1::{t}", [shown], [114], [int(binary)], binary) == [(114, shown)], (t, shown)
