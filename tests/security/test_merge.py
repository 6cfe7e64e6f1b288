"""MERGE under row filters and masks: it matches, changes and deletes visible rows alone, inserts no row that would
be hidden, and tells nothing of those that are."""
import psycopg
import pytest

from harness import Server, make_installation
from security_data import answer

ROWS = [(1, "sales", "10", 100), (2, "sales", "20", 200), (3, "legal", "secret", 300), (4, "legal", "40", 400)]


@pytest.fixture(scope="module")
def merging(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("merging") / "data")
    inst.add_user("acme", "developer", "dev", "--attribute", "department=sales")
    inst.set_policy("acme", {"name": "rows", "type": "row_level_security", "rules": [
        {"table": "public.staff", "filter": "department = '{department}'", "exempt_roles": ["owner"]},
        {"table": "public.keyed", "filter": "department = '{department}'", "exempt_roles": ["owner"]}]})
    inst.set_policy("acme", {"name": "masks", "type": "column_masking", "rules": [
        {"table": "public.badges", "column": "code", "function": "full", "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            for sql in ("CREATE TABLE staff (id int, department text, note text, pay int)",
                        "CREATE TABLE keyed (id int PRIMARY KEY, department text)",
                        "INSERT INTO keyed VALUES (1, 'sales'), (3, 'legal')",
                        "CREATE TABLE badges (id int, code text)", "INSERT INTO badges VALUES (1, 'plugh')",
                        "CREATE TABLE copies (id int, code text)"):
                conn.execute(sql)
        yield server


@pytest.fixture
def staff(merging):
    with merging.connect("owner@acme") as conn:
        conn.execute("DELETE FROM staff")
        for row in ROWS:
            conn.execute("INSERT INTO staff VALUES (%s, %s, %s, %s)", row)
    return merging


def rows(server):
    with server.connect("owner@acme") as conn:
        return conn.execute("SELECT id, department, note, pay FROM staff ORDER BY id, pay").fetchall()


def merge(server, what):
    return answer(server, "dev@acme", "MERGE INTO staff t USING (VALUES (1, 'a'), (3, 'b'), (9, 'c')) "
                                      "AS s(id, note) ON t.id = s.id " + what)


def test_a_hidden_row_is_not_matched(staff):
    assert merge(staff, "WHEN MATCHED THEN UPDATE SET note = s.note") == "MERGE 1"
    assert rows(staff) == [(1, "sales", "a", 100), *ROWS[1:]]


def test_a_hidden_row_is_not_deleted(staff):
    assert merge(staff, "WHEN MATCHED THEN DELETE") == "MERGE 1"
    assert rows(staff) == ROWS[1:]


def test_a_hidden_row_counts_as_absent(staff):
    assert merge(staff, "WHEN NOT MATCHED THEN INSERT (id, department, note) "
                        "VALUES (s.id, 'sales', s.note)") == "MERGE 2"
    assert [r[0] for r in rows(staff)] == [1, 2, 3, 3, 4, 9]


def test_not_matched_by_source_spares_hidden_rows(staff):
    assert merge(staff, "WHEN NOT MATCHED BY SOURCE THEN DELETE") == "MERGE 1"
    assert rows(staff) == [ROWS[0], *ROWS[2:]]
    assert merge(staff, "WHEN NOT MATCHED BY SOURCE AND t.pay > 0 THEN UPDATE SET pay = t.pay + 1") == "MERGE 0"


@pytest.mark.parametrize("action", [
    "WHEN NOT MATCHED THEN INSERT (id, department) VALUES (s.id, 'legal')",
    "WHEN NOT MATCHED THEN INSERT (id, department) VALUES (s.id, NULL)",
    "WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'legal', s.note, 1)",
    "WHEN NOT MATCHED AND s.id = 9 THEN INSERT (id, department) VALUES (s.id, 'leg' || 'al')",
    "WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
    "WHEN NOT MATCHED THEN INSERT (id, department) VALUES (s.id, DEFAULT)",
    "WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
    "WHEN NOT MATCHED THEN INSERT (id, department) VALUES (s.id, (SELECT 'sales'))",
    "WHEN NOT MATCHED THEN INSERT (id, department) VALUES (s.id, CASE WHEN random() < 2 THEN 'legal' END)",
    "WHEN MATCHED THEN UPDATE SET department = 'legal'",
    "WHEN MATCHED THEN UPDATE ALL BY NAME"])
def test_no_row_goes_where_it_would_be_hidden(staff, action):
    said = merge(staff, action)
    assert not said.startswith("MERGE"), said
    assert rows(staff) == ROWS


@pytest.mark.parametrize("action", [
    "WHEN MATCHED AND CAST(t.note AS int) > 5 THEN UPDATE SET pay = CAST(t.note AS int)",
    "WHEN NOT MATCHED BY SOURCE AND CAST(t.note AS int) > 5 THEN UPDATE SET pay = CAST(t.note AS int)",
    "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET pay = CAST(t.note AS int)",
    "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET pay = 100 / (t.pay - 300)",
    "WHEN MATCHED THEN UPDATE SET pay = 100 / (t.pay - 300)"])
def test_no_expression_is_computed_on_a_hidden_row(staff, action):
    """The note of row 3 is no number, and its pay makes a divisor of zero."""
    assert merge(staff, action).startswith("MERGE"), merge(staff, action)
    assert rows(staff)[2:] == ROWS[2:]


@pytest.mark.parametrize("on", ["CAST(t.note AS int) = s.id * 10", "100 / (t.pay - 300) < s.id",
                                "t.id = s.id AND CAST(t.note AS int) > 0"])
def test_the_condition_of_the_join_sees_no_hidden_row(staff, on):
    said = answer(staff, "dev@acme", "MERGE INTO staff t USING (VALUES (1), (3)) AS s(id) ON " + on +
                  " WHEN MATCHED THEN UPDATE SET pay = 7")
    assert said.startswith("MERGE"), said
    assert rows(staff)[2:] == ROWS[2:]


def test_a_correlated_sub_query_over_the_target_is_refused(staff):
    said = merge(staff, "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET pay = "
                        "(SELECT 1 / (t.pay - 300) FROM keyed LIMIT 1)")
    assert "correlated" in said and rows(staff) == ROWS


def test_the_source_is_filtered_as_well(staff):
    with staff.connect("dev@acme") as conn:
        conn.execute("CREATE TEMP TABLE seen (id int)")
        conn.execute("MERGE INTO seen t USING staff s ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id)")
        assert sorted(conn.execute("SELECT id FROM seen").fetchall()) == [(1,), (2,)]


def test_a_key_is_no_oracle(merging):
    said = {answer(merging, "dev@acme", f"MERGE INTO keyed t USING (VALUES ({n}, 'sales')) AS s(id, department) "
                   "ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.department)") for n in (3, 99)}
    assert len(said) == 1 and said.pop().startswith("42501")


@pytest.mark.parametrize("sql", [
    "MERGE INTO copies t USING badges s ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.code)",
    "MERGE INTO copies t USING badges s ON t.id = s.id WHEN NOT MATCHED THEN INSERT BY POSITION",
    "MERGE INTO copies t USING badges s ON t.code = s.code WHEN MATCHED THEN DELETE",
    "MERGE INTO copies t USING badges s ON t.id = s.id WHEN MATCHED AND s.code > 'a' THEN UPDATE SET id = 1",
    "MERGE INTO copies t USING (SELECT 1 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT "
    "VALUES (s.id, (SELECT max(code) FROM badges))"])
def test_a_masked_column_of_the_source_is_its_mask(merging, sql):
    said = answer(merging, "dev@acme", sql)
    assert said.startswith("MERGE") and "plugh" not in said, said
    left = answer(merging, "owner@acme", "SELECT * FROM copies")
    assert "plugh" not in left, left
    answer(merging, "owner@acme", "DELETE FROM copies")


@pytest.mark.parametrize("sql", [
    "MERGE INTO badges t USING copies s ON t.code = s.code WHEN MATCHED THEN UPDATE SET id = 1",
    "MERGE INTO badges t USING copies s ON t.id = s.id WHEN MATCHED THEN UPDATE SET code = t.code || 'x'"])
def test_a_masked_column_of_the_target_is_not_used(merging, sql):
    said = answer(merging, "dev@acme", sql)
    assert said.startswith("42501") and "plugh" not in said, said


def test_returning_masks(merging):
    said = answer(merging, "dev@acme", "MERGE INTO badges t USING (VALUES (1)) AS s(id) ON t.id = s.id "
                                       "WHEN MATCHED THEN UPDATE SET id = 1 RETURNING id, code")
    assert "plugh" not in said and "1" in said, said


def test_who_may_not_write_may_not_merge(merging):
    assert answer(merging, "analyst@acme", "MERGE INTO copies t USING (VALUES (1)) AS s(id) ON t.id = s.id "
                                           "WHEN MATCHED THEN DELETE").startswith("42501")
    with merging.connect("dev@acme") as conn:
        conn.execute("BEGIN READ ONLY")
        with pytest.raises(psycopg.Error, match="read-only"):
            conn.execute("MERGE INTO copies t USING (VALUES (1)) AS s(id) ON t.id = s.id WHEN MATCHED THEN DELETE")
