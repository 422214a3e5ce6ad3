"""The gateway's side: what each button does, seen with the adapter's eyes."""

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import Arrival, BadSignatureError, HttpCall, HttpReply, RefundSaid, Said
from providers.hosted_page import ACTIONS
from providers.vnpay.emulator.house import CHOICES, emulate
from tests.providers.vnpay.builders import (
    GATEWAY,
    HOME,
    KEY,
    NOW,
    PLACE,
    REF,
    a_checkout,
    a_gateway,
    a_rail,
    a_refund,
    facts_of,
    refund_facts,
    settings,
)

LATER = NOW + timedelta(hours=2)


class Form(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.values, self.address = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        fields = dict(attrs)
        if tag == "form":
            self.address = fields["action"]
        if tag == "button" and fields.get("name") == "action":
            self.values.append(fields["value"])


def carried(gateway, call, at=NOW):
    """Bring *call* to the gateway as the sandbox would."""
    parts = urlsplit(call.url)
    path = parts.path.removeprefix(urlsplit(GATEWAY).path)
    headers = tuple(call.headers.items())
    query = parts.query.encode()
    return gateway.visit(Arrival(call.method, path, query, headers, call.body, at))


def opened(gateway, checkout=None, rail=None):
    url = (rail or a_rail()).start(checkout or a_checkout()).url
    return carried(gateway, HttpCall("GET", url, {}, b"")).reply


def pressed(gateway, action, at=NOW, **more):
    body = urlencode({"action": action, **more}).encode()
    call = HttpCall("POST", f"{GATEWAY}/paymentv2/pay/{REF}", {}, body)
    return carried(gateway, call, at)


def heard(errand, rail=None):
    parts = urlsplit(errand.call.url)
    assert errand.call.method == "GET"
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == PLACE.callback_url
    arrival = Arrival("GET", parts.path, parts.query.encode(), (), b"", NOW + timedelta(minutes=1))
    (report,) = (rail or a_rail()).read_callback(arrival)
    return report


def asked(gateway, at=NOW, checkout=None):
    ask = a_rail().ask_status(facts_of(checkout or a_checkout(), asked_at=at))
    return ask.read(carried(gateway, ask.call, at).reply)


def refunded(gateway, order=None, at=NOW + timedelta(hours=1)):
    ask = a_rail().ask_refund(order or a_refund())
    reply = carried(gateway, ask.call, at).reply
    return None if reply is None else ask.read(reply)


def followed(gateway, facts=None):
    ask = a_rail().ask_refund_status(facts or refund_facts())
    return ask.read(carried(gateway, ask.call, LATER).reply)


@pytest.fixture
def gateway():
    gateway = a_gateway()
    assert opened(gateway).status == 200
    return gateway


# ---- the hosted page ------------------------------------------------------------------------
def test_the_page_shows_what_is_paid_and_how():
    html = opened(a_gateway(), a_checkout(bank="VNPAYQR")).body.decode()

    for text in ("5.000 VND", REF, "VNPAY-QR", "Thanh toan le phi cho ho so", "thử nghiệm"):
        assert text in html


def test_the_page_has_the_whole_set_of_buttons_and_no_script():
    html = opened(a_gateway()).body.decode()

    assert Form(html).values == list(ACTIONS) == list(CHOICES)
    assert "<script" not in html


def test_the_form_of_both_addresses_leads_to_the_same_place(gateway):
    start = f"{GATEWAY}/paymentv2/vpcpay.html"
    again = f"{GATEWAY}/paymentv2/pay/{REF}"
    pages = {start: opened(gateway), again: carried(gateway, HttpCall("GET", again, {}, b"")).reply}

    found = {urljoin(url, Form(page.body.decode()).address) for url, page in pages.items()}

    assert found == {again}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url.replace("vnp_Amount=500000", "vnp_Amount=500100"),
        lambda url: url.split("&vnp_SecureHash=")[0],
        lambda url: url[:-1],
        lambda url: url.split("?")[0],
    ],
    ids=["another amount", "no signature", "half a signature", "nothing"],
)
def test_a_start_that_is_not_signed_opens_nothing(spoil):
    gateway = a_gateway()

    call = HttpCall("GET", spoil(a_rail().start(a_checkout()).url), {}, b"")

    assert carried(gateway, call).reply.status == 400
    assert gateway.sessions == {}


@pytest.mark.parametrize("changed", [{"hash_secret": ("other",)}, {"tmn_code": ("PAYGATE2",)}])
def test_a_start_of_somebody_else_opens_nothing(changed):
    assert opened(a_gateway(), rail=a_rail(**changed)).status == 400


@pytest.mark.parametrize(
    "checkout",
    [a_checkout(dong=6_000), a_checkout(created_at=NOW + timedelta(hours=12))],
)
def test_a_second_use_of_a_name_is_refused(gateway, checkout):
    assert opened(gateway, checkout).status == 400


def test_the_same_start_again_is_the_same_session(gateway):
    pressed(gateway, "pay")

    assert opened(gateway).status == 409
    assert asked(gateway).said is Said.PAID


# ---- what follows a button ------------------------------------------------------------------
def test_pay_is_paid_on_both_roads(gateway):
    visit = pressed(gateway, "pay")

    (errand,) = visit.after
    assert (heard(errand).said, heard(errand).amount) == (Said.PAID, Money(5_000))
    assert asked(gateway) == replace(heard(errand), code="00")


def test_the_browser_carries_home_the_same_signed_fields(gateway):
    visit = pressed(gateway, "pay")

    home, _, query = visit.reply.headers["Location"].partition("?")
    assert (visit.reply.status, home) == (303, HOME)
    assert query == urlsplit(visit.after[0].call.url).query


def test_decline_is_a_failure_and_the_citizen_may_try_again(gateway):
    visit = pressed(gateway, "decline")

    assert (heard(visit.after[0]).said, heard(visit.after[0]).code) == (Said.FAILED, "51")
    assert heard(visit.after[0]).rail_txn is None
    assert asked(gateway).said is Said.FAILED
    pressed(gateway, "pay")
    assert asked(gateway, NOW + timedelta(seconds=1)).said is Said.PAID


def test_abandon_says_nothing_to_anyone(gateway):
    visit = pressed(gateway, "abandon")

    assert (visit.before, visit.after) == ((), ())
    assert visit.reply.headers["Location"] == HOME
    assert asked(gateway).said is Said.PENDING


def test_delay_is_pending_until_its_time(gateway):
    (errand,) = pressed(gateway, "delay", seconds="40").after

    assert errand.after_s == 40
    assert asked(gateway, NOW + timedelta(seconds=39)).said is Said.PENDING
    assert asked(gateway, NOW + timedelta(seconds=40)).said is Said.PAID


def test_pay_twice_takes_the_money_twice(gateway):
    first, second = map(heard, pressed(gateway, "pay_twice").after)

    assert first.rail_txn != second.rail_txn
    assert {len(each.rail_txn) for each in (first, second)} == {15}


def test_wrong_amount_is_well_signed(gateway):
    (errand,) = pressed(gateway, "wrong_amount").after

    assert (heard(errand).said, heard(errand).amount) == (Said.PAID, Money(6_000))


def test_lose_callback_is_found_only_by_asking(gateway):
    visit = pressed(gateway, "lose_callback")

    assert (visit.before, visit.after) == ((), ())
    assert asked(gateway).said is Said.PAID


def test_double_callback_sends_the_same_twice(gateway):
    first, second = pressed(gateway, "double_callback").after

    assert first == second


def test_forge_callback_is_refused_sent_once_and_takes_no_money(gateway):
    visit = pressed(gateway, "forge_callback")

    (errand,) = visit.after
    assert errand.once
    with pytest.raises(BadSignatureError):
        heard(errand)
    assert asked(gateway).said is Said.PENDING


def test_early_callback_arrives_before_the_citizen(gateway):
    visit = pressed(gateway, "early_callback")

    (errand,) = visit.before
    assert visit.after == ()
    assert heard(errand).said is Said.PAID


def test_charge_then_timeout_charges_and_hangs_up(gateway):
    visit = pressed(gateway, "charge_then_timeout")

    assert (visit.reply, visit.before, visit.after) == (None, (), ())
    assert asked(gateway).said is Said.PAID


@pytest.mark.parametrize("action", [name for name in ACTIONS if CHOICES[name].charges])
def test_who_has_paid_is_not_charged_again(gateway, action):
    pressed(gateway, action)

    again = pressed(gateway, "pay")

    assert (again.reply.status, again.after) == (409, ())


@pytest.mark.parametrize(
    ("action", "seconds"), [("steal", "5"), ("", "5"), ("delay", "-1"), ("delay", "9999")]
)
def test_what_is_no_choice_does_nothing(gateway, action, seconds):
    visit = pressed(gateway, action, seconds=seconds)

    assert (visit.reply.status, visit.after) == (400, ())
    assert asked(gateway).said is Said.PENDING


def test_an_address_without_session_is_not_found():
    reply = a_gateway().visit(Arrival("GET", "/paymentv2/pay/NOBODY", b"", (), b"", NOW)).reply

    assert reply is not None
    assert reply.status == 404


# ---- the merchant's server ------------------------------------------------------------------
def test_a_question_about_another_start_finds_nothing(gateway):
    pressed(gateway, "pay")

    other = a_checkout(created_at=NOW + timedelta(hours=12))

    assert (asked(gateway, LATER, other).said, asked(gateway, NOW, other).code) == (
        Said.UNKNOWN,
        "91",
    )


def test_the_same_question_twice_is_refused_the_second_time(gateway):
    assert asked(gateway).said is Said.PENDING
    assert (asked(gateway).said, asked(gateway).code) == (Said.UNKNOWN, "94")


def test_a_question_of_somebody_else_is_refused(gateway):
    ask = a_rail(hash_secret=("other",)).ask_status(facts_of(a_checkout()))

    reply = carried(gateway, ask.call).reply

    assert b'"vnp_ResponseCode":"97"' in reply.body


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"vnp_Command":"refund"}'])
def test_noise_is_answered_as_such(gateway, body):
    call = HttpCall("POST", f"{GATEWAY}/merchant_webapi/api/transaction", {}, body)

    assert b'"vnp_ResponseCode":"03"' in carried(gateway, call).reply.body


@pytest.mark.parametrize(
    ("wish", "end"),
    [
        ("succeed", RefundSaid.SUCCEEDED),
        ("pend", RefundSaid.PENDING),
        ("refuse", RefundSaid.FAILED),
        ("timeout_after_doing", RefundSaid.SUCCEEDED),
        ("reverse", RefundSaid.SUCCEEDED),
    ],
)
def test_a_refund_ends_as_it_was_wished(gateway, wish, end):
    pressed(gateway, "pay")
    gateway.control({"refund": wish})

    report = refunded(gateway)

    assert (report is None) is (wish == "timeout_after_doing")
    assert report is None or report.said is RefundSaid.PENDING
    assert followed(gateway).said is end


def test_a_refund_that_came_back_failed_after_it_succeeded(gateway):
    pressed(gateway, "pay")
    gateway.control({"refund": "reverse"})
    refunded(gateway)

    assert followed(gateway).said is RefundSaid.SUCCEEDED
    later = refund_facts(after=timedelta(hours=3))
    assert followed(gateway, later).said is RefundSaid.FAILED


def test_a_refund_sent_again_is_taken_once(gateway):
    pressed(gateway, "pay")
    gateway.control({"refund": "timeout_after_doing"})
    assert refunded(gateway) is None

    again = refunded(gateway, a_refund(again=True))

    assert (again.said, again.code) == (RefundSaid.UNKNOWN, "94")
    assert len(gateway.sessions[REF].refunds) == 1


def test_no_more_goes_back_than_was_taken(gateway):
    pressed(gateway, "pay")
    assert refunded(gateway, a_refund(dong=3_000)).said is RefundSaid.PENDING

    more = replace(a_refund(dong=2_001), wire_ref="RF7K3M92QF-2")
    rest = replace(a_refund(dong=2_000), wire_ref="RF7K3M92QF-3")

    assert refunded(gateway, more).code == "03"
    assert refunded(gateway, rest).said is RefundSaid.PENDING
    assert gateway.sessions[REF].given_back == Money(5_000)


def test_while_one_refund_is_open_there_is_no_second(gateway):
    pressed(gateway, "pay")
    gateway.control({"refund": "pend"})
    refunded(gateway, a_refund(dong=1_000))

    second = replace(a_refund(dong=1_000), wire_ref="RF7K3M92QF-2")

    assert refunded(gateway, second).code == "94"


def test_what_was_not_paid_does_not_go_back(gateway):
    assert refunded(gateway).code == "95"


def test_a_refund_of_an_unknown_payment_is_refused(gateway):
    pressed(gateway, "pay")

    other = replace(a_refund(), created_at=NOW + timedelta(days=1))

    assert refunded(gateway, other).code == "91"


def test_each_of_two_charges_goes_back_by_its_number(gateway):
    first, second = map(heard, pressed(gateway, "pay_twice").after)

    assert refunded(gateway, a_refund(rail_txn=second.rail_txn)).said is RefundSaid.PENDING
    strange = replace(a_refund(rail_txn="1"), wire_ref="RF7K3M92QF-2")
    assert refunded(gateway, strange).code == "95"
    assert first.rail_txn != second.rail_txn


# ---- acknowledgements and control -----------------------------------------------------------
@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_00_and_02_stop_the_retries(gateway, outcome):
    reply = a_rail().answer(Arrival("GET", "/", b"", (), b"", NOW), outcome)

    stops = outcome in {Outcome.APPLIED, Outcome.KNOWN, Outcome.CONTRADICTS}
    assert gateway.acknowledged(reply) is stops


@pytest.mark.parametrize("body", [b"", b"OK", b"[]", b'{"RspCode":"04"}'])
def test_what_is_no_answer_stops_nothing(gateway, body):
    assert not gateway.acknowledged(HttpReply(200, {}, body))
    assert not gateway.acknowledged(HttpReply(500, {}, b'{"RspCode":"00"}'))


@pytest.mark.parametrize("form", ["plus", "percent"])
def test_the_form_of_callbacks_can_be_chosen(gateway, form):
    gateway.control({"callback_form": form})

    (errand,) = pressed(gateway, "pay").after

    assert ("%20" in errand.call.url) is (form == "percent")
    assert heard(errand).said is Said.PAID


@pytest.mark.parametrize("wish", [{"batch": "accept"}, {"refund": "explode"}, {"next_init": "x"}])
def test_what_it_cannot_do_it_says(gateway, wish):
    with pytest.raises(ValueError, match="cannot"):
        gateway.control({"callback_form": "percent", **wish})
    assert gateway.callback_form == "plus"


@pytest.mark.parametrize("name", ["tmn_code", "hash_secret"])
def test_an_account_without_keys_is_not_played(name):
    with pytest.raises(ValueError, match=name):
        emulate({**settings(), name: ()}, PLACE)


def test_keys_of_an_overlap_are_all_heard():
    gateway = a_gateway(hash_secret=("new", KEY))

    assert opened(gateway).status == 200
    assert opened(gateway, rail=a_rail(hash_secret=("new",))).status == 200
