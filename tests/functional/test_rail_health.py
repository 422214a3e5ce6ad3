"""A rail that keeps silent is offered less, by every process alike, until it speaks again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paygate.bootstrap import create_app
from paygate.domain.ids import AccountCode
from paygate.services.chase_pending import chase_pending
from paygate.store import account_states, attempts
from providers.contract import NotSentError, SilentError
from tests.support.builders import FAKE, NOON, a_house, a_merchant
from tests.support.fakes import FakeLine, FakeRail, says
from tests.support.gateway import BASE, a_gateway, deck_order

pytestmark = pytest.mark.functional
OTHER = AccountCode("other")


class OtherRail(FakeRail):
    """A second rail beside the first."""


def other_merchant():
    merchant = a_merchant(OtherRail(), code="other")
    account = replace(merchant.account, rail="other", label_vi="Ví khác")
    return replace(merchant, account=account)


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    lines = {FAKE: FakeLine(), OTHER: FakeLine()}
    merchants = {
        FAKE: replace(a_merchant(), send=lines[FAKE]),
        OTHER: replace(other_merchant(), send=lines[OTHER]),
    }
    gateway.house = replace(a_house(db), merchants=merchants)
    with gateway.app.app_context():
        config = gateway.app.extensions["paygate"].config
    gateway.app = create_app(config, gateway.house, clock=gateway.clock, ids=gateway.ids)
    gateway.client = gateway.app.test_client()
    gateway.line = lines[FAKE]
    return gateway


def issue(gateway, number):
    dossier = {"code": f"000.30.27.H23-220928-{number:04d}"}
    return gateway.post_order(deck_order(dossier=dossier)).json


def offered(gateway, order):
    text = gateway.client.get(order["checkout_url"].removeprefix(BASE)).get_data(as_text=True)
    return {code for code in ("fake", "other") if f'value="{code}"' in text}


def press(gateway, number):
    order = issue(gateway, number)
    gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})
    return order


@pytest.mark.parametrize("error", [NotSentError(), SilentError()])
def test_after_three_silences_the_rail_rests_while_another_is_there(gateway, error):
    gateway.line.fails(error)
    for number in range(3):
        assert offered(gateway, issue(gateway, 10 + number)) == {"fake", "other"}
        press(gateway, number)

    order = issue(gateway, 20)

    assert offered(gateway, order) == {"other"}
    gateway.clock.step(minutes=2)
    assert offered(gateway, order) == {"fake", "other"}


def test_a_rail_that_speaks_again_is_offered_again_at_once(gateway):
    gateway.line.says(b"https://rail.example/pay")
    paying = press(gateway, 1)
    gateway.line.fails(NotSentError())
    for number in range(2, 5):
        press(gateway, number)
    assert offered(gateway, issue(gateway, 20)) == {"other"}
    with gateway.house.db.read() as tx:
        [attempt] = attempts.of_order(tx, paying["id"])

    gateway.line.says(says(attempt.ref, code="01", paid_at=NOON))
    gateway.house.db.act(
        attempts.ask_now, attempt.id, now=gateway.clock.now(), not_since=gateway.clock.now()
    )
    chase_pending(gateway.house, gateway.act())

    assert offered(gateway, issue(gateway, 21)) == {"fake", "other"}


def test_where_every_rail_is_silent_a_citizen_may_still_try(gateway):
    now = gateway.clock.now()
    for code in (FAKE, OTHER):
        for _ in range(5):
            gateway.house.db.act(account_states.was_silent, code, now=now)

    assert offered(gateway, issue(gateway, 1)) == {"fake", "other"}


def test_a_refusal_of_the_rail_is_no_silence(gateway):
    gateway.line.says(b"", status=400)
    for number in range(5):
        press(gateway, number)

    with gateway.house.db.read() as tx:
        states = {each.code: each for each in account_states.every(tx)}
    assert states[FAKE].silences == 0
    assert not states[FAKE].is_resting(gateway.clock.now() + timedelta(days=1))


def test_a_rail_that_rests_is_shown_with_its_reason_and_cannot_be_chosen(gateway):
    gateway.line.fails(SilentError())
    for number in range(3):
        press(gateway, number)
    order = issue(gateway, 20)
    path = order["checkout_url"].removeprefix(BASE)

    text = gateway.client.get(path).get_data(as_text=True)
    answer = gateway.client.post(path, data={"method": "fake"})

    assert "Tạm thời chưa dùng được" in text
    assert "Ví thử" in text
    assert "Đang không trả lời" in text
    assert answer.status_code == 422
    gateway.clock.step(minutes=2)
    assert "Tạm thời chưa dùng được" not in gateway.client.get(path).get_data(as_text=True)


def test_where_every_rail_rests_the_page_says_so_and_lets_try(gateway):
    for line in (merchant.send for merchant in gateway.house.merchants.values()):
        line.fails(SilentError())
    for number in range(3):
        press(gateway, number)
    for number in range(10, 13):
        order = issue(gateway, number)
        path = order["checkout_url"].removeprefix(BASE)
        gateway.client.post(path, data={"method": "other"})

    order = issue(gateway, 20)
    path = order["checkout_url"].removeprefix(BASE)
    text = gateway.client.get(path).get_data(as_text=True)

    assert "Các đơn vị thanh toán đang trả lời chậm" in text
    assert "Tạm thời chưa dùng được" not in text
    assert offered(gateway, order) == {"fake", "other"}
