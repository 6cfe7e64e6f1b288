"""What the configuration says of new sessions holds in them, and the metrics tell what happened."""
import contextlib
import select
import socket

import psycopg
import pytest

from harness import Server


@pytest.fixture
def told(fresh):
    fresh.run("quota", "set", "--org", "acme", "--credits", "100")
    with Server(fresh, "--dialect", "duckdb", "--idle-in-transaction-timeout", "300ms",
                "--statement-timeout", "400ms") as s:
        yield s


def metric(server, name):
    line = next(x for x in server.get("/metrics")[1].splitlines() if x.startswith(name + " "))
    return float(line.split()[1])


def test_new_sessions_get_the_configured_defaults(told):
    with told.connect("owner@acme") as conn:
        assert conn.execute("SHOW hatidata.dialect").fetchone() == ("duckdb",)
        assert conn.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("300ms",)
        conn.execute("SET hatidata.dialect = postgres")
        conn.execute("RESET hatidata.dialect")
        assert conn.execute("SHOW hatidata.dialect").fetchone() == ("duckdb",)


def test_an_idle_transaction_ends(told):
    with told.connect("owner@acme") as conn:
        conn.execute("BEGIN")
        assert select.select([conn.fileno()], [], [], 20)[0], "the server speaks first"
        with pytest.raises(psycopg.OperationalError, match="idle-in-transaction timeout"):
            conn.execute("SELECT 1")


def test_no_session_outlasts_the_statement_timeout(told):
    with told.connect("owner@acme") as conn:
        conn.execute("SET statement_timeout = 0")
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute("SELECT count(*) FROM range(10000000) a, range(10000000) b")


def test_a_text_that_is_no_sql_is_on_record(told):
    with told.connect("owner@acme") as conn:
        for run in (conn.execute, lambda text: conn.execute(text, prepare=True)):
            with pytest.raises(psycopg.errors.SyntaxError):
                run("SELEKT 'jane.doe@example.com'")
    log = b"".join(p.read_bytes() for p in told.installation.audit.iterdir() if p.is_file())
    assert log.count(b"HATI_ERR_400_BAD_SQL") == 2
    assert b"jane.doe" not in log


def test_metrics_of_refusals_and_quotas(told):
    with socket.create_connection(("127.0.0.1", told.port), timeout=10) as s:
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            s.recv(1)
    assert metric(told, "hatidata_tls_failures_total") == 1
    with told.connect("owner@acme") as conn:
        conn.execute("SELECT 1")
    assert 0 < metric(told, "hatidata_quota_utilization_ratio") < 1
