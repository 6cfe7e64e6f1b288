"""What an export has is what the log has, in each form; a log that is broken gives none."""
import csv
import json

import pytest

from harness import hatidata, make_installation, Server

duckdb = pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("export") / "data")
    with Server(inst, "--audit-segment", "64KiB") as server:
        for who in ("owner@acme", "owner@globex"):
            with server.connect(who) as conn:
                conn.execute("CREATE TABLE t (a int)")
                for i in range(20):
                    conn.execute(f"INSERT INTO t VALUES ({i})")
                conn.execute("SELECT 'line\nend, \"quoted\"', a FROM t WHERE a > 3").fetchall()
                with pytest.raises(Exception):
                    conn.execute("SELECT nothing FROM t")
    inst.run("user", "suspend", "analyst@acme.example", "--org", "acme")
    inst.run("policy", "list", "--org", "acme")
    with Server(inst):
        pass
    return inst.audit


def entries(folder):
    return [json.loads(line) for f in sorted(folder.glob("*.jsonl")) for line in open(f)]


def export(log, out, *options):
    hatidata("audit", "export", log, "--out", out, *options)
    return out


def test_json_lines_are_the_logs_own(log, tmp_path):
    out = export(log, tmp_path / "all.jsonl")
    assert out.read_text() == "".join(f.read_text() for f in sorted(log.glob("*.jsonl")))
    assert out.stat().st_mode & 0o077 == 0
    assert hatidata("audit", "export", log).stdout == out.read_text()
    done = hatidata("audit", "export", log, "--out", out, check=False)
    assert done.returncode == 1 and "already" in done.stderr


def test_a_part_is_by_time_and_organization(log, tmp_path):
    all_of = entries(log)
    org = next(e["org_id"] for e in all_of if e["kind"] == "outcome")
    at = all_of[len(all_of) // 2]["timestamp"]
    first = export(log, tmp_path / "a", "--to", at, "--org", org)
    rest = export(log, tmp_path / "b", "--from", at, "--org", org)
    of_org = [json.loads(line) for f in (first, rest) for line in open(f)]
    assert of_org == [e for e in all_of if e.get("org_id") == org]
    assert all(json.loads(line)["timestamp"] < at for line in open(first))
    done = hatidata("audit", "export", log, "--from", "yesterday", check=False)
    assert done.returncode == 1 and "2026-01-31" in done.stderr


def test_csv_and_parquet_have_every_entry(log, tmp_path):
    all_of = entries(log)
    rows = list(csv.DictReader(open(export(log, tmp_path / "all.csv", "--format", "csv"), newline="")))
    table = export(log, tmp_path / "all.parquet", "--format", "parquet")
    other = duckdb.sql(f"SELECT seq, entry_hash, sql_redacted, tables_accessed, epoch_us(timestamp) "
                       f"FROM read_parquet('{table}') ORDER BY seq").fetchall()
    assert [int(r["seq"]) for r in rows] == [e["seq"] for e in all_of] == [r[0] for r in other]
    assert [r["sql_redacted"] or None for r in rows] == [e.get("sql_redacted") for e in all_of]
    assert [r[1] for r in other] == [e["entry_hash"] for e in all_of]
    assert [r[2] for r in other] == [e.get("sql_redacted") for e in all_of]
    assert [r[3] for r in other] == [e.get("tables_accessed") for e in all_of]
    assert table.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()].count("all.parquet.part") == 0


def test_ocsf_events_keep_to_the_schema_and_lose_nothing(log, tmp_path):
    events = [json.loads(line) for line in open(export(log, tmp_path / "all.ocsf", "--format", "ocsf"))]
    assert [e["unmapped"] for e in events] == entries(log)
    seen = set()
    for e in events:
        was = e["unmapped"]
        seen.add(e["class_uid"])
        assert e["type_uid"] == e["class_uid"] * 100 + e["activity_id"]
        assert e["category_uid"] == e["class_uid"] // 1000
        assert e["metadata"]["version"] == "1.3.0" and e["metadata"]["product"]["vendor_name"]
        assert e["metadata"]["uid"] == was["entry_id"] and e["metadata"]["sequence"] == was["seq"]
        assert 1_700_000_000_000 < e["time"] < 5_000_000_000_000
        assert e["status_id"] == (2 if "error_code" in was else 0 if was["kind"] == "intent" else 1)
        if e["class_uid"] == 6005:
            assert e["query_info"]["query_string"] == was["sql_redacted"] and e["src_endpoint"]["ip"]
    assert seen == {3001, 3004, 6002, 6005}
    suspended = [e for e in events if e["unmapped"].get("action") == "user.suspend"]
    assert [e["activity_id"] for e in suspended] == [5]


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "ocsf"])
def test_a_broken_log_gives_no_file(log, tmp_path, form):
    copy = tmp_path / "copy"
    copy.mkdir()
    for f in log.glob("*.jsonl"):
        (copy / f.name).write_bytes(f.read_bytes())
    first = copy / "audit-000001.jsonl"
    first.write_bytes(first.read_bytes().replace(b'"role":"owner"', b'"role":"admin"', 1))
    done = hatidata("audit", "export", copy, "--format", form, "--out", tmp_path / "out", check=False)
    assert done.returncode == 1 and "broken at entry" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy"]
