"""Tokens that must let nobody in, and providers that must not be led or flooded."""
import hashlib
import hmac
import http.server
import json
import threading
import time

import psycopg
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from harness import Server, eventually, make_installation
from identity_providers import Authority, KeyServer, aws_request, aws_token

USER = "analyst@acme.example"


class Nowhere:
    """A plain listener that counts who comes: where requests must never go."""

    def __init__(self):
        self.came = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.came.append(self.path)
                self.send_error(404)
            do_POST = do_GET

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def nowhere():
    listener = Nowhere()
    yield listener
    assert listener.came == []
    listener.server.shutdown()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def add(inst, org, name, issuer, *rules, **more):
    inst.run("org", "federation", "add", name, "-", "--org", org, stdin=json.dumps({
        "type": "oidc", "issuer": issuer, "audiences": ["hatidata"],
        "rules": list(rules) or [{"when": {"groups": "analysts"}, "role": "analyst"}], **more}))


@pytest.fixture(scope="module")
def site(tmp_path_factory, authority, nowhere):
    """Two providers, each of its own organization, with people of the same names."""
    inst = make_installation(tmp_path_factory.mktemp("federation") / "data")
    good, other = KeyServer(authority), KeyServer(authority)
    add(inst, "acme", "good", good.issuer)
    add(inst, "globex", "other", other.issuer)
    inst.run("org", "federation", "add", "aws", "-", "--org", "acme", stdin=json.dumps({
        "type": "aws", "audiences": ["hatidata.acme.example"],
        "rules": [{"when": {"account": "123456789012"}, "user": USER, "role": "analyst"}]}))
    # A proxy of the environment would see every request: it is no proxy of ours.
    with Server(inst, "--federation-ca", authority.file, "--federation-sts", f"127.0.0.1:{nowhere.port}",
                env={"https_proxy": f"http://127.0.0.1:{nowhere.port}",
                     "ALL_PROXY": f"http://127.0.0.1:{nowhere.port}"}) as server:
        server.good, server.other = good, other
        yield server
    good.close()
    other.close()


def connect(server, token, user=USER, **more):
    info = psycopg.conninfo.make_conninfo(server.conninfo("owner@acme"), user=user, password=token, **more)
    return psycopg.connect(info, autocommit=True)


def refused(server, token, user=USER, **more):
    with pytest.raises(psycopg.OperationalError) as e:
        connect(server, token, user, **more)
    assert "the user, the API key or the database is wrong" in str(e.value), e.value


def let_in(server, token, user=USER):
    with connect(server, token, user) as c:
        return c.execute("SELECT current_role()").fetchone()[0].lower()


def test_a_good_token_is_let_in(site):
    assert let_in(site, site.good.token()) == "analyst"
    assert let_in(site, site.good.token(aud=["hatidata"])) == "analyst"


def test_an_environment_that_a_provider_names_must_be_there(site, authority):
    """Whoever came in before it is made would have made its tables."""
    inst, many = site.installation, KeyServer(authority)
    add(inst, "acme", "many", many.issuer, environments=["hatidata", "later"])
    assert let_in(site, many.token()) == "analyst"
    refused(site, many.token(), dbname="later")
    inst.run("org", "add-environment", "later", "--org", "acme")
    with connect(site, many.token(), dbname="later") as c:
        assert c.execute("SELECT current_database()").fetchone()[0] == "later"
    refused(site, many.token(), dbname="never")
    many.close()


def public_forms(key):
    public = key.public_key()
    for encoding, form in [(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
                           (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
                           (serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)]:
        yield public.public_bytes(encoding, form)
    n = public.public_numbers().n
    yield n.to_bytes(256, "big")


def test_the_header_decides_nothing(site):
    key = site.good.keys["one"]
    mine = rsa.generate_private_key(65537, 2048)
    public = mine.public_key().public_numbers()
    for algorithm in ("none", "None", "NONE", ""):
        refused(site, site.good.token({"alg": algorithm}, sign=lambda text: b""))
        refused(site, site.good.token({"alg": algorithm}))
    for secret in public_forms(key):
        refused(site, site.good.token({"alg": "HS256"}, sign=lambda text, s=secret: hmac.new(s, text, hashlib.sha256).digest()))
    refused(site, site.good.token(key=mine))
    refused(site, site.good.token({"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "kid": "one"}, key=mine))
    refused(site, site.good.token({"kid": "two", "jwk": {"kty": "RSA", "kid": "two"}}, key=mine))
    refused(site, site.good.token({"crit": ["exp"]}))
    refused(site, site.good.token({"alg": "PS256"}))
    assert public.n  # the attacker's key was one


def test_addresses_of_the_header_are_never_followed(site, nowhere):
    address = f"http://127.0.0.1:{nowhere.port}/keys"
    mine = rsa.generate_private_key(65537, 2048)
    for member in ("jku", "x5u"):
        refused(site, site.good.token({member: address, "kid": "mine"}, key=mine))
        refused(site, site.good.token({member: address}, key=mine))
        assert let_in(site, site.good.token({member: address})) == "analyst"
    assert nowhere.came == []


def test_claims_are_held_to(site):
    now = int(time.time())
    for claims in ({"aud": "another"}, {"aud": None}, {"aud": ["hatidata", "another"]}, {"aud": []},
                   {"iss": site.good.issuer + "/"}, {"iss": "https://nobody.example"}, {"iss": None},
                   {"exp": now - 120}, {"exp": None}, {"exp": "9999999999"}, {"nbf": now + 600}, {"iat": now + 600},
                   {"email": None}, {"email_verified": False}, {"email_verified": None}, {"groups": []},
                   {"groups": None}, {"email": "owner@acme.example"}, {"email": "analyst@acme.example "},
                   {"email": ["analyst@acme.example"]}, {"events": {}}):
        refused(site, site.good.token(**claims))


def test_another_providers_token_of_the_same_subject(site):
    # Its own organization, whatever it says of the person; and never with the other's keys.
    with connect(site, site.other.token(email="analyst@globex.example"), "analyst@globex.example") as c:
        assert c.execute("SELECT current_role()").fetchone()[0].lower() == "analyst"
    refused(site, site.other.token())
    refused(site, site.other.token(iss=site.good.issuer))
    refused(site, site.good.token(iss=site.other.issuer, email="analyst@globex.example"), "analyst@globex.example")


def test_no_claim_makes_an_owner(site):
    for claims in ({"role": "owner"}, {"groups": ["analysts", "owner"]}, {"groups": "analysts", "roles": ["admin"]}):
        assert let_in(site, site.good.token(**claims)) == "analyst"
    # The owner himself comes in as what the rule says, no more.
    assert let_in(site, site.good.token(email="owner@acme.example"), "owner@acme.example") == "analyst"
    with connect(site, site.good.token(email="owner@acme.example"), "owner@acme.example") as c:
        with pytest.raises(psycopg.Error):
            c.execute("CREATE TABLE made_by_rule (n int)")


def test_the_first_rule_that_holds_decides(site, authority):
    server = KeyServer(authority)
    add(site.installation, "acme", "rules", server.issuer,
        {"when": {"groups": "contractors"}, "role": "service_account"},
        {"when": {"groups": "analysts", "site": ["hq", "lab*"]}, "role": "developer"},
        {"when": {"groups": "analysts"}, "role": "analyst"})
    for claims, role in (({}, "analyst"), ({"site": "hq"}, "developer"), ({"site": "lab-2"}, "developer"),
                         ({"site": "HQ"}, "analyst"), ({"site": "hq2"}, "analyst"),
                         ({"groups": ["analysts", "contractors"], "site": "hq"}, "service_account")):
        assert let_in(site, server.token(**claims)) == role, claims
    server.close()


def test_unknown_keys_cost_the_provider_one_request(site):
    let_in(site, site.good.token())
    before = len(site.good.requests)
    for i in range(40):
        refused(site, site.good.token({"kid": f"unknown-{i}"}))
    assert len(site.good.requests) - before <= 2  # discovery and keys, once in the interval
    assert let_in(site, site.good.token()) == "analyst"


def test_a_new_key_is_found_within_the_interval(tmp_path, authority):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    keys = KeyServer(authority)
    add(inst, "acme", "keys", keys.issuer)
    with Server(inst, "--federation-ca", authority.file, "--federation-interval", "200ms") as server:
        assert let_in(server, keys.token()) == "analyst"
        keys.add_key("two")

        def works():
            try:
                return let_in(server, keys.token({"kid": "two"}, key=keys.keys["two"])) == "analyst"
            except psycopg.OperationalError:
                return False

        eventually(works)
        keys.close()  # a provider that is away: its keys serve on
        assert let_in(server, keys.token()) == "analyst"
        refused(server, keys.token({"kid": "three"}))


def test_a_redirect_of_the_keys_is_not_followed(tmp_path, authority, nowhere):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    keys = KeyServer(authority)
    add(inst, "acme", "keys", keys.issuer)
    with Server(inst, "--federation-ca", authority.file) as server:
        keys.redirect = f"http://127.0.0.1:{nowhere.port}/latest/meta-data"
        with pytest.raises(psycopg.OperationalError):
            connect(server, keys.token())
        assert "/keys" in keys.requests and nowhere.came == []
    keys.close()


def test_a_provider_of_another_authority_is_not_believed(tmp_path, authority):
    inst = make_installation(tmp_path / "data", orgs=("acme",))
    keys = KeyServer(Authority(tmp_path / "other"))
    add(inst, "acme", "keys", keys.issuer)
    with Server(inst, "--federation-ca", authority.file) as server:
        with pytest.raises(psycopg.OperationalError):
            connect(server, keys.token())
    assert keys.requests == []
    keys.close()


def test_a_session_ends_with_its_token(site):
    token = site.good.token(exp=int(time.time()) - 57)  # the leeway is a minute
    with connect(site, token) as c:
        def ended():
            try:
                c.execute("SELECT 1")
            except psycopg.OperationalError:
                return True
            return False

        eventually(ended)
    refused(site, token)


CREDENTIALS = {"access_key": "AKIAEXAMPLE", "secret_key": "secret", "token": "session"}


def changed(**changes):
    request = aws_request(CREDENTIALS)
    headers = {**request["headers"], **changes.pop("headers", {})}
    return aws_token({**request, "headers": {k: v for k, v in headers.items() if v is not None}, **changes})


def test_an_aws_token_leads_nowhere(site, nowhere):
    authorization = aws_request(CREDENTIALS)["headers"]["Authorization"]
    for url in (f"http://127.0.0.1:{nowhere.port}/", "http://169.254.169.254/latest/meta-data/iam/", "https://localhost/",
                "https://sts.us-east-1.amazonaws.com.evil.example/", "https://evil.example/?sts.amazonaws.com",
                "https://sts.us-east-1.amazonaws.com@evil.example/", "https://sts.us-east-1.amazonaws.com:444/",
                "https://sts.us-east-1.amazonaws.com/?Action=Other", "https://sts.us-east-1.amazonaws.com/x",
                "http://sts.us-east-1.amazonaws.com/", "https://iam.amazonaws.com/",
                "https://sts.eu-west-1.amazonaws.com/", "", 7, None):
        refused(site, changed(url=url))
    for headers in ({"Host": "evil.example"}, {"Host": "localhost"}, {"X-Forwarded-Host": "evil.example"},
                    {"X-Amz-Date": "20200101T000000Z"}, {"X-Amz-Date": None}, {"Authorization": None},
                    {"X-Hatidata-Server-Id": "another.example"}, {"X-Hatidata-Server-Id": None},
                    {"X-Amz-Security-Token": "a\r\nHost: evil.example"}, {"Expect": "100-continue"},
                    {"Transfer-Encoding": "chunked"}, {"Content-Length": "0"}, {"Content-Type": "text/plain"},
                    {"host": "sts.us-east-1.amazonaws.com", "HOST": "sts.us-east-1.amazonaws.com"},
                    {"Authorization": authorization.replace("us-east-1", "evil.example/#")},
                    {"Authorization": authorization.replace("/sts/", "/iam/")},
                    {"Authorization": authorization.replace(";x-hatidata-server-id", "")},
                    {"Authorization": authorization.replace("host;", "")}):
        refused(site, changed(headers=headers))
    for change in ({"method": "GET"}, {"body": "Action=AssumeRole&Version=2011-06-15"}, {"body": ""}, {"extra": 1},
                   {"body": "Action=GetCallerIdentity&Version=2011-06-15&Action=AssumeRole"}):
        refused(site, changed(**change))
    refused(site, aws_token([]))
    refused(site, "hd_aws_")
    refused(site, "hd_aws_!!!")
    assert nowhere.came == []


def test_sts_is_spoken_to_over_verified_tls_alone(site, nowhere):
    # The address that the operator gave for STS answers without TLS: whoever it is, it isn't AWS.
    refused(site, changed())
    assert nowhere.came == []


def test_no_secret_is_in_the_log(site):
    token = site.good.token(groups=["strangers"])
    refused(site, token)
    refused(site, changed(method="GET"))
    log = site.log()
    assert "no rule of the provider holds" in log
    assert token.split(".")[2] not in log and token.split(".")[1] not in log
    assert "AKIAEXAMPLE" not in log and "hd_aws_" not in log
