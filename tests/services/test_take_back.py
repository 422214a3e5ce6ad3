"""A rail takes back what it had paid: booked once, shown to staff, told to the portal."""

import pytest

from paygate.domain.case import CaseKind
from paygate.domain.order import OrderState
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentState
from paygate.ledger.chart import Account
from paygate.services.check_books import check_books
from paygate.store import attempts, collections, orders
from paygate.web.order_json import order_json
from providers.contract import Said
from tests.adversary.conftest import World
from tests.support.builders import furnish


@pytest.fixture
def world(db):
    db.act(furnish)
    return World(db)


@pytest.fixture
def paid(world):
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref)
    return order, attempt


def whole(world):
    with world.db.read() as tx:
        return [each for each in check_books(tx) if each.findings]


def test_the_order_stays_paid_and_says_that_it_was_reversed(world, paid):
    order, attempt = paid

    assert world.hear(attempt.ref, Said.REVERSED, code="09") is Outcome.APPLIED

    found = world.read(orders.get, order.id)
    assert (found.state, found.paid_at is None) == (OrderState.PAID, False)
    assert world.read(attempts.get, attempt.id).payment_state is PaymentState.REVERSED
    assert world.notices(order) == ["order.paid", "order.payment_reversed"]
    assert world.kinds(order) == [CaseKind.PAYMENT_REVERSED]
    with world.db.read() as tx:
        told = order_json(tx, found, base_url="https://pay.example")
    assert (told["payment_reversed"], told["refundable_amount"]) == (True, 0)
    assert whole(world) == []


def test_the_book_gives_the_rail_its_money_back_once(world, paid):
    _, attempt = paid
    said = [world.hear(attempt.ref, Said.REVERSED, code="09") for _ in range(3)]

    assert said == [Outcome.APPLIED, Outcome.KNOWN, Outcome.KNOWN]
    assert world.book() == {
        Account.DUE_FROM_PROVIDER: 0,
        Account.OWED_TO_BENEFICIARY: -5_000,
        Account.SUSPENSE: 0,
        Account.CHARGEBACKS: 5_000,
    }


def test_a_rail_may_number_its_taking_back_apart(world, paid):
    order, attempt = paid

    assert world.hear(attempt.ref, Said.REVERSED, txn="BACK-1") is Outcome.APPLIED
    [money] = world.read(collections.of_order, order.id)
    assert money.taken_back_at is not None
    assert world.hear(attempt.ref, txn="R1") is Outcome.KNOWN  # the old news once more


def test_another_amount_taken_back_is_for_staff_and_moves_nothing(world, paid):
    order, attempt = paid

    assert world.hear(attempt.ref, Said.REVERSED, dong=4_999) is Outcome.CONTRADICTS
    assert world.book()[Account.CHARGEBACKS] == 0
    assert world.kinds(order) == [CaseKind.KEY_CONFLICT]


def test_of_a_payment_that_never_came_it_is_an_end_without_money(world):
    order = world.order()
    attempt = world.attempt(order)

    assert world.hear(attempt.ref, Said.REVERSED) is Outcome.APPLIED
    assert world.hear(attempt.ref, Said.REVERSED) is Outcome.KNOWN
    assert world.read(attempts.get, attempt.id).payment_state is PaymentState.FAILED
    assert world.state(order) is OrderState.OPEN
    assert set(world.book().values()) == {0}


def test_a_duplicate_that_is_taken_back_leaves_the_order_alone(world, paid):
    order, _ = paid
    second = world.attempt(order)
    world.hear(second.ref, txn="R2")

    assert world.hear(second.ref, Said.REVERSED, txn="R2") is Outcome.APPLIED
    assert "order.payment_reversed" not in world.notices(order)
    assert CaseKind.PAYMENT_REVERSED in world.kinds(order)
    with world.db.read() as tx:
        found = orders.get(tx, order.id)
        assert found is not None
        told = order_json(tx, found, base_url="https://pay.example")
    assert (told["payment_reversed"], told["refundable_amount"]) == (False, 5_000)
    assert whole(world) == []


def test_money_that_comes_again_after_it_was_taken_back_waits_for_staff(world, paid):
    order, attempt = paid
    world.hear(attempt.ref, Said.REVERSED)

    world.hear(attempt.ref, txn="R9")

    assert world.suspense() == 5_000
    assert world.read(orders.get, order.id).state is OrderState.PAID


def test_money_of_nobody_is_taken_back_too(world):
    world.hear("NOBODY", txn="R7")

    for _ in range(2):
        assert world.hear("NOBODY", Said.REVERSED, txn="R7") is Outcome.UNKNOWN_ATTEMPT
    assert world.book()[Account.CHARGEBACKS] == 5_000
    assert world.received() == 0
