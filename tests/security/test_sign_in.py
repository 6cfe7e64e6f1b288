"""People who sign in: passwords, codes, tokens. What an attacker would try, against a real server."""
import base64
import json
import sqlite3
import time

import psycopg
import pytest

from harness import Server, eventually, make_installation

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("signin") / "data", orgs=("acme",))
    for role in ("owner", "analyst", "developer"):
        inst.run("user", "set-password", f"{role}@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    with Server(inst) as server:
        yield server


def wire(server, user, password, **more):
    parts = {"host": "localhost", "port": server.port, "dbname": "hatidata", "user": user, "password": password,
             "sslmode": "verify-full", "sslrootcert": str(server.installation.ca), "connect_timeout": 20, **more}
    return psycopg.connect(**parts, autocommit=True)


def refused(server, user, password, sqlstate="28P01", **more):
    with pytest.raises(psycopg.OperationalError) as e:
        wire(server, user, password, **more)
    return str(e.value)


def test_a_password_is_a_wire_password(world):
    with wire(world, "analyst@acme.example", PASSWORD) as conn:
        assert conn.execute("SHOW hatidata.role").fetchone() == ("analyst",)


def test_wrong_and_unknown_read_the_same(world):
    wrong = refused(world, "developer@acme.example", PASSWORD + "!")
    unknown = refused(world, "nobody@acme.example", PASSWORD)
    assert wrong.split("FATAL")[1] == unknown.split("FATAL")[1]
    assert PASSWORD not in world.log()


def test_a_changed_password_ends_sessions(world):
    with wire(world, "developer@acme.example", PASSWORD) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
        world.installation.run("user", "set-password", "developer@acme.example", "--org", "acme",
                               stdin="another pass phrase\n")
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")
    refused(world, "developer@acme.example", PASSWORD)
    world.installation.run("user", "set-password", "developer@acme.example", "--org", "acme",
                           stdin=PASSWORD + "\n")


def test_passwords_that_are_none(world):
    for bad in ("short", "x" * 257, "analyst@acme.example"):
        done = world.installation.run("user", "set-password", "analyst@acme.example", "--org", "acme",
                                      stdin=bad + "\n", check=False)
        assert done.returncode == 1 and "VALIDATION" in done.stderr and bad not in done.stderr


def test_the_throttle_delays_the_guesser_alone(world):
    """After a few wrong guesses an address waits for that name, whether it exists or not, and not for others."""
    for _ in range(5):
        refused(world, "owner@acme.example", "wrong wrong wrong")
    said = refused(world, "owner@acme.example", PASSWORD)
    assert "too many tries" in said
    for _ in range(5):
        refused(world, "nobody2@acme.example", "wrong wrong wrong")
    assert "too many tries" in refused(world, "nobody2@acme.example", PASSWORD)
    with wire(world, "analyst@acme.example", PASSWORD) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_an_organization_that_wants_a_second_factor(world):
    with wire(world, "analyst@acme.example", PASSWORD) as conn:
        world.installation.run("org", "require-mfa", "acme", "on")
        try:
            with pytest.raises(psycopg.OperationalError):
                conn.execute("SELECT 1")
            assert "second factor" in refused(world, "analyst@acme.example", PASSWORD)
            with world.connect("analyst@acme") as key:
                assert key.execute("SELECT 1").fetchone() == (1,)
        finally:
            world.installation.run("org", "require-mfa", "acme", "off")


def test_refusals_are_in_the_trail_and_hold_no_secret(world):
    refused(world, "analyst@acme.example", "a wrong pass phrase")

    def trail():
        return "".join(p.read_text() for p in world.installation.audit.iterdir() if p.is_file())
    eventually(lambda: "sign-in.refuse" in trail())
    assert "a wrong pass phrase" not in trail() and PASSWORD not in trail()
    assert "password.set" in trail() and "argon2" not in trail()


@pytest.mark.parametrize("header", [
    {"alg": "none"}, {"alg": "HS256", "kid": "x"}, {"alg": "RS256", "kid": "x"},
    {"alg": "RS256", "kid": "x", "jku": "https://127.0.0.1/"}, {"alg": "RS256", "kid": "x", "x5u": "https://127.0.0.1/"}])
def test_forged_tokens(world, header):
    def part(o):
        return base64.urlsafe_b64encode(json.dumps(o).encode()).rstrip(b"=").decode()
    claims = {"iss": "hatidata", "aud": "hatidata", "sub": "x", "sid": "x", "exp": int(time.time()) + 999}
    token = f"{part(header)}.{part(claims)}.{'' if header['alg'] == 'none' else 'AAAA'}"
    assert "wrong" in refused(world, "analyst@acme.example", token)


def test_secrets_in_the_store_are_sealed(world):
    with sqlite3.connect(world.installation.path / "control.db") as db:
        sealed, hashes = db.execute("SELECT group_concat(sealed) FROM signing_keys").fetchone()[0], \
            db.execute("SELECT group_concat(hash) FROM passwords").fetchone()[0]
    # A private key in DER begins with a sequence of version 0 and the algorithm's name (RFC 5208).
    assert "020100300d06092a864886f70d010101" not in sealed and len(sealed) > 1000
    assert hashes.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
