"""Types that an organization names: nobody else has them, and they are no way to a value."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("types") / "data", orgs=("acme", "globex"))
    inst.add_user("acme", "developer", "dev")
    inst.add_user("acme", "analyst", "ana")
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": "public.moods", "column": "m", "function": "full", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
            conn.execute("CREATE TYPE own AS INTEGER")
            conn.execute("CREATE TABLE moods (id int, m mood)")
            conn.execute("INSERT INTO moods VALUES (1, 'sad')")
        yield server


@pytest.mark.parametrize("name", ["mood", "public.mood", "org_acme.mood", "hati.org_acme.mood",
                                  '"org_acme"."mood"', "main.mood"])
def test_a_type_of_another_organization_is_not_there(types, name):
    for sql in ("SELECT NULL::{}", "CREATE TABLE t (m {})", "DROP TYPE {}",
                "CREATE TYPE mine AS {}"):
        said = answer(types, "owner@globex", sql.format(name))
        assert said.startswith(("42704", "42601", "3F000")), said
        assert "sad" not in said


def test_drop_if_exists_touches_no_other_organization(types):
    for name in ("mood", "public.mood", "org_acme.mood"):
        answer(types, "owner@globex", f"DROP TYPE IF EXISTS {name}")
    assert answer(types, "owner@acme", "SELECT 'ok'::mood") == "[('ok',)]"


def test_the_same_name_means_each_organizations_own(types):
    with types.connect("owner@globex") as conn:
        conn.execute("CREATE TYPE own AS DATE")
        conn.execute("CREATE TABLE d (v own)")
        conn.execute("INSERT INTO d VALUES ('2020-01-02')")
        conn.execute("DROP TYPE own")
        assert str(conn.execute("SELECT v FROM d").fetchone()[0]) == "2020-01-02"
    assert answer(types, "owner@acme", "SELECT 7::own") == "[(7,)]"


def test_labels_are_not_made_of_rows(types):
    assert answer(types, "dev@acme", "CREATE TYPE t AS ENUM (SELECT m FROM moods)").startswith("0A000")


@pytest.mark.parametrize("sql", ["SELECT m::ENUM('sad', 'x') FROM moods", "SELECT m::mood = 'ok' FROM moods",
                                 "SELECT TRY_CAST(m AS ENUM('ok')) FROM moods",
                                 "SELECT enum_code(m) FROM moods",
                                 "SELECT enum_range_boundary(m, NULL) FROM moods"])
def test_a_masked_enumeration_is_the_text_of_its_mask(types, sql):
    said = answer(types, "dev@acme", sql).replace(sql, "")
    assert "sad" not in said and "ok" not in said, said
    assert said.startswith(("[(None,)", "[(False,)", "22", "42")), said


def test_who_changes_no_schema_makes_no_type(types):
    assert answer(types, "ana@acme", "CREATE TYPE t AS INTEGER").startswith("42501")
    assert answer(types, "ana@acme", "DROP TYPE mood").startswith("42501")


def test_a_transaction_that_is_undone_leaves_no_type(types):
    with types.connect("owner@acme", autocommit=True) as conn:
        conn.execute("BEGIN")
        conn.execute("CREATE TYPE gone AS INTEGER")
        assert conn.execute("SELECT 1::gone").fetchall() == [(1,)]
        conn.execute("ROLLBACK")
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT 1::gone")
