"""Errors of constraints as a real PostgreSQL's: code, and the schema, table, column and constraint that a driver reads."""
import psycopg
import pytest

from postgres import MISSING, Postgres, programs

TABLES = [
    "CREATE TABLE pge_town (name text PRIMARY KEY, \"Size\" int NOT NULL, code text UNIQUE, CHECK (\"Size\" > 0))",
    "CREATE TABLE pge_visit (id int, town text REFERENCES pge_town (name), note text, day int, UNIQUE (id, note), CHECK (day < 367))",
    "CREATE UNIQUE INDEX pge_note ON pge_visit (note)",
    "INSERT INTO pge_town VALUES ('Bern', 1, 'a'), ('Rome', 2, 'b')",
    "INSERT INTO pge_visit VALUES (1, 'Bern', 'x', 1), (2, 'Rome', 'y', 2)",
]

# statement -> the kind of constraint in pg_constraint and its columns; None: no constraint
BROKEN = {
    "INSERT INTO pge_town VALUES ('Bern', 5, 'c')": ("p", ["name"]),
    "INSERT INTO pge_town VALUES ('Oslo', 5, 'b')": ("u", ["code"]),
    "INSERT INTO pge_visit VALUES (2, 'Rome', 'y', 3)": None,  # two keys are broken: either may be told
    "INSERT INTO pge_town VALUES ('Oslo', NULL, 'c')": None,
    "INSERT INTO pge_town VALUES ('Oslo', 0, 'c')": ("c", ["Size"]),
    "UPDATE pge_visit SET day = 367": ("c", ["day"]),
    "INSERT INTO pge_visit VALUES (3, 'Oslo', 'z', 3)": ("f", ["town"]),
    "DELETE FROM pge_town WHERE name = 'Rome'": ("f", ["town"]),
    "INSERT INTO pge_town VALUES ('Kyiv', 5, 'd'), ('Kyiv', 6, 'e')": None,
}

CONSTRAINT = """
    SELECT c.contype::text, ARRAY(SELECT a.attname::text FROM pg_attribute a
                                  WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) ORDER BY a.attnum)
    FROM pg_constraint c WHERE c.conname = %s"""


@pytest.fixture(scope="module")
def both(server):
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as peer, peer.connect("postgres") as theirs, \
            server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as ours:
        for statement in TABLES:
            theirs.execute(statement)
            ours.execute(statement)
        yield ours, theirs
        for table in ("pge_visit", "pge_town"):
            ours.execute(f"DROP TABLE {table}")


def failure(connection, statement):
    with pytest.raises(psycopg.Error) as e:
        connection.execute(statement)
    return e.value


def fields(e):
    return e.sqlstate, e.diag.schema_name, e.diag.table_name, e.diag.column_name


@pytest.mark.parametrize("statement", BROKEN)
def test_fields(both, statement):
    ours, theirs = both
    found, wanted = failure(ours, statement), failure(theirs, statement)
    assert fields(found) == fields(wanted)
    if BROKEN[statement]:
        told = [c.execute(CONSTRAINT, (e.diag.constraint_name,)).fetchone() for c, e in ((ours, found), (theirs, wanted))]
        assert told == [BROKEN[statement]] * 2
    for e in (found, wanted):
        assert e.sqlstate != "23502" or e.diag.constraint_name is None


def test_a_unique_index_has_its_own_name(both):
    ours, theirs = both
    statement = "INSERT INTO pge_visit VALUES (9, 'Rome', 'y', 3)"
    for e in (failure(ours, statement), failure(theirs, statement)):
        assert (e.sqlstate, e.diag.table_name, e.diag.constraint_name) == ("23505", "pge_visit", "pge_note")


def test_copy_and_prepared_statements(both):
    for connection in both:
        with pytest.raises(psycopg.errors.CheckViolation) as e:
            with connection.cursor().copy("COPY pge_visit (day) FROM STDIN") as copy:
                copy.write_row([400])
        assert e.value.diag.table_name == "pge_visit"
        with pytest.raises(psycopg.errors.NotNullViolation) as e:
            connection.execute("INSERT INTO pge_town VALUES (%s, %s)", ("Oslo", None), prepare=True)
        assert e.value.diag.column_name == "Size"


def test_other_objects_depend_on_it(both):
    for connection in both:
        assert failure(connection, "DROP TABLE pge_town").sqlstate == "2BP01"
