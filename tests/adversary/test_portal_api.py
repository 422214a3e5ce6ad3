"""What a portal may send to the doors of its own things, and what these must not give away."""

import io
from typing import Any

import pytest

from paygate.store import attempts, deliveries
from paygate.store.deliveries import TRIES_SHOWN_MAX
from tests.support.builders import a_callback
from tests.support.fakes import FakeQrRail
from tests.support.gateway import BASE, a_gateway
from webhooks.endpoints import OVERLAP
from webhooks.outbound import deliver_due

KIB = 1024
ALL = "/v1/webhook-endpoints"
URL = "https://portal.example/hooks"


@pytest.fixture
def gateway(db):
    return a_gateway(db)


@pytest.fixture
def endpoint(gateway):
    return gateway.call("POST", ALL, {"url": URL}, key="added").json


@pytest.mark.parametrize("act", ["ping", "rotate-secret"])
@pytest.mark.parametrize("in_chunks", [True, False])
def test_a_body_that_nobody_asked_for_is_bounded_too(gateway, endpoint, act, in_chunks):
    """TRUST S35: 1 MiB, with or without a length."""
    body = b"a" * 1_025 * KIB
    length = {} if in_chunks else {"content_length": len(body)}
    ended = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = gateway.client.post(
        f"{ALL}/{endpoint['id']}/{act}",
        input_stream=io.BytesIO(body),
        headers={"Authorization": f"Bearer {gateway.key}", "Idempotency-Key": "k"},
        environ_overrides=ended if in_chunks else {},
        **length,
    )

    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")


def test_a_secret_that_signs_no_more_is_not_shown_again(gateway, endpoint):
    gateway.call("POST", f"{ALL}/{endpoint['id']}/rotate-secret")
    shown = gateway.call("POST", ALL, {"url": URL}, key="added").json["secret"]
    assert shown == endpoint["secret"]  # it still signs beside the new one

    gateway.clock.step(seconds=OVERLAP.total_seconds())

    assert gateway.call("POST", ALL, {"url": URL}, key="added").json["secret"] is None


def test_a_message_sent_again_and_again_shows_its_last_tries_alone(gateway, endpoint):
    sent = gateway.call("POST", f"{ALL}/{endpoint['id']}/ping").json["id"]
    for _ in range(TRIES_SHOWN_MAX + 3):
        deliver_due(gateway.house, gateway.act(), lambda *_: 200, lambda: 0.0)
        gateway.clock.step(seconds=1)
        again = gateway.call("POST", f"/v1/webhook-messages/{sent}/resend")
        assert again.status_code == 202

    listed: Any = gateway.get("/v1/webhook-messages").json
    [message] = listed["data"]
    [delivery] = message["deliveries"]
    with gateway.house.db.read() as tx:
        [kept] = deliveries.of_message(tx, sent)
        every = deliveries.tries_of(tx, kept.id)
    assert len(every) == TRIES_SHOWN_MAX + 3
    assert [each["at"] for each in delivery["tries"]] == sorted(
        {each["at"] for each in delivery["tries"]}
    )
    assert len(delivery["tries"]) == TRIES_SHOWN_MAX
    assert delivery["tries"][-1]["at"].startswith(every[-1].at.isoformat()[:19])


# ---- the code of an attempt -------------------------------------------------------------------
RAIL = FakeQrRail()


@pytest.fixture
def scanned(db):
    """A gateway whose citizen looks at a code, and the attempt."""
    gateway = a_gateway(db, rail=RAIL)
    order: Any = gateway.post_order().json
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    with gateway.house.db.read() as tx:
        [attempt] = attempts.of_order(tx, order["id"])
    return gateway, order, attempt


def picture(gateway, attempt):
    return gateway.client.get(f"/return/{attempt.return_token}/qr.png")


@pytest.mark.parametrize("end", ["paid", "cancelled", "session over", "other amount"])
def test_nobody_saves_the_code_of_what_is_no_longer_to_be_paid(scanned, end):
    gateway, order, attempt = scanned
    assert picture(gateway, attempt).status_code == 200

    if end in {"paid", "other amount"}:
        dong = 5_000 if end == "paid" else 4_000
        arrival = a_callback(RAIL, attempt.ref, dong=dong)
        gateway.client.post("/webhooks/fake", data=arrival.body, headers=dict(arrival.headers))
    elif end == "cancelled":
        arrival = a_callback(RAIL, attempt.ref, code="24")
        gateway.client.post("/webhooks/fake", data=arrival.body, headers=dict(arrival.headers))
        gateway.call("POST", f"/v1/orders/{order['id']}/cancel")
    else:
        gateway.clock.step(minutes=15)

    assert picture(gateway, attempt).status_code == 404
