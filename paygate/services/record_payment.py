"""Apply what a rail says of an attempt: the only place where an attempt becomes paid.

Whichever road the news took (callback, query, replay, later the settlement file), it ends here.
The order is locked first; state, ledger, audit, outbox and cases belong to the caller's
transaction, so they commit together or not at all. Money that came is in the book before the
outcome is returned, whatever the outcome is (DESIGN 2.10, 2.11).
"""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.case import CaseKind
from paygate.domain.ids import AccountCode
from paygate.domain.outcome import Outcome
from paygate.domain.payment import LIVE, TRANSITIONS, PaymentEvent, PaymentState
from paygate.services.move_order import move_order
from paygate.services.open_case import open_case
from paygate.services.park_money import park_money
from paygate.services.take_back import take_back, take_back_if_told_before, take_back_parked
from paygate.services.take_money import take_money
from paygate.services.told import Told
from paygate.store import attempts, audit, orders
from providers.contract import Report, Said

EVENTS = {
    Said.PAID: PaymentEvent.CONFIRMED,
    Said.PENDING: PaymentEvent.HELD,
    Said.FAILED: PaymentEvent.DECLINED,
    Said.CANCELLED: PaymentEvent.GIVEN_UP,
    Said.UNKNOWN: PaymentEvent.LOST,
    # Of a payment that never was in the book: then it has ended, and nothing came.
    Said.REVERSED: PaymentEvent.DECLINED,
}
STATES = {
    Said.PENDING: PaymentState.PENDING,
    Said.FAILED: PaymentState.FAILED,
    Said.CANCELLED: PaymentState.CANCELLED,
    Said.UNKNOWN: PaymentState.UNKNOWN,
    Said.REVERSED: PaymentState.FAILED,
}


def record_payment(tx: sa.Connection, act: Act, account: AccountCode, report: Report) -> Outcome:
    """Return what became of *report*, which the rail at *account* verifiably said."""
    told = _lock(tx, account, report)
    if told is None:
        if report.said is Said.PAID:
            park_money(tx, act, account, report)
        elif report.said is Said.REVERSED:
            take_back_parked(tx, act, account, report)
        return Outcome.UNKNOWN_ATTEMPT
    outcome = _apply(tx, act, told)
    audit.note(
        tx,
        act,
        stream=f"order:{told.order.id}",
        action=f"payment.{report.said}",
        subject=f"attempt:{told.attempt.id}",
        facts={
            "account": account,
            "rail_txn": report.rail_txn,
            "rail_code": report.code,
            "amount": report.amount.dong,
            "outcome": outcome.value,
        },
    )
    return outcome


def _apply(tx: sa.Connection, act: Act, told: Told) -> Outcome:
    match told.report.said:
        case Said.PAID:
            return _take_money(tx, act, told)
        case Said.REVERSED:
            return take_back(tx, act, told) or _take_news(tx, act, told)
        case _:
            return _take_news(tx, act, told)


def _take_money(tx: sa.Connection, act: Act, told: Told) -> Outcome:
    outcome = take_money(tx, act, told)
    # What was taken back before it came has failed; the plain case asks nothing more.
    if told.attempt.payment_state is PaymentState.FAILED:
        now_is = _lock(tx, told.attempt.account, told.report)
        if now_is is not None:
            take_back_if_told_before(tx, act, now_is)
    return outcome


def _lock(tx: sa.Connection, account: AccountCode, report: Report) -> Told | None:
    """Hold the order, then read its attempts: what was read before the lock would be old."""
    order = orders.lock_tried(tx, report.attempt_ref, account)
    if order is None:
        return None
    tried = {each.ref: each for each in attempts.of_order(tx, order.id)}
    attempt = tried.pop(report.attempt_ref)
    return Told(order=order, attempt=attempt, others=tuple(tried.values()), report=report)


def _take_news(tx: sa.Connection, act: Act, told: Told) -> Outcome:
    """Return what became of news that bring no money."""
    attempt, report = told.attempt, told.report
    # Where nothing was paid, 0 is no other amount.
    if report.amount and report.amount != attempt.amount:
        _open(tx, act, told, CaseKind.AMOUNT_DIFFERS)
        return Outcome.AMOUNT_DIFFERS
    state, event = attempt.payment_state, EVENTS[report.said]
    on_the_way = report.said in {Said.PENDING, Said.UNKNOWN}
    # Late news of the way there says nothing to one who has arrived.
    if state is STATES[report.said] or (on_the_way and state not in LIVE):
        return Outcome.KNOWN
    if (state, event) not in TRANSITIONS:
        _open(tx, act, told, CaseKind.CONTRADICTION)
        return Outcome.CONTRADICTS
    told = told.move_attempt(tx, event)
    move_order(tx, act, told.order, states=told.states)
    return Outcome.APPLIED


def _open(tx: sa.Connection, act: Act, told: Told, kind: CaseKind) -> None:
    """Show staff news that do not fit, though no money came with them."""
    open_case(
        tx,
        act,
        kind,
        cause=f"{told.attempt.id}:{told.report.said}:{told.report.amount.dong}",
        account=told.attempt.account,
        order_id=told.order.id,
        attempt_id=told.attempt.id,
        expected=told.attempt.amount,
        told=told.report.amount,
    )
