"""Identity providers for tests, all on loopback and with TLS of the tests' own authority: npm's oidc-provider, a
moto server as AWS, and a key server whose owner may sign whatever he likes, for attacks."""
import base64
import datetime
import http.client
import http.server
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from harness import ROOT, THIRD_PARTY, eventually, free_port

STS = "sts.us-east-1.amazonaws.com"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


class Authority:
    """A certificate authority, and certificates of it, as files of a folder."""

    def __init__(self, folder, name="test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = self.folder / "ca.pem"
        self._write(self.file, self.name, self.key.public_key(),
                    [(x509.BasicConstraints(ca=True, path_length=0), True)])

    def _write(self, path, subject, public, extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        cert = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=1)))
        for extension, critical in extensions:
            cert = cert.add_extension(extension, critical)
        path.write_bytes(cert.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def certificate(self, name):
        """Gives the files of a certificate for the host and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert_file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self._write(cert_file, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key.public_key(),
                    [(x509.SubjectAlternativeName([x509.DNSName(name)]), False)])
        key_file.write_bytes(pem(key))
        return cert_file, key_file

    def context(self):
        return ssl.create_default_context(cafile=str(self.file))


class KeyServer:
    """Discovery document and key set over HTTPS, requests counted, and tokens signed with the keys."""

    def __init__(self, authority):
        self.keys = {}          # kid to private key
        self.requests = []      # paths
        self.redirect = None    # where the key set sends to, for attacks
        self.extra = []         # more keys of the set, as JSON
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.requests.append(self.path)
                if self.path == "/keys" and owner.redirect:
                    self.send_response(302)
                    self.send_header("Location", owner.redirect)
                    self.end_headers()
                    return
                body = json.dumps({"/.well-known/openid-configuration":
                                   {"issuer": owner.issuer, "jwks_uri": owner.issuer + "/keys"},
                                   "/keys": owner.key_set()}.get(self.path, {})).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        cert, key = authority.certificate("localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.issuer = f"https://localhost:{self.server.server_address[1]}"
        self.add_key("one")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add_key(self, kid):
        self.keys[kid] = rsa.generate_private_key(65537, 2048)

    def key_set(self):
        def number(n):
            return b64(n.to_bytes((n.bit_length() + 7) // 8, "big"))

        public = {kid: key.public_key().public_numbers() for kid, key in self.keys.items()}
        return {"keys": [{"kty": "RSA", "use": "sig", "kid": kid, "n": number(p.n), "e": number(p.e)}
                         for kid, p in public.items()] + self.extra}

    def token(self, header=None, key=None, sign=None, **claims):
        """A token of this issuer; claims of None are left out. `sign` makes the signature of the text."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "hatidata", "iat": now, "exp": now + 600, "sub": "1",
                  "email": "analyst@acme.example", "email_verified": True, "groups": ["analysts"], **claims}
        claims = {k: v for k, v in claims.items() if v is not None}
        header = {"alg": "RS256", "kid": "one", "typ": "JWT", **(header or {})}
        text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
        key = key or self.keys["one"]
        signature = sign(text.encode()) if sign else key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return text + "." + b64(signature)


# ---- npm's oidc-provider ----

class OidcProvider:
    """npm's oidc-provider, with a user's whole authorization code flow."""

    def __init__(self, authority):
        self.port = free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.authority = authority
        cert, key = authority.certificate("localhost")
        script = ROOT / "tests" / "e2e" / "clients" / "oidc_provider.mjs"
        self.process = subprocess.Popen(
            ["node", str(script)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PORT": str(self.port), "CERT": str(cert), "KEY": str(key),
                 "MODULES": str(THIRD_PARTY / "node" / "node_modules")})
        eventually(self._listens, 60)

    def _listens(self):
        assert self.process.poll() is None, self.process.stderr.read()
        try:
            return self._request("GET", "/.well-known/openid-configuration", {})[0] == 200
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait(10)

    def _request(self, method, path, cookies, form=None, headers=None):
        c = http.client.HTTPSConnection("localhost", self.port, context=self.authority.context(), timeout=30)
        body = urllib.parse.urlencode(form) if form else None
        c.request(method, path, body, {
            "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()),
            **({"Content-Type": "application/x-www-form-urlencoded"} if form else {}), **(headers or {})})
        r = c.getresponse()
        for value in r.headers.get_all("Set-Cookie") or []:
            name, _, content = value.split(";")[0].partition("=")
            cookies[name] = content
        text = r.read().decode()
        c.close()
        return r.status, r.headers.get("Location", ""), text

    def id_token(self, login, client="hatidata"):
        """Signs in as the person and agrees to everything; gives the ID token."""
        cookies, back = {}, "https://app.example/back"
        verifier = b64(os.urandom(32))
        digest = hashes.Hash(hashes.SHA256())
        digest.update(verifier.encode())
        path = "/auth?" + urllib.parse.urlencode({
            "client_id": client, "response_type": "code", "scope": "openid email groups", "redirect_uri": back,
            "nonce": "n", "code_challenge": b64(digest.finalize()), "code_challenge_method": "S256"})
        for _ in range(12):
            status, location, text = self._request("GET", path, cookies)
            if location.startswith(back):
                code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
                return self._exchange(client, code, verifier, back)
            if location:
                path = location.removeprefix(self.issuer)
                continue
            assert status == 200, text
            prompt = re.search(r'name="prompt" value="(\w+)"', text)[1]
            status, location, text = self._request(
                "POST", path, cookies, {"prompt": prompt, "login": login, "password": "x"})
            path = location.removeprefix(self.issuer)
        raise AssertionError("the sign-in doesn't end")

    def _exchange(self, client, code, verifier, back):
        basic = base64.b64encode(f"{client}:secret".encode()).decode()
        status, _, text = self._request("POST", "/token", {}, {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier},
            {"Authorization": "Basic " + basic})
        assert status == 200, text
        return json.loads(text)["id_token"]


# ---- moto as AWS ----

class Moto:
    """A moto server, reached over TLS by the name of AWS's STS, that checks the signatures of the keys it gave out."""

    def __init__(self, authority):
        import boto3
        self.port = free_port()
        cert, key = authority.certificate(STS)
        # What comes before the keys are there needs none: a user, his key, his policy, a role.
        code = ("import sys\nfrom moto.server import main\n"
                f"main(['-H', '127.0.0.1', '-p', '{self.port}', '-c', {str(cert)!r}, '-k', {str(key)!r}])\n")
        self.process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL,
                                        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "4"})
        self.url = f"https://127.0.0.1:{self.port}"
        eventually(self._listens, 60)
        options = {"endpoint_url": self.url, "region_name": "us-east-1", "verify": False,
                   "aws_access_key_id": "setup", "aws_secret_access_key": "setup"}
        iam = boto3.client("iam", **options)
        iam.create_user(UserName="ada")
        iam.put_user_policy(UserName="ada", PolicyName="all", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
        role = iam.create_role(RoleName="Analyst", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                    "Principal": {"AWS": "*"}}]}))["Role"]["Arn"]
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        self.user = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
        sts = boto3.client("sts", **{**options, "aws_access_key_id": key["AccessKeyId"],
                                     "aws_secret_access_key": key["SecretAccessKey"]})
        self.role = lambda session: self._assume(sts, role, session)

    def _listens(self):
        import socket
        assert self.process.poll() is None
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    @staticmethod
    def _assume(sts, role, session):
        c = sts.assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
        return {"access_key": c["AccessKeyId"], "secret_key": c["SecretAccessKey"], "token": c["SessionToken"]}

    def close(self):
        self.process.terminate()
        self.process.wait(10)


def aws_request(credentials, server_id="hatidata.acme.example", region="us-east-1", host=STS):
    """A GetCallerIdentity request signed by botocore, as a dict; aws_token() makes the password of it."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    body = "Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", f"https://{host}/", data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-Hatidata-Server-Id": server_id})
    SigV4Auth(Credentials(**credentials), "sts", region).add_auth(request)
    return {"method": "POST", "url": request.url, "headers": dict(request.headers.items()), "body": body}


def aws_token(request):
    return "hd_aws_" + b64(json.dumps(request).encode())
