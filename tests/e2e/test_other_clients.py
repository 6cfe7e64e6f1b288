"""node-postgres and pgjdbc, each a program of its own beside this file."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from harness import THIRD_PARTY

CLIENTS = pathlib.Path(__file__).parent / "clients"


def test_node_postgres(server):
    if not shutil.which("node"):
        pytest.skip("no node")
    p = server.installation.principals["owner@acme"]
    arg = json.dumps({"port": server.port, "user": p.user, "password": p.key,
                      "ca": str(server.installation.ca)})
    done = subprocess.run(["node", str(CLIENTS / "node.js"), arg], capture_output=True, text=True,
                          timeout=120,
                          env=dict(os.environ, NODE_PATH=str(THIRD_PARTY / "node" / "node_modules")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 7


def test_pgjdbc(server, tmp_path):
    driver = pathlib.Path("/usr/share/java/postgresql.jar")
    if not shutil.which("javac") or not driver.exists():
        pytest.skip("no JDK or no pgjdbc")
    p = server.installation.principals["owner@acme"]
    subprocess.run(["javac", "-encoding", "UTF-8", "-cp", str(driver), "-d", str(tmp_path), str(CLIENTS / "Jdbc.java")], check=True,
                   timeout=120)
    done = subprocess.run(["java", "-cp", f"{driver}:{tmp_path}", "Jdbc", str(server.port), p.user, p.key,
                           str(server.installation.ca)], capture_output=True, text=True, timeout=180,
                          env=dict(os.environ, TZ="UTC"))
    assert done.returncode == 0, done.stdout + done.stderr
