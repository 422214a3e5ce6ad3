"""What the rail tells us, and what we answer."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import BadSignatureError, Report, Said, UnreadableError
from providers.vnptpay.codes import ANSWERS, MEANINGS
from tests.providers.vnptpay.builders import (
    ANSWER_FIELDS,
    CALLBACK_FIELDS,
    KEY,
    NOW,
    a_confirm,
    a_rail,
    arrived,
    as_data,
    as_form,
    as_json,
    sign,
)

RAIL = a_rail()


def told(**changed):
    (report,) = RAIL.read_callback(as_json(a_confirm(**changed)))
    return report


def answered(arrival, outcome, rail=RAIL):
    reply = rail.answer(arrival, outcome)
    assert reply.status == 200
    return json.loads(reply.body)


def test_a_paid_is_told_whole():
    assert told() == Report(
        attempt_ref=AttemptRef("7K3M92QFX0WJ4RTN8VZB"),
        rail_txn="220928000123",
        amount=Money(5_000),
        said=Said.PAID,
        code="00",
        paid_at=datetime(2022, 9, 28, 3, 16, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize("code", ["00", "99", "24"])
@pytest.mark.parametrize("shape", [as_json, as_form, as_data])
def test_the_three_shapes_of_a_body_say_the_same(shape, code):
    values = a_confirm(RESPONSE_CODE=code, ADDITIONAL_INFO="Lệ phí a+b&c=d%20 |e")

    assert RAIL.read_callback(shape(values)) == RAIL.read_callback(as_json(values))


@pytest.mark.parametrize("code", ["00", "99", "24"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AMOUNT", "5001"),
        ("RESPONSE_CODE", "01"),
        ("MERCHANT_ORDER_ID", "7K3M92QFX0WJ4RTN8VZC"),
        ("ADDITIONAL_INFO", "x"),
    ],
)
def test_a_field_changed_after_signing_is_refused(name, value, code):
    with pytest.raises(BadSignatureError):
        RAIL.read_callback(as_json({**a_confirm(RESPONSE_CODE=code), name: value}))


def test_a_missing_additional_info_is_an_empty_one():
    values = a_confirm()
    del values["ADDITIONAL_INFO"]

    assert RAIL.read_callback(as_json(values)) == [told()]


def test_null_is_an_empty_one_too():
    assert RAIL.read_callback(as_json({**a_confirm(), "ADDITIONAL_INFO": None})) == [told()]


def test_a_signature_in_upper_case_is_accepted():
    values = a_confirm()

    upper = {**values, "SECURE_CODE": values["SECURE_CODE"].upper()}

    assert RAIL.read_callback(as_json(upper)) == [told()]


def test_a_space_after_a_name_is_forgiven():
    values = a_confirm()
    values["SECURE_CODE "] = values.pop("SECURE_CODE")

    assert RAIL.read_callback(as_json(values)) == [told()]


def test_two_names_that_differ_by_a_space_are_one_name_twice():
    values = a_confirm()

    with pytest.raises(BadSignatureError):
        RAIL.read_callback(as_json({**values, "SECURE_CODE ": values["SECURE_CODE"]}))


def test_a_number_in_json_is_signed_as_it_is_written():
    values = {**a_confirm(), "AMOUNT": 5000}

    assert RAIL.read_callback(as_json(values)) == [told()]


def test_a_number_with_an_exponent_is_no_amount():
    body = json.dumps(a_confirm(AMOUNT="5e3")).replace('"5e3"', "5e3")

    with pytest.raises(UnreadableError):
        RAIL.read_callback(arrived(body.encode()))


@pytest.mark.parametrize("value", [{}, [], True, ["00"]])
def test_a_signed_field_that_is_no_text_is_refused(value):
    with pytest.raises(BadSignatureError):
        RAIL.read_callback(as_json({**a_confirm(), "ADDITIONAL_INFO": value}))


def test_a_well_signed_failure_is_a_failure():
    report = told(RESPONSE_CODE="99")

    assert (report.said, report.code) == (Said.FAILED, "99")


@pytest.mark.parametrize("code", ["01", "02", "24", "60", "94", "100", "300", "400", "", "0"])
def test_a_code_of_no_table_is_unknown_and_never_failed(code):
    assert told(RESPONSE_CODE=code).said is Said.UNKNOWN


def test_every_code_has_a_source():
    assert all(meaning.source for meaning in MEANINGS.values())
    assert all(answer.source for answer in ANSWERS.values())


def test_another_currency_is_unreadable():
    with pytest.raises(UnreadableError):
        told(CURRENCY_CODE="USD")


def test_a_message_for_another_merchant_is_refused_though_it_is_signed():
    with pytest.raises(BadSignatureError, match="not for this account"):
        told(MERCHANT_SERVICE_ID="6902")


@pytest.mark.parametrize("name", ["VNPTPAY_TRANSACTION_ID", "PAYMENT_METHOD", "PAY_DATE"])
def test_a_separator_before_the_last_field_is_refused_though_it_is_signed(name):
    with pytest.raises(BadSignatureError):
        told(**{name: "x|y"})


def test_one_payment_cannot_be_told_under_two_transactions():
    # The same signed text, cut anew: the first carries a separator at its end.
    values = a_confirm(ADDITIONAL_INFO="a|b")
    moved = {
        **values,
        "VNPTPAY_TRANSACTION_ID": "220928000123|VNPTPAY",
        "PAYMENT_METHOD": values["PAY_DATE"],
        "PAY_DATE": "a",
        "ADDITIONAL_INFO": "b",
    }
    assert sign(moved, CALLBACK_FIELDS) == values["SECURE_CODE"]

    with pytest.raises(BadSignatureError):
        RAIL.read_callback(as_json(moved))


def test_money_without_a_transaction_is_named_by_our_reference():
    report = told(VNPTPAY_TRANSACTION_ID="")

    assert report.rail_txn is None
    assert report.collection_key == "ref:7K3M92QFX0WJ4RTN8VZB"


def test_money_without_a_reference_is_still_money():
    report = told(MERCHANT_ORDER_ID="")

    assert (report.attempt_ref, report.rail_txn) == ("", "220928000123")


def test_money_with_neither_name_is_unreadable():
    with pytest.raises(UnreadableError):
        told(MERCHANT_ORDER_ID="", VNPTPAY_TRANSACTION_ID="")


def test_paid_of_nothing_is_unreadable():
    with pytest.raises(UnreadableError):
        told(AMOUNT="0")


@pytest.mark.parametrize("name", ["MERCHANT_ORDER_ID", "VNPTPAY_TRANSACTION_ID", "RESPONSE_CODE"])
@pytest.mark.parametrize("value", ["x" * 65, "a\x00b", "a\nb"])
def test_a_name_that_cannot_be_one_is_unreadable(name, value):
    with pytest.raises(UnreadableError):
        told(**{name: value})


@pytest.mark.parametrize(
    "stamp",
    ["", "20221328101620", "2022092810162", "28/09/2022", "00010101000000", "20220930101620"],
)
def test_a_strange_pay_date_costs_the_date_and_not_the_booking(stamp):
    report = told(PAY_DATE=stamp)

    assert (report.said, report.paid_at) == (Said.PAID, NOW)


@given(moment=st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  # wall clock
def test_pay_date_is_the_wall_clock_of_viet_nam(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    stamp = f"{moment + timedelta(hours=7):%Y%m%d%H%M%S}"

    (report,) = RAIL.read_callback(as_json(a_confirm(PAY_DATE=stamp), moment))

    assert report.paid_at == moment


@given(body=st.binary(max_size=200))
def test_any_bytes_are_refused_or_read_and_never_crash(body):
    with pytest.raises(BadSignatureError):
        RAIL.read_callback(arrived(body))
    answered(arrived(body), Outcome.BAD_SIGNATURE)


@given(values=st.dictionaries(st.sampled_from(CALLBACK_FIELDS), st.text(max_size=30)))
def test_whatever_is_signed_is_read_or_unreadable_or_not_ours(values):
    try:
        signature = sign(values, CALLBACK_FIELDS)
        (report,) = RAIL.read_callback(as_json({**values, "SECURE_CODE": signature}))
    except (BadSignatureError, UnreadableError):
        return
    assert report.said in Said


# ---- our answers ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.APPLIED, "00"),
        (Outcome.KNOWN, "00"),
        (Outcome.CONTRADICTS, "00"),
        (Outcome.AMOUNT_DIFFERS, "00"),
        (Outcome.UNKNOWN_ATTEMPT, "01"),
        (Outcome.BAD_SIGNATURE, "97"),
        (Outcome.UNREADABLE, "99"),
        (Outcome.TROUBLE, "99"),
    ],
)
def test_each_outcome_has_its_code(outcome, code):
    assert answered(as_json(a_confirm()), outcome)["RESPONSE_CODE"] == code


def test_every_outcome_is_answered():
    assert set(ANSWERS) == set(Outcome)


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", json.dumps(a_confirm()).encode()])
def test_our_answer_verifies_by_the_same_rule(outcome, body):
    said = answered(arrived(body), outcome)

    assert set(said) == {*ANSWER_FIELDS, "SECURE_CODE"}
    assert said["SECURE_CODE"] == sign(said, ANSWER_FIELDS)


def test_our_answer_carries_the_time_of_arrival():
    evening = datetime(2022, 9, 28, 6, 5, 9, tzinfo=UTC)

    said = answered(as_json(a_confirm(), evening), Outcome.APPLIED)

    assert said["CREATE_DATE"] == "20220928130509"


def test_an_unreadable_message_leaves_the_order_empty():
    assert answered(arrived(b"{"), Outcome.BAD_SIGNATURE)["MERCHANT_ORDER_ID"] == ""


@pytest.mark.parametrize("text", ["x|y", "00|Success", "é", "a b", "x" * 65, "a\nb"])
def test_we_sign_no_text_of_a_stranger(text):
    said = answered(as_json({"MERCHANT_ORDER_ID": text}), Outcome.BAD_SIGNATURE)

    assert said["MERCHANT_ORDER_ID"] == ""


def test_what_an_unknown_order_is_answered_is_a_setting():
    rail = a_rail(unknown_attempt_code=("00",))

    assert answered(as_json(a_confirm()), Outcome.UNKNOWN_ATTEMPT, rail)["RESPONSE_CODE"] == "00"


def test_the_first_key_signs_our_answer():
    rail = a_rail(secret_key=("new", KEY))

    said = answered(as_json(a_confirm()), Outcome.APPLIED, rail)

    assert said["SECURE_CODE"] == sign(said, ANSWER_FIELDS, "new")


def test_an_old_key_is_good_until_it_is_taken_off_the_list():
    arrival = as_json(a_confirm())

    assert a_rail(secret_key=("new", KEY)).read_callback(arrival) == [told()]
    with pytest.raises(BadSignatureError):
        a_rail(secret_key=("new",)).read_callback(arrival)
