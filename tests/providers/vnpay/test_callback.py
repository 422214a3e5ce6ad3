"""What the rail tells us, and what we answer."""

import hashlib
import hmac
import itertools
import json
import os
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import BadSignatureError, Report, Said, UnreadableError
from providers.vnpay.codes import (
    ANSWERS,
    REFUND_RESPONSES,
    REFUND_STATUSES,
    RESPONSES,
    STATUSES,
    meaning_of,
)
from tests.providers.vnpay.builders import (
    KEY,
    NOW,
    REF,
    a_call,
    a_rail,
    arrived,
    call_fields,
    hashed,
    query_hash,
)

RAIL = a_rail()


def told(*, at=NOW, **changed):
    (report,) = RAIL.read_callback(a_call(at=at, **changed))
    return report


def test_a_paid_is_told_whole():
    assert told() == Report(
        attempt_ref=AttemptRef(REF),
        rail_txn="14226112",
        amount=Money(5_000),
        said=Said.PAID,
        code="00",
        paid_at=datetime(2022, 9, 28, 3, 16, 20, tzinfo=UTC),
    )


# ---- verification ---------------------------------------------------------------------------
@pytest.mark.parametrize("code", sorted(RESPONSES))
@pytest.mark.parametrize("name", sorted(call_fields()))
def test_a_field_changed_after_signing_is_refused_whatever_the_code(name, code):
    fields = call_fields(vnp_ResponseCode=code)
    good = query_hash(fields)

    changed = {**fields, name: f"{fields[name]}1", "vnp_SecureHash": good}

    with pytest.raises(BadSignatureError):
        RAIL.read_callback(arrived(urlencode(changed)))


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        query_hash(call_fields())[:64],
        query_hash(call_fields(), "another"),
        query_hash(call_fields(), ""),
        # What VNPAY's older versions sent: a plain hash, and a keyed one of half the length.
        hashlib.sha256(f"{KEY}x".encode()).hexdigest(),
        hmac.new(KEY.encode(), b"x", "sha256").hexdigest(),
    ],
)
def test_no_weaker_signature_is_accepted(signature):
    more = {} if signature is None else {"vnp_SecureHash": signature}

    with pytest.raises(BadSignatureError):
        RAIL.read_callback(arrived(urlencode({**call_fields(), **more})))


def test_the_older_plain_hashes_are_refused_though_they_are_right():
    fields = call_fields()
    text = urlencode(sorted(fields.items()))
    for old in (
        hashlib.sha256((KEY + text).encode()).hexdigest(),
        hashlib.sha512((KEY + text).encode()).hexdigest(),
        hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest(),
        hashlib.md5((KEY + text).encode()).hexdigest(),  # noqa: S324  # it must be refused
    ):
        query = urlencode({**fields, "vnp_SecureHashType": "SHA256", "vnp_SecureHash": old})
        with pytest.raises(BadSignatureError):
            RAIL.read_callback(arrived(query))


@pytest.mark.parametrize("name", [*sorted(call_fields()), "vnp_SecureHash", "vnp_SecureHashType"])
@pytest.mark.parametrize("spelling", [str, lambda name: name.replace("_", "%5F")])
def test_a_repeated_name_is_refused_before_anything_is_verified(name, spelling):
    good = f"vnp_SecureHashType=x&{a_call().query.decode()}"

    for query in (f"{spelling(name)}=1&{good}", f"{good}&{spelling(name)}=1"):
        with pytest.raises(BadSignatureError, match="twice"):
            RAIL.read_callback(arrived(query))


@pytest.mark.parametrize(
    "more", ["utm_source=zalo", "a", "", "=", "utm=1&utm=2", "%ff=%ff", "VNP_Amount=1", "Amount=1"]
)
def test_foreign_fields_are_neither_read_nor_minded(more):
    good = a_call().query.decode()

    assert RAIL.read_callback(arrived(f"{more}&{good}")) == [told()]
    assert RAIL.read_callback(arrived(f"{good}&{more}")) == [told()]


def test_the_kind_of_the_signature_is_never_believed():
    good = a_call().query.decode()

    for kind in ("HMACSHA512", "SHA256", "MD5", ""):
        assert RAIL.read_callback(arrived(f"{good}&vnp_SecureHashType={kind}")) == [told()]


def test_upper_case_is_the_same_signature():
    fields = call_fields()

    query = urlencode({**fields, "vnp_SecureHash": query_hash(fields).upper()})

    assert RAIL.read_callback(arrived(query)) == [told()]


@pytest.mark.parametrize("text", ["Le phi", "Lệ phí hồ sơ", "a+b&c=d%20e~*!'()", "\u0323"])
@pytest.mark.parametrize("writing", [urlencode, lambda told: urlencode(told, quote_via=quote)])
def test_a_space_has_two_spellings_on_the_wire(writing, text):
    fields = call_fields(vnp_OrderInfo=text)

    query = writing({**fields, "vnp_SecureHash": query_hash(fields)})

    assert RAIL.read_callback(arrived(query)) == [told(vnp_OrderInfo=text)]


@pytest.mark.parametrize("safe", ["~*!'()", "*", "~", "!*()", ""])
@pytest.mark.parametrize("lower", [False, True])
def test_whichever_encoder_the_rail_has_it_signs_what_it_sends(safe, lower):
    fields = call_fields(vnp_OrderInfo="Lệ phí ~*!'() 1")

    def written(value):
        text = (
            quote(value, safe=safe).replace("%20", "+").replace("~", "~" if "~" in safe else "%7E")
        )
        return text.replace("%E1", "%e1") if lower else text

    text = "&".join(f"{name}={written(value)}" for name, value in sorted(fields.items()))
    query = f"{text}&vnp_SecureHash={hashed(text)}"

    assert RAIL.read_callback(arrived(query)) == [told()]


def by_the_rule(text):
    """Write a value as the rule says, though on its way the space was spelt the other way."""
    return quote(text, safe=""), quote(text, safe="").replace("%20", "+")


def by_another_encoder(text):
    """Write a value as an encoder does that leaves `*` alone, and sign what is sent."""
    return (quote(text, safe="*").replace("%20", "+"),) * 2


@pytest.mark.parametrize("empty", [("vnp_BankTranNo",), ("vnp_BankTranNo", "vnp_CardType")])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("writing", [by_the_rule, by_another_encoder])
def test_empty_fields_are_signed_in_two_ways_by_each_encoder(writing, empty, keep):
    fields = {**call_fields(vnp_OrderInfo="Lệ phí *"), **dict.fromkeys(empty, "")}
    written = {name: writing(value) for name, value in sorted(fields.items())}
    signed = "&".join(f"{name}={text}" for name, (_, text) in written.items() if text or keep)
    sent = "&".join(f"{name}={text}" for name, (text, _) in written.items())

    (report,) = RAIL.read_callback(arrived(f"{sent}&vnp_SecureHash={hashed(signed)}"))

    assert report == told()


def test_an_empty_field_that_nobody_signed_says_nothing():
    good = a_call().query.decode()

    assert RAIL.read_callback(arrived(f"{good}&vnp_CurrCode=")) == [told()]


def test_a_field_without_a_sign_is_refused():
    with pytest.raises(BadSignatureError):
        RAIL.read_callback(arrived(f"{a_call().query.decode()}&vnp_CurrCode"))


def test_the_order_of_fields_tells_nothing():
    parts = a_call().query.decode().split("&")

    for turned in itertools.islice(itertools.permutations(parts), 50):
        assert RAIL.read_callback(arrived("&".join(turned))) == [told()]


def test_what_stands_in_the_body_is_never_read():
    arrival = arrived(b"")

    with pytest.raises(BadSignatureError):
        RAIL.read_callback(type(arrival)("POST", "/", b"", (), a_call().query, NOW))


def test_a_message_for_another_merchant_is_refused_though_it_is_signed():
    with pytest.raises(BadSignatureError, match="not for this account"):
        told(vnp_TmnCode="PAYGATE2")


def test_a_flood_of_fields_is_refused():
    flood = "&".join(f"a{number}=" for number in range(200))

    with pytest.raises(BadSignatureError):
        RAIL.read_callback(arrived(f"{flood}&{a_call().query.decode()}"))


@given(query=st.binary(max_size=200))
def test_any_bytes_are_refused_and_never_crash(query):
    with pytest.raises(BadSignatureError):
        RAIL.read_callback(arrived(query))


@given(values=st.dictionaries(st.sampled_from(sorted(call_fields())), st.text(max_size=30)))
def test_whatever_is_signed_is_read_or_unreadable_or_not_ours(values):
    try:
        (report,) = RAIL.read_callback(a_call(**values))
    except (BadSignatureError, UnreadableError, UnicodeEncodeError):
        return
    assert report.said in Said


def test_an_old_key_is_good_until_it_is_taken_off_the_list():
    assert a_rail(hash_secret=("new", KEY)).read_callback(a_call()) == [told()]
    with pytest.raises(BadSignatureError):
        a_rail(hash_secret=("new",)).read_callback(a_call())


# ---- meaning --------------------------------------------------------------------------------
def test_paid_needs_both_codes():
    paid = [
        (response, status)
        for response in [*RESPONSES, "", "0", "98"]
        for status in [*STATUSES, "", "0", "99"]
        if meaning_of(response, status) is Said.PAID
    ]

    assert paid == [("00", "00")]


@pytest.mark.parametrize("status", sorted(STATUSES))
@pytest.mark.parametrize("response", sorted(RESPONSES))
def test_what_was_debited_is_never_told_as_failed(response, status):
    debited = response in {"00", "07"} or status in {"00", "04", "07"}

    said = meaning_of(response, status)

    assert not (debited and said in {Said.FAILED, Said.CANCELLED})


def test_a_suspected_payment_is_held():
    assert told(vnp_ResponseCode="07").said is Said.PENDING
    assert told(vnp_TransactionStatus="07").said is Said.PENDING


@pytest.mark.parametrize(
    ("response", "status", "code"),
    [("00", "00", "00"), ("24", "02", "24"), ("00", "02", "00/02"), ("24", "", "24/")],
)
def test_the_code_names_both_where_they_are_not_the_usual_pair(response, status, code):
    report = told(vnp_ResponseCode=response, vnp_TransactionStatus=status)

    assert report.code == code


def test_nothing_taken_has_no_transaction():
    report = told(vnp_ResponseCode="24", vnp_TransactionStatus="02", vnp_TransactionNo="0")

    assert (report.said, report.rail_txn) == (Said.CANCELLED, None)


def test_every_row_has_a_source():
    assert all(row.source for row in (*RESPONSES.values(), *STATUSES.values()))
    assert all(row.source for row in (*REFUND_RESPONSES.values(), *REFUND_STATUSES.values()))
    assert all(row.source for row in ANSWERS.values())


@pytest.mark.parametrize(
    "amount", ["500001", "499999", "1", "99", "05", "-100", "5e4", "", "100.00"]
)
def test_what_is_no_whole_dong_is_unreadable(amount):
    with pytest.raises(UnreadableError):
        told(vnp_Amount=amount)


@pytest.mark.parametrize("dong", [1, 4_999, 5_000, 999_999_999, 10**12, 10**15 - 1])
def test_an_amount_is_told_to_the_dong(dong):
    assert told(vnp_Amount=f"{dong}00").amount == Money(dong)


def test_more_than_can_be_is_unreadable():
    with pytest.raises(UnreadableError):
        told(vnp_Amount=f"{10**15}00")


def test_paid_of_nothing_is_unreadable():
    with pytest.raises(UnreadableError):
        told(vnp_Amount="0")


def test_another_currency_is_unreadable():
    assert told(vnp_CurrCode="VND") == told()
    with pytest.raises(UnreadableError):
        told(vnp_CurrCode="USD")


def test_money_with_neither_name_is_unreadable():
    assert told(vnp_TxnRef="").rail_txn == "14226112"
    with pytest.raises(UnreadableError):
        told(vnp_TxnRef="", vnp_TransactionNo="0")


@pytest.mark.parametrize("name", ["vnp_TxnRef", "vnp_TransactionNo", "vnp_ResponseCode"])
@pytest.mark.parametrize("value", ["x" * 65, "a\x00b", "a\nb"])
def test_a_name_that_cannot_be_one_is_unreadable(name, value):
    with pytest.raises(UnreadableError):
        told(**{name: value})


@pytest.mark.parametrize(
    "stamp", ["", "20221328101620", "2022092810162", "00010101000000", "20220930101620"]
)
def test_a_strange_pay_date_costs_the_date_and_not_the_booking(stamp):
    report = told(vnp_PayDate=stamp)

    assert (report.said, report.paid_at) == (Said.PAID, NOW)


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Ho_Chi_Minh", "Etc/GMT+7"])
def host_zone(request):
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("host_zone")
@pytest.mark.parametrize("clock", ["003000", "130500", "235959", "120000", "000000"])
def test_pay_date_is_the_wall_clock_of_viet_nam_wherever_the_host_stands(clock):
    wall = datetime.strptime(f"20220928{clock}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    report = told(at=wall, vnp_PayDate=f"20220928{clock}")

    assert report.paid_at == wall - timedelta(hours=7)


# ---- our answers ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.APPLIED, "00"),
        (Outcome.KNOWN, "02"),
        (Outcome.CONTRADICTS, "02"),
        (Outcome.AMOUNT_DIFFERS, "04"),
        (Outcome.UNKNOWN_ATTEMPT, "01"),
        (Outcome.BAD_SIGNATURE, "97"),
        (Outcome.UNREADABLE, "99"),
        (Outcome.TROUBLE, "99"),
    ],
)
@pytest.mark.parametrize("arrival", [a_call(), arrived(b""), arrived(b"\xff")])
def test_each_outcome_has_its_code(arrival, outcome, code):
    reply = RAIL.answer(arrival, outcome)

    assert (reply.status, json.loads(reply.body)["RspCode"]) == (200, code)
    assert set(json.loads(reply.body)) == {"RspCode", "Message"}
    assert reply.headers["Content-Type"].startswith("application/json")


def test_every_outcome_is_answered():
    assert set(ANSWERS) == set(Outcome)
