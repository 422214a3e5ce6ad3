"""Balanced entries: what goes into the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from paygate.domain.invariants import invariant
from paygate.domain.money import Money
from paygate.ledger.chart import Account


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an entry: debits are positive, credits negative."""

    account: Account
    detail: str  # merchant account or agency
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Legs that sum to nothing, the fact that caused them, and its day by the rail's clock."""

    cause: str
    business_date: date
    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        invariant(self.legs, f"{self.cause} has no legs")
        invariant(sum(leg.amount.dong for leg in self.legs) == 0, f"{self.cause} does not balance")
