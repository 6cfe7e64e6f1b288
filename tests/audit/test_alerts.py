"""Alerts reach a webhook over HTTPS, signed, and are on record. The receiver is a server of Python's own."""
import hashlib
import hmac
import http.server
import json
import re
import shutil
import ssl
import threading
import time

import pytest

from harness import Server, eventually, hatidata, make_installation
from identity_providers import Authority
from rest import Rest

SECRET = "a secret of the webhook's own"
FIELDS = {"version", "id", "type", "severity", "time", "host", "subject", "summary", "details"}


class Receiver:
    """Takes alerts; `answers` are statuses to give first, 302 with another address of itself."""

    def __init__(self, authority):
        self.taken, self.tries, self.answers = [], [], []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = owner.answers.pop(0) if owner.answers else 204
                owner.tries.append((self.path, status))
                if status == 204:
                    owner.taken.append((self.headers, body))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", owner.url + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.certificate("localhost"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, kind):
        """The bodies of that type; each must be signed, fresh and of the documented form."""
        found = []
        for headers, body in list(self.taken):
            at, signature = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Hatidata-Signature"]).groups()
            assert hmac.compare_digest(
                signature, hmac.digest(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hex())
            assert abs(int(at) - time.time()) < 300 and headers["Content-Type"] == "application/json"
            alert = json.loads(body)
            assert set(alert) == FIELDS and alert["version"] == 1
            if alert["type"] == kind:
                found.append(alert)
        return found


class World:
    def __init__(self, folder):
        self.authority = Authority(folder / "tls")
        self.receiver = Receiver(self.authority)
        self.installation = make_installation(folder / "data")
        self.secret = folder / "secret"
        self.secret.touch(0o600)
        self.secret.write_text(SECRET + "\n")
        self.anchor = folder / "anchor"

    def serve(self, *options, webhooks=None):
        return Server(self.installation, "--alert-webhooks", webhooks or self.receiver.url + "/alerts?team=x",
                      "--alert-webhook-secret", self.secret, "--alert-webhook-ca", self.authority.file,
                      "--alert-denials", 3, "--alert-export-factor", 2, "--alert-export-least", 50, *options)

    def on_record(self, kind):
        lines = [json.loads(x) for f in sorted(self.installation.audit.glob("audit-*.jsonl")) for x in open(f)]
        return [json.loads(x["after"]) for x in lines if x.get("action") == "alert" and x["resource"] == kind]


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.receiver.server.shutdown()


def metric(server, name):
    return float(re.search(rf"^{name} (\S+)$", server.get("/metrics")[1], re.M)[1])


def deny(server, who, n):
    with server.connect(who) as conn:
        conn.autocommit = True
        for _ in range(n):
            with pytest.raises(Exception, match="HATI_ERR_403|denied|may not|not allowed"):
                conn.execute("CREATE TABLE forbidden AS SELECT 'jane.roe@example.com' AS whose, 4242424242 AS what")


def test_denials_and_exports_are_alerts_and_on_record(world):
    with world.serve() as server:
        deny(server, "analyst@acme", 3)
        deny(server, "auditor@acme", 1)
        assert not world.receiver.of("repeated_denials")
        deny(server, "analyst@acme", 6)  # the 4th is one too many; the 8th is about the same again
        eventually(lambda: world.receiver.of("repeated_denials"))
        with server.connect("owner@acme") as conn:
            assert len(conn.execute("SELECT * FROM range(40)").fetchall()) == 40
            assert len(conn.execute("SELECT * FROM range(60)").fetchall()) == 60
    alert, = world.receiver.of("repeated_denials")
    assert alert["severity"] == "warning" and alert["details"]["denials"] == 4 and alert["details"]["role"] == "analyst"
    assert all("jane" not in body.decode() and "4242" not in body.decode() for _, body in world.receiver.taken)
    assert world.on_record("repeated_denials") == [alert]
    assert not world.receiver.of("unusual_export")  # the first day: nothing is usual yet

    state = world.installation.path / "alerts.json"
    roles = json.loads(state.read_text())
    key, = roles
    assert roles[key][3] == 100 and key.endswith("/owner") and state.stat().st_mode & 0o77 == 0
    first, day, told, today, *before = roles[key]
    roles[key] = [first - 2, day - 1, 0, 30, 50, *before[1:7]]  # 30 yesterday, 50 before that: 40 are usual
    state.write_text(json.dumps(roles))
    with world.serve() as server:
        with server.connect("owner@acme") as conn:
            conn.execute("SELECT * FROM range(79)").fetchall()
            conn.execute("CREATE TABLE many AS SELECT * FROM range(1000)")  # nobody is given these
            conn.commit()
        assert metric(server, "hatidata_alerts_unusual_export_total") == 0
        with server.connect("owner@acme") as conn:
            conn.execute("SELECT * FROM range(2)").fetchall()
            conn.execute("SELECT * FROM range(500)").fetchall()
        eventually(lambda: world.receiver.of("unusual_export"))
    alert, = world.receiver.of("unusual_export")
    assert alert["details"]["rows_today"] == 81 and alert["details"]["rows_usual"] == 40
    assert alert["details"]["bytes_usual"] is None  # not counted in a state of rows alone, as that was
    assert alert["subject"] == key and world.on_record("unusual_export") == [alert]
    assert json.loads(state.read_text())[key][2:4] == [1, 581]
    assert hatidata("audit", "verify", world.installation.audit).returncode == 0


def simple(server, who):
    with server.connect(who) as conn:
        conn.pgconn.exec_(b"SELECT * FROM wide")


def extended(server, who, binary=False):
    with server.connect(who) as conn, conn.cursor(binary=binary) as cur:
        cur.execute("SELECT * FROM wide WHERE w <> %s", ("",)).fetchall()


def copied(server, who):
    with server.connect(who) as conn, conn.cursor() as cur, cur.copy("COPY wide TO STDOUT") as copy:
        assert sum(len(bytes(piece)) for piece in copy) > WIDE


def cursor(server, who):
    with server.connect(who, autocommit=False) as conn, conn.cursor("named") as cur:
        assert len(cur.execute("SELECT * FROM wide").fetchall()) == 3


def rest(server, who):
    assert Rest(server, who).ok("POST", "/v1/query", {"sql": "SELECT * FROM wide"})["row_count"] == 3


WIDE = 90000


@pytest.mark.parametrize("way", [simple, extended, lambda s, w: extended(s, w, True), copied, cursor, rest],
                         ids=["simple", "extended", "binary", "copy", "cursor", "rest"])
def test_a_few_wide_rows_are_an_unusual_export_by_their_bytes(world, way):
    options = "--alert-export-least-bytes", "64KiB"
    with world.serve(*options) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE wide AS SELECT repeat('w', 30000) AS w FROM range(3)")
            conn.execute("SELECT 1").fetchall()
    state = world.installation.path / "alerts.json"
    roles = json.loads(state.read_text())
    key, = roles
    assert 0 < roles[key][12] < 100  # of the one row
    first, day = roles[key][:2]
    roles[key] = [first - 1, day - 1, 0, 5, *[0] * 7, first - 1, 100, *[0] * 7]
    state.write_text(json.dumps(roles))
    with world.serve(*options) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE narrow AS SELECT * FROM wide")  # nobody is given these
            conn.execute("SELECT substr(w, 1, 30) FROM wide").fetchall()
        assert metric(server, "hatidata_alerts_unusual_export_total") == 0
        way(server, "owner@acme")
        eventually(lambda: world.receiver.of("unusual_export"))
    alert, = world.receiver.of("unusual_export")
    details = alert["details"]
    assert details["bytes_usual"] == 100 and WIDE < details["bytes_today"] < WIDE + 1000
    assert details["rows_today"] == 6 and details["rows_usual"] == 5
    assert "bytes" in alert["summary"] and world.on_record("unusual_export") == [alert]


def put_byte(path, at, byte):
    """At once: who reads the file meanwhile never sees it shorter."""
    with open(path, "r+b", buffering=0) as f:
        f.seek(at)
        f.write(byte)


def test_a_change_of_the_logs_files_is_found_by_the_running_server(world):
    with world.serve("--audit-check-interval", "1s", "--audit-segment", "64KiB") as server:
        with server.connect("owner@acme") as conn:
            conn.autocommit = True
            for i in range(60):
                conn.execute(f"SELECT {i}")
        seen = metric(server, "hatidata_audit_checks_total")
        eventually(lambda: metric(server, "hatidata_audit_checks_total") > seen + 1)
        assert metric(server, "hatidata_audit_broken") == 0 and not world.receiver.taken
        segment = sorted(world.installation.audit.glob("audit-*.jsonl"))[0]
        at = segment.read_bytes().index(b'"rows_returned":1') + len(b'"rows_returned":')
        put_byte(segment, at, b"7")
        eventually(lambda: world.receiver.of("chain_broken"))
        assert metric(server, "hatidata_audit_broken") == 1
        alert, = world.receiver.of("chain_broken")
        assert alert["severity"] == "critical" and alert["details"]["file"] == segment.name
        assert alert["details"]["line"] == next(
            i for i, line in enumerate(segment.read_bytes().splitlines(), 1) if b'"rows_returned":7' in line)
        put_byte(segment, at, b"1")
        eventually(lambda: metric(server, "hatidata_audit_broken") == 0)
    assert world.on_record("chain_broken") == [alert]


@pytest.mark.thorough
def test_a_log_that_was_written_anew_is_found_though_its_chain_holds(world, tmp_path):
    other = make_installation(tmp_path / "other")
    with Server(other, "--audit-segment", "64KiB") as server, server.connect("owner@acme") as conn:
        conn.execute("SELECT 1")
    with world.serve("--audit-check-interval", "1s") as server:
        for f in world.installation.audit.glob("audit-*.jsonl"):
            f.unlink()
        shutil.copy(other.audit / "audit-000001.jsonl", world.installation.audit)
        eventually(lambda: world.receiver.of("chain_broken"))


@pytest.mark.thorough
def test_an_anchor_that_is_away_is_an_alert(world):
    world.anchor.mkdir()
    with world.serve("--audit-anchors", f"folder:{world.anchor}", "--audit-checkpoint-entries", 4,
                     "--alert-anchor-tries", 2) as server:
        eventually(lambda: shutil.rmtree(world.anchor, ignore_errors=True) or not world.anchor.exists())
        with server.connect("owner@acme") as conn:
            conn.autocommit = True
            for i in range(20):
                conn.execute(f"SELECT {i}")
        eventually(lambda: world.receiver.of("anchor_unreachable"))
        assert metric(server, "hatidata_alerts_anchor_unreachable_total") == 1
    alert, = world.receiver.of("anchor_unreachable")
    assert alert["subject"] == f"folder:{world.anchor}" and alert["details"]["tries"] >= 2


def test_a_webhook_that_fails_gets_it_later_and_none_is_sent_on(world):
    world.receiver.answers = [500, 302]
    with world.serve() as server:
        deny(server, "analyst@acme", 4)
        eventually(lambda: metric(server, "hatidata_webhooks_sent_total") == 1)  # the answer came, too
        assert metric(server, "hatidata_webhook_failures_total") == 2 and len(world.receiver.taken) == 1
        eventually(lambda: "takes alerts again" in server.log())
        assert "it is tried again" in server.log()
        assert SECRET not in server.log() and "team=x" not in server.log()
    assert world.receiver.tries == [("/alerts?team=x", 500), ("/alerts?team=x", 302), ("/alerts?team=x", 204)]


def test_webhooks_that_cannot_be_are_refused_at_the_start(world):
    def refused(webhooks, *options):
        server = world.serve(*options, webhooks=webhooks)
        server.log_path.unlink(missing_ok=True)
        server.start(wait=False)
        assert server.process.wait(60) == 1
        return server.log()

    for url in ("http://example.com/x", "https://", "https://user:word@example.com/", "ftp://x",
                "http://127.0.0.1.example.com/", "http://localhost@example.com/"):
        assert "no address of a webhook" in refused(url), url
    assert "webhooks need one" in refused("https://example.com", "--alert-webhook-secret", "")
    world.secret.chmod(0o644)
    assert "secret" in refused("https://example.com")
    world.secret.chmod(0o600)
    world.secret.write_text("short\n")
    assert "has no secret of" in refused("https://example.com")
