"""What happened has its entries: the end of a transaction that wrote, text that no parser took; and a rule
made in the middle of a transaction holds in it."""
import json

import psycopg
import pytest

from harness import Server


def entries(installation):
    lines = b"".join(p.read_bytes() for p in sorted(installation.audit.glob("*")) if p.is_file())
    return [json.loads(line) for line in lines.splitlines() if line.startswith(b"{")]


def ends(installation, word):
    return [(e["kind"], e.get("error_code")) for e in entries(installation)
            if e.get("sql_redacted") == word]


def test_ends_of_transactions_that_wrote(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme", autocommit=False) as conn:
            conn.execute("CREATE TABLE t (a int)")
            conn.commit()
            assert ends(fresh, "COMMIT") == [("intent", None), ("outcome", None)]
            conn.execute("INSERT INTO t VALUES (1)")
            conn.rollback()
            assert ends(fresh, "ROLLBACK") == [("outcome", None)]
            conn.execute("SELECT a FROM t")
            conn.commit()
            assert len(ends(fresh, "COMMIT")) == 2
            conn.execute("INSERT INTO t VALUES (2)")
            with pytest.raises(psycopg.Error):
                conn.execute("SELECT 1 / 0")
            conn.rollback()
            assert len(ends(fresh, "ROLLBACK")) == 2
    assert fresh.run("audit", "verify", fresh.audit).returncode == 0


@pytest.mark.parametrize("extended", [False, True])
def test_what_does_not_parse_is_on_record(fresh, extended):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            for sql in ("ATTACH '/tmp/x.db' AS x", "SELEC \x1b[31m\n1", "INSTALL httpfs"):
                with pytest.raises(psycopg.Error):
                    conn.execute(sql, prepare=extended, binary=extended)
    said = [e["sql_redacted"] for e in entries(fresh) if e.get("error_code")]
    assert any("ATTACH" in s for s in said) and any("INSTALL" in s for s in said)
    assert any("SELEC" in s for s in said)


def test_a_tag_given_in_a_transaction_holds_in_it(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE notes (id int, note text)")
            conn.execute("INSERT INTO notes VALUES (1, 'plugh')")
        fresh.set_policy("acme", {"name": "pii", "type": "column_masking", "rules": [
            {"tag": "pii", "function": "full", "exempt_roles": ["owner"]}]})
        with server.connect("developer@acme", autocommit=False) as conn:
            conn.execute("CREATE TABLE mine (a int)")  # from here on a catalog of its own
            assert conn.execute("SELECT note FROM notes").fetchall() == [("plugh",)]
            fresh.run("tag", "add", "public.notes.note", "pii", "--org", "acme")
            assert conn.execute("SELECT note FROM notes").fetchall() == [("***",)]
            conn.rollback()
