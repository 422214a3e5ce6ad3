"""Forget how often callers came, once nobody counts by it any more."""

from __future__ import annotations

from datetime import timedelta

from paygate.domain.act import Act
from paygate.house import House
from paygate.store import rate_limits

KEPT = timedelta(hours=1)  # longer than any window, whatever a node's clock shows


def forget_rates(house: House, act: Act) -> int:
    """Take out the windows that are long over, and return how many there were."""
    return house.db.act(rate_limits.forget, ended_by=act.now - KEPT)
