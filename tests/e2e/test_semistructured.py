"""Snowflake's semi-structured data, arrays, table functions, aggregates and windows: values, against the real
server. Each line is a rule of Snowflake's, with values of its own."""
import decimal

import psycopg
import pytest

DOC = """'{"name": "ann", "n": 7, "x": 1.5, "list": [10, 20, {"k": "v"}], "none": null, "yes": true, "b c": {"d": 1}}'"""


@pytest.fixture(scope="module")
def snowflake(server):
    with server.connect("owner@acme") as conn:
        conn.execute("SET hatidata.dialect = 'snowflake'")
        conn.execute("CREATE TABLE documents (id INT, v VARIANT, a ARRAY, o OBJECT)")
        conn.execute(f"""INSERT INTO documents SELECT 1, parse_json({DOC}), array_construct(1, 'two', NULL),
                         object_construct('a', 1)""")
        conn.execute("INSERT INTO documents SELECT 2, parse_json('[1, 2]'), NULL, NULL")
        yield conn
        conn.execute("DROP TABLE documents")


def one(conn, expressions, rest=""):
    row = conn.execute(f"SELECT {expressions} {rest}").fetchone()
    return row[0] if len(row) == 1 else row


VALUES = [
    # documents
    ("parse_json('[1, \"a\", null]')", [1, "a", None]),
    ("parse_json('')", None), ("parse_json(NULL)", None), ("try_parse_json('{')", None),
    ("check_json('{')", "Invalid JSON"), ("check_json('{}')", None),
    ("to_variant(1)", 1), ("to_variant('x')", "x"), ("to_json(parse_json('{\"a\": 1}'))", '{"a":1}'),
    ("typeof(parse_json('1'))", "INTEGER"), ("typeof(parse_json('1.5'))", "DECIMAL"),
    ("typeof(parse_json('null'))", "NULL_VALUE"), ("typeof(parse_json('{}'))", "OBJECT"),
    ("is_array(parse_json('[]'))", True), ("is_array(parse_json('{}'))", False), ("is_array([1])", True),
    ("is_null_value(parse_json('null'))", True), ("is_null_value(NULL::variant)", None),
    ("strip_null_value(parse_json('null')) IS NULL", True), ("parse_json('null') IS NULL", False),
    ("as_integer(parse_json('7'))", 7), ("as_integer(parse_json('\"7\"'))", None), ("as_varchar(parse_json('\"7\"'))", "7"),
    # items: counted from 0; what isn't there is NULL
    ("[4, 5, 6][0]", 4), ("get([4, 5, 6], 1)", 5), ("[4][7]", None), ("parse_json('[4]')[7]", None),
    ("get(parse_json('{\"a\": {\"b\": 1}}'), 'a')", {"b": 1}), ("get_path(parse_json('{\"a\": [{\"b\": 1}]}'), 'a[0].b')", 1),
    ("parse_json('{\"A\": 1}'):a", None), ("parse_json('{\"q\\\\\"t\": 1}'):\"q\"\"t\"", 1),
    ("get_ignore_case(parse_json('{\"aB\": 1}'), 'AB')", 1), ("array_construct('foo')::variant[0]", "foo"),
    # casts
    ("parse_json('\"a\"')::varchar", "a"), ("parse_json('7')::int + 1", 8), ("parse_json('true')::boolean", True),
    ("parse_json('\"2020-01-02\"')::date::varchar", "2020-01-02"), ("parse_json('null')::varchar", None),
    ("parse_json('{\"a\": 1}')::varchar", '{"a":1}'), ("[1, 2]::varchar", "[1,2]"), ("1::array", [1]), ("'x'::variant", "x"),
    # objects
    ("object_construct('a', 1, 'b', NULL, 'c', 'x')", {"a": 1, "c": "x"}), ("object_construct()", {}),
    ("object_construct_keep_null('a', NULL)", {"a": None}), ("{'a': 1, 'b': {'c': 'x'}}", {"a": 1, "b": {"c": "x"}}),
    ("{'a': NULL, 'b': 1}", {"b": 1}), ("{'a': 1, 'A': 2}", {"a": 1, "A": 2}),
    ("object_insert(parse_json('{\"a\": 1}'), 'b', 2)", {"a": 1, "b": 2}),
    ("object_insert(parse_json('{\"a\": 1}'), 'a', 2, TRUE)", {"a": 2}),
    ("object_insert(parse_json('{\"a\": 1}'), 'b', NULL)", {"a": 1}),
    ("object_delete(parse_json('{\"a\": 1, \"b\": 2}'), 'a')", {"b": 2}),
    ("object_pick(parse_json('{\"a\": 1, \"b\": 2}'), 'b', 'c')", {"b": 2}),
    ("object_keys(parse_json('{\"a\": 1, \"b\": 2}'))", ["a", "b"]),
    ("map_size({'a': 1}::map(varchar, number))", 1), ("map_contains_key('a', {'a': 1}::map(varchar, number))", True),
    # arrays
    ("array_construct(1, 'two', 3.5, NULL)", [1, "two", 3.5, None]), ("array_construct()", []), ("[]", []),
    ("array_construct_compact(1, NULL, 2)", [1, 2]), ("array_append([1], 2)", [1, 2]), ("array_append([1], 'x')", [1, "x"]),
    ("array_append(NULL::array, 1)", None), ("array_prepend([2], 1)", [1, 2]), ("array_cat([1], parse_json('[\"a\"]'))", [1, "a"]),
    ("array_size(parse_json('[1, 2]'))", 2), ("array_size(parse_json('{}'))", None), ("array_size([])", 0),
    ("array_insert([1, 2, 3], 0, 9)", [9, 1, 2, 3]), ("array_insert([1, 2, 3], -1, 9)", [1, 2, 9, 3]),
    ("array_insert([1], 3, 9)", [1, None, None, 9]), ("array_remove([1, 2, 1], 1)", [2]), ("array_remove([1], NULL)", None),
    ("array_remove_at([1, 2, 3], 1)", [1, 3]), ("array_remove_at([1, 2, 3], -1)", [1, 2]), ("array_remove_at([1], 5)", [1]),
    ("array_slice([0, 1, 2, 3], 1, 3)", [1, 2]), ("array_slice([0, 1, 2, 3], 0, -1)", [0, 1, 2]),
    ("array_slice([0, 1, 2, 3], -3, 3)", [1, 2]), ("array_slice([0, 1], 5, 9)", []),
    ("array_contains(2, [1, 2])", True), ("array_contains('a'::variant, parse_json('[\"a\"]'))", True),
    ("array_contains(NULL, [1, NULL])", True), ("array_contains(NULL, [1])", None), ("array_position('b', ['a', 'b'])", 1),
    ("array_position('z', ['a'])", None), ("array_sort([3, 1, 2])", [1, 2, 3]), ("array_sort([1, NULL, 2], FALSE)", [None, 2, 1]),
    ("array_sort(array_distinct([1, 1, 2]))", [1, 2]), ("array_reverse([1, 2])", [2, 1]), ("array_min([2, 1])", 1),
    ("array_max(parse_json('[10, 9]'))", 10), ("array_sum([1, 2])", 3), ("array_flatten([[1, 2], [3]])", [1, 2, 3]),
    ("array_intersection([1, 2, 2, 3], [2, 2, 4])", [2, 2]), ("array_except([1, 2, 2], [2])", [1, 2]),
    ("arrays_overlap([1, 2], [2])", True), ("arrays_overlap([1], [2])", False),
    ("array_to_string(['a', NULL, 'b'], '-')", "a--b"), ("array_to_string(parse_json('[\"a\", 1]'), ',')", "a,1"),
    ("array_generate_range(2, 5)", [2, 3, 4]), ("to_array('x')", ["x"]), ("to_array(parse_json('[1]'))", [1]),
    ("filter([1, 2, 3], x -> x > 1)", [2, 3]), ("transform([1, 2], x INT -> x * 2)", [2, 4]),
    ("transform(parse_json('[{\"v\": \"a\"}]'), x -> upper(x:v))", ["A"]), ("reduce([1, 2, 3], 0, (s, x) -> s + x)", 6),
]


@pytest.mark.parametrize("sql,expected", VALUES, ids=[sql for sql, _ in VALUES])
def test_values(snowflake, sql, expected):
    got = one(snowflake, sql)
    assert got == expected and type(got) is type(expected) or (
        isinstance(got, (int, float, decimal.Decimal)) and not isinstance(expected, bool) and got == expected)


REFUSED = [
    ("parse_json('{')", "22"), ("[1][-1]", "0A"), ("object_insert(parse_json('{\"a\": 1}'), 'a', 2)", "22"),
    ("xmlget(parse_json('{}'), 'a')", "0A"), ("'text':a", "0A"), ("array_append('text', 1)", "0A"),
    ("array_intersection(array_generate_range(0, 5000), [1])", "54"),
]


@pytest.mark.parametrize("sql,state", REFUSED, ids=[sql for sql, _ in REFUSED])
def test_refused(snowflake, sql, state):
    with pytest.raises(psycopg.Error) as e:
        one(snowflake, sql)
    assert e.value.sqlstate.startswith(state)


def test_a_variant_beside_a_scalar(snowflake):
    row = one(snowflake, """v:name = 'ann', v:n > 6, v:n + 1, v:name LIKE 'a%', upper(v:name), v:name || '!',
              v:n BETWEEN 1 AND 9, v:name IN ('bob', 'ann'), NOT v:yes, iff(v:yes, 1, 2), v:n::varchar, v:none IS NULL,
              CASE v:name WHEN 'ann' THEN 'y' END, v:"b c".d, v:list[2].k""", "FROM documents WHERE id = 1 AND v:yes")
    assert row == (True, True, 8.0, True, "ANN", "ann!", True, True, False, 1, "7", False, "y", 1, "v")


def test_columns_of_documents(snowflake):
    rows = snowflake.execute("SELECT a, o, v[0], array_size(v), a[1], o['a'] FROM documents ORDER BY id").fetchall()
    assert rows == [([1, "two", None], {"a": 1}, None, None, "two", 1), (None, None, 1, 2, None, None)]


FLATTENED = [
    ("SELECT seq, key, path, index, value, this FROM TABLE(FLATTEN(INPUT => parse_json('[7, \"x\"]')))",
     [(1, None, "[0]", 0, 7, [7, "x"]), (1, None, "[1]", 1, "x", [7, "x"])]),
    ("SELECT key, path, index, value FROM TABLE(FLATTEN(INPUT => parse_json('{\"a\": 1, \"b c\": 2}')))",
     [("a", "a", None, 1), ("b c", "['b c']", None, 2)]),
    ("SELECT path, value FROM LATERAL FLATTEN(INPUT => parse_json('{\"a\": {\"b\": [7]}}'), PATH => 'a.b')", [("a.b[0]", 7)]),
    ("SELECT value::varchar FROM LATERAL FLATTEN(INPUT => ['a', 'b'])", [("a",), ("b",)]),
    ("SELECT 1 FROM LATERAL FLATTEN(INPUT => parse_json('[]'))", []),
    ("SELECT 1 FROM LATERAL FLATTEN(INPUT => parse_json('7'))", []),
    ("SELECT 1 FROM LATERAL FLATTEN(INPUT => NULL)", []),
    ("SELECT value, this FROM LATERAL FLATTEN(INPUT => parse_json('[]'), OUTER => TRUE)", [(None, [])]),
    ("SELECT value FROM LATERAL FLATTEN(INPUT => parse_json('{\"a\": 1}'), MODE => 'ARRAY')", []),
    ("SELECT path, value FROM LATERAL FLATTEN(INPUT => parse_json('{\"a\": [7], \"c\": {\"d\": \"x\"}}'), RECURSIVE => TRUE)",
     [("a", [7]), ("a[0]", 7), ("c", {"d": "x"}), ("c.d", "x")]),
    ("SELECT path FROM LATERAL FLATTEN(INPUT => parse_json('{\"a\": [7], \"c\": {\"d\": 1}}'), RECURSIVE => TRUE, MODE => 'OBJECT')",
     [("a",), ("c",), ("c.d",)]),
    ("SELECT d.id, f.index, f.value:k::varchar FROM documents AS d, LATERAL FLATTEN(INPUT => d.v:list) AS f ORDER BY 1, 2",
     [(1, 0, None), (1, 1, None), (1, 2, "v")]),
    ("SELECT d.id, f.value FROM documents AS d LEFT JOIN LATERAL FLATTEN(INPUT => d.a) AS f ON f.index = 1 ORDER BY 1",
     [(1, "two"), (2, None)]),
    ("SELECT (SELECT sum(f.value) FROM TABLE(FLATTEN(INPUT => v)) AS f) FROM documents WHERE id = 2", [(3.0,)]),
    ("SELECT b.value FROM TABLE(FLATTEN(INPUT => parse_json('[[1, 2], [3]]'))) AS a, LATERAL FLATTEN(INPUT => a.value) AS b ORDER BY 1",
     [(1,), (2,), (3,)]),
    ("SELECT index, value FROM TABLE(split_to_table('a.b', '.')) ORDER BY 1", [(1, "a"), (2, "b")]),
    ("SELECT value FROM TABLE(strtok_split_to_table(' a-b ', ' -')) ORDER BY index", [("a",), ("b",)]),
    ("SELECT seq4(), seq8() FROM TABLE(GENERATOR(ROWCOUNT => 3))", [(0, 0), (1, 1), (2, 2)]),
    ("SELECT min(u), max(u) FROM (SELECT uniform(1, 3, random()) AS u FROM TABLE(GENERATOR(ROWCOUNT => 1000)))", [(1, 3)]),
    ("SELECT {*} FROM (SELECT 1 AS a, 'x' AS b, NULL AS c)", [({"A": 1, "B": "x"},)]),
    ("SELECT object_construct(*) FROM (SELECT 1 AS a)", [({"A": 1},)]),
]


@pytest.mark.parametrize("sql,expected", FLATTENED, ids=[sql for sql, _ in FLATTENED])
def test_tables_of_parts(snowflake, sql, expected):
    assert snowflake.execute(sql.encode()).fetchall() == expected


def test_seq_is_the_number_of_the_input_row(snowflake):
    """What Snowflake promises of SEQ: one number for each row that is flattened, another one for another."""
    rows = snowflake.execute("SELECT d.id, f.seq FROM documents AS d, LATERAL FLATTEN(INPUT => d.v) AS f").fetchall()
    assert len(rows) == 9 and len(set(rows)) == 2 and len({seq for _, seq in rows}) == 2 and None not in rows[0]
    for sql in ("SELECT * FROM documents AS d, LATERAL FLATTEN(INPUT => d.v) AS f",
                "SELECT f.* FROM documents AS d, LATERAL FLATTEN(INPUT => d.v, RECURSIVE => TRUE) AS f",
                "SELECT s.* FROM documents AS d, TABLE(split_to_table('a.b.' || d.id, '.')) AS s",
                "SELECT seq FROM documents, TABLE(strtok_split_to_table('a b ' || id)) WHERE seq > 0 ORDER BY seq",
                "SELECT x.seq FROM documents AS d, LATERAL FLATTEN(INPUT => d.a, OUTER => TRUE) AS x"):
        cur = snowflake.execute(sql)
        seq = [c.name for c in cur.description].index("seq")
        assert len({row[seq] for row in cur}) == 2, sql


WITHOUT_SEQ = [
    "SELECT d.id, f.seq FROM (SELECT * FROM documents) AS d, LATERAL FLATTEN(INPUT => d.v) AS f",
    "SELECT * FROM (SELECT * FROM documents) AS d, LATERAL FLATTEN(INPUT => d.v) AS f",
    "SELECT count(*) FROM documents_seen AS d, LATERAL FLATTEN(INPUT => d.v) AS f GROUP BY f.seq",
    "SELECT f.* FROM documents AS d JOIN documents AS e ON d.id = e.id, LATERAL FLATTEN(INPUT => d.v) AS f",
    "SELECT g.seq FROM documents AS d, LATERAL FLATTEN(INPUT => d.v) AS f, LATERAL FLATTEN(INPUT => f.value) AS g",
    "SELECT f FROM documents_seen AS d, LATERAL FLATTEN(INPUT => d.v) AS f",
    "SELECT 1 FROM documents_seen AS d, LATERAL FLATTEN(INPUT => d.v) AS f JOIN documents AS e ON e.id = f.seq",
    "SELECT 1 FROM documents_seen AS d, LATERAL FLATTEN(INPUT => d.v) AS f JOIN (SELECT 1 AS seq) AS e USING (seq)",
    "SELECT s.seq FROM documents_seen AS d, TABLE(split_to_table(d.v::varchar, ',')) AS s",
]


def test_seq_of_rows_that_have_no_number_is_refused(snowflake):
    snowflake.execute("CREATE VIEW documents_seen AS SELECT id, v FROM documents")
    try:
        for sql in WITHOUT_SEQ:
            with pytest.raises(psycopg.Error) as e:
                snowflake.execute(sql.encode())
            assert e.value.sqlstate == "0A000" and '"seq"' in e.value.diag.message_primary.lower(), sql
            assert "EXCLUDE (seq)" in e.value.diag.message_hint and int(e.value.diag.statement_position) > 1, sql
        assert e.value.diag.statement_position == str(WITHOUT_SEQ[-1].index("s.seq") + 1)
        rows = snowflake.execute("""SELECT * EXCLUDE (seq) FROM documents_seen AS d, LATERAL FLATTEN(INPUT => d.v) AS f
                                    ORDER BY d.id, f.index, f.key""").fetchall()
        assert len(rows) == 9 and len(rows[0]) == 7
        assert one(snowflake, "count(*)", "FROM documents_seen AS d, LATERAL FLATTEN(INPUT => d.v) AS f") == 9
        with pytest.raises(psycopg.errors.UndefinedFunction):
            snowflake.execute("SELECT input_row_number()")
    finally:
        snowflake.execute("DROP VIEW documents_seen")


def test_a_view_over_flattened_rows(snowflake):
    """One that was kept when SEQ was NULL, too: its text says so."""
    snowflake.execute("CREATE VIEW members AS SELECT d.id, f.seq, f.value FROM documents d, LATERAL FLATTEN(INPUT => d.v) f")
    snowflake.execute("""CREATE VIEW older AS SELECT d.id, f.seq, f.value FROM documents AS d CROSS JOIN LATERAL (SELECT
                         CAST(NULL AS bigint) AS seq, p.value AS value FROM json_each(d.v) AS p) AS f""")
    try:
        assert one(snowflake, "count(DISTINCT seq)", "FROM members") == 2
        assert one(snowflake, "count(*), count(seq)", "FROM older") == (9, 0)
    finally:
        snowflake.execute("DROP VIEW members")
        snowflake.execute("DROP VIEW older")


T = "FROM (SELECT 1 AS x, 'a' AS k UNION ALL SELECT 3, 'b' UNION ALL SELECT NULL, 'c')"
AGGREGATED = [
    ("array_agg(x) WITHIN GROUP (ORDER BY x DESC)", T, [3, 1]), ("array_agg(x)", T + " WHERE FALSE", []),
    ("array_unique_agg(x % 2)", T, [1]), ("object_agg(k, x)", T, {"a": 1, "b": 3}), ("object_agg(k, x)", T + " WHERE FALSE", {}),
    ("listagg(k, '-') WITHIN GROUP (ORDER BY k DESC)", T, "c-b-a"), ("listagg(k)", T + " WHERE FALSE", ""),
    ("boolor_agg(x)", T, True), ("booland_agg(x - 1)", T, False), ("boolxor_agg(x > 1)", T, True),
    ("bitor_agg(x)", T, 3), ("bitand_agg(x)", T, 1), ("bitxor_agg(x)", T, 2), ("count(DISTINCT x, k)", T, 2),
    ("median(x)", T, 2.0), ("percentile_cont(0.25) WITHIN GROUP (ORDER BY x)", T, 1.5), ("max_by(k, x)", T, "b"),
    ("count_if(x > 1)", T, 1), ("any_value(1)", T, 1), ("hll(x)", T, 2), ("sum(x) IGNORE NULLS", T, 4),
]


@pytest.mark.parametrize("sql,rest,expected", AGGREGATED, ids=[f"{s}{r[-12:]}" for s, r, _ in AGGREGATED])
def test_aggregates(snowflake, sql, rest, expected):
    assert one(snowflake, sql, rest) == expected


def test_windows(snowflake):
    rows = snowflake.execute(f"""SELECT k, first_value(x) OVER (ORDER BY k), last_value(k) OVER (ORDER BY k),
        last_value(x) IGNORE NULLS OVER (ORDER BY k), nth_value(k, 2) OVER (ORDER BY k), ratio_to_report(x) OVER (),
        conditional_true_event(x > 1) OVER (ORDER BY k), percentile_cont(0.5) WITHIN GROUP (ORDER BY x) OVER (),
        last_value(k) OVER (ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) {T}
        QUALIFY row_number() OVER (ORDER BY k) < 3 ORDER BY k""").fetchall()
    assert rows == [("a", 1, "c", 3, "b", 0.25, 0, 2.0, "a"), ("b", 1, "c", 3, "b", 0.75, 1, 2.0, "b")]
