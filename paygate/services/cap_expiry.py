"""Let no order outlive the day to which its amount, or the right to pay, belongs (DOMAIN 4.6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from paygate.domain.clock import MIDNIGHT, VIETNAM, business_date
from paygate.domain.errors import PayableWindowOverError
from paygate.domain.payable import PayableRef, PayableType
from paygate.store import calendars


def cap_expiry(
    tx: sa.Connection, payable: PayableRef, ends_at: datetime, *, now: datetime, notice_days: int
) -> datetime:
    """Return when an order for *payable* ends: at *ends_at*, or with its last day in Viet Nam.

    Raises:
        PayableWindowOverError: a court's *notice_days* working days after its notice are over.
    """
    today = business_date(now)
    if payable.type is not PayableType.COURT_NOTICE:
        # Late interest runs by the day, so tomorrow it is another amount.
        return min(ends_at, _end_of(today))
    last = calendars.read(tx).working_day_after(payable.notice_date, notice_days)
    if last < today:
        raise PayableWindowOverError(last_day=last.isoformat())
    return min(ends_at, _end_of(last))


def _end_of(day: date) -> datetime:
    """Return the first instant that no longer belongs to *day*."""
    return datetime.combine(day + timedelta(days=1), MIDNIGHT, VIETNAM)
