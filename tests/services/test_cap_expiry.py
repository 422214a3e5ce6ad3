"""An order for a paper ends with the day to which its amount, or the right to pay it, belongs."""

from datetime import UTC, datetime, timedelta

import pytest

from paygate.domain.errors import PayableWindowOverError
from paygate.domain.payable import PayableRef, PayableType
from paygate.services.cap_expiry import cap_expiry
from paygate.services.import_calendar import import_calendar, read_calendar
from tests.support.builders import an_act

NOON = datetime(2026, 9, 1, 5, 0, tzinfo=UTC)  # Tuesday, 12:00 in Ha Noi
MIDNIGHT = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)  # as Wednesday begins there
DAY = timedelta(days=1)


def paper(kind, notice_date="2026-08-31"):
    return PayableRef(type=kind, code="1", fields={"notice_date": notice_date})


def cap(db, payable, ends_at, *, now=NOON, days=7):
    with db.read() as tx:
        return cap_expiry(tx, payable, ends_at, now=now, notice_days=days)


@pytest.mark.parametrize("kind", [PayableType.FINE_DECISION, PayableType.TAX_NOTICE])
@pytest.mark.parametrize(
    ("now", "ends_at", "capped"),
    [
        (NOON, NOON + 2 * DAY, MIDNIGHT),
        (NOON, NOON + timedelta(minutes=5), NOON + timedelta(minutes=5)),
        (MIDNIGHT - timedelta(seconds=1), NOON + 2 * DAY, MIDNIGHT),
        (MIDNIGHT, NOON + 2 * DAY, MIDNIGHT + DAY),
    ],
)
def test_an_amount_that_grows_by_the_day_is_good_for_the_day(db, kind, now, ends_at, capped):
    assert cap(db, paper(kind), ends_at, now=now) == capped


@pytest.mark.parametrize(
    ("notice", "days", "last"),
    [
        ("2026-09-01", 1, "2026-09-02"),
        ("2026-08-31", 5, "2026-09-07"),
        ("2026-08-31", 7, "2026-09-09"),
        ("2026-08-28", 7, "2026-09-08"),
        ("2026-08-21", 7, "2026-09-01"),
    ],
)
def test_a_courts_notice_is_payable_for_so_many_working_days(db, notice, days, last):
    ends = cap(db, paper(PayableType.COURT_NOTICE, notice), NOON + 30 * DAY, days=days)

    assert ends == datetime.fromisoformat(f"{last}T17:00:00+00:00")


def test_days_off_lengthen_the_window(db):
    text = "date,kind,name_vi,name_en\n2026-09-02,OFF,Quốc khánh,National Day\n"
    db.act(import_calendar, an_act(), read_calendar(text.encode(), calendar="vn"))

    ends = cap(db, paper(PayableType.COURT_NOTICE), NOON + 30 * DAY)

    assert ends == datetime(2026, 9, 10, 17, 0, tzinfo=UTC)


def test_a_shorter_life_stays_as_the_portal_wants_it(db):
    ends_at = NOON + timedelta(hours=1)

    assert cap(db, paper(PayableType.COURT_NOTICE), ends_at) == ends_at


def test_on_the_last_day_the_notice_can_be_paid_and_after_it_no_more(db):
    notice = paper(PayableType.COURT_NOTICE, "2026-08-21")

    assert cap(db, notice, NOON + DAY, now=MIDNIGHT - timedelta(seconds=1)) == MIDNIGHT
    with pytest.raises(PayableWindowOverError) as raised:
        cap(db, notice, NOON + DAY, now=MIDNIGHT)

    assert raised.value.facts == {"last_day": "2026-09-01"}
