"""Time comes in through one door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

VIETNAM = timezone(timedelta(hours=7), "ICT")
STAMP = "%Y%m%d%H%M%S"
STAMP_DIGITS = 14


class Clock(Protocol):
    """Tells the time, always in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # the one place


def business_date(instant: datetime) -> date:
    """Return the day that *instant* belongs to in the provider's books."""
    return instant.astimezone(VIETNAM).date()


def to_stamp(instant: datetime) -> str:
    """Write *instant* as most rails do: fourteen digits, by the clock of Viet Nam."""
    return instant.astimezone(VIETNAM).strftime(STAMP)


def from_stamp(text: str) -> datetime:
    """Read what `to_stamp` writes; ValueError for anything else."""
    # strptime alone would take a shorter text, and guess.
    if len(text) != STAMP_DIGITS or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a time stamp")
    return datetime.strptime(text, STAMP).replace(tzinfo=VIETNAM)


def in_vietnam(instant: datetime) -> datetime:
    """Return *instant* by the clock of Viet Nam, for people to read."""
    return instant.astimezone(VIETNAM)


def to_rfc3339(instant: datetime) -> str:
    """Write *instant* for programs: UTC, microseconds, `Z` (RFC 3339)."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
