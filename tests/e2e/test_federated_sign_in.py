"""People of other identity providers sign in on the wire: npm's oidc-provider, and AWS as moto plays it."""
import contextlib
import json
import subprocess

import psycopg
import pytest
import requests

from harness import HATIDATA, Server, eventually, free_port, make_installation
from identity_providers import Authority, Moto, OidcProvider, aws_request, aws_token
from rest import Rest

CALLER = "SELECT current_user, current_role()"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def openid(authority):
    provider = OidcProvider(authority)
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def aws(authority):
    server = Moto(authority)
    yield server
    server.close()


def openid_configuration(openid, **more):
    return {"type": "oidc", "issuer": openid.issuer, "audiences": ["hatidata"], "provision": True, "rules": [
        {"when": {"groups": "analysts"}, "role": "analyst"},
        {"when": {"groups": ["developers", "builders"]}, "role": "developer"}], **more}


AWS = {"type": "aws", "audiences": ["hatidata.acme.example"], "provision": True, "rules": [
    {"when": {"arn": "arn:aws:sts::123456789012:assumed-role/Analyst/*"}, "user": "{session}", "role": "analyst"},
    {"when": {"arn": "arn:aws:iam::123456789012:user/ada"}, "user": "robot@acme.example", "role": "service_account"}]}


def add(inst, name, configuration, check=True):
    return inst.run("org", "federation", "add", name, "-", "--org", "acme", stdin=json.dumps(configuration), check=check)


@pytest.fixture(scope="module")
def site(tmp_path_factory, authority, openid, aws):
    inst = make_installation(tmp_path_factory.mktemp("federation") / "data", orgs=("acme",))
    for name in ("staging", "closed"):
        inst.run("org", "add-environment", name, "--org", "acme")
    add(inst, "company", openid_configuration(openid, environments=["hatidata", "staging"]))
    add(inst, "aws", AWS)
    with Server(inst, "--federation-ca", authority.file, "--federation-sts", f"127.0.0.1:{aws.port}") as server:
        yield server


def connect(server, user, token):
    info = psycopg.conninfo.make_conninfo(server.conninfo("owner@acme"), user=user, password=token)
    return psycopg.connect(info, autocommit=True)


def ask(server, user, token, sql=CALLER):
    with connect(server, user, token) as c:
        return c.execute(sql).fetchone()


def refused(server, user, token):
    with pytest.raises(psycopg.OperationalError) as e:
        connect(server, user, token)
    assert "the user, the API key or the database is wrong" in str(e.value), e.value


def iam_trail(server):
    server.stop()
    server.start()
    lines = [json.loads(line) for f in sorted(server.installation.audit.glob("*.jsonl")) for line in f.open()]
    return [line for line in lines if line.get("kind") == "iam"]


def bearer(port, installation, token):
    """A client of REST with the token alone."""
    class At:
        control_port = port
    At.installation = installation
    rest = Rest(At)
    rest.authorize("Bearer", token)
    return rest


def test_a_token_of_a_provider_is_a_bearer_in_the_environments_that_it_opens(site, openid):
    rest = bearer(site.control_port, site.installation, openid.id_token("ada"))
    assert rest.ok("POST", "/v1/query", {"sql": CALLER})["rows"] == [["ada@acme.example", "analyst"]]
    here = {"sql": "SELECT current_database()"}
    assert rest.ok("POST", "/v1/query", here)["rows"] == [["hatidata"]]
    assert rest.ok("POST", "/v1/query", here, headers={"X-Environment": "staging"})["rows"] == [["staging"]]
    assert rest.ok("GET", "/v1/environments/staging/jit-access")["data"] == []
    rest.error(403, "GET", "/v1/organizations/acme/users")
    for closed in ("closed", "nothing"):
        rest.error(401, "POST", "/v1/query", here, headers={"X-Environment": closed})
        rest.error(401, "GET", f"/v1/environments/{closed}/jit-access")


def test_the_control_plane_alone_takes_such_tokens_too(site, authority, openid):
    port = free_port()
    plane = subprocess.Popen([HATIDATA, "control", "--data-dir", site.installation.path, "--control-listen",
                              f"127.0.0.1:{port}", "--federation-ca", authority.file])
    try:
        rest = bearer(port, site.installation, openid.id_token("ada"))

        def there():
            with contextlib.suppress(requests.ConnectionError):
                return rest.ok("GET", "/health")
        eventually(there)
        assert rest.ok("GET", "/v1/organizations/acme")["name"] == "acme"
    finally:
        plane.terminate()
        assert plane.wait(60) == 0


def test_a_person_of_an_openid_provider_signs_in(site, openid):
    user, role = ask(site, "ada@acme.example", openid.id_token("ada"))
    assert (user, role.lower()) == ("ada@acme.example", "analyst")
    assert ask(site, "bob@acme.example", openid.id_token("bob"))[1].lower() == "developer"


def test_who_no_rule_knows_isnt_let_in(site, openid):
    refused(site, "sam@acme.example", openid.id_token("sam"))


def test_an_address_that_nobody_verified_is_nobody(site, openid):
    refused(site, "analyst@acme.example", openid.id_token("eve"))


def test_a_token_for_another_application_is_refused(site, openid):
    refused(site, "ada@acme.example", openid.id_token("ada", client="another-app"))


def test_the_user_must_be_the_tokens(site, openid):
    refused(site, "owner@acme.example", openid.id_token("ada"))


def test_a_role_of_aws_signs_in(site, aws):
    user, role = ask(site, "ada@acme.example", aws_token(aws_request(aws.role("ada@acme.example"))))
    assert (user, role.lower()) == ("ada@acme.example", "analyst")
    assert ask(site, "robot@acme.example", aws_token(aws_request(aws.user)))[1].lower() == "service_account"


def test_a_signature_that_sts_refuses_lets_nobody_in(site, aws):
    key = aws.role("ada@acme.example")
    refused(site, "ada@acme.example", aws_token(aws_request({**key, "secret_key": "x" * 40})))
    refused(site, "robot@acme.example", aws_token(aws_request(key)))


def test_a_session_ends_with_its_user(site, openid):
    with connect(site, "bob@acme.example", openid.id_token("bob")) as c:
        c.execute("SELECT 1")
        site.installation.run("user", "suspend", "bob@acme.example", "--org", "acme")
        with pytest.raises(psycopg.OperationalError):
            c.execute("SELECT 1")
    refused(site, "bob@acme.example", openid.id_token("bob"))
    # Removed, he isn't made anew by his token; only an administrator can.
    site.installation.run("user", "remove", "bob@acme.example", "--org", "acme")
    refused(site, "bob@acme.example", openid.id_token("bob"))
    site.installation.run("user", "add", "bob@acme.example", "--org", "acme", "--role", "analyst")
    assert ask(site, "bob@acme.example", openid.id_token("bob"))[1].lower() == "developer"


def test_a_session_ends_with_its_provider(site, openid):
    token = openid.id_token("ada")
    with connect(site, "ada@acme.example", token) as c:
        c.execute("SELECT 1")
        site.installation.run("org", "federation", "remove", "company", "--org", "acme")
        with pytest.raises(psycopg.OperationalError):
            c.execute("SELECT 1")
    refused(site, "ada@acme.example", token)
    add(site.installation, "company", openid_configuration(openid))
    ask(site, "ada@acme.example", token)


def test_providers_are_listed_and_on_record(site, openid):
    rows = [line.split("\t") for line in
            site.installation.run("org", "federation", "list", "--org", "acme").stdout.splitlines()]
    assert [(name, issuer) for _, name, issuer in rows] == [("aws", "aws"), ("company", openid.issuer)]
    assert json.loads(site.installation.run("org", "federation", "show", "aws", "--org", "acme").stdout) == AWS
    done = [(e["actor"], e["action"]) for e in iam_trail(site)]
    assert any(action == "provider.add" and actor.startswith("cli:") for actor, action in done)
    assert any(action == "provider.remove" for _, action in done)
    assert ("federation:company", "user.create") in done


@pytest.mark.parametrize("change, says", [
    ({"rules": [{"when": {"groups": "x"}, "role": "owner"}]}, "nobody becomes an owner"),
    ({"rules": [{"when": {}, "role": "analyst"}]}, "never holds for everybody"),
    ({"rules": [{"when": {"groups": "*"}, "role": "analyst"}]}, "holds for everything"),
    ({"rules": []}, "1 to 256 rules"),
    ({"audiences": []}, "1 to 64 texts"),
    ({"issuer": "http://localhost"}, "https"),
    ({"jwks_uri": "https://user@localhost/"}, "https"),
    ({"extra": 1}, 'no member "extra"'),
    ({"type": "saml"}, "oidc or aws"),
    ({"scopes": ["everything"]}, "scope that doesn't exist"),
    ({"provision": "yes"}, "true or false"),
])
def test_mistakes_of_a_configuration_are_told(site, openid, change, says):
    done = add(site.installation, "wrong", openid_configuration(openid, **change), check=False)
    assert done.returncode == 1 and says in done.stderr


def test_an_issuers_audience_is_one_providers_alone(site, openid):
    done = add(site.installation, "again", openid_configuration(openid), check=False)
    assert done.returncode == 1 and "another provider's" in done.stderr
