"""pgx, the Go driver: pgx/main.go is the client."""
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent / "pgx"


def test_pgx(server, tmp_path):
    if not shutil.which("go"):
        pytest.skip("no Go here (1.21 or later; dev/bootstrap --clients says so)")
    built = subprocess.run(["go", "build", "-o", tmp_path / "client", "."], cwd=HERE, capture_output=True, text=True)
    if "dial tcp" in built.stderr or "requires go" in built.stderr:
        pytest.skip("go can't get pgx: " + built.stderr[-200:])
    assert built.returncode == 0, built.stderr
    p = server.installation.principals["owner@acme"]
    done = subprocess.run([tmp_path / "client", str(server.port), p.user, p.key, str(server.installation.ca)],
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 6
