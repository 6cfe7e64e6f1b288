"""Statements that keep something for later - prepared in SQL, cursors, variables, lists - see no more than a
query of the same moment would."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer

MASK = {"name": "masks", "type": "column_masking", "rules": [
    {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]}]}
ROWS = {"name": "rows", "type": "row_level_security", "rules": [
    {"table": "public.people", "filter": "department = 'sales'", "exempt_roles": ["owner"]}]}


@pytest.fixture
def kept(tmp_path):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE people (id int, department text, ssn text)")
            conn.execute("INSERT INTO people VALUES (1, 'sales', '901'), (2, 'legal', '902')")
            conn.execute("CREATE TABLE notes (id int, note text)")
        yield server


def test_prepared_then_masked_and_filtered(kept):
    with kept.connect("analyst@acme") as conn:
        conn.execute("PREPARE p AS SELECT id, ssn FROM people ORDER BY id")
        assert conn.execute("EXECUTE p").fetchall() == [(1, "901"), (2, "902")]
        kept.installation.set_policy("acme", MASK)
        assert "90" not in str(conn.execute("EXECUTE p").fetchall())
        kept.installation.set_policy("acme", ROWS)
        assert len(conn.execute("EXECUTE p").fetchall()) == 1
        kept.installation.set_policy("acme", {
            "name": "closed", "type": "abac", "effect": "deny", "conditions": {"role": {"in": ["analyst"]}},
            "actions": ["query"], "resources": ["table:public.people"]})
        with pytest.raises(psycopg.Error) as e:
            conn.execute("EXECUTE p")
        assert e.value.sqlstate == "42501"


def test_a_cursor_does_not_outlive_the_policies_it_was_made_under(kept):
    with kept.connect("analyst@acme") as conn:
        conn.execute("DECLARE c CURSOR WITH HOLD FOR SELECT id, ssn FROM people ORDER BY id")
        assert conn.execute("FETCH 1 FROM c").fetchall() == [(1, "901")]
        kept.installation.set_policy("acme", MASK)
        with pytest.raises(psycopg.Error, match="policies have changed") as e:
            conn.execute("FETCH ALL FROM c")
        assert "902" not in str(e.value)


def test_a_variable_takes_the_masked_value(kept):
    kept.installation.set_policy("acme", MASK)
    kept.installation.set_policy("acme", ROWS)
    with kept.connect("analyst@acme") as conn:
        conn.execute("PREPARE one AS SELECT $1")
        for sql in ("SET x = (SELECT ssn FROM people)", "SET x = (SELECT max(ssn) FROM people)",
                    "EXECUTE one((SELECT max(ssn) FROM people))"):
            try:
                said = str(conn.execute(sql).statusmessage)
                said += str(conn.execute("SELECT $x").fetchall())
            except psycopg.Error as e:
                said = str(e)
            assert "901" not in said and "902" not in said, said
        conn.execute("SET n = (SELECT count(*) FROM people)")
        assert conn.execute("SELECT $n").fetchone() == (1,)


@pytest.mark.parametrize("sql", [
    "EXECUTE p; DROP TABLE people", "PREPARE q AS COPY people TO STDOUT", "PREPARE q AS SET search_path TO x",
    "PREPARE q AS PREPARE r AS SELECT 1", "PREPARE q AS EXECUTE q", "PREPARE q AS CREATE TABLE x (a int)"])
def test_what_may_not_be_prepared(kept, sql):
    assert "42601" in answer(kept, "owner@acme", sql) or "0A000" in answer(kept, "owner@acme", sql) \
        or "26000" in answer(kept, "owner@acme", sql)


def test_a_read_only_role_writes_by_no_detour(kept):
    with kept.connect("analyst@acme") as conn:
        for sql in ("PREPARE w AS INSERT INTO notes VALUES (1, 'x')", "PREPARE w AS DELETE FROM notes"):
            with pytest.raises(psycopg.Error) as e:
                conn.execute(sql)
            assert e.value.sqlstate == "42501"


def test_lists_follow_what_the_caller_may_see(kept):
    inst = kept.installation
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user", "developer@acme.example",
                 "--allow-table", "public.notes")
    for sql in ("SHOW TABLES", "SHOW COLUMNS", "SHOW OBJECTS IN ACCOUNT", "SHOW TABLES LIKE 'PEO%'",
                "SHOW PRIMARY KEYS", "SHOW SCHEMAS"):
        assert "PEOPLE" not in answer(kept, "limited@acme", sql)
    for what in ("DESCRIBE TABLE", "DESCRIBE"):
        said = {answer(kept, "limited@acme", f"{what} {name}").replace(name, "?") for name in ("people", "nobody")}
        assert len(said) == 1, said
    assert "does not exist" in answer(kept, "limited@acme", "SHOW COLUMNS IN TABLE people")
    assert "NOTE" in answer(kept, "limited@acme", "DESCRIBE notes")


def test_describe_in_from_tells_no_more_than_describe(kept):
    inst = kept.installation
    asked = "SELECT * FROM (DESCRIBE %s)"
    assert "ssn" in answer(kept, "analyst@acme", asked % "TABLE people").lower()  # without a policy
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user", "developer@acme.example",
                 "--allow-table", "public.notes")
    for what in ("TABLE people", "SELECT * FROM people", "(DESCRIBE SELECT * FROM people)"):
        said = {answer(kept, "limited@acme", asked % what.replace("people", n)).replace(n, "?")
                for n in ("people", "nobody")}
        assert len(said) == 1, said
        assert all("ssn" not in s.lower() and "does not exist" in s for s in said)
    inst.set_policy("acme", {
        "name": "closed", "type": "abac", "effect": "deny", "conditions": {"role": {"in": ["analyst"]}},
        "actions": ["query"], "resources": ["table:public.people"]})
    for sql in ("DESCRIBE SELECT ssn AS s FROM people", asked % "SELECT ssn AS s FROM people",
                asked % "(DESCRIBE SELECT ssn AS s FROM people)",
                "SELECT 1 WHERE 'S' IN (SELECT \"name\" FROM (DESCRIBE SELECT ssn AS s FROM people))"):
        assert answer(kept, "analyst@acme", sql).startswith("42501"), sql


def test_every_execution_is_on_record(kept):
    with kept.connect("owner@acme") as conn:
        conn.execute("PREPARE p AS SELECT note FROM notes WHERE id = $1")
        conn.execute("EXECUTE p(7)")
        conn.execute("BEGIN")
        conn.execute("DECLARE c CURSOR FOR SELECT ssn FROM people")
        conn.execute("COMMIT")
    log = "".join(p.read_text(errors="replace") for p in kept.installation.audit.iterdir() if p.is_file())
    assert "public.notes" in log and "DECLARE c CURSOR" in log
