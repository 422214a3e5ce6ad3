"""What the law says a fee is, as imported data: prices and what they depend on (DOMAIN 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from paygate.domain.invariants import invariant
from paygate.domain.money import ZERO, Money

PERCENT = 100


class Channel(StrEnum):
    """How the dossier was filed."""

    ONLINE = "online"
    OFFLINE = "offline"


class RefundPolicy(StrEnum):
    """Whether the fee goes back when nothing went wrong with the payment itself (DOMAIN 9.2)."""

    FULL = "full"
    NONE = "none"
    UNPROCESSED_ONLY = "unprocessed_only"
    BY_REASON = "by_reason"


class FeeRuleUse(StrEnum):
    """What becomes of an order whose amount is not what the rules say."""

    OFF = "off"  # the rules are not looked at
    NOTE = "note"  # it is issued, and the line keeps that it differs
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeKey:
    """What a rule is about; None stands for all."""

    procedure_code: str | None
    case_code: str | None
    fee_code: str
    agency: str | None  # with all below it
    channel: Channel | None
    applicant_category: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One sum, a range of sums, or a sum for each unit; *highest* None is no upper end."""

    lowest: Money
    highest: Money | None
    unit: str | None = None

    def __post_init__(self) -> None:
        invariant(self.lowest >= ZERO, "a price below 0")
        invariant(self.highest is None or self.highest >= self.lowest, "a range upside down")
        invariant(self.unit is None or self.lowest > ZERO, "a unit that costs nothing")

    def allows(self, amount: Money) -> bool:
        """Return whether *amount* is lawful; of units it is some number, or the cap itself."""
        if self.highest is not None and amount > self.highest:
            return False
        if self.unit is None:
            return amount >= self.lowest
        whole = amount.dong % self.lowest.dong == 0
        return amount >= self.lowest and (whole or amount == self.highest)

    def covers(self, amount: Money) -> bool:
        """Return whether *amount* may be a part of what is lawful."""
        return self.highest is None or amount <= self.highest

    def __str__(self) -> str:
        if self.unit is not None:
            cap = "" if self.highest is None else f" <= {self.highest}"
            return f"{self.lowest}/{self.unit}{cap}"
        if self.highest == self.lowest:
            return str(self.lowest)
        return f"{self.lowest} - {'' if self.highest is None else self.highest}".rstrip()


def share(amount: Money, percent: int) -> Money:
    """Return *percent* of *amount*, rounded half up to whole dong (DOMAIN 4.2)."""
    return Money((amount.dong * percent + PERCENT // 2) // PERCENT)


def overlap(first: tuple[date, date | None], second: tuple[date, date | None]) -> bool:
    """Return whether two times of validity share a day; both ends belong to them."""
    begins, ends = max(first[0], second[0]), [each for _, each in (first, second) if each]
    return not ends or begins <= min(ends)
