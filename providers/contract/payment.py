"""A payment: what we ask a rail to open, and what the rail says became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send the citizen."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowQr:
    """What the citizen scans with a bank's app, or types there from what stands beside it.

    The amount is the attempt's, and it holds until the attempt's session ends.
    """

    payload: str  # what the code says, as the apps read it
    bank_bin: str
    account_number: str
    account_holder: str
    memo: str  # by which the money is recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """One attempt to pay one order."""

    attempt_ref: AttemptRef
    amount: Money
    description: str  # Vietnamese, no personal data, NFC
    dossier_code: str
    bank: str | None  # the choice within the rail, where it has one
    language: str  # vi or en
    return_url: str
    client_ip: str
    created_at: datetime
    expires_at: datetime


class Said(StrEnum):
    """What a rail can say of an attempt. Never a bool: not paid is not failed."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    REVERSED = "reversed"  # it was paid, and the rail has taken the money back


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the rail says became of an attempt."""

    attempt_ref: AttemptRef
    rail_txn: str | None
    amount: Money
    said: Said
    code: str  # the rail's own word
    paid_at: datetime  # by the rail's clock; if not paid, when it said so

    @property
    def collection_key(self) -> str:
        """Name the money: the rail's transaction, else our own reference (DESIGN 3)."""
        if self.rail_txn is None or self.rail_txn == "":
            return f"ref:{self.attempt_ref}"
        # A rail's number must never pass for our reference.
        strange = self.rail_txn.startswith(("ref:", "txn:"))
        return f"txn:{self.rail_txn}" if strange else self.rail_txn


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """What we know of an attempt when we ask the rail about it."""

    attempt_ref: AttemptRef
    amount: Money
    created_at: datetime
    asked_at: datetime
