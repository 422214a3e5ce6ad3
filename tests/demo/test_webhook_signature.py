import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.demo.portal.webhooks import ForgedError, UnreadableError, read, read_secret, verify
from tests.demo.fake_gateway import NOW, SECRET, signed

BODY = b'{"type":"order.paid","data":{"dossier_code":"000.30.27.H23-220928-0001"}}'
KEY = read_secret(SECRET)
OTHER_SECRET = "whsec_" + "A" * 32


def test_what_the_reference_library_signs_is_accepted():
    assert verify(KEY, signed(BODY), BODY, now=NOW) == "evt_1"


def test_header_names_come_in_any_case():
    headers = {name.title(): value for name, value in signed(BODY).items()}

    assert verify(KEY, headers, BODY, now=NOW) == "evt_1"


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_five_minutes_of_difference_are_tolerated(minutes):
    at = NOW + timedelta(minutes=minutes)

    assert verify(KEY, signed(BODY, at=at), BODY, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_message_from_another_time_is_refused(seconds):
    at = NOW + timedelta(seconds=seconds)

    with pytest.raises(ForgedError):
        verify(KEY, signed(BODY, at=at), BODY, now=NOW)


def test_one_good_signature_among_several_is_enough():
    new, old = signed(BODY), signed(BODY, secret=OTHER_SECRET)
    both = f"{old['webhook-signature']} v1a,AAAA {new['webhook-signature']}"

    assert verify(KEY, {**new, "webhook-signature": both}, BODY, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "evt_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": "\uff19" * 10},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": "-1"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": signed(BODY, secret=OTHER_SECRET)["webhook-signature"]},
        {"webhook-signature": signed(BODY)["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": signed(BODY)["webhook-signature"].removeprefix("v1,")},
    ],
)
def test_a_changed_header_is_refused(changes):
    with pytest.raises(ForgedError):
        verify(KEY, {**signed(BODY), **changes}, BODY, now=NOW)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(place, change):
    forged = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]

    with pytest.raises(ForgedError):
        verify(KEY, signed(BODY), forged, now=NOW)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_c2hvcnQ", "whsec_***", "whsec_" + "A" * 120])
def test_a_malformed_secret_is_refused_before_any_message_comes(text):
    with pytest.raises(ValueError):
        read_secret(text)


def test_an_unknown_type_without_data_is_an_event():
    event = read("evt_1", b'{"type": "something.new"}')

    assert (event.type, event.object, event.order_id, event.version) == ("something.new", "", "", 0)


@given(
    st.binary(max_size=64)
    | st.sampled_from(
        [b"[]", b"1", b"{}", b'{"type":1}', b'{"type":""}', b'{"type":"\\ud800"}', b"[" * 10_000]
    )
)
def test_what_is_no_event_is_unreadable_and_nothing_worse(body):
    with pytest.raises(UnreadableError):
        read("evt_1", body)


@pytest.mark.parametrize("field", ["amount", "version"])
@pytest.mark.parametrize("value", [True, "1", 1.5, None, [], {}, -1, 2**63])
def test_a_number_that_is_none_is_not_taken_for_one(field, value):
    event = read("evt_1", json.dumps({"type": "t", "data": {field: value}}).encode())

    assert (event.amount, event.version) == (None, 0)
