"""hatidata.audit_log: the log of one's own organization, for those who may read it, as a table."""
import json

import psycopg
import pytest


def lines(server):
    server_log = []
    for path in sorted(server.installation.audit.glob("audit-*.jsonl")):
        server_log += [json.loads(line) for line in path.read_text().splitlines()]
    return server_log


@pytest.fixture(scope="module")
def spoken(guarded):
    with guarded.connect("sales@acme") as conn:
        conn.execute("SELECT id, ssn FROM people")
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT nothing FROM people")
    with guarded.connect("owner@globex") as conn:
        conn.execute("SELECT word AS globex_only FROM globex_secrets")
    return guarded


def org_of(server, said):
    """The id of the organization that said it."""
    return {e["org_id"] for e in lines(server) if said in e.get("sql_redacted", "")}.pop()


READERS = ["auditor@acme", "owner@acme", "admin@acme"]


@pytest.mark.parametrize("who", READERS)
def test_it_shows_the_entries_of_ones_organization_and_no_others(spoken, who):
    with spoken.connect(who) as conn:
        rows = conn.execute("SELECT seq, entry_id, org_id, sql_redacted, entry_hash FROM hatidata.audit_log ORDER BY seq").fetchall()
    known = {e["seq"]: e for e in lines(spoken)}
    acme, globex = org_of(spoken, "SELECT nothing"), org_of(spoken, "globex_only")
    assert acme != globex and rows and {r[2] for r in rows} == {acme}
    last = rows[-1][0]
    assert [r[0] for r in rows] == [s for s, e in sorted(known.items()) if e.get("org_id") == acme and s <= last]
    for seq, entry_id, _, sql, entry_hash in rows:
        entry = known[seq]
        assert (entry_id, sql, entry_hash) == (entry["entry_id"], entry.get("sql_redacted"), entry["entry_hash"])
    assert not any("globex_only" in (r[3] or "") for r in rows)


def test_every_member_has_its_column_and_its_type(spoken):
    with spoken.connect("auditor@acme") as conn:
        cur = conn.execute("SELECT * FROM hatidata.audit_log WHERE kind = 'outcome' AND array_contains("
                           "'public.people', tables_accessed) AND error_code IS NULL AND "
                           "sql_redacted = 'SELECT id, ssn FROM people' ORDER BY seq LIMIT 1")
        names = [c.name for c in cur.description]
        row = dict(zip(names, cur.fetchone()))
    entry = {e["seq"]: e for e in lines(spoken)}[row["seq"]]
    assert set(entry) - {"v"} <= set(names)
    assert row["tables_accessed"] == entry["tables_accessed"] and row["columns_masked"] == entry["columns_masked"]
    verdicts = row["policy_verdicts"]
    assert (json.loads(verdicts) if isinstance(verdicts, str) else verdicts) == entry["policy_verdicts"]
    assert float(row["execution_time_ms"]) == entry["execution_time_ms"]
    assert row["cache_hit"] is entry["cache_hit"] and row["rows_returned"] == entry["rows_returned"]
    assert row["timestamp"].strftime("%Y-%m-%dT%H:%M:%S.%fZ") == entry["timestamp"]


def test_it_joins_filters_groups_and_copies_as_a_table_does(spoken):
    with spoken.connect("auditor@acme") as conn:
        pairs = conn.execute(
            "SELECT count(*) FROM hatidata.audit_log i JOIN hatidata.audit_log o ON i.query_id = o.query_id "
            "WHERE i.kind = 'intent' AND o.kind = 'outcome'").fetchone()[0]
        intents = conn.execute("SELECT count(*) FROM hatidata.audit_log WHERE kind = 'intent' AND query_id IN "
                               "(SELECT query_id FROM hatidata.audit_log WHERE kind = 'outcome')").fetchone()[0]
        assert 0 < pairs <= intents
        assert conn.execute("WITH who AS (SELECT user_id, count(*) n FROM HATIDATA.Audit_Log GROUP BY 1) "
                            "SELECT n > 0 FROM who LIMIT 1").fetchone() == (True,)
        assert conn.execute("SELECT count(*) FROM hatidata.audit_log WHERE role = %s", ["analyst"],
                            prepare=True).fetchone()[0] > 0
        with conn.cursor().copy("COPY (SELECT seq FROM hatidata.audit_log LIMIT 3) TO STDOUT") as copy:
            assert len(b"".join(copy).split()) == 3


def test_reading_it_is_written_in_it(spoken):
    with spoken.connect("auditor@acme") as conn:
        conn.execute("SELECT count(*) AS i_looked FROM hatidata.audit_log")
    said = [e for e in lines(spoken) if "i_looked" in e.get("sql_redacted", "")]
    assert [e["kind"] for e in said] == ["intent", "outcome"]
    assert said[1]["tables_accessed"] == ["hatidata.audit_log"] and said[1]["role"] == "auditor"


@pytest.mark.parametrize("who", ["sales@acme", "dev@acme", "analyst@acme"])
def test_others_are_told_that_they_may_not(spoken, who):
    with spoken.connect(who) as conn:
        for sql in ["SELECT * FROM hatidata.audit_log", "SELECT count(*) FROM hatidata.audit_log",
                    "SELECT id FROM people WHERE EXISTS (SELECT 1 FROM hatidata.audit_log)"]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may not read the audit log"):
                conn.execute(sql)


def test_a_view_over_it_opens_it_to_nobody(spoken):
    with spoken.connect("owner@acme") as conn:
        conn.execute("CREATE OR REPLACE VIEW looked AS SELECT sql_redacted FROM hatidata.audit_log")
        assert conn.execute("SELECT count(*) > 0 FROM looked").fetchone() == (True,)
    with spoken.connect("sales@acme") as conn, pytest.raises(psycopg.Error):
        conn.execute("SELECT * FROM looked")
    with spoken.connect("owner@acme") as conn:
        conn.execute("DROP VIEW looked")


@pytest.mark.parametrize("sql", [
    "SELECT 1", "SELECT * FROM people", "SELECT count(*) FROM notes", "SHOW TABLES",
    "SELECT * FROM information_schema.tables", "SELECT table_name FROM information_schema.columns",
    "SELECT * FROM hatidata.audit_log, people", "SELECT seq FROM hatidata.audit_log UNION SELECT id FROM people",
    "SELECT (SELECT max(table_name) FROM information_schema.tables) FROM hatidata.audit_log",
    "SELECT seq FROM hatidata.audit_log WHERE seq IN (SELECT c_custkey FROM shared.customer)",
    "CREATE TABLE mine AS SELECT * FROM hatidata.audit_log",
    "CREATE TEMPORARY TABLE mine AS SELECT * FROM hatidata.audit_log",
    "CREATE VIEW mine AS SELECT * FROM hatidata.audit_log", "INSERT INTO notes SELECT seq, kind FROM hatidata.audit_log",
    "SELECT * FROM hatidata_audit_log()", 'SELECT * FROM "hatidata_audit_log"()'])
def test_the_auditor_reads_nothing_else(spoken, sql):
    with spoken.connect("auditor@acme") as conn, pytest.raises(psycopg.Error) as refused:
        conn.execute(sql)
    if "hatidata_audit_log" not in sql: # else: no such function
        assert refused.value.sqlstate == "42501", refused.value


@pytest.mark.parametrize("sql", [
    "DELETE FROM hatidata.audit_log", "UPDATE hatidata.audit_log SET kind = 'x'", "TRUNCATE TABLE hatidata.audit_log",
    "INSERT INTO hatidata.audit_log (seq) VALUES (1)", "DROP TABLE hatidata.audit_log",
    "ALTER TABLE hatidata.audit_log ADD COLUMN x int", "CREATE SCHEMA hatidata",
    "CREATE TABLE hatidata.audit_log (seq int)", "CREATE INDEX i ON hatidata.audit_log (seq)",
    "COMMENT ON TABLE hatidata.audit_log IS 'x'",
    "MERGE INTO hatidata.audit_log a USING people p ON a.seq = p.id WHEN MATCHED THEN DELETE"])
def test_nobody_writes_it(spoken, sql):
    with spoken.connect("owner@acme") as conn, pytest.raises(psycopg.Error) as refused:
        conn.execute(sql)
    assert refused.value.sqlstate in ("42501", "42601", "3F000", "0A000", "42P07", "42809"), refused.value.sqlstate


@pytest.mark.parametrize("sql", [
    "SELECT count(*) FROM hatidata.audit_log WHERE org_id = '{globex}'",
    "SELECT count(*) FROM hatidata.audit_log WHERE org_id IS NULL OR org_id <> '{acme}'",
    "SELECT count(*) FROM hatidata.audit_log a LEFT JOIN hatidata.audit_log b ON b.org_id = '{globex}' WHERE b.seq IS NOT NULL",
    "SELECT count(*) FROM hatidata.audit_log WHERE CASE WHEN org_id = '{globex}' THEN CAST(sql_redacted AS int) = 1 ELSE false END"])
def test_no_condition_reaches_another_organizations_entries(spoken, sql):
    acme, globex = org_of(spoken, "SELECT nothing"), org_of(spoken, "globex_only")
    with spoken.connect("auditor@acme") as conn:
        assert conn.execute(sql.format(acme=acme, globex=globex)).fetchone() == (0,)
    with spoken.connect("owner@globex") as conn:
        assert conn.execute("SELECT count(*) > 0 FROM hatidata.audit_log WHERE org_id = %s", [globex]).fetchone() == (True,)


def test_policies_speak_of_it_as_of_any_table(spoken):
    spoken.installation.set_policy("acme", {"name": "log mask", "type": "column_masking", "rules": [
        {"table": "hatidata.audit_log", "column": "user_id", "function": "null", "exempt_roles": ["owner"]}]})
    try:
        with spoken.connect("auditor@acme") as conn:
            assert conn.execute("SELECT DISTINCT user_id FROM hatidata.audit_log").fetchall() == [(None,)]
        with spoken.connect("owner@acme") as conn:
            assert conn.execute("SELECT count(user_id) > 0 FROM hatidata.audit_log").fetchone() == (True,)
    finally:
        spoken.installation.run("policy", "remove", "log mask", "--org", "acme")


def test_it_is_listed_where_it_is_looked_for(spoken):
    with spoken.connect("owner@acme") as conn:
        listed = conn.execute("SHOW OBJECTS IN ACCOUNT").fetchall()
        assert listed and "AUDIT_LOG" not in {row[0] for row in listed}
        assert conn.execute("SELECT table_schema FROM information_schema.tables WHERE table_name ILIKE 'audit_log'").fetchone()
        assert len(conn.execute("DESCRIBE TABLE hatidata.audit_log").fetchall()) > 30
