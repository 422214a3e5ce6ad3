"""R03: in whatever order the news of one payment arrive, the end is the same.

Without late money one of exactly two ends is reached: the order was paid before it was closed, or
it is closed (expired or cancelled, whichever came first) and the money waits in suspense.
"""

import os
from itertools import permutations

import pytest

from paygate.domain.case import CaseKind
from paygate.domain.order import LateMoney, OrderState
from tests.support.builders import furnish
from tests.support.one_payment import EVENTS, PAID, SAID, UNPAID, WAITS, OnePayment

ALL = tuple(permutations(EVENTS))
# `make prove` takes them all; a fifth meets every event at every place.
ORDERS = ALL[:: int(os.environ.get("PAYGATE_EVERY_ORDER", "5"))]
SIZE = f"{len(ORDERS)} of {len(ALL)} orders"
CHARGED = pytest.mark.parametrize(
    "charge_first", [True, False], ids=[f"charged first, {SIZE}", f"charged last, {SIZE}"]
)


def lives(db, late_money, charge_first):
    """Yield the end of every order of events, each in a world that leaves no trace."""
    for order_of_events in ORDERS:
        trial = db.connection.begin_nested()
        db.act(furnish, late_money=late_money)
        world = OnePayment(db)
        world.charged = charge_first
        for event in order_of_events:
            if not charge_first and event in {"callback paid", "callback failed, then paid"}:
                # The rail charges last: till then it can only say that it waits or failed.
                world.callback("51" if "failed" in event else "01")
            else:
                world.happen(event)
        if not charge_first:
            world.charged = True
            world.callback("00")
        yield order_of_events, world
        trial.rollback()


@CHARGED
def test_with_late_money_accepted_every_order_ends_the_same(db, charge_first):
    seen = 0
    for order_of_events, world in lives(db, LateMoney.ACCEPT, charge_first):
        state, balances, count, opened = world.end()
        assert (state, balances) == (OrderState.PAID, PAID), order_of_events
        assert count == 1
        # A failure told after the payment is the one thing that staff may have to look at.
        assert opened <= {CaseKind.CONTRADICTION}, order_of_events
        assert set(world.said) <= SAID
        seen += 1
    assert seen == len(ORDERS)


def test_every_event_is_met_at_every_place():
    for place in range(len(EVENTS)):
        assert {each[place] for each in ORDERS} == set(EVENTS)


@CHARGED
def test_without_it_one_of_exactly_two_ends_is_reached_and_every_dong_is_placed(db, charge_first):
    ends = []
    for order_of_events, world in lives(db, LateMoney.REFUND, charge_first):
        state, balances, count, opened = world.end()
        unpaid = state in UNPAID
        assert unpaid or state is OrderState.PAID, order_of_events
        assert balances == (WAITS if unpaid else PAID), order_of_events
        assert count == 1
        assert (CaseKind.LATE_PAYMENT in opened) == unpaid
        assert set(world.said) <= SAID
        ends.append(state)
    # Charged last, sweep or cancellation has closed every order; charged first, all ends are met.
    assert set(ends) == UNPAID | ({OrderState.PAID} if charge_first else set())
