"""Book money that names no attempt of ours, once, before the rail is answered (DESIGN 2.10)."""

from __future__ import annotations

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.case import CaseKind, Disposition
from paygate.domain.clock import business_date
from paygate.domain.ids import AccountCode
from paygate.ledger import journal, recipes
from paygate.services.known_money import known_money
from paygate.services.open_case import open_case
from paygate.store import audit, collections
from paygate.store.collections import Collection
from providers.contract import Report


def park_money(tx: sa.Connection, act: Act, account: AccountCode, report: Report) -> None:
    """Put the money of *report* into suspense with a case; the same news again changes nothing."""
    known = known_money(tx, account, report)
    if known is None:
        _park(tx, act, account, report)
    elif known.attempt_id is not None or known.amount != report.amount:
        # One transaction of the rail, told with two amounts or for two references.
        open_case(
            tx,
            act,
            CaseKind.KEY_CONFLICT,
            cause=f"{known.id}:{report.attempt_ref}:{report.amount.dong}",
            account=account,
            collection_id=known.id,
            expected=known.amount,
            told=report.amount,
        )


def _park(tx: sa.Connection, act: Act, account: AccountCode, report: Report) -> None:
    collection = Collection(
        id=act.ids.new("col", act.now),
        account=account,
        rail_txn=report.collection_key,
        told_ref=report.attempt_ref,
        amount=report.amount,
        paid_at=report.paid_at,
        business_date=business_date(report.paid_at),
        attempt_id=None,
        order_id=None,
        disposition=Disposition.PARKED,
        created_at=act.now,
    )
    collections.add(tx, collection)
    entry = recipes.park(
        account, collection.rail_txn, collection.amount, business_date=collection.business_date
    )
    journal.post(tx, entry, booked_at=act.now)
    open_case(
        tx,
        act,
        CaseKind.UNKNOWN_ATTEMPT,
        cause=collection.id,
        account=account,
        collection_id=collection.id,
        told=report.amount,
    )
    audit.note(
        tx,
        act,
        stream=f"collection:{collection.id}",
        action="payment.parked",
        subject=f"collection:{collection.id}",
        facts={
            "account": account,
            "rail_txn": report.rail_txn,
            "amount": report.amount.dong,
        },
    )
