"""The description of the API leaves nothing out, and invents nothing."""

import re

import pytest

from paygate.http import problems, refusals
from paygate.web.api import ROUTES
from paygate.web.api.openapi import CODES, document
from tests.support.gateway import BASE, a_gateway

WHOLE = document(ROUTES, base_url=BASE)
OPERATIONS = [
    (path, operation) for path, methods in WHOLE["paths"].items() for operation in methods.values()
]
AUTOMATIC = {"HEAD", "OPTIONS"}


def test_every_route_is_described_and_nothing_else(db):
    routes = {
        (re.sub(r"<([a-z_]+)>", r"{\1}", rule.rule), method.lower())
        for rule in a_gateway(db).app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in (rule.methods or set()) - AUTOMATIC
    }

    assert {(path, method) for path, methods in WHOLE["paths"].items() for method in methods} == (
        routes
    )


@pytest.mark.parametrize(("path", "operation"), OPERATIONS)
def test_every_operation_says_what_it_takes_and_answers(path, operation):
    names = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
    assert names == re.findall(r"{([a-z_]+)}", path)
    assert operation["summary"].endswith(".")
    assert set(operation["responses"]) >= {"400", "401", "429", "500", "503"}
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            [(media, content)] = answer["content"].items()
            codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
            assert media == problems.MEDIA_TYPE
            assert {CODES[code] for code in codes} == {int(status)}
        elif int(status) != 204:
            assert "application/json" in answer["content"]


def test_what_creates_asks_for_a_key_of_idempotency():
    asking = {
        operation["operationId"]
        for _, operation in OPERATIONS
        if any(each["name"] == "Idempotency-Key" for each in operation["parameters"])
    }

    assert asking >= {"create_order", "create_endpoint", "ping", "rotate"}


def test_every_code_has_one_status_and_its_texts():
    for code in CODES:
        assert all(refusals.texts(code))


def test_every_reference_leads_somewhere():
    known = {f"#/components/schemas/{name}" for name in WHOLE["components"]["schemas"]}

    assert set(references(WHOLE)) <= known


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)
