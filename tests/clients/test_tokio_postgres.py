"""tokio-postgres, a Rust driver: tokio/src/main.rs is the client."""
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import THIRD_PARTY

HERE = pathlib.Path(__file__).parent / "tokio"


def test_tokio_postgres(server):
    if not shutil.which("cargo"):
        pytest.skip("no cargo here")
    target = THIRD_PARTY / "cargo"
    built = subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=HERE, capture_output=True, text=True,
                           env=dict(os.environ, CARGO_TARGET_DIR=str(target)))
    if "failed to get" in built.stderr or "rustc 1." in built.stderr:
        pytest.skip("cargo can't get or build tokio-postgres: " + built.stderr[-200:])
    assert built.returncode == 0, built.stderr[-4000:]
    p = server.installation.principals["owner@acme"]
    done = subprocess.run([target / "debug" / "tokio-client", str(server.port), p.user, p.key, str(server.installation.ca)],
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 7
