"""pg_catalog and information_schema: PostgreSQL's relations, column by column, and what each caller sees in them."""
import json

import psycopg
import pytest
from harness import Server, make_installation
from postgres import MISSING, Postgres, programs

POSTGRES = {"options": "'-c hatidata.dialect=postgres'"}

# PostgreSQL keeps these apart as types of its own; here they are text.
AS_TEXT = {"varchar", "inet", "pg_lsn", "anyarray", "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "_pg_statistic", "numeric",
           "regproc", "regtype"}  # shown by their names
# Snowflake's, behind PostgreSQL's.
MORE = {"tables": ["comment"], "views": ["comment"], "columns": ["comment"]}
DENIED = ("pg_policies", "pg_authid", "pg_shadow", "pg_statistic", "pg_statistic_ext_data", "pg_user_mapping", "pg_hba_file_rules",
          "pg_ident_file_mappings", "pg_file_settings", "pg_config", "pg_largeobject", "pg_replication_origin_status",
          "pg_shmem_allocations", "pg_backend_memory_contexts")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("pg") / "data")
    inst.add_key("limited@acme", "developer@acme.example", "--org", "acme", "--user", "developer@acme.example",
                 "--allow-table", "public.notes")
    with Server(inst) as s:
        with s.connect("owner@acme", **POSTGRES) as owner:
            for sql in (
                    "CREATE TABLE people (id integer PRIMARY KEY, name varchar NOT NULL, born date, pay decimal(12,2) DEFAULT 10, "
                    "tags varchar[], UNIQUE (name, born), CHECK (pay > 0))",
                    "CREATE TABLE notes (id bigint, about integer REFERENCES people (id), said varchar)",
                    "CREATE INDEX notes_about ON notes (about)", "CREATE UNIQUE INDEX notes_id ON notes (id, said)",
                    "CREATE VIEW elders AS SELECT id, name FROM people WHERE born < DATE '1950-01-01'",
                    "CREATE SEQUENCE numbers", "CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE SCHEMA attic",
                    "CREATE TABLE attic.chest (a timestamptz, b json, c uuid)", "CREATE TABLE attic.pg_class (a integer)",
                    "COMMENT ON TABLE people IS 'who is who'", "COMMENT ON COLUMN people.born IS 'when'"):
                owner.execute(sql)
        with s.connect("owner@globex") as other:
            other.execute("CREATE TABLE globex_plans (plan varchar)")
        yield s


@pytest.fixture(scope="module")
def ask(server):
    """Rows of a statement, as one of the callers; each has one connection."""
    open_ = {}

    def rows(who, sql):
        if who not in open_:
            open_[who] = server.connect(who, **POSTGRES)
        return open_[who].execute(sql).fetchall()
    yield rows
    for conn in open_.values():
        conn.close()


# ---- PostgreSQL's own columns ----

@pytest.fixture(scope="module")
def real():
    """Of a PostgreSQL, (schema, relation): its columns with their types."""
    if not programs():
        pytest.skip(MISSING)
    with Postgres() as server, server.connect("postgres") as conn:
        assert conn.execute("SHOW server_version_num").fetchone()[0].startswith("15"), "columns are PostgreSQL 15's"
        return {(schema, name): columns for schema, name, columns in conn.execute(
            "SELECT n.nspname, c.relname, array_agg(a.attname || ' ' || "
            "CASE t.typtype WHEN 'd' THEN b.typname ELSE t.typname END ORDER BY attnum) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 "
            "JOIN pg_type t ON t.oid = atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype "
            "WHERE nspname IN ('pg_catalog', 'information_schema') AND relkind IN ('r', 'v') GROUP BY 1, 2")}


def as_here(column):
    name, _, kind = column.rpartition(" ")
    return f"{name} {'text' if kind in AS_TEXT else kind}"


def test_every_relation_has_postgresqls_columns(server, real):
    wrong, denied = [], set()
    with server.connect("owner@acme", **POSTGRES) as conn:
        names = dict(conn.execute("SELECT oid, typname FROM pg_type").fetchall())
        for (schema, relation), columns in sorted(real.items()):
            try:
                told = conn.execute(f"SELECT * FROM {schema}.{relation} WHERE false").description
            except psycopg.errors.UndefinedTable:
                assert relation.startswith("_pg_"), relation
                continue
            except psycopg.errors.InsufficientPrivilege:
                denied.add(relation)
                continue
            mine = [f"{c.name} {names[c.type_code]}" for c in told]
            want = [as_here(c) for c in columns]
            want += [f"{c} text" for c in MORE.get(relation, [])] if schema == "information_schema" else []
            if mine != want:
                wrong.append((relation, [p for p in zip(mine, want) if p[0] != p[1]] or (mine[len(want):], want[len(mine):])))
    assert not wrong, wrong
    assert denied == set(DENIED)


def test_secrets_are_denied_as_there(server):
    with server.connect("owner@acme", **POSTGRES) as conn:
        for name in DENIED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"permission denied for table {name}"):
                conn.execute(f"SELECT * FROM pg_catalog.{name}")


def test_the_list_of_relations_is_itself_in_the_list(ask):
    rows = ask("owner@acme", "SELECT n.nspname, c.relname, c.relnatts FROM pg_class c JOIN pg_namespace n "
                                     "ON n.oid = c.relnamespace WHERE n.nspname IN ('pg_catalog', 'information_schema')")
    assert ("pg_catalog", "pg_class", 33) in rows and len(rows) > 150
    counted = ask("owner@acme", "SELECT count(*) FROM pg_attribute WHERE attrelid = 1259")
    assert counted == [(33,)]


def test_types_have_postgresqls_numbers(ask, real):
    mine = ask("owner@acme", "SELECT typname, oid, typarray, typelem, typcategory, typlen, typtype, typbyval, typalign, "
                                     "typstorage, typispreferred, typcollation FROM pg_type WHERE typnamespace = 11")
    with Postgres() as server_, server_.connect("postgres") as conn:
        theirs = {r[0]: r for r in conn.execute(
            "SELECT typname, oid, typarray, typelem, typcategory, typlen, typtype, typbyval, typalign, typstorage, "
            "typispreferred, typcollation FROM pg_type")}
    pseudo = {"record", "cstring"}  # arrays of them are of no use here
    differ = [(row, theirs.get(row[0])) for row in mine if row[0] not in pseudo and theirs.get(row[0]) != row]
    # The elements of name and of point-like types can't be subscripted here.
    assert [d for d in differ if d[0][0] != "name"] == []


# ---- what clients join ----

COLUMNS = """SELECT a.attname, t.typname, a.attnotnull, d.adbin IS NOT NULL, a.attnum, a.atttypmod
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = 'public' AND c.relname = '{}' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""


def test_columns_of_a_table(ask):
    assert ask("analyst@acme", COLUMNS.format("people")) == [
        ("id", "int4", True, False, 1, -1), ("name", "text", True, False, 2, -1), ("born", "date", False, False, 3, -1),
        ("pay", "numeric", False, True, 4, (12 << 16 | 2) + 4), ("tags", "_text", False, False, 5, -1)]


def test_the_numbers_of_types_are_those_of_the_wire(server):
    with server.connect("owner@acme", **POSTGRES) as conn:
        told = [c.type_code for c in conn.execute("SELECT * FROM people").description]
        assert told == [r[0] for r in conn.execute("SELECT atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
                                                   "WHERE relname = 'people' AND attnum > 0 ORDER BY attnum")]


def test_keys_and_indexes(ask):
    rows = ask("owner@acme", """
        SELECT t.relname, i.relname, x.indisunique, x.indisprimary, x.indkey, con.conname, con.contype, am.amname
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid AND i.relkind = 'i'
        JOIN pg_am am ON am.oid = i.relam LEFT JOIN pg_constraint con ON con.conindid = x.indexrelid
        ORDER BY 1, 2, con.contype""")
    assert rows == [
        ("notes", "notes_about", False, False, "2", None, None, "btree"),
        ("notes", "notes_id", True, False, "1 3", None, None, "btree"),
        ("people", "people_name_born_key", True, False, "2 3", "people_name_born_key", "u", "btree"),
        ("people", "people_pkey", True, True, "1", "notes_about_fkey", "f", "btree"),  # what it refers by
        ("people", "people_pkey", True, True, "1", "people_pkey", "p", "btree")]
    assert ask("owner@acme", """
        SELECT c.relname, k.conkey, f.relname, k.confkey FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_class f ON f.oid = k.confrelid WHERE contype = 'f'""") == [("notes", [2], "people", [1])]
    assert ask("owner@acme", "SELECT indexdef FROM pg_indexes WHERE indexname = 'notes_id'") == [
        ("CREATE UNIQUE INDEX notes_id ON public.notes USING btree (id, said)",)]


def test_kinds_comments_and_sequences(ask):
    assert ask("owner@acme", """
        SELECT c.relname, c.relkind, d.description FROM pg_class c
        LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = 0
        WHERE relnamespace = 2200 AND relkind IN ('r', 'v', 'S') ORDER BY 1""") == [
        ("elders", "v", None), ("notes", "r", None), ("numbers", "S", None), ("people", "r", "who is who")]
    assert ask("owner@acme", "SELECT sequencename FROM pg_sequences") == [("numbers",)]
    assert ask("owner@acme", "SELECT enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = enumtypid "
                                     "WHERE typname = 'mood' ORDER BY enumsortorder") == [("sad",), ("ok",)]


def test_numbers_hold_while_tables_come_and_go(server, ask):
    numbers = "SELECT relname, oid FROM pg_class WHERE relname IN ('people', 'notes', 'elders', 'numbers', 'notes_id') ORDER BY 1"
    before = ask("owner@acme", numbers)
    with server.connect("owner@acme", **POSTGRES) as conn:
        conn.execute("CREATE TABLE aaa (a integer)")
        assert conn.execute(numbers).fetchall() == before
        conn.execute("DROP TABLE aaa")
    assert ask("analyst@acme", numbers) == before and len({o for _, o in before}) == 5
    every = ask("owner@acme", "SELECT oid FROM pg_class")
    assert len(every) == len(set(every))


# ---- names ----

def test_a_bare_name_means_the_catalog_before_any_table(server):
    with server.connect("owner@acme", **POSTGRES) as conn:
        conn.execute("SET search_path = attic, public")
        assert ("people",) in conn.execute("SELECT relname FROM pg_class").fetchall()
        assert conn.execute("SELECT * FROM attic.pg_class").fetchall() == []
        conn.execute("SET search_path = attic, pg_catalog")
        assert conn.execute("SELECT a FROM pg_class").fetchall() == []
        conn.execute("SET search_path = public")
        conn.execute("CREATE TEMP TABLE pg_class (mine integer)")  # PostgreSQL looks there first
        assert conn.execute("SELECT mine FROM pg_class").fetchall() == []
        assert ("people",) in conn.execute("SELECT relname FROM pg_catalog.pg_class").fetchall()


def test_a_view_over_the_catalog_shows_each_reader_his_own(server):
    with server.connect("owner@acme", **POSTGRES) as conn:
        conn.execute("CREATE VIEW mine AS SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200")
        try:
            assert sorted(conn.execute("SELECT * FROM mine").fetchall()) == [("notes",), ("people",)]
            with server.connect("analyst@acme", **POSTGRES) as other:
                assert sorted(other.execute("SELECT * FROM mine").fetchall()) == [("notes",), ("people",)]
        finally:
            conn.execute("DROP VIEW mine")


# ---- who sees what ----

LISTS = ["pg_class", "pg_namespace", "pg_attribute", "pg_type", "pg_proc", "pg_index", "pg_constraint", "pg_attrdef",
         "pg_description", "pg_depend", "pg_rewrite", "pg_sequence", "pg_enum", "pg_tables", "pg_views", "pg_indexes",
         "pg_sequences", "pg_stat_user_tables", "pg_stat_user_indexes", "pg_database", "pg_roles", "pg_user", "pg_group",
         "pg_auth_members", "pg_policy", "pg_settings", "pg_stat_activity", "information_schema.tables",
         "information_schema.columns", "information_schema.views", "information_schema.schemata",
         "information_schema.table_constraints", "information_schema.key_column_usage", "information_schema.sequences",
         "information_schema.referential_constraints", "information_schema.constraint_column_usage",
         "information_schema.check_constraints", "information_schema.table_privileges", "information_schema.role_table_grants",
         "information_schema.column_privileges", "information_schema.routines", "information_schema.domains",
         "information_schema.element_types"]


@pytest.mark.parametrize("relation", LISTS)
def test_a_limited_key_learns_of_its_own_table_alone(ask, relation):
    text = json.dumps(ask("limited@acme", f"SELECT * FROM {relation}"), default=str)
    for hidden in ("people", "elders", "numbers", "attic", "chest", "globex", "who is who", "mood"):
        assert hidden not in text, hidden


@pytest.mark.parametrize("relation", LISTS)
def test_another_organization_learns_nothing(ask, relation):
    text = json.dumps(ask("owner@globex", f"SELECT * FROM {relation}"), default=str)
    assert not [w for w in ("people", "notes", "elders", "attic", "mood", "acme") if w in text]


def test_hidden_tables_leave_no_dangling_numbers(ask):
    """The limited key sees notes, whose foreign key refers to a table that it may not know of."""
    whose = "SELECT oid FROM pg_class WHERE relname = 'people'"
    (hidden,), = ask("owner@acme", whose)
    assert ask("limited@acme", whose) == []
    for relation in ("pg_class", "pg_attribute", "pg_constraint", "pg_index", "pg_depend", "pg_attrdef"):
        assert hidden not in [v for row in ask("limited@acme", f"SELECT * FROM {relation}") for v in row], relation
    assert ask("limited@acme", "SELECT contype, confrelid FROM pg_constraint") == [("f", 0)]


def test_the_log_has_a_schema(ask):
    for who in ("owner@acme", "analyst@acme"):
        assert ask(who, "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                                "WHERE c.relname = 'audit_log'") == [("hatidata", "audit_log")]


def test_temporary_tables_are_the_sessions_own(server, ask):
    sql = "SELECT n.nspname, c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = 'scratch'"
    with server.connect("owner@acme", **POSTGRES) as conn:
        conn.execute("CREATE TEMP TABLE scratch (a integer)")
        assert conn.execute(sql).fetchall() == [("pg_temp", "t")]
        assert ask("owner@acme", sql) == []


def test_a_views_text_is_told_to_who_may_change_it(ask):
    sql = "SELECT definition IS NOT NULL FROM pg_views WHERE viewname = 'elders'"
    assert [ask(f"{who}@acme", sql) for who in ("owner", "developer", "analyst")] == [[(True,)], [(True,)], [(False,)]]


def test_privileges_are_those_of_the_role(ask):
    sql = ("SELECT privilege_type FROM information_schema.table_privileges WHERE table_name = 'people' "
           "AND grantee = '{}' ORDER BY 1")
    assert ask("analyst@acme", sql.format("analyst")) == [("SELECT",)]
    assert [r[0] for r in ask("owner@acme", sql.format("owner"))] == ["DELETE", "INSERT", "SELECT", "UPDATE"]


def test_a_wanted_row_is_the_row_that_filtering_gives(server):
    """Equality with a constant is looked at before the rows are made: the answer must be the same."""
    with server.connect("owner@acme", **POSTGRES) as conn:
        (oid,), = conn.execute("SELECT oid FROM pg_class WHERE relname = 'people'").fetchall()
        for relation, column, value in (("pg_attribute", "attrelid", f"'{oid}'"), ("pg_attribute", "attrelid", f"{oid}"),
                                        ("pg_attribute", "attname", "'id'"), ("pg_class", "relname", "'people'"),
                                        ("pg_class", "oid", f"' {oid} '"), ("pg_constraint", "conrelid", str(oid)),
                                        ("pg_type", "typname", "'int4'"), ("pg_class", "relhasindex", "true")):
            quick = conn.execute(f"SELECT * FROM {relation} c WHERE c.{column} = {value} ORDER BY 1, 2").fetchall()
            slow = conn.execute(f"SELECT * FROM (SELECT * FROM {relation}) c WHERE c.{column} = {value} ORDER BY 1, 2").fetchall()
            assert quick == slow and quick, (relation, column)
        assert conn.execute("SELECT n.nspname, c.relname FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid "
                            "AND c.relname = 'chest' WHERE n.nspname IN ('attic', 'public') ORDER BY 1"
                            ).fetchall() == [("attic", "chest"), ("public", None)]
        assert conn.execute("SELECT count(*) FROM pg_class c LEFT JOIN pg_class d ON d.relname = c.relname "
                            "WHERE c.relname = 'people' OR d.relname = 'notes'").fetchone() == (2,)
