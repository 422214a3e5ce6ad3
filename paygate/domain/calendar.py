"""The working calendar: which days work, and which session a day belongs to (RECONCILIATION 5).

Tet, lunar days, compensatory and swapped days are rows that somebody loads once a year, never code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from paygate.domain.invariants import invariant

FIRST_DAY = date(2000, 1, 1)  # sessions are counted from here
REST_MAX = 60  # days without work in a row: above any holiday, so a wrong calendar ends a search
_DAY = timedelta(days=1)
_WEEK = 7
_WORKDAYS = 5


class DayKind(StrEnum):
    """What a row of the calendar says of its day."""

    OFF = "OFF"
    WORKING = "WORKING"  # also on a weekend: what the row above it said no longer holds
    MAKE_UP = "MAKE_UP"  # a day of a weekend that works for another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One version of a calendar; a day without a row works from Monday to Friday."""

    name: str
    version: int
    days: Mapping[date, DayKind]

    def working(self, day: date) -> bool:
        """Return whether *day* works."""
        kind = self.days.get(day)
        return _is_weekday(day) if kind is None else kind is not DayKind.OFF

    def session(self, day: date) -> date:
        """Return the latest working day up to *day*: a session holds the days off after it."""
        found = day
        while not self.working(found):
            found -= _DAY
            invariant((day - found).days <= REST_MAX, f"calendar {self.name} does not work")
        return found

    def due(self, day: date, n: int) -> date:
        """Return the *n*-th working day after the session of *day*; the session itself for 0."""
        return self.working_day_after(self.session(day), n)

    def working_day_after(self, day: date, n: int) -> date:
        """Return the *n*-th working day after *day*, which itself is not counted."""
        invariant(n >= 0, "a count of working days")
        found = day
        for _ in range(n):
            before = found
            found += _DAY
            while not self.working(found):
                found += _DAY
                invariant((found - before).days <= REST_MAX, f"calendar {self.name} does not work")
        return found

    def session_no(self, day: date) -> int:
        """Return the ordinal of the session of *day* among working days since 2000-01-01."""
        session = self.session(day)
        swapped = sum(
            self.working(each) - _is_weekday(each)
            for each in self.days
            if FIRST_DAY <= each <= session
        )
        return _weekdays(session) + swapped


def _is_weekday(day: date) -> bool:
    return day.weekday() < _WORKDAYS


def _weekdays(day: date) -> int:
    """Return how many days from Monday to Friday lie between the first day and *day*, both in."""
    weeks, rest = divmod((day - FIRST_DAY).days + 1, _WEEK)
    started = (FIRST_DAY + timedelta(days=weeks * _WEEK + each) for each in range(rest))
    return weeks * _WORKDAYS + sum(_is_weekday(each) for each in started)
