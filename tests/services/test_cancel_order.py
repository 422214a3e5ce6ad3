"""A portal cancels: at once, or after its rails were asked, and never against money."""

from datetime import timedelta

import pytest

from paygate.domain.errors import OrderNotPayableError, OrderPaidError
from paygate.domain.order import OrderState
from paygate.domain.payment import PaymentState
from paygate.services.cancel_order import ask_cancel, cancel_orders
from paygate.services.expire_orders import expire_orders
from paygate.services.start_checkout import CheckoutWanted, start_checkout
from paygate.store import attempts, live_orders, orders
from providers.contract import HttpReply, SilentError
from tests.adversary.conftest import World
from tests.support.builders import NOON, furnish
from tests.support.fakes import says


@pytest.fixture
def world(db):
    db.act(furnish)
    return World(db)


def ask(world, order, now=NOON):
    return world.db.act(ask_cancel, world.act(now), order.id)


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def test_without_a_live_attempt_it_is_cancelled_at_once(world):
    order = world.order()

    assert ask(world, order).state is OrderState.CANCELLED
    assert world.notices(order) == ["order.cancelled"]
    with world.db.read() as tx:
        assert tx.execute(live_orders.table.select()).all() == []
    world.order()  # the dossier's key is free


def test_asking_twice_is_the_same(world):
    order = world.order()
    assert ask(world, order) == ask(world, order, after(60))
    assert world.notices(order) == ["order.cancelled"]


def test_with_a_live_attempt_it_waits_for_the_rail(world):
    order = world.order()
    world.attempt(order)

    waiting = ask(world, order)

    assert (waiting.state, waiting.is_cancelling) == (OrderState.PROCESSING, True)
    assert world.line.sent == []  # the worker asks, not the request
    assert world.notices(order) == []


@pytest.mark.parametrize("code", ["51", "24", "01", "77"])
def test_unless_the_rail_says_paid_it_is_cancelled(world, code):
    order = world.order()
    attempt = world.attempt(order)
    ask(world, order)
    world.line.says(says(attempt.ref, code=code, paid_at=NOON))

    assert cancel_orders(world.house, world.act(after(2))) == 1
    assert world.state(order) is OrderState.CANCELLED
    assert len(world.line.sent) == 1
    assert cancel_orders(world.house, world.act(after(4))) == 0


def test_a_payment_that_the_rail_tells_of_counts(world):
    order = world.order()
    attempt = world.attempt(order)
    ask(world, order)
    world.line.says(says(attempt.ref, code="00", paid_at=NOON))

    assert cancel_orders(world.house, world.act(after(2))) == 0
    assert world.state(order) is OrderState.PAID
    assert world.notices(order) == ["order.paid"]
    with pytest.raises(OrderPaidError):
        ask(world, order, after(4))


def test_a_silent_rail_does_not_keep_it_open(world):
    order = world.order()
    world.attempt(order)
    ask(world, order)
    world.line.fails(SilentError())

    assert cancel_orders(world.house, world.act(after(2))) == 1
    assert world.state(order) is OrderState.CANCELLED


def test_a_question_in_the_air_is_waited_for_ten_seconds_long(world):
    order = world.order()
    attempt = world.attempt(order)
    ask(world, order)
    # Another worker has just taken the question.
    world.db.act(attempts.ask_later, attempt.id, now=after(1), next_at=after(120))

    assert cancel_orders(world.house, world.act(after(2))) == 0
    assert cancel_orders(world.house, world.act(after(10))) == 1


def test_nobody_begins_to_pay_what_is_being_cancelled(world):
    order = world.order()
    attempt = world.attempt(order)
    ask(world, order)
    world.db.act(attempts.move, attempt.id, PaymentState.FAILED, rail_code=None, ask_at=None)
    wanted = CheckoutWanted(
        order_id=order.id,
        account="fake",
        bank=None,
        client_ip="127.0.0.1",
        language="vi",
        return_url="https://pay.example/return/{}",
        again=True,
    )

    with pytest.raises(OrderNotPayableError):
        start_checkout(world.house, world.act(), wanted)
    assert world.line.sent == []  # no rail was asked to open a session for it
    assert [each.id for each in world.read(attempts.of_order, order.id)] == [attempt.id]


def test_nobody_is_led_to_a_rail_that_opened_its_session_too_late(world):
    order = world.order()
    wanted = CheckoutWanted(
        order_id=order.id,
        account="fake",
        bank=None,
        client_ip="127.0.0.1",
        language="vi",
        return_url="https://pay.example/return/{}",
    )

    def slow(_):
        ask(world, order)
        return HttpReply(200, {}, b"https://rail.example/pay")

    world.line.answer = slow

    with pytest.raises(OrderNotPayableError):
        start_checkout(world.house, world.act(), wanted)
    [attempt] = world.read(attempts.of_order, order.id)
    assert attempt.payment_state is PaymentState.REDIRECTED  # its session exists: it is asked about


def test_late_money_after_a_cancellation_follows_the_portals_rule(world):
    order = world.order()
    attempt = world.attempt(order)
    ask(world, order)
    cancel_orders(world.house, world.act(after(11)))

    world.hear(attempt.ref)

    assert world.state(order) is OrderState.CANCELLED
    assert world.suspense() == 5_000
    assert world.notices(order) == ["order.cancelled", "order.late_payment"]


def test_an_order_that_expired_stays_expired(world):
    order = world.order()
    expire_orders(world.house, world.act(NOON + timedelta(days=2)))

    assert ask(world, order, NOON + timedelta(days=2)).state is OrderState.EXPIRED
    assert world.read(orders.get, order.id).cancel_asked_at is None
