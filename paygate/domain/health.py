"""When a rail that keeps silent is left alone for a while, so that citizens meet it less."""

from __future__ import annotations

from datetime import datetime, timedelta

SILENCES_MAX = 3  # in a row; fewer are bad luck
REST_MIN = timedelta(minutes=1)
REST_MAX = timedelta(minutes=15)


def resting_until(silences: int, now: datetime) -> datetime | None:
    """Return until when a rail that was silent *silences* times in a row rests, None if not.

    Each further silence doubles the rest, up to a quarter of an hour.
    """
    if silences < SILENCES_MAX:
        return None
    doubled = 1 << min(silences - SILENCES_MAX, 10)
    return now + min(REST_MIN * doubled, REST_MAX)
