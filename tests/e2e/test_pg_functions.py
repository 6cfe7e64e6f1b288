"""The language in which PostgreSQL's clients ask about a database: the same expressions, asked of a real PostgreSQL and
of us over the same tables, say the same; and what somebody may not see, none of them tells."""
import decimal

import psycopg
import pytest

from postgres import MISSING, Postgres, programs

TABLES = [
    "CREATE TABLE pgf_customer (id int PRIMARY KEY, name text NOT NULL, tags text[], credit numeric(10,2) DEFAULT 1.5)",
    "CREATE TABLE pgf_order (id int PRIMARY KEY, customer_id int REFERENCES pgf_customer(id), note varchar)",
    "INSERT INTO pgf_customer VALUES (1, 'ada', ARRAY['x', 'y z', NULL], 2), (2, 'Bob', NULL, NULL), (3, 'eve', ARRAY['q'], 3)",
    "INSERT INTO pgf_order VALUES (1, 1, 'first'), (2, 1, NULL), (3, 2, 'it''s')",
    "CREATE VIEW pgf_names AS SELECT id, name FROM pgf_customer",
]


@pytest.fixture(scope="module")
def both(server):
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as peer, peer.connect("postgres") as theirs, postgres_session(server, "owner@acme") as ours:
        for statement in TABLES:
            theirs.execute(statement)
            ours.execute(statement)
        yield ours, theirs
        for statement in ("DROP VIEW pgf_names", "DROP TABLE pgf_order", "DROP TABLE pgf_customer"):
            ours.execute(statement)


def postgres_session(server, who):
    return server.connect(who, options="'-c hatidata.dialect=postgres'")


def plain(value):
    return float(value) if isinstance(value, decimal.Decimal) else value


def answer(connection, statement):
    return [tuple(plain(v) for v in row) for row in connection.execute(statement).fetchall()]


def check_same(both, statements):
    ours, theirs = both
    for statement in statements:
        assert answer(ours, statement) == answer(theirs, statement), statement


def test_operators_by_name(both):
    check_same(both, [
        "SELECT 7 OPERATOR(pg_catalog./) 2, 1 OPERATOR(pg_catalog.=) 1, 'a' OPERATOR(pg_catalog.||) 'b'",
        "SELECT 'abc' OPERATOR(pg_catalog.~) '^(ab.)$' COLLATE pg_catalog.default",
        "SELECT 'abc' OPERATOR(pg_catalog.~) '^(ab)$', 'ABC' OPERATOR(pg_catalog.~*) 'b', 'a' OPERATOR(pg_catalog.!~) 'a'",
        "SELECT 'xy' OPERATOR(pg_catalog.~~) 'x%', 'XY' OPERATOR(pg_catalog.~~*) 'x_', 'a' OPERATOR(pg_catalog.!~~) 'a'",
        "SELECT id FROM pgf_customer WHERE name OPERATOR(pg_catalog.=) ANY (ARRAY['ada', 'eve']) ORDER BY id",
        "SELECT 'b' COLLATE \"C\" < 'a' COLLATE \"C\", 'x' COLLATE pg_catalog.\"default\"",
    ])


def test_regular_expressions(both):
    check_same(both, [
        "SELECT name ~ '^[a-e]', name !~ 'b', name ~* '^b', name !~* 'B' FROM pgf_customer ORDER BY id",
        "SELECT 'pg_toast_1' ~ '^pg_(toast|temp_)', 'a\nb' ~ 'a.b', 'x' ~ '^(x|y)$'",
    ])


def test_arrays_for_columns(both):
    """Literals whose column alone says what they are, as psycopg2 sends a list that is empty."""
    for connection in both:
        connection.execute("CREATE TABLE pgf_lists (id int PRIMARY KEY, n int[], t text[], m int[])")
    try:
        check_same(both, [
            "INSERT INTO pgf_lists VALUES (1, '{1,2,NULL}', '{a,\"b c\"}', '{}'), (2, ARRAY[3], '{}', NULL) RETURNING *",
            "INSERT INTO pgf_lists (t, id) SELECT '{x}', 3 RETURNING t",
            "UPDATE pgf_lists SET n = '{7,8}', t = DEFAULT WHERE id = 3 RETURNING *",
            "INSERT INTO pgf_lists (id, n) VALUES (3, '{9}') ON CONFLICT (id) DO UPDATE SET m = '{4}' RETURNING n, m",
        ])
        for connection in both:
            connection.execute("MERGE INTO pgf_lists USING (SELECT 4 AS k) s ON pgf_lists.id = s.k "
                               "WHEN MATCHED THEN UPDATE SET n = '{0}' WHEN NOT MATCHED THEN INSERT (id, n) VALUES (4, '{6}')")
            for text in ("{1", "{1,x}", "plain", "{{1},{2"):
                with pytest.raises(psycopg.Error) as e:
                    connection.execute(f"INSERT INTO pgf_lists (id, n) VALUES (5, '{text}')")
                assert e.value.sqlstate == "22P02", text
        check_same(both, ["SELECT * FROM pgf_lists ORDER BY id"])
    finally:
        for connection in both:
            connection.execute("DROP TABLE pgf_lists")


def test_descriptions_of_objects(both):
    check_same(both, [
        "SELECT pg_describe_object('pg_class'::regclass, 'pgf_customer'::regclass, 0), "
        "pg_describe_object('pg_class'::regclass, 'pgf_customer'::regclass, 2), pg_describe_object(1259, 'pgf_names'::regclass, 0)",
        "SELECT pg_describe_object(2606, oid, 0) FROM pg_constraint WHERE conrelid = 'pgf_customer'::regclass AND contype = 'p'",
        "SELECT pg_describe_object(1247, 23, 0), pg_describe_object(1247, 1007, 0), pg_describe_object(2615, 2200, 0)",
        "SELECT pg_describe_object(NULL, 1, 0)",
    ])


def test_serial_columns(both):
    for connection in both:
        connection.execute("CREATE TABLE pgf_serial (id serial PRIMARY KEY, big bigserial, small smallserial UNIQUE, name text)")
    try:
        check_same(both, [
            "INSERT INTO pgf_serial (name) VALUES ('a'), ('b') RETURNING id, big, small",
            "INSERT INTO pgf_serial (id, small, name) VALUES (9, DEFAULT, 'c') RETURNING *",
            "INSERT INTO pgf_serial DEFAULT VALUES RETURNING *",
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'pgf_serial' "
            "ORDER BY ordinal_position",
        ])
        for connection in both:
            with pytest.raises(psycopg.Error) as e:
                connection.execute("INSERT INTO pgf_serial (id) VALUES (NULL)")
            assert e.value.sqlstate == "23502"
            with pytest.raises(psycopg.Error) as e:
                connection.execute("SELECT 1::serial")
            assert e.value.sqlstate == "42704"
    finally:
        for connection in both:
            connection.execute("DROP TABLE pgf_serial")


def test_arrays(both):
    check_same(both, [
        "SELECT 1 = ANY('{1,2}'::int[]), 3 = ANY('{1,2}'), 'b c' = ANY('{a,\"b c\"}'), 'a' <> ALL('{b,c}')",
        "SELECT '{}'::int[], '{a,NULL,\"x,y\",\"q\\\"\"}'::text[], array_length('{1,2,3}'::int[], 1)",
        "SELECT ARRAY(SELECT name FROM pgf_customer ORDER BY id DESC), ARRAY(SELECT 1 WHERE false)",
        "SELECT c.id, ARRAY(SELECT o.id FROM pgf_order o WHERE o.customer_id = c.id ORDER BY 1) FROM pgf_customer c ORDER BY 1",
        "SELECT 2 = ANY(ARRAY(SELECT id FROM pgf_customer)), array_to_string(ARRAY(SELECT 1 UNION ALL SELECT 2 ORDER BY 1), '-')",
        "SELECT tags[1], (tags)[2], tags[9], tags[1:2], array_upper(tags, 1), array_lower(tags, 1) FROM pgf_customer ORDER BY id",
        "SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(v, n) ORDER BY n",
        "SELECT generate_series(1, 3), 'x'", "SELECT 2 * generate_series(9, 4, -2) AS n ORDER BY n",
        "SELECT g + 1 FROM (SELECT generate_series(1, 4) AS g) s WHERE g > 2",
        "SELECT generate_series(timestamp '2024-01-31', timestamp '2024-02-03', interval '2 days')",
        "SELECT ARRAY(SELECT generate_series(0, 2))",
        "SELECT c.id, u.n, u.v FROM pgf_customer c LEFT JOIN LATERAL unnest(c.tags) WITH ORDINALITY AS u(v, n) ON true ORDER BY 1, 2",
        "SELECT * FROM generate_subscripts(ARRAY[7, 8, 9], 1) AS s ORDER BY s",
        "SELECT generate_subscripts(ARRAY[7, 8], 1) AS n, unnest(ARRAY['a', 'b']) AS v ORDER BY n",
        "SELECT * FROM pg_catalog.generate_series(1, 3) AS g(n) ORDER BY n",
    ])


def test_malformed_array(both):
    import psycopg
    for connection in both:
        with pytest.raises(psycopg.Error, match="malformed array literal"):
            connection.execute("SELECT '{a'::text[]")


def test_rows_and_sub_queries(both):
    check_same(both, [
        "SELECT id FROM pgf_customer WHERE (id, name) IN ((1, 'ada'), (2, 'x')) ORDER BY 1",
        "SELECT id FROM pgf_customer c WHERE (id, name) IN (SELECT id, name FROM pgf_names) ORDER BY 1",
        "SELECT c.name, o.n FROM pgf_customer c, LATERAL (SELECT count(*) AS n FROM pgf_order o WHERE o.customer_id = c.id) o "
        "ORDER BY c.id",
        "VALUES (1, 'a'), (2, 'b')",
        "SELECT string_agg(name, ', ' ORDER BY name DESC) FROM pgf_customer",
    ])


def test_quoting(both):
    check_same(both, [
        "SELECT quote_ident('a b'), quote_ident('abc'), quote_ident('Abc'), quote_ident('select'), quote_ident('a\"b'), "
        "quote_ident('name'), quote_ident('over'), quote_ident('1a'), quote_ident('')",
        r"SELECT quote_literal('it''s'), quote_literal('a\b'), quote_nullable(NULL), quote_nullable('x'), quote_literal(NULL)",
        "SELECT parse_ident('a.b'), parse_ident('\"A b\".C'), parse_ident('\"a\"\"b\"')",
        "SELECT (SELECT quote_ident(name) FROM pgf_customer WHERE id = 2), array_agg(quote_ident(name) ORDER BY id) FROM pgf_customer",
    ])


def test_sizes_and_encodings(both):
    check_same(both, [
        "SELECT pg_size_pretty(n) FROM unnest('{0,1,10239,10240,20971000,-123456789,1234567890123,12345678901234567}'::bigint[]) "
        "WITH ORDINALITY u(n, i) ORDER BY i",
        "SELECT pg_encoding_to_char(6), pg_encoding_to_char(8), pg_encoding_to_char(99), pg_char_to_encoding('utf8'), "
        "pg_char_to_encoding('x'), pg_client_encoding()",
        "SELECT array_positions(ARRAY[1, 2, 1], 1), array_ndims(ARRAY[1]), array_dims(ARRAY[1, 2]), array_position(ARRAY['a', 'b'], 'b')",
    ])


NUMBERS = [f"{n}::{kind}" for kind, numbers in {
    "numeric(12,4)": ["0", "0.5", "-0.1", "-0.0004", "12", "-7.25", "0.125", "-0.005", "1234.5", "123456.789", "-99999999.9999", "11", "122"],
    "int": ["0", "1", "-3", "12", "113", "2147483647"],
    "bigint": ["9223372036854775807", "-1000"],
    "float8": ["0", "0.125", "-0.001", "1.005", "2.5", "-3.5", "1e5", "1234.5678"],
    "float4": ["0", "0.5", "-12.25"],
}.items() for n in numbers]
MODELS = [
    "9", "999", "9999999999", "0", "000", "9990", "9.9", "999.99", "990.00", "9,999", "999,999,990.00", "9G999D99", "0,000,000", "09,999",
    "FM9", "FM9.9", "FM999.99", "FM990.09", "FM999990.0099", "FM999,999,990.00", "FM099,999", "FM000", "FM9.99",
    "S999", "999S", "FM999.99S", "S990.0", "FMS9,990.0", "MI999", "999MI", "FM999MI", "999.99MI", "PL999", "999PL", "FMPL999.9", "SG999",
    "999SG", "999PR", "999.99PR", "FM999PR", "FM9,999.99PR", "L999", "FML999.00", "$999", "FM$9,990.00", "S$999", "999%", "$ 999 ", "000-000",
    '"n = "999', '999" of ""x', "FM999th", "999TH", "0000th", "FM99.9th", "fm9g990d0", "99,99,9", "9,9,9.9", "999999999999999999999",
]


def test_numbers_by_a_format(both):
    theirs, ours = ([answer(c, "SELECT " + ", ".join(f"to_char({n}, '{model}')" for n in NUMBERS))[0] for model in MODELS]
                    for c in both[::-1])
    assert [(m, n, a, b) for m, them, us in zip(MODELS, theirs, ours) for n, a, b in zip(NUMBERS, them, us) if a != b] == []
    check_same(both, ["SELECT id, to_char(credit, 'FM990.00') FROM pgf_customer ORDER BY id", "SELECT to_char(sum(id), '99'), to_char(avg(credit), '9.99') FROM pgf_customer",
                      "SELECT to_char(NULL::int, '99')"])


@pytest.mark.parametrize("call", [
    "to_char(1, 'RN')", "to_char(1, '9V9')", "to_char(1, '9.9EEEE')", "to_char(1, '9S9')", "to_char(1, '.9')", "to_char(1, '9.')",
    "to_char(1, '9.9.9')", "to_char(1, '9.9,9')", "to_char(1, '99-99')", "to_char(1, 'S9MI')", "to_char(1, '" + "9" * 65 + "')",
    "to_char('Infinity'::float8, '9')", "to_char(12345678901234.5::float8, '99999999999999.99')", "to_char(now(), '999')",
    "to_char(true, '9')", "to_char(1, 'B99')"])
def test_formats_of_numbers_that_are_refused(both, call):
    import psycopg
    with pytest.raises(psycopg.Error, match="format|infinity"):
        both[0].execute(f"SELECT {call}")


def test_time_zones(both):
    ours, theirs = both
    query = "SELECT name, abbrev, utc_offset, is_dst FROM pg_timezone_names WHERE name NOT LIKE 'posix/%' ORDER BY name"
    zones = answer(ours, query)
    assert zones == sorted(answer(theirs, query)) and len(zones) > 300
    abbreviations = [f"({', '.join(map(repr, row))})" for row in answer(ours, "SELECT abbrev, utc_offset::text, is_dst FROM pg_timezone_abbrevs")]
    check_same(both, ["SELECT abbrev, utc_offset, is_dst FROM pg_timezone_abbrevs WHERE (abbrev, utc_offset::text, is_dst) IN "
                      f"({', '.join(abbreviations)}) ORDER BY abbrev"])
    for name, *_ in zones[::20]:
        ours.execute(f"SET TimeZone = '{name}'")
    ours.execute("RESET TimeZone")


def test_expanded_arrays(both):
    check_same(both, [
        "SELECT (information_schema._pg_expandarray(ARRAY[7, 8])).n ORDER BY 1",
        "SELECT (k.x).x, (k.x).n FROM (SELECT information_schema._pg_expandarray(ARRAY[7, 8]) AS x) k ORDER BY 2",
        "SELECT * FROM pg_options_to_table(ARRAY['a=1', 'b=x=y', 'c']) ORDER BY 1",
        "SELECT relid, parentrelid, isleaf, level FROM pg_partition_tree('pgf_order')",
        "SELECT c.relname, (SELECT count(*) FROM pg_partition_tree(c.oid)) FROM pg_class c WHERE c.relname LIKE 'pgf%' ORDER BY 1",
        "SELECT 0::regoper::text, 0::regoperator::text, 7::regoperator::text, to_regoper('nosuch')",
        "SELECT indkey::text, indkey::varchar, indoption::text FROM pg_index WHERE indrelid = 'pgf_customer'::regclass",
        # The conditions of outer joins, where a list holds NULL, is empty or is NULL
        "SELECT x, l FROM (VALUES (1), (2), (NULL)) a(x) LEFT JOIN (VALUES (ARRAY[1, NULL]), (ARRAY[3, 4]), (NULL)) b(l) "
        "ON x = ANY (l) ORDER BY x, l",
        "SELECT x, l FROM (VALUES (1), (2), (NULL)) a(x) FULL JOIN (VALUES (ARRAY[1, NULL], 1), (ARRAY[3], 2)) b(l, n) "
        "ON x = n AND x = ANY (l) ORDER BY x, l",
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid LEFT OUTER JOIN pg_attribute a "
        "ON c.oid = a.attrelid AND a.attnum = ANY (i.indkey) WHERE c.relname LIKE 'pgf%' ORDER BY 1, 2",
    ])


def test_session(both):
    check_same(both, [
        "SELECT current_schemas(true), current_schemas(false), 'public' = ANY (current_schemas(true))",
        "SELECT current_setting('standard_conforming_strings'), current_setting('search_path'), current_setting('no.such', true)",
        "SELECT pg_is_in_recovery(), pg_backend_pid() > 0, pg_postmaster_start_time() <= now(), pg_conf_load_time() <= now()",
    ])
    ours, _ = both
    assert answer(ours, "SELECT pg_backend_pid(), inet_client_addr()") == [(ours.info.backend_pid, "127.0.0.1")]


def test_a_setting_is_asked_anew_each_time(both):
    ours, _ = both
    for name in ("one", "two"):
        ours.execute(f"SET application_name = '{name}'")
        assert ours.execute("SELECT current_setting('application_name')", prepare=True).fetchone() == (name,)


def test_settings_by_an_expression(both):
    ours, _ = both
    assert answer(ours, "SELECT name FROM pg_settings WHERE current_setting(name) <> setting") == []


def test_an_unknown_setting(both):
    import psycopg
    for connection in both:
        with pytest.raises(psycopg.errors.UndefinedObject, match="unrecognized configuration parameter"):
            connection.execute("SELECT current_setting('nope')")


def test_names_and_types(both):
    check_same(both, [
        "SELECT 'pgf_customer'::regclass, 'public.pgf_customer'::regclass::text, 'pg_class'::regclass::oid, 'PGF_ORDER'::regclass",
        "SELECT 'int4'::regtype, 'integer'::regtype::oid, 'text[]'::regtype, 'character varying'::regtype, 'pg_catalog'::regnamespace::oid",
        "SELECT to_regclass('pgf_nope'), to_regclass('pgf_order'), to_regtype('no_type'), to_regnamespace('no_schema')",
        "SELECT ('public.' || relname)::regclass FROM pg_class WHERE relname = 'pgf_order'",
        "SELECT format_type(t, m) FROM (VALUES (23, -1), (1700, 655366), (1043, 24), (1015, 24), (999, -1), (0, -1), (1114, 3), "
        "(1184, -1), (1042, -1), (1042, NULL), (18, -1), (1009, -1), (NULL, NULL)) AS v(t, m)",
        "SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute WHERE attrelid = 'pgf_customer'::regclass "
        "AND attnum > 0 AND attname <> 'credit' ORDER BY attnum",
        "SELECT relname, relkind, pg_table_is_visible(oid) FROM pg_class WHERE relname IN ('pgf_order', 'pgf_names', 'pg_class') "
        "ORDER BY 1",
        "SELECT tableoid::regclass FROM pg_namespace WHERE nspname = 'pg_catalog'",
        "SELECT pg_get_userbyid(99), pg_table_is_visible(1), obj_description(1, 'pg_class'), pg_get_constraintdef(1)",
    ])


def test_an_unknown_name(both):
    import psycopg
    for connection in both:
        with pytest.raises(psycopg.errors.UndefinedTable, match='relation "pgf_nope" does not exist'):
            connection.execute("SELECT 'pgf_nope'::regclass")


def test_keys_and_indexes(both):
    check_same(both, [
        "SELECT conrelid::regclass, contype, pg_get_constraintdef(oid) LIKE 'PRIMARY KEY (id)' FROM pg_constraint "
        "WHERE conrelid IN ('pgf_customer'::regclass, 'pgf_order'::regclass) AND contype = 'p' ORDER BY conname",
        "SELECT a.attname, k.n FROM (SELECT i.indrelid, (information_schema._pg_expandarray(i.indkey)).x, "
        "(information_schema._pg_expandarray(i.indkey)).n FROM pg_index i WHERE i.indrelid = 'pgf_order'::regclass) k "
        "JOIN pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = k.x",
        "SELECT i.indkey[0], pg_get_indexdef(i.indexrelid, 1, true) FROM pg_index i WHERE i.indrelid = 'pgf_order'::regclass",
    ])


def test_privileges_of_the_owner(both):
    check_same(both, [
        "SELECT has_table_privilege('pgf_order', 'SELECT'), has_table_privilege('pgf_order', 'INSERT, UPDATE'), "
        "has_table_privilege(current_user, 'pgf_order', 'DELETE'), has_column_privilege('pgf_order', 'note', 'SELECT'), "
        "has_column_privilege('pgf_order', 1::smallint, 'SELECT'), has_any_column_privilege('pgf_order', 'SELECT')",
        "SELECT has_schema_privilege('public', 'USAGE'), has_schema_privilege('public', 'CREATE'), "
        "has_database_privilege(current_database(), 'CONNECT'), has_type_privilege('int4', 'USAGE'), pg_has_role(current_user, 'USAGE')",
    ])


def test_privileges_follow_the_role(both, server):
    with postgres_session(server, "analyst@acme") as analyst:
        for asked, answered in [("'SELECT'", True), ("'INSERT'", False), ("'DELETE'", False), ("'INSERT, SELECT'", True)]:
            assert answer(analyst, f"SELECT has_table_privilege('pgf_order', {asked})") == [(answered,)], asked
        assert answer(analyst, "SELECT has_schema_privilege('public', 'CREATE'), pg_has_role('owner', 'MEMBER'), "
                               "pg_has_role('analyst', 'MEMBER')") == [(False, False, True)]
        assert answer(analyst, "SELECT has_table_privilege('owner', 'pgf_order', 'DELETE')") == [(None,)]  # of others nothing is told
        assert answer(analyst, "SELECT pg_get_viewdef('pgf_names')") == [(None,)]  # he may not change it


TELLERS = [  # what could tell of a table by its name or its number
    "SELECT to_regclass('pgf_customer')", "SELECT to_regclass('public.pgf_customer')",
    "SELECT has_table_privilege({oid}, 'SELECT')", "SELECT pg_get_viewdef({view})", "SELECT pg_get_indexdef({index})",
    "SELECT obj_description({oid}, 'pg_class')", "SELECT col_description({oid}, 1)", "SELECT pg_table_is_visible({oid})",
    "SELECT pg_get_constraintdef({key})", "SELECT has_column_privilege({oid}, 'name', 'SELECT')",
]


def test_another_tenant_is_told_nothing(both, server):
    ours, _ = both
    [(oid, key, view, index)] = answer(ours, "SELECT conrelid, oid, 'pgf_names'::regclass::oid, conindid FROM pg_constraint "
                                             "WHERE conrelid = 'pgf_customer'::regclass AND contype = 'p'")
    ours.execute("COMMENT ON TABLE pgf_customer IS 'ours alone'")
    ours.execute("COMMENT ON COLUMN pgf_customer.id IS 'a number'")
    with postgres_session(server, "owner@globex") as other:
        for teller in TELLERS:
            asked = teller.format(oid=oid, key=key, view=view, index=index)
            assert answer(ours, asked) != [(None,)] and answer(other, asked) == [(None,)], teller
        assert answer(other, f"SELECT {oid}::regclass::text") == [(str(oid),)]
        said = []
        for name in ("pgf_customer", "pgf_never_there"):
            with pytest.raises(psycopg.Error) as refused:
                other.execute(f"SELECT '{name}'::regclass")
            said.append((refused.value.sqlstate, refused.value.diag.message_primary.replace(name, "NAME")))
        assert said[0] == said[1]
        for call in ("has_table_privilege('{}', 'SELECT')", "pg_get_viewdef('{}')"):
            said = []
            for name in ("pgf_customer", "pgf_never_there"):
                with pytest.raises(psycopg.Error) as refused:
                    other.execute("SELECT " + call.format(name))
                said.append(refused.value.diag.message_primary.replace(name, "NAME"))
            assert said[0] == said[1], call


def test_documents(both):
    check_same(both, [
        "SELECT json_build_object('a', 1, 'b', 'x'), jsonb_build_array(1, 'a'), to_jsonb(1), to_json('a'::text)",
        "SELECT json_agg(id ORDER BY id DESC), json_agg(id) FILTER (WHERE false), json_object_agg(name, id) FROM pgf_customer",
        """SELECT d #>> '{a,b,1}', d #> '{a,b}', d #>> '{a,x}', d #> '{}', d #>> ARRAY['a', '1'], d #>> '{p/q,r~s}', d #> NULL
           FROM (SELECT '{"a": {"b": [5, 6], "1": null}, "p/q": {"r~s": "t"}}'::json AS d) s""",
        "SELECT row_to_json(t) FROM (SELECT id, name FROM pgf_customer) t ORDER BY id",
        "SELECT format('%I.%I = %L', 'Odd', 'plain', 'it''s'), array_to_string(ARRAY['a', NULL], ',', '*')",
    ])
