"""pgjdbc: Batches.java is the client, in a JVM of several zones; Metadata.java calls all of DatabaseMetaData."""
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import free_port
from postgres import MISSING, Postgres, programs

HERE = pathlib.Path(__file__).parent
DRIVER = pathlib.Path("/usr/share/java/postgresql.jar")


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    if not shutil.which("javac") or not DRIVER.exists():
        pytest.skip("no JDK or no pgjdbc")
    folder = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", "-encoding", "UTF-8", "-cp", DRIVER, "-d", folder, HERE / "Batches.java", HERE / "Metadata.java"],
                   check=True, timeout=120)
    return folder


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_pgjdbc(server, classes, zone):
    p = server.installation.principals["owner@acme"]
    done = subprocess.run(["java", "-cp", f"{DRIVER}:{classes}", "Batches", str(server.port), p.user, p.key, str(server.installation.ca)],
                          capture_output=True, text=True, timeout=180, env=dict(os.environ, TZ=zone))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 6


# What tells of the server itself: the shape of what comes is the same, not the values. getIndexInfo's are of pages and rows.
OWN = {"getConnection/0", "getDatabaseMinorVersion/0", "getDatabaseProductVersion/0", "getIndexInfo/5", "getSQLKeywords/0",
       "getSchemas/0", "getTypeInfo/0", "getUDTs/4", "getURL/0", "getUserName/0"}
# What the driver itself doesn't do, whatever the server.
NOT_IN_THE_DRIVER = {"getAttributes/4", "getPseudoColumns/4", "getRowIdLifetime/0", "getSuperTables/3", "getSuperTypes/3", "unwrap/1"}


def metadata(classes, *args):
    done = subprocess.run(["java", "-cp", f"{DRIVER}:{classes}", "Metadata", *args], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    told, name = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("  "):
            told[name].append(line)
        else:
            name, _, rest = line.partition(" ")
            told[name] = [rest]
    return told


def test_metadata(server, classes):
    """All of DatabaseMetaData, as of a PostgreSQL, the names of its columns too."""
    if not programs():
        pytest.skip(MISSING)
    p = server.installation.principals["owner@acme"]
    ours = metadata(classes, str(server.port), p.user, p.key, str(server.installation.ca))
    port = free_port()
    with Postgres(port=port):
        theirs = metadata(classes, f"jdbc:postgresql://127.0.0.1:{port}/postgres?user=postgres")
    assert len(ours) > 150 and ours.keys() == theirs.keys()
    assert {name for name, said in ours.items() if said[0].startswith("ERROR")} == NOT_IN_THE_DRIVER
    for name in ours:
        mine, other = ours[name], theirs[name]
        if name not in OWN:
            assert mine == other, name
        elif "," in other[0] and name != "getSQLKeywords/0":
            assert mine[0].split(" ")[0] == other[0].split(" ")[0] and len(mine) == len(other), name
    assert {"limit", "returning", "ilike"} <= set(ours["getSQLKeywords/0"][0].split(","))
