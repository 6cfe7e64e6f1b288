"""Statements of other systems: refused by what they are, and what they carry is nowhere afterwards."""
import psycopg
import pytest

from harness import Server, make_installation

SECRET = "hunter2-never-written"
STATEMENTS = [
    f"CREATE USER u PASSWORD = '{SECRET}'",
    f"CREATE USER u PASSWORD = {SECRET}",
    f"CREATE USER u IDENTIFIED BY {SECRET}",
    f"ALTER USER u SET PASSWORD TO '{SECRET}'",
    f"CREATE STAGE s URL = 's3://b' CREDENTIALS = (AWS_SECRET_KEY = '{SECRET}')",
    f"CREATE SECRET s (TYPE s3, KEY_ID {SECRET}, SECRET {SECRET})",
    f"COPY INTO t FROM 's3://b' CREDENTIALS = (AWS_TOKEN = '{SECRET}')",
    f"ATTACH 'x' AS y (ENCRYPTION_KEY '{SECRET}')",
    f"EXECUTE IMMEDIATE $$ALTER USER u SET PASSWORD = '{SECRET}'$$",
    f"CREATE SECURITY INTEGRATION i OAUTH_CLIENT_SECRET = '{SECRET}'",
    f"BEGIN ALTER USER u SET PASSWORD = '{SECRET}'; RETURN 1; END",
    f"GRANT SELECT ON t TO u IDENTIFIED BY '{SECRET}'",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("foreign") / "data", orgs=("acme",))
    with Server(inst) as server:
        yield server


@pytest.mark.parametrize("dialect", ["snowflake", "postgres", "duckdb"])
def test_refused_by_name_and_nothing_kept(server, dialect):
    with server.connect("owner@acme") as conn:
        conn.execute(f"SET hatidata.dialect = '{dialect}'")
        for statement in STATEMENTS:
            with pytest.raises(psycopg.errors.FeatureNotSupported) as e:
                conn.execute(statement)
            said = e.value.diag
            assert "is not supported" in said.message_primary and said.statement_position == "1"
            assert SECRET not in f"{said.message_primary}{said.message_detail}{said.message_hint}"
        with pytest.raises(psycopg.errors.SyntaxError):  # on record too, though it can't be read
            conn.execute(f"ALTER USER u SET PASSWORD = {SECRET} oops (")
    assert SECRET not in server.log()
    kept = [p for p in server.installation.path.rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]
    assert not kept
    written = b"".join(p.read_bytes() for p in (server.installation.path / "audit").rglob("*") if p.is_file())
    assert written.count(b"<secret>") >= len(STATEMENTS)
