"""Time comes in through one door."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Protocol

VIETNAM = timezone(timedelta(hours=7), "ICT")
MIDNIGHT = time()
STAMP = "%Y%m%d%H%M%S"
STAMP_DIGITS = 14


class Clock(Protocol):
    """Tells the time, always in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  # the one place


def business_date(instant: datetime, *, cutoff: time = MIDNIGHT) -> date:
    """Return the day that *instant* belongs to in the provider's books.

    From a *cutoff* other than midnight on it is the next day (RECONCILIATION 5.1).
    """
    local = in_vietnam(instant)
    late = cutoff != MIDNIGHT and local.time() >= cutoff
    return local.date() + timedelta(days=1) if late else local.date()


def to_stamp(instant: datetime) -> str:
    """Write *instant* as most rails do: fourteen digits, by the clock of Viet Nam."""
    return in_vietnam(instant).strftime(STAMP)


def from_stamp(text: str) -> datetime:
    """Read what `to_stamp` writes, as UTC; ValueError for anything else."""
    # strptime alone would take a shorter text, and guess.
    if len(text) != STAMP_DIGITS or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a time stamp")
    return datetime.strptime(text, STAMP).replace(tzinfo=VIETNAM).astimezone(UTC)


def in_vietnam(instant: datetime) -> datetime:
    """Return *instant* by the clock of Viet Nam, for people to read."""
    return _aware(instant).astimezone(VIETNAM)


def to_rfc3339(instant: datetime) -> str:
    """Write *instant* for programs: UTC, microseconds, `Z` (RFC 3339)."""
    return _aware(instant).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _aware(instant: datetime) -> datetime:
    # astimezone() would read a naive time by the zone of the machine, and move a payment to
    # another session.
    if instant.tzinfo is None:
        raise ValueError("a time without zone")
    return instant
