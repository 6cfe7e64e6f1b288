"""Functions that act on the session: as a real PostgreSQL runs them, beside it."""
import psycopg
import pytest

from postgres import MISSING, Postgres, programs

POSTGRES = "'-c hatidata.dialect=postgres'"


@pytest.fixture(scope="module")
def peer():
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as p:
        yield p


@pytest.fixture
def both(server, peer):
    with server.connect("owner@acme", options=POSTGRES) as ours, peer.connect("postgres") as theirs:
        yield ours, theirs


def answers(connection, steps):
    """What each step says: rows, or the error's code."""
    said = []
    for step in steps:
        sql, params = step if isinstance(step, tuple) else (step, None)
        try:
            cursor = connection.execute(sql, params)
            said.append((sql, cursor.fetchall() if cursor.description else cursor.statusmessage))
        except psycopg.Error as e:
            said.append((sql, e.sqlstate))
    return said


def check(both, steps):
    ours, theirs = both
    assert answers(ours, steps) == answers(theirs, steps)


def test_set_config(both):
    for connection in both:
        connection.autocommit = True
    check(both, [
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "SHOW search_path",
        "SELECT current_schemas(false), current_schema()",
        "CREATE TABLE public.pgs_there (id int)",
        "SELECT count(*) FROM pgs_there",
        "SELECT count(*) FROM public.pgs_there",
        "SELECT count(*) > 0 FROM pg_class",
        "DROP TABLE public.pgs_there",
        "SELECT set_config('search_path', 'public', false), set_config('DateStyle', 'German', false) AS style",
        "SHOW DateStyle",
        ("SELECT set_config('application_name', %s, false)", ("by a parameter",)),
        ("SELECT set_config(%s, %s, %s)", ("application_name", "by three", False)),
        "SHOW application_name",
        "SELECT set_config('application_name', NULL, false)",
        "SELECT current_setting('extra_float_digits') AS cur, set_config('extra_float_digits', '0', false) AS new",
        "SHOW extra_float_digits",
        "SELECT set_config('extra_float_digits', '99', false)",
        "SELECT set_config('no_such_parameter', '1', false)",
        "SELECT set_config('application_name')",
    ])


def test_set_config_follows_transactions(both):
    for connection in both:
        connection.autocommit = True
    check(both, [
        "SET application_name = 'before'",
        "SELECT set_config('application_name', 'gone', true)",
        "SHOW application_name",
        "BEGIN", "SELECT set_config('application_name', 'local', true)", "SHOW application_name", "COMMIT",
        "SHOW application_name",
        "BEGIN", "SELECT set_config('application_name', 'undone', false)", "ROLLBACK", "SHOW application_name",
        "BEGIN", "SELECT set_config('application_name', 'kept', false)", "COMMIT", "SHOW application_name",
        "BEGIN", "SAVEPOINT a", "SELECT set_config('my.x', 'inner', false)", "ROLLBACK TO a",
        "SELECT current_setting('my.x', true)", "COMMIT",
        "BEGIN READ ONLY", "SELECT set_config('application_name', 'read', false)", "COMMIT", "SHOW application_name",
    ])


def test_parameters_of_the_clients_own(both):
    for connection in both:
        connection.autocommit = True
    check(both, [
        "SELECT current_setting('myapp.tenant', true)",
        "SELECT current_setting('myapp.tenant')",
        "SHOW myapp.tenant",
        "SET myapp.tenant = 'one'",
        "SELECT current_setting('myapp.tenant'), current_setting('MyApp.Tenant', true)",
        "SHOW myapp.tenant",
        "BEGIN", "SET LOCAL myapp.tenant = 'two'", "SELECT current_setting('myapp.tenant')", "COMMIT",
        "SELECT current_setting('myapp.tenant')",
        "BEGIN", "SELECT set_config('myapp.other', '5', true)", "SELECT current_setting('myapp.other')::int + 1", "COMMIT",
        "SELECT current_setting('myapp.other', true)",
        "RESET myapp.tenant", "SELECT current_setting('myapp.tenant', true)",
        "SET myapp.tenant TO 'three'", "RESET ALL", "SELECT current_setting('myapp.tenant', true)",
        "SET myapp.tenant TO 'four'", "DISCARD ALL", "SELECT current_setting('myapp.tenant', true)",
        "SELECT count(*) FROM pg_settings WHERE name LIKE 'myapp%'",
        "SET plain_name = 1",
    ])


def test_parameters_at_the_start(server):
    with server.connect("owner@acme", options="'-c myapp.tenant=start'") as conn:
        conn.autocommit = True
        conn.execute("SET myapp.tenant = 'other'")
        conn.execute("RESET myapp.tenant")
        assert conn.execute("SHOW myapp.tenant").fetchone() == ("start",)


def test_parameters_are_bounded(server):
    with server.connect("owner@acme") as conn:
        conn.autocommit = True
        for i in range(64):
            conn.execute(f"SET my.p{i} = '{i}'")
        with pytest.raises(psycopg.Error, match="at most 64"):
            conn.execute("SET my.p64 = 'x'")
        conn.execute("SET my.p3 = 'again'")
        with pytest.raises(psycopg.Error, match="at most 8192"):
            conn.execute("SET my.p3 = '" + "x" * 8193 + "'")
        assert conn.execute("SHOW my.p3").fetchone() == ("again",)
        for name in ("hatidata.role_of_mine", "hatidata.no_such"):
            with pytest.raises(psycopg.errors.UndefinedObject):
                conn.execute(f"SET {name} = 'x'")


def test_in_other_places_it_is_refused(both):
    ours, _ = both
    ours.autocommit = True
    for sql in ("SELECT upper(set_config('my.x', 'y', false))", "SELECT 1 WHERE set_config('my.x', 'y', false) = 'y'",
                "SELECT (SELECT set_config('my.x', 'y', false))", "SELECT set_config('my.x', 'y', false) UNION SELECT 'z'",
                "SELECT DISTINCT set_config('my.x', 'y', false) FROM (VALUES (1)) v",
                "SELECT set_config('my.x', max(v), false) FROM (VALUES ('y')) t(v) GROUP BY v",
                "SELECT set_config('my.x', v, false) AS c FROM (VALUES ('y')) t(v) ORDER BY c",
                "SELECT v, set_config('my.x', v, false) FROM (VALUES ('y')) t(v) ORDER BY 2",
                "SELECT *, set_config('my.x', v, false) FROM (VALUES ('y')) t(v)",
                "SELECT set_config('my.x', 'y', false), current_setting('my.x')",
                "SELECT set_config('my.x', 'y', false), (SELECT count(*) FROM pg_settings)",
                "SELECT current_setting('my.x', true), set_config('my.x', v, false) FROM (VALUES ('y')) t(v)",
                "CREATE TABLE my_x AS SELECT set_config('my.x', 'y', false)"):
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            ours.execute(sql)
    assert ours.execute("SELECT current_setting('my.x', true)").fetchone() == (None,)


def test_for_each_row(both):
    for connection in both:
        connection.autocommit = True
    check(both, [
        "SELECT v, set_config('my.x', v, false), v || '!' FROM (VALUES ('a'), ('b'), ('c')) t(v) ORDER BY 1 DESC",
        "SHOW my.x",
        "SELECT set_config('my.x', v, false) AS c, v FROM (VALUES ('a'), ('b'), ('c')) t(v) ORDER BY v LIMIT 2",
        "SHOW my.x",
        "SELECT set_config('my.x', v, false), n, set_config('my.y', n::text, false) FROM (VALUES ('a', 1), ('b', 2)) t(v, n) ORDER BY 2",
        "SELECT current_setting('my.x'), current_setting('my.y')",
        "SELECT set_config('my.x', 'never', false) FROM (VALUES (1)) t(v) WHERE v > 1",
        "SHOW my.x",
        "SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'no_such_name'",
        "SELECT set_config('my.x', max(v), false), count(*) FROM (VALUES ('a'), ('z')) t(v)",
        "WITH t AS (SELECT 'by a name' AS v) SELECT set_config('my.x', v, false) FROM t",
        ("SELECT set_config('my.x', v || %s, false) FROM (VALUES ('a'), ('b')) t(v) ORDER BY v", ("?",)),
        "SELECT set_config('my.x', v, false) FROM (VALUES (NULL), ('b')) t(v) ORDER BY v NULLS FIRST",
        "SELECT i, pg_try_advisory_lock(i) FROM generate_series(1, 3) g(i) ORDER BY i",
        "SELECT pg_advisory_unlock(i), i, pg_advisory_unlock(i) FROM generate_series(1, 3) g(i) ORDER BY i",
        "SELECT pg_advisory_lock(i) FROM generate_series(1, 3) g(i)",
        "SELECT pg_advisory_unlock_all() FROM generate_series(1, 2)",
        "SELECT pg_advisory_unlock(i) FROM generate_series(1, 3) g(i) ORDER BY i",
    ])


def test_rows_are_bounded(both):
    ours, _ = both
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        ours.execute("SELECT pg_try_advisory_lock(1) FROM generate_series(1, 1000000)")
    ours.rollback()
    assert ours.execute("SELECT pg_advisory_unlock(1)").fetchone() == (False,)


def test_lock_table(both):
    for connection in both:
        connection.autocommit = True
    check(both, [
        "CREATE TABLE locked (id int)", "CREATE VIEW locked_view AS SELECT id FROM locked",
        "LOCK TABLE locked IN ACCESS SHARE MODE",
        "BEGIN", "LOCK TABLE locked IN ACCESS SHARE MODE", "LOCK locked, ONLY public.locked IN ROW SHARE MODE NOWAIT",
        "LOCK TABLE locked_view IN ACCESS SHARE MODE", "COMMIT",
        "BEGIN READ ONLY", "LOCK TABLE locked IN ACCESS SHARE MODE", "COMMIT",
        "BEGIN", "LOCK TABLE never_made IN ACCESS SHARE MODE", "ROLLBACK",
        "LOCK TABLE locked IN SOME MODE",
        "DROP VIEW locked_view", "DROP TABLE locked",
    ])
    ours, _ = both
    ours.execute("CREATE TABLE locked (id int)")
    for mode in ("", " IN ROW EXCLUSIVE MODE", " IN SHARE UPDATE EXCLUSIVE MODE", " IN SHARE MODE", " IN SHARE ROW EXCLUSIVE MODE",
                 " IN EXCLUSIVE MODE", " IN ACCESS EXCLUSIVE MODE"):
        ours.execute("BEGIN")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="MODE is not supported"):
            ours.execute("LOCK TABLE locked" + mode)
        ours.execute("ROLLBACK")
    ours.execute("DROP TABLE locked")


def test_acldefault(both):
    check(both, [f"SELECT replace(acldefault('{kind}', 10)::text, current_user, 'owner') IS NOT NULL" for kind in "rsdflLnptFST"])


def test_binary_results(both):
    for connection in both:
        cursor = connection.execute("SELECT 7::int AS n, set_config('my.x', 'ü', false) AS v", binary=True)
        assert cursor.fetchall() == [(7, "ü")]
        assert [c.type_code for c in cursor.description] == [23, 25]


def test_numbers_of_transactions(both):
    for connection in both:
        connection.autocommit = True
        connection.execute("CREATE TABLE public.pgs_written (id int)")
        one, two = (connection.execute("SELECT txid_current()").fetchone()[0] for _ in range(2))
        assert 0 < one < two
        with connection.transaction():
            unasked = connection.execute("SELECT txid_current_if_assigned()").fetchone()[0]
            mine = connection.execute("SELECT txid_current(), pg_current_xact_id()::text::bigint").fetchone()
            again = connection.execute("SELECT txid_current_if_assigned(), txid_current()").fetchone()
        assert unasked is None and mine[0] == mine[1] == again[0] == again[1] > two
        with connection.transaction():
            connection.execute("INSERT INTO public.pgs_written VALUES (1)")
            assert connection.execute("SELECT txid_current_if_assigned()").fetchone()[0] > mine[0]
        assert connection.execute("SELECT txid_current_if_assigned()").fetchone() == (None,)
        connection.execute("DROP TABLE public.pgs_written")


def test_a_foreign_key_names_a_schema_where_it_must(both):
    for connection in both:
        connection.autocommit = True
        connection.execute("SET search_path = 'public'")
        connection.execute("CREATE TABLE public.pgs_to (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE public.pgs_from (id int REFERENCES public.pgs_to (id))")
    asked = ("SELECT pg_get_constraintdef(c.oid), pg_get_constraintdef(c.oid, true) FROM pg_constraint c "
             "JOIN pg_class t ON t.oid = c.conrelid WHERE t.relname = 'pgs_from' AND c.contype = 'f'")
    check(both, [asked, "SELECT set_config('search_path', '', false)", asked])
    for connection in both:
        connection.execute("DROP TABLE public.pgs_from")
        connection.execute("DROP TABLE public.pgs_to")
