"""node-postgres: nested.js is the client."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import THIRD_PARTY


def test_node_postgres(server):
    if not shutil.which("node"):
        pytest.skip("no node")
    p = server.installation.principals["owner@acme"]
    arg = json.dumps({"port": server.port, "user": p.user, "password": p.key, "ca": str(server.installation.ca)})
    done = subprocess.run(["node", pathlib.Path(__file__).parent / "nested.js", arg], capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, NODE_PATH=str(THIRD_PARTY / "node" / "node_modules")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 4
