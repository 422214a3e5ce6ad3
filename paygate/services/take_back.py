"""Book what a rail takes back after it had paid: the order stays paid, and staff must act."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.case import CaseKind
from paygate.domain.clock import business_date
from paygate.domain.notice import Notice
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentEvent, PaymentState
from paygate.ledger import journal, recipes
from paygate.services.move_order import move_order
from paygate.services.open_case import open_case
from paygate.services.told import Told
from paygate.store import collections
from paygate.store.collections import Collection


def take_back(tx: sa.Connection, act: Act, told: Told) -> Outcome | None:
    """Return what became of the news, or None where no money of the attempt is in the book.

    The order keeps its state, its time and its money's name (DESIGN 3): what the citizen was told
    is not untold by a machine. Each collection is taken back once.
    """
    money = _money(tx, told)
    if money is None:
        return None
    if money.taken_back_at is not None:
        return Outcome.KNOWN
    if told.report.amount and told.report.amount != money.amount:
        _open(tx, act, told, money, CaseKind.KEY_CONFLICT)
        return Outcome.CONTRADICTS
    collections.take_back(tx, money.id, at=told.report.paid_at)
    entry = recipes.take_back(
        money.account,
        money.rail_txn,
        money.amount,
        business_date=business_date(told.report.paid_at),
    )
    journal.post(tx, entry, booked_at=act.now)
    if told.attempt.payment_state is PaymentState.PAID:
        told = told.move_attempt(tx, PaymentEvent.TAKEN_BACK)
    _open(tx, act, told, money, CaseKind.PAYMENT_REVERSED)
    covers = told.order.covered_by == money.id
    tell = (Notice.ORDER_PAYMENT_REVERSED,) if covers else ()
    move_order(tx, act, told.order, tell=tell, states=told.states)
    return Outcome.APPLIED


def _money(tx: sa.Connection, told: Told) -> Collection | None:
    """Return the money that is meant: by the rail's number, else the one that covers the order."""
    name = told.report.collection_key
    own = [
        each
        for each in collections.of_order(tx, told.order.id)
        if each.attempt_id == told.attempt.id
    ]
    named = next((each for each in own if name in {each.rail_txn, each.also}), None)
    if named is not None or not own:
        return named
    # A rail may number its taking back apart from the payment.
    return next((each for each in own if each.id == told.order.covered_by), own[0])


def _open(tx: sa.Connection, act: Act, told: Told, money: Collection, kind: CaseKind) -> None:
    open_case(
        tx,
        act,
        kind,
        cause=f"{money.id}:taken_back:{told.report.amount.dong}",
        account=money.account,
        order_id=told.order.id,
        attempt_id=told.attempt.id,
        collection_id=money.id,
        expected=money.amount,
        told=told.report.amount,
    )
