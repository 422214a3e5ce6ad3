"""How often one caller was wrong about one account, so that he waits longer each time (S62).

Whose count it is stands here as a keyed hash of both, whether there is such an account or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.store.base import InstantColumn, add_if_absent, metadata, one, values

table = sa.Table(
    "login_failure",
    metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", InstantColumn, nullable=False, index=True),
    sa.CheckConstraint("failures >= 0", "failures_count"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFailures:
    """How often in a row, and when last."""

    bucket: str
    failures: int
    last_at: datetime


GET = sa.select(table).where(table.c.bucket == sa.bindparam("of_bucket"))
LOCK = GET.with_for_update()
COUNT = (
    table.update()
    .where(table.c.bucket == sa.bindparam("of_bucket"))
    .values(failures=sa.bindparam("number"), last_at=sa.bindparam("at"))
)
FORGET = table.delete().where(table.c.last_at < sa.bindparam("ended_by"))


def get(tx: sa.Connection, bucket: str) -> LoginFailures | None:
    """Return the count of *bucket*."""
    return one(LoginFailures, tx.execute(GET, {"of_bucket": bucket}))


def lock(tx: sa.Connection, bucket: str, *, now: datetime) -> LoginFailures:
    """Return the count of *bucket*, held until *tx* ends; it is made where there is none."""
    fresh = LoginFailures(bucket=bucket, failures=0, last_at=now)
    if add_if_absent(tx, table, values(fresh), key=("bucket",)):
        return fresh
    return one(LoginFailures, tx.execute(LOCK, {"of_bucket": bucket})) or fresh


def write(tx: sa.Connection, bucket: str, failures: int, *, now: datetime) -> None:
    """Write down a new count; the caller holds the lock."""
    tx.execute(COUNT, {"of_bucket": bucket, "number": failures, "at": now})


def forget(tx: sa.Connection, *, ended_by: datetime) -> int:
    """Take out the counts that were last added to before *ended_by*; return how many."""
    return tx.execute(FORGET, {"ended_by": ended_by}).rowcount
