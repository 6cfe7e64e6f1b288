"""Who becomes a proxy: only by a token that is good once, towards a control plane that proves itself."""
import http.client
import json
import sqlite3
import ssl

import pytest

from harness import eventually, hatidata, make_installation
from planes import Control, enrol


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A control plane and a data folder that was enrolled with it, without a running proxy."""
    path = tmp_path_factory.mktemp("enrolment")
    with Control(make_installation(path / "control", orgs=("acme",))) as control:
        enrol(path / "east", control.node, control.token("east"), control.fingerprint())
        yield control, path / "east"


def refused(control, path, token, fingerprint, *words):
    done = enrol(path, control.node, token, fingerprint, check=False)
    assert done.returncode == 1, done
    assert all(w in done.stderr for w in words), done.stderr
    assert not (path / "proxy.json").exists()


def test_a_wrong_token_enrols_nobody(home, tmp_path):
    control, _ = home
    before = control.proxies()
    for token in ("hd_proxy_" + "a" * 43, "x", ""):
        refused(control, tmp_path / "proxy", token, control.fingerprint(), "token")
    assert control.proxies() == before


def test_a_token_is_good_once(home, tmp_path):
    control, _ = home
    token = control.token("once")
    enrol(tmp_path / "one", control.node, token, control.fingerprint())
    refused(control, tmp_path / "two", token, control.fingerprint(), "unknown, used, or over")
    assert [p[1] for p in control.proxies()].count("once") == 1


def test_a_token_ends(home, tmp_path):
    control, _ = home
    token = control.token("late", "--minutes", "1")
    with sqlite3.connect(control.installation.path / "control.db") as db:
        db.execute("UPDATE proxy_tokens SET expires_us = 1 WHERE name = 'late'")
    refused(control, tmp_path / "late", token, control.fingerprint(), "unknown, used, or over")


def test_a_name_is_taken_once(home):
    control, _ = home
    assert "there is a proxy of that name" in control.run("proxy", "token", "east", check=False).stderr


def test_a_token_is_kept_as_its_digest(home):
    control, _ = home
    token = control.token("digest")
    for file in control.installation.path.glob("control.db*"):
        assert token.encode() not in file.read_bytes()


def test_another_control_plane_is_not_told_the_token(home, tmp_path):
    """The fingerprint is checked first: the token is still good afterwards, where it belongs."""
    control, _ = home
    with Control(make_installation(tmp_path / "other", orgs=())) as other:
        token = control.token("careful")
        refused(other, tmp_path / "careful", token, control.fingerprint(), "can't be reached", "certificate")
        enrol(tmp_path / "careful", control.node, token, control.fingerprint())


def context(home, identity=None, newest=None):
    tls = ssl.create_default_context(cadata=json.loads((home[1] / "proxy.json").read_text())["authority"])
    tls.check_hostname = False
    if identity:
        tls.load_cert_chain(identity)
    if newest:
        tls.maximum_version = newest
    return tls


def ask(control, tls, name, body="{}"):
    c = http.client.HTTPSConnection("127.0.0.1", control.plane_port, context=tls, timeout=60)
    c.request("POST", f"/planes/{name}", body)
    answer = c.getresponse()
    return answer.status, json.loads(answer.read())


CALLS = ["renew", "snapshot", "login", "lease", "usage-add", "usage-get", "jit-request", "jit-decide"]


@pytest.mark.parametrize("name", CALLS)
def test_without_a_certificate_nothing_is_told(home, name):
    status, answer = ask(home[0], context(home), name)
    assert status == 401 and answer["error"]["code"] == "HATI_ERR_401_UNAUTHORIZED"


@pytest.mark.parametrize("name", CALLS)
def test_a_call_says_what_is_wrong_with_its_message(home, name):
    for body in ("", "[]", "{}", '{"org":7}', '{"held":{},"wait_ms":-1}', "{" * 100000, '{"a":1,"a":1}'):
        status, answer = ask(home[0], context(home, home[1] / "proxy.pem"), name, body)
        assert status == 400 and "message's" in answer["error"]["message"]


def test_a_certificate_of_another_authority_is_refused(home, tmp_path):
    control, _ = home
    with Control(make_installation(tmp_path / "other", orgs=())) as other:
        enrol(tmp_path / "theirs", other.node, other.token("theirs"), other.fingerprint())
        with pytest.raises((ssl.SSLError, ConnectionError)):
            ask(control, context(home, tmp_path / "theirs" / "proxy.pem"), "snapshot")


def test_a_proxy_is_no_control_plane(home):
    """Its certificate is for a client: what pretends to be a control node with it convinces nobody."""
    from cryptography import x509
    pem = (home[1] / "proxy.pem").read_bytes()
    cert = x509.load_pem_x509_certificate(pem)
    usage = cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not cert.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (home[1] / "proxy.pem").stat().st_mode & 0o077 == 0


def test_nothing_older_than_tls_1_3(home):
    with pytest.raises(ssl.SSLError):
        ask(home[0], context(home, home[1] / "proxy.pem", ssl.TLSVersion.TLSv1_2), "snapshot")


def test_a_grant_is_never_decided_in_the_operators_name(home):
    body = json.dumps({"actor": "a", "verb": "revoke", "org": "o", "id": "i", "user": ""})
    status, answer = ask(home[0], context(home, home[1] / "proxy.pem"), "jit-decide", body)
    assert status == 400 and "user is empty" in answer["error"]["message"]


def test_a_proxy_cannot_ask_about_keys(home):
    """A key is judged where it comes in; the control plane is no oracle for keys."""
    admin = home[0].installation.principals["admin@acme"]
    body = json.dumps({"user": admin.user, "secret": admin.key, "environment": "", "source_ip": "127.0.0.1"})
    status, answer = ask(home[0], context(home, home[1] / "proxy.pem"), "login", body)
    assert status == 400 and admin.key not in json.dumps(answer)


def test_what_belongs_to_the_control_plane_says_so(home):
    _, east = home
    for command in (["user", "list", "--org", "acme"], ["policy", "list", "--org", "acme"],
                    ["proxy", "token", "more"], ["serve", "--data-dir", east], ["control", "--data-dir", east]):
        done = hatidata(*command, data=east, check=False)
        assert done.returncode == 1 and "is a proxy's data folder" in done.stderr
        assert "control plane" in done.stderr
    done = hatidata("proxy", "--data-dir", home[0].installation.path, check=False)
    assert done.returncode == 1 and "hatidata proxy enrol" in done.stderr
    assert "a proxy's data folder already" in enrol(east, "127.0.0.1:1", "t", "0" * 64, check=False).stderr


def test_the_trail_has_it_all(home, tmp_path):
    control, _ = home
    enrol(tmp_path / "traced", control.node, control.token("traced"), control.fingerprint())

    def actions():
        found = set()
        for file in control.installation.audit.glob("*"):
            for line in file.read_text(errors="replace").splitlines():
                if '"proxy.' in line or '"authority.' in line:
                    found.add(json.loads(line).get("action"))
        return found
    control.run("proxy", "revoke", control.proxies()[-1][0])
    eventually(lambda: {"authority.add", "proxy.token", "proxy.enrol", "proxy.revoke"} <= actions())
