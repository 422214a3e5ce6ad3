"""The wallet's side: what each button does, seen with the adapter's eyes."""

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    BadSignatureError,
    HttpReply,
    Said,
    StartRefusedError,
)
from providers.hosted_page import ACTIONS
from providers.vnptpay.emulator.house import CHOICES, emulate
from tests.providers.vnptpay.builders import (
    KEY,
    NOW,
    PLACE,
    WALLET,
    a_checkout,
    a_rail,
    a_wallet,
    facts_of,
    settings,
)

REF = str(a_checkout().attempt_ref)
WHOLE_SET = [
    "pay",
    "decline",
    "abandon",
    "delay",
    "pay_twice",
    "wrong_amount",
    "lose_callback",
    "double_callback",
    "forge_callback",
    "early_callback",
    "charge_then_timeout",
]


class Buttons(HTMLParser):
    def __init__(self):
        super().__init__()
        self.values = []
        self.address = ""

    def handle_starttag(self, tag, attrs):
        fields = dict(attrs)
        if tag == "form":
            self.address = urljoin(f"{WALLET}/pay/{REF}", fields["action"])
        if tag == "button" and fields.get("name") == "action":
            self.values.append(fields["value"])


def carried(wallet, call, at=NOW):
    """Bring *call* to the wallet as the sandbox would."""
    parts = urlsplit(call.url)
    path = parts.path.removeprefix(urlsplit(WALLET).path)
    headers = tuple(call.headers.items())
    return wallet.visit(Arrival(call.method, path, b"", headers, call.body, at))


def opened(wallet, checkout=None, rail=None):
    ask = (rail or a_rail()).start(checkout or a_checkout())
    return ask.read(carried(wallet, ask.call).reply)


def pressed(wallet, action, at=NOW, **more):
    body = urlencode({"action": action, **more}).encode()
    return wallet.visit(Arrival("POST", f"/pay/{REF}", b"", (), body, at))


def shown(wallet):
    return wallet.visit(Arrival("GET", f"/pay/{REF}", b"", (), b"", NOW)).reply


def heard(errand, at=NOW):
    """Return what the gateway reads in an errand."""
    call = errand.call
    assert call.url == PLACE.callback_url
    (report,) = a_rail().read_callback(
        Arrival(call.method, "/", b"", tuple(call.headers.items()), call.body, at)
    )
    return report


def asked(wallet, at=NOW, checkout=None):
    ask = a_rail().ask_status(replace(facts_of(checkout or a_checkout()), asked_at=at))
    return ask.read(carried(wallet, ask.call, at).reply)


@pytest.fixture
def wallet():
    wallet = a_wallet()
    opened(wallet)
    return wallet


def test_a_start_leads_to_the_hosted_page(wallet):
    assert opened(wallet).url == f"{WALLET}/pay/{REF}"


def test_the_page_shows_the_order_and_every_button(wallet):
    page = shown(wallet)
    buttons = Buttons()
    buttons.feed(page.body.decode())

    assert page.status == 200
    assert "môi trường thử nghiệm" in page.body.decode()
    assert "5.000 VND" in page.body.decode()
    assert "000.30.27.H23-220928-0001" in page.body.decode()
    assert buttons.address == f"{WALLET}/pay/{REF}"
    assert buttons.values == WHOLE_SET
    assert list(CHOICES) == list(ACTIONS) == WHOLE_SET


def test_what_a_merchant_writes_is_shown_as_text():
    wallet = a_wallet()
    opened(wallet, a_checkout(description="<script>alert(1)</script>"))

    assert b"<script>" not in shown(wallet).body


def test_pay_calls_back_after_the_citizen_went_home(wallet):
    visit = pressed(wallet, "pay")

    (errand,) = visit.after
    assert (visit.before, errand.once) == ((), False)
    assert (heard(errand).said, heard(errand).amount) == (Said.PAID, Money(5_000))
    home = urlsplit(visit.reply.headers["Location"])
    assert (visit.reply.status, home._replace(query="").geturl()) == (303, PLACE.return_url)
    assert parse_qs(home.query) == {"MERCHANT_ORDER_ID": [REF], "RESPONSE_CODE": ["00"]}


def test_what_the_callback_said_a_question_says_too(wallet):
    (errand,) = pressed(wallet, "pay").after

    assert asked(wallet) == heard(errand)


def test_decline_calls_back_a_failure(wallet):
    (errand,) = pressed(wallet, "decline").after

    assert heard(errand).said is Said.FAILED
    assert asked(wallet).said is Said.FAILED


def test_after_a_refusal_the_citizen_may_still_pay(wallet):
    pressed(wallet, "decline")

    (errand,) = pressed(wallet, "pay").after

    assert heard(errand).said is Said.PAID
    assert asked(wallet).said is Said.PAID


def test_abandon_says_nothing(wallet):
    visit = pressed(wallet, "abandon")

    assert (visit.before, visit.after) == ((), ())
    assert visit.reply.status == 303
    assert asked(wallet).said is Said.PENDING


def test_delay_is_pending_until_its_time(wallet):
    (errand,) = pressed(wallet, "delay", seconds="40").after

    assert errand.after_s == 40
    assert asked(wallet, NOW + timedelta(seconds=39)).said is Said.PENDING
    assert asked(wallet, NOW + timedelta(seconds=40)).said is Said.PAID
    assert heard(errand).paid_at == NOW + timedelta(seconds=40)


def test_pay_twice_takes_the_money_twice(wallet):
    first, second = map(heard, pressed(wallet, "pay_twice").after)

    assert first.rail_txn != second.rail_txn
    assert (first.said, second.said) == (Said.PAID, Said.PAID)


def test_wrong_amount_is_well_signed(wallet):
    (errand,) = pressed(wallet, "wrong_amount").after

    assert (heard(errand).said, heard(errand).amount) == (Said.PAID, Money(6_000))


def test_lose_callback_is_found_only_by_asking(wallet):
    visit = pressed(wallet, "lose_callback")

    assert (visit.before, visit.after) == ((), ())
    assert asked(wallet).said is Said.PAID


def test_double_callback_sends_the_same_bytes_twice(wallet):
    first, second = pressed(wallet, "double_callback").after

    assert first == second


def test_forge_callback_is_refused_sent_once_and_takes_no_money(wallet):
    (errand,) = pressed(wallet, "forge_callback").after

    assert errand.once
    with pytest.raises(BadSignatureError):
        heard(errand)
    assert asked(wallet).said is Said.PENDING


def test_early_callback_arrives_before_the_citizen(wallet):
    visit = pressed(wallet, "early_callback")

    (errand,) = visit.before
    assert visit.after == ()
    assert heard(errand).said is Said.PAID


def test_charge_then_timeout_charges_and_hangs_up(wallet):
    visit = pressed(wallet, "charge_then_timeout")

    assert (visit.reply, visit.before, visit.after) == (None, (), ())
    assert asked(wallet).said is Said.PAID


@pytest.mark.parametrize("action", [name for name in WHOLE_SET if CHOICES[name].charges])
def test_who_has_paid_is_not_charged_again(wallet, action):
    pressed(wallet, action)

    again = pressed(wallet, "pay")

    assert (again.reply.status, again.after) == (409, ())
    assert shown(wallet).status == 409


@pytest.mark.parametrize(
    ("action", "seconds"), [("steal", "5"), ("", "5"), ("delay", "-1"), ("delay", "9999")]
)
def test_what_is_no_choice_does_nothing(wallet, action, seconds):
    visit = pressed(wallet, action, seconds=seconds)

    assert (visit.reply.status, visit.after) == (400, ())
    assert asked(wallet).said is Said.PENDING


def test_two_wallets_give_no_number_twice():
    numbers = set()
    for second in range(3):
        wallet = a_wallet()
        opened(wallet)
        for errand in pressed(wallet, "pay_twice", NOW + timedelta(seconds=second)).after:
            numbers.add(heard(errand).rail_txn)

    assert len(numbers) == 6


def test_an_address_without_session_is_not_found():
    visit = a_wallet().visit(Arrival("GET", "/pay/NOBODY", b"", (), b"", NOW))

    assert visit.reply is not None
    assert visit.reply.status == 404


# ---- the merchant's side of the wallet ------------------------------------------------------
def test_the_same_start_again_is_the_same_session(wallet):
    pressed(wallet, "pay")

    assert opened(wallet).url == f"{WALLET}/pay/{REF}"
    assert asked(wallet).said is Said.PAID


@pytest.mark.parametrize(
    "checkout",
    [a_checkout(dong=6_000), a_checkout(created_at=NOW + timedelta(hours=12))],
)
def test_another_start_under_the_same_name_is_refused(wallet, checkout):
    with pytest.raises(StartRefusedError):
        opened(wallet, checkout)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret_key": ("other",)}, "97"),
        ({"api_key": ("other",)}, "99"),
        ({"merchant_service_id": ("6902",)}, "99"),
    ],
)
def test_a_start_of_somebody_else_is_refused(changed, code):
    with pytest.raises(StartRefusedError) as refused:
        opened(a_wallet(), rail=a_rail(**changed))

    assert refused.value.code == code


def test_a_question_about_another_start_finds_nothing(wallet):
    pressed(wallet, "pay")

    report = asked(wallet, checkout=a_checkout(created_at=NOW + timedelta(hours=12)))

    assert (report.said, report.code) == (Said.UNKNOWN, "01")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_ok_stops_the_retries(wallet, outcome):
    (errand,) = pressed(wallet, "pay").after
    arrival = Arrival("POST", "/", b"", (), errand.call.body, NOW)

    reply = a_rail().answer(arrival, outcome)

    stops = outcome in {
        Outcome.APPLIED,
        Outcome.KNOWN,
        Outcome.CONTRADICTS,
        Outcome.AMOUNT_DIFFERS,
    }
    assert wallet.acknowledged(reply) is stops


@pytest.mark.parametrize("body", [b"", b"OK", b'{"RESPONSE_CODE":"00"}', b"[]"])
def test_an_answer_without_our_signature_stops_nothing(wallet, body):
    assert not wallet.acknowledged(HttpReply(200, {}, body))


# ---- control --------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["json", "form", "data"])
def test_the_form_of_callbacks_can_be_chosen(wallet, form):
    wallet.control({"callback_form": form})

    (errand,) = pressed(wallet, "pay").after

    assert heard(errand).said is Said.PAID


def test_a_callback_can_come_before_the_answer_to_the_start():
    wallet = a_wallet()
    wallet.control({"next_init": "early_callback"})

    visit = carried(wallet, a_rail().start(a_checkout()).call)

    (errand,) = visit.before
    assert (heard(errand).said, visit.reply.status) == (Said.PAID, 200)


def test_a_start_can_hang_up_once():
    wallet = a_wallet()
    wallet.control({"next_init": "timeout"})

    assert carried(wallet, a_rail().start(a_checkout()).call).reply is None
    assert opened(wallet).url == f"{WALLET}/pay/{REF}"


def test_a_start_can_be_refused_once():
    wallet = a_wallet()
    wallet.control({"next_init": "refuse"})

    with pytest.raises(StartRefusedError):
        opened(wallet)
    assert opened(wallet).url == f"{WALLET}/pay/{REF}"


@pytest.mark.parametrize(
    "wish", [{"refund": "succeed"}, {"next_init": "explode"}, {"callback_form": "xml"}]
)
def test_what_it_cannot_do_it_says(wallet, wish):
    with pytest.raises(ValueError, match="cannot"):
        wallet.control({"callback_form": "form", **wish})
    assert wallet.wishes["callback_form"] == "json"


@pytest.mark.parametrize("name", ["merchant_service_id", "secret_key", "api_key"])
def test_an_account_without_keys_is_not_played(name):
    with pytest.raises(ValueError, match=name):
        emulate({**settings(), name: ()}, PLACE)


def test_keys_of_an_overlap_are_all_heard():
    wallet = a_wallet(secret_key=("new", KEY))

    assert opened(wallet).url
    assert opened(wallet, rail=a_rail(secret_key=("new",))).url
