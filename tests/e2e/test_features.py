"""Each feature's statements against a server (tests/sql/features); and the document made of them is current."""
import pytest

from conformance import features
from conformance.warehouse import Warehouse

FILES = sorted(features.FOLDER.glob("*.test"))


@pytest.fixture(scope="module")
def warehouse():
    with Warehouse([f"f{i}" for i in range(len(FILES))], "--engine-threads", "1") as w:
        yield w


@pytest.mark.parametrize("number", range(len(FILES)), ids=[f.stem for f in FILES])
def test_features(warehouse, number):
    sessions = features.Sessions(warehouse, f"f{number}")
    other = [f"{s.dialect}? {s.sql}\n  expected {s.answer}\n  got      {got}"
             for s, got in features.run(features.read(FILES[number]), sessions) if got != s.answer]
    assert not other, "\n".join(other)


def test_the_document_is_current():
    assert features.DOCUMENT.read_text() == features.document(), "run dev/conformance --docs"
