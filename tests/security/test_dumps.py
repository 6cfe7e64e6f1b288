"""A dump, and functions of the session over rows, tell what a query would: masked values stay masked, hidden rows and
tables hidden."""
import os
import subprocess

import psycopg
import pytest

from security_data import HIDDEN, MASKED, answer, said

ATTACKS = [
    "SELECT set_config('my.x', ssn, false) FROM people",
    "SELECT set_config('my.x', CAST(salary AS text), false), name FROM people ORDER BY id",
    "SELECT set_config('my.x', string_agg(ssn, ','), false) FROM people",
    "SELECT set_config('my.x', name || ssn, false), id FROM people ORDER BY ssn",
    "SELECT set_config('my.x', name, false) FROM people WHERE salary > 1500",
    "SELECT set_config('my.x', (SELECT max(ssn) FROM people), false)",
    "SELECT pg_try_advisory_lock(salary), name FROM people WHERE department <> 'sales'",
    "SELECT set_config(ssn, 'x', false) FROM people",
    "SELECT set_config('TimeZone', ssn, false) FROM people",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_calls_over_rows_tell_no_more_than_the_rows(guarded, attack):
    with guarded.connect("sales@acme", options="'-c hatidata.dialect=postgres'") as conn:
        heard = said(conn, attack) + said(conn, "SELECT current_setting('my.x', true)") + said(conn, "SHOW TimeZone")
    assert not [w for w in HIDDEN + MASKED if w in heard], heard


def test_what_one_sees_is_handed_over(guarded):
    with guarded.connect("sales@acme", options="'-c hatidata.dialect=postgres'") as conn:
        assert conn.execute("SELECT set_config('my.x', name, false) FROM people ORDER BY id").fetchall() == [("Ann",), ("Bob",)]
        assert conn.execute("SHOW my.x").fetchone() == ("Bob",)


def test_the_log_has_the_statement_redacted(guarded):
    with guarded.connect("sales@acme", options="'-c hatidata.dialect=postgres'") as conn:
        conn.execute("SELECT set_config('my.password', 'hunter2-over-rows', false) FROM people")
    logged = b"".join(p.read_bytes() for p in (guarded.installation.path / "audit").rglob("*") if p.is_file())
    assert b"hunter2-over-rows" not in logged and b"my.password" not in guarded.log().encode()


def test_lock_table_tells_of_no_table(guarded):
    def tried(who, table):
        with guarded.connect(who, autocommit=False) as conn, pytest.raises(psycopg.Error) as e:
            conn.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        return e.value.sqlstate, str(e.value.diag.message_primary).replace(table, "X"), str(e.value.diag.message_hint).replace(table, "X")
    assert tried("sales@acme", "globex_secrets") == tried("analyst@acme", "never_made_it")
    with guarded.connect("sales@acme", autocommit=False) as conn:
        conn.execute("LOCK TABLE people IN ACCESS SHARE MODE")


def dump(server, who, *args):
    return subprocess.run(["pg_dump", *args, server.conninfo(who, options="-chatidata.dialect=postgres")],
                          capture_output=True, text=True, timeout=120, env=dict(os.environ, LC_ALL="C"))


def test_a_dump_of_rows_is_masked_and_filtered(guarded):
    whole = dump(guarded, "sales@acme", "-t", "people")  # which would not be whole
    assert whole.returncode != 0 and "SET row_security = on" in whole.stderr and not whole.stdout
    done = dump(guarded, "sales@acme", "--enable-row-security", "-t", "people")
    assert done.returncode == 0, done.stderr
    assert "Ann" in done.stdout and "Bob" in done.stdout
    assert not [w for w in (*HIDDEN, *MASKED, "globex") if w in done.stdout + done.stderr], done.stdout


def test_a_view_s_text_stays_its_owner_s(guarded):
    assert "SELECT" in answer(guarded, "owner@acme", "SELECT pg_get_viewdef('people_view'::regclass)")
    assert "SELECT" not in answer(guarded, "sales@acme", "SELECT pg_get_viewdef('people_view'::regclass)")
    reads = "SELECT count(*) FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'n'"
    assert answer(guarded, "owner@acme", reads) == "[(1,)]" and answer(guarded, "sales@acme", reads) == "[(0,)]"
