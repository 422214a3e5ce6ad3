"""`paygate calendar …`: the days on which nobody works, and the weekends on which somebody does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from paygate.cli.common import configured, database, operators_act, problems, say
from paygate.cli.database import json_option

if TYPE_CHECKING:
    from paygate.services.import_calendar import DayChange


@click.group()
def calendar() -> None:
    """Working days, by which sessions and terms are counted."""


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@json_option
def import_calendar_command(file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Import days from a CSV in UTF-8: all rows, or none and every finding.

    Columns: date (as 2026-09-02), kind (OFF, WORKING, MAKE_UP), name_vi, name_en, and source if
    wanted. A day that the file does not name stays as it was. A change makes a new version.
    """
    from paygate.services.csv_rows import FileUnreadableError
    from paygate.services.import_calendar import changes, import_calendar, read_calendar
    from paygate.store.calendars import VIETNAM

    config, act = configured(), operators_act("calendar import")
    try:
        given = read_calendar(file.read_bytes(), calendar=VIETNAM)
    except FileUnreadableError as error:
        raise problems(error.lines) from None
    with database(config) as opened:
        if dry_run:
            with opened.read() as tx:
                found = changes(tx, given)
        else:
            found = opened.act(import_calendar, act, given)
    count = f"{len(given)} rows, {len(found)} {'would change' if dry_run else 'changed'}"
    say(
        "\n".join((*map(_change, found), count)),
        as_json=as_json,
        rows=len(given),
        changed=[each.after.date.isoformat() for each in found],
        dry_run=dry_run,
        version=found[0].after.version if found else None,
    )


@calendar.command("show")
@click.option("--year", type=click.IntRange(2000, 2199), required=True)
@click.option("--version", type=click.IntRange(1), help="An older one; default: the newest.")
@json_option
def show_calendar(*, year: int, version: int | None, as_json: bool) -> None:
    """Show the days of a year that are not as their weekday says."""
    from paygate.store import calendars

    config = configured()
    with database(config) as opened, opened.read() as tx:
        newest = calendars.newest(tx, calendars.VIETNAM)
        shown = min(version or newest, newest)
        held = calendars.days(tx, calendars.VIETNAM, version=shown)
    days = [each for each in held if each.date.year == year]
    human = "\n".join(
        f"{each.date.isoformat()} {each.date:%a}  {each.kind:<8} {each.name_vi} / {each.name_en}"
        f"{f'  [{each.source}]' if each.source else ''}"
        for each in days
    )
    rows = [
        {
            "date": each.date.isoformat(),
            "kind": each.kind.value,
            "name_vi": each.name_vi,
            "name_en": each.name_en,
            "source": each.source,
            "version": each.version,
        }
        for each in days
    ]
    say(
        f"version {shown}\n{human or f'no days of {year} were loaded'}",
        as_json=as_json,
        version=shown,
        days=rows,
    )


def _change(change: DayChange) -> str:
    before = "as its weekday" if change.before is None else change.before.kind.value
    after = change.after
    return f"{after.date.isoformat()}  {before} -> {after.kind.value}  {after.name_vi}"
