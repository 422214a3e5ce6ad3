"""Book what a rail takes back after it had paid: the order stays paid, and staff must act."""

from __future__ import annotations

from dataclasses import replace

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
from paygate.store import cases, collections
from paygate.store.collections import Collection
from providers.contract import Report, Said


def take_back(tx: sa.Connection, act: Act, told: Told) -> Outcome | None:
    """Return what became of the news, or None where no money of the attempt is in the book.

    The order keeps its state, its time and its money's name (DESIGN 3): what the citizen was told
    is not untold by a machine. Each collection is taken back once.
    """
    own = [
        each
        for each in collections.of_order(tx, told.order.id)
        if each.attempt_id == told.attempt.id
    ]
    if not own:
        _remember(tx, act, told)
        return None
    money = _meant(own, told.report)
    if money is None:
        _open(tx, act, own[0], told.report, CaseKind.KEY_CONFLICT)
        return Outcome.CONTRADICTS
    outcome = _book(tx, act, money, told.report)
    if outcome is not Outcome.APPLIED:
        return outcome
    left = any(
        each.id != money.id and each.taken_back_at is None and each.amount == told.attempt.amount
        for each in own
    )
    # Of a rail that took money twice and gave one back, the attempt is still paid.
    if told.attempt.payment_state is PaymentState.PAID and not left:
        told = told.move_attempt(tx, PaymentEvent.TAKEN_BACK)
    covers = told.order.covered_by == money.id
    tell = (Notice.ORDER_PAYMENT_REVERSED,) if covers else ()
    move_order(tx, act, told.order, tell=tell, states=told.states)
    return Outcome.APPLIED


def take_back_if_told_before(tx: sa.Connection, act: Act, told: Told) -> None:
    """Take the money of *told* back at once if the rail said that before it said paid.

    The end is the same in whichever order the two words come (TRUST R03).
    """
    if cases.is_open(tx, CaseKind.PAYMENT_REVERSED, _early(told)):
        take_back(tx, act, replace(told, report=replace(told.report, said=Said.REVERSED)))


def _remember(tx: sa.Connection, act: Act, told: Told) -> None:
    """Show staff what was taken back and never came: by this the money is known if it does."""
    open_case(
        tx,
        act,
        CaseKind.PAYMENT_REVERSED,
        cause=_early(told),
        account=told.attempt.account,
        order_id=told.order.id,
        attempt_id=told.attempt.id,
        told=told.report.amount,
    )


def _early(told: Told) -> str:
    return f"{told.attempt.id}:taken_back_before:{told.report.collection_key}"


def take_back_parked(tx: sa.Connection, act: Act, account: AccountCode, report: Report) -> None:
    """Book that the rail takes back money which named no attempt of ours, if it is in the book."""
    no_name = f"ref:{report.attempt_ref}"
    found = collections.called(tx, account, report.collection_key, no_name)
    nobodys = next((each for each in found if each.attempt_id is None), None)
    if nobodys is not None:
        _book(tx, act, nobodys, report)


def _meant(own: list[Collection], report: Report) -> Collection | None:
    """Return the money that is taken back, or None where only people can tell which it is.

    A rail may number the taking back apart from the payment, or never have numbered that.
    """
    name = report.collection_key
    for each in own:
        if name in {each.rail_txn, each.also, each.taken_back_as}:
            return each
    alike = [each for each in own if each.taken_back_at is None and each.amount == report.amount]
    return alike[0] if len(alike) == 1 else None


def _book(tx: sa.Connection, act: Act, money: Collection, report: Report) -> Outcome:
    """Give the rail back what it took, once, and show it to staff."""
    if money.taken_back_at is not None:
        return Outcome.KNOWN
    if report.amount and report.amount != money.amount:
        _open(tx, act, money, report, CaseKind.KEY_CONFLICT)
        return Outcome.CONTRADICTS
    collections.take_back(tx, money.id, report.collection_key, at=report.paid_at)
    day = business_date(report.paid_at)
    entry = recipes.take_back(money.account, money.rail_txn, money.amount, business_date=day)
    journal.post(tx, entry, booked_at=act.now)
    # Of money that is gone nobody need find out whose it is: this case stands for it now.
    cases.resolve(
        tx,
        money.id,
        CaseKind.AMOUNT_DIFFERS,
        resolution=f"taken_back:{report.collection_key}",
        now=act.now,
    )
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
