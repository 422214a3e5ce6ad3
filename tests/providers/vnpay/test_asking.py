"""What we ask of the rail: a page for the citizen, and what became of a payment."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.money import Money
from providers.contract import BadSignatureError, HttpReply, Said, UnreadableError
from providers.vnpay.adapter import build
from providers.vnpay.checkout import describe
from providers.vnpay.config import BANKS
from tests.providers.vnpay.builders import (
    GATEWAY,
    HOME,
    KEY,
    NOW,
    QUERY_REPLY_NAMES,
    REF,
    a_checkout,
    a_rail,
    a_reply,
    facts_of,
    hashed,
    list_hash,
    settings,
)

HOURS = [
    (datetime(2022, 9, 28, 6, 5, tzinfo=UTC), "20220928130500"),
    (datetime(2022, 9, 27, 17, 30, tzinfo=UTC), "20220928003000"),
    (datetime(2022, 9, 28, 16, 59, 59, tzinfo=UTC), "20220928235959"),
]
QUERY_NAMES = [
    "RequestId",
    "Version",
    "Command",
    "TmnCode",
    "TxnRef",
    "TransactionDate",
    "CreateDate",
    "IpAddr",
    "OrderInfo",
]


def fields_of(redirect):
    query = parse_qs(urlsplit(redirect.url).query, strict_parsing=True)
    return {name: values[0] for name, values in query.items() if len(values) == 1}


def asked(rail=None, **changed):
    facts = replace(facts_of(a_checkout()), **changed)
    return json.loads((rail or a_rail()).ask_status(facts).call.body)


def status_reply(**changed):
    return {
        "vnp_ResponseId": "abc123",
        "vnp_Command": "querydr",
        "vnp_ResponseCode": "00",
        "vnp_Message": "QueryDR Success",
        "vnp_TmnCode": "PAYGATE1",
        "vnp_TxnRef": REF,
        "vnp_Amount": "500000",
        "vnp_BankCode": "NCB",
        "vnp_PayDate": "20220928101620",
        "vnp_TransactionNo": "14226112",
        "vnp_TransactionType": "01",
        "vnp_TransactionStatus": "00",
        "vnp_OrderInfo": "Thanh toan",
        **changed,
    }


def read_status(*, key=KEY, rail=None, **changed):
    ask = (rail or a_rail()).ask_status(facts_of(a_checkout()))
    return ask.read(a_reply(status_reply(**changed), QUERY_REPLY_NAMES, key=key))


# ---- a start --------------------------------------------------------------------------------
def test_the_address_is_exactly_the_text_that_was_signed():
    url = a_rail().start(a_checkout()).url

    head, signature = url.split("&vnp_SecureHash=")
    page, signed = head.split("?")
    assert page == f"{GATEWAY}/paymentv2/vpcpay.html"
    assert signature == hashed(signed)
    names = [name for name, _ in parse_qsl(signed)]
    assert names == sorted(names)


def test_five_thousand_dong_are_five_hundred_thousand_on_the_wire():
    fields = fields_of(a_rail().start(a_checkout()))

    assert (fields["vnp_Amount"], fields["vnp_CurrCode"]) == ("500000", "VND")
    assert fields["vnp_TxnRef"] == REF
    assert fields["vnp_ReturnUrl"] == HOME


@pytest.mark.parametrize(("created_at", "stamp"), HOURS)
def test_create_date_is_by_the_24_hour_clock_of_viet_nam(created_at, stamp):
    fields = fields_of(a_rail().start(a_checkout(created_at=created_at)))

    assert fields["vnp_CreateDate"] == stamp
    later = datetime.strptime(fields["vnp_ExpireDate"], "%Y%m%d%H%M%S")  # noqa: DTZ007  # wall clock
    first = datetime.strptime(stamp, "%Y%m%d%H%M%S")  # noqa: DTZ007  # wall clock
    assert later - first == timedelta(minutes=15)


def test_the_same_checkout_gives_the_same_address():
    assert a_rail().start(a_checkout()) == a_rail().start(a_checkout())


def test_the_first_key_signs():
    url = a_rail(hash_secret=("new", KEY)).start(a_checkout()).url

    head, signature = url.split("&vnp_SecureHash=")
    assert signature == hashed(head.split("?")[1], "new")


@pytest.mark.parametrize("bank", [None, *BANKS])
def test_the_choice_of_the_citizen_is_told(bank):
    fields = fields_of(a_rail().start(a_checkout(bank=bank)))

    assert fields.get("vnp_BankCode") == bank


def test_a_bank_that_is_not_offered_starts_nothing():
    rail = a_rail(banks=("VNBANK",))

    assert rail.capabilities.banks == ("VNBANK",)
    for bank in ("INTCARD", "NCB", ""):
        with pytest.raises(ValueError, match="bank"):
            rail.start(a_checkout(bank=bank))


@pytest.mark.parametrize(("language", "locale"), [("vi", "vn"), ("en", "en"), ("fr", "vn")])
def test_the_page_speaks_the_language_of_the_citizen(language, locale):
    assert fields_of(a_rail().start(a_checkout(language=language)))["vnp_Locale"] == locale


@pytest.mark.parametrize(
    ("given_ip", "told"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334"),
        ("::1", "0000:0000:0000:0000:0000:0000:0000:0001"),
        ("?", "?"),
    ],
)
def test_an_address_is_as_long_as_the_rail_wants_it(given_ip, told):
    assert fields_of(a_rail().start(a_checkout(client_ip=given_ip)))["vnp_IpAddr"] == told


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Thanh toán lệ phí: hồ sơ Đ/đ", "Thanh toan le phi: ho so D d"),
        ("a~*!'()b", "a b"),
        ("  x\n\ty|z  ", "x y z"),
        ("Le\u0323\u0302 phi\u0301", "Le phi"),
        ("😀", ""),
    ],
)
def test_a_text_is_made_plain_before_it_is_signed(text, plain):
    assert describe(text) == plain


@given(text=st.text(max_size=600))
def test_any_description_becomes_a_text_that_every_encoder_writes_alike(text):
    info = fields_of(a_rail().start(a_checkout(description=text)))["vnp_OrderInfo"]

    assert 1 <= len(info) <= 255
    assert set(info) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:_-")


@pytest.mark.parametrize("dong", [0, -1, 4_999, 10**10])
def test_an_amount_that_cannot_be_paid_starts_nothing(dong):
    with pytest.raises(ValueError, match="amount"):
        a_rail().start(a_checkout(dong=dong))


def test_the_least_amount_is_a_setting():
    rail = a_rail(minimum_amount=("1000",))

    assert rail.capabilities.minimum == Money(1_000)
    assert fields_of(rail.start(a_checkout(dong=1_000)))["vnp_Amount"] == "100000"


def test_a_return_address_that_the_rail_would_cut_starts_nothing():
    with pytest.raises(ValueError, match="too long"):
        a_rail().start(replace(a_checkout(), return_url=f"https://pay.example/{'x' * 255}"))


# ---- a question -----------------------------------------------------------------------------
@pytest.mark.parametrize(("created_at", "stamp"), HOURS)
def test_a_question_names_the_start_by_its_time_and_not_by_now(created_at, stamp):
    sent = asked(created_at=created_at, asked_at=created_at + timedelta(hours=3))

    assert sent["vnp_TransactionDate"] == stamp
    assert sent["vnp_CreateDate"] != stamp


def test_a_question_is_signed_over_the_fields_of_the_document():
    sent = asked(a_rail(hash_secret=("new", KEY)))

    assert set(sent) == {*(f"vnp_{name}" for name in QUERY_NAMES), "vnp_SecureHash"}
    assert sent["vnp_SecureHash"] == list_hash(sent, QUERY_NAMES, "new")


def test_a_question_has_a_number_of_its_own_and_the_same_question_the_same():
    first, same = asked(), asked()
    later = asked(asked_at=NOW + timedelta(minutes=1, microseconds=1))

    assert first == same
    assert first["vnp_RequestId"] != later["vnp_RequestId"]
    assert len(first["vnp_RequestId"]) == 32


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("00", Said.PAID),
        ("01", Said.PENDING),
        ("02", Said.FAILED),
        ("04", Said.PENDING),
        ("05", Said.UNKNOWN),
        ("06", Said.UNKNOWN),
        ("07", Said.PENDING),
        ("09", Said.UNKNOWN),
        ("03", Said.UNKNOWN),
        ("", Said.UNKNOWN),
    ],
)
def test_the_money_is_in_the_status(status, said):
    report = read_status(vnp_TransactionStatus=status)

    assert (report.said, report.code) == (said, status)


@pytest.mark.parametrize("code", ["02", "03", "91", "94", "97", "99", "12"])
@pytest.mark.parametrize("key", [KEY, None])
def test_a_refused_question_says_nothing_of_the_money_signed_or_not(code, key):
    report = read_status(vnp_ResponseCode=code, key=key)

    assert (report.said, report.code, report.rail_txn) == (Said.UNKNOWN, code, None)


@pytest.mark.parametrize("key", [None, "another"])
def test_an_answer_that_is_not_the_rails_is_refused(key):
    with pytest.raises(BadSignatureError):
        read_status(key=key)


def test_a_refusal_with_a_wrong_signature_is_refused_too():
    with pytest.raises(BadSignatureError):
        read_status(vnp_ResponseCode="91", key="another")


@pytest.mark.parametrize("kind", ["02", "03", ""])
def test_a_refund_that_succeeded_is_no_payment(kind):
    report = read_status(vnp_TransactionType=kind)

    assert (report.said, report.rail_txn) == (Said.UNKNOWN, None)


def test_a_signed_answer_about_another_amount_is_news():
    report = read_status(vnp_Amount="600000")

    assert (report.said, report.amount) == (Said.PAID, Money(6_000))


def test_promotion_fields_are_signed_where_they_stand():
    told = {"vnp_PromotionCode": "TET", "vnp_PromotionAmount": "100000"}

    assert read_status(**told).said is Said.PAID


def test_numbers_in_the_answer_are_read_as_they_are_written():
    values = status_reply()
    reply = a_reply(values, QUERY_REPLY_NAMES)
    body = reply.body.replace(b'"500000"', b"500000")

    report = a_rail().ask_status(facts_of(a_checkout())).read(HttpReply(200, {}, body))

    assert report.amount == Money(5_000)


@pytest.mark.parametrize(
    "changed",
    [
        {"vnp_TxnRef": "7K3M92QFX0WJ4RTN8VZC"},
        {"vnp_Command": "refund"},
        {"vnp_TmnCode": "PAYGATE2"},
        {"vnp_Amount": "500001"},
        {"vnp_Amount": ""},
        {"vnp_ResponseCode": ""},
        {"vnp_TransactionStatus": "x" * 65},
    ],
)
def test_an_answer_that_is_none_to_our_question_is_unreadable(changed):
    with pytest.raises(UnreadableError):
        read_status(**changed)


@pytest.mark.parametrize(
    "body", [b"", b"<html>504</html>", b"[]", b"{}", b"\xff", b'{"a":1,"a":2}']
)
@pytest.mark.parametrize("status", [200, 502])
def test_half_an_answer_says_nothing(body, status):
    with pytest.raises(UnreadableError):
        a_rail().ask_status(facts_of(a_checkout())).read(HttpReply(status, {}, body))


# ---- settings -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["tmn_code", "hash_secret"])
def test_a_missing_setting_is_named(name):
    with pytest.raises(ValueError, match=f"^{name}: must be given"):
        build({key: value for key, value in settings().items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tmn_code", "PAY|GATE"),
        ("tmn_code", "mã"),
        ("base_url", "http://vnpay.example"),
        ("base_url", "https://vnpay.example?x=1"),
        ("pay_url", "vnpay.example"),
        ("api_url", "https://user@vnpay.example"),
        ("banks", "VNBANK,NCB"),
        ("banks", "VNBANK,VNBANK"),
        ("minimum_amount", "0"),
        ("minimum_amount", "5.000"),
        ("order_type", "a b"),
        ("server_ip", "localhost"),
        ("timeout_s", "0"),
        ("timeout_s", "61"),
        ("verify", "false"),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}: "):
        a_rail(**{name: (value,)})


def test_defaults_are_the_live_rail():
    values = settings()
    del values["base_url"]

    rail = build(values)

    assert rail.account.pay_url == "https://pay.vnpay.vn/vpcpay.html"
    assert rail.account.api_url == "https://merchant.vnpay.vn/merchant_webapi/api/transaction"
    assert rail.redirect_hosts == {"pay.vnpay.vn"}
    assert rail.capabilities.minimum == Money(5_000)


def test_each_address_can_be_set_alone():
    rail = a_rail(pay_url=("https://pay.example/x",), api_url=("https://api.example/y",))

    assert rail.start(a_checkout()).url.startswith("https://pay.example/x?vnp_")
    assert rail.ask_status(facts_of(a_checkout())).call.url == "https://api.example/y"
    assert rail.redirect_hosts == {"pay.example"}


def test_no_setting_can_switch_off_the_check_of_certificates():
    names = {setting.name for setting in a_rail().info.settings}

    assert not [name for name in names if "verify" in name or "tls" in name or "ssl" in name]


def test_secrets_do_not_print():
    assert KEY not in repr(a_rail())
