"""psqlODBC by way of unixODBC: the driver under Excel, Tableau, Power BI and their like."""
import datetime
import decimal
import pathlib

import pytest

pyodbc = pytest.importorskip("pyodbc", reason="no unixODBC here (apt: unixodbc)", exc_type=ImportError)
DRIVERS = sorted(pathlib.Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))
pytestmark = pytest.mark.skipif(not DRIVERS, reason="no psqlODBC here (apt: odbc-postgresql)")


def connection(server, monkeypatch, tmp_path, **more):
    """psqlODBC looks for the CA where libpq does: in the home folder."""
    home = tmp_path / ".postgresql"
    home.mkdir(exist_ok=True)
    (home / "root.crt").write_bytes(server.installation.ca.read_bytes())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGSSLROOTCERT", str(home / "root.crt"))
    p = server.installation.principals["owner@acme"]
    parts = {"Driver": DRIVERS[0], "Servername": "localhost", "Port": server.port, "Database": "hatidata", "Username": p.user,
             "Password": p.key, "SSLmode": "verify-full", "ConnSettings": "SET+hatidata.dialect%3D'postgres'", **more}
    return pyodbc.connect(";".join(f"{k}={v}" for k, v in parts.items()), autocommit=True)


@pytest.fixture(params=[0, 1], ids=["rows at once", "declare and fetch"])
def conn(server, system_catalog, monkeypatch, tmp_path, request):
    c = connection(server, monkeypatch, tmp_path, UseDeclareFetch=request.param, Fetch=10)
    yield c
    c.close()


def test_values(conn):
    row = conn.execute("SELECT 7, CAST(1099511627776 AS bigint), 'é', CAST(0.1 AS float8), CAST('1.50' AS numeric(10,2)), "
                       "DATE '2024-02-29', TIMESTAMP '2024-02-29 12:34:56.789', NULL, CAST(true AS bool)").fetchone()
    assert tuple(row)[:8] == (7, 1 << 40, "é", 0.1, decimal.Decimal("1.50"), datetime.date(2024, 2, 29),
                              datetime.datetime(2024, 2, 29, 12, 34, 56, 789000), None)
    assert row[8] in (True, "1")


def test_many_rows(conn):
    assert [r[0] for r in conn.execute("SELECT i FROM range(95) AS r(i) ORDER BY i")] == list(range(95))


def test_parameters_and_batches(conn):
    conn.execute("CREATE TABLE odbc_rows (a int, b varchar(20), c numeric(10,2), d date)")
    k = conn.cursor()
    k.executemany("INSERT INTO odbc_rows VALUES (?, ?, ?, ?)",
                  [(i, f"n{i}", decimal.Decimal(i) / 4, datetime.date(2024, 1, 1 + i)) for i in range(20)])
    assert conn.execute("SELECT count(*) FROM odbc_rows WHERE a < ? AND d >= ?", 10, datetime.date(2024, 1, 3)).fetchval() == 8
    assert conn.execute("SELECT b FROM odbc_rows WHERE c = ?", decimal.Decimal("1.25")).fetchval() == "n5"
    assert conn.execute("UPDATE odbc_rows SET b = ? WHERE a >= ?", "x", 18).rowcount == 2
    conn.execute("DROP TABLE odbc_rows")


def test_transactions_and_errors(conn):
    conn.execute("CREATE TABLE odbc_tx (a int)")
    conn.autocommit = False
    conn.execute("INSERT INTO odbc_tx VALUES (1)")
    conn.rollback()
    conn.execute("INSERT INTO odbc_tx VALUES (2)")
    conn.commit()
    with pytest.raises(pyodbc.Error) as e:
        conn.execute("SELECT * FROM no_such_table")
    assert e.value.args[0] == "42S02" or "42P01" in str(e.value)
    conn.rollback()
    assert [tuple(r) for r in conn.execute("SELECT a FROM odbc_tx")] == [(2,)]
    conn.commit()
    conn.autocommit = True
    conn.execute("DROP TABLE odbc_tx")
