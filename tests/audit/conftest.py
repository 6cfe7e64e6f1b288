"""Fixtures of the tests of the log."""
import pytest

from signed_log import SignedLog


@pytest.fixture
def signed(tmp_path):
    return SignedLog(tmp_path)
