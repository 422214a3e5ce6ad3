"""What must be so in the book, asked of the database itself: who breaks it is named."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.ledger.chart import Account
from paygate.ledger.journal import table
from paygate.store import collections

FINDINGS_MAX = 20
_SUM = sa.func.sum(sa.cast(table.c.amount, sa.BigInteger))
_COLLECTION = collections.table.c
_CAUSE = (
    sa.literal("collect:")
    .concat(_COLLECTION.account)
    .concat(sa.literal(":"))
    .concat(_COLLECTION.rail_txn)
)
_DUE = (
    sa.select(table.c.cause, _SUM.label("dong"))
    .where(table.c.account == Account.DUE_FROM_PROVIDER, table.c.cause.startswith("collect:"))
    .group_by(table.c.cause)
    .subquery()
)
_IDENTIFIED = sa.exists().where(table.c.cause == sa.literal("identify:").concat(_COLLECTION.id))
UNBALANCED = sa.select(table.c.cause).group_by(table.c.cause).having(_SUM != 0).limit(FINDINGS_MAX)
NOT_BOOKED = (
    sa.select(_COLLECTION.id)
    .join_from(collections.table, _DUE, _DUE.c.cause == _CAUSE, isouter=True)
    .where(sa.or_(_DUE.c.dong.is_(None), _DUE.c.dong != sa.cast(_COLLECTION.amount, sa.BigInteger)))
    .limit(FINDINGS_MAX)
)
NOT_COLLECTED = (
    sa.select(_DUE.c.cause)
    .join_from(_DUE, collections.table, _DUE.c.cause == _CAUSE, isouter=True)
    .where(_COLLECTION.id.is_(None))
    .limit(FINDINGS_MAX)
)
MISPLACED = (
    sa.select(_COLLECTION.id)
    .where((_COLLECTION.disposition == Disposition.IDENTIFIED) != _IDENTIFIED)
    .limit(FINDINGS_MAX)
)
_TAKEN_BACK = sa.exists().where(
    table.c.cause
    == sa.literal("takeback:")
    .concat(_COLLECTION.account)
    .concat(sa.literal(":"))
    .concat(_COLLECTION.rail_txn)
)
HALF_TAKEN_BACK = (
    sa.select(_COLLECTION.id)
    .where(_COLLECTION.taken_back_at.is_not(None) != _TAKEN_BACK)
    .limit(FINDINGS_MAX)
)
OVERDRAWN = (
    sa.select(table.c.detail)
    .where(table.c.account == Account.SUSPENSE)
    .group_by(table.c.detail)
    .having(_SUM > 0)
    .limit(FINDINGS_MAX)
)


def unbalanced(tx: sa.Connection) -> list[str]:
    """Return entries whose legs do not sum to nothing."""
    return _named(tx, UNBALANCED, "does not sum to 0")


def unbooked(tx: sa.Connection) -> list[str]:
    """Return collections that the book does not hold, or holds with another amount."""
    return _named(tx, NOT_BOOKED, "is not in the ledger with its amount")


def uncollected(tx: sa.Connection) -> list[str]:
    """Return entries of money that no collection brought."""
    return _named(tx, NOT_COLLECTED, "has no collection")


def misplaced(tx: sa.Connection) -> list[str]:
    """Return collections that left suspense without an entry, or the other way round."""
    return _named(tx, MISPLACED, "is identified in one place alone")


def half_taken_back(tx: sa.Connection) -> list[str]:
    """Return collections that the rail took back without an entry, or the other way round."""
    return _named(tx, HALF_TAKEN_BACK, "is taken back in one place alone")


def overdrawn(tx: sa.Connection) -> list[str]:
    """Return accounts whose suspense has given more than it took."""
    return _named(tx, OVERDRAWN, "has given more from suspense than came in")


def _named(tx: sa.Connection, query: sa.Select[Any], what: str) -> list[str]:
    return [f"{each} {what}" for each in tx.execute(query).scalars()]
