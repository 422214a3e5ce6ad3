"""What staff must look at."""

from __future__ import annotations

from enum import StrEnum


class CaseKind(StrEnum):
    """Why a case is open."""

    AMOUNT_DIFFERS = "amount_differs"
    DUPLICATE_PAYMENT = "duplicate_payment"
    LATE_PAYMENT = "late_payment"
    UNKNOWN_ATTEMPT = "unknown_attempt"
    CONTRADICTION = "contradiction"
    PAYMENT_REVERSED = "payment_reversed"  # the rail took back what it had paid
    KEY_CONFLICT = "key_conflict"  # one rail transaction, told with two amounts or for two attempts


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
