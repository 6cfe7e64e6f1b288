"""Requests that schemathesis makes up by the API's document; `dev/fuzz rest` makes many more."""
import pytest

from harness import Server, make_installation
from restfuzz import run


@pytest.mark.parametrize("who, examples", (("owner@acme", 3), ("analyst@acme", 2)))
def test_the_server_holds_to_its_document(tmp_path, who, examples):
    with Server(make_installation(tmp_path / "data", orgs=("acme",)), "--rate-tier", "enterprise") as server:
        found, ended = run(server, who, tmp_path, "fuzzing", "-n", examples, "--seed", 1)
    assert not found and ended, found[-8000:]
