"""Fixtures of all tests against a real server; what they are made of is in harness.py."""
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from harness import Server, make_installation  # noqa: E402

# Few tests that take minutes: begun last, as those with many go first, they would keep one core alone at the end.
LONG = ["tests/security/test_made_up_requests.py"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With --dist loadfile, LONG first."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LongFirst(LoadFileScheduling):
        def _assign_work_unit(self, node):
            for name in filter(self.workqueue.__contains__, LONG):
                self.workqueue.move_to_end(name, last=False)
            super()._assign_work_unit(node)

    return LongFirst(config, log)


@pytest.fixture(scope="session")
def scratch():
    path = pathlib.Path(tempfile.mkdtemp(prefix="hatidata-test-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def installation(scratch):
    """One for all tests that only read it or make tables of their own names."""
    return make_installation(scratch / "main", sample=True)


@pytest.fixture(scope="session")
def server(installation):
    with Server(installation) as s:
        yield s


@pytest.fixture
def fresh(tmp_path):
    """An installation of the test's own, to break."""
    return make_installation(tmp_path / "data", orgs=("acme",))
