"""Row filters with sub-queries: what they read is read as the caller reads it, and nothing of his statement, his names or
his tables reaches into them."""
import pytest

from harness import Server, make_installation
from security_data import answer

STAFF = [(1, 1, 10), (2, 2, 20), (3, 3, 30), (4, 4, 40)]
LED = "owner_id IN (SELECT user_id FROM team WHERE lead = '{name}')"


def rows_of(table, text, **fields):
    return {"table": table, "filter": text, "exempt_roles": ["owner"], **fields}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("reading") / "data")
    inst.add_user("acme", "developer", "ann", "--attribute", "name=ann")
    inst.add_user("acme", "admin", "max", "--attribute", "name=ann")
    inst.add_user("acme", "auditor", "eye", "--attribute", "name=ann")
    inst.run("sample", "tpch", "--scale", "0.01", "--orgs", "acme,globex")
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE staff (id int, owner_id int, pay int)")
            conn.execute("CREATE TABLE team (user_id int, lead text, meta json)")
            conn.execute("CREATE TABLE other (id int, owner_id int)")
            conn.execute("CREATE SCHEMA side")
        with server.connect("owner@globex") as conn:
            conn.execute("CREATE TABLE team (user_id int, lead text, meta json)")
            conn.execute("INSERT INTO team SELECT i, 'ann', NULL FROM generate_series(1, 4) AS g (i)")
        yield server


@pytest.fixture
def under(server):
    """ann's answers under these rules, of tables as they were at first."""
    def set_rules(*rules, policies=()):
        inst = server.installation
        inst.set_policy("acme", {"name": "reading", "type": "row_level_security", "rules": list(rules)})
        for policy in policies or [{"name": "more", "type": "row_level_security", "rules": [rows_of("nothing", "TRUE")]}]:
            inst.set_policy("acme", policy)
        with server.connect("owner@acme") as conn:
            conn.execute("DELETE FROM staff")
            conn.execute("DELETE FROM team")
            for row in STAFF:
                conn.execute("INSERT INTO staff VALUES (%s, %s, %s)", row)
            conn.execute("INSERT INTO team VALUES (1, 'ann', NULL), (2, 'ann', '{\"owner_id\": 1}'), (3, 'bob', '{\"owner_id\": 3}')")
        return lambda sql, who="ann@acme": answer(server, who, sql)
    return set_rules


def ids(server):
    with server.connect("owner@acme") as conn:
        return conn.execute("SELECT id, owner_id, pay FROM staff ORDER BY id").fetchall()


@pytest.mark.parametrize("text", [
    LED, "EXISTS (SELECT 1 FROM team WHERE user_id = owner_id AND lead = {name})",
    "EXISTS (SELECT * FROM team AS t WHERE t.user_id = staff.owner_id AND t.lead = '{name}')",
    "owner_id <= (SELECT max(user_id) FROM team WHERE lead = '{name}')",
    "owner_id = ANY (SELECT user_id FROM public.team WHERE lead = '{name}')",
    "id IN (WITH mine AS (SELECT user_id FROM team WHERE lead = '{name}') SELECT user_id FROM mine)",
    "(SELECT count(*) FROM team WHERE user_id <= owner_id AND lead <> '{name}') = 0",
    "owner_id IN (SELECT a.user_id FROM team a JOIN team b USING (lead) WHERE lead = '{name}')"])
def test_each_form(server, under, text):
    ann = under(rows_of("staff", text))
    assert ann("SELECT id FROM staff ORDER BY 1") == "[(1,), (2,)]"
    assert ann("SELECT a.id, b.id FROM staff a JOIN staff b ON a.id = b.id + 1") == "[(2, 1)]"
    assert ann("SELECT count(*) FROM staff WHERE 100 / (pay - 30) < 99") == "[(2,)]"
    assert ann("SELECT sum(pay) FROM (SELECT * FROM staff) s WHERE id IN (SELECT id FROM staff)") == "[(Decimal('30'),)]"
    assert ann("COPY staff (id) TO STDOUT") in ("1\n\n2\n", "1\n2\n", "2\n\n1\n")
    assert ann("UPDATE staff SET pay = pay + 1 WHERE 100 / (pay - 30) < 99") == "UPDATE 2"
    assert ann("DELETE FROM staff WHERE pay > 11") == "DELETE 1"
    assert ids(server) == [(1, 1, 11), (3, 3, 30), (4, 4, 40)]


def test_new_rows(server, under):
    """A check with a sub-query is asked of rows as they will be, however they come."""
    ann = under(rows_of("staff", LED), rows_of("staff", "TRUE", check="EXISTS (SELECT 1 FROM team WHERE user_id = owner_id) AND pay < 99",
                                                commands=["insert", "update"]))
    assert ann("INSERT INTO staff VALUES (7, 1, 5)") == "INSERT 0 1"
    assert ann("INSERT INTO staff VALUES (8, 3, 5) RETURNING id").startswith("42501")  # may not be seen
    assert ann("INSERT INTO staff VALUES (8, 9, 5)").startswith("42501")
    assert ann("INSERT INTO staff SELECT 9, user_id, 1 FROM team WHERE lead = 'ann'") == "INSERT 0 2"
    assert ann("UPDATE staff SET owner_id = owner_id + 1 WHERE id = 1") == "UPDATE 1"
    assert ann("UPDATE staff SET owner_id = owner_id + 7 WHERE id = 2").startswith("42501")
    assert ann("MERGE INTO staff USING (VALUES (1, 2), (20, 1)) AS s (id, owner) ON staff.id = s.id WHEN MATCHED THEN UPDATE SET "
               "owner_id = s.owner WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.owner, 1)") == "MERGE 2"
    assert ann("MERGE INTO staff USING (VALUES (21, 9)) AS s (id, owner) ON staff.id = s.id "
               "WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.owner, 1)").startswith("42501")
    assert ids(server)[0] == (1, 2, 10) and (20, 1, 1) in ids(server) and (3, 3, 30) in ids(server)
    with server.connect("ann@acme") as conn:
        with conn.cursor().copy("COPY staff FROM STDIN") as copy:
            copy.write("30\t2\t1\n")
        with pytest.raises(Exception, match="row policy"):
            with conn.cursor().copy("COPY staff FROM STDIN") as copy:
                copy.write("31\t9\t1\n")
    assert (30, 2, 1) in ids(server) and not [r for r in ids(server) if r[0] == 31]


def test_what_it_reads_is_filtered_and_masked_too(server, under):
    mask = {"name": "more", "type": "column_masking", "rules": [
        {"table": "team", "column": "lead", "function": "full", "exempt_roles": ["owner"]}]}
    ann = under(rows_of("staff", LED), rows_of("team", "user_id <> 1"))
    assert ann("SELECT id FROM staff") == "[(2,)]"
    ann = under(rows_of("staff", LED), rows_of("team", "user_id IN (SELECT id FROM other)"))
    assert ann("SELECT id FROM staff") == "[]"
    ann = under(rows_of("staff", "owner_id IN (SELECT user_id FROM team WHERE 10 / (user_id - 3) < 99)"), rows_of("team", "user_id <> 3"))
    assert ann("SELECT id FROM staff ORDER BY 1") == "[(1,), (2,)]"  # its own division meets no hidden row
    ann = under(rows_of("staff", LED), policies=[mask])
    assert ann("SELECT id FROM staff") == "[]"  # no lead is called ***
    ann = under(rows_of("staff", "owner_id IN (SELECT user_id FROM team WHERE lead = '***')"), policies=[mask])
    assert ann("SELECT count(*) FROM staff") == "[(3,)]"
    mask["rules"][0] = {"table": "team", "column": "user_id", "function": "hash", "as_text": True, "exempt_roles": ["owner"]}
    ann = under(rows_of("staff", "EXISTS (SELECT 1 FROM team WHERE length(user_id) = 64 AND lead = {name})"), policies=[mask])
    assert ann("SELECT count(*) FROM staff") == "[(4,)]"  # bound again, as text


@pytest.mark.parametrize("policy", [
    {"type": "abac", "effect": "deny", "conditions": {"user.email": {"eq": "ann@acme.example"}}, "actions": ["query"], "resources": ["table:team"]},
    {"type": "column_masking", "rules": [{"table": "team", "column": "lead", "function": "deny", "exempt_roles": ["owner"]}]},
    {"type": "column_masking", "rules": [{"table": "team", "column": "user_id", "function": "min_group", "size": 2, "exempt_roles": ["owner"]}]},
    {"type": "row_level_security", "rules": [rows_of("team", "lead = {nothing}")]}])
def test_who_may_not_read_it_is_told_nothing_of_it(server, under, policy):
    ann = under(rows_of("staff", LED), policies=[{"name": "more", **policy}])
    for sql in ("SELECT id FROM staff", "DELETE FROM staff", "UPDATE staff SET pay = 1", "INSERT INTO staff VALUES (9, 1, 1)",
                "COPY staff TO STDOUT", "EXPLAIN POLICY SELECT id FROM staff"):
        said = ann(sql)
        assert said.startswith("42501") and "team" not in said and "lead" not in said and "reading" not in said, said
    assert ids(server) == STAFF


def test_a_key_that_is_limited_to_the_table(server, under):
    """To an agent that may not touch what the filter reads, and to who may only write, the table is closed."""
    under(rows_of("staff", LED))
    who = ("--org", "acme", "--agent", "bot", "--role", "service_account", "--attribute", "name=ann", "--scopes")
    server.installation.add_key("reads@acme", None, *who, "query:read", "--allow-table", "public.staff")
    server.installation.add_key("writes@acme", None, *who, "query:write")
    server.installation.add_key("both@acme", None, *who, "query:read")
    assert answer(server, "both@acme", "SELECT id FROM staff ORDER BY 1") == "[(1,), (2,)]"
    said = answer(server, "reads@acme", "SELECT id FROM staff")
    assert said.startswith("42501") and "team" not in said, said
    assert answer(server, "writes@acme", "INSERT INTO staff VALUES (9, 1, 1)").startswith("42501")


def test_filters_that_read_each_other(server, under):
    circles = [
        [rows_of("staff", "id IN (SELECT id FROM staff)")],
        [rows_of("staff", LED), rows_of("team", "user_id IN (SELECT owner_id FROM staff)")],
        [rows_of("staff", LED), rows_of("team", "user_id IN (SELECT owner_id FROM other)"), rows_of("other", "id IN (SELECT id FROM staff)")]]
    for rules in circles:
        ann = under(*rules)
        said = ann("SELECT * FROM staff")
        assert said.startswith("42501") and "without end" in said and "reading" not in said, said
        assert 'within "reading"' in ann("SELECT * FROM staff", "max@acme")
        assert ann("INSERT INTO staff VALUES (9, 1, 1)").startswith("42501")
    # of the command alone that meets it, as in PostgreSQL: what a check reads is read under the filters of SELECT
    ann = under({"table": "staff", "exempt_roles": ["owner"], "commands": ["insert"],
                 "check": "NOT EXISTS (SELECT 1 FROM staff AS s WHERE s.id = staff.id)"})
    assert ann("SELECT count(*) FROM staff") == "[(4,)]"
    assert ann("INSERT INTO staff VALUES (5, 1, 1)") == "INSERT 0 1"
    assert ann("INSERT INTO staff VALUES (5, 1, 1)").startswith("42501")


def test_filters_in_filters_are_bounded(server, under):
    with server.connect("owner@acme") as conn:
        for i in range(12):
            conn.execute(f"CREATE TABLE IF NOT EXISTS deep{i} (id int)")
            conn.execute(f"INSERT INTO deep{i} VALUES (1)")
    chain = [rows_of(f"deep{i}", f"id IN (SELECT id FROM deep{i + 1})") for i in range(11)]
    ann = under(*chain)
    assert ann("SELECT id FROM deep4") == "[(1,)]"
    assert "too many" in ann("SELECT id FROM deep0")
    many = [rows_of(f"deep{i}", " AND ".join(f"id IN (SELECT id FROM deep{i + 1})" for _ in range(9))) for i in range(7)]
    said = under(*many)("SELECT id FROM deep0")
    assert "meets too many" in said or "too complex" in said, said


@pytest.mark.parametrize("alias", ["team", "t", "meta", "TEAM", '"filter.0.team"', '"filter.0"', '"filter.0.t"', "user_id", '"new row"'])
def test_no_alias_is_taken_for_another(server, under, alias):
    """Names of the statement, of the filter, and of structured columns (meta.owner_id would let 3 through) are apart."""
    ann = under(rows_of("staff", "EXISTS (SELECT 1 FROM team AS t WHERE t.user_id = owner_id AND t.lead = '{name}')"))
    for sql in (f"SELECT {alias}.id FROM staff AS {alias} ORDER BY 1",
                f"WITH {alias} AS (SELECT 3 AS user_id, 'ann' AS lead, 3 AS id) SELECT staff.id FROM staff, {alias} ORDER BY 1",
                f"SELECT s.id FROM staff s, (SELECT 3 AS user_id, 'ann' AS lead) AS {alias} ORDER BY 1",
                f"SELECT s.id FROM staff s, LATERAL (SELECT s.owner_id AS user_id) AS {alias} ORDER BY 1"):
        assert ann(sql) == "[(1,), (2,)]", sql
    said = ann(f"UPDATE staff AS {alias} SET pay = 0")
    assert said == ("UPDATE 2" if alias != "meta" else said) and (said == "UPDATE 2" or "choose another alias" in said)
    said = ann(f"DELETE FROM staff AS {alias} USING (SELECT 3 AS user_id, 3 AS owner_id) AS x")
    assert said == "DELETE 2" or (alias == "meta" and "choose another alias" in said)
    assert [r[:2] for r in ids(server)][-2:] == [(3, 3), (4, 4)]


def test_new_values_are_not_taken_for_columns_of_the_filter(server, under):
    ann = under(rows_of("staff", "TRUE", check="EXISTS (SELECT 1 FROM team AS t WHERE t.user_id = owner_id AND t.lead = '{name}')"))
    for alias in ("t", "meta", "team"):
        said = ann(f"UPDATE staff SET owner_id = {alias}.user_id FROM (SELECT 3 AS user_id, 3 AS owner_id) AS {alias}")
        assert said.startswith("42501") or "choose another alias" in said, said
        said = ann(f"INSERT INTO staff SELECT 9, {alias}.user_id, 1 FROM (SELECT 3 AS user_id) AS {alias}")
        assert said.startswith("42501"), said
    assert ids(server) == STAFF


def test_names_mean_the_same_whoever_asks(server, under):
    """No temporary table, search path or schema of the caller's is taken for what the filter reads."""
    ann = under(rows_of("staff", LED))
    with server.connect("ann@acme") as conn:
        conn.execute("CREATE TEMP TABLE team (user_id int, lead text)")
        conn.execute("INSERT INTO team VALUES (3, 'ann'), (4, 'ann')")
        assert conn.execute("SELECT id FROM staff ORDER BY 1").fetchall() == [(1,), (2,)]
        conn.execute("CREATE TABLE side.team (user_id int, lead text)")
        conn.execute("INSERT INTO side.team VALUES (3, 'ann')")
        conn.execute("SET search_path = side, public")
        assert conn.execute("SELECT id FROM staff ORDER BY 1").fetchall() == [(1,), (2,)]
        conn.execute("DROP TABLE side.team")
        assert conn.execute("UPDATE staff SET pay = pay").rowcount == 2


def test_nobody_whom_it_binds_changes_what_it_reads(server, under):
    ann = under(rows_of("staff", LED))
    for sql in ("DROP TABLE team", "ALTER TABLE team RENAME TO gone", "ALTER TABLE team RENAME COLUMN lead TO l",
                "CREATE OR REPLACE TABLE team AS SELECT 3 AS user_id, 'ann' AS lead", "ALTER TABLE team ADD COLUMN x int",
                "DROP SCHEMA public CASCADE", "DROP TABLE other, team"):
        assert ann(sql).startswith(("42501", "0A000")), sql
    assert ann("SELECT id FROM staff ORDER BY 1") == "[(1,), (2,)]"
    with server.connect("owner@acme") as conn:
        conn.execute("ALTER TABLE team RENAME TO gone")
        try:
            assert ann("SELECT id FROM staff").startswith("42501")  # closed, and not open
            for sql in ("CREATE TABLE team AS SELECT 3 AS user_id, 'ann' AS lead", "CREATE TABLE team (user_id int, lead text)",
                        "ALTER TABLE other RENAME TO team", "CREATE TABLE public.team (LIKE gone)"):
                assert ann(sql).startswith(("42501", "0A000")), sql
            ann("CREATE VIEW team AS SELECT 3 AS user_id, 'ann' AS lead")
            assert ann("SELECT id FROM staff").startswith("42501")
            ann("DROP VIEW team")
        finally:
            conn.execute("DROP VIEW IF EXISTS team")
            conn.execute("ALTER TABLE gone RENAME TO team")
        # by one who may: what doesn't fit closes the table, what fits is what it reads now
        conn.execute("ALTER TABLE team RENAME TO gone")
        conn.execute("CREATE TABLE team (user_id text, boss text)")
        assert ann("SELECT id FROM staff").startswith("42501")
        conn.execute("CREATE OR REPLACE TABLE team AS SELECT 4 AS user_id, 'ann' AS lead")
        assert ann("SELECT id FROM staff") == "[(4,)]"
        conn.execute("DROP TABLE team")
        conn.execute("ALTER TABLE gone RENAME TO team")
    assert ann("SELECT id FROM staff ORDER BY 1") == "[(1,), (2,)]"


def test_plans_follow(server, under):
    """A statement that is prepared sees each change of what a filter reads: its rows, its own policies."""
    under(rows_of("staff", LED))
    with server.connect("ann@acme") as conn:
        conn.execute("PREPARE q AS SELECT id FROM staff ORDER BY 1")
        assert conn.execute("EXECUTE q").fetchall() == [(1,), (2,)]
        with server.connect("owner@acme") as owner:
            owner.execute("UPDATE team SET lead = 'bob' WHERE user_id = 1")
        assert conn.execute("EXECUTE q").fetchall() == [(2,)]
        server.installation.set_policy("acme", {"name": "more", "type": "row_level_security", "rules": [rows_of("team", "user_id <> 2")]})
        assert conn.execute("EXECUTE q").fetchall() == []
        server.installation.set_policy("acme", {"name": "more", "type": "row_level_security", "rules": [rows_of("team", "TRUE")]})
        assert conn.execute("EXECUTE q").fetchall() == [(2,)]


def test_a_shared_table_gives_the_rows_of_the_organization(server, under):
    with server.connect("owner@acme") as conn, server.connect("owner@globex") as other:
        own = conn.execute("SELECT count(*) FROM shared.customer").fetchone()[0]
        assert own and other.execute("SELECT count(*) FROM shared.customer").fetchone()[0]
    ann = under(rows_of("staff", f"(SELECT count(*) FROM shared.customer) = {own}"))
    assert ann("SELECT count(*) FROM staff") == "[(4,)]"


def test_expressions_that_fail_see_no_hidden_row(server, under):
    ann = under(rows_of("staff", "EXISTS (SELECT 1 FROM team AS t WHERE t.user_id = owner_id AND t.lead = '{name}')"))
    told = [ann(sql) for sql in (
        "SELECT id FROM staff WHERE 1 / (pay - 30) > 9", "SELECT 1 / (pay - 30) FROM staff WHERE owner_id > 2",
        "UPDATE staff SET pay = 1 / (pay - 30) + pay", "UPDATE staff SET owner_id = owner_id + 0 / (pay - 30)",
        "UPDATE staff SET pay = pay WHERE 1 / (pay - 30) > 9", "DELETE FROM staff WHERE 1 / (pay - 30) > 9",
        "MERGE INTO staff USING (VALUES (3)) AS s (id) ON staff.id = s.id AND 1 / (pay - 30) > 9 WHEN MATCHED THEN DELETE",
        "MERGE INTO staff USING (VALUES (3)) AS s (id) ON staff.id = s.id WHEN MATCHED AND 1 / (pay - 30) > 9 THEN DELETE",
        "MERGE INTO staff USING (VALUES (3)) AS s (id) ON staff.id = s.id WHEN MATCHED THEN UPDATE SET owner_id = owner_id + 0 / (pay - 30)")]
    assert not [t for t in told if "division" in t.lower() or t.startswith("22")], told


def test_it_is_on_record_and_explained(server, under):
    under(rows_of("staff", LED), rows_of("team", "user_id < 9"))
    said = answer(server, "ann@acme", "EXPLAIN POLICY SELECT id FROM staff")
    assert "rows are filtered" in said and "team" not in said
    said = answer(server, "max@acme", "EXPLAIN POLICY SELECT id FROM staff")
    assert "public.team" in said and "user_id < 9" in said and "filter.0.team" in said
    said = answer(server, "ann@acme", "SELECT id FROM staff ORDER BY 1")
    assert said == "[(1,), (2,)]"
    assert answer(server, "owner@acme", "SELECT DISTINCT tables_accessed FROM hatidata.audit_log WHERE kind = 'outcome' "
                  "AND sql_redacted LIKE 'SELECT id FROM staff ORDER BY%'").count("public.team")


def test_wherever_a_table_can_stand(server, under):
    ann = under(rows_of("staff", LED))
    with server.connect("owner@acme") as conn:
        conn.execute("CREATE VIEW staff_view AS SELECT id, owner_id AS team FROM staff")
        conn.execute("SET hatidata.dialect = 'duckdb'")
        conn.execute("CREATE MACRO staff_of(x) AS TABLE SELECT id FROM staff WHERE owner_id >= x")
        conn.execute("CREATE MACRO staff_count() AS (SELECT count(*) FROM staff)")
    try:
        with server.connect("ann@acme") as conn:
            conn.execute("SET hatidata.dialect = 'duckdb'")
            for sql, rows in (("SELECT id FROM staff_view ORDER BY 1", [(1,), (2,)]), ("SELECT id FROM staff_of(2)", [(2,)]),
                              ("SELECT staff_count()", [(2,)]), ("SELECT id FROM staff_view AS team WHERE team = 2", [(2,)]),
                              ("SELECT count(*) FROM staff TABLESAMPLE 100%", [(2,)]), ("SELECT rowid FROM staff ORDER BY 1", [(0,), (1,)]),
                              ("FROM staff SELECT count(*) WHERE owner_id IN (FROM staff SELECT max(id))", [(1,)])):
                assert conn.execute(sql).fetchall() == rows, sql
            conn.execute("CREATE TABLE copied AS SELECT id FROM staff")
            assert conn.execute("SELECT count(*) FROM copied").fetchone() == (2,)
            conn.execute("DROP TABLE copied")
            for n in (0, 1):  # the client's parameters come before those of the filter
                assert conn.execute("SELECT id FROM staff WHERE id > %s AND pay < %s ORDER BY 1", (n, 30)).fetchall() == [(1,), (2,)][n:]
        with server.connect("ann@acme", autocommit=False) as conn:
            conn.execute("DECLARE c CURSOR FOR SELECT id FROM staff ORDER BY 1")
            assert conn.execute("FETCH ALL FROM c").fetchall() == [(1,), (2,)]
            conn.execute("INSERT INTO team VALUES (4, 'ann', NULL)")  # of the transaction's own sight
            assert conn.execute("SELECT max(id) FROM staff").fetchone() == (4,)
            conn.rollback()
        assert ann("SET row_security = off; SELECT id FROM staff").startswith("42501")
    finally:
        with server.connect("owner@acme") as conn:
            conn.execute("DROP VIEW staff_view")


def test_columns_of_the_row_that_are_kept_from_the_caller(server, under):
    """The filter looks at what it needs of its own row, as it is; who asks comes no nearer to it."""
    for function in ("deny", "null", "hash"):
        ann = under(rows_of("staff", "EXISTS (SELECT 1 FROM team AS t WHERE t.user_id = staff.owner_id AND t.lead = '{name}')"),
                    policies=[{"name": "more", "type": "column_masking", "rules": [
                        {"table": "staff", "column": "owner_id", "function": function, "exempt_roles": ["owner"]}]}])
        assert ann("SELECT id, pay FROM staff ORDER BY 1") == "[(1, 10), (2, 20)]"
        assert "(3,)" not in ann("SELECT id FROM staff WHERE owner_id = 3 OR id = 3")
    said = ann("SELECT id FROM staff WHERE EXISTS (SELECT 1 FROM team WHERE user_id = staff.owner_id)")
    assert "(3,)" not in said and "(1,)" not in said
