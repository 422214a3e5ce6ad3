"""What the pages announce must be true, and every link that we give must lead somewhere."""

from typing import Any

import pytest

from paygate.bootstrap import create_app
from paygate.config import Config, Gateway
from paygate.services.chase_pending import chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.store import attempts
from providers.contract import HttpReply
from tests.adversary.conftest import World
from tests.support.builders import FAKE, NOON, VAULT, a_callback, a_house, a_merchant, furnish
from tests.support.fakes import CountingIds, FakeLine, FakeRail, SteppingClock, says
from tests.support.gateway import BASE, a_gateway, deck_order

RAIL = FakeRail()
ORDER: dict[str, Any] = deck_order()
LINE = ORDER["lines"][0]
NOTHING_TAKEN = "không có khoản tiền nào được trừ"


@pytest.fixture
def gateway(db):
    gateway = a_gateway(db)
    gateway.line.says(b"https://rail.example/pay")
    return gateway


def pay(gateway, order):
    return gateway.client.post(order["checkout_url"].removeprefix(BASE), data={"method": "fake"})


def page(gateway, url):
    return gateway.client.get(url.removeprefix(BASE), follow_redirects=True).get_data(as_text=True)


def last_attempt(gateway, order):
    with gateway.house.db.read() as tx:
        return attempts.of_order(tx, order["id"])[-1]


def test_a_code_that_we_do_not_know_is_never_told_as_nothing_taken(gateway):
    """The rail may just have said `paid` in a word that no table of ours holds."""
    order = gateway.post_order().json
    pay(gateway, order)
    attempt = last_attempt(gateway, order)
    gateway.clock.step(days=2)
    gateway.line.says(says(attempt.ref, code="PAID-IN-FULL", paid_at=NOON))
    expire_orders(gateway.house, gateway.act())

    assert NOTHING_TAKEN not in page(gateway, order["checkout_url"])


class Mute:
    """The fake rail without the capability to be asked."""

    def __init__(self):
        self._rail = FakeRail()

    def __getattr__(self, name):
        if name == "ask_status":
            raise AttributeError(name)
        return getattr(self._rail, name)


def test_a_rail_that_cannot_be_asked_is_never_quoted(db):
    clock, ids, line = SteppingClock(NOON), CountingIds(), FakeLine()
    house = a_house(db, send=line, merchants={FAKE: a_merchant(Mute())})
    db.act(furnish)
    world = World(db, ids=ids, line=line, merchants=house.merchants)
    order = world.order()
    world.attempt(order)
    config = Config(
        gateway=Gateway(base_url=BASE, database_url="", support_phone="1900 0000"),
        vault=VAULT,
        accounts=tuple(each.account for each in house.merchants.values()),
    )
    client = create_app(config, house, clock=clock, ids=ids).test_client()
    clock.step(days=2)
    chase_pending(house, world.act(clock.now()))
    expire_orders(house, world.act(clock.now()))

    text = client.get(f"/status/{order.status_token}").get_data(as_text=True)

    assert line.sent == []
    assert "Đơn hàng đã hết hạn" in text
    assert NOTHING_TAKEN not in text
    assert "Chúng tôi đã hỏi" not in text


def test_a_rail_that_cannot_be_asked_is_not_said_to_be_asked_again(db):
    gateway = a_gateway(db, rail=Mute())
    gateway.line.says(b"https://rail.example/pay")
    order: Any = gateway.post_order().json
    pay(gateway, order)

    text = page(gateway, order["checkout_url"])

    assert "vui lòng không thanh toán lại" in text
    assert "Sẽ tự hỏi lại" not in text
    assert "Đang hỏi" not in text


def test_an_open_session_can_be_continued_while_the_rail_says_pending(gateway):
    order = gateway.post_order().json
    pay(gateway, order)
    attempt = last_attempt(gateway, order)
    gateway.line.answer = lambda _: HttpReply(200, {}, says(attempt.ref, code="01", paid_at=NOON))
    gateway.clock.step(minutes=3)
    chase_pending(gateway.house, gateway.act())

    assert "https://rail.example/pay" in page(gateway, order["checkout_url"])


def test_the_status_link_of_an_exempt_order_leads_to_a_page(gateway):
    order = gateway.post_order(
        deck_order(
            lines=[LINE | {"amount": 0}],
            exemption={"reason_code": "HN", "legal_basis": "Luật phí Đ.10"},
        )
    ).json

    assert gateway.client.get(order["status_url"].removeprefix(BASE)).status_code == 200


def test_a_rail_that_returns_by_post_does_not_strand_the_citizen(gateway):
    """A form posted by another site carries no Lax cookie; the GET that follows does."""
    order = gateway.post_order().json
    pay(gateway, order)
    stranger = gateway.app.test_client()

    answer = stranger.post(
        "/return/fake", data={"x": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/return/fake")


def test_money_of_another_amount_is_not_paid_again_from_an_old_window(gateway):
    """The page says "do not pay again"; a window that was opened before does not know it."""
    order = gateway.post_order().json
    pay(gateway, order)
    attempt = last_attempt(gateway, order)
    for what in ({"dong": 4_000}, {"code": "51", "txn": None}):
        news = a_callback(RAIL, attempt.ref, **what)
        gateway.client.post("/webhooks/fake", data=news.body, headers=dict(news.headers))
    assert "vui lòng không thanh toán lại" in page(gateway, order["checkout_url"])

    answer = pay(gateway, order)

    assert "rail.example" not in answer.headers.get("Location", "")


def test_the_portals_own_place_in_its_page_is_kept(gateway):
    back = "https://portal.example/app#/dossiers/1"
    order = gateway.post_order(deck_order(return_url=back)).json
    pay(gateway, order)
    paid = a_callback(RAIL, last_attempt(gateway, order).ref)
    gateway.client.post("/webhooks/fake", data=paid.body, headers=dict(paid.headers))

    assert "#/dossiers/1" in page(gateway, order["status_url"])


def test_our_own_name_for_money_is_never_shown_as_the_rails_number(gateway):
    order = gateway.post_order().json
    pay(gateway, order)
    less = a_callback(RAIL, last_attempt(gateway, order).ref, dong=4_000, txn=None)
    gateway.client.post("/webhooks/fake", data=less.body, headers=dict(less.headers))

    text = page(gateway, order["checkout_url"])

    assert "4.000 VND" in text
    assert "ref:" not in text


def test_looking_often_makes_the_rail_be_asked_no_later(gateway):
    """Reloads count as questions, and questions lengthen the wait for the next one."""

    def next_question(looks):
        trial = gateway.house.db.connection.begin_nested()
        start = gateway.clock.instant
        gateway.line.says(b"https://rail.example/pay")
        order = gateway.post_order().json
        pay(gateway, order)
        attempt = last_attempt(gateway, order)
        gateway.line.answer = lambda _: HttpReply(
            200, {}, says(attempt.ref, code="01", paid_at=NOON)
        )
        for _ in range(60):
            gateway.clock.step(minutes=1)
            chase_pending(gateway.house, gateway.act())
        for _ in range(looks):
            page(gateway, f"/return/{attempt.return_token}")
            chase_pending(gateway.house, gateway.act())
            gateway.clock.step(seconds=11)
        asked = last_attempt(gateway, order).ask_at
        gateway.clock.instant = start
        trial.rollback()
        return asked

    assert next_question(looks=7) <= next_question(looks=0)
