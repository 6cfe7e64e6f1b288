"""A table of secrets that two roles see differently, and an attacker who may query it."""
import contextlib
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import Server, make_installation
from security_data import OTHER_PEOPLE, PEOPLE


@contextlib.contextmanager
def serve(folder, people):
    inst = make_installation(folder / "data", sample=True)
    inst.add_user("acme", "analyst", "sales", "--attribute", "department=sales")
    inst.add_user("acme", "developer", "dev", "--attribute", "department=sales")
    inst.add_user("acme", "admin", "unmasked", "--attribute", "department=sales")  # whom no mask concerns
    inst.set_policy("acme", {"name": "people masks", "type": "column_masking", "rules": [
        {"table": "public.people", "column": "ssn", "function": "full", "exempt_roles": ["owner", "admin"]},
        {"table": "public.people", "column": "salary", "function": "null", "exempt_roles": ["owner", "admin"]}]})
    inst.set_policy("acme", {"name": "people rows", "type": "row_level_security", "rules": [
        {"table": "public.people", "filter": "department = '{department}'",
         "exempt_roles": ["owner"]}]})
    with Server(inst) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE people (id int, name text, department text, ssn text, salary int)")
            for row in people:
                conn.execute("INSERT INTO people VALUES (%s, %s, %s, %s, %s)", row)
            conn.execute("CREATE TABLE notes (id int, note text)")
            conn.execute("CREATE VIEW people_view AS SELECT * FROM people")
        with server.connect("owner@globex") as conn:
            conn.execute("CREATE TABLE globex_secrets (word text)")
            conn.execute("INSERT INTO globex_secrets VALUES ('xyzzy-plugh')")
        yield server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("guarded"), PEOPLE) as server:
        yield server


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """A server like `guarded`, but for what is hidden in it."""
    with serve(tmp_path_factory.mktemp("twin"), OTHER_PEOPLE) as server:
        yield server
