"""How often somebody came within a stretch of time: one count for all nodes together.

Who came is in no bucket's name in clear: the caller hashes it with a key.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from paygate.store.base import InstantColumn, metadata

table = sa.Table(
    "rate_window",
    metadata,
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("begins_at", InstantColumn, primary_key=True),
    sa.Column("spent", sa.Integer, nullable=False),
    sa.CheckConstraint("spent > 0", "spent_counts"),
    sa.Index("ix_rate_window_begins_at", "begins_at"),
)

FORGET = table.delete().where(table.c.begins_at < sa.bindparam("ended_by"))


def spend(tx: sa.Connection, bucket: str, begins_at: datetime) -> int:
    """Count one more in the window of *bucket* that began then, and return how many there are."""
    if tx.dialect.name == "postgresql":
        # A count that a power cut forgets does no harm, so nobody waits for its disk.
        tx.exec_driver_sql("SET LOCAL synchronous_commit = off")
    row = {"bucket": bucket, "begins_at": begins_at, "spent": 1}
    return int(tx.execute(_spend_of(tx.dialect.name), row).scalar_one())


@cache
def _spend_of(dialect: str) -> ReturningInsert[int]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        insert(table)
        .on_conflict_do_update(
            index_elements=("bucket", "begins_at"), set_={"spent": table.c.spent + 1}
        )
        .returning(table.c.spent)
    )


def forget(tx: sa.Connection, *, ended_by: datetime) -> int:
    """Take out the windows that began before *ended_by*; return how many there were."""
    return tx.execute(FORGET, {"ended_by": ended_by}).rowcount
