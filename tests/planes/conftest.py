"""One control node and two proxies of it, for tests that leave them as they were."""
import pytest

from harness import make_installation
from planes import Control, Proxy


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A control plane with organization acme, and the proxies east and west."""
    path = tmp_path_factory.mktemp("planes")
    control = Control(make_installation(path / "control", orgs=("acme",)))
    with control:
        with Proxy(control, path / "east") as east, Proxy(control, path / "west") as west:
            yield control, east, west


@pytest.fixture
def control(tmp_path):
    """A control plane of the test's own, to break."""
    with Control(make_installation(tmp_path / "control", orgs=("acme",))) as c:
        yield c
