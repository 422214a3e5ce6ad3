"""A working calendar: all of the file, or nothing and every reason why; changes are versions."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from paygate.domain.calendar import DayKind
from paygate.services.csv_rows import FileUnreadableError
from paygate.services.import_calendar import changes, import_calendar, read_calendar
from paygate.store import audit, calendars
from tests.support.builders import an_act
from tests.support.fakes import CountingIds

FILE = """date,kind,name_vi,name_en,source
2026-09-02,OFF,Quốc khánh,National Day,[mem]
2026-08-22,MAKE_UP,Làm bù,Made up for,
"""
EXAMPLE = Path("docs/examples/calendar-2026.csv")


def read(text):
    return read_calendar(text.encode(), calendar="vn")


@pytest.fixture
def load(db):
    ids = CountingIds()

    def load(text):
        return db.act(import_calendar, an_act(ids=ids), read(text))

    return load


def count(db, table):
    with db.read() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_days_are_kept_as_the_first_version(db, load):
    assert [each.before for each in load(FILE)] == [None, None]

    with db.read() as tx:
        calendar = calendars.read(tx)
    assert (calendar.name, calendar.version) == ("vn", 1)
    assert calendar.days == {date(2026, 9, 2): DayKind.OFF, date(2026, 8, 22): DayKind.MAKE_UP}
    assert not calendar.working(date(2026, 9, 2))


def test_without_rows_weekdays_work(db):
    with db.read() as tx:
        calendar = calendars.read(tx)

    assert calendar.version == 0
    assert calendar.working(date(2026, 9, 2))


def test_the_same_file_again_changes_nothing(db, load):
    load(FILE)

    assert load(FILE) == ()
    assert (count(db, calendars.table), count(db, audit.table)) == (2, 1)


def test_a_change_is_a_new_version_and_the_old_one_stays(db, load):
    load(FILE)
    (change,) = load(FILE.replace("2026-09-02,OFF", "2026-09-02,WORKING"))

    assert (change.before.kind, change.after.kind) == (DayKind.OFF, DayKind.WORKING)
    with db.read() as tx:
        old, new = calendars.read(tx, version=1), calendars.read(tx)
    assert (old.version, old.working(date(2026, 9, 2))) == (1, False)
    assert (new.version, new.working(date(2026, 9, 2))) == (2, True)
    assert new.days[date(2026, 8, 22)] is DayKind.MAKE_UP


def test_a_changed_name_is_a_change(load):
    load(FILE)

    (change,) = load(FILE.replace("National Day", "Independence Day"))
    assert change.after.version == 2


def test_a_day_that_the_file_does_not_name_stays(db, load):
    load(FILE)
    load("date,kind,name_vi,name_en\n2026-01-01,OFF,Tết,New Year\n")

    with db.read() as tx:
        assert len(calendars.read(tx).days) == 3


def test_a_dry_run_says_what_would_change_and_keeps_nothing(db):
    with db.read() as tx:
        found = changes(tx, read(FILE))

    assert [each.after.date for each in found] == [date(2026, 8, 22), date(2026, 9, 2)]
    assert count(db, calendars.table) == 0


def test_every_finding_is_told_with_its_row():
    text = """date,kind,name_vi,name_en
2026-09-02,OFF,Quốc khánh,National Day
02/09/2026,OFF,A,A
,OFF,A,A
1999-12-31,OFF,A,A
2026-09-03,FEAST,A,A
2026-09-04,MAKE_UP,A,A
2026-09-07,OFF,,
2026-09-02,WORKING,A,A
2026-09-08,OFF,A
"""
    with pytest.raises(FileUnreadableError) as raised:
        read(text)

    assert [(each.row, each.column, each.code) for each in raised.value.findings] == [
        (3, "date", "not_a_date"),
        (4, "date", "date_empty"),
        (5, "date", "date_before_2000"),
        (6, "kind", "kind_unknown"),
        (7, "kind", "make_up_on_a_weekday"),
        (8, "name_vi", "name_vi_empty"),
        (8, "name_en", "name_en_empty"),
        (9, "date", "date_repeated"),
        (10, "", "wrong_number_of_columns"),
    ]


def test_the_example_holds_what_the_sessions_of_the_specification_need(load, db):
    load(EXAMPLE.read_text(encoding="utf-8"))

    with db.read() as tx:
        calendar = calendars.read(tx)
    assert calendar.session(date(2026, 2, 22)) == date(2026, 2, 13)
    assert calendar.due(date(2026, 2, 22), 1) == date(2026, 2, 23)
    assert calendar.due(date(2026, 8, 21), 1) == date(2026, 8, 22)


def test_every_row_of_the_example_says_where_it_comes_from():
    assert all(each.source for each in read(EXAMPLE.read_text(encoding="utf-8")))
