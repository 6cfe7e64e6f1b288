"""Settings that a user chooses shape what he is shown; they must not change what is masked, nor lead anywhere."""
import psycopg
import pytest

from harness import Server, make_installation

ZONES = ["UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"]
STYLES = ["ISO", "German", "Postgres, DMY"]


@pytest.fixture(scope="module")
def masked(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("settings") / "data", orgs=("acme",))
    rule = {"table": "public.seen", "exempt_roles": ["owner"], "as_text": True}
    inst.set_policy("acme", {"name": "times", "type": "column_masking", "rules": [
        {**rule, "column": "part", "function": "partial", "visible_chars": 6},
        {**rule, "column": "digest", "function": "hash"}, {**rule, "column": "raw", "function": "hash"}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE seen (id int, part timestamptz, digest timestamptz, raw bytea)")
            for i, at in enumerate(["2024-07-01 12:34:56.789+00", "0044-03-15 10:00:00+00 BC", "infinity"]):
                conn.execute("INSERT INTO seen VALUES (%s, %s::timestamptz, %s::timestamptz, %s)", [i, at, at, bytes([0, 255, i])])
        yield server


def answers(conn):
    # Masked instants can't be computed with, or the zone would be in what is computed.
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT part || '' FROM seen")
    return conn.execute("SELECT part, digest, raw FROM seen ORDER BY id").fetchall()


def test_masks_are_the_same_in_every_zone_and_style(masked):
    seen = set()
    with masked.connect("analyst@acme", options="'-c hatidata.dialect=postgres'") as conn:
        for zone in ZONES:
            for style in STYLES:
                conn.execute(f"SET TimeZone = '{zone}'; SET DateStyle = '{style}'; SET bytea_output = escape; SET extra_float_digits = -15")
                seen.add(tuple(answers(conn)))
    assert len(seen) == 1
    part = [row[0] for row in seen.pop()]
    assert part == ["***789+00", "***+00 BC", "***finity"]


@pytest.mark.parametrize("zone", ["../../../etc/passwd", "/etc/passwd", "..", "Europe/../../passwd", "Europe", "zone.tab", "tzdata.zi",
                                  "", "x" * 300, "UTC'; DROP TABLE seen; --"])
def test_a_zone_s_name_leads_nowhere(masked, zone):
    with masked.connect("analyst@acme") as conn:
        with pytest.raises(psycopg.Error) as e:
            conn.execute("SET TimeZone = '" + zone.replace("'", "''") + "'")
        assert e.value.sqlstate == "22023"
        assert conn.execute("SHOW TimeZone").fetchone()[0] == "UTC"


def test_the_engine_s_other_settings_stay_locked(masked):
    with masked.connect("analyst@acme", options="'-c hatidata.dialect=duckdb'") as conn:
        for statement in ("SET threads = 1", "SET allowed_configs = ['threads']", "SET GLOBAL TimeZone = 'Asia/Tokyo'",
                          "SET enable_external_access = true", "SET lock_configuration = false", "RESET memory_limit"):
            with pytest.raises(psycopg.Error):
                conn.execute(statement)
    with masked.connect("analyst@acme") as one, masked.connect("analyst@acme") as other:
        one.execute("SET TimeZone = 'Asia/Tokyo'")
        assert other.execute("SELECT '2024-07-01 12:00:00+00'::timestamptz::text").fetchone()[0].startswith("2024-07-01 12:00:00")


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("owned") / "data", orgs=("acme",))
    inst.set_policy("acme", {"name": "mine", "type": "row_level_security", "rules": [
        {"table": "public.of_me", "filter": "owner = current_setting('app.user', true)", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "ssn", "type": "column_masking", "rules": [
        {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE of_me (owner text)")
            conn.execute("INSERT INTO of_me VALUES ('ada')")
            conn.execute("CREATE TABLE people (ssn text)")
            conn.execute("INSERT INTO people VALUES ('901-11-2222')")
        yield server


def test_a_parameter_of_the_clients_own_is_no_identity(owned):
    with owned.connect("analyst@acme") as conn:
        conn.execute("SET app.user = 'ada'")
        assert conn.execute("SELECT current_setting('app.user')").fetchone() == ("ada",)
        try:
            assert conn.execute("SELECT * FROM of_me").fetchall() == []
        except psycopg.errors.InsufficientPrivilege:
            pass


def test_a_setting_takes_what_a_query_shows(owned):
    with owned.connect("analyst@acme") as conn:
        conn.autocommit = True
        try:
            conn.execute("SELECT set_config('my.x', (SELECT ssn FROM people), false)")
        except psycopg.errors.InsufficientPrivilege:
            return
        kept = conn.execute("SELECT current_setting('my.x', true)").fetchone()[0]
        assert "901" not in (kept or "") and "2222" not in (kept or "")


def test_savepoints_keep_a_bounded_copy_of_the_parameters(owned):
    with owned.connect("analyst@acme") as conn:
        conn.autocommit = True
        conn.execute("BEGIN")
        for i in range(64):
            conn.execute(f"SET app.v{i} = '{'x' * 8192}'")
        with pytest.raises(psycopg.errors.ProgramLimitExceeded, match="savepoints keep"):
            for i in range(1000):
                conn.execute(f"SAVEPOINT s{i}")
        assert i > 100
        conn.execute("ROLLBACK")
        conn.execute("BEGIN; SAVEPOINT s")  # their room is there again
        conn.execute("PREPARE p AS SELECT 1")
        conn.execute("ROLLBACK")


def test_a_row_of_calls_is_bounded(owned):
    with owned.connect("analyst@acme") as conn:
        conn.autocommit = True
        values = ", ".join(f"repeat('x', 1000000) || '{i}'" for i in range(17))
        with pytest.raises(psycopg.errors.ProgramLimitExceeded, match="together"):
            conn.execute(f"SELECT {values}, set_config('my.wide', 'x', false)")
        assert conn.execute("SELECT current_setting('my.wide', true)").fetchone() == (None,)
        values = ", ".join(f"repeat('x', 1000000) || '{i}'" for i in range(16))
        assert conn.execute(f"SELECT {values}, set_config('my.wide', 'x', false)").fetchone()[16] == "x"
