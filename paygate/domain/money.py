"""Whole dong.

The dong has no smaller unit, so an amount is an int and nothing rounds. Signs, decimals,
separators inside a number from a program, and bools are refused where they come in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DONG_MAX = 10**15 - 1  # above any fee by far, and exact in JSON readers that use doubles
_WRITTEN = re.compile(r"(?:0|[1-9][0-9]{0,2}(?:\.[0-9]{3})*|[1-9][0-9]*)(?:[ \u00a0](?:VND|đ))?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of Vietnamese dong; negative only inside the ledger."""

    dong: int

    def __post_init__(self) -> None:
        # bool is an int, and True dong is a bug.
        if type(self.dong) is not int:
            raise TypeError(f"dong must be an int, not {type(self.dong).__name__}")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read what `str` writes, and plain digits: `5.000 VND`, `5.000`, `5000`.

        Raises:
            ValueError: for anything else, such as signs, decimals or other digits.
        """
        if not _WRITTEN.fullmatch(text):
            raise ValueError("not an amount of whole dong")
        dong = int("".join(each for each in text if each.isascii() and each.isdigit()))
        if dong > DONG_MAX:
            raise ValueError("more than any fee can be")
        return cls(dong)

    def __add__(self, other: Money) -> Money:
        return Money(self.dong + other.dong)

    def __sub__(self, other: Money) -> Money:
        return Money(self.dong - other.dong)

    def __neg__(self) -> Money:
        return Money(-self.dong)

    def __bool__(self) -> bool:
        return self.dong != 0

    def __str__(self) -> str:
        return f"{self.dong:,}".replace(",", ".") + " VND"


ZERO = Money(0)


def total(amounts: tuple[Money, ...]) -> Money:
    """Return the sum of *amounts*, 0 VND for none."""
    return sum(amounts, start=ZERO)
