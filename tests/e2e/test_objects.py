"""Statements about objects: schemas, forms of CREATE TABLE, ALTER of several things, sequences, comments."""
import psycopg
import pytest

from harness import Server, make_installation


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("objects") / "data", orgs=("acme",))
    with Server(inst) as server:
        yield server


@pytest.fixture
def run(server):
    with server.connect("owner@acme") as conn:
        yield lambda sql: (lambda c: c.fetchall() if c.description else c.statusmessage)(conn.execute(sql))


def refused(run, sql, match):
    with pytest.raises(psycopg.Error, match=match):
        run(sql)


def test_schemas(run):
    assert run("CREATE SCHEMA sales") == "CREATE SCHEMA"
    refused(run, "CREATE SCHEMA Sales", "already exists")
    assert run("CREATE SCHEMA IF NOT EXISTS sales") == "CREATE SCHEMA"
    for name in ("information_schema", "pg_catalog", "pg_temp", "main", '"temp"'):
        refused(run, f"CREATE SCHEMA {name}", "unacceptable")
    run("CREATE TABLE sales.orders (id int)")
    run("CREATE TABLE orders (id int)")
    run("INSERT INTO hatidata.sales.orders VALUES (7)")
    assert run("SELECT * FROM orders") == []
    run("USE SCHEMA sales")
    assert run("SELECT id FROM orders") == [(7,)] and run("SELECT current_schema()") == [("sales",)]
    assert run("SELECT id FROM public.orders") == []
    run("CREATE VIEW v AS SELECT id FROM orders")
    run("USE SCHEMA public")
    assert run("SELECT id FROM sales.v") == [(7,)]
    run("SET hatidata.dialect = 'postgres'")
    refused(run, "DROP SCHEMA sales", "isn't empty")
    assert run("DROP SCHEMA sales CASCADE") == "DROP SCHEMA"
    refused(run, "SELECT * FROM sales.orders", "does not exist")
    refused(run, "DROP SCHEMA public CASCADE", "can't be dropped")
    refused(run, "CREATE TABLE sales.orders (a int)", 'schema "sales" does not exist')
    run("DROP TABLE orders")


def test_a_schema_of_a_transaction(run):
    run("BEGIN")
    run("CREATE SCHEMA brief")
    run("CREATE TABLE brief.t (a int)")
    assert run("SELECT count(*) FROM brief.t") == [(0,)]
    run("ROLLBACK")
    refused(run, "SELECT * FROM brief.t", "does not exist")


def test_identity(run):
    run("CREATE TABLE counted (id int IDENTITY(10, 5) PRIMARY KEY, b int)")
    run("INSERT INTO counted (b) VALUES (1), (2)")
    assert run("SELECT id FROM counted ORDER BY 1") == [(10,), (15,)]
    run("CREATE OR REPLACE TABLE counted (id int AUTOINCREMENT START 3 INCREMENT 4, b int)")
    run("INSERT INTO counted (b) VALUES (1), (2)")
    assert run("SELECT id FROM counted ORDER BY 1") == [(3,), (7,)]
    run("CREATE TABLE IF NOT EXISTS counted (id int IDENTITY, c int)")
    run("DROP TABLE counted")
    run("CREATE SEQUENCE counted_id_seq")  # went with its table, so the name is free
    run("DROP SEQUENCE counted_id_seq")
    run("CREATE TEMP TABLE counted (id int IDENTITY, b int)")
    run("INSERT INTO counted (b) VALUES (9)")
    assert run("SELECT id FROM counted") == [(1,)]


def test_sequences(run):
    run("CREATE SEQUENCE s START WITH 5 INCREMENT BY 2")
    assert run("SELECT nextval('s'), s.NEXTVAL, public.s.nextval") == [(5, 7, 9)]
    assert run("SELECT currval('public.s')") == [(9,)]
    run("CREATE TABLE numbered (id int DEFAULT s.nextval, b int)")
    run("INSERT INTO numbered (b) VALUES (1)")
    run("INSERT INTO numbered SELECT s.nextval, 2")
    assert run("SELECT id, b FROM numbered ORDER BY b") == [(11, 1), (13, 2)]
    refused(run, "SELECT * FROM s", "is a sequence")
    refused(run, "INSERT INTO s VALUES (1)", "can't be changed")
    refused(run, "DROP TABLE s", "is a sequence")
    refused(run, "CREATE VIEW v AS SELECT nextval('s') AS n", "view")
    refused(run, "SELECT nextval('nope')", "does not exist")
    refused(run, "SELECT nextval('a' || 'b')", "literal")
    run("BEGIN READ ONLY")
    refused(run, "SELECT nextval('s')", "read-only")
    run("ROLLBACK")
    run("DROP TABLE numbered")
    run("DROP SEQUENCE s")


def test_create_table_as_and_copies(run):
    run("CREATE TABLE src (id int NOT NULL DEFAULT 4, name varchar DEFAULT 'x', PRIMARY KEY (id))")
    run("INSERT INTO src VALUES (1, 'a'), (2, 'b')")
    assert run("CREATE TABLE typed (x varchar, y int) AS SELECT 1, '5'") == "SELECT 1"
    assert run("SELECT * FROM typed") == [("1", 5)]
    run("CREATE TABLE named (p, q) AS SELECT id, name FROM src")
    assert run("SELECT p, q FROM named ORDER BY p") == [(1, "a"), (2, "b")]
    refused(run, "CREATE TABLE bad (x int) AS SELECT 1, 2", "names 1 columns")
    run("CREATE TABLE empty AS SELECT * FROM src WITH NO DATA")
    assert run("SELECT * FROM empty") == []
    run("CREATE TABLE shape LIKE src")
    run("INSERT INTO shape (name) VALUES ('z')")
    assert run("SELECT id, name FROM shape") == [(4, "z")]
    refused(run, "INSERT INTO shape (name) VALUES ('again')", "")
    assert run("CREATE TABLE copy CLONE src") == "SELECT 2"
    assert run("SELECT count(*) FROM copy") == [(2,)]
    run("CREATE TRANSIENT TABLE plain (a int) CLUSTER BY (a) DATA_RETENTION_TIME_IN_DAYS = 1")
    for sql in ("CREATE TABLE x (a int) WITH TAG (t = 'v')", "CREATE TABLE x (a int MASKING POLICY p)",
                "CREATE EXTERNAL TABLE x (a int) LOCATION = @s"):
        refused(run, sql, "")
    for name in ("typed", "named", "empty", "shape", "copy", "plain", "src"):
        run(f"DROP TABLE {name}")


def test_alter_several_and_swap(run):
    run("CREATE TABLE one (a int)")
    run("INSERT INTO one VALUES (1)")
    run("CREATE TABLE two (b text)")
    run("ALTER TABLE one ADD COLUMN c int DEFAULT 3, ADD COLUMN d text, ALTER COLUMN a COMMENT 'first'")
    assert run("SELECT a, c, d FROM one") == [(1, 3, None)]
    run("ALTER TABLE one SWAP WITH two")
    assert run("SELECT a FROM two") == [(1,)] and run("SELECT b FROM one") == []
    refused(run, "ALTER TABLE one ADD COLUMN z int, DROP COLUMN nope", "does not exist")
    assert [r[2] for r in run("SHOW COLUMNS IN one")] == ["B"]
    run("ALTER TABLE one RENAME TO public.three")
    run("CREATE VIEW seen AS SELECT b FROM three")
    refused(run, "ALTER TABLE seen ADD COLUMN z int", "is a view")
    run("ALTER TABLE seen RENAME TO looked_at")
    assert run("SELECT b FROM looked_at") == run("SELECT b FROM three")
    refused(run, "SELECT * FROM seen", "does not exist")
    run("DROP VIEW looked_at")
    run("DROP TABLE three, two")
    refused(run, "SELECT * FROM two", "does not exist")
    run("DROP TABLE IF EXISTS three, two")


def test_a_checked_table_has_another_name(run):
    """The engine keeps a CHECK as text: with the old name in it, it failed every statement of everybody."""
    run("CREATE TABLE checked (a int CHECK (checked.a > 0), b int, CHECK (a > b))")
    run("ALTER TABLE checked RENAME TO still_checked")
    assert run("SELECT 1") == [(1,)]
    run("ALTER TABLE still_checked RENAME COLUMN a TO c")
    run("INSERT INTO still_checked VALUES (2, 1)")
    for row in ("(0, -1)", "(1, 2)"):
        refused(run, f"INSERT INTO still_checked VALUES {row}", "CHECK")
    run("CREATE TABLE plain (c int, b int)")
    run("ALTER TABLE still_checked SWAP WITH plain")
    refused(run, "INSERT INTO plain VALUES (0, -1)", "CHECK")
    run("DROP TABLE still_checked, plain")


def test_what_an_index_holds(run):
    run("CREATE TABLE held (a int)")
    run("CREATE INDEX held_a ON held (a)")
    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        run("ALTER TABLE held RENAME TO free")
    run("DROP INDEX held_a")
    run("ALTER TABLE held RENAME TO free")
    run("DROP TABLE free")


def test_comments(run):
    run("CREATE TABLE said (a int COMMENT 'column''s', b int) COMMENT = 'table'")
    run("COMMENT ON COLUMN said.b IS 'b'")
    run("CREATE VIEW saying COMMENT = 'one' AS SELECT a FROM said WHERE a <> 7")
    assert [(r[0], r[4]) for r in run("SHOW OBJECTS IN SCHEMA public")] == [("SAID", "table"), ("SAYING", "one")]
    run("COMMENT ON VIEW saying IS 'comment:3:xyz'")
    run("COMMENT ON TABLE said IS NULL")
    run("INSERT INTO said VALUES (1, 1), (7, 7)")
    assert run("SELECT a FROM saying") == [(1,)]
    assert run("SELECT comment FROM information_schema.tables WHERE table_schema = 'PUBLIC' ORDER BY table_name") == [(None,), ("comment:3:xyz",)]
    assert [r[9] for r in run("DESCRIBE TABLE said")] == ["column's", "b"]
    run("DROP VIEW saying")
    run("DROP TABLE said")


def test_truncate_and_overwrite(run):
    run("CREATE TABLE filled (a int, b text)")
    run("INSERT INTO filled VALUES (1, 'x'), (2, 'y')")
    assert run("INSERT OVERWRITE INTO filled SELECT 3, 'z'") == "INSERT 0 1"
    assert run("SELECT * FROM filled") == [(3, "z")]
    refused(run, "INSERT OVERWRITE INTO filled SELECT * FROM filled", "itself")
    run("INSERT INTO filled BY NAME SELECT 'w' AS b, 4 AS a")
    assert run("SELECT a, b FROM filled ORDER BY a") == [(3, "z"), (4, "w")]
    refused(run, "INSERT INTO filled BY NAME SELECT 1 AS nope", "does not exist")
    assert run("TRUNCATE TABLE filled") == "TRUNCATE TABLE"
    assert run("SELECT count(*) FROM filled") == [(0,)]
    run("DROP TABLE filled")


def test_views(run):
    run("CREATE SECURE VIEW plain AS SELECT 1 AS a")
    run("CREATE MATERIALIZED VIEW kept AS SELECT 2 AS a")
    run("CREATE VIEW IF NOT EXISTS plain AS SELECT 7 AS a")
    assert run("SELECT plain.a, kept.a FROM plain, kept") == [(1, 2)]
    run("SET hatidata.dialect = 'postgres'")
    refused(run, "CREATE MATERIALIZED VIEW stale AS SELECT 1 AS a", "materialized")
    run("DROP MATERIALIZED VIEW kept")
    run("DROP VIEW plain")


def test_functions(run):
    run("CREATE TABLE rowset (id int, word text)")
    run("INSERT INTO rowset VALUES (1, 'a'), (2, 'b')")
    assert run("CREATE FUNCTION inc(a int) RETURNS int AS $$ a + 1 $$") == "CREATE FUNCTION"
    refused(run, "CREATE FUNCTION inc(a int) RETURNS int AS 'a'", "already exists")
    run("CREATE OR REPLACE FUNCTION inc(a int) RETURNS int AS 'a + 10'")
    assert run("SELECT inc(1), inc('5'), sum(inc(id)) FROM rowset") == [(11, 15, 23)]
    run("CREATE MACRO add_to(a, b := 2) AS a + b")
    assert run("SELECT add_to(1), add_to(1, 5), add_to(1, b := 7)") == [(3, 6, 8)]
    refused(run, "SELECT add_to()", "arguments")
    refused(run, "SELECT add_to(1) OVER ()", "arguments")
    run("CREATE FUNCTION above(n int) RETURNS TABLE (who int, what text) AS "
        "'SELECT id, word FROM rowset WHERE id > n'")
    assert run("SELECT what FROM TABLE(above(1))") == [("b",)]
    assert run("SELECT r.id, f.who FROM rowset r, above(r.id) f") == [(1, 2)]
    refused(run, "SELECT above(1)", "FROM")
    refused(run, "SELECT * FROM inc(1)", "one value")
    run("CREATE VIEW over_inc AS SELECT inc(id) AS n FROM rowset")
    assert run("SELECT n FROM over_inc ORDER BY 1") == [(11,), (12,)]
    run("CREATE SCHEMA fns")
    run("CREATE FUNCTION fns.one() RETURNS int AS '1'")
    assert run("SELECT fns.one()") == [(1,)]
    refused(run, "SELECT one()", "does not exist")
    run("DROP SCHEMA fns")
    refused(run, "SELECT fns.one()", "does not exist")
    run("DROP VIEW over_inc")
    assert run("DROP FUNCTION inc(int)") == "DROP FUNCTION"
    assert run("DROP MACRO add_to") == "DROP MACRO"
    run("DROP FUNCTION IF EXISTS nope(int)")
    run("DROP FUNCTION above(int)")
    run("DROP TABLE rowset")


def test_references_to_itself_and_between_temporary_tables(run):
    run("CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff (id))")
    run("INSERT INTO staff VALUES (1, NULL)")
    run("INSERT INTO staff VALUES (2, 1)")
    with pytest.raises(psycopg.Error):
        run("INSERT INTO staff VALUES (3, 9)")
    assert run("SELECT boss FROM staff ORDER BY id") == [(None,), (1,)]
    run("CREATE TEMP TABLE albums (artist int, name text, UNIQUE (artist, name))")
    run("CREATE TEMP TABLE songs (artist int, name text, FOREIGN KEY (artist, name) REFERENCES albums (artist, name))")
    run("INSERT INTO albums VALUES (1, 'a')")
    run("INSERT INTO songs VALUES (1, 'a')")
    with pytest.raises(psycopg.Error):
        run("INSERT INTO songs VALUES (1, 'b')")


def test_a_column_as_the_argument_of_a_function_of_rows(run):
    run("SET hatidata.dialect = 'duckdb'")
    run("CREATE TABLE cards (val int, suit text)")
    run("INSERT INTO cards VALUES (2, 'a'), (1, 'b'), (1, 'a')")
    run("CREATE MACRO sorted(x, y, n) AS TABLE SELECT * FROM cards ORDER BY x, y LIMIT n")
    run("CREATE MACRO grouped(suit) AS TABLE SELECT suit, count(*) FROM cards GROUP BY suit ORDER BY suit")
    assert run("FROM sorted(val, suit, 2)") == [(1, "a"), (1, "b")]
    assert run("FROM sorted(suit, val, 9)") == [(1, "a"), (2, "a"), (1, "b")]
    assert run("FROM grouped(val)") == [("a", 2), ("b", 1)]  # a column of the body comes before the argument
    for sql in ("FROM sorted(nope, suit, 1)", "FROM sorted(x, suit, 1)", "FROM sorted(cards.val, suit, 1)"):
        with pytest.raises(psycopg.Error):
            run(sql)


def test_duckdb_names_twice_in_from_and_main(run):
    run("SET hatidata.dialect = 'duckdb'")
    run("CREATE TABLE main.pair (a int)")
    run("INSERT INTO pair VALUES (1), (2)")
    assert run("SELECT count(*) FROM pair, main.pair") == [(4,)]
    assert run("SELECT t.x, t.y FROM (SELECT 42 AS x) t, (SELECT 84 AS y) t") == [(42, 84)]
    with pytest.raises(psycopg.Error, match="ambiguous"):
        run("SELECT t.x FROM (SELECT 42 AS x) t, (SELECT 84 AS x) t")
    run("SET hatidata.dialect = 'postgres'")
    for sql in ("SELECT count(*) FROM pair, pair", "SELECT * FROM main.pair"):
        with pytest.raises(psycopg.Error, match="more than once|does not exist"):
            run(sql)


def test_merge_tells_what_it_did(run):
    run("SET hatidata.dialect = 'duckdb'")
    run("CREATE TABLE stock (id int, n int)")
    run("INSERT INTO stock VALUES (1, 10)")
    assert run("MERGE INTO stock USING (VALUES (2, 7)) s(id, n) ON stock.id = s.id WHEN MATCHED THEN UPDATE SET n = s.n "
               "WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.n) RETURNING merge_action, id") == [("INSERT", 2)]
    assert run("MERGE INTO stock USING (VALUES (2, 8)) s(id, n) ON stock.id = s.id WHEN MATCHED THEN UPDATE SET n = s.n "
               "RETURNING *, merge_action") == [(2, 8, "UPDATE")]
    for sql in ("SELECT merge_action FROM stock", "INSERT INTO stock VALUES (3, 3) RETURNING merge_action"):
        with pytest.raises(psycopg.Error, match="merge_action"):
            run(sql)
