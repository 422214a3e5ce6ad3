"""Book what a rail takes back after it had paid: the order stays paid, and staff must act."""

from __future__ import annotations

from itertools import chain

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.case import CaseKind
from paygate.domain.clock import business_date
from paygate.domain.ids import AccountCode
from paygate.domain.notice import Notice
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentEvent, PaymentState
from paygate.ledger import journal, recipes
from paygate.services.move_order import move_order
from paygate.services.open_case import open_case
from paygate.services.told import Told
from paygate.store import collections
from paygate.store.collections import Collection
from providers.contract import Report


def take_back(tx: sa.Connection, act: Act, told: Told) -> Outcome | None:
    """Return what became of the news, or None where no money of the attempt is in the book.

    The order keeps its state, its time and its money's name (DESIGN 3): what the citizen was told
    is not untold by a machine. Each collection is taken back once.
    """
    money = _money(tx, told)
    if money is None:
        return None
    outcome = _book(tx, act, money, told.report)
    if outcome is not Outcome.APPLIED:
        return outcome
    if told.attempt.payment_state is PaymentState.PAID:
        told = told.move_attempt(tx, PaymentEvent.TAKEN_BACK)
    covers = told.order.covered_by == money.id
    tell = (Notice.ORDER_PAYMENT_REVERSED,) if covers else ()
    move_order(tx, act, told.order, tell=tell, states=told.states)
    return Outcome.APPLIED


def take_back_parked(tx: sa.Connection, act: Act, account: AccountCode, report: Report) -> None:
    """Book that the rail takes back money which named no attempt of ours, if it is in the book."""
    no_name = f"ref:{report.attempt_ref}"
    found = collections.called(tx, account, report.collection_key, no_name)
    nobodys = next((each for each in found if each.attempt_id is None), None)
    if nobodys is not None:
        _book(tx, act, nobodys, report)


def _money(tx: sa.Connection, told: Told) -> Collection | None:
    """Return the money that is meant: by the rail's number, else the one that covers the order."""
    name, amount = told.report.collection_key, told.report.amount
    own = [
        each
        for each in collections.of_order(tx, told.order.id)
        if each.attempt_id == told.attempt.id
    ]
    if not own:
        return None
    named = (each for each in own if name in {each.rail_txn, each.also})
    # A rail may number its taking back apart from the payment, or never have numbered that.
    unnamed = (each for each in own if each.rails_number is None and each.amount == amount)
    covering = (each for each in own if each.id == told.order.covered_by)
    return next(chain(named, unnamed, covering), own[0])


def _book(tx: sa.Connection, act: Act, money: Collection, report: Report) -> Outcome:
    """Give the rail back what it took, once, and show it to staff."""
    if money.taken_back_at is not None:
        return Outcome.KNOWN
    if report.amount and report.amount != money.amount:
        _open(tx, act, money, report, CaseKind.KEY_CONFLICT)
        return Outcome.CONTRADICTS
    collections.take_back(tx, money.id, at=report.paid_at)
    day = business_date(report.paid_at)
    entry = recipes.take_back(money.account, money.rail_txn, money.amount, business_date=day)
    journal.post(tx, entry, booked_at=act.now)
    _open(tx, act, money, report, CaseKind.PAYMENT_REVERSED)
    return Outcome.APPLIED


def _open(tx: sa.Connection, act: Act, money: Collection, report: Report, kind: CaseKind) -> None:
    open_case(
        tx,
        act,
        kind,
        cause=f"{money.id}:taken_back:{report.amount.dong}",
        account=money.account,
        order_id=money.order_id,
        attempt_id=money.attempt_id,
        collection_id=money.id,
        expected=money.amount,
        told=report.amount,
    )
