"""Money that goes back through the rail."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from providers.contract import BadSignatureError, RefundSaid, UnreadableError
from tests.providers.vnpay.builders import (
    KEY,
    NOW,
    QUERY_REPLY_NAMES,
    REF,
    REFUND_REPLY_NAMES,
    a_rail,
    a_refund,
    a_reply,
    list_hash,
    refund_facts,
)

REFUND_NAMES = [
    "RequestId",
    "Version",
    "Command",
    "TmnCode",
    "TransactionType",
    "TxnRef",
    "Amount",
    "TransactionNo",
    "TransactionDate",
    "CreateBy",
    "CreateDate",
    "IpAddr",
    "OrderInfo",
]


def sent(order, rail=None):
    return json.loads((rail or a_rail()).ask_refund(order).call.body)


def reply_fields(**changed):
    return {
        "vnp_ResponseId": "def456",
        "vnp_Command": "refund",
        "vnp_ResponseCode": "00",
        "vnp_Message": "Refund success",
        "vnp_TmnCode": "PAYGATE1",
        "vnp_TxnRef": REF,
        "vnp_Amount": "500000",
        "vnp_BankCode": "NCB",
        "vnp_PayDate": "20220928111620",
        "vnp_TransactionNo": "14226200",
        "vnp_TransactionType": "02",
        "vnp_TransactionStatus": "05",
        "vnp_OrderInfo": "Hoan tien",
        **changed,
    }


def taken(order=None, *, key=KEY, **changed):
    reply = a_reply(reply_fields(**changed), REFUND_REPLY_NAMES, key=key)
    return a_rail().ask_refund(order or a_refund()).read(reply)


def found(facts=None, *, key=KEY, **changed):
    told = reply_fields(vnp_Command="querydr", **changed)
    reply = a_reply(told, QUERY_REPLY_NAMES, key=key)
    return a_rail().ask_refund_status(facts or refund_facts()).read(reply)


# ---- a request ------------------------------------------------------------------------------
def test_a_refund_is_signed_over_the_fields_of_the_document():
    told = sent(a_refund(rail_txn="14226112"), a_rail(hash_secret=("new", KEY)))

    assert set(told) == {*(f"vnp_{name}" for name in REFUND_NAMES), "vnp_SecureHash"}
    assert told["vnp_SecureHash"] == list_hash(told, REFUND_NAMES, "new")
    assert (told["vnp_RequestId"], told["vnp_Amount"]) == ("RF7K3M92QF-1", "500000")
    assert (told["vnp_CreateBy"], told["vnp_OrderInfo"]) == ("Ke toan 1", "Hoan tien le phi ho so")
    assert told["vnp_TransactionDate"] == "20220928101500"


def test_a_resend_is_the_same_bytes():
    first = a_rail().ask_refund(a_refund()).call

    assert a_rail().ask_refund(a_refund(again=True)).call == first


@pytest.mark.parametrize(("dong", "kind"), [(5_000, "02"), (4_999, "03"), (1, "03")])
def test_all_of_it_is_a_full_refund_and_less_a_part(dong, kind):
    assert sent(a_refund(dong=dong))["vnp_TransactionType"] == kind


@pytest.mark.parametrize(("rail_txn", "told"), [(None, "0"), ("14226112", "14226112")])
def test_an_unknown_transaction_is_sent_and_signed_as_naught(rail_txn, told):
    assert sent(a_refund(rail_txn=rail_txn))["vnp_TransactionNo"] == told


@pytest.mark.parametrize("dong", [0, -1, 5_001])
def test_what_cannot_go_back_is_not_asked_for(dong):
    with pytest.raises(ValueError, match="amount"):
        a_rail().ask_refund(a_refund(dong=dong))


@pytest.mark.parametrize("wire_ref", ["", "RF 1", "RF|1", "R" * 33, "RFé"])
def test_a_reference_that_the_rail_would_cut_is_not_sent(wire_ref):
    with pytest.raises(ValueError, match="reference"):
        a_rail().ask_refund(replace(a_refund(), wire_ref=wire_ref))


def test_a_nameless_officer_and_reason_are_still_told():
    told = sent(replace(a_refund(), officer="", reason="?"))

    assert (told["vnp_CreateBy"], told["vnp_OrderInfo"]) == ("paygate", "Hoan tien RF7K3M92QF-1")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("02", RefundSaid.FAILED),
        ("03", RefundSaid.FAILED),
        ("91", RefundSaid.FAILED),
        ("95", RefundSaid.FAILED),
        ("97", RefundSaid.FAILED),
        ("94", RefundSaid.UNKNOWN),
        ("99", RefundSaid.UNKNOWN),
        ("93", RefundSaid.UNKNOWN),
        ("98", RefundSaid.UNKNOWN),
    ],
)
def test_only_a_clear_and_signed_refusal_is_a_failure(code, said):
    assert taken(vnp_ResponseCode=code).said is said
    assert taken(vnp_ResponseCode=code, key=None).said is RefundSaid.UNKNOWN
    assert taken(a_refund(again=True), vnp_ResponseCode=code).said is RefundSaid.UNKNOWN


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("05", RefundSaid.PENDING),
        ("06", RefundSaid.PENDING),
        ("00", RefundSaid.ACCEPTED),
        ("09", RefundSaid.ACCEPTED),
        ("", RefundSaid.ACCEPTED),
        ("77", RefundSaid.ACCEPTED),
    ],
)
def test_a_request_that_was_taken_is_not_done_yet(status, said):
    report = taken(vnp_TransactionStatus=status)

    assert (report.said, report.code, report.rail_refund) == (said, "00", "14226200")


def test_the_number_of_the_payment_is_not_that_of_its_refund():
    order = a_refund(rail_txn="14226200")

    assert taken(order).rail_refund is None


@pytest.mark.parametrize("key", [None, "another"])
def test_a_success_that_the_rail_did_not_sign_is_refused(key):
    with pytest.raises(BadSignatureError):
        taken(key=key)


def test_the_amount_is_signed_as_it_stands():
    # A public client divides it by 100 before it hashes, so that a genuine answer fails.
    divided = reply_fields(vnp_Amount="5000")
    wrong = list_hash(divided, REFUND_REPLY_NAMES)
    reply = a_reply({**reply_fields(), "vnp_SecureHash": wrong}, REFUND_REPLY_NAMES, key=None)

    with pytest.raises(BadSignatureError):
        a_rail().ask_refund(a_refund()).read(reply)


@pytest.mark.parametrize(
    "changed",
    [
        {"vnp_TxnRef": "7K3M92QFX0WJ4RTN8VZC"},
        {"vnp_Amount": "500100"},
        {"vnp_Amount": "500001"},
        {"vnp_TransactionType": "03"},
        {"vnp_Command": "querydr"},
        {"vnp_TransactionNo": "x" * 65},
    ],
)
def test_an_answer_about_something_else_says_nothing(changed):
    with pytest.raises(UnreadableError):
        taken(**changed)


# ---- a question -----------------------------------------------------------------------------
def test_a_question_names_the_payment():
    call = a_rail().ask_refund_status(refund_facts()).call

    told = json.loads(call.body)
    assert (told["vnp_Command"], told["vnp_TxnRef"]) == ("querydr", REF)
    assert told["vnp_TransactionDate"] == "20220928101500"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("00", RefundSaid.SUCCEEDED),
        ("05", RefundSaid.PENDING),
        ("06", RefundSaid.PENDING),
        ("09", RefundSaid.FAILED),
        ("02", RefundSaid.UNKNOWN),
        ("", RefundSaid.UNKNOWN),
    ],
)
def test_the_end_is_in_the_status(status, said):
    report = found(vnp_TransactionStatus=status)

    assert (report.said, report.code, report.rail_refund) == (said, status, "14226200")


@pytest.mark.parametrize(
    ("facts", "changed"),
    [
        (refund_facts(), {"vnp_TransactionType": "01"}),
        (refund_facts(), {"vnp_Amount": "400000"}),
        (refund_facts(dong=4_000), {}),
        (refund_facts(rail_refund="14226201"), {}),
        (refund_facts(others=("14226200",)), {}),
        (refund_facts(others=("1",)), {"vnp_TransactionNo": "0"}),
        (refund_facts(), {"vnp_ResponseCode": "91"}),
    ],
)
@pytest.mark.parametrize("status", ["00", "09"])
def test_an_answer_about_another_one_says_nothing(facts, changed, status):
    report = found(facts, vnp_TransactionStatus=status, **changed)

    assert (report.said, report.rail_refund) == (RefundSaid.UNKNOWN, None)


@pytest.mark.parametrize(
    "facts", [refund_facts(rail_refund="14226200"), refund_facts(others=("1",))]
)
def test_an_answer_about_this_one_counts(facts):
    assert found(facts, vnp_TransactionStatus="00").said is RefundSaid.SUCCEEDED


def test_an_answer_about_another_order_is_unreadable():
    with pytest.raises(UnreadableError):
        found(vnp_TxnRef="7K3M92QFX0WJ4RTN8VZC")


@pytest.mark.parametrize("key", [None, "another"])
def test_an_end_that_the_rail_did_not_sign_is_refused(key):
    with pytest.raises(BadSignatureError):
        found(key=key, vnp_TransactionStatus="00")


def test_an_end_has_the_time_of_the_rail():
    assert found().at == NOW + timedelta(hours=1, minutes=1, seconds=20)
