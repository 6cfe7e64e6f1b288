"""Two databases that differ only in what is hidden give a restricted principal the same answers: the same rows, errors and
numbers of rows, whatever is asked."""
import pytest

import test_documents
import test_masks
from security_data import answer

MORE = [  # masks at the reference, in every place where a value can stand
    "SELECT ssn, upper(ssn), length(ssn), salary + 1 FROM people ORDER BY ssn, salary, id",
    "SELECT ssn AS a, salary AS b FROM people UNION ALL SELECT upper(ssn), sum(salary) FROM people GROUP BY 1",
    "SELECT count(ssn), count(salary), count(DISTINCT ssn), avg(salary), bool_or(salary IS NULL) FROM people",
    "SELECT p.id, q.id FROM people p JOIN people q ON p.ssn = q.ssn ORDER BY 1, 2",
    "SELECT p.id FROM people p JOIN people q USING (ssn, salary)",
    "SELECT id FROM people NATURAL JOIN people_view",
    "SELECT id FROM people WHERE salary > (SELECT avg(salary) FROM people)",
    "SELECT v, count(*) FROM people, LATERAL (SELECT left(ssn, 3) AS v) q GROUP BY ALL",
    "SELECT id, ntile(2) OVER (PARTITION BY ssn ORDER BY salary, id) FROM people ORDER BY 1",
    "SELECT id FROM people_view WHERE ssn LIKE '%' ORDER BY salary NULLS FIRST, id",
    "SELECT CASE WHEN salary > 50000 THEN 1 / 0 END FROM people",
    "SELECT CAST(ssn AS date) FROM people",
    "SELECT p FROM people AS p ORDER BY p",
    "SELECT id FROM people GROUP BY GROUPING SETS ((id, ssn), (salary, id)) ORDER BY 1",
    "UNPIVOT (SELECT id, ssn FROM people) ON ssn",
    "WITH w AS MATERIALIZED (SELECT * FROM people) SELECT max(salary), min(ssn) FROM w",
    "EXPLAIN SELECT id FROM people WHERE ssn = 'x' AND salary > 1",
    "COPY people (ssn, salary, id) TO STDOUT",
    "COPY (SELECT upper(ssn), salary FROM people ORDER BY salary, id) TO STDOUT",
    "SELECT rowid, ssn || '' FROM people ORDER BY 1",
    "SELECT p.ssn AS s, q.id FROM people p JOIN people q ON s = q.ssn ORDER BY q.id",
    "SELECT q.id, p.salary + 0 AS pay FROM people p LEFT JOIN people q ON pay > 1000 AND q.id = p.id ORDER BY q.id",
    "SELECT id FROM people p WHERE ssn = ANY (SELECT q.ssn FROM people q WHERE q.id < p.id)",
    "SELECT x.s FROM (SELECT ssn AS s FROM people UNION SELECT department FROM people) x ORDER BY 1",
]


@pytest.mark.parametrize("sql", test_masks.SMUGGLE + [s for pair in test_masks.ORACLES for s in pair] + MORE)
def test_the_same_answer(guarded, twin, sql):
    assert answer(guarded, "sales@acme", sql) == answer(twin, "sales@acme", sql)


@pytest.mark.parametrize("sql", test_documents.SMUGGLE)
def test_the_same_document(guarded, twin, sql):
    assert test_documents.snowflake(guarded, "sales@acme", sql) == test_documents.snowflake(twin, "sales@acme", sql)


@pytest.mark.parametrize("sql", [
    "UPDATE people SET name = name FROM people AS q WHERE q.id = people.id AND q.ssn LIKE '901%'",
    "UPDATE people SET name = name FROM people AS q WHERE q.id = people.id RETURNING q.ssn, people.ssn",
    "DELETE FROM people USING people AS q WHERE q.id = people.id AND q.salary > 1 RETURNING people.id",
    "UPDATE notes SET note = note FROM people WHERE ssn LIKE '901%' RETURNING notes.id, ssn, salary",
    "INSERT INTO notes SELECT id, ssn FROM people WHERE salary > 1 RETURNING note"])
def test_the_same_answer_of_a_write(guarded, twin, sql):
    assert answer(guarded, "dev@acme", sql) == answer(twin, "dev@acme", sql)


def test_who_is_exempt_sees_the_difference(guarded, twin):
    said = {answer(server, "owner@acme", "SELECT max(ssn), sum(salary), count(*) FROM people") for server in (guarded, twin)}
    assert len(said) == 2


def test_what_is_kept_is_the_mask(guarded):
    with guarded.connect("dev@acme") as conn:
        conn.execute("CREATE TABLE kept AS SELECT id, ssn, salary, ssn || '!' AS cry FROM people")
        conn.execute("INSERT INTO kept SELECT id, lower(ssn), salary FROM people WHERE ssn = '***'")
    with guarded.connect("owner@acme") as conn:
        rows = set(conn.execute("SELECT ssn, salary, cry FROM kept").fetchall())
        assert conn.execute("SELECT count(*) FROM kept").fetchone() == (4,)
        conn.execute("DROP TABLE kept")
    assert rows == {("***", None, "***!"), ("***", None, None)}
