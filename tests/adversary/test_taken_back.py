"""Money that a rail takes back in an order of words that nobody wished for."""

import pytest

from paygate.domain.case import CaseKind, CaseState
from paygate.domain.order import OrderState
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentState
from paygate.ledger.chart import Account
from paygate.services.check_books import check_books
from paygate.store import attempts, cases, collections, orders
from paygate.web.book import read_book
from providers.contract import Said
from tests.support.builders import NOON


def whole(world):
    with world.db.read() as tx:
        return [each for each in check_books(tx) if each.findings]


def book_of(world, order):
    with world.db.read() as tx:
        book = read_book(tx, world.house.merchants, order.id, now=NOON)
    assert book is not None
    return book


def taken_back(world, order):
    with world.db.read() as tx:
        return [each.taken_back_at is not None for each in collections.of_order(tx, order.id)]


def state_of(world, attempt):
    return world.read(attempts.get, attempt.id).payment_state


def test_money_that_was_parked_and_taken_back_pays_nothing_when_it_is_told_again(world):
    """Told before our own attempt was seen (R04), taken back, and told once more."""
    order = world.order()
    world.hear("EARLY", txn="R1")
    world.hear("EARLY", Said.REVERSED, txn="R1")
    attempt = world.attempt(order, ref="EARLY")

    said = [world.hear(attempt.ref, txn="R1") for _ in range(2)]

    assert said == [Outcome.CONTRADICTS, Outcome.CONTRADICTS]
    assert world.state(order) is OrderState.PROCESSING
    assert world.notices(order) == []
    assert world.received() == 0
    assert whole(world) == []


def test_a_corrected_amount_of_money_that_was_taken_back_pays_nothing(world):
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref, dong=7_000)
    world.hear(attempt.ref, Said.REVERSED, dong=7_000)

    world.hear(attempt.ref, dong=5_000)

    assert world.state(order) is not OrderState.PAID
    assert world.book()[Account.OWED_TO_BENEFICIARY] == 0
    assert whole(world) == []


def test_the_second_of_two_takings_that_goes_back_leaves_attempt_and_page_paid(world):
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref, txn="R1")
    world.hear(attempt.ref, txn="R2")
    assert len(book_of(world, order).more) == 1

    world.hear(attempt.ref, Said.REVERSED, txn="R2")

    assert state_of(world, attempt) is PaymentState.PAID
    book = book_of(world, order)
    assert (book.is_reversed, book.more) == (False, ())
    assert "order.payment_reversed" not in world.notices(order)


def test_the_first_of_two_takings_that_goes_back_is_told_on_the_page(world):
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref, txn="R1")
    world.hear(attempt.ref, txn="R2")

    world.hear(attempt.ref, Said.REVERSED, txn="R1")

    assert book_of(world, order).is_reversed
    assert world.notices(order)[-1] == "order.payment_reversed"


def test_both_takings_gone_the_attempt_is_reversed(world):
    order = world.order()
    attempt = world.attempt(order)
    for said in (Said.PAID, Said.REVERSED):
        for txn in ("R1", "R2"):
            world.hear(attempt.ref, said, txn=txn)

    assert state_of(world, attempt) is PaymentState.REVERSED
    assert world.received() == 0


def test_money_of_another_amount_that_goes_back_keeps_nobody_from_paying(world):
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref, dong=4_000)
    assert book_of(world, order).differs

    world.hear(attempt.ref, Said.REVERSED, dong=4_000)

    book = book_of(world, order)
    assert (book.differs, book.waiting, book.more) == (False, None, ())
    open_kinds = {
        each.kind for each in world.read(cases.of_order, order.id) if each.state is CaseState.OPEN
    }
    assert open_kinds == {CaseKind.PAYMENT_REVERSED}


@pytest.mark.parametrize("words", [(Said.PAID, Said.REVERSED), (Said.REVERSED, Said.PAID)])
def test_paid_and_taken_back_end_the_same_in_whichever_order_they_come(world, words):
    """TRUST R03."""
    order = world.order()
    attempt = world.attempt(order)
    for said in words:
        world.hear(attempt.ref, said)

    found = world.read(orders.get, order.id)
    assert (found.state, state_of(world, attempt)) == (OrderState.PAID, PaymentState.REVERSED)
    assert taken_back(world, order) == [True]
    assert world.notices(order) == ["order.paid", "order.payment_reversed"]
    assert CaseKind.PAYMENT_REVERSED in world.kinds(order)
    assert world.book() == {
        Account.DUE_FROM_PROVIDER: 0,
        Account.OWED_TO_BENEFICIARY: -5_000,
        Account.SUSPENSE: 0,
        Account.CHARGEBACKS: 5_000,
    }
    assert whole(world) == []


def test_other_money_of_an_attempt_is_not_that_which_was_taken_back_before_it_came(world):
    order = world.order()
    attempt = world.attempt(order)
    world.hear(attempt.ref, Said.REVERSED, txn="R1")

    world.hear(attempt.ref, txn="R2")

    # It counts, and the word about the first waits for staff.
    assert world.state(order) is OrderState.PAID
    assert taken_back(world, order) == [False]
    assert CaseKind.PAYMENT_REVERSED in world.kinds(order)
    assert not book_of(world, order).is_reversed
