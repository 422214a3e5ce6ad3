"""The reference library is the judge of what we sign (TRUST S76)."""

import base64
from datetime import UTC, datetime

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from webhooks.signature import SECRET_BYTES, shown, signature

NEW, OLD = bytes(range(32)), bytes(range(32, 64))
BODY = '{"type":"order.paid","data":{"dossier_code":"000.30.27.H23-220928-0001","to":"Điển"}}'


def timestamp():
    # The reference library asks the machine's clock.
    return int(datetime.now(UTC).timestamp())  # noqa: TID251  # as the library does


def headers(secrets, body=BODY):
    at = timestamp()
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(at),
        "webhook-signature": signature(
            secrets, message_id="evt_1", timestamp=at, body=body.encode()
        ),
    }


def verify(secret, sent, body=BODY):
    standardwebhooks.Webhook(shown(secret)).verify(body, sent)


def test_the_reference_library_verifies_one_secret():
    verify(NEW, headers((NEW,)))


@pytest.mark.parametrize("secret", [NEW, OLD], ids=["new", "old"])
def test_during_a_rotation_both_secrets_verify(secret):
    verify(secret, headers((NEW, OLD)))


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_signed(changed):
    sent = headers((NEW,))
    sent[changed] = "evt_2" if changed == "webhook-id" else str(timestamp() + 1)

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(NEW, sent)


@given(st.text(min_size=1, max_size=200), st.integers(0, 199))
def test_another_body_does_not_verify(body, place):
    sent = headers((NEW,), body)
    place %= len(body)
    other = body[:place] + ("x" if body[place] != "x" else "y") + body[place + 1 :]

    standardwebhooks.Webhook(shown(NEW)).verify(body, sent, json_parse=False)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(shown(NEW)).verify(other, sent, json_parse=False)


def test_another_secret_does_not_verify():
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(OLD, headers((NEW,)))


def test_a_secret_is_shown_as_the_standard_writes_it():
    assert shown(NEW) == "whsec_" + base64.b64encode(NEW).decode()
    assert 24 <= SECRET_BYTES <= 64
