"""psql: the first minute of a data engineer."""


def lines(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()


def test_select(server):
    assert lines(server.psql("owner@acme", "SELECT 1, 'two', NULL, 3.50, DATE '2024-02-29'")) == [
        "1|two||3.50|2024-02-29"]


def test_several_statements_in_one_message(server):
    done = server.psql("owner@acme", "SELECT 1; SELECT 2; SELECT 3")
    assert lines(done) == ["1", "2", "3"]


def test_tpch_query_over_both_tables(server):
    done = server.psql("owner@acme", """
        SELECT n_name, count(*) FROM customer JOIN nation ON c_nationkey = n_nationkey
        GROUP BY n_name ORDER BY 2 DESC, 1 LIMIT 5""")
    assert len(lines(done)) == 5


def test_error_has_position_and_code(server):
    done = server.psql("owner@acme", "SELECT c_custky FROM customer")
    assert done.returncode != 0
    assert "42703" in done.stderr and "c_custky" in done.stderr
    assert "LINE 1: SELECT c_custky FROM customer" in done.stderr
    assert "c_custkey" in done.stderr  # the hint's candidate
    assert "HATI_ERR_404_COLUMN" in done.stderr


def test_transaction_block(server):
    done = server.psql("owner@acme", "CREATE TABLE psql_txn (a int)", "BEGIN",
                       "INSERT INTO psql_txn VALUES (1), (2)", "ROLLBACK",
                       "SELECT count(*) FROM psql_txn", "DROP TABLE psql_txn")
    assert lines(done) == ["CREATE TABLE", "BEGIN", "INSERT 0 2", "ROLLBACK", "0", "DROP TABLE"]


def test_failed_transaction_refuses_until_rollback(server):
    done = server.psql("owner@acme", "BEGIN", "SELECT 1 FROM no_such_table", "SELECT 1", "ROLLBACK",
                       "SELECT 'on'")
    assert "42P01" in done.stderr and "25P02" in done.stderr
    assert done.stdout.split() == ["BEGIN", "ROLLBACK", "on"]


def test_copy_in_and_out(server):
    assert server.psql("owner@acme", "CREATE TABLE psql_copy (a int, b text, c date)").returncode == 0
    rows = '1,"a, ""quoted"" word",2024-01-31\n2,,\n3,"two\nlines",1999-12-31\n'
    done = server.psql("owner@acme", "\\copy psql_copy FROM STDIN WITH (FORMAT csv)", stdin=rows)
    assert done.returncode == 0, done.stderr
    done = server.psql("owner@acme", "\\copy (SELECT * FROM psql_copy ORDER BY a) TO STDOUT "
                                     "WITH (FORMAT csv)")
    assert done.stdout == rows
    done = server.psql("owner@acme", "\\copy (SELECT * FROM psql_copy ORDER BY a) TO STDOUT")
    assert done.stdout == '1\ta, "quoted" word\t2024-01-31\n2\t\\N\t\\N\n3\ttwo\\nlines\t1999-12-31\n'
    bad = server.psql("owner@acme", "\\copy psql_copy FROM STDIN WITH (FORMAT csv)",
                      stdin="4,x,2024-01-01\nfive,y,2024-01-01\n")
    assert bad.returncode != 0 and "line 2" in bad.stderr
    assert lines(server.psql("owner@acme", "SELECT count(*) FROM psql_copy")) == ["3"]
    server.psql("owner@acme", "DROP TABLE psql_copy")


def test_show_and_set(server):
    done = server.psql("owner@acme", "SHOW server_version_num", "SET statement_timeout = '5s'",
                       "SHOW statement_timeout", "RESET statement_timeout", "SHOW statement_timeout",
                       "SET hatidata.no_such_setting = 1")
    out = done.stdout.split()
    assert out[0].startswith("15") and out[1:4] == ["SET", "5s", "RESET"]
    assert "42704" in done.stderr


def test_views_open_for_each_caller(server):
    owner = server.psql("owner@acme",
                        "CREATE VIEW big_customers AS SELECT c_custkey, c_name FROM customer "
                        "WHERE c_acctbal > 5000",
                        "SELECT count(*) > 0 FROM big_customers")
    assert lines(owner) == ["CREATE VIEW", "t"]
    other = server.psql("owner@globex", "SELECT 1 FROM big_customers")
    assert "42P01" in other.stderr
    assert lines(server.psql("owner@acme", "DROP VIEW big_customers")) == ["DROP VIEW"]


def test_explain_tells_policy_not_the_engines_plan(server):
    done = server.psql("owner@acme", "EXPLAIN SELECT c_name FROM customer WHERE c_custkey = 7")
    assert "shared.customer" in done.stdout and "org" not in done.stdout.lower().replace(
        "organization", "")
    assert "0A000" in server.psql("owner@acme", "EXPLAIN ANALYZE SELECT 1").stderr


def test_create_table_as_tells_its_rows(server):
    done = server.psql("owner@acme", "CREATE TABLE psql_ctas AS SELECT * FROM nation WHERE n_nationkey < 7",
                       "SELECT count(*) FROM psql_ctas", "DROP TABLE psql_ctas")
    assert lines(done) == ["SELECT 7", "7", "DROP TABLE"]


def test_alter_table(server):
    done = server.psql("owner@acme", "CREATE TABLE psql_alter (a int)", "INSERT INTO psql_alter VALUES (1)",
                       "ALTER TABLE psql_alter ADD COLUMN b text DEFAULT 'x'",
                       "ALTER TABLE psql_alter RENAME COLUMN a TO c",
                       "ALTER TABLE psql_alter ALTER COLUMN c TYPE bigint",
                       "SELECT * FROM psql_alter", "ALTER TABLE psql_alter DROP COLUMN b",
                       "SELECT * FROM psql_alter", "DROP TABLE psql_alter")
    assert [x for x in lines(done) if not x.startswith("ALTER")] == [
        "CREATE TABLE", "INSERT 0 1", "1|x", "1", "DROP TABLE"]


def test_every_statement_is_in_the_log_also_what_failed(server):
    import json
    marker = "audited_marker_zzz"
    server.psql("owner@acme", f"SELECT 1 AS {marker}", f"SELEC 2 AS {marker}",
                f"SELECT 3 AS {marker} FROM no_such_table", f"SELECT 'x'::int AS {marker}")
    server.psql("auditor@acme", f"SELECT 5 AS {marker}")
    entries = [json.loads(line) for path in sorted(server.installation.audit.glob("*.jsonl"))
               for line in open(path) if marker in line]
    outcomes = [(e["kind"], e.get("error_code", e.get("error", ""))) for e in entries]
    assert [k for k, _ in outcomes].count("outcome") == 5, outcomes
    assert [k for k, _ in outcomes].count("intent") == 2, outcomes  # of what reached the engine


def test_errors_are_counted_by_code(server):
    def count(code):
        text = server.get("/metrics")[1]
        return int(next(line.split()[-1] for line in text.splitlines()
                        if line.startswith(f'hatidata_errors_total{{code="{code}"}}')))
    before = [count(c) for c in ("HATI_ERR_400_BAD_SQL", "HATI_ERR_404_TABLE", "HATI_ERR_403_POLICY")]
    server.psql("owner@acme", "SELEC 1", "SELECT * FROM no_such_table")
    server.psql("analyst@acme", "CREATE TABLE t (a int)")
    after = [count(c) for c in ("HATI_ERR_400_BAD_SQL", "HATI_ERR_404_TABLE", "HATI_ERR_403_POLICY")]
    assert [a - b for a, b in zip(after, before)] == [1, 1, 1]
