"""Bytes, keys, files and configurations that are wrong: each a clear error; nothing is lost."""
import contextlib
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import time

import psycopg
import pytest

from harness import HATIDATA, Server, free_port, hatidata, make_installation


def raw(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def alive(server):
    with server.connect("owner@acme") as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def drain(s):
    data = b""
    try:
        while chunk := s.recv(65536):
            data += chunk
    except (ConnectionError, ssl.SSLError, socket.timeout):
        pass
    return data


SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def upgrade(server, **options):
    s = raw(server)
    s.sendall(SSL_REQUEST)
    assert s.recv(1) == b"S"
    context = ssl.create_default_context(cafile=str(server.installation.ca))
    for name, value in options.items():
        setattr(context, name, value)
    return context.wrap_socket(s, server_hostname="localhost")


def test_tls_1_2_is_refused(server):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        upgrade(server, maximum_version=ssl.TLSVersion.TLSv1_2)
    alive(server)


def test_plaintext_startup_is_refused_before_any_password(server):
    with raw(server) as s:
        body = struct.pack("!i", 196608) + b"user\0x\0database\0hatidata\0\0"
        s.sendall(struct.pack("!i", len(body) + 4) + body)
        said = drain(s)
    assert said[:1] == b"E" and b"28000" in said and b"TLS" in said
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.conninfo("owner@acme", sslmode="disable"))
    alive(server)


def test_gss_encryption_is_refused_and_tls_may_follow(server):
    with raw(server) as s:
        s.sendall(struct.pack("!ii", 8, 80877104))
        assert s.recv(1) == b"N"
        s.sendall(SSL_REQUEST)
        assert s.recv(1) == b"S"
    alive(server)


def test_bytes_before_the_handshake_are_not_used(server):
    with raw(server) as s:
        s.sendall(SSL_REQUEST + b"Q\0\0\0\x0dSELECT 1\0")
        said = drain(s)
    assert said in (b"", b"S")
    alive(server)


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.0\r\n\r\n", b"\0" * 100, os.urandom(1000),
                                     struct.pack("!ii", 2**31 - 1, 196608), struct.pack("!ii", 4, 0),
                                     struct.pack("!ii", -1, 196608), b"\x16\x03\x01", b"\x16" * 500],
                         ids=range(8))
def test_garbage_before_tls(server, garbage):
    with raw(server) as s:
        with contextlib.suppress(OSError):  # the server may be faster in closing
            s.sendall(garbage)
            s.shutdown(socket.SHUT_WR)
        drain(s)
    alive(server)


@pytest.mark.parametrize("message", [b"Q\0\0\0\x03", b"Q\xff\xff\xff\xff", b"Q\x7f\xff\xff\xff", b"\0" * 64,
                                     b"P\0\0\0\x05x", b"B\0\0\0\x06\0\0", b"E\0\0\0\x05\0", b"Z\0\0\0\x04",
                                     b"Q\0\0\0\x0aSELECT", b"d\0\0\0\x04", b"p\0\0\0\x06x\0"],
                         ids=range(11))
def test_wrong_messages_after_login(server, message):
    p = server.installation.principals["owner@acme"]
    with upgrade(server) as s:
        body = struct.pack("!i", 196608) + f"user\0{p.user}\0database\0hatidata\0\0".encode()
        s.sendall(struct.pack("!i", len(body) + 4) + body)
        assert s.recv(1) == b"R"
        s.recv(100)
        s.sendall(b"p" + struct.pack("!i", len(p.key) + 5) + p.key.encode() + b"\0")
        seen = b""
        while b"Z\0\0\0\x05I" not in seen:
            seen += s.recv(65536)
        s.sendall(message)
        s.settimeout(1)
        drain(s)
    alive(server)


def test_garbage_before_login_over_tls(server):
    for garbage in (os.urandom(5000), struct.pack("!ii", 2**30, 196608), struct.pack("!ii", 9, 196608) + b"x"):
        try:
            with upgrade(server) as s:
                s.sendall(garbage)
                s.settimeout(3)
                drain(s)
        except (ssl.SSLError, ConnectionError):
            pass
    alive(server)


def test_direct_tls_needs_the_protocol_name(server):
    for alpn, works in ((["postgresql"], True), (["http/1.1"], False), (None, False)):
        context = ssl.create_default_context(cafile=str(server.installation.ca))
        if alpn:
            context.set_alpn_protocols(alpn)
        try:
            with context.wrap_socket(raw(server), server_hostname="localhost") as s:
                body = struct.pack("!i", 196608) + b"user\0x\0\0"
                s.sendall(struct.pack("!i", len(body) + 4) + body)
                got = s.recv(1)
        except (ssl.SSLError, ConnectionError):
            got = b""
        assert (got == b"R") == works, alpn
    alive(server)


def refused(server, who=None, **change):
    info = server.conninfo(who or "owner@acme", **change)
    with pytest.raises(psycopg.OperationalError) as e:
        psycopg.connect(info)
    return str(e.value)


def test_wrong_unknown_and_foreign_keys_look_the_same(server):
    said = {refused(server, password=k) for k in (
        "hd_live_" + "A" * 32, "hd_test_" + "b" * 32, "x", "hd_live_", "hd_live_" + "é" * 32,
        server.installation.principals["owner@globex"].key,
        server.installation.principals["owner@acme"].key[:-1] + "!")}
    assert len(said) == 1 and "28P01" not in str(said)  # the text; psycopg has the code in diag
    assert "hd_live_AAAA" not in str(said)
    refused(server, user="nobody@acme.example")
    alive(server)


def test_unknown_database(server):
    refused(server, dbname="production")
    alive(server)


def test_expired_and_revoked_keys(fresh):
    fresh.add_user("acme", "analyst", "temp")
    fresh.add_key("short@acme", "temp@acme.example", "--org", "acme", "--user", "temp@acme.example")
    with Server(fresh) as server:
        with server.connect("short@acme") as conn:
            prefix = fresh.principals["short@acme"].key[:16]
            fresh.run("key", "revoke", prefix, "--org", "acme")
            deadline = time.monotonic() + 10
            with pytest.raises(psycopg.Error) as e:
                while time.monotonic() < deadline:
                    conn.execute("SELECT 1")
                    time.sleep(0.05)
            assert "HATI_ERR_401_REVOKED" in str(e.value)
        refused(server, "short@acme")
        with server.connect("temp@acme") as conn:
            fresh.run("user", "suspend", "temp@acme.example", "--org", "acme")
            with pytest.raises(psycopg.Error):
                for _ in range(200):
                    conn.execute("SELECT 1")
                    time.sleep(0.05)
        refused(server, "temp@acme")


def test_errors_have_the_right_codes(server):
    with server.connect("owner@acme", options="'-c hatidata.dialect=postgres'") as conn:
        for sql, state in (("SELECT * FROM nope", "42P01"), ("SELECT nope FROM nation", "42703"),
                           ("SELEC 1", "42601"), ("SELECT 1 +", "42601"), ("SELECT 'x'::int", "22P02"),
                           ("SELECT nope(1)", "42883"), ("SELECT 300::tinyint", "22003"),
                           ("SELECT n_name FROM nation a, nation b", "42702"),
                           ("SELECT 1::nope", "42704"), ("SELECT * FROM nope.nation", "42P01")):
            with pytest.raises(psycopg.Error) as e:
                conn.execute(sql)
            assert e.value.sqlstate == state, (sql, e.value.sqlstate, str(e.value))
            assert "HATI_ERR_" in e.value.diag.message_detail and e.value.diag.message_hint


def test_division_by_zero_is_an_error(server):
    with server.connect("owner@acme") as conn:
        for sql in ("SELECT 1 / 0", "SELECT 1 % 0", "SELECT n_nationkey / 0 FROM nation"):
            with pytest.raises(psycopg.errors.DivisionByZero):
                conn.execute(sql)
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_port_taken(server, fresh):
    done = subprocess.run([str(HATIDATA), "serve", "--data-dir", str(fresh.path), "--listen",
                           f"127.0.0.1:{server.port}", "--metrics-listen", f"127.0.0.1:{free_port()}",
                           "--control", "off"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and str(server.port) in done.stderr and "in use" in done.stderr


def test_every_mistake_of_a_configuration_at_once(fresh):
    conf = fresh.path / "hatidata.conf"
    conf.write_text("listen = nowhere\nworkers = many\nno_such_option = 1\nengine_memory = -3\n= 4\n")
    done = hatidata("serve", "--config", conf, "--data-dir", fresh.path, "--log-level", "loud", check=False)
    assert done.returncode in (1, 2)
    for line in (1, 2, 3, 4, 5):
        assert f"hatidata.conf:{line}" in done.stderr, done.stderr
    assert "log-level" in done.stderr or "log_level" in done.stderr


def serve_fails(inst, seconds=60):
    done = subprocess.run([str(HATIDATA), "serve", "--data-dir", str(inst.path), "--listen",
                           f"127.0.0.1:{free_port()}", "--metrics-listen", f"127.0.0.1:{free_port()}",
                           "--control", "off"],
                          capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 1
    return done.stderr


def test_corrupt_database_is_refused_and_untouched(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE t AS SELECT i FROM range(100000) AS r(i)")
    database = fresh.path / "hati.duckdb"
    good = database.read_bytes()
    bad = bytearray(good)
    for at in range(4096, len(bad), 4096):
        bad[at] ^= 0xFF
    database.write_bytes(bad)
    said = serve_fails(fresh)
    assert "hati.duckdb" in said
    assert database.read_bytes() == bytes(bad)
    database.write_bytes(good)
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        assert conn.execute("SELECT count(*) FROM t").fetchone() == (100000,)


def test_wrong_data_key_is_refused_and_loses_nothing(fresh, tmp_path):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE t AS SELECT 1 AS a")
    other = make_installation(tmp_path / "other", orgs=())
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("keyring.json", "master.key"):
        shutil.copy2(fresh.path / name, kept / name)
        shutil.copy2(other.path / name, fresh.path / name)
    before = (fresh.path / "hati.duckdb").read_bytes()
    assert "key" in serve_fails(fresh)
    assert (fresh.path / "hati.duckdb").read_bytes() == before
    shutil.copy2(kept / "keyring.json", fresh.path / "keyring.json")
    assert "key" in serve_fails(fresh)  # a keyring of another master key
    shutil.copy2(kept / "master.key", fresh.path / "master.key")
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        assert conn.execute("SELECT a FROM t").fetchone() == (1,)


def test_readable_master_key_is_refused(fresh):
    os.chmod(fresh.path / "master.key", 0o644)
    said = serve_fails(fresh)
    assert "master.key" in said and "0644" in said and "chmod" in said


def test_the_database_file_holds_no_plain_value(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE t AS SELECT 'needle-in-the-database' AS a FROM range(10000)")
    for path in fresh.path.rglob("*"):
        if path.is_file() and "audit" not in path.parts:
            assert b"needle-in-the-database" not in path.read_bytes(), path


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a tmpfs needs root")
def test_full_disk_for_the_log_denies_and_keeps_the_log_whole(fresh):
    log = fresh.path / "audit"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(log)]).returncode:
        pytest.skip("no tmpfs here")
    try:
        server = Server(fresh).start()
        try:
            with server.connect("owner@acme") as conn:
                with pytest.raises(psycopg.Error) as e:
                    for i in range(5000):
                        conn.execute(f"SELECT {i} AS a, '{'x' * 500}' AS filler")
                assert e.value.sqlstate == "58030" and "HATI_ERR_503_AUDIT" in e.value.diag.message_detail
            with pytest.raises(psycopg.Error):
                with server.connect("owner@acme") as conn:
                    conn.execute("SELECT 1")
            assert server.get("/ready")[0] == 503
        finally:
            server.stop()
        done = hatidata("audit", "verify", log, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        subprocess.run(["umount", str(log)], check=True)


def test_kill_9_leaves_a_log_that_verifies_and_a_database_that_opens(fresh):
    for _ in range(3):
        server = Server(fresh).start()
        with server.connect("owner@acme") as conn:
            conn.execute("CREATE TABLE IF NOT EXISTS t (a int)")
            for i in range(20):
                conn.execute("INSERT INTO t VALUES (%s)", (i,))
            server.stop(signal.SIGKILL)
    with Server(fresh) as server, server.connect("owner@acme") as conn:
        assert conn.execute("SELECT count(*) FROM t").fetchone() == (60,)
    assert hatidata("audit", "verify", fresh.audit).returncode == 0


def test_secrets_are_in_no_log(fresh):
    with Server(fresh) as server:
        with server.connect("owner@acme") as conn:
            conn.execute("SELECT 'jane.doe@example.com', '078-05-1120', '4111 1111 1111 1111'")
            conn.execute("CREATE TABLE IF NOT EXISTS accounts (name text, password text)")
            conn.execute("INSERT INTO accounts (name, password) VALUES ('ann', 'hunter3-hunter3')")
            conn.execute("INSERT INTO accounts VALUES ('bob', 'hunter4-hunter4')", prepare=False)
            conn.execute("EXPLAIN INSERT INTO accounts SELECT name, 'hunter5-hunter5' FROM accounts")
            conn.execute("UPDATE accounts SET password = lower('HUNTER6-HUNTER6') WHERE 'hunter7-hunter7' = password")
            try:
                conn.execute("CREATE USER x PASSWORD 'hunter2-hunter2'")
            except psycopg.Error:
                pass
        refused(server, password="hd_live_" + "Q" * 32)
        log = server.log()
    text = b"".join(p.read_bytes() for p in fresh.audit.iterdir() if p.is_file()) + log.encode()
    for secret in (b"jane.doe@example.com", b"078-05-1120", b"4111 1111 1111 1111", b"hunter2-hunter2", b"hunter3-hunter3", b"hunter4-hunter4", b"hunter5-hunter5", b"HUNTER6-HUNTER6",
                   b"hunter7-hunter7",
                   b"Q" * 12, fresh.principals["owner@acme"].key.encode()):
        assert secret not in text, secret


def test_metrics_tell_no_names(server):
    alive(server)
    status, text = server.get("/metrics")
    assert status == 200 and "hatidata_stage_seconds" in text
    for word in ("acme", "globex", "SELECT", "customer", "example"):
        assert word not in text
    assert server.get("/live")[0] == 200 and server.get("/ready")[0] == 200
    assert server.get("/../etc/passwd")[0] in (400, 404)
