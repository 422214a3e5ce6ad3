"""R03: in whatever order the news of one payment arrive, the end is the same.

The world: one order, one attempt, and the rail has charged. Everything happens after the order's
time is over, so that the expiry sweep can come at every place. Without late money one of exactly
two ends is reached: the order was paid before it was closed, or the money waits in suspense.
"""

from itertools import permutations

import pytest

from paygate.domain.case import CaseKind
from paygate.domain.order import LateMoney, OrderState
from paygate.domain.outcome import Outcome
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.chase_pending import chase_pending
from paygate.services.expire_orders import expire_orders
from paygate.store import attempts, cases, collections, orders
from tests.support.builders import (
    NOON,
    a_callback,
    a_house,
    a_merchant,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import CountingIds, FakeLine, FakeRail, SteppingClock, says
from webhooks.inbox import receive

RAIL = FakeRail()
EVENTS = ("callback paid", "return", "query paid", "expiry sweep", "callback failed, then paid")
SAID = frozenset({Outcome.APPLIED, Outcome.KNOWN, Outcome.CONTRADICTS})


class World:
    """One order whose time is over, one attempt that the rail charged."""

    def __init__(self, db, late_money):
        db.act(furnish, late_money=late_money)
        self.db, self.line, self.ids = db, FakeLine(), CountingIds()
        self.house = a_house(db, send=self.line)
        act = an_act(ids=self.ids)
        self.order = db.act(an_order, act)
        self.attempt = db.act(an_attempt, act, self.order)
        self.clock = SteppingClock(self.order.expires_at)
        self.clock.step(hours=1)
        self.said = []
        self.charged = True

    def act(self):
        return an_act(self.clock.step(seconds=1), ids=self.ids)

    def callback(self, code):
        arrival = a_callback(RAIL, self.attempt.ref, code=code)
        answer = receive(self.house, self.act(), a_merchant(), arrival)
        self.said.append(Outcome(answer.body.decode()))

    def rail_answers(self):
        code = "00" if self.charged else "01"
        self.line.says(says(self.attempt.ref, code=code, paid_at=NOON))

    def happen(self, event):
        match event:
            case "callback paid":
                self.callback("00")
            case "return":
                act = self.act()
                self.db.act(attempts.ask_soon, self.attempt.id, now=act.now, not_since=act.now)
            case "query paid":
                self.rail_answers()
                act = self.act()
                self.db.act(attempts.ask_now, self.attempt.id, now=act.now, not_since=act.now)
                chase_pending(self.house, act)
            case "expiry sweep":
                # The rail is silent to the question before the end: the hardest case.
                self.line.answer = FakeLine().answer
                self.clock.step(minutes=2)  # no question is in the air any more
                expire_orders(self.house, self.act())
            case "callback failed, then paid":
                self.callback("51")
                self.callback("00")
            case _:
                raise AssertionError(event)

    def end(self):
        with self.db.read() as tx:
            book = {a: m.dong for a, m in journal.trial_balance(tx).items()}
            order = orders.get(tx, self.order.id)
            kept = collections.of_order(tx, self.order.id)
            opened = {each.kind for each in cases.of_order(tx, self.order.id)}
        assert order is not None
        return order.state, book, len(kept), opened


def book(*, owed, suspense):
    return {
        Account.DUE_FROM_PROVIDER: 5_000,
        Account.OWED_TO_BENEFICIARY: -owed,
        Account.SUSPENSE: -suspense,
    }


PAID = (OrderState.PAID, book(owed=5_000, suspense=0))
WAITS = (OrderState.EXPIRED, book(owed=0, suspense=5_000))


def lives(db, late_money, charge_first):
    """Yield the end of every order of events, each in a world that leaves no trace."""
    for order_of_events in permutations(EVENTS):
        trial = db.connection.begin_nested()
        world = World(db, late_money)
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


@pytest.mark.parametrize("charge_first", [True, False], ids=["charged first", "charged last"])
def test_with_late_money_accepted_every_order_ends_the_same(db, charge_first):
    seen = 0
    for order_of_events, world in lives(db, LateMoney.ACCEPT, charge_first):
        state, balances, count, opened = world.end()
        assert (state, balances) == PAID, order_of_events
        assert count == 1
        # A failure told after the payment is the one thing that staff may have to look at.
        assert opened <= {CaseKind.CONTRADICTION}, order_of_events
        assert set(world.said) <= SAID
        seen += 1
    assert seen == 120


@pytest.mark.parametrize("charge_first", [True, False], ids=["charged first", "charged last"])
def test_without_it_one_of_exactly_two_ends_is_reached_and_every_dong_is_placed(db, charge_first):
    ends = []
    for order_of_events, world in lives(db, LateMoney.REFUND, charge_first):
        state, balances, count, opened = world.end()
        assert (state, balances) in (PAID, WAITS), order_of_events
        assert count == 1
        assert (CaseKind.LATE_PAYMENT in opened) == (state is OrderState.EXPIRED)
        assert set(world.said) <= SAID
        ends.append(state)
    # Charged last, the sweep has closed every order; charged first, both ends are met.
    assert set(ends) == {OrderState.EXPIRED} | ({OrderState.PAID} if charge_first else set())
