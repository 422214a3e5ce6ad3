"""What the running system knows of each merchant account beside its configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.ids import AccountCode
from paygate.store import attempts, collections
from paygate.store.base import InstantColumn, add_if_absent, many, metadata, values

table = sa.Table(
    "account_state",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("rail", sa.Text, nullable=False),
    sa.Column("offered", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("first_seen_at", InstantColumn, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """A merchant account that was once configured; *offered* is staff's own switch."""

    code: AccountCode
    rail: str
    offered: bool
    first_seen_at: datetime


ALL = sa.select(table).order_by(table.c.code)


def meet(tx: sa.Connection, state: AccountState) -> None:
    """Keep an account when it is first seen; what is known of it stays as it is."""
    add_if_absent(tx, table, values(state), key=("code",))


def every(tx: sa.Connection) -> tuple[AccountState, ...]:
    """Return all accounts that were ever configured here."""
    return many(AccountState, tx.execute(ALL))


def used(tx: sa.Connection) -> tuple[AccountCode, ...]:
    """Return the accounts through which somebody tried to pay, or at which money came."""
    tried = sa.exists().where(attempts.table.c.account == table.c.code)
    took = sa.exists().where(collections.table.c.account == table.c.code)
    query = sa.select(table.c.code).where(sa.or_(tried, took)).order_by(table.c.code)
    return tuple(AccountCode(each) for each in tx.execute(query).scalars())
