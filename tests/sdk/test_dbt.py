"""The published package dbt-hatidata builds a small project through our wire: seed, tables, view,
incremental, snapshot and tests, twice, as it was and with new rows."""
import os
import pathlib
import shutil
import subprocess
import sys

import psycopg2
import pytest

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def project(scratch):
    return shutil.copytree(HERE / "shop", scratch / "shop")


def dbt(server, project, who, *args):
    p = server.installation.principals[who]
    env = dict(os.environ, HATIDATA_PORT=str(server.port), HATIDATA_USER=p.user, HATIDATA_API_KEY=p.key,
               PGSSLMODE="verify-full", PGSSLROOTCERT=str(server.installation.ca), DBT_PROFILES_DIR=str(project),
               DBT_SEND_ANONYMOUS_USAGE_STATS="false", HOME=str(project))
    return subprocess.run([sys.executable, str(HERE / "run_dbt.py"), "--no-use-colors", *args], cwd=project,
                          env=env, capture_output=True, text=True, timeout=300)


def rows(server, sql):
    with psycopg2.connect(server.conninfo("owner@acme")) as db, db.cursor() as cur:
        cur.execute(sql)
        return cur.fetchall()


def test_build_and_build_again(server, project):
    first = dbt(server, project, "developer@acme", "build")
    assert "PASS=11 WARN=0 ERROR=0 SKIP=0" in first.stdout, first.stdout + first.stderr
    assert rows(server, "SELECT customer, orders, spent::text, size FROM shop.customers ORDER BY 1") == [
        ("ada", 2, "15.75", "small"), ("ben", 1, "20.00", "small"), ("cyd", 1, "100.00", "large")]
    assert rows(server, "SELECT order_id, month_no FROM shop.orders ORDER BY 1") == [(1, 0), (2, 0), (3, 1), (4, 1)]

    seed = project / "seeds" / "raw_orders.csv"
    seed.write_text(seed.read_text().replace("2,ben,2024-01-06,20.00", "2,ben,2024-01-06,21.00")
                    + "5,dan,2024-03-01,7.75\n")
    again = dbt(server, project, "developer@acme", "build")
    assert "PASS=11 WARN=0 ERROR=0 SKIP=0" in again.stdout, again.stdout + again.stderr
    # The table is new, the incremental one keeps its rows, the snapshot has both.
    assert rows(server, "SELECT amount::text FROM shop.orders WHERE order_id = 2") == [("21.00",)]
    assert rows(server, "SELECT order_id, amount::int FROM shop.running ORDER BY 1") == [
        (1, 10), (2, 20), (3, 5), (4, 100), (5, 8)]
    assert rows(server, "SELECT amount::int, dbt_valid_to IS NULL FROM shop.orders_history WHERE order_id = 2"
                        " ORDER BY 1") == [(20, False), (21, True)]
    assert rows(server, "SELECT customer, order_id FROM shop.newest ORDER BY 1") == [
        ("ada", 3), ("ben", 2), ("cyd", 4), ("dan", 5)]


def test_a_failing_test_fails(server, project):
    (project / "tests" / "fails.sql").write_text("select 1 from {{ ref('orders') }}")
    done = dbt(server, project, "developer@acme", "test", "--select", "fails")
    (project / "tests" / "fails.sql").unlink()
    assert done.returncode == 1 and "Got 5 results" in done.stdout


def test_an_analyst_builds_nothing(server, project):
    done = dbt(server, project, "analyst@acme", "run", "--select", "orders")
    assert done.returncode != 0 and "HATI_ERR_403" in done.stdout, done.stdout


def test_another_environment_is_refused(server, project):
    profile = project / "profiles.yml"
    text = profile.read_text()
    profile.write_text(text.replace("environment: hatidata", "environment: production"))
    done = dbt(server, project, "developer@acme", "run")
    profile.write_text(text)
    assert done.returncode != 0 and "HATI_ERR_401_UNAUTHORIZED" in done.stdout
