"""One order, one attempt, and everything that can happen to them (TRUST R03).

The rail has charged; everything happens after the order's time is over, so that the expiry sweep
can come at every place. A cancellation comes as it does in life: the wish, then the worker.
"""

from contextlib import suppress
from typing import Any

from paygate.domain.act import Act
from paygate.domain.case import CaseKind
from paygate.domain.errors import OrderPaidError
from paygate.domain.order import OrderState
from paygate.domain.outcome import Outcome
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.cancel_order import ask_cancel, cancel_orders
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
)
from tests.support.fakes import CountingIds, FakeLine, FakeRail, SteppingClock, says
from webhooks.inbox import receive

RAIL = FakeRail()
EVENTS = (
    "callback paid",
    "return",
    "query paid",
    "expiry sweep",
    "callback failed, then paid",
    "cancel",
)
SAID = frozenset({Outcome.APPLIED, Outcome.KNOWN, Outcome.CONTRADICTS})
UNPAID = frozenset({OrderState.EXPIRED, OrderState.CANCELLED})


class OnePayment:
    """One order whose time is over, one attempt that the rail charged."""

    def __init__(self, db: Any, ids: CountingIds | None = None, **wanted: object) -> None:
        self.db, self.line, self.ids = db, FakeLine(), ids or CountingIds()
        self.house = a_house(db, send=self.line)
        act = an_act(ids=self.ids)
        self.order = db.act(an_order, act, **wanted)
        self.attempt = db.act(an_attempt, act, self.order)
        self.clock = SteppingClock(self.order.expires_at)
        self.clock.step(hours=1)
        self.said: list[Outcome] = []
        self.charged = True

    @property
    def txn(self) -> str:
        return f"R-{self.attempt.ref}"

    def act(self) -> Act:
        return an_act(self.clock.step(seconds=1), ids=self.ids)

    def callback(self, code: str) -> None:
        arrival = a_callback(RAIL, self.attempt.ref, code=code, txn=self.txn)
        answer = receive(self.house, self.act(), a_merchant(), arrival)
        self.said.append(Outcome(answer.body.decode()))

    def happen(self, event: str) -> None:
        match event:
            case "callback paid":
                self.callback("00")
            case "return":
                act = self.act()
                self.db.act(attempts.ask_soon, self.attempt.id, now=act.now, not_since=act.now)
            case "query paid":
                code = "00" if self.charged else "01"
                self.line.says(says(self.attempt.ref, code=code, txn=self.txn, paid_at=NOON))
                act = self.act()
                self.db.act(attempts.ask_now, self.attempt.id, now=act.now, not_since=act.now)
                chase_pending(self.house, act)
            case "expiry sweep":
                self.nobody_answers()
                expire_orders(self.house, self.act())
            case "cancel":
                self.nobody_answers()
                with suppress(OrderPaidError):
                    self.db.act(ask_cancel, self.act(), self.order.id)
                self.clock.step(seconds=11)
                cancel_orders(self.house, self.act())
            case "callback failed, then paid":
                self.callback("51")
                self.callback("00")
            case _:
                raise AssertionError(event)

    def nobody_answers(self) -> None:
        """Let the rail be silent to the question before an end: the hardest case."""
        self.line.answer = FakeLine().answer
        self.clock.step(minutes=2)  # no question is in the air any more

    def end(self) -> tuple[OrderState, dict[Account, int], int, set[CaseKind]]:
        """Return the order, the sums of the book, the money's count, and what staff must see."""
        with self.db.read() as tx:
            order = orders.get(tx, self.order.id)
            kept = collections.of_order(tx, self.order.id)
            opened = {each.kind for each in cases.of_order(tx, self.order.id)}
            book = {a: m.dong for a, m in journal.trial_balance(tx).items()}
        assert order is not None
        return order.state, book, len(kept), opened


def book(*, owed: int, suspense: int) -> dict[Account, int]:
    return {
        Account.DUE_FROM_PROVIDER: owed + suspense,
        Account.OWED_TO_BENEFICIARY: -owed,
        Account.SUSPENSE: -suspense,
        Account.CHARGEBACKS: 0,
    }


PAID = book(owed=5_000, suspense=0)
WAITS = book(owed=0, suspense=5_000)
