"""The commands of an operator: loading files, administering, configuration, verifying."""
import contextlib
import json
import os
import pty
import re
import sqlite3
import subprocess

import psycopg
import pytest

from harness import HATIDATA, ROOT, THIRD_PARTY, Principal, Server, eventually, free_port, hatidata


def query(inst, sql, who="owner@acme"):
    with Server(inst) as server, server.connect(who) as conn:
        return conn.execute(sql).fetchall()


def test_load_csv_json_and_parquet(fresh, tmp_path):
    csv = tmp_path / "people.csv"
    csv.write_text('id,name,born\n1,"Ann, the first",1990-01-31\n2,,\n')
    lines = tmp_path / "events.jsonl"
    lines.write_text('{"id": 1, "tags": ["a", "b"], "at": "2024-01-01T00:00:00"}\n{"id": 2, "tags": [], "at": null}\n')
    assert "2 rows" in fresh.run("load", csv, "--table", "people", "--org", "acme").stdout
    assert "2 rows" in fresh.run("load", lines, "--table", "events", "--org", "acme").stdout
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        assert [r[1] for r in conn.execute("SELECT * FROM people ORDER BY id")] == ["Ann, the first", None]
        assert conn.execute("SELECT id, tags FROM events ORDER BY id").fetchall() == [(1, ["a", "b"]), (2, [])]
        assert conn.execute("SELECT count(*) FROM public.people").fetchone() == (2,)


def test_load_is_all_or_nothing(fresh, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("id,n\n" + "".join(f"{i},{i}\n" for i in range(50000)) + "x,not-a-number,extra\n")
    done = fresh.run("load", bad, "--table", "t", "--org", "acme", check=False)
    assert done.returncode == 1 and "bad.csv" in done.stderr
    good = tmp_path / "good.csv"
    good.write_text("id\n1\n")
    fresh.run("load", good, "--table", "t", "--org", "acme")
    done = fresh.run("load", good, "--table", "t", "--org", "acme", check=False)
    assert done.returncode == 1 and "t" in done.stderr
    assert query(fresh, "SELECT * FROM t") == [(1,)]


FLIGHTS = THIRD_PARTY / "data" / "flights-3m.parquet"


def test_load_of_parquet_and_of_a_part_of_it(fresh, tmp_path):
    part = tmp_path / "part.parquet"
    part.write_bytes(FLIGHTS.read_bytes()[:1 << 20])
    done = fresh.run("load", part, "--table", "flights", "--common", check=False)
    assert done.returncode == 1 and "part.parquet" in done.stderr
    assert "3000000 rows" in fresh.run("load", FLIGHTS, "--table", "flights", "--common").stdout
    assert query(fresh, "SELECT count(*), count(DISTINCT origin) > 100 FROM flights") == [(3000000, True)]


def test_a_load_that_is_killed_leaves_nothing(fresh):
    def database():
        return sum(p.stat().st_size for p in fresh.path.glob("hati.duckdb*"))
    empty = database()
    load = subprocess.Popen([HATIDATA, "load", FLIGHTS, "--table", "flights", "--org", "acme"],
                            env=dict(os.environ, HATIDATA_DATA_DIR=str(fresh.path)))
    eventually(lambda: load.poll() is not None or database() > empty + (1 << 20))
    assert load.poll() is None, "it was faster than the test"
    load.kill()
    load.wait()
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        with pytest.raises(psycopg.errors.UndefinedTable):
            conn.execute("SELECT * FROM flights")
    assert "3000000 rows" in fresh.run("load", FLIGHTS, "--table", "flights", "--org", "acme").stdout


def test_load_without_its_tenant_column_leaves_nothing(fresh, tmp_path):
    csv = tmp_path / "rows.csv"
    csv.write_text("org,v\nacme,1\n")
    done = fresh.run("load", csv, "--table", "rows", "--tenant-column", "tenant", check=False)
    assert done.returncode == 1 and '"tenant"' in done.stderr
    assert "1 rows" in fresh.run("load", csv, "--table", "rows", "--tenant-column", "org").stdout


def test_load_shows_progress_on_a_terminal_and_only_there(fresh):
    def load(table, stderr):
        return subprocess.Popen([HATIDATA, "load", FLIGHTS, "--table", table, "--org", "acme"], stderr=stderr,
                                stdout=subprocess.PIPE, env=dict(os.environ, HATIDATA_DATA_DIR=str(fresh.path)))
    ours, terminal = pty.openpty()
    process = load("a", terminal)
    os.close(terminal)
    seen = b""
    with contextlib.suppress(OSError):  # how a terminal says that its other end is closed
        while more := os.read(ours, 4096):
            seen += more
    os.close(ours)
    assert process.wait() == 0 and b"3000000 rows" in process.stdout.read()
    assert len(set(re.findall(rb"loading +([0-9.]+)%", seen))) > 1, seen
    process = load("b", subprocess.PIPE)
    assert process.communicate()[1] == b""


@pytest.mark.parametrize("args,said", [
    (("load", "/no/such.csv", "--table", "t", "--org", "acme"), "/no/such.csv"),
    (("load", __file__, "--table", "t", "--org", "nobody"), "nobody"),
    (("load", __file__, "--table", "t"), "--org"),
    (("load", __file__), "--table"),
    (("load", __file__, "--table", "t", "--org", "acme", "--format", "xml"), "xml"),
    (("load", __file__, "--table", "t", "--org", "acme"), "--format"),
])
def test_load_says_what_is_wrong(fresh, args, said):
    done = fresh.run(*args, check=False)
    assert done.returncode in (1, 2) and said in done.stderr, done.stderr


def test_load_beside_a_running_server_is_refused_clearly(fresh, tmp_path):
    csv = tmp_path / "a.csv"
    csv.write_text("a\n1\n")
    with Server(fresh):
        done = fresh.run("load", csv, "--table", "t", "--org", "acme", check=False)
    assert done.returncode == 1 and "server" in done.stderr


def test_tenant_column_scopes_a_loaded_table(fresh, tmp_path):
    fresh.run("org", "add", "other")
    fresh.run("user", "add", "owner@other.example", "--org", "other", "--role", "owner")
    ids = {line.split()[1]: line.split()[0] for line in fresh.run("org", "list").stdout.splitlines()
           if line.split()[1:2] and line.split()[1] in ("acme", "other")}
    csv = tmp_path / "rows.csv"
    csv.write_text(f"org,v\n{ids['acme']},1\n{ids['other']},2\n{ids['acme']},3\n")
    fresh.run("load", csv, "--table", "mixed", "--tenant-column", "org")
    assert query(fresh, "SELECT v FROM mixed ORDER BY v") == [(1,), (3,)]
    fresh.run("load", csv, "--table", "unseen", "--common")
    fresh.run("table", "unregister", "unseen")
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        with pytest.raises(psycopg.errors.UndefinedTable):
            conn.execute("SELECT * FROM unseen")


def test_an_organization_keeps_an_owner(fresh):
    done = fresh.run("user", "remove", "owner@acme.example", "--org", "acme", check=False)
    assert done.returncode == 1 and "owner" in done.stderr
    done = fresh.run("user", "set-role", "owner@acme.example", "analyst", "--org", "acme", check=False)
    assert done.returncode in (1, 2)


def test_expired_key_is_refused(fresh):
    with Server(fresh) as server:
        server.connect("analyst@acme").close()
        prefix = fresh.principals["analyst@acme"].key[:16]
        store = sqlite3.connect(fresh.path / "control.db")
        changed = store.execute("UPDATE api_keys SET expires_us = 1 WHERE prefix = ?", (prefix,)).rowcount
        store.commit()
        assert changed == 1
        with pytest.raises(psycopg.OperationalError):
            server.connect("analyst@acme")


def test_a_key_is_rotated(fresh):
    old = fresh.principals["analyst@acme"]
    rotate = ("key", "rotate", old.key[:16], "--org", "acme")
    with Server(fresh) as server:
        for grace, works in (("2", True), ("0", False)):
            said = fresh.run(*rotate, "--grace-hours", grace).stdout
            fresh.principals["turned"] = Principal(old.user, said.splitlines()[0])
            with server.connect("turned") as conn:
                assert conn.execute("SELECT 1").fetchone() == (1,)
            assert "shown once" in said and "The key before it works until " in said
            if works:
                server.connect("analyst@acme").close()
        with pytest.raises(psycopg.OperationalError):
            server.connect("analyst@acme")
        done = fresh.run(*rotate, check=False)
        assert done.returncode == 1 and "has ended" in done.stderr


def test_changes_of_administrators_are_in_the_log(fresh):
    with Server(fresh):
        fresh.set_policy("acme", {"name": "p", "type": "abac", "effect": "deny",
                                  "conditions": {"role": {"eq": "analyst"}}, "actions": ["query"],
                                  "resources": ["table:*"]})
        fresh.run("policy", "disable", "p", "--org", "acme")
    entries = [json.loads(line) for path in sorted(fresh.audit.glob("*.jsonl")) for line in open(path)]
    actions = [e["action"] for e in entries if e["kind"] == "iam"]
    assert {"org.create", "policy.create", "policy.disable"} <= set(actions)
    changed = next(e for e in entries if e.get("action") == "policy.disable")
    assert changed["before"] and changed["after"] and changed["actor"].startswith("cli:")
    assert hatidata("audit", "verify", fresh.audit).returncode == 0


def test_a_policy_that_is_wrong_is_refused_with_its_field(fresh):
    for rules, field in (([{"table": "public.t", "column": "c", "function": "blur"}], "rules[0].function"),
                         ([{"table": "public.t"}], "rules[0]"), ("x", "rules")):
        done = fresh.run("policy", "set", "-", "--org", "acme", check=False, stdin=json.dumps(
            {"name": "p", "type": "column_masking", "rules": rules}))
        assert done.returncode == 1 and field in done.stderr, done.stderr
    done = fresh.run("policy", "set", "-", "--org", "acme", check=False, stdin='{"name": ')
    assert done.returncode == 1


def test_a_changed_policy_holds_at_the_next_statement(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme") as owner, server.connect("analyst@acme") as analyst:
            owner.execute("CREATE TABLE t AS SELECT 'secret' AS a")
            assert analyst.execute("SELECT a FROM t", prepare=True).fetchone() == ("secret",)
            fresh.set_policy("acme", {"name": "m", "type": "column_masking", "rules": [
                {"table": "public.t", "column": "a", "function": "full"}]})
            assert analyst.execute("SELECT a FROM t", prepare=True).fetchone() == ("***",)
            fresh.run("policy", "disable", "m", "--org", "acme")
            assert analyst.execute("SELECT a FROM t", prepare=True).fetchone() == ("secret",)
            fresh.run("user", "set-role", "analyst@acme.example", "auditor", "--org", "acme")
            with pytest.raises(psycopg.Error):
                analyst.execute("SELECT a FROM t", prepare=True)


def test_quota_is_exact_at_the_last_credit(fresh):
    fresh.run("quota", "set", "--org", "acme", "--credits", "5")
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        for _ in range(5):
            conn.execute("SELECT 1")
        with pytest.raises(psycopg.Error) as e:
            conn.execute("SELECT 1")
        assert e.value.sqlstate == "53400" and "QUOTA_EXCEEDED" in str(e.value)
        fresh.run("quota", "set", "--org", "acme", "--credits", "6")
        conn.execute("SELECT 1")


def test_print_config_says_where_each_value_came_from(fresh):
    conf = fresh.path / "x.conf"
    conf.write_text("workers = 3\nlog_level = warn\n")
    done = hatidata("serve", "--config", conf, "--log-level", "error", "--print-config",
                    "--data-dir", fresh.path)
    lines = {line.split(" ")[0]: line for line in done.stdout.splitlines()}
    assert "3" in lines["workers"] and "x.conf:1" in lines["workers"]
    assert "error" in lines["log_level"] and "--log-level" in lines["log_level"]
    again = fresh.path / "y.conf"
    again.write_text(done.stdout)
    assert hatidata("serve", "--config", again, "--print-config").returncode == 0


def test_environment_stands_between_flags_and_file(fresh):
    conf = fresh.path / "x.conf"
    conf.write_text("workers = 3\nevent_loops = 3\nmax_connections = 33\n")
    done = subprocess.run(
        [HATIDATA, "serve", "--config", conf, "--workers", "5", "--print-config"], capture_output=True, text=True,
        env=dict(os.environ, HATIDATA_WORKERS="4", HATIDATA_EVENT_LOOPS="4", HATIDATA_DATA_DIR=str(fresh.path)))
    said = {line.split()[0]: line.split()[2] for line in done.stdout.splitlines() if line and line[0] != "#"}
    assert (said["workers"], said["event_loops"], said["max_connections"]) == ("5", "4", "33"), done.stdout
    assert "HATIDATA_EVENT_LOOPS" in done.stdout


def test_mistakes_of_flags_environment_and_file_are_told_together(fresh):
    conf = fresh.path / "x.conf"
    conf.write_text("workers = many\n\nlisten = nowhere\n")
    done = subprocess.run(
        [HATIDATA, "serve", "--config", conf, "--log-level", "loud", "--print-config"], capture_output=True,
        text=True, env=dict(os.environ, HATIDATA_MAX_MESSAGE="big", HATIDATA_WORKRES="1"))
    assert done.returncode in (1, 2)
    for place in ("x.conf:1", "x.conf:3", "--log-level", "HATIDATA_MAX_MESSAGE", "HATIDATA_WORKRES"):
        assert place in done.stderr, done.stderr


def test_the_documented_options_are_those_of_the_program():
    rows = [[cell.strip().strip("`") for cell in line.split("|")[1:-1]]
            for line in (ROOT / "docs" / "configuration.md").read_text().splitlines() if line.startswith("| `")]
    options = re.findall(r"^  --(\S+) +(.*) \(([^()]*)\)$", hatidata("serve", "--help").stdout, re.M)
    assert len(options) > 20
    assert [(name.replace("-", "_"), default) for name, _, default in options] == [
        (name, default.strip("()")) for name, default, _ in rows]
    for (_, said, _), (_, _, documented) in zip(options, rows):
        assert documented.startswith(said)


def test_unknown_things_are_named(fresh):
    for args in (("serv",), ("org", "ad", "x"), ("org", "add", "--nmae", "x"), ("serve", "--wrokers", "3"),
                 ("audit", "verify", "/no/such"), ("key", "add", "k")):
        done = fresh.run(*args, check=False)
        assert done.returncode in (1, 2) and done.stderr, args


def test_an_option_given_twice_is_refused_and_neither_is_forgotten(fresh):
    before = fresh.run("key", "list", "--org", "acme").stdout
    done = fresh.run("key", "add", "--org", "acme", "--user", "owner@acme.example", "--allow-ip", "10.0.0.0/8",
                     "--allow-ip=192.168.0.0/16", check=False)
    assert done.returncode == 2 and "--allow-ip is given twice" in done.stderr
    assert fresh.run("key", "list", "--org", "acme").stdout == before


def test_serve_without_a_data_folder(tmp_path):
    done = hatidata("serve", "--data-dir", tmp_path / "none", "--listen", f"127.0.0.1:{free_port()}",
                    check=False)
    assert done.returncode == 1 and "hatidata init" in done.stderr
