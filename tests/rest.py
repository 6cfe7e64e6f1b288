"""A client of the REST API: real HTTP over TLS, checked against the installation's own authority. Every answer must
be one that the API's own document has: its status, its form."""
import base64
import functools
import hmac
import json
import re
import struct
import time

import jsonschema
import requests

from harness import hatidata


class Document:
    """The OpenAPI document that the program prints."""

    def __init__(self, text):
        self.json = json.loads(text)
        self.paths = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), item)
                      for path, item in self.json["paths"].items()]

    def at(self, reference):
        return functools.reduce(dict.__getitem__, reference.removeprefix("#/").split("/"), self.json)

    def follow(self, node):
        return self.follow(self.at(node["$ref"])) if "$ref" in node else node

    def operation(self, method, path):
        """None where the path or the method isn't there."""
        return next((item.get(method.lower()) for pattern, item in self.paths if pattern.fullmatch(path)), None)

    def check(self, method, path, answer):
        operation = self.operation(method, path.split("?")[0])
        if operation:
            assert str(answer.status_code) in operation["responses"], (method, path, answer.status_code, answer.text)
            response = self.follow(operation["responses"][str(answer.status_code)])
        else:
            response = self.follow({"$ref": f"#/components/responses/Error{answer.status_code}"})
        assert answer.headers["Content-Type"] == "application/json", (method, path, answer.headers)
        for name, header in response["headers"].items():
            assert name in answer.headers or not self.follow(header)["required"], (method, path, name)
        if method != "HEAD":
            schema = self.follow(response["content"]["application/json"]["schema"])
            jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(answer.json())


@functools.cache
def document():
    return Document(hatidata("control", "--openapi").stdout)


class Rest:
    """Asks `server` as `who`, a principal's name or None; `scheme` says how the key is sent."""

    def __init__(self, server, who=None, scheme="ApiKey"):
        self.base = f"https://localhost:{server.control_port}"
        self.session = requests.Session()
        self.session.verify = str(server.installation.ca)
        self.session.trust_env = False
        if who:
            self.authorize(scheme, server.installation.principals[who].key)

    def authorize(self, scheme, secret):
        if scheme == "X-API-Key":
            self.session.headers["X-API-Key"] = secret
        else:
            self.session.headers["Authorization"] = f"{scheme} {secret}"

    def __call__(self, method, path, body=None, **more):
        answer = self.session.request(method, self.base + path, json=body, timeout=60, **more)
        document().check(method, path, answer)
        return answer

    def ok(self, method, path, body=None, **more):
        """The answer, which must be one that went well."""
        answer = self(method, path, body, **more)
        assert answer.status_code in (200, 201), (method, path, answer.status_code, answer.text)
        return answer.json()

    def error(self, status, method, path, body=None, **more):
        """The error, which must have this status and the one form of errors."""
        answer = self(method, path, body, **more)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "details", "request_id"}
        assert error["request_id"] == answer.headers["X-Request-ID"] and error["message"]
        return error


def code_of(secret, steps=0):
    """RFC 6238, written anew from it; of the step that is `steps` from now. Tests use this step's code and then the
    next one's: both stay good for half a minute at least, whenever the test runs."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06}"
