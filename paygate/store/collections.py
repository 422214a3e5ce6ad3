"""Collections: movements of money to us, each booked once under its own name (DESIGN 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from paygate.domain.case import Disposition
from paygate.domain.ids import AccountCode, AttemptId, AttemptRef, OrderId
from paygate.domain.money import Money
from paygate.store import driver
from paygate.store.base import (
    InstantColumn,
    MoneyColumn,
    StateColumn,
    add_if_absent,
    many,
    metadata,
    one,
    one_of,
    values,
)
from paygate.store.engine import RunAgainError

table = sa.Table(
    "collection",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("rail_txn", sa.Text, nullable=False),
    sa.Column("also", sa.Text),
    sa.Column("told_ref", sa.Text, nullable=False),
    sa.Column("amount", MoneyColumn, nullable=False),
    sa.Column("paid_at", InstantColumn, nullable=False),  # by the rail's clock
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("attempt_id", sa.ForeignKey("payment_attempt.id"), index=True),
    sa.Column("order_id", sa.ForeignKey("fee_order.id"), index=True),
    sa.Column("disposition", StateColumn(Disposition), nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("taken_back_at", InstantColumn),  # by the rail's clock
    sa.Column("taken_back_as", sa.Text),
    one_of("disposition", Disposition),
    sa.CheckConstraint("amount > 0", "amount_positive"),
    sa.CheckConstraint(
        "disposition NOT IN ('fits', 'identified') OR order_id IS NOT NULL", "placed_on_an_order"
    ),
    sa.UniqueConstraint("account", "rail_txn"),
    sa.UniqueConstraint("account", "also"),
    sa.Index("ix_collection_account_told_ref", "account", "told_ref"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Money that a rail took for us, as it was first told.

    *also* is the rail's number of money that was first told without one; *told_ref* is the
    reference that the rail gave, whether it is ours or not; *taken_back_as* is what it called the
    taking back.
    """

    id: str
    account: AccountCode
    rail_txn: str
    also: str | None = None
    told_ref: str
    amount: Money
    paid_at: datetime
    business_date: date
    attempt_id: AttemptId | None
    order_id: OrderId | None
    disposition: Disposition
    created_at: datetime
    taken_back_at: datetime | None = None
    taken_back_as: str | None = None

    @property
    def rails_number(self) -> str | None:
        """Return what the rail calls the money, None where it never gave it a number."""
        if self.also is not None:
            return self.also.removeprefix("txn:")
        return None if self.rail_txn.startswith("ref:") else self.rail_txn.removeprefix("txn:")


_AT_ACCOUNT = sa.select(table).where(table.c.account == sa.bindparam("at_account"))
# One name for each part, so that each is looked up in the index of its own.
CALLED = sa.union_all(
    _AT_ACCOUNT.where(table.c.rail_txn == sa.bindparam("name")),
    _AT_ACCOUNT.where(table.c.also == sa.bindparam("name")),
    _AT_ACCOUNT.where(table.c.rail_txn == sa.bindparam("other_name")),
)
BY_REF = (
    sa.select(table)
    .where(
        table.c.account == sa.bindparam("at_account"),
        table.c.told_ref == sa.bindparam("ref"),
        table.c.amount == sa.bindparam("dong"),
    )
    .order_by(table.c.id)
    .limit(1)
)
NAME = (
    table.update()
    .where(table.c.id == sa.bindparam("collection_id"), table.c.also.is_(None))
    .values(also=sa.bindparam("new_name"))
)
GET = sa.select(table).where(table.c.id == sa.bindparam("of_id"))
OF_ORDER = sa.select(table).where(table.c.order_id == sa.bindparam("of_order")).order_by(table.c.id)
PLACE = (
    table.update()
    .where(
        table.c.id == sa.bindparam("collection_id"),
        table.c.disposition == Disposition.PARKED,
        sa.or_(table.c.attempt_id.is_(None), table.c.attempt_id == sa.bindparam("new_attempt")),
    )
    .values(
        attempt_id=sa.bindparam("new_attempt"),
        order_id=sa.bindparam("new_order"),
        disposition=sa.bindparam("new_disposition"),
    )
)


TAKE_BACK = (
    table.update()
    .where(table.c.id == sa.bindparam("collection_id"), table.c.taken_back_at.is_(None))
    .values(taken_back_at=sa.bindparam("at"), taken_back_as=sa.bindparam("as_name"))
)


def add(tx: sa.Connection, collection: Collection) -> None:
    """Keep a new collection.

    Raises:
        RunAgainError: another transaction has just kept one of the same name.
    """
    if not add_if_absent(tx, table, values(collection), key=("account", "rail_txn")):
        raise RunAgainError(collection.rail_txn)


def called(
    tx: sa.Connection, account: AccountCode, name: str, other_name: str
) -> tuple[Collection, ...]:
    """Return what *account* names *name*, first or later, and what it first named *other_name*."""
    asked = {"at_account": account, "name": name, "other_name": other_name}
    return driver.many(tx, CALLED, asked, Collection)


def by_ref(
    tx: sa.Connection, account: AccountCode, ref: AttemptRef, amount: Money
) -> Collection | None:
    """Return the oldest collection of that amount that the rail told of under *ref*."""
    asked = {"at_account": account, "ref": ref, "dong": amount}
    return one(Collection, tx.execute(BY_REF, asked))


def name(tx: sa.Connection, collection_id: str, rail_txn: str) -> None:
    """Write down the rail's number of money that was first told without one.

    Raises:
        RunAgainError: it has got one meanwhile.
    """
    named = tx.execute(NAME, {"collection_id": collection_id, "new_name": rail_txn})
    if named.rowcount != 1:
        raise RunAgainError(collection_id)


def get(tx: sa.Connection, collection_id: str) -> Collection | None:
    """Return the money of that id."""
    return one(Collection, tx.execute(GET, {"of_id": collection_id}))


def of_order(tx: sa.Connection, order_id: OrderId) -> tuple[Collection, ...]:
    """Return all money that came for the order, oldest first."""
    return many(Collection, tx.execute(OF_ORDER, {"of_order": order_id}))


def place(
    tx: sa.Connection,
    collection_id: str,
    disposition: Disposition,
    *,
    attempt_id: AttemptId | None,
    order_id: OrderId | None,
) -> None:
    """Write down where waiting money turned out to belong.

    Raises:
        RunAgainError: another act has just placed it.
    """
    placed = tx.execute(
        PLACE,
        {
            "collection_id": collection_id,
            "new_attempt": attempt_id,
            "new_order": order_id,
            "new_disposition": disposition,
        },
    )
    if placed.rowcount != 1:
        raise RunAgainError(collection_id)


def take_back(tx: sa.Connection, collection_id: str, name: str, *, at: datetime) -> None:
    """Write down that the rail took the money back, and what it called that.

    Raises:
        RunAgainError: another act has just written that down.
    """
    asked = {"collection_id": collection_id, "at": at, "as_name": name}
    taken = tx.execute(TAKE_BACK, asked)
    if taken.rowcount != 1:
        raise RunAgainError(collection_id)
