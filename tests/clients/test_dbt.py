"""dbt-postgres as it is published builds the project of tests/sdk through our wire, with models written as PostgreSQL's."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import psycopg
import pytest

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def project(scratch):
    path = shutil.copytree(HERE.parent / "sdk" / "shop", scratch / "dbt")
    shutil.rmtree(path / "macros")
    return shutil.copytree(HERE / "shop", path, dirs_exist_ok=True)


def dbt(server, project, who, *args, **more):
    p = server.installation.principals[who]
    env = dict(os.environ, HATIDATA_PORT=str(server.port), HATIDATA_USER=p.user, HATIDATA_API_KEY=p.key,
               PGSSLROOTCERT=str(server.installation.ca), PGOPTIONS="-c hatidata.dialect=postgres", HOME=str(project),
               DBT_PROFILES_DIR=str(project), DBT_SEND_ANONYMOUS_USAGE_STATS="false", **more)
    program = pathlib.Path(sys.executable).with_name("dbt")
    return subprocess.run([program, "--no-use-colors", *args], cwd=project, env=env, capture_output=True, text=True, timeout=300)


def rows(server, sql):
    with server.connect("owner@acme", options="-chatidata.dialect=postgres") as db:
        return db.execute(sql).fetchall()


def test_build_and_build_again(server, project):
    first = dbt(server, project, "developer@acme", "build")
    assert "PASS=13 WARN=0 ERROR=0 SKIP=0" in first.stdout, first.stdout + first.stderr
    assert rows(server, "SELECT customer, orders, spent::text, size FROM shop.customers ORDER BY 1") == [
        ("ada", 2, "15.75", "small"), ("ben", 1, "20.00", "small"), ("cyd", 1, "100.00", "large")]
    assert rows(server, "SELECT order_id, month_no FROM shop.orders ORDER BY 1") == [(1, 0), (2, 0), (3, 1), (4, 1)]

    seed = project / "seeds" / "raw_orders.csv"
    seed.write_text(seed.read_text().replace("2,ben,2024-01-06,20.00", "2,ben,2024-01-06,21.00")
                    + "5,dan,2024-03-01,7.75\n")
    again = dbt(server, project, "developer@acme", "build")
    assert "PASS=13 WARN=0 ERROR=0 SKIP=0" in again.stdout, again.stdout + again.stderr
    # The table is new, the incremental ones keep or merge their rows, the snapshot has both.
    assert rows(server, "SELECT amount::text FROM shop.orders WHERE order_id = 2") == [("21.00",)]
    assert rows(server, "SELECT order_id, amount FROM shop.running ORDER BY 1") == [
        (1, 10.5), (2, 20), (3, 5.25), (4, 100), (5, 7.75)]
    assert rows(server, "SELECT order_id, amount, customer FROM shop.merged WHERE order_id IN (2, 5) ORDER BY 1") == [
        (2, 21, "ben"), (5, 7.75, "dan")]
    assert rows(server, "SELECT amount, dbt_valid_to IS NULL FROM shop.orders_history WHERE order_id = 2 ORDER BY 1") == [
        (20, False), (21, True)]
    assert rows(server, "SELECT customer, order_id FROM shop.newest ORDER BY 1") == [
        ("ada", 3), ("ben", 2), ("cyd", 4), ("dan", 5)]
    with pytest.raises(psycopg.errors.CheckViolation):  # of the contract, after its table was renamed
        rows(server, "INSERT INTO shop.spent VALUES ('eve', 0)")


def test_docs(server, project):
    done = dbt(server, project, "developer@acme", "docs", "generate")
    assert done.returncode == 0, done.stdout + done.stderr
    nodes = json.loads((project / "target" / "catalog.json").read_text())["nodes"]
    assert nodes["model.shop.customers"]["metadata"]["type"] == "VIEW"
    spent = nodes["model.shop.spent"]
    assert spent["metadata"]["comment"] == "what each customer spent"
    assert [(c["name"], c["type"], c["comment"]) for c in spent["columns"].values()] == [
        ("customer", "text", "who"), ("spent", "numeric(10,2)", None)]


def test_a_failing_test_fails(server, project):
    (project / "tests" / "fails.sql").write_text("select 1 from {{ ref('orders') }}")
    done = dbt(server, project, "developer@acme", "test", "--select", "fails")
    (project / "tests" / "fails.sql").unlink()
    assert done.returncode == 1 and "Got 5 results" in done.stdout, done.stdout


def test_an_analyst_builds_nothing(server, project):
    done = dbt(server, project, "analyst@acme", "run", "--select", "orders")
    assert done.returncode != 0 and "HATI_ERR_403" in done.stdout, done.stdout


def test_another_ca_is_refused(server, project, tmp_path):
    other = tmp_path / "other.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=other",
                    "-keyout", tmp_path / "key.pem", "-out", other], check=True, capture_output=True)
    profile = project / "profiles.yml"
    text = profile.read_text()
    profile.write_text(text.replace("{{ env_var('PGSSLROOTCERT') }}", str(other)))
    done = dbt(server, project, "developer@acme", "debug")
    profile.write_text(text)
    assert done.returncode != 0 and "certificate verify failed" in done.stdout, done.stdout
