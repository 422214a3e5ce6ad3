"""What the rail's codes mean, and what we answer; each row with its source.

The full tables of the rail are not public. A code that stands here nowhere is *unknown*: never
failed, never paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paygate.domain.outcome import Outcome
from providers.contract import Said

OK = "00"
NOT_FOUND = "01"
BAD_CODE = "97"
OTHER = "99"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says, and who says that it does."""

    said: Said
    source: str


MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        OK: Meaning(Said.PAID, "a public Laravel service and a public Yii receiver"),
        OTHER: Meaning(Said.FAILED, "vector vnptpay-ipn-03, which follows the written rule"),
    }
)
"""RESPONSE_CODE of a callback."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What we reply to a callback: the rail's code, and a text for its log."""

    code: str
    description: str
    source: str


_TAKEN = Answer(OK, "Success", "a public Laravel service")

ANSWERS: Mapping[Outcome, Answer] = MappingProxyType(
    {
        Outcome.APPLIED: _TAKEN,
        Outcome.KNOWN: _TAKEN,
        # The money is in the book and a case is open: calling again would bring nothing new.
        Outcome.CONTRADICTS: _TAKEN,
        Outcome.AMOUNT_DIFFERS: _TAKEN,
        Outcome.UNKNOWN_ATTEMPT: Answer(NOT_FOUND, "Order not found", "a public Laravel service"),
        Outcome.BAD_SIGNATURE: Answer(BAD_CODE, "Bad secure code", "a public Laravel service"),
        Outcome.UNREADABLE: Answer(OTHER, "Unreadable", "a public Laravel service: 99 is the rest"),
        Outcome.TROUBLE: Answer(OTHER, "Try again", "a public Laravel service: 99 is the rest"),
    }
)

EMULATED_STATUSES: Mapping[str, Said] = MappingProxyType(
    {"00": Said.PAID, "01": Said.PENDING, "99": Said.FAILED}
)
"""TRANSACTION_STATUS as our emulator and sandbox accounts speak it; the rail's list is not public.

A production account starts with an empty map, by its setting `transaction_statuses`.
"""
