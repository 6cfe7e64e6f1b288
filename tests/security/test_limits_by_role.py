"""How long a statement may run and how many rows it may give, by role: the lowest of role, organization,
session and server holds, in every way to run a statement."""
import time

import psycopg
import pytest

from harness import Server, make_installation

LONG = "SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3"
ROWS = "SELECT i FROM range(101) t(i)"


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("limits") / "data")
    with Server(inst, "--dialect", "duckdb", "--workers", "4") as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE notes (id int)")
        yield server


@pytest.fixture
def limit(limited):
    """Sets limits, and takes them away afterwards."""
    given = []
    def give(*options):
        given.append(options)
        limited.installation.run("quota", "set", "--org", "acme", *options)
    yield give
    for options in given:
        role = dict(zip(options[::2], options[1::2])).get("--role")
        more = ["--role", role, "--rows", "0"] if role else []
        limited.installation.run("quota", "set", "--org", "acme", "--statement-ms", "0", *more)


def simple(conn, sql):
    return psycopg.ClientCursor(conn).execute(sql).fetchall()


def extended(conn, sql):
    return conn.execute(sql, prepare=True, binary=True).fetchall()


def copy_to(conn, sql):
    with conn.cursor().copy(f"COPY ({sql}) TO STDOUT") as copy:
        return [row for row in copy]


def cursor(conn, sql):
    conn.execute(f"DECLARE c CURSOR WITH HOLD FOR {sql}")
    try:
        return conn.execute("FETCH ALL FROM c").fetchall()
    finally:
        conn.execute("CLOSE c")


def made(conn, sql):
    conn.execute(f"CREATE TEMP TABLE made AS {sql}")
    return [()]


WAYS = [simple, extended, copy_to, cursor]


def stopped(call, *args):
    begun = time.monotonic()
    with pytest.raises(psycopg.Error) as e:
        call(*args)
    return e.value, time.monotonic() - begun


@pytest.mark.parametrize("way", WAYS + [made])
def test_time(limited, limit, way):
    limit("--role", "developer", "--statement-ms", "400")
    with limited.connect("developer@acme") as conn:
        why, took = stopped(way, conn, LONG)
        assert why.sqlstate == "57014" and "developer may run for 400 ms" in why.diag.message_hint
        assert 0.3 < took < 10
        assert way(conn, "SELECT 1 AS one")
    with limited.connect("owner@acme") as conn:
        conn.execute("SET statement_timeout = 1500")
        _, took = stopped(way, conn, LONG)
        assert took > 1.4, "another role has no such limit"


@pytest.mark.parametrize("way", WAYS)
def test_rows(limited, limit, way):
    limit("--role", "analyst", "--rows", "100")
    with limited.connect("analyst@acme") as conn:
        why, _ = stopped(way, conn, ROWS)
        assert why.diag.sqlstate == "54000" and "more than the 100 rows" in str(why)
        assert len(way(conn, ROWS + " LIMIT 100")) == 100
    with limited.connect("owner@acme") as conn:
        assert len(way(conn, ROWS)) == 101


def test_rows_of_copy_from(limited, limit):
    limit("--role", "developer", "--rows", "100")
    def load(who, n):
        with limited.connect(who) as conn, conn.cursor().copy("COPY notes FROM STDIN") as copy:
            for i in range(n):
                copy.write_row([i])
    why, _ = stopped(load, "developer@acme", 101)
    assert why.sqlstate == "54000"
    with limited.connect("owner@acme") as conn:
        assert conn.execute("SELECT count(*) FROM notes").fetchone() == (0,)
    load("developer@acme", 100)
    load("owner@acme", 101)


def test_time_of_copy_from(limited, limit):
    limit("--role", "developer", "--statement-ms", "20")
    def load():
        with limited.connect("developer@acme") as conn, conn.cursor().copy("COPY notes FROM STDIN") as copy:
            copy.write(b"1\n" * 2000000)
    why, _ = stopped(load)
    assert why.sqlstate == "57014"


def test_the_lowest_holds(limited, limit):
    with limited.connect("analyst@acme") as conn:
        def took():
            return stopped(conn.execute, LONG)[1]
        limit("--statement-ms", "1500")
        assert 1.4 < took() < 5, "of the organization"
        limit("--role", "analyst", "--statement-ms", "300")
        assert took() < 1.4, "of the role"
        limit("--role", "analyst", "--statement-ms", "60000")
        assert 1.4 < took() < 5
        conn.execute("SET statement_timeout = 200")
        assert took() < 1.4, "of the session"
        conn.execute("SET statement_timeout = '1h'")
        assert 1.4 < took() < 5, "which raises nothing"
        limit("--role", "analyst", "--rows", "200")
        assert len(conn.execute(ROWS).fetchall()) == 101
        assert stopped(conn.execute, "SELECT i FROM range(201) t(i)")[0].sqlstate == "54000"


def test_a_grant_has_the_limits_of_its_role(limited, limit):
    limit("--role", "analyst", "--rows", "100")
    limit("--role", "developer", "--rows", "50")
    with limited.connect("analyst@acme") as conn, limited.connect("owner@acme") as boss:
        assert len(conn.execute(ROWS + " LIMIT 100").fetchall()) == 100
        one, = conn.execute("CALL hatidata.request_role('developer', 5, 'x')").fetchone()
        boss.execute(f"CALL hatidata.approve_role('{one}')")
        assert stopped(conn.execute, ROWS + " LIMIT 100")[0].sqlstate == "54000"
        assert len(conn.execute(ROWS + " LIMIT 50").fetchall()) == 50
        boss.execute(f"CALL hatidata.revoke_role('{one}')")
        assert len(conn.execute(ROWS + " LIMIT 100").fetchall()) == 100


def test_another_organization_has_its_own(limited, limit):
    limit("--role", "analyst", "--rows", "10")
    with limited.connect("analyst@globex") as conn:
        assert len(conn.execute(ROWS).fetchall()) == 101


def test_a_limit_holds_for_what_was_prepared(limited, limit):
    with limited.connect("analyst@acme") as conn:
        conn.execute(f"PREPARE p AS {ROWS}")
        assert len(conn.execute("EXECUTE p").fetchall()) == 101
        limit("--role", "analyst", "--rows", "100")
        assert stopped(conn.execute, "EXECUTE p")[0].sqlstate == "54000"


def test_what_is_told(limited, limit):
    inst = limited.installation
    limit("--role", "analyst", "--rows", "100", "--statement-ms", "9000")
    limit("--statement-ms", "60000")
    said = inst.run("quota", "show", "--org", "acme").stdout
    assert "role *\tstatement 60000 ms\n" in said
    assert "role analyst\tstatement 9000 ms\trows 100\n" in said
    for options, why in ((["--role", "root", "--rows", "5"], "the role must be"),
                         (["--role", "analyst", "--credits", "5"], "of the organization"),
                         (["--role", "analyst"], "give --credits"), (["--statement-ms", "-1"], "--statement-ms")):
        done = inst.run("quota", "set", "--org", "acme", *options, check=False)
        assert done.returncode == 1 and why in done.stderr
