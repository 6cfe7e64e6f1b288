"""pgjdbc: Batches.java is the client, in a JVM of several zones."""
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
DRIVER = pathlib.Path("/usr/share/java/postgresql.jar")


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    if not shutil.which("javac") or not DRIVER.exists():
        pytest.skip("no JDK or no pgjdbc")
    folder = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", "-encoding", "UTF-8", "-cp", DRIVER, "-d", folder, HERE / "Batches.java"], check=True, timeout=120)
    return folder


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_pgjdbc(server, classes, zone):
    p = server.installation.principals["owner@acme"]
    done = subprocess.run(["java", "-cp", f"{DRIVER}:{classes}", "Batches", str(server.port), p.user, p.key, str(server.installation.ca)],
                          capture_output=True, text=True, timeout=180, env=dict(os.environ, TZ=zone))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 5
