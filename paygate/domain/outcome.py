"""What can become of a rail's report."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """The answer to a report, which each adapter says in its own words (DESIGN 3).

    The order has a meaning: from the best to the worst (see `worst`).
    """

    APPLIED = "applied"
    KNOWN = "known"
    CONTRADICTS = "contradicts"
    UNKNOWN_ATTEMPT = "unknown_attempt"
    AMOUNT_DIFFERS = "amount_differs"
    BAD_SIGNATURE = "bad_signature"
    UNREADABLE = "unreadable"
    TROUBLE = "trouble"


GRAVITY = {outcome: place for place, outcome in enumerate(Outcome)}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return what to answer to several reports in one message: the worst decides.

    A message without any report said nothing that we could read.
    """
    return max(outcomes, key=GRAVITY.__getitem__, default=Outcome.UNREADABLE)
