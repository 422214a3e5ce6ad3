"""Forget how often callers came or were wrong, once nobody counts by it any more."""

from __future__ import annotations

from datetime import timedelta

from paygate.domain.act import Act
from paygate.house import House
from paygate.store import login_failures, rate_limits

FAILURES_KEPT = timedelta(days=1)  # longer than any wait, so that a pause does not begin it anew
KEPT = timedelta(hours=1)  # longer than any window, whatever a node's clock shows


def forget_rates(house: House, act: Act) -> int:
    """Take out the windows and failures that are long over, and return how many there were."""
    failures = house.db.act(login_failures.forget, ended_by=act.now - FAILURES_KEPT)
    return failures + house.db.act(rate_limits.forget, ended_by=act.now - KEPT)
