"""Take money that came for an attempt: book it once, and let it pay the order where it fits."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.case import CaseKind, Disposition
from paygate.domain.clock import business_date
from paygate.domain.invariants import invariant
from paygate.domain.money import Money
from paygate.domain.notice import OF_CASE, Notice
from paygate.domain.order import ONCE, LateMoney
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentEvent, PaymentState
from paygate.ledger import journal, recipes
from paygate.ledger.recipes import Shares
from paygate.services.known_money import known_money
from paygate.services.move_order import move_order
from paygate.services.open_case import open_case
from paygate.services.told import Told
from paygate.store import cases, collections, lines, live_orders, orders, portals
from paygate.store.collections import Collection
from paygate.store.live_orders import LiveKey
from paygate.store.orders import FeeOrder

# The rail has taken money of the attempt before; more of it is another fact.
TAKEN = frozenset({PaymentState.PAID, PaymentState.REVERSED})


def take_money(tx: sa.Connection, act: Act, told: Told) -> Outcome:
    """Return what became of the money that the rail says it took for the attempt."""
    known = known_money(tx, told.attempt.account, told.report)
    if known is not None:
        return _told_before(tx, act, told, known)
    trouble = _misfit(tx, told)
    collection = _collect(tx, act, told, trouble)
    return _settle(tx, act, told, collection, trouble)


def _misfit(tx: sa.Connection, told: Told) -> CaseKind | None:
    """Return why the money does not pay the order, or None when it does."""
    if told.report.amount != told.attempt.amount:
        return CaseKind.AMOUNT_DIFFERS
    if told.attempt.payment_state is PaymentState.REVERSED:
        return CaseKind.CONTRADICTION
    if told.order.covered_by is not None:
        return CaseKind.DUPLICATE_PAYMENT
    return None if told.order.closed_as is None else _late_misfit(tx, told.order)


def _late_misfit(tx: sa.Connection, order: FeeOrder) -> CaseKind | None:
    """Return why late money does not fit; where it does, the order holds its key again."""
    portal = portals.get(tx, order.portal_id)
    if portal is None or portal.late_money is LateMoney.REFUND:
        return CaseKind.LATE_PAYMENT
    key = LiveKey(portal_id=order.portal_id, payable=order.payable, purpose=order.purpose)
    if live_orders.hold(tx, key, order.id) is not None:
        return CaseKind.DUPLICATE_PAYMENT
    # Where the fee may be due again, a paid order has let go of the key.
    if orders.has_paid(tx, order):
        live_orders.release(tx, order.id)
        return CaseKind.DUPLICATE_PAYMENT
    return None


def _collect(tx: sa.Connection, act: Act, told: Told, trouble: CaseKind | None) -> Collection:
    """Keep the collection and post it: to the beneficiaries if it fits, else to suspense."""
    fits = trouble is None
    collection = Collection(
        id=act.ids.new("col", act.now),
        account=told.attempt.account,
        rail_txn=told.report.collection_key,
        told_ref=told.report.attempt_ref,
        amount=told.report.amount,
        paid_at=told.report.paid_at,
        business_date=business_date(told.report.paid_at),
        attempt_id=told.attempt.id,
        order_id=told.order.id,
        disposition=Disposition.FITS if fits else Disposition.PARKED,
        created_at=act.now,
    )
    collections.add(tx, collection)
    account, txn, day = collection.account, collection.rail_txn, collection.business_date
    if fits:
        entry = recipes.collect(account, txn, _shares(tx, told.order), business_date=day)
    else:
        entry = recipes.park(account, txn, collection.amount, business_date=day)
    journal.post(tx, entry, booked_at=act.now)
    return collection


def _settle(
    tx: sa.Connection, act: Act, told: Told, collection: Collection, trouble: CaseKind | None
) -> Outcome:
    """Move attempt and order by money that is in the book, and say what became of it."""
    before = told.attempt.payment_state
    # With another amount the attempt is not paid, whatever the rail calls it (DESIGN 3).
    confirms = trouble is not CaseKind.AMOUNT_DIFFERS
    if confirms and before not in TAKEN:
        told = told.move_attempt(tx, PaymentEvent.CONFIRMED)
    if trouble is None:
        if told.order.purpose not in ONCE:
            live_orders.release(tx, told.order.id)
        paid = replace(told.order, covered_by=collection.id, paid_at=collection.paid_at)
        move_order(tx, act, paid, tell=(Notice.ORDER_PAID,), states=told.states)
        return Outcome.APPLIED
    is_new = _open(tx, act, told, collection, trouble)
    notice = OF_CASE.get(trouble) if is_new else None
    tell = () if notice is None else (notice,)
    move_order(tx, act, told.order, tell=tell, states=told.states)
    if trouble is CaseKind.AMOUNT_DIFFERS:
        return Outcome.AMOUNT_DIFFERS
    return Outcome.CONTRADICTS if before in TAKEN else Outcome.APPLIED


def _told_before(tx: sa.Connection, act: Act, told: Told, known: Collection) -> Outcome:
    """Handle money that is in the book already, under the name that the rail gives it."""
    ours = known.attempt_id == told.attempt.id
    corrected = known.amount != told.report.amount
    if ours and not corrected:
        return Outcome.KNOWN
    # What the rail has taken back since it told of it can pay nothing any more.
    here = known.disposition is Disposition.PARKED and known.taken_back_at is None
    waits = here and (ours or known.attempt_id is None)
    if corrected or not waits:
        # One transaction of the rail, told with two amounts or for two attempts.
        _open(tx, act, told, known, CaseKind.KEY_CONFLICT)
    # Suspense never gives more for a collection than it took in for it: staff decide.
    if not waits or told.report.amount > known.amount:
        return Outcome.CONTRADICTS
    trouble = _misfit(tx, told)
    if corrected and trouble is not None:
        return Outcome.CONTRADICTS
    _give_to_attempt(tx, act, told, known, fits=trouble is None)
    return _settle(tx, act, told, known, trouble)


def _give_to_attempt(
    tx: sa.Connection, act: Act, told: Told, known: Collection, *, fits: bool
) -> None:
    """Name the attempt of money that waited, and let it leave suspense if it fits."""
    collections.place(
        tx,
        known.id,
        Disposition.IDENTIFIED if fits else Disposition.PARKED,
        attempt_id=told.attempt.id,
        order_id=told.order.id,
    )
    for kind in (CaseKind.UNKNOWN_ATTEMPT, CaseKind.AMOUNT_DIFFERS):
        reason = f"identified:{told.attempt.id}"
        cases.resolve(tx, known.id, kind, resolution=reason, now=act.now)
    if fits:
        shares = _shares(tx, told.order)
        entry = recipes.identify(known.account, known.id, shares, business_date=known.business_date)
        journal.post(tx, entry, booked_at=act.now)


def _open(tx: sa.Connection, act: Act, told: Told, collection: Collection, kind: CaseKind) -> bool:
    retold = kind is CaseKind.KEY_CONFLICT
    return open_case(
        tx,
        act,
        kind,
        cause=f"{collection.id}:{told.attempt.id}:{told.report.amount.dong}",
        account=collection.account,
        order_id=told.order.id,
        attempt_id=told.attempt.id,
        collection_id=collection.id,
        expected=collection.amount if retold else told.attempt.amount,
        told=told.report.amount,
    )


def _shares(tx: sa.Connection, order: FeeOrder) -> Shares:
    """Return what each beneficiary is owed of the order: its lines, summed by agency."""
    owed: dict[str, int] = {}
    for line in lines.of_order(tx, order.id):
        owed[line.beneficiary] = owed.get(line.beneficiary, 0) + line.amount.dong
    invariant(sum(owed.values()) == order.amount.dong, f"the lines of {order.id} miss its amount")
    return tuple((agency, Money(dong)) for agency, dong in owed.items())
