"""Keys, foreign keys and CHECK as oracles: whether the engine takes a row must not tell of masked columns
or hidden rows. Pairs differ only in whether the guess is right."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer

TABLES = [
    "CREATE TABLE unique_ssn (id int, ssn text UNIQUE)",
    "INSERT INTO unique_ssn VALUES (1, '901'), (2, '902')",
    "CREATE TABLE hashed (id int, ssn text)",
    "INSERT INTO hashed VALUES (1, '901'), (2, '902')",
    "CREATE TABLE pay (id int, salary int, cap int, CHECK (salary <= cap))",
    "INSERT INTO pay VALUES (1, 1234, 9999)",
    "CREATE TABLE staff (id int PRIMARY KEY, department text)",
    "INSERT INTO staff VALUES (1, 'sales'), (7, 'legal')",
    "CREATE TABLE apart (id int, department text, PRIMARY KEY (department, id))",
    "INSERT INTO apart VALUES (1, 'sales'), (7, 'legal')",
    "CREATE TABLE town (name text PRIMARY KEY)",
    "INSERT INTO town VALUES ('Bern'), ('Rome')",
    "CREATE TABLE visit (id int, department text, town text REFERENCES town (name))",
    "INSERT INTO visit VALUES (1, 'legal', 'Rome')",
    "CREATE TABLE named (id int PRIMARY KEY, secret int NOT NULL CHECK (secret < 9000), open int NOT NULL CHECK (open < 9000))",
    "INSERT INTO named VALUES (1, 8123, 8124)",
]


@pytest.fixture(scope="module")
def traps(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("traps") / "data", orgs=("acme",))
    inst.add_user("acme", "developer", "dev", "--attribute", "department=sales")
    rule = {"exempt_roles": ["owner"]}
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": "public.unique_ssn", "column": "ssn", "function": "full", **rule},
        {"table": "public.hashed", "column": "ssn", "function": "hash", **rule},
        {"table": "public.pay", "column": "salary", "function": "null", **rule},
        {"table": "public.named", "column": "secret", "function": "null", **rule}]})
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": f"public.{t}", "filter": "department = '{department}'", **rule}
        for t in ("staff", "apart", "visit")]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in TABLES:
                conn.execute(sql)
        yield server


ORACLES = [
    "INSERT INTO unique_ssn VALUES (3, '{}')|901|999",
    "INSERT INTO unique_ssn VALUES (3, '{}') ON CONFLICT DO NOTHING|901|999",
    "INSERT OR IGNORE INTO unique_ssn VALUES (3, '{}')|901|999",
    "INSERT OR REPLACE INTO unique_ssn VALUES (3, '{}')|901|999",
    "UPDATE unique_ssn SET ssn = '{}' WHERE id = 1|902|999",
    "CREATE TABLE guess (ssn text REFERENCES unique_ssn (ssn) DEFAULT '{}')|901|999",
    "UPDATE pay SET cap = {}|1233|1234",
    "INSERT INTO staff VALUES ({}, 'sales')|7|8",
    "UPDATE staff SET id = {} WHERE id = 1|7|8",
    "CREATE TABLE guess (id int REFERENCES staff (id) DEFAULT {})|7|8",
    "CREATE TABLE guess (id int REFERENCES staff DEFAULT {})|7|8",
    "DELETE FROM town WHERE name = '{}'|Rome|Bern",
    "UPDATE town SET name = 'Oslo' WHERE name = '{}'|Rome|Bern",
]


@pytest.mark.parametrize("oracle", ORACLES)
def test_a_constraint_tells_nothing(traps, oracle):
    sql, right, wrong = oracle.split("|")
    said = [answer(traps, "dev@acme", sql.format(guess)).replace(guess, "?")
            for guess in (right, wrong)]
    assert said[0] == said[1] and said[0].startswith("42501"), said


def test_copy_in_is_no_way_around_a_key(traps):
    with traps.connect("dev@acme") as conn, pytest.raises(psycopg.Error) as e:
        with conn.cursor().copy("COPY staff (id, department) FROM STDIN") as copy:
            copy.write(b"8\tsales\n")
    assert e.value.sqlstate == "42501"


@pytest.mark.parametrize("sql", ["INSERT INTO hashed VALUES (9, '901')",
                                 "UPDATE hashed SET ssn = '901' WHERE id = 2"])
def test_no_value_of_ones_own_beside_digests(traps, sql):
    assert answer(traps, "dev@acme", sql).startswith("42501")


def test_what_no_constraint_could_tell_still_works(traps):
    with traps.connect("dev@acme") as conn:
        conn.execute("INSERT INTO apart VALUES (8, 'sales')")  # the key has the department in it
        with pytest.raises(psycopg.errors.UniqueViolation):
            conn.execute("INSERT INTO apart VALUES (1, 'sales')")
        conn.execute("INSERT INTO hashed (id) VALUES (9)")
        conn.execute("UPDATE pay SET id = 2")
        conn.execute("INSERT INTO pay VALUES (3, 5, 6)")
        conn.execute("INSERT INTO town VALUES ('Kyiv')")
        conn.execute("DELETE FROM staff WHERE id = 1")
    with traps.connect("owner@acme") as conn:
        with pytest.raises(psycopg.errors.IntegrityError):
            conn.execute("DELETE FROM town WHERE name = 'Rome'")
        conn.execute("INSERT INTO visit VALUES (2, 'legal', 'Bern')")


@pytest.mark.parametrize("who, column, told", [
    ("owner@acme", "secret", True), ("dev@acme", "open", True), ("dev@acme", "secret", False)])
@pytest.mark.parametrize("value", ["NULL", "9001"])
def test_errors_name_no_masked_column(traps, who, column, told, value):
    values = {"secret": "1", "open": "1", column: value}
    with traps.connect(who) as conn, pytest.raises(psycopg.errors.IntegrityError) as e:
        conn.execute(f"INSERT INTO named VALUES (7, {values['secret']}, {values['open']})")
    diag = e.value.diag
    named = diag.column_name if value == "NULL" else diag.constraint_name
    assert (diag.schema_name, diag.table_name) == ("public", "named")
    assert (named is not None and column in named) if told else named is None
    if not told:
        assert column not in str(e.value) and column not in (diag.message_hint or "")


def test_errors_of_keys_name_no_value(traps):
    with traps.connect("owner@acme") as conn, pytest.raises(psycopg.errors.UniqueViolation) as e:
        conn.execute("INSERT INTO unique_ssn VALUES (3, '901')")
    diag = e.value.diag
    assert diag.constraint_name and "901" not in "".join(
        str(x) for x in (diag.message_primary, diag.message_detail.split("(request")[0], diag.message_hint,
                         diag.schema_name, diag.table_name, diag.column_name, diag.constraint_name))
