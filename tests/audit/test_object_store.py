"""An object store as an anchor: moto's S3 over TLS, which checks every signature, holds the locks, and does as S3 does
with If-None-Match. Between it and the server stands a wire that a test can cut."""
import http.server
import json
import shutil
import socket
import threading

import boto3
import pytest
from botocore.exceptions import ClientError

from harness import Server, eventually, hatidata, make_installation
from identity_providers import Authority, Moto

BUCKET = "audit-anchors"


class Wire:
    """Carries connections to a port, unless it is cut."""

    def __init__(self, port):
        self.to, self.cut = port, False
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.socket.accept()[0]
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(a, b), daemon=True).start()

    @staticmethod
    def carry(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Store:
    def __init__(self, folder):
        self.authority = Authority(folder)
        self.moto = Moto(self.authority, "localhost")
        self.wire = Wire(self.moto.port)
        self.endpoint = f"https://localhost:{self.wire.port}"
        self.keys = {"AWS_ACCESS_KEY_ID": self.moto.user["access_key"],
                     "AWS_SECRET_ACCESS_KEY": self.moto.user["secret_key"], "AWS_REGION": "eu-central-1"}
        self.s3 = boto3.client("s3", endpoint_url=self.moto.url, region_name="eu-central-1", verify=False,
                               aws_access_key_id=self.moto.user["access_key"],
                               aws_secret_access_key=self.moto.user["secret_key"])
        where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
        self.s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True, **where)
        self.s3.create_bucket(Bucket="without-lock", **where)

    def versions(self, prefix):
        return self.s3.list_object_versions(Bucket=BUCKET, Prefix=prefix).get("Versions", [])


class Anchored:
    """A log whose checkpoints go to a prefix of their own."""

    def __init__(self, store, installation, name):
        self.store, self.installation = store, installation
        self.uri, self.prefix = f"s3://{BUCKET}/{name}", name + "/"
        self.folder = installation.path / "audit"

    def serve(self, *options, anchor=None, entries=8):
        return Server(self.installation, "--audit-checkpoint-entries", entries, "--audit-anchors", anchor or self.uri,
                      "--audit-s3-endpoint", self.store.endpoint, "--audit-s3-ca", self.store.authority.file, *options)

    def work(self, n=20):
        with self.serve() as server:
            ask(server, n)

    def verify(self, *options):
        done = hatidata("audit", "verify", self.folder, "--json", "--anchor", self.uri, "--endpoint",
                        self.store.endpoint, "--ca-file", self.store.authority.file, *options, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def broken(self, *options):
        code, report = self.verify(*options)
        assert code == 1, report
        return report["broken_at"]["reason"]


def ask(server, n):
    with server.connect("owner@acme") as conn:
        conn.autocommit = True
        for i in range(n):
            conn.execute(f"SELECT {i}")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    yield store
    store.wire.socket.close()
    store.moto.close()


@pytest.fixture(autouse=True)
def credentials(store, monkeypatch):
    for name in ("AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in store.keys.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    return make_installation(tmp_path_factory.mktemp("installation") / "data")


@pytest.fixture
def log(store, installation, request):
    name = request.node.name[:60].replace("[", "-").replace("]", "").replace("_", "-")
    shutil.rmtree(installation.path / "audit", ignore_errors=True)
    return Anchored(store, installation, name)


def test_checkpoints_are_locked_objects_and_agree_with_the_log(log):
    log.work()
    code, report = log.verify("--key", log.installation.run("audit", "key").stdout.strip())
    kept = log.store.versions(log.prefix)
    assert code == 0, report
    assert report["anchored_checkpoints"] == report["checkpoints"] == len(kept) >= 3
    assert all(o["Key"].startswith(f"{log.prefix}{report['log_id']}/checkpoint-") for o in kept)
    lock = log.store.s3.head_object(Bucket=BUCKET, Key=kept[0]["Key"])
    assert lock["ObjectLockMode"] == "COMPLIANCE"
    years = (lock["ObjectLockRetainUntilDate"] - kept[0]["LastModified"]).days / 365.25
    assert 6.99 < years < 7.01
    with pytest.raises(ClientError, match="AccessDenied"):
        log.store.s3.delete_object(Bucket=BUCKET, Key=kept[0]["Key"], VersionId=kept[0]["VersionId"])


def test_a_cut_end_an_old_copy_and_a_fork_are_found(log, tmp_path):
    log.work()
    old = shutil.copytree(log.folder, tmp_path / "old")
    log.work()
    segment = sorted(log.folder.glob("audit-*.jsonl"))[-1]
    whole = segment.read_bytes()
    segment.write_bytes(b"".join(whole.splitlines(keepends=True)[:-6]))
    assert "its end was cut off" in log.broken()
    shutil.rmtree(log.folder)
    shutil.copytree(old, log.folder)
    assert "older copy was put back" in log.broken()
    log.work(60)  # the copy goes on, past the end of what it was a copy of
    assert "not those that the checkpoint was made over" in log.broken()


@pytest.mark.thorough
def test_what_is_written_over_or_hidden_by_a_deletion_is_still_found(log):
    log.work()
    last = max(log.store.versions(log.prefix), key=lambda o: o["Key"])
    segment = sorted(log.folder.glob("audit-*.jsonl"))[-1]
    segment.write_bytes(b"".join(segment.read_bytes().splitlines(keepends=True)[:-6]))
    log.store.s3.delete_object(Bucket=BUCKET, Key=last["Key"])  # a marker: the version stays
    assert "its end was cut off" in log.broken()
    log.store.s3.put_object(Bucket=BUCKET, Key=last["Key"], Body=b"nothing")
    code, said = log.verify()
    assert code == 1 and last["Key"] in said and "not a signed checkpoint" in said


@pytest.mark.thorough
def test_another_log_in_its_place_is_not_vouched_for(log):
    log.work()
    shutil.rmtree(log.folder)
    with Server(log.installation) as server:
        ask(server, 5)
    code, said = log.verify()
    assert code == 1 and "has no checkpoint of this log" in said


@pytest.mark.thorough
def test_a_checkpoint_of_the_same_size_and_another_root_is_told_while_the_server_runs(log, tmp_path):
    with log.serve() as server:
        ask(server, 20)
    copy = shutil.copytree(log.folder, tmp_path / "copy")
    with log.serve(entries=1) as server:  # nearly each size: the next run can't but meet one
        ask(server, 40)
    shutil.rmtree(log.folder)
    shutil.copytree(copy, log.folder)
    with log.serve(entries=1) as server:
        ask(server, 40)
        eventually(lambda: "\nhatidata_audit_anchor_contradictions_total 0" not in server.get("/metrics")[1])
        assert "is another checkpoint of as many entries" in server.log()


@pytest.mark.thorough
def test_while_the_store_is_away_the_log_goes_on_and_it_gets_what_it_missed(log):
    with log.serve() as server:
        log.store.wire.cut = True
        try:
            ask(server, 30)
            eventually(lambda: "\nhatidata_audit_anchors_failing 1\n" in server.get("/metrics")[1])
            assert "checkpoints go on in the log" in server.log()
            ask(server, 30)
        finally:
            log.store.wire.cut = False
        eventually(lambda: "\nhatidata_audit_anchors_failing 0\n" in server.get("/metrics")[1])
        assert "takes checkpoints again" in server.log()
    code, report = log.verify()
    assert code == 0 and report["anchored_checkpoints"] == report["checkpoints"] >= 6


@pytest.mark.thorough
def test_a_server_starts_where_the_store_is_away_and_not_where_it_is_unfit(log, monkeypatch):
    log.store.wire.cut = True
    try:
        with log.serve() as server:
            ask(server, 5)
            assert "can't be asked yet" in server.log()
        code, said = log.verify()
        assert code == 1 and "localhost" in said
    finally:
        log.store.wire.cut = False

    def refused(anchor=None):
        server = log.serve(anchor=anchor)
        server.start(wait=False)
        assert server.process.wait(30) == 1
        return server.log()

    assert "object lock isn't on for the bucket" in refused("s3://without-lock/x")
    assert "404 NoSuchBucket" in refused("s3://no-such-bucket/x")
    assert "no name of a bucket" in refused("s3://x")
    assert "prefix that can't be used" in refused(f"s3://{BUCKET}/../x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-right-one")
    log_text = refused()
    assert "403 SignatureDoesNotMatch" in log_text and "not-the-right-one" not in log_text
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert "there are no AWS credentials" in refused()


class Metadata:
    """A container's or an instance's credentials."""

    def __init__(self, store):
        self.asked = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.asked.append((self.command, self.path, self.headers.get("Authorization"),
                                    self.headers.get("X-aws-ec2-metadata-token")))
                body = json.dumps({"AccessKeyId": store.keys["AWS_ACCESS_KEY_ID"], "Token": "",
                                   "SecretAccessKey": store.keys["AWS_SECRET_ACCESS_KEY"],
                                   "Expiration": "2099-01-01T00:00:00Z"})
                body = {"/latest/api/token": "a-token",
                        "/latest/meta-data/iam/security-credentials/": "a-role"}.get(self.path, body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PUT = do_GET

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def test_credentials_of_a_container_and_of_an_instance(log, tmp_path, monkeypatch):
    log.work()
    metadata = Metadata(log.store)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url)
    assert log.verify()[0] == 0
    assert metadata.asked[:2] == [
        ("PUT", "/latest/api/token", None, None),
        ("GET", "/latest/meta-data/iam/security-credentials/", None, "a-token")]
    metadata.asked.clear()
    (tmp_path / "token").write_text("of-the-container\n")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", metadata.url + "/own")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
    assert log.verify()[0] == 0
    assert metadata.asked == [("GET", "/own", "of-the-container", None)]
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", metadata.url.replace("127.0.0.1", "192.0.2.1") + "/own")
    code, said = log.verify()
    assert code == 1 and "no AWS credentials" in said  # plain HTTP goes to no other address
