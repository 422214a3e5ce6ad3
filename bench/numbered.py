"""Names that carry a number, so that one order can be copied into thousands by its number."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from paygate.domain.ids import AttemptRef, Token

SAMPLE = 100_000_000_000  # twelve digits, as every number after it has
OPEN_SAMPLE = 500_000_000_000  # of orders that nobody has begun to pay


class NumberedIds:
    """Makes every name out of one number; *era* keeps apart who makes them."""

    def __init__(self, number: int, *, era: int) -> None:
        self._number = number
        self._calls = count(era)

    def new(self, prefix: str, now: datetime) -> str:
        """Return an id of the length and shape of a real one."""
        del now
        return f"{prefix}_00000000-0000-7000-{next(self._calls):04d}-{self._number}"

    def token(self) -> Token:
        """Return a token as long as a real one."""
        return Token(f"{next(self._calls):020d}{self._number}")

    def attempt_ref(self) -> AttemptRef:
        """Return the reference that the callbacks of this number name."""
        return attempt_ref(self._number)

    def code_payload(self) -> str:
        """Return seven characters for each sample; copies write their number behind them."""
        return f"BENCH0{str(self._number)[0]}"


def attempt_ref(number: int) -> AttemptRef:
    """Return the attempt reference of order *number*."""
    return AttemptRef(f"BENCHREF{number}")


def at(number: int, text: str, *, sample: int = SAMPLE) -> str:
    """Return *text* of the sample as it is for order *number*."""
    return text.replace(str(sample), str(number))
