"""What a name means can't be changed from outside: temporary tables and search paths don't reach into views or
other sessions, and what is hidden is in no list."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer


RELATIONS = ("tables", "columns", "schemata", "views", "table_constraints", "key_column_usage",
             "referential_constraints", "constraint_column_usage", "constraint_table_usage", "check_constraints",
             "character_sets", "duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_constraints",
             "duckdb_indexes", "duckdb_schemas", "duckdb_table_info")


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("named") / "data")
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user",
                 "developer@acme.example", "--allow-table", "public.notes")
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]},
        {"table": "*", "column": "phone", "function": "full", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "public.people", "filter": "department = 'sales'", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in ("CREATE TABLE people (id int, name text, department text, ssn text)",
                        "INSERT INTO people VALUES (1, 'Ann', 'sales', '901'), (2, 'Cyd', 'legal', '903')",
                        "CREATE TABLE notes (id int, note text)",
                        "INSERT INTO notes VALUES (1, 'real')",
                        "CREATE VIEW reader AS SELECT note FROM notes"):
                conn.execute(sql)
        with server.connect("owner@globex") as conn:
            conn.execute("CREATE TABLE globex_plans (word text)")
        yield server


def test_a_temporary_table_does_not_change_what_a_view_reads(named):
    with named.connect("developer@acme") as conn:
        conn.execute("CREATE TEMP TABLE notes AS SELECT 1 AS id, 'forged' AS note")
        assert conn.execute("SELECT note FROM notes").fetchall() == [("forged",)]
        assert conn.execute("SELECT note FROM reader").fetchall() == [("real",)]


def test_a_view_of_a_temporary_table_is_refused(named):
    with named.connect("owner@acme") as conn:
        conn.execute("CREATE TEMP TABLE mine AS SELECT 1 AS a")
        for sql in ("CREATE VIEW leak AS SELECT a FROM mine", "CREATE VIEW leak AS SELECT a FROM pg_temp.mine",
                    "CREATE VIEW leak AS SELECT (SELECT max(a) FROM mine) AS a"):
            with pytest.raises(psycopg.Error, match="temporary table"):
                conn.execute(sql)


def test_no_other_session_sees_a_temporary_table(named):
    with named.connect("owner@acme") as one, named.connect("owner@acme") as two:
        one.execute("CREATE TEMP TABLE private_words AS SELECT 'plugh' AS word")
        for sql in ("SELECT * FROM private_words", "SELECT * FROM pg_temp.private_words",
                    'SELECT * FROM "temp".private_words', "DROP TABLE private_words",
                    "INSERT INTO pg_temp.private_words VALUES ('x')"):
            with pytest.raises(psycopg.Error) as e:
                two.execute(sql)
            assert "plugh" not in str(e.value)
        assert two.execute("SELECT count(*) FROM information_schema.tables "
                           "WHERE table_name ILIKE 'private%'").fetchone() == (0,)
        two.execute("CREATE TEMP TABLE private_words (n int)")
        assert one.execute("SELECT word FROM private_words").fetchall() == [("plugh",)]


def test_a_temporary_table_is_gone_with_its_session(named):
    with named.connect("owner@acme") as conn:
        conn.execute("CREATE TEMP TABLE short (a int)")
    assert "does not exist" in answer(named, "owner@acme", "SELECT * FROM short")


@pytest.mark.parametrize("sql", [
    "CREATE TEMP TABLE loot AS SELECT ssn FROM people", "CREATE TEMP TABLE loot AS SELECT * FROM people",
    "CREATE TEMP TABLE loot AS SELECT upper(ssn) AS s FROM people"])
def test_masked_values_do_not_go_into_temporary_tables(named, sql):
    with named.connect("developer@acme") as conn:
        conn.execute(sql)
        kept = str(conn.execute("SELECT * FROM loot").fetchall())
    assert "***" in kept and "901" not in kept, kept


def test_rows_that_are_hidden_do_not_go_into_temporary_tables(named):
    with named.connect("developer@acme") as conn:
        conn.execute("CREATE TEMP TABLE mine AS SELECT id, name FROM people")
        assert conn.execute("SELECT name FROM mine").fetchall() == [("Ann",)]


def test_a_mask_of_every_table_is_one_of_temporary_tables_too(named):
    with named.connect("developer@acme") as conn:
        conn.execute("CREATE TEMP TABLE calls AS SELECT '555-1234' AS phone")
        assert "555" not in str(conn.execute("SELECT phone FROM calls").fetchall())


def test_a_rollback_takes_back_what_was_made_and_dropped(named):
    with named.connect("owner@acme") as conn:
        conn.execute("CREATE TEMP TABLE kept AS SELECT 1 AS a")
        conn.execute("BEGIN")
        conn.execute("CREATE TEMP TABLE made (a int)")
        conn.execute("DROP TABLE kept")
        conn.execute("ROLLBACK")
        assert conn.execute("SELECT a FROM kept").fetchall() == [(1,)]
        with pytest.raises(psycopg.Error, match="does not exist"):
            conn.execute("SELECT * FROM made")


def test_lists_tell_a_limited_key_of_its_own_tables_alone(named):
    with named.connect("limited@acme") as conn:
        assert conn.execute("SELECT lower(table_name) FROM information_schema.tables").fetchall() == [("notes",)]
        assert conn.execute("SELECT DISTINCT lower(table_name) FROM information_schema.columns"
                            ).fetchall() == [("notes",)]
        assert conn.execute("SELECT lower(table_name) FROM information_schema.duckdb_tables").fetchall() == [("notes",)]
        assert conn.execute("SELECT DISTINCT lower(table_name) FROM information_schema.duckdb_table_info"
                            ).fetchall() == [("notes",)]
        assert "shared" not in str(conn.execute("SELECT schema_name FROM information_schema.schemata").fetchall()
                                   ).lower()


def test_no_list_tells_of_another_organization(named):
    for relation in RELATIONS:
        assert "globex" not in answer(named, "owner@acme", f"SELECT * FROM information_schema.{relation}").lower()


def test_duckdbs_lists_are_the_same_lists(named):
    with named.connect("owner@acme") as owner, named.connect("limited@acme") as limited:
        for conn in (owner, limited):
            conn.execute("SET hatidata.dialect = 'duckdb'")
        for function in ("duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_constraints", "duckdb_indexes",
                         "duckdb_schemas"):
            asked = f"SELECT * FROM {function}()"
            said = str(limited.execute(asked).fetchall()).lower()
            assert "people" not in said and "globex" not in str(owner.execute(asked).fetchall()).lower(), function
        assert "people" in str(owner.execute("SELECT * FROM duckdb_columns()").fetchall())
        for sql in ("SELECT sql FROM duckdb_views()", "SELECT sql FROM duckdb_tables()", "FROM duckdb_settings()",
                    "FROM duckdb_secrets()", "FROM duckdb_functions()", "FROM duckdb_logs", "FROM main.duckdb_tables()",
                    "FROM system.main.duckdb_columns()"):
            with pytest.raises(psycopg.Error):
                owner.execute(sql)


def test_constraints_name_no_hidden_table(named):
    inst = named.installation
    with named.connect("owner@acme") as owner:
        owner.execute("CREATE TABLE plans (code int PRIMARY KEY)")
        owner.execute("CREATE TABLE steps (code int REFERENCES plans (code), n int CHECK (n > 41), UNIQUE (n))")
    inst.add_key("steps@acme", "developer@acme.example", "--org", "acme", "--user", "developer@acme.example",
                 "--allow-table", "public.steps")
    asked = ["SELECT * FROM information_schema." + r for r in RELATIONS]
    told = "".join(answer(named, "owner@acme", sql) for sql in asked).lower()
    assert "plans" in told and "41" in told and "steps_code_fkey" in told
    told = "".join(answer(named, "steps@acme", sql) for sql in asked).lower()
    assert "plans" not in told and "41" in told and "steps_n_key" in told


def test_a_temporary_view_is_its_sessions_alone(named):
    with named.connect("owner@acme") as one, named.connect("developer@acme") as two:
        one.execute("CREATE TEMP TABLE own AS SELECT 'plugh' AS word")
        one.execute("CREATE TEMP VIEW seen AS SELECT word FROM own")
        one.execute("CREATE OR REPLACE TEMPORARY VIEW seen (w) AS SELECT word || '!' FROM own")
        assert one.execute("SELECT w FROM seen").fetchall() == one.execute("SELECT * FROM pg_temp.seen").fetchall() \
            == [("plugh!",)]
        for sql in ("SELECT * FROM seen", "SELECT * FROM pg_temp.seen", 'SELECT * FROM "temp".seen', "DROP VIEW seen"):
            with pytest.raises(psycopg.Error) as e:
                two.execute(sql)
            assert "plugh" not in str(e.value)
        for sql in ("CREATE VIEW leak AS SELECT w FROM seen", "CREATE VIEW leak AS SELECT w FROM pg_temp.seen",
                    "CREATE FUNCTION leak() RETURNS TABLE (w text) AS 'SELECT w FROM seen'"):
            with pytest.raises(psycopg.Error, match="temporary view|does not exist"):
                one.execute(sql)
        assert two.execute("SELECT count(*) FROM information_schema.tables WHERE table_name ILIKE 'seen'"
                           ).fetchone() == (0,)
        one.execute("DISCARD ALL")
        for sql in ("SELECT * FROM seen", "SELECT * FROM own"):
            with pytest.raises(psycopg.Error, match="does not exist"):
                one.execute(sql)
        one.execute("BEGIN")
        one.execute("CREATE TEMP VIEW gone AS SELECT 1 AS a")
        one.execute("ROLLBACK")
        with pytest.raises(psycopg.Error, match="does not exist"):
            one.execute("SELECT * FROM gone")


def test_policies_hold_in_a_temporary_view(named):
    asked = ("CREATE TEMP VIEW mine AS SELECT name, ssn, ssn || '' AS copied, (SELECT max(ssn) FROM people) AS most "
             "FROM people")
    with named.connect("owner@acme") as owner:
        owner.execute(asked)
        assert "903" in str(owner.execute("SELECT * FROM mine").fetchall())  # without the policies
    with named.connect("developer@acme") as conn:
        conn.execute(asked)
        for sql in ("SELECT * FROM mine", "SELECT max(ssn), max(copied) FROM mine", "SELECT count(*) FROM mine"):
            said = str(conn.execute(sql).fetchall())
            assert "901" not in said and "903" not in said and "Cyd" not in said and "2" not in said, said
    with named.connect("limited@acme") as conn:
        with pytest.raises(psycopg.Error, match="does not exist"):
            conn.execute(asked)


def test_a_temporary_view_does_not_change_what_a_view_reads(named):
    with named.connect("developer@acme") as conn:
        conn.execute("CREATE TEMP VIEW notes AS SELECT 1 AS id, 'forged' AS note")
        assert conn.execute("SELECT note FROM notes").fetchall() == [("forged",)]
        assert conn.execute("SELECT note FROM reader").fetchall() == [("real",)]


@pytest.mark.parametrize("sql", [
    "SELECT * FROM org_globex.globex_plans", "SELECT * FROM hati.org_globex.globex_plans",
    "SET search_path TO org_globex; SELECT * FROM globex_plans",
    "SET search_path TO 'org_globex'; CREATE TABLE globex_plans (a int)",
    "SELECT * FROM main.duckdb_tables", 'SELECT * FROM "temp".information_schema.tables',
    "CREATE TABLE org_globex.x (a int)", 'SELECT * FROM "temp".pg_catalog.pg_class', "SELECT * FROM public.pg_class",
    "SELECT * FROM hati.pg_catalog.pg_class", "SELECT * FROM hati.org_globex.pg_class", "SELECT * FROM org_globex.pg_class"])
def test_a_path_leads_to_no_schema_of_others(named, sql):
    with named.connect("owner@acme") as conn:
        *before, last = sql.split("; ")
        for s in before:
            conn.execute(s)
        with pytest.raises(psycopg.Error):
            conn.execute(last)


def test_a_kept_plan_follows_the_path_and_what_shadows(named):
    with named.connect("owner@acme") as conn:
        conn.prepare_threshold = 0
        ask = lambda: conn.execute("SELECT note FROM notes").fetchall()
        assert ask() == [("real",)]
        conn.execute("CREATE TEMP TABLE notes AS SELECT 'mine' AS note")
        assert ask() == [("mine",)]
        conn.execute("DROP TABLE pg_temp.notes")
        assert ask() == [("real",)]
        conn.execute("SET search_path TO nowhere")
        with pytest.raises(psycopg.Error, match="does not exist"):
            ask()
