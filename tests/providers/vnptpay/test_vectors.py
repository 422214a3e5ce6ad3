"""Every public vector of the rail, made by code that is not ours."""

import json
from datetime import timedelta

import pytest

from paygate.domain.outcome import Outcome
from providers.contract import BadSignatureError, Said
from providers.vnptpay.checkout import ask_for_session
from providers.vnptpay.messages import ANSWER, CALLBACK, INIT, PAY_QR, QUERY
from providers.vnptpay.query import ask_for_status
from tests.providers.vnptpay.builders import (
    KEY,
    NOW,
    VECTORS,
    a_checkout,
    a_rail,
    arrived,
    facts_of,
)

PROFILES = {
    "init_105": INIT,
    "pay_qrcode_106": PAY_QR,
    "ipn": CALLBACK,
    "ack": ANSWER,
    "query": QUERY,
}
BY_ID = {vector["id"]: vector for vector in VECTORS}


def vectors(*, kind=None):
    chosen = [vector for vector in VECTORS if kind is None or vector["kind"] == kind]
    return pytest.mark.parametrize("vector", chosen, ids=[each["id"] for each in chosen])


def test_all_seven_vectors_are_here():
    assert len(VECTORS) == 7


@vectors()
def test_the_text_to_sign_is_that_of_the_vector(vector):
    text = PROFILES[vector["formula"]].text(vector["params"])

    assert f"{text}|{KEY}" == vector["base_string"]


@vectors()
def test_the_signature_is_that_of_the_vector_exactly_where_it_is_valid(vector):
    signature = PROFILES[vector["formula"]].sign(vector["params"], KEY)

    assert (signature == vector["signature"]) is vector["valid"]


@vectors(kind="ipn")
def test_a_raw_callback_is_accepted_as_its_vector_says(vector):
    arrival = arrived(vector["raw"]["body"].encode(), vector["raw"]["content_type"])

    if vector["valid"]:
        (report,) = a_rail().read_callback(arrival)
        assert report.attempt_ref == vector["params"]["MERCHANT_ORDER_ID"]
        assert report.said is (
            Said.PAID if vector["params"]["RESPONSE_CODE"] == "00" else Said.FAILED
        )
    else:
        with pytest.raises(BadSignatureError):
            a_rail().read_callback(arrival)


def test_our_start_is_the_message_of_the_vector_byte_for_byte():
    ask = ask_for_session(a_rail().account, a_checkout("PG-0001"))

    assert ask.call.body.decode() == BY_ID["vnptpay-init-01"]["raw"]["body"]


def test_our_question_is_the_message_of_the_vector_byte_for_byte():
    ask = ask_for_status(a_rail().account, facts_of(a_checkout("PG-0001", created_at=NOW)))

    assert ask.call.body.decode() == BY_ID["vnptpay-query-01"]["raw"]["body"]


def test_our_answer_is_the_message_of_the_vector_byte_for_byte():
    at = NOW + timedelta(seconds=81)
    arrival = arrived(BY_ID["vnptpay-ipn-01"]["raw"]["body"].encode(), at=at)

    reply = a_rail().answer(arrival, Outcome.APPLIED)

    assert reply.body.decode() == BY_ID["vnptpay-ack-01"]["raw"]["body"]
    assert json.loads(reply.body)["SECURE_CODE"] == BY_ID["vnptpay-ack-01"]["signature"]


def test_merchant_data_is_sent_beside_the_signature():
    params = BY_ID["vnptpay-qr-01"]["params"]

    assert PAY_QR.sign({**params, "MERCHANT_DATA": "x"}, KEY) == BY_ID["vnptpay-qr-01"]["signature"]


@pytest.mark.parametrize("name", PAY_QR.fields)
def test_every_field_but_merchant_data_is_signed(name):
    vector = BY_ID["vnptpay-qr-01"]

    assert PAY_QR.sign({**vector["params"], name: "other"}, KEY) != vector["signature"]
