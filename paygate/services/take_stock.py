"""Say how the house stands, in one moment of the book: for metrics, and for `paygate doctor`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from paygate.domain.ids import AccountCode
from paygate.store import account_states, figures, jobs
from paygate.store.account_states import AccountState
from paygate.store.figures import (
    LiveAttempts,
    Messages,
    OldestLive,
    OpenCases,
    Queue,
    UnmappedCode,
)
from paygate.store.jobs import Lease

RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The figures of one moment; what is *recent* lies within the last ten minutes."""

    at: datetime
    lease: Lease | None  # the worker's
    live: tuple[LiveAttempts, ...]
    oldest_live: OldestLive | None
    unmapped: tuple[UnmappedCode, ...]
    recent_messages: tuple[Messages, ...]
    unaddressed: Queue  # messages to portals, before deliveries are made of them
    waiting: Queue  # deliveries, by when they are due
    held: Queue  # deliveries to endpoints that are switched off
    dead: int
    recent_delivered: int
    open_cases: tuple[OpenCases, ...]
    accounts: tuple[AccountState, ...]

    @property
    def lease_late_s(self) -> float:
        """Return for how long no worker has acted; for ever, if none ever did."""
        return float("inf") if self.lease is None else self.seconds_since(self.lease.expires_at)

    def seconds_since(self, instant: datetime | None) -> float:
        """Return the seconds from *instant* to now, never less than none."""
        return 0.0 if instant is None else max(0.0, (self.at - instant).total_seconds())


def take_stock(
    tx: sa.Connection, accounts: Collection[AccountCode], *, lease: str, now: datetime
) -> Stock:
    """Return how the house stands now; *accounts* are those whose messages are counted."""
    since = now - RECENT
    return Stock(
        at=now,
        lease=jobs.current(tx, lease),
        live=figures.live(tx),
        oldest_live=figures.oldest_live(tx),
        unmapped=figures.unmapped(tx),
        recent_messages=figures.messages(tx, accounts, since=since),
        unaddressed=figures.unaddressed(tx),
        waiting=figures.waiting(tx, enabled=True),
        held=figures.waiting(tx, enabled=False),
        dead=figures.dead(tx),
        recent_delivered=figures.delivered(tx, since=since),
        open_cases=figures.open_cases(tx),
        accounts=account_states.every(tx),
    )
