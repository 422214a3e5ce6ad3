"""A rail that is down for hours, a portal that is down for a day: everybody is told in the end."""

from datetime import timedelta

import pytest

from paygate.domain.payment import PaymentState
from paygate.services.chase_pending import chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.store import attempts, deliveries, outbox
from paygate.store.deliveries import DeliveryState
from providers.contract import HttpReply, NotSentError, SilentError
from tests.support.builders import NOON, VAULT, a_portal
from tests.support.fakes import says
from tests.support.gateway import BASE, a_gateway
from webhooks.egress import NotDeliveredError
from webhooks.endpoints import add_endpoint
from webhooks.outbound import deliver_due

pytestmark = pytest.mark.functional
TICK = timedelta(minutes=5)


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    gateway.line.says(b"https://rail.example/pay")
    db.act(
        add_endpoint,
        gateway.act(),
        VAULT,
        a_portal().id,
        "https://portal.example/hook",
        loopback=False,
    )
    return gateway


def paying(gateway):
    order = gateway.post_order().json
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    with gateway.house.db.read() as tx:
        return order, attempts.of_order(tx, order["id"])[-1]


def state_of(gateway, attempt):
    with gateway.house.db.read() as tx:
        found = attempts.get(tx, attempt.id)
    assert found is not None
    return found.payment_state


def state(gateway, order):
    return gateway.get(f"/v1/orders/{order['id']}").json["state"]


@pytest.mark.parametrize("error", [NotSentError(), SilentError()])
def test_a_charge_whose_rail_is_down_for_two_hours_is_found_and_never_failed(gateway, error):
    order, attempt = paying(gateway)
    gateway.line.fails(error)
    seen = set()
    for _ in range(24):
        gateway.clock.instant += TICK
        chase_pending(gateway.house, gateway.act())
        expire_orders(gateway.house, gateway.act())
        seen.add(state_of(gateway, attempt))
    gateway.line.says(says(attempt.ref, paid_at=NOON))
    for _ in range(24):
        gateway.clock.instant += TICK
        chase_pending(gateway.house, gateway.act())

    assert seen == {PaymentState.REDIRECTED}
    assert state(gateway, order) == "paid"


def test_a_start_that_timed_out_after_the_charge_is_found_and_charged_once(gateway):
    charged = []

    def charge_then_drop(call):
        if call.url.endswith("/init"):
            charged.append(call.body)
            raise SilentError
        body = says(call.body.decode(), txn="T1", paid_at=NOON)
        return HttpReply(200, {}, body)

    gateway.line.answer = charge_then_drop
    order, attempt = paying(gateway)
    assert state_of(gateway, attempt) is PaymentState.UNKNOWN
    gateway.clock.instant += TICK
    chase_pending(gateway.house, gateway.act())

    assert state(gateway, order) == "paid"
    assert len(charged) == 1


@pytest.mark.parametrize("trouble", [500, 503, 429, 301, "timeout"])
def test_a_portal_that_is_down_for_a_day_is_told_everything_afterwards(gateway, trouble):
    order, attempt = paying(gateway)
    gateway.line.says(says(attempt.ref, paid_at=NOON))
    gateway.clock.instant += TICK
    chase_pending(gateway.house, gateway.act())
    told, up_at = [], gateway.clock.now() + timedelta(days=1)

    def post(_url, headers, _body):
        if gateway.clock.now() < up_at:
            if trouble == "timeout":
                raise NotDeliveredError("timeout")
            return trouble
        told.append(headers["webhook-id"])
        return 200

    for _ in range(3 * 24 * 12):
        gateway.clock.instant += TICK
        deliver_due(gateway.house, gateway.act(), post, lambda: 1.0)

    with gateway.house.db.read() as tx:
        messages = outbox.of_order(tx, order["id"])
        states = [
            each.state for message in messages for each in deliveries.of_message(tx, message.id)
        ]
    assert [each.type for each in messages] == ["order.processing", "order.paid"]
    assert sorted(told) == sorted(each.id for each in messages)  # each once, after the day
    assert set(states) == {DeliveryState.DELIVERED}
