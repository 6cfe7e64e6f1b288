"""Samples of a table with row filters: which rows one takes must not tell how many hidden rows lie between them."""
import psycopg
import pytest

from harness import Server, make_installation


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """Two tables with the same rows to see; in one, two hidden rows lie before each of them."""
    inst = make_installation(tmp_path_factory.mktemp("sampled") / "data", orgs=("acme",))
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": f"public.{t}", "filter": "department = 'sales'", "exempt_roles": ["owner"]}
        for t in ("alone", "among")]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for t in ("alone", "among"):
                conn.execute(f"CREATE TABLE {t} (id int, department text)")
            conn.execute("INSERT INTO alone SELECT i * 3, 'sales' FROM range(20000) AS r(i)")
            conn.execute("INSERT INTO among SELECT i, CASE WHEN i % 3 = 0 THEN 'sales' ELSE 'legal' END "
                         "FROM range(60000) AS r(i)")
            conn.execute("CREATE VIEW alone_view AS SELECT * FROM alone")
            conn.execute("CREATE VIEW among_view AS SELECT * FROM among")
        yield server


def rows_of(server, who, sql):
    with server.connect(who) as conn:
        conn.execute("SET hatidata.dialect = 'duckdb'")
        return conn.execute(sql).fetchall()


BY_SEED = ["SELECT id FROM {} TABLESAMPLE SYSTEM (10%) REPEATABLE (7) ORDER BY id",
           "SELECT id FROM {} TABLESAMPLE BERNOULLI (10%) REPEATABLE (7) ORDER BY id",
           "SELECT id FROM {} USING SAMPLE 10% (system, 3) ORDER BY id",
           "SELECT id FROM {}_view USING SAMPLE 10% (system, 3) ORDER BY id",
           "SELECT id FROM (SELECT * FROM {}) USING SAMPLE 10% (system, 3) ORDER BY id"]


@pytest.mark.parametrize("sql", BY_SEED)
def test_a_seed_takes_the_same_rows_whatever_is_hidden(sampled, sql):
    seen = rows_of(sampled, "analyst@acme", sql.format("alone"))
    assert 1000 < len(seen) < 3000
    assert rows_of(sampled, "analyst@acme", sql.format("among")) == seen


@pytest.mark.parametrize("sql", ["SELECT id FROM {} USING SAMPLE 50% (system)", "SELECT id FROM {} TABLESAMPLE 50%"])
def test_no_sample_shows_where_blocks_end(sampled, sql):
    """Rows that lie together are not taken together: among so many are neighbours of which one is left out."""
    for t in ("alone", "among"):
        taken = {id // 3 for (id,) in rows_of(sampled, "analyst@acme", sql.format(t))}
        assert sum((i in taken) != (i + 1 in taken) for i in range(19999)) > 5000


@pytest.mark.parametrize("sql", [
    "SELECT id FROM among TABLESAMPLE RESERVOIR (100 ROWS) REPEATABLE (7)",
    "SELECT id FROM among USING SAMPLE reservoir(10%) REPEATABLE (7)",
    "SELECT id FROM among_view TABLESAMPLE RESERVOIR (100 ROWS) REPEATABLE (7)",
    "WITH c AS (SELECT * FROM among) SELECT id FROM c TABLESAMPLE RESERVOIR (100 ROWS) REPEATABLE (7)"])
def test_a_number_of_rows_by_a_seed_is_refused(sampled, sql):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="seed"):
        rows_of(sampled, "analyst@acme", sql)
    assert rows_of(sampled, "owner@acme", sql)
