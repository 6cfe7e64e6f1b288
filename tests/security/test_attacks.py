"""Attacks by who is restricted, each twice: under the rule it learns nothing, and without it, it learns what the rule hides.

An attack learns something where two databases that differ in hidden values alone (`guarded` and `twin`) answer it
differently. So under the rule both must answer the same, and the same statements by one whom that rule leaves alone must
show the difference: else the attack fails for a reason of its own, and proves no defence. The lists of the other tests
are run here the second way too.
"""
import pytest

import test_documents
import test_engine_dialect
import test_masks
import test_rows_and_tenants
import test_two_databases
from security_data import HIDDEN, MASKED, learned

MASKS = [  # by DuckDB's words, since they are the most
    # predicates and guesses
    "SELECT name FROM people WHERE (ssn, 1) IN (('901-11-1111', 1))",
    "SELECT name FROM people WHERE {'a': ssn} = {'a': '901-11-1111'}",
    "SELECT name FROM people WHERE salary = ANY ([1000])",
    "SELECT name FROM people WHERE regexp_matches(ssn, '^9')",
    "SELECT name FROM people WHERE ssn COLLATE NOCASE = '901-11-1111'",
    "SELECT name FROM people WHERE ssn GLOB '9*'",
    "SELECT name FROM people WHERE starts_with(ssn, '9') OR contains(ssn, '11')",
    "SELECT id IS DISTINCT FROM salary, nullif(salary, 1000), greatest(salary, 500) FROM people",
    "SELECT CASE salary WHEN 1000 THEN 'x' END FROM people",
    "SELECT g.v FROM (VALUES ('901-11-1111'), ('z')) g(v) SEMI JOIN people p ON p.ssn = g.v",
    "SELECT g.v FROM (VALUES ('901-11-1111'), ('z')) g(v) ANTI JOIN people p ON p.ssn = g.v",
    "SELECT name FROM people SEMI JOIN (VALUES ('901-11-1111')) g(ssn) USING (ssn)",
    "SELECT a.name FROM people a JOIN people b ON a.ssn < b.ssn",
    "SELECT name FROM people p WHERE EXISTS (FROM range(p.salary) t(i) WHERE i = 1500)",
    # functions over the value
    "SELECT [x FOR x IN [ssn] IF x > '5'] FROM people",
    "SELECT list_filter(['901-11-1111'], lambda x: x = ssn) FROM people",
    "SELECT list_reduce(['a', 'b'], lambda x, y: x || y || ssn) FROM people",
    "SELECT format('{}', ssn), printf('%s', ssn), concat_ws('-', name, ssn) FROM people",
    "SELECT substr('abcdefghij', salary // 1000, 1), ['a', 'b', 'c'][salary // 1000] FROM people",
    "SELECT map([ssn], [1]), map {ssn: name} FROM people",
    "SELECT json_object('s', ssn), json_array(ssn), to_json({'a': ssn}) FROM people",
    "SELECT struct_extract({'s': ssn}, 's') FROM people",
    "SELECT union_value(s := ssn) FROM people",
    "SELECT md5(ssn), sha256(ssn), hash(ssn), hash(salary) FROM people",
    "SELECT ascii(ssn), unicode(ssn), strlen(ssn), bit_length(ssn), reverse(ssn) FROM people",
    "SELECT levenshtein(ssn, '901-11-1111'), jaccard(ssn, '901'), hamming(left(ssn, 1), '9') FROM people",
    "SELECT chr((salary % 90 + 33)::int), repeat('x', salary) FROM people",
    "SELECT string_split(ssn, '-'), regexp_extract(ssn, '(.)', 1), translate(ssn, '9', 'x') FROM people",
    "SELECT bar(salary, 0, 3000), format_bytes(salary), to_binary(salary) FROM people",
    "SELECT ssn[1], ssn[1:3], list_position(['901-11-1111', 'x'], ssn) FROM people",
    # aggregates
    "SELECT any_value(ssn), arg_max(name, ssn), arg_min(ssn, id) FROM people",
    "SELECT max(ssn, 2), arg_max(name, salary, 1), min_by(ssn, id, 2) FROM people",
    "SELECT histogram(ssn) FROM people",
    "SELECT approx_quantile(salary, 0.5), reservoir_quantile(salary, 0.5) FROM people",
    "SELECT approx_top_k(ssn, 3) FROM people",
    "SELECT quantile_disc(salary, [0.1, 0.9]), quantile_cont(salary, 0.5), mad(salary), mode(ssn) FROM people",
    "SELECT bit_xor(salary), product(salary), fsum(salary), favg(salary), sem(salary), entropy(salary) FROM people",
    "SELECT corr(id, salary), regr_slope(salary, id), var_pop(salary), covar_pop(id, salary) FROM people",
    "SELECT bool_and(ssn > '5'), count_if(salary > 500), sum(id) FILTER (salary > 500) FROM people",
    "SELECT list(name ORDER BY ssn DESC), string_agg(name ORDER BY salary), first(name ORDER BY salary) FROM people",
    "SELECT json_group_array(ssn), json_group_object(name, ssn) FROM people",
    "SELECT list(DISTINCT ssn ORDER BY ssn) FROM people",
    "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY salary) FROM people",
    "SELECT grouping(ssn), ssn, count(*) FROM people GROUP BY ROLLUP (ssn) ORDER BY ALL",
    "SELECT name FROM people GROUP BY name, ssn HAVING ssn > '5'",
    # order and windows
    "SELECT name FROM people ORDER BY salary DESC OFFSET 1",
    "SELECT name FROM people ORDER BY CASE WHEN salary > 500 THEN id ELSE -id END",
    "SELECT id FROM (SELECT salary, id FROM people ORDER BY ALL) q LIMIT 1",
    "SELECT DISTINCT ON (left(ssn, 1)) name FROM people ORDER BY left(ssn, 1), id",
    "SELECT percent_rank() OVER (ORDER BY salary), name FROM people",
    "SELECT nth_value(name, 1) OVER (ORDER BY salary DESC) FROM people",
    "SELECT name, sum(id) OVER (ORDER BY salary RANGE BETWEEN 1500 PRECEDING AND CURRENT ROW) FROM people",
    "SELECT name FROM people QUALIFY count(*) OVER (PARTITION BY left(ssn, 1)) > 1",
    # sub-queries, sets and rows as values
    "SELECT * REPLACE (upper(ssn) AS name) FROM people",
    "SELECT p.name, g.n FROM people p, LATERAL (SELECT count(*) AS n FROM range(p.salary)) g",
    "SELECT count(*) FROM people p, range(p.salary) g",
    "SELECT name FROM people ORDER BY id LIMIT (SELECT max(salary) // 1500 FROM people)",
    "SELECT name FROM people ORDER BY id OFFSET (SELECT min(salary) // 1000 FROM people)",
    "SELECT sum(x) FROM (SELECT unnest(range(salary)) AS x FROM people) q",
    "WITH RECURSIVE b(n, s) AS (SELECT 1, (SELECT max(ssn) FROM people) UNION ALL SELECT n + 1, s FROM b WHERE n < length(s)) "
    "SELECT count(*) FROM b",
    "VALUES ((SELECT max(ssn) FROM people))",
    "SELECT ssn FROM people UNION ALL BY NAME SELECT 'x' AS name",
    "PIVOT people ON left(ssn, 1) IN ('9', '3') USING count(*) GROUP BY name",
    "FROM (PIVOT (SELECT id, salary // 1000 AS k FROM people) ON k IN (0, 1, 2, 98) USING count(*))",
    "SELECT (SELECT sum(p.salary) FROM range(2)) FROM people p",
    "SELECT (SELECT max(q.ssn) FROM people q WHERE q.ssn >= p.ssn) FROM people p",
    # faults: neither the text nor the fact nor the SQLSTATE depends on the value
    "SELECT 1 // (salary - 1000) FROM people",
    "SELECT CAST(salary // 100 AS TINYINT) FROM people",
    "SELECT salary::DECIMAL(4, 0) FROM people",
    "SELECT (SELECT id FROM people WHERE salary > 500)",
    "SELECT left(ssn, 3)::INTEGER FROM people",
    "SELECT sqrt(5000 - salary) FROM people",
    "SELECT ln(salary - 7) FROM people",
    "SELECT make_date(2000, 2, salary // 100 + 1) FROM people",
    "SELECT generate_series(1, 3, salary - 1000) FROM people",
    "SELECT CAST(left(ssn, 1) AS JSON) FROM people",
    "SELECT strptime(left(ssn, 1), '%d') FROM people",
    "SELECT from_base64(left(ssn, 1) || 'AAA') FROM people",
    "SELECT unhex(left(ssn, 1)) FROM people",
    "SELECT 2147400000 + salary FROM people",
    "SELECT repeat('x', salary * 20) FROM people",
    "SELECT name FROM people WHERE name LIKE 'x!' ESCAPE (CASE WHEN ssn > '5' THEN '' ELSE '!' END)",
    "SELECT date_trunc(CASE WHEN ssn > '5' THEN 'day' ELSE 'plugh' END, DATE '2020-01-01') FROM people",
    # several statements
    ("CREATE TEMP TABLE w AS SELECT * FROM people", "SELECT max(ssn), sum(salary) FROM w"),
    ("CREATE VIEW w AS SELECT ssn || '' AS s FROM people", "SELECT s FROM w"),
    ("PREPARE q AS SELECT name FROM people WHERE ssn LIKE $1", "EXECUTE q('9%')"),
    ("DECLARE c CURSOR FOR SELECT ssn FROM people", "FETCH ALL FROM c"),
    ("CREATE MACRO big(x) AS CASE WHEN x > 500 THEN 'y' ELSE 'n' END", "SELECT big(salary) FROM people"),
    ("CREATE MACRO over(n) AS TABLE SELECT name FROM people WHERE salary > n", "FROM over(500)"),
    ("CREATE TABLE w (a text, b text AS (a || 'z'))", "INSERT INTO w SELECT ssn FROM people", "SELECT b FROM w"),
    ("CREATE TABLE w (s text CHECK (s > '4'))", "INSERT INTO w SELECT ssn FROM people"),
    ("CREATE TABLE w (s text UNIQUE)", "INSERT INTO w VALUES ('901-11-1111')", "INSERT INTO w SELECT ssn FROM people"),
    ("CREATE TABLE w (n TINYINT)", "INSERT INTO w SELECT salary // 100 FROM people"),
    ("CREATE TABLE w (n int NOT NULL)", "INSERT INTO w SELECT nullif(salary, 1000) FROM people"),
    "MERGE INTO notes n USING people p ON n.id = p.id WHEN NOT MATCHED AND p.salary > 500 THEN INSERT VALUES (p.id, p.name) "
    "RETURNING id",
    "INSERT INTO notes SELECT id, ssn FROM people RETURNING note",
    ("INSERT INTO notes SELECT id, name FROM people WHERE salary > 500", "SELECT * FROM notes"),
    ("UPDATE people SET name = ssn", "SELECT name FROM people"),
    ("UPDATE people SET name = name || '!' WHERE ssn LIKE '9%'", "SELECT name FROM people"),
    ("DELETE FROM people WHERE salary > 500", "SELECT count(*) FROM people"),
    "COPY (SELECT ssn, salary FROM people) TO STDOUT (FORMAT csv, HEADER)",
    "COPY (SELECT salary FROM people) TO STDOUT (FORMAT binary)",
]

ROWS = [
    "SELECT count(*), max(rowid) FROM people",
    "SELECT min(name), max(name), string_agg(name, ',') FROM people",
    "SELECT * FROM people FULL JOIN (VALUES ('Cyd')) v(n) ON name = n",
    "SELECT v FROM (VALUES ('Cyd'), ('Ann')) g(v) WHERE v NOT IN (SELECT name FROM people)",
    "SELECT 'Cyd' EXCEPT SELECT name FROM people",
    "SELECT v FROM (VALUES ('Cyd')) g(v) ANTI JOIN people ON name = v",
    "SELECT g.v, p.name FROM (VALUES (1), (2), (3), (4), (5)) g(v) POSITIONAL JOIN people p",
    "SELECT g.v, p.name FROM (VALUES (4)) g(v) ASOF JOIN people p ON g.v >= p.id",
    "SELECT name FROM people LIMIT 90%",
    "SELECT count(*) FROM people TABLESAMPLE 100%",
    "SELECT lead(name) OVER (ORDER BY id) FROM people",
    "SELECT row_number() OVER (ORDER BY id DESC), name FROM people",
    "SELECT count(*) FILTER (department <> 'sales') FROM people",
    "PIVOT people ON department IN ('legal', 'sales') USING count(*)",
    "SELECT (SELECT count(*) FROM people_view), (SELECT max(name) FROM people_view)",
    "SELECT histogram(department), approx_count_distinct(id), any_value(name ORDER BY id DESC) FROM people",
    "SELECT name FROM people GROUP BY ALL HAVING max(id) > 2",
    "SELECT p.name FROM (VALUES (3)) g(v), LATERAL (SELECT name FROM people WHERE id = g.v) p",
    "SELECT department, count(*) FROM people GROUP BY CUBE (department) ORDER BY ALL",
]

ROW_FAULTS = [  # on a hidden row, by PostgreSQL's words: DuckDB's division by zero is NULL
    "SELECT 1 // (id - 4) FROM people",
    "SELECT name FROM people WHERE 1 // (id - 4) > 0",
    "SELECT name FROM people WHERE department = 'sales' OR 1 // (id - 4) > 0",
    "SELECT name FROM people ORDER BY 1 // (id - 4)",
    "SELECT count(*) FROM people GROUP BY 1 // (id - 4)",
    "SELECT sum(1 // (id - 4)) FROM people",
    "SELECT name FROM people QUALIFY sum(1 // (id - 4)) OVER () > -9",
    "SELECT a.name FROM people a JOIN people b ON a.id = b.id AND 1 // (b.id - 4) > -9",
    "SELECT name FROM people WHERE CASE WHEN name = 'Cyd' THEN name::INTEGER ELSE 1 END = 1",
    "SELECT list_transform([1], lambda x: x // (id - 4)) FROM people",
    "SELECT q.x FROM people p, LATERAL (SELECT 1 // (p.id - 4) AS x) q",
    "SELECT (SELECT 1 // (p.id - 4)) FROM people p",
    "WITH q AS MATERIALIZED (SELECT 1 // (id - 4) AS x FROM people) SELECT count(*) FROM q WHERE x > -9",
    "SELECT name FROM people_view WHERE 1 // (id - 4) > -9",
    "SELECT g.v FROM (VALUES (1)) g(v) WHERE EXISTS (SELECT 1 FROM people WHERE 1 // (id - 4) > -9)",
    "SELECT (SELECT name FROM people WHERE id > 4)",
    "SELECT DISTINCT 1 // (id - 4) FROM people",
    "SELECT name::TINYINT FROM people WHERE id = 4",
    "SELECT error FROM (SELECT strptime(name, '%Y') AS error FROM people WHERE id = 4) q",
]

ROW_WRITES = [
    "UPDATE people SET name = name || '!' RETURNING name",
    "UPDATE people SET id = 1 // (id - 4)",
    "DELETE FROM people WHERE 1 // (id - 4) > -9 RETURNING id",
    "DELETE FROM people WHERE id > 2 RETURNING name",
    "INSERT INTO notes SELECT id, name FROM people RETURNING note",
    "MERGE INTO notes n USING people p ON n.id = p.id WHEN NOT MATCHED THEN INSERT VALUES (p.id, p.name) RETURNING note",
    "MERGE INTO people p USING (VALUES (4)) v(i) ON p.id = v.i WHEN MATCHED THEN UPDATE SET name = 'x' RETURNING id",
    ("CREATE TEMP TABLE w AS SELECT * FROM people", "SELECT name FROM w"),
    ("CREATE TEMP TABLE w (s text CHECK (s <> 'Cyd'))", "INSERT INTO w SELECT name FROM people"),
    ("DECLARE c CURSOR FOR SELECT name FROM people", "FETCH ALL FROM c"),
    ("PREPARE q AS SELECT name FROM people WHERE id > $1", "EXECUTE q(2)"),
    ("CREATE MACRO everybody() AS TABLE SELECT name FROM people", "FROM everybody()"),
    "DELETE FROM people",
    "COPY people (name) TO STDOUT (FORMAT csv)",
]

# Which learn nothing of these two databases even so, lest a name be misspelt: what everybody is refused,
NEVER = {
    "SELECT list_aggr(list(ssn), 'list'), list_aggr([ssn], 'first') FROM people",
    "SELECT reduce([1], '', (s, x) -> s || ssn) FROM people",
    'CREATE INDEX people_i ON people (ssn)',
    'CREATE INDEX people_j ON people ((1 // (id - 3)))',
    'PIVOT people ON ssn USING count(*)',
    'SELECT error(name) FROM people',
    'SELECT (SELECT sum(p.salary) FROM range(2)) FROM people p',
    'SUMMARIZE people',
    'UNPIVOT people ON ssn, name',
    'WITH w AS (INSERT INTO notes SELECT id, ssn FROM people RETURNING *) SELECT * FROM w',
    # and what these values don't decide, or no value does.
    "DELETE FROM notes USING people WHERE ssn LIKE '901%'",
    "EXPLAIN SELECT * FROM people WHERE ssn = '901-11-1111'",
    "EXPLAIN SELECT id FROM people WHERE ssn = 'x' AND salary > 1",
    "SELECT (SELECT string_agg(name, ',') FROM people) AS m, m || '' AS n WHERE m IS NOT NULL",
    "SELECT DISTINCT ON (COLUMNS('ssn')) name FROM people ORDER BY name",
    "SELECT list_aggr(list(ssn), 'approx_top_k', 9) FROM people",
    'DESCRIBE people',
    'EXPLAIN SELECT name FROM people',
    'FROM (DESCRIBE SELECT ssn, max(ssn) FROM people GROUP BY ALL)',
    'INSERT INTO people SELECT * FROM people',
    'SELECT (SELECT max(ssn) FROM people) AS m, m FROM notes',
    'SELECT CAST(ssn AS date) FROM people',
    'SELECT TRY(ssn::int) FROM people',
    'SELECT count(*) FROM people WHERE salary > 1500',
    'SELECT count(people) FROM people GROUP BY people',
    'SELECT id FROM people GROUP BY GROUPING SETS ((id, ssn), (salary, id)) ORDER BY 1',
    'SELECT id FROM people NATURAL JOIN people_view',
    'SELECT id FROM people p WHERE ssn = ANY (SELECT q.ssn FROM people q WHERE q.id < p.id)',
    'SELECT id, ntile(2) OVER (PARTITION BY ssn ORDER BY salary, id) FROM people ORDER BY 1',
    'SELECT name FROM people UNION SELECT name FROM people ORDER BY people.name',
    'SELECT name FROM people USING SAMPLE 100%',
    'SELECT name FROM people WHERE people = people',
    'SELECT name FROM people q WHERE q.salary IS NULL',
    'SELECT name ^@ ssn FROM people',
    'SELECT p.id FROM people p JOIN people q USING (ssn, salary)',
    'SELECT p.id, q.id FROM people p JOIN people q ON p.ssn = q.ssn ORDER BY 1, 2',
    'SELECT ssn::BIGNUM FROM people',
    'UPDATE notes SET note = p.ssn FROM people p WHERE p.id = notes.id',
}


def by_dialect(dialect, *lists):
    return [(dialect, attack) for attacks in lists for attack in attacks]


ON_MASKS = by_dialect("duckdb", MASKS)
ON_ROWS = by_dialect("duckdb", ROWS, ROW_WRITES) + by_dialect("postgres", ROW_FAULTS)
READ_BACK = ["SELECT name FROM people ORDER BY id", "SELECT note FROM notes ORDER BY id", "SELECT * FROM loot"]
# Attacks of other tests, which say there what each is to give under the rule.
ELSEWHERE_ON_MASKS = (
    by_dialect("postgres", test_masks.SMUGGLE, test_two_databases.MORE, [right for right, _ in test_masks.ORACLES],
               [(sql, *READ_BACK) for sql in test_masks.LAUNDER]) +
    by_dialect("snowflake", test_documents.SMUGGLE) + by_dialect("duckdb", test_engine_dialect.WAYS))
ELSEWHERE_ON_ROWS = by_dialect("postgres", test_rows_and_tenants.ROWS, test_rows_and_tenants.FAULTS)


def ids(attacks):
    return [f"{d}-{a if isinstance(a, str) else '; '.join(a)}"[:90] for d, a in attacks]


def first(attack):
    return attack if isinstance(attack, str) else attack[0]


def both(servers, who, dialect, attack):
    return [learned(server, who, attack, dialect) for server in servers]


@pytest.mark.parametrize("dialect,attack", ON_MASKS + ON_ROWS, ids=ids(ON_MASKS + ON_ROWS))
def test_under_the_rules_it_learns_nothing(guarded, twin, dialect, attack):
    text = attack if isinstance(attack, str) else " ".join(attack)
    for who in ("sales@acme", "dev@acme"):
        one, other = both((guarded, twin), who, dialect, attack)
        assert one == other
        assert not [v for v in MASKED + HIDDEN if v in one.replace("23000", "") and v not in text], one  # an SQLSTATE


def learns(servers, who, dialect, attack):
    one, other = both(servers, who, dialect, attack)
    return one != other


@pytest.mark.parametrize("dialect,attack", ON_MASKS + ELSEWHERE_ON_MASKS, ids=ids(ON_MASKS + ELSEWHERE_ON_MASKS))
def test_without_the_masks_it_works(guarded, twin, dialect, attack):
    assert learns((guarded, twin), "unmasked@acme", dialect, attack) == (first(attack) not in NEVER)


@pytest.mark.parametrize("dialect,attack", ON_ROWS + ELSEWHERE_ON_ROWS, ids=ids(ON_ROWS + ELSEWHERE_ON_ROWS))
def test_without_the_filter_it_works(guarded, twin, dialect, attack):
    assert learns((guarded, twin), "owner@acme", dialect, attack) == (first(attack) not in NEVER)
