"""DuckDB's own ways to name many columns, whole rows and rows by their place: none shows a hidden row
or a masked value, and none says how many rows are hidden."""
import re

import psycopg
import pytest

from security_data import HIDDEN, MASKED

SET_DIALECT = "SET hatidata.dialect = 'duckdb'"

WAYS = [
    "SELECT COLUMNS('s.*') FROM people",
    "SELECT max(COLUMNS('ssn')) FROM people",
    "SELECT COLUMNS(c -> c LIKE 'ss%') || '' FROM people",
    "SELECT * LIKE 'ss%' FROM people",
    "SELECT * SIMILAR TO '(s)(sn)' AS 'x_\\2\\1' FROM people",
    "SELECT name FROM people WHERE COLUMNS(['ssn']) LIKE '901%'",
    "SELECT name FROM people ORDER BY COLUMNS('ssn')",
    "SELECT DISTINCT ON (COLUMNS('ssn')) name FROM people ORDER BY name",
    "SELECT coalesce(*COLUMNS(['ssn', 'name'])) FROM people",
    "SELECT struct_pack(*COLUMNS('ssn')) FROM people",
    "SELECT #4 FROM people",
    "SELECT #4 || '' FROM people",
    "SELECT p FROM people p",
    "SELECT p.ssn FROM (SELECT people AS p FROM people) q",
    "SELECT p.* FROM (SELECT people AS p FROM people) q",
    "SELECT unnest(p) FROM (SELECT people AS p FROM people) q",
    "SELECT unnest([people], recursive := true) FROM people",
    "SELECT unnest({'a': ssn, 'b': 1}) FROM people",
    "SELECT count(people) FROM people GROUP BY people",
    "SELECT name FROM people WHERE people = people",
    "PIVOT people ON name IN ('Ann', 'Bob') USING max(ssn) GROUP BY id",
    "PIVOT people ON ssn IN ('901-11-1111') USING count(*) GROUP BY name",
    "PIVOT (SELECT ssn, name FROM people) ON name IN ('Ann') USING count(*)",
    "UNPIVOT people ON ssn, name",
    "FROM people UNPIVOT (v FOR k IN (ssn))",
    "SELECT ssn FROM people TABLESAMPLE 100%",
    "SELECT ssn FROM people TABLESAMPLE RESERVOIR (100 ROWS)",
    "SELECT name FROM people USING SAMPLE 100%",
    "SELECT ssn FROM people LIMIT 100%",
    "SELECT name FROM people ORDER BY id LIMIT (SELECT max(ssn[1:2])::INTEGER FROM people) %",
    "SELECT alias(ssn), ssn AS alias FROM people",
    "SELECT replace_type(ssn, NULL::VARCHAR, NULL::VARCHAR) FROM people",
    "SELECT g.a FROM (SELECT regexp_extract(ssn, '(.*)', ['a']) AS g FROM people)",
    "SELECT list_aggr(list(ssn), 'string_agg', '|') FROM people",
    "SELECT list_aggr(list(ssn), 'list'), list_aggr([ssn], 'first') FROM people",
    "SELECT list_aggr(list(ssn), 'approx_top_k', 9) FROM people",
    "SELECT list_by_aggregate(list(ssn), 'quantile_disc', 0.5) FROM people",
    "FROM (DESCRIBE SELECT ssn, max(ssn) FROM people GROUP BY ALL)",
    "SELECT col0 FROM (VALUES ((SELECT max(ssn) FROM people)))",
    "SELECT p.name, g.v FROM people p ASOF JOIN (VALUES ('901'), ('902')) g(v) ON p.ssn >= g.v",
    "SELECT g.v, p.name FROM (VALUES ('902')) g(v) ASOF JOIN people p ON g.v >= p.ssn",
    "SELECT g.v, p.ssn FROM (VALUES (1), (2), (3), (4)) g(v) POSITIONAL JOIN people p",
    "SELECT a.name, b.ssn FROM people a POSITIONAL JOIN people b",
    "SELECT [x || ssn FOR x IN ['a'] IF ssn LIKE '901%'] FROM people",
    "SELECT (SELECT max(ssn) FROM people) AS m, m FROM notes",
    "SELECT (SELECT string_agg(name, ',') FROM people) AS m, m || '' AS n WHERE m IS NOT NULL",
    "SELECT ssn AS a, count(*) FROM people GROUP BY alias.a",
    "SELECT ssn.upper(), name.upper() FROM people",
    "SELECT q.s FROM people p, (SELECT p.ssn AS s) q",
    "SELECT q.s || '' FROM people p, (SELECT p.ssn AS s) q",
    "SELECT ssn::BIGNUM FROM people",
    "SELECT TRY(ssn::int) FROM people",
    "SELECT TRY_CAST(ssn AS UNION(n int, s text)) FROM people",
    "SELECT people::VARIANT FROM people",
    "SELECT 1 / salary, 1 % salary, 1 // salary FROM people",
    "SELECT list_aggr([ssn], 'max') FROM people",
    "SELECT name ^@ ssn FROM people",
    "SELECT max(ssn) AS n FROM people HAVING n > '901'",
    "SELECT name FROM people UNION SELECT name FROM people ORDER BY people.name",
    "CREATE INDEX people_i ON people (ssn)",
    "CREATE INDEX people_j ON people ((1 // (id - 3)))",
]


def said_of(server, who, sql):
    """As answer() does, behind a SET."""
    return re.sub(r" \(request [0-9a-f-]{36}\)", "", answered(server, who, sql))


def answered(server, who, sql):
    with server.connect(who) as conn:
        conn.execute(SET_DIALECT)
        try:
            cur = conn.execute(sql)
            return str(cur.fetchall()) if cur.description else str(cur.statusmessage)
        except psycopg.Error as e:
            return " ".join(str(x) for x in (e.diag.message_primary, e.diag.message_detail,
                                             e.diag.message_hint, e.diag.context))


@pytest.mark.parametrize("sql", WAYS)
def test_nothing_hidden_is_said(guarded, sql):
    for who in ("sales@acme", "dev@acme"):
        said = said_of(guarded, who, sql).replace(sql, "")
        literals = [v for v in MASKED if v not in sql]
        assert not [v for v in HIDDEN + literals if v in said], said


@pytest.mark.parametrize("sql", [
    "SELECT rowid, name FROM people ORDER BY ALL",
    "SELECT p.rowid FROM people p ORDER BY ALL",
    "SELECT max(rowid) FROM people",
])
def test_numbers_of_rows_leave_no_gap(guarded, sql):
    """The hidden rows stand before the last visible one: their numbers must not show it."""
    with guarded.connect("owner@acme") as owner:
        owner.execute("INSERT INTO people VALUES (9, 'Zoe', 'sales', '909', 9)")
        try:
            with guarded.connect("sales@acme") as conn:
                conn.execute(SET_DIALECT)
                rows = conn.execute(sql).fetchall()
                assert max(r[0] for r in rows) == 2
            assert owner.execute("SELECT rowid FROM people WHERE id = 9").fetchone()[0] >= 4
        finally:
            owner.execute("DELETE FROM people WHERE id = 9")


def test_rows_of_a_filtered_table_are_not_written_by_number(guarded):
    with guarded.connect("dev@acme") as conn, pytest.raises(psycopg.Error) as e:
        conn.execute("DELETE FROM people WHERE rowid = 2")
    assert "rowid" in e.value.diag.message_primary


@pytest.mark.parametrize("sql", [
    "SELECT repeat('9', 1000000)::BIGNUM",
    "SELECT CAST(n AS BIGNUM) FROM (SELECT repeat('9', 1000000) AS n) q",
    "SELECT 1::BIGNUM = n FROM (SELECT repeat('9', 1000000) AS n) q",
    "SELECT CAST([n] AS BIGNUM[]) FROM (SELECT repeat('9', 1000000) AS n) q",
    "SELECT (repeat('[', 100000) || repeat(']', 100000))::JSON::VARIANT",
    "SELECT range(TIMESTAMP '1000-01-01', TIMESTAMP '3000-01-01', INTERVAL 1 SECOND)",
    "SELECT COLUMNS('((((a*)*)*)*)*b') FROM (SELECT 1 AS aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) q",
    "SELECT list_aggr([1], 'm' || 'ax')",
    "SELECT list_by_aggregate([1], CASE WHEN true THEN 'max' END)",
    "SELECT list_by_aggregate(['/etc/passwd'], 'read_text')",
])
def test_values_that_cost_too_much_are_refused(guarded, sql):
    with guarded.connect("owner@acme") as conn:
        conn.execute(SET_DIALECT)
        conn.execute("SET statement_timeout = '20s'")
        with pytest.raises(psycopg.Error) as e:
            conn.execute(sql)
        assert "timeout" not in e.value.diag.message_primary.lower()
        assert conn.execute("SELECT 1").fetchone() == (1,)
