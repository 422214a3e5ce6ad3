"""Who may act as the scheduler, and which runs were made (TRUST 9, rule 5).

The lease decides, by the database's own row: whoever was paused past its end holds an old
fencing number, and everything it then tries to write is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from paygate.store.base import InstantColumn, add_if_absent, metadata, one

lease_table = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("fencing", sa.BigInteger, nullable=False),
    sa.Column("expires_at", InstantColumn, nullable=False),
)
run_table = sa.Table(
    "job_run",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("run_key", sa.Text, primary_key=True),  # the business date, or what makes it one run
    sa.Column("fencing", sa.BigInteger, nullable=False),
    sa.Column("started_at", InstantColumn, nullable=False),
    sa.Column("ended_at", InstantColumn),
    sa.Column("result", sa.Text),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to act, until it expires or another takes it over."""

    name: str
    holder: str
    fencing: int
    expires_at: datetime


class LeaseLostError(Exception):
    """Another process acts now: whatever this one was about to write must not be written."""


_NAME = lease_table.c.name == sa.bindparam("lease_name")
GET = sa.select(lease_table).where(_NAME)
HELD = GET.with_for_update()
TAKE = (
    lease_table.update()
    .where(_NAME, lease_table.c.expires_at < sa.bindparam("at"))
    .values(
        holder=sa.bindparam("new_holder"),
        fencing=lease_table.c.fencing + 1,
        expires_at=sa.bindparam("until"),
    )
)
RENEW = (
    lease_table.update()
    .where(
        _NAME,
        lease_table.c.holder == sa.bindparam("same_holder"),
        lease_table.c.fencing == sa.bindparam("same_fencing"),
    )
    .values(expires_at=sa.bindparam("until"))
)
END_RUN = (
    run_table.update()
    .where(
        run_table.c.job == sa.bindparam("its_job"), run_table.c.run_key == sa.bindparam("its_key")
    )
    .values(ended_at=sa.bindparam("at"), result=sa.bindparam("its_result"))
)


def take(
    tx: sa.Connection, name: str, holder: str, *, now: datetime, until: datetime
) -> Lease | None:
    """Return the lease if nobody else holds it, now held until *until*; else None."""
    first = {"name": name, "holder": holder, "fencing": 1, "expires_at": until}
    if not add_if_absent(tx, lease_table, first, key=("name",)):
        took = tx.execute(
            TAKE, {"lease_name": name, "new_holder": holder, "at": now, "until": until}
        )
        if took.rowcount != 1:
            return None
    return one(Lease, tx.execute(GET, {"lease_name": name}))


def database_time(tx: sa.Connection, ours: datetime) -> datetime:
    """Return the time that all holders of leases share: the database's own.

    SQLite lives on the machine that asks, so there *ours* is the same clock.
    """
    if tx.dialect.name != "postgresql":
        return ours
    clock = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))
    return tx.execute(sa.select(clock)).scalar_one().astimezone(UTC)


def renew(tx: sa.Connection, lease: Lease, *, until: datetime) -> Lease:
    """Return the same lease, held for longer.

    Raises:
        LeaseLostError: another took it over.
    """
    renewed = tx.execute(
        RENEW,
        {
            "lease_name": lease.name,
            "same_holder": lease.holder,
            "same_fencing": lease.fencing,
            "until": until,
        },
    )
    if renewed.rowcount != 1:
        raise LeaseLostError
    return Lease(name=lease.name, holder=lease.holder, fencing=lease.fencing, expires_at=until)


def fence(tx: sa.Connection, lease: Lease) -> None:
    """Hold the lease row, so that what *tx* writes is written by the one who may act.

    Raises:
        LeaseLostError: another took it over.
    """
    held = one(Lease, tx.execute(HELD, {"lease_name": lease.name}))
    if held is None or held.fencing != lease.fencing:
        raise LeaseLostError


def current(tx: sa.Connection, name: str) -> Lease | None:
    """Return the lease as it stands, for people and probes to look at."""
    return one(Lease, tx.execute(GET, {"lease_name": name}))


def begin_run(tx: sa.Connection, job: str, run_key: str, *, lease: Lease, now: datetime) -> bool:
    """Write down that a run begins; return False when it was made before."""
    row = {"job": job, "run_key": run_key, "fencing": lease.fencing, "started_at": now}
    return add_if_absent(tx, run_table, row, key=("job", "run_key"))


def end_run(tx: sa.Connection, job: str, run_key: str, *, result: str, now: datetime) -> None:
    """Write down how a run ended."""
    tx.execute(END_RUN, {"its_job": job, "its_key": run_key, "at": now, "its_result": result})
