"""What a portal was told of an order, and what the contract announces and nobody built yet."""

import json

import pytest

from paygate.store import attempts
from tests.support.builders import a_callback
from tests.support.fakes import FakeRail
from tests.support.gateway import BASE, a_gateway
from webhooks.outbound import deliver_due

pytestmark = pytest.mark.functional
RAIL = FakeRail()
OF_AN_ORDER = (("GET", "events"), ("GET", "receipts"), ("GET", "proof"), ("POST", "refunds"))
NOT_BUILT = (
    ("GET", "/v1/orders/{order}/proof"),
    ("POST", "/v1/orders/{order}/refunds"),
    ("GET", "/v1/refunds"),
    ("GET", "/v1/refunds/ref_1"),
    ("POST", "/v1/refunds/ref_1/withdraw"),
)


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    gateway.line.says(b"https://rail.example/pay")
    return gateway


@pytest.fixture
def order(gateway):
    return gateway.post_order().json


def paid(gateway, order):
    """Let the citizen pay, and the rail say so."""
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    with gateway.house.db.read() as tx:
        (attempt,) = attempts.of_order(tx, order["id"])
    call = a_callback(RAIL, attempt.ref)
    gateway.client.post("/webhooks/fake", data=call.body, headers=dict(call.headers))


def test_events_are_what_was_sent_in_the_order_of_their_versions(gateway, order):
    sent = {}

    def receive(_url, headers, body):
        sent[headers["webhook-id"]] = json.loads(body)
        return 200

    hook = {"url": "https://portal.example/hooks"}
    endpoint = gateway.call("POST", "/v1/webhook-endpoints", hook).json
    paid(gateway, order)
    deliver_due(gateway.house, gateway.act(), receive, lambda: 0.0)

    answer = gateway.get(f"/v1/orders/{order['id']}/events")

    events = answer.json["data"]
    assert [each["type"] for each in events] == ["order.processing", "order.paid"]
    assert [each["version"] for each in events] == sorted(each["version"] for each in events)
    assert answer.json["next_cursor"] is None
    for each in events:
        message = sent.pop(each["id"])
        assert message == {name: each[name] for name in ("type", "timestamp", "data")}
        assert each["data"]["version"] == each["version"]
        assert each["deliveries"] == [{"endpoint_id": endpoint["id"], "status": "delivered"}]
    assert sent == {}


def test_an_order_of_which_nothing_was_told_has_no_events_and_no_receipts(gateway, order):
    for part in ("events", "receipts"):
        answer = gateway.get(f"/v1/orders/{order['id']}/{part}")

        assert (answer.status_code, answer.json) == (200, {"data": [], "next_cursor": None})


@pytest.mark.parametrize(("method", "part"), OF_AN_ORDER)
def test_what_is_of_an_order_is_of_its_portal_alone(gateway, order, method, part):
    other = gateway.another_portal()

    for portal, order_id in ((other, order["id"]), (gateway, "ord_nowhere")):
        answer = portal.call(method, f"/v1/orders/{order_id}/{part}")
        assert (answer.status_code, answer.json["code"]) == (404, "order_not_found")


@pytest.mark.parametrize(("method", "path"), NOT_BUILT)
def test_what_is_announced_and_not_built_says_so_to_those_who_may_ask(gateway, order, method, path):
    where = path.format(order=order["id"])

    answer = gateway.call(method, where)

    assert answer.status_code == 501
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "not_built_yet"
    assert gateway.client.open(where, method=method).status_code == 401
