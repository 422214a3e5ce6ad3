"""What the running system knows of each merchant account beside its configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.health import resting_until
from paygate.domain.ids import AccountCode
from paygate.store import attempts, collections
from paygate.store.base import InstantColumn, add_if_absent, many, metadata, one, values

table = sa.Table(
    "account_state",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("rail", sa.Text, nullable=False),
    sa.Column("offered", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("first_seen_at", InstantColumn, nullable=False),
    sa.Column("silences", sa.Integer, nullable=False),
    sa.Column("resting_until", InstantColumn),
    sa.CheckConstraint("silences >= 0", "silences_count"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """A merchant account that was once configured; *offered* is staff's own switch."""

    code: AccountCode
    rail: str
    offered: bool
    first_seen_at: datetime
    silences: int = 0  # of its rail, one after another
    resting_until: datetime | None = None

    def is_resting(self, now: datetime) -> bool:
        """Return whether citizens should rather be offered another way."""
        return self.resting_until is not None and now < self.resting_until


_CODE = table.c.code == sa.bindparam("account_code")
ALL = sa.select(table).order_by(table.c.code)
GET = sa.select(table).where(_CODE)
LOCK = GET.with_for_update()
HEARD = (
    table.update()
    .where(_CODE)
    .values(silences=sa.bindparam("count"), resting_until=sa.bindparam("until"))
)


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


def was_silent(tx: sa.Connection, code: AccountCode, *, now: datetime) -> None:
    """Count one more silence of the account's rail, and let it rest after several."""
    state = one(AccountState, tx.execute(LOCK, {"account_code": code}))
    if state is not None:
        silences = state.silences + 1
        until = resting_until(silences, now)
        tx.execute(HEARD, {"account_code": code, "count": silences, "until": until})


def has_spoken(tx: sa.Connection, code: AccountCode) -> None:
    """Forget the silences of the account's rail; one that was never silent costs no write."""
    state = one(AccountState, tx.execute(GET, {"account_code": code}))
    if state is not None and state.silences:
        tx.execute(HEARD, {"account_code": code, "count": 0, "until": None})
