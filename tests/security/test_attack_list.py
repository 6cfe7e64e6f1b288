"""docs/internals/attacks.md says which test shows each attack to fail: here, that the tests are there."""
import ast
import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = (ROOT / "docs" / "internals" / "attacks.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]


def defined(path):
    """The functions and lists of a file of tests, by name."""
    tree = ast.parse(path.read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return names | {t.id for node in tree.body if isinstance(node, ast.Assign) for t in node.targets
                    if isinstance(t, ast.Name)}


@pytest.mark.parametrize("row", ROWS, ids=[row[2:50].strip() for row in ROWS])
def test_each_attack_has_its_tests(row):
    _, attack, shown = row.rstrip("|").split("|")
    places = re.findall(r"`([a-z0-9/_]+\.py)(?:: ([A-Za-z0-9_, ]+))?`", shown)
    assert attack.strip() and places, row
    for path, names in places:
        file = ROOT / "tests" / path if "/" in path else HERE / path
        assert file.is_file(), path
        missing = set(names.replace(" ", "").split(",")) - {""} - defined(file)
        assert not missing, f"{path} has no {missing}"
