"""The closed segments as columns: hatidata.audit_log reads them, and they are the log's own entries."""
import json
import urllib.parse

import duckdb
import psycopg
import pytest

from harness import eventually
from rest import Rest
from signed_log import SignedLog
from test_checkpoints import work

EVERYTHING = ("SELECT seq, kind, entry_id, sql_redacted, tables_accessed::text, rows_returned, cache_hit, error_code, entry_hash, "
              "policy_verdicts::text FROM hatidata.audit_log WHERE seq <= %s ORDER BY seq")


def segments(signed):
    return sorted(signed.folder.glob("audit-*.jsonl"))


def files(signed):
    return sorted((signed.folder / "columns").glob("*.parquet"))


def all_are_made(signed):
    return len(segments(signed)) > 3 and [f.name[:12] for f in files(signed)] == [s.name[:12] for s in segments(signed)[:-1]]


def entries(signed, org_id, last):
    found = []
    for path in segments(signed):
        found += [json.loads(line) for line in path.read_text().splitlines()]
    return {e["seq"]: e for e in found if e.get("org_id") == org_id and e["seq"] <= last}


def agree(signed, server):
    with server.connect("auditor@acme") as conn:
        last, org_id = conn.execute("SELECT max(seq), any_value(org_id) FROM hatidata.audit_log").fetchone()
        rows = conn.execute(EVERYTHING, (last,)).fetchall()
    known = entries(signed, org_id, last)
    assert [r[0] for r in rows] == sorted(known)
    for seq, kind, entry_id, sql, tables, returned, hit, code, entry_hash, verdicts in rows:
        e = known[seq]
        assert (kind, entry_id, sql, returned, hit, code, entry_hash) == (
            e["kind"], e["entry_id"], e.get("sql_redacted"), e.get("rows_returned"), e.get("cache_hit"), e.get("error_code"),
            e["entry_hash"])
        assert (json.loads(verdicts) if verdicts else None) == e.get("policy_verdicts")
        assert (tables is None) == ("tables_accessed" not in e)
    return len(rows)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    log = SignedLog(tmp_path_factory.mktemp("columns"))
    with log.serve() as server:
        work(server, 250)
        eventually(lambda: all_are_made(log))
        assert agree(log, server) >= 500
    return log


def harm(damaged, other):
    """Each of five files in another way."""
    gone, cut, swapped, strange, fewer = damaged
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-100])
    swapped.write_bytes(other.read_bytes())
    duckdb.execute(f"COPY (SELECT 1 AS seq) TO '{strange}' (FORMAT parquet)")
    new = fewer.with_suffix(".new")
    duckdb.execute(f"COPY (SELECT * FROM '{fewer}' WHERE seq % 64 <> 9) TO '{new}' (FORMAT parquet)")
    new.rename(fewer)
    (gone.parent / "audit-999999.parquet").write_bytes(b"PAR1")
    (gone.parent / "audit-000001.00000000.parquet").write_bytes(other.read_bytes())
    (gone.parent / "audit-000001.part").write_bytes(b"")


def test_what_is_not_right_is_made_again(written):
    *damaged, other = files(written)[:6]
    before = [f.read_bytes() for f in damaged]
    harm(damaged, other)
    with written.serve() as server:
        eventually(lambda: all_are_made(written) and [f.read_bytes() for f in damaged] == before)
        agree(written, server)


def test_the_sql_table_reads_them_and_a_lost_one_is_no_shorter_answer(written):
    with written.serve() as server, server.connect("auditor@acme") as conn:
        eventually(lambda: all_are_made(written))
        for file in files(written):
            assert file.stat().st_mode & 0o077 == 0
        first = files(written)[0]
        away = first.rename(first.with_suffix(".away"))
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT count(*) FROM hatidata.audit_log").fetchone()
        away.rename(first)
        assert conn.execute("SELECT count(*) FROM hatidata.audit_log").fetchone()[0] >= 500


def test_a_plan_does_not_tell_where_they_are(written):
    with written.serve() as server, server.connect("auditor@acme") as conn:
        plan = "\n".join(r[0] for r in conn.execute("EXPLAIN SELECT sql_redacted FROM hatidata.audit_log WHERE seq = 100"))
        assert str(written.folder) not in plan, plan


def pages(ask, **filters):
    """query_ids of all pages, the newest first."""
    found, cursor = [], None
    while True:
        query = {"limit": 20, **filters, **({"cursor": cursor} if cursor else {})}
        answer = ask("GET", "/v1/environments/hatidata/audit/queries?" + urllib.parse.urlencode(query)).json()
        found += [e["query_id"] for e in answer["data"]]
        cursor = answer["pagination"]["cursor"]
        if not answer["pagination"]["has_more"]:
            return found


def test_a_search_finds_all_over_the_segments(written):
    assert len(segments(written)) > 5  # more than a search begins with
    with written.serve() as server:
        eventually(lambda: all_are_made(written))
        ask = Rest(server, "auditor@acme")
        with server.connect("auditor@acme") as conn:
            org = conn.execute("SELECT any_value(org_id) FROM hatidata.audit_log").fetchone()[0]
        known = [e for _, e in sorted(entries(written, org, 10**9).items(), reverse=True) if e["kind"] == "outcome"]
        assert pages(ask) == [e["query_id"] for e in known]
        for user in {e["user_id"] for e in known}:
            assert pages(ask, user_id=user) == [e["query_id"] for e in known if e["user_id"] == user]
        assert pages(ask, user_id="nobody") == []
        from_, to = known[3 * len(known) // 4]["timestamp"], known[len(known) // 4]["timestamp"]
        assert pages(ask, start_date=from_, end_date=to) == [
            e["query_id"] for e in known if from_ <= e["timestamp"] < to]
