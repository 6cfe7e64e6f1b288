"""EXPLAIN POLICY tells a caller what concerns him and nothing else; it refuses what execution refuses, in the
same words, and runs nothing."""
import psycopg
import pytest

import test_masks
import test_two_databases
from harness import Server
from security_data import HIDDEN, MASKED, answer
from test_audit_trail import entries

NOT_TOLD = ["people rows", "people masks", "department =", "'{department}'", "org_"] + HIDDEN


def told(server, who, sql, params=None):
    with server.connect(who) as conn:
        return conn.execute(f"EXPLAIN POLICY {sql}", params).fetchall()


def table(server, name, who="owner@acme"):
    with server.connect(who) as conn:
        return conn.execute(f"SELECT * FROM {name}").fetchall()


# ---- what is hidden stays hidden ----

ASKED = [s for s in test_masks.SMUGGLE + [s for pair in test_masks.ORACLES for s in pair] + test_two_databases.MORE
         if not s.startswith("EXPLAIN")]


@pytest.mark.parametrize("sql", ASKED)
def test_the_same_explanation_of_two_databases(guarded, twin, sql):
    for words in ("EXPLAIN POLICY", "EXPLAIN"):
        said = answer(guarded, "sales@acme", f"{words} {sql}")
        assert said == answer(twin, "sales@acme", f"{words} {sql}")
        assert not [w for w in NOT_TOLD if w in said and w not in sql], said


@pytest.mark.parametrize("sql", [
    "SELECT name FROM people", "SELECT * FROM people_view", "UPDATE people SET name = 'x' WHERE id = 1",
    "DELETE FROM people", "INSERT INTO people VALUES (9, 'x', 'sales', 'y', 1)", "DROP TABLE people",
    "CREATE TABLE loot AS SELECT * FROM people", "SELECT * FROM nowhere", "SELECT nothing FROM people",
    "COPY people FROM STDIN", "CREATE VIEW w AS SELECT * FROM people", "TRUNCATE people"])
def test_policies_are_told_to_who_manages_them(guarded, sql):
    said = answer(guarded, "dev@acme", f"EXPLAIN POLICY {sql}")
    assert not [w for w in NOT_TOLD if w in said], said


def test_who_manages_policies_sees_names_filters_and_sql(guarded):
    guarded.installation.add_user("acme", "admin", "chief", "--attribute", "department=sales")
    rows = told(guarded, "chief@acme", "SELECT id, ssn FROM people")
    assert ("table", "public.people", "filter", "people rows", "department = '{department}'") in rows
    assert ("attribute", "department", "value", "people rows", "sales") in rows
    sql = [r for r in rows if r[0] == "sql"]
    assert len(sql) == 1 and "WHERE" in sql[0][4] and '"department"' in sql[0][4]
    # what lies beneath a view, too
    rows = told(guarded, "chief@acme", "SELECT id, ssn FROM people_view")
    assert ("view", "public.people_view", "read", None, None) in rows
    assert ("table", "public.people", "read", None, "id, ssn") in rows


def test_who_manages_policies_sees_the_names_of_masks(guarded):
    """The masks of people leave admins alone: this one doesn't."""
    guarded.installation.add_user("acme", "admin", "deputy")
    guarded.installation.set_policy("acme", {"name": "badge masks", "type": "column_masking", "rules": [
        {"table": "public.badges", "column": "number", "function": "full", "exempt_roles": ["owner"]}]})
    with guarded.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE badges (id int, number text)")
        conn.execute("CREATE VIEW badges_view AS SELECT * FROM badges")
    for source in ("badges", "badges_view"):
        rows = told(guarded, "deputy@acme", f"SELECT id, number FROM {source}")
        assert ("column", "public.badges.number", "mask", "badge masks", "full") in rows


def test_a_key_without_the_scope_manages_nothing(guarded):
    guarded.installation.add_key("narrow@acme", "owner@acme.example", "--org", "acme", "--user",
                                 "owner@acme.example", "--scopes", "query:read")
    rows = told(guarded, "narrow@acme", "SELECT id FROM people")
    assert ("table", "public.people", "read", None, "id") in rows
    assert not [r for r in rows if r[0] == "sql" or r[3]]
    # nor does the hint of a refusal name what refuses
    guarded.installation.add_user("acme", "admin", "lost")
    guarded.installation.add_key("lostbot@acme", "lost@acme.example", "--org", "acme", "--user", "lost@acme.example",
                                 "--scopes", "query:read")
    for words in ("", "EXPLAIN POLICY "):
        assert "people rows" in answer(guarded, "lost@acme", f"{words}SELECT id FROM people")
        said = answer(guarded, "lostbot@acme", f"{words}SELECT id FROM people")
        assert said.startswith("42501") and "people rows" not in said


def test_others_see_what_concerns_themselves(guarded):
    rows = told(guarded, "sales@acme", "SELECT id, upper(ssn) FROM people")
    assert rows == [
        ("statement", "SELECT", "query", None, "role analyst"),
        ("table", "public.people", "read", None, "id, ssn"),
        ("table", "public.people", "filter", None, "rows are filtered"),
        ("column", "public.people.ssn", "mask", None, "full"),
        ("masks", None, "at reference", None, "whatever uses a masked column sees its mask"),
        ("cost", "credits", "at least", None, "3.0")]


def test_beneath_a_view_there_are_no_names(guarded):
    rows = told(guarded, "sales@acme", "SELECT id, ssn AS number FROM people_view")
    assert ("view", "public.people_view", "read", None, None) in rows
    assert ("beneath", None, "filter", None, "rows are filtered") in rows
    assert ("output", "number", "mask", None, "full") in rows
    assert not [r for r in rows if r[1] and r[1].startswith("public.people") and r[1] != "public.people_view"]
    assert "public.people " not in answer(guarded, "sales@acme", "EXPLAIN SELECT id FROM people_view")


def test_the_cost_does_not_tell_how_many_rows_are_hidden(guarded):
    with guarded.connect("owner@acme") as conn:
        conn.execute("CREATE TABLE many AS SELECT range AS id, 'legal' AS department FROM range(45000)")
        open_ = [r for r in told(guarded, "sales@acme", "SELECT id FROM many") if r[0] == "cost"]
        assert open_ == [("cost", "credits", "estimate", None, "7.0")]
    guarded.installation.set_policy("acme", {"name": "many rows", "type": "row_level_security", "rules": [
        {"table": "public.many", "filter": "department = '{department}'", "exempt_roles": ["owner"]}]})
    for who in ("sales@acme", "dev@acme"):
        assert [r for r in told(guarded, who, "SELECT id FROM many") if r[0] == "cost"] == [
            ("cost", "credits", "at least", None, "3.0")]
    # a shared table's size is the other organizations' too: not even an owner is told
    assert [r[2] for r in told(guarded, "owner@acme", "SELECT c_name FROM customer") if r[0] == "cost"] == ["at least"]
    with guarded.connect("owner@acme") as conn:
        conn.execute("DROP TABLE many")


# ---- the same refusals ----

REFUSED = [
    "SELECT * FROM globex_secrets", "SELECT * FROM nowhere", "SELECT nothing FROM people", "SELECT 1 +",
    "DELETE FROM people", "DROP TABLE people", "CREATE TABLE people (a int)", "SELECT 'x'::int4range",
    "UPDATE people SET department = DEFAULT", "UPDATE people SET ssn = ssn || 'x'", "SELECT nosuchfunction(1)",
    "INSERT INTO people (id) VALUES (1)", "INSERT INTO people SELECT * FROM nowhere", "CREATE WAREHOUSE w",
    "COPY people FROM '/etc/passwd'", "ALTER TABLE people RENAME COLUMN ssn TO x", "TRUNCATE people",
    "INSERT INTO people VALUES (1, 'x', 'sales', 'y', 1) ON CONFLICT (id) DO UPDATE SET name = 'z'",
    "SELECT ssn, people FROM people GROUP BY ALL", "PIVOT people ON ssn USING count(*)",
    "INSERT INTO customer (c_custkey) VALUES (1)", "DELETE FROM nation", "CREATE TABLE q AS SELECT * FROM nowhere"]


def error_of(conn, sql):
    try:
        if sql.upper().startswith("COPY"):
            with conn.cursor().copy(sql) as copy:
                list(copy)
        else:
            conn.execute(sql)
    except psycopg.Error as e:
        return e.sqlstate, e.diag.message_primary, e.diag.message_detail.split()[0], e.diag.message_hint
    return None


@pytest.mark.parametrize("sql", REFUSED)
@pytest.mark.parametrize("who", ["sales@acme", "dev@acme", "agent@acme", "auditor@acme"])
def test_what_execution_refuses_is_refused_alike(guarded, who, sql):
    with guarded.connect(who, autocommit=False) as conn:  # nothing that it takes is kept
        explained = error_of(conn, f"EXPLAIN POLICY {sql}")
        conn.rollback()
        ran = error_of(conn, sql)
        conn.rollback()
    assert explained == ran


def test_a_transaction_that_reads_refuses_it_too(guarded):
    with guarded.connect("dev@acme") as conn:
        conn.execute("BEGIN READ ONLY")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction, match="read-only"):
            conn.execute("EXPLAIN POLICY INSERT INTO notes VALUES (1, 'x')")


def test_a_limited_key_learns_of_no_other_table(guarded):
    guarded.installation.add_key("bot@acme", None, "--org", "acme", "--agent", "bot", "--role", "service_account",
                                 "--scopes", "query:read,query:write,schema:read", "--allow-table", "public.notes")
    for sql in ("SELECT * FROM {}", "INSERT INTO {} VALUES (1)", "COPY {} TO STDOUT", "DROP TABLE {}",
                "SELECT * FROM notes, {}", "CREATE VIEW v AS SELECT * FROM {}"):
        said = {answer(guarded, "bot@acme", f"EXPLAIN POLICY {sql.format(name)}").replace(name, "?")
                for name in ("people", "wordss", "peopel")}
        assert len(said) == 1, said


# ---- nothing happens ----

@pytest.mark.parametrize("words", ["EXPLAIN", "EXPLAIN POLICY"])
@pytest.mark.parametrize("sql, wrong", [
    ("CREATE TABLE numbered (id int autoincrement)", "CREATE SEQUENCE numbered_id_seq"),
    ("INSERT INTO notes VALUES (7, 'written')", None), ("DELETE FROM notes", None), ("UPDATE notes SET note = 'x'", None),
    ("CREATE TABLE made AS SELECT * FROM notes", "CREATE TABLE made (id int)"),
    ("CREATE VIEW made AS SELECT * FROM notes", "CREATE TABLE made (id int)")])
def test_nothing_is_run(guarded, words, sql, wrong):
    with guarded.connect("owner@acme") as conn:
        conn.execute("INSERT INTO notes VALUES (1, 'one')")
        before = conn.execute("SELECT * FROM notes").fetchall()
        conn.execute(f"{words} {sql}")
        assert conn.execute("SELECT * FROM notes").fetchall() == before
        if wrong:  # what it would have made is not in the way
            conn.execute(wrong)
            conn.execute(wrong.split("(")[0].replace("CREATE", "DROP"))
        conn.execute("DELETE FROM notes")


@pytest.mark.parametrize("sql", ["DROP TABLE notes", "TRUNCATE TABLE notes", "ALTER TABLE notes ADD COLUMN more int",
                                 "COMMENT ON TABLE notes IS 'x'", "CREATE SCHEMA other", "CREATE SEQUENCE numbers",
                                 "CREATE INDEX byid ON notes (id)", "COPY notes FROM STDIN", "COPY notes TO STDOUT",
                                 "MERGE INTO notes USING people ON notes.id = people.id WHEN MATCHED THEN DELETE",
                                 "SHOW TABLES", "DESCRIBE TABLE notes", "CREATE FUNCTION f(a int) RETURNS int AS 'a'"])
def test_every_kind_of_statement_is_explained_and_not_run(guarded, sql):
    with guarded.connect("owner@acme") as conn:
        conn.execute("INSERT INTO notes VALUES (1, 'one')")
        rows = conn.execute(f"EXPLAIN POLICY {sql}").fetchall()
        assert rows[0][0] == "statement" and [r for r in rows if r[0] == "cost"]
        after = conn.execute("SELECT * FROM notes")
        assert [c.name for c in after.description] == ["id", "note"] and after.fetchall() == [(1, "one")]
        conn.execute("DELETE FROM notes")
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT nextval('numbers')")


def test_a_sequence_keeps_its_numbers(guarded):
    with guarded.connect("owner@acme") as conn:
        conn.execute("CREATE SEQUENCE counting")
        for words in ("EXPLAIN", "EXPLAIN POLICY"):
            conn.execute(f"{words} SELECT nextval('counting')")
            conn.execute(f"{words} INSERT INTO notes VALUES (nextval('counting'), 'x')")
        assert conn.execute("SELECT nextval('counting')").fetchone() == (1,)
        conn.execute("DROP SEQUENCE counting")


def test_it_costs_a_statement_and_is_on_record(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE notes (id int, note text)")
        asked = ["EXPLAIN POLICY SELECT * FROM notes, notes AS n", "EXPLAIN SELECT * FROM notes, notes AS n",
                 "EXPLAIN POLICY CREATE TABLE q (id int autoincrement)"]
        with server.connect("developer@acme") as conn:
            for sql in asked:
                conn.execute(sql)
        for who, sql in (("developer@acme", "EXPLAIN POLICY SELECT * FROM nowhere"), ("analyst@acme", "EXPLAIN POLICY DROP TABLE notes")):
            assert answer(server, who, sql)[:5] in ("42P01", "42501")
    said = entries(fresh)
    for sql in asked:
        kinds = [(e["kind"], e.get("error_code"), e.get("credits_consumed")) for e in said if e.get("sql_redacted") == sql]
        assert kinds == [("intent", None, None), ("outcome", None, 1)], kinds
    refused = [e for e in said if e.get("error_code") and e.get("sql_redacted", "").startswith("EXPLAIN POLICY")]
    assert [e["error_code"] for e in refused] == ["HATI_ERR_404_TABLE", "HATI_ERR_403_POLICY"]
    assert refused[1]["policy_verdicts"][0]["action"] == "deny"
    assert fresh.run("audit", "verify", fresh.audit).returncode == 0
