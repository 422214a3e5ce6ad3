"""How the house stands, counted across its tables for those who watch it: one cheap question each.

Whatever grows for ever is counted for a stretch of time only, by an index.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.case import CaseKind, CaseState
from paygate.domain.ids import AccountCode
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentState
from paygate.store import attempts, cases, deliveries, endpoints, evidence, orders, outbox, sealed
from paygate.store.base import many, one
from paygate.store.deliveries import DeliveryState
from paygate.store.evidence import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAttempts:
    """Attempts of an account that have no end yet."""

    account: AccountCode
    payment_state: PaymentState
    number: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OldestLive:
    """The attempt that has waited longest for its end, and its order."""

    order_code: str
    account: AccountCode
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedCode:
    """A word of a rail that we have no meaning for, and how many live attempts it left unknown."""

    account: AccountCode
    code: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Words of rails of one outcome."""

    account: AccountCode
    kind: MessageKind
    outcome: Outcome
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits, and since when at the longest."""

    number: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCases:
    """Open cases of one kind."""

    kind: CaseKind
    number: int
    oldest_at: datetime


_COUNT = sa.func.count().label("number")
_ATTEMPT, _CASE, _MESSAGE = attempts.table.c, cases.table.c, evidence.table.c
_DELIVERY, _OUTBOX = deliveries.table.c, outbox.table.c
LIVE = (
    sa.select(
        _ATTEMPT.account,
        _ATTEMPT.payment_state,
        _COUNT,
        sa.func.min(_ATTEMPT.created_at).label("oldest_at"),
    )
    .where(attempts.IS_LIVE)
    .group_by(_ATTEMPT.account, _ATTEMPT.payment_state)
)
OLDEST_LIVE = (
    sa.select(orders.table.c.code.label("order_code"), _ATTEMPT.account, _ATTEMPT.created_at)
    .join_from(attempts.table, orders.table, orders.table.c.id == _ATTEMPT.order_id)
    .where(attempts.IS_LIVE)
    .order_by(_ATTEMPT.created_at)
    .limit(1)
)
UNMAPPED = (
    sa.select(_ATTEMPT.account, _ATTEMPT.rail_code.label("code"), _COUNT)
    .where(
        attempts.IS_LIVE,
        _ATTEMPT.payment_state == PaymentState.UNKNOWN,
        _ATTEMPT.rail_code.is_not(None),
    )
    .group_by(_ATTEMPT.account, _ATTEMPT.rail_code)
)
MESSAGES = (
    sa.select(_MESSAGE.account, _MESSAGE.kind, _MESSAGE.outcome, _COUNT)
    .where(
        # All that there are, so that the index is used though it begins with these two.
        _MESSAGE.account.in_(sa.bindparam("accounts", expanding=True)),
        _MESSAGE.outcome.in_(tuple(Outcome)),
        _MESSAGE.arrived_at > sa.bindparam("since"),
    )
    .group_by(_MESSAGE.account, _MESSAGE.kind, _MESSAGE.outcome)
)
UNADDRESSED = sa.select(_COUNT, sa.func.min(_OUTBOX.created_at).label("oldest_at")).where(
    _OUTBOX.addressed_at.is_(None)
)
WAITING = (
    sa.select(_COUNT, sa.func.min(_DELIVERY.due_at).label("oldest_at"))
    .join_from(deliveries.table, endpoints.table, endpoints.table.c.id == _DELIVERY.endpoint_id)
    .where(
        _DELIVERY.state == DeliveryState.WAITING,
        endpoints.table.c.enabled == sa.bindparam("is_on", type_=sa.Boolean()),
    )
)
DEAD = sa.select(sa.func.count()).where(_DELIVERY.state == DeliveryState.DEAD)
DELIVERED = sa.select(sa.func.count()).where(
    _DELIVERY.state == DeliveryState.DELIVERED, _DELIVERY.due_at > sa.bindparam("since")
)
OPEN_CASES = (
    sa.select(_CASE.kind, _COUNT, sa.func.min(_CASE.opened_at).label("oldest_at"))
    .where(_CASE.state == CaseState.OPEN)
    .group_by(_CASE.kind)
    .order_by(_CASE.kind)
)
KIDS = sa.select(sealed.table.c.kid).distinct().order_by(sealed.table.c.kid)


def live(tx: sa.Connection) -> tuple[LiveAttempts, ...]:
    """Return the attempts without an end, by account and state."""
    return many(LiveAttempts, tx.execute(LIVE))


def oldest_live(tx: sa.Connection) -> OldestLive | None:
    """Return the attempt that has waited longest for its end."""
    return one(OldestLive, tx.execute(OLDEST_LIVE))


def unmapped(tx: sa.Connection) -> tuple[UnmappedCode, ...]:
    """Return the words of rails that left live attempts unknown."""
    return many(UnmappedCode, tx.execute(UNMAPPED))


def messages(
    tx: sa.Connection, accounts: Collection[AccountCode], *, since: datetime
) -> tuple[Messages, ...]:
    """Return what rails said after *since*, by account, road and outcome."""
    asked = {"accounts": sorted(accounts), "since": since}
    return many(Messages, tx.execute(MESSAGES, asked))


def unaddressed(tx: sa.Connection) -> Queue:
    """Return the messages to portals of which no deliveries were made."""
    return many(Queue, tx.execute(UNADDRESSED))[0]


def waiting(tx: sa.Connection, *, enabled: bool) -> Queue:
    """Return the deliveries that wait, by when they are due, at endpoints that are on or off."""
    return many(Queue, tx.execute(WAITING, {"is_on": enabled}))[0]


def dead(tx: sa.Connection) -> int:
    """Return how many deliveries were given up."""
    return int(tx.execute(DEAD).scalar_one())


def delivered(tx: sa.Connection, *, since: datetime) -> int:
    """Return how many deliveries arrived after *since*."""
    return int(tx.execute(DELIVERED, {"since": since}).scalar_one())


def open_cases(tx: sa.Connection) -> tuple[OpenCases, ...]:
    """Return the open cases by their kind."""
    return many(OpenCases, tx.execute(OPEN_CASES))


def kids(tx: sa.Connection) -> tuple[str, ...]:
    """Return the keys under which something is sealed."""
    return tuple(tx.execute(KIDS).scalars())
