"""A large result: never part of one, and flat memory."""
import hashlib

from harness import Server, make_installation


def test_ten_million_rows_in_bounded_memory(tmp_path):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    with Server(inst, "--engine-memory", "256MiB") as server:
        with server.connect("owner@acme") as conn:
            cur = conn.cursor()
            rows = 0
            with cur.copy("COPY (SELECT i, i * 0.5::double AS half, DATE '2000-01-01' + (i % 1000)::int "
                          "AS day, 'row ' || i AS name FROM range(10000000) AS r(i)) TO STDOUT "
                          "WITH (FORMAT binary)") as copy:
                for chunk in copy:
                    rows += len(chunk) > 20
            assert rows >= 10_000_000
        with server.connect("owner@acme") as conn:
            cur = conn.cursor(name=None)
            count, digest = 0, hashlib.sha256()
            for row in cur.stream("SELECT i, i * 0.5::double, DATE '2000-01-01' + (i % 1000)::int, "
                                  "'row ' || i FROM range(10000000) AS r(i)", size=1000):
                count += 1
            assert count == 10_000_000
        peak = server.peak_memory_mib()
        print(f"peak memory {peak:.0f} MiB")
        assert peak < 512


def test_error_at_the_end_of_a_large_result_shows_no_row(server):
    import psycopg
    with server.connect("owner@acme") as conn:
        seen = 0
        try:
            for _ in conn.cursor().stream(
                    "SELECT CASE WHEN i = 1999999 THEN ('x' || i)::int ELSE i END "
                    "FROM range(2000000) AS r(i)"):
                seen += 1
        except psycopg.Error as e:
            assert e.sqlstate == "22P02"
        assert seen == 0


def test_row_cap_is_an_error_not_fewer_rows(fresh):
    import psycopg
    fresh.run("quota", "set", "--org", "acme", "--credits", 1000000, "--rows", 1000)
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        assert len(conn.execute("SELECT * FROM range(1000)").fetchall()) == 1000
        try:
            conn.execute("SELECT * FROM range(1001)")
            raise AssertionError("1001 rows came")
        except psycopg.Error as e:
            assert e.sqlstate == "54000" and "1000" in str(e)
