"""Every public vector of the rail, made by code that is not ours."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.contract import (
    AttemptFacts,
    BadSignatureError,
    Checkout,
    HttpReply,
    RefundOrder,
    RefundSaid,
    Said,
)
from providers.vnpay.emulator import wire
from providers.vnpay.messages import (
    PAY,
    QUERY,
    QUERY_REPLY,
    REFUND,
    REFUND_REPLY,
    SIGNATURE,
    SIGNATURE_KIND,
)
from tests.providers.vnpay.builders import KEY, VECTORS, a_rail, arrived

PROFILES = {
    "pay": PAY,
    "ipn": PAY,
    "return": PAY,
    "querydr_request": QUERY,
    "querydr_response": QUERY_REPLY,
    "refund_request": REFUND,
    "refund_response": REFUND_REPLY,
}
LISTS = {
    "querydr_request": wire.SIGNED_QUERY,
    "querydr_response": wire.SIGNED_QUERY_REPLY,
    "refund_request": wire.SIGNED_REFUND,
    "refund_response": wire.SIGNED_REFUND_REPLY,
}
BY_ID = {vector["id"]: vector for vector in VECTORS}
REF = "0003027H23220928000101"
STARTED = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
MEANT = {
    "vnpay-ipn-01": Said.PAID,
    "vnpay-ipn-04": Said.CANCELLED,
    "vnpay-ipn-06": Said.FAILED,
    "vnpay-ipn-07": Said.PAID,
    "vnpay-ipn-case-01": Said.PAID,
    "vnpay-ipn-extra-01": Said.PAID,
    "vnpay-ipn-extra-02": Said.PAID,
    "vnpay-return-01": Said.PAID,
    "vnpay-return-03": Said.FAILED,
}


def vectors(*kinds):
    """Give the vectors of those kinds; without any, all that have values to sign."""
    chosen = [each for each in VECTORS if (each["kind"] in kinds if kinds else each["params"])]
    return pytest.mark.parametrize("vector", chosen, ids=[each["id"] for each in chosen])


def signed_values(vector):
    """Return what the rule signs: the rail's own fields, but for the signature's kind."""
    return {
        name: value
        for name, value in vector["params"].items()
        if name.startswith("vnp_") and name != SIGNATURE_KIND
    }


def test_all_vectors_are_here():
    assert len(VECTORS) == 31
    assert {each["secrets"]["hash_secret"] for each in VECTORS} == {KEY}


@vectors()
def test_the_text_to_sign_is_that_of_the_vector(vector):

    assert PROFILES[vector["formula"]].text(signed_values(vector)) == vector["base_string"]


@vectors()
def test_the_signature_is_that_of_the_vector_exactly_where_it_is_valid(vector):
    values, given = signed_values(vector), vector["signature"]

    signature = PROFILES[vector["formula"]].sign(values, KEY)

    assert (signature == (given or "").lower()) is vector["valid"]


@vectors()
def test_the_emulator_signs_alike_with_code_of_its_own(vector):
    values, names = signed_values(vector), LISTS.get(vector["formula"])

    made = (
        wire.address_hash(values.items(), KEY)
        if names is None
        else wire.list_hash(values, names, KEY)
    )

    assert made == PROFILES[vector["formula"]].sign(values, KEY)


@vectors("ipn", "return")
def test_a_raw_callback_is_accepted_as_its_vector_says(vector):
    arrival = arrived(vector["raw"]["query_string"])

    if vector["valid"]:
        (report,) = a_rail().read_callback(arrival)
        assert report.attempt_ref == vector["params"]["vnp_TxnRef"]
        assert (report.amount, report.said) == (Money(5_000), MEANT[vector["id"]])
    else:
        with pytest.raises(BadSignatureError):
            a_rail().read_callback(arrival)


def test_an_empty_field_is_signed_in_two_ways_and_both_are_read():
    vector = BY_ID["vnpay-ipn-07"]
    kept = {each["signature"] for each in vector["also_possible"]}
    assert vector["signature"] not in kept

    for signature in (vector["signature"], *kept):
        query = urlencode({**vector["params"], SIGNATURE: signature})
        (report,) = a_rail().read_callback(arrived(query))
        assert report.said is Said.PAID


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if "known_wrong" in v], ids=lambda v: v["id"]
)
def test_what_public_code_signs_wrongly_does_not_verify(vector):
    profile = PROFILES[vector["formula"]]

    for wrong in vector["known_wrong"]:
        assert not profile.verifies(
            signed_values(vector), signature=wrong["signature"], secrets=(KEY,)
        )


# ---- whole messages -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("vector_id", "changed"),
    [
        ("vnpay-pay-01", {}),
        ("vnpay-pay-02", {"description": "Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001"}),
        ("vnpay-pay-04", {"bank": "VNBANK"}),
        ("vnpay-pay-06", {"bank": "INTCARD", "language": "en", "dong": 999_999_999}),
        ("vnpay-pay-10", {"client_ip": "2001:db8::8a2e:370:7334"}),
    ],
)
def test_our_start_is_the_address_of_the_vector_byte_for_byte(vector_id, changed):
    rail = a_rail(base_url=("https://sandbox.vnpayment.vn",))
    checkout = Checkout(
        attempt_ref=AttemptRef(REF),
        amount=Money(changed.get("dong", 5_000)),
        description=changed.get(
            "description", "Thanh toan le phi cho ho so 000.30.27.H23-220928-0001"
        ),
        dossier_code="000.30.27.H23-220928-0001",
        bank=changed.get("bank"),
        language=changed.get("language", "vi"),
        return_url="https://pay.example.gov.vn/v1/return/vnpay",
        client_ip=changed.get("client_ip", "13.160.92.202"),
        created_at=STARTED,
        expires_at=STARTED + timedelta(minutes=15),
    )

    # Vector 02 is written with accents, which VNPAY asks merchants to leave out, and we do.
    expected = "vnpay-pay-01" if vector_id == "vnpay-pay-02" else vector_id

    assert rail.start(checkout).url == BY_ID[expected]["raw"]["url"]


def test_our_question_is_the_message_of_the_vector_but_for_its_number():
    vector = BY_ID["vnpay-query-01"]
    facts = AttemptFacts(
        attempt_ref=AttemptRef(REF),
        amount=Money(5_000),
        created_at=STARTED,
        asked_at=STARTED + timedelta(minutes=6),
    )

    call = a_rail(server_ip=("203.0.113.10",)).ask_status(facts).call

    sent = json.loads(call.body)
    theirs = json.loads(vector["raw"]["body"])
    assert set(sent) == set(theirs)
    own = {"vnp_RequestId", SIGNATURE}
    assert {name: sent[name] for name in sent if name not in own} == {
        name: theirs[name] for name in theirs if name not in own
    }


@pytest.mark.parametrize(
    ("vector_id", "wire_ref", "rail_txn"),
    [
        ("vnpay-refund-01", "r20261122160000001", "14226112"),
        ("vnpay-refund-03", "r20261122160000003", None),
    ],
)
def test_our_refund_is_the_message_of_the_vector(vector_id, wire_ref, rail_txn):
    vector = BY_ID[vector_id]
    order = RefundOrder(
        wire_ref=wire_ref,
        attempt_ref=AttemptRef(REF),
        rail_txn=rail_txn,
        amount=Money(5_000),
        collected=Money(5_000),
        created_at=STARTED,
        ordered_at=STARTED + timedelta(minutes=30),
        officer="canbo01",
        reason="Hoàn tiền lệ phí hồ sơ",
    )

    sent = json.loads(a_rail(server_ip=("203.0.113.10",)).ask_refund(order).call.body)

    # The raw message of vector 03 forgets vnp_TransactionNo, which is signed as `0`.
    theirs = {"vnp_TransactionNo": "0", **json.loads(vector["raw"]["body"])}
    assert sent == {name: str(value) for name, value in theirs.items()}


@vectors("query_response")
def test_an_answer_to_our_question_is_read_as_its_vector_says(vector):
    params = {**vector["params"], SIGNATURE: vector["signature"]}
    facts = AttemptFacts(
        attempt_ref=AttemptRef(REF),
        amount=Money(5_000),
        created_at=STARTED,
        asked_at=STARTED + timedelta(minutes=6),
    )
    reply = HttpReply(200, {}, json.dumps(params).encode())
    ask = a_rail().ask_status(facts)

    if not vector["valid"]:
        with pytest.raises(BadSignatureError):
            ask.read(reply)
        return
    report = ask.read(reply)
    found = params["vnp_ResponseCode"] == "00"
    assert (report.said, report.code) == ((Said.PAID, "00") if found else (Said.UNKNOWN, "91"))


def test_an_answer_to_our_refund_is_read_as_its_vector_says():
    vector = BY_ID["vnpay-refund-04"]
    order = RefundOrder(
        wire_ref="RF7K3M92QF-1",
        attempt_ref=AttemptRef(REF),
        rail_txn="14226112",
        amount=Money(5_000),
        collected=Money(5_000),
        created_at=STARTED,
        ordered_at=STARTED + timedelta(minutes=30),
        officer="canbo01",
        reason="x",
    )
    ask = a_rail().ask_refund(order)
    params = {**vector["params"], SIGNATURE: vector["signature"]}

    report = ask.read(HttpReply(200, {}, json.dumps(params).encode()))

    assert (report.said, report.rail_refund) == (RefundSaid.PENDING, "14226200")
    for wrong in vector["known_wrong"]:
        forged = HttpReply(200, {}, json.dumps({**params, SIGNATURE: wrong["signature"]}).encode())
        with pytest.raises(BadSignatureError):
            ask.read(forged)
