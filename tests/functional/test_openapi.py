"""The description of the API is true: schemathesis writes calls from it, and finds nothing."""

import flask
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig

from paygate.web.api import ROUTES
from paygate.web.api.openapi import document
from tests.support.builders import AGENCY
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional
API = schemathesis.openapi.from_dict(
    document(ROUTES, base_url=BASE),
    config=SchemathesisConfig.from_dict(
        {
            "checks": {
                # The rules of the business go beyond any schema: a dossier's date, an agency.
                "positive_data_acceptance": {"enabled": False},
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "501"]},
            },
            "generation": {"max-examples": 20, "deterministic": True},
        }
    ),
)


BEHIND: list[flask.Flask] = []


def door(environ, start_response):
    """Lead calls that are made from the description to the gateway of the running test."""
    return BEHIND[-1].wsgi_app(environ, start_response)


API.app = door


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    BEHIND[:] = [gateway.app]
    return gateway


@pytest.fixture
def known(gateway):
    """Let there be an order, an endpoint and a message."""
    endpoint = gateway.call("POST", "/v1/webhook-endpoints", {"url": "https://portal.example/h"})
    ping = gateway.call("POST", f"/v1/webhook-endpoints/{endpoint.json['id']}/ping")
    return {
        "order_id": gateway.post_order().json["id"],
        "endpoint_id": endpoint.json["id"],
        "message_id": ping.json["id"],
    }


@API.parametrize()
@pytest.mark.parametrize("fresh_url", ["sqlite"], indirect=True)
@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_what_is_described_is_what_is_answered(case, gateway, known):
    for name, value in case.path_parameters.items():
        if name in known and len(str(value)) % 2:
            case.path_parameters[name] = known[name]
    case.call_and_validate(headers={"Authorization": f"Bearer {gateway.key}"})
