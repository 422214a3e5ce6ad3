"""Days, sessions and terms by a calendar that is data (RECONCILIATION 5)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.calendar import FIRST_DAY, Calendar, DayKind
from paygate.domain.clock import business_date
from paygate.domain.invariants import InvariantError

DAY = timedelta(days=1)
PLAIN = Calendar(name="vn", version=0, days={})
TET = {date(2026, 2, day): DayKind.OFF for day in range(16, 21)}
MAKE_UP = {date(2026, 8, 22): DayKind.MAKE_UP}
YEAR = Calendar(name="vn", version=1, days=TET | MAKE_UP)


def may(day):
    return date(2026, 5, day)


@pytest.mark.parametrize(
    ("first", "last", "session", "due"),
    [
        (date(2026, 9, 25), date(2026, 9, 27), date(2026, 9, 25), date(2026, 9, 28)),
        (date(2026, 2, 13), date(2026, 2, 22), date(2026, 2, 13), date(2026, 2, 23)),
        (date(2026, 8, 21), date(2026, 8, 21), date(2026, 8, 21), date(2026, 8, 22)),
        (date(2026, 8, 22), date(2026, 8, 23), date(2026, 8, 22), date(2026, 8, 24)),
    ],
)
def test_a_session_holds_its_day_and_the_days_off_after_it(first, last, session, due):
    days = [first + DAY * each for each in range((last - first).days + 1)]

    assert {YEAR.session(day) for day in days} == {session}
    assert {YEAR.due(day, 1) for day in days} == {due}
    assert len({YEAR.session_no(day) for day in days}) == 1


@pytest.mark.parametrize(
    ("kind", "monday", "saturday"),
    [
        (None, True, False),
        (DayKind.OFF, False, False),
        (DayKind.WORKING, True, True),
        (DayKind.MAKE_UP, True, True),
    ],
)
def test_a_row_counts_before_the_weekday(kind, monday, saturday):
    for day, works in ((may(4), monday), (may(9), saturday)):
        days = {} if kind is None else {day: kind}
        assert Calendar(name="vn", version=1, days=days).working(day) is works


@pytest.mark.parametrize(
    ("notice", "n", "last"),
    [
        (may(4), 0, may(4)),
        (may(4), 1, may(5)),
        (may(4), 5, may(11)),
        (may(8), 7, may(19)),
        (may(9), 1, may(11)),
        (date(2026, 2, 13), 7, date(2026, 3, 3)),
    ],
)
def test_a_term_of_working_days_begins_after_its_first_day(notice, n, last):
    assert YEAR.working_day_after(notice, n) == last


def test_sessions_are_counted_from_the_first_working_day_of_2000():
    assert PLAIN.session_no(date(2000, 1, 3)) == 1
    assert PLAIN.session_no(date(2000, 1, 9)) == 5
    assert PLAIN.session_no(date(2000, 1, 10)) == 6


def test_a_calendar_on_which_nobody_works_is_impossible():
    days = {may(1) + DAY * each: DayKind.OFF for each in range(200)}
    never = Calendar(name="vn", version=1, days=days)

    with pytest.raises(InvariantError):
        never.session(may(1) + DAY * 150)
    with pytest.raises(InvariantError):
        never.working_day_after(may(1), 1)


dates = st.dates(min_value=date(2000, 2, 1), max_value=date(2040, 12, 31))
calendars = st.builds(
    lambda days: Calendar(name="vn", version=1, days=days),
    st.dictionaries(
        st.dates(min_value=FIRST_DAY, max_value=date(2041, 12, 31)),
        st.sampled_from(DayKind),
        max_size=40,
    ),
)


@given(calendars, dates)
def test_a_session_is_a_working_day_up_to_the_day(calendar, day):
    session = calendar.session(day)

    assert session <= day
    assert calendar.working(session)
    assert not any(
        calendar.working(session + DAY * each) for each in range(1, (day - session).days + 1)
    )


@given(calendars, dates, st.integers(1, 10))
def test_what_is_due_comes_after_its_session_on_a_working_day(calendar, day, n):
    due = calendar.due(day, n)

    assert due > calendar.session(day)
    assert calendar.working(due)
    assert calendar.session_no(due) == calendar.session_no(day) + n


@given(calendars, dates)
def test_the_ordinal_steps_by_one_over_working_days_and_rests_on_the_others(calendar, day):
    step = calendar.session_no(day) - calendar.session_no(day - DAY)

    assert step == (1 if calendar.working(day) else 0)


@pytest.mark.parametrize(
    ("instant", "cutoff", "day"),
    [
        (datetime(2026, 2, 16, 17, 0, 0, tzinfo=UTC), time(), date(2026, 2, 17)),
        (datetime(2026, 2, 16, 16, 59, 59, tzinfo=UTC), time(), date(2026, 2, 16)),
        (datetime(2026, 2, 16, 9, 29, 59, tzinfo=UTC), time(16, 30), date(2026, 2, 16)),
        (datetime(2026, 2, 16, 9, 30, 0, tzinfo=UTC), time(16, 30), date(2026, 2, 17)),
        (datetime(2026, 2, 16, 16, 59, 59, tzinfo=UTC), time(16, 30), date(2026, 2, 17)),
        (datetime(2026, 2, 16, 17, 0, 0, tzinfo=UTC), time(16, 30), date(2026, 2, 17)),
    ],
)
def test_the_cutoff_begins_the_next_day(instant, cutoff, day):
    assert business_date(instant, cutoff=cutoff) == day
