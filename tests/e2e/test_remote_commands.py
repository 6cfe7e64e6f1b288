"""Administrators' commands through a control plane: the saved sign-in and what protects it, and that each command
does, says and leaves in the trail what it does on a data folder."""
import contextlib
import json
import os
import pty
import re
import socket
import ssl
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import HATIDATA, Server, eventually, make_installation
from identity_providers import Authority
from rest import Rest, code_of

PASSWORD = "correct horse battery staple"
MASK = {"name": "phones", "type": "column_masking", "rules": [
    {"table": "people", "column": "phone", "function": "partial", "visible_chars": 2}]}
HOURS = {"name": "no agents", "type": "abac", "effect": "deny", "conditions": {"agent.id": {"not_in": ["nobody"]}}}
PROVIDER = {"type": "oidc", "issuer": "https://login.example", "audiences": ["{org}"], "user": "{email}",
            "rules": [{"when": {"group": ["staff"]}, "role": "analyst"}]}


class Seat:
    """Somebody at a machine of his own: a folder of configuration, and no data folder."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.url = f"https://localhost:{server.control_port}"
        self.env = {k: v for k, v in os.environ.items() if k not in ("HATIDATA_DATA_DIR", "HATIDATA_API_KEY")}
        self.env["XDG_CONFIG_HOME"] = str(folder)

    @property
    def file(self):
        return self.folder / "hatidata" / "sign-in.json"

    def saved(self, **changes):
        """What is saved; `changes` are made to it."""
        saved = json.loads(self.file.read_text())
        if changes:
            self.file.write_text(json.dumps(dict(saved, **changes)))
        return saved

    def run(self, *args, stdin="", code=0):
        done = subprocess.run([str(HATIDATA), *map(str, args)], env=self.env, capture_output=True, text=True, input=stdin,
                              timeout=120)
        assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def refused(self, *args, stdin=""):
        return self.run(*args, stdin=stdin, code=1)

    def login(self, user="owner@acme.example", *options, stdin=PASSWORD + "\n", code=0):
        return self.run("login", self.url, "--user", user, "--ca-file", self.server.installation.ca, *options,
                        stdin=stdin, code=code)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("remote") / "data", orgs=("acme",))
    for user in ("owner", "admin", "analyst"):
        inst.run("user", "set-password", f"{user}@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    with Server(inst, "--rate-tier", "enterprise") as server:
        yield server


@pytest.fixture
def seat(server, tmp_path):
    return Seat(server, tmp_path / "config")


# ---- the sign-in ----

def test_signing_in_and_out(seat):
    assert "owner@acme.example of acme" in seat.login()
    said = seat.run("whoami")
    assert "role\towner" in said and "organization\tacme" in said and "credential\tsign-in" in said
    saved = seat.saved()
    assert PASSWORD not in seat.file.read_text() and saved["refresh_token"] and saved["ca"].startswith("-----BEGIN")
    assert seat.file.stat().st_mode & 0o777 == 0o600 and seat.file.parent.stat().st_mode & 0o777 == 0o700
    assert "owner@acme.example" in seat.run("user", "list")
    assert "signed out" in seat.run("logout")
    assert not seat.file.exists()
    assert "hatidata login" in seat.refused("whoami")
    used = Rest(seat.server)
    used.error(401, "POST", "/v1/auth/refresh", {"refresh_token": saved["refresh_token"]})
    used.authorize("Bearer", saved["access_token"])
    used.error(401, "GET", "/v1/auth/whoami")


def test_a_password_from_a_file_or_the_terminal(seat, tmp_path):
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o644)
    assert "others may read it" in seat.login("owner@acme.example", "--password-file", secret, stdin="", code=1)
    secret.chmod(0o600)
    seat.login("owner@acme.example", "--password-file", secret, stdin="")
    ours, terminal = pty.openpty()
    process = subprocess.Popen([HATIDATA, "login", seat.url, "--user", "owner@acme.example", "--ca-file",
                                seat.server.installation.ca], env=seat.env, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    seen = b""
    while b"Password of owner@acme.example: " not in seen:
        seen += os.read(ours, 4096)
    os.write(ours, PASSWORD.encode() + b"\n")
    with contextlib.suppress(OSError):  # how a terminal says that its other end is closed
        while more := os.read(ours, 4096):
            seen += more
    os.close(ours)
    assert process.wait() == 0 and b"signed in to" in seen and PASSWORD.encode() not in seen


def test_wrong_passwords_and_arguments(seat):
    assert "HATI_ERR_401" in seat.login(stdin="wrong\n", code=1)
    assert not seat.file.exists()
    for url in ("http://localhost:1", "localhost", "https://a@localhost:1", "https://localhost:1/v1", "file:///etc"):
        assert "https://host:8443" in seat.refused("login", url, "--user", "a@b.example")
    assert "either" in seat.refused("login", seat.url)
    assert "either" in seat.refused("login", seat.url, "--user", "x", "--api-key-file", "y")
    assert "64 hexadecimal" in seat.refused("login", seat.url, "--user", "x", "--fingerprint", "ab:cd")


def test_what_others_may_read_is_refused(seat, tmp_path):
    seat.login()
    for path, mode in ((seat.file, 0o640), (seat.file, 0o604), (seat.file.parent, 0o750), (seat.file.parent, 0o711)):
        before = path.stat().st_mode
        path.chmod(mode)
        said = seat.refused("user", "list")
        assert "others may read it" in said and "chmod" in said
        path.chmod(before)
    seat.run("user", "list")
    elsewhere = tmp_path / "elsewhere.json"
    seat.file.rename(elsewhere)
    seat.file.symlink_to(elsewhere)
    seat.refused("user", "list")
    seat.file.unlink()
    elsewhere.rename(seat.file)
    if os.geteuid() == 0:
        os.chown(seat.file, 65534, -1)
        assert "another user" in seat.refused("user", "list")
        os.chown(seat.file, 0, -1)
    seat.run("user", "list")
    seat.file.write_text("{}")
    assert "no saved sign-in" in seat.refused("user", "list")


def test_the_key_stays_in_its_file(seat, tmp_path):
    key = tmp_path / "key"
    key.write_text(seat.server.installation.principals["admin@acme"].key + "\n")
    key.chmod(0o600)
    seat.run("login", seat.url, "--api-key-file", key, "--ca-file", seat.server.installation.ca)
    assert key.read_text().strip() not in seat.file.read_text()
    assert "credential\tkey" in seat.run("whoami") and "analyst@acme.example" in seat.run("user", "list")
    key.chmod(0o644)
    assert "others may read it" in seat.refused("user", "list")
    key.chmod(0o600)
    assert "as good as before" in seat.run("logout") and not seat.file.exists()


def test_commands_at_once_refresh_once(seat):
    seat.login()
    for _ in range(3):
        before = seat.saved(access_ends=1)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: seat.run("whoami"), range(8)))
        after = seat.saved()
        assert after["refresh_token"] != before["refresh_token"] and after["access_ends"] > 1
    seat.saved(access_ends=1, refresh_token=before["refresh_token"])
    assert "is over" in seat.refused("whoami"), "a refresh token that was used ends the sign-in"
    seat.saved(**after)
    assert "hatidata login" in seat.refused("whoami")


def test_which_place_a_command_goes_to(seat, tmp_path):
    data = seat.server.installation.path
    seat.login()
    seat.run("user", "add", "only@acme.example", "--role", "analyst")
    assert "--data and --control" in seat.refused("user", "list", "--data", data, "--control", seat.url)
    assert "not at https://other" in seat.refused("user", "list", "--control", "https://other.example")
    assert "nowhere/control.db" in seat.refused("user", "list", "--org", "acme", "--data", tmp_path / "nowhere")
    seat.env["HATIDATA_DATA_DIR"] = str(tmp_path / "nowhere")
    assert "nowhere/control.db" in seat.refused("user", "list", "--org", "acme")
    assert "only@acme.example" in seat.run("user", "list", "--control", seat.url)
    seat.run("user", "remove", "only@acme.example", "--control", seat.url)
    del seat.env["HATIDATA_DATA_DIR"]
    (tmp_path / "provider").write_text("{}")
    for command in (("org", "add", "new"), ("org", "rotate-signing-key"), ("org", "set-rate-tier", "acme", "enterprise"),
                    ("org", "federation", "add", "n", tmp_path / "provider")):
        assert "this is the operator's of the installation" in seat.refused(*command)
    seat.run("org", "add-environment", "passing")
    seat.run("org", "remove-environment", "passing")
    assert "HATI_ERR_404" in seat.refused("org", "remove-environment", "passing")
    assert "default environment" in seat.refused("org", "remove-environment", "hatidata")
    assert "HATI_ERR_404" in seat.refused("user", "list", "--org", "globex")
    seat.refused("user", "suspend", "..")
    assert "UTF-8" in seat.run("user", "add", b"\xff@acme.example".decode("utf-8", "surrogateescape"), "--role", "analyst",
                               code=2)


# ---- who may not ----

def test_a_role_that_is_too_low_and_fields_that_are_wrong(seat):
    seat.login("analyst@acme.example")
    said = seat.refused("user", "list")
    assert '"manage"' in said and "HATI_ERR_403" in said and re.search(r"request: [0-9a-f-]{36}", said)
    seat.login("admin@acme.example")
    assert "only an owner" in seat.refused("user", "set-role", "analyst@acme.example", "admin")
    said = seat.refused("user", "add", "new@acme.example", "--role", "king")
    assert "field: role, which must be one of owner|" in said and "HATI_ERR_400" in said
    said = seat.refused("quota", "set", "--credits", "5")
    assert '"billing"' in said


def test_a_suspended_user(seat):
    boss = Seat(seat.server, seat.folder.with_name("boss"))
    boss.login()
    seat.login("admin@acme.example")
    boss.run("user", "suspend", "admin@acme.example")
    said = seat.refused("user", "list")
    assert "HATI_ERR_401" in said and "hatidata login" in said
    assert "HATI_ERR_401" in seat.login("admin@acme.example", code=1)
    boss.run("user", "resume", "admin@acme.example")
    seat.login("admin@acme.example")
    seat.run("user", "list")


def test_a_second_factor(tmp_path):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    inst.run("user", "set-password", "owner@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    proof = {"email": "owner@acme.example", "password": PASSWORD}
    with Server(inst) as server:
        seat = Seat(server, tmp_path / "config")
        seat.login()
        seat.run("org", "require-mfa", "acme", "on")
        assert "hatidata login" in seat.refused("whoami"), "a sign-in without one is over"
        assert "HATI_ERR_403_ENROL" in seat.login(code=1)
        rest = Rest(server)
        secret = rest.ok("POST", "/v1/auth/mfa/enrol", proof)["secret"]
        codes = rest.ok("POST", "/v1/auth/mfa/confirm", dict(proof, mfa_code=code_of(secret)))["recovery_codes"]
        assert "HATI_ERR_401" in seat.login(stdin=PASSWORD + "\n000000\n", code=1)
        seat.login(stdin=f"{PASSWORD}\n{codes[0]}\n")
        assert "role\towner" in seat.run("whoami")
        assert "HATI_ERR_401" in seat.login(stdin=f"{PASSWORD}\n{codes[0]}\n", code=1), "a code is good once"
        seat.run("user", "reset-factor", "admin@acme.example", code=1)
        seat.run("org", "require-mfa", "acme", "off")


# ---- the server ----

def test_certificates(seat, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    args = ("login", seat.url, "--user", "owner@acme.example")
    for trust in ((), ("--ca-file", stranger.file), ("--fingerprint", "ab" * 32)):
        said = seat.refused(*args, *trust, stdin=PASSWORD + "\n")
        assert "certificate" in said and "--ca-file" in said, said
        assert not seat.file.exists()
    pem = (seat.server.installation.path / "server.pem").read_bytes()
    shown = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=pem, capture_output=True)
    fingerprint = shown.stdout.decode().strip().split("=")[1]
    seat.run(*args, "--fingerprint", fingerprint, stdin=PASSWORD + "\n")
    assert "owner@acme.example" in seat.run("user", "list")
    seat.saved(fingerprint="cd" * 32)
    assert "certificate" in seat.refused("user", "list")
    assert "either --ca-file or --fingerprint" in seat.refused(*args, "--fingerprint", fingerprint, "--ca-file",
                                                                stranger.file)


def test_an_old_tls_gets_nothing(seat, tmp_path):
    authority = Authority(tmp_path / "authority")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.certificate("localhost"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    got = []

    def serve(listener):
        conn, _ = listener.accept()
        with contextlib.suppress(OSError), context.wrap_socket(conn, server_side=True) as tls:
            got.append(tls.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        said = seat.refused("login", f"https://localhost:{listener.getsockname()[1]}", "--user", "a@b.example", "--ca-file",
                            authority.file, stdin=PASSWORD + "\n")
        thread.join()
    assert "HATI_ERR" in said and not any(got)


def test_a_server_that_is_down(tmp_path):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    inst.run("user", "set-password", "owner@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    server = Server(inst)
    seat = Seat(server, tmp_path / "config")
    with server:
        seat.login()
    said = seat.refused("user", "list")
    assert f"localhost:{server.control_port}" in said and "Is a control plane listening" in said
    assert "still signed in" in seat.refused("logout") and seat.file.exists()
    with server:
        seat.run("user", "list")
        seat.run("logout")


# ---- the same, here and there ----

class Office:
    """An organization that is administered in one way; ids and the like are made the same in what comes back."""

    def __init__(self, server, org, run):
        self.server, self.org, self.run_as = server, org, run
        self.id = [line.split("\t")[0] for line in server.installation.run("org", "list").stdout.splitlines()
                   if line.endswith("\t" + org)][0]
        self.outputs = []

    def plain(self, text):
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", text.replace(self.id, "ORG").replace(self.org, "ORG"))
        text = re.sub(r"hd_(live|test|invite)_\w+", r"hd_\1", text)
        text = re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.]+(\+00|Z)", "TIME", text)
        text = re.sub(r"(cli|user):\S+( via \S+( \S+)?)?", "ACTOR", text)
        text = re.sub(r"\b\d{16}\b|\b[0-9a-f]{64}\b|\$argon2\S+", "N", text)
        text = text.replace(" (with what a running server holds)", "")  # the server itself knows what is spent
        return re.sub(r"request: UUID\n", "", text)

    def run(self, *args, who="owner", stdin="", code=0):
        said = self.run_as(self.org, who, *args, stdin=stdin, code=code)
        self.outputs.append((args[:2], self.plain(said)))
        return said

    def trail(self):
        entries = [json.loads(line) for path in sorted(self.server.installation.audit.glob("*.jsonl")) for line in open(path)]
        return [(e["action"], *(self.plain(str(e.get(k))) for k in ("resource", "before", "after")))
                for e in entries if e["kind"] == "iam" and e.get("org_id") == self.id
                and not e["action"].startswith("sign-in.")]


def everything(office, folder, expected_provider):
    """Every command that is there both ways, in one working day of an organization."""
    run = office.run
    run("org", "show", office.org)
    run("org", "add-environment", "staging")
    run("org", "add-environment", "staging", code=1)
    run("user", "add", "ann@day.example", "--role", "analyst", "--attribute", "team=a=b", "--attribute", "floor=2")
    run("user", "add", "bob@day.example", "--role", "developer")
    run("user", "add", "ann@day.example", "--role", "analyst", code=1)
    run("user", "set-role", "bob@day.example", "analyst")
    run("user", "set-attributes", "ann@day.example", "--attribute", "team=ü")
    run("user", "suspend", "bob@day.example")
    run("user", "resume", "bob@day.example")
    run("user", "suspend", "nobody@day.example", code=1)
    run("user", "set-password", "ann@day.example", stdin=PASSWORD + "\n")
    run("user", "set-password", "ann@day.example", stdin="short\n", code=1)
    assert len(run("user", "invite", "bob@day.example").strip()) > 20
    run("user", "reset-factor", "ann@day.example", code=1)
    run("user", "list")
    key = run("key", "add", "one", "--user", "ann@day.example", "--expires-days", "5", "--attribute", "a=b",
              "--allow-ip", "127.0.0.0/8", "--quiet").strip()
    assert re.fullmatch(r"hd_live_\w{32}", key)
    run("key", "add", "two", "--agent", "bot", "--role", "service_account", "--framework", "langchain", "--scopes",
        "query:read,agent:*", "--allow-table", "t", "--allow-schema", "public", "--env", "staging", "--test")
    run("key", "add", "bad", "--agent", "bot", "--role", "owner", code=1)
    run("key", "add", "bad", "--user", "ann@day.example", "--scopes", "everything", code=1)
    new = run("key", "rotate", key[:16], "--grace-hours", "1", "--quiet").strip()
    assert re.fullmatch(r"hd_live_\w{32}", new) and new != key
    assert "works until" in run("key", "rotate", new[:16])
    run("key", "rotate", new[:16], "--grace-hours", "721", code=1)
    run("key", "rotate", "nothing", code=1)
    run("key", "revoke", key[:16])
    run("key", "rotate", key[:16], code=1)
    run("key", "list")
    run("quota", "set", "--credits", "5000", "--concurrent", "7", "--rows", "1000", "--statement-ms", "60000")
    run("quota", "set", "--role", "analyst", "--rows", "100")
    run("quota", "set", "--role", "nobody", "--rows", "100", code=1)
    run("quota", "show")
    run("policy", "set", "-", stdin=json.dumps(MASK, indent=1))
    run("policy", "set", "-", stdin=json.dumps(dict(MASK, environments=["nowhere"])), code=1)
    run("policy", "set", "-", stdin="{", code=1)
    run("policy", "disable", "phones")
    run("policy", "enable", "phones")
    (folder / "phones.json").write_text(json.dumps(dict(MASK, mode="shadow"), indent=2))
    (folder / "hours.json").write_text(json.dumps(HOURS, indent=2))
    run("policy", "diff", folder, code=1)
    run("policy", "apply", folder, "--dry-run")
    run("policy", "apply", folder, "--if-version", "9", code=1)
    run("policy", "apply", folder, "--if-version", "3")
    run("policy", "apply", folder)
    run("policy", "diff", folder)
    run("policy", "list")
    assert json.loads(run("policy", "show", "phones")) == dict(MASK, mode="shadow")
    assert run("policy", "show", "phones", "--version", "1") == json.dumps(MASK, indent=1) + "\n", "as it was written"
    run("policy", "show", "phones", "--version", "77", code=0)
    run("policy", "show", "nothing", code=1)
    run("policy", "rollback", "1", "--if-version", "1", code=1)
    run("policy", "rollback", "1", "--dry-run")
    run("policy", "rollback", "1")
    run("policy", "rollback", "99", code=1)
    (folder / "hours.json").unlink()
    run("policy", "apply", folder, "--prune")
    run("policy", "remove", "phones")
    run("policy", "history")
    run("policy", "history", "phones")
    run("policy", "history", "nothing", code=1)
    asked = run("jit", "request", "developer", "--minutes", "30", "--reason", "to see", who="analyst").split("\t")[0]
    run("jit", "approve", asked, who="analyst", code=1)
    run("jit", "approve", asked, who="admin")
    run("jit", "show", asked)
    run("jit", "revoke", asked, who="analyst")
    other = run("jit", "request", "developer", "--minutes", "10", "--reason", "again", who="analyst").split("\t")[0]
    run("jit", "deny", other, who="admin")
    run("jit", "show", other)
    run("jit", "show", "nothing", code=1)
    run("jit", "list")
    assert json.loads(run("org", "federation", "show", "login")) == expected_provider
    run("org", "federation", "list")
    run("org", "federation", "remove", "login")
    run("org", "federation", "show", "login", code=1)
    run("user", "remove", "ann@day.example")
    run("user", "list")
    run("org", "require-mfa", office.org, "on")
    run("org", "require-mfa", office.org, "off")
    return office


def test_each_command_is_the_same_here_and_there(tmp_path):
    inst = make_installation(tmp_path / "data", orgs=())
    for org in ("northern", "southern"):
        inst.add_org(org)
        for role in ("admin", "analyst"):
            inst.add_user(org, role)
        provider = json.dumps(PROVIDER).replace("{org}", org)
        (tmp_path / "provider.json").write_text(provider)
        inst.run("org", "federation", "add", "login", tmp_path / "provider.json", "--org", org)
    people = {}
    with Server(inst, "--rate-tier", "enterprise") as server:
        for role in ("owner", "admin", "analyst"):
            secret = tmp_path / f"{role}.key"
            secret.write_text(inst.principals[f"{role}@southern"].key)
            secret.chmod(0o600)
            people[role] = Seat(server, tmp_path / f"config-{role}")
            people[role].run("login", people[role].url, "--api-key-file", secret, "--ca-file", inst.ca)

        def locally(org, who, *args, stdin, code):
            more = () if args[0] == "org" and args[1] in ("show", "require-mfa") else ("--org", org)
            if args[0] == "jit" and args[1] not in ("show", "list"):
                mine = tmp_path / f"local-{who}.key"
                mine.write_text(inst.principals[f"{who}@{org}"].key)
                mine.chmod(0o600)
                more += ("--as", f"{who}@{org}.example", "--key-file", mine)
            done = inst.run(*args, *more, stdin=stdin, check=False)
            assert done.returncode == code, (args, done.stdout, done.stderr)
            return done.stdout if code == 0 else done.stdout + done.stderr

        def remotely(org, who, *args, stdin, code):
            return people[who].run(*args, stdin=stdin, code=code)

        offices = []
        for org, run in (("northern", locally), ("southern", remotely)):
            folder = tmp_path / f"policies-{org}"
            folder.mkdir()
            expected = json.loads(json.dumps(PROVIDER).replace("{org}", org))
            offices.append(everything(Office(server, org, run), folder, expected))
        here, there = offices
        for mine, other in zip(here.outputs, there.outputs):
            assert mine == other
        eventually(lambda: len(here.trail()) == len(there.trail()) and here.trail()[-1][0] == "org.require-factor")
        for mine, other in zip(here.trail(), there.trail()):
            assert mine == other
        assert len(here.trail()) > 30


def test_of_two_who_apply_at_once_one_must_look_again(seat, tmp_path):
    seat.login()
    (tmp_path / "empty").mkdir()
    at = re.search(r"at version (\d+)", seat.run("policy", "diff", tmp_path / "empty")).group(1)
    folders = []
    for i in range(6):
        folder = tmp_path / f"p{i}"
        folder.mkdir()
        (folder / "a.json").write_text(json.dumps(dict(MASK, name=f"mask {i}")))
        (folder / "b.json").write_text(json.dumps(dict(HOURS, name=f"rule {i}", mode="shadow")))
        folders.append(folder)

    def apply(folder):
        done = subprocess.run([HATIDATA, "policy", "apply", folder, "--if-version", at], env=seat.env, capture_output=True,
                              text=True, timeout=120)
        return done.returncode, done.stderr

    with ThreadPoolExecutor(6) as pool:
        ends = list(pool.map(apply, folders))
    assert sorted(code for code, _ in ends) == [0, 1, 1, 1, 1, 1]
    assert all("HATI_ERR_409_CONFLICT" in said for code, said in ends if code)
    winner = ends.index((0, ""))
    names = {line.split("\t")[1] for line in seat.run("policy", "list").splitlines()}
    assert names == {f"mask {winner}", f"rule {winner}"}

    (folders[0] / "b.json").write_text(json.dumps(dict(HOURS, name="z", environments=["nowhere"])))
    (folders[0] / "a.json").write_text(json.dumps(dict(MASK, name="new one")))
    assert "nowhere" in seat.refused("policy", "apply", folders[0])
    assert "new one" not in seat.run("policy", "list"), "all of it or nothing"
