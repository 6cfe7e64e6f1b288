"""What redaction finds and what it takes too much, a category at a time: the figures are printed."""
import json
import subprocess

import psycopg
import pytest

from harness import BUILD, Server, make_installation
from rest import Rest


def test_recall_and_false_alarms(capsys):
    done = subprocess.run([BUILD / "tests" / "unit" / "test_redact_figures"], capture_output=True, text=True, timeout=300)
    with capsys.disabled():
        print()
        for line in done.stdout.splitlines():
            if any(word in line for word in ("recall", "precision", "false alarms in", "statements changed")):
                print("   ", line.strip())
    assert done.returncode == 0, done.stdout + done.stderr


def test_names_and_requests_are_redacted_as_texts_are(tmp_path):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    with Server(inst) as server, server.connect("owner@acme") as conn:
        conn.execute('CREATE TABLE "ann.named@example.com" ("219-09-9999" int)')
        conn.execute("SET hatidata_request_id = 'of ann.asked@example.com'")
        conn.execute('SELECT "219-09-9999" FROM "ann.named@example.com"')
    raw = b"".join(f.read_bytes() for f in inst.audit.iterdir() if f.is_file())
    assert b"ann." not in raw and b"219-09-9999" not in raw
    entry = [e for e in map(json.loads, raw.splitlines()) if e["kind"] == "outcome" and e["sql_redacted"].startswith("SELECT")][-1]
    assert entry["tables_accessed"] == ["<email>"] and entry["columns_accessed"] == ["<email>.<ssn>"]
    assert entry["request_id"] == "of <email>"


def test_a_refused_insert_shows_no_value_that_a_secrets_column_may_get(tmp_path):
    """Columns without a list are known by the table alone: where that isn't known, too, no value is shown."""
    refused = ["INSERT INTO nowhere VALUES ('ann', 'hunter2')",
               "INSERT INTO users VALUES ('ann', 'hunter2', 3)",
               "INSERT INTO users VALUES ('ann', 'hunter2'",
               "INSERT INTO users SELECT 'ann', 'hunter2' FROM nowhere",
               "INSERT INTO users VALUES ('ann', 'hunter2') RETURNING nothing_there"]
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    with Server(inst) as server, server.connect("owner@acme") as conn, server.connect("auditor@acme") as reader:
        conn.execute("CREATE TABLE users (name text, password text)")
        conn.execute("INSERT INTO users VALUES ('kept', 'hunter2')")
        for sql in refused:
            with pytest.raises(psycopg.Error):
                conn.execute(sql)
            with pytest.raises(psycopg.Error):
                conn.execute(sql, prepare=True, binary=True)
        with pytest.raises(psycopg.Error):
            reader.execute("INSERT INTO users VALUES ('ann', 'hunter2')")
        Rest(server, "owner@acme").error(404, "POST", "/v1/query", {"sql": refused[0]})
    raw = b"".join(f.read_bytes() for f in inst.audit.iterdir() if f.is_file())
    assert b"hunter2" not in raw and b"VALUES ('kept', '<secret>')" in raw
    assert b"INSERT INTO nowhere VALUES ('<secret>', '<secret>')" in raw
