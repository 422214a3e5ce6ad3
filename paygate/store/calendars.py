"""Days of the working calendars: a change is a new version, and old versions stay readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from paygate.domain.calendar import Calendar, DayKind
from paygate.store.base import StateColumn, many, metadata, one_of, values

VIETNAM = "vn"  # the name under which the calendar of the country is kept

table = sa.Table(
    "calendar_day",
    metadata,
    sa.Column("calendar", sa.Text, primary_key=True),
    sa.Column("date", sa.Date, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("kind", StateColumn(DayKind), nullable=False),
    sa.Column("name_vi", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # which notice says so, or that nobody is sure
    one_of("kind", DayKind),
    sa.CheckConstraint("version > 0", "version_counts"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """What one version of a calendar began to say of a day; a later version may say otherwise."""

    calendar: str
    date: date
    version: int
    kind: DayKind
    name_vi: str
    name_en: str
    source: str


ADD = table.insert()
NEWEST = sa.select(sa.func.max(table.c.version)).where(
    table.c.calendar == sa.bindparam("of_calendar")
)
DAYS = (
    sa.select(table)
    .where(
        table.c.calendar == sa.bindparam("of_calendar"),
        table.c.version <= sa.bindparam("up_to"),
    )
    .order_by(table.c.date, table.c.version)
)


def add(tx: sa.Connection, days: tuple[CalendarDay, ...]) -> None:
    """Keep the days that a new version of their calendar says otherwise."""
    tx.execute(ADD, [values(day) for day in days])


def newest(tx: sa.Connection, calendar: str) -> int:
    """Return the newest version of the calendar, 0 before anything was loaded."""
    return tx.execute(NEWEST, {"of_calendar": calendar}).scalar_one() or 0


def days(tx: sa.Connection, calendar: str, *, version: int) -> tuple[CalendarDay, ...]:
    """Return the rows that hold in *version*, one a day, by their dates."""
    found = many(CalendarDay, tx.execute(DAYS, {"of_calendar": calendar, "up_to": version}))
    return tuple({each.date: each for each in found}.values())  # the newest of a day comes last


def read(tx: sa.Connection, calendar: str = VIETNAM, *, version: int | None = None) -> Calendar:
    """Return the calendar in *version*, the newest by default; without rows weekdays work."""
    wanted = newest(tx, calendar) if version is None else version
    held = days(tx, calendar, version=wanted)
    return Calendar(name=calendar, version=wanted, days={each.date: each.kind for each in held})
