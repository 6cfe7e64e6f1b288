"""Row policies beside PostgreSQL's: the same tables, policies and statements on both give the same rows, counts and
errors. tests/rowsecurity makes the statements; `dev/fuzz SECONDS rowsecurity` goes on where this stops."""
import pathlib
import random
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "rowsecurity"))
from harness import Server, make_installation
from compare import CIRCLE, Answer, Both, Round, principal, verdict
from postgres import MISSING, Postgres, programs
from statements import Statements
from world import TABLES, policies

pytestmark = pytest.mark.skipif(not programs(), reason=MISSING)
SEEDS = range(1, 15)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    installation = make_installation(tmp_path_factory.mktemp("peer") / "data", orgs=("acme",))
    principal(installation)
    with Postgres() as them, Server(installation) as us:
        yield Both(us, them)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_as_postgresql(both, seed):
    one = Round(both, seed)
    assert not one.run()
    assert one.counts["same"] > 20 and one.counts["refused"] < 20, one.counts


def test_a_filter_that_is_missing_is_found(both):
    """The comparison itself: policies on their side alone are seen in what the statements give."""
    one = Round(both, 1)
    both.set_policies({"memo": [{"table": "memo", "combine": "all", "filter": "TRUE"}]}, only=0)
    assert one.run()


def test_policies_hide_something(both):
    for seed in SEEDS:
        one = Round(both, seed)
        seen = [len(both.bound[0].execute(f"SELECT * FROM {t}").fetchall()) for t in one.policies]
        if any(n < 12 for n in seen) and any(n > 0 for n in seen):
            return
    pytest.fail("no seed hides some rows and shows others")


def test_a_seed_gives_the_same_statements():
    first, again = (Statements(random.Random(7)) for _ in range(2))
    texts = [first.statement() for _ in range(300)]
    assert texts == [again.statement() for _ in range(300)]
    said = " ".join(text for text, _, _ in texts)
    for form in ("INSERT", "UPDATE", "DELETE", "MERGE", "RETURNING", "WITH q", "UNION", "EXCEPT", "OVER (", "FULL JOIN", "LATERAL",
                 "EXISTS", " ANY (", "ROLLUP", "NATURAL", "$1"):
        assert form in said, form
    assert all(t in said for t in TABLES)
    conditions = " ".join(str(policies(random.Random(n))) for n in range(50))
    for form in ("EXISTS (", "NOT EXISTS", " IN (SELECT", " NOT IN (SELECT", ">= (SELECT max", "= ANY (SELECT", "(SELECT count(*)"):
        assert form in conditions, form


def test_policies_that_read_each_other_fail_on_both(both):
    both.set_policies({"emp": [{"table": "emp", "combine": "any", "filter": "id IN (SELECT x.id FROM task AS x)"}],
                       "task": [{"table": "task", "combine": "any", "filter": "id IN (SELECT x.id FROM emp AS x)"}]})
    for sql in ("SELECT * FROM emp", "SELECT * FROM memo, task", "DELETE FROM emp", "INSERT INTO task (id) VALUES (1)"):
        ours, theirs = both.ask(sql, None, not sql.startswith("SELECT"))
        assert ours.sqlstate == "42501" and theirs.sqlstate == CIRCLE, sql


def test_what_differs_is_told():
    class Reply(Answer):
        def __init__(self, rows=(), error=None, sqlstate=""):
            self.rows, self.names, self.status, self.error, self.sqlstate = list(rows), ["c1"], "SELECT 1", error, sqlstate
    yes, no, other = Reply([("1",)]), Reply(error="denied", sqlstate="42501"), Reply([("2",)])
    assert verdict("SELECT", yes, yes) == "same" and verdict("SELECT", yes, other) == "differs"
    assert verdict("SELECT", yes, no) == verdict("SELECT", no, yes) == "differs"
    assert verdict("SELECT", Reply(error="the engine fell", sqlstate="XX000"), no) == "differs"
    assert verdict("SELECT", Reply(error="not supported", sqlstate="0A000"), yes) == "refused"
    two, turned = Reply([("1",), ("2",)]), Reply([("2",), ("1",)])
    assert verdict("SELECT", two, turned) == "same" and verdict("SELECT c ORDER BY 1", two, turned) == "differs"
