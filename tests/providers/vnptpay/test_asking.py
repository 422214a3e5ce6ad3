"""What we ask of the rail: a session, and what became of one."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.money import Money
from providers.contract import (
    BadSignatureError,
    HttpReply,
    Redirect,
    Said,
    StartRefusedError,
    UnreadableError,
)
from providers.vnptpay.adapter import build
from providers.vnptpay.checkout import describe
from providers.vnptpay.messages import INIT, QUERY_REPLY_FIELDS
from tests.providers.vnptpay.builders import (
    KEY,
    WALLET,
    a_checkout,
    a_rail,
    a_reply,
    facts_of,
    settings,
    sign,
)

HOURS = [
    (datetime(2022, 9, 28, 6, 5, tzinfo=UTC), "20220928130500"),
    (datetime(2022, 9, 27, 17, 30, tzinfo=UTC), "20220928003000"),
    (datetime(2022, 9, 28, 16, 59, 59, tzinfo=UTC), "20220928235959"),
]


def sent(ask):
    return json.loads(ask.call.body)


def status_reply(**changed):
    return {
        "MERCHANT_ORDER_ID": "7K3M92QFX0WJ4RTN8VZB",
        "VNPTPAY_TRANSACTION_ID": "220928000123",
        "AMOUNT": "5000",
        "LOCALE": "vi-VN",
        "CURRENCY_CODE": "VND",
        "PAYMENT_METHOD": "VNPTPAY",
        "PAY_DATE": "20220928101620",
        "TRANSACTION_STATUS": "00",
        "ADDITIONAL_INFO": "",
        "RESPONSE_CODE": "00",
        "DESCRIPTION": "Success",
        **changed,
    }


def read_status(rail=None, **changed):
    ask = (rail or a_rail()).ask_status(facts_of(a_checkout()))
    return ask.read(a_reply(status_reply(**changed)))


# ---- a session ------------------------------------------------------------------------------
def test_a_start_is_a_signed_post_with_our_bearer():
    call = a_rail().start(a_checkout()).call

    assert (call.method, call.url) == ("POST", f"{WALLET}/rest/payment/v1.0.5/init")
    assert call.headers["Authorization"] == "Bearer bearer-1"
    fields = json.loads(call.body)
    assert fields["SECURE_CODE"] == sign(fields, INIT.fields)


def test_the_same_checkout_gives_the_same_bytes():
    assert a_rail().start(a_checkout()).call == a_rail().start(a_checkout()).call


def test_the_first_keys_are_used():
    rail = a_rail(secret_key=("new", KEY), api_key=("bearer-2", "bearer-1"))

    call = rail.start(a_checkout()).call

    fields = json.loads(call.body)
    assert fields["SECURE_CODE"] == sign(fields, INIT.fields, "new")
    assert call.headers["Authorization"] == "Bearer bearer-2"


@pytest.mark.parametrize(("created_at", "stamp"), HOURS)
def test_create_date_is_by_the_24_hour_clock_of_viet_nam(created_at, stamp):
    assert sent(a_rail().start(a_checkout(created_at=created_at)))["CREATE_DATE"] == stamp


@pytest.mark.parametrize(("created_at", "stamp"), HOURS)
def test_a_question_sends_the_date_of_the_start(created_at, stamp):
    asked = sent(a_rail().ask_status(facts_of(a_checkout(created_at=created_at))))

    assert asked["CREATE_DATE"] == stamp


def test_a_description_is_composed_and_holds_no_separator():
    assert describe("Le\u0323\u0302 phi\u0301|a\nb\x00 c") == "Lệ phí a b c"


@given(text=st.text(max_size=400))
def test_any_description_is_signed_as_it_is_sent(text):
    fields = sent(a_rail().start(a_checkout(description=text)))

    assert "|" not in fields["DESCRIPTION"]
    assert len(fields["DESCRIPTION"]) <= 255
    assert fields["SECURE_CODE"] == sign(fields, INIT.fields)


@pytest.mark.parametrize("dong", [0, -1, 10**15])
def test_an_amount_that_is_none_starts_nothing(dong):
    with pytest.raises(ValueError, match="amount"):
        a_rail().start(a_checkout(dong=dong))


def session_reply(url, code="00"):
    return a_reply({"RESPONSE_CODE": code, "DESCRIPTION": "x", "REDIRECT_URL": url})


@pytest.mark.parametrize(
    "url", [f"{WALLET}/pay/1", "http://127.0.0.1:8001/x?y=z", "https://127.0.0.1:8001/"]
)
def test_a_session_leads_to_the_host_of_the_account(url):
    assert a_rail().start(a_checkout()).read(session_reply(url)) == Redirect(url)


def test_more_hosts_are_a_setting():
    rail = a_rail(redirect_hosts=("pay.example,app.example:8443",))

    url = "https://app.example:8443/x"

    assert rail.start(a_checkout()).read(session_reply(url)) == Redirect(url)
    assert rail.redirect_hosts == {"127.0.0.1:8001", "pay.example", "app.example:8443"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/",
        "https://pay.example.evil.example/",
        "https://pay.example@evil.example/",
        "https://evil.example@pay.example/",
        "https://evil.example\\@pay.example/",
        "https://pay.example:444/",
        "http://pay.example/",
        "//pay.example/",
        "javascript:alert(1)",
        "https://pay.example/ x",
        "https://pay.example/\r\nSet-Cookie: a=b",
        "https://[pay.example/",
        "https://páy.example/",
    ],
)
def test_a_session_elsewhere_is_not_followed(url):
    rail = a_rail(redirect_hosts=("pay.example",))

    with pytest.raises(UnreadableError):
        rail.start(a_checkout()).read(session_reply(url))


@pytest.mark.parametrize("code", ["01", "97", "99", "500"])
def test_a_refusal_carries_the_code_of_the_rail(code):
    with pytest.raises(StartRefusedError) as refused:
        a_rail().start(a_checkout()).read(session_reply("", code))

    assert refused.value.code == code


@pytest.mark.parametrize(
    "reply",
    [
        HttpReply(200, {}, b""),
        HttpReply(200, {}, b"<html>504</html>"),
        HttpReply(200, {}, b"[]"),
        HttpReply(200, {}, b"\xff"),
        a_reply({}),
        a_reply({"RESPONSE_CODE": ["00"]}),
        replace(session_reply(f"{WALLET}/pay/1"), status=502),
    ],
)
def test_half_an_answer_is_no_session(reply):
    with pytest.raises(UnreadableError):
        a_rail().start(a_checkout()).read(reply)


# ---- a question -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("00", Said.PAID),
        ("01", Said.PENDING),
        ("99", Said.FAILED),
        ("02", Said.UNKNOWN),
        ("", Said.UNKNOWN),
    ],
)
def test_a_status_means_what_the_setting_says_and_else_nothing(status, said):
    report = read_status(TRANSACTION_STATUS=status)

    assert (report.said, report.code) == (said, status)


@pytest.mark.parametrize("status", ["00", "01", "99"])
def test_without_the_setting_every_status_is_unknown(status):
    rail = a_rail(transaction_statuses=())

    assert read_status(rail, TRANSACTION_STATUS=status).said is Said.UNKNOWN


def test_the_code_of_the_question_is_not_that_of_the_money():
    report = read_status(RESPONSE_CODE="01", TRANSACTION_STATUS="00")

    assert (report.said, report.code) == (Said.UNKNOWN, "01")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MERCHANT_ORDER_ID", "7K3M92QFX0WJ4RTN8VZC"),
        ("AMOUNT", "5001"),
        ("AMOUNT", ""),
        ("CURRENCY_CODE", "USD"),
        ("RESPONSE_CODE", ""),
        ("AMOUNT", ["5000"]),
    ],
)
def test_an_answer_that_is_no_echo_says_nothing(name, value):
    with pytest.raises(UnreadableError):
        read_status(**{name: value})


def test_a_configured_signature_is_verified():
    rail = a_rail(query_response_fields=QUERY_REPLY_FIELDS)
    signed = status_reply()
    signed["SECURE_CODE"] = sign(signed, QUERY_REPLY_FIELDS)

    assert read_status(rail, **signed).said is Said.PAID
    with pytest.raises(BadSignatureError):
        read_status(rail, **{**signed, "TRANSACTION_STATUS": "99"})
    with pytest.raises(BadSignatureError):
        read_status(rail)


def test_a_signed_answer_about_another_amount_is_news():
    rail = a_rail(query_response_fields=QUERY_REPLY_FIELDS)
    signed = status_reply(AMOUNT="4000")
    signed["SECURE_CODE"] = sign(signed, QUERY_REPLY_FIELDS)

    report = read_status(rail, **signed)

    assert (report.said, report.amount) == (Said.PAID, Money(4_000))


# ---- settings -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["merchant_service_id", "secret_key", "api_key"])
def test_a_missing_setting_is_named(name):
    with pytest.raises(ValueError, match=f"^{name}: must be given"):
        build({key: value for key, value in settings().items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", "1.0.6"),
        ("base_url", "http://wallet.example"),
        ("base_url", "https://user@wallet.example"),
        ("base_url", "wallet.example"),
        ("base_url", "https://wallet.example?x=1"),
        ("redirect_hosts", "https://pay.example"),
        ("transaction_statuses", "00"),
        ("transaction_statuses", "00=good"),
        ("transaction_statuses", "=paid"),
        ("transaction_statuses", "00=paid,00=failed"),
        ("query_response_fields", "AMOUNT"),
        ("query_response_fields", "AMOUNT,MERCHANT_ORDER_ID,TRANSACTION_STATUS,WHO"),
        ("query_response_fields", "AMOUNT,AMOUNT,MERCHANT_ORDER_ID,TRANSACTION_STATUS"),
        ("unknown_attempt_code", "99"),
        ("timeout_s", "0"),
        ("timeout_s", "61"),
        ("timeout_s", "1.5"),
        ("merchant_service_id", "69|01"),
        ("verify", "false"),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}: "):
        a_rail(**{name: (value,)})


def test_defaults_are_the_live_rail_with_no_status_known():
    values = settings()
    del values["base_url"], values["transaction_statuses"]

    account = build(values).account

    assert (account.base_url, account.version) == ("https://api.vnptpay.vn", "1.0.5")
    assert account.redirect_hosts == {"api.vnptpay.vn"}
    assert account.statuses == {}


def test_no_setting_can_switch_off_the_check_of_certificates():
    names = {setting.name for setting in a_rail().info.settings}

    assert not [name for name in names if "verify" in name or "tls" in name or "ssl" in name]


def test_secrets_do_not_print():
    assert KEY not in repr(a_rail())
    assert "bearer-1" not in repr(a_rail())
