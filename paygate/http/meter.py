"""Counts who comes how often, in the database: what all nodes share is limited once (TRUST S48)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock

import sqlalchemy as sa
import structlog

from paygate.config import Vault
from paygate.store import rate_limits, sealed
from paygate.store.engine import Database

log = structlog.get_logger()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NETWORK_BITS = 64  # of IPv6: what one household or office is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So *many* in each *window*; windows lie side by side, so twice as many may come at once."""

    name: str
    many: int
    window: timedelta

    def begins_at(self, now: datetime) -> datetime:
        """Return when the window of *now* began, the same on every node."""
        return now - (now - _EPOCH) % self.window


@dataclass(slots=True)
class Meter:
    """What one process knows: which buckets are empty, so that a flood costs no writes."""

    _empty: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def spend(
        self, db: Database, vault: Vault, limit: Limit, who: str, *, now: datetime
    ) -> timedelta | None:
        """Count one more of *who*; return how long to wait if that is too many, else None.

        A count that cannot be written limits nobody: it must not stand in the way of money.
        """
        bucket = _bucket(vault, limit, who)
        begins_at = limit.begins_at(now)
        ends_at = begins_at + limit.window
        with self._lock:
            if self._empty.get(bucket) == ends_at:
                return ends_at - now
        try:
            spent = db.act(rate_limits.spend, bucket, begins_at)
        except sa.exc.SQLAlchemyError as error:
            log.warning("rate_not_counted", limit=limit.name, error=type(error).__name__)
            return None
        if spent <= limit.many:
            return None
        with self._lock:
            self._empty = {each: end for each, end in self._empty.items() if end > now}
            self._empty[bucket] = ends_at
        return ends_at - now


def network_of(address: str) -> str:
    """Return what counts as one caller: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(IPv6Network((int(ip), NETWORK_BITS), strict=False))


def _bucket(vault: Vault, limit: Limit, who: str) -> str:
    """Name the bucket without saying who it is: an address is personal data."""
    index = sealed.blind_index(vault, rate_limits.table.name, "bucket", f"{limit.name}\x1f{who}")
    return f"{limit.name}:{index[:32]}"
