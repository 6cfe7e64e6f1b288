"""The log's checkpoints and proofs, by the program's own commands over a log that a server wrote."""
import json
import shutil

from harness import eventually, hatidata


def work(server, n):
    with server.connect("owner@acme") as conn:
        conn.autocommit = True
        for i in range(n):
            conn.execute(f"SELECT {i}")


def kept(signed):
    return sorted(signed.anchor.glob("checkpoint-*"))


def verify(signed, *options):
    done = hatidata("audit", "verify", signed.folder, "--json", *options, check=False)
    return done.returncode, json.loads(done.stdout)


def written(signed):
    with signed.serve() as server:
        work(server, 30)
    return signed.key()


def test_a_server_signs_its_log_and_its_anchor_agrees(signed):
    with signed.serve() as server:
        work(server, 30)
        eventually(lambda: kept(signed))  # while it runs
        assert server.get("/metrics")[1].count("\nhatidata_audit_checkpoints_total ") == 1
    key = signed.key()
    code, report = verify(signed, "--key", key, "--checkpoint", signed.anchor)
    assert code == 0 and report["chain_valid"]
    assert report["checkpoints"] == report["anchored_checkpoints"] == len(kept(signed)) >= 3
    assert report["checkpointed_entries"] == report["entry_count"] - 1  # the stop is signed, too
    assert key.startswith(f"hatidata.audit/{report['log_id']}+")
    for file in kept(signed):
        assert file.stat().st_mode & 0o222 == 0
        assert file.read_text().startswith(f"hatidata.audit/{report['log_id']}\n")


def test_the_key_stays_over_restarts_and_another_installations_is_refused(signed, tmp_path_factory):
    key = written(signed)
    assert written(signed) == key
    assert verify(signed, "--key", key, "--checkpoint", signed.anchor)[0] == 0
    from signed_log import SignedLog
    other = SignedLog(tmp_path_factory.mktemp("other"))
    code, report = verify(signed, "--key", written(other))
    assert code == 1 and "not signed by a key that was given" in report["broken_at"]["reason"]
    done = hatidata("audit", "verify", other.folder, "--checkpoint", signed.anchor, check=False)
    assert done.returncode == 1 and "of another log" in done.stdout


def test_a_log_without_its_end_is_found_by_the_anchor_alone(signed):
    key = written(signed)
    last = sorted(signed.folder.glob("audit-*.jsonl"))[-1]
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join(lines[:-6]))
    assert verify(signed, "--key", key)[0] == 0
    code, report = verify(signed, "--key", key, "--checkpoint", signed.anchor)
    assert code == 1 and "its end was cut off" in report["broken_at"]["reason"]


def test_an_entry_is_proven_without_the_log(signed, tmp_path):
    key = written(signed)
    entry = next(e for f in signed.folder.glob("*.jsonl") for e in map(json.loads, open(f))
                 if e["kind"] == "outcome")
    proof = tmp_path / "proof.json"
    for which in (entry["seq"], entry["entry_id"]):
        proof.write_text(hatidata("audit", "prove", signed.folder, "--entry", which).stdout)
        shown = hatidata("audit", "check", proof, "--key", key).stdout
        assert f"entry {entry['seq']} is in the log" in shown
        assert json.loads(shown.splitlines()[1]) == entry
    forged = json.loads(proof.read_text())
    forged["entry"] = forged["entry"].replace('"rows_returned":1', '"rows_returned":2')
    proof.write_text(json.dumps(forged))
    done = hatidata("audit", "check", proof, "--key", key, check=False)
    assert done.returncode == 1 and "entry_hash does not match" in done.stderr


def test_a_log_is_proven_to_go_on_from_an_older_checkpoint(signed, tmp_path):
    key = written(signed)
    first = kept(signed)[0]
    proof = tmp_path / "proof.json"
    proof.write_text(hatidata("audit", "prove", signed.folder, "--since", first).stdout)
    shown = hatidata("audit", "check", proof, "--key", key, "--checkpoint", first).stdout
    assert "begins with the" in shown
    done = hatidata("audit", "check", proof, "--key", key, "--checkpoint", kept(signed)[1], check=False)
    assert done.returncode == 1 and "not about" in done.stderr


def test_what_is_given_wrongly_is_said(signed, tmp_path):
    key = written(signed)
    for args, said in ((("prove", signed.folder), "what shall be proven"),
                       (("prove", signed.folder, "--entry", "99999"), "no such entry"),
                       (("prove", signed.folder, "--entry", "x"), "--entry"),
                       (("prove", tmp_path / "none", "--entry", "1"), "none"),
                       (("verify", signed.folder, "--key", "nonsense"), "not an Ed25519 key"),
                       (("verify", signed.folder, "--key", key[:-4]), "not an Ed25519 key"),
                       (("verify", signed.folder, "--checkpoint", signed.installation.ca), "checkpoint"),
                       (("check", signed.installation.ca, "--key", key), "not a proof")):
        done = hatidata("audit", *args, check=False)
        assert done.returncode in (1, 2) and said in done.stderr, (args, done.stderr)
    done = signed.installation.run("serve", "--audit-anchors", f"folder:{tmp_path}/none", check=False)
    assert done.returncode == 1 and "can't be opened" in done.stderr
    done = signed.installation.run("serve", "--audit-anchors", "ftp:x", check=False)
    assert done.returncode == 1 and "folder:PATH" in done.stderr


def test_an_anchor_that_fails_is_told_and_stops_nothing(signed):
    with signed.serve() as server:
        work(server, 10)
        eventually(lambda: kept(signed))
        eventually(lambda: shutil.rmtree(signed.anchor, ignore_errors=True) or not signed.anchor.exists())
        work(server, 30)
        eventually(lambda: "\nhatidata_audit_anchor_failures_total 0" not in server.get("/metrics")[1])
        assert "checkpoints go on in the log" in server.log()
    assert verify(signed, "--key", signed.key())[0] == 0
