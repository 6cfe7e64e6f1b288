"""Signing in over REST, and what its tokens are good for, there and on the wire."""
import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from harness import Server, eventually, make_installation
from rest import code_of

PASSWORD = "correct horse battery staple"


class Api:
    def __init__(self, server):
        self.server = server
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(server.installation.ca)
        self.url = f"https://localhost:{server.control_port}"

    def post(self, path, token=None, **body):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.post(self.url + path, json=body or None, headers=headers, timeout=60)

    def get(self, path, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.get(self.url + path, headers=headers, timeout=60)

    def login(self, who="ann", **more):
        return self.post("/v1/auth/login", email=f"{who}@acme.example", password=PASSWORD, **more)

    def works(self, token):
        return self.get("/v1/organizations/acme/users", token).status_code == 200

    def wire(self, who, password):
        return psycopg.connect(host="localhost", port=self.server.port, dbname="hatidata", user=f"{who}@acme.example",
                               password=password, sslmode="verify-full", sslrootcert=str(self.server.installation.ca),
                               connect_timeout=20, autocommit=True)


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    inst = make_installation(tmp_path_factory.mktemp("signin") / "data", orgs=("acme",))
    for name in ("ann", "eve", "kim", "lea", "max", "pat"):
        inst.run("user", "add", f"{name}@acme.example", "--org", "acme", "--role", "admin")
        inst.run("user", "set-password", f"{name}@acme.example", "--org", "acme", stdin=PASSWORD + "\n")
    with Server(inst, "--rate-tier", "enterprise") as server:
        yield Api(server)


def parts(token):
    def read(p):
        return json.loads(base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)))
    head, claims, _ = token.split(".")
    return read(head), read(claims)


def part(o):
    return base64.urlsafe_b64encode(json.dumps(o).encode()).rstrip(b"=").decode()


def test_sign_in_and_what_it_gives(api):
    answer = api.login()
    assert answer.status_code == 200, answer.text
    body = answer.json()
    head, claims = parts(body["token"])
    assert head["alg"] == "RS256" and head["kid"] in [k["kid"] for k in api.get("/.well-known/jwks.json").json()["keys"]]
    assert {"sub", "org_id", "role", "env", "iat", "exp", "iss", "aud", "jti"} <= set(claims)
    assert claims["exp"] - claims["iat"] == body["expires_in"] == 3600
    assert claims["role"] == body["user"]["role"] == "admin" and claims["sub"] == body["user"]["id"]
    assert api.works(body["token"])
    with api.wire("ann", body["token"]) as conn:
        assert conn.execute("SHOW hatidata.role").fetchone() == ("admin",)
    for private in ("d", "p", "q"):
        assert private not in api.get("/.well-known/jwks.json").json()["keys"][0]


def test_signing_out_ends_token_and_wire(api):
    token = api.login().json()["token"]
    with api.wire("ann", token) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
        assert api.post("/v1/auth/logout", token).status_code == 200
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")
    assert not api.works(token)
    with pytest.raises(psycopg.OperationalError):
        api.wire("ann", token)


def test_forged_tokens_learn_nothing(api):
    token = api.login().json()["token"]
    head, claims = parts(token)
    signature = token.split(".")[2]
    jwk = next(k for k in api.get("/.well-known/jwks.json").json()["keys"] if k["kid"] == head["kid"])
    public = json.dumps(jwk).encode()

    def symmetric(secret):
        text = part({**head, "alg": "HS256"}) + "." + part(claims)
        return text + "." + base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).rstrip(b"=").decode()
    modulus = base64.urlsafe_b64decode(jwk["n"] + "==")
    forged = [
        part({"alg": "none"}) + "." + part(claims) + ".",
        part({"alg": "none", "kid": head["kid"]}) + "." + part(claims) + "." + signature,
        part({"alg": "None", "kid": head["kid"]}) + "." + part(claims) + ".",
        symmetric(public), symmetric(modulus), symmetric(b""),
        part({**head, "kid": "another"}) + "." + part(claims) + "." + signature,
        part({"alg": "RS256"}) + "." + part(claims) + "." + signature,
        part({**head, "jku": "https://127.0.0.1:1/keys"}) + "." + part(claims) + "." + signature,
        part({**head, "x5u": "https://127.0.0.1:1/cert"}) + "." + part(claims) + "." + signature,
        part({**head, "alg": "PS256"}) + "." + part(claims) + "." + signature,
        part(head) + "." + part({**claims, "role": "owner"}) + "." + signature,
        part(head) + "." + part({**claims, "aud": "another"}) + "." + signature,
        part(head) + "." + part({**claims, "iss": "another"}) + "." + signature,
        part(head) + "." + part({**claims, "exp": claims["exp"] + 9999}) + "." + signature,
        token[:-4], token + ".", "eyJ..", token.replace(".", ".."),
    ]
    for bad in forged:
        answer = api.get("/v1/organizations/acme/users", bad)
        assert answer.status_code == 401, bad
        assert answer.json()["error"]["code"] == "UNAUTHORIZED"
        with pytest.raises(psycopg.OperationalError):
            api.wire("ann", bad)
    assert api.works(token)


def test_a_password_is_no_bearer(api):
    assert api.get("/v1/organizations/acme/users", PASSWORD).status_code == 401


def test_a_refresh_token_used_twice(api):
    first = api.login().json()
    second = api.post("/v1/auth/refresh", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    assert {"access_token", "refresh_token", "expires_in"} <= set(second.json())
    assert api.works(second.json()["access_token"])
    assert api.post("/v1/auth/refresh", refresh_token=first["refresh_token"]).status_code == 401
    assert not api.works(second.json()["access_token"]) and not api.works(first["token"])
    assert api.post("/v1/auth/refresh", refresh_token=second.json()["refresh_token"]).status_code == 401


def test_of_many_that_refresh_at_once_one_succeeds(api):
    token = api.login().json()["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: requests.post(
            api.url + "/v1/auth/refresh", json={"refresh_token": token}, verify=api.http.verify, timeout=60).status_code,
            range(8)))
    assert sorted(answers) == [200] + [401] * 7


def test_role_suspension_and_password_end_tokens(api):
    run = api.server.installation.run
    token = api.login("eve").json()["token"]
    assert api.works(token)
    run("user", "set-role", "eve@acme.example", "analyst", "--org", "acme")
    assert not api.works(token)
    run("user", "set-role", "eve@acme.example", "admin", "--org", "acme")
    assert not api.works(token)
    token = api.login("eve").json()["token"]
    assert api.post("/v1/auth/password", email="eve@acme.example", password=PASSWORD,
                    new_password=PASSWORD + " 2").status_code == 200
    assert not api.works(token) and api.login("eve").status_code == 401
    answer = api.post("/v1/auth/login", email="eve@acme.example", password=PASSWORD + " 2")
    run("user", "suspend", "eve@acme.example", "--org", "acme")
    assert not api.works(answer.json()["token"])
    run("user", "resume", "eve@acme.example", "--org", "acme")
    assert not api.works(answer.json()["token"])


def test_the_second_factor(api):
    proof = {"email": "kim@acme.example", "password": PASSWORD}
    enrolled = api.post("/v1/auth/mfa/enrol", **proof).json()
    secret = enrolled["secret"]
    assert enrolled["otpauth_uri"].startswith("otpauth://totp/HatiData:kim%40acme.example?secret=" + secret)
    assert api.login("kim").status_code == 200  # it doesn't count before it is confirmed
    confirmed = api.post("/v1/auth/mfa/confirm", **proof, mfa_code=code_of(secret))
    assert confirmed.status_code == 200, confirmed.text
    codes = confirmed.json()["recovery_codes"]
    assert len(set(codes)) == 10
    missing = api.login("kim")
    assert missing.status_code == 401 and missing.json()["error"]["details"]["code"] == "HATI_ERR_401_SECOND_FACTOR"
    with pytest.raises(psycopg.OperationalError):
        api.wire("kim", PASSWORD)
    code = code_of(secret, 1)
    with ThreadPoolExecutor(4) as pool:  # one code, at once
        got = list(pool.map(lambda _: requests.post(
            api.url + "/v1/auth/login", json={**proof, "mfa_code": code}, verify=api.http.verify, timeout=60).status_code,
            range(4)))
    assert got.count(200) == 1 and set(got) <= {200, 401, 429}
    assert api.login("kim", mfa_code=codes[0].upper()).status_code == 200
    assert api.login("kim", mfa_code=codes[0]).status_code == 401
    data = b"".join(p.read_bytes() for p in api.server.installation.path.glob("control.db*"))
    assert secret.encode() not in data and base64.b32decode(secret) not in data
    assert codes[1].encode() not in data
    assert api.post("/v1/auth/mfa/disable", **proof, mfa_code=codes[2]).status_code == 200
    assert api.login("kim").status_code == 200


def test_the_wire_takes_password_and_code(api):
    proof = {"email": "pat@acme.example", "password": PASSWORD}
    secret = api.post("/v1/auth/mfa/enrol", **proof).json()["secret"]
    assert api.post("/v1/auth/mfa/confirm", **proof, mfa_code=code_of(secret)).status_code == 200
    code = code_of(secret, 1)
    with api.wire("pat", PASSWORD + code) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    for bad in (PASSWORD + code, PASSWORD, code):
        with pytest.raises(psycopg.OperationalError):
            api.wire("pat", bad)


def test_an_organization_that_wants_one(api):
    run = api.server.installation.run
    token = api.login("lea").json()["token"]
    run("org", "require-mfa", "acme", "on")
    try:
        assert not api.works(token)
        answer = api.login("lea")
        assert answer.status_code == 403 and answer.json()["error"]["details"]["code"] == "HATI_ERR_403_ENROL"
        proof = {"email": "lea@acme.example", "password": PASSWORD}
        secret = api.post("/v1/auth/mfa/enrol", **proof).json()["secret"]
        assert api.post("/v1/auth/mfa/confirm", **proof, mfa_code=code_of(secret)).status_code == 200
        token = api.login("lea", mfa_code=code_of(secret, 1)).json()["token"]
        assert api.works(token)
        with api.wire("lea", token) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
    finally:
        run("org", "require-mfa", "acme", "off")


def test_who_guesses_is_told_to_wait(api):
    for name in ("max", "nobody"):
        answers = [api.post("/v1/auth/login", email=f"{name}@acme.example", password="wrong wrong wrong")
                   for _ in range(6)]
        assert [a.status_code for a in answers] == [401] * 5 + [429], name
        assert answers[5].headers["Retry-After"] == "1"
        messages = {a.json()["error"]["message"] for a in answers[:5]}
        assert messages == {"the user, the password or the code is wrong"}
    assert api.login("ann").status_code == 200


def test_invitations(api):
    token = api.server.installation.run("user", "invite", "max@acme.example", "--org", "acme").stdout.strip()
    body = {"invitation": token, "new_password": "an invited pass phrase"}
    assert api.post("/v1/auth/invitation", invitation=token, new_password="short").status_code == 400
    assert api.post("/v1/auth/invitation", **body).status_code == 200
    assert api.post("/v1/auth/invitation", **body).status_code == 404


def test_a_new_signing_key_leaves_no_gap(api):
    token = api.login().json()["token"]
    api.server.installation.run("org", "rotate-signing-key")
    assert api.works(token) and api.works(api.login().json()["token"])


def test_no_secret_in_log_or_trail(api):
    def text():
        return api.server.log() + "".join(p.read_text() for p in api.server.installation.audit.iterdir() if p.is_file())
    for action in ("sign-in.start", "sign-in.end", "sign-in.reuse", "factor.confirm", "factor.recover", "user.invite"):
        eventually(lambda: action in text())  # the trail reaches the log within a second
    for secret in (PASSWORD, "wrong wrong wrong", "hd_refresh_", "hd_invite_", "eyJ"):
        assert secret not in text()
