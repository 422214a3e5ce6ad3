"""The house of the adversarial tests: one fake rail, and ways to speak for it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.order import LateMoney
from paygate.house import Merchants
from paygate.ledger import journal
from paygate.ledger.chart import Account
from paygate.services.record_payment import record_payment
from paygate.store import cases, orders, outbox
from providers.contract import Report, Said
from tests.support.builders import (
    FAKE,
    NOON,
    a_house,
    an_act,
    an_attempt,
    an_order,
    furnish,
)
from tests.support.fakes import CountingIds, FakeLine


@dataclass
class World:
    """One furnished house, and short ways to act in it."""

    db: Any
    ids: CountingIds = field(default_factory=CountingIds)
    line: FakeLine = field(default_factory=FakeLine)
    merchants: Merchants | None = None

    @property
    def house(self):
        return a_house(self.db, send=self.line, merchants=self.merchants)

    def act(self, now=NOON):
        return an_act(now, ids=self.ids)

    def order(self, now=NOON, **wanted):
        return self.db.act(an_order, self.act(now), **wanted)

    def attempt(self, order, now=NOON, **more):
        return self.db.act(an_attempt, self.act(now), order, **more)

    def hear(self, ref, said=Said.PAID, *, dong=5_000, txn="R1", now=NOON, code="00"):
        report = Report(
            attempt_ref=AttemptRef(ref),
            rail_txn=txn,
            amount=Money(dong),
            said=said,
            code=code,
            paid_at=now,
        )
        return self.db.act(record_payment, self.act(now), FAKE, report)

    def read(self, of, *args):
        with self.db.read() as tx:
            return of(tx, *args)

    def state(self, order):
        return self.read(orders.get, order.id).state

    def kinds(self, order):
        return [each.kind for each in self.read(cases.of_order, order.id)]

    def notices(self, order):
        return [each.type for each in self.read(outbox.of_order, order.id)]

    def book(self):
        return {a: m.dong for a, m in self.read(journal.trial_balance).items()}

    def received(self):
        return self.book()[Account.DUE_FROM_PROVIDER]

    def suspense(self):
        return -self.book()[Account.SUSPENSE]


@pytest.fixture
def world(db):
    db.act(furnish)
    return World(db)


@pytest.fixture
def lenient(db):
    """The same, of a portal that takes late money."""
    db.act(furnish, late_money=LateMoney.ACCEPT)
    return World(db)
