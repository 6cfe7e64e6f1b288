"""The API's own document: it is a good one, and says no more and no less than the server does."""
import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from harness import Server, make_installation
from rest import Rest, document

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(make_installation(tmp_path_factory.mktemp("openapi"), orgs=("acme",)), "--rate-tier", "enterprise") as s:
        yield s


def operations():
    for path, item in document().json["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_the_document_is_openapi(server):
    assert Rest(server).ok("GET", "/v1/openapi.json") == document().json
    assert [str(e) for e in OpenAPIV31SpecValidator(document().json).iter_errors()] == []
    assert len({o["operationId"] for _, _, o in operations()}) == len(list(operations()))


def test_what_is_documented_is_there_and_nothing_else_is(server):
    """A documented method is refused for want of a credential, not of a route; another has no route."""
    nobody, owner = Rest(server), Rest(server, "owner@acme")
    for path, item in document().json["paths"].items():
        concrete = path.replace("{org}", "acme").replace("{env}", "hatidata").replace("{", "").replace("}", "")
        for method in METHODS:
            if method not in item:
                answer = owner(method.upper(), concrete)
                assert answer.status_code == 405 and answer.headers["Allow"].lower().split(", ") == list(item)
            elif item[method].get("security") != []:
                assert nobody(method.upper(), concrete, {}).status_code == 401, (method, path)


def test_each_operation_says_what_it_takes_and_who_may(server):
    for method, path, operation in operations():
        assert operation["x-permission"] in operation["description"] or operation["security"] == [], path
        named = {p["name"] for p in map(document().follow, operation["parameters"]) if p["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert {"400", "429", "500", "503"} < set(operation["responses"])
        assert ("401" in operation["responses"]) or operation["security"] == []
        well = operation["responses"]["200" if "200" in operation["responses"] else "201"]
        assert well["content"]["application/json"]["schema"]["additionalProperties"] is False
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["schema"]["additionalProperties"] is False


def test_bounds_stand_in_the_document():
    body = document().operation("POST", "/v1/organizations/acme/users")["requestBody"]
    fields = body["content"]["application/json"]["schema"]["properties"]
    assert fields["email"]["maxLength"] == 254 and "@" in fields["email"]["pattern"]
    assert "auditor" in fields["role"]["enum"]
    limit = document().operation("GET", "/v1/organizations/acme/users")["parameters"][1]["schema"]
    assert (limit["minimum"], limit["maximum"]) == (1, 200)
    assert json.dumps(document().json).count("date-time") > 10
