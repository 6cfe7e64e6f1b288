"""Masks that show a column in another type (as_text, JSON, ENUM): used, they are the text that they are when shown."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer

TYPES = {  # the column, its values
    "n": ("int", ["1234567", "-98765432", "7", None]), "big": ("hugeint", ["170141183460469231731687303715884105727", "-5", "0", None]),
    "money": ("decimal(18,4)", ["12345.6700", "-0.5000", "0.0001", None]), "small": ("utinyint", ["255", "0", "10", None]),
    "code": ("uuid", ["0190f3a2-7b1c-7def-8123-456789abcdef"] * 3 + [None]),
    "flag": ("bool", ["true", "false", "true", None]), "day": ("date", ["2026-01-31", "1999-12-31", "2000-01-01", None]),
    "hour": ("time", ["01:02:03.5", "23:59:59.000001", "12:00:00", None]),
    "seen": ("timestamp", ["2026-01-31 01:02:03.25", "1999-12-31 00:00:00", "2000-01-01 12:00:00", None]),
    "doc": ("json", ['{"a":  1}', '[1, 2.50]', '"Zoë ☃"', None]), "mood": ("feeling", ["happy", "sad", "so-so", None]),
}
FULL = {"f": ("double", ["1e300", "-0.5", "nan", None]), "zoned": ("timestamptz", ["2026-01-31 01:02:03+01"] * 3 + [None]),
        "list": ("int[]", ["[1,2]", "[]", "[NULL]", None])}
FUNCTIONS = ["partial", "hash", "full"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("astext") / "data")
    more = {"exempt_roles": ["owner"], "as_text": True}
    rules = [{"table": f"public.{f}_t", "column": c, "function": f, **more} for f in FUNCTIONS for c in TYPES]
    rules += [{"table": "public.full_t", "column": c, "function": "full", **more} for c in FULL]
    rules += [{"table": "public.hash_t", "column": c, "function": "hash", **more} for c in FULL]
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": rules})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("SET hatidata_dialect = 'duckdb'")
            conn.execute("CREATE TYPE feeling AS ENUM ('happy', 'sad', 'so-so')")
            for f in FUNCTIONS:
                columns = TYPES | FULL
                conn.execute(f"CREATE TABLE {f}_t (id int, " + ", ".join(f"{c} {t}" for c, (t, _) in columns.items()) + ")")
                for i in range(4):
                    values = ["NULL" if v[i] is None else f"CAST('{v[i]}' AS {t})" for t, v in columns.values()]
                    conn.execute(f"INSERT INTO {f}_t VALUES ({i}, {', '.join(values)})")
        yield server


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_computed_is_what_is_shown(shown, function):
    columns = list(TYPES | FULL) if function == "full" else list(TYPES)
    with shown.connect("developer@acme") as conn:
        bare = conn.execute(f"SELECT {', '.join(columns)} FROM {function}_t ORDER BY id").fetchall()
        used = conn.execute(f"SELECT {', '.join(c + ' || chr(33)' for c in columns)} FROM {function}_t ORDER BY id").fetchall()
        conn.execute(f"CREATE OR REPLACE TABLE kept AS SELECT * FROM {function}_t" if function == "full" else
                     f"CREATE OR REPLACE TABLE kept AS SELECT id, {', '.join(columns)} FROM {function}_t")
    kept = answer(shown, "owner@acme", f"SELECT {', '.join(columns)} FROM kept ORDER BY id")
    assert used == [tuple(v and v + "!" for v in row) for row in bare]
    assert kept == str(bare)
    assert all(v is None for v in bare[3]) and all(v is not None for row in bare[:3] for v in row)
    for column, at in zip(columns, range(len(columns))):
        for i in range(3):
            raw, seen = (TYPES | FULL)[column][1][i], bare[i][at]
            raw = raw[0] if column == "flag" else raw
            assert seen == "***" if function == "full" else len(seen) == 64 if function == "hash" else \
                seen == ("***" + raw[-4:] if len(raw) > 4 else "***"), (column, raw, seen)


def test_its_type_is_text_wherever_it_is_used(shown):
    with shown.connect("analyst@acme") as conn:
        assert conn.execute("SELECT count(*), min(n), count(DISTINCT money) FROM partial_t WHERE n LIKE '***%'").fetchone() == \
            (3, "***", 3)
        assert conn.execute("SELECT p.id, q.id FROM hash_t p JOIN hash_t q ON p.doc = q.doc ORDER BY 1").fetchall() == \
            [(0, 0), (1, 1), (2, 2)]
        assert conn.execute("SELECT mood, count(*) FROM full_t GROUP BY 1 ORDER BY 2").fetchall() == [(None, 1), ("***", 3)]
        assert conn.execute("SELECT n FROM partial_t UNION SELECT 'x' ORDER BY 1 NULLS FIRST").fetchall() == \
            [(None,), ("***",), ("***4567",), ("***5432",), ("x",)]
        for sql in ("SELECT sum(n) FROM partial_t", "SELECT n + 1 FROM partial_t", "SELECT list[1] + 1 FROM full_t"):
            with pytest.raises(psycopg.Error):
                conn.execute(sql)


@pytest.mark.parametrize("sql", ["SELECT f || '' FROM hash_t", "SELECT 1 FROM hash_t WHERE zoned IS NULL",
                                 "SELECT f, count(*) FROM hash_t GROUP BY 1", "CREATE TABLE x AS SELECT list FROM hash_t"])
def test_what_has_two_texts_is_only_shown(shown, sql):
    assert answer(shown, "developer@acme", sql).startswith("42501")


def test_it_is_shown_beside_them(shown):
    with shown.connect("analyst@acme") as conn:
        assert all(len(v) == 64 for v in conn.execute("SELECT f, flag, day, zoned, list FROM hash_t WHERE id = 0").fetchone())


def test_a_prepared_plan_keeps_its_types(shown):
    with shown.connect("analyst@acme") as conn:
        for _ in range(8):
            assert conn.execute("SELECT id FROM partial_t WHERE n = %s", ("***4567",), prepare=True).fetchall() == [(0,)]
            assert conn.execute("SELECT id FROM partial_t WHERE n = %s", ("1234567",), prepare=True).fetchall() == []


def test_every_time_has_one_digest(shown):
    """Before our era, at the ends of the types, and in between: shown and used, the same text is digested."""
    with shown.connect("owner@acme") as conn:
        conn.execute("SET hatidata_dialect = 'duckdb'")
        conn.execute("CREATE TABLE times (day date, seen timestamp, hour time, flag bool)")
        conn.execute("INSERT INTO times SELECT DATE '1970-01-01' + CAST(r.i * 1117 AS int), TIMESTAMP '1970-01-01 00:00:00' + "
                     "to_days(CAST(r.i * 911 AS int)) + to_microseconds(r.i * 7777777), TIME '00:00:00' + to_microseconds(abs(r.i) * 41000001), "
                     "r.i % 2 = 0 FROM range(-2000, 2000) AS r(i)")
        for day in ("infinity", "-infinity", "0001-01-01", "0001-12-31 (BC)", "5881580-07-10", "5877642-06-25 (BC)", "10000-01-01"):
            conn.execute(f"INSERT INTO times (day) VALUES (CAST('{day}' AS date))")
        for seen in ("infinity", "-infinity", "0001-01-01 00:00:00", "0044-03-15 (BC) 12:00:00.5", "290000-01-01 00:00:00.000001"):
            conn.execute(f"INSERT INTO times (seen) VALUES (CAST('{seen}' AS timestamp))")
    shown.installation.set_policy("acme", {"name": "times", "type": "column_masking", "rules": [
        {"table": "times", "column": "*", "function": "hash", "as_text": True, "exempt_roles": ["owner"]}]})
    with shown.connect("developer@acme") as conn:
        for column in ("day", "seen", "hour", "flag"):
            bare, used = (sorted(conn.execute(f"SELECT {value} FROM times").fetchall(), key=str) for value in (column, column + " || ''"))
            assert used == bare
            assert (None,) in bare and len(set(bare)) > (2 if column == "flag" else 1000)
