"""A body without a length is held to the same limit, and never cut silently."""

import io
import json

import pytest

from tests.support.builders import a_callback
from tests.support.fakes import FakeRail
from tests.support.gateway import a_gateway, deck_order

KIB = 1024


@pytest.fixture
def gateway(db):
    return a_gateway(db)


def send_in_chunks(gateway, path, body, **headers):
    """Send *body* as gunicorn hands on a chunked request: no length, an end that is known."""
    return gateway.client.post(
        path,
        input_stream=io.BytesIO(body),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )


def test_a_callback_in_chunks_is_read_whole(gateway):
    arrival = a_callback(FakeRail(), "A1")

    answer = send_in_chunks(gateway, "/webhooks/fake", arrival.body, **dict(arrival.headers))

    assert answer.get_data() == b"unknown_attempt"


def test_a_callback_in_chunks_beyond_the_limit_is_413(gateway):
    assert send_in_chunks(gateway, "/webhooks/fake", b"a" * 65 * KIB).status_code == 413


def test_an_order_in_chunks_beyond_the_limit_is_413(gateway):
    body = json.dumps(deck_order()).encode() + b" " * 1025 * KIB

    answer = send_in_chunks(
        gateway,
        "/v1/orders",
        body,
        Authorization=f"Bearer {gateway.key}",
        Idempotency_Key="k",
        Content_Type="application/json",
    )

    assert answer.status_code == 413
