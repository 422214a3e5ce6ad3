"""A refund through the rail itself: the money goes back to where it came from.

One refund has one wire reference for ever, and a resend sends the same bytes. A rail that keeps
silent, or says that it was asked before, has not refused: what happened is unknown, and is asked
about. Only *failed* allows another transfer, so *failed* is said last of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """One transfer back to the payer, as it is told to the rail."""

    wire_ref: str  # of this transfer, never used for another one
    attempt_ref: AttemptRef
    rail_txn: str | None  # of the payment, where the rail gave it a number
    amount: Money
    collected: Money  # what the payment brought: the whole of it is a full refund
    created_at: datetime  # of the attempt
    ordered_at: datetime  # the same for every resend
    officer: str  # who let it go: a name of the staff table, no personal data
    reason: str
    again: bool = False  # sent before, without a clear answer; changes no byte


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """What we know of a refund when we ask the rail about it."""

    wire_ref: str
    attempt_ref: AttemptRef
    amount: Money
    created_at: datetime  # of the attempt
    asked_at: datetime
    rail_refund: str | None = None  # the rail's number of this refund, if it ever told one
    others: tuple[str, ...] = ()  # the rail's numbers of other refunds of the same payment


class RefundSaid(StrEnum):
    """What a rail can say of a refund."""

    ACCEPTED = "accepted"  # the request was taken, and nothing more was said
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # surely no money goes back by this request
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReport:
    """What the rail says became of a refund."""

    wire_ref: str
    rail_refund: str | None
    amount: Money
    said: RefundSaid
    code: str  # the rail's own word
    at: datetime  # by the rail's clock; where it names no time, when it was asked
