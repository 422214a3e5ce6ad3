"""What staff must look at."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CaseKind(StrEnum):
    """Why a case is open."""

    AMOUNT_DIFFERS = "amount_differs"
    DUPLICATE_PAYMENT = "duplicate_payment"
    LATE_PAYMENT = "late_payment"
    UNKNOWN_ATTEMPT = "unknown_attempt"
    CONTRADICTION = "contradiction"
    PAYMENT_REVERSED = "payment_reversed"  # the rail took back what it had paid
    KEY_CONFLICT = "key_conflict"  # one rail transaction, told with two amounts or for two attempts


# Where the truth itself is in doubt, then where somebody's money is held, then the rest.
_GRAVEST, _GRAVE, _PLAIN = 1, 2, 3
_SEVERITIES: Mapping[CaseKind, int] = MappingProxyType(
    {
        CaseKind.AMOUNT_DIFFERS: _GRAVE,
        CaseKind.UNKNOWN_ATTEMPT: _GRAVE,
        CaseKind.DUPLICATE_PAYMENT: _PLAIN,
        CaseKind.LATE_PAYMENT: _PLAIN,
    }
)


def severity(kind: CaseKind) -> int:
    """Return how soon a case wants somebody, 1 the soonest; a kind that is new comes first."""
    return _SEVERITIES.get(kind, _GRAVEST)


class CaseState(StrEnum):
    """The life of a case, as far as the paying journey knows it."""

    OPEN = "open"
    RESOLVED = "resolved"


class Disposition(StrEnum):
    """What became of a collection (DESIGN 3)."""

    FITS = "fits"
    PARKED = "parked"
    IDENTIFIED = "identified"
    RETURNED = "returned"
