"""The description of the API is true: schemathesis writes calls from it, and finds nothing."""

from itertools import count
from typing import Any

import flask
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from paygate.store import attempts
from paygate.web.api import ROUTES
from paygate.web.api.openapi import document
from tests.support.builders import AGENCY, a_callback
from tests.support.fakes import FakeRail
from tests.support.gateway import BASE, a_gateway, deck_order
from webhooks.outbound import deliver_due

pytestmark = pytest.mark.functional
NUMBERS = count(1)
BEHIND: list[flask.Flask] = []
CALLS = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def door(environ, start_response):
    """Lead calls that are made from the description to the gateway of the running test."""
    return BEHIND[-1].wsgi_app(environ, start_response)


API = schemathesis.openapi.from_dict(
    document(ROUTES, base_url=BASE),
    config=SchemathesisConfig.from_dict(
        {
            "checks": {
                # The rules of the business go beyond any schema: a dossier's date, an agency.
                "positive_data_acceptance": {"enabled": False},
                # What is announced and not built says so.
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "501"]},
                # Without If-Match it is 428 (RFC 6585, 3).
                "missing_required_header": {
                    "expected-statuses": ["400", "401", "415", "422", "428"]
                },
            },
            "generation": {"deterministic": True},
        }
    ),
)
API.app = door


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    BEHIND[:] = [gateway.app]
    return gateway


@pytest.fixture
def known(gateway):
    """Let there be a paid order and one that owes nothing, an endpoint, and a failed delivery."""
    endpoint = gateway.call("POST", "/v1/webhook-endpoints", {"url": "https://portal.example/h"})
    order = gateway.post_order(deck_order(dossier={"code": f"{AGENCY}-220928-0002"})).json
    gateway.line.says(b"https://rail.example/pay")
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    with gateway.house.db.read() as tx:
        (attempt,) = attempts.of_order(tx, order["id"])
    callback = a_callback(FakeRail(), attempt.ref)
    gateway.client.post("/webhooks/fake", data=callback.body, headers=dict(callback.headers))
    exempt: Any = deck_order(
        dossier={"code": f"{AGENCY}-220928-0003"},
        exemption={"reason_code": "TE", "legal_basis": "Luật Trẻ em 2016"},
    )
    gateway.post_order(exempt | {"lines": [exempt["lines"][0] | {"amount": 0}]})
    deliver_due(gateway.house, gateway.act(), lambda *_: 500, lambda: 0.0)
    message = gateway.get(f"/v1/webhook-messages?order_id={order['id']}").json["data"][0]
    assert message["type"] == "order.paid"
    assert message["deliveries"][0]["tries"]
    return {
        "order_id": order["id"],
        "endpoint_id": endpoint.json["id"],
        "message_id": message["id"],
    }


def call(case, gateway, known):
    """Make the call, every other one about something that exists, and check all of its answer."""
    for name, value in case.path_parameters.items():
        if name in known and len(str(value)) % 2:
            case.path_parameters[name] = known[name]
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        # Otherwise most calls would be refused before anything of them was looked at.
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f"call-{next(NUMBERS)}"
        if "If-Match" in case.headers:
            case.headers["If-Match"] = gateway.get(f"/v1/orders/{known['order_id']}").headers[
                "ETag"
            ]
    case.call_and_validate(headers={"Authorization": f"Bearer {gateway.key}"})


@API.parametrize()
@pytest.mark.parametrize("fresh_url", ["sqlite"], indirect=True)
@CALLS
def test_what_is_answered_is_what_is_described(case, gateway, known):
    call(case, gateway, known)


@API.include(operation_id=["search_messages", "patch_endpoint"]).parametrize()
@pytest.mark.parametrize("fresh_url", ["postgresql"], indirect=True)
@CALLS
def test_postgresql_answers_hostile_values_no_otherwise(case, gateway, known):
    call(case, gateway, known)


@pytest.mark.parametrize("fresh_url", ["sqlite"], indirect=True)
def test_the_description_is_for_those_who_have_a_key(gateway):
    assert gateway.client.get("/v1/openapi.json").status_code == 401
    assert gateway.get("/v1/openapi.json").json == document(ROUTES, base_url=BASE)
