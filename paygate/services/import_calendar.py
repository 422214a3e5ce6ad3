"""Import days of a working calendar from a CSV: all of it, or nothing and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.calendar import FIRST_DAY, DayKind
from paygate.services.csv_rows import CsvRow, FileUnreadableError, Finding, csv_rows
from paygate.store import audit, calendars
from paygate.store.calendars import CalendarDay

COLUMNS = ("date", "kind", "name_vi", "name_en", "source")
NEEDED = ("date", "kind", "name_vi", "name_en")
NAME_LENGTH_MAX = 200
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day of which the file says something new; *before* is None where there was no row."""

    before: CalendarDay | None
    after: CalendarDay


def read_calendar(content: bytes, *, calendar: str) -> tuple[CalendarDay, ...]:
    """Return the days of a CSV in UTF-8 with the columns of `COLUMNS`, of no version yet.

    Raises:
        FileUnreadableError: with every finding.
    """
    findings: list[Finding] = []
    rows = csv_rows(content, columns=COLUMNS, needed=NEEDED, findings=findings)
    read: dict[date, CalendarDay] = {}
    for row in rows:
        day = _read_day(row, calendar, findings)
        if day is None:
            continue
        if day.date in read:
            findings.append(Finding(row.number, "date", "date_repeated"))
        read[day.date] = day
    if findings:
        raise FileUnreadableError(findings)
    return tuple(read.values())


def changes(tx: sa.Connection, given: tuple[CalendarDay, ...]) -> tuple[DayChange, ...]:
    """Return what the file says otherwise than the newest version, by date."""
    if not given:
        return ()
    name = given[0].calendar
    newest = calendars.newest(tx, name)
    known = {each.date: each for each in calendars.days(tx, name, version=newest)}
    found = []
    for day in sorted(given, key=lambda each: each.date):
        before, after = known.get(day.date), replace(day, version=newest + 1)
        if before is None or replace(before, version=newest + 1) != after:
            found.append(DayChange(before, after))
    return tuple(found)


def import_calendar(
    tx: sa.Connection, act: Act, given: tuple[CalendarDay, ...]
) -> tuple[DayChange, ...]:
    """Keep what is new as one new version, and return it; the same file again makes none."""
    new = changes(tx, given)
    if not new:
        return ()
    calendars.add(tx, tuple(each.after for each in new))
    name, version = new[0].after.calendar, new[0].after.version
    audit.note(
        tx,
        act,
        stream=f"calendar:{name}",
        action="calendar.changed",
        subject=f"calendar:{name}",
        facts={"version": version, "days": len(new)},
    )
    return new


def _read_day(row: CsvRow, calendar: str, findings: list[Finding]) -> CalendarDay | None:
    """Return the day, or add what is wrong with it to *findings*."""
    before = len(findings)
    day = row.day("date", findings)
    if day is None and len(findings) == before:
        findings.append(Finding(row.number, "date", "date_empty"))
    if day is not None and day < FIRST_DAY:
        findings.append(Finding(row.number, "date", "date_before_2000"))
    kind = row.cells["kind"]
    if kind not in set(DayKind):
        findings.append(Finding(row.number, "kind", "kind_unknown"))
    elif day is not None and kind == DayKind.MAKE_UP and day.weekday() < SATURDAY:
        findings.append(Finding(row.number, "kind", "make_up_on_a_weekday"))
    name_vi = row.text("name_vi", NAME_LENGTH_MAX, findings)
    name_en = row.text("name_en", NAME_LENGTH_MAX, findings)
    source = row.maybe_text("source", NAME_LENGTH_MAX, findings)
    if day is None or len(findings) > before:
        return None
    return CalendarDay(
        calendar=calendar,
        date=day,
        version=0,
        kind=DayKind(kind),
        name_vi=name_vi,
        name_en=name_en,
        source=source or "",
    )
