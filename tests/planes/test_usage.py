"""What a proxy tells of its statements: what `usage show` prints, byte for byte, and no more than counts."""
import json

import psycopg
import pytest

from harness import eventually
from planes import Proxy

KINDS = {"select", "insert", "update", "delete", "ddl", "copy", "other"}


def told(control, name):
    """What the control plane has of that proxy."""
    rows = [line.split("\t") for line in control.run("usage", "list").stdout.splitlines()]
    return next((row[2] for row in rows if row[0] == name), None)


def test_what_is_sent_is_what_is_shown(control, tmp_path):
    with Proxy(control, tmp_path / "east", "--usage-interval", "100ms") as proxy:
        with proxy.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE wages (amount int, person text)")
            conn.execute("INSERT INTO wages VALUES (7331, 'rosebud'), (%s, %s)", (9119, "quarterly"))
            assert len(conn.execute("SELECT person FROM wages /* tulip */").fetchall()) == 2
            for wrong in ("SELECT nothing FROM wages", "SELEC 'rosebud'"):
                with pytest.raises(psycopg.Error):
                    conn.execute(wrong)
        eventually(lambda: (text := told(control, "east")) and '"select":1' in text)
    shown = proxy.installation.run("usage", "show").stdout
    assert shown == told(control, "east") + "\n"  # what was told last, at the stop

    document = json.loads(shown)
    assert set(document) == {"version", "since", "until", "organizations"}
    [acme] = document["organizations"]
    assert set(acme) == {"organization", "statements", "failed", "rows", "millicredits", "below_ms"}
    assert acme["organization"] in control.run("org", "list").stdout
    assert set(acme["statements"]) == KINDS and acme["statements"]["select"] == 1
    assert (acme["statements"]["ddl"], acme["statements"]["insert"], acme["failed"]) == (1, 1, 2)
    assert acme["rows"] >= 2 and acme["millicredits"] >= 1000
    assert sum(acme["below_ms"].values()) == sum(acme["statements"].values())
    for hidden in ("wages", "amount", "person", "rosebud", "quarterly", "tulip", "7331", "9119", "owner", "acme", "SELECT"):
        assert hidden not in shown


def test_without_a_server_there_is_nothing(control):
    done = control.run("usage", "show", check=False)
    assert done.returncode == 1 and "no server has run" in done.stderr
    assert told(control, "east") is None
