from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.clock import (
    VIETNAM,
    SystemClock,
    business_date,
    from_stamp,
    in_vietnam,
    to_rfc3339,
    to_stamp,
)
from tests.support.strategies import instants

NAIVE = datetime(2026, 2, 16, 17, 0)  # noqa: DTZ001  # the mistake under test


@given(instants, instants)
def test_business_days_never_run_backwards(one, other):
    earlier, later = sorted((one, other))

    assert business_date(earlier) <= business_date(later)


@given(st.dates(date(2018, 1, 1), date(2100, 1, 1)))
def test_the_business_day_changes_at_seventeen_utc(day):
    midnight = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)

    assert business_date(midnight - timedelta(microseconds=1)) == day
    assert business_date(midnight) == day + timedelta(days=1)


@given(instants, st.integers(-12, 14))
def test_the_zone_an_instant_is_written_in_does_not_matter(instant, hours):
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))

    assert business_date(elsewhere) == business_date(instant)
    assert to_stamp(elsewhere) == to_stamp(instant)
    assert to_rfc3339(elsewhere) == to_rfc3339(instant)


def test_the_session_of_a_payment_after_midnight_is_the_new_day():
    assert business_date(datetime(2026, 2, 16, 17, tzinfo=UTC)) == date(2026, 2, 17)


@pytest.mark.parametrize(
    ("local", "stamp"),
    [
        (datetime(2026, 11, 20, 13, 5, tzinfo=VIETNAM), "20261120130500"),
        (datetime(2026, 11, 20, 0, 30, tzinfo=VIETNAM), "20261120003000"),
        (datetime(2026, 11, 20, 12, 0, tzinfo=VIETNAM), "20261120120000"),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=VIETNAM), "20261231235959"),
        (datetime(2028, 2, 29, 0, 0, tzinfo=VIETNAM), "20280229000000"),
    ],
)
def test_a_stamp_is_the_clock_of_viet_nam_with_twenty_four_hours(local, stamp):
    assert to_stamp(local) == stamp
    assert from_stamp(stamp) == local


@given(instants)
def test_stamps_keep_whole_seconds(instant):
    assert from_stamp(to_stamp(instant)) == instant.replace(microsecond=0)


def test_what_a_stamp_tells_comes_in_as_utc():
    assert from_stamp("20261120003000").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026112013050",
        "202611201305000",
        "2026-11-20 13:05",
        "20261120 13050",
        "20261320130500",
        "20260230130500",
        "20261120240000",
        "20261120136000",
        "20261120130560",
        "00001120130500",
        "+2026112013050",
        "\uff12\uff10261120130500",
    ],
)
def test_what_is_no_stamp_is_refused(text):
    with pytest.raises(ValueError):
        from_stamp(text)


@pytest.mark.parametrize("reader", [business_date, to_stamp, in_vietnam, to_rfc3339])
def test_a_time_without_zone_is_refused(reader):
    with pytest.raises(ValueError, match="zone"):
        reader(NAIVE)


def test_programs_read_utc_with_microseconds():
    local = datetime(2026, 11, 20, 0, 30, tzinfo=VIETNAM)

    assert to_rfc3339(local) == "2026-11-19T17:30:00.000000Z"


def test_people_read_the_clock_of_viet_nam():
    shown = in_vietnam(datetime(2026, 11, 19, 17, 30, tzinfo=UTC))

    assert f"{shown:%d/%m/%Y %H:%M}" == "20/11/2026 00:30"


def test_the_system_clock_speaks_utc():
    assert SystemClock().now().tzinfo is UTC
