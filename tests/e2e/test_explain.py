"""EXPLAIN POLICY through real clients: parameters with and without values, prepared statements, psql."""
import psycopg


def test_parameters_need_no_values(server):
    with server.connect("analyst@acme") as conn:
        without = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer WHERE c_custkey = $1 AND c_name = $2").fetchall()
        given = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer WHERE c_custkey = %s AND c_name = %s",
                             (7, "x")).fetchall()
        binary = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer WHERE c_custkey = %b AND c_name = %s",
                              (7, "x"), binary=True).fetchall()
    assert without == given == binary
    assert ("table", "shared.customer", "read", None, "c_custkey, c_name") in without


def test_the_columns(server):
    with server.connect("analyst@acme") as conn:
        cur = conn.execute("EXPLAIN POLICY SELECT 1")
        assert [c.name for c in cur.description] == ["section", "object", "action", "policy", "detail"]
        assert {c.type_code for c in cur.description} == {25} and cur.statusmessage.startswith("EXPLAIN")


def test_a_prepared_explanation_tells_of_the_moment(server):
    """It is made anew whenever it runs: under the policies of then."""
    inst = server.installation
    rule = {"name": "names", "type": "column_masking",
            "rules": [{"table": "shared.customer", "column": "c_name", "function": "full"}]}
    with server.connect("analyst@globex") as conn:
        def masked():
            rows = conn.execute("EXPLAIN POLICY SELECT c_name FROM customer", prepare=True).fetchall()
            return ("column", "shared.customer.c_name", "mask", None, "full") in rows
        assert not masked()
        inst.set_policy("globex", rule)
        try:
            assert masked()
        finally:
            inst.run("policy", "remove", "names", "--org", "globex")
        assert not masked()


def test_psql_shows_it(server):
    done = server.psql("owner@acme", "EXPLAIN POLICY UPDATE customer SET c_name = 'x' WHERE c_custkey = 1")
    assert "table|shared.customer|write||c_name" in done.stdout and "sql||run||UPDATE" in done.stdout


def test_what_cannot_be_explained(server):
    with server.connect("owner@acme") as conn:
        for sql in ("EXPLAIN POLICY BEGIN", "EXPLAIN POLICY EXECUTE p", "EXPLAIN POLICY SET x = 1"):
            try:
                conn.execute(sql)
                raise AssertionError(sql)
            except psycopg.Error as e:
                assert e.sqlstate == "0A000" and "no policy decides" in e.diag.message_primary
